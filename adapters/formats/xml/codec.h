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
	const char *native; /* path of the element */
	const char *path;   /* canonical path of the row, positions put in */
	const size_t *positions;
};

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

extern const struct xml_codec xml_codec_text;     /* white space around it is not part of it */
extern const struct xml_codec xml_codec_decimal;  /* Decimal; also 9.9E-4 */
extern const struct xml_codec xml_codec_boolean;  /* true, false */
extern const struct xml_codec xml_codec_flag;     /* 1, 0 */
extern const struct xml_codec xml_codec_date_mdy; /* M/d/yy; years 1980 to 2079 in two digits */
extern const struct xml_codec xml_codec_date_ymd; /* yyyyMMdd */
extern const struct xml_codec xml_codec_code;     /* by row->codes */
extern const struct xml_codec
	xml_codec_party; /* Trader: first line the name, the rest the address */
extern const struct xml_codec xml_codec_address; /* Address: lines joined by ", " */
extern const struct xml_codec xml_codec_tariff;  /* Commodity: hs6, then national_code */
extern const struct xml_codec
	xml_codec_direction; /* Direction by row->codes; turned round from abroad */
extern const struct xml_codec xml_codec_ordinal; /* item number: as stated, else the position */

#endif
