/*
 * What a start does with the segments it finds: see recovery.h
 *
 * A record is known to have been durable when something says so that was written
 * after it was synced: the high-water mark from outside, or the durable_size of any
 * whole frame, found by going on behind the damage too. All that nothing vouches for
 * was never answered to anybody and may go.
 *
 * The repair is one atomic rename: the torn file first gets a second name in torn/,
 * then the fresh, synced copy of its prefix takes the first name. A crash in between
 * leaves either the torn or the fresh file in place, and the next start finishes.
 * Threads: the one that opens the journal.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "journal/frames.h"
#include "journal/recovery.h"
#include "journal/survey.h"

#define NAME_DIGITS 20
#define SCAN_STEP   ((size_t)1 << 20)
#define COPY_STEP   ((size_t)1 << 20)
#define FRESH_NAME  "fresh.tmp"

struct recovery {
	const char *dir;
	struct journal_table *table;                 /* NULL: a survey, which changes nothing */
	const struct journal_survey_options *survey; /* NULL: a start */
	uint64_t limit;                              /* records to read */
	const char *damage;                          /* what was logged; NULL: nothing */
	bool is_torn;
	uint64_t mark;    /* records known to have been durable */
	uint64_t *firsts; /* of the segments, ascending */
	size_t n_firsts;
	/* The segment being read: */
	size_t at;
	char name[JOURNAL_RECOVERY_NAME_LEN + 1];
	int fd;
	uint64_t next_index;
	uint64_t offset;
};

void journal_recovery_name(uint64_t first, char ret_name[JOURNAL_RECOVERY_NAME_LEN + 1])
{
	(void)snprintf(ret_name, JOURNAL_RECOVERY_NAME_LEN + 1, "%020" PRIu64 ".seg", first);
}

static void dir_closep(DIR **dir)
{
	if (*dir) {
		(void)closedir(*dir);
	}
}

static void recovery_deinit(struct recovery *recovery)
{
	free(recovery->firsts);
	fd_close(&recovery->fd);
}

static rg_err io_fault(const struct recovery *recovery, const char *what)
{
	log_event(LOG_ERROR, "journal", what, log_text("dir", recovery->dir),
		log_text("segment", recovery->name), log_errno());
	return RG_E_IO;
}

static rg_err damaged(struct recovery *recovery, const char *what)
{
	recovery->damage = what;
	log_event(LOG_ERROR, "journal", "damaged",
		log_number("record", (int64_t)recovery->next_index),
		log_text("segment", recovery->name),
		log_number("offset", (int64_t)recovery->offset), log_text("what", what),
		log_text("do",
			"restore the segment from a backup or another copy; "
			"nothing was changed"));
	return RG_E_FORMAT;
}

static bool read_name(const char *name, uint64_t *ret_first)
{
	char digits[NAME_DIGITS + 1];
	char canonical[JOURNAL_RECOVERY_NAME_LEN + 1];
	const char *significant = digits;

	if (strlen(name) != JOURNAL_RECOVERY_NAME_LEN) {
		return false;
	}
	memcpy(digits, name, NAME_DIGITS);
	digits[NAME_DIGITS] = '\0';
	while (significant[0] == '0' && significant[1] != '\0') {
		significant++;
	}
	if (!text_u64(significant, ret_first)) {
		return false;
	}
	journal_recovery_name(*ret_first, canonical);
	return strcmp(canonical, name) == 0;
}

static int compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a;
	uint64_t right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

static rg_err list_segments(struct recovery *recovery)
{
	scoped(dir_closep) DIR *dir = opendir(recovery->dir);
	size_t cap = 0;

	if (!dir) {
		return io_fault(recovery, "cannot-list");
	}
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		uint64_t first;

		if (!read_name(entry->d_name, &first)) {
			continue;
		}
		if (recovery->n_firsts == cap) {
			cap = cap ? 2 * cap : 64;
			uint64_t *firsts = reallocarray(recovery->firsts, cap, sizeof(*firsts));

			if (!firsts) {
				return RG_E_NOMEM;
			}
			recovery->firsts = firsts;
		}
		recovery->firsts[recovery->n_firsts++] = first;
	}
	if (recovery->n_firsts > 0) {
		qsort(recovery->firsts, recovery->n_firsts, sizeof(*recovery->firsts), compare);
	}
	return RG_OK;
}

