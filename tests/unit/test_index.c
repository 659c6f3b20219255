/*
 * The index: the same answers whether rows lie in memory, are being written or are on
 * the disk; damage is found and everything is rebuilt, row for row.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "index/index.h"
#include "index/keys.h"
#include "suite.h"

#define PATH_LEN  256
#define ORIGIN    "example.org/log"
#define N_RECORDS 500
#define SECOND_US INT64_C(1000000)

static void make_folder(char dir[PATH_LEN])
{
	snprintf(dir, PATH_LEN, "%s/rg-index-XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_folder(const char *dir)
{
	static const char *const names[] = {"data.mdb", "lock.mdb"};

	for (size_t i = 0; i < 2; i++) {
		char *path = file_join(dir, names[i]);

		unlink(path);
		free(path);
	}
	ck_assert_int_eq(rmdir(dir), 0);
}

/* A record of these tests. */
struct sample {
	Rivergate__V1__Header header;
	Rivergate__V1__Movement movement;
	Rivergate__V1__Meta meta;
	char from[32];
	char to[32];
	char ucr[40];
	char plate[32];
	char long_seal[200];
	char *seals[3];
	uint8_t id[16];
	char leaf[64];
	const char *parties[2];
	struct fold_record record;
};

/* Record n: every 7th is a TICK; UCRs, plates and parties come again and again. */
static void fill_sample(uint64_t n, const char *history, struct sample *sample)
{
	memset(sample, 0, sizeof(*sample));
	rivergate__v1__header__init(&sample->header);
	rivergate__v1__movement__init(&sample->movement);
	rivergate__v1__meta__init(&sample->meta);
	snprintf(sample->from, sizeof(sample->from), "la.customs.post%u", (unsigned)(n % 5));
	snprintf(sample->to, sizeof(sample->to), "th.doa%u", (unsigned)(n % 3));
	snprintf(sample->ucr, sizeof(sample->ucr), "25LA-UCR%u", (unsigned)(n % 40));
	snprintf(sample->plate, sizeof(sample->plate), "ab-12 %02u", (unsigned)(n % 50));
	memset(sample->long_seal, 's', sizeof(sample->long_seal) - 1);
	sample->long_seal[0] = (char)('a' + n % 4);
	memset(sample->id, (int)(n % 251), sizeof(sample->id));
	sample->id[0] = (uint8_t)(n >> 8);
	sample->header.id = (ProtobufCBinaryData){sizeof(sample->id), sample->id};
	sample->header.from = sample->from;
	sample->header.ucr = sample->ucr;
	sample->movement.plate = sample->plate;
	/* The same seal twice, and one that is empty. */
	sample->seals[0] = sample->seals[1] = sample->long_seal;
	sample->seals[2] = sample->header.ucr + strlen(sample->ucr);
	sample->movement.seals = sample->seals;
	sample->movement.n_seals = 3;
	sample->header.movement = n % 2 ? &sample->movement : NULL;
	sample->meta.time_us = (int64_t)n * 20 * SECOND_US;
	snprintf(sample->leaf, sizeof(sample->leaf), "leaf %u of %s", (unsigned)n, history);
	sample->parties[0] = sample->to;
	sample->parties[1] = sample->to;
	sample->record = (struct fold_record){
		.index = n,
		.leaf_bytes = bytes_of_text(sample->leaf),
		.meta = &sample->meta,
		.header = n % 7 == 6 ? NULL : &sample->header,
	};
	memset(sample->record.header_hash, (int)n, INDEX_HASH_LEN);
}

static rg_err apply_of(struct index *index, uint64_t n, const char *history)
{
	struct sample sample;

	fill_sample(n, history, &sample);
	return index_apply(index, &sample.record, sample.parties, sample.record.header ? 2 : 0);
}

static void apply_range(struct index *index, uint64_t begin, uint64_t end)
{
	for (uint64_t n = begin; n < end; n++) {
		ck_assert_int_eq(apply_of(index, n, "one"), RG_OK);
	}
}

static struct index *open_index(const char *path)
{
	struct index_options options = {.path = path, .origin = ORIGIN, .flush_records = 100};
	struct index *index = NULL;

