#ifndef XML_HINT_H
#define XML_HINT_H

/*
 * How a file was written, as hints of the canonical document
 *
 * Collected while decoding, one for each element concerned, then joined: hints
 * that differ in positions only become one with a set of positions, so that 190
 * items cost what one costs. Read back while encoding onto the nodes they name.
 *
 *     kind      path        form                          value
 *     indent    –           newline and one level         –         always there
 *     root      –           name of the root as written   –
 *     encoding  –           character set of one byte, as the file names it (charset.h)
 *     fragment  –           name of the list entry that stands alone
 *     name      by the table's names: the name as written –         one step renamed
 *     empty     element     –                             –         <X/>
 *     null      element     name of the null, if prefixed –         <X><null/></X>
 *     blank     element     what stands inside and says nothing: white space, a mark (N/A)
 *     cdata     element     –                             –         text in a CDATA section
 *     lexical   element     text as written               what the value would be written as
 *     before    node        white space before it         –
 *     after     element     white space before its end    –
 *     order     element     names of its children: A*3 B A –
 *     aside     attribute, comment, instruction: its text –
 */

#include <stdbool.h>

#include <rivergate/doc.h>

#include "formats/xml/tree.h"

enum xml_hint_kind {
	XML_HINT_INDENT,
	XML_HINT_ROOT,
	XML_HINT_ENCODING,
	XML_HINT_FRAGMENT,
	XML_HINT_NAME,
	XML_HINT_EMPTY,
	XML_HINT_NULL,
	XML_HINT_BLANK,
	XML_HINT_CDATA,
	XML_HINT_LEXICAL,
	XML_HINT_BEFORE,
	XML_HINT_AFTER,
	XML_HINT_ORDER,
	XML_HINT_ASIDE,
	XML_N_HINT_KINDS
};

struct xml_hint {
	enum xml_hint_kind kind;
	const char *form;
	const char *value;
	struct xml_hint *next; /* another one on the same node */
};

/* A path by its steps. */
struct xml_place {
	size_t depth;
	const char *names[XML_MAX_DEPTH + 4];
	uint32_t positions[XML_MAX_DEPTH + 4];
};

void xml_place_push(struct xml_place *place, const char *name, uint32_t position);
void xml_place_pop(struct xml_place *place);
/* The place of a node of this tree. */
void xml_place_of(const struct xml_tree *tree, const struct xml_node *node,
	struct xml_place *place);

/* Hints being collected. */
struct xml_hints {
	struct pool *pool;
	struct xml_found *found;
	size_t n_found;
	size_t n_room;
};

/* Adds a hint; texts are not copied. NULL place: a hint without path. */
RG_MUST_USE rg_err xml_hints_add(struct xml_hints *hints, const struct xml_place *place,
	enum xml_hint_kind kind, const char *form, const char *value);

/* Joins the hints and writes them to the document's list `hints`. */
RG_MUST_USE rg_err xml_hints_store(struct xml_hints *hints, const char *format, struct rg_doc *doc);

/*
 * Reads the document's hints of this format. Kinds with a path are attached to the
 * nodes they name (made if need be, not real), NAME to the nodes of `names`; those
 * without are handed to `general`. *ret_n counts the hints taken, *ret_ok is false
 * when they name more nodes than a document may have.
 */
struct xml_hint_target {
	struct xml_tree *tree;
	struct xml_tree *names;
	struct xml_hint *general[XML_N_HINT_KINDS];
};

RG_MUST_USE rg_err xml_hints_load(struct rg_doc *doc, const char *format,
	struct xml_hint_target *target, size_t *ret_n, bool *ret_ok);

/*
 * Walks an extension's path down the tree, making nodes. *ret_node NULL: not a path, or too many.
 */
RG_MUST_USE rg_err xml_path_make(struct xml_tree *tree, const char *path,
	struct xml_node **ret_node);

/* The hint of this kind on a node; NULL: none. */
const struct xml_hint *xml_hint_find(const struct xml_node *node, enum xml_hint_kind kind);

#endif
