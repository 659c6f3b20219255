/*
 * Verifying a log: see verify.h; what is judged at its end is in verify_end.c.
 *
 * Method: this thread reads ahead into a ring (gather.h), the crew examines, this thread
 * takes the stretches back in order and folds. A run that remembers commits its place every
 * COMMIT_STRETCHES bundles.
 * Threads: as verify.h says.
 */
#include "audit/verify.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/verify_inside.h"
#include "base/file.h"
#include "base/log.h"

#define COMMIT_STRETCHES (STORE_COMMIT_EACH / TILE_WIDTH)
#define STATE_KEY        "verify"
#define STATE_VERSION    4

/* --- The tree -------------------------------------------------------------------------------- */

/* Adds a finding about several records. */
void verify_find(struct verify *verify, enum finding_rule rule, uint64_t first, uint64_t last,
	const char *text)
{
	struct finding finding = {.rule = rule, .first = first, .last = last};

	(void)snprintf(finding.text, sizeof(finding.text), "%s", text);
	findings_put(&verify->report.findings, &finding);
}

/* The range of records under hash i of a tile, as far as the log reaches. */
static void blame_tile(struct verify *verify, unsigned level, uint64_t number, unsigned i)
{
	unsigned shift = TILE_HEIGHT * level;
	uint64_t first = (number * TILE_WIDTH + i) << shift;
	uint64_t last = first + (UINT64_C(1) << shift) - 1;
	char name[TILE_NAME_MAX];
	char text[160];

	tile_name(level, number, tile_width(level, number, verify->report.log_size), name);
	(void)snprintf(text, sizeof(text), "%s: hash %u does not follow from these records", name,
		i);
	verify_find(verify, FINDING_TILE, first, last, text);
}

/* A tile of level 1 and above that the records make, beside the published one. */
static rg_err compare_tile(void *context, unsigned level, uint64_t number, const struct tile *tile)
{
	struct verify *verify = context;
	struct published_finding what;
	struct tile_hashes *published = &verify->scratch;
	rg_err err = published_peek(verify->log, level, number, published, &what);

	if (err) {
		return err;
	}
	if (what.state != PUBLISHED_GOOD) {
		char text[200];

		(void)snprintf(text, sizeof(text), "%.100s: %.90s", what.file, what.what);
		verify_find(verify,
			what.state == PUBLISHED_MISSING ? FINDING_MISSING : FINDING_TILE,
			FINDING_NO_RECORD, FINDING_NO_RECORD, text);
		return RG_OK;
	}
	for (unsigned i = 0; i < tile->width; i++) {
		const struct merkle_hash *own = tile_node(tile, 0, i);

		if (i >= published->width || memcmp(own, &published->items[i], sizeof(*own)) != 0) {
			blame_tile(verify, level, number, i);
			return RG_OK;
		}
	}
	return RG_OK;
}

/* What the tile above says of a full tile of level 0; false: nothing. */
static rg_err hash_above(struct verify *verify, uint64_t number, struct merkle_hash *ret_hash,
	bool *ret_has)
{
	struct published_finding what;
	struct tile_hashes *above = &verify->scratch;
	const unsigned place = (unsigned)(number % TILE_WIDTH);

	*ret_has = false;
	if (tile_width(1, number / TILE_WIDTH, verify->report.log_size) <= place) {
		return RG_OK;
	}
	rg_err err = published_peek(verify->log, 1, number / TILE_WIDTH, above, &what);

	if (!err && what.state == PUBLISHED_GOOD && place < above->width) {
		*ret_hash = above->items[place];
		*ret_has = true;
	}
	return err;
}

/* Of two tiles that differ, whether the published one leads to the log's root. */
static rg_err published_is_right(struct verify *verify, const struct stretch *stretch,
	bool *ret_is_right)
{
	struct tile *published = &verify->published;
	const struct note_checkpoint *checkpoint = published_checkpoint(verify->log);
	struct merkle_hash head = {.bytes = {0}};
	struct merkle_hash wanted = checkpoint->root;
	bool has = true;
	rg_err err =
		tile_read(stretch->published.items[0].bytes, stretch->published.width, published);

	if (!err && published->width == TILE_WIDTH) {
		head = *tile_node(published, TILE_HEIGHT, 0);
		err = hash_above(verify, stretch->first / TILE_WIDTH, &wanted, &has);
	} else if (!err && stretch->first + stretch->n == checkpoint->size) {
		err = growth_head_within(&verify->growth, published, checkpoint->size, &head);
	}
	*ret_is_right = !err && has && memcmp(&head, &wanted, sizeof(head)) == 0;
	return err;
}

