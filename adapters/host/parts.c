/*
 * A declaration cut into parts, and put together again
 *
 * Method: the table of paths becomes a tree over the descriptors, so that an item costs its
 * fields and not a search by text. What lies whole in a part is borrowed, not copied; only
 * messages that are cut themselves get a shell of their own. Joining walks all parts at hand
 * at once and hangs what one of them has alone into the first: depth is the schema's, the
 * work that of reading each part once.
 *
 * Threads: no state.
 */
#include "host/parts.h"

#include <stdio.h>
#include <string.h>

#include "wire/reflect.h"
#include "wire/scan.h"

/*
 * Of one part. A declaration of 999 full items has half as many; an empty item takes three
 * bytes of a part of 8 MiB and a thousand of memory.
 */
#define MESSAGES_MAX 300000
#define ELEMENTS_MAX 2000000

/*
 * --- The table as a tree --------------------------
 * --------------------------------------------------
 */

/* A field that a row of the table names, or that lies above one. */
struct node {
	const ProtobufCFieldDescriptor *field; /* NULL: the declaration itself */
	struct node *first;                    /* below it */
	struct node *next;
	unsigned own; /* parts of what no node below names; 0: as above */
	unsigned all; /* parts of anything at or below it */
};

static struct node *child_of(const struct node *node, const ProtobufCFieldDescriptor *field)
{
	struct node *child = node->first;

	while (child && child->field != field) {
		child = child->next;
	}
	return child;
}

/* The parts in which anything of this field of a node's message stands. */
static unsigned parts_of(const struct node *node, const ProtobufCFieldDescriptor *field)
{
	const struct node *child = child_of(node, field);

	return child ? child->all : node->own;
}

/* Whether one part has all of what another may lack: the message is cut itself. */
static const struct node *cut_below(const struct node *node, const ProtobufCFieldDescriptor *field)
{
	const struct node *child = child_of(node, field);

	return child && child->first ? child : NULL;
}

static rg_err add_child(struct node *node, const ProtobufCFieldDescriptor *field,
	struct arena *arena, struct node **ret_child)
{
	struct node *child = child_of(node, field);

	if (!child) {
		child = arena_alloc(arena, sizeof(*child));
		if (!child) {
			return RG_E_NOMEM;
		}
		child->field = field;
		child->next = node->first;
		node->first = child;
	}
	*ret_child = child;
	return RG_OK;
}

/* RG_E_ABI: the row names no field; a test holds the table against the schema. */
static rg_err add_row(struct node *root, const struct audience_row *row, struct arena *arena)
{
	const ProtobufCMessageDescriptor *desc = &rivergate__v1__declaration__descriptor;
	struct node *node = root;

	for (const char *at = row->path; *at;) {
		size_t len = strcspn(at, ".[");
		const ProtobufCFieldDescriptor *field = desc ? reflect_find(desc, at, len) : NULL;

		if (!field) {
			return RG_E_ABI;
		}
		rg_err err = add_child(node, field, arena, &node);
		if (err) {
			return err;
		}
		desc = field->type == PROTOBUF_C_TYPE_MESSAGE ? field->descriptor : NULL;
		at += len;
		at += strspn(at, "[].");
	}
	node->own = row->parts;
	return RG_OK;
}

static unsigned settle(struct node *node, unsigned above)
{
	node->own = node->own ? node->own : above;
	node->all = node->own;
	for (struct node *child = node->first; child; child = child->next) {
		node->all |= settle(child, node->own);
	}
	return node->all;
}

static rg_err make_tree(struct arena *arena, struct node **ret_root)
{
	struct node *root = arena_alloc(arena, sizeof(*root));
	rg_err err = root ? RG_OK : RG_E_NOMEM;

	for (size_t i = 0; !err && i < audience_n_rows; i++) {
		err = add_row(root, &audience_rows[i], arena);
	}
	if (!err) {
		(void)settle(root, 0);
		*ret_root = root;
	}
	return err;
}

/*
 * --- Cutting -----------------------------------------
 * -----------------------------------------------------
 */

struct cutting {
	struct arena *arena;
	unsigned part;
};

static rg_err cut_message(const struct cutting *cutting, const struct node *node,
	const ProtobufCMessage *whole, ProtobufCMessage **ret_part);

/* A list of its own, of cut entries. */
static rg_err cut_list(const struct cutting *cutting, const struct node *node,
	const ProtobufCMessage *whole, ProtobufCMessage *part)
{
	size_t n = reflect_count(whole, node->field);
	ProtobufCMessage **entries = arena_alloc(cutting->arena, (n + 1) * sizeof(*entries));
	rg_err err = entries ? RG_OK : RG_E_NOMEM;

	for (size_t i = 0; !err && i < n; i++) {
		err = cut_message(cutting, node, reflect_message(whole, node->field, i),
			&entries[i]);
	}
	if (!err) {
		memcpy((char *)part + node->field->offset, &entries, sizeof(entries));
		memcpy((char *)part + node->field->quantifier_offset, &n, sizeof(n));
	}
	return err;
}

