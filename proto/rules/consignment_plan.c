/*
 * The plan of a consignment: rules over what is declared, what adapters found, and who has an
 * open answer. See consignment.h.
 *
 * Threads: the window's.
 */
#include <stdio.h>
#include <string.h>

#include "registry/address.h"
#include "rules/consignment.h"
#include "rules/plan.h"
#include "wire/pack.h"

/* What an adapter found changes its own member's legs; others on the goods' arrival there. */
static bool may_plan_found(const Rivergate__V1__ConsignmentState *state,
	const Rivergate__V1__ConsignmentDeclaration *one, const Rivergate__V1__Leg *leg)
{
	const struct consignment_cc own = consignment_cc_of_address(one->found_by);
	const struct consignment_cc here = consignment_cc_of_country(leg->country);
	bool may_plan = strcmp(own.text, here.text) == 0;

	for (size_t i = 0; !may_plan && i < state->n_legs; i++) {
		const struct consignment_cc there =
			consignment_cc_of_country(state->legs[i]->leg->country);

		may_plan = state->legs[i]->arrived_us && strcmp(own.text, there.text) == 0;
	}
	return may_plan;
}

rg_err consignment_goods(const struct consignment *consignment, const Rivergate__V1__Leg *leg,
	bool with_found, struct consignment_goods *ret_goods)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	struct consignment_goods goods = {.n = 0};
	size_t room = 1;

	for (size_t i = 0; i < state->n_declarations; i++) {
		room += state->declarations[i]->declared->n_goods + state->declarations[i]->n_found;
	}
	goods.items = arena_alloc(consignment->call->arena, room * sizeof(*goods.items));
	if (!goods.items) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < state->n_declarations; i++) {
		const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[i];

		if (!consignment_counts(one) || !consignment_names_leg(one, leg)) {
			continue;
		}
		for (size_t j = 0; j < one->declared->n_goods; j++) {
			goods.items[goods.n++] = one->declared->goods[j];
		}
		bool are_found = with_found && may_plan_found(state, one, leg);
		for (size_t j = 0; are_found && j < one->n_found; j++) {
			goods.items[goods.n++] = one->found[j];
		}
	}
	*ret_goods = goods;
	return RG_OK;
}

int64_t consignment_lodged_us(const struct consignment *consignment, const Rivergate__V1__Leg *leg)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	int64_t lodged_us = 0;

	for (size_t i = 0; i < state->n_declarations; i++) {
		const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[i];

		if (consignment_counts(one) && consignment_names_leg(one, leg) &&
			one->lodged_us > lodged_us) {
			lodged_us = one->lodged_us;
		}
	}
	return lodged_us;
}

static rg_err plan_one(const struct consignment *consignment,
	const Rivergate__V1__ConsignmentLeg *leg, bool with_found,
	Rivergate__V1__PlanLeg **ret_plan)
{
	const struct window_call *call = consignment->call;
	struct consignment_goods goods = {.n = 0};
	rg_err err = consignment_goods(consignment, leg->leg, with_found, &goods);
	const struct plan_question question = {
		.trust = call->record->trust,
		.leg = leg->leg,
		.goods = goods.items,
		.n_goods = goods.n,
		.steps = {consignment_lodged_us(consignment, leg->leg), leg->departed_us,
			leg->arrived_us},
		.now_us = call->record->time_us,
	};

	return err ? err : plan_leg(&question, call->arena, ret_plan);
}

/* What is missing does not depend on what adapters found. */
static void copy_outstanding(const Rivergate__V1__PlanLeg *from, Rivergate__V1__PlanLeg *to)
{
	for (size_t i = 0; i < to->n_entries; i++) {
		Rivergate__V1__PlanEntry *entry = to->entries[i];

		for (size_t j = 0; j < from->n_entries; j++) {
			if (strcmp(from->entries[j]->rule, entry->rule) == 0) {
				entry->outstanding = from->entries[j]->outstanding;
				entry->n_outstanding = from->entries[j]->n_outstanding;
			}
		}
	}
}

