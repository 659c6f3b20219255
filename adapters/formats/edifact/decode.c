/*
 * Messages to canonical documents
 *
 * Method: the segments are placed by the structure of their message; each value goes to the
 * leaf its row names, or to `extensions`. What a codec would write differently, and what
 * of the form is not usual, becomes a hint.
 *
 * Threads: no state.
 */
#include "formats/edifact/decode.h"

#include <stdio.h>
#include <string.h>

#include "formats/edifact/judge.h"
#include "formats/edifact/order.h"

#define MAX_SPAN 10

struct decoding {
	struct edi_work work;
	const struct edi_file *file;
	const struct edi_mail *mail;
	size_t n_extensions, n_hints;
	bool is_refused;
};

static rg_err refuse_size(struct decoding *decoding)
{
	struct rg_finding finding = {RG_FINDING_ERROR, "LIMIT", "", decoding->mail->first->line, 1,
		"the message has more than 100,000 values without a canonical field; split it"};
	bool is_told = decoding->is_refused;
	decoding->is_refused = true;
	return is_told ? RG_OK : rg_call_finding(decoding->work.call, &finding);
}

static rg_err set_member(struct decoding *decoding, const char *list, size_t index,
	const char *member, const char *text)
{
	char path[64];
	bool is_taken = false;
	struct rg_bytes value = {(const uint8_t *)text, strlen(text)};
	if (!*text || decoding->is_refused) {
		return RG_OK;
	}
	snprintf(path, sizeof(path), "%s[%zu].%s", list, index, member);
	rg_err err = rg_doc_set(decoding->work.doc, path, value, NULL, &is_taken);
	return err || is_taken ? err : refuse_size(decoding);
}

/* Extensions and hints */

static rg_err extend(struct decoding *decoding, const struct edi_node *segment,
	const struct edi_value *value, bool is_own)
{
	size_t n = decoding->n_extensions++;
	const char *path = edi_value_path(decoding->work.pool, segment, &value->place);
	rg_err err = path
		? set_member(decoding, "extensions", n, "format", decoding->work.profile->format)
		: RG_E_NOMEM;
	if (!err) {
		err = set_member(decoding, "extensions", n, "path", path);
	}
	if (!err) {
		err = set_member(decoding, "extensions", n, "value", value->text);
	}
	return err || !is_own
		? err
		: set_member(decoding, "extensions", n, "class", "LOSS_CLASS_NOT_TRANSFERABLE");
}

struct hint {
	const char *kind, *path, *form, *value;
};

static rg_err hint(struct decoding *decoding, const struct hint *hint)
{
	size_t n = decoding->n_hints++;
	if (!hint->path || !hint->form || !hint->value) {
		return RG_E_NOMEM;
	}
	rg_err err = set_member(decoding, "hints", n, "format", decoding->work.profile->format);
	if (!err) {
		err = set_member(decoding, "hints", n, "kind", hint->kind);
	}
	if (!err) {
		err = set_member(decoding, "hints", n, "path", hint->path);
	}
	if (!err) {
		err = set_member(decoding, "hints", n, "form", hint->form);
	}
	return err ? err : set_member(decoding, "hints", n, "value", hint->value);
}

/* Values */

/* The canonical path with the positions of the groups and segments that are any number. */
const char *edi_canonical_path(struct pool *pool, const struct edi_node *node,
	const char *canonical, size_t *ret_position)
{
	size_t positions[EDI_MAX_DEPTH];
	size_t n = 0;
	struct text text;
	for (; node && node->rule && node->parent && n < EDI_MAX_DEPTH; node = node->parent) {
		if (node->rule->step.number == 0) {
			positions[n++] = node->number - 1;
		}
	}
	text_init(&text, pool);
	*ret_position = n > 0 ? positions[0] : 0;
	for (; *canonical; canonical++) {
		bool is_list = *canonical == ']' && canonical[-1] == '[' && n > 0;
		char number[24];
		snprintf(number, sizeof(number), "%zu", is_list ? positions[--n] : 0);
		text_add_string(&text, is_list ? number : "");
		text_add(&text, canonical, 1);
	}
	return text_string(&text);
}

