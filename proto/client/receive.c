/*
 * Deliveries: see receive.h
 *
 * The checks are rows of one table, in an order where each may rely on those before it.
 * Batch roots and checkpoints that were verified a moment ago are not verified again.
 * Threads: owned by the session's thread.
 */

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "client/receive.h"
#include "client/submit.h"
#include "evidence/proof.h"
#include "evidence/record.h"
#include "registry/address.h"
#include "registry/header.h"
#include "sign/signature.h"
#include "wire/pack.h"
#include "wire/scan.h"

#define ROOTS_CACHED    256
#define FRAMES_BEFORE   3 /* Frame, header, Signature */
#define RELOAD_EVERY_US 5000000

struct receiver {
	char party[ADDRESS_MAX + 1];
	char router[ADDRESS_MAX + 1];
	char *registry_path;
	char *directories_path;
	struct trust *trust;
	struct history *history;
	struct signature_cache *roots;
	uint64_t registry_index; /* the newest that a delivery named */
	int64_t reloaded_us;     /* monotonic */
};

struct delivery *delivery_new(void)
{
	scoped(delivery_freep) struct delivery *delivery = calloc(1, sizeof(*delivery));

	if (!delivery) {
		return NULL;
	}
	frame_init(&delivery->frames);
	buf_init(&delivery->packed);
	return steal(delivery);
}

void delivery_free(struct delivery *delivery)
{
	if (delivery) {
		frame_deinit(&delivery->frames);
		arena_free(delivery->arena);
		buf_deinit(&delivery->packed);
		free(delivery);
	}
}

static rg_err copy_address(char to[ADDRESS_MAX + 1], const char *from)
{
	size_t len = strlen(from);

	if (len > ADDRESS_MAX) {
		return RG_E_CONFIG;
	}
	memcpy(to, from, len + 1);
	return RG_OK;
}

rg_err receiver_new(const struct receiver_options *options, struct receiver **ret_receiver)
{
	scoped(receiver_freep) struct receiver *receiver = calloc(1, sizeof(*receiver));

	if (!receiver) {
		return RG_E_NOMEM;
	}
	receiver->trust = trust_ref(options->trust);
	receiver->history = options->history;
	rg_err err = copy_address(receiver->party, options->party);
	err = err ? err : copy_address(receiver->router, options->router);
	if (err) {
		return err;
	}
	receiver->roots = signature_cache_new(ROOTS_CACHED);
	if (options->registry_path && options->directories_path) {
		receiver->registry_path = strdup(options->registry_path);
		receiver->directories_path = strdup(options->directories_path);
	}
	if (!receiver->roots || (options->registry_path && !receiver->directories_path)) {
		return RG_E_NOMEM;
	}
	*ret_receiver = steal(receiver);
	return RG_OK;
}

void receiver_free(struct receiver *receiver)
{
	if (receiver) {
		trust_unref(receiver->trust);
		signature_cache_free(receiver->roots);
		free(receiver->registry_path);
		free(receiver->directories_path);
		free(receiver);
	}
}

const struct trust *receiver_trust(const struct receiver *receiver)
{
	return receiver->trust;
}

/* A directory may have changed since this process started. Files that are wrong change nothing. */
static rg_err reload_trust(struct receiver *receiver)
{
	int64_t now_us = clock_monotonic_us();
	uint8_t pin[32];
	struct governance_answer answer;
	scoped(trust_unrefp) struct trust *trust = NULL;

	if (!receiver->registry_path ||
		(receiver->reloaded_us && now_us - receiver->reloaded_us < RELOAD_EVERY_US)) {
		return RG_OK;
	}
	receiver->reloaded_us = now_us;
	trust_genesis_hash(receiver->trust, pin);
	rg_err err = trust_load(receiver->registry_path, receiver->directories_path, pin, &trust,
		&answer);
	if (err) {
		return err;
	}
	if (!trust) {
		log_event(LOG_WARNING, "client", "trust-files-refused",
			log_text("path", answer.path), log_text("why", answer.text));
		return RG_OK;
	}
	trust_unref(receiver->trust);
	receiver->trust = steal(trust);
	return RG_OK;
}

/* --- The checks: each sets *ret_rule when it fails ------------------------------------------- */

