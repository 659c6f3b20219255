/*
 * One message on the wire
 *
 * Method: fields are cut by byte offset, items at CR LF behind byte 400; then each piece
 * is checked for text that could not be carried on. All that is wrong with the items'
 * lengths is told, not the first only.
 *
 * Threads: no state.
 */
#include "formats/naccs/frame.h"

#include <ctype.h>
#include <string.h>

#include "formats/naccs/codec.h"

#define OFFSET_LENGTH 392
#define DIGITS_LENGTH 6
#define OFFSET_JOB    3
#define BYTES_JOB     5
#define OFFSET_CODE   8
#define BYTES_CODE    7
#define MAX_OPEN      10000

/* clang-format off */
const struct naccs_field naccs_fields[] = {
	{"control", 0, 3, 0, NULL, NULL, "SS", "SSR"},
	{"job", 3, 5, NACCS_REQUESTS, "exchange.message", &naccs_codec_message, NULL, NULL},
	{"job", 3, 5, NACCS_ANSWERS, "exchange.procedure", &naccs_codec_text, NULL, NULL},
	{"output", 8, 7, NACCS_ANSWERS, "exchange.message", &naccs_codec_message, NULL, NULL},
	{"received", 15, 14, 0, "exchange.received", &naccs_codec_moment, NULL, NULL},
	{"user", 29, 8, NACCS_SECRET, NULL, NULL, NULL, NULL},
	{"password", 37, 8, NACCS_SECRET, NULL, NULL, NULL, NULL},
	{"terminal", 45, 6, 0, "keyedBy.code", &naccs_codec_text, NULL, NULL},
	{"mail", 51, 64, 0, "exchange.mail", &naccs_codec_text, NULL, NULL},
	{"subject", 115, 64, 0, "exchange.subject", &naccs_codec_text, NULL, NULL},
	{"rtp", 179, 30, 0, NULL, NULL, NULL, NULL},
	{"server", 209, 10, 0, NULL, NULL, NULL, NULL},
	{"handover", 219, 26, 0, "exchange.correlation", &naccs_codec_correlation, NULL, NULL},
	{"division", 245, 3, 0, NULL, NULL, NULL, "000"},
	{"end", 248, 1, 0, NULL, NULL, NULL, "E"},
	{"type", 249, 1, 0, NULL, NULL, NULL, "R"},
	{"reserve1", 250, 1, 0, NULL, NULL, NULL, NULL},
	{"guard", 251, 1, 0, NULL, NULL, NULL, NULL},
	{"reserve2", 252, 1, 0, NULL, NULL, NULL, NULL},
	{"input", 253, 10, 0, NULL, NULL, NULL, NULL},
	{"index", 263, 100, 0, NULL, NULL, NULL, NULL},
	{"pattern", 363, 1, 0, NULL, NULL, NULL, "Q"},
	{"system", 364, 1, 0, NULL, NULL, "1", "1"},
	{"display", 365, 3, 0, NULL, NULL, NULL, NULL},
	{"reserve3", 368, 24, 0, NULL, NULL, NULL, NULL},
};
/* clang-format on */

const size_t naccs_n_fields = sizeof(naccs_fields) / sizeof(naccs_fields[0]);

static const struct naccs_row result_rows[] = {
	{"results", NACCS_CODE, 75, NACCS_OWN, "answer.results", &naccs_codec_results, NULL},
};
static const struct naccs_section result_sections[] = {NACCS_SECTION(result_rows, 1)};
static const struct naccs_layout result_layout = {.common = result_sections,
	.n_common = 1,
	.is_open = true};
static const struct naccs_layout open_layout = {.is_open = true};

const struct naccs_message naccs_result = {"*V", NACCS_RESULT, NULL, &result_layout, NULL};
const struct naccs_message naccs_open_request = {"", NACCS_REQUEST, NULL, &open_layout, NULL};
const struct naccs_message naccs_open_reply = {"", NACCS_REPLY, NULL, &open_layout, NULL};

const struct naccs_message *naccs_message_of(const struct naccs_profile *profile, const char *code,
	bool is_answer)
{
	const struct naccs_message *message = naccs_message_find(profile, code);
	if (is_answer && strncmp(code, "*V", 2) == 0) {
		return &naccs_result;
	}
	if (message && (message->kind != NACCS_REQUEST) == is_answer) {
		return message;
	}
	return is_answer ? &naccs_open_reply : &naccs_open_request;
}

