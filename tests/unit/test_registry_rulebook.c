/*
 * The index of rules: it chooses what a look at every rule would, in the order of the profile.
 */
#include "base/buf.h"
#include "registry/rulebook.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES   150
#define HS_MAX  3
#define HS_LEN  7
#define ROUNDS  400
#define CODES_N 4

#define REGIME(name) RIVERGATE__V1__REGIME__REGIME_##name

struct shelf {
	Rivergate__V1__WindowProfile profile;
	Rivergate__V1__Rule rules[RULES];
	Rivergate__V1__Rule *list[RULES];
	Rivergate__V1__GoodsMatch goods[RULES];
	char ids[RULES][16];
	char hs[RULES][HS_MAX][HS_LEN];
	char *hs_list[RULES][HS_MAX];
	Rivergate__V1__Regime regimes[RULES][2];
	struct arena *arena;
	const struct rulebook *book;
	uint64_t state; /* of the numbers */
};

static struct shelf shelf;

static unsigned below(unsigned limit)
{
	shelf.state = shelf.state * UINT64_C(6364136223846793005) + 1442695040888963407U;
	return (unsigned)(shelf.state >> 33) % limit;
}

/* Few digits, so that codes meet. */
static void some_code(char *ret_code, size_t n_digits)
{
	for (size_t i = 0; i < n_digits; i++) {
		ret_code[i] = (char)('0' + below(i < 2 ? 2 : 3));
	}
	ret_code[n_digits] = '\0';
}

static void fill_rule(size_t number)
{
	Rivergate__V1__Rule *rule = &shelf.rules[number];

	rivergate__v1__rule__init(rule);
	shelf.list[number] = rule;
	(void)snprintf(shelf.ids[number], sizeof(shelf.ids[number]), "rule-%zu", number * 7 % 150);
	rule->id = shelf.ids[number];
	rule->n_regimes = below(3);
	rule->regimes = shelf.regimes[number];
	for (size_t i = 0; i < rule->n_regimes; i++) {
		rule->regimes[i] = (Rivergate__V1__Regime)(1 + below(4));
	}
	if (below(8) == 0) {
		return;
	}
	rivergate__v1__goods_match__init(&shelf.goods[number]);
	rule->goods = &shelf.goods[number];
	rule->goods->hs = shelf.hs_list[number];
	rule->goods->n_hs = below(HS_MAX + 1);
	for (size_t i = 0; i < rule->goods->n_hs; i++) {
		some_code(shelf.hs[number][i], 2 * (1 + below(3)));
		shelf.hs_list[number][i] = shelf.hs[number][i];
	}
}

static void begin(void)
{
	memset(&shelf, 0, sizeof(shelf));
	shelf.state = 7;
	rivergate__v1__window_profile__init(&shelf.profile);
	for (size_t i = 0; i < RULES; i++) {
		fill_rule(i);
	}
	shelf.profile.rules = shelf.list;
	shelf.profile.n_rules = RULES;
	shelf.arena = arena_new(0);
	ck_assert_ptr_nonnull(shelf.arena);
	ck_assert_int_eq(rulebook_new(&shelf.profile, shelf.arena, &shelf.book), RG_OK);
}

static void end(void)
{
	arena_free(shelf.arena);
}

static bool has_regime(const Rivergate__V1__Rule *rule, Rivergate__V1__Regime regime)
{
	for (size_t i = 0; i < rule->n_regimes; i++) {
		if (rule->regimes[i] == regime) {
			return true;
		}
	}
	return rule->n_regimes == 0;
}

static bool has_heading(const Rivergate__V1__Rule *rule, Rivergate__V1__Goods *const *goods,
	size_t n_goods)
{
	for (size_t i = 0; rule->goods && i < rule->goods->n_hs; i++) {
		for (size_t j = 0; j < n_goods; j++) {
			if (strncmp(goods[j]->hs6, rule->goods->hs[i],
				    strlen(rule->goods->hs[i])) == 0) {
				return true;
			}
		}
	}
	return !rule->goods || rule->goods->n_hs == 0;
}

