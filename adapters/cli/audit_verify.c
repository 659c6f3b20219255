/*
 * rivergate audit verify: a whole log, from its files
 *
 * Threads: those of audit/verify.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/verify.h"
#include "base/clock.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/audit.h"
#include "cli/audit_findings.h"
#include "cli/show.h"
#include "cli/verb.h"
#include "registry/moment.h"

#define TELL_US     200000
#define JOBS_MAX    64
#define BAR_COLUMNS 30

struct options {
	const char *at;
	struct argument_texts earlier;
	const char *pin;
	const char *state;
	struct argument_texts tsa_ca;
	const char *registry;
	const char *directories;
	int64_t jobs;
};

static const struct argument_row rows[] = {
	{.name = "at",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, at),
		.value = "SIZE|TIME",
		.help = "the log as it was with so many records, or at a time "
			"(2026-11-21T18:37:17Z)"},
	{.name = "from",
		.type = ARGUMENT_TEXTS,
		.offset = offsetof(struct options, earlier),
		.value = "PATH",
		.help = "an earlier checkpoint, a receipt (.tlog-proof), or a folder of them; may "
			"be "
			"repeated"},
	{.name = "pin",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, pin),
		.value = "HEX",
		.help = "SHA-256 of the genesis registry that you know"},
	{.name = "state",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, state),
		.value = "DIR",
		.help = "remember there what was verified: a later run reads only what is new"},
	{.name = "tsa-ca",
		.type = ARGUMENT_TEXTS,
		.offset = offsetof(struct options, tsa_ca),
		.value = "FILE",
		.help = "certificates (PEM) of time-stamping authorities that you trust; may be "
			"repeated. Without it time-stamps are counted, not judged"},
	{.name = "registry",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, registry),
		.value = "FILE",
		.help = "for a view, or a log without its journal: judge by this registry (with "
			"--pin) …"},
	{.name = "directories",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, directories),
		.value = "DIR",
		.help = "… and these directories"},
	{.name = "jobs",
		.type = ARGUMENT_NUMBER,
		.offset = offsetof(struct options, jobs),
		.min = 0,
		.max = JOBS_MAX,
		.value = "N",
		.help = "threads at work; default: one a processor"},
	{.name = NULL},
};

static const struct argument_form form = {
	.verb = "audit verify",
	.operands = "LOGDIR|VIEW",
	.min_operands = 1,
	.max_operands = 1,
	.about =
		"Verifies a log from its files (a router's data_dir, an archive, a party's view):\n"
		"hash tiles, checkpoint and cosignatures; each record's signature, certificate,\n"
		"revocation, registry, directory, channel rule and times as of its place; order "
		"and\n"
		"identity; deliveries; parts at hand; and everything that the log signed before.\n"
		"Each finding names record, rule and meaning. Exit 1: something was found.",
	.example = "rivergate audit verify --from receipts/ --pin \"$(cat pin)\" /srv/log",
	.rows = rows,
};

/* --- Progress -------------------------------------------------------------------------------- */

struct bar {
	int64_t started_us;
	int64_t told_us;
	uint64_t first; /* records done when it was first told */
	bool has_begun;
};

static void show_bar(void *context, uint64_t done, uint64_t size)
{
	struct bar *bar = context;
	int64_t now_us = clock_monotonic_us();
	unsigned columns = size ? (unsigned)(done * BAR_COLUMNS / size) : 0;
	char line[BAR_COLUMNS + 1];

	if (!bar->has_begun) {
		*bar = (struct bar){.started_us = now_us, .first = done, .has_begun = true};
	}
	if (done < size && now_us - bar->told_us < TELL_US) {
		return;
	}
	bar->told_us = now_us;
	memset(line, '.', BAR_COLUMNS);
	memset(line, '#', columns < BAR_COLUMNS ? columns : BAR_COLUMNS);
	line[BAR_COLUMNS] = '\0';
	int64_t spent_us = now_us - bar->started_us + 1;

	fprintf(stderr, "\r[%s] %3u %%  %llu of %llu records, %llu/s ", line,
		(unsigned)(size ? done * 100 / size : 100), (unsigned long long)done,
		(unsigned long long)size,
		(unsigned long long)((double)(done - bar->first) * 1e6 / (double)spent_us));
	if (done >= size) {
		fputc('\n', stderr);
	}
}

/* --- Answers --------------------------------------------------------------------------------- */

static void print_witnesses(const struct verify_report *report)
{
	if (report->n_witnesses == 0) {
		printf("  no witnesses in the registry: nobody but the router vouches for the "
		       "head\n");
		return;
	}
	printf("  cosigned by %zu of %zu witnesses, quorum %u%s\n", report->n_cosigned,
		report->n_witnesses, report->quorum,
		report->n_cosigned < report->quorum ? ": UNWITNESSED" : "");
	if (report->n_cosigned < report->quorum && report->witnessed_size > 0) {
		printf("  an earlier head is witnessed: it covers the first %llu records\n",
			(unsigned long long)report->witnessed_size);
	}
}

static void print_stamps(const struct verify_report *report)
{
	char first[SHOW_TIME_LEN];
	char last[SHOW_TIME_LEN];

	if (!report->has_tsa_ca) {
		if (report->n_tokens > 0) {
			printf("  %zu time-stamps not judged (give --tsa-ca)\n", report->n_tokens);
		}
		return;
	}
	printf("  %zu of %zu time-stamps hold", report->n_stamps, report->n_tokens);
	if (report->n_stamps > 0) {
		printf(": %s to %s, the first %llu records",
			show_time(report->stamped_first_us, first),
			show_time(report->stamped_last_us, last),
			(unsigned long long)report->stamped_size);
	}
	putchar('\n');
}

