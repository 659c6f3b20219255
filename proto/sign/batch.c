/*
 * Trees over headers: see batch.h
 *
 * All levels lie in one array, the leaves first. A level of n nodes is followed by
 * one of n / 2, rounded up; the node without a sibling is copied up. That is the
 * tree of RFC 6962, which splits at the largest power of two.
 * Threads: pure functions on the caller's memory; a batch is immutable once made.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sign/batch.h"

struct batch {
	size_t n_leaves;
	size_t n_nodes; /* of all levels */
	struct merkle_hash nodes[];
};

static size_t parents_of(size_t n)
{
	return (n + 1) / 2;
}

static size_t count_nodes(size_t n_leaves)
{
	size_t total = n_leaves;

	for (size_t n = n_leaves; n > 1; n = parents_of(n)) {
		total += parents_of(n);
	}
	return total;
}

/* Hashes the n nodes at level into those that follow them. */
static rg_err build_level(struct merkle_hash *level, size_t n)
{
	struct merkle_hash *above = level + n;
	rg_err err = RG_OK;

	for (size_t i = 0; i + 1 < n && !err; i += 2) {
		err = merkle_node(&level[i], &level[i + 1], &above[i / 2]);
	}
	if (n % 2) {
		above[n / 2] = level[n - 1];
	}
	return err;
}

rg_err batch_new(const struct rg_bytes *headers, size_t n_headers, struct batch **ret_batch)
{
	assert(n_headers > 0);

	size_t n_nodes = count_nodes(n_headers);
	scoped(batch_freep) struct batch *batch =
		calloc(1, sizeof(*batch) + n_nodes * sizeof(batch->nodes[0]));
	rg_err err = RG_OK;

	if (!batch) {
		return RG_E_NOMEM;
	}
	batch->n_leaves = n_headers;
	batch->n_nodes = n_nodes;
	for (size_t i = 0; i < n_headers && !err; i++) {
		err = merkle_leaf(headers[i], &batch->nodes[i]);
	}
	struct merkle_hash *level = batch->nodes;

	for (size_t n = n_headers; n > 1 && !err; n = parents_of(n)) {
		err = build_level(level, n);
		level += n;
	}
	if (!err) {
		*ret_batch = steal(batch);
	}
	return err;
}

void batch_free(struct batch *batch)
{
	free(batch);
}

const struct merkle_hash *batch_root(const struct batch *batch)
{
	return &batch->nodes[batch->n_nodes - 1];
}

void batch_path(const struct batch *batch, size_t index, struct buf *out)
{
	const struct merkle_hash *level = batch->nodes;

	for (size_t n = batch->n_leaves; n > 1; n = parents_of(n)) {
		size_t sibling = index ^ 1;

		if (sibling < n) {
			buf_add(out, level[sibling].bytes, MERKLE_HASH_LEN);
		}
		level += n;
		index /= 2;
	}
}

size_t batch_path_len(uint32_t index, uint32_t size)
{
	size_t len = 0;

	for (size_t n = size; n > 1; n = parents_of(n)) {
		len += (index ^ 1) < n ? MERKLE_HASH_LEN : 0;
		index /= 2;
	}
	return len;
}

rg_err batch_root_of(const struct merkle_hash *leaf, uint32_t index, uint32_t size,
	struct rg_bytes path, struct merkle_hash *ret_root)
{
	struct merkle_hash hash = *leaf;
	struct cursor cursor = cursor_of(path);
	rg_err err = RG_OK;

	assert(index < size && path.len == batch_path_len(index, size));
	for (size_t n = size; n > 1 && !err; n = parents_of(n)) {
		if ((index ^ 1) < n) {
			struct rg_bytes next = cursor_bytes(&cursor, MERKLE_HASH_LEN);
			struct merkle_hash sibling;

			memcpy(sibling.bytes, next.data, MERKLE_HASH_LEN);
			err = index % 2 ? merkle_node(&sibling, &hash, &hash)
					: merkle_node(&hash, &sibling, &hash);
		}
		index /= 2;
	}
	if (!err) {
		*ret_root = hash;
	}
	return err;
}
