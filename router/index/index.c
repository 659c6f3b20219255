/*
 * The index: see index.h
 *
 * Records go into the growing overlay. When it is due, it is frozen and a thread writes
 * it, while the next grows; finders look at the growing one, the frozen one, and the
 * disk as it was before. When the thread has ended, the frozen one goes and the disk is
 * looked at anew: at no moment does a row show twice or not at all.
 *
 * The digest of all records covered goes with the rows. At a start the replay computes
 * it again: record 0 tells another log at once, the rest another history.
 * Threads: owned by the core thread; `run` writes one frozen overlay, which nobody
 * changes, and touches nothing else but `flush`.
 */

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "index/disk.h"
#include "index/overlay.h"

#define FLUSH_RECORDS 65536
#define FLUSH_US      (INT64_C(10) * 1000 * 1000)
#define DIGEST_SEED   UINT64_C(0x726976657267)
/* How far memory may run ahead of a slow disk, in flushes. */
#define BEHIND_MAX 4

/* What the flushing thread works on. */
struct flush {
	bool is_running;
	atomic_bool is_done;
	pthread_t thread;
	struct index_disk *disk; /* borrowed */
	struct index_overlay *overlay;
	struct index_disk_state state;
	rg_err err;
	bool is_full;
};

struct index {
	char *path; /* NULL: memory */
	char origin[INDEX_DISK_ORIGIN_MAX + 1];
	uint64_t flush_records;
	int64_t flush_us;
	struct index_disk *disk;
	struct index_disk_state durable; /* what the disk holds */
	struct index_overlay *growing;
	int64_t growing_since_us; /* first flush_due() that saw it with records; 0: none yet */
	struct flush flush;
	uint64_t size; /* records applied */
	uint64_t first_digest;
	uint64_t digest;
};

/* --- Life ----------------------------------------------------------------------------------- */

static rg_err delete_and_say(const char *path, const char *why)
{
	log_event(LOG_WARNING, "index", "rebuilt", log_text("path", path), log_text("why", why));
	return index_disk_delete(path);
}

static rg_err open_disk(struct index *index)
{
	struct index_disk_state state;
	const char *why = NULL;
	rg_err err = file_make_dirs(index->path);

	err = err ? err : index_disk_probe(index->path, true, &state, &why);
	if (!err && !why && state.size > 0 && strcmp(state.origin, index->origin) != 0) {
		why = "is of another log";
	}
	if (!err && why) {
		err = delete_and_say(index->path, why);
	}
	err = err ? err : index_disk_open(index->path, &index->disk, &index->durable);
	if (!err) {
		memcpy(index->durable.origin, index->origin, sizeof(index->origin));
	}
	return err;
}

rg_err index_open(const struct index_options *options, struct index **ret_index)
{
	scoped(index_closep) struct index *index = calloc(1, sizeof(*index));
	size_t origin_len = strlen(options->origin);
	rg_err err = RG_OK;

	if (!index) {
		return RG_E_NOMEM;
	}
	if (origin_len > INDEX_DISK_ORIGIN_MAX) {
		return RG_E_OVERFLOW;
	}
	memcpy(index->origin, options->origin, origin_len);
	index->flush_records = options->flush_records ? options->flush_records : FLUSH_RECORDS;
	index->flush_us = options->flush_us ? options->flush_us : FLUSH_US;
	index->growing = index_overlay_new(NULL);
	if (!index->growing) {
		return RG_E_NOMEM;
	}
	if (options->path) {
		index->path = strdup(options->path);
		err = index->path ? open_disk(index) : RG_E_NOMEM;
	}
	if (!err) {
		*ret_index = steal(index);
	}
	return err;
}

rg_err index_stored_size(const char *path, const char *origin, uint64_t *ret_size)
{
	struct index_disk_state state;
	const char *why = NULL;
	rg_err err = index_disk_probe(path, false, &state, &why);

	if (!err) {
		*ret_size = !why && strcmp(state.origin, origin) == 0 ? state.size : 0;
	}
	return err;
}

/* --- Flushing ------------------------------------------------------------------------------- */

static void *run(void *context)
{
	struct flush *flush = context;

	flush->err = index_disk_write(flush->disk, flush->overlay, &flush->state, &flush->is_full);
	atomic_store(&flush->is_done, true);
	return NULL;
}

static uint64_t count_rows(const struct index_overlay *overlay)
{
	uint64_t n_rows = overlay->identities.n_entries + overlay->n_minutes;

	for (size_t i = 0; i < overlay->searches.n_entries; i++) {
		n_rows += overlay->searches.entries[i].n_indexes;
	}
	return n_rows;
}

