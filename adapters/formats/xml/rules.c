/*
 * The mapping table as a tree of rules
 *
 * Method: built anew for each call from the constant table, which costs less than
 * parsing the smallest file; so there is no state between calls.
 *
 * Threads: no state.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/xml/mapping.h"

const char *xml_local(const char *name)
{
	const char *colon = strchr(name, ':');
	return colon && name[0] != '@' ? colon + 1 : name;
}

void xml_kind(const struct xml_profile *profile, char out[XML_KIND_MAX])
{
	snprintf(out, XML_KIND_MAX, "%s%s%s", xml_local(profile->root), profile->content ? "/" : "",
		profile->content ? xml_local(profile->content) : "");
}

const struct xml_rule *xml_rules_find(const struct xml_rule *parent, const char *name)
{
	const char *bare = xml_local(name);
	const struct xml_rule *rule = parent->first;
	while (rule && strcasecmp(rule->local, bare) != 0) {
		rule = rule->next;
	}
	return rule;
}

const struct xml_rule *xml_rules_at(const struct xml_rule *parent, const char *name,
	uint32_t position)
{
	const char *bare = xml_local(name);
	const struct xml_rule *last = NULL;
	for (const struct xml_rule *rule = parent->first; rule; rule = rule->next) {
		if (strcasecmp(rule->local, bare) == 0) {
			last = rule;
			if (position >= rule->from && position <= rule->to) {
				return rule;
			}
		}
	}
	return last;
}

/* One step of a path of the table. */
struct step {
	const char *name;
	size_t len;
	uint32_t from, to;
	bool is_list;
};

/* Reads Name, Name[], Name[2] or Name[2-]. */
static struct step read_step(const char *path, size_t len)
{
	const char *open = memchr(path, '[', len);
	struct step step = {path, open ? (size_t)(open - path) : len, 1, 1, false};
	if (open) {
		char *end = NULL;
		unsigned long from = strtoul(open + 1, &end, 10);
		step.is_list = from == 0 || *end == '-';
		step.from = from == 0 ? 1 : (uint32_t)from;
		step.to = step.is_list ? UINT32_MAX : step.from;
	}
	return step;
}

static struct xml_rule *find(const struct xml_rule *parent, const struct step *step)
{
	for (struct xml_rule *rule = parent->first; rule; rule = rule->next) {
		if (strncasecmp(rule->name, step->name, step->len) == 0 &&
			rule->name[step->len] == '\0' && rule->from == step->from) {
			return rule;
		}
	}
	return NULL;
}

static struct xml_rule *add(struct pool *pool, struct xml_rule *parent, const struct step *step)
{
	struct xml_rule *rule = pool_alloc(pool, sizeof(*rule));
	const char *copy = pool_copy(pool, step->name, step->len);
	if (!rule || !copy) {
		return NULL;
	}
	*rule = (struct xml_rule){.name = copy,
		.local = xml_local(copy),
		.from = step->from,
		.to = step->to,
		.is_list = step->is_list,
		.parent = parent,
		.rank = parent->last ? parent->last->rank + 1 : 1};
	if (parent->last) {
		parent->last->next = rule;
	} else {
		parent->first = rule;
	}
	parent->last = rule;
	return rule;
}

static struct xml_rule *add_path(struct pool *pool, struct xml_rule *root, const char *path)
{
	struct xml_rule *rule = root;
	while (rule && *path) {
		size_t len = strcspn(path, "/");
		struct step step = read_step(path, len);
		struct xml_rule *child = find(rule, &step);
		child = child ? child : add(pool, rule, &step);
		if (child && step.is_list) {
			child->is_list = true;
			child->to = step.to;
		}
		rule = child;
		path += len + (path[len] == '/' ? 1 : 0);
	}
	return rule;
}

/* Whether these are the last steps of a path. */
static bool is_end_of(const char *path, const char *steps)
{
	size_t path_len = strlen(path);
	size_t len = strlen(steps);
	return path_len >= len && strcmp(path + path_len - len, steps) == 0 &&
		(path_len == len || path[path_len - len - 1] == '/');
}

static const char *find_limit(struct pool *pool, const struct xml_profile *profile,
	const char *native)
{
	char *path = profile->limits ? pool_copy(pool, native, strlen(native)) : NULL;
	char *to = path;
	for (const char *c = native; path && *c; c++) {
		c += *c == '[' ? strcspn(c, "]") : 0;
		*to = *c;
		to += *c == ']' ? 0 : 1;
	}
	if (!path) {
		return NULL;
	}
	*to = '\0';
	for (size_t i = 0; i < *profile->n_limits; i++) {
		if (is_end_of(path, profile->limits[i].path)) {
			return profile->limits[i].form;
		}
	}
	return NULL;
}

