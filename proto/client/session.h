#ifndef CLIENT_SESSION_H
#define CLIENT_SESSION_H

/*
 * The session's thread: connects, keeps the dialogue going, connects again
 *
 * It alone touches the socket. The caller's thread reaches it through two mailboxes.
 */

#include <rivergate/client.h>

#include "client/mail.h"
#include "registry/trust.h"
#include "sign/key.h"

struct session;

/* All options are used during the call only, but signing_key, which is borrowed. */
RG_MUST_USE rg_err session_start(const struct rg_client_options *options, struct trust *trust,
	const struct key *signing_key, struct session **ret_session);
/* Sends what can be sent for at most linger_ms, ends the thread, frees everything. Accepts NULL. */
void session_stop(struct session *session, int linger_ms);

struct mailbox *session_inbox(struct session *session);  /* the caller puts */
struct mailbox *session_outbox(struct session *session); /* the caller takes */

#endif