	ck_assert_int_eq(index_open(&options, &index), RG_OK);
	return index;
}

/* Asks everything there is to ask; the answers as text. */
static void ask_all(struct index *index, uint64_t size, struct buf *out)
{
	static const char *const keys[] = {"25LA-UCR7", "25la-ucr7", "AB12 07", "ab1207", "th.doa1",
		"la.customs.post3", "nothing", ""};
	uint64_t found[64];
	size_t n;

	for (uint64_t record = 0; record < size; record++) {
		struct index_identity identity;
		struct sample sample;
		bool is_found = false;

		fill_sample(record, "one", &sample);
		ck_assert_int_eq(index_find_identity(index, sample.from, sample.id, &identity,
					 &is_found),
			RG_OK);
		ck_assert_int_eq(is_found, sample.record.header != NULL);
		if (is_found) {
			ck_assert_uint_eq(identity.index, record);
			ck_assert_mem_eq(identity.header_hash, sample.record.header_hash, 32);
		}
	}
	for (size_t key = 0; key < sizeof(keys) / sizeof(keys[0]); key++) {
		for (int kind = INDEX_UCR; kind <= INDEX_PARTY; kind++) {
			for (uint64_t before = 0; before < size; before = before * 2 + 1) {
				struct index_query query = {(enum index_kind)kind,
					bytes_of_text(keys[key]), before, 1 + before % 64};

				ck_assert_int_eq(index_find(index, &query, found, &n), RG_OK);
				buf_printf(out, "\n%s %d %u:", keys[key], kind, (unsigned)before);
				for (size_t i = 0; i < n; i++) {
					buf_printf(out, " %u", (unsigned)found[i]);
				}
			}
		}
	}
	for (int64_t time_us = 0; time_us < 20 * SECOND_US * N_RECORDS; time_us += 77 * SECOND_US) {
		uint64_t index_then = 0;
		bool is_found;

		ck_assert_int_eq(index_find_time(index, time_us, &index_then, &is_found), RG_OK);
		buf_printf(out, "\ntime %d %u", is_found, is_found ? (unsigned)index_then : 0);
	}
}

static void check_same(const struct buf *a, const struct buf *b)
{
	ck_assert_uint_eq(a->len, b->len);
	ck_assert_mem_eq(a->data, b->data, a->len);
}

START_TEST(newest_come_first_and_each_once)
{
	struct index *index = open_index(NULL);
	uint64_t found[10];
	size_t n;
	struct index_query query = {INDEX_MOVEMENT, bytes_of_text("AB 1207"), 0, 10};

	apply_range(index, 0, 200);
	ck_assert_int_eq(index_find(index, &query, found, &n), RG_OK);
	/* 7, 57, 107, 157 carry the plate; none of these is a TICK. */
	ck_assert_uint_eq(n, 4);
	ck_assert_uint_eq(found[0], 157);
	ck_assert_uint_eq(found[3], 7);
	query.before = 107;
	query.limit = 1;
	ck_assert_int_eq(index_find(index, &query, found, &n), RG_OK);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(found[0], 57);
	index_close(index);
}
END_TEST

