#ifndef EVIDENCE_NOTE_LINES_H
#define EVIDENCE_NOTE_LINES_H

/*
 * A note's text and signature lines: what note.c and cosignature.c share; nobody else
 *
 * Source: https://c2sp.org/signed-note@v1.0.0
 */

#include "evidence/note.h"

#define NOTE_LINES_ED25519     0x01 /* signature types */
#define NOTE_LINES_COSIGNATURE 0x04
#define NOTE_LINES_SIGNATURE   64              /* bytes of an Ed25519 signature */
#define NOTE_LINES_START       "\xe2\x80\x94 " /* em dash, space */

/* A note's text ends with its newline; signatures are the lines after the blank one. */
struct note_lines {
	struct rg_bytes text;
	struct rg_bytes signatures;
};

/* False: not a note. Signature lines are not looked at. */
bool note_lines_split(struct rg_bytes note, struct note_lines *ret_lines);

/* One signature line; raw = key id ‖ signature. */
struct note_line {
	char name[NOTE_NAME_MAX + 1];
	uint32_t key_id;
	struct buf raw;
};

void note_line_deinit(struct note_line *line);
SCOPED_DEFINE_VALUE(struct note_line, note_line_deinit);
/* Reads a line without its newline into *line, which is zeroed or was read before. */
bool note_line_read(struct rg_bytes text, struct note_line *line);
/* What follows the key id; a view of line. */
struct rg_bytes note_line_value(const struct note_line *line);
bool note_line_is_of(const struct note_line *line, const struct note_verifier *verifier);
/* Appends a whole line: raw as above. */
void note_line_write(const char *name, struct rg_bytes raw, struct buf *out);

/* Verifier keys of any type that has an Ed25519 key; see note_verifier_of() and its kin. */
RG_MUST_USE rg_err note_lines_verifier_of(const char *name, uint8_t type,
	const uint8_t public_key[32], struct note_verifier *ret_verifier);
bool note_lines_verifier_parse(const char *text, uint8_t type, struct note_verifier *ret_verifier);
void note_lines_verifier_print(const struct note_verifier *verifier, uint8_t type, struct buf *out);

#endif
