/*
 * Leaves and frames: written bytes are compared with bytes written out by hand,
 * and every way of damaging them is found.
 */

#include <string.h>

#include "base/crc32c.h"
#include "evidence/record.h"
#include "evidence/segment.h"
#include "suite.h"

#define TYPE(name) RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_##name

/* --- Leaves --------------------------------------------------------------------------------- */

static struct record message(void)
{
	return (struct record){
		.type = TYPE(MESSAGE),
		.meta = bytes_of_text("mm"),
		.body = bytes_of_text("body"),
		.signature = bytes_of_text("s"),
	};
}

START_TEST(leaf_has_the_documented_bytes)
{
	static const char want[] = "\x01\x01\x00\x02mm\x00\x04"
				   "body\x00\x01s";
	scoped(buf_deinit) struct buf leaf = {0};
	struct record record = message();

	ck_assert_int_eq(record_write(&record, &leaf), RG_OK);
	ck_assert_uint_eq(leaf.len, sizeof(want) - 1);
	ck_assert_mem_eq(leaf.data, want, leaf.len);
}
END_TEST

START_TEST(written_leaf_reads_back)
{
	scoped(buf_deinit) struct buf leaf = {0};
	struct record record = message();
	struct record back;

	ck_assert_int_eq(record_write(&record, &leaf), RG_OK);
	ck_assert(record_read(buf_view(&leaf), &back));
	ck_assert_int_eq(back.type, TYPE(MESSAGE));
	ck_assert(bytes_equal(back.meta, record.meta));
	ck_assert(bytes_equal(back.body, record.body));
	ck_assert(bytes_equal(back.signature, record.signature));
}
END_TEST

START_TEST(leaf_cut_at_any_byte_is_refused)
{
	scoped(buf_deinit) struct buf leaf = {0};
	struct record record = message();
	struct record back;

	ck_assert_int_eq(record_write(&record, &leaf), RG_OK);
	for (size_t len = 0; len < leaf.len; len++) {
		ck_assert(!record_read(bytes_of(leaf.data, len), &back));
	}
	buf_add_u8(&leaf, 0);
	ck_assert(!record_read(buf_view(&leaf), &back));
}
END_TEST

START_TEST(unknown_version_or_type_is_refused)
{
	static const uint8_t leaves[][8] = {
		{0, 1, 0, 0, 0, 0, 0, 0},
		{2, 1, 0, 0, 0, 0, 0, 0},
		{1, 0, 0, 0, 0, 0, 0, 0},
		{1, 6, 0, 0, 0, 0, 0, 0},
		{1, 255, 0, 0, 0, 0, 0, 0},
	};
	struct record back;

	for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		ck_assert_msg(!record_read(bytes_of(leaves[i], 8), &back), "leaf %zu", i);
	}
}
END_TEST

START_TEST(signature_on_a_tick_is_refused)
{
	static const uint8_t signed_tick[] = {1, 2, 0, 0, 0, 0, 0, 1, 's'};
	static const uint8_t tick[] = {1, 2, 0, 0, 0, 0, 0, 0};
	struct record back;

	ck_assert(!record_read(bytes_of(signed_tick, sizeof(signed_tick)), &back));
	ck_assert(record_read(bytes_of(tick, sizeof(tick)), &back));
}
END_TEST

START_TEST(leaf_above_65535_bytes_is_refused)
{
	static uint8_t body[RECORD_LEAF_MAX];
	scoped(buf_deinit) struct buf leaf = {0};
	struct record record = {.type = TYPE(PROGRESS), .body = bytes_of(body, sizeof(body) - 8)};

	ck_assert_int_eq(record_write(&record, &leaf), RG_OK);
	ck_assert_uint_eq(leaf.len, RECORD_LEAF_MAX);
	buf_clear(&leaf);
	record.body.len++;
	ck_assert_int_eq(record_write(&record, &leaf), RG_E_OVERFLOW);
	record.body.len = sizeof(body);
	ck_assert_int_eq(record_write(&record, &leaf), RG_E_OVERFLOW);
	ck_assert_uint_eq(leaf.len, 0);
}
END_TEST

/* --- Checksum ------------------------------------------------------------------------------- */

START_TEST(checksum_gives_the_published_values)
{
	uint8_t zeroes[32] = {0};
	uint8_t ones[32];
	uint8_t ascending[32];

	memset(ones, 0xff, sizeof(ones));
	for (size_t i = 0; i < sizeof(ascending); i++) {
		ascending[i] = (uint8_t)i;
	}
	/* RFC 3720, appendix B.4, and the check value of the CRC catalogue */
	ck_assert_uint_eq(crc32c(0, bytes_of(zeroes, 32)), 0x8a9136aa);
	ck_assert_uint_eq(crc32c(0, bytes_of(ones, 32)), 0x62a8ab43);
	ck_assert_uint_eq(crc32c(0, bytes_of(ascending, 32)), 0x46dd794e);
	ck_assert_uint_eq(crc32c(0, bytes_of_text("123456789")), 0xe3069283);
	ck_assert_uint_eq(crc32c_portable(0, bytes_of_text("123456789")), 0xe3069283);
	ck_assert_uint_eq(segment_crc(0, bytes_of(NULL, 0)), 0);
}
END_TEST

