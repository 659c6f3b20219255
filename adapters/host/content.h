#ifndef HOST_CONTENT_H
#define HOST_CONTENT_H

/*
 * What a delivery says: the document of its parts, as far as they came
 *
 * A certificate is one part. A declaration is put together (parts.h) from those of its parts
 * that this party may read; a party that got `sps` alone has a document of what is in `sps`.
 */

#include <stdbool.h>
#include <stddef.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/arena.h"
#include "host/parts.h"
#include "wire/doctype.h"

struct content {
	const struct doctype *type;
	struct rg_bytes packed;       /* the document; data NULL: no part of it came */
	const ProtobufCMessage *root; /* NULL: it does not parse, or its parts differ */
	struct parts_answer answer;   /* PARTS_BROKEN: `packed` is the broken part */
	bool has_facts;               /* it says what the header's facts are taken from */
	unsigned missing;             /* parts that the header names and that did not come */
};

/*
 * Reads the document of a message. The header's parts and the envelope's are in one order;
 * what is returned lives in the arena or is a view into the envelope.
 */
RG_MUST_USE rg_err content_read(const Rivergate__V1__Header *header,
	const Rivergate__V1__Envelope *envelope, struct arena *arena, struct content *ret_content);

#endif
