/*
 * Files that survive a crash: see file.h
 *
 * New content goes to a temporary file in the same folder, is synced, and then
 * takes its name by one rename; the folder is synced last. Before the rename a
 * crash leaves the old file, after it the new one, never a mixture.
 * Threads: any; two writers of one path must agree among themselves.
 */

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

#define READ_STEP ((size_t)16 * 1024)

/* What file_replace() and file_create() share; temporary is the name to be unlinked on failure. */
struct replacement {
	const char *path;
	char *temporary;
	bool is_exclusive;
};

void fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0) {
		(void)close(*fd);
		*fd = -1;
	}
	errno = saved;
}

static rg_err io_fault(const char *what, const char *path)
{
	log_event(LOG_ERROR, "file", what, log_text("path", path), log_errno());
	return RG_E_IO;
}

/* Appends what fd gives until its end; RG_E_OVERFLOW beyond limit. */
static rg_err read_all(int fd, const char *path, size_t limit, struct buf *out)
{
	size_t total = 0;

	for (;;) {
		uint8_t *to = buf_reserve(out, READ_STEP);

		if (!to) {
			return buf_error(out);
		}
		ssize_t n = read(fd, to, READ_STEP);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return io_fault("cannot-read", path);
		}
		if (n == 0) {
			return RG_OK;
		}
		if ((size_t)n > limit - total) {
			log_event(LOG_ERROR, "file", "too-large", log_text("path", path),
				log_number("limit", (int64_t)limit));
			return RG_E_OVERFLOW;
		}
		total += (size_t)n;
		out->len += (size_t)n;
	}
}

rg_err file_read(const char *path, size_t limit, struct buf *out, bool *ret_found)
{
	scoped(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t before = out->len;

	if (fd < 0 && errno == ENOENT && ret_found) {
		*ret_found = false;
		return RG_OK;
	}
	if (fd < 0) {
		return io_fault("cannot-open", path);
	}
	rg_err err = read_all(fd, path, limit, out);

	if (err) {
		out->len = before;
		return err;
	}
	if (ret_found) {
		*ret_found = true;
	}
	return RG_OK;
}

/* Refuses what is no plain file of mode 0600 or stricter, judged on the open file. */
static rg_err check_private(int fd, const char *path)
{
	struct stat status;

	if (fstat(fd, &status) != 0) {
		return io_fault("cannot-read", path);
	}
	if (!S_ISREG(status.st_mode) || (status.st_mode & (S_IRWXG | S_IRWXO))) {
		log_event(LOG_ERROR, "file", "open-to-others", log_text("path", path),
			log_text("fix", "chmod 600, and consider the key known to others"));
		return RG_E_CONFIG;
	}
	return RG_OK;
}

rg_err file_read_private(const char *path, size_t limit, struct buf *out)
{
	scoped(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0) {
		log_event(LOG_ERROR, "file", "cannot-open", log_text("path", path), log_errno());
		return RG_E_CONFIG;
	}
	rg_err err = check_private(fd, path);

	if (err) {
		return err;
	}
	/* All the memory at once: growing would leave copies behind that nobody wipes. */
	if (!buf_reserve(out, limit + READ_STEP)) {
		return buf_error(out);
	}
	return read_all(fd, path, limit, out);
}

rg_err file_write_all(int fd, struct rg_bytes content)
{
	while (content.len > 0) {
		ssize_t n = write(fd, content.data, content.len);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			log_event(LOG_ERROR, "file", "cannot-write", log_number("fd", fd),
				log_errno());
			return RG_E_IO;
		}
		content.data += n;
		content.len -= (size_t)n;
	}
	return RG_OK;
}

/* Path of the folder that holds path; the result is the caller's. NULL: no memory. */
static char *folder_of(const char *path)
{
	scoped(freep) char *copy = strdup(path);

	return copy ? strdup(dirname(copy)) : NULL;
}

rg_err file_sync_dir(const char *dir)
{
	scoped(fd_close) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		return io_fault("cannot-open-folder", dir);
	}
	if (fsync(fd) != 0) {
		return io_fault("cannot-sync-folder", dir);
	}
	return RG_OK;
}

static rg_err sync_folder_of(const char *path)
{
	scoped(freep) char *folder = folder_of(path);

	return folder ? file_sync_dir(folder) : RG_E_NOMEM;
}

static rg_err fill(int fd, const char *path, struct rg_bytes content, mode_t mode)
{
	rg_err err = file_write_all(fd, content);

	if (err) {
		return err;
	}
	if (fchmod(fd, mode) != 0) {
		return io_fault("cannot-set-mode", path);
	}
	if (fsync(fd) != 0) {
		return io_fault("cannot-sync", path);
	}
	return RG_OK;
}

static rg_err take_name(const struct replacement *job)
{
	unsigned flags = job->is_exclusive ? RENAME_NOREPLACE : 0;

	if (renameat2(AT_FDCWD, job->temporary, AT_FDCWD, job->path, flags) == 0) {
		return RG_OK;
	}
	if (job->is_exclusive && errno == EEXIST) {
		log_event(LOG_ERROR, "file", "exists-and-stays", log_text("path", job->path));
		return RG_E_CONFIG;
	}
	return io_fault("cannot-rename", job->path);
}

static rg_err put(const char *path, struct rg_bytes content, mode_t mode, bool is_exclusive)
{
	scoped(freep) char *temporary = NULL;
	scoped(fd_close) int fd = -1;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
		temporary = NULL;
		return RG_E_NOMEM;
	}
	/* Mode 0600 and O_EXCL until the content is complete. */
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		return io_fault("cannot-create", path);
	}
	struct replacement job = {path, temporary, is_exclusive};
	rg_err err = fill(fd, path, content, mode);

	err = err ? err : take_name(&job);
	if (err) {
		(void)unlink(temporary);
		return err;
	}
	return sync_folder_of(path);
}

rg_err file_replace(const char *path, struct rg_bytes content, mode_t mode)
{
	return put(path, content, mode, false);
}

rg_err file_create(const char *path, struct rg_bytes content, mode_t mode)
{
	return put(path, content, mode, true);
}

rg_err file_rename(const char *from, const char *to)
{
	if (rename(from, to) != 0) {
		return io_fault("cannot-rename", from);
	}
	rg_err err = sync_folder_of(to);

	return err ? err : sync_folder_of(from);
}

/* Makes one folder; no fault when it is there. */
static rg_err make_dir(const char *path)
{
	struct stat status;

	if (mkdir(path, 0700) == 0) {
		return sync_folder_of(path);
	}
	if (errno != EEXIST) {
		return io_fault("cannot-make-folder", path);
	}
	if (stat(path, &status) != 0) {
		return io_fault("cannot-read-folder", path);
	}
	if (!S_ISDIR(status.st_mode)) {
		errno = ENOTDIR;
		return io_fault("cannot-make-folder", path);
	}
	return RG_OK;
}

rg_err file_make_dirs(const char *path)
{
	scoped(freep) char *copy = strdup(path);

	if (!copy) {
		return RG_E_NOMEM;
	}
	for (char *slash = strchr(copy + (*copy != '\0'), '/'); slash;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		rg_err err = make_dir(copy);

		*slash = '/';
		if (err) {
			return err;
		}
	}
	return make_dir(copy);
}

char *file_join(const char *dir, const char *name)
{
	char *joined = NULL;

	return asprintf(&joined, "%s/%s", dir, name) < 0 ? NULL : joined;
}
