#ifndef TH_ECUSTOMS_TABLE_H
#define TH_ECUSTOMS_TABLE_H

/*
 * Thai e-Customs: what the official field tables say
 *
 * generate.py makes these tables from the CSV files of this folder when the project is built: one
 * row a field, in the order of the guide, and beside it at the same index the row that maps it
 * (formats/xml/mapping.h).
 */

#include <stdbool.h>
#include <stddef.h>

#include "formats/codes/codes.h"
#include "formats/th-ecustoms/th.h"
#include "formats/xml/codec.h"
#include "formats/xml/mapping.h"

/* The letters of the guide before a length: a, n, an. */
enum th_kind { TH_LETTERS, TH_DIGITS, TH_TEXT };

struct th_field {
	const char *name; /* of the element */
	enum th_kind kind;
	bool is_exact;     /* exactly `length`, else at most */
	unsigned length;   /* characters; of a number its digits, decimals included */
	unsigned decimals; /* at most */
	char use;          /* M mandatory, C where `when` holds, O optional */

	/*
	 * C: the element of the same group it depends on, and the values that make it needed,
	 * parted by |; NULL values: any. A C without `when` depends on what the file does not
	 * say.
	 */
	const char *when;
	const char *when_values;

	const char *values;            /* the codes it may hold, parted by |; NULL: see list */
	const struct code_table *list; /* NULL: no list either */
};

/* A record group: where it stands, its fields, how often it may come inside its parent. */
struct th_group {
	const char *path; /* below the root, lists marked [] */
	size_t first;
	size_t n_fields;
	unsigned least;
	unsigned most;
};

/* A message of e-Customs; `profile` comes first, so that one can be had from the other. */
struct th_message {
	struct xml_profile profile;
	const struct th_field *fields; /* as many as profile.n_rows */
	const struct th_group *groups;
	size_t n_groups;
};

extern const char *const th_credentials[];

/* What the messages have in common, for the generated tables. */
#define TH_PROFILE(root_name, rest, way, table, n) \
	{ \
		.format = "th-ecustoms", .root = (root_name), .others = (rest), \
		.kind = "exchange.message", .direction = (way), .is_unknown = th_is_unknown, \
		.fit = th_fit, .complete = th_complete, \
		.head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", \
		.credentials = th_credentials, .rows = (table), .n_rows = (n) \
	}

const struct th_message *th_message_of(const struct xml_profile *profile);

/* What a value does against the field's rule, as a word and a sentence; false: nothing. */
struct th_breach {
	const char *rule;
	const char *text; /* in the pool */
};
bool th_breaks(struct pool *pool, const struct th_field *field, const char *text,
	struct th_breach *ret_breach);

/* The guide's mark for "not known": N/A, of digits 0. */
const char *th_unknown(const struct th_field *field);
/* Whether this C field is needed beside what `when` holds; text NULL: absent. */
bool th_is_needed(const struct th_field *field, const char *when_text);
/* Whether `text` is one of the values parted by |. */
bool th_is_one_of(const char *values, const char *text);

/* Marks of the guide, values that fit their element, and what is missing (struct xml_profile). */
bool th_is_unknown(const struct xml_work *work, const struct xml_row *row, const char *text);
RG_MUST_USE rg_err th_fit(const struct xml_leaf *leaf, const char **text);
RG_MUST_USE rg_err th_complete(struct xml_work *work, struct xml_tree *tree, struct xml_node *root);

/*
 * mass: KGM as the file's own unit says, which stands in the next row; mass_unit: that unit.
 * street: the first line of an address, of one from abroad all of them. party_country: that of
 * the address, from abroad else that of the consignment. last: Y on the last entry of the list.
 * answer: a code of an answer with what it means.
 */
extern const struct xml_codec th_mass_codec, th_mass_unit_codec, th_street_codec,
	th_party_country_codec, th_last_codec, th_answer_codec;

#endif
