/*
 * Where each record lies: see table.h
 *
 * Threads: any; every field below `lock` is only touched while holding it.
 */

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "journal/table.h"

struct segment_rows {
	uint64_t first;
	uint64_t n_records;
	uint64_t stride; /* records between two offsets: 1 while open */
	uint64_t *offsets;
	size_t cap;
	uint64_t generation; /* of the file */
};

struct journal_table {
	pthread_mutex_t lock;
	struct segment_rows *segments;
	size_t n_segments;
	size_t cap;
};

struct journal_table *journal_table_new(void)
{
	scoped(journal_table_freep) struct journal_table *table = calloc(1, sizeof(*table));

	if (!table || pthread_mutex_init(&table->lock, NULL) != 0) {
		free(steal(table));
		return NULL;
	}
	return steal(table);
}

void journal_table_free(struct journal_table *table)
{
	if (!table) {
		return;
	}
	for (size_t i = 0; i < table->n_segments; i++) {
		free(table->segments[i].offsets);
	}
	free(table->segments);
	(void)pthread_mutex_destroy(&table->lock);
	free(table);
}

static void lock(struct journal_table *table)
{
	int result = pthread_mutex_lock(&table->lock);

	assert(result == 0);
	(void)result;
}

static void unlock(struct journal_table *table)
{
	int result = pthread_mutex_unlock(&table->lock);

	assert(result == 0);
	(void)result;
}

/* Keeps every 64th offset and gives the rest of the memory back. */
static void close_rows(struct segment_rows *rows)
{
	size_t n = 0;

	for (uint64_t i = 0; i < rows->n_records; i += JOURNAL_TABLE_STRIDE) {
		rows->offsets[n++] = rows->offsets[i];
	}
	rows->stride = JOURNAL_TABLE_STRIDE;
	if (n > 0) {
		uint64_t *smaller = realloc(rows->offsets, n * sizeof(*smaller));

		rows->offsets = smaller ? smaller : rows->offsets;
		rows->cap = n;
	}
}

static rg_err begin(struct journal_table *table, uint64_t first)
{
	if (table->n_segments == table->cap) {
		size_t cap = table->cap ? 2 * table->cap : 16;
		struct segment_rows *rows = reallocarray(table->segments, cap, sizeof(*rows));

		if (!rows) {
			return RG_E_NOMEM;
		}
		table->segments = rows;
		table->cap = cap;
	}
	if (table->n_segments > 0) {
		close_rows(&table->segments[table->n_segments - 1]);
	}
	table->segments[table->n_segments++] = (struct segment_rows){.first = first, .stride = 1};
	return RG_OK;
}

rg_err journal_table_begin(struct journal_table *table, uint64_t first)
{
	lock(table);
	rg_err err = begin(table, first);
	unlock(table);
	return err;
}

static rg_err add(struct segment_rows *rows, uint64_t offset)
{
	if (rows->n_records == rows->cap) {
		size_t cap = rows->cap ? 2 * rows->cap : 1024;
		uint64_t *offsets = reallocarray(rows->offsets, cap, sizeof(*offsets));

		if (!offsets) {
			return RG_E_NOMEM;
		}
		rows->offsets = offsets;
		rows->cap = cap;
	}
	rows->offsets[rows->n_records++] = offset;
	return RG_OK;
}

rg_err journal_table_add(struct journal_table *table, uint64_t offset)
{
	lock(table);
	assert(table->n_segments > 0);
	rg_err err = add(&table->segments[table->n_segments - 1], offset);
	unlock(table);
	return err;
}

/* The segment that holds the record, if any does; they are in order of first. */
static const struct segment_rows *rows_of(const struct journal_table *table, uint64_t index)
{
	size_t low = 0;
	size_t high = table->n_segments;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->segments[middle].first <= index) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (low == 0 ||
		index - table->segments[low - 1].first >= table->segments[low - 1].n_records) {
		return NULL;
	}
	return &table->segments[low - 1];
}

uint64_t journal_table_open_segment(struct journal_table *table)
{
	lock(table);
	uint64_t first = table->n_segments > 0 ? table->segments[table->n_segments - 1].first : 0;

	unlock(table);
	return first;
}

rg_err journal_table_replace(struct journal_table *table, uint64_t first, uint64_t **offsets,
	const struct journal_table_swap *swap)
{
	lock(table);
	const struct segment_rows *found = rows_of(table, first);
	size_t i = found ? (size_t)(found - table->segments) : table->n_segments;

	/* Only a closed segment has the wide stride. */
	assert(i + 1 < table->n_segments && found->first == first);
	rg_err err = swap->call(swap->context);

	if (!err) {
		struct segment_rows *rows = &table->segments[i];

		free(rows->offsets);
		rows->offsets = steal(*offsets);
		rows->generation++;
	}
	unlock(table);
	return err;
}

bool journal_table_find(struct journal_table *table, uint64_t index,
	struct journal_place *ret_place)
{
	lock(table);
	const struct segment_rows *rows = rows_of(table, index);

	if (rows) {
		uint64_t row = (index - rows->first) / rows->stride;

		*ret_place = (struct journal_place){
			.segment = rows->first,
			.index = rows->first + row * rows->stride,
			.offset = rows->offsets[row],
			.generation = rows->generation,
		};
	}
	unlock(table);
	return rows != NULL;
}
