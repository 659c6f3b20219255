/*
 * What is newer than the last transaction: see overlay.h
 *
 * Entries stand in one array in the order of their arrival; slots find them by hash.
 * The seed is secret, so that senders cannot choose keys that collide.
 * Threads: one owner while it grows; frozen, any number of readers.
 */

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "index/overlay.h"

#define SLOTS_FIRST 1024

static void free_table(struct index_table *table)
{
	free(table->entries);
	free(table->slots);
}

void index_overlay_free(struct index_overlay *overlay)
{
	if (overlay) {
		free_table(&overlay->identities);
		free_table(&overlay->searches);
		free(overlay->minutes);
		arena_free(overlay->arena);
		free(overlay);
	}
}

/* The slot that names the key's entry, or the free one where it would be. */
static uint32_t *find_slot(const struct index_table *table, uint64_t hash, const uint8_t *key,
	size_t key_len)
{
	for (size_t at = hash & (table->n_slots - 1);; at = (at + 1) & (table->n_slots - 1)) {
		uint32_t *slot = &table->slots[at];

		if (*slot == 0) {
			return slot;
		}
		const struct index_entry *entry = &table->entries[*slot - 1];

		if (entry->hash == hash && entry->key_len == key_len &&
			memcmp(entry->key, key, key_len) == 0) {
			return slot;
		}
	}
}

static void slotsp(uint32_t **slots)
{
	free(*slots);
}

/* Gives the table so many slots, and room for half as many entries. */
static rg_err resize(struct index_table *table, size_t n_slots)
{
	if (n_slots == 0 || n_slots > UINT32_MAX) {
		return n_slots == 0 ? RG_OK : RG_E_OVERFLOW;
	}
	scoped(slotsp) uint32_t *slots = calloc(n_slots, sizeof(*slots));
	struct index_entry *entries = reallocarray(table->entries, n_slots / 2, sizeof(*entries));

	table->entries = entries ? entries : table->entries;
	if (!slots || !entries) {
		return RG_E_NOMEM;
	}
	free(table->slots);
	table->slots = steal(slots);
	table->n_slots = n_slots;
	for (size_t i = 0; i < table->n_entries; i++) {
		const struct index_entry *entry = &table->entries[i];

		*find_slot(table, entry->hash, entry->key, entry->key_len) = (uint32_t)i + 1;
	}
	return RG_OK;
}

/* Makes room for one more entry, with at least as many free slots as used ones. */
static rg_err grow(struct index_table *table)
{
	if (table->n_entries < table->n_slots / 2) {
		return RG_OK;
	}
	return resize(table, table->n_slots ? 2 * table->n_slots : SLOTS_FIRST);
}

struct index_overlay *index_overlay_new(const struct index_overlay *model)
{
	scoped(index_overlay_freep) struct index_overlay *overlay = calloc(1, sizeof(*overlay));

	if (!overlay) {
		return NULL;
	}
	overlay->arena = arena_new(0);
	if (!overlay->arena || getrandom(&overlay->seed, sizeof(overlay->seed), 0) < 0) {
		return NULL;
	}
	if (model &&
		(resize(&overlay->identities, model->identities.n_slots) ||
			resize(&overlay->searches, model->searches.n_slots))) {
		return NULL;
	}
	return steal(overlay);
}

static const uint8_t *keep(struct index_overlay *overlay, const uint8_t *bytes, size_t len)
{
	uint8_t *kept = arena_alloc(overlay->arena, len);

	if (kept) {
		memcpy(kept, bytes, len);
	}
	return kept;
}

