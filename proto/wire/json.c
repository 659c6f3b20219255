/*
 * proto3 JSON by descriptors
 *
 * Method: jansson parses and prints; two walks over the descriptor translate
 * between its tree and the message. The path of the walk is kept in one text, so
 * that a mistake can name it; the line is found by walking the text again.
 *
 * Threads: no state.
 */
#include "wire/json.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scoped.h"
#include "wire/doctype.h"
#include "wire/reflect.h"

#define TYPE_MEMBER "@type"

static void release_json(json_t **json)
{
	json_decref(*json);
}

static void free_message(ProtobufCMessage **msg)
{
	protobuf_c_message_free_unpacked(*msg, NULL);
}

/* Writing */

static json_t *bytes_to_json(const ProtobufCBinaryData *bytes)
{
	size_t size = 4 * ((bytes->len + 2) / 3) + 1;
	scoped(freep) char *text = malloc(size);
	if (!text || bytes->len > INT32_MAX / 2) {
		return NULL;
	}
	int len = EVP_EncodeBlock((unsigned char *)text, bytes->data, (int)bytes->len);
	return json_stringn_nocheck(text, (size_t)len);
}

static json_t *message_to_json(const ProtobufCMessage *msg);

static json_t *value_to_json(const ProtobufCFieldDescriptor *field, const void *value)
{
	char scratch[REFLECT_NUMBER_MAX];
	switch (field->type) {
	case PROTOBUF_C_TYPE_MESSAGE:
		return message_to_json(*(ProtobufCMessage *const *)value);
	case PROTOBUF_C_TYPE_BYTES:
		return bytes_to_json(value);
	case PROTOBUF_C_TYPE_BOOL:
		return json_boolean(*(const protobuf_c_boolean *)value);
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		return json_integer(*(const int32_t *)value);
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return json_integer(*(const uint32_t *)value);
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
		return NULL;
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_ENUM:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		break;
	}
	struct rg_bytes text = reflect_text(field, value, scratch);
	return json_stringn((const char *)text.data, text.len);
}

static json_t *field_to_json(const ProtobufCMessage *msg, const ProtobufCFieldDescriptor *field)
{
	if (field->label != PROTOBUF_C_LABEL_REPEATED) {
		return value_to_json(field, reflect_at(msg, field, 0));
	}
	scoped(release_json) json_t *list = json_array();
	size_t n = reflect_count(msg, field);
	for (size_t i = 0; i < n; i++) {
		if (json_array_append_new(list, value_to_json(field, reflect_at(msg, field, i)))) {
			return NULL;
		}
	}
	return steal(list);
}

static bool add_fields(const ProtobufCMessage *msg, json_t *object)
{
	bool is_full = strcmp(msg->descriptor->name, "rivergate.v1.Decimal") == 0;
	for (unsigned i = 0; i < msg->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &msg->descriptor->fields[i];
		char name[REFLECT_NAME_MAX];
		reflect_name(field, name);
		if ((is_full || reflect_is_set(msg, field)) &&
			json_object_set_new_nocheck(object, name, field_to_json(msg, field))) {
			return false;
		}
	}
	return true;
}

static json_t *message_to_json(const ProtobufCMessage *msg)
{
	scoped(release_json) json_t *object = json_object();
	return add_fields(msg, object) ? steal(object) : NULL;
}

rg_err json_encode(const ProtobufCMessage *msg, unsigned flags, char **ret_text)
{
	scoped(release_json) json_t *object = json_object();
	if (flags & JSON_TYPED &&
		json_object_set_new(object, TYPE_MEMBER, json_string(msg->descriptor->name))) {
		return RG_E_NOMEM;
	}
	if (!add_fields(msg, object)) {
		return RG_E_FORMAT;
	}
	size_t layout = flags & JSON_LINES ? JSON_INDENT(2) : JSON_COMPACT;
	scoped(freep) char *text = json_dumps(object, layout);
	size_t len = text ? strlen(text) : 0;
	char *line = text ? realloc(text, len + 2) : NULL;
	if (!line) {
		return RG_E_NOMEM;
	}
	text = NULL;
	memcpy(line + len, "\n", 2);
	*ret_text = line;
	return RG_OK;
}

/* Reading */

struct reading {
	struct json_mistake *mistake;
	size_t path_len; /* of mistake->path while walking; may pass its size, then it is cut */
	bool is_wrong;
	bool is_typed; /* the outermost object may say its type */
};

