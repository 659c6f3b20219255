#ifndef ROUTER_OWN_H
#define ROUTER_OWN_H

/*
 * The router's own messages: the governance files that it was given
 *
 * Registry, directories and revocation lists from files become messages of session 0,
 * signed with the router key, so that they stand in the journal like those that parties
 * send. The id is a UUIDv8 of the content, so that a file read again is the same message
 * and leads to no second record.
 *
 * Threads: any.
 */

#include <stddef.h>

#include <rivergate/error.h>

#include "message.h"
#include "settings.h"

struct own_messages {
	struct message **items;
	size_t n_items;
};

void own_deinit(struct own_messages *messages);
SCOPED_DEFINE_VALUE(struct own_messages, own_deinit);

/*
 * Reads the registry and its later versions, then the files of the directories folder,
 * sorted by name.
 * RG_E_CONFIG: a file is none; which and why has been logged.
 */
RG_MUST_USE rg_err own_read(const struct settings *settings, struct own_messages *ret_messages);

#endif
