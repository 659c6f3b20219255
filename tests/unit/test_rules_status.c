/*
 * Status of a leg: the strictest answer, whose turn, what a viewer may see, and what a new
 * version changes.
 */
#include <string.h>

#include "rules/status.h"
#include "suite.h"

#define S(name) RIVERGATE__V1__LEG_STATUS__LEG_STATUS_##name
#define D(name) RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_##name
#define T(name) RIVERGATE__V1__TURN__TURN_##name
#define NOW     RIVERGATE__V1__DISCLOSURE__DISCLOSURE_NOW
#define ARRIVAL RIVERGATE__V1__DISCLOSURE__DISCLOSURE_ON_ARRIVAL
#define NEVER   RIVERGATE__V1__DISCLOSURE__DISCLOSURE_NEVER

#define PLANNED 100

static char *text(const char *value)
{
	return (char *)(uintptr_t)value;
}

/* A leg in which customs and quarantine decide and the food authority is informed. */
struct leg {
	Rivergate__V1__PlanLeg plan;
	Rivergate__V1__PlanEntry entries[3];
	Rivergate__V1__PlanEntry *list[3];
	struct status_answer answers[8];
	struct status_question question;
};

static void make_leg(struct leg *leg)
{
	static const char *const authorities[] = {"cn.gacc.mohan", "cn.gacc.plants", "cn.food"};

	rivergate__v1__plan_leg__init(&leg->plan);
	for (size_t i = 0; i < 3; i++) {
		rivergate__v1__plan_entry__init(&leg->entries[i]);
		leg->entries[i].authority = text(authorities[i]);
		leg->entries[i].role = i < 2
			? RIVERGATE__V1__AUTHORITY_ROLE__AUTHORITY_ROLE_DECIDES
			: RIVERGATE__V1__AUTHORITY_ROLE__AUTHORITY_ROLE_INFORMED;
		leg->list[i] = &leg->entries[i];
	}
	leg->plan.entries = leg->list;
	leg->plan.n_entries = 3;
	leg->question = (struct status_question){.plan = &leg->plan,
		.answers = leg->answers,
		.n_declarations = 1,
		.has_arrived = true,
		.planned_us = PLANNED};
}

static void answer(struct leg *leg, const char *authority, Rivergate__V1__DecisionStatus status,
	Rivergate__V1__Disclosure disclosure)
{
	size_t n = leg->question.n_answers++;

	leg->answers[n] = (struct status_answer){.authority = authority,
		.status = status,
		.disclosure = disclosure,
		.at_us = 200 + (int64_t)n};
}

START_TEST(order_of_strictness_is_the_published_one)
{
	static const Rivergate__V1__LegStatus order[] = {S(SEIZED), S(DESTROY_ORDERED),
		S(RETURN_ORDERED), S(REFUSED), S(INSPECTED_FAIL), S(NOT_DISCHARGED), S(HOLD),
		S(TREATMENT_REQUIRED), S(SAMPLED_AWAITING_LAB), S(INSPECT), S(UNDER_CONTROL),
		S(MOVE_TO_STORAGE), S(DOCUMENTS_REQUIRED), S(PENDING), S(REGISTERED), S(ACCEPTED),
		S(AUTHORISED), S(INSPECTED_PASS), S(EXITED), S(PARTLY_RELEASED),
		S(RELEASED_CONDITIONAL), S(RELEASED), S(DISCHARGED), S(CLOSED)};
	size_t n = sizeof(order) / sizeof(order[0]);

	for (size_t i = 0; i + 1 < n; i++) {
		ck_assert_uint_gt(status_rank(order[i]), status_rank(order[i + 1]));
	}
	ck_assert(status_holds(S(INSPECT)) && status_holds(S(SEIZED)));
	ck_assert(!status_holds(S(MOVE_TO_STORAGE)) && !status_holds(S(RELEASED)));
}
END_TEST

START_TEST(every_decision_but_revocation_has_a_status)
{
	const ProtobufCEnumDescriptor *all = &rivergate__v1__decision_status__descriptor;

	for (unsigned i = 0; i < all->n_values; i++) {
		Rivergate__V1__DecisionStatus decision =
			(Rivergate__V1__DecisionStatus)all->values[i].value;
		bool has_none = decision == D(UNSPECIFIED) || decision == D(REVOKED);

		ck_assert_msg((status_of_decision(decision) == S(UNSPECIFIED)) == has_none, "%s",
			all->values[i].name);
	}
}
END_TEST

