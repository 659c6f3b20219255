/*
 * A whole message against its directory
 *
 * Threads: no state.
 */
#include "formats/edifact/judge.h"

#include <string.h>

struct judging {
	const struct edi_work *work;
	enum rg_severity severity;
	unsigned *counts; /* of each place of the structure, in the group at hand */
};

/* A fault of a node, with what it is called. */
struct fault {
	const char *rule, *path, *text;
	uint32_t offset; /* in the segment */
};

static rg_err tell(const struct judging *judging, const struct edi_node *at,
	const struct fault *fault)
{
	struct rg_finding finding = {judging->severity, fault->rule, fault->path, at->line,
		at->column, fault->text};
	if (!fault->path || !fault->text) {
		return RG_E_NOMEM;
	}
	if (at->source && fault->offset) {
		edi_read_locate(at, fault->offset, &finding.line, &finding.column);
	}
	return rg_call_finding(judging->work->call, &finding);
}

/* Values */

/* Characters, not bytes. */
static size_t count_characters(const char *text)
{
	size_t n = 0;
	for (; *text; text++) {
		n += ((unsigned char)*text & 0xc0) != 0x80;
	}
	return n;
}

/* A number's sign and decimal mark do not count. */
static size_t length_of(const struct edi_part *part, const char *text)
{
	size_t n = count_characters(text);
	for (; part->type == 'N' && *text; text++) {
		n -= *text == '-' || *text == '.' || *text == ',';
	}
	return n;
}

static const char *type_fault(const struct edi_part *part, const char *text)
{
	bool has_digit = false;
	for (; *text; text++) {
		bool is_digit = *text >= '0' && *text <= '9';
		has_digit = has_digit || is_digit;
		if (part->type == 'N' && !is_digit && !strchr("-.,", *text)) {
			return "it holds a number";
		}
		if (part->type == 'A' && is_digit) {
			return "it holds letters, no digits";
		}
		if ((unsigned char)*text < 0x20 || *text == 0x7f) {
			return "it holds no control characters";
		}
	}
	return part->type == 'N' && !has_digit ? "it holds a number" : NULL;
}

static rg_err judge_value(const struct judging *judging, const struct edi_node *segment,
	const struct edi_segment_table *table, const struct edi_value *value)
{
	struct pool *pool = judging->work->pool;
	const struct edi_place *place = &value->place;
	const struct edi_part *part = edi_part_find(table, place->element, place->component);
	const char *wrong = part ? type_fault(part, value->text)
				 : "the directory knows no such element or component";
	if (!wrong && part->max && length_of(part, value->text) > part->max) {
		wrong = pool_printf(pool, "it has at most %u characters", part->max);
	}
	struct fault fault = {part ? "VALUE" : "ELEMENT", "", "", value->offset};
	if (!wrong) {
		return RG_OK;
	}
	fault.path = edi_value_path(pool, segment, place);
	fault.text = pool_printf(pool, "segment %u %s, element %u.%u %s: %s", segment->index,
		segment->tag, place->element, place->component, part ? part->id : "", wrong);
	return tell(judging, segment, &fault);
}

static bool has_element(const struct edi_node *segment, unsigned element)
{
	const struct edi_value *value = segment->values;
	while (value && value->place.element != element) {
		value = value->next;
	}
	return value != NULL;
}

/* Mandatory elements, and mandatory components of composites that are used. */
static rg_err judge_missing(const struct judging *judging, const struct edi_node *segment,
	const struct edi_segment_table *table)
{
	struct pool *pool = judging->work->pool;
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < table->n_parts; i++) {
		const struct edi_part *part = &table->parts[i];
		bool is_inner = part->component > 0 && edi_part_find(table, part->element, 0);
		struct edi_place place = {part->element, 1, part->component};
		bool is_used = has_element(segment, part->element);
		bool is_missing = part->must &&
			(is_inner ? is_used && !edi_value_find(segment, &place) : !is_used);
		if (is_missing) {
			struct fault fault = {"MANDATORY", edi_node_path(pool, segment),
				pool_printf(pool,
					"segment %u %s: the mandatory element %s is missing",
					segment->index, segment->tag, part->id),
				0};
			err = tell(judging, segment, &fault);
		}
	}
	return err;
}

static rg_err judge_segment(const struct judging *judging, const struct edi_node *segment)
{
	struct pool *pool = judging->work->pool;
	const struct edi_segment_table *table =
		edi_segment_find(segment->tag, judging->work->tree.structure->release);
	bool is_envelope = segment->index == 0;
	rg_err err = RG_OK;
	if (!is_envelope && (segment->is_loose || !segment->spec)) {
		struct fault fault = {"STRUCTURE", edi_node_path(pool, segment),
			pool_printf(pool, "segment %u %s: %s has no place for it here",
				segment->index, segment->tag,
				judging->work->tree.structure->message),
			0};
		err = tell(judging, segment, &fault);
	}
	if (err || !table) {
		return err;
	}
	for (const struct edi_value *value = segment->values; !err && value; value = value->next) {
		err = judge_value(judging, segment, table, value);
	}
	return err ? err : judge_missing(judging, segment, table);
}

