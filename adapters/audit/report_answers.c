/*
 * Who has answered by a time, and who has not: README.md of this folder defines each column.
 *
 * Method: the consignments as they stood at the last record up to that time; one row for each
 * rule by which an authority decides.
 * Threads: one.
 */
#include <string.h>

#include "audit/report_inside.h"
#include "rules/times.h"

/* The authority's newest answer on the leg that no later record took back; NULL: none. */
static const Rivergate__V1__ConsignmentAnswer *
answer_of(const Rivergate__V1__ConsignmentState *state, const struct times_row *row)
{
	const Rivergate__V1__ConsignmentAnswer *newest = NULL;

	for (size_t i = 0; i < state->n_answers; i++) {
		const Rivergate__V1__ConsignmentAnswer *answer = state->answers[i];

		if (answer->leg == row->leg && strcmp(answer->authority, row->authority) == 0 &&
			(!newest || answer->index > newest->index)) {
			newest = answer;
		}
	}
	return newest;
}

/* When its target runs out; 0: none runs. */
static int64_t due_of(const Rivergate__V1__ConsignmentState *state, const struct times_row *row,
	const char *rule)
{
	for (size_t i = 0; i < state->n_clocks; i++) {
		const Rivergate__V1__ConsignmentClock *clock = state->clocks[i];

		if (clock->leg == row->leg && !clock->ended && strcmp(clock->rule, rule) == 0 &&
			strcmp(clock->authority, row->authority) == 0) {
			return clock->due_us;
		}
	}
	return 0;
}

static int64_t or_none(int64_t number)
{
	return number ? number : REPORT_NO_NUMBER;
}

static void add_row(struct report_counting *it, const Rivergate__V1__ConsignmentState *state,
	const struct times_row *row, const Rivergate__V1__PlanEntry *entry)
{
	const Rivergate__V1__ConsignmentLeg *leg = state->legs[row->leg];
	const Rivergate__V1__ConsignmentAnswer *answer = answer_of(state, row);
	const char *texts[] = {state->ucr, leg->leg->country, report_regime(leg->leg),
		report_office(leg->leg), row->authority, entry->rule,
		report_name(&rivergate__v1__leg_status__descriptor, (int)row->status,
			sizeof("LEG_STATUS_") - 1),
		report_name(&rivergate__v1__turn__descriptor, (int)row->turn, sizeof("TURN_") - 1)};
	struct tally_cell *cell =
		tally_at(&it->report->tables[0].tally, texts, sizeof(texts) / sizeof(texts[0]));

	if (cell) {
		cell->counts[0] = answer ? (int64_t)answer->index : REPORT_NO_NUMBER;
		cell->counts[1] = answer ? answer->at_us : REPORT_NO_NUMBER;
		cell->counts[2] = row->lodged_us;
		cell->counts[3] = or_none(leg->arrived_us);
		cell->counts[4] = or_none(due_of(state, row, entry->rule));
		cell->counts[5] = or_none((int64_t)entry->profile_version);
		cell->counts[6] = or_none((int64_t)entry->profile_index);
	}
}

rg_err report_take_answers(struct report_counting *it, Rivergate__V1__ConsignmentState *state,
	const struct trust *trust)
{
	const struct times_question question = {.state = state, .trust = trust};
	const struct times_row *rows = NULL;
	size_t n_rows = 0;

	if (it->options->ucr && strcmp(it->options->ucr, state->ucr) != 0) {
		return RG_OK;
	}
	rg_err err = times_list(&question, it->arena, &rows, &n_rows);

	for (size_t i = 0; !err && i < n_rows; i++) {
		const Rivergate__V1__PlanLeg *plan = state->plan->legs[rows[i].leg];

		for (size_t j = 0; j < plan->n_entries; j++) {
			const Rivergate__V1__PlanEntry *entry = plan->entries[j];

			if (entry->role == RIVERGATE__V1__AUTHORITY_ROLE__AUTHORITY_ROLE_DECIDES &&
				strcmp(entry->authority, rows[i].authority) == 0) {
				add_row(it, state, &rows[i], entry);
			}
		}
	}
	return err;
}

const struct report_form report_answers_form = {
	.name = "answers",
	.title = "",
	.lists_ucrs = true,
	.texts = {"ucr", "country", "regime", "office", "authority", "rule", "status", "turn"},
	.n_texts = 8,
	.numbers = {{"answerRecord", REPORT_COUNT, report_count_0},
		{"answeredUs", REPORT_TIME, report_count_1},
		{"lodgedUs", REPORT_TIME, report_count_2},
		{"arrivedUs", REPORT_TIME, report_count_3}, {"dueUs", REPORT_TIME, report_count_4},
		{"profileVersion", REPORT_COUNT, report_count_5},
		{"profileRecord", REPORT_COUNT, report_count_6}},
	.n_numbers = 7,
};
