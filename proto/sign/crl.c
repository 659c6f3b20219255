/*
 * Certificate revocation lists: see certificate.h
 *
 * The serials are sorted once, so that admission asks in logarithmic time and
 * without a lock.
 * Threads: a list is immutable once parsed.
 */

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/log.h"
#include "sign/certificate.h"
#include "sign/x509.h"

/* RFC 5280 wants a date in nextUpdate; how old a list may be is the directory's word. */
#define NEXT_UPDATE_US (INT64_C(90) * 24 * 3600 * 1000000)

struct crl {
	struct buf der;
	X509_CRL *x509;
	uint64_t number;
	int64_t this_update_us;
	struct rg_bytes *serials; /* sorted; within x509 */
	size_t n_serials;
};

static void openssl_freep(uint8_t **bytes)
{
	OPENSSL_free(*bytes);
}

static void integer_freep(ASN1_INTEGER **integer)
{
	ASN1_INTEGER_free(*integer);
}

static void algorithm_freep(X509_ALGOR **algorithm)
{
	X509_ALGOR_free(*algorithm);
}

static void crl_x509_freep(X509_CRL **crl)
{
	X509_CRL_free(*crl);
}

static void revoked_freep(X509_REVOKED **revoked)
{
	X509_REVOKED_free(*revoked);
}

static void md_freep(EVP_MD_CTX **md)
{
	EVP_MD_CTX_free(*md);
}

static void time_freep(ASN1_TIME **time)
{
	ASN1_TIME_free(*time);
}

void crl_free(struct crl *crl)
{
	if (crl) {
		buf_deinit(&crl->der);
		X509_CRL_free(crl->x509);
		free(crl->serials);
		free(crl);
	}
}

static X509_CRL *parse_der(struct rg_bytes der)
{
	scoped(openssl_freep) uint8_t *again = NULL;
	const uint8_t *next = der.data;
	X509_CRL *crl = der.len > 0 && der.len <= X509_DER_MAX
		? d2i_X509_CRL(NULL, &next, (long)der.len)
		: NULL;
	int len = crl ? i2d_X509_CRL(crl, &again) : 0;

	if (crl && (len <= 0 || !bytes_equal(der, bytes_of(again, (size_t)len)))) {
		X509_CRL_free(crl);
		crl = NULL;
	}
	ERR_clear_error();
	return crl;
}

/* Critical extensions change what a list means (delta, indirect, partial): we know none of them. */
static bool has_critical(const STACK_OF(X509_EXTENSION) * extensions)
{
	for (int i = 0; i < sk_X509_EXTENSION_num(extensions); i++) {
		if (X509_EXTENSION_get_critical(sk_X509_EXTENSION_value(extensions, i))) {
			return true;
		}
	}
	return false;
}

static bool take_number(struct crl *crl)
{
	scoped(integer_freep) ASN1_INTEGER *number =
		X509_CRL_get_ext_d2i(crl->x509, NID_crl_number, NULL, NULL);
	bool is_taken = number && ASN1_INTEGER_get_uint64(&crl->number, number) == 1;

	ERR_clear_error();
	return is_taken;
}

/* Any total order will do. */
static int compare(const void *left, const void *right)
{
	const struct rg_bytes *a = left;
	const struct rg_bytes *b = right;

	if (a->len != b->len) {
		return a->len < b->len ? -1 : 1;
	}
	return memcmp(a->data, b->data, a->len);
}

/* *ret_is_ok: every entry is a plain one. */
static rg_err take_serials(struct crl *crl, bool *ret_is_ok)
{
	STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(crl->x509);
	int n_entries = entries ? sk_X509_REVOKED_num(entries) : 0;

	*ret_is_ok = true;
	if (n_entries <= 0) {
		return RG_OK;
	}
	crl->serials = calloc((size_t)n_entries, sizeof(*crl->serials));
	if (!crl->serials) {
		return RG_E_NOMEM;
	}
	for (int i = 0; i < n_entries; i++) {
		const X509_REVOKED *entry = sk_X509_REVOKED_value(entries, i);
		struct rg_bytes serial = x509_integer(X509_REVOKED_get0_serialNumber(entry));

		*ret_is_ok &= serial.len > 0 && !has_critical(X509_REVOKED_get0_extensions(entry));
		crl->serials[i] = serial;
	}
	crl->n_serials = (size_t)n_entries;
	if (*ret_is_ok) {
		qsort(crl->serials, crl->n_serials, sizeof(*crl->serials), compare);
	}
	return RG_OK;
}