/* Groups */

static rg_err judge_count(const struct judging *judging, const struct edi_node *node)
{
	struct pool *pool = judging->work->pool;
	const struct edi_spec *spec = node->spec;
	size_t at = (size_t)(spec - judging->work->tree.structure->specs);
	struct fault fault = {"LIMIT", "", "", 0};
	if (++judging->counts[at] != spec->max + 1) {
		return RG_OK;
	}
	fault.path = edi_node_path(pool, node);
	fault.text = pool_printf(pool, "segment %u %s: %s stands here at most %u times",
		node->index, node->tag, spec->group ? spec->group : spec->tag, spec->max);
	return tell(judging, node, &fault);
}

static rg_err judge_absent(const struct judging *judging, const struct edi_node *parent,
	const struct edi_node *at)
{
	const struct edi_structure *structure = judging->work->tree.structure;
	const struct edi_spec *end = structure->specs + structure->n_specs;
	const struct edi_spec *spec = parent->spec ? parent->spec + 1 : structure->specs;
	unsigned depth = parent->spec ? parent->spec->depth + 1 : 1;
	struct pool *pool = judging->work->pool;
	rg_err err = RG_OK;
	for (; !err && spec < end && spec->depth >= depth; spec++) {
		if (spec->depth != depth || !spec->must ||
			judging->counts[spec - structure->specs] > 0) {
			continue;
		}
		struct fault fault = {"MANDATORY", edi_node_path(pool, parent),
			pool_printf(pool, "the mandatory %s %s%s%s%s is missing",
				spec->group ? "group" : "segment", spec->group ? spec->group : "",
				spec->group ? " (" : "", spec->tag, spec->group ? ")" : ""),
			0};
		err = tell(judging, at, &fault);
	}
	return err;
}

static void forget_counts(const struct judging *judging, const struct edi_node *parent)
{
	const struct edi_structure *structure = judging->work->tree.structure;
	for (const struct edi_node *node = parent->first; node; node = node->next) {
		if (node->spec) {
			judging->counts[node->spec - structure->specs] = 0;
		}
	}
}

static rg_err judge_children(const struct judging *judging, const struct edi_node *parent,
	const struct edi_node *at)
{
	rg_err err = RG_OK;
	for (const struct edi_node *node = parent->first; !err && node; node = node->next) {
		err = node->spec && !node->is_loose ? judge_count(judging, node) : RG_OK;
	}
	if (!err) {
		err = judge_absent(judging, parent, at);
	}
	forget_counts(judging, parent);
	for (const struct edi_node *node = parent->first; !err && node; node = node->next) {
		err = node->is_group ? judge_children(judging, node, node)
				     : judge_segment(judging, node);
	}
	return err;
}

/* Counts and references */

static rg_err judge_trailer(const struct judging *judging, const struct edi_node *trailer,
	const struct edi_count *count)
{
	struct pool *pool = judging->work->pool;
	rg_err err = RG_OK;
	for (unsigned element = 1; !err && element <= 2; element++) {
		const char *usual = NULL;
		const char *text = edi_text_at(trailer, element, 1);
		err = edi_trailer_usual(pool, count, element, &usual);
		if (!err && strcmp(text, usual) != 0) {
			struct fault fault = {"COUNT", pool_printf(pool, "/%s", trailer->tag),
				pool_printf(pool, "%s says %s where %s is right", trailer->tag,
					*text ? text : "nothing", *usual ? usual : "nothing"),
				0};
			err = tell(judging, trailer, &fault);
		}
	}
	return err;
}

static rg_err judge_trailers(const struct judging *judging, const struct edi_mail *mail)
{
	const struct edi_envelope *envelope = mail->envelope;
	struct edi_count unit = {mail->n_segments, edi_text_at(mail->first, 1, 1)};
	rg_err err = judge_trailer(judging, mail->last, &unit);
	if (!err && mail->group) {
		struct edi_count group = {mail->group->n_messages,
			edi_text_at(mail->group->head, 5, 1)};
		err = judge_trailer(judging, mail->group->tail, &group);
	}
	if (!err && envelope->tail) {
		struct edi_count all = {envelope->n_groups ? envelope->n_groups
							   : envelope->n_messages,
			edi_text_at(envelope->head, 5, 1)};
		err = judge_trailer(judging, envelope->tail, &all);
	}
	return err;
}

rg_err edi_judge(const struct edi_work *work, const struct edi_mail *mail,
	enum rg_severity severity)
{
	struct judging judging = {work, severity,
		pool_alloc(work->pool, (work->tree.structure->n_specs + 1) * sizeof(unsigned))};
	if (!judging.counts) {
		return RG_E_NOMEM;
	}
	rg_err err = judge_children(&judging, &work->tree.top, mail->last);
	return err ? err : judge_trailers(&judging, mail);
}
