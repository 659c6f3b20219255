/*
 * Keys of every algorithm: what they sign verifies, and nothing else does; key
 * files and public keys that are not as they should be are refused.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/x509.h>

#include "base/file.h"
#include "base/text.h"
#include "sign/key.h"
#include "suite.h"

#define P256    RIVERGATE__V1__ALGORITHM__ALGORITHM_ECDSA_P256_SHA256
#define P384    RIVERGATE__V1__ALGORITHM__ALGORITHM_ECDSA_P384_SHA384
#define ED25519 RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519
#define RSA_PSS RIVERGATE__V1__ALGORITHM__ALGORITHM_RSA_PSS_SHA256
#define SM2     RIVERGATE__V1__ALGORITHM__ALGORITHM_SM2_SM3

static const Rivergate__V1__Algorithm all[] = {P256, P384, ED25519, RSA_PSS, SM2};

#define N_ALL (sizeof(all) / sizeof(all[0]))

static struct rg_bytes text(const char *text)
{
	return bytes_of_text(text);
}

static struct key *generate(Rivergate__V1__Algorithm algorithm)
{
	struct key *key = NULL;

	ck_assert_int_eq(key_generate(algorithm, &key), RG_OK);
	ck_assert_ptr_nonnull(key);
	return key;
}

static bool is_valid(const struct key *key, const char *context, const char *content,
	struct rg_bytes sig)
{
	bool is_valid = false;

	ck_assert_int_eq(key_verify(key, context, text(content), sig, &is_valid), RG_OK);
	return is_valid;
}

/* A folder of the test's own; removed by the caller's rm_dir(). */
static char *make_dir(void)
{
	static char dir[64];

	(void)snprintf(dir, sizeof(dir), "/tmp/rg-test-key-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	return dir;
}

START_TEST(every_algorithm_verifies_what_it_signed_and_nothing_else)
{
	for (size_t i = 0; i < N_ALL; i++) {
		scoped(key_freep) struct key *key = generate(all[i]);
		scoped(buf_deinit) struct buf sig = {0};
		const char *name = key_algorithm_name(all[i]);

		ck_assert_int_eq(key_sign(key, "rivergate/v1 header", text("content"), &sig),
			RG_OK);
		ck_assert_msg(is_valid(key, "rivergate/v1 header", "content", buf_view(&sig)), "%s",
			name);
		ck_assert_msg(!is_valid(key, "rivergate/v1 header", "Content", buf_view(&sig)),
			"%s", name);
		ck_assert_msg(!is_valid(key, "rivergate/v1 header", "", buf_view(&sig)), "%s",
			name);
		ck_assert_msg(!is_valid(key, "rivergate/v1 batch", "content", buf_view(&sig)), "%s",
			name);
		for (size_t at = 0; at < sig.len; at++) {
			sig.data[at] ^= 1;
			ck_assert_msg(!is_valid(key, "rivergate/v1 header", "content",
					      buf_view(&sig)),
				"%s: byte %zu", name, at);
			sig.data[at] ^= 1;
		}
	}
}
END_TEST

START_TEST(signature_of_another_length_is_refused)
{
	static const uint8_t junk[1024] = {0x30, 0x82, 0x03, 0xfc};

	for (size_t i = 0; i < N_ALL; i++) {
		scoped(key_freep) struct key *key = generate(all[i]);
		scoped(buf_deinit) struct buf sig = {0};

		ck_assert_int_eq(key_sign(key, "c", text("content"), &sig), RG_OK);
		buf_add_u8(&sig, 0);
		ck_assert(!is_valid(key, "c", "content", buf_view(&sig)));
		ck_assert(!is_valid(key, "c", "content", bytes_of(sig.data, sig.len - 2)));
		ck_assert(!is_valid(key, "c", "content", bytes_of(NULL, 0)));
		ck_assert(!is_valid(key, "c", "content", bytes_of(junk, sizeof(junk))));
	}
}
END_TEST

START_TEST(signature_by_another_key_is_refused)
{
	for (size_t i = 0; i < N_ALL; i++) {
		scoped(key_freep) struct key *key = generate(all[i]);
		scoped(key_freep) struct key *other = generate(all[i]);
		scoped(buf_deinit) struct buf sig = {0};

		ck_assert_int_eq(key_sign(other, "c", text("content"), &sig), RG_OK);
		ck_assert(is_valid(other, "c", "content", buf_view(&sig)));
		ck_assert(!is_valid(key, "c", "content", buf_view(&sig)));
		ck_assert_str_ne(key_id(key), key_id(other));
	}
}
END_TEST

START_TEST(raw_signature_has_no_context)
{
	scoped(key_freep) struct key *key = generate(ED25519);
	scoped(buf_deinit) struct buf sig = {0};
	bool is_raw_valid = false;

	ck_assert_int_eq(key_sign_raw(key, text("c\ncontent"), &sig), RG_OK);
	ck_assert_uint_eq(sig.len, 64);
	ck_assert(is_valid(key, "c", "content", buf_view(&sig)));
	ck_assert_int_eq(key_verify_raw(key, text("c\ncontent"), buf_view(&sig), &is_raw_valid),
		RG_OK);
	ck_assert(is_raw_valid);
	ck_assert_int_eq(key_verify_raw(key, text("content"), buf_view(&sig), &is_raw_valid),
		RG_OK);
	ck_assert(!is_raw_valid);
}
END_TEST

/* RFC 8032, section 7.1, test 2. */
START_TEST(ed25519_agrees_with_the_reference_vector)
{
	uint8_t raw[32], again[32], sig[64];
	scoped(key_freep) struct key *key = NULL;
	bool is_vector_valid = false;

	ck_assert(text_unhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
		raw, sizeof(raw)));
	ck_assert(text_unhex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
			     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
		sig, sizeof(sig)));
	ck_assert_int_eq(key_from_ed25519(raw, &key), RG_OK);
	ck_assert_int_eq(key_verify_raw(key, text("r"), bytes_of(sig, sizeof(sig)),
				 &is_vector_valid),
		RG_OK);
	ck_assert(is_vector_valid);
	ck_assert_int_eq(key_verify_raw(key, text("s"), bytes_of(sig, sizeof(sig)),
				 &is_vector_valid),
		RG_OK);
	ck_assert(!is_vector_valid);
	ck_assert_int_eq(key_ed25519_raw(key, again), RG_OK);
	ck_assert_mem_eq(raw, again, sizeof(raw));
}
END_TEST