/* Appends one step to the path and returns the length to go back to. */
static size_t enter(struct reading *reading, const char *name, size_t index)
{
	char step[REFLECT_NAME_MAX + 24];
	size_t before = reading->path_len;
	if (name) {
		snprintf(step, sizeof(step), "%s%.*s", before > 0 ? "." : "", REFLECT_NAME_MAX,
			name);
	} else {
		snprintf(step, sizeof(step), "[%zu]", index);
	}
	size_t room = sizeof(reading->mistake->path);
	if (before < room) {
		snprintf(reading->mistake->path + before, room - before, "%s", step);
	}
	reading->path_len += strlen(step);
	return before;
}

static void leave(struct reading *reading, size_t before)
{
	if (!reading->is_wrong) {
		reading->path_len = before;
		if (before < sizeof(reading->mistake->path)) {
			reading->mistake->path[before] = '\0';
		}
	}
}

static rg_err complain(struct reading *reading, const char *text)
{
	reading->is_wrong = true;
	snprintf(reading->mistake->text, sizeof(reading->mistake->text), "%s", text);
	return RG_OK;
}

static rg_err message_from_json(struct reading *reading, const json_t *json, ProtobufCMessage *msg);

static rg_err bytes_from_json(struct reading *reading, const ProtobufCFieldDescriptor *field,
	const char *text, void *value)
{
	size_t len = strlen(text);
	size_t n_pad = len > 1 ? (size_t)(text[len - 1] == '=') + (text[len - 2] == '=') : 0;
	scoped(freep) char *bytes = malloc(len + 1);
	if (!bytes) {
		return RG_E_NOMEM;
	}
	int n = len % 4 == 0 && len <= INT32_MAX
		? EVP_DecodeBlock((unsigned char *)bytes, (const unsigned char *)text, (int)len)
		: -1;
	if (n < 0 ||
		strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") +
				n_pad !=
			len) {
		return complain(reading, "is not base64");
	}
	const char *problem = NULL;
	struct rg_bytes view = {(const uint8_t *)bytes, (size_t)n - n_pad};
	return reflect_parse(field, view, value, &problem);
}

/* The text that reflect_parse() reads, or NULL when the JSON type does not fit. */
static const char *scalar_text(const ProtobufCFieldDescriptor *field, const json_t *json,
	char scratch[REFLECT_NUMBER_MAX])
{
	bool is_word = field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_ENUM;
	if (field->type == PROTOBUF_C_TYPE_BOOL) {
		return json_is_boolean(json) ? (json_is_true(json) ? "true" : "false") : NULL;
	}
	if (json_is_string(json)) {
		return json_string_value(json);
	}
	if (is_word || !json_is_integer(json)) {
		return NULL;
	}
	snprintf(scratch, REFLECT_NUMBER_MAX, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
	return scratch;
}

static rg_err value_from_json(struct reading *reading, const ProtobufCFieldDescriptor *field,
	const json_t *json, void *value)
{
	if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
		return message_from_json(reading, json, *(ProtobufCMessage **)value);
	}
	char scratch[REFLECT_NUMBER_MAX];
	const char *text = scalar_text(field, json, scratch);
	if (!text) {
		return complain(reading, "has a JSON type that does not fit the field");
	}
	if (field->type == PROTOBUF_C_TYPE_BYTES) {
		return bytes_from_json(reading, field, text, value);
	}
	const char *problem = NULL;
	struct rg_bytes view = {(const uint8_t *)text, strlen(text)};
	rg_err err = reflect_parse(field, view, value, &problem);
	return err || !problem ? err : complain(reading, problem);
}

static rg_err entry_from_json(struct reading *reading, ProtobufCMessage *msg,
	const ProtobufCFieldDescriptor *field, size_t i, const json_t *json)
{
	rg_err err = reflect_make(msg, field, i);
	if (err == RG_E_OVERFLOW) {
		return complain(reading, "has too many entries");
	}
	return err ? err : value_from_json(reading, field, json, reflect_at(msg, field, i));
}

static rg_err list_from_json(struct reading *reading, ProtobufCMessage *msg,
	const ProtobufCFieldDescriptor *field, const json_t *json)
{
	if (!json_is_array(json)) {
		return complain(reading, "is not a list");
	}
	rg_err err = RG_OK;
	for (size_t i = 0; !err && !reading->is_wrong && i < json_array_size(json); i++) {
		size_t before = enter(reading, NULL, i);
		err = entry_from_json(reading, msg, field, i, json_array_get(json, i));
		leave(reading, before);
	}
	return err;
}

