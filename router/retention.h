#ifndef ROUTER_RETENTION_H
#define ROUTER_RETENTION_H

/*
 * How long the router keeps the parts of a message
 *
 * Each channel rule says how many days (`retention_days`, 0: no end). Of a record it is the
 * rule that let it pass, under the registry in force at that record; where it went to
 * several recipients, the longest of theirs. Parts are kept in any case until the message
 * has expired: what was accepted is delivered whole as long as it can be. Governance kinds
 * are kept for ever, and so is what passed without a rule (acknowledgements).
 *
 * A pure function: an auditor can ask it too.
 */

#include <stdint.h>

#include "rivergate/v1/message.pb-c.h"

#define RETENTION_FOR_EVER INT64_MAX

struct trust;

/* When the parts of a message, admitted at time_us under this trust, have expired. */
int64_t retention_until_us(const struct trust *trust, const Rivergate__V1__Header *header,
	int64_t time_us);

#endif
