#ifndef ROUTER_CORE_H
#define ROUTER_CORE_H

/*
 * The core: (state, candidate | session event | tick | commit) → records, effects
 *
 * One deterministic function over admit, index, tree, window, deliver and receipt. It reads no
 * clock, no file, no random number; `now_us` comes with each input and is taken as
 * never decreasing; the index answers as a function of the journal. Two cores fed the
 * same inputs give the same records, folds and effects, byte for byte.
 *
 *     candidate  admit → a record (appended, pending) or a refusal
 *     session    open, close, credit, settled, query
 *     tick       timers: expiry, back-off; appends TICK when one is due
 *     witnessed  the answer of a witness that was asked for a cosignature
 *     commit     the records up to `durable_size` are durable: folds apply, tree grows,
 *                the checkpoint is signed, receipts and deliveries become effects; or
 *                the write failed: all pending records are dropped, their senders told
 *
 * While it waits for witnesses (tree/witnesses.h) it signs nothing, admits no candidate of
 * a session, delivers nothing and appends nothing by itself; HELLO says so.
 *
 * Effects leave in order. An effect that answers a message waits until every record
 * before it is durable, refusals included.
 *
 * Threads: owned by the core thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "deliver/deliver.h"
#include "fold.h"
#include "message.h"
#include "registry/trust.h"
#include "sign/key.h"

/*
 * Messages and their deliveries in one answer. What reads it, here and at a client, allows
 * 4,096 submessages in a Frame; whoever wants more asks on from the last one.
 */
#define CORE_ANSWER_ROWS_MAX 3000

struct core;

/*
 * Who tells the parties what follows from records. The core calls it in its thread only, with
 * each durable record once, in order, at a start and later.
 */
struct core_teller {
	/*
	 * Takes the record under the trust in force after it (NULL: none yet), and sets told in
	 * the plan of its delivery. What is told stays readable until the next call of apply();
	 * over() comes before that.
	 */
	rg_err (*apply)(void *context, const struct fold_record *record, const struct trust *trust,
		struct deliver_plan *plan);
	/* Appends the packed header of a told message that is not over. */
	rg_err (*header)(void *context, uint64_t cause, uint8_t kind, uint32_t ordinal,
		const char *to, struct buf *out);
	/* Its delivery is over: nobody asks for its header again. */
	rg_err (*over)(void *context, uint64_t cause, uint8_t kind, uint32_t ordinal,
		const char *to);
	void *context;
};

/* Texts, key and teller are borrowed for the life of the core. */
struct core_options {
	const char *router;        /* address */
	const char *origin;        /* of the log */
	const struct key *log_key; /* Ed25519: deterministic */
	const char *index_path;    /* folder of the index; NULL: in memory only (simulator) */
	const char *tiles_path;    /* folder of the hash tiles; NULL: in memory only */
	const char *window_path;   /* folder of the window's rows; NULL: in memory only */
	bool waits;                /* for witnesses, if the registry names any, before it signs */
	const struct core_teller *teller; /* NULL: the window; a test may tell other things */
};

enum core_input_type {
	CORE_INPUT_ORIGIN,    /* the first input of an empty journal: pin of the genesis registry */
	CORE_INPUT_ADMIN,     /* an administrative act */
	CORE_INPUT_CANDIDATE, /* message, verified or refused; session 0: the router's own */
	CORE_INPUT_SESSION_OPEN,
	CORE_INPUT_SESSION_CLOSED,
	CORE_INPUT_CREDIT,
	CORE_INPUT_SETTLED,
	CORE_INPUT_QUERY,
	CORE_INPUT_WITNESSED, /* a witness answers */
	CORE_INPUT_TICK,
	CORE_INPUT_COMMIT,
};

struct core_input {
	enum core_input_type type;
	int64_t now_us;
	uint64_t session;
	char party[101];               /* of the session */
	struct message *message;       /* CANDIDATE */
	Rivergate__V1__Frame *frame;   /* OPEN to WITNESSED: as received; in arena */
	struct arena *arena;           /* owned by the input; may be NULL */
	uint64_t durable_size;         /* COMMIT: records durable now */
	bool has_failed;               /* COMMIT: what is pending beyond them was not written */
	Rivergate__V1__Admin__Act act; /* ADMIN */
	const char *detail;            /* ADMIN */
	uint8_t pin[32];               /* ORIGIN */
};

