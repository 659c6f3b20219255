/*
 * RFC 3161 time-stamps: see timestamp.h
 *
 * OpenSSL's TS functions do the work; the chain is judged as of the token's time.
 * Threads: any; nothing is shared.
 */

#include "evidence/timestamp.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ts.h>

#define CERTIFICATES_MAX 64
#define ACCURACY_MAX_US  INT64_C(60000000)

static void req_freep(TS_REQ **var)
{
	TS_REQ_free(*var);
}

static void resp_freep(TS_RESP **var)
{
	TS_RESP_free(*var);
}

static void imprint_freep(TS_MSG_IMPRINT **var)
{
	TS_MSG_IMPRINT_free(*var);
}

static void algorithm_freep(X509_ALGOR **var)
{
	X509_ALGOR_free(*var);
}

static void integer_freep(ASN1_INTEGER **var)
{
	ASN1_INTEGER_free(*var);
}

static void store_freep(X509_STORE **var)
{
	X509_STORE_free(*var);
}

static void bio_freep(BIO **var)
{
	(void)BIO_free(*var);
}

static void number_freep(BIGNUM **var)
{
	BN_free(*var);
}

static void context_freep(TS_VERIFY_CTX **var)
{
	TS_VERIFY_CTX_free(*var);
}

static void chain_freep(X509_STORE_CTX **var)
{
	X509_STORE_CTX_free(*var);
}

bool timestamp_text_of(struct rg_bytes note, struct rg_bytes *ret_text)
{
	const uint8_t *end = note.len > 0 ? memmem(note.data, note.len, "\n\n", 2) : NULL;

	if (!end) {
		return false;
	}
	*ret_text = bytes_of(note.data, (size_t)(end - note.data) + 1);
	return true;
}

/* --- The query ------------------------------------------------------------------------------- */

static bool set_imprint(TS_REQ *req, struct rg_bytes text)
{
	scoped(imprint_freep) TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	scoped(algorithm_freep) X509_ALGOR *algorithm = X509_ALGOR_new();
	uint8_t hash[SHA256_DIGEST_LENGTH];

	return imprint && algorithm && SHA256(text.data, text.len, hash) &&
		X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) &&
		TS_MSG_IMPRINT_set_algo(imprint, algorithm) &&
		TS_MSG_IMPRINT_set_msg(imprint, hash, (int)sizeof(hash)) &&
		TS_REQ_set_msg_imprint(req, imprint);
}

static bool set_nonce(TS_REQ *req, const uint8_t nonce[TIMESTAMP_NONCE_LEN])
{
	scoped(number_freep) BIGNUM *number = BN_bin2bn(nonce, TIMESTAMP_NONCE_LEN, NULL);
	scoped(integer_freep) ASN1_INTEGER *value =
		number ? BN_to_ASN1_INTEGER(number, NULL) : NULL;

	return value && TS_REQ_set_nonce(req, value);
}

static rg_err make_query(struct rg_bytes text, const uint8_t *nonce, TS_REQ **ret_req)
{
	scoped(req_freep) TS_REQ *req = TS_REQ_new();

	if (!req || !TS_REQ_set_version(req, 1) || !set_imprint(req, text) ||
		(nonce && !set_nonce(req, nonce)) || !TS_REQ_set_cert_req(req, 1)) {
		ERR_clear_error();
		return RG_E_CRYPTO;
	}
	*ret_req = steal(req);
	return RG_OK;
}

rg_err timestamp_query(struct rg_bytes text, const uint8_t nonce[TIMESTAMP_NONCE_LEN],
	struct buf *out)
{
	scoped(req_freep) TS_REQ *req = NULL;
	rg_err err = make_query(text, nonce, &req);

	if (err) {
		return err;
	}
	int len = i2d_TS_REQ(req, NULL);
	uint8_t *to = len > 0 ? buf_reserve(out, (size_t)len) : NULL;

	if (len <= 0 || !to) {
		return len <= 0 ? RG_E_CRYPTO : buf_error(out);
	}
	out->len += (size_t)i2d_TS_REQ(req, &to);
	return RG_OK;
}

/* --- The answer ------------------------------------------------------------------------------ */

/* Microseconds after the full second: digits behind the point, as many as there are. */
static int64_t fraction_us(const char *text)
{
	const char *point = strchr(text, '.');
	int64_t unit = 100000;
	int64_t us = 0;

	for (const char *digit = point ? point + 1 : ""; *digit >= '0' && *digit <= '9'; digit++) {
		us += (*digit - '0') * unit;
		unit /= 10;
	}
	return us;
}