rg_err edi_leaf_init(const struct edi_work *work, const struct edi_node *segment,
	const struct edi_leaf_rule *rule, struct edi_leaf *ret_leaf)
{
	const char **natives = pool_alloc(work->pool, MAX_SPAN * sizeof(*natives));
	struct edi_place place = rule->place;
	struct edi_leaf leaf = {.work = work, .row = rule->row, .natives = natives};
	leaf.path = edi_canonical_path(work->pool, segment, rule->row->canonical, &leaf.position);
	leaf.part = edi_part_find(edi_segment_find(segment->tag, work->tree.structure->release),
		place.element, place.component);
	if (!natives || !leaf.path) {
		return RG_E_NOMEM;
	}
	unsigned n = rule->row->n_components;
	for (unsigned i = 0; i < (n ? n : 1) && i < MAX_SPAN; i++, place.component++) {
		natives[i] = edi_value_path(work->pool, segment, &place);
		if (!natives[i]) {
			return RG_E_NOMEM;
		}
		leaf.n_natives = i + 1;
	}
	*ret_leaf = leaf;
	return RG_OK;
}

/* The row whose values begin with or contain this place; NULL: none. */
static const struct edi_leaf_rule *rule_at(const struct edi_node *segment,
	const struct edi_place *place)
{
	struct edi_place first = *place;
	for (; first.component >= 1; first.component--) {
		const struct edi_leaf_rule *rule = edi_rule_leaf(segment->rule, &first);
		unsigned n = rule && rule->row->n_components ? rule->row->n_components : 1;
		if (rule && first.component + n > place->component) {
			return rule;
		}
	}
	return NULL;
}

/* The text of a row's values with a line feed between them; NULL: one holds a line feed. */
static rg_err join(struct decoding *decoding, const struct edi_node *segment,
	const struct edi_leaf_rule *rule, const char **ret_text)
{
	struct edi_place place = rule->place;
	struct text text;
	size_t n_last = 0;
	bool is_clean = true;
	text_init(&text, decoding->work.pool);
	unsigned n = rule->row->n_components ? rule->row->n_components : 1;
	for (unsigned i = 0; i < n; i++, place.component++) {
		const struct edi_value *value = edi_value_find(segment, &place);
		text_add_string(&text, i ? "\n" : "");
		text_add_string(&text, value ? value->text : "");
		is_clean = is_clean && (n == 1 || !value || !strchr(value->text, '\n'));
		n_last = value ? text.len : n_last;
	}
	char *joined = text_string(&text);
	*ret_text = joined && is_clean ? joined : NULL;
	if (joined) {
		joined[text.len < n_last ? text.len : n_last] = '\0';
	}
	return joined ? RG_OK : RG_E_NOMEM;
}

/* What is written for the leaf now differs from the text: its spelling is kept. */
static rg_err keep_spelling(struct decoding *decoding, const struct edi_leaf *leaf,
	const char *text)
{
	const char *written = NULL;
	rg_err err = leaf->row->codec->encode(leaf, &written);
	if (err || (written && strcmp(written, text) == 0)) {
		return err;
	}
	struct hint spelling = {"lexical", leaf->natives[0], text, written ? written : ""};
	return hint(decoding, &spelling);
}

static rg_err take_mapped(struct decoding *decoding, const struct edi_node *segment,
	const struct edi_leaf_rule *rule, bool *ret_taken)
{
	struct edi_leaf leaf;
	const char *text = NULL;
	*ret_taken = false;
	rg_err err = join(decoding, segment, rule, &text);
	if (!err && text) {
		err = edi_leaf_init(&decoding->work, segment, rule, &leaf);
	}
	if (!err && text) {
		err = rule->row->codec->decode(&leaf, text, ret_taken);
	}
	if (err || !*ret_taken) {
		return err;
	}
	if (rule->row->flags & EDI_OTHER) {
		struct hint other = {"other", leaf.natives[0], "", ""};
		err = hint(decoding, &other);
	}
	return err ? err : keep_spelling(decoding, &leaf, text);
}

