/*
 * Codecs of dates and moments
 *
 * Format codes are those of UN/EDIFACT 2379.
 *
 * Threads: no state.
 */
#include <stdio.h>
#include <string.h>

#include "formats/edifact/codec.h"

/* Years of two digits: 80 to 99 are of the last century. */
#define PIVOT 80

struct moment {
	unsigned parts[6];  /* year, month, day, hour, minute, second */
	unsigned precision; /* how many of them: 3, 5 or 6 */
};

static const struct {
	const char *code;
	unsigned n_year;
	unsigned precision;
} formats[] = {
	{"102", 4, 3},
	{"203", 4, 5},
	{"204", 4, 6},
	{"101", 2, 3},
	{"201", 2, 5},
	{"202", 2, 6},
};

static bool is_moment(const struct moment *moment)
{
	static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	const unsigned *part = moment->parts;
	bool is_leap = (part[0] % 4 == 0 && part[0] % 100 != 0) || part[0] % 400 == 0;
	if (part[0] < 1 || part[1] < 1 || part[1] > 12 || part[2] < 1) {
		return false;
	}
	unsigned last = part[1] == 2 && is_leap ? 29 : days[part[1] - 1];
	return part[2] <= last && part[3] < 24 && part[4] < 60 && part[5] < 60;
}

/* Reads digits only: a year of n_year digits, then twos. */
static bool read_digits(const char *text, size_t len, unsigned n_year, unsigned precision,
	struct moment *moment)
{
	*moment = (struct moment){.precision = precision};
	if (len != n_year + 2 * (precision - 1)) {
		return false;
	}
	size_t at = 0;
	for (unsigned i = 0; i < precision; i++) {
		for (unsigned n = i == 0 ? n_year : 2; n > 0; n--, at++) {
			if (text[at] < '0' || text[at] > '9') {
				return false;
			}
			moment->parts[i] = moment->parts[i] * 10 + (unsigned)(text[at] - '0');
		}
	}
	if (n_year == 2) {
		moment->parts[0] += moment->parts[0] >= PIVOT ? 1900 : 2000;
	}
	return is_moment(moment);
}

/* YYYY-MM-DD, with THH:MM and :SS. */
static bool read_canonical(const char *text, struct moment *moment)
{
	static const char pattern[] = "0000-00-00T00:00:00";
	char plain[16];
	size_t n = 0;
	size_t len = strlen(text);
	if (len != 10 && len != 16 && len != 19) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (pattern[i] == '0') {
			plain[n++] = text[i];
		} else if (text[i] != pattern[i]) {
			return false;
		}
	}
	return read_digits(plain, n, 4, len == 10 ? 3 : len == 16 ? 5 : 6, moment);
}

static rg_err set_moment(const struct edi_leaf *leaf, const struct moment *moment, bool *ret_taken)
{
	static const size_t lengths[] = {0, 0, 0, 10, 0, 16, 19};
	const unsigned *part = moment->parts;
	char text[64];
	snprintf(text, sizeof(text), "%04u-%02u-%02uT%02u:%02u:%02u", part[0], part[1], part[2],
		part[3], part[4], part[5]);
	return edi_leaf_set(leaf, "", text, lengths[moment->precision], ret_taken);
}

static rg_err get_moment(const struct edi_leaf *leaf, struct moment *moment, bool *ret_found)
{
	const char *text = NULL;
	rg_err err = edi_leaf_get(leaf, "", &text);
	*ret_found = !err && text && read_canonical(text, moment);
	if (err || !text || *ret_found) {
		return err;
	}
	return leaf->work->is_fresh
		? edi_leaf_lose(leaf, "it is no date of the calendar, written YYYY-MM-DD")
		: edi_leaf_refuse(leaf, "it is no date of the calendar, written YYYY-MM-DD");
}

/* A value and its format code. */
static bool read_formatted(const char *text, struct moment *moment)
{
	const char *code = strchr(text, '\n');
	for (size_t i = 0; code && i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(code + 1, formats[i].code) == 0) {
			return read_digits(text, (size_t)(code - text), formats[i].n_year,
				formats[i].precision, moment);
		}
	}
	return false;
}

