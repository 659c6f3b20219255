/*
 * Dispatch: see dispatch.h.
 *
 * Method: a table of handlers over one queue. The journal is read through a reader of
 * this thread's own; trust follows the core's by TRUST effects in the same queue.
 *
 * Threads: see dispatch.h.
 */
#include "dispatch.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/queue.h"
#include "evidence/derived.h"
#include "evidence/proof.h"
#include "evidence/record.h"
#include "sign/signature.h"
#include "stamp.h"
#include "wire/scan.h"

#define CAPACITY 8192

struct dispatch {
	struct dispatch_options options;
	struct queue *queue;
	struct journal_reader *reader;
	struct trust *trust;
	struct arena *arena; /* of the effect at hand */
	pthread_t thread;
	bool has_thread;
};

/* A record as it stands in the journal; views until the next read. */
struct stored {
	struct journal_record raw;
	struct record leaf;
	Rivergate__V1__Meta *meta;
	Rivergate__V1__Header *header;       /* MESSAGE, else NULL */
	Rivergate__V1__Signature *signature; /* MESSAGE, else NULL */
};

static rg_err unpack(struct dispatch *dispatch, const ProtobufCMessageDescriptor *descriptor,
	struct rg_bytes bytes, ProtobufCMessage **ret_message)
{
	struct scan_answer answer = {.is_ok = false};
	rg_err err = scan_unpack(descriptor, bytes, dispatch->arena, &answer, ret_message);

	return !err && !answer.is_ok ? RG_E_FORMAT : err;
}

static rg_err read_stored(struct dispatch *dispatch, uint64_t index, struct stored *ret_stored)
{
	ProtobufCMessage *meta = NULL;
	ProtobufCMessage *header = NULL;
	ProtobufCMessage *signature = NULL;
	struct stored it = {.meta = NULL};
	rg_err err = journal_read(dispatch->reader, index, &it.raw);

	if (!err && !record_read(it.raw.leaf, &it.leaf)) {
		err = RG_E_FORMAT;
	}
	if (!err) {
		err = unpack(dispatch, &rivergate__v1__meta__descriptor, it.leaf.meta, &meta);
	}
	if (!err && it.leaf.type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE) {
		err = unpack(dispatch, &rivergate__v1__header__descriptor, it.leaf.body, &header);
		if (!err) {
			err = unpack(dispatch, &rivergate__v1__signature__descriptor,
				it.leaf.signature, &signature);
		}
	}
	it.meta = (Rivergate__V1__Meta *)meta;
	it.header = (Rivergate__V1__Header *)header;
	it.signature = (Rivergate__V1__Signature *)signature;
	*ret_stored = it;
	return err;
}

/* A view as protobuf-c wants it; it does not write. */
static ProtobufCBinaryData data_of(struct rg_bytes bytes)
{
	return (ProtobufCBinaryData){.len = bytes.len, .data = (uint8_t *)bytes.data};
}

/* An item for the front that answers what the effect answers. */
static struct front_out *out_of(const struct core_effect *effect)
{
	struct front_out *out = front_out_new(FRONT_OUT_FRAME, effect->session);

	if (out) {
		out->n_messages = effect->n_messages;
		out->n_bytes = effect->n_bytes;
		out->refund_us = effect->refund_us;
		out->is_retryable = effect->is_retryable;
		out->epoch = effect->epoch;
	}
	return out;
}

static rg_err send_frame(struct dispatch *dispatch, const struct core_effect *effect,
	const Rivergate__V1__Frame *frame)
{
	scoped(front_out_freep) struct front_out *out = out_of(effect);

	if (!out) {
		return RG_E_NOMEM;
	}
	rg_err err = frame_add_packed(&out->content, frame);

	if (!err) {
		front_push(*dispatch->options.front, &out);
	}
	return err;
}

static rg_err sign_body(struct dispatch *dispatch, struct rg_bytes body, struct buf *value,
	Rivergate__V1__Signature *signature)
{
	const struct key *key = dispatch->options.router_key;
	rg_err err = key_sign(key, "rivergate/v1 refusal", body, value);

	if (err) {
		return err;
	}
	signature->key_id = (char *)key_id(key);
	signature->algorithm = key_algorithm(key);
	signature->value = data_of(buf_view(value));
	return RG_OK;
}

