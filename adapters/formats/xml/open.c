/*
 * XML to a tree whose root one of the format's tables has
 *
 * Method: the site's names are read before the file, which then comes with ours; the first
 * profile that has the root is taken.
 *
 * Threads: no state.
 */
#include <string.h>

#include "formats/xml/format.h"
#include "formats/xml/io.h"

static struct xml_node *find_root(const struct xml_tree *tree)
{
	struct xml_node *root = tree->top.first;
	while (root && !xml_is_element(root)) {
		root = root->next;
	}
	return root;
}

static bool is_called(const struct xml_node *node, const char *name)
{
	return strcasecmp(xml_local(node->name), xml_local(name)) == 0;
}

static bool holds(const struct xml_node *node, const char *name)
{
	const struct xml_node *child = node->first;
	while (child && !is_called(child, name)) {
		child = child->next;
	}
	return child != NULL;
}

/* Whether an element of this name stands anywhere inside; the depth of a tree is bounded. */
static bool holds_deep(const struct xml_node *node, const char *name)
{
	const struct xml_node *child = node->first;
	while (child && !is_called(child, name) && !holds_deep(child, name)) {
		child = child->next;
	}
	return child != NULL;
}

/* Whether the root is the profile's, or a part of it that may stand alone. */
static bool is_root(const struct xml_work *work, const struct xml_node *root)
{
	const char *content = work->profile->content;
	bool is_child = content && xml_rules_find(work->rules, content);
	const struct xml_rule *alone = xml_rules_find(work->rules, root->name);
	if (is_called(root, work->rules->name)) {
		return !content || (is_child ? holds(root, content) : holds_deep(root, content));
	}
	return (is_child && is_called(root, content)) || (alone && alone->is_list && alone->first);
}

/* Finds the profile among the format's whose root this is; false: there is none, or no memory. */
static bool find_profile(struct xml_work *work, const struct xml_node *root)
{
	const struct xml_profile *first = work->profile;
	const struct xml_profile *const *others = first->others;
	work->rules = xml_rules_build(work->pool, first);
	bool is_found = work->rules && is_root(work, root);
	for (; work->rules && !is_found && others && *others; others++) {
		work->profile = *others;
		work->rules = xml_rules_build(work->pool, *others);
		is_found = work->rules && is_root(work, root);
	}
	work->profile = is_found ? work->profile : first;
	return is_found;
}

static rg_err refuse_root(const struct xml_work *work, const struct xml_node *root)
{
	const char *wanted = xml_local(work->profile->root);
	bool is_hollow = strcasecmp(xml_local(root->name), wanted) == 0;
	const char *text = is_hollow
		? pool_printf(work->pool, "<%s> holds no <%s>", root->name,
			  xml_local(work->profile->content))
		: pool_printf(work->pool, "the root element is <%s>, not <%s>", root->name, wanted);
	struct rg_finding finding = {RG_FINDING_ERROR, "ROOT", "/", root->line, root->column,
		text ? text : "wrong root"};
	return rg_call_finding(work->call, &finding);
}

rg_err xml_open(struct xml_work *work, struct xml_tree *tree, struct rg_bytes native,
	struct xml_node **ret_root)
{
	bool is_ok = false;
	*ret_root = NULL;
	xml_tree_init(tree, work->pool);
	work->is_own = true;
	rg_err err = xml_names_read(work->pool, work->call->names, work->profile, work->call,
		&work->names, &is_ok);
	if (err || !is_ok) {
		return err;
	}
	err = xml_read(native, work->call, work->names, tree, &is_ok);
	struct xml_node *root = is_ok ? find_root(tree) : NULL;
	if (err || !root) {
		return err;
	}
	if (!find_profile(work, root)) {
		return work->rules ? refuse_root(work, root) : RG_E_NOMEM;
	}
	*ret_root = root;
	return RG_OK;
}

rg_err xml_validate(const struct rg_format *format, struct rg_bytes native, struct rg_call *call)
{
	scoped(pool_freep) struct pool *pool = pool_new(XML_POOL_LIMIT);
	struct xml_work work = {.pool = pool, .call = call, .profile = format->profile};
	struct xml_tree tree;
	struct xml_node *root = NULL;
	return pool ? xml_open(&work, &tree, native, &root) : RG_E_NOMEM;
}
