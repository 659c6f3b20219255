/*
 * The pass over a log: see prove_scan.h
 *
 * Whatever refers to a record comes after it, and whatever governs it comes before: so one
 * pass finds the former, and the latter are remembered until something needs them.
 * Threads: one.
 */

#include "audit/prove_scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "registry/admission.h"
#include "registry/change.h"
#include "registry/header.h"
#include "wire/scan.h"

#define ARENA_MAX     ((size_t)32 << 20)
#define ID_LEN        16
#define UUID_LEN      36
#define PROGRESS_STEP 1024

void prove_scan_deinit(struct prove_scan *scan)
{
	for (size_t i = 0; i < scan->n_watches; i++) {
		buf_deinit(&scan->watches[i].expiry);
	}
	free(scan->watches);
	free(scan->governing);
	free(scan->choices);
	trust_unref(scan->trust);
	arena_free(scan->arena);
	segments_close(scan->journal);
	published_close(scan->log);
	*scan = (struct prove_scan){.log = NULL};
}

/* 32 hex digits, or a UUID. */
static bool read_id(const char *key, uint8_t ret_id[ID_LEN])
{
	char digits[2 * ID_LEN + 1];
	size_t n = 0;
	size_t len = strlen(key);
	bool is_uuid = len == UUID_LEN;

	for (size_t i = 0; i < len; i++) {
		bool is_dash = is_uuid && (i == 8 || i == 13 || i == 18 || i == 23);

		if (n == sizeof(digits) - 1 || (is_dash && key[i] != '-')) {
			return false;
		}
		if (!is_dash) {
			digits[n++] = key[i];
		}
	}
	digits[n] = '\0';
	return text_unhex(digits, ret_id, ID_LEN);
}

static struct rg_bytes view(ProtobufCBinaryData data)
{
	return bytes_of(data.data, data.len);
}

/* Grows a list by one, zeroed. */
static rg_err grow(void **list, size_t *n, size_t size)
{
	if ((*n & (*n - 1)) == 0) {
		void *grown = realloc(*list, (*n ? 2 * *n : 1) * size);

		if (!grown) {
			return RG_E_NOMEM;
		}
		*list = grown;
	}
	memset((uint8_t *)*list + *n * size, 0, size);
	(*n)++;
	return RG_OK;
}

static rg_err unpack(struct prove_scan *scan, const ProtobufCMessageDescriptor *desc,
	struct rg_bytes bytes, ProtobufCMessage **ret_msg)
{
	struct scan_answer answer = {.is_ok = false};
	rg_err err = scan_unpack(desc, bytes, scan->arena, &answer, ret_msg);

	if (!err && !*ret_msg) {
		bundle_refuse(scan->answer, "",
			"the log holds a %s that is not canonical (%s): "
			"see `rivergate audit verify`",
			desc->short_name, answer.rule);
	}
	return err;
}

rg_err prove_scan_journal(const char *dir, struct segments **ret_journal)
{
	scoped(freep) char *path = file_join(dir, "journal");

	return path ? segments_open(path, ret_journal) : RG_E_NOMEM;
}

rg_err prove_scan_parts(struct segments *journal, uint64_t index, struct rg_bytes leaf,
	struct rg_bytes *ret_parts)
{
	struct segments_found found;
	rg_err err = segments_read(journal, index, &found);

	if (err) {
		return err;
	}
	*ret_parts = found.state == SEGMENTS_WHOLE && bytes_equal(found.leaf, leaf)
		? found.parts
		: bytes_of("", 0);
	return RG_OK;
}

/* --- Choices -------------------------------------------------------------------------------- */

static rg_err choose(struct prove_scan *scan, uint64_t index, enum evidence_role role)
{
	void *list = scan->choices;
	rg_err err = grow(&list, &scan->n_choices, sizeof(*scan->choices));

	scan->choices = list;
	if (!err) {
		scan->choices[scan->n_choices - 1].index = index;
		scan->choices[scan->n_choices - 1].role = role;
	}
	return err;
}

static bool is_asked_for(const struct prove_scan *scan, const Rivergate__V1__Header *header)
{
	return (header->ucr[0] && strcmp(header->ucr, scan->question->key) == 0) ||
		(scan->is_id && bytes_equal(view(header->id), bytes_of(scan->id, ID_LEN)));
}

