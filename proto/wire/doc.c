/*
 * The canonical document, seen from the host
 *
 * Method: a path is resolved step by step over the descriptors, so that a leaf
 * costs its depth and not the size of the document. Reads are a set of the
 * addresses of values: they are stable while nothing is written, and cheaper to
 * keep than paths. Sources are a list with a hash table of their paths.
 *
 * Threads: one owner.
 */
#include "wire/doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/reflect.h"

/* Open addressing over slots that hold a position in a list, 0 for none. */
struct doc_table {
	size_t *slots;
	size_t n_slots; /* a power of two, or 0 */
};

struct doc {
	struct rg_doc view; /* first: a plug-in's pointer is ours */
	ProtobufCMessage *root;
	struct doc_source *sources;
	size_t n_sources;
	struct doc_table by_path; /* position in sources + 1 */
	const void **reads;       /* open addressing itself */
	size_t n_reads;
	size_t n_read_slots;
	char scratch[REFLECT_NUMBER_MAX];
};

/* Where a path leads. */
struct place {
	ProtobufCMessage *msg; /* NULL: absent on the way */
	const ProtobufCFieldDescriptor *field;
	size_t index;
	bool has_index;
	bool is_full; /* make: a list on the way has reached its bound */
};

static size_t hash_text(const char *text)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */
	for (; *text; text++) {
		hash = (hash ^ (unsigned char)*text) * 1099511628211u;
	}
	return (size_t)(hash ^ hash >> 32);
}

static size_t hash_address(const void *address)
{
	uint64_t hash = (uint64_t)(uintptr_t)address * 0x9e3779b97f4a7c15u;
	return (size_t)(hash >> 24);
}

/* Paths */

/* Reads one step, `name` or `name[7]`, and moves behind it. False: not a path. */
static bool take_step(const char **path, const ProtobufCMessageDescriptor *desc,
	struct place *place)
{
	size_t len = strcspn(*path, ".[");
	place->field = reflect_find(desc, *path, len);
	place->has_index = (*path)[len] == '[';
	place->index = 0;
	*path += len;
	if (place->has_index) {
		char *after = NULL;
		place->index = strtoull(*path + 1, &after, 10);
		if (after == *path + 1 || *after != ']') {
			return false;
		}
		*path = after + 1;
	}
	bool is_end = **path == '\0';
	*path += **path == '.' ? 1 : 0;
	return place->field && (is_end || **path);
}

static rg_err make_step(struct place *place)
{
	rg_err err = reflect_make(place->msg, place->field, place->index);
	place->is_full = err == RG_E_OVERFLOW;
	return place->is_full ? RG_OK : err;
}

/*
 * Follows a path down to its last step; with `make`, what is missing on the way comes into being.
 */
static rg_err resolve(struct doc *doc, const char *path, bool make, struct place *ret_place)
{
	const ProtobufCMessageDescriptor *desc = doc->root->descriptor;
	struct place place = {.msg = doc->root};
	rg_err err = RG_OK;
	while (!err) {
		if (!take_step(&path, desc, &place)) {
			return RG_E_ABI;
		}
		if (*path == '\0') {
			break;
		}
		if (place.field->type != PROTOBUF_C_TYPE_MESSAGE ||
			place.has_index != (place.field->label == PROTOBUF_C_LABEL_REPEATED)) {
			return RG_E_ABI;
		}
		desc = place.field->descriptor;
		err = make && place.msg && !place.is_full ? make_step(&place) : RG_OK;
		place.msg = place.msg && !err && !place.is_full
			? reflect_message(place.msg, place.field, place.index)
			: NULL;
	}
	*ret_place = place;
	return err;
}

static rg_err resolve_leaf(struct doc *doc, const char *path, bool make, struct place *ret_place)
{
	rg_err err = resolve(doc, path, make, ret_place);
	bool is_leaf = !err && ret_place->field->type != PROTOBUF_C_TYPE_MESSAGE &&
		ret_place->has_index == (ret_place->field->label == PROTOBUF_C_LABEL_REPEATED);
	return err || is_leaf ? err : RG_E_ABI;
}

/*
 * A number in a message that is there counts as
 * stated, 0 included; text and enums by their content.
 */
