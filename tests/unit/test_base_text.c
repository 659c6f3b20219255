/*
 * Strict codecs: what they accept encodes back to itself, all else is refused.
 */

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "suite.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(hex_goes_there_and_back)
{
	static const uint8_t bytes[] = {0x00, 0x09, 0xaf, 0xff};
	uint8_t again[4];
	char hex[9];

	text_hex(bytes_of(bytes, sizeof(bytes)), hex);
	ck_assert_str_eq(hex, "0009afff");
	ck_assert(text_unhex(hex, again, sizeof(again)));
	ck_assert_mem_eq(again, bytes, sizeof(bytes));
	text_hex(bytes_of(NULL, 0), hex);
	ck_assert_str_eq(hex, "");
	ck_assert(text_unhex("", again, 0));
}
END_TEST

START_TEST(wrong_hex_is_refused)
{
	static const char *const wrong[] = {"", "0", "012", "01234", "0g12", "AB12", "0x12", " 012",
		"012 ", "01\n2"};
	uint8_t bytes[2] = {7, 7};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		ck_assert_msg(!text_unhex(wrong[i], bytes, 2), "'%s'", wrong[i]);
	}
	ck_assert_uint_eq(bytes[0], 7);
	ck_assert(!text_unhex("00", bytes, 0));
}
END_TEST

/* RFC 4648, section 10. */
START_TEST(base64_agrees_with_the_reference_vectors)
{
	static const char *const pairs[][2] = {
		{"", ""},
		{"f", "Zg=="},
		{"fo", "Zm8="},
		{"foo", "Zm9v"},
		{"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"},
		{"\xfb\xff\xfe", "+//+"},
	};

	for (size_t i = 0; i < COUNT(pairs); i++) {
		scoped(buf_deinit) struct buf text = {0};
		scoped(buf_deinit) struct buf bytes = {0};

		text_base64(bytes_of_text(pairs[i][0]), &text);
		ck_assert_str_eq(buf_text(&text), pairs[i][1]);
		ck_assert(text_unbase64(bytes_of_text(pairs[i][1]), &bytes));
		ck_assert_str_eq(buf_text(&bytes), pairs[i][0]);
	}
}
END_TEST

START_TEST(wrong_base64_is_refused_and_leaves_nothing)
{
	static const char *const wrong[] = {"Z", "Zg", "Zg=", "Zg===", "=",
		"====", "Z===", "Zh==", "Zm9=", "Zg==Zg==", "Zm9v\n", "Zm 9", "Zm-_", "Zm9vZg=v",
		"Z=9v", "Zm9vZ"};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		scoped(buf_deinit) struct buf out = {0};

		buf_add_text(&out, "before");
		ck_assert_msg(!text_unbase64(bytes_of_text(wrong[i]), &out), "'%s'", wrong[i]);
		ck_assert_str_eq(buf_text(&out), "before");
	}
	scoped(buf_deinit) struct buf out = {0};

	ck_assert(!text_unbase64(bytes_of("Zm9\0", 4), &out));
}
END_TEST

/* What is accepted encodes back to itself, over all groups of one and two bytes. */
START_TEST(accepted_base64_encodes_to_the_same_text)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_";
	size_t n_accepted = 0;

	for (size_t i = 0; i < 67 * 67; i++) {
		char text[] = {alphabet[i / 67], alphabet[i % 67], '=', '=', '\0'};
		scoped(buf_deinit) struct buf bytes = {0};
		scoped(buf_deinit) struct buf again = {0};

		if (text_unbase64(bytes_of_text(text), &bytes)) {
			text_base64(buf_view(&bytes), &again);
			ck_assert_str_eq(buf_text(&again), text);
			n_accepted++;
		}
	}
	ck_assert_uint_eq(n_accepted, 256);
}
END_TEST

START_TEST(valid_utf8_is_accepted)
{
	static const char *const good[] = {"", "plain", "é", "ພາສາລາວ", "越南海关", "\U0001F969",
		"\x7f", "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80",
		"\xe0\xa0\x80", "long enough for the fast path é and on"};

	for (size_t i = 0; i < COUNT(good); i++) {
		ck_assert_msg(text_is_utf8(bytes_of_text(good[i])), "%zu", i);
	}
}
END_TEST

