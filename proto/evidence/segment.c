/*
 * Frames of a segment: see segment.h
 *
 * Threads: any; nothing is shared.
 */

#include <assert.h>
#include <string.h>

#include "base/crc32c.h"
#include "evidence/record.h"
#include "evidence/segment.h"

#define LEAF_CRC_OFFSET 28

static const uint8_t magic[4] = {'R', 'G', 'J', '1'};

uint32_t segment_crc(uint32_t crc, struct rg_bytes bytes)
{
	return crc32c(crc, bytes);
}

static uint8_t *put_u32(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++) {
		at[i] = (uint8_t)(value >> (24 - 8 * i));
	}
	return at + 4;
}

static uint8_t *put_u64(uint8_t *at, uint64_t value)
{
	return put_u32(put_u32(at, (uint32_t)(value >> 32)), (uint32_t)value);
}

static uint32_t leaf_crc_of(const uint8_t *head, struct rg_bytes leaf)
{
	return crc32c(crc32c(0, bytes_of(head, LEAF_CRC_OFFSET)), leaf);
}

static void sum_parts(struct segment_frame *frame, const struct rg_bytes *parts, size_t n_parts)
{
	uint64_t len = 0;

	frame->parts_crc = 0;
	for (size_t i = 0; i < n_parts; i++) {
		frame->parts_crc = crc32c(frame->parts_crc, parts[i]);
		len += parts[i].len;
	}
	assert(len <= UINT32_MAX);
	frame->parts_len = (uint32_t)len;
}

void segment_frame_write(struct segment_frame *frame, struct rg_bytes leaf,
	const struct rg_bytes *parts, size_t n_parts, uint8_t ret_head[SEGMENT_FRAME_HEAD])
{
	uint8_t *at = ret_head;

	assert(leaf.len > 0 && leaf.len <= RECORD_LEAF_MAX);
	frame->leaf_len = (uint32_t)leaf.len;
	sum_parts(frame, parts, n_parts);

	memcpy(at, magic, sizeof(magic));
	at = put_u32(at + sizeof(magic), frame->leaf_len);
	at = put_u32(at, frame->parts_len);
	at = put_u64(at, frame->index);
	at = put_u64(at, frame->durable_size);
	frame->leaf_crc = leaf_crc_of(ret_head, leaf);
	at = put_u32(at, frame->leaf_crc);
	put_u32(at, frame->parts_crc);
}

static bool is_zero(struct rg_bytes bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.data[i] != 0) {
			return false;
		}
	}
	return true;
}

/* False: the head is cut short or was never one. */
static bool read_head(struct cursor *cursor, struct segment_frame *ret_frame)
{
	struct rg_bytes word = cursor_bytes(cursor, sizeof(magic));

	ret_frame->leaf_len = cursor_u32(cursor);
	ret_frame->parts_len = cursor_u32(cursor);
	ret_frame->index = cursor_u64(cursor);
	ret_frame->durable_size = cursor_u64(cursor);
	ret_frame->leaf_crc = cursor_u32(cursor);
	ret_frame->parts_crc = cursor_u32(cursor);
	return !cursor->is_bad && memcmp(word.data, magic, sizeof(magic)) == 0 &&
		ret_frame->leaf_len > 0 && ret_frame->leaf_len <= RECORD_LEAF_MAX;
}

enum segment_state segment_frame_read(struct rg_bytes bytes, struct segment_frame *ret_frame,
	struct rg_bytes *ret_leaf, struct rg_bytes *ret_parts)
{
	struct cursor cursor = cursor_of(bytes);
	struct segment_frame frame;
	size_t head_len = bytes.len < SEGMENT_FRAME_HEAD ? bytes.len : SEGMENT_FRAME_HEAD;

	if (is_zero(bytes_of(bytes.data, head_len))) {
		return SEGMENT_FRAME_END;
	}
	if (!read_head(&cursor, &frame)) {
		return SEGMENT_FRAME_DAMAGED;
	}
	struct rg_bytes leaf = cursor_bytes(&cursor, frame.leaf_len);
	struct rg_bytes parts = cursor_bytes(&cursor, frame.parts_len);

	if (cursor.is_bad || frame.leaf_crc != leaf_crc_of(bytes.data, leaf) ||
		frame.parts_crc != crc32c(0, parts)) {
		return SEGMENT_FRAME_DAMAGED;
	}
	*ret_frame = frame;
	*ret_leaf = leaf;
	*ret_parts = parts;
	return SEGMENT_FRAME_WHOLE;
}
