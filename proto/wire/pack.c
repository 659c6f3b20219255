/*
 * Canonical packing: see pack.h
 *
 * Bytes are written from the last to the first: when the length of a submessage is to be
 * written the submessage is there, so that one pass does. (protobuf-c's own packing gives the
 * same bytes in two passes, and more with each level; rows of the window are packed for every
 * record, which makes that one of the dearest things in an audit.) The recursion is as deep as
 * the message.
 * Source: https://protobuf.dev/programming-guides/encoding/
 * Threads: pure functions on the caller's memory.
 */

#include <stdlib.h>
#include <string.h>

#include "wire/pack.h"

#define TYPE_BITS 3

enum wire_type {
	WIRE_NONE = 0, /* of a type that our schemas do not have */
	WIRE_VARINT,
	WIRE_LEN,
};

/* How a value lies in memory, and travels. */
struct type_row {
	uint8_t size;
	uint8_t head; /* what is 0 in the default: of bytes the length, which is first */
	uint8_t wire_type;
};

static const struct type_row types[] = {
	[PROTOBUF_C_TYPE_BOOL] = {sizeof(protobuf_c_boolean), sizeof(protobuf_c_boolean),
		WIRE_VARINT},
	[PROTOBUF_C_TYPE_ENUM] = {sizeof(int), sizeof(int), WIRE_VARINT},
	[PROTOBUF_C_TYPE_INT32] = {sizeof(int32_t), sizeof(int32_t), WIRE_VARINT},
	[PROTOBUF_C_TYPE_UINT32] = {sizeof(uint32_t), sizeof(uint32_t), WIRE_VARINT},
	[PROTOBUF_C_TYPE_INT64] = {sizeof(int64_t), sizeof(int64_t), WIRE_VARINT},
	[PROTOBUF_C_TYPE_UINT64] = {sizeof(uint64_t), sizeof(uint64_t), WIRE_VARINT},
	[PROTOBUF_C_TYPE_STRING] = {sizeof(char *), sizeof(char *), WIRE_LEN},
	[PROTOBUF_C_TYPE_BYTES] = {sizeof(ProtobufCBinaryData), sizeof(size_t), WIRE_LEN},
	[PROTOBUF_C_TYPE_MESSAGE] = {sizeof(ProtobufCMessage *), sizeof(ProtobufCMessage *),
		WIRE_LEN},
};

static uint8_t *bytes_in(struct pack *pack)
{
	return pack->heap ? pack->heap : pack->room;
}

/* Twice the room, or more, in front of what is there. */
static rg_err grow(struct pack *pack, size_t len)
{
	size_t used = pack->cap - pack->at;

	if (len > SIZE_MAX / 4 || used > SIZE_MAX / 4) {
		return RG_E_NOMEM;
	}
	size_t cap = 2 * (used + len);
	uint8_t *heap = malloc(cap);

	if (!heap) {
		return RG_E_NOMEM;
	}
	memcpy(heap + cap - used, bytes_in(pack) + pack->at, used);
	free(pack->heap);
	pack->heap = heap;
	pack->cap = cap;
	pack->at = cap - used;
	return RG_OK;
}

/* Makes room for len bytes in front of the others; NULL: no memory. */
static inline uint8_t *step_back(struct pack *pack, size_t len)
{
	if (len > pack->at && grow(pack, len)) {
		return NULL;
	}
	pack->at -= len;
	return bytes_in(pack) + pack->at;
}

static inline rg_err put_varint(struct pack *pack, uint64_t value)
{
	size_t len = 1;

	for (uint64_t rest = value >> 7; rest; rest >>= 7) {
		len++;
	}
	uint8_t *to = step_back(pack, len);

	if (!to) {
		return RG_E_NOMEM;
	}
	for (; value >= 0x80; value >>= 7) {
		*to++ = (uint8_t)(value | 0x80);
	}
	*to = (uint8_t)value;
	return RG_OK;
}

static rg_err put_bytes(struct pack *pack, const void *data, size_t len)
{
	uint8_t *to = step_back(pack, len);

	if (!to) {
		return RG_E_NOMEM;
	}
	if (len) {
		memcpy(to, data, len);
	}
	return put_varint(pack, len);
}

