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

#define D(name) RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_##name

const char *report_name(const ProtobufCEnumDescriptor *names, int value, size_t prefix)
{
	const ProtobufCEnumValue *row = protobuf_c_enum_descriptor_get_value(names, value);

	return row && value ? row->name + prefix : "";
}

bool report_is_within(const struct report_counting *it, int64_t time_us)
{
	return time_us >= it->options->from_us &&
		(!it->options->until_us || time_us <= it->options->until_us);
}

/* --- Goods and legs --------------------------------------------------------------------------- */

struct report_chapter report_chapter(const Rivergate__V1__Goods *goods)
{
	struct report_chapter chapter = {.text = ""};

	for (size_t i = 0; goods && i < 2 && goods->hs6[i]; i++) {
		chapter.text[i] = goods->hs6[i];
	}
	return chapter;
}

const char *report_condition(const Rivergate__V1__Goods *goods)
{
	return goods ? report_name(&rivergate__v1__condition__descriptor, (int)goods->condition,
			       sizeof("CONDITION_") - 1)
		     : "";
}

const char *report_regime(const Rivergate__V1__Leg *leg)
{
	return report_name(&rivergate__v1__regime__descriptor, (int)leg->regime,
		sizeof("REGIME_") - 1);
}

const char *report_office(const Rivergate__V1__Leg *leg)
{
	bool is_out = leg->regime == RIVERGATE__V1__REGIME__REGIME_EXPORT;
	const char *first = is_out ? leg->office_out : leg->office_in;

	return first[0] ? first : is_out ? leg->office_in : leg->office_out;
}

/* Goods of declarations that count and name the leg; one NULL, if these name none. */
rg_err report_goods(struct report_counting *it, Rivergate__V1__ConsignmentState *state,
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

/* --- Numbers of a cell ----------------------------------------------------------------------- */

int64_t report_count_0(const struct tally_cell *cell)
{
	return cell->counts[0];
}

int64_t report_count_1(const struct tally_cell *cell)
{
	return cell->counts[1];
}

int64_t report_count_2(const struct tally_cell *cell)
{
	return cell->counts[2];
}

int64_t report_count_3(const struct tally_cell *cell)
{
	return cell->counts[3];
}

int64_t report_count_4(const struct tally_cell *cell)
{
	return cell->counts[4];
}

int64_t report_count_5(const struct tally_cell *cell)
{
	return cell->counts[5];
}

int64_t report_count_6(const struct tally_cell *cell)
{
	return cell->counts[6];
}

int64_t report_count_7(const struct tally_cell *cell)
{
	return cell->counts[7];
}

/* --- Volumes ---------------------------------------------------------------------------------- */

enum volume_count { VOLUME_CONSIGNMENTS, VOLUME_DECLARATIONS, VOLUME_DECISIONS };

/* The next thing, once in each cell that its goods lead to. */
static void count_volume(struct report_counting *it, const Rivergate__V1__Leg *leg,
	const struct consignment_goods *goods, enum volume_count which, int64_t time_us)
{
	char month[28];

	if (!report_is_within(it, time_us)) {
		return;
	}
	text_time_us(time_us, month);
	month[sizeof("2026-11") - 1] = '\0';
	it->n_things++;
	for (size_t i = 0; i < goods->n; i++) {
		const struct report_chapter chapter = report_chapter(goods->items[i]);
		const char *texts[] = {leg->country, report_regime(leg), chapter.text, month};
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

		err = report_goods(it, state, leg, &goods);
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
static const Rivergate__V1__ConsignmentAnswer *answer_of(const struct report_message *message)
{
	const Rivergate__V1__ConsignmentState *state = message->after;

	for (size_t i = 0; state && i < state->n_answers; i++) {
		if (state->answers[i]->index == message->index) {
			return state->answers[i];
		}
	}
	return NULL;
}

static rg_err take_decided(struct report_counting *it, const struct report_message *message)
{
	const Rivergate__V1__ConsignmentAnswer *answer = answer_of(message);
	struct consignment_goods goods = {.n = 0};

	if (!answer || answer->leg >= message->after->n_legs) {
		return RG_OK;
	}
	const Rivergate__V1__Leg *leg = message->after->legs[answer->leg]->leg;
	rg_err err = report_goods(it, message->after, leg, &goods);

	if (!err) {
		count_volume(it, leg, &goods, VOLUME_DECISIONS, message->time_us);
	}
	return err;
}

static const struct report_form volume_form = {
	.name = "volumes",
	.title = "",
	.texts = {"country", "regime", "chapter", "month"},
	.n_texts = 4,
	.numbers = {{"consignments", REPORT_COUNT, report_count_0},
		{"declarations", REPORT_COUNT, report_count_1},
		{"decisions", REPORT_COUNT, report_count_2}},
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
static const char *who_refuses_change(const struct report_message *message)
{
	const Rivergate__V1__Header *header = message->header;
	const Rivergate__V1__ConsignmentState *state = message->before;

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

static rg_err take_refusal(struct report_counting *it, const struct report_message *message)
{
	const Rivergate__V1__DecisionFacts *facts = message->header->decision;
	const Rivergate__V1__ConsignmentAnswer *answer = answer_of(message);

	if (message->header->facts_case != RIVERGATE__V1__HEADER__FACTS_DECISION) {
		return RG_OK;
	}
	const char *change = facts->status == D(REFUSED) ? who_refuses_change(message) : NULL;
	size_t n = facts->n_reason_codes ? facts->n_reason_codes : 1;

	if (!is_refusal(facts->status) || (!answer && !change) ||
		!report_is_within(it, message->time_us)) {
		return RG_OK;
	}
	it->n_things++;
	for (size_t i = 0; i < n; i++) {
		const char *texts[] = {change ? change : answer->authority,
			change ? "CHANGE_REFUSED"
			       : report_name(&rivergate__v1__decision_status__descriptor,
					 (int)facts->status, sizeof("DECISION_STATUS_") - 1),
			facts->n_reason_codes ? facts->reason_codes[i] : ""};
		struct tally_cell *cell = tally_at(&it->report->tables[0].tally, texts,
			sizeof(texts) / sizeof(texts[0]));

		if (cell) {
			(void)tally_count(cell, 0, it->n_things);
		}
	}
	return RG_OK;
}

static const struct report_form refusal_form = {
	.name = "refusals",
	.title = "",
	.texts = {"authority", "decision", "reason"},
	.n_texts = 3,
	.numbers = {{"n", REPORT_COUNT, report_count_0}},
	.n_numbers = 1,
};

/* --- Kinds ------------------------------------------------------------------------------------ */

static const struct report_kind kinds[] = {
	[REPORT_RELEASE_TIMES] = {{&report_release_form, &report_parts_form, &report_open_form,
					  &report_backdated_form},
		report_take_turns, true, report_take_release, false},
	[REPORT_VOLUMES] = {{&volume_form}, take_decided, false, take_volume, false},
	[REPORT_ANSWERS] = {{&report_answers_form}, NULL, false, report_take_answers, true},
	[REPORT_REFUSALS] = {{&refusal_form}, take_refusal, false, NULL, false},
};

const struct report_kind *report_kind_of(enum report_type type)
{
	return &kinds[type];
}
