/*
 * Receipts of one commit: see receipt.h
 *
 * The bytes of all records lie in one buffer, the records of a session in one chain.
 * A range is closed where going on would cost more than a frame of its own: naming the
 * leaves between costs 32 bytes each, a frame its checkpoint and some hash a level.
 * Threads: owned by the core thread.
 */

#include <stdlib.h>
#include <string.h>

#include "receipt/receipt.h"
#include "rivergate/v1/session.pb-c.h"
#include "wire/pack.h"

#define NONE SIZE_MAX
/* Bytes of own records in a frame; a client need not take more than 4 MiB. */
#define FRAME_BYTES_MAX ((size_t)2 << 20)
/* What a frame costs beside checkpoint, hashes and records. */
#define FRAME_OVERHEAD  64
#define RECORD_OVERHEAD 32

/* Where the bytes of a record lie. */
struct kept {
	uint64_t index;
	size_t at; /* meta ‖ signature ‖ id, one after the other */
	size_t meta_len;
	size_t signature_len;
	size_t id_len;
	size_t next; /* of the same session */
};

struct chain {
	uint64_t session;
	size_t first;
	size_t last;
};

struct receipt_batch {
	struct buf bytes;
	struct kept *records;
	size_t n_records;
	size_t records_cap;
	struct chain *chains;
	size_t n_chains;
	size_t chains_cap;
	/* Of the frame being built: */
	Rivergate__V1__OwnRecord own[RECEIPT_RECORDS_MAX];
	Rivergate__V1__OwnRecord *own_pointers[RECEIPT_RECORDS_MAX];
	size_t n_own;
	struct buf others; /* leaf hashes of the others */
	struct buf outer;
	struct buf frame;
};

struct receipt_batch *receipt_batch_new(void)
{
	struct receipt_batch *batch = calloc(1, sizeof(*batch));

	for (size_t i = 0; batch && i < RECEIPT_RECORDS_MAX; i++) {
		batch->own_pointers[i] = &batch->own[i];
	}
	return batch;
}

void receipt_batch_free(struct receipt_batch *batch)
{
	if (batch) {
		buf_deinit(&batch->bytes);
		buf_deinit(&batch->others);
		buf_deinit(&batch->outer);
		buf_deinit(&batch->frame);
		free(batch->records);
		free(batch->chains);
		free(batch);
	}
}

/* Makes room for one more item. */
static rg_err grow(void **items, size_t n, size_t *cap, size_t size)
{
	if (n < *cap) {
		return RG_OK;
	}
	size_t larger = *cap ? 2 * *cap : 64;
	void *room = reallocarray(*items, larger, size);

	if (!room) {
		return RG_E_NOMEM;
	}
	*items = room;
	*cap = larger;
	return RG_OK;
}

/* The session's chain, new when it has none. Most records follow one of the same session. */
static rg_err get_chain(struct receipt_batch *batch, uint64_t session, struct chain **ret_chain)
{
	void *chains = batch->chains;

	for (size_t i = batch->n_chains; i > 0; i--) {
		if (batch->chains[i - 1].session == session) {
			*ret_chain = &batch->chains[i - 1];
			return RG_OK;
		}
	}
	rg_err err = grow(&chains, batch->n_chains, &batch->chains_cap, sizeof(*batch->chains));

	batch->chains = chains;
	if (!err) {
		*ret_chain = &batch->chains[batch->n_chains++];
		**ret_chain = (struct chain){session, NONE, NONE};
	}
	return err;
}

rg_err receipt_batch_add(struct receipt_batch *batch, const struct receipt_record *record)
{
	struct kept kept = {record->index, batch->bytes.len, record->meta.len,
		record->signature.len, record->id.len, NONE};
	struct chain *chain = NULL;
	void *records = batch->records;
	rg_err err = grow(&records, batch->n_records, &batch->records_cap, sizeof(*batch->records));

	batch->records = records;
	buf_add_bytes(&batch->bytes, record->meta);
	buf_add_bytes(&batch->bytes, record->signature);
	buf_add_bytes(&batch->bytes, record->id);
	err = err ? err : buf_error(&batch->bytes);
	err = err ? err : get_chain(batch, record->session, &chain);
	if (err) {
		return err;
	}
	batch->records[batch->n_records] = kept;
	if (chain->last == NONE) {
		chain->first = batch->n_records;
	} else {
		batch->records[chain->last].next = batch->n_records;
	}
	chain->last = batch->n_records++;
	return RG_OK;
}

size_t receipt_batch_count(const struct receipt_batch *batch)
{
	return batch->n_records;
}

static void clear(struct receipt_batch *batch)
{
	buf_clear(&batch->bytes);
	batch->n_records = 0;
	batch->n_chains = 0;
}

/* --- Frames --------------------------------------------------------------------------------- */

static ProtobufCBinaryData binary_of(uint8_t *data, size_t len)
{
	return (ProtobufCBinaryData){.len = len, .data = data};
}

static void set_own(Rivergate__V1__OwnRecord *own, struct receipt_batch *batch,
	const struct kept *kept)
{
	uint8_t *at = batch->bytes.data + kept->at;

	rivergate__v1__own_record__init(own);
	own->index = kept->index;
	own->meta = binary_of(at, kept->meta_len);
	own->signature = binary_of(at + kept->meta_len, kept->signature_len);
	own->id = binary_of(at + kept->meta_len + kept->signature_len, kept->id_len);
}

