#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

/*
 * Options of a verb: one table of rows, which also prints --help
 *
 *     struct options { const char *out; int64_t days; };
 *     static const struct argument_row rows[] = {
 *             {.name = "out", .type = ARGUMENT_TEXT, .offset = offsetof(struct options, out),
 *                     .is_required = true, .value = "PATH", .help = "…"},
 *             {.name = NULL},
 *     };
 *     static const struct argument_form form = {.verb = "keygen", .rows = rows, …};
 *
 *     struct options options = {.days = 365};
 *     struct arguments arguments;
 *     int exit_code = arguments_read(&form, argc, argv, &options, &arguments);
 *     if (exit_code != ARGUMENTS_RUN)
 *             return exit_code;
 *
 * Every verb has --help and --json without a row. Options and operands may stand in any
 * order; `--` ends the options. Text is not copied: it is argv's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARGUMENTS_RUN       (-1) /* go on; every other answer is an exit code */
#define ARGUMENTS_TEXTS_MAX 64
#define ARGUMENTS_ROWS_MAX  40

enum argument_type {
	ARGUMENT_FLAG,   /* bool; takes no value */
	ARGUMENT_TEXT,   /* const char * */
	ARGUMENT_TEXTS,  /* struct argument_texts; may be given several times */
	ARGUMENT_NUMBER, /* int64_t within min..max */
};

struct argument_texts {
	const char *items[ARGUMENTS_TEXTS_MAX];
	size_t n_items;
};

struct argument_row {
	const char *name; /* without dashes; NULL ends the table */
	enum argument_type type;
	size_t offset; /* into the caller's struct, whose content is the default */
	bool is_required;
	const char *value; /* what stands for the value in --help, e.g. PATH */
	int64_t min, max;  /* ARGUMENT_NUMBER */
	const char *help;  /* one sentence */
};

struct argument_form {
	const char *verb;     /* as typed after `rivergate`, e.g. "registry add-rule" */
	const char *operands; /* as in the usage line, e.g. "FILE…"; NULL: none */
	size_t min_operands;
	size_t max_operands;
	const char *about;   /* what it does, lines of at most 100 columns */
	const char *example; /* one or more command lines */
	const struct argument_row *rows;
};

struct arguments {
	bool wants_json;
	char **operands;
	size_t n_operands;
};

/*
 * Reads the options of a verb into target. ARGUMENTS_RUN, or the exit code: --help was
 * asked for and printed, or the line is wrong, which has been said with what to do.
 */
int arguments_read(const struct argument_form *form, int argc, char **argv, void *target,
	struct arguments *ret_arguments);

/* Says "rivergate VERB: …" on standard error, with a newline. */
__attribute__((format(printf, 2, 3))) void arguments_complain(const struct argument_form *form,
	const char *format, ...);

/* A verb with words below it, e.g. `rivergate registry sign`. */
struct argument_group {
	const char *verb;
	const char *about;
	const struct verb *words; /* verb.h; run() gets argv[0] = the word */
	size_t n_words;
};
int arguments_run_group(const struct argument_group *group, int argc, char **argv);

#endif
