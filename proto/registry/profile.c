/*
 * Window profiles: see profile.h.
 *
 * Method: one judge a kind of entry; `where` is its path. The scan has already refused
 * unknown fields and unknown enum values.
 * Threads: any; nothing is shared.
 */
#include "registry/profile.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "registry/address.h"
#include "registry/form.h"

#define WHERE_MAX       48
#define ID_MAX          64
#define MINUTES_A_DAY   1440
#define OFFSET_LIMIT    (14 * 60)
#define TOLERANCE_LIMIT 1000
#define ENTRIES_MAX     5000

static bool is_id(const char *id)
{
	size_t len = strnlen(id, ID_MAX + 1);

	return len > 0 && len <= ID_MAX &&
		strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-._") == len;
}

static bool is_country(const char *code)
{
	return strnlen(code, 3) == 2 && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2;
}

static bool is_hs(const char *hs)
{
	size_t len = strnlen(hs, 7);

	return (len == 2 || len == 4 || len == 6) && strspn(hs, "0123456789") == len;
}

/* Days and hours */

static bool judge_hours(const Rivergate__V1__Calendar *calendar, const char *where,
	struct governance_answer *answer)
{
	for (size_t i = 0; i < calendar->n_weekly; i++) {
		const Rivergate__V1__Calendar__Hours *hours = calendar->weekly[i];
		const Rivergate__V1__Calendar__Hours *previous =
			i > 0 ? calendar->weekly[i - 1] : NULL;

		if (hours->weekday < 1 || hours->weekday > 7 ||
			hours->open_minute >= hours->close_minute ||
			hours->close_minute > MINUTES_A_DAY) {
			return governance_refuse(answer, where, "weekly",
				"entry %zu is no stretch of a day: weekday 1 to 7, open before "
				"close, minutes 0 to %d",
				i, MINUTES_A_DAY);
		}
		if (previous &&
			(hours->weekday < previous->weekday ||
				(hours->weekday == previous->weekday &&
					hours->open_minute < previous->close_minute))) {
			return governance_refuse(answer, where, "weekly",
				"entry %zu must stand after the one before it and not overlap it",
				i);
		}
	}
	return calendar->n_weekly > 0 ||
		governance_refuse(answer, where, "weekly", "it never opens; give its hours");
}

static bool judge_holidays(const Rivergate__V1__Calendar *calendar, const char *where,
	struct governance_answer *answer)
{
	for (size_t i = 0; i < calendar->n_holidays; i++) {
		const char *date = calendar->holidays[i];
		int64_t day = 0;

		if (!form_date(date, &day)) {
			return governance_refuse(answer, where, "holidays",
				"'%.20s' is no date YYYY-MM-DD", date);
		}
		if (i > 0 && strcmp(calendar->holidays[i - 1], date) >= 0) {
			return governance_refuse(answer, where, "holidays",
				"'%s' stands twice or out of order", date);
		}
	}
	return true;
}

static bool judge_calendar(const Rivergate__V1__WindowProfile *profile, size_t at,
	const char *where, struct governance_answer *answer)
{
	const Rivergate__V1__Calendar *calendar = profile->calendars[at];

	if (!is_id(calendar->id)) {
		return governance_refuse(answer, where, "id",
			"give an id of lower case letters, digits, . _ -");
	}
	for (size_t i = 0; i < at; i++) {
		if (strcmp(profile->calendars[i]->id, calendar->id) == 0) {
			return governance_refuse(answer, where, "id", "'%s' stands twice",
				calendar->id);
		}
	}
	if (calendar->utc_offset_minutes < -OFFSET_LIMIT ||
		calendar->utc_offset_minutes > OFFSET_LIMIT) {
		return governance_refuse(answer, where, "utc_offset_minutes",
			"%d lies more than 14 hours from UTC", calendar->utc_offset_minutes);
	}
	return judge_hours(calendar, where, answer) && judge_holidays(calendar, where, answer);
}

/* Goods, law, time */

static bool judge_goods(const Rivergate__V1__GoodsMatch *goods, const char *where,
	struct governance_answer *answer)
{
	for (size_t i = 0; goods && i < goods->n_hs; i++) {
		if (!is_hs(goods->hs[i])) {
			return governance_refuse(answer, where, "goods.hs",
				"'%.20s' is not 2, 4 or 6 digits of the Harmonized System",
				goods->hs[i]);
		}
	}
	for (size_t i = 0; goods && i < goods->n_origins; i++) {
		if (!is_country(goods->origins[i])) {
			return governance_refuse(answer, where, "goods.origins",
				"'%.20s' is no country code, two letters in upper case",
				goods->origins[i]);
		}
	}
	return true;
}

