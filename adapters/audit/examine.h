#ifndef AUDIT_EXAMINE_H
#define AUDIT_EXAMINE_H

/*
 * The checks of one record that need nothing but the record and the trust in force at it
 *
 *     leaf       one record of this protocol; meta and body canonical          LEAF
 *     meta       registry, directory, revocation list are those in force       META
 *     header     canonical, and makes sense                                    HEADER
 *     signature  by the key it names, over exactly these bytes, batched or not SIGNATURE
 *     admission  certificate, revocation, sender, route, channel rule, times   CERTIFICATE …
 *     marks      those that admission leads to; what is the router's has none  MARK
 *     content    each part at hand has the size and commitment of the header   CONTENT
 *
 * The functions asked are those the router asks (registry/, sign/). What needs the records
 * before it (order, identity, deliveries) is fold.h's.
 *
 * Threads: an examiner belongs to one; the trusts are shared.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/bytes.h>

#include "audit/finding.h"
#include "base/arena.h"
#include "registry/admission.h"
#include "rivergate/v1/message.pb-c.h"
#include "rivergate/v1/record.pb-c.h"

#define EXAMINE_IDENTITY_LEN   24
#define EXAMINE_RECIPIENTS_MAX 32 /* named by the sender, and of the plan (telling.h) */

struct examiner;
RG_MUST_USE rg_err examiner_new(struct examiner **ret_examiner);
void examiner_free(struct examiner *examiner);
SCOPED_DEFINE(struct examiner, examiner_free);

/* What is asked about. All borrowed for the call; the trusts longer, see examined. */
struct examine_record {
	uint64_t index;
	struct rg_bytes leaf;
	struct rg_bytes parts;     /* as in a segment frame; empty: withheld or pruned */
	const struct trust *trust; /* in force before the record; NULL: none yet, or not known */
	const struct trust *trust_after; /* of a governance record; else the same */
	bool is_trust_known;             /* false: nothing that needs the trust is judged */
	bool is_trust_fixed; /* its indexes are not those of the log: META is not judged */
	const char *router;  /* address of this log's router; NULL: not known */
	bool is_inherited;   /* of the log that this one continues, maybe of another router */
	struct arena
		*headers; /* keeps what is read, as far as it has room; NULL: nothing is kept */
};

/* What the records after it need to know of it. */
struct examined {
	Rivergate__V1__RecordType type; /* UNSPECIFIED: not read */
	int64_t time_us;
	bool has_identity;
	uint8_t identity[EXAMINE_IDENTITY_LEN]; /* id ‖ first 8 bytes of SHA-256(from) */
	bool is_unrouted; /* MESSAGE of a party whose recipients could not be found out */
	/* MESSAGE whose route was found: parties are borrowed from the trust. */
	uint8_t n_recipients;
	const struct trust_party *recipients[EXAMINE_RECIPIENTS_MAX];
	const struct trust_party *sender;    /* NULL: the router */
	const Rivergate__V1__Header *header; /* MESSAGE, in `headers`; NULL: no room */
	int64_t expires_us;
	int64_t default_life_us; /* of messages derived from now on */
};

/* Adds what is wrong to findings, whose own failure is sticky. A fault is ours. */
RG_MUST_USE rg_err examine(struct examiner *examiner, const struct examine_record *record,
	struct examined *ret_examined, struct findings *findings);

/* The content alone, for parts too large to be carried about. */
RG_MUST_USE rg_err examine_content(struct examiner *examiner, const struct examine_record *record,
	struct findings *findings);

/*
 * The kind of a leaf's message, looked up without reading the rest of it; UNSPECIFIED: not a
 * MESSAGE, or not readable. Believe it only after examine().
 */
Rivergate__V1__Kind examine_kind(struct rg_bytes leaf);

/*
 * Takes the parts section of a frame apart: salt ‖ bytes of each, empty ones included.
 * False: the lengths do not add up, or there are more than 64.
 */
bool examine_parts(struct rg_bytes section, struct rg_bytes ret_parts[64], size_t *ret_n_parts);
/* Why a part is not what its entry of the header says; *ret_rule NULL: it is (static). */
RG_MUST_USE rg_err examine_part(const Rivergate__V1__Part *entry, struct rg_bytes part,
	const char **ret_rule);

#endif