static rg_err on_refuse(struct dispatch *dispatch, struct core_effect *effect)
{
	scoped(buf_deinitv) struct buf value = {.data = NULL};
	Rivergate__V1__Signature signature = RIVERGATE__V1__SIGNATURE__INIT;
	Rivergate__V1__Refusal refusal = RIVERGATE__V1__REFUSAL__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	rg_err err = sign_body(dispatch, buf_view(&effect->bytes), &value, &signature);

	if (err) {
		return err;
	}
	refusal.body = data_of(buf_view(&effect->bytes));
	refusal.signature = &signature;
	refusal.seq = effect->seq;
	refusal.epoch = effect->epoch;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_REFUSAL;
	frame.refusal = &refusal;
	return send_frame(dispatch, effect, &frame);
}

static rg_err fill_own(struct dispatch *dispatch, Rivergate__V1__Receipts *receipts, uint64_t index,
	struct stored *ret_stored)
{
	rg_err err = read_stored(dispatch, index, ret_stored);

	if (err) {
		return err;
	}
	if (receipts->n_records != 1) {
		return RG_E_FORMAT;
	}
	receipts->records[0]->meta = data_of(ret_stored->leaf.meta);
	receipts->records[0]->signature = data_of(ret_stored->leaf.signature);
	return RG_OK;
}

static rg_err on_receipt_again(struct dispatch *dispatch, struct core_effect *effect)
{
	ProtobufCMessage *message = NULL;
	struct stored stored;
	rg_err err = unpack(dispatch, &rivergate__v1__frame__descriptor, buf_view(&effect->bytes),
		&message);

	if (err) {
		return err;
	}
	Rivergate__V1__Frame *frame = (Rivergate__V1__Frame *)message;

	err = fill_own(dispatch, frame->receipts, effect->index, &stored);
	return err ? err : send_frame(dispatch, effect, frame);
}

/* What is told with a delivery, besides the marks of its record. */
static void fill_marks(const struct dispatch *dispatch, const struct core_effect *effect,
	const struct stored *stored, Rivergate__V1__Deliver *deliver)
{
	const struct trust_signer *signer = stored->signature
		? trust_signer_of(dispatch->trust, stored->signature->key_id)
		: NULL;

	if (effect->order.mark) {
		deliver->marks[deliver->n_marks++] = (Rivergate__V1__Mark)effect->order.mark;
	}
	if (signer &&
		trust_standing_of(dispatch->trust, signer, clock_now_us()).verdict ==
			RIVERGATE__V1__VERDICT__VERDICT_REVOKED) {
		deliver->marks[deliver->n_marks++] = RIVERGATE__V1__MARK__MARK_REVOKED_SINCE;
	}
}

static rg_err write_proof(const struct core_effect *effect, const struct stored *stored,
	struct buf *out)
{
	scoped(proof_file_deinitv) struct proof_file file;
	struct rg_bytes checkpoint;
	const struct proof_extra extra = {.meta = stored->leaf.meta,
		.signature = stored->leaf.signature};

	proof_file_init(&file);
	file.index = effect->index;
	if (!core_proof_read(buf_view(&effect->bytes), &file.path, &checkpoint)) {
		return RG_E_FORMAT;
	}
	buf_add_bytes(&file.checkpoint, checkpoint);
	rg_err err = proof_extra_write(&extra, &file.extra);

	if (!err) {
		err = buf_error(&file.checkpoint);
	}
	return err ? err : proof_file_write(&file, out);
}

static rg_err add_parts(const struct core_effect *effect, const struct stored *stored,
	struct front_out *out)
{
	struct rg_bytes parts[JOURNAL_PARTS_MAX];
	size_t n_parts = 0;
	rg_err err = journal_record_parts(stored->raw.parts, parts, &n_parts) ? RG_OK : RG_E_FORMAT;

	for (size_t i = 0; !err && i < n_parts; i++) {
		bool goes_along = effect->order.parts & (UINT64_C(1) << i);

		err = frame_add(&out->content,
			goes_along ? parts[i] : (struct rg_bytes){.data = NULL});
	}
	return err;
}

