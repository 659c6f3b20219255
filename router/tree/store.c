/*
 * Full tiles: see store.h
 *
 * A tile file is written beside its place and renamed; it is not synced, as the journal
 * gives it back. What a crash leaves of it is found at the next start, when each tile
 * is put again and compared. One that cannot be written (a full disk) stays in memory and
 * is tried again with the next.
 * Threads: owned by the core thread.
 */

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "evidence/note.h"
#include "tree/store.h"

#define N_CACHED   32
#define GROUPS_MAX 7 /* of three digits: more than 2^56 needs */
/* Lines about single tiles at most; the sum is not of use to anybody. */
#define LOGGED_MAX 10
/* Tiles that may wait for a disk with room: more than the journal's reserve can bring about. */
#define WAITING_MAX 8192

struct cached_tile {
	bool is_used;
	unsigned level;
	uint64_t number;
	uint64_t turn;
	struct tile tile;
};

/* Tiles of one level in memory. */
struct memory_level {
	uint8_t **tiles;
	size_t n_tiles;
	size_t cap;
};

/* A tile whose file could not be written yet. */
struct waiting_tile {
	unsigned level;
	uint64_t number;
	struct waiting_tile *next;
	uint8_t bytes[TILE_BYTES];
};

struct tree_store {
	char *path; /* NULL: memory */
	struct memory_level memory[TILE_LEVELS];
	uint64_t n_at_start; /* level-0 tiles that the files claimed */
	unsigned n_logged;
	struct waiting_tile *waiting; /* oldest first */
	size_t n_waiting;
	uint64_t turn;
	struct cached_tile cache[N_CACHED];
};

static void dir_closep(DIR **dir)
{
	if (*dir) {
		(void)closedir(*dir);
	}
}

/* Full tiles of level 0 that the published checkpoint names; 0: there is none. */
static rg_err count_published(const char *path, uint64_t *ret_n_tiles)
{
	scoped(freep) char *name = file_join(path, "checkpoint");
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	struct note_checkpoint checkpoint;
	bool is_found = false;
	rg_err err = name ? file_read(name, NOTE_MAX, &note, &is_found) : RG_E_NOMEM;

	*ret_n_tiles = !err && is_found && note_checkpoint_read(buf_view(&note), &checkpoint)
		? checkpoint.size / TILE_WIDTH
		: 0;
	return err;
}

/* What the files claimed before the start, so that what is missing of it can be told. */
static rg_err count_at_start(struct tree_store *store)
{
	uint64_t n_published = 0;
	rg_err err = tree_store_count(store->path, &store->n_at_start);

	err = err ? err : count_published(store->path, &n_published);
	if (n_published > store->n_at_start) {
		store->n_at_start = n_published;
	}
	return err;
}

rg_err tree_store_open(const char *path, struct tree_store **ret_store)
{
	scoped(tree_store_closep) struct tree_store *store = calloc(1, sizeof(*store));
	rg_err err = RG_OK;

	if (!store) {
		return RG_E_NOMEM;
	}
	if (path) {
		store->path = strdup(path);
		err = !store->path ? RG_E_NOMEM : file_make_dirs(path);
		err = err ? err : count_at_start(store);
	}
	if (!err) {
		*ret_store = steal(store);
	}
	return err;
}

static void drop_first_waiting(struct tree_store *store)
{
	struct waiting_tile *first = store->waiting;

	store->waiting = first->next;
	store->n_waiting--;
	free(first);
}

void tree_store_close(struct tree_store *store)
{
	if (!store) {
		return;
	}
	for (size_t level = 0; level < TILE_LEVELS; level++) {
		for (size_t i = 0; i < store->memory[level].n_tiles; i++) {
			free(store->memory[level].tiles[i]);
		}
		free(store->memory[level].tiles);
	}
	while (store->waiting) {
		drop_first_waiting(store);
	}
	free(store->path);
	free(store);
}

/* --- Names ---------------------------------------------------------------------------------- */

static char *path_of(const struct tree_store *store, unsigned level, uint64_t number)
{
	char name[TILE_NAME_MAX];

	tile_name(level, number, TILE_WIDTH, name);
	return file_join(store->path, name);
}

/* Reads three digits and the end. */
static bool read_group(const char *digits, unsigned *ret_group)
{
	unsigned group = 0;

	for (unsigned i = 0; i < 3; i++) {
		if (digits[i] < '0' || digits[i] > '9') {
			return false;
		}
		group = group * 10 + (unsigned)(digits[i] - '0');
	}
	*ret_group = group;
	return digits[3] == '\0';
}

/* The largest group below `below` in the folder, of folders (x…) or of files. */
static bool find_group(const char *path, bool is_folder, unsigned below, unsigned *ret_group)
{
	scoped(dir_closep) DIR *dir = opendir(path);
	bool is_found = false;

	for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
		const char *name = entry->d_name;
		unsigned group;

		if (is_folder != (name[0] == 'x') || !read_group(name + is_folder, &group)) {
			continue;
		}
		if (group < below && (!is_found || group > *ret_group)) {
			*ret_group = group;
			is_found = true;
		}
	}
	return is_found;
}

