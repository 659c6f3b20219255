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

/* Bytes of a national code that is kept as it is, at most. */
#define NATIONAL_MAX 40

/* Text */

static rg_err decode_text(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	text = xml_trim(text, &len);
	return xml_leaf_set(leaf, "", text, len, ret_taken);
}

static rg_err encode_suffix(const struct xml_leaf *leaf, const char *suffix, const char **ret_text)
{
	rg_err err = xml_leaf_get(leaf, suffix, ret_text);
	if (!err && *ret_text && !xml_is_text(*ret_text)) {
		*ret_text = NULL;
		err = xml_leaf_refuse(leaf, suffix,
			"the text contains a character that XML cannot hold");
	}
	return err;
}

static rg_err encode_text(const struct xml_leaf *leaf, const char **ret_text)
{
	return encode_suffix(leaf, "", ret_text);
}

const struct xml_codec xml_codec_text = {"text", decode_text, encode_text};

/* Codes */

/* CC: of the plug-in's own country; the length of it in *ret_len. */
static const char *own_mark(const struct xml_leaf *leaf, size_t *ret_len)
{
	const char *mark = pool_printf(leaf->work->pool, "%s:", leaf->work->call->country);
	*ret_len = mark ? strlen(mark) : 0;
	return mark;
}

/* A code that no list knows, marked with the country that states it. */
static rg_err set_national(const struct xml_leaf *leaf, const char *text, size_t len,
	bool *ret_taken)
{
	char code[NATIONAL_MAX + 8];
	const char *country = leaf->work->call->country;
	if (len == 0 || len > NATIONAL_MAX || !*country) {
		return RG_OK;
	}
	int code_len = snprintf(code, sizeof(code), "%.2s:%.*s", country, (int)len, text);
	return xml_leaf_set(leaf, "", code, (size_t)code_len, ret_taken);
}

static rg_err decode_code(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	text = xml_trim(text, &len);
	*ret_taken = false;
	const char *code = code_international(leaf->row->codes, text, len);
	if (code) {
		return xml_leaf_set(leaf, "", code, strlen(code), ret_taken);
	}
	return leaf->row->flags & XML_NATIONAL ? set_national(leaf, text, len, ret_taken) : RG_OK;
}

/* Reads the leaf; a code marked with our country is ours: *ret_own, else in *ret_code. */
static rg_err get_code(const struct xml_leaf *leaf, const char **ret_code, const char **ret_own)
{
	size_t len = 0;
	const char *mark = own_mark(leaf, &len);
	*ret_own = NULL;
	rg_err err = mark ? xml_leaf_get(leaf, "", ret_code) : RG_E_NOMEM;
	if (!err && *ret_code && len > 1 && strncmp(*ret_code, mark, len) == 0) {
		*ret_own = *ret_code + len;
		*ret_code = NULL;
	}
	return err;
}

static rg_err lose_code(const struct xml_leaf *leaf)
{
	return rg_call_lost(leaf->work->call, leaf->path,
		"the code has no counterpart in this format's code list");
}

/* A national code may stand for several of the list: what it does not say is told. */
static rg_err tell_coarse(const struct xml_leaf *leaf, const char *code, const char *native)
{
	const char *said = code_international(leaf->row->codes, native, strlen(native));
	const char *reason = pool_printf(leaf->work->pool,
		"this format's code list has only %s for it, which is read as %s", native,
		said ? said : "nothing");
	if (!reason) {
		return RG_E_NOMEM;
	}
	return said && strcmp(said, code) == 0 ? RG_OK
					       : rg_call_lost(leaf->work->call, leaf->path, reason);
}

static rg_err encode_code(const struct xml_leaf *leaf, const char **ret_text)
{
	const char *code = NULL;
	rg_err err = get_code(leaf, &code, ret_text);
	if (err || !code) {
		return err;
	}
	*ret_text = code_national(leaf->row->codes, code);
	return *ret_text ? tell_coarse(leaf, code, *ret_text) : lose_code(leaf);
}

const struct xml_codec xml_codec_code = {"code", decode_code, encode_code};

