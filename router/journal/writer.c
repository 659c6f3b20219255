/*
 * The journal thread: see writer.h
 *
 * While one batch is synced the next piles up in the queue: the slower the disk, the
 * larger the batch. After a fault the thread takes nothing more; the queue is closed,
 * so that nobody waits for it.
 *
 * A record that comes alone is written by the core thread itself, while the journal
 * thread has nothing: two hand-offs less on its way.
 * Threads: `run` and what it calls are the journal thread, write_batch() also the core
 * thread; the rest is said in writer.h.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/queue.h"
#include "journal/writer.h"

#define CAPACITY  4096
#define BATCH_MAX 512
/* How often a full disk is asked again, and an end without a record is noticed. */
#define RETRY_MS 1000

struct journal_writer {
	struct journal *journal;
	struct queue *queue;
	void (*report)(void *context, const struct journal_report *report);
	void *context;
	pthread_t thread;
	bool is_started;
	atomic_bool has_room;
	atomic_bool has_fault;
	atomic_bool is_stopping;
	atomic_size_t n_queued; /* pushed, and not written yet */

	/* Of the journal thread, and of the core thread while n_queued is 0: */
	bool is_dropping; /* a batch failed; what does not continue the durable size is dropped */
	struct journal_job *jobs[BATCH_MAX];
	struct journal_entry entries[BATCH_MAX];
	struct rg_bytes *parts;
	size_t parts_cap;
};

struct journal_job *journal_job_new(void)
{
	return calloc(1, sizeof(struct journal_job));
}

void journal_job_free(struct journal_job *job)
{
	if (job) {
		message_free(job->message);
		buf_deinit(&job->leaf);
		free(job);
	}
}

static void report(struct journal_writer *writer, bool has_failed, rg_err fault)
{
	struct journal_report what = {
		.durable_size = journal_size(writer->journal),
		.has_failed = has_failed,
		.has_room = !fault && journal_has_room(writer->journal),
		.fault = fault,
	};

	atomic_store(&writer->has_room, what.has_room);
	atomic_store(&writer->has_fault, fault != RG_OK);
	writer->report(writer->context, &what);
}

/* Keeps the jobs that continue the durable size; the others are of a batch that failed. */
static size_t drop_stale(struct journal_writer *writer, size_t n_jobs)
{
	uint64_t size = journal_size(writer->journal);
	size_t n_kept = 0;

	for (size_t i = 0; i < n_jobs; i++) {
		struct journal_job *job = writer->jobs[i];

		if (job->index == size + n_kept) {
			writer->is_dropping = false;
			writer->jobs[n_kept++] = job;
			continue;
		}
		if (!writer->is_dropping) {
			log_event(LOG_ERROR, "journal", "record-out-of-order",
				log_number("record", (int64_t)job->index),
				log_number("expected", (int64_t)(size + n_kept)));
		}
		journal_job_free(job);
	}
	return n_kept;
}

static size_t count_parts(const struct journal_writer *writer, size_t n_jobs)
{
	size_t n_parts = 0;

	for (size_t i = 0; i < n_jobs; i++) {
		n_parts += writer->jobs[i]->message ? writer->jobs[i]->message->n_parts : 0;
	}
	return n_parts;
}

/* Views of all parts and leaves of the batch. */
static rg_err fill_entries(struct journal_writer *writer, size_t n_jobs)
{
	size_t n_parts = count_parts(writer, n_jobs);

	if (n_parts > writer->parts_cap) {
		struct rg_bytes *room = reallocarray(NULL, n_parts, sizeof(*room));

		if (!room) {
			return RG_E_NOMEM;
		}
		free(writer->parts);
		writer->parts = room;
		writer->parts_cap = n_parts;
	}
	struct rg_bytes *next = writer->parts;

	for (size_t i = 0; i < n_jobs; i++) {
		const struct journal_job *job = writer->jobs[i];

		writer->entries[i] = (struct journal_entry){
			.leaf = buf_view(&job->leaf),
			.parts = next,
			.n_parts = job->message ? job->message->n_parts : 0,
			.may_use_reserve = job->may_use_reserve,
		};
		for (size_t k = 0; k < writer->entries[i].n_parts; k++) {
			*next++ = message_part(job->message, k);
		}
	}
	return RG_OK;
}

