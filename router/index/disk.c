/*
 * The durable rows: see disk.h
 *
 * Rows are put in the order of their keys, which fills pages one after the other. The
 * core reads through one read transaction, which index_disk_refresh() renews; a write
 * under way does not show in it.
 * Threads: as disk.h says; MDB_NOTLS lets the two kinds of transaction live side by side.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "index/inside.h"

#define MAP_FIRST     ((size_t)64 << 20)
#define MAP_SPARE     ((size_t)16 << 20)
#define ROW_SIZE      256 /* bytes of pages that a row may take, generously */
#define STATE_KEY     "state"
#define STATE_VERSION 1

struct index_disk {
	MDB_env *env;
	MDB_dbi tables[INDEX_TABLES];
	MDB_txn *reader; /* NULL: not begun */
};

const char *const index_inside_names[INDEX_TABLES] = {
	[INDEX_TABLE_IDENTITY] = "identity",
	[INDEX_TABLE_SEARCH] = "search",
	[INDEX_TABLE_TIME] = "time",
	[INDEX_TABLE_STATE] = "state",
};

static rg_err store_fault(const char *what, int code)
{
	log_event(LOG_ERROR, "index", what, log_text("lmdb", mdb_strerror(code)));
	return RG_E_STORE;
}

static void txn_abortp(MDB_txn **txn)
{
	if (*txn) {
		mdb_txn_abort(*txn);
	}
}

static void cursor_closep(MDB_cursor **cursor)
{
	if (*cursor) {
		mdb_cursor_close(*cursor);
	}
}

static MDB_val val_of(const void *data, size_t len)
{
	/* LMDB only reads what is given to it. */
	return (MDB_val){.mv_size = len, .mv_data = (void *)(uintptr_t)data};
}

static struct rg_bytes bytes_of_val(const MDB_val *val)
{
	return bytes_of(val->mv_data, val->mv_size);
}

uint64_t index_inside_row_sum(enum index_table_id table, const MDB_val *key, const MDB_val *value)
{
	uint64_t sum = index_keys_hash(table, key->mv_data, key->mv_size);

	return index_keys_hash(sum, value->mv_data, value->mv_size);
}

int index_inside_open_tables(MDB_txn *txn, unsigned flags, MDB_dbi ret_tables[INDEX_TABLES])
{
	int code = 0;

	for (size_t i = 0; code == 0 && i < INDEX_TABLES; i++) {
		code = mdb_dbi_open(txn, index_inside_names[i], flags, &ret_tables[i]);
	}
	return code;
}

int index_inside_read_state(MDB_txn *txn, MDB_dbi table, struct index_disk_state *ret_state)
{
	MDB_val key = val_of(STATE_KEY, strlen(STATE_KEY));
	struct index_disk_state state = {0};
	MDB_val value;
	int code = mdb_get(txn, table, &key, &value);

	if (code != 0) {
		*ret_state = state;
		return code == MDB_NOTFOUND ? 0 : code;
	}
	struct cursor cursor = cursor_of(bytes_of_val(&value));
	bool is_known = cursor_u16(&cursor) == STATE_VERSION;

	state.size = cursor_u64(&cursor);
	state.first_digest = cursor_u64(&cursor);
	state.digest = cursor_u64(&cursor);
	state.n_rows = cursor_u64(&cursor);
	state.sum = cursor_u64(&cursor);
	struct rg_bytes origin = cursor_bytes(&cursor, cursor.left);

	if (!is_known || cursor.is_bad || origin.len > INDEX_DISK_ORIGIN_MAX) {
		return MDB_CORRUPTED;
	}
	if (origin.len > 0) {
		memcpy(state.origin, origin.data, origin.len);
	}
	*ret_state = state;
	return 0;
}

static int write_state(MDB_txn *txn, MDB_dbi table, const struct index_disk_state *state)
{
	scoped(buf_deinitv) struct buf bytes = {0};
	MDB_val key = val_of(STATE_KEY, strlen(STATE_KEY));

	buf_add_u16(&bytes, STATE_VERSION);
	buf_add_u64(&bytes, state->size);
	buf_add_u64(&bytes, state->first_digest);
	buf_add_u64(&bytes, state->digest);
	buf_add_u64(&bytes, state->n_rows);
	buf_add_u64(&bytes, state->sum);
	buf_add_text(&bytes, state->origin);
	MDB_val value = val_of(bytes.data, bytes.len);

	return buf_error(&bytes) ? ENOMEM : mdb_put(txn, table, &key, &value, 0);
}