/* Tells where leaves and published hashes differ; the tree goes on with the tile that fits. */
static rg_err choose_tile(struct verify *verify, const struct stretch *stretch,
	const struct tile **ret_tile)
{
	bool is_right = false;
	bool differs = false;
	rg_err err = RG_OK;

	*ret_tile = &stretch->computed;
	for (unsigned i = 0; !err && i < stretch->n && i < stretch->published.width; i++) {
		if (memcmp(tile_node(&stretch->computed, 0, i), &stretch->published.items[i],
			    sizeof(struct merkle_hash)) == 0) {
			continue;
		}
		if (!differs) {
			err = published_is_right(verify, stretch, &is_right);
		}
		differs = true;
		verify_find(verify, is_right ? FINDING_ENTRY : FINDING_TILE, stretch->first + i,
			stretch->first + i,
			is_right ? "the entry was changed: its hash tile is the one that the log "
				   "signed"
				 : "the hash in the tile is not that of the entry");
	}
	*ret_tile = differs && is_right ? &verify->published : &stretch->computed;
	return err;
}

/* --- Folding a stretch ----------------------------------------------------------------------- */

static rg_err judge_receipts(struct verify *verify, const struct stretch *stretch, unsigned i,
	const struct tile *tile)
{
	struct anchors *anchors = &verify->anchors;
	rg_err err = RG_OK;

	while (!err && verify->next_receipt < anchors->n_receipts) {
		struct anchor *anchor = &anchors->items[anchors->by_index[verify->next_receipt]];

		if (anchor->index > stretch->first + i) {
			break;
		}
		err = anchors_judge_record(anchor, stretch_leaf(stretch, i), tile_node(tile, 0, i),
			&verify->of_anchors);
		verify->next_receipt++;
	}
	return err;
}

/* Heads at the sizes of earlier checkpoints that lie in this stretch, its end included. */
static rg_err judge_heads(struct verify *verify, const struct stretch *stretch,
	const struct tile *tile)
{
	struct anchors *anchors = &verify->anchors;
	uint64_t end = stretch->first + stretch->n;
	rg_err err = RG_OK;

	while (!err && verify->next_anchor < anchors->n_items &&
		anchors->items[verify->next_anchor].size <= end) {
		struct anchor *anchor = &anchors->items[verify->next_anchor++];
		struct merkle_hash head;

		if (anchor->size == stretch->first + TILE_WIDTH) {
			/* A full tile is a node of the level above. */
			struct growth copy = verify->growth;
			const struct growth_sink nobody = {.take = verify_ignore_tile};

			err = growth_add_tile(&copy, tile, &nobody);
			err = err ? err : growth_head(&copy, &head);
		} else {
			err = growth_head_within(&verify->growth, tile, anchor->size, &head);
		}
		if (!err) {
			anchors_judge_head(anchor, &head, &verify->of_anchors);
		}
	}
	return err;
}

rg_err verify_ignore_tile(void *context, unsigned level, uint64_t number, const struct tile *tile)
{
	(void)context;
	(void)level;
	(void)number;
	(void)tile;
	return RG_OK;
}

/* The first records of a stretch that an earlier run took must still be the same. */
static void judge_beginning(struct verify *verify, const struct stretch *stretch,
	const struct tile *tile)
{
	for (unsigned i = 0; i < stretch->from; i++) {
		const struct merkle_hash *before = tile_node(&verify->growth.levels[0], 0, i);

		if (before && memcmp(before, tile_node(tile, 0, i), sizeof(*before)) != 0) {
			verify_find(verify, FINDING_HISTORY, stretch->first + i, stretch->first + i,
				"the record is not the one that an earlier run verified");
		}
	}
	verify->growth.size -= verify->growth.levels[0].width;
	verify->growth.levels[0].width = 0;
}

