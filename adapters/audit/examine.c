/*
 * One record under the law of its time: see examine.h.
 *
 * Method: read what there is to read, then a table of judgements about a message. Each
 * judgement adds its own finding, so that a record with two faults is told with both.
 * Threads: as examine.h says.
 */
#include "audit/examine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/merkle.h"
#include "evidence/record.h"
#include "registry/header.h"
#include "sign/signature.h"
#include "wire/scan.h"

#define CACHE_ROOTS 4096
#define ARENA_MAX   ((size_t)8 << 20)
#define SALT_LEN    32
#define PARTS_MAX   64
#define MARKS_MAX   2
#define SENDER_MAX  100

struct examiner {
	struct signature_cache *cache;
	struct arena *arena;         /* of the record at hand */
	char sender[SENDER_MAX + 1]; /* of the last message: the next one is mostly his, too … */
	struct merkle_hash sender_hash; /* … and its hash; "": none yet */
};

struct examine_case {
	struct examiner *examiner;
	const struct examine_record *in;
	struct examined *out;
	struct findings *findings;
	struct record record;
	const Rivergate__V1__Meta *meta;
	const Rivergate__V1__Header *header;
	const Rivergate__V1__Signature *signature;
	bool is_own; /* the router's own governance message */
	struct admission_answer admission;
};

rg_err examiner_new(struct examiner **ret_examiner)
{
	scoped(examiner_freep) struct examiner *examiner = calloc(1, sizeof(*examiner));

	if (!examiner) {
		return RG_E_NOMEM;
	}
	examiner->cache = signature_cache_new(CACHE_ROOTS);
	examiner->arena = arena_new(ARENA_MAX);
	if (!examiner->cache || !examiner->arena) {
		return RG_E_NOMEM;
	}
	*ret_examiner = steal(examiner);
	return RG_OK;
}

void examiner_free(struct examiner *examiner)
{
	if (!examiner) {
		return;
	}
	signature_cache_free(examiner->cache);
	arena_free(examiner->arena);
	free(examiner);
}

/* --- Reading --------------------------------------------------------------------------------- */

static rg_err read_into(struct arena *arena, const struct examine_case *it,
	const ProtobufCMessageDescriptor *descriptor, struct rg_bytes bytes, enum finding_rule rule,
	ProtobufCMessage **ret_message)
{
	struct scan_answer answer = {.is_ok = false};
	rg_err err = scan_unpack(descriptor, bytes, arena, &answer, ret_message);

	if (!err && !answer.is_ok) {
		findings_add(it->findings, rule, it->in->index, "%s%s%.80s: %s",
			descriptor->short_name, answer.path[0] ? "." : "", answer.path,
			answer.rule);
	}
	return err;
}

static rg_err read_as(const struct examine_case *it, const ProtobufCMessageDescriptor *descriptor,
	struct rg_bytes bytes, enum finding_rule rule, ProtobufCMessage **ret_message)
{
	return read_into(it->examiner->arena, it, descriptor, bytes, rule, ret_message);
}

/* Where it may be read later, if there is room; else for this examination alone. */
static rg_err read_header(struct examine_case *it)
{
	const ProtobufCMessageDescriptor *descriptor = &rivergate__v1__header__descriptor;
	ProtobufCMessage *header = NULL;
	rg_err err = RG_E_NOMEM;

	if (it->in->headers) {
		err = read_into(it->in->headers, it, descriptor, it->record.body, FINDING_HEADER,
			&header);
		it->out->header = (const Rivergate__V1__Header *)header;
	}
	if (err == RG_E_NOMEM) {
		err = read_as(it, descriptor, it->record.body, FINDING_HEADER, &header);
	}
	it->header = (const Rivergate__V1__Header *)header;
	return err;
}

static const ProtobufCMessageDescriptor *body_descriptor(Rivergate__V1__RecordType type)
{
	static const struct {
		Rivergate__V1__RecordType type;
		const ProtobufCMessageDescriptor *descriptor;
	} rows[] = {
		{RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_TICK, &rivergate__v1__tick__descriptor},
		{RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_PROGRESS,
			&rivergate__v1__progress__descriptor},
		{RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_ORIGIN,
			&rivergate__v1__origin__descriptor},
		{RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_ADMIN, &rivergate__v1__admin__descriptor},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].type == type) {
			return rows[i].descriptor;
		}
	}
	return NULL;
}

