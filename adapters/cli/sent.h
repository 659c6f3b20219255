#ifndef CLI_SENT_H
#define CLI_SENT_H

/*
 * What a party has sent: envelope and receipt side by side, ID.rge and ID.tlog-proof
 *
 * Whoever has these proves that a message is in the log, whatever its operator says:
 * `rivergate audit check`, `audit verify --from`.
 *
 * Threads: one.
 */

#include <rivergate/client.h>

#include "cli/party.h"

/*
 * The folder, made where it is missing: `out`, or STATE/sent where that is NULL. Free with
 * free(); NULL in *ret_dir with every fault.
 */
RG_MUST_USE rg_err sent_open(const struct party *party, const char *out, char **ret_dir);
/* Stores the message of the receipt that rg_client_next() gave last, under its id in hex. */
RG_MUST_USE rg_err sent_store(struct rg_client *client, const char *dir, const char *id);

#endif
