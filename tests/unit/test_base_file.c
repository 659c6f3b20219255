/*
 * Files are whole or as they were; what exists is never overwritten unasked; and
 * secrets that others can read are refused.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "suite.h"

static char folder[64];
static char path[128];

/* Every test runs in a process of its own, with a folder of its own. */
static void make_folder(void)
{
	(void)snprintf(folder, sizeof(folder), "/tmp/rg-test-file-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/file", folder);
}

static size_t count_entries(void)
{
	DIR *dir = opendir(folder);
	size_t n = 0;

	ck_assert_ptr_nonnull(dir);
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		n += entry->d_name[0] != '.';
	}
	(void)closedir(dir);
	return n;
}

static void check_content(const char *want)
{
	scoped(buf_deinit) struct buf got = {0};
	bool is_found = false;

	ck_assert_int_eq(file_read(path, 1000000, &got, &is_found), RG_OK);
	ck_assert(is_found);
	ck_assert_str_eq(buf_text(&got), want);
}

START_TEST(replaced_file_has_the_new_content_and_mode)
{
	struct stat status;

	make_folder();
	ck_assert_int_eq(file_replace(path, bytes_of_text("first"), 0644), RG_OK);
	check_content("first");
	ck_assert_int_eq(file_replace(path, bytes_of_text(""), 0600), RG_OK);
	check_content("");
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_int_eq(status.st_mode & 07777, 0600);
	ck_assert_uint_eq(count_entries(), 1);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(existing_file_is_not_created_again)
{
	make_folder();
	ck_assert_int_eq(file_create(path, bytes_of_text("first"), 0600), RG_OK);
	ck_assert_int_eq(file_create(path, bytes_of_text("second"), 0600), RG_E_CONFIG);
	check_content("first");
	ck_assert_uint_eq(count_entries(), 1);
	ck_assert_int_eq(unlink(path), 0);
	/* A link that leads nowhere is something, too. */
	ck_assert_int_eq(symlink("nowhere", path), 0);
	ck_assert_int_eq(file_create(path, bytes_of_text("second"), 0600), RG_E_CONFIG);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(write_into_a_missing_folder_is_a_fault)
{
	ck_assert_int_eq(file_replace("/nonexistent/file", bytes_of_text("x"), 0600), RG_E_IO);
	ck_assert_int_eq(file_create("/nonexistent/file", bytes_of_text("x"), 0600), RG_E_IO);
	ck_assert_int_eq(file_sync_dir("/nonexistent"), RG_E_IO);
	ck_assert_int_eq(file_rename("/nonexistent/a", "/nonexistent/b"), RG_E_IO);
}
END_TEST

START_TEST(failed_write_leaves_the_file_as_it_was)
{
	make_folder();
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(file_replace(path, bytes_of_text("x"), 0600), RG_E_IO);
	ck_assert_uint_eq(count_entries(), 1);
	ck_assert_int_eq(rmdir(path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(full_device_is_a_fault)
{
	scoped(fd_close) int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(file_write_all(fd, bytes_of_text("x")), RG_E_IO);
	ck_assert_int_eq(file_write_all(fd, bytes_of(NULL, 0)), RG_OK);
}
END_TEST

START_TEST(missing_file_is_an_answer_or_a_fault)
{
	scoped(buf_deinit) struct buf out = {0};
	bool is_found = true;

	ck_assert_int_eq(file_read("/nonexistent", 10, &out, &is_found), RG_OK);
	ck_assert(!is_found);
	ck_assert_int_eq(file_read("/nonexistent", 10, &out, NULL), RG_E_IO);
	ck_assert_int_eq(file_read("/tmp", 10, &out, NULL), RG_E_IO);
	ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(file_above_the_limit_is_refused_and_nothing_kept)
{
	scoped(buf_deinit) struct buf content = {0};

	make_folder();
	for (size_t i = 0; i < 40000; i++) {
		buf_add_u8(&content, (uint8_t)i);
	}
	ck_assert_int_eq(file_replace(path, buf_view(&content), 0600), RG_OK);
	for (size_t limit = 39998; limit <= 40001; limit++) {
		scoped(buf_deinit) struct buf out = {0};

		buf_add_text(&out, "before");
		ck_assert_int_eq(file_read(path, limit, &out, NULL),
			limit < 40000 ? RG_E_OVERFLOW : RG_OK);
		ck_assert_uint_eq(out.len, limit < 40000 ? 6 : 40006);
	}
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(secret_that_others_can_touch_is_refused)
{
	scoped(buf_deinit) struct buf out = {0};

	make_folder();
	ck_assert_int_eq(file_create(path, bytes_of_text("secret"), 0600), RG_OK);
	for (mode_t mode = 1; mode <= 077; mode++) {
		ck_assert_int_eq(chmod(path, 0600 | mode), 0);
		ck_assert_int_eq(file_read_private(path, 100, &out), RG_E_CONFIG);
	}
	ck_assert_uint_eq(out.len, 0);
	ck_assert_int_eq(chmod(path, 0400), 0);
	ck_assert_int_eq(file_read_private(path, 5, &out), RG_E_OVERFLOW);
	buf_clear(&out);
	ck_assert_int_eq(file_read_private(path, 6, &out), RG_OK);
	ck_assert_str_eq(buf_text(&out), "secret");
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(file_read_private(path, 100, &out), RG_E_CONFIG);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(file_read_private(path, 100, &out), RG_E_CONFIG);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(folders_are_made_one_in_the_other)
{
	char deep[256];

	make_folder();
	(void)snprintf(deep, sizeof(deep), "%s/a//b/c/", folder);
	ck_assert_int_eq(file_make_dirs(deep), RG_OK);
	ck_assert_int_eq(file_make_dirs(deep), RG_OK);
	ck_assert_int_eq(file_make_dirs("/"), RG_OK);
	ck_assert_int_eq(access(deep, W_OK), 0);
	(void)snprintf(deep, sizeof(deep), "%s/a/b/c", folder);
	ck_assert_int_eq(rmdir(deep), 0);
	/* A file in the way. */
	ck_assert_int_eq(file_create(deep, bytes_of_text("x"), 0600), RG_OK);
	ck_assert_int_eq(file_make_dirs(deep), RG_E_IO);
	ck_assert_int_eq(unlink(deep), 0);
	ck_assert_int_eq(file_make_dirs(""), RG_E_IO);
	ck_assert_int_eq(file_make_dirs("/proc/none/of/this"), RG_E_IO);
	(void)snprintf(deep, sizeof(deep), "%s/a/b", folder);
	ck_assert_int_eq(rmdir(deep), 0);
	(void)snprintf(deep, sizeof(deep), "%s/a", folder);
	ck_assert_int_eq(rmdir(deep), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(renamed_file_is_at_its_new_place_only)
{
	make_folder();
	char *other = file_join(folder, "other");

	ck_assert_int_eq(file_create(other, bytes_of_text("x"), 0600), RG_OK);
	ck_assert_int_eq(file_rename(other, path), RG_OK);
	ck_assert_int_ne(access(other, F_OK), 0);
	check_content("x");
	free(other);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

CHECK_MAIN("base_file", replaced_file_has_the_new_content_and_mode,
	existing_file_is_not_created_again, write_into_a_missing_folder_is_a_fault,
	failed_write_leaves_the_file_as_it_was, full_device_is_a_fault,
	missing_file_is_an_answer_or_a_fault, file_above_the_limit_is_refused_and_nothing_kept,
	secret_that_others_can_touch_is_refused, folders_are_made_one_in_the_other,
	renamed_file_is_at_its_new_place_only)