static bool is_full_tile(const char *folder, unsigned group)
{
	scoped(freep) char *path = NULL;
	struct stat status;

	if (asprintf(&path, "%s/%03u", folder, group) < 0) {
		path = NULL;
		return false;
	}
	return stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == TILE_BYTES;
}

/* The largest full tile below a folder: numbers in x-folders are larger than those beside them. */
static rg_err find_largest(const char *folder, uint64_t prefix, unsigned depth, bool *ret_found,
	uint64_t *ret_number)
{
	unsigned group = 1000;

	*ret_found = false;
	while (depth < GROUPS_MAX - 1 && find_group(folder, true, group, &group)) {
		scoped(freep) char *inner = NULL;

		if (asprintf(&inner, "%s/x%03u", folder, group) < 0) {
			inner = NULL;
			return RG_E_NOMEM;
		}
		rg_err err = find_largest(inner, prefix * 1000 + group, depth + 1, ret_found,
			ret_number);

		if (err || *ret_found) {
			return err;
		}
	}
	group = 1000;
	while (find_group(folder, false, group, &group)) {
		if (is_full_tile(folder, group)) {
			*ret_number = prefix * 1000 + group;
			*ret_found = true;
			return RG_OK;
		}
	}
	return RG_OK;
}

rg_err tree_store_count(const char *path, uint64_t *ret_n_tiles)
{
	scoped(freep) char *folder = file_join(path, "tile/0");
	bool is_found = false;
	uint64_t number = 0;

	if (!folder) {
		return RG_E_NOMEM;
	}
	rg_err err = find_largest(folder, 0, 0, &is_found, &number);

	if (!err) {
		*ret_n_tiles = is_found ? number + 1 : 0;
	}
	return err;
}

/* --- Files ---------------------------------------------------------------------------------- */

static rg_err io_fault(const char *what, const char *path)
{
	log_event(LOG_ERROR, "tree", what, log_text("path", path), log_errno());
	return RG_E_IO;
}

