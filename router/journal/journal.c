/*
 * The journal: see journal.h
 *
 * A batch is written behind the last frame, into space that was allocated before, and
 * synced; only then do size and table move. What a failed write left is cut off again.
 * A segment is closed by opening the next: created, allocated and synced with its
 * folder entry before the first frame goes there, so that a segment that is not the
 * last is always whole.
 * Threads: open and close by one; the rest as journal.h says.
 */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "journal/inside.h"
#include "journal/prune.h"
#include "journal/recovery.h"

static void tail_closep(struct journal_tail *tail)
{
	fd_close(&tail->fd);
}

char *journal_inside_path(const struct journal *journal, uint64_t first)
{
	char name[JOURNAL_RECOVERY_NAME_LEN + 1];

	journal_recovery_name(first, name);
	return file_join(journal->dir, name);
}

static rg_err io_fault(const struct journal *journal, const char *what)
{
	log_event(LOG_ERROR, "journal", what, log_text("dir", journal->dir),
		log_number("segment", (int64_t)journal->tail.first), log_errno());
	return RG_E_IO;
}

/* Makes the disk promise the bytes up to end. False: it does not; errno says why. */
static bool allocate(struct journal_tail *tail, uint64_t end)
{
	int result = 0;

	if (end <= tail->allocated) {
		return true;
	}
	do {
		result = fallocate(tail->fd, 0, (off_t)tail->allocated,
			(off_t)(end - tail->allocated));
	} while (result != 0 && errno == EINTR);
	if (result != 0 && errno == EOPNOTSUPP) {
		/* This file system promises nothing; the file at least gets its length. */
		result = ftruncate(tail->fd, (off_t)end);
	}
	if (result == 0) {
		tail->allocated = end;
	}
	return result == 0;
}

static void set_room(struct journal *journal, bool has_room)
{
	if (has_room && !journal->has_room) {
		log_event(LOG_INFO, "journal", "room-again", log_text("dir", journal->dir));
	} else if (!has_room && journal->has_room) {
		log_event(LOG_ERROR, "journal", "no-room", log_text("dir", journal->dir),
			log_errno(),
			log_text("do", "make space; submissions are refused until there is some"));
	}
	journal->has_room = has_room;
}

/* Keeps the reserve ahead of n_bytes that are about to be written. */
static bool keep_reserve(struct journal *journal, uint64_t n_bytes)
{
	uint64_t need = journal->tail.end + n_bytes + journal->reserve_bytes;

	if (journal->has_room && need <= journal->tail.allocated) {
		return true;
	}
	/* A step at a time, and one more after a refusal: no flutter at the edge of a full disk. */
	uint64_t ahead = (journal->has_room ? 1 : 2) * journal->step_bytes;

	set_room(journal, allocate(&journal->tail, need + ahead));
	return journal->has_room;
}

bool journal_has_room(struct journal *journal)
{
	return keep_reserve(journal, 0);
}

uint64_t journal_size(const struct journal *journal)
{
	return atomic_load_explicit(&journal->size, memory_order_acquire);
}

uint64_t journal_open_segment(const struct journal *journal)
{
	return journal_table_open_segment(journal->table);
}

/* Creates, allocates and syncs the segment. Where the disk has no room: RG_OK and fd -1. */
static rg_err create_segment(const struct journal *journal, const char *path,
	struct journal_tail *ret_tail)
{
	scoped(tail_closep) struct journal_tail tail = {.first = journal_size(journal)};

	ret_tail->fd = -1;
	tail.fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (tail.fd < 0) {
		return RG_OK;
	}
	if (!allocate(&tail, journal->reserve_bytes + journal->step_bytes)) {
		int saved = errno;

		/* Nothing was ever in it. */
		(void)unlink(path);
		errno = saved;
		return RG_OK;
	}
	if (fsync(tail.fd) != 0) {
		return io_fault(journal, "cannot-sync");
	}
	rg_err err = file_sync_dir(journal->dir);

