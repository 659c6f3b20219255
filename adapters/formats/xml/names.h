#ifndef XML_NAMES_H
#define XML_NAMES_H

/*
 * A site's own element names: our name and that of the site, from a file
 *
 *     ours,site
 *     CompanyTaxNumber,ImporterTaxID
 *     ImportInvoiceControl/StreetAndNumber,ConsignorStreet
 *     *,cd:*
 *     @xmlns:cd,urn:example:customs
 *     ?encoding,TIS-620
 *
 * UTF-8, one pair a line, no quotes; empty lines and lines that begin with # are left out. `ours`
 * is an element of the format, alone or below its parent, which then goes first. The last three
 * kinds say how a new file is written: every name with a prefix, an attribute of the root, the
 * character set. A file that came from the site keeps its own.
 *
 * Documents, extensions and hints hold our names, so that they mean the same under another file.
 */

#include <stdbool.h>

#include <rivergate/adapter.h>

#include "formats/pool.h"

#define XML_NAMES_MAX_BYTES ((size_t)256 * 1024)
#define XML_NAMES_MAX_ROWS  4000
/* Memory that reading one such file takes at most. */
#define XML_NAMES_POOL_LIMIT ((size_t)8 * 1024 * 1024)

struct xml_profile;
struct xml_names;

/* An attribute of the root of a new file. */
struct xml_names_attribute {
	const char *name; /* with its @ */
	const char *value;
};

/*
 * Reads the file. *ret_names NULL: it holds nothing, or something that is wrong; then *ret_ok is
 * false and findings with rule NAMES, path "names" and the line were made on `call` (NULL: none
 * are made). The table points into the pool.
 */
RG_MUST_USE rg_err xml_names_read(struct pool *pool, struct rg_bytes file,
	const struct xml_profile *profile, struct rg_call *call, struct xml_names **ret_names,
	bool *ret_ok);

/*
 * Our name for an element of the file without its prefix, below a parent by our name ("": the
 * root). NULL: the site has given this name's place to another one, so that it means nothing.
 */
const char *xml_names_ours(const struct xml_names *names, const char *parent, const char *site);
/* The site's name for one of ours; itself where it has none. */
const char *xml_names_site(const struct xml_names *names, const char *parent, const char *ours);

/* How a new file is written. NULL: not said. */
const char *xml_names_prefix(const struct xml_names *names);
const char *xml_names_encoding(const struct xml_names *names);
const struct xml_names_attribute *xml_names_attributes(const struct xml_names *names,
	size_t *ret_n);

#endif