static rg_err grow(struct verify *verify, const struct stretch *stretch, const struct tile *tile)
{
	const struct growth_sink sink = {.take = compare_tile, .context = verify};
	rg_err err = RG_OK;

	if (stretch->n == TILE_WIDTH) {
		return growth_add_tile(&verify->growth, tile, &sink);
	}
	for (unsigned i = 0; !err && i < stretch->n; i++) {
		err = growth_add(&verify->growth, tile_node(tile, 0, i), &sink);
	}
	return err;
}

/* The record into the window, and with what came of it into the fold. */
static rg_err fold_record(struct verify *verify, struct stretch *stretch, unsigned i)
{
	const struct stretch_record *at = &stretch->records[i];
	struct fold_input input = {.index = stretch->first + i,
		.leaf = stretch_leaf(stretch, i),
		.examined = &stretch->out[i]};
	const struct telling_record record = {.index = input.index,
		.leaf = input.leaf,
		.trust_after = at->trust_after,
		.is_trust_known = at->is_trust_known && !stretch->is_trust_fixed};
	rg_err err = telling_take(verify->telling, &record, &stretch->out[i], &input.told,
		&input.n_told);

	input.is_told = telling_is_whole(verify->telling);
	return err ? err : fold_take(verify->fold, &input, &verify->report.findings);
}

static rg_err fold_stretch(struct verify *verify, struct stretch *stretch, const struct tile *tile)
{
	rg_err err = RG_OK;

	for (unsigned i = stretch->from; !err && i < stretch->n; i++) {
		verify->report.n_read++;
		verify->report.n_withheld += !stretch->records[i].has_leaf;
		err = fold_record(verify, stretch, i);
		if (!err) {
			err = judge_receipts(verify, stretch, i, tile);
		}
		if (!err && verify->options->observe &&
			!verify->options->observe(verify->options->context, stretch->first + i,
				&stretch->out[i])) {
			err = RG_E_NOMEM;
		}
	}
	return err;
}

static rg_err take_stretch(struct verify *verify, struct stretch *stretch)
{
	const struct tile *tile = NULL;

	if (stretch->err) {
		return stretch->err;
	}
	findings_move(&verify->report.findings, &stretch->findings);
	rg_err err = choose_tile(verify, stretch, &tile);

	if (!err) {
		judge_beginning(verify, stretch, tile);
		if (verify->law.has_origin) {
			fold_set_origin(verify->fold, &verify->law.lineage);
			err = telling_set_origin(verify->telling, verify->law.router,
				&verify->law.lineage);
		}
	}
	if (!err) {
		err = fold_stretch(verify, stretch, tile);
	}
	if (!err) {
		err = judge_heads(verify, stretch, tile);
	}
	if (!err) {
		err = grow(verify, stretch, tile);
	}
	verify->place = stretch->place;
	err = err ? err : verify->of_anchors.err;
	return err ? err : verify->report.findings.err;
}

/* --- State of a run that remembers ----------------------------------------------------------- */

static void write_finding(const struct finding *finding, struct buf *out)
{
	buf_add_u64(out, finding->first);
	buf_add_u64(out, finding->last);
	buf_add_u8(out, (uint8_t)finding->rule);
	buf_add_text(out, finding->text);
}

static bool read_finding(void *context, const struct store_row *row)
{
	struct verify *verify = context;
	struct cursor cursor = cursor_of(row->value);
	struct cursor key = cursor_of(row->key);
	struct finding finding = {.first = cursor_u64(&cursor)};

	verify->next_key = cursor_u64(&key) + 1;
	finding.last = cursor_u64(&cursor);
	finding.rule = (enum finding_rule)cursor_u8(&cursor);
	struct rg_bytes text = cursor_bytes(&cursor, cursor.left);

	if (!cursor.is_bad && finding.rule < FINDING_RULES && text.len < sizeof(finding.text)) {
		memcpy(finding.text, text.data, text.len);
		findings_put(&verify->report.findings, &finding);
	}
	return true;
}

