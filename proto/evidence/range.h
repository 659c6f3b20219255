#ifndef EVIDENCE_RANGE_H
#define EVIDENCE_RANGE_H

/*
 * A proved range, with every node above its leaves
 *
 * From a claim (proof.h) the nodes that lie over the range are computed once, level by
 * level: about two hashes a leaf. The inclusion path of any leaf of the range is then a
 * matter of looking up one sibling a level. So a frame with thousands of records is
 * expanded in linear time.
 *
 *     level 2            H(0..3)                    H: computed   o: outer hash, given
 *     level 1     o(0,1)        H(2,3)
 *     level 0                 o(2)  H(3)            range 3..3 of 4 leaves
 */

#include "evidence/proof.h"

struct range;

/*
 * Computes the nodes. *ret_range NULL: the claim's numbers or counts do not fit. Copies
 * what it needs; the claim may go. Memory: about 64 bytes a leaf.
 */
RG_MUST_USE rg_err range_new(const struct proof_claim *claim, struct range **ret_range);
void range_free(struct range *range);
SCOPED_DEFINE(struct range, range_free);

/* The head that the claim leads to. */
struct merkle_hash range_head(const struct range *range);
/* The inclusion path of one leaf, its sibling first. False: the index is outside the range. */
bool range_path(const struct range *range, uint64_t index, struct proof_path *ret_path);

#endif
