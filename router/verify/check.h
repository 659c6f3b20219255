#ifndef VERIFY_CHECK_H
#define VERIFY_CHECK_H

/*
 * The checks of one message that need no state but the trust snapshot
 *
 *     form        header and signature are canonical; header fields make sense  MALFORMED
 *     sender      the party that header.from leads to is the session's party    SENDER
 *     signature   by a key of some directory, over exactly these bytes          SIGNATURE
 *     content     parts present match size and commitment                       CONTENT
 *
 * Whether the key is in force is admission's question: the snapshot may be older than
 * the record that will be.
 *
 * Threads: any; the cache belongs to the calling thread.
 */

#include <rivergate/error.h>

#include "message.h"
#include "registry/trust.h"
#include "sign/signature.h"

/*
 * Fills arena, header, signature and header_hash of the message as far as they can be
 * read, and refuses it where a check fails. spent_us is what it took. Faults are ours.
 */
RG_MUST_USE rg_err verify_check(struct message *message, const struct trust *trust,
	struct signature_cache *cache);

#endif
