/*
 * The journal thread: group commit, and what happens to queued records when a write
 * fails.
 */

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "journal/writer.h"
#include "journal_kit.h"

#define WAIT_US (10 * 1000 * 1000)

/* What was reported, for the thread of the test. */
struct reports {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t durable_size;
	unsigned n_reports;
	unsigned n_failures;
	bool has_room;
	rg_err fault;
};

static void take_report(void *context, const struct journal_report *report)
{
	struct reports *reports = context;

	pthread_mutex_lock(&reports->lock);
	reports->durable_size = report->durable_size;
	reports->n_reports++;
	reports->n_failures += report->has_failed;
	reports->has_room = report->has_room;
	reports->fault = report->fault;
	pthread_cond_broadcast(&reports->changed);
	pthread_mutex_unlock(&reports->lock);
}

/* Check's own assertions write to a file, and one test lets files grow no further. */
static void must(bool is_so)
{
	if (!is_so) {
		abort();
	}
}

static void push_job(struct journal_writer *writer, uint64_t index, bool may_use_reserve,
	bool is_alone)
{
	struct journal_job *job = journal_job_new();
	struct kit_record record;

	must(job != NULL);
	kit_record(index, &record);
	job->index = index;
	job->may_use_reserve = may_use_reserve;
	buf_add_bytes(&job->leaf, record.entry.leaf);
	/* Parts by the frames of a message, as they come from a socket. */
	if (index % 3 > 0) {
		job->message = message_new();
		must(job->message != NULL);
		job->message->n_parts = index % 3;
		job->message->part_frames = calloc(index % 3, sizeof(zmq_msg_t));
		for (size_t i = 0; i < index % 3; i++) {
			zmq_msg_t *frame = &job->message->part_frames[i];

			must(zmq_msg_init_size(frame, record.parts[i].len) == 0);
			if (record.parts[i].len > 0) {
				memcpy(zmq_msg_data(frame), record.parts[i].data,
					record.parts[i].len);
			}
		}
	}
	journal_writer_push(writer, &job, is_alone);
	must(job == NULL);
}

/* Some say that they come alone, as they do when a queue runs empty between two bursts. */
static void push(struct journal_writer *writer, uint64_t index, bool may_use_reserve)
{
	push_job(writer, index, may_use_reserve, index % 5 == 0);
}

static void wait_for(struct reports *reports, bool (*is_met)(const struct reports *, uint64_t),
	uint64_t value)
{
	int64_t end_us = clock_monotonic_us() + WAIT_US;

	pthread_mutex_lock(&reports->lock);
	while (!is_met(reports, value)) {
		struct timespec at;

		must(clock_monotonic_us() < end_us);
		clock_gettime(CLOCK_REALTIME, &at);
		at.tv_sec++;
		pthread_cond_timedwait(&reports->changed, &reports->lock, &at);
	}
	pthread_mutex_unlock(&reports->lock);
}

static bool is_durable(const struct reports *reports, uint64_t size)
{
	return reports->durable_size >= size;
}

static bool has_failed(const struct reports *reports, uint64_t n_failures)
{
	return reports->n_failures >= n_failures;
}

static bool has_room(const struct reports *reports, uint64_t want)
{
	return reports->has_room == (want != 0);
}

static struct journal_writer *start(struct journal *journal, struct reports *reports)
{
	struct journal_writer *writer = NULL;
	struct journal_writer_options options = {journal, 64, take_report, reports};

	*reports = (struct reports){0};
	pthread_mutex_init(&reports->lock, NULL);
	pthread_cond_init(&reports->changed, NULL);
	ck_assert_int_eq(journal_writer_start(&options, &writer), RG_OK);
	return writer;
}

