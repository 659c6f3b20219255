/*
 * Certificates and revocation lists of every algorithm: what a root issued is
 * accepted, and what is wrong in one respect is refused for it.
 */

#include <stdlib.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "sign/certificate.h"
#include "suite.h"

#define P256    RIVERGATE__V1__ALGORITHM__ALGORITHM_ECDSA_P256_SHA256
#define P384    RIVERGATE__V1__ALGORITHM__ALGORITHM_ECDSA_P384_SHA384
#define ED25519 RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519
#define RSA_PSS RIVERGATE__V1__ALGORITHM__ALGORITHM_RSA_PSS_SHA256
#define SM2     RIVERGATE__V1__ALGORITHM__ALGORITHM_SM2_SM3

#define FROM  INT64_C(1750000000000000)
#define UNTIL INT64_C(1850000000000000)
#define NOW   INT64_C(1800000000000000)

static const Rivergate__V1__Algorithm all[] = {P256, P384, ED25519, RSA_PSS, SM2};

/* A member's root with its key. */
struct authority {
	struct key *key;
	struct certificate *root;
};

static void authority_close(struct authority *authority)
{
	certificate_free(authority->root);
	key_free(authority->key);
}

static struct certificate *parse(const struct buf *der, Rivergate__V1__Algorithm algorithm)
{
	struct certificate *certificate = NULL;

	ck_assert_int_eq(certificate_parse(buf_view(der), algorithm, &certificate), RG_OK);
	return certificate;
}

static struct authority authority_of(Rivergate__V1__Algorithm algorithm, const char *cc)
{
	scoped(buf_deinit) struct buf der = {0};
	struct authority authority = {0};

	ck_assert_int_eq(key_generate(algorithm, &authority.key), RG_OK);
	ck_assert_int_eq(certificate_make_root(authority.key, cc, FROM, UNTIL, &der), RG_OK);
	authority.root = parse(&der, algorithm);
	ck_assert_ptr_nonnull(authority.root);
	return authority;
}

static struct buf issue(const struct authority *authority, const struct key *subject,
	const char *address)
{
	struct certificate_request request = {
		.address = address,
		.subject = subject,
		.not_before_us = FROM,
		.not_after_us = UNTIL,
	};
	struct buf der = {0};

	ck_assert_int_eq(certificate_issue(&request, authority->root, authority->key, &der), RG_OK);
	return der;
}

static bool is_issued(const struct certificate *certificate, const struct certificate *root)
{
	bool is_issued = false;

	ck_assert_int_eq(certificate_is_issued_by(certificate, root, &is_issued), RG_OK);
	return is_issued;
}

static struct crl *make_crl(const struct authority *authority, const struct crl_request *request)
{
	scoped(buf_deinit) struct buf der = {0};
	struct crl *crl = NULL;

	ck_assert_int_eq(crl_make(request, authority->root, authority->key, &der), RG_OK);
	ck_assert_int_eq(crl_parse(buf_view(&der), &crl), RG_OK);
	ck_assert_ptr_nonnull(crl);
	return crl;
}

static bool is_crl_of(const struct crl *crl, const struct certificate *root)
{
	bool is_issued = false;

	ck_assert_int_eq(crl_is_issued_by(crl, root, &is_issued), RG_OK);
	return is_issued;
}

START_TEST(root_of_every_algorithm_issues_certificates)
{
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		scoped(authority_close) struct authority authority = authority_of(all[i], "la");
		scoped(key_freep) struct key *subject = NULL;

		ck_assert_int_eq(key_generate(ED25519, &subject), RG_OK);
		scoped(buf_deinit) struct buf der = issue(&authority, subject, "la.customs.boten");
		scoped(certificate_freep) struct certificate *party = parse(&der, ED25519);

		ck_assert_ptr_nonnull(party);
		ck_assert(is_issued(authority.root, authority.root));
		ck_assert(is_issued(party, authority.root));
		ck_assert(certificate_is_ca(authority.root));
		ck_assert(!certificate_is_ca(party));
		ck_assert_str_eq(certificate_address(party), "la.customs.boten");
		ck_assert_str_eq(certificate_address(authority.root), "");
		ck_assert_str_eq(key_id(certificate_key(party)), key_id(subject));
		ck_assert_uint_eq(certificate_serial(party).len, 16);
		ck_assert(certificate_is_for_signing(party));
		ck_assert(!certificate_is_for_encryption(party));
		ck_assert(bytes_equal(certificate_der(party), buf_view(&der)));
	}
}
END_TEST