static int64_t accuracy_part(const ASN1_INTEGER *value, int64_t unit_us)
{
	int64_t number = 0;
	bool is_read = value && ASN1_INTEGER_get_int64(&number, value) == 1;

	return is_read && number > 0 && number < ACCURACY_MAX_US / unit_us ? number * unit_us : 0;
}

/* What the authority says its clock may be off. */
static int64_t accuracy_us(TS_TST_INFO *info)
{
	TS_ACCURACY *accuracy = TS_TST_INFO_get_accuracy(info);

	return accuracy ? accuracy_part(TS_ACCURACY_get_seconds(accuracy), 1000000) +
			accuracy_part(TS_ACCURACY_get_millis(accuracy), 1000) +
			accuracy_part(TS_ACCURACY_get_micros(accuracy), 1)
			: 0;
}

static bool read_time(TS_TST_INFO *info, struct timestamp_answer *answer)
{
	const ASN1_GENERALIZEDTIME *time = info ? TS_TST_INFO_get_time(info) : NULL;
	struct tm parts = {.tm_year = 0};

	if (!time || !ASN1_TIME_to_tm(time, &parts)) {
		return false;
	}
	const char *text = (const char *)ASN1_STRING_get0_data(time);

	answer->time_us = (int64_t)timegm(&parts) * 1000000 + fraction_us(text);
	answer->latest_us = answer->time_us + accuracy_us(info) + (strchr(text, '.') ? 0 : 999999);
	return true;
}

static rg_err make_store(struct rg_bytes ca, int64_t time_us, X509_STORE **ret_store)
{
	scoped(store_freep) X509_STORE *store = X509_STORE_new();
	scoped(bio_freep) BIO *bio = BIO_new_mem_buf(ca.data, (int)ca.len);
	unsigned n = 0;

	if (!store || !bio) {
		return RG_E_NOMEM;
	}
	for (X509 *one = NULL;
		n < CERTIFICATES_MAX && (one = PEM_read_bio_X509(bio, NULL, NULL, NULL)); n++) {
		int is_added = X509_STORE_add_cert(store, one);

		X509_free(one);
		if (!is_added) {
			return RG_E_CRYPTO;
		}
	}
	/* The end of the file is an error to the reader. */
	ERR_clear_error();
	if (n == 0) {
		return RG_E_CONFIG;
	}
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)(time_us / 1000000));
	*ret_store = steal(store);
	return RG_OK;
}

static void name_signer(TS_RESP *response, struct timestamp_answer *answer)
{
	PKCS7 *token = TS_RESP_get_token(response);
	STACK_OF(X509) *signers = PKCS7_get0_signers(token, NULL, 0);

	if (signers && sk_X509_num(signers) > 0) {
		(void)X509_NAME_oneline(X509_get_subject_name(sk_X509_value(signers, 0)),
			answer->tsa, (int)sizeof(answer->tsa));
	}
	sk_X509_free(signers);
}

/* Nothing behind the response, and all of it DER. */
static TS_RESP *read_response(struct rg_bytes bytes)
{
	const uint8_t *at = bytes.data;
	scoped(resp_freep) TS_RESP *response =
		bytes.len > 0 ? d2i_TS_RESP(NULL, &at, (long)bytes.len) : NULL;

	return response && at == bytes.data + bytes.len ? steal(response) : NULL;
}

/*
 * Each by itself up to the store. Its purpose is not asked: those between the signer and the root
 * issue, and do not stamp; the signer's is asked with his signature.
 */
static rg_err verify_certificates(TS_RESP *response, X509_STORE *store,
	struct timestamp_answer *answer)
{
	STACK_OF(X509) *all = TS_RESP_get_token(response)->d.sign->cert;

	for (int i = 0; answer->is_good && i < sk_X509_num(all); i++) {
		scoped(chain_freep) X509_STORE_CTX *chain = X509_STORE_CTX_new();

		if (!chain || !X509_STORE_CTX_init(chain, store, sk_X509_value(all, i), all)) {
			return RG_E_CRYPTO;
		}
		if (X509_verify_cert(chain) != 1) {
			answer->is_good = false;
			answer->what = "a certificate in the token does not verify";
		}
	}
	return RG_OK;
}

/* Whether it is what the query asked for, and with a store whether its signer is trusted. */
static rg_err verify_response(TS_REQ *req, X509_STORE *store, TS_RESP *response,
	struct timestamp_answer *answer)
{
	scoped(context_freep) TS_VERIFY_CTX *context = TS_REQ_to_TS_VERIFY_CTX(req, NULL);

