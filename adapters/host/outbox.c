/*
 * Own messages from their seal to their receipt
 *
 * Method: a list of groups in the order they were begun. A message that is being made is
 * a submission of the client library; once signed it is packed into its envelope, and
 * that is all that is kept. Frames: frames.h.
 *
 * Threads: one.
 */
#include "host/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/merkle.h"
#include "client/submit.h"
#include "host/frames.h"
#include "rivergate/v1/message.pb-c.h"
#include "sign/signature.h"
#include "wire/pack.h"
#include "wire/scan.h"

#define WHY_MAX ((size_t)2000)

/* A message that is made and not signed, and where it belongs. */
struct fresh {
	struct submission *submission;
	struct outbox_group *group;
	size_t index;
};

struct outbox {
	const struct key *key;
	char *party;
	struct submit_maker *maker;
	struct arena *arena;
	struct outbox_group *first;
	struct outbox_group *last;
	size_t n_groups;
	size_t n_bytes;
	uint64_t last_number;

	struct fresh *fresh;
	size_t n_fresh;
	size_t n_fresh_bytes; /* of their parts */
};

rg_err outbox_new(const char *party, const struct key *signing_key, struct outbox **ret_outbox)
{
	scoped(outbox_freep) struct outbox *outbox = calloc(1, sizeof(*outbox));

	if (!outbox) {
		return RG_E_NOMEM;
	}
	outbox->key = signing_key;
	outbox->party = strdup(party);
	outbox->arena = arena_new((size_t)64 << 20);
	outbox->fresh = calloc(SIGNATURE_BATCH_MAX, sizeof(*outbox->fresh));
	if (!outbox->party || !outbox->arena || !outbox->fresh) {
		return RG_E_NOMEM;
	}
	rg_err err = submit_maker_new(party, &outbox->maker);
	if (err) {
		return err;
	}
	*ret_outbox = steal(outbox);
	return RG_OK;
}

void outbox_set_key(struct outbox *outbox, const struct key *signing_key)
{
	outbox->key = signing_key;
}

static void free_group(struct outbox_group *group)
{
	for (size_t i = 0; group && i < group->n_messages; i++) {
		buf_deinit(&group->messages[i].envelope);
		free(group->messages[i].why);
	}
	if (group) {
		free(group->messages);
	}
	free(group);
}

/* A new message at the end of the group; NULL: no memory. */
static struct outbox_message *append_message(struct outbox_group *group)
{
	size_t n = group->n_messages;

	/* Grows by doubling: the capacity is the next power of two. */
	if ((n & (n - 1)) == 0) {
		struct outbox_message *grown =
			realloc(group->messages, (n ? n * 2 : 1) * sizeof(*grown));

		if (!grown) {
			return NULL;
		}
		group->messages = grown;
	}
	struct outbox_message *message = &group->messages[group->n_messages++];
	memset(message, 0, sizeof(*message));
	buf_init(&message->envelope);
	return message;
}

static void forget_fresh(struct outbox *outbox)
{
	for (size_t i = 0; i < outbox->n_fresh; i++) {
		submission_free(outbox->fresh[i].submission);
	}
	outbox->n_fresh = 0;
	outbox->n_fresh_bytes = 0;
}

void outbox_free(struct outbox *outbox)
{
	if (!outbox) {
		return;
	}
	if (outbox->fresh) {
		forget_fresh(outbox);
	}
	while (outbox->first) {
		struct outbox_group *group = outbox->first;

		outbox->first = group->next;
		free_group(group);
	}
	submit_maker_free(outbox->maker);
	arena_free(outbox->arena);
	free(outbox->fresh);
	free(outbox->party);
	free(outbox);
}

/* --- The list ------------------------------------------------------------------------------ */

static struct outbox_group *append_group(struct outbox *outbox)
{
	struct outbox_group *group = calloc(1, sizeof(*group));