/* Values of one row, or the one value that has none; *at moves behind them. */
static rg_err take_value(struct decoding *decoding, const struct edi_node *segment,
	const struct edi_value **at, size_t *n_stored)
{
	const struct edi_value *value = *at;
	const struct edi_leaf_rule *rule = rule_at(segment, &value->place);
	bool is_taken = false;
	rg_err err = RG_OK;
	*at = value->next;
	if (edi_key_covers(segment, &value->place)) {
		return RG_OK;
	}
	if (rule && rule->row->flags & EDI_FIXED && strcmp(value->text, rule->row->fresh) == 0) {
		*n_stored += rule->row->flags & EDI_ALWAYS ? 1 : 0;
		return RG_OK;
	}
	if (rule && rule->row->canonical) {
		err = take_mapped(decoding, segment, rule, &is_taken);
	}
	unsigned n = rule && rule->row->n_components ? rule->row->n_components : 1;
	unsigned end = rule && rule->row->canonical ? rule->place.component + n
						    : value->place.component + 1;
	bool is_own = rule && rule->row->flags & EDI_OWN;
	while (!err && value) {
		const struct edi_value *next = value->next;
		bool is_inside = next && next->place.element == value->place.element &&
			next->place.repeat == value->place.repeat && next->place.component < end;
		err = is_taken ? RG_OK : extend(decoding, segment, value, is_own);
		*n_stored += 1;
		*at = next;
		value = is_inside ? next : NULL;
	}
	return err;
}

/* What is fixed where the segment stands, and does not stand in the file. */
static rg_err keep_blanks(struct decoding *decoding, const struct edi_node *segment)
{
	const struct edi_leaf_rule *rule = segment->rule ? segment->rule->leaves : NULL;
	rg_err err = RG_OK;
	for (; !err && rule; rule = rule->next) {
		if (rule->row->flags & EDI_FIXED && !edi_value_find(segment, &rule->place)) {
			struct hint blank = {"blank",
				edi_value_path(decoding->work.pool, segment, &rule->place), "", ""};
			err = hint(decoding, &blank);
		}
	}
	return err;
}

/* Release characters where none is needed. */
static rg_err keep_raw(struct decoding *decoding, const struct edi_node *segment)
{
	rg_err err = RG_OK;
	for (const struct edi_value *value = segment->values; !err && value; value = value->next) {
		if (value->raw) {
			struct hint raw = {"release",
				edi_value_path(decoding->work.pool, segment, &value->place),
				value->raw, value->text};
			err = hint(decoding, &raw);
		}
	}
	return err;
}

static rg_err keep_form(struct decoding *decoding, const struct edi_node *segment, bool is_bare)
{
	const char *path =
		is_bare || segment->shape ? edi_node_path(decoding->work.pool, segment) : "";
	struct hint shape = {"shape", path, segment->shape ? segment->shape : "", ""};
	struct hint bare = {"segment", path, "", ""};
	rg_err err = segment->shape ? hint(decoding, &shape) : RG_OK;
	if (!err && is_bare) {
		err = hint(decoding, &bare);
	}
	if (!err) {
		err = keep_blanks(decoding, segment);
	}
	return err ? err : keep_raw(decoding, segment);
}

static rg_err take_segment(struct decoding *decoding, const struct edi_node *segment)
{
	const struct edi_value *at = segment->values;
	size_t n_stored = 0;
	rg_err err = RG_OK;
	while (!err && at) {
		err = take_value(decoding, segment, &at, &n_stored);
	}
	bool is_unit = strcmp(segment->tag, "UNH") == 0;
	return err ? err : keep_form(decoding, segment, n_stored == 0 && !is_unit);
}

/* A trailer: what is counted and repeated is not stored, only what differs. */
rg_err edi_trailer_usual(struct pool *pool, const struct edi_count *count, unsigned element,
	const char **ret_text)
{
	*ret_text = element == 1 ? pool_printf(pool, "%u", count->number)
		: element == 2   ? count->reference
				 : "";
	return *ret_text ? RG_OK : RG_E_NOMEM;
}

static rg_err keep_trailer(struct decoding *decoding, const struct edi_node *segment,
	const struct edi_place *place, const char *usual)
{
	struct pool *pool = decoding->work.pool;
	const char *text = edi_text_at(segment, place->element, 1);
	const char *path = edi_value_path(pool, segment, place);
	struct hint differs = {*text ? "lexical" : "blank", path, text, *text ? usual : ""};
	return hint(decoding, &differs);
}

