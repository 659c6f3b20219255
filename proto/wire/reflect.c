/*
 * Messages by their descriptors
 *
 * Method: protobuf-c keeps, for every field, its offset and that of its count or
 * oneof case. A list is reallocated whenever its length is a power of two, so that
 * growing is linear although protobuf-c stores no capacity.
 *
 * Threads: no state; a message has one owner.
 */
#include "wire/reflect.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t element_size(const ProtobufCFieldDescriptor *field)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return sizeof(uint64_t);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_BOOL:
		return sizeof(protobuf_c_boolean);
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_ENUM:
		break;
	}
	return sizeof(uint32_t);
}

static bool is_repeated(const ProtobufCFieldDescriptor *field)
{
	return field->label == PROTOBUF_C_LABEL_REPEATED;
}

static bool is_oneof(const ProtobufCFieldDescriptor *field)
{
	return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

static void *member(const ProtobufCMessage *msg, const ProtobufCFieldDescriptor *field)
{
	return (char *)(uintptr_t)msg + field->offset;
}

static void *quantifier(const ProtobufCMessage *msg, const ProtobufCFieldDescriptor *field)
{
	return (char *)(uintptr_t)msg + field->quantifier_offset;
}

void reflect_name(const ProtobufCFieldDescriptor *field, char out[REFLECT_NAME_MAX])
{
	size_t n = 0;
	bool up = false;
	for (const char *c = field->name; *c && n + 1 < REFLECT_NAME_MAX; c++) {
		if (*c == '_') {
			up = true;
			continue;
		}
		out[n++] = up ? (char)toupper((unsigned char)*c) : *c;
		up = false;
	}
	out[n] = '\0';
}

/* Undoes reflect_name() for names whose parts begin with letters. */
static bool snake_name(const char *name, size_t len, char out[2 * REFLECT_NAME_MAX])
{
	size_t n = 0;
	if (len >= REFLECT_NAME_MAX) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (name[i] == '_' || name[i] == '\0') {
			return false;
		}
		if (isupper((unsigned char)name[i])) {
			out[n++] = '_';
		}
		out[n++] = (char)tolower((unsigned char)name[i]);
	}
	out[n] = '\0';
	return true;
}

const ProtobufCFieldDescriptor *reflect_find(const ProtobufCMessageDescriptor *desc,
	const char *name, size_t len)
{
	char snake[2 * REFLECT_NAME_MAX];
	if (!snake_name(name, len, snake)) {
		return NULL;
	}
	const ProtobufCFieldDescriptor *field =
		protobuf_c_message_descriptor_get_field_by_name(desc, snake);
	char back[REFLECT_NAME_MAX];
	for (unsigned i = 0; !field && i < desc->n_fields; i++) {
		/* A part that begins with a digit, such as line_1: line1. */
		reflect_name(&desc->fields[i], back);
		if (strlen(back) == len && memcmp(back, name, len) == 0) {
			field = &desc->fields[i];
		}
	}
	return field;
}

bool reflect_has_presence(const ProtobufCFieldDescriptor *field)
{
	return !is_repeated(field) && (is_oneof(field) || field->type == PROTOBUF_C_TYPE_MESSAGE);
}

static bool is_default(const ProtobufCFieldDescriptor *field, const void *value)
{
	static const char zero[sizeof(ProtobufCBinaryData)];
	if (field->type == PROTOBUF_C_TYPE_STRING) {
		const char *text = *(char *const *)value;
		return !text || text[0] == '\0';
	}
	if (field->type == PROTOBUF_C_TYPE_BYTES) {
		return ((const ProtobufCBinaryData *)value)->len == 0;
	}
	return memcmp(value, zero, element_size(field)) == 0;
}

bool reflect_is_set(const ProtobufCMessage *msg, const ProtobufCFieldDescriptor *field)
{
	if (is_repeated(field)) {
		return reflect_count(msg, field) > 0;
	}
	if (is_oneof(field)) {
		return *(uint32_t *)quantifier(msg, field) == field->id;
	}
	return !is_default(field, member(msg, field));
}

size_t reflect_count(const ProtobufCMessage *msg, const ProtobufCFieldDescriptor *field)
{
	if (is_repeated(field)) {
		return *(size_t *)quantifier(msg, field);
	}
	return reflect_is_set(msg, field) ? 1 : 0;
}

