/*
 * rivergate report: release times, volumes, refusals, answers, from a log alone (audit/report.h)
 *
 * Method: cells as texts, in three forms: aligned columns, CSV, JSON.
 * Threads: one.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/report.h"
#include "audit/table.h"
#include "base/buf.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/show.h"
#include "cli/verb.h"
#include "registry/moment.h"

#define COLUMNS_MAX (TALLY_TEXTS_MAX + REPORT_NUMBERS_MAX)
#define SECOND_US   1000000

struct options {
	const char *from;
	const char *until;
	bool is_published;
	bool wants_csv;
	const char *table;
	const char *ucr;
};

static const struct argument_row rows[] = {
	{.name = "from",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, from),
		.value = "TIME",
		.help = "what was lodged or decided at or after this: a day, or "
			"2026-11-21T18:37:17Z"},
	{.name = "until",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, until),
		.value = "TIME",
		.help = "… at or before this; answers: as of this time"},
	{.name = "published",
		.type = ARGUMENT_FLAG,
		.offset = offsetof(struct options, is_published),
		.help = "leave out counts below 5, figures of fewer than 5, and the list of those "
			"still open"},
	{.name = "csv",
		.type = ARGUMENT_FLAG,
		.offset = offsetof(struct options, wants_csv),
		.help = "as a table for spreadsheets; durations in microseconds"},
	{.name = "table",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, table),
		.value = "NAME",
		.help = "release-times with --csv: parts, open or backdated instead of the "
			"figures"},
	{.name = "ucr",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, ucr),
		.value = "UCR",
		.help = "answers: of this consignment alone"},
	{.name = NULL},
};

static const struct argument_form form = {
	.verb = "report",
	.operands = "release-times|volumes|refusals|answers LOGDIR",
	.min_operands = 2,
	.max_operands = 2,
	.about = "Computes from the records of a log, each proved by the checkpoint, and nothing "
		 "else:\n"
		 "release-times: from arrival, lodging, complete documents and payment to the "
		 "release,\n"
		 "for each leg, office, authority, HS chapter and condition; its parts, to "
		 "inspection and\n"
		 "gate-out and by whose turn it was; who still waits; releases said to be older "
		 "than the\narrival;\n"
		 "volumes: consignments, declarations and decisions; refusals: by authority and "
		 "reason;\n"
		 "answers: who has answered by a time, and who has not (which a record after that "
		 "time\nproves: without one exit 1).\n"
		 "Whether signatures hold is `audit verify`'s business.",
	.example = "rivergate report release-times --from 2026-11-01 --csv /srv/log > november.csv",
	.rows = rows,
};

static const struct {
	const char *word;
	enum report_type type;
} words[] = {
	{"release-times", REPORT_RELEASE_TIMES},
	{"volumes", REPORT_VOLUMES},
	{"refusals", REPORT_REFUSALS},
	{"answers", REPORT_ANSWERS},
};

/* --- What is asked ---------------------------------------------------------------------------- */

static bool refuse(const char *option, const char *what)
{
	arguments_complain(&form, "%s: %s", option, what);
	return false;
}

static bool read_type(const char *word, enum report_type *ret_type)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].word, word) == 0) {
			*ret_type = words[i].type;
			return true;
		}
	}
	return refuse(word, "there is no such report; release-times, volumes, refusals or answers");
}

static bool is_table(const char *name, bool is_published)
{
	return strcmp(name, "parts") == 0 ||
		(!is_published && (strcmp(name, "open") == 0 || strcmp(name, "backdated") == 0));
}

static bool read_question(const struct options *options, const struct arguments *arguments,
	struct report_options *question)
{
	struct moment until = {.size = 0};

	if (!read_type(arguments->operands[0], &question->type)) {
		return false;
	}
	if (options->from && !moment_parse_from(options->from, &question->from_us)) {
		return refuse("--from", "give a day or a time like 2026-11-21T18:37:17Z");
	}
	if (options->until && (!moment_parse(options->until, &until) || !until.time_us)) {
		return refuse("--until", "give a day or a time like 2026-11-21T18:37:17Z");
	}
	if (options->wants_csv && arguments->wants_json) {
		return refuse("--csv", "not together with --json");
	}
	if (options->table && (question->type != REPORT_RELEASE_TIMES || !options->wants_csv)) {
		return refuse("--table", "for release-times --csv");
	}
	if (options->table && !is_table(options->table, options->is_published)) {
		return refuse("--table",
			"parts, open or backdated; the last two are not published");
	}
	if (question->type == REPORT_ANSWERS && (options->from || options->is_published)) {
		return refuse("answers", "as of one time (--until), and never published");
	}
	if (options->ucr && question->type != REPORT_ANSWERS) {
		return refuse("--ucr", "for answers");
	}
	question->ucr = options->ucr;
	question->until_us = until.time_us;
	question->dir = arguments->operands[1];
	question->is_published = options->is_published;
	return true;
}

