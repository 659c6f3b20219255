/*
 * Thai e-Customs: whole messages against the layout table
 *
 * Method: a group is visited wherever it stands, and each of its fields looked up in it. Checking
 * makes findings of what is wrong; completing adds what a draft cannot leave out, by the guide's
 * own rule for what is not known.
 *
 * Threads: no state.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/th-ecustoms/table.h"
#include "formats/th-ecustoms/th.h"
#include "formats/xml/format.h"

/* Findings of one file; what is wrong in every line is told often enough by then. */
#define MAX_FINDINGS 500

struct visiting {
	struct xml_work *work;
	struct xml_tree *tree;
	const struct th_message *message;
	size_t n_findings;
	size_t n_left_over;
	rg_err (*visit)(struct visiting *visiting, const struct th_group *group,
		struct xml_node *node);
};

/* Name of the last step of a group's path, without []; its length in *ret_len. */
static const char *group_name(const struct th_group *group, size_t *ret_len)
{
	const char *slash = strrchr(group->path, '/');
	const char *name = slash ? slash + 1 : group->path;
	*ret_len = strcspn(name, "[");
	return name;
}

static bool is_named(const struct xml_node *node, const char *name, size_t len)
{
	const char *colon = strchr(node->name, ':');
	const char *bare = colon ? colon + 1 : node->name;
	return xml_is_element(node) && strncasecmp(bare, name, len) == 0 && bare[len] == '\0';
}

/* The group right above this one, NULL: the root. */
static const struct th_group *group_above(const struct th_message *message,
	const struct th_group *group)
{
	const char *slash = strrchr(group->path, '/');
	for (size_t i = 0; slash && i < message->n_groups; i++) {
		const char *path = message->groups[i].path;
		if (strlen(path) == (size_t)(slash - group->path) &&
			strncmp(path, group->path, strlen(path)) == 0) {
			return &message->groups[i];
		}
	}
	return NULL;
}

static rg_err visit_inside(struct visiting *visiting, const struct th_group *above,
	struct xml_node *node);

static rg_err visit_group(struct visiting *visiting, const struct th_group *group,
	struct xml_node *node)
{
	rg_err err = visiting->visit(visiting, group, node);
	return err ? err : visit_inside(visiting, group, node);
}

/* Visits every entry of every group that stands right inside this node. */
static rg_err visit_inside(struct visiting *visiting, const struct th_group *above,
	struct xml_node *node)
{
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < visiting->message->n_groups; i++) {
		const struct th_group *group = &visiting->message->groups[i];
		size_t len = 0;
		const char *name = group_name(group, &len);
		if (group_above(visiting->message, group) != above) {
			continue;
		}
		for (struct xml_node *child = node->first; child && !err; child = child->next) {
			err = is_named(child, name, len) ? visit_group(visiting, group, child)
							 : RG_OK;
		}
	}
	return err;
}

static const struct th_field *fields_of(const struct visiting *visiting,
	const struct th_group *group)
{
	return visiting->message->fields + group->first;
}

/* The field's element in its group: the first of that name; NULL: there is none. */
static const struct xml_node *find_field(const struct xml_node *node, const char *name)
{
	for (const struct xml_node *child = node->first; child; child = child->next) {
		if (is_named(child, name, strlen(name))) {
			return child;
		}
	}
	return NULL;
}

static const char *text_of(struct pool *pool, const struct xml_node *node, const char *name)
{
	const struct xml_node *found = find_field(node, name);
	size_t len = 0;
	const char *text = xml_trim(found ? found->text : "", &len);
	return len > 0 ? pool_copy(pool, text, len) : NULL;
}

/* What the field depends on; NULL: nothing, or it is not there. */
static const char *when_of(struct pool *pool, const struct th_field *field,
	const struct xml_node *node)
{
	const char *text = field->when ? text_of(pool, node, field->when) : NULL;
	bool is_unknown = text && (strcmp(text, "N/A") == 0 || strcmp(text, "0") == 0);
	return is_unknown && !field->when_values ? NULL : text;
}

/* Completing */