/* Adds the rows of a table below a rule; false: the pool is spent. */
static bool add_rows(struct pool *pool, const struct xml_profile *profile, struct xml_rule *root,
	const struct xml_row *rows, size_t n_rows)
{
	for (size_t i = 0; i < n_rows; i++) {
		struct xml_rule *rule = add_path(pool, root, rows[i].native);
		if (!rule) {
			return false;
		}
		if (rule->row) {
			rule->other = &rows[i];
		} else {
			rule->row = &rows[i];
			rule->limit = find_limit(pool, profile, rows[i].native);
		}
	}
	return true;
}

struct xml_rule *xml_rules_build(struct pool *pool, const struct xml_profile *profile)
{
	struct xml_rule *root = pool_alloc(pool, sizeof(*root));
	if (!root) {
		return NULL;
	}
	root->name = profile->root;
	root->local = xml_local(profile->root);
	root->from = 1;
	root->to = 1;
	const struct xml_graft *graft = profile->graft;
	if (!add_rows(pool, profile, root, profile->rows, profile->n_rows)) {
		return NULL;
	}
	struct xml_rule *stock = graft ? add_path(pool, root, graft->native) : NULL;
	if (graft && (!stock || !add_rows(pool, profile, stock, graft->rows, *graft->n_rows))) {
		return NULL;
	}
	return root;
}

static bool holds(const struct xml_work *work, const struct xml_row *row)
{
	unsigned against = work->is_export ? XML_IMPORT : XML_EXPORT;
	return row && !(row->flags & against);
}

const struct xml_row *xml_rules_row(const struct xml_work *work, const struct xml_rule *rule)
{
	if (holds(work, rule->row)) {
		return rule->row;
	}
	return holds(work, rule->other) ? rule->other : NULL;
}

const char *xml_rules_path(struct pool *pool, const char *canonical, const size_t *positions)
{
	struct text path;
	text_init(&path, pool);
	size_t n = 0;
	for (const char *open = strstr(canonical, "[]"); open; open = strstr(canonical, "[]")) {
		char position[24];
		int len = snprintf(position, sizeof(position), "[%zu]", positions[n++]);
		text_add(&path, canonical, (size_t)(open - canonical));
		text_add(&path, position, (size_t)len);
		canonical = open + 2;
	}
	text_add_string(&path, canonical);
	return text_string(&path);
}

const char *xml_rules_place(struct pool *pool, const struct xml_row *row, const size_t *positions)
{
	bool is_first = row->flags & XML_FIRST && positions[0] == 0;
	return xml_rules_path(pool, is_first ? row->elsewhere : row->canonical, positions);
}

/* The canonical list that the n-th [] stands for, with the positions of the lists before it. */
static const char *list_path(struct pool *pool, const char *canonical, size_t n,
	const size_t *positions)
{
	const char *end = canonical;
	for (size_t i = 0; i <= n; i++) {
		end = strstr(end, "[]");
		if (!end) {
			return NULL;
		}
		end += i < n ? 2 : 0;
	}
	const char *list = pool_copy(pool, canonical, (size_t)(end - canonical));
	return list ? xml_rules_path(pool, list, positions) : NULL;
}

static size_t count_lists(const char *canonical)
{
	size_t n = 0;
	for (const char *open = strstr(canonical, "[]"); open; open = strstr(open + 2, "[]")) {
		n++;
	}
	return n;
}

struct each {
	const struct xml_work *work;
	const struct xml_row *row;
	rg_err (*visit)(void *context, const size_t *positions);
	void *context;
	size_t n_lists;
	size_t positions[XML_MAX_LISTS];
};

static rg_err each_level(struct each *each, size_t level)
{
	if (level == each->n_lists) {
		return each->visit(each->context, each->positions);
	}
	const char *path =
		list_path(each->work->pool, each->row->canonical, level, each->positions);
	if (!path) {
		return RG_E_NOMEM;
	}
	size_t n = 0;
	rg_err err = rg_doc_count(each->work->doc, path, &n);
	/*
	 * An entry inside an entry is made for what a document from abroad has elsewhere; one of
	 * the document itself where the row says so.
	 */
	bool is_made = n == 0 && level > 0 && each->row->elsewhere && !each->work->is_own;
	bool is_needed = level == 0 && each->row->flags & (XML_FIRST | XML_ONCE);
	n = n == 0 && (is_made || is_needed) ? 1 : n;
	for (size_t i = 0; !err && i < n; i++) {
		each->positions[level] = i;
		err = each_level(each, level + 1);
	}
	return err;
}

rg_err xml_rules_each(const struct xml_work *work, const struct xml_row *row,
	rg_err (*visit)(void *context, const size_t *positions), void *context)
{
	struct each each = {.work = work, .row = row, .visit = visit, .context = context};
	each.n_lists = count_lists(row->canonical);
	return each.n_lists <= XML_MAX_LISTS ? each_level(&each, 0) : RG_E_ABI;
}
