/*
 * Messages to interchanges
 *
 * Method: each draft is written in five pieces: head, group head, message, group trailer,
 * trailer. Drafts that follow one another in the interchange they were read from, with the
 * same head, are written as one; counts are those of what is written.
 *
 * Threads: no state.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/edifact/encode.h"

struct writing {
	struct edi_draft *draft;
	const char *space; /* usual white space */
	const char **gaps; /* of each segment of the message; NULL: usual */
	size_t n_segments, n_written;
	struct text out;
};

static struct edi_node *top_node(struct edi_draft *draft, const char *tag)
{
	struct edi_step step = {tag, tag, "", 1};
	return edi_tree_find(&draft->work.tree, &draft->work.tree.top, &step);
}

/* The trailer for a header that is there; made where nothing is known of it. NULL: no memory. */
static struct edi_node *need_node(struct edi_draft *draft, const char *tag)
{
	struct edi_step step = {tag, tag, "", 1};
	struct edi_node *node = top_node(draft, tag);
	return node ? node : edi_tree_add(&draft->work.tree, &draft->work.tree.top, &step);
}

static size_t count_segments(const struct edi_node *parent)
{
	size_t n = 0;
	for (const struct edi_node *node = parent->first; node; node = node->next) {
		n += node->is_group ? count_segments(node) : 1;
	}
	return n;
}

/* White space */

static const char *space_of(const struct edi_draft *draft)
{
	const struct edi_hint *space = edi_hint_first(&draft->hints, "space");
	return space && space->form[strspn(space->form, " \t\r\n")] == '\0' ? space->form : "";
}

static bool is_gap(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

/* Puts one gap to the segments that 1,3-5 names. */
static void put_gap(struct writing *writing, const char *form, const char *numbers)
{
	while (*numbers) {
		char *end = NULL;
		unsigned long first = strtoul(numbers, &end, 10);
		unsigned long last = *end == '-' ? strtoul(end + 1, &end, 10) : first;
		last = last > writing->n_segments ? writing->n_segments : last;
		for (unsigned long i = first; i >= 1 && i <= last; i++) {
			writing->gaps[i - 1] = form;
		}
		if (*end != ',') {
			return;
		}
		numbers = end + 1;
	}
}

static rg_err load_gaps(struct writing *writing)
{
	struct edi_draft *draft = writing->draft;
	writing->space = space_of(draft);
	writing->gaps =
		pool_alloc(draft->work.pool, (writing->n_segments + 1) * sizeof(*writing->gaps));
	if (!writing->gaps) {
		return RG_E_NOMEM;
	}
	for (const struct edi_hint *hint = edi_hint_first(&draft->hints, "gap"); hint;
		hint = edi_hint_next(&draft->hints, hint)) {
		if (!*hint->path && is_gap(hint->form)) {
			put_gap(writing, hint->form, hint->value);
		}
	}
	return RG_OK;
}

static const char *envelope_gap(const struct edi_draft *draft, const char *path, const char *usual)
{
	const struct edi_hint *hint = edi_hint_find(&draft->hints, "gap", path);
	return hint && is_gap(hint->form) ? hint->form : usual;
}

/* Trailers */

static rg_err put_trailer(struct edi_draft *draft, struct edi_node *trailer,
	const struct edi_count *count)
{
	struct pool *pool = draft->work.pool;
	rg_err err = RG_OK;
	for (unsigned element = 1; !err && element <= 2; element++) {
		struct edi_place place = {element, 1, 1};
		const char *usual = NULL;
		const char *path = edi_value_path(pool, trailer, &place);
		err = path ? edi_trailer_usual(pool, count, element, &usual) : RG_E_NOMEM;
		if (err) {
			return err;
		}
		const struct edi_hint *other = edi_hint_find(&draft->hints, "lexical", path);
		bool is_blank = edi_hint_find(&draft->hints, "blank", path) != NULL;
		const char *text = is_blank                         ? ""
			: other && strcmp(other->value, usual) == 0 ? other->form
								    : usual;
		struct edi_value *value = edi_value_set(&draft->work.tree, trailer, &place, text);
		err = value ? RG_OK : RG_E_NOMEM;
		const struct edi_hint *raw = edi_hint_find(&draft->hints, "release", path);
		if (value && raw && strcmp(raw->value, text) == 0) {
			value->raw = raw->form;
		}
	}
	return err;
}

static rg_err put_unit_trailer(struct writing *writing)
{
	struct edi_draft *draft = writing->draft;
	struct edi_node *trailer = need_node(draft, "UNT");
	struct edi_node *head = top_node(draft, "UNH");
	struct edi_count count = {0, edi_text_at(head, 1, 1)};
	static const char *const others[] = {"UNB", "UNG", "UNE", "UNZ"};
	writing->n_segments = count_segments(&draft->work.tree.top);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		writing->n_segments -= top_node(draft, others[i]) ? 1 : 0;
	}
	count.number = (unsigned)writing->n_segments;
	return trailer ? put_trailer(draft, trailer, &count) : RG_E_NOMEM;
}

