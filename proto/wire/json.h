#ifndef WIRE_JSON_H
#define WIRE_JSON_H

/*
 * proto3 JSON by descriptors
 *
 * The mapping of https://protobuf.dev/programming-guides/json/ for our schemas:
 * lowerCamelCase names, 64-bit integers as strings (numbers are accepted), enums
 * by name, bytes in base64, null as absent. Stricter than most: an unknown name,
 * a name twice, a number for an enum, text after the end are refused, with path,
 * line and column. Depth ends with the schema, which has no recursion; size with
 * JSON_MAX_BYTES.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>
#include <rivergate/bytes.h>
#include <rivergate/error.h>

#define JSON_MAX_BYTES ((size_t)256 * 1024 * 1024)

enum json_flag {
	JSON_LINES = 1, /* indented by two spaces, for people; else one line */
	JSON_TYPED = 2  /* begins with a member "@type" that names the message, as Any does */
};

struct json_mistake {
	char path[160];  /* e.g. items[3].commodity.hs6; empty: the text is no JSON at all */
	uint32_t line;   /* from 1; 0: not known */
	uint32_t column; /* from 1; 0: not known */
	char text[160];  /* English phrase, e.g. "is not a whole number" */
};

/*
 * Writes a message. *ret_text ends with a newline and NUL and is freed with free().
 * A Decimal is written with both members even where they are 0, so that every
 * leaf can be seen. RG_E_FORMAT: a string in the message is not UTF-8.
 */
RG_MUST_USE rg_err json_encode(const ProtobufCMessage *msg, unsigned flags, char **ret_text);

/*
 * Reads a message, to be freed with protobuf_c_message_free_unpacked(msg, NULL).
 * Text that is wrong is an answer: RG_OK, *ret_msg NULL and *ret_mistake filled.
 */
RG_MUST_USE rg_err json_decode(const ProtobufCMessageDescriptor *desc, struct rg_bytes text,
	ProtobufCMessage **ret_msg, struct json_mistake *ret_mistake);

/*
 * Reads a canonical document (doctype.h) of the type that its member "@type" names; without
 * one it is a Declaration. All else as json_decode().
 */
RG_MUST_USE rg_err json_decode_document(struct rg_bytes text, ProtobufCMessage **ret_msg,
	struct json_mistake *ret_mistake);

/*
 * Finds where the value at `path` begins in a JSON text that parses. False: there
 * is no such path. A path that ends in an unknown member still finds it.
 */
bool json_locate(struct rg_bytes text, const char *path, uint32_t *ret_line, uint32_t *ret_column);

#endif
