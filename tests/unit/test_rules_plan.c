/*
 * Plan of a leg: customs always, rules where all of a tuple matches, and when they are in
 * force.
 */
#include "profiles.h"
#include "rules/goods.h"
#include "rules/plan.h"

struct world {
	struct members members;
	struct trust *trust;
	struct arena *arena;
	Rivergate__V1__Leg leg;
	Rivergate__V1__Goods goods[2];
	Rivergate__V1__Goods *list[2];
	struct plan_question question;
};

static struct world world;

static void set_up(const char *from, const char *to)
{
	scoped(profiles_freep) Rivergate__V1__WindowProfile *profile = profiles_with(from, to);
	struct governance_answer answer;
	struct trust *next = NULL;

	members_init(&world.members);
	rivergate__v1__office__init(&world.members.all[LA].office);
	world.trust = members_trust(&world.members);
	scoped(governance_freep) Rivergate__V1__Governed *governed =
		profiles_sign(&world.members, profile, LA);
	ck_assert_int_eq(trust_apply_profile(world.trust, governed, 9, &next, &answer), RG_OK);
	ck_assert_msg(next != NULL, "%s: %s", answer.path, answer.text);
	trust_unref(world.trust);
	world.trust = next;
	world.arena = arena_new(0);
	ck_assert_ptr_nonnull(world.arena);
	rivergate__v1__leg__init(&world.leg);
	world.leg.country = members_text("LA");
	world.leg.regime = RIVERGATE__V1__REGIME__REGIME_IMPORT;
	world.leg.office_in = members_text("BT");
	for (size_t i = 0; i < 2; i++) {
		rivergate__v1__goods__init(&world.goods[i]);
		world.list[i] = &world.goods[i];
	}
	world.goods[0].hs6 = members_text("081060");
	world.goods[0].origin = members_text("TH");
	world.goods[0].condition = RIVERGATE__V1__CONDITION__CONDITION_FRESH;
	world.goods[1].hs6 = members_text("847130");
	world.goods[1].origin = members_text("VN");
	world.question = (struct plan_question){.trust = world.trust,
		.leg = &world.leg,
		.goods = world.list,
		.n_goods = 2,
		.now_us = 1500};
}

static void tear_down(void)
{
	arena_free(world.arena);
	trust_unref(world.trust);
	members_deinit(&world.members);
}

static const Rivergate__V1__PlanLeg *plan(void)
{
	Rivergate__V1__PlanLeg *leg = NULL;

	ck_assert_int_eq(plan_leg(&world.question, world.arena, &leg), RG_OK);
	return leg;
}

/* The rules of the plan, with blanks between. */
static void assert_rules(const char *expected)
{
	const Rivergate__V1__PlanLeg *leg = plan();
	scoped(buf_deinit) struct buf rules = {0};

	for (size_t i = 0; i < leg->n_entries; i++) {
		buf_printf(&rules, "%s%s", i ? " " : "", leg->entries[i]->rule);
	}
	ck_assert_str_eq(rules.len ? buf_text(&rules) : "", expected);
}

START_TEST(customs_come_first_and_rules_in_their_order)
{
	set_up("\"la\"", "\"la\"");
	assert_rules("CUSTOMS fruit all");
	const Rivergate__V1__PlanLeg *leg = plan();
	const Rivergate__V1__PlanEntry *fruit = leg->entries[1];

	ck_assert(!leg->no_rule);
	ck_assert_str_eq(leg->entries[0]->authority, "la.customs");
	ck_assert_str_eq(fruit->authority, "la.customs.boten");
	ck_assert_str_eq(fruit->legal_basis->article, "12");
	ck_assert_uint_eq(fruit->profile_index, 9);
	ck_assert_uint_eq(fruit->profile_version, 1);
	ck_assert_str_eq(fruit->documents[0], "851");
	ck_assert_int_eq(fruit->target_us, INT64_C(7200000000));
	ck_assert(plan_decides(leg, "la.customs") && plan_decides(leg, "la.customs.boten"));
	ck_assert(!plan_decides(leg, "cn.gacc"));
	tear_down();
}
END_TEST

