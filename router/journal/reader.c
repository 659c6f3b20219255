/*
 * Reading records back: see journal.h
 *
 * A reader finds a place near the record in the table, steps from head to head to it,
 * and checks both sums of what it reads. The open segment only ever grows, and a closed
 * one may be replaced by a pruned one: its place then has another generation. The last few
 * descriptors are kept.
 * Threads: a reader belongs to one; the table is shared behind its lock.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/log.h"
#include "evidence/segment.h"
#include "journal/frames.h"
#include "journal/inside.h"

#define N_FILES     4
#define READ_STEP   ((size_t)4096)
#define REPLAY_STEP ((size_t)1 << 20)

struct open_file {
	bool is_open;
	uint64_t first;
	uint64_t generation;
	uint64_t used; /* turn of the last use */
	struct journal_frames frames;
};

struct journal_reader {
	struct journal *journal;
	size_t step;
	uint64_t turn;
	struct open_file files[N_FILES];
};

static rg_err open_with_step(struct journal *journal, size_t step,
	struct journal_reader **ret_reader)
{
	scoped(journal_reader_closep) struct journal_reader *reader = calloc(1, sizeof(*reader));

	if (!reader) {
		return RG_E_NOMEM;
	}
	reader->journal = journal;
	reader->step = step;
	*ret_reader = steal(reader);
	return RG_OK;
}

rg_err journal_reader_open(struct journal *journal, struct journal_reader **ret_reader)
{
	return open_with_step(journal, READ_STEP, ret_reader);
}

static void close_file(struct open_file *file)
{
	if (file->is_open) {
		fd_close(&file->frames.fd);
		journal_frames_deinit(&file->frames);
		file->is_open = false;
	}
}

void journal_reader_close(struct journal_reader *reader)
{
	if (!reader) {
		return;
	}
	for (size_t i = 0; i < N_FILES; i++) {
		close_file(&reader->files[i]);
	}
	free(reader);
}

static bool is_of(const struct open_file *file, const struct journal_place *place)
{
	return file->is_open && file->first == place->segment &&
		file->generation == place->generation;
}

/* The file of the place if it is open, else the one to be given up for it. */
static struct open_file *choose_file(struct journal_reader *reader,
	const struct journal_place *place)
{
	struct open_file *oldest = &reader->files[0];

	for (size_t i = 0; i < N_FILES; i++) {
		struct open_file *file = &reader->files[i];

		if (is_of(file, place)) {
			return file;
		}
		if (file->used < oldest->used) {
			oldest = file;
		}
	}
	return oldest;
}

static rg_err open_place(struct journal_reader *reader, const struct journal_place *place,
	struct open_file *file)
{
	scoped(freep) char *path = journal_inside_path(reader->journal, place->segment);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (!path) {
		return RG_E_NOMEM;
	}
	if (fd < 0) {
		log_event(LOG_ERROR, "journal", "cannot-open", log_text("path", path), log_errno());
		return RG_E_IO;
	}
	close_file(file);
	file->is_open = true;
	file->first = place->segment;
	file->generation = place->generation;
	journal_frames_init(&file->frames, fd, reader->step);
	return RG_OK;
}

/* Where the record lies, and the file that lies there. RG_E_OVERFLOW: no such record. */
static rg_err find(struct journal_reader *reader, uint64_t index, struct journal_place *ret_place,
	struct open_file **ret_file)
{
	struct journal_table *table = reader->journal->table;
	struct journal_place again;

	if (!journal_table_find(table, index, ret_place)) {
		return RG_E_OVERFLOW;
	}
	struct open_file *file = choose_file(reader, ret_place);

	/* A file that was opened while another took its name may be either of them. */
	while (!is_of(file, ret_place)) {
		rg_err err = open_place(reader, ret_place, file);

		if (err) {
			return err;
		}
		(void)journal_table_find(table, index, &again);
		*ret_place = again;
	}
	file->used = ++reader->turn;
	*ret_file = file;
	return RG_OK;
}

