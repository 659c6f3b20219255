#ifndef HOST_FACTS_H
#define HOST_FACTS_H

/*
 * Routing facts of a header, taken from a canonical document
 *
 * The router routes on the header and never opens a part, so the adapter copies
 * what routing and rules need: UCR, legs, goods, movement, documents. The
 * recipient's adapter does the same with the parts it got and compares.
 */

#include <stdbool.h>

#include <rivergate/error.h>

#include "base/buf.h"

#include "rivergate/v1/declaration.pb-c.h"
#include "rivergate/v1/message.pb-c.h"

/*
 * Sets header->{ucr, legs, goods, movement, documents}; what stood in these fields is
 * freed (it must be of protobuf-c's default allocator, or empty), all others are left
 * alone.
 *
 *   ucr        the document's own UCR; else the national reference
 *              CC-OFFICE-YEAR-SERIALNUMBER; else CC-DECLARANT-NUMBER from the declarant's
 *              reference; empty where none exists or it is longer than 35 characters:
 *              the caller then asks for --ucr
 *   legs       the declaration's own country with offices and national_ref, and before
 *              or after it the countries that it states (legs.h)
 *   goods      one tuple for each (hs6, edition, origin, condition), net mass summed in KGM
 *
 * A certificate has no legs, and its documents begin with itself (facts_certificate.h).
 *
 * Faults: RG_E_NOMEM; RG_E_OVERFLOW where more differs than a header may hold (999 kinds
 * of goods, 256 documents, containers or seals). The header is then unchanged.
 */
RG_MUST_USE rg_err facts_fill(const ProtobufCMessage *document, Rivergate__V1__Header *header);

/*
 * Compares the facts of a received header with those of the document that came
 * with it, the UCR apart, which the sender may choose, and legs and documents that it does not
 * state, which he may add. *ret_field names the first field that differs, as in the .proto
 * file (static text), or is NULL when all agree.
 */
RG_MUST_USE rg_err facts_differ(const ProtobufCMessage *document,
	const Rivergate__V1__Header *header, const char **ret_field);

/*
 * Goods of the document that its header does not state in any quantity, at most
 * FACTS_FOUND_MAX; packed AcknowledgementFacts with nothing else, empty where there are none.
 */
#define FACTS_FOUND_MAX 300
RG_MUST_USE rg_err facts_found(const ProtobufCMessage *document,
	const Rivergate__V1__Header *header, struct buf *out);

#endif
