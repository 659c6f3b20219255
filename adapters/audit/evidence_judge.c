/*
 * The judgement of evidence: see evidence.h
 *
 * Method: the checkpoint first, then the records in the log's order: each is judged under
 * the trust that the governing records before it make, exactly as the router admitted it;
 * then what the newest registry says of the log's key and its witnesses.
 * Threads: any; nothing is shared.
 */

#include <stdlib.h>
#include <string.h>

#include "audit/evidence.h"
#include "audit/evidence_note.h"
#include "evidence/derived.h"
#include "registry/admission.h"
#include "registry/change.h"
#include "registry/header.h"
#include "sign/signature.h"
#include "wire/scan.h"

struct judging {
	struct evidence *evidence;
	const struct evidence_terms *terms;
	struct bundle_answer *answer;
	struct trust *trust; /* after the records judged so far; NULL: before the genesis */
	struct evidence_record *record;
	uint64_t needs[EVIDENCE_RECORDS_MAX * 2]; /* directories and lists in use so far */
	size_t n_needs;
	size_t n_derived; /* derived messages judged so far */
	int64_t last_us;
};

static void judging_freep(struct judging **it)
{
	if (*it) {
		trust_unref((*it)->trust);
		free(*it);
	}
}

static rg_err refuse(const struct judging *it, const char *text)
{
	bundle_refuse(it->answer, "", "record %llu: %s", (unsigned long long)it->record->index,
		text);
	return RG_OK;
}

static rg_err refuse_whole(const struct judging *it, const char *where, const char *text)
{
	bundle_refuse(it->answer, where, "%s", text);
	return RG_OK;
}

static struct rg_bytes view(ProtobufCBinaryData data)
{
	return bytes_of(data.data, data.len);
}

/* --- One record: bytes ---------------------------------------------------------------------- */

static rg_err judge_inclusion(struct judging *it)
{
	const struct note_checkpoint *checkpoint = &it->evidence->checkpoint;
	struct merkle_hash hash;
	struct merkle_hash head;
	bool is_valid = false;
	rg_err err = merkle_leaf(buf_view(&it->record->leaf), &hash);

	if (!err) {
		err = proof_inclusion_head(&hash, it->record->index, checkpoint->size,
			&it->record->path, &head, &is_valid);
	}
	if (err || (is_valid && memcmp(&head, &checkpoint->root, sizeof(head)) == 0)) {
		return err;
	}
	return refuse(it, "the path does not lead from it to the checkpoint");
}

static rg_err judge_part(struct judging *it, size_t i)
{
	const Rivergate__V1__Part *entry = it->record->header->parts[i];
	struct rg_bytes part = buf_view(&it->record->parts[i]);
	uint8_t commitment[32];

	if (part.len == 0) {
		return RG_OK;
	}
	if (part.len < EVIDENCE_SALT_LEN || part.len - EVIDENCE_SALT_LEN != entry->size) {
		return refuse(it, "a part has another size than the header says");
	}
	rg_err err = signature_commitment(part.data,
		bytes_of(part.data + EVIDENCE_SALT_LEN, part.len - EVIDENCE_SALT_LEN), commitment);

	if (err ||
		(entry->commitment.len == sizeof(commitment) &&
			memcmp(entry->commitment.data, commitment, sizeof(commitment)) == 0)) {
		return err;
	}
	return refuse(it, "a part is not what the header commits to");
}

static rg_err judge_parts(struct judging *it)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && it->answer->is_ok && i < it->record->n_parts; i++) {
		err = judge_part(it, i);
	}
	return err;
}

static rg_err judge_time(struct judging *it)
{
	int64_t time_us = it->record->meta->time_us;

	if (time_us < it->last_us) {
		return refuse(it, "its time lies before that of an earlier record");
	}
	it->last_us = time_us;
	return RG_OK;
}

/* --- One record: sender --------------------------------------------------------------------- */