	err = err ? err : journal_table_begin(journal->table, tail.first);
	if (!err) {
		*ret_tail = tail;
		tail.fd = -1;
	}
	return err;
}

/* Gives what was allocated behind the last frame back; recovery does not need it to succeed. */
static void close_segment(struct journal *journal)
{
	if (ftruncate(journal->tail.fd, (off_t)journal->tail.end) != 0) {
		log_event(LOG_WARNING, "journal", "cannot-trim",
			log_number("segment", (int64_t)journal->tail.first), log_errno());
	}
	fd_close(&journal->tail.fd);
}

/* Goes on in a new segment; in the old one while the disk has no room for a new one. */
static rg_err roll(struct journal *journal)
{
	scoped(freep) char *path = journal_inside_path(journal, journal_size(journal));
	struct journal_tail tail;

	if (!path) {
		return RG_E_NOMEM;
	}
	rg_err err = create_segment(journal, path, &tail);

	if (err) {
		return err;
	}
	if (tail.fd < 0) {
		if (!journal->could_not_roll) {
			log_event(LOG_WARNING, "journal", "cannot-begin-segment",
				log_text("path", path), log_errno());
		}
		journal->could_not_roll = true;
		return RG_OK;
	}
	close_segment(journal);
	journal->tail = tail;
	journal->could_not_roll = false;
	return RG_OK;
}

/* Cuts off what a failed write left, and makes that durable. */
static rg_err take_back(struct journal *journal)
{
	log_event(LOG_ERROR, "journal", "write-failed",
		log_number("record", (int64_t)journal_size(journal)), log_errno());
	set_room(journal, false);
	if (ftruncate(journal->tail.fd, (off_t)journal->tail.end) != 0) {
		return io_fault(journal, "cannot-take-back");
	}
	journal->tail.allocated = journal->tail.end;
	return fdatasync(journal->tail.fd) == 0 ? RG_OK : io_fault(journal, "cannot-sync");
}

/* Whether the batch may be written now; has allocated what it needs then. */
static enum journal_answer admit(struct journal *journal, const struct journal_entry *entries,
	size_t n_entries)
{
	uint64_t n_bytes = journal->gather.n_bytes;

	if (keep_reserve(journal, n_bytes)) {
		return JOURNAL_WRITTEN;
	}
	for (size_t i = 0; i < n_entries; i++) {
		if (!entries[i].may_use_reserve) {
			return JOURNAL_NO_ROOM;
		}
	}
	return allocate(&journal->tail, journal->tail.end + n_bytes) ? JOURNAL_WRITTEN
								     : JOURNAL_REFUSED;
}

/* The batch is on the disk: says so. */
static rg_err note_batch(struct journal *journal, size_t n_entries)
{
	for (size_t i = 0; i < n_entries; i++) {
		rg_err err = journal_table_add(journal->table, journal->tail.end);

		if (err) {
			return err;
		}
		journal->tail.end += journal->gather.sizes[i];
	}
	atomic_store_explicit(&journal->size, journal_size(journal) + n_entries,
		memory_order_release);
	return RG_OK;
}

rg_err journal_append(struct journal *journal, const struct journal_entry *entries,
	size_t n_entries, enum journal_answer *ret_answer)
{
	rg_err err =
		journal_gather_fill(&journal->gather, journal_size(journal), entries, n_entries);

	if (!err && journal->tail.end > 0 &&
		journal->tail.end + journal->gather.n_bytes > journal->segment_bytes) {
		err = roll(journal);
	}
	if (err) {
		return err;
	}
	enum journal_answer answer = admit(journal, entries, n_entries);

	if (answer == JOURNAL_WRITTEN &&
		journal_gather_write(&journal->gather, journal->tail.fd, journal->tail.end)) {
		answer = JOURNAL_REFUSED;
		err = take_back(journal);
	} else if (answer == JOURNAL_WRITTEN) {
		/*
		 * After a failed sync the system may forget what it could not write: no second try.
		 */
		err = fdatasync(journal->tail.fd) == 0 ? note_batch(journal, n_entries)
						       : io_fault(journal, "cannot-sync");
	}
	if (!err) {
		*ret_answer = answer;
	}
	return err;
}