/* A trailer repeats the reference of its header: a change of that changes both. */
static rg_err trace_reference(struct decoding *decoding, const struct edi_node *segment)
{
	static const struct {
		const char *tag, *leaf;
	} traced[] = {{"UNT", "exchange.reference"}, {"UNZ", "exchange.interchange.reference"}};
	struct edi_place place = {2, 1, 1};
	const char *path = edi_value_path(decoding->work.pool, segment, &place);
	rg_err err = path ? RG_OK : RG_E_NOMEM;
	for (size_t i = 0; !err && i < sizeof(traced) / sizeof(traced[0]); i++) {
		if (strcmp(traced[i].tag, segment->tag) == 0) {
			err = rg_doc_trace(decoding->work.doc, traced[i].leaf, path);
		}
	}
	return err;
}

static rg_err take_trailer(struct decoding *decoding, const struct edi_node *segment,
	const struct edi_count *count)
{
	const char *usual = NULL;
	rg_err err = RG_OK;
	for (unsigned element = 1; !err && element <= 2; element++) {
		struct edi_place place = {element, 1, 1};
		err = edi_trailer_usual(decoding->work.pool, count, element, &usual);
		if (!err && strcmp(edi_text_at(segment, element, 1), usual) != 0) {
			err = keep_trailer(decoding, segment, &place, usual);
		}
		if (!err && element == 2 && *usual && *edi_text_at(segment, 2, 1)) {
			err = trace_reference(decoding, segment);
		}
	}
	for (const struct edi_value *value = segment->values; !err && value; value = value->next) {
		const struct edi_place *place = &value->place;
		bool is_counted =
			place->element <= 2 && place->repeat == 1 && place->component == 1;
		err = is_counted ? RG_OK : extend(decoding, segment, value, false);
	}
	return err ? err : keep_form(decoding, segment, false);
}

/* Placed segments */

static rg_err take_tree(struct decoding *decoding, const struct edi_node *parent)
{
	rg_err err = RG_OK;
	for (const struct edi_node *node = parent->first; !err && node; node = node->next) {
		bool is_trailer = parent == &decoding->work.tree.top && edi_is_trailer(node->tag);
		if (node->is_group) {
			err = take_tree(decoding, node);
		} else if (!is_trailer) {
			err = take_segment(decoding, node);
		}
	}
	return err;
}

static rg_err take_trailers(struct decoding *decoding)
{
	const struct edi_mail *mail = decoding->mail;
	const struct edi_envelope *envelope = mail->envelope;
	struct edi_count unit = {mail->n_segments, edi_text_at(mail->first, 1, 1)};
	rg_err err = RG_OK;
	for (const struct edi_node *node = decoding->work.tree.top.first; !err && node;
		node = node->next) {
		struct edi_count count = unit;
		if (!edi_is_trailer(node->tag)) {
			continue;
		}
		if (strcmp(node->tag, "UNE") == 0) {
			count = (struct edi_count){mail->group->n_messages,
				edi_text_at(mail->group->head, 5, 1)};
		} else if (strcmp(node->tag, "UNZ") == 0) {
			count = (struct edi_count){envelope->n_groups ? envelope->n_groups
								      : envelope->n_messages,
				edi_text_at(envelope->head, 5, 1)};
		}
		err = take_trailer(decoding, node, &count);
	}
	return err;
}

/* Order */

static rg_err compare_order(struct decoding *decoding, struct edi_node *parent)
{
	struct pool *pool = decoding->work.pool;
	const char *order = edi_order_text(pool, parent);
	rg_err err = order ? RG_OK : RG_E_NOMEM;
	for (struct edi_node *node = parent->first; !err && node; node = node->next) {
		err = node->is_group ? compare_order(decoding, node) : RG_OK;
	}
	/* Sorting does not change the groups below: they are sorted already. */
	if (!err) {
		err = edi_order_sort(&decoding->work.tree, parent);
	}
	const char *usual = err ? NULL : edi_order_text(pool, parent);
	if (err || !usual) {
		return err ? err : RG_E_NOMEM;
	}
	struct hint other = {"order", edi_node_path(pool, parent), order, ""};
	return strcmp(order, usual) == 0 ? RG_OK : hint(decoding, &other);
}

