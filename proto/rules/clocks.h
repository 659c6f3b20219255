#ifndef RULES_CLOCKS_H
#define RULES_CLOCKS_H

/*
 * Clocks: the targets of authorities, and who is reminded
 *
 * A target begins when the goods have arrived, the declaration is lodged, and, where such
 * events came, documents are complete and charges paid: the latest of these. It pauses while
 * the answer is DOCUMENTS_REQUIRED or TREATMENT_REQUIRED, and ends with a last word: one that
 * releases, refuses, or takes the goods away. A missed target makes one REMINDER to the authority.
 *
 * Threads: the window's.
 */

#include "rules/consignment.h"

/* DELAY_REASON. */
RG_MUST_USE rg_err clocks_explain(struct consignment *consignment);
/* Starts, pauses and ends what the state of the consignment asks for; reminds. */
RG_MUST_USE rg_err clocks_settle(struct consignment *consignment);
/* When the next target is over; INT64_MAX: none runs. */
int64_t clocks_next_us(const struct consignment *consignment);
/* The nearest target on a leg, of authorities that `viewer` may hear of; 0: none runs. */
int64_t clocks_due_us(const struct consignment *consignment, uint32_t leg, const char *viewer);

#endif
