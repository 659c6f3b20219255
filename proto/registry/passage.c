/*
 * Judgements: may this signer sign now, may this header pass to that recipient
 *
 * See trust.h. Both are asked once for every message, so they allocate nothing and
 * compare days as numbers.
 * Threads: any, on an immutable trust.
 */

#include <string.h>

#include "registry/address.h"
#include "registry/object.h"

#define DAY_US    (INT64_C(24) * 3600 * 1000000)
#define PARTS_MAX 64

/* --- Standing of a signer ------------------------------------------------------------------- */

static struct trust_standing refuse(Rivergate__V1__Verdict verdict, const char *rule)
{
	return (struct trust_standing){.verdict = verdict, .rule = rule};
}

static struct trust_standing judge_age(const struct member_state *member, const struct crl *crl,
	int64_t now_us)
{
	const Rivergate__V1__CrlPolicy *policy = member->directory->message->crl_policy;
	struct trust_standing good = {.verdict = RIVERGATE__V1__VERDICT__VERDICT_ADMITTED};

	if (!policy || policy->max_age_us == 0 ||
		now_us - crl_this_update_us(crl) <= policy->max_age_us) {
		return good;
	}
	if (policy->when_stale !=
		RIVERGATE__V1__CRL_POLICY__WHEN_STALE__WHEN_STALE_ACCEPT_AND_MARK) {
		return refuse(RIVERGATE__V1__VERDICT__VERDICT_REVOKED,
			"revocation list of the sender's member is too old");
	}
	good.is_crl_stale = true;
	return good;
}

struct trust_standing trust_standing_of(const struct trust *trust,
	const struct trust_signer *signer, int64_t now_us)
{
	size_t i = registry_piece_member(trust->registry, signer->party->cc);
	const struct member_state *member = &trust->members[i];

	if (!certificate_is_valid_at(signer->certificate, now_us)) {
		return refuse(RIVERGATE__V1__VERDICT__VERDICT_CERTIFICATE,
			"certificate is not valid at this time");
	}
	if (!certificate_is_valid_at(trust->registry->members[i].root, now_us)) {
		return refuse(RIVERGATE__V1__VERDICT__VERDICT_CERTIFICATE,
			"root certificate of the sender's member is not valid at this time");
	}
	if (!member->crl) {
		return (struct trust_standing){.verdict = RIVERGATE__V1__VERDICT__VERDICT_ADMITTED};
	}
	if (crl_has(member->crl->crl, certificate_serial(signer->certificate))) {
		return refuse(RIVERGATE__V1__VERDICT__VERDICT_REVOKED, "certificate is revoked");
	}
	return judge_age(member, member->crl->crl, now_us);
}

/* --- Passage of a header -------------------------------------------------------------------- */

static bool needs_no_rule(Rivergate__V1__Kind kind)
{
	return kind == RIVERGATE__V1__KIND__KIND_ACKNOWLEDGEMENT ||
		kind >= RIVERGATE__V1__KIND__KIND_REGISTRY;
}

static bool has_purpose(const Rivergate__V1__ChannelRule *rule, Rivergate__V1__Purpose purpose)
{
	for (size_t i = 0; i < rule->n_purposes; i++) {
		if (rule->purposes[i] == purpose) {
			return true;
		}
	}
	return rule->n_purposes == 0;
}

static bool has_prefix(char **prefixes, size_t n_prefixes, const char *address)
{
	for (size_t i = 0; i < n_prefixes; i++) {
		if (address_has_prefix(address, prefixes[i])) {
			return true;
		}
	}
	return false;
}

static bool matches(const Rivergate__V1__ChannelRule *rule, const Rivergate__V1__Header *header,
	const struct trust_party *recipient)
{
	return has_purpose(rule, header->purpose) &&
		has_prefix(rule->from, rule->n_from, header->from) &&
		has_prefix(rule->to, rule->n_to, recipient->address);
}

static bool may_read(const Rivergate__V1__Audience *audience, const struct trust_party *recipient)
{
	if (!audience) {
		return true;
	}
	if (audience->withheld) {
		return false;
	}
	for (size_t i = 0; i < audience->n_roles; i++) {
		if (trust_party_has_role(recipient, audience->roles[i])) {
			return true;
		}
	}
	return has_prefix(audience->addresses, audience->n_addresses, recipient->address) ||
		audience->n_roles + audience->n_addresses == 0;
}

/* The parts that recipient's audience lets it read. */
static uint64_t readable_parts(const Rivergate__V1__Header *header,
	const struct trust_party *recipient)
{
	uint64_t parts = 0;

	for (size_t i = 0; i < header->n_parts && i < PARTS_MAX; i++) {
		if (may_read(header->parts[i]->audience, recipient)) {
			parts |= UINT64_C(1) << i;
		}
	}
	return parts;
}

static bool names(const Rivergate__V1__ChannelRule *rule, const Rivergate__V1__Part *part)
{
	if (rule->encryption_required && !part->encryption) {
		return false;
	}
	for (size_t i = 0; i < rule->n_parts; i++) {
		if (strcmp(rule->parts[i], part->name) == 0) {
			return true;
		}
	}
	return false;
}

/* The parts that one rule lets travel. */
static uint64_t ruled_parts(const Rivergate__V1__ChannelRule *rule,
	const Rivergate__V1__Header *header)
{
	uint64_t parts = 0;

	for (size_t i = 0; i < header->n_parts && i < PARTS_MAX; i++) {
		if (names(rule, header->parts[i])) {
			parts |= UINT64_C(1) << i;
		}
	}
	return parts;
}

/* Rounded down also before 1970. */
static int64_t day_of(int64_t time_us)
{
	int64_t day = time_us / DAY_US;

	return time_us % DAY_US < 0 ? day - 1 : day;
}

uint32_t passage_bit(const char *address)
{
	unsigned first = (unsigned char)address[0];
	unsigned second = first ? (unsigned char)address[1] : 0;

	return UINT32_C(1) << ((first + second) % 32);
}

struct trust_passage trust_passage_of(const struct trust *trust,
	const Rivergate__V1__Header *header, const struct trust_party *recipient, int64_t now_us)
{
	const struct registry_piece *registry = trust->registry;
	struct trust_passage passage = {.may_pass = false};
	uint64_t readable = readable_parts(header, recipient);
	int64_t today = day_of(now_us);
	uint64_t kind = header->kind < 64 ? UINT64_C(1) << header->kind : 0;
	uint32_t from = passage_bit(header->from);
	uint32_t to = passage_bit(recipient->address);

	/* What somebody says to himself passes no channel: he only has it in the log. */
	if (needs_no_rule(header->kind) || strcmp(header->from, recipient->address) == 0) {
		passage.may_pass = true;
		passage.parts = readable;
		return passage;
	}
	for (size_t i = 0; i < registry->message->n_rules; i++) {
		const Rivergate__V1__ChannelRule *rule = registry->message->rules[i];

		const struct rule_scope *scope = &registry->scopes[i];

		if (!(scope->kinds & kind) || !(scope->from & from) || !(scope->to & to) ||
			today < scope->valid_from || today > scope->valid_until ||
			!matches(rule, header, recipient)) {
			continue;
		}
		passage.may_pass = true;
		passage.rule = passage.rule ? passage.rule : rule;
		passage.parts |= ruled_parts(rule, header) & readable;
	}
	return passage;
}
