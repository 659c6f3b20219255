/*
 * Canonical documents to messages
 *
 * Method: each row of the table is asked for each entry of its lists; then extensions,
 * then hints; then the tree is completed (first segments of groups, qualifiers, what always
 * stands there) and sorted.
 *
 * Threads: no state.
 */
#include "formats/edifact/encode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/edifact/hints.h"
#include "formats/edifact/order.h"

static rg_err refuse(struct edi_draft *draft, const char *rule, const char *path, const char *text)
{
	struct rg_finding finding = {RG_FINDING_ERROR, rule, path, 0, 0, text};
	draft->is_refused = true;
	return text ? rg_call_finding(draft->work.call, &finding) : RG_E_NOMEM;
}

static rg_err fetch(struct edi_draft *draft, const char *path, const char **ret_text)
{
	struct rg_bytes value = {NULL, 0};
	*ret_text = "";
	rg_err err = path ? rg_doc_get(draft->work.doc, path, &value) : RG_E_NOMEM;
	if (!err && value.data) {
		*ret_text = pool_copy(draft->work.pool, (const char *)value.data, value.len);
		err = *ret_text ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

/* Extensions */

static rg_err put_extension(struct edi_draft *draft, size_t index)
{
	struct pool *pool = draft->work.pool;
	const char *path = NULL;
	const char *value = NULL;
	struct edi_target target;
	rg_err err = fetch(draft, pool_printf(pool, "extensions[%zu].path", index), &path);
	if (err || !edi_aim(draft, path, &target) || !target.value) {
		return err;
	}
	err = fetch(draft, pool_printf(pool, "extensions[%zu].value", index), &value);
	if (err || !*value) {
		return err;
	}
	struct edi_node *segment = edi_nodes_make(&draft->work.tree, target.steps, target.n_steps);
	bool is_set = segment && edi_value_set(&draft->work.tree, segment, &target.place, value);
	return is_set ? RG_OK : RG_E_NOMEM;
}

static rg_err put_extensions(struct edi_draft *draft)
{
	size_t n = 0;
	rg_err err = rg_doc_count(draft->work.doc, "extensions", &n);
	for (size_t i = 0; !err && i < n; i++) {
		const char *format = NULL;
		err = fetch(draft, pool_printf(draft->work.pool, "extensions[%zu].format", i),
			&format);
		if (!err && strcmp(format, draft->work.profile->format) == 0) {
			err = put_extension(draft, i);
		}
	}
	return err;
}

/* Hints of segments and values */

static rg_err each_hint(struct edi_draft *draft, const char *kind,
	rg_err (*apply)(struct edi_draft *draft, const struct edi_hint *hint,
		const struct edi_target *target))
{
	struct edi_target target;
	rg_err err = RG_OK;
	for (const struct edi_hint *hint = edi_hint_first(&draft->hints, kind); !err && hint;
		hint = edi_hint_next(&draft->hints, hint)) {
		if (edi_aim(draft, hint->path, &target)) {
			err = apply(draft, hint, &target);
		}
	}
	return err;
}

static rg_err apply_segment(struct edi_draft *draft, const struct edi_hint *hint,
	const struct edi_target *target)
{
	(void)hint;
	return target->value || edi_nodes_make(&draft->work.tree, target->steps, target->n_steps)
		? RG_OK
		: RG_E_NOMEM;
}

static rg_err apply_shape(struct edi_draft *draft, const struct edi_hint *hint,
	const struct edi_target *target)
{
	struct edi_node *segment =
		edi_nodes_find(&draft->work.tree, target->steps, target->n_steps);
	if (segment && !target->value) {
		segment->shape = hint->form;
	}
	return RG_OK;
}

/* The text of a row's values as it stands now. */
static const char *present_text(struct edi_draft *draft, const struct edi_node *segment,
	const struct edi_leaf_rule *rule)
{
	struct edi_place place = rule->place;
	struct text text;
	size_t n_last = 0;
	unsigned n = rule->row->n_components ? rule->row->n_components : 1;
	text_init(&text, draft->work.pool);
	for (unsigned i = 0; i < n; i++, place.component++) {
		const struct edi_value *value = edi_value_find(segment, &place);
		bool is_there = value && *value->text;
		text_add_string(&text, i ? "\n" : "");
		text_add_string(&text, is_there ? value->text : "");
		n_last = is_there ? text.len : n_last;
	}
	char *joined = text_string(&text);
	if (joined) {
		joined[text.len < n_last ? text.len : n_last] = '\0';
	}
	return joined;
}

/* A spelling holds while the value is the one it was taken with, and tells the same value. */
static rg_err apply_lexical(struct edi_draft *draft, const struct edi_hint *hint,
	const struct edi_target *target)
{
	struct edi_node *segment =
		edi_nodes_find(&draft->work.tree, target->steps, target->n_steps);
	const struct edi_leaf_rule *rule =
		segment && target->value ? edi_rule_leaf(segment->rule, &target->place) : NULL;
	const char *usual = NULL;
	struct edi_leaf leaf;
	if (!rule || !rule->row->canonical || !rule->row->codec->usual) {
		return RG_OK;
	}
	const char *text = present_text(draft, segment, rule);
	rg_err err = text ? edi_leaf_init(&draft->work, segment, rule, &leaf) : RG_E_NOMEM;
	if (!err) {
		err = rule->row->codec->usual(&leaf, hint->form, &usual);
	}
	bool holds = !err && strcmp(text, hint->value) == 0 && strcmp(usual, hint->value) == 0;
	if (!holds) {
		return err;
	}
	const struct edi_value *value = edi_value_find(segment, &target->place);
	struct edi_place place = target->place;
	for (unsigned i = 0; i < rule->row->n_components; i++, place.component++) {
		if (!edi_value_set(&draft->work.tree, segment, &place, "")) {
			return RG_E_NOMEM;
		}
	}
	return edi_put_text(draft, segment, rule, hint->form, value ? value->from : NULL);
}

static rg_err apply_absent(struct edi_draft *draft, const struct edi_hint *hint,
	const struct edi_target *target)
{
	struct edi_node *segment =
		edi_nodes_find(&draft->work.tree, target->steps, target->n_steps);
	struct edi_node **at = segment ? &segment->parent->first : NULL;
	(void)hint;
	while (at && *at != segment) {
		at = &(*at)->next;
	}
	if (at && !segment->first && !segment->values) {
		*at = segment->next;
	}
	return RG_OK;
}

/* What stands in every message, and what is fixed where a segment stands */

static bool is_blank(struct edi_draft *draft, const struct edi_node *segment,
	const struct edi_place *place)
{
	const char *path = edi_value_path(draft->work.pool, segment, place);
	return path && edi_hint_find(&draft->hints, "blank", path);
}

static rg_err put_fixed(struct edi_draft *draft, struct edi_node *segment)
{
	const struct edi_leaf_rule *leaf = segment->rule ? segment->rule->leaves : NULL;
	for (; leaf; leaf = leaf->next) {
		bool is_due =
			leaf->row->fresh && (draft->work.is_fresh || leaf->row->flags & EDI_FIXED);
		const struct edi_value *value =
			is_due ? edi_value_find(segment, &leaf->place) : NULL;
		if (is_due && !(value && *value->text) && !is_blank(draft, segment, &leaf->place) &&
			!edi_value_set(&draft->work.tree, segment, &leaf->place,
				leaf->row->fresh)) {
			return RG_E_NOMEM;
		}
	}
	return RG_OK;
}

/* Header and trailer of the message, and the trailers of the headers that are there. */
static rg_err put_trailers(struct edi_draft *draft)
{
	static const char *const pairs[][2] = {{"UNH", "UNH"}, {"UNH", "UNT"}, {"UNG", "UNE"},
		{"UNB", "UNZ"}};
	struct edi_tree *tree = &draft->work.tree;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct edi_step head = {pairs[i][0], pairs[i][0], "", 1};
		struct edi_step tail = {pairs[i][1], pairs[i][1], "", 1};
		bool is_due = i == 0 || edi_tree_find(tree, &tree->top, &head);
		if (is_due && !edi_nodes_make(tree, &tail, 1)) {
			return RG_E_NOMEM;
		}
	}
	return RG_OK;
}

static rg_err put_always(struct edi_draft *draft)
{
	const struct edi_rule *top = draft->work.tree.top.rule;
	for (const struct edi_rule *rule = top->first; rule; rule = rule->next) {
		bool is_due = rule->leaves && rule->leaves->row->flags & EDI_ALWAYS &&
			rule->step.number == 1;
		const char *path =
			is_due ? pool_printf(draft->work.pool, "/%s", rule->step.name) : "";
		if (!path) {
			return RG_E_NOMEM;
		}
		if (is_due && !edi_hint_find(&draft->hints, "absent", path) &&
			!edi_nodes_make(&draft->work.tree, &rule->step, 1)) {
			return RG_E_NOMEM;
		}
	}
	return RG_OK;
}

/* A group has its first segment, and each segment its qualifier. */
static rg_err complete(struct edi_draft *draft, struct edi_node *parent)
{
	struct edi_tree *tree = &draft->work.tree;
	rg_err err = RG_OK;
	struct edi_step first = {parent->tag, parent->tag, "", 1};
	if (parent != &tree->top && !edi_tree_find(tree, parent, &first) &&
		!edi_tree_add(tree, parent, &first)) {
		return RG_E_NOMEM;
	}
	for (struct edi_node *node = parent->first; !err && node; node = node->next) {
		if (node->is_group) {
			err = complete(draft, node);
			continue;
		}
		err = put_fixed(draft, node);
		if (!err) {
			err = edi_key_values(tree, node);
		}
	}
	return err;
}

/* Release characters where none is needed: what they release is the value itself. */
static bool releases(const struct edi_service *service, const char *raw, const char *text)
{
	for (; *raw; raw++, text++) {
		if (service->release && *raw == service->release) {
			raw++;
		} else if (*raw == service->component || *raw == service->element ||
			*raw == service->end || (service->repeat && *raw == service->repeat)) {
			return false;
		}
		if (!*raw || *raw != *text) {
			return false;
		}
	}
	return *text == '\0';
}

static rg_err apply_release(struct edi_draft *draft, const struct edi_hint *hint,
	const struct edi_target *target)
{
	struct edi_node *segment =
		edi_nodes_find(&draft->work.tree, target->steps, target->n_steps);
	struct edi_value *value =
		segment && target->value ? edi_value_find(segment, &target->place) : NULL;
	if (value && strcmp(value->text, hint->value) == 0 &&
		releases(&draft->work.service, hint->form, value->text)) {
		value->raw = hint->form;
	}
	return RG_OK;
}

static rg_err apply_orders(struct edi_draft *draft)
{
	struct edi_tree *tree = &draft->work.tree;
	struct edi_target target;
	rg_err err = edi_order_sort(tree, &tree->top);
	for (const struct edi_hint *hint = edi_hint_first(&draft->hints, "order"); !err && hint;
		hint = edi_hint_next(&draft->hints, hint)) {
		bool is_top = hint->path[0] == '\0';
		bool is_aimed = is_top || (edi_aim(draft, hint->path, &target) && !target.value);
		struct edi_node *parent = is_top ? &tree->top
			: is_aimed ? edi_nodes_find(tree, target.steps, target.n_steps)
				   : NULL;
		err = parent ? edi_order_apply(tree, parent, hint->form) : RG_OK;
	}
	return err;
}

/* What the character set or the service characters cannot say */

static rg_err drop_value(struct edi_draft *draft, const struct edi_node *segment,
	struct edi_value *value)
{
	struct pool *pool = draft->work.pool;
	const char *path = edi_value_path(pool, segment, &value->place);
	const char *reason = pool_printf(pool,
		"the character set %s of the interchange, or its service "
		"characters, cannot hold it: the value was left out",
		draft->charset);
	value->text = "";
	value->raw = NULL;
	if (!path || !reason) {
		return RG_E_NOMEM;
	}
	return value->from ? rg_call_lost(draft->work.call, value->from, reason)
			   : refuse(draft, "ENCODING", path, reason);
}

static rg_err check_values(struct edi_draft *draft, const struct edi_node *parent)
{
	struct pool *pool = draft->work.pool;
	rg_err err = RG_OK;
	for (struct edi_node *node = parent->first; !err && node; node = node->next) {
		for (struct edi_value *value = node->values; !err && value; value = value->next) {
			const char *raw = value->raw;
			err = raw ? RG_OK
				  : edi_write_text(pool, &draft->work.service, value->text, &raw);
			bool is_beyond = value->place.repeat > 1 && !draft->work.service.repeat;
			if (!err &&
				(!raw || is_beyond ||
					!edi_charset_holds(pool, draft->charset, value->text))) {
				err = drop_value(draft, node, value);
			}
		}
		err = err || !node->is_group ? err : check_values(draft, node);
	}
	return err;
}

/* Which message */

/* A document without country that names a message of the format was made from one. */
static rg_err find_owner(struct edi_draft *draft)
{
	const char *country = NULL;
	const char *name = NULL;
	rg_err err = fetch(draft, "country", &country);
	if (!err) {
		err = fetch(draft, "exchange.message", &name);
	}
	if (err) {
		return err;
	}
	enum rg_purpose purpose = draft->work.call->purpose;
	draft->work.is_fresh = *country != '\0' || !edi_message_find(draft->work.profile, name);
	draft->work.has_law = *country == '\0' || purpose == RG_PURPOSE_UNSPECIFIED ||
		purpose == RG_PURPOSE_LODGED_COPY;
	return RG_OK;
}

static rg_err choose_message(struct edi_draft *draft)
{
	struct edi_work *work = &draft->work;
	const char *name = work->profile->usual;
	const char *release = work->profile->release;
	rg_err err = RG_OK;
	if (!work->is_fresh) {
		err = fetch(draft, "exchange.message", &name);
		err = err ? err : fetch(draft, "exchange.modelVersion", &release);
	}
	if (err) {
		return err;
	}
	work->message = edi_message_find(work->profile, name);
	const struct edi_structure *structure = edi_structure_find(name, release);
	if (!work->message || !structure) {
		return refuse(draft, "VALUE", "exchange.message",
			pool_printf(work->pool, "%.20s is no message of the format %s", name,
				work->profile->format));
	}
	edi_tree_init(&work->tree, work->pool, structure);
	work->tree.top.rule = edi_rules_build(work->pool, work->message, structure);
	return work->tree.top.rule ? RG_OK : RG_E_NOMEM;
}

static rg_err choose_characters(struct edi_draft *draft)
{
	const struct edi_hint *advice = edi_hint_first(&draft->hints, "advice");
	const struct edi_hint *charset = edi_hint_first(&draft->hints, "charset");
	const char *syntax = "";
	const char *version = "";
	rg_err err = fetch(draft, "exchange.interchange.syntax", &syntax);
	if (!err) {
		err = fetch(draft, "exchange.interchange.syntaxVersion", &version);
	}
	if (draft->work.is_fresh) {
		syntax = "";
		version = "";
	}
	draft->charset = charset && edi_charset_is_known(charset->form) ? charset->form
									: edi_charset_of(syntax);
	const struct edi_hint *level = edi_hint_first(&draft->hints, "level");
	char mark = level ? level->form[0] : *version;
	draft->work.service = mark == 'B'    ? edi_service_level_b
		: mark >= '4' && mark <= '9' ? edi_service_repeating
					     : edi_service_usual;
	if (advice && strlen(advice->form) == 6) {
		(void)edi_service_read(advice->form, &draft->work.service);
	}
	return err;
}

static rg_err put_hints(struct edi_draft *draft)
{
	rg_err err = each_hint(draft, "segment", apply_segment);
	if (!err) {
		err = each_hint(draft, "lexical", apply_lexical);
	}
	if (!err) {
		err = put_trailers(draft);
	}
	if (!err) {
		err = put_always(draft);
	}
	if (!err) {
		err = each_hint(draft, "absent", apply_absent);
	}
	if (!err) {
		err = complete(draft, &draft->work.tree.top);
	}
	if (!err) {
		err = each_hint(draft, "shape", apply_shape);
	}
	return err ? err : each_hint(draft, "release", apply_release);
}

static rg_err finish(struct edi_draft *draft)
{
	rg_err err = apply_orders(draft);
	return err ? err : check_values(draft, &draft->work.tree.top);
}

static rg_err (*const steps[])(struct edi_draft *draft) = {
	find_owner,
	choose_message,
	edi_hints_load,
	choose_characters,
	edi_ask_rows,
	put_extensions,
	put_hints,
	finish,
};

rg_err edi_draft_fill(struct edi_draft *draft)
{
	rg_err err = RG_OK;
	for (size_t i = 0; !err && !draft->is_refused && i < sizeof(steps) / sizeof(steps[0]);
		i++) {
		err = steps[i](draft);
	}
	return err;
}

rg_err edi_encode(const struct rg_format *format, struct rg_doc *const *docs, size_t n_docs,
	struct rg_call *call)
{
	scoped(pool_freep) struct pool *pool = pool_new(EDI_POOL_LIMIT);
	struct edi_draft *drafts = pool ? pool_alloc(pool, (n_docs + 1) * sizeof(*drafts)) : NULL;
	bool is_refused = false;
	rg_err err = drafts ? RG_OK : RG_E_NOMEM;
	for (size_t i = 0; !err && i < n_docs; i++) {
		drafts[i].work = (struct edi_work){.pool = pool,
			.call = call,
			.doc = docs[i],
			.profile = format->profile};
		err = edi_draft_fill(&drafts[i]);
		is_refused = is_refused || drafts[i].is_refused;
	}
	return err || is_refused ? err : edi_drafts_write(drafts, n_docs);
}