/* --- Life ----------------------------------------------------------------------------------- */

rg_err index_disk_delete(const char *path)
{
	static const char *const names[] = {"data.mdb", "lock.mdb"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		scoped(freep) char *file = file_join(path, names[i]);

		if (!file) {
			return RG_E_NOMEM;
		}
		if (unlink(file) != 0 && errno != ENOENT) {
			log_event(LOG_ERROR, "index", "cannot-delete", log_text("path", file),
				log_errno());
			return RG_E_IO;
		}
	}
	return RG_OK;
}

static int open_env(struct index_disk *disk, const char *path, struct index_disk_state *ret_state)
{
	scoped(txn_abortp) MDB_txn *txn = NULL;
	int code = mdb_env_create(&disk->env);

	code = code ? code : mdb_env_set_maxdbs(disk->env, INDEX_TABLES);
	code = code ? code : mdb_env_set_mapsize(disk->env, MAP_FIRST);
	code = code ? code : mdb_env_open(disk->env, path, MDB_NOTLS, 0600);
	code = code ? code : mdb_txn_begin(disk->env, NULL, 0, &txn);
	code = code ? code : index_inside_open_tables(txn, MDB_CREATE, disk->tables);
	code = code ? code
		    : index_inside_read_state(txn, disk->tables[INDEX_TABLE_STATE], ret_state);
	return code ? code : mdb_txn_commit(steal(txn));
}

rg_err index_disk_open(const char *path, struct index_disk **ret_disk,
	struct index_disk_state *ret_state)
{
	scoped(index_disk_closep) struct index_disk *disk = calloc(1, sizeof(*disk));

	if (!disk) {
		return RG_E_NOMEM;
	}
	int code = open_env(disk, path, ret_state);

	if (code != 0) {
		return store_fault("cannot-open", code);
	}
	rg_err err = index_disk_refresh(disk);

	if (!err) {
		*ret_disk = steal(disk);
	}
	return err;
}

void index_disk_close(struct index_disk *disk)
{
	if (disk) {
		txn_abortp(&disk->reader);
		if (disk->env) {
			mdb_env_close(disk->env);
		}
		free(disk);
	}
}

rg_err index_disk_refresh(struct index_disk *disk)
{
	int code;

	if (disk->reader) {
		mdb_txn_reset(disk->reader);
		code = mdb_txn_renew(disk->reader);
	} else {
		code = mdb_txn_begin(disk->env, NULL, MDB_RDONLY, &disk->reader);
	}
	return code == 0 ? RG_OK : store_fault("cannot-read", code);
}

rg_err index_disk_grow(struct index_disk *disk, uint64_t n_rows)
{
	MDB_envinfo info;
	MDB_stat stat;
	int code = mdb_env_info(disk->env, &info);

	code = code ? code : mdb_env_stat(disk->env, &stat);
	if (code != 0) {
		return store_fault("cannot-grow", code);
	}
	size_t used = (info.me_last_pgno + 1) * stat.ms_psize;
	size_t need = n_rows ? used + (size_t)n_rows * ROW_SIZE + MAP_SPARE : info.me_mapsize + 1;
	size_t size = info.me_mapsize;

	while (size < need) {
		size *= 2;
	}
	if (size == info.me_mapsize) {
		return RG_OK;
	}
	/* The map moves: nobody may stand in it. */
	txn_abortp(&disk->reader);
	disk->reader = NULL;
	code = mdb_env_set_mapsize(disk->env, size);
	return code == 0 ? index_disk_refresh(disk) : store_fault("cannot-grow", code);
}

/* --- Writing -------------------------------------------------------------------------------- */

