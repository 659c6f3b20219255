/*
 * How a file was written, as hints of the canonical document
 *
 * Method: joining goes level by level, deepest first. At each level hints that agree
 * in everything else stand beside each other after sorting, and their positions at
 * that level become one set such as 1-3,7.
 *
 * Threads: no state.
 */
#include "formats/xml/hint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Nodes that all hints of a document may name together. */
#define MAX_EXPANDED ((size_t)4 * XML_MAX_NODES)

static const char *const kind_names[XML_N_HINT_KINDS] = {
	[XML_HINT_INDENT] = "indent",
	[XML_HINT_ROOT] = "root",
	[XML_HINT_ENCODING] = "encoding",
	[XML_HINT_FRAGMENT] = "fragment",
	[XML_HINT_NAME] = "name",
	[XML_HINT_EMPTY] = "empty",
	[XML_HINT_NULL] = "null",
	[XML_HINT_BLANK] = "blank",
	[XML_HINT_CDATA] = "cdata",
	[XML_HINT_LEXICAL] = "lexical",
	[XML_HINT_BEFORE] = "before",
	[XML_HINT_AFTER] = "after",
	[XML_HINT_ORDER] = "order",
	[XML_HINT_ASIDE] = "aside",
};

/* A hint on its way to the document. */
struct xml_found {
	enum xml_hint_kind kind;
	const char *form;
	const char *value;
	size_t depth;
	const char **names;
	uint32_t *positions;
	const char **sets; /* NULL at a level not joined yet */
};

/* Places */

void xml_place_push(struct xml_place *place, const char *name, uint32_t position)
{
	if (place->depth < sizeof(place->names) / sizeof(place->names[0])) {
		place->names[place->depth] = name;
		place->positions[place->depth] = position;
		place->depth++;
	}
}

void xml_place_pop(struct xml_place *place)
{
	place->depth--;
}

void xml_place_of(const struct xml_tree *tree, const struct xml_node *node, struct xml_place *place)
{
	if (node == &tree->top) {
		place->depth = 0;
		return;
	}
	xml_place_of(tree, node->parent, place);
	xml_place_push(place, node->name, node->position);
}

/* Collecting */

static bool make_room(struct xml_hints *hints)
{
	if (hints->n_found < hints->n_room) {
		return true;
	}
	size_t n_room = hints->n_room ? hints->n_room * 2 : 256;
	struct xml_found *found = pool_alloc(hints->pool, n_room * sizeof(*found));
	if (!found) {
		return false;
	}
	if (hints->n_found > 0) {
		memcpy(found, hints->found, hints->n_found * sizeof(*found));
	}
	hints->found = found;
	hints->n_room = n_room;
	return true;
}

rg_err xml_hints_add(struct xml_hints *hints, const struct xml_place *place,
	enum xml_hint_kind kind, const char *form, const char *value)
{
	size_t depth = place ? place->depth : 0;
	struct xml_found found = {.kind = kind, .form = form, .value = value, .depth = depth};
	found.names = pool_alloc(hints->pool, (depth + 1) * sizeof(*found.names));
	found.positions = pool_alloc(hints->pool, (depth + 1) * sizeof(*found.positions));
	found.sets = pool_alloc(hints->pool, (depth + 1) * sizeof(*found.sets));
	if (!found.names || !found.positions || !found.sets || !make_room(hints)) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < depth; i++) {
		found.names[i] = place->names[i];
		found.positions[i] = place->positions[i];
	}
	hints->found[hints->n_found++] = found;
	return RG_OK;
}

/* Joining */

static int compare_level(const struct xml_found *a, const struct xml_found *b, size_t i)
{
	if (a->sets[i] && b->sets[i]) {
		return strcmp(a->sets[i], b->sets[i]);
	}
	return a->positions[i] < b->positions[i] ? -1 : a->positions[i] > b->positions[i];
}

