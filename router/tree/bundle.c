/*
 * Entry bundles: see bundle.h
 *
 * Threads: of the publishing thread.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "evidence/tile.h"
#include "tree/bundle.h"

static void dir_closep(DIR **dir)
{
	if (*dir) {
		(void)closedir(*dir);
	}
}

/* --- Growing -------------------------------------------------------------------------------- */

void tree_bundle_init(struct tree_bundle *bundle, const char *dir, const struct tree_leaves *leaves,
	uint64_t size)
{
	*bundle = (struct tree_bundle){.dir = dir, .leaves = leaves};
	buf_init(&bundle->bytes);
	tree_bundle_reset(bundle, size);
}

void tree_bundle_deinit(struct tree_bundle *bundle)
{
	buf_deinit(&bundle->bytes);
}

void tree_bundle_reset(struct tree_bundle *bundle, uint64_t size)
{
	buf_clear(&bundle->bytes);
	bundle->before = size;
	bundle->number = size / TILE_WIDTH;
	bundle->width = 0;
}

static rg_err put(const char *dir, uint64_t number, unsigned width, struct rg_bytes bytes,
	struct tree_durable *group)
{
	bool has_differed = false;
	char name[TILE_NAME_MAX];

	tile_bundle_name(number, width, name);
	scoped(freep) char *path = file_join(dir, name);

	if (!path) {
		return RG_E_NOMEM;
	}
	rg_err err = tree_durable_put(group, path, bytes, &has_differed);

	if (!err && has_differed) {
		log_event(LOG_WARNING, "tree", "bundle-rebuilt", log_text("path", path),
			log_text("why", "differs from the journal"));
	}
	return err;
}

static rg_err take_leaf(void *to, struct rg_bytes leaf)
{
	struct tree_bundle *bundle = to;

	tile_bundle_add(&bundle->bytes, leaf);
	bundle->width++;
	bool is_full = bundle->width == TILE_WIDTH;
	rg_err err = buf_error(&bundle->bytes);

	if (!err && (is_full || bundle->number * TILE_WIDTH + bundle->width == bundle->before)) {
		err = put(bundle->dir, bundle->number, bundle->width, buf_view(&bundle->bytes),
			bundle->group);
	}
	if (err || !is_full) {
		return err;
	}
	buf_clear(&bundle->bytes);
	bundle->width = 0;
	bundle->number++;
	return err;
}

rg_err tree_bundle_extend(struct tree_bundle *bundle, uint64_t size, struct tree_durable *group)
{
	uint64_t next = bundle->number * TILE_WIDTH + bundle->width;
	rg_err err = RG_OK;

	bundle->group = group;
	if (next < size) {
		err = bundle->leaves->read(bundle->leaves->context, next, size, take_leaf, bundle);
	}
	bundle->group = NULL;
	if (!err && bundle->width > 0) {
		err = put(bundle->dir, bundle->number, bundle->width, buf_view(&bundle->bytes),
			group);
	}
	return err;
}

/* --- Mending -------------------------------------------------------------------------------- */

/* Reads a file of the log; false: there is none, or it is not to be read. */
static bool read_name(const char *dir, const char *name, size_t limit, struct buf *out)
{
	scoped(freep) char *path = file_join(dir, name);
	struct stat status;
	bool is_found = false;

	return path && stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
		(uint64_t)status.st_size <= limit && !file_read(path, limit, out, &is_found) &&
		is_found;
}

/* Whether bundle and tile are there and belong together. */
static bool is_whole(const char *dir, uint64_t number)
{
	scoped(buf_deinitv) struct buf bundle = {.data = NULL};
	scoped(buf_deinitv) struct buf tile = {.data = NULL};
	struct rg_bytes entries[TILE_WIDTH];
	struct merkle_hash hash;
	char name[TILE_NAME_MAX];

	tile_bundle_name(number, TILE_WIDTH, name);
	if (!read_name(dir, name, TILE_BUNDLE_MAX, &bundle) ||
		!tile_bundle_read(buf_view(&bundle), TILE_WIDTH, entries)) {
		return false;
	}
	tile_name(0, number, TILE_WIDTH, name);
	if (!read_name(dir, name, TILE_BYTES, &tile) || tile.len != TILE_BYTES) {
		return false;
	}
	for (size_t i = 0; i < TILE_WIDTH; i++) {
		if (merkle_leaf(entries[i], &hash) ||
			memcmp(&hash, tile.data + i * MERKLE_HASH_LEN, sizeof(hash)) != 0) {
			return false;
		}
	}
	return true;
}

static rg_err collect_leaf(void *to, struct rg_bytes leaf)
{
	tile_bundle_add(to, leaf);
	return buf_error(to);
}

rg_err tree_bundle_mend(const char *dir, const struct tree_leaves *leaves, uint64_t number,
	bool *ret_is_rebuilt)
{
	scoped(tree_durable_deinitv) struct tree_durable group = {.n_files = 0};
	scoped(buf_deinitv) struct buf bytes = {.data = NULL};
	uint64_t first = number * TILE_WIDTH;
	char name[TILE_NAME_MAX];

	*ret_is_rebuilt = false;
	if (is_whole(dir, number)) {
		return RG_OK;
	}
	tile_bundle_name(number, TILE_WIDTH, name);
	scoped(freep) char *path = file_join(dir, name);
	rg_err err = path
		? leaves->read(leaves->context, first, first + TILE_WIDTH, collect_leaf, &bytes)
		: RG_E_NOMEM;

	err = err ? err : tree_durable_put(&group, path, buf_view(&bytes), NULL);
	err = err ? err : tree_durable_finish(&group);
	*ret_is_rebuilt = !err;
	return err;
}

/* --- Partial files -------------------------------------------------------------------------- */

/* Removes the folder <name>.p and the files in it. */
static void remove_partial(const char *dir, const char *name)
{
	scoped(freep) char *path = NULL;

	if (asprintf(&path, "%s/%s.p", dir, name) < 0) {
		path = NULL;
		return;
	}
	scoped(dir_closep) DIR *folder = opendir(path);

	for (struct dirent *entry = folder ? readdir(folder) : NULL; entry;
		entry = readdir(folder)) {
		if (entry->d_name[0] != '.') {
			(void)unlinkat(dirfd(folder), entry->d_name, 0);
		}
	}
	if (folder) {
		(void)rmdir(path);
	}
}

void tree_bundle_clear(const char *dir, uint64_t number)
{
	char name[TILE_NAME_MAX];

	tile_bundle_name(number, TILE_WIDTH, name);
	remove_partial(dir, name);
	tile_name(0, number, TILE_WIDTH, name);
	remove_partial(dir, name);
	/* The last tile of a full one above completes that too. */
	for (unsigned level = 1; level < TILE_LEVELS && (number + 1) % TILE_WIDTH == 0; level++) {
		number /= TILE_WIDTH;
		tile_name(level, number, TILE_WIDTH, name);
		remove_partial(dir, name);
	}
}
