/*
 * What a party may see of a consignment: see status.h and README.md.
 *
 * What counts is the party's member. What it may not see changes nothing that it sees, but
 * that the leg is under control.
 *
 * Threads: the window's.
 */
#include <stdio.h>
#include <string.h>

#include "rules/clocks.h"
#include "rules/consignment.h"
#include "rules/plan.h"

#define PURPOSE(name) RIVERGATE__V1__PURPOSE__PURPOSE_##name

#define ENTRIES_SHORT 32 /* a plan of no more always has room in a message */

/* Whose answer a leg waits for */

/*
 * What an authority is asked about, by order of preference: what is lodged in the leg's own
 * country; else what is lodged elsewhere; else what was sent ahead. A draft is never decided.
 */
static unsigned preference(const Rivergate__V1__ConsignmentDeclaration *one,
	const Rivergate__V1__Leg *leg)
{
	const struct consignment_cc own = consignment_cc_of_address(one->from);
	const struct consignment_cc here = consignment_cc_of_country(leg->country);
	bool is_lodged = one->purpose == PURPOSE(LODGED_COPY);

	if (!consignment_counts(one) || !consignment_names_leg(one, leg) ||
		one->purpose == PURPOSE(PREFILL)) {
		return 0;
	}
	if (is_lodged) {
		return strcmp(own.text, here.text) == 0 ? 3 : 2;
	}
	return 1;
}

/* Answers in the numbers of status.h: declarations that are waited for come first. */
struct reading {
	const struct consignment *consignment;
	uint32_t leg;
	uint32_t only;     /* declaration that alone counts; CONSIGNMENT_NONE: all do */
	uint32_t *numbers; /* of the consignment's declarations, as status.h counts */
	struct status_question question;
	int64_t lodged_us;
	struct status_answer *answers;
};

static bool is_meant(const struct reading *it, uint32_t declaration)
{
	return it->only == CONSIGNMENT_NONE || it->only == declaration;
}

static rg_err number_declarations(struct reading *it)
{
	const Rivergate__V1__ConsignmentState *state = it->consignment->state;
	const Rivergate__V1__Leg *leg = state->legs[it->leg]->leg;
	struct arena *arena = it->consignment->call->arena;
	unsigned best = 1;
	uint32_t n = 0;

	it->numbers = arena_alloc(arena, (state->n_declarations + 1) * sizeof(*it->numbers));
	if (!it->numbers) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < state->n_declarations; i++) {
		unsigned here = preference(state->declarations[i], leg);

		best = here > best ? here : best;
	}
	for (size_t i = 0; i < state->n_declarations; i++) {
		const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[i];

		it->numbers[i] = CONSIGNMENT_NONE;
		if (preference(one, leg) == best && is_meant(it, (uint32_t)i)) {
			it->numbers[i] = n++;
			it->lodged_us =
				one->lodged_us > it->lodged_us ? one->lodged_us : it->lodged_us;
		}
	}
	it->question.n_declarations = n;
	return RG_OK;
}

/* The decision was about a version from which what is in force differs materially. */
static bool is_stale(const struct reading *it, const Rivergate__V1__ConsignmentAnswer *answer)
{
	const Rivergate__V1__ConsignmentDeclaration *one =
		it->consignment->state->declarations[answer->declaration];
	unsigned material = consignment_material(it->consignment, it->leg, answer->authority);

	for (size_t i = 0; i < one->n_versions; i++) {
		const ProtobufCBinaryData id = one->versions[i]->id;

		if (id.len == answer->version_id.len &&
			memcmp(id.data, answer->version_id.data, id.len) == 0) {
			return (one->versions[i]->changed & material) != 0;
		}
	}
	return true;
}

