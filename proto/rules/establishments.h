#ifndef RULES_ESTABLISHMENTS_H
#define RULES_ESTABLISHMENTS_H

/*
 * Establishments on lists: orchards, packhouses, laboratories, and whether they are in force
 *
 * Whose word counts for a leg: that of the establishment's own country, and that of the leg's.
 *
 * Threads: the window's.
 */

#include "rules/consignment.h"

#define ESTABLISHMENTS_MAX 256 /* that one consignment rests on */

/* ESTABLISHMENT_LIST. */
RG_MUST_USE rg_err establishments_take(struct window_call *call);

/* Whether it names one: a kind, and nothing empty or too long. */
bool establishments_is_name(const Rivergate__V1__EstablishmentRef *establishment);

/* The consignment rests on these, and on no others any more: changes of them touch it. */
RG_MUST_USE rg_err establishments_rest_on(struct consignment *consignment,
	Rivergate__V1__EstablishmentRef **all, size_t n);

/*
 * Whether nobody whose word counts on this leg has suspended or withdrawn it for such goods;
 * unknown ones are in force. When that may change by time alone: documents_us of the
 * consignment.
 */
RG_MUST_USE rg_err establishments_are_in_force(struct consignment *consignment, uint32_t leg,
	const Rivergate__V1__EstablishmentRef *establishment, const struct consignment_goods *goods,
	bool *ret_in_force);

struct establishments_question {
	struct consignment *consignment;
	uint32_t leg;
	const struct consignment_goods *goods;
	const Rivergate__V1__Recognition *recognition;
};
/*
 * Whether the certificate names an establishment that is on the recognition's list, of the
 * version that it names, else of any: a list of its own country, or of the leg's; and whose
 * newest word, as far as it meets the consignment, has not taken it off.
 */
RG_MUST_USE rg_err establishments_are_listed(const struct establishments_question *question,
	const Rivergate__V1__CertificateFacts *facts, bool *ret_listed);

#endif
