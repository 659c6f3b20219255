/*
 * Copies of a log: see backup.h.
 *
 * Method: one survey of the journal up to the checkpoint. Each record goes into the tiling,
 * whose files are written, and its frame, byte for byte, into the copy of its segment.
 *
 * Threads: one.
 */
#include "backup.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "acts.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "evidence/derived.h"
#include "evidence/note.h"
#include "evidence/segment.h"
#include "history.h"
#include "journal/survey.h"
#include "sums.h"
#include "tree/tiling.h"

#define SMALL_MAX ((size_t)16 << 20) /* vkeys, tokens */
#define NAME_ROOM 64

struct backup {
	const struct backup_options *options;
	const char *data_dir;
	struct sums *sums;
	struct tree_tiling *tiling;
	struct buf note;
	struct note_checkpoint checkpoint;
	struct buf witnessed; /* the newest note of the log that a quorum cosigned; empty: none */
	uint64_t witnessed_size;
	json_t *about;
	uint64_t *firsts; /* of the segments */
	size_t n_firsts;
	bool is_copying; /* the segment at hand */
	struct backup_result result;
};

static void backup_deinit(struct backup *backup)
{
	sums_free(backup->sums);
	tree_tiling_free(backup->tiling);
	buf_deinit(&backup->note);
	buf_deinit(&backup->witnessed);
	json_decref(backup->about);
	free(backup->firsts);
}

static rg_err refuse(const char *what, const char *path, const char *to_do)
{
	log_event(LOG_ERROR, "backup", what, log_text("path", path), log_text("do", to_do));
	return RG_E_CONFIG;
}

/* --- Where from, where to -------------------------------------------------------------------- */

static rg_err make_verifier(const struct backup *backup, struct note_verifier *ret_log)
{
	uint8_t log_public[32];
	rg_err err = key_ed25519_raw(backup->options->settings->log_key, log_public);

	return err ? err : note_verifier_of(backup->options->settings->origin, log_public, ret_log);
}

static rg_err read_checkpoint(struct backup *backup, const struct note_verifier *log)
{
	scoped(freep) char *path = file_join(backup->data_dir, "checkpoint");
	bool is_found = false;
	bool is_valid = false;
	rg_err err = path ? file_read(path, NOTE_MAX, &backup->note, &is_found) : RG_E_NOMEM;

	if (!err && !is_found) {
		return refuse("no-checkpoint", path, "start the router once: it publishes one");
	}
	err = err ? err
		  : note_checkpoint_verify(buf_view(&backup->note), log, &backup->checkpoint,
			    &is_valid);
	if (!err && !is_valid) {
		log_event(LOG_ERROR, "backup", "checkpoint-wrong", log_text("path", path));
		return RG_E_FORMAT;
	}
	backup->result.size = backup->checkpoint.size;
	backup->result.root = backup->checkpoint.root;
	return err;
}

/*
 * The newest witnessed head, if it is no newer than the checkpoint of the copy. Beside a working
 * router it may be, when it is read later; so this is asked before and after.
 */
static rg_err read_witnessed(struct backup *backup, const struct note_verifier *log, uint64_t limit)
{
	scoped(freep) char *path = file_join(backup->data_dir, "checkpoint.witnessed");
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	struct note_checkpoint checkpoint = {.size = 0};
	bool is_found = false;
	bool is_valid = false;
	rg_err err = path ? file_read(path, NOTE_MAX, &note, &is_found) : RG_E_NOMEM;

	if (!err && is_found) {
		err = note_checkpoint_verify(buf_view(&note), log, &checkpoint, &is_valid);
	}
	if (err || !is_valid || checkpoint.size > limit) {
		return err;
	}
	buf_clear(&backup->witnessed);
	buf_add_bytes(&backup->witnessed, buf_view(&note));
	backup->witnessed_size = checkpoint.size;
	return buf_error(&backup->witnessed);
}

static void dir_closep(DIR **dir)
{
	if (*dir) {
		(void)closedir(*dir);
	}
}

static bool is_empty(const char *path)
{
	scoped(dir_closep) DIR *dir = opendir(path);
	size_t n = 0;

	for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
		n++;
	}
	return n <= 2; /* itself and the one above */
}

