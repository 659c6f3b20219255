#ifndef ROUTER_PRUNE_H
#define ROUTER_PRUNE_H

/*
 * Pruning: parts whose retention is over leave the journal's closed segments
 *
 * One pass over the closed segments; each that holds expired parts is written anew
 * (journal/prune.h). What is done is told by an ADMIN record (acts.h): the file of the act
 * is there before the first segment is replaced, so that no pruning goes untold.
 *
 * Threads: one at a time; beside a running router when it is the router's own.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "journal/journal.h"

struct prune_options {
	const char *data_dir;
	struct journal *journal; /* of the running router; NULL: it is stopped, its lock is taken */
	int64_t before_us;       /* what has expired by then */
	bool is_dry_run;         /* only count; needs no lock */
	bool (*is_over)(void *context); /* asked between segments; NULL: never */
	void *context;
};

struct prune_result {
	uint64_t n_segments; /* written anew */
	uint64_t n_records;
	uint64_t n_parts;
	uint64_t n_bytes;
	uint64_t first; /* of the records, when there are any … */
	uint64_t last;
	uint64_t n_open; /* expired, but in the open segment: later */
};

/*
 * RG_E_CONFIG: a router holds the folder (logged). RG_E_FORMAT: the journal is damaged
 * (logged); nothing of the damaged segment was replaced.
 */
RG_MUST_USE rg_err prune_run(const struct prune_options *options, struct prune_result *ret_result);

#endif