static bool judge_law(const Rivergate__V1__LegalBasis *law, const char *where, const char *field,
	struct governance_answer *answer)
{
	return (law && law->instrument[0] && law->article[0]) ||
		governance_refuse(answer, where, field,
			"name the instrument and its article: nobody is bound by a rule without "
			"law");
}

static bool judge_span(int64_t from_us, int64_t until_us, const char *where,
	struct governance_answer *answer)
{
	return (from_us >= 0 && (until_us == 0 || until_us > from_us)) ||
		governance_refuse(answer, where, "", "it ends before it begins");
}

/* Rules */

static const char *const material_fields[] = {
	"documents",
	"goods.condition",
	"goods.hs6",
	"goods.origin",
	"goods.quantity",
	"legs",
	"movement.containers",
	"movement.mode",
	"movement.plate",
	"movement.seals",
	"movement.trailer",
};

bool profile_is_material_field(const char *name)
{
	for (size_t i = 0; i < sizeof(material_fields) / sizeof(material_fields[0]); i++) {
		if (strcmp(material_fields[i], name) == 0) {
			return true;
		}
	}
	return false;
}

static bool judge_identity(const Rivergate__V1__WindowProfile *profile, size_t at,
	const char *where, struct governance_answer *answer)
{
	const Rivergate__V1__Rule *rule = profile->rules[at];

	if (!is_id(rule->id)) {
		return governance_refuse(answer, where, "id",
			"give an id of lower case letters, digits, . _ -");
	}
	for (size_t i = 0; i < at; i++) {
		if (strcmp(profile->rules[i]->id, rule->id) == 0) {
			return governance_refuse(answer, where, "id", "'%s' is rules[%zu] already",
				rule->id, i);
		}
	}
	if (!address_is_valid(rule->authority) ||
		!address_has_prefix(rule->authority, profile->member)) {
		return governance_refuse(answer, where, "authority",
			"'%.100s' is no address of member '%s': each states its own authorities",
			rule->authority, profile->member);
	}
	return true;
}

static bool decides_on_transit(const Rivergate__V1__Rule *rule)
{
	bool is_transit = rule->n_regimes == 0;

	for (size_t i = 0; i < rule->n_regimes; i++) {
		is_transit =
			is_transit || rule->regimes[i] == RIVERGATE__V1__REGIME__REGIME_TRANSIT;
	}
	return is_transit && rule->role == RIVERGATE__V1__AUTHORITY_ROLE__AUTHORITY_ROLE_DECIDES;
}

static bool judge_trade_law(const Rivergate__V1__Rule *rule, const char *where,
	struct governance_answer *answer)
{
	if (rule->technical_standard && decides_on_transit(rule)) {
		return governance_refuse(answer, where, "technical_standard",
			"a technical standard decides nothing about transit (TFA 11); name "
			"regimes without it");
	}
	if (rule->demands_of[0]) {
		return governance_refuse(answer, where, "demands_of",
			"an export declaration of '%.20s' may not be a condition of import (TFA "
			"10.2.3); remove it",
			rule->demands_of);
	}
	return true;
}

static bool judge_target(const Rivergate__V1__WindowProfile *profile,
	const Rivergate__V1__Rule *rule, const char *where, struct governance_answer *answer)
{
	bool decides = rule->role == RIVERGATE__V1__AUTHORITY_ROLE__AUTHORITY_ROLE_DECIDES;
	bool has_calendar = rule->calendar[0] == '\0';

	if (!decides && rule->role != RIVERGATE__V1__AUTHORITY_ROLE__AUTHORITY_ROLE_INFORMED) {
		return governance_refuse(answer, where, "role", "say DECIDES or INFORMED");
	}
	if (decides && (rule->target_us <= 0 || rule->target_us > PROFILE_TARGET_MAX_US)) {
		return governance_refuse(answer, where, "target_us",
			"who decides says within which time, at most a year");
	}
	if (!decides && (rule->target_us != 0 || rule->target_perishable_us != 0)) {
		return governance_refuse(answer, where, "target_us",
			"who is informed has no target");
	}
	if (rule->target_perishable_us < 0 || rule->target_perishable_us > rule->target_us) {
		return governance_refuse(answer, where, "target_perishable_us",
			"perishables do not wait longer than other goods");
	}
	for (size_t i = 0; !has_calendar && i < profile->n_calendars; i++) {
		has_calendar = strcmp(profile->calendars[i]->id, rule->calendar) == 0;
	}
	return has_calendar ||
		governance_refuse(answer, where, "calendar",
			"'%.40s' is no calendar of this profile", rule->calendar);
}