static rg_err read_answers(struct reading *it)
{
	const Rivergate__V1__ConsignmentState *state = it->consignment->state;
	struct arena *arena = it->consignment->call->arena;
	size_t n = 0;

	it->answers = arena_alloc(arena, (state->n_answers + 2) * sizeof(*it->answers));
	if (!it->answers) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < state->n_answers; i++) {
		const Rivergate__V1__ConsignmentAnswer *answer = state->answers[i];

		if (answer->leg != it->leg || !is_meant(it, answer->declaration) ||
			!consignment_counts(state->declarations[answer->declaration])) {
			continue;
		}
		it->answers[n++] = (struct status_answer){
			.authority = answer->authority,
			.declaration = it->numbers[answer->declaration],
			.status = answer->status,
			.disclosure = answer->disclosure,
			.at_us = answer->effective_us,
			.is_stale = is_stale(it, answer),
		};
	}
	if (state->legs[it->leg]->overdue && it->only == CONSIGNMENT_NONE) {
		const struct trust_party *customs =
			plan_customs(it->consignment->call->record->trust,
				state->legs[it->leg]->leg);

		it->answers[n] = (struct status_answer){
			.authority = customs ? customs->address : "",
			.declaration = CONSIGNMENT_NONE,
			.status = RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_NOT_DISCHARGED,
			.disclosure = state->legs[it->leg]->limit_disclosure,
			.at_us = state->legs[it->leg]->limit_us,
		};
		n += customs != NULL;
	}
	it->question.answers = it->answers;
	it->question.n_answers = n;
	return RG_OK;
}

/* Whether the viewer must not know what adapters found in the parts for this leg. */
static bool is_kept_from(const struct reading *it)
{
	const Rivergate__V1__ConsignmentLeg *known = it->consignment->state->legs[it->leg];
	const struct consignment_cc here = consignment_cc_of_country(known->leg->country);

	return it->question.viewer && strcmp(it->question.viewer, here.text) != 0 &&
		!known->arrived_us;
}

/* The plan, but for whether rules speak: that they do by what was found alone is not told. */
static rg_err hide_rule(const struct reading *it, Rivergate__V1__PlanLeg *ret_shown)
{
	Rivergate__V1__PlanLeg *plan = NULL;
	rg_err err =
		is_kept_from(it) ? consignment_public_plan(it->consignment, it->leg, &plan) : RG_OK;

	*ret_shown = *it->question.plan;
	if (!err && plan) {
		ret_shown->no_rule = plan->no_rule;
	}
	return err;
}

/* Names of authorities that only what adapters found brought into the plan stay hidden. */
static rg_err hide_authorities(const struct reading *it, struct view_leg *leg)
{
	Rivergate__V1__PlanLeg *plan = NULL;
	size_t n_kept = 0;

	if (!is_kept_from(it)) {
		return RG_OK;
	}
	rg_err err = consignment_public_plan(it->consignment, it->leg, &plan);
	if (err) {
		return err;
	}
	for (size_t i = 0; i < leg->n_authorities; i++) {
		if (plan_decides(plan, leg->authorities[i])) {
			leg->authorities[n_kept++] = leg->authorities[i];
		}
	}
	leg->n_authorities = n_kept;
	if (leg->view.held_by && !plan_decides(plan, leg->view.held_by)) {
		leg->view.held_by = n_kept ? leg->authorities[0] : NULL;
	}
	return RG_OK;
}

static rg_err read_leg(struct reading *it, const char *viewer)
{
	const Rivergate__V1__ConsignmentState *state = it->consignment->state;
	const Rivergate__V1__ConsignmentLeg *leg = state->legs[it->leg];

	it->question = (struct status_question){
		.plan = state->plan->legs[it->leg],
		.has_arrived = leg->arrived_us != 0,
		.planned_us = leg->planned_us,
		.viewer = viewer,
	};
	rg_err err = number_declarations(it);

	return err ? err : read_answers(it);
}

