/*
 * Hand-over to a national system by directories: in/ and tmp/
 *
 * Method: one open folder for each of the five, and renames between them, so that a
 * path is never built from a name that somebody else chose. What concerns out/ is in
 * directory_out.c.
 *
 * Threads: one.
 */
#include "connectors/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "connectors/directory_inside.h"
#include "host/synced.h"

/* The national system is another user of the same group. */
#define SHARED_FOLDER 02770
#define SHARED_FILE   0660

static rg_err open_folders(const char *root, struct directory *directory)
{
	const struct {
		const char *name;
		mode_t mode;
		int *fd;
	} folders[] = {
		{"in", SHARED_FOLDER, &directory->in_fd},
		{"out", SHARED_FOLDER, &directory->out_fd},
		{"done", SHARED_FOLDER, &directory->done_fd},
		{"failed", SHARED_FOLDER, &directory->failed_fd},
		{"tmp", 0700, &directory->tmp_fd},
	};
	rg_err err = file_make_dirs(root);

	for (size_t i = 0; !err && i < sizeof(folders) / sizeof(folders[0]); i++) {
		err = synced_open_dir(root, folders[i].name, folders[i].mode, folders[i].fd);
	}
	return err;
}

/* rename() does not leave its file system; better said at the start than at the first file. */
static rg_err check_one_file_system(const char *root, const struct directory *directory)
{
	const int fds[] = {directory->in_fd, directory->out_fd, directory->done_fd,
		directory->failed_fd, directory->tmp_fd};
	struct stat first;
	struct stat other;

	if (fstat(fds[0], &first) != 0) {
		return RG_E_IO;
	}
	for (size_t i = 1; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (fstat(fds[i], &other) != 0) {
			return RG_E_IO;
		}
		if (other.st_dev != first.st_dev) {
			log_event(LOG_ERROR, "directory", "several-file-systems",
				log_text("root", root),
				log_text("hint",
					"in, out, done, failed and tmp must lie on one file "
					"system"));
			return RG_E_CONFIG;
		}
	}
	return RG_OK;
}

rg_err directory_open(const char *root, struct directory **ret_directory)
{
	scoped(directory_closep) struct directory *directory = calloc(1, sizeof(*directory));

	if (!directory) {
		return RG_E_NOMEM;
	}
	directory->in_fd = directory->out_fd = directory->done_fd = -1;
	directory->failed_fd = directory->tmp_fd = directory->watch_fd = -1;
	rg_err err = open_folders(root, directory);
	if (!err) {
		err = check_one_file_system(root, directory);
	}
	if (!err) {
		err = directory_watch_open(directory, root);
	}
	if (err) {
		return err;
	}
	*ret_directory = steal(directory);
	return RG_OK;
}

void directory_close(struct directory *directory)
{
	if (!directory) {
		return;
	}
	fd_close(&directory->in_fd);
	fd_close(&directory->out_fd);
	fd_close(&directory->done_fd);
	fd_close(&directory->failed_fd);
	fd_close(&directory->tmp_fd);
	fd_close(&directory->watch_fd);
	free(directory->seen);
	free(directory->ready);
	free(directory->moved);
	free(directory);
}

rg_err directory_stage(struct directory *directory, const char *name, struct rg_bytes content)
{
	return synced_write(directory->tmp_fd, name, content, SHARED_FILE);
}

rg_err directory_sync_staged(struct directory *directory)
{
	return synced_names(directory->tmp_fd);
}

rg_err directory_put(struct directory *directory, const char *name, bool *ret_is_put)
{
	return synced_move(directory->tmp_fd, name, directory->in_fd, name, ret_is_put);
}

rg_err directory_put_done(struct directory *directory, const char *name)
{
	bool is_moved = false;
	rg_err err = synced_move(directory->tmp_fd, name, directory->done_fd, name, &is_moved);

	if (!err && !is_moved) {
		log_event(LOG_ERROR, "directory", "name-taken", log_text("name", name),
			log_text("folder", "done"));
		return RG_E_IO;
	}
	if (!err) {
		err = synced_names(directory->done_fd);
	}
	return err ? err : synced_names(directory->tmp_fd);
}

rg_err directory_open_staged(struct directory *directory, const char *name, int *ret_fd,
	uint64_t *ret_size)
{
	scoped(fd_close) int fd =
		openat(directory->tmp_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) != 0) {
		log_event(LOG_ERROR, "directory", "cannot-open", log_text("name", name),
			log_errno());
		return RG_E_IO;
	}
	*ret_size = (uint64_t)status.st_size;
	*ret_fd = fd;
	fd = -1;
	return RG_OK;
}

rg_err directory_sync_put(struct directory *directory)
{
	rg_err err = synced_names(directory->in_fd);

	return err ? err : synced_names(directory->tmp_fd);
}

rg_err directory_find(struct directory *directory, const char *name,
	enum directory_place *ret_place)
{
	bool is_staged = false;
	bool is_in = false;
	bool is_done = false;
	rg_err err = synced_has(directory->tmp_fd, name, &is_staged);

	/* in/ before done/: a file that is being moved meanwhile is seen in one of them. */
	if (!err) {
		err = synced_has(directory->in_fd, name, &is_in);
	}
	if (!err) {
		err = synced_has(directory->done_fd, name, &is_done);
	}
	if (err) {
		return err;
	}
	*ret_place = is_staged     ? DIRECTORY_STAGED
		: is_in || is_done ? DIRECTORY_PUT
				   : DIRECTORY_NOWHERE;
	return RG_OK;
}

static void close_listing(DIR **listing)
{
	if (*listing) {
		(void)closedir(*listing);
	}
}

rg_err directory_clean(struct directory *directory, bool (*keeps)(void *context, const char *name),
	void *context)
{
	int fd = openat(directory->tmp_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scoped(close_listing) DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry = NULL;

	if (!listing) {
		log_event(LOG_ERROR, "directory", "cannot-list", log_text("name", "tmp"),
			log_errno());
		fd_close(&fd);
		return RG_E_IO;
	}
	while ((entry = readdir(listing))) {
		bool is_dot = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;

		if (!is_dot && !keeps(context, entry->d_name) &&
			unlinkat(directory->tmp_fd, entry->d_name, 0) != 0) {
			log_event(LOG_WARNING, "directory", "cannot-clean",
				log_text("name", entry->d_name), log_errno());
		}
	}
	return RG_OK;
}
