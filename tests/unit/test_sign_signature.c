/*
 * Signatures of messages: single and batched ones verify, and every change to
 * header, place, path, key or value is refused with the check that failed.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sign/batch.h"
#include "sign/signature.h"
#include "suite.h"

#define ED25519 RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519
#define P256    RIVERGATE__V1__ALGORITHM__ALGORITHM_ECDSA_P256_SHA256

#define SIZE  "batch size is not within 2 and 1024"
#define INDEX "batch index is not below its size"
#define PATH  "batch path has not the length that index and size require"
#define VALUE "signature does not verify"

struct signed_batch {
	struct key *key;
	size_t n;
	char texts[SIGNATURE_BATCH_MAX][32];
	struct rg_bytes headers[SIGNATURE_BATCH_MAX];
	struct buf packed[SIGNATURE_BATCH_MAX];
};

static void signature_freep(Rivergate__V1__Signature **signature)
{
	rivergate__v1__signature__free_unpacked(*signature, NULL);
}

static void batch_close(struct signed_batch **batch)
{
	for (size_t i = 0; i < (*batch)->n; i++) {
		buf_deinit(&(*batch)->packed[i]);
	}
	key_free((*batch)->key);
	free(*batch);
}

static struct signed_batch *batch_of(size_t n)
{
	struct signed_batch *batch = calloc(1, sizeof(*batch));

	ck_assert_ptr_nonnull(batch);
	batch->n = n;
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(batch->texts[i], sizeof(batch->texts[i]), "header %zu", i);
		batch->headers[i] = bytes_of_text(batch->texts[i]);
	}
	ck_assert_int_eq(key_generate(ED25519, &batch->key), RG_OK);
	ck_assert_int_eq(signature_sign(batch->key, batch->headers, n, batch->packed), RG_OK);
	return batch;
}

static Rivergate__V1__Signature *unpack(const struct signed_batch *batch, size_t i)
{
	Rivergate__V1__Signature *signature =
		rivergate__v1__signature__unpack(NULL, batch->packed[i].len, batch->packed[i].data);

	ck_assert_ptr_nonnull(signature);
	return signature;
}

static const char *rule_of(const struct signed_batch *batch, size_t i,
	const Rivergate__V1__Signature *signature, struct signature_cache *cache)
{
	const char *rule = "not decided";

	ck_assert_int_eq(signature_verify(batch->key, batch->headers[i], signature, cache, &rule),
		RG_OK);
	return rule;
}

START_TEST(batch_of_one_is_a_plain_signature)
{
	scoped(batch_close) struct signed_batch *batch = batch_of(1);
	scoped(signature_freep) Rivergate__V1__Signature *signature = unpack(batch, 0);
	bool is_valid = false;

	ck_assert_ptr_null(signature->batch);
	ck_assert_ptr_null(rule_of(batch, 0, signature, NULL));
	ck_assert_int_eq(key_verify_raw(batch->key, bytes_of_text("rivergate/v1 header\nheader 0"),
				 bytes_of(signature->value.data, signature->value.len), &is_valid),
		RG_OK);
	ck_assert(is_valid);
}
END_TEST

/* The tree by its definition: RFC 6962, section 2.1. */
static struct merkle_hash head_of(const struct rg_bytes *entries, size_t n)
{
	struct merkle_hash head;
	size_t k = 1;

	if (n == 1) {
		ck_assert_int_eq(merkle_leaf(entries[0], &head), RG_OK);
		return head;
	}
	while (2 * k < n) {
		k *= 2;
	}
	struct merkle_hash left = head_of(entries, k);
	struct merkle_hash right = head_of(entries + k, n - k);

	ck_assert_int_eq(merkle_node(&left, &right, &head), RG_OK);
	return head;
}

