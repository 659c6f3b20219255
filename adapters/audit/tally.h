#ifndef AUDIT_TALLY_H
#define AUDIT_TALLY_H

/*
 * Cells of a report: counts and samples by some texts
 *
 * Cells are kept sorted by their texts, byte by byte, one text after the other. Failure is
 * sticky: after it nothing is added, and `err` says so.
 *
 * Memory: the cells, and eight bytes a sample. Putting a cell behind all others is cheap,
 * anywhere else moves what lies behind.
 * Threads: a tally belongs to one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/scoped.h"

#define TALLY_TEXTS_MAX  8
#define TALLY_COUNTS_MAX 8

struct tally_cell {
	char *key; /* texts with a NUL behind each */
	size_t key_len;
	int64_t counts[TALLY_COUNTS_MAX];
	uint64_t counted[TALLY_COUNTS_MAX]; /* the thing that was counted last */
	int64_t *samples;
	size_t n_samples;
	size_t n_room;
};

struct tally {
	struct tally_cell **cells;
	size_t n_cells;
	size_t n_room;
	rg_err err;
};

void tally_deinit(struct tally *tally);

/* The cell of these texts; NULL: no memory. */
struct tally_cell *tally_at(struct tally *tally, const char *const *texts, size_t n_texts);
/* The text of a cell, from 0. */
const char *tally_text(const struct tally_cell *cell, size_t number);
/*
 * Counts the thing once in the cell's count `number`, however often it is asked one after the
 * other; things have numbers from 1. True: it was counted now.
 */
bool tally_count(struct tally_cell *cell, size_t number, uint64_t thing);
/* Adds a sample. */
void tally_add(struct tally *tally, struct tally_cell *cell, int64_t sample);
void tally_sort(struct tally_cell *cell);

/*
 * Of a sorted cell with samples that are not negative: the smallest sample that at least
 * `percent` of all do not exceed (nearest rank), and the mean without its fraction.
 */
int64_t tally_percentile(const struct tally_cell *cell, unsigned percent);
int64_t tally_mean(const struct tally_cell *cell);

#endif
