#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

/*
 * A bounded queue between threads
 *
 * Items are pointers that change owner. Pushing on a full queue waits or answers
 * false: back-pressure, never growth. A queue may own an eventfd that is readable
 * while the queue holds items, for zmq_poll().
 * Threads: any number on either side.
 */

#include <stdbool.h>
#include <stddef.h>

#include <rivergate/error.h>

#include "base/scoped.h"

struct queue;

RG_MUST_USE rg_err queue_new(size_t capacity, bool with_event, struct queue **ret_queue);
void queue_free(struct queue *queue); /* must be empty of items that own something */
SCOPED_DEFINE(struct queue, queue_free);
/* Waits while full. False: closed, the item stays the caller's. */
bool queue_push(struct queue *queue, void *item);
bool queue_try_push(struct queue *queue, void *item);
/* Waits at most timeout_ms (-1: for ever) for an item; NULL: time-out, or closed and empty. */
void *queue_pop(struct queue *queue, int timeout_ms);
/*
 * Takes up to max items at once, without waiting beyond timeout_ms for the first; returns how many.
 */
size_t queue_pop_many(struct queue *queue, void **items, size_t max, int timeout_ms);
/* Wakes all waiters; pushes fail from now on, pops drain what is left, the event stays readable. */
void queue_close(struct queue *queue);
size_t queue_length(struct queue *queue);
/* -1 without event. */
int queue_event_fd(const struct queue *queue);

#endif
