/*
 * Recovery: see recover.h.
 *
 * Threads: one, before others start.
 */
#include "recover.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "evidence/note.h"
#include "index/index.h"
#include "tree/tree.h"

void recover_paths_deinit(struct recover_paths *paths)
{
	free(paths->journal);
	free(paths->index);
	free(paths->window);
	free(paths->checkpoint);
	*paths = (struct recover_paths){.journal = NULL};
}

rg_err recover_paths_init(const struct settings *settings, struct recover_paths *ret_paths)
{
	struct recover_paths paths = {
		.journal = file_join(settings->data_dir, "journal"),
		.index = file_join(settings->data_dir, "index"),
		.window = file_join(settings->data_dir, "window"),
		.checkpoint = file_join(settings->data_dir, "checkpoint"),
	};

	if (!paths.journal || !paths.index || !paths.window || !paths.checkpoint) {
		recover_paths_deinit(&paths);
		return RG_E_NOMEM;
	}
	*ret_paths = paths;
	return RG_OK;
}

/* The stored checkpoint, which must be this log's; empty: none. */
static rg_err read_checkpoint(const struct settings *settings, const struct recover_paths *paths,
	struct buf *note, uint64_t *ret_size)
{
	struct note_verifier log;
	struct note_checkpoint checkpoint;
	uint8_t log_public[32];
	bool is_found = false;
	bool is_valid = false;
	rg_err err = file_read(paths->checkpoint, NOTE_MAX, note, &is_found);

	*ret_size = 0;
	if (err || !is_found) {
		return err;
	}
	err = key_ed25519_raw(settings->log_key, log_public);
	if (!err) {
		err = note_verifier_of(settings->origin, log_public, &log);
	}
	if (!err) {
		err = note_checkpoint_verify(buf_view(note), &log, &checkpoint, &is_valid);
	}
	if (!err && !is_valid) {
		log_event(LOG_ERROR, "recover", "checkpoint-wrong",
			log_text("file", paths->checkpoint),
			log_text("what", "it is damaged, or of another log"),
			log_text("do", "set the data_dir and log_key that belong together"));
		return RG_E_FORMAT;
	}
	*ret_size = err ? 0 : checkpoint.size;
	return err;
}

static rg_err find_high_water(const struct settings *settings, const struct recover_paths *paths,
	struct buf *note, uint64_t *ret_size)
{
	uint64_t sizes[3] = {0, 0, 0};
	rg_err err = read_checkpoint(settings, paths, note, &sizes[0]);

	if (!err) {
		err = index_stored_size(paths->index, settings->origin, &sizes[1]);
	}
	if (!err) {
		err = tree_stored_size(settings->data_dir, &sizes[2]);
	}
	*ret_size = 0;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		*ret_size = sizes[i] > *ret_size ? sizes[i] : *ret_size;
	}
	return err;
}

static rg_err replay_record(void *context, const struct journal_record *record)
{
	rg_err err = core_replay(context, record->leaf, record->parts);

	if (err) {
		log_event(LOG_ERROR, "recover", "record-not-applied",
			log_number("record", (int64_t)record->index), log_fault(err));
	}
	return err;
}

static rg_err open_both(const struct settings *settings, const struct recover_paths *paths,
	uint64_t high_water, struct recovered *it)
{
	const struct journal_options journal = {
		.dir = paths->journal,
		.segment_bytes = (uint64_t)settings->segment_mib << 20,
		.high_water = high_water,
	};
	const struct core_options core = {
		.router = settings->address,
		.origin = settings->origin,
		.log_key = settings->log_key,
		.index_path = paths->index,
		.tiles_path = settings->data_dir,
		.window_path = paths->window,
		.waits = true,
	};
	rg_err err = journal_open(&journal, &it->journal);

	return err ? err : core_new(&core, &it->core);
}

static rg_err replay(const struct recover_paths *paths, struct rg_bytes note, struct recovered *it)
{
	const struct journal_visitor visitor = {.visit = replay_record, .context = it->core};
	int64_t start_us = clock_monotonic_us();
	bool fits = true;
	rg_err err = journal_replay(it->journal, 0, &visitor);

	if (!err && note.len > 0) {
		err = core_fits(it->core, note, &fits);
	}
	if (!err && !fits) {
		log_event(LOG_ERROR, "recover", "journal-contradicts-checkpoint",
			log_text("file", paths->checkpoint));
		err = RG_E_FORMAT;
	}
	if (!err) {
		err = core_recall(it->core, note);
	}
	if (!err) {
		log_event(LOG_INFO, "recover", "replayed",
			log_number("size", (int64_t)core_durable_size(it->core)),
			log_number("ms", (clock_monotonic_us() - start_us) / 1000));
	}
	return err;
}

rg_err recover(const struct settings *settings, const struct recover_paths *paths,
	struct recovered *ret_recovered)
{
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	struct recovered it = {.journal = NULL};
	uint64_t high_water = 0;
	rg_err err = file_make_dirs(settings->data_dir);

	if (!err) {
		err = find_high_water(settings, paths, &note, &high_water);
	}
	if (!err) {
		err = open_both(settings, paths, high_water, &it);
	}
	if (!err) {
		err = replay(paths, buf_view(&note), &it);
	}
	if (err) {
		core_free(it.core);
		journal_close(it.journal);
		return err;
	}
	*ret_recovered = it;
	return RG_OK;
}
