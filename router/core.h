#ifndef ROUTER_CORE_H
#define ROUTER_CORE_H

/*
 * The core: (state, candidate | session event | tick | commit) → records, effects
 *
 * One deterministic function over admit, index, tree, window, deliver and receipt. It
 * reads no clock, no file, no random number; `now_us` comes with each input and never
 * decreases; the index answers as a function of the journal. Two cores fed the same
 * inputs give the same records, folds and effects, byte for byte.
 *
 *   candidate  admit → a record (appended, pending) or a refusal
 *   session    open, close, credit, settled, query
 *   tick       timers: expiry, back-off; appends TICK when one is due
 *   commit     the records up to `size` are durable: folds apply, tree grows, the
 *              checkpoint is signed, receipts and deliveries become effects; or the
 *              write failed: all pending records are dropped and their senders told
 *
 * Effects leave in order. An effect that answers a message waits until every record
 * before it is durable, refusals included.
 *
 * Threads: owned by the core thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "fold.h"
#include "message.h"
#include "registry/trust.h"
#include "sign/key.h"

struct core;

/* What the outside world gives the core and does for it. Functions must not fail silently. */
struct core_options {
	const char *router; /* address */
	const char *origin;
	const struct key *log_key; /* Ed25519: deterministic */
	const char *index_path;    /* folder of the index; NULL: in memory only (simulator) */
	const char *tiles_path;    /* folder of the hash tiles; NULL: in memory only */
};

enum core_input_type {
	CORE_INPUT_CANDIDATE, /* message, verified or refused; the core takes it */
	CORE_INPUT_SESSION_OPEN,
	CORE_INPUT_SESSION_CLOSED,
	CORE_INPUT_CREDIT,
	CORE_INPUT_SETTLED,
	CORE_INPUT_QUERY,
	CORE_INPUT_TICK,
	CORE_INPUT_COMMIT,
};

struct core_input {
	enum core_input_type type;
	int64_t now_us;
	uint64_t session;
	char party[101];          /* SESSION_OPEN */
	bool wants_to_receive;    /* SESSION_OPEN */
	struct message *message;  /* CANDIDATE */
	uint64_t credit_messages; /* CREDIT */
	uint64_t credit_bytes;
	Rivergate__V1__Settled *settled; /* SETTLED; lives in arena */
	Rivergate__V1__Query *query;     /* QUERY; lives in arena */
	struct arena *arena;             /* owned by the input */
	uint64_t durable_size;           /* COMMIT: records durable now */
	bool has_failed;                 /* COMMIT: the pending records were not written */
};

enum core_effect_type {
	CORE_EFFECT_APPEND, /* to the journal: leaf and, for MESSAGE, the message with its parts */
	CORE_EFFECT_RECEIPTS, /* frame: packed Frame for the session */
	CORE_EFFECT_REFUSE,   /* body: packed RefusalBody, to be signed with the router key */
	CORE_EFFECT_DELIVER,  /* record index to the session; parts mask; frame: packed Frame */
	CORE_EFFECT_DELIVER_DERIVED, /* header: packed, to be signed with the router key */
	CORE_EFFECT_ANSWER, /* to a query; records named by index are filled in from the journal */
	CORE_EFFECT_CHECKPOINT, /* text: to be stored (at most once a second) */
	CORE_EFFECT_FENCE,      /* the session no longer receives */
	CORE_EFFECT_TRUST, /* the trust in force changed: a reference for front and verify */
};

struct core_effect {
	enum core_effect_type type;
	uint64_t session;
	uint64_t index;
	uint64_t seq;
	uint32_t epoch;
	uint64_t parts;          /* DELIVER: bit i, part i goes along */
	struct buf bytes;        /* leaf, frame, body, header, answer or checkpoint */
	struct message *message; /* APPEND of MESSAGE: the journal takes it */
	struct trust *trust;
	struct core_effect *next;
};

/*
 * The governance the journal starts with stands in its first
 * records, appended by the caller as candidates of session 0.
 */
RG_MUST_USE rg_err core_new(const struct core_options *options, struct core **ret_core);
void core_free(struct core *core);
SCOPED_DEFINE(struct core, core_free);

/* Recovery: one durable record, in order, before the first core_step(). */
RG_MUST_USE rg_err core_replay(struct core *core, struct rg_bytes leaf, struct rg_bytes parts);

/* Takes the input's message, settled, query and arena. Appends effects; see core_take_effect(). */
RG_MUST_USE rg_err core_step(struct core *core, struct core_input *input);
/* The next effect in order; NULL: none. To be freed with core_effect_free(). */
struct core_effect *core_take_effect(struct core *core);
void core_effect_free(struct core_effect *effect);
SCOPED_DEFINE(struct core_effect, core_effect_free);

/* When the next tick is due (now_us scale); INT64_MAX: no timer is set. */
int64_t core_next_tick_us(const struct core *core);
uint64_t core_durable_size(const struct core *core);
uint64_t core_pending(const struct core *core);
/* All folds, queues and their order, in one fixed form. */
RG_MUST_USE rg_err core_dump(const struct core *core, struct buf *out);

#endif