START_TEST(other_goods_wait_for_the_general_target)
{
	set_up("\"conditions\":[\"CONDITION_FRESH\"]", "\"conditions\":[\"CONDITION_DRIED\"]");
	world.goods[0].condition = RIVERGATE__V1__CONDITION__CONDITION_DRIED;
	ck_assert_int_eq(plan()->entries[1]->target_us, INT64_C(86400000000));
	tear_down();
}
END_TEST

START_TEST(tuple_that_differs_in_one_piece_does_not_fire)
{
	set_up("\"la\"", "\"la\"");
	world.goods[0].origin = members_text("VN");
	assert_rules("CUSTOMS all");
	world.goods[0].origin = members_text("TH");
	world.goods[0].hs6 = members_text("080450");
	assert_rules("CUSTOMS all");
	world.goods[0].hs6 = members_text("081060");
	world.goods[0].condition = RIVERGATE__V1__CONDITION__CONDITION_FROZEN;
	assert_rules("CUSTOMS all");
	/* The pieces stand in two tuples. */
	world.goods[0].hs6 = members_text("847130");
	world.goods[0].condition = RIVERGATE__V1__CONDITION__CONDITION_FRESH;
	world.goods[1].hs6 = members_text("081060");
	assert_rules("CUSTOMS all");
	tear_down();
}
END_TEST

START_TEST(condition_that_is_not_stated_is_the_default_of_the_profile)
{
	set_up("\"la\"", "\"la\"");
	world.goods[0].condition = RIVERGATE__V1__CONDITION__CONDITION_UNSPECIFIED;
	assert_rules("CUSTOMS fruit all");
	tear_down();
}
END_TEST

START_TEST(other_regime_and_other_office_do_not_fire)
{
	set_up("\"la\"", "\"la\"");
	world.leg.regime = RIVERGATE__V1__REGIME__REGIME_TRANSIT;
	assert_rules("CUSTOMS all");
	world.leg.regime = RIVERGATE__V1__REGIME__REGIME_IMPORT;
	world.leg.office_in = members_text("TK");
	assert_rules("CUSTOMS all");
	world.leg.office_out = members_text("BT");
	assert_rules("CUSTOMS fruit all");
	tear_down();
}
END_TEST

START_TEST(rule_holds_for_the_step_it_applies_to)
{
	/* In force from 1000 to 2000, for what arrives then. */
	static const struct {
		int64_t now_us;
		int64_t arrived_us;
		const char *rules;
	} cases[] = {
		{999, 0, "CUSTOMS all"},
		{1000, 0, "CUSTOMS fruit all"},
		{1999, 0, "CUSTOMS fruit all"},
		{2000, 0, "CUSTOMS all"},
		{1500, 900, "CUSTOMS all"},
		{2500, 1500, "CUSTOMS fruit all"},
		{2500, 2100, "CUSTOMS all"},
	};

	set_up("\"la\"", "\"la\"");
	world.question.steps.lodged_us = 1500;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world.question.now_us = cases[i].now_us;
		world.question.steps.arrived_us = cases[i].arrived_us;
		assert_rules(cases[i].rules);
	}
	ck_assert_int_eq(plan_next_change_us(world.trust, "LA", 0), 1000);
	ck_assert_int_eq(plan_next_change_us(world.trust, "LA", 1000), 2000);
	ck_assert_int_eq(plan_next_change_us(world.trust, "LA", 2000), INT64_MAX);
	ck_assert_int_eq(plan_next_change_us(world.trust, "XX", 0), INT64_MAX);
	tear_down();
}
END_TEST

START_TEST(country_without_profile_has_its_customs_and_no_rule)
{
	set_up("\"la\"", "\"la\"");
	world.leg.country = members_text("CN");
	assert_rules("CUSTOMS");
	ck_assert(plan()->no_rule);
	tear_down();
}
END_TEST

