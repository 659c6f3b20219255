#ifndef REGISTRY_USES_H
#define REGISTRY_USES_H

/*
 * One key, one use
 *
 * Every public key that a registry or directory names is put down with the place where
 * it stands. Two places with one key contradict each other: a log key that is also a
 * router key, a party with another party's key. Ed25519 and Curve25519 keys are compared
 * as raw bytes, so that one cannot pass for the other.
 */

#include <stddef.h>

#include "registry/governance.h"
#include "sign/key.h"

struct key_use;

struct key_uses {
	struct key_use *items;
	size_t n_items;
	size_t cap;
	bool is_new; /* what is added from now on is new: of two places, the answer names that */
};

void key_uses_deinit(struct key_uses *uses);

/* Places are "where.field", or where if field is empty. */
RG_MUST_USE rg_err key_uses_add(struct key_uses *uses, const struct key *key, const char *where,
	const char *field);
/* A raw key of 32 bytes; other lengths are left out. */
RG_MUST_USE rg_err key_uses_add_raw(struct key_uses *uses, struct rg_bytes raw, const char *where,
	const char *field);

/* False: a new key stands elsewhere too. Sorts; add nothing afterwards. */
bool key_uses_judge(struct key_uses *uses, struct governance_answer *ret_answer);

#endif
