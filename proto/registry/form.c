/*
 * Contradictions within one governance file: see form.h
 *
 * Each judge looks at one kind of entry; `where` is the path of that entry. The scan has
 * already refused unknown fields and unknown enum values.
 * Threads: any; nothing is shared.
 */

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "evidence/note.h"
#include "registry/address.h"
#include "registry/form.h"

#define WHERE_MAX    48  /* members[…] */
#define PLACE_MAX    112 /* members[…].list[…] */
#define RAW_KEY_LEN  32
#define TEXT_MAX     200
#define OFFSET_LIMIT (14 * 60) /* minutes from UTC, the widest there is */
#define UNLOCODE_LEN 5

static bool is_name(const char *name)
{
	return name[0] != '\0' && strnlen(name, TEXT_MAX + 1) <= TEXT_MAX;
}

/* --- Dates ---------------------------------------------------------------------------------- */

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_in(int64_t year, int64_t month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Reads exactly n digits. */
static bool read_digits(const char *text, size_t n, int64_t *ret_value)
{
	*ret_value = 0;
	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9') {
			return false;
		}
		*ret_value = *ret_value * 10 + (text[i] - '0');
	}
	return true;
}

/* Days before the year; year at least 1. */
static int64_t days_before(int64_t year)
{
	int64_t past = year - 1;

	return past * 365 + past / 4 - past / 100 + past / 400;
}

bool form_date(const char *text, int64_t *ret_day)
{
	int64_t year;
	int64_t month;
	int64_t day;

	if (strnlen(text, 11) != 10 || text[4] != '-' || text[7] != '-' ||
		!read_digits(text, 4, &year) || !read_digits(text + 5, 2, &month) ||
		!read_digits(text + 8, 2, &day)) {
		return false;
	}
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in(year, month)) {
		return false;
	}
	int64_t total = days_before(year) - days_before(1970) + day - 1;
	for (int64_t earlier = 1; earlier < month; earlier++) {
		total += days_in(year, earlier);
	}
	*ret_day = total;
	return true;
}

/* --- Registry ------------------------------------------------------------------------------- */

static bool is_member(const Rivergate__V1__Registry *registry, const char *address)
{
	for (size_t i = 0; i < registry->n_members; i++) {
		if (address_has_prefix(address, registry->members[i]->cc)) {
			return true;
		}
	}
	return false;
}

/*
 * Entries ascend: so none stands twice, and one content has one form. previous: NULL at the first.
 */
static bool judge_order(const char *previous, const char *value, const char *where,
	const char *field, struct governance_answer *answer)
{
	int order = previous ? strcmp(previous, value) : -1;

	if (order == 0) {
		return governance_refuse(answer, where, field, "'%s' stands twice; remove one",
			value);
	}
	if (order > 0) {
		return governance_refuse(answer, where, field,
			"'%s' must stand before '%s': entries ascend", value, previous);
	}
	return true;
}

static bool judge_raw_key(ProtobufCBinaryData key, const char *where, const char *field,
	struct governance_answer *answer)
{
	if (key.len != RAW_KEY_LEN) {
		return governance_refuse(answer, where, field,
			"has %zu bytes; a raw public key has %d", key.len, RAW_KEY_LEN);
	}
	return true;
}

static bool judge_member(const Rivergate__V1__Member *member, const char *previous,
	const char *where, struct governance_answer *answer)
{
	if (!address_cc_is_valid(member->cc)) {
		return governance_refuse(answer, where, "cc", "'%.20s' is not two letters a to z",
			member->cc);
	}
	if (!judge_order(previous, member->cc, where, "cc", answer)) {
		return false;
	}
	if (!is_name(member->name)) {
		return governance_refuse(answer, where, "name", "give a name of 1 to %d bytes",
			TEXT_MAX);
	}
	if (member->governance_algorithm == RIVERGATE__V1__ALGORITHM__ALGORITHM_UNSPECIFIED) {
		return governance_refuse(answer, where, "governance_algorithm",
			"fix the algorithm of the governance key");
	}
	if (member->witness_key.len > 0) {
		return judge_raw_key(member->witness_key, where, "witness_key", answer);
	}
	return true;
}

