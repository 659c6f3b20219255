#ifndef TREE_BUNDLE_H
#define TREE_BUNDLE_H

/*
 * Entry bundles: the leaves of the journal in files for readers (evidence/tile.h)
 *
 * A full bundle is written once. The one being filled is kept in memory, and every
 * published size of it is a file of its own, until the full one is there.
 *
 * Threads: of the publishing thread (publish.h).
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"
#include "tree/durable.h"

/* Where leaves come from; a stage does not know the journal. */
struct tree_leaves {
	/*
	 * Calls take for each leaf of first .. end - 1, in order; all are durable. A fault of
	 * take is returned.
	 */
	rg_err (*read)(void *context, uint64_t first, uint64_t end,
		rg_err (*take)(void *to, struct rg_bytes leaf), void *to);
	void *context;
};

struct tree_bundle {
	const char *dir; /* the log's folder; borrowed, as leaves are */
	const struct tree_leaves *leaves;
	uint64_t before; /* published last: its partial bundle may have been lost, it is put too */
	uint64_t number; /* of the bundle being filled */
	unsigned width;  /* its entries so far */
	struct buf bytes;
	struct tree_durable *group; /* while leaves are taken */
};

/* Begins with the bundle that holds record `size`; nothing is read yet. */
void tree_bundle_init(struct tree_bundle *bundle, const char *dir, const struct tree_leaves *leaves,
	uint64_t size);
void tree_bundle_deinit(struct tree_bundle *bundle);
/* Back to the bundle that holds record `size`: after a fault nobody knows what was written. */
void tree_bundle_reset(struct tree_bundle *bundle, uint64_t size);
/*
 * Takes the leaves up to size and adds all files that have become full, and the partial
 * one, to the group. After a fault: tree_bundle_reset().
 */
RG_MUST_USE rg_err tree_bundle_extend(struct tree_bundle *bundle, uint64_t size,
	struct tree_durable *group);

/*
 * Looks at a full bundle of before the start: that its entries give the hashes of its tile.
 * Else it is made again from the journal, durably, and ret_is_rebuilt is true.
 */
RG_MUST_USE rg_err tree_bundle_mend(const char *dir, const struct tree_leaves *leaves,
	uint64_t number, bool *ret_is_rebuilt);

/*
 * Removes the partial files, of hashes and of entries, that the full bundle `number` and the
 * full tiles it completes at higher levels replace. What cannot be removed stays.
 */
void tree_bundle_clear(const char *dir, uint64_t number);

#endif
