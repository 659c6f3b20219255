/*
 * Proofs against a tree of its own: heads here are computed by RFC 6962's recursive
 * definition, for every size up to a limit, and every proof is also shown to fail when
 * anything in it is changed.
 */

#include <stdlib.h>
#include <string.h>

#include "evidence/proof.h"
#include "evidence/range.h"
#include "suite.h"

#define SIZE_LIMIT 35

/* Heads of the first n of eight entries: the vectors of the Certificate Transparency projects. */
static const char *const entries[] = {
	"",
	"00",
	"10",
	"2021",
	"3031",
	"40414243",
	"5051525354555657",
	"606162636465666768696a6b6c6d6e6f",
};
static const char head_of_eight[] =
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";

#define RANGE_LIMIT 20 /* there are about as many ranges as the cube of this */
#define LEVELS      6  /* of the largest tree */

static struct merkle_hash leaves[SIZE_LIMIT];
/* Full subtrees over the leaves, so that the source need not hash for each question. */
static struct merkle_hash full[LEVELS][SIZE_LIMIT];

static struct merkle_hash node_of(struct merkle_hash left, struct merkle_hash right)
{
	struct merkle_hash node;

	ck_assert_int_eq(merkle_node(&left, &right, &node), RG_OK);
	return node;
}

/* MTH(D[begin:end]) by the definition. */
static struct merkle_hash head_of(size_t begin, size_t end)
{
	size_t split = 1;

	if (end - begin == 1) {
		return leaves[begin];
	}
	while (split * 2 < end - begin) {
		split *= 2;
	}
	return node_of(head_of(begin, begin + split), head_of(begin + split, end));
}

/* To be called whenever leaves have changed. */
static void fill_nodes(void)
{
	for (size_t level = 0; level < LEVELS; level++) {
		size_t width = (size_t)1 << level;

		for (size_t i = 0; (i + 1) * width <= SIZE_LIMIT; i++) {
			full[level][i] = level == 0
				? leaves[i]
				: node_of(full[level - 1][2 * i], full[level - 1][2 * i + 1]);
		}
	}
}

/* The source answers for full subtrees of the tree whose size is the context. */
static rg_err get_node(void *context, unsigned level, uint64_t position,
	struct merkle_hash *ret_hash)
{
	const size_t *size = context;

	ck_assert_uint_le((position + 1) << level, *size);
	*ret_hash = full[level][position];
	return RG_OK;
}

static rg_err refuse_node(void *context, unsigned level, uint64_t position,
	struct merkle_hash *ret_hash)
{
	(void)context;
	(void)level;
	(void)position;
	(void)ret_hash;
	return RG_E_IO;
}

static void fill_leaves(void)
{
	for (size_t i = 0; i < SIZE_LIMIT; i++) {
		uint8_t byte = (uint8_t)i;

		ck_assert_int_eq(merkle_leaf((struct rg_bytes){&byte, 1}, &leaves[i]), RG_OK);
	}
	fill_nodes();
}