START_TEST(certificate_of_every_algorithm_is_issued)
{
	scoped(authority_close) struct authority authority = authority_of(SM2, "cn");

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		scoped(key_freep) struct key *subject = NULL;

		ck_assert_int_eq(key_generate(all[i], &subject), RG_OK);
		scoped(buf_deinit) struct buf der = issue(&authority, subject, "cn.gacc.mohan");
		scoped(certificate_freep) struct certificate *party = parse(&der, all[i]);

		ck_assert_ptr_nonnull(party);
		ck_assert(is_issued(party, authority.root));
	}
}
END_TEST

START_TEST(certificate_of_another_root_is_refused)
{
	scoped(authority_close) struct authority la = authority_of(P256, "la");
	scoped(authority_close) struct authority th = authority_of(P256, "th");
	scoped(authority_close) struct authority impostor = authority_of(P256, "la");
	scoped(buf_deinit) struct buf der = issue(&la, th.key, "la.customs");
	scoped(certificate_freep) struct certificate *party = parse(&der, 0);

	ck_assert(is_issued(party, la.root));
	ck_assert(!is_issued(party, th.root));
	/* Same name, other key. */
	ck_assert(!is_issued(party, impostor.root));
	/* A party certifies nobody. */
	ck_assert(!is_issued(party, party));
}
END_TEST

START_TEST(changed_certificate_is_refused)
{
	scoped(authority_close) struct authority la = authority_of(ED25519, "la");
	scoped(buf_deinit) struct buf der = issue(&la, la.key, "la.customs");

	for (size_t at = 0; at < der.len; at++) {
		der.data[at] ^= 1;
		scoped(certificate_freep) struct certificate *party = parse(&der, 0);

		ck_assert_msg(!party || !is_issued(party, la.root), "byte %zu", at);
		der.data[at] ^= 1;
	}
}
END_TEST

START_TEST(certificate_is_valid_from_its_first_to_its_last_instant)
{
	scoped(authority_close) struct authority la = authority_of(ED25519, "la");

	ck_assert_int_eq(certificate_not_before_us(la.root), FROM);
	ck_assert_int_eq(certificate_not_after_us(la.root), UNTIL);
	ck_assert(certificate_is_valid_at(la.root, FROM));
	ck_assert(certificate_is_valid_at(la.root, NOW));
	ck_assert(certificate_is_valid_at(la.root, UNTIL));
	ck_assert(!certificate_is_valid_at(la.root, FROM - 1));
	ck_assert(!certificate_is_valid_at(la.root, UNTIL + 1));
	ck_assert(!certificate_is_valid_at(la.root, INT64_MAX));
	ck_assert(!certificate_is_valid_at(la.root, INT64_MIN));
}
END_TEST

START_TEST(key_of_another_algorithm_is_refused)
{
	scoped(authority_close) struct authority la = authority_of(P256, "la");
	struct rg_bytes der = certificate_der(la.root);

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		scoped(certificate_freep) struct certificate *again = NULL;

		ck_assert_int_eq(certificate_parse(der, all[i], &again), RG_OK);
		ck_assert((again != NULL) == (all[i] == P256));
	}
}
END_TEST

START_TEST(what_is_not_exactly_one_certificate_is_refused)
{
	scoped(authority_close) struct authority la = authority_of(ED25519, "la");
	scoped(buf_deinit) struct buf der = {0};
	struct crl *crl = NULL;

	buf_add_bytes(&der, certificate_der(la.root));
	for (size_t len = 0; len < der.len; len++) {
		struct certificate *none = NULL;

		ck_assert_int_eq(certificate_parse(bytes_of(der.data, len), 0, &none), RG_OK);
		ck_assert_ptr_null(none);
	}
	ck_assert_int_eq(crl_parse(buf_view(&der), &crl), RG_OK);
	ck_assert_ptr_null(crl);
	buf_add_u8(&der, 0);
	ck_assert_ptr_null(parse(&der, 0));
}
END_TEST

