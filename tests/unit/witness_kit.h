#ifndef TESTS_UNIT_WITNESS_KIT_H
#define TESTS_UNIT_WITNESS_KIT_H

/*
 * A log of TICK-like leaves in memory, its checkpoints and proofs: what witnesses are asked
 *
 * Leaf i is the text "PREFIX i"; two logs with prefixes that part from some index on are two
 * histories.
 */

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "evidence/cosignature.h"
#include "evidence/note.h"
#include "evidence/proof.h"
#include "evidence/witness_request.h"

#define KIT_ORIGIN "rivergate.example/kit"

struct kit_log {
	const struct key *key;
	uint64_t parts_at; /* leaves from this index on are others */
};

static inline rg_err kit_node(void *context, unsigned level, uint64_t position,
	struct merkle_hash *ret_hash)
{
	const struct kit_log *log = context;
	struct merkle_hash left;
	struct merkle_hash right;
	char text[40];

	if (level == 0) {
		(void)snprintf(text, sizeof(text), "%s %llu",
			position >= log->parts_at ? "other" : "leaf", (unsigned long long)position);
		return merkle_leaf(bytes_of_text(text), ret_hash);
	}
	rg_err err = kit_node(context, level - 1, 2 * position, &left);

	err = err ? err : kit_node(context, level - 1, 2 * position + 1, &right);
	return err ? err : merkle_node(&left, &right, ret_hash);
}

static inline struct proof_source kit_source(struct kit_log *log)
{
	return (struct proof_source){.node = kit_node, .context = log};
}

/* The checkpoint of the first `size` leaves, appended to out. */
static inline void kit_checkpoint(struct kit_log *log, uint64_t size, struct buf *out)
{
	const struct proof_source source = kit_source(log);
	struct note_checkpoint checkpoint = {.origin = KIT_ORIGIN, .size = size};

	ck_assert_int_eq(proof_head(&source, size, &checkpoint.root), RG_OK);
	ck_assert_int_eq(note_checkpoint_sign(&checkpoint, log->key, out), RG_OK);
}

/* The request that a log makes which believes the witness to be at old_size. */
static inline void kit_request(struct kit_log *log, uint64_t old_size, uint64_t size,
	struct buf *out)
{
	const struct proof_source source = kit_source(log);
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	struct witness_request request = {.old_size = old_size};

	kit_checkpoint(log, size, &note);
	if (old_size <= size) {
		ck_assert_int_eq(proof_consistency(&source, old_size, size, &request.path), RG_OK);
	}
	request.note = buf_view(&note);
	ck_assert_int_eq(witness_request_write(&request, out), RG_OK);
}

static inline struct note_verifier kit_verifier(const struct key *log_key)
{
	struct note_verifier verifier;
	uint8_t public_key[32];

	ck_assert_int_eq(key_ed25519_raw(log_key, public_key), RG_OK);
	ck_assert_int_eq(note_verifier_of(KIT_ORIGIN, public_key, &verifier), RG_OK);
	return verifier;
}

static inline struct cosigner kit_cosigner(const char *cc, const struct key *key)
{
	struct cosigner cosigner;
	uint8_t public_key[32];

	ck_assert_int_eq(key_ed25519_raw(key, public_key), RG_OK);
	ck_assert_int_eq(cosigner_of_member(cc, public_key, &cosigner), RG_OK);
	return cosigner;
}

static inline struct key *kit_key(void)
{
	struct key *key = NULL;

	ck_assert_int_eq(key_generate(RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519, &key), RG_OK);
	return key;
}

#endif
