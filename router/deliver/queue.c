/*
 * Queues under order keys: see queue.h.
 *
 * Method: two maps a destination (entries by record, keys by name), chains that double
 * with what they hold; a heap of its ready keys. Time-outs and expiries of all
 * destinations share two heaps. A key without entries is gone.
 *
 * Threads: the core's.
 */
#include "deliver/queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CHAINS_MIN 16

static unsigned lane_of(const struct deliver_key *key)
{
	unsigned lane = 0;

	while (lane + 1 < DELIVER_LANES && key->n_by_lane[lane] == 0) {
		lane++;
	}
	return lane;
}

unsigned deliver_queue_lane(const struct deliver_key *key)
{
	return lane_of(key);
}

/* Total: two heads of one destination never have the same index and ordinal. */
static bool entry_is_before(const struct deliver_entry *a, const struct deliver_entry *b)
{
	if (a->expires_us != b->expires_us) {
		return a->expires_us < b->expires_us;
	}
	if (a->index != b->index) {
		return a->index < b->index;
	}
	if (a->derived_kind != b->derived_kind) {
		return a->derived_kind < b->derived_kind;
	}
	if (a->ordinal != b->ordinal) {
		return a->ordinal < b->ordinal;
	}
	return strcmp(a->key->destination->address, b->key->destination->address) < 0;
}

static bool key_is_more_urgent(const void *a, const void *b)
{
	const struct deliver_key *first = a;
	const struct deliver_key *second = b;

	if (lane_of(first) != lane_of(second)) {
		return lane_of(first) < lane_of(second);
	}
	return entry_is_before(first->head, second->head);
}

static bool key_is_due_before(const void *a, const void *b)
{
	const struct deliver_key *first = a;
	const struct deliver_key *second = b;

	return first->due_us != second->due_us ? first->due_us < second->due_us
					       : entry_is_before(first->head, second->head);
}

static bool expires_before(const void *a, const void *b)
{
	return entry_is_before(a, b);
}

static uint32_t *key_place(void *item)
{
	return &((struct deliver_key *)item)->place;
}

static uint32_t *expiry_place(void *item)
{
	return &((struct deliver_entry *)item)->expiry_place;
}

rg_err deliver_queue_init(struct deliver_party *party)
{
	party->entries = calloc(CHAINS_MIN, sizeof(struct deliver_entry *));
	party->keys = calloc(CHAINS_MIN, sizeof(struct deliver_key *));
	party->n_entry_chains = CHAINS_MIN;
	party->n_key_chains = CHAINS_MIN;
	party->ready = (struct deliver_heap){.is_before = key_is_more_urgent, .place = key_place};
	return party->entries && party->keys ? RG_OK : RG_E_NOMEM;
}

static void free_keys(struct deliver_key *key)
{
	while (key) {
		struct deliver_key *next = key->next;

		while (key->head) {
			struct deliver_entry *entry = key->head;

			key->head = entry->next;
			free(entry);
		}
		free(key);
		key = next;
	}
}

void deliver_queue_deinit(struct deliver_party *party)
{
	for (size_t i = 0; party->keys && i < party->n_key_chains; i++) {
		free_keys(party->keys[i]);
	}
	deliver_heap_deinit(&party->ready);
	free(party->entries);
	free(party->keys);
	free(party->ends);
}

void deliver_timers_init(struct deliver_timers *timers)
{
	timers->keys = (struct deliver_heap){.is_before = key_is_due_before, .place = key_place};
	timers->expiries =
		(struct deliver_heap){.is_before = expires_before, .place = expiry_place};
}

void deliver_timers_deinit(struct deliver_timers *timers)
{
	deliver_heap_deinit(&timers->keys);
	deliver_heap_deinit(&timers->expiries);
}

static struct deliver_key **key_chain(const struct deliver_party *party, const uint8_t *name)
{
	uint64_t hash;

	memcpy(&hash, name, sizeof(hash));
	return &party->keys[hash % party->n_key_chains];
}

