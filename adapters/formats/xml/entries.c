/*
 * Files that hold several documents
 *
 * Threads: no state.
 */
#include "formats/xml/entries.h"

#include <string.h>
#include <strings.h>

static bool is_entry(const struct xml_node *node, const char *entry)
{
	const char *colon = strchr(node->name, ':');
	return xml_is_element(node) && strcasecmp(colon ? colon + 1 : node->name, entry) == 0;
}

/* Comments, instructions and texts: neither elements nor attributes. */
static bool is_beside(const struct xml_node *node)
{
	return !xml_is_element(node) && node->name[0] != '@';
}

size_t xml_entries_count(const struct xml_node *root, const char *entry)
{
	size_t n = 0;
	for (const struct xml_node *child = root->first; child; child = child->next) {
		n += is_entry(child, entry) ? 1 : 0;
	}
	return n;
}

static size_t count_nodes(const struct xml_node *node)
{
	size_t n = 1;
	for (const struct xml_node *child = node->first; child; child = child->next) {
		n += count_nodes(child);
	}
	return n;
}

bool xml_entries_fit(const struct xml_node *root, const char *entry, size_t n)
{
	size_t n_shared = 1;
	for (const struct xml_node *child = root->first; child; child = child->next) {
		bool is_shared = !is_entry(child, entry) && !is_beside(child);
		n_shared += is_shared ? count_nodes(child) : 0;
	}
	return n <= XML_MAX_ENTRIES && n_shared <= 8 * (size_t)XML_MAX_NODES / n;
}

static rg_err copy_node(struct xml_tree *tree, struct xml_node *parent, const struct xml_node *from)
{
	struct xml_node *node = xml_tree_add(tree, parent, from->name);
	if (!node) {
		return RG_E_NOMEM;
	}
	node->text = from->text;
	node->before = from->before;
	node->after = from->after;
	node->line = from->line;
	node->column = from->column;
	node->is_cdata = from->is_cdata;
	rg_err err = RG_OK;
	for (const struct xml_node *child = from->first; child && !err; child = child->next) {
		err = copy_node(tree, node, child);
	}
	return err;
}

static rg_err copy_children(const struct xml_node *root, const char *entry, size_t n,
	struct xml_tree *tree, struct xml_node *copy, const char **ret_entry)
{
	size_t n_entries = xml_entries_count(root, entry);
	size_t n_before = 0;
	rg_err err = RG_OK;
	for (const struct xml_node *child = root->first; child && !err; child = child->next) {
		bool is_this = is_entry(child, entry);
		size_t owner = n_before == n_entries ? 1 : n_before + 1;
		bool is_copied = is_this || is_beside(child) ? owner == n : true;
		err = is_copied ? copy_node(tree, copy, child) : RG_OK;
		if (!err && is_this && is_copied) {
			*ret_entry = xml_tree_path(tree, copy->last);
			err = *ret_entry ? RG_OK : RG_E_NOMEM;
		}
		n_before += is_this ? 1 : 0;
	}
	return err;
}

rg_err xml_entries_copy(const struct xml_tree *file, const char *entry, size_t n,
	struct xml_tree *tree, const char **ret_entry)
{
	rg_err err = RG_OK;
	for (const struct xml_node *node = file->top.first; node && !err; node = node->next) {
		if (!xml_is_element(node)) {
			err = n == 1 ? copy_node(tree, &tree->top, node) : RG_OK;
			continue;
		}
		struct xml_node *root = xml_tree_add(tree, &tree->top, node->name);
		if (!root) {
			return RG_E_NOMEM;
		}
		root->text = node->text;
		root->before = node->before;
		root->after = node->after;
		err = copy_children(node, entry, n, tree, root, ret_entry);
	}
	return err;
}

/* The next child from here on that all documents share and that is written; NULL: none. */
static const struct xml_node *next_shared(const struct xml_node *child, const char *entry)
{
	while (child && (!child->is_real || is_beside(child) || is_entry(child, entry))) {
		child = child->next;
	}
	return child;
}

static const struct xml_node *next_written(const struct xml_node *node)
{
	while (node && !node->is_real) {
		node = node->next;
	}
	return node;
}

static bool is_equal(const struct xml_node *a, const struct xml_node *b)
{
	const struct xml_node *left = next_written(a->first);
	const struct xml_node *right = next_written(b->first);
	bool is_same = strcmp(a->name, b->name) == 0 && strcmp(a->text, b->text) == 0;
	while (is_same && left && right) {
		is_same = is_equal(left, right);
		left = next_written(left->next);
		right = next_written(right->next);
	}
	return is_same && !left && !right;
}

bool xml_entries_agree(const struct xml_node *a, const struct xml_node *b, const char *entry)
{
	const struct xml_node *left = next_shared(a->first, entry);
	const struct xml_node *right = next_shared(b->first, entry);
	bool is_same = strcmp(a->name, b->name) == 0;
	while (is_same && left && right) {
		is_same = is_equal(left, right);
		left = next_shared(left->next, entry);
		right = next_shared(right->next, entry);
	}
	return is_same && !left && !right;
}

static struct xml_node *last_entry(struct xml_node *root, const char *entry)
{
	struct xml_node *last = NULL;
	for (struct xml_node *child = root->first; child; child = child->next) {
		last = is_entry(child, entry) ? child : last;
	}
	return last;
}

/* Links a node behind another; NULL: before all others. */
static void link_behind(struct xml_node *root, struct xml_node *before, struct xml_node *node)
{
	node->parent = root;
	node->next = before ? before->next : root->first;
	if (before) {
		before->next = node;
	} else {
		root->first = node;
	}
	root->last = root->last == before ? node : root->last;
}

void xml_entries_join(struct xml_node *into, struct xml_node *from, const char *entry)
{
	struct xml_node *behind = last_entry(into, entry);
	struct xml_node *next = NULL;
	for (struct xml_node *child = from->first; child; child = next) {
		next = child->next;
		if (is_entry(child, entry) || is_beside(child)) {
			link_behind(into, behind, child);
			behind = child;
		}
	}
}