enum core_effect_type {
	CORE_EFFECT_APPEND,        /* to the journal: leaf in bytes and, for MESSAGE, the message */
	CORE_EFFECT_HELLO,         /* packed Frame; the session may submit from now on */
	CORE_EFFECT_FRAME,         /* packed Frame for the session: receipts, answers, fence */
	CORE_EFFECT_RECEIPT_AGAIN, /* packed Frame{receipts} of record `index`, whose meta and
				      signature are to be filled in from the journal */
	CORE_EFFECT_REFUSE,        /* packed RefusalBody, to be signed with the router key */
	CORE_EFFECT_DELIVER,       /* see order; bytes: proof (core_proof_read()); header: of a
				      derived message that does not follow from order alone */
	CORE_EFFECT_ANSWER,     /* packed Answer; its messages, named by index, and its receipt are
				      to be filled in from the journal, for this party's eyes */
	CORE_EFFECT_RELEASE,    /* nothing to say; the session's window gets room back */
	CORE_EFFECT_CHECKPOINT, /* the head with its cosignatures, to be published a second apart */
	CORE_EFFECT_COSIGNED,   /* the note of the same head, with more cosignatures */
	CORE_EFFECT_TRUST,      /* the trust in force changed */
	CORE_EFFECT_CONTRADICTION, /* a party holds a checkpoint that does not fit (bytes): stop */
};

struct core_effect {
	enum core_effect_type type;
	uint64_t session;
	uint64_t index;
	uint64_t seq;
	uint32_t epoch;
	bool is_retryable;       /* REFUSE */
	bool may_use_reserve;    /* APPEND: not a submission */
	uint64_t n_messages;     /* submissions that this answers … */
	uint64_t n_bytes;        /* … their bytes … */
	int64_t refund_us;       /* … and what they were charged too much */
	struct buf bytes;        /* leaf, frame, body, answer, note */
	struct buf tiles;        /* CHECKPOINT: the partial tiles, level after level */
	struct buf header;       /* DELIVER of PLAN, STATUS, REMINDER: packed; else empty */
	bool is_witnessed;       /* CHECKPOINT, COSIGNED: a quorum of the witnesses cosigned it */
	struct message *message; /* APPEND of MESSAGE; owned */
	struct trust *trust;     /* TRUST; a reference */
	struct deliver_order order; /* DELIVER; texts live as long as the core */
	char party[101];            /* ANSWER */
	uint64_t after;             /* the core's own: records that must be durable before */
	struct core_effect *next;
};

RG_MUST_USE rg_err core_new(const struct core_options *options, struct core **ret_core);
void core_free(struct core *core);
SCOPED_DEFINE(struct core, core_free);

/*
 * Recovery: one durable record, in order, before the first core_step(). parts: the
 * parts section of its frame. RG_E_CONFIG: the journal is of another log or router.
 */
RG_MUST_USE rg_err core_replay(struct core *core, struct rg_bytes leaf, struct rg_bytes parts);

/* Takes the input's message and arena. A fault stops the router. */
RG_MUST_USE rg_err core_step(struct core *core, struct core_input *input);
/* The next effect in order; NULL: none. To be freed with core_effect_free(). */
struct core_effect *core_take_effect(struct core *core);
void core_effect_free(struct core_effect *effect);
SCOPED_DEFINE(struct core_effect, core_effect_free);

/*
 * Whether a checkpoint that this log signed fits its history. What this log did not sign
 * proves nothing, and fits.
 */
RG_MUST_USE rg_err core_fits(struct core *core, struct rg_bytes checkpoint, bool *ret_fits);

/*
 * Recovery, after the last core_replay(): a checkpoint that was published before; see
 * tree_witnesses_recall(). Empty: none.
 */
RG_MUST_USE rg_err core_recall(struct core *core, struct rg_bytes checkpoint);
/* It waits for witnesses. */
bool core_is_waiting(const struct core *core);
/* Witnesses that the registry in force names. */
size_t core_n_witnesses(const struct core *core);

/* When the next tick is due (now_us scale); INT64_MAX: no timer is set. */
int64_t core_next_tick_us(const struct core *core);
uint64_t core_durable_size(const struct core *core);
uint64_t core_pending(const struct core *core);
/* The trust in force, of durable records; NULL before the genesis registry. Borrowed. */
struct trust *core_trust(const struct core *core);
/* The same with what is pending. */
struct trust *core_trust_pending(const struct core *core);
/* The newest checkpoint; empty before the first commit. Borrowed. */
struct rg_bytes core_checkpoint(const struct core *core);
/* The same with the partial tiles of its tree (tree_edge()); appends to both. */
RG_MUST_USE rg_err core_head(const struct core *core, struct buf *note, struct buf *tiles);
/* Origin, size and root as a checkpoint has them, unsigned; appended to out. */
RG_MUST_USE rg_err core_dump_head(const struct core *core, struct buf *out);
/* All folds, queues and their order, in one fixed form. */
RG_MUST_USE rg_err core_dump(const struct core *core, struct buf *out);

struct core_figures {
	uint64_t n_admitted; /* messages, since the start */
	uint64_t n_refused;
	uint64_t n_repeated;
	uint64_t n_settled;
};
struct core_figures core_figures(const struct core *core);

/* Splits the proof of a DELIVER effect: path and checkpoint note. False: it is none. */
struct proof_path;
bool core_proof_read(struct rg_bytes bytes, struct proof_path *ret_path,
	struct rg_bytes *ret_checkpoint);

#endif
