/*
 * Making certificates: see certificate.h
 *
 * Threads: pure functions on the caller's memory.
 */

#include <string.h>

#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/log.h"
#include "sign/certificate.h"
#include "sign/x509.h"

#define SERIAL_LEN  16
#define ADDRESS_MAX 255
#define CN_MAX      64 /* RFC 5280, appendix A: ub-common-name */

struct extension {
	int nid;
	const char *value;
};

static const struct extension root_extensions[] = {
	{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
	{NID_key_usage, "critical,keyCertSign,cRLSign"},
	{NID_subject_key_identifier, "hash"},
	{0, NULL},
};

static void x509_freep(X509 **x509)
{
	X509_free(*x509);
}

static void md_freep(EVP_MD_CTX **md)
{
	EVP_MD_CTX_free(*md);
}

static void bn_freep(BIGNUM **bn)
{
	BN_free(*bn);
}

static void time_freep(ASN1_TIME **time)
{
	ASN1_TIME_free(*time);
}

static void openssl_freep(uint8_t **bytes)
{
	OPENSSL_free(*bytes);
}

/* Sixteen bytes, positive, never with a leading zero byte: 126 random bits. */
static bool set_serial(X509 *x509)
{
	uint8_t bytes[SERIAL_LEN];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
		return false;
	}
	bytes[0] = (uint8_t)((bytes[0] & 0x3f) | 0x40);

	scoped(bn_freep) BIGNUM *number = BN_bin2bn(bytes, sizeof(bytes), NULL);

	return number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509));
}

static bool set_validity(X509 *x509, int64_t not_before_us, int64_t not_after_us)
{
	scoped(time_freep) ASN1_TIME *from = x509_time_of(not_before_us);
	scoped(time_freep) ASN1_TIME *until = x509_time_of(not_after_us);

	return from && until && X509_set1_notBefore(x509, from) && X509_set1_notAfter(x509, until);
}

static bool add_extensions(X509 *x509, X509 *issuer, const struct extension *extensions)
{
	X509V3_CTX context;

	X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
	for (; extensions->value; extensions++) {
		X509_EXTENSION *extension =
			X509V3_EXT_conf_nid(NULL, &context, extensions->nid, extensions->value);
		bool is_added = extension && X509_add_ext(x509, extension, -1);

		X509_EXTENSION_free(extension);
		if (!is_added) {
			return false;
		}
	}
	return true;
}

static rg_err finish(X509 *x509, const struct key *issuer_key, struct buf *out)
{
	scoped(md_freep) EVP_MD_CTX *md = NULL;
	scoped(openssl_freep) uint8_t *der = NULL;
	rg_err err = key_signer(issuer_key, &md);

	if (err) {
		return err;
	}
	int len = X509_sign_ctx(x509, md) > 0 ? i2d_X509(x509, &der) : 0;

	if (len <= 0) {
		return x509_fault("cannot-sign-certificate");
	}
	buf_add(out, der, (size_t)len);
	return buf_error(out);
}

static bool add_name(X509_NAME *name, const char *field, const char *value)
{
	return X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC, (const uint8_t *)value, -1, -1,
		       0) == 1;
}

static bool is_country(const char *cc)
{
	return strlen(cc) == 2 && cc[0] >= 'a' && cc[0] <= 'z' && cc[1] >= 'a' && cc[1] <= 'z';
}

rg_err certificate_make_root(const struct key *key, const char *cc, int64_t not_before_us,
	int64_t not_after_us, struct buf *out)
{
	scoped(x509_freep) X509 *x509 = X509_new();
	char common_name[CN_MAX];

	if (!is_country(cc)) {
		log_event(LOG_ERROR, "certificate", "not-two-lower-case-letters",
			log_text("cc", cc));
		return RG_E_CONFIG;
	}
	if (!x509) {
		return RG_E_NOMEM;
	}
	char country[] = {(char)(cc[0] - 'a' + 'A'), (char)(cc[1] - 'a' + 'A'), '\0'};
	X509_NAME *name = X509_get_subject_name(x509);

	(void)snprintf(common_name, sizeof(common_name), "Rivergate root %s", cc);
	if (!X509_set_version(x509, X509_VERSION_3) || !set_serial(x509) ||
		!set_validity(x509, not_before_us, not_after_us) || !add_name(name, "C", country) ||
		!add_name(name, "CN", common_name) || !X509_set_issuer_name(x509, name) ||
		!X509_set_pubkey(x509, key_pkey(key)) ||
		!add_extensions(x509, x509, root_extensions)) {
		return x509_fault("cannot-make-root");
	}
	return finish(x509, key, out);
}

static const char *usage_of(const struct certificate_request *request)
{
	if (!request->is_for_encryption) {
		return "critical,digitalSignature";
	}
	return EVP_PKEY_is_a(key_pkey(request->subject), "RSA") ? "critical,keyEncipherment"
								: "critical,keyAgreement";
}

/* Letters that have a meaning in OpenSSL's extension texts never get there. */
static bool is_plain_address(const char *address)
{
	size_t len = strlen(address);

	return len > 0 && len <= ADDRESS_MAX &&
		strspn(address, "abcdefghijklmnopqrstuvwxyz0123456789.-") == len;
}

static bool add_party_extensions(X509 *x509, const struct certificate_request *request,
	const struct certificate *root)
{
	char alternative[ADDRESS_MAX + 32];
	const struct extension extensions[] = {
		{NID_basic_constraints, "critical,CA:FALSE"},
		{NID_key_usage, usage_of(request)},
		{NID_subject_key_identifier, "hash"},
		{NID_authority_key_identifier, "keyid:always"},
		{NID_subject_alt_name, alternative},
		{0, NULL},
	};

	(void)snprintf(alternative, sizeof(alternative), "URI:rivergate:%s", request->address);
	return add_extensions(x509, certificate_x509(root), extensions);
}

static bool fill_party(X509 *x509, const struct certificate_request *request,
	const struct certificate *root)
{
	X509_NAME *issuer = X509_get_subject_name(certificate_x509(root));
	char common_name[CN_MAX + 1];

	(void)snprintf(common_name, sizeof(common_name), "%.*s", CN_MAX, request->address);
	return X509_set_version(x509, X509_VERSION_3) && set_serial(x509) &&
		set_validity(x509, request->not_before_us, request->not_after_us) &&
		add_name(X509_get_subject_name(x509), "CN", common_name) &&
		X509_set_issuer_name(x509, issuer) &&
		X509_set_pubkey(x509, key_pkey(request->subject)) &&
		add_party_extensions(x509, request, root);
}

rg_err certificate_issue(const struct certificate_request *request, const struct certificate *root,
	const struct key *root_key, struct buf *out)
{
	scoped(x509_freep) X509 *x509 = X509_new();

	if (!is_plain_address(request->address)) {
		log_event(LOG_ERROR, "certificate", "not-an-address",
			log_text("address", request->address));
		return RG_E_CONFIG;
	}
	if (strcmp(key_id(certificate_key(root)), key_id(root_key)) != 0) {
		log_event(LOG_ERROR, "certificate", "key-is-not-the-root-certificate's",
			log_text("key", key_id(root_key)));
		return RG_E_CONFIG;
	}
	if (!x509) {
		return RG_E_NOMEM;
	}
	if (!fill_party(x509, request, root)) {
		return x509_fault("cannot-make-certificate");
	}
	return finish(x509, root_key, out);
}