/* White space */

struct gaps {
	struct pool *pool;
	const char *text;
	struct text numbers;  /* 1,3-5 */
	unsigned first, last; /* run not written yet */
	struct gaps *next;
};

static void end_run(struct gaps *gaps)
{
	char run[32] = "";
	if (gaps->first && gaps->last > gaps->first) {
		snprintf(run, sizeof(run), "%s%u-%u", gaps->numbers.len ? "," : "", gaps->first,
			gaps->last);
	} else if (gaps->first) {
		snprintf(run, sizeof(run), "%s%u", gaps->numbers.len ? "," : "", gaps->first);
	}
	text_add_string(&gaps->numbers, run);
	gaps->first = 0;
}

/* Kinds of white space are few, or the file is hostile: it is refused then. */
#define MAX_GAPS 1000

/* *ret_ok false: there are too many kinds. */
static rg_err add_gap(struct gaps **all, struct pool *pool, const struct edi_node *node,
	bool *ret_ok)
{
	struct gaps **at = all;
	const char *text = node->gap;
	unsigned number = node->index;
	size_t n = 0;
	for (; *at && strcmp((*at)->text, text) != 0; n++) {
		at = &(*at)->next;
	}
	*ret_ok = n < MAX_GAPS;
	if (!*at && *ret_ok) {
		*at = pool_alloc(pool, sizeof(**at));
		if (!*at) {
			return RG_E_NOMEM;
		}
		(*at)->text = text;
		text_init(&(*at)->numbers, pool);
	}
	struct gaps *gaps = *at;
	if (!gaps) {
		return RG_OK;
	}
	if (gaps->first && gaps->last + 1 == number) {
		gaps->last = number;
	} else {
		end_run(gaps);
		gaps->first = gaps->last = number;
	}
	return RG_OK;
}

static rg_err keep_gaps(struct decoding *decoding, const char *usual)
{
	struct gaps *all = NULL;
	bool is_ok = true;
	rg_err err = RG_OK;
	for (const struct edi_node *node = decoding->mail->first; !err && is_ok && node;
		node = node->next) {
		if (strcmp(node->gap, usual) != 0) {
			err = add_gap(&all, decoding->work.pool, node, &is_ok);
		}
	}
	if (!err && !is_ok) {
		return refuse_size(decoding);
	}
	for (struct gaps *gaps = all; !err && gaps; gaps = gaps->next) {
		end_run(gaps);
		struct hint gap = {"gap", "", gaps->text, text_string(&gaps->numbers)};
		err = hint(decoding, &gap);
	}
	return err;
}

/* The white space of the envelope, where it is not the usual one. */
static rg_err keep_gap_at(struct decoding *decoding, const char *path, const char *gap,
	const char *usual)
{
	struct hint kept = {"gap", path, gap, ""};
	return strcmp(gap, usual) == 0 ? RG_OK : hint(decoding, &kept);
}

static rg_err keep_envelope_gaps(struct decoding *decoding, const char *usual)
{
	const struct edi_mail *mail = decoding->mail;
	const struct edi_envelope *envelope = mail->envelope;
	const struct edi_node *nodes[] = {envelope->head, mail->group ? mail->group->head : NULL,
		mail->group ? mail->group->tail : NULL, envelope->tail};
	rg_err err = keep_gap_at(decoding, "/", envelope->lead, "");
	if (!err && envelope->advice) {
		err = keep_gap_at(decoding, "/UNA", envelope->una_gap, usual);
	}
	for (size_t i = 0; !err && i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		const char *path =
			nodes[i] ? pool_printf(decoding->work.pool, "/%s", nodes[i]->tag) : NULL;
		err = path ? keep_gap_at(decoding, path, nodes[i]->gap, usual) : RG_OK;
	}
	return err;
}

/* File */

static rg_err keep_number(struct decoding *decoding, const char *kind, unsigned number)
{
	struct hint kept = {kind, "", pool_printf(decoding->work.pool, "%u", number), ""};
	return hint(decoding, &kept);
}

