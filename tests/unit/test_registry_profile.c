/*
 * Window profiles: what is refused, with which path, and how versions follow each other.
 * Every row changes one thing in a profile that is accepted as it stands.
 */
#include "base/file.h"
#include "profiles.h"

struct refusal {
	const char *from;
	const char *to;
	const char *path; /* where the answer points */
};

static const struct refusal refusals[] = {
	{"\"member\":\"la\"", "\"member\":\"Lao\"", "member"},
	{"\"version\":\"1\"", "\"version\":\"0\"", "version"},
	{"\"id\":\"office\"", "\"id\":\"\"", "calendars[0].id"},
	{"\"utcOffsetMinutes\":420", "\"utcOffsetMinutes\":900", "calendars[0].utc_offset_minutes"},
	{"\"weekday\":1,\"openMinute\":480", "\"weekday\":0,\"openMinute\":480",
		"calendars[0].weekly"},
	{"\"openMinute\":780", "\"openMinute\":719", "calendars[0].weekly"},
	{"\"openMinute\":480,\"closeMinute\":720", "\"openMinute\":720,\"closeMinute\":720",
		"calendars[0].weekly"},
	{"\"closeMinute\":960}],", "\"closeMinute\":1441}],", "calendars[0].weekly"},
	{"\"2026-01-01\"", "\"2026-02-29\"", "calendars[0].holidays"},
	{"\"2026-01-01\"", "\"2026-12-01\"", "calendars[0].holidays"},
	{"\"id\":\"all\"", "\"id\":\"fruit\"", "rules[1].id"},
	{"\"id\":\"fruit\"", "\"id\":\"CUSTOMS\"", "rules[0].id"},
	{"\"authority\":\"la.customs.boten\"", "\"authority\":\"cn.gacc\"", "rules[0].authority"},
	{"\"authority\":\"la.customs.boten\"", "\"authority\":\"la\"", "rules[0].authority"},
	{"\"role\":\"AUTHORITY_ROLE_DECIDES\",", "", "rules[0].role"},
	{"\"targetUs\":\"86400000000\",", "", "rules[0].target_us"},
	{"\"targetUs\":\"86400000000\"", "\"targetUs\":\"31536000000001\"", "rules[0].target_us"},
	{"\"targetPerishableUs\":\"7200000000\"", "\"targetPerishableUs\":\"86400000001\"",
		"rules[0].target_perishable_us"},
	{"\"role\":\"AUTHORITY_ROLE_INFORMED\",",
		"\"role\":\"AUTHORITY_ROLE_INFORMED\","
		"\"targetUs\":\"1\",",
		"rules[1].target_us"},
	{"\"calendar\":\"office\"", "\"calendar\":\"night\"", "rules[0].calendar"},
	{"\"regimes\":[\"REGIME_IMPORT\"],",
		"\"regimes\":[\"REGIME_TRANSIT\"],\"technicalStandard\":true,",
		"rules[0].technical_standard"},
	{"\"regimes\":[\"REGIME_IMPORT\"],", "\"technicalStandard\":true,",
		"rules[0].technical_standard"},
	{"\"regimes\":[\"REGIME_IMPORT\"],", "\"demandsOf\":\"TH\",", "rules[0].demands_of"},
	{"\"hs\":[\"0810\"]", "\"hs\":[\"081\"]", "rules[0].goods.hs"},
	{"\"hs\":[\"0810\"]", "\"hs\":[\"08.10\"]", "rules[0].goods.hs"},
	{"\"origins\":[\"TH\"]", "\"origins\":[\"th\"]", "rules[0].goods.origins"},
	{"\"type\":\"851\",", "", "rules[0].documents"},
	{"\"tolerancePermille\":50", "\"tolerancePermille\":1001", "rules[0].documents"},
	{"\"goods.quantity\"", "\"goods.weight\"", "rules[0].material"},
	{"\"article\":\"12\"", "\"article\":\"\"", "rules[0].legal_basis"},
	{"\"source\":\"official gazette\",", "", "rules[0].source"},
	{"\"effectiveUntilUs\":\"2000\"", "\"effectiveUntilUs\":\"1000\"", "rules[0]"},
	{"\"of\":\"SUBJECT_TEST\",", "", "recognitions[0].effect"},
	{"\"by\":\"852\",", "", "recognitions[0].document"},
	{"EFFECT_SATISFIES_DOCUMENT", "EFFECT_REDUCES_INSPECTION", "recognitions[0].document"},
	{"\"issuers\":[\"TH\",\"th.doa\"],", "", "recognitions[0].issuers"},
	{"\"issuers\":[\"TH\"", "\"issuers\":[\"Thailand\"", "recognitions[0].issuers"},
	{"\"instrument\":{\"instrument\":\"Protocol\",\"article\":\"3\"},", "",
		"recognitions[0].instrument"},
	{"{\"hs\":\"0810\",\"condition\":\"CONDITION_FRESH\"}",
		"{\"hs\":\"08\",\"condition\":\"CONDITION_FRESH\"}", "condition_defaults[1].hs"},
	{"\"condition\":\"CONDITION_FRESH\"}", "\"condition\":\"CONDITION_UNSPECIFIED\"}",
		"condition_defaults[0].hs"},
	{"\"limitUs\":\"1000\"", "\"limitUs\":\"0\"", "transit_limits[0].limit_us"},
	{"\"competences\":[{\"authority\":\"la.customs\"",
		"\"competences\":[{\"authority\":\"th.doa\"", "competences[0].authority"},
};

