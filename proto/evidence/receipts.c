/*
 * Checking RECEIPTS: see receipts.h
 *
 * Leaves of the range are put together from the own records and the foreign hashes, in
 * order of index; range.h proves them and keeps the nodes.
 * Threads: immutable after receipts_check().
 */

#include <stdlib.h>
#include <string.h>

#include "evidence/range.h"
#include "evidence/receipts.h"
#include "evidence/record.h"

#define ID_LEN 16

struct receipts {
	const Rivergate__V1__Receipts *frame;
	struct note_checkpoint checkpoint;
	struct range *range;
};

void receipts_free(struct receipts *receipts)
{
	range_freep(&receipts->range);
	free(receipts);
}

size_t receipts_count(const struct receipts *receipts)
{
	return receipts->frame->n_records;
}

const struct note_checkpoint *receipts_checkpoint(const struct receipts *receipts)
{
	return &receipts->checkpoint;
}

static struct rg_bytes view(ProtobufCBinaryData data)
{
	return bytes_of(data.data, data.len);
}

/* Own records ascend within the range, and hashes are as many as the other indexes. */
static const char *judge_counts(const Rivergate__V1__Receipts *frame, uint64_t size)
{
	uint64_t least = frame->first_index;

	if (frame->first_index > frame->last_index || frame->last_index >= size) {
		return "the range of records is not within the checkpoint's size";
	}
	uint64_t n_others = frame->last_index - frame->first_index + 1 - frame->n_records;
	if (frame->n_records > frame->last_index - frame->first_index + 1 ||
		frame->leaf_hashes.len / MERKLE_HASH_LEN != n_others ||
		frame->leaf_hashes.len % MERKLE_HASH_LEN != 0) {
		return "records and leaf hashes do not add up to the range";
	}
	if (frame->outer.len % MERKLE_HASH_LEN != 0 ||
		frame->outer.len / MERKLE_HASH_LEN > PROOF_OUTER_MAX) {
		return "the outer hashes are not a range proof";
	}
	for (size_t i = 0; i < frame->n_records; i++) {
		const Rivergate__V1__OwnRecord *own = frame->records[i];

		if (own->index < least || own->index > frame->last_index || own->id.len != ID_LEN) {
			return "an own record is out of order or has no message id";
		}
		least = own->index + 1;
	}
	return NULL;
}

/* The hash of an own record's leaf; ret_rule as in receipts_check(). */
static rg_err hash_own(const Rivergate__V1__OwnRecord *own, const struct receipts_headers *headers,
	struct buf *scratch, struct merkle_hash *ret_leaf, const char **ret_rule)
{
	struct record record = {
		.type = RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE,
		.meta = view(own->meta),
		.signature = view(own->signature),
	};

	if (!headers->find(headers->context, own->id.data, &record.body)) {
		*ret_rule = "a receipt names a message that was not sent";
		return RG_OK;
	}
	buf_clear(scratch);
	rg_err err = record_write(&record, scratch);
	if (err == RG_E_OVERFLOW) {
		*ret_rule = "header, meta and signature are longer than a leaf can be";
		return RG_OK;
	}
	return err ? err : merkle_leaf(buf_view(scratch), ret_leaf);
}

static rg_err collect_leaves(const Rivergate__V1__Receipts *frame,
	const struct receipts_headers *headers, struct merkle_hash *leaves, const char **ret_rule)
{
	scoped(buf_deinit) struct buf scratch = {0};
	const uint8_t *hash = frame->leaf_hashes.data;
	uint64_t index = frame->first_index;
	size_t next_own = 0;

	for (; index <= frame->last_index && !*ret_rule; index++, leaves++) {
		rg_err err = RG_OK;

		if (next_own < frame->n_records && frame->records[next_own]->index == index) {
			err = hash_own(frame->records[next_own++], headers, &scratch, leaves,
				ret_rule);
		} else {
			memcpy(leaves->bytes, hash, MERKLE_HASH_LEN);
			hash += MERKLE_HASH_LEN;
		}
		if (err) {
			return err;
		}
	}
	return RG_OK;
}

/* Puts the claim together and proves it. */
static rg_err prove(struct receipts *receipts, const struct merkle_hash *leaves,
	const char **ret_rule)
{
	const Rivergate__V1__Receipts *frame = receipts->frame;
	struct proof_path outer = {.n_nodes = frame->outer.len / MERKLE_HASH_LEN};
	struct proof_claim claim = {
		.first = frame->first_index,
		.last = frame->last_index,
		.size = receipts->checkpoint.size,
		.leaves = leaves,
		.outer = &outer,
	};

	if (frame->outer.len > 0) {
		memcpy(outer.nodes, frame->outer.data, frame->outer.len);
	}
	rg_err err = range_new(&claim, &receipts->range);
	if (err) {
		return err;
	}
	if (!receipts->range) {
		*ret_rule = "the outer hashes are not a range proof";
		return RG_OK;
	}
	struct merkle_hash head = range_head(receipts->range);
	if (memcmp(head.bytes, receipts->checkpoint.root.bytes, MERKLE_HASH_LEN) != 0) {
		*ret_rule = "the range does not lead to the checkpoint";
	}
	return RG_OK;
}

/* After checkpoint and counts: the leaves, and what they lead to. */
static rg_err check_range(struct receipts *receipts, const struct receipts_headers *headers,
	const char **ret_rule)
{
	const Rivergate__V1__Receipts *frame = receipts->frame;
	size_t n_leaves = (size_t)(frame->last_index - frame->first_index + 1);
	scoped(freep) struct merkle_hash *leaves = calloc(n_leaves, sizeof(*leaves));

	if (!leaves) {
		return RG_E_NOMEM;
	}
	rg_err err = collect_leaves(frame, headers, leaves, ret_rule);
	if (err || *ret_rule) {
		return err;
	}
	return prove(receipts, leaves, ret_rule);
}

rg_err receipts_check(const Rivergate__V1__Receipts *frame, const struct note_verifier *log,
	const struct receipts_headers *headers, struct receipts **ret_receipts,
	const char **ret_rule)
{
	scoped(receipts_freep) struct receipts *receipts = calloc(1, sizeof(*receipts));
	bool is_signed;

	*ret_rule = NULL;
	if (!receipts) {
		return RG_E_NOMEM;
	}
	receipts->frame = frame;
	rg_err err = note_checkpoint_verify(bytes_of_text(frame->checkpoint), log,
		&receipts->checkpoint, &is_signed);
	if (err) {
		return err;
	}
	*ret_rule = is_signed ? judge_counts(frame, receipts->checkpoint.size)
			      : "the checkpoint is not signed by this log's key";
	if (*ret_rule) {
		return RG_OK;
	}
	err = check_range(receipts, headers, ret_rule);
	if (err || *ret_rule) {
		return err;
	}
	*ret_receipts = steal(receipts);
	return RG_OK;
}

rg_err receipts_proof(const struct receipts *receipts, size_t i, struct proof_file *ret_file)
{
	const Rivergate__V1__OwnRecord *own = receipts->frame->records[i];
	struct proof_extra extra = {.meta = view(own->meta), .signature = view(own->signature)};

	if (!range_path(receipts->range, own->index, &ret_file->path)) {
		return RG_E_FORMAT;
	}
	ret_file->index = own->index;
	buf_clear(&ret_file->extra);
	buf_clear(&ret_file->checkpoint);
	rg_err err = proof_extra_write(&extra, &ret_file->extra);
	if (err) {
		return err;
	}
	buf_add_text(&ret_file->checkpoint, receipts->frame->checkpoint);
	return buf_error(&ret_file->checkpoint);
}
