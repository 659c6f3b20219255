/*
 * Evidence out of a log directory: see prove.h
 *
 * Method: one pass that chooses records (prove_scan.c), then one look at each of these.
 * Threads: one.
 */

#include "audit/prove.h"

#include <stdlib.h>
#include <string.h>

#include "audit/evidence_note.h"
#include "audit/prove_scan.h"

/* Takes the parts of a frame apart; another number of them than the header has: none. */
static rg_err take_parts(struct evidence_record *record, struct rg_bytes bytes)
{
	struct cursor cursor = cursor_of(bytes);
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < record->n_parts && !cursor.is_bad; i++) {
		buf_add_bytes(&record->parts[i], cursor_bytes(&cursor, cursor_u32(&cursor)));
		err = buf_error(&record->parts[i]);
	}
	for (size_t i = 0; i < record->n_parts && !cursor_is_done(&cursor); i++) {
		buf_clear(&record->parts[i]);
	}
	return err;
}

struct adding {
	const struct prove_question *question;
	struct prove_scan *scan;
	struct segments *journal;
	struct evidence *evidence;
	struct bundle_answer *answer;
	uint64_t size; /* of the checkpoint that all is proved against */
};

static bool shows_parts(const struct adding *it, const struct evidence_record *record)
{
	return !it->question->withholds_parts ||
		record->header->kind >= RIVERGATE__V1__KIND__KIND_REGISTRY;
}

static rg_err add_record(const struct adding *it, const struct prove_choice *choice)
{
	struct proof_source source = published_source(it->scan->log);
	struct evidence_record *record = NULL;
	struct published_finding finding;
	struct evidence_piece piece = {choice->index, choice->role, {.data = NULL}};
	struct rg_bytes parts;
	rg_err err = published_entry(it->scan->log, choice->index, &piece.leaf, &finding);

	if (!err && finding.state != PUBLISHED_GOOD) {
		bundle_refuse(it->answer, "", "record %llu: %s: %s",
			(unsigned long long)choice->index, finding.file, finding.what);
		return RG_OK;
	}
	if (!err) {
		err = evidence_add(it->evidence, &piece, &record, it->answer);
	}
	if (err || !record) {
		return err;
	}
	err = proof_inclusion(&source, choice->index, it->size, &record->path);
	if (!err && record->header && shows_parts(it, record)) {
		err = prove_scan_parts(it->journal, choice->index, buf_view(&record->leaf), &parts);
		err = err ? err : take_parts(record, parts);
	}
	return err;
}

static rg_err add_derived(const struct adding *it)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < it->scan->n_watches; i++) {
		const struct prove_watch *watch = &it->scan->watches[i];
		struct evidence_derived *derived = NULL;

		if (watch->state != PROVE_EXPIRED) {
			continue;
		}
		err = evidence_add_derived(it->evidence, watch->index, watch->ordinal, &derived);
		if (!err) {
			buf_add_bytes(&derived->header, buf_view(&watch->expiry));
			err = buf_error(&derived->header);
		}
	}
	return err;
}

/* Takes the note in the bundle's form, with the cosignatures that it has. */
static rg_err take_note(const struct adding *it, struct rg_bytes note)
{
	struct evidence_note_counts counts = {.n_cosigned = 0};

	buf_clear(&it->evidence->note);
	rg_err err = evidence_note_make(note, &it->evidence->log, &it->evidence->roster,
		&it->evidence->note, &counts);

	it->evidence->n_cosigned = counts.n_cosigned;
	return err;
}

/* Nobody cosigns the last head after a stop: an older one does, if it covers all that is shown. */
static rg_err take_witnessed(struct adding *it)
{
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	struct note_checkpoint checkpoint;
	bool has = false;
	rg_err err = published_witnessed(it->scan->log, &note, &checkpoint, &has);

	for (size_t i = 0; has && i < it->scan->n_choices; i++) {
		has = it->scan->choices[i].index < checkpoint.size;
	}
	if (err || !has) {
		return err;
	}
	it->size = checkpoint.size;
	return take_note(it, buf_view(&note));
}

static rg_err add_note(struct adding *it)
{
	rg_err err = cosigner_roster_of(trust_registry(it->scan->trust), &it->evidence->roster);

	if (err) {
		return err;
	}
	it->evidence->log = *published_verifier(it->scan->log);
	it->size = published_checkpoint(it->scan->log)->size;
	err = take_note(it, published_note(it->scan->log));
	if (!err && it->evidence->roster.quorum > 0 && !evidence_is_witnessed(it->evidence)) {
		err = take_witnessed(it);
	}
	if (err == RG_E_FORMAT) {
		bundle_refuse(it->answer, "", "checkpoint: not signed by the log's key");
		return RG_OK;
	}
	return err;
}

static rg_err add_all(struct adding *it, enum prove_result *ret_result)
{
	const struct evidence_terms terms = {.tsa_ca = it->question->tsa_ca};
	rg_err err = add_note(it);

	for (size_t i = 0; !err && it->answer->is_ok && i < it->scan->n_choices; i++) {
		err = add_record(it, &it->scan->choices[i]);
	}
	if (!err && it->answer->is_ok) {
		err = add_derived(it);
	}
	if (!err && it->answer->is_ok) {
		err = prove_stamp(it->scan, it->evidence);
	}
	if (!err && it->answer->is_ok) {
		err = evidence_judge(it->evidence, &terms, it->answer);
	}
	*ret_result = it->answer->is_ok ? PROVE_MADE : PROVE_REFUSED;
	if (!err && it->answer->is_ok && !evidence_is_witnessed(it->evidence) &&
		!it->question->takes_unwitnessed) {
		bundle_refuse(it->answer, "",
			"%zu of %zu witnesses cosigned the log's checkpoint; a quorum is %u",
			it->evidence->n_cosigned, it->evidence->roster.n_items,
			it->evidence->roster.quorum);
		*ret_result = PROVE_UNWITNESSED;
	}
	return err;
}

rg_err prove(const struct prove_question *question, struct evidence *evidence,
	enum prove_result *ret_result, struct bundle_answer *ret_answer)
{
	scoped(prove_scan_deinitv) struct prove_scan scan = {.log = NULL};
	scoped(segments_closep) struct segments *journal = NULL;

	*ret_answer = (struct bundle_answer){.is_ok = true};
	*ret_result = PROVE_REFUSED;
	rg_err err = prove_scan(question, &scan, ret_answer);

	if (err || !ret_answer->is_ok) {
		return err;
	}
	if (!scan.is_found) {
		bundle_refuse(ret_answer, "", "nothing in this log has this UCR or id");
		*ret_result = PROVE_NOT_FOUND;
		return RG_OK;
	}
	err = prove_scan_journal(question->dir, &journal);
	if (err) {
		return err;
	}
	struct adding it = {question, &scan, journal, evidence, ret_answer, 0};

	return add_all(&it, ret_result);
}
