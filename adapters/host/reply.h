#ifndef HOST_REPLY_H
#define HOST_REPLY_H

/*
 * What the national system answers to a file that was handed over
 *
 *     hand-over   a certificate has a number, by which a hub answers; any
 *                 document gets a name of its own, exchange.handover: the format
 *                 writes it where the system returns it (cn-dec: ClientSeqNo)
 *     answer      the system puts a file into out/; its format's decoder makes a document
 *                 with `answer`, which names the declaration as the system does
 *     message     an ACKNOWLEDGEMENT (outcome) or a DECISION (decision) goes to the sender
 *                 of that delivery, with the system's own code, number and words
 *
 * A system gives numbers of its own: an answer that states one beside a name known here
 * teaches it, so that the next answer may state the number alone. Answers come out of
 * order: one that names nothing known waits for a while.
 *
 *     state/names/<SHA-256 of a name>   the packed header of an answer, but for what it says
 *
 * Threads: one.
 */

#include <stdbool.h>

#include <rivergate/error.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/scoped.h"
#include "connectors/directory.h"
#include "rivergate/v1/declaration.pb-c.h"
#include "rivergate/v1/message.pb-c.h"

/* Letters and digits of a name: what the national systems have room for. */
#define REPLY_NAME_LEN 20

struct replies;

RG_MUST_USE rg_err replies_open(const char *state, struct replies **ret_replies);
void replies_close(struct replies *replies);
SCOPED_DEFINE(struct replies, replies_close);

/*
 * Names a delivery for the national system, always alike: *ret_named (in the arena) is the
 * packed document with exchange.handover set, or `document` itself where that does
 * not parse. Counts after replies_sync().
 */
RG_MUST_USE rg_err replies_name(struct replies *replies, const Rivergate__V1__Header *header,
	struct rg_bytes header_bytes, struct rg_bytes document, struct arena *arena,
	struct rg_bytes *ret_named);
RG_MUST_USE rg_err replies_sync(struct replies *replies);

/*
 * Packs the draft of the message that an answer becomes. *ret_problem: NULL, or a static
 * sentence that says why there is none. *ret_is_unknown: because it names nothing known.
 */
RG_MUST_USE rg_err replies_draft(struct replies *replies,
	const Rivergate__V1__Declaration *document, struct arena *arena, struct buf *draft,
	const char **ret_problem, bool *ret_is_unknown);

/* Whether an answer that names nothing known may still wait; it is noted as waiting then. */
bool replies_wait(struct replies *replies, const struct directory_file *file);
/* Whether this file waits and nothing has been learned since it was looked at. */
bool replies_is_waiting(const struct replies *replies, const struct directory_file *file);
/* Whether any file waits. */
bool replies_has_waiting(const struct replies *replies);

#endif
