#ifndef HOST_PLUGIN_H
#define HOST_PLUGIN_H

/*
 * Plug-ins found on this machine
 *
 * A plug-in is a file *.so with one exported `struct rg_adapter` (adapter.h).
 * The folder is: the environment variable RIVERGATE_PLUGINS; else `plugins`
 * beside the folder of the running program (a build tree); else the folder the
 * build was configured to install into.
 *
 * The format `json` is built in: the canonical document as proto3 JSON.
 */

#include <stddef.h>

#include <rivergate/adapter.h>
#include <rivergate/error.h>

#include "base/scoped.h"

struct plugin_set;

/* A format together with the plug-in that brings it. Views into the set. */
struct plugin_format {
	const struct rg_adapter *adapter;
	const struct rg_format *format;
};

/* CC/FORMAT, or FORMAT alone where no country brings it. */
#define PLUGIN_NAME_MAX 128
void plugin_name(const struct plugin_format *format, char out[PLUGIN_NAME_MAX]);
/* ISO 3166-1 alpha-2 of its plug-in, in upper case, "" for none; the view is into `country`. */
const char *plugin_country(const struct plugin_format *format, char country[3]);

/*
 * Loads every plug-in of the folder, in the order of their file names. A file
 * that does not load, has no descriptor or another ABI is left out with a
 * warning on stderr; a folder that does not exist is an empty one.
 */
RG_MUST_USE rg_err plugin_set_open(struct plugin_set **ret_set);
void plugin_set_close(struct plugin_set *set);
SCOPED_DEFINE(struct plugin_set, plugin_set_close);

/*
 * Puts the formats of this country (lower case) before those of others, so that a bare
 * name and detection mean them. No plug-in of that country: nothing changes.
 */
void plugin_set_prefer(struct plugin_set *set, const char *cc);

/* All formats, `json` first. The array belongs to the set. */
const struct plugin_format *plugin_set_formats(const struct plugin_set *set, size_t *ret_n);

/* How many plug-ins bring a format of this bare name. */
size_t plugin_set_count(const struct plugin_set *set, const char *name);

/*
 * The format of this name. `name` is FORMAT, or CC/FORMAT where several countries
 * use one format (the first found answers a bare name). NULL: not installed.
 */
const struct plugin_format *plugin_set_find(const struct plugin_set *set, const char *name);

/* The format that is surest about these bytes (detect); NULL: none claims them. */
const struct plugin_format *plugin_set_detect(const struct plugin_set *set, struct rg_bytes head);

#endif
