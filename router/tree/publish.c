/*
 * Publishing the log: see publish.h
 *
 * Method: one slot for the newest head and one for a new text of the published one; the
 * thread takes them in that order, and uses what time is left for the bundles of before
 * the start.
 *
 * Threads: what the slots hold is behind the lock; all else is the thread's own.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "evidence/note.h"
#include "evidence/tile.h"
#include "tree/publish.h"

#define SECOND_US   INT64_C(1000000)
#define REST_FACTOR 10
#define REST_MAX_US (10 * SECOND_US)
/* Looking after old bundles takes a fifth of a processor at most. */
#define MEND_FACTOR 4
#define LOGGED_MAX  10

struct tree_publish {
	struct tree_publish_options options;
	char *checkpoint_path;
	pthread_t thread;
	bool has_thread;

	pthread_mutex_t lock; /* of what follows, up to the blank line */
	pthread_cond_t change;
	struct buf note; /* of the newest head; empty: none waits */
	struct buf tiles;
	struct buf text; /* for the published head; empty: none waits */
	struct buf asides[TREE_PUBLISH_ASIDES];
	bool is_stopping;

	struct tree_bundle bundle;
	uint64_t size;      /* published */
	bool has_published; /* since the start */
	uint64_t next_mend; /* bundle of before the start */
	uint64_t end_mend;
	uint64_t n_rebuilt;
	int64_t not_before_us; /* the next head (monotonic) */
	int64_t mend_us;       /* the next old bundle */
	unsigned n_failures;   /* in a row */
	bool has_failed;       /* for good */
};

/* What the thread has taken out of the slots. */
struct job {
	struct buf note;
	struct buf tiles;
	struct buf text;
	struct buf asides[TREE_PUBLISH_ASIDES];
	bool is_last;
};

static void dir_closep(DIR **dir)
{
	if (*dir) {
		(void)closedir(*dir);
	}
}

static void deinit_job(struct job *job)
{
	buf_deinit(&job->note);
	buf_deinit(&job->tiles);
	buf_deinit(&job->text);
	for (size_t i = 0; i < TREE_PUBLISH_ASIDES; i++) {
		buf_deinit(&job->asides[i]);
	}
}

/* --- Files ---------------------------------------------------------------------------------- */

/* The size in a text of the file; false: it is no checkpoint. */
static bool size_of(struct rg_bytes note, uint64_t *ret_size)
{
	struct note_checkpoint checkpoint;

	if (!note_checkpoint_read(note, &checkpoint)) {
		return false;
	}
	*ret_size = checkpoint.size;
	return true;
}

/* Syncs the full tiles of one level that the core wrote since the last head. */
static rg_err adopt_level(const struct tree_publish *publish, unsigned level, uint64_t size,
	struct tree_durable *group)
{
	unsigned shift = (level + 1) * TILE_HEIGHT;
	uint64_t end = shift < 64 ? size >> shift : 0;
	rg_err err = RG_OK;

	for (uint64_t n = shift < 64 ? publish->size >> shift : 0; !err && n < end; n++) {
		bool is_found = false;
		char name[TILE_NAME_MAX];

		tile_name(level, n, TILE_WIDTH, name);
		scoped(freep) char *path = file_join(publish->options.dir, name);

		err = path ? tree_durable_adopt(group, path, TILE_BYTES, &is_found) : RG_E_NOMEM;
		if (!err && !is_found) {
			log_event(LOG_WARNING, "publish", "tile-missing", log_text("path", path));
			err = RG_E_IO;
		}
	}
	return err;
}

static rg_err put_tile(const struct tree_publish *publish, unsigned level, uint64_t number,
	struct rg_bytes hashes, struct tree_durable *group)
{
	unsigned width = (unsigned)(hashes.len / MERKLE_HASH_LEN);
	bool has_differed = false;
	char name[TILE_NAME_MAX];

	tile_name(level, number, width, name);
	scoped(freep) char *path = file_join(publish->options.dir, name);
	rg_err err = path ? tree_durable_put(group, path, hashes, &has_differed) : RG_E_NOMEM;

