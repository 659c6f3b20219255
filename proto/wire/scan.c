/*
 * The bounded scan: see scan.h
 *
 * One pass over the bytes beside the descriptor. Since fields must ascend, the
 * descriptor's fields are walked once too. The trail of submessages on the way to
 * the current byte is kept per depth, so a path is only spelt out for a fault. The
 * recursion is bounded by SCAN_DEPTH_MAX.
 * Source: https://protobuf.dev/programming-guides/encoding/
 * Threads: pure functions on the caller's memory.
 */

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "wire/scan.h"

#define DEFAULT_MESSAGES 4096
#define DEFAULT_ELEMENTS 65536
#define FIELDS_MAX       256
#define VARINT_MAX       10

/* Wire types; 3 and 4 are groups, which proto3 does not have. */
enum wire_type {
	WIRE_VARINT = 0,
	WIRE_I64 = 1,
	WIRE_LEN = 2,
	WIRE_I32 = 5,
};

struct step {
	const ProtobufCFieldDescriptor *field;
	size_t index;
};

struct scan {
	size_t messages_left;
	size_t elements_left;
	size_t depth;                      /* of the message being scanned, 0: the outermost */
	struct step trail[SCAN_DEPTH_MAX]; /* [d]: through which field depth d + 1 was entered */
	struct scan_answer *answer;
};

/* One message on its way through the scan. */
struct place {
	const ProtobufCMessageDescriptor *desc;
	const uint8_t *next;
	const uint8_t *end;
	unsigned i_field;                     /* of the current field in desc */
	uint32_t last_id;                     /* of the field before the current one; 0: none */
	size_t index;                         /* of the current element, when repeated */
	uint64_t oneof_seen[FIELDS_MAX / 64]; /* bit i: member i of a oneof was there */
};

static bool is_oneof(const ProtobufCFieldDescriptor *field)
{
	return field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
}

static bool is_repeated(const ProtobufCFieldDescriptor *field)
{
	return field->label == PROTOBUF_C_LABEL_REPEATED;
}

static const ProtobufCFieldDescriptor *field_of(const struct place *place)
{
	return &place->desc->fields[place->i_field];
}

static void add_step(char *path, size_t size, const struct step *step)
{
	size_t len = strlen(path);
	const char *dot = len ? "." : "";

	if (is_repeated(step->field)) {
		(void)snprintf(path + len, size - len, "%s%s[%zu]", dot, step->field->name,
			step->index);
	} else {
		(void)snprintf(path + len, size - len, "%s%s", dot, step->field->name);
	}
}

/* Notes the fault at a field of the current message (NULL: at the message itself). Always false. */
static bool refuse(struct scan *scan, const struct step *at, const char *rule)
{
	struct scan_answer *answer = scan->answer;

	for (size_t i = 0; i < scan->depth; i++) {
		add_step(answer->path, sizeof(answer->path), &scan->trail[i]);
	}
	if (at) {
		add_step(answer->path, sizeof(answer->path), at);
	}
	answer->rule = rule;
	return false;
}

static bool refuse_field(struct scan *scan, const struct place *place, const char *rule)
{
	struct step at = {.field = field_of(place), .index = place->index};

	return refuse(scan, &at, rule);
}

static bool refuse_unknown(struct scan *scan, uint32_t id)
{
	char name[16];
	ProtobufCFieldDescriptor unknown = {.name = name, .label = PROTOBUF_C_LABEL_NONE};
	struct step at = {.field = &unknown};

	(void)snprintf(name, sizeof(name), "%u", (unsigned)id);
	return refuse(scan, &at, "unknown field");
}

static const char *read_long_varint(const uint8_t **next, const uint8_t *end, uint64_t *ret_value)
{
	const uint8_t *at = *next;
	uint64_t value = 0;

	for (unsigned i = 0; i < VARINT_MAX; i++) {
		if (at == end) {
			return "truncated";
		}
		uint8_t byte = *at++;

		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte & 0x80) {
			continue;
		}
		if (byte == 0 && i > 0) {
			return "varint is not minimal";
		}
		if (i == VARINT_MAX - 1 && byte > 1) {
			break;
		}
		*next = at;
		*ret_value = value;
		return NULL;
	}
	return "varint is longer than 64 bits";
}

