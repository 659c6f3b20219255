#ifndef EDIFACT_CODEC_H
#define EDIFACT_CODEC_H

/*
 * How the text of a value becomes canonical values, and back
 *
 * The text of several components has a line feed between them, without idle ones at its
 * end. A codec need not keep how a value was spelt: the decoder encodes what it has just
 * decoded and keeps any difference as a lexical hint.
 */

#include "formats/edifact/rules.h"
#include "formats/edifact/wire.h"

/* What every step of a call needs. */
struct edi_work {
	struct pool *pool;
	struct rg_call *call;
	struct rg_doc *doc;
	const struct edi_profile *profile;
	const struct edi_message *message;
	struct edi_tree tree;
	struct edi_service service;
	bool is_fresh; /* the document was not made from a message: its usual form */
	bool has_law;  /* law of the country that stated it may be written */
};

/* One row at one place, and the canonical leaves behind it. */
struct edi_leaf {
	const struct edi_work *work;
	const struct edi_row *row;
	const char *const *natives; /* paths of the values, the first first */
	size_t n_natives;
	const char *path;            /* canonical path, positions put in */
	const struct edi_part *part; /* what the directory says of the value; NULL: nothing */
	size_t position;             /* last list position, from 0 */
};

/* Reads the leaf at path + suffix into the pool; *ret_text NULL: absent. */
RG_MUST_USE rg_err edi_leaf_get(const struct edi_leaf *leaf, const char *suffix,
	const char **ret_text);
/* Writes it; *ret_taken false: another value did so before. */
RG_MUST_USE rg_err edi_leaf_set(const struct edi_leaf *leaf, const char *suffix, const char *text,
	size_t len, bool *ret_taken);
/* Names the leaf in the loss report. */
RG_MUST_USE rg_err edi_leaf_lose(const struct edi_leaf *leaf, const char *reason);
/* Makes the finding that a canonical value cannot be written. */
RG_MUST_USE rg_err edi_leaf_refuse(const struct edi_leaf *leaf, const char *text);

struct edi_codec {
	const char *type;   /* for --explain: text, decimal, date, … */
	const char *suffix; /* of the leaf that stands for the value in a loss report */

	/* *ret_taken false: this text has no such value, and nothing was set. */
	rg_err (*decode)(const struct edi_leaf *leaf, const char *text, bool *ret_taken);
	/* *ret_text (in the pool) is what the leaves say; NULL: nothing. */
	rg_err (*encode)(const struct edi_leaf *leaf, const char **ret_text);
	/* What would be written for a text with this value; NULL: there is one spelling. */
	rg_err (*usual)(const struct edi_leaf *leaf, const char *text, const char **ret_text);
};

/*
 * Bytes of the first n characters, as directories count them; the whole text where it has no
 * more.
 */
size_t edi_width(const char *text, size_t n);

/*
 * Text as it is. Lines: one component each. Words: components flow into one text. A component
 * that is as long as the directory allows goes on in the next, without line or space.
 */
extern const struct edi_codec edi_codec_text, edi_codec_lines, edi_codec_words;
extern const struct edi_codec edi_codec_decimal;
/* YYYY-MM-DD of formats 101 and 102; moment: also 201 to 204. Date and time of an envelope. */
extern const struct edi_codec edi_codec_date, edi_codec_moment, edi_codec_envelope;
/* Stamp: its date and its time. */
extern const struct edi_codec edi_codec_stamp;
/* Commodity: hs6, then nationalCode. */
extern const struct edi_codec edi_codec_tariff;
/* ISO 3166-1 alpha-2; UN/LOCODE: of a new document only what has that form. */
extern const struct edi_codec edi_codec_locode;
/* Mode of transport: of a new document the first digit, UN/ECE Rec 19. */
extern const struct edi_codec edi_codec_mode;
/* Item number: as stated, of a new document its position. */
extern const struct edi_codec edi_codec_ordinal;
/* Name of the message that is written. */
extern const struct edi_codec edi_codec_message;
/* 929 and 830 are the direction, all else exchange.documentCode. */
extern const struct edi_codec edi_codec_document;
/* The declarant's number; a document that is handed over: exchange.handover. */
extern const struct edi_codec edi_codec_handover;
/* Codes of answers with the outcome or decision they mean, by data element. */
extern const struct edi_codec edi_codec_result, edi_codec_indicator, edi_codec_response,
	edi_codec_action;

#endif
