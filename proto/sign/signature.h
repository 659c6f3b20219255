#ifndef SIGN_SIGNATURE_H
#define SIGN_SIGNATURE_H

/*
 * Signing and verifying messages: single and batched (proto/README.md, section 4)
 *
 * Signed bytes of one message: "rivergate/v1 header" LF ‖ header. Of a batch:
 * "rivergate/v1 batch" LF ‖ size (uint32 BE) ‖ RFC 6962 root over the headers as
 * leaves. Whatever piled up while the last signature was made is signed once.
 */

#include "base/arena.h"
#include "sign/key.h"

#define SIGNATURE_BATCH_MAX 1024

/*
 * Signs n headers (1 to 1,024) with one signature. rets[i] becomes the canonical
 * Signature of headers[i], to be freed with buf_deinit().
 */
RG_MUST_USE rg_err signature_sign(const struct key *key, const struct rg_bytes *headers,
	size_t n_headers, struct buf *rets);

/* A cache of verified batch roots: (key id, size, root, value). Owned by one thread. */
struct signature_cache;
struct signature_cache *signature_cache_new(size_t capacity); /* NULL: no memory */
void signature_cache_free(struct signature_cache *cache);
SCOPED_DEFINE(struct signature_cache, signature_cache_free);

/*
 * Verifies a Signature over a header with this key. The caller has found the key by
 * signature->key_id. cache may be NULL. ret_rule: NULL when valid, else a static text
 * that says which check failed ("algorithm is not the key's", "batch path", …).
 */
RG_MUST_USE rg_err signature_verify(const struct key *key, struct rg_bytes header,
	const Rivergate__V1__Signature *signature, struct signature_cache *cache,
	const char **ret_rule);

/* SHA-256 */
RG_MUST_USE rg_err signature_hash(struct rg_bytes content, uint8_t ret_hash[32]);
/* SHA-256(salt ‖ bytes): the commitment of a part. */
RG_MUST_USE rg_err signature_commitment(const uint8_t salt[32], struct rg_bytes content,
	uint8_t ret_commitment[32]);

#endif
