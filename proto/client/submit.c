/*
 * Submissions: see submit.h
 *
 * A draft is scanned and unpacked into an arena that is reset for each message, its
 * open fields are filled, and it is packed again: that encoding is what gets signed.
 * Random bytes come from OpenSSL in blocks, so that a message costs no call of its own.
 * Source: https://www.rfc-editor.org/rfc/rfc9562#section-5.7 (UUIDv7)
 * Threads: a maker has one owner.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/clock.h"
#include "client/submit.h"
#include "registry/address.h"
#include "rivergate/v1/message.pb-c.h"
#include "sign/signature.h"
#include "wire/pack.h"
#include "wire/scan.h"

#define RANDOM_BLOCK   4096
#define RECIPIENTS_MAX 16
/* For the unpacked form of a draft: protobuf-c multiplies what it reads by 50 at most. */
#define ARENA_MAX ((size_t)64 << 20)

struct submit_maker {
	char party[ADDRESS_MAX + 1];
	struct arena *arena;
	struct buf header;
	uint8_t random[RANDOM_BLOCK];
	size_t n_random; /* bytes not used yet */
};

/* A message while it is made. */
struct draft {
	struct submit_maker *maker;
	Rivergate__V1__Header *header;
	const struct rg_client_part *parts;
	uint8_t salts[SUBMIT_PARTS_MAX][SUBMIT_SALT_LEN];
	const char *rule; /* NULL: nothing wrong so far */
};

void submission_free(struct submission *submission)
{
	if (submission) {
		buf_deinit(&submission->signature);
		free(submission->stem);
		free(submission);
	}
}

rg_err submit_maker_new(const char *party, struct submit_maker **ret_maker)
{
	scoped(submit_maker_freep) struct submit_maker *maker = calloc(1, sizeof(*maker));

	if (!maker) {
		return RG_E_NOMEM;
	}
	size_t len = strlen(party);
	if (len > ADDRESS_MAX) {
		return RG_E_CONFIG;
	}
	memcpy(maker->party, party, len + 1);
	buf_init(&maker->header);
	maker->arena = arena_new(ARENA_MAX);
	if (!maker->arena) {
		return RG_E_NOMEM;
	}
	*ret_maker = steal(maker);
	return RG_OK;
}

void submit_maker_free(struct submit_maker *maker)
{
	if (maker) {
		arena_free(maker->arena);
		buf_deinit(&maker->header);
		OPENSSL_cleanse(maker->random, sizeof(maker->random));
		free(maker);
	}
}

static rg_err take_random(struct submit_maker *maker, uint8_t *out, size_t len)
{
	assert(len <= RANDOM_BLOCK);
	if (maker->n_random < len) {
		if (RAND_bytes(maker->random, RANDOM_BLOCK) != 1) {
			return RG_E_CRYPTO;
		}
		maker->n_random = RANDOM_BLOCK;
	}
	maker->n_random -= len;
	memcpy(out, maker->random + maker->n_random, len);
	return RG_OK;
}

/* 48 bits of milliseconds, version, 12 random bits, variant, 62 random bits. */
static rg_err make_id(struct submit_maker *maker, int64_t now_us, uint8_t id[SUBMIT_ID_LEN])
{
	uint64_t ms = (uint64_t)now_us / 1000;
	rg_err err = take_random(maker, id + 6, 10);

	if (err) {
		return err;
	}
	for (size_t i = 0; i < 6; i++) {
		id[i] = (uint8_t)(ms >> (8 * (5 - i)));
	}
	id[6] = (uint8_t)(0x70 | (id[6] & 0x0f));
	id[8] = (uint8_t)(0x80 | (id[8] & 0x3f));
	return RG_OK;
}

/* --- Rules a client can check ----------------------------------------------------------------- */

static bool is_governance(Rivergate__V1__Kind kind)
{
	return kind >= RIVERGATE__V1__KIND__KIND_REGISTRY &&
		kind <= RIVERGATE__V1__KIND__KIND_WINDOW_PROFILE;
}

static const char *recipients_rule(const Rivergate__V1__Header *header)
{
	if (is_governance(header->kind)) {
		return header->n_to ? "a governance message names no recipients" : NULL;
	}
	if (header->n_to == 0) {
		return "no recipient";
	}
	if (header->n_to > RECIPIENTS_MAX) {
		return "more than 16 recipients";
	}
	for (size_t i = 0; i < header->n_to; i++) {
		if (!address_is_valid(header->to[i])) {
			return "a recipient is not an address";
		}
	}
	return NULL;
}

