/*
 * The time-stamp for a bundle: see prove_scan.h
 *
 * Method: tokens by the size of their checkpoint, from the first that covers what was asked for;
 * the first that holds is taken.
 * Threads: one.
 */

#include <string.h>

#include "audit/evidence_note.h"
#include "audit/prove_scan.h"
#include "audit/stamps.h"
#include "evidence/timestamp.h"

#define TRIES_MAX 64

/* Records that a checkpoint must have to cover all that was asked for. */
static uint64_t size_needed(const struct evidence *evidence)
{
	uint64_t size = 0;

	for (size_t i = 0; i < evidence->n_records; i++) {
		if (evidence->records[i].role == EVIDENCE_MESSAGE) {
			size = evidence->records[i].index + 1;
		}
	}
	return size;
}

/* Ways from what was asked for to the checkpoint of this size. */
static rg_err find_paths(const struct prove_scan *scan, uint64_t size, struct evidence *evidence)
{
	struct proof_source source = published_source(scan->log);
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < evidence->n_records; i++) {
		struct evidence_record *record = &evidence->records[i];

		if (record->role == EVIDENCE_MESSAGE) {
			err = proof_inclusion(&source, record->index, size, &record->stamped);
		}
	}
	return err;
}

/* The form that token and checkpoint have in a bundle; false: they have none. */
static rg_err take_files(const struct prove_scan *scan, uint64_t size, struct evidence *evidence,
	bool *ret_is_taken)
{
	scoped(buf_deinitv) struct buf response = {.data = NULL};
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	const struct cosigner_roster nobody = {.n_items = 0};
	struct evidence_note_counts counts;
	rg_err err = stamps_load(scan->question->dir, size, &response, &note);

	*ret_is_taken = false;
	buf_clear(&evidence->stamp.token);
	buf_clear(&evidence->stamp.note);
	if (err) {
		return err;
	}
	err = evidence_note_make(buf_view(&note), &evidence->log, &nobody, &evidence->stamp.note,
		&counts);
	if (err) {
		return err == RG_E_FORMAT ? RG_OK : err;
	}
	return timestamp_plain(buf_view(&response), &evidence->stamp.token, ret_is_taken);
}

static rg_err try_one(const struct prove_scan *scan, uint64_t size, struct evidence *evidence,
	bool *ret_is_taken)
{
	const struct evidence_terms terms = {.tsa_ca = scan->question->tsa_ca};
	struct bundle_answer answer = {.is_ok = true};
	rg_err err = take_files(scan, size, evidence, ret_is_taken);

	if (!err && *ret_is_taken) {
		err = find_paths(scan, size, evidence);
	}
	if (!err && *ret_is_taken) {
		err = evidence_stamp_judge(evidence, &terms,
			trust_numbers(scan->trust)->clock_skew_us, &answer);
	}
	*ret_is_taken = !err && *ret_is_taken && answer.is_ok;
	if (!*ret_is_taken) {
		buf_clear(&evidence->stamp.token);
		buf_clear(&evidence->stamp.note);
	}
	/* A tile that is not good keeps the way from being found; this is no fault of ours. */
	return err == RG_E_FORMAT ? RG_OK : err;
}

rg_err prove_stamp(const struct prove_scan *scan, struct evidence *evidence)
{
	scoped(stamps_deinitv) struct stamps stamps = {.items = NULL};
	scoped(findings_deinitv) struct findings findings = {.items = NULL};
	const struct stamps_question question = {.dir = scan->question->dir,
		.log = published_verifier(scan->log)};
	uint64_t needed = size_needed(evidence);
	unsigned n_tries = 0;
	bool is_taken = false;
	rg_err err = stamps_read(&question, &stamps, &findings);

	for (size_t i = 0; !err && !is_taken && i < stamps.n_items && n_tries < TRIES_MAX; i++) {
		uint64_t size = stamps.items[i].size;

		if (size >= needed && size <= published_checkpoint(scan->log)->size) {
			err = try_one(scan, size, evidence, &is_taken);
			n_tries++;
		}
	}
	return err;
}
