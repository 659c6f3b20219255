/*
 * Decisions: the last word of each authority, and leave for changes.
 *
 * A decision counts when its sender decides on the leg by the plan; what does not count stays
 * a finding, so that nobody wonders why nothing happened.
 *
 * Threads: the window's.
 */
#include <string.h>

#include "rules/consignment.h"
#include "rules/plan.h"

#define D(name) RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_##name

/* One decision on its way in. */
struct deciding {
	struct consignment *consignment;
	const Rivergate__V1__DecisionFacts *facts;
	ProtobufCBinaryData version_id; /* of what it decides on; empty: all that name the leg */
	uint32_t declaration;
	uint32_t leg;
	const char *authority; /* of the plan's entry */
};

static const Rivergate__V1__Ref *decided_on(const Rivergate__V1__Header *header)
{
	for (size_t i = 0; i < header->n_refs; i++) {
		if (header->refs[i]->relation == RIVERGATE__V1__RELATION__RELATION_DECIDES) {
			return header->refs[i];
		}
	}
	return NULL;
}

/* What is found of a decision is for those who may see it. */
static rg_err find(struct deciding *it, const char *rule, const char *text)
{
	const struct consignment_cc own =
		consignment_cc_of_address(it->consignment->call->record->header->from);
	bool is_hidden = status_is_hidden(it->facts->disclosure, false);
	const struct consignment_finding finding = {
		.rule = rule,
		.path = "refs",
		.text = text,
		.member = is_hidden ? own.text : NULL,
		.until_arrival = it->authority && !status_is_hidden(it->facts->disclosure, true),
		.leg = it->leg,
	};

	return consignment_find(it->consignment, &finding);
}

/* Leave for a change */

static bool is_request(const Rivergate__V1__ConsignmentDeclaration *one,
	const Rivergate__V1__Ref *ref)
{
	return one->request && strcmp(one->from, ref->from) == 0 &&
		one->request->id.len == ref->id.len &&
		memcmp(one->request->id.data, ref->id.data, ref->id.len) == 0;
}

/* The sender speaks for the authority: a laboratory does not for the office that it lies under. */
static bool speaks_for(const struct consignment *consignment, const char *from,
	const char *authority)
{
	bool speaks = strcmp(from, authority) == 0;

	for (uint32_t i = 0; !speaks && i < consignment->state->n_legs; i++) {
		const Rivergate__V1__PlanEntry *entry = consignment_decider(consignment, i, from);

		speaks = entry && strcmp(entry->authority, authority) == 0;
	}
	return speaks;
}

/* Takes the authority off the list; false: it was not on it. */
static bool take_off(const struct consignment *consignment, Rivergate__V1__ChangeRequest *request,
	const char *from)
{
	for (size_t i = 0; i < request->n_asked; i++) {
		if (speaks_for(consignment, from, request->asked[i])) {
			request->asked[i] = request->asked[--request->n_asked];
			return true;
		}
	}
	return false;
}

static rg_err answer_request(struct deciding *it, uint32_t number)
{
	const char *from = it->consignment->call->record->header->from;
	Rivergate__V1__ConsignmentDeclaration *one = it->consignment->state->declarations[number];

	if (it->facts->status != D(ACCEPTED) && it->facts->status != D(REFUSED)) {
		return find(it, "NO_LEAVE",
			"a change that waits for leave is ACCEPTED or REFUSED: this is neither");
	}
	if (!take_off(it->consignment, one->request, from)) {
		return find(it, "NOT_ASKED", "leave for a change is given by whom it was asked of");
	}
	it->consignment->has_changed = true;
	if (it->facts->status == D(REFUSED)) {
		one->request = NULL;
		return find(it, "CHANGE_REFUSED",
			"an authority refused a newer version: the one before stands");
	}
	return one->request->n_asked ? RG_OK : declare_grant(it->consignment, number);
}

/* Answers */

static bool is_answer_of(const Rivergate__V1__ConsignmentAnswer *answer, const struct deciding *it,
	uint32_t declaration)
{
	return answer->leg == it->leg && answer->declaration == declaration &&
		strcmp(answer->authority, it->authority) == 0;
}

