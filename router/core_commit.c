/*
 * Records that became durable, or were lost; and the same fold at a start.
 *
 * The order of a commit: folds and tree take each record, the head is signed once, the
 * receipts of all sessions are built from it, answers that waited leave, deliveries
 * follow (core.c). A replayed record takes the same way through apply().
 *
 * Threads: the core's.
 */
#include <assert.h>
#include <string.h>

#include "base/log.h"
#include "core_state.h"
#include "journal/journal.h"
#include "registry/header.h"
#include "rules/goods.h"
#include "wire/scan.h"

_Static_assert(DELIVER_LANES == (int)GOODS_LANES, "delivery has a lane for each that goods have");

/* What the record means for delivery, under the trust before it. */
static struct deliver_plan plan_of(const struct core *core, const struct fold_record *record,
	struct admission_route *route)
{
	struct deliver_plan plan = {.default_life_us = CORE_DEFAULT_LIFE};
	const struct trust_party *sender = NULL;

	if (!core->trust) {
		return plan;
	}
	plan.default_life_us = trust_numbers(core->trust)->default_life_us;
	if (!record->header) {
		return plan;
	}
	*route = admission_route_of(core->trust, record->header, record->meta->time_us);
	sender = trust_route(core->trust, record->header->from);
	plan.sender = sender ? sender->address : NULL;
	plan.expires_us = admission_expiry_of(core->trust, record->header, record->meta->time_us);
	plan.lane = goods_lane_of(record->header);
	plan.n_recipients = route->n_recipients;
	for (size_t i = 0; i < route->n_recipients; i++) {
		plan.recipients[i].party = route->recipients[i].party->address;
		plan.recipients[i].parts = route->recipients[i].parts;
	}
	return plan;
}

static rg_err index_record(struct core *core, const struct fold_record *record,
	const struct deliver_plan *plan)
{
	const char *parties[DELIVER_RECIPIENTS_MAX + 1];
	size_t n = 0;

	for (size_t i = 0; i < plan->n_recipients; i++) {
		parties[n++] = plan->recipients[i].party;
	}
	if (plan->sender) {
		parties[n++] = plan->sender;
	}
	return index_apply(core->index, record, parties, n);
}

static rg_err check_origin(struct core *core, const Rivergate__V1__Origin *origin)
{
	struct derived_lineage lineage;

	if (strcmp(origin->origin, core->options.origin) != 0 ||
		strcmp(origin->router, core->options.router) != 0 ||
		origin->genesis_hash.len != sizeof(core->pin)) {
		log_event(LOG_ERROR, "core", "other-log", log_text("origin", origin->origin),
			log_text("router", origin->router),
			log_text("do",
				"this journal is of another log: set the right `address` and "
				"`data_dir`"));
		return RG_E_CONFIG;
	}
	memcpy(core->pin, origin->genesis_hash.data, sizeof(core->pin));
	core->has_origin = true;
	deliver_set_lineage(core->deliver, origin);
	derived_lineage_of(origin, &lineage);
	window_set_lineage(core->window, &lineage);
	return RG_OK;
}

/* What is told because of the record becomes part of the plan. trust: in force after it. */
static rg_err tell(const struct core *core, const struct fold_record *record,
	const struct trust *trust, struct deliver_plan *plan)
{
	return core->teller.apply(core->teller.context, record, trust, plan);
}

static rg_err apply_deliver(struct core *core, const struct fold_record *record,
	const struct deliver_plan *plan)
{
	const struct deliver_over_sink sink = {.over = core->teller.over,
		.context = core->teller.context};

	return deliver_apply(core->deliver, record, plan, &sink);
}

/* One durable record into all folds. trust: what a governance record leads to, else NULL. */
static rg_err apply(struct core *core, const struct fold_record *record, struct trust *trust)
{
	struct admission_route route = {.n_recipients = 0};
	struct deliver_plan plan = plan_of(core, record, &route);
	struct merkle_hash leaf;
	rg_err err = record->origin ? check_origin(core, record->origin) : RG_OK;

	if (!err) {
		err = tell(core, record, trust ? trust : core->trust, &plan);
	}
	if (!err) {
		err = apply_deliver(core, record, &plan);
	}
	if (!err) {
		err = index_record(core, record, &plan);
	}
	if (!err) {
		err = merkle_leaf(record->leaf_bytes, &leaf);
	}
	if (!err) {
		err = tree_append(core->tree, &leaf);
	}
	if (!err && trust) {
		trust_unref(core->trust);
		core->trust = trust_ref(trust);
	}
	return err;
}

