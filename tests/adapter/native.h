#ifndef TESTS_ADAPTER_NATIVE_H
#define TESTS_ADAPTER_NATIVE_H

/*
 * What the tests of formats share: files, conversions, and XML seen by another parser
 * than the one under test's own tree (libxml2's DOM and its Canonical XML).
 *
 * Everything asserts; a test that cannot read its file has failed.
 */

#include <check.h>
#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "host/convert.h"
#include "host/plugin.h"

/* The plug-ins of this build. */
static inline struct plugin_set *open_plugins(void)
{
	struct plugin_set *set = NULL;
	char folder[4096];
	snprintf(folder, sizeof(folder), "%s/adapters/plugins", getenv("RIVERGATE_BUILD"));
	setenv("RIVERGATE_PLUGINS", folder, 1);
	ck_assert_int_eq(plugin_set_open(&set), RG_OK);
	return set;
}

static inline void read_whole(const char *path, struct buf *out)
{
	FILE *in = fopen(path, "rb");
	ck_assert_msg(in, "cannot open %s", path);
	char block[65536];
	size_t n = 0;
	while ((n = fread(block, 1, sizeof(block), in)) > 0) {
		buf_add(out, block, n);
	}
	fclose(in);
}

/* A file of the project's own, by its path below the root. */
static inline void read_own(const char *name, struct buf *out)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", getenv("RIVERGATE_SOURCE"), name);
	read_whole(path, out);
}

static inline const struct plugin_format *format_of(const struct plugin_set *set, const char *name)
{
	const struct plugin_format *format = plugin_set_find(set, name);
	ck_assert_msg(format, "format %s is not installed", name);
	return format;
}

static inline struct conversion *decode_native(const struct plugin_set *set, const char *format,
	struct rg_bytes native)
{
	struct conversion *conversion = NULL;
	ck_assert_int_eq(convert_new(&conversion), RG_OK);
	ck_assert_int_eq(convert_decode(conversion, format_of(set, format), native), RG_OK);
	return conversion;
}

/* Converts and appends the first output; the file must be accepted. */
static inline void convert_whole(const struct plugin_set *set, const char *from, const char *to,
	struct rg_bytes input, struct buf *out)
{
	struct conversion *conversion = decode_native(set, from, input);
	ck_assert_msg(!convert_is_refused(conversion), "%s",
		convert_n_findings(conversion) ? convert_finding(conversion, 0)->text : "");
	ck_assert_int_eq(convert_encode(conversion, format_of(set, to), RG_PURPOSE_UNSPECIFIED),
		RG_OK);
	ck_assert_msg(!convert_is_refused(conversion), "%s",
		convert_n_findings(conversion) ? convert_finding(conversion, 0)->text : "");
	ck_assert_uint_ge(convert_n_outputs(conversion), 1);
	buf_add_bytes(out, convert_output(conversion, 0));
	convert_free(conversion);
}

/* Encodes a document of any type; false: refused. */
static inline bool encode_document(const struct plugin_set *set, const char *to,
	const ProtobufCMessage *root, struct buf *out)
{
	size_t len = protobuf_c_message_get_packed_size(root);
	uint8_t *packed = malloc(len + 1);
	struct conversion *conversion = NULL;
	ck_assert_ptr_nonnull(packed);
	protobuf_c_message_pack(root, packed);
	ck_assert_int_eq(convert_new(&conversion), RG_OK);
	ck_assert_int_eq(convert_add_document(conversion, root->descriptor->name,
				 (struct rg_bytes){packed, len}),
		RG_OK);
	ck_assert_msg(!convert_is_refused(conversion), "the packed document is refused");
	ck_assert_int_eq(convert_encode(conversion, format_of(set, to), RG_PURPOSE_UNSPECIFIED),
		RG_OK);
	bool is_ok = !convert_is_refused(conversion);
	if (is_ok) {
		buf_add_bytes(out, convert_output(conversion, 0));
	}
	convert_free(conversion);
	free(packed);
	return is_ok;
}

static inline bool encode_declaration(const struct plugin_set *set, const char *to,
	const Rivergate__V1__Declaration *declaration, struct buf *out)
{
	return encode_document(set, to, &declaration->base, out);
}

static inline xmlDocPtr parse_xml(struct rg_bytes text)
{
	bool is_gb = text.len > 60 && memmem(text.data, 60, "encoding=\"GB2312\"", 17);
	xmlDocPtr doc = xmlReadMemory((const char *)text.data, (int)text.len, NULL,
		is_gb ? "GB18030" : NULL, XML_PARSE_NOCDATA | XML_PARSE_NONET | XML_PARSE_NOERROR);
	ck_assert_msg(doc, "what was written is not well-formed");
	return doc;
}

