#ifndef NACCS_FORM_H
#define NACCS_FORM_H

/*
 * How an item is written: its text, padded, and what may stand in it
 *
 * Hints of the canonical document, each of this format:
 *
 *     kind      path     form                        value
 *     fill      –        none: no padding at all;    –
 *                        bare: none in empty items
 *     items     –        how many lines were sent    –         where that is not usual
 *     lexical   item     the line as written         what would be written
 *
 * The usual form: every item is padded to its bytes, and lines after the last item with
 * content are left out; a message without content has one empty line.
 */

#include "formats/naccs/codec.h"

enum naccs_fill { NACCS_FILL_FULL, NACCS_FILL_BARE, NACCS_FILL_NONE, NACCS_N_FILLS };

extern const char *const naccs_fill_names[NACCS_N_FILLS];

/* Whether numbers stand at the right. */
bool naccs_is_right(enum naccs_attribute attribute);

/* The text of a line without the blanks that pad it. NULL: the pool is spent. */
const char *naccs_unpad(struct pool *pool, enum naccs_attribute attribute, struct rg_bytes line);

/* The line of a text. NULL: the pool is spent. */
const char *naccs_pad(struct pool *pool, const struct naccs_row *row, const char *text,
	enum naccs_fill fill);

/* Whether two lines differ in blanks and idle zeroes only: one is a spelling of the other. */
bool naccs_is_spelling(enum naccs_attribute attribute, const char *form, const char *line);

/* What is wrong with a text for an item's attribute; NULL: nothing. */
const char *naccs_judge(const struct naccs_place *place, const char *text);

#endif
