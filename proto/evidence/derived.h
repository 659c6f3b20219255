#ifndef EVIDENCE_DERIVED_H
#define EVIDENCE_DERIVED_H

/*
 * Derived messages: a function of the journal, signed when delivered
 *
 * id = UUIDv8 from SHA-256("rivergate/v1 derived" LF ‖ origin ‖ uint64 cause index ‖
 * uint32 kind ‖ to ‖ uint32 ordinal), integers big-endian: the first 16 bytes with
 * version 8 and variant 2 set. from = the router's address; sent_at_us = time_us of the
 * cause; no parts. The ordinal counts the derived messages of one cause, kind and
 * recipient. An auditor computes the same.
 *
 * Threads: any.
 */

#include <stdint.h>

#include <rivergate/error.h>

#include "base/buf.h"
#include "rivergate/v1/message.pb-c.h"

struct derived {
	const char *origin;
	const char *router;
	uint64_t cause; /* record index */
	uint8_t kind;
	uint8_t ordinal;
	const char *to;
	const char *about; /* EXPIRY: the destination that was not reached */
	int64_t since_us;  /* EXPIRY: when it expired */
};

RG_MUST_USE rg_err derived_id(const struct derived *derived, uint8_t ret_id[16]);

/* The record it follows from. */
struct derived_cause {
	const Rivergate__V1__Header *header;
	const uint8_t *header_hash;
	int64_t time_us;
};
/* Appends the packed header of the derived message. */
RG_MUST_USE rg_err derived_header(const struct derived *derived, const struct derived_cause *cause,
	struct buf *out);

#endif
