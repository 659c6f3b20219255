/*
 * Mailboxes: see mailbox.h
 *
 * A list under a mutex and an eventfd that is written only when the taker may be
 * waiting. The taker reads the eventfd before it looks at the list: an item that
 * comes in between leaves the descriptor readable, which costs one look in vain and
 * never loses an item.
 * Threads: the mutex guards list and is_announced.
 */

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "client/mailbox.h"

struct mailbox {
	pthread_mutex_t mutex;
	struct mail *first;
	struct mail **end;
	bool is_announced;
	int fd;
};

rg_err mailbox_new(struct mailbox **ret_mailbox)
{
	scoped(mailbox_freep) struct mailbox *mailbox = calloc(1, sizeof(*mailbox));

	if (!mailbox) {
		return RG_E_NOMEM;
	}
	mailbox->end = &mailbox->first;
	mailbox->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	(void)pthread_mutex_init(&mailbox->mutex, NULL);
	if (mailbox->fd < 0) {
		log_event(LOG_ERROR, "client", "no-eventfd", log_errno());
		return RG_E_IO;
	}
	*ret_mailbox = steal(mailbox);
	return RG_OK;
}

void mailbox_free(struct mailbox *mailbox)
{
	if (mailbox) {
		fd_close(&mailbox->fd);
		(void)pthread_mutex_destroy(&mailbox->mutex);
		free(mailbox);
	}
}

void mailbox_wake(const struct mailbox *mailbox)
{
	static const uint64_t one = 1;
	int saved = errno;
	/* Fails only when the counter is full, and then the descriptor is readable anyway. */
	ssize_t n = write(mailbox->fd, &one, sizeof(one));

	(void)n;
	errno = saved;
}

void mailbox_put(struct mailbox *mailbox, struct mail *mail)
{
	mail->next = NULL;
	(void)pthread_mutex_lock(&mailbox->mutex);
	*mailbox->end = mail;
	mailbox->end = &mail->next;
	bool must_announce = !mailbox->is_announced;
	mailbox->is_announced = true;
	(void)pthread_mutex_unlock(&mailbox->mutex);
	if (must_announce) {
		mailbox_wake(mailbox);
	}
}

struct mail *mailbox_take_all(struct mailbox *mailbox)
{
	uint64_t count;
	ssize_t n = read(mailbox->fd, &count, sizeof(count));

	(void)n;
	(void)pthread_mutex_lock(&mailbox->mutex);
	struct mail *first = mailbox->first;
	mailbox->first = NULL;
	mailbox->end = &mailbox->first;
	mailbox->is_announced = false;
	(void)pthread_mutex_unlock(&mailbox->mutex);
	return first;
}

void mailbox_wait(const struct mailbox *mailbox, int timeout_ms)
{
	struct pollfd item = {.fd = mailbox->fd, .events = POLLIN};

	(void)poll(&item, 1, timeout_ms);
}

int mailbox_fd(const struct mailbox *mailbox)
{
	return mailbox->fd;
}
