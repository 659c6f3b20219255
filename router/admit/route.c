/*
 * Routes: which parties a message goes to, and with which of its parts.
 *
 * Two addresses of one party make one delivery, with the parts that both may get. An
 * acknowledgement needs no channel rule: it answers what a rule let pass.
 *
 * Threads: the core's.
 */
#include "admit/admit.h"

static bool is_known(const struct admit_route *route, const struct trust_party *party,
	size_t *ret_i)
{
	for (size_t i = 0; i < route->n_recipients; i++) {
		if (route->recipients[i].party == party) {
			*ret_i = i;
			return true;
		}
	}
	return false;
}

static uint64_t all_parts(const Rivergate__V1__Header *header)
{
	return header->n_parts >= 64 ? UINT64_MAX : (UINT64_C(1) << header->n_parts) - 1;
}

static void add(struct admit_route *route, const struct trust_party *party, uint64_t parts)
{
	size_t i = 0;

	if (is_known(route, party, &i)) {
		route->recipients[i].parts &= parts;
		return;
	}
	route->recipients[route->n_recipients++] =
		(struct admit_recipient){.party = party, .parts = parts};
}

struct admit_route admit_route_of(const struct trust *trust, const Rivergate__V1__Header *header,
	int64_t time_us)
{
	struct admit_route route = {.verdict = RIVERGATE__V1__VERDICT__VERDICT_ADMITTED};
	bool is_answer = header->kind == RIVERGATE__V1__KIND__KIND_ACKNOWLEDGEMENT;

	for (size_t i = 0; i < header->n_to && i < ADMIT_RECIPIENTS_MAX; i++) {
		const struct trust_party *party = trust_route(trust, header->to[i]);

		route.refused = i;
		if (!party) {
			route.verdict = RIVERGATE__V1__VERDICT__VERDICT_ROUTE;
			return route;
		}
		if (is_answer) {
			add(&route, party, all_parts(header));
			continue;
		}
		struct trust_passage passage = trust_passage_of(trust, header, party, time_us);

		if (!passage.may_pass) {
			route.verdict = RIVERGATE__V1__VERDICT__VERDICT_CHANNEL;
			return route;
		}
		add(&route, party, passage.parts & all_parts(header));
	}
	return route;
}

int64_t admit_expiry_of(const struct trust *trust, const Rivergate__V1__Header *header,
	int64_t time_us)
{
	return header->expires_at_us ? header->expires_at_us
				     : time_us + trust_numbers(trust)->default_life_us;
}
