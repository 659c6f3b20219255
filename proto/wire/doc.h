#ifndef WIRE_DOC_H
#define WIRE_DOC_H

/*
 * The canonical document, seen from the host
 *
 * A document owns one message of a type of doctype.h, serves it to plug-ins by path
 * (rivergate/doc.h) and keeps two records of what plug-ins did: for each leaf written, the
 * native elements it came from; for each leaf, whether it was read. Leaves written tell
 * where everything came from (`--explain`); leaves never read are the loss report.
 *
 * A leaf is a scalar that JSON would show: a text that is not empty, a number of a
 * Decimal that is there, a oneof that is set. `extensions` and `hints` have leaves too.
 */

#include <stdbool.h>
#include <stddef.h>

#include <protobuf-c/protobuf-c.h>
#include <rivergate/doc.h>
#include <rivergate/error.h>

#include "base/scoped.h"
#include "rivergate/v1/declaration.pb-c.h"
#include "wire/doctype.h"

#define DOC_PATH_MAX 256

struct doc;

/* Takes the message over (NULL where it points to: an empty one of this type is made). */
RG_MUST_USE rg_err doc_new(const struct doctype *type, ProtobufCMessage **root,
	struct doc **ret_doc);
void doc_free(struct doc *doc);
SCOPED_DEFINE(struct doc, doc_free);

/* What a plug-in gets. Lives as long as the document. */
struct rg_doc *doc_view(struct doc *doc);
const ProtobufCMessage *doc_root(const struct doc *doc);
/* The same, where it is a declaration; NULL: it is of another type. */
const Rivergate__V1__Declaration *doc_declaration(const struct doc *doc);

/* Where a leaf came from. Lists and texts belong to the document. */
struct doc_source {
	const char *path;
	const char *rule;
	const char *const *natives;
	size_t n_natives;
};

/*
 * Sources in the order the leaves were first written; the array lives until the next set or trace.
 */
const struct doc_source *doc_sources(const struct doc *doc, size_t *ret_n);
/* The source of this leaf; NULL: it was not written by a plug-in. */
const struct doc_source *doc_find_source(const struct doc *doc, const char *path);

/*
 * Forgets which leaves were read. To be called before
 * an encode; the document must not change after.
 */
void doc_forget_reads(struct doc *doc);

struct doc_leaf {
	const char *path; /* valid during the visit, as are the rest */
	const char *
		parent; /* full proto name of the message it stands in, e.g. rivergate.v1.Decimal */
	struct rg_bytes value;
	const ProtobufCFieldDescriptor *field;
	bool was_read;
};

/* Calls visit for each leaf in the order of the schema; stops at its first fault and returns it. */
RG_MUST_USE rg_err doc_each_leaf(const struct doc *doc,
	rg_err (*visit)(void *context, const struct doc_leaf *leaf), void *context);

/* One leaf by its path, as doc_each_leaf() would show it; ->value.data NULL: absent. Not a read. */
RG_MUST_USE rg_err doc_peek(const struct doc *doc, const char *path, struct doc_leaf *ret_leaf,
	char scratch[32]);

#endif
