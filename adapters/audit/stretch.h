#ifndef AUDIT_STRETCH_H
#define AUDIT_STRETCH_H

/*
 * A stretch: the records of one entry bundle, under examination
 *
 * Filled by whoever reads the log, examined by any thread, then taken in order by whoever
 * folds. It owns copies of all bytes and references to the trusts, so nothing in it
 * depends on the readers.
 */

#include <stdbool.h>
#include <stdint.h>

#include "audit/examine.h"
#include "audit/finding.h"
#include "audit/segments.h"
#include "base/buf.h"
#include "evidence/tile.h"

struct stretch_record {
	bool has_leaf; /* else withheld, or lost */
	bool is_trust_known;
	size_t leaf_at; /* in bytes */
	size_t leaf_len;
	size_t parts_at;
	size_t parts_len;
	const struct trust *trust;
	const struct trust *trust_after;
};

struct stretch {
	uint64_t first; /* index of the first record: a multiple of 256 */
	unsigned from;  /* records before this one were examined by an earlier run … */
	unsigned n;     /* … of so many in all */
	struct buf bytes;
	struct stretch_record records[TILE_WIDTH];
	struct trust *held[TILE_WIDTH + 1]; /* references behind the records' pointers */
	size_t n_held;
	struct tile_hashes published; /* as the tile's file says; width 0: not there */
	struct segments_place place;  /* in the journal, after these records */
	bool is_trust_fixed;
	const char *router;   /* of the log; borrowed for the run; NULL: not known */
	uint64_t n_inherited; /* as in struct law */

	/* Filled by stretch_examine(): */
	struct tile computed; /* from the leaves; of a withheld one the published hash */
	struct examined out[TILE_WIDTH];
	struct arena *headers; /* of its messages, as far as they fit in */
	struct findings findings;
	rg_err err;
};

/* Ready for the bundle that begins at first; keeps the memory of the last one. */
void stretch_reset(struct stretch *stretch, uint64_t first);
void stretch_deinit(struct stretch *stretch);
/* Copies the leaf of the record in place i. Sticky failure in bytes. */
void stretch_set_leaf(struct stretch *stretch, unsigned i, struct rg_bytes leaf);
void stretch_set_parts(struct stretch *stretch, unsigned i, struct rg_bytes parts);
/* The stretch holds a reference until it is reset; NULL stays NULL. Borrowed. */
const struct trust *stretch_hold(struct stretch *stretch, struct trust *trust);
struct rg_bytes stretch_leaf(const struct stretch *stretch, unsigned i);

/*
 * Hashes and examines all records from `from` on; err says a fault of ours. Where a leaf does
 * not have its published hash, either may be at fault; which one the tree goes on with is
 * decided by the tile above: see verify.c.
 */
void stretch_examine(struct stretch *stretch, struct examiner *examiner);

#endif
