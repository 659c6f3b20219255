/*
 * Spellings of the e-commerce messages
 *
 * Threads: no state.
 */
#include "formats/cn-ceb/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/cn-ceb/message.h"

#define TARIFF_LEN 10
#define PLACES_MAX 5
#define COUNT_MAX  9
#define DIGITS_MAX 19

static rg_err lose(const struct xml_leaf *leaf, const char *suffix, const char *reason)
{
	const char *path = NULL;
	rg_err err = xml_leaf_path(leaf, suffix, &path);
	return err ? err : rg_call_lost(leaf->work->call, path, reason);
}

/* Moments: YYYY-MM-DDTHH:MM:SS, with .mmm where thousandths are stated */

static bool has_only(const char *text, size_t len, const char *allowed)
{
	return strspn(text, allowed) >= len;
}

static bool is_between(const char *text, size_t len, unsigned low, unsigned high)
{
	unsigned value = 0;
	for (size_t i = 0; i < len; i++) {
		value = value * 10 + (unsigned)(text[i] - '0');
	}
	return value >= low && value <= high;
}

/* Whether these are fourteen digits of a date and a time. */
static bool is_moment(const char *digits)
{
	return has_only(digits, 14, "0123456789") && is_between(digits + 4, 2, 1, 12) &&
		is_between(digits + 6, 2, 1, 31) && is_between(digits + 8, 2, 0, 23) &&
		is_between(digits + 10, 2, 0, 59) && is_between(digits + 12, 2, 0, 60);
}

static rg_err decode_any(const struct xml_leaf *leaf, const char *text, size_t n_digits,
	bool *ret_taken)
{
	char moment[32];
	size_t len = 0;
	text = xml_trim(text, &len);
	*ret_taken = false;
	if (len != n_digits || !has_only(text, len, "0123456789") || !is_moment(text)) {
		return RG_OK;
	}
	snprintf(moment, sizeof(moment), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s%s%.3s", text, text + 4,
		text + 6, text + 8, text + 10, text + 12, n_digits > 14 ? "." : "",
		n_digits > 14 ? text + 14 : "");
	return xml_leaf_set(leaf, "", moment, strlen(moment), ret_taken);
}

/* The digits of a canonical moment; false: it is none. */
static bool read_digits(const char *text, char digits[20])
{
	static const char shape[] = "0000-00-00T00:00:00.000";
	size_t n = 0;
	for (size_t i = 0; text[i]; i++) {
		bool is_digit = i < sizeof(shape) - 1 && shape[i] == '0';
		if (i >= sizeof(shape) - 1 ||
			(is_digit ? !has_only(text + i, 1, "0123456789") : text[i] != shape[i])) {
			return false;
		}
		if (is_digit) {
			digits[n++] = text[i];
		}
	}
	digits[n] = '\0';
	return (n == 14 || n == 17) && is_moment(digits);
}

