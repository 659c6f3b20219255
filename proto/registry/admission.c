/*
 * Admission: see admission.h.
 *
 * Method: a table of checks over one case; the first refusal ends it.
 * Threads: any.
 */
#include "registry/admission.h"

#include <stdio.h>
#include <string.h>

#define ADMITTED RIVERGATE__V1__VERDICT__VERDICT_ADMITTED

struct admission_case {
	const struct admission_question *question;
	struct admission_answer *answer;
};

static void refuse(const struct admission_case *it, Rivergate__V1__Verdict verdict,
	const char *rule, const char *field)
{
	it->answer->verdict = verdict;
	it->answer->rule = rule;
	(void)snprintf(it->answer->field, sizeof(it->answer->field), "%s", field);
}

/* --- Route ----------------------------------------------------------------------------------- */

static bool is_known(const struct admission_route *route, const struct trust_party *party,
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

static void add(struct admission_route *route, const struct trust_party *party, uint64_t parts)
{
	size_t i = 0;

	if (is_known(route, party, &i)) {
		route->recipients[i].parts &= parts;
		return;
	}
	route->recipients[route->n_recipients++] =
		(struct admission_recipient){.party = party, .parts = parts};
}

struct admission_route admission_route_of(const struct trust *trust,
	const Rivergate__V1__Header *header, int64_t time_us)
{
	struct admission_route route = {.verdict = ADMITTED};
	bool is_answer = header->kind == RIVERGATE__V1__KIND__KIND_ACKNOWLEDGEMENT;

	for (size_t i = 0; i < header->n_to && i < ADMISSION_RECIPIENTS_MAX; i++) {
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

int64_t admission_expiry_of(const struct trust *trust, const Rivergate__V1__Header *header,
	int64_t time_us)
{
	return header->expires_at_us ? header->expires_at_us
				     : time_us + trust_numbers(trust)->default_life_us;
}

/* --- Checks ---------------------------------------------------------------------------------- */

static void check_certificate(const struct admission_case *it)
{
	const struct trust *trust = it->question->trust;
	const struct trust_signer *signer = trust_signer_of(trust, it->question->key_id);

	if (!signer) {
		refuse(it, RIVERGATE__V1__VERDICT__VERDICT_CERTIFICATE,
			"key is in no directory in force", "signature.key_id");
		return;
	}
	struct trust_standing standing = trust_standing_of(trust, signer, it->question->time_us);

	if (standing.verdict != ADMITTED) {
		refuse(it, standing.verdict, standing.rule, "signature.key_id");
		return;
	}
	it->answer->is_crl_stale = standing.is_crl_stale;
}

static void check_sender(const struct admission_case *it)
{
	const struct admission_question *question = it->question;
	const struct trust_party *party = trust_route(question->trust, question->header->from);
	const struct trust_signer *signer = trust_signer_of(question->trust, question->key_id);

	if (!party || (question->party && strcmp(party->address, question->party) != 0)) {
		refuse(it, RIVERGATE__V1__VERDICT__VERDICT_SENDER,
			question->party ? "sender is not the session's party"
					: "sender is no party in force",
			"from");
		return;
	}
	if (strcmp(party->address, signer->party->address) != 0) {
		refuse(it, RIVERGATE__V1__VERDICT__VERDICT_SENDER,
			"key belongs to another party than the sender", "signature.key_id");
	}
}

static void check_route(const struct admission_case *it)
{
	struct admission_route *route = &it->answer->route;
	char field[32];

	*route = admission_route_of(it->question->trust, it->question->header,
		it->question->time_us);
	if (route->verdict == ADMITTED) {
		return;
	}
	(void)snprintf(field, sizeof(field), "to[%zu]", route->refused);
	refuse(it, route->verdict,
		route->verdict == RIVERGATE__V1__VERDICT__VERDICT_ROUTE
			? "no party in force has this address"
			: "no channel rule lets this kind, purpose and content pass",
		field);
}

static void check_time(const struct admission_case *it)
{
	const Rivergate__V1__Numbers *numbers = trust_numbers(it->question->trust);
	const Rivergate__V1__Header *header = it->question->header;
	int64_t time_us = it->question->time_us;

	if (header->sent_at_us > time_us + numbers->clock_skew_us) {
		refuse(it, RIVERGATE__V1__VERDICT__VERDICT_TIME,
			"sent_at_us lies ahead of the router's clock", "sent_at_us");
		return;
	}
	if (header->expires_at_us != 0 && header->expires_at_us <= time_us) {
		refuse(it, RIVERGATE__V1__VERDICT__VERDICT_TIME, "message has expired",
			"expires_at_us");
		return;
	}
	if (header->expires_at_us > time_us + numbers->max_life_us) {
		refuse(it, RIVERGATE__V1__VERDICT__VERDICT_TIME,
			"life is longer than the registry allows", "expires_at_us");
		return;
	}
	it->answer->is_late = header->sent_at_us < time_us - numbers->spool_max_us;
}

static void (*const checks[])(const struct admission_case *it) = {
	check_certificate,
	check_sender,
	check_route,
	check_time,
};

void admission_judge(const struct admission_question *question, struct admission_answer *ret_answer)
{
	const struct admission_case it = {question, ret_answer};

	*ret_answer = (struct admission_answer){.verdict = ADMITTED};
	for (size_t i = 0;
		i < sizeof(checks) / sizeof(checks[0]) && ret_answer->verdict == ADMITTED; i++) {
		checks[i](&it);
	}
}