static bool is_same(const struct merkle_hash *a, const struct merkle_hash *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool leads_to(size_t index, size_t size, const struct proof_path *path,
	const struct merkle_hash *want)
{
	struct merkle_hash head;
	bool is_valid;

	ck_assert_int_eq(proof_inclusion_head(&leaves[index], index, size, path, &head, &is_valid),
		RG_OK);
	return is_valid && is_same(&head, want);
}

START_TEST(heads_match_the_reference_vectors)
{
	size_t size = 8;
	struct proof_source source = {get_node, &size};
	struct merkle_hash head;
	uint8_t raw[16];

	for (size_t i = 0; i < 8; i++) {
		size_t len = strlen(entries[i]) / 2;

		for (size_t j = 0; j < len; j++) {
			char digits[3] = {entries[i][2 * j], entries[i][2 * j + 1], 0};

			raw[j] = (uint8_t)strtoul(digits, NULL, 16);
		}
		ck_assert_int_eq(merkle_leaf((struct rg_bytes){raw, len}, &leaves[i]), RG_OK);
	}
	fill_nodes();
	ck_assert_int_eq(proof_head(&source, 8, &head), RG_OK);
	for (size_t i = 0; i < sizeof(head.bytes); i++) {
		char digits[3] = {head_of_eight[2 * i], head_of_eight[2 * i + 1], 0};

		ck_assert_uint_eq(head.bytes[i], strtoul(digits, NULL, 16));
	}
}
END_TEST

START_TEST(head_of_every_size_is_that_of_the_definition)
{
	fill_leaves();
	for (size_t size = 1; size <= SIZE_LIMIT; size++) {
		struct proof_source source = {get_node, &size};
		struct merkle_hash want = head_of(0, size);
		struct merkle_hash head;

		ck_assert_int_eq(proof_head(&source, size, &head), RG_OK);
		ck_assert(is_same(&head, &want));
	}
}
END_TEST

START_TEST(head_of_nothing_is_the_hash_of_nothing)
{
	struct proof_source source = {refuse_node, NULL};
	struct merkle_hash want;
	struct merkle_hash head;

	ck_assert_int_eq(merkle_empty(&want), RG_OK);
	ck_assert_int_eq(proof_head(&source, 0, &head), RG_OK);
	ck_assert(is_same(&head, &want));
}
END_TEST

START_TEST(fault_of_the_source_is_passed_on)
{
	struct proof_source source = {refuse_node, NULL};
	struct merkle_hash head;
	struct proof_path path;

	ck_assert_int_eq(proof_head(&source, 3, &head), RG_E_IO);
	ck_assert_int_eq(proof_inclusion(&source, 1, 3, &path), RG_E_IO);
	ck_assert_int_eq(proof_range(&source, 1, 1, 3, &path), RG_E_IO);
	ck_assert_int_eq(proof_consistency(&source, 2, 3, &path), RG_E_IO);
}
END_TEST

START_TEST(every_leaf_of_every_tree_is_included)
{
	fill_leaves();
	for (size_t size = 1; size <= SIZE_LIMIT; size++) {
		struct proof_source source = {get_node, &size};
		struct merkle_hash head = head_of(0, size);

		for (size_t index = 0; index < size; index++) {
			struct proof_path path;

			ck_assert_int_eq(proof_inclusion(&source, index, size, &path), RG_OK);
			ck_assert(leads_to(index, size, &path, &head));
		}
	}
}
END_TEST

START_TEST(inclusion_of_another_index_size_or_path_is_refused)
{
	fill_leaves();
	for (size_t size = 2; size <= SIZE_LIMIT; size++) {
		struct proof_source source = {get_node, &size};
		struct merkle_hash head = head_of(0, size);
		size_t index = size * 5 / 7;
		struct proof_path path;

		ck_assert_int_eq(proof_inclusion(&source, index, size, &path), RG_OK);
		for (size_t other = 0; other < size; other++) {
			struct merkle_hash out;
			bool is_valid;

			ck_assert_int_eq(proof_inclusion_head(&leaves[index], other, size, &path,
						 &out, &is_valid),
				RG_OK);
			ck_assert((is_valid && is_same(&out, &head)) == (other == index));
			ck_assert(other == index || !leads_to(other, size, &path, &head));
		}
		for (size_t i = 0; i < path.n_nodes; i++) {
			path.nodes[i].bytes[i % 32] ^= 1;
			ck_assert(!leads_to(index, size, &path, &head));
			path.nodes[i].bytes[i % 32] ^= 1;
		}
		path.n_nodes--;
		ck_assert(!leads_to(index, size, &path, &head));
		path.n_nodes += 2;
		ck_assert(!leads_to(index, size, &path, &head));
	}
}
END_TEST

START_TEST(index_at_or_above_the_size_is_refused)
{
	struct proof_path path = {.n_nodes = 0};
	struct merkle_hash head;
	bool is_valid = true;

	fill_leaves();
	ck_assert_int_eq(proof_inclusion_head(&leaves[0], 1, 1, &path, &head, &is_valid), RG_OK);
	ck_assert(!is_valid);
	is_valid = true;
	ck_assert_int_eq(proof_inclusion_head(&leaves[0], 0, 0, &path, &head, &is_valid), RG_OK);
	ck_assert(!is_valid);
}
END_TEST

/* --- Ranges --------------------------------------------------------------------------------- */

static bool range_leads_to(const struct proof_claim *claim, const struct merkle_hash *want)
{
	struct merkle_hash head;
	bool is_valid;

	ck_assert_int_eq(proof_range_head(claim, &head, &is_valid), RG_OK);
	return is_valid && is_same(&head, want);
}

/* All paths out of the range are those that the tree gives. */
static void check_paths(const struct proof_claim *claim, const struct proof_source *source)
{
	scoped(range_freep) struct range *range = NULL;
	struct proof_path want;
	struct proof_path path;

	ck_assert_int_eq(range_new(claim, &range), RG_OK);
	ck_assert_ptr_nonnull(range);
	for (uint64_t index = claim->first; index <= claim->last; index++) {
		ck_assert_int_eq(proof_inclusion(source, index, claim->size, &want), RG_OK);
		ck_assert(range_path(range, index, &path));
		ck_assert_uint_eq(path.n_nodes, want.n_nodes);
		ck_assert_mem_eq(path.nodes, want.nodes, want.n_nodes * sizeof(want.nodes[0]));
	}
	ck_assert(!range_path(range, claim->last + 1, &path));
	ck_assert(claim->first == 0 || !range_path(range, claim->first - 1, &path));
}

START_TEST(every_range_of_every_tree_is_proved)
{
	fill_leaves();
	for (size_t size = 1; size <= RANGE_LIMIT; size++) {
		struct proof_source source = {get_node, &size};
		struct merkle_hash head = head_of(0, size);

		for (size_t i = 0; i < size * size; i++) {
			struct proof_path outer;
			struct proof_claim claim = {i / size, i % size, size, &leaves[i / size],
				&outer};

			if (claim.first > claim.last) {
				continue;
			}
			ck_assert_int_eq(proof_range(&source, claim.first, claim.last, size,
						 &outer),
				RG_OK);
			ck_assert(range_leads_to(&claim, &head));
			check_paths(&claim, &source);
		}
	}
}
END_TEST

START_TEST(range_with_anything_changed_is_refused)
{
	size_t size = 29;
	struct proof_source source = {get_node, &size};
	struct proof_path outer;
	struct proof_claim claim = {5, 18, size, &leaves[5], &outer};

	fill_leaves();
	struct merkle_hash head = head_of(0, size);
	ck_assert_int_eq(proof_range(&source, 5, 18, size, &outer), RG_OK);
	ck_assert(range_leads_to(&claim, &head));
	for (size_t i = 0; i < outer.n_nodes; i++) {
		outer.nodes[i].bytes[0] ^= 1;
		ck_assert(!range_leads_to(&claim, &head));
		outer.nodes[i].bytes[0] ^= 1;
	}
	for (size_t i = 5; i <= 18; i++) {
		leaves[i].bytes[31] ^= 1;
		ck_assert(!range_leads_to(&claim, &head));
		leaves[i].bytes[31] ^= 1;
	}
	outer.n_nodes++;
	ck_assert(!range_leads_to(&claim, &head));
	outer.n_nodes -= 2;
	ck_assert(!range_leads_to(&claim, &head));
}
END_TEST

START_TEST(range_with_numbers_that_do_not_fit_is_refused)
{
	static const uint64_t numbers[][3] = {{1, 0, 2}, {0, 2, 2}, {0, 0, 0}, {0, UINT64_MAX, 5},
		{0, UINT64_MAX - 1, UINT64_MAX}};
	struct proof_path outer = {.n_nodes = 0};
	struct merkle_hash head;

	fill_leaves();
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct proof_claim claim = {numbers[i][0], numbers[i][1], numbers[i][2], leaves,
			&outer};
		bool is_valid = true;

		ck_assert_int_eq(proof_range_head(&claim, &head, &is_valid), RG_OK);
		ck_assert_msg(!is_valid, "row %zu", i);
	}
}
END_TEST

