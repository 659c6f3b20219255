/*
 * Clocks: see clocks.h.
 *
 * Method: a clock is one entry of a leg's plan. With each record its row goes from what it was
 * to what the answers and events of the leg now ask for; open time before a pause is kept, and
 * the due time follows from what is left of the target by the calendar in force.
 *
 * Threads: the window's.
 */
#include "rules/clocks.h"

#include <string.h>

#include "rules/calendar.h"

#define S(name) RIVERGATE__V1__LEG_STATUS__LEG_STATUS_##name

/* No event that is said to lie behind this begins a target: nothing is due by then. */
#define FAR_US (INT64_MAX / 2)

/* One entry of a plan and its clock, as of the record. */
struct target {
	struct consignment *consignment;
	uint32_t leg;
	const Rivergate__V1__PlanEntry *entry;
	const Rivergate__V1__Calendar *calendar; /* NULL: always open */
	Rivergate__V1__ConsignmentClock *clock;
	struct status_word word;
	int64_t complete_us; /* of the leg: DOCUMENTS_COMPLETE */
	int64_t now_us;
};

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static const Rivergate__V1__WindowProfile *profile_of(const struct consignment *consignment,
	const char *authority)
{
	const struct consignment_cc cc = consignment_cc_of_address(authority);

	return trust_profile(consignment->call->record->trust, cc.text);
}

static const Rivergate__V1__Calendar *calendar_of(const struct consignment *consignment,
	const Rivergate__V1__PlanEntry *entry)
{
	const Rivergate__V1__WindowProfile *profile = profile_of(consignment, entry->authority);

	for (size_t i = 0; profile && entry->calendar[0] && i < profile->n_calendars; i++) {
		if (strcmp(profile->calendars[i]->id, entry->calendar) == 0) {
			return profile->calendars[i];
		}
	}
	return NULL;
}

static bool is_reason_owed(const struct consignment *consignment,
	const Rivergate__V1__PlanEntry *entry)
{
	const struct consignment_cc cc = consignment_cc_of_address(entry->authority);
	const Rivergate__V1__Rule *rule =
		rulebook_rule(trust_rulebook(consignment->call->record->trust, cc.text),
			entry->rule);

	return rule && rule->delay_reason_owed;
}

/* Rows */

static bool has_target(const Rivergate__V1__PlanEntry *entry)
{
	return entry->role == RIVERGATE__V1__AUTHORITY_ROLE__AUTHORITY_ROLE_DECIDES &&
		entry->target_us > 0;
}

static bool is_clock_of(const Rivergate__V1__ConsignmentClock *clock, uint32_t leg,
	const Rivergate__V1__PlanEntry *entry)
{
	return clock->leg == leg && strcmp(clock->rule, entry->rule) == 0 &&
		strcmp(clock->authority, entry->authority) == 0;
}

static rg_err find_clock(struct consignment *consignment, uint32_t leg,
	const Rivergate__V1__PlanEntry *entry, Rivergate__V1__ConsignmentClock **ret_clock)
{
	Rivergate__V1__ConsignmentState *state = consignment->state;
	struct arena *arena = consignment->call->arena;

	for (size_t i = 0; i < state->n_clocks; i++) {
		if (is_clock_of(state->clocks[i], leg, entry)) {
			*ret_clock = state->clocks[i];
			return RG_OK;
		}
	}
	Rivergate__V1__ConsignmentClock *clock = arena_alloc(arena, sizeof(*clock));
	if (!clock) {
		return RG_E_NOMEM;
	}
	rivergate__v1__consignment_clock__init(clock);
	clock->authority = entry->authority;
	clock->rule = entry->rule;
	clock->leg = leg;
	*ret_clock = clock;
	return rows_append(arena, &state->clocks, &state->n_clocks, clock);
}

/* Steps of one clock */

static void begin(Rivergate__V1__ConsignmentClock *clock, int64_t at_us)
{
	clock->start_us = at_us;
	clock->running_us = at_us;
	clock->worked_us = 0;
	clock->paused_us = 0;
	clock->due_us = 0;
	clock->ended = false;
}

/* As if it had never begun; who was reminded or has explained stays. */
static void stop(Rivergate__V1__ConsignmentClock *clock)
{
	begin(clock, 0);
}

