#ifndef CLI_KEYFILE_H
#define CLI_KEYFILE_H

/*
 * Files of public keys and certificates, as `rivergate keygen` writes them
 *
 *     PREFIX.key   private key: PEM (PKCS#8), or 64 hex digits for CURVE; mode 0600
 *     PREFIX.pub   public key: PEM (SubjectPublicKeyInfo), or 64 hex digits for CURVE
 *     PREFIX.crt   certificate: PEM; DER is read too
 *     PREFIX.vkey  C2SP verifier key of a log
 *
 * What cannot be read is logged with file and reason, and is RG_E_CONFIG.
 */

#include "base/buf.h"
#include "sign/certificate.h"
#include "sign/key.h"

#define KEYFILE_CURVE_LEN 32

/* None of them overwrites. */
RG_MUST_USE rg_err keyfile_write_public(const char *path, const struct key *key);
RG_MUST_USE rg_err keyfile_write_certificate(const char *path, struct rg_bytes der);

RG_MUST_USE rg_err keyfile_read_public(const char *path, struct key **ret_key);
/* An Ed25519 public key as 32 raw bytes. */
RG_MUST_USE rg_err keyfile_read_ed25519(const char *path, uint8_t ret_raw[32]);
RG_MUST_USE rg_err keyfile_read_certificate(const char *path, struct certificate **ret_certificate);
RG_MUST_USE rg_err keyfile_read_curve(const char *path, uint8_t ret_raw[KEYFILE_CURVE_LEN]);

/* A member's certificate authority: PREFIX.key and PREFIX.crt that belong together. */
struct keyfile_ca {
	struct key *key;
	struct certificate *root;
};
RG_MUST_USE rg_err keyfile_read_ca(const char *prefix, struct keyfile_ca *ret_ca);
void keyfile_ca_deinit(struct keyfile_ca *ca);

#endif