START_TEST(records_become_durable_in_batches)
{
	struct kit kit;
	struct reports reports;

	kit_init(&kit);
	struct journal *journal = kit_open(&kit);
	struct journal_writer *writer = start(journal, &reports);

	for (uint64_t n = 0; n < 3000; n++) {
		push(writer, n, false);
	}
	wait_for(&reports, is_durable, 3000);
	journal_writer_stop(writer);
	ck_assert_uint_eq(reports.n_failures, 0);
	ck_assert_uint_lt(reports.n_reports, 3000);
	kit_check_all(journal, 3000);
	journal_close(journal);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(stop_writes_what_is_queued)
{
	struct kit kit;
	struct reports reports;

	kit_init(&kit);
	struct journal *journal = kit_open(&kit);
	struct journal_writer *writer = start(journal, &reports);

	for (uint64_t n = 0; n < 50; n++) {
		push(writer, n, false);
	}
	journal_writer_stop(writer);
	kit_check_all(journal, 50);
	journal_close(journal);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(after_a_failure_queued_records_are_dropped_until_numbering_goes_on)
{
	struct kit kit;
	struct reports reports;
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	kit_init(&kit);
	struct journal *journal = kit_open(&kit);
	struct journal_writer *writer = start(journal, &reports);

	push(writer, 0, false);
	wait_for(&reports, is_durable, 1);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	rlim_t before = limit.rlim_cur;

	/* The file is full: what is allocated lasts for some hundred records. */
	limit.rlim_cur = 16384;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (uint64_t n = 1; n < 1000; n++) {
		push(writer, n, false);
	}
	wait_for(&reports, has_failed, 1);
	ck_assert(!journal_writer_has_room(writer));
	uint64_t size = journal_size(journal);

	ck_assert_uint_lt(size, 1000);
	/* What may use the reserve still goes through. */
	push(writer, size, true);
	wait_for(&reports, is_durable, size + 1);
	limit.rlim_cur = before;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	wait_for(&reports, has_room, 1);
	push(writer, size + 1, false);
	wait_for(&reports, is_durable, size + 2);
	journal_writer_stop(writer);
	ck_assert_uint_eq(reports.n_failures, 1);
	kit_check_all(journal, size + 2);
	journal_close(journal);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(readers_see_what_is_durable_while_it_grows)
{
	struct kit kit;
	struct reports reports;
	struct journal_reader *reader = NULL;
	struct journal_record record;

	kit_init(&kit);
	kit.options.segment_bytes = 20000;
	struct journal *journal = kit_open(&kit);
	struct journal_writer *writer = start(journal, &reports);

	ck_assert_int_eq(journal_reader_open(journal, &reader), RG_OK);
	for (uint64_t n = 0; n < 2000; n++) {
		push(writer, n, false);
		uint64_t size = journal_size(journal);

		for (uint64_t at = size > 3 ? size - 3 : 0; at < size; at++) {
			ck_assert_int_eq(journal_read(reader, at, &record), RG_OK);
			kit_check(&record, at);
		}
	}
	journal_reader_close(reader);
	journal_writer_stop(writer);
	kit_check_all(journal, 2000);
	journal_close(journal);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(a_record_that_comes_alone_is_durable_when_push_returns)
{
	struct kit kit;
	struct reports reports;

	kit_init(&kit);
	struct journal *journal = kit_open(&kit);
	struct journal_writer *writer = start(journal, &reports);

	for (uint64_t n = 0; n < 100; n++) {
		push_job(writer, n, false, true);
		ck_assert_uint_eq(reports.durable_size, n + 1);
		ck_assert_uint_eq(journal_size(journal), n + 1);
	}
	/* One that does not continue is dropped here as in the thread. */
	push_job(writer, 150, false, true);
	ck_assert_uint_eq(journal_size(journal), 100);
	push_job(writer, 100, false, false);
	wait_for(&reports, is_durable, 101);
	journal_writer_stop(writer);
	ck_assert_uint_eq(reports.n_failures, 0);
	kit_check_all(journal, 101);
	journal_close(journal);
	kit_remove(kit.dir);
}
END_TEST

START_TEST(a_lone_record_that_finds_no_room_is_reported_and_room_is_noticed_again)
{
	struct kit kit;
	struct reports reports;
	struct rlimit limit;
	uint64_t n = 0;

	signal(SIGXFSZ, SIG_IGN);
	kit_init(&kit);
	struct journal *journal = kit_open(&kit);
	struct journal_writer *writer = start(journal, &reports);

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	rlim_t before = limit.rlim_cur;

	limit.rlim_cur = 16384;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (; n < 1000 && reports.n_failures == 0; n++) {
		push_job(writer, n, false, true);
	}
	limit.rlim_cur = before;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_uint_lt(n, 1000);
	/* Nobody pushes: the journal thread notices by itself. */
	wait_for(&reports, has_room, 1);
	push_job(writer, n - 1, false, true);
	wait_for(&reports, is_durable, n);
	journal_writer_stop(writer);
	kit_check_all(journal, n);
	journal_close(journal);
	kit_remove(kit.dir);
}
END_TEST

CHECK_MAIN("journal_writer", records_become_durable_in_batches, stop_writes_what_is_queued,
	after_a_failure_queued_records_are_dropped_until_numbering_goes_on,
	readers_see_what_is_durable_while_it_grows,
	a_record_that_comes_alone_is_durable_when_push_returns,
	a_lone_record_that_finds_no_room_is_reported_and_room_is_noticed_again)
