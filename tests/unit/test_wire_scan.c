/*
 * The scan before every unpack: what libraries write passes, all else is refused
 * with the path and the rule.
 */

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "rivergate/v1/message.pb-c.h"
#include "rivergate/v1/record.pb-c.h"
#include "rivergate/v1/registry.pb-c.h"
#include "rivergate/v1/session.pb-c.h"
#include "suite.h"
#include "wire/pack.h"
#include "wire/scan.h"

struct vector {
	const char *name;
	const ProtobufCMessageDescriptor *desc;
	const char *hex;
};

/* Written by the protobuf library for Python. */
static const struct vector written_by_a_library[] = {
	{"header", &rivergate__v1__header__descriptor,
		"0a10000102030405060708090a0b0c0d0e0f12106c612e637573746f6d732e626f74656e1a0a7468"
		"2e637573746f6d731a10766e2e6d6172642e6c616e672d736f6e20012a07374c413031323330023a"
		"420a0a6c612e637573746f6d731210010101010101010101010101010101011a2002020202020202"
		"020202020202020202020202020202020202020202020202022003400252150a024c411001320d0a"
		"054c4142544e10ea0f22013152060a02544810025a240a063038313036301a02544820022a140a0d"
		"08be8a8fffffffffffff01100212034b474d621f0a0be0ba81e0ba8220313233341a0b54434c5531"
		"3233343536371a002a01336a0b0a03383531120450432d31f00180e7ecd2f18391038202560a0763"
		"7573746f6d7312187269766572676174652e76312e4465636c61726174696f6e1880202220030303"
		"03030303030303030303030303030303030303030303030303030303032a0c0a020109120674682e"
		"646f6182021d0a066e61746976652a0032110a0f636d732d6165732d3235362d67636d"},
	{"header with empty facts", &rivergate__v1__header__descriptor, "7200"},
	{"signature", &rivergate__v1__signature__descriptor,
		"0a406162616261626162616261626162616261626162616261626162616261626162616261626162"
		"616261626162616261626162616261626162616261626162616210011a0830303030303030302224"
		"10021a200404040404040404040404040404040404040404040404040404040404040404"},
	{"meta with marks", &rivergate__v1__meta__descriptor, "08012a020102"},
	{"negative offset", &rivergate__v1__office__descriptor, "0a015828aefeffffffffffffff01"},
	{"smallest number", &rivergate__v1__decimal__descriptor,
		"088080808080808080800110ffffffff0f"},
	{"ping of defaults", &rivergate__v1__frame__descriptor, "5200"},
	{"status query", &rivergate__v1__query__descriptor, "08ffffffffffffffffff012200"},
	{"empty", &rivergate__v1__header__descriptor, ""},
	{"empty elements", &rivergate__v1__admin__descriptor, "0801"},
	{"progress", &rivergate__v1__progress__descriptor, "0a000a0608ac021a0161"},
};

struct refusal {
	const char *name;
	const ProtobufCMessageDescriptor *desc;
	const char *hex;
	const char *path;
	const char *rule;
};

#define HEADER &rivergate__v1__header__descriptor

