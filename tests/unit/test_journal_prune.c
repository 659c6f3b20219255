/* Taking parts out of closed segments: crashes and full disks at every step, readers beside it. */

#include <pthread.h>
#include <stdatomic.h>

#include "crash.h"
#include "journal/prune.h"
#include "journal/survey.h"
#include "journal_kit.h"

#define N_RECORDS 300
#define N_EXPIRED 100 /* records 0 to 99 */

/* Segments of some 40 records. */
static void make(struct kit *kit)
{
	kit_init(kit);
	kit->options.segment_bytes = 4096;
	struct journal *journal = kit_open(kit);

	while (journal_size(journal) < N_RECORDS) {
		ck_assert_int_eq(kit_append(journal, 10), JOURNAL_WRITTEN);
	}
	journal_close(journal);
	ck_assert_uint_gt(kit_count(kit->dir, ".seg"), 3);
}

/* Prunes the records below N_EXPIRED in segment i. */
static rg_err prune(const struct kit *kit, struct journal *journal, size_t i,
	struct journal_pruned *ret_pruned)
{
	scoped(freep) uint64_t *firsts = NULL;
	uint8_t expired[N_RECORDS / 8 + 1] = {0};
	size_t n = 0;

	ck_assert_int_eq(journal_survey_segments(kit->dir, &firsts, &n), RG_OK);
	ck_assert_uint_lt(i + 1, n);
	const struct journal_prune_plan plan = {
		.dir = kit->dir,
		.journal = journal,
		.first = firsts[i],
		.n_records = firsts[i + 1] - firsts[i],
		.expired = expired,
	};

	for (uint64_t row = 0; row < plan.n_records; row++) {
		if (plan.first + row < N_EXPIRED) {
			expired[row / 8] |= (uint8_t)(1u << row % 8);
		}
	}
	return journal_prune(&plan, ret_pruned);
}

/* 1: all parts of segment 0 are there, 0: none is that expired; else the test fails. */
static int state_of(struct journal *journal, uint64_t end)
{
	struct journal_reader *reader = NULL;
	struct journal_record record;
	struct rg_bytes parts[JOURNAL_PARTS_MAX];
	size_t n_parts;
	int state = -1;

	ck_assert_int_eq(journal_reader_open(journal, &reader), RG_OK);
	for (uint64_t n = 0; n < N_RECORDS; n++) {
		struct kit_record want;

		kit_record(n, &want);
		ck_assert_int_eq(journal_read(reader, n, &record), RG_OK);
		ck_assert(bytes_equal(record.leaf, want.entry.leaf));
		ck_assert(journal_record_parts(record.parts, parts, &n_parts));
		ck_assert_uint_eq(n_parts, want.entry.n_parts);
		if (n_parts == 0) {
			continue;
		}
		int is_here = bytes_equal(parts[0], want.parts[0]);

		ck_assert(is_here || parts[0].len == 0);
		if (n >= end) {
			ck_assert(is_here);
			continue;
		}
		state = state < 0 ? is_here : state;
		ck_assert_int_eq(is_here, state);
	}
	journal_reader_close(reader);
	return state;
}

static uint64_t end_of_first(const struct kit *kit)
{
	scoped(freep) uint64_t *firsts = NULL;
	size_t n = 0;

	ck_assert_int_eq(journal_survey_segments(kit->dir, &firsts, &n), RG_OK);
	return firsts[1];
}

START_TEST(pruning_empties_the_parts_of_these_records_and_nothing_else)
{
	struct kit kit;
	struct journal_pruned pruned = {0};

	make(&kit);
	uint64_t end = end_of_first(&kit);

	ck_assert_int_eq(prune(&kit, NULL, 0, &pruned), RG_OK);
	ck_assert_uint_eq(pruned.n_records, pruned.n_parts);
	ck_assert_uint_ge(pruned.n_parts, end / 3);
	struct journal *journal = kit_open(&kit);

	ck_assert_int_eq(state_of(journal, end), 0);
	journal_close(journal);
	ck_assert_int_eq(prune(&kit, NULL, 0, &pruned), RG_OK);
	ck_assert_uint_eq(pruned.n_parts, 0);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(pruning_a_segment_in_part_keeps_the_rest_of_it)
{
	struct kit kit;
	struct journal_pruned pruned = {0};

	make(&kit);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(prune(&kit, NULL, i, &pruned), RG_OK);
	}
	struct journal *journal = kit_open(&kit);

	ck_assert_int_eq(state_of(journal, N_EXPIRED), 0);
	journal_close(journal);
	kit_remove(kit.dir);
}
END_TEST

