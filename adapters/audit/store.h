#ifndef AUDIT_STORE_H
#define AUDIT_STORE_H

/*
 * The auditor's index on disk: what does not fit into memory, and what a later run needs
 *
 * A log has any number of records; an auditor's memory has not. So message identities and
 * deliveries that stay open lie in LMDB tables, in a folder of its own that is deleted at
 * the end, or in one that the user names (--state) and that a later run goes on from.
 *
 * One write transaction is open at any time. store_commit() makes what was put so far
 * durable, all of it or nothing; what came after the last commit is gone after a crash.
 * Memory: what one transaction changes; the map of the file counts as file, not as memory.
 *
 * Threads: a store belongs to one.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"

struct store;

enum store_table {
	STORE_STATE,       /* word → what a later run needs to know at once */
	STORE_IDENTITY,    /* id ‖ sender → record */
	STORE_DELIVERY,    /* record → party, kind, ordinal, state, sender, expiry of each */
	STORE_EXPIRY,      /* expiry ‖ record → nothing */
	STORE_PARTY,       /* number → address */
	STORE_GOVERNANCE,  /* record → leaf and parts */
	STORE_FINDING,     /* number → finding */
	STORE_WINDOW,      /* rows of the window: rules/store.h; but … */
	STORE_GOODS,       /* … its index of goods … */
	STORE_CONSIGNMENT, /* … and consignments: each record puts one */
	STORE_TURN, /* UCR ‖ leg ‖ authority → whose turn it was, and since when: turns.h */
	STORE_TABLES
};

/*
 * path NULL: in a temporary folder, gone with store_close(). RG_E_CONFIG, with a log line
 * that says what to do: the folder is in use by another run.
 */
RG_MUST_USE rg_err store_open(const char *path, struct store **ret_store);
/* What was not committed is dropped. */
void store_close(struct store *store);
SCOPED_DEFINE(struct store, store_close);
RG_MUST_USE rg_err store_commit(struct store *store);
/* What was changed since the last commit lies in memory: for whoever puts rows for each record. */
#define STORE_COMMIT_EACH 16384 /* records */

/* Keys have 1 to 511 bytes. */
RG_MUST_USE rg_err store_put(struct store *store, enum store_table table, struct rg_bytes key,
	struct rg_bytes value);
/* Puts only if there is none; *ret_value views the one that was there, empty: it is put. */
RG_MUST_USE rg_err store_add(struct store *store, enum store_table table, struct rg_bytes key,
	struct rg_bytes value, struct rg_bytes *ret_value);
/* No fault when there is none. */
RG_MUST_USE rg_err store_delete(struct store *store, enum store_table table, struct rg_bytes key);

/* A row; views that live until the next change of the store. */
struct store_row {
	struct rg_bytes key;
	struct rg_bytes value;
};
RG_MUST_USE rg_err store_get(struct store *store, enum store_table table, struct rg_bytes key,
	struct rg_bytes *ret_value, bool *ret_found);
/* The first row whose key is not below this one (empty: the first of all). */
RG_MUST_USE rg_err store_seek(struct store *store, enum store_table table, struct rg_bytes key,
	struct store_row *ret_row, bool *ret_found);
/* Every row in order, until each says false. */
RG_MUST_USE rg_err store_walk(struct store *store, enum store_table table,
	bool (*each)(void *context, const struct store_row *row), void *context);

#endif
