/*
 * Alerts, non-compliance, notices and enquiries: what is flagged and for whom, who is reminded.
 */
#include "rules/rows.h"
#include "suite.h"
#include "window_kit.h"

#define D(name)   KIT_DECISION(name)
#define S(name)   KIT_STATUS(name)
#define LEVEL(n)  RIVERGATE__V1__PEST_ALERT_FACTS__LEVEL__LEVEL_##n
#define REASON(n) RIVERGATE__V1__REMINDER_FACTS__REASON__REASON_##n
#define EXTENT(n) RIVERGATE__V1__ENQUIRY_REPLY_FACTS__EXTENT__EXTENT_##n
#define IMPORT    1
#define UCR       "26LA123"

static struct window_kit kit;

static Rivergate__V1__Header *declare(const char *ucr, const char *hs6)
{
	Rivergate__V1__Header *header = kit_declaration(&kit, ucr, 18000);

	header->goods[0]->hs6 = members_text(hs6);
	kit_take(&kit, header);
	return header;
}

/* What an alert says; NULL: nothing. */
struct alerting {
	const char *from;
	const char *number;
	const char *organism;
	const char *hs;
	const char *origin;
	Rivergate__V1__PestAlertFacts__Level level;
	int64_t valid_until_us;
};

static void alert(const struct alerting *it)
{
	Rivergate__V1__Header *header = kit_header(&kit, KIT_KIND(PEST_ALERT), it->from, "");
	Rivergate__V1__PestAlertFacts facts = RIVERGATE__V1__PEST_ALERT_FACTS__INIT;
	Rivergate__V1__GoodsMatch match = RIVERGATE__V1__GOODS_MATCH__INIT;
	Rivergate__V1__GoodsMatch *matches[] = {&match};
	char *hs[] = {members_text(it->hs)};
	char *origins[] = {members_text(it->origin)};
	char *areas[] = {members_text("LA-LM"), members_text("LA-OU")};

	match.hs = hs;
	match.n_hs = it->hs != NULL;
	match.origins = origins;
	match.n_origins = it->origin != NULL;
	facts.number = members_text(it->number);
	facts.organism = members_text(it->organism);
	facts.level = it->level;
	facts.valid_until_us = it->valid_until_us;
	facts.goods = matches;
	facts.n_goods = 1;
	facts.areas = areas;
	facts.n_areas = 2;
	header->facts_case = RIVERGATE__V1__HEADER__FACTS_PEST_ALERT;
	header->pest_alert = &facts;
	kit_take(&kit, header);
}

static const struct alerting fruit_fly = {"cn.plants", "2026-7", "BCTRDO", "0810", "LA",
	LEVEL(SUSPECTED), 0};

static bool is_flagged(const char *ucr, const char *party)
{
	return kit_finds(&kit, ucr, party, "PEST_ALERT");
}

static const char *text_of(const char *ucr, const char *party, const char *rule)
{
	const Rivergate__V1__StatusFacts *status = kit_status(&kit, ucr, party);

	for (size_t i = 0; i < status->n_findings; i++) {
		if (strcmp(status->findings[i]->rule, rule) == 0) {
			return status->findings[i]->text;
		}
	}
	return "";
}

/* Rows of a table. */
static rg_err count_row(void *context, struct rg_bytes rest, bool *ret_goes_on)
{
	(void)rest;
	++*(size_t *)context;
	*ret_goes_on = true;
	return RG_OK;
}

static size_t rows_of(enum rows_table table)
{
	scoped(buf_deinitv) struct buf prefix = {.data = NULL};
	size_t n = 0;
	const struct rows_sink sink = {count_row, &n};

	rows_key(&prefix, table, "");
	ck_assert_int_eq(rows_walk(&kit.store, &prefix, &sink), RG_OK);
	return n;
}

/* Alerts */

