/*
 * A core in a box: see crash_run.h.
 *
 * Method: each record is made an input again; effects are taken until nothing is left to be
 * written, given or settled.
 * Threads: one.
 */
#include "crash_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/derived.h"
#include "journal/journal.h"
#include "rivergate/v1/consignment.pb-c.h"
#include "sign/signature.h"
#include "wire/frame.h"
#include "wire/scan.h"

#define RECORDS_MAX    8192
#define PARTIES_MAX    256
#define DELIVERIES_MAX 65536
#define CREDIT         (1u << 30)

#define RECORD(name) RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_##name

static void entry_deinit(struct run_entry *entry)
{
	buf_deinit(&entry->leaf);
	buf_deinit(&entry->parts);
}

void run_deinit(struct run *run)
{
	core_free(run->core);
	for (size_t i = 0; run->journal && i < run->n_records; i++) {
		entry_deinit(&run->journal[i]);
	}
	for (size_t i = 0; run->parcels && i < run->n_parcels; i++) {
		buf_deinit(&run->parcels[i].bytes);
	}
	free(run->journal);
	free(run->parcels);
	free(run->parties);
	free(run->orders);
}

/* --- What does not hang on indexes ------------------------------------------------------------ */

static bool hangs_on_index(const ProtobufCFieldDescriptor *field)
{
	static const char ending[] = "index";
	size_t len = strlen(field->name);

	return field->type == PROTOBUF_C_TYPE_UINT64 && len >= strlen(ending) &&
		strcmp(field->name + len - strlen(ending), ending) == 0;
}

static void forget_indexes(ProtobufCMessage *message);

static void forget_field(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	uint8_t *at = (uint8_t *)message + field->offset;
	size_t n = 1;

	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		memcpy(&n, (uint8_t *)message + field->quantifier_offset, sizeof(n));
	} else if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
		uint32_t is_case = 0;

		memcpy(&is_case, (uint8_t *)message + field->quantifier_offset, sizeof(is_case));
		n = is_case == field->id;
	}
	if (hangs_on_index(field) && field->label != PROTOBUF_C_LABEL_REPEATED && n) {
		memset(at, 0, sizeof(uint64_t));
	}
	if (field->type != PROTOBUF_C_TYPE_MESSAGE) {
		return;
	}
	for (size_t i = 0; i < n; i++) {
		ProtobufCMessage **list = (ProtobufCMessage **)at;
		ProtobufCMessage *one = NULL;

		if (field->label == PROTOBUF_C_LABEL_REPEATED) {
			memcpy(&list, at, sizeof(list));
		}
		memcpy(&one, &list[i], sizeof(one));
		if (one) {
			forget_indexes(one);
		}
	}
}

/* Sets all of them to 0, here and below; and hashes over what has some. */
static void forget_indexes(ProtobufCMessage *message)
{
	const ProtobufCMessageDescriptor *descriptor = message->descriptor;

	for (unsigned i = 0; i < descriptor->n_fields; i++) {
		forget_field(message, &descriptor->fields[i]);
	}
	if (descriptor == &rivergate__v1__consignment_told__descriptor) {
		((Rivergate__V1__ConsignmentTold *)message)->plan.len = 0;
		((Rivergate__V1__ConsignmentTold *)message)->status.len = 0;
	}
}

/* Reads, forgets, packs again; appends to out. */
rg_err run_without_indexes(const ProtobufCMessageDescriptor *descriptor, struct rg_bytes bytes,
	struct buf *out)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	ProtobufCMessage *message = arena ? protobuf_c_message_unpack(descriptor,
						    arena_protobuf(arena), bytes.len, bytes.data)
					  : NULL;

	if (!message) {
		return RG_E_FORMAT;
	}
	forget_indexes(message);
	if (descriptor == &rivergate__v1__header__descriptor) {
		Rivergate__V1__Header *header = (Rivergate__V1__Header *)message;

		/* The id of a derived message is made of the index of its cause. */
		header->id.len = 0;
	}
	size_t size = protobuf_c_message_get_packed_size(message);
	uint8_t *room = buf_reserve(out, size + 1);

	if (!room) {
		return RG_E_NOMEM;
	}
	out->len += protobuf_c_message_pack(message, room);
	return RG_OK;
}

