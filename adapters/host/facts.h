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

#include "rivergate/v1/declaration.pb-c.h"
#include "rivergate/v1/message.pb-c.h"

/*
 * Fills header->{ucr, legs, goods, movement, documents}. What stood in these
 * fields is freed (they must be allocated by protobuf-c's default allocator, or
 * empty); all other fields are left alone. `ucr` is, in this order, the
 * document's own UCR, the national reference CC-OFFICE-YEAR-SERIALNUMBER, the
 * declarant's reference; cut to 35 characters never: a longer one is left empty
 * and the caller asks for --ucr. On a fault the header is unchanged or partly
 * filled and may be freed as usual.
 */
RG_MUST_USE rg_err facts_fill(const Rivergate__V1__Declaration *declaration,
	Rivergate__V1__Header *header);

/*
 * Compares the facts of a received header with those of the declaration that came
 * with it. *ret_field names the first field that differs, as in the .proto file
 * (static text), or is NULL when all agree.
 */
RG_MUST_USE rg_err facts_differ(const Rivergate__V1__Declaration *declaration,
	const Rivergate__V1__Header *header, const char **ret_field);

#endif