START_TEST(leg_is_as_strict_as_its_strictest_authority)
{
	struct leg leg = {.question = {0}};
	const char *authorities[4];

	make_leg(&leg);
	ck_assert_int_eq(status_of_leg(&leg.question).status, S(PENDING));
	ck_assert_int_eq(status_of_leg(&leg.question).since_us, PLANNED);
	answer(&leg, "cn.gacc.mohan", D(RELEASED), NOW);
	ck_assert_int_eq(status_of_leg(&leg.question).status, S(PENDING));
	answer(&leg, "cn.gacc.plants", D(SAMPLED_AWAITING_LAB), NOW);
	struct status_view view = status_of_leg(&leg.question);
	ck_assert_int_eq(view.status, S(SAMPLED_AWAITING_LAB));
	ck_assert_int_eq(view.turn, T(LABORATORY));
	ck_assert_int_eq(view.since_us, 201);
	ck_assert_str_eq(view.held_by, "cn.gacc.plants");
	ck_assert_uint_eq(status_authorities(&leg.question, authorities, 4), 1);
	ck_assert_str_eq(authorities[0], "cn.gacc.plants");
	leg.answers[1].status = D(RELEASED);
	view = status_of_leg(&leg.question);
	ck_assert_int_eq(view.status, S(RELEASED));
	ck_assert_int_eq(view.turn, T(NOBODY));
	ck_assert_ptr_null(view.held_by);
	ck_assert_uint_eq(status_authorities(&leg.question, authorities, 1), 2);
}
END_TEST

START_TEST(answers_of_the_informed_and_of_strangers_count_for_nothing)
{
	struct leg leg = {.question = {0}};

	make_leg(&leg);
	answer(&leg, "cn.food", D(SEIZED), NOW);
	answer(&leg, "vn.customs", D(RELEASED), NOW);
	answer(&leg, "cn.gacc.mohan", D(REVOKED), NOW);
	ck_assert_int_eq(status_of_leg(&leg.question).status, S(PENDING));
}
END_TEST

START_TEST(silence_without_a_rule_is_no_release)
{
	struct leg leg = {.question = {0}};

	make_leg(&leg);
	leg.plan.no_rule = true;
	leg.plan.n_entries = 1;
	ck_assert_int_eq(status_of_leg(&leg.question).status, S(NO_RULE));
	answer(&leg, "cn.gacc.mohan", D(RELEASED), NOW);
	ck_assert_int_eq(status_of_leg(&leg.question).status, S(NO_RULE));
	leg.answers[0].status = D(HOLD);
	ck_assert_int_eq(status_of_leg(&leg.question).status, S(HOLD));
	leg.plan.n_entries = 0;
	ck_assert_int_eq(status_of_leg(&leg.question).status, S(NO_RULE));
	leg.plan.no_rule = false;
	ck_assert_int_eq(status_of_leg(&leg.question).status, S(NO_RULE));
}
END_TEST

START_TEST(one_of_several_declarations_holds_the_leg)
{
	struct leg leg = {.question = {0}};

	make_leg(&leg);
	leg.plan.n_entries = 1;
	leg.question.n_declarations = 4;
	for (uint32_t i = 0; i < 4; i++) {
		answer(&leg, "cn.gacc.mohan", i == 2 ? D(INSPECT) : D(RELEASED), NOW);
		leg.answers[i].declaration = i;
	}
	ck_assert_int_eq(status_of_leg(&leg.question).status, S(INSPECT));
	leg.answers[2].status = D(RELEASED);
	ck_assert_int_eq(status_of_leg(&leg.question).status, S(RELEASED));
	leg.question.n_answers = 3;
	ck_assert_int_eq(status_of_leg(&leg.question).status, S(PENDING));
}
END_TEST

START_TEST(stale_answer_is_pending_again_but_a_hold_stands)
{
	struct leg leg = {.question = {0}};

	make_leg(&leg);
	leg.plan.n_entries = 1;
	answer(&leg, "cn.gacc.mohan", D(RELEASED), NOW);
	leg.answers[0].is_stale = true;
	ck_assert_int_eq(status_of_leg(&leg.question).status, S(PENDING));
	leg.answers[0].status = D(HOLD);
	ck_assert_int_eq(status_of_leg(&leg.question).status, S(HOLD));
}
END_TEST

