/*
 * The auditor's index on disk: see store.h.
 *
 * LMDB writes dirty pages of a transaction from memory, so whoever puts random keys
 * commits often. A temporary store is never synced; one that stays is, at each commit.
 * Threads: one.
 */
#include "audit/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <lmdb.h>

#include "base/file.h"
#include "base/log.h"

#define MAP_SIZE ((size_t)64 << 30) /* of address space; the file is as long as it has to be */

struct store {
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi tables[STORE_TABLES];
	MDB_cursor *cursors[STORE_TABLES];
	char *path;
	bool is_temporary;
	int lock; /* of a folder that stays: one run at a time */
};

static const char *const names[STORE_TABLES] = {
	[STORE_STATE] = "state",
	[STORE_IDENTITY] = "identity",
	[STORE_DELIVERY] = "delivery",
	[STORE_EXPIRY] = "expiry",
	[STORE_PARTY] = "party",
	[STORE_GOVERNANCE] = "governance",
	[STORE_FINDING] = "finding",
	[STORE_WINDOW] = "window",
	[STORE_GOODS] = "goods",
	[STORE_CONSIGNMENT] = "consignment",
	[STORE_TURN] = "turn",
};

static rg_err store_fault(const struct store *store, const char *what, int code)
{
	log_event(LOG_ERROR, "audit", what, log_text("folder", store->path),
		log_text("lmdb", mdb_strerror(code)));
	return RG_E_STORE;
}

static MDB_val val_of(struct rg_bytes bytes)
{
	/* LMDB only reads what is given to it. */
	return (MDB_val){.mv_size = bytes.len, .mv_data = (void *)(uintptr_t)bytes.data};
}

static struct rg_bytes bytes_of_val(const MDB_val *val)
{
	return bytes_of(val->mv_data, val->mv_size);
}

/* --- Life ------------------------------------------------------------------------------------ */

static int begin(struct store *store)
{
	int code = mdb_txn_begin(store->env, NULL, 0, &store->txn);

	for (size_t i = 0; code == 0 && i < STORE_TABLES; i++) {
		code = mdb_dbi_open(store->txn, names[i], MDB_CREATE, &store->tables[i]);
		if (code == 0) {
			code = mdb_cursor_open(store->txn, store->tables[i], &store->cursors[i]);
		}
	}
	return code;
}

static void end(struct store *store)
{
	for (size_t i = 0; i < STORE_TABLES; i++) {
		if (store->cursors[i]) {
			mdb_cursor_close(store->cursors[i]);
			store->cursors[i] = NULL;
		}
	}
}

static int open_env(struct store *store)
{
	unsigned flags = store->is_temporary ? MDB_NOSYNC | MDB_NOMETASYNC : 0;
	int code = mdb_env_create(&store->env);

	if (code == 0) {
		code = mdb_env_set_mapsize(store->env, MAP_SIZE);
	}
	if (code == 0) {
		code = mdb_env_set_maxdbs(store->env, STORE_TABLES);
	}
	return code ? code : mdb_env_open(store->env, store->path, flags | MDB_NOTLS, 0600);
}

static rg_err take_folder(struct store *store, const char *path)
{
	scoped(freep) char *lock = file_join(path, "in-use");
	rg_err err = lock ? file_make_dirs(path) : RG_E_NOMEM;

	store->path = strdup(path);
	if (err || !store->path) {
		return err ? err : RG_E_NOMEM;
	}
	store->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (store->lock < 0) {
		log_event(LOG_ERROR, "audit", "cannot-create", log_text("path", lock), log_errno());
		return RG_E_IO;
	}
	if (flock(store->lock, LOCK_EX | LOCK_NB) != 0) {
		log_event(LOG_ERROR, "audit", "state-in-use", log_text("state", path),
			log_text("do", "wait for the other run, or give another --state folder"));
		return RG_E_CONFIG;
	}
	return RG_OK;
}

static rg_err make_folder(struct store *store, const char *path)
{
	const char *base = getenv("TMPDIR");

	store->is_temporary = !path;
	if (path) {
		return take_folder(store, path);
	}
	store->path =
		file_join(base && base[0] == '/' ? base : "/var/tmp", "rivergate-audit-XXXXXX");
	if (!store->path) {
		return RG_E_NOMEM;
	}
	if (!mkdtemp(store->path)) {
		log_event(LOG_ERROR, "audit", "cannot-create", log_text("path", store->path),
			log_errno(), log_text("do", "set TMPDIR to a folder with room"));
		free(store->path);
		store->path = NULL;
		return RG_E_IO;
	}
	return RG_OK;
}

