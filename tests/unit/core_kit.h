#ifndef TESTS_UNIT_CORE_KIT_H
#define TESTS_UNIT_CORE_KIT_H

/*
 * A core in a box: inputs made by hand, a journal in memory, everything it said written down
 *
 * The genesis registry and the directories of the small federation (members.h) are its
 * first records. Messages carry no real signature: verification is not the core's.
 */

#include <stdlib.h>

#include "core.h"
#include "evidence/derived.h"
#include "evidence/record.h"
#include "members.h"
#include "sign/signature.h"
#include "wire/frame.h"
#include "wire/pack.h"

#define KIT_ROUTER  "router.one"
#define KIT_ORIGIN  "rivergate.example/one"
#define KIT_RECORDS 4096

struct kit_record {
	struct buf leaf;
	struct buf parts;
};

struct kit {
	struct core *core;
	int64_t now_us;
	struct kit_record *records; /* appended, the first n_durable of them told as durable */
	size_t n_records;
	size_t n_durable;
	struct buf said; /* all effects, one after the other */
	size_t n_by_type[CORE_EFFECT_CONTRADICTION + 1];
	Rivergate__V1__Verdict refused; /* of the newest refusal */
	char rule[128];
	struct deliver_order order; /* of the newest delivery … */
	struct buf header;          /* … and the header that came with it */
	struct buf answer;          /* the newest */
	/* Sees each effect before it is freed; may be NULL. */
	void (*watch)(struct kit *kit, const struct core_effect *effect);
};

/* What all cores of a test share. */
struct kit_world {
	struct members members;
	struct key *log_key;
	Rivergate__V1__Governed *registry;
	Rivergate__V1__Governed *directories[MEMBERS_N];
	uint8_t pin[32];
	bool has_witnesses; /* keep the members' witness keys; the core waits for them */
	const struct core_teller *teller; /* of all its cores; NULL: none */
};

static inline void kit_world_sign(struct kit_world *world)
{
	world->members.numbers.default_life_us = 100000000;
	world->members.numbers.max_life_us = INT64_C(1000000000);
	world->registry = members_registry(&world->members, (1U << MEMBERS_N) - 1);
	ck_assert_int_eq(governance_hash(world->registry, world->pin), RG_OK);
	for (size_t i = 0; i < MEMBERS_N; i++) {
		world->directories[i] = members_directory(&world->members, i);
	}
}

/* The members; then, for a world with witnesses, their keys may be set; then sign. */
static inline void kit_world_make(struct kit_world *world)
{
	members_init(&world->members);
	ck_assert_int_eq(key_generate(RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519, &world->log_key),
		RG_OK);
}

static inline void kit_world_init(struct kit_world *world)
{
	kit_world_make(world);
	for (size_t i = 0; i < MEMBERS_N; i++) {
		world->members.all[i].entry.witness_key.len = 0;
	}
	kit_world_sign(world);
}

static inline void kit_world_deinit(struct kit_world *world)
{
	governance_free(world->registry);
	for (size_t i = 0; i < MEMBERS_N; i++) {
		governance_free(world->directories[i]);
	}
	key_free(world->log_key);
	members_deinit(&world->members);
}

/* --- Messages --------------------------------------------------------------------------------- */

static inline void kit_frame(zmq_msg_t *frame, struct rg_bytes bytes)
{
	ck_assert_int_eq(zmq_msg_init_size(frame, bytes.len), 0);
	if (bytes.len > 0) {
		memcpy(zmq_msg_data(frame), bytes.data, bytes.len);
	}
}

