/*
 * Checkpoints as bundles have them: see evidence_note.h
 *
 * Threads: any; nothing is shared.
 */

#include "audit/evidence_note.h"

#include <string.h>

#include "base/text.h"

#define LINE_START "\xe2\x80\x94 " /* em dash, space */

/* The lines of signatures: what follows the last empty line. Empty: there are none. */
static struct rg_bytes signature_lines(struct rg_bytes note)
{
	for (size_t at = note.len; at >= 2; at--) {
		if (note.data[at - 1] == '\n' && note.data[at - 2] == '\n') {
			return bytes_of(note.data + at, note.len - at);
		}
	}
	return bytes_of(note.data, 0);
}

static bool starts_with(struct rg_bytes line, const char *start, const char *name)
{
	size_t start_len = strlen(start);
	size_t name_len = strlen(name);

	return line.len > start_len + name_len && memcmp(line.data, start, start_len) == 0 &&
		memcmp(line.data + start_len, name, name_len) == 0 &&
		line.data[start_len + name_len] == ' ';
}

static rg_err add_head(struct rg_bytes note, const struct note_verifier *log, struct buf *out)
{
	struct note_checkpoint checkpoint;
	struct rg_bytes rest = signature_lines(note);
	struct rg_bytes line;
	bool is_valid = false;
	rg_err err = note_checkpoint_verify(note, log, &checkpoint, &is_valid);

	if (err || !is_valid) {
		return err ? err : RG_E_FORMAT;
	}
	buf_printf(out, "%s\n%llu\n", checkpoint.origin, (unsigned long long)checkpoint.size);
	text_base64(bytes_of(checkpoint.root.bytes, MERKLE_HASH_LEN), out);
	buf_add_text(out, "\n\n");
	while (text_next_line(&rest, &line)) {
		if (starts_with(line, LINE_START, log->name)) {
			buf_add_bytes(out, line);
			buf_add_u8(out, '\n');
			return buf_error(out);
		}
	}
	return RG_E_FORMAT;
}

rg_err evidence_note_make(struct rg_bytes note, const struct note_verifier *log,
	const struct cosigner_roster *roster, struct buf *out,
	struct evidence_note_counts *ret_counts)
{
	struct evidence_note_counts counts = {.n_cosigned = 0};
	struct rg_bytes lines = signature_lines(note);
	rg_err err = add_head(note, log, out);

	for (size_t i = 0; !err && i < roster->n_items && counts.n_cosigned < roster->quorum; i++) {
		uint64_t time_s = 0;

		err = cosignature_take(note, lines, &roster->items[i], out, &time_s);
		if (!err && time_s) {
			counts.n_cosigned++;
			counts.earliest_s = counts.earliest_s && counts.earliest_s < time_s
				? counts.earliest_s
				: time_s;
		}
	}
	if (!err) {
		*ret_counts = counts;
	}
	return err;
}

rg_err evidence_note_vkeys(struct rg_bytes note, const struct cosigner_roster *roster,
	struct buf *out)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < roster->n_items; i++) {
		uint64_t time_s = 0;

		err = cosignature_time(note, &roster->items[i], &time_s);
		if (!err && time_s) {
			cosigner_print(&roster->items[i], out);
			buf_add_u8(out, '\n');
		}
	}
	return err ? err : buf_error(out);
}
