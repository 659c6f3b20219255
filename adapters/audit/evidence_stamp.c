/*
 * The time-stamp of a bundle: see evidence.h
 *
 * Threads: any; nothing is shared.
 */

#include <stdio.h>
#include <string.h>

#include "audit/evidence.h"
#include "audit/evidence_note.h"
#include "evidence/timestamp.h"

#define TOKEN_PATH      "timestamp/token.tsr"
#define CHECKPOINT_PATH "timestamp/checkpoint"

static void path_of(uint64_t index, char path[BUNDLE_PATH_MAX + 1])
{
	(void)snprintf(path, BUNDLE_PATH_MAX + 1, "timestamp/%020llu.tlog-proof",
		(unsigned long long)index);
}

/* --- Files ----------------------------------------------------------------------------------- */

static rg_err read_proof(const struct bundle *bundle, struct evidence_record *record,
	struct bundle_answer *answer)
{
	scoped(proof_file_deinitv) struct proof_file file;
	char path[BUNDLE_PATH_MAX + 1];
	size_t line = 0;

	proof_file_init(&file);
	path_of(record->index, path);
	const struct bundle_file *found = bundle_find(bundle, path);

	if (!found) {
		bundle_refuse(answer, path, "missing");
		return RG_OK;
	}
	rg_err err = proof_file_read(buf_view(&found->content), &file, &line);

	if (!err && line) {
		bundle_refuse(answer, path, "line %zu: not a canonical tlog-proof", line);
	}
	record->stamped = file.path;
	return err;
}

rg_err evidence_stamp_read(const struct bundle *bundle, struct evidence *evidence,
	struct bundle_answer *ret_answer)
{
	const struct bundle_file *token = bundle_find(bundle, TOKEN_PATH);
	const struct bundle_file *note = bundle_find(bundle, CHECKPOINT_PATH);
	rg_err err = RG_OK;

	if (!token) {
		return RG_OK; /* what else lies there belongs to nothing */
	}
	if (!note || token->content.len == 0) {
		bundle_refuse(ret_answer, note ? TOKEN_PATH : CHECKPOINT_PATH, "missing, or empty");
		return RG_OK;
	}
	buf_add_bytes(&evidence->stamp.token, buf_view(&token->content));
	buf_add_bytes(&evidence->stamp.note, buf_view(&note->content));
	err = buf_error(&evidence->stamp.token) ? buf_error(&evidence->stamp.token)
						: buf_error(&evidence->stamp.note);
	for (size_t i = 0; !err && ret_answer->is_ok && i < evidence->n_records; i++) {
		if (evidence->records[i].role == EVIDENCE_MESSAGE) {
			err = read_proof(bundle, &evidence->records[i], ret_answer);
		}
	}
	return err;
}

static rg_err emit_proof(const struct evidence *evidence, const struct evidence_record *record,
	struct bundle *bundle)
{
	scoped(buf_deinitv) struct buf text = {.data = NULL};
	scoped(proof_file_deinitv) struct proof_file file;
	const struct proof_extra extra = {record->record.meta, record->record.signature};
	char path[BUNDLE_PATH_MAX + 1];

	proof_file_init(&file);
	file.index = record->index;
	file.path = record->stamped;
	buf_add_bytes(&file.checkpoint, buf_view(&evidence->stamp.note));
	rg_err err = proof_extra_write(&extra, &file.extra);

	err = err ? err : proof_file_write(&file, &text);
	path_of(record->index, path);
	return err ? err : bundle_add(bundle, path, buf_view(&text));
}

rg_err evidence_stamp_emit(const struct evidence *evidence, struct bundle *bundle)
{
	rg_err err = RG_OK;

	if (evidence->stamp.token.len == 0) {
		return RG_OK;
	}
	err = bundle_add(bundle, TOKEN_PATH, buf_view(&evidence->stamp.token));
	err = err ? err : bundle_add(bundle, CHECKPOINT_PATH, buf_view(&evidence->stamp.note));
	for (size_t i = 0; !err && i < evidence->n_records; i++) {
		if (evidence->records[i].role == EVIDENCE_MESSAGE) {
			err = emit_proof(evidence, &evidence->records[i], bundle);
		}
	}
	return err;
}

/* --- Judging --------------------------------------------------------------------------------- */

