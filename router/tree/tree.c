/*
 * The log's Merkle tree: see tree.h
 *
 * One partial tile a level is the right edge; a tile that is full goes to the store and
 * its root into the level above. The frontier gives the head.
 * Threads: owned by the core thread.
 */

#include <assert.h>
#include <stdlib.h>

#include "tree/frontier.h"
#include "tree/store.h"
#include "tree/tree.h"

struct tree {
	struct tree_frontier frontier;
	struct tree_store *store;
	struct tile edge[TILE_LEVELS]; /* the tile being filled */
	uint64_t n_full[TILE_LEVELS];  /* full tiles = number of the edge */
};

rg_err tree_open(const char *path, struct tree **ret_tree)
{
	scoped(tree_closep) struct tree *tree = calloc(1, sizeof(*tree));

	if (!tree) {
		return RG_E_NOMEM;
	}
	rg_err err = tree_store_open(path, &tree->store);

	if (!err) {
		*ret_tree = steal(tree);
	}
	return err;
}

void tree_close(struct tree *tree)
{
	if (tree) {
		tree_store_close(tree->store);
		free(tree);
	}
}

rg_err tree_stored_size(const char *path, uint64_t *ret_size)
{
	uint64_t n_tiles;
	rg_err err = tree_store_count(path, &n_tiles);

	if (!err) {
		*ret_size = n_tiles * TILE_WIDTH;
	}
	return err;
}

/* Puts the full edge of a level away; ret_root goes into the level above. */
static rg_err put_away(struct tree *tree, unsigned level, struct merkle_hash *ret_root)
{
	struct tile *edge = &tree->edge[level];
	rg_err err = tree_store_put(tree->store, level, tree->n_full[level], edge);

	if (!err) {
		*ret_root = *tile_node(edge, TILE_HEIGHT, 0);
		edge->width = 0;
		tree->n_full[level]++;
	}
	return err;
}

rg_err tree_append(struct tree *tree, const struct merkle_hash *leaf)
{
	struct merkle_hash hash = *leaf;
	rg_err err = tree_frontier_append(&tree->frontier, leaf);

	for (unsigned level = 0; !err && level < TILE_LEVELS; level++) {
		err = tile_add(&tree->edge[level], &hash);
		if (err || tree->edge[level].width < TILE_WIDTH) {
			break;
		}
		err = put_away(tree, level, &hash);
	}
	return err;
}

uint64_t tree_size(const struct tree *tree)
{
	return tree->frontier.size;
}

rg_err tree_head(const struct tree *tree, struct merkle_hash *ret_head)
{
	return tree_frontier_head(&tree->frontier, ret_head);
}

/* The tile with this number if it is there in part or whole. */
static rg_err get_tile(struct tree *tree, unsigned level, uint64_t number,
	const struct tile **ret_tile)
{
	if (level >= TILE_LEVELS || number > tree->n_full[level]) {
		return RG_E_OVERFLOW;
	}
	if (number == tree->n_full[level]) {
		*ret_tile = &tree->edge[level];
		return RG_OK;
	}
	return tree_store_get(tree->store, level, number, ret_tile);
}

static rg_err get_node(void *context, unsigned level, uint64_t position,
	struct merkle_hash *ret_hash)
{
	struct tree *tree = context;
	unsigned row = level % TILE_HEIGHT;
	uint64_t in_row = TILE_WIDTH >> row; /* nodes of this row in a tile */
	const struct tile *tile = NULL;
	rg_err err = get_tile(tree, level / TILE_HEIGHT, position / in_row, &tile);

	if (err) {
		return err;
	}
	const struct merkle_hash *node = tile_node(tile, row, (unsigned)(position % in_row));

	if (!node) {
		return RG_E_OVERFLOW;
	}
	*ret_hash = *node;
	return RG_OK;
}

struct proof_source tree_source(struct tree *tree)
{
	return (struct proof_source){.node = get_node, .context = tree};
}

rg_err tree_leaf(struct tree *tree, uint64_t index, struct merkle_hash *ret_leaf)
{
	return get_node(tree, 0, index, ret_leaf);
}

rg_err tree_checkpoint(struct tree *tree, const char *origin, const struct key *log_key,
	struct buf *out)
{
	struct note_checkpoint checkpoint = {.size = tree_size(tree)};
	rg_err err = tree_head(tree, &checkpoint.root);
	size_t len = 0;

	for (; !err && origin[len] != '\0'; len++) {
		if (len >= NOTE_NAME_MAX) {
			return RG_E_OVERFLOW;
		}
		checkpoint.origin[len] = origin[len];
	}
	return err ? err : note_checkpoint_sign(&checkpoint, log_key, out);
}

rg_err tree_tile(struct tree *tree, unsigned level, uint64_t number, unsigned width,
	struct buf *out)
{
	const struct tile *tile = NULL;

	assert(width >= 1 && width <= TILE_WIDTH);
	rg_err err = get_tile(tree, level, number, &tile);

	if (err || tile->width < width) {
		return err ? err : RG_E_OVERFLOW;
	}
	buf_add(out, tile_bytes(tile).data, (size_t)width * MERKLE_HASH_LEN);
	return buf_error(out);
}

rg_err tree_edge(const struct tree *tree, struct buf *out)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		buf_add_bytes(out, tile_bytes(&tree->edge[level]));
	}
	return buf_error(out);
}