/* NULL: there was none. */
static const Rivergate__V1__ConsignmentAnswer *take_back(struct deciding *it, uint32_t declaration)
{
	Rivergate__V1__ConsignmentState *state = it->consignment->state;

	for (size_t i = 0; i < state->n_answers; i++) {
		const Rivergate__V1__ConsignmentAnswer *answer = state->answers[i];

		if (is_answer_of(answer, it, declaration)) {
			memmove(&state->answers[i], &state->answers[i + 1],
				(--state->n_answers - i) * sizeof(*state->answers));
			return answer;
		}
	}
	return NULL;
}

static rg_err put_answer(struct deciding *it, uint32_t declaration)
{
	const struct window_record *record = it->consignment->call->record;
	Rivergate__V1__ConsignmentState *state = it->consignment->state;
	struct arena *arena = it->consignment->call->arena;
	const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[declaration];
	Rivergate__V1__ConsignmentAnswer *answer = arena_alloc(arena, sizeof(*answer));

	const Rivergate__V1__ConsignmentAnswer *before = take_back(it, declaration);

	if (it->facts->status == D(REVOKED)) {
		return RG_OK;
	}
	if (!answer) {
		return RG_E_NOMEM;
	}
	rivergate__v1__consignment_answer__init(answer);
	answer->authority = (char *)it->authority;
	answer->by = record->header->from;
	answer->leg = it->leg;
	answer->declaration = declaration;
	answer->version_id =
		it->version_id.len ? it->version_id : one->versions[one->n_versions - 1]->id;
	answer->status = it->facts->status;
	/* What is said after a part was released is about the rest. */
	answer->partly_released =
		(before && before->partly_released) || it->facts->status == D(PARTLY_RELEASED);
	answer->disclosure = it->facts->disclosure;
	answer->at_us = record->time_us;
	answer->effective_us =
		it->facts->effective_at_us ? it->facts->effective_at_us : record->time_us;
	answer->index = record->index;
	return rows_append(arena, &state->answers, &state->n_answers, answer);
}

/* What transit decisions of customs say about the leg beside their status. */
static void note_transit(struct deciding *it)
{
	Rivergate__V1__ConsignmentLeg *leg = it->consignment->state->legs[it->leg];
	const struct trust_party *customs =
		plan_customs(it->consignment->call->record->trust, leg->leg);
	const Rivergate__V1__DecisionFacts *facts = it->facts;
	int64_t at_us = facts->effective_at_us ? facts->effective_at_us
					       : it->consignment->call->record->time_us;

	if (facts->status == D(EXITED)) {
		leg->exited_us = at_us;
	}
	if (!customs || strcmp(it->authority, customs->address) != 0) {
		return;
	}
	if (facts->guarantee[0]) {
		leg->guarantee = facts->guarantee;
		leg->limit_disclosure = facts->disclosure;
	}
	if (facts->status == D(AUTHORISED)) {
		leg->limit_us = facts->time_limit_us
			? facts->time_limit_us
			: journey_limit_us(it->consignment, leg->leg, at_us);
		leg->limit_disclosure = facts->disclosure;
	} else if (facts->status == D(DISCHARGED)) {
		leg->limit_us = 0;
		leg->overdue = false;
	}
}

static rg_err check_times(struct deciding *it)
{
	const Rivergate__V1__ConsignmentLeg *leg = it->consignment->state->legs[it->leg];

	return it->facts->effective_at_us && leg->arrived_us &&
			it->facts->effective_at_us < leg->arrived_us &&
			it->facts->status == D(RELEASED)
		? find(it, "EFFECTIVE_BEFORE_ARRIVAL",
			  "a release is said to be older than the arrival of the goods")
		: RG_OK;
}

static rg_err answer_one(struct deciding *it, uint32_t declaration)
{
	const Rivergate__V1__ConsignmentDeclaration *one =
		it->consignment->state->declarations[declaration];
	bool is_own = one->lodged_by == RIVERGATE__V1__LODGED_BY__LODGED_BY_OFFICER_FOR_TRADER &&
		strcmp(one->from, it->consignment->call->record->header->from) == 0;

	if (one->purpose == RIVERGATE__V1__PURPOSE__PURPOSE_PREFILL) {
		return find(it, "DRAFT", "a draft is never decided: what is lodged is");
	}
	if (is_own) {
		return find(it, "OWN_DECLARATION",
			"whoever captured a declaration does not decide it");
	}
	return put_answer(it, declaration);
}

