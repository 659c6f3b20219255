/*
 * Files of public keys and certificates: see keyfile.h
 *
 * Threads: one.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/keyfile.h"

#define KEYFILE_MAX  65536
#define PUBLIC_MODE  0644
#define LABEL_PUBLIC "PUBLIC KEY"
#define LABEL_X509   "CERTIFICATE"

static void bio_freep(BIO **bio)
{
	BIO_free(*bio);
}

static void openssl_freep(void *memory)
{
	OPENSSL_free(*(void **)memory);
}

static rg_err bad_file(const char *path, const char *what)
{
	log_event(LOG_ERROR, "cli", "cannot-use-file", log_text("path", path),
		log_text("why", what));
	return RG_E_CONFIG;
}

/* --- PEM ------------------------------------------------------------------------------------ */

static rg_err write_pem(const char *path, const char *label, struct rg_bytes der)
{
	scoped(bio_freep) BIO *bio = BIO_new(BIO_s_mem());
	char *pem = NULL;

	if (!bio || PEM_write_bio(bio, label, "", der.data, (long)der.len) <= 0) {
		return RG_E_CRYPTO;
	}
	long len = BIO_get_mem_data(bio, &pem);
	return file_create(path, bytes_of(pem, (size_t)len), PUBLIC_MODE);
}

/* Appends the bytes under this label to der; false: the text is not that. */
static bool read_pem(const struct buf *text, const char *label, struct buf *der)
{
	scoped(bio_freep) BIO *bio = BIO_new_mem_buf(text->data, (int)text->len);
	scoped(openssl_freep) char *name = NULL;
	scoped(openssl_freep) char *head = NULL;
	scoped(openssl_freep) unsigned char *data = NULL;
	long len = 0;

	if (!bio || PEM_read_bio(bio, &name, &head, &data, &len) <= 0) {
		ERR_clear_error();
		return false;
	}
	buf_add(der, data, (size_t)len);
	return strcmp(name, label) == 0 && buf_error(der) == RG_OK;
}

static rg_err read_file(const char *path, struct buf *text)
{
	bool is_found;
	rg_err err = file_read(path, KEYFILE_MAX, text, &is_found);

	if (err == RG_E_OVERFLOW) {
		return bad_file(path, "it is too large to be a key or certificate");
	}
	if (err) {
		return err;
	}
	return is_found ? RG_OK : bad_file(path, "there is no such file");
}

/* --- Keys and certificates ------------------------------------------------------------------ */

rg_err keyfile_write_public(const char *path, const struct key *key)
{
	scoped(buf_deinit) struct buf spki = {0};
	rg_err err = key_spki(key, &spki);

	return err ? err : write_pem(path, LABEL_PUBLIC, buf_view(&spki));
}

rg_err keyfile_write_certificate(const char *path, struct rg_bytes der)
{
	return write_pem(path, LABEL_X509, der);
}

rg_err keyfile_read_public(const char *path, struct key **ret_key)
{
	scoped(buf_deinit) struct buf text = {0};
	scoped(buf_deinit) struct buf spki = {0};
	rg_err err = read_file(path, &text);

	if (err) {
		return err;
	}
	if (!read_pem(&text, LABEL_PUBLIC, &spki)) {
		return bad_file(path, "it does not hold a public key in PEM");
	}
	err = key_from_spki(0, buf_view(&spki), ret_key);
	if (err) {
		return err;
	}
	return *ret_key ? RG_OK : bad_file(path, "its public key is of no known algorithm");
}

rg_err keyfile_read_ed25519(const char *path, uint8_t ret_raw[32])
{
	scoped(key_freep) struct key *key = NULL;
	rg_err err = keyfile_read_public(path, &key);

	if (err) {
		return err;
	}
	if (key_algorithm(key) != RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519) {
		return bad_file(path, "its public key is not Ed25519");
	}
	return key_ed25519_raw(key, ret_raw);
}

rg_err keyfile_read_certificate(const char *path, struct certificate **ret_certificate)
{
	scoped(buf_deinit) struct buf text = {0};
	scoped(buf_deinit) struct buf der = {0};
	rg_err err = read_file(path, &text);

	if (err) {
		return err;
	}
	bool is_pem = read_pem(&text, LABEL_X509, &der);
	err = certificate_parse(buf_view(is_pem ? &der : &text), 0, ret_certificate);
	if (err) {
		return err;
	}
	return *ret_certificate
		? RG_OK
		: bad_file(path, "it does not hold a certificate in PEM or DER with a known key");
}

rg_err keyfile_read_curve(const char *path, uint8_t ret_raw[KEYFILE_CURVE_LEN])
{
	scoped(buf_deinit) struct buf text = {0};
	rg_err err = read_file(path, &text);

	if (err) {
		return err;
	}
	if (text.len > 0 && text.data[text.len - 1] == '\n') {
		text.len--;
	}
	const char *hex = buf_text(&text);
	return hex && text_unhex(hex, ret_raw, KEYFILE_CURVE_LEN)
		? RG_OK
		: bad_file(path, "it does not hold 64 hex digits");
}

/* --- Certificate authorities ---------------------------------------------------------------- */

void keyfile_ca_deinit(struct keyfile_ca *ca)
{
	key_freep(&ca->key);
	certificate_freep(&ca->root);
}

rg_err keyfile_read_ca(const char *prefix, struct keyfile_ca *ret_ca)
{
	char path[4096];
	int len = snprintf(path, sizeof(path), "%s.key", prefix);

	if (len < 0 || (size_t)len >= sizeof(path)) {
		return bad_file(prefix, "its name is too long");
	}
	rg_err err = key_load(path, &ret_ca->key);
	if (err) {
		return err;
	}
	snprintf(path, sizeof(path), "%s.crt", prefix);
	err = keyfile_read_certificate(path, &ret_ca->root);
	if (err) {
		return err;
	}
	const struct key *certified = certificate_key(ret_ca->root);
	if (!certificate_is_ca(ret_ca->root) ||
		strcmp(key_id(certified), key_id(ret_ca->key)) != 0) {
		return bad_file(path, "it is not the CA certificate of the key beside it");
	}
	return RG_OK;
}
