/*
 * From files to stretches: see gather.h.
 *
 * Threads: one.
 */
#include "audit/gather.h"

#include <string.h>

#include "audit/act.h"
#include "registry/header.h"

#define CARRIED_PART_MAX  ((size_t)64 << 10)
#define CARRIED_BYTES_MAX ((size_t)4 << 20)

static void find_file(struct stretch *stretch, const struct published_finding *what,
	enum finding_rule damaged)
{
	const struct finding finding = {
		.rule = what->state == PUBLISHED_MISSING ? FINDING_MISSING : damaged,
		.first = stretch->first + stretch->from,
		.last = stretch->first + stretch->n - 1,
	};
	struct findings *findings = &stretch->findings;
	size_t n_before = findings->n_items;

	findings_add(findings, finding.rule, finding.first, "%.100s: %.100s", what->file,
		what->what);
	if (findings->n_items > n_before) {
		findings->items[n_before].last = finding.last;
	}
}

/* The hash tile of the bundle, as its file has it. */
static rg_err read_tile(struct gather *gather, struct stretch *stretch)
{
	struct published_finding what;
	rg_err err = published_peek(gather->log, 0, stretch->first / TILE_WIDTH,
		&stretch->published, &what);

	if (!err && what.state != PUBLISHED_GOOD) {
		stretch->published.width = 0;
		find_file(stretch, &what, FINDING_TILE);
	}
	return err;
}

static rg_err read_bundle(struct gather *gather, struct stretch *stretch)
{
	struct published_bundle bundle;
	struct published_finding what;
	rg_err err = published_bundle(gather->log, stretch->first / TILE_WIDTH, &bundle, &what);

	if (err || what.state == PUBLISHED_ABSENT) {
		return err;
	}
	if (what.state != PUBLISHED_GOOD) {
		find_file(stretch, &what, FINDING_ENTRY);
		return RG_OK;
	}
	for (unsigned i = 0; i < stretch->n && i < bundle.n_entries; i++) {
		stretch_set_leaf(stretch, i, bundle.entries[i]);
	}
	return buf_error(&stretch->bytes);
}

/* In a view every leaf is a file of its own. */
static rg_err read_view(struct gather *gather, struct stretch *stretch)
{
	rg_err err = RG_OK;

	for (unsigned i = 0; !err && i < stretch->n; i++) {
		struct published_finding what;
		struct rg_bytes leaf;

		err = published_entry(gather->log, stretch->first + i, &leaf, &what);
		if (err || what.state == PUBLISHED_ABSENT) {
			continue;
		}
		if (what.state != PUBLISHED_GOOD) {
			findings_add(&stretch->findings,
				what.state == PUBLISHED_MISSING ? FINDING_MISSING : FINDING_ENTRY,
				stretch->first + i, "%.100s: %.100s", what.file, what.what);
			continue;
		}
		stretch_set_leaf(stretch, i, leaf);
	}
	return err ? err : buf_error(&stretch->bytes);
}

/* Large parts are judged here; small ones travel with the stretch. */
static rg_err take_parts(struct gather *gather, struct stretch *stretch, unsigned i,
	struct rg_bytes parts)
{
	const struct examine_record question = {.index = stretch->first + i,
		.leaf = stretch_leaf(stretch, i),
		.parts = parts};

	if (parts.len <= CARRIED_PART_MAX && stretch->bytes.len < CARRIED_BYTES_MAX) {
		stretch_set_parts(stretch, i, parts);
		return buf_error(&stretch->bytes);
	}
	return examine_content(gather->examiner, &question, &stretch->findings);
}

static rg_err take_frame(struct gather *gather, struct stretch *stretch, unsigned i,
	const struct segments_found *found)
{
	uint64_t index = stretch->first + i;

	if (!stretch->records[i].has_leaf) {
		stretch_set_leaf(stretch, i, found->leaf);
	} else if (!bytes_equal(stretch_leaf(stretch, i), found->leaf)) {
		findings_add(&stretch->findings, FINDING_JOURNAL, index,
			"the journal holds another leaf than the entry bundle");
		return RG_OK;
	}
	return take_parts(gather, stretch, i, found->parts);
}

static rg_err take_law(struct gather *gather, struct stretch *stretch, unsigned i,
	struct rg_bytes parts)
{
	const struct law_record record = {.index = stretch->first + i,
		.leaf = stretch_leaf(stretch, i),
		.parts = parts};
	bool changes = record.index == 0 || header_is_governance(examine_kind(record.leaf));

	return changes ? law_take(gather->law, &record, gather->store, &stretch->findings) : RG_OK;
}

/* In a view, what an act is about is not. */
static rg_err judge_act(struct gather *gather, struct stretch *stretch, unsigned i)
{
	const struct act_question question = {.index = stretch->first + i,
		.leaf = stretch_leaf(stretch, i),
		.log_key = published_verifier(gather->log)->public_key,
		.law = gather->law,
		.store = gather->store};

	return published_party(gather->log) ? RG_OK : act_judge(&question, &stretch->findings);
}

/* One record from the journal, and the law before and after it. */
static rg_err read_record(struct gather *gather, struct stretch *stretch, unsigned i)
{
	struct stretch_record *record = &stretch->records[i];
	struct segments_found found;
	rg_err err = segments_read(gather->segments, stretch->first + i, &found);

	if (!err && found.state == SEGMENTS_DAMAGED) {
		findings_add(&stretch->findings, FINDING_JOURNAL, stretch->first + i,
			"the journal's frame of this record is damaged");
	}
	if (!err && found.state == SEGMENTS_WHOLE) {
		err = take_frame(gather, stretch, i, &found);
	}
	record->trust = stretch_hold(stretch, gather->law->trust);
	record->is_trust_known = gather->law->is_known;
	if (!err && record->has_leaf) {
		err = take_law(gather, stretch, i, found.parts);
		err = err ? err : judge_act(gather, stretch, i);
	}
	record->trust_after = stretch_hold(stretch, gather->law->trust);
	return err ? err : buf_error(&stretch->bytes);
}

rg_err gather_fill(struct gather *gather, uint64_t from, struct stretch *stretch)
{
	uint64_t first = from - from % TILE_WIDTH;
	bool is_view = published_party(gather->log) != NULL;

	stretch_reset(stretch, first);
	stretch->from = (unsigned)(from - first);
	stretch->n =
		gather->size - first < TILE_WIDTH ? (unsigned)(gather->size - first) : TILE_WIDTH;
	stretch->is_trust_fixed = gather->law->is_fixed;
	rg_err err = read_tile(gather, stretch);

	if (!err) {
		err = is_view ? read_view(gather, stretch) : read_bundle(gather, stretch);
	}
	for (unsigned i = stretch->from; !err && i < stretch->n; i++) {
		err = read_record(gather, stretch, i);
	}
	stretch->router = gather->law->has_origin ? gather->law->router : NULL;
	stretch->n_inherited = gather->law->n_inherited;
	stretch->place = segments_tell(gather->segments);
	return err;
}
