/*
 * Tree hashing from many threads at once gives the same hashes.
 */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/merkle.h"
#include "base/text.h"
#include "suite.h"

#define N_THREADS 4
#define N_ROUNDS  2000

/* Two nodes of the Certificate Transparency reference tree: leaves "" and "\x00". */
#define LEAF_EMPTY "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
#define LEAF_ZERO  "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
#define NODE       "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"

static void check_hash(const struct merkle_hash *got, const char *want)
{
	char hex[65];

	text_hex((struct rg_bytes){got->bytes, sizeof(got->bytes)}, hex);
	ck_assert_str_eq(hex, want);
}

static void check_once(void)
{
	static const uint8_t zero[1];
	struct merkle_hash empty, other, node;

	ck_assert_int_eq(merkle_leaf((struct rg_bytes){0}, &empty), RG_OK);
	ck_assert_int_eq(merkle_leaf((struct rg_bytes){zero, 1}, &other), RG_OK);
	check_hash(&empty, LEAF_EMPTY);
	check_hash(&other, LEAF_ZERO);
	ck_assert_int_eq(merkle_node(&empty, &other, &node), RG_OK);
	check_hash(&node, NODE);
	/* The result may be one of the two. */
	ck_assert_int_eq(merkle_node(&empty, &other, &empty), RG_OK);
	check_hash(&empty, NODE);
}

START_TEST(hashes_match_the_reference_vectors)
{
	struct merkle_hash head;

	check_once();
	ck_assert_int_eq(merkle_empty(&head), RG_OK);
	check_hash(&head, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
END_TEST

START_TEST(swapped_nodes_have_another_parent)
{
	struct merkle_hash a = {{1}}, b = {{2}}, ab, ba;

	ck_assert_int_eq(merkle_node(&a, &b, &ab), RG_OK);
	ck_assert_int_eq(merkle_node(&b, &a, &ba), RG_OK);
	ck_assert_mem_ne(&ab, &ba, sizeof(ab));
}
END_TEST

START_TEST(leaf_does_not_pass_for_a_node)
{
	struct merkle_hash pair[2] = {{{1}}, {{2}}}, node, leaf;
	struct rg_bytes bytes = {pair[0].bytes, sizeof(pair)};

	ck_assert_int_eq(merkle_node(&pair[0], &pair[1], &node), RG_OK);
	ck_assert_int_eq(merkle_leaf(bytes, &leaf), RG_OK);
	ck_assert_mem_ne(&node, &leaf, sizeof(node));
}
END_TEST

static void *check_often(void *unused)
{
	for (size_t i = 0; i < N_ROUNDS; i++) {
		check_once();
	}
	return unused;
}

START_TEST(threads_do_not_disturb_one_another)
{
	pthread_t threads[N_THREADS];

	for (size_t i = 0; i < N_THREADS; i++) {
		ck_assert_int_eq(pthread_create(&threads[i], NULL, check_often, NULL), 0);
	}
	for (size_t i = 0; i < N_THREADS; i++) {
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	}
}
END_TEST

CHECK_MAIN("base_merkle", hashes_match_the_reference_vectors, swapped_nodes_have_another_parent,
	leaf_does_not_pass_for_a_node, threads_do_not_disturb_one_another)
