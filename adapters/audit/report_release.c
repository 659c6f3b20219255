/*
 * Release times: README.md of this folder defines each column.
 *
 * Method: a thing is one authority's share of a leg, as times.h lists them when the log has
 * ended; whose turn it was in between is noted on the way (turns.h).
 * Threads: one.
 */
#include <string.h>

#include "audit/report_inside.h"
#include "audit/turns.h"
#include "rules/times.h"

enum release_count { RELEASE_OPEN, RELEASE_ENDED, RELEASE_DONE };
/* In the order of the forms; published are those before RELEASE_LIST_OPEN. */
enum release_table { RELEASE_TIMES, RELEASE_PARTS, RELEASE_LIST_OPEN, RELEASE_LIST_BACKDATED };

#define KEY_TEXTS 7

/* One authority's share of a leg. */
struct release {
	const Rivergate__V1__ConsignmentLeg *leg;
	const struct times_row *times;
	const char *ucr;
	const char *phase;
	int64_t start_us;
	int64_t end_us;
	int64_t waited_us;
	struct turns_sums turns;
};

static struct turns_key turns_key_of(const struct release *release)
{
	return (struct turns_key){release->ucr, release->leg->leg, release->times->authority};
}

/* The goods were there when it was recorded, and it says that it is older than that. */
static bool is_backdated(const struct release *release)
{
	int64_t arrived_us = release->leg->arrived_us;

	return release->times->state == TIMES_RELEASED && release->end_us < arrived_us &&
		arrived_us <= release->times->recorded_us;
}

/* When it ended, or the log did; what came later delayed nothing. */
static rg_err measure(const struct report_counting *it, struct release *release)
{
	const struct times_row *times = release->times;
	const Rivergate__V1__ConsignmentLeg *leg = release->leg;
	const struct turns_key key = turns_key_of(release);
	int64_t end_us =
		times->state == TIMES_RELEASED ? times->released_us : it->report->last_time_us;
	const int64_t stamps[] = {leg->arrived_us, times->lodged_us, leg->complete_us,
		leg->paid_us};
	bool has_arrived = leg->arrived_us > 0 && leg->arrived_us <= end_us;

	for (size_t i = 0; i < sizeof(stamps) / sizeof(stamps[0]); i++) {
		if (stamps[i] <= end_us && stamps[i] > release->start_us) {
			release->start_us = stamps[i];
		}
	}
	release->end_us = end_us;
	release->phase = has_arrived    ? "ARRIVED"
		: is_backdated(release) ? "BACKDATED"
					: "BEFORE_ARRIVAL";
	release->waited_us = release->start_us ? end_us - release->start_us : 0;
	rg_err err = turns_note(it->store, &key, times->turn, times->since_us);

	return err ? err
		   : turns_sum(it->store, &key, release->start_us, release->start_us ? end_us : 0,
			     &release->turns);
}

/* Texts of a cell that the goods lead to; another one may follow. */
static void cell_texts(const struct release *release, const struct report_chapter *chapter,
	const Rivergate__V1__Goods *goods, const char *texts[KEY_TEXTS])
{
	const Rivergate__V1__Leg *leg = release->leg->leg;

	texts[0] = leg->country;
	texts[1] = report_regime(leg);
	texts[2] = report_office(leg);
	texts[3] = release->times->authority;
	texts[4] = chapter->text;
	texts[5] = report_condition(goods);
	texts[6] = release->phase;
}

static void count_part(struct report_counting *it, const char *texts[KEY_TEXTS], const char *part,
	int64_t time_us)
{
	struct tally *tally = &it->report->tables[RELEASE_PARTS].tally;
	const char *all[KEY_TEXTS + 1];

	memcpy(all, texts, KEY_TEXTS * sizeof(texts[0]));
	all[KEY_TEXTS] = part;
	struct tally_cell *cell = tally_at(tally, all, KEY_TEXTS + 1);

	if (cell && tally_count(cell, RELEASE_DONE, it->n_things)) {
		tally_add(tally, cell, time_us);
	}
}

/* Between stamps, and by whose turn it was. */
static void count_parts(struct report_counting *it, const struct release *release,
	const char *texts[KEY_TEXTS])
{
	const Rivergate__V1__ConsignmentLeg *leg = release->leg;
	const int64_t start_us = release->start_us;
	const int64_t end_us = release->end_us;

	if (leg->arrived_us > 0 && leg->arrived_us <= start_us) {
		count_part(it, texts, "ARRIVED_TO_START", start_us - leg->arrived_us);
	}
	if (start_us && leg->inspected_us >= start_us && leg->inspected_us <= end_us) {
		count_part(it, texts, "START_TO_INSPECTED", leg->inspected_us - start_us);
		count_part(it, texts, "INSPECTED_TO_RELEASED", end_us - leg->inspected_us);
	}
	if (leg->gate_out_us >= end_us) {
		count_part(it, texts, "RELEASED_TO_GATE_OUT", leg->gate_out_us - end_us);
	}
	for (int turn = 0; turn < TURNS_MAX; turn++) {
		const char *name = report_name(&rivergate__v1__turn__descriptor, turn, 0);

		if (release->turns.us[turn] > 0 && name[0]) {
			count_part(it, texts, name, release->turns.us[turn]);
		}
	}
}