/* What is wrong with a whole frame at this place; NULL: nothing. */
static const char *judge(const struct recovery *recovery, const struct segment_frame *frame)
{
	if (frame->index < recovery->next_index) {
		return "a record stands here a second time";
	}
	if (frame->index > recovery->next_index) {
		return "records are missing before this frame";
	}
	if (frame->durable_size > frame->index) {
		return "durable size is past the record";
	}
	return NULL;
}

/* A whole frame that stands where it belongs. */
static rg_err take(struct recovery *recovery, const struct journal_found *found)
{
	const struct journal_survey_options *survey = recovery->survey;
	const struct journal_seen seen = {
		.record = {recovery->next_index, found->leaf, found->parts},
		.durable_size = found->frame.durable_size,
		.segment = recovery->firsts[recovery->at],
		.offset = found->offset,
		.end = found->end,
	};
	rg_err err = recovery->table ? journal_table_add(recovery->table, found->offset) : RG_OK;

	if (!err && survey && survey->visit) {
		err = survey->visit(survey->context, &seen);
	}
	if (err) {
		return err;
	}
	if (found->frame.durable_size > recovery->mark) {
		recovery->mark = found->frame.durable_size;
	}
	recovery->next_index++;
	recovery->offset = found->end;
	return RG_OK;
}

/* Steps over whole frames in order, up to the first that is not one, or to the limit. */
static rg_err read_frames(struct recovery *recovery, struct journal_frames *frames,
	struct journal_found *ret_found, const char **ret_what)
{
	while (recovery->next_index < recovery->limit) {
		struct journal_found found;
		rg_err err = journal_frames_next(frames, &found);

		if (err) {
			(void)damaged(recovery, "cannot be read");
			return err;
		}
		const char *what =
			found.state == SEGMENT_FRAME_WHOLE ? judge(recovery, &found.frame) : NULL;

		if (found.state != SEGMENT_FRAME_WHOLE || what) {
			*ret_found = found;
			*ret_what = what;
			return RG_OK;
		}
		err = take(recovery, &found);
		if (err) {
			return err;
		}
	}
	return RG_OK;
}

/* The end of a segment that others follow: nothing may be wrong with it. */
static rg_err check_closed(struct recovery *recovery)
{
	uint64_t following = recovery->firsts[recovery->at + 1];

	if (recovery->next_index < following) {
		return damaged(recovery, "records are missing between this segment and the next");
	}
	if (recovery->next_index > following) {
		return damaged(recovery, "the next segment begins with a record that is here");
	}
	return RG_OK;
}

static rg_err copy_prefix(const struct recovery *recovery, int to)
{
	scoped(buf_deinitv) struct buf chunk = {0};
	uint64_t done = 0;

	if (!buf_reserve(&chunk, COPY_STEP)) {
		return buf_error(&chunk);
	}
	while (done < recovery->offset) {
		uint64_t left = recovery->offset - done;
		size_t len = left < COPY_STEP ? (size_t)left : COPY_STEP;
		ssize_t n = pread(recovery->fd, chunk.data, len, (off_t)done);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return io_fault(recovery, "cannot-copy");
		}
		rg_err err = file_write_all(to, bytes_of(chunk.data, (size_t)n));

		if (err) {
			return err;
		}
		done += (uint64_t)n;
	}
	return fsync(to) == 0 ? RG_OK : io_fault(recovery, "cannot-sync");
}

/* Gives the torn file its second name; one that exists is never taken. */
static rg_err keep_torn(const struct recovery *recovery, const char *path, char **ret_kept)
{
	scoped(freep) char *torn = file_join(recovery->dir, "torn");
	scoped(freep) char *kept = NULL;

	if (!torn) {
		return RG_E_NOMEM;
	}
	if (asprintf(&kept, "%s/%s.%" PRId64, torn, recovery->name, clock_now_us()) < 0) {
		kept = NULL;
		return RG_E_NOMEM;
	}
	rg_err err = file_make_dirs(torn);

	if (!err && link(path, kept) != 0) {
		err = io_fault(recovery, "cannot-keep-torn");
	}
	err = err ? err : file_sync_dir(torn);
	if (!err) {
		*ret_kept = steal(kept);
	}
	return err;
}

