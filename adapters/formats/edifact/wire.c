/*
 * Segments on the wire
 *
 * Method: one pass; a value is stored with its place, and beside it what was written
 * where that is not the usual spelling.
 *
 * Threads: one owner.
 */
#include "formats/edifact/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct edi_service edi_service_usual = {':', '+', '.', '?', '\0', '\''};
const struct edi_service edi_service_repeating = {':', '+', '.', '?', '*', '\''};
const struct edi_service edi_service_level_b = {'\x1f', '\x1d', '.', '\0', '\0', '\x1c'};

/* Whether a character can divide: no letter, no digit, nothing beyond ASCII. */
static bool can_serve(char c)
{
	bool is_name = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
	return c > 0 && c < 0x7f && !is_name;
}

bool edi_service_read(const char *text, struct edi_service *ret_service)
{
	struct edi_service service = {text[0], text[1], text[2], text[3], text[4], text[5]};
	char *all[] = {&service.component, &service.element, &service.release, &service.repeat,
		&service.end};
	service.release = service.release == ' ' ? '\0' : service.release;
	service.repeat = service.repeat == ' ' ? '\0' : service.repeat;
	for (size_t i = 0; i < 5; i++) {
		bool is_none = *all[i] == '\0' && (i == 2 || i == 3);
		if (!is_none && (!can_serve(*all[i]) || *all[i] == ' ')) {
			return false;
		}
		for (size_t j = 0; j < i && !is_none; j++) {
			if (*all[j] == *all[i]) {
				return false;
			}
		}
	}
	*ret_service = service;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void move(struct edi_reader *reader)
{
	bool is_line = *reader->at == '\n';
	bool is_inside = ((unsigned char)*reader->at & 0xc0) == 0x80;
	reader->line += is_line;
	reader->column = is_line ? 1 : reader->column + (is_inside ? 0 : 1);
	reader->at++;
}

const char *edi_read_gap(struct edi_reader *reader)
{
	const char *from = reader->at;
	while (reader->at < reader->end && is_blank(*reader->at) &&
		*reader->at != reader->service.end) {
		move(reader);
	}
	return reader->at == from ? "" : pool_copy(reader->pool, from, (size_t)(reader->at - from));
}

static rg_err refuse(struct edi_reader *reader, const char *rule, const char *text)
{
	struct rg_finding finding = {RG_FINDING_ERROR, rule, "", reader->line, reader->column,
		text};
	return text ? rg_call_finding(reader->call, &finding) : RG_E_NOMEM;
}

void edi_read_locate(const struct edi_node *segment, uint32_t offset, uint32_t *ret_line,
	uint32_t *ret_column)
{
	*ret_line = segment->line;
	*ret_column = segment->column;
	for (uint32_t i = 0; i < offset; i++) {
		char c = segment->source[i];
		*ret_line += c == '\n';
		*ret_column =
			c == '\n' ? 1 : *ret_column + (((unsigned char)c & 0xc0) == 0x80 ? 0u : 1u);
	}
}

/* Values */

struct reading {
	struct edi_reader *reader;
	struct edi_node *segment;
	struct edi_value **last;
	struct edi_place place;
	struct text shape;
	bool is_refused;
};

/* Copies one value without release characters; the reader stands at what divides. */
static rg_err take_value(struct reading *reading)
{
	struct edi_reader *reader = reading->reader;
	const struct edi_service *service = &reader->service;
	const char *from = reader->at;
	struct text text;
	text_init(&text, reader->pool);
	for (; reader->at < reader->end; move(reader)) {
		char c = *reader->at;
		if (service->release && c == service->release) {
			move(reader);
			if (reader->at == reader->end) {
				break;
			}
		} else if (c == service->component || c == service->element || c == service->end ||
			(service->repeat && c == service->repeat)) {
			break;
		}
		text_add(&text, reader->at, 1);
	}
	size_t len = (size_t)(reader->at - from);
	if (len == 0 || reader->at == reader->end) {
		return RG_OK;
	}
	struct edi_value *value = pool_alloc(reader->pool, sizeof(*value));
	const char *usual = NULL;
	if (!value || !text_string(&text)) {
		return RG_E_NOMEM;
	}
	value->place = reading->place;
	value->text = text_string(&text);
	value->offset = (uint32_t)(from - reading->segment->source);
	*reading->last = value;
	reading->last = &value->next;
	rg_err err = edi_write_text(reader->pool, service, value->text, &usual);
	if (!err && (!usual || strlen(usual) != len || memcmp(usual, from, len) != 0)) {
		value->raw = pool_copy(reader->pool, from, len);
		err = value->raw ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

static void end_part(struct reading *reading, const char *mark)
{
	char number[16];
	snprintf(number, sizeof(number), "%u%s", reading->place.component, mark);
	text_add_string(&reading->shape, number);
}

static rg_err take_values(struct reading *reading)
{
	struct edi_reader *reader = reading->reader;
	const struct edi_service *service = &reader->service;
	struct edi_place *place = &reading->place;
	rg_err err = RG_OK;
	while (!err && reader->at < reader->end) {
		err = take_value(reading);
		char c = reader->at < reader->end ? *reader->at : '\0';
		if (err || !c || c == service->end) {
			break;
		}
		if (c == service->component) {
			place->component++;
		} else if (c == service->element) {
			end_part(reading, "+");
			*place = (struct edi_place){place->element + 1, 1, 1};
		} else {
			end_part(reading, "*");
			*place = (struct edi_place){place->element, place->repeat + 1, 1};
		}
		if (place->element > EDI_MAX_PLACE || place->repeat > EDI_MAX_PLACE ||
			place->component > EDI_MAX_PLACE) {
			reading->is_refused = true;
			return refuse(reader, "LIMIT",
				"a segment has at most 999 elements of 999 components");
		}
		move(reader);
	}
	end_part(reading, "");
	return err;
}

static rg_err take_body(struct reading *reading)
{
	struct edi_reader *reader = reading->reader;
	char first = reader->at < reader->end ? *reader->at : '\0';
	if (first == reader->service.end) {
		return RG_OK;
	}
	if (first != reader->service.element) {
		reading->is_refused = true;
		return refuse(reader, "SYNTAX",
			first ? "behind the tag of a segment stands the character that divides "
				"elements, or the end of the segment"
			      : "the file ends within a segment");
	}
	move(reader);
	rg_err err = take_values(reading);
	if (!err && !reading->is_refused && reader->at == reader->end) {
		reading->is_refused = true;
		err = refuse(reader, "SYNTAX", "the file ends within a segment");
	}
	return err;
}

/* A shape that the values do not show: idle dividers. */
static rg_err keep_shape(struct reading *reading)
{
	const char *usual = edi_shape_usual(reading->reader->pool, reading->segment);
	const char *shape = text_string(&reading->shape);
	if (!usual || !shape) {
		return RG_E_NOMEM;
	}
	reading->segment->shape = strcmp(usual, shape) == 0 ? NULL : shape;
	return RG_OK;
}

static bool is_tag(const struct edi_reader *reader)
{
	for (size_t i = 0; i < 3; i++) {
		char c = reader->at + i < reader->end ? reader->at[i] : '\0';
		bool is_letter = c >= 'A' && c <= 'Z';
		bool is_digit = c >= '0' && c <= '9';
		if (!is_letter && !is_digit) {
			return false;
		}
	}
	return true;
}

rg_err edi_read_segment(struct edi_reader *reader, struct edi_node **ret_segment)
{
	struct edi_node *segment = pool_alloc(reader->pool, sizeof(*segment));
	struct reading reading = {.reader = reader, .segment = segment, .place = {1, 1, 1}};
	*ret_segment = NULL;
	if (!is_tag(reader)) {
		return refuse(reader, "SYNTAX",
			"a segment begins with a tag of three capitals or digits");
	}
	if (reader->n_segments++ >= EDI_MAX_SEGMENTS) {
		return refuse(reader, "LIMIT", "a file holds at most 1,000,000 segments; split it");
	}
	const char *tag = pool_copy(reader->pool, reader->at, 3);
	if (!segment || !tag) {
		return RG_E_NOMEM;
	}
	segment->tag = segment->name = tag;
	segment->key = "";
	segment->source = reader->at;
	segment->line = reader->line;
	segment->column = reader->column;
	reading.last = &segment->values;
	text_init(&reading.shape, reader->pool);
	for (size_t i = 0; i < 3; i++) {
		move(reader);
	}
	rg_err err = take_body(&reading);
	if (err || reading.is_refused) {
		return err;
	}
	err = keep_shape(&reading);
	move(reader);
	*ret_segment = err ? NULL : segment;
	return err;
}

/* Writing */

rg_err edi_write_text(struct pool *pool, const struct edi_service *service, const char *text,
	const char **ret_raw)
{
	char dividers[6] = {service->component, service->element, service->end};
	struct text raw;
	char *last = dividers + 3;
	*last = service->repeat;
	last += service->repeat ? 1 : 0;
	*last = service->release;
	*ret_raw = text;
	if (text[strcspn(text, dividers)] == '\0') {
		return RG_OK;
	}
	*ret_raw = NULL;
	if (!service->release) {
		return RG_OK;
	}
	text_init(&raw, pool);
	for (; *text; text++) {
		text_add(&raw, &service->release, strchr(dividers, *text) ? 1 : 0);
		text_add(&raw, text, 1);
	}
	*ret_raw = text_string(&raw);
	return *ret_raw ? RG_OK : RG_E_NOMEM;
}

/* How many components an element is padded to by a shape; moves on to the next. */
static unsigned next_count(const char **shape, char *ret_mark)
{
	char *end = NULL;
	unsigned long count = *shape && **shape ? strtoul(*shape, &end, 10) : 0;
	*ret_mark = end ? *end : '\0';
	*shape = end && *end ? end + 1 : NULL;
	return count > EDI_MAX_PLACE ? 0 : (unsigned)count;
}

static void put_times(struct text *out, char c, unsigned n)
{
	for (; n > 0; n--) {
		text_add(out, &c, 1);
	}
}

static const struct edi_value *skip_empty(const struct edi_value *value)
{
	while (value && !*value->text) {
		value = value->next;
	}
	return value;
}

/* The components of one element or repetition, padded to `count`. */
static rg_err put_part(struct pool *pool, const struct edi_service *service,
	const struct edi_value **at, const struct edi_place *place, struct text *out)
{
	const struct edi_value *value = *at;
	unsigned component = 1;
	rg_err err = RG_OK;
	for (; !err && value && value->place.element == place->element &&
		value->place.repeat == place->repeat;
		value = skip_empty(value->next)) {
		const char *raw = value->raw;
		put_times(out, service->component, value->place.component - component);
		component = value->place.component;
		if (!raw) {
			err = edi_write_text(pool, service, value->text, &raw);
		}
		text_add_string(out, raw ? raw : "");
	}
	if (place->component > component) {
		put_times(out, service->component, place->component - component);
	}
	*at = value;
	return err;
}

rg_err edi_write_segment(struct pool *pool, const struct edi_service *service,
	const struct edi_node *segment, struct text *out)
{
	const struct edi_value *value = skip_empty(segment->values);
	const char *shape = segment->shape;
	struct edi_place place = {1, 1, 1};
	rg_err err = RG_OK;
	text_add(out, segment->tag, 3);
	if (value || shape) {
		text_add(out, &service->element, 1);
	}
	while (!err && (value || shape)) {
		char mark = '\0';
		place.component = next_count(&shape, &mark);
		err = put_part(pool, service, &value, &place, out);
		bool is_more = value && value->place.element == place.element;
		bool is_repeated = service->repeat && (is_more || (shape && mark == '*'));
		if (value || shape) {
			text_add(out, is_repeated ? &service->repeat : &service->element, 1);
		}
		place.repeat = is_repeated ? place.repeat + 1 : 1;
		place.element += is_repeated ? 0 : 1;
		if (place.element > EDI_MAX_PLACE + 1 || place.repeat > EDI_MAX_PLACE + 1) {
			break;
		}
	}
	text_add(out, &service->end, 1);
	return err;
}