static struct deliver_entry **entry_chain(const struct deliver_party *party, uint64_t index)
{
	return &party->entries[index % party->n_entry_chains];
}

static rg_err grow_keys(struct deliver_party *party)
{
	size_t n_old = party->n_key_chains;
	struct deliver_key **old = party->keys;

	if (party->n_keys < n_old) {
		return RG_OK;
	}
	party->keys = calloc(n_old * 2, sizeof(struct deliver_key *));
	if (!party->keys) {
		party->keys = old;
		return RG_E_NOMEM;
	}
	party->n_key_chains = n_old * 2;
	for (size_t i = 0; i < n_old; i++) {
		while (old[i]) {
			struct deliver_key *key = old[i];
			struct deliver_key **chain = key_chain(party, key->name);

			old[i] = key->next;
			key->next = *chain;
			*chain = key;
		}
	}
	free(old);
	return RG_OK;
}

static rg_err grow_entries(struct deliver_party *party)
{
	size_t n_old = party->n_entry_chains;
	struct deliver_entry **old = party->entries;

	if (party->n_entries < n_old) {
		return RG_OK;
	}
	party->entries = calloc(n_old * 2, sizeof(struct deliver_entry *));
	if (!party->entries) {
		party->entries = old;
		return RG_E_NOMEM;
	}
	party->n_entry_chains = n_old * 2;
	for (size_t i = 0; i < n_old; i++) {
		while (old[i]) {
			struct deliver_entry *entry = old[i];
			struct deliver_entry **chain = entry_chain(party, entry->index);

			old[i] = entry->next_same;
			entry->next_same = *chain;
			*chain = entry;
		}
	}
	free(old);
	return RG_OK;
}

struct deliver_entry *deliver_queue_find(const struct deliver_party *party, uint64_t index)
{
	struct deliver_entry *entry = *entry_chain(party, index);

	while (entry && entry->index != index) {
		entry = entry->next_same;
	}
	return entry;
}

static struct deliver_key *find_key(const struct deliver_party *party, const uint8_t *name)
{
	struct deliver_key *key = *key_chain(party, name);

	while (key && memcmp(key->name, name, DELIVER_KEY_LEN) != 0) {
		key = key->next;
	}
	return key;
}

/* The heap that holds a key in this state; NULL: none. */
static struct deliver_heap *heap_of(struct deliver_timers *timers, struct deliver_key *key,
	enum deliver_key_state state)
{
	switch (state) {
	case DELIVER_KEY_READY:
		return &key->destination->ready;
	case DELIVER_KEY_IN_FLIGHT:
	case DELIVER_KEY_BACK_OFF:
		return &timers->keys;
	case DELIVER_KEY_SETTLING:
		return NULL;
	}
	return NULL;
}

rg_err deliver_queue_set_state(struct deliver_timers *timers, struct deliver_key *key,
	enum deliver_key_state state, int64_t due_us)
{
	assert(key->destination);
	struct deliver_heap *from = heap_of(timers, key, key->state);
	struct deliver_heap *to = heap_of(timers, key, state);
	rg_err err = to ? deliver_heap_reserve(to, to->n_items + 1) : RG_OK;

	if (err) {
		return err;
	}
	if (from) {
		deliver_heap_remove(from, key);
	}
	key->destination->n_in_flight -= key->state == DELIVER_KEY_IN_FLIGHT;
	key->destination->n_in_flight += state == DELIVER_KEY_IN_FLIGHT;
	key->state = state;
	key->due_us = due_us;
	if (to) {
		deliver_heap_insert(to, key);
	}
	return RG_OK;
}

/* Room for everything that a push will need, so that it cannot fail half done. */
static rg_err reserve(struct deliver_party *party, struct deliver_timers *timers)
{
	rg_err err = grow_keys(party);

	if (!err) {
		err = grow_entries(party);
	}
	if (!err) {
		err = deliver_heap_reserve(&timers->expiries, timers->expiries.n_items + 1);
	}
	/* For all keys, wherever they are now: each may become ready, and that must not fail. */
	return err ? err : deliver_heap_reserve(&party->ready, party->n_keys + 1);
}

