#ifndef CLIENT_LINEAGE_H
#define CLIENT_LINEAGE_H

/*
 * Do all checkpoints that a router shows belong to one history
 *
 * A checkpoint alone says nothing about the one before: a log may show each party a tree
 * of its own. So each that comes with HELLO or a delivery, and now and then one of
 * RECEIPTS, waits here until the router has proved (RFC 6962 consistency proof) that it
 * lies on one line with the newest that was proved. That one is kept in STATE/proved, so
 * that the line goes on after a restart.
 *
 * More than LINEAGE_WAITING at once: the oldest are passed over. Their proofs lie with the
 * deliveries, for an auditor.
 * Threads: owned by the session's thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/scoped.h"
#include "evidence/note.h"
#include "evidence/proof.h"
#include "rivergate/v1/session.pb-c.h"

#define LINEAGE_WAITING 256
#define LINEAGE_FILE    "proved"

struct lineage;

/* state_path NULL: remembers nothing. RG_E_FORMAT: the file is damaged, as the log says. */
RG_MUST_USE rg_err lineage_open(const char *state_path, struct lineage **ret_lineage);
/* Saves. Accepts NULL. */
void lineage_close(struct lineage *lineage);
SCOPED_DEFINE(struct lineage, lineage_close);

/* A checkpoint that the log signed. ret_rule: what it contradicts, static; NULL: nothing yet. */
void lineage_add(struct lineage *lineage, const struct note_checkpoint *checkpoint,
	const char **ret_rule);

/* Sizes between which a proof is to be asked for now; false: none. One is under way at most. */
bool lineage_ask(struct lineage *lineage, int64_t now_us, uint64_t *ret_old_size,
	uint64_t *ret_new_size);
/* The answer to what was asked; consistency NULL: the router gives none. */
RG_MUST_USE rg_err lineage_answer(struct lineage *lineage,
	const Rivergate__V1__Consistency *consistency, const char **ret_rule);
/* The connection is gone: what was asked is asked again. */
void lineage_restart(struct lineage *lineage);
/* Size of the newest that is proved; 0: none. */
uint64_t lineage_proved(const struct lineage *lineage);

#endif