static const struct refusal refusals[] = {
	{"tag cut off", HEADER, "80", "", "truncated"},
	{"value missing", HEADER, "20", "kind", "truncated"},
	{"length missing", HEADER, "12", "from", "truncated"},
	{"text cut off", HEADER, "120361", "from", "truncated"},
	{"length 2^63", HEADER, "1280808080808080808001", "from", "truncated"},
	{"length 2^64 - 1", HEADER, "12ffffffffffffffffff01", "from", "truncated"},
	{"length above 64 bits", HEADER, "12ffffffffffffffffff02", "from",
		"varint is longer than 64 bits"},
	{"varint of 11 bytes", HEADER, "20ffffffffffffffffffff01", "kind",
		"varint is longer than 64 bits"},
	{"long zero", HEADER, "208000", "kind", "varint is not minimal"},
	{"long one", HEADER, "208100", "kind", "varint is not minimal"},
	{"long tag", HEADER, "a00001", "", "varint is not minimal"},
	{"long length", HEADER, "12810061", "from", "varint is not minimal"},
	{"field number 0", HEADER, "0001", "", "no field number"},
	{"field number above 2^29", HEADER, "808080808001", "", "no field number"},
	{"descending", HEADER, "2001120161", "", "field out of order"},
	{"unknown field", HEADER, "a03f01", "1012", "unknown field"},
	{"empty text in a part", HEADER, "820205120018011a", "parts[0].type",
		"default value present"},
	{"unknown in a second part", HEADER, "8202030a0161820202780a", "parts[1].15",
		"unknown field"},
	{"text where a number belongs", HEADER, "220161", "kind", "wrong wire type"},
	{"number where a text belongs", HEADER, "1001", "from", "wrong wire type"},
	{"group", HEADER, "1314", "from", "wrong wire type"},
	{"fixed64", HEADER, "210102030405060708", "kind", "wrong wire type"},
	{"number 0 written", HEADER, "3000", "version", "default value present"},
	{"enum 0 written", HEADER, "2000", "kind", "default value present"},
	{"empty text written", HEADER, "1200", "from", "default value present"},
	{"empty bytes written", HEADER, "0a00", "id", "default value present"},
	{"time 0 written", HEADER, "f00100", "sent_at_us", "default value present"},
	{"text twice", HEADER, "120161120162", "from", "field present twice"},
	{"submessage twice", HEADER, "62006200", "movement", "field present twice"},
	{"two facts", HEADER, "72007a00", "expiry", "second member of a oneof"},
	{"same fact twice", HEADER, "72007200", "acknowledgement", "field present twice"},
	{"unknown kind", HEADER, "20e807", "kind", "unknown enum value"},
	{"negative kind", HEADER, "20ffffffffffffffffff01", "kind", "unknown enum value"},
	{"kind above 32 bits", HEADER, "208180808010", "kind", "unknown enum value"},
	{"version above 32 bits", HEADER, "308080808010", "version", "value out of range"},
	{"NUL in a text", HEADER, "1203610062", "from", "invalid UTF-8 or NUL"},
	{"Latin-1", HEADER, "1202e961", "from", "invalid UTF-8 or NUL"},
	{"surrogate", HEADER, "1a03eda080", "to[0]", "invalid UTF-8 or NUL"},
	{"overlong slash", HEADER, "1a01611a02c0af", "to[1]", "invalid UTF-8 or NUL"},
	{"bool 2", &rivergate__v1__audience__descriptor, "1802", "withheld", "value out of range"},
	{"bool 0 written", &rivergate__v1__audience__descriptor, "1800", "withheld",
		"default value present"},
	{"roles one by one", &rivergate__v1__audience__descriptor, "08010802", "roles[0]",
		"repeated scalar is not packed"},
	{"roles packed twice", &rivergate__v1__audience__descriptor, "0a01010a0102", "roles[1]",
		"field present twice"},
	{"no roles, written", &rivergate__v1__audience__descriptor, "0a00", "roles[0]",
		"empty packed field"},
	{"unknown role", &rivergate__v1__audience__descriptor, "0a020163", "roles[1]",
		"unknown enum value"},
	{"role cut off", &rivergate__v1__audience__descriptor, "0a020180", "roles[1]", "truncated"},
	{"short negative int32", &rivergate__v1__office__descriptor, "28ffffffff0f",
		"utc_offset_minutes", "value out of range"},
	{"part as it should be", HEADER, "8202040a026162", "", NULL},
	{"part longer than its frame", HEADER, "8202050a026162", "parts[0]", "truncated"},
	{"text longer than its part", HEADER, "8202040a036162820200", "parts[0].name", "truncated"},
	{"commitment empty", HEADER, "8202030a0161820202220082020100", "parts[1].commitment",
		"default value present"},
	{"deep fault", HEADER, "5a0a2a080a060880808010aa", "goods[0].quantity.value", "truncated"},
};

static struct buf unhex(const char *hex)
{
	struct buf bytes = {0};
	size_t len = strlen(hex) / 2;
	uint8_t *to = buf_reserve(&bytes, len);

	ck_assert_ptr_nonnull(to);
	ck_assert_msg(text_unhex(hex, to, len), "%s", hex);
	bytes.len = len;
	return bytes;
}

static void check_round_trip(const char *name, const ProtobufCMessageDescriptor *desc,
	struct rg_bytes bytes)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	scoped(buf_deinit) struct buf again = {0};
	struct scan_answer answer;
	ProtobufCMessage *msg = NULL;

	ck_assert_int_eq(scan_unpack(desc, bytes, arena, &answer, &msg), RG_OK);
	ck_assert_msg(answer.is_ok, "%s: %s: %s", name, answer.path, answer.rule);
	ck_assert_int_eq(pack_append(msg, &again), RG_OK);
	ck_assert_msg(bytes_equal(bytes, buf_view(&again)), "%s packs to other bytes", name);
}

