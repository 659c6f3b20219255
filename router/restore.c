/*
 * A log that goes on where a backup ends: see restore.h.
 *
 * Method: the backup is checked as a whole; its journal is copied into `journal.new` with
 * another record 0; one rename makes it the journal.
 *
 * Threads: one.
 */
#include "restore.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acts.h"
#include "backup.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "checkup.h"
#include "evidence/derived.h"
#include "evidence/note.h"
#include "evidence/record.h"
#include "evidence/segment.h"
#include "history.h"
#include "journal/survey.h"
#include "sums.h"
#include "wire/pack.h"

#define VKEY_MAX 4096

struct restore {
	const struct settings *settings;
	const char *dir;
	struct note_verifier old_log;
	struct buf note;      /* the predecessor */
	struct buf witnessed; /* the newest that a quorum cosigned; empty: the backup has none */
	struct note_checkpoint checkpoint;
	struct buf old_leaf; /* of record 0 */
	struct buf new_leaf;
	struct sums *sums; /* what is written below data_dir */
	char *staging;
	bool is_copying;
};

static void restore_deinit(struct restore *restore)
{
	buf_deinit(&restore->note);
	buf_deinit(&restore->witnessed);
	buf_deinit(&restore->old_leaf);
	buf_deinit(&restore->new_leaf);
	sums_free(restore->sums);
	free(restore->staging);
}

static rg_err refuse(const char *what, const char *about, const char *to_do)
{
	log_event(LOG_ERROR, "restore", what, log_text("about", about), log_text("do", to_do));
	return RG_E_CONFIG;
}

/* --- The backup ------------------------------------------------------------------------------ */

static rg_err read_from(const struct restore *restore, const char *name, size_t limit,
	struct buf *out)
{
	scoped(freep) char *path = file_join(restore->dir, name);

	return path ? file_read(path, limit, out, NULL) : RG_E_NOMEM;
}

static rg_err check_list(const struct restore *restore)
{
	scoped(buf_deinitv) struct buf wrong = {.data = NULL};
	rg_err err = sums_check(restore->dir, BACKUP_LIST, &wrong);

	if (!err && wrong.len > 0) {
		const char *text = buf_text(&wrong);

		return refuse("backup-changed", text ? text : "",
			"take another copy of the backup: this file is not what was written");
	}
	return err;
}

static rg_err read_log_key(struct restore *restore)
{
	scoped(buf_deinitv) struct buf vkey = {.data = NULL};
	rg_err err = read_from(restore, "log.vkey", VKEY_MAX, &vkey);

	if (err) {
		return err;
	}
	if (vkey.len > 0 && vkey.data[vkey.len - 1] == '\n') {
		vkey.len--;
	}
	const char *text = buf_text(&vkey);

	return text && note_verifier_parse(text, &restore->old_log)
		? RG_OK
		: refuse("no-vkey", restore->dir, "log.vkey of the backup is no verifier key");
}

/* Journal, tiles and checkpoint belong together; a backup has all of its tiles. */
static rg_err check_log(const struct restore *restore)
{
	scoped(checkup_result_deinitv) struct checkup_result result = {.state = CHECKUP_WHOLE};
	const struct checkup_target target = {
		.dir = restore->dir,
		.origin = restore->old_log.name,
		.log_public = restore->old_log.public_key,
		.has_all_tiles = true,
	};
	rg_err err = checkup_folder(&target, &result);

	if (err || result.state == CHECKUP_WHOLE) {
		return err;
	}
	const json_t *first = json_array_get(result.findings, 0);
	const char *what = json_string_value(json_object_get(first, "what"));
	const char *file = json_string_value(json_object_get(first, "file"));

	log_event(LOG_ERROR, "restore", "backup-damaged",
		log_text("where", file ? file : "journal"), log_text("what", what ? what : ""));
	return RG_E_FORMAT;
}

static rg_err read_if_there(const struct restore *restore, const char *name, struct buf *out)
{
	scoped(freep) char *path = file_join(restore->dir, name);
	bool is_found = false;

	return path ? file_read(path, NOTE_MAX, out, &is_found) : RG_E_NOMEM;
}

static unsigned count_cosignatures(struct rg_bytes note)
{
	static const char dash[] = "\n\xe2\x80\x94 ";
	unsigned n = 0;

	for (const uint8_t *at = note.data; at;) {
		at = memmem(at, (size_t)(note.data + note.len - at), dash, strlen(dash));
		n += at ? 1 : 0;
		at = at ? at + 1 : NULL;
	}
	return n > 0 ? n - 1 : 0;
}