void *reflect_at(const ProtobufCMessage *msg, const ProtobufCFieldDescriptor *field, size_t i)
{
	if (!is_repeated(field)) {
		return member(msg, field);
	}
	return *(char **)member(msg, field) + i * element_size(field);
}

ProtobufCMessage *reflect_message(const ProtobufCMessage *msg,
	const ProtobufCFieldDescriptor *field, size_t i)
{
	if (field->type != PROTOBUF_C_TYPE_MESSAGE || i >= reflect_count(msg, field)) {
		return NULL;
	}
	return *(ProtobufCMessage **)reflect_at(msg, field, i);
}

void reflect_borrow(ProtobufCMessage *to, const ProtobufCMessage *from,
	const ProtobufCFieldDescriptor *field)
{
	bool is_list = is_repeated(field);

	memcpy(member(to, field), member(from, field),
		is_list ? sizeof(void *) : element_size(field));
	if (is_list) {
		memcpy(quantifier(to, field), quantifier(from, field), sizeof(size_t));
	} else if (is_oneof(field)) {
		memcpy(quantifier(to, field), quantifier(from, field), sizeof(uint32_t));
	}
}

static bool is_equal_message(const ProtobufCMessage *a, const ProtobufCMessage *b)
{
	bool is_equal = true;

	for (unsigned i = 0; is_equal && i < a->descriptor->n_fields; i++) {
		is_equal = reflect_is_equal(a, b, &a->descriptor->fields[i]);
	}
	return is_equal;
}

static bool is_equal_value(const ProtobufCFieldDescriptor *field, const void *a, const void *b)
{
	if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
		return is_equal_message(*(ProtobufCMessage *const *)a,
			*(ProtobufCMessage *const *)b);
	}
	if (field->type == PROTOBUF_C_TYPE_STRING) {
		return strcmp(*(char *const *)a, *(char *const *)b) == 0;
	}
	if (field->type == PROTOBUF_C_TYPE_BYTES) {
		const ProtobufCBinaryData *left = a;
		const ProtobufCBinaryData *right = b;

		return left->len == right->len &&
			(left->len == 0 || memcmp(left->data, right->data, left->len) == 0);
	}
	return memcmp(a, b, element_size(field)) == 0;
}

bool reflect_is_equal(const ProtobufCMessage *a, const ProtobufCMessage *b,
	const ProtobufCFieldDescriptor *field)
{
	size_t n = reflect_count(a, field);
	bool is_equal = n == reflect_count(b, field);

	for (size_t i = 0; is_equal && i < n; i++) {
		is_equal = is_equal_value(field, reflect_at(a, field, i), reflect_at(b, field, i));
	}
	return is_equal;
}

ProtobufCMessage *reflect_new(const ProtobufCMessageDescriptor *desc)
{
	ProtobufCMessage *msg = malloc(desc->sizeof_message);
	if (msg) {
		protobuf_c_message_init(desc, msg);
	}
	return msg;
}

static rg_err init_element(const ProtobufCFieldDescriptor *field, void *value)
{
	memset(value, 0, element_size(field));
	if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
		ProtobufCMessage *child = reflect_new(field->descriptor);
		*(ProtobufCMessage **)value = child;
		return child ? RG_OK : RG_E_NOMEM;
	}
	if (field->type == PROTOBUF_C_TYPE_STRING) {
		/* An entry of a list is freed unless it is the default, which lists lack. */
		char *empty =
			is_repeated(field) ? calloc(1, 1) : (char *)(uintptr_t)field->default_value;
		*(char **)value = empty;
		return empty || !is_repeated(field) ? RG_OK : RG_E_NOMEM;
	}
	return RG_OK;
}

static rg_err append_element(ProtobufCMessage *msg, const ProtobufCFieldDescriptor *field)
{
	size_t *n = quantifier(msg, field);
	void **list = member(msg, field);
	if (*n >= REFLECT_LIST_MAX) {
		return RG_E_OVERFLOW;
	}
	/* What was unpacked has room for what it holds and no more, so room is never assumed. */
	size_t room = 1;
	while (room <= *n) {
		room *= 2;
	}
	void *grown = realloc(*list, room * element_size(field));
	if (!grown) {
		return RG_E_NOMEM;
	}
	*list = grown;
	rg_err err = init_element(field, (char *)*list + *n * element_size(field));
	if (!err) {
		(*n)++;
	}
	return err;
}