START_TEST(what_is_no_address_is_not_certified)
{
	static const char *const addresses[] = {
		"",
		"la.customs,URI:rivergate:th.customs",
		"la customs",
		"LA.customs",
		"la.customs\n",
		"@section",
	};
	scoped(authority_close) struct authority la = authority_of(ED25519, "la");

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		scoped(buf_deinit) struct buf der = {0};
		struct certificate_request request = {
			.address = addresses[i],
			.subject = la.key,
			.not_before_us = FROM,
			.not_after_us = UNTIL,
		};

		ck_assert_int_eq(certificate_issue(&request, la.root, la.key, &der), RG_E_CONFIG);
		ck_assert_uint_eq(der.len, 0);
	}
}
END_TEST

START_TEST(long_address_is_certified)
{
	static const char address[] =
		"la.customs.a-very-long-office-name-that-does-not-fit.into-a-common-name";
	scoped(authority_close) struct authority la = authority_of(ED25519, "la");
	scoped(buf_deinit) struct buf der = issue(&la, la.key, address);
	scoped(certificate_freep) struct certificate *party = parse(&der, 0);

	ck_assert_str_eq(certificate_address(party), address);
}
END_TEST

START_TEST(wrong_country_makes_no_root)
{
	static const char *const countries[] = {"", "l", "lao", "LA", "l1"};
	scoped(key_freep) struct key *key = NULL;
	scoped(buf_deinit) struct buf der = {0};

	ck_assert_int_eq(key_generate(ED25519, &key), RG_OK);
	for (size_t i = 0; i < sizeof(countries) / sizeof(countries[0]); i++) {
		ck_assert_int_eq(certificate_make_root(key, countries[i], FROM, UNTIL, &der),
			RG_E_CONFIG);
	}
}
END_TEST

START_TEST(foreign_key_does_not_issue)
{
	scoped(authority_close) struct authority la = authority_of(ED25519, "la");
	scoped(authority_close) struct authority th = authority_of(ED25519, "th");
	scoped(buf_deinit) struct buf der = {0};
	struct crl_request list = {.number = 1, .now_us = NOW};
	struct certificate_request request = {
		.address = "la.customs",
		.subject = th.key,
		.not_before_us = FROM,
		.not_after_us = UNTIL,
	};

	ck_assert_int_eq(certificate_issue(&request, la.root, th.key, &der), RG_E_CONFIG);
	ck_assert_int_eq(crl_make(&list, la.root, th.key, &der), RG_E_CONFIG);
}
END_TEST

START_TEST(encryption_certificate_does_not_sign)
{
	scoped(authority_close) struct authority la = authority_of(P256, "la");
	scoped(authority_close) struct authority rsa = authority_of(RSA_PSS, "la");
	const struct key *subjects[] = {la.key, rsa.key};

	for (size_t i = 0; i < 2; i++) {
		scoped(buf_deinit) struct buf der = {0};
		struct certificate_request request = {
			.address = "la.customs",
			.subject = subjects[i],
			.is_for_encryption = true,
			.not_before_us = FROM,
			.not_after_us = UNTIL,
		};

		ck_assert_int_eq(certificate_issue(&request, la.root, la.key, &der), RG_OK);
		scoped(certificate_freep) struct certificate *party = parse(&der, 0);

		ck_assert(certificate_is_for_encryption(party));
		ck_assert(!certificate_is_for_signing(party));
	}
}
END_TEST

