/*
 * What the reports count: README.md of this folder defines each column.
 *
 * Method: one row a report in the table of kinds, at the end. A thing has a number, so that a
 * cell that several of its goods lead to counts it once.
 * Threads: one.
 */
#include <string.h>

#include "audit/report_inside.h"
#include "base/text.h"
#include "registry/address.h"
#include "rules/consignment.h"
#include "rules/times.h"

#define D(name) RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_##name

static const char *name_of(const ProtobufCEnumDescriptor *names, int value, size_t prefix)
{
	const ProtobufCEnumValue *row = protobuf_c_enum_descriptor_get_value(names, value);

	return row && value ? row->name + prefix : "";
}

static bool is_within(const struct report_counting *it, int64_t time_us)
{
	return time_us >= it->options->from_us &&
		(!it->options->until_us || time_us <= it->options->until_us);
}

/* --- Goods and legs --------------------------------------------------------------------------- */

struct chapter {
	char text[3];
};

static struct chapter chapter_of(const Rivergate__V1__Goods *goods)
{
	struct chapter chapter = {.text = ""};

	for (size_t i = 0; goods && i < 2 && goods->hs6[i]; i++) {
		chapter.text[i] = goods->hs6[i];
	}
	return chapter;
}

static const char *condition_of(const Rivergate__V1__Goods *goods)
{
	return goods ? name_of(&rivergate__v1__condition__descriptor, (int)goods->condition,
			       sizeof("CONDITION_") - 1)
		     : "";
}

static const char *regime_of(const Rivergate__V1__Leg *leg)
{
	return name_of(&rivergate__v1__regime__descriptor, (int)leg->regime, sizeof("REGIME_") - 1);
}

static const char *office_of(const Rivergate__V1__Leg *leg)
{
	bool is_out = leg->regime == RIVERGATE__V1__REGIME__REGIME_EXPORT;
	const char *first = is_out ? leg->office_out : leg->office_in;

	return first[0] ? first : is_out ? leg->office_in : leg->office_out;
}

