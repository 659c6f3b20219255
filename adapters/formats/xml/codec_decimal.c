/*
 * Decimals: exact, whatever way they are written
 *
 * Method: digits are copied, never computed with; only the place of the point moves.
 *
 * Threads: no state.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/xml/codec.h"

/* Decimal: unscaled * 10^-scale with scale 0 to 18, unscaled an int64 */

#define SCALE_MAX 18

struct number {
	char digits[24]; /* sign and digits without leading zeroes, "0" for none */
	size_t len;
	int scale;
};

static bool add_digit(struct number *number, char digit)
{
	bool is_first_zero =
		number->len <= 1 && (number->len == 0 || number->digits[0] == '-') && digit == '0';
	if (is_first_zero) {
		return true;
	}
	if (number->len + 1 >= sizeof(number->digits)) {
		return false;
	}
	number->digits[number->len++] = digit;
	return true;
}

/* Reads digits with one point in them; *ret_n tells how many digits there were. */
static const char *read_digits(const char *text, struct number *number, size_t *ret_n)
{
	bool has_point = false;
	*ret_n = 0;
	for (; isdigit((unsigned char)*text) || (*text == '.' && !has_point); text++) {
		if (*text == '.') {
			has_point = true;
			continue;
		}
		if (!add_digit(number, *text)) {
			return NULL;
		}
		number->scale += has_point ? 1 : 0;
		(*ret_n)++;
	}
	return text;
}

static bool shift(struct number *number, long exponent)
{
	long scale = number->scale - exponent;
	for (; scale < 0; scale++) {
		if (!add_digit(number, '0')) {
			return false;
		}
	}
	number->scale = (int)scale;
	return scale <= SCALE_MAX;
}

static bool parse_number(const char *text, size_t len, struct number *number)
{
	const char *end = text + len;
	size_t n_digits = 0;
	*number = (struct number){.scale = 0};
	if (*text == '-') {
		number->digits[number->len++] = '-';
	}
	text += *text == '-' || *text == '+' ? 1 : 0;
	text = read_digits(text, number, &n_digits);
	if (!text || n_digits == 0 || number->scale > 60) {
		return false;
	}
	long exponent = 0;
	if (text < end && (*text == 'e' || *text == 'E')) {
		char *after = NULL;
		exponent = strtol(text + 1, &after, 10);
		bool is_exponent = after > text + 1 && exponent > -60 && exponent < 60 &&
			!isspace((unsigned char)text[1]);
		text = is_exponent ? after : end + 1;
	}
	if (text != end || !shift(number, exponent)) {
		return false;
	}
	if (number->len == 0 || (number->len == 1 && number->digits[0] == '-')) {
		number->digits[0] = '0';
		number->len = 1;
	}
	return true;
}

static rg_err decode_decimal(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	struct number number;
	char scale[8];
	text = xml_trim(text, &len);
	*ret_taken = false;
	if (!parse_number(text, len, &number)) {
		return RG_OK;
	}
	number.digits[number.len] = '\0';
	long long value = 0;
	char *after = NULL;
	value = strtoll(number.digits, &after, 10);
	char back[32];
	snprintf(back, sizeof(back), "%lld", value);
	if (strcmp(back, number.digits) != 0) {
		return RG_OK; /* beyond 64 bits */
	}
	rg_err err = xml_leaf_set(leaf, ".unscaled", number.digits, number.len, ret_taken);
	if (err || !*ret_taken) {
		return err;
	}
	int scale_len = snprintf(scale, sizeof(scale), "%d", number.scale);
	const char *path = NULL;
	struct rg_source source = {&leaf->native, 1, leaf->row->codec->type};
	err = xml_leaf_path(leaf, ".scale", &path);
	struct rg_bytes view = {(const uint8_t *)scale, (size_t)scale_len};
	return err ? err : rg_doc_set(leaf->work->doc, path, view, &source, ret_taken);
}

static rg_err encode_decimal(const struct xml_leaf *leaf, const char **ret_text)
{
	const char *digits = NULL;
	const char *scale_text = NULL;
	*ret_text = NULL;
	rg_err err = xml_leaf_get(leaf, ".unscaled", &digits);
	if (!err) {
		err = xml_leaf_get(leaf, ".scale", &scale_text);
	}
	if (err || !digits) {
		return err;
	}
	unsigned long scale = scale_text ? strtoul(scale_text, NULL, 10) : 0;
	if (scale > SCALE_MAX) {
		return xml_leaf_refuse(leaf, ".scale", "a decimal has at most 18 places");
	}
	const char *sign = digits[0] == '-' ? "-" : "";
	digits += *sign ? 1 : 0;
	size_t len = strlen(digits);
	int n_zeroes = len <= scale ? (int)(scale - len + 1) : 0;
	char *text = pool_printf(leaf->work->pool, "%s%.*s%s", sign, n_zeroes,
		"0000000000000000000", digits);
	if (text && scale > 0) {
		size_t whole = strlen(text) - scale;
		text = pool_printf(leaf->work->pool, "%.*s.%s", (int)whole, text, text + whole);
	}
	*ret_text = text;
	return text ? RG_OK : RG_E_NOMEM;
}

const struct xml_codec xml_codec_decimal = {"decimal", decode_decimal, encode_decimal};

/* A count from abroad may be stated as 1.0; ours is a whole number where it is one. */
static rg_err encode_count(const struct xml_leaf *leaf, const char **ret_text)
{
	rg_err err = encode_decimal(leaf, ret_text);
	const char *point = !err && *ret_text ? strchr(*ret_text, '.') : NULL;
	if (point && !leaf->work->is_own && strspn(point + 1, "0") == strlen(point + 1)) {
		*ret_text = pool_copy(leaf->work->pool, *ret_text, (size_t)(point - *ret_text));
		err = *ret_text ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

const struct xml_codec xml_codec_count = {"decimal", decode_decimal, encode_count};