	if (!context || (store && !X509_STORE_up_ref(store))) {
		return RG_E_CRYPTO;
	}
	if (store) {
		(void)TS_VERIFY_CTX_add_flags(context, TS_VFY_SIGNATURE);
		(void)TS_VERIFY_CTX_set_store(context, store);
	}
	answer->is_good = TS_RESP_verify_response(context, response) == 1;
	if (!answer->is_good) {
		const char *reason = ERR_reason_error_string(ERR_peek_last_error());

		answer->what = reason ? reason : "the token does not verify";
	}
	return RG_OK;
}

static rg_err verify(const struct timestamp_question *question, TS_RESP *response,
	struct timestamp_answer *answer)
{
	scoped(req_freep) TS_REQ *req = NULL;
	scoped(store_freep) X509_STORE *store = NULL;
	bool asks_signer = question->ca.len > 0;
	rg_err err = make_query(question->text, question->nonce, &req);

	if (!err && asks_signer) {
		err = make_store(question->ca, answer->time_us, &store);
	}
	err = err ? err : verify_response(req, store, response, answer);
	if (!err && answer->is_good && asks_signer && question->asks_certificates) {
		err = verify_certificates(response, store, answer);
	}
	if (!err && answer->is_good && asks_signer) {
		name_signer(response, answer);
	}
	ERR_clear_error();
	return err;
}

rg_err timestamp_judge(const struct timestamp_question *question,
	struct timestamp_answer *ret_answer)
{
	struct timestamp_answer answer = {.what = ""};
	rg_err err = RG_OK;

	ERR_clear_error();
	scoped(resp_freep) TS_RESP *response =
		question->response.len <= TIMESTAMP_MAX ? read_response(question->response) : NULL;

	if (!response) {
		answer.what = "no time-stamp response";
	} else if (!TS_RESP_get_token(response)) {
		answer.what = "the authority did not grant a token";
	} else if (!read_time(TS_RESP_get_tst_info(response), &answer)) {
		answer.what = "the token has no time";
	} else {
		err = verify(question, response, &answer);
	}
	ERR_clear_error();
	if (!err) {
		*ret_answer = answer;
	}
	return err;
}

/* --- The plain form -------------------------------------------------------------------------- */

static void token_freep(PKCS7 **var)
{
	PKCS7_free(*var);
}

static void certificates_freep(STACK_OF(X509) * *var)
{
	sk_X509_pop_free(*var, X509_free);
}

static void status_freep(TS_STATUS_INFO **var)
{
	TS_STATUS_INFO_free(*var);
}

static void attributes_free(STACK_OF(X509_ATTRIBUTE) * attributes)
{
	sk_X509_ATTRIBUTE_pop_free(attributes, X509_ATTRIBUTE_free);
}

/* The one signer of a token; NULL: none, or several. */
static PKCS7_SIGNER_INFO *signer_of(const PKCS7 *token)
{
	const STACK_OF(PKCS7_SIGNER_INFO) *signers =
		PKCS7_type_is_signed(token) && token->d.sign ? token->d.sign->signer_info : NULL;

	return signers && sk_PKCS7_SIGNER_INFO_num(signers) == 1
		? sk_PKCS7_SIGNER_INFO_value(signers, 0)
		: NULL;
}

/* The certificate in from that issued one; NULL: it is not there, or one is a root. */
static X509 *issuer_of(STACK_OF(X509) * from, X509 *one)
{
	if (X509_check_issued(one, one) == X509_V_OK) {
		return NULL;
	}
	for (int i = 0; i < sk_X509_num(from); i++) {
		X509 *issuer = sk_X509_value(from, i);

		if (X509_check_issued(issuer, one) == X509_V_OK &&
			X509_check_issued(issuer, issuer) != X509_V_OK) {
			return issuer;
		}
	}
	return NULL;
}

/* Leaves the signer's certificate and what leads up from it; false: it is not there. */
static bool keep_chain(PKCS7 *token)
{
	STACK_OF(X509) *all = token->d.sign->cert;
	STACK_OF(X509) *signers = PKCS7_get0_signers(token, NULL, 0);
	scoped(certificates_freep) STACK_OF(X509) *kept = sk_X509_new_null();
	X509 *one = signers ? sk_X509_value(signers, 0) : NULL;
	bool is_kept = one && kept;

	sk_X509_free(signers);
	for (int n = 0; is_kept && one && n < sk_X509_num(all); n++) {
		is_kept = X509_up_ref(one) && sk_X509_push(kept, one) > 0;
		one = issuer_of(all, one);
	}
	if (is_kept) {
		sk_X509_pop_free(all, X509_free);
		token->d.sign->cert = steal(kept);
	}
	return is_kept;
}

