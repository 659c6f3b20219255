/*
 * Thai e-Customs: codecs of its own
 *
 * Method: masses are canonical in kilograms and written in the unit that the file names; only the
 * place of the point moves, but for metric carats (0.2 g).
 *
 * Threads: no state.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/th-ecustoms/table.h"

/* Digits of a mass that a shift may make. */
#define DIGITS_MAX 40

/* Units of mass: what one of them is in KGM, as factor and places. */
static const struct unit {
	const char *code;
	int places;            /* KGM = text moved so many places to the right */
	unsigned into, out_of; /* and multiplied */
} units[] = {
	{"KGM", 0, 1, 1}, {"TNE", 3, 1, 1}, {"GRM", -3, 1, 1},
	{"CTM", -4, 2, 5}, /* 2 into KGM at 10^-4; back 5 at 10^3 */
};

static const struct unit *find_unit(const char *code, size_t len)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strlen(units[i].code) == len && memcmp(units[i].code, code, len) == 0) {
			return &units[i];
		}
	}
	return NULL;
}

/* Name of the last step of a row's path. */
static const char *last_step(const char *native)
{
	const char *slash = strrchr(native, '/');
	return slash ? slash + 1 : native;
}

static bool is_named(const struct xml_node *node, const char *name)
{
	const char *colon = strchr(node->name, ':');
	return strcasecmp(colon ? colon + 1 : node->name, name) == 0;
}

/* The text of the element beside this one; NULL: there is none. */
static const char *beside(const struct xml_node *node, const char *name)
{
	for (const struct xml_node *other = node->parent->first; other; other = other->next) {
		if (is_named(other, name) && other->position == 1) {
			return other->text;
		}
	}
	return NULL;
}

/* Multiplies a plain number and moves its point; NULL: not such a number, or too long. */
static const char *rescale(struct pool *pool, const char *text, size_t len, unsigned factor,
	int places)
{
	char digits[DIGITS_MAX + 1];
	size_t n = 0;
	int scale = 0;
	bool has_point = false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.' && !has_point) {
			has_point = true;
			continue;
		}
		if (!isdigit((unsigned char)text[i]) || n >= 18) {
			return NULL;
		}
		digits[n++] = text[i];
		scale += has_point ? 1 : 0;
	}
	digits[n] = '\0';
	uint64_t value = strtoull(digits, NULL, 10) * factor;
	for (scale -= places; scale < 0; scale++) {
		if (value > UINT64_MAX / 100) {
			return NULL;
		}
		value *= 10;
	}
	if (n == 0 || scale > 18) {
		return NULL;
	}
	int width = scale + 1;
	char *out = pool_printf(pool, "%0*" PRIu64, width, value);
	size_t whole = out ? strlen(out) - (size_t)scale : 0;
	return out && scale > 0 ? pool_printf(pool, "%.*s.%s", (int)whole, out, out + whole) : out;
}

/* The canonical path of the row beside the mass, which names its unit. */
static rg_err get_unit(const struct xml_leaf *leaf, const struct unit **ret_unit)
{
	struct rg_bytes code = {NULL, 0};
	const char *path = xml_rules_place(leaf->work->pool, leaf->row + 1, leaf->positions);
	rg_err err = path ? rg_doc_get(leaf->work->doc, path, &code) : RG_E_NOMEM;
	*ret_unit = code.data ? find_unit((const char *)code.data, code.len) : &units[0];
	return err;
}

static rg_err decode_mass(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	size_t code_len = 0;
	const char *code = beside(leaf->node, last_step(leaf->row[1].native));
	code = xml_trim(code ? code : "KGM", &code_len);
	const struct unit *unit = code_len > 0 ? find_unit(code, code_len) : &units[0];
	*ret_taken = false;
	text = xml_trim(text, &len);
	if (!unit) {
		return RG_OK;
	}
	if (unit == &units[0]) {
		return xml_codec_decimal.decode(leaf, text, ret_taken);
	}
	const char *mass = rescale(leaf->work->pool, text, len, unit->into, unit->places);
	return mass ? xml_codec_decimal.decode(leaf, mass, ret_taken) : RG_OK;
}

