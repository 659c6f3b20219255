#ifndef REGISTRY_PIECES_H
#define REGISTRY_PIECES_H

/*
 * What trust is made of: a registry, directories, revocation lists
 *
 * A piece is one governance file taken apart: its message, its keys and certificates
 * parsed, its own contradictions judged. Pieces are immutable and counted, so that the
 * versions of a trust share those that did not change.
 */

#include <stdatomic.h>

#include "base/arena.h"
#include "registry/governance.h"
#include "registry/trust.h"
#include "registry/uses.h"
#include "rivergate/v1/window.pb-c.h"

struct member_keys {
	struct certificate *root;
	struct key *governance;
};

/* What is asked of every rule for every message, in numbers. */
struct rule_scope {
	int64_t valid_from; /* days since the epoch on which it is in force, both included */
	int64_t valid_until;
	uint64_t kinds; /* bit of each kind below 64 */
	uint32_t from;  /* bit passage_bit() of each prefix: another address begins otherwise */
	uint32_t to;
};

/* Of the first two letters: a prefix of one label or more has them in common with the address. */
uint32_t passage_bit(const char *address);

struct registry_piece {
	atomic_size_t n_refs;
	struct arena *arena;
	const Rivergate__V1__Registry *message;
	Rivergate__V1__Numbers numbers; /* defaults filled in */
	uint64_t index;
	uint8_t hash[32]; /* of the content */
	unsigned quorum;
	struct member_keys *members; /* as message->members */
	struct key **routers;        /* router keys, as message->routers */
	struct rule_scope *scopes;   /* as message->rules */
};

struct directory_piece {
	atomic_size_t n_refs;
	struct arena *arena;
	const Rivergate__V1__Directory *message;
	uint64_t index;
	struct rg_bytes content;
	struct trust_party *parties; /* as message->parties */
	struct trust_signer *signers;
	size_t n_signers;
	struct certificate **certificates; /* of signing and encryption; the signers borrow */
	size_t n_certificates;
};

struct profile_piece {
	atomic_size_t n_refs;
	struct arena *arena;
	const Rivergate__V1__WindowProfile *message;
	const struct rulebook *rules; /* in the arena */
	uint64_t index;
	struct rg_bytes content;
};

struct crl_piece {
	atomic_size_t n_refs;
	struct crl *crl;
	struct buf der;
	uint64_t index;
};

/*
 * Each takes content apart and judges it. *ret NULL: refused, see answer. Signatures over
 * the content are not looked at (trust.c does).
 */
RG_MUST_USE rg_err registry_piece_new(struct rg_bytes content, uint64_t index,
	struct registry_piece **ret_piece, struct governance_answer *ret_answer);
/* The message alone, form judged: enough to see whose directory it is and who signed it. */
RG_MUST_USE rg_err directory_piece_new(struct rg_bytes content, uint64_t index,
	struct directory_piece **ret_piece, struct governance_answer *ret_answer);
/*
 * Parses the keys of a new directory: certificates
 * against the member's root. Answer: is_ok or why not.
 */
RG_MUST_USE rg_err directory_piece_parse_keys(struct directory_piece *piece,
	const struct certificate *root, struct governance_answer *ret_answer);
RG_MUST_USE rg_err crl_piece_new(struct rg_bytes der, uint64_t index, struct crl_piece **ret_piece,
	struct governance_answer *ret_answer);

/* The message alone, form judged: whose it is and who signed it is not looked at. */
RG_MUST_USE rg_err profile_piece_new(struct rg_bytes content, uint64_t index,
	struct profile_piece **ret_piece, struct governance_answer *ret_answer);

/* Puts down every key of the piece. */
RG_MUST_USE rg_err registry_piece_list_keys(const struct registry_piece *piece,
	struct key_uses *uses);
RG_MUST_USE rg_err directory_piece_list_keys(const struct directory_piece *piece,
	struct key_uses *uses);

/* Index of the member whose label starts the address or prefix; n_members: none. */
size_t registry_piece_member(const struct registry_piece *piece, const char *address);

/* NULL stays NULL. */
struct registry_piece *registry_piece_ref(struct registry_piece *piece);
struct directory_piece *directory_piece_ref(struct directory_piece *piece);
struct crl_piece *crl_piece_ref(struct crl_piece *piece);
struct profile_piece *profile_piece_ref(struct profile_piece *piece);
void registry_piece_unref(struct registry_piece *piece);
void directory_piece_unref(struct directory_piece *piece);
void crl_piece_unref(struct crl_piece *piece);
void profile_piece_unref(struct profile_piece *piece);
SCOPED_DEFINE(struct registry_piece, registry_piece_unref);
SCOPED_DEFINE(struct directory_piece, directory_piece_unref);
SCOPED_DEFINE(struct crl_piece, crl_piece_unref);
SCOPED_DEFINE(struct profile_piece, profile_piece_unref);

#endif