/* --- Effects ---------------------------------------------------------------------------------- */

static rg_err read_entry(struct run_entry *entry)
{
	if (!record_read(buf_view(&entry->leaf), &entry->record)) {
		return RG_E_FORMAT;
	}
	Rivergate__V1__Meta *meta =
		rivergate__v1__meta__unpack(NULL, entry->record.meta.len, entry->record.meta.data);

	if (!meta) {
		return RG_E_FORMAT;
	}
	entry->time_us = meta->time_us;
	rivergate__v1__meta__free_unpacked(meta, NULL);
	return RG_OK;
}

static rg_err take_append(struct run *run, const struct core_effect *effect)
{
	if (run->n_records == RECORDS_MAX) {
		return RG_E_OVERFLOW;
	}
	struct run_entry *entry = &run->journal[run->n_records++];

	*entry = (struct run_entry){.n_received = run->n_parcels};
	buf_add_bytes(&entry->leaf, buf_view(&effect->bytes));
	for (size_t i = 0; effect->message && i < effect->message->n_parts; i++) {
		struct rg_bytes part = message_part(effect->message, i);

		buf_add_u32(&entry->parts, (uint32_t)part.len);
		buf_add_bytes(&entry->parts, part);
	}
	rg_err err = buf_error(&entry->leaf);

	err = err ? err : buf_error(&entry->parts);
	return err ? err : read_entry(entry);
}

static rg_err take_refusal(const struct core_effect *effect)
{
	Rivergate__V1__RefusalBody *body =
		rivergate__v1__refusal_body__unpack(NULL, effect->bytes.len, effect->bytes.data);

	(void)fprintf(stderr, "refused: %s %s\n", body ? body->rule : "", body ? body->field : "");
	rivergate__v1__refusal_body__free_unpacked(body, NULL);
	return RG_E_FORMAT;
}

static rg_err id_of(const struct run *run, const struct deliver_order *order, uint8_t ret_id[16])
{
	const struct derived derived = {.origin = run->origin,
		.cause = order->index,
		.kind = order->derived_kind,
		.ordinal = order->ordinal,
		.to = order->to};

	return derived_id(&derived, ret_id);
}

/* Names the parcel as its party knows it: by recipient and identity. */
static rg_err name_parcel(const struct deliver_order *order, struct rg_bytes header,
	struct run_parcel *parcel)
{
	scoped(buf_deinitv) struct buf name = {.data = NULL};

	buf_add_text(&name, order->to);
	buf_add_u8(&name, 0);
	if (parcel->is_derived) {
		buf_add(&name, parcel->derived_id, sizeof(parcel->derived_id));
	} else {
		buf_add_bytes(&name, header);
	}
	rg_err err = buf_error(&name);

	return err ? err : signature_hash(buf_view(&name), parcel->name);
}

static rg_err open_parcel(const struct run *run, const struct core_effect *effect,
	struct run_parcel *parcel)
{
	const struct deliver_order *order = &effect->order;
	struct rg_bytes header = order->derived_kind ? buf_view(&effect->header)
						     : run->journal[order->index].record.body;
	Rivergate__V1__Header *read = rivergate__v1__header__unpack(NULL, header.len, header.data);

	if (!read) {
		return RG_E_FORMAT;
	}
	(void)snprintf(parcel->key, sizeof(parcel->key), "%s %s", order->to, read->ucr);
	rivergate__v1__header__free_unpacked(read, NULL);
	parcel->index = order->index;
	parcel->is_derived = order->derived_kind != 0;
	parcel->settled_at = UINT64_MAX;
	rg_err err = parcel->is_derived ? id_of(run, order, parcel->derived_id) : RG_OK;

	err = err ? err : name_parcel(order, header, parcel);
	if (!err && parcel->is_derived) {
		err = run_without_indexes(&rivergate__v1__header__descriptor, header,
			&parcel->bytes);
	} else if (!err) {
		buf_add_bytes(&parcel->bytes, header);
		err = buf_error(&parcel->bytes);
	}
	return err;
}

