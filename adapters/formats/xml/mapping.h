#ifndef XML_MAPPING_H
#define XML_MAPPING_H

/*
 * The mapping of an XML format: one table, used in both directions
 *
 * A profile is the table of a format, and the table is the format: the order of its
 * rows is the order in which elements are written, and each row names
 *
 *     native      path below the root, lists marked []:  Item[]/Packages/Kind_of_packages_code
 *     canonical   where it goes (rivergate/doc.h):       items[].packages[0].kind
 *     codec       how text becomes values and back
 *
 * The n-th [] of one path is the n-th [] of the other; native positions count from
 * 1, canonical ones from 0. A row without canonical path has no canonical field: its
 * content goes to `extensions`. An element without a row does so too. A list may be
 * shared out: Procedure[1]/Code is its first entry, Procedure[2-]/Code the list of all
 * from the second on.
 *
 * Attributes are rows below their element: Amount/@currencyID. One that is never mapped
 * and has a usual text (`fresh`) costs a hint only while it has that text.
 *
 * Element names are compared without regard to case and to a namespace prefix,
 * because real files vary in both; how a file spelt them is kept by a hint. The prefix
 * that the table gives a name is the one that a fresh document uses; rows such as
 * @xmlns:ram with a fresh text declare it.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/adapter.h>
#include <rivergate/doc.h>

#include "formats/codes/codes.h"
#include "formats/pool.h"
#include "formats/xml/io.h"
#include "formats/xml/names.h"
#include "formats/xml/tree.h"

struct xml_codec;

enum xml_row_flag {
	XML_NULL = 1,     /* an empty element is usually written <X><null/></X>; else <X/> */
	XML_OPTIONAL = 2, /* usually left out when empty */
	/*
	 * Not transferable: only between documents of the plug-in's own country. A plug-in of
	 * no country writes such rows in a copy of what was lodged, never in a draft.
	 */
	XML_OWN = 4,
	XML_EXPORT = 8,    /* the row holds in export declarations only */
	XML_IMPORT = 16,   /* the row holds in import declarations only */
	XML_NATIONAL = 32, /* a code without counterpart is kept as CC:code, which only CC reads */
	XML_SILENT = 64,   /* `fresh` goes without saying: it is never written of itself */
	XML_FIRST =
		128, /* the first entry of the first list is `elsewhere`, the rest `canonical` */
	XML_ONCE =
		256,   /* the first list has one entry at least, where `elsewhere` says something */
	XML_BARE = 512 /* its attributes speak for themselves: written without a value too */
};

struct xml_row {
	const char *native;
	const char *canonical;          /* NULL: not mapped */
	const struct xml_codec *codec;  /* with canonical */
	unsigned flags;                 /* enum xml_row_flag */
	const struct code_table *codes; /* of the codecs of codes */
	const char *fresh;     /* written where there is no value and no hints; NULL: nothing */
	const char *elsewhere; /* read instead where a document from abroad lacks `canonical` */
};

/* The usual rows: mapped by a codec of codec.h; known, but without canonical field. */
#define XML_ROW(native, canonical, type, flags) \
	{ \
		native, canonical, &xml_codec_##type, flags, NULL, NULL, NULL \
	}
#define XML_CODE(native, canonical, type, flags, codes) \
	{ \
		native, canonical, &xml_codec_##type, flags, codes, NULL, NULL \
	}
#define XML_KNOWN(native, flags) \
	{ \
		native, NULL, NULL, flags, NULL, NULL, NULL \
	}

/*
 * How long a text may be where the document was not read from a file of this format, by
 * the last steps of its native path without positions; of several that fit, the first
 * counts. The form is that of the WCO Data Model, an..35, n..16,3, a2; t..70 is a text of
 * lines and spaces that may be cut.
 */
struct xml_limit {
	const char *path; /* Address/CityName */
	const char *form;
};
struct xml_work;
struct xml_leaf;

/*
 * A table that stands below an element of this one: as if its rows began there and came
 * last. A row of the profile's own for the same element goes before.
 */
struct xml_graft {
	const char *native; /* Response/Declaration[2] */
	const struct xml_row *rows;
	const size_t *n_rows;
};

struct xml_profile {
	const char *format; /* name, as in Extension.format */
	const char *root;   /* name of the root element */

