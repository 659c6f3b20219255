/*
 * Evidence as an object: see evidence.h
 *
 * Threads: any; nothing is shared.
 */

#include "audit/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "wire/scan.h"

#define ARENA_MAX ((size_t)256 << 20)

rg_err evidence_init(struct evidence *evidence)
{
	*evidence = (struct evidence){.arena = arena_new(ARENA_MAX)};
	return evidence->arena ? RG_OK : RG_E_NOMEM;
}

static void record_deinit(struct evidence_record *record)
{
	for (size_t i = 0; i < record->n_parts; i++) {
		buf_deinit(&record->parts[i]);
	}
	free(record->parts);
	buf_deinit(&record->leaf);
}

void evidence_deinit(struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->n_records; i++) {
		record_deinit(&evidence->records[i]);
	}
	for (size_t i = 0; i < evidence->n_derived; i++) {
		buf_deinit(&evidence->derived[i].header);
	}
	for (size_t i = 0; i < evidence->n_certificates; i++) {
		buf_deinit(&evidence->certificates[i].der);
	}
	free(evidence->records);
	free(evidence->derived);
	free(evidence->certificates);
	buf_deinit(&evidence->note);
	buf_deinit(&evidence->stamp.token);
	buf_deinit(&evidence->stamp.note);
	arena_free(evidence->arena);
	*evidence = (struct evidence){.arena = NULL};
}

struct reading {
	struct evidence *evidence;
	struct evidence_record *record;
	struct bundle_answer *answer;
};

/* Unpacks a canonical message; NULL and an answer when it is none. */
static rg_err unpack(const struct reading *it, const ProtobufCMessageDescriptor *desc,
	struct rg_bytes bytes, ProtobufCMessage **ret_msg)
{
	struct scan_answer scan = {.is_ok = false};
	rg_err err = scan_unpack(desc, bytes, it->evidence->arena, &scan, ret_msg);

	if (!err && !*ret_msg) {
		bundle_refuse(it->answer, "", "record %llu: its %s is not canonical (%s: %s)",
			(unsigned long long)it->record->index, desc->short_name, scan.path,
			scan.rule);
	}
	return err;
}

static rg_err read_message(const struct reading *it)
{
	struct evidence_record *record = it->record;
	ProtobufCMessage *header = NULL;
	ProtobufCMessage *signature = NULL;
	rg_err err = unpack(it, &rivergate__v1__header__descriptor, record->record.body, &header);

	if (!err && header) {
		err = unpack(it, &rivergate__v1__signature__descriptor, record->record.signature,
			&signature);
	}
	if (err || !signature) {
		return err;
	}
	record->header = (const Rivergate__V1__Header *)header;
	record->signature = (const Rivergate__V1__Signature *)signature;
	record->parts = calloc(record->header->n_parts + 1, sizeof(*record->parts));
	if (!record->parts) {
		return RG_E_NOMEM;
	}
	record->n_parts = record->header->n_parts;
	return merkle_hash_of(record->record.body, (struct rg_bytes){.data = NULL},
		&record->header_hash);
}

static rg_err read_leaf(const struct reading *it)
{
	struct evidence_record *record = it->record;
	ProtobufCMessage *meta = NULL;

	if (!record_read(buf_view(&record->leaf), &record->record)) {
		bundle_refuse(it->answer, "", "record %llu: not a leaf",
			(unsigned long long)record->index);
		return RG_OK;
	}
	rg_err err = unpack(it, &rivergate__v1__meta__descriptor, record->record.meta, &meta);

	record->meta = (const Rivergate__V1__Meta *)meta;
	if (err || !meta ||
		record->record.type != RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE) {
		return err;
	}
	return read_message(it);
}

static rg_err add_room(struct evidence *evidence)
{
	size_t n = evidence->n_records;

	if (n == EVIDENCE_RECORDS_MAX) {
		return RG_E_OVERFLOW;
	}
	if (n & (n - 1)) {
		return RG_OK; /* room is the next power of two */
	}
	struct evidence_record *records =
		realloc(evidence->records, (n ? 2 * n : 1) * sizeof(*records));

	if (!records) {
		return RG_E_NOMEM;
	}
	evidence->records = records;
	return RG_OK;
}

rg_err evidence_add(struct evidence *evidence, const struct evidence_piece *piece,
	struct evidence_record **ret_record, struct bundle_answer *ret_answer)
{
	size_t n = evidence->n_records;
	rg_err err = add_room(evidence);

	*ret_record = NULL;
	if (err == RG_E_OVERFLOW || (n && evidence->records[n - 1].index >= piece->index)) {
		bundle_refuse(ret_answer, "", "record %llu: out of order, or more than %u records",
			(unsigned long long)piece->index, EVIDENCE_RECORDS_MAX);
		return RG_OK;
	}
	if (err) {
		return err;
	}
	struct evidence_record *record = &evidence->records[n];
	const struct reading it = {evidence, record, ret_answer};

	*record = (struct evidence_record){.index = piece->index, .role = piece->role};
	evidence->n_records++;
	buf_add_bytes(&record->leaf, piece->leaf);
	err = buf_error(&record->leaf);
	if (!err) {
		err = read_leaf(&it);
	}
	if (!err && ret_answer->is_ok) {
		*ret_record = record;
	}
	return err;
}

rg_err evidence_add_derived(struct evidence *evidence, uint64_t cause, uint32_t ordinal,
	struct evidence_derived **ret_derived)
{
	size_t n = evidence->n_derived + 1;
	struct evidence_derived *derived =
		realloc(evidence->derived, n * sizeof(*evidence->derived));

	if (!derived) {
		return RG_E_NOMEM;
	}
	evidence->derived = derived;
	derived[n - 1] = (struct evidence_derived){.cause = cause, .ordinal = ordinal};
	evidence->n_derived = n;
	*ret_derived = &derived[n - 1];
	return RG_OK;
}

static int compare_with_index(const void *index, const void *record)
{
	uint64_t a = *(const uint64_t *)index;
	uint64_t b = ((const struct evidence_record *)record)->index;

	return a < b ? -1 : a > b;
}

struct evidence_record *evidence_at(const struct evidence *evidence, uint64_t index)
{
	return evidence->n_records == 0 ? NULL
					: bsearch(&index, evidence->records, evidence->n_records,
						  sizeof(evidence->records[0]), compare_with_index);
}

bool evidence_is_witnessed(const struct evidence *evidence)
{
	return evidence->roster.quorum > 0 && evidence->n_cosigned >= evidence->roster.quorum;
}
