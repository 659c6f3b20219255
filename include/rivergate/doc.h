#ifndef RIVERGATE_DOC_H
#define RIVERGATE_DOC_H

/*
 * The canonical document as a plug-in sees it
 *
 * A document is one Declaration of proto/rivergate/v1/declaration.proto, or one
 * message of another type that the format names (adapter.h), e.g. a Certificate. A
 * plug-in does not see its structs; it names a leaf by its path in the
 * spelling of proto3 JSON, list positions from 0, and reads and writes the
 * value as text:
 *
 *     items[3].commodity.hs6          "080390"
 *     items[3].grossMass.unscaled     "1850000"
 *     direction                       "DIRECTION_EXPORT"
 *
 * Text is UTF-8; int64, uint32 and bool are spelt as in JSON without quotes,
 * an enum value by its name. New fields therefore do not break a plug-in, and
 * a plug-in links against nothing: every call goes through the ops of the host.
 *
 * The host remembers which leaves were read; those never read during an encode
 * are the loss report. On rg_doc_set() it remembers the native elements a leaf
 * came from; `rivergate convert --explain` prints them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

/* Where a leaf came from. All strings are copied by the host. */
struct rg_source {
	const char *const *natives; /* native element paths, e.g. /ASYCUDA/Item[2]/Gross */
	size_t n_natives;
	const char *rule; /* name of the codec, e.g. date */
};

struct rg_doc {
	const struct rg_doc_ops *ops;
};

/*
 * The functions of the host. `size` is sizeof(struct rg_doc_ops) as the host
 * was built; later versions only append.
 */
struct rg_doc_ops {
	uint32_t size;
	rg_err (*get)(struct rg_doc *doc, const char *path, struct rg_bytes *ret_value);
	rg_err (*set)(struct rg_doc *doc, const char *path, struct rg_bytes value,
		const struct rg_source *source, bool *ret_taken);
	rg_err (*count)(struct rg_doc *doc, const char *path, size_t *ret_n);
	rg_err (*trace)(struct rg_doc *doc, const char *path, const char *native);
};

/*
 * Reads a leaf and marks it as read. ret_value->data is NULL when the leaf is
 * absent: no such list entry, an unset message or oneof on the way, or an empty
 * string. The view is valid until the next call on this document.
 * RG_E_ABI: the schema has no such leaf (a defect of the plug-in).
 */
RG_MUST_USE static inline rg_err rg_doc_get(struct rg_doc *doc, const char *path,
	struct rg_bytes *ret_value)
{
	return doc->ops->get(doc, path, ret_value);
}

/*
 * Writes a leaf; messages on the way are created, lists grow up to the entry
 * named. `source` may be NULL. *ret_taken is false, and nothing changed, when
 * the value is no value of that leaf's type (not UTF-8, number out of range,
 * unknown enum name) or the list would pass its bound of 100,000 entries.
 */
RG_MUST_USE static inline rg_err rg_doc_set(struct rg_doc *doc, const char *path,
	struct rg_bytes value, const struct rg_source *source, bool *ret_taken)
{
	return doc->ops->set(doc, path, value, source, ret_taken);
}

/* How many entries the list at `path` has; 0 when it or a message on the way is absent. */
RG_MUST_USE static inline rg_err rg_doc_count(struct rg_doc *doc, const char *path, size_t *ret_n)
{
	return doc->ops->count(doc, path, ret_n);
}

/* Adds one more native element to a leaf already written: a change of the leaf changes it too. */
RG_MUST_USE static inline rg_err rg_doc_trace(struct rg_doc *doc, const char *path,
	const char *native)
{
	return doc->ops->trace(doc, path, native);
}

#endif