/* Packs the header, and reads it as verify would. part: salt ‖ bytes, empty: no part. */
static inline struct message *kit_message_of(const Rivergate__V1__Header *header,
	const char *key_id, struct rg_bytes part)
{
	scoped(buf_deinit) struct buf packed = {0};
	scoped(buf_deinit) struct buf signature_bytes = {0};
	Rivergate__V1__Signature signature = RIVERGATE__V1__SIGNATURE__INIT;
	struct message *message = message_new();
	struct scan_answer answer;
	ProtobufCMessage *read = NULL;

	ck_assert_ptr_nonnull(message);
	ck_assert_int_eq(pack_append(&header->base, &packed), RG_OK);
	signature.key_id = (char *)key_id;
	signature.algorithm = RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519;
	ck_assert_int_eq(pack_append(&signature.base, &signature_bytes), RG_OK);
	kit_frame(&message->header_frame, buf_view(&packed));
	kit_frame(&message->signature_frame, buf_view(&signature_bytes));
	if (part.len > 0) {
		message->part_frames = calloc(1, sizeof(zmq_msg_t));
		message->n_parts = 1;
		kit_frame(&message->part_frames[0], part);
	}
	message->arena = arena_new(0);
	ck_assert_int_eq(scan_unpack(&rivergate__v1__header__descriptor, message_header(message),
				 message->arena, &answer, &read),
		RG_OK);
	ck_assert_msg(read != NULL, "%s: %s", answer.path, answer.rule);
	message->header = (Rivergate__V1__Header *)read;
	ck_assert_int_eq(scan_unpack(&rivergate__v1__signature__descriptor,
				 message_signature(message), message->arena, &answer, &read),
		RG_OK);
	message->signature = (Rivergate__V1__Signature *)read;
	ck_assert_int_eq(signature_hash(message_header(message), message->header_hash), RG_OK);
	message->size = message_size(message);
	return message;
}

/* What a test says of a message; the rest is as it should be. */
struct kit_letter {
	uint64_t number;  /* makes the id */
	const char *from; /* NULL: la.customs */
	const char *to;   /* NULL: cn.gacc */
	char **all_to;    /* NULL: to alone */
	size_t n_to;
	const char *ucr;    /* NULL: none */
	int64_t sent_at_us; /* 0: now */
	int64_t expires_at_us;
	Rivergate__V1__Kind kind;           /* 0: DECLARATION */
	uint32_t version;                   /* makes another header under the same id */
	Rivergate__V1__Condition condition; /* of its goods; 0: it names none */
	const struct key *key;              /* NULL: that of la.customs */
	uint64_t session;
	uint64_t seq;
	uint32_t epoch;
};

static inline struct message *kit_message(const struct kit_world *world, const struct kit *kit,
	const struct kit_letter *letter)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__Part part = RIVERGATE__V1__PART__INIT;
	Rivergate__V1__Part *parts[] = {&part};
	char *to[] = {members_text(letter->to ? letter->to : "cn.gacc")};
	Rivergate__V1__Goods goods = RIVERGATE__V1__GOODS__INIT;
	Rivergate__V1__Goods *all_goods[] = {&goods};
	const struct key *key =
		letter->key ? letter->key : world->members.all[LA].parties[0].signing;
	uint8_t id[16] = {0, 0, 0, 0, 0, 0, 0x70, 0, 0x80};
	uint8_t content[40] = "salt";
	uint8_t commitment[32] = {0};

	memcpy(id + 9, &letter->number, 7);
	part.name = members_text("customs");
	part.type = members_text("text/plain");
	part.size = sizeof(content) - 32;
	part.commitment = (ProtobufCBinaryData){sizeof(commitment), commitment};
	header.id = (ProtobufCBinaryData){sizeof(id), id};
	header.from = members_text(letter->from ? letter->from : "la.customs");
	header.n_to = letter->all_to ? letter->n_to : 1;
	header.to = letter->all_to ? letter->all_to : to;
	header.kind = letter->kind ? letter->kind : RIVERGATE__V1__KIND__KIND_DECLARATION;
	header.ucr = members_text(letter->ucr ? letter->ucr : "");
	header.version = letter->version;
	header.purpose = RIVERGATE__V1__PURPOSE__PURPOSE_ADVANCE;
	header.sent_at_us = letter->sent_at_us ? letter->sent_at_us : kit->now_us;
	header.expires_at_us = letter->expires_at_us;
	header.n_parts = 1;
	header.parts = parts;
	goods.condition = letter->condition;
	header.n_goods = letter->condition ? 1 : 0;
	header.goods = all_goods;
	struct message *message =
		kit_message_of(&header, key_id(key), (struct rg_bytes){content, sizeof(content)});

	message->session = letter->session;
	message->seq = letter->seq;
	message->epoch = letter->epoch ? letter->epoch : 1;
	snprintf(message->party, sizeof(message->party), "%s", header.from);
	return message;
}

