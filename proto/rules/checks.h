#ifndef RULES_CHECKS_H
#define RULES_CHECKS_H

/*
 * Checks of one document against one demand
 *
 * Threads: the window's.
 */

#include "rules/demands.h"

/* One demand of one entry. */
struct checks_asking {
	struct consignment *consignment;
	const struct demands_documents *documents;
	uint32_t leg;
	bool is_hidden; /* the entry, from other members */
	const Rivergate__V1__WindowProfile *profile;
	const Rivergate__V1__Rule *rule;
	const Rivergate__V1__DocumentDemand *demand;
	struct consignment_goods goods; /* declared ones that the rule is about */
};

/* Whether it is what is asked for: the type itself, or another one that is recognised for it. */
bool checks_can_satisfy(const struct checks_asking *it, const struct demands_document *document);

/* All checks of a document that has been seen and can satisfy; what does not fit is found. */
RG_MUST_USE rg_err checks_of_document(const struct checks_asking *it,
	const struct demands_document *document, bool *ret_is_satisfied);

/* A finding for those who may know of the entry. */
RG_MUST_USE rg_err checks_find(const struct checks_asking *it,
	const struct demands_document *document, const char *rule, const char *text);

#endif