/* Pieces */

static rg_err put_segment(struct edi_draft *draft, const struct edi_node *segment, const char *gap,
	struct text *out)
{
	rg_err err = edi_write_segment(draft->work.pool, &draft->work.service, segment, out);
	text_add_string(out, gap);
	return err;
}

static bool is_envelope(const struct edi_draft *draft, const struct edi_node *node)
{
	static const char *const tags[] = {"UNB", "UNG", "UNE", "UNZ"};
	for (size_t i = 0; node->parent == &draft->work.tree.top && i < 4; i++) {
		if (strcmp(node->tag, tags[i]) == 0) {
			return true;
		}
	}
	return false;
}

static rg_err put_children(struct writing *writing, const struct edi_node *parent)
{
	rg_err err = RG_OK;
	for (const struct edi_node *node = parent->first; !err && node; node = node->next) {
		if (node->is_group) {
			err = put_children(writing, node);
		} else if (!is_envelope(writing->draft, node)) {
			const char *gap = writing->n_written < writing->n_segments
				? writing->gaps[writing->n_written]
				: NULL;
			writing->n_written++;
			err = put_segment(writing->draft, node, gap ? gap : writing->space,
				&writing->out);
		}
	}
	return err;
}

static rg_err write_body(struct edi_draft *draft, const char **ret_text)
{
	struct writing writing = {.draft = draft};
	text_init(&writing.out, draft->work.pool);
	rg_err err = put_unit_trailer(&writing);
	if (!err) {
		err = load_gaps(&writing);
	}
	if (!err) {
		err = put_children(&writing, &draft->work.tree.top);
	}
	*ret_text = text_string(&writing.out);
	return err || *ret_text ? err : RG_E_NOMEM;
}

static rg_err write_head(struct edi_draft *draft, const char **ret_text)
{
	const struct edi_hint *advice = edi_hint_first(&draft->hints, "advice");
	const struct edi_node *head = top_node(draft, "UNB");
	const char *space = space_of(draft);
	struct edi_service service;
	struct text out;
	rg_err err = RG_OK;
	text_init(&out, draft->work.pool);
	text_add_string(&out, envelope_gap(draft, "/", ""));
	if (advice && strlen(advice->form) == 6 && edi_service_read(advice->form, &service)) {
		text_add_string(&out, "UNA");
		text_add_string(&out, advice->form);
		text_add_string(&out, envelope_gap(draft, "/UNA", space));
	}
	if (head) {
		err = put_segment(draft, head, envelope_gap(draft, "/UNB", space), &out);
	}
	*ret_text = text_string(&out);
	return err || *ret_text ? err : RG_E_NOMEM;
}

/* A header or trailer of the envelope; "" where there is none. */
static rg_err write_alone(struct edi_draft *draft, const struct edi_node *node,
	const char **ret_text)
{
	struct text out;
	rg_err err = RG_OK;
	text_init(&out, draft->work.pool);
	if (node) {
		const char *path = pool_printf(draft->work.pool, "/%s", node->tag);
		err = path
			? put_segment(draft, node, envelope_gap(draft, path, space_of(draft)), &out)
			: RG_E_NOMEM;
	}
	*ret_text = text_string(&out);
	return err || *ret_text ? err : RG_E_NOMEM;
}

/* Interchanges */

struct piece {
	const char *head, *group, *body;
};

struct joining {
	struct edi_draft *drafts;
	struct piece *pieces;
	size_t first, end; /* of one interchange */
	struct text out;
	unsigned n_groups, n_in_group;
};

static unsigned long number_of(const struct edi_draft *draft, const char *kind)
{
	const struct edi_hint *hint = edi_hint_first(&draft->hints, kind);
	unsigned long number = hint ? strtoul(hint->form, NULL, 10) : 1;
	return number > 0 ? number : 1;
}

static bool follows(const struct joining *joining, size_t i)
{
	const struct edi_draft *draft = &joining->drafts[i];
	return number_of(draft, "sequence") == number_of(draft - 1, "sequence") + 1 &&
		strcmp(joining->pieces[i].head, joining->pieces[i - 1].head) == 0 &&
		strcmp(draft->charset, draft[-1].charset) == 0;
}

static bool is_same_group(const struct joining *joining, size_t i)
{
	const struct edi_draft *draft = &joining->drafts[i];
	return *joining->pieces[i].group &&
		number_of(draft, "group") == number_of(draft - 1, "group") &&
		strcmp(joining->pieces[i].group, joining->pieces[i - 1].group) == 0;
}