/* GM/T 0003.5-2012, annex A: message "message digest", id 1234567812345678. */
START_TEST(sm2_agrees_with_the_reference_vector)
{
	static const char point[] =
		"3059301306072a8648ce3d020106082a811ccf5501822d034200"
		"0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
		"ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
	static const char vector[] =
		"3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
		"022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";
	uint8_t spki[91], sig[72];
	scoped(key_freep) struct key *key = NULL;
	bool is_vector_valid = false;

	ck_assert(text_unhex(point, spki, sizeof(spki)));
	ck_assert(text_unhex(vector, sig, sizeof(sig)));
	ck_assert_int_eq(key_from_spki(SM2, bytes_of(spki, sizeof(spki)), &key), RG_OK);
	ck_assert_ptr_nonnull(key);
	ck_assert_int_eq(key_verify_raw(key, text("message digest"), bytes_of(sig, sizeof(sig)),
				 &is_vector_valid),
		RG_OK);
	ck_assert(is_vector_valid);
	ck_assert_int_eq(key_verify_raw(key, text("message digesT"), bytes_of(sig, sizeof(sig)),
				 &is_vector_valid),
		RG_OK);
	ck_assert(!is_vector_valid);
}
END_TEST

START_TEST(raw_key_of_another_algorithm_is_refused)
{
	scoped(key_freep) struct key *key = generate(P256);
	uint8_t raw[32];

	ck_assert_int_eq(key_ed25519_raw(key, raw), RG_E_CONFIG);
}
END_TEST