/* Replaces the last segment by a fresh one that holds its whole prefix. */
static rg_err repair(struct recovery *recovery)
{
	scoped(freep) char *path = file_join(recovery->dir, recovery->name);
	scoped(freep) char *fresh_path = file_join(recovery->dir, FRESH_NAME);
	scoped(freep) char *kept = NULL;

	if (!path || !fresh_path) {
		return RG_E_NOMEM;
	}
	scoped(fd_close) int fresh = open(fresh_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fresh < 0) {
		return io_fault(recovery, "cannot-create");
	}
	rg_err err = copy_prefix(recovery, fresh);

	err = err ? err : keep_torn(recovery, path, &kept);
	err = err ? err : file_rename(fresh_path, path);
	if (err) {
		return err;
	}
	log_event(LOG_WARNING, "journal", "torn-tail-set-aside",
		log_number("record", (int64_t)recovery->next_index),
		log_text("segment", recovery->name),
		log_number("offset", (int64_t)recovery->offset), log_text("kept", kept));
	return RG_OK;
}

/*
 * Goes on behind the damage; ret_is_durable: a whole frame there says that the record was durable.
 */
static rg_err search_on(struct recovery *recovery, struct journal_frames *frames,
	const struct journal_found *found, bool *ret_is_durable)
{
	struct journal_found later;
	enum segment_state state;
	/* Parts are the sender's bytes: where their length is known, do not look into them. */
	uint64_t from = found->head_is_good ? found->end : found->offset + 1;

	if (found->state == SEGMENT_FRAME_WHOLE) {
		from = found->offset;
	}
	journal_frames_seek(frames, from);
	rg_err err = journal_frames_search(frames, recovery->next_index, &later, &state);

	if (err) {
		(void)damaged(recovery, "cannot be read");
		return err;
	}
	*ret_is_durable = state != SEGMENT_FRAME_END;
	return RG_OK;
}

/* The end of the last segment. */
static rg_err check_last(struct recovery *recovery, struct journal_frames *frames,
	const struct journal_found *found, const char *what)
{
	bool is_blank = false;
	bool is_durable = false;
	rg_err err = RG_OK;

	if (found->state == SEGMENT_FRAME_END) {
		err = journal_frames_is_blank(frames, &is_blank);
	}
	if (err) {
		(void)damaged(recovery, "cannot be read");
		return err;
	}
	if (recovery->next_index < recovery->mark) {
		return damaged(recovery,
			what               ? what
				: is_blank ? "the journal ends before records that were durable"
					   : "a record that was durable does not read back");
	}
	if (is_blank) {
		return RG_OK;
	}
	err = search_on(recovery, frames, found, &is_durable);
	if (err) {
		return err;
	}
	if (is_durable) {
		return damaged(recovery, "a later record says that this one was durable");
	}
	recovery->is_torn = true;
	return recovery->survey ? RG_OK : repair(recovery);
}

static rg_err read_segment(struct recovery *recovery)
{
	scoped(journal_frames_deinitv) struct journal_frames frames;
	struct journal_found found;
	const char *what = NULL;
	bool is_last = recovery->at + 1 == recovery->n_firsts;
	bool is_blank = false;

	journal_frames_init(&frames, recovery->fd, SCAN_STEP);
	rg_err err = read_frames(recovery, &frames, &found, &what);

	if (!err && recovery->next_index >= recovery->limit) {
		return RG_OK;
	}
	if (err || is_last) {
		return err ? err : check_last(recovery, &frames, &found, what);
	}
	if (what) {
		return damaged(recovery, what);
	}
	if (found.state == SEGMENT_FRAME_END) {
		err = journal_frames_is_blank(&frames, &is_blank);
	}
	if (err || !is_blank) {
		(void)damaged(recovery, "a record of a closed segment does not read back");
		return err ? err : RG_E_FORMAT;
	}
	return check_closed(recovery);
}