static rg_err add_certificate(struct evidence *evidence, struct rg_bytes der)
{
	struct merkle_hash hash;
	size_t at = evidence->n_certificates;
	rg_err err = merkle_hash_of(der, (struct rg_bytes){.data = NULL}, &hash);

	if (err) {
		return err;
	}
	while (at > 0 && memcmp(&hash, &evidence->certificates[at - 1].hash, sizeof(hash)) < 0) {
		at--;
	}
	if (at > 0 && memcmp(&hash, &evidence->certificates[at - 1].hash, sizeof(hash)) == 0) {
		return RG_OK;
	}
	struct evidence_certificate *list = realloc(evidence->certificates,
		(evidence->n_certificates + 1) * sizeof(*evidence->certificates));

	if (!list) {
		return RG_E_NOMEM;
	}
	evidence->certificates = list;
	memmove(&list[at + 1], &list[at], (evidence->n_certificates - at) * sizeof(*list));
	list[at] = (struct evidence_certificate){.hash = hash};
	evidence->n_certificates++;
	buf_add_bytes(&list[at].der, der);
	return buf_error(&list[at].der);
}

static rg_err keep_certificates(struct judging *it, const struct trust_signer *signer)
{
	const Rivergate__V1__Registry *registry = trust_registry(it->trust);
	rg_err err = add_certificate(it->evidence, certificate_der(signer->certificate));

	for (size_t i = 0; !err && i < registry->n_members; i++) {
		if (strcmp(registry->members[i]->cc, signer->party->cc) == 0) {
			err = add_certificate(it->evidence,
				view(registry->members[i]->root_certificate));
		}
	}
	return err;
}

static rg_err judge_signature(struct judging *it, const struct key *key)
{
	const char *rule = NULL;
	rg_err err =
		signature_verify(key, it->record->record.body, it->record->signature, NULL, &rule);

	return err || !rule ? err : refuse(it, rule);
}

/* A party: admitted then, with this key, under these versions. */
static rg_err judge_party(struct judging *it)
{
	const struct evidence_record *record = it->record;
	const struct admission_question question = {.trust = it->trust,
		.header = record->header,
		.key_id = record->signature->key_id,
		.time_us = record->meta->time_us};
	struct admission_answer admission;
	struct header_answer sense = {.rule = NULL};

	if (!header_check(record->header, &sense)) {
		return refuse(it, sense.rule);
	}
	admission_judge(&question, &admission);
	if (admission.verdict != RIVERGATE__V1__VERDICT__VERDICT_ADMITTED) {
		return refuse(it, admission.rule);
	}
	const struct trust_signer *signer = trust_signer_of(it->trust, record->signature->key_id);
	rg_err err = judge_signature(it, signer->key);

	if (err || !it->answer->is_ok) {
		return err;
	}
	if (record->meta->registry_index != trust_registry_index(it->trust) ||
		record->meta->directory_index !=
			trust_directory_index(it->trust, signer->party->cc) ||
		record->meta->crl_index != trust_crl_index(it->trust, signer->party->cc)) {
		return refuse(it,
			"it names another registry, directory or revocation list than was in "
			"force");
	}
	return keep_certificates(it, signer);
}

/* The router itself sends governance only, and needs no certificate: the registry has its key. */
static rg_err judge_router(struct judging *it, const struct trust *trust)
{
	const struct evidence_record *record = it->record;

	if (!header_is_governance(record->header->kind)) {
		return refuse(it, "the router sends governance kinds only");
	}
	if (record->meta->registry_index != (it->trust ? trust_registry_index(it->trust) : 0) ||
		record->meta->directory_index != 0 || record->meta->crl_index != 0) {
		return refuse(it, "it names another registry than was in force");
	}
	return judge_signature(it, trust_router_key(trust, record->header->from));
}

/* trust: in force when it was admitted; of the genesis, what it brings. */
static rg_err judge_sender(struct judging *it, const struct trust *trust)
{
	const char *from = it->record->header->from;

	if (!trust) {
		return refuse(it, "a message before the genesis registry");
	}
	if (trust_router_key(trust, from)) {
		return judge_router(it, trust);
	}
	return it->trust ? judge_party(it) : refuse(it, "the genesis is not from the router");
}

/* --- One record: what it brings ------------------------------------------------------------- */

