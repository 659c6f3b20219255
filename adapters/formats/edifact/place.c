/*
 * Segments to their places
 *
 * Method: a segment goes to the next place of its tag: in the group that is open, from
 * where it stands on; else in the one around it. That is how the structure of a message
 * is to be read (ISO 9735, section 8). One without a place stays in the group that is
 * open.
 *
 * Threads: no state.
 */
#include <string.h>

#include "formats/edifact/decode.h"

struct level {
	struct edi_node *group;
	const struct edi_spec *at; /* last place taken; NULL: none yet */
};

struct placing {
	struct edi_tree *tree;
	struct level levels[EDI_MAX_DEPTH];
	size_t n_levels;
};

bool edi_is_trailer(const char *tag)
{
	return strcmp(tag, "UNT") == 0 || strcmp(tag, "UNE") == 0 || strcmp(tag, "UNZ") == 0;
}

/* The place for this tag in a group, from the last one taken on; NULL: none. */
static const struct edi_spec *find_place(const struct edi_tree *tree, const struct level *level,
	const char *tag)
{
	const struct edi_spec *end = tree->structure->specs + tree->structure->n_specs;
	const struct edi_spec *parent = level->group->spec;
	const struct edi_spec *spec = level->at ? level->at
		: parent                        ? parent + 1
						: tree->structure->specs;
	/* The first segment of a group begins the next one. */
	spec += parent && spec == parent + 1 && spec->max == 1 ? 1 : 0;
	unsigned depth = parent ? parent->depth + 1 : 1;
	for (; spec < end && spec->depth >= depth; spec++) {
		if (spec->depth == depth && strcmp(spec->tag, tag) == 0) {
			return spec;
		}
	}
	return NULL;
}

static rg_err add(struct placing *placing, const struct edi_node *segment, const char *name,
	const char *key, struct edi_node **ret_node)
{
	struct level *level = &placing->levels[placing->n_levels - 1];
	struct edi_step step = {name, segment->tag, key, 0};
	struct edi_node *node = key ? edi_tree_add(placing->tree, level->group, &step) : NULL;
	if (!node) {
		return RG_E_NOMEM;
	}
	node->values = segment->values;
	node->shape = segment->shape;
	node->index = segment->index;
	node->line = segment->line;
	node->column = segment->column;
	node->source = segment->source;
	*ret_node = node;
	return RG_OK;
}

static rg_err open_group(struct placing *placing, const struct edi_node *segment,
	const struct edi_spec *spec)
{
	struct level *level = &placing->levels[placing->n_levels - 1];
	const char *around = level->group->tag;
	const char *key = edi_key(placing->tree->pool, around, segment->tag, segment->values);
	struct edi_step step = {spec->name, spec->tag, key, 0};
	struct edi_node *group = key ? edi_tree_add(placing->tree, level->group, &step) : NULL;
	if (!group) {
		return RG_E_NOMEM;
	}
	group->line = segment->line;
	group->column = segment->column;
	group->index = segment->index;
	level->at = spec;
	/* Tables are not deeper than this. */
	placing->levels[placing->n_levels++] = (struct level){group, spec + 1};
	struct edi_node *node = NULL;
	return add(placing, segment, spec[1].name, "", &node);
}

static rg_err place(struct placing *placing, const struct edi_node *segment)
{
	const struct edi_spec *spec = NULL;
	size_t n = placing->n_levels;
	for (; n > 0 && !spec; n--) {
		spec = find_place(placing->tree, &placing->levels[n - 1], segment->tag);
	}
	if (spec) {
		placing->n_levels = n + 1;
	}
	if (spec && spec->group) {
		return open_group(placing, segment, spec);
	}
	struct edi_node *node = NULL;
	const char *around = placing->levels[placing->n_levels - 1].group->tag;
	const char *key = edi_key(placing->tree->pool, around, segment->tag, segment->values);
	rg_err err = add(placing, segment, spec ? spec->name : segment->tag, key, &node);
	if (!err && spec) {
		placing->levels[placing->n_levels - 1].at = spec;
	} else if (!err) {
		node->is_loose = true;
	}
	return err;
}

rg_err edi_place_mail(struct edi_tree *tree, const struct edi_mail *mail)
{
	struct placing placing = {.tree = tree, .levels = {{&tree->top, NULL}}, .n_levels = 1};
	const struct edi_envelope *envelope = mail->envelope;
	const struct edi_node *heads[] = {envelope->head, mail->group ? mail->group->head : NULL};
	const struct edi_node *tails[] = {mail->group ? mail->group->tail : NULL, envelope->tail};
	struct edi_node *node = NULL;
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < 2; i++) {
		err = heads[i] ? add(&placing, heads[i], heads[i]->tag, "", &node) : RG_OK;
	}
	for (const struct edi_node *segment = mail->first; !err && segment;
		segment = segment->next) {
		err = place(&placing, segment);
	}
	placing.n_levels = 1;
	for (size_t i = 0; !err && i < 2; i++) {
		err = tails[i] ? add(&placing, tails[i], tails[i]->tag, "", &node) : RG_OK;
	}
	return err;
}
