/*
 * Checking a receipt offline: see rivergate/proof.h
 *
 * One function a step, in the order of enum rg_proof_step; each may rely on those before.
 * Threads: any; nothing is shared.
 */

#include <stdio.h>
#include <string.h>

#include <rivergate/proof.h>

#include "base/arena.h"
#include "client/submit.h"
#include "evidence/note.h"
#include "evidence/proof.h"
#include "rivergate/v1/message.pb-c.h"
#include "rivergate/v1/record.pb-c.h"
#include "sign/signature.h"
#include "wire/pack.h"
#include "wire/scan.h"

/* What the steps leave for each other. */
struct checking {
	struct rg_bytes envelope_bytes;
	struct rg_bytes proof_bytes;
	const char *vkey;
	struct arena *arena;
	struct note_verifier log;
	Rivergate__V1__Envelope *envelope;
	Rivergate__V1__Header *header;
	struct proof_file proof;
	struct proof_extra extra;
	struct rg_proof_report *report;
};

static struct rg_bytes view(ProtobufCBinaryData data)
{
	return (struct rg_bytes){.data = data.data, .len = data.len};
}

static rg_err fail(struct checking *checking, const char *rule)
{
	checking->report->rule = rule;
	return RG_OK;
}

static rg_err check_key(struct checking *checking)
{
	return note_verifier_parse(checking->vkey, &checking->log)
		? RG_OK
		: fail(checking, "it is no verifier key (name+hash+base64)");
}

static rg_err unpack(struct checking *checking, const ProtobufCMessageDescriptor *desc,
	struct rg_bytes bytes, ProtobufCMessage **ret_msg)
{
	struct scan_answer answer;
	rg_err err = scan_unpack(desc, bytes, checking->arena, &answer, ret_msg);

	if (!err && !*ret_msg) {
		checking->report->rule = answer.rule;
	}
	return err;
}

static void report_header(struct checking *checking)
{
	struct rg_proof_report *report = checking->report;
	const Rivergate__V1__Signature *signature = checking->envelope->signature;

	(void)snprintf(report->from, sizeof(report->from), "%s", checking->header->from);
	(void)snprintf(report->key_id, sizeof(report->key_id), "%s", signature->key_id);
	memcpy(report->id, checking->header->id.data, sizeof(report->id));
	report->n_parts = (uint32_t)checking->header->n_parts;
}

static rg_err check_envelope(struct checking *checking)
{
	ProtobufCMessage *msg = NULL;
	rg_err err = unpack(checking, &rivergate__v1__envelope__descriptor,
		checking->envelope_bytes, &msg);

	if (err || !msg) {
		return err;
	}
	checking->envelope = (Rivergate__V1__Envelope *)msg;
	err = unpack(checking, &rivergate__v1__header__descriptor, view(checking->envelope->header),
		&msg);
	if (err || !msg) {
		return err;
	}
	checking->header = (Rivergate__V1__Header *)msg;
	if (checking->header->id.len != sizeof(checking->report->id)) {
		return fail(checking, "the header's id has not 16 bytes");
	}
	if (!checking->envelope->signature) {
		return fail(checking, "the envelope is not signed");
	}
	if (checking->envelope->n_parts != checking->header->n_parts) {
		return fail(checking, "the envelope holds another number of parts than its header");
	}
	report_header(checking);
	return RG_OK;
}

static rg_err check_part(struct checking *checking, const Rivergate__V1__PartData *part,
	const Rivergate__V1__Part *entry)
{
	uint8_t commitment[32];

	if (part->salt.len == 0 && part->bytes.len == 0) {
		checking->report->n_withheld++;
		return RG_OK;
	}
	if (part->salt.len != SUBMIT_SALT_LEN || part->bytes.len != entry->size) {
		return fail(checking, "a part has another size than the header says");
	}
	rg_err err = signature_commitment(part->salt.data, view(part->bytes), commitment);
	if (err) {
		return err;
	}
	if (entry->commitment.len != sizeof(commitment) ||
		memcmp(entry->commitment.data, commitment, sizeof(commitment)) != 0) {
		return fail(checking, "a part is not what the header commits to");
	}
	return RG_OK;
}