static void append(struct deliver_key *key, struct deliver_entry *entry)
{
	entry->key = key;
	if (key->tail) {
		key->tail->next = entry;
	} else {
		key->head = entry;
	}
	key->tail = entry;
	key->n_by_lane[entry->lane]++;
}

rg_err deliver_queue_push(struct deliver_party *party, struct deliver_timers *timers,
	const uint8_t *name, const struct deliver_entry *entry)
{
	rg_err err = reserve(party, timers);
	struct deliver_key *key = err ? NULL : find_key(party, name);
	bool is_new = !key;
	struct deliver_entry *copy = err ? NULL : malloc(sizeof(*copy));

	if (!err && is_new) {
		key = calloc(1, sizeof(*key));
	}
	if (err || !copy || !key) {
		free(copy);
		if (is_new) {
			free(key);
		}
		return err ? err : RG_E_NOMEM;
	}
	*copy = *entry;
	copy->next = NULL;
	append(key, copy);
	struct deliver_entry **same = entry_chain(party, copy->index);

	copy->next_same = *same;
	*same = copy;
	party->n_entries++;
	if (is_new) {
		struct deliver_key **chain = key_chain(party, name);

		memcpy(key->name, name, DELIVER_KEY_LEN);
		key->destination = party;
		key->next = *chain;
		*chain = key;
		party->n_keys++;
		deliver_heap_insert(&party->ready, key);
	} else if (key->state == DELIVER_KEY_READY) {
		deliver_heap_update(&party->ready, key);
	}
	deliver_heap_insert(&timers->expiries, copy);
	return RG_OK;
}

static void unlink_entry(struct deliver_party *party, struct deliver_entry *entry)
{
	struct deliver_entry **link = entry_chain(party, entry->index);

	while (*link != entry) {
		link = &(*link)->next_same;
	}
	*link = entry->next_same;
	party->n_entries--;
}

static void unlink_key(struct deliver_party *party, struct deliver_key *key)
{
	struct deliver_key **link = key_chain(party, key->name);

	while (*link != key) {
		link = &(*link)->next;
	}
	*link = key->next;
	party->n_keys--;
	free(key);
}

/* Takes the entry out of its key's row. */
static void cut_out(struct deliver_key *key, struct deliver_entry *entry, uint8_t next_mark)
{
	struct deliver_entry *before = NULL;
	struct deliver_entry **link = &key->head;

	while (*link != entry) {
		before = *link;
		link = &before->next;
	}
	*link = entry->next;
	if (key->tail == entry) {
		key->tail = before;
	}
	if (entry->next && next_mark) {
		entry->next->mark = next_mark;
	}
	key->n_by_lane[entry->lane]--;
}

void deliver_queue_remove(struct deliver_party *party, struct deliver_timers *timers,
	struct deliver_entry *entry, uint8_t next_mark)
{
	struct deliver_key *key = entry->key;
	bool was_head = key->head == entry;
	struct deliver_heap *heap = heap_of(timers, key, key->state);

	/* Heaps order keys by their heads: out while the old head stands, in with the new. */
	if (heap) {
		deliver_heap_remove(heap, key);
	}
	deliver_heap_remove(&timers->expiries, entry);
	unlink_entry(party, entry);
	cut_out(key, entry, next_mark);
	free(entry);
	if (was_head) {
		party->n_in_flight -= key->state == DELIVER_KEY_IN_FLIGHT;
		key->state = DELIVER_KEY_READY;
		heap = &party->ready;
	}
	if (!key->head) {
		unlink_key(party, key);
	} else if (heap) {
		/* Room is there: reserve() made it for all keys. */
		deliver_heap_insert(heap, key);
	}
}

struct deliver_key *deliver_queue_next(const struct deliver_party *party)
{
	return deliver_heap_first(&party->ready);
}
