/*
 * The order of children
 *
 * Method: children are put into an array, given two keys (usual place, place of the
 * hint) and sorted.
 *
 * Threads: no state.
 */
#include "formats/xml/order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	struct xml_node *node;
	unsigned rank; /* of the name in the table */
	size_t usual;  /* place in the usual order */
	size_t hinted; /* place in the hint's order, or that of the predecessor */
	bool is_hinted;
};

static bool is_arranged(const struct xml_node *node)
{
	return node->name[0] != '@' && node->name[0] != '!';
}

static int by_usual(const void *a, const void *b)
{
	const struct entry *left = a;
	const struct entry *right = b;
	if (left->rank != right->rank) {
		return left->rank < right->rank ? -1 : 1;
	}
	int order = strcmp(left->node->name, right->node->name);
	if (order) {
		return order;
	}
	return left->node->position < right->node->position ? -1 : 1;
}

static int by_hint(const void *a, const void *b)
{
	const struct entry *left = a;
	const struct entry *right = b;
	if (left->hinted != right->hinted) {
		return left->hinted < right->hinted ? -1 : 1;
	}
	return left->usual < right->usual ? -1 : left->usual > right->usual;
}

static size_t count_children(const struct xml_node *node)
{
	size_t n = 0;
	for (const struct xml_node *child = node->first; child; child = child->next) {
		n++;
	}
	return n;
}

/* The children in usual order. NULL: the pool is spent. */
static struct entry *list_usual(struct pool *pool, const struct xml_rule *rule,
	const struct xml_node *node, size_t n)
{
	struct entry *entries = pool_alloc(pool, (n + 1) * sizeof(*entries));
	size_t i = 0;
	for (struct xml_node *child = node->first; entries && child; child = child->next) {
		const struct xml_rule *known =
			rule ? xml_rules_at(rule, child->name, child->position) : NULL;
		entries[i++] =
			(struct entry){.node = child, .rank = known ? known->rank : UINT32_MAX};
	}
	if (entries && n > 1) {
		qsort(entries, n, sizeof(*entries), by_usual);
	}
	for (i = 0; entries && i < n; i++) {
		entries[i].usual = i;
	}
	return entries;
}

/*
 * The entry that the order means by the next mention of this name; NULL: there is none.
 * How many were mentioned before is counted at the first node of the name.
 */
static struct entry *next_entry(struct xml_tree *tree, const struct xml_node *parent,
	struct entry *entries, const char *name)
{
	struct xml_node *first = xml_tree_find(tree, parent, name, 1);
	if (!first) {
		return NULL;
	}
	const struct xml_node *node = xml_tree_find(tree, parent, name, ++first->n_placed);
	return node ? &entries[node->rank] : NULL;
}

/* Gives the entries that the order names their place in it. */
static rg_err apply_order(struct xml_tree *tree, const struct xml_node *parent,
	struct entry *entries, size_t n, const char *order)
{
	size_t place = 1;
	for (const char *run = order; *run;) {
		size_t len = strcspn(run, " *");
		unsigned long times = run[len] == '*' ? strtoul(run + len + 1, NULL, 10) : 1;
		const char *name = pool_copy(tree->pool, run, len);
		if (!name) {
			return RG_E_NOMEM;
		}
		for (unsigned long i = 0; i < times && i < n; i++) {
			struct entry *entry = next_entry(tree, parent, entries, name);
			if (!entry) {
				break;
			}
			entry->hinted = place++;
			entry->is_hinted = true;
		}
		run += strcspn(run, " ");
		run += strspn(run, " ");
	}
	for (size_t i = 1; i < n; i++) {
		if (!entries[i].is_hinted) {
			entries[i].hinted = entries[i - 1].hinted;
		}
	}
	return RG_OK;
}

static void relink(struct xml_node *node, const struct entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		entries[i].node->next = i + 1 < n ? entries[i + 1].node : NULL;
	}
	node->first = n > 0 ? entries[0].node : NULL;
	node->last = n > 0 ? entries[n - 1].node : NULL;
}

rg_err xml_order_sort(struct xml_tree *tree, const struct xml_rule *rule, struct xml_node *node,
	const char *order)
{
	size_t n = count_children(node);
	struct entry *entries = list_usual(tree->pool, rule, node, n);
	rg_err err = entries ? RG_OK : RG_E_NOMEM;
	if (!err && order && n > 1) {
		for (size_t i = 0; i < n; i++) {
			entries[i].node->rank = (uint32_t)i;
		}
		err = apply_order(tree, node, entries, n, order);
		qsort(entries, n, sizeof(*entries), by_hint);
	}
	if (!err) {
		relink(node, entries, n);
	}
	return err;
}

static void add_run(struct text *text, const char *name, size_t times)
{
	char count[24];
	if (times == 0) {
		return;
	}
	text_add_string(text, text->len > 0 ? " " : "");
	text_add_string(text, name);
	if (times > 1) {
		int len = snprintf(count, sizeof(count), "*%zu", times);
		text_add(text, count, (size_t)len);
	}
}

const char *xml_order_text(struct pool *pool, const struct xml_node *node)
{
	struct text text;
	const char *name = "";
	size_t times = 0;
	text_init(&text, pool);
	for (const struct xml_node *child = node->first; child; child = child->next) {
		if (!is_arranged(child)) {
			continue;
		}
		if (times > 0 && child->name != name) {
			add_run(&text, name, times);
			times = 0;
		}
		name = child->name;
		times++;
	}
	add_run(&text, name, times);
	return text_string(&text);
}

rg_err xml_order_usual(struct pool *pool, const struct xml_rule *rule, const struct xml_node *node,
	const char **ret_text)
{
	size_t n = count_children(node);
	struct entry *entries = list_usual(pool, rule, node, n);
	struct text text;
	text_init(&text, pool);
	size_t times = 0;
	for (size_t i = 0; entries && i < n; i++) {
		bool is_last = i + 1 == n || entries[i + 1].node->name != entries[i].node->name;
		times += is_arranged(entries[i].node) ? 1 : 0;
		if (is_last) {
			add_run(&text, entries[i].node->name, times);
			times = 0;
		}
	}
	*ret_text = text_string(&text);
	return entries && *ret_text ? RG_OK : RG_E_NOMEM;
}