rg_err crl_parse(struct rg_bytes der, struct crl **ret_crl)
{
	scoped(crl_freep) struct crl *crl = calloc(1, sizeof(*crl));
	bool is_ok = false;

	if (!crl) {
		return RG_E_NOMEM;
	}
	crl->x509 = parse_der(der);
	if (!crl->x509 || X509_CRL_get_version(crl->x509) != X509_CRL_VERSION_2 ||
		has_critical(X509_CRL_get0_extensions(crl->x509)) || !take_number(crl) ||
		!x509_time_us(X509_CRL_get0_lastUpdate(crl->x509), &crl->this_update_us)) {
		*ret_crl = NULL;
		return RG_OK;
	}
	buf_add_bytes(&crl->der, der);
	rg_err err = buf_error(&crl->der);

	err = err ? err : take_serials(crl, &is_ok);
	if (!err) {
		*ret_crl = is_ok ? steal(crl) : NULL;
	}
	return err;
}

uint64_t crl_number(const struct crl *crl)
{
	return crl->number;
}

int64_t crl_this_update_us(const struct crl *crl)
{
	return crl->this_update_us;
}

bool crl_has(const struct crl *crl, struct rg_bytes serial)
{
	return crl->n_serials > 0 &&
		bsearch(&serial, crl->serials, crl->n_serials, sizeof(serial), compare);
}

/*
 * The algorithm stated inside the signed bytes, which OpenSSL 3.0 does not give out:
 * TBSCertList is SEQUENCE { version INTEGER, signature AlgorithmIdentifier, … }.
 */
static X509_ALGOR *inner_algorithm(const struct crl *crl)
{
	struct rg_bytes tbs = x509_tbs(buf_view(&crl->der));
	const uint8_t *next = tbs.data;
	const uint8_t *end = tbs.len > 0 ? x509_enter(&next, tbs.len) : NULL;
	scoped(integer_freep) ASN1_INTEGER *version =
		end ? d2i_ASN1_INTEGER(NULL, &next, end - next) : NULL;
	X509_ALGOR *algorithm = version ? d2i_X509_ALGOR(NULL, &next, end - next) : NULL;

	ERR_clear_error();
	return algorithm;
}

rg_err crl_is_issued_by(const struct crl *crl, const struct certificate *root, bool *ret_is_issued)
{
	X509_NAME *subject = X509_get_subject_name(certificate_x509(root));
	scoped(algorithm_freep) X509_ALGOR *inner = inner_algorithm(crl);
	struct x509_signed object = {.der = buf_view(&crl->der), .inner = inner};

	if (!inner || !certificate_may_sign_crls(root) ||
		X509_NAME_cmp(X509_CRL_get_issuer(crl->x509), subject) != 0) {
		*ret_is_issued = false;
		return RG_OK;
	}
	X509_CRL_get0_signature(crl->x509, &object.signature, &object.outer);
	return x509_verify(&object, certificate_key(root), ret_is_issued);
}

static bool add_entry(X509_CRL *crl, struct rg_bytes serial, ASN1_TIME *now)
{
	scoped(integer_freep) ASN1_INTEGER *integer = ASN1_INTEGER_new();
	scoped(revoked_freep) X509_REVOKED *entry = X509_REVOKED_new();

	if (!integer || !entry || serial.len > INT32_MAX ||
		!ASN1_STRING_set(integer, serial.data, (int)serial.len) ||
		!X509_REVOKED_set_serialNumber(entry, integer) ||
		!X509_REVOKED_set_revocationDate(entry, now) ||
		!X509_CRL_add0_revoked(crl, entry)) {
		return false;
	}
	(void)steal(entry);
	return true;
}

