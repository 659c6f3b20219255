/*
 * A canonical document to XML
 *
 * Method: a tree is filled from three sources, in any order: hints name the nodes
 * whose form is known, extensions bring their texts, the rows of the mapping table
 * bring what the canonical leaves say. What came to hold nothing is left out; the rest
 * is sorted and written. A document without hints of this format gets the format's
 * usual empty elements.
 *
 * Hints and extensions are law and habit of the country that stated them: those of
 * another country are not used.
 *
 * Threads: no state.
 */
#include <stdio.h>
#include <string.h>

#include "formats/xml/charset.h"
#include "formats/xml/codec.h"
#include "formats/xml/entries.h"
#include "formats/xml/format.h"
#include "formats/xml/hint.h"
#include "formats/xml/io.h"
#include "formats/xml/limit.h"
#include "formats/xml/order.h"

struct encoding {
	struct xml_work work;
	struct xml_tree tree;
	struct xml_tree names; /* nodes by the table's names, for renamed elements */
	struct xml_hint_target hints;
	struct xml_node
		*base;   /* what the table's paths begin at: the root, or the top for a fragment */
	bool is_refused; /* a finding was made that ends the call */
	const char *fragment; /* the list entry that stands alone; NULL: none */
	const char *encoding; /* that is written, of charset.h; NULL: UTF-8 */
};

static rg_err refuse(struct encoding *encoding, const char *rule, const char *path,
	const char *text)
{
	struct rg_finding finding = {RG_FINDING_ERROR, rule, path, 0, 0, text};
	encoding->is_refused = true;
	return rg_call_finding(encoding->work.call, &finding);
}

static rg_err refuse_size(struct encoding *encoding)
{
	bool is_large =
		encoding->tree.n_nodes >= XML_MAX_NODES || pool_is_spent(encoding->work.pool);
	return is_large ? refuse(encoding, "LIMIT", "",
				  "the document has more elements than a file may have")
			: RG_E_NOMEM;
}

