/*
 * What is in force, and who is who: see trust.h
 *
 * Sorted lists of pointers into the pieces, searched by halving.
 * Threads: any, on an immutable trust.
 */

#include <stdlib.h>
#include <string.h>

#include "registry/address.h"
#include "registry/object.h"

#define CURVE_KEY_LEN 32

/* --- Sorted lists --------------------------------------------------------------------------- */

static int compare_parties(const void *a, const void *b)
{
	const struct trust_party *const *left = a;
	const struct trust_party *const *right = b;

	return strcmp((*left)->address, (*right)->address);
}

static int compare_signers(const void *a, const void *b)
{
	const struct trust_signer *const *left = a;
	const struct trust_signer *const *right = b;

	return strcmp(key_id((*left)->key), key_id((*right)->key));
}

static int compare_curves(const void *a, const void *b)
{
	const struct curve_entry *left = a;
	const struct curve_entry *right = b;

	return memcmp(left->key->key.data, right->key->key.data, CURVE_KEY_LEN);
}

static void add_party(struct trust *trust, const struct trust_party *party)
{
	trust->parties[trust->n_parties++] = party;
	for (size_t i = 0; i < party->entry->n_curve_keys; i++) {
		trust->curves[trust->n_curves++] =
			(struct curve_entry){party->entry->curve_keys[i], party};
	}
}

static void add_directory(struct trust *trust, const struct directory_piece *piece)
{
	for (size_t i = 0; i < piece->message->n_parties; i++) {
		if (!piece->parties[i].entry->withdrawn) {
			add_party(trust, &piece->parties[i]);
		}
	}
	for (size_t i = 0; i < piece->n_signers; i++) {
		if (!piece->signers[i].party->entry->withdrawn) {
			trust->signers[trust->n_signers++] = &piece->signers[i];
		}
	}
}

/* Upper bounds; at least one, so that an empty list is no failed allocation. */
static rg_err make_room(struct trust *trust)
{
	size_t n_parties = 1;
	size_t n_signers = 1;
	size_t n_curves = 1;

	for (size_t i = 0; i < trust->registry->message->n_members; i++) {
		const struct directory_piece *piece = trust->members[i].directory;

		if (!piece) {
			continue;
		}
		n_parties += piece->message->n_parties;
		n_signers += piece->n_signers;
		for (size_t j = 0; j < piece->message->n_parties; j++) {
			n_curves += piece->message->parties[j]->n_curve_keys;
		}
	}
	trust->parties = calloc(n_parties, sizeof(*trust->parties));
	trust->signers = calloc(n_signers, sizeof(*trust->signers));
	trust->curves = calloc(n_curves, sizeof(*trust->curves));
	return trust->parties && trust->signers && trust->curves ? RG_OK : RG_E_NOMEM;
}

rg_err trust_index(struct trust *trust)
{
	rg_err err = make_room(trust);

	if (err) {
		return err;
	}
	for (size_t i = 0; i < trust->registry->message->n_members; i++) {
		if (trust->members[i].directory) {
			add_directory(trust, trust->members[i].directory);
		}
	}
	qsort(trust->parties, trust->n_parties, sizeof(*trust->parties), compare_parties);
	qsort(trust->signers, trust->n_signers, sizeof(*trust->signers), compare_signers);
	qsort(trust->curves, trust->n_curves, sizeof(*trust->curves), compare_curves);
	return RG_OK;
}

/* --- Registry and members ------------------------------------------------------------------- */

const Rivergate__V1__Registry *trust_registry(const struct trust *trust)
{
	return trust->registry->message;
}

const Rivergate__V1__Numbers *trust_numbers(const struct trust *trust)
{
	return &trust->registry->numbers;
}

uint64_t trust_registry_index(const struct trust *trust)
{
	return trust->registry->index;
}

unsigned trust_quorum(const struct trust *trust)
{
	return trust->registry->quorum;
}

void trust_genesis_hash(const struct trust *trust, uint8_t ret_hash[32])
{
	memcpy(ret_hash, trust->genesis_hash, sizeof(trust->genesis_hash));
}

const struct member_state *trust_member(const struct trust *trust, const char *cc)
{
	size_t member = registry_piece_member(trust->registry, cc);

	return member < trust->registry->message->n_members ? &trust->members[member] : NULL;
}

uint64_t trust_directory_index(const struct trust *trust, const char *cc)
{
	const struct member_state *member = trust_member(trust, cc);

	return member && member->directory ? member->directory->index : 0;
}

uint64_t trust_crl_index(const struct trust *trust, const char *cc)
{
	const struct member_state *member = trust_member(trust, cc);

	return member && member->crl ? member->crl->index : 0;
}

const Rivergate__V1__Directory *trust_directory(const struct trust *trust, const char *cc)
{
	const struct member_state *member = trust_member(trust, cc);

	return member && member->directory ? member->directory->message : NULL;
}

