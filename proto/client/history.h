#ifndef CLIENT_HISTORY_H
#define CLIENT_HISTORY_H

/*
 * The newest checkpoint a client has seen, and what contradicts it
 *
 * Kept in STATE/checkpoint across restarts, so that a router which forgot or rewrote
 * its log is found at the next HELLO. What contradicts is stored beside it, both
 * sides, for people: STATE/contradiction-<time>-{held,told}.checkpoint.
 *
 * Compared are origin, signature, size and, at equal size, the root; checkpoints of
 * different sizes wait in the lineage until a consistency proof has joined them.
 * Threads: owned by the session's thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/scoped.h"
#include "client/lineage.h"
#include "evidence/note.h"

struct history;

/* state_path NULL: remembers nothing. RG_E_CONFIG: what is stored there is of another log. */
RG_MUST_USE rg_err history_open(const char *state_path, const struct note_verifier *log,
	struct history **ret_history);
/* Saves what is newer than the file. Accepts NULL. */
void history_close(struct history *history);
SCOPED_DEFINE(struct history, history_close);

/* The newest, as a note's text; "" when there is none. Borrowed until the next offer. */
const char *history_text(const struct history *history);
uint64_t history_size(const struct history *history);
const struct note_verifier *history_log(const struct history *history);

/* Where a checkpoint came from, which says how old it may be. */
enum history_source {
	HISTORY_HELLO,    /* a session begins: not smaller than any seen before */
	HISTORY_RECEIPTS, /* not smaller than that of HELLO; answers may overtake each other */
	HISTORY_DELIVERY, /* came with a proof, which may have been made at any time */
};

/*
 * A checkpoint that the router shows. ret_rule: NULL when it fits, else a static text
 * that says what it contradicts; then both are stored. ret_checkpoint may be NULL.
 */
RG_MUST_USE rg_err history_offer(struct history *history, struct rg_bytes note,
	enum history_source source, struct note_checkpoint *ret_checkpoint, const char **ret_rule);
/* The same for one of RECEIPTS, whose signature has just been verified. */
RG_MUST_USE rg_err history_accept(struct history *history, struct rg_bytes note,
	const struct note_checkpoint *told, const char **ret_rule);
/* Of the checkpoints offered; borrowed. */
struct lineage *history_lineage(const struct history *history);
/* Writes the file if there is news and the last write is a second ago. */
RG_MUST_USE rg_err history_save(struct history *history);

#endif
