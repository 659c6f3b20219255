/*
 * The ledger: what was committed comes back, a torn end is cut, damage is found.
 */
#include "suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "crash.h"
#include "host/ledger.h"

static char folder[64];
static char path[80];
static char seen[4096];

static rg_err note(void *context, struct rg_bytes content)
{
	size_t len = strlen(seen);

	(void)context;
	snprintf(seen + len, sizeof(seen) - len, "%.*s,", (int)content.len,
		(const char *)content.data);
	return RG_OK;
}

static rg_err open_ledger(struct ledger **ledger)
{
	const struct ledger_reader reader = {.frame = note};

	seen[0] = '\0';
	return ledger_open(path, &reader, ledger);
}

static void setup(void)
{
	log_set_level(LOG_ERROR);
	if (folder[0]) {
		crash_remove_tree(folder);
	}
	crash_make_folder("ledger", folder, sizeof(folder));
	snprintf(path, sizeof(path), "%s/x", folder);
}

static void teardown(void)
{
	crash_remove_tree(folder);
}

static void add(struct ledger *ledger, const char *text)
{
	ck_assert_int_eq(ledger_add(ledger, bytes_of_text(text)), RG_OK);
}

static void write_three(void)
{
	struct ledger *ledger = NULL;

	setup();
	ck_assert_int_eq(open_ledger(&ledger), RG_OK);
	add(ledger, "one");
	add(ledger, "two");
	ck_assert_int_eq(ledger_commit(ledger), RG_OK);
	add(ledger, "three");
	ck_assert_int_eq(ledger_commit(ledger), RG_OK);
	add(ledger, "never");
	ledger_close(ledger);
}

START_TEST(committed_frames_come_back_in_order)
{
	struct ledger *ledger = NULL;

	write_three();
	ck_assert_int_eq(open_ledger(&ledger), RG_OK);
	ck_assert_str_eq(seen, "one,two,three,");
	ledger_close(ledger);
	teardown();
}
END_TEST

START_TEST(torn_end_is_cut_and_kept_aside)
{
	struct ledger *ledger = NULL;
	char torn[90];

	write_three();
	ck_assert_int_eq(truncate(path, 15 + 15 + 16), 0);
	ck_assert_int_eq(open_ledger(&ledger), RG_OK);
	ck_assert_str_eq(seen, "one,two,");
	add(ledger, "four");
	ck_assert_int_eq(ledger_commit(ledger), RG_OK);
	ledger_close(ledger);
	ck_assert_int_eq(open_ledger(&ledger), RG_OK);
	ck_assert_str_eq(seen, "one,two,four,");
	ledger_close(ledger);
	snprintf(torn, sizeof(torn), "%s.torn", path);
	ck_assert_int_eq(access(torn, F_OK), 0);
	teardown();
}
END_TEST

START_TEST(every_cut_gives_a_prefix)
{
	write_three();
	for (off_t len = 15 + 15 + 17 - 1; len >= 0; len--) {
		struct ledger *ledger = NULL;

		ck_assert_int_eq(truncate(path, len), 0);
		ck_assert_int_eq(open_ledger(&ledger), RG_OK);
		ck_assert_int_eq(strncmp("one,two,three,", seen, strlen(seen)), 0);
		ck_assert_uint_eq(strlen(seen), len >= 30 ? 8 : len >= 15 ? 4 : 0);
		ledger_close(ledger);
	}
	teardown();
}
END_TEST

START_TEST(damage_before_a_whole_frame_stops_the_start)
{
	for (off_t offset = 0; offset < 30; offset++) {
		struct ledger *ledger = NULL;
		uint8_t byte = 0;

		write_three();
		int fd = open(path, O_RDWR);
		ck_assert_int_eq(pread(fd, &byte, 1, offset), 1);
		byte ^= 0x40;
		ck_assert_int_eq(pwrite(fd, &byte, 1, offset), 1);
		close(fd);
		ck_assert_int_eq(open_ledger(&ledger), RG_E_FORMAT);
	}
	teardown();
}
END_TEST

START_TEST(full_disk_loses_only_the_commit_that_failed)
{
	struct ledger *ledger = NULL;

	write_three();
	ck_assert_int_eq(open_ledger(&ledger), RG_OK);
	crash_arm(0, 1);
	add(ledger, "lost");
	ck_assert_int_eq(ledger_commit(ledger), RG_E_IO);
	ck_assert(!ledger_is_broken(ledger));
	crash_arm(0, 0);
	add(ledger, "four");
	ck_assert_int_eq(ledger_commit(ledger), RG_OK);
	ledger_close(ledger);
	ck_assert_int_eq(open_ledger(&ledger), RG_OK);
	ck_assert_str_eq(seen, "one,two,three,four,");
	ledger_close(ledger);
	teardown();
}
END_TEST

START_TEST(failed_sync_is_never_taken_for_success)
{
	struct ledger *ledger = NULL;

	write_three();
	ck_assert_int_eq(open_ledger(&ledger), RG_OK);
	crash_arm(0, 2);
	add(ledger, "four");
	ck_assert_int_eq(ledger_commit(ledger), RG_E_IO);
	ck_assert(ledger_is_broken(ledger));
	crash_arm(0, 0);
	add(ledger, "five");
	ck_assert_int_eq(ledger_commit(ledger), RG_E_IO);
	ledger_close(ledger);
	teardown();
}
END_TEST

static rg_err write_live(void *context, struct ledger *ledger)
{
	(void)context;
	return ledger_add(ledger, bytes_of_text("live"));
}

static void rewrite(void)
{
	struct ledger *ledger = NULL;

	ck_assert_int_eq(open_ledger(&ledger), RG_OK);
	ck_assert_int_eq(ledger_rewrite(ledger, write_live, NULL), RG_OK);
	add(ledger, "more");
	ck_assert_int_eq(ledger_commit(ledger), RG_OK);
	ledger_close(ledger);
}

START_TEST(rewrite_leaves_the_old_or_the_new_through_any_crash)
{
	bool is_over = false;

	for (unsigned step = 1; !is_over && step < 100; step++) {
		struct ledger *ledger = NULL;

		write_three();
		is_over = crash_runs_to_its_end(step, rewrite);
		ck_assert_int_eq(open_ledger(&ledger), RG_OK);
		bool is_old = strcmp(seen, "one,two,three,") == 0;
		bool is_new = strcmp(seen, "live,") == 0 || strcmp(seen, "live,more,") == 0;
		ck_assert_msg(is_old || is_new, "step %u: %s", step, seen);
		ledger_close(ledger);
	}
	ck_assert(is_over);
	teardown();
}
END_TEST

CHECK_MAIN("connector_ledger", committed_frames_come_back_in_order, torn_end_is_cut_and_kept_aside,
	every_cut_gives_a_prefix, damage_before_a_whole_frame_stops_the_start,
	full_disk_loses_only_the_commit_that_failed, failed_sync_is_never_taken_for_success,
	rewrite_leaves_the_old_or_the_new_through_any_crash)
