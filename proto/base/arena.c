/*
 * Arenas: see arena.h
 *
 * A chain of blocks, newest first; allocation moves a mark in the newest. A block
 * that is full is kept until the reset. What lies behind the mark is zero.
 * Threads: an arena has one owner.
 */

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define BLOCK_SIZE ((size_t)16 * 1024)
#define KEPT_SIZE  ((size_t)64 * 1024)
#define ALIGNMENT  alignof(max_align_t)

struct block {
	struct block *older;
	size_t size;
	size_t used;
	alignas(max_align_t) uint8_t bytes[];
};

struct arena {
	struct block *newest;
	size_t limit;
	size_t held;
	ProtobufCAllocator protobuf;
};

static void *alloc_for_protobuf(void *arena, size_t size)
{
	return arena_alloc(arena, size);
}

static void free_for_protobuf(void *arena, void *pointer)
{
	(void)arena;
	(void)pointer;
}

struct arena *arena_new(size_t limit)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (arena) {
		arena->limit = limit;
		arena->protobuf = (ProtobufCAllocator){
			.alloc = alloc_for_protobuf,
			.free = free_for_protobuf,
			.allocator_data = arena,
		};
	}
	return arena;
}

/* Frees all blocks but one, the newest of those that are not too large to be kept. */
static void trim(struct arena *arena)
{
	struct block *kept = NULL;

	while (arena->newest) {
		struct block *block = arena->newest;

		arena->newest = block->older;
		if (!kept && (block->size <= KEPT_SIZE || !block->older)) {
			kept = block;
			kept->older = NULL;
		} else {
			arena->held -= block->size;
			free(block);
		}
	}
	arena->newest = kept;
}

void arena_free(struct arena *arena)
{
	if (arena) {
		trim(arena);
		free(arena->newest);
		free(arena);
	}
}

static struct block *add_block(struct arena *arena, size_t need)
{
	/* Growing blocks keep their number small; what does not fit gets a block of its size. */
	size_t size = arena->held > BLOCK_SIZE ? arena->held : BLOCK_SIZE;

	size = size < need ? need : size;
	if (arena->limit && (need > arena->limit || arena->held > arena->limit - need)) {
		return NULL;
	}
	if (arena->limit && size > arena->limit - arena->held) {
		size = arena->limit - arena->held;
	}
	if (size > SIZE_MAX - sizeof(struct block)) {
		return NULL;
	}
	struct block *block = calloc(1, sizeof(*block) + size);

	if (!block) {
		return NULL;
	}
	block->older = arena->newest;
	block->size = size;
	arena->newest = block;
	arena->held += size;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct block *block = arena->newest;

	if (size > SIZE_MAX - ALIGNMENT) {
		return NULL;
	}
	size = size ? (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;
	if (!block || size > block->size - block->used) {
		block = add_block(arena, size);
	}
	if (!block) {
		return NULL;
	}
	void *result = block->bytes + block->used;

	block->used += size;
	return result;
}

void arena_reset(struct arena *arena)
{
	trim(arena);
	if (arena->newest) {
		memset(arena->newest->bytes, 0, arena->newest->used);
		arena->newest->used = 0;
	}
}

ProtobufCAllocator *arena_protobuf(struct arena *arena)
{
	return &arena->protobuf;
}