static void count_release(struct report_counting *it, const struct release *release,
	const Rivergate__V1__Goods *goods)
{
	struct tally *tally = &it->report->tables[RELEASE_TIMES].tally;
	const struct report_chapter chapter = report_chapter(goods);
	const char *texts[KEY_TEXTS];

	cell_texts(release, &chapter, goods, texts);
	struct tally_cell *cell = tally_at(tally, texts, KEY_TEXTS);

	if (!cell) {
		return;
	}
	if (release->times->state == TIMES_OPEN) {
		(void)tally_count(cell, RELEASE_OPEN, it->n_things);
	} else if (release->times->state == TIMES_ENDED) {
		(void)tally_count(cell, RELEASE_ENDED, it->n_things);
	} else if (tally_count(cell, RELEASE_DONE, it->n_things)) {
		tally_add(tally, cell, release->waited_us);
		count_parts(it, release, texts);
	}
}

static int64_t stamp_or_none(int64_t time_us)
{
	return time_us ? time_us : REPORT_NO_NUMBER;
}

static void list_open(struct report_counting *it, const struct release *release)
{
	struct tally *tally = &it->report->tables[RELEASE_LIST_OPEN].tally;
	const Rivergate__V1__ConsignmentLeg *stamps = release->leg;
	const Rivergate__V1__Leg *leg = stamps->leg;
	const char *turn = report_name(&rivergate__v1__turn__descriptor, (int)release->times->turn,
		sizeof("TURN_") - 1);
	const char *texts[] = {release->ucr, leg->country, report_regime(leg), report_office(leg),
		release->times->authority, release->phase, turn};
	struct tally_cell *cell = tally_at(tally, texts, sizeof(texts) / sizeof(texts[0]));

	if (cell) {
		cell->counts[0] = release->start_us;
		cell->counts[1] = release->waited_us;
		cell->counts[2] = stamp_or_none(stamps->arrived_us);
		cell->counts[3] = stamp_or_none(release->times->lodged_us);
		cell->counts[4] = stamp_or_none(stamps->complete_us);
		cell->counts[5] = stamp_or_none(stamps->paid_us);
		cell->counts[6] = stamp_or_none(stamps->inspected_us);
		cell->counts[7] = stamp_or_none(stamps->gate_out_us);
	}
}

static void list_backdated(struct report_counting *it, const struct release *release)
{
	struct tally *tally = &it->report->tables[RELEASE_LIST_BACKDATED].tally;
	const Rivergate__V1__Leg *leg = release->leg->leg;
	const char *texts[] = {release->ucr, leg->country, report_regime(leg), report_office(leg),
		release->times->authority};
	struct tally_cell *cell = tally_at(tally, texts, sizeof(texts) / sizeof(texts[0]));

	if (cell) {
		cell->counts[0] = release->leg->arrived_us;
		cell->counts[1] = release->end_us;
		cell->counts[2] = release->times->recorded_us;
	}
}

/* One row of a list each, if lists are made. */
static void list_release(struct report_counting *it, const struct release *release)
{
	if (it->report->is_published) {
		return;
	}
	if (release->times->state == TIMES_OPEN) {
		list_open(it, release);
	} else if (is_backdated(release)) {
		list_backdated(it, release);
	}
}

rg_err report_take_release(struct report_counting *it, Rivergate__V1__ConsignmentState *state,
	const struct trust *trust)
{
	const struct times_question question = {.state = state, .trust = trust};
	const struct times_row *rows = NULL;
	size_t n_rows = 0;
	rg_err err = times_list(&question, it->arena, &rows, &n_rows);

	for (size_t i = 0; !err && i < n_rows; i++) {
		struct release release = {.leg = state->legs[rows[i].leg],
			.times = &rows[i],
			.ucr = state->ucr};
		struct consignment_goods goods = {.n = 0};

		if (!report_is_within(it, rows[i].lodged_us)) {
			continue;
		}
		it->n_things++;
		err = measure(it, &release);
		err = err ? err : report_goods(it, state, release.leg->leg, &goods);
		for (size_t j = 0; !err && j < goods.n; j++) {
			count_release(it, &release, goods.items[j]);
		}
		list_release(it, &release);
	}
	return err;
}

