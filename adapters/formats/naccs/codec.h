#ifndef NACCS_CODEC_H
#define NACCS_CODEC_H

/*
 * How the text of an item becomes canonical values, and back
 *
 * Texts come without the blanks that pad them. A codec need not keep how a value was
 * spelt (zeroes before a number); the decoder writes again what it has just read and
 * keeps any difference as a lexical hint.
 */

#include <rivergate/adapter.h>

#include "formats/naccs/layout.h"

/* One item and the canonical leaves behind it. */
struct naccs_leaf {
	const struct naccs_work *work;
	const struct naccs_place *place;
	const char *path; /* canonical path at hand: the place's, or the one elsewhere */
	const char *next; /* decoding: text of the next item; NULL: none */
};

/* Reads the leaf at path + suffix into the pool; *ret_text NULL: absent. */
RG_MUST_USE rg_err naccs_leaf_get(const struct naccs_leaf *leaf, const char *suffix,
	const char **ret_text);
/* Writes it, with this item as its source; *ret_taken false: another item did so before. */
RG_MUST_USE rg_err naccs_leaf_set(const struct naccs_leaf *leaf, const char *suffix,
	const char *text, size_t len, bool *ret_taken);
/* Names the leaf in the loss report. */
RG_MUST_USE rg_err naccs_leaf_lose(const struct naccs_leaf *leaf, const char *suffix,
	const char *reason);
/* Makes the finding that a canonical value cannot be written. */
RG_MUST_USE rg_err naccs_leaf_refuse(const struct naccs_leaf *leaf, const char *suffix,
	const char *text);

struct naccs_codec {
	const char *type;   /* for --explain: text, decimal, date, … */
	const char *suffix; /* of the leaf that stands for the value in a loss report */

	/*
	 * Sets the leaves from a text that is not empty. *ret_taken false: this text has
	 * no such value, and nothing was set; it becomes an extension.
	 */
	rg_err (*decode)(const struct naccs_leaf *leaf, const char *text, bool *ret_taken);

	/* *ret_text (in the pool) is what the leaves say; NULL: nothing. */
	rg_err (*encode)(const struct naccs_leaf *leaf, const char **ret_text);
};

/* Text as it is. Digits: a number that is a name, kept as text. */
extern const struct naccs_codec naccs_codec_text, naccs_codec_digits;
/* Decimal. A count from abroad loses empty places. */
extern const struct naccs_codec naccs_codec_decimal, naccs_codec_count;
/* Mass whose unit is the next item, and that unit: only kilograms are mapped. */
extern const struct naccs_codec naccs_codec_mass, naccs_codec_kilogram;
/* ddMMyyyy, HHmmss, and yyyyMMddHHmm with or without ss. */
extern const struct naccs_codec naccs_codec_date, naccs_codec_time, naccs_codec_moment;
/* ISO 3166-1 alpha-2. UN/LOCODE: from abroad only what has its form. */
extern const struct naccs_codec naccs_codec_country, naccs_codec_locode;
/* 1 air, 2 sea in containers, 3 other sea, 4 road, 5 rail, 6 river, 9 other. */
extern const struct naccs_codec naccs_codec_mode;
/* Commodity: hs6, then nationalCode. */
extern const struct naccs_codec naccs_codec_tariff;
/* Address: all lines as one text; or its first, second and third line. */
extern const struct naccs_codec naccs_codec_address;
extern const struct naccs_codec naccs_codec_street1, naccs_codec_street2, naccs_codec_street3;
/* Five times code, item, position: S0006-ICN -0000. */
extern const struct naccs_codec naccs_codec_results;
/* Inspection code; its first character decides where the message leaves that to it. */
extern const struct naccs_codec naccs_codec_channel;
/* What the system returns: the sender's own, or the name a document from abroad was given. */
extern const struct naccs_codec naccs_codec_correlation;
/* Code of the message that is being written. */
extern const struct naccs_codec naccs_codec_message;
/* Which of several declarations of one consignment this is. */
extern const struct naccs_codec naccs_codec_division;
/* How many containers: as stated, else as many as a document from abroad lists. */
extern const struct naccs_codec naccs_codec_containers;

/* Whether a number can be read as a decimal of 64 bits and at most 18 places. */
bool naccs_is_decimal(const char *text);

#endif
