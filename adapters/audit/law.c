/*
 * Trust along the log: see law.h.
 *
 * Threads: one.
 */
#include "audit/law.h"

#include <stdio.h>
#include <string.h>

#include "audit/examine.h"
#include "evidence/note.h"
#include "evidence/record.h"
#include "registry/change.h"
#include "wire/scan.h"

void law_init(struct law *law)
{
	*law = (struct law){.is_known = true};
}

void law_deinit(struct law *law)
{
	trust_unref(law->trust);
	for (size_t i = 0; i < DERIVED_ANCESTORS_MAX; i++) {
		trust_unref(law->ancestor_trusts[i]);
	}
	buf_deinit(&law->predecessor);
	*law = (struct law){.trust = NULL};
}

void law_fix(struct law *law, struct trust *trust)
{
	trust_unref(law->trust);
	law->trust = trust_ref(trust);
	law->is_known = trust != NULL;
	law->is_fixed = true;
}

const Rivergate__V1__Router *law_router_of(const struct trust *trust, const char *origin)
{
	const Rivergate__V1__Registry *registry = trust_registry(trust);

	for (size_t i = 0; i < registry->n_routers; i++) {
		if (strcmp(registry->routers[i]->origin, origin) == 0) {
			return registry->routers[i];
		}
	}
	return NULL;
}

/* A router that begins a new log may give up its old origin: later registries name it no more. */
static void keep_ancestor_trusts(struct law *law, uint64_t index)
{
	for (size_t i = 0; i < law->lineage.n_ancestors; i++) {
		struct trust **kept = &law->ancestor_trusts[i];

		if ((!*kept || index < law->lineage.ancestors[i].size) &&
			law_router_of(law->trust, law->lineage.ancestors[i].origin)) {
			trust_unref(*kept);
			*kept = trust_ref(law->trust);
		}
	}
}

/* A log of which nothing is told but its predecessor derives all under its own name. */
static void judge_ancestors(const struct derived_lineage *lineage,
	const struct note_checkpoint *predecessor, struct findings *findings)
{
	size_t n = lineage->n_ancestors;

	if (n > 0 &&
		(strcmp(lineage->ancestors[n - 1].origin, predecessor->origin) != 0 ||
			lineage->ancestors[n - 1].size != predecessor->size)) {
		findings_add(findings, FINDING_ORIGIN, 0,
			"the last of its ancestors is not the log of its predecessor checkpoint");
	}
}

static rg_err take_origin(struct law *law, const struct record *record, struct findings *findings)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	struct scan_answer answer = {.is_ok = false};
	ProtobufCMessage *message = NULL;
	rg_err err = arena ? scan_unpack(&rivergate__v1__origin__descriptor, record->body, arena,
				     &answer, &message)
			   : RG_E_NOMEM;
	const Rivergate__V1__Origin *origin = (const Rivergate__V1__Origin *)message;
	struct note_checkpoint predecessor;

	if (err || !origin || origin->genesis_hash.len != sizeof(law->pin)) {
		if (!err) {
			findings_add(findings, FINDING_ORIGIN, 0,
				"record 0 does not say origin, router and genesis registry");
		}
		return err;
	}
	memcpy(law->pin, origin->genesis_hash.data, sizeof(law->pin));
	(void)snprintf(law->origin, sizeof(law->origin), "%s", origin->origin);
	(void)snprintf(law->router, sizeof(law->router), "%s", origin->router);
	law->has_origin = true;
	derived_lineage_of(origin, &law->lineage);
	if (!origin->predecessor[0]) {
		return RG_OK;
	}
	if (note_checkpoint_read(bytes_of_text(origin->predecessor), &predecessor)) {
		law->n_inherited = predecessor.size;
		judge_ancestors(&law->lineage, &predecessor, findings);
		buf_clear(&law->predecessor);
		buf_add_text(&law->predecessor, origin->predecessor);
		return buf_error(&law->predecessor);
	}
	findings_add(findings, FINDING_ORIGIN, 0,
		"the log says that it continues another, by a text that is no checkpoint");
	return RG_OK;
}

/* The one part of a governance record; empty: not at hand, or not what was signed. */
static rg_err take_part(const struct law_record *record, const Rivergate__V1__Header *header,
	struct rg_bytes *ret_part)
{
	struct rg_bytes parts[64];
	const char *rule = NULL;
	size_t n_parts = 0;

