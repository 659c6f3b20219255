/*
 * The logs that a restored log continues: see predecessor.h.
 *
 * Method: the path of leaf 0 among the first `size` leaves is the same whatever record 0 is. So
 * the old head is computed from the old record 0 and the published tiles of the new log, and no
 * record is read again.
 *
 * Threads: as predecessor.h says.
 */
#include "audit/predecessor.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "evidence/cosignature.h"
#include "evidence/note.h"
#include "evidence/proof.h"
#include "evidence/record.h"
#include "evidence/tile.h"
#include "wire/scan.h"

#define FOLDER      "predecessor"
#define FOLDERS_MAX (sizeof(FOLDER) * DERIVED_ANCESTORS_MAX)

/* One of the logs, the last first. */
struct elder {
	const struct predecessor_question *question;
	struct findings *findings;
	char folder[FOLDERS_MAX]; /* below the log's */
	size_t place;             /* in the lineage */
	struct buf note;
	struct note_checkpoint checkpoint;
	struct note_checkpoint witnessed; /* an older one, which a quorum cosigned; size 0: none */
	struct buf leaf; /* its record 0; empty: not at hand, or not what its checkpoint covers */
};

static void elder_deinitv(struct elder *elder)
{
	buf_deinit(&elder->note);
	buf_deinit(&elder->leaf);
}

/* A finding about the records from `first` that come from this log. */
static void find(const struct elder *elder, enum finding_rule rule, uint64_t first,
	const char *text)
{
	struct finding finding = {.rule = rule, .first = first};

	finding.last = elder->checkpoint.size > first ? elder->checkpoint.size - 1 : first;
	(void)snprintf(finding.text, sizeof(finding.text), "continues %.60s: %s",
		elder->checkpoint.origin, text);
	findings_put(elder->findings, &finding);
}

/* --- Signed, and seen ------------------------------------------------------------------------ */

/* What lies in the folder of the predecessor; len 0: nothing. */
static rg_err read_file(const struct elder *elder, const char *name, size_t limit, struct buf *out)
{
	scoped(freep) char *folder = file_join(elder->question->dir, elder->folder);
	scoped(freep) char *path = folder ? file_join(folder, name) : NULL;
	bool is_found = false;

	return path ? file_read(path, limit, out, &is_found) : RG_E_NOMEM;
}

/*
 * An older head that a quorum cosigned, kept beside: how many records it covers, 0: none. Its
 * root is judged as that of any head.
 */
static rg_err read_witnessed(struct elder *elder, const struct note_verifier *verifier,
	const struct cosigner_roster *roster)
{
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	struct cosignature_count count = {.is_malformed = false};
	bool is_valid = false;
	rg_err err = read_file(elder, "checkpoint.witnessed", NOTE_MAX, &note);

	if (!err && note.len > 0) {
		err = note_checkpoint_verify(buf_view(&note), verifier, &elder->witnessed,
			&is_valid);
	}
	if (!err && is_valid) {
		err = cosignature_count(buf_view(&note), roster, &count);
	}
	if (!is_valid || count.is_malformed || count.n_valid < roster->quorum ||
		elder->witnessed.size > elder->checkpoint.size) {
		elder->witnessed.size = 0;
	}
	return err;
}

static rg_err judge_witnesses(struct elder *elder, const struct trust *trust,
	const struct note_verifier *verifier)
{
	struct cosigner_roster roster = {.n_items = 0};
	struct cosignature_count count = {.is_malformed = false};
	char text[200];
	rg_err err = cosigner_roster_of(trust_registry(trust), &roster);

	if (!err && roster.n_items > 0) {
		err = cosignature_count(buf_view(&elder->note), &roster, &count);
	}
	if (err || roster.n_items == 0) {
		return err;
	}
	if (count.is_malformed) {
		find(elder, FINDING_COSIGNATURE, 0,
			"a line under its last checkpoint is not signed by the witness it names");
		return RG_OK;
	}
	err = read_witnessed(elder, verifier, &roster);
	/* As at the end of any log, the last records may have been waiting for witnesses. */
	if (!err && count.n_valid < roster.quorum && elder->witnessed.size == 0) {
		(void)snprintf(text, sizeof(text),
			"%zu of %zu witnesses cosigned its last checkpoint, a quorum is %u, and no "
			"earlier head that a quorum saw is at hand: nobody else vouches for these "
			"records",
			count.n_valid, roster.n_items, roster.quorum);
		find(elder, FINDING_UNWITNESSED, 0, text);
	}
	return err;
}