/* The list stands for itself: codes of it pass, others belong to the country. */
static rg_err decode_listed(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	text = xml_trim(text, &len);
	*ret_taken = false;
	return code_international(leaf->row->codes, text, len)
		? xml_leaf_set(leaf, "", text, len, ret_taken)
		: set_national(leaf, text, len, ret_taken);
}

static rg_err encode_listed(const struct xml_leaf *leaf, const char **ret_text)
{
	const char *code = NULL;
	rg_err err = get_code(leaf, &code, ret_text);
	if (err || !code) {
		return err;
	}
	if (code_international(leaf->row->codes, code, strlen(code))) {
		*ret_text = code;
	}
	return *ret_text ? RG_OK : lose_code(leaf);
}

const struct xml_codec xml_codec_listed = {"code", decode_listed, encode_listed};

static const struct code_pair booleans[] = {{"false", "false"}, {"true", "true"}};
static const struct code_pair flags_in[] = {{"0", "false"}, {"1", "true"}};
static const struct code_pair flags_out[] = {{"false", "0"}, {"true", "1"}};
static const struct code_table boolean_words = {booleans, 2, booleans, 2};
static const struct code_table flag_digits = {flags_in, 2, flags_out, 2};

static rg_err decode_by(const struct xml_leaf *leaf, const struct code_table *codes,
	const char *text, bool *ret_taken)
{
	size_t len = 0;
	text = xml_trim(text, &len);
	const char *word = code_international(codes, text, len);
	*ret_taken = false;
	return word ? xml_leaf_set(leaf, "", word, strlen(word), ret_taken) : RG_OK;
}

static rg_err encode_by(const struct xml_leaf *leaf, const struct code_table *codes,
	const char **ret_text)
{
	const char *canonical = NULL;
	rg_err err = xml_leaf_get(leaf, "", &canonical);
	*ret_text = !err && canonical ? code_national(codes, canonical) : NULL;
	return err;
}

static rg_err decode_boolean(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	return decode_by(leaf, &boolean_words, text, ret_taken);
}

static rg_err encode_boolean(const struct xml_leaf *leaf, const char **ret_text)
{
	return encode_by(leaf, &boolean_words, ret_text);
}

const struct xml_codec xml_codec_boolean = {"boolean", decode_boolean, encode_boolean};

static rg_err encode_containerised(const struct xml_leaf *leaf, const char **ret_text)
{
	size_t n = 0;
	rg_err err = encode_by(leaf, &boolean_words, ret_text);
	if (!err && !*ret_text && !leaf->work->is_own) {
		err = rg_doc_count(leaf->work->doc, "containers", &n);
		*ret_text = n > 0 ? "true" : "false";
	}
	return err;
}

const struct xml_codec xml_codec_containerised = {"boolean", decode_boolean, encode_containerised};

static rg_err decode_flag(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	return decode_by(leaf, &flag_digits, text, ret_taken);
}

static rg_err encode_flag(const struct xml_leaf *leaf, const char **ret_text)
{
	return encode_by(leaf, &flag_digits, ret_text);
}

const struct xml_codec xml_codec_flag = {"boolean", decode_flag, encode_flag};

static rg_err encode_direction(const struct xml_leaf *leaf, const char **ret_text)
{
	/* What one country exports, the next imports: from abroad the mark is ours, not theirs. */
	if (!leaf->work->is_own) {
		const char *theirs = NULL;
		rg_err err = xml_leaf_get(leaf, "", &theirs);
		*ret_text = code_national(leaf->row->codes,
			leaf->work->is_export ? "DIRECTION_EXPORT" : "DIRECTION_IMPORT");
		return err;
	}
	return encode_code(leaf, ret_text);
}

const struct xml_codec xml_codec_direction = {"direction", decode_code, encode_direction};

/* Parties and addresses */