static bool judge_demands(const Rivergate__V1__Rule *rule, const char *where,
	struct governance_answer *answer)
{
	for (size_t i = 0; i < rule->n_documents; i++) {
		if (rule->documents[i]->type[0] == '\0') {
			return governance_refuse(answer, where, "documents",
				"entry %zu names no type of document", i);
		}
		if (rule->documents[i]->tolerance_permille > TOLERANCE_LIMIT) {
			return governance_refuse(answer, where, "documents",
				"entry %zu tolerates more than as much again", i);
		}
	}
	for (size_t i = 0; i < rule->n_material; i++) {
		if (!profile_is_material_field(rule->material[i])) {
			return governance_refuse(answer, where, "material",
				"'%.40s' is no field of a header that can change",
				rule->material[i]);
		}
	}
	return true;
}

static bool judge_source(const Rivergate__V1__Rule *rule, const char *where,
	struct governance_answer *answer)
{
	return rule->source[0] || rule->assumption ||
		governance_refuse(answer, where, "source",
			"say where the rule is published, or that it is an assumption");
}

static bool judge_rule(const Rivergate__V1__WindowProfile *profile, size_t at, const char *where,
	struct governance_answer *answer)
{
	const Rivergate__V1__Rule *rule = profile->rules[at];

	return judge_identity(profile, at, where, answer) &&
		judge_target(profile, rule, where, answer) &&
		judge_trade_law(rule, where, answer) && judge_goods(rule->goods, where, answer) &&
		judge_demands(rule, where, answer) &&
		judge_law(rule->legal_basis, where, "legal_basis", answer) &&
		judge_source(rule, where, answer) &&
		judge_span(rule->effective_from_us, rule->effective_until_us, where, answer);
}

/* Recognitions and the rest */

static bool judge_issuers(const Rivergate__V1__Recognition *recognition, const char *where,
	struct governance_answer *answer)
{
	for (size_t i = 0; i < recognition->n_issuers; i++) {
		const char *issuer = recognition->issuers[i];

		if (!is_country(issuer) && !address_is_valid(issuer)) {
			return governance_refuse(answer, where, "issuers",
				"'%.100s' is neither an address nor a country", issuer);
		}
	}
	return recognition->n_issuers > 0 ||
		governance_refuse(answer, where, "issuers", "name whose word is recognised");
}

static bool judge_effect(const Rivergate__V1__Recognition *recognition, const char *where,
	struct governance_answer *answer)
{
	bool satisfies = recognition->effect ==
		RIVERGATE__V1__RECOGNITION__EFFECT__EFFECT_SATISFIES_DOCUMENT;

	if (recognition->of == RIVERGATE__V1__RECOGNITION__SUBJECT__SUBJECT_UNSPECIFIED ||
		recognition->effect == RIVERGATE__V1__RECOGNITION__EFFECT__EFFECT_UNSPECIFIED) {
		return governance_refuse(answer, where, "effect",
			"say of what and with which effect; no effect releases");
	}
	if (satisfies != (recognition->document[0] && recognition->by[0])) {
		return governance_refuse(answer, where, "document",
			"document and by belong to SATISFIES_DOCUMENT, both of them");
	}
	return true;
}

static bool judge_recognition(const Rivergate__V1__WindowProfile *profile, size_t at,
	const char *where, struct governance_answer *answer)
{
	const Rivergate__V1__Recognition *recognition = profile->recognitions[at];

	if (!is_id(recognition->id)) {
		return governance_refuse(answer, where, "id",
			"give an id of lower case letters, digits, . _ -");
	}
	for (size_t i = 0; i < at; i++) {
		if (strcmp(profile->recognitions[i]->id, recognition->id) == 0) {
			return governance_refuse(answer, where, "id", "'%s' stands twice",
				recognition->id);
		}
	}
	return judge_effect(recognition, where, answer) &&
		judge_issuers(recognition, where, answer) &&
		judge_goods(recognition->goods, where, answer) &&
		judge_law(recognition->instrument, where, "instrument", answer) &&
		judge_span(recognition->valid_from_us, recognition->valid_until_us, where, answer);
}