static bool judge_members(const Rivergate__V1__Registry *registry, struct governance_answer *answer)
{
	if (registry->n_members == 0) {
		return governance_refuse(answer, "members", "", "a registry needs members");
	}
	if (registry->n_members > FORM_MEMBERS_MAX) {
		return governance_refuse(answer, "members", "", "are more than %d",
			FORM_MEMBERS_MAX);
	}
	for (size_t i = 0; i < registry->n_members; i++) {
		const char *previous = i > 0 ? registry->members[i - 1]->cc : NULL;
		char where[WHERE_MAX];

		snprintf(where, sizeof(where), "members[%zu]", i);
		if (!judge_member(registry->members[i], previous, where, answer)) {
			return false;
		}
	}
	return true;
}

static bool judge_router_keys(const Rivergate__V1__Router *router, const char *where,
	struct governance_answer *answer)
{
	return judge_raw_key(router->log_key, where, "log_key", answer) &&
		judge_raw_key(router->router_key, where, "router_key", answer) &&
		judge_raw_key(router->curve_key, where, "curve_key", answer);
}

static bool judge_router(const Rivergate__V1__Registry *registry, size_t i, const char *where,
	struct governance_answer *answer)
{
	const Rivergate__V1__Router *router = registry->routers[i];

	if (!address_is_valid(router->address)) {
		return governance_refuse(answer, where, "address", "'%.100s' is no address",
			router->address);
	}
	if (is_member(registry, router->address)) {
		return governance_refuse(answer, where, "address",
			"'%s' lies under a member; a router belongs to none", router->address);
	}
	if (!note_name_is_valid(router->origin)) {
		return governance_refuse(answer, where, "origin",
			"is no log origin: no spaces, no plus, 1 to %d bytes", NOTE_NAME_MAX);
	}
	if (!is_name(router->endpoint)) {
		return governance_refuse(answer, where, "endpoint",
			"give a ZeroMQ endpoint, e.g. tcp://192.0.2.1:5670");
	}
	for (size_t j = 0; j < i; j++) {
		if (strcmp(registry->routers[j]->address, router->address) == 0) {
			return governance_refuse(answer, where, "address",
				"'%s' stands twice; remove one", router->address);
		}
		if (strcmp(registry->routers[j]->origin, router->origin) == 0) {
			return governance_refuse(answer, where, "origin",
				"'%.100s' is the log of another router", router->origin);
		}
	}
	return judge_router_keys(router, where, answer);
}

static bool judge_routers(const Rivergate__V1__Registry *registry, struct governance_answer *answer)
{
	for (size_t i = 0; i < registry->n_routers; i++) {
		char where[WHERE_MAX];

		snprintf(where, sizeof(where), "routers[%zu]", i);
		if (!judge_router(registry, i, where, answer)) {
			return false;
		}
	}
	return true;
}

/* --- Channel rules -------------------------------------------------------------------------- */

static bool judge_prefixes(const Rivergate__V1__Registry *registry, char **prefixes,
	size_t n_prefixes, const char *where, struct governance_answer *answer)
{
	if (n_prefixes == 0) {
		return governance_refuse(answer, where, "", "name at least one address prefix");
	}
	for (size_t i = 0; i < n_prefixes; i++) {
		char place[PLACE_MAX];

		snprintf(place, sizeof(place), "%s[%zu]", where, i);
		if (!address_prefix_is_valid(prefixes[i])) {
			return governance_refuse(answer, place, "",
				"'%.100s' is no address prefix: cc or cc.agency[.office]",
				prefixes[i]);
		}
		if (!is_member(registry, prefixes[i])) {
			return governance_refuse(answer, place, "", "'%s' is of no member",
				prefixes[i]);
		}
	}
	return true;
}

/* Governance kinds are for all, derived kinds follow their cause: neither asks a rule. */
static bool is_for_rules(Rivergate__V1__Kind kind)
{
	return kind > RIVERGATE__V1__KIND__KIND_UNSPECIFIED &&
		kind < RIVERGATE__V1__KIND__KIND_REGISTRY;
}