static rg_err keep_charset(struct decoding *decoding)
{
	const struct edi_input *input = &decoding->file->input;
	const struct edi_envelope *envelope = decoding->mail->envelope;
	const char *usual = edi_charset_of(edi_text_at(envelope->head, 1, 1));
	struct hint charset = {"charset", "", input->charset, ""};
	struct hint mark = {"mark", "", "", ""};
	rg_err err = strcmp(usual, input->charset) == 0 ? RG_OK : hint(decoding, &charset);
	bool has_mark = input->has_mark && decoding->mail == decoding->file->first;
	return err || !has_mark ? err : hint(decoding, &mark);
}

/* Service characters without UNA, where they are not those of the stated version. */
static rg_err keep_level(struct decoding *decoding)
{
	const struct edi_envelope *envelope = decoding->mail->envelope;
	char version = edi_text_at(envelope->head, 1, 2)[0];
	bool is_repeating = version >= '4' && version <= '9';
	bool is_level_b = envelope->service.element == edi_service_level_b.element;
	struct hint level = {"level", "",
		is_level_b                         ? "B"
			: envelope->service.repeat ? "4"
						   : "3",
		""};
	bool is_usual = !is_level_b && is_repeating == (envelope->service.repeat != '\0');
	return is_usual ? RG_OK : hint(decoding, &level);
}

/* What is not said by the message itself: service characters, white space, its place. */
static rg_err keep_file(struct decoding *decoding)
{
	const struct edi_mail *mail = decoding->mail;
	const struct edi_envelope *envelope = mail->envelope;
	const char *usual = mail->first->gap;
	struct hint advice = {"advice", "", envelope->advice ? envelope->advice : "", ""};
	struct hint space = {"space", "", usual, ""};
	rg_err err = keep_charset(decoding);
	if (!err && envelope->advice) {
		err = hint(decoding, &advice);
	}
	if (!err && *usual) {
		err = hint(decoding, &space);
	}
	if (!err) {
		err = keep_gaps(decoding, usual);
	}
	if (!err) {
		err = keep_envelope_gaps(decoding, usual);
	}
	if (!err && mail->number > 1) {
		err = keep_number(decoding, "sequence", mail->number);
	}
	if (!err && mail->group && mail->group->number > 1) {
		err = keep_number(decoding, "group", mail->group->number);
	}
	return err || envelope->advice ? err : keep_level(decoding);
}

/* Messages */

/* Segments that usually stand in every message, and not in this one. */
static rg_err keep_absent(struct decoding *decoding)
{
	struct edi_tree *tree = &decoding->work.tree;
	rg_err err = RG_OK;
	for (const struct edi_rule *rule = tree->top.rule->first; !err && rule; rule = rule->next) {
		bool is_due = rule->leaves && rule->leaves->row->flags & EDI_ALWAYS &&
			rule->step.number == 1;
		if (is_due && !edi_tree_find(tree, &tree->top, &rule->step)) {
			struct hint absent = {"absent",
				pool_printf(decoding->work.pool, "/%s", rule->step.name), "", ""};
			err = hint(decoding, &absent);
		}
	}
	return err;
}

static rg_err fill(struct decoding *decoding)
{
	struct edi_work *work = &decoding->work;
	rg_err err = take_tree(decoding, &work->tree.top);
	if (!err) {
		err = take_trailers(decoding);
	}
	if (!err) {
		err = keep_absent(decoding);
	}
	if (!err) {
		err = keep_file(decoding);
	}
	return err ? err : compare_order(decoding, &work->tree.top);
}

static rg_err refuse_message(struct decoding *decoding, const char *name)
{
	const struct edi_node *head = decoding->mail->first;
	const char *text = pool_printf(decoding->work.pool, "%.20s is no message of the format %s",
		*name ? name : "a message without type", decoding->work.profile->format);
	struct rg_finding finding = {RG_FINDING_ERROR, "MESSAGE", "/UNH/S009.0065", head->line,
		head->column, text};
	decoding->is_refused = true;
	return text ? rg_call_finding(decoding->work.call, &finding) : RG_E_NOMEM;
}

