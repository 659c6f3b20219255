/*
 * Certificates and revocation lists of any bytes: parsed or not, never a crash; and
 * what was parsed can be asked.
 *
 * Threads: one.
 */

#include <stdlib.h>
#include <string.h>

#include "sign/certificate.h"

int fuzz_certificate(const uint8_t *data, size_t len);

static void ask_certificate(struct rg_bytes der)
{
	scoped(certificate_freep) struct certificate *certificate = NULL;
	bool is_issued = false;

	if (certificate_parse(der, 0, &certificate) != RG_OK) {
		abort();
	}
	if (!certificate) {
		return;
	}
	if (!bytes_equal(certificate_der(certificate), der) ||
		certificate_serial(certificate).len == 0 ||
		strspn(certificate_address(certificate),
			"abcdefghijklmnopqrstuvwxyz0123456789.-") !=
			strlen(certificate_address(certificate)) ||
		certificate_is_issued_by(certificate, certificate, &is_issued) != RG_OK ||
		(is_issued && !certificate_is_ca(certificate))) {
		abort();
	}
}

static void ask_crl(struct rg_bytes der)
{
	scoped(crl_freep) struct crl *crl = NULL;

	if (crl_parse(der, &crl) != RG_OK || (crl && crl_has(crl, (struct rg_bytes){0}))) {
		abort();
	}
}

int fuzz_certificate(const uint8_t *data, size_t len)
{
	ask_certificate(bytes_of(data, len));
	ask_crl(bytes_of(data, len));
	return 0;
}
