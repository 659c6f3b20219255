#ifndef EVIDENCE_RECORD_H
#define EVIDENCE_RECORD_H

/*
 * The leaf: the bytes of a record that the tree covers (rivergate/v1/record.proto)
 *
 *     version ‖ type ‖ uint16 meta_len ‖ meta ‖ uint16 body_len ‖ body
 *             ‖ uint16 signature_len ‖ signature
 *
 * Integers are big-endian. A leaf has at most 65,535 bytes. The form is exact: there
 * is one leaf for a record and one record for a leaf, so whoever knows header, meta and
 * signature can compute the leaf that the log must hold.
 */

#include <stdbool.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "rivergate/v1/record.pb-c.h"

#define RECORD_VERSION  1
#define RECORD_LEAF_MAX 65535

/* Views into a leaf. */
struct record {
	Rivergate__V1__RecordType type;
	struct rg_bytes meta;      /* canonical Meta */
	struct rg_bytes body;      /* the header of a MESSAGE */
	struct rg_bytes signature; /* empty except for MESSAGE */
};

/*
 * Appends the leaf. RG_E_OVERFLOW (and out unchanged) when it would be too long; else
 * a failure of out. The type must be one of the list, the signature of another type
 * than MESSAGE empty: anything else is a bug of the caller.
 */
RG_MUST_USE rg_err record_write(const struct record *record, struct buf *out);

/*
 * Takes a leaf apart; ret_record views leaf. False: not a leaf (another version, unknown
 * type, lengths that do not add up, a signature where none belongs). What meta, body and
 * signature hold is not looked at.
 */
bool record_read(struct rg_bytes leaf, struct record *ret_record);

#endif
