/*
 * The trust object and how one follows from another: see trust.h
 *
 * A new version copies the pointers of the old one, counts them, and replaces one piece.
 * Threads: immutable after it was made, but for the atomic counts.
 */

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "registry/address.h"
#include "registry/object.h"
#include "registry/profile.h"
#include "registry/succession.h"

static struct rg_bytes content_of(const Rivergate__V1__Governed *governed)
{
	return bytes_of(governed->content.data, governed->content.len);
}

/* --- Life ----------------------------------------------------------------------------------- */

struct trust *trust_ref(struct trust *trust)
{
	if (trust) {
		atomic_fetch_add_explicit(&trust->n_refs, 1, memory_order_relaxed);
	}
	return trust;
}

void trust_unref(struct trust *trust)
{
	if (!trust || atomic_fetch_sub_explicit(&trust->n_refs, 1, memory_order_acq_rel) > 1) {
		return;
	}
	for (size_t i = 0; trust->members && i < trust->registry->message->n_members; i++) {
		directory_piece_unref(trust->members[i].directory);
		crl_piece_unref(trust->members[i].crl);
		profile_piece_unref(trust->members[i].profile);
	}
	registry_piece_unref(trust->registry);
	free(trust->ancestors);
	free(trust->members);
	free(trust->parties);
	free(trust->signers);
	free(trust->curves);
	free(trust);
}

/* A trust of this registry without directories; the lists are not filled yet. */
static rg_err make(struct registry_piece *registry, struct trust **ret_trust)
{
	scoped(trust_unrefp) struct trust *trust = calloc(1, sizeof(*trust));

	if (!trust) {
		return RG_E_NOMEM;
	}
	atomic_init(&trust->n_refs, 1);
	trust->registry = registry_piece_ref(registry);
	trust->members = calloc(registry->message->n_members, sizeof(*trust->members));
	if (!trust->members) {
		return RG_E_NOMEM;
	}
	*ret_trust = steal(trust);
	return RG_OK;
}

/* With room for one more. */
static rg_err copy_ancestry(const struct trust *trust, struct trust *next)
{
	memcpy(next->genesis_hash, trust->genesis_hash, sizeof(trust->genesis_hash));
	next->ancestors = calloc(trust->n_ancestors + 1, sizeof(*next->ancestors));
	if (!next->ancestors) {
		return RG_E_NOMEM;
	}
	if (trust->n_ancestors > 0) {
		memcpy(next->ancestors, trust->ancestors,
			trust->n_ancestors * sizeof(*next->ancestors));
	}
	next->n_ancestors = trust->n_ancestors;
	return RG_OK;
}

/* A copy that shares all pieces; the lists are not filled yet. */
static rg_err copy(const struct trust *trust, struct trust **ret_trust)
{
	rg_err err = make(trust->registry, ret_trust);

	if (!err) {
		err = copy_ancestry(trust, *ret_trust);
	}
	if (err) {
		return err;
	}
	for (size_t i = 0; i < trust->registry->message->n_members; i++) {
		(*ret_trust)->members[i] = (struct member_state){
			.directory = directory_piece_ref(trust->members[i].directory),
			.crl = crl_piece_ref(trust->members[i].crl),
			.profile = profile_piece_ref(trust->members[i].profile),
		};
	}
	return RG_OK;
}

/* --- Registry ------------------------------------------------------------------------------- */

static rg_err judge_pin(const Rivergate__V1__Governed *genesis, const uint8_t pin[32],
	uint8_t ret_hash[32], struct governance_answer *answer)
{
	char hex[2 * 32 + 1];
	rg_err err = governance_hash(genesis, ret_hash);

	if (err) {
		return err;
	}
	if (memcmp(ret_hash, pin, 32) == 0) {
		governance_agree(answer);
		return RG_OK;
	}
	text_hex(bytes_of(ret_hash, 32), hex);
	governance_refuse(answer, "", "",
		"its hash %s is not the pin: this is another registry than the one agreed upon",
		hex);
	return RG_OK;
}

