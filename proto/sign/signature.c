/*
 * Signatures over headers: see signature.h
 *
 * The cache remembers only roots that verified, under a hash of everything that
 * was verified, in small sets; in a full set the oldest gives way.
 * Threads: pure functions, except a cache, which has one owner.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/merkle.h"
#include "sign/batch.h"
#include "sign/signature.h"

#define CONTEXT_HEADER "rivergate/v1 header"
#define CONTEXT_BATCH  "rivergate/v1 batch"
#define ROOT_LEN       (4 + MERKLE_HASH_LEN) /* what is signed of a batch: size and root */
#define WAYS           4

struct cache_set {
	struct merkle_hash known[WAYS];
	unsigned n_known;
	unsigned next; /* to be overwritten when full */
};

struct signature_cache {
	size_t n_sets;
	struct cache_set sets[];
};

static void put_root(uint32_t size, const struct merkle_hash *root, uint8_t ret[ROOT_LEN])
{
	for (size_t i = 0; i < 4; i++) {
		ret[i] = (uint8_t)(size >> (24 - 8 * i));
	}
	memcpy(ret + 4, root->bytes, MERKLE_HASH_LEN);
}

/* Appends the canonical encoding; protobuf-c writes it so. */
static rg_err pack(const Rivergate__V1__Signature *signature, struct buf *out)
{
	size_t len = rivergate__v1__signature__get_packed_size(signature);
	uint8_t *to = buf_reserve(out, len);

	if (to) {
		out->len += rivergate__v1__signature__pack(signature, to);
	}
	return buf_error(out);
}

static void fill_signature(const struct key *key, const struct buf *value,
	Rivergate__V1__Signature *signature)
{
	rivergate__v1__signature__init(signature);
	/* protobuf-c's texts are not const; packing only reads. */
	signature->key_id = (char *)(uintptr_t)key_id(key);
	signature->algorithm = key_algorithm(key);
	signature->value = (ProtobufCBinaryData){.data = value->data, .len = value->len};
}

static rg_err sign_one(const struct key *key, struct rg_bytes header, struct buf *ret)
{
	scoped(buf_deinit) struct buf value = {0};
	Rivergate__V1__Signature signature;
	rg_err err = key_sign(key, CONTEXT_HEADER, header, &value);

	if (err) {
		return err;
	}
	fill_signature(key, &value, &signature);
	return pack(&signature, ret);
}

static rg_err pack_batch(const struct batch *batch, Rivergate__V1__Signature *signature, size_t n,
	struct buf *rets)
{
	scoped(buf_deinit) struct buf path = {0};
	Rivergate__V1__BatchProof proof = RIVERGATE__V1__BATCH_PROOF__INIT;
	rg_err err = RG_OK;

	signature->batch = &proof;
	proof.size = (uint32_t)n;
	for (size_t i = 0; i < n && !err; i++) {
		buf_clear(&path);
		batch_path(batch, i, &path);
		proof.index = (uint32_t)i;
		proof.path = (ProtobufCBinaryData){.data = path.data, .len = path.len};
		err = buf_error(&path);
		err = err ? err : pack(signature, &rets[i]);
	}
	signature->batch = NULL;
	return err;
}

static rg_err sign_batch(const struct key *key, const struct rg_bytes *headers, size_t n,
	struct buf *rets)
{
	scoped(batch_freep) struct batch *batch = NULL;
	scoped(buf_deinit) struct buf value = {0};
	Rivergate__V1__Signature signature;
	uint8_t content[ROOT_LEN];
	rg_err err = batch_new(headers, n, &batch);

	if (err) {
		return err;
	}
	put_root((uint32_t)n, batch_root(batch), content);
	err = key_sign(key, CONTEXT_BATCH, bytes_of(content, sizeof(content)), &value);
	if (err) {
		return err;
	}
	fill_signature(key, &value, &signature);
	return pack_batch(batch, &signature, n, rets);
}

rg_err signature_sign(const struct key *key, const struct rg_bytes *headers, size_t n_headers,
	struct buf *rets)
{
	rg_err err;

	assert(n_headers > 0 && n_headers <= SIGNATURE_BATCH_MAX);
	for (size_t i = 0; i < n_headers; i++) {
		buf_init(&rets[i]);
	}
	err = n_headers == 1 ? sign_one(key, headers[0], rets)
			     : sign_batch(key, headers, n_headers, rets);
	for (size_t i = 0; i < n_headers && err; i++) {
		buf_deinit(&rets[i]);
	}
	return err;
}

struct signature_cache *signature_cache_new(size_t capacity)
{
	size_t n_sets = capacity / WAYS + 1;
	scoped(signature_cache_freep) struct signature_cache *cache =
		calloc(1, sizeof(*cache) + n_sets * sizeof(cache->sets[0]));

	if (cache) {
		cache->n_sets = n_sets;
	}
	return steal(cache);
}

void signature_cache_free(struct signature_cache *cache)
{
	free(cache);
}

static struct cache_set *set_of(struct signature_cache *cache, const struct merkle_hash *entry)
{
	uint64_t number;

