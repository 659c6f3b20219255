/*
 * XML from bytes
 *
 * Method: the SAX interface of libxml2 fills our own tree, so that nodes and depth
 * can be bounded while the file is read. The first thing that goes wrong stops the
 * parser and becomes one finding.
 *
 * Threads: one call, one parser; libxml2 is thread-safe once it is initialised.
 */
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/xml/charset.h"
#include "formats/xml/io.h"

struct reader {
	xmlParserCtxtPtr parser;
	struct rg_call *call;
	const struct xml_names *names; /* of the site; NULL: our own */
	struct xml_tree *tree;
	struct xml_node *open; /* the innermost element */
	struct text text;      /* collected since the last tag */
	bool has_cdata;        /* some of it stood in a CDATA section */
	bool has_plain;        /* some of it did not, or in another section */
	unsigned depth;
	rg_err err;
	bool is_refused;
};

static void free_parser(xmlParserCtxtPtr *parser)
{
	if (*parser) {
		/* The document libxml2 begins before the first element; we build our own. */
		xmlFreeDoc((*parser)->myDoc);
		xmlFreeParserCtxt(*parser);
	}
}

/* Our names down to this node's become the site's. */
static void add_site_step(const struct xml_names *names, struct xml_tree *tree,
	const struct xml_node *node, struct text *path)
{
	const struct xml_node *parent = node->parent;
	if (parent != &tree->top) {
		add_site_step(names, tree, parent, path);
	}
	const char *ours = xml_tree_path(tree, node);
	const char *position = ours ? strrchr(ours, '[') : NULL;
	bool has_position = position && !strchr(position, '/');
	text_add_string(path, "/");
	text_add_string(path,
		xml_names_site(names, parent == &tree->top ? "" : parent->name, node->name));
	text_add_string(path, has_position ? position : "");
}

const char *xml_site_path(const struct xml_names *names, struct xml_tree *tree,
	const struct xml_node *node)
{
	struct text path;
	if (!names || node == &tree->top) {
		return xml_tree_path(tree, node);
	}
	text_init(&path, tree->pool);
	add_site_step(names, tree, node, &path);
	return text_string(&path);
}

static void refuse_at(struct reader *reader, const char *rule, const char *text, int line,
	int column)
{
	if (reader->is_refused || reader->err) {
		return;
	}
	/* The innermost element that is open: where to look. */
	const char *path = xml_site_path(reader->names, reader->tree, reader->open);
	struct rg_finding finding = {
		.severity = RG_FINDING_ERROR,
		.rule = rule,
		.path = path ? path : "",
		.line = line > 0 ? (uint32_t)line : 1,
		.column = column > 0 ? (uint32_t)column : 1,
		.text = text,
	};
	reader->is_refused = true;
	reader->err = rg_call_finding(reader->call, &finding);
}

static void refuse(struct reader *reader, const char *rule, const char *text)
{
	refuse_at(reader, rule, text, xmlSAX2GetLineNumber(reader->parser),
		xmlSAX2GetColumnNumber(reader->parser));
	xmlStopParser(reader->parser);
}

/* The pool, XML_MAX_NODES or memory is spent. */
static void refuse_size(struct reader *reader)
{
	if (reader->tree->n_nodes >= XML_MAX_NODES || pool_is_spent(reader->tree->pool)) {
		refuse(reader, "LIMIT", "the file has more elements than a declaration may have");
	} else if (!reader->is_refused && !reader->err) {
		reader->err = RG_E_NOMEM;
		xmlStopParser(reader->parser);
	}
}

static bool is_stopped(const struct reader *reader)
{
	return reader->is_refused || reader->err;
}

