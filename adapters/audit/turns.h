#ifndef AUDIT_TURNS_H
#define AUDIT_TURNS_H

/*
 * Whose turn it was: the course of each authority's share of a leg, for reports
 *
 * A change is noted when a record shows another turn than the one before. Times never go
 * back: what is said to be older than the change before it happened with that. What lies
 * before the first belongs to the first.
 *
 * Rows of the auditor's index on disk; no memory.
 * Threads: one, that of the store.
 */

#include <stdint.h>

#include <rivergate/error.h>

#include "audit/store.h"
#include "rivergate/v1/message.pb-c.h"

#define TURNS_MAX 8 /* values of Turn */

/* Borrowed. A leg is its country and regime. */
struct turns_key {
	const char *ucr;
	const Rivergate__V1__Leg *leg;
	const char *authority;
};

RG_MUST_USE rg_err turns_note(struct store *store, const struct turns_key *key,
	Rivergate__V1__Turn turn, int64_t time_us);
/* How much of the time between the two each turn has; us by the value of Turn. */
struct turns_sums {
	int64_t us[TURNS_MAX];
};
RG_MUST_USE rg_err turns_sum(struct store *store, const struct turns_key *key, int64_t from_us,
	int64_t until_us, struct turns_sums *ret_sums);

#endif
