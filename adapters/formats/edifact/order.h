#ifndef EDIFACT_ORDER_H
#define EDIFACT_ORDER_H

/*
 * The order of segments
 *
 * The usual order is that of the structure; within one of its places that of the mapping
 * table, then by qualifier and number. Decoding compares a file with it and keeps a hint
 * where they differ; encoding sorts by it, then by the hint. As a text an order is the names of
 * the children: BGM DTM[137] NAD[CN]*2 SG(GID)*3.
 */

#include "formats/edifact/tree.h"

/* The present order as a text, in the pool; NULL: no memory. */
const char *edi_order_text(struct pool *pool, const struct edi_node *parent);

/* Sorts the children, and theirs, into the usual order. */
RG_MUST_USE rg_err edi_order_sort(struct edi_tree *tree, struct edi_node *parent);

/*
 * Puts the children that the text names into its order; those that it does not name stay
 * where they are among the others. A text that is none changes nothing.
 */
RG_MUST_USE rg_err edi_order_apply(struct edi_tree *tree, struct edi_node *parent,
	const char *order);

#endif
