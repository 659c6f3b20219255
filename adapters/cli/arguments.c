/*
 * Options of a verb: see arguments.h
 *
 * Method: the rows become a table for getopt_long(), which also reorders the operands
 * behind the options.
 *
 * Threads: one (getopt_long() keeps its place in a global).
 */

#include <assert.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/arguments.h"
#include "cli/verb.h"

/* Values that getopt_long() returns; rows follow ROW_FIRST. */
enum {
	CODE_HELP = 256,
	CODE_JSON,
	ROW_FIRST,
};

#define N_COMMON     2
#define OPTION_WIDTH 26

struct state {
	const struct argument_form *form;
	uint8_t *target;
	bool is_given[ARGUMENTS_ROWS_MAX];
	bool wants_json;
};

void arguments_complain(const struct argument_form *form, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "rivergate %s: ", form->verb);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

/* --- Help ----------------------------------------------------------------------------------- */

static void print_option(const char *name, const char *value, const char *help, bool is_required)
{
	int width = printf("  --%s%s%s", name, value ? " " : "", value ? value : "");

	if (width < OPTION_WIDTH) {
		printf("%*s", OPTION_WIDTH - width, "");
	} else {
		printf("\n%*s", OPTION_WIDTH, "");
	}
	printf("%s%s\n", help, is_required ? " (required)" : "");
}

static int print_help(const struct argument_form *form)
{
	printf("usage: rivergate %s [OPTION…]%s%s\n\n%s\n\n", form->verb, form->operands ? " " : "",
		form->operands ? form->operands : "", form->about);
	for (const struct argument_row *row = form->rows; row->name; row++) {
		print_option(row->name, row->value, row->help, row->is_required);
	}
	print_option("json", NULL, "answer in JSON on standard output", false);
	print_option("help", NULL, "this text", false);
	printf("\nExample:\n%s\n\nExit: 0 done, 1 answered no, 2 wrong usage, 3 could not.\n",
		form->example);
	return VERB_DONE;
}

/* --- Reading -------------------------------------------------------------------------------- */

static int has_argument(const struct argument_row *row)
{
	return row->type == ARGUMENT_FLAG ? no_argument : required_argument;
}

/* Fills options (room for all rows, the common ones and the end). */
static void list_options(const struct argument_form *form, struct option *options)
{
	size_t n_rows = 0;

	*options++ = (struct option){"help", no_argument, NULL, CODE_HELP};
	*options++ = (struct option){"json", no_argument, NULL, CODE_JSON};
	for (const struct argument_row *row = form->rows; row->name; row++) {
		assert(n_rows < ARGUMENTS_ROWS_MAX);
		*options++ = (struct option){row->name, has_argument(row), NULL,
			ROW_FIRST + (int)n_rows++};
	}
	*options = (struct option){.name = NULL};
}

static bool take_number(const struct argument_form *form, const struct argument_row *row,
	int64_t *target)
{
	int64_t value;

	if (!text_i64(optarg, &value) || value < row->min || value > row->max) {
		arguments_complain(form, "--%s %s: give a whole number from %lld to %lld",
			row->name, optarg, (long long)row->min, (long long)row->max);
		return false;
	}
	*target = value;
	return true;
}

static bool take_text(const struct argument_form *form, const struct argument_row *row,
	struct argument_texts *texts)
{
	if (texts->n_items == ARGUMENTS_TEXTS_MAX) {
		arguments_complain(form, "--%s may be given %d times", row->name,
			ARGUMENTS_TEXTS_MAX);
		return false;
	}
	texts->items[texts->n_items++] = optarg;
	return true;
}

/* False: the value is wrong, which has been said. */
static bool take_option(struct state *state, const struct argument_row *row)
{
	void *target = state->target + row->offset;

	state->is_given[row - state->form->rows] = true;
	switch (row->type) {
	case ARGUMENT_FLAG:
		*(bool *)target = true;
		return true;
	case ARGUMENT_TEXT:
		*(const char **)target = optarg;
		return true;
	case ARGUMENT_TEXTS:
		return take_text(state->form, row, target);
	case ARGUMENT_NUMBER:
		return take_number(state->form, row, target);
	}
	return false;
}

/* ARGUMENTS_RUN when the line may go on. */
static int take_code(struct state *state, int code, char **argv)
{
	if (code == CODE_HELP) {
		return print_help(state->form);
	}
	if (code == CODE_JSON) {
		state->wants_json = true;
		return ARGUMENTS_RUN;
	}
	if (code >= ROW_FIRST) {
		return take_option(state, &state->form->rows[code - ROW_FIRST]) ? ARGUMENTS_RUN
										: VERB_USAGE;
	}
	arguments_complain(state->form,
		code == ':' ? "%s needs a value; --help tells which"
			    : "there is no option %s; --help lists them",
		argv[optind - 1]);
	return VERB_USAGE;
}

static bool has_required(const struct state *state)
{
	for (const struct argument_row *row = state->form->rows; row->name; row++) {
		if (row->is_required && !state->is_given[row - state->form->rows]) {
			arguments_complain(state->form, "needs --%s %s: %s", row->name,
				row->value ? row->value : "", row->help);
			return false;
		}
	}
	return true;
}

static bool has_operands(const struct argument_form *form, size_t n_operands)
{
	if (n_operands < form->min_operands) {
		arguments_complain(form, "needs %s; --help shows an example", form->operands);
		return false;
	}
	if (n_operands > form->max_operands) {
		arguments_complain(form, "takes no more than %zu operands; --help shows an example",
			form->max_operands);
		return false;
	}
	return true;
}

int arguments_read(const struct argument_form *form, int argc, char **argv, void *target,
	struct arguments *ret_arguments)
{
	struct option options[ARGUMENTS_ROWS_MAX + N_COMMON + 1];
	struct state state = {.form = form, .target = target};
	int code;

	list_options(form, options);
	optind = 0;
	opterr = 0;
	while ((code = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		int answer = take_code(&state, code, argv);

		if (answer != ARGUMENTS_RUN) {
			return answer;
		}
	}
	size_t n_operands = (size_t)(argc - optind);
	if (!has_required(&state) || !has_operands(form, n_operands)) {
		return VERB_USAGE;
	}
	*ret_arguments = (struct arguments){
		.wants_json = state.wants_json,
		.operands = argv + optind,
		.n_operands = n_operands,
	};
	return ARGUMENTS_RUN;
}

/* --- Groups --------------------------------------------------------------------------------- */

static void print_group(const struct argument_group *group, FILE *out)
{
	fprintf(out, "usage: rivergate %s WORD [OPTION…] …\n\n%s\n\n", group->verb, group->about);
	for (size_t i = 0; i < group->n_words; i++) {
		fprintf(out, "  %-12s %s\n", group->words[i].name, group->words[i].summary);
	}
	fprintf(out, "\nrivergate %s WORD --help tells more, with an example.\n", group->verb);
}

int arguments_run_group(const struct argument_group *group, int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;

	if (!word) {
		print_group(group, stderr);
		return VERB_USAGE;
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		print_group(group, stdout);
		return VERB_DONE;
	}
	for (size_t i = 0; i < group->n_words; i++) {
		if (strcmp(word, group->words[i].name) == 0) {
			return group->words[i].run(argc - 1, argv + 1);
		}
	}
	fprintf(stderr, "rivergate %s: there is no '%s'; rivergate %s --help lists the words\n",
		group->verb, word, group->verb);
	return VERB_USAGE;
}