static struct xml_node *add(struct reader *reader, struct xml_node *parent, const char *name)
{
	struct xml_node *node = xml_tree_add(reader->tree, parent, name);
	if (!node) {
		refuse_size(reader);
		return NULL;
	}
	if (node->position > XML_MAX_POSITION) {
		refuse(reader, "LIMIT", "one element is repeated more than 100,000 times");
		return NULL;
	}
	node->line = (uint32_t)xmlSAX2GetLineNumber(reader->parser);
	node->column = (uint32_t)xmlSAX2GetColumnNumber(reader->parser);
	return node;
}

/*
 * Puts the text collected so far where it belongs when a tag comes: white space
 * before a child or an end tag, or text beside elements.
 */
static const char *flush_space(struct reader *reader)
{
	const char *text = text_string(&reader->text);
	text_init(&reader->text, reader->tree->pool);
	reader->has_cdata = false;
	reader->has_plain = false;
	if (!text) {
		refuse_size(reader);
		return "";
	}
	if (xml_is_blank(text)) {
		return text;
	}
	struct xml_node *node = add(reader, reader->open, "#text");
	if (node) {
		node->text = text;
	}
	return "";
}

static const char *qualified(struct reader *reader, const char *mark, const xmlChar *prefix,
	const xmlChar *name)
{
	const char *text = prefix && *prefix
		? pool_printf(reader->tree->pool, "%s%s:%s", mark, (const char *)prefix,
			  (const char *)name)
		: pool_printf(reader->tree->pool, "%s%s", mark, (const char *)name);
	if (!text) {
		refuse_size(reader);
	}
	return text;
}

/* Our name for an element of the file; NULL: refused, or no memory. */
static const char *own_name(struct reader *reader, const xmlChar *name)
{
	const char *parent = reader->open == &reader->tree->top ? "" : reader->open->name;
	const char *colon = strchr(parent, ':');
	const char *ours =
		xml_names_ours(reader->names, colon ? colon + 1 : parent, (const char *)name);
	if (!ours) {
		refuse(reader, "NAMES",
			"the site's file of names gives this element another name, so this one "
			"means "
			"nothing");
	}
	return ours;
}

static void add_attribute(struct reader *reader, struct xml_node *element, const char *name,
	const char *value, size_t len)
{
	struct xml_node *node = name ? add(reader, element, name) : NULL;
	if (node) {
		node->text = pool_copy(reader->tree->pool, value, len);
		if (!node->text) {
			node->text = "";
			refuse_size(reader);
		}
	}
}

/* libxml2 passes namespaces as pairs (prefix, URI) and attributes as fives. */
static void add_attributes(struct reader *reader, struct xml_node *element, int n_namespaces,
	const xmlChar **namespaces, int n_attributes, const xmlChar **attributes)
{
	for (int i = 0; i < n_namespaces && !is_stopped(reader); i++) {
		const xmlChar *prefix = namespaces[2 * i];
		const char *uri = (const char *)namespaces[2 * i + 1];
		const char *name =
			prefix ? qualified(reader, "@", BAD_CAST "xmlns", prefix) : "@xmlns";
		add_attribute(reader, element, name, uri ? uri : "", uri ? strlen(uri) : 0);
	}
	for (int i = 0; i < n_attributes && !is_stopped(reader); i++) {
		const xmlChar **five = attributes + (ptrdiff_t)5 * i;
		add_attribute(reader, element, qualified(reader, "@", five[1], five[0]),
			(const char *)five[3], (size_t)(five[4] - five[3]));
	}
}

/* NOLINTNEXTLINE(readability-function-size): libxml2 decides what it passes. */
static void start_element(void *context, const xmlChar *name, const xmlChar *prefix,
	const xmlChar *uri, int n_namespaces, const xmlChar **namespaces, int n_attributes,
	int n_defaulted, const xmlChar **attributes)
{
	struct reader *reader = ((xmlParserCtxtPtr)context)->_private;
	(void)uri;
	(void)n_defaulted;
	if (is_stopped(reader)) {
		return;
	}
	if (reader->depth >= XML_MAX_DEPTH) {
		refuse(reader, "LIMIT", "elements are nested deeper than 32 levels");
		return;
	}
	const char *before = flush_space(reader);
	const char *ours = own_name(reader, name);
	const char *full = ours ? qualified(reader, "", prefix, BAD_CAST ours) : NULL;
	struct xml_node *node = full ? add(reader, reader->open, full) : NULL;
	if (!node) {
		return;
	}
	node->before = before;
	reader->depth++;
	reader->open = node;
	add_attributes(reader, node, n_namespaces, namespaces, n_attributes, attributes);
}