/* What a draft says where the rule of N/A and 0 would read oddly, by the guides. */
static const struct {
	const char *name;
	const char *text;
} usual[] = {
	{"ShippingMarks", "NO SHIPPING MARK"},
	{"BrandName", "NO BRAND"},
};

static const char *default_of(const struct visiting *visiting, const struct th_field *field)
{
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		if (strcmp(usual[i].name, field->name) == 0) {
			return usual[i].text;
		}
	}
	if (strcmp(field->name, "DocumentType") == 0) {
		const char *direction = visiting->work->profile->direction;
		bool is_import = direction && strcmp(direction, "DIRECTION_IMPORT") == 0;
		return is_import ? "0" : "1";
	}
	/* No privilege is claimed where none was stated. */
	if (field->values && strcmp(field->values, "Y|N") == 0) {
		return "N";
	}
	return th_unknown(field);
}

static rg_err complete_group(struct visiting *visiting, const struct th_group *group,
	struct xml_node *node)
{
	const struct th_field *fields = fields_of(visiting, group);
	for (size_t i = 0; i < group->n_fields; i++) {
		const struct th_field *field = &fields[i];
		const char *when = when_of(visiting->work->pool, field, node);
		bool is_needed = field->use == 'M' || th_is_needed(field, when);
		struct xml_node *made =
			is_needed ? xml_tree_make(visiting->tree, node, field->name, 1) : NULL;
		if (is_needed && !made) {
			return RG_E_NOMEM;
		}
		if (made && !made->is_real) {
			made->text = default_of(visiting, field);
			made->is_real = true;
		}
	}
	return RG_OK;
}

/* Groups of their own that must be there. Goods are not invented. */
static rg_err make_groups(struct visiting *visiting, struct xml_node *root)
{
	for (size_t i = 0; i < visiting->message->n_groups; i++) {
		const struct th_group *group = &visiting->message->groups[i];
		size_t len = 0;
		const char *name = group_name(group, &len);
		const char *copy = pool_copy(visiting->work->pool, name, len);
		bool is_needed = group->least > 0 && !strchr(group->path, '/') && copy &&
			!strstr(copy, "Detail");
		if (!copy) {
			return RG_E_NOMEM;
		}
		struct xml_node *made =
			is_needed ? xml_tree_make(visiting->tree, root, copy, 1) : NULL;
		if (is_needed && !made) {
			return RG_E_NOMEM;
		}
		if (made) {
			made->is_real = true;
		}
	}
	return RG_OK;
}

rg_err th_complete(struct xml_work *work, struct xml_tree *tree, struct xml_node *root)
{
	struct visiting visiting = {.work = work,
		.tree = tree,
		.message = th_message_of(work->profile),
		.visit = complete_group};
	rg_err err = make_groups(&visiting, root);
	return err ? err : visit_inside(&visiting, NULL, root);
}

/* Checking */

static rg_err find_fault(struct visiting *visiting, const struct xml_node *node, const char *name,
	const struct th_breach *breach)
{
	struct xml_work *work = visiting->work;
	if (visiting->n_findings++ >= MAX_FINDINGS) {
		visiting->n_left_over++;
		return RG_OK;
	}
	const char *path = xml_site_path(work->names, visiting->tree, node);
	const char *colon = strchr(node->name, ':');
	if (path && name) {
		path = pool_printf(work->pool, "%s/%s", path,
			xml_names_site(work->names, colon ? colon + 1 : node->name, name));
	}
	struct rg_finding finding = {RG_FINDING_ERROR, breach->rule, path ? path : "", node->line,
		node->column, breach->text};
	return path ? rg_call_finding(work->call, &finding) : RG_E_NOMEM;
}

static rg_err check_missing(struct visiting *visiting, const struct th_field *field,
	const struct xml_node *node)
{
	struct pool *pool = visiting->work->pool;
	struct th_breach breach = {"MISSING", NULL};
	const char *when = when_of(pool, field, node);
	if (field->use == 'M') {
		breach.text = pool_printf(pool,
			"this is mandatory and missing; write %s where it is not known",
			th_unknown(field));
	} else if (th_is_needed(field, when)) {
		breach.text = pool_printf(pool,
			"this is missing, and needed because %s is %.40s; write %s where it is not "
			"known",
			field->when, when, th_unknown(field));
	} else {
		return RG_OK;
	}
	return breach.text ? find_fault(visiting, node, field->name, &breach) : RG_E_NOMEM;
}

