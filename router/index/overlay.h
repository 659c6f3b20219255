#ifndef INDEX_OVERLAY_H
#define INDEX_OVERLAY_H

/*
 * What is newer than the last transaction: rows in memory
 *
 * Two of them exist: one grows, the other is frozen while it is being written. A frozen
 * one is only read, so that the core may look into it beside the thread that writes it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/arena.h"
#include "base/scoped.h"
#include "index/keys.h"

/* One key and what stands under it. */
struct index_entry {
	uint64_t hash;
	const uint8_t *key;
	size_t key_len;
	const uint8_t *value; /* identity: INDEX_KEYS_VALUE_LEN bytes */
	uint64_t *indexes;    /* search: ascending */
	size_t n_indexes;
	size_t cap;
};

struct index_table {
	struct index_entry *entries;
	size_t n_entries;
	size_t cap;
	uint32_t *slots; /* entry + 1; 0: free */
	size_t n_slots;  /* a power of two */
};

struct index_minute {
	uint64_t minute;
	uint64_t index;
};

struct index_overlay {
	struct arena *arena;
	uint64_t seed;
	struct index_table identities;
	struct index_table searches;
	struct index_minute *minutes; /* ascending */
	size_t n_minutes;
	size_t minutes_cap;
	uint64_t n_records;
};

/* model (or NULL): one of about the size that the new one will have. NULL: no memory. */
struct index_overlay *index_overlay_new(const struct index_overlay *model);
void index_overlay_free(struct index_overlay *overlay);
SCOPED_DEFINE(struct index_overlay, index_overlay_free);

/* The first value of an identity stays. */
RG_MUST_USE rg_err index_overlay_add_identity(struct index_overlay *overlay,
	const struct index_key *key, const uint8_t value[INDEX_KEYS_VALUE_LEN]);
/* Adds a record under a key, once. Records come in ascending order. */
RG_MUST_USE rg_err index_overlay_add_search(struct index_overlay *overlay,
	const struct index_key *key, uint64_t index);
/* Notes the first record of a minute. Minutes come in ascending order. */
RG_MUST_USE rg_err index_overlay_add_minute(struct index_overlay *overlay, uint64_t minute,
	uint64_t index);
/* NULL: nothing stands under the key. Borrowed. */
const struct index_entry *index_overlay_find(const struct index_overlay *overlay,
	const struct index_table *table, const struct index_key *key);
/* The entries in the order of their keys; to be freed with free(). */
RG_MUST_USE rg_err index_overlay_sort(const struct index_table *table,
	const struct index_entry ***ret_sorted);

#endif
