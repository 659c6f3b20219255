/*
 * A registry taken apart: see pieces.h
 *
 * Threads: immutable after registry_piece_new(), but for the atomic count.
 */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/merkle.h"
#include "registry/address.h"
#include "registry/form.h"
#include "registry/pieces.h"
#include "wire/scan.h"

#define WHERE_MAX 64
#define SECOND_US INT64_C(1000000)
#define DAY_US    (24 * 3600 * SECOND_US)

/* What a 0 in the file means. */
static const Rivergate__V1__Numbers defaults = {
	.clock_skew_us = 300 * SECOND_US,
	.spool_max_us = 72 * 3600 * SECOND_US,
	.default_life_us = 7 * DAY_US,
	.max_life_us = 90 * DAY_US,
	.max_recipients = 16,
	.pending_per_party = 100000,
};

static struct rg_bytes view(ProtobufCBinaryData data)
{
	return bytes_of(data.data, data.len);
}

struct registry_piece *registry_piece_ref(struct registry_piece *piece)
{
	if (piece) {
		atomic_fetch_add_explicit(&piece->n_refs, 1, memory_order_relaxed);
	}
	return piece;
}

void registry_piece_unref(struct registry_piece *piece)
{
	if (!piece || atomic_fetch_sub_explicit(&piece->n_refs, 1, memory_order_acq_rel) > 1) {
		return;
	}
	for (size_t i = 0; piece->members && i < piece->message->n_members; i++) {
		certificate_freep(&piece->members[i].root);
		key_freep(&piece->members[i].governance);
	}
	for (size_t i = 0; piece->routers && i < piece->message->n_routers; i++) {
		key_freep(&piece->routers[i]);
	}
	arena_freep(&piece->arena);
	free(piece);
}

size_t registry_piece_member(const struct registry_piece *piece, const char *address)
{
	size_t i = 0;

	while (i < piece->message->n_members &&
		!address_has_prefix(address, piece->message->members[i]->cc)) {
		i++;
	}
	return i;
}

/* --- Taking apart --------------------------------------------------------------------------- */

static void fill_numbers(struct registry_piece *piece)
{
	Rivergate__V1__Numbers *numbers = &piece->numbers;
	const Rivergate__V1__Numbers *own = piece->message->numbers;

	rivergate__v1__numbers__init(numbers);
	if (own) {
		*numbers = *own;
	}
	numbers->clock_skew_us =
		numbers->clock_skew_us ? numbers->clock_skew_us : defaults.clock_skew_us;
	numbers->spool_max_us =
		numbers->spool_max_us ? numbers->spool_max_us : defaults.spool_max_us;
	numbers->default_life_us =
		numbers->default_life_us ? numbers->default_life_us : defaults.default_life_us;
	numbers->max_life_us = numbers->max_life_us ? numbers->max_life_us : defaults.max_life_us;
	numbers->max_recipients =
		numbers->max_recipients ? numbers->max_recipients : defaults.max_recipients;
	numbers->pending_per_party = numbers->pending_per_party ? numbers->pending_per_party
								: defaults.pending_per_party;
}

static uint64_t kinds_of(const Rivergate__V1__ChannelRule *rule)
{
	uint64_t kinds = 0;

	for (size_t i = 0; i < rule->n_kinds; i++) {
		kinds |= rule->kinds[i] < 64 ? UINT64_C(1) << rule->kinds[i] : 0;
	}
	return kinds;
}

static uint32_t bits_of(char *const *prefixes, size_t n_prefixes)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < n_prefixes; i++) {
		bits |= passage_bit(prefixes[i]);
	}
	return bits;
}