/* An archive goes on only in a folder of the same log. */
static rg_err look_at_target(const struct backup *backup, const char *vkey)
{
	const char *dir = backup->options->dir;
	scoped(freep) char *path = file_join(dir, "log.vkey");
	scoped(freep) char *list = file_join(dir, BACKUP_LIST);
	scoped(buf_deinitv) struct buf present = {.data = NULL};
	bool is_found = false;

	if (!path || !list) {
		return RG_E_NOMEM;
	}
	if (is_empty(dir)) {
		return RG_OK;
	}
	if (!backup->options->is_archive || access(list, F_OK) == 0) {
		return refuse("folder-not-empty", dir, "name a folder of its own for each backup");
	}
	rg_err err = file_read(path, SMALL_MAX, &present, &is_found);

	if (!err && (!is_found || !bytes_equal(buf_view(&present), bytes_of_text(vkey)))) {
		return refuse("folder-of-another", dir,
			"name an empty folder, or the archive of this log");
	}
	return err;
}

/* --- Segments -------------------------------------------------------------------------------- */

static void name_segment(uint64_t first, char name[NAME_ROOM])
{
	char file[JOURNAL_RECOVERY_NAME_LEN + 1];

	journal_recovery_name(first, file);
	(void)snprintf(name, NAME_ROOM, "journal/%s", file);
}

/* Index behind the last record of the segment; UINT64_MAX: it is the open one. */
static uint64_t end_of(const struct backup *backup, uint64_t first)
{
	for (size_t i = 0; i + 1 < backup->n_firsts; i++) {
		if (backup->firsts[i] == first) {
			return backup->firsts[i + 1];
		}
	}
	return UINT64_MAX;
}

static rg_err end_segment(struct backup *backup)
{
	if (!backup->is_copying) {
		return RG_OK;
	}
	backup->is_copying = false;
	backup->result.n_segments++;
	return sums_end(backup->sums);
}

static rg_err begin_segment(struct backup *backup, uint64_t first)
{
	char name[NAME_ROOM];
	uint64_t end = end_of(backup, first);
	bool is_whole = end != UINT64_MAX && end <= backup->checkpoint.size;
	rg_err err = end_segment(backup);

	name_segment(first, name);
	if (err || (backup->options->is_archive && (!is_whole || sums_has(backup->sums, name)))) {
		return err;
	}
	backup->is_copying = true;
	return sums_begin(backup->sums, name);
}

static rg_err copy_frame(struct backup *backup, const struct journal_seen *seen)
{
	struct segment_frame frame = {.index = seen->record.index,
		.durable_size = seen->durable_size};
	uint8_t head[SEGMENT_FRAME_HEAD];

	segment_frame_write(&frame, seen->record.leaf, &seen->record.parts, 1, head);
	rg_err err = sums_add(backup->sums, bytes_of(head, sizeof(head)));

	err = err ? err : sums_add(backup->sums, seen->record.leaf);
	return err ? err : sums_add(backup->sums, seen->record.parts);
}

/* Whose log it is, for a restore. */
static rg_err read_origin(struct backup *backup, const struct journal_seen *seen)
{
	scoped(history_freep) struct history *history = history_new();
	struct history_record record;
	const char *what = NULL;
	char pin[65] = "";
	rg_err err = history ? history_take(history, &seen->record, &record, &what) : RG_E_NOMEM;

	if (!err && (what || !record.origin)) {
		log_event(LOG_ERROR, "backup", "record-wrong", log_number("record", 0),
			log_text("what", what ? what : "is no ORIGIN"));
		return RG_E_FORMAT;
	}
	if (err) {
		return err;
	}
	text_hex(bytes_of(record.origin->genesis_hash.data, record.origin->genesis_hash.len), pin);
	backup->about = json_pack("{s:s, s:s, s:s, s:I, s:I}", "origin", record.origin->origin,
		"router", record.origin->router, "pin", pin, "size",
		(json_int_t)backup->checkpoint.size, "madeAtUs", (json_int_t)clock_now_us());
	return backup->about ? RG_OK : RG_E_NOMEM;
}

static rg_err visit(void *context, const struct journal_seen *seen)
{
	struct backup *backup = context;
	rg_err err = seen->record.index == 0 ? read_origin(backup, seen) : RG_OK;

	if (!err && seen->offset == 0) {
		err = begin_segment(backup, seen->segment);
	}
	if (!err && backup->is_copying) {
		err = copy_frame(backup, seen);
	}
	return err ? err : tree_tiling_add(backup->tiling, seen->record.leaf);
}

/* A full tile of an archive is there once; a partial one's name says its width. */
static rg_err put_tile(void *context, const char *name, struct rg_bytes content, bool is_full)
{
	struct backup *backup = context;

	(void)is_full;
	return sums_has(backup->sums, name) ? RG_OK : sums_put(backup->sums, name, content);
}

