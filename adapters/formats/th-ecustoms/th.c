/*
 * Thai e-Customs: how a value is judged by its field
 *
 * Method: characters are counted, because the guides count them; TIS-620, for which they were
 * written, has one byte for each.
 *
 * Threads: constants only.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "formats/th-ecustoms/table.h"

/*
 * A signature inside the file, for the declarant's own stands in the ebXML envelope; and the name
 * by which the sender is let in (XML User).
 */
const char *const th_credentials[] = {"Signature", "SignatureValue", "KeyInfo", "X509Data",
	"X509Certificate", "Certificate", "RegistrationID", "SenderRegistrationID", NULL};

const struct th_message *th_message_of(const struct xml_profile *profile)
{
	return (const struct th_message *)profile;
}

static size_t count_characters(const char *text)
{
	size_t n = 0;
	for (; *text; text++) {
		n += ((unsigned char)*text & 0xc0) != 0x80;
	}
	return n;
}

static bool break_with(struct th_breach *breach, const char *rule, const char *text)
{
	*breach = (struct th_breach){rule, text ? text : "no memory"};
	return true;
}

static bool breaks_number(struct pool *pool, const struct th_field *field, const char *text,
	struct th_breach *breach)
{
	size_t whole = strspn(text, "0123456789");
	bool has_point = text[whole] == '.' && field->decimals > 0;
	const char *places = text + whole + (has_point ? 1 : 0);
	size_t n_places = has_point ? strspn(places, "0123456789") : 0;
	if (places[n_places] || whole + n_places == 0) {
		return break_with(breach, "NUMBER",
			field->decimals > 0
				? "this is no number of digits with a point; write it so"
				: "this holds more than digits; write digits only");
	}
	if (n_places > field->decimals) {
		return break_with(breach, "DECIMALS",
			pool_printf(pool, "this has %zu decimals; %u are taken", n_places,
				field->decimals));
	}
	if (whole + n_places > field->length) {
		return break_with(breach, "LENGTH",
			pool_printf(pool, "this has %zu digits; %u are taken", whole + n_places,
				field->length));
	}
	return false;
}

static bool breaks_text(struct pool *pool, const struct th_field *field, const char *text,
	struct th_breach *breach)
{
	size_t n = count_characters(text);
	if (n > field->length || (field->is_exact && n < field->length)) {
		return break_with(breach, "LENGTH",
			pool_printf(pool, "this has %zu characters; %s%u are taken", n,
				field->is_exact ? "exactly " : "at most ", field->length));
	}
	for (const char *c = text; field->kind == TH_LETTERS && *c; c++) {
		if (!isalpha((unsigned char)*c)) {
			return break_with(breach, "LETTERS", "this holds more than letters A to Z");
		}
	}
	return false;
}

bool th_is_one_of(const char *values, const char *text)
{
	size_t len = strlen(text);
	while (len > 0 && *values) {
		size_t width = strcspn(values, "|");
		if (width == len && memcmp(values, text, len) == 0) {
			return true;
		}
		values += width + (values[width] ? 1 : 0);
	}
	return false;
}

static bool is_listed(const struct th_field *field, const char *text)
{
	return (!field->values || th_is_one_of(field->values, text)) &&
		(!field->list || code_international(field->list, text, strlen(text)));
}

const char *th_unknown(const struct th_field *field)
{
	return field->kind == TH_DIGITS ? "0" : "N/A";
}

/* A branch 0 is the head office, and a number of goods is stated with its decimals. */
bool th_is_unknown(const struct xml_work *work, const struct xml_row *row, const char *text)
{
	const struct xml_profile *profile = work->profile;
	const struct th_field *field = &th_message_of(profile)->fields[row - profile->rows];
	return field->use != 'O' && !strstr(field->name, "Branch") &&
		strcmp(text, th_unknown(field)) == 0;
}

