/*
 * rivergate audit export: records for other people's tools, and a party's view (audit_view.h)
 *
 * Threads: one.
 */
#include <stdio.h>
#include <string.h>

#include "audit/table.h"
#include "cli/audit.h"
#include "cli/audit_select.h"
#include "cli/audit_view.h"
#include "cli/verb.h"

struct options {
	struct select_options select;
	const char *format;
	const char *party;
	const char *to;
};

static const struct argument_row rows[] = {
	{.name = "format",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, format),
		.value = "csv|jsonl",
		.help = "csv: messages as a table; jsonl: one JSON object a record (default)"},
	{.name = "as",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, party),
		.value = "PARTY",
		.help = "make the view of this party: all hashes, and the records it may read …"},
	{.name = "to",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, to),
		.value = "DIR",
		.help = "… in this folder, which must not exist or be empty"},
	SELECT_ROWS(struct options),
	{.name = NULL},
};

static const struct argument_form form = {
	.verb = "audit export",
	.operands = "LOGDIR|VIEW",
	.min_operands = 1,
	.max_operands = 1,
	.about =
		"Writes records of a log to standard output, each proved by the checkpoint. Cells\n"
		"of a table that a spreadsheet would take for a formula get an apostrophe in "
		"front.\n"
		"With --as: makes a party's view. It verifies like the log itself, and holds of\n"
		"its records those that the party sent, received, or may read as an auditor;\n"
		"LOGDIR needs its journal for that.",
	.example =
		"rivergate audit export --format csv --since 2026-11-01 /srv/log > november.csv\n"
		"  rivergate audit export --as la.customs.boten --to boten-view /srv/log",
	.rows = rows,
};

struct exporting {
	bool is_csv;
	struct buf line;
	rg_err err;
};

static bool take(void *context, const struct walk_record *record)
{
	struct exporting *it = context;

	buf_clear(&it->line);
	if (it->is_csv) {
		table_csv_row(record, &it->line);
	} else {
		it->err = table_json_line(record, &it->line);
	}
	it->err = it->err ? it->err : buf_error(&it->line);
	if (!it->err && fwrite(it->line.data, 1, it->line.len, stdout) != it->line.len) {
		it->err = RG_E_IO;
	}
	return !it->err;
}

static bool read_format(const char *format, bool *ret_is_csv)
{
	*ret_is_csv = format && strcmp(format, "csv") == 0;
	if (format && !*ret_is_csv && strcmp(format, "jsonl") != 0) {
		arguments_complain(&form, "--format: csv or jsonl");
		return false;
	}
	return true;
}

int audit_export(int argc, char **argv)
{
	struct options options = {.format = NULL};
	struct arguments arguments;
	struct exporting it = {.is_csv = false};
	int exit_code = arguments_read(&form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	if (options.party || options.to) {
		const struct audit_view view = {.form = &form,
			.log_dir = arguments.operands[0],
			.party = options.party,
			.to = options.to,
			.wants_json = arguments.wants_json};

		return audit_view_make(&view);
	}
	if (!read_format(options.format, &it.is_csv)) {
		return VERB_USAGE;
	}
	const struct select_job job = {.form = &form,
		.options = &options.select,
		.dir = arguments.operands[0],
		.with_others = !it.is_csv,
		.take = take,
		.context = &it};

	if (it.is_csv) {
		table_csv_head(&it.line);
		(void)fwrite(it.line.data, 1, it.line.len, stdout);
	}
	exit_code = select_run(&job);
	if (it.err || fflush(stdout) != 0) {
		arguments_complain(&form, "%s", rg_strerror(it.err ? it.err : RG_E_IO));
		exit_code = VERB_COULD_NOT;
	}
	buf_deinit(&it.line);
	return exit_code;
}
