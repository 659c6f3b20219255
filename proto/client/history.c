/*
 * The newest checkpoint: see history.h
 *
 * A note that is byte for byte the one verified last is not verified again: one commit
 * of the router proves many messages.
 * Threads: owned by the session's thread.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "client/history.h"

#define SAVE_EVERY_US   1000000
#define SAMPLE_EVERY_US 10000000

struct history {
	struct key *log_key;
	struct note_verifier log; /* lends log_key */
	char *state_path;         /* NULL: nothing is stored */
	char *path;
	struct buf note; /* the newest */
	struct note_checkpoint newest;
	uint64_t hello_size;   /* of the checkpoint that this session began with */
	struct buf other_note; /* verified last, where that is not the newest */
	struct note_checkpoint other;
	struct lineage *lineage;
	int64_t sampled_us; /* when a checkpoint of RECEIPTS was put into the lineage; monotonic */
	bool is_dirty;
	int64_t saved_us; /* monotonic */
};

static void text_free(char **text)
{
	free(*text);
}

static rg_err load(struct history *history)
{
	bool is_found = false;
	bool is_valid = false;
	rg_err err = file_read(history->path, NOTE_MAX, &history->note, &is_found);

	if (err || !is_found) {
		return err;
	}
	err = note_checkpoint_verify(buf_view(&history->note), &history->log, &history->newest,
		&is_valid);
	if (err || is_valid) {
		return err;
	}
	log_event(LOG_ERROR, "client", "checkpoint-of-another-log", log_text("path", history->path),
		log_text("log", history->log.name),
		log_text("do",
			"this state folder belongs to another log; use its own folder for each "
			"log"));
	return RG_E_CONFIG;
}

/* The line begins with what was seen last, where nothing is proved yet. */
static rg_err open_lineage(struct history *history)
{
	const char *rule = NULL;
	rg_err err = lineage_open(history->state_path, &history->lineage);

	if (!err && history->note.len) {
		lineage_add(history->lineage, &history->newest, &rule);
	}
	if (rule) {
		log_event(LOG_ERROR, "client", "alarm", log_text("what", history->path),
			log_text("why", rule));
	}
	return err;
}

struct lineage *history_lineage(const struct history *history)
{
	return history->lineage;
}

rg_err history_open(const char *state_path, const struct note_verifier *log,
	struct history **ret_history)
{
	scoped(history_closep) struct history *history = calloc(1, sizeof(*history));

	if (!history) {
		return RG_E_NOMEM;
	}
	history->log = *log;
	buf_init(&history->note);
	buf_init(&history->other_note);
	rg_err err = key_from_ed25519(log->public_key, &history->log_key);
	history->log.key = history->log_key;
	if (!err && state_path) {
		err = file_make_dirs(state_path);
		history->state_path = strdup(state_path);
		history->path = file_join(state_path, "checkpoint");
		if (!history->state_path || !history->path) {
			return RG_E_NOMEM;
		}
		err = err ? err : load(history);
	}
	err = err ? err : open_lineage(history);
	if (!err) {
		*ret_history = steal(history);
	}
	return err;
}

void history_close(struct history *history)
{
	if (!history) {
		return;
	}
	history->saved_us = 0;
	rg_err err = history_save(history);
	if (err) {
		log_event(LOG_WARNING, "client", "checkpoint-not-stored", log_fault(err));
	}
	lineage_close(history->lineage);
	buf_deinit(&history->note);
	buf_deinit(&history->other_note);
	key_free(history->log_key);
	free(history->state_path);
	free(history->path);
	free(history);
}

const char *history_text(const struct history *history)
{
	/* buf_text() only adds the NUL that is not counted. */
	return history->note.len ? buf_text((struct buf *)&history->note) : "";
}

uint64_t history_size(const struct history *history)
{
	return history->newest.size;
}

const struct note_verifier *history_log(const struct history *history)
{
	return &history->log;
}

/* Stores one side of a contradiction. */
static rg_err keep(const struct history *history, const char *side, int64_t now_us,
	struct rg_bytes note)
{
	char name[80];

	(void)snprintf(name, sizeof(name), "contradiction-%lld-%s.checkpoint", (long long)now_us,
		side);
	scoped(text_free) char *path = file_join(history->state_path, name);
	return path ? file_replace(path, note, 0600) : RG_E_NOMEM;
}

static rg_err keep_both(const struct history *history, struct rg_bytes told)
{
	int64_t now_us = clock_now_us();

	if (!history->state_path) {
		return RG_OK;
	}
	rg_err err = keep(history, "held", now_us, buf_view(&history->note));
	return err ? err : keep(history, "told", now_us, told);
}