static bool has_parcel(const struct run *run, const struct run_parcel *parcel)
{
	for (size_t i = run->n_parcels; i > 0; i--) {
		if (memcmp(run->parcels[i - 1].name, parcel->name, RUN_NAME_LEN) == 0) {
			return true;
		}
	}
	return false;
}

/* Stored once, whatever it is given; settled each time. */
static rg_err take_delivery(struct run *run, const struct core_effect *effect)
{
	struct run_parcel parcel = {.order = run->n_parcels};
	rg_err err = run->n_parcels < DELIVERIES_MAX && run->n_orders < DELIVERIES_MAX
		? open_parcel(run, effect, &parcel)
		: RG_E_OVERFLOW;

	if (!err) {
		run->orders[run->n_orders++] = effect->order;
	}
	if (err || has_parcel(run, &parcel)) {
		buf_deinit(&parcel.bytes);
		return err;
	}
	run->parcels[run->n_parcels++] = parcel;
	return RG_OK;
}

static rg_err take_effects(struct run *run)
{
	rg_err err = RG_OK;

	for (bool has_more = true; !err && has_more;) {
		scoped(core_effect_freep) struct core_effect *effect = core_take_effect(run->core);

		has_more = effect != NULL;
		if (!effect) {
			continue;
		}
		if (effect->type == CORE_EFFECT_APPEND) {
			err = take_append(run, effect);
		} else if (effect->type == CORE_EFFECT_DELIVER) {
			err = take_delivery(run, effect);
		} else if (effect->type == CORE_EFFECT_REFUSE) {
			err = take_refusal(effect);
		}
	}
	return err;
}

/* --- Inputs ----------------------------------------------------------------------------------- */

static rg_err step(struct run *run, struct core_input *input)
{
	input->now_us = run->now_us;
	rg_err err = core_step(run->core, input);

	return err ? err : take_effects(run);
}

static rg_err step_frame(struct run *run, enum core_input_type type, size_t party,
	const Rivergate__V1__Frame *frame)
{
	scoped(buf_deinitv) struct buf packed = {.data = NULL};
	struct core_input input = {.type = type, .session = party + 1, .arena = arena_new(0)};
	struct scan_answer answer;
	rg_err err = input.arena ? frame_pack(frame, &packed) : RG_E_NOMEM;

	(void)snprintf(input.party, sizeof(input.party), "%s", run->parties[party].address);
	if (!err) {
		err = frame_unpack(buf_view(&packed), input.arena, &answer, &input.frame);
	}
	if (err || !input.frame) {
		arena_free(input.arena);
		return err ? err : RG_E_FORMAT;
	}
	return step(run, &input);
}

static size_t party_of(const struct run *run, const char *address)
{
	size_t i = 0;

	while (i < run->n_parties && strcmp(run->parties[i].address, address) != 0) {
		i++;
	}
	return i;
}

static rg_err settle_one(struct run *run, const struct deliver_order *order)
{
	Rivergate__V1__DeliveryRef ref = RIVERGATE__V1__DELIVERY_REF__INIT;
	Rivergate__V1__DeliveryRef *refs[] = {&ref};
	Rivergate__V1__Settled settled = RIVERGATE__V1__SETTLED__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	uint8_t id[16];
	rg_err err = order->derived_kind ? id_of(run, order, id) : RG_OK;

	ref.index = order->index;
	if (order->derived_kind) {
		ref.derived_id = (ProtobufCBinaryData){sizeof(id), id};
	}
	settled.n_deliveries = 1;
	settled.deliveries = refs;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_SETTLED;
	frame.settled = &settled;
	return err ? err : step_frame(run, CORE_INPUT_SETTLED, party_of(run, order->to), &frame);
}

/* Everything is written, given and settled. */
static rg_err come_to_rest(struct run *run)
{
	rg_err err = RG_OK;

	while (!err && (run->n_durable < run->n_records || run->n_orders > 0)) {
		struct core_input commit = {.type = CORE_INPUT_COMMIT,
			.durable_size = run->n_records};

		if (run->n_durable < run->n_records) {
			run->n_durable = run->n_records;
			err = step(run, &commit);
			continue;
		}
		const struct deliver_order order = run->orders[0];

		memmove(run->orders, run->orders + 1, --run->n_orders * sizeof(order));
		err = settle_one(run, &order);
	}
	return err;
}