static bool is_present(const ProtobufCMessage *msg, const ProtobufCFieldDescriptor *field, size_t i)
{
	bool is_decimal = msg->descriptor == &rivergate__v1__decimal__descriptor;
	if (field->label != PROTOBUF_C_LABEL_REPEATED) {
		return is_decimal || reflect_is_set(msg, field);
	}
	if (i >= reflect_count(msg, field)) {
		return false;
	}
	return field->type != PROTOBUF_C_TYPE_STRING || **(char *const *)reflect_at(msg, field, i);
}

/* Reads */

static void insert_read(const void **slots, size_t n_slots, const void *address, size_t *n)
{
	size_t i = hash_address(address) & (n_slots - 1);
	while (slots[i] && slots[i] != address) {
		i = (i + 1) & (n_slots - 1);
	}
	*n += slots[i] ? 0 : 1;
	slots[i] = address;
}

static rg_err mark_read(struct doc *doc, const void *address)
{
	if (doc->n_reads * 2 >= doc->n_read_slots) {
		size_t n_slots = doc->n_read_slots ? doc->n_read_slots * 2 : 1024;
		const void **slots = calloc(n_slots, sizeof(*slots));
		if (!slots) {
			return RG_E_NOMEM;
		}
		size_t n = 0;
		for (size_t i = 0; i < doc->n_read_slots; i++) {
			if (doc->reads[i]) {
				insert_read(slots, n_slots, doc->reads[i], &n);
			}
		}
		free(doc->reads);
		doc->reads = slots;
		doc->n_read_slots = n_slots;
	}
	insert_read(doc->reads, doc->n_read_slots, address, &doc->n_reads);
	return RG_OK;
}

static bool was_read(const struct doc *doc, const void *address)
{
	if (doc->n_read_slots == 0) {
		return false;
	}
	size_t i = hash_address(address) & (doc->n_read_slots - 1);
	while (doc->reads[i] && doc->reads[i] != address) {
		i = (i + 1) & (doc->n_read_slots - 1);
	}
	return doc->reads[i] == address;
}

void doc_forget_reads(struct doc *doc)
{
	free(doc->reads);
	doc->reads = NULL;
	doc->n_reads = 0;
	doc->n_read_slots = 0;
}

/* Sources */

static size_t *find_slot(const struct doc *doc, const char *path)
{
	size_t mask = doc->by_path.n_slots - 1;
	size_t i = hash_text(path) & mask;
	while (doc->by_path.slots[i] &&
		strcmp(doc->sources[doc->by_path.slots[i] - 1].path, path) != 0) {
		i = (i + 1) & mask;
	}
	return &doc->by_path.slots[i];
}

static rg_err grow_sources(struct doc *doc)
{
	size_t n_slots = doc->by_path.n_slots ? doc->by_path.n_slots * 2 : 1024;
	struct doc_source *sources = realloc(doc->sources, n_slots / 2 * sizeof(*sources));
	if (!sources) {
		return RG_E_NOMEM;
	}
	doc->sources = sources;
	size_t *slots = calloc(n_slots, sizeof(*slots));
	if (!slots) {
		return RG_E_NOMEM;
	}
	free(doc->by_path.slots);
	doc->by_path = (struct doc_table){slots, n_slots};
	for (size_t i = 0; i < doc->n_sources; i++) {
		*find_slot(doc, doc->sources[i].path) = i + 1;
	}
	return RG_OK;
}

static void free_source(struct doc_source *source)
{
	for (size_t i = 0; i < source->n_natives; i++) {
		free((char *)(uintptr_t)source->natives[i]);
	}
	free((void *)(uintptr_t)source->natives);
	free((char *)(uintptr_t)source->path);
	free((char *)(uintptr_t)source->rule);
	*source = (struct doc_source){.n_natives = 0};
}

static rg_err add_native(struct doc_source *source, const char *native)
{
	for (size_t i = 0; i < source->n_natives; i++) {
		if (strcmp(source->natives[i], native) == 0) {
			return RG_OK;
		}
	}
	const char **natives = realloc((void *)(uintptr_t)source->natives,
		(source->n_natives + 1) * sizeof(*natives));
	if (!natives) {
		return RG_E_NOMEM;
	}
	source->natives = natives;
	natives[source->n_natives] = strdup(native);
	if (!natives[source->n_natives]) {
		return RG_E_NOMEM;
	}
	source->n_natives++;
	return RG_OK;
}