/* NULL: it fits what is held. */
static const char *contradiction(const struct history *history, const struct note_checkpoint *told,
	enum history_source source)
{
	if (told->size == history->newest.size && history->note.len &&
		memcmp(&told->root, &history->newest.root, sizeof(told->root)) != 0) {
		return "two checkpoints of one size have different roots";
	}
	const uint64_t least[] = {
		[HISTORY_HELLO] = history->newest.size,
		[HISTORY_RECEIPTS] = history->hello_size,
		[HISTORY_DELIVERY] = 0,
	};
	if (told->size < least[source]) {
		return "the checkpoint is smaller than one that this log signed before";
	}
	return NULL;
}

static rg_err replace(struct buf *note, struct rg_bytes by)
{
	buf_clear(note);
	buf_add_bytes(note, by);
	return buf_error(note);
}

/* Reads and verifies a note, unless it was the last one verified. */
static rg_err verify(struct history *history, struct rg_bytes note,
	struct note_checkpoint *ret_checkpoint, bool *ret_is_valid)
{
	*ret_is_valid = true;
	if (history->note.len && bytes_equal(note, buf_view(&history->note))) {
		*ret_checkpoint = history->newest;
		return RG_OK;
	}
	if (history->other_note.len && bytes_equal(note, buf_view(&history->other_note))) {
		*ret_checkpoint = history->other;
		return RG_OK;
	}
	rg_err err = note_checkpoint_verify(note, &history->log, ret_checkpoint, ret_is_valid);
	if (!err && *ret_is_valid) {
		err = replace(&history->other_note, note);
		history->other = *ret_checkpoint;
	}
	return err;
}

/* Of RECEIPTS, which come with every commit, one now and then. */
static bool is_to_be_proved(struct history *history, enum history_source source)
{
	int64_t now_us = clock_monotonic_us();

	if (source == HISTORY_RECEIPTS && history->sampled_us &&
		now_us - history->sampled_us < SAMPLE_EVERY_US) {
		return false;
	}
	history->sampled_us = now_us;
	return true;
}

/* Takes a verified checkpoint, unless it contradicts what is held. */
static rg_err take(struct history *history, struct rg_bytes note,
	const struct note_checkpoint *told, enum history_source source, const char **ret_rule)
{
	*ret_rule = contradiction(history, told, source);
	if (!*ret_rule && is_to_be_proved(history, source)) {
		lineage_add(history->lineage, told, ret_rule);
	}
	if (*ret_rule) {
		return keep_both(history, note);
	}
	if (source == HISTORY_HELLO) {
		history->hello_size = told->size;
	}
	if (history->note.len && told->size <= history->newest.size) {
		return RG_OK;
	}
	rg_err err = replace(&history->note, note);
	history->newest = *told;
	history->is_dirty = true;
	return err;
}

rg_err history_accept(struct history *history, struct rg_bytes note,
	const struct note_checkpoint *told, const char **ret_rule)
{
	return take(history, note, told, HISTORY_RECEIPTS, ret_rule);
}

rg_err history_offer(struct history *history, struct rg_bytes note, enum history_source source,
	struct note_checkpoint *ret_checkpoint, const char **ret_rule)
{
	struct note_checkpoint told;
	bool is_valid = false;
	rg_err err = verify(history, note, &told, &is_valid);

	if (err) {
		return err;
	}
	if (!is_valid) {
		*ret_rule = "the checkpoint is not signed by the router's log key";
		return RG_OK;
	}
	if (ret_checkpoint) {
		*ret_checkpoint = told;
	}
	return take(history, note, &told, source, ret_rule);
}

/* Another process of this party may have seen more: the file never goes back. */
static rg_err is_news(const struct history *history, bool *ret_is_news)
{
	scoped(buf_deinit) struct buf stored = {0};
	struct note_checkpoint checkpoint;
	bool is_found = false;

	buf_init(&stored);
	rg_err err = file_read(history->path, NOTE_MAX, &stored, &is_found);
	*ret_is_news = !is_found || !note_checkpoint_read(buf_view(&stored), &checkpoint) ||
		checkpoint.size < history->newest.size;
	return err;
}

rg_err history_save(struct history *history)
{
	int64_t now_us = clock_monotonic_us();
	bool must_write = false;

	if (!history->is_dirty || !history->path ||
		(history->saved_us && now_us - history->saved_us < SAVE_EVERY_US)) {
		return RG_OK;
	}
	rg_err err = is_news(history, &must_write);
	if (!err && must_write) {
		err = file_replace(history->path, buf_view(&history->note), 0600);
	}
	history->is_dirty = err != RG_OK;
	history->saved_us = now_us;
	return err;
}