	*ret_part = (struct rg_bytes){.data = NULL};
	if (header->n_parts != 1 || !examine_parts(record->parts, parts, &n_parts) ||
		n_parts != 1 || parts[0].len == 0) {
		return RG_OK;
	}
	rg_err err = examine_part(header->parts[0], parts[0], &rule);

	if (!err && !rule) {
		*ret_part = parts[0];
	}
	return err;
}

static rg_err keep(struct store *store, const struct law_record *record)
{
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	scoped(buf_deinitv) struct buf value = {.data = NULL};

	buf_add_u64(&key, record->index);
	buf_add_u32(&value, (uint32_t)record->leaf.len);
	buf_add_bytes(&value, record->leaf);
	buf_add_bytes(&value, record->parts);
	rg_err err = buf_error(&key) ? buf_error(&key) : buf_error(&value);

	return err ? err : store_put(store, STORE_GOVERNANCE, buf_view(&key), buf_view(&value));
}

static rg_err change_law(struct law *law, const struct law_record *record,
	const Rivergate__V1__Header *header, struct findings *findings)
{
	struct governance_answer answer = {.is_ok = false};
	scoped(trust_unrefp) struct trust *trust = NULL;
	struct change change = {.trust = law->trust,
		.pin = law->pin,
		.index = record->index,
		.header = header};
	rg_err err = take_part(record, header, &change.part);

	if (err) {
		return err;
	}
	if (change.part.len == 0) {
		law->is_known = false;
		findings_add(findings, FINDING_MISSING, record->index,
			"the content of this governance record is not at hand: what follows is not "
			"judged (give --registry, --directories and --pin)");
		return RG_OK;
	}
	err = change_apply(&change, &trust, &answer);
	if (!err && !trust) {
		findings_add(findings, FINDING_GOVERNANCE, record->index, "%.80s%s%.140s",
			answer.path, answer.path[0] ? ": " : "", answer.text);
	}
	if (!err && trust) {
		trust_unref(law->trust);
		law->trust = steal(trust);
		keep_ancestor_trusts(law, record->index);
	}
	return err;
}

static rg_err take_message(struct law *law, const struct law_record *record, struct rg_bytes body,
	struct findings *findings)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	struct scan_answer answer = {.is_ok = false};
	ProtobufCMessage *header = NULL;
	rg_err err = arena
		? scan_unpack(&rivergate__v1__header__descriptor, body, arena, &answer, &header)
		: RG_E_NOMEM;

	/* One that is not canonical changes nothing; that it is not, examine() tells. */
	return err || !header
		? err
		: change_law(law, record, (const Rivergate__V1__Header *)header, findings);
}

static rg_err take(struct law *law, const struct law_record *record, struct findings *findings)
{
	struct record leaf;

	if (!record_read(record->leaf, &leaf)) {
		return RG_OK;
	}
	if (record->index == 0 && leaf.type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_ORIGIN) {
		return take_origin(law, &leaf, findings);
	}
	return leaf.type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE && !law->is_fixed
		? take_message(law, record, leaf.body, findings)
		: RG_OK;
}

rg_err law_take(struct law *law, const struct law_record *record, struct store *store,
	struct findings *findings)
{
	rg_err err = take(law, record, findings);

	return err ? err : keep(store, record);
}

struct restoring {
	struct law *law;
	uint64_t size;
	struct findings findings; /* told by the earlier run already */
	rg_err err;
};

static bool restore_row(void *context, const struct store_row *row)
{
	struct restoring *restoring = context;
	struct cursor key = cursor_of(row->key);
	struct cursor value = cursor_of(row->value);
	struct law_record record = {.index = cursor_u64(&key)};

	if (record.index >= restoring->size) {
		return false;
	}
	record.leaf = cursor_bytes(&value, cursor_u32(&value));
	record.parts = cursor_bytes(&value, value.left);
	restoring->err = key.is_bad || value.is_bad
		? RG_E_FORMAT
		: take(restoring->law, &record, &restoring->findings);
	return !restoring->err;
}

rg_err law_restore(struct law *law, uint64_t size, struct store *store)
{
	struct restoring restoring = {.law = law, .size = size};
	rg_err err = store_walk(store, STORE_GOVERNANCE, restore_row, &restoring);

	findings_deinit(&restoring.findings);
	return err ? err : restoring.err;
}