static rg_err encode_mass(const struct xml_leaf *leaf, const char **ret_text)
{
	const struct unit *unit = &units[0];
	rg_err err = xml_codec_decimal.encode(leaf, ret_text);
	if (err || !*ret_text || !leaf->work->is_own) {
		return err;
	}
	if (leaf->node) {
		/* Decoding: the unit's element may come later than this one. */
		size_t len = 0;
		const char *code = beside(leaf->node, last_step(leaf->row[1].native));
		code = xml_trim(code ? code : "KGM", &len);
		unit = len > 0 ? find_unit(code, len) : &units[0];
	} else {
		err = get_unit(leaf, &unit);
	}
	if (err || unit == &units[0]) {
		return err;
	}
	const char *path = NULL;
	*ret_text = unit ? rescale(leaf->work->pool, *ret_text, strlen(*ret_text), unit->out_of,
				   -unit->places - (unit->into > 1 ? 1 : 0))
			 : NULL;
	if (!*ret_text) {
		err = xml_leaf_path(leaf, ".unscaled", &path);
		err = err
			? err
			: rg_call_lost(leaf->work->call, path,
				  "the mass cannot be written in the unit that the document names");
	}
	return err;
}

const struct xml_codec th_mass_codec = {"decimal", decode_mass, encode_mass};

/* A change of the unit changes the mass beside it too. */
static rg_err trace_mass(const struct xml_leaf *leaf)
{
	const char *slash = strrchr(leaf->native, '/');
	const char *name = last_step(leaf->row[-1].native);
	const char *mass = slash ? pool_printf(leaf->work->pool, "%.*s/%s",
					   (int)(slash - leaf->native), leaf->native, name)
				 : name;
	return mass ? rg_doc_trace(leaf->work->doc, leaf->path, mass) : RG_E_NOMEM;
}

static rg_err decode_unit(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	rg_err err = xml_codec_text.decode(leaf, text, ret_taken);
	return !err && *ret_taken ? trace_mass(leaf) : err;
}

static rg_err encode_unit(const struct xml_leaf *leaf, const char **ret_text)
{
	struct rg_bytes mass = {NULL, 0};
	rg_err err = RG_OK;
	*ret_text = NULL;
	if (leaf->work->is_own) {
		err = xml_codec_text.encode(leaf, ret_text);
		if (err || *ret_text || !leaf->work->is_fresh) {
			return err;
		}
	}
	const char *path = xml_rules_place(leaf->work->pool, leaf->row - 1, leaf->positions);
	path = path ? pool_printf(leaf->work->pool, "%s.unscaled", path) : NULL;
	err = path ? rg_doc_get(leaf->work->doc, path, &mass) : RG_E_NOMEM;
	*ret_text = mass.data ? "KGM" : NULL;
	return err;
}

const struct xml_codec th_mass_unit_codec = {"code", decode_unit, encode_unit};

/* Addresses */

static rg_err encode_street(const struct xml_leaf *leaf, const char **ret_text)
{
	size_t len = strlen(leaf->path);
	struct xml_leaf address = *leaf;
	bool is_first = len > 9 && strcmp(leaf->path + len - 9, ".lines[0]") == 0;
	if (leaf->work->is_own || !is_first) {
		return xml_codec_text.encode(leaf, ret_text);
	}
	address.path = pool_copy(leaf->work->pool, leaf->path, len - 9);
	return address.path ? xml_codec_address.encode(&address, ret_text) : RG_E_NOMEM;
}

static rg_err decode_plain(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	return xml_codec_text.decode(leaf, text, ret_taken);
}

const struct xml_codec th_street_codec = {"text", decode_plain, encode_street};

