/*
 * The window as one fold: declarations, decisions, changes, the journey, and who is told what.
 */
#include "rules/plan.h"
#include "suite.h"
#include "window_kit.h"

#define D(name)    KIT_DECISION(name)
#define S(name)    KIT_STATUS(name)
#define EXPORT     0
#define IMPORT     1
#define ON_ARRIVAL RIVERGATE__V1__DISCLOSURE__DISCLOSURE_ON_ARRIVAL
#define NEVER      RIVERGATE__V1__DISCLOSURE__DISCLOSURE_NEVER
#define UCR        "26LA123"

static struct window_kit kit;

static Rivergate__V1__Header *declare(void)
{
	Rivergate__V1__Header *header = kit_declaration(&kit, UCR, 18000);

	kit_take(&kit, header);
	return header;
}

static Rivergate__V1__Header *amend(const Rivergate__V1__Header *declaration, int64_t kilograms)
{
	Rivergate__V1__Header *header = kit_declaration(&kit, UCR, kilograms);

	header->kind = KIT_KIND(AMENDMENT);
	header->version = declaration->version + 1;
	kit_refer(&kit, header, declaration, RIVERGATE__V1__RELATION__RELATION_AMENDS);
	kit_take(&kit, header);
	return header;
}

/* Declarations */

