#ifndef SIGN_X509_H
#define SIGN_X509_H

/*
 * What certificates and revocation lists have in common; used in this folder only
 *
 * Both are SEQUENCE { to-be-signed, algorithm, signature }. The signature is checked
 * over the to-be-signed bytes as they stand in the input, with key_verify_raw():
 * the one way that treats SM2 like the others.
 */

#include <stdbool.h>
#include <stdint.h>

#include <openssl/x509.h>

#include "sign/certificate.h"
#include "sign/key.h"

#define X509_DER_MAX ((size_t)1024 * 1024)

/* Logs OpenSSL's newest error and answers RG_E_CRYPTO. */
RG_MUST_USE rg_err x509_fault(const char *what);
/* Moves *next into the SEQUENCE that starts there; returns its end, NULL when there is none. */
const uint8_t *x509_enter(const uint8_t **next, size_t left);
/* The to-be-signed part of der, a view; empty when der is not such a sequence. */
struct rg_bytes x509_tbs(struct rg_bytes der);
/* False: no time that can be read. */
bool x509_time_us(const ASN1_TIME *time, int64_t *ret_time_us);
/* NULL: no memory. */
ASN1_TIME *x509_time_of(int64_t time_us);
/* A view of the magnitude; empty when negative or zero. */
struct rg_bytes x509_integer(const ASN1_INTEGER *integer);

struct x509_signed {
	struct rg_bytes der;
	const X509_ALGOR *inner; /* as stated inside the signed bytes */
	const X509_ALGOR *outer;
	const ASN1_BIT_STRING *signature;
};

/* Whether key made the signature, with its own algorithm. */
RG_MUST_USE rg_err x509_verify(const struct x509_signed *object, const struct key *key,
	bool *ret_is_valid);

/* The parsed form; borrowed, not to be changed. */
X509 *certificate_x509(const struct certificate *certificate);
bool certificate_may_sign_crls(const struct certificate *certificate);

#endif