	if (!group) {
		return NULL;
	}
	if (outbox->last) {
		outbox->last->next = group;
	} else {
		outbox->first = group;
	}
	outbox->last = group;
	outbox->n_groups++;
	return group;
}

static void remove_group(struct outbox *outbox, struct outbox_group *group)
{
	struct outbox_group *before = NULL;

	for (struct outbox_group *at = outbox->first; at != group; at = at->next) {
		before = at;
	}
	if (before) {
		before->next = group->next;
	} else {
		outbox->first = group->next;
	}
	if (outbox->last == group) {
		outbox->last = before;
	}
	for (size_t i = 0; i < group->n_messages; i++) {
		outbox->n_bytes -= group->messages[i].envelope.len;
	}
	outbox->n_groups--;
	free_group(group);
}

struct outbox_message *outbox_find(struct outbox *outbox, const uint8_t id[OUTBOX_ID_LEN])
{
	for (struct outbox_group *group = outbox->first; group; group = group->next) {
		for (size_t i = 0; i < group->n_messages; i++) {
			if (memcmp(group->messages[i].id, id, OUTBOX_ID_LEN) == 0) {
				return &group->messages[i];
			}
		}
	}
	return NULL;
}

bool outbox_has_file(const struct outbox *outbox, const struct directory_file *file)
{
	for (const struct outbox_group *group = outbox->first; group; group = group->next) {
		if (group->file.inode == file->inode && group->file.size == file->size &&
			group->file.changed_ns == file->changed_ns &&
			strcmp(group->file.name, file->name) == 0) {
			return true;
		}
	}
	return false;
}

size_t outbox_length(const struct outbox *outbox)
{
	return outbox->n_groups;
}

size_t outbox_bytes(const struct outbox *outbox)
{
	return outbox->n_bytes + outbox->n_fresh_bytes;
}

bool outbox_has_room(const struct outbox *outbox)
{
	return outbox->n_fresh + OUTBOX_GROUP_MAX <= SIGNATURE_BATCH_MAX;
}

/* --- Frames --------------------------------------------------------------------------------- */

static rg_err add_sealed(const struct outbox_group *group, struct ledger *ledger)
{
	scoped(buf_deinitv) struct buf frame = {0};

	buf_init(&frame);
	buf_add_u8(&frame, FRAME_SEALED);
	buf_add_u64(&frame, group->number);
	buf_add_u64(&frame, group->delivery);
	buf_add_u64(&frame, group->file.inode);
	buf_add_u64(&frame, group->file.size);
	buf_add_u64(&frame, (uint64_t)group->file.changed_ns);
	buf_add_u16(&frame, (uint16_t)strlen(group->file.name));
	buf_add_text(&frame, group->file.name);
	buf_add_u16(&frame, (uint16_t)group->n_messages);
	for (size_t i = 0; i < group->n_messages; i++) {
		const struct outbox_message *message = &group->messages[i];

		buf_add(&frame, message->id, OUTBOX_ID_LEN);
		buf_add_u32(&frame, (uint32_t)message->envelope.len);
		buf_add_bytes(&frame, buf_view(&message->envelope));
	}
	rg_err err = buf_error(&frame);
	return err ? err : ledger_add(ledger, buf_view(&frame));
}

static rg_err add_ended(const struct outbox_message *message, const char *why,
	struct ledger *ledger)
{
	scoped(buf_deinitv) struct buf frame = {0};

	buf_init(&frame);
	buf_add_u8(&frame, FRAME_ENDED);
	buf_add(&frame, message->id, OUTBOX_ID_LEN);
	buf_add_u16(&frame, (uint16_t)(why ? strlen(why) : 0));
	buf_add_text(&frame, why ? why : "");
	rg_err err = buf_error(&frame);
	return err ? err : ledger_add(ledger, buf_view(&frame));
}

