#ifndef ROUTER_KEEPER_H
#define ROUTER_KEEPER_H

/*
 * The keeper: what a running router does beside its work, on a thread of its own
 *
 * Prunes the journal's closed segments every `prune_s` seconds, and sees when an act was
 * left that needs a record (acts.h). A pruning that fails is logged and tried again at the
 * next turn: it never stops the router.
 *
 * Threads: start and stop by one; news is called on the keeper's.
 */

#include <rivergate/error.h>

#include "base/scoped.h"
#include "journal/journal.h"
#include "settings.h"

struct keeper;

struct keeper_options {
	const struct settings *settings; /* borrowed until stop, as is the journal */
	struct journal *journal;
	void (*news)(void *context); /* an act waits for its record */
	void *context;
};

RG_MUST_USE rg_err keeper_start(const struct keeper_options *options, struct keeper **ret_keeper);
/* Ends between two segments. */
void keeper_stop(struct keeper *keeper);
SCOPED_DEFINE(struct keeper, keeper_stop);

#endif
