#ifndef JOURNAL_PRUNE_H
#define JOURNAL_PRUNE_H

/*
 * Taking parts out of a closed segment
 *
 * The segment is written again beside itself, `<first>.seg.tmp`, with the parts of the
 * given records emptied and everything else byte for byte as it was. The new file is
 * synced, read back from the disk and compared with the old one, and only then takes its
 * name by one rename. A crash leaves the old or the new segment, and perhaps the temporary
 * file, which the next start removes. Leaves never change, so no hash does.
 */

#include <stdint.h>

#include <rivergate/error.h>

#include "journal/journal.h"

struct journal_prune_plan {
	const char *dir; /* of the journal */
	struct journal
		*journal;   /* the open one of this folder, whose readers follow; NULL: closed */
	uint64_t first;     /* the segment, which is not the last */
	uint64_t n_records; /* that it holds */
	const uint8_t *expired; /* a bit for each record, from the lowest of byte 0 on */
};

struct journal_pruned {
	uint64_t n_records; /* that lost parts */
	uint64_t n_parts;
	uint64_t n_bytes; /* of their content and salts */
};

/*
 * RG_E_FORMAT: the segment is damaged, or did not read back as it was written (logged, and
 * nothing was replaced). RG_E_IO: the same for want of room.
 */
RG_MUST_USE rg_err journal_prune(const struct journal_prune_plan *plan,
	struct journal_pruned *ret_pruned);
/* Removes what a crash left of this. Only for whoever holds the journal's lock. */
RG_MUST_USE rg_err journal_prune_clean(const char *dir);

#endif
