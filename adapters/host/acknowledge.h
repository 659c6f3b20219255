#ifndef HOST_ACKNOWLEDGE_H
#define HOST_ACKNOWLEDGE_H

/*
 * The acknowledgement of a delivery: who is told what of its hand-over
 *
 * Threads: any; pure.
 */

#include <rivergate/error.h>

#include "base/buf.h"
#include "host/plan.h"

/*
 * Packs the drafts of the acknowledgement of a delivery to this party.
 *
 *     answer  to the sender, without what was found of the goods: he hears of that when his
 *             goods are there. To the party itself, where he did not name it: whether it takes
 *             part is not for him to know
 *     word    to the party itself, with the goods that the header does not state, so that the
 *             log has them and the plan becomes that of both; empty: they agree
 */
RG_MUST_USE rg_err acknowledge(const struct delivered *delivered, struct rg_bytes facts,
	const char *party, struct buf *answer, struct buf *word);

#endif
