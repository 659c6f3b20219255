/*
 * The order of segments
 *
 * Threads: no state.
 */
#include "formats/edifact/order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/edifact/rules.h"

/* What a child is called in an order: its name and qualifier. */
static bool is_alike(const struct edi_node *a, const struct edi_node *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->key, b->key) == 0;
}

const char *edi_order_text(struct pool *pool, const struct edi_node *parent)
{
	struct text text;
	text_init(&text, pool);
	for (const struct edi_node *child = parent->first; child;) {
		const struct edi_node *next = child->next;
		char times[32] = "";
		size_t n = 1;
		for (; next && is_alike(child, next); next = next->next) {
			n++;
		}
		if (n > 1) {
			snprintf(times, sizeof(times), "*%zu", n);
		}
		text_add_string(&text, text.len ? " " : "");
		text_add_string(&text, child->name);
		if (*child->key) {
			text_add_string(&text, "[");
			text_add_string(&text, child->key);
			text_add_string(&text, "]");
		}
		text_add_string(&text, times);
		child = next;
	}
	return text_string(&text);
}

static int compare_turns(const void *a, const void *b)
{
	const struct edi_node *left = *(const struct edi_node *const *)a;
	const struct edi_node *right = *(const struct edi_node *const *)b;
	if (left->rank != right->rank) {
		return left->rank < right->rank ? -1 : 1;
	}
	size_t first = left->rule ? left->rule->order : SIZE_MAX;
	size_t second = right->rule ? right->rule->order : SIZE_MAX;
	if (first != second) {
		return first < second ? -1 : 1;
	}
	int order = strcmp(left->name, right->name);
	order = order ? order : strcmp(left->key, right->key);
	return order ? order : (left->number > right->number) - (left->number < right->number);
}

/* Where the structure has it; the envelope stands around, what is unknown before UNT. */
static size_t rank_of(const struct edi_tree *tree, const struct edi_node *node)
{
	static const char *const heads[] = {"UNB", "UNG"};
	static const char *const tails[] = {"UNT", "UNE", "UNZ"};
	bool is_top = node->parent == &tree->top;
	for (size_t i = 0; is_top && i < 2; i++) {
		if (strcmp(node->name, heads[i]) == 0) {
			return i;
		}
	}
	for (size_t i = 0; is_top && i < 3; i++) {
		if (strcmp(node->name, tails[i]) == 0) {
			return SIZE_MAX - 3 + i;
		}
	}
	if (is_top && strcmp(node->name, "UNH") == 0) {
		return 2;
	}
	return node->spec ? 3 + (size_t)(node->spec - tree->structure->specs) : SIZE_MAX - 4;
}

static size_t count_children(const struct edi_node *parent)
{
	size_t n = 0;
	for (const struct edi_node *child = parent->first; child; child = child->next) {
		n++;
	}
	return n;
}

static struct edi_node **list_children(struct pool *pool, const struct edi_node *parent, size_t n)
{
	struct edi_node **list = pool_alloc(pool, (n + 1) * sizeof(*list));
	size_t i = 0;
	for (struct edi_node *child = parent->first; list && child; child = child->next) {
		list[i++] = child;
	}
	return list;
}

static void link_children(struct edi_node *parent, struct edi_node *const *list, size_t n)
{
	parent->first = n > 0 ? list[0] : NULL;
	parent->last = n > 0 ? list[n - 1] : NULL;
	for (size_t i = 0; i < n; i++) {
		list[i]->next = i + 1 < n ? list[i + 1] : NULL;
	}
}

rg_err edi_order_sort(struct edi_tree *tree, struct edi_node *parent)
{
	size_t n = count_children(parent);
	struct edi_node **list = list_children(tree->pool, parent, n);
	rg_err err = list ? RG_OK : RG_E_NOMEM;
	for (size_t i = 0; !err && i < n; i++) {
		list[i]->rank = rank_of(tree, list[i]);
	}
	if (!err && n > 0) {
		qsort(list, n, sizeof(*list), compare_turns);
		link_children(parent, list, n);
	}
	for (size_t i = 0; !err && i < n; i++) {
		err = list[i]->is_group ? edi_order_sort(tree, list[i]) : RG_OK;
	}
	return err;
}

/* One word of an order: name, qualifier, how often. */
struct word {
	struct edi_step step;
	unsigned times;
};

/* Cuts the next word off; false: it is none. */
static bool next_word(char **at, struct word *word)
{
	char *text = *at;
	size_t len = strcspn(text, " ");
	*at = text[len] ? text + len + 1 : text + len;
	text[len] = '\0';
	char *star = strrchr(text, '*');
	char *open = strchr(text, '[');
	*word = (struct word){.step = {text, "", "", 1}, .times = 1};
	if (star) {
		unsigned long times = strtoul(star + 1, NULL, 10);
		*star = '\0';
		word->times = times <= EDI_MAX_SEGMENTS ? (unsigned)times : 0;
	}
	if (open) {
		size_t end = strcspn(open, "]");
		open[end] = '\0';
		*open = '\0';
		word->step.key = open + 1;
	}
	return *text && word->times > 0;
}

/* Numbers the children that the order names; *ret_n of them. */
static size_t mark_turns(struct edi_tree *tree, struct edi_node *parent, char *order)
{
	size_t n = 0;
	struct word word;
	while (*order && next_word(&order, &word)) {
		struct edi_node *first = edi_tree_find(tree, parent, &word.step);
		for (unsigned i = 0; first && i < word.times; i++) {
			/* In the first of its kind `rank` counts those that were named. */
			word.step.number = (unsigned)first->rank + 1;
			struct edi_node *child = edi_tree_find(tree, parent, &word.step);
			if (!child) {
				break;
			}
			first->rank++;
			child->turn = ++n;
		}
	}
	return n;
}

rg_err edi_order_apply(struct edi_tree *tree, struct edi_node *parent, const char *order)
{
	size_t n = count_children(parent);
	struct edi_node **list = list_children(tree->pool, parent, n);
	struct edi_node **turns = pool_alloc(tree->pool, (n + 1) * sizeof(*turns));
	char *copy = pool_copy(tree->pool, order, strlen(order));
	if (!list || !turns || !copy) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		list[i]->rank = 0;
		list[i]->turn = 0;
	}
	mark_turns(tree, parent, copy);
	for (size_t i = 0; i < n; i++) {
		if (list[i]->turn) {
			turns[list[i]->turn - 1] = list[i];
		}
	}
	size_t turn = 0;
	for (size_t i = 0; i < n; i++) {
		list[i] = list[i]->turn ? turns[turn++] : list[i];
	}
	link_children(parent, list, n);
	return RG_OK;
}
