#ifndef TESTS_UNIT_JOURNAL_KIT_H
#define TESTS_UNIT_JOURNAL_KIT_H

/* A small journal in a folder of its own, for the tests of the journal. */

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "journal/journal.h"
#include "suite.h"

#define KIT_PATH_MAX 512

struct kit {
	char dir[KIT_PATH_MAX];
	struct journal_options options;
};

/* A fresh folder, in memory where the system has such a place: these tests sync a lot. */
static inline void kit_folder(char dir[KIT_PATH_MAX])
{
	const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

	snprintf(dir, KIT_PATH_MAX, "%s/rg-journal-XXXXXX", base);
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

/* Removes a folder and what is in it. */
static inline void kit_remove(const char *dir)
{
	DIR *folder = opendir(dir);

	for (struct dirent *entry = folder ? readdir(folder) : NULL; entry;
		entry = readdir(folder)) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			char *path = file_join(dir, entry->d_name);

			ck_assert_ptr_nonnull(path);
			if (unlink(path) != 0) {
				kit_remove(path);
			}
			free(path);
		}
	}
	if (folder) {
		closedir(folder);
	}
	rmdir(dir);
}

static inline void kit_init(struct kit *kit)
{
	*kit = (struct kit){
		.options = {.segment_bytes = 1u << 20, .step_bytes = 4096, .reserve_bytes = 4096}};
	kit_folder(kit->dir);
	kit->options.dir = kit->dir;
}

static inline struct journal *kit_open(const struct kit *kit)
{
	struct journal *journal = NULL;

	ck_assert_int_eq(journal_open(&kit->options, &journal), RG_OK);
	return journal;
}

/* What record number n holds: a leaf, and n % 3 parts. */
struct kit_record {
	char leaf[64];
	char part[40];
	struct rg_bytes parts[2];
	struct journal_entry entry;
};

static inline void kit_record(uint64_t n, struct kit_record *record)
{
	snprintf(record->leaf, sizeof(record->leaf), "leaf of record %llu", (unsigned long long)n);
	snprintf(record->part, sizeof(record->part), "part of %llu", (unsigned long long)n);
	record->parts[0] = bytes_of(record->part, strlen(record->part));
	record->parts[1] = bytes_of(NULL, 0);
	record->entry = (struct journal_entry){
		.leaf = bytes_of(record->leaf, strlen(record->leaf)),
		.parts = record->parts,
		.n_parts = n % 3,
	};
}

#define KIT_BATCH_MAX 64

/* Appends n records as one batch. */
static inline enum journal_answer kit_append(struct journal *journal, size_t n)
{
	struct kit_record records[KIT_BATCH_MAX];
	struct journal_entry entries[KIT_BATCH_MAX];
	enum journal_answer answer = JOURNAL_REFUSED;

	ck_assert_uint_le(n, KIT_BATCH_MAX);
	for (size_t i = 0; i < n; i++) {
		kit_record(journal_size(journal) + i, &records[i]);
		entries[i] = records[i].entry;
	}
	ck_assert_int_eq(journal_append(journal, entries, n, &answer), RG_OK);
	return answer;
}

static inline void kit_check(const struct journal_record *record, uint64_t n)
{
	struct kit_record want;
	struct rg_bytes parts[JOURNAL_PARTS_MAX];
	size_t n_parts;

	kit_record(n, &want);
	ck_assert_uint_eq(record->index, n);
	ck_assert(bytes_equal(record->leaf, want.entry.leaf));
	ck_assert(journal_record_parts(record->parts, parts, &n_parts));
	ck_assert_uint_eq(n_parts, want.entry.n_parts);
	for (size_t i = 0; i < n_parts; i++) {
		ck_assert(bytes_equal(parts[i], want.parts[i]));
	}
}

/* Reads the records one by one and in a row. */
static inline rg_err kit_visit(void *context, const struct journal_record *record)
{
	uint64_t *next = context;

	kit_check(record, *next);
	++*next;
	return RG_OK;
}

static inline void kit_check_all(struct journal *journal, uint64_t size)
{
	struct journal_reader *reader = NULL;
	struct journal_record record;
	uint64_t next = 0;

	ck_assert_uint_eq(journal_size(journal), size);
	ck_assert_int_eq(journal_reader_open(journal, &reader), RG_OK);
	for (uint64_t n = 0; n < size; n++) {
		ck_assert_int_eq(journal_read(reader, size - 1 - n, &record), RG_OK);
		kit_check(&record, size - 1 - n);
	}
	ck_assert_int_eq(journal_read(reader, size, &record), RG_E_OVERFLOW);
	journal_reader_close(reader);
	ck_assert_int_eq(journal_replay(journal, 0, &(struct journal_visitor){kit_visit, &next}),
		RG_OK);
	ck_assert_uint_eq(next, size);
}

/* A whole small file. */
static inline struct buf kit_load(const char *dir, const char *name)
{
	struct buf content = {0};
	char path[KIT_PATH_MAX * 2];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	int fd = open(path, O_RDONLY);

	ck_assert_int_ge(fd, 0);
	while ((n = read(fd, buf_reserve(&content, 65536), 65536)) > 0) {
		content.len += (size_t)n;
	}
	close(fd);
	return content;
}

static inline void kit_store(const char *dir, const char *name, struct rg_bytes content)
{
	char path[KIT_PATH_MAX * 2];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, content.data, content.len), (ssize_t)content.len);
	close(fd);
}

static inline size_t kit_count(const char *dir, const char *ending)
{
	DIR *folder = opendir(dir);
	size_t n = 0;

	for (struct dirent *entry = folder ? readdir(folder) : NULL; entry;
		entry = readdir(folder)) {
		n += strstr(entry->d_name, ending) != NULL;
	}
	if (folder) {
		closedir(folder);
	}
	return n;
}

/* Takes what is logged from now on. */
static inline int kit_capture(void)
{
	char path[] = "/tmp/rg-journal-log-XXXXXX";
	int saved = dup(STDERR_FILENO);
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	unlink(path);
	dup2(fd, STDERR_FILENO);
	close(fd);
	return saved;
}

/* What was logged since; ends the capture. */
static inline void kit_captured(int saved, char *text, size_t size)
{
	ssize_t n = pread(STDERR_FILENO, text, size - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	dup2(saved, STDERR_FILENO);
	close(saved);
}

#endif
