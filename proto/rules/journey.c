/*
 * The journey: what happens to the goods on their way, and within which time transit ends.
 *
 * What counts on a leg comes from that leg's country; DEPARTED also from whoever declared. So
 * nobody says for another country that the goods have arrived there.
 *
 * Threads: the window's.
 */
#include <string.h>

#include "rules/consignment.h"
#include "rules/plan.h"

#define EVENT(name) RIVERGATE__V1__TRANSIT_EVENT_FACTS__EVENT__EVENT_##name

/* Which time of the leg an event sets. */
struct event_row {
	Rivergate__V1__TransitEventFacts__Event event;
	size_t place;
};

static const struct event_row events[] = {
	{EVENT(DEPARTED), offsetof(Rivergate__V1__ConsignmentLeg, departed_us)},
	{EVENT(ARRIVED), offsetof(Rivergate__V1__ConsignmentLeg, arrived_us)},
	{EVENT(EXITED), offsetof(Rivergate__V1__ConsignmentLeg, exited_us)},
	{EVENT(GATE_OUT), offsetof(Rivergate__V1__ConsignmentLeg, gate_out_us)},
	{EVENT(PAID), offsetof(Rivergate__V1__ConsignmentLeg, paid_us)},
	{EVENT(DOCUMENTS_COMPLETE), offsetof(Rivergate__V1__ConsignmentLeg, complete_us)},
};

static void set_time(Rivergate__V1__ConsignmentLeg *leg,
	Rivergate__V1__TransitEventFacts__Event event, int64_t at_us)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (events[i].event == event) {
			int64_t *place = (int64_t *)(void *)((uint8_t *)leg + events[i].place);

			/* Goods arrive once; papers may be completed and paid for again. */
			*place = *place && event == EVENT(ARRIVED) ? *place : at_us;
		}
	}
}

/* member: that may see it alone; NULL: all. */
static rg_err find_for(struct consignment *consignment, const char *member, const char *rule,
	const char *text)
{
	const struct consignment_finding finding = {
		.rule = rule,
		.path = "transit_event",
		.text = text,
		.member = member,
	};

	return consignment_find(consignment, &finding);
}

static rg_err find(struct consignment *consignment, const char *rule, const char *text)
{
	return find_for(consignment, NULL, rule, text);
}

/* Movement */

static bool is_one_of(const char *seal, const Rivergate__V1__Movement *movement)
{
	for (size_t i = 0; i < movement->n_seals; i++) {
		if (strcmp(movement->seals[i], seal) == 0) {
			return true;
		}
	}
	return false;
}

/* The seals that are expected: as last seen, else as declared. */
static const Rivergate__V1__Movement *expected(const Rivergate__V1__ConsignmentState *state)
{
	if (state->movement && state->movement->n_seals) {
		return state->movement;
	}
	for (size_t i = 0; i < state->n_declarations; i++) {
		const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[i];

		if (consignment_counts(one) && one->declared->movement &&
			one->declared->movement->n_seals) {
			return one->declared->movement;
		}
	}
	return NULL;
}

static rg_err check_seals(struct consignment *consignment, const Rivergate__V1__Movement *found)
{
	const Rivergate__V1__Movement *wanted = expected(consignment->state);

	if (!wanted || !found) {
		return RG_OK;
	}
	for (size_t i = 0; i < wanted->n_seals; i++) {
		if (!is_one_of(wanted->seals[i], found)) {
			return find(consignment, "SEAL_MISSING",
				"a declared seal was not found on the way");
		}
	}
	for (size_t i = 0; i < found->n_seals; i++) {
		if (!is_one_of(found->seals[i], wanted)) {
			return find(consignment, "SEAL_DIFFERS",
				"a seal was found that nobody declared");
		}
	}
	return RG_OK;
}

/* The movement as known, to be changed piece by piece. */
static Rivergate__V1__Movement *movement_of(struct consignment *consignment)
{
	Rivergate__V1__ConsignmentState *state = consignment->state;

	if (!state->movement) {
		state->movement = arena_alloc(consignment->call->arena, sizeof(*state->movement));
		if (state->movement) {
			rivergate__v1__movement__init(state->movement);
		}
	}
	return state->movement;
}

static rg_err change_movement(struct consignment *consignment,
	Rivergate__V1__TransitEventFacts__Event event, Rivergate__V1__Movement *now)
{
	Rivergate__V1__Movement *movement = movement_of(consignment);

	if (!movement) {
		return RG_E_NOMEM;
	}
	if (event == EVENT(SEALS_CHANGED)) {
		movement->seals = now->seals;
		movement->n_seals = now->n_seals;
	} else if (event == EVENT(TRACTOR_CHANGED)) {
		movement->plate = now->plate;
	} else {
		*movement = *now;
		consignment->state->transloaded = true;
	}
	return RG_OK;
}

/* TRANSIT_EVENT */

static bool may_tell(const struct consignment *consignment, uint32_t leg)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	const Rivergate__V1__Header *header = consignment->call->record->header;
	const struct consignment_cc own = consignment_cc_of_address(header->from);
	const struct consignment_cc here =
		consignment_cc_of_country(state->legs[leg]->leg->country);
	bool is_departure = header->transit_event->event == EVENT(DEPARTED);

	for (size_t i = 0; is_departure && i < state->n_declarations; i++) {
		if (consignment_counts(state->declarations[i]) &&
			strcmp(state->declarations[i]->from, header->from) == 0) {
			return true;
		}
	}
	return strcmp(own.text, here.text) == 0;
}

