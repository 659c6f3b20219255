/*
 * The checks of one message: see check.h.
 *
 * Method: steps in a table, each refuses or lets pass; the first refusal ends it.
 * Cheap steps come first, so that nonsense costs no signature check.
 * Threads: any.
 */
#include "verify/check.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "registry/header.h"
#include "wire/scan.h"

/* A header of 48 KiB in its widest unpacked form stays below. */
#define ARENA_MAX (4u << 20)

struct verify_case {
	struct message *message;
	const struct trust *trust;
	struct signature_cache *cache;
};

static rg_err hash_header(const struct verify_case *it)
{
	return signature_hash(message_header(it->message), it->message->header_hash);
}

static rg_err read_header(const struct verify_case *it)
{
	struct message *message = it->message;
	struct scan_answer answer = {.is_ok = false};
	ProtobufCMessage *header = NULL;
	rg_err err = scan_unpack(&rivergate__v1__header__descriptor, message_header(message),
		message->arena, &answer, &header);

	if (err) {
		return err;
	}
	if (!answer.is_ok) {
		message_refuse(message, RIVERGATE__V1__VERDICT__VERDICT_MALFORMED, answer.rule,
			answer.path);
		return RG_OK;
	}
	message->header = (Rivergate__V1__Header *)header;
	return RG_OK;
}

static rg_err read_signature(const struct verify_case *it)
{
	struct message *message = it->message;
	struct scan_answer answer = {.is_ok = false};
	ProtobufCMessage *signature = NULL;
	char field[sizeof(message->field)];
	rg_err err = scan_unpack(&rivergate__v1__signature__descriptor, message_signature(message),
		message->arena, &answer, &signature);

	if (err) {
		return err;
	}
	if (!answer.is_ok) {
		(void)snprintf(field, sizeof(field), "signature%s%.80s", answer.path[0] ? "." : "",
			answer.path);
		message_refuse(message, RIVERGATE__V1__VERDICT__VERDICT_MALFORMED, answer.rule,
			field);
		return RG_OK;
	}
	message->signature = (Rivergate__V1__Signature *)signature;
	return RG_OK;
}

static rg_err check_form(const struct verify_case *it)
{
	struct message *message = it->message;
	struct header_answer answer;

	if (!header_check(message->header, &answer)) {
		message_refuse(message, RIVERGATE__V1__VERDICT__VERDICT_MALFORMED, answer.rule,
			answer.field);
	} else if (message->header->n_parts != message->n_parts) {
		message_refuse(message, RIVERGATE__V1__VERDICT__VERDICT_MALFORMED,
			"number of part frames is not that of the header's parts", "parts");
	}
	return RG_OK;
}

static rg_err check_sender(const struct verify_case *it)
{
	struct message *message = it->message;
	const struct trust_party *party = trust_route(it->trust, message->header->from);

	if (!party || strcmp(party->address, message->party) != 0) {
		message_refuse(message, RIVERGATE__V1__VERDICT__VERDICT_SENDER,
			"sender is not the session's party", "from");
	}
	return RG_OK;
}

static rg_err check_signature(const struct verify_case *it)
{
	struct message *message = it->message;
	const struct trust_signer *signer = trust_signer_of(it->trust, message->signature->key_id);
	const char *rule = NULL;

	if (!signer) {
		message_refuse(message, RIVERGATE__V1__VERDICT__VERDICT_SIGNATURE,
			"no such key in any directory", "signature.key_id");
		return RG_OK;
	}
	rg_err err = signature_verify(signer->key, message_header(message), message->signature,
		it->cache, &rule);

	if (err) {
		return err;
	}
	if (rule) {
		message_refuse(message, RIVERGATE__V1__VERDICT__VERDICT_SIGNATURE, rule,
			"signature");
	}
	return RG_OK;
}

/* What is wrong with a part's frame; NULL: nothing. */
static rg_err part_fault(const struct message *message, size_t i, const char **ret_rule)
{
	const Rivergate__V1__Part *part = message->header->parts[i];
	struct rg_bytes frame = message_part(message, i);
	uint8_t commitment[MESSAGE_HASH_LEN];

	*ret_rule = NULL;
	if (frame.len == 0) {
		if (header_is_governance(message->header->kind)) {
			*ret_rule = "part of a governance kind is withheld";
		}
		return RG_OK;
	}
	if (frame.len < MESSAGE_SALT_LEN || frame.len - MESSAGE_SALT_LEN != part->size) {
		*ret_rule = "part has another size than its header says";
		return RG_OK;
	}
	struct rg_bytes content = {frame.data + MESSAGE_SALT_LEN, frame.len - MESSAGE_SALT_LEN};
	rg_err err = signature_commitment(frame.data, content, commitment);

	if (err) {
		return err;
	}
	if (memcmp(commitment, part->commitment.data, sizeof(commitment)) != 0) {
		*ret_rule = "part does not match its commitment";
	}
	return RG_OK;
}

static rg_err check_content(const struct verify_case *it)
{
	struct message *message = it->message;

	for (size_t i = 0; i < message->n_parts; i++) {
		const char *rule = NULL;
		char field[sizeof(message->field)];
		rg_err err = part_fault(message, i, &rule);

		if (err) {
			return err;
		}
		if (rule) {
			(void)snprintf(field, sizeof(field), "parts[%zu]", i);
			message_refuse(message, RIVERGATE__V1__VERDICT__VERDICT_CONTENT, rule,
				field);
			return RG_OK;
		}
	}
	return RG_OK;
}

static rg_err (*const steps[])(const struct verify_case *it) = {
	hash_header,
	read_header,
	read_signature,
	check_form,
	check_sender,
	check_signature,
	check_content,
};

rg_err verify_check(struct message *message, const struct trust *trust,
	struct signature_cache *cache)
{
	const struct verify_case it = {.message = message, .trust = trust, .cache = cache};
	int64_t start_us = clock_monotonic_us();

	message->arena = arena_new(ARENA_MAX);
	if (!message->arena) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		rg_err err = steps[i](&it);

		if (err) {
			return err;
		}
		if (message_is_refused(message)) {
			break;
		}
	}
	message->spent_us = (uint32_t)(clock_monotonic_us() - start_us);
	return RG_OK;
}