static bool is_paused(const Rivergate__V1__ConsignmentClock *clock)
{
	return clock->start_us && !clock->running_us && !clock->ended;
}

/* It waits for somebody else, and nothing has come since. */
static bool wants_pause(const struct target *it)
{
	bool waits = it->word.status == S(DOCUMENTS_REQUIRED) ||
		it->word.status == S(TREATMENT_REQUIRED);

	return waits && (!it->complete_us || it->complete_us < it->word.since_us);
}

static bool is_over(const struct target *it)
{
	return it->word.status == S(UNSPECIFIED);
}

static void pause_clock(struct target *it)
{
	Rivergate__V1__ConsignmentClock *clock = it->clock;
	int64_t at_us = later(earlier(it->word.since_us, it->now_us), clock->running_us);

	clock->worked_us += calendar_open_between(it->calendar, clock->running_us, at_us);
	clock->running_us = 0;
	clock->paused_us = at_us;
}

/* By DOCUMENTS_COMPLETE, by another answer, or because the answer was taken back. */
static void resume(struct target *it)
{
	Rivergate__V1__ConsignmentClock *clock = it->clock;
	int64_t at_us = it->now_us;

	if (it->word.status == S(DOCUMENTS_REQUIRED) || it->word.status == S(TREATMENT_REQUIRED)) {
		at_us = it->complete_us;
	} else if (it->word.since_us > clock->paused_us) {
		at_us = it->word.since_us;
	}
	clock->running_us = later(earlier(at_us, it->now_us), clock->paused_us);
}

static rg_err miss(struct target *it)
{
	Rivergate__V1__ReminderFacts facts = RIVERGATE__V1__REMINDER_FACTS__INIT;
	bool is_silent = it->clock->missed || it->clock->explained;

	it->clock->missed = true;
	facts.reason = is_reason_owed(it->consignment, it->entry)
		? RIVERGATE__V1__REMINDER_FACTS__REASON__REASON_DELAY_REASON_OWED
		: RIVERGATE__V1__REMINDER_FACTS__REASON__REASON_TARGET_MISSED;
	facts.leg = it->leg + 1;
	facts.authority = it->entry->authority;
	facts.due_us = it->clock->due_us;
	facts.subject = it->entry->rule;
	return is_silent ? RG_OK : tell_reminder(it->consignment, it->entry->authority, &facts);
}

/* The target was over before what the record brings took effect. */
static rg_err miss_before(struct target *it, int64_t basis_us)
{
	const Rivergate__V1__ConsignmentClock *clock = it->clock;
	int64_t until_us = it->now_us;

	if (is_over(it) || wants_pause(it)) {
		until_us = earlier(until_us, it->word.since_us);
	} else if (basis_us > clock->start_us) {
		until_us = earlier(until_us, basis_us);
	}
	return clock->running_us && clock->due_us && clock->due_us <= until_us ? miss(it) : RG_OK;
}

/* Begins, ends, or begins again. */
static void turn_over(struct target *it, int64_t basis_us)
{
	Rivergate__V1__ConsignmentClock *clock = it->clock;

	if (is_over(it)) {
		if (!clock->start_us) {
			begin(clock, basis_us);
		}
		clock->ended = true;
		clock->running_us = 0;
	} else if (clock->ended) {
		begin(clock, later(basis_us, it->now_us));
	} else if (basis_us > clock->start_us) {
		begin(clock, basis_us);
	}
}

/* From when the target counts: the latest of what it waits for. */
static int64_t basis_of(const struct target *it, int64_t lodged_us)
{
	const Rivergate__V1__ConsignmentLeg *leg = it->consignment->state->legs[it->leg];
	int64_t basis_us = later(later(leg->arrived_us, lodged_us), leg->paid_us);

	return it->complete_us == it->clock->resumed_us ? basis_us
							: later(basis_us, it->complete_us);
}