	if (!err && has_differed) {
		log_event(LOG_WARNING, "tree", "tile-rebuilt", log_text("path", path),
			log_text("why", "differs from the journal"));
	}
	return err;
}

/* Puts the partial tile of one level; takes its hashes off tiles. */
static rg_err put_partial(const struct tree_publish *publish, unsigned level, uint64_t size,
	struct cursor *tiles, struct tree_durable *group)
{
	uint64_t number = size >> (level * TILE_HEIGHT) >> TILE_HEIGHT;
	unsigned width = tile_width(level, number, size);
	unsigned before = tile_width(level, number, publish->size);
	struct rg_bytes hashes = cursor_bytes(tiles, (size_t)width * MERKLE_HASH_LEN);
	rg_err err = tiles->is_bad ? RG_E_FORMAT : RG_OK;

	/* The one of the head before the start may have been lost meanwhile. */
	if (!err && !publish->has_published && before > 0 && before < width) {
		err = put_tile(publish, level, number,
			bytes_of(hashes.data, (size_t)before * MERKLE_HASH_LEN), group);
	}
	return err || width == 0 ? err : put_tile(publish, level, number, hashes, group);
}

static rg_err put_tiles(const struct tree_publish *publish, uint64_t size, struct rg_bytes tiles,
	struct tree_durable *group)
{
	struct cursor cursor = cursor_of(tiles);
	rg_err err = RG_OK;

	for (unsigned level = 0; !err && level < TILE_LEVELS; level++) {
		err = adopt_level(publish, level, size, group);
		err = err ? err : put_partial(publish, level, size, &cursor, group);
	}
	return err;
}

/* All that a head of this size needs, made durable. */
static rg_err write_tiles(struct tree_publish *publish, uint64_t size, struct rg_bytes tiles)
{
	scoped(tree_durable_deinitv) struct tree_durable group = {.n_files = 0};
	rg_err err = tree_bundle_extend(&publish->bundle, size, &group);

	err = err ? err : put_tiles(publish, size, tiles, &group);
	return err ? err : tree_durable_finish(&group);
}

static rg_err write_note(const struct tree_publish *publish, struct rg_bytes note)
{
	rg_err err = file_replace(publish->checkpoint_path, note, 0644);

	if (!err && publish->options.published) {
		publish->options.published(publish->options.context, note);
	}
	return err;
}

static rg_err publish_head(struct tree_publish *publish, const struct job *job)
{
	uint64_t size = 0;

	if (!size_of(buf_view(&job->note), &size)) {
		return RG_E_FORMAT;
	}
	/* The file may have got signatures of witnesses since: nothing is put over them. */
	if (size <= publish->size) {
		return RG_OK;
	}
	rg_err err = write_tiles(publish, size, buf_view(&job->tiles));

	err = err ? err : write_note(publish, buf_view(&job->note));
	if (err) {
		tree_bundle_reset(&publish->bundle, publish->size);
		return err;
	}
	for (uint64_t n = publish->size / TILE_WIDTH; n < size / TILE_WIDTH; n++) {
		tree_bundle_clear(publish->options.dir, n);
	}
	publish->size = size;
	publish->has_published = true;
	return RG_OK;
}

/* --- The thread ----------------------------------------------------------------------------- */

/* Puts a head that could not be published back, unless a newer one has come. */
static void give_back(struct tree_publish *publish, struct job *job)
{
	(void)pthread_mutex_lock(&publish->lock);
	if (publish->note.len == 0) {
		buf_deinit(&publish->note);
		buf_deinit(&publish->tiles);
		publish->note = job->note;
		publish->tiles = job->tiles;
		buf_init(&job->note);
		buf_init(&job->tiles);
	}
	(void)pthread_mutex_unlock(&publish->lock);
}

