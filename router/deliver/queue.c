/*
 * Queues under order keys: see queue.h.
 *
 * Method: two maps a destination (entries by record, keys by name), chains that double
 * with what they hold; a heap a lane of its ready keys, with room for all keys in which
 * something of the lane waits. Time-outs and expiries of all destinations share two heaps.
 * A key without entries is gone.
 *
 * Threads: the core's.
 */
#include "deliver/queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CHAINS_MIN 16

/* Of so many hand-overs one is the lane's, while it has something ready. */
static const uint8_t lane_shares[DELIVER_LANES] = {[1] = 4, [2] = 4, [3] = 8};

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

/* Of one lane. */
static bool key_is_more_urgent(const void *a, const void *b)
{
	const struct deliver_key *first = a;
	const struct deliver_key *second = b;

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
	for (unsigned lane = 0; lane < DELIVER_LANES; lane++) {
		party->ready[lane] =
			(struct deliver_heap){.is_before = key_is_more_urgent, .place = key_place};
	}
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
	for (unsigned lane = 0; lane < DELIVER_LANES; lane++) {
		deliver_heap_deinit(&party->ready[lane]);
	}
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

/* The heap that holds a key in this state with the lanes that wait in it now; NULL: none. */
static struct deliver_heap *heap_of(struct deliver_timers *timers, struct deliver_key *key,
	enum deliver_key_state state)
{
	switch (state) {
	case DELIVER_KEY_READY:
		return &key->destination->ready[lane_of(key)];
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
static rg_err reserve(struct deliver_party *party, struct deliver_timers *timers, unsigned lane)
{
	rg_err err = grow_keys(party);

	if (!err) {
		err = grow_entries(party);
	}
	if (!err) {
		err = deliver_heap_reserve(&timers->expiries, timers->expiries.n_items + 1);
	}
	/* For all its keys, wherever they are now: each may become ready, and must not fail. */
	return err ? err
		   : deliver_heap_reserve(&party->ready[lane], party->n_keys_by_lane[lane] + 1);
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
	key->destination->n_keys_by_lane[entry->lane] += key->n_by_lane[entry->lane] == 0;
	key->n_by_lane[entry->lane]++;
}

/* A key without entries, ready, in no heap yet. */
static struct deliver_key *add_key(struct deliver_party *party, const uint8_t *name)
{
	struct deliver_key **chain = key_chain(party, name);
	struct deliver_key *key = calloc(1, sizeof(*key));

	if (key) {
		memcpy(key->name, name, DELIVER_KEY_LEN);
		key->destination = party;
		key->next = *chain;
		*chain = key;
		party->n_keys++;
	}
	return key;
}

rg_err deliver_queue_push(struct deliver_party *party, struct deliver_timers *timers,
	const uint8_t *name, const struct deliver_entry *entry)
{
	rg_err err = reserve(party, timers, entry->lane);
	scoped(freep) struct deliver_entry *copy = err ? NULL : malloc(sizeof(*copy));
	struct deliver_key *key = copy ? find_key(party, name) : NULL;

	if (copy && !key) {
		key = add_key(party, name);
	} else if (key && key->state == DELIVER_KEY_READY) {
		/* Out of the heap of its lane, into that which it has with the entry. */
		deliver_heap_remove(heap_of(timers, key, key->state), key);
	}
	if (err || !key) {
		return err ? err : RG_E_NOMEM;
	}
	struct deliver_entry *added = steal(copy);
	struct deliver_entry **same = entry_chain(party, entry->index);

	*added = *entry;
	added->next = NULL;
	append(key, added);
	added->next_same = *same;
	*same = added;
	party->n_entries++;
	if (key->state == DELIVER_KEY_READY) {
		deliver_heap_insert(heap_of(timers, key, key->state), key);
	}
	deliver_heap_insert(&timers->expiries, added);
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
	key->destination->n_keys_by_lane[entry->lane] -= key->n_by_lane[entry->lane] == 0;
}

void deliver_queue_remove(struct deliver_party *party, struct deliver_timers *timers,
	struct deliver_entry *entry, uint8_t next_mark)
{
	struct deliver_key *key = entry->key;
	bool was_head = key->head == entry;
	struct deliver_heap *heap = heap_of(timers, key, key->state);

	/* Heaps order keys by lane and head: out while the old ones stand, in with the new. */
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
	}
	if (!key->head) {
		unlink_key(party, key);
		return;
	}
	heap = heap_of(timers, key, key->state);
	if (heap) {
		/* Room is there: reserve() made it for all keys of each lane. */
		deliver_heap_insert(heap, key);
	}
}

/* The least urgent lane that may claim its right; else the most urgent that has a ready key. */
struct deliver_key *deliver_queue_next(const struct deliver_party *party)
{
	struct deliver_key *next = NULL;

	for (unsigned lane = DELIVER_LANES; lane-- > 0;) {
		struct deliver_key *first = deliver_heap_first(&party->ready[lane]);

		if (first && lane_shares[lane] > 0 &&
			party->passed[lane] + 1 >= lane_shares[lane]) {
			return first;
		}
		next = first ? first : next;
	}
	return next;
}

void deliver_queue_count(struct deliver_party *party, const struct deliver_key *key)
{
	for (unsigned lane = 0; lane < DELIVER_LANES; lane++) {
		bool is_passed = lane != lane_of(key) && party->ready[lane].n_items > 0;

		party->passed[lane] = is_passed
			? (uint8_t)(party->passed[lane] + (party->passed[lane] < UINT8_MAX))
			: 0;
	}
}