/* Everything but the positions at this level. */
static int compare_rest(const struct xml_found *a, const struct xml_found *b, size_t level)
{
	int order = a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : 0;
	order = order ? order : (a->depth < b->depth ? -1 : a->depth > b->depth);
	order = order ? order : strcmp(a->form, b->form);
	order = order ? order : strcmp(a->value, b->value);
	for (size_t i = 0; !order && i < a->depth; i++) {
		order = a->names[i] == b->names[i] ? 0 : strcmp(a->names[i], b->names[i]);
	}
	for (size_t i = 0; !order && i < a->depth; i++) {
		order = i == level ? 0 : compare_level(a, b, i);
	}
	return order;
}

static int compare_found(const void *a, const void *b, void *context)
{
	size_t level = *(const size_t *)context;
	int order = compare_rest(a, b, level);
	const struct xml_found *left = a;
	return order || left->depth <= level ? order : compare_level(a, b, level);
}

/* The set of positions of a run of hints that differ at this level only. */
static const char *write_set(struct pool *pool, const struct xml_found *run, size_t n, size_t level)
{
	struct text set;
	text_init(&set, pool);
	for (size_t i = 0; i < n;) {
		size_t last = i;
		while (last + 1 < n &&
			run[last + 1].positions[level] <= run[last].positions[level] + 1) {
			last++;
		}
		char range[32];
		uint32_t from = run[i].positions[level];
		uint32_t to = run[last].positions[level];
		int len = from == to
			? snprintf(range, sizeof(range), "%s%u", i ? "," : "", from)
			: snprintf(range, sizeof(range), "%s%u-%u", i ? "," : "", from, to);
		text_add(&set, range, (size_t)len);
		i = last + 1;
	}
	return text_string(&set);
}

static rg_err join_level(struct xml_hints *hints, size_t level)
{
	struct xml_found *found = hints->found;
	size_t n_kept = 0;
	qsort_r(found, hints->n_found, sizeof(*found), compare_found, &level);
	for (size_t i = 0; i < hints->n_found;) {
		size_t n = 1;
		while (found[i].depth > level && i + n < hints->n_found &&
			compare_rest(&found[i], &found[i + n], level) == 0) {
			n++;
		}
		const char *set =
			found[i].depth > level ? write_set(hints->pool, &found[i], n, level) : "";
		if (!set) {
			return RG_E_NOMEM;
		}
		found[n_kept] = found[i];
		if (found[n_kept].depth > level) {
			found[n_kept].sets[level] = set;
		}
		n_kept++;
		i += n;
	}
	hints->n_found = n_kept;
	return RG_OK;
}

static const char *found_path(struct pool *pool, const struct xml_found *found)
{
	struct text path;
	text_init(&path, pool);
	for (size_t i = 0; i < found->depth; i++) {
		bool is_first = strcmp(found->sets[i], "1") == 0;
		text_add_string(&path, "/");
		text_add_string(&path, found->names[i]);
		text_add_string(&path, is_first ? "" : "[");
		text_add_string(&path, is_first ? "" : found->sets[i]);
		text_add_string(&path, is_first ? "" : "]");
	}
	return text_string(&path);
}

static rg_err store_text(struct rg_doc *doc, size_t i, const char *member, const char *text)
{
	char path[64];
	bool is_taken = false;
	if (text[0] == '\0') {
		return RG_OK;
	}
	snprintf(path, sizeof(path), "hints[%zu].%s", i, member);
	return rg_doc_set(doc, path, (struct rg_bytes){(const uint8_t *)text, strlen(text)}, NULL,
		&is_taken);
}

static rg_err store_found(struct xml_hints *hints, const char *format, struct rg_doc *doc, size_t i,
	const struct xml_found *found)
{
	const char *path = found_path(hints->pool, found);
	rg_err err = path ? store_text(doc, i, "format", format) : RG_E_NOMEM;
	if (!err) {
		err = store_text(doc, i, "path", path);
	}
	if (!err) {
		err = store_text(doc, i, "kind", kind_names[found->kind]);
	}
	if (!err) {
		err = store_text(doc, i, "form", found->form);
	}
	return err ? err : store_text(doc, i, "value", found->value);
}