static void tell_failure(struct tree_publish *publish, struct job *job, rg_err err)
{
	if (err == RG_E_FORMAT) {
		log_event(LOG_ERROR, "publish", "failed", log_fault(err));
		publish->has_failed = true;
		publish->options.failed(publish->options.context, err);
		return;
	}
	if (publish->n_failures++ == 0 || job->is_last) {
		log_event(LOG_WARNING, "publish", "not-published", log_fault(err),
			log_text("do", "make space on the router's file system"));
	}
	if (!job->is_last) {
		give_back(publish, job);
	}
}

/* One head; then the time until the next may come. */
static void do_head(struct tree_publish *publish, struct job *job)
{
	int64_t start_us = clock_monotonic_us();
	rg_err err = publish_head(publish, job);
	int64_t rest_us = (clock_monotonic_us() - start_us) * REST_FACTOR;

	if (err) {
		tell_failure(publish, job, err);
	} else if (publish->n_failures > 0) {
		log_event(LOG_INFO, "publish", "published-again",
			log_number("size", (int64_t)publish->size));
		publish->n_failures = 0;
	}
	rest_us = rest_us < SECOND_US ? SECOND_US : rest_us;
	publish->not_before_us = start_us + (rest_us < REST_MAX_US ? rest_us : REST_MAX_US);
}

static void do_text(struct tree_publish *publish, const struct job *job)
{
	uint64_t size = 0;

	if (size_of(buf_view(&job->text), &size) && size == publish->size &&
		write_note(publish, buf_view(&job->text))) {
		log_event(LOG_WARNING, "publish", "cosignatures-not-published",
			log_number("size", (int64_t)size));
	}
}

static void do_aside(const struct tree_publish *publish, const char *name, struct rg_bytes content)
{
	scoped(freep) char *path = file_join(publish->options.dir, name);

	if (!path || file_replace(path, content, 0644)) {
		log_event(LOG_WARNING, "publish", "file-not-written", log_text("file", name));
	}
}

static void do_asides(const struct tree_publish *publish, const struct job *job)
{
	static const char *const names[TREE_PUBLISH_ASIDES] = {
		[TREE_PUBLISH_WITNESSED] = "checkpoint.witnessed",
		[TREE_PUBLISH_VKEYS] = "witnesses.vkeys",
	};

	for (size_t i = 0; i < TREE_PUBLISH_ASIDES; i++) {
		if (job->asides[i].len > 0) {
			do_aside(publish, names[i], buf_view(&job->asides[i]));
		}
	}
}

static bool has_aside(const struct tree_publish *publish)
{
	return publish->asides[TREE_PUBLISH_WITNESSED].len > 0 ||
		publish->asides[TREE_PUBLISH_VKEYS].len > 0;
}

static bool has_old(const struct tree_publish *publish)
{
	return publish->next_mend < publish->end_mend && !publish->has_failed;
}

/* One bundle of before the start. A fault leaves it for the next start. */
static void do_old(struct tree_publish *publish)
{
	int64_t start_us = clock_monotonic_us();
	uint64_t number = publish->next_mend++;
	bool is_rebuilt = false;
	rg_err err = tree_bundle_mend(publish->options.dir, &publish->options.leaves, number,
		&is_rebuilt);

	publish->n_rebuilt += is_rebuilt;
	if (err || (is_rebuilt && publish->n_rebuilt <= LOGGED_MAX)) {
		log_event(LOG_WARNING, "publish", err ? "bundle-not-rebuilt" : "bundle-rebuilt",
			log_number("bundle", (int64_t)number), log_fault(err));
	}
	if (!err) {
		tree_bundle_clear(publish->options.dir, number);
	}
	publish->mend_us = start_us + (clock_monotonic_us() - start_us) * (1 + MEND_FACTOR);
	if (publish->next_mend == publish->end_mend) {
		log_event(LOG_INFO, "publish", "bundles-checked",
			log_number("bundles", (int64_t)publish->end_mend),
			log_number("rebuilt", (int64_t)publish->n_rebuilt));
	}
}

