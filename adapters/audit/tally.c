/*
 * Cells of a report: see tally.h.
 *
 * Method: a sorted array of pointers, searched by halving.
 * Threads: one.
 */
#include "audit/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static void cell_free(struct tally_cell *cell)
{
	if (cell) {
		free(cell->key);
		free(cell->samples);
		free(cell);
	}
}

SCOPED_DEFINE(struct tally_cell, cell_free);

void tally_deinit(struct tally *tally)
{
	for (size_t i = 0; i < tally->n_cells; i++) {
		cell_free(tally->cells[i]);
	}
	free(tally->cells);
	*tally = (struct tally){.cells = NULL};
}

static int compare_key(struct rg_bytes a, struct rg_bytes b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = memcmp(a.data, b.data, len);

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* Where the key is or belongs. */
static size_t find(const struct tally *tally, struct rg_bytes key, bool *ret_found)
{
	size_t low = 0;
	size_t high = tally->n_cells;

	*ret_found = false;
	while (low < high && !*ret_found) {
		size_t middle = low + (high - low) / 2;
		const struct tally_cell *cell = tally->cells[middle];
		int order = compare_key(bytes_of(cell->key, cell->key_len), key);

		if (order < 0) {
			low = middle + 1;
		} else {
			high = middle;
			*ret_found = order == 0;
		}
	}
	return high;
}

static rg_err put(struct tally *tally, size_t place, struct buf *key)
{
	scoped(cell_freep) struct tally_cell *cell = calloc(1, sizeof(*cell));

	if (tally->n_cells == tally->n_room) {
		size_t n_room = tally->n_room ? 2 * tally->n_room : 64;
		struct tally_cell **cells =
			reallocarray(tally->cells, n_room, sizeof(struct tally_cell *));

		if (!cells) {
			return RG_E_NOMEM;
		}
		tally->cells = cells;
		tally->n_room = n_room;
	}
	if (!cell) {
		return RG_E_NOMEM;
	}
	cell->key = (char *)buf_take(key, &cell->key_len);
	memmove(&tally->cells[place + 1], &tally->cells[place],
		(tally->n_cells - place) * sizeof(struct tally_cell *));
	tally->cells[place] = steal(cell);
	tally->n_cells++;
	return RG_OK;
}

struct tally_cell *tally_at(struct tally *tally, const char *const *texts, size_t n_texts)
{
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	bool is_found = false;

	for (size_t i = 0; i < n_texts; i++) {
		buf_add(&key, texts[i], strlen(texts[i]) + 1);
	}
	tally->err = tally->err ? tally->err : buf_error(&key);
	if (tally->err) {
		return NULL;
	}
	size_t place = find(tally, buf_view(&key), &is_found);

	if (!is_found) {
		tally->err = put(tally, place, &key);
	}
	return tally->err ? NULL : tally->cells[place];
}

const char *tally_text(const struct tally_cell *cell, size_t number)
{
	const char *text = cell->key;

	for (size_t i = 0; i < number; i++) {
		text += strlen(text) + 1;
	}
	return text;
}

bool tally_count(struct tally_cell *cell, size_t number, uint64_t thing)
{
	if (cell->counted[number] == thing) {
		return false;
	}
	cell->counted[number] = thing;
	cell->counts[number]++;
	return true;
}

void tally_add(struct tally *tally, struct tally_cell *cell, int64_t sample)
{
	if (cell->n_samples == cell->n_room) {
		size_t n_room = cell->n_room ? 2 * cell->n_room : 4;
		int64_t *samples = reallocarray(cell->samples, n_room, sizeof(*samples));

		if (!samples) {
			tally->err = RG_E_NOMEM;
			return;
		}
		cell->samples = samples;
		cell->n_room = n_room;
	}
	cell->samples[cell->n_samples++] = sample;
}

static int compare_samples(const void *a, const void *b)
{
	const int64_t *one = a;
	const int64_t *other = b;

	return (*one > *other) - (*one < *other);
}

void tally_sort(struct tally_cell *cell)
{
	if (cell->n_samples > 0) {
		qsort(cell->samples, cell->n_samples, sizeof(*cell->samples), compare_samples);
	}
}

int64_t tally_percentile(const struct tally_cell *cell, unsigned percent)
{
	return cell->samples[(cell->n_samples * percent + 99) / 100 - 1];
}

/* n * (sum of quotients) + sum of remainders is the sum; it may not fit, these do. */
int64_t tally_mean(const struct tally_cell *cell)
{
	int64_t n = (int64_t)cell->n_samples;
	int64_t whole = 0;
	int64_t rest = 0;

	for (size_t i = 0; i < cell->n_samples; i++) {
		whole += cell->samples[i] / n;
		rest += cell->samples[i] % n;
	}
	return n > 0 ? whole + rest / n : 0;
}