static rg_err judge_origin(struct judging *it)
{
	const struct evidence_record *record = it->record;
	struct scan_answer scan = {.is_ok = false};
	ProtobufCMessage *origin = NULL;

	if (record->record.type != RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_ORIGIN ||
		record->index != 0 || record->role != EVIDENCE_GOVERNS) {
		return refuse(it, "only messages and record 0 belong into a bundle");
	}
	rg_err err = scan_unpack(&rivergate__v1__origin__descriptor, record->record.body,
		it->evidence->arena, &scan, &origin);

	if (err || !origin) {
		return err ? err : refuse(it, "its body is not canonical");
	}
	it->evidence->origin = (const Rivergate__V1__Origin *)origin;
	if (strcmp(it->evidence->origin->origin, it->evidence->log.name) != 0) {
		return refuse(it, "it is the beginning of another log");
	}
	if (it->evidence->origin->genesis_hash.len != sizeof(it->evidence->pin)) {
		return refuse(it, "it does not pin the genesis registry");
	}
	memcpy(it->evidence->pin, it->evidence->origin->genesis_hash.data,
		sizeof(it->evidence->pin));
	return RG_OK;
}

/* *ret_trust: what this record leads to; NULL when it is no governance message. */
static rg_err judge_change(struct judging *it, struct trust **ret_trust)
{
	const struct evidence_record *record = it->record;
	struct governance_answer governance = {.is_ok = false};

	if (!header_is_governance(record->header->kind)) {
		return RG_OK;
	}
	if (record->n_parts != 1 || record->parts[0].len == 0) {
		return refuse(it, "governance without its one part");
	}
	const struct change change = {.trust = it->trust,
		.pin = it->evidence->pin,
		.index = record->index,
		.header = record->header,
		.part = buf_view(&record->parts[0])};
	rg_err err = change_apply(&change, ret_trust, &governance);

	if (!err && !*ret_trust) {
		bundle_refuse(it->answer, "", "record %llu: %s: %s",
			(unsigned long long)record->index, governance.path, governance.text);
	}
	return err;
}

/* It refers to an earlier message of the bundle. */
static rg_err judge_reference(struct judging *it)
{
	const Rivergate__V1__Header *header = it->record->header;

	for (const struct evidence_record *other = it->evidence->records; other < it->record;
		other++) {
		for (size_t i = 0; other->header && i < header->n_refs; i++) {
			const Rivergate__V1__Ref *ref = header->refs[i];

			if (bytes_equal(view(ref->header_hash),
				    bytes_of(other->header_hash.bytes, MERKLE_HASH_LEN)) &&
				bytes_equal(view(ref->id), view(other->header->id)) &&
				strcmp(ref->from, other->header->from) == 0) {
				return RG_OK;
			}
		}
	}
	return refuse(it, "it refers to no message of this bundle");
}

/* --- Derived messages ----------------------------------------------------------------------- */

static const char *cc_of(const char *address, char cc[3])
{
	memcpy(cc, "\0\0", 3);
	if (address[0] && address[1] && address[2] == '.') {
		memcpy(cc, address, 2);
	}
	return cc;
}

rg_err evidence_expiry_header(const struct evidence_expiry *expiry, struct buf *out,
	bool *ret_is_due)
{
	const struct evidence_record *record = expiry->record;
	const struct trust_party *sender = trust_route(expiry->trust, record->header->from);
	const struct admission_route route =
		admission_route_of(expiry->trust, record->header, record->meta->time_us);
	const struct derived_cause cause = {record->header, record->header_hash.bytes,
		record->meta->time_us};

	*ret_is_due = sender && expiry->ordinal < route.n_recipients;
	if (!*ret_is_due) {
		return RG_OK;
	}
	const struct derived derived = {
		.origin = derived_origin_at(expiry->lineage, record->index),
		.router = expiry->router,
		.cause = record->index,
		.kind = RIVERGATE__V1__KIND__KIND_EXPIRY,
		.ordinal = expiry->ordinal,
		.to = sender->address,
		.about = route.recipients[expiry->ordinal].party->address,
		.since_us =
			admission_expiry_of(expiry->trust, record->header, record->meta->time_us),
	};

	return derived_header(&derived, &cause, out);
}

