/*
 * Codecs of texts and codes
 *
 * Threads: no state.
 */
#include "formats/naccs/codec.h"

#include <stdio.h>
#include <string.h>

static bool has_only(const char *text, const char *set)
{
	return *text && text[strspn(text, set)] == '\0';
}

static const char digits[] = "0123456789";

/* Leaves */

static rg_err leaf_path(const struct naccs_leaf *leaf, const char *suffix, const char **ret_path)
{
	*ret_path = pool_printf(leaf->work->pool, "%s%s", leaf->path, suffix);
	return *ret_path ? RG_OK : RG_E_NOMEM;
}

rg_err naccs_leaf_get(const struct naccs_leaf *leaf, const char *suffix, const char **ret_text)
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

rg_err naccs_leaf_set(const struct naccs_leaf *leaf, const char *suffix, const char *text,
	size_t len, bool *ret_taken)
{
	const char *path = NULL;
	const char *before = NULL;
	struct rg_source source = {&leaf->place->native, 1, leaf->place->row->codec->type};
	*ret_taken = false;
	rg_err err = naccs_leaf_get(leaf, suffix, &before);
	if (!err && !before) {
		err = leaf_path(leaf, suffix, &path);
	}
	if (err || before) {
		return err;
	}
	return rg_doc_set(leaf->work->doc, path, (struct rg_bytes){(const uint8_t *)text, len},
		&source, ret_taken);
}

rg_err naccs_leaf_lose(const struct naccs_leaf *leaf, const char *suffix, const char *reason)
{
	const char *path = NULL;
	rg_err err = leaf_path(leaf, suffix, &path);
	/* The common part is the same in each of several messages: told once. */
	bool is_told = !err && leaf->work->part > 0 && strncmp(path, "items[", 6) != 0;
	return err || is_told ? err : rg_call_lost(leaf->work->call, path, reason);
}

rg_err naccs_leaf_refuse(const struct naccs_leaf *leaf, const char *suffix, const char *text)
{
	const char *path = NULL;
	rg_err err = leaf_path(leaf, suffix, &path);
	struct rg_finding finding = {RG_FINDING_ERROR, "VALUE", path, 0, 0, text};
	return err ? err : rg_call_finding(leaf->work->call, &finding);
}

/* Text */

static rg_err decode_text(const struct naccs_leaf *leaf, const char *text, bool *ret_taken)
{
	return naccs_leaf_set(leaf, "", text, strlen(text), ret_taken);
}

static rg_err encode_text(const struct naccs_leaf *leaf, const char **ret_text)
{
	return naccs_leaf_get(leaf, "", ret_text);
}

const struct naccs_codec naccs_codec_text = {"text", "", decode_text, encode_text};

static rg_err decode_digits(const struct naccs_leaf *leaf, const char *text, bool *ret_taken)
{
	*ret_taken = false;
	return has_only(text, digits) ? decode_text(leaf, text, ret_taken) : RG_OK;
}

const struct naccs_codec naccs_codec_digits = {"digits", "", decode_digits, encode_text};

/* Codes */

static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static rg_err decode_country(const struct naccs_leaf *leaf, const char *text, bool *ret_taken)
{
	*ret_taken = false;
	return strlen(text) == 2 && has_only(text, capitals) ? decode_text(leaf, text, ret_taken)
							     : RG_OK;
}

const struct naccs_codec naccs_codec_country = {"country", "", decode_country, encode_text};

