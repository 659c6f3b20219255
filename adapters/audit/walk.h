#ifndef AUDIT_WALK_H
#define AUDIT_WALK_H

/*
 * Going through a log's records, each proved by its checkpoint
 *
 * For questions about the content. Each leaf handed out leads to the root that the log's
 * key signed; what a view does not hold is passed over. What the record claims (signature,
 * law) is not judged here: `rivergate audit verify` does.
 *
 * Threads: one.
 */

#include <stdbool.h>
#include <stdint.h>

#include "evidence/published.h"
#include "evidence/record.h"
#include "rivergate/v1/message.pb-c.h"
#include "rivergate/v1/record.pb-c.h"

/* How many records the log had at a time: those up to the last whose time_us is not above. */
RG_MUST_USE rg_err walk_size_at(struct published *log, int64_t time_us, uint64_t *ret_size);

/* A record taken apart; borrowed for the call. header: of a MESSAGE, else NULL. */
struct walk_record {
	uint64_t index;
	struct record leaf;
	const Rivergate__V1__Meta *meta;
	const Rivergate__V1__Header *header;
};

struct walk {
	/* For each record that can be read; false: enough. */
	bool (*take)(void *context, const struct walk_record *record);
	/* For one that cannot: rule in words; NULL: passed over. */
	void (*skip)(void *context, uint64_t index, const struct published_finding *what);
	void *context;
};
/* Records first to size - 1. */
RG_MUST_USE rg_err walk_records(struct published *log, uint64_t first, uint64_t size,
	const struct walk *walk);

#endif
