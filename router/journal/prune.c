/*
 * Taking parts out of a closed segment: see prune.h
 *
 * Threads: one at a time; readers of an open journal may go on beside it.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "journal/frames.h"
#include "journal/inside.h"
#include "journal/prune.h"
#include "journal/recovery.h"

#define READ_STEP  ((size_t)1 << 20)
#define WRITE_STEP ((size_t)1 << 20)
#define ENDING     ".seg.tmp"

struct pruning {
	const struct journal_prune_plan *plan;
	char *path;
	char *temporary;
	int from;
	int to;
	struct buf out;    /* not written yet */
	struct buf parts;  /* of the record at hand, emptied */
	uint64_t written;  /* bytes of the new file, `out` included */
	uint64_t *offsets; /* of every JOURNAL_TABLE_STRIDE-th record in the new file */
	struct journal_pruned pruned;
};

static void pruning_deinit(struct pruning *pruning)
{
	fd_close(&pruning->from);
	fd_close(&pruning->to);
	/* After the rename there is none. */
	if (pruning->temporary) {
		(void)unlink(pruning->temporary);
	}
	buf_deinit(&pruning->out);
	buf_deinit(&pruning->parts);
	free(pruning->offsets);
	free(pruning->path);
	free(pruning->temporary);
}

static rg_err io_fault(const struct pruning *pruning, const char *what)
{
	log_event(LOG_ERROR, "prune", what, log_text("segment", pruning->path), log_errno());
	return RG_E_IO;
}

static rg_err damaged(const struct pruning *pruning, uint64_t record, const char *what)
{
	log_event(LOG_ERROR, "prune", "damaged", log_number("record", (int64_t)record),
		log_text("segment", pruning->path), log_text("what", what),
		log_text("do", "nothing was replaced; run `rivergated check`"));
	return RG_E_FORMAT;
}

static bool is_expired(const struct journal_prune_plan *plan, uint64_t row)
{
	return plan->expired[row / 8] >> row % 8 & 1;
}

/* --- Writing --------------------------------------------------------------------------------- */

static rg_err flush(struct pruning *pruning)
{
	rg_err err = buf_error(&pruning->out);

	err = err ? err : file_write_all(pruning->to, buf_view(&pruning->out));
	buf_clear(&pruning->out);
	return err;
}

/* The parts section with every part empty; counts what goes. */
static rg_err empty_parts(struct pruning *pruning, struct rg_bytes section, uint64_t record)
{
	struct rg_bytes parts[JOURNAL_PARTS_MAX];
	size_t n_parts = 0;

	buf_clear(&pruning->parts);
	if (!journal_record_parts(section, parts, &n_parts)) {
		return damaged(pruning, record, "its parts are not a row of parts");
	}
	for (size_t i = 0; i < n_parts; i++) {
		buf_add_u32(&pruning->parts, 0);
		pruning->pruned.n_parts += parts[i].len > 0 ? 1 : 0;
		pruning->pruned.n_bytes += parts[i].len;
	}
	return buf_error(&pruning->parts);
}

static rg_err write_frame(struct pruning *pruning, const struct journal_found *found,
	struct rg_bytes parts)
{
	struct segment_frame frame = {.index = found->frame.index,
		.durable_size = found->frame.durable_size};
	uint8_t head[SEGMENT_FRAME_HEAD];

	segment_frame_write(&frame, found->leaf, &parts, 1, head);
	buf_add(&pruning->out, head, sizeof(head));
	buf_add_bytes(&pruning->out, found->leaf);
	buf_add_bytes(&pruning->out, parts);
	pruning->written += sizeof(head) + found->leaf.len + parts.len;
	return pruning->out.len < WRITE_STEP ? buf_error(&pruning->out) : flush(pruning);
}

static rg_err write_record(struct pruning *pruning, const struct journal_found *found, uint64_t row)
{
	struct rg_bytes parts = found->parts;
	uint64_t before = pruning->pruned.n_parts;
	rg_err err = RG_OK;

	if (row % JOURNAL_TABLE_STRIDE == 0) {
		pruning->offsets[row / JOURNAL_TABLE_STRIDE] = pruning->written;
	}
	if (is_expired(pruning->plan, row)) {
		err = empty_parts(pruning, parts, found->frame.index);
		parts = buf_view(&pruning->parts);
	}
	pruning->pruned.n_records += pruning->pruned.n_parts > before ? 1 : 0;
	return err ? err : write_frame(pruning, found, parts);
}

/* Reads the next frame, which must be this record's. */
static rg_err next_record(struct pruning *pruning, struct journal_frames *frames, uint64_t record,
	struct journal_found *ret_found)
{
	rg_err err = journal_frames_next(frames, ret_found);

	if (!err && (ret_found->state != SEGMENT_FRAME_WHOLE || ret_found->frame.index != record)) {
		err = damaged(pruning, record, "does not read back");
	}
	return err;
}

static rg_err expect_end(struct pruning *pruning, struct journal_frames *frames)
{
	bool is_blank = false;
	rg_err err = journal_frames_is_blank(frames, &is_blank);

	if (!err && !is_blank) {
		err = damaged(pruning, pruning->plan->first + pruning->plan->n_records,
			"stands behind the last record of the segment");
	}
	return err;
}