/* When what the message tells happened. */
static int64_t happened_at(const struct report_message *message)
{
	const Rivergate__V1__Header *header = message->header;
	int64_t stated_us = header->facts_case == RIVERGATE__V1__HEADER__FACTS_DECISION
		? header->decision->effective_at_us
		: header->facts_case == RIVERGATE__V1__HEADER__FACTS_TRANSIT_EVENT
		? header->transit_event->happened_at_us
		: 0;

	return stated_us ? stated_us : message->time_us;
}

/* time_us 0: as the window says since when. */
static rg_err note_turns(struct report_counting *it, Rivergate__V1__ConsignmentState *state,
	const struct trust *trust, int64_t time_us)
{
	const struct times_question question = {.state = state, .trust = trust};
	const struct times_row *rows = NULL;
	size_t n_rows = 0;
	rg_err err = state ? times_list(&question, it->arena, &rows, &n_rows) : RG_OK;

	for (size_t i = 0; !err && i < n_rows; i++) {
		const struct turns_key key = {state->ucr, state->legs[rows[i].leg]->leg,
			rows[i].authority};

		err = turns_note(it->store, &key, rows[i].turn,
			time_us ? time_us : rows[i].since_us);
	}
	return err;
}

/* Before it: what time alone has changed since, a limit that has passed. */
rg_err report_take_turns(struct report_counting *it, const struct report_message *message)
{
	rg_err err = note_turns(it, message->before, message->trust, 0);

	return err ? err : note_turns(it, message->after, message->trust, happened_at(message));
}

static int64_t n_of(const struct tally_cell *cell)
{
	return (int64_t)cell->n_samples;
}

static int64_t median_of(const struct tally_cell *cell)
{
	return cell->n_samples ? tally_percentile(cell, 50) : REPORT_NO_NUMBER;
}

static int64_t p90_of(const struct tally_cell *cell)
{
	return cell->n_samples ? tally_percentile(cell, 90) : REPORT_NO_NUMBER;
}

static int64_t mean_of(const struct tally_cell *cell)
{
	return cell->n_samples ? tally_mean(cell) : REPORT_NO_NUMBER;
}

const struct report_form report_release_form = {
	.name = "releaseTimes",
	.title = "",
	.texts = {"country", "regime", "office", "authority", "chapter", "condition", "phase"},
	.n_texts = 7,
	.numbers = {{"n", REPORT_COUNT, n_of}, {"medianUs", REPORT_DURATION, median_of},
		{"p90Us", REPORT_DURATION, p90_of}, {"meanUs", REPORT_DURATION, mean_of},
		{"open", REPORT_COUNT, report_count_0}, {"ended", REPORT_COUNT, report_count_1}},
	.n_numbers = 6,
};

const struct report_form report_parts_form = {
	.name = "parts",
	.title = "parts of these times, of those that have them",
	.texts = {"country", "regime", "office", "authority", "chapter", "condition", "phase",
		"part"},
	.n_texts = 8,
	.numbers = {{"n", REPORT_COUNT, n_of}, {"medianUs", REPORT_DURATION, median_of},
		{"p90Us", REPORT_DURATION, p90_of}, {"meanUs", REPORT_DURATION, mean_of}},
	.n_numbers = 4,
};

const struct report_form report_open_form = {
	.name = "open",
	.title = "still open at the last record",
	.lists_ucrs = true,
	.texts = {"ucr", "country", "regime", "office", "authority", "phase", "turn"},
	.n_texts = 7,
	.numbers = {{"sinceUs", REPORT_TIME, report_count_0},
		{"ageUs", REPORT_DURATION, report_count_1},
		{"arrivedUs", REPORT_TIME, report_count_2},
		{"lodgedUs", REPORT_TIME, report_count_3},
		{"completeUs", REPORT_TIME, report_count_4},
		{"paidUs", REPORT_TIME, report_count_5},
		{"inspectedUs", REPORT_TIME, report_count_6},
		{"gateOutUs", REPORT_TIME, report_count_7}},
	.n_numbers = 8,
};

const struct report_form report_backdated_form = {
	.name = "backdated",
	.title = "released, as a record made after the arrival says, before it",
	.lists_ucrs = true,
	.texts = {"ucr", "country", "regime", "office", "authority"},
	.n_texts = 5,
	.numbers = {{"arrivedUs", REPORT_TIME, report_count_0},
		{"effectiveUs", REPORT_TIME, report_count_1},
		{"recordedUs", REPORT_TIME, report_count_2}},
	.n_numbers = 3,
};
