/*
 * How the text of an element becomes canonical values, and back
 *
 * Threads: no state.
 */
#include "formats/xml/codec.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Leaves */

static rg_err leaf_path(const struct xml_leaf *leaf, const char *suffix, const char **ret_path)
{
	*ret_path = pool_printf(leaf->work->pool, "%s%s", leaf->path, suffix);
	return *ret_path ? RG_OK : RG_E_NOMEM;
}

/* Reads a leaf; *ret_text is NULL where it is absent. */
static rg_err leaf_get(const struct xml_leaf *leaf, const char *suffix, const char **ret_text)
{
	const char *path = NULL;
	struct rg_bytes value = {NULL, 0};
	*ret_text = NULL;
	rg_err err = leaf_path(leaf, suffix, &path);
	if (!err) {
		err = rg_doc_get(leaf->work->doc, path, &value);
	}
	if (!err && value.data) {
		*ret_text = pool_copy(leaf->work->pool, (const char *)value.data, value.len);
		err = *ret_text ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

/* Writes a leaf unless another element has written it already. */
static rg_err leaf_set(const struct xml_leaf *leaf, const char *suffix, const char *text,
	size_t len, bool *ret_taken)
{
	const char *path = NULL;
	const char *before = NULL;
	struct rg_source source = {&leaf->native, 1, leaf->row->codec->type};
	*ret_taken = false;
	rg_err err = leaf_get(leaf, suffix, &before);
	if (!err && !before) {
		err = leaf_path(leaf, suffix, &path);
	}
	if (err || before) {
		return err;
	}
	return rg_doc_set(leaf->work->doc, path, (struct rg_bytes){(const uint8_t *)text, len},
		&source, ret_taken);
}

/* A canonical value that this format cannot write: the translation is refused. */
static rg_err refuse_value(const struct xml_leaf *leaf, const char *suffix, const char *text)
{
	const char *path = NULL;
	rg_err err = leaf_path(leaf, suffix, &path);
	struct rg_finding finding = {RG_FINDING_ERROR, "VALUE", path, 0, 0, text};
	return err ? err : rg_call_finding(leaf->work->call, &finding);
}

/* Narrows a text to what stands between white space. */
static const char *trim(const char *text, size_t *ret_len)
{
	text += strspn(text, " \t\r\n");
	size_t len = strlen(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1])) {
		len--;
	}
	*ret_len = len;
	return text;
}

static bool is_digits(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)text[i])) {
			return false;
		}
	}
	return len > 0;
}

/* Text */

static rg_err decode_text(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	text = trim(text, &len);
	return leaf_set(leaf, "", text, len, ret_taken);
}

static rg_err encode_suffix(const struct xml_leaf *leaf, const char *suffix, const char **ret_text)
{
	rg_err err = leaf_get(leaf, suffix, ret_text);
	if (!err && *ret_text && !xml_is_text(*ret_text)) {
		*ret_text = NULL;
		err = refuse_value(leaf, suffix,
			"the text contains a character that XML cannot hold");
	}
	return err;
}

static rg_err encode_text(const struct xml_leaf *leaf, const char **ret_text)
{
	return encode_suffix(leaf, "", ret_text);
}

const struct xml_codec xml_codec_text = {"text", decode_text, encode_text};

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
	text = trim(text, &len);
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
	rg_err err = leaf_set(leaf, ".unscaled", number.digits, number.len, ret_taken);
	if (err || !*ret_taken) {
		return err;
	}
	int scale_len = snprintf(scale, sizeof(scale), "%d", number.scale);
	const char *path = NULL;
	struct rg_source source = {&leaf->native, 1, leaf->row->codec->type};
	err = leaf_path(leaf, ".scale", &path);
	struct rg_bytes view = {(const uint8_t *)scale, (size_t)scale_len};
	return err ? err : rg_doc_set(leaf->work->doc, path, view, &source, ret_taken);
}

