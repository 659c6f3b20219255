#ifndef XML_CHARSET_H
#define XML_CHARSET_H

/*
 * Character sets of one byte that national systems still write
 *
 * TIS-620 (TIS 620-2533), ISO-8859-11 (the same and a no-break space) and Windows-874
 * (the same, punctuation and the euro sign). A file in one of them is read as UTF-8 and
 * written in it again; a character that the set does not have is written as a character
 * reference. Own tables rather than iconv(): a plug-in does no input or output, and
 * iconv() loads its tables from files.
 */

#include <stdbool.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "formats/pool.h"

struct xml_charset;

/* By any of its usual names, whatever the case; NULL: not one of these. */
const struct xml_charset *xml_charset_find(const char *name);

/* *ret_text NULL: *ret_bad is the first byte that the set does not have. */
RG_MUST_USE rg_err xml_charset_read(const struct xml_charset *charset, struct rg_bytes bytes,
	struct pool *pool, const char **ret_text, const uint8_t **ret_bad);

/* Whether every character of a text (UTF-8) is in the set. */
bool xml_charset_holds(const struct xml_charset *charset, const char *text);

/* Appends the text in the set; what it does not have as &#x…; */
void xml_charset_write(const struct xml_charset *charset, const char *text, struct text *out);

#endif
