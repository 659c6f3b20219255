#ifndef RULES_ALERTS_H
#define RULES_ALERTS_H

/*
 * Alerts, notices and enquiries: what flags, asks and reminds, and never holds
 *
 * README.md of this folder states the rules, section Alerts.
 *
 * Threads: the window's.
 */

#include "rules/consignment.h"

/* PEST_ALERT, EMERGENCY_NOTICE, ENQUIRY, ENQUIRY_REPLY: of no consignment's row. */
RG_MUST_USE rg_err alerts_take(struct window_call *call);
/* ACKNOWLEDGEMENT of a notice by a person; nothing for other acknowledgements. */
RG_MUST_USE rg_err alerts_acknowledged(struct window_call *call);
/* NON_COMPLIANCE: a finding for the certifying member and the sender's. */
RG_MUST_USE rg_err alerts_non_compliance(struct consignment *consignment);
/* Alerts in force that mean its goods, as computed findings. */
RG_MUST_USE rg_err alerts_settle(struct consignment *consignment);
/* When the next of these ends by itself; INT64_MAX: none does. After alerts_settle(). */
int64_t alerts_next_us(const struct consignment *consignment);
/* Puts its goods where a new alert looks for them; and away when it is over. */
RG_MUST_USE rg_err alerts_index(struct consignment *consignment);
/* A timer of an enquiry or notice is over. name: of its row. */
RG_MUST_USE rg_err alerts_due(struct window_call *call, enum rows_timer about,
	struct rg_bytes name);

#endif
