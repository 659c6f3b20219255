#ifndef EVIDENCE_NOTE_H
#define EVIDENCE_NOTE_H

/*
 * Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint)
 *
 *     origin LF size LF base64(root) LF [extension lines] LF
 *     — name base64(uint32 key id ‖ signature) LF …
 *
 * Only Ed25519 (type 0x01) here; cosignatures (0x04) are in cosignature.h.
 * Parsing is strict: numbers, base64 and UTF-8 have one form each, and what this file
 * writes is what it reads.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/merkle.h"
#include "sign/key.h"

/* Room for the 16 signatures that every reader must accept, post-quantum ones included. */
#define NOTE_MAX            131072
#define NOTE_NAME_MAX       255
#define NOTE_SIGNATURES_MAX 64

/* A C2SP verifier key: name+hash+base64(0x01 ‖ 32 bytes). */
struct note_verifier {
	char name[NOTE_NAME_MAX + 1];
	uint32_t key_id; /* SHA-256(name ‖ LF ‖ 0x01 ‖ public key)[:4] */
	uint8_t public_key[32];
	/* The same, prepared: lent by who verifies often. NULL: prepared again at each note. */
	const struct key *key;
};

struct note_checkpoint {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;
	struct merkle_hash root;
};

/*
 * A name may be a note's key name: UTF-8 of 1 to 255 bytes without spaces of any script,
 * without plus, without control characters.
 */
bool note_name_is_valid(const char *name);

/* Makes the verifier of a key. RG_E_CONFIG: the name is not valid. */
RG_MUST_USE rg_err note_verifier_of(const char *name, const uint8_t public_key[32],
	struct note_verifier *ret_verifier);
/* Reads a vkey. False: it is none, is not Ed25519, or its id is not that of name and key. */
bool note_verifier_parse(const char *text, struct note_verifier *ret_verifier);
/* Appends the vkey, without a newline. */
void note_verifier_print(const struct note_verifier *verifier, struct buf *out);

/*
 * Writes and signs a checkpoint; appends the note to out. The key is Ed25519 and private;
 * the origin is the key's name. The same checkpoint gives the same bytes again.
 * RG_E_CONFIG: the origin cannot be a key name, or the key is of another algorithm.
 */
RG_MUST_USE rg_err note_checkpoint_sign(const struct note_checkpoint *checkpoint,
	const struct key *log_key, struct buf *out);

/*
 * Reads the text of a note without trusting it: nobody's signature is looked at. Extension
 * lines are allowed and ignored. False: not a checkpoint (ret_checkpoint unchanged).
 */
bool note_checkpoint_read(struct rg_bytes note, struct note_checkpoint *ret_checkpoint);

/*
 * Reads a checkpoint that this verifier signed. ret_is_valid is the answer: strict form,
 * origin = the verifier's name, its signature there, and every signature under its name
 * and id good. Others' signatures are ignored. ret_checkpoint is set only when valid.
 */
RG_MUST_USE rg_err note_checkpoint_verify(struct rg_bytes note,
	const struct note_verifier *verifier, struct note_checkpoint *ret_checkpoint,
	bool *ret_is_valid);

#endif
