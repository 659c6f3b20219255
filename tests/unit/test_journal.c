/*
 * The journal while all is well, and while the disk is full or fails.
 *
 * The system's calls that write are replaced by ones that fail when a test says so.
 */

#include <errno.h>
#include <sys/uio.h>

#include "journal_kit.h"

/* The disk of these tests. */
static struct {
	off_t file_max;  /* no file may be allocated beyond; 0: no limit */
	off_t write_max; /* no byte may be written beyond; 0: no limit */
	bool sync_fails;
	unsigned n_syncs;
} disk;

int fallocate(int fd, int mode, off_t offset, off_t len)
{
	ck_assert_int_eq(mode, 0);
	if (disk.file_max && offset + len > disk.file_max) {
		errno = ENOSPC;
		return -1;
	}
	struct stat status;

	ck_assert_int_eq(fstat(fd, &status), 0);
	return status.st_size < offset + len ? ftruncate(fd, offset + len) : 0;
}

ssize_t pwritev(int fd, const struct iovec *vectors, int n_vectors, off_t offset)
{
	off_t done = 0;

	ck_assert_int_le(n_vectors, 1024);
	for (int i = 0; i < n_vectors; i++) {
		size_t len = vectors[i].iov_len;

		if (disk.write_max && offset + done + (off_t)len > disk.write_max) {
			len = disk.write_max > offset + done
				? (size_t)(disk.write_max - offset - done)
				: 0;
		}
		ck_assert_int_eq(pwrite(fd, vectors[i].iov_base, len, offset + done), (ssize_t)len);
		done += (off_t)len;
		if (len < vectors[i].iov_len) {
			break;
		}
	}
	errno = ENOSPC;
	return done > 0 ? done : -1;
}

int fdatasync(int fd)
{
	disk.n_syncs++;
	errno = EIO;
	return disk.sync_fails ? -1 : fsync(fd);
}

static enum journal_answer append_one(struct journal *journal, bool may_use_reserve)
{
	struct kit_record record;
	enum journal_answer answer;

	kit_record(journal_size(journal), &record);
	record.entry.may_use_reserve = may_use_reserve;
	ck_assert_int_eq(journal_append(journal, &record.entry, 1, &answer), RG_OK);
	return answer;
}

