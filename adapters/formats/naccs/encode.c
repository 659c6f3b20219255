/*
 * Canonical documents to messages
 *
 * Method: the items of the message are gone through in order; each takes its text from
 * an extension, or from the leaves its row names, and is padded as the hints say or as is
 * usual. A document of more goods lines than a message takes is gone through once for
 * each message.
 *
 * Hints and extensions are law and habit of the country that stated them: those of
 * another country are not used.
 *
 * Threads: no state.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/naccs/form.h"
#include "formats/naccs/format.h"
#include "formats/naccs/frame.h"

/* Messages that one document becomes at most: their number has two digits. */
#define MAX_PARTS 99
#define MAX_OPEN  10000

/* An extension or a lexical hint, by its path. */
struct entry {
	const char *path;
	size_t index;
};

struct entries {
	struct entry *rows;
	size_t n_rows;
};

struct encoding {
	struct naccs_work work;
	struct entries extensions, lexicals;
	enum naccs_fill fill;
	size_t n_hinted; /* lines that a hint demands */
	bool has_count;
	bool is_refused;
	struct naccs_place *places;
	size_t n_places;
	const char **texts;
};

static rg_err refuse(struct encoding *encoding, const char *rule, const char *path,
	const char *text)
{
	struct rg_finding finding = {RG_FINDING_ERROR, rule, path, 0, 0, text};
	encoding->is_refused = true;
	return text ? rg_call_finding(encoding->work.call, &finding) : RG_E_NOMEM;
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

static rg_err fetch_member(struct encoding *encoding, const char *list, size_t index,
	const char *member, const char **ret_text)
{
	char path[64];
	snprintf(path, sizeof(path), "%s[%zu].%s", list, index, member);
	return fetch(encoding, path, ret_text);
}

/* Extensions and hints */

static int compare_entries(const void *a, const void *b)
{
	const struct entry *left = a;
	const struct entry *right = b;
	int order = strcmp(left->path, right->path);
	return order ? order : (left->index > right->index) - (left->index < right->index);
}

/* The first entry with this path; NULL: none. */
static const struct entry *find_entry(const struct entries *entries, const char *path)
{
	size_t low = 0;
	size_t high = entries->n_rows;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(entries->rows[middle].path, path) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	bool is_there = low < entries->n_rows && strcmp(entries->rows[low].path, path) == 0;
	return is_there ? &entries->rows[low] : NULL;
}

static rg_err add_entry(struct encoding *encoding, const char *list, size_t index,
	struct entries *entries)
{
	struct entry *entry = &entries->rows[entries->n_rows];
	rg_err err = fetch_member(encoding, list, index, "path", &entry->path);
	entry->index = index;
	entries->n_rows++;
	return err;
}

static rg_err take_hint(struct encoding *encoding, size_t index)
{
	const char *kind = NULL;
	const char *form = NULL;
	rg_err err = fetch_member(encoding, "hints", index, "kind", &kind);
	if (!err) {
		err = fetch_member(encoding, "hints", index, "form", &form);
	}
	if (err) {
		return err;
	}
	for (enum naccs_fill fill = NACCS_FILL_FULL; fill < NACCS_N_FILLS; fill++) {
		bool is_fill =
			strcmp(kind, "fill") == 0 && strcmp(form, naccs_fill_names[fill]) == 0;
		encoding->fill = is_fill ? fill : encoding->fill;
	}
	if (strcmp(kind, "items") == 0) {
		encoding->has_count = true;
		encoding->n_hinted = (size_t)strtoul(form, NULL, 10);
	}
	bool is_lexical = strcmp(kind, "lexical") == 0;
	return is_lexical ? add_entry(encoding, "hints", index, &encoding->lexicals) : RG_OK;
}

static rg_err load_list(struct encoding *encoding, const char *list, struct entries *entries)
{
	size_t n = 0;
	rg_err err = rg_doc_count(encoding->work.doc, list, &n);
	entries->rows = pool_alloc(encoding->work.pool, (n + 1) * sizeof(struct entry));
	if (!err && !entries->rows) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; !err && encoding->work.is_own && i < n; i++) {
		const char *format = NULL;
		err = fetch_member(encoding, list, i, "format", &format);
		if (err || strcmp(format, encoding->work.profile->format) != 0) {
			continue;
		}
		err = entries == &encoding->lexicals ? take_hint(encoding, i)
						     : add_entry(encoding, list, i, entries);
	}
	qsort(entries->rows, entries->n_rows, sizeof(struct entry), compare_entries);
	return err;
}

