#ifndef NACCS_FORMAT_H
#define NACCS_FORMAT_H

/*
 * A format of the NACCS family as a row of a plug-in
 *
 *     {.name = "vn-vnaccs", .profile = &vn_vnaccs_profile, NACCS_FORMAT_FUNCTIONS}
 *
 * where the profile is a struct naccs_profile (layout.h).
 */

#include <rivergate/adapter.h>

/* Sure of the family where the header has its marks; of the country by the profile's word. */
unsigned naccs_detect(const struct rg_format *format, struct rg_bytes head);

/* One document for each message of the file. */
RG_MUST_USE rg_err naccs_decode(const struct rg_format *format, struct rg_bytes native,
	struct rg_call *call);

/*
 * One output for each message. A document with more goods lines than a message takes
 * becomes several, all with the same common part.
 */
RG_MUST_USE rg_err naccs_encode(const struct rg_format *format, struct rg_doc *const *docs,
	size_t n_docs, struct rg_call *call);

/* Every item of every message against its row: all findings, each with the item's number. */
RG_MUST_USE rg_err naccs_validate(const struct rg_format *format, struct rg_bytes native,
	struct rg_call *call);

#define NACCS_FORMAT_FUNCTIONS \
	.detect = naccs_detect, .decode = naccs_decode, .encode = naccs_encode, \
	.validate = naccs_validate

#endif