static const char *draft_rule(const Rivergate__V1__Header *header, size_t n_parts)
{
	if (header->id.len != 0 || header->from[0] != '\0' || header->sent_at_us != 0) {
		return "id, from and sent_at_us of a draft are left empty";
	}
	if (header->kind == RIVERGATE__V1__KIND__KIND_UNSPECIFIED) {
		return "no kind";
	}
	if (header->kind >= RIVERGATE__V1__KIND__KIND_PLAN) {
		return "derived kinds are made by the router alone";
	}
	if (header->n_parts != n_parts) {
		return "the header describes another number of parts";
	}
	if (n_parts > SUBMIT_PARTS_MAX) {
		return "more than 64 parts";
	}
	return recipients_rule(header);
}

static const char *part_rule(const struct rg_client_part *part, const Rivergate__V1__Part *entry)
{
	if (part->content.len > SUBMIT_PART_MAX) {
		return "a part is larger than 8 MiB";
	}
	if (part->salt.len != 0 && part->salt.len != SUBMIT_SALT_LEN) {
		return "a salt has 32 bytes";
	}
	bool is_by_commitment = part->is_withheld && !part->content.data;
	if (is_by_commitment && entry->commitment.len != 32) {
		return "a withheld part without content needs its commitment in the header";
	}
	if (!is_by_commitment && entry->commitment.len != 0) {
		return "size and commitment of a draft's parts are left empty";
	}
	return NULL;
}

/* --- From a draft ----------------------------------------------------------------------------- */

static rg_err fill_part(struct draft *draft, size_t i)
{
	const struct rg_client_part *part = &draft->parts[i];
	Rivergate__V1__Part *entry = draft->header->parts[i];

	draft->rule = part_rule(part, entry);
	if (draft->rule || (part->is_withheld && !part->content.data)) {
		return RG_OK;
	}
	uint8_t *commitment = arena_alloc(draft->maker->arena, 32);
	if (!commitment) {
		return RG_E_NOMEM;
	}
	rg_err err = RG_OK;
	if (part->salt.len) {
		memcpy(draft->salts[i], part->salt.data, SUBMIT_SALT_LEN);
	} else {
		err = take_random(draft->maker, draft->salts[i], SUBMIT_SALT_LEN);
	}
	err = err ? err : signature_commitment(draft->salts[i], part->content, commitment);
	entry->size = part->content.len;
	entry->commitment = (ProtobufCBinaryData){.data = commitment, .len = 32};
	return err;
}

static rg_err fill_parts(struct draft *draft)
{
	size_t content = 0;

	for (size_t i = 0; i < draft->header->n_parts && !draft->rule; i++) {
		rg_err err = fill_part(draft, i);

		if (err) {
			return err;
		}
		content += draft->parts[i].is_withheld ? 0 : draft->parts[i].content.len;
	}
	if (!draft->rule && content > SUBMIT_CONTENT_MAX) {
		draft->rule = "the parts together are larger than 32 MiB";
	}
	return RG_OK;
}

static rg_err fill_identity(struct draft *draft, const uint8_t wanted[SUBMIT_ID_LEN])
{
	static const uint8_t none[SUBMIT_ID_LEN];
	int64_t now_us = clock_now_us();
	uint8_t *id = arena_alloc(draft->maker->arena, SUBMIT_ID_LEN);

	if (!id) {
		return RG_E_NOMEM;
	}
	memcpy(id, wanted, SUBMIT_ID_LEN);
	draft->header->id = (ProtobufCBinaryData){.data = id, .len = SUBMIT_ID_LEN};
	draft->header->from = draft->maker->party;
	draft->header->sent_at_us = now_us;
	return memcmp(wanted, none, SUBMIT_ID_LEN) == 0 ? make_id(draft->maker, now_us, id) : RG_OK;
}

/* One block: the submission, the table of frames, the header, the frames. */
static struct submission *allocate(size_t header_len, const size_t *frame_lens, size_t n_frames)
{
	size_t table = sizeof(struct submission) + n_frames * sizeof(struct rg_bytes);
	size_t content = 0;

	for (size_t i = 0; i < n_frames; i++) {
		content += frame_lens[i];
	}
	scoped(submission_freep) struct submission *submission =
		calloc(1, table + header_len + content);
	if (!submission) {
		return NULL;
	}
	uint8_t *next = (uint8_t *)submission + table;
	submission->frames = (struct rg_bytes *)(void *)(submission + 1);
	submission->n_frames = n_frames;
	submission->header = (struct rg_bytes){.data = next, .len = header_len};
	next += header_len;
	for (size_t i = 0; i < n_frames; i++) {
		submission->frames[i] = (struct rg_bytes){.data = next, .len = frame_lens[i]};
		next += frame_lens[i];
	}
	submission->size = header_len + content;
	buf_init(&submission->signature);
	return steal(submission);
}