START_TEST(records_read_back_as_written)
{
	struct kit kit;

	kit_init(&kit);
	struct journal *journal = kit_open(&kit);

	for (size_t n = 0; n < 20; n++) {
		ck_assert_int_eq(kit_append(journal, n), JOURNAL_WRITTEN);
	}
	kit_check_all(journal, 190);
	journal_close(journal);
	journal = kit_open(&kit);
	kit_check_all(journal, 190);
	ck_assert_int_eq(kit_append(journal, 3), JOURNAL_WRITTEN);
	kit_check_all(journal, 193);
	journal_close(journal);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(batch_is_synced_once)
{
	struct kit kit;

	kit_init(&kit);
	struct journal *journal = kit_open(&kit);
	unsigned before = disk.n_syncs;

	ck_assert_int_eq(kit_append(journal, 64), JOURNAL_WRITTEN);
	ck_assert_uint_eq(disk.n_syncs, before + 1);
	journal_close(journal);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(large_batch_of_large_parts_reads_back)
{
	static uint8_t big[1u << 20];
	struct rg_bytes parts[JOURNAL_PARTS_MAX];
	struct journal_entry entries[20];
	struct journal_reader *reader = NULL;
	struct journal_record record;
	struct rg_bytes got[JOURNAL_PARTS_MAX];
	enum journal_answer answer;
	struct kit kit;
	size_t n_parts;

	memset(big, 'x', sizeof(big));
	for (size_t i = 0; i < JOURNAL_PARTS_MAX; i++) {
		parts[i] = bytes_of(big, i == 7 ? sizeof(big) : i);
	}
	for (size_t i = 0; i < 20; i++) {
		entries[i] = (struct journal_entry){bytes_of("leaf", 4), parts, 64, false};
	}
	kit_init(&kit);
	struct journal *journal = kit_open(&kit);

	ck_assert_int_eq(journal_append(journal, entries, 20, &answer), RG_OK);
	ck_assert_int_eq(answer, JOURNAL_WRITTEN);
	ck_assert_int_eq(journal_reader_open(journal, &reader), RG_OK);
	ck_assert_int_eq(journal_read(reader, 19, &record), RG_OK);
	ck_assert(journal_record_parts(record.parts, got, &n_parts));
	ck_assert_uint_eq(n_parts, 64);
	for (size_t i = 0; i < n_parts; i++) {
		ck_assert(bytes_equal(got[i], parts[i]));
	}
	journal_reader_close(reader);
	journal_close(journal);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(long_segment_is_closed_and_the_next_named_by_its_first_record)
{
	struct kit kit;

	kit_init(&kit);
	kit.options.segment_bytes = 1000;
	struct journal *journal = kit_open(&kit);
	struct journal_reader *reader = NULL;
	struct journal_record record;

	ck_assert_int_eq(journal_reader_open(journal, &reader), RG_OK);
	for (size_t n = 0; n < 300; n++) {
		ck_assert_int_eq(kit_append(journal, 1), JOURNAL_WRITTEN);
		/* A reader that has the file open sees what came later. */
		ck_assert_int_eq(journal_read(reader, n, &record), RG_OK);
		kit_check(&record, n);
		ck_assert_int_eq(journal_read(reader, n / 2, &record), RG_OK);
		kit_check(&record, n / 2);
	}
	journal_reader_close(reader);
	kit_check_all(journal, 300);
	ck_assert_uint_gt(kit_count(kit.dir, ".seg"), 10);
	journal_close(journal);

	journal = kit_open(&kit);
	kit_check_all(journal, 300);
	journal_close(journal);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(second_router_is_refused)
{
	struct kit kit;
	struct journal *second = NULL;

	kit_init(&kit);
	struct journal *journal = kit_open(&kit);

	ck_assert_int_eq(journal_open(&kit.options, &second), RG_E_CONFIG);
	ck_assert_ptr_null(second);
	journal_close(journal);
	journal_close(kit_open(&kit));
	kit_remove(kit.dir);
}
END_TEST

START_TEST(full_disk_refuses_submissions_first_and_keeps_the_reserve_for_the_rest)
{
	struct kit kit;
	size_t n_by_reserve = 0;

	kit_init(&kit);
	struct journal *journal = kit_open(&kit);

	disk.file_max = 16384;
	while (append_one(journal, false) == JOURNAL_WRITTEN) {
		ck_assert(journal_size(journal) < 1000);
	}
	uint64_t size = journal_size(journal);

	ck_assert(!journal_has_room(journal));
	ck_assert_uint_gt(size, 10);
	ck_assert_int_eq(append_one(journal, false), JOURNAL_NO_ROOM);
	ck_assert_uint_eq(journal_size(journal), size);
	while (append_one(journal, true) == JOURNAL_WRITTEN) {
		n_by_reserve++;
		ck_assert(n_by_reserve < 1000);
		ck_assert_int_eq(append_one(journal, false), JOURNAL_NO_ROOM);
	}
	/* Some 70 bytes a record: all of the reserve was used. */
	ck_assert_uint_gt(n_by_reserve, kit.options.reserve_bytes / 100);
	size = journal_size(journal);
	disk.file_max = 0;
	ck_assert(journal_has_room(journal));
	ck_assert_int_eq(append_one(journal, false), JOURNAL_WRITTEN);
	kit_check_all(journal, size + 1);
	journal_close(journal);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(reserve_outlives_a_restart_on_a_full_disk)
{
	struct kit kit;

	kit_init(&kit);
	struct journal *journal = kit_open(&kit);

	disk.file_max = 16384;
	while (append_one(journal, false) == JOURNAL_WRITTEN) {
		ck_assert(journal_size(journal) < 1000);
	}
	journal_close(journal);
	disk.file_max = 1;
	char path[KIT_PATH_MAX * 2];
	struct stat status;

	snprintf(path, sizeof(path), "%s/%020d.seg", kit.dir, 0);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_int_ge(status.st_size, 16384 - 4096);
	journal = kit_open(&kit);
	ck_assert(!journal_has_room(journal));
	ck_assert_int_eq(append_one(journal, false), JOURNAL_NO_ROOM);
	journal_close(journal);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(failed_write_is_taken_back_and_later_ones_succeed)
{
	struct kit kit;
	struct stat status;
	char path[KIT_PATH_MAX * 2];

	kit_init(&kit);
	struct journal *journal = kit_open(&kit);

	ck_assert_int_eq(kit_append(journal, 5), JOURNAL_WRITTEN);
	for (off_t more = 1; more < 200; more += 7) {
		disk.write_max = 350 + more;
		disk.file_max = 0;
		ck_assert_int_eq(kit_append(journal, 10), JOURNAL_REFUSED);
		ck_assert_uint_eq(journal_size(journal), 5);
	}
	snprintf(path, sizeof(path), "%s/%020d.seg", kit.dir, 0);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_int_lt(status.st_size, 1000);
	disk.write_max = 0;
	ck_assert_int_eq(kit_append(journal, 10), JOURNAL_WRITTEN);
	kit_check_all(journal, 15);
	journal_close(journal);
	journal = kit_open(&kit);
	kit_check_all(journal, 15);
	journal_close(journal);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(failed_sync_is_a_fault_and_never_success)
{
	struct kit kit;
	struct kit_record record;
	enum journal_answer answer;

	kit_init(&kit);
	struct journal *journal = kit_open(&kit);

	ck_assert_int_eq(kit_append(journal, 5), JOURNAL_WRITTEN);
	disk.sync_fails = true;
	kit_record(5, &record);
	ck_assert_int_eq(journal_append(journal, &record.entry, 1, &answer), RG_E_IO);
	ck_assert_uint_eq(journal_size(journal), 5);
	journal_close(journal);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(full_disk_at_the_end_of_a_segment_goes_on_in_the_old_one)
{
	struct kit kit;

	kit_init(&kit);
	kit.options.segment_bytes = 1000;
	struct journal *journal = kit_open(&kit);

	disk.file_max = 8192; /* no new segment: it would need 4096 + 4096 + something */
	while (append_one(journal, true) == JOURNAL_WRITTEN && journal_size(journal) < 40) {
	}
	ck_assert_uint_eq(journal_size(journal), 40);
	disk.file_max = 0;
	ck_assert_int_eq(append_one(journal, false), JOURNAL_WRITTEN);
	kit_check_all(journal, 41);
	journal_close(journal);
	journal = kit_open(&kit);
	kit_check_all(journal, 41);
	journal_close(journal);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(section_that_is_not_a_row_of_parts_is_refused)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool is_good;
		size_t n_parts;
	} cases[] = {
		{"", 0, true, 0},
		{"\0\0\0\0", 4, true, 1},
		{"\0\0\0\1x", 5, true, 1},
		{"\0\0\0\1x\0\0\0\0", 9, true, 2},
		{"\0\0\0", 3, false, 0},
		{"\0\0\0\2x", 5, false, 0},
		{"\0\0\0\1xy", 6, false, 0},
		{"\377\377\377\377x", 5, false, 0},
	};
	static const uint8_t zeroes[4 * (JOURNAL_PARTS_MAX + 1)];
	struct rg_bytes parts[JOURNAL_PARTS_MAX];
	size_t n_parts;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(journal_record_parts(bytes_of(cases[i].bytes, cases[i].len), parts,
					 &n_parts),
			cases[i].is_good);
		if (cases[i].is_good) {
			ck_assert_uint_eq(n_parts, cases[i].n_parts);
		}
	}
	ck_assert(journal_record_parts(bytes_of(zeroes, sizeof(zeroes) - 4), parts, &n_parts));
	ck_assert(!journal_record_parts(bytes_of(zeroes, sizeof(zeroes)), parts, &n_parts));
}
END_TEST

CHECK_MAIN("journal", records_read_back_as_written, batch_is_synced_once,
	large_batch_of_large_parts_reads_back,
	long_segment_is_closed_and_the_next_named_by_its_first_record, second_router_is_refused,
	full_disk_refuses_submissions_first_and_keeps_the_reserve_for_the_rest,
	reserve_outlives_a_restart_on_a_full_disk,
	failed_write_is_taken_back_and_later_ones_succeed, failed_sync_is_a_fault_and_never_success,
	full_disk_at_the_end_of_a_segment_goes_on_in_the_old_one,
	section_that_is_not_a_row_of_parts_is_refused)
