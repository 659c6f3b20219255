#ifndef SIGN_KEY_H
#define SIGN_KEY_H

/*
 * Keys: the algorithms of the protocol as rows of one table
 *
 * A private key is a PEM file (PKCS#8), mode 0600; the program refuses a key file
 * that others can read. A key's identity is key_id: the lower-case hex SHA-256 of
 * its DER SubjectPublicKeyInfo. An algorithm not in the table is refused, and a key
 * is only ever used with the algorithm that the directory fixes for it.
 */

#include <openssl/evp.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"
#include "rivergate/v1/message.pb-c.h"

#define KEY_ID_LEN        64 /* hex digits */
#define KEY_SIGNATURE_MAX 600

struct key; /* private or public, with its algorithm */

/* The row's name as used on command lines: p256, p384, ed25519, rsa-pss, sm2. NULL: none such. */
const char *key_algorithm_name(Rivergate__V1__Algorithm algorithm);
Rivergate__V1__Algorithm key_algorithm_of(const char *name); /* 0: none such */

/* RG_E_CONFIG: no such algorithm. */
RG_MUST_USE rg_err key_generate(Rivergate__V1__Algorithm algorithm, struct key **ret_key);
/*
 * RG_E_CONFIG, with a log line that names the file and what to do, when it is no such key
 * or open to others.
 */
RG_MUST_USE rg_err key_load(const char *path, struct key **ret_key);
RG_MUST_USE rg_err key_save(const struct key *key, const char *path); /* never overwrites */
/*
 * From a DER SubjectPublicKeyInfo; *ret_key NULL when it is none of this algorithm (0: any
 * of the table).
 */
RG_MUST_USE rg_err key_from_spki(Rivergate__V1__Algorithm algorithm, struct rg_bytes spki,
	struct key **ret_key);
/* From the 32 bytes of an Ed25519 public key. */
RG_MUST_USE rg_err key_from_ed25519(const uint8_t raw[32], struct key **ret_key);
void key_free(struct key *key);
SCOPED_DEFINE(struct key, key_free);

Rivergate__V1__Algorithm key_algorithm(const struct key *key);
const char *key_id(const struct key *key); /* borrowed */
EVP_PKEY *key_pkey(const struct key *key); /* borrowed */
/* Appends the DER SubjectPublicKeyInfo. */
RG_MUST_USE rg_err key_spki(const struct key *key, struct buf *out);
/* RG_E_CONFIG: a key of another algorithm. */
RG_MUST_USE rg_err key_ed25519_raw(const struct key *key, uint8_t ret_raw[32]);

/*
 * Signs context LF ‖ content; appends the signature to out. The context line names
 * what is signed ("rivergate/v1 header", at most 63 characters), so that no signature
 * passes for another. Fails with RG_E_CRYPTO for a public key.
 */
RG_MUST_USE rg_err key_sign(const struct key *key, const char *context, struct rg_bytes content,
	struct buf *out);
/* ret_is_valid is the answer; a fault is ours. Threads: a key may be used by several. */
RG_MUST_USE rg_err key_verify(const struct key *key, const char *context, struct rg_bytes content,
	struct rg_bytes signature, bool *ret_is_valid);
/* Without context: signed notes. */
RG_MUST_USE rg_err key_sign_raw(const struct key *key, struct rg_bytes content, struct buf *out);
RG_MUST_USE rg_err key_verify_raw(const struct key *key, struct rg_bytes content,
	struct rg_bytes signature, bool *ret_is_valid);

/*
 * A context prepared to sign with this key, for structures that OpenSSL signs itself
 * (X509_sign_ctx()); to be freed with EVP_MD_CTX_free(). RG_E_CRYPTO for a public key.
 */
RG_MUST_USE rg_err key_signer(const struct key *key, EVP_MD_CTX **ret_md);

#endif