START_TEST(viewer_sees_what_is_disclosed_to_him)
{
	static const struct {
		const char *viewer;
		Rivergate__V1__Disclosure disclosure;
		bool has_arrived;
		Rivergate__V1__LegStatus status;
	} cases[] = {
		{NULL, NEVER, false, S(HOLD)},
		{"cn", NEVER, false, S(HOLD)},
		{"la", NEVER, true, S(UNDER_CONTROL)},
		{"la", ARRIVAL, false, S(UNDER_CONTROL)},
		{"la", ARRIVAL, true, S(HOLD)},
		{"la", NOW, false, S(HOLD)},
		{"c", NEVER, true, S(UNDER_CONTROL)},
		{"la", RIVERGATE__V1__DISCLOSURE__DISCLOSURE_UNSPECIFIED, false, S(HOLD)},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct leg leg = {.question = {0}};

		make_leg(&leg);
		answer(&leg, "cn.gacc.plants", D(HOLD), cases[i].disclosure);
		leg.question.viewer = cases[i].viewer;
		leg.question.has_arrived = cases[i].has_arrived;
		struct status_view view = status_of_leg(&leg.question);
		ck_assert_int_eq(view.status, cases[i].status);
		ck_assert_int_eq(view.since_us, view.status == S(HOLD) ? 200 : PLANNED);
		ck_assert((view.held_by != NULL) == (view.status == S(HOLD)));
	}
}
END_TEST

/* From SEIZED to RELEASED, what a hidden decision says does not change the view. */
START_TEST(hidden_decisions_look_alike)
{
	const ProtobufCEnumDescriptor *all = &rivergate__v1__decision_status__descriptor;

	for (unsigned i = 0; i < all->n_values; i++) {
		struct leg leg = {.question = {0}};
		Rivergate__V1__DecisionStatus decision =
			(Rivergate__V1__DecisionStatus)all->values[i].value;

		if (status_of_decision(decision) == S(UNSPECIFIED)) {
			continue;
		}
		make_leg(&leg);
		answer(&leg, "cn.gacc.plants", decision, NEVER);
		leg.question.viewer = "vn";
		struct status_view view = status_of_leg(&leg.question);
		ck_assert_int_eq(view.status, S(UNDER_CONTROL));
		ck_assert_int_eq(view.turn, T(AUTHORITY));
		ck_assert_int_eq(view.since_us, PLANNED);
		ck_assert_ptr_null(view.held_by);
	}
}
END_TEST

START_TEST(turn_is_nobody_elses_before_arrival)
{
	struct leg leg = {.question = {0}};

	make_leg(&leg);
	leg.question.has_arrived = false;
	ck_assert_int_eq(status_of_leg(&leg.question).turn, T(NOT_ARRIVED));
	answer(&leg, "cn.gacc.plants", D(DOCUMENTS_REQUIRED), NOW);
	ck_assert_int_eq(status_of_leg(&leg.question).turn, T(TRADER));
	leg.question.n_answers = 0;
	leg.question.has_arrived = true;
	ck_assert_int_eq(status_of_leg(&leg.question).turn, T(AUTHORITY));
}
END_TEST

/* Versions */

static void change_quantity(Rivergate__V1__Declared *declared)
{
	declared->goods[0]->quantity->value->unscaled = 24000;
}
static void change_unit(Rivergate__V1__Declared *declared)
{
	declared->goods[0]->quantity->unit = text("TNE");
}
static void drop_quantity(Rivergate__V1__Declared *declared)
{
	declared->goods[0]->quantity = NULL;
}
static void change_origin(Rivergate__V1__Declared *declared)
{
	declared->goods[0]->origin = text("VN");
}
static void change_condition(Rivergate__V1__Declared *declared)
{
	declared->goods[0]->condition = RIVERGATE__V1__CONDITION__CONDITION_DRIED;
}
static void change_plate(Rivergate__V1__Declared *declared)
{
	declared->movement->plate = text("NEW 1");
}
static void change_seals(Rivergate__V1__Declared *declared)
{
	declared->movement->n_seals = 0;
}
static void drop_movement(Rivergate__V1__Declared *declared)
{
	declared->movement = NULL;
}
static void change_regime(Rivergate__V1__Declared *declared)
{
	declared->legs[0]->regime = RIVERGATE__V1__REGIME__REGIME_TRANSIT;
}
static void change_eta(Rivergate__V1__Declared *declared)
{
	declared->legs[0]->eta_us = 5;
}
static void change_document(Rivergate__V1__Declared *declared)
{
	declared->documents[0]->number = text("2");
}
static void write_more_decimals(Rivergate__V1__Declared *declared)
{
	declared->goods[0]->quantity->value->unscaled = 1800000;
	declared->goods[0]->quantity->value->scale = 2;
}
static void write_an_absurd_scale(Rivergate__V1__Declared *declared)
{
	declared->goods[0]->quantity->value->scale = UINT32_MAX;
}