/* NULL when read, else the rule. Most varints are one byte long. */
static inline const char *read_varint(const uint8_t **next, const uint8_t *end, uint64_t *ret_value)
{
	if (*next < end && **next < 0x80) {
		*ret_value = *(*next)++;
		return NULL;
	}
	return read_long_varint(next, end, ret_value);
}

static unsigned wire_type_of(const ProtobufCFieldDescriptor *field)
{
	static const uint8_t types[] = {
		[PROTOBUF_C_TYPE_INT32] = WIRE_VARINT,
		[PROTOBUF_C_TYPE_SINT32] = WIRE_VARINT,
		[PROTOBUF_C_TYPE_SFIXED32] = WIRE_I32,
		[PROTOBUF_C_TYPE_INT64] = WIRE_VARINT,
		[PROTOBUF_C_TYPE_SINT64] = WIRE_VARINT,
		[PROTOBUF_C_TYPE_SFIXED64] = WIRE_I64,
		[PROTOBUF_C_TYPE_UINT32] = WIRE_VARINT,
		[PROTOBUF_C_TYPE_FIXED32] = WIRE_I32,
		[PROTOBUF_C_TYPE_UINT64] = WIRE_VARINT,
		[PROTOBUF_C_TYPE_FIXED64] = WIRE_I64,
		[PROTOBUF_C_TYPE_FLOAT] = WIRE_I32,
		[PROTOBUF_C_TYPE_DOUBLE] = WIRE_I64,
		[PROTOBUF_C_TYPE_BOOL] = WIRE_VARINT,
		[PROTOBUF_C_TYPE_ENUM] = WIRE_VARINT,
		[PROTOBUF_C_TYPE_STRING] = WIRE_LEN,
		[PROTOBUF_C_TYPE_BYTES] = WIRE_LEN,
		[PROTOBUF_C_TYPE_MESSAGE] = WIRE_LEN,
	};

	return types[field->type];
}

static bool is_packed(const ProtobufCFieldDescriptor *field)
{
	return is_repeated(field) && wire_type_of(field) != WIRE_LEN;
}

static bool is_known_enum(const ProtobufCFieldDescriptor *field, int value)
{
	const ProtobufCEnumDescriptor *desc = field->descriptor;

	return protobuf_c_enum_descriptor_get_value(desc, value) != NULL;
}

/* Whether a varint is a value of the field's type; NULL or the rule. */
static const char *check_varint(const ProtobufCFieldDescriptor *field, uint64_t value)
{
	/* Negative 32-bit numbers travel sign-extended to 64 bits. */
	bool is_int32 = (int64_t)value >= INT32_MIN && (int64_t)value <= INT32_MAX;

	switch (field->type) {
	case PROTOBUF_C_TYPE_BOOL:
		return value <= 1 ? NULL : "value out of range";
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_SINT32:
		return value <= UINT32_MAX ? NULL : "value out of range";
	case PROTOBUF_C_TYPE_INT32:
		return is_int32 ? NULL : "value out of range";
	case PROTOBUF_C_TYPE_ENUM:
		return is_int32 && is_known_enum(field, (int)value) ? NULL : "unknown enum value";
	default:
		return NULL;
	}
}

/* Reads one scalar that is not length-delimited; *ret_is_zero: it is the default. */
static const char *read_scalar(const ProtobufCFieldDescriptor *field, const uint8_t **next,
	const uint8_t *end, bool *ret_is_zero)
{
	unsigned type = wire_type_of(field);
	uint64_t value = 0;

	if (type == WIRE_VARINT) {
		const char *rule = read_varint(next, end, &value);

		*ret_is_zero = value == 0;
		return rule ? rule : check_varint(field, value);
	}
	size_t len = type == WIRE_I64 ? 8 : 4;

	if ((size_t)(end - *next) < len) {
		return "truncated";
	}
	memcpy(&value, *next, len);
	*next += len;
	*ret_is_zero = value == 0;
	return NULL;
}