	/* Whether a text is the mark of the format for "not known": the element says nothing. */
	bool (*is_unknown)(const struct xml_work *work, const struct xml_row *row,
		const char *text);
	/* Encoding a document from abroad: makes a text fit its element, or NULL and says why. */
	rg_err (*fit)(const struct xml_leaf *leaf, const char **text);
	/* Encoding without hints: adds below the root what must be there and nobody stated. */
	rg_err (*complete)(struct xml_work *work, struct xml_tree *tree, struct xml_node *root);

	const char *head; /* XML declaration with its line break */
	const char *flow; /* native path of the export/import mark; NULL: no row depends on it */
	const char *export_mark; /* its text in an export declaration */
	const char *const
		*credentials; /* elements whose content is dropped; NULL: none; ends with NULL */
	const char *entry; /* child of the root that is a document of its own (entries.h), not with
			    * `flow`; NULL: a file is one document */
	const struct xml_row *rows;
	size_t n_rows;
	const struct xml_graft *graft;  /* NULL: none */
	const struct xml_limit *limits; /* NULL: none */
	const size_t *n_limits;

	/*
	 * Element that a file must hold; NULL: none. It tells formats apart that share their
	 * root. A child of the root in the table may also stand alone as the root; one that is
	 * none may stand anywhere inside.
	 */
	const char *content;

	/* Profiles of the other roots that the format has; ends with NULL. NULL: none. */
	const struct xml_profile *const *others;
	/* Of one of the others: canonical path of the leaf that names its root (and content). */
	const char *kind;
	/* That the root alone states; a document without kind is written by the first that fits. */
	const char *direction;
};

/* One step of the table as a tree: what may stand inside an element, in order. */
struct xml_rule {
	const char *name;  /* as it is usually written, with its prefix */
	const char *local; /* without */
	bool is_list;
	uint32_t from, to;         /* positions among siblings of the name that are its own */
	unsigned rank;             /* among siblings, from 1 */
	const struct xml_row *row; /* NULL: an element with children only */
	const struct xml_row
		*other;    /* a second row on the same element (XML_EXPORT beside XML_IMPORT) */
	const char *limit; /* form of a limit; NULL: none */
	struct xml_rule *parent, *first, *last, *next;
};

#define XML_MAX_LISTS 8
#define XML_KIND_MAX  160

/* What every step of a call needs. */
struct xml_work {
	struct pool *pool;
	struct rg_call *call;
	struct rg_doc *doc;
	const struct xml_profile *profile;
	struct xml_rule *rules;  /* of the root element */
	struct xml_names *names; /* of the site; NULL: the format's own */
	bool is_export;          /* of the native document */
	bool is_own;             /* the document is of the plug-in's country; see XML_OWN */
	bool is_fresh;           /* encoding: no hints of this format, so its usual form */
};

/* Builds the tree of rules. NULL: the pool is spent. */
struct xml_rule *xml_rules_build(struct pool *pool, const struct xml_profile *profile);

/* The first rule for a child of this name inside `parent`; NULL: the table does not know it. */
const struct xml_rule *xml_rules_find(const struct xml_rule *parent, const char *name);
/* The rule for the one at this position; where none has it for its own, the last of the name. */
const struct xml_rule *xml_rules_at(const struct xml_rule *parent, const char *name,
	uint32_t position);
/* What the leaf at `kind` says of a document of this profile: Root or Root/Content. */
void xml_kind(const struct xml_profile *profile, char out[XML_KIND_MAX]);
/* The name without a namespace prefix; attributes and asides are left as they are. */
const char *xml_local(const char *name);

/* The row that holds for this rule in this document, mapped or not; NULL: none. */
const struct xml_row *xml_rules_row(const struct xml_work *work, const struct xml_rule *rule);

/* The canonical path of a row with its list positions (from 0) put in. NULL: the pool is spent. */
const char *xml_rules_path(struct pool *pool, const char *canonical, const size_t *positions);

/* The canonical path of this place of a row. NULL: the pool is spent. */
const char *xml_rules_place(struct pool *pool, const struct xml_row *row, const size_t *positions);

/*
 * Calls visit for every place the row may have in the document: once for each
 * combination of entries of its lists. Stops at the first fault.
 */
RG_MUST_USE rg_err xml_rules_each(const struct xml_work *work, const struct xml_row *row,
	rg_err (*visit)(void *context, const size_t *positions), void *context);

#endif
