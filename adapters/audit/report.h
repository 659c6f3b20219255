#ifndef AUDIT_REPORT_H
#define AUDIT_REPORT_H

/*
 * Reports from a log alone: release times, volumes, refusals, answers
 *
 * Goes through the log once, each record proved by the checkpoint, and runs the window's rules
 * over the records as `rivergate audit verify` does; whether signatures hold is not judged
 * again. Then goes through the consignments as they stand at the end. README.md of this folder
 * defines every column, so that another program can compute the same numbers.
 *
 * Needs the log's journal/ for the content of governance records, like audit/view.h.
 * Memory: the cells and eight bytes a sample; consignments lie in the index on disk (store.h).
 *
 * Threads: one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "audit/tally.h"

#define REPORT_NUMBERS_MAX 8
#define REPORT_TABLES_MAX  4
/* A number that there is not, or that is not published. */
#define REPORT_NO_NUMBER INT64_MIN
/* Counts below this, and figures of so few, are not published. */
#define REPORT_PUBLISHED_MIN 5

enum report_type {
	REPORT_RELEASE_TIMES,
	REPORT_VOLUMES,
	REPORT_REFUSALS,
	REPORT_ANSWERS,
};

struct report_options {
	const char *dir; /* a router's data_dir or an archive */
	enum report_type type;
	int64_t from_us;   /* what happened at or after this … */
	int64_t until_us;  /* … and at or before this; 0: no end. ANSWERS: as of this time; 0: of
			      the last record */
	const char *ucr;   /* ANSWERS: of this consignment alone; NULL: of all */
	bool is_published; /* REPORT_PUBLISHED_MIN holds, and tables that list UCRs are left out */
	/* Told now and then; NULL: nobody. */
	void (*progress)(void *context, uint64_t done, uint64_t size);
	void *context;
};

enum report_unit {
	REPORT_COUNT,
	REPORT_DURATION, /* microseconds */
	REPORT_TIME,     /* microseconds since 1970 */
};

struct report_number {
	const char *name; /* camel case, with its unit: medianUs */
	enum report_unit unit;
	/* Of the cell; REPORT_NO_NUMBER. */
	int64_t (*of)(const struct tally_cell *cell);
};

/* What the columns of a table are; static. */
struct report_form {
	const char *name;
	const char *title; /* what its rows are, for people; "" */
	bool lists_ucrs;   /* a row is one consignment's */
	const char *texts[TALLY_TEXTS_MAX];
	size_t n_texts;
	struct report_number numbers[REPORT_NUMBERS_MAX];
	size_t n_numbers;
};

struct report_table {
	const struct report_form *form;
	struct tally tally; /* samples are sorted */
};

struct report {
	uint64_t size;        /* records of the log; ANSWERS: those up to the time asked for */
	int64_t last_time_us; /* of the last one: until then open consignments have waited */
	int64_t next_time_us; /* ANSWERS: of the record after that, a later time; else 0 */
	struct report_table tables[REPORT_TABLES_MAX];
	size_t n_tables;
	bool is_published;
	/* NULL: it was made. Else why not (static, lower case) … */
	const char *refused;
	char where[128]; /* … and where: a file of the log, or "" */
};

void report_deinit(struct report *report);
SCOPED_DEFINE_VALUE(struct report, report_deinit);

/*
 * Makes the report, or says why the log does not allow it. A fault is ours: a file that cannot
 * be read, no memory, no room. To be freed with report_deinit(), also after a refusal.
 */
RG_MUST_USE rg_err report_make(const struct report_options *options, struct report *ret_report);

/* The number in a column of a cell, as the report shows it; REPORT_NO_NUMBER. */
int64_t report_number(const struct report *report, const struct report_table *table,
	const struct tally_cell *cell, size_t column);

#endif
