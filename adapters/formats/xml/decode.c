/*
 * XML to a canonical document
 *
 * Method: two walks over the tree. The first gives every text to its row of the
 * mapping table, or to `extensions`; what a codec does not keep of the spelling
 * becomes a lexical hint, found by encoding at once what was decoded. The second
 * compares names, order and white space with the usual form and keeps what differs.
 *
 * Threads: no state.
 */
#include <stdio.h>
#include <string.h>

#include "formats/xml/codec.h"
#include "formats/xml/entries.h"
#include "formats/xml/format.h"
#include "formats/xml/hint.h"
#include "formats/xml/io.h"
#include "formats/xml/order.h"

struct decoding {
	struct xml_work work;
	struct xml_tree tree;
	struct xml_hints hints;
	struct xml_layout layout;
	struct xml_place rule_place;     /* of the element at hand, by the table's names */
	size_t positions[XML_MAX_DEPTH]; /* of the lists on the way, from 0 */
	size_t n_positions;
	size_t n_extensions;
	const char *entry_path;  /* of the entry that this document is, as its tree has it */
	uint32_t entry_position; /* in the file; 0: the only one */
};

static rg_err hint_node(struct decoding *decoding, const struct xml_node *node,
	enum xml_hint_kind kind, const char *form, const char *value)
{
	struct xml_place place;
	xml_place_of(&decoding->tree, node, &place);
	return xml_hints_add(&decoding->hints, &place, kind, form, value);
}

/* The path of a node in the file, where the document may be one entry of several. */
static const char *native_path(struct decoding *decoding, const struct xml_node *node)
{
	const char *path = xml_tree_path(&decoding->tree, node);
	size_t len = decoding->entry_path ? strlen(decoding->entry_path) : 0;
	bool is_inside = path && decoding->entry_position > 0 &&
		strncmp(path, decoding->entry_path, len) == 0 &&
		(path[len] == '/' || path[len] == '\0');
	return is_inside ? pool_printf(decoding->work.pool, "%s[%u]%s", decoding->entry_path,
				   decoding->entry_position, path + len)
			 : path;
}

/* Extensions */

static rg_err set_extension(struct decoding *decoding, const char *member, const char *text)
{
	char path[64];
	bool is_taken = false;
	snprintf(path, sizeof(path), "extensions[%zu].%s", decoding->n_extensions, member);
	struct rg_bytes value = {(const uint8_t *)text, strlen(text)};
	return rg_doc_set(decoding->work.doc, path, value, NULL, &is_taken);
}

/* Names that hold a secret in any format. */
static const char *const secrets[] = {"Password", "Passwd", "PassWord1", "Pin", "Token",
	"SecretKey", "PrivateKey", NULL};

