#ifndef RULES_DOCUMENTS_H
#define RULES_DOCUMENTS_H

/*
 * Documents: the ledger of certificates, and establishments that they rest on
 *
 * A declaration reserves what it relies on; a release by an authority that asked for the
 * document writes it off; refusal and cancellation free it. What does not fit is a finding for
 * the authorities that have the declaration: the window reports, it never decides.
 *
 * Threads: the window's.
 */

#include "rules/consignment.h"

#define DOCUMENTS_MAX 512 /* certificates that one consignment relies on */

/* CERTIFICATE, CERTIFICATE_STATUS, ESTABLISHMENT_LIST: of no consignment, or of several. */
RG_MUST_USE rg_err documents_take(struct window_call *call);

/*
 * Reservations follow the declarations in force and what was decided about them; what the
 * plan's entries still miss (PlanEntry.outstanding) and the findings of this consignment
 * follow from the ledger.
 */
RG_MUST_USE rg_err documents_settle(struct consignment *consignment);

/* When a certificate that it relies on ends, or a suspension begins; INT64_MAX: never. */
RG_MUST_USE rg_err documents_next_us(struct consignment *consignment, int64_t *ret_us);

#endif
