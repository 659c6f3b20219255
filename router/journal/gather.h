#ifndef JOURNAL_GATHER_H
#define JOURNAL_GATHER_H

/*
 * One batch as the system's scatter list
 *
 * Heads and lengths of parts are made here; leaves and parts stay where they are
 * (frames of the socket) until the write has returned.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include <rivergate/error.h>

#include "journal/journal.h"

struct journal_gather {
	struct iovec *vectors;
	size_t n_vectors;
	size_t vectors_cap;
	uint8_t *small; /* heads and lengths of parts */
	size_t small_cap;
	uint64_t *sizes; /* of each frame, in bytes */
	size_t sizes_cap;
	uint64_t n_bytes; /* of all frames */
};

void journal_gather_init(struct journal_gather *gather);
void journal_gather_deinit(struct journal_gather *gather);
/* Lays out the batch: frames index `size` and on, all with durable_size = size. */
RG_MUST_USE rg_err journal_gather_fill(struct journal_gather *gather, uint64_t size,
	const struct journal_entry *entries, size_t n_entries);
/*
 * Writes all of it at offset. RG_E_IO, not logged: errno
 * says why; a part may have been written. Uses the list up.
 */
RG_MUST_USE rg_err journal_gather_write(struct journal_gather *gather, int fd, uint64_t offset);

#endif
