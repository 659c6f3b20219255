/*
 * Messages to canonical documents
 *
 * Method: each item's text goes to the leaf its row names, or to `extensions`. Then the
 * message is written again from what was just stored, and what differs in padding,
 * spelling or the number of lines becomes a hint. Credentials of the header are named
 * as withheld and their values are touched by nothing.
 *
 * Threads: no state.
 */
#include <stdio.h>
#include <string.h>

#include "formats/naccs/form.h"
#include "formats/naccs/format.h"
#include "formats/naccs/frame.h"

#define MAX_FRAMES 1000

static const char secret[] = "a credential: it is not transferable and was dropped; the next "
			     "terminal puts in its own";

struct decoding {
	struct naccs_work work;
	struct naccs_frame frame;
	const char **texts; /* of each item, as it is stored */
	size_t n_extensions;
	size_t n_hints;
};

static rg_err set(struct decoding *decoding, const char *path, const char *text)
{
	bool is_taken = false;
	struct rg_bytes value = {(const uint8_t *)text, strlen(text)};
	return rg_doc_set(decoding->work.doc, path, value, NULL, &is_taken);
}

static rg_err set_member(struct decoding *decoding, const char *list, size_t index,
	const char *member, const char *text)
{
	char path[64];
	snprintf(path, sizeof(path), "%s[%zu].%s", list, index, member);
	return text[0] ? set(decoding, path, text) : RG_OK;
}

/* Extensions and hints */

static rg_err extend(struct decoding *decoding, const struct naccs_place *place, const char *text)
{
	size_t n = decoding->n_extensions++;
	rg_err err =
		set_member(decoding, "extensions", n, "format", decoding->work.profile->format);
	if (!err) {
		err = set_member(decoding, "extensions", n, "path", place->native);
	}
	if (!err) {
		err = set_member(decoding, "extensions", n, "value", text);
	}
	bool is_own = (place->row->flags & NACCS_OWN) != 0;
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

/* Stores a text; *ret_text is what would now be written for it. */
static rg_err store(struct decoding *decoding, const struct naccs_place *place, const char *text,
	const char *next, const char **ret_text)
{
	struct naccs_leaf leaf = {&decoding->work, place, place->canonical, next};
	const struct naccs_codec *codec = place->row->codec;
	bool is_taken = false;
	*ret_text = text;
	bool is_value = *text && place->canonical && !naccs_judge(place, text);
	rg_err err = is_value ? codec->decode(&leaf, text, &is_taken) : RG_OK;
	if (err) {
		return err;
	}
	if (*text && !is_taken) {
		return extend(decoding, place, text);
	}
	if (place->canonical) {
		err = codec->encode(&leaf, ret_text);
		*ret_text = *ret_text ? *ret_text : "";
	}
	return err;
}

/* Header */

static rg_err take_field(struct decoding *decoding, const struct naccs_field *field)
{
	enum naccs_kind kind = decoding->frame.message->kind;
	struct rg_bytes bytes = naccs_field_text(&decoding->frame, field);
	const char *usual = naccs_field_usual(field, kind);
	const struct naccs_place *place = naccs_field_place(decoding->work.pool, field, kind);
	const char *stored = NULL;
	if (!place) {
		return RG_E_NOMEM;
	}
	if (field->flags & NACCS_SECRET) {
		return bytes.len > 0 ? rg_call_lost(decoding->work.call, place->native, secret)
				     : RG_OK;
	}
	const char *text = pool_copy(decoding->work.pool, (const char *)bytes.data, bytes.len);
	if (!text || strcmp(text, usual) == 0 || !naccs_field_is_mapped(field, kind)) {
		return text ? RG_OK : RG_E_NOMEM;
	}
	if (!*text) {
		struct hint blank = {"lexical", place->native, " ", usual};
		return hint(decoding, &blank);
	}
	return store(decoding, place, text, NULL, &stored);
}

static rg_err take_header(struct decoding *decoding)
{
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < naccs_n_fields; i++) {
		err = take_field(decoding, &naccs_fields[i]);
	}
	return err;
}

/* The direction is a property of the message, and of some answers the decision is one. */
static rg_err take_direction(struct decoding *decoding)
{
	const struct naccs_message *message = decoding->frame.message;
	const char *decision = message->decision ? message->decision : "";
	const char *native = message->kind == NACCS_REQUEST ? "/header/job" : "/header/output";
	struct rg_source source = {&native, 1, "message"};
	bool is_taken = false;
	if (!message->direction) {
		return RG_OK;
	}
	struct rg_bytes value = {(const uint8_t *)message->direction, strlen(message->direction)};
	rg_err err = rg_doc_set(decoding->work.doc, "direction", value, &source, &is_taken);
	value = (struct rg_bytes){(const uint8_t *)decision, strlen(decision)};
	return err || !*decision
		? err
		: rg_doc_set(decoding->work.doc, "answer.decision", value, &source, &is_taken);
}

/* Items */

