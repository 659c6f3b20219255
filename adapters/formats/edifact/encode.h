#ifndef EDIFACT_ENCODE_H
#define EDIFACT_ENCODE_H

/*
 * A document on its way to a message: what encode.c makes and interchange.c writes
 */

#include "formats/edifact/decode.h"

struct edi_hint {
	const char *kind, *path, *form, *value;
};

struct edi_hints {
	struct edi_hint *rows; /* sorted by kind, path and where they stood */
	size_t n_rows;
};

/* Calls for the hints of one kind: the first; those that follow are beside it. NULL: none. */
const struct edi_hint *edi_hint_first(const struct edi_hints *hints, const char *kind);
const struct edi_hint *edi_hint_next(const struct edi_hints *hints, const struct edi_hint *hint);
/* The hint of this kind and path; NULL: none. */
const struct edi_hint *edi_hint_find(const struct edi_hints *hints, const char *kind,
	const char *path);

struct edi_draft {
	struct edi_work work;
	struct edi_hints hints;
	const char *charset;
	const char **taken; /* canonical paths that stand at a row EDI_OTHER, sorted */
	size_t n_taken;
	bool is_refused;
};

/* The document as a sorted tree, ready to be written. */
RG_MUST_USE rg_err edi_draft_fill(struct edi_draft *draft);

/* Writes the drafts, those of one interchange together, as outputs of the call. */
RG_MUST_USE rg_err edi_drafts_write(struct edi_draft *drafts, size_t n_drafts);

/* A path cut into its node and the place of its value. */
struct edi_target {
	struct edi_step steps[EDI_MAX_DEPTH];
	size_t n_steps;
	const char *value; /* NULL: a node only */
	struct edi_place place;
};

/* False: it is no path. */
bool edi_aim(struct edi_draft *draft, const char *path, struct edi_target *target);

/* The node of these steps; made where it is missing. NULL: no memory. */
struct edi_node *edi_nodes_make(struct edi_tree *tree, const struct edi_step *steps, size_t n);
/* The same; NULL: it is missing. */
struct edi_node *edi_nodes_find(struct edi_tree *tree, const struct edi_step *steps, size_t n);

/* Asks every row of the table for its values. */
RG_MUST_USE rg_err edi_ask_rows(struct edi_draft *draft);

/* Puts the text of a row, with a line feed between its components, to their places. */
RG_MUST_USE rg_err edi_put_text(struct edi_draft *draft, struct edi_node *segment,
	const struct edi_leaf_rule *rule, const char *text, const char *from);

#endif
