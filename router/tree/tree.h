#ifndef TREE_TREE_H
#define TREE_TREE_H

/*
 * The log's Merkle tree: frontier, hash tiles, checkpoints
 *
 * Full tiles (256 hashes, 8,192 bytes) lie in files as C2SP tlog-tiles lays them out,
 * `tile/<level>/<number>`, e.g. tile/0/x001/234. They are a copy of what the journal
 * says: at a start every leaf is appended again, a tile that differs or is missing is
 * written again, and logged. So a tile is replaced atomically but not synced. Rightmost
 * partial tiles stay in memory, and so do full ones that a full disk does not take yet.
 *
 * Only durable records may be appended: a tile on the disk claims that they exist.
 *
 * Threads: owned by the core thread; not locked.
 */

#include <stdint.h>

#include <rivergate/error.h>

#include "base/buf.h"
#include "base/merkle.h"
#include "base/scoped.h"
#include "evidence/proof.h"
#include "sign/key.h"

struct tree;

/*
 * path: folder that holds tile/, created when missing; NULL: all tiles in memory (simulator).
 * The tree begins empty.
 */
RG_MUST_USE rg_err tree_open(const char *path, struct tree **ret_tree);
void tree_close(struct tree *tree);
SCOPED_DEFINE(struct tree, tree_close);

/*
 * Largest size that the full level-0 tiles below path claim; 0: none. For the high-water mark,
 * before the journal is opened.
 */
RG_MUST_USE rg_err tree_stored_size(const char *path, uint64_t *ret_size);

RG_MUST_USE rg_err tree_append(struct tree *tree, const struct merkle_hash *leaf);
uint64_t tree_size(const struct tree *tree);
RG_MUST_USE rg_err tree_head(const struct tree *tree, struct merkle_hash *ret_head);
/* Hash of one leaf. RG_E_OVERFLOW: not there yet. */
RG_MUST_USE rg_err tree_leaf(struct tree *tree, uint64_t index, struct merkle_hash *ret_leaf);
/* Signs the present head as a checkpoint note of this origin; appends it to out. */
RG_MUST_USE rg_err tree_checkpoint(struct tree *tree, const char *origin, const struct key *log_key,
	struct buf *out);
/* Gives proofs over the tree as it is when they are asked for, at any size up to its own. */
struct proof_source tree_source(struct tree *tree);

/*
 * Bytes of a tile: width 1 to 256, of which fewer than 256 is a partial tile (a prefix
 * of what it will be). Appends width * 32 bytes. RG_E_OVERFLOW: not that many hashes yet.
 */
RG_MUST_USE rg_err tree_tile(struct tree *tree, unsigned level, uint64_t number, unsigned width,
	struct buf *out);

/* Appends the hashes of all partial tiles of the tree as it is, level after level. */
RG_MUST_USE rg_err tree_edge(const struct tree *tree, struct buf *out);

#endif
