/*
 * One message as a tree
 *
 * Method: a hash table finds a child by parent, name, qualifier and number.
 *
 * Threads: one owner.
 */
#include "formats/edifact/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/edifact/rules.h"

/* Elements that tell segments of one tag apart; ends with element 0. */
static const struct {
	const char *tag;
	struct edi_place places[3];
} keys[] = {
	{"ALC", {{1, 1, 1}}},
	{"CNT", {{1, 1, 1}}},
	{"COM", {{1, 1, 2}}},
	{"CTA", {{1, 1, 1}}},
	{"CUX", {{1, 1, 1}}},
	{"DIM", {{1, 1, 1}}},
	{"DTM", {{1, 1, 1}}},
	{"EQD", {{1, 1, 1}}},
	{"FII", {{1, 1, 1}}},
	{"FTX", {{1, 1, 1}}},
	{"GIN", {{1, 1, 1}}},
	{"GIR", {{1, 1, 1}}},
	{"LOC", {{1, 1, 1}}},
	{"MEA", {{1, 1, 1}, {2, 1, 1}, {3, 1, 1}}},
	{"MOA", {{1, 1, 1}}},
	{"NAD", {{1, 1, 1}}},
	{"PCD", {{1, 1, 1}}},
	{"PIA", {{1, 1, 1}}},
	{"PRI", {{1, 1, 1}}},
	{"QTY", {{1, 1, 1}}},
	{"RFF", {{1, 1, 1}}},
	{"RNG", {{1, 1, 1}}},
	{"TDT", {{1, 1, 1}}},
	{"TMP", {{1, 1, 1}}},
};

static const struct edi_place *key_places(const char *tag)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].tag, tag) == 0) {
			return keys[i].places;
		}
	}
	return NULL;
}

/*
 * References of a consignment and of an error are told apart by their number: their
 * qualifier is content.
 */
bool edi_is_keyed(const char *parent, const char *tag)
{
	bool is_counted = strcmp(tag, "RFF") == 0 &&
		(strcmp(parent, "CNI") == 0 || strcmp(parent, "ERC") == 0);
	return key_places(tag) && !is_counted;
}

/* What may stand in a path as it is. */
static bool is_plain(const char *text)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	size_t len = strlen(text);
	return len > 0 && len <= 8 && strspn(text, plain) == len;
}

static bool is_same_place(const struct edi_place *a, const struct edi_place *b)
{
	return a->element == b->element && a->repeat == b->repeat && a->component == b->component;
}

static const char *text_at(const struct edi_value *values, const struct edi_place *place)
{
	for (; values; values = values->next) {
		if (is_same_place(&values->place, place)) {
			return values->text;
		}
	}
	return "";
}

const char *edi_key(struct pool *pool, const char *parent, const char *tag,
	const struct edi_value *values)
{
	const struct edi_place *places = edi_is_keyed(parent, tag) ? key_places(tag) : NULL;
	char key[32] = "";
	size_t len = 0;
	for (size_t i = 0; places && i < 3 && places[i].element; i++) {
		const char *text = text_at(values, &places[i]);
		/* Of units only kilograms tell: any other is content. */
		text = i < 2 || strcmp(text, "KGM") == 0 ? text : "";
		len += (size_t)snprintf(key + len, sizeof(key) - len, "%s%s", i ? "," : "",
			is_plain(text) ? text : "");
	}
	while (len > 0 && key[len - 1] == ',') {
		key[--len] = '\0';
	}
	return len > 0 ? pool_copy(pool, key, len) : "";
}

/* The i-th part of a qualifier; *ret_len 0: it has none. */
static const char *key_part(const char *key, size_t i, size_t *ret_len)
{
	for (; i > 0; i--) {
		key += strcspn(key, ",");
		key += *key ? 1 : 0;
	}
	*ret_len = strcspn(key, ",");
	return key;
}