static rg_err read_signature(struct examine_case *it)
{
	ProtobufCMessage *message = NULL;
	rg_err err = read_as(it, &rivergate__v1__signature__descriptor, it->record.signature,
		FINDING_SIGNATURE, &message);

	it->signature = (const Rivergate__V1__Signature *)message;
	return err;
}

static rg_err read_record(struct examine_case *it)
{
	ProtobufCMessage *meta = NULL;
	ProtobufCMessage *body = NULL;
	bool is_message = it->record.type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE;
	rg_err err =
		read_as(it, &rivergate__v1__meta__descriptor, it->record.meta, FINDING_LEAF, &meta);

	it->meta = (const Rivergate__V1__Meta *)meta;
	if (!err && is_message) {
		err = read_header(it);
	} else if (!err) {
		err = read_as(it, body_descriptor(it->record.type), it->record.body, FINDING_LEAF,
			&body);
	}
	if (!err && is_message) {
		err = read_signature(it);
	}
	if (!err && it->meta && (body || it->header)) {
		it->out->type = it->record.type;
		it->out->time_us = it->meta->time_us;
	}
	return err;
}

/* --- Judgements about every record ----------------------------------------------------------- */

static const char *cc_of(const char *address, char cc[3])
{
	bool has_cc = strnlen(address, 3) == 3 && address[2] == '.';

	memcpy(cc, has_cc ? address : "\0\0", 2);
	cc[2] = '\0';
	return cc;
}

static void compare_index(const struct examine_case *it, const char *name, uint64_t stated,
	uint64_t in_force)
{
	if (stated != in_force) {
		findings_add(it->findings, FINDING_META, it->in->index,
			"meta names %s of record %llu; in force was that of record %llu", name,
			(unsigned long long)stated, (unsigned long long)in_force);
	}
}

static void judge_meta(const struct examine_case *it)
{
	const struct trust *trust = it->in->trust;
	bool has_member = trust && it->header;
	char cc[3];
	const char *member = has_member ? cc_of(it->header->from, cc) : "";

	if (!it->in->is_trust_known || it->in->is_trust_fixed) {
		return;
	}
	compare_index(it, "the registry", it->meta->registry_index,
		trust ? trust_registry_index(trust) : 0);
	compare_index(it, "the directory", it->meta->directory_index,
		has_member ? trust_directory_index(trust, member) : 0);
	compare_index(it, "the revocation list", it->meta->crl_index,
		has_member ? trust_crl_index(trust, member) : 0);
}

static bool has_marks(const Rivergate__V1__Meta *meta, const Rivergate__V1__Mark *marks, size_t n)
{
	if (meta->n_marks != n) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (meta->marks[i] != marks[i]) {
			return false;
		}
	}
	return true;
}

static void judge_marks(const struct examine_case *it)
{
	const struct admission_answer *answer = &it->admission;
	Rivergate__V1__Mark marks[MARKS_MAX];
	size_t n = 0;

	if (answer->is_crl_stale) {
		marks[n++] = RIVERGATE__V1__MARK__MARK_CRL_STALE;
	}
	if (answer->is_late) {
		marks[n++] = RIVERGATE__V1__MARK__MARK_LATE;
	}
	if (!has_marks(it->meta, marks, n)) {
		findings_add(it->findings, FINDING_MARK, it->in->index,
			"meta has %zu marks; admission leads to %s%s%s", it->meta->n_marks,
			n == 0 ? "none" : "", answer->is_crl_stale ? "CRL_STALE " : "",
			answer->is_late ? "LATE" : "");
	}
}

/* --- Judgements about a message -------------------------------------------------------------- */

