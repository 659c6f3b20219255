/*
 * Tiles and entry bundles: see tile.h
 *
 * Source: https://c2sp.org/tlog-tiles
 * Threads: any; a tile has one owner.
 */

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "evidence/tile.h"

#define GROUPS_MAX 7 /* of three digits: 2^64 has 20 */

/* --- Names ---------------------------------------------------------------------------------- */

/* Appends to a name that has room: every caller's name fits into TILE_NAME_MAX. */
static void print_number(char name[TILE_NAME_MAX], uint64_t number, unsigned width)
{
	unsigned groups[GROUPS_MAX];
	size_t n_groups = 0;
	size_t len = strlen(name);

	do {
		groups[n_groups++] = (unsigned)(number % 1000);
		number /= 1000;
	} while (number > 0 && n_groups < GROUPS_MAX);
	while (n_groups > 0) {
		n_groups--;
		(void)snprintf(name + len, TILE_NAME_MAX - len, n_groups > 0 ? "/x%03u" : "/%03u",
			groups[n_groups]);
		len = strlen(name);
	}
	if (width < TILE_WIDTH) {
		(void)snprintf(name + len, TILE_NAME_MAX - len, ".p/%u", width);
	}
}

void tile_name(unsigned level, uint64_t number, unsigned width, char ret_name[TILE_NAME_MAX])
{
	assert(level < TILE_LEVELS && width >= 1 && width <= TILE_WIDTH);
	(void)snprintf(ret_name, TILE_NAME_MAX, "tile/%u", level);
	print_number(ret_name, number, width);
}

void tile_bundle_name(uint64_t number, unsigned width, char ret_name[TILE_NAME_MAX])
{
	assert(width >= 1 && width <= TILE_WIDTH);
	(void)snprintf(ret_name, TILE_NAME_MAX, "tile/entries");
	print_number(ret_name, number, width);
}

void tile_leaf_name(uint64_t index, char ret_name[TILE_NAME_MAX])
{
	(void)snprintf(ret_name, TILE_NAME_MAX, "leaf");
	print_number(ret_name, index, TILE_WIDTH);
}

unsigned tile_width(unsigned level, uint64_t number, uint64_t size)
{
	assert(level < TILE_LEVELS);
	uint64_t n_hashes = size >> (level * TILE_HEIGHT);

	if (number < n_hashes / TILE_WIDTH) {
		return TILE_WIDTH;
	}
	return number == n_hashes / TILE_WIDTH ? (unsigned)(n_hashes % TILE_WIDTH) : 0;
}

/* --- Hashes --------------------------------------------------------------------------------- */

/* Where a row begins: rows have 256, 128 … 1 nodes. */
static unsigned begin_of(unsigned row)
{
	return 2 * TILE_WIDTH - (2 * TILE_WIDTH >> row);
}

rg_err tile_add(struct tile *tile, const struct merkle_hash *hash)
{
	unsigned position = tile->width;

	assert(position < TILE_WIDTH);
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

const struct merkle_hash *tile_node(const struct tile *tile, unsigned row, unsigned position)
{
	if (row > TILE_HEIGHT || position >= TILE_WIDTH || (position + 1) << row > tile->width) {
		return NULL;
	}
	return &tile->nodes[begin_of(row) + position];
}

struct rg_bytes tile_bytes(const struct tile *tile)
{
	return (struct rg_bytes){
		.data = tile->nodes[0].bytes,
		.len = (size_t)tile->width * MERKLE_HASH_LEN,
	};
}

rg_err tile_read(const uint8_t *bytes, unsigned width, struct tile *ret_tile)
{
	ret_tile->width = 0;
	for (unsigned i = 0; i < width; i++) {
		struct merkle_hash hash;

		memcpy(hash.bytes, bytes + (size_t)i * MERKLE_HASH_LEN, MERKLE_HASH_LEN);
		rg_err err = tile_add(ret_tile, &hash);

		if (err) {
			return err;
		}
	}
	return RG_OK;
}

/* --- Entry bundles -------------------------------------------------------------------------- */

void tile_bundle_add(struct buf *bundle, struct rg_bytes entry)
{
	assert(entry.len <= TILE_ENTRY_MAX);
	buf_add_u16(bundle, (uint16_t)entry.len);
	buf_add_bytes(bundle, entry);
}

bool tile_bundle_read(struct rg_bytes bundle, unsigned width,
	struct rg_bytes ret_entries[TILE_WIDTH])
{
	struct cursor cursor = cursor_of(bundle);

	assert(width >= 1 && width <= TILE_WIDTH);
	for (unsigned i = 0; i < width; i++) {
		uint16_t len = cursor_u16(&cursor);

		ret_entries[i] = cursor_bytes(&cursor, len);
	}
	return cursor_is_done(&cursor);
}