static void print_report(const struct verify_report *report)
{
	char time[SHOW_TIME_LEN];
	char root[2 * MERKLE_HASH_LEN + 1];

	findings_print(&report->findings);
	if (report->log_size == 0 && report->findings.n_all > 0) {
		printf("NOT VERIFIED\n");
		return;
	}
	text_hex(bytes_of(report->root.bytes, sizeof(report->root.bytes)), root);
	printf("%s: %llu records of ", report->findings.n_all ? "NOT VERIFIED" : "VERIFIED",
		(unsigned long long)report->size);
	show_text(stdout, report->origin);
	printf(", %llu of them messages; the last of %s\n", (unsigned long long)report->n_messages,
		show_time(report->last_time_us, time));
	printf("  root %s\n", root);
	if (report->party[0]) {
		printf("  view of ");
		show_text(stdout, report->party);
		printf(": %llu records of others withheld\n",
			(unsigned long long)report->n_withheld);
	}
	if (report->resumed_at > 0) {
		printf("  %llu records verified by an earlier run, %llu read now\n",
			(unsigned long long)report->resumed_at, (unsigned long long)report->n_read);
	}
	if (!report->is_judged) {
		printf("  signatures and law were not judged: hashes only%s\n",
			report->party[0] ? " (give --registry, --directories and --pin)" : "");
	}
	print_witnesses(report);
	print_stamps(report);
	printf("  %zu earlier checkpoints and receipts compared; genesis registry %s\n",
		report->n_earlier,
		report->has_pin ? "compared with your pin" : "taken from the log (give --pin)");
	if (report->findings.n_all > 0) {
		printf("  %llu findings\n", (unsigned long long)report->findings.n_all);
	}
}

static int print_report_json(const struct verify_report *report)
{
	char root[2 * MERKLE_HASH_LEN + 1];

	text_hex(bytes_of(report->root.bytes, sizeof(report->root.bytes)), root);
	return show_json(json_pack("{s:b, s:s, s:s, s:I, s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:b, "
				   "s:b, s:i, s:i, s:i, "
				   "s:i, s:I, s:o, s:b, s:i, s:i, s:I, s:I, s:I, s:I}",
		"verified", report->findings.n_all == 0, "origin", report->origin, "view",
		report->party, "size", (json_int_t)report->size, "logSize",
		(json_int_t)report->log_size, "root", root, "messages",
		(json_int_t)report->n_messages, "resumedAt", (json_int_t)report->resumed_at, "read",
		(json_int_t)report->n_read, "withheld", (json_int_t)report->n_withheld,
		"lastTimeUs", (json_int_t)report->last_time_us, "pinned", report->has_pin, "judged",
		report->is_judged, "witnesses", (int)report->n_witnesses, "cosigned",
		(int)report->n_cosigned, "quorum", (int)report->quorum, "compared",
		(int)report->n_earlier, "findingsInAll", (json_int_t)report->findings.n_all,
		"findings", findings_json(&report->findings), "timeStampsJudged",
		report->has_tsa_ca, "timeStamps", (int)report->n_tokens, "timeStampsHold",
		(int)report->n_stamps, "stampedSize", (json_int_t)report->stamped_size,
		"witnessedSize", (json_int_t)report->witnessed_size, "stampedFirstUs",
		(json_int_t)report->stamped_first_us, "stampedLastUs",
		(json_int_t)report->stamped_last_us));
}

/* --- The verb -------------------------------------------------------------------------------- */

static bool read_options(const struct options *options, struct verify_options *verify,
	uint8_t pin[32])
{
	struct moment moment = {.size = 0};

	if (options->at && !moment_parse(options->at, &moment)) {
		arguments_complain(&form,
			"--at: give a number of records, a day, or a time like "
			"2026-11-21T18:37:17Z");
		return false;
	}
	if (options->pin && !text_unhex(options->pin, pin, 32)) {
		arguments_complain(&form, "--pin: give 64 hex digits, lower case");
		return false;
	}
	if (options->registry && !options->pin) {
		arguments_complain(&form, "--registry: give --pin as well, its hash");
		return false;
	}
	verify->at_size = moment.size;
	verify->at_time_us = moment.time_us;
	verify->pin = options->pin ? pin : NULL;
	return true;
}

int audit_verify(int argc, char **argv)
{
	struct options options = {.jobs = sysconf(_SC_NPROCESSORS_ONLN)};
	struct arguments arguments;
	struct verify_report report;
	struct bar bar = {.told_us = 0};
	uint8_t pin[32];
	int exit_code = arguments_read(&form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	struct verify_options verify = {.dir = arguments.operands[0],
		.state = options.state,
		.earlier = options.earlier.items,
		.n_earlier = options.earlier.n_items,
		.tsa_ca = options.tsa_ca.items,
		.n_tsa_ca = options.tsa_ca.n_items,
		.registry = options.registry,
		.directories = options.directories,
		.n_threads = options.jobs > 1 ? (unsigned)options.jobs - 1 : 0, /* this one folds */
		.progress = isatty(STDERR_FILENO) ? show_bar : NULL,
		.context = &bar};

	if (!read_options(&options, &verify, pin)) {
		return VERB_USAGE;
	}
	rg_err err = verify_run(&verify, &report);

	if (err) {
		arguments_complain(&form, "%s", rg_strerror(err));
		return VERB_COULD_NOT;
	}
	exit_code = report.findings.n_all ? VERB_ANSWERED_NO : VERB_DONE;
	if (!arguments.wants_json) {
		print_report(&report);
	} else if (print_report_json(&report) != VERB_DONE) {
		exit_code = VERB_COULD_NOT;
	}
	findings_deinit(&report.findings);
	return exit_code;
}