START_TEST(checksum_of_pieces_is_that_of_the_whole)
{
	uint8_t bytes[203];
	uint32_t state = 7;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		state = state * 1664525U + 1013904223U;
		bytes[i] = (uint8_t)(state >> 24);
	}
	for (size_t cut = 0; cut <= sizeof(bytes); cut++) {
		struct rg_bytes tail = bytes_of(bytes + cut, sizeof(bytes) - cut);

		ck_assert_uint_eq(crc32c(crc32c(0, bytes_of(bytes, cut)), tail),
			crc32c_portable(0, bytes_of(bytes, sizeof(bytes))));
		ck_assert_uint_eq(crc32c(0, tail), crc32c_portable(0, tail));
	}
}
END_TEST

/* --- Frames --------------------------------------------------------------------------------- */

/* A frame with leaf "leaf" and parts "parts!", given in two pieces. */
static void write_frame(struct buf *out)
{
	struct segment_frame frame = {.index = 0x0102030405060708, .durable_size = 77};
	struct rg_bytes parts[] = {bytes_of_text("par"), bytes_of_text("ts!")};
	uint8_t head[SEGMENT_FRAME_HEAD];

	segment_frame_write(&frame, bytes_of_text("leaf"), parts, 2, head);
	buf_add(out, head, sizeof(head));
	buf_add_text(out, "leafparts!");
	ck_assert_int_eq(buf_error(out), RG_OK);
}

START_TEST(frame_has_the_documented_bytes)
{
	static const char want[] = "RGJ1\0\0\0\4\0\0\0\6\1\2\3\4\5\6\7\10\0\0\0\0\0\0\0\115";
	scoped(buf_deinit) struct buf out = {0};

	write_frame(&out);
	ck_assert_uint_eq(out.len, SEGMENT_FRAME_HEAD + 10);
	ck_assert_mem_eq(out.data, want, 28);
}
END_TEST

START_TEST(written_frame_reads_back)
{
	scoped(buf_deinit) struct buf out = {0};
	struct segment_frame frame;
	struct rg_bytes leaf;
	struct rg_bytes parts;

	write_frame(&out);
	buf_add(&out, "\0\0\0", 3);
	ck_assert_int_eq(segment_frame_read(buf_view(&out), &frame, &leaf, &parts),
		SEGMENT_FRAME_WHOLE);
	ck_assert_uint_eq(frame.index, 0x0102030405060708);
	ck_assert_uint_eq(frame.durable_size, 77);
	ck_assert(bytes_equal(leaf, bytes_of_text("leaf")));
	ck_assert(bytes_equal(parts, bytes_of_text("parts!")));
}
END_TEST

START_TEST(frame_with_any_byte_changed_is_damaged)
{
	scoped(buf_deinit) struct buf out = {0};
	struct segment_frame frame;
	struct rg_bytes leaf;
	struct rg_bytes parts;

	write_frame(&out);
	for (size_t i = 0; i < 8 * out.len; i++) {
		out.data[i / 8] ^= (uint8_t)(1U << i % 8);
		ck_assert_msg(segment_frame_read(buf_view(&out), &frame, &leaf, &parts) ==
				SEGMENT_FRAME_DAMAGED,
			"bit %zu", i);
		out.data[i / 8] ^= (uint8_t)(1U << i % 8);
	}
}
END_TEST

START_TEST(frame_cut_at_any_byte_is_damaged)
{
	scoped(buf_deinit) struct buf out = {0};
	struct segment_frame frame;
	struct rg_bytes leaf;
	struct rg_bytes parts;

	write_frame(&out);
	for (size_t len = 1; len < out.len; len++) {
		ck_assert_int_eq(segment_frame_read(bytes_of(out.data, len), &frame, &leaf, &parts),
			SEGMENT_FRAME_DAMAGED);
	}
}
END_TEST

START_TEST(zeroes_and_the_end_of_the_file_are_no_frame)
{
	static const uint8_t zeroes[64];
	struct segment_frame frame;
	struct rg_bytes leaf;
	struct rg_bytes parts;

	for (size_t len = 0; len <= sizeof(zeroes); len++) {
		ck_assert_int_eq(segment_frame_read(bytes_of(zeroes, len), &frame, &leaf, &parts),
			SEGMENT_FRAME_END);
	}
}
END_TEST

START_TEST(frame_without_a_leaf_is_damaged)
{
	uint8_t head[SEGMENT_FRAME_HEAD] = {'R', 'G', 'J', '1'};
	struct segment_frame frame;
	struct rg_bytes leaf;
	struct rg_bytes parts;
	uint32_t crc = crc32c(0, bytes_of(head, 28));

	for (unsigned i = 0; i < 4; i++) {
		head[28 + i] = (uint8_t)(crc >> (24 - 8 * i));
	}
	ck_assert_int_eq(segment_frame_read(bytes_of(head, sizeof(head)), &frame, &leaf, &parts),
		SEGMENT_FRAME_DAMAGED);
}
END_TEST

CHECK_MAIN("evidence_record", leaf_has_the_documented_bytes, written_leaf_reads_back,
	leaf_cut_at_any_byte_is_refused, unknown_version_or_type_is_refused,
	signature_on_a_tick_is_refused, leaf_above_65535_bytes_is_refused,
	checksum_gives_the_published_values, checksum_of_pieces_is_that_of_the_whole,
	frame_has_the_documented_bytes, written_frame_reads_back,
	frame_with_any_byte_changed_is_damaged, frame_cut_at_any_byte_is_damaged,
	zeroes_and_the_end_of_the_file_are_no_frame, frame_without_a_leaf_is_damaged)
