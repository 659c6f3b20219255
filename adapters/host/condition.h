#ifndef HOST_CONDITION_H
#define HOST_CONDITION_H

/*
 * The state of goods, which no native format has a code for
 *
 * Whether fruit of one HS code is fresh or dried decides lanes, rules and targets. The sender
 * states it beside the file, `rivergate submit --condition`, one text each:
 *
 *     [HS:]CONDITION      FRESH, 0804:dried
 *
 * The first text whose digits begin an item's HS code counts; without digits it is for all.
 * It is written into the document, so that header and parts say the same. What the document
 * states itself stands.
 *
 * Threads: no state.
 */

#include <stdbool.h>

#include <rivergate/error.h>

#include "base/conf.h"
#include "wire/doc.h"

/* Whether the text states a condition; *ret_problem: NULL, or one sentence. */
bool condition_is_valid(const char *text, const char **ret_problem);

/* Sets the condition of items that state none. Texts are valid. */
RG_MUST_USE rg_err condition_state(const struct conf_texts *texts, struct doc *doc);

#endif