static rg_err judge_signature(const struct elder *elder, const Rivergate__V1__Router *router,
	struct note_verifier *ret_verifier, bool *ret_is_valid)
{
	struct note_verifier verifier;
	struct note_checkpoint checkpoint;
	bool is_valid = false;
	rg_err err = router->log_key.len == sizeof(verifier.public_key)
		? note_verifier_of(router->origin, router->log_key.data, &verifier)
		: RG_E_CONFIG;

	if (!err) {
		err = note_checkpoint_verify(buf_view(&elder->note), &verifier, &checkpoint,
			&is_valid);
	}
	if (err == RG_E_CONFIG || (!err && !is_valid)) {
		find(elder, FINDING_LOG_KEY, 0,
			"its last checkpoint is not signed by the log key that the registry names "
			"for this origin");
		return RG_OK;
	}
	*ret_verifier = verifier;
	*ret_is_valid = !err;
	return err;
}

static rg_err judge_note(struct elder *elder)
{
	const struct law *law = elder->question->law;
	const struct trust *trust = law->ancestor_trusts[elder->place];

	trust = trust ? trust : law->trust;
	if (!trust || (!law->is_known && !law->ancestor_trusts[elder->place])) {
		return RG_OK; /* nothing is judged by a law that is not known */
	}
	const Rivergate__V1__Router *router = law_router_of(trust, elder->checkpoint.origin);

	if (!router && law->is_fixed) {
		return RG_OK; /* the registry that was given may be a later one */
	}
	if (!router) {
		find(elder, FINDING_LOG_KEY, 0, "no registry in this log names its origin");
		return RG_OK;
	}
	struct note_verifier verifier;
	bool is_signed = false;
	rg_err err = judge_signature(elder, router, &verifier, &is_signed);

	return err || !is_signed ? err : judge_witnesses(elder, trust, &verifier);
}

/* --- Kept ------------------------------------------------------------------------------------ */

/* Its record 0 into elder->leaf; empty: it is not there. */
static rg_err read_leaf(struct elder *elder)
{
	char text[160];
	rg_err err = read_file(elder, "record-0", TILE_ENTRY_MAX, &elder->leaf);

	if (err == RG_E_OVERFLOW) {
		err = RG_OK;
		find(elder, FINDING_ORIGIN, 0, "the file of its record 0 is too long for a record");
	} else if (!err && elder->leaf.len == 0 && !published_party(elder->question->log)) {
		(void)snprintf(text, sizeof(text),
			"%.60s/record-0 is not there: whether these are its records cannot be "
			"checked",
			elder->folder +
				(strlen(elder->folder) > 60 ? strlen(elder->folder) - 60 : 0));
		find(elder, FINDING_MISSING, 0, text);
	}
	return err;
}

/* What its record 0 makes of the published tree; ret_has false: a tile is not good. */
static rg_err old_head(const struct elder *elder, uint64_t size, struct merkle_hash *ret_head,
	bool *ret_has)
{
	const struct proof_source source = published_source(elder->question->log);
	struct proof_path path = {.n_nodes = 0};
	struct merkle_hash leaf;
	rg_err err = proof_inclusion(&source, 0, size, &path);

	*ret_has = false;
	if (err == RG_E_FORMAT) {
		findings_add(elder->findings, FINDING_TILE, FINDING_NO_RECORD,
			"whether this log continues %.60s cannot be computed: %.80s: %.60s",
			elder->checkpoint.origin, published_last(elder->question->log)->file,
			published_last(elder->question->log)->what);
		return RG_OK;
	}
	if (!err) {
		err = merkle_leaf(buf_view(&elder->leaf), &leaf);
	}
	return err ? err : proof_inclusion_head(&leaf, 0, size, &path, ret_head, ret_has);
}

/* ret_fits: the records lead to this head of the old log. */
static rg_err judge_head(const struct elder *elder, const struct note_checkpoint *checkpoint,
	const char *text, bool *ret_fits)
{
	struct finding finding = {.rule = FINDING_HISTORY, .last = checkpoint->size - 1};
	struct merkle_hash head;
	bool has = false;
	rg_err err = old_head(elder, checkpoint->size, &head, &has);

	*ret_fits =
		!err && has && memcmp(head.bytes, checkpoint->root.bytes, sizeof(head.bytes)) == 0;
	if (!err && has && !*ret_fits) {
		(void)snprintf(finding.text, sizeof(finding.text), "continues %.60s: %s",
			checkpoint->origin, text);
		findings_put(elder->findings, &finding);
	}
	return err;
}