static rg_err check_field(struct visiting *visiting, const struct th_field *field,
	const struct xml_node *node)
{
	const struct xml_node *found = find_field(node, field->name);
	size_t len = 0;
	const char *text = xml_trim(found ? found->text : "", &len);
	struct th_breach breach;
	if (len == 0) {
		return check_missing(visiting, field, node);
	}
	text = pool_copy(visiting->work->pool, text, len);
	if (!text) {
		return RG_E_NOMEM;
	}
	return th_breaks(visiting->work->pool, field, text, &breach)
		? find_fault(visiting, found, NULL, &breach)
		: RG_OK;
}

static const struct th_field *field_of(const struct visiting *visiting,
	const struct th_group *group, const struct xml_node *child)
{
	const struct th_field *fields = fields_of(visiting, group);
	for (size_t i = 0; i < group->n_fields; i++) {
		if (is_named(child, fields[i].name, strlen(fields[i].name))) {
			return &fields[i];
		}
	}
	return NULL;
}

static bool is_group_inside(const struct visiting *visiting, const struct th_group *above,
	const struct xml_node *child)
{
	for (size_t i = 0; i < visiting->message->n_groups; i++) {
		const struct th_group *group = &visiting->message->groups[i];
		size_t len = 0;
		const char *name = group_name(group, &len);
		if (group_above(visiting->message, group) == above && is_named(child, name, len)) {
			return true;
		}
	}
	return false;
}

/* Elements that the table does not have, and fields that stand twice. */
static rg_err check_strangers(struct visiting *visiting, const struct th_group *group,
	const struct xml_node *node)
{
	static const struct th_breach unknown = {"ELEMENT",
		"the field table has no such element here; see the names in the README"};
	static const struct th_breach twice = {"TWICE", "this field stands twice in its group"};
	rg_err err = RG_OK;
	for (const struct xml_node *child = node->first; child && !err; child = child->next) {
		if (!xml_is_element(child) || is_group_inside(visiting, group, child)) {
			continue;
		}
		const struct th_field *field = group ? field_of(visiting, group, child) : NULL;
		if (!field) {
			err = find_fault(visiting, child, NULL, &unknown);
		} else if (find_field(node, field->name) != child) {
			err = find_fault(visiting, child, NULL, &twice);
		}
	}
	return err;
}

static rg_err check_counts(struct visiting *visiting, const struct th_group *above,
	const struct xml_node *node)
{
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < visiting->message->n_groups; i++) {
		const struct th_group *group = &visiting->message->groups[i];
		size_t len = 0;
		const char *name = group_name(group, &len);
		size_t n = 0;
		if (group_above(visiting->message, group) != above) {
			continue;
		}
		for (const struct xml_node *child = node->first; child; child = child->next) {
			n += is_named(child, name, len);
		}
		if (n >= group->least && n <= group->most) {
			continue;
		}
		struct th_breach breach = {"COUNT",
			pool_printf(visiting->work->pool,
				"there are %zu of %.*s here; %u to %u are taken", n, (int)len, name,
				group->least, group->most)};
		err = breach.text ? find_fault(visiting, node, NULL, &breach) : RG_E_NOMEM;
	}
	return err;
}

static bool has_later(const struct xml_node *node, const char *name, size_t len)
{
	for (const struct xml_node *other = node->next; other; other = other->next) {
		if (is_named(other, name, len)) {
			return true;
		}
	}
	return false;
}

