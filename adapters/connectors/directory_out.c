/*
 * Hand-over to a national system by directories: out/
 *
 * Method: a scan lists the folder and compares it with the scan before. A file is
 * finished when nothing about it changed for STABLE_US, or when the kernel said that it
 * came by a rename. Names that could harm whoever shows or stores them, and what is no
 * regular file, go to failed/ under a harmless name before anybody opens them.
 *
 * Threads: one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "connectors/directory_inside.h"
#include "host/synced.h"

#define STABLE_US   ((int64_t)150 * 1000)
#define SEEN_MAX    ((size_t)16384) /* files one scan looks at */
#define MOVED_MAX   ((size_t)1024)  /* beyond: found by the scans */
#define SUFFIX_MAX  48              /* of what is added to a name in failed/ */
#define NAMES_MAX   100000u         /* numbers that free_name() tries */
#define SHARED_FILE 0660

struct scan {
	struct directory *directory;
	struct directory_seen *found;
	size_t n_found;
	int64_t now_us;
};

static int by_name(const void *a, const void *b)
{
	const struct directory_seen *left = a;
	const struct directory_seen *right = b;

	return strcmp(left->file.name, right->file.name);
}

static int by_age(const void *a, const void *b)
{
	const struct directory_file *left = a;
	const struct directory_file *right = b;

	if (left->changed_ns != right->changed_ns) {
		return left->changed_ns < right->changed_ns ? -1 : 1;
	}
	return strcmp(left->name, right->name);
}

static bool is_same(const struct directory_file *a, const struct directory_file *b)
{
	return a->inode == b->inode && a->size == b->size && a->changed_ns == b->changed_ns;
}

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name);
	size_t end_len = strlen(end);

	return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

static bool is_unfinished_name(const char *name)
{
	static const char *const ends[] = {".tmp", ".part", ".partial", "~"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (ends_with(name, ends[i])) {
			return true;
		}
	}
	return name[0] == '.';
}

/* A name that is safe in a log, a JSON text, a terminal and as the start of another name. */
static bool is_harmless_name(const char *name)
{
	size_t len = strlen(name);

	if (len > DIRECTORY_NAME_MAX - SUFFIX_MAX || name[0] == '-' ||
		!text_is_utf8(bytes_of(name, len))) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f) {
			return false;
		}
	}
	return true;
}

