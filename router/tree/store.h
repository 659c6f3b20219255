#ifndef TREE_STORE_H
#define TREE_STORE_H

/*
 * Full tiles: files, or memory where there is no folder
 *
 *     tile/<level>/<number>   number in groups of three digits, all but the last
 *                             with an x before: tile/0/x001/x234/067
 *
 * The last few tiles used are kept.
 */

#include <stdint.h>

#include <rivergate/error.h>

#include "base/scoped.h"
#include "evidence/tile.h"

struct tree_store;

/* path: folder of tile/; NULL: memory. */
RG_MUST_USE rg_err tree_store_open(const char *path, struct tree_store **ret_store);
void tree_store_close(struct tree_store *store);
SCOPED_DEFINE(struct tree_store, tree_store_close);
/*
 * Stores a full tile unless it is there already. Tiles of a level come in order,
 * beginning with 0 at every start. One that is there and differs is replaced and logged.
 */
RG_MUST_USE rg_err tree_store_put(struct tree_store *store, unsigned level, uint64_t number,
	const struct tile *tile);
/*
 * A tile that has been put; lives until the next call.
 * RG_E_FORMAT: its file is not what was put (logged).
 */
RG_MUST_USE rg_err tree_store_get(struct tree_store *store, unsigned level, uint64_t number,
	const struct tile **ret_tile);
/* Full tiles of level 0 that the files below path claim: the largest number + 1. */
RG_MUST_USE rg_err tree_store_count(const char *path, uint64_t *ret_n_tiles);

#endif
