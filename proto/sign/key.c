/*
 * Keys: see key.h
 *
 * Every algorithm is a row; what differs between them is its text parameters. A
 * key carries one prepared context for each direction, which is copied for each
 * use: looking algorithms up and setting parameters happens once a key.
 * Threads: a key is immutable once made; copying a context only counts references.
 */

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/file.h"
#include "base/log.h"
#include "base/merkle.h"
#include "base/text.h"
#include "sign/key.h"

#define KEY_FILE_MAX ((size_t)64 * 1024)
#define PARAMS_MAX   4
#define RSA_BITS_MIN 3072
#define RSA_BITS_MAX 4096 /* keeps signatures below KEY_SIGNATURE_MAX */
#define SPKI_MAX     4096
#define PREFIX_MAX   64

struct parameter {
	const char *name;
	const char *value;
	bool is_octets; /* else text */
};

struct algorithm {
	Rivergate__V1__Algorithm number;
	const char *name;
	const char *key_type; /* as OpenSSL's providers name it */
	const char *group;    /* as EVP_PKEY_get_group_name() names it; NULL: none */
	const char *digest;   /* NULL: part of the algorithm, and signing is one-shot */
	struct parameter params[PARAMS_MAX];
};

/* A row here, and a value of enum Algorithm, is all that a new algorithm takes. */
static const struct algorithm algorithms[] = {
	{
		.number = RIVERGATE__V1__ALGORITHM__ALGORITHM_ECDSA_P256_SHA256,
		.name = "p256",
		.key_type = "EC",
		.group = "prime256v1",
		.digest = "SHA256",
	},
	{
		.number = RIVERGATE__V1__ALGORITHM__ALGORITHM_ECDSA_P384_SHA384,
		.name = "p384",
		.key_type = "EC",
		.group = "secp384r1",
		.digest = "SHA384",
	},
	{
		.number = RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519,
		.name = "ed25519",
		.key_type = "ED25519",
	},
	{
		.number = RIVERGATE__V1__ALGORITHM__ALGORITHM_RSA_PSS_SHA256,
		.name = "rsa-pss",
		.key_type = "RSA",
		.digest = "SHA256",
		.params =
			{
				{OSSL_SIGNATURE_PARAM_PAD_MODE, OSSL_PKEY_RSA_PAD_MODE_PSS, false},
				{OSSL_SIGNATURE_PARAM_MGF1_DIGEST, "SHA256", false},
				{OSSL_SIGNATURE_PARAM_PSS_SALTLEN, "32", false},
			},
	},
	{
		.number = RIVERGATE__V1__ALGORITHM__ALGORITHM_SM2_SM3,
		.name = "sm2",
		.key_type = "SM2",
		.digest = "SM3",
		.params = {{OSSL_PKEY_PARAM_DIST_ID, "1234567812345678", true}},
	},
};

#define N_ALGORITHMS (sizeof(algorithms) / sizeof(algorithms[0]))

struct key {
	const struct algorithm *algorithm;
	EVP_PKEY *pkey;
	EVP_MD_CTX *verifier; /* prepared, only ever copied */
	EVP_MD_CTX *signer;   /* the same; NULL for a public key */
	char id[KEY_ID_LEN + 1];
};

/* What is signed: "context LF" (may be empty) and then content. */
struct signed_bytes {
	char prefix[PREFIX_MAX];
	size_t prefix_len;
	struct rg_bytes content;
};

static void pkey_freep(EVP_PKEY **pkey)
{
	EVP_PKEY_free(*pkey);
}

static void md_freep(EVP_MD_CTX **md)
{
	EVP_MD_CTX_free(*md);
}

static void bio_freep(BIO **bio)
{
	BIO_free_all(*bio);
}

static void openssl_freep(uint8_t **bytes)
{
	OPENSSL_free(*bytes);
}

/* Wipes before it frees: for buffers that held a private key. */
static void secret_deinit(struct buf *buf)
{
	buf_wipe(buf);
	buf_deinit(buf);
}

static const struct algorithm *find_algorithm(Rivergate__V1__Algorithm number)
{
	for (size_t i = 0; i < N_ALGORITHMS; i++) {
		if (algorithms[i].number == number) {
			return &algorithms[i];
		}
	}
	return NULL;
}

const char *key_algorithm_name(Rivergate__V1__Algorithm algorithm)
{
	const struct algorithm *row = find_algorithm(algorithm);

	return row ? row->name : NULL;
}

Rivergate__V1__Algorithm key_algorithm_of(const char *name)
{
	for (size_t i = 0; i < N_ALGORITHMS; i++) {
		if (strcmp(algorithms[i].name, name) == 0) {
			return algorithms[i].number;
		}
	}
	return RIVERGATE__V1__ALGORITHM__ALGORITHM_UNSPECIFIED;
}

