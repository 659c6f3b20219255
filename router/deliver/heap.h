#ifndef DELIVER_HEAP_H
#define DELIVER_HEAP_H

/*
 * A binary heap of pointers whose items know their place
 *
 * The order must be total: then what comes out does not depend on how it went in, and
 * two cores fed the same agree.
 *
 * Threads: the core's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/error.h>

struct deliver_heap {
	void **items;
	size_t n_items;
	size_t n_room;
	bool (*is_before)(const void *a, const void *b);
	uint32_t *(*place)(void *item); /* where the item keeps its place */
};

void deliver_heap_deinit(struct deliver_heap *heap);
/* Makes room for n items in all, so that inserts up to there cannot fail. */
RG_MUST_USE rg_err deliver_heap_reserve(struct deliver_heap *heap, size_t n);
void deliver_heap_insert(struct deliver_heap *heap, void *item);
void deliver_heap_remove(struct deliver_heap *heap, void *item);
/* After the item's order changed. */
void deliver_heap_update(struct deliver_heap *heap, void *item);
/* NULL: empty. */
void *deliver_heap_first(const struct deliver_heap *heap);

#endif
