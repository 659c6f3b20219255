/*
 * Retention: see retention.h.
 *
 * Threads: any.
 */
#include "retention.h"

#include "registry/admission.h"
#include "registry/header.h"

#define DAY_US (INT64_C(24) * 3600 * 1000000)

/* Days that the recipient's rule gives; 0: no end. */
static uint32_t days_for(const struct trust *trust, const Rivergate__V1__Header *header,
	const struct trust_party *recipient, int64_t time_us)
{
	struct trust_passage passage = trust_passage_of(trust, header, recipient, time_us);

	return passage.rule ? passage.rule->retention_days : 0;
}

int64_t retention_until_us(const struct trust *trust, const Rivergate__V1__Header *header,
	int64_t time_us)
{
	if (!trust || header_is_governance(header->kind)) {
		return RETENTION_FOR_EVER;
	}
	struct admission_route route = admission_route_of(trust, header, time_us);
	int64_t until_us = admission_expiry_of(trust, header, time_us);

	for (size_t i = 0; i < route.n_recipients; i++) {
		int64_t days = days_for(trust, header, route.recipients[i].party, time_us);

		if (days == 0) {
			return RETENTION_FOR_EVER;
		}
		if (time_us + days * DAY_US > until_us) {
			until_us = time_us + days * DAY_US;
		}
	}
	return route.n_recipients > 0 ? until_us : RETENTION_FOR_EVER;
}
