#ifndef TREE_TILING_H
#define TREE_TILING_H

/*
 * All tiles and entry bundles of a log, made from its leaves in one pass
 *
 * For whoever compares a log with its files or copies it: leaves go in, in order; each file
 * of the log (C2SP tlog-tiles, evidence/tile.h) is given away when it is complete, and the
 * partial ones of the present size when they are asked for. Memory: 8 tiles and a bundle.
 *
 * Threads: one owner.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/merkle.h"
#include "base/scoped.h"

struct tree_tiling;

struct tree_tiling_sink {
	/* name is relative to the log's folder; both live for the call. A fault ends the pass. */
	rg_err (*take)(void *context, const char *name, struct rg_bytes content, bool is_full);
	void *context;
};

/* NULL: no memory. The sink is copied. */
struct tree_tiling *tree_tiling_new(const struct tree_tiling_sink *sink);
void tree_tiling_free(struct tree_tiling *tiling);
SCOPED_DEFINE(struct tree_tiling, tree_tiling_free);

RG_MUST_USE rg_err tree_tiling_add(struct tree_tiling *tiling, struct rg_bytes leaf);
/* Gives the partial tiles and the partial bundle of the present size; goes on afterwards. */
RG_MUST_USE rg_err tree_tiling_partial(struct tree_tiling *tiling);
uint64_t tree_tiling_size(const struct tree_tiling *tiling);
RG_MUST_USE rg_err tree_tiling_head(const struct tree_tiling *tiling, struct merkle_hash *ret_head);

#endif
