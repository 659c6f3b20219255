#ifndef REGISTRY_CHANGE_H
#define REGISTRY_CHANGE_H

/*
 * Governance messages: the trust that one leads to
 *
 * The content carries its own signatures (quorum, member, root), so it does not matter
 * through whose session it came. Pure: the router asks before it makes the record and at
 * every replay, an auditor asks again.
 * Threads: any.
 */

#include "registry/trust.h"

struct change {
	const struct trust *trust; /* in force before; NULL before the genesis registry … */
	const uint8_t *pin;        /* … whose hash must then be this */
	uint64_t index;            /* of the record that brings the change */
	const Rivergate__V1__Header *header;
	struct rg_bytes part; /* salt ‖ bytes of its one part */
};

/* *ret_trust NULL: it contradicts what is in force, or cannot be read; the answer says where. */
RG_MUST_USE rg_err change_apply(const struct change *change, struct trust **ret_trust,
	struct governance_answer *ret_answer);

/*
 * Whether its content is in force already, or (a registry) was: a file that is read again
 * says nothing new, whoever brought it first.
 */
RG_MUST_USE rg_err change_is_known(const struct change *change, bool *ret_is_known);

#endif
