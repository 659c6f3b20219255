/*
 * A later registry: see trust_apply_registry() in trust.h
 *
 * Everything is judged by version n, which is in force: whose signatures count, with
 * which keys, and how many are a quorum. Only a member that n does not have yet signs
 * with the key that n + 1 names. What a signature is needed for beyond the quorum is one
 * table of demands.
 *
 * Threads: any; nothing is shared.
 */

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "registry/address.h"
#include "registry/object.h"
#include "registry/succession.h"
#include "wire/pack.h"

#define WHERE_MAX 48

/* One succession while it is judged. */
struct succession {
	const struct trust *trust;
	const struct registry_piece *old;
	const struct registry_piece *next;
	const Rivergate__V1__Governed *governed;
	uint64_t old_signed; /* members of old, as bits */
	uint64_t new_signed; /* members of next, as bits; by old keys where old has them */
	struct governance_answer *answer;
};

static struct rg_bytes view(ProtobufCBinaryData data)
{
	return bytes_of(data.data, data.len);
}

static size_t find_member(const struct registry_piece *piece, const char *cc)
{
	size_t i = 0;

	while (i < piece->message->n_members && strcmp(piece->message->members[i]->cc, cc) != 0) {
		i++;
	}
	return i;
}

static bool is_same(const ProtobufCMessage *a, const ProtobufCMessage *b, rg_err *ret_err)
{
	scoped(buf_deinit) struct buf left = {0};
	scoped(buf_deinit) struct buf right = {0};
	rg_err err = pack_append(a, &left);

	*ret_err = err ? err : pack_append(b, &right);
	return !*ret_err && bytes_equal(buf_view(&left), buf_view(&right));
}

/* --- What it follows ------------------------------------------------------------------------ */

static bool judge_place(const struct succession *it)
{
	unsigned long long version = it->next->message->version;
	unsigned long long in_force = it->old->message->version;
	unsigned long long record = it->old->index;
	char hex[2 * 32 + 1];

	text_hex(bytes_of(it->old->hash, sizeof(it->old->hash)), hex);
	if (memcmp(it->old->hash, it->next->hash, sizeof(it->old->hash)) == 0) {
		return governance_refuse(it->answer, "", "", "is in force already, by record %llu",
			record);
	}
	if (version == in_force) {
		return governance_refuse(it->answer, "version", "",
			"record %llu brought another version %llu, with hash %s; the first in the "
			"journal is final",
			record, version, hex);
	}
	if (version < in_force) {
		return governance_refuse(it->answer, "version", "",
			"%llu is older than %llu, which is in force by record %llu", version,
			in_force, record);
	}
	if (version > in_force + 1) {
		return governance_refuse(it->answer, "version", "",
			"%llu does not follow %llu, which is in force by record %llu; bring the "
			"versions between first",
			version, in_force, record);
	}
	if (!bytes_equal(view(it->next->message->previous_hash),
		    bytes_of(it->old->hash, sizeof(it->old->hash)))) {
		return governance_refuse(it->answer, "previous_hash", "",
			"is not %s, the hash of version %llu, which is in force by record %llu",
			hex, in_force, record);
	}
	return true;
}

/* --- Signatures ----------------------------------------------------------------------------- */

static rg_err take_signature(struct succession *it, size_t i)
{
	const char *cc = it->governed->signatures[i]->member;
	size_t old = find_member(it->old, cc);
	size_t next = find_member(it->next, cc);
	bool is_old = old < it->old->message->n_members;
	bool is_new = next < it->next->message->n_members;
	bool is_valid = false;

	if (!is_old && !is_new) {
		governance_refuse(it->answer, "signatures", "", "'%.20s' is no member", cc);
		return RG_OK;
	}
	if (i > 0 && strcmp(it->governed->signatures[i - 1]->member, cc) >= 0) {
		governance_refuse(it->answer, "signatures", "", "'%s' stands twice or out of order",
			cc);
		return RG_OK;
	}
	rg_err err = governance_verify(it->governed, i, GOVERNANCE_CONTEXT_REGISTRY,
		is_old ? it->old->members[old].governance : it->next->members[next].governance,
		&is_valid);
	it->old_signed |= is_valid && is_old ? UINT64_C(1) << old : 0;
	it->new_signed |= is_valid && is_new ? UINT64_C(1) << next : 0;
	return err;
}

static rg_err collect(struct succession *it)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && it->answer->is_ok && i < it->governed->n_signatures; i++) {
		err = take_signature(it, i);
	}
	return err;
}

