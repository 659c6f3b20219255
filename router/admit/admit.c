/*
 * Admission: see admit.h.
 *
 * Method: a table of checks over one case; the first refusal ends it.
 * Threads: the core's.
 */
#include "admit/admit.h"

#include <stdio.h>
#include <string.h>

#include "registry/admission.h"
#include "registry/change.h"

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

static void check_admission(const struct admit_case *it)
{
	struct admission_answer answer;
	const struct admission_question question = {.trust = it->question->trust,
		.header = it->message->header,
		.key_id = it->message->signature->key_id,
		.party = it->message->party,
		.time_us = it->question->now_us};

	admission_judge(&question, &answer);
	it->answer->is_crl_stale = answer.is_crl_stale;
	it->answer->is_late = answer.is_late;
	if (answer.verdict != RIVERGATE__V1__VERDICT__VERDICT_ADMITTED) {
		refuse(it, answer.verdict, answer.rule, answer.field);
	}
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
	check_admission,
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

rg_err admit_govern(struct message *message, const struct admit_governance *in,
	struct rg_bytes part, struct trust **ret_trust)
{
	struct governance_answer answer = {.is_ok = false};
	const struct change change = {.trust = in->trust,
		.pin = in->pin,
		.index = in->index,
		.header = message->header,
		.part = part};
	rg_err err = change_apply(&change, ret_trust, &answer);

	if (!err && !*ret_trust) {
		(void)snprintf(message->detail, sizeof(message->detail), "%s", answer.text);
		message_refuse(message, RIVERGATE__V1__VERDICT__VERDICT_GOVERNANCE,
			"contradicts what is in force", answer.path);
	}
	return err;
}
