/*
 * Who is part of a consignment: declarations for authorities that join the plan after their
 * records, once and unseen by who may not know; and what stays when a reference is bound.
 */
#include "suite.h"
#include "window_kit.h"

#define D(name) KIT_DECISION(name)
#define UCR     "26LA123"

static struct window_kit kit;

/* Newer versions pass to China, too. */
static void open_world(void)
{
	static Rivergate__V1__Kind kinds[] = {KIT_KIND(DECLARATION), KIT_KIND(AMENDMENT)};

	window_kit_fill(&kit);
	kit.members.rules[0].kinds = kinds;
	kit.members.rules[0].n_kinds = 2;
	window_kit_open(&kit, window_kit_china);
}

static const struct window_handed *handed(const char *party, uint64_t index)
{
	const struct window_handed *found = NULL;

	for (size_t i = 0; i < kit.result.n_handed; i++) {
		const struct window_handed *one = &kit.result.handed[i];

		if (strcmp(one->party, party) == 0 && one->index == index) {
			ck_assert_ptr_null(found);
			found = one;
		}
	}
	return found;
}

static void add_part(Rivergate__V1__Header *header, const char *name)
{
	Rivergate__V1__Part *part = arena_alloc(kit.arena, sizeof(*part));
	Rivergate__V1__Part **parts =
		arena_alloc(kit.arena, (header->n_parts + 1) * sizeof(Rivergate__V1__Part *));

	ck_assert(part && parts);
	rivergate__v1__part__init(part);
	part->name = members_text(name);
	part->size = 100;
	for (size_t i = 0; i < header->n_parts; i++) {
		parts[i] = header->parts[i];
	}
	parts[header->n_parts++] = part;
	header->parts = parts;
}

/* An adapter of China found goods of chapter 08 in what was declared as steel. */
static void find_fruit(const Rivergate__V1__Header *declaration)
{
	const Rivergate__V1__Header *fruit = kit_declaration(&kit, UCR, 100);
	Rivergate__V1__Header *header = kit_header(&kit, KIT_KIND(ACKNOWLEDGEMENT), "cn.gacc", UCR);
	Rivergate__V1__AcknowledgementFacts *facts = arena_alloc(kit.arena, sizeof(*facts));

	rivergate__v1__acknowledgement_facts__init(facts);
	facts->goods = fruit->goods;
	facts->n_goods = fruit->n_goods;
	header->facts_case = RIVERGATE__V1__HEADER__FACTS_ACKNOWLEDGEMENT;
	header->acknowledgement = facts;
	kit_refer(&kit, header, declaration, RIVERGATE__V1__RELATION__RELATION_ACKNOWLEDGES);
	kit_take(&kit, header);
}

