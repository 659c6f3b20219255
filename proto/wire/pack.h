#ifndef WIRE_PACK_H
#define WIRE_PACK_H

/*
 * Canonical packing
 *
 * The one form that scan.h lets pass: fields in ascending order, no default values outside of a
 * oneof, scalars of a repeated field packed. Texts must be valid UTF-8 and enum values known;
 * that is not checked here. What a message has among its unknown fields is written behind the
 * others, which is the place for what is packed already. Types are those that our schemas have:
 * bool, enum, int32, int64, uint32, uint64, string, bytes, messages; another one is RG_E_FORMAT.
 *
 * Threads: pure functions on the caller's memory.
 */

#include <protobuf-c/protobuf-c.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/arena.h"
#include "base/buf.h"

#define PACK_ROOM 1024

/* Where bytes are packed. What is short needs no memory but this. */
struct pack {
	uint8_t *heap; /* for what does not fit into room */
	size_t cap;
	size_t at; /* bytes lie from here to the end */
	uint8_t room[PACK_ROOM];
};

void pack_init(struct pack *pack);
void pack_deinit(struct pack *pack);

/* *ret_bytes views the pack, until it is packed into again. Faults: RG_E_NOMEM, RG_E_FORMAT. */
RG_MUST_USE rg_err pack_message(const ProtobufCMessage *message, struct pack *pack,
	struct rg_bytes *ret_bytes);
/* As it stands in another message: *ret_field is *ret_bytes with the length in front. */
RG_MUST_USE rg_err pack_field(const ProtobufCMessage *message, struct pack *pack,
	struct rg_bytes *ret_bytes, struct rg_bytes *ret_field);
/* A copy in the arena. */
RG_MUST_USE rg_err pack_in_arena(const ProtobufCMessage *message, struct arena *arena,
	struct rg_bytes *ret_bytes);
/* Appends the message to out. */
RG_MUST_USE rg_err pack_append(const ProtobufCMessage *message, struct buf *out);

#endif