static rg_err member_from_json(struct reading *reading, ProtobufCMessage *msg, const char *name,
	const json_t *json)
{
	const ProtobufCFieldDescriptor *field = reflect_find(msg->descriptor, name, strlen(name));
	bool is_outermost = reading->path_len == strlen(name);
	if (reading->is_typed && is_outermost && strcmp(name, TYPE_MEMBER) == 0) {
		return RG_OK;
	}
	if (!field) {
		return complain(reading, "is not known here");
	}
	if (json_is_null(json)) {
		return RG_OK;
	}
	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		return list_from_json(reading, msg, field, json);
	}
	return entry_from_json(reading, msg, field, 0, json);
}

static rg_err message_from_json(struct reading *reading, const json_t *json, ProtobufCMessage *msg)
{
	if (!json_is_object(json)) {
		return complain(reading, "is not an object");
	}
	rg_err err = RG_OK;
	json_t *object = (json_t *)(uintptr_t)json; /* iterators of jansson take no const */
	for (void *it = json_object_iter(object); it && !err && !reading->is_wrong;
		it = json_object_iter_next(object, it)) {
		size_t before = enter(reading, json_object_iter_key(it), 0);
		err = member_from_json(reading, msg, json_object_iter_key(it),
			json_object_iter_value(it));
		leave(reading, before);
	}
	return err;
}

static json_t *parse_text(struct rg_bytes text, struct json_mistake *mistake)
{
	json_error_t error;
	json_t *json = NULL;
	if (text.len > JSON_MAX_BYTES) {
		snprintf(mistake->text, sizeof(mistake->text), "is larger than %zu bytes",
			JSON_MAX_BYTES);
		return NULL;
	}
	json = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &error);
	if (!json) {
		mistake->line = error.line > 0 ? (uint32_t)error.line : 0;
		mistake->column = error.column > 0 ? (uint32_t)error.column : 0;
		snprintf(mistake->text, sizeof(mistake->text), "%.150s", error.text);
	}
	return json;
}

/* The message that the text's tree says; *ret_msg NULL: it is wrong. */
static rg_err read_tree(const ProtobufCMessageDescriptor *desc, const json_t *json,
	struct reading *reading, ProtobufCMessage **ret_msg)
{
	scoped(free_message) ProtobufCMessage *msg = reflect_new(desc);
	if (!msg) {
		return RG_E_NOMEM;
	}
	rg_err err = message_from_json(reading, json, msg);
	if (!err && !reading->is_wrong) {
		*ret_msg = steal(msg);
	}
	return err;
}

rg_err json_decode(const ProtobufCMessageDescriptor *desc, struct rg_bytes text,
	ProtobufCMessage **ret_msg, struct json_mistake *ret_mistake)
{
	*ret_msg = NULL;
	*ret_mistake = (struct json_mistake){.line = 0};
	scoped(release_json) json_t *json = parse_text(text, ret_mistake);
	if (!json) {
		return RG_OK;
	}
	struct reading reading = {.mistake = ret_mistake};
	rg_err err = read_tree(desc, json, &reading, ret_msg);
	if (!err && reading.is_wrong) {
		json_locate(text, ret_mistake->path, &ret_mistake->line, &ret_mistake->column);
	}
	return err;
}

rg_err json_decode_document(struct rg_bytes text, ProtobufCMessage **ret_msg,
	struct json_mistake *ret_mistake)
{
	*ret_msg = NULL;
	*ret_mistake = (struct json_mistake){.line = 0};
	scoped(release_json) json_t *json = parse_text(text, ret_mistake);
	if (!json) {
		return RG_OK;
	}
	struct reading reading = {.mistake = ret_mistake, .is_typed = true};
	const json_t *name = json_object_get(json, TYPE_MEMBER);
	const struct doctype *type = doctype_find(json_string_value(name));
	rg_err err = RG_OK;
	if ((name && !json_is_string(name)) || !type) {
		enter(&reading, TYPE_MEMBER, 0);
		err = complain(&reading, "names no type of document that is known here");
	} else {
		err = read_tree(type->desc, json, &reading, ret_msg);
	}
	if (!err && reading.is_wrong) {
		json_locate(text, ret_mistake->path, &ret_mistake->line, &ret_mistake->column);
	}
	return err;
}