rg_err view_question(const struct consignment *consignment, uint32_t leg, const char *viewer,
	struct view_question *ret_question)
{
	struct reading it = {.consignment = consignment, .leg = leg, .only = CONSIGNMENT_NONE};
	rg_err err = read_leg(&it, viewer);

	if (!err) {
		*ret_question = (struct view_question){it.question, it.lodged_us};
	}
	return err;
}

static rg_err see_leg(struct reading *it, const char *viewer, struct view_leg *ret_leg)
{
	struct view_leg seen = {.n_authorities = 0};
	size_t room = sizeof(seen.authorities) / sizeof(seen.authorities[0]);
	rg_err err = read_leg(it, viewer);
	Rivergate__V1__PlanLeg shown = RIVERGATE__V1__PLAN_LEG__INIT;

	if (!err) {
		err = hide_rule(it, &shown);
	}
	if (err) {
		return err;
	}
	it->question.plan = &shown;
	seen.view = status_of_leg(&it->question);
	seen.n_authorities = status_authorities(&it->question, seen.authorities, room);
	seen.n_authorities = seen.n_authorities < room ? seen.n_authorities : room;
	it->question.plan = NULL;
	err = hide_authorities(it, &seen);
	if (!err) {
		*ret_leg = seen;
	}
	return err;
}

rg_err view_leg(const struct consignment *consignment, uint32_t number, const char *viewer,
	struct view_leg *ret_leg)
{
	struct reading it = {.consignment = consignment, .leg = number, .only = CONSIGNMENT_NONE};

	return see_leg(&it, viewer, ret_leg);
}

/* Declarations, each for itself */

rg_err view_declaration(const struct consignment *consignment, uint32_t leg, uint32_t declaration,
	const char *viewer, struct view_leg *ret_leg, bool *ret_counts)
{
	struct reading it = {.consignment = consignment, .leg = leg, .only = declaration};
	rg_err err = see_leg(&it, viewer, ret_leg);

	*ret_counts = !err &&
		(it.question.n_declarations > 0 ||
			status_rank(ret_leg->view.status) >
				status_rank(RIVERGATE__V1__LEG_STATUS__LEG_STATUS_NO_RULE));
	return err;
}

/* The number in the national system of who sent it. */
static rg_err number_of(struct arena *arena, const Rivergate__V1__ConsignmentDeclaration *one,
	char **ret_number)
{
	const struct consignment_cc own = consignment_cc_of_address(one->from);
	char text[128] = "";

	for (size_t i = 0; i < one->declared->n_legs && !text[0]; i++) {
		const Rivergate__V1__Leg *leg = one->declared->legs[i];
		const Rivergate__V1__NationalReference *ref = leg->national_ref;
		const struct consignment_cc here = consignment_cc_of_country(leg->country);

		if (ref && ref->number[0] && strcmp(own.text, here.text) == 0) {
			(void)snprintf(text, sizeof(text), "%s/%s/%u/%s%s", leg->country,
				ref->office, ref->year, ref->serial, ref->number);
		}
	}
	*ret_number = rows_text(arena, bytes_of_text(text));
	return *ret_number ? RG_OK : RG_E_NOMEM;
}

static rg_err show_declaration(struct arena *arena,
	const Rivergate__V1__ConsignmentDeclaration *one, const struct view_leg *seen,
	Rivergate__V1__DeclarationView **ret_shown)
{
	Rivergate__V1__DeclarationView *shown = arena_alloc(arena, sizeof(*shown));

	if (!shown) {
		return RG_E_NOMEM;
	}
	rivergate__v1__declaration_view__init(shown);
	shown->from = one->from;
	shown->id = one->versions[one->n_versions - 1]->id;
	shown->version = one->version;
	shown->purpose = one->purpose;
	shown->status = seen->view.status;
	shown->authority = (char *)(seen->n_authorities ? seen->authorities[0] : "");
	*ret_shown = shown;
	return number_of(arena, one, &shown->number);
}