/* Puts a row that is not there yet, and counts it; one that is there stays. */
static int put_row(MDB_txn *txn, const MDB_dbi *tables, enum index_table_id table, MDB_val key,
	MDB_val value, struct index_disk_state *state)
{
	uint64_t sum = index_inside_row_sum(table, &key, &value);
	int code = mdb_put(txn, tables[table], &key, &value, MDB_NOOVERWRITE);

	if (code == MDB_KEYEXIST) {
		return 0;
	}
	if (code == 0) {
		state->n_rows++;
		state->sum += sum;
	}
	return code;
}

static int put_identities(MDB_txn *txn, const MDB_dbi *tables, const struct index_overlay *overlay,
	struct index_disk_state *state)
{
	scoped(freep) const struct index_entry **sorted = NULL;
	int code = 0;

	if (index_overlay_sort(&overlay->identities, &sorted)) {
		return ENOMEM;
	}
	for (size_t i = 0; code == 0 && i < overlay->identities.n_entries; i++) {
		code = put_row(txn, tables, INDEX_TABLE_IDENTITY,
			val_of(sorted[i]->key, sorted[i]->key_len),
			val_of(sorted[i]->value, INDEX_KEYS_VALUE_LEN), state);
	}
	return code;
}

/* All records under one key. */
static int put_indexes(MDB_txn *txn, const MDB_dbi *tables, const struct index_entry *entry,
	struct index_disk_state *state)
{
	uint8_t key[INDEX_KEYS_MAX];
	int code = 0;

	memcpy(key, entry->key, entry->key_len);
	for (size_t i = 0; code == 0 && i < entry->n_indexes; i++) {
		index_keys_put_u64(key + entry->key_len, entry->indexes[i]);
		code = put_row(txn, tables, INDEX_TABLE_SEARCH, val_of(key, entry->key_len + 8),
			val_of("", 0), state);
	}
	return code;
}

static int put_searches(MDB_txn *txn, const MDB_dbi *tables, const struct index_overlay *overlay,
	struct index_disk_state *state)
{
	scoped(freep) const struct index_entry **sorted = NULL;
	int code = 0;

	if (index_overlay_sort(&overlay->searches, &sorted)) {
		return ENOMEM;
	}
	for (size_t i = 0; code == 0 && i < overlay->searches.n_entries; i++) {
		code = put_indexes(txn, tables, sorted[i], state);
	}
	return code;
}

static int put_minutes(MDB_txn *txn, const MDB_dbi *tables, const struct index_overlay *overlay,
	struct index_disk_state *state)
{
	int code = 0;

	for (size_t i = 0; code == 0 && i < overlay->n_minutes; i++) {
		uint8_t key[8];
		uint8_t value[8];

		index_keys_put_u64(key, overlay->minutes[i].minute);
		index_keys_put_u64(value, overlay->minutes[i].index);
		code = put_row(txn, tables, INDEX_TABLE_TIME, val_of(key, sizeof(key)),
			val_of(value, sizeof(value)), state);
	}
	return code;
}

rg_err index_disk_write(struct index_disk *disk, const struct index_overlay *overlay,
	struct index_disk_state *state, bool *ret_is_full)
{
	scoped(txn_abortp) MDB_txn *txn = NULL;
	struct index_disk_state now = *state;
	int code = mdb_txn_begin(disk->env, NULL, 0, &txn);

	code = code ? code : put_identities(txn, disk->tables, overlay, &now);
	code = code ? code : put_searches(txn, disk->tables, overlay, &now);
	code = code ? code : put_minutes(txn, disk->tables, overlay, &now);
	code = code ? code : write_state(txn, disk->tables[INDEX_TABLE_STATE], &now);
	code = code ? code : mdb_txn_commit(steal(txn));
	*ret_is_full = code == MDB_MAP_FULL;
	if (code == MDB_MAP_FULL) {
		return RG_OK;
	}
	if (code != 0) {
		return store_fault("cannot-write", code);
	}
	*state = now;
	return RG_OK;
}

/* --- Finding -------------------------------------------------------------------------------- */