/* Which members have signed validly, as bits. Order and names of signatures are judged. */
static rg_err collect_signatures(const Rivergate__V1__Governed *governed,
	const struct registry_piece *piece, uint64_t *ret_signed, struct governance_answer *answer)
{
	uint64_t set = 0;
	size_t least = 0;

	for (size_t i = 0; i < governed->n_signatures; i++) {
		const char *cc = governed->signatures[i]->member;
		size_t member = registry_piece_member(piece, cc);
		bool is_valid;

		if (member == piece->message->n_members || strlen(cc) != 2) {
			governance_refuse(answer, "signatures", "", "'%.20s' is no member", cc);
			return RG_OK;
		}
		if (member < least) {
			governance_refuse(answer, "signatures", "",
				"'%s' stands twice or out of order", cc);
			return RG_OK;
		}
		least = member + 1;
		rg_err err = governance_verify(governed, i, GOVERNANCE_CONTEXT_REGISTRY,
			piece->members[member].governance, &is_valid);
		if (err) {
			return err;
		}
		set |= is_valid ? UINT64_C(1) << member : 0;
	}
	*ret_signed = set;
	return RG_OK;
}

static bool judge_touched(const struct registry_piece *piece, uint64_t has_signed, char **prefixes,
	size_t n_prefixes, const char *where, struct governance_answer *answer)
{
	for (size_t i = 0; i < n_prefixes; i++) {
		size_t member = registry_piece_member(piece, prefixes[i]);

		if (!(has_signed >> member & 1)) {
			return governance_refuse(answer, where, "",
				"'%s' is data of '%s', whose valid signature is missing",
				prefixes[i], piece->message->members[member]->cc);
		}
	}
	return true;
}

static bool judge_rules(const struct registry_piece *piece, uint64_t has_signed,
	struct governance_answer *answer)
{
	for (size_t i = 0; i < piece->message->n_rules; i++) {
		const Rivergate__V1__ChannelRule *rule = piece->message->rules[i];
		char from[48];
		char to[48];

		snprintf(from, sizeof(from), "rules[%zu].from", i);
		snprintf(to, sizeof(to), "rules[%zu].to", i);
		if (!judge_touched(piece, has_signed, rule->from, rule->n_from, from, answer) ||
			!judge_touched(piece, has_signed, rule->to, rule->n_to, to, answer)) {
			return false;
		}
	}
	return true;
}

/* A joint auditor reads every member's data, so every member says yes. */
static bool judge_auditors(const struct registry_piece *piece, uint64_t has_signed,
	struct governance_answer *answer)
{
	for (size_t i = 0; piece->message->n_auditors > 0 && i < piece->message->n_members; i++) {
		if (!(has_signed >> i & 1)) {
			return governance_refuse(answer, "auditors", "",
				"'%.100s' may read data of '%s', whose valid signature is missing",
				piece->message->auditors[0], piece->message->members[i]->cc);
		}
	}
	return true;
}

static rg_err judge_signatures(const Rivergate__V1__Governed *genesis,
	const struct registry_piece *piece, struct governance_answer *answer)
{
	uint64_t has_signed = 0;
	rg_err err = collect_signatures(genesis, piece, &has_signed, answer);

	if (err || !answer->is_ok) {
		return err;
	}
	unsigned n_signed = (unsigned)__builtin_popcountll(has_signed);
	if (n_signed < piece->quorum) {
		governance_refuse(answer, "signatures", "",
			"%u of %zu members have signed validly; the quorum is %u", n_signed,
			piece->message->n_members, piece->quorum);
		return RG_OK;
	}
	if (judge_rules(piece, has_signed, answer)) {
		judge_auditors(piece, has_signed, answer);
	}
	return RG_OK;
}

static bool judge_genesis(const struct registry_piece *piece, struct governance_answer *answer)
{
	if (piece->message->version != 1) {
		return governance_refuse(answer, "version", "",
			"is %llu; a genesis registry has version 1",
			(unsigned long long)piece->message->version);
	}
	if (piece->message->previous_hash.len > 0) {
		return governance_refuse(answer, "previous_hash", "",
			"a genesis registry follows no other");
	}
	return true;
}

