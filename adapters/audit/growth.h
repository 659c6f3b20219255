#ifndef AUDIT_GROWTH_H
#define AUDIT_GROWTH_H

/*
 * The tree as the records make it, grown tile by tile
 *
 * Keeps the tile under way of each level, which is all that later heads need: eight tiles,
 * whatever the log's size. Full tiles are given to whoever wants to compare them with the
 * published ones, once each, and forgotten.
 *
 * Threads: one.
 */

#include <stdint.h>

#include <rivergate/error.h>

#include "base/buf.h"
#include "evidence/tile.h"

struct growth {
	uint64_t size;
	struct tile levels[TILE_LEVELS]; /* under way; never full between two calls */
};

/* Told of a tile that is full, or of the partial ones at the end (growth_tell()). */
struct growth_sink {
	rg_err (*take)(void *context, unsigned level, uint64_t number, const struct tile *tile);
	void *context;
};

void growth_init(struct growth *growth);
/* Adds one leaf. The sink hears of the tiles of level 1 and above that it fills. */
RG_MUST_USE rg_err growth_add(struct growth *growth, const struct merkle_hash *leaf,
	const struct growth_sink *sink);
/* The same for the whole tile of level 0 that a multiple of 256 leaves is followed by. */
RG_MUST_USE rg_err growth_add_tile(struct growth *growth, const struct tile *tile,
	const struct growth_sink *sink);
/* Tells of the partial tiles of level 1 and above. */
RG_MUST_USE rg_err growth_tell(const struct growth *growth, const struct growth_sink *sink);
/* The head of all leaves. */
RG_MUST_USE rg_err growth_head(const struct growth *growth, struct merkle_hash *ret_head);
/*
 * The head when there were `size` leaves: those before the tile of level 0 under way, and some
 * of `tile`, that tile as far as it is known. Needs growth's size a multiple of 256.
 */
RG_MUST_USE rg_err growth_head_within(const struct growth *growth, const struct tile *tile,
	uint64_t size, struct merkle_hash *ret_head);

/* The state in one fixed form, for a later run; and back. False: it is none. */
void growth_write(const struct growth *growth, struct buf *out);
bool growth_read(struct rg_bytes bytes, struct growth *ret_growth);

#endif
