/*
 * An XML document as elements in a pool
 *
 * Method: one hash table over (parent, name, position) finds a child in constant
 * time however many siblings it has; position 0 stands for the count of the name.
 * Names are interned in the same table under no parent, so that they compare as
 * pointers.
 *
 * Threads: one owner.
 */
#include "formats/xml/tree.h"

#include <ctype.h>
#include <string.h>

struct xml_slot {
	const struct xml_node *parent; /* NULL: an interned name */
	const char *name;
	uint32_t position;
	uint32_t count; /* position 0 */
	struct xml_node *node;
};

void xml_tree_init(struct xml_tree *tree, struct pool *pool)
{
	*tree = (struct xml_tree){.pool = pool};
	tree->top.name = "";
	tree->top.text = "";
	tree->top.after = "";
}

static uint64_t mix(uint64_t hash)
{
	hash = (hash ^ hash >> 31) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static uint64_t hash_name(const char *name)
{
	uint64_t hash = 14695981039346656037u;
	for (; *name; name++) {
		hash = (hash ^ (unsigned char)*name) * 1099511628211u;
	}
	return mix(hash);
}

static uint64_t hash_slot(const struct xml_slot *slot)
{
	if (!slot->parent) {
		return hash_name(slot->name);
	}
	uint64_t hash = mix((uint64_t)(uintptr_t)slot->parent);
	return mix(hash ^ mix((uint64_t)(uintptr_t)slot->name) ^ slot->position);
}

static bool is_same(const struct xml_slot *a, const struct xml_slot *b)
{
	if (a->parent != b->parent || a->position != b->position) {
		return false;
	}
	return a->parent ? a->name == b->name : strcmp(a->name, b->name) == 0;
}

/* The slot of this key, or the free slot where it belongs. */
static struct xml_slot *locate(const struct xml_tree *tree, const struct xml_slot *key)
{
	size_t mask = tree->n_slots - 1;
	size_t i = (size_t)hash_slot(key) & mask;
	while (tree->slots[i].name && !is_same(&tree->slots[i], key)) {
		i = (i + 1) & mask;
	}
	return &tree->slots[i];
}

static bool grow(struct xml_tree *tree)
{
	struct xml_slot *old = tree->slots;
	size_t n_old = tree->n_slots;
	tree->n_slots = n_old ? n_old * 2 : 2048;
	tree->slots = pool_alloc(tree->pool, tree->n_slots * sizeof(*tree->slots));
	if (!tree->slots) {
		tree->slots = old;
		tree->n_slots = n_old;
		return false;
	}
	for (size_t i = 0; i < n_old; i++) {
		if (old[i].name) {
			*locate(tree, &old[i]) = old[i];
		}
	}
	return true;
}

/* The slot of this key, made if need be; NULL: the pool is spent. */
static struct xml_slot *make_slot(struct xml_tree *tree, const struct xml_slot *key)
{
	if (tree->n_used * 2 >= tree->n_slots && !grow(tree)) {
		return NULL;
	}
	struct xml_slot *slot = locate(tree, key);
	if (!slot->name) {
		*slot = *key;
		tree->n_used++;
	}
	return slot;
}

static const char *intern(struct xml_tree *tree, const char *name)
{
	struct xml_slot key = {.name = name};
	size_t n_before = tree->n_used;
	struct xml_slot *slot = make_slot(tree, &key);
	if (slot && tree->n_used > n_before) {
		slot->name = pool_copy(tree->pool, name, strlen(name));
		if (!slot->name) {
			slot->name = "";
			return NULL;
		}
	}
	return slot ? slot->name : NULL;
}

static const char *find_name(const struct xml_tree *tree, const char *name)
{
	struct xml_slot key = {.name = name};
	return tree->n_slots > 0 ? locate(tree, &key)->name : NULL;
}

bool xml_is_element(const struct xml_node *node)
{
	return !strchr("@#?!", node->name[0]);
}

bool xml_is_leaf(const struct xml_node *node)
{
	for (const struct xml_node *child = node->first; child; child = child->next) {
		if (!strchr("@!", child->name[0])) {
			return false;
		}
	}
	return true;
}

bool xml_is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

bool xml_is_text(const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool is_noncharacter = c == 0xef && (unsigned char)text[1] == 0xbf &&
			(unsigned char)text[2] >= 0xbe;
		if ((c < 0x20 && !strchr("\t\n\r", c)) || is_noncharacter) {
			return false;
		}
	}
	return true;
}