/* Appends the Canonical XML of a text, comments included. */
static inline void canonical_xml(struct rg_bytes text, struct buf *out)
{
	xmlDocPtr doc = parse_xml(text);
	xmlChar *canonical = NULL;
	int len = xmlC14NDocDumpMemory(doc, NULL, XML_C14N_1_0, NULL, 1, &canonical);
	ck_assert_int_gt(len, 0);
	buf_add(out, canonical, (size_t)len);
	xmlFree(canonical);
	xmlFreeDoc(doc);
}

/* The leaves of a document: text of elements without children, by path. */
struct leaf {
	char *path;
	char *text;
};

struct leaves {
	struct leaf *items;
	size_t n_items;
};

static inline size_t same_before(xmlNodePtr node, bool *ret_has_after)
{
	size_t n = 0;
	*ret_has_after = false;
	for (xmlNodePtr other = node->prev; other; other = other->prev) {
		n += other->type == XML_ELEMENT_NODE && xmlStrEqual(other->name, node->name);
	}
	for (xmlNodePtr other = node->next; other && !*ret_has_after; other = other->next) {
		*ret_has_after =
			other->type == XML_ELEMENT_NODE && xmlStrEqual(other->name, node->name);
	}
	return n;
}

static inline bool is_blank_text(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

static inline void add_leaf(struct leaves *leaves, const char *path, const char *text)
{
	leaves->items = realloc(leaves->items, (leaves->n_items + 1) * sizeof(*leaves->items));
	ck_assert_ptr_nonnull(leaves->items);
	leaves->items[leaves->n_items++] = (struct leaf){strdup(path), strdup(text)};
}

/* Attributes that say something, as leaves below their element. */
static inline void collect_attributes(xmlNodePtr node, const char *above, struct leaves *leaves)
{
	for (xmlAttrPtr attribute = node->properties; attribute; attribute = attribute->next) {
		struct buf path = {.data = NULL};
		const char *prefix = attribute->ns ? (const char *)attribute->ns->prefix : NULL;
		xmlChar *text = xmlNodeGetContent((xmlNodePtr)attribute);
		buf_printf(&path, "%s/@%s%s%s", above, prefix ? prefix : "", prefix ? ":" : "",
			(const char *)attribute->name);
		buf_add_u8(&path, '\0');
		if (text && !is_blank_text((const char *)text)) {
			add_leaf(leaves, (const char *)path.data, (const char *)text);
		}
		buf_deinit(&path);
		xmlFree(text);
	}
}

static inline void collect_leaves(xmlNodePtr node, const char *above, bool has_attributes,
	struct leaves *leaves)
{
	char path[1024];
	bool has_after = false;
	bool has_children = false;
	size_t before = same_before(node, &has_after);
	const char *prefix = node->ns && node->ns->prefix ? (const char *)node->ns->prefix : "";
	int len = snprintf(path, sizeof(path), "%s/%s%s%s", above, prefix, *prefix ? ":" : "",
		(const char *)node->name);
	if (before || has_after) {
		snprintf(path + len, sizeof(path) - (size_t)len, "[%zu]", before + 1);
	}
	if (has_attributes) {
		collect_attributes(node, path, leaves);
	}
	for (xmlNodePtr child = node->children; child; child = child->next) {
		if (child->type == XML_ELEMENT_NODE) {
			has_children = true;
			collect_leaves(child, path, has_attributes, leaves);
		}
	}
	xmlChar *text = has_children ? NULL : xmlNodeGetContent(node);
	if (text && !is_blank_text((const char *)text)) {
		add_leaf(leaves, path, (const char *)text);
	}
	xmlFree(text);
}

static inline int by_path(const void *a, const void *b)
{
	return strcmp(((const struct leaf *)a)->path, ((const struct leaf *)b)->path);
}

static inline struct leaves collect(struct rg_bytes text, bool has_attributes)
{
	struct leaves leaves = {NULL, 0};
	xmlDocPtr doc = parse_xml(text);
	collect_leaves(xmlDocGetRootElement(doc), "", has_attributes, &leaves);
	xmlFreeDoc(doc);
	ck_assert_uint_gt(leaves.n_items, 0);
	if (leaves.items) {
		qsort(leaves.items, leaves.n_items, sizeof(*leaves.items), by_path);
	}
	return leaves;
}

static inline struct leaves leaves_of(struct rg_bytes text)
{
	return collect(text, false);
}

/* The leaves and the attributes. */
static inline struct leaves values_of(struct rg_bytes text)
{
	return collect(text, true);
}

static inline void free_leaves(struct leaves *leaves)
{
	for (size_t i = 0; i < leaves->n_items; i++) {
		free(leaves->items[i].path);
		free(leaves->items[i].text);
	}
	free(leaves->items);
	*leaves = (struct leaves){NULL, 0};
}

static inline const char *leaf_text(const struct leaves *leaves, const char *path)
{
	const struct leaf key = {(char *)(uintptr_t)path, NULL};
	const struct leaf *leaf =
		bsearch(&key, leaves->items, leaves->n_items, sizeof(key), by_path);
	return leaf ? leaf->text : NULL;
}

#endif