START_TEST(public_key_verifies_but_does_not_sign)
{
	for (size_t i = 0; i < N_ALL; i++) {
		scoped(key_freep) struct key *key = generate(all[i]);
		scoped(key_freep) struct key *public = NULL;
		scoped(buf_deinit) struct buf spki = {0};
		scoped(buf_deinit) struct buf sig = {0};

		ck_assert_int_eq(key_spki(key, &spki), RG_OK);
		ck_assert_int_eq(key_from_spki(all[i], buf_view(&spki), &public), RG_OK);
		ck_assert_ptr_nonnull(public);
		ck_assert_str_eq(key_id(key), key_id(public));
		ck_assert_int_eq(key_algorithm(public), all[i]);
		ck_assert_int_eq(key_sign(key, "c", text("content"), &sig), RG_OK);
		ck_assert(is_valid(public, "c", "content", buf_view(&sig)));
		ck_assert_int_eq(key_sign(public, "c", text("content"), &sig), RG_E_CRYPTO);
	}
}
END_TEST

START_TEST(public_key_of_another_algorithm_is_refused)
{
	for (size_t i = 0; i < N_ALL; i++) {
		scoped(key_freep) struct key *key = generate(all[i]);
		scoped(buf_deinit) struct buf spki = {0};

		ck_assert_int_eq(key_spki(key, &spki), RG_OK);
		for (size_t j = 0; j < N_ALL; j++) {
			scoped(key_freep) struct key *public = NULL;

			ck_assert_int_eq(key_from_spki(all[j], buf_view(&spki), &public), RG_OK);
			ck_assert_msg((public != NULL) == (i == j), "%s as %s",
				key_algorithm_name(all[i]), key_algorithm_name(all[j]));
		}
	}
}
END_TEST

START_TEST(damaged_public_key_is_refused)
{
	scoped(key_freep) struct key *key = generate(P256);
	scoped(buf_deinit) struct buf spki = {0};

	ck_assert_int_eq(key_spki(key, &spki), RG_OK);
	for (size_t len = 0; len < spki.len; len++) {
		scoped(key_freep) struct key *public = NULL;

		ck_assert_int_eq(key_from_spki(P256, bytes_of(spki.data, len), &public), RG_OK);
		ck_assert_ptr_null(public);
	}
	/* Off the curve. */
	scoped(key_freep) struct key *off = NULL;

	spki.data[spki.len - 1] ^= 1;
	ck_assert_int_eq(key_from_spki(P256, buf_view(&spki), &off), RG_OK);
	ck_assert_ptr_null(off);
	/* Followed by a byte. */
	spki.data[spki.len - 1] ^= 1;
	buf_add_u8(&spki, 0);
	ck_assert_int_eq(key_from_spki(P256, buf_view(&spki), &off), RG_OK);
	ck_assert_ptr_null(off);
}
END_TEST

/* Consumes the pkey; answers whether it passes as a key of the table. */
static bool is_taken(EVP_PKEY *pkey)
{
	scoped(key_freep) struct key *key = NULL;
	uint8_t *der = NULL;
	int len = i2d_PUBKEY(pkey, &der);

	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(key_from_spki(0, bytes_of(der, (size_t)len), &key), RG_OK);
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
	return key;
}