START_TEST(what_a_library_writes_passes_and_packs_to_the_same_bytes)
{
	for (size_t i = 0; i < sizeof(written_by_a_library) / sizeof(written_by_a_library[0]);
		i++) {
		const struct vector *vector = &written_by_a_library[i];
		scoped(buf_deinit) struct buf bytes = unhex(vector->hex);

		check_round_trip(vector->name, vector->desc, buf_view(&bytes));
	}
}
END_TEST

START_TEST(what_we_pack_passes)
{
	scoped(buf_deinit) struct buf bytes = {0};
	Rivergate__V1__Part part = RIVERGATE__V1__PART__INIT;
	Rivergate__V1__Part *parts[] = {&part, &part};
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	char *to[] = {"th.customs", "", "vn.customs"};

	part.name = "customs";
	part.size = UINT64_MAX;
	header.from = "la.customs";
	header.to = to;
	header.n_to = 3;
	header.sent_at_us = INT64_MIN;
	header.parts = parts;
	header.n_parts = 2;
	ck_assert_int_eq(pack_append(&header.base, &bytes), RG_OK);
	check_round_trip("header", HEADER, buf_view(&bytes));
}
END_TEST

START_TEST(what_is_not_canonical_is_refused_with_path_and_rule)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *refusal = &refusals[i];
		scoped(buf_deinit) struct buf bytes = unhex(refusal->hex);
		struct scan_answer answer = scan_check(refusal->desc, buf_view(&bytes), NULL);

		ck_assert_msg(answer.is_ok == !refusal->rule, "%s: %d", refusal->name,
			answer.is_ok);
		ck_assert_msg(!refusal->rule || strcmp(answer.rule, refusal->rule) == 0, "%s: %s",
			refusal->name, answer.rule);
		ck_assert_msg(strcmp(answer.path, refusal->path) == 0, "%s: %s", refusal->name,
			answer.path);
	}
}
END_TEST

START_TEST(refused_bytes_are_not_unpacked)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	struct scan_answer answer = {.is_ok = true};
	ProtobufCMessage *msg = (ProtobufCMessage *)&answer;

	ck_assert_int_eq(scan_unpack(HEADER, bytes_of("\x20", 1), arena, &answer, &msg), RG_OK);
	ck_assert(!answer.is_ok);
	ck_assert_ptr_null(msg);
}
END_TEST

START_TEST(every_truncation_is_refused_or_canonical)
{
	scoped(buf_deinit) struct buf whole = unhex(written_by_a_library[0].hex);
	size_t n_ok = 0;

	for (size_t len = 0; len < whole.len; len++) {
		/* A copy of its own, so that a sanitizer sees the first byte read beyond it. */
		uint8_t *copy = malloc(len + 1);

		ck_assert_ptr_nonnull(copy);
		memcpy(copy + 1, whole.data, len);
		struct rg_bytes bytes = bytes_of(copy + 1, len);
		struct scan_answer answer = scan_check(HEADER, bytes, NULL);

		if (answer.is_ok) {
			check_round_trip("truncated", HEADER, bytes);
			n_ok++;
		}
		free(copy);
	}
	/* Only cuts between two fields of the outermost message are messages themselves. */
	ck_assert_uint_eq(n_ok, 17);
}
END_TEST

START_TEST(nesting_of_12000_levels_is_refused)
{
	scoped(buf_deinit) struct buf bytes = {0};
	scoped(buf_deinit) struct buf text = {0};

	/* From the inside out: each level is "field 11, length, inner". */
	for (size_t i = 0; i < 12000; i++) {
		buf_add(&bytes, "\x5a\x84\x80\x02", 4);
	}
	struct scan_answer answer = scan_check(HEADER, buf_view(&bytes), NULL);

	ck_assert(!answer.is_ok);
	for (uint32_t left = 12000; left > 0; left--) {
		uint32_t len = (left - 1) * 4;

		buf_add_u8(&text, 0x5a);
		buf_add_u8(&text, (uint8_t)(len | 0x80));
		buf_add_u8(&text, (uint8_t)(len >> 7 | 0x80));
		buf_add_u8(&text, (uint8_t)(len >> 14));
	}
	ck_assert_int_eq(buf_error(&text), RG_OK);
	answer = scan_check(HEADER, buf_view(&text), NULL);
	ck_assert(!answer.is_ok);
	ck_assert_str_eq(answer.path, "goods[0].11");
}
END_TEST