static rg_err end_group(struct joining *joining, struct edi_draft *draft)
{
	const char *text = "";
	const struct edi_node *head = top_node(draft, "UNG");
	struct edi_count count = {joining->n_in_group, edi_text_at(head, 5, 1)};
	joining->n_in_group = 0;
	if (!head) {
		return RG_OK;
	}
	struct edi_node *trailer = need_node(draft, "UNE");
	rg_err err = trailer ? put_trailer(draft, trailer, &count) : RG_E_NOMEM;
	if (!err) {
		err = write_alone(draft, trailer, &text);
	}
	text_add_string(&joining->out, text);
	return err;
}

static rg_err end_interchange(struct joining *joining, struct edi_draft *draft)
{
	const char *text = "";
	const struct edi_node *head = top_node(draft, "UNB");
	size_t n_messages = joining->end - joining->first;
	struct edi_count count = {joining->n_groups ? joining->n_groups : (unsigned)n_messages,
		edi_text_at(head, 5, 1)};
	if (!head) {
		return RG_OK;
	}
	struct edi_node *trailer = need_node(draft, "UNZ");
	rg_err err = trailer ? put_trailer(draft, trailer, &count) : RG_E_NOMEM;
	if (!err) {
		err = write_alone(draft, trailer, &text);
	}
	text_add_string(&joining->out, text);
	return err;
}

/* The byte order mark before a text, where the file had one. */
static rg_err put_mark(const struct edi_draft *draft, struct rg_bytes *bytes)
{
	const char *mark = strcmp(draft->charset, "UTF-16BE") == 0 ? "\xfe\xff"
		: strcmp(draft->charset, "UTF-16LE") == 0          ? "\xff\xfe"
								   : "\xef\xbb\xbf";
	struct text out;
	if (!edi_hint_first(&draft->hints, "mark")) {
		return RG_OK;
	}
	text_init(&out, draft->work.pool);
	text_add_string(&out, mark);
	text_add(&out, (const char *)bytes->data, bytes->len);
	*bytes = (struct rg_bytes){(const uint8_t *)out.data, out.len};
	return out.has_failed ? RG_E_NOMEM : RG_OK;
}

static rg_err put_output(struct joining *joining)
{
	struct edi_draft *first = &joining->drafts[joining->first];
	struct rg_bytes bytes = {NULL, 0};
	bool is_ok = false;
	if (joining->out.has_failed) {
		return RG_E_NOMEM;
	}
	rg_err err = edi_charset_write(first->work.pool, first->charset, joining->out.data,
		joining->out.len, &bytes, &is_ok);
	if (!err && !is_ok) {
		struct rg_finding finding = {RG_FINDING_ERROR, "ENCODING", "", 0, 0,
			"the character set of the interchange cannot hold its text"};
		return rg_call_finding(first->work.call, &finding);
	}
	if (!err) {
		err = put_mark(first, &bytes);
	}
	return err ? err : rg_call_output(first->work.call, bytes);
}

static rg_err join(struct joining *joining)
{
	rg_err err = RG_OK;
	text_init(&joining->out, joining->drafts[joining->first].work.pool);
	joining->n_groups = joining->n_in_group = 0;
	text_add_string(&joining->out, joining->pieces[joining->first].head);
	for (size_t i = joining->first; !err && i < joining->end; i++) {
		const struct piece *piece = &joining->pieces[i];
		if (i == joining->first || !is_same_group(joining, i)) {
			text_add_string(&joining->out, piece->group);
			joining->n_groups += *piece->group ? 1 : 0;
		}
		text_add_string(&joining->out, piece->body);
		joining->n_in_group++;
		if (i + 1 == joining->end || !is_same_group(joining, i + 1)) {
			err = end_group(joining, &joining->drafts[i]);
		}
	}
	if (!err) {
		err = end_interchange(joining, &joining->drafts[joining->end - 1]);
	}
	return err ? err : put_output(joining);
}

static rg_err write_pieces(struct edi_draft *draft, struct piece *piece)
{
	rg_err err = write_head(draft, &piece->head);
	if (!err) {
		err = write_alone(draft, top_node(draft, "UNG"), &piece->group);
	}
	return err ? err : write_body(draft, &piece->body);
}

rg_err edi_drafts_write(struct edi_draft *drafts, size_t n_drafts)
{
	struct pool *pool = n_drafts ? drafts[0].work.pool : NULL;
	struct joining joining = {.drafts = drafts};
	joining.pieces = pool ? pool_alloc(pool, n_drafts * sizeof(*joining.pieces)) : NULL;
	rg_err err = joining.pieces || !pool ? RG_OK : RG_E_NOMEM;
	for (size_t i = 0; !err && i < n_drafts; i++) {
		err = write_pieces(&drafts[i], &joining.pieces[i]);
	}
	for (size_t i = 0; !err && i < n_drafts; i = joining.end) {
		joining.first = i;
		joining.end = i + 1;
		while (joining.end < n_drafts && follows(&joining, joining.end)) {
			joining.end++;
		}
		err = join(&joining);
	}
	return err;
}