START_TEST(declaration_tells_plan_and_status_to_all_who_take_part)
{
	window_kit_init(&kit);
	static const char *const parties[] = {"la.customs", "cn.gacc", "cn.plants", "cn.health"};

	declare();
	for (size_t i = 0; i < 4; i++) {
		const Rivergate__V1__Header *plan = kit_told(&kit, KIT_KIND(PLAN), parties[i]);
		const Rivergate__V1__Header *status = kit_told(&kit, KIT_KIND(STATUS), parties[i]);

		ck_assert_msg(plan && status, "%s is told nothing", parties[i]);
		ck_assert_uint_eq(plan->plan->n_legs, 2);
		ck_assert(plan->plan->legs[EXPORT]->no_rule);
		ck_assert_uint_eq(plan->plan->legs[IMPORT]->n_entries, 3);
		ck_assert_int_eq(status->status->legs[IMPORT]->status, S(PENDING));
		ck_assert_int_eq(status->status->legs[IMPORT]->turn,
			RIVERGATE__V1__TURN__TURN_NOT_ARRIVED);
		ck_assert_str_eq(status->ucr, UCR);
	}
	ck_assert_ptr_null(kit_told(&kit, KIT_KIND(PLAN), "th.doa"));
	ck_assert_uint_eq(kit.result.n_told, 8);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(declaration_goes_to_planned_authorities_that_the_sender_did_not_name)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *header = kit_declaration(&kit, UCR, 18000);
	char *to[] = {members_text("cn.gacc")};

	header->to = to;
	header->n_to = 1;
	kit_take(&kit, header);
	ck_assert_uint_eq(kit.result.n_recipients, 2);
	ck_assert_str_eq(kit.result.recipients[0].party, "cn.plants");
	ck_assert_str_eq(kit.result.recipients[1].party, "cn.health");
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(nobody_outside_sees_the_consignment)
{
	window_kit_init(&kit);
	declare();
	ck_assert_ptr_null(kit_status(&kit, UCR, "th.doa"));
	ck_assert_ptr_null(kit_status(&kit, "OTHER", "la.customs"));
	ck_assert_ptr_nonnull(kit_status(&kit, UCR, "cn.health"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(reference_of_another_is_a_finding_and_changes_nothing)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *stranger = kit_declaration(&kit, UCR, 5);

	declare();
	stranger->from = members_text("la.customs.boten");
	kit_add_leg(&kit, stranger, "TH", RIVERGATE__V1__REGIME__REGIME_IMPORT);
	kit_take(&kit, stranger);
	ck_assert(kit_finds(&kit, UCR, "la.customs", "UCR_TAKEN"));
	ck_assert(!kit_finds(&kit, UCR, "cn.gacc", "UCR_TAKEN"));
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->n_legs, 2);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(who_is_linked_joins)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *link = kit_header(&kit, KIT_KIND(LINK), "la.customs", UCR);
	Rivergate__V1__LinkFacts facts = RIVERGATE__V1__LINK_FACTS__INIT;
	char *parties[] = {members_text("la.customs.boten")};
	Rivergate__V1__Header *joined = kit_declaration(&kit, UCR, 5);

	declare();
	joined->from = members_text("la.customs.boten");
	kit_add_leg(&kit, joined, "TH", RIVERGATE__V1__REGIME__REGIME_IMPORT);
	kit_take(&kit, joined);
	facts.parties = parties;
	facts.n_parties = 1;
	link->facts_case = RIVERGATE__V1__HEADER__FACTS_LINK;
	link->link = &facts;
	kit_take(&kit, link);
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->n_legs, 3);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(link_by_a_stranger_is_refused)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *link = kit_header(&kit, KIT_KIND(LINK), "cn.health", UCR);
	Rivergate__V1__LinkFacts facts = RIVERGATE__V1__LINK_FACTS__INIT;

	declare();
	link->facts_case = RIVERGATE__V1__HEADER__FACTS_LINK;
	link->link = &facts;
	kit_take(&kit, link);
	ck_assert(kit_finds(&kit, UCR, "", "NOT_YOURS"));
	window_kit_deinit(&kit);
}
END_TEST

/* Decisions */

START_TEST(leg_is_released_when_all_who_decide_have_released)
{
	window_kit_init(&kit);
	const Rivergate__V1__Header *declaration = declare();

	kit_decide(&kit, "cn.gacc", declaration, D(RELEASED));
	ck_assert_int_eq(kit_leg(&kit, UCR, "la.customs", IMPORT), S(PENDING));
	kit_decide(&kit, "cn.plants", declaration, D(SAMPLED_AWAITING_LAB));
	ck_assert_int_eq(kit_leg(&kit, UCR, "la.customs", IMPORT), S(SAMPLED_AWAITING_LAB));
	ck_assert_str_eq(kit_status(&kit, UCR, "la.customs")->held_by, "cn.plants");
	kit_decide(&kit, "cn.plants", declaration, D(RELEASED));
	ck_assert_int_eq(kit_leg(&kit, UCR, "la.customs", IMPORT), S(RELEASED));
	ck_assert_int_eq(kit_told(&kit, KIT_KIND(STATUS), "la.customs")
				 ->status->legs[IMPORT]
				 ->status,
		S(RELEASED));
	ck_assert_str_eq(kit_status(&kit, UCR, "la.customs")->held_by, "");
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(decision_of_who_does_not_decide_changes_nothing)
{
	window_kit_init(&kit);
	const Rivergate__V1__Header *declaration = declare();

	kit_decide(&kit, "cn.health", declaration, D(SEIZED));
	kit_decide(&kit, "th.doa", declaration, D(RELEASED));
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(PENDING));
	ck_assert(kit_finds(&kit, UCR, "", "NOT_IN_PLAN"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(decision_taken_back_leaves_the_leg_pending)
{
	window_kit_init(&kit);
	const Rivergate__V1__Header *declaration = declare();

	kit_decide(&kit, "cn.plants", declaration, D(REFUSED));
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(REFUSED));
	kit_decide(&kit, "cn.plants", declaration, D(REVOKED));
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(PENDING));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(what_is_not_disclosed_is_under_control_for_other_members)
{
	window_kit_init(&kit);
	const Rivergate__V1__Header *declaration = declare();

	kit_decide_with(&kit, "cn.plants", declaration, D(SEIZED), ON_ARRIVAL);
	ck_assert_int_eq(kit_leg(&kit, UCR, "la.customs", IMPORT), S(UNDER_CONTROL));
	ck_assert_int_eq(kit_leg(&kit, UCR, "cn.gacc", IMPORT), S(SEIZED));
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(ARRIVED));
	ck_assert_int_eq(kit_leg(&kit, UCR, "la.customs", IMPORT), S(SEIZED));
	kit_decide_with(&kit, "cn.plants", declaration, D(SEIZED), NEVER);
	ck_assert_int_eq(kit_leg(&kit, UCR, "la.customs", IMPORT), S(UNDER_CONTROL));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(who_captured_a_declaration_does_not_decide_it)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *own = kit_declaration(&kit, UCR, 5);

	own->from = members_text("la.customs");
	own->lodged_by = RIVERGATE__V1__LODGED_BY__LODGED_BY_OFFICER_FOR_TRADER;
	kit_take(&kit, own);
	kit_decide(&kit, "la.customs", own, D(RELEASED));
	ck_assert(kit_finds(&kit, UCR, "", "OWN_DECLARATION"));
	ck_assert_int_eq(kit_leg(&kit, UCR, "", EXPORT), S(NO_RULE));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(draft_is_never_decided)
{
	window_kit_init(&kit);
	declare();
	Rivergate__V1__Header *draft = kit_declaration(&kit, UCR, 5);

	draft->purpose = RIVERGATE__V1__PURPOSE__PURPOSE_PREFILL;
	kit_take(&kit, draft);
	kit_decide(&kit, "cn.gacc", draft, D(HOLD));
	ck_assert(kit_finds(&kit, UCR, "", "DRAFT"));
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(PENDING));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(what_is_not_disclosed_is_under_control_however_lenient)
{
	window_kit_init(&kit);
	declare();
	Rivergate__V1__Header *ahead = kit_declaration(&kit, UCR, 5);

	ahead->purpose = RIVERGATE__V1__PURPOSE__PURPOSE_ADVANCE;
	kit_take(&kit, ahead);
	kit_decide_with(&kit, "cn.plants", ahead, D(RELEASED), NEVER);
	ck_assert_int_eq(kit_leg(&kit, UCR, "la.customs", IMPORT), S(UNDER_CONTROL));
	ck_assert_int_eq(kit_leg(&kit, UCR, "cn.gacc", IMPORT), S(PENDING));
	kit_decide_with(&kit, "cn.plants", ahead, D(SEIZED), NEVER);
	ck_assert_int_eq(kit_leg(&kit, UCR, "la.customs", IMPORT), S(UNDER_CONTROL));
	window_kit_deinit(&kit);
}
END_TEST

/* Changes */

START_TEST(immaterial_change_leaves_the_release)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *declaration = declare();
	Rivergate__V1__Header *amendment = kit_declaration(&kit, UCR, 18000);

	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(ARRIVED));
	kit_decide(&kit, "cn.gacc", declaration, D(RELEASED));
	kit_decide(&kit, "cn.plants", declaration, D(RELEASED));
	amendment->kind = KIT_KIND(AMENDMENT);
	amendment->version = 2;
	amendment->movement->plate = members_text("LA 9999");
	kit_refer(&kit, amendment, declaration, RIVERGATE__V1__RELATION__RELATION_AMENDS);
	kit_take(&kit, amendment);
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(RELEASED));
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->version, 2);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(material_change_before_arrival_asks_again)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *declaration = declare();

	kit_decide(&kit, "cn.gacc", declaration, D(RELEASED));
	kit_decide(&kit, "cn.plants", declaration, D(RELEASED));
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(RELEASED));
	Rivergate__V1__Header *second = amend(declaration, 24000);
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(PENDING));
	kit_decide(&kit, "cn.gacc", second, D(RELEASED));
	kit_decide(&kit, "cn.plants", second, D(RELEASED));
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(RELEASED));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(material_change_of_held_goods_needs_leave)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *declaration = declare();

	kit_decide(&kit, "cn.plants", declaration, D(INSPECT));
	Rivergate__V1__Header *second = amend(declaration, 24000);
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->version, 1);
	kit_decide(&kit, "cn.health", second, D(ACCEPTED));
	ck_assert(kit_finds(&kit, UCR, "", "NOT_ASKED"));
	kit_decide(&kit, "cn.plants", second, D(REFUSED));
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->version, 1);
	ck_assert(kit_finds(&kit, UCR, "la.customs", "CHANGE_REFUSED"));
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(INSPECT));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(change_is_in_force_when_all_have_given_leave)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *declaration = declare();

	kit_decide(&kit, "cn.plants", declaration, D(INSPECT));
	Rivergate__V1__Header *second = amend(declaration, 24000);
	kit_decide(&kit, "cn.plants", second, D(ACCEPTED));
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->version, 1);
	kit_decide(&kit, "cn.gacc", second, D(ACCEPTED));
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->version, 2);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(change_by_another_or_of_an_old_version_is_refused)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *declaration = declare();
	Rivergate__V1__Header *stranger = kit_declaration(&kit, UCR, 1);

	stranger->kind = KIT_KIND(AMENDMENT);
	stranger->from = members_text("cn.gacc");
	stranger->version = 2;
	kit_refer(&kit, stranger, declaration, RIVERGATE__V1__RELATION__RELATION_AMENDS);
	kit_take(&kit, stranger);
	ck_assert(kit_finds(&kit, UCR, "", "NOT_YOURS"));
	declaration->version = 0;
	amend(declaration, 1);
	ck_assert(kit_finds(&kit, UCR, "", "OLD_VERSION"));
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->version, 1);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(who_lies_under_another_authority_gives_no_leave_for_it)
{
	static const char china[] =
		"{\"member\":\"cn\",\"version\":\"1\",\"rules\":[{\"id\":\"plants\","
		"\"authority\":\"cn.plants\",\"role\":\"AUTHORITY_ROLE_DECIDES\","
		"\"targetUs\":\"86400000000\",\"material\":[\"goods.quantity\"],"
		"\"legalBasis\":{\"instrument\":\"Law\",\"article\":\"1\"},"
		"\"assumption\":true},{\"id\":\"fruit\","
		"\"authority\":\"cn.plants.fruit\",\"role\":\"AUTHORITY_ROLE_DECIDES\","
		"\"targetUs\":\"86400000000\",\"material\":[\"goods.quantity\"],"
		"\"legalBasis\":{\"instrument\":\"Law\",\"article\":\"1\"},"
		"\"assumption\":true}]}";

	window_kit_fill(&kit);
	members_add_party(&kit.members.all[CN], "cn.plants.fruit", MEMBERS_ROLE(PLANT_QUARANTINE),
		MEMBERS_ALGORITHM(ED25519));
	window_kit_open(&kit, china);
	Rivergate__V1__Header *declaration = declare();

	kit_decide(&kit, "cn.plants.fruit", declaration, D(INSPECT));
	Rivergate__V1__Header *second = amend(declaration, 24000);
	kit_decide(&kit, "cn.plants.fruit", second, D(ACCEPTED));
	kit_decide(&kit, "cn.plants.fruit", second, D(ACCEPTED));
	ck_assert(kit_finds(&kit, UCR, "", "NOT_ASKED"));
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->version, 1);
	kit_decide(&kit, "cn.gacc", second, D(ACCEPTED));
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->version, 1);
	kit_decide(&kit, "cn.plants", second, D(ACCEPTED));
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->version, 2);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(leave_is_accepted_or_refused_and_nothing_else)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *declaration = declare();

	kit_decide(&kit, "cn.plants", declaration, D(INSPECT));
	Rivergate__V1__Header *second = amend(declaration, 24000);
	kit_decide(&kit, "cn.plants", second, D(HOLD));
	kit_decide(&kit, "cn.gacc", second, D(HOLD));
	ck_assert(kit_finds(&kit, UCR, "", "NO_LEAVE"));
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->version, 1);
	kit_decide(&kit, "cn.plants", second, D(ACCEPTED));
	kit_decide(&kit, "cn.gacc", second, D(ACCEPTED));
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->version, 2);
	window_kit_deinit(&kit);
}
END_TEST