/* A type that contains itself: the schemas have none, the scan must not rely on it. */
static const ProtobufCFieldDescriptor self_fields[1];
static const ProtobufCMessageDescriptor self = {
	.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
	.name = "self",
	.n_fields = 1,
	.fields = self_fields,
};
static const ProtobufCFieldDescriptor self_fields[1] = {{
	.name = "self",
	.id = 1,
	.label = PROTOBUF_C_LABEL_NONE,
	.type = PROTOBUF_C_TYPE_MESSAGE,
	.descriptor = &self,
}};

START_TEST(recursive_type_is_refused_beyond_the_depth)
{
	uint8_t bytes[2 * (SCAN_DEPTH_MAX + 1)];

	for (size_t i = 0; i < sizeof(bytes); i += 2) {
		bytes[i] = 0x0a;
		bytes[i + 1] = (uint8_t)(sizeof(bytes) - i - 2);
	}
	struct scan_answer answer = scan_check(&self, bytes_of(bytes, sizeof(bytes)), NULL);

	ck_assert(!answer.is_ok);
	ck_assert_str_eq(answer.rule, "nested too deep");
	answer = scan_check(&self, bytes_of(bytes + 2, sizeof(bytes) - 2), NULL);
	ck_assert(answer.is_ok);
}
END_TEST

START_TEST(too_many_empty_submessages_are_refused)
{
	scoped(buf_deinit) struct buf bytes = {0};

	for (size_t i = 0; i < 24 * 1024; i++) {
		buf_add(&bytes, "\x52\x00", 2);
	}
	struct scan_answer answer = scan_check(HEADER, buf_view(&bytes), NULL);

	ck_assert(!answer.is_ok);
	ck_assert_str_eq(answer.rule, "too many submessages");
	ck_assert_str_eq(answer.path, "legs[4096]");
	ck_assert(scan_check(HEADER, bytes_of(bytes.data, 2 * 4096), NULL).is_ok);
	ck_assert(
		scan_check(HEADER, buf_view(&bytes), &(struct scan_limits){.n_messages = 24 * 1024})
			.is_ok);
}
END_TEST

START_TEST(too_many_elements_are_refused)
{
	static const uint8_t texts[] = {0x1a, 0x00, 0x1a, 0x00, 0x1a, 0x00};
	static const uint8_t roles[] = {0x0a, 0x03, 0x01, 0x02, 0x03};
	struct scan_limits two = {.n_elements = 2};
	struct scan_limits three = {.n_elements = 3};
	struct scan_answer answer = scan_check(HEADER, bytes_of(texts, sizeof(texts)), &two);

	ck_assert(!answer.is_ok);
	ck_assert_str_eq(answer.rule, "too many elements");
	ck_assert_str_eq(answer.path, "to[2]");
	ck_assert(scan_check(HEADER, bytes_of(texts, sizeof(texts)), &three).is_ok);
	answer = scan_check(&rivergate__v1__audience__descriptor, bytes_of(roles, sizeof(roles)),
		&two);
	ck_assert(!answer.is_ok);
	ck_assert_str_eq(answer.path, "roles[2]");
}
END_TEST

START_TEST(arena_that_is_too_small_is_a_fault)
{
	scoped(arena_freep) struct arena *arena = arena_new(64);
	scoped(buf_deinit) struct buf bytes = unhex(written_by_a_library[0].hex);
	struct scan_answer answer;
	ProtobufCMessage *msg = NULL;

	ck_assert_int_eq(scan_unpack(HEADER, buf_view(&bytes), arena, &answer, &msg), RG_E_NOMEM);
}
END_TEST

CHECK_MAIN("wire_scan", what_a_library_writes_passes_and_packs_to_the_same_bytes,
	what_we_pack_passes, what_is_not_canonical_is_refused_with_path_and_rule,
	refused_bytes_are_not_unpacked, every_truncation_is_refused_or_canonical,
	nesting_of_12000_levels_is_refused, recursive_type_is_refused_beyond_the_depth,
	too_many_empty_submessages_are_refused, too_many_elements_are_refused,
	arena_that_is_too_small_is_a_fault)