static rg_err unpack(struct delivery *delivery, const ProtobufCMessageDescriptor *desc,
	struct rg_bytes bytes, ProtobufCMessage **ret_msg)
{
	struct scan_answer answer;

	return scan_unpack(desc, bytes, delivery->arena, &answer, ret_msg);
}

static rg_err read_parts(struct delivery *delivery, const char **ret_rule)
{
	size_t n = delivery->header->n_parts;

	delivery->parts = arena_alloc(delivery->arena, (n + 1) * sizeof(*delivery->parts));
	if (!delivery->parts) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		struct rg_bytes frame = frame_item(&delivery->frames, FRAMES_BEFORE + i);

		if (frame.len == 0) {
			delivery->parts[i].is_withheld = true;
			continue;
		}
		if (frame.len < SUBMIT_SALT_LEN) {
			*ret_rule = "a part is shorter than its salt";
			return RG_OK;
		}
		delivery->parts[i].salt = bytes_of(frame.data, SUBMIT_SALT_LEN);
		delivery->parts[i].content =
			bytes_of(frame.data + SUBMIT_SALT_LEN, frame.len - SUBMIT_SALT_LEN);
	}
	return RG_OK;
}

static rg_err check_form(struct receiver *receiver, struct delivery *delivery,
	const char **ret_rule)
{
	ProtobufCMessage *header = NULL;
	ProtobufCMessage *signature = NULL;
	ProtobufCMessage *meta = NULL;
	struct rg_bytes meta_bytes =
		bytes_of(delivery->deliver->meta.data, delivery->deliver->meta.len);

	(void)receiver;
	if (delivery->frames.n_items < FRAMES_BEFORE || delivery->frames.n_dropped) {
		*ret_rule = "frames are missing or too large";
		return RG_OK;
	}
	rg_err err = unpack(delivery, &rivergate__v1__header__descriptor,
		frame_item(&delivery->frames, 1), &header);
	err = err ? err
		  : unpack(delivery, &rivergate__v1__signature__descriptor,
			    frame_item(&delivery->frames, 2), &signature);
	err = err ? err : unpack(delivery, &rivergate__v1__meta__descriptor, meta_bytes, &meta);
	if (err) {
		return err;
	}
	delivery->header = (Rivergate__V1__Header *)header;
	delivery->signature = (Rivergate__V1__Signature *)signature;
	if (!header || !signature || !meta) {
		*ret_rule = "header, signature or meta is not canonical";
		return RG_OK;
	}
	delivery->time_us = ((const Rivergate__V1__Meta *)meta)->time_us;
	delivery->registry_index = ((const Rivergate__V1__Meta *)meta)->registry_index;
	if (delivery->header->id.len != SUBMIT_ID_LEN) {
		*ret_rule = "the id has not 16 bytes";
		return RG_OK;
	}
	if (delivery->frames.n_items != FRAMES_BEFORE + delivery->header->n_parts) {
		*ret_rule = "the header describes another number of parts";
		return RG_OK;
	}
	if (header_is_derived(delivery->header->kind) != (bool)delivery->deliver->derived) {
		*ret_rule = delivery->deliver->derived ? "no message of this kind is derived"
						       : "a message of this kind is always derived";
		return RG_OK;
	}
	return read_parts(delivery, ret_rule);
}

/* The sender's key, by which the record was admitted. */
static rg_err find_signer(struct receiver *receiver, const struct delivery *delivery,
	const struct trust_signer **ret_signer)
{
	*ret_signer = trust_signer_of(receiver->trust, delivery->signature->key_id);
	if (*ret_signer) {
		return RG_OK;
	}
	rg_err err = reload_trust(receiver);
	*ret_signer = trust_signer_of(receiver->trust, delivery->signature->key_id);
	return err;
}

static const char *signer_rule(const struct trust *trust, const struct trust_signer *signer,
	const struct delivery *delivery)
{
	const struct trust_party *sender = trust_route(trust, delivery->header->from);

	if (!signer) {
		return "no directory has the sender's key";
	}
	if (!sender || strcmp(sender->address, signer->party->address) != 0) {
		return "the key belongs to another party than the sender";
	}
	if (!certificate_is_valid_at(signer->certificate, delivery->time_us)) {
		return "the sender's certificate was not valid when the record was made";
	}
	return NULL;
}

