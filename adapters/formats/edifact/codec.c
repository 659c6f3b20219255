/*
 * Codecs of texts, numbers and codes
 *
 * Threads: no state.
 */
#include "formats/edifact/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "0123456789";

static bool has_only(const char *text, const char *set)
{
	return *text && text[strspn(text, set)] == '\0';
}

/* Leaves */

static rg_err leaf_path(const struct edi_leaf *leaf, const char *suffix, const char **ret_path)
{
	*ret_path = pool_printf(leaf->work->pool, "%s%s", leaf->path, suffix);
	return *ret_path ? RG_OK : RG_E_NOMEM;
}

rg_err edi_leaf_get(const struct edi_leaf *leaf, const char *suffix, const char **ret_text)
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

/* Writes a leaf, be it there or not: the scale of a number is there with its digits. */
static rg_err put(const struct edi_leaf *leaf, const char *suffix, struct rg_bytes value,
	bool *ret_taken)
{
	const char *path = NULL;
	struct rg_source source = {leaf->natives, leaf->n_natives, leaf->row->codec->type};
	rg_err err = leaf_path(leaf, suffix, &path);
	return err ? err : rg_doc_set(leaf->work->doc, path, value, &source, ret_taken);
}

rg_err edi_leaf_set(const struct edi_leaf *leaf, const char *suffix, const char *text, size_t len,
	bool *ret_taken)
{
	const char *before = NULL;
	*ret_taken = false;
	rg_err err = edi_leaf_get(leaf, suffix, &before);
	return err || before
		? err
		: put(leaf, suffix, (struct rg_bytes){(const uint8_t *)text, len}, ret_taken);
}

rg_err edi_leaf_lose(const struct edi_leaf *leaf, const char *reason)
{
	const char *path = NULL;
	rg_err err = reason ? leaf_path(leaf, leaf->row->codec->suffix, &path) : RG_E_NOMEM;
	return err ? err : rg_call_lost(leaf->work->call, path, reason);
}

rg_err edi_leaf_refuse(const struct edi_leaf *leaf, const char *text)
{
	const char *path = NULL;
	rg_err err = leaf_path(leaf, leaf->row->codec->suffix, &path);
	struct rg_finding finding = {RG_FINDING_ERROR, "VALUE", path, 0, 0, text};
	return err ? err : rg_call_finding(leaf->work->call, &finding);
}

/* A leaf elsewhere in the document, from the same value. */
static struct edi_leaf aside(const struct edi_leaf *leaf, const char *path)
{
	struct edi_leaf other = *leaf;
	other.path = path;
	return other;
}

/* Text */

static rg_err decode_text(const struct edi_leaf *leaf, const char *text, bool *ret_taken)
{
	return edi_leaf_set(leaf, "", text, strlen(text), ret_taken);
}

static rg_err encode_text(const struct edi_leaf *leaf, const char **ret_text)
{
	return edi_leaf_get(leaf, "", ret_text);
}

const struct edi_codec edi_codec_text = {"text", "", decode_text, encode_text, NULL};

/* Components: a full one goes on in the next, whatever stands between shorter ones */

size_t edi_width(const char *text, size_t n)
{
	size_t i = 0;
	for (; text[i]; i++) {
		bool is_first = ((unsigned char)text[i] & 0xc0) != 0x80;
		if (is_first && n-- == 0) {
			break;
		}
	}
	return i;
}

/* Characters that a component holds; where no directory says so: as many as in a name. */
static size_t room_of(const struct edi_leaf *leaf)
{
	return leaf->part && leaf->part->max ? leaf->part->max : 35;
}

static bool is_full(const char *part, size_t len, size_t room)
{
	return len > 0 && edi_width(part, room) >= len && edi_width(part, room - 1) < len;
}

