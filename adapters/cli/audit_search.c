/*
 * rivergate audit search: which messages of a log are these
 *
 * Threads: one.
 */
#include <stdio.h>

#include "cli/audit.h"
#include "cli/audit_select.h"
#include "cli/show.h"
#include "cli/verb.h"

#define LIMIT_MAX 1000000

struct options {
	struct select_options select;
	int64_t limit;
};

static const struct argument_row rows[] = {
	SELECT_ROWS(struct options),
	{.name = "limit",
		.type = ARGUMENT_NUMBER,
		.offset = offsetof(struct options, limit),
		.min = 1,
		.max = LIMIT_MAX,
		.value = "N",
		.help = "at most so many; default 1000"},
	{.name = NULL},
};

static const struct argument_form form = {
	.verb = "audit search",
	.operands = "LOGDIR|VIEW",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Lists the messages of a log that fit all that is asked. Each is proved by the\n"
		 "checkpoint; whether it was signed and admitted by the rules is `audit verify`'s\n"
		 "business. Exit 1: none fits.",
	.example = "rivergate audit search --ucr LA-VIENTXX-2026-E-1 --kind DECISION /srv/log",
	.rows = rows,
};

struct searching {
	json_t *list; /* NULL: print as text */
	int64_t left;
	uint64_t n_found;
};

static void print(const struct walk_record *record)
{
	char time[SHOW_TIME_LEN];
	char id[SHOW_ID_LEN];

	printf("%8llu  %s  %s  ", (unsigned long long)record->index,
		show_time(record->meta->time_us, time),
		show_id(bytes_of(record->header->id.data, record->header->id.len), id));
	show_header(stdout, record->header);
	putchar('\n');
}

static bool take(void *context, const struct walk_record *record)
{
	struct searching *it = context;

	it->n_found++;
	if (!it->list) {
		print(record);
	} else {
		(void)json_array_append_new(it->list,
			json_pack("{s:I, s:I, s:o}", "record", (json_int_t)record->index, "timeUs",
				(json_int_t)record->meta->time_us, "message",
				show_header_json(record->header)));
	}
	return --it->left > 0;
}

int audit_search(int argc, char **argv)
{
	struct options options = {.limit = 1000};
	struct arguments arguments;
	int exit_code = arguments_read(&form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	struct searching it = {.left = options.limit};
	const struct select_job job = {.form = &form,
		.options = &options.select,
		.dir = arguments.operands[0],
		.take = take,
		.context = &it};

	if (arguments.wants_json && !(it.list = json_array())) {
		return VERB_COULD_NOT;
	}
	exit_code = select_run(&job);
	if (it.list && exit_code != VERB_USAGE && exit_code != VERB_COULD_NOT) {
		int shown = show_json(it.list);

		exit_code = shown ? shown : exit_code;
	} else {
		json_decref(it.list);
	}
	return exit_code == VERB_DONE && it.n_found == 0 ? VERB_ANSWERED_NO : exit_code;
}