/* How many were chosen: those that a look at every rule finds, in the order of the profile. */
static size_t assert_choice(Rivergate__V1__Regime regime, Rivergate__V1__Goods *const *goods,
	size_t n_goods)
{
	const struct rulebook_question question = {regime, goods, n_goods};
	struct rulebook_choice choice;
	size_t number = 0;
	size_t n = 0;

	ck_assert_int_eq(rulebook_choose(shelf.book, &question, shelf.arena, &choice), RG_OK);
	for (size_t i = 0; i < RULES; i++) {
		if (has_regime(&shelf.rules[i], regime) &&
			has_heading(&shelf.rules[i], goods, n_goods)) {
			ck_assert(rulebook_take(&choice, &number));
			ck_assert_uint_eq(number, i);
			n++;
		}
	}
	ck_assert(!rulebook_take(&choice, &number));
	ck_assert_uint_eq(choice.n, 0);
	return n;
}

START_TEST(rules_are_chosen_as_a_look_at_each_would)
{
	Rivergate__V1__Goods goods[CODES_N];
	Rivergate__V1__Goods *list[CODES_N];
	char codes[CODES_N][HS_LEN];
	size_t n_chosen = 0;

	begin();
	for (size_t round = 0; round < ROUNDS; round++) {
		size_t n = below(CODES_N + 1);

		for (size_t i = 0; i < n; i++) {
			some_code(codes[i], below(8) ? 6 : 4);
			rivergate__v1__goods__init(&goods[i]);
			goods[i].hs6 = codes[i];
			list[i] = &goods[i];
		}
		n_chosen += assert_choice((Rivergate__V1__Regime)below(6), list, n);
	}
	/* Some of all, and not all. */
	ck_assert_uint_gt(n_chosen, (size_t)ROUNDS * RULES / 50);
	ck_assert_uint_lt(n_chosen, (size_t)ROUNDS * RULES / 2);
	end();
}
END_TEST

START_TEST(code_that_is_no_number_meets_only_rules_without_heading)
{
	static const char *const codes[] = {"", "0", "x10000", "0a0000"};
	Rivergate__V1__Goods goods = RIVERGATE__V1__GOODS__INIT;
	Rivergate__V1__Goods *list[] = {&goods};

	begin();
	size_t n_without = assert_choice(REGIME(IMPORT), list, 0);

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		goods.hs6 = (char *)(uintptr_t)codes[i];
		ck_assert_uint_eq(assert_choice(REGIME(IMPORT), list, 1), n_without);
	}
	end();
}
END_TEST

START_TEST(rule_is_found_by_its_id_and_no_other)
{
	begin();
	for (size_t i = 0; i < RULES; i++) {
		ck_assert_ptr_eq(rulebook_rule(shelf.book, shelf.ids[i]), &shelf.rules[i]);
	}
	ck_assert_ptr_null(rulebook_rule(shelf.book, "rule-150"));
	ck_assert_ptr_null(rulebook_rule(shelf.book, ""));
	ck_assert_ptr_null(rulebook_rule(NULL, "rule-1"));
	end();
}
END_TEST

START_TEST(next_change_is_the_first_behind_now)
{
	static const struct {
		int64_t now_us;
		int64_t next_us;
	} cases[] = {{0, 100}, {99, 100}, {100, 200}, {199, 200}, {200, 300}, {300, INT64_MAX}};

	begin();
	ck_assert_int_eq(rulebook_next_us(shelf.book, 0), INT64_MAX);
	shelf.rules[3].effective_until_us = 300;
	shelf.rules[9].effective_from_us = 200;
	shelf.rules[9].effective_until_us = 300;
	shelf.rules[140].effective_from_us = 100;
	ck_assert_int_eq(rulebook_new(&shelf.profile, shelf.arena, &shelf.book), RG_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(rulebook_next_us(shelf.book, cases[i].now_us), cases[i].next_us);
	}
	end();
}
END_TEST

START_TEST(profile_without_rules_chooses_nothing)
{
	begin();
	shelf.profile.n_rules = 0;
	ck_assert_int_eq(rulebook_new(&shelf.profile, shelf.arena, &shelf.book), RG_OK);
	const struct rulebook_question question = {REGIME(IMPORT), NULL, 0};
	struct rulebook_choice choice;
	size_t number = 0;

	ck_assert_int_eq(rulebook_choose(shelf.book, &question, shelf.arena, &choice), RG_OK);
	ck_assert(!rulebook_take(&choice, &number));
	ck_assert_ptr_null(rulebook_rule(shelf.book, "rule-1"));
	end();
}
END_TEST

CHECK_MAIN("registry_rulebook", rules_are_chosen_as_a_look_at_each_would,
	code_that_is_no_number_meets_only_rules_without_heading,
	rule_is_found_by_its_id_and_no_other, next_change_is_the_first_behind_now,
	profile_without_rules_chooses_nothing)