static struct kit crashed_kit;

static void prune_once(void)
{
	struct journal_pruned pruned;

	if (prune(&crashed_kit, NULL, 0, &pruned)) {
		_exit(1);
	}
}

START_TEST(a_crash_at_any_step_leaves_the_old_or_the_new_segment)
{
	unsigned n_old = 0;
	unsigned n_new = 0;
	bool has_ended = false;

	for (unsigned step = 1; !has_ended; step++) {
		make(&crashed_kit);
		uint64_t end = end_of_first(&crashed_kit);

		has_ended = crash_runs_to_its_end(step, prune_once);
		struct journal *journal = kit_open(&crashed_kit);

		*(state_of(journal, end) ? &n_old : &n_new) += 1;
		journal_close(journal);
		ck_assert_uint_eq(kit_count(crashed_kit.dir, ".tmp"), 0);
		kit_remove(crashed_kit.dir);
	}
	ck_assert_uint_ge(n_old, 3);
	ck_assert_uint_ge(n_new, 2);
}
END_TEST

START_TEST(a_full_disk_at_any_step_loses_nothing)
{
	rg_err err = RG_E_IO;

	for (unsigned step = 1; err; step++) {
		struct kit kit;
		struct journal_pruned pruned;

		make(&kit);
		uint64_t end = end_of_first(&kit);
		int saved = kit_capture();
		char log[4096];

		crash_arm(0, step);
		err = prune(&kit, NULL, 0, &pruned);
		crash_arm(0, 0);
		kit_captured(saved, log, sizeof(log));
		ck_assert(err == RG_OK || err == RG_E_IO);
		ck_assert(err == RG_OK || strstr(log, "error "));
		ck_assert_uint_eq(kit_count(kit.dir, ".tmp"), 0);
		struct journal *journal = kit_open(&kit);

		/* The last step syncs the folder: whether the new name lasts is open then. */
		ck_assert(state_of(journal, end) >= 0);
		journal_close(journal);
		kit_remove(kit.dir);
	}
}
END_TEST

