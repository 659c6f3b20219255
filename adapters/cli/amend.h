#ifndef CLI_AMEND_H
#define CLI_AMEND_H

/*
 * A newer version of what a party has declared: see proto/rules/README.md, Versions
 *
 * A national file does not know under which name its message went: the router is asked for the
 * party's own declaration with the same reference and purpose, and the highest version of it.
 *
 * Threads: one.
 */

#include "base/buf.h"
#include "cli/party.h"

struct amend_question {
	struct rg_client *client;
	const char *party; /* that amends */
	int64_t timeout_s;
	struct rg_bytes header; /* packed, of a DECLARATION that was not sent */
};

/*
 * Appends the header as an AMENDMENT. *ret_problem NULL, or one static sentence that says why there
 * is nothing to amend. Nothing else of the client may be waited for meanwhile.
 */
RG_MUST_USE rg_err amend_header(const struct amend_question *question, struct buf *out,
	const char **ret_problem);

#endif
