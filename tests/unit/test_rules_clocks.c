/*
 * Clocks: when a target begins, pauses and ends, who is reminded, and who sees what is due.
 */
#include "suite.h"
#include "window_kit.h"

#define D(name)   KIT_DECISION(name)
#define EXPORT    0
#define IMPORT    1
#define UCR       "26LA123"
#define TARGET    (2 * KIT_HOUR) /* of cn.plants for what perishes */
#define NEVER     RIVERGATE__V1__DISCLOSURE__DISCLOSURE_NEVER
#define REASON(n) RIVERGATE__V1__REMINDER_FACTS__REASON__REASON_##n

/* The same authority with office hours, Monday to Friday 9 to 17 in Beijing; no reason owed. */
#define HOURS(day) "{\"weekday\":" #day ",\"openMinute\":540,\"closeMinute\":1020}"
#define WITH_HOURS(version, target, on_call) \
	"{\"member\":\"cn\",\"version\":\"" version "\",\"rules\":[" \
	"{\"id\":\"fruit\",\"authority\":\"cn.plants\",\"role\":\"AUTHORITY_ROLE_DECIDES\"," \
	"\"regimes\":[\"REGIME_IMPORT\"],\"goods\":{\"hs\":[\"08\"]},\"targetUs\":\"" target \
	"\",\"calendar\":\"office\"," on_call \
	"\"legalBasis\":{\"instrument\":\"Law on Entry and Exit Quarantine\",\"article\":\"12\"}" \
	",\"source\":\"official gazette\"}]," \
	"\"calendars\":[{\"id\":\"office\",\"utcOffsetMinutes\":480,\"source\":\"notice\"," \
	"\"weekly\":[" HOURS(1) "," HOURS(2) "," HOURS(3) "," HOURS(4) "," HOURS(5) "]}]}"
#define ON_CALL "\"onCallForPerishables\":true,"

/* Nothing but customs decides. */
static const char without_rules[] = "{\"member\":\"cn\",\"version\":\"2\",\"rules\":["
				    "{\"id\":\"food\",\"authority\":\"cn.health\","
				    "\"role\":\"AUTHORITY_ROLE_INFORMED\",\"legalBasis\":"
				    "{\"instrument\":\"Food Safety Law\",\"article\":\"91\"},"
				    "\"assumption\":true}]}";

static struct window_kit kit;

static Rivergate__V1__Header *declare(void)
{
	Rivergate__V1__Header *header = kit_declaration(&kit, UCR, 18000);

	kit_take(&kit, header);
	return header;
}

static int64_t due(const char *party)
{
	return kit_status(&kit, UCR, party)->legs[IMPORT]->due_us;
}

/* Declared, arrived: cn.plants has two hours from now. */
static Rivergate__V1__Header *arrive(void)
{
	Rivergate__V1__Header *header = declare();

	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(ARRIVED));
	return header;
}

static void take_profile(const char *text)
{
	window_kit_apply_profile(&kit, text, CN);
	kit_take(&kit, kit_header(&kit, KIT_KIND(WINDOW_PROFILE), "cn.gacc", ""));
}

static void explain(const char *from, uint32_t leg)
{
	Rivergate__V1__Header *header = kit_header(&kit, KIT_KIND(DELAY_REASON), from, UCR);
	Rivergate__V1__DelayReasonFacts facts = RIVERGATE__V1__DELAY_REASON_FACTS__INIT;

	facts.leg = leg;
	header->facts_case = RIVERGATE__V1__HEADER__FACTS_DELAY_REASON;
	header->delay_reason = &facts;
	kit_take(&kit, header);
}

/* Where targets begin */

