/*
 * `rivergated check`: see checkup.h.
 *
 * Method: one survey of the journal. Each record goes through the history, which judges
 * it, and through the tiling, whose files are compared with those on the disk.
 *
 * Threads: one.
 */
#include "checkup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "evidence/note.h"
#include "evidence/tile.h"
#include "history.h"
#include "index/index.h"
#include "journal/survey.h"
#include "tree/tiling.h"
#include "tree/tree.h"

#define BUNDLES      "tile/entries"
#define WRITES_AGAIN "writes it again"
#define REFUSES      "refuses, exit 4: restore the folder from a backup"

struct checkup {
	const struct checkup_target *target;
	struct checkup_result result;
	struct history *history;
	struct tree_tiling *tiling;
	struct note_checkpoint checkpoint;
	bool has_checkpoint;
	bool has_bundles; /* the log has been published with its entries */
	uint64_t high_water;
};

static void checkup_deinit(struct checkup *check)
{
	checkup_result_deinit(&check->result);
	history_free(check->history);
	tree_tiling_free(check->tiling);
}

void checkup_result_deinit(struct checkup_result *result)
{
	json_decref(result->findings);
	result->findings = NULL;
}

/* --- Findings -------------------------------------------------------------------------------- */

struct finding {
	enum checkup_state state;
	const char *what;
	const char *start; /* what a start does about it */
	const char *file;  /* NULL: it is about a record */
	uint64_t record;
	const char *segment; /* NULL: not known */
	uint64_t offset;
};

static rg_err put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) == 0 ? RG_OK : RG_E_NOMEM;
}

static rg_err fill_finding(json_t *object, const struct finding *finding)
{
	rg_err err = put(object, "what", json_string(finding->what));

	err = err ? err : put(object, "start", json_string(finding->start));
	if (!err && finding->file) {
		err = put(object, "file", json_string(finding->file));
	}
	if (!err && !finding->file) {
		err = put(object, "record", json_integer((json_int_t)finding->record));
	}
	if (!err && finding->segment) {
		err = put(object, "segment", json_string(finding->segment));
		err = err ? err : put(object, "offset", json_integer((json_int_t)finding->offset));
	}
	return err;
}

static rg_err note(struct checkup *check, const struct finding *finding)
{
	struct checkup_result *result = &check->result;

	result->state = finding->state > result->state ? finding->state : result->state;
	if (result->n_findings++ >= CHECKUP_FINDINGS_MAX) {
		return RG_OK;
	}
	json_t *object = json_object();

	if (!object || json_array_append_new(result->findings, object) != 0) {
		return RG_E_NOMEM;
	}
	return fill_finding(object, finding);
}

static rg_err note_file(struct checkup *check, const char *file, const char *what, bool is_damage)
{
	return note(check,
		&(struct finding){
			.state = is_damage ? CHECKUP_DAMAGED : CHECKUP_MENDABLE,
			.what = what,
			.start = is_damage ? REFUSES : WRITES_AGAIN,
			.file = file,
		});
}

static rg_err note_record(struct checkup *check, uint64_t record, const char *what)
{
	return note(check,
		&(struct finding){.state = CHECKUP_DAMAGED,
			.what = what,
			.start = REFUSES,
			.record = record});
}

/* --- Files ----------------------------------------------------------------------------------- */

/* Tiles are copies of what the journal says: a router writes them again, nobody else does. */
static rg_err compare_file(void *context, const char *name, struct rg_bytes content, bool is_full)
{
	struct checkup *check = context;
	scoped(freep) char *path = file_join(check->target->dir, name);
	scoped(buf_deinitv) struct buf present = {.data = NULL};
	bool is_found = false;
	rg_err err = path ? file_read(path, content.len, &present, &is_found) : RG_E_NOMEM;

	if (err == RG_E_OVERFLOW) {
		return note_file(check, name, "is longer than it should be",
			check->target->has_all_tiles);
	}
	if (err) {
		return err;
	}
	if (is_found && !bytes_equal(buf_view(&present), content)) {
		return note_file(check, name, "differs from the journal",
			check->target->has_all_tiles);
	}
	bool is_expected = check->has_bundles || strncmp(name, BUNDLES, strlen(BUNDLES)) != 0;

	if (!is_found && ((is_full && is_expected) || check->target->has_all_tiles)) {
		return note_file(check, name, "is missing", check->target->has_all_tiles);
	}
	return RG_OK;
}