	memcpy(&number, entry->bytes, sizeof(number));
	return &cache->sets[number % cache->n_sets];
}

static bool is_known(struct signature_cache *cache, const struct merkle_hash *entry)
{
	const struct cache_set *set = set_of(cache, entry);
	bool is_found = false;

	for (unsigned i = 0; i < set->n_known; i++) {
		is_found |= memcmp(set->known[i].bytes, entry->bytes, MERKLE_HASH_LEN) == 0;
	}
	return is_found;
}

static void remember(struct signature_cache *cache, const struct merkle_hash *entry)
{
	struct cache_set *set = set_of(cache, entry);

	set->known[set->next] = *entry;
	set->next = (set->next + 1) % WAYS;
	set->n_known += set->n_known < WAYS;
}

/* Hash of key id, size and root (all of fixed length) and value. */
static rg_err entry_of(const struct key *key, const uint8_t root[ROOT_LEN], struct rg_bytes value,
	struct merkle_hash *ret_entry)
{
	uint8_t fixed[KEY_ID_LEN + ROOT_LEN];

	memcpy(fixed, key_id(key), KEY_ID_LEN);
	memcpy(fixed + KEY_ID_LEN, root, ROOT_LEN);
	return merkle_hash_of(bytes_of(fixed, sizeof(fixed)), value, ret_entry);
}

static rg_err verify_root(const struct key *key, const uint8_t root[ROOT_LEN],
	struct rg_bytes value, struct signature_cache *cache, bool *ret_is_valid)
{
	struct merkle_hash entry = {0};
	bool is_valid = false;
	rg_err err = cache ? entry_of(key, root, value, &entry) : RG_OK;

	if (err) {
		return err;
	}
	if (cache && is_known(cache, &entry)) {
		*ret_is_valid = true;
		return RG_OK;
	}
	err = key_verify(key, CONTEXT_BATCH, bytes_of(root, ROOT_LEN), value, &is_valid);
	if (err) {
		return err;
	}
	if (cache && is_valid) {
		remember(cache, &entry);
	}
	*ret_is_valid = is_valid;
	return RG_OK;
}

static const char *check_shape(const Rivergate__V1__BatchProof *proof)
{
	if (proof->size < 2 || proof->size > SIGNATURE_BATCH_MAX) {
		return "batch size is not within 2 and 1024";
	}
	if (proof->index >= proof->size) {
		return "batch index is not below its size";
	}
	if (proof->path.len != batch_path_len(proof->index, proof->size)) {
		return "batch path has not the length that index and size require";
	}
	return NULL;
}

static rg_err verify_batch(const struct key *key, struct rg_bytes header,
	const Rivergate__V1__Signature *signature, struct signature_cache *cache,
	bool *ret_is_valid)
{
	const Rivergate__V1__BatchProof *proof = signature->batch;
	struct rg_bytes path = bytes_of(proof->path.data, proof->path.len);
	struct merkle_hash leaf, root;
	uint8_t content[ROOT_LEN];
	rg_err err = merkle_leaf(header, &leaf);

	err = err ? err : batch_root_of(&leaf, proof->index, proof->size, path, &root);
	if (err) {
		return err;
	}
	put_root(proof->size, &root, content);
	return verify_root(key, content, bytes_of(signature->value.data, signature->value.len),
		cache, ret_is_valid);
}

rg_err signature_verify(const struct key *key, struct rg_bytes header,
	const Rivergate__V1__Signature *signature, struct signature_cache *cache,
	const char **ret_rule)
{
	struct rg_bytes value = bytes_of(signature->value.data, signature->value.len);
	const char *rule = signature->batch ? check_shape(signature->batch) : NULL;
	bool is_valid = false;

	if (signature->algorithm != key_algorithm(key)) {
		rule = "algorithm is not the key's";
	} else if (strcmp(signature->key_id, key_id(key)) != 0) {
		rule = "key_id is not the key's";
	}
	if (rule) {
		*ret_rule = rule;
		return RG_OK;
	}
	rg_err err = signature->batch ? verify_batch(key, header, signature, cache, &is_valid)
				      : key_verify(key, CONTEXT_HEADER, header, value, &is_valid);

	if (!err) {
		*ret_rule = is_valid ? NULL : "signature does not verify";
	}
	return err;
}

rg_err signature_hash(struct rg_bytes content, uint8_t ret_hash[32])
{
	struct merkle_hash hash;
	rg_err err = merkle_hash_of(content, (struct rg_bytes){0}, &hash);

	if (!err) {
		memcpy(ret_hash, hash.bytes, sizeof(hash.bytes));
	}
	return err;
}

rg_err signature_commitment(const uint8_t salt[32], struct rg_bytes content,
	uint8_t ret_commitment[32])
{
	struct merkle_hash hash;
	rg_err err = merkle_hash_of(bytes_of(salt, 32), content, &hash);

	if (!err) {
		memcpy(ret_commitment, hash.bytes, sizeof(hash.bytes));
	}
	return err;
}
