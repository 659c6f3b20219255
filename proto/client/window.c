/*
 * The window: see window.h
 *
 * A doubly linked list in order and a hash table whose key is the random end of the id.
 * Threads: owned by the session's thread.
 */

#include <stdlib.h>
#include <string.h>

#include "client/window.h"

#define BUCKETS ((size_t)1 << 14)

rg_err window_init(struct window *window)
{
	*window = (struct window){.next_seq = 1};
	window->table = calloc(BUCKETS, sizeof(struct submission *));
	return window->table ? RG_OK : RG_E_NOMEM;
}

void window_deinit(struct window *window)
{
	while (window->first) {
		struct submission *next = window->first->next;

		submission_free(window->first);
		window->first = next;
	}
	free(window->table);
	*window = (struct window){0};
}

static struct submission **bucket_of(const struct window *window, const uint8_t *id)
{
	uint32_t random;

	memcpy(&random, id + SUBMIT_ID_LEN - sizeof(random), sizeof(random));
	return &window->table[random & (BUCKETS - 1)];
}

void window_add(struct window *window, struct submission *submission)
{
	struct submission **bucket = bucket_of(window, submission->id);

	while (*bucket) {
		bucket = &(*bucket)->bucket_next;
	}
	*bucket = submission;
	submission->bucket_next = NULL;
	submission->next = NULL;
	submission->previous = window->last;
	submission->seq = 0;
	if (window->last) {
		window->last->next = submission;
	} else {
		window->first = submission;
	}
	window->last = submission;
	if (!window->unsent) {
		window->unsent = submission;
	}
	window->n++;
}

struct submission *window_find(const struct window *window, const uint8_t id[SUBMIT_ID_LEN])
{
	struct submission *at = *bucket_of(window, id);

	while (at && memcmp(at->id, id, SUBMIT_ID_LEN) != 0) {
		at = at->bucket_next;
	}
	return at;
}

struct submission *window_find_sent(const struct window *window, uint64_t seq, uint32_t epoch)
{
	struct submission *at = window->first;

	while (at && (at->seq != seq || at->epoch != epoch)) {
		at = at->next;
	}
	return seq ? at : NULL;
}

struct submission *window_remove(struct window *window, struct submission *submission)
{
	struct submission **bucket = bucket_of(window, submission->id);

	while (*bucket != submission) {
		bucket = &(*bucket)->bucket_next;
	}
	*bucket = submission->bucket_next;
	if (window->unsent == submission) {
		window->unsent = submission->next;
	}
	if (submission->previous) {
		submission->previous->next = submission->next;
	} else {
		window->first = submission->next;
	}
	if (submission->next) {
		submission->next->previous = submission->previous;
	} else {
		window->last = submission->previous;
	}
	submission->next = NULL;
	submission->previous = NULL;
	window->n--;
	return submission;
}

void window_restart(struct window *window, uint32_t epoch)
{
	for (struct submission *at = window->first; at; at = at->next) {
		at->seq = 0;
	}
	window->unsent = window->first;
	window->next_seq = 1;
	window->epoch = epoch;
	window->credit_messages = 0;
	window->credit_bytes = 0;
}

void window_rewind(struct window *window, struct submission *from)
{
	for (struct submission *at = from; at; at = at->next) {
		at->seq = 0;
	}
	window->unsent = from;
	window->next_seq = 1;
	window->epoch++;
}

struct submission *window_next(const struct window *window)
{
	struct submission *next = window->unsent;
	bool is_covered =
		next && window->credit_messages >= 1 && window->credit_bytes >= next->size;

	return is_covered ? next : NULL;
}

void window_sent(struct window *window, struct submission *submission)
{
	submission->seq = window->next_seq++;
	submission->epoch = window->epoch;
	window->credit_messages--;
	window->credit_bytes -=
		submission->size < window->credit_bytes ? submission->size : window->credit_bytes;
	window->unsent = submission->next;
}