static rg_err encode_any(const struct xml_leaf *leaf, size_t n_digits, const char **ret_text)
{
	char digits[20] = "";
	const char *text = NULL;
	*ret_text = NULL;
	rg_err err = xml_leaf_get(leaf, "", &text);
	if (err || !text) {
		return err;
	}
	if (strlen(text) > 23 || !read_digits(text, digits)) {
		return xml_leaf_refuse(leaf, "",
			"this is no moment of the form YYYY-MM-DDTHH:MM:SS");
	}
	*ret_text = pool_printf(leaf->work->pool, "%.*s%s", (int)n_digits, digits,
		n_digits > strlen(digits) ? "000" : "");
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

static rg_err decode_moment(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	return decode_any(leaf, text, 14, ret_taken);
}

static rg_err encode_moment(const struct xml_leaf *leaf, const char **ret_text)
{
	return encode_any(leaf, 14, ret_text);
}

static rg_err decode_instant(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	return decode_any(leaf, text, 17, ret_taken);
}

static rg_err encode_instant(const struct xml_leaf *leaf, const char **ret_text)
{
	return encode_any(leaf, 17, ret_text);
}

const struct xml_codec xml_codec_ceb_moment = {"moment", decode_moment, encode_moment};
const struct xml_codec xml_codec_ceb_instant = {"moment", decode_instant, encode_instant};

/* Numbers */

static rg_err decode_decimal(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	return xml_codec_decimal.decode(leaf, text, ret_taken);
}

/* Takes empty places away, and counts what is left behind the point. */
static const char *shorten(struct pool *pool, const char *text, size_t *ret_places)
{
	const char *point = strchr(text, '.');
	size_t len = strlen(text);
	*ret_places = 0;
	if (!point) {
		return text;
	}
	while (text[len - 1] == '0') {
		len--;
	}
	*ret_places = (size_t)(text + len - point - 1);
	return pool_copy(pool, text, *ret_places > 0 ? len : (size_t)(point - text));
}

static rg_err encode_number(const struct xml_leaf *leaf, size_t max_places, size_t max_digits,
	const char **ret_text)
{
	size_t places = 0;
	rg_err err = xml_codec_decimal.encode(leaf, ret_text);
	const char *text = *ret_text;
	if (err || !text || !leaf->work->is_fresh) {
		return err;
	}
	const char *point = strchr(text, '.');
	if (point && strlen(point + 1) > max_places) {
		text = shorten(leaf->work->pool, text, &places);
	}
	if (!text) {
		return RG_E_NOMEM;
	}
	*ret_text = text;
	if (places > max_places || strlen(text) > max_digits + (places > 0 ? 1 : 0)) {
		*ret_text = NULL;
		err = lose(leaf, ".unscaled", "the format has no room for so many digits");
	}
	return err;
}

static rg_err encode_decimal(const struct xml_leaf *leaf, const char **ret_text)
{
	return encode_number(leaf, PLACES_MAX, DIGITS_MAX, ret_text);
}

static rg_err encode_count(const struct xml_leaf *leaf, const char **ret_text)
{
	return encode_number(leaf, 0, COUNT_MAX, ret_text);
}

const struct xml_codec xml_codec_ceb_decimal = {"decimal", decode_decimal, encode_decimal};
const struct xml_codec xml_codec_ceb_count = {"decimal", decode_decimal, encode_count};

/* Where the currency of an amount may stand, first to last; [] is the item's position. */
static const char *const item_currencies[] = {"items[].priceCurrency",
	"items[].costs.invoice.currency", "costs.invoice.currency", NULL};

static rg_err read_currency(const struct xml_leaf *leaf, const char *path, const char **ret_text)
{
	struct xml_leaf currency = *leaf;
	currency.path = path;
	return path ? xml_leaf_get(&currency, "", ret_text) : RG_E_NOMEM;
}

static rg_err find_currency(const struct xml_leaf *leaf, const char **ret_text)
{
	struct pool *pool = leaf->work->pool;
	const char *amount = strstr(leaf->path, ".amount");
	rg_err err = RG_OK;
	*ret_text = NULL;
	if (strncmp(leaf->path, "items[", 6) != 0) {
		int len = amount ? (int)(amount - leaf->path) : 0;
		return read_currency(leaf, pool_printf(pool, "%.*s.currency", len, leaf->path),
			ret_text);
	}
	for (size_t i = 0; !err && !*ret_text && item_currencies[i]; i++) {
		err = read_currency(leaf, xml_rules_path(pool, item_currencies[i], leaf->positions),
			ret_text);
	}
	return err;
}

static rg_err encode_amount(const struct xml_leaf *leaf, const char **ret_text)
{
	const char *currency = NULL;
	rg_err err = encode_decimal(leaf, ret_text);
	if (err || !*ret_text || !leaf->work->is_fresh) {
		return err;
	}
	err = find_currency(leaf, &currency);
	bool is_yuan = currency ? strcmp(currency, "CNY") == 0 : leaf->work->is_own;
	if (err || is_yuan || strspn(*ret_text, "0.") == strlen(*ret_text)) {
		return err;
	}
	*ret_text = NULL;
	return lose(leaf, ".unscaled", "the format takes amounts in yuan; state it in yuan");
}

static rg_err decode_yuan(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	return xml_codec_code.decode(leaf, text, ret_taken);
}

static rg_err encode_yuan(const struct xml_leaf *leaf, const char **ret_text)
{
	const char *currency = NULL;
	*ret_text = NULL;
	rg_err err = leaf->work->is_fresh ? xml_leaf_get(leaf, "", &currency) : RG_OK;
	if (err || (currency && strcmp(currency, "CNY") != 0)) {
		return err ? err : lose(leaf, "", "the format takes amounts in yuan only");
	}
	return xml_codec_code.encode(leaf, ret_text);
}

const struct xml_codec xml_codec_ceb_amount = {"decimal", decode_decimal, encode_amount};
const struct xml_codec xml_codec_ceb_yuan = {"code", decode_yuan, encode_yuan};

/* Texts */

static rg_err decode_text(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	return xml_codec_text.decode(leaf, text, ret_taken);
}

/* Bytes of the first n characters. */
static size_t width_of(const char *text, size_t n)
{
	size_t i = 0;
	while (text[i] && n > 0) {
		i++;
		while (((unsigned char)text[i] & 0xc0) == 0x80) {
			i++;
		}
		n--;
	}
	return i;
}

static int limit_of(const struct xml_leaf *leaf)
{
	const struct ceb_message *message = (const void *)leaf->work->profile;
	return message->limits[leaf->row - message->profile.rows];
}

static rg_err encode_text(const struct xml_leaf *leaf, const char **ret_text)
{
	rg_err err = xml_codec_text.encode(leaf, ret_text);
	int limit = limit_of(leaf);
	if (err || !*ret_text || limit == 0 || !leaf->work->is_fresh) {
		return err;
	}
	size_t width = width_of(*ret_text, (size_t)abs(limit));
	if ((*ret_text)[width] == '\0') {
		return RG_OK;
	}
	*ret_text = pool_copy(leaf->work->pool, *ret_text, width);
	return *ret_text ? lose(leaf, "", "cut to the length that the format has room for")
			 : RG_E_NOMEM;
}

const struct xml_codec xml_codec_ceb_text = {"text", decode_text, encode_text};

/* A text that is longer than the row has room for, or not as long as it must be, is left out. */
static rg_err leave_out(const struct xml_leaf *leaf, const char **ret_text)
{
	int limit = limit_of(leaf);
	if (!*ret_text || limit == 0 || !leaf->work->is_fresh) {
		return RG_OK;
	}
	size_t width = width_of(*ret_text, (size_t)abs(limit));
	bool is_short = limit < 0 && width_of(*ret_text, (size_t)abs(limit) - 1) == width;
	if ((*ret_text)[width] == '\0' && !is_short) {
		return RG_OK;
	}
	*ret_text = NULL;
	return lose(leaf, "", "it is not as long as the format asks for");
}

static rg_err encode_code(const struct xml_leaf *leaf, const char **ret_text)
{
	rg_err err = xml_codec_text.encode(leaf, ret_text);
	return err ? err : leave_out(leaf, ret_text);
}

static rg_err encode_handover(const struct xml_leaf *leaf, const char **ret_text)
{
	rg_err err = xml_codec_handover.encode(leaf, ret_text);
	return err ? err : leave_out(leaf, ret_text);
}

const struct xml_codec xml_codec_ceb_code = {"text", decode_text, encode_code};
const struct xml_codec xml_codec_ceb_handover = {"text", decode_text, encode_handover};

static rg_err decode_tariff(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	return xml_codec_tariff.decode(leaf, text, ret_taken);
}

static rg_err encode_tariff(const struct xml_leaf *leaf, const char **ret_text)
{
	rg_err err = xml_codec_tariff.encode(leaf, ret_text);
	if (err || !*ret_text || !leaf->work->is_fresh || strlen(*ret_text) >= TARIFF_LEN) {
		return err;
	}
	*ret_text = pool_printf(leaf->work->pool, "%s%.*s", *ret_text,
		(int)(TARIFF_LEN - strlen(*ret_text)), "XXXXXXXXXX");
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

const struct xml_codec xml_codec_ceb_tariff = {"tariff", decode_tariff, encode_tariff};

static rg_err encode_ordinal(const struct xml_leaf *leaf, const char **ret_text)
{
	rg_err err = xml_codec_ordinal.encode(leaf, ret_text);
	if (err || leaf->work->is_own) {
		return err;
	}
	*ret_text = pool_printf(leaf->work->pool, "%zu", leaf->positions[0] + 1);
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

const struct xml_codec xml_codec_ceb_ordinal = {"text", decode_text, encode_ordinal};

/* Answers */

struct meaning {
	const char *suffix;
	const struct code_table *codes;
};

static const struct meaning meanings[] = {
	{".outcome", &code_cn_ceb_outcomes},
	{".decision", &code_cn_ceb_decisions},
};

#define N_MEANINGS (sizeof(meanings) / sizeof(meanings[0]))

/* What a code means in this respect; a number below 0 says that something is wrong. */
static const char *meaning_of(const struct meaning *meaning, const char *code, size_t len)
{
	bool is_fault = len > 1 && code[0] == '-' && has_only(code + 1, len - 1, "0123456789");
	if (is_fault) {
		return meaning == &meanings[0] ? "OUTCOME_REFUSED" : NULL;
	}
	return code_international(meaning->codes, code, len);
}

static rg_err note_unknown(const struct xml_leaf *leaf, const char *text)
{
	const char *said = pool_printf(leaf->work->pool,
		"the meaning of the answer code %.20s is not known; read the answer itself", text);
	struct rg_finding finding = {RG_FINDING_NOTE, "CODE", leaf->native, 0, 0, said};
	return said ? rg_call_finding(leaf->work->call, &finding) : RG_E_NOMEM;
}

/* Only the states of a message are known; those of tax bills and of summaries are not. */
static bool is_state(const struct xml_leaf *leaf)
{
	size_t len = strlen(leaf->row->native);
	static const char name[] = "/returnStatus";
	return len >= sizeof(name) - 1 &&
		strcmp(leaf->row->native + len - (sizeof(name) - 1), name) == 0;
}

static rg_err decode_state(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	bool has_meaning = false;
	text = xml_trim(text, &len);
	rg_err err = xml_leaf_set(leaf, ".channel", text, len, ret_taken);
	for (size_t i = 0; !err && *ret_taken && is_state(leaf) && i < N_MEANINGS; i++) {
		const char *word = meaning_of(&meanings[i], text, len);
		bool is_set = false;
		if (word) {
			has_meaning = true;
			err = xml_leaf_set(leaf, meanings[i].suffix, word, strlen(word), &is_set);
		}
	}
	return err || has_meaning || !*ret_taken ? err : note_unknown(leaf, text);
}

/* The code as stated; where its meaning was changed, the first code that has the new one. */
static rg_err encode_state(const struct xml_leaf *leaf, const char **ret_text)
{
	rg_err err = xml_leaf_get(leaf, ".channel", ret_text);
	const char *code = *ret_text;
	for (size_t i = 0; !err && i < N_MEANINGS; i++) {
		const char *word = NULL;
		err = xml_leaf_get(leaf, meanings[i].suffix, &word);
		const char *meant = code ? meaning_of(&meanings[i], code, strlen(code)) : NULL;
		const char *other = !err && word ? code_national(meanings[i].codes, word) : NULL;
		if (other && (!meant || strcmp(meant, word) != 0)) {
			*ret_text = other;
		}
	}
	return err;
}

const struct xml_codec xml_codec_ceb_state = {"code", decode_state, encode_state};
