#ifndef CLIENT_WITNESSED_H
#define CLIENT_WITNESSED_H

/*
 * How far the log is witnessed, as far as this party can tell
 *
 * A record of ours is witnessed when a checkpoint larger than its index bears valid
 * cosignatures of a quorum of the registry's witnesses and, if our own member has one, of
 * that one too: whoever trusts nobody else trusts his own. Where that takes more than a
 * minute after a receipt, the caller is told, and again every minute.
 *
 * now_us is monotonic and comes with each call. Threads: owned by the session's thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/client.h>

#include "evidence/cosignature.h"

#define WITNESSED_ALARM_US INT64_C(60000000)

struct witnessed {
	struct cosigner_roster roster;
	char own[3]; /* our member; "": it has no witness */
	struct rg_witnessed newest;
	uint64_t needed;  /* size that covers all our receipts; 0: none */
	int64_t since_us; /* of the oldest receipt that is not covered; 0: all are */
	int64_t told_us;
};

RG_MUST_USE rg_err witnessed_init(struct witnessed *witnessed,
	const Rivergate__V1__Registry *registry, const char *party);
/* The registry names witnesses: news of them is wanted. */
bool witnessed_has_witnesses(const struct witnessed *witnessed);
/* A receipt of this record came. */
void witnessed_receipt(struct witnessed *witnessed, uint64_t index, int64_t now_us);
/*
 * News: a checkpoint of the log (whose signature has been verified) with cosignatures. False:
 * a line under the name and key of a witness does not verify, so the note is a forgery.
 * witnessed->newest says what it shows.
 */
RG_MUST_USE rg_err witnessed_take(struct witnessed *witnessed, struct rg_bytes note, uint64_t size,
	bool *ret_is_true);
/* True once a minute while a receipt has waited for more than one. */
bool witnessed_is_overdue(struct witnessed *witnessed, int64_t now_us);

#endif
