#ifndef XML_TREE_H
#define XML_TREE_H

/*
 * An XML document as elements in a pool
 *
 * One shape serves both directions. Reading fills it from a file; encoding fills it
 * from paths in any order and sorts it before it is written. What stands inside an
 * element is a child of it, told apart by the first letter of its name:
 *
 *     Item       element, by its qualified name
 *     @id        attribute, xmlns declarations included
 *     #comment   comment
 *     #text      text beside elements (mixed content)
 *     ?target    processing instruction
 *     !Name      decoding: a note that this name of the table is taken here; never written
 *
 * A path is an XPath of these names with positions from 1 among siblings of the same
 * name: /ASYCUDA/Item[2]/Packages/Marks1_of_packages. The position is left out where
 * there is one such sibling only; X and X[1] name the same node.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "formats/pool.h"

/* Bounds on input: what real declarations stay far below. */
#define XML_MAX_DEPTH    32
#define XML_MAX_NODES    600000
#define XML_MAX_POSITION 100000
#define XML_POOL_LIMIT   ((size_t)768 * 1024 * 1024)

struct xml_hint; /* hint.h */

struct xml_node {
	const char *name;  /* interned: equal names are equal pointers in one tree */
	uint32_t position; /* among siblings of the same name, from 1 */
	uint32_t rank;     /* encoding: place among siblings */
	uint32_t n_placed; /* sorting: entries of its name placed so far; counted at the first */
	struct xml_node *parent;
	struct xml_node *first;
	struct xml_node *last;
	struct xml_node *next;
	const char *text;   /* of an element without children, or of the other kinds; never NULL */
	const char *before; /* white space before this; NULL: as the layout has it */
	const char *after;  /* white space before the end tag; NULL likewise */
	struct xml_hint *hint; /* encoding: first hint on this path */
	uint32_t line;
	uint32_t column;
	bool is_cdata; /* the text stood in one CDATA section */
	bool is_real;  /* encoding: is written; a node made for a hint alone is not */
};

struct xml_tree {
	struct pool *pool;
	const char *encoding; /* reading: of charset.h, as the file names it; NULL: another */
	struct xml_node top; /* the document: its children are the root and what stands beside it */
	struct xml_slot *slots;
	size_t n_slots;
	size_t n_used;
	size_t n_nodes;
};

void xml_tree_init(struct xml_tree *tree, struct pool *pool);

/* Whether a node is an element. */
bool xml_is_element(const struct xml_node *node);
/* Whether an element has no children but attributes. */
bool xml_is_leaf(const struct xml_node *node);
/* Whether a text holds nothing but XML white space. */
bool xml_is_blank(const char *text);

/*
 * Whether XML 1.0 can hold this text;
 * https://www.w3.org/TR/xml/#charsets. UTF-8 is taken for granted.
 */
bool xml_is_text(const char *text);
/* Whether this is a name of a node: letters, digits and _ - . : after the mark. */
bool xml_is_name(const char *name);

/*
 * Appends a child with the next free position of its name. NULL where the pool or
 * XML_MAX_NODES is spent.
 */
struct xml_node *xml_tree_add(struct xml_tree *tree, struct xml_node *parent, const char *name);

/* The child of this name and position; NULL: there is none. */
struct xml_node *xml_tree_find(struct xml_tree *tree, const struct xml_node *parent,
	const char *name, uint32_t position);

/* xml_tree_find(), or a new node of this position that is not real yet. NULL as xml_tree_add(). */
struct xml_node *xml_tree_make(struct xml_tree *tree, struct xml_node *parent, const char *name,
	uint32_t position);

/* How many children of this name the parent has. */
uint32_t xml_tree_count(struct xml_tree *tree, const struct xml_node *parent, const char *name);

/* The path of a node, in the pool; NULL where it is spent. */
const char *xml_tree_path(struct xml_tree *tree, const struct xml_node *node);

#endif
