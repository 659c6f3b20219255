/*
 * Queues between threads: nothing is lost, doubled or reordered for one writer;
 * full means wait or refuse; closing wakes everybody.
 */

#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/queue.h"
#include "suite.h"

#define N_WRITERS 3
#define N_ITEMS   2000

static struct queue *queue_of(size_t capacity, bool with_event)
{
	struct queue *queue = NULL;

	ck_assert_int_eq(queue_new(capacity, with_event, &queue), RG_OK);
	ck_assert_ptr_nonnull(queue);
	return queue;
}

static bool is_readable(const struct queue *queue)
{
	struct pollfd fd = {.fd = queue_event_fd(queue), .events = POLLIN};

	ck_assert_int_ge(poll(&fd, 1, 0), 0);
	return fd.revents & POLLIN;
}

START_TEST(items_leave_in_the_order_they_came)
{
	scoped(queue_freep) struct queue *queue = queue_of(3, false);
	int items[7];

	for (size_t i = 0; i < 7; i++) {
		ck_assert(queue_push(queue, &items[i]));
		ck_assert_uint_eq(queue_length(queue), 1);
		ck_assert_ptr_eq(queue_pop(queue, 0), &items[i]);
	}
	for (size_t i = 0; i < 3; i++) {
		ck_assert(queue_try_push(queue, &items[i]));
	}
	for (size_t i = 0; i < 3; i++) {
		ck_assert_ptr_eq(queue_pop(queue, -1), &items[i]);
	}
	ck_assert_ptr_null(queue_pop(queue, 0));
	ck_assert_int_eq(queue_event_fd(queue), -1);
}
END_TEST

START_TEST(full_queue_refuses_and_keeps_what_it_has)
{
	scoped(queue_freep) struct queue *queue = queue_of(2, false);
	void *out[5] = {0};
	int items[3];

	ck_assert(queue_try_push(queue, &items[0]));
	ck_assert(queue_try_push(queue, &items[1]));
	ck_assert(!queue_try_push(queue, &items[2]));
	ck_assert_uint_eq(queue_length(queue), 2);
	ck_assert_uint_eq(queue_pop_many(queue, out, 5, 0), 2);
	ck_assert_ptr_eq(out[0], &items[0]);
	ck_assert_ptr_eq(out[1], &items[1]);
	ck_assert_uint_eq(queue_pop_many(queue, out, 5, 0), 0);
}
END_TEST

START_TEST(pop_from_an_empty_queue_waits_as_long_as_told)
{
	scoped(queue_freep) struct queue *queue = queue_of(2, true);
	int64_t start = clock_monotonic_us();

	ck_assert_ptr_null(queue_pop(queue, 50));
	ck_assert_int_ge(clock_monotonic_us() - start, 49000);
}
END_TEST

START_TEST(event_is_readable_while_there_are_items)
{
	scoped(queue_freep) struct queue *queue = queue_of(4, true);
	void *out[4];
	int item;

	ck_assert(!is_readable(queue));
	for (size_t n = 1; n <= 4; n++) {
		for (size_t i = 0; i < n; i++) {
			ck_assert(queue_push(queue, &item));
			ck_assert(is_readable(queue));
		}
		ck_assert_ptr_nonnull(queue_pop(queue, 0));
		ck_assert_int_eq(is_readable(queue), n > 1);
		ck_assert_uint_eq(queue_pop_many(queue, out, 4, 0), n - 1);
		ck_assert(!is_readable(queue));
	}
	queue_close(queue);
	ck_assert(is_readable(queue));
}
END_TEST

START_TEST(closed_queue_refuses_and_drains)
{
	scoped(queue_freep) struct queue *queue = queue_of(4, true);
	int items[2];

	ck_assert(queue_push(queue, &items[0]));
	ck_assert(queue_push(queue, &items[1]));
	queue_close(queue);
	queue_close(queue);
	ck_assert(!queue_push(queue, &items[0]));
	ck_assert(!queue_try_push(queue, &items[0]));
	ck_assert_ptr_eq(queue_pop(queue, -1), &items[0]);
	ck_assert_ptr_eq(queue_pop(queue, -1), &items[1]);
	ck_assert_ptr_null(queue_pop(queue, -1));
	ck_assert(is_readable(queue));
}
END_TEST

static void *wait_for_item(void *queue)
{
	return queue_pop(queue, -1);
}

static void *wait_for_room(void *queue)
{
	return queue_push(queue, queue) ? queue : NULL;
}

START_TEST(closing_wakes_all_who_wait)
{
	scoped(queue_freep) struct queue *empty = queue_of(1, false);
	scoped(queue_freep) struct queue *full = queue_of(1, false);
	pthread_t threads[6];

	ck_assert(queue_push(full, full));
	for (size_t i = 0; i < 6; i++) {
		ck_assert_int_eq(pthread_create(&threads[i], NULL,
					 i % 2 ? wait_for_item : wait_for_room,
					 i % 2 ? empty : full),
			0);
	}
	ck_assert_ptr_null(queue_pop(empty, 20));
	queue_close(empty);
	queue_close(full);
	for (size_t i = 0; i < 6; i++) {
		void *result = empty;

		ck_assert_int_eq(pthread_join(threads[i], &result), 0);
		ck_assert_ptr_null(result);
	}
	ck_assert_ptr_eq(queue_pop(full, 0), full);
}
END_TEST

struct writer {
	struct queue *queue;
	uintptr_t number;
};

/* Items are numbers: the writer's times 2^16, plus a count from 1. */
static void *write_items(void *argument)
{
	struct writer *writer = argument;

	for (uintptr_t i = 1; i <= N_ITEMS; i++) {
		ck_assert(queue_push(writer->queue, (void *)(writer->number << 16 | i)));
	}
	return NULL;
}

static void read_items(struct queue *queue)
{
	uintptr_t last[N_WRITERS] = {0};
	size_t n_read = 0;

	while (n_read < N_WRITERS * N_ITEMS) {
		void *items[16];
		size_t n = queue_pop_many(queue, items, 16, 5000);

		ck_assert_uint_gt(n, 0);
		for (size_t i = 0; i < n; i++) {
			uintptr_t item = (uintptr_t)items[i];

			ck_assert_uint_eq(item & 0xffff, last[item >> 16] + 1);
			last[item >> 16]++;
		}
		n_read += n;
	}
	ck_assert_uint_eq(queue_length(queue), 0);
}

START_TEST(writers_lose_double_and_swap_nothing)
{
	scoped(queue_freep) struct queue *queue = queue_of(7, true);
	struct writer writers[N_WRITERS];
	pthread_t threads[N_WRITERS];

	for (size_t i = 0; i < N_WRITERS; i++) {
		writers[i] = (struct writer){.queue = queue, .number = i};
		ck_assert_int_eq(pthread_create(&threads[i], NULL, write_items, &writers[i]), 0);
	}
	read_items(queue);
	for (size_t i = 0; i < N_WRITERS; i++) {
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	}
	/* The event of an item that was taken at once may have come after it. */
	ck_assert_ptr_null(queue_pop(queue, 0));
	ck_assert(!is_readable(queue));
}
END_TEST

CHECK_MAIN("base_queue", items_leave_in_the_order_they_came,
	full_queue_refuses_and_keeps_what_it_has, pop_from_an_empty_queue_waits_as_long_as_told,
	event_is_readable_while_there_are_items, closed_queue_refuses_and_drains,
	closing_wakes_all_who_wait, writers_lose_double_and_swap_nothing)
