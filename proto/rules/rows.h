#ifndef RULES_ROWS_H
#define RULES_ROWS_H

/*
 * Rows of the window's store: keys, and protobuf messages as values
 *
 * store.h lists the tables. What is read back was written by this program: a row that does
 * not unpack is RG_E_FORMAT, a damaged index.
 *
 * Threads: the store's owner's.
 */

#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "base/buf.h"
#include "rules/store.h"

/* Tables: the first byte of a key. */
enum rows_table {
	ROWS_CONSIGNMENT = 'C',
	ROWS_NAME = 'N',
	ROWS_GOODS = 'G',
	ROWS_TIMER = 'T',
	ROWS_CERTIFICATE = 'D',
	ROWS_ESTABLISHMENT = 'E',
	ROWS_RESTS_ON = 'U',
	ROWS_ALERT = 'A',
	ROWS_ENQUIRY = 'Q',
	ROWS_NOTICE = 'M',
	ROWS_HEADER = 'H',
};

/* What a timer is about: the byte behind its time. */
enum rows_timer {
	ROWS_TIMER_CONSIGNMENT = 'C',
	ROWS_TIMER_ENQUIRY = 'Q',
	ROWS_TIMER_NOTICE = 'M',
};

/* table ‖ name. Appends to key. */
void rows_key(struct buf *key, enum rows_table table, const char *name);
/* table ‖ a NUL b NUL c …; ends at NULL. Appends to key. */
void rows_key_of(struct buf *key, enum rows_table table, ...) __attribute__((sentinel));
void rows_key_timer(struct buf *key, int64_t time_us, enum rows_timer about, struct rg_bytes name);

/* *ret_message NULL: there is none. In the arena. */
RG_MUST_USE rg_err rows_get(const struct rules_store *store, const struct buf *key,
	const ProtobufCMessageDescriptor *descriptor, struct arena *arena,
	ProtobufCMessage **ret_message);
RG_MUST_USE rg_err rows_put(const struct rules_store *store, const struct buf *key,
	const ProtobufCMessage *message);
/* A row that says no more than its key; and away with a row. */
RG_MUST_USE rg_err rows_mark(const struct rules_store *store, const struct buf *key);
RG_MUST_USE rg_err rows_remove(const struct rules_store *store, const struct buf *key);

/*
 * Calls take with the rest of each key behind the prefix, in order, until it is false. Rows
 * may be put and removed meanwhile.
 */
struct rows_sink {
	rg_err (*take)(void *context, struct rg_bytes rest, bool *ret_goes_on);
	void *context;
};
RG_MUST_USE rg_err rows_walk(const struct rules_store *store, const struct buf *prefix,
	const struct rows_sink *sink);

/* A copy in the arena; NULL: no memory. */
char *rows_text(struct arena *arena, struct rg_bytes bytes);

/*
 * Makes room for one more in a repeated field of a message in the arena and puts item there.
 * items: the address of the field, n: of its count.
 */
RG_MUST_USE rg_err rows_append(struct arena *arena, void *items, size_t *n, void *item);

#endif
