#ifndef REGISTRY_OBJECT_H
#define REGISTRY_OBJECT_H

/*
 * The trust object from within: pieces, and the sorted lists over them
 *
 * For the files of this folder that implement trust.h.
 */

#include "registry/pieces.h"

/* What one member has in force; NULL: none yet. */
struct member_state {
	struct directory_piece *directory;
	struct crl_piece *crl;
	struct profile_piece *profile;
};

struct curve_entry {
	const Rivergate__V1__CurveKey *key;
	const struct trust_party *party;
};

struct trust {
	atomic_size_t n_refs;
	uint8_t genesis_hash[32];
	uint8_t (*ancestors)[32]; /* hashes of the registries before the one in force … */
	size_t n_ancestors;       /* … oldest first */
	struct registry_piece *registry;
	struct member_state *members; /* as registry->message->members */

	const struct trust_party **parties; /* by address; without withdrawn ones */
	size_t n_parties;
	const struct trust_signer **signers; /* by key id; likewise */
	size_t n_signers;
	struct curve_entry *curves; /* by key; likewise */
	size_t n_curves;
};

/* Fills the sorted lists from the pieces (lookup.c). */
RG_MUST_USE rg_err trust_index(struct trust *trust);
/* The state of a member; NULL: no such member. */
const struct member_state *trust_member(const struct trust *trust, const char *cc);

#endif