START_TEST(invalid_utf8_is_refused_at_every_place)
{
	static const char *const wrong[] = {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2",
		"\xc2\x41", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82", "\xe2\x82\x41",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
		"\xf0\x9f\xa5", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe"};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		for (size_t before = 0; before < 20; before++) {
			scoped(buf_deinit) struct buf text = {0};

			buf_add(&text, "aaaaaaaaaaaaaaaaaaaa", before);
			buf_add_text(&text, wrong[i]);
			ck_assert_msg(!text_is_utf8(buf_view(&text)), "%zu after %zu", i, before);
			buf_add_text(&text, "aaaaaaaaaaaaaaaaaaaa");
			ck_assert_msg(!text_is_utf8(buf_view(&text)), "%zu amid %zu", i, before);
		}
	}
}
END_TEST

START_TEST(nul_in_a_text_is_refused_at_every_place)
{
	uint8_t text[24];

	for (size_t at = 0; at < sizeof(text); at++) {
		memset(text, 'a', sizeof(text));
		text[at] = 0;
		ck_assert(!text_is_utf8(bytes_of(text, sizeof(text))));
	}
}
END_TEST

START_TEST(numbers_are_read)
{
	uint64_t u;
	int64_t i;

	ck_assert(text_u64("0", &u) && u == 0);
	ck_assert(text_u64("18446744073709551615", &u) && u == UINT64_MAX);
	ck_assert(text_i64("0", &i) && i == 0);
	ck_assert(text_i64("-1", &i) && i == -1);
	ck_assert(text_i64("9223372036854775807", &i) && i == INT64_MAX);
	ck_assert(text_i64("-9223372036854775808", &i) && i == INT64_MIN);
}
END_TEST

START_TEST(what_is_no_number_is_refused)
{
	static const char *const wrong[] = {"", "-", "+1", " 1", "1 ", "01", "00", "-0", "-01",
		"1.0", "1e3", "0x10", "18446744073709551616", "99999999999999999999", "--1"};
	uint64_t u = 7;
	int64_t i = 7;

	for (size_t at = 0; at < COUNT(wrong); at++) {
		ck_assert_msg(!text_u64(wrong[at], &u), "'%s'", wrong[at]);
		ck_assert_msg(!text_i64(wrong[at], &i), "'%s'", wrong[at]);
	}
	ck_assert(!text_u64("-1", &u));
	ck_assert(!text_i64("9223372036854775808", &i));
	ck_assert(!text_i64("-9223372036854775809", &i));
	ck_assert_uint_eq(u, 7);
	ck_assert_int_eq(i, 7);
}
END_TEST

START_TEST(odd_characters_are_escaped)
{
	static const char *const pairs[][2] = {
		{"plain ພາສາ", "plain ພາສາ"},
		{"a\nb\rc\td", "a\\nb\\rc\\td"},
		{"\"quoted\\\"", "\\\"quoted\\\\\\\""},
		{"\x1b[31m", "\\x1b[31m"},
		{"\x7f", "\\x7f"},
		{"\xc2\x9b", "\\xc2\\x9b"},
		{"\xe2\x80\xae", "\\xe2\\x80\\xae"},
		{"\xff\xc3", "\\xff\\xc3"},
	};

	for (size_t i = 0; i < COUNT(pairs); i++) {
		scoped(buf_deinit) struct buf out = {0};

		text_escape(bytes_of_text(pairs[i][0]), &out);
		ck_assert_str_eq(buf_text(&out), pairs[i][1]);
	}
	scoped(buf_deinit) struct buf out = {0};

	text_escape(bytes_of("a\0b", 3), &out);
	ck_assert_str_eq(buf_text(&out), "a\\x00b");
}
END_TEST

START_TEST(times_are_shown_in_utc)
{
	static const struct {
		int64_t time_us;
		const char *text;
	} cases[] = {
		{0, "1970-01-01T00:00:00.000000Z"},
		{-1, "1969-12-31T23:59:59.999999Z"},
		{INT64_C(1795286237123456), "2026-11-21T18:37:17.123456Z"},
		{INT64_MAX, "9999-12-31T23:59:59.999999Z"},
		{INT64_MIN, "0000-01-01T00:00:00.000000Z"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[28];

		text_time_us(cases[i].time_us, text);
		ck_assert_str_eq(text, cases[i].text);
	}
}
END_TEST

CHECK_MAIN("base_text", hex_goes_there_and_back, wrong_hex_is_refused,
	base64_agrees_with_the_reference_vectors, wrong_base64_is_refused_and_leaves_nothing,
	accepted_base64_encodes_to_the_same_text, valid_utf8_is_accepted,
	invalid_utf8_is_refused_at_every_place, nul_in_a_text_is_refused_at_every_place,
	numbers_are_read, what_is_no_number_is_refused, odd_characters_are_escaped,
	times_are_shown_in_utc)
