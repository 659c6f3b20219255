/*
 * The rows of the window: see disk.h.
 *
 * One write transaction is open at all times, so that every read sees every change.
 * Threads: the core's.
 */
#include "window/disk.h"

#include <stdlib.h>
#include <unistd.h>

#include <lmdb.h>

#include "base/file.h"
#include "base/log.h"

#define MAP_SIZE    ((size_t)256 << 30) /* of address space; the file is as long as it must be */
#define CHANGES_MAX 4096                /* rows; a commit takes as long as a few of them */

struct window_disk {
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi table;
	MDB_cursor *cursor;
	size_t n_changes;
};

static rg_err fault(const char *what, int code)
{
	log_event(LOG_ERROR, "window", what, log_text("lmdb", mdb_strerror(code)),
		log_text("do", "make space on the file system of data_dir"));
	return RG_E_STORE;
}

static MDB_val val_of(struct rg_bytes bytes)
{
	/* LMDB only reads what is given to it. */
	return (MDB_val){.mv_size = bytes.len, .mv_data = (void *)(uintptr_t)bytes.data};
}

static rg_err delete_one(const char *path, const char *name)
{
	scoped(freep) char *file = file_join(path, name);

	if (!file) {
		return RG_E_NOMEM;
	}
	(void)unlink(file);
	return RG_OK;
}

static int begin(struct window_disk *disk)
{
	int code = mdb_txn_begin(disk->env, NULL, 0, &disk->txn);

	if (code == 0) {
		code = mdb_dbi_open(disk->txn, NULL, 0, &disk->table);
	}
	if (code == 0) {
		code = mdb_cursor_open(disk->txn, disk->table, &disk->cursor);
	}
	disk->n_changes = 0;
	return code;
}

rg_err window_disk_open(const char *path, struct window_disk **ret_disk)
{
	scoped(window_disk_closep) struct window_disk *disk = calloc(1, sizeof(*disk));
	rg_err err = disk ? file_make_dirs(path) : RG_E_NOMEM;

	if (!err) {
		err = delete_one(path, "data.mdb");
	}
	if (!err) {
		err = delete_one(path, "lock.mdb");
	}
	if (err) {
		return err;
	}
	int code = mdb_env_create(&disk->env);

	if (code == 0) {
		code = mdb_env_set_mapsize(disk->env, MAP_SIZE);
	}
	if (code == 0) {
		code = mdb_env_open(disk->env, path,
			MDB_NOSYNC | MDB_NOMETASYNC | MDB_NOLOCK | MDB_NOTLS, 0600);
	}
	if (code == 0) {
		code = begin(disk);
	}
	if (code != 0) {
		return fault("cannot-open-rows", code);
	}
	*ret_disk = steal(disk);
	return RG_OK;
}

void window_disk_close(struct window_disk *disk)
{
	if (!disk) {
		return;
	}
	if (disk->cursor) {
		mdb_cursor_close(disk->cursor);
	}
	if (disk->txn) {
		mdb_txn_abort(disk->txn);
	}
	if (disk->env) {
		mdb_env_close(disk->env);
	}
	free(disk);
}

rg_err window_disk_commit(struct window_disk *disk)
{
	int code = 0;

	if (disk->n_changes < CHANGES_MAX) {
		return RG_OK;
	}
	mdb_cursor_close(disk->cursor);
	disk->cursor = NULL;
	code = mdb_txn_commit(disk->txn);
	disk->txn = NULL;
	if (code == 0) {
		code = begin(disk);
	}
	return code == 0 ? RG_OK : fault("cannot-commit-rows", code);
}

static rg_err get(void *context, struct rg_bytes key, struct buf *out, bool *ret_found)
{
	struct window_disk *disk = context;
	MDB_val name = val_of(key);
	MDB_val value;
	int code = mdb_get(disk->txn, disk->table, &name, &value);

	*ret_found = code == 0;
	buf_clear(out);
	if (code == MDB_NOTFOUND) {
		return RG_OK;
	}
	if (code != 0) {
		return fault("cannot-read-row", code);
	}
	buf_add(out, value.mv_data, value.mv_size);
	return buf_error(out);
}

static rg_err put(void *context, struct rg_bytes key, struct rg_bytes value)
{
	struct window_disk *disk = context;
	MDB_val name = val_of(key);
	MDB_val content = val_of(value);
	int code = mdb_put(disk->txn, disk->table, &name, &content, 0);

	disk->n_changes++;
	return code == 0 ? RG_OK : fault("cannot-put-row", code);
}

static rg_err take_away(void *context, struct rg_bytes key)
{
	struct window_disk *disk = context;
	MDB_val name = val_of(key);
	int code = mdb_del(disk->txn, disk->table, &name, NULL);

	disk->n_changes++;
	return code == 0 || code == MDB_NOTFOUND ? RG_OK : fault("cannot-remove-row", code);
}

static rg_err seek(void *context, struct rg_bytes from, struct buf *ret_key, bool *ret_found)
{
	struct window_disk *disk = context;
	MDB_val key = val_of(from);
	MDB_val value;
	int code = mdb_cursor_get(disk->cursor, &key, &value, MDB_SET_RANGE);

	*ret_found = code == 0;
	buf_clear(ret_key);
	if (code == MDB_NOTFOUND) {
		return RG_OK;
	}
	if (code != 0) {
		return fault("cannot-seek-row", code);
	}
	buf_add(ret_key, key.mv_data, key.mv_size);
	return buf_error(ret_key);
}

struct rules_store window_disk_store(struct window_disk *disk)
{
	return (struct rules_store){disk, get, put, take_away, seek};
}