/* The views of a submission are const for everybody but the function that fills them. */
static void fill(struct rg_bytes view, size_t offset, struct rg_bytes from)
{
	if (from.len) {
		memcpy((uint8_t *)view.data + offset, from.data, from.len);
	}
}

static rg_err draft_to_submission(const struct draft *draft, struct submission **ret_submission)
{
	size_t lens[SUBMIT_PARTS_MAX] = {0};
	size_t n = draft->header->n_parts;
	struct rg_bytes header = buf_view(&draft->maker->header);

	for (size_t i = 0; i < n; i++) {
		lens[i] = draft->parts[i].is_withheld
			? 0
			: SUBMIT_SALT_LEN + draft->parts[i].content.len;
	}
	scoped(submission_freep) struct submission *submission = allocate(header.len, lens, n);
	if (!submission) {
		return RG_E_NOMEM;
	}
	fill(submission->header, 0, header);
	memcpy(submission->id, draft->header->id.data, SUBMIT_ID_LEN);
	for (size_t i = 0; i < n; i++) {
		if (lens[i]) {
			fill(submission->frames[i], 0, bytes_of(draft->salts[i], SUBMIT_SALT_LEN));
			fill(submission->frames[i], SUBMIT_SALT_LEN, draft->parts[i].content);
		}
	}
	*ret_submission = steal(submission);
	return RG_OK;
}

/* Packs the filled header; too long is the sender's fault. */
static rg_err pack(struct draft *draft)
{
	struct buf *out = &draft->maker->header;

	buf_clear(out);
	rg_err err = pack_append(&draft->header->base, out);
	if (!err && out->len > SUBMIT_HEADER_MAX) {
		draft->rule = "the header is larger than 48 KiB";
	}
	return err;
}

static rg_err read_draft(struct submit_maker *maker, struct rg_bytes header,
	Rivergate__V1__Header **ret_header, const char **ret_rule)
{
	struct scan_answer answer;
	ProtobufCMessage *msg = NULL;

	arena_reset(maker->arena);
	if (header.len > SUBMIT_HEADER_MAX) {
		*ret_rule = "the header is larger than 48 KiB";
		return RG_OK;
	}
	rg_err err = scan_unpack(&rivergate__v1__header__descriptor, header, maker->arena, &answer,
		&msg);
	if (err) {
		return err;
	}
	*ret_rule = msg ? NULL : answer.rule;
	*ret_header = (Rivergate__V1__Header *)msg;
	return RG_OK;
}

rg_err submit_complete(struct submit_maker *maker, const struct rg_client_message *message,
	struct submission **ret_submission, const char **ret_rule)
{
	struct draft draft = {.maker = maker, .parts = message->parts};
	rg_err err = read_draft(maker, message->header, &draft.header, &draft.rule);

	*ret_submission = NULL;
	if (!err && !draft.rule) {
		draft.rule = draft_rule(draft.header, message->n_parts);
	}
	if (!err && !draft.rule) {
		err = fill_parts(&draft);
	}
	if (!err && !draft.rule) {
		err = fill_identity(&draft, message->id);
	}
	if (!err && !draft.rule) {
		err = pack(&draft);
	}
	if (!err && !draft.rule) {
		err = draft_to_submission(&draft, ret_submission);
	}
	*ret_rule = draft.rule;
	return err;
}

/* --- From an envelope ------------------------------------------------------------------------- */

static const char *envelope_rule(const Rivergate__V1__Envelope *envelope,
	const Rivergate__V1__Header *header)
{
	if (header->id.len != SUBMIT_ID_LEN) {
		return "the header's id has not 16 bytes";
	}
	if (!envelope->signature || envelope->signature->value.len == 0) {
		return "the envelope is not signed";
	}
	if (envelope->n_parts != header->n_parts || header->n_parts > SUBMIT_PARTS_MAX) {
		return "the envelope holds another number of parts than its header";
	}
	for (size_t i = 0; i < envelope->n_parts; i++) {
		const Rivergate__V1__PartData *part = envelope->parts[i];
		bool is_withheld = part->salt.len == 0 && part->bytes.len == 0;

		if (!is_withheld && part->salt.len != SUBMIT_SALT_LEN) {
			return "a salt has 32 bytes";
		}
		if (part->bytes.len > SUBMIT_PART_MAX) {
			return "a part is larger than 8 MiB";
		}
	}
	return NULL;
}

static struct rg_bytes view(ProtobufCBinaryData data)
{
	return (struct rg_bytes){.data = data.data, .len = data.len};
}

