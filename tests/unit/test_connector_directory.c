/*
 * The directory connector: what is put is whole, what is taken is finished, and no name
 * that somebody chose leads anywhere.
 */
#include "suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "connectors/directory.h"
#include "crash.h"

static char root[64];
static struct directory *directory;

static void setup(void)
{
	crash_make_folder("directory", root, sizeof(root));
	log_set_level(LOG_ERROR);
	ck_assert_int_eq(directory_open(root, &directory), RG_OK);
}

static void teardown(void)
{
	directory_close(directory);
	crash_remove_tree(root);
}

static const char *at(const char *name)
{
	static char path[2][512];
	static unsigned turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", root, name);
	return path[turn];
}

static void make_file(const char *name, const char *text)
{
	FILE *file = fopen(at(name), "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

static bool is_there(const char *name)
{
	struct stat status;

	return lstat(at(name), &status) == 0;
}

static size_t scan(const struct directory_file **files)
{
	size_t n = 0;
	bool is_settled = false;

	directory_watch_clear(directory);
	ck_assert_int_eq(directory_scan(directory, files, &n, &is_settled), RG_OK);
	return n;
}

/* Scans until everything that is there has been seen unchanged for long enough. */
static size_t scan_settled(const struct directory_file **files)
{
	(void)scan(files);
	usleep(200000);
	return scan(files);
}

START_TEST(staged_file_is_invisible_until_it_is_put)
{
	enum directory_place place = DIRECTORY_PUT;
	bool is_put = false;

	setup();
	ck_assert_int_eq(directory_stage(directory, "a.json", bytes_of_text("x")), RG_OK);
	ck_assert(!is_there("in/a.json"));
	ck_assert_int_eq(directory_find(directory, "a.json", &place), RG_OK);
	ck_assert_int_eq(place, DIRECTORY_STAGED);
	ck_assert_int_eq(directory_put(directory, "a.json", &is_put), RG_OK);
	ck_assert(is_put && is_there("in/a.json") && !is_there("tmp/a.json"));
	ck_assert_int_eq(directory_find(directory, "a.json", &place), RG_OK);
	ck_assert_int_eq(place, DIRECTORY_PUT);
	teardown();
}
END_TEST

START_TEST(file_in_the_in_tray_is_never_overwritten)
{
	bool is_put = true;

	setup();
	make_file("in/a.json", "theirs");
	ck_assert_int_eq(directory_stage(directory, "a.json", bytes_of_text("ours")), RG_OK);
	ck_assert_int_eq(directory_put(directory, "a.json", &is_put), RG_OK);
	ck_assert(!is_put);
	ck_assert(is_there("tmp/a.json"));
	teardown();
}
END_TEST

START_TEST(file_that_was_moved_on_is_found)
{
	enum directory_place place = DIRECTORY_NOWHERE;

	setup();
	make_file("done/a.json", "x");
	ck_assert_int_eq(directory_find(directory, "a.json", &place), RG_OK);
	ck_assert_int_eq(place, DIRECTORY_PUT);
	ck_assert_int_eq(directory_find(directory, "b.json", &place), RG_OK);
	ck_assert_int_eq(place, DIRECTORY_NOWHERE);
	teardown();
}
END_TEST

START_TEST(renamed_file_is_taken_at_once)
{
	const struct directory_file *files = NULL;

	setup();
	make_file("whole", "x");
	ck_assert_int_eq(rename(at("whole"), at("out/whole")), 0);
	ck_assert_uint_eq(scan(&files), 1);
	ck_assert_str_eq(files[0].name, "whole");
	teardown();
}
END_TEST

START_TEST(growing_file_is_not_taken)
{
	const struct directory_file *files = NULL;

	setup();
	make_file("out/growing", "x");
	ck_assert_uint_eq(scan(&files), 0);
	usleep(100000);
	make_file("out/growing", "xx");
	ck_assert_uint_eq(scan(&files), 0);
	usleep(100000);
	ck_assert_uint_eq(scan(&files), 0);
	usleep(100000);
	ck_assert_uint_eq(scan(&files), 1);
	teardown();
}
END_TEST

START_TEST(unfinished_names_are_left_alone)
{
	static const char *const names[] = {"out/.hidden", "out/a.tmp", "out/a.part",
		"out/a.partial", "out/a~"};
	const struct directory_file *files = NULL;

	setup();
	for (size_t i = 0; i < 5; i++) {
		make_file(names[i], "x");
	}
	ck_assert_int_eq(mkdir(at("out/folder"), 0700), 0);
	ck_assert_uint_eq(scan_settled(&files), 0);
	for (size_t i = 0; i < 5; i++) {
		ck_assert(is_there(names[i]));
	}
	ck_assert(is_there("out/folder"));
	teardown();
}
END_TEST

START_TEST(hostile_name_is_refused_and_moved_under_a_harmless_one)
{
	static const struct {
		const char *name;
		const char *moved;
	} cases[] = {
		{"out/two\nlines", "failed/two_lines"},
		{"out/red\x1b[31m", "failed/red__31m"},
		{"out/-rf", "failed/_rf"},
		{"out/bad\xff utf", "failed/bad__utf"},
	};
	const struct directory_file *files = NULL;

	setup();
	for (size_t i = 0; i < 4; i++) {
		make_file(cases[i].name, "x");
	}
	ck_assert_uint_eq(scan_settled(&files), 0);
	for (size_t i = 0; i < 4; i++) {
		char findings[256];

		ck_assert_msg(is_there(cases[i].moved), "%s", cases[i].moved);
		snprintf(findings, sizeof(findings), "%s.findings.json", cases[i].moved);
		ck_assert(is_there(findings));
		ck_assert(!is_there(cases[i].name));
	}
	teardown();
}
END_TEST

START_TEST(name_that_is_too_long_is_refused)
{
	char name[260] = "out/";
	const struct directory_file *files = NULL;

	setup();
	memset(name + 4, 'a', 240);
	make_file(name, "x");
	ck_assert_uint_eq(scan_settled(&files), 0);
	ck_assert(!is_there(name));
	teardown();
}
END_TEST

START_TEST(link_and_pipe_are_refused_unopened)
{
	const struct directory_file *files = NULL;

	setup();
	make_file("secret", "key");
	ck_assert_int_eq(symlink(at("secret"), at("out/link")), 0);
	ck_assert_int_eq(mkfifo(at("out/pipe"), 0600), 0);
	ck_assert_uint_eq(scan_settled(&files), 0);
	ck_assert(is_there("failed/link") && is_there("failed/link.findings.json"));
	ck_assert(is_there("failed/pipe"));
	teardown();
}
END_TEST

START_TEST(file_that_became_a_link_is_not_read)
{
	const struct directory_file *files = NULL;
	const char *problem = NULL;
	struct buf content;

	setup();
	buf_init(&content);
	make_file("secret", "key");
	make_file("out/a", "x");
	ck_assert_uint_eq(scan_settled(&files), 1);
	ck_assert_int_eq(unlink(at("out/a")), 0);
	ck_assert_int_eq(symlink(at("secret"), at("out/a")), 0);
	ck_assert_int_eq(directory_read(directory, &files[0], 100, &content, &problem), RG_OK);
	ck_assert_ptr_nonnull(problem);
	ck_assert_uint_eq(content.len, 0);
	buf_deinit(&content);
	teardown();
}
END_TEST

START_TEST(changed_or_large_file_is_not_read)
{
	const struct directory_file *files = NULL;
	const char *problem = NULL;
	struct buf content;

	setup();
	buf_init(&content);
	make_file("out/a", "12345");
	ck_assert_uint_eq(scan_settled(&files), 1);
	ck_assert_int_eq(directory_read(directory, &files[0], 4, &content, &problem), RG_OK);
	ck_assert_ptr_nonnull(problem);
	ck_assert_int_eq(directory_read(directory, &files[0], 5, &content, &problem), RG_OK);
	ck_assert_ptr_null(problem);
	ck_assert_uint_eq(content.len, 5);
	make_file("out/a", "123456");
	ck_assert_int_eq(directory_read(directory, &files[0], 100, &content, &problem), RG_OK);
	ck_assert_ptr_nonnull(problem);
	buf_deinit(&content);
	teardown();
}
END_TEST

START_TEST(oldest_file_comes_first)
{
	const struct directory_file *files = NULL;
	const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

	setup();
	make_file("out/a", "x");
	make_file("out/z", "x");
	ck_assert_int_eq(utimensat(AT_FDCWD, at("out/z"), times, 0), 0);
	ck_assert_uint_eq(scan_settled(&files), 2);
	ck_assert_str_eq(files[0].name, "z");
	teardown();
}
END_TEST

START_TEST(finished_and_failed_files_keep_what_was_there)
{
	const struct directory_file *files = NULL;

	setup();
	for (int i = 0; i < 3; i++) {
		make_file("out/a", "x");
		ck_assert_uint_eq(scan_settled(&files), 1);
		ck_assert_int_eq(directory_finish(directory, &files[0]), RG_OK);
		make_file("out/b", "x");
		ck_assert_uint_eq(scan_settled(&files), 1);
		ck_assert_int_eq(directory_fail(directory, &files[0], bytes_of_text("{}")), RG_OK);
	}
	ck_assert(is_there("done/a") && is_there("done/a.2") && is_there("done/a.3"));
	ck_assert(is_there("failed/b.3") && is_there("failed/b.3.findings.json"));
	teardown();
}
END_TEST

START_TEST(file_that_took_the_name_of_another_stays)
{
	const struct directory_file *files = NULL;
	bool has = true;

	setup();
	make_file("out/a", "old");
	ck_assert_uint_eq(scan_settled(&files), 1);
	make_file("fresh", "new!");
	ck_assert_int_eq(rename(at("fresh"), at("out/a")), 0);
	ck_assert_int_eq(directory_has(directory, &files[0], &has), RG_OK);
	ck_assert(!has);
	ck_assert_int_eq(directory_finish(directory, &files[0]), RG_OK);
	ck_assert(is_there("out/a") && !is_there("done/a"));
	teardown();
}
END_TEST

static bool keeps_b(void *context, const char *name)
{
	(void)context;
	return strcmp(name, "b") == 0;
}

START_TEST(only_what_nobody_claims_is_cleaned)
{
	setup();
	ck_assert_int_eq(directory_stage(directory, "a", bytes_of_text("x")), RG_OK);
	ck_assert_int_eq(directory_stage(directory, "b", bytes_of_text("x")), RG_OK);
	ck_assert_int_eq(directory_clean(directory, keeps_b, NULL), RG_OK);
	ck_assert(!is_there("tmp/a") && is_there("tmp/b"));
	teardown();
}
END_TEST

START_TEST(full_disk_is_told_and_hands_over_nothing)
{
	bool is_put = true;

	setup();
	for (unsigned step = 1; step <= 2; step++) {
		crash_arm(0, step);
		ck_assert_int_eq(directory_stage(directory, "a", bytes_of_text("x")), RG_E_IO);
	}
	crash_arm(0, 0);
	ck_assert_int_eq(directory_stage(directory, "a", bytes_of_text("x")), RG_OK);
	crash_arm(0, 1);
	ck_assert_int_eq(directory_put(directory, "a", &is_put), RG_E_IO);
	ck_assert(!is_there("in/a"));
	crash_arm(0, 0);
	ck_assert_int_eq(directory_put(directory, "a", &is_put), RG_OK);
	ck_assert(is_put);
	teardown();
}
END_TEST

CHECK_MAIN("connector_directory", staged_file_is_invisible_until_it_is_put,
	file_in_the_in_tray_is_never_overwritten, file_that_was_moved_on_is_found,
	renamed_file_is_taken_at_once, growing_file_is_not_taken, unfinished_names_are_left_alone,
	hostile_name_is_refused_and_moved_under_a_harmless_one, name_that_is_too_long_is_refused,
	link_and_pipe_are_refused_unopened, file_that_became_a_link_is_not_read,
	changed_or_large_file_is_not_read, oldest_file_comes_first,
	finished_and_failed_files_keep_what_was_there, file_that_took_the_name_of_another_stays,
	only_what_nobody_claims_is_cleaned, full_disk_is_told_and_hands_over_nothing)