/* What adapters found */

START_TEST(other_goods_in_the_parts_join_the_plan_unseen_by_the_sender)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *declaration = kit_declaration(&kit, UCR, 18000);
	Rivergate__V1__Header *found = kit_header(&kit, KIT_KIND(ACKNOWLEDGEMENT), "cn.gacc", UCR);
	Rivergate__V1__AcknowledgementFacts facts = RIVERGATE__V1__ACKNOWLEDGEMENT_FACTS__INIT;
	const Rivergate__V1__Header *fruit = kit_declaration(&kit, UCR, 3);

	declaration->goods[0]->hs6 = members_text("121190");
	kit_take(&kit, declaration);
	ck_assert_uint_eq(kit_told(&kit, KIT_KIND(PLAN), "cn.gacc")->plan->legs[IMPORT]->n_entries,
		2);
	facts.goods = fruit->goods;
	facts.n_goods = 1;
	found->facts_case = RIVERGATE__V1__HEADER__FACTS_ACKNOWLEDGEMENT;
	found->acknowledgement = &facts;
	kit_refer(&kit, found, declaration, RIVERGATE__V1__RELATION__RELATION_ACKNOWLEDGES);
	kit_take(&kit, found);
	const Rivergate__V1__Header *plan = kit_told(&kit, KIT_KIND(PLAN), "cn.gacc");
	ck_assert_ptr_nonnull(plan);
	ck_assert_uint_eq(plan->plan->legs[IMPORT]->n_entries, 3);
	ck_assert_int_eq(plan->plan->change, RIVERGATE__V1__PLAN_FACTS__CHANGE__CHANGE_FACTS);
	ck_assert_ptr_nonnull(kit_told(&kit, KIT_KIND(PLAN), "cn.plants"));
	ck_assert_ptr_null(kit_told(&kit, KIT_KIND(PLAN), "la.customs"));
	ck_assert(kit_finds(&kit, UCR, "cn.gacc", "FACTS"));
	ck_assert(!kit_finds(&kit, UCR, "la.customs", "FACTS"));
	kit_decide_with(&kit, "cn.plants", declaration, D(INSPECT), ON_ARRIVAL);
	ck_assert_int_eq(kit_leg(&kit, UCR, "la.customs", IMPORT), S(UNDER_CONTROL));
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(ARRIVED));
	ck_assert(kit_finds(&kit, UCR, "la.customs", "FACTS"));
	ck_assert_int_eq(kit_leg(&kit, UCR, "la.customs", IMPORT), S(INSPECT));
	window_kit_deinit(&kit);
}
END_TEST