static rg_err load_lists(struct encoding *encoding)
{
	rg_err err = load_list(encoding, "extensions", &encoding->extensions);
	return err ? err : load_list(encoding, "hints", &encoding->lexicals);
}

/* Which message */

static rg_err find_owner(struct encoding *encoding)
{
	const char *country = NULL;
	rg_err err = fetch(encoding, "country", &country);
	encoding->work.is_own =
		!err && (country[0] == '\0' || strcmp(country, encoding->work.call->country) == 0);
	return err;
}

static rg_err use_direction(struct encoding *encoding, const char *direction)
{
	const struct naccs_profile *profile = encoding->work.profile;
	bool is_export = strcmp(direction, "DIRECTION_EXPORT") == 0;
	bool is_import = strcmp(direction, "DIRECTION_IMPORT") == 0;
	if (!is_export && !is_import) {
		return refuse(encoding, "VALUE", "direction",
			"the document is neither an export nor an import: state which it is");
	}
	/* What one country exports, the next imports. */
	is_export = encoding->work.is_own ? is_export : is_import;
	encoding->work.code = is_export ? profile->export_message : profile->import_message;
	encoding->work.message = naccs_message_of(profile, encoding->work.code, false);
	return RG_OK;
}

static rg_err use_code(struct encoding *encoding, const char *code, const char *direction)
{
	const char *procedure = NULL;
	rg_err err = fetch(encoding, "exchange.procedure", &procedure);
	if (err) {
		return err;
	}
	const struct naccs_message *known = naccs_message_find(encoding->work.profile, code);
	bool is_answer = procedure[0] != '\0' || strncmp(code, "*V", 2) == 0 ||
		(known && known->kind != NACCS_REQUEST);
	const struct naccs_message *message =
		naccs_message_of(encoding->work.profile, code, is_answer);
	size_t n_code = strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789*");
	if (code[n_code] || n_code > (is_answer ? 7u : 5u)) {
		return refuse(encoding, "VALUE", "exchange.message",
			"a message's code is capitals and digits: at most 5 of a request, 7 of an "
			"answer");
	}
	if (message->direction && direction[0] && strcmp(message->direction, direction) != 0) {
		return refuse(encoding, "VALUE", "direction",
			pool_printf(encoding->work.pool,
				"the message %s has the other direction: change exchange.message "
				"too",
				code));
	}
	encoding->work.code = code;
	encoding->work.message = message;
	return RG_OK;
}

static rg_err choose_message(struct encoding *encoding)
{
	const char *code = "";
	const char *direction = NULL;
	rg_err err = fetch(encoding, "direction", &direction);
	if (!err && encoding->work.is_own) {
		err = fetch(encoding, "exchange.message", &code);
	}
	if (err) {
		return err;
	}
	return code[0] ? use_code(encoding, code, direction) : use_direction(encoding, direction);
}

/* Texts */

/* Where a text may be cut so that at most `max` bytes stay: between characters. */
static size_t cut(const char *text, size_t max)
{
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80) {
		max--;
	}
	while (max > 0 && text[max - 1] == ' ') {
		max--;
	}
	return max;
}

/* Items of attribute A hold capitals only. */
static const char *capitals(struct pool *pool, const char *text)
{
	char *copy = pool_copy(pool, text, strlen(text));
	for (char *at = copy; at && *at; at++) {
		*at = *at >= 'a' && *at <= 'z' ? (char)(*at - ('a' - 'A')) : *at;
	}
	return copy;
}

/* Line ends and other controls of a text from abroad: an item is one line. */
static const char *one_line(struct pool *pool, const char *text)
{
	char *copy = pool_copy(pool, text, strlen(text));
	for (char *at = copy; at && *at; at++) {
		*at = (unsigned char)*at < 0x20 || *at == 0x7f ? ' ' : *at;
	}
	return copy;
}

static bool has_controls(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f) {
			return true;
		}
	}
	return false;
}

/* A text of this country that its own format cannot hold: the document was changed to it. */
static rg_err check_own(struct encoding *encoding, const struct naccs_place *place,
	const char *text, bool is_extension)
{
	const char *path = place->canonical && !is_extension ? place->canonical : place->native;
	struct pool *pool = encoding->work.pool;
	bool is_header = strncmp(place->native, "/header/", 8) == 0;
	/* An extension is what a file held: it may be wrong, and is told when it is judged. */
	const char *wrong = is_extension ? NULL : naccs_judge(place, text);
	if (!wrong && !is_header && has_controls(text)) {
		wrong = "an item is one line of text";
	}
	if (!wrong && place->row->bytes > 0 && strlen(text) > place->row->bytes) {
		wrong = pool_printf(pool, "it holds %u bytes, and the text has %zu",
			place->row->bytes, strlen(text));
	}
	return wrong ? refuse(encoding, "VALUE", path,
			       pool_printf(pool, "item %u %s: %s", place->number, place->id, wrong))
		     : RG_OK;
}