static bool judge_quorum(const struct succession *it)
{
	unsigned n_signed = (unsigned)__builtin_popcountll(it->old_signed);

	return n_signed >= it->old->quorum ||
		governance_refuse(it->answer, "signatures", "",
			"%u of %zu members of version %llu have signed validly with its keys; its "
			"quorum is %u",
			n_signed, it->old->message->n_members,
			(unsigned long long)it->old->message->version, it->old->quorum);
}

/* --- Members -------------------------------------------------------------------------------- */

static bool judge_admission(const struct succession *it, size_t i)
{
	const char *cc = it->next->message->members[i]->cc;
	char where[WHERE_MAX];

	(void)snprintf(where, sizeof(where), "members[%zu]", i);
	for (size_t j = 0; j < it->old->message->n_members; j++) {
		if (!(it->old_signed >> j & 1)) {
			return governance_refuse(it->answer, where, "",
				"admits '%s', which needs all members; the valid signature of "
				"'%s' is missing",
				cc, it->old->message->members[j]->cc);
		}
	}
	return it->new_signed >> i & 1 ||
		governance_refuse(it->answer, where, "",
			"admits '%s', whose own valid signature is missing", cc);
}

/* A member speaks for itself: nobody else changes its keys. */
static rg_err judge_member(const struct succession *it, size_t i)
{
	const Rivergate__V1__Member *member = it->next->message->members[i];
	size_t old = find_member(it->old, member->cc);
	char where[WHERE_MAX];
	rg_err err = RG_OK;

	if (old == it->old->message->n_members) {
		judge_admission(it, i);
		return RG_OK;
	}
	bool is_changed =
		!is_same(&it->old->message->members[old]->base, &member->base, &err) && !err;
	if (is_changed && !(it->old_signed >> old & 1)) {
		(void)snprintf(where, sizeof(where), "members[%zu]", i);
		governance_refuse(it->answer, where, "",
			"changes '%s', whose own valid signature is missing", member->cc);
	}
	return err;
}

static rg_err judge_members(const struct succession *it)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && it->answer->is_ok && i < it->next->message->n_members; i++) {
		err = judge_member(it, i);
	}
	return err;
}

/* --- Channel rules -------------------------------------------------------------------------- */

static rg_err find_rule(const struct registry_piece *piece, const Rivergate__V1__ChannelRule *rule,
	bool *ret_found)
{
	rg_err err = RG_OK;

	*ret_found = false;
	for (size_t i = 0; !err && !*ret_found && i < piece->message->n_rules; i++) {
		*ret_found = is_same(&piece->message->rules[i]->base, &rule->base, &err);
	}
	return err;
}

/* Members of `piece` whose data stands behind these prefixes. */
static uint64_t touched(const struct registry_piece *piece, char **prefixes, size_t n_prefixes)
{
	uint64_t set = 0;

	for (size_t i = 0; i < n_prefixes; i++) {
		size_t member = registry_piece_member(piece, prefixes[i]);

		set |= member < piece->message->n_members ? UINT64_C(1) << member : 0;
	}
	return set;
}

static uint64_t touched_by(const struct registry_piece *piece,
	const Rivergate__V1__ChannelRule *rule)
{
	return touched(piece, rule->from, rule->n_from) | touched(piece, rule->to, rule->n_to);
}

/* A rule that is new, or is not what it was: all whose data it is about have signed. */
static rg_err judge_new_rule(const struct succession *it, size_t i)
{
	const Rivergate__V1__ChannelRule *rule = it->next->message->rules[i];
	bool was_there = false;
	rg_err err = find_rule(it->old, rule, &was_there);
	uint64_t missing = touched_by(it->next, rule) & ~it->new_signed;
	char where[WHERE_MAX];

	if (!err && !was_there && missing) {
		size_t member = (size_t)__builtin_ctzll(missing);

		(void)snprintf(where, sizeof(where), "rules[%zu]", i);
		governance_refuse(it->answer, where, "",
			"'%.60s' is new or changed, and about data of '%s', whose valid signature "
			"is missing",
			rule->name, it->next->message->members[member]->cc);
	}
	return err;
}

/* Members that leave have nothing to say about rules any more. */
static uint64_t staying(const struct succession *it)
{
	uint64_t set = 0;

	for (size_t i = 0; i < it->old->message->n_members; i++) {
		bool stays = find_member(it->next, it->old->message->members[i]->cc) <
			it->next->message->n_members;

		set |= stays ? UINT64_C(1) << i : 0;
	}
	return set;
}