bool consignment_has_found(const Rivergate__V1__ConsignmentState *state)
{
	for (size_t i = 0; i < state->n_declarations; i++) {
		if (state->declarations[i]->n_found) {
			return true;
		}
	}
	return false;
}

/* Who is kept for what he has said may have come by what was found, and taken back since. */
static bool has_kept(const Rivergate__V1__PlanLeg *plan)
{
	for (size_t i = 0; i < plan->n_entries; i++) {
		const char *rule = plan->entries[i]->rule;

		if (rule[0] == PLAN_RULE_OPEN[0] && strcmp(rule, PLAN_RULE_OPEN) == 0) {
			return true;
		}
	}
	return false;
}

bool consignment_is_plan_public(const struct consignment *consignment)
{
	const Rivergate__V1__PlanFacts *plan = consignment->state->plan;
	bool is_public = !consignment_has_found(consignment->state);

	for (size_t i = 0; is_public && plan && i < plan->n_legs; i++) {
		is_public = !has_kept(plan->legs[i]);
	}
	return is_public;
}

rg_err consignment_public_plan(const struct consignment *consignment, uint32_t leg,
	Rivergate__V1__PlanLeg **ret_plan)
{
	Rivergate__V1__PlanLeg *plan = consignment->state->plan->legs[leg];

	if (!consignment_has_found(consignment->state) && !has_kept(plan)) {
		*ret_plan = plan;
		return RG_OK;
	}
	rg_err err = plan_one(consignment, consignment->state->legs[leg], false, &plan);

	if (!err) {
		copy_outstanding(consignment->state->plan->legs[leg], plan);
		*ret_plan = plan;
	}
	return err;
}

bool consignment_is_open(const struct consignment *consignment,
	const Rivergate__V1__ConsignmentAnswer *answer)
{
	bool is_strict = status_rank(status_of_decision(answer->status)) >
		status_rank(RIVERGATE__V1__LEG_STATUS__LEG_STATUS_PENDING);

	return answer->leg < consignment->state->n_legs &&
		(is_strict || status_is_hidden(answer->disclosure, false));
}

/*
 * Rules end, and what brought them may be taken back: who has an open answer stays in the plan
 * until he has ended it.
 */
static rg_err keep_open(const struct consignment *consignment, uint32_t number,
	Rivergate__V1__PlanLeg *plan)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	struct arena *arena = consignment->call->arena;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < state->n_answers; i++) {
		const Rivergate__V1__ConsignmentAnswer *answer = state->answers[i];
		Rivergate__V1__PlanEntry *entry = NULL;

		if (answer->leg != number || !consignment_is_open(consignment, answer) ||
			!consignment_counts(state->declarations[answer->declaration]) ||
			plan_decides(plan, answer->authority)) {
			continue;
		}
		entry = arena_alloc(arena, sizeof(*entry));
		if (!entry) {
			return RG_E_NOMEM;
		}
		rivergate__v1__plan_entry__init(entry);
		entry->authority = answer->authority;
		entry->role = RIVERGATE__V1__AUTHORITY_ROLE__AUTHORITY_ROLE_DECIDES;
		entry->rule = (char *)PLAN_RULE_OPEN;
		err = rows_append(arena, &plan->entries, &plan->n_entries, entry);
	}
	return err;
}

/*
 * The directory has lost a party that a rule names: its answer is still waited for, and its member
 * is told to name another. What only found goods brought is known to that member anyway.
 */
static rg_err find_gone(struct consignment *consignment, uint32_t number,
	const Rivergate__V1__PlanLeg *plan)
{
	const struct consignment_cc here = consignment_cc_of_country(plan->country);
	const struct trust *trust = consignment->call->record->trust;
	char text[256];
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < plan->n_entries; i++) {
		const Rivergate__V1__PlanEntry *entry = plan->entries[i];
		const struct consignment_finding finding = {
			.rule = "AUTHORITY_GONE",
			.path = "legs",
			.text = text,
			.member = here.text,
			.leg = number,
			.is_computed = true,
		};

		if (trust_party_at(trust, entry->authority)) {
			continue;
		}
		(void)snprintf(text, sizeof(text),
			"rule %.64s names %.100s, which is no party any more: a new profile names "
			"who decides",
			entry->rule, entry->authority);
		err = consignment_find(consignment, &finding);
	}
	return err;
}

