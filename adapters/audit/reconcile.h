#ifndef AUDIT_RECONCILE_H
#define AUDIT_RECONCILE_H

/*
 * One log beside another, or beside what a party kept
 *
 * A log that verifies may still not be the only one its key signed. Two people who got a log
 * at different times or places compare them; a party compares its receipts, and the counters
 * of the deliveries that reached it, with the log that the operator shows. Only what was admitted
 * for it has a counter: a declaration that a plan handed over to it later, and what is derived, has
 * none and stands in no book, so that one of these held back is not found here.
 *
 * Memory: as verify.h, and 8 bytes for each delivery of the party.
 * Threads: the caller's, and those of verify.h.
 */

#include "audit/verify.h"

struct reconcile_report {
	char origin[256];
	uint64_t size_a;          /* records; of a party: deliveries in its books */
	uint64_t size_b;          /* records; of a party: deliveries that the log lists for it */
	uint64_t n_common;        /* records (deliveries) that are the same, from the first on */
	size_t n_receipts;        /* of a party: checkpoints and receipts compared */
	bool has_books;           /* of a party: there is a book of deliveries */
	struct findings findings; /* to be freed with findings_deinit() */
};

/* Two logs (data_dirs, archives, views). What is only newer in one of them is no finding. */
RG_MUST_USE rg_err reconcile_logs(const char *a, const char *b,
	struct reconcile_report *ret_report);

/*
 * A party's state folder (receipts, deliveries) against a log, which is verified on the way:
 * what that finds is in the report too. options->dir is the log; earlier, observe and context
 * are set here.
 */
RG_MUST_USE rg_err reconcile_party(const char *state, const char *party,
	const struct verify_options *options, struct reconcile_report *ret_report);

#endif