START_TEST(target_runs_from_the_arrival_of_what_is_declared)
{
	window_kit_init(&kit);
	declare();
	ck_assert_int_eq(due("cn.plants"), 0);
	kit_wait(&kit, KIT_DAY);
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(ARRIVED));
	ck_assert_int_eq(due("cn.plants"), kit.now_us + TARGET);
	ck_assert_int_eq(due("la.customs"), kit.now_us + TARGET);
	ck_assert_int_eq(kit_status(&kit, UCR, "")->legs[EXPORT]->due_us, 0);
	ck_assert_int_eq(kit_told(&kit, KIT_KIND(STATUS), "la.customs")
				 ->status->legs[IMPORT]
				 ->due_us,
		kit.now_us + TARGET);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(goods_that_have_not_arrived_have_no_target)
{
	window_kit_init(&kit);
	declare();
	kit_event(&kit, "la.customs", UCR, KIT_EVENT(DEPARTED));
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(PAID));
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(DOCUMENTS_COMPLETE));
	kit_wait(&kit, 30 * KIT_DAY);
	ck_assert_int_eq(due(""), 0);
	ck_assert_uint_eq(kit.n_reminders, 0);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(target_begins_with_the_last_of_papers_and_payment)
{
	window_kit_init(&kit);
	arrive();
	kit_wait(&kit, KIT_HOUR);
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(DOCUMENTS_COMPLETE));
	ck_assert_int_eq(due(""), kit.now_us + TARGET);
	kit_wait(&kit, KIT_HOUR);
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(PAID));
	ck_assert_int_eq(due(""), kit.now_us + TARGET);
	ck_assert_uint_eq(kit.n_reminders, 0);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(what_is_lodged_after_its_arrival_has_its_target_from_then)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *advance = kit_declaration(&kit, UCR, 18000);
	Rivergate__V1__Header *lodged = kit_declaration(&kit, UCR, 18000);

	advance->purpose = RIVERGATE__V1__PURPOSE__PURPOSE_ADVANCE;
	kit_take(&kit, advance);
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(ARRIVED));
	ck_assert_int_eq(due(""), kit.now_us + TARGET);
	kit_wait(&kit, KIT_HOUR);
	kit_take(&kit, lodged);
	ck_assert_int_eq(due(""), kit.now_us + TARGET);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(draft_or_cancelled_declaration_has_no_target)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *draft = kit_declaration(&kit, UCR, 18000);

	draft->purpose = RIVERGATE__V1__PURPOSE__PURPOSE_PREFILL;
	kit_take(&kit, draft);
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(ARRIVED));
	kit_wait(&kit, KIT_DAY);
	ck_assert_int_eq(due(""), 0);
	ck_assert_uint_eq(kit.n_reminders, 0);
	window_kit_deinit(&kit);
}
END_TEST

/* Pauses */

START_TEST(target_pauses_while_the_trader_is_asked)
{
	window_kit_init(&kit);
	static const Rivergate__V1__DecisionStatus asking[] = {D(DOCUMENTS_REQUIRED),
		D(TREATMENT_REQUIRED)};
	const Rivergate__V1__Header *declaration = arrive();
	int64_t left_us = TARGET;

	for (size_t i = 0; i < 2; i++) {
		int64_t until_us = due("");

		kit_wait(&kit, KIT_HOUR / 2);
		kit_decide(&kit, "cn.plants", declaration, asking[i]);
		left_us = until_us - kit.now_us;
		ck_assert_int_eq(due(""), 0);
		kit_wait(&kit, 3 * KIT_DAY);
		ck_assert_uint_eq(kit.n_reminders, 0);
		kit_decide(&kit, "cn.plants", declaration, D(INSPECT));
		ck_assert_int_eq(due(""), kit.now_us + left_us);
	}
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(complete_documents_end_a_pause_and_give_no_time)
{
	window_kit_init(&kit);
	const Rivergate__V1__Header *declaration = arrive();
	int64_t until_us = due("");

	kit_wait(&kit, KIT_HOUR);
	kit_decide(&kit, "cn.plants", declaration, D(DOCUMENTS_REQUIRED));
	int64_t left_us = until_us - kit.now_us;
	kit_wait(&kit, KIT_DAY);
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(DOCUMENTS_COMPLETE));
	until_us = kit.now_us + left_us;
	ck_assert_int_eq(due(""), until_us);
	kit_decide(&kit, "cn.plants", declaration, D(INSPECT));
	ck_assert_int_eq(due(""), until_us);
	kit_wait(&kit, KIT_HOUR);
	ck_assert_uint_eq(kit.n_reminders, 1);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(answer_of_another_authority_pauses_nothing)
{
	window_kit_init(&kit);
	const Rivergate__V1__Header *declaration = arrive();
	int64_t until_us = due("");

	kit_decide(&kit, "cn.gacc", declaration, D(DOCUMENTS_REQUIRED));
	kit_decide(&kit, "cn.plants", declaration, D(INSPECT));
	kit_decide(&kit, "cn.plants", declaration, D(SAMPLED_AWAITING_LAB));
	ck_assert_int_eq(due(""), until_us);
	window_kit_deinit(&kit);
}
END_TEST

/* Ends */

START_TEST(last_word_ends_the_target)
{
	static const Rivergate__V1__DecisionStatus last[] = {D(RELEASED), D(RELEASED_CONDITIONAL),
		D(REFUSED), D(RETURN_ORDERED), D(DESTROY_ORDERED), D(SEIZED), D(AUTHORISED),
		D(EXITED), D(DISCHARGED), D(CLOSED)};

	for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
		window_kit_init(&kit);
		kit_decide(&kit, "cn.plants", arrive(), last[i]);
		ck_assert_int_eq(due(""), 0);
		kit_wait(&kit, KIT_DAY);
		ck_assert_uint_eq(kit.n_reminders, 0);
		window_kit_deinit(&kit);
	}
}
END_TEST

