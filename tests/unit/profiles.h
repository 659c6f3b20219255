#ifndef TESTS_UNIT_PROFILES_H
#define TESTS_UNIT_PROFILES_H

/*
 * A window profile for tests: of Laos, in the JSON in which people write it
 *
 * Tests change one piece of its text at a time, and see what becomes of it.
 */

#include <stdlib.h>
#include <string.h>

#include "members.h"
#include "registry/profile.h"
#include "wire/json.h"

/* Thursday 2026-01-01 is a holiday; office hours Monday to Friday 8 to 12 and 13 to 16, UTC+7. */
static const char profiles_laos[] =
	"{\"member\":\"la\",\"version\":\"1\",\"calendars\":[{\"id\":\"office\","
	"\"utcOffsetMinutes\":420,\"weekly\":["
	"{\"weekday\":1,\"openMinute\":480,\"closeMinute\":720},"
	"{\"weekday\":1,\"openMinute\":780,\"closeMinute\":960},"
	"{\"weekday\":5,\"openMinute\":480,\"closeMinute\":960}],"
	"\"holidays\":[\"2026-01-01\",\"2026-04-14\"]}],"
	"\"rules\":["
	"{\"id\":\"fruit\",\"authority\":\"la.customs.boten\",\"role\":\"AUTHORITY_ROLE_DECIDES\","
	"\"regimes\":[\"REGIME_IMPORT\"],\"goods\":{\"hs\":[\"0810\"],\"origins\":[\"TH\"],"
	"\"conditions\":[\"CONDITION_FRESH\"]},\"offices\":[\"BT\"],"
	"\"documents\":[{\"type\":\"851\",\"tolerancePermille\":50}],\"dataSets\":[\"sps\"],"
	"\"targetUs\":\"86400000000\",\"targetPerishableUs\":\"7200000000\","
	"\"calendar\":\"office\",\"material\":[\"goods.quantity\"],"
	"\"legalBasis\":{\"instrument\":\"Law on Plant Protection\",\"article\":\"12\"},"
	"\"source\":\"official gazette\",\"effectiveFromUs\":\"1000\","
	"\"effectiveUntilUs\":\"2000\",\"appliesTo\":\"APPLIES_TO_ARRIVED\"},"
	"{\"id\":\"all\",\"authority\":\"la.customs\",\"role\":\"AUTHORITY_ROLE_INFORMED\","
	"\"legalBasis\":{\"instrument\":\"Customs Law\",\"article\":\"1\"},"
	"\"assumption\":true}],"
	"\"recognitions\":[{\"id\":\"lab\",\"of\":\"SUBJECT_TEST\","
	"\"effect\":\"EFFECT_SATISFIES_DOCUMENT\",\"document\":\"851\",\"by\":\"852\","
	"\"issuers\":[\"TH\",\"th.doa\"],\"instrument\":{\"instrument\":\"Protocol\","
	"\"article\":\"3\"},\"validUntilUs\":\"5\"}],"
	"\"conditionDefaults\":[{\"hs\":\"0810\",\"condition\":\"CONDITION_FRESH\"},"
	"{\"hs\":\"08\",\"condition\":\"CONDITION_OTHER\"}],"
	"\"transitLimits\":[{\"limitUs\":\"1000\"}],"
	"\"competences\":[{\"authority\":\"la.customs\",\"organisms\":[\"CERAZE\"]}]}";

/* The profile with the first `from` replaced by `to`; to be freed. */
static inline Rivergate__V1__WindowProfile *profiles_with(const char *from, const char *to)
{
	scoped(buf_deinit) struct buf text = {0};
	struct json_mistake mistake;
	ProtobufCMessage *message = NULL;
	const char *at = strstr(profiles_laos, from);

	ck_assert_msg(at != NULL, "the profile has no %s", from);
	buf_add(&text, profiles_laos, (size_t)(at - profiles_laos));
	buf_add_text(&text, to);
	buf_add_text(&text, at + strlen(from));
	ck_assert_int_eq(buf_error(&text), RG_OK);
	ck_assert_int_eq(json_decode(&rivergate__v1__window_profile__descriptor, buf_view(&text),
				 &message, &mistake),
		RG_OK);
	ck_assert_msg(message != NULL, "%s %s", mistake.path, mistake.text);
	return (Rivergate__V1__WindowProfile *)message;
}

static inline void profiles_free(Rivergate__V1__WindowProfile *profile)
{
	rivergate__v1__window_profile__free_unpacked(profile, NULL);
}
SCOPED_DEFINE(Rivergate__V1__WindowProfile, profiles_free);

/* Signed by the member with the key of `signer`. */
static inline Rivergate__V1__Governed *profiles_sign(struct members *members,
	const Rivergate__V1__WindowProfile *profile, size_t signer)
{
	Rivergate__V1__Governed *governed = members_pack(&profile->base);

	ck_assert_int_eq(governance_sign(governed, GOVERNANCE_CONTEXT_PROFILE, profile->member,
				 members->all[signer].governance),
		RG_OK);
	return governed;
}

#endif
