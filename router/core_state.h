#ifndef ROUTER_CORE_STATE_H
#define ROUTER_CORE_STATE_H

/*
 * What the files of the core share; nobody else
 *
 *     core.c          inputs, effects, sessions
 *     core_admit.c    candidates: decision, refusal, repetition
 *     core_append.c   records that become pending
 *     core_commit.c   records that became durable, or were lost; replay
 *     core_query.c    questions
 *     core_window.c   what records mean for consignments, and when something is due
 *     core_witness.c  witnesses: the wait, requests, answers, what is published
 */

#include "admit/admit.h"
#include "core.h"
#include "deliver/deliver.h"
#include "evidence/note.h"
#include "evidence/record.h"
#include "index/index.h"
#include "receipt/receipt.h"
#include "registry/admission.h"
#include "rules/memory.h"
#include "rules/window.h"
#include "tree/tree.h"
#include "tree/witnesses.h"
#include "window/disk.h"

#define CORE_CHAINS       4096
#define CORE_EPOCH_FIRST  1
#define CORE_SECOND_US    1000000
#define CORE_REFUSAL_US   1000                  /* quota that a refusal costs at least */
#define CORE_DEFAULT_LIFE INT64_C(604800000000) /* of derived messages before there is a registry */

/* A record that was appended and is not durable yet. */
struct core_pending {
	uint64_t index;
	struct buf leaf;
	struct record record;          /* views of leaf */
	Rivergate__V1__Meta *meta;     /* in arena, as all that is read of it */
	Rivergate__V1__Header *header; /* MESSAGE */
	Rivergate__V1__Progress *progress;
	Rivergate__V1__Origin *origin;
	struct arena *arena;
	uint8_t header_hash[MESSAGE_HASH_LEN];
	uint64_t parts_present;
	uint64_t content_size;
	struct trust *trust; /* governance: as of this record */
	char sender[101];    /* party; "": not counted */
	uint64_t n_recipients;
	uint64_t session;
	uint64_t seq;
	uint32_t epoch;
	size_t size;
	int64_t refund_us;
	struct core_pending *next;
	struct core_pending *next_same; /* in its identity chain */
};

struct core_session {
	uint64_t number;
	char party[101];
	bool wants_news;  /* of published checkpoints */
	bool is_dropping; /* submissions up to dropped_epoch are dropped */
	uint32_t dropped_epoch;
	uint64_t answered_messages; /* told with the next receipts */
	uint64_t answered_bytes;
	int64_t refund_us;
	struct core_session *next;
};

struct core {
	struct core_options options;
	struct note_verifier log;
	int64_t now_us;
	uint64_t next_index; /* of the next record, pending ones counted */
	int64_t appended_us; /* time of the newest record */
	int64_t ticked_us;   /* of the newest TICK */
	int64_t retry_us;    /* no record of our own before, after a failed write */
	int64_t told_us;     /* newest log line about the wait */
	struct buf tiles;    /* partial ones of the head that goes round */
	bool is_given;       /* that head has been given to be published */
	bool has_origin;     /* ORIGIN is there, perhaps pending */
	bool is_progress_pending;
	uint8_t pin[32];

	struct trust *trust; /* durable */
	struct trust *trust_pending;
	struct index *index;
	struct tree *tree;
	struct deliver *deliver;
	struct receipt_batch *receipts;
	struct tree_witnesses *witnesses;
	struct window *window;
	struct window_disk *window_disk; /* its rows, … */
	struct memory *window_memory;    /* … or these, where there is no folder */
	struct rules_store window_store;
	struct arena *window_arena; /* of the last record: what it told */
	struct core_teller teller;  /* the window, or whom a test gave */
	int64_t window_us;          /* when something of the window is due; INT64_MAX: never */
	struct buf checkpoint;

	struct core_pending *pending;
	struct core_pending **pending_end;
	size_t n_pending;
	struct core_pending *identities[CORE_CHAINS];