bool xml_is_name(const char *name)
{
	name += strchr("@#?", name[0]) && name[0] ? 1 : 0;
	bool is_start =
		isalpha((unsigned char)*name) || *name == '_' || (unsigned char)*name >= 0x80;
	for (; is_start && *name; name++) {
		if (!isalnum((unsigned char)*name) && !strchr("_-.:", *name) &&
			(unsigned char)*name < 0x80) {
			return false;
		}
	}
	return is_start;
}

static struct xml_node *append(struct xml_tree *tree, struct xml_node *parent, const char *name,
	uint32_t position)
{
	struct xml_slot key = {.parent = parent, .name = name, .position = position};
	struct xml_slot *slot = tree->n_nodes < XML_MAX_NODES ? make_slot(tree, &key) : NULL;
	struct xml_node *node = slot ? pool_alloc(tree->pool, sizeof(*node)) : NULL;
	if (!node) {
		return NULL;
	}
	*node = (struct xml_node){.name = name, .position = position, .parent = parent, .text = ""};
	slot->node = node;
	if (parent->last) {
		parent->last->next = node;
	} else {
		parent->first = node;
	}
	parent->last = node;
	tree->n_nodes++;
	return node;
}

/* The slot that counts the children of this name. */
static struct xml_slot *counter(struct xml_tree *tree, const struct xml_node *parent,
	const char *name)
{
	struct xml_slot key = {.parent = parent, .name = name};
	return make_slot(tree, &key);
}

struct xml_node *xml_tree_add(struct xml_tree *tree, struct xml_node *parent, const char *name)
{
	const char *interned = intern(tree, name);
	struct xml_slot *count = interned ? counter(tree, parent, interned) : NULL;
	if (!count) {
		return NULL;
	}
	uint32_t position = ++count->count;
	return append(tree, parent, interned, position);
}

struct xml_node *xml_tree_find(struct xml_tree *tree, const struct xml_node *parent,
	const char *name, uint32_t position)
{
	const char *interned = find_name(tree, name);
	if (!interned) {
		return NULL;
	}
	struct xml_slot key = {.parent = parent, .name = interned, .position = position};
	return locate(tree, &key)->node;
}

struct xml_node *xml_tree_make(struct xml_tree *tree, struct xml_node *parent, const char *name,
	uint32_t position)
{
	struct xml_node *node = xml_tree_find(tree, parent, name, position);
	if (node) {
		return node;
	}
	const char *interned = intern(tree, name);
	struct xml_slot *count = interned ? counter(tree, parent, interned) : NULL;
	if (!count) {
		return NULL;
	}
	count->count++;
	return append(tree, parent, interned, position);
}

uint32_t xml_tree_count(struct xml_tree *tree, const struct xml_node *parent, const char *name)
{
	const char *interned = find_name(tree, name);
	if (!interned) {
		return 0;
	}
	struct xml_slot key = {.parent = parent, .name = interned};
	return locate(tree, &key)->count;
}

static void add_step(struct xml_tree *tree, const struct xml_node *node, struct text *path)
{
	if (node->parent && node->parent != &tree->top) {
		add_step(tree, node->parent, path);
	}
	text_add_string(path, "/");
	text_add_string(path, node->name);
	if (node->position > 1 || xml_tree_count(tree, node->parent, node->name) > 1) {
		char position[16];
		size_t n = sizeof(position);
		uint32_t rest = node->position;
		position[--n] = ']';
		do {
			position[--n] = (char)('0' + rest % 10);
			rest /= 10;
		} while (rest > 0);
		position[--n] = '[';
		text_add(path, position + n, sizeof(position) - n);
	}
}

const char *xml_tree_path(struct xml_tree *tree, const struct xml_node *node)
{
	struct text path;
	text_init(&path, tree->pool);
	if (node != &tree->top) {
		add_step(tree, node, &path);
	}
	return text_string(&path);
}