static rg_err copy_journal(struct backup *backup)
{
	scoped(freep) char *dir = file_join(backup->data_dir, "journal");
	const struct journal_survey_options options = {.dir = dir,
		.limit = backup->checkpoint.size,
		.visit = visit,
		.context = backup};
	struct journal_survey survey = {.n_records = 0};
	struct merkle_hash head;
	rg_err err =
		dir ? journal_survey_segments(dir, &backup->firsts, &backup->n_firsts) : RG_E_NOMEM;

	err = err ? err : journal_survey(&options, &survey);
	if (!err && survey.damage) {
		return RG_E_FORMAT;
	}
	err = err ? err : end_segment(backup);
	err = err ? err : tree_tiling_partial(backup->tiling);
	err = err ? err : tree_tiling_head(backup->tiling, &head);
	if (!err &&
		(survey.n_records != backup->checkpoint.size ||
			memcmp(&head, &backup->checkpoint.root, sizeof(head)) != 0)) {
		log_event(LOG_ERROR, "backup", "not-what-was-signed",
			log_number("records", (int64_t)survey.n_records),
			log_number("checkpoint", (int64_t)backup->checkpoint.size),
			log_text("do", "run `rivergated check`"));
		return RG_E_FORMAT;
	}
	return err;
}

/* --- The rest -------------------------------------------------------------------------------- */

static rg_err copy_file(struct backup *backup, const char *name)
{
	scoped(freep) char *path = file_join(backup->data_dir, name);
	scoped(buf_deinitv) struct buf content = {.data = NULL};
	bool is_found = false;
	rg_err err = path ? file_read(path, SMALL_MAX, &content, &is_found) : RG_E_NOMEM;

	if (err || !is_found || sums_has(backup->sums, name)) {
		return err;
	}
	return sums_put(backup->sums, name, buf_view(&content));
}

/* Plain files of one folder; what is being written has another ending. */
static rg_err copy_folder(struct backup *backup, const char *folder)
{
	scoped(freep) char *path = file_join(backup->data_dir, folder);
	scoped(dir_closep) DIR *dir = path ? opendir(path) : NULL;
	rg_err err = path ? RG_OK : RG_E_NOMEM;

	for (struct dirent *entry = dir ? readdir(dir) : NULL; entry && !err;
		entry = readdir(dir)) {
		const char *ending = strrchr(entry->d_name, '.');
		bool is_wanted = ending &&
			(strcmp(ending, ".tsr") == 0 || strcmp(ending, ".checkpoint") == 0 ||
				strcmp(ending, ".sums") == 0);
		scoped(freep) char *name = file_join(folder, entry->d_name);

		if (!name) {
			return RG_E_NOMEM;
		}
		err = is_wanted ? copy_file(backup, name) : RG_OK;
	}
	return err;
}

/* What a log that went on from another keeps of that one, and of those before it. */
static rg_err copy_predecessors(struct backup *backup)
{
	static const char *const names[] = {"log.vkey", "checkpoint", "checkpoint.witnessed",
		"record-0"};
	scoped(freep) char *folder = strdup("predecessor");
	rg_err err = folder ? RG_OK : RG_E_NOMEM;

	for (size_t depth = 0; !err && depth < DERIVED_ANCESTORS_MAX; depth++) {
		for (size_t i = 0; !err && i < sizeof(names) / sizeof(names[0]); i++) {
			scoped(freep) char *name = file_join(folder, names[i]);

			err = name ? copy_file(backup, name) : RG_E_NOMEM;
		}
		char *next = file_join("predecessor", folder);

		free(folder);
		folder = next;
		err = err || folder ? err : RG_E_NOMEM;
	}
	return err;
}

static rg_err put_about(struct backup *backup)
{
	scoped(freep) char *text = backup->about ? json_dumps(backup->about, JSON_INDENT(1)) : NULL;

	return text ? sums_put(backup->sums, "about.json", bytes_of_text(text)) : RG_E_NOMEM;
}

static rg_err replace(const struct backup *backup, const char *name, const struct buf *note)
{
	scoped(freep) char *path = file_join(backup->options->dir, name);

	return path ? file_replace(path, buf_view(note), 0644) : RG_E_NOMEM;
}

/* The names that are given to newer files; where that is not allowed, the older ones stay. */
static rg_err put_newest(const struct backup *backup)
{
	rg_err err = replace(backup, "checkpoint", &backup->note);

	return err || backup->witnessed.len == 0
		? err
		: replace(backup, "checkpoint.witnessed", &backup->witnessed);
}