static rg_err crypto_fault(const char *what)
{
	char text[256];

	ERR_error_string_n(ERR_get_error(), text, sizeof(text));
	ERR_clear_error();
	log_event(LOG_ERROR, "key", what, log_text("openssl", text));
	return RG_E_CRYPTO;
}

/* A curve spelt out in numbers is not the named one, even where the numbers agree. */
static bool is_named_group(const EVP_PKEY *pkey, const char *group)
{
	char name[32];
	int is_explicit = 0;

	(void)EVP_PKEY_get_int_param(pkey, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
		&is_explicit);
	return !is_explicit && EVP_PKEY_get_group_name(pkey, name, sizeof(name), NULL) == 1 &&
		strcmp(name, group) == 0;
}

static bool is_of_algorithm(const EVP_PKEY *pkey, const struct algorithm *row)
{
	int bits = EVP_PKEY_get_bits(pkey);

	if (!EVP_PKEY_is_a(pkey, row->key_type)) {
		return false;
	}
	if (strcmp(row->key_type, "RSA") == 0) {
		return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX;
	}
	return !row->group || is_named_group(pkey, row->group);
}

static const struct algorithm *algorithm_of_pkey(const EVP_PKEY *pkey)
{
	for (size_t i = 0; i < N_ALGORITHMS; i++) {
		if (is_of_algorithm(pkey, &algorithms[i])) {
			return &algorithms[i];
		}
	}
	return NULL;
}

static void fill_params(const struct algorithm *row, OSSL_PARAM params[PARAMS_MAX + 1])
{
	size_t n = 0;

	for (; n < PARAMS_MAX && row->params[n].name; n++) {
		const struct parameter *param = &row->params[n];
		char *value = (char *)(uintptr_t)param->value; /* only read */

		params[n] = param->is_octets
			? OSSL_PARAM_construct_octet_string(param->name, value, strlen(value))
			: OSSL_PARAM_construct_utf8_string(param->name, value, 0);
	}
	params[n] = OSSL_PARAM_construct_end();
}

static rg_err prepare(struct key *key, bool is_private)
{
	const struct algorithm *row = key->algorithm;
	OSSL_PARAM params[PARAMS_MAX + 1];

	fill_params(row, params);
	key->verifier = EVP_MD_CTX_new();
	key->signer = is_private ? EVP_MD_CTX_new() : NULL;
	if (!key->verifier || (is_private && !key->signer)) {
		return RG_E_NOMEM;
	}
	if (!EVP_DigestVerifyInit_ex(key->verifier, NULL, row->digest, NULL, NULL, key->pkey,
		    params)) {
		return crypto_fault("cannot-prepare-verifying");
	}
	if (is_private &&
		!EVP_DigestSignInit_ex(key->signer, NULL, row->digest, NULL, NULL, key->pkey,
			params)) {
		return crypto_fault("cannot-prepare-signing");
	}
	return RG_OK;
}

static rg_err fill_id(struct key *key)
{
	scoped(buf_deinit) struct buf spki = {0};
	struct merkle_hash hash;
	rg_err err = key_spki(key, &spki);

	err = err ? err : merkle_hash_of(buf_view(&spki), (struct rg_bytes){0}, &hash);
	if (!err) {
		text_hex(bytes_of(hash.bytes, sizeof(hash.bytes)), key->id);
	}
	return err;
}

/* Consumes the pkey, also on a fault. */
static rg_err make_key(const struct algorithm *row, EVP_PKEY **pkey, bool is_private,
	struct key **ret_key)
{
	scoped(key_freep) struct key *key = OPENSSL_zalloc(sizeof(*key));
	scoped(pkey_freep) EVP_PKEY *mine = steal(*pkey);

	if (!key) {
		return RG_E_NOMEM;
	}
	key->algorithm = row;
	key->pkey = steal(mine);
	rg_err err = fill_id(key);

	err = err ? err : prepare(key, is_private);
	if (!err) {
		*ret_key = steal(key);
	}
	return err;
}

rg_err key_generate(Rivergate__V1__Algorithm algorithm, struct key **ret_key)
{
	const struct algorithm *row = find_algorithm(algorithm);
	scoped(pkey_freep) EVP_PKEY *pkey = NULL;

	if (!row) {
		return RG_E_CONFIG;
	}
	if (strcmp(row->key_type, "RSA") == 0) {
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, row->key_type, (size_t)RSA_BITS_MIN);
	} else if (row->group) {
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, row->key_type, row->group);
	} else {
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, row->key_type);
	}
	return pkey ? make_key(row, &pkey, true, ret_key) : crypto_fault("cannot-generate");
}