static rg_err judge_header(struct examine_case *it)
{
	const Rivergate__V1__Header *header = it->header;
	struct header_answer answer;

	if (it->is_own) {
		if (!header_is_governance(header->kind)) {
			findings_add(it->findings, FINDING_SENDER, it->in->index,
				"the router sends governance kinds only");
		}
		return RG_OK;
	}
	if (!header_check(header, &answer)) {
		findings_add(it->findings, FINDING_HEADER, it->in->index, "%s: %s", answer.field,
			answer.rule);
	}
	return RG_OK;
}

/* The key that has to have signed; NULL: none in force. */
static const struct key *signer_key(const struct examine_case *it)
{
	const struct trust *trust = it->in->trust ? it->in->trust : it->in->trust_after;

	if (!trust) {
		return NULL;
	}
	if (it->is_own) {
		return trust_router_key(trust, it->header->from);
	}
	const struct trust_signer *signer = trust_signer_of(trust, it->signature->key_id);

	return signer ? signer->key : NULL;
}

static rg_err judge_signature(struct examine_case *it)
{
	const struct key *key = it->signature ? signer_key(it) : NULL;
	const char *rule = NULL;

	if (!it->signature || !it->in->is_trust_known || !key) {
		return RG_OK; /* said already, or by admission, which finds no such key either */
	}
	rg_err err =
		signature_verify(key, it->record.body, it->signature, it->examiner->cache, &rule);

	if (!err && !rule && it->is_own && strcmp(it->signature->key_id, key_id(key)) != 0) {
		rule = "key_id is not that of the router's key";
	}
	if (!err && rule) {
		findings_add(it->findings, FINDING_SIGNATURE, it->in->index, "%s", rule);
	}
	return err;
}

static enum finding_rule rule_of(Rivergate__V1__Verdict verdict)
{
	static const struct {
		Rivergate__V1__Verdict verdict;
		enum finding_rule rule;
	} rows[] = {
		{RIVERGATE__V1__VERDICT__VERDICT_CERTIFICATE, FINDING_CERTIFICATE},
		{RIVERGATE__V1__VERDICT__VERDICT_REVOKED, FINDING_REVOKED},
		{RIVERGATE__V1__VERDICT__VERDICT_SENDER, FINDING_SENDER},
		{RIVERGATE__V1__VERDICT__VERDICT_ROUTE, FINDING_ROUTE},
		{RIVERGATE__V1__VERDICT__VERDICT_CHANNEL, FINDING_CHANNEL},
		{RIVERGATE__V1__VERDICT__VERDICT_TIME, FINDING_TIME},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].verdict == verdict) {
			return rows[i].rule;
		}
	}
	return FINDING_HEADER;
}

static void note_route(const struct examine_case *it, const struct admission_route *route)
{
	struct examined *out = it->out;
	const struct trust *trust = it->in->trust;

	for (size_t i = 0; i < route->n_recipients; i++) {
		out->recipients[out->n_recipients++] = route->recipients[i].party;
	}
	out->sender = trust_route(trust, it->header->from);
	out->expires_us = admission_expiry_of(trust, it->header, it->meta->time_us);
}

static rg_err judge_admission(struct examine_case *it)
{
	const struct trust *trust = it->in->trust;

	if (it->is_own) {
		judge_marks(it); /* nobody asked admission: it has none */
		return RG_OK;
	}
	it->out->is_unrouted = !it->in->is_trust_known || !it->signature || !trust;
	if (!it->in->is_trust_known || !it->signature) {
		return RG_OK;
	}
	if (!trust) {
		findings_add(it->findings, FINDING_CERTIFICATE, it->in->index,
			"no registry was in force when the message was admitted");
		return RG_OK;
	}
	const struct admission_question question = {.trust = trust,
		.header = it->header,
		.key_id = it->signature->key_id,
		.time_us = it->meta->time_us};

	admission_judge(&question, &it->admission);
	if (it->admission.verdict != RIVERGATE__V1__VERDICT__VERDICT_ADMITTED) {
		findings_add(it->findings, rule_of(it->admission.verdict), it->in->index, "%s: %s",
			it->admission.field, it->admission.rule);
		it->admission.route = admission_route_of(trust, it->header, it->meta->time_us);
	} else {
		judge_marks(it);
	}
	note_route(it, &it->admission.route);
	return RG_OK;
}