START_TEST(who_joins_by_what_was_found_gets_the_declaration_once)
{
	open_world();
	Rivergate__V1__Header *header = kit_declaration(&kit, UCR, 18000);
	uint64_t index = kit.index;

	header->goods[0]->hs6 = members_text("720810");
	add_part(header, "customs");
	add_part(header, "commercial");
	kit_take(&kit, header);
	ck_assert_uint_eq(kit.result.n_handed, 0);
	find_fruit(header);
	const struct window_handed *one = handed("cn.plants", index);

	ck_assert_ptr_nonnull(one);
	ck_assert_uint_eq(kit.result.n_handed, 1);
	ck_assert_uint_eq(one->parts, 1); /* the channel rule lets `customs` pass alone */
	ck_assert_uint_eq(one->lane, 2);
	ck_assert_str_eq(one->ucr, UCR);
	kit_decide(&kit, "cn.plants", header, D(INSPECT));
	find_fruit(header);
	ck_assert_uint_eq(kit.result.n_handed, 0);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(who_joins_later_gets_the_version_in_force_too)
{
	open_world();
	Rivergate__V1__Header *header = kit_declaration(&kit, UCR, 18000);
	uint64_t index = kit.index;

	header->goods[0]->hs6 = members_text("720810");
	kit_take(&kit, header);
	Rivergate__V1__Header *newer = kit_declaration(&kit, UCR, 19000);

	newer->kind = KIT_KIND(AMENDMENT);
	newer->version = 2;
	newer->goods[0]->hs6 = members_text("720810");
	kit_refer(&kit, newer, header, RIVERGATE__V1__RELATION__RELATION_AMENDS);
	kit_take(&kit, newer);
	ck_assert_uint_eq(kit.result.n_handed, 0);
	find_fruit(newer);
	ck_assert_uint_eq(kit.result.n_handed, 2);
	ck_assert(handed("cn.plants", index) && handed("cn.plants", index + 1));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(who_is_not_seen_by_the_sender_gets_a_newer_version_unseen)
{
	open_world();
	Rivergate__V1__Header *header = kit_declaration(&kit, UCR, 18000);

	header->goods[0]->hs6 = members_text("720810");
	kit_take(&kit, header);
	find_fruit(header);
	/* It waits for leave: what was found stands until then. */
	kit_decide(&kit, "cn.gacc", header, D(HOLD));
	Rivergate__V1__Header *newer = kit_declaration(&kit, UCR, 19000);

	newer->kind = KIT_KIND(AMENDMENT);
	newer->version = 2;
	kit_refer(&kit, newer, header, RIVERGATE__V1__RELATION__RELATION_AMENDS);
	kit_take(&kit, newer);
	ck_assert_ptr_nonnull(handed("cn.plants", kit.index - 1));
	for (size_t i = 0; i < kit.result.n_recipients; i++) {
		ck_assert_str_ne(kit.result.recipients[i].party, "cn.plants");
	}
	kit_decide(&kit, "cn.plants", newer, D(ACCEPTED));
	kit_decide(&kit, "cn.gacc", newer, D(ACCEPTED));
	ck_assert_uint_eq(kit.result.n_handed, 0);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(who_joins_by_a_link_gets_what_was_declared_before)
{
	open_world();
	Rivergate__V1__Header *link = kit_header(&kit, KIT_KIND(LINK), "la.customs", UCR);
	Rivergate__V1__LinkFacts facts = RIVERGATE__V1__LINK_FACTS__INIT;
	char *parties[] = {members_text("la.customs.boten")};
	Rivergate__V1__Header *joined = kit_declaration(&kit, UCR, 5);
	uint64_t index = kit.index;
	Rivergate__V1__Header *first = kit_declaration(&kit, UCR, 18000);

	first->n_legs = 1; /* the export alone: China comes with who joins */
	kit_take(&kit, first);
	joined->from = members_text("la.customs.boten");
	kit_take(&kit, joined);
	ck_assert_ptr_null(handed("cn.gacc", index));
	facts.parties = parties;
	facts.n_parties = 1;
	link->facts_case = RIVERGATE__V1__HEADER__FACTS_LINK;
	link->link = &facts;
	kit_take(&kit, link);
	ck_assert_ptr_nonnull(handed("cn.gacc", index));
	ck_assert_ptr_nonnull(handed("cn.gacc", index + 1));
	window_kit_deinit(&kit);
}
END_TEST

/* Laos sends ahead what goes through Thailand; then the Thai exporter binds the reference. */
static Rivergate__V1__Header *send_ahead(void)
{
	Rivergate__V1__Header *ahead = kit_declaration(&kit, UCR, 18000);

	ahead->purpose = RIVERGATE__V1__PURPOSE__PURPOSE_ADVANCE;
	kit_take(&kit, ahead);
	return ahead;
}

static void bind_by_another(void)
{
	Rivergate__V1__Header *lodged = kit_declaration(&kit, UCR, 5);

	lodged->from = members_text("la.customs.boten");
	lodged->n_legs = 1;
	kit_take(&kit, lodged);
}

START_TEST(hold_stays_when_another_binds_the_reference_and_goes_with_its_release)
{
	open_world();
	const Rivergate__V1__Header *ahead = send_ahead();

	kit_decide(&kit, "cn.plants", ahead, D(HOLD));
	bind_by_another();
	ck_assert_int_eq(kit_leg(&kit, UCR, "", 1), KIT_STATUS(HOLD));
	ck_assert(!kit_finds(&kit, UCR, "", "UCR_TAKEN"));
	kit_decide(&kit, "cn.plants", ahead, D(RELEASED));
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->n_legs, 1);
	ck_assert(kit_finds(&kit, UCR, "", "UCR_TAKEN"));
	kit_decide(&kit, "cn.plants", ahead, D(HOLD));
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->n_legs, 1);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(what_is_hidden_stays_like_a_hold_when_another_binds_the_reference)
{
	static const Rivergate__V1__DecisionStatus decisions[] = {D(RELEASED), D(HOLD)};

	for (size_t i = 0; i < 2; i++) {
		open_world();
		const Rivergate__V1__Header *ahead = send_ahead();

		kit_decide_with(&kit, "cn.plants", ahead, decisions[i],
			RIVERGATE__V1__DISCLOSURE__DISCLOSURE_NEVER);
		bind_by_another();
		ck_assert_int_eq(kit_leg(&kit, UCR, "la.customs.boten", 1),
			KIT_STATUS(UNDER_CONTROL));
		window_kit_deinit(&kit);
	}
}
END_TEST

START_TEST(leg_that_nothing_holds_goes_when_another_binds_the_reference)
{
	open_world();
	kit_decide(&kit, "cn.plants", send_ahead(), D(RELEASED));
	bind_by_another();
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->n_legs, 1);
	window_kit_deinit(&kit);
}
END_TEST

/* Nothing but customs decides any more. */
static void end_the_rule(void)
{
	static const char without[] = "{\"member\":\"cn\",\"version\":\"2\",\"rules\":["
				      "{\"id\":\"food\",\"authority\":\"cn.health\","
				      "\"role\":\"AUTHORITY_ROLE_INFORMED\",\"legalBasis\":"
				      "{\"instrument\":\"Food Safety Law\",\"article\":\"91\"},"
				      "\"assumption\":true}]}";

	window_kit_apply_profile(&kit, without, CN);
	kit_take(&kit, kit_header(&kit, KIT_KIND(WINDOW_PROFILE), "cn.gacc", ""));
}

START_TEST(hold_stays_when_its_rule_ends_and_goes_with_its_release)
{
	open_world();
	Rivergate__V1__Header *header = kit_declaration(&kit, UCR, 18000);

	kit_take(&kit, header);
	kit_decide(&kit, "cn.plants", header, D(HOLD));
	kit_decide(&kit, "cn.gacc", header, D(RELEASED));
	end_the_rule();
	ck_assert_int_eq(kit_leg(&kit, UCR, "", 1), KIT_STATUS(HOLD));
	ck_assert_str_eq(kit_status(&kit, UCR, "cn.gacc")->held_by, "cn.plants");
	kit_decide(&kit, "cn.plants", header, D(RELEASED));
	ck_assert_int_eq(kit_leg(&kit, UCR, "", 1), KIT_STATUS(RELEASED));
	kit_decide(&kit, "cn.plants", header, D(HOLD));
	ck_assert_int_eq(kit_leg(&kit, UCR, "", 1), KIT_STATUS(RELEASED));
	ck_assert(kit_finds(&kit, UCR, "", "NOT_IN_PLAN"));
	window_kit_deinit(&kit);
}
END_TEST

CHECK_MAIN("rules_handover", who_joins_by_what_was_found_gets_the_declaration_once,
	who_joins_later_gets_the_version_in_force_too,
	who_is_not_seen_by_the_sender_gets_a_newer_version_unseen,
	who_joins_by_a_link_gets_what_was_declared_before,
	hold_stays_when_another_binds_the_reference_and_goes_with_its_release,
	what_is_hidden_stays_like_a_hold_when_another_binds_the_reference,
	leg_that_nothing_holds_goes_when_another_binds_the_reference,
	hold_stays_when_its_rule_ends_and_goes_with_its_release)