START_TEST(range_in_a_tree_of_the_largest_size_is_computed)
{
	struct proof_path outer = {.n_nodes = 64};
	struct proof_claim claim = {UINT64_C(1) << 63, UINT64_C(1) << 63, UINT64_MAX, leaves,
		&outer};
	struct merkle_hash head;
	struct proof_path path;
	bool is_valid;

	fill_leaves();
	memset(outer.nodes, 7, sizeof(outer.nodes));
	ck_assert_int_eq(proof_range_head(&claim, &head, &is_valid), RG_OK);
	ck_assert(is_valid);
	ck_assert_int_eq(proof_range_path(&claim, claim.first, &path), RG_OK);
	ck_assert_uint_eq(path.n_nodes, 64);
	ck_assert_int_eq(proof_range_path(&claim, 0, &path), RG_E_FORMAT);
}
END_TEST

/* --- Consistency ---------------------------------------------------------------------------- */

static bool is_consistent(struct proof_tree old_tree, struct proof_tree new_tree,
	const struct proof_path *path)
{
	bool is_valid;

	ck_assert_int_eq(proof_consistency_check(&old_tree, &new_tree, path, &is_valid), RG_OK);
	return is_valid;
}

static struct proof_tree tree_of(size_t size)
{
	struct proof_tree tree = {.size = size};