static struct fold_record record_of(const struct core_pending *pending)
{
	struct fold_record record = {
		.index = pending->index,
		.leaf = pending->record,
		.leaf_bytes = buf_view(&pending->leaf),
		.meta = pending->meta,
		.header = pending->header,
		.progress = pending->progress,
		.origin = pending->origin,
		.parts_present = pending->parts_present,
		.content_size = pending->content_size,
	};

	memcpy(record.header_hash, pending->header_hash, sizeof(record.header_hash));
	return record;
}

/* Takes the first pending record off its lists; counters follow. */
static rg_err take_first(struct core *core, struct core_pending **ret_pending)
{
	struct core_pending *pending = core->pending;

	core->pending = pending->next;
	if (!core->pending) {
		core->pending_end = &core->pending;
	}
	core->n_pending--;
	core_pending_forget(core, pending);
	if (pending->progress) {
		core->is_progress_pending = false;
		core->figures.n_settled += pending->progress->n_settled;
	}
	*ret_pending = pending;
	return pending->sender[0] ? deliver_count_pending(core->deliver, pending->sender,
					    -(int64_t)pending->n_recipients)
				  : RG_OK;
}

static void core_pending_freep(struct core_pending **var)
{
	core_pending_free(*var);
}

static rg_err collect_receipt(struct core *core, const struct core_pending *pending)
{
	struct core_session *session = core_session_at(core, pending->session);
	const struct receipt_record record = {
		.session = pending->session,
		.index = pending->index,
		.meta = pending->record.meta,
		.signature = pending->record.signature,
		.id = {pending->header ? pending->header->id.data : NULL, MESSAGE_ID_LEN},
	};

	if (!session || !pending->header) {
		return RG_OK;
	}
	session->answered_messages++;
	session->answered_bytes += pending->size;
	session->refund_us += pending->refund_us;
	return receipt_batch_add(core->receipts, &record);
}

static rg_err commit_first(struct core *core)
{
	scoped(core_pending_freep) struct core_pending *pending = NULL;
	rg_err err = take_first(core, &pending);

	if (err) {
		return err;
	}
	const struct fold_record record = record_of(pending);

	err = apply(core, &record, pending->trust);
	return err ? err : collect_receipt(core, pending);
}

struct receipt_tree core_receipt_tree(struct core *core)
{
	return (struct receipt_tree){
		.checkpoint = buf_view(&core->checkpoint),
		.size = tree_size(core->tree),
		.source = tree_source(core->tree),
	};
}

/* A sink of the receipt stage: one frame of a session; its books are told once. */
static rg_err take_receipts(void *context, uint64_t number, struct rg_bytes frame)
{
	struct core *core = context;
	struct core_session *session = core_session_at(core, number);
	struct core_effect *effect = session ? core_effect_new(CORE_EFFECT_FRAME, number) : NULL;

	if (!session) {
		return RG_OK;
	}
	if (!effect) {
		return RG_E_NOMEM;
	}
	buf_add_bytes(&effect->bytes, frame);
	effect->n_messages = session->answered_messages;
	effect->n_bytes = session->answered_bytes;
	effect->refund_us = session->refund_us;
	session->answered_messages = 0;
	session->answered_bytes = 0;
	session->refund_us = 0;
	core_emit(core, effect);
	return buf_error(&effect->bytes);
}

rg_err core_head(const struct core *core, struct buf *note, struct buf *tiles)
{
	buf_add_bytes(note, buf_view(&core->checkpoint));
	rg_err err = buf_error(note);

	return err ? err : tree_edge(core->tree, tiles);
}

static rg_err emit_trust(struct core *core)
{
	struct core_effect *effect = core_effect_new(CORE_EFFECT_TRUST, 0);

	if (!effect) {
		return RG_E_NOMEM;
	}
	effect->trust = trust_ref(core->trust);
	core_emit(core, effect);
	return RG_OK;
}

static rg_err sign_head(struct core *core)
{
	buf_clear(&core->checkpoint);
	rg_err err = tree_checkpoint(core->tree, core->options.origin, core->options.log_key,
		&core->checkpoint);

	return err ? err : buf_error(&core->checkpoint);
}