/* The row of this leaf, made if need be. */
static rg_err make_source(struct doc *doc, const char *path, const char *rule,
	struct doc_source **ret_source)
{
	rg_err err = doc->n_sources * 2 >= doc->by_path.n_slots ? grow_sources(doc) : RG_OK;
	if (err) {
		return err;
	}
	size_t *slot = find_slot(doc, path);
	if (*slot == 0) {
		struct doc_source *source = &doc->sources[doc->n_sources];
		*source = (struct doc_source){.path = strdup(path), .rule = strdup(rule)};
		if (!source->path || !source->rule) {
			free_source(source);
			return RG_E_NOMEM;
		}
		*slot = ++doc->n_sources;
	}
	*ret_source = &doc->sources[*slot - 1];
	return RG_OK;
}

static rg_err record_source(struct doc *doc, const char *path, const struct rg_source *from)
{
	struct doc_source *source = NULL;
	rg_err err = make_source(doc, path, from->rule ? from->rule : "", &source);
	for (size_t i = 0; !err && i < from->n_natives; i++) {
		err = add_native(source, from->natives[i]);
	}
	return err;
}

const struct doc_source *doc_sources(const struct doc *doc, size_t *ret_n)
{
	*ret_n = doc->n_sources;
	return doc->sources;
}

const struct doc_source *doc_find_source(const struct doc *doc, const char *path)
{
	if (doc->by_path.n_slots == 0) {
		return NULL;
	}
	size_t position = *find_slot(doc, path);
	return position ? &doc->sources[position - 1] : NULL;
}

/* What plug-ins call */

static struct doc *self(struct rg_doc *view)
{
	return (struct doc *)view;
}

static rg_err get(struct rg_doc *view, const char *path, struct rg_bytes *ret_value)
{
	struct doc *doc = self(view);
	struct place place;
	*ret_value = (struct rg_bytes){NULL, 0};
	rg_err err = resolve_leaf(doc, path, false, &place);
	if (err || !place.msg || !is_present(place.msg, place.field, place.index)) {
		return err;
	}
	const void *value = reflect_at(place.msg, place.field, place.index);
	*ret_value = reflect_text(place.field, value, doc->scratch);
	return mark_read(doc, value);
}

static rg_err set(struct rg_doc *view, const char *path, struct rg_bytes value,
	const struct rg_source *source, bool *ret_taken)
{
	struct doc *doc = self(view);
	struct place place;
	*ret_taken = false;
	rg_err err = resolve_leaf(doc, path, true, &place);
	if (!err && place.msg && !place.is_full) {
		err = make_step(&place);
	}
	if (err || !place.msg || place.is_full) {
		return err;
	}
	const char *problem = NULL;
	err = reflect_parse(place.field, value, reflect_at(place.msg, place.field, place.index),
		&problem);
	*ret_taken = !err && !problem;
	return *ret_taken && source ? record_source(doc, path, source) : err;
}

static rg_err count(struct rg_doc *view, const char *path, size_t *ret_n)
{
	struct place place;
	*ret_n = 0;
	rg_err err = resolve(self(view), path, false, &place);
	if (!err && place.msg) {
		*ret_n = reflect_count(place.msg, place.field);
	}
	return err;
}

static rg_err trace(struct rg_doc *view, const char *path, const char *native)
{
	struct doc *doc = self(view);
	struct doc_source *source = NULL;
	rg_err err = make_source(doc, path, "", &source);
	return err ? err : add_native(source, native);
}

static const struct rg_doc_ops doc_ops = {
	.size = sizeof(struct rg_doc_ops),
	.get = get,
	.set = set,
	.count = count,
	.trace = trace,
};

/* What the host calls */

rg_err doc_new(const struct doctype *type, ProtobufCMessage **root, struct doc **ret_doc)
{
	scoped(doc_freep) struct doc *doc = calloc(1, sizeof(*doc));
	if (!doc) {
		return RG_E_NOMEM;
	}
	doc->view.ops = &doc_ops;
	doc->root = *root ? steal(*root) : reflect_new(type->desc);
	if (!doc->root) {
		return RG_E_NOMEM;
	}
	*ret_doc = steal(doc);
	return RG_OK;
}