static void make_harmless(const char *name, char out[DIRECTORY_NAME_MAX + 1])
{
	static const char good[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._";
	size_t len = 0;

	while (name[len] && len < DIRECTORY_NAME_MAX - SUFFIX_MAX) {
		out[len] = strchr(good, name[len]) ? name[len] : '_';
		len++;
	}
	out[len] = '\0';
}

/* The first of name, name.2, name.3 … that the folder does not have. */
static rg_err free_name(int dir_fd, const char *name, char out[DIRECTORY_NAME_MAX + 1])
{
	bool is_taken = true;
	rg_err err = RG_OK;

	for (unsigned n = 1; !err && is_taken && n < NAMES_MAX; n++) {
		if (n == 1) {
			snprintf(out, DIRECTORY_NAME_MAX + 1, "%s", name);
		} else {
			snprintf(out, DIRECTORY_NAME_MAX + 1, "%s.%u", name, n);
		}
		err = synced_has(dir_fd, out, &is_taken);
	}
	return err ? err : is_taken ? RG_E_OVERFLOW : RG_OK;
}

/* Findings first: a file in failed/ without them would be a riddle. */
static rg_err move_to_failed(struct directory *directory, int from_fd, const char *name,
	const char *as, struct rg_bytes findings)
{
	char target[DIRECTORY_NAME_MAX + 1];
	char beside[DIRECTORY_NAME_MAX + sizeof(".findings.json")];
	rg_err err = free_name(directory->failed_fd, as, target);

	if (err) {
		return err;
	}
	snprintf(beside, sizeof(beside), "%s.findings.json", target);
	err = synced_write(directory->failed_fd, beside, findings, SHARED_FILE);
	if (!err) {
		err = synced_move_aside(from_fd, name, directory->failed_fd, target);
	}
	if (!err) {
		err = synced_names(directory->failed_fd);
	}
	return err ? err : synced_names(from_fd);
}

/* Moves what must not be opened out of the way. */
static rg_err refuse_entry(struct scan *scan, const char *name, const char *why)
{
	char harmless[DIRECTORY_NAME_MAX + 1];
	scoped(buf_deinitv) struct buf findings = {0};

	make_harmless(name, harmless);
	log_event(LOG_WARNING, "directory", "file-refused", log_text("name", name),
		log_text("why", why));
	buf_init(&findings);
	buf_printf(&findings,
		"{\"file\": \"%s\", \"findings\": [{\"rule\": \"FILE\", \"path\": \"\", "
		"\"text\": \"%s\"}]}\n",
		harmless, why);
	rg_err err = buf_error(&findings);
	return err ? err
		   : move_to_failed(scan->directory, scan->directory->out_fd, name, harmless,
			     buf_view(&findings));
}

static bool came_by_rename(const struct directory *directory, const char *name)
{
	for (size_t i = 0; i < directory->n_moved; i++) {
		if (strcmp(directory->moved[i].text, name) == 0) {
			return true;
		}
	}
	return false;
}

static void note_entry(struct scan *scan, const char *name, const struct stat *status)
{
	struct directory_seen *entry = &scan->found[scan->n_found++];
	const struct directory *directory = scan->directory;

	*entry = (struct directory_seen){.since_us = scan->now_us};
	snprintf(entry->file.name, sizeof(entry->file.name), "%s", name);
	entry->file.inode = status->st_ino;
	entry->file.size = (uint64_t)status->st_size;
	entry->file.changed_ns =
		(int64_t)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
	entry->is_moved = came_by_rename(directory, name);

	const struct directory_seen *before = directory->n_seen == 0
		? NULL
		: bsearch(entry, directory->seen, directory->n_seen, sizeof(*entry), by_name);
	if (before && is_same(&before->file, &entry->file)) {
		entry->since_us = before->since_us;
		entry->is_moved |= before->is_moved;
	}
}

static rg_err look_at(struct scan *scan, const char *name)
{
	struct stat status;

	if (is_unfinished_name(name)) {
		return RG_OK;
	}
	if (fstatat(scan->directory->out_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
		return RG_OK; /* gone since it was listed: its owner's right */
	}
	if (S_ISDIR(status.st_mode)) {
		return RG_OK;
	}
	if (!S_ISREG(status.st_mode)) {
		return refuse_entry(scan, name,
			"This is not a regular file; put a copy of the file itself into out/.");
	}
	if (!is_harmless_name(name)) {
		return refuse_entry(scan, name,
			"The name is too long or has characters that are not allowed; rename the "
			"file and put it into out/ again.");
	}
	note_entry(scan, name, &status);
	return RG_OK;
}

static void close_listing(DIR **listing)
{
	if (*listing) {
		(void)closedir(*listing);
	}
}

static rg_err list(struct scan *scan)
{
	int fd = openat(scan->directory->out_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scoped(close_listing) DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry = NULL;
	rg_err err = RG_OK;

	if (!listing) {
		log_event(LOG_ERROR, "directory", "cannot-list", log_text("name", "out"),
			log_errno());
		fd_close(&fd);
		return RG_E_IO;
	}
	while (!err && scan->n_found < SEEN_MAX && (entry = readdir(listing))) {
		err = look_at(scan, entry->d_name);
	}
	return err;
}

/* Copies what is finished; returns how many files are not. */
static size_t pick_ready(struct scan *scan, struct directory_file *ready, size_t *ret_n)
{
	size_t n = 0;
	size_t n_growing = 0;

	for (size_t i = 0; i < scan->n_found; i++) {
		const struct directory_seen *entry = &scan->found[i];

		if (entry->is_moved || scan->now_us - entry->since_us >= STABLE_US) {
			ready[n++] = entry->file;
		} else {
			n_growing++;
		}
	}
	if (n > 1) {
		qsort(ready, n, sizeof(*ready), by_age);
	}
	*ret_n = n;
	return n_growing;
}

/* Makes what the scan found the memory of the next one. */
static rg_err remember(struct scan *scan, size_t *ret_n_ready, bool *ret_is_settled)
{
	struct directory *directory = scan->directory;
	struct directory_file *ready = calloc(scan->n_found + 1, sizeof(*ready));

	if (!ready) {
		return RG_E_NOMEM;
	}
	if (scan->n_found > 1) {
		qsort(scan->found, scan->n_found, sizeof(*scan->found), by_name);
	}
	*ret_is_settled = pick_ready(scan, ready, ret_n_ready) == 0;
	free(directory->ready);
	free(directory->seen);
	directory->ready = ready;
	directory->seen = steal(scan->found);
	directory->n_seen = scan->n_found;
	directory->n_moved = 0;
	return RG_OK;
}

rg_err directory_scan(struct directory *directory, const struct directory_file **ret_files,
	size_t *ret_n, bool *ret_is_settled)
{
	scoped(freep) struct directory_seen *found = calloc(SEEN_MAX, sizeof(*found));
	struct scan scan = {.directory = directory, .found = found, .now_us = clock_monotonic_us()};
	size_t n = 0;
	bool is_settled = false;

	if (!found) {
		return RG_E_NOMEM;
	}
	rg_err err = list(&scan);
	if (err) {
		return err;
	}
	struct directory_seen *tight = realloc(found, (scan.n_found + 1) * sizeof(*found));
	found = tight ? tight : found;
	scan.found = found;
	err = remember(&scan, &n, &is_settled);
	if (err) {
		return err;
	}
	found = NULL;
	*ret_files = directory->ready;
	*ret_n = n < DIRECTORY_SCAN_MAX ? n : DIRECTORY_SCAN_MAX;
	*ret_is_settled = is_settled;
	return RG_OK;
}

/* Whether an open file, or the name in out/ (fd < 0), is the file that was scanned. */
static bool is_file(const struct directory *directory, const struct directory_file *file, int fd)
{
	struct stat status;
	int result = fd >= 0 ? fstat(fd, &status)
			     : fstatat(directory->out_fd, file->name, &status, AT_SYMLINK_NOFOLLOW);
	struct directory_file now = {0};

	if (result != 0 || !S_ISREG(status.st_mode)) {
		return false;
	}
	now.inode = status.st_ino;
	now.size = (uint64_t)status.st_size;
	now.changed_ns = (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
	return is_same(&now, file);
}

/* Reads exactly the size that was seen. */
static rg_err read_whole(int fd, size_t size, struct buf *out)
{
	uint8_t *to = buf_reserve(out, size + 1);
	size_t n_read = 0;

	if (!to) {
		return buf_error(out);
	}
	while (n_read <= size) {
		ssize_t n = read(fd, to + n_read, size + 1 - n_read);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return RG_E_IO;
		}
		if (n == 0) {
			break;
		}
		n_read += (size_t)n;
	}
	out->len += n_read;
	return RG_OK;
}

rg_err directory_read(struct directory *directory, const struct directory_file *file, size_t limit,
	struct buf *out, const char **ret_problem)
{
	buf_clear(out);
	if (file->size > limit) {
		*ret_problem =
			"The file is larger than max_file_mib allows; split it or raise the limit.";
		return RG_OK;
	}
	scoped(fd_close) int fd = openat(directory->out_fd, file->name,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		*ret_problem =
			"The file cannot be opened; make it readable for the adapter and put "
			"it into out/ again.";
		return RG_OK;
	}
	rg_err err = read_whole(fd, (size_t)file->size, out);
	if (err == RG_E_IO) {
		log_event(LOG_ERROR, "directory", "cannot-read", log_text("name", file->name),
			log_errno());
	}
	if (err) {
		return err;
	}
	bool is_unchanged = out->len == file->size && is_file(directory, file, fd);
	*ret_problem = is_unchanged ? NULL : "The file changed while it was read.";
	return RG_OK;
}

rg_err directory_has(struct directory *directory, const struct directory_file *file, bool *ret_has)
{
	*ret_has = is_file(directory, file, -1);
	return RG_OK;
}

/* In both below: a file that is gone, or whose name another file took, is not ours to move. */
rg_err directory_finish(struct directory *directory, const struct directory_file *file)
{
	if (!is_file(directory, file, -1)) {
		return RG_OK;
	}
	rg_err err =
		synced_move_aside(directory->out_fd, file->name, directory->done_fd, file->name);
	if (!err) {
		err = synced_names(directory->done_fd);
	}
	return err ? err : synced_names(directory->out_fd);
}

rg_err directory_fail(struct directory *directory, const struct directory_file *file,
	struct rg_bytes findings)
{
	if (!is_file(directory, file, -1)) {
		return RG_OK;
	}
	return move_to_failed(directory, directory->out_fd, file->name, file->name, findings);
}

rg_err directory_give_up(struct directory *directory, const char *name, struct rg_bytes findings)
{
	bool is_there = false;
	rg_err err = synced_has(directory->tmp_fd, name, &is_there);

	return err || !is_there
		? err
		: move_to_failed(directory, directory->tmp_fd, name, name, findings);
}

rg_err directory_watch_open(struct directory *directory, const char *root)
{
	scoped(buf_deinitv) struct buf path = {0};

	directory->moved = calloc(MOVED_MAX, sizeof(*directory->moved));
	if (!directory->moved) {
		return RG_E_NOMEM;
	}
	buf_init(&path);
	buf_printf(&path, "%s/out", root);
	if (!buf_text(&path)) {
		return RG_E_NOMEM;
	}
	directory->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (directory->watch_fd < 0 ||
		inotify_add_watch(directory->watch_fd, buf_text(&path),
			IN_MOVED_TO | IN_CLOSE_WRITE) < 0) {
		log_event(LOG_WARNING, "directory", "no-watch", log_errno(),
			log_text("hint", "files are found by scanning"));
		fd_close(&directory->watch_fd);
	}
	return RG_OK;
}

int directory_watch_fd(const struct directory *directory)
{
	return directory->watch_fd;
}

static void note_move(struct directory *directory, const struct inotify_event *event)
{
	size_t len = event->len == 0 ? 0 : strnlen(event->name, event->len);

	if (!(event->mask & IN_MOVED_TO) || len == 0 || len > DIRECTORY_NAME_MAX ||
		directory->n_moved >= MOVED_MAX) {
		return;
	}
	memcpy(directory->moved[directory->n_moved].text, event->name, len);
	directory->moved[directory->n_moved].text[len] = '\0';
	directory->n_moved++;
}

void directory_watch_clear(struct directory *directory)
{
	_Alignas(struct inotify_event) char events[16384];
	ssize_t len = 0;

	while (directory->watch_fd >= 0 &&
		(len = read(directory->watch_fd, events, sizeof(events))) > 0) {
		for (ssize_t at = 0; at < len;) {
			const struct inotify_event *event =
				(const struct inotify_event *)(const void *)(events + at);

			note_move(directory, event);
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	}
}
