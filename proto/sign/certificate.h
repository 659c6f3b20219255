#ifndef SIGN_CERTIFICATE_H
#define SIGN_CERTIFICATE_H

/*
 * Certificates and revocation lists of one member's root
 *
 * One level: root → party. The address stands in the subject alternative name as
 * URI "rivergate:<address>". SM2 certificates and CRLs are verified with the id
 * 1234567812345678; OpenSSL's own chain building fails on them, so the steps
 * (issuer, signature, validity, CA flag, key usage, address, CRL) are ours, few and
 * explicit.
 */

#include <stdbool.h>
#include <stdint.h>

#include "sign/key.h"

struct certificate;
struct crl;

/*
 * Strict: one X.509 version 3 certificate in DER, every byte of it; a positive serial; no
 * critical extension that is not understood. *ret NULL: it is none, or its key is not of
 * this algorithm (0: any of the table).
 */
RG_MUST_USE rg_err certificate_parse(struct rg_bytes der, Rivergate__V1__Algorithm algorithm,
	struct certificate **ret_certificate);
void certificate_free(struct certificate *certificate);
SCOPED_DEFINE(struct certificate, certificate_free);
const struct key *certificate_key(const struct certificate *certificate); /* public; borrowed */
const char *certificate_address(
	const struct certificate *certificate); /* "" when there is none, or more than one */
/* countryName of the subject as it stands there, e.g. "LA"; "" when there is none. */
const char *certificate_country(const struct certificate *certificate);
struct rg_bytes certificate_serial(const struct certificate *certificate);
struct rg_bytes certificate_der(const struct certificate *certificate);
int64_t certificate_not_before_us(const struct certificate *certificate);
int64_t certificate_not_after_us(const struct certificate *certificate);
bool certificate_is_ca(const struct certificate *certificate);
/* Key usage; a certificate that states none may be used for anything. */
bool certificate_is_for_signing(const struct certificate *certificate);
bool certificate_is_for_encryption(const struct certificate *certificate);
/* From the first to the last instant, both included. */
bool certificate_is_valid_at(const struct certificate *certificate, int64_t time_us);
/*
 * Issued by root: root is a CA, names match and root's key signed it. The rest is asked
 * separately.
 */
RG_MUST_USE rg_err certificate_is_issued_by(const struct certificate *certificate,
	const struct certificate *root, bool *ret_is_issued);

/*
 * Makes a self-signed root for member cc (two lower-case letters), or a party certificate
 * for address; appends DER to out. RG_E_CONFIG, with a log line: cc or address is none, or
 * root_key is not the key of root.
 */
RG_MUST_USE rg_err certificate_make_root(const struct key *key, const char *cc,
	int64_t not_before_us, int64_t not_after_us, struct buf *out);
struct certificate_request {
	const char *address;
	const struct key *subject;
	bool is_for_encryption; /* key agreement or encipherment instead of signature */
	int64_t not_before_us;
	int64_t not_after_us;
};
RG_MUST_USE rg_err certificate_issue(const struct certificate_request *request,
	const struct certificate *root, const struct key *root_key, struct buf *out);

/*
 * Strict: one complete version 2 CRL in DER with a number and no critical extension (so
 * no delta and no indirect list). *ret NULL: it is none.
 */
RG_MUST_USE rg_err crl_parse(struct rg_bytes der, struct crl **ret_crl);
void crl_free(struct crl *crl);
SCOPED_DEFINE(struct crl, crl_free);
uint64_t crl_number(const struct crl *crl);
int64_t crl_this_update_us(const struct crl *crl);
/* serial as certificate_serial() gives it. */
bool crl_has(const struct crl *crl, struct rg_bytes serial);
RG_MUST_USE rg_err crl_is_issued_by(const struct crl *crl, const struct certificate *root,
	bool *ret_is_issued);
/*
 * Makes CRL number `number`; appends DER to out. RG_E_CONFIG, with a log line: the number
 * is not above the previous one's, or root_key is not the key of root.
 */
struct crl_request {
	const struct crl *previous;     /* NULL: the first; else its entries stay */
	const struct rg_bytes *serials; /* newly revoked */
	size_t n_serials;
	uint64_t number;
	int64_t now_us;
};
RG_MUST_USE rg_err crl_make(const struct crl_request *request, const struct certificate *root,
	const struct key *root_key, struct buf *out);

#endif
