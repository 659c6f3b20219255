#ifndef ROUTER_DISPATCH_H
#define ROUTER_DISPATCH_H

/*
 * Dispatch: effects that need the disk or the router key
 *
 *     DELIVER         reads the record, makes the delivery's proof, signs what is derived
 *     RECEIPT_AGAIN   fills in meta and signature from the journal
 *     REFUSE          signs
 *     ANSWER          fills in headers from the journal; leaves out what the asker may not see
 *
 * The core stays free of both, and a slow disk delays deliveries, not admission.
 *
 * Threads: one of its own; dispatch_push() by the core thread.
 */

#include <rivergate/error.h>

#include "base/scoped.h"
#include "core.h"
#include "front/front.h"
#include "journal/journal.h"

struct dispatch;
struct stamp;

/* Borrowed until stop. */
struct dispatch_options {
	const char *router; /* address */
	const char *origin;
	const char *version; /* for the status */
	const struct key *router_key;
	struct journal *journal;
	struct front *const *front; /* set before the first effect is pushed */
	struct stamp **stamp;       /* NULL behind it: no time-stamps */
	struct trust *trust;        /* a reference is taken */
	int64_t started_us;
	/* Called on the thread when it ended with a fault. */
	void (*failed)(void *context, rg_err fault);
	void *context;
};

RG_MUST_USE rg_err dispatch_start(const struct dispatch_options *options,
	struct dispatch **ret_dispatch);
/* Takes the effect; waits while the queue is full. */
void dispatch_push(struct dispatch *dispatch, struct core_effect **effect);
/* Does what is queued, ends the thread, frees. */
void dispatch_stop(struct dispatch *dispatch);
SCOPED_DEFINE(struct dispatch, dispatch_stop);

#endif
