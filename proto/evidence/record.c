/*
 * The leaf: see record.h
 *
 * Threads: any; nothing is shared.
 */

#include <assert.h>

#include "evidence/record.h"

/* version, type and the three length words */
#define FIXED_LEN (1 + 1 + 3 * 2)

static bool is_known(unsigned type)
{
	return type >= RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE &&
		type <= RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_ADMIN;
}

static bool has_room_for_signature(unsigned type, size_t signature_len)
{
	return type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE || signature_len == 0;
}

static bool fits(const struct record *record)
{
	size_t left = RECORD_LEAF_MAX - FIXED_LEN;

	if (record->meta.len > left) {
		return false;
	}
	left -= record->meta.len;
	if (record->body.len > left) {
		return false;
	}
	left -= record->body.len;
	return record->signature.len <= left;
}

static void add_field(struct buf *out, struct rg_bytes field)
{
	buf_add_u16(out, (uint16_t)field.len);
	buf_add_bytes(out, field);
}

rg_err record_write(const struct record *record, struct buf *out)
{
	assert(is_known(record->type));
	assert(has_room_for_signature(record->type, record->signature.len));
	if (!fits(record)) {
		return RG_E_OVERFLOW;
	}
	buf_add_u8(out, RECORD_VERSION);
	buf_add_u8(out, (uint8_t)record->type);
	add_field(out, record->meta);
	add_field(out, record->body);
	add_field(out, record->signature);
	return buf_error(out);
}

static struct rg_bytes read_field(struct cursor *cursor)
{
	return cursor_bytes(cursor, cursor_u16(cursor));
}

bool record_read(struct rg_bytes leaf, struct record *ret_record)
{
	struct cursor cursor = cursor_of(leaf);
	unsigned version = cursor_u8(&cursor);
	unsigned type = cursor_u8(&cursor);
	struct rg_bytes meta = read_field(&cursor);
	struct rg_bytes body = read_field(&cursor);
	struct rg_bytes signature = read_field(&cursor);

	if (!cursor_is_done(&cursor) || leaf.len > RECORD_LEAF_MAX || version != RECORD_VERSION ||
		!is_known(type) || !has_room_for_signature(type, signature.len)) {
		return false;
	}
	*ret_record = (struct record){
		.type = (Rivergate__V1__RecordType)type,
		.meta = meta,
		.body = body,
		.signature = signature,
	};
	return true;
}
