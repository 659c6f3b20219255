#ifndef RULES_DEMANDS_H
#define RULES_DEMANDS_H

/*
 * Demands: which documents the plan's rules ask for, and whether what is at hand satisfies
 *
 * Threads: the window's.
 */

#include "rules/ledger.h"

/* A certificate that the consignment's declarations name. */
struct demands_document {
	struct ledger_name name;
	Rivergate__V1__CertificateLedger *ledger;
};

struct demands_documents {
	struct demands_document *items;
	size_t n;
};

/* An entry of this authority on the leg asks for what the document can satisfy. */
RG_MUST_USE rg_err demands_ask(struct consignment *consignment, uint32_t leg, const char *authority,
	const struct demands_document *document, bool *ret_asks);

/*
 * Fills PlanEntry.outstanding of the plan and finds what does not fit. When that may change by
 * time alone: documents_us of the consignment.
 */
RG_MUST_USE rg_err demands_settle(struct consignment *consignment,
	const struct demands_documents *documents);

/* A finding about a document, computed. it.path is filled in; member and leg as stated. */
RG_MUST_USE rg_err demands_find(struct consignment *consignment,
	const struct demands_document *document, struct consignment_finding *finding);

#endif
