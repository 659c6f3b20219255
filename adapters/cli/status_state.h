#ifndef CLI_STATUS_STATE_H
#define CLI_STATUS_STATE_H

/*
 * rivergate status --state: what an adapter knows about its deliveries
 *
 * Reads the adapter's state folder (account of deliveries, alarms); the adapter may run.
 */

#include <stdbool.h>

/* An enum verb_exit: VERB_ANSWERED_NO when deliveries are missing or there are alarms. */
int status_state(const char *state_path, bool wants_json);

#endif
