#ifndef EVIDENCE_NOTE_H
#define EVIDENCE_NOTE_H

/*
 * Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint)
 *
 *     origin LF size LF base64(root) LF [extension lines] LF
 *     — name base64(uint32 key id ‖ signature) LF …
 *
 * Only Ed25519 (type 0x01) here; cosignatures (0x04) will be rows beside it.
 * Parsing is strict: what it accepts it would write again.
 */

#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/merkle.h"
#include "sign/key.h"

#define NOTE_MAX          16384
#define NOTE_NAME_MAX     255

/* A C2SP verifier key: name+hash+base64(0x01 ‖ 32 bytes). */
struct note_verifier {
	char name[NOTE_NAME_MAX + 1];
	uint32_t key_id;
	uint8_t public_key[32];
};

struct note_checkpoint {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;
	struct merkle_hash root;
};

/* A name may be a note's key name: not empty, no spaces, no plus, no controls. */
bool note_name_is_valid(const char *name);
RG_MUST_USE rg_err note_verifier_of(const char *name, const uint8_t public_key[32], struct note_verifier *ret_verifier);
bool note_verifier_parse(const char *text, struct note_verifier *ret_verifier);
void note_verifier_print(const struct note_verifier *verifier, struct buf *out);

/* Writes and signs a checkpoint; key is Ed25519. Deterministic. Appends to out. */
RG_MUST_USE rg_err note_checkpoint_sign(
	const struct note_checkpoint *checkpoint, const struct key *log_key, struct buf *out);
/* Reads the text of a note without trusting it. False: not a checkpoint. */
bool note_checkpoint_read(struct rg_bytes note, struct note_checkpoint *ret_checkpoint);
/*
 * Reads a checkpoint that this verifier signed. ret_is_valid is the answer: strict
 * form, origin = verifier's name, its signature present and good.
 */
RG_MUST_USE rg_err note_checkpoint_verify(struct rg_bytes note, const struct note_verifier *verifier,
	struct note_checkpoint *ret_checkpoint, bool *ret_is_valid);

#endif
