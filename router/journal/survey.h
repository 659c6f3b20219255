#ifndef JOURNAL_SURVEY_H
#define JOURNAL_SURVEY_H

/*
 * Reading a journal without owning it
 *
 * Takes every frame of every segment in order, judges as a start does (journal.h), and
 * changes nothing: no lock, no sync, no repair. So it may look at a stopped router's
 * journal, at a copy, or, below a limit that is known to be durable, at that of a router
 * that is running.
 *
 * What is wrong with the journal is an answer, not a fault; it is logged as well, as a
 * start would log it.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "journal/journal.h"
#include "journal/recovery.h"

/* A whole record and where it lies. Views live for the call. */
struct journal_seen {
	struct journal_record record;
	uint64_t durable_size;
	uint64_t segment; /* index of its first record */
	uint64_t offset;  /* in the segment, of the frame … */
	uint64_t end;     /* … and of what follows it */
};

struct journal_survey_options {
	const char *dir;
	uint64_t high_water; /* as journal_options.high_water */
	uint64_t limit;      /* records to read; behind them nothing is judged; UINT64_MAX: all */
	rg_err (*visit)(void *context, const struct journal_seen *seen); /* NULL: none */
	void *context;
};

struct journal_survey {
	uint64_t n_records;
	size_t n_segments;
	const char *damage; /* what is wrong, static; NULL: nothing … */
	bool is_torn;       /* … but a start would set the tail aside … */
	uint64_t record;    /* … from this record on … */
	char segment[JOURNAL_RECOVERY_NAME_LEN + 1]; /* … in this segment … */
	uint64_t offset;                             /* … at this byte */
};

/* Faults: those of visit, and RG_E_IO for what cannot be read (logged). */
RG_MUST_USE rg_err journal_survey(const struct journal_survey_options *options,
	struct journal_survey *ret_survey);

/*
 * Indexes of the first records of all segments in the folder, ascending; to be freed with
 * free(). The last of them is the open one.
 */
RG_MUST_USE rg_err journal_survey_segments(const char *dir, uint64_t **ret_firsts,
	size_t *ret_n_firsts);

#endif
