#ifndef EVIDENCE_TILE_H
#define EVIDENCE_TILE_H

/*
 * Tiles and entry bundles: how a log lies in files (C2SP tlog-tiles)
 *
 *     tile/<level>/<number>             256 neighbouring hashes of one level
 *     tile/<level>/<number>.p/<width>   the first 1 to 255 of them: a partial tile
 *     tile/entries/<number>[.p/<width>] the leaves of a tile of level 0, each after its length
 *     leaf/<index>                      one leaf, in a party's view (published.h)
 *
 * Level L holds the hashes of the full subtrees of 256^L leaves. A number is written in
 * groups of three digits, all but the last with an x before: 1234067 is x001/x234/067.
 * So no name of a file is that of a folder.
 *
 * struct tile keeps the nodes above its hashes too, computed as hashes are added, once
 * each. It holds no pointers: it may be copied as it is.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/merkle.h"

#define TILE_HEIGHT 8
#define TILE_WIDTH  256u
#define TILE_BYTES  (TILE_WIDTH * MERKLE_HASH_LEN)
#define TILE_LEVELS 8 /* enough for 2^64 leaves */
/* The longest name, with its NUL. */
#define TILE_NAME_MAX  64
#define TILE_ENTRY_MAX 65535
/* The longest bundle in bytes. */
#define TILE_BUNDLE_MAX (TILE_WIDTH * (2u + TILE_ENTRY_MAX))

/* --- Names, relative to the log's folder ----------------------------------------------------- */

/* level below TILE_LEVELS; width 1 to TILE_WIDTH, which is the full tile. */
void tile_name(unsigned level, uint64_t number, unsigned width, char ret_name[TILE_NAME_MAX]);
void tile_bundle_name(uint64_t number, unsigned width, char ret_name[TILE_NAME_MAX]);
void tile_leaf_name(uint64_t index, char ret_name[TILE_NAME_MAX]);
/* How many hashes of this tile a tree of `size` leaves has: 0 (no such tile) to TILE_WIDTH. */
unsigned tile_width(unsigned level, uint64_t number, uint64_t size);

/* --- Hashes ---------------------------------------------------------------------------------- */

struct tile {
	unsigned width;                               /* hashes added so far */
	struct merkle_hash nodes[2 * TILE_WIDTH - 1]; /* row after row, the hashes first */
};

/* Adds the next hash; the tile is not full. */
RG_MUST_USE rg_err tile_add(struct tile *tile, const struct merkle_hash *hash);
/* Node of row 0 (the hashes) to 8 (the root of a full tile); NULL: not complete yet. Borrowed. */
const struct merkle_hash *tile_node(const struct tile *tile, unsigned row, unsigned position);
/* The hashes as they lie in a file: width * 32 bytes. */
struct rg_bytes tile_bytes(const struct tile *tile);
/* The hashes alone, as a file has them: for whoever asks for no node above them. */
struct tile_hashes {
	unsigned width;
	struct merkle_hash items[TILE_WIDTH];
};

/* A tile from its file's bytes, which are width * 32. */
RG_MUST_USE rg_err tile_read(const uint8_t *bytes, unsigned width, struct tile *ret_tile);

/* --- Entry bundles --------------------------------------------------------------------------- */

/* Appends uint16 length ‖ entry; the entry has at most TILE_ENTRY_MAX bytes. */
void tile_bundle_add(struct buf *bundle, struct rg_bytes entry);
/*
 * Takes a bundle of exactly `width` entries apart (1 to TILE_WIDTH); ret_entries view it.
 * False: the lengths do not add up. What an entry holds is not looked at.
 */
bool tile_bundle_read(struct rg_bytes bundle, unsigned width,
	struct rg_bytes ret_entries[TILE_WIDTH]);

#endif
