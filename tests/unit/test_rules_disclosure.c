/*
 * No member sees what a decision's disclosure forbids: what it sees is the same whichever
 * decision was taken, and the same as without one but that the leg is under control.
 *
 * One story for all: fruit of la.customs with a certificate, and a second load on the same
 * certificate. cn.plants decides something; then a version changes, time passes, a pest is
 * reported, the certificate is withdrawn. Laos and th.revenue, which declared too, look.
 */
#include "documents_kit.h"
#include "suite.h"
#include "wire/pack.h"

#define D(name)    KIT_DECISION(name)
#define S(name)    KIT_STATUS(name)
#define ON_ARRIVAL RIVERGATE__V1__DISCLOSURE__DISCLOSURE_ON_ARRIVAL
#define NEVER      RIVERGATE__V1__DISCLOSURE__DISCLOSURE_NEVER
#define NOW        RIVERGATE__V1__DISCLOSURE__DISCLOSURE_NOW
#define UCR        "26LA123"
#define OTHER      "26LA124"
#define IMPORT     1
#define LOOKS_MAX  16
#define CUT        1000

static const char *const observers[] = {"la.customs", "th.revenue"};

/* All decisions but REVOKED, which takes an answer back. */
static const Rivergate__V1__DecisionStatus decisions[] = {D(REGISTERED), D(ACCEPTED),
	D(DOCUMENTS_REQUIRED), D(HOLD), D(INSPECT), D(SAMPLED_AWAITING_LAB), D(TREATMENT_REQUIRED),
	D(MOVE_TO_STORAGE), D(INSPECTED_PASS), D(INSPECTED_FAIL), D(RELEASED),
	D(RELEASED_CONDITIONAL), D(PARTLY_RELEASED), D(REFUSED), D(RETURN_ORDERED),
	D(DESTROY_ORDERED), D(SEIZED), D(CLOSED), D(AUTHORISED), D(EXITED), D(DISCHARGED),
	D(NOT_DISCHARGED)};

#define N_DECISIONS (sizeof(decisions) / sizeof(decisions[0]))

static struct window_kit kit;

/* --- One story ------------------------------------------------------------------------------- */

struct story {
	Rivergate__V1__Regime regime;           /* of the Chinese leg */
	const char *authority;                  /* that decides */
	Rivergate__V1__DecisionStatus decision; /* UNSPECIFIED: none */
	Rivergate__V1__Disclosure disclosure;
	bool is_late; /* the decision comes when the goods are there */
};

/* What the observers saw, look after look. */
struct looks {
	struct buf seen[LOOKS_MAX];
	size_t n;
	size_t n_under_control;
};

/* The window anew, with the same members. */
static void begin_again(void)
{
	Rivergate__V1__Origin origin = RIVERGATE__V1__ORIGIN__INIT;
	struct derived_lineage lineage;

	window_free(kit.window);
	memory_free(kit.memory);
	arena_reset(kit.arena);
	kit.index = 20;
	kit.now_us = MEMBERS_NOW_US;
	ck_assert_int_eq(memory_new(&kit.memory), RG_OK);
	kit.store = memory_store(kit.memory);
	ck_assert_int_eq(window_new(&kit.store, "router.one", true, &kit.window), RG_OK);
	origin.origin = members_text("rivergate.example/one");
	derived_lineage_of(&origin, &lineage);
	window_set_lineage(kit.window, &lineage);
}

/* A leg under control is shown as such; without a decision it is not: the rest is compared. */
static void blot(struct looks *looks, Rivergate__V1__StatusFacts *status, bool is_whole)
{
	for (size_t i = 0; i < status->n_legs; i++) {
		Rivergate__V1__StatusLeg *leg = status->legs[i];

		looks->n_under_control += leg->status == S(UNDER_CONTROL);
		if (is_whole || strcmp(leg->country, "CN") != 0) {
			continue;
		}
		leg->status = S(UNSPECIFIED);
		leg->turn = RIVERGATE__V1__TURN__TURN_UNSPECIFIED;
		leg->since_us = 0;
		leg->due_us = 0;
		leg->n_authorities = 0;
	}
	status->held_by = is_whole ? status->held_by : members_text("");
}

static void look_at(struct looks *looks, const char *ucr, const char *party, bool is_whole)
{
	const struct window_question question = {ucr, party, kit.trust, kit.now_us};
	struct buf *out = &looks->seen[looks->n];
	Rivergate__V1__PlanFacts *plan = NULL;
	Rivergate__V1__StatusFacts *status = NULL;

	ck_assert_int_eq(window_view(kit.window, &question, kit.arena, &plan, &status), RG_OK);
	ck_assert(plan && status);
	blot(looks, status, is_whole);
	ck_assert_int_eq(pack_append(&plan->base, out), RG_OK);
	ck_assert_int_eq(pack_append(&status->base, out), RG_OK);
}

static void look(struct looks *looks, bool is_whole)
{
	ck_assert_uint_lt(looks->n, LOOKS_MAX);
	for (size_t i = 0; i < 2; i++) {
		look_at(looks, UCR, observers[i], is_whole);
		look_at(looks, OTHER, observers[i], is_whole);
	}
	looks->n++;
}

