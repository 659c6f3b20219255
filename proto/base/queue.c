/*
 * Bounded queues: see queue.h
 *
 * A ring under one mutex. Whoever waits is woken after the mutex is free: else it would
 * wake only to wait for that. So the eventfd may be written a moment after the item it
 * tells of was taken; a taker who finds the ring empty reads it away.
 * Threads: any; every field below `lock` is only touched while holding it.
 */

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/queue.h"

struct queue {
	size_t capacity;
	int event_fd;
	pthread_mutex_t lock;
	pthread_cond_t has_items;
	pthread_cond_t has_room;
	bool is_closed;
	size_t first;
	size_t n_items;
	void *items[];
};

static bool init_locks(struct queue *queue)
{
	pthread_condattr_t attr;

	if (pthread_condattr_init(&attr) != 0) {
		return false;
	}
	/* Time-outs must not depend on somebody setting the wall clock. */
	bool is_ok = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 &&
		pthread_mutex_init(&queue->lock, NULL) == 0 &&
		pthread_cond_init(&queue->has_items, &attr) == 0 &&
		pthread_cond_init(&queue->has_room, &attr) == 0;

	(void)pthread_condattr_destroy(&attr);
	return is_ok;
}

rg_err queue_new(size_t capacity, bool with_event, struct queue **ret_queue)
{
	assert(capacity > 0 && capacity < SIZE_MAX / sizeof(void *) / 2);

	struct queue *queue = calloc(1, sizeof(*queue) + capacity * sizeof(void *));

	if (!queue) {
		return RG_E_NOMEM;
	}
	queue->capacity = capacity;
	queue->event_fd = -1;
	if (!init_locks(queue)) {
		free(queue);
		return RG_E_NOMEM;
	}
	if (with_event) {
		queue->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	}
	if (with_event && queue->event_fd < 0) {
		log_event(LOG_ERROR, "queue", "no-eventfd", log_errno());
		queue_free(queue);
		return RG_E_IO;
	}
	*ret_queue = queue;
	return RG_OK;
}

void queue_free(struct queue *queue)
{
	if (!queue) {
		return;
	}
	if (queue->event_fd >= 0) {
		(void)close(queue->event_fd);
	}
	(void)pthread_cond_destroy(&queue->has_room);
	(void)pthread_cond_destroy(&queue->has_items);
	(void)pthread_mutex_destroy(&queue->lock);
	free(queue);
}

static void lock(struct queue *queue)
{
	int result = pthread_mutex_lock(&queue->lock);

	assert(result == 0);
	(void)result;
}

static void unlock(struct queue *queue)
{
	int result = pthread_mutex_unlock(&queue->lock);

	assert(result == 0);
	(void)result;
}

/* Fails only when the counter is full, and then the descriptor is readable anyway. */
static void raise_event(const struct queue *queue)
{
	uint64_t one = 1;

	if (queue->event_fd >= 0) {
		ssize_t n = write(queue->event_fd, &one, sizeof(one));

		(void)n;
	}
}

/* Fails when nobody has raised it. */
static void drop_event(const struct queue *queue)
{
	uint64_t count;

	if (queue->event_fd >= 0) {
		ssize_t n = read(queue->event_fd, &count, sizeof(count));

		(void)n;
	}
}

static bool push(struct queue *queue, void *item, bool is_patient)
{
	bool is_pushed = false;
	bool is_first = false;

	assert(item);
	lock(queue);
	while (is_patient && !queue->is_closed && queue->n_items == queue->capacity) {
		(void)pthread_cond_wait(&queue->has_room, &queue->lock);
	}
	if (!queue->is_closed && queue->n_items < queue->capacity) {
		queue->items[(queue->first + queue->n_items) % queue->capacity] = item;
		is_first = queue->n_items++ == 0;
		is_pushed = true;
	}
	unlock(queue);
	if (is_first) {
		raise_event(queue);
	}
	if (is_pushed) {
		(void)pthread_cond_signal(&queue->has_items);
	}
	return is_pushed;
}

bool queue_push(struct queue *queue, void *item)
{
	return push(queue, item, true);
}

bool queue_try_push(struct queue *queue, void *item)
{
	return push(queue, item, false);
}

static struct timespec deadline_of(int timeout_ms)
{
	struct timespec at = {0};

	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += timeout_ms / 1000;
	at.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	return at;
}

static void wait_for_item(struct queue *queue, int timeout_ms)
{
	struct timespec deadline = deadline_of(timeout_ms < 0 ? 0 : timeout_ms);
	int result = 0;

	while (queue->n_items == 0 && !queue->is_closed && timeout_ms != 0 && result == 0) {
		result = timeout_ms < 0
			? pthread_cond_wait(&queue->has_items, &queue->lock)
			: pthread_cond_timedwait(&queue->has_items, &queue->lock, &deadline);
	}
}

size_t queue_pop_many(struct queue *queue, void **items, size_t max, int timeout_ms)
{
	size_t n = 0;

	lock(queue);
	if (queue->n_items == 0) {
		wait_for_item(queue, timeout_ms);
	}
	for (; n < max && queue->n_items > 0; n++) {
		items[n] = queue->items[queue->first];
		queue->first = (queue->first + 1) % queue->capacity;
		queue->n_items--;
	}
	if (queue->n_items == 0 && !queue->is_closed) {
		drop_event(queue);
	}
	unlock(queue);
	if (n == 1) {
		(void)pthread_cond_signal(&queue->has_room);
	} else if (n > 1) {
		(void)pthread_cond_broadcast(&queue->has_room);
	}
	return n;
}

void *queue_pop(struct queue *queue, int timeout_ms)
{
	void *item = NULL;

	return queue_pop_many(queue, &item, 1, timeout_ms) ? item : NULL;
}

void queue_close(struct queue *queue)
{
	lock(queue);
	if (!queue->is_closed) {
		queue->is_closed = true;
		if (queue->n_items == 0) {
			raise_event(queue);
		}
		(void)pthread_cond_broadcast(&queue->has_items);
		(void)pthread_cond_broadcast(&queue->has_room);
	}
	unlock(queue);
}

size_t queue_length(struct queue *queue)
{
	lock(queue);
	size_t n_items = queue->n_items;
	unlock(queue);
	return n_items;
}

int queue_event_fd(const struct queue *queue)
{
	return queue->event_fd;
}