/* --- Text ------------------------------------------------------------------------------------- */

/* 1d 02:03:04.567890; days only where there are any. */
static void add_duration(int64_t us, struct buf *out)
{
	long long s = us / SECOND_US;

	if (s >= 86400) {
		buf_printf(out, "%lldd ", s / 86400);
	}
	buf_printf(out, "%02lld:%02lld:%02lld.%06lld", s / 3600 % 24, s / 60 % 60, s % 60,
		(long long)(us % SECOND_US));
}

static void add_number(enum report_unit unit, int64_t value, struct buf *out)
{
	char time[SHOW_TIME_LEN];

	if (value == REPORT_NO_NUMBER) {
		buf_add_text(out, "-");
	} else if (unit == REPORT_DURATION) {
		add_duration(value, out);
	} else if (unit == REPORT_TIME) {
		buf_add_text(out, show_time(value, time));
	} else {
		buf_printf(out, "%lld", (long long)value);
	}
}

/* The cell in a column; row NULL: the column's head, without the unit of its name. */
static void add_cell(const struct report *report, const struct report_table *table,
	const struct tally_cell *row, size_t column, struct buf *out)
{
	const struct report_form *columns = table->form;
	bool is_text = column < columns->n_texts;
	size_t number = is_text ? 0 : column - columns->n_texts;

	buf_clear(out);
	if (row && is_text) {
		const char *text = tally_text(row, column);

		text_escape(bytes_of_text(text[0] ? text : "-"), out);
	} else if (row) {
		add_number(columns->numbers[number].unit, report_number(report, table, row, number),
			out);
	} else if (is_text) {
		buf_add_text(out, columns->texts[column]);
	} else {
		const char *name = columns->numbers[number].name;
		bool has_unit = columns->numbers[number].unit != REPORT_COUNT;

		buf_add(out, name, strlen(name) - (has_unit ? 2 : 0));
	}
}

static void print_line(const struct report *report, const struct report_table *table,
	const struct tally_cell *row, const size_t widths[COLUMNS_MAX])
{
	scoped(buf_deinitv) struct buf cell = {.data = NULL};
	size_t n = table->form->n_texts + table->form->n_numbers;

	for (size_t i = 0; i < n; i++) {
		bool is_text = i < table->form->n_texts;

		add_cell(report, table, row, i, &cell);
		const char *text = buf_text(&cell);

		printf(is_text ? "%s%-*s" : "%s%*s", i ? "  " : "", (int)widths[i],
			text ? text : "");
	}
	putchar('\n');
}

static void print_table(const struct report *report, const struct report_table *table)
{
	scoped(buf_deinitv) struct buf cell = {.data = NULL};
	size_t widths[COLUMNS_MAX] = {0};
	size_t n = table->form->n_texts + table->form->n_numbers;

	for (size_t i = 0; i < n; i++) {
		add_cell(report, table, NULL, i, &cell);
		widths[i] = cell.len;
		for (size_t j = 0; j < table->tally.n_cells; j++) {
			add_cell(report, table, table->tally.cells[j], i, &cell);
			widths[i] = cell.len > widths[i] ? cell.len : widths[i];
		}
	}
	print_line(report, table, NULL, widths);
	for (size_t j = 0; j < table->tally.n_cells; j++) {
		print_line(report, table, table->tally.cells[j], widths);
	}
}

static void print_text(const struct report *report)
{
	char time[SHOW_TIME_LEN];

	for (size_t i = 0; i < report->n_tables; i++) {
		if (i > 0) {
			printf("\n%s (%s):\n", report->tables[i].form->title,
				show_time(report->last_time_us, time));
		}
		print_table(report, &report->tables[i]);
	}
	if (report->next_time_us) {
		printf("\nof the %llu records until then; the next is of %s\n",
			(unsigned long long)report->size, show_time(report->next_time_us, time));
	}
}

/* --- CSV -------------------------------------------------------------------------------------- */