rg_err consignment_plan(struct consignment *consignment)
{
	Rivergate__V1__ConsignmentState *state = consignment->state;
	struct arena *arena = consignment->call->arena;
	Rivergate__V1__PlanFacts *plan = arena_alloc(arena, sizeof(*plan));
	rg_err err = plan ? RG_OK : RG_E_NOMEM;

	if (!err) {
		rivergate__v1__plan_facts__init(plan);
	}
	for (size_t i = 0; !err && i < state->n_legs; i++) {
		Rivergate__V1__PlanLeg *leg = NULL;

		err = plan_one(consignment, state->legs[i], true, &leg);
		if (!err) {
			err = rows_append(arena, &plan->legs, &plan->n_legs, leg);
		}
		if (!err) {
			err = keep_open(consignment, (uint32_t)i, leg);
		}
		if (!err) {
			err = find_gone(consignment, (uint32_t)i, leg);
		}
	}
	if (!err) {
		state->plan = plan;
	}
	return err;
}

rg_err consignment_pack_plan(struct consignment *consignment)
{
	struct pack pack;
	struct rg_bytes bytes;
	struct rg_bytes field;

	pack_init(&pack);
	rg_err err = pack_field(&consignment->state->plan->base, &pack, &bytes, &field);
	uint8_t *copy = err ? NULL : arena_alloc(consignment->call->arena, field.len);

	if (copy) {
		memcpy(copy, field.data, field.len);
		consignment->plan_field = bytes_of(copy, field.len);
		consignment->packed_plan = bytes_of(copy + (field.len - bytes.len), bytes.len);
	}
	pack_deinit(&pack);
	return err || copy ? err : RG_E_NOMEM;
}

const Rivergate__V1__PlanEntry *consignment_decider(const struct consignment *consignment,
	uint32_t leg, const char *address)
{
	const Rivergate__V1__PlanFacts *plan = consignment->state->plan;
	const Rivergate__V1__PlanEntry *best = NULL;

	for (size_t i = 0; plan && leg < plan->n_legs && i < plan->legs[leg]->n_entries; i++) {
		const Rivergate__V1__PlanEntry *entry = plan->legs[leg]->entries[i];

		if (entry->role == RIVERGATE__V1__AUTHORITY_ROLE__AUTHORITY_ROLE_DECIDES &&
			address_has_prefix(address, entry->authority) &&
			(!best || strlen(entry->authority) > strlen(best->authority))) {
			best = entry;
		}
	}
	return best;
}

static unsigned material_of_rule(const Rivergate__V1__WindowProfile *profile, const char *id)
{
	unsigned fields = 0;

	for (size_t i = 0; profile && i < profile->n_rules; i++) {
		const Rivergate__V1__Rule *rule = profile->rules[i];

		for (size_t j = 0; strcmp(rule->id, id) == 0 && j < rule->n_material; j++) {
			fields |= status_field_of(rule->material[j]);
		}
	}
	return fields;
}

unsigned consignment_material(const struct consignment *consignment, uint32_t leg,
	const char *authority)
{
	const Rivergate__V1__PlanFacts *plan = consignment->state->plan;
	unsigned fields = 0;

	for (size_t i = 0; plan && leg < plan->n_legs && i < plan->legs[leg]->n_entries; i++) {
		const Rivergate__V1__PlanEntry *entry = plan->legs[leg]->entries[i];
		struct consignment_cc cc = consignment_cc_of_address(entry->authority);

		if (strcmp(entry->authority, authority) != 0) {
			continue;
		}
		fields |= strcmp(entry->rule, PLAN_RULE_CUSTOMS) == 0
			? STATUS_FIELD_CUSTOMS
			: material_of_rule(trust_profile(consignment->call->record->trust, cc.text),
				  entry->rule);
	}
	return fields;
}
