/*
 * Strict text codecs: see text.h
 *
 * Threads: pure functions on the caller's memory.
 */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

#define US_PER_S INT64_C(1000000)

static const char hex_digits[] = "0123456789abcdef";
static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void text_hex(struct rg_bytes in, char *out)
{
	for (size_t i = 0; i < in.len; i++) {
		*out++ = hex_digits[in.data[i] >> 4];
		*out++ = hex_digits[in.data[i] & 15];
	}
	*out = '\0';
}

/* -1: no lower-case hex digit. */
static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9') {
		return digit - '0';
	}
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

bool text_unhex(const char *hex, uint8_t *ret_bytes, size_t len)
{
	for (size_t i = 0; i < 2 * len; i++) {
		if (hex_value(hex[i]) < 0) {
			return false;
		}
	}
	if (hex[2 * len] != '\0') {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		ret_bytes[i] = (uint8_t)((unsigned)hex_value(hex[2 * i]) << 4 |
			(unsigned)hex_value(hex[2 * i + 1]));
	}
	return true;
}

void text_base64(struct rg_bytes in, struct buf *out)
{
	for (size_t i = 0; i < in.len; i += 3) {
		size_t n = in.len - i < 3 ? in.len - i : 3;
		uint32_t bits = (uint32_t)in.data[i] << 16;
		char group[4];

		bits |= n > 1 ? (uint32_t)in.data[i + 1] << 8 : 0;
		bits |= n > 2 ? (uint32_t)in.data[i + 2] : 0;
		for (size_t j = 0; j < 4; j++) {
			group[j] = j <= n ? base64_digits[bits >> (18 - 6 * j) & 63] : '=';
		}
		buf_add(out, group, sizeof(group));
	}
}

static int base64_value(uint8_t digit)
{
	if (digit >= 'A' && digit <= 'Z') {
		return digit - 'A';
	}
	if (digit >= 'a' && digit <= 'z') {
		return digit - 'a' + 26;
	}
	if (digit >= '0' && digit <= '9') {
		return digit - '0' + 52;
	}
	if (digit == '+') {
		return 62;
	}
	return digit == '/' ? 63 : -1;
}

/* Decodes n digits (2 to 4) to n - 1 bytes; false when a digit is none or stray bits are set. */
static bool unbase64_group(const uint8_t *digits, size_t n, struct buf *out)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < 4; i++) {
		int value = i < n ? base64_value(digits[i]) : 0;

		if (value < 0) {
			return false;
		}
		bits = bits << 6 | (uint32_t)value;
	}
	if (bits & (0xffffffU >> (8 * (n - 1))) & 0xffffffU) {
		return false;
	}
	uint8_t bytes[3] = {(uint8_t)(bits >> 16), (uint8_t)(bits >> 8), (uint8_t)bits};

	buf_add(out, bytes, n - 1);
	return true;
}

bool text_unbase64(struct rg_bytes in, struct buf *out)
{
	size_t before = out->len;

	if (in.len % 4 != 0) {
		return false;
	}
	for (size_t i = 0; i < in.len; i += 4) {
		const uint8_t *group = in.data + i;
		size_t n = 4;

		if (i + 4 == in.len) {
			n -= group[3] == '=';
			n -= group[3] == '=' && group[2] == '=';
		}
		if (!unbase64_group(group, n, out)) {
			out->len = before;
			return false;
		}
	}
	return true;
}

/*
 * Length of the UTF-8 sequence at the start of in, 0 when there is no valid one
 * (Unicode Standard, table 3-7).
 */
static size_t utf8_sequence(struct rg_bytes in)
{
	uint8_t lead = in.data[0];
	uint8_t low = 0x80;
	uint8_t high = 0xbf;
	size_t len = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

	if (lead < 0x80) {
		return 1;
	}
	if (lead < 0xc2 || lead > 0xf4 || in.len < len) {
		return 0;
	}
	/* The second byte alone decides on shortest form, surrogates and U+10FFFF. */
	low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : low;
	high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : high;
	if (in.data[1] < low || in.data[1] > high) {
		return 0;
	}
	for (size_t i = 2; i < len; i++) {
		if (in.data[i] < 0x80 || in.data[i] > 0xbf) {
			return 0;
		}
	}
	return len;
}

/* Eight bytes, none of them NUL or above 0x7f. */
static bool is_plain(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return ((word | (word - UINT64_C(0x0101010101010101))) & UINT64_C(0x8080808080808080)) == 0;
}

