#ifndef RULES_CONSIGNMENT_H
#define RULES_CONSIGNMENT_H

/*
 * One consignment in hand: its row read, changed by a record, settled, written back
 *
 * What the files of the window share; nobody else:
 *
 *     window.c       records and timers; which file takes which kind
 *     consignment.c  the row, its legs, its names, who takes part
 *     consignment_plan.c  its plan: what rules say, and who has an open answer
 *     declare.c      DECLARATION, AMENDMENT, CANCELLATION, LINK; what adapters found
 *     decide.c       DECISION, leave for changes, INSPECTION_RESULT
 *     journey.c      TRANSIT_EVENT, time limits of transit
 *     documents.c    CERTIFICATE, CERTIFICATE_STATUS, ESTABLISHMENT_LIST; what it reserves;
 *                    ledger.c, establishments.c keep the rows, demands.c what is asked for
 *     clocks.c       targets, DELAY_REASON
 *     alerts.c       PEST_ALERT, NON_COMPLIANCE, EMERGENCY_NOTICE, ENQUIRY and its reply
 *     view.c         what a party may see of it; movement.c of the truck that carries it
 *     fit.c          what one of these has room for
 *     tell.c         derived messages
 *     handover.c     declarations for those whom their senders did not name
 *
 * All of it lies in the arena of the call, texts borrowed from the record or the trust.
 *
 * Threads: the window's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rivergate/v1/session.pb-c.h"
#include "rules/rows.h"
#include "rules/status.h"
#include "rules/window.h"

/* Beyond these a consignment takes no more; a finding says so. */
#define CONSIGNMENT_DECLARATIONS_MAX 256
#define CONSIGNMENT_LEGS_MAX         32
#define CONSIGNMENT_FINDINGS_MAX     128
#define CONSIGNMENT_VERSIONS_MAX     64
#define CONSIGNMENT_NONE             UINT32_MAX

struct window_hash {
	struct buf bytes;
	uint8_t hash[32];
};

struct window {
	const struct rules_store *store;
	char router[101];
	bool serves;
	struct derived_lineage lineage;
	bool is_next_known;      /* else the rows have to be asked */
	int64_t next_us;         /* of the first timer */
	bool are_no_alerts;      /* known by having looked; else there may be some */
	struct window_hash plan; /* of the last consignment: the next one's is often the same */
};

/* One record on its way through the window. */
struct window_call {
	struct window *window;
	const struct window_record *record;
	struct arena *arena;
	struct window_told *told;
	size_t n_told;
	struct window_handed *handed;
	size_t n_handed;
	unsigned lane; /* enum goods_lane of the consignment in hand */
	bool is_timer; /* what is told is due to time, not to the record's message */
	struct window_result *result;
};

/* Who takes part: senders, and authorities of the plan that a channel rule lets know. */
struct tell_parties {
	const struct trust_party *parties[64];
	size_t n;
};

struct consignment {
	Rivergate__V1__ConsignmentState *state;
	struct window_call *call;
	bool has_changed;                        /* and is to be settled */
	Rivergate__V1__PlanFacts__Change change; /* what a new plan would be due to */
	Rivergate__V1__ConsignmentFinding **old; /* computed findings before this record */
	size_t n_old;
	int64_t documents_us;        /* when its documents are to be judged again by time alone */
	int64_t alert_until_us;      /* when the next of its alerts ends by itself; 0: none does */
	struct rg_bytes packed_plan; /* state->plan as it is hashed, once settled … */
	struct rg_bytes plan_field;  /* … and as it is written */
	struct tell_parties parties; /* as of the last tell_all() */
};

/* --- consignment.c -------------------------------------------------------------------------- */

/* *ret_found false, and an empty row of that name: there is none. */
RG_MUST_USE rg_err consignment_read(struct window_call *call, const char *ucr,
	struct consignment *ret_consignment, bool *ret_found);
/* A name as rows have it: its type, then the value as names compare. In the arena. */
RG_MUST_USE rg_err consignment_name(struct arena *arena, enum window_name type, const char *value,
	char **ret_name);
/* Row, names and goods as others look for them. */
RG_MUST_USE rg_err consignment_write(struct consignment *consignment);

/* The record's sender as a party; NULL: none any more. Borrowed from the trust. */
const struct trust_party *consignment_sender(const struct window_call *call);
/* cc of a country code, or of an address: two lower-case letters. */
struct consignment_cc {
	char text[3];
};
struct consignment_cc consignment_cc_of_country(const char *country);
struct consignment_cc consignment_cc_of_address(const char *address);

/* Number of the declaration that has this version; CONSIGNMENT_NONE: none. */
uint32_t consignment_declaration_of(const struct consignment *consignment, const char *from,
	ProtobufCBinaryData id);