static rg_err check_signature(struct receiver *receiver, struct delivery *delivery,
	const char **ret_rule)
{
	const struct trust_signer *signer = NULL;
	const struct key *key = NULL;
	rg_err err = RG_OK;

	if (delivery->deliver->derived) {
		key = trust_router_key(receiver->trust, receiver->router);
		*ret_rule = key && strcmp(delivery->header->from, receiver->router) == 0
			? NULL
			: "a derived message is not from the router";
	} else {
		err = find_signer(receiver, delivery, &signer);
		*ret_rule = signer_rule(receiver->trust, signer, delivery);
		key = signer ? signer->key : NULL;
	}
	if (err || *ret_rule) {
		return err;
	}
	if (strcmp(key_id(key), delivery->signature->key_id) != 0) {
		*ret_rule = "the signature names another key";
		return RG_OK;
	}
	return signature_verify(key, frame_item(&delivery->frames, 1), delivery->signature,
		receiver->roots, ret_rule);
}

static rg_err check_content(struct receiver *receiver, struct delivery *delivery,
	const char **ret_rule)
{
	(void)receiver;
	for (size_t i = 0; i < delivery->header->n_parts; i++) {
		const struct rg_client_part *part = &delivery->parts[i];
		const Rivergate__V1__Part *entry = delivery->header->parts[i];
		uint8_t commitment[32];

		if (part->is_withheld) {
			continue;
		}
		rg_err err = signature_commitment(part->salt.data, part->content, commitment);
		if (err) {
			return err;
		}
		if (entry->size != part->content.len ||
			entry->commitment.len != sizeof(commitment) ||
			memcmp(entry->commitment.data, commitment, sizeof(commitment)) != 0) {
			*ret_rule = "a part does not meet its commitment";
			return RG_OK;
		}
	}
	return RG_OK;
}

/*
 * A declaration goes to authorities of the plan, too, whom its sender did not name but whom a
 * channel rule lets have it. The plan is the router's to compute and the auditor's to judge.
 */
static bool may_be_planned(const struct receiver *receiver, const Rivergate__V1__Header *header)
{
	const struct trust_party *self = trust_party_at(receiver->trust, receiver->party);

	switch ((int)header->kind) {
	case RIVERGATE__V1__KIND__KIND_DECLARATION:
	case RIVERGATE__V1__KIND__KIND_AMENDMENT:
	case RIVERGATE__V1__KIND__KIND_CANCELLATION:
		return self &&
			trust_passage_of(receiver->trust, header, self, clock_now_us()).may_pass;
	default:
		return false;
	}
}

static bool is_named(const struct receiver *receiver, const Rivergate__V1__Header *header)
{
	bool is_named = false;

	for (size_t i = 0; !is_named && i < header->n_to; i++) {
		const struct trust_party *party = trust_route(receiver->trust, header->to[i]);

		is_named = party && strcmp(party->address, receiver->party) == 0;
	}
	return is_named;
}

/* Governance messages name nobody: they are for everybody. */
static rg_err check_destination(struct receiver *receiver, struct delivery *delivery,
	const char **ret_rule)
{
	const Rivergate__V1__Header *header = delivery->header;
	bool is_ours = header->n_to == 0 || is_named(receiver, header);

	/* Whom the sender named sees by the counters that nothing is missing. */
	*ret_rule = is_ours && delivery->deliver->handed_over
		? "what the sender addressed to this party came without its counter"
		: !is_ours && !may_be_planned(receiver, header) ? "it is addressed to somebody else"
								: NULL;
	return RG_OK;
}

/* Meta and signature in the proof are those of this delivery; the leaf follows from them. */
static rg_err leaf_of(const struct delivery *delivery, const struct proof_file *proof,
	struct merkle_hash *ret_leaf, const char **ret_rule)
{
	const ProtobufCBinaryData meta = delivery->deliver->meta;
	struct proof_extra extra;
	scoped(buf_deinit) struct buf leaf = {0};

