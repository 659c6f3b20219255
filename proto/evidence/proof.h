#ifndef EVIDENCE_PROOF_H
#define EVIDENCE_PROOF_H

/*
 * Inclusion, range and consistency proofs (RFC 6962, section 2.1; C2SP tlog-proof)
 *
 * A *range proof* shows all leaves first..last at once: its outer hashes are the
 * maximal subtrees outside the range, from left to right. Expanded with the range's
 * own leaf hashes it yields each leaf's inclusion path (range.h does it for many).
 *
 * Whoever holds the tree gives hashes through proof_source; whoever checks needs none.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/merkle.h"
#include "evidence/note.h"

#define PROOF_PATH_MAX  64  /* nodes of an inclusion path */
#define PROOF_OUTER_MAX 128 /* nodes of a range or consistency proof */
#define PROOF_FILE_MAX  (NOTE_MAX + 3 * 65536)

/* Gives the hash of the full subtree at level (0: leaf) and position; implemented over tiles. */
struct proof_source {
	rg_err (*node)(void *context, unsigned level, uint64_t position,
		struct merkle_hash *ret_hash);
	void *context;
};

struct proof_path {
	struct merkle_hash nodes[PROOF_OUTER_MAX];
	size_t n_nodes;
};

/* --- Making proofs -------------------------------------------------------------------------- */

/* A fault of the source is passed on; it is asked for full subtrees within `size` leaves only. */

/* The head of the first `size` leaves; of none, the hash of nothing. */
RG_MUST_USE rg_err proof_head(const struct proof_source *source, uint64_t size,
	struct merkle_hash *ret_head);
/*
 * The outer hashes of leaves first..last (both included) among `size`. Needs first <= last < size.
 */
RG_MUST_USE rg_err proof_range(const struct proof_source *source, uint64_t first, uint64_t last,
	uint64_t size, struct proof_path *ret_outer);
/* The path of leaf `index`, its sibling first. Needs index < size. */
RG_MUST_USE rg_err proof_inclusion(const struct proof_source *source, uint64_t index, uint64_t size,
	struct proof_path *ret_path);
/* That the tree of old_size is a beginning of that of new_size; empty when either is trivial.
   Needs old_size <= new_size. */
RG_MUST_USE rg_err proof_consistency(const struct proof_source *source, uint64_t old_size,
	uint64_t new_size, struct proof_path *ret_path);

/* --- Checking proofs ------------------------------------------------------------------------ */

/* What a range proof claims: leaves[i] is the hash of leaf first + i. */
struct proof_claim {
	uint64_t first;
	uint64_t last;
	uint64_t size;
	const struct merkle_hash *leaves; /* last - first + 1 */
	const struct proof_path *outer;
};

/* The head that the claim leads to; ret_is_valid false when numbers or counts do not fit. */
RG_MUST_USE rg_err proof_range_head(const struct proof_claim *claim, struct merkle_hash *ret_head,
	bool *ret_is_valid);
/*
 * The inclusion path of one leaf of a claim whose head has been checked. Hashes the whole
 * range: for many leaves take range.h. RG_E_FORMAT: index is outside, or the claim does
 * not fit.
 */
RG_MUST_USE rg_err proof_range_path(const struct proof_claim *claim, uint64_t index,
	struct proof_path *ret_path);
/* The head that leaf and path lead to; ret_is_valid false when the path has the wrong length. */
RG_MUST_USE rg_err proof_inclusion_head(const struct merkle_hash *leaf, uint64_t index,
	uint64_t size, const struct proof_path *path, struct merkle_hash *ret_head,
	bool *ret_is_valid);

struct proof_tree {
	uint64_t size;
	struct merkle_hash root;
};

/* Does the path show that new_tree continues old_tree? (RFC 9162, section 2.1.4.2) */
RG_MUST_USE rg_err proof_consistency_check(const struct proof_tree *old_tree,
	const struct proof_tree *new_tree, const struct proof_path *path, bool *ret_is_valid);

/*
 * Does the path lead to new_tree, from whatever old tree? Then ret_old_root is the root of the
 * old_size leaves that new_tree begins with: one that differs from a root known for that size
 * proves two histories. A path from a size that is a power of two does not hold the old root;
 * there, and where the path does not fit, the answer is false.
 */
RG_MUST_USE rg_err proof_consistency_origin(uint64_t old_size, const struct proof_tree *new_tree,
	const struct proof_path *path, struct merkle_hash *ret_old_root, bool *ret_leads);

/* --- Proof files ---------------------------------------------------------------------------- */

/* A tlog-proof file (C2SP tlog-proof@v1). */
struct proof_file {
	uint64_t index;
	struct buf extra; /* see proof_extra_write(); empty: no extra line */
	struct proof_path path;
	struct buf checkpoint; /* the note, verbatim */
};

/*
 * extra = uint16 meta_len ‖ meta ‖ uint16 signature_len
 * ‖ signature: what with the header makes the leaf.
 */
struct proof_extra {
	struct rg_bytes meta;
	struct rg_bytes signature;
};

/* Appends to out. RG_E_OVERFLOW: longer than a leaf could be. */
RG_MUST_USE rg_err proof_extra_write(const struct proof_extra *extra, struct buf *out);
/* ret_extra views bytes. False: lengths do not add up. */
bool proof_extra_read(struct rg_bytes bytes, struct proof_extra *ret_extra);

void proof_file_init(struct proof_file *file);
void proof_file_deinit(struct proof_file *file);
SCOPED_DEFINE_VALUE(struct proof_file, proof_file_deinit);
/* Appends the text of the file to out. */
RG_MUST_USE rg_err proof_file_write(const struct proof_file *file, struct buf *out);
/*
 * Reads the text of a file; ret_file has been initialised, and what it held is replaced.
 * ret_line: 0 when read, else the line (from 1) where the text is wrong. Strict: base64
 * and numbers have one form, the checkpoint is one, nothing follows.
 */
RG_MUST_USE rg_err proof_file_read(struct rg_bytes text, struct proof_file *ret_file,
	size_t *ret_line);

/*
 * The whole check of one receipt: leaf from header, meta and signature; path;
 * checkpoint of this log. ret_rule: NULL when it holds, else what failed (static).
 */
RG_MUST_USE rg_err proof_file_check(const struct proof_file *file, struct rg_bytes header,
	const struct note_verifier *log, const char **ret_rule);

#endif
