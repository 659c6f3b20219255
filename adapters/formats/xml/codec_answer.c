/*
 * Codes of national answers and what they mean
 *
 * Method: the code is kept as stated; beside it stands its meaning, which a reader abroad
 * can act on. A meaning that was changed is written as the first code that has it.
 *
 * Threads: no state.
 */
#include <string.h>

#include "formats/xml/codec.h"

struct meaning {
	const char *suffix;
	const struct code_table *codes;
};

#define N_MEANINGS 2

static void list(const struct xml_meanings *meanings, struct meaning out[N_MEANINGS])
{
	out[0] = (struct meaning){".outcome", meanings->outcomes};
	out[1] = (struct meaning){".decision", meanings->decisions};
}

static const struct xml_meanings channels = {&code_cn_channel_outcomes, &code_cn_channel_decisions};

static rg_err note_unknown(const struct xml_leaf *leaf, const char *text)
{
	const char *said = pool_printf(leaf->work->pool,
		"the meaning of the answer code %.20s is not known; read the answer itself", text);
	struct rg_finding finding = {RG_FINDING_NOTE, "CODE", leaf->native, 0, 0, said};
	return said ? rg_call_finding(leaf->work->call, &finding) : RG_E_NOMEM;
}

rg_err xml_answer_decode(const struct xml_leaf *leaf, const struct xml_meanings *table,
	const char *text, bool *ret_taken)
{
	struct meaning meanings[N_MEANINGS];
	size_t len = 0;
	bool has_meaning = false;
	list(table, meanings);
	text = xml_trim(text, &len);
	rg_err err = xml_leaf_set(leaf, ".channel", text, len, ret_taken);
	for (size_t i = 0; !err && *ret_taken && i < N_MEANINGS; i++) {
		const struct code_table *codes = meanings[i].codes;
		const char *word = codes ? code_international(codes, text, len) : NULL;
		bool is_set = false;
		if (word) {
			has_meaning = true;
			err = xml_leaf_set(leaf, meanings[i].suffix, word, strlen(word), &is_set);
		}
	}
	return err || has_meaning || !*ret_taken ? err : note_unknown(leaf, text);
}

rg_err xml_answer_encode(const struct xml_leaf *leaf, const struct xml_meanings *table,
	const char **ret_text)
{
	struct meaning meanings[N_MEANINGS];
	list(table, meanings);
	rg_err err = xml_leaf_get(leaf, ".channel", ret_text);
	const char *code = *ret_text;
	for (size_t i = 0; !err && i < N_MEANINGS; i++) {
		const struct code_table *codes = meanings[i].codes;
		const char *word = NULL;
		err = codes ? xml_leaf_get(leaf, meanings[i].suffix, &word) : RG_OK;
		const char *meant =
			code && codes ? code_international(codes, code, strlen(code)) : NULL;
		const char *other = !err && word ? code_national(codes, word) : NULL;
		if (other && (!meant || strcmp(meant, word) != 0)) {
			*ret_text = other;
		}
	}
	return err;
}

static rg_err decode_channel(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	return xml_answer_decode(leaf, &channels, text, ret_taken);
}

static rg_err encode_channel(const struct xml_leaf *leaf, const char **ret_text)
{
	return xml_answer_encode(leaf, &channels, ret_text);
}

const struct xml_codec xml_codec_channel = {"code", decode_channel, encode_channel};

static rg_err decode_response(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	bool is_set = false;
	text = xml_trim(text, &len);
	const char *word = code_international(&code_cn_channel_outcomes, text, len);
	bool is_well = len == 1 && text[0] == '0' && word;
	word = is_well ? word : "OUTCOME_REFUSED";
	rg_err err = xml_leaf_set(leaf, ".results[0].code", text, len, ret_taken);
	return err || !*ret_taken ? err
				  : xml_leaf_set(leaf, ".outcome", word, strlen(word), &is_set);
}

static rg_err encode_response(const struct xml_leaf *leaf, const char **ret_text)
{
	const char *outcome = NULL;
	rg_err err = xml_leaf_get(leaf, ".results[0].code", ret_text);
	return err ? err : xml_leaf_get(leaf, ".outcome", &outcome);
}

const struct xml_codec xml_codec_response = {"code", decode_response, encode_response};
