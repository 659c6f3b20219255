#ifndef HOST_WITNESSING_H
#define HOST_WITNESSING_H

/*
 * The member's witness at work: its session with the router, and the HTTP form
 *
 * Judging is evidence/witness.h; here is who asks. The session is a second one with the
 * party's CURVE key, whose HELLO says `witness` and shows the last checkpoint that was
 * cosigned; it connects again by itself. The logs that it knows are those of the registry.
 *
 * Threads: one of its own for the session; libmicrohttpd's for HTTP. Start and stop by one.
 */

#include <stddef.h>

#include <rivergate/error.h>

#include "base/scoped.h"
#include "host/settings.h"

struct witnessing;

/*
 * RG_E_CONFIG, said in the log: the registry does not name this key as the member's witness,
 * or the key, the state or the HTTP address cannot be used. Settings are used for the call only.
 */
RG_MUST_USE rg_err witnessing_start(const struct settings *settings,
	struct witnessing **ret_witnessing);
/* Inconsistencies kept in the state folder: a person must look at them. */
size_t witnessing_n_alarms(struct witnessing *witnessing);
void witnessing_stop(struct witnessing *witnessing);
SCOPED_DEFINE(struct witnessing, witnessing_stop);

/*
 * Reads the registry again and learns logs that it names beside those known. What is wrong is
 * said in the log and changes nothing; what takes a restart (another key of this witness,
 * another log, key or endpoint of its router) is said too. NULL: nothing to do.
 */
void witnessing_reload(struct witnessing *witnessing, const struct settings *settings);

/*
 * Runs until SIGTERM or SIGINT, for a witness alone; SIGHUP reads the configuration at this path
 * and the registry again. watch_block_signals() has been called.
 */
RG_MUST_USE rg_err witnessing_wait(struct witnessing *witnessing, const char *config_path);

#endif