rg_err view_declarations(const struct consignment *consignment, const struct trust_party *party,
	Rivergate__V1__DeclarationView ***ret_list, size_t *ret_n)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	struct arena *arena = consignment->call->arena;
	rg_err err = RG_OK;

	*ret_list = NULL;
	*ret_n = 0;
	for (uint32_t i = 0; !err && i < state->n_legs * state->n_declarations; i++) {
		const uint32_t leg = i / (uint32_t)state->n_declarations;
		const uint32_t number = i % (uint32_t)state->n_declarations;
		const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[number];
		Rivergate__V1__DeclarationView *shown = NULL;
		struct view_leg seen = {.n_authorities = 0};
		bool counts = false;

		if (!consignment_counts(one) ||
			(party && !tell_may_know(consignment, one, party))) {
			continue;
		}
		err = view_declaration(consignment, leg, number, party ? party->cc : NULL, &seen,
			&counts);
		if (err || !counts) {
			continue;
		}
		err = show_declaration(arena, one, &seen, &shown);
		if (!err) {
			shown->leg = leg + 1;
			err = rows_append(arena, ret_list, ret_n, shown);
		}
	}
	return err;
}

/* Facts */

static bool is_any_answer_hidden(const Rivergate__V1__ConsignmentState *state)
{
	for (size_t i = 0; i < state->n_answers; i++) {
		if (status_is_hidden(state->answers[i]->disclosure, false)) {
			return true;
		}
	}
	for (size_t i = 0; i < state->n_legs; i++) {
		if (status_is_hidden(state->legs[i]->limit_disclosure, false)) {
			return true;
		}
	}
	return false;
}

/* It may have no room in a message. */
static bool is_long(const Rivergate__V1__PlanFacts *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_legs; i++) {
		n += plan->legs[i]->n_entries;
	}
	return n > ENTRIES_SHORT;
}

bool view_is_one(const struct consignment *consignment)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;

	if (!consignment_is_plan_public(consignment) || is_any_answer_hidden(state) ||
		is_long(state->plan)) {
		return false;
	}
	for (size_t i = 0; i < state->n_findings; i++) {
		if (state->findings[i]->n_members) {
			return false;
		}
	}
	return true;
}

static rg_err fill_plan(const struct consignment *consignment, const char *viewer,
	Rivergate__V1__PlanFacts **ret_plan, size_t *ret_left_out)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	struct arena *arena = consignment->call->arena;
	Rivergate__V1__PlanFacts *plan = arena_alloc(arena, sizeof(*plan));
	rg_err err = plan ? RG_OK : RG_E_NOMEM;

	if (err) {
		return err;
	}
	rivergate__v1__plan_facts__init(plan);
	for (uint32_t i = 0; !err && i < state->n_legs; i++) {
		const Rivergate__V1__ConsignmentLeg *leg = state->legs[i];
		const struct consignment_cc here = consignment_cc_of_country(leg->leg->country);
		bool sees_all = !viewer || leg->arrived_us || strcmp(viewer, here.text) == 0;
		Rivergate__V1__PlanLeg *shown = state->plan->legs[i];

		if (!sees_all) {
			err = consignment_public_plan(consignment, i, &shown);
		}
		if (!err) {
			err = rows_append(arena, &plan->legs, &plan->n_legs, shown);
		}
	}
	if (!err) {
		*ret_plan = plan;
		err = is_long(plan) ? fit_plan(arena, plan, ret_left_out) : RG_OK;
	}
	return err;
}

rg_err view_plan(const struct consignment *consignment, const char *viewer,
	Rivergate__V1__PlanFacts **ret_plan)
{
	size_t n_left_out = 0;

	return fill_plan(consignment, viewer, ret_plan, &n_left_out);
}