/* The leaf is emptied when it is not the one that the checkpoint covers. */
static rg_err judge_tree(struct elder *elder)
{
	bool fits = false;
	rg_err err = judge_head(elder, &elder->checkpoint,
		"with its own record 0 in place of the new one these are not the records that its "
		"last checkpoint covers",
		&fits);
	bool fits_too = true;

	if (!err && elder->witnessed.size > 0) {
		err = judge_head(elder, &elder->witnessed,
			"these are not the records that the checkpoint covers which a quorum of "
			"its witnesses cosigned",
			&fits_too);
	}
	if (!fits) {
		buf_clear(&elder->leaf);
	}
	return err;
}

static rg_err judge_records(struct elder *elder)
{
	uint64_t size = published_checkpoint(elder->question->log)->size;

	if (elder->checkpoint.size == 0) {
		find(elder, FINDING_ORIGIN, 0, "its last checkpoint covers no records");
		return RG_OK;
	}
	if (elder->checkpoint.size > size) {
		find(elder, FINDING_TRUNCATED, size,
			"it had these records when it signed its last checkpoint");
		return RG_OK;
	}
	rg_err err = read_leaf(elder);

	return err || elder->leaf.len == 0 ? err : judge_tree(elder);
}

/* --- The log before it ----------------------------------------------------------------------- */

/* Whether its record 0 says what it must; ret_note: the checkpoint in it, or nothing. */
static rg_err read_origin(const struct elder *elder, struct buf *ret_note)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	struct scan_answer answer = {.is_ok = false};
	struct record leaf;
	ProtobufCMessage *message = NULL;
	rg_err err = arena ? RG_OK : RG_E_NOMEM;

	if (!err && record_read(buf_view(&elder->leaf), &leaf) &&
		leaf.type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_ORIGIN) {
		err = scan_unpack(&rivergate__v1__origin__descriptor, leaf.body, arena, &answer,
			&message);
	}
	const Rivergate__V1__Origin *origin = (const Rivergate__V1__Origin *)message;

	if (err) {
		return err;
	}
	if (!origin || strcmp(origin->origin, elder->checkpoint.origin) != 0 ||
		origin->genesis_hash.len != sizeof(elder->question->law->pin) ||
		memcmp(origin->genesis_hash.data, elder->question->law->pin,
			sizeof(elder->question->law->pin)) != 0) {
		find(elder, FINDING_ORIGIN, 0,
			"its record 0 does not make it the log of this origin and genesis "
			"registry");
		return RG_OK;
	}
	buf_add_text(ret_note, origin->predecessor);
	return buf_error(ret_note);
}

/* False: these two do not say the same, or there is no further one. */
static bool step(struct elder *elder, struct buf *note)
{
	const struct derived_lineage *lineage = &elder->question->law->lineage;
	char folder[FOLDERS_MAX];

	if (note->len == 0 && elder->place == 0) {
		return false;
	}
	struct note_checkpoint before;
	bool is_good = note->len > 0 && elder->place > 0 &&
		note_checkpoint_read(buf_view(note), &before) &&
		strcmp(before.origin, lineage->ancestors[elder->place - 1].origin) == 0 &&
		before.size == lineage->ancestors[elder->place - 1].size;

	if (!is_good) {
		find(elder, FINDING_ORIGIN, 0,
			"the log that this one continued is not among the ancestors in record 0");
		return false;
	}
	elder->place--;
	elder->checkpoint = before;
	elder->witnessed.size = 0;
	buf_deinit(&elder->note);
	elder->note = *note;
	*note = (struct buf){.data = NULL};
	buf_clear(&elder->leaf);
	(void)snprintf(folder, sizeof(folder), "%s", elder->folder);
	(void)snprintf(elder->folder, sizeof(elder->folder), FOLDER "/%.*s",
		(int)(sizeof(folder) - sizeof(FOLDER) - 1), folder);
	return true;
}

static rg_err judge_one(struct elder *elder, bool *ret_goes_on)
{
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	rg_err err = judge_note(elder);

	*ret_goes_on = false;
	err = err ? err : judge_records(elder);
	if (err || elder->leaf.len == 0) {
		return err;
	}
	err = read_origin(elder, &note);
	*ret_goes_on = !err && step(elder, &note);
	return err;
}

rg_err predecessor_judge(const struct predecessor_question *question, struct findings *findings)
{
	const struct law *law = question->law;
	scoped(elder_deinitv) struct elder elder = {.question = question,
		.findings = findings,
		.folder = FOLDER,
		.place = law->lineage.n_ancestors ? law->lineage.n_ancestors - 1 : 0};
	bool goes_on = law->predecessor.len > 0 &&
		note_checkpoint_read(buf_view(&law->predecessor), &elder.checkpoint);

	buf_add_bytes(&elder.note, buf_view(&law->predecessor));
	rg_err err = buf_error(&elder.note);

	while (!err && goes_on) {
		err = judge_one(&elder, &goes_on);
	}
	return err;
}