static void print_csv_line(const struct report *report, const struct report_table *table,
	const struct tally_cell *row, struct buf *line)
{
	const struct report_form *columns = table->form;

	buf_clear(line);
	for (size_t i = 0; i < columns->n_texts; i++) {
		buf_add_text(line, i ? "," : "");
		table_csv_cell(row ? tally_text(row, i) : columns->texts[i], line);
	}
	for (size_t i = 0; i < columns->n_numbers; i++) {
		int64_t value = row ? report_number(report, table, row, i) : REPORT_NO_NUMBER;
		char digits[32] = "";

		if (value != REPORT_NO_NUMBER) {
			(void)snprintf(digits, sizeof(digits), "%lld", (long long)value);
		}
		buf_add_text(line, ",");
		table_csv_cell(row ? digits : columns->numbers[i].name, line);
	}
	buf_add_text(line, "\r\n");
	if (!buf_error(line)) {
		(void)fwrite(line->data, 1, line->len, stdout);
	}
}

static rg_err print_csv(const struct report *report, const struct report_table *table)
{
	scoped(buf_deinitv) struct buf line = {.data = NULL};

	print_csv_line(report, table, NULL, &line);
	for (size_t i = 0; !buf_error(&line) && i < table->tally.n_cells; i++) {
		print_csv_line(report, table, table->tally.cells[i], &line);
	}
	return buf_error(&line);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static json_t *json_row(const struct report *report, const struct report_table *table,
	const struct tally_cell *row)
{
	const struct report_form *columns = table->form;
	json_t *object = json_object();

	for (size_t i = 0; i < columns->n_texts; i++) {
		(void)json_object_set_new(object, columns->texts[i],
			json_string(tally_text(row, i)));
	}
	for (size_t i = 0; i < columns->n_numbers; i++) {
		int64_t value = report_number(report, table, row, i);

		(void)json_object_set_new(object, columns->numbers[i].name,
			value == REPORT_NO_NUMBER ? json_null() : json_integer(value));
	}
	return object;
}

static int print_json(const struct report *report)
{
	json_t *all = json_pack("{s:I, s:I, s:b}", "size", (json_int_t)report->size, "lastTimeUs",
		(json_int_t)report->last_time_us, "published", report->is_published);

	if (all && report->next_time_us) {
		(void)json_object_set_new(all, "nextTimeUs", json_integer(report->next_time_us));
	}

	for (size_t i = 0; all && i < report->n_tables; i++) {
		const struct report_table *table = &report->tables[i];
		json_t *list = json_array();

		for (size_t j = 0; j < table->tally.n_cells; j++) {
			(void)json_array_append_new(list,
				json_row(report, table, table->tally.cells[j]));
		}
		(void)json_object_set_new(all, table->form->name, list);
	}
	return show_json(all);
}

/* --- The verb --------------------------------------------------------------------------------- */

static void show_progress(void *context, uint64_t done, uint64_t size)
{
	(void)context;
	fprintf(stderr, "\r%3u %%  %llu records ", (unsigned)(done * 100 / size),
		(unsigned long long)size);
	if (done == size) {
		fputc('\n', stderr);
	}
}

/* Name NULL: the first, which every report has. */
static const struct report_table *table_named(const struct report *report, const char *name)
{
	size_t i = 0;

	while (name && i + 1 < report->n_tables &&
		strcmp(report->tables[i].form->name, name) != 0) {
		i++;
	}
	return &report->tables[i];
}

static int print(const struct options *options, bool wants_json, const struct report *report)
{
	rg_err err = RG_OK;

	if (report->refused) {
		arguments_complain(&form, "%s%s%s", report->where, report->where[0] ? ": " : "",
			report->refused);
		return VERB_ANSWERED_NO;
	}
	if (wants_json) {
		return print_json(report);
	}
	if (options->wants_csv) {
		err = print_csv(report, table_named(report, options->table));
	} else {
		print_text(report);
	}
	if (err || fflush(stdout) != 0) {
		arguments_complain(&form, "%s", rg_strerror(err ? err : RG_E_IO));
		return VERB_COULD_NOT;
	}
	return VERB_DONE;
}

int verb_report(int argc, char **argv)
{
	struct options options = {.from = NULL};
	struct arguments arguments;
	scoped(report_deinitv) struct report report = {.size = 0};
	struct report_options question = {.dir = NULL};
	int exit_code = arguments_read(&form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	if (!read_question(&options, &arguments, &question)) {
		return VERB_USAGE;
	}
	question.progress = isatty(STDERR_FILENO) ? show_progress : NULL;
	rg_err err = report_make(&question, &report);

	if (err) {
		arguments_complain(&form, "%s", rg_strerror(err));
		return VERB_COULD_NOT;
	}
	return print(&options, arguments.wants_json, &report);
}
