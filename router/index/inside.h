#ifndef INDEX_INSIDE_H
#define INDEX_INSIDE_H

/* The LMDB environment as disk.c and probe.c share it. */

#include <lmdb.h>

#include "index/disk.h"

enum index_table_id {
	INDEX_TABLE_IDENTITY,
	INDEX_TABLE_SEARCH,
	INDEX_TABLE_TIME,
	INDEX_TABLE_STATE,
};

#define INDEX_TABLES 4

extern const char *const index_inside_names[INDEX_TABLES];

/* Opens all tables; flags: MDB_CREATE or 0. An LMDB code. */
int index_inside_open_tables(MDB_txn *txn, unsigned flags, MDB_dbi ret_tables[INDEX_TABLES]);
/* Reads the one row of the state; an absent one is all zero. MDB_CORRUPTED: not a state. */
int index_inside_read_state(MDB_txn *txn, MDB_dbi table, struct index_disk_state *ret_state);
/* What a row adds to the sum. */
uint64_t index_inside_row_sum(enum index_table_id table, const MDB_val *key, const MDB_val *value);

#endif
