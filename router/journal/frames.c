/*
 * Frames of one segment file: see frames.h
 *
 * Reads with pread(), not through a mapping: a sector that cannot be read is then an
 * error with a place, not a signal.
 * Threads: one owner.
 */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "evidence/record.h"
#include "journal/frames.h"

#define MAGIC           "RGJ1"
#define MAGIC_LEN       4
#define LEAF_CRC_OFFSET 28
#define SEARCH_STEP     ((size_t)1 << 20)
#define WINDOW_KEPT_MAX ((size_t)2 << 20)
/* Bytes that a search may spend on what only looks like a frame. */
#define SEARCH_BUDGET (UINT64_C(4) << 30)

void journal_frames_init(struct journal_frames *frames, int fd, size_t step)
{
	*frames = (struct journal_frames){.fd = fd, .step = step};
	buf_init(&frames->window);
}

void journal_frames_deinit(struct journal_frames *frames)
{
	buf_deinit(&frames->window);
}

void journal_frames_seek(struct journal_frames *frames, uint64_t offset)
{
	frames->offset = offset;
	frames->window_at = offset;
	/* Rare large parts must not stay in memory. */
	if (frames->window.cap > WINDOW_KEPT_MAX) {
		buf_deinit(&frames->window);
	}
	buf_clear(&frames->window);
}

/* Reads up to len bytes at the end of the window; fewer only at the end of the file. */
static rg_err read_more(struct journal_frames *frames, size_t len)
{
	while (len > 0) {
		uint8_t *to = buf_reserve(&frames->window, len);

		if (!to) {
			return buf_error(&frames->window);
		}
		uint64_t at = frames->window_at + frames->window.len;
		ssize_t n = pread(frames->fd, to, len, (off_t)at);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			log_event(LOG_ERROR, "journal", "cannot-read",
				log_number("offset", (int64_t)at), log_errno());
			return RG_E_IO;
		}
		if (n == 0) {
			return RG_OK;
		}
		frames->window.len += (size_t)n;
		len -= (size_t)n;
	}
	return RG_OK;
}

/* A view of the len bytes at offset, or of as many as the file has. */
static rg_err look(struct journal_frames *frames, uint64_t offset, size_t len,
	struct rg_bytes *ret_bytes)
{
	uint64_t window_end = frames->window_at + frames->window.len;

	if (offset < frames->window_at || offset > window_end) {
		frames->window_at = offset;
		buf_clear(&frames->window);
		window_end = offset;
	}
	if (window_end - offset < len) {
		size_t kept = (size_t)(window_end - offset);

		if (kept > 0) {
			memmove(frames->window.data,
				frames->window.data + (offset - frames->window_at), kept);
		}
		frames->window.len = kept;
		frames->window_at = offset;
		rg_err err =
			read_more(frames, len - kept > frames->step ? len - kept : frames->step);

		if (err) {
			return err;
		}
	}
	size_t skip = (size_t)(offset - frames->window_at);
	size_t left = frames->window.len - skip;

	*ret_bytes = left == 0 ? bytes_of(NULL, 0)
			       : bytes_of(frames->window.data + skip, left < len ? left : len);
	return RG_OK;
}

/* What the head says of the frame's length; 0: it cannot be one. */
static size_t claimed_len(struct rg_bytes head)
{
	struct cursor cursor = cursor_of(head);
	struct rg_bytes magic = cursor_bytes(&cursor, MAGIC_LEN);
	uint32_t leaf_len = cursor_u32(&cursor);
	uint32_t parts_len = cursor_u32(&cursor);

	if (cursor.is_bad || memcmp(magic.data, MAGIC, MAGIC_LEN) != 0 || leaf_len == 0 ||
		leaf_len > RECORD_LEAF_MAX || parts_len > JOURNAL_FRAMES_PARTS_MAX) {
		return 0;
	}
	return SEGMENT_FRAME_HEAD + (size_t)leaf_len + parts_len;
}

/* Head and leaf are as they were written, whatever became of the parts. */
static bool head_is_good(struct rg_bytes frame)
{
	struct cursor cursor = cursor_of(frame);
	uint32_t leaf_len;

	(void)cursor_u32(&cursor);
	leaf_len = cursor_u32(&cursor);
	(void)cursor_bytes(&cursor, LEAF_CRC_OFFSET - 2 * sizeof(uint32_t));
	uint32_t leaf_crc = cursor_u32(&cursor);

	(void)cursor_u32(&cursor);
	struct rg_bytes leaf = cursor_bytes(&cursor, leaf_len);

	return !cursor.is_bad &&
		leaf_crc ==
		segment_crc(segment_crc(0, bytes_of(frame.data, LEAF_CRC_OFFSET)), leaf);
}

