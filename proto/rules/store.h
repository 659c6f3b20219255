#ifndef RULES_STORE_H
#define RULES_STORE_H

/*
 * Where the window keeps its state: rows of a sorted table, whoever has one
 *
 * A router keeps them in an index of its own, an auditor in his, a test in memory. The rules
 * read and write rows and know of no file. A row's first byte names its table; keys have at
 * most STORE_KEY_MAX bytes and sort as bytes.
 *
 *     C ucr                        Consignment
 *     N type value NUL ucr         consignment known by plate, container, seal, number …
 *     G hs6 NUL origin NUL ucr     consignment with such goods that is not over
 *     T time kind name             timer: something is due
 *     D type NUL country NUL number    certificate and its uses
 *     E kind NUL country NUL number    establishment on a list
 *     U kind NUL country NUL number NUL ucr    consignment that rests on the establishment
 *     A issuer NUL number          AlertState
 *     Q id from                    WaitingState: enquiry that waits for its reply
 *     M id from                    WaitingState: emergency notice that waits for persons
 *     H cause ordinal              header of a derived message that is not over
 *
 * Threads: the store's owner's.
 */

#include <stdbool.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"

#define STORE_KEY_MAX 480

struct rules_store {
	void *context;
	/* Replaces *out by the value. */
	rg_err (*get)(void *context, struct rg_bytes key, struct buf *out, bool *ret_found);
	rg_err (*put)(void *context, struct rg_bytes key, struct rg_bytes value);
	/* No fault when there is none. */
	rg_err (*remove)(void *context, struct rg_bytes key);
	/* Replaces *ret_key by the key of the first row that is not below `from`; a store may keep
	   tables apart, and find none where only another table goes on. */
	rg_err (*seek)(void *context, struct rg_bytes from, struct buf *ret_key, bool *ret_found);
};

#endif