/* An entry that an earlier prefix hides would never be read. */
static bool judge_default(const Rivergate__V1__WindowProfile *profile, size_t at, const char *where,
	struct governance_answer *answer)
{
	const Rivergate__V1__ConditionDefault *entry = profile->condition_defaults[at];

	if (!is_hs(entry->hs) ||
		entry->condition == RIVERGATE__V1__CONDITION__CONDITION_UNSPECIFIED) {
		return governance_refuse(answer, where, "hs",
			"needs 2, 4 or 6 digits and a condition");
	}
	for (size_t i = 0; i < at; i++) {
		const char *earlier = profile->condition_defaults[i]->hs;

		if (strncmp(entry->hs, earlier, strlen(earlier)) == 0) {
			return governance_refuse(answer, where, "hs",
				"'%s' is never reached: '%s' stands before it", entry->hs, earlier);
		}
	}
	return true;
}

static bool judge_limit(const Rivergate__V1__WindowProfile *profile, size_t at, const char *where,
	struct governance_answer *answer)
{
	int64_t limit_us = profile->transit_limits[at]->limit_us;

	return (limit_us > 0 && limit_us <= PROFILE_TARGET_MAX_US) ||
		governance_refuse(answer, where, "limit_us",
			"transit ends within a time above 0, at most a year");
}

static bool judge_competence(const Rivergate__V1__WindowProfile *profile, size_t at,
	const char *where, struct governance_answer *answer)
{
	const char *authority = profile->competences[at]->authority;

	return (address_is_valid(authority) && address_has_prefix(authority, profile->member)) ||
		governance_refuse(answer, where, "authority",
			"'%.100s' is no address of member '%s'", authority, profile->member);
}

struct judgement {
	const char *list;
	bool (*judge)(const Rivergate__V1__WindowProfile *profile, size_t at, const char *where,
		struct governance_answer *answer);
	size_t n_at; /* offset of the count in the message */
};

static const struct judgement judgements[] = {
	{"calendars", judge_calendar, offsetof(Rivergate__V1__WindowProfile, n_calendars)},
	{"rules", judge_rule, offsetof(Rivergate__V1__WindowProfile, n_rules)},
	{"recognitions", judge_recognition, offsetof(Rivergate__V1__WindowProfile, n_recognitions)},
	{"condition_defaults", judge_default,
		offsetof(Rivergate__V1__WindowProfile, n_condition_defaults)},
	{"transit_limits", judge_limit, offsetof(Rivergate__V1__WindowProfile, n_transit_limits)},
	{"competences", judge_competence, offsetof(Rivergate__V1__WindowProfile, n_competences)},
};

static bool judge_list(const Rivergate__V1__WindowProfile *profile,
	const struct judgement *judgement, struct governance_answer *answer)
{
	size_t n = 0;

	memcpy(&n, (const uint8_t *)profile + judgement->n_at, sizeof(n));
	if (n > ENTRIES_MAX) {
		return governance_refuse(answer, judgement->list, "", "has more than %d entries",
			ENTRIES_MAX);
	}
	for (size_t i = 0; i < n; i++) {
		char where[WHERE_MAX];

		(void)snprintf(where, sizeof(where), "%s[%zu]", judgement->list, i);
		if (!judgement->judge(profile, i, where, answer)) {
			return false;
		}
	}
	return true;
}

bool profile_check(const Rivergate__V1__WindowProfile *profile,
	struct governance_answer *ret_answer)
{
	if (!address_cc_is_valid(profile->member)) {
		return governance_refuse(ret_answer, "member", "",
			"'%.20s' is not two letters a to z", profile->member);
	}
	if (profile->version == 0) {
		return governance_refuse(ret_answer, "version", "", "versions count from 1");
	}
	for (size_t i = 0; i < sizeof(judgements) / sizeof(judgements[0]); i++) {
		if (!judge_list(profile, &judgements[i], ret_answer)) {
			return false;
		}
	}
	return governance_agree(ret_answer);
}

bool profile_fits(const Rivergate__V1__WindowProfile *profile, const struct trust *trust,
	struct governance_answer *ret_answer)
{
	for (size_t i = 0; i < profile->n_rules; i++) {
		char where[WHERE_MAX];

		(void)snprintf(where, sizeof(where), "rules[%zu]", i);
		if (!trust_party_at(trust, profile->rules[i]->authority)) {
			return governance_refuse(ret_answer, where, "authority",
				"'%.100s' is no party of the directory in force",
				profile->rules[i]->authority);
		}
	}
	return governance_agree(ret_answer);
}