START_TEST(country_that_names_no_customs_has_an_empty_plan)
{
	static const char *const countries[] = {"TH", "MY", "", "THA", "la!"};

	set_up("\"la\"", "\"la\"");
	for (size_t i = 0; i < sizeof(countries) / sizeof(countries[0]); i++) {
		world.leg.country = members_text(countries[i]);
		assert_rules("");
		ck_assert(plan()->no_rule);
	}
	tear_down();
}
END_TEST

START_TEST(relief_goes_first)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__Leg leg = RIVERGATE__V1__LEG__INIT;
	Rivergate__V1__Leg *legs[] = {&leg};

	header.kind = RIVERGATE__V1__KIND__KIND_DECLARATION;
	header.legs = legs;
	header.n_legs = 1;
	ck_assert_int_eq(goods_lane_of(&header), GOODS_LANE_GENERAL);
	leg.regime = RIVERGATE__V1__REGIME__REGIME_RELIEF;
	ck_assert_int_eq(goods_lane_of(&header), GOODS_LANE_EMERGENCY);
}
END_TEST

START_TEST(lane_follows_kind_then_condition_then_heading)
{
	static const struct {
		Rivergate__V1__Kind kind;
		const char *hs6;
		Rivergate__V1__Condition condition;
		enum goods_lane lane;
	} cases[] = {
		{RIVERGATE__V1__KIND__KIND_EMERGENCY_NOTICE, "847130", 0, GOODS_LANE_EMERGENCY},
		{RIVERGATE__V1__KIND__KIND_PEST_ALERT, "847130", 0, GOODS_LANE_EMERGENCY},
		{RIVERGATE__V1__KIND__KIND_DECLARATION, "847130", 0, GOODS_LANE_GENERAL},
		{RIVERGATE__V1__KIND__KIND_DECLARATION, "010229", 0, GOODS_LANE_LIVE},
		{RIVERGATE__V1__KIND__KIND_DECLARATION, "080450", 0, GOODS_LANE_PERISHABLE},
		{RIVERGATE__V1__KIND__KIND_DECLARATION, "080450",
			RIVERGATE__V1__CONDITION__CONDITION_DRIED, GOODS_LANE_GENERAL},
		{RIVERGATE__V1__KIND__KIND_DECLARATION, "847130",
			RIVERGATE__V1__CONDITION__CONDITION_CHILLED, GOODS_LANE_PERISHABLE},
		{RIVERGATE__V1__KIND__KIND_DECLARATION, "030111",
			RIVERGATE__V1__CONDITION__CONDITION_FROZEN, GOODS_LANE_GENERAL},
		{RIVERGATE__V1__KIND__KIND_DECLARATION, "030632", 0, GOODS_LANE_PERISHABLE},
		{RIVERGATE__V1__KIND__KIND_DECLARATION, "030617", 0, GOODS_LANE_GENERAL},
		{RIVERGATE__V1__KIND__KIND_DECISION, "", 0, GOODS_LANE_GENERAL},
	};
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__Goods goods = RIVERGATE__V1__GOODS__INIT;
	Rivergate__V1__Goods *list[] = {&goods};

	header.goods = list;
	header.n_goods = 1;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		header.kind = cases[i].kind;
		goods.hs6 = members_text(cases[i].hs6);
		goods.condition = cases[i].condition;
		ck_assert_int_eq(goods_lane_of(&header), cases[i].lane);
	}
}
END_TEST

CHECK_MAIN("rules_plan", customs_come_first_and_rules_in_their_order,
	other_goods_wait_for_the_general_target, tuple_that_differs_in_one_piece_does_not_fire,
	condition_that_is_not_stated_is_the_default_of_the_profile,
	other_regime_and_other_office_do_not_fire, rule_holds_for_the_step_it_applies_to,
	country_without_profile_has_its_customs_and_no_rule,
	country_that_names_no_customs_has_an_empty_plan,
	lane_follows_kind_then_condition_then_heading, relief_goes_first)