static rg_err envelope_to_submission(const Rivergate__V1__Envelope *envelope,
	const Rivergate__V1__Header *header, struct submission **ret_submission)
{
	size_t lens[SUBMIT_PARTS_MAX] = {0};

	for (size_t i = 0; i < envelope->n_parts; i++) {
		lens[i] = envelope->parts[i]->salt.len + envelope->parts[i]->bytes.len;
	}
	scoped(submission_freep) struct submission *submission =
		allocate(envelope->header.len, lens, envelope->n_parts);
	if (!submission) {
		return RG_E_NOMEM;
	}
	fill(submission->header, 0, view(envelope->header));
	memcpy(submission->id, header->id.data, SUBMIT_ID_LEN);
	for (size_t i = 0; i < envelope->n_parts; i++) {
		fill(submission->frames[i], 0, view(envelope->parts[i]->salt));
		fill(submission->frames[i], envelope->parts[i]->salt.len,
			view(envelope->parts[i]->bytes));
	}
	rg_err err = pack_append(&envelope->signature->base, &submission->signature);
	if (err) {
		return err;
	}
	submission->size += submission->signature.len;
	*ret_submission = steal(submission);
	return RG_OK;
}

rg_err submit_from_envelope(struct submit_maker *maker, struct rg_bytes bytes,
	struct submission **ret_submission, const char **ret_rule)
{
	struct scan_answer answer;
	ProtobufCMessage *msg = NULL;
	Rivergate__V1__Header *header = NULL;
	scoped(arena_freep) struct arena *arena = arena_new(2 * SUBMIT_ENVELOPE_MAX);

	*ret_submission = NULL;
	if (!arena) {
		return RG_E_NOMEM;
	}
	rg_err err = scan_unpack(&rivergate__v1__envelope__descriptor, bytes, arena, &answer, &msg);
	if (err || !msg) {
		*ret_rule = answer.rule;
		return err;
	}
	const Rivergate__V1__Envelope *envelope = (const Rivergate__V1__Envelope *)msg;
	const char *rule = NULL;
	err = read_draft(maker, view(envelope->header), &header, &rule);
	if (!err && !rule) {
		rule = envelope_rule(envelope, header);
	}
	if (!err && !rule) {
		err = envelope_to_submission(envelope, header, ret_submission);
	}
	*ret_rule = rule;
	return err;
}

/* --- Signing, writing ------------------------------------------------------------------------- */

rg_err submit_sign(const struct key *key, struct submission **submissions, size_t n_submissions)
{
	struct rg_bytes headers[SIGNATURE_BATCH_MAX];
	struct buf signatures[SIGNATURE_BATCH_MAX];

	assert(n_submissions >= 1 && n_submissions <= SIGNATURE_BATCH_MAX);
	for (size_t i = 0; i < n_submissions; i++) {
		headers[i] = submissions[i]->header;
		buf_init(&signatures[i]);
	}
	rg_err err = signature_sign(key, headers, n_submissions, signatures);
	for (size_t i = 0; i < n_submissions; i++) {
		if (err) {
			buf_deinit(&signatures[i]);
			continue;
		}
		submissions[i]->signature = signatures[i];
		submissions[i]->size += signatures[i].len;
	}
	return err;
}

static ProtobufCBinaryData binary(struct rg_bytes bytes)
{
	return (ProtobufCBinaryData){.data = (uint8_t *)bytes.data, .len = bytes.len};
}

rg_err submit_envelope_write(const struct submit_envelope *envelope, struct buf *out)
{
	Rivergate__V1__PartData data[SUBMIT_PARTS_MAX];
	Rivergate__V1__PartData *parts[SUBMIT_PARTS_MAX];
	Rivergate__V1__Envelope msg = RIVERGATE__V1__ENVELOPE__INIT;
	scoped(arena_freep) struct arena *arena = arena_new(0);
	struct scan_answer answer;
	ProtobufCMessage *signature = NULL;

	if (!arena) {
		return RG_E_NOMEM;
	}
	rg_err err = scan_unpack(&rivergate__v1__signature__descriptor, envelope->signature, arena,
		&answer, &signature);
	if (err) {
		return err;
	}
	if (!signature || envelope->n_frames > SUBMIT_PARTS_MAX) {
		return RG_E_FORMAT;
	}
	for (size_t i = 0; i < envelope->n_frames; i++) {
		struct rg_bytes frame = envelope->frames[i];

		parts[i] = &data[i];
		rivergate__v1__part_data__init(parts[i]);
		if (frame.len >= SUBMIT_SALT_LEN) {
			data[i].salt = binary((struct rg_bytes){frame.data, SUBMIT_SALT_LEN});
			data[i].bytes = binary((struct rg_bytes){frame.data + SUBMIT_SALT_LEN,
				frame.len - SUBMIT_SALT_LEN});
		}
	}
	msg.header = binary(envelope->header);
	msg.signature = (Rivergate__V1__Signature *)signature;
	msg.parts = parts;
	msg.n_parts = envelope->n_frames;
	return pack_append(&msg.base, out);
}