static const char lao_exports[] =
	"{\"member\":\"la\",\"version\":\"1\",\"rules\":["
	"{\"id\":\"la-fruit\",\"authority\":\"la.customs\",\"role\":\"AUTHORITY_ROLE_DECIDES\","
	"\"regimes\":[\"REGIME_EXPORT\"],\"goods\":{\"hs\":[\"08\"]},\"targetUs\":\"86400000000\","
	"\"legalBasis\":{\"instrument\":\"Law on Plant Protection\",\"article\":\"20\"},"
	"\"assumption\":true}]}";

START_TEST(other_goods_in_the_parts_change_no_leg_of_another_member_before_they_arrive)
{
	window_kit_init(&kit);
	window_kit_apply_profile(&kit, lao_exports, LA);
	Rivergate__V1__Header *declaration = kit_declaration(&kit, UCR, 18000);
	Rivergate__V1__Header *found = kit_header(&kit, KIT_KIND(ACKNOWLEDGEMENT), "cn.gacc", UCR);
	Rivergate__V1__AcknowledgementFacts facts = RIVERGATE__V1__ACKNOWLEDGEMENT_FACTS__INIT;
	const Rivergate__V1__Header *fruit = kit_declaration(&kit, UCR, 3);

	declaration->goods[0]->hs6 = members_text("121190");
	kit_take(&kit, declaration);
	facts.goods = fruit->goods;
	facts.n_goods = 1;
	found->facts_case = RIVERGATE__V1__HEADER__FACTS_ACKNOWLEDGEMENT;
	found->acknowledgement = &facts;
	kit_refer(&kit, found, declaration, RIVERGATE__V1__RELATION__RELATION_ACKNOWLEDGES);
	kit_take(&kit, found);
	ck_assert_ptr_null(kit_told(&kit, KIT_KIND(PLAN), "la.customs"));
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(ARRIVED));
	const Rivergate__V1__Header *plan = kit_told(&kit, KIT_KIND(PLAN), "la.customs");
	ck_assert_ptr_nonnull(plan);
	ck_assert_str_eq(plan->plan->legs[0]->entries[1]->rule, "la-fruit");
	window_kit_deinit(&kit);
}
END_TEST