/* A daemon has nobody to ask: an encrypted key file is refused instead of prompting. */
static int refuse_password(char *text, int size, int is_writing, void *context)
{
	(void)text;
	(void)size;
	(void)is_writing;
	(void)context;
	return -1;
}

static rg_err refuse_file(const char *path, const char *what_to_do)
{
	ERR_clear_error();
	log_event(LOG_ERROR, "key", "key-file-refused", log_text("path", path),
		log_text("fix", what_to_do));
	return RG_E_CONFIG;
}

rg_err key_load(const char *path, struct key **ret_key)
{
	scoped(secret_deinit) struct buf pem = {0};
	scoped(pkey_freep) EVP_PKEY *pkey = NULL;
	scoped(bio_freep) BIO *bio = NULL;
	rg_err err = file_read_private(path, KEY_FILE_MAX, &pem);

	if (err) {
		return err;
	}
	bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	if (!bio) {
		return RG_E_NOMEM;
	}
	pkey = PEM_read_bio_PrivateKey(bio, NULL, refuse_password, NULL);
	if (!pkey) {
		return refuse_file(path,
			"not a private key in unencrypted PEM (PKCS#8): make one with "
			"rivergate keygen");
	}
	const struct algorithm *row = algorithm_of_pkey(pkey);

	if (!row) {
		return refuse_file(path,
			"key of no known algorithm: make one with rivergate keygen");
	}
	return make_key(row, &pkey, true, ret_key);
}

rg_err key_save(const struct key *key, const char *path)
{
	/* Memory of a BIO is wiped when it is freed. */
	scoped(bio_freep) BIO *bio = BIO_new(BIO_s_mem());
	char *pem = NULL;

	if (!bio) {
		return RG_E_NOMEM;
	}
	if (!key->signer ||
		!PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL)) {
		return crypto_fault("cannot-encode-private-key");
	}
	long len = BIO_get_mem_data(bio, &pem);

	return file_create(path, bytes_of(pem, (size_t)len), 0600);
}

/* NULL: not exactly one key in DER. */
static EVP_PKEY *parse_spki(struct rg_bytes spki)
{
	const uint8_t *next = spki.data;

	if (spki.len == 0 || spki.len > SPKI_MAX) {
		return NULL;
	}
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &next, (long)spki.len);

	if (pkey && next != spki.data + spki.len) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	ERR_clear_error();
	return pkey;
}

rg_err key_from_spki(Rivergate__V1__Algorithm algorithm, struct rg_bytes spki, struct key **ret_key)
{
	scoped(pkey_freep) EVP_PKEY *pkey = parse_spki(spki);
	scoped(key_freep) struct key *key = NULL;
	scoped(buf_deinit) struct buf again = {0};
	const struct algorithm *row = pkey ? algorithm_of_pkey(pkey) : NULL;

	if (!row || (algorithm && row->number != algorithm)) {
		*ret_key = NULL;
		return RG_OK;
	}
	rg_err err = make_key(row, &pkey, false, &key);

	err = err ? err : key_spki(key, &again);
	if (err) {
		return err;
	}
	/* A key has one encoding, because its id is a hash of it. */
	*ret_key = bytes_equal(spki, buf_view(&again)) ? steal(key) : NULL;
	return RG_OK;
}

rg_err key_from_ed25519(const uint8_t raw[32], struct key **ret_key)
{
	const struct algorithm *row = find_algorithm(RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519);
	scoped(pkey_freep) EVP_PKEY *pkey =
		EVP_PKEY_new_raw_public_key_ex(NULL, row->key_type, NULL, raw, 32);

	return pkey ? make_key(row, &pkey, false, ret_key) : crypto_fault("cannot-take-raw-key");
}

void key_free(struct key *key)
{
	if (key) {
		EVP_MD_CTX_free(key->verifier);
		EVP_MD_CTX_free(key->signer);
		/* Wipes the private numbers. */
		EVP_PKEY_free(key->pkey);
		OPENSSL_free(key);
	}
}

Rivergate__V1__Algorithm key_algorithm(const struct key *key)
{
	return key->algorithm->number;
}

const char *key_id(const struct key *key)
{
	return key->id;
}

EVP_PKEY *key_pkey(const struct key *key)
{
	return key->pkey;
}

rg_err key_spki(const struct key *key, struct buf *out)
{
	scoped(openssl_freep) uint8_t *der = NULL;
	int len = i2d_PUBKEY(key->pkey, &der);

	if (len <= 0) {
		return crypto_fault("cannot-encode-public-key");
	}
	buf_add(out, der, (size_t)len);
	return buf_error(out);
}

