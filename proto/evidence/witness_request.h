#ifndef EVIDENCE_WITNESS_REQUEST_H
#define EVIDENCE_WITNESS_REQUEST_H

/*
 * What a log asks of a witness (C2SP tlog-witness, add-checkpoint)
 *
 *     old SIZE LF
 *     base64(hash) LF …      consistency proof, at most 63 lines
 *     LF
 *     checkpoint
 *
 * Strict: what is read is what would be written again.
 */

#include <stdbool.h>
#include <stdint.h>

#include "evidence/note.h"
#include "evidence/proof.h"

#define WITNESS_REQUEST_NODES_MAX 63
#define WITNESS_REQUEST_MAX       (NOTE_MAX + 4096) /* 63 lines of 45 bytes and the first */

struct witness_request {
	uint64_t old_size;
	struct proof_path path;
	struct rg_bytes note; /* the checkpoint; a view of what was read. Not looked at */
};

/* Appends the request. RG_E_OVERFLOW: more than 63 nodes, which no proof has. */
RG_MUST_USE rg_err witness_request_write(const struct witness_request *request, struct buf *out);
/* False: not of this form. ret_why: static, what is wrong. */
bool witness_request_read(struct rg_bytes text, struct witness_request *ret_request,
	const char **ret_why);

#endif