bool text_is_utf8(struct rg_bytes in)
{
	while (in.len > 0) {
		size_t len = in.len >= 8 && is_plain(in.data) ? 8 : utf8_sequence(in);

		if (len == 0 || in.data[0] == '\0') {
			return false;
		}
		in.data += len;
		in.len -= len;
	}
	return true;
}

bool text_next_line(struct rg_bytes *rest, struct rg_bytes *ret_line)
{
	const uint8_t *end = rest->len > 0 ? memchr(rest->data, '\n', rest->len) : NULL;

	if (!end) {
		return false;
	}
	size_t len = (size_t)(end - rest->data);
	*ret_line = (struct rg_bytes){.data = rest->data, .len = len};
	*rest = (struct rg_bytes){.data = end + 1, .len = rest->len - len - 1};
	return true;
}

bool text_u64(const char *digits, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (digits[0] == '\0' || (digits[0] == '0' && digits[1] != '\0')) {
		return false;
	}
	for (; *digits; digits++) {
		uint64_t digit = (uint64_t)(*digits - '0');

		if (*digits < '0' || *digits > '9' || value > (UINT64_MAX - digit) / 10) {
			return false;
		}
		value = value * 10 + digit;
	}
	*ret_value = value;
	return true;
}

bool text_i64(const char *digits, int64_t *ret_value)
{
	bool is_negative = digits[0] == '-';
	uint64_t limit = (uint64_t)INT64_MAX + (is_negative ? 1 : 0);
	uint64_t value;

	if (!text_u64(digits + is_negative, &value) || value > limit ||
		(is_negative && value == 0)) {
		return false;
	}
	/* In two steps, since INT64_MIN has no positive counterpart. */
	*ret_value = is_negative ? -(int64_t)(value - 1) - 1 : (int64_t)value;
	return true;
}

/* Characters that print as nothing or turn the direction of a line: U+2028-202E, U+2066-2069. */
static bool is_deceptive(const uint8_t *sequence, size_t len)
{
	if (len == 2) {
		return sequence[0] == 0xc2 && sequence[1] < 0xa0;
	}
	return len == 3 && sequence[0] == 0xe2 &&
		((sequence[1] == 0x80 && sequence[2] >= 0xa8 && sequence[2] <= 0xae) ||
			(sequence[1] == 0x81 && sequence[2] >= 0xa6 && sequence[2] <= 0xa9));
}

static void escape_byte(uint8_t byte, struct buf *out)
{
	static const char names[] = "\"\"\\\\\nn\rr\tt";

	for (size_t i = 0; i + 1 < sizeof(names); i += 2) {
		if (byte == (uint8_t)names[i]) {
			buf_add_u8(out, '\\');
			buf_add_u8(out, (uint8_t)names[i + 1]);
			return;
		}
	}
	buf_printf(out, "\\x%02x", byte);
}

void text_escape(struct rg_bytes in, struct buf *out)
{
	while (in.len > 0) {
		size_t len = utf8_sequence(in);
		bool is_plain_byte = len == 1 && in.data[0] >= 0x20 && in.data[0] != 0x7f &&
			!strchr("\"\\", in.data[0]);

		if (is_plain_byte || (len > 1 && !is_deceptive(in.data, len))) {
			buf_add(out, in.data, len);
		} else {
			len = len ? len : 1;
			for (size_t i = 0; i < len; i++) {
				escape_byte(in.data[i], out);
			}
		}
		in.data += len;
		in.len -= len;
	}
}

void text_time_us(int64_t time_us, char out[28])
{
	/* Years 0000 to 9999: what the form can hold. */
	static const int64_t first_us = -INT64_C(62167219200) * US_PER_S;
	static const int64_t last_us = INT64_C(253402300800) * US_PER_S - 1;
	int64_t us = time_us < first_us ? first_us : time_us > last_us ? last_us : time_us;
	int64_t fraction = us % US_PER_S;
	struct tm tm;
	char text[96];

	fraction += fraction < 0 ? US_PER_S : 0;
	time_t seconds = (us - fraction) / US_PER_S;

	if (!gmtime_r(&seconds, &tm)) {
		tm = (struct tm){0};
	}
	(void)snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)fraction);
	memcpy(out, text, 27);
	out[27] = '\0';
}