/* The key's entry, new when there is none. */
static rg_err get_entry(struct index_overlay *overlay, struct index_table *table,
	const struct index_key *key, struct index_entry **ret_entry)
{
	uint64_t hash = index_keys_hash(overlay->seed, key->bytes, key->len);
	rg_err err = grow(table);

	if (err) {
		return err;
	}
	uint32_t *slot = find_slot(table, hash, key->bytes, key->len);

	if (*slot == 0) {
		const uint8_t *kept = keep(overlay, key->bytes, key->len);

		if (!kept) {
			return RG_E_NOMEM;
		}
		table->entries[table->n_entries++] =
			(struct index_entry){.hash = hash, .key = kept, .key_len = key->len};
		*slot = (uint32_t)table->n_entries;
	}
	*ret_entry = &table->entries[*slot - 1];
	return RG_OK;
}

rg_err index_overlay_add_identity(struct index_overlay *overlay, const struct index_key *key,
	const uint8_t value[INDEX_KEYS_VALUE_LEN])
{
	struct index_entry *entry = NULL;
	rg_err err = get_entry(overlay, &overlay->identities, key, &entry);

	if (!err && !entry->value) {
		entry->value = keep(overlay, value, INDEX_KEYS_VALUE_LEN);
		err = entry->value ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

rg_err index_overlay_add_search(struct index_overlay *overlay, const struct index_key *key,
	uint64_t index)
{
	struct index_entry *entry = NULL;
	rg_err err = get_entry(overlay, &overlay->searches, key, &entry);

	if (err || (entry->n_indexes > 0 && entry->indexes[entry->n_indexes - 1] == index)) {
		return err;
	}
	if (entry->n_indexes == entry->cap) {
		size_t cap = entry->cap ? 2 * entry->cap : 2;
		uint64_t *indexes = arena_alloc(overlay->arena, cap * sizeof(*indexes));

		if (!indexes) {
			return RG_E_NOMEM;
		}
		if (entry->n_indexes > 0) {
			memcpy(indexes, entry->indexes, entry->n_indexes * sizeof(*indexes));
		}
		entry->indexes = indexes;
		entry->cap = cap;
	}
	entry->indexes[entry->n_indexes++] = index;
	return RG_OK;
}

rg_err index_overlay_add_minute(struct index_overlay *overlay, uint64_t minute, uint64_t index)
{
	if (overlay->n_minutes > 0 && overlay->minutes[overlay->n_minutes - 1].minute >= minute) {
		return RG_OK;
	}
	if (overlay->n_minutes == overlay->minutes_cap) {
		size_t cap = overlay->minutes_cap ? 2 * overlay->minutes_cap : 64;
		struct index_minute *minutes =
			reallocarray(overlay->minutes, cap, sizeof(*minutes));

		if (!minutes) {
			return RG_E_NOMEM;
		}
		overlay->minutes = minutes;
		overlay->minutes_cap = cap;
	}
	overlay->minutes[overlay->n_minutes++] = (struct index_minute){minute, index};
	return RG_OK;
}

const struct index_entry *index_overlay_find(const struct index_overlay *overlay,
	const struct index_table *table, const struct index_key *key)
{
	if (table->n_slots == 0) {
		return NULL;
	}
	uint64_t hash = index_keys_hash(overlay->seed, key->bytes, key->len);
	const uint32_t *slot = find_slot(table, hash, key->bytes, key->len);

	return *slot == 0 ? NULL : &table->entries[*slot - 1];
}

static int compare(const void *a, const void *b)
{
	const struct index_entry *left = *(const struct index_entry *const *)a;
	const struct index_entry *right = *(const struct index_entry *const *)b;
	size_t len = left->key_len < right->key_len ? left->key_len : right->key_len;
	int order = memcmp(left->key, right->key, len);

	return order != 0 ? order
			  : (left->key_len > right->key_len) - (left->key_len < right->key_len);
}

rg_err index_overlay_sort(const struct index_table *table, const struct index_entry ***ret_sorted)
{
	const struct index_entry **sorted = calloc(table->n_entries + 1, sizeof(*sorted));

	if (!sorted) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < table->n_entries; i++) {
		sorted[i] = &table->entries[i];
	}
	qsort(sorted, table->n_entries, sizeof(struct index_entry *), compare);
	*ret_sorted = sorted;
	return RG_OK;
}