/* A certificate of our own making with these extensions, self-signed; consumes nothing. */
static struct certificate *with_extensions(const char *alternative, const char *other)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	X509 *x509 = X509_new();
	struct certificate *certificate = NULL;
	uint8_t *der = NULL;
	X509_EXTENSION *extension = NULL;

	ck_assert(X509_set_version(x509, X509_VERSION_3));
	ck_assert(ASN1_INTEGER_set(X509_get_serialNumber(x509), 77));
	ck_assert_ptr_nonnull(X509_gmtime_adj(X509_getm_notBefore(x509), 0));
	ck_assert_ptr_nonnull(X509_gmtime_adj(X509_getm_notAfter(x509), 1000));
	ck_assert(X509_set_pubkey(x509, pkey));
	if (alternative) {
		extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alternative);
		ck_assert(X509_add_ext(x509, extension, -1));
		X509_EXTENSION_free(extension);
	}
	if (other) {
		extension = X509V3_EXT_conf(NULL, NULL, "1.2.3.4", other);
		ck_assert(X509_add_ext(x509, extension, -1));
		X509_EXTENSION_free(extension);
	}
	ck_assert_int_gt(X509_sign(x509, pkey, NULL), 0);
	int len = i2d_X509(x509, &der);

	ck_assert_int_eq(certificate_parse(bytes_of(der, (size_t)len), 0, &certificate), RG_OK);
	OPENSSL_free(der);
	X509_free(x509);
	EVP_PKEY_free(pkey);
	return certificate;
}

START_TEST(address_that_is_missing_or_ambiguous_is_empty)
{
	static const struct {
		const char *alternative, *address;
	} cases[] = {
		{NULL, ""},
		{"DNS:la.customs", ""},
		{"URI:http://la.customs", ""},
		{"URI:rivergate:", ""},
		{"URI:rivergate:La.customs", ""},
		{"URI:rivergate:la/customs", ""},
		{"URI:rivergate:la.customs", "la.customs"},
		{"DNS:example.org,URI:rivergate:la.customs", "la.customs"},
		{"URI:rivergate:la.customs,URI:rivergate:th.customs", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scoped(certificate_freep) struct certificate *certificate =
			with_extensions(cases[i].alternative, NULL);

		ck_assert_ptr_nonnull(certificate);
		ck_assert_str_eq(certificate_address(certificate), cases[i].address);
		ck_assert(!certificate_is_ca(certificate));
	}
}
END_TEST

START_TEST(unknown_critical_extension_is_refused)
{
	scoped(certificate_freep) struct certificate *plain = with_extensions(NULL, "DER:0500");
	scoped(certificate_freep) struct certificate *critical =
		with_extensions(NULL, "critical,DER:0500");

	ck_assert_ptr_nonnull(plain);
	ck_assert_ptr_null(critical);
}
END_TEST

START_TEST(revoked_serial_is_found)
{
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		scoped(authority_close) struct authority la = authority_of(all[i], "la");
		scoped(buf_deinit) struct buf one = issue(&la, la.key, "la.customs");
		scoped(buf_deinit) struct buf two = issue(&la, la.key, "la.customs");
		scoped(certificate_freep) struct certificate *revoked = parse(&one, 0);
		scoped(certificate_freep) struct certificate *good = parse(&two, 0);
		struct rg_bytes serials[] = {certificate_serial(revoked),
			certificate_serial(revoked)};
		scoped(crl_freep) struct crl *empty =
			make_crl(&la, &(struct crl_request){.number = 1, .now_us = NOW});
		scoped(crl_freep) struct crl *crl = make_crl(&la,
			&(struct crl_request){.previous = empty,
				.serials = serials,
				.n_serials = 2,
				.number = UINT64_MAX,
				.now_us = NOW});

		ck_assert(!crl_has(empty, certificate_serial(revoked)));
		ck_assert(crl_has(crl, certificate_serial(revoked)));
		ck_assert(!crl_has(crl, certificate_serial(good)));
		ck_assert(!crl_has(crl, bytes_of(NULL, 0)));
		ck_assert_uint_eq(crl_number(empty), 1);
		ck_assert_uint_eq(crl_number(crl), UINT64_MAX);
		ck_assert_int_eq(crl_this_update_us(crl), NOW);
		ck_assert(is_crl_of(empty, la.root));
		ck_assert(is_crl_of(crl, la.root));
	}
}
END_TEST

