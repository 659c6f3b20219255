#ifndef ROUTER_HISTORY_H
#define ROUTER_HISTORY_H

/*
 * A journal read again, with the law that was in force at each record
 *
 * What check, prune and backup need of the folds: each record taken apart, in order, and
 * the trust that its governance messages had led to. No index, no queues, no tree: memory
 * does not grow with the journal.
 *
 * Threads: one owner.
 */

#include <stdint.h>

#include <rivergate/error.h>

#include "base/scoped.h"
#include "evidence/record.h"
#include "journal/journal.h"
#include "registry/trust.h"

struct history;

/* A record; all borrowed, until the next one is taken. */
struct history_record {
	uint64_t index;
	struct record leaf;
	const Rivergate__V1__Meta *meta;
	const Rivergate__V1__Header *header; /* MESSAGE, else NULL */
	const Rivergate__V1__Origin *origin; /* ORIGIN, else NULL */
	const struct trust *trust;           /* in force at it; NULL before the genesis registry */
	struct rg_bytes parts[JOURNAL_PARTS_MAX]; /* salt ‖ bytes; empty: withheld or pruned */
	size_t n_parts;
};

struct history *history_new(void); /* NULL: no memory */
void history_free(struct history *history);
SCOPED_DEFINE(struct history, history_free);

/*
 * Takes the next record, beginning with record 0. *ret_what is NULL, or what is wrong with
 * it (static): then ret_record is not to be used, and the history takes no more.
 */
RG_MUST_USE rg_err history_take(struct history *history, const struct journal_record *record,
	struct history_record *ret_record, const char **ret_what);

#endif