/* A number from abroad without the empty places behind its point, where they do not fit. */
static const char *short_number(struct pool *pool, const struct naccs_row *row, const char *text)
{
	const char *point = text ? strchr(text, '.') : NULL;
	bool is_short = strlen(text ? text : "") <= row->bytes;
	if (!point || (is_short && row->attribute == NACCS_FRACTION)) {
		return text;
	}
	size_t len = strlen(text);
	while (text[len - 1] == '0') {
		len--;
	}
	return pool_copy(pool, text, text[len - 1] == '.' ? len - 1 : len);
}

/* A text from abroad: made to fit, or named in the loss report. *ret_text NULL: left out. */
static rg_err fit(const struct naccs_leaf *leaf, const char **text)
{
	const struct naccs_row *row = leaf->place->row;
	struct pool *pool = leaf->work->pool;
	const char *suffix = row->codec->suffix;
	const char *from = *text;
	*text = one_line(pool, row->attribute == NACCS_CODE ? capitals(pool, from) : from);
	*text = naccs_is_right(row->attribute) ? short_number(pool, row, *text) : *text;
	size_t len = *text ? strlen(*text) : 0;
	if (!*text) {
		return RG_E_NOMEM;
	}
	const char *wrong = naccs_judge(leaf->place, *text);
	if (!wrong && len <= row->bytes) {
		return RG_OK;
	}
	bool is_cut = !wrong && row->flags & NACCS_CUT;
	*text = is_cut ? pool_copy(pool, *text, cut(*text, row->bytes)) : NULL;
	const char *reason = wrong
		? pool_printf(pool, "item %u %s was left empty: %s", leaf->place->number,
			  leaf->place->id, wrong)
		: pool_printf(pool, "item %u %s holds %u bytes: %s", leaf->place->number,
			  leaf->place->id, row->bytes,
			  is_cut ? "the text was cut" : "the value was left out");
	return reason && (*text || !is_cut) ? naccs_leaf_lose(leaf, suffix, reason) : RG_E_NOMEM;
}

static rg_err read_leaf(struct encoding *encoding, const struct naccs_place *place,
	const char **ret_text)
{
	struct naccs_leaf leaf = {&encoding->work, place, place->canonical, NULL};
	bool is_own = encoding->work.is_own;
	*ret_text = NULL;
	if (!place->canonical || (!is_own && place->row->flags & NACCS_OWN)) {
		return RG_OK;
	}
	rg_err err = place->row->codec->encode(&leaf, ret_text);
	if (!err && !*ret_text && place->elsewhere && !is_own) {
		leaf.path = place->elsewhere;
		err = place->row->codec->encode(&leaf, ret_text);
	}
	return err || !*ret_text || is_own ? err : fit(&leaf, ret_text);
}

/* What stands at a place; "" for nothing. */
static rg_err find_text(struct encoding *encoding, const struct naccs_place *place,
	const char **ret_text)
{
	const struct entry *extension = find_entry(&encoding->extensions, place->native);
	rg_err err = extension
		? fetch_member(encoding, "extensions", extension->index, "value", ret_text)
		: read_leaf(encoding, place, ret_text);
	*ret_text = *ret_text ? *ret_text : "";
	return err || !encoding->work.is_own ? err
					     : check_own(encoding, place, *ret_text, extension);
}

/* The spelling that a hint tells, where it still holds. */
static rg_err spell(struct encoding *encoding, const struct naccs_place *place, const char **line)
{
	const struct entry *entry = find_entry(&encoding->lexicals, place->native);
	const char *value = NULL;
	const char *form = NULL;
	if (!entry) {
		return RG_OK;
	}
	rg_err err = fetch_member(encoding, "hints", entry->index, "value", &value);
	if (!err) {
		err = fetch_member(encoding, "hints", entry->index, "form", &form);
	}
	bool applies = !err && strcmp(value, *line) == 0 &&
		(place->row->bytes == 0 || strlen(form) <= place->row->bytes) &&
		(strspn(form, " ") == strlen(form) ||
			naccs_is_spelling(place->row->attribute, form, *line));
	*line = applies ? form : *line;
	return err;
}

/* Header */

