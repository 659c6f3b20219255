/*
 * WCO Data Model: its own ways to write values
 *
 * Threads: no state.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "formats/wco-dm/wco.h"

static bool is_digits(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)text[i])) {
			return false;
		}
	}
	return len > 0;
}

static unsigned number(const char *digits, size_t len)
{
	unsigned value = 0;
	for (size_t i = 0; i < len; i++) {
		value = value * 10 + (unsigned)(digits[i] - '0');
	}
	return value;
}

/* CCYYMMDD with a month and a day that there are. */
static bool is_day(const char *digits)
{
	static const unsigned lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned month = is_digits(digits, 8) ? number(digits + 4, 2) : 0;
	unsigned day = month ? number(digits + 6, 2) : 0;
	return month >= 1 && month <= 12 && day >= 1 && day <= lengths[month - 1];
}

static bool is_time(const char *digits)
{
	return is_digits(digits, 6) && number(digits, 2) < 24 && number(digits + 2, 2) < 60 &&
		number(digits + 4, 2) < 61;
}

/* Z, or hours from UTC such as +07 or +07:00. */
static bool is_zone(const char *text, size_t len)
{
	bool is_signed = len >= 3 && (text[0] == '+' || text[0] == '-') && is_digits(text + 1, 2);
	return (len == 1 && text[0] == 'Z') || (is_signed && len == 3) ||
		(is_signed && len == 6 && text[3] == ':' && is_digits(text + 4, 2));
}

/* Whether the document was not read from a file of this format. */
static bool is_foreign(const struct xml_leaf *leaf)
{
	return !leaf->work->is_own || leaf->work->is_fresh;
}

/* The three leaves of a stamp. */
struct moment {
	const char *date;
	const char *time;
	const char *zone;
};

/* The schemas know this century only. */
static bool has_room(const struct xml_leaf *leaf, const char *date)
{
	return !date || !is_foreign(leaf) || strncmp(date, "20", 2) == 0;
}

static rg_err get_moment(const struct xml_leaf *leaf, struct moment *ret_moment)
{
	rg_err err = xml_leaf_get(leaf, ".date", &ret_moment->date);
	if (!err && !has_room(leaf, ret_moment->date)) {
		ret_moment->date = NULL;
	}
	if (!err) {
		err = xml_leaf_get(leaf, ".time", &ret_moment->time);
	}
	return err ? err : xml_leaf_get(leaf, ".zone", &ret_moment->zone);
}

static rg_err set_moment(const struct xml_leaf *leaf, const char *digits, const char *zone,
	size_t zone_len, bool *ret_taken)
{
	char text[16];
	bool is_set = false;
	snprintf(text, sizeof(text), "%.4s-%.2s-%.2s", digits, digits + 4, digits + 6);
	rg_err err = xml_leaf_set(leaf, ".date", text, 10, ret_taken);
	if (!err && *ret_taken && zone) {
		snprintf(text, sizeof(text), "%.2s:%.2s:%.2s", digits + 8, digits + 10,
			digits + 12);
		err = xml_leaf_set(leaf, ".time", text, 8, &is_set);
	}
	if (!err && *ret_taken && zone_len > 0) {
		err = xml_leaf_set(leaf, ".zone", zone, zone_len, &is_set);
	}
	return err;
}

static rg_err decode_stamp(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	text = xml_trim(text, &len);
	*ret_taken = false;
	if (len < 8 || !is_day(text)) {
		return RG_OK;
	}
	if (len == 8) {
		return set_moment(leaf, text, NULL, 0, ret_taken);
	}
	bool has_zone = len > 14 && is_zone(text + 14, len - 14);
	return len >= 14 && is_time(text + 8) && (len == 14 || has_zone)
		? set_moment(leaf, text, text + 14, len - 14, ret_taken)
		: RG_OK;
}

