#ifndef AUDIT_GATHER_H
#define AUDIT_GATHER_H

/*
 * Reading a log into stretches: entries, hash tiles, journal, law
 *
 * Goes through the bundles in order. What cannot be had is told as a finding of the stretch:
 * a bundle that is not there is read from the journal if that has its leaves, and is
 * withheld otherwise. Parts too large to be carried along are checked at once.
 *
 * Threads: one.
 */

#include <stdint.h>

#include "audit/law.h"
#include "audit/segments.h"
#include "audit/stretch.h"
#include "evidence/published.h"

struct gather {
	struct published *log; /* borrowed, as all here */
	struct segments *segments;
	struct law *law;
	struct store *store;
	struct examiner *examiner; /* for large parts */
	uint64_t size;             /* records to read in all */
};

/*
 * Fills the stretch with the bundle that `from` lies in; records before `from` come without
 * parts and are not taken into the law. Needs from < size.
 */
RG_MUST_USE rg_err gather_fill(struct gather *gather, uint64_t from, struct stretch *stretch);

#endif