/* Those found since the last time. */
static rg_err save_findings(struct verify *verify)
{
	rg_err err = RG_OK;

	for (; !err && verify->n_saved < verify->report.findings.n_items; verify->n_saved++) {
		scoped(buf_deinitv) struct buf key = {.data = NULL};
		scoped(buf_deinitv) struct buf value = {.data = NULL};

		buf_add_u64(&key, verify->next_key++);
		write_finding(&verify->report.findings.items[verify->n_saved], &value);
		err = buf_error(&key) ? buf_error(&key) : buf_error(&value);
		if (!err) {
			err = store_put(verify->store, STORE_FINDING, buf_view(&key),
				buf_view(&value));
		}
	}
	return err;
}

static rg_err save(struct verify *verify)
{
	scoped(buf_deinitv) struct buf state = {.data = NULL};
	rg_err err = save_findings(verify);

	buf_add_u16(&state, STATE_VERSION);
	buf_add_bytes(&state, bytes_of(published_verifier(verify->log)->public_key, 32));
	buf_add_u64(&state, verify->place.segment);
	buf_add_u64(&state, verify->place.offset);
	buf_add_u64(&state, verify->report.n_withheld);
	growth_write(&verify->growth, &state);
	if (!err) {
		err = buf_error(&state);
	}
	if (!err) {
		err = fold_save(verify->fold);
	}
	if (!err) {
		err = store_put(verify->store, STORE_STATE, bytes_of_text(STATE_KEY),
			buf_view(&state));
	}
	return err;
}

rg_err verify_commit(struct verify *verify)
{
	rg_err err = verify->options->state ? save(verify) : RG_OK;

	return err ? err : store_commit(verify->store);
}

static rg_err other_log(const struct verify *verify)
{
	log_event(LOG_ERROR, "audit", "state-of-another-log",
		log_text("state", verify->options->state),
		log_text("do",
			"give each log a --state folder of its own; delete one that an earlier "
			"release wrote"));
	return RG_E_CONFIG;
}

static rg_err restore_from(struct verify *verify, struct rg_bytes state)
{
	struct cursor cursor = cursor_of(state);
	bool is_known = cursor_u16(&cursor) == STATE_VERSION;
	struct rg_bytes key = cursor_bytes(&cursor, 32);

	if (!is_known || key.len != 32 ||
		memcmp(key.data, published_verifier(verify->log)->public_key, 32) != 0) {
		return other_log(verify);
	}
	verify->place.segment = cursor_u64(&cursor);
	verify->place.offset = cursor_u64(&cursor);
	verify->report.n_withheld = cursor_u64(&cursor);
	if (!growth_read(cursor_bytes(&cursor, cursor.left), &verify->growth)) {
		return RG_E_FORMAT;
	}
	rg_err err = law_restore(&verify->law, verify->growth.size, verify->store);

	if (!err) {
		err = fold_restore(verify->fold);
	}
	if (!err) {
		err = store_walk(verify->store, STORE_FINDING, read_finding, verify);
	}
	verify->n_saved = verify->report.findings.n_items;
	verify->report.resumed_at = verify->growth.size;
	segments_seek(verify->segments, verify->place);
	return err;
}

static rg_err restore(struct verify *verify)
{
	scoped(buf_deinitv) struct buf copy = {.data = NULL};
	struct rg_bytes state;
	bool is_found = false;
	rg_err err =
		store_get(verify->store, STORE_STATE, bytes_of_text(STATE_KEY), &state, &is_found);

	if (err || !is_found) {
		return err;
	}
	buf_add_bytes(&copy, state);
	err = buf_error(&copy);
	return err ? err : restore_from(verify, buf_view(&copy));
}

/* --- The run --------------------------------------------------------------------------------- */

static rg_err read_ahead(struct verify *verify, struct gather *gather, uint64_t *next)
{
	struct stretch *stretch = crew_spare(verify->crew);
	rg_err err = RG_OK;

	while (!err && stretch && *next < gather->size) {
		err = gather_fill(gather, *next, stretch);
		if (!err) {
			*next = stretch->first + stretch->n;
			crew_give(verify->crew);
			stretch = crew_spare(verify->crew);
		}
	}
	return err;
}

static void tell(const struct verify *verify)
{
	if (verify->options->progress) {
		verify->options->progress(verify->options->context, verify->growth.size,
			verify->report.size);
	}
}