/* Reads a leaf into the pool; "" where it is absent. */
static rg_err fetch(struct encoding *encoding, const char *path, const char **ret_text)
{
	struct rg_bytes value = {NULL, 0};
	*ret_text = "";
	rg_err err = rg_doc_get(encoding->work.doc, path, &value);
	if (!err && value.data) {
		*ret_text = pool_copy(encoding->work.pool, (const char *)value.data, value.len);
		err = *ret_text ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

/* Whose document it is, and which way the goods go for us. */
static rg_err find_owner(struct encoding *encoding)
{
	const char *country = "";
	const char *direction = "";
	rg_err err = fetch(encoding, "country", &country);
	if (!err) {
		err = fetch(encoding, "direction", &direction);
		err = err == RG_E_ABI ? RG_OK : err; /* a type of document that has none */
	}
	const struct rg_call *call = encoding->work.call;
	bool is_export = strcmp(direction, "DIRECTION_EXPORT") == 0;
	bool is_draft = call->purpose == RG_PURPOSE_ADVANCE || call->purpose == RG_PURPOSE_PREFILL;
	/* A format of no country has no law of its own: a copy is stated as it was lodged. */
	bool is_nobodys = call->country[0] == '\0' || country[0] == '\0';
	encoding->work.is_own = is_nobodys ? !is_draft : strcmp(country, call->country) == 0;
	encoding->work.is_export = encoding->work.is_own ? is_export : !is_export;
	return err;
}

static rg_err load_names(struct encoding *encoding)
{
	bool is_ok = false;
	rg_err err = xml_names_read(encoding->work.pool, encoding->work.call->names,
		encoding->work.profile, encoding->work.call, &encoding->work.names, &is_ok);
	encoding->is_refused = !is_ok;
	return err;
}

/* Hints */

static const char *general(const struct encoding *encoding, enum xml_hint_kind kind)
{
	const struct xml_hint *hint = encoding->hints.general[kind];
	return hint ? hint->form : NULL;
}

static rg_err load_hints(struct encoding *encoding)
{
	size_t n = 0;
	bool is_ok = true;
	rg_err err = RG_OK;
	encoding->hints.tree = &encoding->tree;
	encoding->hints.names = &encoding->names;
	if (encoding->work.is_own) {
		err = xml_hints_load(encoding->work.doc, encoding->work.profile->format,
			&encoding->hints, &n, &is_ok);
	}
	encoding->work.is_fresh = n == 0;
	const char *charset = encoding->work.is_fresh ? xml_names_encoding(encoding->work.names)
						      : general(encoding, XML_HINT_ENCODING);
	encoding->encoding = charset && xml_charset_find(charset) ? charset : NULL;
	return err || is_ok
		? err
		: refuse(encoding, "HINT", "hints",
			  "a hint's path is no path or names too many elements; remove it");
}

static rg_err find_base(struct encoding *encoding)
{
	const char *root = general(encoding, XML_HINT_ROOT);
	encoding->fragment = general(encoding, XML_HINT_FRAGMENT);
	encoding->base = &encoding->tree.top;
	if (!encoding->fragment) {
		encoding->base = xml_tree_make(&encoding->tree, &encoding->tree.top,
			root ? root : encoding->work.profile->root, 1);
	}
	if (!encoding->base) {
		return RG_E_NOMEM;
	}
	encoding->base->is_real = true;
	return RG_OK;
}

static const char *order_of(const struct xml_node *node)
{
	const struct xml_hint *hint = xml_hint_find(node, XML_HINT_ORDER);
	return hint ? hint->form : NULL;
}

/* Gives a node that holds no value the empty form its hints tell. */
static rg_err apply_empty(struct encoding *encoding, struct xml_node *node)
{
	const struct xml_hint *blank = xml_hint_find(node, XML_HINT_BLANK);
	const struct xml_hint *nothing = xml_hint_find(node, XML_HINT_NULL);
	if (node->is_real || (!blank && !nothing && !xml_hint_find(node, XML_HINT_EMPTY))) {
		return RG_OK;
	}
	node->is_real = true;
	node->text = blank ? blank->form : "";
	struct xml_node *null = nothing
		? xml_tree_make(&encoding->tree, node, nothing->form[0] ? nothing->form : "null", 1)
		: node;
	if (!null) {
		return refuse_size(encoding);
	}
	null->is_real = true;
	return RG_OK;
}

static rg_err apply_form(struct encoding *encoding, struct xml_node *node)
{
	const struct xml_hint *aside = xml_hint_find(node, XML_HINT_ASIDE);
	const struct xml_hint *before = xml_hint_find(node, XML_HINT_BEFORE);
	const struct xml_hint *after = xml_hint_find(node, XML_HINT_AFTER);
	if (aside && !xml_is_element(node)) {
		node->text = aside->form;
		node->is_real = true;
	}
	node->is_cdata = xml_hint_find(node, XML_HINT_CDATA) != NULL;
	node->before = before ? before->form : NULL;
	node->after = after ? after->form : NULL;
	return xml_is_element(node) ? apply_empty(encoding, node) : RG_OK;
}

/* Extensions */

static rg_err take_extension(struct encoding *encoding, size_t i)
{
	char member[64];
	const char *path = "";
	const char *value = "";
	struct xml_node *node = NULL;
	snprintf(member, sizeof(member), "extensions[%zu].path", i);
	rg_err err = fetch(encoding, member, &path);
	if (!err) {
		snprintf(member, sizeof(member), "extensions[%zu].value", i);
		err = fetch(encoding, member, &value);
	}
	if (!err) {
		err = xml_path_make(&encoding->tree, path, &node);
	}
	if (err || !node) {
		return err ? err
			   : refuse(encoding, "EXTENSION", member,
				     "the path of the extension is not one of this format");
	}
	node->text = value;
	node->is_real = true;
	return RG_OK;
}

static rg_err take_extensions(struct encoding *encoding)
{
	size_t n = 0;
	rg_err err = rg_doc_count(encoding->work.doc, "extensions", &n);
	for (size_t i = 0; !err && encoding->work.is_own && i < n; i++) {
		char member[64];
		const char *format = "";
		snprintf(member, sizeof(member), "extensions[%zu].format", i);
		err = fetch(encoding, member, &format);
		if (!err && strcmp(format, encoding->work.profile->format) == 0) {
			err = take_extension(encoding, i);
		}
	}
	return err;
}

/* Rows */

/* The place of a rule in the tree and beside it, in `names`, what it is called there. */
struct spot {
	struct xml_node *node;
	const struct xml_node *named;
};

/* Walks from the base down to the rule's element, making it. Node NULL: too many nodes. */
static void reach(struct encoding *encoding, const struct xml_rule *rule, const size_t *positions,
	size_t *n_lists, struct spot *ret_spot)
{
	if (!rule->parent) {
		*ret_spot = (struct spot){encoding->base, &encoding->names.top};
		*n_lists = 0;
		return;
	}
	struct spot above;
	reach(encoding, rule->parent, positions, n_lists, &above);
	uint32_t position = rule->from + (rule->is_list ? (uint32_t)positions[(*n_lists)++] : 0);
	const struct xml_node *named = above.named && encoding->names.n_nodes > 0
		? xml_tree_find(&encoding->names, above.named, rule->name, position)
		: NULL;
	const struct xml_hint *name = named ? xml_hint_find(named, XML_HINT_NAME) : NULL;
	ret_spot->named = named;
	ret_spot->node = above.node ? xml_tree_make(&encoding->tree, above.node,
					      name ? name->form : rule->name, position)
				    : NULL;
}

struct visiting {
	struct encoding *encoding;
	const struct xml_rule *rule;
	const struct xml_row *row;
};

/* The leaf of a row that the loss report can name: the row's own, or the first text below it. */
static const char *name_leaf(struct encoding *encoding, const char *path)
{
	static const char *const below[] = {"", ".hs6", ".name", ".lines[0]", ".channel"};
	for (size_t i = 0; path && i < sizeof(below) / sizeof(below[0]); i++) {
		const char *leaf = pool_printf(encoding->work.pool, "%s%s", path, below[i]);
		struct rg_bytes value = {NULL, 0};
		if (leaf && rg_doc_get(encoding->work.doc, leaf, &value) == RG_OK && value.data) {
			return leaf;
		}
	}
	return NULL;
}

/* What the file's encoding lacks is written as references, which not every system keeps. */
static rg_err tell_unheld(struct encoding *encoding, const char *text, const struct xml_row *row,
	const size_t *positions)
{
	if (!encoding->encoding || xml_charset_holds(xml_charset_find(encoding->encoding), text)) {
		return RG_OK;
	}
	const char *path = xml_rules_place(encoding->work.pool, row, positions);
	const char *reason = pool_printf(encoding->work.pool,
		"%s, in which the file is written, lacks characters of this text; they stand as "
		"character references, which a system that keeps this encoding cannot hold",
		encoding->encoding);
	if (!path || !reason) {
		return RG_E_NOMEM;
	}
	const char *leaf = name_leaf(encoding, path);
	leaf = leaf || !row->elsewhere
		? leaf
		: name_leaf(encoding,
			  xml_rules_path(encoding->work.pool, row->elsewhere, positions));
	return leaf ? rg_call_lost(encoding->work.call, leaf, reason) : RG_OK;
}

static rg_err put_value(struct encoding *encoding, const struct visiting *visiting,
	const size_t *positions, const char *text)
{
	struct spot spot;
	size_t n_lists = 0;
	reach(encoding, visiting->rule, positions, &n_lists, &spot);
	if (!spot.node) {
		return refuse_size(encoding);
	}
	if (spot.node->is_real) {
		return RG_OK; /* an extension stands here already */
	}
	rg_err err = tell_unheld(encoding, text, visiting->row, positions);
	if (err) {
		return err;
	}
	const struct xml_hint *lexical = xml_hint_find(spot.node, XML_HINT_LEXICAL);
	bool applies = lexical && strcmp(lexical->value, text) == 0;
	spot.node->text = applies ? lexical->form : text;
	spot.node->is_real = true;
	return RG_OK;
}

/* Whether an entry of the fragment's list other than the one that stands alone is meant. */
static bool is_outside(const struct encoding *encoding, const struct xml_rule *rule,
	const size_t *positions)
{
	while (rule->parent && rule->parent->parent) {
		rule = rule->parent;
	}
	return encoding->fragment &&
		((rule->is_list && positions[0] != 0) ||
			xml_rules_find(encoding->work.rules, encoding->fragment) != rule);
}

/* What the row says at these positions; *ret_text NULL: nothing. */
static rg_err read_row(const struct visiting *visiting, const char *path, const size_t *positions,
	const char **ret_text)
{
	const struct xml_work *work = &visiting->encoding->work;
	const char *form = work->is_own && !work->is_fresh ? NULL : visiting->rule->limit;
	struct xml_leaf leaf = {
		.work = work,
		.row = visiting->row,
		.native = visiting->row->native,
		.path = path,
		.positions = positions,
	};
	*ret_text = NULL;
	rg_err err = path ? visiting->row->codec->encode(&leaf, ret_text) : RG_E_NOMEM;
	bool is_foreign = !work->is_own && work->profile->fit;
	if (!err && *ret_text && is_foreign) {
		err = work->profile->fit(&leaf, ret_text);
	}
	return err || !form || !*ret_text ? err : xml_limit_apply(&leaf, form, ret_text);
}

static rg_err visit_row(void *context, const size_t *positions)
{
	const struct visiting *visiting = context;
	struct encoding *encoding = visiting->encoding;
	const struct xml_row *row = visiting->row;
	const char *text = NULL;
	if (is_outside(encoding, visiting->rule, positions)) {
		return RG_OK;
	}
	struct pool *pool = encoding->work.pool;
	bool has_elsewhere = row->elsewhere && !(row->flags & XML_FIRST);
	rg_err err = read_row(visiting, xml_rules_place(pool, row, positions), positions, &text);
	if (!err && !text && has_elsewhere && !encoding->work.is_own) {
		err = read_row(visiting, xml_rules_path(pool, row->elsewhere, positions), positions,
			&text);
	}
	return err || !text || !*text ? err : put_value(encoding, visiting, positions, text);
}

static rg_err take_rule(struct encoding *encoding, const struct xml_rule *rule)
{
	const struct xml_row *row = xml_rules_row(&encoding->work, rule);
	rg_err err = RG_OK;
	if (row && row->canonical && (encoding->work.is_own || !(row->flags & XML_OWN))) {
		struct visiting visiting = {encoding, rule, row};
		err = xml_rules_each(&encoding->work, row, visit_row, &visiting);
	}
	for (const struct xml_rule *child = rule->first; child && !err; child = child->next) {
		err = take_rule(encoding, child);
	}
	return err;
}

/* Usual empty elements */

static bool is_optional(const struct xml_rule *rule)
{
	if (rule->row) {
		return (rule->row->flags & XML_OPTIONAL) != 0;
	}
	for (const struct xml_rule *child = rule->first; child; child = child->next) {
		if (!is_optional(child)) {
			return false;
		}
	}
	return true;
}

static rg_err fill_leaf(struct encoding *encoding, struct xml_node *parent,
	const struct xml_rule *rule)
{
	const struct xml_row *row = rule->row;
	bool has_fresh = row->fresh != NULL && !(row->flags & XML_SILENT);
	bool is_attribute = rule->name[0] == '@';
	if (!has_fresh && (is_attribute || row->flags & XML_OPTIONAL)) {
		return RG_OK;
	}
	struct xml_node *node = xml_tree_make(&encoding->tree, parent, rule->name, rule->from);
	if (!node || node->is_real) {
		return node ? RG_OK : refuse_size(encoding);
	}
	node->is_real = true;
	node->text = has_fresh ? row->fresh : "";
	if (!has_fresh && row->flags & XML_NULL) {
		node = xml_tree_make(&encoding->tree, node, "null", 1);
		if (!node) {
			return refuse_size(encoding);
		}
		node->is_real = true;
	}
	return RG_OK;
}

static rg_err fill(struct encoding *encoding, struct xml_node *node, const struct xml_rule *rule);

/* A value with the attributes that it always has. */
static rg_err fill_value(struct encoding *encoding, struct xml_node *parent,
	const struct xml_rule *rule)
{
	rg_err err = fill_leaf(encoding, parent, rule);
	struct xml_node *node = rule->first && !err
		? xml_tree_find(&encoding->tree, parent, rule->name, rule->from)
		: NULL;
	const struct xml_rule *child = node && node->is_real ? rule->first : NULL;
	for (; child && !err; child = child->next) {
		bool is_attribute = child->name[0] == '@' && child->row;
		err = is_attribute ? fill_leaf(encoding, node, child) : RG_OK;
	}
	return err;
}

static bool holds_something(const struct xml_node *node)
{
	if (node->is_real) {
		return true;
	}
	for (const struct xml_node *child = node->first; child; child = child->next) {
		if (holds_something(child)) {
			return true;
		}
	}
	return false;
}

static rg_err fill_child(struct encoding *encoding, struct xml_node *node,
	const struct xml_rule *rule)
{
	if (rule->is_list) {
		uint32_t n = xml_tree_count(&encoding->tree, node, rule->name);
		rg_err err = RG_OK;
		for (uint32_t i = rule->from; rule->first && i <= n && !err; i++) {
			struct xml_node *entry =
				xml_tree_find(&encoding->tree, node, rule->name, i);
			err = entry ? fill(encoding, entry, rule) : RG_OK;
		}
		return err;
	}
	if (rule->row) {
		return fill_value(encoding, node, rule);
	}
	struct xml_node *child = xml_tree_find(&encoding->tree, node, rule->name, rule->from);
	if ((!child || !holds_something(child)) && is_optional(rule)) {
		return RG_OK;
	}
	child = child ? child : xml_tree_make(&encoding->tree, node, rule->name, rule->from);
	if (!child) {
		return refuse_size(encoding);
	}
	child->is_real = true;
	return fill(encoding, child, rule);
}

static rg_err fill(struct encoding *encoding, struct xml_node *node, const struct xml_rule *rule)
{
	rg_err err = RG_OK;
	for (const struct xml_rule *child = rule->first; child && !err; child = child->next) {
		err = fill_child(encoding, node, child);
	}
	return err;
}

/* A fragment without its hint */

/*
 * A document that states nothing but one entry of a list of the root, or its content,
 * came from a fragment, and is written as one: an otherwise empty declaration would say more than
 * it does.
 */
static void find_fragment(struct encoding *encoding)
{
	struct xml_node *only = NULL;
	for (struct xml_node *child = encoding->base->first; child; child = child->next) {
		if (holds_something(child)) {
			if (only) {
				return;
			}
			only = child;
		}
	}
	const struct xml_rule *rule =
		only ? xml_rules_find(encoding->work.rules, only->name) : NULL;
	const char *content = encoding->work.profile->content;
	bool is_content = rule && content && strcasecmp(rule->local, content) == 0;
	bool is_entry = rule && rule->is_list && rule->first;
	if (encoding->work.is_own && (is_entry || is_content)) {
		encoding->fragment = only->name;
		encoding->base = &encoding->tree.top;
		only->parent = &encoding->tree.top;
		only->next = NULL;
		encoding->tree.top.first = only;
		encoding->tree.top.last = only;
	}
}

/* The namespaces that the site's file of names asks for. */
static rg_err add_declarations(struct encoding *encoding)
{
	size_t n = 0;
	const struct xml_names_attribute *list = xml_names_attributes(encoding->work.names, &n);
	for (size_t i = 0; i < n; i++) {
		struct xml_node *node =
			xml_tree_make(&encoding->tree, encoding->base, list[i].name, 1);
		if (!node) {
			return refuse_size(encoding);
		}
		node->text = list[i].value;
		node->is_real = true;
	}
	return RG_OK;
}

static rg_err fill_usual(struct encoding *encoding)
{
	if (!encoding->work.is_fresh) {
		return RG_OK;
	}
	find_fragment(encoding);
	const struct xml_rule *rules = encoding->work.rules;
	rg_err err = RG_OK;
	if (!encoding->fragment && encoding->work.profile->complete) {
		err = encoding->work.profile->complete(&encoding->work, &encoding->tree,
			encoding->base);
	}
	if (!err && !encoding->fragment) {
		err = add_declarations(encoding);
	}
	if (err) {
		return err;
	}
	return encoding->fragment ? fill(encoding, encoding->tree.top.first,
					    xml_rules_find(rules, encoding->fragment))
				  : fill(encoding, encoding->base, rules);
}

/* Finishing */

/* Hints and extensions may have been edited: what they bring must not break the file. */
static bool is_writable(const struct encoding *encoding, const struct xml_node *node)
{
	const struct xml_charset *charset =
		encoding->encoding ? xml_charset_find(encoding->encoding) : NULL;
	bool is_literal = node->name[0] == '?' || strcmp(node->name, "#comment") == 0;
	if (charset &&
		(!xml_charset_holds(charset, node->name) ||
			(is_literal && !xml_charset_holds(charset, node->text)))) {
		return false;
	}
	bool is_blank = (!node->before || xml_is_blank(node->before)) &&
		(!node->after || xml_is_blank(node->after));
	if (!is_blank || !xml_is_text(node->text)) {
		return false;
	}
	if (strcmp(node->name, "#comment") == 0) {
		size_t len = strlen(node->text);
		return !strstr(node->text, "--") && (len == 0 || node->text[len - 1] != '-');
	}
	return node->name[0] != '?' || !strstr(node->text, "?>");
}

/* Applies what hints say of each node, keeps nodes that hold something, sorts. */
static rg_err finish(struct encoding *encoding, struct xml_node *node, const struct xml_rule *rule)
{
	rg_err err = apply_form(encoding, node);
	if (!err && !is_writable(encoding, node)) {
		return refuse(encoding, "TEXT", xml_tree_path(&encoding->tree, node),
			"an extension or hint holds a text that XML, or the encoding of the file, "
			"cannot carry there; remove it");
	}
	bool has_real = false;
	/* A value that is absent takes its attributes with it: a unit of nothing. */
	bool is_value = rule && rule->row && rule->row->canonical && !(rule->row->flags & XML_BARE);
	for (struct xml_node *child = node->first; child && !err; child = child->next) {
		const struct xml_rule *known =
			rule ? xml_rules_at(rule, child->name, child->position) : NULL;
		err = finish(encoding, child, known);
		has_real = has_real || (child->is_real && !(is_value && child->name[0] == '@'));
	}
	node->is_real = node->is_real || has_real;
	return err ? err : xml_order_sort(&encoding->tree, rule, node, order_of(node));
}

static rg_err finish_top(struct encoding *encoding)
{
	struct xml_node *top = &encoding->tree.top;
	rg_err err = RG_OK;
	for (struct xml_node *node = top->first; node && !err; node = node->next) {
		const struct xml_rule *rules = encoding->work.rules;
		bool is_entry = encoding->fragment && xml_is_element(node);
		err = finish(encoding, node, is_entry ? xml_rules_find(rules, node->name) : rules);
	}
	return err ? err
		   : xml_order_sort(&encoding->tree, NULL, top, general(encoding, XML_HINT_ORDER));
}

static rg_err write_out(struct encoding *encoding)
{
	const char *indent = general(encoding, XML_HINT_INDENT);
	struct xml_layout layout = {
		.head = encoding->work.profile->head,
		.newline = "\n",
		.unit = "  ",
		.encoding = encoding->encoding,
		.prefix = encoding->work.is_fresh ? xml_names_prefix(encoding->work.names) : NULL,
		.names = encoding->work.names,
	};
	struct text out;
	if (indent) {
		layout.newline = indent[0] == '\n' ? "\n" : "";
		layout.unit = indent + (indent[0] == '\n' ? 1 : 0);
	}
	text_init(&out, encoding->work.pool);
	rg_err err = xml_write(&encoding->tree, &layout, &out);
	struct rg_bytes bytes = {(const uint8_t *)text_string(&out), out.len};
	return err ? err : rg_call_output(encoding->work.call, bytes);
}

/* Whether the document states that it had this root. */
static rg_err is_kind(struct encoding *encoding, const struct xml_profile *profile, bool *ret_is)
{
	const char *kind = "";
	char name[XML_KIND_MAX];
	rg_err err = profile->kind ? fetch(encoding, profile->kind, &kind) : RG_OK;
	xml_kind(profile, name);
	*ret_is = !err && strcmp(kind, name) == 0;
	return err;
}

/* The root that the document states, else the first of its direction. */
static rg_err find_profile(struct encoding *encoding)
{
	const struct xml_profile *first = encoding->work.profile;
	const struct xml_profile *const *others = first->others;
	const char *direction = encoding->work.is_export ? "DIRECTION_EXPORT" : "DIRECTION_IMPORT";
	bool has_way = !first->direction || strcmp(first->direction, direction) == 0;
	bool is_it = false;
	rg_err err = others ? is_kind(encoding, first, &is_it) : RG_OK;
	for (; !err && !is_it && others && *others; others++) {
		bool is_way = !has_way && (*others)->direction &&
			strcmp((*others)->direction, direction) == 0;
		err = is_kind(encoding, *others, &is_it);
		encoding->work.profile = is_it || is_way ? *others : encoding->work.profile;
		has_way = has_way || is_way;
	}
	return err;
}

static rg_err begin(struct encoding *encoding)
{
	xml_tree_init(&encoding->tree, encoding->work.pool);
	xml_tree_init(&encoding->names, encoding->work.pool);
	rg_err err = find_owner(encoding);
	if (!err) {
		err = load_names(encoding);
	}
	if (!err) {
		err = find_profile(encoding);
	}
	encoding->work.rules =
		err ? NULL : xml_rules_build(encoding->work.pool, encoding->work.profile);
	return err || encoding->work.rules ? err : RG_E_NOMEM;
}

static rg_err take_rows(struct encoding *encoding)
{
	return take_rule(encoding, encoding->work.rules);
}

/* What encoding is, step by step; then write_out(). */
static rg_err (*const steps[])(struct encoding *encoding) = {
	begin,
	load_hints,
	find_base,
	take_extensions,
	take_rows,
	fill_usual,
	finish_top,
};

static rg_err encode_document(struct encoding *encoding)
{
	rg_err err = RG_OK;
	for (size_t i = 0; !err && !encoding->is_refused && i < sizeof(steps) / sizeof(steps[0]);
		i++) {
		err = steps[i](encoding);
	}
	return err;
}

/* Encodes the next document. */
static rg_err encode_next(struct pool *pool, const struct rg_format *format, struct rg_doc *doc,
	struct rg_call *call, struct encoding **ret_encoding)
{
	struct encoding *encoding = pool_alloc(pool, sizeof(*encoding));
	if (!encoding) {
		return RG_E_NOMEM;
	}
	encoding->work = (struct xml_work){.pool = pool,
		.call = call,
		.doc = doc,
		.profile = format->profile};
	*ret_encoding = encoding;
	return encode_document(encoding);
}

/*
 * Encodes documents into files: those that are entries of one and agree on what stands
 * beside them into one.
 */
static rg_err encode_files(const struct rg_format *format, struct rg_doc *const *docs,
	size_t n_docs, struct rg_call *call)
{
	scoped(pool_freep) struct pool *pool = pool_new(XML_POOL_LIMIT);
	struct encoding *file = NULL;
	rg_err err = pool ? RG_OK : RG_E_NOMEM;
	for (size_t i = 0; i < n_docs && !err; i++) {
		struct encoding *next = NULL;
		err = encode_next(pool, format, docs[i], call, &next);
		if (err || next->is_refused) {
			return err;
		}
		const char *entry = next->work.profile->entry;
		bool is_part = file && entry && file->work.profile == next->work.profile &&
			xml_entries_agree(file->base, next->base, entry);
		if (is_part) {
			xml_entries_join(file->base, next->base, entry);
			continue;
		}
		err = file ? write_out(file) : RG_OK;
		file = next;
	}
	return err || !file ? err : write_out(file);
}

rg_err xml_encode(const struct rg_format *format, struct rg_doc *const *docs, size_t n_docs,
	struct rg_call *call)
{
	const struct xml_profile *profile = format->profile;
	rg_err err = RG_OK;
	if (profile->entry) {
		return encode_files(format, docs, n_docs, call);
	}
	for (size_t i = 0; i < n_docs && !err; i++) {
		err = encode_files(format, docs + i, 1, call);
	}
	return err;
}