static rg_err open_session(struct run *run, size_t party)
{
	Rivergate__V1__Hello hello = RIVERGATE__V1__HELLO__INIT;
	Rivergate__V1__Credit credit = RIVERGATE__V1__CREDIT__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;

	hello.party = run->parties[party].address;
	hello.receive = true;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_HELLO;
	frame.hello = &hello;
	rg_err err = step_frame(run, CORE_INPUT_SESSION_OPEN, party, &frame);

	credit.messages = CREDIT;
	credit.bytes = (uint64_t)CREDIT << 8;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_CREDIT;
	frame.credit = &credit;
	return err ? err : step_frame(run, CORE_INPUT_CREDIT, party, &frame);
}

static void list_parties(struct run *run)
{
	const struct trust *trust = core_trust(run->core);
	const Rivergate__V1__Registry *registry = trust_registry(trust);

	for (size_t i = 0; i < registry->n_members; i++) {
		const Rivergate__V1__Directory *directory =
			trust_directory(trust, registry->members[i]->cc);

		for (size_t j = 0; directory && j < directory->n_parties; j++) {
			if (run->n_parties < PARTIES_MAX) {
				(void)snprintf(run->parties[run->n_parties++].address,
					sizeof(run->parties[0].address), "%s",
					directory->parties[j]->address);
			}
		}
	}
}

/* The genesis is there: the router opens, and its parties come. */
static rg_err start(struct run *run)
{
	struct core_input admin = {.type = CORE_INPUT_ADMIN,
		.act = RIVERGATE__V1__ADMIN__ACT__ACT_START,
		.detail = ""};
	rg_err err = step(run, &admin);

	run->has_started = true;
	err = err ? err : come_to_rest(run);
	if (!err) {
		list_parties(run);
	}
	for (size_t i = 0; !err && i < run->n_parties; i++) {
		err = open_session(run, i);
	}
	return err ? err : come_to_rest(run);
}

static rg_err set_frame(zmq_msg_t *frame, struct rg_bytes bytes)
{
	if (zmq_msg_init_size(frame, bytes.len) != 0) {
		return RG_E_NOMEM;
	}
	if (bytes.len > 0) {
		memcpy(zmq_msg_data(frame), bytes.data, bytes.len);
	}
	return RG_OK;
}

static rg_err set_parts(struct message *message, struct rg_bytes section)
{
	struct rg_bytes parts[JOURNAL_PARTS_MAX];
	size_t n_parts = 0;
	rg_err err = RG_OK;

	if (!journal_record_parts(section, parts, &n_parts)) {
		return RG_E_FORMAT;
	}
	message->part_frames = calloc(n_parts + 1, sizeof(zmq_msg_t));
	if (!message->part_frames) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; !err && i < n_parts; i++) {
		err = set_frame(&message->part_frames[i], parts[i]);
		message->n_parts += err ? 0 : 1;
	}
	return err;
}

/* What verify would have made of the frames; nobody's signature is judged again. */
static rg_err read_message(struct message *message)
{
	struct scan_answer answer;
	ProtobufCMessage *header = NULL;
	ProtobufCMessage *signature = NULL;
	rg_err err = scan_unpack(&rivergate__v1__header__descriptor, message_header(message),
		message->arena, &answer, &header);

	err = err ? err
		  : scan_unpack(&rivergate__v1__signature__descriptor, message_signature(message),
			    message->arena, &answer, &signature);
	if (err || !header || !signature) {
		return err ? err : RG_E_FORMAT;
	}
	message->header = (Rivergate__V1__Header *)header;
	message->signature = (Rivergate__V1__Signature *)signature;
	message->size = message_size(message);
	return signature_hash(message_header(message), message->header_hash);
}

static rg_err make_message(const struct run_entry *entry, struct message **ret_message)
{
	scoped(message_freep) struct message *message = message_new();
	rg_err err = message ? set_frame(&message->header_frame, entry->record.body) : RG_E_NOMEM;

	err = err ? err : set_frame(&message->signature_frame, entry->record.signature);
	err = err ? err : set_parts(message, buf_view(&entry->parts));
	if (err) {
		return err;
	}
	message->arena = arena_new(0);
	err = message->arena ? read_message(message) : RG_E_NOMEM;
	if (!err) {
		*ret_message = steal(message);
	}
	return err;
}

