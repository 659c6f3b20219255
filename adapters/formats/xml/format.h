#ifndef XML_FORMAT_H
#define XML_FORMAT_H

/*
 * An XML format as a row of a plug-in
 *
 * A plug-in of an XML format writes no code: it lists
 *
 *     {.name = "asycuda-sad", .profile = &asycuda_sad_profile, XML_FORMAT_FUNCTIONS}
 *
 * where the profile is a struct xml_profile (mapping.h).
 */

#include <rivergate/adapter.h>

#include "formats/xml/mapping.h"

/* Sure where the root's name is in the head of the file. */
unsigned xml_detect(const struct rg_format *format, struct rg_bytes head);

/*
 * One document, or one for each entry of the profile. Every element is in a mapped leaf,
 * an extension or a hint.
 */
RG_MUST_USE rg_err xml_decode(const struct rg_format *format, struct rg_bytes native,
	struct rg_call *call);

/* One output for each document, or one for all where the profile has entries. */
RG_MUST_USE rg_err xml_encode(const struct rg_format *format, struct rg_doc *const *docs,
	size_t n_docs, struct rg_call *call);

/* Checks that the file is acceptable XML with the right root. */
RG_MUST_USE rg_err xml_validate(const struct rg_format *format, struct rg_bytes native,
	struct rg_call *call);

/*
 * For formats that check more: reads a file as decoding does. `work` has pool, call and the first
 * profile; it gets the rules, the names and the profile whose root the file has. *ret_root NULL:
 * the file is refused.
 */
RG_MUST_USE rg_err xml_open(struct xml_work *work, struct xml_tree *tree, struct rg_bytes native,
	struct xml_node **ret_root);

/* Checks the site's file of names (names.h), and detects under it. */
RG_MUST_USE rg_err xml_check_names(const struct rg_format *format, struct rg_call *call);
unsigned xml_detect_named(const struct rg_format *format, struct rg_bytes head,
	struct rg_bytes names);

#define XML_FORMAT_FUNCTIONS \
	.detect = xml_detect, .decode = xml_decode, .encode = xml_encode, \
	.validate = xml_validate, .check_names = xml_check_names, .detect_named = xml_detect_named

#endif