	if (!proof_extra_read(buf_view(&proof->extra), &extra) ||
		!bytes_equal(extra.meta, bytes_of(meta.data, meta.len)) ||
		!bytes_equal(extra.signature, frame_item(&delivery->frames, 2)) ||
		proof->index != delivery->deliver->index) {
		*ret_rule = "the proof is of another record";
		return RG_OK;
	}
	const struct record record = {
		.type = RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE,
		.meta = extra.meta,
		.body = frame_item(&delivery->frames, 1),
		.signature = extra.signature,
	};
	rg_err err = record_write(&record, &leaf);
	if (err == RG_E_OVERFLOW) {
		*ret_rule = "header, meta and signature are longer than a leaf can be";
		return RG_OK;
	}
	return err ? err : merkle_leaf(buf_view(&leaf), ret_leaf);
}

static rg_err check_proof(struct receiver *receiver, const struct delivery *delivery,
	const char **ret_rule)
{
	scoped(proof_file_deinit) struct proof_file proof = {0};
	struct note_checkpoint checkpoint;
	struct merkle_hash leaf;
	struct merkle_hash head;
	size_t line = 0;
	bool is_valid = false;

	proof_file_init(&proof);
	rg_err err = proof_file_read(bytes_of(delivery->deliver->tlog_proof.data,
					     delivery->deliver->tlog_proof.len),
		&proof, &line);
	if (err || line) {
		*ret_rule = "the proof is no tlog-proof";
		return err;
	}
	err = history_offer(receiver->history, buf_view(&proof.checkpoint), HISTORY_DELIVERY,
		&checkpoint, ret_rule);
	if (err || *ret_rule) {
		return err;
	}
	err = leaf_of(delivery, &proof, &leaf, ret_rule);
	if (err || *ret_rule) {
		return err;
	}
	err = proof_inclusion_head(&leaf, proof.index, checkpoint.size, &proof.path, &head,
		&is_valid);
	if (!err && (!is_valid || memcmp(&head, &checkpoint.root, sizeof(head)) != 0)) {
		*ret_rule = "the proof does not lead to the checkpoint";
	}
	return err;
}

static rg_err check_record(struct receiver *receiver, struct delivery *delivery,
	const char **ret_rule)
{
	if (delivery->deliver->derived) {
		return RG_OK;
	}
	if (delivery->deliver->tlog_proof.len == 0) {
		*ret_rule = "no proof of its record came with it";
		return RG_OK;
	}
	return check_proof(receiver, delivery, ret_rule);
}

static rg_err (*const checks[])(struct receiver *, struct delivery *, const char **) = {
	check_form,
	check_signature,
	check_content,
	check_destination,
	check_record,
};

/*
 * The log names the registry of each record. One newer than before: the files are read
 * again, and if they do not follow, people are told; what was agreed upon since would be
 * judged by what was agreed upon then. Version 1 is record 1.
 */
static rg_err follow_registry(struct receiver *receiver, const struct delivery *delivery)
{
	uint64_t version = trust_registry(receiver->trust)->version;
	bool is_known = receiver->registry_index > 0 || version == 1;
	bool is_newer =
		delivery->registry_index > receiver->registry_index && delivery->registry_index > 1;

	if (delivery->deliver->derived || !is_newer) {
		return RG_OK;
	}
	receiver->registry_index = delivery->registry_index;
	receiver->reloaded_us = 0;
	rg_err err = is_known ? reload_trust(receiver) : RG_OK;
	if (!err && is_known && trust_registry(receiver->trust)->version == version) {
		log_event(LOG_WARNING, "client", "registry-behind",
			log_number("version", (int64_t)version),
			log_number("newer_by_record", (int64_t)delivery->registry_index),
			log_text("do",
				"get the later version and lay it beside the registry file as "
				"registry.<version>.json"));
	}
	return err;
}

rg_err receiver_check(struct receiver *receiver, struct delivery *delivery, const char **ret_rule)
{
	rg_err err = RG_OK;

	*ret_rule = NULL;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && !err && !*ret_rule; i++) {
		err = checks[i](receiver, delivery, ret_rule);
	}
	if (!err && !*ret_rule) {
		err = follow_registry(receiver, delivery);
	}
	return err || *ret_rule ? err : pack_append(&delivery->deliver->base, &delivery->packed);
}