static rg_err read_message(struct outbox *outbox, struct cursor *cursor, struct outbox_group *group)
{
	struct rg_bytes id = cursor_bytes(cursor, OUTBOX_ID_LEN);
	struct rg_bytes envelope = cursor_bytes(cursor, cursor_u32(cursor));

	if (cursor->is_bad) {
		return RG_E_FORMAT;
	}
	struct outbox_message *message = append_message(group);
	if (!message) {
		return RG_E_NOMEM;
	}
	memcpy(message->id, id.data, OUTBOX_ID_LEN);
	buf_add_bytes(&message->envelope, envelope);
	outbox->n_bytes += message->envelope.len;
	return buf_error(&message->envelope);
}

static rg_err replay_sealed(struct outbox *outbox, struct cursor *cursor)
{
	struct outbox_group head = {.number = cursor_u64(cursor), .delivery = cursor_u64(cursor)};

	head.file.inode = cursor_u64(cursor);
	head.file.size = cursor_u64(cursor);
	head.file.changed_ns = (int64_t)cursor_u64(cursor);
	struct rg_bytes name = cursor_bytes(cursor, cursor_u16(cursor));
	size_t n = cursor_u16(cursor);
	if (cursor->is_bad || name.len > DIRECTORY_NAME_MAX || n > OUTBOX_GROUP_MAX) {
		return RG_E_FORMAT;
	}
	outbox->last_number = head.number > outbox->last_number ? head.number : outbox->last_number;
	if (n == 0) {
		return RG_OK;
	}
	struct outbox_group *group = append_group(outbox);
	if (!group) {
		return RG_E_NOMEM;
	}
	head.is_committed = true;
	*group = head;
	if (name.len) {
		memcpy(group->file.name, name.data, name.len);
	}
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < n; i++) {
		err = read_message(outbox, cursor, group);
	}
	return err;
}

static void set_end(struct outbox *outbox, struct outbox_message *message, struct rg_bytes why)
{
	outbox->n_bytes -= message->envelope.len;
	buf_deinit(&message->envelope);
	message->state = OUTBOX_RECEIPTED;
	if (why.len) {
		message->state = OUTBOX_REFUSED;
		free(message->why);
		message->why = strndup((const char *)why.data, why.len);
	}
}

static rg_err replay_ended(struct outbox *outbox, struct cursor *cursor)
{
	struct rg_bytes id = cursor_bytes(cursor, OUTBOX_ID_LEN);
	struct rg_bytes why = cursor_bytes(cursor, cursor_u16(cursor));

	if (cursor->is_bad) {
		return RG_E_FORMAT;
	}
	struct outbox_message *message = outbox_find(outbox, id.data);
	if (message) {
		set_end(outbox, message, why);
	}
	return RG_OK;
}

static rg_err replay_closed(struct outbox *outbox, struct cursor *cursor)
{
	uint64_t number = cursor_u64(cursor);

	for (struct outbox_group *group = outbox->first; group; group = group->next) {
		if (group->number == number) {
			remove_group(outbox, group);
			return RG_OK;
		}
	}
	return RG_OK;
}

rg_err outbox_replay(struct outbox *outbox, struct rg_bytes frame)
{
	struct cursor cursor = cursor_of(frame);

	switch ((enum frame_type)cursor_u8(&cursor)) {
	case FRAME_SEALED:
		return replay_sealed(outbox, &cursor);
	case FRAME_ENDED:
		return replay_ended(outbox, &cursor);
	case FRAME_CLOSED:
		return replay_closed(outbox, &cursor);
	case FRAME_INTENT:
	case FRAME_CRASHED:
	case FRAME_ATTEMPT:
		return RG_OK;
	}
	return RG_E_FORMAT;
}

rg_err outbox_write(const struct outbox *outbox, struct ledger *ledger)
{
	rg_err err = RG_OK;

	for (const struct outbox_group *group = outbox->first; !err && group; group = group->next) {
		if (!group->is_committed) {
			continue;
		}
		err = add_sealed(group, ledger);
		for (size_t i = 0; !err && i < group->n_messages; i++) {
			const struct outbox_message *message = &group->messages[i];
			bool is_refused = message->state == OUTBOX_REFUSED;

			if (is_refused || message->state == OUTBOX_RECEIPTED) {
				err = add_ended(message,
					is_refused ? message->why ? message->why : "refused" : NULL,
					ledger);
			}
		}
	}
	return err;
}

