/*
 * A binary heap: see heap.h.
 *
 * Threads: the core's.
 */
#include "deliver/heap.h"

#include <assert.h>
#include <stdlib.h>

void deliver_heap_deinit(struct deliver_heap *heap)
{
	free(heap->items);
	heap->items = NULL;
	heap->n_items = 0;
	heap->n_room = 0;
}

rg_err deliver_heap_reserve(struct deliver_heap *heap, size_t n)
{
	size_t n_room = heap->n_room ? heap->n_room : 16;

	while (n_room < n) {
		n_room *= 2;
	}
	if (n_room == heap->n_room) {
		return RG_OK;
	}
	if (n_room > UINT32_MAX) {
		return RG_E_OVERFLOW;
	}
	void **items = realloc(heap->items, n_room * sizeof(*items));

	if (!items) {
		return RG_E_NOMEM;
	}
	heap->items = items;
	heap->n_room = n_room;
	return RG_OK;
}

static void put(struct deliver_heap *heap, size_t i, void *item)
{
	heap->items[i] = item;
	*heap->place(item) = (uint32_t)i;
}

static void rise(struct deliver_heap *heap, size_t i)
{
	void *item = heap->items[i];

	while (i > 0 && heap->is_before(item, heap->items[(i - 1) / 2])) {
		put(heap, i, heap->items[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	put(heap, i, item);
}

static void sink(struct deliver_heap *heap, size_t i)
{
	void *item = heap->items[i];

	for (size_t child = 2 * i + 1; child < heap->n_items; child = 2 * i + 1) {
		if (child + 1 < heap->n_items &&
			heap->is_before(heap->items[child + 1], heap->items[child])) {
			child++;
		}
		if (!heap->is_before(heap->items[child], item)) {
			break;
		}
		put(heap, i, heap->items[child]);
		i = child;
	}
	put(heap, i, item);
}

void deliver_heap_insert(struct deliver_heap *heap, void *item)
{
	assert(heap->n_items < heap->n_room);
	heap->items[heap->n_items] = item;
	rise(heap, heap->n_items++);
}

void deliver_heap_remove(struct deliver_heap *heap, void *item)
{
	size_t i = *heap->place(item);
	void *last = heap->items[--heap->n_items];

	assert(i <= heap->n_items);
	if (last != item) {
		put(heap, i, last);
		deliver_heap_update(heap, last);
	}
}

void deliver_heap_update(struct deliver_heap *heap, void *item)
{
	sink(heap, *heap->place(item));
	rise(heap, *heap->place(item));
}

void *deliver_heap_first(const struct deliver_heap *heap)
{
	return heap->n_items > 0 ? heap->items[0] : NULL;
}