static rg_err read_checkpoint(struct checkup *check)
{
	scoped(freep) char *path = file_join(check->target->dir, "checkpoint");
	scoped(buf_deinitv) struct buf content = {.data = NULL};
	struct note_verifier log;
	bool is_found = false;
	bool is_valid = false;
	rg_err err = path ? file_read(path, NOTE_MAX, &content, &is_found) : RG_E_NOMEM;

	if (err || !is_found) {
		return err;
	}
	err = note_verifier_of(check->target->origin, check->target->log_public, &log);
	if (!err) {
		err = note_checkpoint_verify(buf_view(&content), &log, &check->checkpoint,
			&is_valid);
	}
	check->has_checkpoint = !err && is_valid;
	check->result.checkpoint_size = check->has_checkpoint ? check->checkpoint.size : 0;
	if (!err && !is_valid) {
		err = note_file(check, "checkpoint", "is damaged, or of another log", true);
	}
	return err;
}

/* Sizes that files claim; a running router's index is its own business. */
static rg_err find_high_water(struct checkup *check)
{
	scoped(freep) char *index = file_join(check->target->dir, "index");
	uint64_t tiles = 0;
	uint64_t rows = 0;
	rg_err err = index ? tree_stored_size(check->target->dir, &tiles) : RG_E_NOMEM;

	if (!err && !check->result.is_running) {
		err = index_stored_size(index, check->target->origin, &rows);
	}
	check->high_water = check->result.checkpoint_size;
	if (!check->result.is_running) {
		check->high_water = tiles > check->high_water ? tiles : check->high_water;
		check->high_water = rows > check->high_water ? rows : check->high_water;
	}
	return err;
}

/* --- Records --------------------------------------------------------------------------------- */

static rg_err compare_root(struct checkup *check)
{
	struct merkle_hash head;
	rg_err err = tree_tiling_head(check->tiling, &head);

	if (!err && memcmp(&head, &check->checkpoint.root, sizeof(head)) != 0) {
		return note_file(check, "checkpoint", "has another root than the journal", true);
	}
	return err ? err : tree_tiling_partial(check->tiling);
}

static rg_err visit(void *context, const struct journal_seen *seen)
{
	struct checkup *check = context;
	struct history_record record;
	const char *what = NULL;
	rg_err err = tree_tiling_add(check->tiling, seen->record.leaf);

	if (!err && check->has_checkpoint &&
		tree_tiling_size(check->tiling) == check->checkpoint.size) {
		err = compare_root(check);
	}
	if (err || !check->history) {
		return err;
	}
	err = history_take(check->history, &seen->record, &record, &what);
	if (!err && !what && record.origin &&
		strcmp(record.origin->origin, check->target->origin) != 0) {
		what = "it says that this is another log";
	}
	if (err || !what) {
		return err;
	}
	/* What follows has no law to be judged by. */
	history_free(steal(check->history));
	return note_record(check, seen->record.index, what);
}

static rg_err note_survey(struct checkup *check, const struct journal_survey *survey)
{
	struct finding finding = {.record = survey->record,
		.segment = survey->segment,
		.offset = survey->offset};

	check->result.n_records = survey->n_records;
	check->result.n_segments = survey->n_segments;
	if (survey->damage) {
		finding.state = CHECKUP_DAMAGED;
		finding.what = survey->damage;
		finding.start = REFUSES;
		return note(check, &finding);
	}
	if (survey->is_torn) {
		finding.state = CHECKUP_MENDABLE;
		finding.what = "the tail is torn; nobody was told of what it held";
		finding.start = "sets the tail aside in journal/torn and goes on before it";
		return note(check, &finding);
	}
	return RG_OK;
}

static rg_err read_journal(struct checkup *check)
{
	scoped(freep) char *dir = file_join(check->target->dir, "journal");
	const struct journal_survey_options options = {
		.dir = dir,
		.high_water = check->high_water,
		.limit = check->result.is_running ? check->checkpoint.size : UINT64_MAX,
		.visit = visit,
		.context = check,
	};
	struct journal_survey survey = {.n_records = 0};

	if (!dir) {
		return RG_E_NOMEM;
	}
	if (access(dir, F_OK) != 0 && errno == ENOENT) {
		return check->high_water == 0
			? RG_OK
			: note_record(check, 0, "there is no journal, but records were durable");
	}
	rg_err err = journal_survey(&options, &survey);

	return err ? err : note_survey(check, &survey);
}