/* Fields */

struct rg_bytes naccs_field_text(const struct naccs_frame *frame, const struct naccs_field *field)
{
	struct rg_bytes text = {frame->whole.data + field->offset, field->bytes};
	while (text.len > 0 && text.data[text.len - 1] == ' ') {
		text.len--;
	}
	return text;
}

bool naccs_field_is_mapped(const struct naccs_field *field, enum naccs_kind kind)
{
	unsigned other = kind == NACCS_REQUEST ? NACCS_ANSWERS : NACCS_REQUESTS;
	return (field->flags & other) == 0;
}

const char *naccs_field_usual(const struct naccs_field *field, enum naccs_kind kind)
{
	const char *usual = kind == NACCS_REQUEST ? field->request : field->answer;
	return usual ? usual : "";
}

struct naccs_place *naccs_field_place(struct pool *pool, const struct naccs_field *field,
	enum naccs_kind kind)
{
	struct naccs_place *place = pool_alloc(pool, sizeof(*place));
	struct naccs_row *row = pool_alloc(pool, sizeof(*row));
	if (!place || !row) {
		return NULL;
	}
	bool is_mapped = naccs_field_is_mapped(field, kind) && field->canonical;
	/* The message and its correlation follow from where it goes; all else is the sender's. */
	bool is_chosen =
		field->codec == &naccs_codec_message || field->codec == &naccs_codec_correlation;
	unsigned flags = is_chosen ? 0 : NACCS_OWN;
	*row = (struct naccs_row){field->id, NACCS_WIDE, field->bytes, flags,
		is_mapped ? field->canonical : NULL, field->codec, NULL};
	place->row = row;
	place->id = field->id;
	place->canonical = row->canonical;
	place->native = pool_printf(pool, "/header/%s", field->id);
	return place->native ? place : NULL;
}

/* Telling */

void naccs_frame_locate(const struct naccs_frame *frame, const uint8_t *at, uint32_t *ret_line,
	uint32_t *ret_column)
{
	uint32_t line = frame->line;
	const uint8_t *begin = frame->whole.data;
	for (const uint8_t *byte = frame->whole.data; byte < at; byte++) {
		if (*byte == '\n') {
			line++;
			begin = byte + 1;
		}
	}
	*ret_line = line;
	*ret_column = (uint32_t)(at - begin) + 1;
}

rg_err naccs_frame_tell(const struct naccs_work *work, const struct naccs_frame *frame,
	const uint8_t *at, const struct rg_finding *finding)
{
	struct rg_finding placed = *finding;
	naccs_frame_locate(frame, at, &placed.line, &placed.column);
	placed.text = placed.text ? placed.text : "wrong";
	return rg_call_finding(work->call, &placed);
}

static rg_err refuse(const struct naccs_work *work, const struct naccs_frame *frame,
	const uint8_t *at, const char *rule, const char *text)
{
	struct rg_finding finding = {RG_FINDING_ERROR, rule, "", 0, 0, text};
	return naccs_frame_tell(work, frame, at, &finding);
}

/* Text */

