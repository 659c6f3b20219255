/*
 * Documents of the window: certificates and what is used of them, establishments, demands.
 */
#include "documents_kit.h"
#include "suite.h"

#define D(name)    KIT_DECISION(name)
#define S(name)    KIT_STATUS(name)
#define STATE(s)   RIVERGATE__V1__ESTABLISHMENT_LIST_FACTS__STATE__STATE_##s
#define STEP(name) RIVERGATE__V1__APPLIES_TO__APPLIES_TO_##name
#define LABORATORY RIVERGATE__V1__ESTABLISHMENT_KIND__ESTABLISHMENT_KIND_LABORATORY
#define IMPORT     1
#define UCR        "26LA1"
#define TONNE      INT64_C(1000)

#define BY_QUANTITY "{\"type\":\"851\",\"quantityCounts\":true}"
#define BY_USE      "{\"type\":\"851\"}"
#define CONFIRMED   "{\"type\":\"851\",\"quantityCounts\":true,\"issuerMustConfirm\":true}"
#define LAB_TEST    "{\"type\":\"4\",\"establishments\":[\"ESTABLISHMENT_KIND_LABORATORY\"]}"

static struct window_kit kit;

/* A phytosanitary certificate of Laos for so much, sent by its issuer. */
static Rivergate__V1__CertificateFacts *phyto(int64_t kilograms)
{
	Rivergate__V1__CertificateFacts *facts =
		kit_certificate(&kit, "851", "LA", "PC-1", kilograms);

	kit_certify(&kit, "la.plants", facts);
	return facts;
}

/* la.customs declares so much under a certificate. */
static Rivergate__V1__Header *declare(const char *ucr, int64_t kilograms,
	const Rivergate__V1__CertificateFacts *facts)
{
	Rivergate__V1__Header *header = kit_declaration(&kit, ucr, kilograms);

	kit_rely(&kit, header, facts, NULL);
	kit_take(&kit, header);
	return header;
}

static void cancel(const Rivergate__V1__Header *declaration)
{
	Rivergate__V1__Header *header =
		kit_header(&kit, KIT_KIND(CANCELLATION), declaration->from, declaration->ucr);

	kit_refer(&kit, header, declaration, RIVERGATE__V1__RELATION__RELATION_CANCELS);
	kit_take(&kit, header);
}

static Rivergate__V1__Header *amend(const Rivergate__V1__Header *declaration, int64_t kilograms,
	const Rivergate__V1__CertificateFacts *facts)
{
	Rivergate__V1__Header *header = kit_declaration(&kit, declaration->ucr, kilograms);

	header->kind = KIT_KIND(AMENDMENT);
	header->version = declaration->version + 1;
	kit_rely(&kit, header, facts, NULL);
	kit_refer(&kit, header, declaration, RIVERGATE__V1__RELATION__RELATION_AMENDS);
	kit_take(&kit, header);
	return header;
}

static bool exceeds(const char *ucr)
{
	return kit_finds(&kit, ucr, "", "BALANCE_EXCEEDED");
}

/* The medium */