static rg_err set_line(const struct xml_leaf *leaf, const char *list, size_t i, const char *line,
	size_t len, bool *ret_taken)
{
	const char *suffix = pool_printf(leaf->work->pool, "%s[%zu]", list, i);
	return suffix ? xml_leaf_set(leaf, suffix, line, len, ret_taken) : RG_E_NOMEM;
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
		const char *line = copy ? xml_trim(copy, &len) : NULL;
		if (!line) {
			return RG_E_NOMEM;
		}
		if (len > 0) {
			err = n == 0
				? xml_leaf_set(leaf, ".name", line, len, &is_taken)
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
	rg_err err = xml_leaf_path(leaf, list, &path);
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

/* The first line is the name: an address alone would be read as one. */
static rg_err lose_lines(const struct xml_leaf *leaf)
{
	size_t n = 0;
	const char *path = NULL;
	rg_err err = xml_leaf_path(leaf, ".address.lines", &path);
	if (!err) {
		err = rg_doc_count(leaf->work->doc, path, &n);
	}
	for (size_t i = 0; !err && i < n; i++) {
		const char *line = pool_printf(leaf->work->pool, "%s[%zu]", path, i);
		struct rg_bytes value = {NULL, 0};
		err = line ? rg_doc_get(leaf->work->doc, line, &value) : RG_E_NOMEM;
		if (!err && value.data) {
			err = rg_call_lost(leaf->work->call, line,
				"this element begins with the name, and there is none");
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
	if (err || !name) {
		return err ? err : lose_lines(leaf);
	}
	text_add_string(&text, name);
	err = join_lines(leaf, ".address.lines", "\n", &text);
	if (!err && text.len > 0) {
		*ret_text = text_string(&text);
	}
	return err ? err : (text.has_failed ? RG_E_NOMEM : RG_OK);
}

const struct xml_codec xml_codec_party = {"party", decode_party, encode_party};

static rg_err decode_address(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	text = xml_trim(text, &len);
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
	text = xml_trim(text, &len);
	size_t n_hs = len < 6 ? len : 6;
	rg_err err = xml_leaf_set(leaf, ".hs6", text, n_hs, ret_taken);
	if (!err && *ret_taken && len > n_hs) {
		err = xml_leaf_set(leaf, ".nationalCode", text + n_hs, len - n_hs, ret_taken);
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
	size_t n_lists = 0;
	const char *open = strstr(leaf->row->canonical, "[]");
	for (; open; open = strstr(open + 2, "[]")) {
		n_lists++;
	}
	if (!err && !*ret_text && leaf->work->is_fresh && n_lists > 0) {
		*ret_text = pool_printf(leaf->work->pool, "%zu", leaf->positions[n_lists - 1] + 1);
		err = *ret_text ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

const struct xml_codec xml_codec_ordinal = {"text", decode_text, encode_ordinal};

static rg_err encode_handover(const struct xml_leaf *leaf, const char **ret_text)
{
	struct xml_leaf handover = *leaf;
	handover.path = leaf->work->is_own ? leaf->path : "exchange.handover";
	return encode_suffix(&handover, "", ret_text);
}

const struct xml_codec xml_codec_handover = {"text", decode_text, encode_handover};

/* Transport mode: national codes of two digits begin with that of Rec 19 (31 is 3, road) */

static rg_err encode_mode(const struct xml_leaf *leaf, const char **ret_text)
{
	const char *mode = NULL;
	rg_err err = get_code(leaf, &mode, ret_text);
	if (err || !mode) {
		return err;
	}
	const char *digit = mode + strspn(mode, "0");
	const char first[] = {digit[0], '\0'};
	const char *native = code_national(leaf->row->codes, mode);
	*ret_text = native ? native : code_national(leaf->row->codes, first);
	return *ret_text ? RG_OK : lose_code(leaf);
}

const struct xml_codec xml_codec_mode = {"code", decode_code, encode_mode};

/* How a cost is stated: 1 rate, 2 unit price, 3 total */

static rg_err decode_mark(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	text = xml_trim(text, &len);
	return xml_leaf_set(leaf, ".basis", text, len, ret_taken);
}

static rg_err encode_mark(const struct xml_leaf *leaf, const char **ret_text)
{
	const char *amount = NULL;
	rg_err err = encode_suffix(leaf, ".basis", ret_text);
	if (!err && !*ret_text && !leaf->work->is_own) {
		err = xml_leaf_get(leaf, ".amount.unscaled", &amount);
	}
	*ret_text = amount ? "3" : *ret_text;
	return err;
}

const struct xml_codec xml_codec_mark = {"text", decode_mark, encode_mark};
