#ifndef AUDIT_SEGMENTS_H
#define AUDIT_SEGMENTS_H

/*
 * Reading a router's journal, or what is left of it, beside the published log
 *
 * Parts live in the journal alone. An auditor may get it whole, with parts pruned, without
 * some of its segments, or not at all; what is not there is absent, never a fault. Records
 * are asked for in ascending order, and each file is read once, from its beginning or from
 * a place noted earlier, through a window of its own: memory is bounded by one frame.
 *
 * Nothing is believed: both sums of a frame are checked, and whoever asks compares the leaf.
 * A frame that is damaged is stepped over where the next one can be found.
 * Threads: a reader belongs to one.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/scoped.h"

struct segments;

/* dir: the folder of *.seg files; no such folder is a journal without records. */
RG_MUST_USE rg_err segments_open(const char *dir, struct segments **ret_segments);
void segments_close(struct segments *segments);
SCOPED_DEFINE(struct segments, segments_close);

enum segments_state {
	SEGMENTS_ABSENT,
	SEGMENTS_WHOLE,
	SEGMENTS_DAMAGED,
};

struct segments_found {
	enum segments_state state;
	struct rg_bytes leaf;  /* WHOLE; both until the next call */
	struct rg_bytes parts; /* as in the frame; empty: none, withheld or pruned */
};

/*
 * The record at index, which is above all asked for before. A fault is ours (a file that is
 * there and cannot be read, no memory).
 */
RG_MUST_USE rg_err segments_read(struct segments *segments, uint64_t index,
	struct segments_found *ret_found);

/* Where the next frame lies: a later reader starts there instead of at the beginning. */
struct segments_place {
	uint64_t segment; /* first index of the file, as its name says */
	uint64_t offset;
};
struct segments_place segments_tell(const struct segments *segments);
/* Before the first segments_read(). A place in a file that is not there is forgotten. */
void segments_seek(struct segments *segments, struct segments_place place);

#endif
