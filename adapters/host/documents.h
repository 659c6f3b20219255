#ifndef HOST_DOCUMENTS_H
#define HOST_DOCUMENTS_H

/*
 * The documents of a header: certificates that a declaration relies on
 *
 * A certificate is known by type, issuer's country and number (WINDOW.md 4). National formats
 * name documents by national codes, and nobody's country. What is missing the sender states
 * beside the file, `rivergate submit --document`, one text each:
 *
 *     TYPE:CC:NUMBER      851:TH:TH-PC-2026-004711
 *
 * Threads: no state.
 */

#include <stdbool.h>

#include <rivergate/error.h>

#include "base/conf.h"
#include "rivergate/v1/message.pb-c.h"

/* In a header at most. */
#define DOCUMENTS_MAX 256

/*
 * The header's document of this type and number: one that it has, or a new one that says no more.
 * RG_E_OVERFLOW: more than a header may hold. *ret_ref is the header's.
 */
RG_MUST_USE rg_err documents_name(Rivergate__V1__Header *header, const char *type,
	const char *number, Rivergate__V1__DocumentRef **ret_ref, bool *ret_is_new);

/* Whether the text states a document; *ret_problem: NULL, or one sentence. */
bool documents_is_valid(const char *text, const char **ret_problem);

/*
 * Adds the stated documents; one of that type and number that the header has gets its country.
 * Texts are valid. RG_E_OVERFLOW: more than a header may hold.
 */
RG_MUST_USE rg_err documents_complete(const struct conf_texts *stated,
	Rivergate__V1__Header *header);

/* Whether the header names what the facts of its document name, in that order, or more. */
bool documents_contain(const Rivergate__V1__Header *facts, const Rivergate__V1__Header *header);

#endif
