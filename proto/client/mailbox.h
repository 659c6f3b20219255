#ifndef CLIENT_MAILBOX_H
#define CLIENT_MAILBOX_H

/*
 * A mailbox: what one thread of the client leaves for the other
 *
 * Items are intrusive and are taken all at once, so that under load neither side
 * makes a system call for a single item. A mailbox has no bound of its own: the
 * windows of the session bound what can lie in it. Its descriptor is readable while
 * there is something to look at.
 * Threads: any number put and wake; one takes.
 */

#include <stdbool.h>

#include <rivergate/error.h>

#include "base/scoped.h"

/* First member of whatever is put into a mailbox. */
struct mail {
	struct mail *next;
	int type; /* of the sender's own enumeration */
};

struct mailbox;

RG_MUST_USE rg_err mailbox_new(struct mailbox **ret_mailbox);
void mailbox_free(struct mailbox *mailbox); /* must have been emptied */
SCOPED_DEFINE(struct mailbox, mailbox_free);
/* The item changes owner. Never fails. */
void mailbox_put(struct mailbox *mailbox, struct mail *mail);
/* Everything that lies there, oldest first, linked by next; NULL: nothing. Ends a wake. */
struct mail *mailbox_take_all(struct mailbox *mailbox);
/* Waits until there is something or somebody wakes; at most timeout_ms, -1: for ever. */
void mailbox_wait(const struct mailbox *mailbox, int timeout_ms);
/* Makes the descriptor readable without an item. Also from signal handlers. */
void mailbox_wake(const struct mailbox *mailbox);
int mailbox_fd(const struct mailbox *mailbox);

#endif
