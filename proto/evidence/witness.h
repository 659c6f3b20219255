#ifndef EVIDENCE_WITNESS_H
#define EVIDENCE_WITNESS_H

/*
 * The witness: one function from a request to an answer (C2SP tlog-witness)
 *
 * For each log that it knows it keeps the last checkpoint that it cosigned. A new one is
 * cosigned only when a proof shows that it continues the old one; it is on the disk (file,
 * rename and folder synced) before the cosignature leaves. Times of cosignatures never go
 * back.
 *
 *     STATE/witness.vkey               whose state this is
 *     STATE/<sha256(origin)>/checkpoint             the last one, with our cosignature
 *     STATE/<sha256(origin)>/inconsistent-<hash>/   held, told (checkpoints), request
 *
 * Two histories of one log, both signed by it, are kept for people, logged as an error at
 * once and at every start, and counted (witness_n_alarms()) until a person has moved the
 * folder away. A witness that lost its state takes a new key: a state folder that is of
 * another key is refused, and so is a damaged one.
 *
 * Threads: any; one lock.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"
#include "evidence/cosignature.h"
#include "evidence/note.h"
#include "sign/key.h"

#define WITNESS_LOGS_MAX 64
#define WITNESS_KEPT_MAX 64 /* inconsistencies kept for one log; more are only logged */

struct witness;

struct witness_options {
	struct cosigner self;             /* copied */
	const struct key *key;            /* private; borrowed */
	const char *state_dir;            /* created when missing; used by one process at a time */
	const struct note_verifier *logs; /* copied */
	size_t n_logs;
	int64_t (*now_us)(void *context); /* NULL: the clock */
	void *context;
};

/* RG_E_CONFIG: the folder is another witness', damaged, or in use; said in the log. */
RG_MUST_USE rg_err witness_open(const struct witness_options *options,
	struct witness **ret_witness);
void witness_close(struct witness *witness);
SCOPED_DEFINE(struct witness, witness_close);

/*
 * Learns logs that it does not know yet, from a newer registry; ret_n_new: how many. One that it
 * knows stays, and keeps its key: another key under the same origin is said in the log and not
 * taken. Any thread. RG_E_CONFIG: too many, or a state folder is damaged.
 */
RG_MUST_USE rg_err witness_learn(struct witness *witness, const struct note_verifier *logs,
	size_t n_logs, size_t *ret_n_new);

enum witness_status {
	WITNESS_COSIGNED = 200,
	WITNESS_MALFORMED = 400,
	WITNESS_NOT_SIGNED = 403, /* not by a key of that log, or a signature of such a key fails */
	WITNESS_UNKNOWN_LOG = 404,
	WITNESS_OTHER_SIZE = 409, /* the old size is not that of the last checkpoint */
	/* Empty tree, equal size or proof does not verify. Of equal size: before July 2026 the
	 * specification said 409; now that is for OTHER_SIZE alone. */
	WITNESS_INCONSISTENT = 422,
	WITNESS_NOT_STORED = 503, /* the disk refused: nothing was cosigned, ask again */
};

struct witness_answer {
	enum witness_status status;
	struct buf body;       /* 200: cosignature lines; 409: SIZE LF; else why, one line */
	struct buf checkpoint; /* 409, 422: the last one that it cosigned; may be empty */
};

void witness_answer_deinit(struct witness_answer *answer);
SCOPED_DEFINE_VALUE(struct witness_answer, witness_answer_deinit);

/*
 * Who asks. A wrong proof under a real checkpoint is a log's own fault when the router itself
 * sends it, and raises the alarm; from anybody it may be somebody's noise, and only two
 * histories that the request itself proves raise it.
 */
enum witness_asker {
	WITNESS_BY_ANYBODY,
	WITNESS_BY_ROUTER,
};

/* ret_answer has been zeroed. Faults are ours: RG_E_NOMEM, RG_E_CRYPTO. */
RG_MUST_USE rg_err witness_judge(struct witness *witness, struct rg_bytes request,
	enum witness_asker asker, struct witness_answer *ret_answer);

/* Appends the last checkpoint of this log that it cosigned; nothing when there is none. */
RG_MUST_USE rg_err witness_last(struct witness *witness, const char *origin, struct buf *out);
/* The same by the hex SHA-256 of the origin; false: it knows no such log, or cosigned none. */
RG_MUST_USE rg_err witness_last_by_hash(struct witness *witness, const char *origin_hash,
	struct buf *out, bool *ret_found);

/* Inconsistencies that lie in the state folder. */
size_t witness_n_alarms(struct witness *witness);

#endif