static bool judge_what(const Rivergate__V1__ChannelRule *rule, const char *where,
	struct governance_answer *answer)
{
	if (rule->n_kinds == 0) {
		return governance_refuse(answer, where, "kinds", "name at least one kind");
	}
	for (size_t i = 0; i < rule->n_kinds; i++) {
		if (!is_for_rules(rule->kinds[i])) {
			return governance_refuse(answer, where, "kinds",
				"kind number %zu needs no rule or is none; remove it", i);
		}
	}
	for (size_t i = 0; i < rule->n_purposes; i++) {
		if (rule->purposes[i] == RIVERGATE__V1__PURPOSE__PURPOSE_UNSPECIFIED) {
			return governance_refuse(answer, where, "purposes",
				"purpose number %zu is none; leave the list empty for any", i);
		}
	}
	if (rule->n_parts == 0) {
		return governance_refuse(answer, where, "parts", "name at least one part");
	}
	for (size_t i = 0; i < rule->n_parts; i++) {
		if (!is_name(rule->parts[i])) {
			return governance_refuse(answer, where, "parts",
				"part number %zu has no name", i);
		}
	}
	return true;
}

static bool judge_law(const Rivergate__V1__ChannelRule *rule, const char *where,
	struct governance_answer *answer)
{
	const Rivergate__V1__LegalBasis *basis = rule->legal_basis;
	int64_t from;
	int64_t until;

	if (!basis || basis->instrument[0] == '\0' || basis->article[0] == '\0') {
		return governance_refuse(answer, where, "legal_basis",
			"name the instrument and its article; nothing passes without law");
	}
	if (!form_date(rule->valid_from, &from)) {
		return governance_refuse(answer, where, "valid_from",
			"'%.20s' is no date; write YYYY-MM-DD", rule->valid_from);
	}
	if (rule->valid_until[0] == '\0') {
		return true;
	}
	if (!form_date(rule->valid_until, &until)) {
		return governance_refuse(answer, where, "valid_until",
			"'%.20s' is no date; write YYYY-MM-DD or leave it empty",
			rule->valid_until);
	}
	if (until < from) {
		return governance_refuse(answer, where, "valid_until",
			"%s lies before valid_from %s", rule->valid_until, rule->valid_from);
	}
	return true;
}

static bool judge_rule(const Rivergate__V1__Registry *registry, size_t i, const char *where,
	struct governance_answer *answer)
{
	const Rivergate__V1__ChannelRule *rule = registry->rules[i];
	char from[WHERE_MAX + 8];
	char to[WHERE_MAX + 8];

	if (!is_name(rule->name)) {
		return governance_refuse(answer, where, "name", "give a name of 1 to %d bytes",
			TEXT_MAX);
	}
	for (size_t j = 0; j < i; j++) {
		if (strcmp(registry->rules[j]->name, rule->name) == 0) {
			return governance_refuse(answer, where, "name",
				"'%.100s' is the name of rules[%zu] already", rule->name, j);
		}
	}
	snprintf(from, sizeof(from), "%s.from", where);
	snprintf(to, sizeof(to), "%s.to", where);
	return judge_prefixes(registry, rule->from, rule->n_from, from, answer) &&
		judge_prefixes(registry, rule->to, rule->n_to, to, answer) &&
		judge_what(rule, where, answer) && judge_law(rule, where, answer);
}

static bool judge_rules(const Rivergate__V1__Registry *registry, struct governance_answer *answer)
{
	for (size_t i = 0; i < registry->n_rules; i++) {
		char where[WHERE_MAX];

		snprintf(where, sizeof(where), "rules[%zu]", i);
		if (!judge_rule(registry, i, where, answer)) {
			return false;
		}
	}
	return true;
}

static bool judge_numbers(const Rivergate__V1__Numbers *numbers, struct governance_answer *answer)
{
	const struct {
		const char *name;
		int64_t value;
	} rows[] = {
		{"clock_skew_us", numbers->clock_skew_us},
		{"spool_max_us", numbers->spool_max_us},
		{"default_life_us", numbers->default_life_us},
		{"max_life_us", numbers->max_life_us},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].value < 0) {
			return governance_refuse(answer, "numbers", rows[i].name,
				"is negative; 0 means the default");
		}
	}
	return true;
}