/* The journey */

START_TEST(nobody_says_for_another_country_that_goods_have_arrived)
{
	window_kit_init(&kit);
	declare();
	kit_event(&kit, "la.customs", UCR, KIT_EVENT(ARRIVED));
	ck_assert_int_eq(kit_status(&kit, UCR, "")->legs[IMPORT]->turn,
		RIVERGATE__V1__TURN__TURN_NOT_ARRIVED);
	kit_event(&kit, "th.doa", UCR, KIT_EVENT(ARRIVED));
	ck_assert(kit_finds(&kit, UCR, "", "NOT_ON_THIS_LEG"));
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(ARRIVED));
	ck_assert_int_eq(kit_status(&kit, UCR, "")->legs[IMPORT]->turn,
		RIVERGATE__V1__TURN__TURN_AUTHORITY);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(transit_without_exit_by_the_limit_is_not_discharged)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *declaration = kit_declaration(&kit, UCR, 18000);

	declaration->legs[IMPORT]->regime = RIVERGATE__V1__REGIME__REGIME_TRANSIT;
	kit_take(&kit, declaration);
	kit_decide(&kit, "cn.gacc", declaration, D(AUTHORISED));
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(AUTHORISED));
	kit_wait(&kit, KIT_DAY);
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(AUTHORISED));
	kit_wait(&kit, 2 * KIT_DAY);
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(NOT_DISCHARGED));
	kit_decide(&kit, "cn.gacc", declaration, D(DISCHARGED));
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(DISCHARGED));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(transit_that_left_in_time_raises_nothing)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *declaration = kit_declaration(&kit, UCR, 18000);

	declaration->legs[IMPORT]->regime = RIVERGATE__V1__REGIME__REGIME_TRANSIT;
	kit_take(&kit, declaration);
	kit_decide(&kit, "cn.gacc", declaration, D(AUTHORISED));
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(EXITED));
	kit_wait(&kit, 30 * KIT_DAY);
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(AUTHORISED));
	window_kit_deinit(&kit);
}
END_TEST

