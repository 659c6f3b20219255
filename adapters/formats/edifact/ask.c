/*
 * Rows of a mapping table to values of a message
 *
 * Method: each row is asked for each entry of its lists; those that hints name as standing
 * at another place than the usual are asked first.
 *
 * Threads: no state.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/edifact/encode.h"

/* Nodes */

/* The node of these steps; made where it is missing. NULL: no memory. */
struct edi_node *edi_nodes_make(struct edi_tree *tree, const struct edi_step *steps, size_t n)
{
	struct edi_node *node = &tree->top;
	for (size_t i = 0; node && i < n; i++) {
		struct edi_node *child = edi_tree_find(tree, node, &steps[i]);
		node = child ? child : edi_tree_add(tree, node, &steps[i]);
	}
	return node;
}

struct edi_node *edi_nodes_find(struct edi_tree *tree, const struct edi_step *steps, size_t n)
{
	struct edi_node *node = &tree->top;
	for (size_t i = 0; node && i < n; i++) {
		node = edi_tree_find(tree, node, &steps[i]);
	}
	return node;
}

bool edi_aim(struct edi_draft *draft, const char *path, struct edi_target *target)
{
	*target = (struct edi_target){.n_steps = 0};
	return edi_path_split(draft->work.pool, path, target->steps, &target->n_steps,
		       &target->value) &&
		(!target->value ||
			edi_place_parse(target->steps[target->n_steps - 1].tag, target->value,
				&target->place));
}

rg_err edi_put_text(struct edi_draft *draft, struct edi_node *segment,
	const struct edi_leaf_rule *rule, const char *text, const char *from)
{
	struct edi_place at = rule->place;
	unsigned n_left = rule->row->n_components > 1 ? rule->row->n_components : 1;
	while (text) {
		const char *end = --n_left > 0 ? strchr(text, '\n') : NULL;
		size_t len = end ? (size_t)(end - text) : strlen(text);
		const char *copy = pool_copy(draft->work.pool, text, len);
		struct edi_value *value =
			copy ? edi_value_set(&draft->work.tree, segment, &at, copy) : NULL;
		if (!value) {
			return RG_E_NOMEM;
		}
		value->from = from;
		text = end ? end + 1 : NULL;
		at.component++;
	}
	return RG_OK;
}

/* Rows */

/* One row while the entries of its lists are gone through. */
struct asking {
	struct edi_draft *draft;
	const struct edi_rule *rule;
	const struct edi_leaf_rule *leaf_rule;
	size_t positions[EDI_MAX_DEPTH];
	size_t n_positions;
};

/* The path with its first n lists filled in, cut behind them; n of all: the whole path. */
static const char *fill_path(struct pool *pool, const char *canonical, const size_t *positions,
	size_t n, bool is_whole)
{
	struct text text;
	size_t i = 0;
	text_init(&text, pool);
	for (; *canonical; canonical++) {
		bool is_list = canonical[0] == '[' && canonical[1] == ']';
		char number[24];
		if (is_list && i == n && !is_whole) {
			break;
		}
		text_add(&text, canonical, 1);
		if (is_list && i < n) {
			snprintf(number, sizeof(number), "%zu", positions[i++]);
			text_add_string(&text, number);
		}
	}
	return text_string(&text);
}

