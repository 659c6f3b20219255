/*
 * Hand-over to a national system by directories: out/, when we write into it ourselves
 *
 * Method: as towards in/: written aside in tmp/, synced, then one rename, so that whoever
 * scans out/ sees whole files only.
 *
 * Threads: any one at a time; it shares nothing with the scans but the open folders.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "connectors/directory_inside.h"
#include "host/synced.h"

#define SHARED_FILE  0660
#define FINDINGS_MAX ((size_t)1 << 20)

rg_err directory_create_staged(struct directory *directory, const char *name, int *ret_fd)
{
	int fd = openat(directory->tmp_fd, name,
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, SHARED_FILE);

	if (fd < 0) {
		log_event(LOG_ERROR, "directory", "cannot-create", log_text("name", name),
			log_errno());
		return RG_E_IO;
	}
	*ret_fd = fd;
	return RG_OK;
}

void directory_drop_staged(struct directory *directory, const char *name)
{
	if (unlinkat(directory->tmp_fd, name, 0) != 0 && errno != ENOENT) {
		log_event(LOG_WARNING, "directory", "cannot-clean", log_text("name", name),
			log_errno());
	}
}

rg_err directory_send(struct directory *directory, const char *name, const char *as,
	bool *ret_is_put)
{
	rg_err err = synced_move(directory->tmp_fd, name, directory->out_fd, as, ret_is_put);

	if (!err && *ret_is_put) {
		err = synced_names(directory->out_fd);
	}
	return err || !*ret_is_put ? err : synced_names(directory->tmp_fd);
}

rg_err directory_find_sent(struct directory *directory, const char *name,
	enum directory_sent *ret_place)
{
	/* In the order in which a file moves, so that one that moves meanwhile is seen. */
	const struct {
		int fd;
		enum directory_sent place;
	} folders[] = {
		{directory->out_fd, DIRECTORY_SENT_OUT},
		{directory->done_fd, DIRECTORY_SENT_DONE},
		{directory->failed_fd, DIRECTORY_SENT_FAILED},
	};
	bool is_there = false;
	rg_err err = RG_OK;

	*ret_place = DIRECTORY_SENT_NOWHERE;
	for (size_t i = 0; !err && !is_there && i < sizeof(folders) / sizeof(folders[0]); i++) {
		err = synced_has(folders[i].fd, name, &is_there);
		*ret_place = is_there ? folders[i].place : DIRECTORY_SENT_NOWHERE;
	}
	return err;
}

rg_err directory_findings(struct directory *directory, const char *name, struct buf *out)
{
	char beside[DIRECTORY_NAME_MAX + sizeof(".findings.json")];
	ssize_t len = 1;

	buf_clear(out);
	snprintf(beside, sizeof(beside), "%s.findings.json", name);
	scoped(fd_close) int fd =
		openat(directory->failed_fd, beside, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	while (fd >= 0 && len > 0 && out->len < FINDINGS_MAX) {
		uint8_t *to = buf_reserve(out, 4096);

		len = to ? read(fd, to, 4096) : 0;
		out->len += len > 0 ? (size_t)len : 0;
	}
	return buf_error(out);
}

static void close_listing(DIR **listing)
{
	if (*listing) {
		(void)closedir(*listing);
	}
}

rg_err directory_count_out(struct directory *directory, size_t max, size_t *ret_n)
{
	int fd = openat(directory->out_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scoped(close_listing) DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry = NULL;
	size_t n = 0;

	if (!listing) {
		log_event(LOG_ERROR, "directory", "cannot-list", log_text("name", "out"),
			log_errno());
		fd_close(&fd);
		return RG_E_IO;
	}
	while (n < max && (entry = readdir(listing))) {
		n += entry->d_name[0] != '.';
	}
	*ret_n = n;
	return RG_OK;
}