/* A member may withdraw its data; others may not cut two of them off from each other. */
static rg_err judge_old_rule(const struct succession *it, size_t i)
{
	const Rivergate__V1__ChannelRule *rule = it->old->message->rules[i];
	uint64_t about = touched_by(it->old, rule);
	bool is_there = false;
	rg_err err = find_rule(it->next, rule, &is_there);

	if (!err && !is_there && (about & ~staying(it)) == 0 && !(about & it->old_signed)) {
		governance_refuse(it->answer, "rules", "",
			"'%.60s' is gone, and none of those whose data it is about has signed",
			rule->name);
	}
	return err;
}

static rg_err judge_rules(const struct succession *it)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && it->answer->is_ok && i < it->next->message->n_rules; i++) {
		err = judge_new_rule(it, i);
	}
	for (size_t i = 0; !err && it->answer->is_ok && i < it->old->message->n_rules; i++) {
		err = judge_old_rule(it, i);
	}
	return err;
}

/* --- Joint auditors ------------------------------------------------------------------------- */

static bool has_auditor(const struct registry_piece *piece, const char *address)
{
	for (size_t i = 0; i < piece->message->n_auditors; i++) {
		if (strcmp(piece->message->auditors[i], address) == 0) {
			return true;
		}
	}
	return false;
}

/* One more who reads every member's data: every member says yes. The quorum may take one away. */
static void judge_auditors(const struct succession *it)
{
	const Rivergate__V1__Registry *next = it->next->message;

	for (size_t i = 0; it->answer->is_ok && i < next->n_auditors; i++) {
		bool is_new = !has_auditor(it->old, next->auditors[i]);

		for (size_t j = 0; is_new && it->answer->is_ok && j < next->n_members; j++) {
			if (!(it->new_signed >> j & 1)) {
				governance_refuse(it->answer, "auditors", "",
					"'%.100s' is new and may read data of '%s', whose valid "
					"signature is missing",
					next->auditors[i], next->members[j]->cc);
			}
		}
	}
}

/* --- Routers and keys ----------------------------------------------------------------------- */

/* What a log's name stands for does not change: a new log key takes a new origin. */
static bool judge_router(const struct succession *it, size_t i)
{
	const Rivergate__V1__Router *router = it->next->message->routers[i];
	char where[WHERE_MAX];

	(void)snprintf(where, sizeof(where), "routers[%zu]", i);
	for (size_t j = 0; j < it->old->message->n_routers; j++) {
		const Rivergate__V1__Router *before = it->old->message->routers[j];

		if (strcmp(before->origin, router->origin) != 0) {
			continue;
		}
		if (!bytes_equal(view(before->log_key), view(router->log_key))) {
			return governance_refuse(it->answer, where, "log_key",
				"is another key for the log '%.80s'; a new log key needs a new "
				"origin",
				router->origin);
		}
		if (strcmp(before->address, router->address) != 0) {
			return governance_refuse(it->answer, where, "address",
				"the log '%.80s' is that of '%s'", router->origin, before->address);
		}
	}
	return true;
}

static void judge_routers(const struct succession *it)
{
	for (size_t i = 0; it->answer->is_ok && i < it->next->message->n_routers; i++) {
		judge_router(it, i);
	}
}

/* Against its own keys it has been judged; no party may have one of them. */
static rg_err judge_keys(const struct succession *it)
{
	scoped(key_uses_deinit) struct key_uses uses = {.is_new = false};
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < it->old->message->n_members; i++) {
		if (it->trust->members[i].directory) {
			err = directory_piece_list_keys(it->trust->members[i].directory, &uses);
		}
	}
	uses.is_new = true;
	if (!err) {
		err = registry_piece_list_keys(it->next, &uses);
	}
	if (!err) {
		key_uses_judge(&uses, it->answer);
	}
	return err;
}

rg_err succession_judge(const struct trust *trust, const Rivergate__V1__Governed *governed,
	const struct registry_piece *next, struct governance_answer *ret_answer)
{
	struct succession it = {
		.trust = trust,
		.old = trust->registry,
		.next = next,
		.governed = governed,
		.answer = ret_answer,
	};

	governance_agree(ret_answer);
	if (!judge_place(&it)) {
		return RG_OK;
	}
	rg_err err = collect(&it);
	if (err || !ret_answer->is_ok || !judge_quorum(&it)) {
		return err;
	}
	err = judge_members(&it);
	if (!err && ret_answer->is_ok) {
		err = judge_rules(&it);
	}
	if (!err && ret_answer->is_ok) {
		judge_routers(&it);
	}
	if (!err && ret_answer->is_ok) {
		judge_auditors(&it);
	}
	return err || !ret_answer->is_ok ? err : judge_keys(&it);
}
