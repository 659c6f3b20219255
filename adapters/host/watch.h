#ifndef HOST_WATCH_H
#define HOST_WATCH_H

/*
 * What the adapter waits for besides the router: signals, and files in out/
 *
 * The adapter sleeps in rg_client_next(). A thread of its own waits for the rest, notes
 * it, and wakes the client.
 *
 * Threads: the functions below belong to the adapter's thread.
 */

#include <stdbool.h>

#include <rivergate/client.h>
#include <rivergate/error.h>

#include "base/scoped.h"

struct watch;

/* Blocks SIGTERM, SIGINT and SIGHUP; before any thread is started. */
RG_MUST_USE rg_err watch_block_signals(void);

/* files_fd: readable when files came (-1: none). Wakes the client until watch_stop(). */
RG_MUST_USE rg_err watch_start(int files_fd, struct rg_client *client, struct watch **ret_watch);
void watch_stop(struct watch *watch);
SCOPED_DEFINE(struct watch, watch_stop);

/* Each is true once for what came since it was asked last; the end stays true. */
bool watch_take_files(struct watch *watch);
bool watch_take_reload(struct watch *watch);
bool watch_is_ending(const struct watch *watch);

#endif
