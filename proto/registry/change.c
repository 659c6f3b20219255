/*
 * Governance messages: see change.h.
 *
 * Method: one row a kind.
 * Threads: any.
 */
#include "registry/change.h"

#include <stdio.h>
#include <string.h>

#include "wire/scan.h"

#define SALT_LEN 32

struct change_case {
	const struct change *in;
	struct rg_bytes content;
	struct arena *arena;
};

static void say(struct governance_answer *answer, const char *path, const char *text)
{
	answer->is_ok = false;
	(void)snprintf(answer->path, sizeof(answer->path), "%s", path);
	(void)snprintf(answer->text, sizeof(answer->text), "%s", text);
}

static rg_err read_governed(const struct change_case *it, Rivergate__V1__Governed **ret_governed,
	struct governance_answer *ret_answer)
{
	struct scan_answer scan = {.is_ok = false};
	ProtobufCMessage *governed = NULL;
	rg_err err = scan_unpack(&rivergate__v1__governed__descriptor, it->content, it->arena,
		&scan, &governed);

	if (!err && !scan.is_ok) {
		say(ret_answer, scan.path, scan.rule);
	}
	*ret_governed = (Rivergate__V1__Governed *)governed;
	return err;
}

static rg_err apply_registry(const struct change_case *it, struct trust **ret_trust,
	struct governance_answer *ret_answer)
{
	Rivergate__V1__Governed *governed = NULL;
	rg_err err = read_governed(it, &governed, ret_answer);

	if (err || !governed) {
		return err;
	}
	return it->in->trust
		? trust_apply_registry(it->in->trust, governed, it->in->index, ret_trust,
			  ret_answer)
		: trust_new(governed, it->in->pin, it->in->index, ret_trust, ret_answer);
}

static rg_err apply_directory(const struct change_case *it, struct trust **ret_trust,
	struct governance_answer *ret_answer)
{
	Rivergate__V1__Governed *governed = NULL;
	rg_err err = read_governed(it, &governed, ret_answer);

	return err || !governed ? err
				: trust_apply_directory(it->in->trust, governed, it->in->index,
					  ret_trust, ret_answer);
}

static bool is_first_label(const char *address, const char *cc)
{
	size_t len = strlen(cc);

	return strncmp(address, cc, len) == 0 && address[len] == '.';
}

/*
 * A party publishes its own member's list only. The router was given files of any member:
 * whose root issued it decides, and at most one accepts it.
 */
static rg_err apply_crl(const struct change_case *it, struct trust **ret_trust,
	struct governance_answer *ret_answer)
{
	const Rivergate__V1__Registry *registry = trust_registry(it->in->trust);
	bool is_routers = trust_router(it->in->trust, it->in->header->from) != NULL;
	rg_err err = RG_OK;

	say(ret_answer, "", "no member's root issued this revocation list");
	for (size_t i = 0; !err && !*ret_trust && i < registry->n_members; i++) {
		const char *cc = registry->members[i]->cc;

		if (is_routers || is_first_label(it->in->header->from, cc)) {
			err = trust_apply_crl(it->in->trust, cc, it->content, it->in->index,
				ret_trust, ret_answer);
		}
	}
	return err;
}

static rg_err apply_profile(const struct change_case *it, struct trust **ret_trust,
	struct governance_answer *ret_answer)
{
	Rivergate__V1__Governed *governed = NULL;
	rg_err err = read_governed(it, &governed, ret_answer);

	return err || !governed ? err
				: trust_apply_profile(it->in->trust, governed, it->in->index,
					  ret_trust, ret_answer);
}

struct change_row {
	Rivergate__V1__Kind kind;
	bool needs_trust;
	rg_err (*apply)(const struct change_case *it, struct trust **ret_trust,
		struct governance_answer *ret_answer);
};

static const struct change_row rows[] = {
	{RIVERGATE__V1__KIND__KIND_REGISTRY, false, apply_registry},
	{RIVERGATE__V1__KIND__KIND_DIRECTORY, true, apply_directory},
	{RIVERGATE__V1__KIND__KIND_REVOCATION_LIST, true, apply_crl},
	{RIVERGATE__V1__KIND__KIND_WINDOW_PROFILE, true, apply_profile},
};

static rg_err apply(const struct change_case *it, struct trust **ret_trust,
	struct governance_answer *ret_answer)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].kind != it->in->header->kind) {
			continue;
		}
		if (rows[i].needs_trust && !it->in->trust) {
			say(ret_answer, "", "no registry is in force yet");
			return RG_OK;
		}
		return rows[i].apply(it, ret_trust, ret_answer);
	}
	say(ret_answer, "kind", "not a governance kind");
	return RG_OK;
}

rg_err change_apply(const struct change *change, struct trust **ret_trust,
	struct governance_answer *ret_answer)
{
	scoped(trust_unrefp) struct trust *trust = NULL;
	scoped(arena_freep) struct arena *arena = arena_new(0);

	*ret_trust = NULL;
	if (!arena) {
		return RG_E_NOMEM;
	}
	if (change->part.len < SALT_LEN) {
		say(ret_answer, "parts[0]", "content is missing");
		return RG_OK;
	}
	if (change->part.len - SALT_LEN > GOVERNANCE_FILE_MAX) {
		say(ret_answer, "parts[0]", "is larger than a governance file may be");
		return RG_OK;
	}
	const struct change_case it = {.in = change,
		.content = {change->part.data + SALT_LEN, change->part.len - SALT_LEN},
		.arena = arena};
	rg_err err = apply(&it, &trust, ret_answer);

	if (!err) {
		*ret_trust = steal(trust);
	}
	return err;
}

rg_err change_is_known(const struct change *change, bool *ret_is_known)
{
	scoped(governance_freep) Rivergate__V1__Governed *governed = NULL;
	struct governance_answer answer;
	bool is_registry = change->header->kind == RIVERGATE__V1__KIND__KIND_REGISTRY;
	bool is_directory = change->header->kind == RIVERGATE__V1__KIND__KIND_DIRECTORY;
	bool is_profile = change->header->kind == RIVERGATE__V1__KIND__KIND_WINDOW_PROFILE;
	uint8_t hash[32];

	*ret_is_known = false;
	if (!change->trust || change->part.len < SALT_LEN ||
		(!is_registry && !is_directory && !is_profile)) {
		return RG_OK;
	}
	rg_err err = governance_parse(bytes_of(change->part.data + SALT_LEN,
					      change->part.len - SALT_LEN),
		&governed, &answer);
	if (err || !governed) {
		return err;
	}
	if (is_directory || is_profile) {
		*ret_is_known = is_profile ? trust_has_profile(change->trust, governed)
					   : trust_has_directory(change->trust, governed);
		return RG_OK;
	}
	err = governance_hash(governed, hash);
	*ret_is_known = !err && trust_has_registry(change->trust, hash);
	return err;
}
