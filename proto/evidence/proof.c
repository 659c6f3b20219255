/*
 * Proofs: see proof.h
 *
 * Making: the tree is split as RFC 6962 says, at the largest power of two below the
 * size; a subtree that is not full is put together from full ones, which the source has.
 * Checking: inclusion and consistency by the algorithms of RFC 9162 (2.1.3.2, 2.1.4.2),
 * ranges by range.h.
 * Threads: any; nothing is shared.
 */

#include <assert.h>
#include <string.h>

#include "evidence/proof.h"
#include "evidence/range.h"

/* --- Making --------------------------------------------------------------------------------- */

/* Leaves begin .. end - 1: one node of RFC 6962's tree. */
struct span {
	uint64_t begin;
	uint64_t end;
};

/* The largest power of two below n; n is at least 2. */
static uint64_t split_of(uint64_t n)
{
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/* The hash of a span: full subtrees, one for each 1 bit of its length, joined from the right. */
static rg_err hash_span(const struct proof_source *source, struct span span,
	struct merkle_hash *ret_hash)
{
	uint64_t left = span.end - span.begin;
	struct merkle_hash hash = {{0}};
	bool is_first = true;

	while (left > 0) {
		unsigned level = (unsigned)__builtin_ctzll(left);
		struct merkle_hash node;

		left &= left - 1;
		rg_err err =
			source->node(source->context, level, (span.begin + left) >> level, &node);
		if (!err && !is_first) {
			err = merkle_node(&node, &hash, &node);
		}
		if (err) {
			return err;
		}
		hash = node;
		is_first = false;
	}
	*ret_hash = hash;
	return RG_OK;
}

rg_err proof_head(const struct proof_source *source, uint64_t size, struct merkle_hash *ret_head)
{
	if (size == 0) {
		return merkle_empty(ret_head);
	}
	return hash_span(source, (struct span){0, size}, ret_head);
}

static rg_err add_span(const struct proof_source *source, struct span span, struct proof_path *path)
{
	assert(path->n_nodes < PROOF_OUTER_MAX);
	return hash_span(source, span, &path->nodes[path->n_nodes++]);
}

/* Walks from the root towards the range; at most two branches of 64 levels are followed. */
static rg_err add_outer(const struct proof_source *source, struct span range, struct span span,
	struct proof_path *path)
{
	if (span.end <= range.begin || span.begin >= range.end) {
		return add_span(source, span, path);
	}
	if (span.begin >= range.begin && span.end <= range.end) {
		return RG_OK;
	}
	uint64_t middle = span.begin + split_of(span.end - span.begin);
	rg_err err = add_outer(source, range, (struct span){span.begin, middle}, path);

	return err ? err : add_outer(source, range, (struct span){middle, span.end}, path);
}

rg_err proof_range(const struct proof_source *source, uint64_t first, uint64_t last, uint64_t size,
	struct proof_path *ret_outer)
{
	assert(first <= last && last < size);
	ret_outer->n_nodes = 0;
	return add_outer(source, (struct span){first, last + 1}, (struct span){0, size}, ret_outer);
}

static void reverse(struct proof_path *path)
{
	for (size_t i = 0; i < path->n_nodes / 2; i++) {
		struct merkle_hash *other = &path->nodes[path->n_nodes - 1 - i];
		struct merkle_hash swap = path->nodes[i];

		path->nodes[i] = *other;
		*other = swap;
	}
}

/*
 * Descends to the span in which wanted ends, adding what is left aside; then turns the path round.
 */
rg_err proof_inclusion(const struct proof_source *source, uint64_t index, uint64_t size,
	struct proof_path *ret_path)
{
	struct span span = {0, size};

	assert(index < size);
	ret_path->n_nodes = 0;
	while (span.end - span.begin > 1) {
		uint64_t middle = span.begin + split_of(span.end - span.begin);
		struct span left = {span.begin, middle};
		struct span right = {middle, span.end};
		rg_err err = add_span(source, index < middle ? right : left, ret_path);

		if (err) {
			return err;
		}
		span = index < middle ? left : right;
	}
	reverse(ret_path);
	return RG_OK;
}

/* SUBPROOF of RFC 6962, section 2.1.2, with the recursion turned into a descent. */
rg_err proof_consistency(const struct proof_source *source, uint64_t old_size, uint64_t new_size,
	struct proof_path *ret_path)
{
	struct span span = {0, new_size};

	assert(old_size <= new_size);
	ret_path->n_nodes = 0;
	if (old_size == 0 || old_size == new_size) {
		return RG_OK;
	}
	while (span.end != old_size) {
		uint64_t middle = span.begin + split_of(span.end - span.begin);
		struct span left = {span.begin, middle};
		struct span right = {middle, span.end};
		rg_err err = add_span(source, old_size <= middle ? right : left, ret_path);

		if (err) {
			return err;
		}
		span = old_size <= middle ? left : right;
	}
	/* The old tree's own root needs no proof; a subtree of it does. */
	if (span.begin > 0) {
		rg_err err = add_span(source, span, ret_path);

		if (err) {
			return err;
		}
	}
	reverse(ret_path);
	return RG_OK;
}

/* --- Checking ------------------------------------------------------------------------------- */

rg_err proof_range_head(const struct proof_claim *claim, struct merkle_hash *ret_head,
	bool *ret_is_valid)
{
	scoped(range_freep) struct range *range = NULL;
	rg_err err = range_new(claim, &range);

	if (err) {
		return err;
	}
	if (range) {
		*ret_head = range_head(range);
	}
	*ret_is_valid = range;
	return RG_OK;
}

rg_err proof_range_path(const struct proof_claim *claim, uint64_t index,
	struct proof_path *ret_path)
{
	scoped(range_freep) struct range *range = NULL;
	rg_err err = range_new(claim, &range);

	if (err) {
		return err;
	}
	return range && range_path(range, index, ret_path) ? RG_OK : RG_E_FORMAT;
}

/* Where a leaf and the last leaf stand on the way up. */
struct climb {
	uint64_t at;
	uint64_t last;
};

/* Past the levels at which the node, rightmost and unpaired, is its own parent. */
static void skip_unpaired(struct climb *climb)
{
	while ((climb->at & 1) == 0 && climb->at != 0) {
		climb->at >>= 1;
		climb->last >>= 1;
	}
}

rg_err proof_inclusion_head(const struct merkle_hash *leaf, uint64_t index, uint64_t size,
	const struct proof_path *path, struct merkle_hash *ret_head, bool *ret_is_valid)
{
	struct climb climb = {index, size - 1};
	struct merkle_hash head = *leaf;

	*ret_is_valid = false;
	if (index >= size || path->n_nodes > PROOF_PATH_MAX) {
		return RG_OK;
	}
	for (size_t i = 0; i < path->n_nodes; i++) {
		const struct merkle_hash *node = &path->nodes[i];
		bool is_left = climb.at & 1 || climb.at == climb.last;

		if (climb.last == 0) {
			return RG_OK;
		}
		rg_err err =
			is_left ? merkle_node(node, &head, &head) : merkle_node(&head, node, &head);
		if (err) {
			return err;
		}
		if (is_left) {
			skip_unpaired(&climb);
		}
		climb.at >>= 1;
		climb.last >>= 1;
	}
	if (climb.last == 0) {
		*ret_head = head;
		*ret_is_valid = true;
	}
	return RG_OK;
}

/* The two heads that a consistency path leads to. */
struct heads {
	struct merkle_hash old_head;
	struct merkle_hash new_head;
};

/* One node of the path: on the left it belongs to both trees, on the right to the new one. */
static rg_err fold_node(struct heads *heads, struct climb *climb, const struct merkle_hash *node)
{
	rg_err err;

	if (climb->at & 1 || climb->at == climb->last) {
		err = merkle_node(node, &heads->old_head, &heads->old_head);
		if (!err) {
			err = merkle_node(node, &heads->new_head, &heads->new_head);
		}
		skip_unpaired(climb);
	} else {
		err = merkle_node(&heads->new_head, node, &heads->new_head);
	}
	climb->at >>= 1;
	climb->last >>= 1;
	return err;
}

static bool is_same(const struct merkle_hash *a, const struct merkle_hash *b)
{
	return memcmp(a->bytes, b->bytes, MERKLE_HASH_LEN) == 0;
}

/* Sizes 0 < old < new. heads->old_head is given where the path leaves it out. */
static rg_err fold_path(uint64_t old_size, uint64_t new_size, const struct proof_path *path,
	struct heads *heads, bool *ret_fits)
{
	struct climb climb = {old_size - 1, new_size - 1};
	bool is_full = (old_size & (old_size - 1)) == 0;
	size_t next = is_full ? 0 : 1;

	*ret_fits = false;
	if (path->n_nodes == 0 || path->n_nodes > PROOF_OUTER_MAX) {
		return RG_OK;
	}
	if (!is_full) {
		heads->old_head = path->nodes[0];
	}
	heads->new_head = heads->old_head;
	while (climb.at & 1) {
		climb.at >>= 1;
		climb.last >>= 1;
	}
	for (; next < path->n_nodes; next++) {
		if (climb.last == 0) {
			return RG_OK;
		}
		rg_err err = fold_node(heads, &climb, &path->nodes[next]);
		if (err) {
			return err;
		}
	}
	*ret_fits = climb.last == 0;
	return RG_OK;
}

/* Sizes 0 < old < new. */
static rg_err check_growth(const struct proof_tree *old_tree, const struct proof_tree *new_tree,
	const struct proof_path *path, bool *ret_is_valid)
{
	/* The root of an old tree of a power of two is left out of the path. */
	struct heads heads = {.old_head = old_tree->root};
	bool fits = false;
	rg_err err = fold_path(old_tree->size, new_tree->size, path, &heads, &fits);

	*ret_is_valid = !err && fits && is_same(&heads.old_head, &old_tree->root) &&
		is_same(&heads.new_head, &new_tree->root);
	return err;
}

rg_err proof_consistency_origin(uint64_t old_size, const struct proof_tree *new_tree,
	const struct proof_path *path, struct merkle_hash *ret_old_root, bool *ret_leads)
{
	struct heads heads = {.old_head = {{0}}};
	bool fits = false;

	*ret_leads = false;
	if ((old_size & (old_size - 1)) == 0 || old_size >= new_tree->size) {
		return RG_OK;
	}
	rg_err err = fold_path(old_size, new_tree->size, path, &heads, &fits);

	if (!err && fits && is_same(&heads.new_head, &new_tree->root)) {
		*ret_old_root = heads.old_head;
		*ret_leads = true;
	}
	return err;
}

rg_err proof_consistency_check(const struct proof_tree *old_tree, const struct proof_tree *new_tree,
	const struct proof_path *path, bool *ret_is_valid)
{
	struct merkle_hash empty;

	*ret_is_valid = false;
	if (old_tree->size > new_tree->size) {
		return RG_OK;
	}
	if (old_tree->size > 0 && old_tree->size < new_tree->size) {
		return check_growth(old_tree, new_tree, path, ret_is_valid);
	}
	if (old_tree->size == new_tree->size) {
		*ret_is_valid = path->n_nodes == 0 && is_same(&old_tree->root, &new_tree->root);
		return RG_OK;
	}
	rg_err err = merkle_empty(&empty);
	if (!err) {
		*ret_is_valid = path->n_nodes == 0 && is_same(&old_tree->root, &empty);
	}
	return err;
}
