#ifndef REGISTRY_SUCCESSION_H
#define REGISTRY_SUCCESSION_H

/*
 * May this registry follow the one in force? For trust.c alone.
 */

#include "registry/pieces.h"

/* Judges place, signatures, and all that needs more than a quorum; see trust_apply_registry(). */
RG_MUST_USE rg_err succession_judge(const struct trust *trust,
	const Rivergate__V1__Governed *governed, const struct registry_piece *next,
	struct governance_answer *ret_answer);

#endif
