#ifndef RULES_RESERVATIONS_H
#define RULES_RESERVATIONS_H

/*
 * Reservations: what a consignment uses of the certificates that its declarations name
 *
 * Threads: the window's.
 */

#include "rules/demands.h"

/* The certificates that declarations in force name, drafts apart; at most DOCUMENTS_MAX. */
RG_MUST_USE rg_err reservations_list(struct consignment *consignment,
	struct demands_documents *ret_documents);

/* Their ledgers, and those of certificates that it relied on before, say what it uses now. */
RG_MUST_USE rg_err reservations_settle(struct consignment *consignment,
	const struct demands_documents *documents);

#endif
