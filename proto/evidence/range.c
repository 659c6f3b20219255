/*
 * Nodes over a proved range: see range.h
 *
 * Level l of a tree of `size` leaves holds the nodes over leaves p << l up to
 * min((p + 1) << l, size); a node without right sibling is its parent unchanged, which
 * is what RFC 6962's split at the largest power of two amounts to. The range covers
 * positions first >> l to last >> l of each level; siblings beyond them are outer
 * hashes, on the left from the outside in, on the right from the inside out.
 * Threads: immutable after range_new().
 */

#include <stdlib.h>

#include "evidence/range.h"

#define LEVELS 65

/* One level: nodes over the range, and the outer hash on each side where there is one. */
struct level {
	size_t offset; /* of its first node in nodes */
	const struct merkle_hash *left;
	const struct merkle_hash *right;
};

struct range {
	uint64_t first;
	uint64_t last;
	uint64_t size;
	unsigned height; /* level of the root */
	struct level levels[LEVELS];
	struct proof_path outer;
	struct merkle_hash nodes[];
};

/*
 * Where the node over this leaf stands in a level;
 * the root of more than 2^63 leaves is in level 64.
 */
static uint64_t position_of(uint64_t index, unsigned level)
{
	return level < 64 ? index >> level : 0;
}

static uint64_t n_at(const struct proof_claim *claim, unsigned level)
{
	return position_of(claim->last, level) - position_of(claim->first, level) + 1;
}

static unsigned height_of(uint64_t size)
{
	return size > 1 ? 64 - (unsigned)__builtin_clzll(size - 1) : 0;
}

/* A left sibling is needed wherever the lowest position is odd. */
static bool has_left(const struct range *range, unsigned level)
{
	return range->first >> level & 1;
}

/* A right sibling is needed where the highest position is even, if the tree reaches that far. */
static bool has_right(const struct range *range, unsigned level)
{
	uint64_t last = range->last >> level;

	return (last & 1) == 0 && last < (range->size - 1) >> level;
}

/* Gives each level its outer hashes. False: there are more or fewer than needed. */
static bool place_outer(struct range *range)
{
	size_t n_left = 0;
	size_t next_right;

	for (unsigned level = 0; level < range->height; level++) {
		n_left += has_left(range, level);
	}
	next_right = n_left;
	for (unsigned level = 0; level < range->height; level++) {
		if (has_left(range, level)) {
			n_left--;
			range->levels[level].left = &range->outer.nodes[n_left];
		}
		if (has_right(range, level)) {
			range->levels[level].right = next_right < PROOF_OUTER_MAX
				? &range->outer.nodes[next_right]
				: NULL;
			next_right++;
		}
	}
	return next_right == range->outer.n_nodes;
}

/* Hashes one level into the next. */
static rg_err build(struct range *range, unsigned level)
{
	const struct level *below = &range->levels[level];
	const struct merkle_hash *node = &range->nodes[below->offset];
	struct merkle_hash *parent = &range->nodes[range->levels[level + 1].offset];
	uint64_t last = range->last >> level;
	uint64_t at = range->first >> level;
	rg_err err;

	if (below->left) {
		err = merkle_node(below->left, node++, parent++);
		if (err) {
			return err;
		}
		at++;
	}
	for (; at < last; at += 2, node += 2) {
		err = merkle_node(node, node + 1, parent++);
		if (err) {
			return err;
		}
	}
	if (at > last) {
		return RG_OK;
	}
	if (below->right) {
		return merkle_node(node, below->right, parent);
	}
	*parent = *node;
	return RG_OK;
}

/* False: the numbers do not fit, or the range would not fit into memory. */
static bool count_nodes(const struct proof_claim *claim, size_t *ret_n_nodes)
{
	uint64_t n_nodes = 0;

	if (claim->first > claim->last || claim->last >= claim->size ||
		claim->outer->n_nodes > PROOF_OUTER_MAX ||
		claim->last - claim->first > SIZE_MAX / sizeof(struct merkle_hash) / 4) {
		return false;
	}
	for (unsigned level = 0; level <= height_of(claim->size); level++) {
		n_nodes += n_at(claim, level);
	}
	*ret_n_nodes = (size_t)n_nodes;
	return true;
}

static void fill(struct range *range, const struct proof_claim *claim)
{
	size_t offset = 0;

	range->first = claim->first;
	range->last = claim->last;
	range->size = claim->size;
	range->height = height_of(claim->size);
	range->outer = *claim->outer;
	for (unsigned level = 0; level <= range->height; level++) {
		range->levels[level].offset = offset;
		offset += (size_t)n_at(claim, level);
	}
	for (size_t i = 0; i < n_at(claim, 0); i++) {
		range->nodes[i] = claim->leaves[i];
	}
}

rg_err range_new(const struct proof_claim *claim, struct range **ret_range)
{
	size_t n_nodes;

	*ret_range = NULL;
	if (!count_nodes(claim, &n_nodes)) {
		return RG_OK;
	}
	scoped(range_freep) struct range *range =
		calloc(1, sizeof(*range) + n_nodes * sizeof(range->nodes[0]));
	if (!range) {
		return RG_E_NOMEM;
	}
	fill(range, claim);
	if (!place_outer(range)) {
		return RG_OK;
	}
	for (unsigned level = 0; level < range->height; level++) {
		rg_err err = build(range, level);

		if (err) {
			return err;
		}
	}
	*ret_range = steal(range);
	return RG_OK;
}

void range_free(struct range *range)
{
	free(range);
}

struct merkle_hash range_head(const struct range *range)
{
	return range->nodes[range->levels[range->height].offset];
}

/* NULL: the node has no sibling. */
static const struct merkle_hash *sibling_of(const struct range *range, unsigned level,
	uint64_t position)
{
	uint64_t sibling = position ^ 1;
	uint64_t first = range->first >> level;

	if (sibling < first) {
		return range->levels[level].left;
	}
	if (sibling > range->last >> level) {
		return range->levels[level].right;
	}
	return &range->nodes[range->levels[level].offset + (size_t)(sibling - first)];
}

bool range_path(const struct range *range, uint64_t index, struct proof_path *ret_path)
{
	if (index < range->first || index > range->last) {
		return false;
	}
	ret_path->n_nodes = 0;
	for (unsigned level = 0; level < range->height; level++) {
		const struct merkle_hash *sibling = sibling_of(range, level, index >> level);

		if (sibling) {
			ret_path->nodes[ret_path->n_nodes++] = *sibling;
		}
	}
	return true;
}