/* When there is something to do (monotonic); INT64_MAX: when something comes. Locked. */
static int64_t due_us(const struct tree_publish *publish)
{
	int64_t due = INT64_MAX;

	if (publish->is_stopping || publish->text.len > 0 || has_aside(publish)) {
		return 0;
	}
	if (has_old(publish)) {
		due = publish->mend_us;
	}
	if (publish->note.len > 0 && publish->not_before_us < due && !publish->has_failed) {
		due = publish->not_before_us;
	}
	return due;
}

/* Waits until something is due; locked. */
static void await(struct tree_publish *publish)
{
	int64_t due = due_us(publish);

	while (due > clock_monotonic_us()) {
		const struct timespec until = {
			.tv_sec = (time_t)(due / SECOND_US),
			.tv_nsec = (long)(due % SECOND_US) * 1000,
		};

		if (due == INT64_MAX) {
			(void)pthread_cond_wait(&publish->change, &publish->lock);
		} else {
			(void)pthread_cond_timedwait(&publish->change, &publish->lock, &until);
		}
		due = due_us(publish);
	}
}

/* Empties the slots that are due into the job. */
static void take_job(struct tree_publish *publish, struct job *job)
{
	(void)pthread_mutex_lock(&publish->lock);
	await(publish);
	job->is_last = publish->is_stopping;
	if (job->is_last || clock_monotonic_us() >= publish->not_before_us) {
		job->note = publish->note;
		job->tiles = publish->tiles;
		buf_init(&publish->note);
		buf_init(&publish->tiles);
	}
	job->text = publish->text;
	buf_init(&publish->text);
	memcpy(job->asides, publish->asides, sizeof(job->asides));
	memset(publish->asides, 0, sizeof(publish->asides));
	(void)pthread_mutex_unlock(&publish->lock);
}

/* What recovery wrote again is nobody's head yet, and not synced one by one. */
static void sync_all(const char *dir)
{
	scoped(fd_close) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || syncfs(fd) != 0) {
		log_event(LOG_WARNING, "publish", "cannot-sync", log_text("folder", dir),
			log_errno());
	}
}

static void *run(void *argument)
{
	struct tree_publish *publish = argument;
	bool is_last = false;

	sync_all(publish->options.dir);
	while (!is_last) {
		scoped(deinit_job) struct job job = {.is_last = false};

		take_job(publish, &job);
		is_last = job.is_last;
		if (job.note.len > 0 && !publish->has_failed) {
			do_head(publish, &job);
		}
		if (job.text.len > 0) {
			do_text(publish, &job);
		}
		do_asides(publish, &job);
		if (!is_last && has_old(publish) && clock_monotonic_us() >= publish->mend_us) {
			do_old(publish);
		}
	}
	return NULL;
}

/* --- Life ----------------------------------------------------------------------------------- */

static rg_err write_vkey(const struct tree_publish_options *options)
{
	scoped(freep) char *path = file_join(options->dir, "log.vkey");
	scoped(buf_deinitv) struct buf present = {.data = NULL};
	scoped(buf_deinitv) struct buf line = {.data = NULL};
	bool is_found = false;

	buf_printf(&line, "%s\n", options->vkey);
	if (!path || buf_error(&line)) {
		return RG_E_NOMEM;
	}
	rg_err err = file_read(path, NOTE_MAX, &present, &is_found);

	if (!err && is_found && bytes_equal(buf_view(&present), buf_view(&line))) {
		return RG_OK;
	}
	if (!err && is_found) {
		log_event(LOG_WARNING, "publish", "vkey-rebuilt", log_text("path", path),
			log_text("why", "differs from the log's key"));
	}
	return file_replace(path, buf_view(&line), 0644);
}

/* Removes what a kill left of file_replace(): checkpoint, dot, six characters. */
static void remove_leftovers(const char *dir)
{
	static const char prefix[] = "checkpoint.";
	scoped(dir_closep) DIR *folder = opendir(dir);

	for (struct dirent *entry = folder ? readdir(folder) : NULL; entry;
		entry = readdir(folder)) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
			strlen(entry->d_name) == strlen(prefix) + 6) {
			(void)unlinkat(dirfd(folder), entry->d_name, 0);
		}
	}
}

