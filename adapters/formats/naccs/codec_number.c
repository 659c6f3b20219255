/*
 * Codecs of numbers, dates and times
 *
 * Method: digits are copied, never computed with; only the place of the point moves.
 *
 * Threads: no state.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/naccs/codec.h"

#define SCALE_MAX 18

/* Decimal: unscaled * 10^-scale, unscaled an int64 */

struct number {
	char digits[24]; /* sign and digits without leading zeroes */
	size_t len;
	int scale;
};

static bool add_digit(struct number *number, char digit)
{
	bool is_leading = number->len == 0 || (number->len == 1 && number->digits[0] == '-');
	if (is_leading && digit == '0') {
		return true;
	}
	if (number->len + 1 >= sizeof(number->digits)) {
		return false;
	}
	number->digits[number->len++] = digit;
	return true;
}

static bool fits_64_bits(const char *digits)
{
	char back[32];
	snprintf(back, sizeof(back), "%lld", strtoll(digits, NULL, 10));
	return strcmp(back, digits) == 0;
}

static bool parse(const char *text, struct number *number)
{
	bool has_point = false;
	size_t n_digits = 0;
	*number = (struct number){.scale = 0};
	if (*text == '-') {
		number->digits[number->len++] = *text++;
	}
	for (; *text; text++) {
		bool is_point = *text == '.' && !has_point;
		if (!is_point && !(isdigit((unsigned char)*text) && add_digit(number, *text))) {
			return false;
		}
		n_digits += !is_point;
		number->scale += has_point ? 1 : 0;
		has_point = has_point || is_point;
	}
	if (number->len == 1 && number->digits[0] == '-') {
		return false; /* a zero with a sign */
	}
	if (number->len == 0) {
		number->digits[number->len++] = '0';
	}
	number->digits[number->len] = '\0';
	return n_digits > 0 && number->scale <= SCALE_MAX && fits_64_bits(number->digits);
}

bool naccs_is_decimal(const char *text)
{
	struct number number;
	return parse(text, &number);
}

static rg_err decode_decimal(const struct naccs_leaf *leaf, const char *text, bool *ret_taken)
{
	struct number number;
	char scale[16];
	bool is_taken = false;
	*ret_taken = false;
	if (!parse(text, &number)) {
		return RG_OK;
	}
	rg_err err = naccs_leaf_set(leaf, ".unscaled", number.digits, number.len, ret_taken);
	if (err || !*ret_taken) {
		return err;
	}
	/* 0 is what an absent scale reads as: set it all the same, so that it has a source. */
	int len = snprintf(scale, sizeof(scale), "%d", number.scale);
	const char *path = pool_printf(leaf->work->pool, "%s.scale", leaf->path);
	struct rg_source source = {&leaf->place->native, 1, leaf->place->row->codec->type};
	struct rg_bytes view = {(const uint8_t *)scale, (size_t)len};
	return path ? rg_doc_set(leaf->work->doc, path, view, &source, &is_taken) : RG_E_NOMEM;
}