/*
 * How such a key signs this digest, by the one name of it that is usual; NID_undef: not at all.
 * Of RSA the name is the key's (RFC 3370, 3.2), of elliptic curves key and digest (RFC 5753).
 */
static int signature_of(int key, int digest)
{
	int named = NID_undef;

	if (key == EVP_PKEY_RSA) {
		return NID_rsaEncryption;
	}
	return key == EVP_PKEY_EC && OBJ_find_sigid_by_algs(&named, digest, key) ? named
										 : NID_undef;
}

/* What names an algorithm is not signed, and not asked when the token is verified. */
static bool set_algorithms(PKCS7 *token, PKCS7_SIGNER_INFO *signer)
{
	STACK_OF(X509_ALGOR) *list = token->d.sign->md_algs;
	const EVP_PKEY *key = X509_get0_pubkey(sk_X509_value(token->d.sign->cert, 0));
	int type = key ? EVP_PKEY_get_base_id(key) : NID_undef;
	int digest = OBJ_obj2nid(signer->digest_alg->algorithm);
	int named = digest == NID_undef ? NID_undef : signature_of(type, digest);
	bool is_set = named != NID_undef &&
		X509_ALGOR_set0(signer->digest_alg, OBJ_nid2obj(digest), V_ASN1_NULL, NULL) &&
		X509_ALGOR_set0(signer->digest_enc_alg, OBJ_nid2obj(named),
			type == EVP_PKEY_RSA ? V_ASN1_NULL : V_ASN1_UNDEF, NULL);

	while (sk_X509_ALGOR_num(list) > 0) {
		X509_ALGOR_free(sk_X509_ALGOR_pop(list));
	}
	scoped(algorithm_freep) X509_ALGOR *copy = X509_ALGOR_dup(signer->digest_alg);

	is_set = is_set && copy && sk_X509_ALGOR_push(list, copy) > 0;
	if (is_set) {
		copy = NULL;
	}
	return is_set;
}

/* False: it is no token with one signer, whose certificate is there. */
static bool make_plain(PKCS7 *token)
{
	PKCS7_SIGNER_INFO *signer = signer_of(token);

	if (!signer || !keep_chain(token) || !set_algorithms(token, signer)) {
		return false;
	}
	attributes_free(signer->unauth_attr);
	signer->unauth_attr = NULL;
	sk_X509_CRL_pop_free(token->d.sign->crl, X509_CRL_free);
	token->d.sign->crl = NULL;
	/* RFC 5652: of SignedData with other content than data, and of a signer by issuer. */
	return ASN1_INTEGER_set(token->d.sign->version, 3) && ASN1_INTEGER_set(signer->version, 1);
}

static TS_RESP *respond(PKCS7 **token)
{
	scoped(resp_freep) TS_RESP *response = TS_RESP_new();
	scoped(status_freep) TS_STATUS_INFO *status = TS_STATUS_INFO_new();
	TS_TST_INFO *info = PKCS7_to_TS_TST_INFO(*token);

	if (!response || !status || !info || !TS_STATUS_INFO_set_status(status, 0) ||
		!TS_RESP_set_status_info(response, status)) {
		TS_TST_INFO_free(info);
		return NULL;
	}
	TS_RESP_set_tst_info(response, *token, info);
	*token = NULL;
	return steal(response);
}

static rg_err write_response(TS_RESP *response, struct buf *out)
{
	int len = i2d_TS_RESP(response, NULL);
	uint8_t *to = len > 0 ? buf_reserve(out, (size_t)len) : NULL;

	if (len <= 0 || !to) {
		return len <= 0 ? RG_E_CRYPTO : buf_error(out);
	}
	out->len += (size_t)i2d_TS_RESP(response, &to);
	return RG_OK;
}

rg_err timestamp_plain(struct rg_bytes response, struct buf *out, bool *ret_is_token)
{
	ERR_clear_error();
	scoped(resp_freep) TS_RESP *read =
		response.len <= TIMESTAMP_MAX ? read_response(response) : NULL;
	scoped(token_freep) PKCS7 *token =
		read && TS_RESP_get_token(read) ? PKCS7_dup(TS_RESP_get_token(read)) : NULL;
	scoped(resp_freep) TS_RESP *plain = token && make_plain(token) ? respond(&token) : NULL;
	rg_err err = plain ? write_response(plain, out) : RG_OK;

	ERR_clear_error();
	if (!err) {
		*ret_is_token = plain != NULL;
	}
	return err;
}
