#ifndef AUDIT_ANCHORS_H
#define AUDIT_ANCHORS_H

/*
 * What the log promised before: earlier checkpoints and receipts
 *
 * Whoever kept one checkpoint can tell whether the log still has the records of then; whoever
 * kept a receipt can tell it of that record too. Each must be signed by the log's own key:
 * one that is not proves nothing, and that is a finding of its own.
 *
 * A path names a checkpoint file, a tlog-proof file, or a folder of them (*.tlog-proof,
 * *.checkpoint, checkpoint; other names are passed over).
 *
 * Threads: one.
 */

#include <stdbool.h>
#include <stdint.h>

#include "audit/finding.h"
#include "evidence/proof.h"

#define ANCHORS_MAX 200000

struct anchor {
	char name[128]; /* of the file, as shown: its end when it is long */
	uint64_t size;  /* of the checkpoint */
	struct merkle_hash root;
	bool is_receipt;
	uint64_t index;           /* receipt: of the record … */
	struct merkle_hash extra; /* … SHA-256 of its extra line … */
	struct merkle_hash *path; /* … and the way up; n_path nodes */
	size_t n_path;
	struct rg_bytes note; /* checkpoint: verbatim, owned; receipt: as well */
	bool is_broken;       /* it does not fit the log */
};

/* Sorted by size. Initialise with {0}. */
struct anchors {
	struct anchor *items;
	size_t n_items;
	size_t n_room;
	size_t *by_index; /* places of the receipts, by record */
	size_t n_receipts;
};

void anchors_deinit(struct anchors *anchors);
SCOPED_DEFINE_VALUE(struct anchors, anchors_deinit);

/* Reads one path. RG_E_CONFIG, with a log line: it is neither; RG_E_OVERFLOW: too many. */
RG_MUST_USE rg_err anchors_add(struct anchors *anchors, const char *path,
	const struct note_verifier *log, struct findings *findings);
/* To be called once after the last anchors_add(). */
RG_MUST_USE rg_err anchors_sort(struct anchors *anchors);

/* --- Judging them ---------------------------------------------------------------------------- */

/* The first anchor whose size is not below this one; n_items: none. */
size_t anchors_from_size(const struct anchors *anchors, uint64_t size);
/* The first place in by_index whose record is not below this one; n_receipts: none. */
size_t anchors_from_index(const struct anchors *anchors, uint64_t index);
/* Compares the head that the log has at the anchor's size with the anchor's. */
void anchors_judge_head(struct anchor *anchor, const struct merkle_hash *head,
	struct findings *findings);
/* Compares the record that a receipt is about with what the receipt says. */
RG_MUST_USE rg_err anchors_judge_record(struct anchor *anchor, struct rg_bytes leaf,
	const struct merkle_hash *hash, struct findings *findings);
/* The log is shorter than the anchor. */
void anchors_judge_missing(struct anchor *anchor, uint64_t size, struct findings *findings);

#endif