START_TEST(keys_outside_the_table_are_refused)
{
	EVP_PKEY *explicit = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");

	ck_assert(is_taken(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256")));
	ck_assert(!is_taken(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048)));
	ck_assert(!is_taken(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-521")));
	ck_assert(!is_taken(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1")));
	ck_assert(!is_taken(EVP_PKEY_Q_keygen(NULL, NULL, "ED448")));
	ck_assert(!is_taken(EVP_PKEY_Q_keygen(NULL, NULL, "X25519")));
	ck_assert(EVP_PKEY_set_utf8_string_param(explicit, "encoding", "explicit"));
	ck_assert(!is_taken(explicit));
}
END_TEST

START_TEST(names_and_numbers_of_algorithms_agree)
{
	for (size_t i = 0; i < N_ALL; i++) {
		ck_assert_int_eq(key_algorithm_of(key_algorithm_name(all[i])), all[i]);
	}
	ck_assert_int_eq(key_algorithm_of("md5"), 0);
	ck_assert_ptr_null(key_algorithm_name(0));
}
END_TEST

START_TEST(unknown_algorithm_is_not_generated)
{
	scoped(key_freep) struct key *key = NULL;

	ck_assert_int_eq(key_generate(0, &key), RG_E_CONFIG);
	ck_assert_ptr_null(key);
}
END_TEST

START_TEST(saved_key_is_private_and_loads_again)
{
	char *dir = make_dir();

	for (size_t i = 0; i < N_ALL; i++) {
		scoped(key_freep) struct key *key = generate(all[i]);
		scoped(key_freep) struct key *again = NULL;
		scoped(buf_deinit) struct buf sig = {0};
		struct stat status;
		char path[128];

		(void)snprintf(path, sizeof(path), "%s/%s.pem", dir, key_algorithm_name(all[i]));
		ck_assert_int_eq(key_save(key, path), RG_OK);
		ck_assert_int_eq(stat(path, &status), 0);
		ck_assert_int_eq(status.st_mode & 07777, 0600);
		ck_assert_int_eq(key_load(path, &again), RG_OK);
		ck_assert_int_eq(key_algorithm(again), all[i]);
		ck_assert_str_eq(key_id(again), key_id(key));
		ck_assert_int_eq(key_sign(again, "c", text("content"), &sig), RG_OK);
		ck_assert(is_valid(key, "c", "content", buf_view(&sig)));
		ck_assert_int_eq(key_save(key, path), RG_E_CONFIG);
		ck_assert_int_eq(unlink(path), 0);
	}
	/* Nothing else is left behind. */
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(key_file_open_to_others_is_refused)
{
	static const mode_t modes[] = {0640, 0604, 0660, 0644, 0610, 0777};
	char *dir = make_dir();
	scoped(key_freep) struct key *key = generate(ED25519);
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/key.pem", dir);
	ck_assert_int_eq(key_save(key, path), RG_OK);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		scoped(key_freep) struct key *again = NULL;

		ck_assert_int_eq(chmod(path, modes[i]), 0);
		ck_assert_int_eq(key_load(path, &again), RG_E_CONFIG);
		ck_assert_ptr_null(again);
	}
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(file_that_is_no_key_is_refused)
{
	static const char *const contents[] = {
		"",
		"not a key\n",
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		"-----BEGIN PUBLIC "
		"KEY-----\nMCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n"
		"-----END PUBLIC KEY-----\n",
	};
	char *dir = make_dir();
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/key.pem", dir);
	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		scoped(key_freep) struct key *key = NULL;

		ck_assert_int_eq(file_replace(path, text(contents[i]), 0600), RG_OK);
		ck_assert_int_eq(key_load(path, &key), RG_E_CONFIG);
		ck_assert_ptr_null(key);
	}
	ck_assert_int_eq(unlink(path), 0);

	scoped(key_freep) struct key *none = NULL;

	ck_assert_int_eq(key_load(path, &none), RG_E_CONFIG);
	ck_assert_int_eq(key_load(dir, &none), RG_E_CONFIG);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

CHECK_MAIN("sign_key", every_algorithm_verifies_what_it_signed_and_nothing_else,
	signature_of_another_length_is_refused, signature_by_another_key_is_refused,
	raw_signature_has_no_context, ed25519_agrees_with_the_reference_vector,
	sm2_agrees_with_the_reference_vector, raw_key_of_another_algorithm_is_refused,
	public_key_verifies_but_does_not_sign, public_key_of_another_algorithm_is_refused,
	damaged_public_key_is_refused, keys_outside_the_table_are_refused,
	names_and_numbers_of_algorithms_agree, unknown_algorithm_is_not_generated,
	saved_key_is_private_and_loads_again, key_file_open_to_others_is_refused,
	file_that_is_no_key_is_refused)
