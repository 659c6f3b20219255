/*
 * A bundle as a set of files: see bundle.h
 *
 * Folders are read through openat() without following links, so that what was looked at
 * is what is read.
 * Threads: any; nothing is shared.
 */

#include "audit/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

#define DEPTH_MAX     3
#define SCRIPT_ENDING ".sh"

void bundle_refuse(struct bundle_answer *answer, const char *where, const char *format, ...)
{
	va_list words;

	answer->is_ok = false;
	(void)snprintf(answer->where, sizeof(answer->where), "%s", where);
	va_start(words, format);
	(void)vsnprintf(answer->text, sizeof(answer->text), format, words);
	va_end(words);
}

/* --- The set -------------------------------------------------------------------------------- */

void bundle_deinit(struct bundle *bundle)
{
	for (size_t i = 0; i < bundle->n_files; i++) {
		buf_deinit(&bundle->files[i].content);
	}
	free(bundle->files);
	*bundle = (struct bundle){.files = NULL};
}

static bool is_name_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
		(byte >= '0' && byte <= '9') || byte == '.' || byte == '_' || byte == '-';
}

bool bundle_path_is_valid(const char *path)
{
	size_t depth = 1;
	bool is_start = true;

	if (strnlen(path, BUNDLE_PATH_MAX + 1) > BUNDLE_PATH_MAX) {
		return false;
	}
	for (const char *at = path; *at; at++) {
		if (*at == '/') {
			depth++;
		}
		if (is_start ? *at == '.' || !is_name_byte(*at)
			     : *at != '/' && !is_name_byte(*at)) {
			return false;
		}
		is_start = *at == '/';
	}
	return !is_start && depth <= DEPTH_MAX;
}

static rg_err make_room(struct bundle *bundle)
{
	if (bundle->n_files < bundle->n_room) {
		return RG_OK;
	}
	if (bundle->n_files == BUNDLE_FILES_MAX) {
		return RG_E_OVERFLOW;
	}
	size_t n_room = bundle->n_room ? 2 * bundle->n_room : 64;
	struct bundle_file *files = realloc(bundle->files, n_room * sizeof(*files));

	if (!files) {
		return RG_E_NOMEM;
	}
	bundle->files = files;
	bundle->n_room = n_room;
	return RG_OK;
}

rg_err bundle_add(struct bundle *bundle, const char *path, struct rg_bytes content)
{
	rg_err err = make_room(bundle);

	if (err || content.len > BUNDLE_FILE_MAX ||
		content.len > BUNDLE_BYTES_MAX - bundle->n_bytes) {
		return err ? err : RG_E_OVERFLOW;
	}
	struct bundle_file *file = &bundle->files[bundle->n_files];

	*file = (struct bundle_file){.path = ""};
	(void)snprintf(file->path, sizeof(file->path), "%s", path);
	buf_add_bytes(&file->content, content);
	err = buf_error(&file->content);
	if (err) {
		buf_deinit(&file->content);
		return err;
	}
	bundle->n_files++;
	bundle->n_bytes += content.len;
	return RG_OK;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(((const struct bundle_file *)a)->path, ((const struct bundle_file *)b)->path);
}

void bundle_sort(struct bundle *bundle)
{
	if (bundle->n_files > 1) {
		qsort(bundle->files, bundle->n_files, sizeof(bundle->files[0]), compare_paths);
	}
}

static int compare_with_path(const void *path, const void *file)
{
	return strcmp(path, ((const struct bundle_file *)file)->path);
}

const struct bundle_file *bundle_find(const struct bundle *bundle, const char *path)
{
	return bundle->n_files == 0 ? NULL
				    : bsearch(path, bundle->files, bundle->n_files,
					      sizeof(bundle->files[0]), compare_with_path);
}

/* --- Reading a folder ----------------------------------------------------------------------- */

static void dir_closep(DIR **dir)
{
	if (*dir) {
		(void)closedir(*dir);
	}
}

/* A place below the bundle's folder; the top has an empty path. */
struct place {
	int fd;
	char path[BUNDLE_PATH_MAX + 1];
	size_t depth;
};

static rg_err read_content(int fd, size_t limit, struct buf *out)
{
	for (;;) {
		uint8_t *room = buf_reserve(out, 65536);
		ssize_t n = room ? read(fd, room, 65536) : 0;

		if (!room) {
			return buf_error(out);
		}
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return n < 0 ? RG_E_IO : RG_OK;
		}
		out->len += (size_t)n;
		if (out->len > limit) {
			return RG_E_OVERFLOW;
		}
	}
}

static rg_err read_file(int fd, const char *path, struct bundle *bundle,
	struct bundle_answer *answer)
{
	scoped(buf_deinitv) struct buf content = {.data = NULL};
	rg_err err = read_content(fd, BUNDLE_FILE_MAX, &content);