static rg_err put_witnessed(struct backup *backup)
{
	char name[NAME_ROOM] = "checkpoint.witnessed";

	if (backup->options->is_archive) {
		(void)snprintf(name, sizeof(name), "checkpoints/%020" PRIu64 ".witnessed",
			backup->checkpoint.size);
	}
	return backup->witnessed.len == 0 || sums_has(backup->sums, name)
		? RG_OK
		: sums_put(backup->sums, name, buf_view(&backup->witnessed));
}

static rg_err put_checkpoint(struct backup *backup)
{
	char name[NAME_ROOM];

	if (!backup->options->is_archive) {
		return sums_put(backup->sums, "checkpoint", buf_view(&backup->note));
	}
	(void)snprintf(name, sizeof(name), "checkpoints/%020" PRIu64, backup->checkpoint.size);
	return sums_has(backup->sums, name) ? RG_OK
					    : sums_put(backup->sums, name, buf_view(&backup->note));
}

static rg_err put_rest(struct backup *backup, const char *vkey)
{
	rg_err err = sums_has(backup->sums, "log.vkey")
		? RG_OK
		: sums_put(backup->sums, "log.vkey", bytes_of_text(vkey));

	err = err ? err : copy_file(backup, "witnesses.vkeys");
	err = err ? err : copy_folder(backup, "timestamp");
	err = err ? err : copy_predecessors(backup);
	err = err ? err : put_witnessed(backup);
	if (!err && !backup->options->is_archive) {
		err = put_about(backup);
	}
	return err ? err : put_checkpoint(backup);
}

static rg_err seal(struct backup *backup)
{
	char name[NAME_ROOM] = BACKUP_LIST;

	if (backup->options->is_archive) {
		(void)snprintf(name, sizeof(name), BACKUP_LIST ".%020" PRIu64,
			backup->checkpoint.size);
	}
	if (sums_has(backup->sums, name)) {
		return RG_OK; /* the same checkpoint again: nothing was new */
	}
	rg_err err = sums_seal(backup->sums, name);

	return err || !backup->options->is_archive ? err : put_newest(backup);
}

static rg_err tell(const struct backup *backup)
{
	char root[2 * MERKLE_HASH_LEN + 1];
	char detail[ACTS_DETAIL_MAX];

	text_hex(bytes_of(backup->checkpoint.root.bytes, MERKLE_HASH_LEN), root);
	(void)snprintf(detail, sizeof(detail), "size=%" PRIu64 " root=%s kind=%s",
		backup->checkpoint.size, root, backup->options->is_archive ? "archive" : "backup");
	return acts_leave(backup->data_dir, RIVERGATE__V1__ADMIN__ACT__ACT_BACKUP, detail);
}

rg_err backup_run(const struct backup_options *options, struct backup_result *ret_result)
{
	scoped(backup_deinit) struct backup backup = {.options = options,
		.data_dir = options->settings->data_dir};
	const struct tree_tiling_sink sink = {.take = put_tile, .context = &backup};
	scoped(buf_deinitv) struct buf vkey = {.data = NULL};
	struct note_verifier log;
	rg_err err = make_verifier(&backup, &log);

	if (err) {
		return err;
	}
	note_verifier_print(&log, &vkey);
	buf_add_text(&vkey, "\n");
	backup.tiling = tree_tiling_new(&sink);
	if (!backup.tiling || !buf_text(&vkey)) {
		return RG_E_NOMEM;
	}
	err = read_witnessed(&backup, &log, UINT64_MAX);
	err = err ? err : read_checkpoint(&backup, &log);
	err = err ? err : look_at_target(&backup, buf_text(&vkey));
	err = err ? err : sums_new(options->dir, &backup.sums);
	err = err ? err : copy_journal(&backup);
	err = err ? err : read_witnessed(&backup, &log, backup.checkpoint.size);
	if (backup.witnessed_size > backup.checkpoint.size) {
		buf_clear(&backup.witnessed); /* it is of no log that begins with this one */
	}
	err = err ? err : put_rest(&backup, buf_text(&vkey));
	err = err ? err : seal(&backup);
	err = err ? err : tell(&backup);
	if (!err) {
		backup.result.n_files = sums_n_files(backup.sums);
		backup.result.n_bytes = sums_n_bytes(backup.sums);
		*ret_result = backup.result;
	}
	return err;
}
