#ifndef AUDIT_BOOKS_H
#define AUDIT_BOOKS_H

/*
 * A party's book of deliveries (client/account.h): which counter brought which record
 *
 *     delivery <counter> <record index> <time_us>
 *     missing <first counter> <last counter> <time_us>
 *
 * Threads: any.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "audit/finding.h"

#define BOOKS_FILE_MAX ((size_t)512 << 20)

struct books_line {
	uint64_t counter;
	uint64_t index;
};

/* Deliveries in the order of the file. Initialise with {0}. */
struct books {
	struct books_line *lines;
	size_t n_lines;
	size_t n_room;
	uint64_t highest;
};

void books_deinit(struct books *books);
SCOPED_DEFINE_VALUE(struct books, books_deinit);

/* Reads a book. ret_line: 0 when read, else the line (from 1) that is none. */
RG_MUST_USE rg_err books_read(struct rg_bytes text, struct books *ret_books, size_t *ret_line);

/*
 * Compares a book with the records that the log lists as deliveries to the party, counter 1
 * first. The book may end earlier: deliveries are on their way. Returns how many agree.
 */
uint64_t books_judge(const struct books *books, const uint64_t *listed, size_t n_listed,
	struct findings *findings);

#endif