static rg_err answer(struct deciding *it)
{
	const Rivergate__V1__ConsignmentState *state = it->consignment->state;
	const Rivergate__V1__Leg *leg = state->legs[it->leg]->leg;
	rg_err err = RG_OK;

	if (it->declaration != CONSIGNMENT_NONE) {
		err = answer_one(it, it->declaration);
	}
	for (uint32_t i = 0;
		!err && it->declaration == CONSIGNMENT_NONE && i < state->n_declarations; i++) {
		const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[i];

		if (consignment_counts(one) && consignment_names_leg(one, leg) &&
			one->purpose != RIVERGATE__V1__PURPOSE__PURPOSE_PREFILL) {
			err = answer_one(it, i);
		}
	}
	if (!err) {
		note_transit(it);
		err = check_times(it);
	}
	it->consignment->has_changed = true;
	return err;
}

/* The first leg of the sender's country on which it decides, where it names none. */
static void find_leg(struct deciding *it)
{
	const struct consignment *consignment = it->consignment;
	const char *from = consignment->call->record->header->from;
	const Rivergate__V1__ConsignmentDeclaration *one = it->declaration == CONSIGNMENT_NONE
		? NULL
		: consignment->state->declarations[it->declaration];
	const Rivergate__V1__PlanEntry *entry = NULL;

	it->leg = consignment_leg_of(consignment, one, it->facts->leg);
	if (it->leg != CONSIGNMENT_NONE) {
		entry = consignment_decider(consignment, it->leg, from);
	}
	for (uint32_t i = 0; !entry && !it->facts->leg && i < consignment->state->n_legs; i++) {
		entry = consignment_decider(consignment, i, from);
		it->leg = i;
	}
	it->authority = entry ? entry->authority : NULL;
}

rg_err decide_take(struct consignment *consignment)
{
	const Rivergate__V1__Header *header = consignment->call->record->header;
	const Rivergate__V1__Ref *ref = decided_on(header);
	struct deciding it = {.consignment = consignment,
		.facts = header->decision,
		.declaration = CONSIGNMENT_NONE};

	if (header->facts_case != RIVERGATE__V1__HEADER__FACTS_DECISION) {
		return RG_OK;
	}
	for (uint32_t i = 0; ref && i < consignment->state->n_declarations; i++) {
		if (is_request(consignment->state->declarations[i], ref)) {
			return answer_request(&it, i);
		}
	}
	if (ref) {
		it.declaration = consignment_declaration_of(consignment, ref->from, ref->id);
		it.version_id = ref->id;
	}
	if (ref && it.declaration == CONSIGNMENT_NONE) {
		return find(&it, "UNKNOWN_DECLARATION",
			"a decision names a message that is no declaration of this consignment");
	}
	find_leg(&it);
	if (!it.authority) {
		return find(&it, "NOT_IN_PLAN",
			"a decision came from somebody who does not decide here: it changes "
			"nothing");
	}
	return answer(&it);
}

/* INSPECTION_RESULT */

rg_err decide_inspected(struct consignment *consignment)
{
	const struct window_record *record = consignment->call->record;
	const Rivergate__V1__InspectionResultFacts *facts = record->header->inspection_result;

	if (record->header->facts_case != RIVERGATE__V1__HEADER__FACTS_INSPECTION_RESULT) {
		return RG_OK;
	}
	uint32_t number = consignment_leg_of(consignment, NULL, facts->leg);
	if (number == CONSIGNMENT_NONE ||
		facts->result == RIVERGATE__V1__INSPECTION_RESULT_FACTS__RESULT__RESULT_AWAITED) {
		return RG_OK;
	}
	consignment->state->legs[number]->inspected_us =
		facts->happened_at_us ? facts->happened_at_us : record->time_us;
	consignment->has_changed = true;
	return RG_OK;
}
