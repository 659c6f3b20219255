#ifndef JOURNAL_WRITER_H
#define JOURNAL_WRITER_H

/*
 * The journal thread: group commit
 *
 * Takes records from a bounded queue, appends whatever piled up as one batch with one
 * sync, and reports. After a failed write it drops what is queued: each job names its
 * index, and one that does not continue the durable size came before the failure was
 * known. So the core, told of the failure, drops its pending records and goes on from
 * the durable size; nothing else is to be agreed.
 *
 * Threads: start and stop by one thread; push by the core thread; report is called on
 * the journal thread, or on the core thread within push.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"
#include "journal/journal.h"
#include "message.h"

struct journal_writer;

/* One record on its way to the disk; to be made with journal_job_new(). */
struct journal_job {
	uint64_t index;
	struct buf leaf;         /* owned */
	struct message *message; /* owned; MESSAGE: its parts are written; else NULL */
	bool may_use_reserve;
};

struct journal_report {
	uint64_t durable_size; /* records durable now */
	bool has_failed;       /* not written: all from durable_size on is dropped */
	bool has_room;         /* false: only the reserve is left, submissions will fail */
	rg_err fault;          /* else RG_OK: the process must end; the last report */
};

struct journal_writer_options {
	struct journal *journal; /* borrowed until stop */
	size_t capacity;         /* jobs the queue holds; 0: 4096 */
	void (*report)(void *context, const struct journal_report *report);
	void *context;
};

struct journal_job *journal_job_new(void); /* NULL: no memory */
void journal_job_free(struct journal_job *job);
SCOPED_DEFINE(struct journal_job, journal_job_free);

RG_MUST_USE rg_err journal_writer_start(const struct journal_writer_options *options,
	struct journal_writer **ret_writer);
/* Writes what is queued, ends the thread, frees. */
void journal_writer_stop(struct journal_writer *writer);
SCOPED_DEFINE(struct journal_writer, journal_writer_stop);
/*
 * Takes the job; waits while the queue is full (back-pressure). is_alone: nothing waits to
 * follow it. Then, if nothing is queued before it either, it is written and reported on
 * this thread, before the call returns.
 */
void journal_writer_push(struct journal_writer *writer, struct journal_job **job, bool is_alone);
/* The last reported has_room, for whoever must refuse submissions early. Any thread. */
bool journal_writer_has_room(const struct journal_writer *writer);

#endif
