#ifndef JOURNAL_INSIDE_H
#define JOURNAL_INSIDE_H

/* The journal as its own files see it; others use journal.h. */

#include <stdatomic.h>

#include "journal/gather.h"
#include "journal/journal.h"
#include "journal/table.h"

/* The open segment. */
struct journal_tail {
	int fd;
	uint64_t first;
	uint64_t end;       /* of its last frame */
	uint64_t allocated; /* bytes that the disk has promised */
};

struct journal {
	char *dir;
	int lock_fd;
	uint64_t segment_bytes;
	uint64_t step_bytes;
	uint64_t reserve_bytes;
	struct journal_table *table;
	atomic_uint_fast64_t size; /* written by the journal thread only */

	/* Of the journal thread: */
	struct journal_tail tail;
	struct journal_gather gather;
	bool has_room;
	bool could_not_roll; /* logged already */
};

/* Path of a segment, to be freed with free(). NULL: no memory. */
char *journal_inside_path(const struct journal *journal, uint64_t first);

#endif