/* Whether the file holds exactly a tile's bytes; what cannot be read counts as not. */
static bool read_tile(const char *path, uint8_t bytes[TILE_BYTES])
{
	scoped(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t more;

	return fd >= 0 && pread(fd, bytes, TILE_BYTES, 0) == TILE_BYTES &&
		pread(fd, &more, 1, TILE_BYTES) == 0;
}

/* Opens the temporary file; makes its folder when that is missing. */
static rg_err open_temporary(const char *temporary, int *ret_fd)
{
	scoped(freep) char *folder = strdup(temporary);
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;

	if (!folder) {
		return RG_E_NOMEM;
	}
	*ret_fd = open(temporary, flags, 0600);
	if (*ret_fd < 0 && errno == ENOENT) {
		*strrchr(folder, '/') = '\0';
		rg_err err = file_make_dirs(folder);

		if (err) {
			return err;
		}
		*ret_fd = open(temporary, flags, 0600);
	}
	return *ret_fd >= 0 ? RG_OK : io_fault("cannot-create", temporary);
}

static rg_err write_tile(const char *path, struct rg_bytes bytes)
{
	scoped(freep) char *temporary = NULL;
	scoped(fd_close) int fd = -1;

	if (asprintf(&temporary, "%s.tmp", path) < 0) {
		temporary = NULL;
		return RG_E_NOMEM;
	}
	rg_err err = open_temporary(temporary, &fd);

	err = err ? err : file_write_all(fd, bytes);
	if (!err && rename(temporary, path) != 0) {
		err = io_fault("cannot-rename", path);
	}
	if (err) {
		(void)unlink(temporary);
	}
	return err;
}

/* The link that names the waiting tile; it names nothing when the tile does not wait. */
static struct waiting_tile **find_waiting(struct tree_store *store, unsigned level, uint64_t number)
{
	struct waiting_tile **link = &store->waiting;

	while (*link && ((*link)->level != level || (*link)->number != number)) {
		link = &(*link)->next;
	}
	return link;
}

/* Keeps a tile that could not be written; the fault has been logged. */
static rg_err keep_waiting(struct tree_store *store, unsigned level, uint64_t number,
	struct rg_bytes bytes)
{
	if (store->n_waiting == WAITING_MAX) {
		return RG_E_IO;
	}
	struct waiting_tile *tile = malloc(sizeof(*tile));

	if (!tile) {
		return RG_E_NOMEM;
	}
	tile->level = level;
	tile->number = number;
	tile->next = NULL;
	memcpy(tile->bytes, bytes.data, TILE_BYTES);
	*find_waiting(store, level, number) = tile;
	store->n_waiting++;
	return RG_OK;
}

/* Writes waiting tiles as long as that succeeds. */
static rg_err write_waiting(struct tree_store *store)
{
	while (store->waiting) {
		const struct waiting_tile *first = store->waiting;
		scoped(freep) char *path = path_of(store, first->level, first->number);

		if (!path) {
			return RG_E_NOMEM;
		}
		if (write_tile(path, bytes_of(first->bytes, TILE_BYTES))) {
			return RG_OK;
		}
		drop_first_waiting(store);
	}
	return RG_OK;
}

/* A tile of before the start that is not as it was put. */
static void log_rebuilt(struct tree_store *store, const char *path, bool is_there)
{
	if (store->n_logged < LOGGED_MAX) {
		store->n_logged++;
		log_event(LOG_WARNING, "tree", "tile-rebuilt", log_text("path", path),
			log_text("why", is_there ? "differs from the journal" : "missing"));
	}
}

static rg_err put_file(struct tree_store *store, unsigned level, uint64_t number,
	const struct tile *tile)
{
	scoped(freep) char *path = path_of(store, level, number);
	struct rg_bytes bytes = tile_bytes(tile);
	uint8_t present[TILE_BYTES];
	rg_err err = path ? write_waiting(store) : RG_E_NOMEM;

	if (err) {
		return err;
	}
	bool is_there = access(path, F_OK) == 0;

	if (is_there && read_tile(path, present) && memcmp(present, bytes.data, bytes.len) == 0) {
		return RG_OK;
	}
	if (is_there || number < store->n_at_start >> (level * TILE_HEIGHT)) {
		log_rebuilt(store, path, is_there);
	}
	err = write_tile(path, bytes);
	return err == RG_E_IO ? keep_waiting(store, level, number, bytes) : err;
}

static rg_err put_memory(struct memory_level *level, const struct tile *tile)
{
	if (level->n_tiles == level->cap) {
		size_t cap = level->cap ? 2 * level->cap : 16;
		uint8_t **tiles = reallocarray(level->tiles, cap, sizeof(*tiles));

		if (!tiles) {
			return RG_E_NOMEM;
		}
		level->tiles = tiles;
		level->cap = cap;
	}
	uint8_t *bytes = malloc(TILE_BYTES);

	if (!bytes) {
		return RG_E_NOMEM;
	}
	memcpy(bytes, tile_bytes(tile).data, TILE_BYTES);
	level->tiles[level->n_tiles++] = bytes;
	return RG_OK;
}

/* --- Cache ---------------------------------------------------------------------------------- */

static struct cached_tile *find_cached(struct tree_store *store, unsigned level, uint64_t number)
{
	for (size_t i = 0; i < N_CACHED; i++) {
		struct cached_tile *cached = &store->cache[i];

		if (cached->is_used && cached->number == number && cached->level == level) {
			cached->turn = ++store->turn;
			return cached;
		}
	}
	return NULL;
}

/* The place that was not used for the longest time, under its new name. */
static struct cached_tile *take_place(struct tree_store *store, unsigned level, uint64_t number)
{
	struct cached_tile *oldest = &store->cache[0];

	for (size_t i = 0; i < N_CACHED; i++) {
		if (store->cache[i].turn < oldest->turn) {
			oldest = &store->cache[i];
		}
	}
	oldest->is_used = false;
	oldest->level = level;
	oldest->number = number;
	oldest->turn = ++store->turn;
	return oldest;
}

rg_err tree_store_put(struct tree_store *store, unsigned level, uint64_t number,
	const struct tile *tile)
{
	assert(level < TILE_LEVELS && tile->width == TILE_WIDTH);

	rg_err err = store->path ? put_file(store, level, number, tile)
				 : put_memory(&store->memory[level], tile);

	if (!err) {
		struct cached_tile *place = take_place(store, level, number);

		place->tile = *tile;
		place->is_used = true;
	}
	return err;
}

static rg_err load(struct tree_store *store, unsigned level, uint64_t number,
	uint8_t bytes[TILE_BYTES])
{
	if (!store->path) {
		assert(number < store->memory[level].n_tiles);
		memcpy(bytes, store->memory[level].tiles[number], TILE_BYTES);
		return RG_OK;
	}
	const struct waiting_tile *waiting = *find_waiting(store, level, number);
	scoped(freep) char *path = path_of(store, level, number);

	if (!path) {
		return RG_E_NOMEM;
	}
	if (waiting) {
		memcpy(bytes, waiting->bytes, TILE_BYTES);
		return RG_OK;
	}
	if (!read_tile(path, bytes)) {
		log_event(LOG_ERROR, "tree", "tile-lost", log_text("path", path),
			log_text("do", "start the router again: it rebuilds the tile"));
		return RG_E_FORMAT;
	}
	return RG_OK;
}

rg_err tree_store_get(struct tree_store *store, unsigned level, uint64_t number,
	const struct tile **ret_tile)
{
	struct cached_tile *cached = find_cached(store, level, number);
	uint8_t bytes[TILE_BYTES];

	if (cached) {
		*ret_tile = &cached->tile;
		return RG_OK;
	}
	rg_err err = load(store, level, number, bytes);

	if (err) {
		return err;
	}
	cached = take_place(store, level, number);
	err = tile_read(bytes, TILE_WIDTH, &cached->tile);
	if (!err) {
		cached->is_used = true;
		*ret_tile = &cached->tile;
	}
	return err;
}