static rg_err check_parts(struct checking *checking)
{
	rg_err err = RG_OK;

	for (size_t i = 0; i < checking->header->n_parts && !err && !checking->report->rule; i++) {
		err = check_part(checking, checking->envelope->parts[i],
			checking->header->parts[i]);
	}
	return err;
}

static rg_err check_file(struct checking *checking)
{
	ProtobufCMessage *meta = NULL;
	struct note_checkpoint checkpoint;
	size_t line = 0;
	rg_err err = proof_file_read(checking->proof_bytes, &checking->proof, &line);

	if (err || line) {
		return err ? err : fail(checking, "it is no tlog-proof file");
	}
	if (!proof_extra_read(buf_view(&checking->proof.extra), &checking->extra)) {
		return fail(checking, "its extra line does not hold meta and signature");
	}
	err = unpack(checking, &rivergate__v1__meta__descriptor, checking->extra.meta, &meta);
	if (err || !meta) {
		return err;
	}
	checking->report->time_us = ((const Rivergate__V1__Meta *)meta)->time_us;
	checking->report->index = checking->proof.index;
	if (note_checkpoint_read(buf_view(&checking->proof.checkpoint), &checkpoint)) {
		checking->report->size = checkpoint.size;
	}
	return RG_OK;
}

static rg_err check_signature(struct checking *checking)
{
	scoped(buf_deinit) struct buf packed = {0};
	rg_err err = pack_append(&checking->envelope->signature->base, &packed);

	if (err || bytes_equal(buf_view(&packed), checking->extra.signature)) {
		return err;
	}
	return fail(checking, "the record carries another signature than the envelope");
}

static rg_err check_record(struct checking *checking)
{
	return proof_file_check(&checking->proof, view(checking->envelope->header), &checking->log,
		&checking->report->rule);
}

static const struct {
	const char *text;
	rg_err (*check)(struct checking *checking);
} steps[] = {
	[RG_PROOF_KEY] = {"the verifier key is readable", check_key},
	[RG_PROOF_ENVELOPE] = {"the envelope is canonical", check_envelope},
	[RG_PROOF_PARTS] = {"parts meet their commitments", check_parts},
	[RG_PROOF_FILE] = {"the proof file is readable", check_file},
	[RG_PROOF_SIGNATURE] = {"envelope and record carry the same signature", check_signature},
	[RG_PROOF_RECORD] = {"the record is in the log that the checkpoint signs", check_record},
};

#define N_STEPS (sizeof(steps) / sizeof(steps[0]))

const char *rg_proof_step_text(enum rg_proof_step step)
{
	return (size_t)step < N_STEPS ? steps[step].text : "everything holds";
}

rg_err rg_proof_check(struct rg_bytes envelope, struct rg_bytes proof, const char *vkey,
	struct rg_proof_report *ret_report)
{
	scoped(arena_freep) struct arena *arena = arena_new(2 * SUBMIT_ENVELOPE_MAX);
	struct rg_proof_report report = {.step = RG_PROOF_KEY};
	struct checking checking = {
		.envelope_bytes = envelope,
		.proof_bytes = proof,
		.vkey = vkey,
		.arena = arena,
		.report = &report,
	};
	rg_err err = arena ? RG_OK : RG_E_NOMEM;

	proof_file_init(&checking.proof);
	for (size_t i = 0; i < N_STEPS && !err && !report.rule; i++) {
		report.step = (enum rg_proof_step)i;
		err = steps[i].check(&checking);
	}
	if (!err && !report.rule) {
		report.step = RG_PROOF_HOLDS;
	}
	proof_file_deinit(&checking.proof);
	if (!err) {
		*ret_report = report;
	}
	return err;
}