START_TEST(what_is_signed_is_size_and_root_of_the_definition)
{
	static const size_t sizes[] = {2, 3, 5, 7, 8, 100, 1023, 1024};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		scoped(batch_close) struct signed_batch *batch = batch_of(sizes[i]);
		scoped(signature_freep) Rivergate__V1__Signature *signature = unpack(batch, 0);
		scoped(buf_deinit) struct buf content = {0};
		struct merkle_hash head = head_of(batch->headers, sizes[i]);
		bool is_valid = false;

		buf_add_text(&content, "rivergate/v1 batch\n");
		buf_add_u32(&content, (uint32_t)sizes[i]);
		buf_add(&content, head.bytes, sizeof(head.bytes));
		ck_assert_int_eq(key_verify_raw(batch->key, buf_view(&content),
					 bytes_of(signature->value.data, signature->value.len),
					 &is_valid),
			RG_OK);
		ck_assert_msg(is_valid, "size %zu", sizes[i]);
	}
}
END_TEST

START_TEST(every_header_of_a_batch_verifies)
{
	static const size_t sizes[] = {2, 3, 4, 5, 6, 7, 8, 9, 33, 1000, 1024};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		scoped(batch_close) struct signed_batch *batch = batch_of(sizes[i]);
		scoped(signature_cache_freep) struct signature_cache *cache =
			signature_cache_new(16);

		for (size_t j = 0; j < sizes[i]; j++) {
			scoped(signature_freep) Rivergate__V1__Signature *signature =
				unpack(batch, j);

			ck_assert_uint_eq(signature->batch->index, j);
			ck_assert_uint_eq(signature->batch->size, sizes[i]);
			ck_assert_ptr_null(rule_of(batch, j, signature, cache));
		}
	}
}
END_TEST

START_TEST(header_of_another_place_is_refused)
{
	scoped(batch_close) struct signed_batch *batch = batch_of(5);
	scoped(signature_cache_freep) struct signature_cache *cache = signature_cache_new(16);

	for (size_t i = 0; i < 5; i++) {
		scoped(signature_freep) Rivergate__V1__Signature *signature = unpack(batch, i);

		ck_assert_ptr_null(rule_of(batch, i, signature, cache));
		ck_assert_str_eq(rule_of(batch, (i + 1) % 5, signature, cache), VALUE);
		ck_assert_str_eq(rule_of(batch, (i + 1) % 5, signature, NULL), VALUE);
	}
}
END_TEST

START_TEST(wrong_place_in_a_batch_is_refused)
{
	static const struct {
		uint32_t index, size;
		const char *rule;
	} cases[] = {
		{2, 0, SIZE},
		{0, 1, SIZE},
		{2, 1025, SIZE},
		{2, UINT32_MAX, SIZE},
		{5, 5, INDEX},
		{UINT32_MAX, 5, INDEX},
		{4, 5, PATH},
		{2, 9, PATH},
		{3, 5, VALUE},
		{0, 5, VALUE},
		{2, 6, VALUE},
		{2, 8, VALUE},
	};
	scoped(batch_close) struct signed_batch *batch = batch_of(5);
	scoped(signature_cache_freep) struct signature_cache *cache = signature_cache_new(16);
	scoped(signature_freep) Rivergate__V1__Signature *signature = unpack(batch, 2);

	ck_assert_ptr_null(rule_of(batch, 2, signature, cache));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		signature->batch->index = cases[i].index;
		signature->batch->size = cases[i].size;
		ck_assert_str_eq(rule_of(batch, 2, signature, cache), cases[i].rule);
		ck_assert_str_eq(rule_of(batch, 2, signature, NULL), cases[i].rule);
	}
}
END_TEST

START_TEST(changed_path_is_refused)
{
	scoped(batch_close) struct signed_batch *batch = batch_of(7);
	scoped(signature_freep) Rivergate__V1__Signature *signature = unpack(batch, 3);
	ProtobufCBinaryData *path = &signature->batch->path;

	for (size_t at = 0; at < path->len; at++) {
		path->data[at] ^= 0x80;
		ck_assert_str_eq(rule_of(batch, 3, signature, NULL), VALUE);
		path->data[at] ^= 0x80;
	}
	for (size_t less = 1; less <= path->len; less += 31) {
		path->len -= less;
		ck_assert_str_eq(rule_of(batch, 3, signature, NULL), PATH);
		path->len += less;
	}
}
END_TEST