static rg_err print_formatted(struct pool *pool, const struct moment *moment, const char **ret_text)
{
	const unsigned *part = moment->parts;
	char text[64];
	snprintf(text, sizeof(text), "%04u%02u%02u%02u%02u%02u", part[0], part[1], part[2], part[3],
		part[4], part[5]);
	size_t len = 2 + 2 * moment->precision;
	const char *code = moment->precision == 3 ? "102" : moment->precision == 5 ? "203" : "204";
	*ret_text = pool_printf(pool, "%.*s\n%s", (int)len, text, code);
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

static rg_err decode_moment(const struct edi_leaf *leaf, const char *text, bool *ret_taken)
{
	struct moment moment;
	*ret_taken = false;
	return read_formatted(text, &moment) ? set_moment(leaf, &moment, ret_taken) : RG_OK;
}

static rg_err encode_moment(const struct edi_leaf *leaf, const char **ret_text)
{
	struct moment moment;
	bool is_found = false;
	*ret_text = NULL;
	rg_err err = get_moment(leaf, &moment, &is_found);
	return err || !is_found ? err : print_formatted(leaf->work->pool, &moment, ret_text);
}

static rg_err usual_moment(const struct edi_leaf *leaf, const char *text, const char **ret_text)
{
	struct moment moment;
	*ret_text = text;
	return read_formatted(text, &moment) ? print_formatted(leaf->work->pool, &moment, ret_text)
					     : RG_OK;
}

const struct edi_codec edi_codec_moment = {"moment", "", decode_moment, encode_moment,
	usual_moment};

static rg_err decode_date(const struct edi_leaf *leaf, const char *text, bool *ret_taken)
{
	struct moment moment;
	*ret_taken = false;
	bool is_date = read_formatted(text, &moment) && moment.precision == 3;
	return is_date ? set_moment(leaf, &moment, ret_taken) : RG_OK;
}

static rg_err encode_date(const struct edi_leaf *leaf, const char **ret_text)
{
	struct moment moment;
	bool is_found = false;
	*ret_text = NULL;
	rg_err err = get_moment(leaf, &moment, &is_found);
	moment.precision = 3;
	return err || !is_found ? err : print_formatted(leaf->work->pool, &moment, ret_text);
}

const struct edi_codec edi_codec_date = {"date", "", decode_date, encode_date, usual_moment};

/* A stamp: its date and its time */

static rg_err decode_stamp(const struct edi_leaf *leaf, const char *text, bool *ret_taken)
{
	struct moment moment;
	char day[32];
	char clock[32];
	bool is_taken = false;
	*ret_taken = false;
	if (!read_formatted(text, &moment)) {
		return RG_OK;
	}
	const unsigned *part = moment.parts;
	snprintf(day, sizeof(day), "%04u-%02u-%02u", part[0] % 10000, part[1] % 100, part[2] % 100);
	snprintf(clock, sizeof(clock), "%02u:%02u:%02u", part[3] % 100, part[4] % 100,
		part[5] % 100);
	rg_err err = edi_leaf_set(leaf, ".date", day, strlen(day), ret_taken);
	return err || !*ret_taken || moment.precision == 3
		? err
		: edi_leaf_set(leaf, ".time", clock, strlen(clock), &is_taken);
}

static rg_err encode_stamp(const struct edi_leaf *leaf, const char **ret_text)
{
	const char *day = NULL;
	const char *clock = NULL;
	struct moment moment;
	*ret_text = NULL;
	rg_err err = edi_leaf_get(leaf, ".date", &day);
	if (!err) {
		err = edi_leaf_get(leaf, ".time", &clock);
	}
	if (err || !day) {
		return err;
	}
	const char *text = clock ? pool_printf(leaf->work->pool, "%sT%.8s", day, clock) : day;
	if (!text) {
		return RG_E_NOMEM;
	}
	if (!read_canonical(text, &moment)) {
		return leaf->work->is_fresh
			? edi_leaf_lose(leaf, "it is no date of the calendar")
			: edi_leaf_refuse(leaf, "it is no date of the calendar");
	}
	moment.precision = moment.precision == 6 && moment.parts[5] == 0 ? 5 : moment.precision;
	return print_formatted(leaf->work->pool, &moment, ret_text);
}

static rg_err usual_stamp(const struct edi_leaf *leaf, const char *text, const char **ret_text)
{
	struct moment moment;
	*ret_text = text;
	if (!read_formatted(text, &moment)) {
		return RG_OK;
	}
	moment.precision = moment.precision == 6 && moment.parts[5] == 0 ? 5 : moment.precision;
	return print_formatted(leaf->work->pool, &moment, ret_text);
}

const struct edi_codec edi_codec_stamp = {"stamp", ".date", decode_stamp, encode_stamp,
	usual_stamp};

/* Date and time of UNB: six or eight digits, and four */

static bool read_envelope(const char *text, struct moment *moment)
{
	size_t n_date = strcspn(text, "\n");
	char plain[16];
	if ((n_date != 6 && n_date != 8) || strlen(text) != n_date + 5) {
		return false;
	}
	snprintf(plain, sizeof(plain), "%.*s%s", (int)n_date, text, text + n_date + 1);
	return read_digits(plain, n_date + 4, n_date == 6 ? 2 : 4, 5, moment);
}

/* Syntax 4 and later have years of four digits. */
static rg_err print_envelope(const struct edi_leaf *leaf, const struct moment *moment,
	const char **ret_text)
{
	const unsigned *part = moment->parts;
	struct pool *pool = leaf->work->pool;
	struct edi_leaf syntax = *leaf;
	const char *version = NULL;
	syntax.path = "exchange.interchange.syntaxVersion";
	rg_err err = edi_leaf_get(&syntax, "", &version);
	bool is_old = !version || *version < '4' || *version > '9';
	bool is_short = is_old && part[0] >= 1900 + PIVOT && part[0] < 2000 + PIVOT;
	*ret_text = err
		? NULL
		: pool_printf(pool, "%0*u%02u%02u\n%02u%02u", is_short ? 2 : 4,
			  is_short ? part[0] % 100 : part[0], part[1], part[2], part[3], part[4]);
	return err || *ret_text ? err : RG_E_NOMEM;
}

static rg_err decode_envelope(const struct edi_leaf *leaf, const char *text, bool *ret_taken)
{
	struct moment moment;
	*ret_taken = false;
	return read_envelope(text, &moment) ? set_moment(leaf, &moment, ret_taken) : RG_OK;
}

static rg_err encode_envelope(const struct edi_leaf *leaf, const char **ret_text)
{
	struct moment moment;
	bool is_found = false;
	*ret_text = NULL;
	rg_err err = get_moment(leaf, &moment, &is_found);
	return err || !is_found ? err : print_envelope(leaf, &moment, ret_text);
}

static rg_err usual_envelope(const struct edi_leaf *leaf, const char *text, const char **ret_text)
{
	struct moment moment;
	*ret_text = text;
	return read_envelope(text, &moment) ? print_envelope(leaf, &moment, ret_text) : RG_OK;
}

const struct edi_codec edi_codec_envelope = {"moment", "", decode_envelope, encode_envelope,
	usual_envelope};