rg_err key_ed25519_raw(const struct key *key, uint8_t ret_raw[32])
{
	uint8_t raw[32];
	size_t len = sizeof(raw);

	if (key_algorithm(key) != RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519) {
		log_event(LOG_ERROR, "key", "not-an-ed25519-key", log_text("key", key->id));
		return RG_E_CONFIG;
	}
	if (!EVP_PKEY_get_raw_public_key(key->pkey, raw, &len) || len != sizeof(raw)) {
		return crypto_fault("cannot-give-raw-key");
	}
	memcpy(ret_raw, raw, sizeof(raw));
	return RG_OK;
}

/* Puts prefix and content into one piece, for algorithms that want it so; consumed by use. */
static rg_err join(const struct signed_bytes *bytes, struct buf *whole)
{
	buf_add(whole, bytes->prefix, bytes->prefix_len);
	buf_add_bytes(whole, bytes->content);
	return buf_error(whole);
}

static rg_err prefix_of(const char *context, struct rg_bytes content,
	struct signed_bytes *ret_bytes)
{
	size_t len = strlen(context);

	if (len + 1 > PREFIX_MAX) {
		return RG_E_OVERFLOW;
	}
	ret_bytes->content = content;
	ret_bytes->prefix_len = len + 1;
	memcpy(ret_bytes->prefix, context, len);
	ret_bytes->prefix[len] = '\n';
	return RG_OK;
}

static EVP_MD_CTX *copy_of(const EVP_MD_CTX *prepared)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	if (md && !EVP_MD_CTX_copy_ex(md, prepared)) {
		EVP_MD_CTX_free(md);
		md = NULL;
	}
	return md;
}

/* A public key has nothing to sign with: a fault like any other of OpenSSL. */
static rg_err sign(const struct key *key, const struct signed_bytes *bytes, struct buf *out)
{
	scoped(buf_deinit) struct buf whole = {0};
	scoped(md_freep) EVP_MD_CTX *md = key->signer ? copy_of(key->signer) : NULL;
	uint8_t *to = buf_reserve(out, KEY_SIGNATURE_MAX);
	size_t len = KEY_SIGNATURE_MAX;

	if (!md) {
		return crypto_fault("cannot-sign");
	}
	if (!to) {
		return buf_error(out);
	}
	rg_err err = join(bytes, &whole);

	if (err) {
		return err;
	}
	if (EVP_DigestSign(md, to, &len, whole.data, whole.len) != 1) {
		return crypto_fault("cannot-sign");
	}
	out->len += len;
	return RG_OK;
}

/* Hashes the two pieces where they lie; Ed25519 needs them joined. */
static rg_err verify(const struct key *key, const struct signed_bytes *bytes,
	struct rg_bytes signature, bool *ret_is_valid)
{
	scoped(buf_deinit) struct buf whole = {0};
	scoped(md_freep) EVP_MD_CTX *md = copy_of(key->verifier);
	int result;

	if (!md) {
		return crypto_fault("cannot-verify");
	}
	if (key->algorithm->digest) {
		if (!EVP_DigestVerifyUpdate(md, bytes->prefix, bytes->prefix_len) ||
			!EVP_DigestVerifyUpdate(md, bytes->content.data, bytes->content.len)) {
			return crypto_fault("cannot-verify");
		}
		result = EVP_DigestVerifyFinal(md, signature.data, signature.len);
	} else {
		rg_err err = join(bytes, &whole);

		if (err) {
			return err;
		}
		result = EVP_DigestVerify(md, signature.data, signature.len, whole.data, whole.len);
	}
	/* A signature that is no signature at all answers with errors in OpenSSL's queue. */
	ERR_clear_error();
	*ret_is_valid = result == 1;
	return RG_OK;
}

rg_err key_sign(const struct key *key, const char *context, struct rg_bytes content,
	struct buf *out)
{
	struct signed_bytes bytes;
	rg_err err = prefix_of(context, content, &bytes);

	return err ? err : sign(key, &bytes, out);
}

rg_err key_verify(const struct key *key, const char *context, struct rg_bytes content,
	struct rg_bytes signature, bool *ret_is_valid)
{
	struct signed_bytes bytes;
	rg_err err = prefix_of(context, content, &bytes);

	return err ? err : verify(key, &bytes, signature, ret_is_valid);
}

rg_err key_sign_raw(const struct key *key, struct rg_bytes content, struct buf *out)
{
	struct signed_bytes bytes = {.content = content};

	return sign(key, &bytes, out);
}

rg_err key_verify_raw(const struct key *key, struct rg_bytes content, struct rg_bytes signature,
	bool *ret_is_valid)
{
	struct signed_bytes bytes = {.content = content};

	return verify(key, &bytes, signature, ret_is_valid);
}

rg_err key_signer(const struct key *key, EVP_MD_CTX **ret_md)
{
	EVP_MD_CTX *md = key->signer ? copy_of(key->signer) : NULL;

	if (!md) {
		return crypto_fault("cannot-sign");
	}
	*ret_md = md;
	return RG_OK;
}