rg_err xml_hints_store(struct xml_hints *hints, const char *format, struct rg_doc *doc)
{
	size_t n_levels = 0;
	for (size_t i = 0; i < hints->n_found; i++) {
		n_levels = hints->found[i].depth > n_levels ? hints->found[i].depth : n_levels;
	}
	rg_err err = RG_OK;
	for (size_t level = n_levels; !err && level-- > 0;) {
		err = join_level(hints, level);
	}
	for (size_t i = 0; !err && i < hints->n_found; i++) {
		err = store_found(hints, format, doc, i, &hints->found[i]);
	}
	return err;
}

/* Loading */

struct expanding {
	struct xml_tree *tree;
	rg_err (*arrive)(struct xml_node *node, void *context);
	void *context;
	size_t n_steps; /* against MAX_EXPANDED */
	bool is_bad;
};

/* Reads a position or range a-b from a set and moves behind it. */
static bool take_range(const char **set, uint32_t *ret_from, uint32_t *ret_to)
{
	char *after = NULL;
	unsigned long from = strtoul(*set, &after, 10);
	unsigned long to = from;
	if (after == *set || **set < '0' || **set > '9') {
		return false;
	}
	if (*after == '-') {
		const char *second = after + 1;
		to = strtoul(second, &after, 10);
		if (after == second || *second < '0' || *second > '9') {
			return false;
		}
	}
	if (from < 1 || to < from || to > XML_MAX_POSITION || (*after != ',' && *after != ']')) {
		return false;
	}
	*ret_from = (uint32_t)from;
	*ret_to = (uint32_t)to;
	*set = *after == ',' ? after + 1 : after;
	return true;
}

static rg_err expand(struct expanding *expanding, struct xml_node *parent, const char *path,
	size_t depth);

static rg_err expand_range(struct expanding *expanding, struct xml_node *parent, const char *name,
	const uint32_t range[2], const char *rest, size_t depth)
{
	rg_err err = RG_OK;
	for (uint32_t i = range[0]; !err && !expanding->is_bad && i <= range[1]; i++) {
		struct xml_node *node = expanding->n_steps++ < MAX_EXPANDED
			? xml_tree_make(expanding->tree, parent, name, i)
			: NULL;
		expanding->is_bad = !node;
		err = node ? expand(expanding, node, rest, depth + 1) : RG_OK;
	}
	return err;
}

/* Walks one step of a path such as /Item[1-190]/Packages down every node it names. */
static rg_err expand(struct expanding *expanding, struct xml_node *parent, const char *path,
	size_t depth)
{
	if (*path == '\0') {
		return expanding->arrive(parent, expanding->context);
	}
	size_t len = *path == '/' ? strcspn(path + 1, "/[") : 0;
	if (len == 0 || depth > XML_MAX_DEPTH) {
		expanding->is_bad = true;
		return RG_OK;
	}
	const char *name = pool_copy(expanding->tree->pool, path + 1, len);
	const char *set = path + 1 + len;
	const char *close = *set == '[' ? strchr(set, ']') : set;
	if (!name || !close || !xml_is_name(name)) {
		expanding->is_bad = true;
		return name ? RG_OK : RG_E_NOMEM;
	}
	uint32_t range[2] = {1, 1};
	if (*set != '[') {
		return expand_range(expanding, parent, name, range, set, depth);
	}
	rg_err err = RG_OK;
	for (set++; !err && !expanding->is_bad && *set != ']';) {
		expanding->is_bad = !take_range(&set, &range[0], &range[1]);
		if (!expanding->is_bad) {
			err = expand_range(expanding, parent, name, range, close + 1, depth);
		}
	}
	return err;
}

struct attaching {
	struct pool *pool;
	const struct xml_hint *hint;
};

static rg_err attach(struct xml_node *node, void *context)
{
	const struct attaching *attaching = context;
	struct xml_hint *hint = pool_alloc(attaching->pool, sizeof(*hint));
	if (!hint) {
		return RG_E_NOMEM;
	}
	*hint = *attaching->hint;
	hint->next = node->hint;
	node->hint = hint;
	return RG_OK;
}

