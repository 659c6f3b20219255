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
};

struct journal_table *journal_table_new(void); /* NULL: no memory */
void journal_table_free(struct journal_table *table);
SCOPED_DEFINE(struct journal_table, journal_table_free);

/* Begins a segment; the one before it is closed. */
RG_MUST_USE rg_err journal_table_begin(struct journal_table *table, uint64_t first);
/* The next record of the open segment begins at offset. */
RG_MUST_USE rg_err journal_table_add(struct journal_table *table, uint64_t offset);
/* False: there is no such record. */
bool journal_table_find(struct journal_table *table, uint64_t index,
	struct journal_place *ret_place);

#endif