/* Reads a length and cuts that many bytes off. */
static const char *read_bytes(struct place *place, struct rg_bytes *ret_bytes)
{
	uint64_t len;
	const char *rule = read_varint(&place->next, place->end, &len);

	if (rule) {
		return rule;
	}
	if (len > (uint64_t)(place->end - place->next)) {
		return "truncated";
	}
	*ret_bytes = bytes_of(place->next, (size_t)len);
	place->next += len;
	return NULL;
}

static bool scan_packed(struct scan *scan, struct place *place)
{
	const ProtobufCFieldDescriptor *field = field_of(place);
	struct rg_bytes bytes = {0};
	const char *rule = read_bytes(place, &bytes);
	bool is_zero;

	if (!rule && bytes.len == 0) {
		rule = "empty packed field";
	}
	if (rule) {
		return refuse_field(scan, place, rule);
	}
	const uint8_t *next = bytes.data;
	const uint8_t *end = bytes.data + bytes.len;

	for (; next < end; place->index++) {
		rule = read_scalar(field, &next, end, &is_zero);
		if (!rule && scan->elements_left-- == 0) {
			rule = "too many elements";
		}
		if (rule) {
			return refuse_field(scan, place, rule);
		}
	}
	return true;
}

static bool scan_message(struct scan *scan, const ProtobufCMessageDescriptor *desc,
	struct rg_bytes bytes);

static bool scan_submessage(struct scan *scan, struct place *place, struct rg_bytes bytes)
{
	const ProtobufCFieldDescriptor *field = field_of(place);

	if (scan->messages_left-- == 0) {
		return refuse_field(scan, place, "too many submessages");
	}
	if (scan->depth == SCAN_DEPTH_MAX) {
		return refuse_field(scan, place, "nested too deep");
	}
	scan->trail[scan->depth] = (struct step){.field = field, .index = place->index};
	scan->depth++;
	bool is_ok = scan_message(scan, field->descriptor, bytes);

	scan->depth--;
	return is_ok;
}

static bool scan_value(struct scan *scan, struct place *place)
{
	const ProtobufCFieldDescriptor *field = field_of(place);
	bool may_be_default = is_oneof(field) || is_repeated(field);
	bool is_default = false;
	struct rg_bytes bytes = {0};
	const char *rule;

	if (is_packed(field)) {
		return scan_packed(scan, place);
	}
	if (wire_type_of(field) == WIRE_LEN) {
		rule = read_bytes(place, &bytes);
		is_default = bytes.len == 0 && field->type != PROTOBUF_C_TYPE_MESSAGE;
	} else {
		rule = read_scalar(field, &place->next, place->end, &is_default);
	}
	if (!rule && is_default && !may_be_default) {
		rule = "default value present";
	}
	if (!rule && field->type == PROTOBUF_C_TYPE_STRING && !text_is_utf8(bytes)) {
		rule = "invalid UTF-8 or NUL";
	}
	if (rule) {
		return refuse_field(scan, place, rule);
	}
	return field->type != PROTOBUF_C_TYPE_MESSAGE || scan_submessage(scan, place, bytes);
}

/* Whether a member of the same oneof was there before; notes this one. */
static bool is_second_of_oneof(struct place *place)
{
	const ProtobufCFieldDescriptor *fields = place->desc->fields;
	unsigned mine = place->i_field;
	bool is_second = false;

	for (unsigned i = 0; i < mine; i++) {
		is_second |= is_oneof(&fields[i]) &&
			fields[i].quantifier_offset == fields[mine].quantifier_offset &&
			(place->oneof_seen[i / 64] >> (i % 64) & 1);
	}
	place->oneof_seen[mine / 64] |= UINT64_C(1) << (mine % 64);
	return is_second;
}