START_TEST(batch_proof_stripped_or_added_is_refused)
{
	scoped(batch_close) struct signed_batch *two = batch_of(2);
	scoped(batch_close) struct signed_batch *one = batch_of(1);
	scoped(signature_freep) Rivergate__V1__Signature *of_two = unpack(two, 0);
	scoped(signature_freep) Rivergate__V1__Signature *of_one = unpack(one, 0);

	ck_assert_ptr_null(of_one->batch);
	of_one->batch = steal(of_two->batch);
	ck_assert_str_eq(rule_of(one, 0, of_one, NULL), VALUE);
	ck_assert_str_eq(rule_of(two, 0, of_two, NULL), VALUE);
}
END_TEST

START_TEST(other_algorithm_or_key_id_is_refused)
{
	scoped(batch_close) struct signed_batch *batch = batch_of(2);
	scoped(signature_freep) Rivergate__V1__Signature *signature = unpack(batch, 1);

	signature->algorithm = P256;
	ck_assert_str_eq(rule_of(batch, 1, signature, NULL), "algorithm is not the key's");
	signature->algorithm = 0;
	ck_assert_str_eq(rule_of(batch, 1, signature, NULL), "algorithm is not the key's");
	signature->algorithm = ED25519;
	signature->key_id[63] ^= 1;
	ck_assert_str_eq(rule_of(batch, 1, signature, NULL), "key_id is not the key's");
	signature->key_id[63] = '\0';
	ck_assert_str_eq(rule_of(batch, 1, signature, NULL), "key_id is not the key's");
}
END_TEST

START_TEST(cached_root_does_not_cover_another_value_or_key)
{
	scoped(batch_close) struct signed_batch *batch = batch_of(2);
	scoped(batch_close) struct signed_batch *other = batch_of(2);
	scoped(signature_cache_freep) struct signature_cache *cache = signature_cache_new(1);
	scoped(signature_freep) Rivergate__V1__Signature *signature = unpack(batch, 0);
	const char *rule = NULL;

	ck_assert_ptr_null(rule_of(batch, 0, signature, cache));
	ck_assert_ptr_null(rule_of(batch, 0, signature, cache));
	signature->value.data[0] ^= 1;
	ck_assert_str_eq(rule_of(batch, 0, signature, cache), VALUE);
	ck_assert_str_eq(rule_of(batch, 0, signature, cache), VALUE);
	signature->value.data[0] ^= 1;
	memcpy(signature->key_id, key_id(other->key), KEY_ID_LEN);
	ck_assert_int_eq(signature_verify(other->key, batch->headers[0], signature, cache, &rule),
		RG_OK);
	ck_assert_str_eq(rule, VALUE);
}
END_TEST

START_TEST(full_cache_forgets_and_still_answers_right)
{
	scoped(signature_cache_freep) struct signature_cache *cache = signature_cache_new(1);

	for (size_t round = 0; round < 20; round++) {
		scoped(batch_close) struct signed_batch *batch = batch_of(2);
		scoped(signature_freep) Rivergate__V1__Signature *signature = unpack(batch, 1);

		ck_assert_ptr_null(rule_of(batch, 1, signature, cache));
		ck_assert_str_eq(rule_of(batch, 0, signature, cache), VALUE);
	}
}
END_TEST

START_TEST(hash_and_commitment_are_plain_sha256)
{
	uint8_t salt[32] = {0}, got[32], want[32];

	ck_assert_int_eq(signature_hash(bytes_of_text("abc"), got), RG_OK);
	ck_assert(text_unhex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		want, 32));
	ck_assert_mem_eq(got, want, 32);
	memcpy(salt, "abcdbcdecdefdefgefghfghighijhijk", 32);
	ck_assert_int_eq(signature_commitment(salt, bytes_of_text("ijkljklmklmnlmnomnopnopq"), got),
		RG_OK);
	ck_assert(text_unhex("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
		want, 32));
	ck_assert_mem_eq(got, want, 32);
}
END_TEST

CHECK_MAIN("sign_signature", batch_of_one_is_a_plain_signature,
	what_is_signed_is_size_and_root_of_the_definition, every_header_of_a_batch_verifies,
	header_of_another_place_is_refused, wrong_place_in_a_batch_is_refused,
	changed_path_is_refused, batch_proof_stripped_or_added_is_refused,
	other_algorithm_or_key_id_is_refused, cached_root_does_not_cover_another_value_or_key,
	full_cache_forgets_and_still_answers_right, hash_and_commitment_are_plain_sha256)