rg_err index_disk_find_identity(struct index_disk *disk, const struct index_key *key,
	uint8_t ret_value[INDEX_KEYS_VALUE_LEN], bool *ret_found)
{
	MDB_val name = val_of(key->bytes, key->len);
	MDB_val value;
	int code = mdb_get(disk->reader, disk->tables[INDEX_TABLE_IDENTITY], &name, &value);

	if (code != 0 && code != MDB_NOTFOUND) {
		return store_fault("cannot-read", code);
	}
	if (code == 0 && value.mv_size != INDEX_KEYS_VALUE_LEN) {
		return store_fault("cannot-read", MDB_CORRUPTED);
	}
	if (code == 0) {
		memcpy(ret_value, value.mv_data, INDEX_KEYS_VALUE_LEN);
	}
	*ret_found = code == 0;
	return RG_OK;
}

/* Goes to the last row before `name` in the order of keys. */
static int step_before(MDB_cursor *cursor, MDB_val *name, MDB_val *value)
{
	int code = mdb_cursor_get(cursor, name, value, MDB_SET_RANGE);

	return mdb_cursor_get(cursor, name, value, code == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
}

rg_err index_disk_find(struct index_disk *disk, const struct index_key *key,
	const struct index_query *query, uint64_t *rets, size_t *n)
{
	scoped(cursor_closep) MDB_cursor *cursor = NULL;
	uint8_t name[INDEX_KEYS_MAX];
	MDB_val found = val_of(name, key->len + 8);
	MDB_val value;
	int code = mdb_cursor_open(disk->reader, disk->tables[INDEX_TABLE_SEARCH], &cursor);

	memcpy(name, key->bytes, key->len);
	index_keys_put_u64(name + key->len, query->before);
	code = code ? code : step_before(cursor, &found, &value);
	while (code == 0 && *n < query->limit) {
		if (found.mv_size != key->len + 8 ||
			memcmp(found.mv_data, key->bytes, key->len) != 0) {
			break;
		}
		rets[(*n)++] = index_keys_get_u64((const uint8_t *)found.mv_data + key->len);
		code = mdb_cursor_get(cursor, &found, &value, MDB_PREV);
	}
	return code == 0 || code == MDB_NOTFOUND ? RG_OK : store_fault("cannot-read", code);
}

rg_err index_disk_find_minute(struct index_disk *disk, uint64_t minute, uint64_t *ret_index,
	bool *ret_found)
{
	scoped(cursor_closep) MDB_cursor *cursor = NULL;
	uint8_t name[8];
	MDB_val found = val_of(name, sizeof(name));
	MDB_val value;
	int code = mdb_cursor_open(disk->reader, disk->tables[INDEX_TABLE_TIME], &cursor);

	index_keys_put_u64(name, minute);
	code = code ? code : mdb_cursor_get(cursor, &found, &value, MDB_SET_RANGE);
	if (code == 0 && value.mv_size != 8) {
		code = MDB_CORRUPTED;
	}
	if (code == 0) {
		*ret_index = index_keys_get_u64(value.mv_data);
	}
	*ret_found = code == 0;
	return code == 0 || code == MDB_NOTFOUND ? RG_OK : store_fault("cannot-read", code);
}

static void print_hex(struct rg_bytes bytes, struct buf *out)
{
	for (size_t i = 0; i < bytes.len; i++) {
		buf_printf(out, "%02x", bytes.data[i]);
	}
}

void index_disk_print_row(const char *table, struct rg_bytes key, struct rg_bytes value,
	struct buf *out)
{
	buf_add_text(out, table);
	buf_add_text(out, " ");
	print_hex(key, out);
	buf_add_text(out, " ");
	print_hex(value, out);
	buf_add_text(out, "\n");
}

rg_err index_disk_dump(struct index_disk *disk, struct buf *out)
{
	for (size_t i = 0; i < INDEX_TABLE_STATE; i++) {
		scoped(cursor_closep) MDB_cursor *cursor = NULL;
		MDB_val key;
		MDB_val value;
		int code = mdb_cursor_open(disk->reader, disk->tables[i], &cursor);

		code = code ? code : mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
		for (; code == 0; code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
			index_disk_print_row(index_inside_names[i], bytes_of_val(&key),
				bytes_of_val(&value), out);
		}
		if (code != MDB_NOTFOUND) {
			return store_fault("cannot-read", code);
		}
	}
	return buf_error(out);
}