	struct core_session *sessions[CORE_CHAINS];
	size_t n_sessions;

	struct core_effect *ready;
	struct core_effect **ready_end;
	struct core_effect *held; /* answers that wait, by `after` */
	struct core_effect **held_end;

	struct core_figures figures;
};

/* core.c */
struct core_session *core_session_at(struct core *core, uint64_t number); /* NULL: none */
struct core_effect *core_effect_new(enum core_effect_type type, uint64_t session);
/* Leaves now. Takes it. */
void core_emit(struct core *core, struct core_effect *effect);
/* Leaves when all records before it are durable. Takes it. */
void core_hold(struct core *core, struct core_effect *effect);
/* Leaves when it is its turn: held answers up to `after` become ready. */
RG_MUST_USE rg_err core_release_held(struct core *core, uint64_t durable_size);
/* Packs Frame{…} of this kind into a FRAME or HELLO effect and emits it. */
RG_MUST_USE rg_err core_emit_frame(struct core *core, enum core_effect_type type, uint64_t session,
	const Rivergate__V1__Frame *frame);

/* core_admit.c */
RG_MUST_USE rg_err core_on_candidate(struct core *core, struct core_input *input);
/* A refusal as effect, with what it gives back; NULL through ret on a fault only. */
RG_MUST_USE rg_err core_refusal_of(struct core *core, const struct message *message,
	const uint8_t *known_hash, struct core_effect **ret_effect);

/* core.c: an ADMIN record. */
RG_MUST_USE rg_err core_append_admin(struct core *core, Rivergate__V1__Admin__Act act,
	const char *detail);

/* core_append.c */
RG_MUST_USE rg_err core_append_message(struct core *core, struct message **message,
	const struct admit_answer *answer, struct trust *trust);
RG_MUST_USE rg_err core_append_own(struct core *core, Rivergate__V1__RecordType type,
	struct rg_bytes body);
RG_MUST_USE rg_err core_append_due(struct core *core); /* PROGRESS, TICK */
void core_pending_free(struct core_pending *pending);
struct core_pending *core_pending_find(struct core *core, const Rivergate__V1__Header *header);
void core_pending_forget(struct core *core, struct core_pending *pending);

/* core_commit.c */
RG_MUST_USE rg_err core_on_commit(struct core *core, struct core_input *input);
struct receipt_tree core_receipt_tree(struct core *core);

/* core_window.c */
RG_MUST_USE rg_err core_window_open(struct core *core);
void core_window_close(struct core *core);
/* When a record is needed; INT64_MAX: never. */
int64_t core_window_due_us(const struct core *core);

/* core_witness.c */
/* The session is a witness: the registry may not name it. */
RG_MUST_USE rg_err core_witness_open(struct core *core, const struct core_input *input);
RG_MUST_USE rg_err core_on_witnessed(struct core *core, struct core_input *input);
/* What is due after an input: requests, publication, the alarm. */
RG_MUST_USE rg_err core_witness_turn(struct core *core);
/* The registry in force changed. */
RG_MUST_USE rg_err core_witness_trust(struct core *core);
/* The newest witnessed checkpoint to a session that wants news. */
RG_MUST_USE rg_err core_witness_news(struct core *core, uint64_t session);
int64_t core_witness_next_us(const struct core *core);
RG_MUST_USE rg_err core_witness_status(struct core *core, struct arena *arena,
	Rivergate__V1__RouterStatus *status);

/* core.c */
/* HELLO to all sessions: the wait is over. */
RG_MUST_USE rg_err core_greet_all(struct core *core);
/* Stops the router: somebody holds this checkpoint, which does not fit. */
RG_MUST_USE rg_err core_contradict(struct core *core, uint64_t session, struct rg_bytes checkpoint);

/* core_commit.c */
/* Signs the head and answers all that waited for it. */
RG_MUST_USE rg_err core_sign(struct core *core);

/* core_query.c */
RG_MUST_USE rg_err core_on_query(struct core *core, struct core_input *input);

#endif
