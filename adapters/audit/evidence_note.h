#ifndef AUDIT_EVIDENCE_NOTE_H
#define AUDIT_EVIDENCE_NOTE_H

/*
 * The one form that a checkpoint has in a bundle
 *
 *     origin LF size LF root LF LF
 *     the log's line
 *     a line for each of the first Q witnesses of the roster that cosigned
 *
 * No extension lines, no line of anybody else. The same note and roster give the same
 * bytes, so the form can be checked by making it again.
 */

#include "base/buf.h"
#include "evidence/cosignature.h"
#include "evidence/note.h"

/*
 * Appends that form of note, which `log` has signed, to out. ret_n_cosigned: 0 to the
 * quorum. ret_earliest_s: of these cosignatures; 0: none. RG_E_FORMAT: not such a note.
 */
struct evidence_note_counts {
	size_t n_cosigned;
	uint64_t earliest_s;
};
RG_MUST_USE rg_err evidence_note_make(struct rg_bytes note, const struct note_verifier *log,
	const struct cosigner_roster *roster, struct buf *out,
	struct evidence_note_counts *ret_counts);

/* Appends a line for each cosigner in the note, in its order: "" when it has none. */
RG_MUST_USE rg_err evidence_note_vkeys(struct rg_bytes note, const struct cosigner_roster *roster,
	struct buf *out);

#endif
