#ifndef REGISTRY_TRUST_H
#define REGISTRY_TRUST_H

/*
 * Trust: the registry, directories and revocation lists in force, as one object
 *
 * Immutable and counted: a change makes a new object that shares what did not change,
 * so the front (which keys may connect), the verifiers (which key is this) and
 * admission (may this pass) each look at one consistent state, and reload is one
 * exchange of pointers. Routers, adapters and auditors build it from the same files
 * or records.
 *
 * Every trust_apply_…() checks the new piece completely: form, signatures (quorum by
 * the registry in force; a member's own for its directory and rules that touch its
 * data), succession, and contradictions with all that is in force. A piece that fails
 * is an answer with path and text; the old object stays as it was.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "registry/governance.h"
#include "registry/rulebook.h"
#include "rivergate/v1/record.pb-c.h"
#include "rivergate/v1/session.pb-c.h"
#include "rivergate/v1/window.pb-c.h"
#include "sign/certificate.h"

struct trust;

/* A party in force; borrowed from the trust. */
struct trust_party {
	const char *address;
	const char *cc;
	const Rivergate__V1__Party *entry;
};

/* A signing key in force at some time; validity and revocation are asked separately. */
struct trust_signer {
	const struct key *key;
	const struct certificate *certificate;
	const struct trust_party *party;
};

/*
 * Starts with registry version 1: pinned by the SHA-256 of its content, signed by a quorum
 * of its own members (two thirds of them and one more: 5 of 6), and by every member whose
 * data a rule touches, that is, whose addresses stand in its from or to. A signature that
 * is not valid does not count. *ret_trust NULL: refused, see the answer.
 */
RG_MUST_USE rg_err trust_new(const Rivergate__V1__Governed *genesis, const uint8_t pin[32],
	uint64_t index, struct trust **ret_trust, struct governance_answer *ret_answer);

/*
 * Each makes the trust that follows from `trust` by one more piece; `trust` stays as it
 * was. *ret_trust NULL: refused, see the answer. index: of the record that brings the piece.
 */

/*
 * The registry that follows the one in force: its version is one higher, its previous_hash
 * is the hash of the one in force, and a quorum of that one's members has signed with its
 * keys. Beyond the quorum it needs the valid signature
 *
 *     of every member, and its own      to admit a member
 *     of the member itself              to change anything of its entry
 *     of every member it is about       for a channel rule that is new or not as it was
 *     of one member it was about        to take a channel rule away (not of one that leaves)
 *
 * A log keeps its key and router: a new log key needs a new origin. Directories and
 * revocation lists stay in force, but those of a member whose root has changed or that has
 * left. Of two successors the first is final: the other is older than, or beside, what is
 * in force.
 */
RG_MUST_USE rg_err trust_apply_registry(const struct trust *trust,
	const Rivergate__V1__Governed *registry, uint64_t index, struct trust **ret_trust,
	struct governance_answer *ret_answer);
/* The registry with this hash is in force, or was. */
bool trust_has_registry(const struct trust *trust, const uint8_t hash[32]);

/* A member's directory: signed by that member's governance key and by nobody else, its
   version above the one in force, no key of it in use elsewhere. */
RG_MUST_USE rg_err trust_apply_directory(const struct trust *trust,
	const Rivergate__V1__Governed *directory, uint64_t index, struct trust **ret_trust,
	struct governance_answer *ret_answer);
/* A member's window profile: signed by that member's governance key and by nobody else, its
   version above the one in force, no contradiction in it (profile.h). It stands with the
   member's root, as a directory does. */
RG_MUST_USE rg_err trust_apply_profile(const struct trust *trust,
	const Rivergate__V1__Governed *profile, uint64_t index, struct trust **ret_trust,
	struct governance_answer *ret_answer);
/* CRL of member cc, DER, issued by its root. Numbers never decrease; the list in force
   once more changes nothing (not even its index). */
RG_MUST_USE rg_err trust_apply_crl(const struct trust *trust, const char *cc, struct rg_bytes crl,
	uint64_t index, struct trust **ret_trust, struct governance_answer *ret_answer);

/* Both accept NULL: before the genesis there is no trust. */
struct trust *trust_ref(struct trust *trust); /* both accept NULL */
void trust_unref(struct trust *trust);
SCOPED_DEFINE(struct trust, trust_unref);

/*
 * From files: registry.json, the later versions beside it (trust_registry_path()), and
 * every *.json (directories, and as <cc>.profile.json window profiles, sorted by name) and
 * *.crl (DER; file name <cc>.crl) of a folder (NULL: none); indexes are 0. What an
 * adapter, a client or an auditor starts with. Answer names the file.
 */