/* The size that was published before the start; 0: none. */
static rg_err read_size(const char *path, uint64_t *ret_size)
{
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	bool is_found = false;
	rg_err err = file_read(path, NOTE_MAX, &note, &is_found);

	*ret_size = 0;
	if (!err && is_found) {
		(void)size_of(buf_view(&note), ret_size);
	}
	return err;
}

static rg_err prepare(struct tree_publish *publish)
{
	pthread_condattr_t monotonic;

	(void)pthread_mutex_init(&publish->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&publish->change, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	publish->checkpoint_path = file_join(publish->options.dir, "checkpoint");
	if (!publish->checkpoint_path) {
		return RG_E_NOMEM;
	}
	rg_err err = write_vkey(&publish->options);

	err = err ? err : read_size(publish->checkpoint_path, &publish->size);
	remove_leftovers(publish->options.dir);
	publish->end_mend = publish->size / TILE_WIDTH;
	tree_bundle_init(&publish->bundle, publish->options.dir, &publish->options.leaves,
		publish->size);
	return err;
}

rg_err tree_publish_start(const struct tree_publish_options *options,
	struct tree_publish **ret_publish)
{
	scoped(tree_publish_stopp) struct tree_publish *publish = calloc(1, sizeof(*publish));

	if (!publish) {
		return RG_E_NOMEM;
	}
	publish->options = *options;
	rg_err err = prepare(publish);

	if (!err && pthread_create(&publish->thread, NULL, run, publish) != 0) {
		log_event(LOG_ERROR, "publish", "no-thread", log_errno());
		err = RG_E_IO;
	}
	if (!err) {
		publish->has_thread = true;
		*ret_publish = steal(publish);
	}
	return err;
}

/* Puts a buffer into a slot whose old content goes; locked. */
static void put_slot(struct buf *slot, struct buf *content)
{
	buf_deinit(slot);
	*slot = *content;
	buf_init(content);
}

void tree_publish_head(struct tree_publish *publish, struct buf *note, struct buf *tiles)
{
	(void)pthread_mutex_lock(&publish->lock);
	put_slot(&publish->note, note);
	put_slot(&publish->tiles, tiles);
	(void)pthread_cond_signal(&publish->change);
	(void)pthread_mutex_unlock(&publish->lock);
}

void tree_publish_note(struct tree_publish *publish, struct buf *note)
{
	uint64_t size = 0;
	uint64_t waiting = 0;

	(void)pthread_mutex_lock(&publish->lock);
	bool is_of_next = publish->note.len > 0 && size_of(buf_view(&publish->note), &waiting) &&
		size_of(buf_view(note), &size) && size == waiting;

	put_slot(is_of_next ? &publish->note : &publish->text, note);
	(void)pthread_cond_signal(&publish->change);
	(void)pthread_mutex_unlock(&publish->lock);
}

void tree_publish_aside(struct tree_publish *publish, enum tree_publish_aside file,
	struct buf *content)
{
	(void)pthread_mutex_lock(&publish->lock);
	put_slot(&publish->asides[file], content);
	(void)pthread_cond_signal(&publish->change);
	(void)pthread_mutex_unlock(&publish->lock);
}

void tree_publish_stop(struct tree_publish *publish)
{
	if (!publish) {
		return;
	}
	if (publish->has_thread) {
		(void)pthread_mutex_lock(&publish->lock);
		publish->is_stopping = true;
		(void)pthread_cond_signal(&publish->change);
		(void)pthread_mutex_unlock(&publish->lock);
		(void)pthread_join(publish->thread, NULL);
	}
	buf_deinit(&publish->note);
	buf_deinit(&publish->tiles);
	buf_deinit(&publish->text);
	for (size_t i = 0; i < TREE_PUBLISH_ASIDES; i++) {
		buf_deinit(&publish->asides[i]);
	}
	tree_bundle_deinit(&publish->bundle);
	(void)pthread_cond_destroy(&publish->change);
	(void)pthread_mutex_destroy(&publish->lock);
	free(publish->checkpoint_path);
	free(publish);
}
