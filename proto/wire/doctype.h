#ifndef WIRE_DOCTYPE_H
#define WIRE_DOCTYPE_H

/*
 * Types of canonical documents
 *
 * A format reads and writes documents of one type, which it names (rivergate/adapter.h).
 * Every type is a message with the fields `country`, `extensions` and `hints` of
 * declaration.proto; all else is its own. A certificate travels as one part. A declaration
 * travels as several, of which the one named here is the first.
 */

#include <protobuf-c/protobuf-c.h>

#include "rivergate/v1/message.pb-c.h"

struct doctype {
	const char *name; /* of the message: rivergate.v1.Declaration */
	const char *part; /* that carries it, or the first of those: customs */
	const ProtobufCMessageDescriptor *desc;
};

/* The type of this name; NULL or "" names Declaration. NULL: there is no such type. */
const struct doctype *doctype_find(const char *name);

/* The type that messages of this kind carry; Declaration where a kind carries none. */
const struct doctype *doctype_of_kind(Rivergate__V1__Kind kind);

/* The type of a document's root. NULL: the message is no document. */
const struct doctype *doctype_of(const ProtobufCMessage *root);

#endif
