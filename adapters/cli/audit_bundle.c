/*
 * rivergate audit check BUNDLE: a whole evidence bundle, offline
 *
 * Threads: one.
 */
#include <stdio.h>
#include <string.h>

#include "audit/evidence.h"
#include "audit/stamps.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/audit.h"
#include "cli/show.h"
#include "cli/verb.h"

static void show_record(const struct evidence_record *record)
{
	char time[SHOW_TIME_LEN];
	char key[17];
	size_t n_withheld = 0;

	for (size_t i = 0; i < record->n_parts; i++) {
		n_withheld += record->parts[i].len == 0;
	}
	(void)snprintf(key, sizeof(key), "%.16s", record->signature->key_id);
	printf("record %llu, %s, ", (unsigned long long)record->index,
		show_time(record->meta->time_us, time));
	show_header(stdout, record->header);
	printf("  signed by key %s…; %zu parts, %zu of them withheld\n", key, record->n_parts,
		n_withheld);
}

static void show_stamp(const struct evidence_stamp *stamp)
{
	char time[SHOW_TIME_LEN];

	if (stamp->token.len == 0) {
		return;
	}
	printf("time-stamp of %s over %llu records, ", show_time(stamp->time_us, time),
		(unsigned long long)stamp->checkpoint.size);
	if (stamp->is_judged) {
		printf("by ");
		show_text(stdout, stamp->tsa);
		printf("\n");
	} else {
		printf("NOT JUDGED (give --tsa-ca)\n");
	}
}

static void show_all(const struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->n_records; i++) {
		if (evidence->records[i].role != EVIDENCE_GOVERNS) {
			show_record(&evidence->records[i]);
		}
	}
	for (size_t i = 0; i < evidence->n_derived; i++) {
		printf("derived from record %llu: it expired at recipient %u\n",
			(unsigned long long)evidence->derived[i].cause,
			evidence->derived[i].ordinal + 1);
	}
	show_stamp(&evidence->stamp);
	printf("log ");
	show_text(stdout, evidence->log.name);
	printf(", %llu records; %s: %zu of %zu witnesses cosigned, the quorum is %u\n",
		(unsigned long long)evidence->checkpoint.size,
		evidence_is_witnessed(evidence) ? "witnessed" : "UNWITNESSED", evidence->n_cosigned,
		evidence->roster.n_items, evidence->roster.quorum);
}

static int answer_json(const struct evidence *evidence, const struct bundle_answer *answer)
{
	char pin[2 * sizeof(evidence->pin) + 1];

	text_hex(bytes_of(evidence->pin, sizeof(evidence->pin)), pin);
	return show_json(json_pack("{s:b, s:s, s:s, s:b, s:i, s:i, s:s, s:I, s:I, s:b, s:s}",
		"holds", answer->is_ok, "where", answer->where, "rule", answer->text, "witnessed",
		evidence_is_witnessed(evidence), "cosignatures", (int)evidence->n_cosigned,
		"quorum", (int)evidence->roster.quorum, "pin", pin, "size",
		(json_int_t)evidence->checkpoint.size, "stampedUs",
		(json_int_t)evidence->stamp.time_us, "stampJudged", evidence->stamp.is_judged,
		"stampedBy", evidence->stamp.tsa));
}

static void answer_text(const struct audit_bundle *question, const struct evidence *evidence,
	const struct bundle_answer *answer)
{
	char pin[2 * sizeof(evidence->pin) + 1];

	if (!answer->is_ok) {
		printf("FAILS: %s%s", answer->where, answer->where[0] ? ": " : "");
		show_text(stdout, answer->text);
		printf("\n");
		return;
	}
	show_all(evidence);
	text_hex(bytes_of(evidence->pin, sizeof(evidence->pin)), pin);
	printf(question->pin ? "HOLDS, under the genesis registry that you trust: %s\n"
			     : "HOLDS, if you trust the genesis registry %s (--pin)\n",
		pin);
}

int audit_check_bundle(const struct argument_form *form, const struct audit_bundle *question)
{
	scoped(bundle_deinitv) struct bundle bundle = {.files = NULL};
	scoped(evidence_deinitv) struct evidence evidence = {.arena = NULL};
	scoped(buf_deinitv) struct buf ca = {.data = NULL};
	struct bundle_answer answer;
	uint8_t pin[32];

	if (question->pin && !text_unhex(question->pin, pin, sizeof(pin))) {
		arguments_complain(form, "--pin is not 64 lower-case hex digits");
		return VERB_USAGE;
	}
	rg_err err = stamps_read_ca(question->tsa_ca.items, question->tsa_ca.n_items, &ca);
	const struct evidence_terms terms = {.pin = question->pin ? pin : NULL,
		.tsa_ca = buf_view(&ca)};

	err = err ? err : evidence_init(&evidence);
	if (!err) {
		err = bundle_read(question->path, &bundle, &answer);
	}
	if (!err && answer.is_ok) {
		err = evidence_check(&bundle, &terms, &evidence, &answer);
	}
	if (err) {
		arguments_complain(form, "%s: %s", question->path, rg_strerror(err));
		return VERB_COULD_NOT;
	}
	if (answer.is_ok && !evidence_is_witnessed(&evidence) && !question->takes_unwitnessed) {
		bundle_refuse(&answer, "checkpoint",
			"UNWITNESSED: no quorum of witnesses saw this log (--unwitnessed takes "
			"it)");
	}
	int exit_code = VERB_DONE;

	if (question->wants_json) {
		exit_code = answer_json(&evidence, &answer);
	} else {
		answer_text(question, &evidence, &answer);
	}
	return exit_code != VERB_DONE || answer.is_ok ? exit_code : VERB_ANSWERED_NO;
}
