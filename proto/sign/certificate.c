/*
 * Reading certificates: see certificate.h
 *
 * Everything that is ever asked of a certificate is taken out when it is parsed;
 * what cannot be taken out makes it none.
 * Threads: a certificate is immutable once parsed.
 */

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "sign/certificate.h"
#include "sign/x509.h"

#define ADDRESS_PREFIX "rivergate:"

struct certificate {
	struct buf der;
	X509 *x509;
	struct key *key;
	char *address;
	char country[3];        /* of the subject; empty when it is none or not two letters */
	struct rg_bytes serial; /* within x509 */
	int64_t not_before_us;
	int64_t not_after_us;
	uint32_t flags; /* EXFLAG_… */
	uint32_t usage; /* KU_…; all set when the certificate states none */
};

static void openssl_freep(uint8_t **bytes)
{
	OPENSSL_free(*bytes);
}

static void names_freep(GENERAL_NAMES **names)
{
	GENERAL_NAMES_free(*names);
}

void certificate_free(struct certificate *certificate)
{
	if (certificate) {
		buf_deinit(&certificate->der);
		X509_free(certificate->x509);
		key_free(certificate->key);
		free(certificate->address);
		free(certificate);
	}
}

/* NULL: not exactly one certificate in DER. */
static X509 *parse_der(struct rg_bytes der)
{
	scoped(openssl_freep) uint8_t *again = NULL;
	const uint8_t *next = der.data;
	X509 *x509 = der.len > 0 && der.len <= X509_DER_MAX ? d2i_X509(NULL, &next, (long)der.len)
							    : NULL;
	int len = x509 ? i2d_X509(x509, &again) : 0;

	/* What does not encode to itself is BER, or followed by something. */
	if (x509 && (len <= 0 || !bytes_equal(der, bytes_of(again, (size_t)len)))) {
		X509_free(x509);
		x509 = NULL;
	}
	ERR_clear_error();
	return x509;
}

static bool is_address(struct rg_bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = (char)text.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-')) {
			return false;
		}
	}
	return text.len > 0;
}

/* The address in a name; empty when it is another name. */
static struct rg_bytes address_in(const GENERAL_NAME *name)
{
	static const size_t prefix_len = sizeof(ADDRESS_PREFIX) - 1;

	if (name->type != GEN_URI) {
		return (struct rg_bytes){0};
	}
	const ASN1_IA5STRING *uri = name->d.uniformResourceIdentifier;
	struct rg_bytes text =
		bytes_of(ASN1_STRING_get0_data(uri), (size_t)ASN1_STRING_length(uri));

	if (text.len <= prefix_len || memcmp(text.data, ADDRESS_PREFIX, prefix_len) != 0) {
		return (struct rg_bytes){0};
	}
	text = bytes_of(text.data + prefix_len, text.len - prefix_len);
	return is_address(text) ? text : (struct rg_bytes){0};
}

/* Fills the one address; none, or more than one, leaves it empty. */
static rg_err take_address(struct certificate *certificate)
{
	scoped(names_freep) GENERAL_NAMES *names =
		X509_get_ext_d2i(certificate->x509, NID_subject_alt_name, NULL, NULL);
	struct rg_bytes address = {0};
	size_t n_addresses = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		struct rg_bytes found = address_in(sk_GENERAL_NAME_value(names, i));

		if (found.len > 0) {
			address = found;
			n_addresses++;
		}
	}
	if (n_addresses != 1) {
		address.len = 0;
	}
	certificate->address =
		strndup(address.len > 0 ? (const char *)address.data : "", address.len);
	ERR_clear_error();
	return certificate->address ? RG_OK : RG_E_NOMEM;
}

static void take_country(struct certificate *certificate)
{
	/* With less room OpenSSL would cut a longer text off, and so make two letters of it. */
	char text[4];
	int len = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate->x509),
		NID_countryName, text, (int)sizeof(text));

	if (len == 2) {
		memcpy(certificate->country, text, sizeof(certificate->country));
	}
}

