/*
 * Plan of a leg: see plan.h.
 *
 * Method: those rules of the leg's member that may match, by the index of its profile, in the
 * order of the profile; of each the cheap conditions first.
 * Threads: any.
 */
#include "rules/plan.h"

#include <string.h>

#include "base/text.h"
#include "rivergate/v1/window.pb-c.h"
#include "rules/goods.h"

#define CC_LEN 2

/* Lower case; "" where the country is no code. */
static void cc_of(const char *country, char ret_cc[CC_LEN + 1])
{
	ret_cc[0] = '\0';
	if (strnlen(country, CC_LEN + 1) != CC_LEN) {
		return;
	}
	for (size_t i = 0; i < CC_LEN; i++) {
		bool is_upper = country[i] >= 'A' && country[i] <= 'Z';

		ret_cc[i] = (char)(is_upper ? country[i] - 'A' + 'a' : country[i]);
	}
	ret_cc[CC_LEN] = '\0';
}

/* Customs */

static bool is_customs(const struct trust_party *party)
{
	return party && trust_party_has_role(party, RIVERGATE__V1__ROLE__ROLE_CUSTOMS);
}

static const struct trust_party *customs_of_office(const struct trust *trust,
	const Rivergate__V1__Directory *directory, const char *code)
{
	for (size_t i = 0; code[0] && i < directory->n_offices; i++) {
		if (strcmp(directory->offices[i]->code, code) == 0) {
			const struct trust_party *party =
				trust_party_at(trust, directory->offices[i]->party);

			return is_customs(party) ? party : NULL;
		}
	}
	return NULL;
}

/* Shortest address first, then by the alphabet. */
static bool is_before(const char *a, const char *b)
{
	size_t len_a = strlen(a);
	size_t len_b = strlen(b);

	return len_a != len_b ? len_a < len_b : strcmp(a, b) < 0;
}

static const struct trust_party *chief_customs(const struct trust *trust,
	const Rivergate__V1__Directory *directory)
{
	const struct trust_party *chief = NULL;

	for (size_t i = 0; i < directory->n_parties; i++) {
		const char *address = directory->parties[i]->address;
		const struct trust_party *party = !chief || is_before(address, chief->address)
			? trust_party_at(trust, address)
			: NULL;

		chief = is_customs(party) ? party : chief;
	}
	return chief;
}

const struct trust_party *plan_customs(const struct trust *trust, const Rivergate__V1__Leg *leg)
{
	char cc[CC_LEN + 1];

	cc_of(leg->country, cc);
	const Rivergate__V1__Directory *directory = cc[0] ? trust_directory(trust, cc) : NULL;
	if (!directory) {
		return NULL;
	}
	bool is_export = leg->regime == RIVERGATE__V1__REGIME__REGIME_EXPORT;
	const char *first = is_export ? leg->office_out : leg->office_in;
	const char *second = is_export ? leg->office_in : leg->office_out;
	const struct trust_party *party =
		customs_of_office(trust, directory, first[0] ? first : second);

	return party ? party : chief_customs(trust, directory);
}

/* Rules */

static bool office_matches(const Rivergate__V1__Rule *rule, const Rivergate__V1__Leg *leg)
{
	for (size_t i = 0; i < rule->n_offices; i++) {
		if (strcmp(rule->offices[i], leg->office_in) == 0 ||
			strcmp(rule->offices[i], leg->office_out) == 0) {
			return true;
		}
	}
	return rule->n_offices == 0;
}

/* The time at which a rule asks whether it is in force. */
static int64_t step_of(const struct plan_question *question, Rivergate__V1__AppliesTo applies_to)
{
	int64_t step_us = question->steps.lodged_us;

	if (applies_to == RIVERGATE__V1__APPLIES_TO__APPLIES_TO_DEPARTED) {
		step_us = question->steps.departed_us;
	} else if (applies_to == RIVERGATE__V1__APPLIES_TO__APPLIES_TO_ARRIVED) {
		step_us = question->steps.arrived_us;
	}
	return step_us ? step_us : question->now_us;
}

static bool is_in_force(const struct plan_question *question, const Rivergate__V1__Rule *rule)
{
	int64_t step_us = step_of(question, rule->applies_to);

	return rule->effective_from_us <= step_us &&
		(rule->effective_until_us == 0 || step_us < rule->effective_until_us);
}

static bool matches(const struct plan_question *question,
	const Rivergate__V1__WindowProfile *profile, const Rivergate__V1__Rule *rule)
{
	if (!is_in_force(question, rule) || !office_matches(rule, question->leg)) {
		return false;
	}
	for (size_t i = 0; i < question->n_goods; i++) {
		if (goods_match(rule->goods, question->goods[i], profile)) {
			return true;
		}
	}
	return false;
}

/* Entries */

static bool has_perishables(const struct plan_question *question,
	const Rivergate__V1__WindowProfile *profile)
{
	for (size_t i = 0; i < question->n_goods; i++) {
		if (goods_condition_is_perishable(goods_condition(question->goods[i], profile))) {
			return true;
		}
	}
	return false;
}

static rg_err fill_documents(const Rivergate__V1__Rule *rule, struct arena *arena,
	Rivergate__V1__PlanEntry *entry)
{
	entry->documents = arena_alloc(arena, (rule->n_documents + 1) * sizeof(char *));
	if (!entry->documents) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < rule->n_documents; i++) {
		entry->documents[i] = rule->documents[i]->type;
	}
	entry->n_documents = rule->n_documents;
	return RG_OK;
}

