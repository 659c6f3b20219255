#ifndef HOST_CONVERT_H
#define HOST_CONVERT_H

/*
 * Translation as a library call
 *
 * A conversion is decode, encode and what they tell. It is used by `rivergate
 * convert`, by `rivergate submit` and by the adapter:
 *
 *     convert_new()
 *     convert_decode(from)            native file → documents
 *       or convert_add_document()     canonical part → document
 *     convert_encode(to)              documents → native files, loss report
 *     convert_translation()           evidence that travels as a part
 *
 * Nothing here prints, or reads a file.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/adapter.h>
#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/scoped.h"
#include "host/plugin.h"
#include "rivergate/v1/declaration.pb-c.h"
#include "wire/doc.h"

/* Bytes of a file that convert_decode() takes at most. */
#define CONVERT_MAX_INPUT ((size_t)64 * 1024 * 1024)

struct conversion;

RG_MUST_USE rg_err convert_new(struct conversion **ret_conversion);
void convert_free(struct conversion *conversion);
SCOPED_DEFINE(struct conversion, convert_free);

/*
 * The file by which a site says how it names the elements of this format (struct rg_call in
 * adapter.h). The bytes stay the caller's and must live as long as the conversion.
 */
void convert_set_names(struct conversion *conversion, const struct plugin_format *format,
	struct rg_bytes names);
/* Checks that file: findings with their line. For formats with check_names; ends the conversion. */
RG_MUST_USE rg_err convert_check_names(struct conversion *conversion,
	const struct plugin_format *format);

/*
 * Decodes a native file (or canonical JSON, format `json`) into documents.
 * A file that is wrong is an answer: convert_is_refused() becomes true and the
 * findings say why. RG_OK then too. A note ZAWGYI names a text that reads as Burmese of
 * that encoding (host/zawgyi.h).
 */
RG_MUST_USE rg_err convert_decode(struct conversion *conversion, const struct plugin_format *from,
	struct rg_bytes native);

/*
 * Checks a native file by the rules of its format, item by item: findings only, no
 * document is kept. May find more than decoding does, which reads what it can.
 */
RG_MUST_USE rg_err convert_validate(struct conversion *conversion,
	const struct plugin_format *format, struct rg_bytes native);

/*
 * Adds a document from the bytes of a part of this type (wire/doctype.h; NULL: Declaration).
 * Bytes are an answer too, and so is a type that is none.
 */
RG_MUST_USE rg_err convert_add_document(struct conversion *conversion, const char *type,
	struct rg_bytes packed);
RG_MUST_USE rg_err convert_add_declaration(struct conversion *conversion, struct rg_bytes packed);

/*
 * Encodes all documents. The loss report is complete afterwards. May be called once. A
 * format for documents of another type refuses them with the finding DOCUMENT.
 */
RG_MUST_USE rg_err convert_encode(struct conversion *conversion, const struct plugin_format *to,
	enum rg_purpose purpose);

/* Whether a finding of severity RG_FINDING_ERROR was made. */
bool convert_is_refused(const struct conversion *conversion);

/* What came out. Everything returned below belongs to the conversion. */
size_t convert_n_documents(const struct conversion *conversion);
struct doc *convert_document(struct conversion *conversion, size_t i);
size_t convert_n_outputs(const struct conversion *conversion);
struct rg_bytes convert_output(const struct conversion *conversion, size_t i);

/* Findings in the order they were made, line and column 0 where not known. */
size_t convert_n_findings(const struct conversion *conversion);
const struct rg_finding *convert_finding(const struct conversion *conversion, size_t i);

/*
 * The commitment of the original, as in the header's part `native`: SHA-256(salt ‖
 * bytes), 32 bytes. Stands in the evidence from then on; to be set before it is packed.
 */
void convert_set_commitment(struct conversion *conversion, const uint8_t commitment[32]);

/*
 * Translation evidence: formats, mapping name and versions, SHA-256 commitment of
 * the original (empty when the document came as a part), loss report. Also the
 * loss report itself: ->losses. Complete after convert_encode().
 */
const Rivergate__V1__Translation *convert_translation(const struct conversion *conversion);

#endif
