#ifndef RULES_WINDOW_H
#define RULES_WINDOW_H

/*
 * The window as one fold: record after record → consignments, and what follows for whom
 *
 * Router and auditor call window_apply() with each durable record in order, and get the same
 * derived messages, byte for byte, and the same recipients. Nothing else is read: no clock,
 * no file, no part; time is that of the record. Timers are rows of the store: what is due is
 * done at the first record whose time reaches it, at most WINDOW_DUE_MAX of them a record;
 * window_next_us() says when a record is needed (TICK).
 *
 * README.md of this folder states what each kind does.
 *
 * Threads: one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/scoped.h"
#include "evidence/derived.h"
#include "registry/trust.h"
#include "rivergate/v1/consignment.pb-c.h"
#include "rivergate/v1/message.pb-c.h"
#include "rivergate/v1/record.pb-c.h"
#include "rivergate/v1/session.pb-c.h"
#include "rules/store.h"

#define WINDOW_DUE_MAX        64 /* timers in one record */
#define WINDOW_RECIPIENTS_MAX 16 /* beyond those that the sender named */

struct window;

/*
 * Texts are copied; the store is borrowed for the life of the window. serves: it makes the
 * headers of what is told and keeps them until window_over(), and answers window_find(). An
 * auditor, who delivers nothing and is asked nothing, needs to know that messages follow, not
 * what they say.
 */
RG_MUST_USE rg_err window_new(const struct rules_store *store, const char *router, bool serves,
	struct window **ret_window);
void window_free(struct window *window);
SCOPED_DEFINE(struct window, window_free);

/* Record 0: under which names messages are derived. Before the first window_apply(). */
void window_set_lineage(struct window *window, const struct derived_lineage *lineage);

/* A durable record; borrowed for the call. */
struct window_record {
	uint64_t index;
	int64_t time_us;
	const Rivergate__V1__Header *header; /* MESSAGE, else NULL */
	const uint8_t *header_hash;          /* MESSAGE: 32 bytes; NULL where no headers are kept */
	const struct trust *trust; /* in force after the record; NULL: before the genesis */
};

/* A message that follows from the record. All in the arena of the call. */
struct window_told {
	uint8_t kind;
	uint32_t ordinal;
	const char *to;         /* party */
	const char *ucr;        /* "": none */
	unsigned lane;          /* enum goods_lane: that of the goods it is about */
	struct rg_bytes header; /* empty where none are kept */
};

/*
 * A declaration of this or an earlier record that an authority gets now: it joined the plan
 * after that record, or the declaration's sender does not see that it is part of it. Texts of the
 * trust, or in the arena of the call.
 */
struct window_handed {
	uint64_t index; /* record of the declaration, or of its newer version */
	const char *party;
	uint64_t parts; /* bit i: part i */
	const char *ucr;
	unsigned lane;  /* enum goods_lane */
	uint32_t bytes; /* of the frames that a window counts, about */
};

/* What a record leads to. */
struct window_result {
	const struct window_told *told;
	size_t n_told;
	/* Planned authorities that get the declaration too, as a channel rule allows. */
	struct {
		const char *party;
		uint64_t parts; /* bit i: part i */
	} recipients[WINDOW_RECIPIENTS_MAX];
	size_t n_recipients;
	const struct window_handed *handed; /* each message once for each party */
	size_t n_handed;
};

/* A fault stops the router: the journal is durable, the state would be wrong. */
RG_MUST_USE rg_err window_apply(struct window *window, const struct window_record *record,
	struct arena *arena, struct window_result *ret_result);

/* When something is due; INT64_MAX: never. */
RG_MUST_USE rg_err window_next_us(struct window *window, int64_t *ret_us);

/* The header of a derived message that is not over; appended to out. */
RG_MUST_USE rg_err window_header(struct window *window, uint64_t cause, uint32_t ordinal,
	struct buf *out, bool *ret_found);
/* It is settled, set aside or expired: its header may go. */
RG_MUST_USE rg_err window_over(struct window *window, uint64_t cause, uint32_t ordinal);

/* --- Questions ------------------------------------------------------------------------------ */

/*
 * A consignment as a party may see it: plan and status facts in the arena. *ret_status NULL:
 * there is none, or the party takes no part in it.
 */
struct window_question {
	const char *ucr;
	const char *party; /* "": sees everything (operator's own tools) */
	const struct trust *trust;
	int64_t now_us;
};
RG_MUST_USE rg_err window_view(struct window *window, const struct window_question *question,
	struct arena *arena, Rivergate__V1__PlanFacts **ret_plan,
	Rivergate__V1__StatusFacts **ret_status);

/* Records of declarations of others that a party has got: named, or as one of the plan. */
struct window_holding {
	uint64_t *indexes;
	size_t n;
};
RG_MUST_USE rg_err window_held(struct window *window, const char *ucr, const char *party,
	struct arena *arena, struct window_holding *ret_holding);

/*
 * The declarations of a consignment, each for itself: what the authorities of a leg say about
 * it alone. As above; *ret_n 0 too where nothing waits. In the arena.
 */
RG_MUST_USE rg_err window_declarations(struct window *window,
	const struct window_question *question, struct arena *arena,
	Rivergate__V1__DeclarationView ***ret_list, size_t *ret_n);

/* By what else it is known; values compare without blanks and hyphens, in upper case. */
enum window_name {
	WINDOW_NAME_PLATE = 'p', /* tractor or trailer */
	WINDOW_NAME_CONTAINER = 'c',
	WINDOW_NAME_SEAL = 's',
	WINDOW_NAME_NUMBER = 'n', /* country/office/year/serial+number */
};
/* Calls take with each UCR, in order, until it is false. */
struct window_sink {
	bool (*take)(void *context, const char *ucr);
	void *context;
};
RG_MUST_USE rg_err window_find(struct window *window, enum window_name type, const char *value,
	const struct window_sink *sink);

/*
 * A truck as a party may see it: with what these consignments travel now, what else travels with
 * that, and which declarations of all these have an answer stricter than PENDING. A truck is held
 * if any part of its load is (README.md). *ret_view NULL: they travel with nothing that has a name.
 */
struct window_movement {
	const char *const *ucrs; /* consignments that are asked about … */
	size_t n_ucrs;
	enum window_name type; /* … or a plate or container: value is not NULL */
	const char *value;
	const char *party; /* "": sees everything */
	const struct trust *trust;
	int64_t now_us;
};
RG_MUST_USE rg_err window_movement(struct window *window, const struct window_movement *question,
	struct arena *arena, Rivergate__V1__MovementView **ret_view);

#endif