static void end_element(void *context, const xmlChar *name, const xmlChar *prefix,
	const xmlChar *uri)
{
	struct reader *reader = ((xmlParserCtxtPtr)context)->_private;
	(void)name;
	(void)prefix;
	(void)uri;
	if (is_stopped(reader)) {
		return;
	}
	struct xml_node *node = reader->open;
	if (xml_is_leaf(node)) {
		node->is_cdata = reader->has_cdata && !reader->has_plain;
		node->text = text_string(&reader->text);
		text_init(&reader->text, reader->tree->pool);
		reader->has_cdata = false;
		reader->has_plain = false;
		if (!node->text) {
			node->text = "";
			refuse_size(reader);
		}
	} else {
		node->after = flush_space(reader);
	}
	reader->open = node->parent;
	reader->depth--;
}

static void collect(struct reader *reader, const xmlChar *data, int len)
{
	if (is_stopped(reader) || reader->depth == 0) {
		return;
	}
	text_add(&reader->text, (const char *)data, len > 0 ? (size_t)len : 0);
	if (reader->text.has_failed) {
		refuse_size(reader);
	}
}

static void characters(void *context, const xmlChar *data, int len)
{
	struct reader *reader = ((xmlParserCtxtPtr)context)->_private;
	reader->has_plain = true;
	collect(reader, data, len);
}

static void cdata_block(void *context, const xmlChar *data, int len)
{
	struct reader *reader = ((xmlParserCtxtPtr)context)->_private;
	reader->has_plain = reader->has_plain || reader->has_cdata;
	reader->has_cdata = true;
	collect(reader, data, len);
}

static void add_aside(struct reader *reader, const char *name, const xmlChar *text)
{
	const char *before = is_stopped(reader) ? NULL : flush_space(reader);
	struct xml_node *node = before && name ? add(reader, reader->open, name) : NULL;
	if (node) {
		node->before = before;
		node->text = pool_copy(reader->tree->pool, (const char *)text,
			strlen((const char *)text));
		node->text = node->text ? node->text : "";
	}
}

static void comment(void *context, const xmlChar *text)
{
	add_aside(((xmlParserCtxtPtr)context)->_private, "#comment", text);
}

static void instruction(void *context, const xmlChar *target, const xmlChar *data)
{
	struct reader *reader = ((xmlParserCtxtPtr)context)->_private;
	if (!is_stopped(reader)) {
		add_aside(reader, qualified(reader, "?", NULL, target), data ? data : BAD_CAST "");
	}
}

static void refuse_doctype(void *context, const xmlChar *name, const xmlChar *external,
	const xmlChar *system)
{
	(void)name;
	(void)external;
	(void)system;
	refuse(((xmlParserCtxtPtr)context)->_private, "XML",
		"a document type declaration is not accepted; remove <!DOCTYPE …>");
}

static void refuse_reference(void *context, const xmlChar *name)
{
	(void)name;
	refuse(((xmlParserCtxtPtr)context)->_private, "XML",
		"an entity that XML does not define itself is not accepted");
}