static rg_err start_thread(struct index *index)
{
	struct flush *flush = &index->flush;
	rg_err err =
		index_disk_grow(index->disk, flush->is_full ? 0 : 1 + count_rows(flush->overlay));

	if (err) {
		return err;
	}
	flush->is_full = false;
	atomic_store(&flush->is_done, false);
	if (pthread_create(&flush->thread, NULL, run, flush) != 0) {
		return RG_E_NOMEM;
	}
	flush->is_running = true;
	return RG_OK;
}

/* Freezes the growing overlay and has it written. */
static rg_err begin_flush(struct index *index)
{
	struct index_overlay *fresh = index_overlay_new(index->growing);

	if (!fresh) {
		return RG_E_NOMEM;
	}
	index->flush.overlay = index->growing;
	index->flush.disk = index->disk;
	index->flush.state = index->durable;
	index->flush.state.size = index->size;
	index->flush.state.first_digest = index->first_digest;
	index->flush.state.digest = index->digest;
	index->growing = fresh;
	index->growing_since_us = 0;
	return start_thread(index);
}

/*
 * Waits for the thread and takes over what it wrote; writes again after the map grew.
 * After a fault the frozen overlay stays, so that nothing is missing from the answers.
 */
static rg_err end_flush(struct index *index)
{
	struct flush *flush = &index->flush;

	for (;;) {
		(void)pthread_join(flush->thread, NULL);
		flush->is_running = false;
		if (flush->err || !flush->is_full) {
			break;
		}
		rg_err err = start_thread(index);

		if (err) {
			return err;
		}
	}
	if (flush->err) {
		return flush->err;
	}
	index->durable = flush->state;
	index_overlay_free(steal(flush->overlay));
	return index_disk_refresh(index->disk);
}

/* Freezes what is due, or tries again what failed; the thread is not running. */
static rg_err begin_if_due(struct index *index, int64_t now_us)
{
	bool is_due = index->growing->n_records >= index->flush_records ||
		now_us - index->growing_since_us >= index->flush_us;

	if (!is_due) {
		return RG_OK;
	}
	if (!index->flush.overlay) {
		return begin_flush(index);
	}
	index->growing_since_us = now_us;
	return start_thread(index);
}

rg_err index_flush_due(struct index *index, int64_t now_us)
{
	struct flush *flush = &index->flush;
	bool is_behind = index->growing->n_records >= BEHIND_MAX * index->flush_records;
	rg_err err = RG_OK;

	if (!index->disk) {
		return RG_OK;
	}
	if (flush->is_running && (is_behind || atomic_load(&flush->is_done))) {
		err = end_flush(index);
	}
	/* A full disk may have room again later; memory does not wait for ever. */
	if (err && (!flush->overlay || is_behind)) {
		return err;
	}
	if (flush->is_running || index->growing->n_records == 0) {
		return RG_OK;
	}
	if (index->growing_since_us == 0) {
		index->growing_since_us = now_us;
	}
	return begin_if_due(index, now_us);
}

rg_err index_flush(struct index *index)
{
	rg_err err = RG_OK;

	if (!index->disk) {
		return RG_OK;
	}
	if (index->flush.is_running) {
		err = end_flush(index);
	} else if (index->flush.overlay) {
		err = start_thread(index);
		err = err ? err : end_flush(index);
	}
	if (!err && index->growing->n_records > 0) {
		err = begin_flush(index);
		err = err ? err : end_flush(index);
	}
	return err;
}

void index_close(struct index *index)
{
	if (!index) {
		return;
	}
	if (index->disk) {
		/* A fault has been logged, and the journal gives everything back. */
		rg_err err = index_flush(index);

		(void)err;
	}
	index_disk_close(index->disk);
	index_overlay_free(index->flush.overlay);
	index_overlay_free(index->growing);
	free(index->path);
	free(index);
}

/* --- Applying ------------------------------------------------------------------------------- */

static rg_err add_search(struct index *index, enum index_kind kind, struct rg_bytes text,
	uint64_t record)
{
	struct index_key key;
	rg_err err = index_keys_search(kind, text, &key);

	return err || key.len == 0 ? err : index_overlay_add_search(index->growing, &key, record);
}

static rg_err add_text(struct index *index, enum index_kind kind, const char *text, uint64_t record)
{
	return add_search(index, kind, bytes_of_text(text), record);
}

static rg_err add_movement(struct index *index, const Rivergate__V1__Movement *movement,
	uint64_t record)
{
	rg_err err = add_text(index, INDEX_MOVEMENT, movement->plate, record);

	err = err ? err : add_text(index, INDEX_MOVEMENT, movement->trailer, record);
	for (size_t i = 0; !err && i < movement->n_containers; i++) {
		err = add_text(index, INDEX_MOVEMENT, movement->containers[i], record);
	}
	for (size_t i = 0; !err && i < movement->n_seals; i++) {
		err = add_text(index, INDEX_MOVEMENT, movement->seals[i], record);
	}
	return err;
}

