#ifndef AUDIT_REPORT_INSIDE_H
#define AUDIT_REPORT_INSIDE_H

/*
 * What the files of a report share; nobody else
 *
 *     report.c         the pass over the log and the consignments
 *     report_count.c   what each report counts of a decision or a consignment
 */

#include "audit/report.h"
#include "base/arena.h"
#include "registry/trust.h"
#include "rivergate/v1/consignment.pb-c.h"
#include "rivergate/v1/message.pb-c.h"

struct report_counting {
	const struct report_options *options;
	struct report *report;
	struct arena *arena; /* of the record or consignment in hand */
	uint64_t n_things;   /* counted so far: the number of the next is one more */
};

/* A decision, and its consignment before and after it; NULL: there was none. Not changed. */
struct report_decision {
	uint64_t index;
	int64_t time_us;
	const Rivergate__V1__Header *header;
	Rivergate__V1__ConsignmentState *before;
	Rivergate__V1__ConsignmentState *after;
};

/* What each report counts; a member that is NULL counts nothing. */
struct report_kind {
	const struct report_form *forms[REPORT_TABLES_MAX];
	void (*decision)(struct report_counting *it, const struct report_decision *decision);
	rg_err (*consignment)(struct report_counting *it, Rivergate__V1__ConsignmentState *state,
		const struct trust *trust);
};
const struct report_kind *report_kind_of(enum report_type type);

#endif
