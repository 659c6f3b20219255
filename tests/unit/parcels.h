#ifndef TESTS_UNIT_PARCELS_H
#define TESTS_UNIT_PARCELS_H

/*
 * Deliveries that a lying router may make, and those that a client must show
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fake_router.h"

/* A message from cn.gacc to this party, and how it is spoilt. */
struct parcel {
	const char *name;
	const char *to;
	const char *from;
	const char *content; /* what is delivered for "content" */
	size_t signer;       /* party of CN, or of LA when from is there */
	bool is_withheld;
	bool has_no_proof;
	bool has_other_proof; /* of the record before */
	bool has_other_signature;
	bool is_derived;          /* claims to be derived … */
	bool is_router;           /* … by the router, and is */
	Rivergate__V1__Kind kind; /* 0: DECLARATION */
	uint64_t counter;         /* 0: as it should be */
	bool has_no_counter;
	bool is_good;
};

#define KIND(name) RIVERGATE__V1__KIND__KIND_##name

static const struct parcel parcels[] = {
	{.name = "good", .is_good = true},
	{.name = "withheld", .is_withheld = true, .is_good = true},
	{.name = "content", .content = "contenT"},
	{.name = "destination", .to = "th.doa"},
	{.name = "sender", .from = "la.customs"},
	{.name = "no proof", .has_no_proof = true},
	{.name = "other proof", .has_other_proof = true},
	{.name = "other signature", .has_other_signature = true},
	{.name = "derived", .is_derived = true, .kind = KIND(STATUS)},
	{.name = "status of a party", .kind = KIND(STATUS)},
	{.name = "declaration of the router", .is_router = true},
	{.name = "plan", .is_router = true, .kind = KIND(PLAN), .is_good = true},
	{.name = "status",
		.is_router = true,
		.kind = KIND(STATUS),
		.has_no_counter = true,
		.is_good = true},
	{.name = "reminder",
		.is_router = true,
		.kind = KIND(REMINDER),
		.has_no_proof = true,
		.is_good = true},
	{.name = "expiry", .is_router = true, .kind = KIND(EXPIRY), .is_good = true},
	{.name = "no counter", .has_no_counter = true},
	{.name = "counter of another record", .counter = 1},
	{.name = "later counter, something is missing", .counter = 7, .is_good = true},
};

#define N_PARCELS (sizeof(parcels) / sizeof(parcels[0]))

#endif
