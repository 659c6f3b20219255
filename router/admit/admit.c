/*
 * Admission: see admit.h.
 *
 * Method: a table of checks over one case; the first refusal ends it.
 * Threads: the core's.
 */
#include "admit/admit.h"

#include <stdio.h>
#include <string.h>

struct admit_case {
	struct message *message;
	const struct admit_question *question;
	struct admit_answer *answer;
};

static void refuse(const struct admit_case *it, Rivergate__V1__Verdict verdict, const char *rule,
	const char *field)
{
	message_refuse(it->message, verdict, rule, field);
}

static void check_certificate(const struct admit_case *it)
{
	const struct trust *trust = it->question->trust;
	const struct trust_signer *signer = trust_signer_of(trust, it->message->signature->key_id);

	if (!signer) {
		refuse(it, RIVERGATE__V1__VERDICT__VERDICT_CERTIFICATE,
			"key is in no directory in force", "signature.key_id");
		return;
	}
	struct trust_standing standing = trust_standing_of(trust, signer, it->question->now_us);

	if (standing.verdict != RIVERGATE__V1__VERDICT__VERDICT_ADMITTED) {
		refuse(it, standing.verdict, standing.rule, "signature.key_id");
		return;
	}
	it->answer->is_crl_stale = standing.is_crl_stale;
}

static void check_sender(const struct admit_case *it)
{
	const struct trust *trust = it->question->trust;
	const struct trust_party *party = trust_route(trust, it->message->header->from);
	const struct trust_signer *signer = trust_signer_of(trust, it->message->signature->key_id);

	if (!party || strcmp(party->address, it->message->party) != 0) {
		refuse(it, RIVERGATE__V1__VERDICT__VERDICT_SENDER,
			"sender is not the session's party", "from");
		return;
	}
	if (strcmp(party->address, signer->party->address) != 0) {
		refuse(it, RIVERGATE__V1__VERDICT__VERDICT_SENDER,
			"key belongs to another party than the sender", "signature.key_id");
	}
}

static void check_route(const struct admit_case *it)
{
	struct admit_route route =
		admit_route_of(it->question->trust, it->message->header, it->question->now_us);
	char field[32];

	if (route.verdict == RIVERGATE__V1__VERDICT__VERDICT_ADMITTED) {
		return;
	}
	(void)snprintf(field, sizeof(field), "to[%zu]", route.refused);
	refuse(it, route.verdict,
		route.verdict == RIVERGATE__V1__VERDICT__VERDICT_ROUTE
			? "no party in force has this address"
			: "no channel rule lets this kind, purpose and content pass",
		field);
}

static void check_time(const struct admit_case *it)
{
	const Rivergate__V1__Numbers *numbers = trust_numbers(it->question->trust);
	const Rivergate__V1__Header *header = it->message->header;
	int64_t now_us = it->question->now_us;

	if (header->sent_at_us > now_us + numbers->clock_skew_us) {
		refuse(it, RIVERGATE__V1__VERDICT__VERDICT_TIME,
			"sent_at_us lies ahead of the router's clock", "sent_at_us");
		return;
	}
	if (header->expires_at_us != 0 && header->expires_at_us <= now_us) {
		refuse(it, RIVERGATE__V1__VERDICT__VERDICT_TIME, "message has expired",
			"expires_at_us");
		return;
	}
	if (header->expires_at_us > now_us + numbers->max_life_us) {
		refuse(it, RIVERGATE__V1__VERDICT__VERDICT_TIME,
			"life is longer than the registry allows", "expires_at_us");
		return;
	}
	it->answer->is_late = header->sent_at_us < now_us - numbers->spool_max_us;
}

static void check_identity(const struct admit_case *it)
{
	if (it->question->known_hash) {
		refuse(it, RIVERGATE__V1__VERDICT__VERDICT_CONFLICT,
			"another message has this identity", "id");
	}
}

static void check_backlog(const struct admit_case *it)
{
	if (it->question->n_undelivered >= trust_numbers(it->question->trust)->pending_per_party) {
		refuse(it, RIVERGATE__V1__VERDICT__VERDICT_QUOTA,
			"too many undelivered messages of this sender", "");
	}
}

static void (*const checks[])(const struct admit_case *it) = {
	check_certificate,
	check_sender,
	check_route,
	check_time,
	check_identity,
	check_backlog,
};

void admit_decide(struct message *message, const struct admit_question *question,
	struct admit_answer *ret_answer)
{
	const struct admit_case it = {message, question, ret_answer};

	*ret_answer = (struct admit_answer){.is_repeated = false};
	if (question->known_hash &&
		memcmp(question->known_hash, message->header_hash, MESSAGE_HASH_LEN) == 0) {
		ret_answer->is_repeated = true;
		return;
	}
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && !message_is_refused(message);
		i++) {
		checks[i](&it);
	}
}