START_TEST(other_answers_leave_it_running)
{
	static const Rivergate__V1__DecisionStatus others[] = {D(REGISTERED), D(ACCEPTED),
		D(INSPECTED_PASS), D(INSPECTED_FAIL), D(HOLD), D(PARTLY_RELEASED),
		D(MOVE_TO_STORAGE)};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		window_kit_init(&kit);
		kit_decide(&kit, "cn.plants", arrive(), others[i]);
		ck_assert_int_gt(due(""), kit.now_us);
		kit_wait(&kit, KIT_DAY);
		ck_assert_uint_eq(kit.n_reminders, 1);
		window_kit_deinit(&kit);
	}
}
END_TEST

START_TEST(release_taken_back_starts_the_target_again)
{
	window_kit_init(&kit);
	const Rivergate__V1__Header *declaration = declare();

	kit_decide(&kit, "cn.plants", declaration, D(RELEASED));
	kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(ARRIVED));
	ck_assert_int_eq(due(""), 0);
	kit_wait(&kit, KIT_DAY);
	kit_decide(&kit, "cn.plants", declaration, D(REVOKED));
	ck_assert_int_eq(due(""), kit.now_us + TARGET);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(stale_release_starts_the_target_again)
{
	window_kit_init(&kit);
	const Rivergate__V1__Header *declaration = arrive();
	Rivergate__V1__Header *second = kit_declaration(&kit, UCR, 24000);

	kit_decide(&kit, "cn.plants", declaration, D(RELEASED));
	kit_wait(&kit, KIT_DAY);
	second->kind = KIT_KIND(AMENDMENT);
	second->version = 2;
	kit_refer(&kit, second, declaration, RIVERGATE__V1__RELATION__RELATION_AMENDS);
	kit_take(&kit, second);
	kit_decide(&kit, "cn.plants", second, D(ACCEPTED));
	ck_assert_int_eq(due(""), 0);
	kit_decide(&kit, "cn.gacc", second, D(ACCEPTED));
	ck_assert_int_eq(due(""), kit.now_us + TARGET);
	window_kit_deinit(&kit);
}
END_TEST

/* Reminders */