/* libxml2 reports its errors here; the first one is the finding. */
static void report(struct reader *reader, xmlErrorPtr error, int line, int column)
{
	const char *message = error->message ? error->message : "not well-formed";
	const char *text = pool_copy(reader->tree->pool, message, strcspn(message, "\n"));
	/* libxml2 gives bytes outside the encoding the code of a forbidden character. */
	bool is_encoding = strncmp(message, "Input is not proper", 19) == 0 ||
		error->code == XML_ERR_INVALID_ENCODING ||
		error->code == XML_ERR_UNSUPPORTED_ENCODING ||
		error->code == XML_ERR_UNKNOWN_ENCODING || error->code == XML_I18N_CONV_FAILED;
	if (error->code == XML_ERR_NO_MEMORY) {
		reader->err = RG_E_NOMEM;
		return;
	}
	refuse_at(reader, is_encoding ? "ENCODING" : "XML", text ? text : "not well-formed", line,
		column);
}

static void on_error(void *context, xmlErrorPtr error)
{
	struct reader *reader = ((xmlParserCtxtPtr)context)->_private;
	if (error->level >= XML_ERR_ERROR && error->domain != XML_FROM_NAMESPACE) {
		report(reader, error, error->line, error->int2);
	}
}

/* Errors of the converter of encodings come without a parser. */
static void on_bare_error(void *context, xmlErrorPtr error)
{
	struct reader *reader = context;
	if (error->level >= XML_ERR_ERROR) {
		report(reader, error, xmlSAX2GetLineNumber(reader->parser),
			xmlSAX2GetColumnNumber(reader->parser));
	}
}

static void hook(xmlSAXHandlerPtr sax)
{
	memset(sax, 0, sizeof(*sax));
	sax->initialized = XML_SAX2_MAGIC;
	sax->startDocument = xmlSAX2StartDocument;
	sax->startElementNs = start_element;
	sax->endElementNs = end_element;
	sax->characters = characters;
	sax->ignorableWhitespace = characters;
	sax->cdataBlock = cdata_block;
	sax->comment = comment;
	sax->processingInstruction = instruction;
	sax->internalSubset = refuse_doctype;
	sax->reference = refuse_reference;
	sax->serror = on_error;
}

/* Copies the name of the encoding that the XML declaration states; "": none, or a mark does. */
static void declared_encoding(struct rg_bytes input, char out[40])
{
	char head[200];
	size_t len = input.len < sizeof(head) - 1 ? input.len : sizeof(head) - 1;
	memcpy(head, input.data, len);
	head[len] = '\0';
	out[0] = '\0';
	if (strncmp(head, "<?xml", 5) != 0) {
		return;
	}
	const char *end = strstr(head, "?>");
	const char *encoding = strcasestr(head, "encoding");
	if (!end || !encoding || encoding > end) {
		return;
	}
	encoding += strcspn(encoding, "\"'");
	size_t name_len = *encoding ? strcspn(encoding + 1, "\"'") : 0;
	snprintf(out, 40, "%.*s", (int)(name_len < 39 ? name_len : 39), encoding + 1);
}

/* What the declaration names, where we read it as a larger set; NULL: as it says. */
static const char *wider_encoding(const char *declared)
{
	bool is_narrow =
		strncasecmp(declared, "gb2312", 6) == 0 || strncasecmp(declared, "gbk", 3) == 0;
	return is_narrow ? "GB18030" : NULL;
}

static void refuse_byte(struct reader *reader, struct rg_bytes input, const uint8_t *byte,
	const char *rule, const char *text)
{
	int line = 1;
	int column = 1;
	for (const uint8_t *c = input.data; c < byte; c++) {
		column = *c == '\n' ? 1 : column + 1;
		line += *c == '\n' ? 1 : 0;
	}
	refuse_at(reader, rule, text, line, column);
}

/* The first byte that the declared encoding cannot have; NULL: none. libxml2 would guess. */
static const uint8_t *beyond_ascii(struct rg_bytes input, const char *declared)
{
	bool is_ascii = strcasecmp(declared, "us-ascii") == 0 || strcasecmp(declared, "ascii") == 0;
	for (size_t i = 0; is_ascii && i < input.len; i++) {
		if (input.data[i] >= 0x80) {
			return input.data + i;
		}
	}
	return NULL;
}

