/*
 * Records that become pending: leaf made, journal told, identity remembered.
 *
 * Threads: the core's.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core_state.h"
#include "wire/pack.h"
#include "wire/scan.h"

#define MARKS_MAX 2

static const char *cc_of(const char *address, char cc[3])
{
	(void)snprintf(cc, 3, "%.2s", address);
	return address[0] && address[1] && address[2] == '.' ? cc : "";
}

static rg_err make_meta(const struct core *core, const struct message *message,
	const struct admit_answer *answer, struct buf *out)
{
	Rivergate__V1__Meta meta = RIVERGATE__V1__META__INIT;
	Rivergate__V1__Mark marks[MARKS_MAX];
	char cc[3];

	meta.time_us = core->now_us;
	meta.marks = marks;
	if (core->trust_pending) {
		meta.registry_index = trust_registry_index(core->trust_pending);
	}
	if (message && core->trust_pending) {
		const char *member = cc_of(message->header->from, cc);

		meta.directory_index = trust_directory_index(core->trust_pending, member);
		meta.crl_index = trust_crl_index(core->trust_pending, member);
	}
	if (answer && answer->is_crl_stale) {
		marks[meta.n_marks++] = RIVERGATE__V1__MARK__MARK_CRL_STALE;
	}
	if (answer && answer->is_late) {
		marks[meta.n_marks++] = RIVERGATE__V1__MARK__MARK_LATE;
	}
	return pack_append(&meta.base, out);
}

void core_pending_free(struct core_pending *pending)
{
	if (!pending) {
		return;
	}
	buf_deinit(&pending->leaf);
	arena_free(pending->arena);
	trust_unref(pending->trust);
	free(pending);
}

static void core_pending_freep(struct core_pending **var)
{
	core_pending_free(*var);
}

static size_t chain_of(const Rivergate__V1__Header *header)
{
	uint64_t tail = 0;

	/* The last half of a UUIDv7 is random; who makes his equal slows his own party. */
	if (header->id.len == MESSAGE_ID_LEN) {
		memcpy(&tail, header->id.data + 8, sizeof(tail));
	}
	return (size_t)(tail % CORE_CHAINS);
}

struct core_pending *core_pending_find(struct core *core, const Rivergate__V1__Header *header)
{
	struct core_pending *pending = core->identities[chain_of(header)];

	while (pending &&
		(memcmp(pending->header->id.data, header->id.data, MESSAGE_ID_LEN) != 0 ||
			strcmp(pending->header->from, header->from) != 0)) {
		pending = pending->next_same;
	}
	return pending;
}

void core_pending_forget(struct core *core, struct core_pending *pending)
{
	if (!pending->header) {
		return;
	}
	struct core_pending **link = &core->identities[chain_of(pending->header)];

	while (*link != pending) {
		link = &(*link)->next_same;
	}
	*link = pending->next_same;
}

/* Writes the leaf of the record and reads it back into views. */
static rg_err make_leaf(struct core_pending *pending, const struct record *record)
{
	rg_err err = record_write(record, &pending->leaf);

	if (err) {
		return err;
	}
	return record_read(buf_view(&pending->leaf), &pending->record) ? RG_OK : RG_E_FORMAT;
}

static rg_err make_effect(const struct core_pending *pending, struct core_effect **ret_effect)
{
	scoped(core_effect_freep) struct core_effect *effect =
		core_effect_new(CORE_EFFECT_APPEND, pending->session);

	if (!effect) {
		return RG_E_NOMEM;
	}
	effect->index = pending->index;
	buf_add_bytes(&effect->bytes, buf_view(&pending->leaf));
	rg_err err = buf_error(&effect->bytes);

	if (!err) {
		*ret_effect = steal(effect);
	}
	return err;
}

/* Reads the meta back, as folds will see it. */
static rg_err read_meta(struct core_pending *pending)
{
	struct scan_answer answer = {.is_ok = false};
	ProtobufCMessage *meta = NULL;
	rg_err err = scan_unpack(&rivergate__v1__meta__descriptor, pending->record.meta,
		pending->arena, &answer, &meta);

	pending->meta = (Rivergate__V1__Meta *)meta;
	return !err && !meta ? RG_E_FORMAT : err;
}

static void join(struct core *core, struct core_pending *pending)
{
	*core->pending_end = pending;
	core->pending_end = &pending->next;
	core->n_pending++;
	core->next_index++;
	core->appended_us = core->now_us;
	if (pending->header) {
		struct core_pending **chain = &core->identities[chain_of(pending->header)];

		pending->next_same = *chain;
		*chain = pending;
	}
}

static rg_err begin(struct core *core, struct arena *arena, struct core_pending **ret_pending)
{
	struct core_pending *pending = calloc(1, sizeof(*pending));

	if (!pending) {
		return RG_E_NOMEM;
	}
	buf_init(&pending->leaf);
	pending->index = core->next_index;
	pending->arena = arena;
	*ret_pending = pending;
	return RG_OK;
}

static rg_err count_pending(struct core *core, struct core_pending *pending)
{
	struct admission_route route =
		admission_route_of(core->trust_pending, pending->header, core->now_us);

	pending->n_recipients = route.n_recipients;
	return deliver_count_pending(core->deliver, pending->sender,
		(int64_t)pending->n_recipients);
}