/* Names */

struct found {
	char ucrs[4][36];
	size_t n;
};

static bool take_ucr(void *context, const char *ucr)
{
	struct found *found = context;

	(void)snprintf(found->ucrs[found->n++], sizeof(found->ucrs[0]), "%s", ucr);
	return found->n < 4;
}

static size_t count_named(enum window_name type, const char *value)
{
	struct found found = {.n = 0};
	const struct window_sink sink = {take_ucr, &found};

	ck_assert_int_eq(window_find(kit.window, type, value, &sink), RG_OK);
	return found.n;
}

START_TEST(consignment_is_found_by_its_plate_until_that_changes)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *declaration = declare();

	ck_assert_uint_eq(count_named(WINDOW_NAME_PLATE, "la-1234"), 1);
	ck_assert_uint_eq(count_named(WINDOW_NAME_PLATE, "LA 123"), 0);
	ck_assert_uint_eq(count_named(WINDOW_NAME_SEAL, "LA 1234"), 0);
	Rivergate__V1__Header *amendment = kit_declaration(&kit, UCR, 18000);
	amendment->kind = KIT_KIND(AMENDMENT);
	amendment->version = 2;
	amendment->movement->plate = members_text("LA 9999");
	kit_refer(&kit, amendment, declaration, RIVERGATE__V1__RELATION__RELATION_AMENDS);
	kit_take(&kit, amendment);
	ck_assert_uint_eq(count_named(WINDOW_NAME_PLATE, "LA 1234"), 0);
	ck_assert_uint_eq(count_named(WINDOW_NAME_PLATE, "LA 9999"), 1);
	window_kit_deinit(&kit);
}
END_TEST

/* Profiles */

