#ifndef EDIFACT_TREE_H
#define EDIFACT_TREE_H

/*
 * One message as a tree: groups, segments, values
 *
 * One shape serves both directions. Reading places the segments of a file by the
 * structure of the message; encoding makes nodes from paths in any order and sorts them.
 * The envelope of the interchange (UNB, UNG, UNE, UNZ) stands beside the message's own
 * segments, in the document of each message.
 *
 * A path names a node and a value of it:
 *
 *     /SG(CST)[2]/MEA[WT,AAE,KGM]/C174.6314
 *
 * In brackets stands the qualifier that tells segments of one name apart, with #2 for the
 * second of the same; where a segment has none, its number from 1. A group has the
 * qualifier of its first segment. The value is named by composite and element as D.21B
 * calls them: C080.3036(2) is the second 3036 of C080, C213(2).7224 that of the second
 * C213, C080*2.3036 of the first one repeated, e9.4 what no directory knows.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "formats/edifact/directory.h"
#include "formats/pool.h"

/* Bounds on input: what real interchanges stay far below. */
#define EDI_MAX_SEGMENTS 1000000
#define EDI_MAX_PLACE    999 /* elements of a segment, components, repetitions */
#define EDI_MAX_DEPTH    12
#define EDI_POOL_LIMIT   ((size_t)768 * 1024 * 1024)

struct edi_rule; /* rules.h */

/* Where in a segment a value stands; all from 1. */
struct edi_place {
	unsigned element, repeat, component;
};

struct edi_value {
	struct edi_place place;
	const char *text;
	const char *raw;  /* as written with release characters; NULL: as usual */
	const char *from; /* canonical path it was read from; NULL: none */
	uint32_t offset;  /* reading: in the segment */
	struct edi_value *next;
};

struct edi_node {
	const char *name;            /* as in paths */
	const char *tag;             /* of the segment; of a group its first */
	const char *key;             /* qualifier; "" */
	unsigned number;             /* among those of the same name and qualifier, from 1 */
	unsigned n_same;             /* in the one of number 1: how many there are */
	const struct edi_spec *spec; /* NULL: not in the structure */
	const struct edi_rule *rule; /* NULL: none */
	struct edi_node *parent, *first, *last, *next;
	struct edi_value *values; /* in order of place */
	const char *shape;     /* how many components each element is written with; NULL: usual */
	size_t rank;           /* sorting: where it is usual */
	size_t turn;           /* sorting: where it is put */
	uint32_t index;        /* reading: number in the message, from 1 */
	uint32_t line, column; /* reading: from 1 */
	const char *source;    /* reading: its first byte */
	const char *gap;       /* reading: white space behind it */
	bool is_group;
	bool is_loose; /* reading: it stands where the structure has no place for it */
	bool is_real;  /* encoding: is written */
};

struct edi_tree {
	struct pool *pool;
	const struct edi_structure *structure; /* NULL: not known */
	struct edi_node top;
	struct edi_node **slots;
	size_t n_slots, n_used;
};

void edi_tree_init(struct edi_tree *tree, struct pool *pool, const struct edi_structure *structure);

/* The spec of a child by its name; `parent` NULL or top: of the message. NULL: none. */
const struct edi_spec *edi_spec_child(const struct edi_structure *structure,
	const struct edi_spec *parent, const char *name);

/* Whether segments of this tag are told apart by a qualifier, inside a group of tag `parent`. */
bool edi_is_keyed(const char *parent, const char *tag);
/* The qualifier of a segment by its values, as far as it is letters and digits. NULL: no memory. */
const char *edi_key(struct pool *pool, const char *parent, const char *tag,
	const struct edi_value *values);
/* The values that a qualifier states, each as a value of the segment. */
RG_MUST_USE rg_err edi_key_values(struct edi_tree *tree, struct edi_node *segment);
/* Whether a place holds a part of the qualifier of this node. */
bool edi_key_covers(const struct edi_node *segment, const struct edi_place *place);

/* What a node is called, within its parent. */
struct edi_step {
	const char *name;
	const char *tag;
	const char *key;
	unsigned number;
};

/* The child of this step; NULL: none. */
struct edi_node *edi_tree_find(struct edi_tree *tree, const struct edi_node *parent,
	const struct edi_step *step);
/* Appends a child; number 0: the next of its name and qualifier. NULL: no memory. */
struct edi_node *edi_tree_add(struct edi_tree *tree, struct edi_node *parent,
	const struct edi_step *step);

/* The value at a place; NULL: none. */
struct edi_value *edi_value_find(const struct edi_node *segment, const struct edi_place *place);
/* Sets it; an empty text takes it away. NULL: no memory. */
struct edi_value *edi_value_set(struct edi_tree *tree, struct edi_node *segment,
	const struct edi_place *place, const char *text);

/* Paths, in the pool; NULL: no memory. */
const char *edi_node_path(struct pool *pool, const struct edi_node *node);
const char *edi_value_path(struct pool *pool, const struct edi_node *node,
	const struct edi_place *place);
/* The name of a place: C174.6314. */
const char *edi_place_name(struct pool *pool, const char *tag, const struct edi_place *place);
/* The place of a name; false: it has none. */
bool edi_place_parse(const char *tag, const char *name, struct edi_place *ret_place);

/*
 * Splits a path into its steps; `copy` is a text of the pool that is cut up. The last one
 * may be a value: *ret_value is then its name, else NULL. False: no path.
 */
bool edi_path_split(struct pool *pool, const char *path, struct edi_step steps[EDI_MAX_DEPTH],
	size_t *ret_n, const char **ret_value);

/* The shape that values have usually: 1+1+2 for NAD+CZ++A:B. NULL: no memory. */
const char *edi_shape_usual(struct pool *pool, const struct edi_node *segment);

#endif