rg_err trust_new(const Rivergate__V1__Governed *genesis, const uint8_t pin[32], uint64_t index,
	struct trust **ret_trust, struct governance_answer *ret_answer)
{
	scoped(registry_piece_unrefp) struct registry_piece *piece = NULL;
	scoped(trust_unrefp) struct trust *trust = NULL;
	uint8_t hash[32];

	*ret_trust = NULL;
	rg_err err = judge_pin(genesis, pin, hash, ret_answer);
	if (err || !ret_answer->is_ok) {
		return err;
	}
	err = registry_piece_new(content_of(genesis), index, &piece, ret_answer);
	if (err || !piece || !judge_genesis(piece, ret_answer)) {
		return err;
	}
	err = judge_signatures(genesis, piece, ret_answer);
	if (err || !ret_answer->is_ok) {
		return err;
	}
	err = make(piece, &trust);
	if (err) {
		return err;
	}
	memcpy(trust->genesis_hash, hash, sizeof(hash));
	*ret_trust = steal(trust);
	return RG_OK;
}

/*
 * What members have in force goes with them. A directory and a revocation list stand under
 * the root that they were issued by: with another root they are over.
 */
static void inherit(const struct trust *trust, struct trust *next)
{
	const struct registry_piece *piece = next->registry;

	for (size_t i = 0; i < piece->message->n_members; i++) {
		size_t old = registry_piece_member(trust->registry, piece->message->members[i]->cc);

		if (old < trust->registry->message->n_members &&
			bytes_equal(certificate_der(piece->members[i].root),
				certificate_der(trust->registry->members[old].root))) {
			next->members[i] = (struct member_state){
				.directory = directory_piece_ref(trust->members[old].directory),
				.crl = crl_piece_ref(trust->members[old].crl),
				.profile = profile_piece_ref(trust->members[old].profile),
			};
		}
	}
}

rg_err trust_apply_registry(const struct trust *trust, const Rivergate__V1__Governed *registry,
	uint64_t index, struct trust **ret_trust, struct governance_answer *ret_answer)
{
	scoped(registry_piece_unrefp) struct registry_piece *piece = NULL;
	scoped(trust_unrefp) struct trust *next = NULL;

	*ret_trust = NULL;
	rg_err err = registry_piece_new(content_of(registry), index, &piece, ret_answer);
	if (err || !piece) {
		return err;
	}
	err = succession_judge(trust, registry, piece, ret_answer);
	if (err || !ret_answer->is_ok) {
		return err;
	}
	err = make(piece, &next);
	if (!err) {
		err = copy_ancestry(trust, next);
	}
	if (err) {
		return err;
	}
	memcpy(next->ancestors[next->n_ancestors++], trust->registry->hash,
		sizeof(trust->registry->hash));
	inherit(trust, next);
	err = trust_index(next);
	if (!err) {
		*ret_trust = steal(next);
	}
	return err;
}

bool trust_has_registry(const struct trust *trust, const uint8_t hash[32])
{
	bool has = memcmp(trust->registry->hash, hash, sizeof(trust->registry->hash)) == 0;

	for (size_t i = 0; !has && i < trust->n_ancestors; i++) {
		has = memcmp(trust->ancestors[i], hash, sizeof(trust->ancestors[i])) == 0;
	}
	return has;
}

/* --- Directories ---------------------------------------------------------------------------- */

static bool judge_version(uint64_t version, uint64_t in_force, struct governance_answer *answer)
{
	if (version <= in_force) {
		return governance_refuse(answer, "version", "",
			"%llu is not above %llu, which is in force", (unsigned long long)version,
			(unsigned long long)in_force);
	}
	return true;
}