static struct edi_node *make_row_node(struct asking *asking)
{
	struct edi_step steps[EDI_MAX_DEPTH];
	size_t n = 0;
	for (const struct edi_rule *rule = asking->rule; rule->parent; rule = rule->parent) {
		n++;
	}
	size_t at = n;
	size_t position = asking->n_positions;
	for (const struct edi_rule *rule = asking->rule; rule->parent && at > 0;
		rule = rule->parent) {
		steps[--at] = rule->step;
		if (rule->step.number == 0) {
			steps[at].number = (unsigned)asking->positions[--position] + 1;
		}
	}
	return edi_nodes_make(&asking->draft->work.tree, steps, n);
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_taken(const struct edi_draft *draft, const char *path)
{
	return draft->n_taken > 0 &&
		bsearch(&path, draft->taken, draft->n_taken, sizeof(*draft->taken), compare_texts);
}

/* Of a new document: components that are too long are cut, or the value is left out. */
static rg_err fit(const struct edi_leaf *leaf, const char **text)
{
	size_t max = leaf->part ? leaf->part->max : 0;
	bool is_long = false;
	struct text out;
	text_init(&out, leaf->work->pool);
	unsigned n = 0;
	for (const char *at = *text; at; n++) {
		const char *end = leaf->row->n_components > 1 ? strchr(at, '\n') : NULL;
		char *part = pool_copy(leaf->work->pool, at, end ? (size_t)(end - at) : strlen(at));
		if (!part) {
			return RG_E_NOMEM;
		}
		bool is_first = n == 0 || leaf->row->flags & EDI_TEXT;
		size_t len = max && is_first ? edi_width(part, max) : strlen(part);
		bool is_beyond = leaf->row->n_components > 1 && n >= leaf->row->n_components;
		is_long = is_long || part[len] || (is_beyond && *part);
		part[len] = '\0';
		text_add_string(&out, n && !is_beyond ? "\n" : "");
		text_add_string(&out, is_beyond ? "" : part);
		at = end ? end + 1 : NULL;
	}
	if (!is_long) {
		return RG_OK;
	}
	bool is_cut = leaf->row->flags & EDI_TEXT;
	*text = is_cut ? text_string(&out) : NULL;
	return edi_leaf_lose(leaf,
		pool_printf(leaf->work->pool, "the element holds %zu characters: %s", max,
			is_cut ? "the text was cut" : "the value was left out"));
}

static rg_err ask_leaf(struct edi_leaf *leaf, const char **ret_text)
{
	const struct edi_row *row = leaf->row;
	*ret_text = NULL;
	rg_err err = row->codec->encode(leaf, ret_text);
	if (!err && !*ret_text && row->elsewhere && leaf->work->is_fresh) {
		leaf->path = row->elsewhere;
		err = row->codec->encode(leaf, ret_text);
	}
	return err || !*ret_text || !leaf->work->is_fresh ? err : fit(leaf, ret_text);
}

/* A leaf of a row with its canonical path. */
static rg_err make_leaf(const struct asking *asking, struct edi_leaf *ret_leaf)
{
	const struct edi_work *work = &asking->draft->work;
	const struct edi_place *place = &asking->leaf_rule->place;
	static const char *const none[] = {""};
	*ret_leaf = (struct edi_leaf){.work = work,
		.row = asking->leaf_rule->row,
		.natives = none,
		.n_natives = 1,
		.path = fill_path(work->pool, asking->leaf_rule->row->canonical, asking->positions,
			asking->n_positions, true),
		.part = edi_part_find(edi_segment_find(asking->rule->step.tag,
					      work->tree.structure->release),
			place->element, place->component),
		.position = asking->n_positions ? asking->positions[asking->n_positions - 1] : 0};
	return ret_leaf->path ? RG_OK : RG_E_NOMEM;
}

static rg_err ask(struct asking *asking)
{
	struct edi_draft *draft = asking->draft;
	struct edi_leaf leaf;
	const char *text = NULL;
	rg_err err = make_leaf(asking, &leaf);
	const char *from = err
		? NULL
		: pool_printf(draft->work.pool, "%s%s", leaf.path, leaf.row->codec->suffix);
	if (err || !from) {
		return err ? err : RG_E_NOMEM;
	}
	if (is_taken(draft, leaf.path)) {
		return RG_OK;
	}
	err = ask_leaf(&leaf, &text);
	if (err || !text || !*text) {
		return err;
	}
	struct edi_node *segment = make_row_node(asking);
	return segment ? edi_put_text(draft, segment, asking->leaf_rule, text, from) : RG_E_NOMEM;
}

static size_t count_lists(const char *canonical)
{
	size_t n = 0;
	for (; *canonical; canonical++) {
		n += canonical[0] == '[' && canonical[1] == ']';
	}
	return n;
}

/* Goes through the entries of the next list of the row's path. */
static rg_err ask_lists(struct asking *asking, size_t n_lists)
{
	const char *canonical = asking->leaf_rule->row->canonical;
	size_t n = 0;
	size_t at = asking->n_positions;
	if (at == n_lists) {
		return ask(asking);
	}
	const char *path =
		fill_path(asking->draft->work.pool, canonical, asking->positions, at, false);
	rg_err err = path ? rg_doc_count(asking->draft->work.doc, path, &n) : RG_E_NOMEM;
	asking->n_positions++;
	for (size_t i = 0; !err && i < n; i++) {
		asking->positions[at] = i;
		err = ask_lists(asking, n_lists);
	}
	asking->n_positions--;
	return err;
}

static rg_err ask_rule(struct edi_draft *draft, const struct edi_rule *rule)
{
	unsigned skipped = EDI_OTHER | (draft->work.has_law ? 0 : (unsigned)EDI_OWN) |
		(draft->work.is_fresh ? (unsigned)EDI_SELF : 0);
	rg_err err = RG_OK;
	for (const struct edi_leaf_rule *leaf = rule->leaves; !err && leaf; leaf = leaf->next) {
		if (leaf->row->canonical && !(leaf->row->flags & skipped)) {
			struct asking asking = {.draft = draft, .rule = rule, .leaf_rule = leaf};
			err = ask_lists(&asking, count_lists(leaf->row->canonical));
		}
	}
	for (const struct edi_rule *child = rule->first; !err && child; child = child->next) {
		err = ask_rule(draft, child);
	}
	return err;
}

/* Values that stand at a row EDI_OTHER, as hints say */

static bool find_rule(struct edi_draft *draft, const struct edi_target *target,
	struct asking *asking)
{
	const struct edi_rule *rule = draft->work.tree.top.rule;
	*asking = (struct asking){.draft = draft};
	for (size_t i = 0; rule && i < target->n_steps; i++) {
		rule = edi_rule_find(rule, &target->steps[i]);
		if (rule && rule->step.number == 0) {
			asking->positions[asking->n_positions++] = target->steps[i].number - 1;
		}
	}
	asking->rule = rule;
	asking->leaf_rule = rule ? edi_rule_leaf(rule, &target->place) : NULL;
	return asking->leaf_rule && asking->leaf_rule->row->flags & EDI_OTHER &&
		count_lists(asking->leaf_rule->row->canonical) == asking->n_positions;
}

static rg_err ask_others(struct edi_draft *draft)
{
	const struct edi_hints *hints = &draft->hints;
	struct edi_target target;
	struct asking asking;
	struct edi_leaf leaf;
	size_t n = 0;
	const char **taken = pool_alloc(draft->work.pool, (hints->n_rows + 1) * sizeof(*taken));
	rg_err err = taken ? RG_OK : RG_E_NOMEM;
	for (const struct edi_hint *hint = edi_hint_first(hints, "other"); !err && hint;
		hint = edi_hint_next(hints, hint)) {
		if (edi_aim(draft, hint->path, &target) && target.value &&
			find_rule(draft, &target, &asking)) {
			err = ask(&asking);
			err = err ? err : make_leaf(&asking, &leaf);
			taken[n++] = leaf.path;
		}
	}
	if (!err && n > 0) {
		qsort(taken, n, sizeof(*taken), compare_texts);
	}
	draft->taken = taken;
	draft->n_taken = n;
	return err;
}

rg_err edi_ask_rows(struct edi_draft *draft)
{
	rg_err err = ask_others(draft);
	return err ? err : ask_rule(draft, draft->work.tree.top.rule);
}