static rg_err refuse(struct bundle_answer *answer, const char *where, const char *what)
{
	bundle_refuse(answer, where, "%s", what);
	return RG_OK;
}

/* The log's own line, and nothing else: who cosigned it is told by the bundle's checkpoint. */
static rg_err judge_note(struct evidence *evidence, struct bundle_answer *answer)
{
	scoped(buf_deinitv) struct buf expected = {.data = NULL};
	const struct cosigner_roster nobody = {.n_items = 0};
	struct evidence_note_counts counts;
	struct rg_bytes note = buf_view(&evidence->stamp.note);
	bool is_valid = false;
	rg_err err = evidence_note_make(note, &evidence->log, &nobody, &expected, &counts);

	if (err == RG_E_FORMAT || (!err && !bytes_equal(note, buf_view(&expected)))) {
		return refuse(answer, CHECKPOINT_PATH,
			"not a checkpoint of this log, signed by it, in canonical form");
	}
	return err ? err
		   : note_checkpoint_verify(note, &evidence->log, &evidence->stamp.checkpoint,
			     &is_valid);
}

static rg_err judge_path(const struct evidence *evidence, const struct evidence_record *record,
	struct bundle_answer *answer)
{
	const struct note_checkpoint *checkpoint = &evidence->stamp.checkpoint;
	struct merkle_hash leaf;
	struct merkle_hash head;
	char path[BUNDLE_PATH_MAX + 1];
	bool is_valid = false;
	rg_err err = merkle_leaf(buf_view(&record->leaf), &leaf);

	err = err ? err
		  : proof_inclusion_head(&leaf, record->index, checkpoint->size, &record->stamped,
			    &head, &is_valid);
	path_of(record->index, path);
	if (!err &&
		(!is_valid ||
			memcmp(head.bytes, checkpoint->root.bytes, sizeof(head.bytes)) != 0)) {
		return refuse(answer, path,
			"does not lead from the record to the checkpoint that was stamped");
	}
	return err;
}

static rg_err judge_token(struct evidence *evidence, const struct evidence_terms *terms,
	int64_t *ret_latest_us, struct bundle_answer *answer)
{
	scoped(buf_deinitv) struct buf plain = {.data = NULL};
	struct evidence_stamp *stamp = &evidence->stamp;
	struct timestamp_question question = {.response = buf_view(&stamp->token),
		.ca = terms->tsa_ca,
		.asks_certificates = true};
	struct timestamp_answer told = {.is_good = false};
	bool is_token = false;
	rg_err err = timestamp_plain(question.response, &plain, &is_token);

	if (err) {
		return err;
	}
	if (!is_token || !bytes_equal(question.response, buf_view(&plain)) ||
		!timestamp_text_of(buf_view(&stamp->note), &question.text)) {
		return refuse(answer, TOKEN_PATH, "not a time-stamp token in its plain form");
	}
	err = timestamp_judge(&question, &told);
	if (!err && !told.is_good) {
		return refuse(answer, TOKEN_PATH, told.what);
	}
	stamp->time_us = told.time_us;
	stamp->is_judged = terms->tsa_ca.len > 0;
	(void)snprintf(stamp->tsa, sizeof(stamp->tsa), "%s", told.tsa);
	*ret_latest_us = told.latest_us;
	return err;
}

rg_err evidence_stamp_judge(struct evidence *evidence, const struct evidence_terms *terms,
	int64_t skew_us, struct bundle_answer *ret_answer)
{
	int64_t latest_us = 0;
	rg_err err = RG_OK;

	if (evidence->stamp.token.len == 0) {
		return RG_OK;
	}
	err = judge_note(evidence, ret_answer);
	if (!err && ret_answer->is_ok) {
		err = judge_token(evidence, terms, &latest_us, ret_answer);
	}
	for (size_t i = 0; !err && ret_answer->is_ok && i < evidence->n_records; i++) {
		const struct evidence_record *record = &evidence->records[i];

		if (record->role != EVIDENCE_MESSAGE) {
			continue;
		}
		if (record->meta->time_us - skew_us > latest_us) {
			return refuse(ret_answer, TOKEN_PATH,
				"a record that it covers states a later time");
		}
		err = judge_path(evidence, record, ret_answer);
	}
	return err;
}
