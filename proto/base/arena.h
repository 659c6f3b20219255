#ifndef BASE_ARENA_H
#define BASE_ARENA_H

/*
 * Memory of one batch: many small allocations, released together
 *
 * An arena also serves protobuf-c as allocator, so that an unpacked message costs
 * no call of malloc per field. Nothing is freed singly.
 */

#include <stddef.h>

#include <protobuf-c/protobuf-c.h>

#include "base/scoped.h"

struct arena;

/* NULL: no memory. limit: bytes the arena may hold at most, 0: none. */
struct arena *arena_new(size_t limit);
void arena_free(struct arena *arena);
SCOPED_DEFINE(struct arena, arena_free);
/* Aligned for any type, zeroed; NULL when the limit or memory is spent. */
void *arena_alloc(struct arena *arena, size_t size);
/* Forgets everything, keeps one block for what comes next. */
void arena_reset(struct arena *arena);
/* To be passed to xxx__unpack(); never call xxx__free_unpacked() on the result. Borrowed. */
ProtobufCAllocator *arena_protobuf(struct arena *arena);

#endif
