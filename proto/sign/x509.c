/*
 * What certificates and revocation lists have in common: see x509.h
 *
 * Threads: pure functions on the caller's memory.
 */

#include <string.h>
#include <time.h>

#include <openssl/asn1.h>
#include <openssl/err.h>

#include "base/log.h"
#include "sign/x509.h"

#define US_PER_S INT64_C(1000000)

/* How X.509 names the signature of each algorithm. */
static const struct {
	Rivergate__V1__Algorithm algorithm;
	int nid;
} names[] = {
	{RIVERGATE__V1__ALGORITHM__ALGORITHM_ECDSA_P256_SHA256, NID_ecdsa_with_SHA256},
	{RIVERGATE__V1__ALGORITHM__ALGORITHM_ECDSA_P384_SHA384, NID_ecdsa_with_SHA384},
	{RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519, NID_ED25519},
	{RIVERGATE__V1__ALGORITHM__ALGORITHM_RSA_PSS_SHA256, NID_rsassaPss},
	{RIVERGATE__V1__ALGORITHM__ALGORITHM_SM2_SM3, NID_SM2_with_SM3},
};

rg_err x509_fault(const char *what)
{
	char text[256];

	ERR_error_string_n(ERR_peek_last_error(), text, sizeof(text));
	ERR_clear_error();
	log_event(LOG_ERROR, "certificate", what, log_text("openssl", text));
	return RG_E_CRYPTO;
}

const uint8_t *x509_enter(const uint8_t **next, size_t left)
{
	long len = 0;
	int tag = 0;
	int class = 0;

	if (left > X509_DER_MAX) {
		return NULL;
	}
	int result = ASN1_get_object(next, &len, &tag, &class, (long)left);

	/* 0x80: error, 1: indefinite length, which is not DER. */
	if ((result & 0x80) || (result & 1) || tag != V_ASN1_SEQUENCE ||
		class != V_ASN1_UNIVERSAL) {
		ERR_clear_error();
		return NULL;
	}
	return *next + len;
}

struct rg_bytes x509_tbs(struct rg_bytes der)
{
	const uint8_t *next = der.data;
	const uint8_t *end = der.len > 0 ? x509_enter(&next, der.len) : NULL;
	const uint8_t *tbs = next;
	const uint8_t *tbs_end = end ? x509_enter(&next, (size_t)(end - next)) : NULL;

	return tbs_end ? bytes_of(tbs, (size_t)(tbs_end - tbs)) : (struct rg_bytes){0};
}

bool x509_time_us(const ASN1_TIME *time, int64_t *ret_time_us)
{
	struct tm tm;

	if (!time || !ASN1_TIME_to_tm(time, &tm)) {
		ERR_clear_error();
		return false;
	}
	*ret_time_us = (int64_t)timegm(&tm) * US_PER_S;
	return true;
}

ASN1_TIME *x509_time_of(int64_t time_us)
{
	return ASN1_TIME_set(NULL, time_us / US_PER_S);
}

struct rg_bytes x509_integer(const ASN1_INTEGER *integer)
{
	const uint8_t *data = ASN1_STRING_get0_data(integer);
	int len = ASN1_STRING_length(integer);

	if (ASN1_STRING_type(integer) != V_ASN1_INTEGER || len <= 0 || (len == 1 && data[0] == 0)) {
		return (struct rg_bytes){0};
	}
	return bytes_of(data, (size_t)len);
}

static bool is_named(const X509_ALGOR *algor, const struct key *key)
{
	const ASN1_OBJECT *object = NULL;

	X509_ALGOR_get0(&object, NULL, NULL, algor);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].algorithm == key_algorithm(key)) {
			return OBJ_obj2nid(object) == names[i].nid;
		}
	}
	return false;
}

rg_err x509_verify(const struct x509_signed *object, const struct key *key, bool *ret_is_valid)
{
	struct rg_bytes tbs = x509_tbs(object->der);
	int len = ASN1_STRING_length(object->signature);
	struct rg_bytes signature = bytes_of(ASN1_STRING_get0_data(object->signature), (size_t)len);

	/* A signature is whole bytes: the low bits of the flags count unused ones. */
	if (tbs.len == 0 || len <= 0 || (object->signature->flags & 7) ||
		!is_named(object->outer, key) ||
		X509_ALGOR_cmp(object->inner, object->outer) != 0) {
		*ret_is_valid = false;
		return RG_OK;
	}
	return key_verify_raw(key, tbs, signature, ret_is_valid);
}
