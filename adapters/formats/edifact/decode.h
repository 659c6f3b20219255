#ifndef EDIFACT_DECODE_H
#define EDIFACT_DECODE_H

/*
 * What both directions share: rows at their places, trailers, placing
 *
 * Hints of the canonical document, each of this format:
 *
 *     kind      path     form                      value
 *     lexical   value    as written                what would be written
 *     release   value    with release characters   its text, where they are not needed
 *     other     value    –                         –    the value stands at a row EDI_OTHER
 *     blank     value    –                         –    what is usually there is not
 *     absent    segment  –                         –    likewise
 *     segment   segment  –                         –    it stands without any value
 *     shape     segment  components of each element, 1+3*1+2, where dividers are idle
 *     order     group    order of its children (order.h), where it is not usual
 *     space     –        white space behind each segment                      –
 *     gap       –        another one               numbers of segments: 1,3-5
 *     gap       segment  another one, of the envelope; / is before all        –
 *     charset   –        character set, where it is not the one UNB names     –
 *     mark      –        –                         –    byte order mark
 *     advice    –        the six characters of UNA                            –
 *     level     –        B, 3, 4: whose service characters, without UNA       –
 *     sequence  –        which message of its interchange, from the second    –
 *     group     –        which group of its interchange, from the second      –
 */

#include "formats/edifact/codec.h"
#include "formats/edifact/read.h"

/* Places the segments of a message by its structure. */
RG_MUST_USE rg_err edi_place_mail(struct edi_tree *tree, const struct edi_mail *mail);

/* A row at a segment, with its paths. */
RG_MUST_USE rg_err edi_leaf_init(const struct edi_work *work, const struct edi_node *segment,
	const struct edi_leaf_rule *rule, struct edi_leaf *ret_leaf);

/* The canonical path with the positions of the node; NULL: no memory. */
const char *edi_canonical_path(struct pool *pool, const struct edi_node *node,
	const char *canonical, size_t *ret_position);

/* What a trailer says: a number and the reference of its header. */
struct edi_count {
	unsigned number;
	const char *reference;
};

/* UNT, UNE or UNZ. */
bool edi_is_trailer(const char *tag);

/* What stands in element 1 and 2 of a trailer. */
RG_MUST_USE rg_err edi_trailer_usual(struct pool *pool, const struct edi_count *count,
	unsigned element, const char **ret_text);

unsigned edi_detect(const struct rg_format *format, struct rg_bytes head);
RG_MUST_USE rg_err edi_decode(const struct rg_format *format, struct rg_bytes native,
	struct rg_call *call);
RG_MUST_USE rg_err edi_encode(const struct rg_format *format, struct rg_doc *const *docs,
	size_t n_docs, struct rg_call *call);
RG_MUST_USE rg_err edi_validate(const struct rg_format *format, struct rg_bytes native,
	struct rg_call *call);

#define EDI_FORMAT_FUNCTIONS \
	.detect = edi_detect, .decode = edi_decode, .encode = edi_encode, .validate = edi_validate

#endif