static rg_err put_field(struct encoding *encoding, const struct naccs_field *field, char *header)
{
	enum naccs_kind kind = encoding->work.message->kind;
	const struct naccs_place *place = naccs_field_place(encoding->work.pool, field, kind);
	const char *usual = naccs_field_usual(field, kind);
	const char *text = NULL;
	if (!place) {
		return RG_E_NOMEM;
	}
	if (field->flags & NACCS_SECRET || !naccs_field_is_mapped(field, kind)) {
		return RG_OK;
	}
	rg_err err = find_text(encoding, place, &text);
	if (err || encoding->is_refused) {
		return err;
	}
	text = *text ? text : usual;
	err = spell(encoding, place, &text);
	memcpy(header + field->offset, text, strlen(text));
	return err;
}

static rg_err put_header(struct encoding *encoding, char *header)
{
	rg_err err = RG_OK;
	memset(header, ' ', NACCS_HEADER);
	for (size_t i = 0; !err && !encoding->is_refused && i < naccs_n_fields; i++) {
		err = put_field(encoding, &naccs_fields[i], header);
	}
	return err;
}

/* Body */

/* Lines of a message without a table are those that extensions or a hint name. */
static size_t count_open(const struct encoding *encoding)
{
	size_t n_common = naccs_n_common(encoding->work.message->layout);
	size_t most = encoding->n_hinted <= MAX_OPEN ? encoding->n_hinted : 0;
	for (size_t i = 0; i < encoding->extensions.n_rows; i++) {
		const char *path = encoding->extensions.rows[i].path;
		size_t number = strncmp(path, "/line[", 6) == 0 ? strtoul(path + 6, NULL, 10) : 0;
		most = number > most && number <= MAX_OPEN ? number : most;
	}
	bool is_open = encoding->work.message->layout->is_open;
	return is_open && most > n_common ? most - n_common : 0;
}

static rg_err place_items(struct encoding *encoding, size_t n_items)
{
	const struct naccs_layout *layout = encoding->work.message->layout;
	size_t first = encoding->work.part * layout->max_lines;
	size_t n_lines = layout->max_lines;
	size_t n_open = count_open(encoding);
	if (layout->max_lines > 0 && n_items < first + n_lines && !encoding->has_count) {
		n_lines = n_items - first;
	}
	/* Extensions may stand in goods lines that have no leaf. */
	n_lines = encoding->extensions.n_rows > 0 ? layout->max_lines : n_lines;
	encoding->n_places = naccs_n_common(layout) + n_lines * naccs_n_goods(layout) + n_open;
	encoding->texts =
		pool_alloc(encoding->work.pool, (encoding->n_places + 1) * sizeof(char *));
	return encoding->texts ? naccs_places(encoding->work.pool, layout, first, n_lines, n_open,
					 &encoding->places)
			       : RG_E_NOMEM;
}

/* Mandatory items that stay empty are for the declarant to complete. */
static rg_err note_missing(struct encoding *encoding, size_t i)
{
	const struct naccs_place *place = &encoding->places[i];
	struct rg_finding finding = {RG_FINDING_NOTE, "MANDATORY", place->native, 0, 0,
		pool_printf(encoding->work.pool,
			"item %u %s is mandatory and empty: the declarant has to complete it",
			place->number, place->id)};
	bool is_missing = place->row->flags & NACCS_MUST && encoding->texts[i][0] == '\0';
	return is_missing ? rg_call_finding(encoding->work.call, &finding) : RG_OK;
}

static rg_err fill_texts(struct encoding *encoding)
{
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < encoding->n_places; i++) {
		err = find_text(encoding, &encoding->places[i], &encoding->texts[i]);
	}
	return err;
}

static size_t count_lines(const struct encoding *encoding)
{
	size_t n = encoding->n_places;
	while (n > 0 && encoding->texts[n - 1][0] == '\0') {
		n--;
	}
	bool is_empty = n == 0;
	if (encoding->has_count && encoding->work.n_parts == 1 && encoding->n_hinted >= n &&
		encoding->n_hinted <= encoding->n_places) {
		return encoding->n_hinted;
	}
	return is_empty ? 1 : n;
}

static rg_err put_line(struct encoding *encoding, size_t i, bool is_empty, struct text *out)
{
	const struct naccs_place *place = &encoding->places[i];
	const char *line = naccs_pad(encoding->work.pool, place->row, encoding->texts[i],
		is_empty ? NACCS_FILL_NONE : encoding->fill);
	rg_err err = line ? spell(encoding, place, &line) : RG_E_NOMEM;
	if (!err) {
		text_add_string(out, line);
		text_add_string(out, "\r\n");
	}
	return err;
}

