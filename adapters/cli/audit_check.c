/*
 * rivergate audit check: one receipt, or one bundle (audit_bundle.c), offline
 *
 * Threads: one.
 */
#include <stdio.h>
#include <string.h>

#include <rivergate/proof.h>

#include "base/file.h"
#include "cli/arguments.h"
#include "cli/audit.h"
#include "cli/show.h"
#include "cli/verb.h"

#define ENVELOPE_MAX ((size_t)40 << 20)
#define PROOF_MAX    ((size_t)1 << 20)
#define VKEY_MAX     ((size_t)4096)

struct options {
	const char *key;
	const char *pin;
	bool takes_unwitnessed;
	struct argument_texts tsa_ca;
};

static const struct argument_row rows[] = {
	{.name = "key",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, key),
		.value = "VKEY",
		.help = "of a receipt: verifier key of the log (name+hash+base64), or its file"},
	{.name = "pin",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, pin),
		.value = "HEX",
		.help = "of a bundle: the hash of the genesis registry that you trust"},
	{.name = "unwitnessed",
		.type = ARGUMENT_FLAG,
		.offset = offsetof(struct options, takes_unwitnessed),
		.help = "of a bundle: take one without a quorum of cosignatures"},
	{.name = "tsa-ca",
		.type = ARGUMENT_TEXTS,
		.offset = offsetof(struct options, tsa_ca),
		.value = "FILE",
		.help = "of a bundle: certificates (PEM) of time-stamping authorities that you "
			"trust; without it a time-stamp is not judged"},
	{.name = NULL},
};

static const struct argument_form form = {
	.verb = "audit check",
	.operands = "ENVELOPE PROOF | BUNDLE",
	.min_operands = 1,
	.max_operands = 2,
	.about = "Of a receipt (with --key): checks offline that a message is in the log, "
		 "unchanged:\n"
		 "content against the header's commitments, record against the proof, checkpoint\n"
		 "against the log's key. Whose key signed the message is not checked here.\n"
		 "Of a bundle (folder or .zip): checks everything, and that its form is the only "
		 "one\n"
		 "that its evidence has. Exit 1: a check fails.",
	.example =
		"rivergate audit check --key \"$(cat log.vkey)\" message.rge message.tlog-proof\n"
		"rivergate audit check --pin \"$(cat pin)\" case-17.zip",
	.rows = rows,
};

/* The key itself, or the first line of a file. */
static rg_err read_key(const char *key, struct buf *out)
{
	rg_err err = RG_OK;

	if (strchr(key, '+')) {
		buf_add_text(out, key);
	} else {
		err = file_read(key, VKEY_MAX, out, NULL);
	}
	while (out->len && (out->data[out->len - 1] == '\n' || out->data[out->len - 1] == '\r')) {
		out->len--;
	}
	return err ? err : buf_error(out);
}

static void print_report(const struct rg_proof_report *report)
{
	char time[SHOW_TIME_LEN];
	char id[SHOW_ID_LEN];

	for (int step = 0; step < (int)RG_PROOF_HOLDS; step++) {
		const char *answer = step < (int)report->step ? "yes" : "not checked";

		printf("%-55s %s\n", rg_proof_step_text((enum rg_proof_step)step),
			step == (int)report->step ? "NO" : answer);
	}
	if (report->step != RG_PROOF_HOLDS) {
		printf("FAILS: %s\n", report->rule);
		return;
	}
	printf("HOLDS: message %s from ", show_id(bytes_of(report->id, sizeof(report->id)), id));
	show_text(stdout, report->from);
	printf("\n  is record %llu of %llu, made at %s\n", (unsigned long long)report->index,
		(unsigned long long)report->size, show_time(report->time_us, time));
	printf("  signed by key %s; %u parts, %u of them withheld\n", report->key_id,
		report->n_parts, report->n_withheld);
}

static int print_report_json(const struct rg_proof_report *report)
{
	char id[SHOW_ID_LEN];

	return show_json(json_pack("{s:b, s:s, s:s?, s:s, s:s, s:s, s:I, s:I, s:I, s:i, s:i}",
		"holds", report->step == RG_PROOF_HOLDS, "step", rg_proof_step_text(report->step),
		"rule", report->rule, "id", show_id(bytes_of(report->id, sizeof(report->id)), id),
		"from", report->from, "keyId", report->key_id, "index", (json_int_t)report->index,
		"size", (json_int_t)report->size, "timeUs", (json_int_t)report->time_us, "parts",
		(int)report->n_parts, "withheld", (int)report->n_withheld));
}

static int check_receipt(const struct options *options, const struct arguments *arguments)
{
	struct rg_proof_report report;
	scoped(buf_deinit) struct buf key = {0};
	scoped(buf_deinit) struct buf envelope = {0};
	scoped(buf_deinit) struct buf proof = {0};
	int exit_code = VERB_DONE;

	if (!options->key) {
		arguments_complain(&form, "a receipt needs --key VKEY");
		return VERB_USAGE;
	}
	if (read_key(options->key, &key) ||
		file_read(arguments->operands[0], ENVELOPE_MAX, &envelope, NULL) ||
		file_read(arguments->operands[1], PROOF_MAX, &proof, NULL)) {
		return VERB_COULD_NOT;
	}
	rg_err err = rg_proof_check(buf_view(&envelope), buf_view(&proof), buf_text(&key), &report);
	if (err) {
		arguments_complain(&form, "%s", rg_strerror(err));
		return VERB_COULD_NOT;
	}
	if (arguments->wants_json && (exit_code = print_report_json(&report)) != VERB_DONE) {
		return exit_code;
	}
	if (!arguments->wants_json) {
		print_report(&report);
	}
	return report.step == RG_PROOF_HOLDS ? VERB_DONE : VERB_ANSWERED_NO;
}

int audit_check(int argc, char **argv)
{
	struct options options = {0};
	struct arguments arguments;
	int exit_code = arguments_read(&form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	if (arguments.n_operands == 2) {
		return check_receipt(&options, &arguments);
	}
	const struct audit_bundle question = {.path = arguments.operands[0],
		.pin = options.pin,
		.takes_unwitnessed = options.takes_unwitnessed,
		.tsa_ca = options.tsa_ca,
		.wants_json = arguments.wants_json};

	return audit_check_bundle(&form, &question);
}
