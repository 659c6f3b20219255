/*
 * Files in an open folder, with the syncs apart
 *
 * Threads: any; a folder belongs to its caller.
 */
#include "host/synced.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/scoped.h"

/* Names that synced_move_aside() tries before it gives up. */
#define ASIDE_MAX 100000u
#define NAME_SIZE 300

static rg_err fail(const char *event, const char *name)
{
	log_event(LOG_ERROR, "file", event, log_text("name", name), log_errno());
	return RG_E_IO;
}

rg_err synced_open_dir(const char *path, const char *name, mode_t mode, int *ret_fd)
{
	scoped(freep) char *whole = file_join(path, name ? name : ".");

	if (!whole) {
		return RG_E_NOMEM;
	}
	if (mkdir(whole, mode) != 0 && errno != EEXIST) {
		return fail("cannot-make-folder", whole);
	}
	int fd = open(whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		return fail("cannot-open-folder", whole);
	}
	*ret_fd = fd;
	return RG_OK;
}

rg_err synced_write(int dir_fd, const char *name, struct rg_bytes content, mode_t mode)
{
	scoped(fd_close) int fd =
		openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);

	if (fd < 0) {
		return fail("cannot-create", name);
	}
	rg_err err = file_write_all(fd, content);
	if (err) {
		return err;
	}
	return fsync(fd) == 0 ? RG_OK : fail("cannot-sync", name);
}

rg_err synced_replace(int dir_fd, const char *name, struct rg_bytes content, mode_t mode)
{
	char aside[NAME_SIZE];
	int len = snprintf(aside, sizeof(aside), ".%s.tmp", name);

	if (len < 0 || (size_t)len >= sizeof(aside)) {
		errno = ENAMETOOLONG;
		return fail("cannot-create", name);
	}
	rg_err err = synced_write(dir_fd, aside, content, mode);
	if (!err && renameat(dir_fd, aside, dir_fd, name) != 0) {
		return fail("cannot-rename", name);
	}
	return err;
}

rg_err synced_names(int dir_fd)
{
	return fsync(dir_fd) == 0 ? RG_OK : fail("cannot-sync-folder", ".");
}

/* For file systems without RENAME_NOREPLACE; the folders are ours, so nobody races us. */
static int move_slowly(int from_fd, const char *from, int to_fd, const char *to)
{
	struct stat there;

	if (fstatat(to_fd, to, &there, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return renameat(from_fd, from, to_fd, to);
}

rg_err synced_move(int from_fd, const char *from, int to_fd, const char *to, bool *ret_is_moved)
{
	int result = renameat2(from_fd, from, to_fd, to, RENAME_NOREPLACE);

	if (result != 0 && (errno == EINVAL || errno == ENOSYS)) {
		result = move_slowly(from_fd, from, to_fd, to);
	}
	if (result != 0 && errno != EEXIST) {
		return fail("cannot-rename", from);
	}
	*ret_is_moved = result == 0;
	return RG_OK;
}

rg_err synced_move_aside(int from_fd, const char *from, int to_fd, const char *to)
{
	bool is_moved = false;
	rg_err err = synced_move(from_fd, from, to_fd, to, &is_moved);

	for (unsigned n = 2; !err && !is_moved && n < ASIDE_MAX; n++) {
		char name[NAME_SIZE];

		snprintf(name, sizeof(name), "%s.%u", to, n);
		err = synced_move(from_fd, from, to_fd, name, &is_moved);
	}
	if (!err && !is_moved) {
		errno = EEXIST;
		return fail("cannot-rename", from);
	}
	return err;
}

rg_err synced_has(int dir_fd, const char *name, bool *ret_has)
{
	struct stat found;

	if (fstatat(dir_fd, name, &found, AT_SYMLINK_NOFOLLOW) == 0) {
		*ret_has = true;
		return RG_OK;
	}
	if (errno != ENOENT) {
		return fail("cannot-look", name);
	}
	*ret_has = false;
	return RG_OK;
}