static rg_err take_items(struct decoding *decoding)
{
	const struct naccs_frame *frame = &decoding->frame;
	struct pool *pool = decoding->work.pool;
	const char **texts = pool_alloc(pool, (frame->n_items + 1) * sizeof(*texts));
	decoding->texts = pool_alloc(pool, (frame->n_items + 1) * sizeof(*texts));
	if (!texts || !decoding->texts) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < frame->n_items; i++) {
		texts[i] = naccs_unpad(pool, frame->places[i].row->attribute, frame->items[i]);
		if (!texts[i]) {
			return RG_E_NOMEM;
		}
	}
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < frame->n_items; i++) {
		const char *next = i + 1 < frame->n_items ? texts[i + 1] : NULL;
		err = store(decoding, &frame->places[i], texts[i], next, &decoding->texts[i]);
	}
	return err;
}

/* Form */

static bool is_line(struct rg_bytes line, const char *text)
{
	return strlen(text) == line.len && memcmp(text, line.data, line.len) == 0;
}

/* How many lines the usual form has. */
static size_t usual_lines(const struct decoding *decoding)
{
	size_t n = decoding->frame.n_items;
	while (n > 0 && decoding->texts[n - 1][0] == '\0') {
		n--;
	}
	return n > 0 ? n : 1;
}

/* The line that would be written; a message without content has one bare line. */
static const char *written(const struct decoding *decoding, size_t i, enum naccs_fill fill)
{
	bool is_alone = usual_lines(decoding) == 1 && decoding->texts[0][0] == '\0';
	return naccs_pad(decoding->work.pool, decoding->frame.places[i].row, decoding->texts[i],
		is_alone ? NACCS_FILL_NONE : fill);
}

static size_t count_other(const struct decoding *decoding, enum naccs_fill fill)
{
	size_t n = 0;
	for (size_t i = 0; i < decoding->frame.n_items; i++) {
		const char *line = written(decoding, i, fill);
		n += !line || !is_line(decoding->frame.items[i], line);
	}
	return n;
}

static rg_err keep_fill(struct decoding *decoding, enum naccs_fill *ret_fill)
{
	size_t n_least = count_other(decoding, NACCS_FILL_FULL);
	*ret_fill = NACCS_FILL_FULL;
	for (enum naccs_fill fill = NACCS_FILL_BARE; fill < NACCS_N_FILLS; fill++) {
		size_t n = count_other(decoding, fill);
		*ret_fill = n < n_least ? fill : *ret_fill;
		n_least = n < n_least ? n : n_least;
	}
	struct hint kept = {"fill", "", naccs_fill_names[*ret_fill], ""};
	return *ret_fill == NACCS_FILL_FULL ? RG_OK : hint(decoding, &kept);
}

static rg_err keep_count(struct decoding *decoding)
{
	size_t n = decoding->frame.n_items;
	const char *form = pool_printf(decoding->work.pool, "%zu", n);
	struct hint kept = {"items", "", form, ""};
	if (!form) {
		return RG_E_NOMEM;
	}
	return n == usual_lines(decoding) ? RG_OK : hint(decoding, &kept);
}

static rg_err keep_lines(struct decoding *decoding, enum naccs_fill fill)
{
	const struct naccs_frame *frame = &decoding->frame;
	struct pool *pool = decoding->work.pool;
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < frame->n_items; i++) {
		const char *line = written(decoding, i, fill);
		const char *form =
			pool_copy(pool, (const char *)frame->items[i].data, frame->items[i].len);
		if (!line || !form) {
			return RG_E_NOMEM;
		}
		struct hint lexical = {"lexical", frame->places[i].native, form, line};
		err = strcmp(form, line) == 0 ? RG_OK : hint(decoding, &lexical);
	}
	return err;
}

static rg_err keep_form(struct decoding *decoding)
{
	enum naccs_fill fill = NACCS_FILL_FULL;
	rg_err err = keep_fill(decoding, &fill);
	if (!err) {
		err = keep_count(decoding);
	}
	return err ? err : keep_lines(decoding, fill);
}

/* Judging */

struct judging {
	const struct naccs_work *work;
	const struct naccs_frame *frame;
	enum rg_severity severity;
};

static rg_err judge_item(const struct judging *judging, size_t i)
{
	const struct naccs_place *place = &judging->frame->places[i];
	struct pool *pool = judging->work->pool;
	const char *text = naccs_unpad(pool, place->row->attribute, judging->frame->items[i]);
	if (!text) {
		return RG_E_NOMEM;
	}
	bool is_missing = !*text && place->row->flags & NACCS_MUST;
	const char *wrong = is_missing ? "it is mandatory and empty" : naccs_judge(place, text);
	const char *told =
		wrong ? pool_printf(pool, "item %u %s: %s", place->number, place->id, wrong) : NULL;
	struct rg_finding finding = {judging->severity, is_missing ? "MANDATORY" : "VALUE",
		place->native, 0, 0, told};
	return wrong ? naccs_frame_tell(judging->work, judging->frame,
			       judging->frame->items[i].data, &finding)
		     : RG_OK;
}