rg_err reflect_make(ProtobufCMessage *msg, const ProtobufCFieldDescriptor *field, size_t i)
{
	if (is_repeated(field)) {
		rg_err err = i < REFLECT_LIST_MAX ? RG_OK : RG_E_OVERFLOW;
		while (!err && reflect_count(msg, field) <= i) {
			err = append_element(msg, field);
		}
		return err;
	}
	if (i > 0 || reflect_is_set(msg, field)) {
		return i > 0 ? RG_E_OVERFLOW : RG_OK;
	}
	if (is_oneof(field)) {
		uint32_t *which = quantifier(msg, field);
		if (*which != 0) {
			return RG_E_ABI; /* our oneofs have one member; none to switch from */
		}
		rg_err err = init_element(field, member(msg, field));
		*which = err ? 0 : field->id;
		return err;
	}
	return field->type == PROTOBUF_C_TYPE_MESSAGE ? init_element(field, member(msg, field))
						      : RG_OK;
}

static struct rg_bytes text_view(const char *text)
{
	return (struct rg_bytes){(const uint8_t *)text, strlen(text)};
}

static struct rg_bytes enum_text(const ProtobufCFieldDescriptor *field, int number,
	char scratch[REFLECT_NUMBER_MAX])
{
	const ProtobufCEnumValue *value =
		protobuf_c_enum_descriptor_get_value(field->descriptor, number);
	if (value) {
		return text_view(value->name);
	}
	snprintf(scratch, REFLECT_NUMBER_MAX, "%d", number);
	return text_view(scratch);
}

static struct rg_bytes number_text(const ProtobufCFieldDescriptor *field, const void *value,
	char scratch[REFLECT_NUMBER_MAX])
{
	bool is_signed = field->type == PROTOBUF_C_TYPE_INT32 ||
		field->type == PROTOBUF_C_TYPE_SINT32 || field->type == PROTOBUF_C_TYPE_SFIXED32 ||
		field->type == PROTOBUF_C_TYPE_INT64 || field->type == PROTOBUF_C_TYPE_SINT64 ||
		field->type == PROTOBUF_C_TYPE_SFIXED64;
	if (element_size(field) == sizeof(uint64_t)) {
		uint64_t number = *(const uint64_t *)value;
		snprintf(scratch, REFLECT_NUMBER_MAX, is_signed ? "%" PRId64 : "%" PRIu64, number);
	} else {
		uint32_t number = *(const uint32_t *)value;
		snprintf(scratch, REFLECT_NUMBER_MAX, is_signed ? "%" PRId32 : "%" PRIu32, number);
	}
	return text_view(scratch);
}

struct rg_bytes reflect_text(const ProtobufCFieldDescriptor *field, const void *value,
	char scratch[REFLECT_NUMBER_MAX])
{
	if (field->type == PROTOBUF_C_TYPE_STRING) {
		const char *text = *(char *const *)value;
		return text_view(text ? text : "");
	}
	if (field->type == PROTOBUF_C_TYPE_BYTES) {
		const ProtobufCBinaryData *bytes = value;
		return (struct rg_bytes){bytes->data, bytes->len};
	}
	if (field->type == PROTOBUF_C_TYPE_BOOL) {
		return text_view(*(const protobuf_c_boolean *)value ? "true" : "false");
	}
	if (field->type == PROTOBUF_C_TYPE_ENUM) {
		return enum_text(field, *(const int *)value, scratch);
	}
	return number_text(field, value, scratch);
}

/* How many bytes the UTF-8 sequence at text[0] has, 0 when it is no valid one. RFC 3629. */
static size_t utf8_length(const uint8_t *text, size_t len)
{
	static const struct {
		uint8_t mask, lead;
		uint32_t least;
	} forms[] = {{0x80, 0x00, 0x01}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800},
		{0xf8, 0xf0, 0x10000}};
	for (size_t n = 1; n <= 4; n++) {
		if ((text[0] & forms[n - 1].mask) != forms[n - 1].lead) {
			continue;
		}
		uint32_t point = text[0] & (uint8_t)~forms[n - 1].mask;
		for (size_t i = 1; i < n; i++) {
			if (i >= len || (text[i] & 0xc0) != 0x80) {
				return 0;
			}
			point = point << 6 | (text[i] & 0x3f);
		}
		bool is_bad = point < forms[n - 1].least || point > 0x10ffff ||
			(point >= 0xd800 && point <= 0xdfff);
		return is_bad ? 0 : n;
	}
	return 0;
}

static bool is_utf8(struct rg_bytes text)
{
	for (size_t i = 0, n = 0; i < text.len; i += n) {
		n = utf8_length(text.data + i, text.len - i);
		if (n == 0) {
			return false;
		}
	}
	return true;
}