static inline struct message *kit_governance(const Rivergate__V1__Governed *governed,
	Rivergate__V1__Kind kind, uint8_t number)
{
	scoped(buf_deinit) struct buf content = {0};
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__Part part = RIVERGATE__V1__PART__INIT;
	Rivergate__V1__Part *parts[] = {&part};
	uint8_t id[16] = {0xff, number};
	uint8_t zeroes[32] = {0};

	buf_add(&content, zeroes, sizeof(zeroes));
	ck_assert_int_eq(pack_append(&governed->base, &content), RG_OK);
	part.name = members_text("governance");
	part.size = content.len - sizeof(zeroes);
	part.commitment = (ProtobufCBinaryData){sizeof(zeroes), zeroes};
	header.id = (ProtobufCBinaryData){sizeof(id), id};
	header.from = members_text(KIT_ROUTER);
	header.kind = kind;
	header.sent_at_us = MEMBERS_NOW_US;
	header.n_parts = 1;
	header.parts = parts;
	return kit_message_of(&header, "", buf_view(&content));
}

/* --- Feeding ---------------------------------------------------------------------------------- */

/* The journal's part of an APPEND: what a frame on the disk would hold. */
static inline void kit_append(struct kit *kit, const struct core_effect *effect)
{
	ck_assert_uint_lt(kit->n_records, KIT_RECORDS);
	ck_assert_uint_eq(effect->index, kit->n_records);
	struct kit_record *record = &kit->records[kit->n_records++];

	buf_add_bytes(&record->leaf, buf_view(&effect->bytes));
	for (size_t i = 0; effect->message && i < effect->message->n_parts; i++) {
		struct rg_bytes part = message_part(effect->message, i);

		buf_add_u32(&record->parts, (uint32_t)part.len);
		buf_add_bytes(&record->parts, part);
	}
}

static inline void kit_note_refusal(struct kit *kit, const struct core_effect *effect)
{
	Rivergate__V1__RefusalBody *body =
		rivergate__v1__refusal_body__unpack(NULL, effect->bytes.len, effect->bytes.data);

	ck_assert_ptr_nonnull(body);
	kit->refused = body->verdict;
	snprintf(kit->rule, sizeof(kit->rule), "%s", body->rule);
	rivergate__v1__refusal_body__free_unpacked(body, NULL);
}

static inline void kit_take_effects(struct kit *kit)
{
	struct core_effect *effect = NULL;

	while ((effect = core_take_effect(kit->core))) {
		kit->n_by_type[effect->type]++;
		buf_printf(&kit->said, "%d %llu %llu %llu %u %llu %llu %llx %u %u\n", effect->type,
			(unsigned long long)effect->session, (unsigned long long)effect->index,
			(unsigned long long)effect->seq, effect->epoch,
			(unsigned long long)effect->n_messages,
			(unsigned long long)effect->order.counter,
			(unsigned long long)effect->order.parts, effect->order.attempt,
			effect->order.derived_kind);
		buf_add_bytes(&kit->said, buf_view(&effect->bytes));
		buf_add_bytes(&kit->said, buf_view(&effect->header));
		if (effect->type == CORE_EFFECT_APPEND) {
			kit_append(kit, effect);
		}
		if (effect->type == CORE_EFFECT_REFUSE) {
			kit_note_refusal(kit, effect);
		}
		if (effect->type == CORE_EFFECT_DELIVER) {
			kit->order = effect->order;
			buf_clear(&kit->header);
			buf_add_bytes(&kit->header, buf_view(&effect->header));
		}
		if (effect->type == CORE_EFFECT_ANSWER) {
			buf_clear(&kit->answer);
			buf_add_bytes(&kit->answer, buf_view(&effect->bytes));
		}
		if (kit->watch) {
			kit->watch(kit, effect);
		}
		core_effect_free(effect);
	}
}