/* --- Making messages -------------------------------------------------------------------------- */

rg_err outbox_begin(struct outbox *outbox, const struct directory_file *file, uint64_t delivery,
	struct outbox_group **ret_group)
{
	uint64_t now = (uint64_t)clock_now_us();
	struct outbox_group *group = append_group(outbox);

	if (!group) {
		return RG_E_NOMEM;
	}
	outbox->last_number = now > outbox->last_number ? now : outbox->last_number + 1;
	group->number = outbox->last_number;
	group->delivery = delivery;
	if (file) {
		group->file = *file;
	}
	*ret_group = group;
	return RG_OK;
}

/* The submission of a message of the group that is still being made; NULL: none. */
static const struct submission *fresh_of(const struct outbox *outbox,
	const struct outbox_group *group, size_t index)
{
	for (size_t i = 0; i < outbox->n_fresh; i++) {
		if (outbox->fresh[i].group == group && outbox->fresh[i].index == index) {
			return outbox->fresh[i].submission;
		}
	}
	return NULL;
}

/*
 * Packs the draft again with references to the first message and to the one before: to
 * every one before, a file of hundreds of documents would cost the square of them.
 */
static rg_err add_references(struct outbox *outbox, const struct outbox_group *group,
	struct rg_bytes draft, struct buf *out)
{
	struct scan_answer answer;
	ProtobufCMessage *msg = NULL;
	const size_t before[] = {0, group->n_messages - 1};
	size_t n_refs = group->n_messages > 1 ? 2 : 1;
	Rivergate__V1__Ref refs[2];
	Rivergate__V1__Ref *list[2];
	uint8_t hashes[2][MERKLE_HASH_LEN];

	arena_reset(outbox->arena);
	rg_err err = scan_unpack(&rivergate__v1__header__descriptor, draft, outbox->arena, &answer,
		&msg);
	if (err || !msg) {
		return err ? err : RG_E_FORMAT;
	}
	for (size_t i = 0; !err && i < n_refs; i++) {
		const struct submission *other = fresh_of(outbox, group, before[i]);

		rivergate__v1__ref__init(&refs[i]);
		refs[i].from = outbox->party;
		refs[i].id = (ProtobufCBinaryData){OUTBOX_ID_LEN, (uint8_t *)other->id};
		refs[i].header_hash = (ProtobufCBinaryData){MERKLE_HASH_LEN, hashes[i]};
		refs[i].relation = RIVERGATE__V1__RELATION__RELATION_SAME_NATIVE;
		list[i] = &refs[i];
		err = signature_hash(other->header, hashes[i]);
	}
	Rivergate__V1__Header *header = (Rivergate__V1__Header *)msg;
	header->refs = list;
	header->n_refs = n_refs;
	return err ? err : pack_append(&header->base, out);
}

static size_t bytes_of_parts(const struct rg_client_message *draft)
{
	size_t n = draft->header.len;

	for (size_t i = 0; i < draft->n_parts; i++) {
		n += draft->parts[i].content.len;
	}
	return n;
}

/* Why the group takes no more; NULL: it does. */
static const char *problem_of(const struct outbox *outbox, const struct outbox_group *group,
	size_t n_bytes)
{
	if (group->n_messages >= OUTBOX_GROUP_MAX || outbox->n_fresh >= SIGNATURE_BATCH_MAX) {
		return "The file would become more than 960 messages, one for each document and "
		       "route; divide it.";
	}
	if (n_bytes > OUTBOX_GROUP_BYTES_MAX - group->n_bytes) {
		return "The messages of the file would hold more than 128 MiB; divide it.";
	}
	return NULL;
}