/* Moves i_field to the field with this id; false when there is none. */
static bool find_field(struct place *place, uint32_t id)
{
	const ProtobufCMessageDescriptor *desc = place->desc;

	while (place->i_field < desc->n_fields && desc->fields[place->i_field].id < id) {
		place->i_field++;
	}
	return place->i_field < desc->n_fields && desc->fields[place->i_field].id == id;
}

/* Whether the field may stand here, given the one before it; NULL or the rule. */
static const char *check_place(struct scan *scan, struct place *place, uint32_t id,
	unsigned wire_type)
{
	const ProtobufCFieldDescriptor *field = field_of(place);
	bool is_again = id == place->last_id;

	if (is_packed(field) && wire_type == wire_type_of(field)) {
		return "repeated scalar is not packed";
	}
	if (wire_type != (is_packed(field) ? WIRE_LEN : wire_type_of(field))) {
		return "wrong wire type";
	}
	if (is_again && (!is_repeated(field) || is_packed(field))) {
		return "field present twice";
	}
	if (is_repeated(field) && !is_packed(field) && scan->elements_left-- == 0) {
		return "too many elements";
	}
	return is_oneof(field) && is_second_of_oneof(place) ? "second member of a oneof" : NULL;
}

static bool scan_field(struct scan *scan, struct place *place)
{
	uint64_t tag;
	const char *rule = read_varint(&place->next, place->end, &tag);

	if (!rule && (tag > UINT32_MAX || tag >> 3 == 0)) {
		rule = "no field number";
	}
	if (rule) {
		return refuse(scan, NULL, rule);
	}
	uint32_t id = (uint32_t)(tag >> 3);

	if (id < place->last_id) {
		return refuse(scan, NULL, "field out of order");
	}
	if (!find_field(place, id)) {
		return refuse_unknown(scan, id);
	}
	place->index = id == place->last_id ? place->index + !is_packed(field_of(place)) : 0;
	rule = check_place(scan, place, id, (unsigned)(tag & 7));
	place->last_id = id;
	return rule ? refuse_field(scan, place, rule) : scan_value(scan, place);
}

static bool scan_message(struct scan *scan, const ProtobufCMessageDescriptor *desc,
	struct rg_bytes bytes)
{
	assert(desc->n_fields <= FIELDS_MAX);

	struct place place = {.desc = desc, .next = bytes.data, .end = bytes.data + bytes.len};

	while (place.next < place.end) {
		if (!scan_field(scan, &place)) {
			return false;
		}
	}
	return true;
}

struct scan_answer scan_check(const ProtobufCMessageDescriptor *desc, struct rg_bytes bytes,
	const struct scan_limits *limits)
{
	struct scan_answer answer = {0};
	struct scan scan = {
		.messages_left =
			limits && limits->n_messages ? limits->n_messages : DEFAULT_MESSAGES,
		.elements_left =
			limits && limits->n_elements ? limits->n_elements : DEFAULT_ELEMENTS,
		.answer = &answer,
	};

	answer.is_ok = bytes.len == 0 || scan_message(&scan, desc, bytes);
	return answer;
}

rg_err scan_unpack(const ProtobufCMessageDescriptor *desc, struct rg_bytes bytes,
	struct arena *arena, struct scan_answer *ret_answer, ProtobufCMessage **ret_msg)
{
	struct scan_answer answer = scan_check(desc, bytes, NULL);
	ProtobufCMessage *msg = NULL;

	if (answer.is_ok) {
		msg = protobuf_c_message_unpack(desc, arena_protobuf(arena), bytes.len, bytes.data);
		/* What passed the scan unpacks; only memory can be missing. */
		if (!msg) {
			return RG_E_NOMEM;
		}
	}
	*ret_answer = answer;
	*ret_msg = msg;
	return RG_OK;
}
