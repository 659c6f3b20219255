/*
 * Packing in one pass: the same bytes as the library's for whatever our schemas can hold.
 */

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "rivergate/v1/consignment.pb-c.h"
#include "rivergate/v1/declaration.pb-c.h"
#include "rivergate/v1/message.pb-c.h"
#include "rivergate/v1/record.pb-c.h"
#include "rivergate/v1/registry.pb-c.h"
#include "rivergate/v1/session.pb-c.h"
#include "rivergate/v1/window.pb-c.h"
#include "suite.h"
#include "wire/pack.h"
#include "wire/scan.h"

#define ROUNDS    300
#define DEPTH_MAX 5
#define SEED      UINT64_C(0x9e3779b97f4a7c15)

static const ProtobufCMessageDescriptor *const descriptors[] = {
	&rivergate__v1__header__descriptor,
	&rivergate__v1__declaration__descriptor,
	&rivergate__v1__consignment_state__descriptor,
	&rivergate__v1__certificate_ledger__descriptor,
	&rivergate__v1__registry__descriptor,
	&rivergate__v1__directory__descriptor,
	&rivergate__v1__window_profile__descriptor,
	&rivergate__v1__frame__descriptor,
	&rivergate__v1__progress__descriptor,
	&rivergate__v1__origin__descriptor,
	&rivergate__v1__admin__descriptor,
	&rivergate__v1__meta__descriptor,
	&rivergate__v1__signature__descriptor,
};

#define N_DESCRIPTORS (sizeof(descriptors) / sizeof(descriptors[0]))

static uint64_t state;

/* xorshift64*: the same messages in every run. */
static uint64_t next_random(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * UINT64_C(2685821657736338717);
}

/* Of any length in bits. */
static uint64_t random_number(void)
{
	return next_random() >> (next_random() % 64);
}

/* --- Random messages ------------------------------------------------------------------------- */

static ProtobufCMessage *make_message(struct arena *arena, const ProtobufCMessageDescriptor *desc,
	unsigned depth);

static void fill_value(struct arena *arena, const ProtobufCFieldDescriptor *field, uint8_t *at,
	unsigned depth)
{
	const ProtobufCEnumDescriptor *names = field->descriptor;
	size_t len = next_random() % 5 ? next_random() % 9 : next_random() % 300;
	ProtobufCBinaryData data = {len, arena_alloc(arena, len + 1)};
	uint64_t number = random_number();
	protobuf_c_boolean flag = (protobuf_c_boolean)(number & 1);
	int32_t value = 0;
	void *pointer = data.data;

	memset(data.data, 'x', len);
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		memcpy(at, &pointer, sizeof(pointer));
		return;
	case PROTOBUF_C_TYPE_BYTES:
		memcpy(at, &data, sizeof(data));
		return;
	case PROTOBUF_C_TYPE_MESSAGE:
		pointer = make_message(arena, field->descriptor, depth + 1);
		memcpy(at, &pointer, sizeof(pointer));
		return;
	case PROTOBUF_C_TYPE_BOOL:
		memcpy(at, &flag, sizeof(flag));
		return;
	case PROTOBUF_C_TYPE_ENUM:
		value = names->values[next_random() % names->n_values].value;
		memcpy(at, &value, sizeof(value));
		return;
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_UINT32:
		memcpy(at, &number, sizeof(uint32_t));
		return;
	default:
		memcpy(at, &number, sizeof(number));
		return;
	}
}

static size_t size_of(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64:
		return 8;
	default:
		return 4;
	}
}

static void fill_repeated(struct arena *arena, const ProtobufCFieldDescriptor *field,
	uint8_t *message, unsigned depth)
{
	size_t n = next_random() % 4;
	size_t size = size_of(field->type);
	uint8_t *items = arena_alloc(arena, n * size);

	for (size_t i = 0; i < n; i++) {
		fill_value(arena, field, items + i * size, depth);
	}
	memcpy(message + field->quantifier_offset, &n, sizeof(n));
	memcpy(message + field->offset, &items, sizeof(items));
}

static ProtobufCMessage *make_message(struct arena *arena, const ProtobufCMessageDescriptor *desc,
	unsigned depth)
{
	uint8_t *message = arena_alloc(arena, desc->sizeof_message);

	ck_assert_ptr_nonnull(message);
	desc->message_init((ProtobufCMessage *)message);
	for (unsigned i = 0; i < desc->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &desc->fields[i];
		bool is_message = field->type == PROTOBUF_C_TYPE_MESSAGE;
		uint32_t id = field->id;

		if (next_random() % 3 == 0 || (is_message && depth == DEPTH_MAX)) {
			continue;
		}
		if (field->label == PROTOBUF_C_LABEL_REPEATED) {
			fill_repeated(arena, field, message, depth);
			continue;
		}
		if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
			uint32_t which = 0;

			memcpy(&which, message + field->quantifier_offset, sizeof(which));
			if (which) {
				continue;
			}
			memcpy(message + field->quantifier_offset, &id, sizeof(id));
		}
		fill_value(arena, field, message + field->offset, depth);
	}
	return (ProtobufCMessage *)message;
}

/* --- Cases ----------------------------------------------------------------------------------- */

