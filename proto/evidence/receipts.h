#ifndef EVIDENCE_RECEIPTS_H
#define EVIDENCE_RECEIPTS_H

/*
 * The proof for many records at once: RECEIPTS (rivergate/v1/session.proto)
 *
 * The router answers all messages that one session has in one commit with one frame:
 * checkpoint, a range of the log, meta and signature of each own record, leaf hashes of
 * the others, outer hashes. receipts_check() proves the whole range once, in time linear
 * in its length; receipts_proof() then takes the single tlog-proof of each own record
 * out of it, in time logarithmic in the log.
 *
 *     scoped(receipts_freep) struct receipts *receipts = NULL;
 *     err = receipts_check(frame, &log, &(struct receipts_headers){find, self}, &receipts, &rule);
 *     for (size_t i = 0; i < receipts_count(receipts); i++)
 *             err = receipts_proof(receipts, i, &file);
 */

#include <stddef.h>

#include "evidence/note.h"
#include "evidence/proof.h"
#include "rivergate/v1/session.pb-c.h"

struct receipts;

/* How the check finds what the client sent. */
struct receipts_headers {
	/* The exact bytes of the header with this id (16 bytes); false: none was sent. */
	bool (*find)(void *context, const uint8_t id[16], struct rg_bytes *ret_header);
	void *context;
};

/*
 * Checks a frame: numbers and counts fit, each own record's leaf follows from the header
 * the client has, the range leads to the head of the checkpoint, and this log signed
 * that. ret_rule: NULL when all of it holds, and only then ret_receipts is set; else a
 * static text that says what failed. The frame must live as long as the receipts; the
 * headers are used during the call only.
 */
RG_MUST_USE rg_err receipts_check(const Rivergate__V1__Receipts *frame,
	const struct note_verifier *log, const struct receipts_headers *headers,
	struct receipts **ret_receipts, const char **ret_rule);
void receipts_free(struct receipts *receipts);
SCOPED_DEFINE(struct receipts, receipts_free);

/* Own records, in the order of the frame. */
size_t receipts_count(const struct receipts *receipts);
/* The checkpoint that proves them. Borrowed. */
const struct note_checkpoint *receipts_checkpoint(const struct receipts *receipts);
/*
 * The tlog-proof of own record number i (frame->records[i]). ret_file has been
 * initialised; what it held is replaced, so one file serves a loop.
 */
RG_MUST_USE rg_err receipts_proof(const struct receipts *receipts, size_t i,
	struct proof_file *ret_file);

#endif
