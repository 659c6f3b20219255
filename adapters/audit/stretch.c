/*
 * One bundle under examination: see stretch.h.
 *
 * Threads: one at a time.
 */
#include "audit/stretch.h"

#include <string.h>

#include "base/merkle.h"

#define BYTES_KEPT  ((size_t)4 << 20) /* memory that a stretch keeps for the next one */
#define HEADERS_MAX ((size_t)2 << 20)

void stretch_reset(struct stretch *stretch, uint64_t first)
{
	for (size_t i = 0; i < stretch->n_held; i++) {
		trust_unref(stretch->held[i]);
	}
	stretch->n_held = 0;
	stretch->first = first;
	stretch->from = 0;
	stretch->n = 0;
	if (stretch->bytes.cap > BYTES_KEPT) {
		buf_deinit(&stretch->bytes);
	}
	buf_clear(&stretch->bytes);
	if (stretch->headers) {
		arena_reset(stretch->headers);
	}
	memset(stretch->records, 0, sizeof(stretch->records));
	stretch->published.width = 0;
	stretch->computed.width = 0;
	stretch->err = RG_OK;
}

void stretch_deinit(struct stretch *stretch)
{
	stretch_reset(stretch, 0);
	buf_deinit(&stretch->bytes);
	arena_free(stretch->headers);
	stretch->headers = NULL;
	findings_deinit(&stretch->findings);
}

void stretch_set_leaf(struct stretch *stretch, unsigned i, struct rg_bytes leaf)
{
	struct stretch_record *record = &stretch->records[i];

	record->has_leaf = true;
	record->leaf_at = stretch->bytes.len;
	record->leaf_len = leaf.len;
	buf_add_bytes(&stretch->bytes, leaf);
}

void stretch_set_parts(struct stretch *stretch, unsigned i, struct rg_bytes parts)
{
	struct stretch_record *record = &stretch->records[i];

	record->parts_at = stretch->bytes.len;
	record->parts_len = parts.len;
	buf_add_bytes(&stretch->bytes, parts);
}

const struct trust *stretch_hold(struct stretch *stretch, struct trust *trust)
{
	bool is_held = stretch->n_held > 0 && stretch->held[stretch->n_held - 1] == trust;

	if (trust && !is_held) {
		stretch->held[stretch->n_held++] = trust_ref(trust);
	}
	return trust;
}

static struct rg_bytes view(const struct stretch *stretch, size_t at, size_t len)
{
	return len ? bytes_of(stretch->bytes.data + at, len) : (struct rg_bytes){.data = NULL};
}

struct rg_bytes stretch_leaf(const struct stretch *stretch, unsigned i)
{
	return view(stretch, stretch->records[i].leaf_at, stretch->records[i].leaf_len);
}

static rg_err hash_record(struct stretch *stretch, unsigned i)
{
	struct merkle_hash hash = {.bytes = {0}};
	rg_err err = RG_OK;

	if (stretch->records[i].has_leaf) {
		err = merkle_leaf(stretch_leaf(stretch, i), &hash);
	} else if (i < stretch->published.width) {
		hash = stretch->published.items[i];
	}
	return err ? err : tile_add(&stretch->computed, &hash);
}

static rg_err examine_record(struct stretch *stretch, unsigned i, struct examiner *examiner)
{
	const struct stretch_record *record = &stretch->records[i];
	const struct examine_record question = {
		.index = stretch->first + i,
		.leaf = stretch_leaf(stretch, i),
		.parts = view(stretch, record->parts_at, record->parts_len),
		.trust = record->trust,
		.trust_after = record->trust_after,
		.is_trust_known = record->is_trust_known,
		.is_trust_fixed = stretch->is_trust_fixed,
		.router = stretch->router,
		.is_inherited = stretch->first + i < stretch->n_inherited,
		.headers = stretch->headers,
	};

	stretch->out[i] = (struct examined){.n_recipients = 0};
	return record->has_leaf ? examine(examiner, &question, &stretch->out[i], &stretch->findings)
				: RG_OK;
}

void stretch_examine(struct stretch *stretch, struct examiner *examiner)
{
	rg_err err = RG_OK;

	if (!stretch->headers) {
		stretch->headers = arena_new(HEADERS_MAX); /* NULL: none are kept */
	}
	for (unsigned i = 0; !err && i < stretch->n; i++) {
		err = hash_record(stretch, i);
		if (!err && i >= stretch->from) {
			err = examine_record(stretch, i, examiner);
		}
	}
	stretch->err = err ? err : stretch->findings.err;
}