/* LastEntry is Y on the last entry and on no other. */
static rg_err check_last(struct visiting *visiting, const struct th_group *group,
	const struct xml_node *node)
{
	static const struct th_breach early = {"LAST", "this is Y, and more entries follow"};
	static const struct th_breach late = {"LAST", "this is not Y, and no entry follows"};
	size_t len = 0;
	const char *name = group_name(group, &len);
	const struct xml_node *mark = find_field(node, "LastEntry");
	if (!mark) {
		return RG_OK;
	}
	bool is_marked = strcmp(mark->text, "Y") == 0;
	bool is_followed = has_later(node, name, len);
	return is_marked == is_followed
		? find_fault(visiting, mark, NULL, is_marked ? &early : &late)
		: RG_OK;
}

/* An invoice that a line names is one of the file. */
static rg_err check_invoice(struct visiting *visiting, const struct th_group *group,
	const struct xml_node *node)
{
	static const struct th_breach unknown = {"INVOICE",
		"no invoice of this file has this number"};
	size_t len = 0;
	const char *name = group_name(group, &len);
	const struct xml_node *number = find_field(node, "InvoiceNumber");
	if (!number || len < 13 || strncmp(name + len - 13, "InvoiceDetail", 13) != 0) {
		return RG_OK;
	}
	for (const struct xml_node *other = node->parent->first; other; other = other->next) {
		const struct xml_node *its = find_field(other, "InvoiceNumber");
		bool is_control = !is_named(other, name, len) && its;
		if (is_control && strcmp(its->text, number->text) == 0) {
			return RG_OK;
		}
	}
	return find_fault(visiting, number, NULL, &unknown);
}

/* DetailLine says how many entries follow. */
static rg_err check_detail_line(struct visiting *visiting, const struct xml_node *node)
{
	const struct xml_node *said = find_field(node, "DetailLine");
	size_t n = 0;
	if (!said) {
		return RG_OK;
	}
	for (const struct xml_node *other = node->parent->first; other; other = other->next) {
		n += is_named(other, "GoodsTransitionDetail", strlen("GoodsTransitionDetail"));
	}
	if (strtoull(said->text, NULL, 10) == n) {
		return RG_OK;
	}
	struct th_breach breach = {"DETAIL_LINE",
		pool_printf(visiting->work->pool, "this is not %zu, the number of details", n)};
	return breach.text ? find_fault(visiting, said, NULL, &breach) : RG_E_NOMEM;
}

static rg_err check_group(struct visiting *visiting, const struct th_group *group,
	struct xml_node *node)
{
	const struct th_field *fields = fields_of(visiting, group);
	rg_err err = check_strangers(visiting, group, node);
	for (size_t i = 0; !err && i < group->n_fields; i++) {
		err = check_field(visiting, &fields[i], node);
	}
	if (!err) {
		err = check_counts(visiting, group, node);
	}
	if (!err) {
		err = check_last(visiting, group, node);
	}
	if (!err) {
		err = check_invoice(visiting, group, node);
	}
	return err ? err : check_detail_line(visiting, node);
}

static rg_err tell_left_over(struct visiting *visiting)
{
	if (visiting->n_left_over == 0) {
		return RG_OK;
	}
	const char *text = pool_printf(visiting->work->pool,
		"%zu more findings are left out; mend these first", visiting->n_left_over);
	struct rg_finding finding = {RG_FINDING_NOTE, "LIMIT", "", 0, 0, text};
	return text ? rg_call_finding(visiting->work->call, &finding) : RG_E_NOMEM;
}

rg_err th_validate(const struct rg_format *format, struct rg_bytes native, struct rg_call *call)
{
	scoped(pool_freep) struct pool *pool = pool_new(XML_POOL_LIMIT);
	struct xml_work work = {.pool = pool, .call = call, .profile = format->profile};
	struct xml_tree tree;
	struct xml_node *root = NULL;
	if (!pool) {
		return RG_E_NOMEM;
	}
	rg_err err = xml_open(&work, &tree, native, &root);
	if (err || !root) {
		return err;
	}
	struct visiting visiting = {.work = &work,
		.tree = &tree,
		.message = th_message_of(work.profile),
		.visit = check_group};
	err = check_strangers(&visiting, NULL, root);
	if (!err) {
		err = check_counts(&visiting, NULL, root);
	}
	if (!err) {
		err = visit_inside(&visiting, NULL, root);
	}
	return err ? err : tell_left_over(&visiting);
}
