/*
 * rivergate audit reconcile: two logs, or a party's own books and a log
 *
 * Threads: those of audit/verify.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "audit/reconcile.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/audit.h"
#include "cli/audit_findings.h"
#include "cli/show.h"
#include "cli/verb.h"

struct options {
	const char *as;
	const char *pin;
	const char *registry;
	const char *directories;
};

static const struct argument_row rows[] = {
	{.name = "as",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, as),
		.value = "PARTY",
		.help = "A is the state folder of this party: its receipts and deliveries"},
	{.name = "pin",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, pin),
		.value = "HEX",
		.help = "SHA-256 of the genesis registry that you know"},
	{.name = "registry",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, registry),
		.value = "FILE",
		.help = "when B is a view: judge it by this registry (with --pin) …"},
	{.name = "directories",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, directories),
		.value = "DIR",
		.help = "… and these directories"},
	{.name = NULL},
};

static const struct argument_form form = {
	.verb = "audit reconcile",
	.operands = "A B",
	.min_operands = 2,
	.max_operands = 2,
	.about = "Compares two copies of a log, got at different times or places: names the first\n"
		 "record that differs, and those that only one of them has. With --as: compares a\n"
		 "party's receipts and counted deliveries (its state folder, A) with a log (B),\n"
		 "which is verified on the way. Exit 1: they contradict each other.",
	.example = "rivergate audit reconcile /srv/log-of-ours /media/log-of-theirs\n"
		   "rivergate audit reconcile --as la.customs.boten state/ /srv/log",
	.rows = rows,
};

static int print(const struct reconcile_report *report, const struct options *options,
	bool wants_json)
{
	if (wants_json) {
		return show_json(json_pack("{s:b, s:s, s:I, s:I, s:I, s:I, s:I, s:o}", "agrees",
			report->findings.n_all == 0, "origin", report->origin, "a",
			(json_int_t)report->size_a, "b", (json_int_t)report->size_b, "common",
			(json_int_t)report->n_common, "compared", (json_int_t)report->n_receipts,
			"findingsInAll", (json_int_t)report->findings.n_all, "findings",
			findings_json(&report->findings)));
	}
	findings_print(&report->findings);
	printf("%s: ", report->findings.n_all ? "CONTRADICTION" : "AGREES");
	show_text(stdout, report->origin);
	if (!options->as) {
		printf("\n  A has %llu records, B %llu; the first %llu are the same\n",
			(unsigned long long)report->size_a, (unsigned long long)report->size_b,
			(unsigned long long)report->n_common);
		return VERB_DONE;
	}
	printf("\n  %zu checkpoints and receipts compared\n", report->n_receipts);
	if (report->has_books) {
		printf("  %llu deliveries in the party's book, %llu listed by the log, %llu "
		       "agree\n",
			(unsigned long long)report->size_a, (unsigned long long)report->size_b,
			(unsigned long long)report->n_common);
	} else {
		printf("  no book of deliveries\n");
	}
	return VERB_DONE;
}

static bool is_log(const char *path)
{
	scoped(freep) char *checkpoint = file_join(path, "checkpoint");

	return checkpoint && access(checkpoint, F_OK) == 0;
}

/* False: said what is wrong. */
static bool read_options(const struct options *options, const struct arguments *arguments,
	uint8_t pin[32])
{
	if (options->pin && !text_unhex(options->pin, pin, 32)) {
		arguments_complain(&form, "--pin: give 64 hex digits, lower case");
		return false;
	}
	if (!options->as && !is_log(arguments->operands[0])) {
		arguments_complain(&form,
			"%s: no log (it has no file `checkpoint`); for a party's state folder give "
			"--as PARTY",
			arguments->operands[0]);
		return false;
	}
	return true;
}

int audit_reconcile(int argc, char **argv)
{
	struct options options = {.as = NULL};
	struct arguments arguments;
	struct reconcile_report report;
	uint8_t pin[32];
	int exit_code = arguments_read(&form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	if (!read_options(&options, &arguments, pin)) {
		return VERB_USAGE;
	}
	const struct verify_options verify = {.dir = arguments.operands[1],
		.pin = options.pin ? pin : NULL,
		.registry = options.registry,
		.directories = options.directories,
		.n_threads = (unsigned)sysconf(_SC_NPROCESSORS_ONLN)};
	rg_err err = options.as
		? reconcile_party(arguments.operands[0], options.as, &verify, &report)
		: reconcile_logs(arguments.operands[0], arguments.operands[1], &report);

	if (err) {
		arguments_complain(&form, "%s", rg_strerror(err));
		return VERB_COULD_NOT;
	}
	exit_code = report.findings.n_all ? VERB_ANSWERED_NO : VERB_DONE;
	if (print(&report, &options, arguments.wants_json) != VERB_DONE) {
		exit_code = VERB_COULD_NOT;
	}
	findings_deinit(&report.findings);
	return exit_code;
}
