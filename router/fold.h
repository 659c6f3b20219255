#ifndef ROUTER_FOLD_H
#define ROUTER_FOLD_H

/*
 * Folds: state computed from the journal and from nothing else
 *
 * A fold sees each durable record once, in order, by the same call whether the record
 * was just committed or is read back at a start. So a restart repeats exactly.
 */

#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "evidence/record.h"
#include "rivergate/v1/message.pb-c.h"
#include "rivergate/v1/record.pb-c.h"

/* A record as folds see it; all borrowed for the call. */
struct fold_record {
	uint64_t index;
	struct record leaf; /* views of the leaf */
	struct rg_bytes leaf_bytes;
	const Rivergate__V1__Meta *meta;
	const Rivergate__V1__Header *header;     /* MESSAGE, else NULL */
	const Rivergate__V1__Progress *progress; /* PROGRESS, else NULL */
	const Rivergate__V1__Origin *origin;     /* ORIGIN, else NULL */
	uint8_t header_hash[32];                 /* MESSAGE */
	struct rg_bytes governance_part;         /* governance kinds: bytes of their one part */
	uint64_t parts_present; /* bit i: part i is here, neither withheld nor pruned */
	uint64_t content_size;  /* bytes of the parts that are here */
};

#endif
