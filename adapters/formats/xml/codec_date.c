/*
 * Dates
 *
 * Threads: no state.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/xml/codec.h"

static bool is_digits(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)text[i])) {
			return false;
		}
	}
	return len > 0;
}

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
	return xml_leaf_set(leaf, "", date, (size_t)len, ret_taken);
}

/* Reads the canonical date; *ret_is_there false where it is absent or was refused. */
static rg_err get_date(const struct xml_leaf *leaf, unsigned parts[3], bool *ret_is_there)
{
	const char *text = NULL;
	rg_err err = xml_leaf_get(leaf, "", &text);
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
			     : xml_leaf_refuse(leaf, "", "this is no date of the form YYYY-MM-DD");
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
	text = xml_trim(text, &len);
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
	text = xml_trim(text, &len);
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

/* Moments */

static bool is_time(const char *digits)
{
	unsigned long time = strtoul(digits, NULL, 10);
	return time / 10000 < 24 && time / 100 % 100 < 60 && time % 100 < 61;
}

/* Reads either spelling into YYYY-MM-DDTHH:MM:SS; false: neither. */
static bool read_moment(const char *text, size_t len, char out[24])
{
	char digits[15];
	size_t n = 0;
	bool is_iso = len == 19 && text[4] == '-' && text[7] == '-' && text[10] == 'T' &&
		text[13] == ':' && text[16] == ':';
	bool is_dense = len >= 15 && len <= 18 && text[8] == 'T';
	for (size_t i = 0; (is_iso || is_dense) && i < len; i++) {
		bool is_mark = is_iso ? strchr("-T:", text[i]) != NULL : i == 8;
		if (!is_mark && !isdigit((unsigned char)text[i])) {
			return false;
		}
		if (!is_mark && n < 14) {
			digits[n++] = text[i];
		}
	}
	digits[n] = '\0';
	if (n != 14 || !is_time(digits + 8)) {
		return false;
	}
	snprintf(out, 24, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s", digits, digits + 4, digits + 6,
		digits + 8, digits + 10, digits + 12);
	unsigned long date = strtoul(out, NULL, 10) * 10000;
	date += strtoul(out + 5, NULL, 10) * 100 + strtoul(out + 8, NULL, 10);
	return is_date((unsigned)(date / 10000), (unsigned)(date / 100 % 100),
		(unsigned)(date % 100));
}

static rg_err decode_moment(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	char moment[24];
	size_t len = 0;
	text = xml_trim(text, &len);
	*ret_taken = false;
	return read_moment(text, len, moment)
		? xml_leaf_set(leaf, "", moment, strlen(moment), ret_taken)
		: RG_OK;
}

/* A moment that was changed to something else is not written. */
static rg_err check_moment(const struct xml_leaf *leaf, const char *suffix, const char **text)
{
	char moment[24];
	if (!*text || (strlen(*text) == 19 && read_moment(*text, 19, moment))) {
		return RG_OK;
	}
	*text = NULL;
	return xml_leaf_refuse(leaf, suffix, "this is no moment of the form YYYY-MM-DDTHH:MM:SS");
}

static rg_err encode_moment(const struct xml_leaf *leaf, const char **ret_text)
{
	rg_err err = xml_leaf_get(leaf, "", ret_text);
	return err ? err : check_moment(leaf, "", ret_text);
}

const struct xml_codec xml_codec_moment = {"moment", decode_moment, encode_moment};

/* The older form, with hundredths that nobody states. */
static rg_err encode_dense(const struct xml_leaf *leaf, const char **ret_text)
{
	rg_err err = encode_moment(leaf, ret_text);
	const char *text = *ret_text;
	if (err || !text) {
		return err;
	}
	*ret_text = pool_printf(leaf->work->pool, "%.4s%.2s%.2sT%.2s%.2s%.2s00", text, text + 5,
		text + 8, text + 11, text + 14, text + 17);
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

const struct xml_codec xml_codec_moment_dense = {"moment", decode_moment, encode_dense};

static rg_err decode_stamp(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	char moment[24];
	size_t len = 0;
	text = xml_trim(text, &len);
	*ret_taken = false;
	if (!read_moment(text, len, moment)) {
		return RG_OK;
	}
	rg_err err = xml_leaf_set(leaf, ".date", moment, 10, ret_taken);
	return err || !*ret_taken ? err : xml_leaf_set(leaf, ".time", moment + 11, 8, ret_taken);
}

static rg_err encode_stamp(const struct xml_leaf *leaf, const char **ret_text)
{
	const char *date = NULL;
	const char *time = NULL;
	*ret_text = NULL;
	rg_err err = xml_leaf_get(leaf, ".date", &date);
	if (!err) {
		err = xml_leaf_get(leaf, ".time", &time);
	}
	if (err || !date) {
		return err;
	}
	*ret_text = pool_printf(leaf->work->pool, "%sT%s", date, time ? time : "00:00:00");
	return *ret_text ? check_moment(leaf, ".date", ret_text) : RG_E_NOMEM;
}

const struct xml_codec xml_codec_stamp = {"stamp", decode_stamp, encode_stamp};
