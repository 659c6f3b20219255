#ifndef EDIFACT_RULES_H
#define EDIFACT_RULES_H

/*
 * The mapping of a message: one table, used in both directions
 *
 *     native      SG(CST)[]/MEA[WT,AAE,KGM]/C174.6314
 *     canonical   items[].grossMass
 *     codec       how text becomes values and back
 *
 * Paths are those of tree.h. [] is any number, [CN#] any number of this qualifier; the
 * n-th of them is the n-th [] of the canonical path, where positions count from 0. A row
 * of several values names the first and how many components it takes; its text has a
 * colon between them. Where a structure lacks a group or segment the row is not there.
 *
 * Rows of one canonical path are one value in several possible places: the first is the
 * usual one, those marked EDI_OTHER are taken where a file has them, and a hint says so.
 */

#include <rivergate/adapter.h>
#include <rivergate/doc.h>

#include "formats/edifact/tree.h"

struct edi_codec;

enum edi_row_flag {
	EDI_OWN = 1,    /* law of the country that stated it: not in drafts and advance data */
	EDI_OTHER = 2,  /* another place of a value whose usual one is elsewhere */
	EDI_FIXED = 4,  /* `fresh` stands there in every message that has the segment */
	EDI_ALWAYS = 8, /* with EDI_FIXED: in every message */
	EDI_TEXT = 16,  /* free text: of a new document cut where it is too long */
	EDI_SELF = 32   /* never read from a document that was not made from a message */
};

struct edi_row {
	const char *native;
	const char *canonical; /* NULL: not mapped */
	const struct edi_codec *codec;
	unsigned n_components; /* from the one named on; 0 and 1: one */
	unsigned flags;        /* enum edi_row_flag */
	const char *fresh; /* written in a new document where the segment stands and has no value */
	const char *elsewhere; /* read instead where a new document lacks `canonical` */
};

#define EDI_ROW(native, canonical, type, flags) \
	{ \
		native, canonical, &edi_codec_##type, 1, flags, NULL, NULL \
	}
#define EDI_SPAN(native, n, canonical, type, flags) \
	{ \
		native, canonical, &edi_codec_##type, n, flags, NULL, NULL \
	}
#define EDI_FRESH(native, canonical, type, flags, fresh) \
	{ \
		native, canonical, &edi_codec_##type, 1, flags, fresh, NULL \
	}
#define EDI_FIX(native, flags, text) \
	{ \
		native, NULL, NULL, 1, (flags) | EDI_FIXED, text, NULL \
	}

struct edi_message {
	const char *name; /* CUSDEC */
	const struct edi_row *rows;
	const size_t *n_rows;
};

struct edi_profile {
	const char *format;
	const struct edi_message *messages;
	size_t n_messages;
	const char *usual;   /* message of a document that names none */
	const char *release; /* directory of a new document */
};

/* A row with the place of its (first) value. */
struct edi_leaf_rule {
	const struct edi_row *row;
	struct edi_place place;
	struct edi_leaf_rule *next;
};

/* One step of the table as a tree. */
struct edi_rule {
	struct edi_step step; /* number 0: any */
	size_t order;         /* of its first row in the table */
	struct edi_leaf_rule *leaves, *last_leaf;
	struct edi_rule *parent, *first, *last, *next;
};

/* Builds the tree of rules of the rows that the structure has. NULL: the pool is spent. */
struct edi_rule *edi_rules_build(struct pool *pool, const struct edi_message *message,
	const struct edi_structure *structure);

/* The rule of a child of this step; NULL: none. */
const struct edi_rule *edi_rule_find(const struct edi_rule *parent, const struct edi_step *step);

/* The row of a place; NULL: none. */
const struct edi_leaf_rule *edi_rule_leaf(const struct edi_rule *rule,
	const struct edi_place *place);

/* The message of this name; NULL: the profile has none. */
const struct edi_message *edi_message_find(const struct edi_profile *profile, const char *name);

#endif