START_TEST(a_changed_byte_stops_the_pruning_and_nothing_is_replaced)
{
	struct kit kit;

	make(&kit);
	struct buf content = kit_load(kit.dir, "00000000000000000000.seg");

	for (size_t at = 0; at < content.len; at += 37) {
		struct journal_pruned pruned;

		content.data[at] ^= 4;
		kit_store(kit.dir, "00000000000000000000.seg", buf_view(&content));
		int saved = kit_capture();
		char log[4096];
		rg_err err = prune(&kit, NULL, 0, &pruned);

		kit_captured(saved, log, sizeof(log));
		struct buf now = kit_load(kit.dir, "00000000000000000000.seg");

		ck_assert_int_eq(err, RG_E_FORMAT);
		ck_assert(bytes_equal(buf_view(&now), buf_view(&content)));
		ck_assert_uint_eq(kit_count(kit.dir, ".tmp"), 0);
		buf_deinit(&now);
		content.data[at] ^= 4;
	}
	buf_deinit(&content);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(what_stands_behind_the_last_record_stops_the_pruning)
{
	struct kit kit;
	struct journal_pruned pruned;

	make(&kit);
	struct buf content = kit_load(kit.dir, "00000000000000000000.seg");

	buf_add_text(&content, "x");
	kit_store(kit.dir, "00000000000000000000.seg", buf_view(&content));
	int saved = kit_capture();
	char log[4096];
	rg_err err = prune(&kit, NULL, 0, &pruned);

	kit_captured(saved, log, sizeof(log));
	ck_assert_int_eq(err, RG_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(log, "behind the last record"));
	buf_deinit(&content);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(a_leftover_is_removed_at_the_next_start_and_foreign_files_are_not)
{
	struct kit kit;

	make(&kit);
	kit_store(kit.dir, "00000000000000000000.seg.tmp", bytes_of_text("half"));
	kit_store(kit.dir, "notes.tmp", bytes_of_text("mine"));
	journal_close(kit_open(&kit));
	ck_assert_uint_eq(kit_count(kit.dir, ".seg.tmp"), 0);
	ck_assert_uint_eq(kit_count(kit.dir, "notes.tmp"), 1);
	kit_remove(kit.dir);
}
END_TEST

struct beside {
	struct journal *journal;
	atomic_bool is_over;
	atomic_uint n_rounds;
};

static void *read_all(void *context)
{
	struct beside *beside = context;
	struct journal_reader *reader = NULL;
	bool is_good = journal_reader_open(beside->journal, &reader) == RG_OK;

	while (is_good && !atomic_load(&beside->is_over)) {
		for (uint64_t n = 0; is_good && n < N_RECORDS; n += 7) {
			struct journal_record record;
			struct kit_record want;

			kit_record(n, &want);
			is_good = journal_read(reader, n, &record) == RG_OK &&
				bytes_equal(record.leaf, want.entry.leaf);
		}
		atomic_fetch_add(&beside->n_rounds, 1);
	}
	journal_reader_close(reader);
	return is_good ? beside : NULL;
}

START_TEST(readers_of_an_open_journal_follow_the_pruned_segments)
{
	struct kit kit;

	make(&kit);
	struct journal *journal = kit_open(&kit);
	struct beside beside = {.journal = journal};
	pthread_t thread;
	void *result = NULL;

	ck_assert_int_eq(pthread_create(&thread, NULL, read_all, &beside), 0);
	for (size_t round = 0; round < 30; round++) {
		struct journal_pruned pruned;

		ck_assert_int_eq(prune(&kit, journal, round % 3, &pruned), RG_OK);
	}
	while (atomic_load(&beside.n_rounds) < 3) {
		usleep(1000);
	}
	atomic_store(&beside.is_over, true);
	ck_assert_int_eq(pthread_join(thread, &result), 0);
	ck_assert_ptr_nonnull(result);
	ck_assert_int_eq(state_of(journal, N_EXPIRED), 0);
	ck_assert_int_eq(kit_append(journal, 5), JOURNAL_WRITTEN);
	journal_close(journal);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(a_survey_changes_nothing_and_says_what_a_start_would_do)
{
	struct kit kit;
	struct journal_survey survey;

	make(&kit);
	const struct journal_survey_options options = {.dir = kit.dir, .limit = UINT64_MAX};

	ck_assert_int_eq(journal_survey(&options, &survey), RG_OK);
	ck_assert_uint_eq(survey.n_records, N_RECORDS);
	ck_assert_uint_eq(survey.n_segments, kit_count(kit.dir, ".seg"));
	ck_assert(!survey.damage && !survey.is_torn);
	struct buf content = kit_load(kit.dir, "00000000000000000000.seg");

	content.data[40] ^= 1;
	kit_store(kit.dir, "00000000000000000000.seg", buf_view(&content));
	int saved = kit_capture();
	char log[4096];
	rg_err err = journal_survey(&options, &survey);

	kit_captured(saved, log, sizeof(log));
	ck_assert_int_eq(err, RG_OK);
	ck_assert_ptr_nonnull(survey.damage);
	ck_assert_uint_eq(survey.record, 0);
	ck_assert_str_eq(survey.segment, "00000000000000000000.seg");
	buf_deinit(&content);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(a_survey_below_a_limit_does_not_judge_what_is_behind_it)
{
	struct kit kit;
	struct journal_survey survey;

	make(&kit);
	const struct journal_survey_options options = {.dir = kit.dir, .limit = 7};
	struct buf content = kit_load(kit.dir, "00000000000000000000.seg");

	content.data[content.len - 1] ^= 1;
	kit_store(kit.dir, "00000000000000000000.seg", buf_view(&content));
	ck_assert_int_eq(journal_survey(&options, &survey), RG_OK);
	ck_assert(!survey.damage && !survey.is_torn);
	ck_assert_uint_eq(survey.n_records, 7);
	buf_deinit(&content);
	kit_remove(kit.dir);
}
END_TEST

CHECK_MAIN("journal_prune", pruning_empties_the_parts_of_these_records_and_nothing_else,
	pruning_a_segment_in_part_keeps_the_rest_of_it,
	a_crash_at_any_step_leaves_the_old_or_the_new_segment,
	a_full_disk_at_any_step_loses_nothing,
	a_changed_byte_stops_the_pruning_and_nothing_is_replaced,
	what_stands_behind_the_last_record_stops_the_pruning,
	a_leftover_is_removed_at_the_next_start_and_foreign_files_are_not,
	readers_of_an_open_journal_follow_the_pruned_segments,
	a_survey_changes_nothing_and_says_what_a_start_would_do,
	a_survey_below_a_limit_does_not_judge_what_is_behind_it)