START_TEST(alert_flags_open_and_new_consignments_and_says_why)
{
	window_kit_init(&kit);
	declare(UCR, "081060");
	alert(&fruit_fly);
	declare("26LA124", "081090");
	ck_assert(is_flagged(UCR, "la.customs"));
	ck_assert(is_flagged(UCR, "cn.gacc"));
	ck_assert(is_flagged("26LA124", "cn.plants"));
	ck_assert_str_eq(text_of(UCR, "", "PEST_ALERT"),
		"BCTRDO: suspected by cn.plants, alert 2026-7, in LA-LM LA-OU (whether the goods "
		"are "
		"from there is not known); an alert holds nothing");
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(PENDING));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(other_goods_are_not_flagged)
{
	window_kit_init(&kit);
	struct alerting of_thailand = fruit_fly;
	struct alerting elsewhere = fruit_fly;

	declare(UCR, "080390");
	alert(&fruit_fly);
	declare("26LA124", "081060");
	ck_assert(!is_flagged(UCR, ""));
	ck_assert(is_flagged("26LA124", ""));
	window_kit_deinit(&kit);
	window_kit_init(&kit);
	declare(UCR, "081060");
	of_thailand.origin = "TH";
	elsewhere.hs = "081020";
	elsewhere.number = "2026-8";
	alert(&of_thailand);
	alert(&elsewhere);
	declare("26LA124", "081060");
	ck_assert(!is_flagged(UCR, ""));
	ck_assert(!is_flagged("26LA124", ""));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(alert_about_all_goods_flags_every_consignment)
{
	window_kit_init(&kit);
	struct alerting any = fruit_fly;

	any.hs = NULL;
	any.origin = NULL;
	declare(UCR, "840999");
	alert(&any);
	ck_assert(is_flagged(UCR, ""));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(later_alert_of_the_same_number_replaces_the_first)
{
	window_kit_init(&kit);
	struct alerting next = fruit_fly;

	declare(UCR, "081060");
	alert(&fruit_fly);
	next.level = LEVEL(CONFIRMED);
	alert(&next);
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->n_findings, 1);
	ck_assert_ptr_nonnull(strstr(text_of(UCR, "", "PEST_ALERT"), "confirmed by cn.plants"));
	next.hs = "0803";
	alert(&next);
	ck_assert(!is_flagged(UCR, ""));
	ck_assert_uint_eq(rows_of(ROWS_ALERT), 1);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(lifted_alert_flags_nothing_any_more)
{
	window_kit_init(&kit);
	struct alerting lifted = fruit_fly;

	declare(UCR, "081060");
	alert(&fruit_fly);
	lifted.level = LEVEL(LIFTED);
	lifted.hs = "99";
	alert(&lifted);
	ck_assert(!is_flagged(UCR, ""));
	ck_assert_ptr_nonnull(kit_told(&kit, KIT_KIND(STATUS), "la.customs"));
	declare("26LA124", "081060");
	ck_assert(!is_flagged("26LA124", ""));
	ck_assert_uint_eq(rows_of(ROWS_ALERT), 0);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(alert_ends_by_itself)
{
	window_kit_init(&kit);
	struct alerting short_one = fruit_fly;

	declare(UCR, "081060");
	short_one.valid_until_us = kit.now_us + KIT_DAY;
	alert(&short_one);
	kit_wait(&kit, KIT_DAY / 2);
	ck_assert(is_flagged(UCR, ""));
	kit_wait(&kit, KIT_DAY);
	ck_assert(!is_flagged(UCR, ""));
	ck_assert_uint_eq(rows_of(ROWS_ALERT), 0);
	alert(&short_one);
	ck_assert(!is_flagged(UCR, ""));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(alert_of_who_is_not_competent_changes_nothing)
{
	static const struct {
		const char *from;
		bool is_competent;
	} cases[] = {{"cn.plants", true}, {"cn.plants.mohan", true}, {"th.doa", true},
		{"cn.gacc", false}, {"cn.health", false}, {"la.customs", false}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct alerting it = fruit_fly;

		window_kit_init(&kit);
		it.from = cases[i].from;
		declare(UCR, "081060");
		alert(&it);
		ck_assert_msg(is_flagged(UCR, "") == cases[i].is_competent, "%s", it.from);
		window_kit_deinit(&kit);
	}
}
END_TEST

START_TEST(competence_for_one_organism_is_none_for_others)
{
	static const char profile[] =
		"{\"member\":\"cn\",\"version\":\"2\",\"competences\":["
		"{\"authority\":\"cn.plants\",\"organisms\":[\"BCTRDO\",\"PHYP64\"]}]}";
	struct alerting other = fruit_fly;

	window_kit_init(&kit);
	window_kit_apply_profile(&kit, profile, CN);
	declare(UCR, "081060");
	other.organism = "FMD";
	alert(&other);
	ck_assert(!is_flagged(UCR, ""));
	alert(&fruit_fly);
	ck_assert(is_flagged(UCR, ""));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(nobody_lifts_the_alert_of_another)
{
	window_kit_init(&kit);
	struct alerting lifted = fruit_fly;

	declare(UCR, "081060");
	alert(&fruit_fly);
	lifted.level = LEVEL(LIFTED);
	lifted.from = "th.doa";
	alert(&lifted);
	lifted.from = "cn.gacc";
	alert(&lifted);
	ck_assert(is_flagged(UCR, ""));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(alert_without_number_or_with_an_endless_one_changes_nothing)
{
	static char endless[1000];
	struct alerting it = fruit_fly;

	window_kit_init(&kit);
	declare(UCR, "081060");
	it.number = "";
	alert(&it);
	memset(endless, '7', sizeof(endless) - 1);
	it.number = endless;
	alert(&it);
	ck_assert(!is_flagged(UCR, ""));
	it.number = "7";
	it.organism = endless;
	alert(&it);
	ck_assert(is_flagged(UCR, ""));
	ck_assert_uint_lt(strlen(text_of(UCR, "", "PEST_ALERT")), 400);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(what_is_over_is_neither_flagged_nor_looked_for)
{
	window_kit_init(&kit);
	const Rivergate__V1__Header *declaration = declare(UCR, "081060");

	ck_assert_uint_eq(rows_of(ROWS_GOODS), 1);
	kit_decide(&kit, "cn.gacc", declaration, D(RELEASED));
	kit_decide(&kit, "cn.plants", declaration, D(RELEASED));
	ck_assert_uint_eq(rows_of(ROWS_GOODS), 0);
	alert(&fruit_fly);
	ck_assert(!is_flagged(UCR, ""));
	kit_decide(&kit, "cn.plants", declaration, D(REVOKED));
	ck_assert(is_flagged(UCR, ""));
	ck_assert_uint_eq(rows_of(ROWS_GOODS), 1);
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(GATE_OUT));
	ck_assert_uint_eq(rows_of(ROWS_GOODS), 0);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(amended_goods_are_looked_for_in_place_of_the_old)
{
	window_kit_init(&kit);
	const Rivergate__V1__Header *declaration = declare(UCR, "081060");
	Rivergate__V1__Header *second = kit_declaration(&kit, UCR, 18000);

	second->kind = KIT_KIND(AMENDMENT);
	second->version = 2;
	second->goods[0]->hs6 = members_text("080390");
	kit_refer(&kit, second, declaration, RIVERGATE__V1__RELATION__RELATION_AMENDS);
	kit_take(&kit, second);
	ck_assert_uint_eq(rows_of(ROWS_GOODS), 1);
	alert(&fruit_fly);
	ck_assert(!is_flagged(UCR, ""));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(goods_that_were_only_found_are_flagged_to_their_finder)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *declaration = declare(UCR, "121190");
	Rivergate__V1__Header *found = kit_header(&kit, KIT_KIND(ACKNOWLEDGEMENT), "cn.gacc", UCR);
	Rivergate__V1__AcknowledgementFacts facts = RIVERGATE__V1__ACKNOWLEDGEMENT_FACTS__INIT;
	const Rivergate__V1__Header *fruit = kit_declaration(&kit, UCR, 3);

	facts.goods = fruit->goods;
	facts.n_goods = 1;
	found->facts_case = RIVERGATE__V1__HEADER__FACTS_ACKNOWLEDGEMENT;
	found->acknowledgement = &facts;
	kit_refer(&kit, found, declaration, RIVERGATE__V1__RELATION__RELATION_ACKNOWLEDGES);
	kit_take(&kit, found);
	alert(&fruit_fly);
	ck_assert(is_flagged(UCR, "cn.gacc"));
	ck_assert(!is_flagged(UCR, "la.customs"));
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(ARRIVED));
	ck_assert(is_flagged(UCR, "la.customs"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(many_consignments_are_flagged_over_several_records)
{
	static char ucrs[WINDOW_DUE_MAX + 10][16];

	window_kit_init(&kit);
	for (unsigned i = 0; i < WINDOW_DUE_MAX + 10; i++) {
		snprintf(ucrs[i], sizeof(ucrs[i]), "26LA%03u", i);
		kit_take(&kit, kit_declaration(&kit, ucrs[i], 5));
	}
	alert(&fruit_fly);
	ck_assert(is_flagged(ucrs[0], ""));
	ck_assert(!is_flagged(ucrs[WINDOW_DUE_MAX + 9], ""));
	kit_wait(&kit, 2 * KIT_SECOND);
	ck_assert(is_flagged(ucrs[WINDOW_DUE_MAX + 9], ""));
	window_kit_deinit(&kit);
}
END_TEST

/* Cattle from Laos; foot-and-mouth disease is suspected, and lifted. */
START_TEST(suspected_disease_flags_and_only_an_authority_holds_and_releases)
{
	struct alerting disease = {"cn.plants", "FMD-3", "FMD", "0102", "LA", LEVEL(SUSPECTED), 0};

	window_kit_init(&kit);
	const Rivergate__V1__Header *declaration = declare(UCR, "010229");
	alert(&disease);
	ck_assert(is_flagged(UCR, "la.customs"));
	ck_assert_int_eq(kit_leg(&kit, UCR, "la.customs", IMPORT), S(PENDING));
	ck_assert_str_eq(kit_status(&kit, UCR, "la.customs")->held_by, "");
	kit_decide(&kit, "cn.gacc", declaration, D(HOLD));
	ck_assert_int_eq(kit_leg(&kit, UCR, "la.customs", IMPORT), S(HOLD));
	ck_assert_str_eq(kit_status(&kit, UCR, "la.customs")->held_by, "cn.gacc");
	disease.level = LEVEL(LIFTED);
	alert(&disease);
	ck_assert(!is_flagged(UCR, "la.customs"));
	ck_assert_int_eq(kit_leg(&kit, UCR, "la.customs", IMPORT), S(HOLD));
	kit_decide(&kit, "cn.gacc", declaration, D(RELEASED));
	ck_assert_int_eq(kit_leg(&kit, UCR, "la.customs", IMPORT), S(RELEASED));
	window_kit_deinit(&kit);
}
END_TEST

/* Non-compliance */

static void complain(const char *from, const char *issuer_country)
{
	Rivergate__V1__Header *header = kit_header(&kit, KIT_KIND(NON_COMPLIANCE), from, UCR);
	Rivergate__V1__NonComplianceFacts facts = RIVERGATE__V1__NON_COMPLIANCE_FACTS__INIT;

	facts.certificate_type = members_text("851");
	facts.certificate_number = members_text("PC-7");
	facts.issuer_country = members_text(issuer_country);
	facts.action = D(RETURN_ORDERED);
	header->facts_case = RIVERGATE__V1__HEADER__FACTS_NON_COMPLIANCE;
	header->non_compliance = &facts;
	kit_take(&kit, header);
}

START_TEST(non_compliance_is_seen_by_who_certified_and_who_complains)
{
	window_kit_init(&kit);
	declare(UCR, "081060");
	complain("cn.gacc", "LA");
	ck_assert_str_eq(text_of(UCR, "la.customs", "NON_COMPLIANCE"),
		"certificate PC-7 of type 851 of LA does not comply; action on the goods: "
		"RETURN_ORDERED");
	ck_assert(kit_finds(&kit, UCR, "cn.plants", "NON_COMPLIANCE"));
	ck_assert_int_eq(kit_leg(&kit, UCR, "", IMPORT), S(PENDING));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(non_compliance_is_not_for_other_members_nor_from_strangers)
{
	window_kit_init(&kit);
	declare(UCR, "081060");
	complain("cn.gacc", "TH");
	ck_assert(kit_finds(&kit, UCR, "cn.gacc", "NON_COMPLIANCE"));
	ck_assert(!kit_finds(&kit, UCR, "la.customs", "NON_COMPLIANCE"));
	window_kit_deinit(&kit);
	window_kit_init(&kit);
	declare(UCR, "081060");
	complain("th.doa", "LA");
	ck_assert(!kit_finds(&kit, UCR, "", "NON_COMPLIANCE"));
	ck_assert(!kit_finds(&kit, UCR, "la.customs", "NOT_ON_THIS_LEG"));
	window_kit_deinit(&kit);
}
END_TEST

/* Notices */

static Rivergate__V1__Header *notify(int64_t acknowledge_within_us, bool is_exercise)
{
	static char *to[3];
	static Rivergate__V1__EmergencyNoticeFacts facts;
	Rivergate__V1__Header *header =
		kit_header(&kit, KIT_KIND(EMERGENCY_NOTICE), "cn.gacc", UCR);

	rivergate__v1__emergency_notice_facts__init(&facts);
	to[0] = members_text("la.customs.boten");
	to[1] = members_text("th.doa");
	to[2] = members_text("th.doa.desk");
	header->to = to;
	header->n_to = 3;
	facts.number = members_text("N-1");
	facts.exercise = is_exercise;
	facts.acknowledge_by_us = acknowledge_within_us ? kit.now_us + acknowledge_within_us : 0;
	header->facts_case = RIVERGATE__V1__HEADER__FACTS_EMERGENCY_NOTICE;
	header->emergency_notice = &facts;
	kit_take(&kit, header);
	return header;
}

static void acknowledge(const char *from, const Rivergate__V1__Header *notice, const char *code)
{
	Rivergate__V1__Header *header = kit_header(&kit, KIT_KIND(ACKNOWLEDGEMENT), from, "");
	Rivergate__V1__AcknowledgementFacts facts = RIVERGATE__V1__ACKNOWLEDGEMENT_FACTS__INIT;

	facts.outcome = RIVERGATE__V1__ACKNOWLEDGEMENT_FACTS__OUTCOME__OUTCOME_TAKEN_OVER;
	facts.native_code = members_text(code);
	header->facts_case = RIVERGATE__V1__HEADER__FACTS_ACKNOWLEDGEMENT;
	header->acknowledgement = &facts;
	kit_refer(&kit, header, notice, RIVERGATE__V1__RELATION__RELATION_ACKNOWLEDGES);
	kit_take(&kit, header);
}

START_TEST(who_has_not_read_a_notice_is_reminded_once)
{
	window_kit_init(&kit);
	const Rivergate__V1__Header *notice = notify(KIT_HOUR, false);

	acknowledge("la.customs.boten", notice, "READ");
	kit_wait(&kit, KIT_HOUR / 2);
	ck_assert_uint_eq(kit.n_reminders, 0);
	kit_wait(&kit, KIT_DAY);
	ck_assert_uint_eq(kit.n_reminders, 1);
	ck_assert_str_eq(kit.reminder->to[0], "th.doa");
	ck_assert_int_eq(kit.reminder->reminder->reason, REASON(NOTICE_UNREAD));
	ck_assert_str_eq(kit.reminder->reminder->subject, "N-1");
	ck_assert_uint_eq(rows_of(ROWS_NOTICE), 0);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(notice_that_all_have_read_reminds_nobody)
{
	window_kit_init(&kit);
	const Rivergate__V1__Header *notice = notify(KIT_HOUR, false);

	acknowledge("la.customs.boten", notice, "READ");
	acknowledge("th.doa", notice, "READ");
	ck_assert_uint_eq(rows_of(ROWS_NOTICE), 0);
	ck_assert_uint_eq(rows_of(ROWS_TIMER), 0);
	kit_wait(&kit, KIT_DAY);
	ck_assert_uint_eq(kit.n_reminders, 0);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(machine_or_stranger_does_not_read_for_a_person)
{
	window_kit_init(&kit);
	const Rivergate__V1__Header *notice = notify(KIT_HOUR, true);
	Rivergate__V1__Header other = *notice;

	acknowledge("la.customs.boten", notice, "");
	acknowledge("th.doa", notice, "ACCEPTED");
	acknowledge("la.customs", notice, "READ");
	other.from = members_text("cn.plants");
	acknowledge("th.doa", &other, "READ");
	kit_wait(&kit, KIT_DAY);
	ck_assert_uint_eq(kit.n_reminders, 2);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(notice_changes_no_consignment_and_without_a_time_reminds_nobody)
{
	window_kit_init(&kit);
	declare(UCR, "081060");
	notify(0, true);
	ck_assert_uint_eq(kit.result.n_told, 0);
	ck_assert_uint_eq(rows_of(ROWS_NOTICE), 0);
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->n_findings, 0);
	kit_wait(&kit, 400 * KIT_DAY);
	ck_assert_uint_eq(kit.n_reminders, 0);
	window_kit_deinit(&kit);
}
END_TEST

/* Enquiries */

static Rivergate__V1__Header *enquire(int64_t reply_by_us, size_t n_to)
{
	static char *to[2];
	static Rivergate__V1__EnquiryFacts facts;
	Rivergate__V1__Header *header = kit_header(&kit, KIT_KIND(ENQUIRY), "la.customs", UCR);

	rivergate__v1__enquiry_facts__init(&facts);
	to[0] = members_text("cn.gacc");
	to[1] = members_text("cn.plants");
	header->to = to;
	header->n_to = n_to;
	facts.purpose = members_text("undervaluation");
	facts.reply_by_us = reply_by_us;
	header->facts_case = RIVERGATE__V1__HEADER__FACTS_ENQUIRY;
	header->enquiry = &facts;
	kit_take(&kit, header);
	return header;
}

static void reply(const char *from, const Rivergate__V1__Header *enquiry,
	Rivergate__V1__EnquiryReplyFacts__Extent extent)
{
	Rivergate__V1__Header *header = kit_header(&kit, KIT_KIND(ENQUIRY_REPLY), from, UCR);
	Rivergate__V1__EnquiryReplyFacts facts = RIVERGATE__V1__ENQUIRY_REPLY_FACTS__INIT;
	char *withheld[] = {members_text("prices")};

	facts.extent = extent;
	facts.withheld = withheld;
	facts.n_withheld = 1;
	header->facts_case = RIVERGATE__V1__HEADER__FACTS_ENQUIRY_REPLY;
	header->enquiry_reply = &facts;
	kit_refer(&kit, header, enquiry, RIVERGATE__V1__RELATION__RELATION_IN_REPLY_TO);
	kit_take(&kit, header);
}

/* Garlic, undervalued: answered in part on day 60; nobody else sees anything. */
START_TEST(enquiry_is_answered_in_part_and_seen_by_nobody_else)
{
	window_kit_init(&kit);
	declare(UCR, "070320");
	const Rivergate__V1__Header *enquiry = enquire(0, 1);

	ck_assert_uint_eq(kit.result.n_told, 0);
	ck_assert_uint_eq(kit.result.n_recipients, 0);
	kit_wait(&kit, 60 * KIT_DAY);
	reply("cn.gacc", enquiry, EXTENT(IN_PART));
	ck_assert_uint_eq(kit.result.n_told, 0);
	kit_wait(&kit, 400 * KIT_DAY);
	ck_assert_uint_eq(kit.n_reminders, 0);
	ck_assert_uint_eq(rows_of(ROWS_ENQUIRY), 0);
	ck_assert_uint_eq(kit_status(&kit, UCR, "")->n_findings, 0);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(unanswered_enquiry_reminds_who_was_asked_after_90_days)
{
	window_kit_init(&kit);
	const Rivergate__V1__Header *enquiry = enquire(0, 1);
	int64_t due_us = kit.now_us + 90 * KIT_DAY;

	reply("cn.plants", enquiry, EXTENT(COMPLETE));
	reply("la.customs", enquiry, EXTENT(COMPLETE));
	reply("cn.gacc", enquiry, EXTENT(UNSPECIFIED));
	kit_wait(&kit, 89 * KIT_DAY);
	ck_assert_uint_eq(kit.n_reminders, 0);
	kit_wait(&kit, 100 * KIT_DAY);
	ck_assert_uint_eq(kit.n_reminders, 1);
	ck_assert_str_eq(kit.reminder->to[0], "cn.gacc");
	ck_assert_str_eq(kit.reminder->ucr, "");
	ck_assert_int_eq(kit.reminder->reminder->reason, REASON(ENQUIRY_DUE));
	ck_assert_int_eq(kit.reminder->reminder->due_us, due_us);
	ck_assert_uint_eq(strlen(kit.reminder->reminder->subject), 32);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(enquiry_with_a_time_of_its_own_is_due_then)
{
	window_kit_init(&kit);
	enquire(kit.now_us + 10 * KIT_DAY, 1);
	kit_wait(&kit, 9 * KIT_DAY);
	ck_assert_uint_eq(kit.n_reminders, 0);
	kit_wait(&kit, 2 * KIT_DAY);
	ck_assert_uint_eq(kit.n_reminders, 1);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(enquiry_to_several_has_no_clock)
{
	window_kit_init(&kit);
	enquire(0, 2);
	ck_assert_uint_eq(rows_of(ROWS_ENQUIRY), 0);
	kit_wait(&kit, 400 * KIT_DAY);
	ck_assert_uint_eq(kit.n_reminders, 0);
	window_kit_deinit(&kit);
}
END_TEST

CHECK_MAIN("rules_alerts", alert_flags_open_and_new_consignments_and_says_why,
	other_goods_are_not_flagged, alert_about_all_goods_flags_every_consignment,
	later_alert_of_the_same_number_replaces_the_first, lifted_alert_flags_nothing_any_more,
	alert_ends_by_itself, alert_of_who_is_not_competent_changes_nothing,
	competence_for_one_organism_is_none_for_others, nobody_lifts_the_alert_of_another,
	alert_without_number_or_with_an_endless_one_changes_nothing,
	what_is_over_is_neither_flagged_nor_looked_for,
	amended_goods_are_looked_for_in_place_of_the_old,
	goods_that_were_only_found_are_flagged_to_their_finder,
	many_consignments_are_flagged_over_several_records,
	suspected_disease_flags_and_only_an_authority_holds_and_releases,
	non_compliance_is_seen_by_who_certified_and_who_complains,
	non_compliance_is_not_for_other_members_nor_from_strangers,
	who_has_not_read_a_notice_is_reminded_once, notice_that_all_have_read_reminds_nobody,
	machine_or_stranger_does_not_read_for_a_person,
	notice_changes_no_consignment_and_without_a_time_reminds_nobody,
	enquiry_is_answered_in_part_and_seen_by_nobody_else,
	unanswered_enquiry_reminds_who_was_asked_after_90_days,
	enquiry_with_a_time_of_its_own_is_due_then, enquiry_to_several_has_no_clock)