bool examine_parts(struct rg_bytes section, struct rg_bytes ret_parts[PARTS_MAX],
	size_t *ret_n_parts)
{
	struct cursor cursor = cursor_of(section);
	size_t n = 0;

	while (cursor.left > 0 && !cursor.is_bad && n < PARTS_MAX) {
		uint32_t len = cursor_u32(&cursor);

		ret_parts[n++] = cursor_bytes(&cursor, len);
	}
	*ret_n_parts = n;
	return cursor_is_done(&cursor);
}

rg_err examine_part(const Rivergate__V1__Part *entry, struct rg_bytes part, const char **ret_rule)
{
	uint8_t commitment[32];

	*ret_rule = NULL;
	if (part.len < SALT_LEN || part.len - SALT_LEN != entry->size) {
		*ret_rule = "has another size than its header says";
		return RG_OK;
	}
	struct rg_bytes content = {part.data + SALT_LEN, part.len - SALT_LEN};
	rg_err err = signature_commitment(part.data, content, commitment);

	if (!err &&
		(entry->commitment.len != sizeof(commitment) ||
			memcmp(commitment, entry->commitment.data, sizeof(commitment)) != 0)) {
		*ret_rule = "is not what its header commits to";
	}
	return err;
}

static rg_err judge_content(struct examine_case *it)
{
	struct rg_bytes parts[PARTS_MAX];
	size_t n_parts = 0;
	rg_err err = RG_OK;

	if (it->in->parts.len == 0) {
		return RG_OK;
	}
	if (!examine_parts(it->in->parts, parts, &n_parts) || n_parts != it->header->n_parts) {
		findings_add(it->findings, FINDING_CONTENT, it->in->index,
			"the journal holds %zu parts, or damaged ones; the header describes %zu",
			n_parts, it->header->n_parts);
		return RG_OK;
	}
	for (size_t i = 0; !err && i < n_parts; i++) {
		const char *rule = NULL;

		err = parts[i].len ? examine_part(it->header->parts[i], parts[i], &rule) : RG_OK;
		if (!err && rule) {
			findings_add(it->findings, FINDING_CONTENT, it->in->index,
				"part %zu (%.64s) %s", i, it->header->parts[i]->name, rule);
		}
	}
	return err;
}

static rg_err hash_sender(struct examiner *examiner, const char *from, struct merkle_hash *ret_hash)
{
	const struct rg_bytes text = bytes_of_text(from);
	bool is_last = examiner->sender[0] && strcmp(examiner->sender, from) == 0;
	rg_err err = is_last
		? RG_OK
		: merkle_hash_of(text, (struct rg_bytes){.data = NULL}, &examiner->sender_hash);

	*ret_hash = examiner->sender_hash;
	examiner->sender[0] = '\0';
	if (!err && text.len <= SENDER_MAX) {
		memcpy(examiner->sender, from, text.len + 1);
	}
	return err;
}

static rg_err note_identity(struct examine_case *it)
{
	struct merkle_hash hash;
	const ProtobufCBinaryData *id = &it->header->id;

	if (id->len != 16) {
		return RG_OK;
	}
	rg_err err = hash_sender(it->examiner, it->header->from, &hash);

	if (!err) {
		memcpy(it->out->identity, id->data, 16);
		memcpy(it->out->identity + 16, hash.bytes, EXAMINE_IDENTITY_LEN - 16);
		it->out->has_identity = true;
	}
	return err;
}

static rg_err (*const judgements[])(struct examine_case *it) = {
	judge_header,
	judge_signature,
	judge_admission,
	judge_content,
	note_identity,
};

/*
 * A router hands over governance: this log's own; and in what was copied from the log that
 * this one continues, that of the other one, which the registry names as well.
 */
static bool is_of_router(const struct examine_case *it)
{
	const struct trust *trust = it->in->trust ? it->in->trust : it->in->trust_after;
	const char *from = it->header->from;

	return (it->in->router && strcmp(from, it->in->router) == 0) ||
		(it->in->is_inherited && trust && trust_router_key(trust, from));
}