START_TEST(new_profile_plans_what_is_on_its_way_anew)
{
	window_kit_init(&kit);
	char text[sizeof(window_kit_china) + 16];

	declare();
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->n_legs, 2);
	/* Version 2 knows no rule on fruit any more: it speaks of chapter 99. */
	(void)snprintf(text, sizeof(text), "%s", window_kit_china);
	memcpy(strstr(text, "\"version\":\"1\""), "\"version\":\"2\"", 13);
	memcpy(strstr(text, "\"hs\":[\"08\"]"), "\"hs\":[\"99\"]", 11);
	window_kit_apply_profile(&kit, text, CN);
	kit_take(&kit, kit_header(&kit, KIT_KIND(WINDOW_PROFILE), "router.one", ""));
	const Rivergate__V1__Header *plan = kit_told(&kit, KIT_KIND(PLAN), "la.customs");
	ck_assert_ptr_nonnull(plan);
	ck_assert_uint_eq(plan->plan->legs[IMPORT]->n_entries, 2);
	ck_assert_int_eq(plan->plan->change, RIVERGATE__V1__PLAN_FACTS__CHANGE__CHANGE_RULES);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(who_keeps_an_open_answer_without_a_rule_is_told_to_the_legs_own_member_alone)
{
	window_kit_init(&kit);
	char text[sizeof(window_kit_china) + 16];
	Rivergate__V1__Header *declaration = declare();

	kit_decide_with(&kit, "cn.plants", declaration, D(HOLD),
		RIVERGATE__V1__DISCLOSURE__DISCLOSURE_NOW);
	(void)snprintf(text, sizeof(text), "%s", window_kit_china);
	memcpy(strstr(text, "\"version\":\"1\""), "\"version\":\"2\"", 13);
	memcpy(strstr(text, "\"hs\":[\"08\"]"), "\"hs\":[\"99\"]", 11);
	window_kit_apply_profile(&kit, text, CN);
	kit_take(&kit, kit_header(&kit, KIT_KIND(WINDOW_PROFILE), "router.one", ""));
	const Rivergate__V1__Header *own = kit_told(&kit, KIT_KIND(PLAN), "cn.gacc");
	const Rivergate__V1__Header *other = kit_told(&kit, KIT_KIND(PLAN), "la.customs");
	ck_assert_ptr_nonnull(own);
	ck_assert_ptr_nonnull(other);
	ck_assert_uint_eq(own->plan->legs[IMPORT]->n_entries, 3);
	ck_assert_str_eq(own->plan->legs[IMPORT]->entries[2]->rule, PLAN_RULE_OPEN);
	ck_assert_uint_eq(other->plan->legs[IMPORT]->n_entries, 2);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(profile_of_a_country_that_is_not_on_the_way_plans_nothing_anew)
{
	window_kit_init(&kit);

	declare();
	kit_take(&kit, kit_header(&kit, KIT_KIND(WINDOW_PROFILE), "th.doa", ""));
	ck_assert_uint_eq(kit.result.n_told, 0);
	window_kit_deinit(&kit);
}
END_TEST

/* Derived messages */

START_TEST(who_sees_nothing_new_is_told_nothing)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *declaration = declare();

	kit_decide(&kit, "cn.gacc", declaration, D(RELEASED));
	ck_assert_uint_gt(kit.result.n_told, 0);
	kit_decide(&kit, "cn.gacc", declaration, D(RELEASED));
	ck_assert_uint_eq(kit.result.n_told, 0);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(header_of_a_derived_message_is_kept_until_it_is_over)
{
	window_kit_init(&kit);
	scoped(buf_deinit) struct buf header = {0};
	bool is_found = false;
	uint64_t cause = kit.index;

	declare();
	ck_assert_int_eq(window_header(kit.window, cause, 1, &header, &is_found), RG_OK);
	ck_assert(is_found);
	ck_assert(bytes_equal(buf_view(&header), kit.result.told[1].header));
	ck_assert_int_eq(window_over(kit.window, cause, 1), RG_OK);
	ck_assert_int_eq(window_header(kit.window, cause, 1, &header, &is_found), RG_OK);
	ck_assert(!is_found);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(same_records_lead_to_the_same_rows_and_messages)
{
	window_kit_init(&kit);
	struct window_kit other;
	scoped(buf_deinit) struct buf mine = {0};
	scoped(buf_deinit) struct buf theirs = {0};
	Rivergate__V1__Header *declaration = declare();

	window_kit_init(&other);
	kit_take(&other, declaration);
	ck_assert_uint_eq(kit.result.n_told, other.result.n_told);
	ck_assert_int_eq(memory_dump(kit.memory, &mine), RG_OK);
	ck_assert_int_eq(memory_dump(other.memory, &theirs), RG_OK);
	ck_assert(bytes_equal(buf_view(&mine), buf_view(&theirs)));
	window_kit_deinit(&other);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(authority_that_the_directory_has_lost_is_waited_for_and_its_member_is_told)
{
	window_kit_init(&kit);
	Rivergate__V1__Directory *directory = &kit.members.all[CN].directory;

	declare();
	ck_assert(!kit_finds(&kit, UCR, "cn.gacc", "AUTHORITY_GONE"));
	ck_assert_str_eq(directory->parties[directory->n_parties - 1]->address, "cn.plants");
	directory->n_parties--;
	directory->version++;
	scoped(governance_freep) Rivergate__V1__Governed *next =
		members_directory(&kit.members, CN);

	members_apply(&kit.trust, next);
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(ARRIVED));
	ck_assert(kit_finds(&kit, UCR, "cn.gacc", "AUTHORITY_GONE"));
	ck_assert(!kit_finds(&kit, UCR, "la.customs", "AUTHORITY_GONE"));
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(PENDING));
	window_kit_deinit(&kit);
}
END_TEST

/* Many rules */

#define RULES_N    1500
#define HEADER_MAX (48 << 10)
#define ONE_RULE \
	"{\"id\":\"r%d\",\"authority\":\"cn.health\",%s" \
	"\"legalBasis\":{\"instrument\":\"Food Safety Law\",\"article\":\"91\"}," \
	"\"assumption\":true}"
#define INFORMED "\"role\":\"AUTHORITY_ROLE_INFORMED\","
#define DECIDES  "\"role\":\"AUTHORITY_ROLE_DECIDES\",\"targetUs\":\"3600000000\","

/* A profile of so many rules that mean all goods; the last one decides. */
static char *many_rules(void)
{
	scoped(buf_deinitv) struct buf text = {.data = NULL};

	buf_add_text(&text, "{\"member\":\"cn\",\"version\":\"1\",\"rules\":[");
	for (int i = 0; i < RULES_N; i++) {
		buf_printf(&text, "%s" ONE_RULE, i ? "," : "", i,
			i + 1 < RULES_N ? INFORMED : DECIDES);
	}
	buf_add_text(&text, "]}");
	ck_assert_int_eq(buf_error(&text), RG_OK);
	return strdup(buf_text(&text));
}

START_TEST(plan_of_many_rules_is_cut_and_says_so)
{
	scoped(freep) char *text = many_rules();

	window_kit_fill(&kit);
	window_kit_open(&kit, text);
	const Rivergate__V1__Header *declaration = declare();
	const Rivergate__V1__Header *plan = kit_told(&kit, KIT_KIND(PLAN), "la.customs");

	ck_assert_ptr_nonnull(plan);
	for (size_t i = 0; i < kit.result.n_told; i++) {
		ck_assert_uint_le(kit.result.told[i].header.len, HEADER_MAX);
	}
	const Rivergate__V1__PlanLeg *leg = plan->plan->legs[IMPORT];

	ck_assert_uint_gt(leg->n_entries, 10);
	ck_assert_uint_lt(leg->n_entries, RULES_N);
	ck_assert_str_eq(leg->entries[1]->rule, "r1499");
	ck_assert(kit_finds(&kit, UCR, "la.customs", "PLAN_CUT"));
	kit_decide(&kit, "cn.gacc", declaration, D(RELEASED));
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(PENDING));
	kit_decide(&kit, "cn.health", declaration, D(RELEASED));
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(RELEASED));
	window_kit_deinit(&kit);
}
END_TEST