START_TEST(missed_target_is_told_once_to_the_authority)
{
	window_kit_init(&kit);
	const Rivergate__V1__Header *declaration = arrive();
	int64_t due_us = due("");

	kit_wait(&kit, TARGET - KIT_SECOND);
	ck_assert_uint_eq(kit.n_reminders, 0);
	kit_wait(&kit, 5 * KIT_SECOND);
	ck_assert_uint_eq(kit.n_reminders, 1);
	ck_assert_str_eq(kit.reminder->to[0], "cn.plants");
	ck_assert_str_eq(kit.reminder->ucr, UCR);
	ck_assert_int_eq(kit.reminder->reminder->reason, REASON(DELAY_REASON_OWED));
	ck_assert_str_eq(kit.reminder->reminder->authority, "cn.plants");
	ck_assert_str_eq(kit.reminder->reminder->subject, "fruit");
	ck_assert_uint_eq(kit.reminder->reminder->leg, IMPORT + 1);
	ck_assert_int_eq(kit.reminder->reminder->due_us, due_us);
	ck_assert_int_eq(due("la.customs"), due_us);
	kit_decide(&kit, "cn.plants", declaration, D(RELEASED));
	kit_decide(&kit, "cn.plants", declaration, D(REVOKED));
	kit_wait(&kit, 30 * KIT_DAY);
	ck_assert_uint_eq(kit.n_reminders, 1);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(window_that_starts_anew_neither_repeats_nor_loses_a_reminder)
{
	window_kit_init(&kit);
	Rivergate__V1__Origin origin = RIVERGATE__V1__ORIGIN__INIT;
	struct derived_lineage lineage;

	arrive();
	origin.origin = members_text("rivergate.example/one");
	derived_lineage_of(&origin, &lineage);
	for (size_t i = 0; i < 2; i++) {
		window_free(kit.window);
		ck_assert_int_eq(window_new(&kit.store, "router.one", true, &kit.window), RG_OK);
		window_set_lineage(kit.window, &lineage);
		kit_wait(&kit, KIT_DAY);
		ck_assert_uint_eq(kit.n_reminders, 1);
	}
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(explained_delay_reminds_nobody)
{
	window_kit_init(&kit);
	arrive();
	explain("cn.plants", 0);
	ck_assert_int_ne(due(""), 0);
	kit_wait(&kit, KIT_DAY);
	ck_assert_uint_eq(kit.n_reminders, 0);
	ck_assert(!kit_finds(&kit, UCR, "", "NOT_IN_PLAN"));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(nobody_explains_for_another_authority)
{
	static const char *const others[] = {"cn.gacc", "cn.health", "la.customs", "th.doa"};

	for (size_t i = 0; i < 4; i++) {
		window_kit_init(&kit);
		arrive();
		explain(others[i], IMPORT + 1);
		ck_assert_int_eq(kit_finds(&kit, UCR, "", "NOT_IN_PLAN"), i > 0);
		kit_wait(&kit, KIT_DAY);
		ck_assert_uint_eq(kit.n_reminders, 1);
		window_kit_deinit(&kit);
	}
}
END_TEST

/* Three hours without a record; then a decision on paper that was taken so long after arrival. */
static size_t reminders_after_paper(int64_t taken_after_us)
{
	window_kit_init(&kit);
	const Rivergate__V1__Header *declaration = arrive();
	Rivergate__V1__Header *header = kit_header(&kit, KIT_KIND(DECISION), "cn.plants", UCR);
	Rivergate__V1__DecisionFacts facts = RIVERGATE__V1__DECISION_FACTS__INIT;

	facts.status = D(RELEASED);
	facts.effective_at_us = kit.now_us + taken_after_us;
	facts.paper_reference = members_text("17/2026");
	kit.now_us += 3 * KIT_HOUR;
	header->facts_case = RIVERGATE__V1__HEADER__FACTS_DECISION;
	header->decision = &facts;
	kit_refer(&kit, header, declaration, RIVERGATE__V1__RELATION__RELATION_DECIDES);
	kit_take(&kit, header);
	kit_wait(&kit, KIT_DAY);
	size_t n = kit.n_reminders;
	window_kit_deinit(&kit);
	return n;
}

START_TEST(paper_counts_from_when_it_was_signed)
{
	ck_assert_uint_eq(reminders_after_paper(KIT_HOUR), 0);
	ck_assert_uint_eq(reminders_after_paper(TARGET + KIT_HOUR / 2), 1);
}
END_TEST

START_TEST(transit_limit_is_told_to_customs_and_to_the_owner)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *declaration = kit_declaration(&kit, UCR, 18000);

	declaration->legs[IMPORT]->regime = RIVERGATE__V1__REGIME__REGIME_TRANSIT;
	kit_take(&kit, declaration);
	kit_decide(&kit, "cn.gacc", declaration, D(AUTHORISED));
	kit_wait(&kit, KIT_DAY);
	ck_assert_uint_eq(kit.n_reminders, 0);
	kit_wait(&kit, 2 * KIT_DAY);
	ck_assert_uint_eq(kit.n_reminders, 2);
	ck_assert_int_eq(kit.reminder->reminder->reason, REASON(TRANSIT_LIMIT));
	ck_assert_str_eq(kit.reminder->to[0], "la.customs");
	window_kit_deinit(&kit);
}
END_TEST

/* Office hours */

START_TEST(closed_hours_do_not_count)
{
	window_kit_init(&kit);
	take_profile(WITH_HOURS("2", "7200000000", ""));
	arrive();
	/* It is Sunday morning there: the office opens on Monday, 01:00 UTC. */
	ck_assert_int_eq(due(""), MEMBERS_NOW_US + 25 * KIT_HOUR + TARGET);
	kit_wait(&kit, 25 * KIT_HOUR);
	ck_assert_uint_eq(kit.n_reminders, 0);
	kit_wait(&kit, 3 * KIT_HOUR);
	ck_assert_uint_eq(kit.n_reminders, 1);
	ck_assert_int_eq(kit.reminder->reminder->reason, REASON(TARGET_MISSED));
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(staff_on_duty_comes_for_what_perishes_alone)
{
	window_kit_init(&kit);
	Rivergate__V1__Header *dried = kit_declaration(&kit, "26LA124", 18000);

	take_profile(WITH_HOURS("2", "7200000000", ON_CALL));
	arrive();
	ck_assert_int_eq(due(""), kit.now_us + TARGET);
	dried->goods[0]->condition = RIVERGATE__V1__CONDITION__CONDITION_DRIED;
	kit_take(&kit, dried);
	kit_event(&kit, "cn.gacc", "26LA124", KIT_EVENT(ARRIVED));
	ck_assert_int_eq(kit_status(&kit, "26LA124", "")->legs[IMPORT]->due_us,
		MEMBERS_NOW_US + 25 * KIT_HOUR + TARGET);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(pause_keeps_open_hours_alone)
{
	window_kit_init(&kit);
	take_profile(WITH_HOURS("2", "7200000000", ""));
	const Rivergate__V1__Header *declaration = arrive();

	kit_wait(&kit, KIT_HOUR);
	kit_decide(&kit, "cn.plants", declaration, D(DOCUMENTS_REQUIRED));
	kit_wait(&kit, KIT_HOUR);
	kit_decide(&kit, "cn.plants", declaration, D(INSPECT));
	ck_assert_int_eq(due(""), MEMBERS_NOW_US + 25 * KIT_HOUR + TARGET);
	window_kit_deinit(&kit);
}
END_TEST

/* Other rules */

START_TEST(target_follows_the_rule_in_force)
{
	window_kit_init(&kit);
	arrive();
	int64_t start_us = kit.now_us;

	take_profile(WITH_HOURS("2", "14400000000", ON_CALL));
	ck_assert_int_eq(due(""), start_us + 4 * KIT_HOUR);
	kit_wait(&kit, 3 * KIT_HOUR);
	ck_assert_uint_eq(kit.n_reminders, 0);
	take_profile(WITH_HOURS("3", "7200000000", ON_CALL));
	ck_assert_uint_eq(kit.n_reminders, 1);
	ck_assert_int_eq(due(""), start_us + 2 * KIT_HOUR);
	take_profile(WITH_HOURS("4", "14400000000", ON_CALL));
	kit_wait(&kit, KIT_DAY);
	ck_assert_uint_eq(kit.n_reminders, 1);
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(rule_that_is_gone_has_no_target)
{
	window_kit_init(&kit);
	arrive();
	take_profile(without_rules);
	ck_assert_int_eq(due(""), 0);
	kit_wait(&kit, 30 * KIT_DAY);
	ck_assert_uint_eq(kit.n_reminders, 0);
	window_kit_deinit(&kit);
}
END_TEST

/* Disclosure */

START_TEST(target_of_an_undisclosed_answer_is_shown_to_its_own_member_alone)
{
	window_kit_init(&kit);
	const Rivergate__V1__Header *declaration = arrive();
	int64_t due_us = due("");

	kit_decide_with(&kit, "cn.plants", declaration, D(HOLD), NEVER);
	ck_assert_int_eq(due("la.customs"), 0);
	ck_assert_int_eq(due("cn.gacc"), due_us);
	kit_decide_with(&kit, "cn.plants", declaration, D(DOCUMENTS_REQUIRED), NEVER);
	ck_assert_ptr_null(kit_told(&kit, KIT_KIND(STATUS), "la.customs"));
	ck_assert_ptr_nonnull(kit_told(&kit, KIT_KIND(STATUS), "cn.gacc"));
	kit_decide(&kit, "cn.plants", declaration, D(HOLD));
	ck_assert_int_gt(due("la.customs"), 0);
	window_kit_deinit(&kit);
}
END_TEST

CHECK_MAIN("rules_clocks", target_runs_from_the_arrival_of_what_is_declared,
	goods_that_have_not_arrived_have_no_target,
	target_begins_with_the_last_of_papers_and_payment,
	what_is_lodged_after_its_arrival_has_its_target_from_then,
	draft_or_cancelled_declaration_has_no_target, target_pauses_while_the_trader_is_asked,
	complete_documents_end_a_pause_and_give_no_time, answer_of_another_authority_pauses_nothing,
	last_word_ends_the_target, other_answers_leave_it_running,
	release_taken_back_starts_the_target_again, stale_release_starts_the_target_again,
	missed_target_is_told_once_to_the_authority,
	window_that_starts_anew_neither_repeats_nor_loses_a_reminder,
	explained_delay_reminds_nobody, nobody_explains_for_another_authority,
	paper_counts_from_when_it_was_signed, transit_limit_is_told_to_customs_and_to_the_owner,
	closed_hours_do_not_count, staff_on_duty_comes_for_what_perishes_alone,
	pause_keeps_open_hours_alone, target_follows_the_rule_in_force,
	rule_that_is_gone_has_no_target,
	target_of_an_undisclosed_answer_is_shown_to_its_own_member_alone)