rg_err store_open(const char *path, struct store **ret_store)
{
	scoped(store_closep) struct store *store = calloc(1, sizeof(*store));
	rg_err err = RG_E_NOMEM;

	if (store) {
		store->lock = -1;
		err = make_folder(store, path);
	}

	if (err) {
		return err;
	}
	int code = open_env(store);

	if (code == 0) {
		code = begin(store);
	}
	if (code != 0) {
		return store_fault(store, "cannot-open-index", code);
	}
	*ret_store = steal(store);
	return RG_OK;
}

static void delete_folder(const char *path)
{
	static const char *const files[] = {"data.mdb", "lock.mdb"};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		scoped(freep) char *file = file_join(path, files[i]);

		if (file) {
			(void)unlink(file);
		}
	}
	(void)rmdir(path);
}

void store_close(struct store *store)
{
	if (!store) {
		return;
	}
	end(store);
	if (store->txn) {
		mdb_txn_abort(store->txn);
	}
	if (store->env) {
		mdb_env_close(store->env);
	}
	if (store->is_temporary && store->path) {
		delete_folder(store->path);
	}
	fd_close(&store->lock);
	free(store->path);
	free(store);
}

rg_err store_commit(struct store *store)
{
	MDB_txn *txn = store->txn;

	end(store);
	store->txn = NULL;
	int code = mdb_txn_commit(txn);

	if (code == 0) {
		code = begin(store);
	}
	return code ? store_fault(store, "cannot-commit", code) : RG_OK;
}

/* --- Rows ------------------------------------------------------------------------------------ */

rg_err store_put(struct store *store, enum store_table table, struct rg_bytes key,
	struct rg_bytes value)
{
	MDB_val row_key = val_of(key);
	MDB_val row_value = val_of(value);
	int code = mdb_cursor_put(store->cursors[table], &row_key, &row_value, 0);

	return code ? store_fault(store, "cannot-put", code) : RG_OK;
}

rg_err store_add(struct store *store, enum store_table table, struct rg_bytes key,
	struct rg_bytes value, struct rg_bytes *ret_value)
{
	MDB_val row_key = val_of(key);
	MDB_val row_value = val_of(value);
	int code = mdb_cursor_put(store->cursors[table], &row_key, &row_value, MDB_NOOVERWRITE);

	*ret_value = (struct rg_bytes){.data = NULL};
	if (code == MDB_KEYEXIST) {
		*ret_value = bytes_of_val(&row_value);
		return RG_OK;
	}
	return code ? store_fault(store, "cannot-put", code) : RG_OK;
}

rg_err store_delete(struct store *store, enum store_table table, struct rg_bytes key)
{
	MDB_val row_key = val_of(key);
	int code = mdb_del(store->txn, store->tables[table], &row_key, NULL);

	return code && code != MDB_NOTFOUND ? store_fault(store, "cannot-delete", code) : RG_OK;
}

rg_err store_get(struct store *store, enum store_table table, struct rg_bytes key,
	struct rg_bytes *ret_value, bool *ret_found)
{
	MDB_val row_key = val_of(key);
	MDB_val row_value = {.mv_size = 0};
	/* The cursor looks first where it is: mostly right there. */
	int code = mdb_cursor_get(store->cursors[table], &row_key, &row_value, MDB_SET);

	if (code && code != MDB_NOTFOUND) {
		return store_fault(store, "cannot-get", code);
	}
	*ret_found = code == 0;
	*ret_value = bytes_of_val(&row_value);
	return RG_OK;
}

rg_err store_seek(struct store *store, enum store_table table, struct rg_bytes key,
	struct store_row *ret_row, bool *ret_found)
{
	MDB_val row_key = val_of(key);
	MDB_val row_value = {.mv_size = 0};
	int code = mdb_cursor_get(store->cursors[table], &row_key, &row_value,
		key.len > 0 ? MDB_SET_RANGE : MDB_FIRST);

	if (code && code != MDB_NOTFOUND) {
		return store_fault(store, "cannot-seek", code);
	}
	*ret_found = code == 0;
	if (*ret_found) {
		*ret_row = (struct store_row){bytes_of_val(&row_key), bytes_of_val(&row_value)};
	}
	return RG_OK;
}

rg_err store_walk(struct store *store, enum store_table table,
	bool (*each)(void *context, const struct store_row *row), void *context)
{
	MDB_val key = {.mv_size = 0};
	MDB_val value = {.mv_size = 0};
	MDB_cursor *cursor = store->cursors[table];
	int code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
	bool goes_on = true;

	while (code == 0 && goes_on) {
		const struct store_row row = {bytes_of_val(&key), bytes_of_val(&value)};

		goes_on = each(context, &row);
		code = goes_on ? mdb_cursor_get(cursor, &key, &value, MDB_NEXT) : 0;
	}
	return code && code != MDB_NOTFOUND ? store_fault(store, "cannot-walk", code) : RG_OK;
}