/* Signed by the member, and by nobody else. */
static rg_err judge_signature(const Rivergate__V1__Governed *governed, const char *context,
	const char *cc, const struct key *governance_key, struct governance_answer *answer)
{
	bool is_valid = false;

	if (governed->n_signatures != 1 || strcmp(governed->signatures[0]->member, cc) != 0) {
		governance_refuse(answer, "signatures", "",
			"must be one, by '%s' itself; sign with rivergate %s sign", cc,
			strrchr(context, ' ') + 1);
		return RG_OK;
	}
	rg_err err = governance_verify(governed, 0, context, governance_key, &is_valid);
	if (!err && !is_valid) {
		governance_refuse(answer, "signatures[0]", "",
			"is not valid under the governance key of '%s' in the registry", cc);
	}
	return err;
}

/* No key of the new directory may stand anywhere else. */
static rg_err judge_keys(const struct trust *trust, size_t member,
	const struct directory_piece *piece, struct governance_answer *answer)
{
	scoped(key_uses_deinit) struct key_uses uses = {.is_new = false};
	rg_err err = registry_piece_list_keys(trust->registry, &uses);

	for (size_t i = 0; !err && i < trust->registry->message->n_members; i++) {
		if (i != member && trust->members[i].directory) {
			err = directory_piece_list_keys(trust->members[i].directory, &uses);
		}
	}
	uses.is_new = true;
	if (!err) {
		err = directory_piece_list_keys(piece, &uses);
	}
	if (!err) {
		key_uses_judge(&uses, answer);
	}
	return err;
}

/* All that a directory has to stand before it is in force. */
static rg_err judge_directory(const struct trust *trust, size_t member,
	const Rivergate__V1__Governed *governed, struct directory_piece *piece,
	struct governance_answer *answer)
{
	const struct member_keys *keys = &trust->registry->members[member];
	const struct directory_piece *in_force = trust->members[member].directory;

	if (!judge_version(piece->message->version, in_force ? in_force->message->version : 0,
		    answer)) {
		return RG_OK;
	}
	rg_err err = judge_signature(governed, GOVERNANCE_CONTEXT_DIRECTORY, piece->message->member,
		keys->governance, answer);
	if (!err && answer->is_ok) {
		err = directory_piece_parse_keys(piece, keys->root, answer);
	}
	if (!err && answer->is_ok) {
		err = judge_keys(trust, member, piece, answer);
	}
	return err;
}

rg_err trust_apply_directory(const struct trust *trust, const Rivergate__V1__Governed *directory,
	uint64_t index, struct trust **ret_trust, struct governance_answer *ret_answer)
{
	scoped(directory_piece_unrefp) struct directory_piece *piece = NULL;
	scoped(trust_unrefp) struct trust *next = NULL;
	rg_err err = directory_piece_new(content_of(directory), index, &piece, ret_answer);

	*ret_trust = NULL;
	if (err || !piece) {
		return err;
	}
	size_t member = registry_piece_member(trust->registry, piece->message->member);
	if (member == trust->registry->message->n_members) {
		governance_refuse(ret_answer, "member", "", "'%s' is no member of the registry",
			piece->message->member);
		return RG_OK;
	}
	err = judge_directory(trust, member, directory, piece, ret_answer);
	if (err || !ret_answer->is_ok) {
		return err;
	}
	err = copy(trust, &next);
	if (err) {
		return err;
	}
	directory_piece_unref(next->members[member].directory);
	next->members[member].directory = steal(piece);
	err = trust_index(next);
	if (err) {
		return err;
	}
	*ret_trust = steal(next);
	return RG_OK;
}

/* --- Window profiles ------------------------------------------------------------------------ */

static rg_err judge_profile(const struct trust *trust, size_t member,
	const Rivergate__V1__Governed *governed, const struct profile_piece *piece,
	struct governance_answer *answer)
{
	const struct profile_piece *in_force = trust->members[member].profile;

	if (!judge_version(piece->message->version, in_force ? in_force->message->version : 0,
		    answer)) {
		return RG_OK;
	}
	rg_err err = judge_signature(governed, GOVERNANCE_CONTEXT_PROFILE, piece->message->member,
		trust->registry->members[member].governance, answer);
	if (!err && answer->is_ok) {
		profile_fits(piece->message, trust, answer);
	}
	return err;
}