	if (size == 0) {
		ck_assert_int_eq(merkle_empty(&tree.root), RG_OK);
	} else {
		tree.root = head_of(0, size);
	}
	return tree;
}

START_TEST(every_tree_continues_every_smaller_one)
{
	fill_leaves();
	for (size_t size = 0; size <= SIZE_LIMIT; size++) {
		struct proof_source source = {get_node, &size};

		for (size_t old = 0; old <= size; old++) {
			struct proof_path path;

			ck_assert_int_eq(proof_consistency(&source, old, size, &path), RG_OK);
			ck_assert_msg(is_consistent(tree_of(old), tree_of(size), &path),
				"%zu to %zu", old, size);
		}
	}
}
END_TEST

START_TEST(consistency_with_anything_changed_is_refused)
{
	fill_leaves();
	for (size_t size = 2; size <= SIZE_LIMIT; size++) {
		struct proof_source source = {get_node, &size};

		for (size_t old = 1; old < size; old++) {
			struct proof_tree before = tree_of(old);
			struct proof_tree after = tree_of(size);
			struct proof_path path;

			ck_assert_int_eq(proof_consistency(&source, old, size, &path), RG_OK);
			before.root.bytes[0] ^= 1;
			ck_assert(!is_consistent(before, after, &path));
			before.root.bytes[0] ^= 1;
			after.root.bytes[0] ^= 1;
			ck_assert(!is_consistent(before, after, &path));
			after.root.bytes[0] ^= 1;
			path.nodes[path.n_nodes - 1].bytes[9] ^= 1;
			ck_assert(!is_consistent(before, after, &path));
			path.nodes[path.n_nodes - 1].bytes[9] ^= 1;
			path.n_nodes++;
			ck_assert(!is_consistent(before, after, &path));
			path.n_nodes -= 2;
			ck_assert(!is_consistent(before, after, &path));
		}
	}
}
END_TEST

START_TEST(smaller_tree_and_rewritten_tree_are_refused)
{
	struct proof_path path = {.n_nodes = 0};

	fill_leaves();
	struct proof_tree old = tree_of(20);
	ck_assert(!is_consistent(old, tree_of(19), &path));
	leaves[3].bytes[0] ^= 1;
	fill_nodes();
	ck_assert(!is_consistent(old, tree_of(20), &path));
	size_t size = 30;
	struct proof_source source = {get_node, &size};
	ck_assert_int_eq(proof_consistency(&source, 20, 30, &path), RG_OK);
	ck_assert(!is_consistent(old, tree_of(30), &path));
}
END_TEST

CHECK_MAIN("evidence_proof", heads_match_the_reference_vectors,
	head_of_every_size_is_that_of_the_definition, head_of_nothing_is_the_hash_of_nothing,
	fault_of_the_source_is_passed_on, every_leaf_of_every_tree_is_included,
	inclusion_of_another_index_size_or_path_is_refused, index_at_or_above_the_size_is_refused,
	every_range_of_every_tree_is_proved, range_with_anything_changed_is_refused,
	range_with_numbers_that_do_not_fit_is_refused,
	range_in_a_tree_of_the_largest_size_is_computed, every_tree_continues_every_smaller_one,
	consistency_with_anything_changed_is_refused, smaller_tree_and_rewritten_tree_are_refused)
