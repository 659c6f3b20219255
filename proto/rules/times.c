/*
 * How far authorities have come: see times.h.
 *
 * Method: what a leg waits for and who has answered is asked where status and clocks ask it.
 * Threads: any.
 */
#include "rules/times.h"

#include <string.h>

#include "rules/consignment.h"

#define S(name) RIVERGATE__V1__LEG_STATUS__LEG_STATUS_##name

static bool releases(Rivergate__V1__LegStatus status)
{
	return status == S(RELEASED) || status == S(RELEASED_CONDITIONAL) ||
		status == S(DISCHARGED);
}

/* All has been said: does it release, and since when? */
static void read_last_words(const struct status_question *question, struct times_row *row)
{
	row->state = TIMES_RELEASED;
	for (size_t i = 0; i < question->n_answers; i++) {
		const struct status_answer *answer = &question->answers[i];

		if (answer->declaration >= question->n_declarations ||
			strcmp(answer->authority, row->authority) != 0) {
			continue;
		}
		if (!releases(status_of_decision(answer->status))) {
			row->state = TIMES_ENDED;
		} else if (answer->at_us > row->released_us) {
			row->released_us = answer->at_us;
		}
	}
	if (row->state != TIMES_RELEASED) {
		row->released_us = 0;
	}
}

/* When the release was recorded: the answer in the state knows both of its times. */
static int64_t recorded_at(const Rivergate__V1__ConsignmentState *state,
	const struct times_row *row)
{
	int64_t recorded_us = 0;

	for (size_t i = 0; i < state->n_answers; i++) {
		const Rivergate__V1__ConsignmentAnswer *answer = state->answers[i];

		if (answer->leg == row->leg && answer->effective_us == row->released_us &&
			answer->at_us > recorded_us &&
			strcmp(answer->authority, row->authority) == 0) {
			recorded_us = answer->at_us;
		}
	}
	return recorded_us;
}

/* The strictest of the answers about what the leg waits for; all of them are last words. */
static Rivergate__V1__LegStatus strictest_last(const struct status_question *question,
	const char *authority)
{
	Rivergate__V1__LegStatus strictest = S(UNSPECIFIED);

	for (size_t i = 0; i < question->n_answers; i++) {
		const struct status_answer *answer = &question->answers[i];
		Rivergate__V1__LegStatus status = status_of_decision(answer->status);

		if (answer->declaration < question->n_declarations &&
			status_rank(status) > status_rank(strictest) &&
			strcmp(answer->authority, authority) == 0) {
			strictest = status;
		}
	}
	return strictest;
}

static void read_words(const struct consignment *consignment,
	const struct status_question *question, struct times_row *row)
{
	struct status_word word = status_of_authority(question, row->authority);
	Rivergate__V1__LegStatus status = word.status;

	if (status == S(UNSPECIFIED)) {
		read_last_words(question, row);
		row->recorded_us =
			row->state == TIMES_RELEASED ? recorded_at(consignment->state, row) : 0;
		status = strictest_last(question, row->authority);
	}
	row->status = status;
	row->turn = status_turn(status, question->has_arrived);
	row->since_us = word.since_us;
}

static bool is_first(const Rivergate__V1__PlanLeg *plan, size_t number)
{
	for (size_t i = 0; i < number; i++) {
		if (plan->entries[i]->role == plan->entries[number]->role &&
			strcmp(plan->entries[i]->authority, plan->entries[number]->authority) ==
				0) {
			return false;
		}
	}
	return true;
}

static rg_err list_leg(const struct consignment *consignment, uint32_t leg, struct times_row *rows,
	size_t *n_rows)
{
	const Rivergate__V1__PlanLeg *plan = consignment->state->plan->legs[leg];
	struct view_question asked;
	rg_err err = view_question(consignment, leg, NULL, &asked);

	for (size_t i = 0; !err && asked.question.n_declarations > 0 && i < plan->n_entries; i++) {
		const Rivergate__V1__PlanEntry *entry = plan->entries[i];
		struct times_row row = {.leg = leg,
			.authority = entry->authority,
			.lodged_us = asked.lodged_us};

		if (entry->role != RIVERGATE__V1__AUTHORITY_ROLE__AUTHORITY_ROLE_DECIDES ||
			!is_first(plan, i)) {
			continue;
		}
		read_words(consignment, &asked.question, &row);
		rows[(*n_rows)++] = row;
	}
	return err;
}

rg_err times_list(const struct times_question *question, struct arena *arena,
	const struct times_row **ret_rows, size_t *ret_n_rows)
{
	const Rivergate__V1__ConsignmentState *state = question->state;
	const struct window_record record = {.trust = question->trust};
	struct window_call call = {.record = &record, .arena = arena};
	const struct consignment consignment = {.state = question->state, .call = &call};
	size_t n_legs = state->plan ? state->plan->n_legs : 0;
	size_t n = 0;
	rg_err err = RG_OK;

	n_legs = n_legs < state->n_legs ? n_legs : state->n_legs;
	for (size_t i = 0; i < n_legs; i++) {
		n += state->plan->legs[i]->n_entries;
	}
	struct times_row *rows = arena_alloc(arena, (n + 1) * sizeof(*rows));

	if (!rows) {
		return RG_E_NOMEM;
	}
	n = 0;
	for (uint32_t i = 0; !err && i < n_legs; i++) {
		err = list_leg(&consignment, i, rows, &n);
	}
	*ret_rows = rows;
	*ret_n_rows = n;
	return err;
}