/* Of one head the note that more witnesses cosigned; an older head goes beside. */
static rg_err read_witnessed(struct restore *restore)
{
	struct note_checkpoint checkpoint;
	bool is_valid = false;
	rg_err err = read_if_there(restore, "checkpoint.witnessed", &restore->witnessed);

	if (err || restore->witnessed.len == 0) {
		return err;
	}
	err = note_checkpoint_verify(buf_view(&restore->witnessed), &restore->old_log, &checkpoint,
		&is_valid);
	if (err) {
		return err;
	}
	if (!is_valid || checkpoint.size > restore->checkpoint.size) {
		return refuse("witnessed-wrong", restore->dir,
			"checkpoint.witnessed of the backup is not of its log");
	}
	if (checkpoint.size < restore->checkpoint.size ||
		count_cosignatures(buf_view(&restore->witnessed)) <=
			count_cosignatures(buf_view(&restore->note))) {
		return RG_OK;
	}
	if (memcmp(checkpoint.root.bytes, restore->checkpoint.root.bytes, MERKLE_HASH_LEN) != 0) {
		return refuse("witnessed-differs", restore->dir,
			"checkpoint and checkpoint.witnessed show two histories: keep both");
	}
	buf_clear(&restore->note);
	buf_add_bytes(&restore->note, buf_view(&restore->witnessed));
	return buf_error(&restore->note);
}

static rg_err read_backup(struct restore *restore)
{
	bool is_valid = false;
	rg_err err = check_list(restore);

	err = err ? err : read_log_key(restore);
	err = err ? err : read_from(restore, "checkpoint", NOTE_MAX, &restore->note);
	err = err ? err
		  : note_checkpoint_verify(buf_view(&restore->note), &restore->old_log,
			    &restore->checkpoint, &is_valid);
	if (!err && (!is_valid || restore->checkpoint.size == 0)) {
		return refuse("checkpoint-wrong", restore->dir,
			"the backup's log did not sign its checkpoint");
	}
	err = err ? err : read_witnessed(restore);
	return err ? err : check_log(restore);
}

/* --- The new log ----------------------------------------------------------------------------- */

/* An origin that goes on, or a key that signs two histories, is what must never be. */
static rg_err check_new(const struct restore *restore)
{
	const struct settings *settings = restore->settings;
	uint8_t log_public[32];
	rg_err err = key_ed25519_raw(settings->log_key, log_public);

	if (err) {
		return err;
	}
	if (strcmp(settings->origin, restore->old_log.name) == 0) {
		return refuse("same-origin", settings->origin,
			"give the router another origin in the registry: this one may have gone "
			"on after the backup");
	}
	if (memcmp(log_public, restore->old_log.public_key, sizeof(log_public)) == 0) {
		return refuse("same-key", settings->log_key_path,
			"make another key with `rivergate keygen log`");
	}
	return RG_OK;
}

static rg_err check_empty(const struct restore *restore)
{
	static const char *const names[] = {"journal", "index", "checkpoint", "tile"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		scoped(freep) char *path = file_join(restore->settings->data_dir, names[i]);

		if (!path) {
			return RG_E_NOMEM;
		}
		if (access(path, F_OK) == 0) {
			return refuse("data-dir-not-empty", path,
				"name a data_dir that holds no log");
		}
	}
	return RG_OK;
}

static rg_err write_origin(struct restore *restore, const struct history_record *old,
	struct buf *out)
{
	Rivergate__V1__Origin origin = RIVERGATE__V1__ORIGIN__INIT;
	Rivergate__V1__Origin__Ancestor last = RIVERGATE__V1__ORIGIN__ANCESTOR__INIT;
	Rivergate__V1__Origin__Ancestor *ancestors[DERIVED_ANCESTORS_MAX];
	const char *note = buf_text(&restore->note);
	size_t n = old->origin->n_ancestors;

	if (!note) {
		return RG_E_NOMEM;
	}
	if (n >= DERIVED_ANCESTORS_MAX) {
		return refuse("too-many-ancestors", restore->dir,
			"this log was restored 16 times: begin a new one");
	}
	for (size_t i = 0; i < n; i++) {
		ancestors[i] = old->origin->ancestors[i];
	}
	last.origin = old->origin->origin;
	last.size = restore->checkpoint.size;
	ancestors[n] = &last;
	origin.ancestors = ancestors;
	origin.n_ancestors = n + 1;
	origin.origin = restore->settings->origin;
	origin.router = restore->settings->address;
	origin.genesis_hash = old->origin->genesis_hash;
	origin.predecessor = (char *)note;
	return pack_append(&origin.base, out);
}