static bool is_one_of(const char *const *names, const char *name)
{
	const char *colon = strchr(name, ':');
	name = colon ? colon + 1 : name + (name[0] == '@' ? 1 : 0);
	for (; names && *names; names++) {
		if (strcasecmp(*names, name) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether the node is a credential, or stands inside one. */
static bool is_credential(const struct decoding *decoding, const struct xml_node *node)
{
	for (; node && node->name; node = node->parent) {
		if (is_one_of(decoding->work.profile->credentials, node->name) ||
			is_one_of(secrets, node->name)) {
			return true;
		}
	}
	return false;
}

/* Credentials leave nothing but the place they stood in. */
static rg_err drop(struct decoding *decoding, const struct xml_node *node)
{
	const char *path = native_path(decoding, node);
	rg_err err = path ? rg_call_lost(decoding->work.call, path,
				    "a credential: it never leaves the system that stated it")
			  : RG_E_NOMEM;
	return err || !xml_is_element(node) ? err
					    : hint_node(decoding, node, XML_HINT_EMPTY, "", "");
}

static rg_err extend(struct decoding *decoding, const struct xml_node *node,
	const struct xml_row *row)
{
	const char *path = xml_tree_path(&decoding->tree, node);
	if (is_credential(decoding, node)) {
		return drop(decoding, node);
	}
	rg_err err = path ? set_extension(decoding, "format", decoding->work.profile->format)
			  : RG_E_NOMEM;
	if (!err) {
		err = set_extension(decoding, "path", path);
	}
	if (!err) {
		err = set_extension(decoding, "value", node->text);
	}
	if (!err && row && (row->flags & XML_OWN)) {
		err = set_extension(decoding, "class", "LOSS_CLASS_NOT_TRANSFERABLE");
	}
	decoding->n_extensions++;
	return err;
}

/* Texts */

static rg_err keep_spelling(struct decoding *decoding, const struct xml_leaf *leaf,
	const struct xml_node *node)
{
	const char *text = NULL;
	rg_err err = leaf->row->codec->encode(leaf, &text);
	text = text ? text : "";
	if (!err && strcmp(text, node->text) != 0) {
		err = hint_node(decoding, node, XML_HINT_LEXICAL, node->text, text);
	}
	return err;
}

static rg_err map_text(struct decoding *decoding, const struct xml_node *node,
	const struct xml_row *row)
{
	struct pool *pool = decoding->work.pool;
	struct xml_leaf leaf = {
		.work = &decoding->work,
		.row = row,
		.native = native_path(decoding, node),
		.node = node,
		.path = xml_rules_place(pool, row, decoding->positions),
		.positions = decoding->positions,
	};
	bool is_taken = false;
	rg_err err = leaf.native && leaf.path ? row->codec->decode(&leaf, node->text, &is_taken)
					      : RG_E_NOMEM;
	if (err) {
		return err;
	}
	if (!is_taken) {
		return extend(decoding, node, row);
	}
	return keep_spelling(decoding, &leaf, node);
}

/* The element that says "nothing" inside this one: <null/>, with or without prefix; else NULL. */
static const struct xml_node *find_null(const struct xml_node *node)
{
	const struct xml_node *only = NULL;
	for (const struct xml_node *child = node->first; child; child = child->next) {
		if (!strchr("@!", child->name[0])) {
			if (only) {
				return NULL;
			}
			only = child;
		}
	}
	bool is_null = only && strcmp(xml_local(only->name), "null") == 0 && !only->first &&
		only->text[0] == '\0' && !only->is_cdata;
	return is_null ? only : NULL;
}

static bool is_null(const struct xml_node *node)
{
	return find_null(node) != NULL;
}

static rg_err take_empty(struct decoding *decoding, const struct xml_node *node)
{
	const struct xml_node *null = find_null(node);
	if (null) {
		const char *name = strcmp(null->name, "null") == 0 ? "" : null->name;
		return hint_node(decoding, node, XML_HINT_NULL, name, "");
	}
	if (node->text[0] == '\0') {
		return hint_node(decoding, node, XML_HINT_EMPTY, "", "");
	}
	return hint_node(decoding, node, XML_HINT_BLANK, node->text, "");
}

static rg_err take_leaf(struct decoding *decoding, const struct xml_node *node,
	const struct xml_rule *rule)
{
	const struct xml_row *row = rule ? xml_rules_row(&decoding->work, rule) : NULL;
	rg_err err = RG_OK;
	if (node->is_cdata) {
		err = hint_node(decoding, node, XML_HINT_CDATA, "", "");
	}
	if (err) {
		return err;
	}
	if (is_null(node) || xml_is_blank(node->text)) {
		return take_empty(decoding, node);
	}
	bool (*is_unknown)(const struct xml_work *, const struct xml_row *, const char *) =
		decoding->work.profile->is_unknown;
	if (row && row->canonical && is_unknown && is_unknown(&decoding->work, row, node->text)) {
		return hint_node(decoding, node, XML_HINT_BLANK, node->text, "");
	}
	if (row && row->canonical) {
		return map_text(decoding, node, row);
	}
	return extend(decoding, node, row);
}

/* Namespaces and where a schema may be found: how a file is written, not what it says. */
static bool is_about_schema(const char *name)
{
	const char *colon = strchr(name, ':');
	return strncmp(name, "@xmlns", 6) == 0 ||
		(colon && strcmp(colon, ":schemaLocation") == 0) ||
		(colon && strcmp(colon, ":noNamespaceSchemaLocation") == 0);
}

/* Whether the attribute of a mapped element has the text that it always has. */
static bool has_usual_text(const struct xml_rule *rule, const struct xml_row *row,
	const struct xml_node *node)
{
	bool is_inside = rule && rule->row && rule->row->canonical;
	return is_inside && row && !row->canonical && row->fresh &&
		strcmp(row->fresh, node->text) == 0;
}

/* Attributes, comments, instructions and text beside elements. */
static rg_err take_aside(struct decoding *decoding, const struct xml_node *node,
	const struct xml_rule *rule)
{
	bool is_content =
		node->name[0] == '@' && !is_about_schema(node->name) && node->text[0] != '\0';
	const struct xml_rule *known = rule ? xml_rules_find(rule, node->name) : NULL;
	const struct xml_row *row = known ? xml_rules_row(&decoding->work, known) : NULL;
	bool is_mapped = is_content && row && row->canonical && !xml_is_blank(node->text);
	if (is_mapped && !is_credential(decoding, node)) {
		return map_text(decoding, node, row);
	}
	if ((is_content && !has_usual_text(rule, row, node)) || strcmp(node->name, "#text") == 0) {
		return extend(decoding, node, known ? known->row : NULL);
	}
	return hint_node(decoding, node, XML_HINT_ASIDE, node->text, "");
}

/* Rules */

static bool has_text(const struct xml_node *node)
{
	if (!xml_is_blank(node->text)) {
		return true;
	}
	for (const struct xml_node *child = node->first; child; child = child->next) {
		if (has_text(child)) {
			return true;
		}
	}
	return false;
}

/*
 * A file may spell one element of the table in two ways side by side. Only one of
 * them can be mapped: the first with content. *ret_is_free tells whether this is it.
 */
static rg_err claim(struct decoding *decoding, const struct xml_node *node,
	const struct xml_rule *rule, bool *ret_is_free)
{
	struct xml_node *parent = node->parent;
	const char *note = pool_printf(decoding->work.pool, "!%s", rule->name);
	bool is_usual = strcmp(node->name, rule->name) == 0;
	if (!note) {
		return RG_E_NOMEM;
	}
	const struct xml_node *taken = xml_tree_find(&decoding->tree, parent, note, node->position);
	const struct xml_node *usual = is_usual
		? NULL
		: xml_tree_find(&decoding->tree, parent, rule->name, node->position);
	*ret_is_free = taken ? taken->text == node->name : is_usual || !usual || !has_text(usual);
	if (is_usual || taken || !*ret_is_free || !has_text(node)) {
		return RG_OK;
	}
	struct xml_node *made = xml_tree_make(&decoding->tree, parent, note, node->position);
	if (!made) {
		return RG_E_NOMEM;
	}
	made->text = node->name;
	return xml_hints_add(&decoding->hints, &decoding->rule_place, XML_HINT_NAME, node->name,
		"");
}

static rg_err take_children(struct decoding *decoding, struct xml_node *node,
	const struct xml_rule *rule);

static rg_err take_content(struct decoding *decoding, struct xml_node *node,
	const struct xml_rule *rule)
{
	bool is_nothing = is_null(node);
	rg_err err = xml_is_leaf(node) || is_nothing ? take_leaf(decoding, node, rule) : RG_OK;
	if (!is_nothing) {
		return err ? err : take_children(decoding, node, rule);
	}
	for (struct xml_node *child = node->first; child && !err; child = child->next) {
		err = child->name[0] == '@' ? take_aside(decoding, child, rule) : RG_OK;
	}
	return err;
}

static rg_err take_element(struct decoding *decoding, struct xml_node *node,
	const struct xml_rule *parent_rule)
{
	const struct xml_rule *rule =
		parent_rule ? xml_rules_at(parent_rule, node->name, node->position) : NULL;
	if (!rule || node->position < rule->from || node->position > rule->to ||
		decoding->n_positions >= XML_MAX_LISTS) {
		return take_content(decoding, node, NULL);
	}
	bool is_free = false;
	xml_place_push(&decoding->rule_place, rule->name, node->position);
	rg_err err = claim(decoding, node, rule, &is_free);
	if (!err && rule->is_list) {
		decoding->positions[decoding->n_positions++] = node->position - rule->from;
	}
	if (!err) {
		err = take_content(decoding, node, is_free ? rule : NULL);
	}
	if (rule->is_list && decoding->n_positions > 0) {
		decoding->n_positions--;
	}
	xml_place_pop(&decoding->rule_place);
	return err;
}

static rg_err take_children(struct decoding *decoding, struct xml_node *node,
	const struct xml_rule *rule)
{
	rg_err err = RG_OK;
	for (struct xml_node *child = node->first; child && !err; child = child->next) {
		if (xml_is_element(child)) {
			err = take_element(decoding, child, rule);
		} else if (child->name[0] != '!') {
			err = take_aside(decoding, child, rule);
		}
	}
	return err;
}

/* Form */

static rg_err compare_gap(struct decoding *decoding, const struct xml_node *node,
	enum xml_hint_kind kind, const char *space, const char *usual)
{
	space = space ? space : "";
	return strcmp(space, usual) == 0 ? RG_OK : hint_node(decoding, node, kind, space, "");
}

static rg_err compare_space(struct decoding *decoding, const struct xml_node *node, unsigned depth)
{
	const char *gap = xml_gap(decoding->work.pool, &decoding->layout, depth);
	const char *end =
		depth > 0 ? xml_gap(decoding->work.pool, &decoding->layout, depth - 1) : "";
	rg_err err = gap && end ? RG_OK : RG_E_NOMEM;
	bool is_text = false;
	bool has_children = false;
	for (const struct xml_node *child = node->first; child && !err; child = child->next) {
		if (child->name[0] == '@' || child->name[0] == '!') {
			continue;
		}
		bool was_text = is_text;
		is_text = strcmp(child->name, "#text") == 0;
		has_children = true;
		err = compare_gap(decoding, child, XML_HINT_BEFORE, child->before,
			is_text || was_text ? "" : gap);
	}
	if (err || !has_children) {
		return err;
	}
	return compare_gap(decoding, node, XML_HINT_AFTER, node->after, is_text ? "" : end);
}

static rg_err compare_order(struct decoding *decoding, const struct xml_node *node,
	const struct xml_rule *rule)
{
	const char *usual = NULL;
	const char *order = xml_order_text(decoding->work.pool, node);
	rg_err err = order ? xml_order_usual(decoding->work.pool, rule, node, &usual) : RG_E_NOMEM;
	if (!err && strcmp(order, usual) != 0) {
		err = hint_node(decoding, node, XML_HINT_ORDER, order, "");
	}
	return err;
}

static rg_err compare_form(struct decoding *decoding, const struct xml_node *node,
	const struct xml_rule *rule, unsigned depth)
{
	rg_err err = compare_space(decoding, node, depth);
	if (!err && !xml_is_leaf(node)) {
		err = compare_order(decoding, node, rule);
	}
	for (const struct xml_node *child = node->first; child && !err; child = child->next) {
		if (xml_is_element(child)) {
			const struct xml_rule *known =
				rule ? xml_rules_at(rule, child->name, child->position) : NULL;
			err = compare_form(decoding, child, known, depth + 1);
		}
	}
	return err;
}

/* The first white space inside the root shows how the file is indented. */
static rg_err find_layout(struct decoding *decoding, const struct xml_node *root)
{
	const char *space = "";
	for (const struct xml_node *child = root->first; child; child = child->next) {
		if (child->name[0] != '@' && child->name[0] != '!') {
			space = child->before ? child->before : "";
			break;
		}
	}
	const char *line = strrchr(space, '\n');
	decoding->layout.newline = line ? "\n" : "";
	decoding->layout.unit = line ? line + 1 : "";
	const char *form = pool_printf(decoding->work.pool, "%s%s", decoding->layout.newline,
		decoding->layout.unit);
	return form ? xml_hints_add(&decoding->hints, NULL, XML_HINT_INDENT, form, "") : RG_E_NOMEM;
}

/* Direction */

static struct xml_node *find_root(const struct xml_tree *tree)
{
	struct xml_node *root = tree->top.first;
	while (root && !xml_is_element(root)) {
		root = root->next;
	}
	return root;
}

struct tracing {
	struct decoding *decoding;
	const struct xml_rule *rule;
	const struct xml_row *row;
};

/* The child that is the rule's, however the file spells its name; NULL: none. */
static const struct xml_node *find_spelt(const struct xml_node *parent, const struct xml_rule *rule,
	uint32_t position)
{
	for (const struct xml_node *child = parent->first; child; child = child->next) {
		if (child->position == position &&
			xml_rules_at(rule->parent, child->name, position) == rule) {
			return child;
		}
	}
	return NULL;
}

/* What the table's paths begin at: the root, or the document where content stands alone. */
static const struct xml_node *find_start(const struct decoding *decoding,
	const struct xml_node *root)
{
	bool is_whole = strcasecmp(xml_local(root->name), decoding->work.rules->local) == 0;
	return is_whole ? root : &decoding->tree.top;
}

/* The element of a rule at these positions, as it stands in the file or would. NULL: no memory. */
static const char *rule_path(struct decoding *decoding, const struct xml_rule *rule,
	const struct xml_node *root, const size_t *positions, size_t *n_lists,
	const struct xml_node **ret_node)
{
	if (!rule->parent) {
		*ret_node = find_start(decoding, root);
		*n_lists = 0;
		return xml_tree_path(&decoding->tree, *ret_node);
	}
	const struct xml_node *parent = NULL;
	const char *above = rule_path(decoding, rule->parent, root, positions, n_lists, &parent);
	uint32_t position = rule->from + (rule->is_list ? (uint32_t)positions[(*n_lists)++] : 0);
	*ret_node = parent ? find_spelt(parent, rule, position) : NULL;
	if (*ret_node) {
		return xml_tree_path(&decoding->tree, *ret_node);
	}
	return above ? pool_printf(decoding->work.pool, "%s/%s", above, rule->name) : NULL;
}

static rg_err trace_place(void *context, const size_t *positions)
{
	const struct tracing *tracing = context;
	struct decoding *decoding = tracing->decoding;
	struct xml_leaf leaf = {
		.work = &decoding->work,
		.row = tracing->row,
		.path = xml_rules_place(decoding->work.pool, tracing->row, positions),
		.positions = positions,
	};
	const char *text = NULL;
	const struct xml_node *node = NULL;
	size_t n_lists = 0;
	leaf.native = rule_path(decoding, tracing->rule, find_root(&decoding->tree), positions,
		&n_lists, &node);
	rg_err err =
		leaf.path && leaf.native ? tracing->row->codec->encode(&leaf, &text) : RG_E_NOMEM;
	return err || !text ? err : rg_doc_trace(decoding->work.doc, "direction", leaf.native);
}

/*
 * Some rows hold in one direction only: a change of the direction would move values
 * between their elements. So the direction names the elements of both sides.
 */
static rg_err trace_direction(struct decoding *decoding, const struct xml_rule *rule)
{
	const struct xml_row *rows[] = {rule->row, rule->other};
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < 2; i++) {
		const struct xml_row *row = rows[i];
		if (row && row->canonical && row->flags & (XML_EXPORT | XML_IMPORT)) {
			struct tracing tracing = {decoding, rule, row};
			err = xml_rules_each(&decoding->work, row, trace_place, &tracing);
		}
	}
	for (const struct xml_rule *child = rule->first; child && !err; child = child->next) {
		err = trace_direction(decoding, child);
	}
	return err;
}

/* Whole documents */

/* Finds an element by the table's names; NULL: it is not there. */
static const struct xml_node *find_element(const struct xml_node *from, const char *path)
{
	size_t len = strcspn(path, "/");
	for (const struct xml_node *child = from->first; child; child = child->next) {
		const char *name = xml_local(child->name);
		if (strncasecmp(name, path, len) == 0 && name[len] == '\0') {
			return path[len] ? find_element(child, path + len + 1) : child;
		}
	}
	return NULL;
}

static void find_flow(struct decoding *decoding, const struct xml_node *root)
{
	const struct xml_profile *profile = decoding->work.profile;
	if (profile->direction) {
		decoding->work.is_export = strcmp(profile->direction, "DIRECTION_EXPORT") == 0;
		return;
	}
	const struct xml_node *mark =
		profile->flow ? find_element(find_start(decoding, root), profile->flow) : NULL;
	size_t len = 0;
	const char *text = xml_trim(mark ? mark->text : "", &len);
	size_t mark_len = mark ? strcspn(profile->export_mark, "*") : 0;
	bool is_long = mark && (profile->export_mark[mark_len] ? len >= mark_len : len == mark_len);
	/* As the codec of the direction reads it: both must agree. */
	decoding->work.is_export = is_long && memcmp(text, profile->export_mark, mark_len) == 0;
}

static rg_err set_leaf(struct decoding *decoding, const char *path, const char *text)
{
	bool is_taken = false;
	struct rg_bytes value = {(const uint8_t *)text, text ? strlen(text) : 0};
	return path && text ? rg_doc_set(decoding->work.doc, path, value, NULL, &is_taken) : RG_OK;
}

/* What the plug-in and the root say, without an element of its own. */
static rg_err set_frame(struct decoding *decoding)
{
	const struct xml_profile *profile = decoding->work.profile;
	char kind[XML_KIND_MAX];
	xml_kind(profile, kind);
	rg_err err = set_leaf(decoding, "country", decoding->work.call->country);
	if (!err) {
		err = set_leaf(decoding, "direction", profile->direction);
	}
	if (!err) {
		err = set_leaf(decoding, profile->kind, kind);
	}
	if (!err && decoding->tree.encoding) {
		err = xml_hints_add(&decoding->hints, NULL, XML_HINT_ENCODING,
			decoding->tree.encoding, "");
	}
	return err;
}

/* The root as it is, or one entry of a list of the root that stands alone. */
static rg_err take_root(struct decoding *decoding, struct xml_node *root)
{
	const struct xml_rule *rules = decoding->work.rules;
	const struct xml_rule *alone = xml_rules_find(rules, root->name);
	rg_err err = RG_OK;
	if (strcasecmp(xml_local(root->name), rules->local) == 0) {
		err = strcmp(root->name, rules->name) == 0
			? RG_OK
			: xml_hints_add(&decoding->hints, NULL, XML_HINT_ROOT, root->name, "");
		err = err ? err : take_children(decoding, root, rules);
		if (!err && xml_is_leaf(root) && root->text[0] != '\0') {
			err = extend(decoding, root, NULL);
		}
		return err ? err : compare_form(decoding, root, rules, 1);
	}
	err = xml_hints_add(&decoding->hints, NULL, XML_HINT_FRAGMENT, root->name, "");
	err = err ? err : take_element(decoding, root, rules);
	return err ? err : compare_form(decoding, root, alone, 1);
}

static rg_err take_beside(struct decoding *decoding)
{
	rg_err err = compare_order(decoding, &decoding->tree.top, NULL);
	for (struct xml_node *node = decoding->tree.top.first; node && !err; node = node->next) {
		if (!xml_is_element(node) && node->name[0] != '!') {
			err = take_aside(decoding, node, NULL);
		}
	}
	return err;
}

static rg_err decode_tree(struct decoding *decoding, struct xml_node *root,
	const struct xml_node *layout_root)
{
	rg_err err = rg_call_document(decoding->work.call, &decoding->work.doc);
	if (!err) {
		err = set_frame(decoding);
	}
	if (!err) {
		err = find_layout(decoding, layout_root);
	}
	if (!err) {
		find_flow(decoding, root);
		err = take_root(decoding, root);
	}
	if (!err) {
		err = take_beside(decoding);
	}
	if (!err && decoding->work.profile->flow) {
		err = trace_direction(decoding, decoding->work.rules);
	}
	return err ? err
		   : xml_hints_store(&decoding->hints, decoding->work.profile->format,
			     decoding->work.doc);
}

/* Files of several documents */

static rg_err refuse_entries(struct decoding *file, const struct xml_node *root)
{
	struct rg_finding finding = {RG_FINDING_ERROR, "LIMIT", "/", root->line, root->column,
		"the file holds more documents than can be read at once; divide it"};
	return rg_call_finding(file->work.call, &finding);
}

/* The n-th document, in a pool of its own. */
static rg_err decode_entry(const struct decoding *file, const struct xml_node *root, size_t n)
{
	scoped(pool_freep) struct pool *pool = pool_new(XML_POOL_LIMIT);
	struct decoding *decoding = pool ? pool_alloc(pool, sizeof(*decoding)) : NULL;
	if (!decoding) {
		return RG_E_NOMEM;
	}
	decoding->work = file->work;
	decoding->work.pool = pool;
	decoding->hints.pool = pool;
	decoding->entry_position = (uint32_t)n;
	xml_tree_init(&decoding->tree, pool);
	decoding->tree.encoding = file->tree.encoding;
	rg_err err = xml_entries_copy(&file->tree, file->work.profile->entry, n, &decoding->tree,
		&decoding->entry_path);
	return err ? err : decode_tree(decoding, find_root(&decoding->tree), root);
}

static rg_err decode_file(struct decoding *file, struct xml_node *root)
{
	const char *entry = file->work.profile->entry;
	size_t n = entry ? xml_entries_count(root, entry) : 0;
	if (n <= 1) {
		return decode_tree(file, root, root);
	}
	if (!xml_entries_fit(root, entry, n)) {
		return refuse_entries(file, root);
	}
	rg_err err = RG_OK;
	for (size_t i = 1; i <= n && !err; i++) {
		err = decode_entry(file, root, i);
	}
	return err;
}

rg_err xml_decode(const struct rg_format *format, struct rg_bytes native, struct rg_call *call)
{
	scoped(pool_freep) struct pool *pool = pool_new(XML_POOL_LIMIT);
	struct decoding *decoding = pool ? pool_alloc(pool, sizeof(*decoding)) : NULL;
	struct xml_node *root = NULL;
	if (!decoding) {
		return RG_E_NOMEM;
	}
	decoding->work = (struct xml_work){.pool = pool, .call = call, .profile = format->profile};
	decoding->hints.pool = pool;
	rg_err err = xml_open(&decoding->work, &decoding->tree, native, &root);
	return err || !root ? err : decode_file(decoding, root);
}
