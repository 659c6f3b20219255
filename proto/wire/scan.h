#ifndef WIRE_SCAN_H
#define WIRE_SCAN_H

/*
 * The bounded scan before every unpack
 *
 * protobuf-c accepts embedded NUL, invalid UTF-8 and unknown enum values, recurses
 * without bound and multiplies memory. So bytes from outside pass this scan against
 * the descriptor first. It also decides *canonical* (proto/README.md, section 2).
 */

#include <stdbool.h>
#include <stddef.h>

#include <protobuf-c/protobuf-c.h>
#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/arena.h"
#include "base/buf.h"

#define SCAN_DEPTH_MAX 12

struct scan_limits {
	size_t n_messages; /* submessages in all, 0: 4096 */
	size_t n_elements; /* elements of repeated fields in all, 0: 65536 */
};

struct scan_answer {
	bool is_ok;
	char path[96];    /* e.g. parts[1].commitment; where the first fault lies */
	const char *rule; /* static: "field out of order", "invalid UTF-8", … */
};

/*
 * Decides whether bytes are one canonical message of this
 * type within the limits (NULL: the defaults). Never a fault.
 */
struct scan_answer scan_check(const ProtobufCMessageDescriptor *desc, struct rg_bytes bytes,
	const struct scan_limits *limits);

/*
 * scan_check() with the default limits, then unpack into the arena. *ret_msg is NULL
 * when the answer is not ok. The message lives as long as the arena. Faults: RG_E_NOMEM.
 */
RG_MUST_USE rg_err scan_unpack(const ProtobufCMessageDescriptor *desc, struct rg_bytes bytes,
	struct arena *arena, struct scan_answer *ret_answer, ProtobufCMessage **ret_msg);

#endif