static rg_err judge_message(struct examine_case *it)
{
	rg_err err = RG_OK;

	it->is_own = is_of_router(it);
	for (size_t i = 0; !err && i < sizeof(judgements) / sizeof(judgements[0]); i++) {
		err = judgements[i](it);
	}
	return err;
}

static void judge_own_record(const struct examine_case *it)
{
	bool is_origin = it->record.type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_ORIGIN;

	if (is_origin != (it->in->index == 0)) {
		findings_add(it->findings, FINDING_ORIGIN, it->in->index,
			is_origin ? "an ORIGIN record stands after record 0"
				  : "record 0 is not the ORIGIN record");
	}
	if (it->meta->n_marks > 0) {
		findings_add(it->findings, FINDING_MARK, it->in->index,
			"a record of the router itself has marks");
	}
}

rg_err examine(struct examiner *examiner, const struct examine_record *record,
	struct examined *ret_examined, struct findings *findings)
{
	struct examine_case it = {.examiner = examiner,
		.in = record,
		.out = ret_examined,
		.findings = findings};

	*ret_examined = (struct examined){.n_recipients = 0};
	arena_reset(examiner->arena);
	if (!record_read(record->leaf, &it.record)) {
		findings_add(findings, FINDING_LEAF, record->index,
			"version, type or lengths of the leaf are not those of a record");
		return RG_OK;
	}
	rg_err err = read_record(&it);

	if (err || ret_examined->type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_UNSPECIFIED) {
		return err;
	}
	if (record->trust) {
		ret_examined->default_life_us = trust_numbers(record->trust)->default_life_us;
	}
	judge_meta(&it);
	if (it.header) {
		err = judge_message(&it);
	}
	if (it.header == NULL || record->index == 0) {
		judge_own_record(&it);
	}
	return err;
}

rg_err examine_content(struct examiner *examiner, const struct examine_record *record,
	struct findings *findings)
{
	struct examined unused = {.n_recipients = 0};
	struct examine_case it = {.examiner = examiner,
		.in = record,
		.out = &unused,
		.findings = findings};
	struct scan_answer answer = {.is_ok = false};
	ProtobufCMessage *header = NULL;

	arena_reset(examiner->arena);
	if (!record_read(record->leaf, &it.record) ||
		it.record.type != RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE) {
		return RG_OK;
	}
	rg_err err = scan_unpack(&rivergate__v1__header__descriptor, it.record.body,
		examiner->arena, &answer, &header);

	it.header = (const Rivergate__V1__Header *)header;
	return err || !header ? err : judge_content(&it);
}

/* --- A look at the kind ---------------------------------------------------------------------- */

static bool read_varint(struct cursor *cursor, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t byte = cursor_u8(cursor);

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*ret_value = value;
			return !cursor->is_bad;
		}
	}
	return false;
}

Rivergate__V1__Kind examine_kind(struct rg_bytes leaf)
{
	struct record record;

	if (!record_read(leaf, &record) ||
		record.type != RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE) {
		return RIVERGATE__V1__KIND__KIND_UNSPECIFIED;
	}
	/* Fields come by number: id, from and to, each with a length, then kind. */
	struct cursor cursor = cursor_of(record.body);

	while (cursor.left > 0) {
		uint8_t tag = cursor_u8(&cursor);
		uint64_t value = 0;

		if (!read_varint(&cursor, &value)) {
			break;
		}
		if (tag == (4 << 3)) {
			return value <= RIVERGATE__V1__KIND__KIND_EXPIRY
				? (Rivergate__V1__Kind)value
				: RIVERGATE__V1__KIND__KIND_UNSPECIFIED;
		}
		if ((tag & 7) != 2 || tag > (4 << 3)) {
			break;
		}
		(void)cursor_bytes(&cursor, value <= cursor.left ? (size_t)value : SIZE_MAX);
		if (cursor.is_bad) {
			break;
		}
	}
	return RIVERGATE__V1__KIND__KIND_UNSPECIFIED;
}