/* Those of this record; they stand in the order of their causes. */
static rg_err judge_derived(struct judging *it)
{
	struct evidence *evidence = it->evidence;
	struct derived_lineage lineage;
	rg_err err = RG_OK;

	derived_lineage_of(evidence->origin, &lineage);
	while (!err && it->n_derived < evidence->n_derived &&
		evidence->derived[it->n_derived].cause == it->record->index) {
		scoped(buf_deinitv) struct buf expected = {.data = NULL};
		const struct evidence_derived *derived = &evidence->derived[it->n_derived];
		const struct evidence_expiry expiry = {&lineage, evidence->origin->router,
			it->trust, it->record, derived->ordinal};
		bool is_due = false;

		if (it->trust) {
			err = evidence_expiry_header(&expiry, &expected, &is_due);
		}
		if (!err &&
			(!is_due ||
				!bytes_equal(buf_view(&expected), buf_view(&derived->header)))) {
			return refuse(it, "the derived message does not follow from it");
		}
		it->n_derived++;
	}
	return err;
}

/* --- All records ---------------------------------------------------------------------------- */

void evidence_needs_of(const struct trust *trust, const struct evidence_record *record,
	struct evidence_needs *ret_needs)
{
	char cc[3];
	struct evidence_needs needs = {.n_indexes = 0};

	if (trust && record->header) {
		const Rivergate__V1__Header *header = record->header;

		needs.indexes[needs.n_indexes++] =
			trust_directory_index(trust, cc_of(header->from, cc));
		needs.indexes[needs.n_indexes++] = trust_crl_index(trust, cc_of(header->from, cc));
		for (size_t i = 0; i < header->n_to && needs.n_indexes < EVIDENCE_NEEDS_MAX; i++) {
			needs.indexes[needs.n_indexes++] =
				trust_directory_index(trust, cc_of(header->to[i], cc));
		}
	}
	*ret_needs = needs;
}

static bool is_needed(const struct judging *it, uint64_t index)
{
	for (size_t i = 0; i < it->n_needs; i++) {
		if (it->needs[i] == index) {
			return true;
		}
	}
	return false;
}

static void note_needs(struct judging *it)
{
	struct evidence_needs needs;

	evidence_needs_of(it->trust, it->record, &needs);
	for (size_t i = 0; i < needs.n_indexes; i++) {
		if (needs.indexes[i] != 0 && !is_needed(it, needs.indexes[i]) &&
			it->n_needs < sizeof(it->needs) / sizeof(it->needs[0])) {
			it->needs[it->n_needs++] = needs.indexes[i];
		}
	}
}

static rg_err judge_message(struct judging *it)
{
	scoped(trust_unrefp) struct trust *next = NULL;
	rg_err err = judge_parts(it);

	if (!err && it->answer->is_ok && !it->evidence->origin) {
		return refuse(it, "record 0 is missing");
	}
	if (!err && it->answer->is_ok) {
		err = judge_change(it, &next);
	}
	if (!err && it->answer->is_ok) {
		err = judge_sender(it, it->trust ? it->trust : next);
	}
	if (!err && it->answer->is_ok && it->record->role == EVIDENCE_RELATED) {
		err = judge_reference(it);
	}
	if (!err && it->answer->is_ok) {
		note_needs(it);
		err = judge_derived(it);
	}
	if (!err && it->answer->is_ok && next) {
		trust_unref(it->trust);
		it->trust = steal(next);
	}
	return err;
}

static rg_err judge_record(struct judging *it)
{
	rg_err err = judge_inclusion(it);

	if (!err && it->answer->is_ok) {
		err = judge_time(it);
	}
	if (err || !it->answer->is_ok) {
		return err;
	}
	return it->record->header ? judge_message(it) : judge_origin(it);
}

/* What only governs must be in use; registries are, all of them. */
static rg_err judge_reasons(struct judging *it)
{
	for (size_t i = 0; i < it->evidence->n_records; i++) {
		it->record = &it->evidence->records[i];
		if (it->record->role == EVIDENCE_GOVERNS && it->record->header &&
			it->record->header->kind != RIVERGATE__V1__KIND__KIND_REGISTRY &&
			!is_needed(it, it->record->index)) {
			return refuse(it, "nothing in this bundle was admitted under it");
		}
	}
	if (it->n_derived < it->evidence->n_derived) {
		return refuse_whole(it, "derived",
			"a derived message without its cause, or out of "
			"order");
	}
	return RG_OK;
}