/* A release cannot be older than the arrival of what it releases. */
static rg_err check_releases(struct consignment *consignment, uint32_t leg)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < state->n_answers; i++) {
		const Rivergate__V1__ConsignmentAnswer *answer = state->answers[i];
		const struct consignment_cc own = consignment_cc_of_address(answer->authority);
		bool is_hidden =
			status_is_hidden(answer->disclosure, state->legs[leg]->arrived_us != 0);

		if (answer->leg == leg && answer->effective_us < answer->at_us &&
			answer->effective_us < state->legs[leg]->arrived_us &&
			answer->status ==
				RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_RELEASED) {
			err = find_for(consignment, is_hidden ? own.text : NULL,
				"EFFECTIVE_BEFORE_ARRIVAL",
				"a release is said to be older than the arrival of the goods");
		}
	}
	return err;
}

rg_err journey_take(struct consignment *consignment)
{
	const struct window_record *record = consignment->call->record;
	const Rivergate__V1__TransitEventFacts *facts = record->header->transit_event;

	if (record->header->facts_case != RIVERGATE__V1__HEADER__FACTS_TRANSIT_EVENT) {
		return RG_OK;
	}
	uint32_t number = consignment_leg_of(consignment, NULL, facts->leg);
	if (number == CONSIGNMENT_NONE || !may_tell(consignment, number)) {
		return find(consignment, "NOT_ON_THIS_LEG",
			"an event came from somebody who has no leg of this consignment");
	}
	Rivergate__V1__ConsignmentLeg *leg = consignment->state->legs[number];
	rg_err err = RG_OK;

	set_time(leg, facts->event,
		facts->happened_at_us ? facts->happened_at_us : record->time_us);
	consignment->has_changed = true;
	if (facts->event == EVENT(SEALS_CHECKED) || facts->event == EVENT(ARRIVED)) {
		bool has_seals = facts->movement && facts->movement->n_seals;

		err = facts->event == EVENT(SEALS_CHECKED) || has_seals
			? check_seals(consignment, facts->movement)
			: RG_OK;
	} else if (facts->movement &&
		(facts->event == EVENT(SEALS_CHANGED) || facts->event == EVENT(TRACTOR_CHANGED) ||
			facts->event == EVENT(TRANSLOADED))) {
		err = change_movement(consignment, facts->event, facts->movement);
	}
	return err ? err : check_releases(consignment, number);
}

/* Time limits */

static bool names(char *const *offices, size_t n, const char *office)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(offices[i], office) == 0) {
			return true;
		}
	}
	return n == 0;
}

int64_t journey_limit_us(const struct consignment *consignment, const Rivergate__V1__Leg *leg,
	int64_t from_us)
{
	const struct consignment_cc cc = consignment_cc_of_country(leg->country);
	const Rivergate__V1__WindowProfile *profile =
		trust_profile(consignment->call->record->trust, cc.text);

	for (size_t i = 0; profile && i < profile->n_transit_limits; i++) {
		const Rivergate__V1__TransitLimit *limit = profile->transit_limits[i];

		if (names(limit->offices_in, limit->n_offices_in, leg->office_in) &&
			names(limit->offices_out, limit->n_offices_out, leg->office_out)) {
			return from_us + limit->limit_us;
		}
	}
	return 0;
}

static bool is_running(const Rivergate__V1__ConsignmentLeg *leg)
{
	return leg->limit_us && !leg->exited_us && !leg->overdue;
}

/* To the leg's customs, and to the party whose consignment it is. */
static rg_err tell_overdue(struct consignment *consignment, uint32_t number)
{
	const struct trust *trust = consignment->call->record->trust;
	const Rivergate__V1__ConsignmentLeg *leg = consignment->state->legs[number];
	const struct trust_party *customs = plan_customs(trust, leg->leg);
	const struct trust_party *owner = trust_route(trust, consignment->state->owner);
	const struct consignment_cc here = consignment_cc_of_country(leg->leg->country);
	bool is_hidden = status_is_hidden(leg->limit_disclosure, leg->arrived_us != 0) && owner &&
		strcmp(owner->cc, here.text) != 0;
	Rivergate__V1__ReminderFacts facts = RIVERGATE__V1__REMINDER_FACTS__INIT;
	rg_err err = RG_OK;

	facts.reason = RIVERGATE__V1__REMINDER_FACTS__REASON__REASON_TRANSIT_LIMIT;
	facts.leg = number + 1;
	facts.due_us = leg->limit_us;
	facts.subject = leg->guarantee;
	if (customs) {
		facts.authority = (char *)customs->address;
		err = tell_reminder(consignment, customs->address, &facts);
	}
	if (!err && owner && !is_hidden &&
		(!customs || strcmp(owner->address, customs->address) != 0)) {
		err = tell_reminder(consignment, owner->address, &facts);
	}
	return err;
}

rg_err journey_settle(struct consignment *consignment)
{
	Rivergate__V1__ConsignmentState *state = consignment->state;
	rg_err err = RG_OK;

	for (uint32_t i = 0; !err && i < state->n_legs; i++) {
		Rivergate__V1__ConsignmentLeg *leg = state->legs[i];

		if (is_running(leg) && leg->limit_us <= consignment->call->record->time_us) {
			leg->overdue = true;
			err = tell_overdue(consignment, i);
		}
	}
	return err;
}

int64_t journey_next_us(const struct consignment *consignment)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	int64_t next_us = INT64_MAX;

	for (size_t i = 0; i < state->n_legs; i++) {
		if (is_running(state->legs[i]) && state->legs[i]->limit_us < next_us) {
			next_us = state->legs[i]->limit_us;
		}
	}
	return next_us;
}