static void check_same(const ProtobufCMessage *message)
{
	size_t len = protobuf_c_message_get_packed_size(message);
	scoped(freep) uint8_t *wanted = malloc(len + 1);
	struct rg_bytes bytes;
	struct pack pack;

	pack_init(&pack);
	ck_assert_ptr_nonnull(wanted);
	ck_assert_uint_eq(protobuf_c_message_pack(message, wanted), len);
	ck_assert_int_eq(pack_message(message, &pack, &bytes), RG_OK);
	ck_assert_uint_eq(bytes.len, len);
	ck_assert(len == 0 || memcmp(bytes.data, wanted, len) == 0);
	/* Once more into the room that it has by now. */
	ck_assert_int_eq(pack_message(message, &pack, &bytes), RG_OK);
	ck_assert(bytes_equal(bytes, bytes_of(wanted, len)));
	pack_deinit(&pack);
}

START_TEST(random_messages_of_every_kind_are_packed_as_the_library_does)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	size_t longest = 0;

	state = SEED;
	for (size_t round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < N_DESCRIPTORS; i++) {
			const ProtobufCMessage *message = make_message(arena, descriptors[i], 0);
			size_t len = protobuf_c_message_get_packed_size(message);

			longest = len > longest ? len : longest;
			check_same(message);
			arena_reset(arena);
		}
	}
	ck_assert_msg(longest > 16 * PACK_ROOM, "the longest had %zu bytes", longest);
}
END_TEST

START_TEST(what_is_packed_passes_the_scan)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__ExpiryFacts facts = RIVERGATE__V1__EXPIRY_FACTS__INIT;
	scoped(buf_deinitv) struct buf out = {.data = NULL};

	buf_add_text(&out, "x");
	header.from = (char *)(uintptr_t) "la.customs";
	header.sent_at_us = INT64_MIN;
	header.expires_at_us = INT64_MAX;
	header.facts_case = RIVERGATE__V1__HEADER__FACTS_EXPIRY;
	header.expiry = &facts; /* empty, and there all the same */
	ck_assert_int_eq(pack_append(&header.base, &out), RG_OK);
	ck_assert_uint_eq(out.data[0], 'x');
	const struct scan_answer answer = scan_check(&rivergate__v1__header__descriptor,
		bytes_of(out.data + 1, out.len - 1), NULL);
	ck_assert_msg(answer.is_ok, "%s: %s", answer.path, answer.rule);
}
END_TEST

START_TEST(a_field_is_the_message_with_its_length_in_front)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	char text[400];
	struct rg_bytes bytes;
	struct rg_bytes field;
	struct pack pack;

	pack_init(&pack);
	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	header.ucr = text;
	ck_assert_int_eq(pack_field(&header.base, &pack, &bytes, &field), RG_OK);
	ck_assert_uint_eq(bytes.len, 1 + 2 + 399);
	ck_assert_uint_eq(field.len, bytes.len + 2);
	ck_assert_uint_eq(field.data[0], 0x80 | (bytes.len & 0x7f));
	ck_assert_uint_eq(field.data[1], bytes.len >> 7);
	ck_assert_ptr_eq(bytes.data, field.data + 2);
	pack_deinit(&pack);
}
END_TEST

START_TEST(what_is_packed_already_goes_in_as_an_unknown_field)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	Rivergate__V1__ConsignmentState row = RIVERGATE__V1__CONSIGNMENT_STATE__INIT;
	Rivergate__V1__PlanFacts plan = RIVERGATE__V1__PLAN_FACTS__INIT;
	struct rg_bytes bytes;
	struct rg_bytes field;
	struct pack inner;
	struct pack outer;

	pack_init(&inner);
	pack_init(&outer);
	plan.cause_index = 77;
	ck_assert_int_eq(pack_field(&plan.base, &inner, &bytes, &field), RG_OK);
	ProtobufCMessageUnknownField packed = {.tag = 6,
		.wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
		.len = field.len,
		.data = (uint8_t *)(uintptr_t)field.data};

	row.ucr = (char *)(uintptr_t) "26LA";
	row.base.unknown_fields = &packed;
	row.base.n_unknown_fields = 1;
	check_same(&row.base);
	ck_assert_int_eq(pack_message(&row.base, &outer, &bytes), RG_OK);
	const Rivergate__V1__ConsignmentState *back =
		rivergate__v1__consignment_state__unpack(arena_protobuf(arena), bytes.len,
			bytes.data);
	ck_assert_ptr_nonnull(back);
	ck_assert_ptr_nonnull(back->plan);
	ck_assert_uint_eq(back->plan->cause_index, 77);
	pack_deinit(&inner);
	pack_deinit(&outer);
}
END_TEST

/* What the schemas do not have is refused, not packed otherwise than others would read it. */
START_TEST(a_type_that_no_schema_has_is_refused)
{
	static const ProtobufCFieldDescriptor fixed = {
		.name = "fixed",
		.id = 1,
		.label = PROTOBUF_C_LABEL_NONE,
		.type = PROTOBUF_C_TYPE_FIXED64,
		.offset = sizeof(ProtobufCMessage),
	};
	static const ProtobufCMessageDescriptor descriptor = {
		.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
		.n_fields = 1,
		.fields = &fixed,
	};
	struct {
		ProtobufCMessage base;
		uint64_t value;
	} message = {{.descriptor = &descriptor}, 1};
	struct rg_bytes bytes;
	struct pack pack;

	pack_init(&pack);
	ck_assert_int_eq(pack_message(&message.base, &pack, &bytes), RG_E_FORMAT);
	pack_deinit(&pack);
}
END_TEST

CHECK_MAIN("wire_pack", random_messages_of_every_kind_are_packed_as_the_library_does,
	what_is_packed_passes_the_scan, a_field_is_the_message_with_its_length_in_front,
	what_is_packed_already_goes_in_as_an_unknown_field, a_type_that_no_schema_has_is_refused)