rg_err edi_key_values(struct edi_tree *tree, struct edi_node *segment)
{
	const struct edi_place *places = key_places(segment->tag);
	/* A group's first segment has the qualifier of its group. */
	const char *key = *segment->key ? segment->key : segment->parent->key;
	bool is_first = strcmp(segment->parent->tag, segment->tag) == 0;
	key = *segment->key || is_first ? key : "";
	for (size_t i = 0; places && i < 3 && places[i].element; i++) {
		size_t len = 0;
		const char *part = key_part(key, i, &len);
		const char *text = len > 0 ? pool_copy(tree->pool, part, len) : "";
		if (!text || (len > 0 && !edi_value_set(tree, segment, &places[i], text))) {
			return RG_E_NOMEM;
		}
	}
	return RG_OK;
}

bool edi_key_covers(const struct edi_node *segment, const struct edi_place *place)
{
	const struct edi_place *places = key_places(segment->tag);
	bool is_first = segment->parent && strcmp(segment->parent->tag, segment->tag) == 0;
	const char *key = is_first ? segment->parent->key : segment->key;
	for (size_t i = 0; places && i < 3 && places[i].element; i++) {
		size_t len = 0;
		key_part(key, i, &len);
		if (len > 0 && is_same_place(&places[i], place)) {
			return true;
		}
	}
	return false;
}

void edi_tree_init(struct edi_tree *tree, struct pool *pool, const struct edi_structure *structure)
{
	*tree = (struct edi_tree){.pool = pool, .structure = structure};
	tree->top.name = "";
	tree->top.tag = "";
	tree->top.key = "";
	tree->top.is_group = true;
}

const struct edi_spec *edi_spec_child(const struct edi_structure *structure,
	const struct edi_spec *parent, const char *name)
{
	const struct edi_spec *end = structure ? structure->specs + structure->n_specs : NULL;
	const struct edi_spec *spec = !structure ? NULL : parent ? parent + 1 : structure->specs;
	unsigned depth = parent ? parent->depth + 1 : 1;
	for (; spec < end && spec->depth >= depth; spec++) {
		if (spec->depth == depth && strcmp(spec->name, name) == 0) {
			return spec;
		}
	}
	return NULL;
}

/* Children by name */

static size_t hash_of(const struct edi_node *parent, const char *name, const char *key,
	unsigned number)
{
	size_t hash = (size_t)(uintptr_t)parent / sizeof(void *) * 31 + number;
	for (; *name; name++) {
		hash = hash * 31 + (unsigned char)*name;
	}
	for (; *key; key++) {
		hash = hash * 31 + (unsigned char)*key;
	}
	return hash * 0x9e3779b97f4a7c15U >> 20;
}

static struct edi_node **slot_of(struct edi_node **slots, size_t n_slots,
	const struct edi_node *parent, const struct edi_step *step)
{
	size_t at = hash_of(parent, step->name, step->key, step->number) % n_slots;
	while (slots[at] &&
		(slots[at]->parent != parent || slots[at]->number != step->number ||
			strcmp(slots[at]->name, step->name) != 0 ||
			strcmp(slots[at]->key, step->key) != 0)) {
		at = (at + 1) % n_slots;
	}
	return &slots[at];
}

static bool grow(struct edi_tree *tree)
{
	size_t n_slots = tree->n_slots ? tree->n_slots * 2 : 256;
	struct edi_node **slots = pool_alloc(tree->pool, n_slots * sizeof(*slots));
	for (size_t i = 0; slots && i < tree->n_slots; i++) {
		struct edi_node *node = tree->slots[i];
		if (node) {
			struct edi_step step = {node->name, node->tag, node->key, node->number};
			*slot_of(slots, n_slots, node->parent, &step) = node;
		}
	}
	tree->slots = slots ? slots : tree->slots;
	tree->n_slots = slots ? n_slots : tree->n_slots;
	return slots;
}

struct edi_node *edi_tree_find(struct edi_tree *tree, const struct edi_node *parent,
	const struct edi_step *step)
{
	return tree->n_slots ? *slot_of(tree->slots, tree->n_slots, parent, step) : NULL;
}