static inline uint64_t word_at(const uint8_t *at, size_t size)
{
	uint64_t wide = 0;
	uint32_t narrow = 0;

	if (size >= sizeof(wide)) {
		memcpy(&wide, at, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, at, sizeof(narrow));
	return narrow;
}

/* A scalar as its varint; negative 32-bit numbers travel sign-extended to 64 bits. */
static uint64_t scalar_at(ProtobufCType type, const uint8_t *at)
{
	uint64_t word = word_at(at, types[type].size);

	switch (type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_ENUM:
		return (uint64_t)(int64_t)(int32_t)(uint32_t)word;
	case PROTOBUF_C_TYPE_BOOL:
		return word != 0;
	default:
		return word;
	}
}

static rg_err put_fields(struct pack *pack, const ProtobufCMessage *message);

static rg_err put_submessage(struct pack *pack, const ProtobufCMessage *message)
{
	size_t behind = pack->cap - pack->at;
	rg_err err = message ? put_fields(pack, message) : RG_OK;

	return err ? err : put_varint(pack, pack->cap - pack->at - behind);
}

/* One value without its tag. */
static rg_err put_value(struct pack *pack, ProtobufCType type, const uint8_t *at)
{
	const void *pointer = NULL;
	ProtobufCBinaryData data;

	switch (type) {
	case PROTOBUF_C_TYPE_MESSAGE:
		memcpy(&pointer, at, sizeof(pointer));
		return put_submessage(pack, pointer);
	case PROTOBUF_C_TYPE_STRING:
		memcpy(&pointer, at, sizeof(pointer));
		return put_bytes(pack, pointer, pointer ? strlen(pointer) : 0);
	case PROTOBUF_C_TYPE_BYTES:
		memcpy(&data, at, sizeof(data));
		return put_bytes(pack, data.data, data.len);
	default:
		return put_varint(pack, scalar_at(type, at));
	}
}

static rg_err put_tag(struct pack *pack, const ProtobufCFieldDescriptor *field,
	enum wire_type wire_type)
{
	unsigned bits = wire_type == WIRE_LEN ? PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED
					      : PROTOBUF_C_WIRE_TYPE_VARINT;

	return put_varint(pack, (uint64_t)field->id << TYPE_BITS | bits);
}

static rg_err put_repeated(struct pack *pack, const ProtobufCFieldDescriptor *field,
	const uint8_t *message)
{
	const size_t size = types[field->type].size;
	const uint8_t *items = NULL;
	size_t n = 0;
	rg_err err = RG_OK;

	memcpy(&n, message + field->quantifier_offset, sizeof(n));
	memcpy(&items, message + field->offset, sizeof(items));
	if (types[field->type].wire_type == WIRE_VARINT) {
		size_t behind = pack->cap - pack->at;

		for (size_t i = n; !err && i-- > 0;) {
			err = put_varint(pack, scalar_at(field->type, items + i * size));
		}
		if (!err) {
			err = put_varint(pack, pack->cap - pack->at - behind);
		}
		return err ? err : put_tag(pack, field, WIRE_LEN);
	}
	for (size_t i = n; !err && i-- > 0;) {
		err = put_value(pack, field->type, items + i * size);
		err = err ? err : put_tag(pack, field, WIRE_LEN);
	}
	return err;
}

/* A member of a oneof is there when it is the one, be it the default, but for a NULL. */
static bool is_member(const ProtobufCFieldDescriptor *field, const uint8_t *message)
{
	bool is_pointer = types[field->type].size == sizeof(void *) &&
		types[field->type].wire_type == WIRE_LEN;
	const void *pointer = NULL;
	uint32_t which = 0;

	memcpy(&which, message + field->quantifier_offset, sizeof(which));
	if (which == field->id && is_pointer) {
		memcpy(&pointer, message + field->offset, sizeof(pointer));
		return pointer && pointer != field->default_value;
	}
	return which == field->id;
}

/* Elements; a member of a oneof; else other than the default. */
static inline bool is_there(const ProtobufCFieldDescriptor *field, const uint8_t *message)
{
	const char *text = NULL;

	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		return word_at(message + field->quantifier_offset, sizeof(size_t)) != 0;
	}
	if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
		return is_member(field, message);
	}
	if (!word_at(message + field->offset, types[field->type].head)) {
		return false;
	}
	if (field->type == PROTOBUF_C_TYPE_STRING) {
		memcpy(&text, message + field->offset, sizeof(text));
		return text[0] != '\0';
	}
	return true;
}