static rg_err decode_country(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	return xml_codec_code.decode(leaf, text, ret_taken);
}

static rg_err encode_country(const struct xml_leaf *leaf, const char **ret_text)
{
	rg_err err = xml_codec_code.encode(leaf, ret_text);
	if (err || *ret_text || leaf->work->is_own || leaf->positions[0] > 0) {
		return err;
	}
	struct xml_leaf trade = *leaf;
	trade.path = leaf->work->is_export ? "destinationCountry.code" : "exportCountry.code";
	return xml_codec_code.encode(&trade, ret_text);
}

const struct xml_codec th_party_country_codec = {"code", decode_country, encode_country};

/* The mark of the last entry: it is counted, not kept */

static bool has_later(const struct xml_node *node)
{
	for (const struct xml_node *other = node->next; other; other = other->next) {
		if (other->name == node->name) {
			return true;
		}
	}
	return false;
}

static rg_err decode_last(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	(void)leaf;
	(void)text;
	*ret_taken = true;
	return RG_OK;
}

static rg_err encode_last(const struct xml_leaf *leaf, const char **ret_text)
{
	size_t n = 0;
	if (leaf->node) {
		*ret_text = has_later(leaf->node->parent) ? "N" : "Y";
		return RG_OK;
	}
	const char *canonical = leaf->row->canonical;
	const char *list = pool_copy(leaf->work->pool, canonical, strcspn(canonical, "["));
	rg_err err = list ? rg_doc_count(leaf->work->doc, list, &n) : RG_E_NOMEM;
	*ret_text = leaf->positions[0] + 1 < n ? "N" : "Y";
	return err;
}

const struct xml_codec th_last_codec = {"code", decode_last, encode_last};

/* Answers */

static const struct meaning {
	const char *path;
	const struct code_table *codes;
} meanings[] = {
	{"answer.outcome", &code_th_answer_outcomes},
	{"answer.decision", &code_th_answer_decisions},
};

#define N_MEANINGS (sizeof(meanings) / sizeof(meanings[0]))

static rg_err note_unknown(const struct xml_leaf *leaf, const char *text)
{
	const char *said = pool_printf(leaf->work->pool,
		"the meaning of the answer code %.20s is not known; read the answer itself", text);
	struct rg_finding finding = {RG_FINDING_NOTE, "CODE", leaf->native, 0, 0, said};
	return said ? rg_call_finding(leaf->work->call, &finding) : RG_E_NOMEM;
}

static struct xml_leaf at(const struct xml_leaf *leaf, const char *path)
{
	struct xml_leaf other = *leaf;
	other.path = path;
	return other;
}

static rg_err decode_answer(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	bool has_meaning = false;
	text = xml_trim(text, &len);
	rg_err err = xml_leaf_set(leaf, "", text, len, ret_taken);
	for (size_t i = 0; !err && *ret_taken && i < N_MEANINGS; i++) {
		const char *word = code_international(meanings[i].codes, text, len);
		struct xml_leaf meaning = at(leaf, meanings[i].path);
		bool is_set = false;
		if (word) {
			has_meaning = true;
			err = xml_leaf_set(&meaning, "", word, strlen(word), &is_set);
		}
	}
	return err || has_meaning || !*ret_taken ? err : note_unknown(leaf, text);
}

static rg_err encode_answer(const struct xml_leaf *leaf, const char **ret_text)
{
	/* The meaning is read so that it counts as carried; the code says it. */
	rg_err err = xml_leaf_get(leaf, "", ret_text);
	for (size_t i = 0; !err && i < N_MEANINGS; i++) {
		const char *word = NULL;
		struct xml_leaf meaning = at(leaf, meanings[i].path);
		err = xml_leaf_get(&meaning, "", &word);
	}
	return err;
}

const struct xml_codec th_answer_codec = {"code", decode_answer, encode_answer};