/* False: something is missing, broken, or critical and not understood. */
static bool take_fields(struct certificate *certificate)
{
	X509 *x509 = certificate->x509;

	certificate->flags = X509_get_extension_flags(x509);
	certificate->usage = X509_get_key_usage(x509);
	take_country(certificate);
	certificate->serial = x509_integer(X509_get0_serialNumber(x509));
	ERR_clear_error();
	return X509_get_version(x509) == X509_VERSION_3 &&
		!(certificate->flags & (EXFLAG_INVALID | EXFLAG_CRITICAL)) &&
		certificate->serial.len > 0 &&
		x509_time_us(X509_get0_notBefore(x509), &certificate->not_before_us) &&
		x509_time_us(X509_get0_notAfter(x509), &certificate->not_after_us);
}

static rg_err take_key(struct certificate *certificate, Rivergate__V1__Algorithm algorithm)
{
	scoped(openssl_freep) uint8_t *spki = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate->x509), &spki);

	if (len <= 0) {
		return x509_fault("cannot-encode-public-key");
	}
	return key_from_spki(algorithm, bytes_of(spki, (size_t)len), &certificate->key);
}

rg_err certificate_parse(struct rg_bytes der, Rivergate__V1__Algorithm algorithm,
	struct certificate **ret_certificate)
{
	scoped(certificate_freep) struct certificate *certificate = calloc(1, sizeof(*certificate));

	if (!certificate) {
		return RG_E_NOMEM;
	}
	certificate->x509 = parse_der(der);
	if (!certificate->x509 || !take_fields(certificate)) {
		*ret_certificate = NULL;
		return RG_OK;
	}
	buf_add_bytes(&certificate->der, der);
	rg_err err = buf_error(&certificate->der);

	err = err ? err : take_address(certificate);
	err = err ? err : take_key(certificate, algorithm);
	if (err) {
		return err;
	}
	*ret_certificate = certificate->key ? steal(certificate) : NULL;
	return RG_OK;
}

const struct key *certificate_key(const struct certificate *certificate)
{
	return certificate->key;
}

const char *certificate_address(const struct certificate *certificate)
{
	return certificate->address;
}

const char *certificate_country(const struct certificate *certificate)
{
	return certificate->country;
}

struct rg_bytes certificate_serial(const struct certificate *certificate)
{
	return certificate->serial;
}

struct rg_bytes certificate_der(const struct certificate *certificate)
{
	return buf_view(&certificate->der);
}

int64_t certificate_not_before_us(const struct certificate *certificate)
{
	return certificate->not_before_us;
}

int64_t certificate_not_after_us(const struct certificate *certificate)
{
	return certificate->not_after_us;
}

bool certificate_is_ca(const struct certificate *certificate)
{
	return (certificate->flags & EXFLAG_CA) && (certificate->usage & KU_KEY_CERT_SIGN);
}

bool certificate_is_for_signing(const struct certificate *certificate)
{
	return certificate->usage & KU_DIGITAL_SIGNATURE;
}

bool certificate_is_for_encryption(const struct certificate *certificate)
{
	return certificate->usage & (KU_KEY_AGREEMENT | KU_KEY_ENCIPHERMENT);
}

bool certificate_may_sign_crls(const struct certificate *certificate)
{
	return (certificate->flags & EXFLAG_CA) && (certificate->usage & KU_CRL_SIGN);
}

bool certificate_is_valid_at(const struct certificate *certificate, int64_t time_us)
{
	return time_us >= certificate->not_before_us && time_us <= certificate->not_after_us;
}

rg_err certificate_is_issued_by(const struct certificate *certificate,
	const struct certificate *root, bool *ret_is_issued)
{
	X509 *x509 = certificate->x509;
	struct x509_signed object = {
		.der = certificate_der(certificate),
		.inner = X509_get0_tbs_sigalg(x509),
	};

	if (!certificate_is_ca(root) ||
		X509_NAME_cmp(X509_get_issuer_name(x509), X509_get_subject_name(root->x509)) != 0) {
		*ret_is_issued = false;
		return RG_OK;
	}
	X509_get0_signature(&object.signature, &object.outer, x509);
	return x509_verify(&object, root->key, ret_is_issued);
}

X509 *certificate_x509(const struct certificate *certificate)
{
	return certificate->x509;
}