static void note_parts(struct core_pending *pending, const struct message *message)
{
	for (size_t i = 0; i < message->n_parts; i++) {
		size_t len = message_part(message, i).len;

		pending->content_size += len;
		pending->parts_present |= len > 0 ? UINT64_C(1) << i : 0;
	}
}

/* What is known of a message moves to the pending record; its frames go to the journal. */
static void move_message(struct core_pending *pending, struct message *message)
{
	note_parts(pending, message);
	pending->session = message->session;
	pending->seq = message->seq;
	pending->epoch = message->epoch;
	pending->size = message->size;
	pending->refund_us = (int64_t)message->charged_us - (int64_t)message->spent_us;
	pending->header = message->header;
	memcpy(pending->header_hash, message->header_hash, sizeof(pending->header_hash));
	message->arena = NULL;
	message->header = NULL;
	message->signature = NULL;
}

rg_err core_append_message(struct core *core, struct message **message,
	const struct admit_answer *answer, struct trust *trust)
{
	scoped(core_pending_freep) struct core_pending *pending = NULL;
	scoped(core_effect_freep) struct core_effect *effect = NULL;
	scoped(buf_deinitv) struct buf meta = {.data = NULL};
	struct message *it = *message;
	rg_err err = make_meta(core, it, answer, &meta);

	if (!err) {
		err = begin(core, it->arena, &pending);
	}
	if (err) {
		return err;
	}
	const struct record record = {.type = RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE,
		.meta = buf_view(&meta),
		.body = message_header(it),
		.signature = message_signature(it)};

	move_message(pending, it);
	pending->trust = trust_ref(trust);
	err = make_leaf(pending, &record);
	if (!err) {
		err = read_meta(pending);
	}
	if (!err) {
		err = make_effect(pending, &effect);
	}
	if (!err && it->session != 0) {
		(void)snprintf(pending->sender, sizeof(pending->sender), "%s", it->party);
		err = count_pending(core, pending);
	}
	if (err) {
		return err;
	}
	effect->message = steal(*message);
	effect->may_use_reserve = trust != NULL;
	core_emit(core, steal(effect));
	join(core, steal(pending));
	return RG_OK;
}

/* What folds read of the router's own records. */
struct own_row {
	Rivergate__V1__RecordType type;
	const ProtobufCMessageDescriptor *descriptor;
};

static const struct own_row own_rows[] = {
	{RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_TICK, &rivergate__v1__tick__descriptor},
	{RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_PROGRESS, &rivergate__v1__progress__descriptor},
	{RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_ORIGIN, &rivergate__v1__origin__descriptor},
	{RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_ADMIN, &rivergate__v1__admin__descriptor},
};

static rg_err read_own(struct core_pending *pending)
{
	struct scan_answer answer = {.is_ok = false};
	ProtobufCMessage *body = NULL;
	size_t row = 0;

	while (own_rows[row].type != pending->record.type) {
		row++;
	}
	rg_err err = scan_unpack(own_rows[row].descriptor, pending->record.body, pending->arena,
		&answer, &body);

	if (err || !body) {
		return err ? err : RG_E_FORMAT;
	}
	if (pending->record.type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_PROGRESS) {
		pending->progress = (Rivergate__V1__Progress *)body;
	}
	if (pending->record.type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_ORIGIN) {
		pending->origin = (Rivergate__V1__Origin *)body;
	}
	return RG_OK;
}

rg_err core_append_own(struct core *core, Rivergate__V1__RecordType type, struct rg_bytes body)
{
	scoped(core_pending_freep) struct core_pending *pending = NULL;
	scoped(core_effect_freep) struct core_effect *effect = NULL;
	scoped(buf_deinitv) struct buf meta = {.data = NULL};
	scoped(arena_freep) struct arena *arena = arena_new(0);
	rg_err err = arena ? make_meta(core, NULL, NULL, &meta) : RG_E_NOMEM;

	if (!err) {
		err = begin(core, steal(arena), &pending);
	}
	if (err) {
		return err;
	}
	const struct record record = {.type = type, .meta = buf_view(&meta), .body = body};

	err = make_leaf(pending, &record);
	if (!err) {
		err = read_meta(pending);
	}
	if (!err) {
		err = read_own(pending);
	}
	if (!err) {
		err = make_effect(pending, &effect);
	}
	if (err) {
		return err;
	}
	effect->may_use_reserve = true;
	core_emit(core, steal(effect));
	join(core, steal(pending));
	return RG_OK;
}

static rg_err append_progress(struct core *core)
{
	scoped(buf_deinitv) struct buf body = {.data = NULL};
	rg_err err = deliver_take_progress(core->deliver, &body);

	if (err) {
		return err;
	}
	core->is_progress_pending = true;
	return core_append_own(core, RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_PROGRESS,
		buf_view(&body));
}

rg_err core_append_due(struct core *core)
{
	rg_err err = RG_OK;

	if (core->now_us < core->retry_us) {
		return RG_OK;
	}
	if (!core->is_progress_pending && deliver_has_progress(core->deliver)) {
		err = append_progress(core);
	}
	bool is_expiry_due = deliver_expiry_us(core->deliver) <= core->now_us &&
		core->appended_us < deliver_expiry_us(core->deliver) &&
		core->now_us - core->ticked_us >= CORE_SECOND_US;

	if (!err && (is_expiry_due || core_window_due_us(core) <= core->now_us)) {
		core->ticked_us = core->now_us;
		err = core_append_own(core, RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_TICK,
			(struct rg_bytes){.data = NULL});
	}
	return err;
}