static rg_err write_all(struct pruning *pruning)
{
	const struct journal_prune_plan *plan = pruning->plan;
	scoped(journal_frames_deinitv) struct journal_frames frames;
	rg_err err = RG_OK;

	journal_frames_init(&frames, pruning->from, READ_STEP);
	for (uint64_t row = 0; !err && row < plan->n_records; row++) {
		struct journal_found found;

		err = next_record(pruning, &frames, plan->first + row, &found);
		err = err ? err : write_record(pruning, &found, row);
	}
	err = err ? err : expect_end(pruning, &frames);
	err = err ? err : flush(pruning);
	if (!err && fsync(pruning->to) != 0) {
		err = io_fault(pruning, "cannot-sync");
	}
	return err;
}

/* --- Comparing ------------------------------------------------------------------------------- */

/* What may have changed between the two: the parts of an expired record are empty now. */
static bool is_as_planned(const struct pruning *pruning, const struct journal_found *before,
	const struct journal_found *now, uint64_t row)
{
	if (now->frame.durable_size != before->frame.durable_size ||
		!bytes_equal(now->leaf, before->leaf)) {
		return false;
	}
	if (!is_expired(pruning->plan, row)) {
		return bytes_equal(now->parts, before->parts);
	}
	for (size_t i = 0; i < now->parts.len; i++) {
		if (now->parts.data[i] != 0) {
			return false;
		}
	}
	return true;
}

/* Reads both files from the disk. */
static rg_err compare_all(struct pruning *pruning)
{
	const struct journal_prune_plan *plan = pruning->plan;
	scoped(journal_frames_deinitv) struct journal_frames old_frames;
	scoped(journal_frames_deinitv) struct journal_frames new_frames;
	rg_err err = RG_OK;

	journal_frames_init(&old_frames, pruning->from, READ_STEP);
	journal_frames_init(&new_frames, pruning->to, READ_STEP);
	for (uint64_t row = 0; !err && row < plan->n_records; row++) {
		struct journal_found before;
		struct journal_found now;

		err = next_record(pruning, &old_frames, plan->first + row, &before);
		err = err ? err : next_record(pruning, &new_frames, plan->first + row, &now);
		if (!err && !is_as_planned(pruning, &before, &now, row)) {
			err = damaged(pruning, plan->first + row,
				"was not written as it should be");
		}
	}
	return err ? err : expect_end(pruning, &new_frames);
}

/* --- Replacing ------------------------------------------------------------------------------- */

static rg_err take_name(void *context)
{
	const struct pruning *pruning = context;

	return rename(pruning->temporary, pruning->path) == 0 ? RG_OK
							      : io_fault(pruning, "cannot-rename");
}

static rg_err replace(struct pruning *pruning)
{
	const struct journal_prune_plan *plan = pruning->plan;
	struct journal *journal = plan->journal;
	rg_err err = RG_OK;

	if (journal) {
		const struct journal_table_swap swap = {.call = take_name, .context = pruning};

		err = journal_table_replace(journal->table, plan->first, &pruning->offsets, &swap);
	} else {
		err = take_name(pruning);
	}
	return err ? err : file_sync_dir(plan->dir);
}

static rg_err open_files(struct pruning *pruning)
{
	const struct journal_prune_plan *plan = pruning->plan;
	char name[JOURNAL_RECOVERY_NAME_LEN + 1];

	journal_recovery_name(plan->first, name);
	pruning->path = file_join(plan->dir, name);
	if (!pruning->path || asprintf(&pruning->temporary, "%s.tmp", pruning->path) < 0) {
		pruning->temporary = NULL;
		return RG_E_NOMEM;
	}
	pruning->offsets =
		calloc(plan->n_records / JOURNAL_TABLE_STRIDE + 1, sizeof(*pruning->offsets));
	if (!pruning->offsets) {
		return RG_E_NOMEM;
	}
	pruning->from = open(pruning->path, O_RDONLY | O_CLOEXEC);
	pruning->to = open(pruning->temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	return pruning->from >= 0 && pruning->to >= 0 ? RG_OK : io_fault(pruning, "cannot-open");
}

rg_err journal_prune(const struct journal_prune_plan *plan, struct journal_pruned *ret_pruned)
{
	scoped(pruning_deinit) struct pruning pruning = {.plan = plan, .from = -1, .to = -1};
	rg_err err = open_files(&pruning);

	err = err ? err : write_all(&pruning);
	err = err ? err : compare_all(&pruning);
	err = err ? err : replace(&pruning);
	if (!err) {
		*ret_pruned = pruning.pruned;
	}
	return err;
}

static void dir_closep(DIR **dir)
{
	if (*dir) {
		(void)closedir(*dir);
	}
}

rg_err journal_prune_clean(const char *dir)
{
	scoped(dir_closep) DIR *folder = opendir(dir);
	size_t len = JOURNAL_RECOVERY_NAME_LEN + strlen(".tmp");

	for (struct dirent *entry = folder ? readdir(folder) : NULL; entry;
		entry = readdir(folder)) {
		if (strlen(entry->d_name) != len ||
			strcmp(entry->d_name + len - strlen(ENDING), ENDING) != 0) {
			continue;
		}
		if (unlinkat(dirfd(folder), entry->d_name, 0) != 0) {
			log_event(LOG_ERROR, "prune", "cannot-remove",
				log_text("file", entry->d_name), log_errno());
			return RG_E_IO;
		}
		log_event(LOG_INFO, "prune", "leftover-removed", log_text("file", entry->d_name));
	}
	return RG_OK;
}