static inline void kit_step(struct kit *kit, struct core_input *input)
{
	input->now_us = kit->now_us;
	ck_assert_int_eq(core_step(kit->core, input), RG_OK);
	kit_take_effects(kit);
}

static inline void kit_submit(struct kit *kit, struct message *message)
{
	struct core_input input = {.type = CORE_INPUT_CANDIDATE, .message = message};

	kit_step(kit, &input);
}

static inline void kit_commit(struct kit *kit, size_t durable, bool has_failed)
{
	struct core_input input = {.type = CORE_INPUT_COMMIT,
		.durable_size = durable,
		.has_failed = has_failed};

	for (; has_failed && kit->n_records > durable; kit->n_records--) {
		buf_deinit(&kit->records[kit->n_records - 1].leaf);
		buf_deinit(&kit->records[kit->n_records - 1].parts);
		kit->records[kit->n_records - 1] = (struct kit_record){.leaf = {0}};
	}
	kit->n_durable = durable;
	kit_step(kit, &input);
}

static inline void kit_commit_all(struct kit *kit)
{
	while (kit->n_durable < kit->n_records) {
		kit_commit(kit, kit->n_records, false);
	}
}

static inline void kit_tick(struct kit *kit, int64_t later_us)
{
	struct core_input input = {.type = CORE_INPUT_TICK};

	kit->now_us += later_us;
	kit_step(kit, &input);
}

/* A session event with a Frame of this body. */
static inline void kit_frame_event(struct kit *kit, enum core_input_type type, uint64_t session,
	const char *party, const Rivergate__V1__Frame *frame)
{
	scoped(buf_deinit) struct buf packed = {0};
	struct core_input input = {.type = type, .session = session, .arena = arena_new(0)};
	struct scan_answer answer;

	snprintf(input.party, sizeof(input.party), "%s", party);
	ck_assert_int_eq(frame_pack(frame, &packed), RG_OK);
	ck_assert_int_eq(frame_unpack(buf_view(&packed), input.arena, &answer, &input.frame),
		RG_OK);
	ck_assert_msg(input.frame != NULL, "%s", answer.rule);
	kit_step(kit, &input);
}

static inline void kit_open(struct kit *kit, uint64_t session, const char *party, bool receive,
	const char *checkpoint)
{
	Rivergate__V1__Hello hello = RIVERGATE__V1__HELLO__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;

	hello.party = members_text(party);
	hello.receive = receive;
	hello.checkpoint = members_text(checkpoint);
	frame.body_case = RIVERGATE__V1__FRAME__BODY_HELLO;
	frame.hello = &hello;
	kit_frame_event(kit, CORE_INPUT_SESSION_OPEN, session, party, &frame);
}

static inline void kit_close(struct kit *kit, uint64_t session, const char *party)
{
	struct core_input input = {.type = CORE_INPUT_SESSION_CLOSED, .session = session};

	snprintf(input.party, sizeof(input.party), "%s", party);
	kit_step(kit, &input);
}

static inline void kit_credit(struct kit *kit, uint64_t session, const char *party, uint32_t n)
{
	Rivergate__V1__Credit credit = RIVERGATE__V1__CREDIT__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;

	credit.messages = n;
	credit.bytes = UINT64_C(1000000) * n;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_CREDIT;
	frame.credit = &credit;
	kit_frame_event(kit, CORE_INPUT_CREDIT, session, party, &frame);
}

/* reason NULL: settled; else set aside. */
static inline void kit_settle_ref(struct kit *kit, uint64_t session, const char *party,
	Rivergate__V1__DeliveryRef *ref, const char *reason)
{
	Rivergate__V1__DeliveryRef *refs[] = {ref};
	Rivergate__V1__SetAside set_aside = RIVERGATE__V1__SET_ASIDE__INIT;
	Rivergate__V1__SetAside *set_asides[] = {&set_aside};
	Rivergate__V1__Settled settled = RIVERGATE__V1__SETTLED__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;

	set_aside.delivery = ref;
	set_aside.reason = members_text(reason ? reason : "");
	settled.n_deliveries = reason ? 0 : 1;
	settled.deliveries = refs;
	settled.n_set_aside = reason ? 1 : 0;
	settled.set_aside = set_asides;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_SETTLED;
	frame.settled = &settled;
	kit_frame_event(kit, CORE_INPUT_SETTLED, session, party, &frame);
}

