#ifndef XML_CODEC_H
#define XML_CODEC_H

/*
 * How the text of an element becomes canonical values, and back
 *
 * A codec need not keep how a value was spelt (9.9E-4, spaces around it): the
 * decoder encodes what it has just decoded and keeps any difference as a lexical
 * hint. It must keep what the value *is*.
 */

#include <rivergate/adapter.h>

#include "formats/xml/mapping.h"

/* One element and the canonical leaves behind it. */
struct xml_leaf {
	const struct xml_work *work;
	const struct xml_row *row;
	const char *native;          /* path of the element */
	const struct xml_node *node; /* decoding: the element; NULL: encoding */
	const char *path;            /* canonical path of the row, positions put in */
	const size_t *positions;
};

/* Reads the leaf at path + suffix into the pool; *ret_text NULL: absent. */
RG_MUST_USE rg_err xml_leaf_get(const struct xml_leaf *leaf, const char *suffix,
	const char **ret_text);
/* Writes it, with this element as its source; *ret_taken false: another element did so before. */
RG_MUST_USE rg_err xml_leaf_set(const struct xml_leaf *leaf, const char *suffix, const char *text,
	size_t len, bool *ret_taken);
/* The full canonical path, in the pool. */
RG_MUST_USE rg_err xml_leaf_path(const struct xml_leaf *leaf, const char *suffix,
	const char **ret_path);
/* Makes the finding that a canonical value cannot be written in this format. */
RG_MUST_USE rg_err xml_leaf_refuse(const struct xml_leaf *leaf, const char *suffix,
	const char *text);
/* Narrows a text to what stands between white space. */
const char *xml_trim(const char *text, size_t *ret_len);

struct xml_codec {
	const char *type; /* for --explain: text, decimal, date, boolean, code, party, … */

	/*
	 * Sets the leaves from a text that is not blank. *ret_taken false: this text has
	 * no such value, and nothing was set; it becomes an extension.
	 */
	rg_err (*decode)(const struct xml_leaf *leaf, const char *text, bool *ret_taken);

	/*
	 * *ret_text (in the pool) is what the leaves say, or NULL where they are absent or
	 * cannot be written; then a finding or a loss has been made on the call.
	 */
	rg_err (*encode)(const struct xml_leaf *leaf, const char **ret_text);
};

/* text: white space around it is not part of it. boolean: true, false. flag: 1, 0. */
extern const struct xml_codec xml_codec_text, xml_codec_boolean, xml_codec_flag;

/* boolean; of a document from abroad that does not say: whether it lists containers. */
extern const struct xml_codec xml_codec_containerised;

/* Decimal, also 9.9E-4. A count from abroad loses empty places. */
extern const struct xml_codec xml_codec_decimal, xml_codec_count;

/* M/d/yy, where 1980 to 2079 have two digits; yyyyMMdd. */
extern const struct xml_codec xml_codec_date_mdy, xml_codec_date_ymd;

/*
 * A moment, YYYY-MM-DDTHH:MM:SS, also read as yyyyMMddTHHmmssSS, which the dense one writes;
 * of a stamp: its date and its time.
 */
extern const struct xml_codec xml_codec_moment, xml_codec_moment_dense, xml_codec_stamp;

/*
 * The code of a national answer, with the outcome or the decision that it means: of
 * DEC_RESULT by its channel; of DecImportResponse 0 is well, all else is not.
 */
extern const struct xml_codec xml_codec_channel, xml_codec_response;

/*
 * Codec of an answer whose codes mean what two tables say (Outcome, DecisionStatus; NULL:
 * none): the code in .channel, its meaning in .outcome or .decision. An unknown one is a
 * finding of severity note.
 */
struct xml_meanings {
	const struct code_table *outcomes;
	const struct code_table *decisions;
};
RG_MUST_USE rg_err xml_answer_decode(const struct xml_leaf *leaf,
	const struct xml_meanings *meanings, const char *text, bool *ret_taken);
RG_MUST_USE rg_err xml_answer_encode(const struct xml_leaf *leaf,
	const struct xml_meanings *meanings, const char **ret_text);

/* By row->codes. A mode from abroad by its first digit; a direction from abroad turned round. */
extern const struct xml_codec xml_codec_code, xml_codec_mode, xml_codec_direction;

/*
 * A code of an international list, row->codes, as it is. One that is not on the list is
 * national and becomes CC:code; one of another country cannot be written here.
 */
extern const struct xml_codec xml_codec_listed;

/* Trader: first line the name, the rest the address. Address: lines joined by ", ". */
extern const struct xml_codec xml_codec_party, xml_codec_address;

/* Commodity: hs6, then national_code. */
extern const struct xml_codec xml_codec_tariff;

/* Cost: how its amount is stated; from abroad a total. */
extern const struct xml_codec xml_codec_mark;

/* The number by which the native system's answers name the file: abroad exchange.handover. */
extern const struct xml_codec xml_codec_handover;

/* Number of an entry of a list, as stated, else its position. */
extern const struct xml_codec xml_codec_ordinal;

#endif