/* Bytes of the character at `text`; 0: none of UTF-8. */
static size_t character(const uint8_t *text, size_t len)
{
	static const struct {
		uint8_t first, last, low, high;
		size_t n;
	} forms[] = {
		{0x00, 0x7f, 0x80, 0xbf, 1},
		{0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3},
		{0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	size_t i = 0;
	while (i < sizeof(forms) / sizeof(forms[0]) &&
		(text[0] < forms[i].first || text[0] > forms[i].last)) {
		i++;
	}
	size_t n = i < sizeof(forms) / sizeof(forms[0]) ? forms[i].n : 0;
	if (n == 0 || n > len || (n > 1 && (text[1] < forms[i].low || text[1] > forms[i].high))) {
		return 0;
	}
	for (size_t j = 2; j < n; j++) {
		if ((text[j] & 0xc0) != 0x80) {
			return 0;
		}
	}
	return n;
}

/* The first byte that is no text of one line; NULL: all is. Line ends may be allowed. */
static const uint8_t *find_wrong(struct rg_bytes text, bool has_lines)
{
	size_t i = 0;
	while (i < text.len) {
		const uint8_t *at = text.data + i;
		size_t n = character(at, text.len - i);
		bool is_line_end = *at == '\r' || *at == '\n';
		bool is_control = *at < 0x20 || *at == 0x7f;
		if (n == 0 || (is_control && !(has_lines && is_line_end))) {
			return at;
		}
		i += n;
	}
	return NULL;
}

static rg_err refuse_text(const struct naccs_work *work, const struct naccs_frame *frame,
	const uint8_t *at, const char *id)
{
	bool is_control = *at < 0x80;
	return refuse(work, frame, at, "ENCODING",
		pool_printf(work->pool,
			is_control ? "%s holds the control character %02X"
				   : "%s is not UTF-8 at the byte %02X",
			id, *at));
}

/* Header */

static rg_err check_fields(const struct naccs_work *work, const struct naccs_frame *frame,
	bool *ret_ok)
{
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < naccs_n_fields; i++) {
		const struct naccs_field *field = &naccs_fields[i];
		struct rg_bytes text = {frame->whole.data + field->offset, field->bytes};
		const uint8_t *wrong = find_wrong(text, strcmp(field->id, "subject") == 0);
		if (wrong && !(field->flags & NACCS_SECRET)) {
			*ret_ok = false;
			err = refuse_text(work, frame, wrong,
				pool_printf(work->pool, "header field %s", field->id));
		}
	}
	return err;
}

/* A code of the header, blanks after it left out; NULL: it holds other characters. */
static const char *take_code(struct pool *pool, const struct naccs_frame *frame, size_t offset,
	size_t bytes)
{
	const uint8_t *text = frame->whole.data + offset;
	while (bytes > 0 && text[bytes - 1] == ' ') {
		bytes--;
	}
	for (size_t i = 0; i < bytes; i++) {
		if (!isupper(text[i]) && !isdigit(text[i]) && text[i] != '*') {
			return NULL;
		}
	}
	return pool_copy(pool, (const char *)text, bytes);
}

static rg_err find_message(const struct naccs_work *work, struct naccs_frame *frame, bool *ret_ok)
{
	const uint8_t *at = frame->whole.data + OFFSET_JOB;
	const char *code = take_code(work->pool, frame, OFFSET_CODE, BYTES_CODE);
	frame->job = take_code(work->pool, frame, OFFSET_JOB, BYTES_JOB);
	*ret_ok = code && frame->job && *frame->job && !strchr(frame->job, '*');
	if (!*ret_ok) {
		return refuse(work, frame, at, "MESSAGE",
			"bytes 4 to 15 name no procedure and message: capitals and digits, "
			"left-justified");
	}
	frame->code = *code ? code : frame->job;
	frame->message = naccs_message_of(work->profile, frame->code, *code != '\0');
	return RG_OK;
}

/* Cuts the frame off by the length it states. */
static rg_err take_length(const struct naccs_work *work, struct rg_bytes rest,
	struct naccs_frame *frame, bool *ret_ok)
{
	size_t len = 0;
	*ret_ok = false;
	frame->whole = rest;
	if (rest.len < NACCS_HEADER) {
		return refuse(work, frame, rest.data, "LENGTH",
			pool_printf(work->pool,
				"%zu bytes are no message: its header alone has 400", rest.len));
	}
	for (size_t i = 0; i < DIGITS_LENGTH; i++) {
		uint8_t digit = rest.data[OFFSET_LENGTH + i];
		if (!isdigit(digit)) {
			return refuse(work, frame, rest.data + OFFSET_LENGTH + i, "LENGTH",
				"bytes 393 to 398 are not the length of the message in six digits");
		}
		len = len * 10 + (size_t)(digit - '0');
	}
	if (memcmp(rest.data + NACCS_HEADER - 2, "\r\n", 2) != 0) {
		return refuse(work, frame, rest.data + NACCS_HEADER - 2, "FORMAT",
			"the header does not end with CR LF at byte 399");
	}
	if (len < NACCS_HEADER || len > rest.len) {
		return refuse(work, frame, rest.data + OFFSET_LENGTH, "LENGTH",
			pool_printf(work->pool,
				"the message says that it has %zu bytes, and there are %zu", len,
				rest.len));
	}
	frame->whole.len = len;
	*ret_ok = true;
	return RG_OK;
}

/* Body */

static size_t count_lines(struct rg_bytes body)
{
	size_t n = 0;
	for (size_t i = 0; i + 1 < body.len; i++) {
		n += body.data[i] == '\r' && body.data[i + 1] == '\n';
	}
	return n;
}

static rg_err split(const struct naccs_work *work, struct naccs_frame *frame, bool *ret_ok)
{
	struct rg_bytes body = {frame->whole.data + NACCS_HEADER, frame->whole.len - NACCS_HEADER};
	const uint8_t *end = body.data + body.len;
	size_t n = count_lines(body);
	frame->items = pool_alloc(work->pool, (n + 1) * sizeof(struct rg_bytes));
	*ret_ok = body.len == 0 || (body.len >= 2 && memcmp(end - 2, "\r\n", 2) == 0);
	if (!frame->items) {
		return RG_E_NOMEM;
	}
	if (!*ret_ok) {
		return refuse(work, frame, end - 1, "FORMAT",
			"the last item is not ended by CR LF");
	}
	const uint8_t *from = body.data;
	for (const uint8_t *at = from; at + 1 < end; at++) {
		if (at[0] == '\r' && at[1] == '\n') {
			frame->items[frame->n_items++] =
				(struct rg_bytes){from, (size_t)(at - from)};
			from = at + 2;
		}
	}
	return RG_OK;
}

static rg_err place_items(const struct naccs_work *work, struct naccs_frame *frame, bool *ret_ok)
{
	const struct naccs_layout *layout = frame->message->layout;
	size_t n_common = naccs_n_common(layout);
	size_t n_goods = naccs_n_goods(layout);
	size_t n_rest = frame->n_items > n_common ? frame->n_items - n_common : 0;
	size_t n_lines = n_goods > 0 ? (n_rest + n_goods - 1) / n_goods : 0;
	size_t max = layout->is_open ? MAX_OPEN : n_common + layout->max_lines * n_goods;
	*ret_ok = frame->n_items <= max;
	if (!*ret_ok) {
		return refuse(work, frame, frame->items[max].data, "LIMIT",
			pool_printf(work->pool, "%s has %zu items at most; this one has %zu",
				frame->code, max, frame->n_items));
	}
	return naccs_places(work->pool, layout, 0, n_lines, layout->is_open ? n_rest : 0,
		&frame->places);
}

static rg_err check_items(const struct naccs_work *work, const struct naccs_frame *frame,
	bool *ret_ok)
{
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < frame->n_items; i++) {
		const struct naccs_place *place = &frame->places[i];
		struct rg_bytes item = frame->items[i];
		const uint8_t *wrong = find_wrong(item, false);
		bool is_long = place->row->bytes > 0 && item.len > place->row->bytes;
		if (wrong) {
			err = refuse_text(work, frame, wrong,
				pool_printf(work->pool, "item %u %s", place->number, place->id));
		} else if (is_long) {
			struct rg_finding finding = {RG_FINDING_ERROR, "LENGTH", place->native, 0,
				0,
				pool_printf(work->pool, "item %u %s has %zu bytes; it holds %u",
					place->number, place->id, item.len, place->row->bytes)};
			err = naccs_frame_tell(work, frame, item.data, &finding);
		}
		*ret_ok = *ret_ok && !wrong && !is_long;
	}
	return err;
}

static rg_err read_body(const struct naccs_work *work, struct naccs_frame *frame, bool *ret_ok)
{
	rg_err err = find_message(work, frame, ret_ok);
	if (!err && *ret_ok) {
		err = split(work, frame, ret_ok);
	}
	if (!err && *ret_ok) {
		err = place_items(work, frame, ret_ok);
	}
	if (!err && *ret_ok) {
		err = check_fields(work, frame, ret_ok);
	}
	bool has_items = frame->places != NULL;
	return err || !has_items ? err : check_items(work, frame, ret_ok);
}

rg_err naccs_frame_read(const struct naccs_work *work, struct rg_bytes *rest, uint32_t *line,
	struct naccs_frame *frame, bool *ret_ok)
{
	uint32_t column = 0;
	*frame = (struct naccs_frame){.line = *line, .code = "", .job = ""};
	rg_err err = take_length(work, *rest, frame, ret_ok);
	if (!err && *ret_ok) {
		err = read_body(work, frame, ret_ok);
	}
	if (!err && *ret_ok) {
		naccs_frame_locate(frame, frame->whole.data + frame->whole.len, line, &column);
		rest->data += frame->whole.len;
		rest->len -= frame->whole.len;
	}
	return err;
}
