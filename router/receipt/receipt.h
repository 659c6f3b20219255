#ifndef RECEIPT_RECEIPT_H
#define RECEIPT_RECEIPT_H

/*
 * Receipts and refusals: what a sender hears
 *
 * Own records of one commit are collected by session; receipt_batch_build() makes one
 * RECEIPTS frame a session from them (proto/rivergate/v1/session.proto): a range proof
 * shows all of them at once. Where own records lie far apart the range is split, as
 * that takes fewer bytes than naming every leaf between; a frame has at most
 * RECEIPT_RECORDS_MAX own records.
 *
 * Threads: owned by the core thread.
 */

#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"
#include "evidence/proof.h"
#include "message.h"

#define RECEIPT_RECORDS_MAX 1024

/* One own record, durable and in the tree. meta and signature as in the leaf. */
struct receipt_record {
	uint64_t session;
	uint64_t index;
	struct rg_bytes meta;
	struct rg_bytes signature;
	struct rg_bytes id; /* of the message, 16 bytes */
};

/* The tree that receipts are proved against. */
struct receipt_tree {
	struct rg_bytes checkpoint; /* signed note */
	uint64_t size;              /* its size */
	struct proof_source source;
};

/* Takes a packed Frame{receipts} for a session; the bytes live for the call. */
struct receipt_sink {
	rg_err (*take)(void *context, uint64_t session, struct rg_bytes frame);
	void *context;
};

struct receipt_batch;
struct receipt_batch *receipt_batch_new(void); /* NULL: no memory */
void receipt_batch_free(struct receipt_batch *batch);
SCOPED_DEFINE(struct receipt_batch, receipt_batch_free);
/* Copies the record. Records of a session come in ascending order of index. */
RG_MUST_USE rg_err receipt_batch_add(struct receipt_batch *batch,
	const struct receipt_record *record);
size_t receipt_batch_count(const struct receipt_batch *batch);
/*
 * Gives the frames of all sessions, in the order of the sessions' first records, and empties
 * the batch.
 */
RG_MUST_USE rg_err receipt_batch_build(struct receipt_batch *batch, const struct receipt_tree *tree,
	const struct receipt_sink *sink);

/*
 * The Receipts of a single record against this tree (a repeated message, a proof query);
 * packed, without Frame. Appends to out.
 */
RG_MUST_USE rg_err receipt_single(const struct receipt_record *record,
	const struct receipt_tree *tree, struct buf *out);
/* The same inside Frame{receipts}. */
RG_MUST_USE rg_err receipt_single_frame(const struct receipt_record *record,
	const struct receipt_tree *tree, struct buf *out);

/* What else a refusal tells. */
struct receipt_refusal {
	const char *router; /* address of the signer */
	int64_t now_us;
	const uint8_t
		*known_hash; /* CONFLICT: 32 bytes, of the message in the journal; else NULL */
};

/*
 * The packed RefusalBody for a refused message: its verdict, rule, field, what to do
 * (one table, a row a verdict), id where it could be read, hash of its header as
 * received. To be signed with context "rivergate/v1 refusal". Appends to out.
 */
RG_MUST_USE rg_err receipt_refusal_body(const struct message *message,
	const struct receipt_refusal *refusal, struct buf *out);
/* What a refused sender should do, one English sentence; static. */
const char *receipt_advice(Rivergate__V1__Verdict verdict);

#endif
