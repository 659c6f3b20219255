#ifndef EDIFACT_CHARSET_H
#define EDIFACT_CHARSET_H

/*
 * Character sets of interchanges
 *
 * UNB names one: UNOA and UNOB are ASCII, UNOC to UNOK parts of ISO 8859, UNOX ISO 2022,
 * UNOW and UNOY ISO 10646. A message without UNB is UTF-8. Files that do not keep to it are
 * read as what they are (UTF-8, else ISO 8859-1; UTF-16 by its zeroes), which a hint keeps.
 *
 * The whole file is read as UTF-8 and written again; what would not come back byte for
 * byte is refused.
 *
 * Source: ISO 9735 annexes A and B of the syntax versions 3 and 4.
 */

#include <rivergate/adapter.h>

#include "formats/pool.h"

struct edi_input {
	const char *text; /* UTF-8 without NUL; may be a view of the file */
	size_t len;
	const char *charset; /* of iconv */
	bool has_mark;       /* byte order mark, not part of the text */
};

/* Not acceptable is an answer: *ret_ok false and a finding made. */
RG_MUST_USE rg_err edi_charset_read(struct pool *pool, struct rg_bytes native, struct rg_call *call,
	struct edi_input *input, bool *ret_ok);

/* The set that a syntax identifier stands for; "" and what is not known: UTF-8. */
const char *edi_charset_of(const char *syntax);

/* Whether this is a name that edi_charset_read() gives. */
bool edi_charset_is_known(const char *charset);

/* Whether a text can be written in this set. */
bool edi_charset_holds(struct pool *pool, const char *charset, const char *text);

/* Writes a text of UTF-8. *ret_ok false: the set cannot hold it. */
RG_MUST_USE rg_err edi_charset_write(struct pool *pool, const char *charset, const char *text,
	size_t len, struct rg_bytes *ret_bytes, bool *ret_ok);

#endif
