/*
 * Paths of segments and values
 *
 * Threads: constants only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/edifact/tree.h"

/* Names are those of the newest directory, so that a path does not change with the release. */
#define NAMING "21B"

/* The n-th part (from 1) of this id among those that count; NULL: none. */
struct counting {
	const struct edi_segment_table *table;
	unsigned element; /* components of this one; 0: elements */
};

static bool counts(const struct counting *counting, const struct edi_part *part)
{
	if (counting->element) {
		return part->element == counting->element && part->component > 0;
	}
	/* An element without composite has one row, as its own component. */
	return part->component == 0 ||
		(part->component == 1 && !edi_part_find(counting->table, part->element, 0));
}

static unsigned nth_of(const struct counting *counting, const struct edi_part *part)
{
	unsigned n = 0;
	for (const struct edi_part *at = counting->table->parts; at <= part; at++) {
		n += counts(counting, at) && strcmp(at->id, part->id) == 0;
	}
	return n;
}

static const struct edi_part *find_nth(const struct counting *counting, const char *id, size_t len,
	unsigned n)
{
	for (size_t i = 0; i < counting->table->n_parts; i++) {
		const struct edi_part *part = &counting->table->parts[i];
		bool is_id = strlen(part->id) == len && memcmp(part->id, id, len) == 0;
		if (is_id && counts(counting, part) && --n == 0) {
			return part;
		}
	}
	return NULL;
}

/* id, or id(2). NULL: no memory. */
static const char *numbered(struct pool *pool, const char *id, unsigned n)
{
	return n > 1 ? pool_printf(pool, "%s(%u)", id, n) : id;
}

const char *edi_place_name(struct pool *pool, const char *tag, const struct edi_place *place)
{
	struct counting elements = {edi_segment_find(tag, NAMING), 0};
	struct counting components = {elements.table, place->element};
	const struct edi_part *whole = edi_part_find(elements.table, place->element, 0);
	const struct edi_part *part =
		edi_part_find(elements.table, place->element, place->component);
	char repeat[16] = "";
	if (place->repeat > 1) {
		snprintf(repeat, sizeof(repeat), "*%u", place->repeat);
	}
	if (!part) {
		return pool_printf(pool, "e%u%s.%u", place->element, repeat, place->component);
	}
	const struct edi_part *outer = whole ? whole : part;
	const char *first = numbered(pool, outer->id, nth_of(&elements, outer));
	const char *second = whole ? numbered(pool, part->id, nth_of(&components, part)) : "";
	return first && second
		? pool_printf(pool, "%s%s%s%s", first, repeat, whole ? "." : "", second)
		: NULL;
}

static const char *read_number(const char *text, unsigned *ret_number)
{
	char *end = NULL;
	unsigned long number = *text >= '1' && *text <= '9' ? strtoul(text, &end, 10) : 0;
	*ret_number = (unsigned)number;
	return number >= 1 && number <= EDI_MAX_PLACE ? end : NULL;
}

/* Reads id or id(2) and moves on; NULL: it is none of them. */
static const char *read_part(const struct counting *counting, const char *text,
	const struct edi_part **ret_part)
{
	size_t len = strcspn(text, "(*.");
	unsigned n = 1;
	const char *after = text + len;
	if (*after == '(') {
		after = read_number(after + 1, &n);
		after = after && *after == ')' ? after + 1 : NULL;
	}
	*ret_part = after ? find_nth(counting, text, len, n) : NULL;
	return *ret_part ? after : NULL;
}

static bool parse_unknown(const char *name, struct edi_place *ret_place)
{
	const char *at = read_number(name + 1, &ret_place->element);
	if (at && *at == '*') {
		at = read_number(at + 1, &ret_place->repeat);
	}
	at = at && *at == '.' ? read_number(at + 1, &ret_place->component) : NULL;
	return at && *at == '\0';
}

bool edi_place_parse(const char *tag, const char *name, struct edi_place *ret_place)
{
	struct counting elements = {edi_segment_find(tag, NAMING), 0};
	const struct edi_part *part = NULL;
	*ret_place = (struct edi_place){1, 1, 1};
	if (name[0] == 'e') {
		return parse_unknown(name, ret_place);
	}
	const char *at = elements.table ? read_part(&elements, name, &part) : NULL;
	if (at && *at == '*') {
		at = read_number(at + 1, &ret_place->repeat);
	}
	if (!at) {
		return false;
	}
	ret_place->element = part->element;
	struct counting components = {elements.table, part->element};
	if (part->component == 0) {
		at = *at == '.' ? read_part(&components, at + 1, &part) : NULL;
	}
	ret_place->component = part ? part->component : 0;
	return at && *at == '\0';
}