static rg_err submit(struct run *run, const struct run_entry *entry)
{
	struct message *message = NULL;
	rg_err err = make_message(entry, &message);

	if (err) {
		return err;
	}
	if (strcmp(message->header->from, run->router) != 0) {
		err = run->has_started ? RG_OK : start(run);
		size_t party = party_of(run, message->header->from);

		if (err || party == run->n_parties) {
			message_free(message);
			return err ? err : RG_E_FORMAT;
		}
		message->session = party + 1;
		message->seq = ++run->parties[party].seq;
		message->epoch = CORE_EPOCH_FIRST;
		(void)snprintf(message->party, sizeof(message->party), "%s",
			run->parties[party].address);
	}
	struct core_input input = {.type = CORE_INPUT_CANDIDATE, .message = message};

	return step(run, &input);
}

static rg_err begin_log(struct run *run, const struct run_entry *entry)
{
	struct core_input input = {.type = CORE_INPUT_ORIGIN};
	Rivergate__V1__Origin *origin = rivergate__v1__origin__unpack(NULL, entry->record.body.len,
		entry->record.body.data);
	bool is_whole = origin && origin->genesis_hash.len == sizeof(input.pin);

	if (is_whole) {
		memcpy(input.pin, origin->genesis_hash.data, sizeof(input.pin));
	}
	rivergate__v1__origin__free_unpacked(origin, NULL);
	return is_whole ? step(run, &input) : RG_E_FORMAT;
}

/* What the record was made of, at its time. */
static rg_err feed(struct run *run, const struct run_entry *entry)
{
	struct core_input tick = {.type = CORE_INPUT_TICK};
	rg_err err = RG_OK;

	run->now_us = entry->time_us > run->now_us ? entry->time_us : run->now_us;
	if (entry->record.type == RECORD(ORIGIN)) {
		err = begin_log(run, entry);
	} else if (entry->record.type == RECORD(MESSAGE)) {
		err = submit(run, entry);
	} else if (entry->record.type == RECORD(TICK)) {
		err = step(run, &tick);
	}
	return err ? err : come_to_rest(run);
}

/* --- Runs ------------------------------------------------------------------------------------- */

rg_err run_init(struct run *run, const struct run *like)
{
	const struct core_options options = {.router = like->router,
		.origin = like->origin,
		.log_key = like->log_key};

	*run = (struct run){.log_key = like->log_key,
		.router = like->router,
		.origin = like->origin};
	run->journal = calloc(RECORDS_MAX, sizeof(*run->journal));
	run->parcels = calloc(DELIVERIES_MAX, sizeof(*run->parcels));
	run->parties = calloc(PARTIES_MAX, sizeof(*run->parties));
	run->orders = calloc(DELIVERIES_MAX, sizeof(*run->orders));
	return run->journal && run->parcels && run->parties && run->orders
		? core_new(&options, &run->core)
		: RG_E_NOMEM;
}

bool run_is_same_message(const struct run_entry *a, const struct run_entry *b)
{
	return a->record.type == RECORD(MESSAGE) && b->record.type == RECORD(MESSAGE) &&
		bytes_equal(a->record.body, b->record.body);
}

/* Whether the records of the run have this input already. */
static bool has_input(const struct run *run, size_t n_records, const struct run_entry *input)
{
	if (input->record.type == RECORD(TICK)) {
		return n_records > 0 && input->time_us < run->journal[n_records - 1].time_us;
	}
	if (input->record.type == RECORD(ORIGIN)) {
		return n_records > 0;
	}
	for (size_t i = 0; i < n_records; i++) {
		if (run_is_same_message(&run->journal[i], input)) {
			return true;
		}
	}
	return false;
}

rg_err run_feed(struct run *run, const struct run *inputs, size_t n_had)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < inputs->n_records; i++) {
		if (!has_input(run, n_had, &inputs->journal[i])) {
			err = feed(run, &inputs->journal[i]);
		}
		if (err) {
			(void)fprintf(stderr, "input %zu: error %d\n", i, (int)err);
		}
	}
	return err || run->has_started ? err : start(run);
}

