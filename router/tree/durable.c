/*
 * A group of files that become durable together: see durable.h
 *
 * The kernel is told of each file when it is written, so that the disk works while the
 * next is prepared and the syncs at the end find little to wait for.
 * Threads: a group belongs to one.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "tree/durable.h"

static rg_err io_fault(const char *what, const char *path)
{
	log_event(LOG_WARNING, "tree", what, log_text("path", path), log_errno());
	return RG_E_IO;
}

void tree_durable_init(struct tree_durable *group)
{
	group->n_files = 0;
}

static void drop_file(struct tree_durable_file *file)
{
	fd_close(&file->fd);
	if (file->temporary) {
		(void)unlink(file->temporary);
	}
	free(file->temporary);
	free(file->path);
}

void tree_durable_deinit(struct tree_durable *group)
{
	for (size_t i = 0; i < group->n_files; i++) {
		drop_file(&group->files[i]);
	}
	group->n_files = 0;
}

/* --- Adding --------------------------------------------------------------------------------- */

/* A free place; the path is copied. */
static rg_err add_file(struct tree_durable *group, const char *path,
	struct tree_durable_file **ret_file)
{
	rg_err err = group->n_files == TREE_DURABLE_MAX ? tree_durable_finish(group) : RG_OK;
	struct tree_durable_file file = {.path = err ? NULL : strdup(path), .fd = -1};

	if (err) {
		return err;
	}
	if (!file.path) {
		return RG_E_NOMEM;
	}
	group->files[group->n_files] = file;
	*ret_file = &group->files[group->n_files++];
	return RG_OK;
}

/* Opens an existing file of this length; -1: there is none. ret_is_there: one of any length. */
static int open_present(const char *path, uint64_t len, bool *ret_is_there)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;

	*ret_is_there = fd >= 0;
	if (fd >= 0 && (fstat(fd, &status) != 0 || (uint64_t)status.st_size != len)) {
		fd_close(&fd);
	}
	return fd;
}

static bool has_content(int fd, struct rg_bytes content)
{
	scoped(freep) uint8_t *present = malloc(content.len + 1);

	return present && pread(fd, present, content.len, 0) == (ssize_t)content.len &&
		memcmp(present, content.data, content.len) == 0;
}

static rg_err create(const char *temporary, int *ret_fd)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
	scoped(freep) char *folder = strdup(temporary);

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

static rg_err write_beside(struct tree_durable_file *file, struct rg_bytes content)
{
	if (asprintf(&file->temporary, "%s.tmp", file->path) < 0) {
		file->temporary = NULL;
		return RG_E_NOMEM;
	}
	rg_err err = create(file->temporary, &file->fd);

	err = err ? err : file_write_all(file->fd, content);
	if (!err) {
		(void)sync_file_range(file->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	}
	return err;
}

rg_err tree_durable_put(struct tree_durable *group, const char *path, struct rg_bytes content,
	bool *ret_differed)
{
	struct tree_durable_file *file = NULL;
	bool is_there = false;
	rg_err err = add_file(group, path, &file);

	if (err) {
		return err;
	}
	file->fd = open_present(path, content.len, &is_there);
	bool is_same = file->fd >= 0 && has_content(file->fd, content);

	if (ret_differed) {
		*ret_differed = is_there && !is_same;
	}
	if (is_same) {
		return RG_OK;
	}
	fd_close(&file->fd);
	return write_beside(file, content);
}

rg_err tree_durable_adopt(struct tree_durable *group, const char *path, uint64_t len,
	bool *ret_found)
{
	struct tree_durable_file *file = NULL;
	bool is_there = false;
	rg_err err = add_file(group, path, &file);

	if (err) {
		return err;
	}
	file->fd = open_present(path, len, &is_there);
	*ret_found = file->fd >= 0;
	if (file->fd < 0) {
		drop_file(file);
		group->n_files--;
	}
	return RG_OK;
}

/* --- The end -------------------------------------------------------------------------------- */

static rg_err settle_file(struct tree_durable_file *file)
{
	if (fdatasync(file->fd) != 0) {
		return io_fault("cannot-sync", file->path);
	}
	if (file->temporary && rename(file->temporary, file->path) != 0) {
		return io_fault("cannot-rename", file->path);
	}
	freep(&file->temporary);
	file->temporary = NULL;
	return RG_OK;
}

static size_t folder_len(const char *path)
{
	return (size_t)(strrchr(path, '/') - path);
}

/* Whether an earlier file of the group lies in the same folder. */
static bool is_folder_done(const struct tree_durable *group, size_t n)
{
	const char *path = group->files[n].path;
	size_t len = folder_len(path);

	for (size_t i = 0; i < n; i++) {
		const char *other = group->files[i].path;

		if (folder_len(other) == len && memcmp(other, path, len) == 0) {
			return true;
		}
	}
	return false;
}

static rg_err sync_folders(const struct tree_durable *group)
{
	for (size_t i = 0; i < group->n_files; i++) {
		if (is_folder_done(group, i)) {
			continue;
		}
		scoped(freep) char *folder =
			strndup(group->files[i].path, folder_len(group->files[i].path));
		rg_err err = folder ? file_sync_dir(folder) : RG_E_NOMEM;

		if (err) {
			return err;
		}
	}
	return RG_OK;
}

rg_err tree_durable_finish(struct tree_durable *group)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < group->n_files; i++) {
		err = settle_file(&group->files[i]);
	}
	err = err ? err : sync_folders(group);
	if (!err) {
		tree_durable_deinit(group);
	}
	return err;
}