	if (!err) {
		err = bundle_add(bundle, path, buf_view(&content));
	}
	if (err == RG_E_OVERFLOW) {
		bundle_refuse(answer, path, "more than a bundle may hold");
		return RG_OK;
	}
	return err;
}

static rg_err read_place(const struct place *place, struct bundle *bundle,
	struct bundle_answer *answer);

/* One entry of a folder: a file, or a folder once more. */
static rg_err read_entry(const struct place *place, const char *name, struct bundle *bundle,
	struct bundle_answer *answer)
{
	scoped(fd_close) int fd =
		openat(place->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct place below = {.fd = fd, .depth = place->depth + 1};
	struct stat stat;
	int len = snprintf(below.path, sizeof(below.path), "%s%s%s", place->path,
		place->path[0] ? "/" : "", name);

	if (len < 0 || (size_t)len >= sizeof(below.path) || !bundle_path_is_valid(below.path)) {
		bundle_refuse(answer, place->path, "a file here has a name that no bundle has");
		return RG_OK;
	}
	if (fd < 0 && errno != ELOOP) {
		log_event(LOG_ERROR, "bundle", "file-unreadable", log_text("file", below.path),
			log_errno());
		return RG_E_IO;
	}
	if (fd < 0 || fstat(fd, &stat) != 0 || (!S_ISREG(stat.st_mode) && !S_ISDIR(stat.st_mode))) {
		bundle_refuse(answer, below.path, "neither a file nor a folder");
		return RG_OK;
	}
	return S_ISDIR(stat.st_mode) ? read_place(&below, bundle, answer)
				     : read_file(fd, below.path, bundle, answer);
}

static rg_err read_place(const struct place *place, struct bundle *bundle,
	struct bundle_answer *answer)
{
	int fd = dup(place->fd);
	scoped(dir_closep) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	rg_err err = dir ? RG_OK : RG_E_IO;
	size_t n_before = bundle->n_files;

	while (!err && answer->is_ok) {
		const struct dirent *entry = readdir(dir);

		if (!entry) {
			break;
		}
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			err = read_entry(place, entry->d_name, bundle, answer);
		}
	}
	if (!err && answer->is_ok && bundle->n_files == n_before) {
		bundle_refuse(answer, place->path, "an empty folder: no bundle has one");
	}
	return err;
}

rg_err bundle_read(const char *path, struct bundle *ret_bundle, struct bundle_answer *ret_answer)
{
	scoped(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	scoped(bundle_deinitv) struct bundle bundle = {.files = NULL};
	const struct place top = {.fd = fd};
	struct stat stat;
	rg_err err = RG_OK;

	*ret_answer = (struct bundle_answer){.is_ok = true};
	if (fd < 0 || fstat(fd, &stat) != 0) {
		bundle_refuse(ret_answer, "", "cannot be opened: %s", strerror(errno));
		return RG_OK;
	}
	err = S_ISDIR(stat.st_mode) ? read_place(&top, &bundle, ret_answer)
				    : bundle_zip_read(path, &bundle, ret_answer);
	if (!err && ret_answer->is_ok) {
		bundle_sort(&bundle);
		*ret_bundle = bundle;
		bundle = (struct bundle){.files = NULL};
	}
	return err;
}

/* --- Writing -------------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text);
	size_t end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static rg_err write_file(const char *dir, const struct bundle_file *file)
{
	scoped(freep) char *path = file_join(dir, file->path);
	char *slash = path ? strrchr(path, '/') : NULL;
	rg_err err = path ? RG_OK : RG_E_NOMEM;

	if (!err && slash) {
		*slash = '\0';
		err = file_make_dirs(path);
		*slash = '/';
	}
	return err ? err
		   : file_create(path, buf_view(&file->content),
			     ends_with(path, SCRIPT_ENDING) ? 0755 : 0644);
}

static rg_err write_folder(const struct bundle *bundle, const char *dir)
{
	rg_err err = file_make_dirs(dir);

	for (size_t i = 0; !err && i < bundle->n_files; i++) {
		err = write_file(dir, &bundle->files[i]);
	}
	return err;
}

static rg_err write_archive(const struct bundle *bundle, const char *path)
{
	scoped(buf_deinitv) struct buf archive = {.data = NULL};
	rg_err err = bundle_zip_write(bundle, &archive);

	return err ? err : file_create(path, buf_view(&archive), 0644);
}

rg_err bundle_write(const struct bundle *bundle, const char *path)
{
	struct stat stat;

	if (lstat(path, &stat) == 0) {
		log_event(LOG_ERROR, "bundle", "path-exists", log_text("path", path),
			log_text("do", "name a new one: evidence is never written over"));
		return RG_E_CONFIG;
	}
	return ends_with(path, ".zip") ? write_archive(bundle, path) : write_folder(bundle, path);
}
