/*
 * Rows for others' tools: see table.h.
 *
 * Method: one column, one function; the head line comes from the same table.
 * Threads: any.
 */
#include "audit/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/merkle.h"
#include "base/text.h"
#include "wire/json.h"

/* --- CSV -------------------------------------------------------------------------------------- */

static bool is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

/* Spreadsheets pass over leading spaces before they look for a formula. */
static bool starts_formula(const char *text)
{
	text += strspn(text, " ");
	return *text != '\0' && strchr("=+-@\t\r\n|%", *text) != NULL;
}

void table_csv_cell(const char *text, struct buf *out)
{
	buf_add_text(out, starts_formula(text) ? "\"'" : "\"");
	for (; *text; text++) {
		bool is_quote = *text == '"';

		buf_add(out,
			is_quote                                   ? "\"\""
				: is_control((unsigned char)*text) ? " "
								   : text,
			is_quote ? 2 : 1);
	}
	buf_add_text(out, "\"");
}

static const char *name_of(const ProtobufCEnumDescriptor *names, int value, size_t prefix)
{
	const ProtobufCEnumValue *row = protobuf_c_enum_descriptor_get_value(names, value);

	return row && value ? row->name + prefix : "";
}

static void add_index(const struct walk_record *record, struct buf *text)
{
	buf_printf(text, "%llu", (unsigned long long)record->index);
}

static void add_us(int64_t time_us, struct buf *text)
{
	char time[28];

	if (time_us) {
		text_time_us(time_us, time);
		buf_add_text(text, time);
	}
}

static void add_time(const struct walk_record *record, struct buf *text)
{
	add_us(record->meta->time_us, text);
}

static void add_kind(const struct walk_record *record, struct buf *text)
{
	buf_add_text(text,
		name_of(&rivergate__v1__kind__descriptor, (int)record->header->kind,
			sizeof("KIND_") - 1));
}

static void add_purpose(const struct walk_record *record, struct buf *text)
{
	buf_add_text(text,
		name_of(&rivergate__v1__purpose__descriptor, (int)record->header->purpose,
			sizeof("PURPOSE_") - 1));
}

static void add_id(const struct walk_record *record, struct buf *text)
{
	char hex[33] = "";

	if (record->header->id.len == 16) {
		text_hex(bytes_of(record->header->id.data, 16), hex);
	}
	buf_add_text(text, hex);
}

static void add_from(const struct walk_record *record, struct buf *text)
{
	buf_add_text(text, record->header->from);
}

static void add_list(char **items, size_t n_items, struct buf *text)
{
	for (size_t i = 0; i < n_items; i++) {
		buf_add_text(text, i ? " " : "");
		buf_add_text(text, items[i]);
	}
}

static void add_to(const struct walk_record *record, struct buf *text)
{
	add_list(record->header->to, record->header->n_to, text);
}

static void add_ucr(const struct walk_record *record, struct buf *text)
{
	buf_add_text(text, record->header->ucr);
}

static void add_goods(const struct walk_record *record, struct buf *text)
{
	for (size_t i = 0; i < record->header->n_goods; i++) {
		const Rivergate__V1__Goods *goods = record->header->goods[i];

		buf_add_text(text, i ? " " : "");
		buf_add_text(text, goods->hs6);
		buf_add_text(text, goods->origin[0] ? "/" : "");
		buf_add_text(text, goods->origin);
	}
}

static void add_documents(const struct walk_record *record, struct buf *text)
{
	for (size_t i = 0; i < record->header->n_documents; i++) {
		const Rivergate__V1__DocumentRef *document = record->header->documents[i];

		buf_add_text(text, i ? " " : "");
		buf_add_text(text, document->type);
		buf_add_text(text, ":");
		buf_add_text(text, document->number);
	}
}

static void add_plate(const struct walk_record *record, struct buf *text)
{
	const Rivergate__V1__Movement *movement = record->header->movement;

	buf_add_text(text, movement ? movement->plate : "");
}

static void add_containers(const struct walk_record *record, struct buf *text)
{
	const Rivergate__V1__Movement *movement = record->header->movement;

	if (movement) {
		add_list(movement->containers, movement->n_containers, text);
	}
}

static void add_seals(const struct walk_record *record, struct buf *text)
{
	const Rivergate__V1__Movement *movement = record->header->movement;

	if (movement) {
		add_list(movement->seals, movement->n_seals, text);
	}
}

static void add_sent(const struct walk_record *record, struct buf *text)
{
	add_us(record->header->sent_at_us, text);
}

static void add_expires(const struct walk_record *record, struct buf *text)
{
	add_us(record->header->expires_at_us, text);
}

static void add_hash(const struct walk_record *record, struct buf *text)
{
	struct merkle_hash hash;
	char hex[2 * MERKLE_HASH_LEN + 1] = "";

	if (!merkle_hash_of(record->leaf.body, (struct rg_bytes){.data = NULL}, &hash)) {
		text_hex(bytes_of(hash.bytes, sizeof(hash.bytes)), hex);
	}
	buf_add_text(text, hex);
}

static const struct {
	const char *name;
	void (*add)(const struct walk_record *record, struct buf *text);
} columns[] = {
	{"record", add_index},
	{"time", add_time},
	{"kind", add_kind},
	{"purpose", add_purpose},
	{"id", add_id},
	{"from", add_from},
	{"to", add_to},
	{"ucr", add_ucr},
	{"goods", add_goods},
	{"documents", add_documents},
	{"plate", add_plate},
	{"containers", add_containers},
	{"seals", add_seals},
	{"sent", add_sent},
	{"expires", add_expires},
	{"header_sha256", add_hash},
};

#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

void table_csv_head(struct buf *out)
{
	for (size_t i = 0; i < N_COLUMNS; i++) {
		buf_add_text(out, i ? "," : "");
		table_csv_cell(columns[i].name, out);
	}
	buf_add_text(out, "\r\n");
}

void table_csv_row(const struct walk_record *record, struct buf *out)
{
	scoped(buf_deinitv) struct buf text = {.data = NULL};

	for (size_t i = 0; i < N_COLUMNS; i++) {
		buf_clear(&text);
		columns[i].add(record, &text);
		const char *cell = buf_text(&text);

		buf_add_text(out, i ? "," : "");
		table_csv_cell(cell ? cell : "", out);
	}
	buf_add_text(out, "\r\n");
}

/* --- JSON lines ------------------------------------------------------------------------------- */

rg_err table_json_line(const struct walk_record *record, struct buf *out)
{
	scoped(freep) char *header = NULL;
	rg_err err = record->header ? json_encode(&record->header->base, 0, &header) : RG_OK;

	if (err) {
		return err;
	}
	buf_printf(out, "{\"record\": %llu, \"timeUs\": \"%lld\", \"type\": \"%s\"",
		(unsigned long long)record->index, (long long)record->meta->time_us,
		name_of(&rivergate__v1__record_type__descriptor, (int)record->leaf.type,
			sizeof("RECORD_TYPE_") - 1));
	if (header) {
		size_t len = strlen(header);

		buf_add_text(out, ", \"headerSha256\": \"");
		add_hash(record, out);
		buf_add_text(out, "\", \"header\": ");
		buf_add(out, header, len > 0 && header[len - 1] == '\n' ? len - 1 : len);
	}
	buf_add_text(out, "}\n");
	return buf_error(out);
}