/* Keeps a router from starting meanwhile, where there is none. */
static rg_err hold(struct checkup *check, int *ret_fd)
{
	scoped(freep) char *path = file_join(check->target->dir, "journal/lock");

	if (!path) {
		return RG_E_NOMEM;
	}
	*ret_fd = open(path, O_RDONLY | O_CLOEXEC);
	check->result.is_running =
		*ret_fd >= 0 && flock(*ret_fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	return RG_OK;
}

static rg_err prepare(struct checkup *check)
{
	const struct tree_tiling_sink sink = {.take = compare_file, .context = check};

	scoped(freep) char *bundles = file_join(check->target->dir, BUNDLES);

	if (!bundles) {
		return RG_E_NOMEM;
	}
	check->has_bundles = access(bundles, F_OK) == 0;
	check->result.findings = json_array();
	check->history = history_new();
	check->tiling = tree_tiling_new(&sink);
	return check->result.findings && check->history && check->tiling ? RG_OK : RG_E_NOMEM;
}

rg_err checkup_folder(const struct checkup_target *target, struct checkup_result *ret_result)
{
	scoped(checkup_deinit) struct checkup check = {.target = target};
	scoped(fd_close) int lock = -1;
	rg_err err = prepare(&check);

	if (!err) {
		err = hold(&check, &lock);
	}
	if (!err) {
		err = read_checkpoint(&check);
	}
	if (!err) {
		err = find_high_water(&check);
	}
	if (!err) {
		err = read_journal(&check);
	}
	if (!err && check.has_checkpoint && check.result.state != CHECKUP_DAMAGED &&
		check.result.n_records < check.checkpoint.size) {
		err = note_record(&check, check.result.n_records,
			"the journal ends before its checkpoint");
	}
	if (!err) {
		*ret_result = check.result;
		check.result.findings = NULL;
	}
	return err;
}

rg_err checkup_run(const struct settings *settings, struct checkup_result *ret_result)
{
	uint8_t log_public[32];
	const struct checkup_target target = {
		.dir = settings->data_dir,
		.origin = settings->origin,
		.log_public = log_public,
	};
	rg_err err = key_ed25519_raw(settings->log_key, log_public);

	return err ? err : checkup_folder(&target, ret_result);
}

/* --- Saying it ------------------------------------------------------------------------------- */

static const char *const states[] = {
	[CHECKUP_WHOLE] = "whole",
	[CHECKUP_MENDABLE] = "mendable",
	[CHECKUP_DAMAGED] = "damaged",
};

static void print_json(const struct checkup_result *result, const char *origin)
{
	json_t *object = json_pack("{s:s, s:I, s:I, s:I, s:b, s:s, s:I, s:O}", "origin", origin,
		"records", (json_int_t)result->n_records, "segments",
		(json_int_t)result->n_segments, "checkpoint", (json_int_t)result->checkpoint_size,
		"running", result->is_running, "state", states[result->state], "nFindings",
		(json_int_t)result->n_findings, "findings", result->findings);

	if (object) {
		(void)json_dumpf(object, stdout, JSON_COMPACT);
		(void)putchar('\n');
	}
	json_decref(object);
}

static void print_finding(json_t *finding)
{
	const char *file = json_string_value(json_object_get(finding, "file"));
	const char *segment = json_string_value(json_object_get(finding, "segment"));

	if (file) {
		printf("%s", file);
	} else {
		printf("record %" JSON_INTEGER_FORMAT,
			json_integer_value(json_object_get(finding, "record")));
	}
	if (segment) {
		printf(" (%s at %" JSON_INTEGER_FORMAT ")", segment,
			json_integer_value(json_object_get(finding, "offset")));
	}
	printf(": %s; a start %s\n", json_string_value(json_object_get(finding, "what")),
		json_string_value(json_object_get(finding, "start")));
}

void checkup_print(const struct checkup_result *result, const char *origin, bool wants_json)
{
	if (wants_json) {
		print_json(result, origin);
		return;
	}
	printf("origin %s\nrecords %" PRIu64 "\nsegments %" PRIu64 "\ncheckpoint %" PRIu64 "\n",
		origin, result->n_records, result->n_segments, result->checkpoint_size);
	if (result->is_running) {
		puts("a router is running here: read up to its checkpoint");
	}
	for (size_t i = 0; i < json_array_size(result->findings); i++) {
		print_finding(json_array_get(result->findings, i));
	}
	if (result->n_findings > CHECKUP_FINDINGS_MAX) {
		printf("… and %" PRIu64 " more\n", result->n_findings - CHECKUP_FINDINGS_MAX);
	}
	puts(states[result->state]);
}
