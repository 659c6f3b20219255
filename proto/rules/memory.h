#ifndef RULES_MEMORY_H
#define RULES_MEMORY_H

/*
 * A window's store in memory: for simulators and tests
 *
 * A sorted array: rows are found by halving and put by moving what lies behind, so it is made
 * for thousands of rows, not for millions.
 *
 * Threads: one.
 */

#include "base/scoped.h"
#include "rules/store.h"

struct memory;

RG_MUST_USE rg_err memory_new(struct memory **ret_memory);
void memory_free(struct memory *memory);
SCOPED_DEFINE(struct memory, memory_free);

/* Borrows the memory. */
struct rules_store memory_store(struct memory *memory);

/* All rows in their order, so that two stores can be compared. */
RG_MUST_USE rg_err memory_dump(const struct memory *memory, struct buf *out);
size_t memory_n_rows(const struct memory *memory);

#endif
