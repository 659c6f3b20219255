#ifndef EVIDENCE_DERIVED_H
#define EVIDENCE_DERIVED_H

/*
 * Derived messages: a function of the journal, signed when delivered
 *
 * id = UUIDv8 from SHA-256("rivergate/v1 derived" LF ‖ origin ‖ uint64 cause index ‖
 * uint32 kind ‖ to ‖ uint32 ordinal), integers big-endian: the first 16 bytes with
 * version 8 and variant 2 set. from = the router's address; sent_at_us = time_us of the
 * cause; no parts. The ordinal tells the derived messages of one cause, kind and
 * recipient apart. An auditor computes the same. The origin is that of the log that had the cause
 * first: a log that goes on from a backup (Origin.ancestors) repeats no id, and changes none.
 *
 * Threads: any.
 */

#include <stdint.h>

#include <rivergate/error.h>

#include "base/buf.h"
#include "rivergate/v1/message.pb-c.h"
#include "rivergate/v1/record.pb-c.h"

#define DERIVED_ANCESTORS_MAX 16

/* Whose log had which records first. Copies; owns nothing. */
struct derived_lineage {
	char origin[256];
	size_t n_ancestors;
	struct {
		char origin[256];
		uint64_t size;
	} ancestors[DERIVED_ANCESTORS_MAX];
};
/* From record 0; of more ancestors than there may be the oldest count. */
void derived_lineage_of(const Rivergate__V1__Origin *origin, struct derived_lineage *ret_lineage);
/* The origin for what follows from this record; borrowed from the lineage. */
const char *derived_origin_at(const struct derived_lineage *lineage, uint64_t cause);

struct derived {
	const char *origin; /* derived_origin_at() */
	const char *router;
	uint64_t cause; /* record index */
	uint8_t kind;
	uint32_t ordinal;
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
/* Appends the packed header of an EXPIRY; those of other kinds are made by the window's rules. */
RG_MUST_USE rg_err derived_header(const struct derived *derived, const struct derived_cause *cause,
	struct buf *out);

#endif