static rg_err encode_decimal(const struct naccs_leaf *leaf, const char **ret_text)
{
	const char *digits = NULL;
	const char *scale_text = NULL;
	*ret_text = NULL;
	rg_err err = naccs_leaf_get(leaf, ".unscaled", &digits);
	if (!err) {
		err = naccs_leaf_get(leaf, ".scale", &scale_text);
	}
	if (err || !digits) {
		return err;
	}
	unsigned long scale = scale_text ? strtoul(scale_text, NULL, 10) : 0;
	if (scale > SCALE_MAX) {
		return naccs_leaf_refuse(leaf, ".scale", "a decimal has at most 18 places");
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

const struct naccs_codec naccs_codec_decimal = {"decimal", ".unscaled", decode_decimal,
	encode_decimal};

static rg_err encode_count(const struct naccs_leaf *leaf, const char **ret_text)
{
	rg_err err = encode_decimal(leaf, ret_text);
	const char *point = !err && *ret_text ? strchr(*ret_text, '.') : NULL;
	if (point && !leaf->work->is_own && strspn(point + 1, "0") == strlen(point + 1)) {
		*ret_text = pool_copy(leaf->work->pool, *ret_text, (size_t)(point - *ret_text));
		err = *ret_text ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

const struct naccs_codec naccs_codec_count = {"decimal", ".unscaled", decode_decimal, encode_count};

static rg_err encode_containers(const struct naccs_leaf *leaf, const char **ret_text)
{
	size_t n = 0;
	rg_err err = encode_count(leaf, ret_text);
	if (!err && !*ret_text && !leaf->work->is_own) {
		err = rg_doc_count(leaf->work->doc, "containers", &n);
	}
	if (!err && n > 0) {
		*ret_text = pool_printf(leaf->work->pool, "%zu", n);
		err = *ret_text ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

const struct naccs_codec naccs_codec_containers = {"decimal", ".unscaled", decode_decimal,
	encode_containers};

/* Mass and its unit */

static rg_err decode_mass(const struct naccs_leaf *leaf, const char *text, bool *ret_taken)
{
	bool is_kilogram = !leaf->next || !*leaf->next || strcmp(leaf->next, "KGM") == 0;
	*ret_taken = false;
	return is_kilogram ? decode_decimal(leaf, text, ret_taken) : RG_OK;
}

const struct naccs_codec naccs_codec_mass = {"decimal", ".unscaled", decode_mass, encode_decimal};

static rg_err encode_kilogram(const struct naccs_leaf *leaf, const char **ret_text)
{
	rg_err err = naccs_leaf_get(leaf, ".unscaled", ret_text);
	*ret_text = *ret_text ? "KGM" : NULL;
	return err;
}

static rg_err decode_kilogram(const struct naccs_leaf *leaf, const char *text, bool *ret_taken)
{
	const char *mass = NULL;
	rg_err err = naccs_leaf_get(leaf, ".unscaled", &mass);
	*ret_taken = mass && strcmp(text, "KGM") == 0;
	if (err || !*ret_taken) {
		return err;
	}
	const char *path = pool_printf(leaf->work->pool, "%s.unscaled", leaf->path);
	return path ? rg_doc_trace(leaf->work->doc, path, leaf->place->native) : RG_E_NOMEM;
}

const struct naccs_codec naccs_codec_kilogram = {"unit", ".unscaled", decode_kilogram,
	encode_kilogram};

/* Dates and times */

static bool is_digits(const char *text, size_t len)
{
	return strlen(text) == len && strspn(text, "0123456789") == len;
}

/* A number of n digits inside a text of digits. */
static unsigned part(const char *text, size_t offset, size_t n)
{
	unsigned value = 0;
	for (size_t i = 0; i < n; i++) {
		value = value * 10 + (unsigned)(text[offset + i] - '0');
	}
	return value;
}

static bool is_date(unsigned year, unsigned month, unsigned day)
{
	static const unsigned lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= lengths[month - 1];
}

static bool is_time(unsigned hour, unsigned minute, unsigned second)
{
	return hour < 24 && minute < 60 && second < 60;
}

/*
 * A moment in two spellings: letters of the one stand where they stand in the other.
 * Y year, M month, D day, h hour, m minute, s second.
 */
struct spelling {
	const char *native;    /* DDMMYYYY */
	const char *canonical; /* YYYY-MM-DD */
	const char *what;      /* for the finding */
};

static const struct spelling dates = {"DDMMYYYY", "YYYY-MM-DD",
	"this is no date of the form YYYY-MM-DD"};
static const struct spelling times = {"hhmmss", "hh:mm:ss", "this is no time of the form HH:MM:SS"};
static const struct spelling moments[] = {
	{"YYYYMMDDhhmmss", "YYYY-MM-DDThh:mm:ss", NULL},
	{"YYYYMMDDhhmm", "YYYY-MM-DDThh:mm", "this is no moment of the form YYYY-MM-DDTHH:MM[:SS]"},
};

static unsigned value_of(const char *text, const char *spelling, char letter)
{
	const char *first = strchr(spelling, letter);
	const char *last = strrchr(spelling, letter);
	return first ? part(text, (size_t)(first - spelling), (size_t)(last - first) + 1)
		     : (letter == 'D' || letter == 'M' || letter == 'Y');
}

/* Whether a text has this spelling and says a moment that exists. */
static bool is_spelt(const char *text, const char *spelling)
{
	static const char letters[] = "YMDhms";
	if (strlen(text) != strlen(spelling)) {
		return false;
	}
	for (size_t i = 0; text[i]; i++) {
		bool is_part = strchr(letters, spelling[i]) != NULL;
		if (is_part ? !isdigit((unsigned char)text[i]) : text[i] != spelling[i]) {
			return false;
		}
	}
	return is_date(value_of(text, spelling, 'Y'), value_of(text, spelling, 'M'),
		       value_of(text, spelling, 'D')) &&
		is_time(value_of(text, spelling, 'h'), value_of(text, spelling, 'm'),
			value_of(text, spelling, 's'));
}

static void respell(const char *text, const char *from, const char *to, char out[32])
{
	static const char letters[] = "YMDhms";
	size_t i = 0;
	for (; to[i]; i++) {
		bool is_part = strchr(letters, to[i]) != NULL;
		size_t nth = i - (size_t)(strchr(to, to[i]) - to);
		out[i] = is_part ? text[(size_t)(strchr(from, to[i]) - from) + nth] : to[i];
	}
	out[i] = '\0';
}

static rg_err decode_spelt(const struct naccs_leaf *leaf, const char *text,
	const struct spelling *spellings, size_t n, bool *ret_taken)
{
	char value[32];
	*ret_taken = false;
	for (size_t i = 0; i < n; i++) {
		if (is_digits(text, strlen(spellings[i].native)) &&
			is_spelt(text, spellings[i].native)) {
			respell(text, spellings[i].native, spellings[i].canonical, value);
			return naccs_leaf_set(leaf, "", value, strlen(value), ret_taken);
		}
	}
	return RG_OK;
}

static rg_err encode_spelt(const struct naccs_leaf *leaf, const struct spelling *spellings,
	size_t n, const char **ret_text)
{
	const char *text = NULL;
	char value[32];
	rg_err err = naccs_leaf_get(leaf, "", &text);
	*ret_text = NULL;
	for (size_t i = 0; !err && text && i < n; i++) {
		if (is_spelt(text, spellings[i].canonical)) {
			respell(text, spellings[i].canonical, spellings[i].native, value);
			*ret_text = pool_copy(leaf->work->pool, value, strlen(value));
			return *ret_text ? RG_OK : RG_E_NOMEM;
		}
	}
	return err || !text ? err : naccs_leaf_refuse(leaf, "", spellings[n - 1].what);
}

static rg_err decode_date(const struct naccs_leaf *leaf, const char *text, bool *ret_taken)
{
	return decode_spelt(leaf, text, &dates, 1, ret_taken);
}

static rg_err encode_date(const struct naccs_leaf *leaf, const char **ret_text)
{
	return encode_spelt(leaf, &dates, 1, ret_text);
}

const struct naccs_codec naccs_codec_date = {"date", "", decode_date, encode_date};

static rg_err decode_time(const struct naccs_leaf *leaf, const char *text, bool *ret_taken)
{
	return decode_spelt(leaf, text, &times, 1, ret_taken);
}

static rg_err encode_time(const struct naccs_leaf *leaf, const char **ret_text)
{
	return encode_spelt(leaf, &times, 1, ret_text);
}

const struct naccs_codec naccs_codec_time = {"time", "", decode_time, encode_time};

static rg_err decode_moment(const struct naccs_leaf *leaf, const char *text, bool *ret_taken)
{
	return decode_spelt(leaf, text, moments, 2, ret_taken);
}

static rg_err encode_moment(const struct naccs_leaf *leaf, const char **ret_text)
{
	return encode_spelt(leaf, moments, 2, ret_text);
}

const struct naccs_codec naccs_codec_moment = {"moment", "", decode_moment, encode_moment};
