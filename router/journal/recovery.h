#ifndef JOURNAL_RECOVERY_H
#define JOURNAL_RECOVERY_H

/*
 * What a start does with the segments it finds
 *
 * Reads every frame, decides between damage and a torn tail (journal.h), and repairs
 * the tail. After it the folder holds whole records only, all of them synced.
 */

#include <stdint.h>

#include <rivergate/error.h>

#include "journal/table.h"

#define JOURNAL_RECOVERY_NAME_LEN 24 /* 20 digits ".seg" */

/* Name of the segment that begins with the record. */
void journal_recovery_name(uint64_t first, char ret_name[JOURNAL_RECOVERY_NAME_LEN + 1]);

/* Where to go on writing. */
struct journal_recovery_end {
	uint64_t size;          /* records */
	bool has_segment;       /* false: the folder held none */
	uint64_t segment_first; /* the open segment */
	uint64_t offset;        /* end of its last frame */
};

/* Fills the table. Faults: RG_E_FORMAT when damaged, logged with the record. */
RG_MUST_USE rg_err journal_recovery_run(const char *dir, uint64_t high_water,
	struct journal_table *table, struct journal_recovery_end *ret_end);

#endif