/* The entries of the list before stay with their dates. */
static bool copy_entries(X509_CRL *crl, const struct crl *previous)
{
	STACK_OF(X509_REVOKED) *entries = previous ? X509_CRL_get_REVOKED(previous->x509) : NULL;

	for (int i = 0; entries && i < sk_X509_REVOKED_num(entries); i++) {
		scoped(revoked_freep) X509_REVOKED *entry =
			X509_REVOKED_dup(sk_X509_REVOKED_value(entries, i));

		if (!entry || !X509_CRL_add0_revoked(crl, entry)) {
			return false;
		}
		(void)steal(entry);
	}
	return true;
}

static bool add_entries(X509_CRL *crl, const struct crl_request *request, ASN1_TIME *now)
{
	if (!copy_entries(crl, request->previous)) {
		return false;
	}
	for (size_t i = 0; i < request->n_serials; i++) {
		struct rg_bytes serial = request->serials[i];
		bool is_there = request->previous && crl_has(request->previous, serial);

		for (size_t j = 0; j < i; j++) {
			is_there |= bytes_equal(request->serials[j], serial);
		}
		if (!is_there && !add_entry(crl, serial, now)) {
			return false;
		}
	}
	return true;
}

static bool add_extensions(X509_CRL *crl, X509 *issuer, uint64_t number)
{
	scoped(integer_freep) ASN1_INTEGER *integer = ASN1_INTEGER_new();
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, NULL, NULL, crl, 0);
	X509_EXTENSION *extension =
		X509V3_EXT_conf_nid(NULL, &context, NID_authority_key_identifier, "keyid:always");
	bool is_added = extension && X509_CRL_add_ext(crl, extension, -1);

	X509_EXTENSION_free(extension);
	return is_added && integer && ASN1_INTEGER_set_uint64(integer, number) &&
		X509_CRL_add1_ext_i2d(crl, NID_crl_number, integer, 0, 0) == 1;
}

static bool fill(X509_CRL *crl, const struct crl_request *request, const struct certificate *root)
{
	scoped(time_freep) ASN1_TIME *now = x509_time_of(request->now_us);
	scoped(time_freep) ASN1_TIME *next = x509_time_of(request->now_us + NEXT_UPDATE_US);
	X509 *issuer = certificate_x509(root);

	return now && next && X509_CRL_set_version(crl, X509_CRL_VERSION_2) &&
		X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) &&
		X509_CRL_set1_lastUpdate(crl, now) && X509_CRL_set1_nextUpdate(crl, next) &&
		add_entries(crl, request, now) && add_extensions(crl, issuer, request->number) &&
		X509_CRL_sort(crl);
}

static rg_err finish(X509_CRL *crl, const struct key *root_key, struct buf *out)
{
	scoped(md_freep) EVP_MD_CTX *md = NULL;
	scoped(openssl_freep) uint8_t *der = NULL;
	rg_err err = key_signer(root_key, &md);

	if (err) {
		return err;
	}
	int len = X509_CRL_sign_ctx(crl, md) > 0 ? i2d_X509_CRL(crl, &der) : 0;

	if (len <= 0) {
		return x509_fault("cannot-sign-revocation-list");
	}
	buf_add(out, der, (size_t)len);
	return buf_error(out);
}

rg_err crl_make(const struct crl_request *request, const struct certificate *root,
	const struct key *root_key, struct buf *out)
{
	scoped(crl_x509_freep) X509_CRL *crl = X509_CRL_new();

	if (request->previous && request->number <= request->previous->number) {
		log_event(LOG_ERROR, "certificate", "revocation-list-number-does-not-increase",
			log_number("number", (int64_t)request->number));
		return RG_E_CONFIG;
	}
	if (strcmp(key_id(certificate_key(root)), key_id(root_key)) != 0) {
		log_event(LOG_ERROR, "certificate", "key-is-not-the-root-certificate's",
			log_text("key", key_id(root_key)));
		return RG_E_CONFIG;
	}
	if (!crl) {
		return RG_E_NOMEM;
	}
	if (!fill(crl, request, root)) {
		return x509_fault("cannot-make-revocation-list");
	}
	return finish(crl, root_key, out);
}