/* Header and signature of a message of the router's own. */
static rg_err add_signed(struct dispatch *dispatch, struct rg_bytes header, struct front_out *out)
{
	scoped(buf_deinitv) struct buf signature = {.data = NULL};
	rg_err err = signature_sign(dispatch->options.router_key, &header, 1, &signature);

	if (!err) {
		err = frame_add(&out->content, header);
	}
	return err ? err : frame_add(&out->content, buf_view(&signature));
}

/* The EXPIRY that the order means. */
static rg_err add_expiry(struct dispatch *dispatch, const struct core_effect *effect,
	const struct stored *stored, struct front_out *out)
{
	scoped(buf_deinitv) struct buf header = {.data = NULL};
	uint8_t hash[MESSAGE_HASH_LEN];
	const struct derived derived = {
		.origin = effect->order.origin,
		.router = dispatch->options.router,
		.cause = effect->order.index,
		.kind = effect->order.derived_kind,
		.ordinal = effect->order.ordinal,
		.to = effect->order.to,
		.about = effect->order.about,
		.since_us = effect->order.since_us,
	};
	const struct derived_cause cause = {stored->header, hash, stored->meta->time_us};
	rg_err err = signature_hash(stored->leaf.body, hash);

	if (!err) {
		err = derived_header(&derived, &cause, &header);
	}
	return err ? err : add_signed(dispatch, buf_view(&header), out);
}

static rg_err add_message(const struct core_effect *effect, const struct stored *stored,
	struct front_out *out)
{
	rg_err err = frame_add(&out->content, stored->leaf.body);

	if (!err) {
		err = frame_add(&out->content, stored->leaf.signature);
	}
	return err ? err : add_parts(effect, stored, out);
}

/* What follows the frame of the delivery. */
static rg_err add_content(struct dispatch *dispatch, const struct core_effect *effect,
	const struct stored *stored, struct front_out *out)
{
	if (effect->header.len > 0) {
		return add_signed(dispatch, buf_view(&effect->header), out);
	}
	if (!stored->header) {
		return RG_E_FORMAT;
	}
	return effect->order.derived_kind ? add_expiry(dispatch, effect, stored, out)
					  : add_message(effect, stored, out);
}

static rg_err on_deliver(struct dispatch *dispatch, struct core_effect *effect)
{
	scoped(buf_deinitv) struct buf proof = {.data = NULL};
	scoped(front_out_freep) struct front_out *out = out_of(effect);
	Rivergate__V1__Deliver deliver = RIVERGATE__V1__DELIVER__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	Rivergate__V1__Mark marks[2];
	struct stored stored;
	rg_err err = out ? read_stored(dispatch, effect->index, &stored) : RG_E_NOMEM;

	if (!err) {
		err = write_proof(effect, &stored, &proof);
	}
	if (err) {
		return err;
	}
	deliver.index = effect->index;
	deliver.meta = data_of(stored.leaf.meta);
	deliver.counter = effect->order.counter;
	deliver.derived = effect->order.derived_kind != 0;
	deliver.handed_over = !deliver.derived && deliver.counter == 0;
	deliver.attempt = effect->order.attempt;
	deliver.marks = marks;
	deliver.tlog_proof = data_of(buf_view(&proof));
	fill_marks(dispatch, effect, &stored, &deliver);
	frame.body_case = RIVERGATE__V1__FRAME__BODY_DELIVER;
	frame.deliver = &deliver;
	err = frame_add_packed(&out->content, &frame);
	if (!err) {
		err = add_content(dispatch, effect, &stored, out);
	}
	if (!err) {
		front_push(*dispatch->options.front, &out);
	}
	return err;
}

static bool is_of_party(const struct dispatch *dispatch, const char *address, const char *party)
{
	const struct trust_party *of = trust_route(dispatch->trust, address);

	return of && strcmp(of->address, party) == 0;
}

/* Sender, recipients, auditors of their members, and joint auditors. */
static bool may_see(const struct dispatch *dispatch, const Rivergate__V1__Header *header,
	const char *party)
{
	const struct trust_party *asker = trust_party_at(dispatch->trust, party);
	bool is_auditor = asker && trust_party_has_role(asker, RIVERGATE__V1__ROLE__ROLE_AUDITOR);

	if (asker && trust_is_joint_auditor(dispatch->trust, party)) {
		return true;
	}
	for (size_t i = 0; i <= header->n_to; i++) {
		const char *address = i < header->n_to ? header->to[i] : header->from;
		const struct trust_party *of = trust_route(dispatch->trust, address);

		if (is_of_party(dispatch, address, party) ||
			(is_auditor && of && strcmp(of->cc, asker->cc) == 0)) {
			return true;
		}
	}
	return false;
}