static rg_err write_jobs(struct journal_writer *writer, size_t n_jobs)
{
	enum journal_answer answer = JOURNAL_WRITTEN;
	rg_err err = fill_entries(writer, n_jobs);

	err = err ? err : journal_append(writer->journal, writer->entries, n_jobs, &answer);
	writer->is_dropping = !err && answer != JOURNAL_WRITTEN;
	report(writer, writer->is_dropping, err);
	return err;
}

/* The first n_jobs of writer->jobs, which it frees; what came after a fault is only freed. */
static rg_err write_batch(struct journal_writer *writer, size_t n_jobs)
{
	bool has_fault = atomic_load(&writer->has_fault);
	size_t n_kept = has_fault ? n_jobs : drop_stale(writer, n_jobs);
	rg_err err = has_fault ? RG_E_IO : RG_OK;

	if (!err && n_kept > 0) {
		err = write_jobs(writer, n_kept);
	}
	for (size_t i = 0; i < n_kept; i++) {
		journal_job_free(writer->jobs[i]);
	}
	return err;
}

/* One turn: a batch, or a look whether there is room again. False: there will be no more. */
static bool turn(struct journal_writer *writer)
{
	rg_err err = RG_OK;
	size_t n_jobs = queue_pop_many(writer->queue, (void **)writer->jobs, BATCH_MAX, RETRY_MS);

	if (n_jobs > 0) {
		err = write_batch(writer, n_jobs);
		atomic_fetch_sub(&writer->n_queued, n_jobs);
	} else if (!atomic_load(&writer->has_room) && journal_has_room(writer->journal)) {
		report(writer, false, RG_OK);
	}
	return !err && (n_jobs > 0 || !atomic_load(&writer->is_stopping));
}

static void *run(void *context)
{
	struct journal_writer *writer = context;

	while (turn(writer)) {
	}
	queue_close(writer->queue);
	return NULL;
}

rg_err journal_writer_start(const struct journal_writer_options *options,
	struct journal_writer **ret_writer)
{
	scoped(journal_writer_stopp) struct journal_writer *writer = calloc(1, sizeof(*writer));

	if (!writer) {
		return RG_E_NOMEM;
	}
	writer->journal = options->journal;
	writer->report = options->report;
	writer->context = options->context;
	atomic_init(&writer->has_room, journal_has_room(options->journal));
	atomic_init(&writer->has_fault, false);
	atomic_init(&writer->n_queued, 0);
	rg_err err =
		queue_new(options->capacity ? options->capacity : CAPACITY, false, &writer->queue);

	if (err) {
		return err;
	}
	if (pthread_create(&writer->thread, NULL, run, writer) != 0) {
		return RG_E_NOMEM;
	}
	writer->is_started = true;
	*ret_writer = steal(writer);
	return RG_OK;
}

void journal_writer_stop(struct journal_writer *writer)
{
	if (!writer) {
		return;
	}
	atomic_store(&writer->is_stopping, true);
	if (writer->queue) {
		queue_close(writer->queue);
	}
	if (writer->is_started) {
		(void)pthread_join(writer->thread, NULL);
	}
	for (void *job = NULL; writer->queue && (job = queue_pop(writer->queue, 0));) {
		journal_job_free(job);
	}
	queue_free(writer->queue);
	free(writer->parts);
	free(writer);
}

void journal_writer_push(struct journal_writer *writer, struct journal_job **job, bool is_alone)
{
	struct journal_job *taken = steal(*job);

	/* Only this thread pushes. Without room the journal thread may be asking for some. */
	if (is_alone && atomic_load(&writer->n_queued) == 0 && atomic_load(&writer->has_room)) {
		writer->jobs[0] = taken;
		rg_err err = write_batch(writer, 1);

		(void)err; /* reported */
		return;
	}
	atomic_fetch_add(&writer->n_queued, 1);
	if (!queue_push(writer->queue, taken)) {
		/* The thread ended by a fault, which it has reported. */
		journal_job_free(taken);
	}
}

bool journal_writer_has_room(const struct journal_writer *writer)
{
	return atomic_load(&writer->has_room);
}