/* As a bundle is judged: who states only half of a name refers to nothing. */
static bool is_of_choice(const struct prove_scan *scan, const Rivergate__V1__Ref *ref)
{
	for (size_t i = 0; i < scan->n_choices; i++) {
		const struct prove_choice *choice = &scan->choices[i];

		if (choice->role != EVIDENCE_GOVERNS &&
			bytes_equal(view(ref->header_hash),
				bytes_of(choice->header_hash.bytes, MERKLE_HASH_LEN)) &&
			bytes_equal(view(ref->id), bytes_of(choice->id, ID_LEN)) &&
			strcmp(ref->from, choice->from) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_related(const struct prove_scan *scan, const Rivergate__V1__Header *header)
{
	bool is_related = false;

	for (size_t i = 0; !is_related && i < header->n_refs; i++) {
		is_related = is_of_choice(scan, header->refs[i]);
	}
	return is_related;
}

static rg_err choose_needs(struct prove_scan *scan, const struct evidence_needs *needs)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < needs->n_indexes; i++) {
		if (needs->indexes[i] != 0) {
			err = choose(scan, needs->indexes[i], EVIDENCE_GOVERNS);
		}
	}
	return err;
}

/* --- Deliveries ----------------------------------------------------------------------------- */

static rg_err watch_one(struct prove_scan *scan, const struct evidence_record *record,
	const struct admission_route *route, uint32_t ordinal)
{
	const struct evidence_expiry expiry = {&scan->lineage, scan->router, scan->trust, record,
		ordinal};
	void *list = scan->watches;
	bool is_due = false;
	rg_err err = grow(&list, &scan->n_watches, sizeof(*scan->watches));

	scan->watches = list;
	if (err) {
		return err;
	}
	struct prove_watch *watch = &scan->watches[scan->n_watches - 1];

	watch->index = record->index;
	watch->ordinal = ordinal;
	watch->expires_us = admission_expiry_of(scan->trust, record->header, record->meta->time_us);
	(void)snprintf(watch->to, sizeof(watch->to), "%s",
		route->recipients[ordinal].party->address);
	err = evidence_expiry_header(&expiry, &watch->expiry, &is_due);
	watch->state = is_due ? PROVE_WAITS : PROVE_ENDED;
	if (is_due && watch->expires_us < scan->next_expiry_us) {
		scan->next_expiry_us = watch->expires_us;
	}
	return err;
}

static rg_err watch_all(struct prove_scan *scan, const struct evidence_record *record)
{
	struct admission_route route = {.n_recipients = 0};
	rg_err err = RG_OK;

	if (scan->trust) {
		route = admission_route_of(scan->trust, record->header, record->meta->time_us);
	}
	for (uint32_t i = 0; !err && i < route.n_recipients; i++) {
		err = watch_one(scan, record, &route, i);
	}
	return err;
}

static void end_delivery(struct prove_scan *scan, const Rivergate__V1__DeliveryRef *ref)
{
	for (size_t i = 0; i < scan->n_watches; i++) {
		struct prove_watch *watch = &scan->watches[i];

		if (watch->state == PROVE_WAITS && watch->index == ref->index &&
			ref->derived_id.len == 0 && strcmp(watch->to, ref->to) == 0) {
			watch->state = PROVE_ENDED;
		}
	}
}

static rg_err on_progress(struct prove_scan *scan, struct rg_bytes body)
{
	ProtobufCMessage *msg = NULL;
	rg_err err = scan->n_watches
		? unpack(scan, &rivergate__v1__progress__descriptor, body, &msg)
		: RG_OK;
	const Rivergate__V1__Progress *progress = (const Rivergate__V1__Progress *)msg;

	if (err || !progress) {
		return err;
	}
	for (size_t i = 0; i < progress->n_settled; i++) {
		end_delivery(scan, progress->settled[i]);
	}
	for (size_t i = 0; i < progress->n_set_aside; i++) {
		if (progress->set_aside[i]->delivery) {
			end_delivery(scan, progress->set_aside[i]->delivery);
		}
	}
	return RG_OK;
}

static void expire(struct prove_scan *scan, int64_t time_us)
{
	if (time_us < scan->next_expiry_us) {
		return;
	}
	scan->next_expiry_us = INT64_MAX;
	for (size_t i = 0; i < scan->n_watches; i++) {
		struct prove_watch *watch = &scan->watches[i];

		if (watch->state == PROVE_WAITS && watch->expires_us <= time_us) {
			watch->state = PROVE_EXPIRED;
		} else if (watch->state == PROVE_WAITS &&
			watch->expires_us < scan->next_expiry_us) {
			scan->next_expiry_us = watch->expires_us;
		}
	}
}

/* --- Governance ----------------------------------------------------------------------------- */

/* What lies before the length word of the only part, and its end, is all there is. */
static struct rg_bytes only_part(struct rg_bytes parts)
{
	struct cursor cursor = cursor_of(parts);

	return cursor_bytes(&cursor, cursor_u32(&cursor));
}

static rg_err on_governance(struct prove_scan *scan, const struct evidence_record *record,
	struct rg_bytes leaf)
{
	scoped(trust_unrefp) struct trust *next = NULL;
	struct governance_answer answer = {.is_ok = false};
	void *list = scan->governing;
	struct rg_bytes parts;
	rg_err err = grow(&list, &scan->n_governing, sizeof(*scan->governing));

	scan->governing = list;
	if (!err) {
		struct prove_governing *governing = &scan->governing[scan->n_governing - 1];

		governing->index = record->index;
		evidence_needs_of(scan->trust, record, &governing->needs);
		err = prove_scan_parts(scan->journal, record->index, leaf, &parts);
	}
	if (err) {
		return err;
	}
	const struct change change = {.trust = scan->trust,
		.pin = scan->pin,
		.index = record->index,
		.header = record->header,
		.part = only_part(parts)};

	if (change.part.len == 0) {
		bundle_refuse(scan->answer, "",
			"record %llu: the content of this governance message is not here: name a "
			"log directory with its journal",
			(unsigned long long)record->index);
		return RG_OK;
	}
	err = change_apply(&change, &next, &answer);
	if (!err && !next) {
		bundle_refuse(scan->answer, "", "record %llu: %s: %s",
			(unsigned long long)record->index, answer.path, answer.text);
	}
	if (!err && next) {
		trust_unref(scan->trust);
		scan->trust = steal(next);
	}
	return err;
}

/* All registries, and by and by whatever the chosen governing records need themselves. */
static rg_err choose_governing(struct prove_scan *scan)
{
	rg_err err = choose(scan, 0, EVIDENCE_GOVERNS);

	for (size_t i = scan->n_governing; !err && i > 0; i--) {
		const struct prove_governing *governing = &scan->governing[i - 1];
		bool is_chosen = false;

		for (size_t j = 0; j < scan->n_choices && !is_chosen; j++) {
			is_chosen = scan->choices[j].index == governing->index;
		}
		if (is_chosen) {
			err = choose_needs(scan, &governing->needs);
		}
	}
	return err;
}

static int compare_choices(const void *a, const void *b)
{
	const struct prove_choice *x = a;
	const struct prove_choice *y = b;

	if (x->index != y->index) {
		return x->index < y->index ? -1 : 1;
	}
	return (int)y->role - (int)x->role; /* what was asked for before what governs */
}

static void sort_choices(struct prove_scan *scan)
{
	size_t n = 0;

	qsort(scan->choices, scan->n_choices, sizeof(*scan->choices), compare_choices);
	for (size_t i = 0; i < scan->n_choices; i++) {
		if (n == 0 || scan->choices[n - 1].index != scan->choices[i].index) {
			scan->choices[n++] = scan->choices[i];
		}
	}
	scan->n_choices = n;
}

/* --- Records -------------------------------------------------------------------------------- */

static void name_choice(struct prove_choice *choice, const struct evidence_record *record)
{
	const Rivergate__V1__Header *header = record->header;

	choice->header_hash = record->header_hash;
	(void)snprintf(choice->from, sizeof(choice->from), "%s", header->from);
	if (header->id.len == sizeof(choice->id)) {
		memcpy(choice->id, header->id.data, sizeof(choice->id));
	}
}

static rg_err on_chosen(struct prove_scan *scan, const struct evidence_record *record)
{
	struct evidence_needs needs;

	if (scan->n_choices >= 8 * (size_t)EVIDENCE_RECORDS_MAX) {
		bundle_refuse(scan->answer, "", "too much has this key: ask for a message id");
		return RG_OK;
	}
	evidence_needs_of(scan->trust, record, &needs);
	rg_err err = choose(scan, record->index, record->role);

	if (!err) {
		name_choice(&scan->choices[scan->n_choices - 1], record);
		err = choose_needs(scan, &needs);
	}
	return err ? err : watch_all(scan, record);
}

static rg_err on_message(struct prove_scan *scan, struct evidence_record *record,
	struct rg_bytes leaf)
{
	ProtobufCMessage *header = NULL;
	rg_err err = unpack(scan, &rivergate__v1__header__descriptor, record->record.body, &header);

	record->header = (const Rivergate__V1__Header *)header;
	if (err || !header) {
		return err;
	}
	bool is_asked = is_asked_for(scan, record->header);

	if (is_asked || is_related(scan, record->header)) {
		scan->is_found = scan->is_found || is_asked;
		record->role = is_asked ? EVIDENCE_MESSAGE : EVIDENCE_RELATED;
		err = merkle_hash_of(record->record.body, (struct rg_bytes){.data = NULL},
			&record->header_hash);
		err = err ? err : on_chosen(scan, record);
	}
	if (!err && scan->answer->is_ok && header_is_governance(record->header->kind)) {
		if (record->header->kind == RIVERGATE__V1__KIND__KIND_REGISTRY && !is_asked) {
			err = choose(scan, record->index, EVIDENCE_GOVERNS);
		}
		err = err ? err : on_governance(scan, record, leaf);
	}
	return err;
}

static rg_err on_origin(struct prove_scan *scan, struct rg_bytes body)
{
	ProtobufCMessage *msg = NULL;
	rg_err err = unpack(scan, &rivergate__v1__origin__descriptor, body, &msg);
	const Rivergate__V1__Origin *origin = (const Rivergate__V1__Origin *)msg;

	if (err || !origin) {
		return err;
	}
	if (origin->genesis_hash.len != sizeof(scan->pin)) {
		bundle_refuse(scan->answer, "", "record 0 does not pin the genesis registry");
		return RG_OK;
	}
	memcpy(scan->pin, origin->genesis_hash.data, sizeof(scan->pin));
	derived_lineage_of(origin, &scan->lineage);
	(void)snprintf(scan->router, sizeof(scan->router), "%s", origin->router);
	return RG_OK;
}

static rg_err on_leaf(struct prove_scan *scan, uint64_t index, struct rg_bytes leaf)
{
	struct evidence_record record = {.index = index};
	ProtobufCMessage *meta = NULL;
	rg_err err = RG_OK;

	arena_reset(scan->arena);
	if (!record_read(leaf, &record.record)) {
		bundle_refuse(scan->answer, "", "record %llu: not a leaf",
			(unsigned long long)index);
		return RG_OK;
	}
	err = unpack(scan, &rivergate__v1__meta__descriptor, record.record.meta, &meta);
	record.meta = (const Rivergate__V1__Meta *)meta;
	if (err || !meta) {
		return err;
	}
	if (record.record.type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE) {
		err = on_message(scan, &record, leaf);
	} else if (record.record.type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_PROGRESS) {
		err = on_progress(scan, record.record.body);
	} else if (record.record.type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_ORIGIN) {
		err = on_origin(scan, record.record.body);
	}
	expire(scan, record.meta->time_us);
	return err;
}

static rg_err go_through(struct prove_scan *scan)
{
	const struct prove_question *question = scan->question;
	uint64_t size = published_checkpoint(scan->log)->size;
	rg_err err = RG_OK;

	for (uint64_t i = 0; !err && scan->answer->is_ok && i < size; i++) {
		struct published_finding finding;
		struct rg_bytes leaf;

		err = published_entry(scan->log, i, &leaf, &finding);
		if (!err && finding.state == PUBLISHED_GOOD) {
			err = on_leaf(scan, i, leaf);
		} else if (!err && finding.state != PUBLISHED_ABSENT) {
			bundle_refuse(scan->answer, "", "record %llu: %s: %s",
				(unsigned long long)i, finding.file, finding.what);
		}
		if (question->progress && (i % PROGRESS_STEP == 0 || i + 1 == size)) {
			question->progress(question->context, i + 1, size);
		}
	}
	return err;
}

static rg_err open_log(struct prove_scan *scan)
{
	struct published_finding finding;
	rg_err err = published_open(scan->question->dir, NULL, &scan->log, &finding);

	if (!err && !scan->log) {
		bundle_refuse(scan->answer, "", "%s: %s", finding.file, finding.what);
		return RG_OK;
	}
	if (!err && published_party(scan->log)) {
		bundle_refuse(scan->answer, "",
			"a party's view holds no registry and no directories: prove from the whole "
			"log");
		return RG_OK;
	}
	return err ? err : prove_scan_journal(scan->question->dir, &scan->journal);
}

rg_err prove_scan(const struct prove_question *question, struct prove_scan *ret_scan,
	struct bundle_answer *answer)
{
	struct prove_scan *scan = ret_scan;

	scan->question = question;
	scan->answer = answer;
	scan->next_expiry_us = INT64_MAX;
	scan->is_id = read_id(question->key, scan->id);
	scan->arena = arena_new(ARENA_MAX);
	rg_err err = scan->arena ? open_log(scan) : RG_E_NOMEM;

	if (!err && answer->is_ok) {
		err = go_through(scan);
	}
	if (!err && answer->is_ok && !scan->trust) {
		bundle_refuse(answer, "", "the log holds no registry");
	}
	if (!err && answer->is_ok && scan->is_found) {
		err = choose_governing(scan);
	}
	if (!err && answer->is_ok && scan->is_found) {
		sort_choices(scan);
	}
	return err;
}
