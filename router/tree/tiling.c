/*
 * All files of a log from its leaves: see tiling.h
 *
 * Threads: one owner.
 */

#include <stdlib.h>

#include "base/buf.h"
#include "evidence/tile.h"
#include "tree/frontier.h"
#include "tree/tiling.h"

struct tree_tiling {
	struct tree_tiling_sink sink;
	struct tree_frontier frontier;
	struct tile edge[TILE_LEVELS];
	uint64_t n_full[TILE_LEVELS];
	struct buf bundle;
};

struct tree_tiling *tree_tiling_new(const struct tree_tiling_sink *sink)
{
	scoped(tree_tiling_freep) struct tree_tiling *tiling = calloc(1, sizeof(*tiling));

	if (!tiling) {
		return NULL;
	}
	tiling->sink = *sink;
	buf_init(&tiling->bundle);
	return steal(tiling);
}

void tree_tiling_free(struct tree_tiling *tiling)
{
	if (tiling) {
		buf_deinit(&tiling->bundle);
		free(tiling);
	}
}

static rg_err give_tile(struct tree_tiling *tiling, unsigned level)
{
	const struct tile *tile = &tiling->edge[level];
	char name[TILE_NAME_MAX];

	tile_name(level, tiling->n_full[level], tile->width, name);
	return tiling->sink.take(tiling->sink.context, name, tile_bytes(tile),
		tile->width == TILE_WIDTH);
}

static rg_err give_bundle(struct tree_tiling *tiling)
{
	unsigned width = tiling->edge[0].width;
	char name[TILE_NAME_MAX];

	tile_bundle_name(tiling->n_full[0], width, name);
	return tiling->sink.take(tiling->sink.context, name, buf_view(&tiling->bundle),
		width == TILE_WIDTH);
}

/* The tile of this level is full: away with it; its root goes into the level above. */
static rg_err give_full(struct tree_tiling *tiling, unsigned level, struct merkle_hash *ret_root)
{
	rg_err err = level == 0 ? give_bundle(tiling) : RG_OK;

	err = err ? err : give_tile(tiling, level);
	if (err) {
		return err;
	}
	if (level == 0) {
		buf_clear(&tiling->bundle);
	}
	*ret_root = *tile_node(&tiling->edge[level], TILE_HEIGHT, 0);
	tiling->edge[level].width = 0;
	tiling->n_full[level]++;
	return RG_OK;
}

rg_err tree_tiling_add(struct tree_tiling *tiling, struct rg_bytes leaf)
{
	struct merkle_hash hash;
	rg_err err = merkle_leaf(leaf, &hash);

	if (!err) {
		err = tree_frontier_append(&tiling->frontier, &hash);
	}
	tile_bundle_add(&tiling->bundle, leaf);
	err = err ? err : buf_error(&tiling->bundle);
	for (unsigned level = 0; !err && level < TILE_LEVELS; level++) {
		err = tile_add(&tiling->edge[level], &hash);
		if (err || tiling->edge[level].width < TILE_WIDTH) {
			break;
		}
		err = give_full(tiling, level, &hash);
	}
	return err;
}

rg_err tree_tiling_partial(struct tree_tiling *tiling)
{
	rg_err err = tiling->edge[0].width > 0 ? give_bundle(tiling) : RG_OK;

	for (unsigned level = 0; !err && level < TILE_LEVELS; level++) {
		err = tiling->edge[level].width > 0 ? give_tile(tiling, level) : RG_OK;
	}
	return err;
}

uint64_t tree_tiling_size(const struct tree_tiling *tiling)
{
	return tiling->frontier.size;
}

rg_err tree_tiling_head(const struct tree_tiling *tiling, struct merkle_hash *ret_head)
{
	return tree_frontier_head(&tiling->frontier, ret_head);
}