static bool is_shaped(const char *text, const char *shape)
{
	for (; *shape && *text; shape++, text++) {
		if (*shape == '9' ? !isdigit((unsigned char)*text) : *shape != *text) {
			return false;
		}
	}
	return *shape == '\0' && *text == '\0';
}

/* A time counts where its zone is stated too; in a copy it is written as it was stated. */
static bool has_time(const struct xml_leaf *leaf, const struct moment *moment)
{
	return moment->time && (moment->zone || !is_foreign(leaf));
}

static rg_err encode_stamp(const struct xml_leaf *leaf, const char **ret_text)
{
	struct moment m;
	*ret_text = NULL;
	rg_err err = get_moment(leaf, &m);
	if (err || !m.date) {
		return err;
	}
	if (!is_shaped(m.date, "9999-99-99") || (m.time && !is_shaped(m.time, "99:99:99"))) {
		return xml_leaf_refuse(leaf, ".date",
			"this is no date YYYY-MM-DD with a time HH:MM:SS");
	}
	*ret_text = has_time(leaf, &m)
		? pool_printf(leaf->work->pool, "%.4s%.2s%.2s%.2s%.2s%.2s%s", m.date, m.date + 5,
			  m.date + 8, m.time, m.time + 3, m.time + 6, m.zone ? m.zone : "")
		: pool_printf(leaf->work->pool, "%.4s%.2s%.2s", m.date, m.date + 5, m.date + 8);
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

const struct xml_codec wco_codec_stamp = {"stamp", decode_stamp, encode_stamp};

static rg_err encode_stamp_form(const struct xml_leaf *leaf, const char **ret_text)
{
	struct moment m;
	*ret_text = NULL;
	rg_err err = get_moment(leaf, &m);
	if (!err && m.date) {
		*ret_text = has_time(leaf, &m) ? "304" : "102";
	}
	return err;
}

/* It says nothing that its element does not: kept as a hint where it says otherwise. */
static rg_err decode_stamp_form(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	const char *usual = NULL;
	rg_err err = encode_stamp_form(leaf, &usual);
	(void)text;
	*ret_taken = usual != NULL;
	return err;
}

const struct xml_codec wco_codec_stamp_form = {"code", decode_stamp_form, encode_stamp_form};

static rg_err decode_moment(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	bool is_set = false;
	char head[20];
	text = xml_trim(text, &len);
	*ret_taken = false;
	snprintf(head, sizeof(head), "%.*s", len < 19 ? (int)len : 19, text);
	size_t fraction = len > 19 && text[19] == '.' ? 1 + strspn(text + 20, "0123456789") : 0;
	size_t rest = len > 19 ? len - 19 - fraction : 0;
	const char *zone = text + 19 + fraction;
	if (!is_shaped(head, "9999-99-99T99:99:99") || fraction > 10 ||
		(rest > 0 && !is_zone(zone, rest))) {
		return RG_OK;
	}
	rg_err err = xml_leaf_set(leaf, ".date", text, 10, ret_taken);
	if (!err && *ret_taken) {
		err = xml_leaf_set(leaf, ".time", text + 11, 8 + fraction, &is_set);
	}
	return err || !*ret_taken || rest == 0 ? err
					       : xml_leaf_set(leaf, ".zone", zone, rest, &is_set);
}

static rg_err encode_moment(const struct xml_leaf *leaf, const char **ret_text)
{
	struct moment m;
	*ret_text = NULL;
	rg_err err = get_moment(leaf, &m);
	if (!err && m.date) {
		*ret_text = pool_printf(leaf->work->pool, "%sT%s%s", m.date,
			m.time ? m.time : "00:00:00", m.zone ? m.zone : "");
		err = *ret_text ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

const struct xml_codec wco_codec_moment = {"stamp", decode_moment, encode_moment};

static rg_err decode_day(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	char date[16];
	size_t len = 0;
	text = xml_trim(text, &len);
	*ret_taken = false;
	if (len != 8 || !is_day(text)) {
		return RG_OK;
	}
	snprintf(date, sizeof(date), "%.4s-%.2s-%.2s", text, text + 4, text + 6);
	return xml_leaf_set(leaf, "", date, 10, ret_taken);
}

static rg_err encode_day(const struct xml_leaf *leaf, const char **ret_text)
{
	const char *date = NULL;
	*ret_text = NULL;
	rg_err err = xml_leaf_get(leaf, "", &date);
	if (err || !date || !has_room(leaf, date)) {
		return err;
	}
	if (!is_shaped(date, "9999-99-99")) {
		return xml_leaf_refuse(leaf, "", "this is no date of the form YYYY-MM-DD");
	}
	*ret_text = pool_printf(leaf->work->pool, "%.4s%.2s%.2s", date, date + 5, date + 8);
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

const struct xml_codec wco_codec_day = {"date", decode_day, encode_day};

/* Codes */

/* A code that is marked with the country that states it: LA:45. */
static bool is_marked(const char *code)
{
	return isupper((unsigned char)code[0]) && isupper((unsigned char)code[1]) && code[2] == ':';
}

static rg_err decode_code(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	text = xml_trim(text, &len);
	return xml_leaf_set(leaf, "", text, len, ret_taken);
}

static rg_err lose(const struct xml_leaf *leaf, const char **text)
{
	*text = NULL;
	return rg_call_lost(leaf->work->call, leaf->path,
		"the code belongs to the country that stated it");
}

static rg_err encode_code(const struct xml_leaf *leaf, const char **ret_text)
{
	rg_err err = xml_leaf_get(leaf, "", ret_text);
	bool is_theirs = !err && *ret_text && is_foreign(leaf) && is_marked(*ret_text);
	return is_theirs ? lose(leaf, ret_text) : err;
}

const struct xml_codec wco_codec_code = {"text", decode_code, encode_code};

static rg_err encode_mode(const struct xml_leaf *leaf, const char **ret_text)
{
	rg_err err = encode_code(leaf, ret_text);
	if (err || !*ret_text || !is_foreign(leaf)) {
		return err;
	}
	/* National codes of two digits begin with the international one. */
	*ret_text = pool_copy(leaf->work->pool, *ret_text + strspn(*ret_text, "0"), 1);
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

const struct xml_codec wco_codec_mode = {"text", decode_code, encode_mode};

static rg_err decode_containerised(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	return xml_codec_flag.decode(leaf, text, ret_taken);
}

static rg_err encode_containerised(const struct xml_leaf *leaf, const char **ret_text)
{
	size_t n = 0;
	rg_err err = xml_codec_flag.encode(leaf, ret_text);
	if (!err && !*ret_text && !leaf->work->is_own) {
		err = rg_doc_count(leaf->work->doc, "containers", &n);
		*ret_text = n > 0 ? "1" : "0";
	}
	return err;
}

const struct xml_codec wco_codec_containerised = {"boolean", decode_containerised,
	encode_containerised};

/* The type tells the direction by its first letters */

static const struct {
	const char *letters;
	const char *direction;
} directions[] = {{"EX", "DIRECTION_EXPORT"}, {"IM", "DIRECTION_IMPORT"}};

#define N_DIRECTIONS (sizeof(directions) / sizeof(directions[0]))

static struct xml_leaf direction_of(const struct xml_leaf *leaf)
{
	struct xml_leaf direction = *leaf;
	direction.path = "direction";
	return direction;
}

static rg_err decode_type(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	bool is_set = false;
	struct xml_leaf direction = direction_of(leaf);
	text = xml_trim(text, &len);
	rg_err err = xml_leaf_set(leaf, "", text, len, ret_taken);
	for (size_t i = 0; !err && *ret_taken && i < N_DIRECTIONS; i++) {
		if (strncmp(text, directions[i].letters, 2) == 0) {
			const char *word = directions[i].direction;
			err = xml_leaf_set(&direction, "", word, strlen(word), &is_set);
		}
	}
	return err;
}

static const char *letters_of(const char *direction)
{
	for (size_t i = 0; direction && i < N_DIRECTIONS; i++) {
		if (strcmp(directions[i].direction, direction) == 0) {
			return directions[i].letters;
		}
	}
	return NULL;
}

static rg_err encode_type(const struct xml_leaf *leaf, const char **ret_text)
{
	struct xml_leaf direction = direction_of(leaf);
	const char *stated = NULL;
	rg_err err = xml_leaf_get(&direction, "", &stated);
	const char *letters = letters_of(stated);
	if (err) {
		return err;
	}
	if (!leaf->work->is_own) {
		/* What one country exports, the next imports. */
		*ret_text = letters ? (leaf->work->is_export ? "EX" : "IM") : NULL;
		return RG_OK;
	}
	err = xml_leaf_get(leaf, "", ret_text);
	bool is_other = !err && *ret_text && letters && strncmp(*ret_text, letters, 2) != 0;
	bool has_letters =
		is_other && (strncmp(*ret_text, "EX", 2) == 0 || strncmp(*ret_text, "IM", 2) == 0);
	if (has_letters) {
		*ret_text = pool_printf(leaf->work->pool, "%s%s", letters, *ret_text + 2);
		return *ret_text ? RG_OK : RG_E_NOMEM;
	}
	*ret_text = *ret_text ? *ret_text : letters;
	return err;
}

const struct xml_codec wco_codec_type = {"text", decode_type, encode_type};

/* Procedures */

static rg_err decode_requested(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	text = xml_trim(text, &len);
	return xml_leaf_set(leaf, ".requested", text, len, ret_taken);
}

static rg_err decode_previous(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	text = xml_trim(text, &len);
	return xml_leaf_set(leaf, ".previous", text, len, ret_taken);
}

/* A half of the four digits, where the procedure is stated so. */
static rg_err get_half(const struct xml_leaf *leaf, size_t from, const char **ret_text)
{
	const char *extended = NULL;
	const char *requested = NULL;
	rg_err err = xml_leaf_get(leaf, ".requested", &requested);
	if (!err && !requested) {
		err = xml_leaf_get(leaf, ".extended", &extended);
	}
	*ret_text = NULL;
	if (!err && extended && strlen(extended) == 4) {
		*ret_text = pool_copy(leaf->work->pool, extended + from, 2);
		err = *ret_text ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

static rg_err encode_requested(const struct xml_leaf *leaf, const char **ret_text)
{
	rg_err err = xml_leaf_get(leaf, ".requested", ret_text);
	return err || *ret_text ? err : get_half(leaf, 0, ret_text);
}

static rg_err encode_previous(const struct xml_leaf *leaf, const char **ret_text)
{
	rg_err err = xml_leaf_get(leaf, ".previous", ret_text);
	return err || *ret_text ? err : get_half(leaf, 2, ret_text);
}

const struct xml_codec wco_codec_requested = {"text", decode_requested, encode_requested};
const struct xml_codec wco_codec_previous = {"text", decode_previous, encode_previous};

/* Answers */

static const struct xml_meanings functions = {&code_wco_outcomes, &code_wco_decisions};
static const struct xml_meanings actions = {&code_wco_movement_outcomes, NULL};

static rg_err decode_function(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	return xml_answer_decode(leaf, &functions, text, ret_taken);
}

static rg_err encode_function(const struct xml_leaf *leaf, const char **ret_text)
{
	return xml_answer_encode(leaf, &functions, ret_text);
}

const struct xml_codec wco_codec_function = {"code", decode_function, encode_function};

static rg_err decode_action(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	return xml_answer_decode(leaf, &actions, text, ret_taken);
}

static rg_err encode_action(const struct xml_leaf *leaf, const char **ret_text)
{
	return xml_answer_encode(leaf, &actions, ret_text);
}

const struct xml_codec wco_codec_action = {"code", decode_action, encode_action};
