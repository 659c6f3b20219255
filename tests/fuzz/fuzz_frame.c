/*
 * Session frames: what frame_unpack() lets through packs again to the same bytes.
 */

#include <assert.h>

#include "wire/frame.h"

int fuzz_frame(const uint8_t *data, size_t len);

int fuzz_frame(const uint8_t *data, size_t len)
{
	scoped(arena_freep) struct arena *arena = arena_new(8u << 20);
	scoped(buf_deinit) struct buf packed = {.data = NULL};
	struct scan_answer answer;
	Rivergate__V1__Frame *frame = NULL;
	struct rg_bytes bytes = {data, len};

	assert(arena);
	if (len > FRAME_REQUEST_MAX || frame_unpack(bytes, arena, &answer, &frame) != RG_OK ||
		!frame) {
		return 0;
	}
	assert(frame_pack(frame, &packed) == RG_OK);
	assert(bytes_equal(buf_view(&packed), bytes));
	return 0;
}