static rg_err parse_string(const ProtobufCFieldDescriptor *field, struct rg_bytes text,
	char **value, const char **ret_problem)
{
	if (!is_utf8(text)) {
		*ret_problem = "is not UTF-8 without NUL";
		return RG_OK;
	}
	char *copy = malloc(text.len + 1);
	if (!copy) {
		return RG_E_NOMEM;
	}
	if (text.len > 0) {
		memcpy(copy, text.data, text.len);
	}
	copy[text.len] = '\0';
	if (*value != field->default_value) {
		free(*value);
	}
	*value = copy;
	return RG_OK;
}

static rg_err parse_bytes(struct rg_bytes bytes, ProtobufCBinaryData *value)
{
	uint8_t *copy = malloc(bytes.len > 0 ? bytes.len : 1);
	if (!copy) {
		return RG_E_NOMEM;
	}
	if (bytes.len > 0) {
		memcpy(copy, bytes.data, bytes.len);
	}
	free(value->data);
	*value = (ProtobufCBinaryData){bytes.len, copy};
	return RG_OK;
}

static const char *parse_enum(const ProtobufCFieldDescriptor *field, const char *name, int *value)
{
	const ProtobufCEnumValue *row =
		protobuf_c_enum_descriptor_get_value_by_name(field->descriptor, name);
	if (!row) {
		return "is no value of its list";
	}
	*value = row->value;
	return NULL;
}

static bool is_number(const char *text, bool is_signed)
{
	const char *digits = text + (is_signed && text[0] == '-' ? 1 : 0);
	return digits[0] != '\0' && strspn(digits, "0123456789") == strlen(digits);
}

static const char *parse_number(const ProtobufCFieldDescriptor *field, const char *text,
	void *value)
{
	bool is_wide = element_size(field) == sizeof(uint64_t);
	bool is_signed = field->type == PROTOBUF_C_TYPE_INT32 ||
		field->type == PROTOBUF_C_TYPE_INT64 || field->type == PROTOBUF_C_TYPE_SINT32 ||
		field->type == PROTOBUF_C_TYPE_SINT64 || field->type == PROTOBUF_C_TYPE_SFIXED32 ||
		field->type == PROTOBUF_C_TYPE_SFIXED64;
	if (!is_number(text, is_signed)) {
		return "is not a whole number";
	}
	errno = 0;
	int64_t low = is_signed ? strtoll(text, NULL, 10) : 0;
	uint64_t high = is_signed ? (uint64_t)low : strtoull(text, NULL, 10);
	bool is_out = errno == ERANGE ||
		(!is_wide &&
			(is_signed ? (low < INT32_MIN || low > INT32_MAX) : high > UINT32_MAX));
	if (is_out) {
		return "is out of range";
	}
	if (is_wide) {
		*(uint64_t *)value = high;
	} else {
		*(uint32_t *)value = (uint32_t)high;
	}
	return NULL;
}

static const char *parse_word(const ProtobufCFieldDescriptor *field, struct rg_bytes text,
	void *value)
{
	char word[128];
	if (text.len == 0) {
		return "is empty";
	}
	if (text.len >= sizeof(word) || memchr(text.data, '\0', text.len)) {
		return "is too long";
	}
	memcpy(word, text.data, text.len);
	word[text.len] = '\0';
	if (field->type == PROTOBUF_C_TYPE_ENUM) {
		return parse_enum(field, word, value);
	}
	if (field->type != PROTOBUF_C_TYPE_BOOL) {
		return parse_number(field, word, value);
	}
	bool is_true = strcmp(word, "true") == 0;
	if (!is_true && strcmp(word, "false") != 0) {
		return "is neither true nor false";
	}
	*(protobuf_c_boolean *)value = is_true;
	return NULL;
}

rg_err reflect_parse(const ProtobufCFieldDescriptor *field, struct rg_bytes text, void *value,
	const char **ret_problem)
{
	*ret_problem = NULL;
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		return parse_string(field, text, value, ret_problem);
	case PROTOBUF_C_TYPE_BYTES:
		return parse_bytes(text, value);
	case PROTOBUF_C_TYPE_MESSAGE:
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
		return RG_E_ABI;
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_BOOL:
	case PROTOBUF_C_TYPE_ENUM:
		break;
	}
	*ret_problem = parse_word(field, text, value);
	return RG_OK;
}