static rg_err walk(struct verify *verify)
{
	scoped(examiner_freep) struct examiner *examiner = NULL;
	struct gather gather = {.log = verify->log,
		.segments = verify->segments,
		.law = &verify->law,
		.store = verify->store,
		.size = verify->report.size};
	uint64_t next = verify->growth.size;
	unsigned n_taken = 0;
	rg_err err = examiner_new(&examiner);

	gather.examiner = examiner;
	while (!err && verify->growth.size < verify->report.size) {
		struct stretch *stretch = NULL;

		err = read_ahead(verify, &gather, &next);
		stretch = err ? NULL : crew_take(verify->crew);
		if (stretch) {
			err = take_stretch(verify, stretch);
			crew_return(verify->crew);
		}
		if (!err && ++n_taken % COMMIT_STRETCHES == 0) {
			err = verify_commit(verify);
		}
		tell(verify);
	}
	return err;
}

/* Law from files: for a view, whose party has no parts, or for a log without its journal. */
static rg_err fix_law(struct verify *verify)
{
	const struct verify_options *options = verify->options;
	scoped(trust_unrefp) struct trust *trust = NULL;
	struct governance_answer answer = {.is_ok = false};
	rg_err err = RG_OK;

	if (!published_party(verify->log) && !options->registry) {
		return RG_OK;
	}
	if (options->registry && options->pin) {
		err = trust_load(options->registry, options->directories, options->pin, &trust,
			&answer);
		if (!err && !trust) {
			log_event(LOG_ERROR, "audit", "law-refused", log_text("where", answer.path),
				log_text("why", answer.text));
			return RG_E_CONFIG;
		}
	}
	law_fix(&verify->law, trust);
	return err;
}

static rg_err open_journal(struct verify *verify)
{
	scoped(freep) char *path = file_join(verify->options->dir, "journal");

	return path ? segments_open(path, &verify->segments) : RG_E_NOMEM;
}

/* Time-stamps, and the checkpoints that they cover. */
static rg_err add_stamps(struct verify *verify)
{
	const struct verify_options *options = verify->options;
	struct verify_report *report = &verify->report;
	scoped(freep) char *folder = file_join(options->dir, STAMPS_FOLDER);
	scoped(buf_deinitv) struct buf ca = {.data = NULL};
	rg_err err = folder ? stamps_read_ca(options->tsa_ca, options->n_tsa_ca, &ca) : RG_E_NOMEM;

	if (err || access(folder, F_OK) != 0) {
		return err;
	}
	const struct stamps_question question = {.dir = options->dir,
		.log = published_verifier(verify->log),
		.ca = buf_view(&ca)};

	err = stamps_read(&question, &verify->stamps, &verify->of_anchors);
	report->n_tokens = verify->stamps.n_tokens;
	report->has_tsa_ca = ca.len > 0;
	report->n_stamps = report->has_tsa_ca ? verify->stamps.n_items : 0;
	return err ? err : anchors_add(&verify->anchors, folder, question.log, &verify->of_anchors);
}

/* Whether the router has published a head of this size since the log was opened. */
static rg_err has_gone_on(const struct verify *verify, uint64_t size, bool *ret_has)
{
	scoped(freep) char *path = file_join(verify->options->dir, "checkpoint");
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	struct note_checkpoint checkpoint;
	rg_err err = path ? file_read(path, NOTE_MAX, &note, NULL) : RG_E_NOMEM;

	*ret_has = !err && note_checkpoint_read(buf_view(&note), &checkpoint) &&
		checkpoint.size >= size;
	return err;
}

/* What lies beside the checkpoint: the newest head that a quorum cosigned. */
static rg_err add_witnessed(struct verify *verify)
{
	scoped(freep) char *path = file_join(verify->options->dir, "checkpoint.witnessed");
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	struct note_checkpoint checkpoint;
	const size_t n_before = verify->anchors.n_items;
	bool is_found = false;
	bool is_newer = false;
	rg_err err = path ? file_read(path, NOTE_MAX, &note, &is_found) : RG_E_NOMEM;

	if (!err && is_found && note_checkpoint_read(buf_view(&note), &checkpoint) &&
		checkpoint.size > verify->report.log_size) {
		err = has_gone_on(verify, checkpoint.size, &is_newer);
	}
	if (err || !is_found || is_newer) {
		return err;
	}
	err = anchors_add(&verify->anchors, path, published_verifier(verify->log),
		&verify->of_anchors);
	verify->n_beside = verify->anchors.n_items - n_before;
	return err;
}

