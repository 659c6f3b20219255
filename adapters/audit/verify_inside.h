#ifndef AUDIT_VERIFY_INSIDE_H
#define AUDIT_VERIFY_INSIDE_H

/*
 * What the files of a verification share; nobody else
 *
 *     verify.c       the run: reading, folding, the tree, the state of a later run
 *     verify_end.c   what is judged of the log as a whole
 */

#include <stdlib.h>

#include "audit/anchors.h"
#include "audit/crew.h"
#include "audit/fold.h"
#include "audit/gather.h"
#include "audit/growth.h"
#include "audit/stamps.h"
#include "audit/telling.h"
#include "audit/verify.h"
#include "audit/walk.h"

struct verify {
	const struct verify_options *options;
	struct published *log;
	struct segments *segments;
	struct store *store;
	struct law law;
	struct telling *telling;
	struct fold *fold;
	struct crew *crew;
	struct growth growth;
	struct tile_hashes scratch; /* of a published tile */
	struct tile published;      /* in the place of the computed one, where that is wrong */
	struct segments_place place;
	struct anchors anchors;
	struct findings of_anchors; /* never saved: another run has other anchors */
	struct stamps stamps;
	size_t n_beside;     /* anchors that nobody gave: checkpoint.witnessed */
	size_t next_anchor;  /* whose head is still to be judged */
	size_t next_receipt; /* likewise, its record */
	size_t n_saved;      /* findings that are in the store … */
	uint64_t next_key;   /* … and the key of the next one there */
	struct verify_report report;
};

void verify_find(struct verify *verify, enum finding_rule rule, uint64_t first, uint64_t last,
	const char *text);
/* A sink for nobody. */
rg_err verify_ignore_tile(void *context, unsigned level, uint64_t number, const struct tile *tile);
/* Makes durable what was verified so far. */
RG_MUST_USE rg_err verify_commit(struct verify *verify);

/* Judges the anchors that lie in what an earlier run verified, or beyond the log. */
RG_MUST_USE rg_err verify_begin_anchors(struct verify *verify);
/* Judges head, checkpoint, cosignatures, keys, and times under cosignatures. */
RG_MUST_USE rg_err verify_end(struct verify *verify);

#endif
