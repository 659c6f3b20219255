#ifndef XML_ORDER_H
#define XML_ORDER_H

/*
 * The order of children
 *
 * The usual order is that of the mapping table; names it does not know follow,
 * sorted; entries of one name stand by position. Decoding compares a file with it and
 * keeps a hint where they differ; encoding sorts by it, then by the hint.
 */

#include "formats/xml/mapping.h"

/*
 * The order of a node's children as text, A*3 B A; only
 * what xml_order_sort() would arrange. In the pool.
 */
const char *xml_order_text(struct pool *pool, const struct xml_node *node);

/*
 * Relinks the children of a node into the usual order, then into that of `order`
 * (NULL: none). Children that `order` does not name stay behind their predecessor.
 */
RG_MUST_USE rg_err xml_order_sort(struct xml_tree *tree, const struct xml_rule *rule,
	struct xml_node *node, const char *order);

/* What xml_order_text() would give after xml_order_sort() without a hint; the node is unchanged. */
RG_MUST_USE rg_err xml_order_usual(struct pool *pool, const struct xml_rule *rule,
	const struct xml_node *node, const char **ret_text);

#endif