/* It is part of the consignment: in force, and no stranger's. */
bool consignment_counts(const Rivergate__V1__ConsignmentDeclaration *declaration);
bool consignment_names_leg(const Rivergate__V1__ConsignmentDeclaration *declaration,
	const Rivergate__V1__Leg *leg);

/*
 * The number of a leg as the record's sender means it: `stated`, from 1, of the declaration
 * (NULL: of the consignment); 0: the first leg of the sender's country. CONSIGNMENT_NONE.
 */
uint32_t consignment_leg_of(const struct consignment *consignment,
	const Rivergate__V1__ConsignmentDeclaration *declaration, uint32_t stated);

/* Goods of declarations that name the leg, with what adapters found or without. In the arena. */
struct consignment_goods {
	Rivergate__V1__Goods **items;
	size_t n;
};
RG_MUST_USE rg_err consignment_goods(const struct consignment *consignment,
	const Rivergate__V1__Leg *leg, bool with_found, struct consignment_goods *ret_goods);
/* When the last of these declarations was lodged; 0: there is none. */
int64_t consignment_lodged_us(const struct consignment *consignment, const Rivergate__V1__Leg *leg);

/* Legs from the declarations; what happened on a leg stays with it. */
RG_MUST_USE rg_err consignment_rebuild_legs(struct consignment *consignment);
/* It is stricter than PENDING, or not for all to see, and has not been taken back. */
bool consignment_is_open(const struct consignment *consignment,
	const Rivergate__V1__ConsignmentAnswer *answer);
/* Plans of all legs, as of the record. */
RG_MUST_USE rg_err consignment_plan(struct consignment *consignment);
/* Once nothing in it changes any more: packed_plan. */
RG_MUST_USE rg_err consignment_pack_plan(struct consignment *consignment);
/* An adapter found other goods in the parts of a declaration than its header says. */
bool consignment_has_found(const Rivergate__V1__ConsignmentState *state);
/* Every member sees the whole plan: nobody is in it for what only some may know. */
bool consignment_is_plan_public(const struct consignment *consignment);
/* The plan of a leg as other members see it: without what adapters found. In the arena;
   where they found nothing it is the plan itself. */
RG_MUST_USE rg_err consignment_public_plan(const struct consignment *consignment, uint32_t leg,
	Rivergate__V1__PlanLeg **ret_plan);

/* The plan's entry by which this address decides on the leg; NULL: it does not. */
const Rivergate__V1__PlanEntry *consignment_decider(const struct consignment *consignment,
	uint32_t leg, const char *address);
/* Fields that the authority calls material on the leg; bits of status.h. */
unsigned consignment_material(const struct consignment *consignment, uint32_t leg,
	const char *authority);

/* A finding, once for each rule, path and text. Rule and path are borrowed, the rest copied. */
struct consignment_finding {
	const char *rule;
	const char *path;
	const char *text;
	const char *member; /* cc that may see it alone; NULL: all that take part … */
	const char *also;   /* another cc beside `member`; NULL: none */
	bool until_arrival; /* … until this leg has arrived */
	uint32_t leg;
	bool is_computed; /* to be found again whenever the consignment is settled */
};
RG_MUST_USE rg_err consignment_find(struct consignment *consignment,
	const struct consignment_finding *finding);
/* Before a consignment is settled: its computed findings are to be found again. */
RG_MUST_USE rg_err consignment_forget_computed(struct consignment *consignment);

/* --- window.c ------------------------------------------------------------------------------- */

/* The timer is set to time_us (0: to none), where it stood at before_us (0: at none). */
RG_MUST_USE rg_err window_set_timer(struct window *window, enum rows_timer about,
	struct rg_bytes name, int64_t before_us, int64_t time_us);

/* The consignment is settled with this record, or one of the next: something that it rests on
   has changed. Nothing if there is none. */
RG_MUST_USE rg_err window_touch(struct window_call *call, const char *ucr);

/*
 * A consignment for a party (address; "": sees everything). *ret_takes_part false: there is none,
 * or the party takes no part in it. *ret_party NULL: everything.
 */
RG_MUST_USE rg_err window_take_part(struct window_call *call, const char *ucr, const char *address,
	struct consignment *ret_consignment, const struct trust_party **ret_party,
	bool *ret_takes_part);

/* --- declare.c, decide.c, journey.c: each takes the records of its kinds --------------------- */

