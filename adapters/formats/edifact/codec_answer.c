/*
 * Codecs of answers: a code of a national system, and what it means
 *
 * Codes of UN/EDIFACT's own lists mean what codes/edifact_answers.csv says. One of
 * another list (its keeper is stated beside it) means nothing here and goes to a person.
 *
 * Threads: no state.
 */
#include <string.h>

#include "formats/codes/codes.h"
#include "formats/edifact/codec.h"

static rg_err set_meaning(const struct edi_leaf *leaf, const struct code_table *table,
	const char *key, const char *path)
{
	struct edi_leaf other = *leaf;
	bool is_taken = false;
	const char *meaning = code_international(table, key, strlen(key));
	other.path = path;
	return meaning ? edi_leaf_set(&other, "", meaning, strlen(meaning), &is_taken) : RG_OK;
}

/* Sets the leaf, and what this code of the data element means. */
static rg_err decode_code(const struct edi_leaf *leaf, const char *element, const char *text,
	bool *ret_taken)
{
	rg_err err = edi_leaf_set(leaf, "", text, strlen(text), ret_taken);
	const char *key = pool_printf(leaf->work->pool, "%s %s", element, text);
	if (err || !*ret_taken) {
		return err;
	}
	if (!key) {
		return RG_E_NOMEM;
	}
	err = set_meaning(leaf, &code_edifact_outcomes, key, "answer.outcome");
	return err ? err : set_meaning(leaf, &code_edifact_decisions, key, "answer.decision");
}

static rg_err encode_code(const struct edi_leaf *leaf, const char **ret_text)
{
	return edi_leaf_get(leaf, "", ret_text);
}

static rg_err decode_result(const struct edi_leaf *leaf, const char *text, bool *ret_taken)
{
	return decode_code(leaf, "1001", text, ret_taken);
}

static rg_err decode_response(const struct edi_leaf *leaf, const char *text, bool *ret_taken)
{
	return decode_code(leaf, "4343", text, ret_taken);
}

static rg_err decode_action(const struct edi_leaf *leaf, const char *text, bool *ret_taken)
{
	return decode_code(leaf, "0083", text, ret_taken);
}

/* Code, list and keeper of the list: UN/EDIFACT's own is 6, or none is stated. */
static rg_err decode_indicator(const struct edi_leaf *leaf, const char *text, bool *ret_taken)
{
	const char *list = strchr(text, '\n');
	const char *agency = list ? strchr(list + 1, '\n') : NULL;
	size_t len = list ? (size_t)(list - text) : strlen(text);
	size_t n_list = list ? strcspn(list + 1, "\n") : 0;
	bool is_own = !list || (n_list == 0 && agency && strcmp(agency, "\n6") == 0);
	bool is_taken = false;
	*ret_taken = false;
	if (len == 0) {
		return RG_OK;
	}
	rg_err err = is_own && !list ? decode_code(leaf, "7365", text, ret_taken)
				     : edi_leaf_set(leaf, "", text, len, ret_taken);
	if (!err && *ret_taken && n_list > 0) {
		err = edi_leaf_set(leaf, "List", list + 1, n_list, &is_taken);
	}
	return err || !*ret_taken || !agency || !agency[1]
		? err
		: edi_leaf_set(leaf, "Agency", agency + 1, strlen(agency + 1), &is_taken);
}

static rg_err encode_indicator(const struct edi_leaf *leaf, const char **ret_text)
{
	const char *code = NULL;
	const char *list = NULL;
	const char *agency = NULL;
	*ret_text = NULL;
	rg_err err = edi_leaf_get(leaf, "", &code);
	if (!err) {
		err = edi_leaf_get(leaf, "List", &list);
	}
	if (!err) {
		err = edi_leaf_get(leaf, "Agency", &agency);
	}
	if (err || !code) {
		return err;
	}
	*ret_text = pool_printf(leaf->work->pool, "%s%s%s%s%s", code, list || agency ? "\n" : "",
		list ? list : "", agency ? "\n" : "", agency ? agency : "");
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

const struct edi_codec edi_codec_result = {"answer", "", decode_result, encode_code, NULL};
const struct edi_codec edi_codec_response = {"answer", "", decode_response, encode_code, NULL};
const struct edi_codec edi_codec_action = {"answer", "", decode_action, encode_code, NULL};
const struct edi_codec edi_codec_indicator = {"answer", "", decode_indicator, encode_indicator,
	NULL};