RG_MUST_USE rg_err trust_load(const char *registry_path, const char *directories_path,
	const uint8_t pin[32], struct trust **ret_trust, struct governance_answer *ret_answer);

/*
 * Path of a version of the registry: that of version 1 is the file itself, version 2 of
 * registry.json is registry.2.json. Free with free(); NULL: no memory.
 */
char *trust_registry_path(const char *path, uint64_t version);

/* --- What is in force ----------------------------------------------------------------------- */

/* All pointers below are borrowed from the trust and live as long as it does. */

const Rivergate__V1__Registry *trust_registry(const struct trust *trust);
/* Numbers with defaults filled in. */
const Rivergate__V1__Numbers *trust_numbers(const struct trust *trust);
uint64_t trust_registry_index(const struct trust *trust);
/* 0 when the member has none (or it came from a file). */
uint64_t trust_directory_index(const struct trust *trust, const char *cc);
uint64_t trust_crl_index(const struct trust *trust, const char *cc);
/* Exactly this directory (its content) is in force: a file that was read again says nothing new. */
bool trust_has_directory(const struct trust *trust, const Rivergate__V1__Governed *directory);
/* Exactly this profile is in force. */
bool trust_has_profile(const struct trust *trust, const Rivergate__V1__Governed *profile);
/* The member's directory in force; NULL: none. */
const Rivergate__V1__Directory *trust_directory(const struct trust *trust, const char *cc);
/* The member's window profile in force, NULL: none; and the record that brought it, 0: none. */
const Rivergate__V1__WindowProfile *trust_profile(const struct trust *trust, const char *cc);
uint64_t trust_profile_index(const struct trust *trust, const char *cc);
/* The rules of that profile, indexed; NULL: none. */
const struct rulebook *trust_rulebook(const struct trust *trust, const char *cc);
void trust_genesis_hash(const struct trust *trust, uint8_t ret_hash[32]);
const Rivergate__V1__Router *trust_router(const struct trust *trust,
	const char *address);                                                       /* NULL: none */
const struct key *trust_router_key(const struct trust *trust, const char *address); /* NULL: none */
unsigned trust_quorum(const struct trust *trust);

/* --- Parties and keys ----------------------------------------------------------------------- */

/* NULL: none (withdrawn parties are none). */
const struct trust_party *trust_party_at(const struct trust *trust, const char *address);
/* The party with the longest prefix of address; NULL: none. */
const struct trust_party *trust_route(const struct trust *trust, const char *address);
/* The party whose CURVE key this is, if the key is valid at now_us; NULL: none. */
const struct trust_party *trust_party_of_curve(const struct trust *trust,
	const uint8_t curve_key[32], int64_t now_us);
/* The registry names this party a joint auditor: it may read every record. */
bool trust_is_joint_auditor(const struct trust *trust, const char *address);
bool trust_party_has_role(const struct trust_party *party, Rivergate__V1__Role role);
/* NULL: no directory in force has this key for signing. */
const struct trust_signer *trust_signer_of(const struct trust *trust, const char *key_id);

/* --- Judgements ----------------------------------------------------------------------------- */

/*
 * Certificate, revocation and CRL age of a signer at a time. CERTIFICATE: it or its root
 * is not valid then. REVOKED: its serial is in the list in force; or that list is older
 * than the member's CrlPolicy allows and the policy does not say ACCEPT_AND_MARK. Before
 * a member's first list nothing is revoked and nothing ages.
 */
struct trust_standing {
	Rivergate__V1__Verdict verdict; /* ADMITTED, CERTIFICATE or REVOKED */
	const char *rule;               /* static; NULL when admitted */
	bool is_crl_stale;              /* accepted, to be marked */
};
struct trust_standing trust_standing_of(const struct trust *trust,
	const struct trust_signer *signer, int64_t now_us);

/*
 * May a header pass to one recipient, and which of its parts. Rules count that name the
 * kind, a prefix of header->from, a prefix of the recipient's address, the purpose (or
 * none), and are in force on the UTC day of now_us. A part passes when one of them names
 * it and its audience lets the recipient read it; where that rule requires encryption a
 * plain part does not pass by it. ACKNOWLEDGEMENT, governance and derived kinds need no
 * rule, nor what a party sends to itself; audiences hold for them too.
 */
struct trust_passage {
	bool may_pass;
	const Rivergate__V1__ChannelRule *rule; /* the first that allows it; NULL: none */
	uint64_t parts;                         /* bit i: part i may be delivered */
};
struct trust_passage trust_passage_of(const struct trust *trust,
	const Rivergate__V1__Header *header, const struct trust_party *recipient, int64_t now_us);

#endif