bool trust_has_directory(const struct trust *trust, const Rivergate__V1__Governed *directory)
{
	struct rg_bytes content = bytes_of(directory->content.data, directory->content.len);

	for (size_t i = 0; i < trust->registry->message->n_members; i++) {
		const struct directory_piece *piece = trust->members[i].directory;

		if (piece && bytes_equal(piece->content, content)) {
			return true;
		}
	}
	return false;
}

const Rivergate__V1__WindowProfile *trust_profile(const struct trust *trust, const char *cc)
{
	const struct member_state *member = trust_member(trust, cc);

	return member && member->profile ? member->profile->message : NULL;
}

uint64_t trust_profile_index(const struct trust *trust, const char *cc)
{
	const struct member_state *member = trust_member(trust, cc);

	return member && member->profile ? member->profile->index : 0;
}

const struct rulebook *trust_rulebook(const struct trust *trust, const char *cc)
{
	const struct member_state *member = trust_member(trust, cc);

	return member && member->profile ? member->profile->rules : NULL;
}

bool trust_has_profile(const struct trust *trust, const Rivergate__V1__Governed *profile)
{
	struct rg_bytes content = bytes_of(profile->content.data, profile->content.len);

	for (size_t i = 0; i < trust->registry->message->n_members; i++) {
		const struct profile_piece *piece = trust->members[i].profile;

		if (piece && bytes_equal(piece->content, content)) {
			return true;
		}
	}
	return false;
}

/* Index of a router; n_routers: none. */
static size_t find_router(const struct trust *trust, const char *address)
{
	const Rivergate__V1__Registry *registry = trust->registry->message;
	size_t i = 0;

	while (i < registry->n_routers && strcmp(registry->routers[i]->address, address) != 0) {
		i++;
	}
	return i;
}

const Rivergate__V1__Router *trust_router(const struct trust *trust, const char *address)
{
	size_t i = find_router(trust, address);

	return i < trust->registry->message->n_routers ? trust->registry->message->routers[i]
						       : NULL;
}

const struct key *trust_router_key(const struct trust *trust, const char *address)
{
	size_t i = find_router(trust, address);

	return i < trust->registry->message->n_routers ? trust->registry->routers[i] : NULL;
}

/* --- Parties and signers -------------------------------------------------------------------- */

static int find_party(const void *address, const void *entry)
{
	const struct trust_party *const *party = entry;

	return strcmp(address, (*party)->address);
}

const struct trust_party *trust_party_at(const struct trust *trust, const char *address)
{
	const struct trust_party **found = trust->n_parties
		? bsearch(address, trust->parties, trust->n_parties, sizeof(*trust->parties),
			  find_party)
		: NULL;

	return found ? *found : NULL;
}

const struct trust_party *trust_route(const struct trust *trust, const char *address)
{
	char prefix[ADDRESS_MAX + 1];
	size_t len = strnlen(address, sizeof(prefix));

	if (len == sizeof(prefix)) {
		return NULL;
	}
	memcpy(prefix, address, len + 1);
	for (;;) {
		const struct trust_party *party = trust_party_at(trust, prefix);
		char *dot = strrchr(prefix, '.');

		if (party || !dot) {
			return party;
		}
		*dot = '\0';
	}
}

static int find_curve(const void *key, const void *entry)
{
	const struct curve_entry *curve = entry;

	return memcmp(key, curve->key->key.data, CURVE_KEY_LEN);
}

const struct trust_party *trust_party_of_curve(const struct trust *trust,
	const uint8_t curve_key[32], int64_t now_us)
{
	const struct curve_entry *found = trust->n_curves
		? bsearch(curve_key, trust->curves, trust->n_curves, sizeof(*trust->curves),
			  find_curve)
		: NULL;

	if (!found || now_us < found->key->valid_from_us) {
		return NULL;
	}
	if (found->key->valid_until_us != 0 && now_us > found->key->valid_until_us) {
		return NULL;
	}
	return found->party;
}

bool trust_is_joint_auditor(const struct trust *trust, const char *address)
{
	const Rivergate__V1__Registry *registry = trust_registry(trust);

	for (size_t i = 0; i < registry->n_auditors; i++) {
		if (strcmp(registry->auditors[i], address) == 0) {
			return true;
		}
	}
	return false;
}

bool trust_party_has_role(const struct trust_party *party, Rivergate__V1__Role role)
{
	for (size_t i = 0; i < party->entry->n_roles; i++) {
		if (party->entry->roles[i] == role) {
			return true;
		}
	}
	return false;
}

static int find_signer(const void *id, const void *entry)
{
	const struct trust_signer *const *signer = entry;

	return strcmp(id, key_id((*signer)->key));
}

const struct trust_signer *trust_signer_of(const struct trust *trust, const char *key_id)
{
	const struct trust_signer **found = trust->n_signers
		? bsearch(key_id, trust->signers, trust->n_signers, sizeof(*trust->signers),
			  find_signer)
		: NULL;

	return found ? *found : NULL;
}