rg_err run_replay(const struct run_entry *from, struct run *run)
{
	struct run_entry *entry = &run->journal[run->n_records++];

	buf_add_bytes(&entry->leaf, buf_view(&from->leaf));
	buf_add_bytes(&entry->parts, buf_view(&from->parts));
	rg_err err = buf_error(&entry->leaf);

	err = err ? err : buf_error(&entry->parts);
	err = err ? err : read_entry(entry);
	run->n_durable = run->n_records;
	run->now_us = entry->time_us;
	return err ? err : core_replay(run->core, buf_view(&entry->leaf), buf_view(&entry->parts));
}

/* What a party remembers of the time before. */
static rg_err copy_parcel(const struct run_parcel *from, struct run *run)
{
	struct run_parcel *parcel = &run->parcels[run->n_parcels++];

	*parcel = *from;
	parcel->bytes = (struct buf){.data = NULL};
	buf_add_bytes(&parcel->bytes, buf_view(&from->bytes));
	return buf_error(&parcel->bytes);
}

rg_err run_restart(const struct run *uncut, size_t n_records, bool remembers, struct run *run)
{
	size_t n_received = n_records < uncut->n_records ? uncut->journal[n_records].n_received
							 : uncut->n_parcels;
	rg_err err = run_init(run, uncut);

	for (size_t i = 0; !err && i < n_records; i++) {
		err = run_replay(&uncut->journal[i], run);
	}
	for (size_t i = 0; !err && i < n_received; i++) {
		if (remembers || uncut->parcels[i].settled_at < n_records) {
			err = copy_parcel(&uncut->parcels[i], run);
		}
	}
	return err;
}

/* Which PROGRESS record settled what. */
static void note_one(struct run *run, uint64_t at, const Rivergate__V1__DeliveryRef *ref)
{
	for (size_t i = 0; i < run->n_parcels; i++) {
		struct run_parcel *parcel = &run->parcels[i];
		size_t len = strlen(ref->to);
		bool is_id = parcel->is_derived
			? ref->derived_id.len == sizeof(parcel->derived_id) &&
				memcmp(ref->derived_id.data, parcel->derived_id,
					sizeof(parcel->derived_id)) == 0
			: ref->derived_id.len == 0;

		if (parcel->index == ref->index && is_id &&
			strncmp(parcel->key, ref->to, len) == 0 && parcel->key[len] == ' ') {
			parcel->settled_at = at;
		}
	}
}

rg_err run_note_settled(struct run *run)
{
	for (size_t i = 0; i < run->n_records; i++) {
		const struct record *record = &run->journal[i].record;

		if (record->type != RECORD(PROGRESS)) {
			continue;
		}
		Rivergate__V1__Progress *progress =
			rivergate__v1__progress__unpack(NULL, record->body.len, record->body.data);

		if (!progress) {
			return RG_E_FORMAT;
		}
		for (size_t j = 0; j < progress->n_settled; j++) {
			note_one(run, i, progress->settled[j]);
		}
		rivergate__v1__progress__free_unpacked(progress, NULL);
	}
	return RG_OK;
}

/* --- Reading ---------------------------------------------------------------------------------- */

static bool read_blob(struct buf *blob)
{
	uint8_t head[4];

	if (fread(head, 1, sizeof(head), stdin) != sizeof(head)) {
		return false;
	}
	size_t len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	uint8_t *room = buf_reserve(blob, len + 1);

	blob->len = room ? fread(room, 1, len, stdin) : 0;
	return room && blob->len == len;
}

rg_err run_read_journal(struct run *inputs)
{
	inputs->journal = calloc(RECORDS_MAX, sizeof(*inputs->journal));
	while (inputs->journal && inputs->n_records < RECORDS_MAX) {
		struct run_entry *entry = &inputs->journal[inputs->n_records];

		if (!read_blob(&entry->leaf)) {
			return feof(stdin) ? RG_OK : RG_E_IO;
		}
		inputs->n_records++;
		if (!read_blob(&entry->parts) || read_entry(entry)) {
			return RG_E_FORMAT;
		}
	}
	return inputs->journal ? RG_E_OVERFLOW : RG_E_NOMEM;
}
