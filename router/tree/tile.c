/*
 * A tile: see tile.h
 *
 * Threads: a tile has one owner.
 */

#include <assert.h>
#include <string.h>

#include "tree/tile.h"

/* Where a row begins: rows have 256, 128 … 1 nodes. */
static unsigned begin_of(unsigned row)
{
	return 2 * TREE_TILE_WIDTH - (2 * TREE_TILE_WIDTH >> row);
}

rg_err tree_tile_add(struct tree_tile *tile, const struct merkle_hash *hash)
{
	unsigned position = tile->width;

	assert(position < TREE_TILE_WIDTH);
	tile->nodes[position] = *hash;
	/* Each pair that the hash completes has its parent computed. */
	for (unsigned row = 0; position & 1; row++) {
		const struct merkle_hash *right = &tile->nodes[begin_of(row) + position];
		struct merkle_hash *parent = &tile->nodes[begin_of(row + 1) + position / 2];
		rg_err err = merkle_node(right - 1, right, parent);

		if (err) {
			return err;
		}
		position /= 2;
	}
	tile->width++;
	return RG_OK;
}

const struct merkle_hash *tree_tile_node(const struct tree_tile *tile, unsigned row,
	unsigned position)
{
	if (row > TREE_TILE_HEIGHT || position >= TREE_TILE_WIDTH ||
		(position + 1) << row > tile->width) {
		return NULL;
	}
	return &tile->nodes[begin_of(row) + position];
}

struct rg_bytes tree_tile_bytes(const struct tree_tile *tile)
{
	return (struct rg_bytes){
		.data = tile->nodes[0].bytes,
		.len = (size_t)tile->width * MERKLE_HASH_LEN,
	};
}

rg_err tree_tile_read(const uint8_t bytes[TREE_TILE_BYTES], struct tree_tile *ret_tile)
{
	ret_tile->width = 0;
	for (unsigned i = 0; i < TREE_TILE_WIDTH; i++) {
		struct merkle_hash hash;

		memcpy(hash.bytes, bytes + (size_t)i * MERKLE_HASH_LEN, MERKLE_HASH_LEN);
		rg_err err = tree_tile_add(ret_tile, &hash);

		if (err) {
			return err;
		}
	}
	return RG_OK;
}