static rg_err fill_entry(const struct plan_question *question,
	const Rivergate__V1__WindowProfile *profile, const Rivergate__V1__Rule *rule,
	struct arena *arena, Rivergate__V1__PlanEntry *entry)
{
	bool is_perishable = has_perishables(question, profile);

	entry->authority = rule->authority;
	entry->role = rule->role;
	entry->rule = rule->id;
	entry->profile_index = trust_profile_index(question->trust, profile->member);
	entry->profile_version = profile->version;
	entry->legal_basis = rule->legal_basis;
	entry->data_sets = rule->data_sets;
	entry->n_data_sets = rule->n_data_sets;
	entry->target_us = is_perishable && rule->target_perishable_us > 0
		? rule->target_perishable_us
		: rule->target_us;
	/* Staff on duty come for what perishes: closed hours do not count. */
	if (!is_perishable || !rule->on_call_for_perishables) {
		entry->calendar = rule->calendar;
	}
	return fill_documents(rule, arena, entry);
}

static rg_err add_entry(Rivergate__V1__PlanLeg *leg, struct arena *arena,
	Rivergate__V1__PlanEntry **ret_entry)
{
	Rivergate__V1__PlanEntry *entry = arena_alloc(arena, sizeof(*entry));

	if (!entry) {
		return RG_E_NOMEM;
	}
	rivergate__v1__plan_entry__init(entry);
	leg->entries[leg->n_entries++] = entry;
	*ret_entry = entry;
	return RG_OK;
}

static rg_err add_customs(const struct plan_question *question, struct arena *arena,
	Rivergate__V1__PlanLeg *leg)
{
	const struct trust_party *customs = plan_customs(question->trust, question->leg);
	Rivergate__V1__PlanEntry *entry = NULL;
	rg_err err = customs ? add_entry(leg, arena, &entry) : RG_OK;

	if (!err && entry) {
		entry->authority = customs->entry->address;
		entry->role = RIVERGATE__V1__AUTHORITY_ROLE__AUTHORITY_ROLE_DECIDES;
		entry->rule = (char *)PLAN_RULE_CUSTOMS;
	}
	return err;
}

static rg_err add_rules(const struct plan_question *question,
	const Rivergate__V1__WindowProfile *profile, struct rulebook_choice *choice,
	struct arena *arena, Rivergate__V1__PlanLeg *leg)
{
	size_t number = 0;
	rg_err err = RG_OK;

	while (!err && rulebook_take(choice, &number)) {
		const Rivergate__V1__Rule *rule = profile->rules[number];
		Rivergate__V1__PlanEntry *entry = NULL;

		/* Be it no party any more: what it has said does not vanish with it. */
		if (!matches(question, profile, rule)) {
			continue;
		}
		err = add_entry(leg, arena, &entry);
		if (!err) {
			err = fill_entry(question, profile, rule, arena, entry);
		}
		leg->no_rule = false;
	}
	return err;
}

/* Rules of a few hundred that may match. */
static rg_err choose(const struct plan_question *question, const char *cc, struct arena *arena,
	struct rulebook_choice *ret_choice)
{
	const struct rulebook_question about = {
		question->leg->regime,
		question->goods,
		question->n_goods,
	};

	return rulebook_choose(trust_rulebook(question->trust, cc), &about, arena, ret_choice);
}

rg_err plan_leg(const struct plan_question *question, struct arena *arena,
	Rivergate__V1__PlanLeg **ret_leg)
{
	Rivergate__V1__PlanLeg *leg = arena_alloc(arena, sizeof(*leg));
	char cc[CC_LEN + 1];

	cc_of(question->leg->country, cc);
	const Rivergate__V1__WindowProfile *profile =
		cc[0] ? trust_profile(question->trust, cc) : NULL;
	struct rulebook_choice choice = {.n = 0};
	rg_err err = leg && profile ? choose(question, cc, arena, &choice) : RG_OK;
	if (!leg || err) {
		return err ? err : RG_E_NOMEM;
	}
	rivergate__v1__plan_leg__init(leg);
	leg->country = question->leg->country;
	leg->regime = question->leg->regime;
	leg->no_rule = true;
	leg->entries = arena_alloc(arena, (1 + choice.n) * sizeof(Rivergate__V1__PlanEntry *));
	if (!leg->entries) {
		return RG_E_NOMEM;
	}
	err = add_customs(question, arena, leg);
	if (!err && profile) {
		err = add_rules(question, profile, &choice, arena, leg);
	}
	if (!err) {
		*ret_leg = leg;
	}
	return err;
}

bool plan_decides(const Rivergate__V1__PlanLeg *leg, const char *authority)
{
	for (size_t i = 0; i < leg->n_entries; i++) {
		if (leg->entries[i]->role ==
				RIVERGATE__V1__AUTHORITY_ROLE__AUTHORITY_ROLE_DECIDES &&
			strcmp(leg->entries[i]->authority, authority) == 0) {
			return true;
		}
	}
	return false;
}

int64_t plan_next_change_us(const struct trust *trust, const char *country, int64_t now_us)
{
	char cc[CC_LEN + 1];

	cc_of(country, cc);
	const struct rulebook *rules = cc[0] ? trust_rulebook(trust, cc) : NULL;

	return rules ? rulebook_next_us(rules, now_us) : INT64_MAX;
}
