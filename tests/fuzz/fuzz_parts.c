/*
 * Whatever a sender says the parts of a declaration are: they are joined or not, never a
 * crash; and parts that agree are those that the joined document is cut into.
 *
 * Data: twice a length of two bytes and a part, then the third part. A part of length 65535
 * is not at hand.
 *
 * Threads: one.
 */

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "host/parts.h"
#include "wire/pack.h"

#define NOT_HERE 65535

int fuzz_parts(const uint8_t *data, size_t len);

static void check_recut(const Rivergate__V1__Declaration *joined, enum audience audience,
	struct rg_bytes part)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	scoped(buf_deinitv) struct buf packed = {0};
	Rivergate__V1__Declaration *again = NULL;

	buf_init(&packed);
	if (!arena || parts_cut(joined, audience, arena, &again) != RG_OK ||
		pack_append(&again->base, &packed) != RG_OK ||
		!bytes_equal(buf_view(&packed), part)) {
		abort();
	}
}

int fuzz_parts(const uint8_t *data, size_t len)
{
	scoped(arena_freep) struct arena *arena = arena_new((size_t)256 << 20);
	struct cursor cursor = cursor_of(bytes_of(data, len));
	struct rg_bytes parts[AUDIENCE_TRAVELLING] = {{0}};
	Rivergate__V1__Declaration *joined = NULL;
	struct parts_answer answer = {.verdict = PARTS_AGREE};

	for (unsigned i = 0; i + 1 < AUDIENCE_TRAVELLING; i++) {
		size_t part_len = cursor_u16(&cursor);

		parts[i] = part_len == NOT_HERE ? (struct rg_bytes){0}
						: cursor_bytes(&cursor, part_len);
	}
	parts[AUDIENCE_TRAVELLING - 1] = cursor_bytes(&cursor, cursor.left);
	if (!arena || cursor.is_bad || parts_join(parts, arena, &joined, &answer) != RG_OK) {
		return 0;
	}
	bool has_any = parts[0].data || parts[1].data || parts[2].data;
	if ((has_any && answer.verdict <= PARTS_STRAY) != (joined != NULL)) {
		abort();
	}
	for (unsigned i = 0; i < AUDIENCE_TRAVELLING; i++) {
		if (answer.verdict == PARTS_AGREE && parts[i].data) {
			check_recut(joined, (enum audience)i, parts[i]);
		}
	}
	return 0;
}