static bool is_date(const char *text)
{
	unsigned month = (unsigned)(text[4] - '0') * 10 + (unsigned)(text[5] - '0');
	unsigned day = (unsigned)(text[6] - '0') * 10 + (unsigned)(text[7] - '0');
	return strlen(text) == 8 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

bool th_breaks(struct pool *pool, const struct th_field *field, const char *text,
	struct th_breach *ret_breach)
{
	/* The guides: what must be stated and is not known is N/A, of digits 0. */
	if (field->use != 'O' && strcmp(text, th_unknown(field)) == 0) {
		return false;
	}
	bool is_broken = field->kind == TH_DIGITS ? breaks_number(pool, field, text, ret_breach)
						  : breaks_text(pool, field, text, ret_breach);
	if (is_broken) {
		return true;
	}
	if (field->kind == TH_DIGITS && field->is_exact && strlen(text) != field->length) {
		return break_with(ret_breach, "LENGTH",
			pool_printf(pool, "this has %zu digits; exactly %u are taken", strlen(text),
				field->length));
	}
	if (field->kind == TH_DIGITS && field->is_exact && field->length == 8 && !is_date(text)) {
		return break_with(ret_breach, "DATE", "this is no date of the form CCYYMMDD");
	}
	if (!is_listed(field, text)) {
		return break_with(ret_breach, "CODE",
			field->values
				? pool_printf(pool, "%.40s is not one of %s", text, field->values)
				: pool_printf(pool, "%.40s is not on the code list", text));
	}
	return false;
}

bool th_is_needed(const struct th_field *field, const char *when_text)
{
	if (field->use != 'C' || !field->when || !when_text) {
		return false;
	}
	return !field->when_values || th_is_one_of(field->when_values, when_text);
}

/* Fitting */

/* The leaf behind a message of leaves, which the loss report names. */
static const char *leaf_suffix(const struct xml_leaf *leaf)
{
	const struct xml_codec *codec = leaf->row->codec;
	if (codec == &xml_codec_decimal || codec == &xml_codec_count || codec == &th_mass_codec) {
		return ".unscaled";
	}
	return codec == &xml_codec_tariff ? ".hs6" : "";
}

static rg_err lose(const struct xml_leaf *leaf, const char *text)
{
	const char *path = NULL;
	rg_err err = xml_leaf_path(leaf, leaf_suffix(leaf), &path);
	return err ? err : rg_call_lost(leaf->work->call, path, text);
}

/* 1.50000 where two decimals are taken is 1.50: nothing is rounded. */
static const char *drop_zeroes(struct pool *pool, const struct th_field *field, const char *text)
{
	const char *point = strchr(text, '.');
	size_t len = strlen(text);
	size_t keep =
		point ? (size_t)(point - text) + (field->decimals ? field->decimals + 1 : 0) : len;
	while (point && len > keep && text[len - 1] == '0') {
		len--;
	}
	len -= len > 0 && point && text[len - 1] == '.' ? 1 : 0;
	return pool_copy(pool, text, len);
}

static const char *cut(struct pool *pool, const char *text, size_t n)
{
	size_t len = 0;
	while (text[len] && (n > 0 || ((unsigned char)text[len] & 0xc0) == 0x80)) {
		n -= ((unsigned char)text[len] & 0xc0) != 0x80;
		len++;
	}
	while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80) {
		len--;
	}
	return pool_copy(pool, text, len);
}

rg_err th_fit(const struct xml_leaf *leaf, const char **text)
{
	const struct xml_profile *profile = leaf->work->profile;
	const struct th_field *field = &th_message_of(profile)->fields[leaf->row - profile->rows];
	struct pool *pool = leaf->work->pool;
	struct th_breach breach;
	const char *fitted = field->kind == TH_DIGITS ? drop_zeroes(pool, field, *text) : *text;
	bool is_prose = field->kind == TH_TEXT && !field->is_exact && !field->values &&
		!field->list && field->length >= 35;
	if (!fitted) {
		return RG_E_NOMEM;
	}
	*text = fitted;
	if (!th_breaks(pool, field, fitted, &breach)) {
		return RG_OK;
	}
	if (!is_prose || strcmp(breach.rule, "LENGTH") != 0) {
		*text = NULL;
		return lose(leaf, breach.text);
	}
	*text = cut(pool, fitted, field->length);
	const char *said = pool_printf(pool, "%s; the rest is cut off", breach.text);
	return *text && said ? lose(leaf, said) : RG_E_NOMEM;
}
