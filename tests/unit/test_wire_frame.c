/*
 * Packed frames: receipts of a whole window are read, and a short frame that would
 * unpack into much memory is not.
 */

#include <stdlib.h>

#include "suite.h"
#include "wire/frame.h"

/* Reads bytes as a frame; NULL: refused. Lives in arena. */
static Rivergate__V1__Frame *read_frame(struct rg_bytes bytes, struct arena *arena)
{
	struct scan_answer answer;
	Rivergate__V1__Frame *frame = NULL;

	ck_assert_int_eq(frame_unpack(bytes, arena, &answer, &frame), RG_OK);
	ck_assert_int_eq(frame != NULL, answer.is_ok);
	return frame;
}

/* RECEIPTS with n own records, each with a signature of len bytes. */
static void write_receipts(size_t n, size_t len, struct buf *out)
{
	static uint8_t signature[400];
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	Rivergate__V1__Receipts receipts = RIVERGATE__V1__RECEIPTS__INIT;
	Rivergate__V1__OwnRecord *own = calloc(n, sizeof(*own));
	Rivergate__V1__OwnRecord **records = calloc(n, sizeof(*records));

	ck_assert(own && records && len <= sizeof(signature));
	for (size_t i = 0; i < n; i++) {
		rivergate__v1__own_record__init(&own[i]);
		own[i].index = len ? i + 1 : 0;
		own[i].signature = (ProtobufCBinaryData){len, signature};
		records[i] = &own[i];
	}
	receipts.records = records;
	receipts.n_records = n;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_RECEIPTS;
	frame.receipts = &receipts;
	ck_assert_int_eq(frame_pack(&frame, out), RG_OK);
	free(own);
	free(records);
}

START_TEST(receipts_of_a_whole_window_are_read)
{
	scoped(buf_deinit) struct buf packed = {0};
	struct arena *arena = arena_new(0);

	write_receipts(8192, 400, &packed);
	ck_assert_uint_le(packed.len, FRAME_PACKED_MAX);
	Rivergate__V1__Frame *frame = read_frame(buf_view(&packed), arena);
	ck_assert_ptr_nonnull(frame);
	ck_assert_uint_eq(frame->receipts->n_records, 8192);
	arena_free(arena);
}
END_TEST

START_TEST(many_empty_submessages_are_refused)
{
	scoped(buf_deinit) struct buf packed = {0};
	struct arena *arena = arena_new(0);

	write_receipts(30000, 0, &packed);
	ck_assert_uint_le(packed.len, FRAME_REQUEST_MAX);
	ck_assert_ptr_null(read_frame(buf_view(&packed), arena));
	arena_free(arena);
}
END_TEST

START_TEST(frame_without_body_or_with_more_behind_it_is_refused)
{
	static const uint8_t ping_and_rest[] = {0x52, 0x02, 0x08, 0x07, 0x00};
	struct arena *arena = arena_new(0);

	ck_assert_ptr_null(read_frame(bytes_of(NULL, 0), arena));
	ck_assert_ptr_null(read_frame(bytes_of(ping_and_rest, 5), arena));
	ck_assert_ptr_null(read_frame(bytes_of(ping_and_rest, 3), arena));
	ck_assert_ptr_nonnull(read_frame(bytes_of(ping_and_rest, 4), arena));
	arena_free(arena);
}
END_TEST

CHECK_MAIN("wire_frame", receipts_of_a_whole_window_are_read, many_empty_submessages_are_refused,
	frame_without_body_or_with_more_behind_it_is_refused)
