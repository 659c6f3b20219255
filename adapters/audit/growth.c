/*
 * The growing tree: see growth.h.
 *
 * The head of n leaves is made of the full subtrees that n decomposes into, one for each
 * bit; the subtree of bit 8 * level + row is a node of that row in the tile under way.
 * Threads: one.
 */
#include "audit/growth.h"

#include <string.h>

void growth_init(struct growth *growth)
{
	memset(growth, 0, sizeof(*growth));
}

/* Adds to a level; a tile that it fills is told and moves up as one hash. */
static rg_err add_above(struct growth *growth, unsigned level, const struct merkle_hash *hash,
	const struct growth_sink *sink)
{
	struct merkle_hash next = *hash;
	rg_err err = RG_OK;

	for (; !err && level < TILE_LEVELS; level++) {
		struct tile *tile = &growth->levels[level];

		err = tile_add(tile, &next);
		if (err || tile->width < TILE_WIDTH) {
			return err;
		}
		next = *tile_node(tile, TILE_HEIGHT, 0);
		if (level > 0) {
			uint64_t number = (growth->size - 1) >> (TILE_HEIGHT * (level + 1));

			err = sink->take(sink->context, level, number, tile);
		}
		tile->width = 0;
	}
	return err;
}

rg_err growth_add(struct growth *growth, const struct merkle_hash *leaf,
	const struct growth_sink *sink)
{
	growth->size++;
	return add_above(growth, 0, leaf, sink);
}

rg_err growth_add_tile(struct growth *growth, const struct tile *tile,
	const struct growth_sink *sink)
{
	growth->size += TILE_WIDTH;
	return add_above(growth, 1, tile_node(tile, TILE_HEIGHT, 0), sink);
}

rg_err growth_tell(const struct growth *growth, const struct growth_sink *sink)
{
	rg_err err = RG_OK;

	for (unsigned level = 1; !err && level < TILE_LEVELS; level++) {
		const struct tile *tile = &growth->levels[level];

		if (tile->width > 0) {
			err = sink->take(sink->context, level,
				growth->size >> (TILE_HEIGHT * (level + 1)), tile);
		}
	}
	return err;
}

static rg_err head_of(const struct growth *growth, const struct tile *lowest, uint64_t size,
	struct merkle_hash *ret_head)
{
	bool is_begun = false;
	rg_err err = size == 0 ? merkle_empty(ret_head) : RG_OK;

	for (unsigned bit = 0; !err && bit < TILE_HEIGHT * TILE_LEVELS; bit++) {
		unsigned level = bit / TILE_HEIGHT;
		unsigned row = bit % TILE_HEIGHT;

		if (!(size >> bit & 1)) {
			continue;
		}
		uint64_t position = (size >> bit) - 1;
		const struct tile *tile = level == 0 ? lowest : &growth->levels[level];
		const struct merkle_hash *node = tile_node(tile, row,
			(unsigned)(position & ((1U << (TILE_HEIGHT - row)) - 1)));

		if (!node) {
			return RG_E_FORMAT;
		}
		if (is_begun) {
			err = merkle_node(node, ret_head, ret_head);
		} else {
			*ret_head = *node;
		}
		is_begun = true;
	}
	return err;
}

rg_err growth_head(const struct growth *growth, struct merkle_hash *ret_head)
{
	return head_of(growth, &growth->levels[0], growth->size, ret_head);
}

rg_err growth_head_within(const struct growth *growth, const struct tile *tile, uint64_t size,
	struct merkle_hash *ret_head)
{
	return head_of(growth, tile, size, ret_head);
}

void growth_write(const struct growth *growth, struct buf *out)
{
	buf_add_u64(out, growth->size);
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		buf_add_u16(out, (uint16_t)growth->levels[level].width);
		buf_add_bytes(out, tile_bytes(&growth->levels[level]));
	}
}

bool growth_read(struct rg_bytes bytes, struct growth *ret_growth)
{
	struct cursor cursor = cursor_of(bytes);

	growth_init(ret_growth);
	ret_growth->size = cursor_u64(&cursor);
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		unsigned width = cursor_u16(&cursor);
		struct rg_bytes hashes = cursor_bytes(&cursor, (size_t)width * MERKLE_HASH_LEN);
		unsigned expected =
			(unsigned)(ret_growth->size >> (TILE_HEIGHT * level)) % TILE_WIDTH;

		if (cursor.is_bad || width != expected ||
			tile_read(hashes.data, width, &ret_growth->levels[level])) {
			return false;
		}
	}
	return cursor_is_done(&cursor);
}
