#ifndef BASE_CONF_H
#define BASE_CONF_H

/*
 * Configuration files: libconfig syntax, one schema table
 *
 * A program describes its settings in a table of rows; the table reads the file,
 * fills a struct, refuses unknown settings with file and line, and prints
 * --help-config. Relative paths in a file (CONF_PATH) are relative to its folder.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rivergate/error.h>

enum conf_type {
	CONF_TEXT,   /* char *, to be freed */
	CONF_PATH,   /* char *, made absolute, to be freed */
	CONF_NUMBER, /* int64_t within min..max */
	CONF_BOOL,   /* bool */
	CONF_TEXTS,  /* struct conf_texts */
	CONF_LIST,   /* struct conf_list of groups described by rows */
	CONF_GROUP,  /* a struct described by rows; absent: zeroes */
};

struct conf_texts {
	char **items;
	size_t n_items;
};

struct conf_list {
	void *items; /* n_items structs of item_size, contiguous */
	size_t n_items;
};

struct conf_row {
	const char *name; /* NULL ends the table */
	enum conf_type type;
	size_t offset; /* into the struct */
	bool is_required;
	const char *fallback; /* value when absent, CONF_TEXTS with commas; NULL: zero, empty */
	int64_t min, max;     /* CONF_NUMBER; both 0: not checked */
	const struct conf_row *rows; /* CONF_LIST: of an item; CONF_GROUP */
	size_t item_size;            /* CONF_LIST */
	const char *help;            /* one sentence, units named */
};

/*
 * Fills target (zeroed by the caller). RG_E_CONFIG: said on standard error with
 * file:line and what to do. After any fault target holds nothing to be released.
 */
RG_MUST_USE rg_err conf_read(const char *path, const struct conf_row *rows, void *target);
/* Frees what conf_read() put into target; harmless when repeated. */
void conf_release(const struct conf_row *rows, void *target);
/* Name, type, range, default and help of every row, items of lists indented. */
void conf_print_help(const struct conf_row *rows, FILE *out);

#endif
