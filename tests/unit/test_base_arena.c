/*
 * Arenas give aligned, zeroed memory within their limit and forget it at once.
 */

#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "rivergate/v1/message.pb-c.h"
#include "suite.h"

static bool is_zeroed(const uint8_t *bytes, size_t size)
{
	size_t i = 0;

	while (i < size && bytes[i] == 0) {
		i++;
	}
	return i == size;
}

START_TEST(memory_is_aligned_zeroed_and_apart)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	uint8_t *before = NULL;

	for (size_t size = 0; size < 3000; size++) {
		uint8_t *bytes = arena_alloc(arena, size);

		ck_assert_ptr_nonnull(bytes);
		ck_assert_ptr_ne(bytes, before);
		ck_assert_uint_eq((uintptr_t)bytes % alignof(max_align_t), 0);
		ck_assert(is_zeroed(bytes, size));
		memset(bytes, 0xff, size);
		before = bytes;
	}
}
END_TEST

START_TEST(memory_is_zeroed_again_after_a_reset)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	uint8_t *first = arena_alloc(arena, 100);

	memset(first, 0xff, 100);
	ck_assert_ptr_nonnull(arena_alloc(arena, 100000));
	arena_reset(arena);
	uint8_t *again = arena_alloc(arena, 100);

	ck_assert_ptr_eq(first, again);
	for (size_t i = 0; i < 100; i++) {
		ck_assert_uint_eq(again[i], 0);
	}
}
END_TEST

START_TEST(limit_is_never_exceeded)
{
	scoped(arena_freep) struct arena *arena = arena_new(20000);
	size_t total = 0;

	ck_assert_ptr_null(arena_alloc(arena, 20001));
	ck_assert_ptr_null(arena_alloc(arena, SIZE_MAX));
	ck_assert_ptr_null(arena_alloc(arena, SIZE_MAX - 40));
	while (arena_alloc(arena, 160)) {
		total += 160;
	}
	ck_assert_uint_le(total, 20000);
	ck_assert_uint_ge(total, 19000);
	ck_assert_ptr_null(arena_alloc(arena, 160));
	arena_reset(arena);
	ck_assert_ptr_nonnull(arena_alloc(arena, 160));
}
END_TEST

START_TEST(message_unpacks_into_an_arena)
{
	static const uint8_t bytes[] = {0x12, 0x01, 'a', 0x1a, 0x01, 'b', 0x1a, 0x01, 'c'};
	scoped(arena_freep) struct arena *arena = arena_new(0);
	Rivergate__V1__Header *header =
		rivergate__v1__header__unpack(arena_protobuf(arena), sizeof(bytes), bytes);

	ck_assert_ptr_nonnull(header);
	ck_assert_str_eq(header->from, "a");
	ck_assert_uint_eq(header->n_to, 2);
	ck_assert_str_eq(header->to[1], "c");
}
END_TEST

START_TEST(message_above_the_limit_does_not_unpack)
{
	uint8_t bytes[4000];
	scoped(arena_freep) struct arena *arena = arena_new(8000);

	/* Empty legs: two bytes become more than a hundred. */
	for (size_t i = 0; i < sizeof(bytes); i += 2) {
		bytes[i] = 0x52;
		bytes[i + 1] = 0;
	}
	ck_assert_ptr_null(
		rivergate__v1__header__unpack(arena_protobuf(arena), sizeof(bytes), bytes));
}
END_TEST

CHECK_MAIN("base_arena", memory_is_aligned_zeroed_and_apart, memory_is_zeroed_again_after_a_reset,
	limit_is_never_exceeded, message_unpacks_into_an_arena,
	message_above_the_limit_does_not_unpack)
