#ifndef AUDIT_FOLD_H
#define AUDIT_FOLD_H

/*
 * What follows from the records in their order, and what contradicts it
 *
 *     time        never decreases                                    TIME_ORDER
 *     identity    one record for each (from, id)                     IDENTITY
 *     deliveries  MESSAGE opens one for each party of its route; PROGRESS ends only what
 *                 is open, once, or has just expired                 DELIVERY
 *     progress    ends a delivery, and sets it aside for a reason    LEAF
 *     derived     EXPIRY notices are computed from the records, what the window tells
 *                 comes with them; PROGRESS names no other derived message
 *                                                                    DERIVED
 *
 * The same fold as the router's, kept on disk: memory holds the newest FOLD_RECENT
 * deliveries, the store what stays open longer.
 *
 * A record that cannot be had (a view, a damaged leaf) leaves the fold without what it would
 * have opened, and one that the window was not computed for without what followed from it:
 * from there on nothing is said about deliveries.
 *
 * Threads: one.
 */

#include <stdbool.h>
#include <stdint.h>

#include "audit/deliveries.h"
#include "audit/examine.h"
#include "audit/finding.h"
#include "audit/store.h"
#include "evidence/derived.h"

#define FOLD_RECENT 8192

struct fold;

RG_MUST_USE rg_err fold_new(struct store *store, struct fold **ret_fold);
void fold_free(struct fold *fold);
SCOPED_DEFINE(struct fold, fold_free);

/* Origin of the log: part of the ids of derived messages. Copied. */
void fold_set_origin(struct fold *fold, const struct derived_lineage *lineage);

struct fold_input {
	uint64_t index;
	struct rg_bytes leaf; /* empty: not at hand */
	const struct examined *examined;
	const struct deliveries_told *told; /* what the window tells because of the record */
	size_t n_told;
	bool is_told; /* false: what it tells, or told before, is not known */
};
/* Takes the next record. */
RG_MUST_USE rg_err fold_take(struct fold *fold, const struct fold_input *input,
	struct findings *findings);

/* The highest time_us so far, and the first record that has it; 0: there is none. */
int64_t fold_time_us(const struct fold *fold);
uint64_t fold_time_record(const struct fold *fold);
uint64_t fold_n_messages(const struct fold *fold);

/* Puts what is in memory into the store, before its commit; and back. */
RG_MUST_USE rg_err fold_save(struct fold *fold);
RG_MUST_USE rg_err fold_restore(struct fold *fold);

#endif
