/*
 * Demands of the window: durian with its papers, establishments on lists, recognitions.
 */
#include "documents_kit.h"
#include "suite.h"

#define D(name)    KIT_DECISION(name)
#define S(name)    KIT_STATUS(name)
#define STATE(s)   RIVERGATE__V1__ESTABLISHMENT_LIST_FACTS__STATE__STATE_##s
#define STEP(name) RIVERGATE__V1__APPLIES_TO__APPLIES_TO_##name
#define LABORATORY RIVERGATE__V1__ESTABLISHMENT_KIND__ESTABLISHMENT_KIND_LABORATORY
#define PACKHOUSE  RIVERGATE__V1__ESTABLISHMENT_KIND__ESTABLISHMENT_KIND_PACKHOUSE
#define IMPORT     1
#define UCR        "26TH1"
#define TONNE      INT64_C(1000)
#define LAB_TEST   "{\"type\":\"4\",\"establishments\":[\"ESTABLISHMENT_KIND_LABORATORY\"]}"

static struct window_kit kit;

/* Stories 1 and 3: durian from Thailand through Laos */

#define DURIAN_DEMANDS \
	"{\"type\":\"851\",\"quantityCounts\":true,\"issuerMustConfirm\":true," \
	"\"establishments\":[\"ESTABLISHMENT_KIND_PACKHOUSE\"],\"sealsMustMatch\":true," \
	"\"containerMustMatch\":true}," LAB_TEST ",{\"type\":\"861\"}"
#define FORM_E \
	",\"recognitions\":[{\"id\":\"form-e\",\"of\":\"SUBJECT_CERTIFICATE\"," \
	"\"effect\":\"EFFECT_SATISFIES_DOCUMENT\",\"document\":\"861\",\"by\":\"form-e\"," \
	"\"issuers\":[\"TH\"],\"goods\":{\"hs\":[\"0810\"]},\"instrument\":{" \
	"\"instrument\":\"ASEAN-China Agreement on Trade in Goods\",\"article\":\"5\"}}]"
#define CHINA 2

static Rivergate__V1__EstablishmentRef *laboratory;
static Rivergate__V1__CertificateFacts *papers[3]; /* phytosanitary, test, Form E */

/* Thailand certifies and declares; China is the third leg. */
static Rivergate__V1__Header *send_durian(void)
{
	static const char *const types[] = {"851", "4", "form-e"};
	Rivergate__V1__Header *header = kit_declaration(&kit, UCR, 18 * TONNE);

	header->from = members_text("th.revenue");
	header->goods[0]->origin = members_text("TH");
	header->n_legs = 0;
	kit_add_leg(&kit, header, "TH", RIVERGATE__V1__REGIME__REGIME_EXPORT);
	kit_add_leg(&kit, header, "LA", RIVERGATE__V1__REGIME__REGIME_TRANSIT);
	kit_add_leg(&kit, header, "CN", RIVERGATE__V1__REGIME__REGIME_IMPORT);
	kit_add_text(&kit, &header->movement->seals, &header->movement->n_seals, "TH555");
	kit_add_text(&kit, &header->movement->containers, &header->movement->n_containers, "C1");
	laboratory = kit_establishment(&kit, LABORATORY, "TH", "LAB-7");
	for (size_t i = 0; i < 3; i++) {
		papers[i] = kit_certificate(&kit, types[i], "TH", "N-1", i ? 0 : 18 * TONNE);
		kit_rely(&kit, header, papers[i], NULL);
	}
	kit_add_text(&kit, &papers[0]->seals, &papers[0]->n_seals, "TH555");
	kit_add_text(&kit, &papers[0]->containers, &papers[0]->n_containers, "C1");
	kit_rest_on(&kit, papers[0], kit_establishment(&kit, PACKHOUSE, "TH", "DOA-12"));
	kit_rest_on(&kit, papers[1], laboratory);
	for (size_t i = 0; i < 3; i++) {
		kit_certify(&kit, "th.doa", papers[i]);
	}
	kit_take(&kit, header);
	return header;
}