/* Record 0 of the old log becomes that of the new one; its time stays, so that time goes on. */
static rg_err make_first(struct restore *restore, const struct journal_record *record)
{
	scoped(history_freep) struct history *history = history_new();
	scoped(buf_deinitv) struct buf body = {.data = NULL};
	struct history_record old;
	const char *what = NULL;
	rg_err err = history ? history_take(history, record, &old, &what) : RG_E_NOMEM;

	if (!err && (what || !old.origin)) {
		return refuse("record-0-wrong", restore->dir, "the backup begins with no ORIGIN");
	}
	if (!err &&
		(old.origin->genesis_hash.len != sizeof(restore->settings->pin_hash) ||
			memcmp(old.origin->genesis_hash.data, restore->settings->pin_hash,
				sizeof(restore->settings->pin_hash)) != 0)) {
		return refuse("other-pin", restore->settings->pin,
			"`pin` must be that of the old log: its law goes on");
	}
	err = err ? err : write_origin(restore, &old, &body);
	if (err) {
		return err;
	}
	const struct record leaf = {.type = old.leaf.type,
		.meta = old.leaf.meta,
		.body = buf_view(&body)};

	buf_add_bytes(&restore->old_leaf, record->leaf);
	err = record_write(&leaf, &restore->new_leaf);
	return err ? err : buf_error(&restore->old_leaf);
}

static rg_err copy_frame(struct restore *restore, const struct journal_seen *seen)
{
	struct segment_frame frame = {.index = seen->record.index,
		.durable_size = seen->durable_size};
	struct rg_bytes leaf = seen->record.leaf;
	uint8_t head[SEGMENT_FRAME_HEAD];

	if (seen->record.index == 0) {
		leaf = buf_view(&restore->new_leaf);
	}
	segment_frame_write(&frame, leaf, &seen->record.parts, 1, head);
	rg_err err = sums_add(restore->sums, bytes_of(head, sizeof(head)));

	err = err ? err : sums_add(restore->sums, leaf);
	return err ? err : sums_add(restore->sums, seen->record.parts);
}

static rg_err begin_segment(struct restore *restore, uint64_t first)
{
	char name[JOURNAL_RECOVERY_NAME_LEN + 1];
	rg_err err = restore->is_copying ? sums_end(restore->sums) : RG_OK;

	restore->is_copying = true;
	journal_recovery_name(first, name);
	return err ? err : sums_begin(restore->sums, name);
}

static rg_err visit(void *context, const struct journal_seen *seen)
{
	struct restore *restore = context;
	rg_err err = seen->record.index == 0 ? make_first(restore, &seen->record) : RG_OK;

	if (!err && seen->offset == 0) {
		err = begin_segment(restore, seen->segment);
	}
	return err ? err : copy_frame(restore, seen);
}

/* What a run that was cut off left is written again. */
static rg_err clear_staging(const struct restore *restore)
{
	scoped(freep) uint64_t *firsts = NULL;
	size_t n = 0;

	if (access(restore->staging, F_OK) != 0) {
		return RG_OK;
	}
	rg_err err = journal_survey_segments(restore->staging, &firsts, &n);

	for (size_t i = 0; !err && i < n; i++) {
		char name[JOURNAL_RECOVERY_NAME_LEN + 1];

		journal_recovery_name(firsts[i], name);
		scoped(freep) char *path = file_join(restore->staging, name);

		if (!path) {
			return RG_E_NOMEM;
		}
		if (unlink(path) != 0) {
			return refuse("cannot-clear", path, "remove the folder journal.new");
		}
	}
	return err;
}

static rg_err copy_journal(struct restore *restore)
{
	scoped(freep) char *dir = file_join(restore->dir, "journal");
	const struct journal_survey_options options = {.dir = dir,
		.limit = restore->checkpoint.size,
		.visit = visit,
		.context = restore};
	struct journal_survey survey;
	rg_err err = dir ? clear_staging(restore) : RG_E_NOMEM;

	err = err ? err : sums_new(restore->staging, &restore->sums);
	err = err ? err : journal_survey(&options, &survey);
	if (!err && (survey.damage || survey.n_records != restore->checkpoint.size)) {
		return RG_E_FORMAT;
	}
	return err ? err : sums_end(restore->sums);
}

/* --- What goes with it ----------------------------------------------------------------------- */