struct version {
	Rivergate__V1__Declared declared;
	Rivergate__V1__Goods goods, *goods_list[1];
	Rivergate__V1__Quantity quantity;
	Rivergate__V1__Decimal value;
	Rivergate__V1__Movement movement;
	char *seals[1];
	Rivergate__V1__Leg leg, *legs[1];
	Rivergate__V1__DocumentRef document, *documents[1];
};

static void make_version(struct version *it)
{
	rivergate__v1__declared__init(&it->declared);
	rivergate__v1__goods__init(&it->goods);
	rivergate__v1__quantity__init(&it->quantity);
	rivergate__v1__decimal__init(&it->value);
	rivergate__v1__movement__init(&it->movement);
	rivergate__v1__leg__init(&it->leg);
	rivergate__v1__document_ref__init(&it->document);
	it->value.unscaled = 18000;
	it->quantity.value = &it->value;
	it->quantity.unit = text("KGM");
	it->goods.quantity = &it->quantity;
	it->goods.hs6 = text("081060");
	it->goods.origin = text("TH");
	it->goods_list[0] = &it->goods;
	it->declared.goods = it->goods_list;
	it->declared.n_goods = 1;
	it->movement.plate = text("OLD 1");
	it->seals[0] = text("S1");
	it->movement.seals = it->seals;
	it->movement.n_seals = 1;
	it->declared.movement = &it->movement;
	it->leg.country = text("CN");
	it->legs[0] = &it->leg;
	it->declared.legs = it->legs;
	it->declared.n_legs = 1;
	it->document.number = text("1");
	it->documents[0] = &it->document;
	it->declared.documents = it->documents;
	it->declared.n_documents = 1;
}

START_TEST(difference_names_the_fields_that_changed)
{
	static const struct {
		void (*change)(Rivergate__V1__Declared *declared);
		unsigned bits;
	} cases[] = {
		{change_quantity, STATUS_FIELD_QUANTITY},
		{change_unit, STATUS_FIELD_QUANTITY},
		{drop_quantity, STATUS_FIELD_QUANTITY},
		{change_origin, STATUS_FIELD_ORIGIN},
		{change_condition, STATUS_FIELD_CONDITION},
		{change_plate, STATUS_FIELD_PLATE},
		{change_seals, STATUS_FIELD_SEALS},
		{drop_movement, STATUS_FIELD_SEALS | STATUS_FIELD_PLATE},
		{change_regime, STATUS_FIELD_LEGS},
		{change_eta, 0},
		{change_document, STATUS_FIELD_DOCUMENTS},
		{write_more_decimals, 0},
		{write_an_absurd_scale, STATUS_FIELD_QUANTITY},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct version before;
		struct version after;

		make_version(&before);
		make_version(&after);
		ck_assert_uint_eq(status_difference(&before.declared, &after.declared), 0);
		cases[i].change(&after.declared);
		ck_assert_uint_eq(status_difference(&before.declared, &after.declared),
			cases[i].bits);
		ck_assert_uint_eq(status_difference(&after.declared, &before.declared),
			cases[i].bits);
	}
}
END_TEST

START_TEST(every_field_has_a_bit_and_other_names_have_none)
{
	static const char *const names[] = {"documents", "goods.condition", "goods.hs6",
		"goods.origin", "goods.quantity", "legs", "movement.containers", "movement.mode",
		"movement.plate", "movement.seals", "movement.trailer"};
	unsigned bits = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_uint_ne(status_field_of(names[i]), 0);
		bits |= status_field_of(names[i]);
	}
	ck_assert_uint_eq(bits, STATUS_FIELD_ALL);
	ck_assert_uint_eq(status_field_of("goods"), 0);
	ck_assert_uint_eq(status_field_of(""), 0);
}
END_TEST

CHECK_MAIN("rules_status", order_of_strictness_is_the_published_one,
	every_decision_but_revocation_has_a_status, leg_is_as_strict_as_its_strictest_authority,
	answers_of_the_informed_and_of_strangers_count_for_nothing,
	silence_without_a_rule_is_no_release, one_of_several_declarations_holds_the_leg,
	stale_answer_is_pending_again_but_a_hold_stands, viewer_sees_what_is_disclosed_to_him,
	hidden_decisions_look_alike, turn_is_nobody_elses_before_arrival,
	difference_names_the_fields_that_changed, every_field_has_a_bit_and_other_names_have_none)