rg_err trust_apply_profile(const struct trust *trust, const Rivergate__V1__Governed *profile,
	uint64_t index, struct trust **ret_trust, struct governance_answer *ret_answer)
{
	scoped(profile_piece_unrefp) struct profile_piece *piece = NULL;
	scoped(trust_unrefp) struct trust *next = NULL;
	rg_err err = profile_piece_new(content_of(profile), index, &piece, ret_answer);

	*ret_trust = NULL;
	if (err || !piece) {
		return err;
	}
	size_t member = registry_piece_member(trust->registry, piece->message->member);
	if (member == trust->registry->message->n_members) {
		governance_refuse(ret_answer, "member", "", "'%s' is no member of the registry",
			piece->message->member);
		return RG_OK;
	}
	err = judge_profile(trust, member, profile, piece, ret_answer);
	if (err || !ret_answer->is_ok) {
		return err;
	}
	err = copy(trust, &next);
	if (err) {
		return err;
	}
	profile_piece_unref(next->members[member].profile);
	next->members[member].profile = steal(piece);
	err = trust_index(next);
	if (!err) {
		*ret_trust = steal(next);
	}
	return err;
}

/* --- Revocation lists ----------------------------------------------------------------------- */

static bool judge_number(const struct crl_piece *piece, const struct crl_piece *in_force,
	struct governance_answer *answer)
{
	unsigned long long number = crl_number(piece->crl);

	if (!in_force || number > crl_number(in_force->crl)) {
		return true;
	}
	if (number < crl_number(in_force->crl)) {
		return governance_refuse(answer, "number", "",
			"%llu is below %llu, which is in force", number,
			(unsigned long long)crl_number(in_force->crl));
	}
	if (!bytes_equal(buf_view(&piece->der), buf_view(&in_force->der))) {
		return governance_refuse(answer, "number", "",
			"%llu is in force with other content", number);
	}
	return true;
}

static rg_err judge_crl(const struct trust *trust, size_t member, const struct crl_piece *piece,
	struct governance_answer *answer)
{
	const char *cc = trust->registry->message->members[member]->cc;
	bool is_issued = false;
	rg_err err =
		crl_is_issued_by(piece->crl, trust->registry->members[member].root, &is_issued);

	if (err) {
		return err;
	}
	if (!is_issued) {
		governance_refuse(answer, "", "", "is not issued by the root of '%s'", cc);
		return RG_OK;
	}
	judge_number(piece, trust->members[member].crl, answer);
	return RG_OK;
}

rg_err trust_apply_crl(const struct trust *trust, const char *cc, struct rg_bytes crl,
	uint64_t index, struct trust **ret_trust, struct governance_answer *ret_answer)
{
	scoped(crl_piece_unrefp) struct crl_piece *piece = NULL;
	scoped(trust_unrefp) struct trust *next = NULL;
	size_t member = registry_piece_member(trust->registry, cc);

	*ret_trust = NULL;
	if (member == trust->registry->message->n_members || !address_cc_is_valid(cc)) {
		governance_refuse(ret_answer, "", "", "'%.20s' is no member of the registry", cc);
		return RG_OK;
	}
	rg_err err = crl_piece_new(crl, index, &piece, ret_answer);
	if (err || !piece) {
		return err;
	}
	err = judge_crl(trust, member, piece, ret_answer);
	if (err || !ret_answer->is_ok) {
		return err;
	}
	err = copy(trust, &next);
	if (err) {
		return err;
	}
	const struct crl_piece *in_force = next->members[member].crl;
	if (!in_force || crl_number(in_force->crl) < crl_number(piece->crl)) {
		crl_piece_unref(next->members[member].crl);
		next->members[member].crl = steal(piece);
	}
	err = trust_index(next);
	if (err) {
		return err;
	}
	*ret_trust = steal(next);
	return RG_OK;
}
