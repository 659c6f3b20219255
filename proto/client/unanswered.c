/*
 * Unanswered submissions: see unanswered.h
 *
 * A doubly linked list in order and a hash table whose key is the random end of the id.
 * Threads: owned by the session's thread.
 */

#include <stdlib.h>
#include <string.h>

#include "client/unanswered.h"

#define BUCKETS ((size_t)1 << 14)

rg_err unanswered_init(struct unanswered *unanswered)
{
	*unanswered = (struct unanswered){.next_seq = 1};
	unanswered->table = calloc(BUCKETS, sizeof(struct submission *));
	return unanswered->table ? RG_OK : RG_E_NOMEM;
}

void unanswered_deinit(struct unanswered *unanswered)
{
	while (unanswered->first) {
		struct submission *next = unanswered->first->next;

		submission_free(unanswered->first);
		unanswered->first = next;
	}
	free(unanswered->table);
	*unanswered = (struct unanswered){0};
}

static struct submission **bucket_of(const struct unanswered *unanswered, const uint8_t *id)
{
	uint32_t random;

	memcpy(&random, id + SUBMIT_ID_LEN - sizeof(random), sizeof(random));
	return &unanswered->table[random & (BUCKETS - 1)];
}

void unanswered_add(struct unanswered *unanswered, struct submission *submission)
{
	struct submission **bucket = bucket_of(unanswered, submission->id);

	while (*bucket) {
		bucket = &(*bucket)->bucket_next;
	}
	*bucket = submission;
	submission->bucket_next = NULL;
	submission->next = NULL;
	submission->previous = unanswered->last;
	submission->seq = 0;
	if (unanswered->last) {
		unanswered->last->next = submission;
	} else {
		unanswered->first = submission;
	}
	unanswered->last = submission;
	if (!unanswered->unsent) {
		unanswered->unsent = submission;
	}
	unanswered->n++;
}

struct submission *unanswered_find(const struct unanswered *unanswered,
	const uint8_t id[SUBMIT_ID_LEN])
{
	struct submission *at = *bucket_of(unanswered, id);

	while (at && memcmp(at->id, id, SUBMIT_ID_LEN) != 0) {
		at = at->bucket_next;
	}
	return at;
}

struct submission *unanswered_find_sent(const struct unanswered *unanswered, uint64_t seq,
	uint32_t epoch)
{
	struct submission *at = unanswered->first;

	while (at && (at->seq != seq || at->epoch != epoch)) {
		at = at->next;
	}
	return seq ? at : NULL;
}

struct submission *unanswered_remove(struct unanswered *unanswered, struct submission *submission)
{
	struct submission **bucket = bucket_of(unanswered, submission->id);

	while (*bucket != submission) {
		bucket = &(*bucket)->bucket_next;
	}
	*bucket = submission->bucket_next;
	if (unanswered->unsent == submission) {
		unanswered->unsent = submission->next;
	}
	if (submission->previous) {
		submission->previous->next = submission->next;
	} else {
		unanswered->first = submission->next;
	}
	if (submission->next) {
		submission->next->previous = submission->previous;
	} else {
		unanswered->last = submission->previous;
	}
	submission->next = NULL;
	submission->previous = NULL;
	unanswered->n--;
	return submission;
}

void unanswered_restart(struct unanswered *unanswered, uint32_t epoch)
{
	for (struct submission *at = unanswered->first; at; at = at->next) {
		at->seq = 0;
	}
	unanswered->unsent = unanswered->first;
	unanswered->next_seq = 1;
	unanswered->epoch = epoch;
	unanswered->credit_messages = 0;
	unanswered->credit_bytes = 0;
}

void unanswered_rewind(struct unanswered *unanswered, struct submission *from)
{
	for (struct submission *at = from; at; at = at->next) {
		at->seq = 0;
	}
	unanswered->unsent = from;
	unanswered->next_seq = 1;
	unanswered->epoch++;
}

struct submission *unanswered_next(const struct unanswered *unanswered)
{
	struct submission *next = unanswered->unsent;
	bool is_covered =
		next && unanswered->credit_messages >= 1 && unanswered->credit_bytes >= next->size;

	return is_covered ? next : NULL;
}

void unanswered_sent(struct unanswered *unanswered, struct submission *submission)
{
	submission->seq = unanswered->next_seq++;
	submission->epoch = unanswered->epoch;
	unanswered->credit_messages--;
	unanswered->credit_bytes -= submission->size < unanswered->credit_bytes
		? submission->size
		: unanswered->credit_bytes;
	unanswered->unsent = submission->next;
}