static rg_err lock_folder(struct journal *journal)
{
	scoped(freep) char *path = file_join(journal->dir, "lock");

	if (!path) {
		return RG_E_NOMEM;
	}
	journal->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (journal->lock_fd < 0) {
		return io_fault(journal, "cannot-open-lock");
	}
	if (flock(journal->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		log_event(LOG_ERROR, "journal", "held-by-another", log_text("dir", journal->dir),
			log_text("do", "stop the other router of this folder or name another"));
		return RG_E_CONFIG;
	}
	return RG_OK;
}

/* Opens the last segment for writing, or creates the first. */
static rg_err open_tail(struct journal *journal, const struct journal_recovery_end *end)
{
	scoped(freep) char *path = journal_inside_path(journal, end->segment_first);

	if (!path) {
		return RG_E_NOMEM;
	}
	if (!end->has_segment) {
		rg_err err = create_segment(journal, path, &journal->tail);

		return err || journal->tail.fd >= 0 ? err : io_fault(journal, "cannot-begin");
	}
	journal->tail = (struct journal_tail){
		.fd = open(path, O_RDWR | O_CLOEXEC),
		.first = end->segment_first,
		.end = end->offset,
		.allocated = end->offset,
	};
	if (journal->tail.fd < 0) {
		return io_fault(journal, "cannot-open");
	}
	(void)keep_reserve(journal, 0);
	return RG_OK;
}

static rg_err open_in(struct journal *journal, uint64_t high_water)
{
	struct journal_recovery_end end;
	rg_err err = file_make_dirs(journal->dir);

	err = err ? err : lock_folder(journal);
	err = err ? err : journal_prune_clean(journal->dir);
	err = err ? err : journal_recovery_run(journal->dir, high_water, journal->table, &end);
	if (err) {
		return err;
	}
	atomic_store(&journal->size, end.size);
	err = open_tail(journal, &end);
	if (!err) {
		log_event(LOG_INFO, "journal", "open", log_text("dir", journal->dir),
			log_number("records", (int64_t)end.size));
	}
	return err;
}

rg_err journal_open(const struct journal_options *options, struct journal **ret_journal)
{
	scoped(journal_closep) struct journal *journal = calloc(1, sizeof(*journal));

	if (!journal) {
		return RG_E_NOMEM;
	}
	journal->lock_fd = -1;
	journal->tail.fd = -1;
	journal->has_room = true;
	journal->segment_bytes =
		options->segment_bytes ? options->segment_bytes : JOURNAL_SEGMENT_BYTES;
	journal->step_bytes = options->step_bytes ? options->step_bytes : JOURNAL_STEP_BYTES;
	journal->reserve_bytes =
		options->reserve_bytes ? options->reserve_bytes : JOURNAL_RESERVE_BYTES;
	journal_gather_init(&journal->gather);
	journal->dir = strdup(options->dir);
	journal->table = journal_table_new();
	if (!journal->dir || !journal->table) {
		return RG_E_NOMEM;
	}
	rg_err err = open_in(journal, options->high_water);

	if (!err) {
		*ret_journal = steal(journal);
	}
	return err;
}

/* The allocated space stays with the file: a restart on a full disk still has its reserve. */
void journal_close(struct journal *journal)
{
	if (!journal) {
		return;
	}
	fd_close(&journal->tail.fd);
	fd_close(&journal->lock_fd);
	journal_gather_deinit(&journal->gather);
	journal_table_free(journal->table);
	free(journal->dir);
	free(journal);
}