static rg_err run(struct target *it, int64_t lodged_us)
{
	Rivergate__V1__ConsignmentClock *clock = it->clock;

	if (is_paused(clock) && it->complete_us >= clock->paused_us) {
		clock->resumed_us = it->complete_us;
	}
	int64_t basis_us = basis_of(it, lodged_us);
	if (!lodged_us || basis_us > FAR_US) {
		stop(clock);
		return RG_OK;
	}
	rg_err err = miss_before(it, basis_us);
	turn_over(it, basis_us);
	if (clock->running_us && wants_pause(it)) {
		pause_clock(it);
	} else if (is_paused(clock) && !wants_pause(it)) {
		resume(it);
	}
	clock->due_us = clock->running_us ? calendar_due(it->calendar, clock->running_us,
						    it->entry->target_us - clock->worked_us)
					  : 0;
	clock->due_us = clock->due_us == INT64_MAX ? 0 : clock->due_us;
	return err || !clock->due_us || clock->due_us > it->now_us ? err : miss(it);
}

/* Who lets transit begin has answered: what is left is the carrier's, within its time limit. */
static struct status_word answer_of(const struct view_question *asked, const char *authority)
{
	struct status_word word = status_of_authority(&asked->question, authority);
	bool is_under_way = word.status == RIVERGATE__V1__LEG_STATUS__LEG_STATUS_AUTHORISED ||
		word.status == RIVERGATE__V1__LEG_STATUS__LEG_STATUS_EXITED;

	word.status =
		is_under_way ? RIVERGATE__V1__LEG_STATUS__LEG_STATUS_UNSPECIFIED : word.status;
	return word;
}

/* Legs */

static rg_err settle_leg(struct consignment *consignment, uint32_t number)
{
	const Rivergate__V1__PlanLeg *plan = consignment->state->plan->legs[number];
	const Rivergate__V1__ConsignmentLeg *leg = consignment->state->legs[number];
	struct view_question asked;
	rg_err err = leg->arrived_us ? view_question(consignment, number, NULL, &asked) : RG_OK;

	for (size_t i = 0; !err && leg->arrived_us && i < plan->n_entries; i++) {
		const Rivergate__V1__PlanEntry *entry = plan->entries[i];
		struct target target = {
			.consignment = consignment,
			.leg = number,
			.entry = entry,
			.complete_us = leg->complete_us,
			.now_us = consignment->call->record->time_us,
		};

		if (!has_target(entry)) {
			continue;
		}
		target.calendar = calendar_of(consignment, entry);
		target.word = answer_of(&asked, entry->authority);
		err = find_clock(consignment, number, entry, &target.clock);
		if (!err) {
			err = run(&target, asked.lodged_us);
		}
	}
	return err;
}

static bool is_planned(const Rivergate__V1__ConsignmentState *state,
	const Rivergate__V1__ConsignmentClock *clock)
{
	const Rivergate__V1__PlanLeg *leg =
		clock->leg < state->plan->n_legs ? state->plan->legs[clock->leg] : NULL;

	for (size_t i = 0; leg && i < leg->n_entries; i++) {
		if (has_target(leg->entries[i]) &&
			is_clock_of(clock, clock->leg, leg->entries[i])) {
			return true;
		}
	}
	return false;
}

/* Clocks of rules that are gone: what they have said is kept, should the rule come back. */
static void end_others(Rivergate__V1__ConsignmentState *state)
{
	size_t n_kept = 0;

	for (size_t i = 0; i < state->n_clocks; i++) {
		Rivergate__V1__ConsignmentClock *clock = state->clocks[i];
		bool is_wanted = is_planned(state, clock);

		if (!is_wanted) {
			stop(clock);
		}
		if (is_wanted ||
			(clock->leg < state->n_legs && (clock->missed || clock->explained))) {
			state->clocks[n_kept++] = clock;
		}
	}
	state->n_clocks = n_kept;
}

rg_err clocks_settle(struct consignment *consignment)
{
	rg_err err = RG_OK;

	for (uint32_t i = 0; !err && i < consignment->state->n_legs; i++) {
		err = settle_leg(consignment, i);
	}
	if (!err) {
		end_others(consignment->state);
	}
	return err;
}

/* DELAY_REASON */