static rg_err encode_locode(const struct naccs_leaf *leaf, const char **ret_text)
{
	rg_err err = encode_text(leaf, ret_text);
	const char *text = *ret_text;
	if (err || !text || leaf->work->is_own) {
		return err;
	}
	bool is_locode = strlen(text) == 5 && strspn(text, capitals) >= 2 &&
		has_only(text + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZ23456789");
	if (!is_locode) {
		*ret_text = NULL;
		err = naccs_leaf_lose(leaf, "", "a code of another list than UN/LOCODE");
	}
	return err;
}

const struct naccs_codec naccs_codec_locode = {"text", "", decode_text, encode_locode};

/* Native mode, canonical mode; the first digit of the latter is that of UN/ECE Rec 19. */
static const struct {
	const char *native, *canonical;
} modes[] = {
	{"1", "4"},  /* air */
	{"2", "1"},  /* sea, in containers */
	{"3", "10"}, /* sea, otherwise */
	{"4", "3"},  /* road */
	{"5", "2"},  /* rail */
	{"6", "8"},  /* inland water */
	{"9", "9"},  /* other */
};

#define N_MODES (sizeof(modes) / sizeof(modes[0]))

static const char *native_mode(const char *canonical)
{
	for (size_t i = 0; i < N_MODES; i++) {
		if (strcmp(modes[i].canonical, canonical) == 0) {
			return modes[i].native;
		}
	}
	return NULL;
}

static rg_err decode_mode(const struct naccs_leaf *leaf, const char *text, bool *ret_taken)
{
	*ret_taken = false;
	for (size_t i = 0; i < N_MODES; i++) {
		if (strcmp(modes[i].native, text) == 0) {
			return decode_text(leaf, modes[i].canonical, ret_taken);
		}
	}
	return RG_OK;
}

/* Sea from abroad is in containers where the document lists some. */
static rg_err sea_mode(const struct naccs_leaf *leaf, const char **ret_text)
{
	size_t n = 0;
	rg_err err = rg_doc_count(leaf->work->doc, "containers", &n);
	*ret_text = n > 0 ? "2" : "3";
	return err;
}

static rg_err encode_mode(const struct naccs_leaf *leaf, const char **ret_text)
{
	const char *mode = NULL;
	rg_err err = encode_text(leaf, &mode);
	*ret_text = NULL;
	if (err || !mode) {
		return err;
	}
	if (leaf->work->is_own && native_mode(mode)) {
		*ret_text = native_mode(mode);
		return RG_OK;
	}
	mode += strspn(mode, "0");
	char first[] = {mode[0], '\0'};
	if (first[0] == '1') {
		return sea_mode(leaf, ret_text);
	}
	*ret_text = native_mode(first);
	return *ret_text ? RG_OK
			 : naccs_leaf_lose(leaf, "",
				   "the mode has no counterpart in this format's code list");
}

const struct naccs_codec naccs_codec_mode = {"code", "", decode_mode, encode_mode};

/* Tariff code: the first six digits are international, the rest is national law */

static rg_err decode_tariff(const struct naccs_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = strlen(text);
	size_t n_hs = len < 6 ? len : 6;
	*ret_taken = false;
	if (!has_only(text, digits)) {
		return RG_OK;
	}
	rg_err err = naccs_leaf_set(leaf, ".hs6", text, n_hs, ret_taken);
	if (!err && *ret_taken && len > n_hs) {
		err = naccs_leaf_set(leaf, ".nationalCode", text + n_hs, len - n_hs, ret_taken);
	}
	return err;
}

static rg_err encode_tariff(const struct naccs_leaf *leaf, const char **ret_text)
{
	const char *hs6 = NULL;
	const char *national = NULL;
	*ret_text = NULL;
	rg_err err = naccs_leaf_get(leaf, ".hs6", &hs6);
	if (!err && leaf->work->is_own) {
		err = naccs_leaf_get(leaf, ".nationalCode", &national);
	}
	if (err || (!hs6 && !national)) {
		return err;
	}
	*ret_text = pool_printf(leaf->work->pool, "%s%s", hs6 ? hs6 : "", national ? national : "");
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

const struct naccs_codec naccs_codec_tariff = {"tariff", ".hs6", decode_tariff, encode_tariff};

/* Addresses */

#define STREET_BYTES 35

/* All lines as one text; NULL where there are none. */
static rg_err join_lines(const struct naccs_leaf *leaf, const char **ret_text)
{
	char suffix[32];
	size_t n = 0;
	struct text text;
	text_init(&text, leaf->work->pool);
	const char *path = pool_printf(leaf->work->pool, "%s.lines", leaf->path);
	rg_err err = path ? rg_doc_count(leaf->work->doc, path, &n) : RG_E_NOMEM;
	for (size_t i = 0; !err && i < n; i++) {
		const char *line = NULL;
		snprintf(suffix, sizeof(suffix), ".lines[%zu]", i);
		err = naccs_leaf_get(leaf, suffix, &line);
		text_add_string(&text, line && text.len > 0 ? ", " : "");
		text_add_string(&text, line ? line : "");
	}
	*ret_text = text.len > 0 ? text_string(&text) : NULL;
	return err ? err : (text.has_failed ? RG_E_NOMEM : RG_OK);
}

static rg_err decode_address(const struct naccs_leaf *leaf, const char *text, bool *ret_taken)
{
	return naccs_leaf_set(leaf, ".lines[0]", text, strlen(text), ret_taken);
}

const struct naccs_codec naccs_codec_address = {"address", ".lines[0]", decode_address, join_lines};

/* Where a line of at most STREET_BYTES ends: behind a word where there is one. */
static size_t line_end(const char *text)
{
	size_t len = strlen(text);
	size_t end = STREET_BYTES;
	if (len <= STREET_BYTES) {
		return len;
	}
	while (end > 0 && text[end] != ' ') {
		end--;
	}
	end = end > 0 ? end : STREET_BYTES;
	while (((unsigned char)text[end] & 0xc0) == 0x80) {
		end--;
	}
	return end;
}

/* From abroad the whole address flows over the three lines; the last takes what is left. */
static rg_err flow(const struct naccs_leaf *leaf, unsigned index, const char **ret_text)
{
	const char *text = NULL;
	rg_err err = join_lines(leaf, &text);
	for (unsigned i = 0; text && i < index; i++) {
		text += line_end(text);
		text += strspn(text, " ");
	}
	*ret_text = NULL;
	if (err || !text || !*text) {
		return err;
	}
	*ret_text = index == 2 ? text : pool_copy(leaf->work->pool, text, line_end(text));
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

static rg_err encode_street(const struct naccs_leaf *leaf, unsigned index, const char **ret_text)
{
	static const char *const suffixes[] = {".lines[0]", ".lines[1]", ".lines[2]"};
	return leaf->work->is_own ? naccs_leaf_get(leaf, suffixes[index], ret_text)
				  : flow(leaf, index, ret_text);
}

static rg_err encode_street1(const struct naccs_leaf *leaf, const char **ret_text)
{
	return encode_street(leaf, 0, ret_text);
}

static rg_err encode_street2(const struct naccs_leaf *leaf, const char **ret_text)
{
	return encode_street(leaf, 1, ret_text);
}

static rg_err encode_street3(const struct naccs_leaf *leaf, const char **ret_text)
{
	return encode_street(leaf, 2, ret_text);
}

static rg_err decode_street2(const struct naccs_leaf *leaf, const char *text, bool *ret_taken)
{
	return naccs_leaf_set(leaf, ".lines[1]", text, strlen(text), ret_taken);
}

static rg_err decode_street3(const struct naccs_leaf *leaf, const char *text, bool *ret_taken)
{
	return naccs_leaf_set(leaf, ".lines[2]", text, strlen(text), ret_taken);
}

const struct naccs_codec naccs_codec_street1 = {"text", ".lines[0]", decode_address,
	encode_street1};
const struct naccs_codec naccs_codec_street2 = {"text", ".lines[0]", decode_street2,
	encode_street2};
const struct naccs_codec naccs_codec_street3 = {"text", ".lines[0]", decode_street3,
	encode_street3};

/* Which message, and which of several */

static rg_err encode_message(const struct naccs_leaf *leaf, const char **ret_text)
{
	*ret_text = leaf->work->code;
	return *ret_text ? RG_OK : encode_text(leaf, ret_text);
}

const struct naccs_codec naccs_codec_message = {"message", "", decode_text, encode_message};

static rg_err encode_correlation(const struct naccs_leaf *leaf, const char **ret_text)
{
	struct naccs_leaf handover = *leaf;
	handover.path = leaf->work->is_own ? leaf->path : "exchange.handover";
	return encode_text(&handover, ret_text);
}

const struct naccs_codec naccs_codec_correlation = {"text", "", decode_text, encode_correlation};

/* What a channel means: general knowledge, not the source's. */
static const struct {
	char first;
	const char *decision;
} channels[] = {
	{'1', "DECISION_STATUS_ACCEPTED"},           /* green */
	{'2', "DECISION_STATUS_DOCUMENTS_REQUIRED"}, /* yellow */
	{'3', "DECISION_STATUS_INSPECT"},            /* red */
};

static rg_err set_answer(const struct naccs_leaf *leaf, const char *path, const char *value)
{
	struct rg_source source = {&leaf->place->native, 1, leaf->place->row->codec->type};
	bool is_taken = false;
	return rg_doc_set(leaf->work->doc, path,
		(struct rg_bytes){(const uint8_t *)value, strlen(value)}, &source, &is_taken);
}

static rg_err decode_channel(const struct naccs_leaf *leaf, const char *text, bool *ret_taken)
{
	rg_err err = decode_text(leaf, text, ret_taken);
	bool decides = *ret_taken && leaf->work->message &&
		leaf->work->message->decision == naccs_by_channel;
	for (size_t i = 0; !err && decides && i < sizeof(channels) / sizeof(channels[0]); i++) {
		if (channels[i].first == text[0]) {
			err = set_answer(leaf, "answer.decision", channels[i].decision);
		}
	}
	return err;
}

const struct naccs_codec naccs_codec_channel = {"channel", "", decode_channel, encode_text};

static rg_err encode_division(const struct naccs_leaf *leaf, const char **ret_text)
{
	const struct naccs_work *work = leaf->work;
	const char *member = strrchr(leaf->path, '.');
	if (work->n_parts < 2) {
		return encode_text(leaf, ret_text);
	}
	bool is_first = strcmp(member, ".first") == 0;
	size_t number = strcmp(member, ".branch") == 0 ? work->part + 1 : work->n_parts;
	const char *first = work->part == 0 ? "F" : NULL;
	*ret_text = is_first ? first : pool_printf(work->pool, "%zu", number);
	return *ret_text || is_first ? RG_OK : RG_E_NOMEM;
}

const struct naccs_codec naccs_codec_division = {"text", "", decode_text, encode_division};

/* Codes of a result: five times 15 bytes, 5-4-4 */

#define N_RESULTS    5
#define RESULT_BYTES 15

static const struct {
	const char *member;
	size_t offset;
	size_t len;
} result_parts[] = {{"code", 0, 5}, {"element", 6, 4}, {"position", 11, 4}};

static bool is_result(const char *slot)
{
	bool is_shaped = slot[5] == '-' && slot[10] == '-' && strspn(slot, " ") < 5;
	return is_shaped || strspn(slot, " ") >= RESULT_BYTES;
}

static rg_err set_result(const struct naccs_leaf *leaf, size_t index, const char *slot)
{
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < 3; i++) {
		const char *part = slot + result_parts[i].offset;
		size_t len = result_parts[i].len;
		char suffix[48];
		bool is_taken = false;
		while (len > 0 && part[len - 1] == ' ') {
			len--;
		}
		snprintf(suffix, sizeof(suffix), "[%zu].%s", index, result_parts[i].member);
		err = len > 0 ? naccs_leaf_set(leaf, suffix, part, len, &is_taken) : RG_OK;
	}
	return err;
}

/* 00000 is success; codes that begin with S and E were seen as faults, and others were not. */
static rg_err set_outcome(const struct naccs_leaf *leaf, const char *code)
{
	const char *outcome = strncmp(code, "00000", 5) == 0 ? "OUTCOME_TAKEN_OVER"
		: *code == 'S' || *code == 'E'               ? "OUTCOME_REFUSED"
							     : NULL;
	return outcome ? set_answer(leaf, "answer.outcome", outcome) : RG_OK;
}

static rg_err decode_results(const struct naccs_leaf *leaf, const char *text, bool *ret_taken)
{
	char padded[N_RESULTS * RESULT_BYTES + 1];
	snprintf(padded, sizeof(padded), "%-*s", N_RESULTS * RESULT_BYTES, text);
	*ret_taken = strlen(text) < sizeof(padded);
	for (size_t i = 0; i < N_RESULTS; i++) {
		*ret_taken = *ret_taken && is_result(padded + i * RESULT_BYTES);
	}
	rg_err err = RG_OK;
	for (size_t i = 0; !err && *ret_taken && i < N_RESULTS; i++) {
		err = set_result(leaf, i, padded + i * RESULT_BYTES);
	}
	return err || !*ret_taken ? err : set_outcome(leaf, padded);
}

/* Writes one slot; *ret_ok false: a part is longer than its place. */
static rg_err put_result(const struct naccs_leaf *leaf, size_t index, char slot[RESULT_BYTES],
	bool *ret_ok)
{
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < 3; i++) {
		char suffix[48];
		const char *part = NULL;
		snprintf(suffix, sizeof(suffix), "[%zu].%s", index, result_parts[i].member);
		err = naccs_leaf_get(leaf, suffix, &part);
		if (!err && part) {
			size_t len = strlen(part);
			*ret_ok = *ret_ok && len <= result_parts[i].len;
			len = *ret_ok ? len : 0;
			memcpy(slot + result_parts[i].offset, part, len);
			slot[5] = '-';
			slot[10] = '-';
		}
	}
	return err;
}

static rg_err encode_results(const struct naccs_leaf *leaf, const char **ret_text)
{
	char line[N_RESULTS * RESULT_BYTES];
	bool is_ok = true;
	rg_err err = RG_OK;
	*ret_text = NULL;
	memset(line, ' ', sizeof(line));
	for (size_t i = 0; !err && i < N_RESULTS; i++) {
		err = put_result(leaf, i, line + i * RESULT_BYTES, &is_ok);
	}
	if (err || !is_ok) {
		return err ? err
			   : naccs_leaf_refuse(leaf, "",
				     "a result has a code of 5 bytes, an item of 4 and a position "
				     "of 4");
	}
	size_t len = sizeof(line);
	while (len > 0 && line[len - 1] == ' ') {
		len--;
	}
	*ret_text = len > 0 ? pool_copy(leaf->work->pool, line, len) : NULL;
	return len > 0 && !*ret_text ? RG_E_NOMEM : RG_OK;
}

const struct naccs_codec naccs_codec_results = {"results", "[0].code", decode_results,
	encode_results};