static rg_err add_earlier(struct verify *verify)
{
	rg_err err = add_stamps(verify);

	err = err ? err : add_witnessed(verify);
	for (size_t i = 0; !err && i < verify->options->n_earlier; i++) {
		err = anchors_add(&verify->anchors, verify->options->earlier[i],
			published_verifier(verify->log), &verify->of_anchors);
	}
	return err ? err : anchors_sort(&verify->anchors);
}

/* Everything that a run needs, with what an earlier one left. */
static rg_err begin(struct verify *verify)
{
	const struct verify_options *options = verify->options;
	rg_err err = open_journal(verify);

	if (!err) {
		err = store_open(options->state, &verify->store);
	}
	if (!err) {
		err = telling_new(verify->store, &verify->telling);
	}
	if (!err) {
		err = fold_new(verify->store, &verify->fold);
	}
	if (!err) {
		err = fix_law(verify);
	}
	if (!err) {
		err = restore(verify);
	}
	if (!err) {
		err = add_earlier(verify);
	}
	return err ? err : crew_start(options->n_threads, &verify->crew);
}

/* How far to read: --at, or all. */
static rg_err set_size(struct verify *verify)
{
	const struct verify_options *options = verify->options;
	struct verify_report *report = &verify->report;
	rg_err err = RG_OK;

	report->log_size = published_checkpoint(verify->log)->size;
	report->size = report->log_size;
	if (options->at_size > 0 && options->at_size < report->size) {
		report->size = options->at_size;
	}
	if (options->at_time_us > 0) {
		uint64_t size = 0;

		err = walk_size_at(verify->log, options->at_time_us, &size);
		report->size = size < report->size ? size : report->size;
	}
	return err;
}

static rg_err run(struct verify *verify)
{
	rg_err err = set_size(verify);

	if (!err) {
		err = begin(verify);
	}
	if (!err) {
		err = verify_begin_anchors(verify);
	}
	if (!err) {
		err = walk(verify);
	}
	if (!err) {
		err = verify_commit(verify);
	}
	/* What is judged of the whole is judged again by every run, and not remembered. */
	return err ? err : verify_end(verify);
}

static rg_err open_log(struct verify *verify)
{
	struct published_finding what;
	rg_err err = published_open(verify->options->dir, NULL, &verify->log, &what);

	if (!err && !verify->log) {
		findings_add(&verify->report.findings, FINDING_CHECKPOINT, FINDING_NO_RECORD,
			"%.100s: %.100s", what.file, what.what);
	}
	return err;
}

static void verify_deinit(struct verify *verify)
{
	crew_stop(verify->crew);
	fold_free(verify->fold);
	telling_free(verify->telling);
	store_close(verify->store);
	segments_close(verify->segments);
	published_close(verify->log);
	anchors_deinit(&verify->anchors);
	stamps_deinit(&verify->stamps);
	law_deinit(&verify->law);
	findings_deinit(&verify->of_anchors);
	findings_deinit(&verify->report.findings);
}

static void verify_freep(struct verify **var)
{
	if (*var) {
		verify_deinit(*var);
		free(*var);
	}
}

rg_err verify_run(const struct verify_options *options, struct verify_report *ret_report)
{
	scoped(verify_freep) struct verify *verify = calloc(1, sizeof(*verify));

	if (!verify) {
		return RG_E_NOMEM;
	}
	verify->options = options;
	law_init(&verify->law);
	growth_init(&verify->growth);
	rg_err err = open_log(verify);

	if (!err && verify->log) {
		err = run(verify);
	}
	if (err) {
		return err;
	}
	findings_move(&verify->report.findings, &verify->of_anchors);
	findings_sort(&verify->report.findings);
	*ret_report = verify->report;
	verify->report.findings = (struct findings){.items = NULL};
	return RG_OK;
}