static inline void kit_settle(struct kit *kit, uint64_t session, const char *party, uint64_t index,
	const char *reason)
{
	Rivergate__V1__DeliveryRef ref = RIVERGATE__V1__DELIVERY_REF__INIT;

	ref.index = index;
	kit_settle_ref(kit, session, party, &ref, reason);
}

/* The newest delivery, which may be of a derived message. */
static inline void kit_settle_newest(struct kit *kit, const char *reason)
{
	Rivergate__V1__DeliveryRef ref = RIVERGATE__V1__DELIVERY_REF__INIT;
	const struct derived derived = {.origin = KIT_ORIGIN,
		.cause = kit->order.index,
		.kind = kit->order.derived_kind,
		.ordinal = kit->order.ordinal,
		.to = kit->order.to};
	uint8_t id[16];

	if (!kit->order.to) {
		return; /* There was none. */
	}
	ref.index = kit->order.index;
	if (kit->order.derived_kind) {
		ck_assert_int_eq(derived_id(&derived, id), RG_OK);
		ref.derived_id = (ProtobufCBinaryData){sizeof(id), id};
	}
	kit_settle_ref(kit, kit->order.session, kit->order.to, &ref, reason);
}

static inline void kit_core_new(const struct kit_world *world, struct core **ret_core)
{
	const struct core_options options = {.router = KIT_ROUTER,
		.origin = KIT_ORIGIN,
		.log_key = world->log_key,
		.waits = world->has_witnesses,
		.teller = world->teller};

	ck_assert_int_eq(core_new(&options, ret_core), RG_OK);
}

/* A fresh core with its first records durable. */
static inline void kit_init(struct kit *kit, const struct kit_world *world)
{
	struct core_input origin = {.type = CORE_INPUT_ORIGIN};

	*kit = (struct kit){.now_us = MEMBERS_NOW_US};
	kit->records = calloc(KIT_RECORDS, sizeof(*kit->records));
	ck_assert_ptr_nonnull(kit->records);
	kit_core_new(world, &kit->core);
	memcpy(origin.pin, world->pin, sizeof(origin.pin));
	kit_step(kit, &origin);
	kit_submit(kit, kit_governance(world->registry, RIVERGATE__V1__KIND__KIND_REGISTRY, 0));
	for (uint8_t i = 0; i < MEMBERS_N; i++) {
		kit_submit(kit,
			kit_governance(world->directories[i], RIVERGATE__V1__KIND__KIND_DIRECTORY,
				(uint8_t)(i + 1)));
	}
	kit_commit_all(kit);
	/* ORIGIN; registry and directories, each with the ADMIN record of who brought it. */
	ck_assert_uint_eq(kit->n_durable, 1 + 2 * (1 + MEMBERS_N));
	ck_assert_ptr_nonnull(core_trust(kit->core));
}

static inline void kit_deinit(struct kit *kit)
{
	core_free(kit->core);
	for (size_t i = 0; i < kit->n_records; i++) {
		buf_deinit(&kit->records[i].leaf);
		buf_deinit(&kit->records[i].parts);
	}
	free(kit->records);
	buf_deinit(&kit->said);
	buf_deinit(&kit->answer);
	buf_deinit(&kit->header);
}

/* A core that replayed the durable records of kit. */
static inline struct core *kit_replay(const struct kit_world *world, const struct kit *kit)
{
	struct core *core = NULL;

	kit_core_new(world, &core);
	for (size_t i = 0; i < kit->n_durable; i++) {
		ck_assert_int_eq(core_replay(core, buf_view(&kit->records[i].leaf),
					 buf_view(&kit->records[i].parts)),
			RG_OK);
	}
	return core;
}

#endif