CHECK_MAIN("rules_window", new_profile_plans_what_is_on_its_way_anew,
	who_keeps_an_open_answer_without_a_rule_is_told_to_the_legs_own_member_alone,
	profile_of_a_country_that_is_not_on_the_way_plans_nothing_anew,
	declaration_tells_plan_and_status_to_all_who_take_part,
	declaration_goes_to_planned_authorities_that_the_sender_did_not_name,
	nobody_outside_sees_the_consignment, reference_of_another_is_a_finding_and_changes_nothing,
	who_is_linked_joins, link_by_a_stranger_is_refused,
	leg_is_released_when_all_who_decide_have_released,
	decision_of_who_does_not_decide_changes_nothing, decision_taken_back_leaves_the_leg_pending,
	what_is_not_disclosed_is_under_control_for_other_members,
	who_captured_a_declaration_does_not_decide_it, draft_is_never_decided,
	what_is_not_disclosed_is_under_control_however_lenient,
	who_lies_under_another_authority_gives_no_leave_for_it,
	leave_is_accepted_or_refused_and_nothing_else, immaterial_change_leaves_the_release,
	material_change_before_arrival_asks_again, material_change_of_held_goods_needs_leave,
	change_is_in_force_when_all_have_given_leave,
	change_by_another_or_of_an_old_version_is_refused,
	other_goods_in_the_parts_join_the_plan_unseen_by_the_sender,
	other_goods_in_the_parts_change_no_leg_of_another_member_before_they_arrive,
	nobody_says_for_another_country_that_goods_have_arrived,
	transit_without_exit_by_the_limit_is_not_discharged,
	transit_that_left_in_time_raises_nothing,
	consignment_is_found_by_its_plate_until_that_changes, who_sees_nothing_new_is_told_nothing,
	header_of_a_derived_message_is_kept_until_it_is_over,
	same_records_lead_to_the_same_rows_and_messages, plan_of_many_rules_is_cut_and_says_so,
	authority_that_the_directory_has_lost_is_waited_for_and_its_member_is_told)