/* Their bytes have the length in front, where there is one. */
static rg_err put_unknown(struct pack *pack, const ProtobufCMessage *message)
{
	rg_err err = RG_OK;

	for (unsigned i = message->n_unknown_fields; !err && i-- > 0;) {
		const ProtobufCMessageUnknownField *field = &message->unknown_fields[i];
		uint8_t *to = step_back(pack, field->len);

		if (!to) {
			return RG_E_NOMEM;
		}
		memcpy(to, field->data, field->len);
		err = put_varint(pack, (uint64_t)field->tag << TYPE_BITS | field->wire_type);
	}
	return err;
}

static rg_err put_fields(struct pack *pack, const ProtobufCMessage *message)
{
	const uint8_t *at = (const uint8_t *)message;
	rg_err err = put_unknown(pack, message);

	for (unsigned i = message->descriptor->n_fields; !err && i-- > 0;) {
		const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];

		if (types[field->type].wire_type == WIRE_NONE) {
			return RG_E_FORMAT;
		}
		if (!is_there(field, at)) {
			continue;
		}
		if (field->label == PROTOBUF_C_LABEL_REPEATED) {
			err = put_repeated(pack, field, at);
			continue;
		}
		err = put_value(pack, field->type, at + field->offset);
		err = err ? err : put_tag(pack, field, types[field->type].wire_type);
	}
	return err;
}

void pack_init(struct pack *pack)
{
	pack->heap = NULL;
}

void pack_deinit(struct pack *pack)
{
	free(pack->heap);
	pack->heap = NULL;
}

static void begin(struct pack *pack)
{
	pack->cap = pack->heap ? pack->cap : sizeof(pack->room);
	pack->at = pack->cap;
}

static struct rg_bytes packed(struct pack *pack)
{
	return bytes_of(bytes_in(pack) + pack->at, pack->cap - pack->at);
}

rg_err pack_message(const ProtobufCMessage *message, struct pack *pack, struct rg_bytes *ret_bytes)
{
	begin(pack);
	rg_err err = put_fields(pack, message);

	*ret_bytes = packed(pack);
	return err;
}

rg_err pack_field(const ProtobufCMessage *message, struct pack *pack, struct rg_bytes *ret_bytes,
	struct rg_bytes *ret_field)
{
	begin(pack);
	rg_err err = put_fields(pack, message);
	size_t len = pack->cap - pack->at;

	err = err ? err : put_varint(pack, len);
	*ret_field = packed(pack);
	*ret_bytes = bytes_of(ret_field->data + (ret_field->len - len), len);
	return err;
}

rg_err pack_in_arena(const ProtobufCMessage *message, struct arena *arena,
	struct rg_bytes *ret_bytes)
{
	struct pack pack;
	struct rg_bytes bytes;

	pack_init(&pack);
	rg_err err = pack_message(message, &pack, &bytes);
	uint8_t *copy = err ? NULL : arena_alloc(arena, bytes.len);

	if (copy) {
		memcpy(copy, bytes.data, bytes.len);
		*ret_bytes = bytes_of(copy, bytes.len);
	}
	pack_deinit(&pack);
	return err || copy ? err : RG_E_NOMEM;
}

rg_err pack_append(const ProtobufCMessage *message, struct buf *out)
{
	struct pack pack;
	struct rg_bytes bytes;

	pack_init(&pack);
	rg_err err = pack_message(message, &pack, &bytes);

	if (!err) {
		buf_add_bytes(out, bytes);
		err = buf_error(out);
	}
	pack_deinit(&pack);
	return err;
}
