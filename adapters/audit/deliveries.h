#ifndef AUDIT_DELIVERIES_H
#define AUDIT_DELIVERIES_H

/*
 * Which deliveries are open, after each record
 *
 * The newest lie in a ring in memory, where most end soon; what the ring has no room for
 * goes to the store. Parties are numbered in the order in which they are first met.
 *
 * Threads: one.
 */

#include "audit/examine.h"
#include "audit/store.h"
#include "evidence/derived.h"

struct deliveries;

RG_MUST_USE rg_err deliveries_new(struct store *store, struct deliveries **ret_deliveries);
void deliveries_free(struct deliveries *deliveries);
SCOPED_DEFINE(struct deliveries, deliveries_free);
void deliveries_set_origin(struct deliveries *deliveries, const struct derived_lineage *lineage);

/* The deliveries of a MESSAGE. */
RG_MUST_USE rg_err deliveries_open(struct deliveries *deliveries, uint64_t index,
	const struct examined *examined);

/*
 * A message that follows from a record of any type: PLAN, STATUS or REMINDER. No two of one
 * record have the same kind, ordinal and recipient. Or a declaration that is handed over
 * because of it.
 */
struct deliveries_told {
	uint64_t handed; /* record of the declaration, if kind is 0 */
	uint8_t kind;    /* 0: a declaration */
	uint32_t ordinal;
	const char *to; /* address of the party */
};
/* Opens its delivery, which ends at expires_us without a notice. */
RG_MUST_USE rg_err deliveries_tell(struct deliveries *deliveries, uint64_t cause,
	const struct deliveries_told *told, int64_t expires_us);

enum deliveries_answer {
	DELIVERIES_UNKNOWN, /* never was, or ended before */
	DELIVERIES_ENDED,   /* was open, and is over now */
	DELIVERIES_LATE,    /* had expired: a settlement that was under way then */
};
/* What a PROGRESS says of one. */
RG_MUST_USE rg_err deliveries_end(struct deliveries *deliveries,
	const Rivergate__V1__DeliveryRef *ref, enum deliveries_answer *ret_answer);

/*
 * What time_us reaches expires; the senders of messages (not of derived ones) get an EXPIRY,
 * which lives for life_us.
 */
RG_MUST_USE rg_err deliveries_expire(struct deliveries *deliveries, int64_t time_us,
	int64_t life_us);

RG_MUST_USE rg_err deliveries_save(struct deliveries *deliveries);
RG_MUST_USE rg_err deliveries_restore(struct deliveries *deliveries);

#endif
