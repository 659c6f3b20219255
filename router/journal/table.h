#ifndef JOURNAL_TABLE_H
#define JOURNAL_TABLE_H

/*
 * Where each record lies
 *
 * The open segment has an offset for every record, closed ones for every 64th: 8 bytes
 * a row, so a hundred million records take some 13 MB. The journal thread adds, readers
 * look up.
 * Threads: any; one lock.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/scoped.h"

#define JOURNAL_TABLE_STRIDE 64

struct journal_table;

/* A place to start from: the record `index` or one at most 63 before it. */
struct journal_place {
	uint64_t segment; /* first index of its segment */
	uint64_t index;   /* of the record at offset */
	uint64_t offset;
	uint64_t generation; /* of the segment's file; see journal_table_replace() */
};

struct journal_table *journal_table_new(void); /* NULL: no memory */
void journal_table_free(struct journal_table *table);
SCOPED_DEFINE(struct journal_table, journal_table_free);

/* Begins a segment; the one before it is closed. */
RG_MUST_USE rg_err journal_table_begin(struct journal_table *table, uint64_t first);
/* The next record of the open segment begins at offset. */
RG_MUST_USE rg_err journal_table_add(struct journal_table *table, uint64_t offset);
/* First index of the segment that is not closed; records below it lie in closed ones. */
uint64_t journal_table_open_segment(struct journal_table *table);
/*
 * A closed segment is written anew under its old name: `call` gives the new file the name,
 * and offsets (taken; of every JOURNAL_TABLE_STRIDE-th record) take the place of the old
 * ones, at once for all who look up. A fault of call leaves everything as it was.
 */
struct journal_table_swap {
	rg_err (*call)(void *context);
	void *context;
};
RG_MUST_USE rg_err journal_table_replace(struct journal_table *table, uint64_t first,
	uint64_t **offsets, const struct journal_table_swap *swap);
/* False: there is no such record. */
bool journal_table_find(struct journal_table *table, uint64_t index,
	struct journal_place *ret_place);

#endif