/* The authority of the plan by which the sender speaks, and of which leg; NULL: by none. */
static const char *speaker(const struct consignment *consignment, uint32_t *ret_leg)
{
	const Rivergate__V1__Header *header = consignment->call->record->header;
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	const Rivergate__V1__ConsignmentDeclaration *one = NULL;
	const Rivergate__V1__PlanEntry *entry = NULL;

	for (size_t i = 0; i < header->n_refs; i++) {
		const Rivergate__V1__Ref *ref = header->refs[i];
		uint32_t number = consignment_declaration_of(consignment, ref->from, ref->id);

		if (ref->relation == RIVERGATE__V1__RELATION__RELATION_IN_REPLY_TO &&
			number != CONSIGNMENT_NONE) {
			one = state->declarations[number];
		}
	}
	*ret_leg = consignment_leg_of(consignment, one, header->delay_reason->leg);
	if (*ret_leg != CONSIGNMENT_NONE) {
		entry = consignment_decider(consignment, *ret_leg, header->from);
	}
	for (uint32_t i = 0; !entry && !header->delay_reason->leg && i < state->n_legs; i++) {
		entry = consignment_decider(consignment, i, header->from);
		*ret_leg = i;
	}
	return entry ? entry->authority : NULL;
}

rg_err clocks_explain(struct consignment *consignment)
{
	const struct consignment_finding nobody = {
		.rule = "NOT_IN_PLAN",
		.path = "delay_reason",
		.text = "a reason for a delay came from somebody who does not decide here: it "
			"explains nothing",
	};
	uint32_t number = CONSIGNMENT_NONE;
	rg_err err = RG_OK;

	if (consignment->call->record->header->facts_case !=
		RIVERGATE__V1__HEADER__FACTS_DELAY_REASON) {
		return RG_OK;
	}
	const char *authority = speaker(consignment, &number);
	if (!authority) {
		return consignment_find(consignment, &nobody);
	}
	const Rivergate__V1__PlanLeg *leg = consignment->state->plan->legs[number];
	for (size_t i = 0; !err && i < leg->n_entries; i++) {
		Rivergate__V1__ConsignmentClock *clock = NULL;

		if (!has_target(leg->entries[i]) ||
			strcmp(leg->entries[i]->authority, authority) != 0) {
			continue;
		}
		err = find_clock(consignment, number, leg->entries[i], &clock);
		if (!err) {
			clock->explained = true;
			consignment->has_changed = true;
		}
	}
	return err;
}

/* What follows from the rows */

int64_t clocks_next_us(const struct consignment *consignment)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	int64_t next_us = INT64_MAX;

	for (size_t i = 0; i < state->n_clocks; i++) {
		const Rivergate__V1__ConsignmentClock *clock = state->clocks[i];

		if (clock->running_us && clock->due_us && !clock->missed) {
			next_us = earlier(next_us, clock->due_us);
		}
	}
	return next_us;
}

/* An answer of the clock's authority that other members may not see. */
static bool is_hidden(const Rivergate__V1__ConsignmentState *state,
	const Rivergate__V1__ConsignmentClock *clock)
{
	for (size_t i = 0; i < state->n_answers; i++) {
		const Rivergate__V1__ConsignmentAnswer *answer = state->answers[i];

		if (answer->leg == clock->leg && strcmp(answer->authority, clock->authority) == 0 &&
			consignment_counts(state->declarations[answer->declaration]) &&
			status_is_hidden(answer->disclosure,
				state->legs[clock->leg]->arrived_us != 0)) {
			return true;
		}
	}
	return false;
}

/* Targets run after the arrival only, and from then on everybody sees the whole plan. */
int64_t clocks_due_us(const struct consignment *consignment, uint32_t leg, const char *viewer)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	const struct consignment_cc here =
		consignment_cc_of_country(state->legs[leg]->leg->country);
	bool is_own = !viewer || strcmp(viewer, here.text) == 0;
	int64_t due_us = INT64_MAX;

	for (size_t i = 0; i < state->n_clocks; i++) {
		const Rivergate__V1__ConsignmentClock *clock = state->clocks[i];

		if (clock->leg == leg && clock->running_us && clock->due_us &&
			(is_own || !is_hidden(state, clock))) {
			due_us = earlier(due_us, clock->due_us);
		}
	}
	return due_us == INT64_MAX ? 0 : due_us;
}
