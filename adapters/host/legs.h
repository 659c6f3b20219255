#ifndef HOST_LEGS_H
#define HOST_LEGS_H

/*
 * The legs of a header: where the goods go, country after country
 *
 * A native declaration is about its own country. What it says of others differs from format
 * to format, and most say nothing of the countries in between:
 *
 *     export, destination country     all
 *     countries on the way            wco-dm (Itinerary), edifact (LOC 49)
 *     their offices                   edifact (LOC 50), where a code begins with its country
 *     first destination, or country   asycuda-sad (Country_first_destination), where it is
 *     of last consignment             neither of the two
 *     office where transit ends       asycuda-sad (Transit/Destination), edifact (LOC 45, 52)
 *
 * What the format has no place for the sender states beside the file, `rivergate submit --leg`
 * or `legs` of a route, one text each, in travel order:
 *
 *     CC:REGIME[:OFFICE_IN[:OFFICE_OUT[:ETA]]]      LA:TRANSIT:LABTN::2026-11-23T04:00:00Z
 *
 * Such a leg completes the one of that country and regime, if the document has it, and never
 * contradicts it. Else it comes behind the leg that was stated before it, and before the
 * first one that lies further on: export, then transit, then all else.
 *
 * Threads: no state.
 */

#include <stdbool.h>

#include <rivergate/error.h>

#include "base/conf.h"
#include "rivergate/v1/declaration.pb-c.h"
#include "rivergate/v1/message.pb-c.h"

/* In a header at most; the window takes no more. */
#define LEGS_MAX 32

/*
 * Adds the legs that the document states to a header without any, of protobuf-c's default
 * allocator: the declaration's own country with offices and national_ref, what was before
 * and what comes after.
 */
RG_MUST_USE rg_err legs_fill(const Rivergate__V1__Declaration *declaration,
	Rivergate__V1__Header *header);

/* Whether the text states a leg; *ret_problem: NULL, or one sentence that says what is wrong. */
bool legs_is_valid(const char *text, const char **ret_problem);

/*
 * Completes the legs of a header by those stated. *ret_problem as above: a text is no leg, or
 * contradicts the document; the header is then of no use.
 */
RG_MUST_USE rg_err legs_complete(const struct conf_texts *stated, Rivergate__V1__Header *header,
	const char **ret_problem);

/* Whether the header states what the facts of its document state, in that order, or more. */
bool legs_contain(const Rivergate__V1__Header *facts, const Rivergate__V1__Header *header);

#endif