/* What stays at home is for one reader, who needs no empty message to know that there is one. */
static bool is_needless(const struct cutting *cutting, const ProtobufCMessage *part)
{
	return cutting->part == AUDIENCE_BIT(AUDIENCE_HOME) &&
		protobuf_c_message_get_packed_size(part) == 0;
}

static rg_err cut_field(const struct cutting *cutting, const struct node *node,
	const ProtobufCMessage *whole, ProtobufCMessage *part)
{
	ProtobufCMessage *child = NULL;

	if (node->field->label == PROTOBUF_C_LABEL_REPEATED) {
		return cut_list(cutting, node, whole, part);
	}
	rg_err err = cut_message(cutting, node, reflect_message(whole, node->field, 0), &child);
	if (!err && !is_needless(cutting, child)) {
		memcpy((char *)part + node->field->offset, &child, sizeof(child));
	}
	return err;
}

static rg_err cut_message(const struct cutting *cutting, const struct node *node,
	const ProtobufCMessage *whole, ProtobufCMessage **ret_part)
{
	const ProtobufCMessageDescriptor *desc = whole->descriptor;
	ProtobufCMessage *part = arena_alloc(cutting->arena, desc->sizeof_message);
	rg_err err = part ? RG_OK : RG_E_NOMEM;

	if (err) {
		return err;
	}
	protobuf_c_message_init(desc, part);
	for (unsigned i = 0; !err && i < desc->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &desc->fields[i];

		if (!reflect_is_set(whole, field) || !(parts_of(node, field) & cutting->part)) {
			continue;
		}
		const struct node *below = cut_below(node, field);
		if (below) {
			err = cut_field(cutting, below, whole, part);
		} else {
			reflect_borrow(part, whole, field);
		}
	}
	*ret_part = part;
	return err;
}

rg_err parts_cut(const Rivergate__V1__Declaration *whole, enum audience audience,
	struct arena *arena, Rivergate__V1__Declaration **ret_part)
{
	const struct cutting cutting = {arena, AUDIENCE_BIT(audience)};
	struct node *root = NULL;
	ProtobufCMessage *part = NULL;
	rg_err err = make_tree(arena, &root);

	if (!err) {
		err = cut_message(&cutting, root, &whole->base, &part);
	}
	if (!err) {
		*ret_part = (Rivergate__V1__Declaration *)part;
	}
	return err;
}

/*
 * --- Joining ------------------------------------------
 * ------------------------------------------------------
 */

/* One message as the parts have it, by enum audience; NULL: it is not in that part. */
struct sides {
	ProtobufCMessage *of[AUDIENCE_TRAVELLING];
};

/* The way from the root down to a field, for the answer. */
struct way {
	const struct way *above;
	const ProtobufCFieldDescriptor *field;
	size_t index;
};

static size_t write_way(const struct way *way, bool is_last, char *out, size_t size)
{
	char name[REFLECT_NAME_MAX];
	size_t len = way->above ? write_way(way->above, false, out, size) : 0;

	reflect_name(way->field, name);
	len += (size_t)snprintf(out + len, size - len, "%s%s", len ? "." : "", name);
	if (!is_last && way->field->label == PROTOBUF_C_LABEL_REPEATED && len < size) {
		len += (size_t)snprintf(out + len, size - len, "[%zu]", way->index);
	}
	return len < size ? len : size - 1;
}

/* The first place of the worst kind counts. */
static void tell(struct parts_answer *answer, enum parts_verdict verdict, const struct way *way,
	const char *text)
{
	if (verdict > answer->verdict) {
		answer->verdict = verdict;
		answer->text = text;
		(void)write_way(way, true, answer->path, sizeof(answer->path));
	}
}

/* The parts that have this message. */
static unsigned present(const struct sides *sides)
{
	unsigned parts = 0;

	for (unsigned i = 0; i < AUDIENCE_TRAVELLING; i++) {
		parts |= sides->of[i] ? AUDIENCE_BIT(i) : 0;
	}
	return parts;
}

/* Those of them that state this field. */
static struct sides stating(const struct sides *sides, const ProtobufCFieldDescriptor *field)
{
	struct sides found = {{NULL}};

	for (unsigned i = 0; i < AUDIENCE_TRAVELLING; i++) {
		bool is_set = sides->of[i] && reflect_is_set(sides->of[i], field);

		found.of[i] = is_set ? sides->of[i] : NULL;
	}
	return found;
}

static ProtobufCMessage *first_of(const struct sides *sides)
{
	unsigned i = 0;

	while (i + 1 < AUDIENCE_TRAVELLING && !sides->of[i]) {
		i++;
	}
	return sides->of[i];
}

static bool is_same_everywhere(const struct sides *sides, const ProtobufCFieldDescriptor *field)
{
	const ProtobufCMessage *first = first_of(sides);
	bool is_same = true;

	for (unsigned i = 0; is_same && i < AUDIENCE_TRAVELLING; i++) {
		is_same = !sides->of[i] || sides->of[i] == first ||
			reflect_is_equal(first, sides->of[i], field);
	}
	return is_same;
}

