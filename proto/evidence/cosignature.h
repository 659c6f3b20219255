#ifndef EVIDENCE_COSIGNATURE_H
#define EVIDENCE_COSIGNATURE_H

/*
 * Cosignatures of witnesses (C2SP tlog-cosignature, cosignature/v1 with Ed25519)
 *
 * A line under a checkpoint:
 *
 *     — name base64(uint32 key id ‖ uint64 POSIX seconds ‖ 64 bytes)
 *
 * The Ed25519 signature is over "cosignature/v1" LF "time " seconds LF ‖ the note's text,
 * extension lines included. The key id is that of signature type 0x04, so one key never
 * passes for a log's. A member's witness is named <cc>.witness; its key stands in the
 * registry. A checkpoint is *witnessed* when a quorum of the witnesses cosigned it.
 *
 * Parsing is strict: a line under a known name and id that does not verify, or whose time
 * is 0 or above 2^63 - 1, makes the note malformed (signed-note). Unknown keys are ignored.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "evidence/note.h"
#include "rivergate/v1/registry.pb-c.h"
#include "sign/key.h"

#define COSIGNER_ROSTER_MAX 64 /* members of a registry */

struct cosigner {
	char member[3];           /* cc; "" when it is of no registry */
	struct note_verifier key; /* key_id is that of type 0x04 */
};

/* RG_E_CONFIG: the name cannot be a key name. member stays "". */
RG_MUST_USE rg_err cosigner_of(const char *name, const uint8_t public_key[32],
	struct cosigner *ret_cosigner);
/* The witness of member cc: named <cc>.witness. */
RG_MUST_USE rg_err cosigner_of_member(const char *cc, const uint8_t public_key[32],
	struct cosigner *ret_cosigner);
/* Reads a vkey of type 0x04; false: it is none, or its id is not that of name and key. */
bool cosigner_parse(const char *vkey, struct cosigner *ret_cosigner);
/* Appends the vkey, without a newline. */
void cosigner_print(const struct cosigner *cosigner, struct buf *out);

/* The witnesses that a registry names, ascending by member. */
struct cosigner_roster {
	struct cosigner items[COSIGNER_ROSTER_MAX];
	size_t n_items;
	unsigned quorum; /* two thirds of them and one more; 0 when there are none */
};

/* RG_E_CONFIG: more than COSIGNER_ROSTER_MAX members, which no registry in force has. */
RG_MUST_USE rg_err cosigner_roster_of(const Rivergate__V1__Registry *registry,
	struct cosigner_roster *ret_roster);
/* NULL: the member has none. */
const struct cosigner *cosigner_roster_find(const struct cosigner_roster *roster, const char *cc);

/*
 * Appends the line that cosigns this note at time_s (1 to 2^63 - 1) to out; the key is the
 * private one of self. RG_E_CONFIG: the key is another, or the time cannot be told.
 */
RG_MUST_USE rg_err cosignature_make(struct rg_bytes note, const struct cosigner *self,
	const struct key *key, uint64_t time_s, struct buf *out);

/* What a note says of its cosigners. */
struct cosignature_count {
	bool is_malformed; /* not a checkpoint, or a known key's line fails; then all else is 0 */
	size_t n_valid;    /* cosigners with at least one line */
	uint64_t times_s[COSIGNER_ROSTER_MAX]; /* of roster->items[i], its earliest; 0: none */
};

/* Verifies every line of these cosigners. The log's own signature is not looked at. */
RG_MUST_USE rg_err cosignature_count(struct rg_bytes note, const struct cosigner_roster *roster,
	struct cosignature_count *ret_count);
/* The same for one; ret_time_s 0: it did not cosign, or the note is malformed. */
RG_MUST_USE rg_err cosignature_time(struct rg_bytes note, const struct cosigner *by,
	uint64_t *ret_time_s);

/*
 * Takes from `lines` (the body of a witness' answer) the first line of this cosigner, if it
 * verifies for note, and appends it to out. ret_time_s 0: there is none, one of its lines
 * fails, or the lines are no signature lines; out is then unchanged.
 */
RG_MUST_USE rg_err cosignature_take(struct rg_bytes note, struct rg_bytes lines,
	const struct cosigner *by, struct buf *out, uint64_t *ret_time_s);

#endif