/* What the parser is given: the file, or what it says in UTF-8. *ret_ok false: refused. */
static rg_err recode(struct reader *reader, const char *declared, struct rg_bytes *input,
	bool *ret_ok)
{
	const struct xml_charset *charset = xml_charset_find(declared);
	const char *text = NULL;
	const uint8_t *bad = NULL;
	*ret_ok = true;
	if (!charset) {
		return RG_OK;
	}
	rg_err err = xml_charset_read(charset, *input, reader->tree->pool, &text, &bad);
	if (err || !text) {
		*ret_ok = false;
		refuse_byte(reader, *input, err ? input->data : bad, "ENCODING",
			"the encoding that the file names has no such byte");
		return err ? err : reader->err;
	}
	reader->tree->encoding = pool_copy(reader->tree->pool, declared, strlen(declared));
	*input = (struct rg_bytes){(const uint8_t *)text, strlen(text)};
	return reader->tree->encoding ? RG_OK : RG_E_NOMEM;
}

/* A NUL is text in UTF-16 and UTF-32 only, which begin with a byte order mark or one. */
static bool may_have_nul(struct rg_bytes input)
{
	return input.len >= 2 &&
		((input.data[0] >= 0xfe && input.data[1] >= 0xfe) || input.data[0] == 0 ||
			input.data[1] == 0);
}

rg_err xml_read(struct rg_bytes input, struct rg_call *call, const struct xml_names *names,
	struct xml_tree *tree, bool *ret_ok)
{
	struct reader reader = {.call = call, .names = names, .tree = tree, .open = &tree->top};
	const uint8_t *nul = input.len > 0 ? memchr(input.data, '\0', input.len) : NULL;
	*ret_ok = false;
	text_init(&reader.text, tree->pool);
	if (input.len == 0 || input.len > INT32_MAX) {
		refuse_at(&reader, "XML", input.len ? "the file is too large" : "the file is empty",
			1, 1);
		return reader.err;
	}
	if (nul && !may_have_nul(input)) {
		refuse_byte(&reader, input, nul, "XML", "the file contains a NUL byte");
		return reader.err;
	}
	char declared[40];
	declared_encoding(input, declared);
	const uint8_t *beyond = beyond_ascii(input, declared);
	if (beyond) {
		refuse_byte(&reader, input, beyond, "ENCODING",
			"the file says US-ASCII and this byte is not; state the encoding that it "
			"has, "
			"such as UTF-8");
		return reader.err;
	}
	bool is_recoded = false;
	rg_err err = recode(&reader, declared, &input, &is_recoded);
	if (err || !is_recoded) {
		return err;
	}
	scoped(free_parser) xmlParserCtxtPtr parser = xmlNewParserCtxt();
	if (!parser) {
		return RG_E_NOMEM;
	}
	parser->_private = &reader;
	reader.parser = parser;
	hook(parser->sax);
	/* A setting of this thread; it is put back below. */
	xmlStructuredErrorFunc old_handler = xmlStructuredError;
	void *old_context = xmlStructuredErrorContext;
	xmlSetStructuredErrorFunc(&reader, on_bare_error);
	/* Without NOENT libxml2 passes &amp; in attributes as &#38;. Declarations are refused. */
	xmlDocPtr doc = xmlCtxtReadMemory(parser, (const char *)input.data, (int)input.len, NULL,
		tree->encoding ? "UTF-8" : wider_encoding(declared),
		XML_PARSE_NONET | XML_PARSE_NOENT | (tree->encoding ? XML_PARSE_IGNORE_ENC : 0));
	xmlSetStructuredErrorFunc(old_context, old_handler);
	xmlFreeDoc(doc);
	if (!parser->wellFormed && !is_stopped(&reader)) {
		refuse(&reader, "XML", "the file is not well-formed XML");
	}
	*ret_ok = !is_stopped(&reader);
	return reader.err;
}