RG_MUST_USE rg_err declare_take(struct consignment *consignment);
RG_MUST_USE rg_err declare_link(struct consignment *consignment);
/* ACKNOWLEDGEMENT: other goods in the parts than in the header. */
RG_MUST_USE rg_err declare_found(struct consignment *consignment);
/* Which declarations are part of the consignment, and so its legs. */
RG_MUST_USE rg_err declare_settle(struct consignment *consignment);
/* The change that waits has all the leave it needs. */
RG_MUST_USE rg_err declare_grant(struct consignment *consignment, uint32_t declaration);
RG_MUST_USE rg_err decide_take(struct consignment *consignment);
RG_MUST_USE rg_err decide_inspected(struct consignment *consignment);
RG_MUST_USE rg_err journey_take(struct consignment *consignment);
/* When transit that began at this time must have ended by the profile; 0: no limit. */
int64_t journey_limit_us(const struct consignment *consignment, const Rivergate__V1__Leg *leg,
	int64_t from_us);
/* Time limits that have passed; and when the next one does, INT64_MAX: never. */
RG_MUST_USE rg_err journey_settle(struct consignment *consignment);
int64_t journey_next_us(const struct consignment *consignment);

/* --- view.c ---------------------------------------------------------------------------------- */

/* The viewer who sees what nobody may be kept from: what others conclude from follows from it. */
#define VIEW_EVERYBODY ""

/* What status.h asks about a leg, for a member (cc; NULL: everything); in the arena. */
struct view_question {
	struct status_question question;
	int64_t lodged_us; /* when the last declaration came that the leg waits for; 0: none */
};
RG_MUST_USE rg_err view_question(const struct consignment *consignment, uint32_t leg,
	const char *viewer, struct view_question *ret_question);

/* The status of a leg for a member (cc; NULL: everything). */
struct view_leg {
	struct status_view view;
	const char *authorities[8];
	size_t n_authorities;
};
RG_MUST_USE rg_err view_leg(const struct consignment *consignment, uint32_t leg, const char *viewer,
	struct view_leg *ret_leg);
/*
 * The same as if this declaration were the only one. *ret_counts false: the leg does not wait
 * for it, and no answer about it is stricter than PENDING.
 */
RG_MUST_USE rg_err view_declaration(const struct consignment *consignment, uint32_t leg,
	uint32_t declaration, const char *viewer, struct view_leg *ret_leg, bool *ret_counts);
/* All of these that the party may know of (NULL: everything), leg by leg; in the arena. */
RG_MUST_USE rg_err view_declarations(const struct consignment *consignment,
	const struct trust_party *party, Rivergate__V1__DeclarationView ***ret_list, size_t *ret_n);
/* Nothing is kept from anybody, or left out: every member sees the same plan, the whole of it,
   and the same status. */
bool view_is_one(const struct consignment *consignment);
/* Plan and status for a party; in the arena. */
RG_MUST_USE rg_err view_plan(const struct consignment *consignment, const char *viewer,
	Rivergate__V1__PlanFacts **ret_plan);
RG_MUST_USE rg_err view_status(const struct consignment *consignment, const char *viewer,
	Rivergate__V1__StatusFacts **ret_status);

/* --- fit.c ----------------------------------------------------------------------------------- */

/* Leaves out what a header has no room for: those who decide stay longest. */
RG_MUST_USE rg_err fit_plan(struct arena *arena, Rivergate__V1__PlanFacts *plan,
	size_t *ret_left_out);
/* The same of its findings; says what was left out, here and of the plan. */
RG_MUST_USE rg_err fit_status(struct arena *arena, Rivergate__V1__StatusFacts *status,
	size_t n_left_out);

/* --- tell.c ---------------------------------------------------------------------------------- */

/* PLAN and STATUS to every party that takes part and whose view of it changed. */
RG_MUST_USE rg_err tell_all(struct consignment *consignment);
/* One derived message. facts: by kind, set in `header`; id, from, to, refs are filled in. */
RG_MUST_USE rg_err tell(struct window_call *call, const char *to, Rivergate__V1__Header *header);
/* A REMINDER to a party (address), if that takes part: nobody else hears of the consignment. */
RG_MUST_USE rg_err tell_reminder(const struct consignment *consignment, const char *to,
	Rivergate__V1__ReminderFacts *facts);
/* A declaration of the consignment is its own member's, or may pass to it. */
bool tell_may_know(const struct consignment *consignment,
	const Rivergate__V1__ConsignmentDeclaration *declaration, const struct trust_party *party);
void tell_participants(const struct consignment *consignment, struct tell_parties *ret_parties);

/* --- handover.c ------------------------------------------------------------------------------ */

/* The record's message as a version of a declaration, for the row; in the arena. */
RG_MUST_USE rg_err handover_note(const struct consignment *consignment,
	Rivergate__V1__Passed **ret_passed);
/* After tell_all(): the record's message, for those who take part and whom it does not name. */
RG_MUST_USE rg_err handover_record(const struct consignment *consignment);
/* After it: what came before, for authorities that have joined the plan since. */
RG_MUST_USE rg_err handover_earlier(const struct consignment *consignment);

#endif