/* Mandatory items behind the last line that was sent. */
static rg_err judge_rest(const struct judging *judging)
{
	const struct naccs_layout *layout = judging->frame->message->layout;
	size_t n_common = naccs_n_common(layout);
	size_t n_goods = naccs_n_goods(layout);
	size_t n = judging->frame->n_items;
	size_t n_lines = n > n_common ? (n - n_common + n_goods - 1) / (n_goods ? n_goods : 1) : 0;
	size_t n_all = n_common + n_lines * n_goods;
	struct naccs_place *places = NULL;
	rg_err err = layout->is_open
		? RG_OK
		: naccs_places(judging->work->pool, layout, 0, n_lines, 0, &places);
	for (size_t i = n; !err && places && i < n_all; i++) {
		struct rg_finding finding = {judging->severity, "MANDATORY", places[i].native, 0, 0,
			pool_printf(judging->work->pool,
				"item %u %s: it is mandatory and was not sent", places[i].number,
				places[i].id)};
		const uint8_t *end = judging->frame->whole.data + judging->frame->whole.len;
		bool is_missing = (places[i].row->flags & NACCS_MUST) != 0;
		err = is_missing ? naccs_frame_tell(judging->work, judging->frame, end, &finding)
				 : RG_OK;
	}
	return err;
}

static rg_err judge(const struct naccs_work *work, const struct naccs_frame *frame,
	enum rg_severity severity)
{
	struct judging judging = {work, frame, severity};
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < frame->n_items; i++) {
		err = judge_item(&judging, i);
	}
	return err ? err : judge_rest(&judging);
}

/* Messages */

static rg_err decode_frame(struct decoding *decoding)
{
	rg_err err = rg_call_document(decoding->work.call, &decoding->work.doc);
	decoding->work.code = decoding->frame.code;
	decoding->work.message = decoding->frame.message;
	if (!err) {
		err = set(decoding, "country", decoding->work.call->country);
	}
	if (!err) {
		err = take_direction(decoding);
	}
	if (!err) {
		err = take_header(decoding);
	}
	if (!err) {
		err = take_items(decoding);
	}
	if (!err) {
		err = keep_form(decoding);
	}
	return err ? err : judge(&decoding->work, &decoding->frame, RG_FINDING_NOTE);
}

static rg_err validate_frame(struct decoding *decoding)
{
	return judge(&decoding->work, &decoding->frame, RG_FINDING_ERROR);
}

static rg_err refuse_number(struct rg_call *call, uint32_t line)
{
	struct rg_finding finding = {RG_FINDING_ERROR, "LIMIT", "", line, 1,
		"a file holds at most 1000 messages; split it"};
	return rg_call_finding(call, &finding);
}

/* Reads the next message and does with it what is asked; *ret_ok false: refused. */
static rg_err next(const struct naccs_work *work, struct rg_bytes *rest, uint32_t *line,
	rg_err (*run)(struct decoding *decoding), bool *ret_ok)
{
	scoped(pool_freep) struct pool *pool = pool_new(NACCS_POOL_LIMIT);
	struct decoding *decoding = pool ? pool_alloc(pool, sizeof(*decoding)) : NULL;
	if (!decoding) {
		return RG_E_NOMEM;
	}
	decoding->work = *work;
	decoding->work.pool = pool;
	rg_err err = naccs_frame_read(&decoding->work, rest, line, &decoding->frame, ret_ok);
	return err || !*ret_ok ? err : run(decoding);
}

static rg_err each_frame(const struct rg_format *format, struct rg_bytes native,
	struct rg_call *call, rg_err (*run)(struct decoding *decoding))
{
	struct naccs_work work = {.call = call, .profile = format->profile, .is_own = true};
	uint32_t line = 1;
	bool is_ok = true;
	rg_err err = RG_OK;
	for (size_t n = 0; !err && is_ok && (n == 0 || native.len > 0); n++) {
		if (n == MAX_FRAMES) {
			return refuse_number(call, line);
		}
		err = next(&work, &native, &line, run, &is_ok);
	}
	return err;
}

rg_err naccs_decode(const struct rg_format *format, struct rg_bytes native, struct rg_call *call)
{
	return each_frame(format, native, call, decode_frame);
}

rg_err naccs_validate(const struct rg_format *format, struct rg_bytes native, struct rg_call *call)
{
	return each_frame(format, native, call, validate_frame);
}

unsigned naccs_detect(const struct rg_format *format, struct rg_bytes head)
{
	const struct naccs_profile *profile = format->profile;
	bool is_family = head.len >= NACCS_HEADER && memcmp(head.data, "SS", 2) == 0 &&
		memcmp(head.data + NACCS_HEADER - 2, "\r\n", 2) == 0;
	for (size_t i = NACCS_HEADER - 8; is_family && i < NACCS_HEADER - 2; i++) {
		is_family = head.data[i] >= '0' && head.data[i] <= '9';
	}
	return is_family ? profile->likelihood : 0;
}