static rg_err add_identity(struct index *index, const struct fold_record *record)
{
	const Rivergate__V1__Header *header = record->header;
	uint8_t value[INDEX_KEYS_VALUE_LEN];
	struct index_key key;

	if (header->id.len != INDEX_KEYS_ID_LEN) {
		return RG_OK;
	}
	index_keys_put_u64(value, record->index);
	memcpy(value + 8, record->header_hash, INDEX_HASH_LEN);
	index_keys_identity(header->from, header->id.data, &key);
	return key.len == 0 ? RG_OK : index_overlay_add_identity(index->growing, &key, value);
}

static rg_err add_message(struct index *index, const struct fold_record *record,
	const char *const *parties, size_t n_parties)
{
	const Rivergate__V1__Header *header = record->header;
	rg_err err = add_identity(index, record);

	err = err ? err : add_text(index, INDEX_UCR, header->ucr, record->index);
	err = err ? err : add_text(index, INDEX_PARTY, header->from, record->index);
	if (!err && header->movement) {
		err = add_movement(index, header->movement, record->index);
	}
	for (size_t i = 0; !err && i < n_parties; i++) {
		err = add_text(index, INDEX_PARTY, parties[i], record->index);
	}
	return err;
}

/* The index is of another history: goes on as an empty one if nothing was skipped yet. */
static rg_err contradict(struct index *index)
{
	index_disk_close(steal(index->disk));
	rg_err err = delete_and_say(index->path, "is of another history than the journal");

	if (err) {
		return err;
	}
	if (index->size > 1) {
		log_event(LOG_ERROR, "index", "skipped-records",
			log_text("do", "start the router again: it rebuilds the index"));
		return RG_E_STORE;
	}
	return open_disk(index);
}

/* Compares what the replay has given so far with what the disk was made from. */
static rg_err compare(struct index *index)
{
	const struct index_disk_state *durable = &index->durable;

	if (index->size <= durable->size &&
		((index->size == 1 && index->first_digest != durable->first_digest) ||
			(index->size == durable->size && index->digest != durable->digest))) {
		return contradict(index);
	}
	return RG_OK;
}

rg_err index_apply(struct index *index, const struct fold_record *record,
	const char *const *parties, size_t n_parties)
{
	struct rg_bytes leaf = record->leaf_bytes;
	rg_err err;

	assert(record->index == index->size);
	index->digest = index_keys_hash(index->size == 0 ? DIGEST_SEED : index->digest, leaf.data,
		leaf.len);
	index->first_digest = index->size == 0 ? index->digest : index->first_digest;
	index->size++;
	if (index->disk) {
		err = compare(index);
		if (err || record->index < index->durable.size) {
			return err;
		}
	}
	index->growing->n_records++;
	err = index_overlay_add_minute(index->growing, index_keys_minute(record->meta->time_us),
		record->index);
	if (!err && record->header) {
		err = add_message(index, record, parties, n_parties);
	}
	/* A long replay must not pile up in memory. */
	if (!err && index->growing->n_records >= index->flush_records) {
		err = index_flush_due(index, record->meta->time_us);
	}
	return err;
}

/* --- Finding -------------------------------------------------------------------------------- */

rg_err index_find_identity(struct index *index, const char *from, const uint8_t id[16],
	struct index_identity *ret_identity, bool *ret_found)
{
	const struct index_overlay *overlays[] = {index->flush.overlay, index->growing};
	uint8_t value[INDEX_KEYS_VALUE_LEN];
	struct index_key key;
	bool is_found = false;
	rg_err err = RG_OK;

	index_keys_identity(from, id, &key);
	if (index->disk && key.len > 0) {
		err = index_disk_find_identity(index->disk, &key, value, &is_found);
	}
	for (size_t i = 0; !err && !is_found && key.len > 0 && i < 2; i++) {
		const struct index_entry *entry = overlays[i]
			? index_overlay_find(overlays[i], &overlays[i]->identities, &key)
			: NULL;

		if (entry) {
			memcpy(value, entry->value, sizeof(value));
			is_found = true;
		}
	}
	if (err) {
		return err;
	}
	if (is_found) {
		ret_identity->index = index_keys_get_u64(value);
		memcpy(ret_identity->header_hash, value + 8, INDEX_HASH_LEN);
	}
	*ret_found = is_found;
	return RG_OK;
}