/* The components as one text, with `mark` between those that end before they are full. */
static rg_err join_parts(const struct edi_leaf *leaf, const char *text, char mark,
	const char **ret_text)
{
	struct text joined;
	text_init(&joined, leaf->work->pool);
	while (text) {
		size_t len = strcspn(text, "\n");
		bool is_last = text[len] == '\0';
		text_add(&joined, text, len);
		text_add(&joined, &mark, is_last || is_full(text, len, room_of(leaf)) ? 0 : 1);
		text = is_last ? NULL : text + len + 1;
	}
	*ret_text = text_string(&joined);
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

/* Lines: each as many components as it needs; what is left stands in the last. */
static rg_err chop(const struct edi_leaf *leaf, const char *from, const char **ret_text)
{
	size_t room = room_of(leaf);
	struct text text;
	text_init(&text, leaf->work->pool);
	for (unsigned n = 1; from; n++) {
		size_t line = strcspn(from, "\n");
		size_t width = edi_width(from, room);
		size_t len = n >= leaf->row->n_components ? strlen(from)
			: line < width                    ? line
							  : width;
		text_add(&text, from, len);
		bool is_end = from[len] == '\0';
		/* Behind a full component an empty one says that the line ends there. */
		bool is_line_end = from[len] == '\n' && !is_full(from, len, room);
		text_add_string(&text, is_end ? "" : "\n");
		from = is_end ? NULL : from + len + (is_line_end ? 1 : 0);
	}
	*ret_text = text_string(&text);
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

static rg_err decode_lines(const struct edi_leaf *leaf, const char *text, bool *ret_taken)
{
	const char *lines = NULL;
	rg_err err = join_parts(leaf, text, '\n', &lines);
	return err ? err : decode_text(leaf, lines, ret_taken);
}

static rg_err encode_lines(const struct edi_leaf *leaf, const char **ret_text)
{
	rg_err err = encode_text(leaf, ret_text);
	return err || !*ret_text ? err : chop(leaf, *ret_text, ret_text);
}

static rg_err usual_lines(const struct edi_leaf *leaf, const char *text, const char **ret_text)
{
	const char *lines = NULL;
	rg_err err = join_parts(leaf, text, '\n', &lines);
	return err ? err : chop(leaf, lines, ret_text);
}

const struct edi_codec edi_codec_lines = {"lines", "", decode_lines, encode_lines, usual_lines};

/* Words: a component ends with a word where it can; the space behind it is not written. */
static rg_err flow(const struct edi_leaf *leaf, const char *from, const char **ret_text)
{
	size_t room = room_of(leaf);
	struct text text;
	text_init(&text, leaf->work->pool);
	for (unsigned i = 0; *from; i++) {
		bool is_last = i + 1 >= leaf->row->n_components;
		size_t width = is_last ? strlen(from) : edi_width(from, room);
		size_t len = width;
		while (from[width] && len > 0 && from[len] != ' ') {
			len--;
		}
		len = len > 0 ? len : width;
		text_add_string(&text, i ? "\n" : "");
		text_add(&text, from, len);
		from += len < width ? len + 1 : len;
	}
	*ret_text = text_string(&text);
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

static char *without_lines(struct pool *pool, const char *text)
{
	char *copy = pool_copy(pool, text, strlen(text));
	for (char *at = copy; at && *at; at++) {
		*at = *at == '\n' ? ' ' : *at;
	}
	return copy;
}

static rg_err decode_words(const struct edi_leaf *leaf, const char *text, bool *ret_taken)
{
	const char *words = NULL;
	rg_err err = join_parts(leaf, text, ' ', &words);
	return err ? err : decode_text(leaf, words, ret_taken);
}

static rg_err encode_words(const struct edi_leaf *leaf, const char **ret_text)
{
	rg_err err = encode_text(leaf, ret_text);
	const char *words = *ret_text ? without_lines(leaf->work->pool, *ret_text) : NULL;
	if (err || !*ret_text) {
		return err;
	}
	return words ? flow(leaf, words, ret_text) : RG_E_NOMEM;
}

static rg_err usual_words(const struct edi_leaf *leaf, const char *text, const char **ret_text)
{
	const char *words = NULL;
	rg_err err = join_parts(leaf, text, ' ', &words);
	return err ? err : flow(leaf, words, ret_text);
}

const struct edi_codec edi_codec_words = {"words", "", decode_words, encode_words, usual_words};

/* Numbers */

#define MAX_DIGITS 18

struct number {
	char digits[MAX_DIGITS + 2]; /* with its sign */
	unsigned scale;
};

/* Reads [+-]digits[.,]digits; false: no such number, or too long. */
static bool parse_number(const char *text, struct number *number)
{
	size_t n = 0;
	bool has_mark = false;
	bool has_digit = false;
	number->scale = 0;
	if (*text == '-') {
		number->digits[n++] = '-';
	}
	text += *text == '-' || *text == '+' ? 1 : 0;
	size_t first = n;
	for (; *text; text++) {
		bool is_mark = !has_mark && (*text == '.' || *text == ',');
		if (!is_mark && (*text < '0' || *text > '9')) {
			return false;
		}
		has_mark = has_mark || is_mark;
		has_digit = has_digit || !is_mark;
		bool is_idle = n == first && *text == '0';
		if (!is_mark && !is_idle) {
			if (n >= first + MAX_DIGITS) {
				return false;
			}
			number->digits[n++] = *text;
		}
		number->scale += has_mark && !is_mark ? 1 : 0;
	}
	if (n == first) {
		n = 0;
		number->digits[n++] = '0';
	}
	number->digits[n] = '\0';
	return has_digit && number->scale <= MAX_DIGITS;
}

static rg_err print_number(const struct edi_leaf *leaf, const char *unscaled, unsigned long scale,
	const char **ret_text)
{
	bool is_negative = *unscaled == '-';
	const char *first = unscaled + (is_negative ? 1 : 0);
	size_t len = strlen(first);
	size_t n_zeroes = len <= scale ? scale + 1 - len : 0;
	const char *all = pool_printf(leaf->work->pool, "%.*s%s", (int)n_zeroes,
		"0000000000000000000", first);
	size_t whole = all ? strlen(all) - scale : 0;
	char mark = leaf->work->service.decimal == ',' ? ',' : '.';
	*ret_text = all ? pool_printf(leaf->work->pool, "%s%.*s%.*s%s", is_negative ? "-" : "",
				  (int)whole, all, scale > 0 ? 1 : 0, &mark, all + whole)
			: NULL;
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

static rg_err decode_decimal(const struct edi_leaf *leaf, const char *text, bool *ret_taken)
{
	struct number number;
	char scale[24];
	*ret_taken = false;
	if (!parse_number(text, &number)) {
		return RG_OK;
	}
	rg_err err =
		edi_leaf_set(leaf, ".unscaled", number.digits, strlen(number.digits), ret_taken);
	snprintf(scale, sizeof(scale), "%u", number.scale);
	bool is_taken = false;
	struct rg_bytes places = {(const uint8_t *)scale, strlen(scale)};
	return err || !*ret_taken ? err : put(leaf, ".scale", places, &is_taken);
}

static rg_err encode_decimal(const struct edi_leaf *leaf, const char **ret_text)
{
	const char *unscaled = NULL;
	const char *scale = NULL;
	*ret_text = NULL;
	rg_err err = edi_leaf_get(leaf, ".unscaled", &unscaled);
	if (!err) {
		err = edi_leaf_get(leaf, ".scale", &scale);
	}
	if (err || !unscaled) {
		return err;
	}
	unsigned long places = scale ? strtoul(scale, NULL, 10) : 0;
	return places > MAX_DIGITS ? edi_leaf_refuse(leaf, "a number has at most 18 places")
				   : print_number(leaf, unscaled, places, ret_text);
}

static rg_err usual_decimal(const struct edi_leaf *leaf, const char *text, const char **ret_text)
{
	struct number number;
	*ret_text = text;
	return parse_number(text, &number)
		? print_number(leaf, number.digits, number.scale, ret_text)
		: RG_OK;
}

const struct edi_codec edi_codec_decimal = {"decimal", ".unscaled", decode_decimal, encode_decimal,
	usual_decimal};

/* Tariff code: the first six digits are international, the rest is national law */

static rg_err decode_tariff(const struct edi_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = strlen(text);
	size_t n_hs = len < 6 ? len : 6;
	*ret_taken = false;
	if (!has_only(text, digits)) {
		return RG_OK;
	}
	rg_err err = edi_leaf_set(leaf, ".hs6", text, n_hs, ret_taken);
	if (!err && *ret_taken && len > n_hs) {
		err = edi_leaf_set(leaf, ".nationalCode", text + n_hs, len - n_hs, ret_taken);
	}
	return err;
}

static rg_err encode_tariff(const struct edi_leaf *leaf, const char **ret_text)
{
	const char *hs6 = NULL;
	const char *national = NULL;
	*ret_text = NULL;
	rg_err err = edi_leaf_get(leaf, ".hs6", &hs6);
	if (!err && leaf->work->has_law) {
		err = edi_leaf_get(leaf, ".nationalCode", &national);
	}
	if (err || (!hs6 && !national)) {
		return err;
	}
	*ret_text = pool_printf(leaf->work->pool, "%s%s", hs6 ? hs6 : "", national ? national : "");
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

const struct edi_codec edi_codec_tariff = {"tariff", ".hs6", decode_tariff, encode_tariff, NULL};

/* Codes */

static rg_err encode_locode(const struct edi_leaf *leaf, const char **ret_text)
{
	static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	rg_err err = encode_text(leaf, ret_text);
	const char *text = *ret_text;
	if (err || !text || !leaf->work->is_fresh) {
		return err;
	}
	bool is_locode = strlen(text) == 5 && strspn(text, capitals) >= 2 &&
		has_only(text + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZ23456789");
	if (!is_locode) {
		*ret_text = NULL;
		err = edi_leaf_lose(leaf, "a code of another list than UN/LOCODE");
	}
	return err;
}

const struct edi_codec edi_codec_locode = {"text", "", decode_text, encode_locode, NULL};

static rg_err encode_mode(const struct edi_leaf *leaf, const char **ret_text)
{
	rg_err err = encode_text(leaf, ret_text);
	const char *mode = *ret_text;
	if (err || !mode || !leaf->work->is_fresh) {
		return err;
	}
	mode += strspn(mode, "0");
	*ret_text = *mode >= '1' && *mode <= '9' ? pool_copy(leaf->work->pool, mode, 1) : NULL;
	return *ret_text
		? RG_OK
		: edi_leaf_lose(leaf, "no digit of UN/ECE Recommendation 19 stands for it");
}

const struct edi_codec edi_codec_mode = {"text", "", decode_text, encode_mode, NULL};

static rg_err encode_ordinal(const struct edi_leaf *leaf, const char **ret_text)
{
	rg_err err = encode_text(leaf, ret_text);
	if (!err && !*ret_text && leaf->work->is_fresh) {
		*ret_text = pool_printf(leaf->work->pool, "%zu", leaf->position + 1);
		err = *ret_text ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

const struct edi_codec edi_codec_ordinal = {"text", "", decode_text, encode_ordinal, NULL};

static const struct {
	const char *code, *direction;
} documents[] = {
	{"830", "DIRECTION_EXPORT"},
	{"929", "DIRECTION_IMPORT"},
	{"950", "DIRECTION_TRANSIT"},
};

#define N_DOCUMENTS (sizeof(documents) / sizeof(documents[0]))

static rg_err decode_document(const struct edi_leaf *leaf, const char *text, bool *ret_taken)
{
	struct edi_leaf code = aside(leaf, "exchange.documentCode");
	for (size_t i = 0; i < N_DOCUMENTS; i++) {
		if (strcmp(documents[i].code, text) == 0) {
			return decode_text(leaf, documents[i].direction, ret_taken);
		}
	}
	return decode_text(&code, text, ret_taken);
}

static rg_err encode_document(const struct edi_leaf *leaf, const char **ret_text)
{
	struct edi_leaf code = aside(leaf, "exchange.documentCode");
	rg_err err = encode_text(&code, ret_text);
	const char *direction = NULL;
	if (err || *ret_text) {
		return err;
	}
	err = encode_text(leaf, &direction);
	for (size_t i = 0; direction && i < N_DOCUMENTS; i++) {
		if (strcmp(documents[i].direction, direction) == 0) {
			*ret_text = documents[i].code;
		}
	}
	return err;
}

const struct edi_codec edi_codec_document = {"document", "", decode_document, encode_document,
	NULL};

static rg_err encode_handover(const struct edi_leaf *leaf, const char **ret_text)
{
	struct edi_leaf name = aside(leaf, "exchange.handover");
	rg_err err = leaf->work->is_fresh ? encode_text(&name, ret_text) : RG_OK;
	*ret_text = leaf->work->is_fresh ? *ret_text : NULL;
	return err || *ret_text ? err : encode_text(leaf, ret_text);
}

const struct edi_codec edi_codec_handover = {"text", "", decode_text, encode_handover, NULL};

static rg_err encode_message(const struct edi_leaf *leaf, const char **ret_text)
{
	const char *stated = NULL;
	rg_err err = leaf->work->is_fresh ? RG_OK : encode_text(leaf, &stated);
	*ret_text = leaf->work->message->name;
	return err;
}

const struct edi_codec edi_codec_message = {"message", "", decode_text, encode_message, NULL};
