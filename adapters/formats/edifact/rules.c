/*
 * Mapping tables as trees
 *
 * Threads: constants only.
 */
#include "formats/edifact/rules.h"

#include <string.h>

/* Whether this step of a table stands for a number of nodes; takes its mark away. */
static bool take_any(struct pool *pool, const char *path, size_t depth, struct edi_step *step)
{
	const char *at = path;
	for (size_t i = 0; i < depth; i++) {
		at += strcspn(at, "/") + 1;
	}
	size_t len = strcspn(at, "/");
	bool is_any = len > 2 && at[len - 1] == ']' && (at[len - 2] == '[' || at[len - 2] == '#');
	step->number = is_any ? 0 : step->number;
	(void)pool;
	return is_any;
}

/* A path of a table as one that edi_path_split() reads: any number becomes the first. */
static const char *plain_path(struct pool *pool, const char *native)
{
	struct text text;
	text_init(&text, pool);
	text_add_string(&text, "/");
	for (; *native; native++) {
		bool is_any = *native == ']' && (native[-1] == '[' || native[-1] == '#');
		text_add_string(&text, is_any ? "1" : "");
		text_add(&text, native, 1);
	}
	return text_string(&text);
}

static struct edi_rule *find_step(const struct edi_rule *parent, const struct edi_step *step)
{
	for (struct edi_rule *rule = parent->first; rule; rule = rule->next) {
		if (rule->step.number == step->number && strcmp(rule->step.name, step->name) == 0 &&
			strcmp(rule->step.key, step->key) == 0) {
			return rule;
		}
	}
	return NULL;
}

static struct edi_rule *make_step(struct pool *pool, struct edi_rule *parent,
	const struct edi_step *step, size_t order)
{
	struct edi_rule *rule = find_step(parent, step);
	if (rule) {
		return rule;
	}
	rule = pool_alloc(pool, sizeof(*rule));
	if (!rule) {
		return NULL;
	}
	*rule = (struct edi_rule){.step = *step, .order = order, .parent = parent};
	if (parent->last) {
		parent->last->next = rule;
	} else {
		parent->first = rule;
	}
	parent->last = rule;
	return rule;
}

/* Whether the structure has this segment; the envelope is there in each. */
static bool has_path(const struct edi_structure *structure, const struct edi_step *steps, size_t n)
{
	const struct edi_spec *spec = NULL;
	if (n == 1 && (strcmp(steps[0].tag, "UNB") == 0 || strcmp(steps[0].tag, "UNG") == 0)) {
		return true;
	}
	for (size_t i = 0; i < n; i++) {
		spec = edi_spec_child(structure, spec, steps[i].name);
		if (!spec) {
			return false;
		}
	}
	return true;
}

static bool add_row(struct pool *pool, struct edi_rule *top, const struct edi_structure *structure,
	const struct edi_row *row, size_t order)
{
	struct edi_step steps[EDI_MAX_DEPTH];
	const char *value = NULL;
	size_t n = 0;
	const char *path = plain_path(pool, row->native);
	struct edi_leaf_rule *leaf = pool_alloc(pool, sizeof(*leaf));
	if (!path || !leaf) {
		return false;
	}
	if (!edi_path_split(pool, path, steps, &n, &value) || !value ||
		!edi_place_parse(steps[n - 1].tag, value, &leaf->place) ||
		!has_path(structure, steps, n)) {
		return true;
	}
	struct edi_rule *rule = top;
	for (size_t i = 0; rule && i < n; i++) {
		take_any(pool, row->native, i, &steps[i]);
		rule = make_step(pool, rule, &steps[i], order);
	}
	if (!rule) {
		return false;
	}
	leaf->row = row;
	if (rule->last_leaf) {
		rule->last_leaf->next = leaf;
	} else {
		rule->leaves = leaf;
	}
	rule->last_leaf = leaf;
	return true;
}

struct edi_rule *edi_rules_build(struct pool *pool, const struct edi_message *message,
	const struct edi_structure *structure)
{
	struct edi_rule *top = pool_alloc(pool, sizeof(*top));
	for (size_t i = 0; top && i < *message->n_rows; i++) {
		if (!add_row(pool, top, structure, &message->rows[i], i + 1)) {
			return NULL;
		}
	}
	return top;
}

const struct edi_rule *edi_rule_find(const struct edi_rule *parent, const struct edi_step *step)
{
	for (const struct edi_rule *rule = parent->first; rule; rule = rule->next) {
		bool is_number = rule->step.number == 0 || rule->step.number == step->number;
		if (is_number && strcmp(rule->step.name, step->name) == 0 &&
			strcmp(rule->step.key, step->key) == 0) {
			return rule;
		}
	}
	return NULL;
}

const struct edi_leaf_rule *edi_rule_leaf(const struct edi_rule *rule,
	const struct edi_place *place)
{
	if (place->repeat != 1) {
		return NULL;
	}
	for (const struct edi_leaf_rule *leaf = rule ? rule->leaves : NULL; leaf;
		leaf = leaf->next) {
		if (leaf->place.element == place->element &&
			leaf->place.component == place->component) {
			return leaf;
		}
	}
	return NULL;
}

const struct edi_message *edi_message_find(const struct edi_profile *profile, const char *name)
{
	for (size_t i = 0; i < profile->n_messages; i++) {
		if (strcmp(profile->messages[i].name, name) == 0) {
			return &profile->messages[i];
		}
	}
	return NULL;
}