static rg_err read_at(struct journal_frames *frames, uint64_t offset,
	struct journal_found *ret_found)
{
	struct journal_found found = {.offset = offset, .end = offset};
	struct rg_bytes bytes;
	rg_err err = look(frames, offset, SEGMENT_FRAME_HEAD, &bytes);

	if (err) {
		return err;
	}
	size_t len = claimed_len(bytes);

	if (len > 0) {
		err = look(frames, offset, len, &bytes);
		if (err) {
			return err;
		}
		found.end = offset + len;
	}
	/* Without a believable length only a blank head is told from damage here. */
	found.state = segment_frame_read(bytes, &found.frame, &found.leaf, &found.parts);
	if (len == 0 && found.state == SEGMENT_FRAME_WHOLE) {
		found.state = SEGMENT_FRAME_DAMAGED;
	}
	if (found.state == SEGMENT_FRAME_DAMAGED) {
		found.head_is_good = len > 0 && head_is_good(bytes);
	}
	*ret_found = found;
	return RG_OK;
}

rg_err journal_frames_next(struct journal_frames *frames, struct journal_found *ret_found)
{
	rg_err err = read_at(frames, frames->offset, ret_found);

	if (!err && ret_found->state == SEGMENT_FRAME_WHOLE) {
		frames->offset = ret_found->end;
	}
	return err;
}

rg_err journal_frames_skip(struct journal_frames *frames, bool *ret_is_skipped)
{
	struct rg_bytes head;
	rg_err err = look(frames, frames->offset, SEGMENT_FRAME_HEAD, &head);

	if (!err) {
		size_t len = claimed_len(head);

		frames->offset += len;
		*ret_is_skipped = len > 0;
	}
	return err;
}

rg_err journal_frames_is_blank(struct journal_frames *frames, bool *ret_is_blank)
{
	for (uint64_t at = frames->offset;;) {
		struct rg_bytes bytes;
		rg_err err = look(frames, at, SEARCH_STEP, &bytes);

		if (err) {
			return err;
		}
		if (bytes.len == 0) {
			*ret_is_blank = true;
			return RG_OK;
		}
		/* All bytes equal their neighbour, and the first is 0. */
		if (bytes.data[0] != 0 || memcmp(bytes.data, bytes.data + 1, bytes.len - 1) != 0) {
			*ret_is_blank = false;
			return RG_OK;
		}
		at += bytes.len;
	}
}

/* Whether a head could stand for a later record that proves `index` durable. */
static bool is_later(struct rg_bytes head, uint64_t index)
{
	struct cursor cursor = cursor_of(head);

	(void)cursor_bytes(&cursor, MAGIC_LEN + 2 * sizeof(uint32_t));
	uint64_t own_index = cursor_u64(&cursor);
	uint64_t durable_size = cursor_u64(&cursor);

	return !cursor.is_bad && own_index > index && durable_size > index &&
		durable_size <= own_index;
}

/* Judges one place where the magic stands. */
static rg_err try_place(struct journal_frames *frames, uint64_t offset, uint64_t index,
	struct journal_found *ret_found, uint64_t *spent)
{
	struct rg_bytes head;
	rg_err err = look(frames, offset, SEGMENT_FRAME_HEAD, &head);

	*ret_found = (struct journal_found){.state = SEGMENT_FRAME_DAMAGED};
	if (err || claimed_len(head) == 0 || !is_later(head, index)) {
		return err;
	}
	*spent += claimed_len(head);
	return read_at(frames, offset, ret_found);
}

rg_err journal_frames_search(struct journal_frames *frames, uint64_t index,
	struct journal_found *ret_found, enum segment_state *ret_state)
{
	uint64_t at = frames->offset;
	uint64_t spent = 0;

	for (;;) {
		struct rg_bytes bytes;
		rg_err err = look(frames, at, SEARCH_STEP, &bytes);

		if (err) {
			return err;
		}
		if (bytes.len < MAGIC_LEN) {
			*ret_state = SEGMENT_FRAME_END;
			return RG_OK;
		}
		const uint8_t *place = memmem(bytes.data, bytes.len, MAGIC, MAGIC_LEN);

		if (!place) {
			/* The magic may lie across the border. */
			at += bytes.len - MAGIC_LEN + 1;
			continue;
		}
		at += (uint64_t)(place - bytes.data);
		err = try_place(frames, at, index, ret_found, &spent);
		if (err) {
			return err;
		}
		if (ret_found->state == SEGMENT_FRAME_WHOLE || spent > SEARCH_BUDGET) {
			*ret_state = ret_found->state == SEGMENT_FRAME_WHOLE
				? SEGMENT_FRAME_WHOLE
				: SEGMENT_FRAME_DAMAGED;
			return RG_OK;
		}
		at++;
	}
}
