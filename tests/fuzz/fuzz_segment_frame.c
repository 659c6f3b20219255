/*
 * Frames of a segment and the leaves in them: views stay inside, and writing gives the same bytes.
 */

#include <stdlib.h>
#include <string.h>

#include "evidence/record.h"
#include "evidence/segment.h"

int fuzz_segment_frame(const uint8_t *data, size_t len);

static void check_leaf(struct rg_bytes leaf)
{
	scoped(buf_deinit) struct buf again = {0};
	struct record record;

	if (!record_read(leaf, &record)) {
		return;
	}
	if (record_write(&record, &again) || !bytes_equal(buf_view(&again), leaf)) {
		abort();
	}
}

int fuzz_segment_frame(const uint8_t *data, size_t len)
{
	uint8_t head[SEGMENT_FRAME_HEAD];
	struct segment_frame frame;
	struct rg_bytes parts;
	struct rg_bytes leaf;

	check_leaf(bytes_of(data, len));
	if (segment_frame_read(bytes_of(data, len), &frame, &leaf, &parts) != SEGMENT_FRAME_WHOLE) {
		return 0;
	}
	check_leaf(leaf);
	segment_frame_write(&frame, leaf, &parts, 1, head);
	if (memcmp(head, data, sizeof(head)) != 0) {
		abort();
	}
	return 0;
}