static Rivergate__V1__Header *declare(const struct story *story, const char *from, const char *ucr,
	const Rivergate__V1__CertificateFacts *certificate)
{
	Rivergate__V1__Header *header = kit_declaration(&kit, ucr, 10000);

	header->from = members_text(from);
	header->legs[IMPORT]->regime = story->regime;
	kit_rely(&kit, header, certificate, NULL);
	return header;
}

/* Nothing that is told to the observers names the decision's record. */
static void check_causes(const Rivergate__V1__Header *decision)
{
	for (size_t i = 0; i < 2; i++) {
		const Rivergate__V1__Header *told = kit_told(&kit, KIT_KIND(STATUS), observers[i]);

		ck_assert(!told || told->n_refs == 0 ||
			strcmp(told->refs[0]->from, decision->from) != 0);
	}
}

static void decide(const struct story *story, const Rivergate__V1__Header *on)
{
	Rivergate__V1__Header *header =
		kit_header(&kit, KIT_KIND(DECISION), story->authority, on->ucr);
	Rivergate__V1__DecisionFacts *facts = arena_alloc(kit.arena, sizeof(*facts));

	if (!story->decision) {
		kit_take(&kit, NULL);
		return;
	}
	rivergate__v1__decision_facts__init(facts);
	facts->status = story->decision;
	facts->disclosure = story->disclosure;
	facts->leg = IMPORT + 1;
	facts->guarantee = members_text("G-1");
	facts->effective_at_us = kit.now_us - 10 * KIT_DAY;
	header->facts_case = RIVERGATE__V1__HEADER__FACTS_DECISION;
	header->decision = facts;
	kit_refer(&kit, header, on, RIVERGATE__V1__RELATION__RELATION_DECIDES);
	kit_take(&kit, header);
	if (story->disclosure != NOW) {
		check_causes(header);
	}
}

static void report_pest(void)
{
	Rivergate__V1__Header *header = kit_header(&kit, KIT_KIND(PEST_ALERT), "cn.plants", "");
	Rivergate__V1__PestAlertFacts *facts = arena_alloc(kit.arena, sizeof(*facts));
	Rivergate__V1__GoodsMatch *goods = arena_alloc(kit.arena, sizeof(*goods));

	rivergate__v1__pest_alert_facts__init(facts);
	rivergate__v1__goods_match__init(goods);
	facts->number = members_text("P-1");
	facts->level = RIVERGATE__V1__PEST_ALERT_FACTS__LEVEL__LEVEL_SUSPECTED;
	kit_add_text(&kit, &goods->hs, &goods->n_hs, "08");
	ck_assert_int_eq(rows_append(kit.arena, &facts->goods, &facts->n_goods, goods), RG_OK);
	header->facts_case = RIVERGATE__V1__HEADER__FACTS_PEST_ALERT;
	header->pest_alert = facts;
	kit_take(&kit, header);
}

/* A version with another quantity: it waits for leave, or is in force. */
static void amend(const struct story *story, const Rivergate__V1__Header *declaration,
	const Rivergate__V1__CertificateFacts *certificate)
{
	Rivergate__V1__Header *header = declare(story, "la.customs", UCR, certificate);

	header->kind = KIT_KIND(AMENDMENT);
	header->version = 2;
	header->goods[0]->quantity = kit_quantity(&kit, 11000);
	kit_refer(&kit, header, declaration, RIVERGATE__V1__RELATION__RELATION_AMENDS);
	kit_take(&kit, header);
}

static void tell_story(const struct story *story, struct looks *looks, bool is_whole)
{
	begin_again();
	Rivergate__V1__CertificateFacts *certificate =
		kit_certificate(&kit, "851", "LA", "C-1", 15000);

	kit_certify(&kit, "la.plants", certificate);
	const Rivergate__V1__Header *first = declare(story, "la.customs", UCR, certificate);
	Rivergate__V1__Header *link = kit_header(&kit, KIT_KIND(LINK), "la.customs", UCR);
	Rivergate__V1__LinkFacts *facts = arena_alloc(kit.arena, sizeof(*facts));

	kit_take(&kit, (Rivergate__V1__Header *)(uintptr_t)first);
	rivergate__v1__link_facts__init(facts);
	kit_add_text(&kit, &facts->parties, &facts->n_parties, "th.revenue");
	link->facts_case = RIVERGATE__V1__HEADER__FACTS_LINK;
	link->link = facts;
	kit_take(&kit, link);
	kit_take(&kit, declare(story, "th.revenue", UCR, certificate));
	Rivergate__V1__Header *second = declare(story, "la.customs", OTHER, certificate);

	kit_take(&kit, second);
	link = kit_header(&kit, KIT_KIND(LINK), "la.customs", OTHER);
	link->facts_case = RIVERGATE__V1__HEADER__FACTS_LINK;
	link->link = facts;
	kit_take(&kit, link);
	kit_take(&kit, declare(story, "th.revenue", OTHER, certificate));
	if (story->is_late) {
		kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(ARRIVED));
	}
	decide(story, first);
	look(looks, is_whole);
	kit_wait(&kit, 3 * KIT_DAY);
	look(looks, is_whole);
	report_pest();
	look(looks, is_whole);
	if (is_whole) {
		amend(story, first, certificate);
		look(looks, is_whole);
	}
	kit_say(&kit, "la.plants", certificate, KIT_SAYS(WITHDRAWN), NULL);
	look(looks, is_whole);
	if (story->disclosure == NEVER && !story->is_late) {
		kit_event(&kit, "cn.gacc", UCR, KIT_EVENT(ARRIVED));
		look(looks, is_whole);
	}
}