/* The order makes each of them stand once. */
static bool judge_auditors(const Rivergate__V1__Registry *registry,
	struct governance_answer *answer)
{
	for (size_t i = 0; i < registry->n_auditors; i++) {
		const char *address = registry->auditors[i];
		char where[WHERE_MAX];
		bool is_of_member = false;

		snprintf(where, sizeof(where), "auditors[%zu]", i);
		for (size_t j = 0; j < registry->n_members; j++) {
			is_of_member |= address_is_of_member(address, registry->members[j]->cc);
		}
		if (!address_is_valid(address) || !is_of_member) {
			return governance_refuse(answer, where, "",
				"'%.100s' is no address of a member's party", address);
		}
		if (i > 0 && strcmp(registry->auditors[i - 1], address) >= 0) {
			return governance_refuse(answer, where, "",
				"'%.100s' stands twice or out of order", address);
		}
	}
	return true;
}

bool form_registry(const Rivergate__V1__Registry *registry, struct governance_answer *ret_answer)
{
	return judge_members(registry, ret_answer) && judge_routers(registry, ret_answer) &&
		judge_rules(registry, ret_answer) && judge_auditors(registry, ret_answer) &&
		(!registry->numbers || judge_numbers(registry->numbers, ret_answer)) &&
		governance_agree(ret_answer);
}

/* --- Directory ------------------------------------------------------------------------------ */

static bool judge_roles(const Rivergate__V1__Party *party, const char *where,
	struct governance_answer *answer)
{
	for (size_t i = 0; i < party->n_roles; i++) {
		if (party->roles[i] == RIVERGATE__V1__ROLE__ROLE_UNSPECIFIED) {
			return governance_refuse(answer, where, "roles", "role number %zu is none",
				i);
		}
		for (size_t j = 0; j < i; j++) {
			if (party->roles[j] == party->roles[i]) {
				return governance_refuse(answer, where, "roles",
					"role number %zu stands twice; remove one", i);
			}
		}
	}
	return true;
}

static bool judge_curve_keys(const Rivergate__V1__Party *party, const char *where,
	struct governance_answer *answer)
{
	for (size_t i = 0; i < party->n_curve_keys; i++) {
		const Rivergate__V1__CurveKey *key = party->curve_keys[i];
		char place[PLACE_MAX];

		snprintf(place, sizeof(place), "%s.curve_keys[%zu]", where, i);
		if (!judge_raw_key(key->key, place, "key", answer)) {
			return false;
		}
		if (key->valid_from_us < 0 || key->valid_until_us < 0) {
			return governance_refuse(answer, place, "", "a time is negative");
		}
		if (key->valid_until_us != 0 && key->valid_until_us < key->valid_from_us) {
			return governance_refuse(answer, place, "valid_until_us",
				"lies before valid_from_us; 0 leaves it open");
		}
	}
	return true;
}

/* What certificates say comes later; here only what the entry itself says. */
static bool judge_keys(const Rivergate__V1__Party *party, const char *where,
	struct governance_answer *answer)
{
	for (size_t i = 0; i < party->n_keys; i++) {
		const Rivergate__V1__PartyKey *key = party->keys[i];
		char place[PLACE_MAX];

		snprintf(place, sizeof(place), "%s.keys[%zu]", where, i);
		if (key->use == RIVERGATE__V1__PARTY_KEY__USE__USE_UNSPECIFIED) {
			return governance_refuse(answer, place, "use",
				"say USE_SIGNING or USE_ENCRYPTION");
		}
		if (key->use == RIVERGATE__V1__PARTY_KEY__USE__USE_SIGNING &&
			key->algorithm == RIVERGATE__V1__ALGORITHM__ALGORITHM_UNSPECIFIED) {
			return governance_refuse(answer, place, "algorithm",
				"fix the algorithm of a signing key");
		}
	}
	return true;
}

static bool judge_party(const Rivergate__V1__Directory *directory, size_t i, const char *where,
	struct governance_answer *answer)
{
	const Rivergate__V1__Party *party = directory->parties[i];
	const char *previous = i > 0 ? directory->parties[i - 1]->address : NULL;