/* Copies a member of the i-th entry of a list into the pool; "" where it is absent. */
static rg_err fetch(struct rg_doc *doc, struct pool *pool, size_t i, const char *member,
	const char **ret_text)
{
	char path[64];
	struct rg_bytes value = {NULL, 0};
	snprintf(path, sizeof(path), "hints[%zu].%s", i, member);
	rg_err err = rg_doc_get(doc, path, &value);
	if (err) {
		return err;
	}
	*ret_text = pool_copy(pool, (const char *)value.data, value.data ? value.len : 0);
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

static enum xml_hint_kind find_kind(const char *name)
{
	enum xml_hint_kind kind = XML_HINT_INDENT;
	while (kind < XML_N_HINT_KINDS && strcmp(kind_names[kind], name) != 0) {
		kind++;
	}
	return kind;
}

static rg_err apply(struct xml_hint_target *target, const char *path, const struct xml_hint *hint,
	struct expanding *expanding)
{
	if (path[0] == '\0') {
		target->general[hint->kind] = pool_alloc(target->tree->pool, sizeof(*hint));
		if (!target->general[hint->kind]) {
			return RG_E_NOMEM;
		}
		*target->general[hint->kind] = *hint;
		return RG_OK;
	}
	struct attaching attaching = {target->tree->pool, hint};
	expanding->tree = hint->kind == XML_HINT_NAME ? target->names : target->tree;
	expanding->context = &attaching;
	return expand(expanding, &expanding->tree->top, path, 0);
}

static rg_err load_one(struct rg_doc *doc, struct xml_hint_target *target, size_t i,
	struct expanding *expanding)
{
	struct pool *pool = target->tree->pool;
	const char *kind = NULL;
	const char *path = NULL;
	struct xml_hint hint = {.form = NULL};
	rg_err err = fetch(doc, pool, i, "kind", &kind);
	if (!err) {
		err = fetch(doc, pool, i, "path", &path);
	}
	if (!err) {
		err = fetch(doc, pool, i, "form", &hint.form);
	}
	if (!err) {
		err = fetch(doc, pool, i, "value", &hint.value);
	}
	if (err) {
		return err;
	}
	hint.kind = find_kind(kind);
	bool is_naming = hint.kind == XML_HINT_ROOT || hint.kind == XML_HINT_NAME ||
		(hint.kind == XML_HINT_NULL && hint.form[0]);
	if (is_naming && (!xml_is_name(hint.form) || strchr("@#?", hint.form[0]))) {
		expanding->is_bad = true;
		return RG_OK;
	}
	/* A kind of a later version: it tells about form only and may be passed over. */
	return hint.kind == XML_N_HINT_KINDS ? RG_OK : apply(target, path, &hint, expanding);
}

rg_err xml_hints_load(struct rg_doc *doc, const char *format, struct xml_hint_target *target,
	size_t *ret_n, bool *ret_ok)
{
	struct expanding expanding = {.arrive = attach};
	size_t n = 0;
	rg_err err = rg_doc_count(doc, "hints", &n);
	*ret_n = 0;
	for (size_t i = 0; !err && !expanding.is_bad && i < n; i++) {
		const char *of = NULL;
		err = fetch(doc, target->tree->pool, i, "format", &of);
		if (!err && strcmp(of, format) == 0) {
			err = load_one(doc, target, i, &expanding);
			(*ret_n)++;
		}
	}
	*ret_ok = !expanding.is_bad;
	return err;
}

static rg_err remember(struct xml_node *node, void *context)
{
	*(struct xml_node **)context = node;
	return RG_OK;
}

rg_err xml_path_make(struct xml_tree *tree, const char *path, struct xml_node **ret_node)
{
	*ret_node = NULL;
	struct expanding expanding = {.tree = tree, .arrive = remember, .context = ret_node};
	rg_err err = path[0] == '/' ? expand(&expanding, &tree->top, path, 0) : RG_OK;
	*ret_node = expanding.is_bad ? NULL : *ret_node;
	return err;
}

const struct xml_hint *xml_hint_find(const struct xml_node *node, enum xml_hint_kind kind)
{
	const struct xml_hint *hint = node->hint;
	while (hint && hint->kind != kind) {
		hint = hint->next;
	}
	return hint;
}