static rg_err keep(const struct restore *restore, const char *name, struct rg_bytes content)
{
	scoped(freep) char *dir = file_join(restore->settings->data_dir, "predecessor");
	scoped(freep) char *path = dir ? file_join(dir, name) : NULL;
	scoped(freep) char *folder = path ? strdup(path) : NULL;

	if (!folder) {
		return RG_E_NOMEM;
	}
	*strrchr(folder, '/') = '\0';
	rg_err err = file_make_dirs(folder);

	return err ? err : file_replace(path, content, 0644);
}

/* What the old log kept of the one before it, and so on, goes one folder deeper. */
static rg_err keep_elders(const struct restore *restore)
{
	static const char *const names[] = {"log.vkey", "checkpoint", "checkpoint.witnessed",
		"record-0"};
	scoped(freep) char *folder = strdup("predecessor");
	rg_err err = folder ? RG_OK : RG_E_NOMEM;

	for (size_t depth = 0; !err && depth < DERIVED_ANCESTORS_MAX; depth++) {
		for (size_t i = 0; !err && i < sizeof(names) / sizeof(names[0]); i++) {
			scoped(buf_deinitv) struct buf content = {.data = NULL};
			scoped(freep) char *name = file_join(folder, names[i]);

			err = name ? read_if_there(restore, name, &content) : RG_E_NOMEM;
			if (!err && content.len > 0) {
				err = keep(restore, name, buf_view(&content));
			}
		}
		char *next = file_join("predecessor", folder);

		free(folder);
		folder = next;
		err = err || folder ? err : RG_E_NOMEM;
	}
	return err;
}

static rg_err keep_predecessor(const struct restore *restore)
{
	scoped(buf_deinitv) struct buf vkey = {.data = NULL};

	note_verifier_print(&restore->old_log, &vkey);
	buf_add_text(&vkey, "\n");
	rg_err err = buf_error(&vkey);

	err = err ? err : keep(restore, "log.vkey", buf_view(&vkey));
	err = err ? err : keep(restore, "checkpoint", buf_view(&restore->note));
	err = err ? err : keep(restore, "record-0", buf_view(&restore->old_leaf));
	if (!err && restore->witnessed.len > 0) {
		err = keep(restore, "checkpoint.witnessed", buf_view(&restore->witnessed));
	}
	return err ? err : keep_elders(restore);
}

static rg_err tell(const struct restore *restore)
{
	char root[2 * MERKLE_HASH_LEN + 1];
	char detail[ACTS_DETAIL_MAX];

	text_hex(bytes_of(restore->checkpoint.root.bytes, MERKLE_HASH_LEN), root);
	int len = snprintf(detail, sizeof(detail), "origin=%s size=%" PRIu64 " root=%s",
		restore->old_log.name, restore->checkpoint.size, root);

	return len < 0 || (size_t)len >= sizeof(detail)
		? RG_E_OVERFLOW
		: acts_leave(restore->settings->data_dir, RIVERGATE__V1__ADMIN__ACT__ACT_RESTORE,
			  detail);
}

/* All is on the disk before the name says that there is a journal. */
static rg_err take_name(const struct restore *restore)
{
	scoped(freep) char *path = file_join(restore->settings->data_dir, "journal");
	scoped(fd_close) int fd = open(restore->staging, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (!path) {
		return RG_E_NOMEM;
	}
	if (fd < 0 || syncfs(fd) != 0) {
		log_event(LOG_ERROR, "restore", "cannot-sync", log_text("path", restore->staging),
			log_errno());
		return RG_E_IO;
	}
	return file_rename(restore->staging, path);
}

rg_err restore_run(const struct settings *settings, const char *dir,
	struct restore_result *ret_result)
{
	scoped(restore_deinit) struct restore restore = {.settings = settings, .dir = dir};
	rg_err err = check_empty(&restore);

	restore.staging = file_join(settings->data_dir, "journal.new");
	err = err || restore.staging ? err : RG_E_NOMEM;
	err = err ? err : read_backup(&restore);
	err = err ? err : check_new(&restore);
	err = err ? err : file_make_dirs(settings->data_dir);
	err = err ? err : copy_journal(&restore);
	err = err ? err : keep_predecessor(&restore);
	err = err ? err : tell(&restore);
	err = err ? err : take_name(&restore);
	if (err) {
		return err;
	}
	(void)snprintf(ret_result->origin, sizeof(ret_result->origin), "%s", restore.old_log.name);
	ret_result->size = restore.checkpoint.size;
	ret_result->n_cosignatures = count_cosignatures(buf_view(&restore.note));
	return RG_OK;
}