	if (!address_is_valid(party->address)) {
		return governance_refuse(answer, where, "address",
			"'%.100s' is no address: cc.agency[.office], lower case", party->address);
	}
	if (!address_is_of_member(party->address, directory->member)) {
		return governance_refuse(answer, where, "address",
			"'%s' is not under '%s', whose directory this is", party->address,
			directory->member);
	}
	if (!is_name(party->name)) {
		return governance_refuse(answer, where, "name", "give a name of 1 to %d bytes",
			TEXT_MAX);
	}
	return judge_order(previous, party->address, where, "address", answer) &&
		judge_roles(party, where, answer) && judge_keys(party, where, answer) &&
		judge_curve_keys(party, where, answer);
}

static bool judge_parties(const Rivergate__V1__Directory *directory,
	struct governance_answer *answer)
{
	for (size_t i = 0; i < directory->n_parties; i++) {
		char where[WHERE_MAX];

		snprintf(where, sizeof(where), "parties[%zu]", i);
		if (!judge_party(directory, i, where, answer)) {
			return false;
		}
	}
	return true;
}

static bool is_unlocode(const char *code)
{
	for (size_t i = 0; i < UNLOCODE_LEN; i++) {
		bool is_letter = code[i] >= 'A' && code[i] <= 'Z';
		bool is_digit = code[i] >= '2' && code[i] <= '9';

		if (!is_letter && !(is_digit && i >= 2)) {
			return false;
		}
	}
	return code[UNLOCODE_LEN] == '\0';
}

static bool has_party(const Rivergate__V1__Directory *directory, const char *address)
{
	for (size_t i = 0; i < directory->n_parties; i++) {
		if (strcmp(directory->parties[i]->address, address) == 0) {
			return !directory->parties[i]->withdrawn;
		}
	}
	return false;
}

static bool judge_office(const Rivergate__V1__Directory *directory, size_t i, const char *where,
	struct governance_answer *answer)
{
	const Rivergate__V1__Office *office = directory->offices[i];

	if (!is_name(office->code)) {
		return governance_refuse(answer, where, "code",
			"give the national code of the office");
	}
	for (size_t j = 0; j < i; j++) {
		if (strcmp(directory->offices[j]->code, office->code) == 0) {
			return governance_refuse(answer, where, "code",
				"'%.100s' stands twice; remove one", office->code);
		}
	}
	if (!has_party(directory, office->party)) {
		return governance_refuse(answer, where, "party",
			"'%.100s' is no party of this directory", office->party);
	}
	if (office->unlocode[0] != '\0' && !is_unlocode(office->unlocode)) {
		return governance_refuse(answer, where, "unlocode",
			"'%.20s' is no UN/LOCODE; five characters without a space",
			office->unlocode);
	}
	if (office->utc_offset_minutes < -OFFSET_LIMIT ||
		office->utc_offset_minutes > OFFSET_LIMIT) {
		return governance_refuse(answer, where, "utc_offset_minutes",
			"%d lies beyond 14 hours", (int)office->utc_offset_minutes);
	}
	return true;
}

static bool judge_offices(const Rivergate__V1__Directory *directory,
	struct governance_answer *answer)
{
	for (size_t i = 0; i < directory->n_offices; i++) {
		char where[WHERE_MAX];

		snprintf(where, sizeof(where), "offices[%zu]", i);
		if (!judge_office(directory, i, where, answer)) {
			return false;
		}
	}
	return true;
}

bool form_directory(const Rivergate__V1__Directory *directory, struct governance_answer *ret_answer)
{
	if (!address_cc_is_valid(directory->member)) {
		return governance_refuse(ret_answer, "member", "",
			"'%.20s' is not two letters a to z", directory->member);
	}
	if (directory->version == 0) {
		return governance_refuse(ret_answer, "version", "", "versions start at 1");
	}
	if (directory->crl_policy && directory->crl_policy->max_age_us < 0) {
		return governance_refuse(ret_answer, "crl_policy", "max_age_us",
			"is negative; 0 means that lists do not age");
	}
	return judge_parties(directory, ret_answer) && judge_offices(directory, ret_answer) &&
		governance_agree(ret_answer);
}
