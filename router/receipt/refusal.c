/*
 * Refusals: see receipt.h
 *
 * Threads: any; nothing is shared.
 */

#include <stddef.h>

#include "base/merkle.h"
#include "receipt/receipt.h"
#include "wire/pack.h"

#define N_VERDICTS (RIVERGATE__V1__VERDICT__VERDICT_GOVERNANCE + 1)

/* What the sender of a refused message should do. */
static const char *const advice[N_VERDICTS] = {
	[RIVERGATE__V1__VERDICT__VERDICT_UNSPECIFIED] = "Report this to the operator.",
	[RIVERGATE__V1__VERDICT__VERDICT_ADMITTED] = "Nothing is to be done.",
	[RIVERGATE__V1__VERDICT__VERDICT_MALFORMED] =
		"Encode the field named as proto/README.md says, and send the message again.",
	[RIVERGATE__V1__VERDICT__VERDICT_TOO_LARGE] =
		"Make the header or part named smaller, or send several messages.",
	[RIVERGATE__V1__VERDICT__VERDICT_QUOTA] =
		"Wait, raise the epoch, and send this and all later messages again in order.",
	[RIVERGATE__V1__VERDICT__VERDICT_SENDER] =
		"Send through the session of the party that stands in from.",
	[RIVERGATE__V1__VERDICT__VERDICT_SIGNATURE] =
		"Sign the header as it is sent, with the key that key_id names, and send it again.",
	[RIVERGATE__V1__VERDICT__VERDICT_CONTENT] =
		"Send the parts that the header commits to, each with its own salt.",
	[RIVERGATE__V1__VERDICT__VERDICT_CERTIFICATE] =
		"Use a certificate that your member's directory lists and that is valid now.",
	[RIVERGATE__V1__VERDICT__VERDICT_REVOKED] =
		"Use another certificate; this one is revoked or its revocation list is too old.",
	[RIVERGATE__V1__VERDICT__VERDICT_CHANNEL] =
		"Send only kinds and data sets that a channel rule between the two members allows.",
	[RIVERGATE__V1__VERDICT__VERDICT_ROUTE] =
		"Address a party that is in the directory in force.",
	[RIVERGATE__V1__VERDICT__VERDICT_TIME] =
		"Compare your clock with the router's time given here, or renew the expiry.",
	[RIVERGATE__V1__VERDICT__VERDICT_CONFLICT] =
		"Give the changed message an id of its own; another one has this id already.",
	[RIVERGATE__V1__VERDICT__VERDICT_STORAGE] =
		"Wait, raise the epoch, and send this and all later messages again in order.",
	[RIVERGATE__V1__VERDICT__VERDICT_GOVERNANCE] =
		"Build on the version in force, with the signatures that the change needs.",
};

const char *receipt_advice(Rivergate__V1__Verdict verdict)
{
	size_t row = (size_t)verdict;

	return advice[row < N_VERDICTS ? row : RIVERGATE__V1__VERDICT__VERDICT_UNSPECIFIED];
}

/* protobuf-c never writes through the texts and bytes it packs. */
static char *text_of(const char *text)
{
	return (char *)(uintptr_t)(text ? text : "");
}

static ProtobufCBinaryData binary_of(const uint8_t *data, size_t len)
{
	return (ProtobufCBinaryData){.len = len, .data = (uint8_t *)(uintptr_t)data};
}

rg_err receipt_refusal_body(const struct message *message, const struct receipt_refusal *refusal,
	struct buf *out)
{
	Rivergate__V1__RefusalBody body = RIVERGATE__V1__REFUSAL_BODY__INIT;
	struct merkle_hash hash;
	rg_err err = merkle_hash_of(message_header(message), bytes_of(NULL, 0), &hash);

	if (err) {
		return err;
	}
	body.verdict = message->verdict;
	body.rule = text_of(message->rule);
	body.field = text_of(message->field);
	body.text =
		text_of(message->detail[0] ? message->detail : receipt_advice(message->verdict));
	if (message->header && message->header->id.len == MESSAGE_ID_LEN) {
		body.id = message->header->id;
	}
	/* A message whose record was lost has no frames any more, but its hash. */
	body.header_hash = message_header(message).len > 0
		? binary_of(hash.bytes, sizeof(hash.bytes))
		: binary_of(message->header_hash, sizeof(message->header_hash));
	if (refusal->known_hash) {
		body.known_header_hash = binary_of(refusal->known_hash, MESSAGE_HASH_LEN);
	}
	body.router_time_us = refusal->now_us;
	body.retryable = message_verdict_is_retryable(message->verdict);
	body.router = text_of(refusal->router);
	return pack_append(&body.base, out);
}