START_TEST(profile_without_contradiction_is_accepted)
{
	scoped(profiles_freep) Rivergate__V1__WindowProfile *profile =
		profiles_with("\"la\"", "\"la\"");
	struct governance_answer answer;

	ck_assert_msg(profile_check(profile, &answer), "%s: %s", answer.path, answer.text);
	ck_assert(answer.is_ok);
}
END_TEST

START_TEST(contradiction_is_refused_with_its_path)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		scoped(profiles_freep) Rivergate__V1__WindowProfile *profile =
			profiles_with(refusals[i].from, refusals[i].to);
		struct governance_answer answer;

		ck_assert_msg(!profile_check(profile, &answer), "accepted: %s", refusals[i].to);
		ck_assert_str_eq(answer.path, refusals[i].path);
		ck_assert_str_ne(answer.text, "");
	}
}
END_TEST

/* What applying a profile to the federation says. */
static struct trust *apply(const struct trust *trust, const Rivergate__V1__Governed *governed,
	struct governance_answer *ret_answer)
{
	struct trust *next = NULL;

	ck_assert_int_eq(trust_apply_profile(trust, governed, 9, &next, ret_answer), RG_OK);
	return next;
}

START_TEST(profile_of_a_member_is_in_force_under_its_signature)
{
	static struct members members;
	members_init(&members);
	scoped(trust_unrefp) struct trust *trust = members_trust(&members);
	scoped(profiles_freep) Rivergate__V1__WindowProfile *profile =
		profiles_with("\"la\"", "\"la\"");
	scoped(governance_freep) Rivergate__V1__Governed *governed =
		profiles_sign(&members, profile, LA);
	struct governance_answer answer;
	scoped(trust_unrefp) struct trust *next = apply(trust, governed, &answer);

	ck_assert_msg(next != NULL, "%s: %s", answer.path, answer.text);
	ck_assert_ptr_null(trust_profile(trust, "la"));
	ck_assert_uint_eq(trust_profile(next, "la")->n_rules, 2);
	ck_assert_uint_eq(trust_profile_index(next, "la"), 9);
	ck_assert(trust_has_profile(next, governed));
	ck_assert_ptr_null(trust_profile(next, "cn"));
	members_deinit(&members);
}
END_TEST

START_TEST(profile_of_an_older_or_equal_version_is_refused)
{
	static struct members members;
	members_init(&members);
	scoped(trust_unrefp) struct trust *trust = members_trust(&members);
	scoped(profiles_freep) Rivergate__V1__WindowProfile *profile =
		profiles_with("\"version\":\"1\"", "\"version\":\"2\"");
	scoped(governance_freep) Rivergate__V1__Governed *second =
		profiles_sign(&members, profile, LA);
	struct governance_answer answer;
	scoped(trust_unrefp) struct trust *next = apply(trust, second, &answer);

	ck_assert_ptr_nonnull(next);
	for (uint64_t version = 1; version <= 2; version++) {
		profile->version = version;
		scoped(governance_freep) Rivergate__V1__Governed *old =
			profiles_sign(&members, profile, LA);

		ck_assert_ptr_null(apply(next, old, &answer));
		ck_assert_str_eq(answer.path, "version");
	}
	members_deinit(&members);
}
END_TEST