/* Appends what an overlay has under the key, newest first. */
static void find_in(const struct index_overlay *overlay, const struct index_key *key,
	const struct index_query *query, uint64_t *rets, size_t *n)
{
	const struct index_entry *entry =
		overlay ? index_overlay_find(overlay, &overlay->searches, key) : NULL;
	size_t left = entry ? entry->n_indexes : 0;

	for (; left > 0 && *n < query->limit; left--) {
		if (entry->indexes[left - 1] < query->before) {
			rets[(*n)++] = entry->indexes[left - 1];
		}
	}
}

rg_err index_find(struct index *index, const struct index_query *query, uint64_t *rets,
	size_t *ret_n)
{
	struct index_query all = *query;
	struct index_key key;
	size_t n = 0;
	rg_err err = index_keys_search(query->kind, query->key, &key);

	all.before = query->before ? query->before : UINT64_MAX;
	if (!err && key.len > 0) {
		find_in(index->growing, &key, &all, rets, &n);
		find_in(index->flush.overlay, &key, &all, rets, &n);
		if (index->disk && n < all.limit) {
			err = index_disk_find(index->disk, &key, &all, rets, &n);
		}
	}
	if (!err) {
		*ret_n = n;
	}
	return err;
}

/* The first minute of an overlay that is not before this one. */
static bool find_minute_in(const struct index_overlay *overlay, uint64_t minute,
	uint64_t *ret_index)
{
	for (size_t i = 0; overlay && i < overlay->n_minutes; i++) {
		if (overlay->minutes[i].minute >= minute) {
			*ret_index = overlay->minutes[i].index;
			return true;
		}
	}
	return false;
}

rg_err index_find_time(struct index *index, int64_t time_us, uint64_t *ret_index, bool *ret_found)
{
	uint64_t minute = index_keys_minute(time_us);
	bool is_found = false;
	rg_err err = RG_OK;

	/* Time never decreases along the journal: what is older comes first. */
	if (index->disk) {
		err = index_disk_find_minute(index->disk, minute, ret_index, &is_found);
	}
	if (!err) {
		*ret_found = is_found || find_minute_in(index->flush.overlay, minute, ret_index) ||
			find_minute_in(index->growing, minute, ret_index);
	}
	return err;
}

uint64_t index_size(const struct index *index)
{
	return index->size;
}

uint64_t index_durable_size(const struct index *index)
{
	return index->disk ? index->durable.size : 0;
}

/* --- Dumping -------------------------------------------------------------------------------- */

static rg_err dump_identities(const struct index_overlay *overlay, struct buf *out)
{
	scoped(freep) const struct index_entry **sorted = NULL;
	rg_err err = index_overlay_sort(&overlay->identities, &sorted);

	for (size_t i = 0; !err && i < overlay->identities.n_entries; i++) {
		index_disk_print_row("identity", bytes_of(sorted[i]->key, sorted[i]->key_len),
			bytes_of(sorted[i]->value, INDEX_KEYS_VALUE_LEN), out);
	}
	return err;
}

static rg_err dump_searches(const struct index_overlay *overlay, struct buf *out)
{
	scoped(freep) const struct index_entry **sorted = NULL;
	rg_err err = index_overlay_sort(&overlay->searches, &sorted);
	uint8_t key[INDEX_KEYS_MAX];

	for (size_t i = 0; !err && i < overlay->searches.n_entries; i++) {
		memcpy(key, sorted[i]->key, sorted[i]->key_len);
		for (size_t k = 0; k < sorted[i]->n_indexes; k++) {
			index_keys_put_u64(key + sorted[i]->key_len, sorted[i]->indexes[k]);
			index_disk_print_row("search", bytes_of(key, sorted[i]->key_len + 8),
				bytes_of(NULL, 0), out);
		}
	}
	return err;
}

static void dump_minutes(const struct index_overlay *overlay, struct buf *out)
{
	for (size_t i = 0; i < overlay->n_minutes; i++) {
		uint8_t key[8];
		uint8_t value[8];

		index_keys_put_u64(key, overlay->minutes[i].minute);
		index_keys_put_u64(value, overlay->minutes[i].index);
		index_disk_print_row("time", bytes_of(key, 8), bytes_of(value, 8), out);
	}
}

rg_err index_dump(struct index *index, struct buf *out)
{
	rg_err err = index_flush(index);

	if (err || index->disk) {
		return err ? err : index_disk_dump(index->disk, out);
	}
	err = dump_identities(index->growing, out);
	err = err ? err : dump_searches(index->growing, out);
	if (!err) {
		dump_minutes(index->growing, out);
		err = buf_error(out);
	}
	return err;
}
