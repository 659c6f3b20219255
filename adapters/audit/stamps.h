#ifndef AUDIT_STAMPS_H
#define AUDIT_STAMPS_H

/*
 * Time-stamps that lie with a log: its folder timestamp/ (evidence/timestamp.h)
 *
 * A token holds when it covers the text of the checkpoint beside it, that checkpoint is one
 * of this log, named by its size, and the token's signer has a certificate of an authority
 * that the auditor trusts, as of the token's time. What does not hold is a finding; what is
 * not there is only less evidence. Whether the checkpoint fits the log's records is judged as for
 * every earlier checkpoint (anchors.h).
 *
 * Without an authority to trust, tokens are counted and nothing is said of them.
 *
 * Threads: one.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/bytes.h>

#include "audit/finding.h"
#include "base/buf.h"
#include "evidence/note.h"

#define STAMPS_FOLDER "timestamp"
#define STAMPS_MAX    1000000

/* A token that holds, or, where none is judged, one that is there. */
struct stamp {
	uint64_t size;     /* of the checkpoint */
	int64_t time_us;   /* of the token */
	int64_t latest_us; /* the last instant that this may mean */
	struct merkle_hash root;
};

/* Sorted by size. Initialise with {0}. */
struct stamps {
	struct stamp *items;
	size_t n_items;
	size_t n_room;
	size_t n_tokens; /* in the folder, whether they hold or not */
};

void stamps_deinit(struct stamps *stamps);
SCOPED_DEFINE_VALUE(struct stamps, stamps_deinit);

/*
 * Appends what the auditor trusts: PEM files, each with one certificate or more.
 * RG_E_CONFIG, with a log line: one has none, or is not there.
 */
RG_MUST_USE rg_err stamps_read_ca(const char *const *paths, size_t n_paths, struct buf *out);

struct stamps_question {
	const char *dir; /* of the log */
	const struct note_verifier *log;
	struct rg_bytes ca; /* PEM; empty: of each token only the size is told */
};
/* Reads and judges all tokens of a log; none is no fault. */
RG_MUST_USE rg_err stamps_read(const struct stamps_question *question, struct stamps *stamps,
	struct findings *findings);
/* The files of one token; empty: not there, or longer than such a file can be. */
RG_MUST_USE rg_err stamps_load(const char *dir, uint64_t size, struct buf *response,
	struct buf *note);

#endif
