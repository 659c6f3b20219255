/*
 * Buffers keep what was appended and stop at the first failure; cursors read no
 * byte beyond their end.
 */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "suite.h"

START_TEST(integers_are_written_and_read_big_endian)
{
	static const uint8_t want[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	scoped(buf_deinit) struct buf buf = {0};

	buf_add_u8(&buf, 0x01);
	buf_add_u16(&buf, 0x0203);
	buf_add_u32(&buf, 0x04050607);
	buf_add_u64(&buf, 0x08090a0b0c0d0e0f);
	ck_assert_uint_eq(buf.len, sizeof(want));
	ck_assert_mem_eq(buf.data, want, sizeof(want));

	struct cursor cursor = cursor_of(buf_view(&buf));

	ck_assert_uint_eq(cursor_u8(&cursor), 0x01);
	ck_assert_uint_eq(cursor_u16(&cursor), 0x0203);
	ck_assert_uint_eq(cursor_u32(&cursor), 0x04050607);
	ck_assert(!cursor_is_done(&cursor));
	ck_assert_uint_eq(cursor_u64(&cursor), 0x08090a0b0c0d0e0f);
	ck_assert(cursor_is_done(&cursor));
}
END_TEST

START_TEST(read_past_the_end_is_bad_and_stays_so)
{
	static const uint8_t bytes[] = {1, 2, 3};
	struct cursor cursor = cursor_of(bytes_of(bytes, sizeof(bytes)));

	ck_assert_uint_eq(cursor_u32(&cursor), 0);
	ck_assert(cursor.is_bad);
	ck_assert_uint_eq(cursor_u8(&cursor), 0);
	ck_assert_uint_eq(cursor_bytes(&cursor, 0).len, 0);
	ck_assert(!cursor_is_done(&cursor));

	cursor = cursor_of(bytes_of(bytes, sizeof(bytes)));
	ck_assert_uint_eq(cursor_bytes(&cursor, SIZE_MAX).len, 0);
	ck_assert(cursor.is_bad);
}
END_TEST

START_TEST(empty_view_is_done_at_once)
{
	struct cursor cursor = cursor_of((struct rg_bytes){0});

	ck_assert(cursor_is_done(&cursor));
	ck_assert_uint_eq(cursor_bytes(&cursor, 0).len, 0);
	ck_assert(cursor_is_done(&cursor));
	ck_assert_uint_eq(cursor_u8(&cursor), 0);
	ck_assert(!cursor_is_done(&cursor));
}
END_TEST

START_TEST(first_failure_stays_and_keeps_what_was_there)
{
	scoped(buf_deinit) struct buf buf = {0};

	buf_add_text(&buf, "kept");
	ck_assert_ptr_null(buf_reserve(&buf, SIZE_MAX - 2));
	ck_assert_int_eq(buf_error(&buf), RG_E_NOMEM);
	buf_add_u8(&buf, 1);
	buf_printf(&buf, "%d", 1);
	ck_assert_uint_eq(buf.len, 4);
	ck_assert_ptr_null(buf_text(&buf));
	ck_assert_ptr_null(buf_reserve(&buf, 1));
	buf_clear(&buf);
	ck_assert_int_eq(buf_error(&buf), RG_OK);
	ck_assert_str_eq(buf_text(&buf), "");
}
END_TEST

START_TEST(failed_buffer_gives_nothing_away)
{
	struct buf buf = {0};
	size_t len = 7;

	buf_add_text(&buf, "kept");
	ck_assert_ptr_null(buf_reserve(&buf, SIZE_MAX));
	ck_assert_ptr_null(buf_take(&buf, &len));
	ck_assert_uint_eq(len, 7);
	ck_assert_ptr_null(buf.data);
	ck_assert_int_eq(buf_error(&buf), RG_OK);
}
END_TEST

START_TEST(text_ends_with_a_nul_that_is_not_counted)
{
	scoped(buf_deinit) struct buf buf = {0};

	ck_assert_str_eq(buf_text(&buf), "");
	ck_assert_uint_eq(buf.len, 0);
	/* Around every size at which the memory grows. */
	for (size_t i = 1; i <= 300; i++) {
		buf_add_u8(&buf, 'x');
		ck_assert_uint_eq(strlen(buf_text(&buf)), i);
		ck_assert_uint_eq(buf.len, i);
	}
}
END_TEST

START_TEST(printed_text_is_appended)
{
	scoped(buf_deinit) struct buf buf = {0};
	char word[200];

	memset(word, 'w', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	buf_add_text(&buf, "a ");
	buf_printf(&buf, "%d %s", -5, word);
	ck_assert_uint_eq(buf.len, 2 + 3 + 199);
	ck_assert_mem_eq(buf.data, "a -5 www", 8);
}
END_TEST

START_TEST(taken_bytes_belong_to_the_caller)
{
	struct buf buf = {0};
	size_t len = 0;

	buf_add_text(&buf, "abc");
	char *text = (char *)buf_take(&buf, &len);

	ck_assert_str_eq(text, "abc");
	ck_assert_uint_eq(len, 3);
	ck_assert_uint_eq(buf.len, 0);
	ck_assert_ptr_null(buf.data);
	free(text);
}
END_TEST

START_TEST(wiped_buffer_holds_no_byte_of_before)
{
	scoped(buf_deinit) struct buf buf = {0};

	buf_add_text(&buf, "secret");
	buf_wipe(&buf);
	ck_assert_uint_eq(buf.len, 0);
	ck_assert_ptr_nonnull(buf.data);
	for (size_t i = 0; i < buf.cap; i++) {
		ck_assert_uint_eq(buf.data[i], 0);
	}
}
END_TEST

START_TEST(bytes_are_equal_in_length_and_content)
{
	ck_assert(bytes_equal(bytes_of(NULL, 0), bytes_of_text("")));
	ck_assert(bytes_equal(bytes_of_text("abc"), bytes_of_text("abc")));
	ck_assert(!bytes_equal(bytes_of_text("abc"), bytes_of_text("abd")));
	ck_assert(!bytes_equal(bytes_of_text("abc"), bytes_of_text("ab")));
	ck_assert(bytes_equal_secret(bytes_of(NULL, 0), bytes_of_text("")));
	ck_assert(bytes_equal_secret(bytes_of_text("abc"), bytes_of_text("abc")));
	ck_assert(!bytes_equal_secret(bytes_of_text("abc"), bytes_of_text("abd")));
	ck_assert(!bytes_equal_secret(bytes_of_text("abc"), bytes_of_text("ab")));
}
END_TEST

CHECK_MAIN("base_buf", integers_are_written_and_read_big_endian,
	read_past_the_end_is_bad_and_stays_so, empty_view_is_done_at_once,
	first_failure_stays_and_keeps_what_was_there, failed_buffer_gives_nothing_away,
	text_ends_with_a_nul_that_is_not_counted, printed_text_is_appended,
	taken_bytes_belong_to_the_caller, wiped_buffer_holds_no_byte_of_before,
	bytes_are_equal_in_length_and_content)
