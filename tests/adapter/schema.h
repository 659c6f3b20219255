#ifndef TESTS_ADAPTER_SCHEMA_H
#define TESTS_ADAPTER_SCHEMA_H

/*
 * Official schemas among the samples
 *
 * A schema of several namespaces is made of its files by a schema that imports them, so
 * that no file needs to be changed. Nothing is fetched: what a file names beyond its own
 * folder is not found.
 */

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "native.h"

struct schema_part {
	const char *uri;  /* target namespace */
	const char *path; /* below the samples */
};

/* Keeps the first thing that is said. */
__attribute__((format(printf, 2, 3))) static inline void schema_note(void *context,
	const char *format, ...)
{
	char *note = context;
	va_list arguments;
	va_start(arguments, format);
	if (note && !note[0]) {
		vsnprintf(note, 1000, format, arguments);
	}
	va_end(arguments);
}

/* Types that two parts share are imported once; the parser warns of the second time. */
static inline void schema_ignore(void *context, const char *format, ...)
{
	(void)context;
	(void)format;
}

/* NULL: RIVERGATE_SAMPLES names no folder, or not this file; says that the test is skipped. */
static inline xmlSchemaPtr schema_open(const char *test, const struct schema_part *parts,
	size_t n_parts)
{
	const char *samples = getenv("RIVERGATE_SAMPLES");
	char note[1000] = "";
	struct buf text = {.data = NULL};
	for (size_t i = 0; i < n_parts; i++) {
		char path[4096];
		snprintf(path, sizeof(path), "%s/%s", samples ? samples : "", parts[i].path);
		FILE *there = samples && *samples ? fopen(path, "rb") : NULL;
		if (!there) {
			printf("skip: %s: no schema %s among the samples\n", test, parts[i].path);
			printf("0 passed, 0 failed, 1 skipped\n");
			buf_deinit(&text);
			return NULL;
		}
		fclose(there);
		buf_printf(&text, "%s<xs:import namespace=\"%s\" schemaLocation=\"%s\"/>",
			i ? "" : "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">",
			parts[i].uri, path);
	}
	buf_add_text(&text, "</xs:schema>");
	xmlSetExternalEntityLoader(xmlNoNetExternalEntityLoader);
	xmlSchemaParserCtxtPtr parser =
		xmlSchemaNewMemParserCtxt((const char *)text.data, (int)text.len);
	ck_assert_ptr_nonnull(parser);
	xmlSchemaSetParserErrors(parser, schema_note, schema_ignore, note);
	xmlSchemaPtr schema = xmlSchemaParse(parser);
	ck_assert_msg(schema, "the schema of %s: %s", test, note);
	xmlSchemaFreeParserCtxt(parser);
	buf_deinit(&text);
	return schema;
}

/* Whether a file is valid; else the first fault in `note`. */
static inline bool schema_accepts(xmlSchemaPtr schema, struct rg_bytes file, char note[1000])
{
	xmlDocPtr doc = parse_xml(file);
	xmlSchemaValidCtxtPtr context = xmlSchemaNewValidCtxt(schema);
	ck_assert_ptr_nonnull(context);
	note[0] = '\0';
	xmlSchemaSetValidErrors(context, schema_note, NULL, note);
	int answer = xmlSchemaValidateDoc(context, doc);
	xmlSchemaFreeValidCtxt(context);
	xmlFreeDoc(doc);
	return answer == 0;
}

#endif