static rg_err put_body(struct encoding *encoding, struct text *out)
{
	size_t n = count_lines(encoding);
	bool is_empty = true;
	for (size_t i = 0; i < encoding->n_places; i++) {
		is_empty = is_empty && encoding->texts[i][0] == '\0';
	}
	if (encoding->n_places == 0 && n > 0) {
		text_add_string(out, "\r\n");
		return RG_OK;
	}
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < n; i++) {
		err = put_line(encoding, i, is_empty, out);
	}
	/* Mandatory items are those of the common part and of goods lines with content. */
	size_t n_common = naccs_n_common(encoding->work.message->layout);
	size_t n_goods = naccs_n_goods(encoding->work.message->layout);
	size_t n_judged = n > n_common && n_goods > 0
		? n_common + (n - n_common + n_goods - 1) / n_goods * n_goods
		: n_common;
	for (size_t i = 0; !err && i < n_judged && i < encoding->n_places; i++) {
		err = note_missing(encoding, i);
	}
	return err;
}

static rg_err put_length(struct encoding *encoding, struct text *out)
{
	char length[8];
	if (out->has_failed) {
		return RG_E_NOMEM;
	}
	if (out->len > NACCS_MAX_FRAME) {
		return refuse(encoding, "LIMIT", "",
			"the message would have more than 999,999 bytes, which its length field "
			"cannot say");
	}
	snprintf(length, sizeof(length), "%06u", (unsigned)out->len);
	memcpy(out->data + NACCS_HEADER - 8, length, 6);
	memcpy(out->data + NACCS_HEADER - 2, "\r\n", 2);
	struct rg_bytes bytes = {(const uint8_t *)out->data, out->len};
	return rg_call_output(encoding->work.call, bytes);
}

static rg_err encode_part(struct encoding *encoding, size_t n_items)
{
	char header[NACCS_HEADER];
	struct text out;
	text_init(&out, encoding->work.pool);
	rg_err err = put_header(encoding, header);
	if (!err) {
		err = place_items(encoding, n_items);
	}
	if (!err) {
		err = fill_texts(encoding);
	}
	if (err || encoding->is_refused) {
		return err;
	}
	text_add(&out, header, sizeof(header));
	err = put_body(encoding, &out);
	return err ? err : put_length(encoding, &out);
}

static rg_err note_division(struct encoding *encoding)
{
	struct rg_finding finding = {RG_FINDING_NOTE, "DIVISION", "items", 0, 0,
		pool_printf(encoding->work.pool,
			"%zu messages of at most %u goods lines each, with the same common part; "
			"the number of the first goes into the others once the system has given it",
			encoding->work.n_parts, encoding->work.message->layout->max_lines)};
	return encoding->work.n_parts > 1 ? rg_call_finding(encoding->work.call, &finding) : RG_OK;
}

static rg_err encode_parts(struct encoding *encoding)
{
	size_t n_items = 0;
	size_t max = encoding->work.message->layout->max_lines;
	rg_err err = rg_doc_count(encoding->work.doc, "items", &n_items);
	if (!err && max > 0 && n_items > max * MAX_PARTS) {
		return refuse(encoding, "LIMIT", "items",
			"the items would need more than 99 messages: the field for their number "
			"has two digits");
	}
	encoding->work.n_parts = max > 0 && n_items > max ? (n_items + max - 1) / max : 1;
	if (!err) {
		err = note_division(encoding);
	}
	for (size_t i = 0; !err && !encoding->is_refused && i < encoding->work.n_parts; i++) {
		encoding->work.part = i;
		err = encode_part(encoding, n_items);
	}
	return err;
}

/* What encoding is, step by step. */
static rg_err (*const steps[])(struct encoding *encoding) = {
	find_owner,
	choose_message,
	load_lists,
	encode_parts,
};

rg_err naccs_encode(const struct rg_format *format, struct rg_doc *const *docs, size_t n_docs,
	struct rg_call *call)
{
	rg_err err = RG_OK;
	for (size_t i = 0; i < n_docs && !err; i++) {
		scoped(pool_freep) struct pool *pool = pool_new(NACCS_POOL_LIMIT);
		struct encoding *encoding = pool ? pool_alloc(pool, sizeof(*encoding)) : NULL;
		if (!encoding) {
			return RG_E_NOMEM;
		}
		encoding->work = (struct naccs_work){.pool = pool,
			.call = call,
			.doc = docs[i],
			.profile = format->profile};
		for (size_t j = 0;
			!err && !encoding->is_refused && j < sizeof(steps) / sizeof(steps[0]);
			j++) {
			err = steps[j](encoding);
		}
	}
	return err;
}
