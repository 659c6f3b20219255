#ifndef WIRE_REFLECT_H
#define WIRE_REFLECT_H

/*
 * Messages by their descriptors
 *
 * What JSON and the canonical document both need: fields by the lowerCamelCase
 * name of proto3 JSON, list entries that grow, scalars to and from text. Works on
 * messages allocated with protobuf-c's default allocator; no maps, no groups, no
 * floating point (our schemas have none: RG_E_ABI).
 */

#include <stdbool.h>
#include <stddef.h>

#include <protobuf-c/protobuf-c.h>
#include <rivergate/bytes.h>
#include <rivergate/error.h>

#define REFLECT_NAME_MAX   64
#define REFLECT_NUMBER_MAX 24
/* Entries of one list at most. */
#define REFLECT_LIST_MAX 100000

/* Writes the JSON name of a field, e.g. sent_at_us as sentAtUs. A longer name is cut. */
void reflect_name(const ProtobufCFieldDescriptor *field, char out[REFLECT_NAME_MAX]);

/* The field of this JSON name; NULL: there is none. */
const ProtobufCFieldDescriptor *reflect_find(const ProtobufCMessageDescriptor *desc,
	const char *name, size_t len);

/*
 * Whether the field is in the message: a set oneof
 * member, a submessage, a value other than the default.
 */
bool reflect_is_set(const ProtobufCMessage *msg, const ProtobufCFieldDescriptor *field);

/* Whether absent and default differ: submessages and oneof members. */
bool reflect_has_presence(const ProtobufCFieldDescriptor *field);

/* Entries of a repeated field; of a singular one 0 or 1. */
size_t reflect_count(const ProtobufCMessage *msg, const ProtobufCFieldDescriptor *field);

/* Where the value stands: of a repeated field the i-th entry, which must exist. */
void *reflect_at(const ProtobufCMessage *msg, const ProtobufCFieldDescriptor *field, size_t i);

/* The submessage at i, or NULL where it is absent. */
ProtobufCMessage *reflect_message(const ProtobufCMessage *msg,
	const ProtobufCFieldDescriptor *field, size_t i);

/*
 * Makes the i-th entry (i = 0 for a singular field) exist: lists grow, oneofs
 * switch to the field, submessages are created; what is there stays. Entries
 * that come into being are defaults. Faults: RG_E_NOMEM, RG_E_OVERFLOW beyond
 * REFLECT_LIST_MAX; the message is then unchanged or has grown by defaults.
 */
RG_MUST_USE rg_err reflect_make(ProtobufCMessage *msg, const ProtobufCFieldDescriptor *field,
	size_t i);

/*
 * Gives `to` what `from` holds in this field, without copying what it points to; what stood
 * there is not freed. Both are of one type. `to` must never be freed as a message of its own.
 */
void reflect_borrow(ProtobufCMessage *to, const ProtobufCMessage *from,
	const ProtobufCFieldDescriptor *field);

/* Whether two messages of one type say the same in this field: present, as long, equal. */
bool reflect_is_equal(const ProtobufCMessage *a, const ProtobufCMessage *b,
	const ProtobufCFieldDescriptor *field);

/*
 * An empty message of this type, to be freed with
 * protobuf_c_message_free_unpacked(msg, NULL). NULL: no memory.
 */
ProtobufCMessage *reflect_new(const ProtobufCMessageDescriptor *desc);

/*
 * A scalar as text: strings as they are, numbers in decimal, booleans as true and
 * false, enums by name (a number where the name is not known), bytes as they are.
 * The view is into the message, a static text or scratch.
 */
struct rg_bytes reflect_text(const ProtobufCFieldDescriptor *field, const void *value,
	char scratch[REFLECT_NUMBER_MAX]);

/*
 * Writes a scalar from its text at a place that reflect_at() gave. *ret_problem is
 * NULL when it was taken, else a static phrase ("is not a number …") and the place
 * is unchanged.
 */
RG_MUST_USE rg_err reflect_parse(const ProtobufCFieldDescriptor *field, struct rg_bytes text,
	void *value, const char **ret_problem);

#endif
