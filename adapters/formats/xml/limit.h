#ifndef XML_LIMIT_H
#define XML_LIMIT_H

/*
 * What an element has room for
 *
 * What is made from another format's declaration must be acceptable where it goes, so its
 * texts are fitted to the format's lengths (struct xml_limit of mapping.h). A document that
 * was read from a file of this format is never touched.
 *
 *     an..35  a2     characters, at most or exactly; a code that is longer is left out
 *     n..16,3        digits in all, and behind the point; empty places are dropped first
 *     t..70          words with single spaces between them; cut where they are longer
 */

#include "formats/xml/codec.h"

/* The text as it fits; "": it does not. NULL: the pool is spent. */
const char *xml_limit_fit(struct pool *pool, const char *form, const char *text);

/* xml_limit_fit() on the text of a leaf; *text NULL where nothing is left. Tells the loss. */
RG_MUST_USE rg_err xml_limit_apply(const struct xml_leaf *leaf, const char *form,
	const char **text);

#endif