static rg_err answer_all(struct core *core)
{
	const struct receipt_tree tree = core_receipt_tree(core);
	const struct receipt_sink sink = {.take = take_receipts, .context = core};
	rg_err err = receipt_batch_build(core->receipts, &tree, &sink);

	return err ? err : core_release_held(core, tree.size);
}

rg_err core_sign(struct core *core)
{
	rg_err err = sign_head(core);

	return err ? err : answer_all(core);
}

/* A lost message, as far as a refusal tells of it. */
static rg_err refuse_lost(struct core *core, const struct core_pending *pending)
{
	struct core_session *session = core_session_at(core, pending->session);
	scoped(message_freep) struct message *lost = message_new();
	struct core_effect *effect = NULL;

	if (!pending->header || !session) {
		return RG_OK;
	}
	if (!lost) {
		return RG_E_NOMEM;
	}
	lost->session = pending->session;
	lost->seq = pending->seq;
	lost->epoch = pending->epoch;
	lost->size = pending->size;
	lost->header = pending->header; /* borrowed: it has no arena */
	memcpy(lost->header_hash, pending->header_hash, sizeof(lost->header_hash));
	message_refuse(lost, RIVERGATE__V1__VERDICT__VERDICT_STORAGE,
		"the journal could not be written", NULL);
	rg_err err = core_refusal_of(core, lost, NULL, &effect);

	if (err) {
		return err;
	}
	core->figures.n_refused++;
	session->is_dropping = true;
	session->dropped_epoch = pending->epoch;
	core_emit(core, effect);
	return RG_OK;
}

static rg_err lose_first(struct core *core)
{
	scoped(core_pending_freep) struct core_pending *pending = NULL;
	rg_err err = take_first(core, &pending);

	if (!err && pending->progress) {
		core->figures.n_settled -= pending->progress->n_settled;
		err = deliver_return_progress(core->deliver, pending->progress);
	}
	if (!err) {
		/* Answers to what came before it leave before it. */
		err = core_release_held(core, pending->index);
	}
	return err ? err : refuse_lost(core, pending);
}

/* The write failed: what is pending never was. Senders may try again. */
static rg_err lose_pending(struct core *core)
{
	rg_err err = RG_OK;

	log_event(LOG_ERROR, "core", "records-lost", log_number("n", (int64_t)core->n_pending),
		log_text("do", "make space on the journal's file system"));
	while (!err && core->pending) {
		err = lose_first(core);
	}
	core->next_index = tree_size(core->tree);
	core->retry_us = core->now_us + CORE_SECOND_US;
	core->appended_us = 0;
	trust_unref(core->trust_pending);
	core->trust_pending = trust_ref(core->trust);
	return err ? err : core_release_held(core, UINT64_MAX);
}

rg_err core_on_commit(struct core *core, struct core_input *input)
{
	const struct trust *before = core->trust;
	bool has_news = core->pending && core->pending->index < input->durable_size;
	rg_err err = RG_OK;

	while (!err && core->pending && core->pending->index < input->durable_size) {
		err = commit_first(core);
	}
	if (!err && core->trust != before) {
		err = core_witness_trust(core);
	}
	if (!err && core->trust != before) {
		err = emit_trust(core);
	}
	if (!err && has_news) {
		tree_witnesses_grew(core->witnesses, core->now_us);
		err = core_is_waiting(core) ? RG_OK : core_sign(core);
	}
	if (!err && input->has_failed) {
		err = lose_pending(core);
	}
	return err ? err : index_flush_due(core->index, core->now_us);
}

/* What a replayed record is read into. */
struct reading {
	struct arena *arena;
	struct fold_record record;
	struct rg_bytes first_part;
};

static rg_err read_as(struct reading *it, const ProtobufCMessageDescriptor *descriptor,
	struct rg_bytes bytes, ProtobufCMessage **ret_message)
{
	struct scan_answer answer = {.is_ok = false};
	rg_err err = scan_unpack(descriptor, bytes, it->arena, &answer, ret_message);

	if (!err && !answer.is_ok) {
		log_event(LOG_ERROR, "core", "record-unreadable",
			log_number("record", (int64_t)it->record.index),
			log_text("path", answer.path), log_text("rule", answer.rule));
		return RG_E_FORMAT;
	}
	return err;
}

