/*
 * Candidates: decided, refused, recognised, or appended.
 *
 * A candidate of session 0 is the router's own: registry and directories that it starts
 * with. Their content is checked like any other; their sender needs no certificate.
 *
 * Threads: the core's.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "core_state.h"
#include "registry/change.h"
#include "registry/header.h"

/*
 * What the sender's quota gets back. A refusal costs him more than its verification: it is
 * signed, logged and sent, and whoever sends what is refused shall run dry first.
 */
static int64_t refund_of(const struct message *message)
{
	int64_t spent_us = (int64_t)message->spent_us;

	if (message_is_refused(message) && !message_verdict_is_retryable(message->verdict) &&
		spent_us < CORE_REFUSAL_US) {
		spent_us = CORE_REFUSAL_US;
	}
	return (int64_t)message->charged_us - spent_us;
}

rg_err core_refusal_of(struct core *core, const struct message *message, const uint8_t *known_hash,
	struct core_effect **ret_effect)
{
	scoped(core_effect_freep) struct core_effect *effect =
		core_effect_new(CORE_EFFECT_REFUSE, message->session);
	const struct receipt_refusal refusal = {.router = core->options.router,
		.now_us = core->now_us,
		.known_hash = known_hash};

	if (!effect) {
		return RG_E_NOMEM;
	}
	rg_err err = receipt_refusal_body(message, &refusal, &effect->bytes);

	if (err) {
		return err;
	}
	effect->seq = message->seq;
	effect->epoch = message->epoch;
	effect->is_retryable = message_verdict_is_retryable(message->verdict);
	effect->n_messages = 1;
	effect->n_bytes = message->size;
	effect->refund_us = refund_of(message);
	*ret_effect = steal(effect);
	return RG_OK;
}

static void log_refusal(const struct message *message)
{
	const Rivergate__V1__Header *header = message->header;

	log_event(message->session ? LOG_INFO : LOG_ERROR, "admit", "refused",
		log_text("verdict",
			protobuf_c_enum_descriptor_get_value(&rivergate__v1__verdict__descriptor,
				(int)message->verdict)
					->name +
				sizeof("VERDICT_") - 1),
		log_text("party", message->party),
		log_hex("id",
			header ? (struct rg_bytes){header->id.data, header->id.len}
			       : (struct rg_bytes){.data = NULL}),
		log_text("rule", message->rule), log_text("field", message->field),
		log_text("detail", message->detail));
}

static rg_err refuse(struct core *core, const struct message *message, const uint8_t *known_hash)
{
	struct core_session *session = core_session_at(core, message->session);
	struct core_effect *effect = NULL;

	core->figures.n_refused++;
	log_refusal(message);
	if (session && message_verdict_is_retryable(message->verdict)) {
		session->is_dropping = true;
		session->dropped_epoch = message->epoch;
	}
	rg_err err = core_refusal_of(core, message, known_hash, &effect);

	if (!err) {
		core_hold(core, effect);
	}
	return err;
}

/* The session waits for a new epoch: the candidate does not count, its window comes back. */
static rg_err drop(struct core *core, const struct message *message)
{
	struct core_effect *effect = core_effect_new(CORE_EFFECT_RELEASE, message->session);

	if (!effect) {
		return RG_E_NOMEM;
	}
	effect->n_messages = 1;
	effect->n_bytes = message->size;
	effect->refund_us = refund_of(message);
	core_emit(core, effect);
	return RG_OK;
}

static bool is_dropped(struct core_session *session, uint32_t epoch)
{
	if (!session) {
		return false;
	}
	session->is_dropping = session->is_dropping && epoch <= session->dropped_epoch;
	return session->is_dropping;
}

/*
 * The record of the same message, again: its receipt follows when all before is durable. The
 * router, which says its registry and directories again at each start, needs none.
 */
static rg_err repeat(struct core *core, struct message **message, uint64_t index)
{
	if ((*message)->session == 0) {
		return RG_OK;
	}
	struct core_effect *effect =
		core_effect_new(CORE_EFFECT_RECEIPT_AGAIN, (*message)->session);

	if (!effect) {
		return RG_E_NOMEM;
	}
	core->figures.n_repeated++;
	effect->index = index;
	effect->seq = (*message)->seq;
	effect->epoch = (*message)->epoch;
	effect->n_messages = 1;
	effect->n_bytes = (*message)->size;
	effect->refund_us = refund_of(*message);
	effect->message = steal(*message);
	core_hold(core, effect);
	return RG_OK;
}

static rg_err find_identity(struct core *core, const Rivergate__V1__Header *header,
	struct index_identity *ret_identity, bool *ret_found)
{
	const struct core_pending *pending = core_pending_find(core, header);

	if (!pending) {
		return index_find_identity(core->index, header->from, header->id.data, ret_identity,
			ret_found);
	}
	ret_identity->index = pending->index;
	memcpy(ret_identity->header_hash, pending->header_hash, sizeof(ret_identity->header_hash));
	*ret_found = true;
	return RG_OK;
}