rg_err outbox_add(struct outbox *outbox, struct outbox_group *group,
	const struct rg_client_message *draft, bool same_native, uint8_t ret_id[OUTBOX_ID_LEN],
	const char **ret_rule)
{
	size_t n_bytes = bytes_of_parts(draft);
	scoped(buf_deinitv) struct buf header = {0};
	scoped(submission_freep) struct submission *submission = NULL;
	struct rg_client_message message = *draft;
	rg_err err = RG_OK;

	buf_init(&header);
	*ret_rule = problem_of(outbox, group, n_bytes);
	if (*ret_rule) {
		return RG_OK;
	}
	if (same_native && group->n_messages > 0) {
		err = add_references(outbox, group, draft->header, &header);
		message.header = buf_view(&header);
	}
	if (!err) {
		err = submit_complete(outbox->maker, &message, &submission, ret_rule);
	}
	if (err || *ret_rule) {
		return err;
	}
	struct outbox_message *slot = append_message(group);
	if (!slot) {
		return RG_E_NOMEM;
	}
	memcpy(slot->id, submission->id, OUTBOX_ID_LEN);
	if (ret_id) {
		memcpy(ret_id, submission->id, OUTBOX_ID_LEN);
	}
	group->n_bytes += n_bytes;
	outbox->n_fresh_bytes += n_bytes;
	outbox->fresh[outbox->n_fresh++] = (struct fresh){.submission = steal(submission),
		.group = group,
		.index = group->n_messages - 1};
	return RG_OK;
}

void outbox_cancel(struct outbox *outbox, struct outbox_group *group)
{
	size_t kept = 0;

	for (size_t i = 0; i < outbox->n_fresh; i++) {
		if (outbox->fresh[i].group == group) {
			submission_free(outbox->fresh[i].submission);
		} else {
			outbox->fresh[kept++] = outbox->fresh[i];
		}
	}
	outbox->n_fresh = kept;
	outbox->n_fresh_bytes -= group->n_bytes;
	remove_group(outbox, group);
}

static rg_err pack_fresh(struct outbox *outbox)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < outbox->n_fresh; i++) {
		const struct fresh *fresh = &outbox->fresh[i];
		const struct submission *submission = fresh->submission;
		const struct submit_envelope envelope = {.header = submission->header,
			.signature = buf_view(&submission->signature),
			.frames = submission->frames,
			.n_frames = submission->n_frames};
		struct outbox_message *message = &fresh->group->messages[fresh->index];

		err = submit_envelope_write(&envelope, &message->envelope);
		outbox->n_bytes += message->envelope.len;
	}
	return err;
}

static rg_err sign_fresh(struct outbox *outbox)
{
	scoped(freep) struct submission **all = calloc(outbox->n_fresh + 1, sizeof(*all));

	if (!all) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < outbox->n_fresh; i++) {
		all[i] = outbox->fresh[i].submission;
	}
	return outbox->n_fresh ? submit_sign(outbox->key, all, outbox->n_fresh) : RG_OK;
}

rg_err outbox_seal(struct outbox *outbox, struct ledger *ledger)
{
	rg_err err = sign_fresh(outbox);

	if (!err) {
		err = pack_fresh(outbox);
	}
	forget_fresh(outbox);
	for (struct outbox_group *group = outbox->first; !err && group; group = group->next) {
		if (!group->is_committed) {
			err = add_sealed(group, ledger);
		}
	}
	return err;
}

/* Groups without messages only say that a delivery is done: nothing is left to do. */
void outbox_committed(struct outbox *outbox)
{
	struct outbox_group *next = NULL;

	for (struct outbox_group *group = outbox->first; group; group = next) {
		next = group->next;
		group->is_committed = true;
		if (group->n_messages == 0) {
			remove_group(outbox, group);
		}
	}
}

void outbox_dropped(struct outbox *outbox)
{
	struct outbox_group *next = NULL;

	forget_fresh(outbox);
	for (struct outbox_group *group = outbox->first; group; group = next) {
		next = group->next;
		if (!group->is_committed) {
			remove_group(outbox, group);
		}
	}
}