START_TEST(answers_do_not_depend_on_when_rows_were_written)
{
	char dir[PATH_LEN];
	struct buf want = {0};

	make_folder(dir);
	struct index *memory = open_index(NULL);

	apply_range(memory, 0, N_RECORDS);
	ask_all(memory, N_RECORDS, &want);
	/* Written never, at once, now and then, and while more comes. */
	for (uint64_t every = 1; every <= N_RECORDS; every = every * 5 + 3) {
		struct index *index = open_index(dir);
		struct buf got = {0};

		for (uint64_t n = 0; n < N_RECORDS; n++) {
			ck_assert_int_eq(apply_of(index, n, "one"), RG_OK);
			if (n % every == 0) {
				ck_assert_int_eq(index_flush_due(index,
							 (int64_t)n * 11 * SECOND_US),
					RG_OK);
			}
		}
		ask_all(index, N_RECORDS, &got);
		check_same(&got, &want);
		buf_clear(&got);
		ck_assert_int_eq(index_flush(index), RG_OK);
		ck_assert_uint_eq(index_durable_size(index), N_RECORDS);
		ask_all(index, N_RECORDS, &got);
		check_same(&got, &want);
		buf_deinit(&got);
		index_close(index);
		remove_folder(dir);
		ck_assert_int_eq(mkdir(dir, 0700), 0);
	}
	index_close(memory);
	buf_deinit(&want);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(flush_comes_after_so_many_records_or_so_long)
{
	char dir[PATH_LEN];

	make_folder(dir);
	struct index *index = open_index(dir);

	apply_range(index, 0, 50);
	ck_assert_int_eq(index_flush_due(index, SECOND_US), RG_OK);
	ck_assert_int_eq(index_flush_due(index, 10 * SECOND_US), RG_OK);
	ck_assert_uint_eq(index_durable_size(index), 0);
	ck_assert_int_eq(index_flush_due(index, 11 * SECOND_US), RG_OK);
	for (int i = 0; i < 1000 && index_durable_size(index) == 0; i++) {
		usleep(10000);
		ck_assert_int_eq(index_flush_due(index, 11 * SECOND_US), RG_OK);
	}
	ck_assert_uint_eq(index_durable_size(index), 50);
	apply_range(index, 50, 150);
	ck_assert_int_eq(index_flush_due(index, 12 * SECOND_US), RG_OK);
	for (int i = 0; i < 1000 && index_durable_size(index) == 50; i++) {
		usleep(10000);
		ck_assert_int_eq(index_flush_due(index, 12 * SECOND_US), RG_OK);
	}
	ck_assert_uint_eq(index_durable_size(index), 150);
	index_close(index);
	remove_folder(dir);
}
END_TEST

START_TEST(restart_skips_what_is_durable_and_goes_on)
{
	char dir[PATH_LEN];
	struct buf want = {0};
	struct buf got = {0};
	uint64_t size = 0;

	make_folder(dir);
	struct index *index = open_index(dir);

	apply_range(index, 0, 300);
	index_close(index);
	ck_assert_int_eq(index_stored_size(dir, ORIGIN, &size), RG_OK);
	ck_assert_uint_eq(size, 300);
	ck_assert_int_eq(index_stored_size(dir, "another.example/log", &size), RG_OK);
	ck_assert_uint_eq(size, 0);
	index = open_index(dir);
	ck_assert_uint_eq(index_durable_size(index), 300);
	ck_assert_uint_eq(index_size(index), 0);
	apply_range(index, 0, N_RECORDS);
	ck_assert_int_eq(index_dump(index, &got), RG_OK);
	index_close(index);
	remove_folder(dir);

	index = open_index(NULL);
	apply_range(index, 0, N_RECORDS);
	ck_assert_int_eq(index_dump(index, &want), RG_OK);
	index_close(index);
	check_same(&got, &want);
	buf_deinit(&got);
	buf_deinit(&want);
}
END_TEST

/* Opens, replays, and gives the rows. */
static void rebuild(const char *dir, struct buf *out)
{
	struct index *index = open_index(dir);

	buf_clear(out);
	apply_range(index, 0, N_RECORDS);
	ck_assert_int_eq(index_dump(index, out), RG_OK);
	index_close(index);
}

START_TEST(damaged_or_deleted_index_is_rebuilt_row_for_row)
{
	char dir[PATH_LEN];
	struct buf want = {0};
	struct buf got = {0};
	struct stat status;
	uint32_t state = 1;

	make_folder(dir);
	rebuild(dir, &want);
	char *path = file_join(dir, "data.mdb");

	for (int round = 0; round < 60; round++) {
		int fd = open(path, O_RDWR);
		uint8_t bytes[64];

		ck_assert_int_ge(fd, 0);
		ck_assert_int_eq(fstat(fd, &status), 0);
		state = state * 1664525u + 1013904223u;
		off_t at = (off_t)(state >> 4) % (status.st_size - 64);

		ck_assert_int_eq(pread(fd, bytes, sizeof(bytes), at), sizeof(bytes));
		switch (round % 4) {
		case 0:
			bytes[0] ^= (uint8_t)(1u << round % 8);
			break;
		case 1:
			memset(bytes, 0xff, sizeof(bytes));
			break;
		case 2:
			memset(bytes, 0, sizeof(bytes));
			break;
		default:
			ck_assert_int_eq(ftruncate(fd, at), 0);
			memset(bytes, 'x', sizeof(bytes));
		}
		ck_assert_int_eq(pwrite(fd, bytes, sizeof(bytes), at), sizeof(bytes));
		close(fd);
		rebuild(dir, &got);
		check_same(&got, &want);
	}
	remove_folder(dir);
	rebuild(dir, &got);
	check_same(&got, &want);
	free(path);
	remove_folder(dir);
	buf_deinit(&got);
	buf_deinit(&want);
}
END_TEST

START_TEST(index_of_another_log_is_rebuilt)
{
	char dir[PATH_LEN];
	struct index_options options = {.path = dir, .origin = "another.example/log"};
	struct index *index = NULL;

	make_folder(dir);
	ck_assert_int_eq(index_open(&options, &index), RG_OK);
	apply_range(index, 0, 10);
	index_close(index);
	index = open_index(dir);
	ck_assert_uint_eq(index_durable_size(index), 0);
	index_close(index);
	remove_folder(dir);
}
END_TEST

START_TEST(index_of_another_first_record_is_rebuilt_at_once)
{
	char dir[PATH_LEN];
	struct buf got = {0};
	struct buf want = {0};
	struct index *memory = open_index(NULL);

	make_folder(dir);
	struct index *index = open_index(dir);

	for (uint64_t n = 0; n < 100; n++) {
		ck_assert_int_eq(apply_of(index, n, "two"), RG_OK);
	}
	index_close(index);
	rebuild(dir, &got);
	apply_range(memory, 0, N_RECORDS);
	ck_assert_int_eq(index_dump(memory, &want), RG_OK);
	check_same(&got, &want);
	index_close(memory);
	remove_folder(dir);
	buf_deinit(&got);
	buf_deinit(&want);
}
END_TEST

START_TEST(index_of_another_history_is_deleted_and_the_start_refused)
{
	char dir[PATH_LEN];
	struct buf got = {0};

	make_folder(dir);
	struct index *index = open_index(dir);

	for (uint64_t n = 0; n < 100; n++) {
		ck_assert_int_eq(apply_of(index, n, n < 50 ? "one" : "two"), RG_OK);
	}
	index_close(index);
	index = open_index(dir);
	apply_range(index, 0, 99);
	ck_assert_int_eq(apply_of(index, 99, "one"), RG_E_STORE);
	index_close(index);
	rebuild(dir, &got);
	ck_assert_uint_gt(got.len, 0);
	remove_folder(dir);
	buf_deinit(&got);
}
END_TEST

START_TEST(full_disk_costs_no_answer_and_is_written_later)
{
	char dir[PATH_LEN];
	struct rlimit limit;
	struct buf want = {0};
	struct buf got = {0};
	struct index *memory = open_index(NULL);

	make_folder(dir);
	struct index *index = open_index(dir);

	(void)signal(SIGXFSZ, SIG_IGN);
	apply_range(memory, 0, N_RECORDS);
	ask_all(memory, N_RECORDS, &want);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	rlim_t before = limit.rlim_cur;

	limit.rlim_cur = 32768;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (uint64_t n = 0; n < 350; n++) {
		ck_assert_int_eq(apply_of(index, n, "one"), RG_OK);
	}
	ck_assert_int_eq(index_flush(index), RG_E_STORE);
	ck_assert_uint_eq(index_durable_size(index), 0);
	limit.rlim_cur = before;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	apply_range(index, 350, N_RECORDS);
	ask_all(index, N_RECORDS, &got);
	check_same(&got, &want);
	ck_assert_int_eq(index_flush(index), RG_OK);
	ck_assert_uint_eq(index_durable_size(index), N_RECORDS);
	buf_clear(&got);
	ask_all(index, N_RECORDS, &got);
	check_same(&got, &want);
	index_close(index);
	index_close(memory);
	remove_folder(dir);
	buf_deinit(&want);
	buf_deinit(&got);
}
END_TEST

START_TEST(map_grows_with_the_rows)
{
	char dir[PATH_LEN];
	struct index_options options = {.path = dir, .origin = ORIGIN, .flush_records = 1000000};
	struct index *index = NULL;
	struct sample sample;
	char seal[24][160];
	char *seals[24];

	make_folder(dir);
	ck_assert_int_eq(index_open(&options, &index), RG_OK);
	/* More than 64 MiB of rows. */
	for (uint64_t n = 0; n < 14000; n++) {
		fill_sample(n, "one", &sample);
		for (size_t i = 0; i < 24; i++) {
			memset(seal[i], 'q', sizeof(seal[i]));
			snprintf(seal[i], sizeof(seal[i]), "%056u-%u", (unsigned)(n * 24 + i), 7);
			seals[i] = seal[i];
		}
		sample.movement.seals = seals;
		sample.movement.n_seals = 24;
		sample.header.movement = &sample.movement;
		sample.record.header = &sample.header;
		sample.id[1] = (uint8_t)(n >> 16);
		ck_assert_int_eq(index_apply(index, &sample.record, sample.parties, 2), RG_OK);
		if (n % 3500 == 3499) {
			ck_assert_int_eq(index_flush(index), RG_OK);
		}
	}
	ck_assert_int_eq(index_flush(index), RG_OK);
	ck_assert_uint_eq(index_durable_size(index), 14000);
	index_close(index);
	remove_folder(dir);
}
END_TEST

START_TEST(keys_are_normalised_and_bounded)
{
	static const struct {
		enum index_kind kind;
		const char *a;
		const char *b;
		bool is_same;
	} cases[] = {
		{INDEX_MOVEMENT, "ab-12 34", "AB1234", true},
		{INDEX_MOVEMENT, "AB1234", "AB12345", false},
		{INDEX_UCR, "25la-1", "25LA-1", true},
		{INDEX_UCR, "25LA-1", "25LA1", false},
		{INDEX_PARTY, "la.customs", "LA.CUSTOMS", true},
		{INDEX_PARTY, "la.customs", "la.customs.boten", false},
		{INDEX_UCR, "A", "B", false},
	};
	struct index_key a;
	struct index_key b;
	char text[1000];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(index_keys_search(cases[i].kind, bytes_of_text(cases[i].a), &a),
			RG_OK);
		ck_assert_int_eq(index_keys_search(cases[i].kind, bytes_of_text(cases[i].b), &b),
			RG_OK);
		ck_assert_int_eq(a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0,
			cases[i].is_same);
	}
	memset(text, 'x', sizeof(text));
	for (size_t len = 0; len < sizeof(text); len++) {
		ck_assert_int_eq(index_keys_search(INDEX_UCR, bytes_of(text, len), &a), RG_OK);
		ck_assert_uint_le(a.len + 8, INDEX_KEYS_MAX);
		ck_assert_int_eq(a.len == 0, len == 0);
		if (len > 0) {
			text[len - 1] = 'y';
			ck_assert_int_eq(index_keys_search(INDEX_UCR, bytes_of(text, len), &b),
				RG_OK);
			text[len - 1] = 'x';
			ck_assert(a.len != b.len || memcmp(a.bytes, b.bytes, a.len) != 0);
		}
	}
	index_keys_identity("", (const uint8_t[16]){0}, &a);
	ck_assert_uint_eq(a.len, 0);
}
END_TEST

CHECK_MAIN("index", newest_come_first_and_each_once,
	answers_do_not_depend_on_when_rows_were_written,
	flush_comes_after_so_many_records_or_so_long, restart_skips_what_is_durable_and_goes_on,
	damaged_or_deleted_index_is_rebuilt_row_for_row, index_of_another_log_is_rebuilt,
	index_of_another_first_record_is_rebuilt_at_once,
	index_of_another_history_is_deleted_and_the_start_refused,
	full_disk_costs_no_answer_and_is_written_later, map_grows_with_the_rows,
	keys_are_normalised_and_bounded)
