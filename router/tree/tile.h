#ifndef TREE_TILE_H
#define TREE_TILE_H

/*
 * A tile: 256 neighbouring hashes of one tile level, and all nodes above them
 *
 * Tile level L holds the hashes of the full subtrees of 256^L leaves (C2SP tlog-tiles).
 * The nodes above are computed as hashes are added, once each. A tile holds no
 * pointers: it may be copied as it is.
 */

#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/merkle.h"

#define TREE_TILE_HEIGHT 8
#define TREE_TILE_WIDTH  256u
#define TREE_TILE_BYTES  (TREE_TILE_WIDTH * MERKLE_HASH_LEN)

struct tree_tile {
	unsigned width;                                    /* hashes added so far */
	struct merkle_hash nodes[2 * TREE_TILE_WIDTH - 1]; /* row after row, the hashes first */
};

/* Adds the next hash; the tile is not full. */
RG_MUST_USE rg_err tree_tile_add(struct tree_tile *tile, const struct merkle_hash *hash);
/* Node of row 0 (the hashes) to 8 (the root of a full tile); NULL: not complete yet. Borrowed. */
const struct merkle_hash *tree_tile_node(const struct tree_tile *tile, unsigned row,
	unsigned position);
/* The hashes as they lie in a file: width * 32 bytes. */
struct rg_bytes tree_tile_bytes(const struct tree_tile *tile);
/* A full tile from its file's bytes. */
RG_MUST_USE rg_err tree_tile_read(const uint8_t bytes[TREE_TILE_BYTES], struct tree_tile *ret_tile);

#endif