/* --- The checkpoint ------------------------------------------------------------------------- */

static rg_err judge_checkpoint(struct judging *it)
{
	struct evidence *evidence = it->evidence;
	bool is_valid = false;
	rg_err err = note_checkpoint_verify(buf_view(&evidence->note), &evidence->log,
		&evidence->checkpoint, &is_valid);

	return err || is_valid
		? err
		: refuse_whole(it, "checkpoint", "not a checkpoint that this log signed");
}

static bool is_log_of(const struct evidence *evidence, const Rivergate__V1__Registry *registry)
{
	for (size_t i = 0; i < registry->n_routers; i++) {
		const Rivergate__V1__Router *router = registry->routers[i];

		if (strcmp(router->origin, evidence->log.name) == 0) {
			return bytes_equal(view(router->log_key),
				bytes_of(evidence->log.public_key,
					sizeof(evidence->log.public_key)));
		}
	}
	return false;
}

/* The form of the note, and the time that witnesses give. */
static rg_err judge_cosignatures(struct judging *it)
{
	scoped(buf_deinitv) struct buf expected = {.data = NULL};
	struct evidence *evidence = it->evidence;
	struct evidence_note_counts counts = {.n_cosigned = 0};
	rg_err err = evidence_note_make(buf_view(&evidence->note), &evidence->log,
		&evidence->roster, &expected, &counts);

	if (err && err != RG_E_FORMAT) {
		return err;
	}
	if (err || !bytes_equal(buf_view(&expected), buf_view(&evidence->note))) {
		return refuse_whole(it, "checkpoint",
			"not in canonical form: a cosignature that does not hold, or lines beside "
			"the log's and those of a quorum of witnesses in the registry's order");
	}
	evidence->n_cosigned = counts.n_cosigned;
	if (counts.n_cosigned > 0 &&
		it->last_us / 1000000 - trust_numbers(it->trust)->clock_skew_us / 1000000 >
			(int64_t)counts.earliest_s) {
		return refuse_whole(it, "checkpoint",
			"a record's time lies after the earliest cosignature over it");
	}
	return RG_OK;
}

static rg_err judge_log(struct judging *it)
{
	struct evidence *evidence = it->evidence;

	if (!it->trust) {
		return refuse_whole(it, "records", "the registry is missing");
	}
	const Rivergate__V1__Registry *registry = trust_registry(it->trust);

	if (!is_log_of(evidence, registry)) {
		return refuse_whole(it, "log.vkey", "not the log key that the registry names");
	}
	if (it->terms->pin && memcmp(it->terms->pin, evidence->pin, sizeof(evidence->pin)) != 0) {
		return refuse_whole(it, "", "its genesis registry is not the one that you trust");
	}
	rg_err err = cosigner_roster_of(registry, &evidence->roster);

	err = err ? err : judge_cosignatures(it);
	return err || !it->answer->is_ok
		? err
		: evidence_stamp_judge(evidence, it->terms, trust_numbers(it->trust)->clock_skew_us,
			  it->answer);
}

rg_err evidence_judge(struct evidence *evidence, const struct evidence_terms *terms,
	struct bundle_answer *ret_answer)
{
	scoped(judging_freep) struct judging *it = calloc(1, sizeof(*it));

	if (!it) {
		return RG_E_NOMEM;
	}
	it->evidence = evidence;
	it->terms = terms;
	it->answer = ret_answer;
	*ret_answer = (struct bundle_answer){.is_ok = true};
	rg_err err = judge_checkpoint(it);

	for (size_t i = 0; !err && ret_answer->is_ok && i < evidence->n_records; i++) {
		it->record = &evidence->records[i];
		err = judge_record(it);
	}
	if (!err && ret_answer->is_ok) {
		err = judge_reasons(it);
	}
	return err || !ret_answer->is_ok ? err : judge_log(it);
}
