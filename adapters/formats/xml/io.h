#ifndef XML_IO_H
#define XML_IO_H

/*
 * XML from bytes and to bytes
 *
 * Reading is libxml2 without network, DTD or entities: a document type declaration
 * is refused where it begins, so nothing is ever expanded. Encodings are those of
 * the XML declaration; GB2312 and GBK are read as GB18030, which contains them.
 */

#include <rivergate/adapter.h>

#include "formats/xml/names.h"
#include "formats/xml/tree.h"

/*
 * Fills an empty tree, with our names for those of the site. Input that is not acceptable is an
 * answer: RG_OK, *ret_ok false, and a finding with line and column made on the call.
 */
RG_MUST_USE rg_err xml_read(struct rg_bytes input, struct rg_call *call,
	const struct xml_names *names, struct xml_tree *tree, bool *ret_ok);
/* The path of a node as the site names it, for findings; NULL: the pool is spent. */
const char *xml_site_path(const struct xml_names *names, struct xml_tree *tree,
	const struct xml_node *node);

/* How a tree is laid out where nodes have no white space of their own. */
struct xml_layout {
	const char *head;     /* what stands before the first element, with its line break */
	const char *newline;  /* "\n", or "" for one line */
	const char *unit;     /* indentation of one level */
	const char *encoding; /* of charset.h; NULL: UTF-8 */
	const char *prefix;   /* of every element without one; NULL: none */
	const struct xml_names *names; /* of the site; NULL: our own are written */
};

/*
 * Appends the children of the tree's top. Nodes that are not real are left
 * out. `before` and `after` of a node are used where they are not NULL, else the
 * layout.
 */
RG_MUST_USE rg_err xml_write(const struct xml_tree *tree, const struct xml_layout *layout,
	struct text *out);

/*
 * White space that the layout puts before a child at
 * this depth (the root's children: 1). In the pool.
 */
const char *xml_gap(struct pool *pool, const struct xml_layout *layout, unsigned depth);

#endif
