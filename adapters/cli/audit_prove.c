/*
 * rivergate audit prove: an evidence bundle out of a log directory
 *
 * Threads: one.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/prove.h"
#include "audit/stamps.h"
#include "cli/arguments.h"
#include "cli/audit.h"
#include "cli/show.h"
#include "cli/verb.h"

#define OUT_MAX 200

struct options {
	const char *log;
	const char *out;
	bool withholds_parts;
	bool takes_unwitnessed;
	struct argument_texts tsa_ca;
};

static const struct argument_row rows[] = {
	{.name = "log",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, log),
		.is_required = true,
		.value = "DIR",
		.help = "the log: a router's data_dir or an archive, with its journal"},
	{.name = "out",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, out),
		.value = "DIR|FILE.zip",
		.help = "a new folder or archive [evidence-KEY]"},
	{.name = "withhold-parts",
		.type = ARGUMENT_FLAG,
		.offset = offsetof(struct options, withholds_parts),
		.help = "leave the content of the messages out; all else still verifies"},
	{.name = "unwitnessed",
		.type = ARGUMENT_FLAG,
		.offset = offsetof(struct options, takes_unwitnessed),
		.help = "take a checkpoint without a quorum of cosignatures; the bundle says so"},
	{.name = "tsa-ca",
		.type = ARGUMENT_TEXTS,
		.offset = offsetof(struct options, tsa_ca),
		.value = "FILE",
		.help = "certificates (PEM) of time-stamping authorities: take the earliest "
			"time-stamp of one of these; default: the earliest"},
	{.name = NULL},
};

static const struct argument_form form = {
	.verb = "audit prove",
	.operands = "ID|UCR",
	.min_operands = 1,
	.max_operands = 1,
	.about =
		"Writes an evidence bundle: the messages with this id or UCR, whatever refers to\n"
		"them (acknowledgements, decisions), the directories and revocation lists then in\n"
		"force, proofs, the cosigned checkpoint, and the earliest time-stamp. Anybody "
		"verifies it with verify.sh, "
		"or\n"
		"`rivergate audit check`. Exit 1: nothing has this key, the checkpoint is not\n"
		"witnessed, or the log does not bear it out.",
	.example = "rivergate audit prove LA-06-2026-E-1234 --log /srv/rivergate --out case-17.zip",
	.rows = rows,
};

/* evidence-<key>, the key in letters that file names may have. */
static void default_out(const char *key, char out[OUT_MAX])
{
	(void)snprintf(out, OUT_MAX, "evidence-%.100s", key);
	for (char *at = out; *at; at++) {
		bool is_plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
			(*at >= '0' && *at <= '9') || *at == '-';

		*at = is_plain ? *at : '_';
	}
}

static void show_progress(void *context, uint64_t done, uint64_t size)
{
	const char *end = done == size ? "\n" : "";

	(void)context;
	(void)fprintf(stderr, "\rreading the log: %llu of %llu%s", (unsigned long long)done,
		(unsigned long long)size, end);
}

static void count_roles(const struct evidence *evidence, int counts[3])
{
	for (size_t i = 0; i < evidence->n_records; i++) {
		counts[evidence->records[i].role]++;
	}
}

static int report(const struct arguments *arguments, const struct evidence *evidence,
	const char *out)
{
	int counts[3] = {0};
	bool is_witnessed = evidence_is_witnessed(evidence);

	count_roles(evidence, counts);
	if (arguments->wants_json) {
		return show_json(json_pack("{s:s, s:i, s:i, s:i, s:b, s:i, s:i, s:I}", "bundle",
			out, "messages", counts[EVIDENCE_MESSAGE], "related",
			counts[EVIDENCE_RELATED], "derived", (int)evidence->n_derived, "witnessed",
			is_witnessed, "cosignatures", (int)evidence->n_cosigned, "quorum",
			(int)evidence->roster.quorum, "stampedUs",
			(json_int_t)evidence->stamp.time_us));
	}
	printf("%s: %d messages, %d related, %zu derived, under %d records of governance\n", out,
		counts[EVIDENCE_MESSAGE], counts[EVIDENCE_RELATED], evidence->n_derived,
		counts[EVIDENCE_GOVERNS]);
	printf("%s: %zu of %zu witnesses cosigned, the quorum is %u\n",
		is_witnessed ? "witnessed" : "UNWITNESSED", evidence->n_cosigned,
		evidence->roster.n_items, evidence->roster.quorum);
	if (evidence->stamp.token.len > 0) {
		char time[SHOW_TIME_LEN];

		printf("time-stamped at %s%s\n", show_time(evidence->stamp.time_us, time),
			evidence->stamp.is_judged ? "" : ", by an authority that nobody judged");
	}
	printf("verify it with: sh verify.sh (inside), or rivergate audit check %s\n", out);
	return VERB_DONE;
}

static int write_bundle(const struct arguments *arguments, const struct evidence *evidence,
	const char *out)
{
	scoped(bundle_deinitv) struct bundle bundle = {.files = NULL};
	rg_err err = evidence_emit(evidence, &bundle);

	if (!err) {
		err = bundle_write(&bundle, out);
	}
	if (err) {
		arguments_complain(&form, "cannot write %s: %s", out, rg_strerror(err));
		return VERB_COULD_NOT;
	}
	return report(arguments, evidence, out);
}

int audit_prove(int argc, char **argv)
{
	scoped(evidence_deinitv) struct evidence evidence = {.arena = NULL};
	scoped(buf_deinitv) struct buf ca = {.data = NULL};
	struct options options = {.log = NULL};
	struct arguments arguments;
	struct bundle_answer answer;
	enum prove_result result = PROVE_REFUSED;
	char out[OUT_MAX];
	int exit_code = arguments_read(&form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	rg_err err = stamps_read_ca(options.tsa_ca.items, options.tsa_ca.n_items, &ca);
	const struct prove_question question = {
		.dir = options.log,
		.key = arguments.operands[0],
		.withholds_parts = options.withholds_parts,
		.takes_unwitnessed = options.takes_unwitnessed,
		.tsa_ca = buf_view(&ca),
		.progress = isatty(STDERR_FILENO) ? show_progress : NULL,
	};

	err = err ? err : evidence_init(&evidence);
	if (!err) {
		err = prove(&question, &evidence, &result, &answer);
	}
	if (err) {
		arguments_complain(&form, "%s: %s", options.log, rg_strerror(err));
		return VERB_COULD_NOT;
	}
	if (result != PROVE_MADE) {
		arguments_complain(&form, "%s%s", answer.text,
			result == PROVE_UNWITNESSED ? "; --unwitnessed takes it as it is" : "");
		return VERB_ANSWERED_NO;
	}
	default_out(arguments.operands[0], out);
	return write_bundle(&arguments, &evidence, options.out ? options.out : out);
}