START_TEST(durian_with_all_its_papers_misses_nothing)
{
	static const char *const viewers[] = {"th.revenue", "la.customs", "cn.gacc", "cn.plants"};

	documents_kit_init(&kit, DURIAN_DEMANDS, FORM_E);
	const Rivergate__V1__Header *declaration = send_durian();

	for (size_t i = 0; i < 4; i++) {
		const Rivergate__V1__StatusFacts *status = kit_status(&kit, UCR, viewers[i]);

		ck_assert_msg(status != NULL, "%s", viewers[i]);
		ck_assert_uint_eq(status->n_findings, 0);
		ck_assert(!kit_misses(&kit, UCR, viewers[i], CHINA, "851"));
		ck_assert(!kit_misses(&kit, UCR, viewers[i], CHINA, "4"));
		ck_assert(!kit_misses(&kit, UCR, viewers[i], CHINA, "861"));
	}
	kit_decide(&kit, "cn.gacc", declaration, D(RELEASED));
	kit_decide(&kit, "cn.plants", declaration, D(SAMPLED_AWAITING_LAB));
	ck_assert_int_eq(kit_leg(&kit, UCR, "th.revenue", CHINA), S(SAMPLED_AWAITING_LAB));
	kit_decide(&kit, "cn.plants", declaration, D(RELEASED));
	ck_assert_int_eq(kit_leg(&kit, UCR, "th.revenue", CHINA), S(RELEASED));
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->n_findings, 0);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(laboratory_suspended_on_the_way_leaves_the_test_outstanding)
{
	documents_kit_init(&kit, DURIAN_DEMANDS, FORM_E);
	const Rivergate__V1__Header *declaration = send_durian();

	kit_event(&kit, "la.customs", UCR, KIT_EVENT(ARRIVED));
	kit_list(&kit, "th.doa", laboratory, STATE(SUSPENDED), STEP(ARRIVED), 0);
	static const char *const viewers[] = {"th.revenue", "la.customs", "cn.plants"};
	for (size_t i = 0; i < 3; i++) {
		const Rivergate__V1__Header *plan = kit_told(&kit, KIT_KIND(PLAN), viewers[i]);

		ck_assert_msg(plan != NULL, "%s is told nothing", viewers[i]);
		ck_assert_int_eq(plan->plan->change,
			RIVERGATE__V1__PLAN_FACTS__CHANGE__CHANGE_RULES);
		ck_assert(kit_misses_in(plan->plan, CHINA, "4"));
		ck_assert(!kit_misses_in(plan->plan, CHINA, "851"));
	}
	ck_assert_str_eq(kit_finding(&kit, UCR, "cn.plants", "ESTABLISHMENT_SUSPENDED"),
		"rests on laboratory TH LAB-7, which is suspended or withdrawn");
	kit_decide(&kit, "cn.plants", declaration, D(DOCUMENTS_REQUIRED));
	ck_assert_int_eq(kit_leg(&kit, UCR, "th.revenue", CHINA), S(DOCUMENTS_REQUIRED));
	ck_assert_int_eq(kit_status(&kit, UCR, "")->legs[CHINA]->turn,
		RIVERGATE__V1__TURN__TURN_TRADER);
	kit_list(&kit, "th.doa", laboratory, STATE(ACTIVE), STEP(ARRIVED), 0);
	ck_assert(!kit_misses(&kit, UCR, "th.revenue", CHINA, "4"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(suspension_does_not_meet_what_took_the_step_before)
{
	documents_kit_init(&kit, DURIAN_DEMANDS, FORM_E);
	send_durian();
	kit_list(&kit, "th.doa", laboratory, STATE(SUSPENDED), STEP(LODGED), 0);
	ck_assert(!kit_misses(&kit, UCR, "", CHINA, "4"));
	kit_event(&kit, "th.revenue", UCR, KIT_EVENT(DEPARTED));
	kit_list(&kit, "th.doa", laboratory, STATE(WITHDRAWN), STEP(DEPARTED), 0);
	ck_assert(!kit_misses(&kit, UCR, "", CHINA, "4"));
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(ARRIVED));
	kit_list(&kit, "cn.gacc", laboratory, STATE(SUSPENDED), STEP(ARRIVED), 0);
	ck_assert(!kit_misses(&kit, UCR, "", CHINA, "4"));
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->n_findings, 0);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(suspension_begins_when_it_says)
{
	documents_kit_init(&kit, DURIAN_DEMANDS, FORM_E);
	send_durian();
	kit_list(&kit, "cn.gacc", laboratory, STATE(SUSPENDED), STEP(ARRIVED),
		kit.now_us + KIT_DAY);
	ck_assert(!kit_misses(&kit, UCR, "", CHINA, "4"));
	kit_wait(&kit, KIT_DAY - 10 * KIT_SECOND);
	ck_assert(!kit_misses(&kit, UCR, "", CHINA, "4"));
	kit_wait(&kit, 20 * KIT_SECOND);
	ck_assert(kit_misses(&kit, UCR, "", CHINA, "4"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(word_of_a_member_that_is_not_concerned_suspends_nothing)
{
	documents_kit_init(&kit, DURIAN_DEMANDS, FORM_E);
	send_durian();
	kit_list(&kit, "la.plants", laboratory, STATE(WITHDRAWN), STEP(ARRIVED), 0);
	kit_list(&kit, "cn.gacc", kit_establishment(&kit, LABORATORY, "TH", "LAB-8"),
		STATE(WITHDRAWN), STEP(ARRIVED), 0);
	ck_assert(!kit_misses(&kit, UCR, "", CHINA, "4"));
	ck_assert(!kit_finds(&kit, UCR, "", "ESTABLISHMENT_SUSPENDED"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(certificate_that_names_no_establishment_does_not_satisfy)
{
	documents_kit_init(&kit, LAB_TEST, "");
	Rivergate__V1__CertificateFacts *test = kit_certificate(&kit, "4", "LA", "T-1", 0);
	Rivergate__V1__Header *header = kit_declaration(&kit, UCR, 18 * TONNE);

	kit_rest_on(&kit, test, kit_establishment(&kit, PACKHOUSE, "LA", "1"));
	kit_certify(&kit, "la.plants", test);
	kit_rely(&kit, header, test, NULL);
	kit_take(&kit, header);
	ck_assert_str_eq(kit_finding(&kit, UCR, "", "ESTABLISHMENT_MISSING"),
		"names no laboratory");
	ck_assert(kit_misses(&kit, UCR, "", IMPORT, "4"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(recognition_satisfies_only_for_its_issuers_and_goods)
{
	static const struct {
		const char *country;
		const char *issuer;
		const char *hs6;
		bool is_missed;
	} cases[] = {
		{"TH", "th.doa", "081060", false},
		{"LA", "la.plants", "081060", true},
		{"TH", "th.doa", "080450", true},
	};

	for (size_t i = 0; i < 3; i++) {
		documents_kit_init(&kit, "{\"type\":\"861\"}", FORM_E);
		Rivergate__V1__CertificateFacts *form =
			kit_certificate(&kit, "form-e", cases[i].country, "E-1", 0);
		Rivergate__V1__Header *header = kit_declaration(&kit, UCR, 5);

		header->goods[0]->hs6 = members_text(cases[i].hs6);
		kit_certify(&kit, cases[i].issuer, form);
		kit_rely(&kit, header, form, NULL);
		kit_take(&kit, header);
		ck_assert_msg(kit_misses(&kit, UCR, "", IMPORT, "861") == cases[i].is_missed, "%zu",
			i);
		ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(PENDING));
		window_kit_deinit(&kit);
	}
}
END_TEST

/* Recognised is what a list says: of this version, or of the newest. */
#define LISTED(version) \
	",\"recognitions\":[{\"id\":\"tests\",\"of\":\"SUBJECT_ESTABLISHMENT\"," \
	"\"effect\":\"EFFECT_SATISFIES_DOCUMENT\",\"document\":\"4\",\"by\":\"1\"," \
	"\"issuers\":[\"LA\"],\"list\":\"laboratories\"," version \
	"\"instrument\":{\"instrument\":\"Protocol on Tests\",\"article\":\"3\"}}]"

static void rely_on(const char *ucr, const Rivergate__V1__CertificateFacts *facts)
{
	Rivergate__V1__Header *header = kit_declaration(&kit, ucr, 5);

	kit_rely(&kit, header, facts, NULL);
	kit_take(&kit, header);
}

static bool misses_test(const char *ucr)
{
	return kit_misses(&kit, ucr, "", IMPORT, "4");
}

START_TEST(recognition_by_a_list_satisfies_for_who_is_on_it)
{
	for (unsigned is_pinned = 0; is_pinned < 2; is_pinned++) {
		documents_kit_init(&kit, "{\"type\":\"4\"}",
			is_pinned ? LISTED("\"listVersion\":\"1\",") : LISTED(""));
		Rivergate__V1__CertificateFacts *facts = kit_certificate(&kit, "1", "LA", "T-1", 0);
		Rivergate__V1__EstablishmentRef *one =
			kit_establishment(&kit, LABORATORY, "LA", "LAB-1");

		kit_rest_on(&kit, facts, one);
		kit_certify(&kit, "la.plants", facts);
		rely_on(UCR, facts);
		ck_assert(misses_test(UCR));
		ck_assert_str_eq(kit_finding(&kit, UCR, "", "ESTABLISHMENT_NOT_LISTED"),
			"names no establishment of the list laboratories");
		kit_list_as(&kit, "th.doa", one, STATE(ACTIVE), "laboratories", "1");
		kit_list_as(&kit, "la.plants", one, STATE(ACTIVE), "orchards", "1");
		ck_assert(misses_test(UCR));
		kit_list_as(&kit, "la.plants", one, STATE(ACTIVE), "laboratories", "2");
		kit_take(&kit, NULL);
		ck_assert_int_eq(misses_test(UCR), is_pinned);
		kit_list_as(&kit, "la.plants", one, STATE(ACTIVE), "laboratories", "1");
		kit_take(&kit, NULL);
		ck_assert(!misses_test(UCR));
		ck_assert(!kit_finds(&kit, UCR, "", "ESTABLISHMENT_NOT_LISTED"));
		kit_list_as(&kit, "la.plants", one, STATE(WITHDRAWN), "laboratories", "2");
		rely_on("26TH2", facts);
		ck_assert(!misses_test(UCR)); /* lodged before */
		ck_assert(misses_test("26TH2"));
		window_kit_deinit(&kit);
	}
}
END_TEST

/* A part released, and certificates for later */

static Rivergate__V1__Header *send_fruit(const char *ucr, int64_t tonnes,
	const Rivergate__V1__CertificateFacts *facts)
{
	Rivergate__V1__Header *header = kit_declaration(&kit, ucr, tonnes * TONNE);

	kit_rely(&kit, header, facts, NULL);
	kit_take(&kit, header);
	return header;
}

START_TEST(rest_that_is_destroyed_gives_nothing_of_the_released_part_back)
{
	documents_kit_init(&kit, "{\"type\":\"851\",\"quantityCounts\":true}", "");
	Rivergate__V1__CertificateFacts *facts =
		kit_certificate(&kit, "851", "LA", "PC-1", 20 * TONNE);

	kit_certify(&kit, "la.plants", facts);
	const Rivergate__V1__Header *first = send_fruit("26LA1", 18, facts);

	send_fruit("26LA2", 18, facts);
	kit_decide(&kit, "cn.plants", first, D(PARTLY_RELEASED));
	kit_decide(&kit, "cn.plants", first, D(DESTROY_ORDERED));
	ck_assert_int_eq(kit_leg(&kit, "26LA1", "", IMPORT), S(DESTROY_ORDERED));
	kit_take(&kit, NULL);
	ck_assert(kit_finds(&kit, "26LA2", "", "BALANCE_EXCEEDED"));
	kit_decide(&kit, "cn.plants", first, D(REVOKED));
	kit_decide(&kit, "cn.plants", first, D(DESTROY_ORDERED));
	kit_take(&kit, NULL);
	ck_assert(!kit_finds(&kit, "26LA2", "", "BALANCE_EXCEEDED"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(certificate_for_later_than_the_goods_is_found)
{
	documents_kit_init(&kit, "{\"type\":\"851\"}", "");
	Rivergate__V1__CertificateFacts *facts =
		kit_certificate(&kit, "851", "LA", "PC-1", 20 * TONNE);

	facts->valid_from = members_text("2026-11-25");
	kit_certify(&kit, "la.plants", facts);
	send_fruit("26LA1", 18, facts);
	ck_assert(kit_misses(&kit, "26LA1", "", IMPORT, "851"));
	ck_assert(!kit_finds(&kit, "26LA1", "", "CERTIFICATE_BEGINS"));
	send_fruit("26LA2", 2, facts);
	kit_event(&kit, "cn.gacc", "26LA2", KIT_EVENT(ARRIVED));
	ck_assert_str_eq(kit_finding(&kit, "26LA2", "", "CERTIFICATE_BEGINS"),
		"valid from 2026-11-25, which is after the goods arrived in CN");
	kit_wait(&kit, 3 * KIT_DAY);
	kit_take(&kit, NULL);
	ck_assert(!kit_misses(&kit, "26LA1", "", IMPORT, "851"));
	ck_assert(kit_misses(&kit, "26LA2", "", IMPORT, "851"));
	window_kit_deinit(&kit);
}
END_TEST

CHECK_MAIN("rules_demands", durian_with_all_its_papers_misses_nothing,
	laboratory_suspended_on_the_way_leaves_the_test_outstanding,
	suspension_does_not_meet_what_took_the_step_before, suspension_begins_when_it_says,
	word_of_a_member_that_is_not_concerned_suspends_nothing,
	certificate_that_names_no_establishment_does_not_satisfy,
	recognition_satisfies_only_for_its_issuers_and_goods,
	recognition_by_a_list_satisfies_for_who_is_on_it,
	rest_that_is_destroyed_gives_nothing_of_the_released_part_back,
	certificate_for_later_than_the_goods_is_found)