static bool is_told(const Rivergate__V1__Tracked *tracked, const char *party)
{
	for (size_t i = 0; i < tracked->n_deliveries; i++) {
		if (strcmp(tracked->deliveries[i]->to, party) == 0) {
			return true;
		}
	}
	return false;
}

/* Recipients that the core says nothing of have settled long ago. */
static rg_err add_settled(struct dispatch *dispatch, const Rivergate__V1__Header *header,
	Rivergate__V1__Tracked *tracked)
{
	Rivergate__V1__TrackedDelivery **deliveries = arena_alloc(dispatch->arena,
		(tracked->n_deliveries + header->n_to + 1) * sizeof(*deliveries));

	if (!deliveries) {
		return RG_E_NOMEM;
	}
	if (tracked->n_deliveries > 0) {
		memcpy(deliveries, tracked->deliveries,
			tracked->n_deliveries * sizeof(*deliveries));
	}
	tracked->deliveries = deliveries;
	for (size_t i = 0; i < header->n_to; i++) {
		const struct trust_party *to = trust_route(dispatch->trust, header->to[i]);
		Rivergate__V1__TrackedDelivery *delivery =
			arena_alloc(dispatch->arena, sizeof(*delivery));

		if (!delivery) {
			return RG_E_NOMEM;
		}
		if (!to || is_told(tracked, to->address)) {
			continue;
		}
		rivergate__v1__tracked_delivery__init(delivery);
		delivery->to = (char *)to->address;
		delivery->state = RIVERGATE__V1__DELIVERY_STATE__DELIVERY_STATE_SETTLED;
		deliveries[tracked->n_deliveries++] = delivery;
	}
	return RG_OK;
}

/* Copies what outlives the next read of the journal. */
static rg_err keep_header(struct dispatch *dispatch, const struct stored *stored,
	Rivergate__V1__Tracked *tracked)
{
	size_t len = stored->leaf.body.len;
	uint8_t *copy = arena_alloc(dispatch->arena, len + 1);

	if (!copy) {
		return RG_E_NOMEM;
	}
	memcpy(copy, stored->leaf.body.data, len);
	tracked->header = (ProtobufCBinaryData){.len = len, .data = copy};
	tracked->time_us = stored->meta->time_us;
	return add_settled(dispatch, stored->header, tracked);
}

static rg_err fill_messages(struct dispatch *dispatch, const char *party,
	Rivergate__V1__Answer *answer)
{
	size_t n_kept = 0;
	size_t n_rows = 0;
	size_t bytes = 0;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < answer->n_messages; i++) {
		Rivergate__V1__Tracked *tracked = answer->messages[i];
		struct stored stored;

		err = read_stored(dispatch, tracked->index, &stored);
		if (err || !stored.header ||
			(!may_see(dispatch, stored.header, party) && !is_told(tracked, party))) {
			continue;
		}
		bytes += stored.leaf.body.len;
		if (bytes > FRAME_PACKED_MAX / 2 || n_rows > CORE_ANSWER_ROWS_MAX) {
			break; /* The asker goes on from the last index it got. */
		}
		err = keep_header(dispatch, &stored, tracked);
		n_rows += 1 + tracked->n_deliveries;
		answer->messages[n_kept++] = tracked;
	}
	answer->n_messages = n_kept;
	return err;
}

static rg_err fill_status(struct dispatch *dispatch, uint64_t oldest,
	Rivergate__V1__RouterStatus *status)
{
	struct stored stored;
	rg_err err = oldest == UINT64_MAX ? RG_OK : read_stored(dispatch, oldest, &stored);

	if (err) {
		return err;
	}
	status->oldest_queued_us = oldest == UINT64_MAX ? 0 : stored.meta->time_us;
	status->version = (char *)dispatch->options.version;
	status->started_at_us = dispatch->options.started_us;
	status->stamps = *dispatch->options.stamp != NULL;
	status->stamped_at_us = stamp_newest_us(*dispatch->options.stamp);
	status->refused += front_figures(*dispatch->options.front).n_refused;
	return RG_OK;
}

