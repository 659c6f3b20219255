#ifndef SIGN_BATCH_H
#define SIGN_BATCH_H

/*
 * The small tree over headers that are signed together (proto/README.md, section 4)
 *
 * Leaves and nodes as in RFC 6962, section 2.1. A path lists the siblings from the
 * leaf's own upwards; where a node has none it moves up unchanged and the path has
 * no element.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/merkle.h"
#include "base/scoped.h"

struct batch;

/* Hashes n headers (at least 1) into a tree. */
RG_MUST_USE rg_err batch_new(const struct rg_bytes *headers, size_t n_headers,
	struct batch **ret_batch);
void batch_free(struct batch *batch);
SCOPED_DEFINE(struct batch, batch_free);
const struct merkle_hash *batch_root(const struct batch *batch); /* borrowed */
/* Appends the path of one header. */
void batch_path(const struct batch *batch, size_t index, struct buf *out);

/* Bytes of the path of this index in a tree of this size; index < size. */
size_t batch_path_len(uint32_t index, uint32_t size);
/* The root that a leaf and its path lead to; path has exactly batch_path_len() bytes. */
RG_MUST_USE rg_err batch_root_of(const struct merkle_hash *leaf, uint32_t index, uint32_t size,
	struct rg_bytes path, struct merkle_hash *ret_root);

#endif