START_TEST(certificate_of_its_issuer_satisfies_whichever_comes_first)
{
	documents_kit_init(&kit, CONFIRMED, "");
	Rivergate__V1__CertificateFacts *facts =
		kit_certificate(&kit, "851", "LA", "PC-1", 20 * TONNE);

	declare(UCR, 18 * TONNE, facts);
	ck_assert(kit_misses(&kit, UCR, "cn.plants", IMPORT, "851"));
	ck_assert(kit_misses(&kit, UCR, "la.customs", IMPORT, "851"));
	kit_certify(&kit, "la.plants", facts);
	ck_assert(!kit_misses(&kit, UCR, "cn.plants", IMPORT, "851"));
	const Rivergate__V1__Header *plan = kit_told(&kit, KIT_KIND(PLAN), "la.customs");
	ck_assert_ptr_nonnull(plan);
	ck_assert(!kit_misses_in(plan->plan, IMPORT, "851"));
	declare("26LA2", 2 * TONNE, facts);
	ck_assert(!kit_misses(&kit, "26LA2", "", IMPORT, "851"));
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->n_findings, 0);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(whoever_is_not_the_issuer_sends_a_scan_whatever_he_claims)
{
	static const char *const senders[] = {"la.customs", "th.doa", "cn.gacc"};

	documents_kit_init(&kit, CONFIRMED, "");
	Rivergate__V1__CertificateFacts *facts =
		kit_certificate(&kit, "851", "LA", "PC-1", 20 * TONNE);
	declare(UCR, 18 * TONNE, facts);
	for (size_t i = 0; i < 3; i++) {
		facts->medium = i == 2 ? KIT_MEDIUM(ISSUER_CONFIRMED) : KIT_MEDIUM(ISSUER_MESSAGE);
		kit_certify(&kit, senders[i], facts);
		ck_assert_str_eq(kit_finding(&kit, UCR, "cn.plants", "NOT_VERIFIED"),
			"not verified by issuer");
		ck_assert(kit_misses(&kit, UCR, "", IMPORT, "851"));
	}
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(nobody_but_the_issuer_confirms)
{
	documents_kit_init(&kit, CONFIRMED, "");
	Rivergate__V1__CertificateFacts *facts =
		kit_certificate(&kit, "851", "LA", "PC-1", 20 * TONNE);

	kit_certify(&kit, "la.customs", facts);
	declare(UCR, 18 * TONNE, facts);
	kit_say(&kit, "la.customs", facts, KIT_SAYS(CONFIRMED), NULL);
	kit_say(&kit, "th.doa", facts, KIT_SAYS(CONFIRMED), NULL);
	ck_assert(kit_finds(&kit, UCR, "", "NOT_VERIFIED"));
	kit_say(&kit, "la.plants", facts, KIT_SAYS(CONFIRMED), NULL);
	ck_assert(!kit_finds(&kit, UCR, "", "NOT_VERIFIED"));
	ck_assert(!kit_misses(&kit, UCR, "", IMPORT, "851"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(what_was_confirmed_before_it_was_seen_is_a_scan)
{
	documents_kit_init(&kit, CONFIRMED, "");
	Rivergate__V1__CertificateFacts *facts =
		kit_certificate(&kit, "851", "LA", "PC-1", 20 * TONNE);

	kit_say(&kit, "la.plants", facts, KIT_SAYS(CONFIRMED), NULL);
	kit_certify(&kit, "la.customs", facts);
	declare(UCR, 18 * TONNE, facts);
	ck_assert(kit_finds(&kit, UCR, "", "NOT_VERIFIED"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(scan_is_enough_where_nobody_must_confirm)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	Rivergate__V1__CertificateFacts *facts =
		kit_certificate(&kit, "851", "LA", "PC-1", 20 * TONNE);

	facts->medium = KIT_MEDIUM(SCAN);
	kit_certify(&kit, "la.customs", facts);
	declare(UCR, 18 * TONNE, facts);
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->n_findings, 0);
	ck_assert(!kit_misses(&kit, UCR, "", IMPORT, "851"));
	window_kit_deinit(&kit);
}
END_TEST

/* What is said of it twice */

START_TEST(second_message_that_says_otherwise_is_found)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	const Rivergate__V1__CertificateFacts *facts = phyto(20 * TONNE);
	Rivergate__V1__CertificateFacts *other =
		kit_certificate(&kit, "851", "LA", "PC-1", 200 * TONNE);

	declare(UCR, 25 * TONNE, facts);
	ck_assert(exceeds(UCR));
	kit_add_text(&kit, &other->seals, &other->n_seals, "S1");
	other->importing_country = members_text("TH");
	kit_certify(&kit, "la.customs", other);
	ck_assert_str_eq(kit_finding(&kit, UCR, "la.customs", "CERTIFICATE_DIFFERS"),
		"messages about it differ in: goods, importing country");
	ck_assert_msg(exceeds(UCR), "a scan has changed what the issuer wrote");
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(second_message_that_says_the_same_in_other_units_confirms)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	const Rivergate__V1__CertificateFacts *facts = phyto(20 * TONNE);
	Rivergate__V1__CertificateFacts *other = kit_certificate(&kit, "851", "LA", "PC-1", 20);

	other->goods[0]->quantity->unit = members_text("TNE");
	declare(UCR, 18 * TONNE, facts);
	kit_certify(&kit, "la.customs", other);
	ck_assert_uint_eq(kit.result.n_told, 0);
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->n_findings, 0);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(word_of_the_issuer_takes_the_place_of_a_scan)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	Rivergate__V1__CertificateFacts *scan =
		kit_certificate(&kit, "851", "LA", "PC-1", 200 * TONNE);

	kit_certify(&kit, "la.customs", scan);
	declare(UCR, 25 * TONNE, scan);
	ck_assert(!exceeds(UCR));
	phyto(20 * TONNE);
	ck_assert(exceeds(UCR));
	ck_assert(kit_finds(&kit, UCR, "", "CERTIFICATE_DIFFERS"));
	window_kit_deinit(&kit);
}
END_TEST

/* Withdrawal */

START_TEST(withdrawal_flags_the_open_consignment_and_asks_again)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	const Rivergate__V1__CertificateFacts *facts = phyto(20 * TONNE);

	declare(UCR, 18 * TONNE, facts);
	kit_say(&kit, "la.customs", facts, KIT_SAYS(WITHDRAWN), NULL);
	ck_assert_msg(!kit_finds(&kit, UCR, "", "CERTIFICATE_WITHDRAWN"), "by a stranger");
	kit_say(&kit, "la.plants", facts, KIT_SAYS(WITHDRAWN), NULL);
	ck_assert(kit_finds(&kit, UCR, "cn.plants", "CERTIFICATE_WITHDRAWN"));
	ck_assert(kit_misses(&kit, UCR, "cn.plants", IMPORT, "851"));
	ck_assert_int_eq(kit_told(&kit, KIT_KIND(PLAN), "cn.plants")->plan->change,
		RIVERGATE__V1__PLAN_FACTS__CHANGE__CHANGE_RULES);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(withdrawal_after_the_release_is_not_flagged)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	const Rivergate__V1__CertificateFacts *facts = phyto(20 * TONNE);
	const Rivergate__V1__Header *declaration = declare(UCR, 18 * TONNE, facts);

	kit_decide(&kit, "cn.gacc", declaration, D(RELEASED));
	kit_decide(&kit, "cn.plants", declaration, D(RELEASED));
	kit_say(&kit, "la.plants", facts, KIT_SAYS(WITHDRAWN), NULL);
	ck_assert(!kit_finds(&kit, UCR, "", "CERTIFICATE_WITHDRAWN"));
	ck_assert(!kit_misses(&kit, UCR, "", IMPORT, "851"));
	window_kit_deinit(&kit);
}
END_TEST

/* The balance */

/* Story 7: a certificate for 500 t, trucks of 25 t. */
START_TEST(twentieth_truck_empties_the_certificate_and_the_next_is_found)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	const Rivergate__V1__CertificateFacts *facts = phyto(500 * TONNE);
	const Rivergate__V1__Header *last = NULL;
	static char ucrs[22][16];

	for (unsigned i = 1; i <= 21; i++) {
		(void)snprintf(ucrs[i], sizeof(ucrs[i]), "26LA%u", i);
		last = declare(ucrs[i], 25 * TONNE, facts);
		ck_assert_msg(exceeds(ucrs[i]) == (i == 21), "truck %u", i);
	}
	ck_assert_str_eq(kit_finding(&kit, "26LA21", "cn.plants", "BALANCE_EXCEEDED"),
		"500000 KGM certified, 500000 KGM used before, 25000 KGM here");
	ck_assert(kit_finds(&kit, "26LA21", "la.customs", "BALANCE_EXCEEDED"));
	kit_decide(&kit, "cn.plants", last, D(DOCUMENTS_REQUIRED));
	ck_assert_int_eq(kit_leg(&kit, "26LA21", "la.customs", IMPORT), S(DOCUMENTS_REQUIRED));
	ck_assert_int_eq(kit_status(&kit, "26LA21", "")->legs[IMPORT]->turn,
		RIVERGATE__V1__TURN__TURN_TRADER);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(tolerance_of_the_rule_is_allowed_and_no_more)
{
	documents_kit_init(&kit,
		"{\"type\":\"851\",\"quantityCounts\":true,\"tolerancePermille\":50}", "");
	const Rivergate__V1__CertificateFacts *facts = phyto(20 * TONNE);

	declare(UCR, 21 * TONNE, facts);
	ck_assert(!exceeds(UCR));
	declare("26LA2", 1, facts);
	ck_assert(exceeds("26LA2"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(export_and_import_of_one_consignment_are_one_use)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	const Rivergate__V1__CertificateFacts *facts = phyto(20 * TONNE);
	Rivergate__V1__Header *import = kit_declaration(&kit, UCR, 18 * TONNE);
	Rivergate__V1__Header *link = kit_header(&kit, KIT_KIND(LINK), "la.customs", UCR);
	Rivergate__V1__LinkFacts link_facts = RIVERGATE__V1__LINK_FACTS__INIT;
	char *parties[] = {members_text("cn.gacc")};

	declare(UCR, 18 * TONNE, facts);
	link_facts.parties = parties;
	link_facts.n_parties = 1;
	link->facts_case = RIVERGATE__V1__HEADER__FACTS_LINK;
	link->link = &link_facts;
	kit_take(&kit, link);
	import->from = members_text("cn.gacc");
	kit_rely(&kit, import, facts, NULL);
	kit_take(&kit, import);
	ck_assert(!exceeds(UCR));
	declare("26LA2", 2 * TONNE, facts);
	ck_assert(!exceeds("26LA2"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(two_declarations_of_one_member_add_up)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	const Rivergate__V1__CertificateFacts *facts = phyto(20 * TONNE);

	declare(UCR, 12 * TONNE, facts);
	ck_assert(!exceeds(UCR));
	declare(UCR, 12 * TONNE, facts);
	ck_assert(exceeds(UCR));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(declaration_that_states_its_share_uses_no_more)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	const Rivergate__V1__CertificateFacts *facts = phyto(20 * TONNE);
	Rivergate__V1__Header *header = kit_declaration(&kit, UCR, 50 * TONNE);

	kit_rely(&kit, header, facts, kit_quantity(&kit, 15 * TONNE));
	kit_take(&kit, header);
	ck_assert(!exceeds(UCR));
	declare("26LA2", 6 * TONNE, facts);
	ck_assert_str_eq(kit_finding(&kit, "26LA2", "", "BALANCE_EXCEEDED"),
		"20000 KGM certified, 15000 KGM used before, 6000 KGM here");
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(refusal_and_cancellation_free_what_was_reserved)
{
	static const Rivergate__V1__DecisionStatus refusals[] = {D(REFUSED), D(RETURN_ORDERED),
		D(DESTROY_ORDERED), D(SEIZED)};

	for (size_t i = 0; i < 5; i++) {
		documents_kit_init(&kit, BY_QUANTITY, "");
		const Rivergate__V1__CertificateFacts *facts = phyto(20 * TONNE);
		const Rivergate__V1__Header *first = declare(UCR, 15 * TONNE, facts);

		declare("26LA2", 15 * TONNE, facts);
		ck_assert(!exceeds(UCR) && exceeds("26LA2"));
		if (i < 4) {
			kit_decide(&kit, "cn.plants", first, refusals[i]);
		} else {
			cancel(first);
		}
		ck_assert_msg(!exceeds("26LA2"), "%zu frees nothing", i);
		ck_assert_ptr_nonnull(kit_told(&kit, KIT_KIND(STATUS), "cn.plants"));
		window_kit_deinit(&kit);
	}
}
END_TEST

START_TEST(refusal_taken_back_stands_behind_what_came_meanwhile)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	const Rivergate__V1__CertificateFacts *facts = phyto(20 * TONNE);
	const Rivergate__V1__Header *first = declare(UCR, 15 * TONNE, facts);

	kit_decide(&kit, "cn.plants", first, D(REFUSED));
	declare("26LA2", 15 * TONNE, facts);
	kit_decide(&kit, "cn.plants", first, D(REVOKED));
	ck_assert(!exceeds("26LA2") && exceeds(UCR));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(what_is_written_off_counts_before_what_is_reserved)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	const Rivergate__V1__CertificateFacts *facts = phyto(20 * TONNE);

	declare(UCR, 15 * TONNE, facts);
	const Rivergate__V1__Header *second = declare("26LA2", 15 * TONNE, facts);
	kit_decide(&kit, "cn.gacc", second, D(RELEASED));
	ck_assert_msg(!exceeds(UCR), "customs asked for no certificate, and wrote one off");
	kit_decide(&kit, "cn.plants", second, D(RELEASED));
	ck_assert(exceeds(UCR) && !exceeds("26LA2"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(amendment_changes_the_reservation)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	const Rivergate__V1__CertificateFacts *facts = phyto(20 * TONNE);
	const Rivergate__V1__Header *first = declare(UCR, 15 * TONNE, facts);

	declare("26LA2", 10 * TONNE, facts);
	ck_assert(exceeds("26LA2"));
	first = amend(first, 8 * TONNE, facts);
	ck_assert(!exceeds("26LA2") && !exceeds(UCR));
	/* Who grows stands behind who was there. */
	first = amend(first, 15 * TONNE, facts);
	ck_assert(!exceeds("26LA2") && exceeds(UCR));
	amend(first, 15 * TONNE, kit_certificate(&kit, "851", "LA", "PC-2", 0));
	ck_assert(!exceeds("26LA2") && !exceeds(UCR));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(second_use_is_found_where_quantity_does_not_count)
{
	documents_kit_init(&kit, BY_USE, "");
	const Rivergate__V1__CertificateFacts *facts = phyto(20 * TONNE);
	const Rivergate__V1__Header *first = declare(UCR, 1 * TONNE, facts);

	declare("26LA2", 1 * TONNE, facts);
	ck_assert(!kit_finds(&kit, UCR, "", "USED_TWICE"));
	ck_assert(kit_finds(&kit, "26LA2", "cn.plants", "USED_TWICE"));
	ck_assert(!exceeds("26LA2"));
	ck_assert_ptr_null(strstr(kit_finding(&kit, "26LA2", "", "USED_TWICE"), UCR));
	cancel(first);
	ck_assert(!kit_finds(&kit, "26LA2", "", "USED_TWICE"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(draft_reserves_nothing)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	const Rivergate__V1__CertificateFacts *facts = phyto(20 * TONNE);
	Rivergate__V1__Header *draft = kit_declaration(&kit, UCR, 20 * TONNE);

	draft->purpose = RIVERGATE__V1__PURPOSE__PURPOSE_PREFILL;
	kit_rely(&kit, draft, facts, NULL);
	kit_take(&kit, draft);
	declare("26LA2", 20 * TONNE, facts);
	ck_assert(!exceeds("26LA2"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(use_of_a_stranger_is_found_and_takes_nothing_from_others)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	const Rivergate__V1__CertificateFacts *facts = phyto(20 * TONNE);
	Rivergate__V1__Header *stranger = kit_declaration(&kit, "26TH1", 20 * TONNE);

	stranger->from = members_text("th.revenue");
	kit_rely(&kit, stranger, facts, NULL);
	kit_take(&kit, stranger);
	ck_assert(kit_finds(&kit, "26TH1", "cn.plants", "STRANGER_USE"));
	declare(UCR, 20 * TONNE, facts);
	ck_assert(!exceeds(UCR));
	ck_assert(!kit_finds(&kit, UCR, "", "STRANGER_USE"));
	ck_assert_msg(!exceeds("26TH1"), "a stranger hears what others use");
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(quantity_in_a_unit_that_does_not_add_up_is_found)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	const Rivergate__V1__CertificateFacts *facts = phyto(20 * TONNE);
	Rivergate__V1__Header *header = kit_declaration(&kit, UCR, 20);

	header->goods[0]->quantity->unit = members_text("MTQ");
	kit_rely(&kit, header, facts, NULL);
	kit_take(&kit, header);
	ck_assert(kit_finds(&kit, UCR, "", "BALANCE_UNKNOWN"));
	ck_assert(!exceeds(UCR));
	window_kit_deinit(&kit);
}
END_TEST

/* Story 9: a permit as a picture; its issuer confirms 18.2 of 20 m³. */
START_TEST(permit_confirmed_for_less_is_not_used_for_more)
{
	documents_kit_init(&kit, CONFIRMED, "");
	Rivergate__V1__CertificateFacts *permit = kit_certificate(&kit, "851", "LA", "CITES-1", 20);
	Rivergate__V1__Quantity *confirmed = kit_quantity(&kit, 182);
	Rivergate__V1__Header *declarations[2];

	permit->medium = KIT_MEDIUM(SCAN);
	permit->goods[0]->hs = members_text("4407");
	permit->goods[0]->quantity->unit = members_text("MTQ");
	confirmed->value->scale = 1;
	confirmed->unit = members_text("MTQ");
	kit_certify(&kit, "la.customs", permit);
	for (size_t i = 0; i < 2; i++) {
		declarations[i] = kit_declaration(&kit, i ? "26LA2" : UCR, i ? 2 : 18);
		declarations[i]->goods[0]->hs6 = members_text("440799");
		declarations[i]->goods[0]->quantity->unit = members_text("MTQ");
		kit_rely(&kit, declarations[i], permit, NULL);
		kit_take(&kit, declarations[i]);
		ck_assert(kit_finds(&kit, declarations[i]->ucr, "cn.plants", "NOT_VERIFIED"));
		ck_assert(!exceeds(declarations[i]->ucr));
	}
	kit_say(&kit, "la.plants", permit, KIT_SAYS(CONFIRMED), confirmed);
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->n_findings, 0);
	ck_assert_str_eq(kit_finding(&kit, "26LA2", "cn.plants", "BALANCE_EXCEEDED"),
		"18.2 MTQ certified, 18 MTQ used before, 2 MTQ here");
	kit_decide_with(&kit, "cn.plants", declarations[1], D(SEIZED),
		RIVERGATE__V1__DISCLOSURE__DISCLOSURE_NEVER);
	ck_assert_int_eq(kit_leg(&kit, "26LA2", "cn.gacc", IMPORT), S(SEIZED));
	ck_assert_int_eq(kit_leg(&kit, "26LA2", "la.customs", IMPORT), S(UNDER_CONTROL));
	ck_assert_int_eq(kit_leg(&kit, UCR, "cn.gacc", IMPORT), S(PENDING));
	window_kit_deinit(&kit);
}
END_TEST

/* What it says of the goods */

START_TEST(goods_that_no_certificate_covers_are_found)
{
	static const struct {
		const char *hs;
		const char *origin;
		Rivergate__V1__Condition condition;
		bool is_found;
	} cases[] = {
		{"08", "LA", RIVERGATE__V1__CONDITION__CONDITION_FRESH, false},
		{"081060", "", RIVERGATE__V1__CONDITION__CONDITION_UNSPECIFIED, false},
		{"", "LA", RIVERGATE__V1__CONDITION__CONDITION_FRESH, false},
		{"0804", "LA", RIVERGATE__V1__CONDITION__CONDITION_FRESH, true},
		{"0810", "TH", RIVERGATE__V1__CONDITION__CONDITION_FRESH, true},
		{"0810", "LA", RIVERGATE__V1__CONDITION__CONDITION_DRIED, true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		documents_kit_init(&kit, BY_QUANTITY, "");
		Rivergate__V1__CertificateFacts *facts =
			kit_certificate(&kit, "851", "LA", "PC-1", 20 * TONNE);

		facts->goods[0]->hs = members_text(cases[i].hs);
		facts->goods[0]->origin = members_text(cases[i].origin);
		facts->goods[0]->condition = cases[i].condition;
		kit_certify(&kit, "la.plants", facts);
		declare(UCR, 18 * TONNE, facts);
		ck_assert_msg(kit_finds(&kit, UCR, "", "CERTIFICATE_GOODS") == cases[i].is_found,
			"%zu", i);
		ck_assert_msg(kit_misses(&kit, UCR, "", IMPORT, "851") == cases[i].is_found, "%zu",
			i);
		window_kit_deinit(&kit);
	}
}
END_TEST

START_TEST(seals_and_container_are_compared_where_the_rule_says_so)
{
	for (size_t i = 0; i < 2; i++) {
		documents_kit_init(&kit,
			i ? BY_QUANTITY
			  : "{\"type\":\"851\",\"sealsMustMatch\":true,"
			    "\"containerMustMatch\":true}",
			"");
		Rivergate__V1__CertificateFacts *facts =
			kit_certificate(&kit, "851", "LA", "PC-1", 20 * TONNE);
		Rivergate__V1__Header *good = kit_declaration(&kit, UCR, 5);
		Rivergate__V1__Header *bad = kit_declaration(&kit, "26LA2", 5);

		kit_add_text(&kit, &facts->seals, &facts->n_seals, "LA-777");
		kit_add_text(&kit, &facts->containers, &facts->n_containers, "TEMU1234565");
		kit_certify(&kit, "la.plants", facts);
		kit_add_text(&kit, &good->movement->seals, &good->movement->n_seals, "la 777");
		kit_add_text(&kit, &good->movement->containers, &good->movement->n_containers,
			"TEMU 123456-5");
		kit_add_text(&kit, &bad->movement->seals, &bad->movement->n_seals, "LA 778");
		kit_rely(&kit, good, facts, NULL);
		kit_rely(&kit, bad, facts, NULL);
		kit_take(&kit, good);
		kit_take(&kit, bad);
		ck_assert(!kit_finds(&kit, UCR, "", "CERTIFICATE_SEALS"));
		ck_assert(!kit_finds(&kit, UCR, "", "CERTIFICATE_CONTAINER"));
		ck_assert(kit_finds(&kit, "26LA2", "", "CERTIFICATE_SEALS") == (i == 0));
		ck_assert(kit_finds(&kit, "26LA2", "", "CERTIFICATE_CONTAINER") == (i == 0));
		window_kit_deinit(&kit);
	}
}
END_TEST

START_TEST(certificate_for_another_country_is_found)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	Rivergate__V1__CertificateFacts *facts =
		kit_certificate(&kit, "851", "LA", "PC-1", 20 * TONNE);

	facts->importing_country = members_text("VN");
	kit_certify(&kit, "la.plants", facts);
	declare(UCR, 18 * TONNE, facts);
	ck_assert_str_eq(kit_finding(&kit, UCR, "cn.plants", "CERTIFICATE_COUNTRY"),
		"is for VN, which is not on the way");
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(validity_that_ends_before_the_goods_come_is_found)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	Rivergate__V1__CertificateFacts *facts =
		kit_certificate(&kit, "851", "LA", "PC-1", 20 * TONNE);
	Rivergate__V1__Header *header = kit_declaration(&kit, UCR, 18 * TONNE);

	facts->valid_until = members_text("2026-11-23");
	header->legs[IMPORT]->eta_us = MEMBERS_NOW_US + 2 * KIT_DAY;
	kit_rely(&kit, header, facts, NULL);
	kit_certify(&kit, "la.plants", facts);
	kit_take(&kit, header);
	ck_assert_str_eq(kit_finding(&kit, UCR, "cn.plants", "CERTIFICATE_ENDS"),
		"valid until 2026-11-23, which is before the goods are expected in CN");
	ck_assert(!kit_misses(&kit, UCR, "", IMPORT, "851"));
	kit_wait(&kit, 3 * KIT_DAY);
	ck_assert(kit_misses(&kit, UCR, "", IMPORT, "851"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(validity_that_ends_after_arrival_is_nothing)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	Rivergate__V1__CertificateFacts *facts =
		kit_certificate(&kit, "851", "LA", "PC-1", 20 * TONNE);

	facts->valid_until = members_text("2026-11-22");
	kit_certify(&kit, "la.plants", facts);
	declare(UCR, 18 * TONNE, facts);
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(ARRIVED));
	kit_wait(&kit, 30 * KIT_DAY);
	ck_assert(!kit_finds(&kit, UCR, "", "CERTIFICATE_ENDS"));
	ck_assert(!kit_misses(&kit, UCR, "", IMPORT, "851"));
	window_kit_deinit(&kit);
}
END_TEST

/* Bounds and what is told */

START_TEST(names_that_are_empty_or_too_long_name_no_certificate)
{
	static char number[600];

	documents_kit_init(&kit, BY_QUANTITY, "");
	memset(number, 'X', sizeof(number) - 1);
	Rivergate__V1__CertificateFacts *facts =
		kit_certificate(&kit, "851", "LA", number, 20 * TONNE);
	kit_certify(&kit, "la.plants", facts);
	kit_say(&kit, "la.plants", facts, KIT_SAYS(CONFIRMED), NULL);
	kit_list(&kit, "la.plants", kit_establishment(&kit, LABORATORY, "LA", number),
		STATE(SUSPENDED), STEP(LODGED), 0);
	declare(UCR, 5, facts);
	facts->number = members_text("");
	kit_certify(&kit, "la.plants", facts);
	declare("26LA2", 5, facts);
	ck_assert(kit_misses(&kit, UCR, "", IMPORT, "851"));
	ck_assert(kit_misses(&kit, "26LA2", "", IMPORT, "851"));
	ck_assert_uint_eq(kit_count_rows(&kit), 0);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(absurd_quantities_end_in_a_finding_and_not_in_an_overflow)
{
	documents_kit_init(&kit, BY_QUANTITY, "");
	Rivergate__V1__CertificateFacts *facts =
		kit_certificate(&kit, "851", "LA", "PC-1", INT64_MAX);
	Rivergate__V1__Header *header = kit_declaration(&kit, UCR, INT64_MAX);

	facts->goods[0]->quantity->value->scale = 6;
	header->goods[0]->quantity->value->scale = 6;
	kit_certify(&kit, "la.plants", facts);
	kit_rely(&kit, header, facts, NULL);
	kit_take(&kit, header);
	ck_assert(!exceeds(UCR));
	header = kit_declaration(&kit, "26LA2", INT64_MAX);
	header->goods[0]->quantity->unit = members_text("TNE");
	kit_rely(&kit, header, facts, NULL);
	kit_take(&kit, header);
	ck_assert(kit_finds(&kit, "26LA2", "", "BALANCE_UNKNOWN"));
	header = kit_declaration(&kit, "26LA3", 1);
	header->goods[0]->quantity->value->scale = UINT32_MAX;
	kit_rely(&kit, header, facts, NULL);
	kit_take(&kit, header);
	ck_assert(!kit_finds(&kit, "26LA3", "", "BALANCE_UNKNOWN"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(what_only_found_goods_ask_for_is_not_told_to_the_sender)
{
	documents_kit_init(&kit, CONFIRMED, "");
	Rivergate__V1__CertificateFacts *scan = kit_certificate(&kit, "851", "LA", "PC-1", 5);
	Rivergate__V1__Header *declaration = kit_declaration(&kit, UCR, 5);
	Rivergate__V1__Header *found = kit_header(&kit, KIT_KIND(ACKNOWLEDGEMENT), "cn.gacc", UCR);
	Rivergate__V1__AcknowledgementFacts facts = RIVERGATE__V1__ACKNOWLEDGEMENT_FACTS__INIT;

	kit_certify(&kit, "la.customs", scan);
	declaration->goods[0]->hs6 = members_text("121190");
	kit_rely(&kit, declaration, scan, NULL);
	kit_take(&kit, declaration);
	ck_assert(!kit_finds(&kit, UCR, "", "NOT_VERIFIED"));
	facts.goods = kit_declaration(&kit, UCR, 3)->goods;
	facts.n_goods = 1;
	found->facts_case = RIVERGATE__V1__HEADER__FACTS_ACKNOWLEDGEMENT;
	found->acknowledgement = &facts;
	kit_refer(&kit, found, declaration, RIVERGATE__V1__RELATION__RELATION_ACKNOWLEDGES);
	kit_take(&kit, found);
	ck_assert(kit_finds(&kit, UCR, "cn.plants", "NOT_VERIFIED"));
	ck_assert(!kit_finds(&kit, UCR, "la.customs", "NOT_VERIFIED"));
	ck_assert_ptr_null(kit_told(&kit, KIT_KIND(PLAN), "la.customs"));
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(ARRIVED));
	ck_assert(kit_finds(&kit, UCR, "la.customs", "NOT_VERIFIED"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(rows_are_gone_with_what_made_them)
{
	documents_kit_init(&kit, LAB_TEST, "");
	const Rivergate__V1__CertificateFacts *unseen = kit_certificate(&kit, "4", "LA", "T-2", 0);
	Rivergate__V1__CertificateFacts *test = kit_certificate(&kit, "4", "LA", "T-1", 0);
	size_t n_rows[2] = {0, 0};

	kit_rest_on(&kit, test, kit_establishment(&kit, LABORATORY, "LA", "L1"));
	kit_certify(&kit, "la.plants", test);
	for (size_t i = 0; i < 2; i++) {
		Rivergate__V1__Header *header = kit_declaration(&kit, UCR, 5);

		kit_rely(&kit, header, test, NULL);
		kit_rely(&kit, header, unseen, NULL);
		kit_take(&kit, header);
		cancel(header);
		n_rows[i] = kit_count_rows(&kit);
	}
	ck_assert_uint_eq(n_rows[0], 1);
	ck_assert_uint_eq(n_rows[1], 1);
	window_kit_deinit(&kit);
}
END_TEST

CHECK_MAIN("rules_documents", certificate_of_its_issuer_satisfies_whichever_comes_first,
	whoever_is_not_the_issuer_sends_a_scan_whatever_he_claims, nobody_but_the_issuer_confirms,
	what_was_confirmed_before_it_was_seen_is_a_scan, scan_is_enough_where_nobody_must_confirm,
	second_message_that_says_otherwise_is_found,
	second_message_that_says_the_same_in_other_units_confirms,
	word_of_the_issuer_takes_the_place_of_a_scan,
	withdrawal_flags_the_open_consignment_and_asks_again,
	withdrawal_after_the_release_is_not_flagged,
	twentieth_truck_empties_the_certificate_and_the_next_is_found,
	tolerance_of_the_rule_is_allowed_and_no_more,
	export_and_import_of_one_consignment_are_one_use, two_declarations_of_one_member_add_up,
	declaration_that_states_its_share_uses_no_more,
	refusal_and_cancellation_free_what_was_reserved,
	refusal_taken_back_stands_behind_what_came_meanwhile,
	what_is_written_off_counts_before_what_is_reserved, amendment_changes_the_reservation,
	second_use_is_found_where_quantity_does_not_count, draft_reserves_nothing,
	use_of_a_stranger_is_found_and_takes_nothing_from_others,
	quantity_in_a_unit_that_does_not_add_up_is_found,
	permit_confirmed_for_less_is_not_used_for_more, goods_that_no_certificate_covers_are_found,
	seals_and_container_are_compared_where_the_rule_says_so,
	certificate_for_another_country_is_found, validity_that_ends_before_the_goods_come_is_found,
	validity_that_ends_after_arrival_is_nothing,

	names_that_are_empty_or_too_long_name_no_certificate,
	absurd_quantities_end_in_a_finding_and_not_in_an_overflow,
	what_only_found_goods_ask_for_is_not_told_to_the_sender, rows_are_gone_with_what_made_them)