/* Whether a node is one of several, as its structure says. */
static bool is_one_of_many(const struct edi_node *node)
{
	return node->number > 1 || (node->spec && node->spec->max > 1);
}

static const char *step_text(struct pool *pool, const struct edi_node *node)
{
	bool is_in_keyed = strcmp(node->parent->tag, node->tag) == 0 && !node->is_group &&
		node->number == 1 && !*node->key;
	if (edi_is_keyed(node->parent->tag, node->tag) && !is_in_keyed) {
		return node->number > 1
			? pool_printf(pool, "%s[%s#%u]", node->name, node->key, node->number)
			: pool_printf(pool, "%s[%s]", node->name, node->key);
	}
	return is_one_of_many(node) ? pool_printf(pool, "%s[%u]", node->name, node->number)
				    : node->name;
}

const char *edi_node_path(struct pool *pool, const struct edi_node *node)
{
	if (!node->parent) {
		return "";
	}
	const char *above = edi_node_path(pool, node->parent);
	const char *step = above ? step_text(pool, node) : NULL;
	return step ? pool_printf(pool, "%s/%s", above, step) : NULL;
}

const char *edi_value_path(struct pool *pool, const struct edi_node *node,
	const struct edi_place *place)
{
	const char *above = edi_node_path(pool, node);
	const char *name = above ? edi_place_name(pool, node->tag, place) : NULL;
	return name ? pool_printf(pool, "%s/%s", above, name) : NULL;
}

/* The tag of a step: of SG(NAD) and of NAD(2) it is NAD. NULL: no such name, or no memory. */
static const char *tag_of(struct pool *pool, const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	bool is_group = strncmp(name, "SG(", 3) == 0;
	const char *from = is_group ? name + 3 : name;
	size_t len = strspn(from, letters);
	const char *after = from + len;
	if (len != 3 || (is_group && *after != ')' && *after != ',') ||
		(!is_group && *after != '\0' && *after != '(')) {
		return NULL;
	}
	return pool_copy(pool, from, len);
}

/* What stands in brackets: QUALIFIER, QUALIFIER#2, or 2. */
static bool parse_brackets(struct edi_step *step, const char *parent, char *text)
{
	char *hash = strchr(text, '#');
	const char *number = hash ? hash + 1 : text;
	char *end = NULL;
	bool is_keyed = edi_is_keyed(parent, step->tag);
	if (is_keyed && hash) {
		*hash = '\0';
	}
	step->key = is_keyed ? text : "";
	if (is_keyed && !hash) {
		step->number = 1;
		return true;
	}
	unsigned long value = *number >= '1' && *number <= '9' ? strtoul(number, &end, 10) : 0;
	step->number = (unsigned)value;
	return value >= 1 && value <= EDI_MAX_SEGMENTS && *end == '\0';
}

static bool parse_step(struct pool *pool, const char *parent, char *text, struct edi_step *step)
{
	char *open = strchr(text, '[');
	char *close = open ? strchr(open, ']') : NULL;
	if (open && (!close || close[1] != '\0')) {
		return false;
	}
	if (open) {
		*open = '\0';
		*close = '\0';
	}
	*step = (struct edi_step){text, tag_of(pool, text), "", 1};
	return step->tag && (!open || parse_brackets(step, parent, open + 1));
}

bool edi_path_split(struct pool *pool, const char *path, struct edi_step steps[EDI_MAX_DEPTH],
	size_t *ret_n, const char **ret_value)
{
	char *at = pool_copy(pool, path, strlen(path));
	size_t n = 0;
	*ret_value = NULL;
	if (!at || *at != '/') {
		return false;
	}
	do {
		char *text = at + 1;
		at = strchr(text, '/');
		if (at) {
			*at = '\0';
		}
		if (!at && n > 0 && strncmp(steps[n - 1].name, "SG(", 3) != 0) {
			*ret_value = text;
		} else if (n == EDI_MAX_DEPTH ||
			!parse_step(pool, n ? steps[n - 1].tag : "", text, &steps[n])) {
			return false;
		} else {
			n++;
		}
	} while (at);
	*ret_n = n;
	return n > 0;
}
