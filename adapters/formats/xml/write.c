/*
 * XML to bytes
 *
 * Method: depth first over the nodes that are real. Escapes are those of Canonical
 * XML 1.0 (https://www.w3.org/TR/xml-c14n, section 2.3), so that a value comes back
 * as it went out.
 *
 * Threads: no state.
 */
#include <string.h>

#include "formats/xml/charset.h"
#include "formats/xml/io.h"

struct writer {
	const struct xml_layout *layout;
	const struct xml_charset *charset; /* NULL: UTF-8 */
	struct text *out;
	unsigned depth;
};

static void put(struct writer *writer, const char *text)
{
	text_add_string(writer->out, text);
}

/* Escapes what `which` names; everything else as it is. */
static void put_escaped(struct writer *writer, const char *text, const char *which)
{
	static const struct {
		char c;
		const char *escape;
	} escapes[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"},
		{'\t', "&#x9;"}, {'\n', "&#xA;"}, {'\r', "&#xD;"}};
	while (*text) {
		size_t len = strcspn(text, which);
		text_add(writer->out, text, len);
		text += len;
		for (size_t i = 0; *text && i < sizeof(escapes) / sizeof(escapes[0]); i++) {
			if (escapes[i].c == *text) {
				put(writer, escapes[i].escape);
			}
		}
		text += *text ? 1 : 0;
	}
}

static void put_text(struct writer *writer, const struct xml_node *node)
{
	bool is_held = !writer->charset || xml_charset_holds(writer->charset, node->text);
	if (node->is_cdata && is_held && !strstr(node->text, "]]>") && !strchr(node->text, '\r')) {
		put(writer, "<![CDATA[");
		put(writer, node->text);
		put(writer, "]]>");
	} else {
		put_escaped(writer, node->text, "&<>\r");
	}
}

static void put_newline(struct writer *writer, unsigned depth)
{
	put(writer, writer->layout->newline);
	for (unsigned i = 0; writer->layout->newline[0] && i < depth; i++) {
		put(writer, writer->layout->unit);
	}
}

static void put_attributes(struct writer *writer, const struct xml_node *element)
{
	for (const struct xml_node *child = element->first; child; child = child->next) {
		if (child->name[0] == '@' && child->is_real) {
			put(writer, " ");
			put(writer, child->name + 1);
			put(writer, "=\"");
			put_escaped(writer, child->text, "&<>\"\t\n\r");
			put(writer, "\"");
		}
	}
}

static void put_node(struct writer *writer, const struct xml_node *node);

/* Beside text no white space is added: it would become part of the text. */
static void put_children(struct writer *writer, const struct xml_node *element)
{
	const struct xml_node *previous = NULL;
	for (const struct xml_node *child = element->first; child; child = child->next) {
		if (!child->is_real || child->name[0] == '@') {
			continue;
		}
		bool is_text = strcmp(child->name, "#text") == 0 ||
			(previous && strcmp(previous->name, "#text") == 0);
		if (child->before) {
			put(writer, child->before);
		} else if (!is_text && writer->depth > 0) {
			put_newline(writer, writer->depth);
		}
		put_node(writer, child);
		previous = child;
	}
	if (element->after) {
		put(writer, element->after);
	} else if (writer->depth > 0 && previous && strcmp(previous->name, "#text") != 0) {
		put_newline(writer, writer->depth - 1);
	}
}

static bool has_content(const struct xml_node *element)
{
	for (const struct xml_node *child = element->first; child; child = child->next) {
		if (child->name[0] != '@' && child->is_real) {
			return true;
		}
	}
	return false;
}

/* The name as the site writes it; what stands before a colon stays. */
static void put_name(struct writer *writer, const struct xml_node *node)
{
	const struct xml_layout *layout = writer->layout;
	const char *parent = node->parent && node->parent->parent ? node->parent->name : "";
	const char *parent_colon = strchr(parent, ':');
	const char *colon = strchr(node->name, ':');
	const char *bare = colon ? colon + 1 : node->name;
	if (colon) {
		text_add(writer->out, node->name, (size_t)(bare - node->name));
	} else if (layout->prefix) {
		put(writer, layout->prefix);
		put(writer, ":");
	}
	put(writer, xml_names_site(layout->names, parent_colon ? parent_colon + 1 : parent, bare));
}

static void put_element(struct writer *writer, const struct xml_node *node)
{
	bool has_children = has_content(node);
	put(writer, "<");
	put_name(writer, node);
	put_attributes(writer, node);
	if (!has_children && node->text[0] == '\0' && !node->is_cdata) {
		put(writer, "/>");
		return;
	}
	put(writer, ">");
	if (has_children) {
		writer->depth++;
		put_children(writer, node);
		writer->depth--;
	} else {
		put_text(writer, node);
	}
	put(writer, "</");
	put_name(writer, node);
	put(writer, ">");
}

static void put_node(struct writer *writer, const struct xml_node *node)
{
	if (strcmp(node->name, "#comment") == 0) {
		put(writer, "<!--");
		put(writer, node->text);
		put(writer, "-->");
	} else if (node->name[0] == '?') {
		put(writer, "<");
		put(writer, node->name);
		put(writer, node->text[0] ? " " : "");
		put(writer, node->text);
		put(writer, "?>");
	} else if (node->name[0] == '#') {
		put_escaped(writer, node->text, "&<>\r");
	} else {
		put_element(writer, node);
	}
	put(writer, writer->depth == 0 ? "\n" : "");
}

/* The head says the encoding that the bytes will have. */
static void put_head(struct writer *writer)
{
	const char *head = writer->layout->head;
	const char *place = writer->charset ? strstr(head, "UTF-8") : NULL;
	if (!place) {
		put(writer, head);
		return;
	}
	text_add(writer->out, head, (size_t)(place - head));
	put(writer, writer->layout->encoding);
	put(writer, place + strlen("UTF-8"));
}

rg_err xml_write(const struct xml_tree *tree, const struct xml_layout *layout, struct text *out)
{
	struct text whole;
	struct writer writer = {.layout = layout, .out = out};
	writer.charset = layout->encoding ? xml_charset_find(layout->encoding) : NULL;
	text_init(&whole, tree->pool);
	writer.out = writer.charset ? &whole : out;
	put_head(&writer);
	put_children(&writer, &tree->top);
	if (writer.charset && !whole.has_failed) {
		xml_charset_write(writer.charset, text_string(&whole), out);
	}
	return out->has_failed || whole.has_failed ? RG_E_NOMEM : RG_OK;
}

const char *xml_gap(struct pool *pool, const struct xml_layout *layout, unsigned depth)
{
	struct text gap;
	text_init(&gap, pool);
	struct writer writer = {.layout = layout, .out = &gap};
	put_newline(&writer, depth);
	return text_string(&gap);
}