/* Dates have been judged; an open end is the end of time. */
static rg_err fill_scopes(struct registry_piece *piece)
{
	const Rivergate__V1__Registry *message = piece->message;

	piece->scopes = arena_alloc(piece->arena, (message->n_rules + 1) * sizeof(*piece->scopes));
	if (!piece->scopes) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < message->n_rules; i++) {
		const Rivergate__V1__ChannelRule *rule = message->rules[i];
		struct rule_scope *scope = &piece->scopes[i];

		scope->kinds = kinds_of(rule);
		scope->from = bits_of(rule->from, rule->n_from);
		scope->to = bits_of(rule->to, rule->n_to);
		scope->valid_until = INT64_MAX;
		if (!form_date(rule->valid_from, &scope->valid_from) ||
			(*rule->valid_until &&
				!form_date(rule->valid_until, &scope->valid_until))) {
			return RG_E_FORMAT;
		}
	}
	return RG_OK;
}

static bool is_root_of(const struct certificate *root, const char *cc)
{
	const char *country = certificate_country(root);

	return tolower((unsigned char)country[0]) == cc[0] &&
		tolower((unsigned char)country[1]) == cc[1] && country[2] == '\0';
}

static rg_err parse_root(const Rivergate__V1__Member *member, struct member_keys *keys,
	const char *where, struct governance_answer *answer)
{
	static const char field[] = "root_certificate";
	bool is_self_issued = false;
	rg_err err = certificate_parse(view(member->root_certificate), 0, &keys->root);

	if (err) {
		return err;
	}
	if (!keys->root) {
		governance_refuse(answer, where, field,
			"is no certificate with a key of a known algorithm");
		return RG_OK;
	}
	if (!certificate_is_ca(keys->root)) {
		governance_refuse(answer, where, field, "is no CA certificate");
		return RG_OK;
	}
	if (!is_root_of(keys->root, member->cc)) {
		governance_refuse(answer, where, field, "is the root of '%.20s', not of '%s'",
			certificate_country(keys->root), member->cc);
		return RG_OK;
	}
	err = certificate_is_issued_by(keys->root, keys->root, &is_self_issued);
	if (!err && !is_self_issued) {
		governance_refuse(answer, where, field, "is not signed by its own key");
	}
	return err;
}

static rg_err parse_member(const Rivergate__V1__Member *member, struct member_keys *keys,
	const char *where, struct governance_answer *answer)
{
	rg_err err = parse_root(member, keys, where, answer);

	if (err || !answer->is_ok) {
		return err;
	}
	err = key_from_spki(member->governance_algorithm, view(member->governance_key),
		&keys->governance);
	if (!err && !keys->governance) {
		governance_refuse(answer, where, "governance_key",
			"is no key of the algorithm in governance_algorithm");
	}
	return err;
}

static rg_err parse_members(struct registry_piece *piece, struct governance_answer *answer)
{
	size_t n_members = piece->message->n_members;

	piece->members = arena_alloc(piece->arena, n_members * sizeof(*piece->members));
	if (!piece->members) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < n_members; i++) {
		char where[WHERE_MAX];

		snprintf(where, sizeof(where), "members[%zu]", i);
		rg_err err =
			parse_member(piece->message->members[i], &piece->members[i], where, answer);
		if (err || !answer->is_ok) {
			return err;
		}
	}
	return RG_OK;
}

/* Lengths have been judged. */
static rg_err parse_routers(struct registry_piece *piece)
{
	size_t n_routers = piece->message->n_routers;

	piece->routers = arena_alloc(piece->arena, (n_routers + 1) * sizeof(*piece->routers));
	if (!piece->routers) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < n_routers; i++) {
		rg_err err = key_from_ed25519(piece->message->routers[i]->router_key.data,
			&piece->routers[i]);

		if (err) {
			return err;
		}
	}
	return RG_OK;
}

/* --- Keys ----------------------------------------------------------------------------------- */

static rg_err list_member_keys(const struct registry_piece *piece, size_t i, struct key_uses *uses)
{
	const struct member_keys *keys = &piece->members[i];
	char where[WHERE_MAX];

	snprintf(where, sizeof(where), "%smembers[%zu]", uses->is_new ? "" : "registry ", i);
	rg_err err = key_uses_add(uses, certificate_key(keys->root), where, "root_certificate");
	if (!err) {
		err = key_uses_add(uses, keys->governance, where, "governance_key");
	}
	if (!err) {
		err = key_uses_add_raw(uses, view(piece->message->members[i]->witness_key), where,
			"witness_key");
	}
	return err;
}