/* The router's own: only identity and content are asked. */
static void decide_own(struct message *message, const struct admit_question *question,
	struct admit_answer *ret_answer)
{
	*ret_answer = (struct admit_answer){.is_repeated = question->known_hash != NULL};
	if (!header_is_governance(message->header->kind)) {
		message_refuse(message, RIVERGATE__V1__VERDICT__VERDICT_SENDER,
			"the router sends governance kinds only", "kind");
	}
}

static rg_err govern(struct core *core, struct message *message, struct trust **ret_trust)
{
	const struct admit_governance in = {.trust = core->trust_pending,
		.pin = core->pin,
		.index = core->next_index};

	return admit_govern(message, &in, message_part(message, 0), ret_trust);
}

/* A file of the operator's that a party has brought before. */
static rg_err is_known_file(struct core *core, const struct message *message, bool *ret_is_known)
{
	*ret_is_known = false;
	if (message->session != 0 || message->n_parts == 0) {
		return RG_OK;
	}
	const struct change change = {.trust = core->trust_pending,
		.header = message->header,
		.part = message_part(message, 0)};

	return change_is_known(&change, ret_is_known);
}

static const struct {
	Rivergate__V1__Kind kind;
	Rivergate__V1__Admin__Act act;
} own_acts[] = {
	{RIVERGATE__V1__KIND__KIND_REGISTRY, RIVERGATE__V1__ADMIN__ACT__ACT_REGISTRY},
	{RIVERGATE__V1__KIND__KIND_DIRECTORY, RIVERGATE__V1__ADMIN__ACT__ACT_DIRECTORY},
	{RIVERGATE__V1__KIND__KIND_REVOCATION_LIST, RIVERGATE__V1__ADMIN__ACT__ACT_REVOCATION_LIST},
	{RIVERGATE__V1__KIND__KIND_WINDOW_PROFILE, RIVERGATE__V1__ADMIN__ACT__ACT_PROFILE},
};

/* The operator brought this file: an act of his, which the journal tells. */
static rg_err append_own_act(struct core *core, Rivergate__V1__Kind kind, uint64_t index)
{
	char detail[32];
	size_t i = 0;

	while (i < sizeof(own_acts) / sizeof(own_acts[0]) && own_acts[i].kind != kind) {
		i++;
	}
	if (i == sizeof(own_acts) / sizeof(own_acts[0])) {
		return RG_OK;
	}
	(void)snprintf(detail, sizeof(detail), "record=%llu", (unsigned long long)index);
	return core_append_admin(core, own_acts[i].act, detail);
}

static rg_err admit(struct core *core, struct message **message, const struct admit_answer *answer)
{
	scoped(trust_unrefp) struct trust *trust = NULL;
	const Rivergate__V1__Kind kind = (*message)->header->kind;
	bool is_own = (*message)->session == 0;
	uint64_t index = core->next_index;
	bool is_known = false;
	rg_err err = is_known_file(core, *message, &is_known);

	if (!err && !is_known && header_is_governance(kind)) {
		err = govern(core, *message, &trust);
	}
	if (err || is_known) {
		return err;
	}
	if (message_is_refused(*message)) {
		return refuse(core, *message, NULL);
	}
	(*message)->verdict = RIVERGATE__V1__VERDICT__VERDICT_ADMITTED;
	err = core_append_message(core, message, answer, trust);
	if (err) {
		return err;
	}
	core->figures.n_admitted++;
	if (trust) {
		trust_unref(core->trust_pending);
		core->trust_pending = steal(trust);
	}
	return is_own ? append_own_act(core, kind, index) : RG_OK;
}

static rg_err decide(struct core *core, struct message **message)
{
	struct index_identity identity;
	struct admit_answer answer;
	bool is_known = false;
	bool is_own = (*message)->session == 0;
	rg_err err = find_identity(core, (*message)->header, &identity, &is_known);

	if (err) {
		return err;
	}
	const struct admit_question question = {
		.trust = core->trust_pending,
		.now_us = core->now_us,
		.n_undelivered = is_own ? 0 : deliver_undelivered(core->deliver, (*message)->party),
		.known_hash = is_known ? identity.header_hash : NULL,
	};

	(is_own ? decide_own : admit_decide)(*message, &question, &answer);
	if (message_is_refused(*message)) {
		bool is_conflict = (*message)->verdict == RIVERGATE__V1__VERDICT__VERDICT_CONFLICT;

		return refuse(core, *message, is_conflict ? question.known_hash : NULL);
	}
	return answer.is_repeated ? repeat(core, message, identity.index)
				  : admit(core, message, &answer);
}

rg_err core_on_candidate(struct core *core, struct core_input *input)
{
	struct message *message = input->message;

	if (is_dropped(core_session_at(core, message->session), message->epoch)) {
		return drop(core, message);
	}
	if (message->session && core_is_waiting(core)) {
		message_refuse(message, RIVERGATE__V1__VERDICT__VERDICT_QUOTA,
			"the router waits for its witnesses", NULL);
	}
	return message_is_refused(message) ? refuse(core, message, NULL)
					   : decide(core, &input->message);
}
