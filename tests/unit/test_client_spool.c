/*
 * The spool: what it reports as stored is there after a crash, in order, and leaves
 * only with its receipt or reason.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "client/spool.h"
#include "suite.h"

#define PATH_LEN 512

/* A folder of its own for each test; left to the system's cleaning. */
static void make_folder(char folder[PATH_LEN])
{
	const char *base = getenv("TMPDIR");

	(void)snprintf(folder, PATH_LEN, "%s/rg-client-spool-XXXXXX", base ? base : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static bool exists(const char *folder, const char *dir, const char *stem, const char *suffix)
{
	char path[2 * PATH_LEN];
	struct stat info;

	(void)snprintf(path, sizeof(path), "%s/%s/%s%s", folder, dir, stem, suffix);
	return stat(path, &info) == 0;
}

static void add(struct spool *spool, uint8_t number)
{
	uint8_t id[16];
	char *stem = NULL;

	memset(id, number, sizeof(id));
	ck_assert_int_eq(spool_add(spool, id, bytes_of(&number, 1), &stem), RG_OK);
	ck_assert_int_eq(spool_queue(spool, &stem), RG_OK);
}

/* Takes the oldest; its content must be this byte. The stem is the caller's. */
static char *take(struct spool *spool, uint8_t number)
{
	scoped(buf_deinit) struct buf content = {0};
	char *stem = NULL;

	ck_assert_int_eq(spool_take(spool, &content, &stem), RG_OK);
	ck_assert_ptr_nonnull(stem);
	ck_assert_uint_eq(content.len, 1);
	ck_assert_uint_eq(content.data[0], number);
	return stem;
}

START_TEST(what_was_stored_comes_back_in_order_after_a_restart)
{
	char folder[PATH_LEN];
	struct spool *spool = NULL;

	make_folder(folder);
	ck_assert_int_eq(spool_open(folder, &spool), RG_OK);
	for (uint8_t i = 200; i > 100; i--) {
		add(spool, i);
	}
	spool_close(spool);
	ck_assert_int_eq(spool_open(folder, &spool), RG_OK);
	ck_assert_uint_eq(spool_waiting(spool), 100);
	for (uint8_t i = 200; i > 100; i--) {
		free(take(spool, i));
	}
	ck_assert_uint_eq(spool_waiting(spool), 0);
	spool_close(spool);
}
END_TEST

START_TEST(what_was_taken_but_not_receipted_is_still_there)
{
	char folder[PATH_LEN];
	struct spool *spool = NULL;

	make_folder(folder);
	ck_assert_int_eq(spool_open(folder, &spool), RG_OK);
	add(spool, 1);
	free(take(spool, 1));
	spool_close(spool);
	ck_assert_int_eq(spool_open(folder, &spool), RG_OK);
	free(take(spool, 1));
	spool_close(spool);
}
END_TEST

START_TEST(receipted_moves_to_sent_with_its_receipt)
{
	char folder[PATH_LEN];
	struct spool *spool = NULL;

	make_folder(folder);
	ck_assert_int_eq(spool_open(folder, &spool), RG_OK);
	add(spool, 1);
	char *stem = take(spool, 1);
	ck_assert_int_eq(spool_receipted(spool, stem, bytes_of_text("proof"), bytes_of(NULL, 0)),
		RG_OK);
	ck_assert(exists(folder, "sent", stem, ".rge"));
	ck_assert(exists(folder, "sent", stem, ".tlog-proof"));
	ck_assert(!exists(folder, "spool", stem, ".rge"));
	free(stem);
	spool_close(spool);
	ck_assert_int_eq(spool_open(folder, &spool), RG_OK);
	ck_assert_uint_eq(spool_waiting(spool), 0);
	spool_close(spool);
}
END_TEST

START_TEST(refused_moves_to_refused_with_its_reason)
{
	char folder[PATH_LEN];
	struct spool *spool = NULL;

	make_folder(folder);
	ck_assert_int_eq(spool_open(folder, &spool), RG_OK);
	add(spool, 1);
	char *stem = take(spool, 1);
	ck_assert_int_eq(spool_refused(spool, stem, bytes_of_text("{}")), RG_OK);
	ck_assert(exists(folder, "refused", stem, ".rge"));
	ck_assert(exists(folder, "refused", stem, ".json"));
	ck_assert(!exists(folder, "spool", stem, ".rge"));
	free(stem);
	spool_close(spool);
}
END_TEST

START_TEST(second_process_on_one_spool_is_refused)
{
	char folder[PATH_LEN];
	struct spool *first = NULL;
	struct spool *second = NULL;

	make_folder(folder);
	ck_assert_int_eq(spool_open(folder, &first), RG_OK);
	ck_assert_int_eq(spool_open(folder, &second), RG_E_CONFIG);
	ck_assert_ptr_null(second);
	spool_close(first);
	ck_assert_int_eq(spool_open(folder, &second), RG_OK);
	spool_close(second);
}
END_TEST

START_TEST(files_that_are_not_ours_are_left_alone)
{
	static const char *const names[] = {
		"note.txt",
		".00000000000000000001-00000000000000000000000000000000.rge.tmp",
		"00000000000000000001-0000000000000000000000000000000g.rge",
		"1-00000000000000000000000000000000.rge",
		"00000000000000000001-00000000000000000000000000000000.rge.bak",
	};
	char folder[PATH_LEN];
	struct spool *spool = NULL;

	make_folder(folder);
	ck_assert_int_eq(spool_open(folder, &spool), RG_OK);
	spool_close(spool);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[2 * PATH_LEN];

		(void)snprintf(path, sizeof(path), "%s/spool/%s", folder, names[i]);
		ck_assert_int_eq(file_replace(path, bytes_of_text("x"), 0600), RG_OK);
	}
	ck_assert_int_eq(spool_open(folder, &spool), RG_OK);
	ck_assert_uint_eq(spool_waiting(spool), 0);
	spool_close(spool);
}
END_TEST

START_TEST(file_that_somebody_removed_stops_nothing)
{
	char folder[PATH_LEN];
	char path[2 * PATH_LEN];
	struct spool *spool = NULL;

	make_folder(folder);
	ck_assert_int_eq(spool_open(folder, &spool), RG_OK);
	add(spool, 1);
	add(spool, 2);
	char *stem = take(spool, 1);
	(void)snprintf(path, sizeof(path), "%s/spool/%s.rge", folder, stem);
	free(stem);
	spool_close(spool);
	ck_assert_int_eq(spool_open(folder, &spool), RG_OK);
	ck_assert_int_eq(unlink(path), 0);
	free(take(spool, 2));
	spool_close(spool);
}
END_TEST

CHECK_MAIN("client_spool", what_was_stored_comes_back_in_order_after_a_restart,
	what_was_taken_but_not_receipted_is_still_there, receipted_moves_to_sent_with_its_receipt,
	refused_moves_to_refused_with_its_reason, second_process_on_one_spool_is_refused,
	files_that_are_not_ours_are_left_alone, file_that_somebody_removed_stops_nothing)
