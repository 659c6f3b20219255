#ifndef EVIDENCE_TIMESTAMP_H
#define EVIDENCE_TIMESTAMP_H

/*
 * RFC 3161 time-stamps over checkpoints
 *
 *     timestamp/<size>.tsr         TimeStampResp (DER) of a time-stamping authority, TSA
 *     timestamp/<size>.checkpoint  the checkpoint that it covers, as it was published
 *
 * What is stamped is the SHA-256 of the checkpoint's *text*: the bytes that the log and the
 * witnesses sign, from the origin up to and with the LF before the empty line. So a token
 * belongs to size and root, whichever cosignatures a copy of the checkpoint carries. With stock
 * tools:
 *
 *     sed '/^$/,$d' SIZE.checkpoint > text
 *     openssl ts -verify -data text -in SIZE.tsr -CAfile CA.pem -attime SECONDS
 *
 * A token says that the text existed at its time. Its signature, the message imprint, the
 * signer's purpose (time stamping) and the certificate chain up to one of the given
 * authorities are checked, the chain as of the token's time: that a certificate has expired since
 * takes nothing from what it signed before. Whose chain is found in what is trusted, nobody looks
 * at the certificates in the token: asks_certificates does.
 *
 * Threads: any.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"

/* The longest response that is looked at; tokens have some 5 KiB. */
#define TIMESTAMP_MAX       65536
#define TIMESTAMP_NONCE_LEN 16

/* The part of a note that is stamped; a view. False: it is no note. */
bool timestamp_text_of(struct rg_bytes note, struct rg_bytes *ret_text);

/*
 * Appends a TimeStampReq (DER) for the text: SHA-256, this nonce, certificates asked for.
 * To be sent as application/timestamp-query.
 */
RG_MUST_USE rg_err timestamp_query(struct rg_bytes text, const uint8_t nonce[TIMESTAMP_NONCE_LEN],
	struct buf *out);

struct timestamp_question {
	struct rg_bytes response; /* TimeStampResp, DER */
	struct rg_bytes text;     /* see timestamp_text_of() */
	/* PEM, one certificate or more: who is trusted. Empty: only whether the token covers the
	 * text is asked, not who signed it. */
	struct rg_bytes ca;
	const uint8_t *nonce; /* of the query; NULL: not known any more, not asked */
	/* With a ca: each certificate in the token has to verify by it, and not the signer's alone.
	 * Else one that nobody needed, since the ca holds it too, may say anything. */
	bool asks_certificates;
};

struct timestamp_answer {
	bool is_good;
	int64_t time_us; /* when it was stamped; set whenever the token could be read */
	/* Of the instants that this may mean, the last: a token tells whole seconds, or tells how
	 * far its clock may be off (up to a minute is believed). */
	int64_t latest_us;
	const char *what; /* static: what is wrong; "" when good */
	char tsa[256];    /* subject of the signer's certificate; "" when not good or not asked */
};

/* RG_E_CONFIG: ca holds no certificate. */
RG_MUST_USE rg_err timestamp_judge(const struct timestamp_question *question,
	struct timestamp_answer *ret_answer);

/*
 * A response holds much that nobody signs: texts, versions, lists of algorithms, certificates
 * beside those in use. Appends to out the one form without that: granted, no texts, one signer,
 * no attributes beside the signed ones, the signer's certificate and those that lead up from it
 * but not the root, DER. So in a response that is in this form, every byte counts once it is judged
 * with asks_certificates. ret_is_token false: it is no response with such a token.
 */
RG_MUST_USE rg_err timestamp_plain(struct rg_bytes response, struct buf *out, bool *ret_is_token);

#endif