static rg_err open_segment(struct recovery *recovery, uint64_t first)
{
	journal_recovery_name(first, recovery->name);
	scoped(freep) char *path = file_join(recovery->dir, recovery->name);

	if (!path) {
		return RG_E_NOMEM;
	}
	fd_close(&recovery->fd);
	recovery->offset = 0;
	recovery->fd = open(path, O_RDONLY | O_CLOEXEC);
	return recovery->fd >= 0 ? RG_OK : io_fault(recovery, "cannot-open");
}

/* What was read may so far lie in the system's memory only. */
static rg_err sync_last(const struct recovery *recovery)
{
	scoped(freep) char *path = file_join(recovery->dir, recovery->name);

	if (!path) {
		return RG_E_NOMEM;
	}
	scoped(fd_close) int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		return io_fault(recovery, "cannot-open");
	}
	if (fsync(fd) != 0) {
		return io_fault(recovery, "cannot-sync");
	}
	return file_sync_dir(recovery->dir);
}

static rg_err read_segments(struct recovery *recovery)
{
	rg_err err = RG_OK;

	for (; !err && recovery->at < recovery->n_firsts && recovery->next_index < recovery->limit;
		recovery->at++) {
		uint64_t first = recovery->firsts[recovery->at];

		err = open_segment(recovery, first);
		if (!err && first != recovery->next_index) {
			/* Later ones were compared when the one before was read. */
			return damaged(recovery, "the first segment is missing");
		}
		if (!err && recovery->table) {
			err = journal_table_begin(recovery->table, first);
		}
		err = err ? err : read_segment(recovery);
	}
	return err || recovery->survey ? err : sync_last(recovery);
}

static rg_err read_all(struct recovery *recovery)
{
	rg_err err = list_segments(recovery);

	if (err) {
		return err;
	}
	if (recovery->n_firsts == 0 && recovery->mark > 0) {
		return damaged(recovery, "there is no segment, but records were durable");
	}
	return recovery->n_firsts > 0 ? read_segments(recovery) : RG_OK;
}

rg_err journal_recovery_run(const char *dir, uint64_t high_water, struct journal_table *table,
	struct journal_recovery_end *ret_end)
{
	scoped(recovery_deinit) struct recovery recovery = {
		.dir = dir,
		.table = table,
		.mark = high_water,
		.limit = UINT64_MAX,
		.fd = -1,
	};
	rg_err err = read_all(&recovery);

	if (err) {
		return err;
	}
	*ret_end = (struct journal_recovery_end){
		.size = recovery.next_index,
		.has_segment = recovery.n_firsts > 0,
		.segment_first = recovery.n_firsts > 0 ? recovery.firsts[recovery.n_firsts - 1] : 0,
		.offset = recovery.offset,
	};
	return RG_OK;
}

rg_err journal_survey(const struct journal_survey_options *options,
	struct journal_survey *ret_survey)
{
	scoped(recovery_deinit) struct recovery recovery = {
		.dir = options->dir,
		.survey = options,
		.mark = options->high_water,
		.limit = options->limit,
		.fd = -1,
	};
	rg_err err = read_all(&recovery);

	/* Damage is the answer that was asked for. */
	if (err && !(err == RG_E_FORMAT && recovery.damage)) {
		return err;
	}
	*ret_survey = (struct journal_survey){
		.n_records = recovery.next_index,
		.n_segments = recovery.n_firsts,
		.damage = recovery.damage,
		.is_torn = recovery.is_torn,
		.record = recovery.next_index,
		.offset = recovery.offset,
	};
	memcpy(ret_survey->segment, recovery.name, sizeof(recovery.name));
	return RG_OK;
}

rg_err journal_survey_segments(const char *dir, uint64_t **ret_firsts, size_t *ret_n_firsts)
{
	scoped(recovery_deinit) struct recovery recovery = {.dir = dir, .fd = -1};
	rg_err err = list_segments(&recovery);

	if (!err) {
		*ret_n_firsts = recovery.n_firsts;
		*ret_firsts = steal(recovery.firsts);
	}
	return err;
}