/* Others up to which naming them all is cheaper than another frame. */
static uint64_t gap_max(const struct receipt_tree *tree)
{
	unsigned levels = tree->size > 1 ? 64 - (unsigned)__builtin_clzll(tree->size - 1) : 0;

	return levels + (tree->checkpoint.len + FRAME_OVERHEAD) / MERKLE_HASH_LEN;
}

/* Takes records of the chain from `at` on into the frame; returns the first that does not fit. */
static size_t take_records(struct receipt_batch *batch, size_t at, const struct receipt_tree *tree)
{
	uint64_t gap = gap_max(tree);
	size_t n_bytes = 0;

	for (batch->n_own = 0; at != NONE && batch->n_own < RECEIPT_RECORDS_MAX;
		at = batch->records[at].next) {
		const struct kept *kept = &batch->records[at];
		uint64_t before =
			batch->n_own > 0 ? batch->own[batch->n_own - 1].index + 1 : kept->index;

		n_bytes += kept->meta_len + kept->signature_len + kept->id_len + RECORD_OVERHEAD;
		n_bytes += (size_t)(kept->index - before) * MERKLE_HASH_LEN;
		if (kept->index - before > gap || (batch->n_own > 0 && n_bytes > FRAME_BYTES_MAX)) {
			break;
		}
		set_own(&batch->own[batch->n_own++], batch, kept);
	}
	return at;
}

/* Leaf hashes of all indexes of the range that are not own. */
static rg_err add_others(struct receipt_batch *batch, const struct receipt_tree *tree)
{
	buf_clear(&batch->others);
	for (size_t i = 1; i < batch->n_own; i++) {
		for (uint64_t at = batch->own[i - 1].index + 1; at < batch->own[i].index; at++) {
			struct merkle_hash leaf;
			rg_err err = tree->source.node(tree->source.context, 0, at, &leaf);

			if (err) {
				return err;
			}
			buf_add(&batch->others, leaf.bytes, sizeof(leaf.bytes));
		}
	}
	return buf_error(&batch->others);
}

static rg_err add_outer(struct receipt_batch *batch, const struct receipt_tree *tree)
{
	struct proof_path path;
	rg_err err = proof_range(&tree->source, batch->own[0].index,
		batch->own[batch->n_own - 1].index, tree->size, &path);

	buf_clear(&batch->outer);
	for (size_t i = 0; !err && i < path.n_nodes; i++) {
		buf_add(&batch->outer, path.nodes[i].bytes, sizeof(path.nodes[i].bytes));
	}
	return err ? err : buf_error(&batch->outer);
}

/* Packs what has been taken; checkpoint is the note as text. */
static rg_err pack(struct receipt_batch *batch, const struct receipt_tree *tree, char *checkpoint,
	bool is_framed, struct buf *out)
{
	Rivergate__V1__Receipts receipts = RIVERGATE__V1__RECEIPTS__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	rg_err err = add_others(batch, tree);

	err = err ? err : add_outer(batch, tree);
	if (err) {
		return err;
	}
	receipts.checkpoint = checkpoint;
	receipts.first_index = batch->own[0].index;
	receipts.last_index = batch->own[batch->n_own - 1].index;
	receipts.records = batch->own_pointers;
	receipts.n_records = batch->n_own;
	receipts.leaf_hashes = binary_of(batch->others.data, batch->others.len);
	receipts.outer = binary_of(batch->outer.data, batch->outer.len);
	frame.body_case = RIVERGATE__V1__FRAME__BODY_RECEIPTS;
	frame.receipts = &receipts;
	return pack_append(is_framed ? &frame.base : &receipts.base, out);
}

static rg_err build_chain(struct receipt_batch *batch, const struct chain *chain,
	const struct receipt_tree *tree, char *checkpoint, const struct receipt_sink *sink)
{
	for (size_t at = chain->first; at != NONE;) {
		at = take_records(batch, at, tree);
		buf_clear(&batch->frame);
		rg_err err = pack(batch, tree, checkpoint, true, &batch->frame);

		err = err ? err
			  : sink->take(sink->context, chain->session, buf_view(&batch->frame));
		if (err) {
			return err;
		}
	}
	return RG_OK;
}

static char *text_of(struct rg_bytes bytes)
{
	return bytes.len > 0 ? strndup((const char *)bytes.data, bytes.len) : strdup("");
}

rg_err receipt_batch_build(struct receipt_batch *batch, const struct receipt_tree *tree,
	const struct receipt_sink *sink)
{
	scoped(freep) char *checkpoint = text_of(tree->checkpoint);
	rg_err err = checkpoint ? RG_OK : RG_E_NOMEM;

	for (size_t i = 0; !err && i < batch->n_chains; i++) {
		err = build_chain(batch, &batch->chains[i], tree, checkpoint, sink);
	}
	clear(batch);
	return err;
}

static rg_err single(const struct receipt_record *record, const struct receipt_tree *tree,
	bool is_framed, struct buf *out)
{
	scoped(receipt_batch_freep) struct receipt_batch *batch = receipt_batch_new();
	scoped(freep) char *checkpoint = text_of(tree->checkpoint);

	if (!batch || !checkpoint) {
		return RG_E_NOMEM;
	}
	rg_err err = receipt_batch_add(batch, record);

	if (!err) {
		(void)take_records(batch, 0, tree);
		err = pack(batch, tree, checkpoint, is_framed, out);
	}
	return err;
}

rg_err receipt_single(const struct receipt_record *record, const struct receipt_tree *tree,
	struct buf *out)
{
	return single(record, tree, false, out);
}

rg_err receipt_single_frame(const struct receipt_record *record, const struct receipt_tree *tree,
	struct buf *out)
{
	return single(record, tree, true, out);
}