static rg_err read_parts(struct reading *it, struct rg_bytes section)
{
	struct rg_bytes parts[JOURNAL_PARTS_MAX];
	size_t n_parts = 0;

	if (!journal_record_parts(section, parts, &n_parts)) {
		return RG_E_FORMAT;
	}
	for (size_t i = 0; i < n_parts; i++) {
		it->record.content_size += parts[i].len;
		it->record.parts_present |= parts[i].len > 0 ? UINT64_C(1) << i : 0;
	}
	if (n_parts > 0) {
		it->first_part = parts[0];
	}
	return RG_OK;
}

static rg_err read_body(struct reading *it)
{
	struct fold_record *record = &it->record;
	ProtobufCMessage *body = NULL;
	rg_err err = RG_OK;

	switch (record->leaf.type) {
	case RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE:
		err = read_as(it, &rivergate__v1__header__descriptor, record->leaf.body, &body);
		record->header = (Rivergate__V1__Header *)body;
		return err ? err
			   : merkle_hash_of(record->leaf.body, (struct rg_bytes){.data = NULL},
				     (struct merkle_hash *)record->header_hash);
	case RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_PROGRESS:
		err = read_as(it, &rivergate__v1__progress__descriptor, record->leaf.body, &body);
		record->progress = (Rivergate__V1__Progress *)body;
		return err;
	case RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_ORIGIN:
		err = read_as(it, &rivergate__v1__origin__descriptor, record->leaf.body, &body);
		record->origin = (Rivergate__V1__Origin *)body;
		return err;
	case RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_TICK:
	case RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_ADMIN:
		return RG_OK;
	case RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_UNSPECIFIED:
	case _RIVERGATE__V1__RECORD_TYPE_IS_INT_SIZE:
		return RG_E_FORMAT;
	}
	return RG_E_FORMAT;
}

static rg_err read_record(struct reading *it, struct rg_bytes leaf, struct rg_bytes parts)
{
	ProtobufCMessage *meta = NULL;

	if (!record_read(leaf, &it->record.leaf)) {
		return RG_E_FORMAT;
	}
	it->record.leaf_bytes = leaf;
	rg_err err = read_as(it, &rivergate__v1__meta__descriptor, it->record.leaf.meta, &meta);

	it->record.meta = (Rivergate__V1__Meta *)meta;
	if (!err) {
		err = read_body(it);
	}
	return err ? err : read_parts(it, parts);
}

/* What a journalled governance message leads to: it did then, so it must now. */
static rg_err replay_governance(struct core *core, const struct reading *it,
	struct trust **ret_trust)
{
	scoped(message_freep) struct message *message = message_new();
	const struct admit_governance in = {.trust = core->trust,
		.pin = core->pin,
		.index = it->record.index};

	if (!message) {
		return RG_E_NOMEM;
	}
	message->header = (Rivergate__V1__Header *)it->record.header; /* borrowed */
	rg_err err = admit_govern(message, &in, it->first_part, ret_trust);

	if (!err && !*ret_trust) {
		log_event(LOG_ERROR, "core", "governance-contradicts",
			log_number("record", (int64_t)it->record.index),
			log_text("field", message->field), log_text("why", message->detail));
		return RG_E_FORMAT;
	}
	return err;
}

rg_err core_replay(struct core *core, struct rg_bytes leaf, struct rg_bytes parts)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	scoped(trust_unrefp) struct trust *trust = NULL;
	struct reading it = {.arena = arena, .record = {.index = core->next_index}};

	if (!arena) {
		return RG_E_NOMEM;
	}
	rg_err err = read_record(&it, leaf, parts);

	if (!err && it.record.header && header_is_governance(it.record.header->kind)) {
		it.record.governance_part = it.first_part;
		err = replay_governance(core, &it, &trust);
	}
	if (!err) {
		err = apply(core, &it.record, trust);
	}
	if (err) {
		return err;
	}
	if (trust) {
		trust_unref(core->trust_pending);
		core->trust_pending = trust_ref(trust);
	}
	core->next_index++;
	core->appended_us = it.record.meta->time_us;
	core->now_us =
		it.record.meta->time_us > core->now_us ? it.record.meta->time_us : core->now_us;
	return RG_OK;
}