START_TEST(entries_stay_in_the_next_list)
{
	enum { N = 300 };
	scoped(authority_close) struct authority la = authority_of(ED25519, "la");
	struct crl *previous = NULL;
	uint8_t serials[N][2];

	for (size_t i = 0; i < N; i++) {
		serials[i][0] = (uint8_t)(1 + i / 100);
		serials[i][1] = (uint8_t)(i % 100);
		struct rg_bytes serial = bytes_of(serials[i], 2);
		struct crl *next = make_crl(&la,
			&(struct crl_request){.previous = previous,
				.serials = &serial,
				.n_serials = 1,
				.number = i + 1,
				.now_us = NOW});

		crl_free(previous);
		previous = next;
	}
	for (size_t i = 0; i < N; i++) {
		ck_assert(crl_has(previous, bytes_of(serials[i], 2)));
	}
	ck_assert(!crl_has(previous, bytes_of("\x04\x01", 2)));
	crl_free(previous);
}
END_TEST

START_TEST(list_of_another_root_is_refused)
{
	scoped(authority_close) struct authority la = authority_of(SM2, "la");
	scoped(authority_close) struct authority th = authority_of(SM2, "th");
	scoped(authority_close) struct authority impostor = authority_of(SM2, "la");
	scoped(buf_deinit) struct buf der = issue(&la, la.key, "la.customs");
	scoped(certificate_freep) struct certificate *party = parse(&der, 0);
	scoped(crl_freep) struct crl *crl =
		make_crl(&la, &(struct crl_request){.number = 1, .now_us = NOW});

	ck_assert(is_crl_of(crl, la.root));
	ck_assert(!is_crl_of(crl, th.root));
	ck_assert(!is_crl_of(crl, impostor.root));
	ck_assert(!is_crl_of(crl, party));
}
END_TEST

START_TEST(changed_list_is_refused)
{
	scoped(authority_close) struct authority la = authority_of(ED25519, "la");
	scoped(buf_deinit) struct buf der = {0};
	struct rg_bytes serial = certificate_serial(la.root);
	struct crl_request request = {.serials = &serial,
		.n_serials = 1,
		.number = 7,
		.now_us = NOW};

	ck_assert_int_eq(crl_make(&request, la.root, la.key, &der), RG_OK);
	for (size_t at = 0; at < der.len; at++) {
		struct crl *crl = NULL;

		der.data[at] ^= 1;
		ck_assert_int_eq(crl_parse(buf_view(&der), &crl), RG_OK);
		ck_assert_msg(!crl || !is_crl_of(crl, la.root), "byte %zu", at);
		crl_free(crl);
		der.data[at] ^= 1;
		crl = NULL;
		ck_assert_int_eq(crl_parse(bytes_of(der.data, at), &crl), RG_OK);
		ck_assert_ptr_null(crl);
	}
}
END_TEST

START_TEST(number_that_does_not_increase_is_refused)
{
	scoped(authority_close) struct authority la = authority_of(ED25519, "la");
	scoped(buf_deinit) struct buf der = {0};
	scoped(crl_freep) struct crl *crl =
		make_crl(&la, &(struct crl_request){.number = 5, .now_us = NOW});

	for (uint64_t number = 0; number <= 5; number++) {
		struct crl_request request = {.previous = crl, .number = number, .now_us = NOW};

		ck_assert_int_eq(crl_make(&request, la.root, la.key, &der), RG_E_CONFIG);
	}
}
END_TEST

CHECK_MAIN("sign_certificate", root_of_every_algorithm_issues_certificates,
	certificate_of_every_algorithm_is_issued, certificate_of_another_root_is_refused,
	changed_certificate_is_refused, certificate_is_valid_from_its_first_to_its_last_instant,
	key_of_another_algorithm_is_refused, what_is_not_exactly_one_certificate_is_refused,
	what_is_no_address_is_not_certified, long_address_is_certified, wrong_country_makes_no_root,
	foreign_key_does_not_issue, encryption_certificate_does_not_sign,
	address_that_is_missing_or_ambiguous_is_empty, unknown_critical_extension_is_refused,
	revoked_serial_is_found, entries_stay_in_the_next_list, list_of_another_root_is_refused,
	changed_list_is_refused, number_that_does_not_increase_is_refused)