void doc_free(struct doc *doc)
{
	if (!doc) {
		return;
	}
	for (size_t i = 0; i < doc->n_sources; i++) {
		free_source(&doc->sources[i]);
	}
	free(doc->sources);
	free(doc->by_path.slots);
	free(doc->reads);
	if (doc->root) {
		protobuf_c_message_free_unpacked(doc->root, NULL);
	}
	free(doc);
}

struct rg_doc *doc_view(struct doc *doc)
{
	return &doc->view;
}

const ProtobufCMessage *doc_root(const struct doc *doc)
{
	return doc->root;
}

const Rivergate__V1__Declaration *doc_declaration(const struct doc *doc)
{
	bool is_declaration = doc->root->descriptor == &rivergate__v1__declaration__descriptor;
	return is_declaration ? (const Rivergate__V1__Declaration *)doc->root : NULL;
}

/* Walking */

struct walk {
	const struct doc *doc;
	rg_err (*visit)(void *context, const struct doc_leaf *leaf);
	void *context;
	char path[DOC_PATH_MAX];
};

static rg_err walk_message(struct walk *walk, const ProtobufCMessage *msg, size_t len);

static rg_err walk_value(struct walk *walk, const ProtobufCMessage *msg,
	const ProtobufCFieldDescriptor *field, size_t i, size_t len)
{
	if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
		return walk_message(walk, reflect_message(msg, field, i), len);
	}
	if (!is_present(msg, field, i)) {
		return RG_OK;
	}
	char scratch[REFLECT_NUMBER_MAX];
	const void *value = reflect_at(msg, field, i);
	struct doc_leaf leaf = {
		.path = walk->path,
		.parent = msg->descriptor->name,
		.value = reflect_text(field, value, scratch),
		.field = field,
		.was_read = was_read(walk->doc, value),
	};
	return walk->visit(walk->context, &leaf);
}

static rg_err walk_field(struct walk *walk, const ProtobufCMessage *msg,
	const ProtobufCFieldDescriptor *field, size_t len)
{
	char name[REFLECT_NAME_MAX];
	bool is_list = field->label == PROTOBUF_C_LABEL_REPEATED;
	bool is_always = field->type != PROTOBUF_C_TYPE_MESSAGE && !is_list;
	size_t n = is_always ? is_present(msg, field, 0) : reflect_count(msg, field);
	rg_err err = RG_OK;
	if (n == 0) {
		return RG_OK; /* most fields: no path is written for them */
	}
	reflect_name(field, name);
	for (size_t i = 0; !err && i < n; i++) {
		const char *dot = len > 0 ? "." : "";
		size_t room = sizeof(walk->path) - len;
		int used = is_list ? snprintf(walk->path + len, room, "%s%s[%zu]", dot, name, i)
				   : snprintf(walk->path + len, room, "%s%s", dot, name);
		if (used < 0 || (size_t)used >= room) {
			return RG_E_OVERFLOW;
		}
		err = walk_value(walk, msg, field, i, len + (size_t)used);
	}
	walk->path[len] = '\0';
	return err;
}

static rg_err walk_message(struct walk *walk, const ProtobufCMessage *msg, size_t len)
{
	rg_err err = RG_OK;
	for (unsigned i = 0; !err && i < msg->descriptor->n_fields; i++) {
		err = walk_field(walk, msg, &msg->descriptor->fields[i], len);
	}
	return err;
}

rg_err doc_each_leaf(const struct doc *doc,
	rg_err (*visit)(void *context, const struct doc_leaf *leaf), void *context)
{
	struct walk walk = {.doc = doc, .visit = visit, .context = context};
	return walk_message(&walk, doc->root, 0);
}

rg_err doc_peek(const struct doc *doc, const char *path, struct doc_leaf *ret_leaf,
	char scratch[32])
{
	struct place place;
	*ret_leaf = (struct doc_leaf){.path = path};
	/* Without `make`, resolving changes nothing. */
	rg_err err = resolve_leaf((struct doc *)(uintptr_t)doc, path, false, &place);
	if (err) {
		return err;
	}
	ret_leaf->field = place.field;
	if (!place.msg || !is_present(place.msg, place.field, place.index)) {
		return RG_OK;
	}
	const void *value = reflect_at(place.msg, place.field, place.index);
	ret_leaf->parent = place.msg->descriptor->name;
	ret_leaf->value = reflect_text(place.field, value, scratch);
	ret_leaf->was_read = was_read(doc, value);
	return RG_OK;
}