static bool may_read(const Rivergate__V1__ConsignmentState *state,
	const Rivergate__V1__ConsignmentFinding *finding, const char *viewer)
{
	bool has_arrived = finding->leg < state->n_legs && state->legs[finding->leg]->arrived_us;

	for (size_t i = 0; viewer && i < finding->n_members; i++) {
		if (strcmp(finding->members[i], viewer) == 0) {
			return true;
		}
	}
	return !viewer || finding->n_members == 0 || (finding->until_arrival && has_arrived);
}

static rg_err add_findings(const struct consignment *consignment, const char *viewer,
	Rivergate__V1__StatusFacts *status)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	struct arena *arena = consignment->call->arena;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < state->n_findings; i++) {
		const Rivergate__V1__ConsignmentFinding *one = state->findings[i];
		Rivergate__V1__Finding *shown = NULL;

		if (!may_read(state, one, viewer)) {
			continue;
		}
		shown = arena_alloc(arena, sizeof(*shown));
		if (!shown) {
			return RG_E_NOMEM;
		}
		rivergate__v1__finding__init(shown);
		shown->rule = one->rule;
		shown->path = one->path;
		shown->text = one->text;
		err = rows_append(arena, &status->findings, &status->n_findings, shown);
	}
	return err;
}

/* A leg of the status, and who holds it. */
static rg_err add_leg(const struct consignment *consignment, uint32_t number, const char *viewer,
	Rivergate__V1__StatusFacts *status, unsigned *strictest)
{
	const Rivergate__V1__Leg *leg = consignment->state->legs[number]->leg;
	struct arena *arena = consignment->call->arena;
	Rivergate__V1__StatusLeg *shown = arena_alloc(arena, sizeof(*shown));
	struct view_leg seen = {.n_authorities = 0};
	rg_err err = shown ? view_leg(consignment, number, viewer, &seen) : RG_E_NOMEM;

	if (err) {
		return err;
	}
	rivergate__v1__status_leg__init(shown);
	shown->country = leg->country;
	shown->regime = leg->regime;
	shown->status = seen.view.status;
	shown->since_us = seen.view.since_us;
	shown->turn = seen.view.turn;
	shown->due_us = clocks_due_us(consignment, number, viewer);
	for (size_t i = 0; !err && i < seen.n_authorities; i++) {
		err = rows_append(arena, &shown->authorities, &shown->n_authorities,
			(char *)seen.authorities[i]);
	}
	if (seen.view.held_by && status_rank(seen.view.status) > *strictest) {
		*strictest = status_rank(seen.view.status);
		status->held_by = (char *)seen.view.held_by;
	}
	return err ? err : rows_append(arena, &status->legs, &status->n_legs, shown);
}

static uint32_t version_of(const Rivergate__V1__ConsignmentState *state)
{
	for (size_t i = 0; i < state->n_declarations; i++) {
		if (consignment_counts(state->declarations[i])) {
			return state->declarations[i]->version;
		}
	}
	return 0;
}

rg_err view_status(const struct consignment *consignment, const char *viewer,
	Rivergate__V1__StatusFacts **ret_status)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	Rivergate__V1__StatusFacts *status = arena_alloc(consignment->call->arena, sizeof(*status));
	Rivergate__V1__PlanFacts *plan = NULL;
	size_t n_left_out = 0;
	unsigned strictest = 0;
	rg_err err = status ? RG_OK : RG_E_NOMEM;

	if (err) {
		return err;
	}
	rivergate__v1__status_facts__init(status);
	status->version = version_of(state);
	for (uint32_t i = 0; !err && i < state->n_legs; i++) {
		err = add_leg(consignment, i, viewer, status, &strictest);
	}
	if (!err) {
		err = add_findings(consignment, viewer, status);
	}
	if (!err && is_long(state->plan)) {
		err = fill_plan(consignment, viewer, &plan, &n_left_out);
	}
	if (!err) {
		err = fit_status(consignment->call->arena, status, n_left_out);
	}
	if (!err) {
		*ret_status = status;
	}
	return err;
}
