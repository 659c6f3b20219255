#ifndef CN_CEB_CEB_H
#define CN_CEB_CEB_H

/*
 * China: messages of cross-border e-commerce, CEBnnnMessage
 *
 * Two formats, one engine: `cn-ceb` holds what companies send (orders, payments, parcels,
 * goods lists …), `cn-ceb-receipt` what the electronic port and customs answer. The root
 * element says which message a file is, exchange.message which one a document is. Each
 * entry of a message is a document of its own; documents of one message that are written
 * together become one file.
 *
 * A document that names no message becomes a goods list: CEB621 for an import, CEB603
 * for an export. From abroad it is a draft, where X stands for what must be completed.
 */

#include <rivergate/adapter.h>

/* Semantic version of the mapping; a change of what a row means raises the first number. */
#define CN_CEB_VERSION "1.0.0"

/* Sure where the root is a message of this format. */
unsigned ceb_detect(const struct rg_format *format, struct rg_bytes head);
RG_MUST_USE rg_err ceb_decode(const struct rg_format *format, struct rg_bytes native,
	struct rg_call *call);
RG_MUST_USE rg_err ceb_encode(const struct rg_format *format, struct rg_doc *const *docs,
	size_t n_docs, struct rg_call *call);
RG_MUST_USE rg_err ceb_validate(const struct rg_format *format, struct rg_bytes native,
	struct rg_call *call);

/* What rg_format.profile of the two formats points to. */
struct ceb_side;
extern const struct ceb_side ceb_requests, ceb_receipts;

#define CEB_FORMAT_FUNCTIONS \
	.detect = ceb_detect, .decode = ceb_decode, .encode = ceb_encode, .validate = ceb_validate

#endif
