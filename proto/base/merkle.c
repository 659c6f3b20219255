/*
 * Merkle tree hashing: see merkle.h
 *
 * Making a digest context costs three times what hashing a node does, so each
 * thread keeps one, which is freed when the thread ends (the main thread's, and
 * the fetched algorithm, live as long as the process).
 * Threads: any; nothing is shared between them.
 */

#include <pthread.h>
#include <stddef.h>

#include <openssl/evp.h>

#include "base/merkle.h"

/* RFC 6962 separates the two kinds of hash so that no leaf passes for a node. */
enum {
	PREFIX_LEAF = 0x00,
	PREFIX_NODE = 0x01,
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_end;
static EVP_MD *sha256;
static _Thread_local EVP_MD_CTX *thread_context;

static void free_context(void *context)
{
	EVP_MD_CTX_free(context);
	thread_context = NULL;
}

static void prepare(void)
{
	if (pthread_key_create(&thread_end, free_context) == 0) {
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	}
}

/* The calling thread's context; NULL when there is no memory. */
static EVP_MD_CTX *get_context(void)
{
	if (thread_context) {
		return thread_context;
	}
	if (pthread_once(&once, prepare) != 0 || !sha256) {
		return NULL;
	}
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (context && pthread_setspecific(thread_end, context) != 0) {
		EVP_MD_CTX_free(context);
		return NULL;
	}
	thread_context = context;
	return context;
}

static rg_err hash_parts(const struct rg_bytes *parts, size_t n_parts, struct merkle_hash *ret_hash)
{
	EVP_MD_CTX *md = get_context();
	struct merkle_hash hash;

	if (!md) {
		return RG_E_NOMEM;
	}
	if (!EVP_DigestInit_ex2(md, sha256, NULL)) {
		return RG_E_CRYPTO;
	}
	for (size_t i = 0; i < n_parts; i++) {
		if (!EVP_DigestUpdate(md, parts[i].data, parts[i].len)) {
			return RG_E_CRYPTO;
		}
	}
	if (!EVP_DigestFinal_ex(md, hash.bytes, NULL)) {
		return RG_E_CRYPTO;
	}
	*ret_hash = hash;
	return RG_OK;
}

static struct rg_bytes view(const void *data, size_t len)
{
	return (struct rg_bytes){.data = data, .len = len};
}

rg_err merkle_leaf(struct rg_bytes entry, struct merkle_hash *ret_leaf)
{
	static const uint8_t prefix = PREFIX_LEAF;
	struct rg_bytes parts[] = {view(&prefix, 1), entry};

	return hash_parts(parts, 2, ret_leaf);
}

rg_err merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
	struct merkle_hash *ret_node)
{
	uint8_t node[1 + 2 * MERKLE_HASH_LEN];
	struct rg_bytes whole = view(node, sizeof(node));

	node[0] = PREFIX_NODE;
	for (size_t i = 0; i < MERKLE_HASH_LEN; i++) {
		node[1 + i] = left->bytes[i];
		node[1 + MERKLE_HASH_LEN + i] = right->bytes[i];
	}
	return hash_parts(&whole, 1, ret_node);
}

rg_err merkle_empty(struct merkle_hash *ret_head)
{
	return hash_parts(NULL, 0, ret_head);
}

rg_err merkle_hash_of(struct rg_bytes first, struct rg_bytes second, struct merkle_hash *ret_hash)
{
	struct rg_bytes parts[] = {first, second};

	return hash_parts(parts, 2, ret_hash);
}