static rg_err encode_decimal(const struct xml_leaf *leaf, const char **ret_text)
{
	const char *digits = NULL;
	const char *scale_text = NULL;
	*ret_text = NULL;
	rg_err err = leaf_get(leaf, ".unscaled", &digits);
	if (!err) {
		err = leaf_get(leaf, ".scale", &scale_text);
	}
	if (err || !digits) {
		return err;
	}
	unsigned long scale = scale_text ? strtoul(scale_text, NULL, 10) : 0;
	if (scale > SCALE_MAX) {
		return refuse_value(leaf, ".scale", "a decimal has at most 18 places");
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

/* Codes */

static rg_err decode_code(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	text = trim(text, &len);
	*ret_taken = false;
	for (size_t i = 0; i < leaf->row->codes->n_rows; i++) {
		const struct xml_code *code = &leaf->row->codes->rows[i];
		if (strlen(code->native) == len && memcmp(code->native, text, len) == 0) {
			return leaf_set(leaf, "", code->canonical, strlen(code->canonical),
				ret_taken);
		}
	}
	return RG_OK;
}

static const char *native_code(const struct xml_codes *codes, const char *canonical)
{
	for (size_t i = 0; i < codes->n_rows; i++) {
		if (strcmp(codes->rows[i].canonical, canonical) == 0) {
			return codes->rows[i].native;
		}
	}
	return NULL;
}

static rg_err encode_code(const struct xml_leaf *leaf, const char **ret_text)
{
	const char *canonical = NULL;
	*ret_text = NULL;
	rg_err err = leaf_get(leaf, "", &canonical);
	if (err || !canonical) {
		return err;
	}
	*ret_text = native_code(leaf->row->codes, canonical);
	return *ret_text ? RG_OK
			 : rg_call_lost(leaf->work->call, leaf->path,
				   "the code has no counterpart in this format's code list");
}

const struct xml_codec xml_codec_code = {"code", decode_code, encode_code};

static const struct xml_code booleans[] = {{"true", "true"}, {"false", "false"}};
static const struct xml_code flags[] = {{"1", "true"}, {"0", "false"}};

static rg_err decode_by(const struct xml_leaf *leaf, const struct xml_code *rows, const char *text,
	bool *ret_taken)
{
	const struct xml_codes codes = {rows, 2};
	struct xml_row row = *leaf->row;
	struct xml_leaf with_codes = *leaf;
	row.codes = &codes;
	with_codes.row = &row;
	return decode_code(&with_codes, text, ret_taken);
}

static rg_err encode_by(const struct xml_leaf *leaf, const struct xml_code *rows,
	const char **ret_text)
{
	const char *canonical = NULL;
	const struct xml_codes codes = {rows, 2};
	rg_err err = leaf_get(leaf, "", &canonical);
	*ret_text = !err && canonical ? native_code(&codes, canonical) : NULL;
	return err;
}

static rg_err decode_boolean(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	return decode_by(leaf, booleans, text, ret_taken);
}

static rg_err encode_boolean(const struct xml_leaf *leaf, const char **ret_text)
{
	return encode_by(leaf, booleans, ret_text);
}

const struct xml_codec xml_codec_boolean = {"boolean", decode_boolean, encode_boolean};

static rg_err decode_flag(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	return decode_by(leaf, flags, text, ret_taken);
}

static rg_err encode_flag(const struct xml_leaf *leaf, const char **ret_text)
{
	return encode_by(leaf, flags, ret_text);
}

const struct xml_codec xml_codec_flag = {"boolean", decode_flag, encode_flag};

static rg_err encode_direction(const struct xml_leaf *leaf, const char **ret_text)
{
	/* What one country exports, the next imports: from abroad the mark is ours, not theirs. */
	if (!leaf->work->is_own) {
		const char *theirs = NULL;
		rg_err err = leaf_get(leaf, "", &theirs);
		*ret_text = native_code(leaf->row->codes,
			leaf->work->is_export ? "DIRECTION_EXPORT" : "DIRECTION_IMPORT");
		return err;
	}
	return encode_code(leaf, ret_text);
}

const struct xml_codec xml_codec_direction = {"direction", decode_code, encode_direction};

/* Dates */

static bool is_date(unsigned year, unsigned month, unsigned day)
{
	static const unsigned lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
		day <= lengths[month - 1];
}

static rg_err set_date(const struct xml_leaf *leaf, unsigned year, unsigned month, unsigned day,
	bool *ret_taken)
{
	char date[40];
	*ret_taken = false;
	if (!is_date(year, month, day)) {
		return RG_OK;
	}
	int len = snprintf(date, sizeof(date), "%04u-%02u-%02u", year, month, day);
	return leaf_set(leaf, "", date, (size_t)len, ret_taken);
}

/* Reads the canonical date; *ret_is_there false where it is absent or was refused. */
static rg_err get_date(const struct xml_leaf *leaf, unsigned parts[3], bool *ret_is_there)
{
	const char *text = NULL;
	rg_err err = leaf_get(leaf, "", &text);
	*ret_is_there = false;
	if (err || !text) {
		return err;
	}
	bool is_shaped = strlen(text) == 10 && text[4] == '-' && text[7] == '-' &&
		is_digits(text, 4) && is_digits(text + 5, 2) && is_digits(text + 8, 2);
	for (size_t i = 0; is_shaped && i < 3; i++) {
		parts[i] = (unsigned)strtoul(text + (i == 0 ? 0 : 2 + 3 * i), NULL, 10);
	}
	*ret_is_there = is_shaped && is_date(parts[0], parts[1], parts[2]);
	return *ret_is_there ? RG_OK
			     : refuse_value(leaf, "", "this is no date of the form YYYY-MM-DD");
}

/* Reads up to four digits and moves behind them; 0 digits: false. */
static bool take_digits(const char **text, const char *end, unsigned *ret_value, size_t *ret_n)
{
	*ret_value = 0;
	for (*ret_n = 0; *text < end && *ret_n < 4 && isdigit((unsigned char)**text); (*ret_n)++) {
		*ret_value = *ret_value * 10 + (unsigned)(*(*text)++ - '0');
	}
	return *ret_n > 0;
}

static rg_err decode_date_mdy(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	size_t n = 0;
	unsigned parts[3];
	text = trim(text, &len);
	const char *end = text + len;
	*ret_taken = false;
	for (size_t i = 0; i < 3; i++) {
		bool is_part = take_digits(&text, end, &parts[i], &n);
		bool is_followed = i == 2 ? text == end : text < end && *text++ == '/';
		if (!is_part || !is_followed) {
			return RG_OK;
		}
	}
	if (n == 2) {
		parts[2] += parts[2] >= 80 ? 1900 : 2000;
	}
	return n == 2 || n == 4 ? set_date(leaf, parts[2], parts[0], parts[1], ret_taken) : RG_OK;
}

static rg_err encode_date_mdy(const struct xml_leaf *leaf, const char **ret_text)
{
	unsigned parts[3];
	bool is_there = false;
	*ret_text = NULL;
	rg_err err = get_date(leaf, parts, &is_there);
	if (err || !is_there) {
		return err;
	}
	bool is_short = parts[0] >= 1980 && parts[0] < 2080;
	*ret_text = is_short
		? pool_printf(leaf->work->pool, "%u/%u/%02u", parts[1], parts[2], parts[0] % 100)
		: pool_printf(leaf->work->pool, "%u/%u/%04u", parts[1], parts[2], parts[0]);
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

const struct xml_codec xml_codec_date_mdy = {"date", decode_date_mdy, encode_date_mdy};

static rg_err decode_date_ymd(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	text = trim(text, &len);
	*ret_taken = false;
	if (len != 8 || !is_digits(text, 8)) {
		return RG_OK;
	}
	unsigned long date = strtoul(text, NULL, 10);
	return set_date(leaf, (unsigned)(date / 10000), (unsigned)(date / 100 % 100),
		(unsigned)(date % 100), ret_taken);
}

static rg_err encode_date_ymd(const struct xml_leaf *leaf, const char **ret_text)
{
	unsigned parts[3];
	bool is_there = false;
	*ret_text = NULL;
	rg_err err = get_date(leaf, parts, &is_there);
	if (!err && is_there) {
		*ret_text =
			pool_printf(leaf->work->pool, "%04u%02u%02u", parts[0], parts[1], parts[2]);
		err = *ret_text ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

const struct xml_codec xml_codec_date_ymd = {"date", decode_date_ymd, encode_date_ymd};

/* Parties and addresses */

static rg_err set_line(const struct xml_leaf *leaf, const char *list, size_t i, const char *line,
	size_t len, bool *ret_taken)
{
	const char *suffix = pool_printf(leaf->work->pool, "%s[%zu]", list, i);
	return suffix ? leaf_set(leaf, suffix, line, len, ret_taken) : RG_E_NOMEM;
}

static rg_err decode_party(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t n = 0;
	rg_err err = RG_OK;
	*ret_taken = false;
	while (!err && *text) {
		size_t width = strcspn(text, "\n");
		const char *copy = pool_copy(leaf->work->pool, text, width);
		size_t len = 0;
		bool is_taken = false;
		const char *line = copy ? trim(copy, &len) : NULL;
		if (!line) {
			return RG_E_NOMEM;
		}
		if (len > 0) {
			err = n == 0
				? leaf_set(leaf, ".name", line, len, &is_taken)
				: set_line(leaf, ".address.lines", n - 1, line, len, &is_taken);
			if (!is_taken && n == 0) {
				return err;
			}
			n++;
		}
		text += width + (text[width] ? 1 : 0);
	}
	*ret_taken = n > 0;
	return err;
}

static rg_err join_lines(const struct xml_leaf *leaf, const char *list, const char *glue,
	struct text *out)
{
	size_t n = 0;
	const char *path = NULL;
	rg_err err = leaf_path(leaf, list, &path);
	if (!err) {
		err = rg_doc_count(leaf->work->doc, path, &n);
	}
	for (size_t i = 0; !err && i < n; i++) {
		const char *line = NULL;
		const char *suffix = pool_printf(leaf->work->pool, "%s[%zu]", list, i);
		err = suffix ? encode_suffix(leaf, suffix, &line) : RG_E_NOMEM;
		if (line) {
			text_add_string(out, out->len > 0 ? glue : "");
			text_add_string(out, line);
		}
	}
	return err;
}

static rg_err encode_party(const struct xml_leaf *leaf, const char **ret_text)
{
	struct text text;
	const char *name = NULL;
	text_init(&text, leaf->work->pool);
	*ret_text = NULL;
	rg_err err = encode_suffix(leaf, ".name", &name);
	text_add_string(&text, name ? name : "");
	if (!err) {
		err = join_lines(leaf, ".address.lines", "\n", &text);
	}
	if (!err && text.len > 0) {
		*ret_text = text_string(&text);
	}
	return err ? err : (text.has_failed ? RG_E_NOMEM : RG_OK);
}

const struct xml_codec xml_codec_party = {"party", decode_party, encode_party};

static rg_err decode_address(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	text = trim(text, &len);
	return set_line(leaf, ".lines", 0, text, len, ret_taken);
}

static rg_err encode_address(const struct xml_leaf *leaf, const char **ret_text)
{
	struct text text;
	text_init(&text, leaf->work->pool);
	rg_err err = join_lines(leaf, ".lines", ", ", &text);
	*ret_text = !err && text.len > 0 ? text_string(&text) : NULL;
	return err ? err : (text.has_failed ? RG_E_NOMEM : RG_OK);
}

const struct xml_codec xml_codec_address = {"address", decode_address, encode_address};

/* Tariff code: the first six digits are international, the rest is national law */

static rg_err decode_tariff(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	text = trim(text, &len);
	size_t n_hs = len < 6 ? len : 6;
	rg_err err = leaf_set(leaf, ".hs6", text, n_hs, ret_taken);
	if (!err && *ret_taken && len > n_hs) {
		err = leaf_set(leaf, ".nationalCode", text + n_hs, len - n_hs, ret_taken);
	}
	return err;
}

static rg_err encode_tariff(const struct xml_leaf *leaf, const char **ret_text)
{
	const char *hs6 = NULL;
	const char *national = NULL;
	*ret_text = NULL;
	rg_err err = encode_suffix(leaf, ".hs6", &hs6);
	if (!err && leaf->work->is_own) {
		err = encode_suffix(leaf, ".nationalCode", &national);
	}
	if (err || (!hs6 && !national)) {
		return err;
	}
	*ret_text = pool_printf(leaf->work->pool, "%s%s", hs6 ? hs6 : "", national ? national : "");
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

const struct xml_codec xml_codec_tariff = {"tariff", decode_tariff, encode_tariff};

static rg_err encode_ordinal(const struct xml_leaf *leaf, const char **ret_text)
{
	rg_err err = encode_suffix(leaf, "", ret_text);
	if (!err && !*ret_text && leaf->work->is_fresh) {
		*ret_text = pool_printf(leaf->work->pool, "%zu", leaf->positions[0] + 1);
		err = *ret_text ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

const struct xml_codec xml_codec_ordinal = {"text", decode_text, encode_ordinal};