static bool is_as_long_everywhere(const struct sides *sides, const ProtobufCFieldDescriptor *field)
{
	size_t n = reflect_count(first_of(sides), field);
	bool is_same = true;

	for (unsigned i = 0; is_same && i < AUDIENCE_TRAVELLING; i++) {
		is_same = !sides->of[i] || reflect_count(sides->of[i], field) == n;
	}
	return is_same;
}

static struct sides entries(const struct sides *sides, const ProtobufCFieldDescriptor *field,
	size_t i)
{
	struct sides found = {{NULL}};

	for (unsigned side = 0; side < AUDIENCE_TRAVELLING; side++) {
		found.of[side] =
			sides->of[side] ? reflect_message(sides->of[side], field, i) : NULL;
	}
	return found;
}

static void join_message(const struct node *node, const struct sides *sides,
	const struct way *above, struct parts_answer *answer);

/* A field whose messages are cut: each of them is joined, into that of the first side. */
static void join_below(const struct node *node, const struct sides *sides, struct way *way,
	struct parts_answer *answer)
{
	size_t n = reflect_count(first_of(sides), node->field);

	if (!is_as_long_everywhere(sides, node->field)) {
		tell(answer, PARTS_DIFFER, way,
			"Two parts have lists of different length here, so that their entries do "
			"not belong together.");
		return;
	}
	for (size_t i = 0; i < n && answer->verdict != PARTS_DIFFER; i++) {
		const struct sides below = entries(sides, node->field, i);

		way->index = i;
		join_message(node, &below, way, answer);
	}
}

/* Whether the parts that state a field are those that hold it. */
static void check_stating(unsigned expected, unsigned found, const struct way *way,
	struct parts_answer *answer)
{
	if (expected & ~found) {
		tell(answer, PARTS_DIFFER, way,
			"One part states this and another, which holds the same, leaves it out.");
	} else if (found & ~expected) {
		tell(answer, PARTS_STRAY, way,
			"A part states this that is not for its readers; the sender's parts are "
			"cut by another table.");
	}
}

static void join_field(const struct node *node, const struct sides *sides, struct way *way,
	struct parts_answer *answer)
{
	const ProtobufCFieldDescriptor *field = way->field;
	const struct sides with = stating(sides, field);
	const struct node *below = cut_below(node, field);
	ProtobufCMessage *target = first_of(sides);
	unsigned found = present(&with);

	if (!found) {
		return;
	}
	check_stating(present(sides) & parts_of(node, field), found, way, answer);
	if (below) {
		join_below(below, &with, way, answer);
	} else if (!is_same_everywhere(&with, field)) {
		tell(answer, PARTS_DIFFER, way, "Two parts state different values here.");
	}
	if (first_of(&with) != target) {
		reflect_borrow(target, first_of(&with), field);
	}
}

static void join_message(const struct node *node, const struct sides *sides,
	const struct way *above, struct parts_answer *answer)
{
	const ProtobufCMessageDescriptor *desc = first_of(sides)->descriptor;

	for (unsigned i = 0; i < desc->n_fields && answer->verdict != PARTS_DIFFER; i++) {
		struct way way = {above, &desc->fields[i], 0};

		join_field(node, sides, &way, answer);
	}
}

static rg_err unpack(struct rg_bytes part, struct arena *arena, struct parts_answer *answer,
	ProtobufCMessage **ret_msg)
{
	const ProtobufCMessageDescriptor *desc = &rivergate__v1__declaration__descriptor;
	const struct scan_limits limits = {.n_messages = MESSAGES_MAX, .n_elements = ELEMENTS_MAX};
	struct scan_answer scan = scan_check(desc, part, &limits);

	if (!scan.is_ok) {
		answer->verdict = PARTS_BROKEN;
		answer->text = scan.rule;
		(void)snprintf(answer->path, sizeof(answer->path), "%s", scan.path);
		return RG_OK;
	}
	*ret_msg = protobuf_c_message_unpack(desc, arena_protobuf(arena), part.len, part.data);
	return *ret_msg ? RG_OK : RG_E_NOMEM;
}

rg_err parts_join(const struct rg_bytes parts[AUDIENCE_TRAVELLING], struct arena *arena,
	Rivergate__V1__Declaration **ret_joined, struct parts_answer *ret_answer)
{
	struct parts_answer answer = {.verdict = PARTS_AGREE, .text = ""};
	struct sides sides = {{NULL}};
	struct node *root = NULL;
	rg_err err = make_tree(arena, &root);

	for (unsigned i = 0; !err && i < AUDIENCE_TRAVELLING && answer.verdict == PARTS_AGREE;
		i++) {
		if (parts[i].data) {
			answer.audience = (enum audience)i;
			err = unpack(parts[i], arena, &answer, &sides.of[i]);
		}
	}
	if (err) {
		return err;
	}
	if (answer.verdict == PARTS_AGREE && present(&sides)) {
		join_message(root, &sides, NULL, &answer);
	}
	*ret_joined = answer.verdict <= PARTS_STRAY ? (Rivergate__V1__Declaration *)first_of(&sides)
						    : NULL;
	*ret_answer = answer;
	return RG_OK;
}