/* Goods of declarations that count and name the leg; one NULL, if these name none. */
static rg_err goods_of(struct report_counting *it, Rivergate__V1__ConsignmentState *state,
	const Rivergate__V1__Leg *leg, struct consignment_goods *ret_goods)
{
	struct window_call call = {.arena = it->arena};
	const struct consignment consignment = {.state = state, .call = &call};
	rg_err err = consignment_goods(&consignment, leg, false, ret_goods);

	if (!err && ret_goods->n == 0) {
		ret_goods->items = arena_alloc(it->arena, sizeof(*ret_goods->items));
		ret_goods->n = ret_goods->items != NULL;
		err = ret_goods->items ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

/* --- Release times ---------------------------------------------------------------------------- */

enum release_count { RELEASE_OPEN, RELEASE_ENDED, RELEASE_DONE };

/* One authority's share of a leg. */
struct release {
	const Rivergate__V1__ConsignmentLeg *leg;
	const struct times_row *times;
	const char *ucr;
	const char *phase;
	int64_t start_us;
	int64_t waited_us;
};

/* When it ended, or the log did; what came later delayed nothing. */
static void measure(const struct report_counting *it, struct release *release)
{
	const struct times_row *times = release->times;
	const Rivergate__V1__ConsignmentLeg *leg = release->leg;
	bool is_released = times->state == TIMES_RELEASED;
	int64_t end_us = is_released ? times->released_us : it->report->last_time_us;
	const int64_t stamps[] = {leg->arrived_us, times->lodged_us, leg->complete_us,
		leg->paid_us};
	bool has_arrived = leg->arrived_us > 0 && leg->arrived_us <= end_us;

	for (size_t i = 0; i < sizeof(stamps) / sizeof(stamps[0]); i++) {
		if (stamps[i] <= end_us && stamps[i] > release->start_us) {
			release->start_us = stamps[i];
		}
	}
	release->phase = has_arrived ? "ARRIVED" : "BEFORE_ARRIVAL";
	release->waited_us = release->start_us ? end_us - release->start_us : 0;
}

static void count_release(struct report_counting *it, const struct release *release,
	const Rivergate__V1__Goods *goods)
{
	struct tally *tally = &it->report->tables[0].tally;
	const Rivergate__V1__Leg *leg = release->leg->leg;
	const struct chapter chapter = chapter_of(goods);
	const char *texts[] = {leg->country, regime_of(leg), office_of(leg),
		release->times->authority, chapter.text, condition_of(goods), release->phase};
	struct tally_cell *cell = tally_at(tally, texts, sizeof(texts) / sizeof(texts[0]));

	if (!cell) {
		return;
	}
	if (release->times->state == TIMES_OPEN) {
		(void)tally_count(cell, RELEASE_OPEN, it->n_things);
	} else if (release->times->state == TIMES_ENDED) {
		(void)tally_count(cell, RELEASE_ENDED, it->n_things);
	} else if (tally_count(cell, RELEASE_DONE, it->n_things)) {
		tally_add(tally, cell, release->waited_us);
	}
}

static void list_open(struct report_counting *it, const struct release *release)
{
	struct tally *tally = &it->report->tables[1].tally;
	const Rivergate__V1__Leg *leg = release->leg->leg;
	const char *texts[] = {release->ucr, leg->country, regime_of(leg), office_of(leg),
		release->times->authority, release->phase};
	struct tally_cell *cell = tally_at(tally, texts, sizeof(texts) / sizeof(texts[0]));

	if (cell) {
		cell->counts[0] = release->start_us;
		cell->counts[1] = release->waited_us;
	}
}

static rg_err take_release(struct report_counting *it, Rivergate__V1__ConsignmentState *state,
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

		if (!is_within(it, rows[i].lodged_us)) {
			continue;
		}
		it->n_things++;
		measure(it, &release);
		err = goods_of(it, state, release.leg->leg, &goods);
		for (size_t j = 0; !err && j < goods.n; j++) {
			count_release(it, &release, goods.items[j]);
		}
		if (rows[i].state == TIMES_OPEN && it->report->n_tables > 1) {
			list_open(it, &release);
		}
	}
	return err;
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

static int64_t first_of(const struct tally_cell *cell)
{
	return cell->counts[0];
}

static int64_t second_of(const struct tally_cell *cell)
{
	return cell->counts[1];
}

static int64_t third_of(const struct tally_cell *cell)
{
	return cell->counts[2];
}

static const struct report_form release_form = {
	.name = "releaseTimes",
	.texts = {"country", "regime", "office", "authority", "chapter", "condition", "phase"},
	.n_texts = 7,
	.numbers = {{"n", REPORT_COUNT, n_of}, {"medianUs", REPORT_DURATION, median_of},
		{"p90Us", REPORT_DURATION, p90_of}, {"meanUs", REPORT_DURATION, mean_of},
		{"open", REPORT_COUNT, first_of}, {"ended", REPORT_COUNT, second_of}},
	.n_numbers = 6,
};

static const struct report_form open_form = {
	.name = "open",
	.texts = {"ucr", "country", "regime", "office", "authority", "phase"},
	.n_texts = 6,
	.numbers = {{"sinceUs", REPORT_TIME, first_of}, {"ageUs", REPORT_DURATION, second_of}},
	.n_numbers = 2,
};

/* --- Volumes ---------------------------------------------------------------------------------- */

enum volume_count { VOLUME_CONSIGNMENTS, VOLUME_DECLARATIONS, VOLUME_DECISIONS };

/* The next thing, once in each cell that its goods lead to. */
static void count_volume(struct report_counting *it, const Rivergate__V1__Leg *leg,
	const struct consignment_goods *goods, enum volume_count which, int64_t time_us)
{
	char month[28];

	if (!is_within(it, time_us)) {
		return;
	}
	text_time_us(time_us, month);
	month[sizeof("2026-11") - 1] = '\0';
	it->n_things++;
	for (size_t i = 0; i < goods->n; i++) {
		const struct chapter chapter = chapter_of(goods->items[i]);
		const char *texts[] = {leg->country, regime_of(leg), chapter.text, month};
		struct tally_cell *cell = tally_at(&it->report->tables[0].tally, texts,
			sizeof(texts) / sizeof(texts[0]));

		if (cell) {
			(void)tally_count(cell, which, it->n_things);
		}
	}
}

static void count_declarations(struct report_counting *it,
	const Rivergate__V1__ConsignmentState *state, const Rivergate__V1__Leg *leg,
	int64_t *ret_first_us)
{
	Rivergate__V1__Goods *none = NULL;

	*ret_first_us = 0;
	for (size_t i = 0; i < state->n_declarations; i++) {
		const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[i];
		const bool has_goods = one->declared && one->declared->n_goods > 0;
		const struct consignment_goods goods = {
			.items = has_goods ? one->declared->goods : &none,
			.n = has_goods ? one->declared->n_goods : 1,
		};

		if (!consignment_counts(one) || !consignment_names_leg(one, leg)) {
			continue;
		}
		count_volume(it, leg, &goods, VOLUME_DECLARATIONS, one->lodged_us);
		if (!*ret_first_us || one->lodged_us < *ret_first_us) {
			*ret_first_us = one->lodged_us;
		}
	}
}

static rg_err take_volume(struct report_counting *it, Rivergate__V1__ConsignmentState *state,
	const struct trust *trust)
{
	rg_err err = RG_OK;

	(void)trust;
	for (size_t i = 0; !err && i < state->n_legs; i++) {
		const Rivergate__V1__Leg *leg = state->legs[i]->leg;
		struct consignment_goods goods = {.n = 0};
		int64_t first_us = 0;

		err = goods_of(it, state, leg, &goods);
		if (!err) {
			count_declarations(it, state, leg, &first_us);
		}
		if (!err && first_us) {
			count_volume(it, leg, &goods, VOLUME_CONSIGNMENTS, first_us);
		}
	}
	return err;
}

/* The answer that the record gave; NULL: it gave none. */
static const Rivergate__V1__ConsignmentAnswer *answer_of(const struct report_decision *decision)
{
	const Rivergate__V1__ConsignmentState *state = decision->after;

	for (size_t i = 0; state && i < state->n_answers; i++) {
		if (state->answers[i]->index == decision->index) {
			return state->answers[i];
		}
	}
	return NULL;
}

static void take_decided(struct report_counting *it, const struct report_decision *decision)
{
	const Rivergate__V1__ConsignmentAnswer *answer = answer_of(decision);
	struct consignment_goods goods = {.n = 0};

	if (!answer || answer->leg >= decision->after->n_legs) {
		return;
	}
	const Rivergate__V1__Leg *leg = decision->after->legs[answer->leg]->leg;
	rg_err err = goods_of(it, decision->after, leg, &goods);

	if (err) {
		it->report->tables[0].tally.err = err;
	} else {
		count_volume(it, leg, &goods, VOLUME_DECISIONS, decision->time_us);
	}
}

static const struct report_form volume_form = {
	.name = "volumes",
	.texts = {"country", "regime", "chapter", "month"},
	.n_texts = 4,
	.numbers = {{"consignments", REPORT_COUNT, first_of},
		{"declarations", REPORT_COUNT, second_of}, {"decisions", REPORT_COUNT, third_of}},
	.n_numbers = 3,
};

/* --- Refusals --------------------------------------------------------------------------------- */

static bool is_refusal(Rivergate__V1__DecisionStatus status)
{
	return status == D(REFUSED) || status == D(RETURN_ORDERED) ||
		status == D(DESTROY_ORDERED) || status == D(SEIZED);
}

static bool is_change(const Rivergate__V1__ChangeRequest *request, const char *from,
	const Rivergate__V1__Ref *ref)
{
	return request && ref->relation == RIVERGATE__V1__RELATION__RELATION_DECIDES &&
		strcmp(from, ref->from) == 0 && request->id.len == ref->id.len &&
		memcmp(request->id.data, ref->id.data, ref->id.len) == 0;
}

/* The authority that was asked for leave and refuses it here; NULL: none. */
static const char *who_refuses_change(const struct report_decision *decision)
{
	const Rivergate__V1__Header *header = decision->header;
	const Rivergate__V1__ConsignmentState *state = decision->before;

	for (size_t i = 0; state && i < state->n_declarations; i++) {
		const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[i];
		bool is_meant = false;

		for (size_t j = 0; j < header->n_refs; j++) {
			is_meant = is_meant || is_change(one->request, one->from, header->refs[j]);
		}
		for (size_t j = 0; is_meant && j < one->request->n_asked; j++) {
			if (address_has_prefix(header->from, one->request->asked[j])) {
				return one->request->asked[j];
			}
		}
	}
	return NULL;
}

static void take_refusal(struct report_counting *it, const struct report_decision *decision)
{
	const Rivergate__V1__DecisionFacts *facts = decision->header->decision;
	const Rivergate__V1__ConsignmentAnswer *answer = answer_of(decision);
	const char *change = facts->status == D(REFUSED) ? who_refuses_change(decision) : NULL;
	size_t n = facts->n_reason_codes ? facts->n_reason_codes : 1;

	if (!is_refusal(facts->status) || (!answer && !change) ||
		!is_within(it, decision->time_us)) {
		return;
	}
	it->n_things++;
	for (size_t i = 0; i < n; i++) {
		const char *texts[] = {change ? change : answer->authority,
			change ? "CHANGE_REFUSED"
			       : name_of(&rivergate__v1__decision_status__descriptor,
					 (int)facts->status, sizeof("DECISION_STATUS_") - 1),
			facts->n_reason_codes ? facts->reason_codes[i] : ""};
		struct tally_cell *cell = tally_at(&it->report->tables[0].tally, texts,
			sizeof(texts) / sizeof(texts[0]));

		if (cell) {
			(void)tally_count(cell, 0, it->n_things);
		}
	}
}

static const struct report_form refusal_form = {
	.name = "refusals",
	.texts = {"authority", "decision", "reason"},
	.n_texts = 3,
	.numbers = {{"n", REPORT_COUNT, first_of}},
	.n_numbers = 1,
};

/* --- Kinds ------------------------------------------------------------------------------------ */

static const struct report_kind kinds[] = {
	[REPORT_RELEASE_TIMES] = {{&release_form, &open_form}, NULL, take_release},
	[REPORT_VOLUMES] = {{&volume_form}, take_decided, take_volume},
	[REPORT_REFUSALS] = {{&refusal_form}, take_refusal, NULL},
};

const struct report_kind *report_kind_of(enum report_type type)
{
	return &kinds[type];
}