static struct edi_node *make_node(struct edi_tree *tree, struct edi_node *parent,
	const struct edi_step *step)
{
	struct edi_node *node = pool_alloc(tree->pool, sizeof(*node));
	const struct edi_rule *above = parent == &tree->top ? tree->top.rule : parent->rule;
	if (!node) {
		return NULL;
	}
	node->name = step->name;
	node->tag = step->tag;
	node->key = step->key;
	node->number = step->number;
	node->parent = parent;
	node->spec = parent == &tree->top || parent->spec
		? edi_spec_child(tree->structure, parent->spec, step->name)
		: NULL;
	node->is_group = strncmp(step->name, "SG(", 3) == 0;
	node->rule = above ? edi_rule_find(above, step) : NULL;
	return node;
}

struct edi_node *edi_tree_add(struct edi_tree *tree, struct edi_node *parent,
	const struct edi_step *step)
{
	struct edi_step full = *step;
	struct edi_step one = {step->name, step->tag, step->key, 1};
	struct edi_node *first = edi_tree_find(tree, parent, &one);
	full.number = step->number ? step->number : (first ? first->n_same : 0) + 1;
	if (tree->n_used * 2 >= tree->n_slots && !grow(tree)) {
		return NULL;
	}
	struct edi_node *node = make_node(tree, parent, &full);
	if (!node) {
		return NULL;
	}
	*slot_of(tree->slots, tree->n_slots, parent, &full) = node;
	tree->n_used++;
	first = first ? first : node;
	first->n_same = first->n_same < full.number ? full.number : first->n_same;
	if (parent->last) {
		parent->last->next = node;
	} else {
		parent->first = node;
	}
	parent->last = node;
	return node;
}

/* Values */

static int compare_places(const struct edi_place *a, const struct edi_place *b)
{
	int order = (a->element > b->element) - (a->element < b->element);
	order = order ? order : (a->repeat > b->repeat) - (a->repeat < b->repeat);
	return order ? order : (a->component > b->component) - (a->component < b->component);
}

struct edi_value *edi_value_find(const struct edi_node *segment, const struct edi_place *place)
{
	for (struct edi_value *value = segment->values; value; value = value->next) {
		if (is_same_place(&value->place, place)) {
			return value;
		}
	}
	return NULL;
}

struct edi_value *edi_value_set(struct edi_tree *tree, struct edi_node *segment,
	const struct edi_place *place, const char *text)
{
	struct edi_value **at = &segment->values;
	while (*at && compare_places(&(*at)->place, place) < 0) {
		at = &(*at)->next;
	}
	struct edi_value *value = *at && is_same_place(&(*at)->place, place) ? *at : NULL;
	if (!value) {
		value = pool_alloc(tree->pool, sizeof(*value));
		if (!value) {
			return NULL;
		}
		value->place = *place;
		value->next = *at;
		*at = value;
	}
	value->text = text;
	return value;
}

/* Shape */

const char *edi_shape_usual(struct pool *pool, const struct edi_node *segment)
{
	struct text shape;
	char number[16];
	unsigned element = 1;
	unsigned repeat = 1;
	const struct edi_value *value = segment->values;
	text_init(&shape, pool);
	for (; value && !*value->text; value = value->next) {
	}
	while (value) {
		unsigned count = 1;
		for (; value && value->place.element == element && value->place.repeat == repeat;
			value = value->next) {
			count = *value->text ? value->place.component : count;
		}
		for (; value && !*value->text; value = value->next) {
		}
		snprintf(number, sizeof(number), "%u", count);
		text_add_string(&shape, number);
		bool is_repeated = value && value->place.element == element;
		text_add_string(&shape, !value ? "" : is_repeated ? "*" : "+");
		repeat = is_repeated ? repeat + 1 : 1;
		element += is_repeated ? 0 : 1;
	}
	return text_string(&shape);
}
