/*
 * The mapping table as a tree of rules
 *
 * Method: built anew for each call from the constant table, which costs less than
 * parsing the smallest file; so there is no state between calls.
 *
 * Threads: no state.
 */
#include <stdio.h>
#include <string.h>

#include "formats/xml/mapping.h"

/* The name without a namespace prefix; attributes and asides keep their mark. */
static const char *local(const char *name)
{
	const char *colon = strchr(name, ':');
	return colon && name[0] != '@' ? colon + 1 : name;
}

static struct xml_rule *find(const struct xml_rule *parent, const char *name, size_t len)
{
	for (struct xml_rule *rule = parent->first; rule; rule = rule->next) {
		if (strncasecmp(rule->name, name, len) == 0 && rule->name[len] == '\0') {
			return rule;
		}
	}
	return NULL;
}

const struct xml_rule *xml_rules_find(const struct xml_rule *parent, const char *name)
{
	const char *bare = local(name);
	return find(parent, bare, strlen(bare));
}

static struct xml_rule *add(struct pool *pool, struct xml_rule *parent, const char *name,
	size_t len)
{
	struct xml_rule *rule = pool_alloc(pool, sizeof(*rule));
	const char *copy = pool_copy(pool, name, len);
	if (!rule || !copy) {
		return NULL;
	}
	*rule = (struct xml_rule){.name = copy,
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
		bool is_list = len > 2 && memcmp(path + len - 2, "[]", 2) == 0;
		size_t name_len = is_list ? len - 2 : len;
		struct xml_rule *child = find(rule, path, name_len);
		child = child ? child : add(pool, rule, path, name_len);
		if (child) {
			child->is_list = child->is_list || is_list;
		}
		rule = child;
		path += len + (path[len] == '/' ? 1 : 0);
	}
	return rule;
}

struct xml_rule *xml_rules_build(struct pool *pool, const struct xml_profile *profile)
{
	struct xml_rule *root = pool_alloc(pool, sizeof(*root));
	if (!root) {
		return NULL;
	}
	root->name = profile->root;
	for (size_t i = 0; i < profile->n_rows; i++) {
		struct xml_rule *rule = add_path(pool, root, profile->rows[i].native);
		if (!rule) {
			return NULL;
		}
		if (rule->row) {
			rule->other = &profile->rows[i];
		} else {
			rule->row = &profile->rows[i];
		}
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
