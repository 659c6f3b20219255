#ifndef RIVERGATE_ADAPTER_H
#define RIVERGATE_ADAPTER_H

/*
 * Plug-in of a country
 *
 * A plug-in is a shared module with hidden visibility that exports one object:
 *
 *     RG_API const struct rg_adapter rg_adapter = { .abi = RG_ADAPTER_ABI, … };
 *
 * It names a country and lists the formats of its systems. A format is four
 * pure functions: bytes in, bytes or documents out, findings out. No input or
 * output, no globals that change, no threads. What a function produces it hands
 * to the host through the call (rg_call_…), which owns it from then on; memory
 * that a function takes for itself it frees before it returns.
 *
 * A fault (rg_err) means that the plug-in could not work. A file that is wrong
 * is an answer: findings of severity RG_FINDING_ERROR and RG_OK.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/doc.h>
#include <rivergate/error.h>

/* The host loads a plug-in whose `abi` is equal; nothing else of it is read before. */
#define RG_ADAPTER_ABI 2u

enum rg_severity {
	RG_FINDING_ERROR = 1, /* the input is refused */
	RG_FINDING_NOTE = 2   /* worth knowing; the translation stands */
};

/* What the recipient is to do with what is encoded; values of Purpose in message.proto. */
enum rg_purpose {
	RG_PURPOSE_UNSPECIFIED = 0,
	RG_PURPOSE_LODGED_COPY = 1,
	RG_PURPOSE_ADVANCE = 2,
	RG_PURPOSE_PREFILL = 3
};

/* All strings are copied by the host. */
struct rg_finding {
	enum rg_severity severity;
	const char *rule; /* stable upper-case word: XML, ENCODING, LIMIT, VALUE, CODE, … */
	const char *path; /* native or canonical path; "" where there is none */
	uint32_t line;    /* of the input, from 1; 0: not known */
	uint32_t column;  /* from 1; 0: not known */
	const char *text; /* one English sentence: what is wrong and what to do */
};

/* One call of a plug-in function, as the host keeps it. */
struct rg_call {
	const struct rg_call_ops *ops;
	const char *country; /* of the plug-in called: ISO 3166-1 alpha-2, upper case */
	enum rg_purpose purpose;
	/*
	 * The bytes of the file by which this site says how it names the elements of the format
	 * called; empty: it says nothing, or the format has no check_names. How the file is
	 * written is the format's own (XML: ours,site; see adapters/formats/xml/names.h).
	 */
	struct rg_bytes names;
};

/* The functions of the host; `size` as in struct rg_doc_ops. */
struct rg_call_ops {
	uint32_t size;
	rg_err (*document)(struct rg_call *call, struct rg_doc **ret_doc);
	rg_err (*output)(struct rg_call *call, struct rg_bytes bytes);
	rg_err (*finding)(struct rg_call *call, const struct rg_finding *finding);
	rg_err (*lost)(struct rg_call *call, const char *path, const char *reason);
};

/* Decode: adds an empty document to the result. The call owns it. */
RG_MUST_USE static inline rg_err rg_call_document(struct rg_call *call, struct rg_doc **ret_doc)
{
	return call->ops->document(call, ret_doc);
}

/* Encode: adds a copy of these bytes to the result, as one output (file) of its own. */
RG_MUST_USE static inline rg_err rg_call_output(struct rg_call *call, struct rg_bytes bytes)
{
	return call->ops->output(call, bytes);
}

RG_MUST_USE static inline rg_err rg_call_finding(struct rg_call *call,
	const struct rg_finding *finding)
{
	return call->ops->finding(call, finding);
}

/*
 * Encode: a leaf that was read could not be written after all (no such code, too
 * long). `path` is the canonical path of the leaf; the host adds its native elements.
 *
 * Decode: an element that must never leave (a credential) was dropped. `path` is then
 * its native path and begins with a slash; it stands in the loss report as not
 * transferable, without its value.
 */
RG_MUST_USE static inline rg_err rg_call_lost(struct rg_call *call, const char *path,
	const char *reason)
{
	return call->ops->lost(call, path, reason);
}

struct rg_format {
	const char *name;       /* e.g. asycuda-sad; lower case, digits, hyphen */
	const char *version;    /* semantic version of the mapping, e.g. 1.0.0 */
	const char *media_type; /* of the native file */
	const char *unverified; /* one sentence on what was built without a source; NULL: nothing */
	const void *profile;    /* the plug-in's own constants, e.g. its mapping table */
	const char *document;   /* type of its documents; NULL: rivergate.v1.Declaration */

	/* 0: surely not this format; 100: surely. Looks at the first 4 KiB at most. */
	unsigned (*detect)(const struct rg_format *format, struct rg_bytes head);

	/* Native bytes to documents; one rg_call_document() for each document found. */
	rg_err (*decode)(const struct rg_format *format, struct rg_bytes native,
		struct rg_call *call);

	/* Documents to native bytes; one rg_call_output() for each file. */
	rg_err (*encode)(const struct rg_format *format, struct rg_doc *const *docs, size_t n_docs,
		struct rg_call *call);

	/* Checks native bytes without a document: findings only. */
	rg_err (*validate)(const struct rg_format *format, struct rg_bytes native,
		struct rg_call *call);

	/*
	 * Formats whose names a site may replace, else NULL. Checks call->names: findings with
	 * the path "names" and their line. The other functions refuse a file of names that is
	 * wrong likewise.
	 */
	rg_err (*check_names)(const struct rg_format *format, struct rg_call *call);
	/* detect() under such a file. NULL where check_names is. */
	unsigned (*detect_named)(const struct rg_format *format, struct rg_bytes head,
		struct rg_bytes names);
};

struct rg_adapter {
	uint32_t abi;          /* RG_ADAPTER_ABI */
	const char *cc;        /* lower case, as in addresses: la; loopback has "" */
	const char *name;      /* English name of the country */
	const char *authority; /* who runs the national system */
	const struct rg_format *formats;
	size_t n_formats;
};

/* Name of the exported object, for dlsym(). */
#define RG_ADAPTER_SYMBOL "rg_adapter"

#endif