static void forget(struct looks *looks)
{
	for (size_t i = 0; i < LOOKS_MAX; i++) {
		buf_deinit(&looks->seen[i]);
	}
	*looks = (struct looks){.n = 0};
}

static void expect_same(const struct looks *a, const struct looks *b, const struct story *story,
	const char *than)
{
	ck_assert_uint_eq(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		ck_assert_msg(bytes_equal(buf_view(&a->seen[i]), buf_view(&b->seen[i])),
			"decision %d by %s, disclosure %d, regime %d, late %d: look %zu shows it "
			"beside %s",
			(int)story->decision, story->authority, (int)story->disclosure,
			(int)story->regime, story->is_late, i, than);
	}
}

/* --- All of them ----------------------------------------------------------------------------- */

static const struct story stories[] = {
	{RIVERGATE__V1__REGIME__REGIME_IMPORT, "cn.plants", D(UNSPECIFIED), ON_ARRIVAL, false},
	{RIVERGATE__V1__REGIME__REGIME_IMPORT, "cn.plants", D(UNSPECIFIED), NEVER, false},
	{RIVERGATE__V1__REGIME__REGIME_IMPORT, "cn.plants", D(UNSPECIFIED), NEVER, true},
	{RIVERGATE__V1__REGIME__REGIME_IMPORT, "cn.gacc", D(UNSPECIFIED), NEVER, true},
	{RIVERGATE__V1__REGIME__REGIME_TRANSIT, "cn.gacc", D(UNSPECIFIED), ON_ARRIVAL, false},
	{RIVERGATE__V1__REGIME__REGIME_TRANSIT, "cn.gacc", D(UNSPECIFIED), NEVER, false},
	{RIVERGATE__V1__REGIME__REGIME_TRANSIT, "cn.gacc", D(UNSPECIFIED), NEVER, true},
};

#define N_STORIES (sizeof(stories) / sizeof(stories[0]))

static void open_world(void)
{
	documents_kit_init(&kit, "{\"type\":\"851\",\"quantityCounts\":true}",
		",\"transitLimits\":[{\"limitUs\":\"172800000000\"}],"
		"\"competences\":[{\"authority\":\"cn.plants\"}]");
}

START_TEST(which_decision_is_hidden_shows_nowhere)
{
	open_world();
	for (size_t i = 0; i < N_STORIES; i++) {
		struct looks first = {.n = 0};
		struct story story = stories[i];

		story.decision = decisions[0];
		tell_story(&story, &first, true);
		ck_assert_uint_ge(first.n_under_control, 2 * first.n);
		for (size_t j = 1; j < N_DECISIONS; j++) {
			struct looks other = {.n = 0};

			story.decision = decisions[j];
			tell_story(&story, &other, true);
			expect_same(&first, &other, &story, "another");
			forget(&other);
		}
		forget(&first);
	}
	window_kit_deinit(&kit);
}
END_TEST

START_TEST(that_something_is_hidden_shows_as_under_control_alone)
{
	open_world();
	for (size_t i = 0; i < N_STORIES; i++) {
		struct looks without = {.n = 0};
		struct looks with = {.n = 0};
		struct story story = stories[i];

		tell_story(&story, &without, false);
		ck_assert_uint_eq(without.n_under_control, 0);
		story.decision = D(SEIZED);
		tell_story(&story, &with, false);
		expect_same(&without, &with, &story, "none");
		forget(&without);
		forget(&with);
	}
	window_kit_deinit(&kit);
}
END_TEST

/* Else the tests above would see nothing at all. */
START_TEST(what_is_disclosed_shows)
{
	open_world();
	struct looks hold = {.n = 0};
	struct looks seized = {.n = 0};
	struct story story = stories[0];

	story.disclosure = NOW;
	story.decision = D(HOLD);
	tell_story(&story, &hold, false);
	story.decision = D(SEIZED);
	tell_story(&story, &seized, false);
	/* What was seized has freed the certificate: the other load shows it. */
	ck_assert(!bytes_equal(buf_view(&hold.seen[0]), buf_view(&seized.seen[0])));
	forget(&hold);
	forget(&seized);
	window_kit_deinit(&kit);
}
END_TEST

CHECK_MAIN("rules_disclosure", which_decision_is_hidden_shows_nowhere,
	that_something_is_hidden_shows_as_under_control_alone, what_is_disclosed_shows)