static rg_err list_router_keys(const Rivergate__V1__Router *router, size_t i, struct key_uses *uses)
{
	char where[WHERE_MAX];

	snprintf(where, sizeof(where), "%srouters[%zu]", uses->is_new ? "" : "registry ", i);
	rg_err err = key_uses_add_raw(uses, view(router->log_key), where, "log_key");
	if (!err) {
		err = key_uses_add_raw(uses, view(router->router_key), where, "router_key");
	}
	if (!err) {
		err = key_uses_add_raw(uses, view(router->curve_key), where, "curve_key");
	}
	return err;
}

rg_err registry_piece_list_keys(const struct registry_piece *piece, struct key_uses *uses)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < piece->message->n_members; i++) {
		err = list_member_keys(piece, i, uses);
	}
	for (size_t i = 0; !err && i < piece->message->n_routers; i++) {
		err = list_router_keys(piece->message->routers[i], i, uses);
	}
	return err;
}

static rg_err judge_keys(const struct registry_piece *piece, struct governance_answer *answer)
{
	scoped(key_uses_deinit) struct key_uses uses = {.is_new = true};
	rg_err err = registry_piece_list_keys(piece, &uses);

	if (!err) {
		key_uses_judge(&uses, answer);
	}
	return err;
}

/* --- New ------------------------------------------------------------------------------------ */

static rg_err unpack(struct registry_piece *piece, struct rg_bytes content,
	struct governance_answer *answer)
{
	struct scan_answer scan;
	ProtobufCMessage *message;

	piece->arena = arena_new(0);
	if (!piece->arena) {
		return RG_E_NOMEM;
	}
	rg_err err = scan_unpack(&rivergate__v1__registry__descriptor, content, piece->arena, &scan,
		&message);
	if (err) {
		return err;
	}
	if (!message) {
		governance_refuse(answer, scan.path, "", "%s", scan.rule);
		return RG_OK;
	}
	piece->message = (const Rivergate__V1__Registry *)message;
	form_registry(piece->message, answer);
	return RG_OK;
}

/* After form has been judged. */
static rg_err fill(struct registry_piece *piece, struct governance_answer *answer)
{
	rg_err err = parse_members(piece, answer);

	if (err || !answer->is_ok) {
		return err;
	}
	err = parse_routers(piece);
	if (!err) {
		err = fill_scopes(piece);
	}
	if (!err) {
		err = judge_keys(piece, answer);
	}
	fill_numbers(piece);
	piece->quorum = (unsigned)(2 * piece->message->n_members / 3 + 1);
	return err;
}

static rg_err hash_content(struct rg_bytes content, uint8_t ret_hash[32])
{
	struct merkle_hash hash;
	rg_err err = merkle_hash_of(content, bytes_of(NULL, 0), &hash);

	if (!err) {
		memcpy(ret_hash, hash.bytes, sizeof(hash.bytes));
	}
	return err;
}

rg_err registry_piece_new(struct rg_bytes content, uint64_t index,
	struct registry_piece **ret_piece, struct governance_answer *ret_answer)
{
	scoped(registry_piece_unrefp) struct registry_piece *piece = calloc(1, sizeof(*piece));

	*ret_piece = NULL;
	if (!piece) {
		return RG_E_NOMEM;
	}
	atomic_init(&piece->n_refs, 1);
	piece->index = index;
	governance_agree(ret_answer);
	rg_err err = hash_content(content, piece->hash);
	if (!err) {
		err = unpack(piece, content, ret_answer);
	}
	if (err || !ret_answer->is_ok) {
		return err;
	}
	err = fill(piece, ret_answer);
	if (err || !ret_answer->is_ok) {
		return err;
	}
	*ret_piece = steal(piece);
	return RG_OK;
}
