/*
 * Demands: see demands.h.
 *
 * Each demand of each entry looks at each document that can satisfy it (checks.h). Entries that
 * only what adapters found brought into the plan come last: what they alone find is for the
 * leg's member until the goods have arrived there.
 *
 * Threads: the window's.
 */
#include "rules/demands.h"

#include <stdio.h>
#include <string.h>

#include "rules/checks.h"
#include "rules/goods.h"

#define TEXT_MAX 128

/* Goods that no certificate of the kind includes, said of the last of them. */
static rg_err check_all_goods(const struct checks_asking *it, const struct demands_document *last)
{
	for (size_t i = 0; last && i < it->goods.n; i++) {
		bool is_covered = false;
		char text[TEXT_MAX];

		for (size_t j = 0; !is_covered && j < it->documents->n; j++) {
			const struct demands_document *document = &it->documents->items[j];

			is_covered = document->ledger->facts && checks_can_satisfy(it, document) &&
				ledger_covers(document->ledger->facts, it->goods.items[i]);
		}
		if (!is_covered) {
			(void)snprintf(text, sizeof(text),
				"goods %.6s of %.2s are declared, and not covered",
				it->goods.items[i]->hs6, it->goods.items[i]->origin);
			rg_err err = checks_find(it, last, "CERTIFICATE_GOODS", text);
			if (err) {
				return err;
			}
		}
	}
	return RG_OK;
}

static rg_err judge_demand(const struct checks_asking *it, bool *ret_is_satisfied)
{
	const struct demands_document *last = NULL;
	bool is_satisfied = false;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < it->documents->n; i++) {
		const struct demands_document *document = &it->documents->items[i];
		bool satisfies = false;

		if (document->ledger->facts && checks_can_satisfy(it, document)) {
			last = document;
			err = checks_of_document(it, document, &satisfies);
		}
		is_satisfied = is_satisfied || satisfies;
	}
	if (!err) {
		*ret_is_satisfied = is_satisfied;
	}
	return err ? err : check_all_goods(it, last);
}

/* Entries */

/* Rule NULL: the entry has none, and asks for nothing. */
static rg_err begin(struct consignment *consignment, uint32_t leg,
	const Rivergate__V1__PlanEntry *entry, struct checks_asking *ret_asking)
{
	const struct consignment_cc cc = consignment_cc_of_address(entry->authority);
	struct checks_asking it = {.consignment = consignment, .leg = leg};
	size_t n = 0;

	it.profile = trust_profile(consignment->call->record->trust, cc.text);
	it.rule = rulebook_rule(trust_rulebook(consignment->call->record->trust, cc.text),
		entry->rule);
	rg_err err = it.rule && it.rule->n_documents
		? consignment_goods(consignment, consignment->state->legs[leg]->leg, false,
			  &it.goods)
		: RG_OK;

	for (size_t i = 0; !err && i < it.goods.n; i++) {
		if (goods_match(it.rule->goods, it.goods.items[i], it.profile)) {
			it.goods.items[n++] = it.goods.items[i];
		}
	}
	it.goods.n = n;
	if (!err) {
		*ret_asking = it;
	}
	return err;
}

rg_err demands_ask(struct consignment *consignment, uint32_t leg, const char *authority,
	const struct demands_document *document, bool *ret_asks)
{
	const Rivergate__V1__PlanLeg *plan = consignment->state->plan->legs[leg];
	bool asks = false;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && !asks && i < plan->n_entries; i++) {
		struct checks_asking it = {.consignment = NULL};

		if (strcmp(plan->entries[i]->authority, authority) != 0) {
			continue;
		}
		err = begin(consignment, leg, plan->entries[i], &it);
		for (size_t j = 0; !err && it.rule && j < it.rule->n_documents; j++) {
			it.demand = it.rule->documents[j];
			asks = asks || checks_can_satisfy(&it, document);
		}
	}
	if (!err) {
		*ret_asks = asks;
	}
	return err;
}

static rg_err add_outstanding(struct consignment *consignment, Rivergate__V1__PlanEntry *entry,
	char *type)
{
	for (size_t i = 0; i < entry->n_outstanding; i++) {
		if (strcmp(entry->outstanding[i], type) == 0) {
			return RG_OK;
		}
	}
	return rows_append(consignment->call->arena, &entry->outstanding, &entry->n_outstanding,
		type);
}

static rg_err judge_entry(struct checks_asking *it, Rivergate__V1__PlanEntry *entry, bool is_over)
{
	rg_err err = RG_OK;

	entry->outstanding = NULL;
	entry->n_outstanding = 0;
	for (size_t i = 0; !err && it->rule && i < it->rule->n_documents; i++) {
		bool is_satisfied = false;

		it->demand = it->rule->documents[i];
		err = judge_demand(it, &is_satisfied);
		if (!err && !is_satisfied && !is_over) {
			err = add_outstanding(it->consignment, entry, it->demand->type);
		}
	}
	return err;
}

static bool has_rule(const Rivergate__V1__PlanLeg *plan, const char *id)
{
	for (size_t i = 0; i < plan->n_entries; i++) {
		if (strcmp(plan->entries[i]->rule, id) == 0) {
			return true;
		}
	}
	return false;
}

/* What a leg that is over still lacks is nobody's business any more. */
static rg_err judge_leg(struct consignment *consignment, const struct demands_documents *documents,
	uint32_t leg, bool are_hidden)
{
	const Rivergate__V1__PlanLeg *plan = consignment->state->plan->legs[leg];
	Rivergate__V1__PlanLeg *shown = NULL;
	struct view_leg seen = {.n_authorities = 0};
	rg_err err = view_leg(consignment, leg, VIEW_EVERYBODY, &seen);

	if (!err) {
		err = consignment_public_plan(consignment, leg, &shown);
	}
	for (size_t i = 0; !err && i < plan->n_entries; i++) {
		struct checks_asking it = {.consignment = NULL};

		if (plan->entries[i]->n_documents == 0 ||
			has_rule(shown, plan->entries[i]->rule) == are_hidden) {
			continue;
		}
		err = begin(consignment, leg, plan->entries[i], &it);
		it.documents = documents;
		it.is_hidden = are_hidden;
		if (!err) {
			err = judge_entry(&it, plan->entries[i],
				seen.view.turn == RIVERGATE__V1__TURN__TURN_NOBODY);
		}
	}
	return err;
}

static bool asks_for_anything(const Rivergate__V1__PlanLeg *plan)
{
	for (size_t i = 0; i < plan->n_entries; i++) {
		if (plan->entries[i]->n_documents) {
			return true;
		}
	}
	return false;
}

rg_err demands_settle(struct consignment *consignment, const struct demands_documents *documents)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	bool may_hide = consignment_has_found(state);
	rg_err err = RG_OK;

	for (uint32_t i = 0; !err && i < state->n_legs; i++) {
		if (asks_for_anything(state->plan->legs[i])) {
			err = judge_leg(consignment, documents, i, false);
		}
	}
	for (uint32_t i = 0; !err && may_hide && i < state->n_legs; i++) {
		if (asks_for_anything(state->plan->legs[i])) {
			err = judge_leg(consignment, documents, i, true);
		}
	}
	return err;
}
