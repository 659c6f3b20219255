#ifndef CLIENT_DIALOGUE_H
#define CLIENT_DIALOGUE_H

/*
 * The dialogue with a router: what is said, over however many connections
 *
 * Holds everything that outlives a connection: the window of submissions, the intake
 * of deliveries, questions that wait for an answer, the newest checkpoint. The session
 * (session.h) gives it a socket, mail from the caller and the time; it writes frames,
 * reads frames and puts what the caller shall see into his mailbox.
 * Threads: owned by the session's thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/client.h>

#include "client/mail.h"
#include "registry/trust.h"
#include "sign/key.h"

struct dialogue;

struct dialogue_options {
	const struct rg_client_options *client; /* used during dialogue_new() only */
	struct trust *trust;                    /* a reference is taken */
	const struct key *signing_key;          /* borrowed */
	struct mailbox *to_caller;              /* borrowed */
};

RG_MUST_USE rg_err dialogue_new(const struct dialogue_options *options,
	struct dialogue **ret_dialogue);
void dialogue_free(struct dialogue *dialogue);
SCOPED_DEFINE(struct dialogue, dialogue_free);

/* Takes a piece of mail: MAIL_SUBMIT, MAIL_SETTLE, MAIL_QUERY. */
void dialogue_take(struct dialogue *dialogue, struct mail *mail);

/* A new connection: says HELLO. */
RG_MUST_USE rg_err dialogue_begin(struct dialogue *dialogue, void *socket, int64_t now_us);
/* The connection is gone; why is told to the caller if it had been established. */
void dialogue_end(struct dialogue *dialogue, const char *why);

enum dialogue_state {
	DIALOGUE_GOES_ON,
	DIALOGUE_BROKEN,     /* make a new connection */
	DIALOGUE_DISTRUSTED, /* the router contradicts itself: never connect again */
};
/* Reads what has come, at most some hundred frames. */
RG_MUST_USE rg_err dialogue_read(struct dialogue *dialogue, int64_t now_us,
	enum dialogue_state *ret_state);
/* Signs and writes what the credit allows, and what time asks for (PING, checkpoint). */
RG_MUST_USE rg_err dialogue_write(struct dialogue *dialogue, int64_t now_us,
	enum dialogue_state *ret_state);

/* HELLO has been answered. */
bool dialogue_is_established(const struct dialogue *dialogue);
/* Something waits that could be sent if there were a connection. */
bool dialogue_has_unsent(const struct dialogue *dialogue);
/* When dialogue_write() should be called again at the latest; monotonic. */
int64_t dialogue_next_us(const struct dialogue *dialogue);

#endif