/* Finds the tables of the message and places its segments. */
static rg_err open_mail(struct decoding *decoding)
{
	struct edi_work *work = &decoding->work;
	const struct edi_mail *mail = decoding->mail;
	const char *name = edi_text_at(mail->first, 2, 1);
	const struct edi_structure *structure =
		edi_structure_find(name, edi_text_at(mail->first, 2, 3));
	work->message = edi_message_find(work->profile, name);
	if (!work->message || !structure) {
		return refuse_message(decoding, name);
	}
	work->service = mail->envelope->service;
	edi_tree_init(&work->tree, work->pool, structure);
	work->tree.top.rule = edi_rules_build(work->pool, work->message, structure);
	return work->tree.top.rule ? edi_place_mail(&work->tree, mail) : RG_E_NOMEM;
}

static rg_err decode_mail(struct decoding *decoding)
{
	rg_err err = open_mail(decoding);
	if (!err && !decoding->is_refused) {
		err = rg_call_document(decoding->work.call, &decoding->work.doc);
	}
	if (!err && !decoding->is_refused) {
		err = edi_judge(&decoding->work, decoding->mail, RG_FINDING_NOTE);
	}
	return err || decoding->is_refused ? err : fill(decoding);
}

static rg_err validate_mail(struct decoding *decoding)
{
	rg_err err = open_mail(decoding);
	return err || decoding->is_refused
		? err
		: edi_judge(&decoding->work, decoding->mail, RG_FINDING_ERROR);
}

static rg_err each_mail(const struct rg_format *format, struct rg_bytes native,
	struct rg_call *call, rg_err (*run)(struct decoding *decoding))
{
	scoped(pool_freep) struct pool *pool = pool_new(EDI_POOL_LIMIT);
	struct edi_file file = {.first = NULL};
	bool is_ok = false;
	rg_err err = pool ? edi_file_read(pool, native, call, &file, &is_ok) : RG_E_NOMEM;
	for (const struct edi_mail *mail = file.first; !err && is_ok && mail; mail = mail->next) {
		struct decoding decoding = {.file = &file, .mail = mail};
		decoding.work = (struct edi_work){.pool = pool,
			.call = call,
			.profile = format->profile,
			.has_law = true};
		err = run(&decoding);
		is_ok = !decoding.is_refused;
	}
	if (err == RG_E_NOMEM && pool && pool_is_spent(pool)) {
		struct rg_finding finding = {RG_FINDING_ERROR, "LIMIT", "", 0, 0,
			"the file needs more memory than a translation may have; split it"};
		err = rg_call_finding(call, &finding);
	}
	return err;
}

rg_err edi_decode(const struct rg_format *format, struct rg_bytes native, struct rg_call *call)
{
	return each_mail(format, native, call, decode_mail);
}

rg_err edi_validate(const struct rg_format *format, struct rg_bytes native, struct rg_call *call)
{
	return each_mail(format, native, call, validate_mail);
}

/* The type of the first message within the head of a file. */
static bool head_names(struct rg_bytes head, const char *message)
{
	const char *at = head.len ? memmem(head.data, head.len, "UNH", 3) : NULL;
	const char *end = (const char *)head.data + head.len;
	const char *stop = at && end - at > 80 ? at + 80 : end;
	size_t len = strlen(message);
	return at && (size_t)(stop - at) > len && memmem(at, (size_t)(stop - at), message, len);
}

unsigned edi_detect(const struct rg_format *format, struct rg_bytes head)
{
	const struct edi_profile *profile = format->profile;
	struct rg_bytes at = head;
	if (at.len >= 3 && memcmp(at.data, "\xef\xbb\xbf", 3) == 0) {
		at = (struct rg_bytes){at.data + 3, at.len - 3};
	}
	while (at.len > 0 && strchr(" \t\r\n", at.data[0]) && at.data[0]) {
		at = (struct rg_bytes){at.data + 1, at.len - 1};
	}
	bool is_family = at.len >= 4 &&
		(memcmp(at.data, "UNA", 3) == 0 || memcmp(at.data, "UNB", 3) == 0 ||
			memcmp(at.data, "UNH", 3) == 0);
	for (size_t i = 0; is_family && i < profile->n_messages; i++) {
		if (head_names(at, profile->messages[i].name)) {
			return 100;
		}
	}
	return 0;
}