/*
 * --- Submitting ----------------------------------------------------------------------------------
 */

/* *ret_is_full: the client takes no more now. */
static rg_err submit_one(struct outbox *outbox, struct outbox_message *message,
	const struct outbox_sink *sink, bool *ret_is_full)
{
	enum rg_submit_answer answer = RG_SUBMIT_TAKEN;
	uint8_t id[OUTBOX_ID_LEN];
	const char *rule = NULL;
	rg_err err = rg_client_submit_envelope(sink->client, buf_view(&message->envelope), &answer,
		id, &rule);

	if (err) {
		return err;
	}
	*ret_is_full = answer == RG_SUBMIT_FULL;
	if (answer == RG_SUBMIT_WRONG) {
		log_event(LOG_ERROR, "outbox", "not-submitted",
			log_hex("id", bytes_of(message->id, OUTBOX_ID_LEN)),
			log_text("rule", rule));
		return outbox_end(outbox, message, rule ? rule : "breaks a rule", sink->ledger);
	}
	if (answer == RG_SUBMIT_TAKEN) {
		message->state = OUTBOX_SUBMITTED;
	}
	return RG_OK;
}

static rg_err submit_group(struct outbox *outbox, struct outbox_group *group,
	const struct outbox_sink *sink, bool *ret_is_full)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && !*ret_is_full && i < group->n_messages; i++) {
		if (group->messages[i].state == OUTBOX_WAITING) {
			err = submit_one(outbox, &group->messages[i], sink, ret_is_full);
		}
	}
	return err;
}

rg_err outbox_submit(struct outbox *outbox, const struct outbox_sink *sink)
{
	bool is_full = false;
	rg_err err = RG_OK;

	for (struct outbox_group *group = outbox->first; !err && !is_full && group;
		group = group->next) {
		if (group->is_committed) {
			err = submit_group(outbox, group, sink, &is_full);
		}
	}
	return err;
}

void outbox_forget_submitted(struct outbox *outbox)
{
	for (struct outbox_group *group = outbox->first; group; group = group->next) {
		for (size_t i = 0; i < group->n_messages; i++) {
			if (group->messages[i].state == OUTBOX_SUBMITTED) {
				group->messages[i].state = OUTBOX_WAITING;
			}
		}
	}
}

rg_err outbox_end(struct outbox *outbox, struct outbox_message *message, const char *why,
	struct ledger *ledger)
{
	scoped(buf_deinitv) struct buf cut = {0};
	size_t len = why ? strnlen(why, WHY_MAX) : 0;

	buf_init(&cut);
	buf_add(&cut, why, len);
	const char *text = buf_text(&cut);
	if (!text) {
		return RG_E_NOMEM;
	}
	rg_err err = add_ended(message, why ? text : NULL, ledger);
	if (!err) {
		set_end(outbox, message, bytes_of(text, len));
	}
	return err;
}

static bool is_ended(const struct outbox_group *group)
{
	for (size_t i = 0; i < group->n_messages; i++) {
		enum outbox_state state = group->messages[i].state;

		if (state != OUTBOX_RECEIPTED && state != OUTBOX_REFUSED) {
			return false;
		}
	}
	return group->is_committed;
}

struct outbox_group *outbox_ended(struct outbox *outbox)
{
	for (struct outbox_group *group = outbox->first; group; group = group->next) {
		if (is_ended(group)) {
			return group;
		}
	}
	return NULL;
}

rg_err outbox_close(struct outbox *outbox, struct outbox_group *group, struct ledger *ledger)
{
	scoped(buf_deinitv) struct buf frame = {0};

	buf_init(&frame);
	buf_add_u8(&frame, FRAME_CLOSED);
	buf_add_u64(&frame, group->number);
	rg_err err = buf_error(&frame);
	if (!err) {
		err = ledger_add(ledger, buf_view(&frame));
	}
	if (!err) {
		remove_group(outbox, group);
	}
	return err;
}