START_TEST(profile_that_its_member_did_not_sign_is_refused)
{
	static struct members members;
	members_init(&members);
	scoped(trust_unrefp) struct trust *trust = members_trust(&members);
	scoped(profiles_freep) Rivergate__V1__WindowProfile *profile =
		profiles_with("\"la\"", "\"la\"");
	scoped(governance_freep) Rivergate__V1__Governed *by_others =
		profiles_sign(&members, profile, CN);
	scoped(governance_freep) Rivergate__V1__Governed *unsigned_one =
		members_pack(&profile->base);
	struct governance_answer answer;

	ck_assert_ptr_null(apply(trust, by_others, &answer));
	ck_assert_str_eq(answer.path, "signatures[0]");
	ck_assert_ptr_null(apply(trust, unsigned_one, &answer));
	ck_assert_str_eq(answer.path, "signatures");
	members_deinit(&members);
}
END_TEST

START_TEST(authority_without_a_party_is_refused)
{
	static struct members members;
	members_init(&members);
	scoped(trust_unrefp) struct trust *trust = members_trust(&members);
	scoped(profiles_freep) Rivergate__V1__WindowProfile *profile =
		profiles_with("\"la.customs.boten\"", "\"la.old\"");
	scoped(governance_freep) Rivergate__V1__Governed *governed =
		profiles_sign(&members, profile, LA);
	struct governance_answer answer;

	ck_assert_ptr_null(apply(trust, governed, &answer));
	ck_assert_str_eq(answer.path, "rules[0].authority");
	members_deinit(&members);
}
END_TEST

START_TEST(directory_signature_is_none_of_a_profile)
{
	static struct members members;
	members_init(&members);
	scoped(trust_unrefp) struct trust *trust = members_trust(&members);
	scoped(profiles_freep) Rivergate__V1__WindowProfile *profile =
		profiles_with("\"la\"", "\"la\"");
	scoped(governance_freep) Rivergate__V1__Governed *governed = members_pack(&profile->base);
	struct governance_answer answer;

	ck_assert_int_eq(governance_sign(governed, GOVERNANCE_CONTEXT_DIRECTORY, "la",
				 members.all[LA].governance),
		RG_OK);
	ck_assert_ptr_null(apply(trust, governed, &answer));
	ck_assert_str_eq(answer.path, "signatures[0]");
	members_deinit(&members);
}
END_TEST

/* What the countries' folders state of their windows, as it would be signed. */
START_TEST(profiles_of_the_countries_hold_no_contradiction)
{
	static const char *const countries[] = {"cn", "kh", "la", "mm", "th", "vn"};

	for (size_t i = 0; i < sizeof(countries) / sizeof(countries[0]); i++) {
		scoped(buf_deinit) struct buf text = {0};
		scoped(profiles_freep) Rivergate__V1__WindowProfile *profile = NULL;
		ProtobufCMessage *message = NULL;
		struct governance_answer answer;
		struct json_mistake mistake;
		char path[512];

		snprintf(path, sizeof(path), "%s/adapters/%s/window.json",
			getenv("RIVERGATE_SOURCE"), countries[i]);
		ck_assert_int_eq(file_read(path, GOVERNANCE_FILE_MAX, &text, NULL), RG_OK);
		ck_assert_int_eq(json_decode(&rivergate__v1__window_profile__descriptor,
					 buf_view(&text), &message, &mistake),
			RG_OK);
		ck_assert_msg(message != NULL, "%s:%u: %s %s", path, mistake.line, mistake.path,
			mistake.text);
		profile = (Rivergate__V1__WindowProfile *)message;
		ck_assert_msg(profile_check(profile, &answer), "%s: %s: %s", path, answer.path,
			answer.text);
		ck_assert_str_eq(profile->member, countries[i]);
		ck_assert_uint_ge(profile->n_rules, 10);
	}
}
END_TEST

CHECK_MAIN("registry_profile", profiles_of_the_countries_hold_no_contradiction,
	profile_without_contradiction_is_accepted, contradiction_is_refused_with_its_path,
	profile_of_a_member_is_in_force_under_its_signature,
	profile_of_an_older_or_equal_version_is_refused,
	profile_that_its_member_did_not_sign_is_refused, authority_without_a_party_is_refused,
	directory_signature_is_none_of_a_profile)