static rg_err fill_receipts(struct dispatch *dispatch, const char *party,
	Rivergate__V1__Answer *answer)
{
	struct stored stored;
	rg_err err = fill_own(dispatch, answer->receipts, answer->receipts->first_index, &stored);

	if (!err && (!stored.header || !may_see(dispatch, stored.header, party))) {
		answer->receipts = NULL;
		answer->error = (char *)"no such message";
	}
	return err;
}

static rg_err on_answer(struct dispatch *dispatch, struct core_effect *effect)
{
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	ProtobufCMessage *message = NULL;
	rg_err err = unpack(dispatch, &rivergate__v1__answer__descriptor, buf_view(&effect->bytes),
		&message);

	if (err) {
		return err;
	}
	Rivergate__V1__Answer *answer = (Rivergate__V1__Answer *)message;

	err = fill_messages(dispatch, effect->party, answer);
	if (!err && answer->status) {
		err = fill_status(dispatch, effect->index, answer->status);
	}
	if (!err && answer->receipts) {
		err = fill_receipts(dispatch, effect->party, answer);
	}
	if (err) {
		return err;
	}
	frame.body_case = RIVERGATE__V1__FRAME__BODY_ANSWER;
	frame.answer = answer;
	return send_frame(dispatch, effect, &frame);
}

static rg_err on_trust(struct dispatch *dispatch, struct core_effect *effect)
{
	trust_unref(dispatch->trust);
	dispatch->trust = steal(effect->trust);
	return RG_OK;
}

static rg_err (*const handlers[])(struct dispatch *dispatch, struct core_effect *effect) = {
	[CORE_EFFECT_RECEIPT_AGAIN] = on_receipt_again,
	[CORE_EFFECT_REFUSE] = on_refuse,
	[CORE_EFFECT_DELIVER] = on_deliver,
	[CORE_EFFECT_ANSWER] = on_answer,
	[CORE_EFFECT_TRUST] = on_trust,
};

static void *run(void *argument)
{
	struct dispatch *dispatch = argument;
	struct core_effect *effect = NULL;
	rg_err err = RG_OK;

	while ((effect = queue_pop(dispatch->queue, -1))) {
		scoped(core_effect_freep) struct core_effect *own = effect;

		if (err) {
			continue;
		}
		arena_reset(dispatch->arena);
		err = handlers[own->type](dispatch, own);
		if (err) {
			log_event(LOG_ERROR, "dispatch", "failed", log_fault(err),
				log_number("record", (int64_t)own->index));
			dispatch->options.failed(dispatch->options.context, err);
		}
	}
	return NULL;
}

rg_err dispatch_start(const struct dispatch_options *options, struct dispatch **ret_dispatch)
{
	scoped(dispatch_stopp) struct dispatch *dispatch = calloc(1, sizeof(*dispatch));

	if (!dispatch) {
		return RG_E_NOMEM;
	}
	dispatch->options = *options;
	dispatch->trust = trust_ref(options->trust);
	dispatch->arena = arena_new(0);
	rg_err err = dispatch->arena ? queue_new(CAPACITY, false, &dispatch->queue) : RG_E_NOMEM;

	if (!err) {
		err = journal_reader_open(options->journal, &dispatch->reader);
	}
	if (!err && pthread_create(&dispatch->thread, NULL, run, dispatch) != 0) {
		log_event(LOG_ERROR, "dispatch", "no-thread", log_errno());
		err = RG_E_IO;
	}
	if (err) {
		return err;
	}
	dispatch->has_thread = true;
	*ret_dispatch = steal(dispatch);
	return RG_OK;
}

void dispatch_push(struct dispatch *dispatch, struct core_effect **effect)
{
	struct core_effect *item = steal(*effect);

	if (!queue_push(dispatch->queue, item)) {
		core_effect_free(item);
	}
}

void dispatch_stop(struct dispatch *dispatch)
{
	if (!dispatch) {
		return;
	}
	if (dispatch->has_thread) {
		queue_close(dispatch->queue);
		(void)pthread_join(dispatch->thread, NULL);
	}
	journal_reader_close(dispatch->reader);
	queue_free(dispatch->queue);
	trust_unref(dispatch->trust);
	arena_free(dispatch->arena);
	free(dispatch);
}