static rg_err damaged(uint64_t index, const struct journal_found *found)
{
	log_event(LOG_ERROR, "journal", "damaged", log_number("record", (int64_t)index),
		log_number("offset", (int64_t)found->offset),
		log_text("what", "does not read back as it did at the start"));
	return RG_E_FORMAT;
}

/* Reads the frame where the file stands, which must be this record's. */
static rg_err read_here(struct journal_frames *frames, uint64_t index,
	struct journal_found *ret_found)
{
	rg_err err = journal_frames_next(frames, ret_found);

	if (err) {
		return err;
	}
	if (ret_found->state != SEGMENT_FRAME_WHOLE || ret_found->frame.index != index) {
		return damaged(index, ret_found);
	}
	return RG_OK;
}

/* Steps from the place to the record by the heads between, and reads it. */
static rg_err walk_to(struct journal_frames *frames, const struct journal_place *place,
	uint64_t index, struct journal_found *ret_found)
{
	journal_frames_seek(frames, place->offset);
	for (uint64_t at = place->index; at < index; at++) {
		bool is_skipped = false;
		rg_err err = journal_frames_skip(frames, &is_skipped);

		if (err) {
			return err;
		}
		if (!is_skipped) {
			return damaged(at, &(struct journal_found){.offset = frames->offset});
		}
	}
	return read_here(frames, index, ret_found);
}

rg_err journal_read(struct journal_reader *reader, uint64_t index,
	struct journal_record *ret_record)
{
	struct journal_place place;
	struct open_file *file = NULL;
	struct journal_found found;

	if (index >= journal_size(reader->journal)) {
		return RG_E_OVERFLOW;
	}
	rg_err err = find(reader, index, &place, &file);

	if (err) {
		return err;
	}
	err = walk_to(&file->frames, &place, index, &found);
	if (!err) {
		*ret_record = (struct journal_record){index, found.leaf, found.parts};
	}
	return err;
}

/* Visits the records of one segment from *index on, below end; leaves *index behind the last. */
static rg_err replay_segment(struct journal_reader *reader, uint64_t end,
	const struct journal_visitor *visitor, uint64_t *index)
{
	struct journal_place place;
	struct journal_place following;
	struct open_file *file = NULL;
	struct journal_found found;

	rg_err err = find(reader, *index, &place, &file);

	err = err ? err : walk_to(&file->frames, &place, *index, &found);
	while (!err) {
		struct journal_record record = {*index, found.leaf, found.parts};

		err = visitor->visit(visitor->context, &record);
		++*index;
		if (err || *index >= end ||
			!journal_table_find(reader->journal->table, *index, &following) ||
			following.segment != place.segment) {
			break;
		}
		err = read_here(&file->frames, *index, &found);
	}
	return err;
}

rg_err journal_replay_range(struct journal *journal, uint64_t first, uint64_t end,
	const struct journal_visitor *visitor)
{
	scoped(journal_reader_closep) struct journal_reader *reader = NULL;
	uint64_t index = first;
	rg_err err = end <= journal_size(journal) ? open_with_step(journal, REPLAY_STEP, &reader)
						  : RG_E_OVERFLOW;

	while (!err && index < end) {
		err = replay_segment(reader, end, visitor, &index);
	}
	return err;
}

rg_err journal_replay(struct journal *journal, uint64_t first,
	const struct journal_visitor *visitor)
{
	return journal_replay_range(journal, first, journal_size(journal), visitor);
}

bool journal_record_parts(struct rg_bytes section, struct rg_bytes ret_parts[JOURNAL_PARTS_MAX],
	size_t *ret_n_parts)
{
	struct cursor cursor = cursor_of(section);
	size_t n_parts = 0;

	while (cursor.left > 0 && n_parts < JOURNAL_PARTS_MAX) {
		uint32_t len = cursor_u32(&cursor);

		ret_parts[n_parts++] = cursor_bytes(&cursor, len);
		if (cursor.is_bad) {
			return false;
		}
	}
	*ret_n_parts = n_parts;
	return cursor_is_done(&cursor);
}
