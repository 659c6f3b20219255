/*
 * Pruning: see prune.h.
 *
 * Method: a survey of the closed segments feeds the history; a bit for each record of the
 * segment at hand says whether its parts have expired; behind its last record it is written
 * anew. A first pass only counts, so that the act is told before it is done. Memory: the bits
 * of one segment.
 *
 * Threads: see prune.h.
 */
#include "prune.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "acts.h"
#include "base/file.h"
#include "base/log.h"
#include "history.h"
#include "journal/prune.h"
#include "journal/survey.h"
#include "retention.h"

struct prune {
	const struct prune_options *options;
	char *dir; /* of the journal */
	struct history *history;
	uint64_t open_first; /* records from here on lie in the open segment */
	bool is_over;

	uint64_t first; /* the segment at hand … */
	uint64_t n_records;
	uint8_t *expired; /* … and a bit for each of them */
	size_t cap;
	uint64_t n_expired;

	bool is_counting; /* nothing is written */
	struct prune_result result;
};

static void prune_deinit(struct prune *prune)
{
	free(prune->dir);
	free(prune->expired);
	history_free(prune->history);
}

/* --- One segment ----------------------------------------------------------------------------- */

static rg_err mark(struct prune *prune, bool is_expired)
{
	size_t byte = (size_t)(prune->n_records / 8);

	if (byte >= prune->cap) {
		size_t cap = prune->cap ? 2 * prune->cap : 4096;
		uint8_t *expired = realloc(prune->expired, cap);

		if (!expired) {
			return RG_E_NOMEM;
		}
		memset(expired + prune->cap, 0, cap - prune->cap);
		prune->expired = expired;
		prune->cap = cap;
	}
	if (is_expired) {
		prune->expired[byte] |= (uint8_t)(1u << prune->n_records % 8);
		prune->n_expired++;
	}
	prune->n_records++;
	return RG_OK;
}

/* The segment at hand is complete. */
static rg_err end_segment(struct prune *prune)
{
	struct journal_pruned pruned = {0};
	const struct journal_prune_plan plan = {
		.dir = prune->dir,
		.journal = prune->options->journal,
		.first = prune->first,
		.n_records = prune->n_records,
		.expired = prune->expired,
	};
	rg_err err = RG_OK;

	if (prune->n_expired > 0 && !prune->is_counting) {
		err = journal_prune(&plan, &pruned);
	}
	if (!err && prune->n_expired > 0) {
		prune->result.n_segments++;
	}
	if (!err && pruned.n_parts > 0) {
		log_event(LOG_INFO, "prune", "segment", log_number("first", (int64_t)plan.first),
			log_number("records", (int64_t)pruned.n_records),
			log_number("parts", (int64_t)pruned.n_parts),
			log_number("bytes", (int64_t)pruned.n_bytes));
	}
	if (prune->cap > 0) {
		memset(prune->expired, 0, prune->cap);
	}
	prune->n_records = 0;
	prune->n_expired = 0;
	return err;
}

/* --- The pass -------------------------------------------------------------------------------- */

static uint64_t count_parts(const struct history_record *record, uint64_t *n_bytes)
{
	uint64_t n = 0;

	for (size_t i = 0; i < record->n_parts; i++) {
		n += record->parts[i].len > 0 ? 1 : 0;
		*n_bytes += record->parts[i].len;
	}
	return n;
}

/* Whether there is something of the record to be taken; counts it then. */
static bool is_expired(struct prune *prune, const struct history_record *record)
{
	struct prune_result *result = &prune->result;
	uint64_t n_bytes = 0;
	uint64_t n_parts = count_parts(record, &n_bytes);

	if (n_parts == 0 || !record->header ||
		retention_until_us(record->trust, record->header, record->meta->time_us) >=
			prune->options->before_us) {
		return false;
	}
	if (record->index >= prune->open_first) {
		result->n_open++;
		return false;
	}
	result->first = result->n_records == 0 ? record->index : result->first;
	result->last = record->index;
	result->n_records++;
	result->n_parts += n_parts;
	result->n_bytes += n_bytes;
	return true;
}

static rg_err begin_segment(struct prune *prune, uint64_t first)
{
	const struct prune_options *options = prune->options;
	rg_err err = prune->n_records > 0 ? end_segment(prune) : RG_OK;

	prune->first = first;
	prune->is_over = options->is_over && options->is_over(options->context);
	return err;
}

static rg_err visit(void *context, const struct journal_seen *seen)
{
	struct prune *prune = context;
	struct history_record record;
	const char *what = NULL;
	rg_err err = RG_OK;

	if (seen->offset == 0) {
		err = begin_segment(prune, seen->segment);
	}
	if (err || prune->is_over) {
		return err;
	}
	err = history_take(prune->history, &seen->record, &record, &what);
	if (!err && what) {
		log_event(LOG_ERROR, "prune", "record-wrong",
			log_number("record", (int64_t)seen->record.index), log_text("what", what));
		return RG_E_FORMAT;
	}
	return err ? err : mark(prune, is_expired(prune, &record));
}

static rg_err find_open_segment(struct prune *prune, uint64_t *ret_limit)
{
	scoped(freep) uint64_t *firsts = NULL;
	size_t n = 0;
	rg_err err = RG_OK;

	*ret_limit = UINT64_MAX;
	if (prune->options->journal) {
		/* What is being written is not to be judged. */
		prune->open_first = journal_open_segment(prune->options->journal);
		*ret_limit = prune->open_first;
		return RG_OK;
	}
	err = journal_survey_segments(prune->dir, &firsts, &n);
	if (!err) {
		prune->open_first = n > 0 ? firsts[n - 1] : 0;
	}
	return err;
}

static rg_err pass(struct prune *prune, bool is_counting)
{
	struct journal_survey survey;
	struct journal_survey_options options = {.dir = prune->dir,
		.visit = visit,
		.context = prune};
	rg_err err = find_open_segment(prune, &options.limit);

	if (prune->options->is_dry_run) {
		/* A router may be running here. */
		options.limit = prune->open_first;
	}
	prune->is_counting = is_counting;
	prune->result = (struct prune_result){.n_segments = 0};
	history_free(steal(prune->history));
	prune->history = history_new();
	if (!err && !prune->history) {
		err = RG_E_NOMEM;
	}
	err = err ? err : journal_survey(&options, &survey);
	if (!err && survey.damage) {
		err = RG_E_FORMAT;
	}
	/* The last of the closed ones has none behind it when the open one was not read. */
	if (!err && prune->n_records > 0 && prune->first < prune->open_first) {
		err = end_segment(prune);
	}
	prune->n_records = 0;
	return err;
}

/* Before anything is replaced: a crash may repeat this, but not leave it out. */
static rg_err tell(const struct prune *prune)
{
	const struct prune_result *result = &prune->result;
	char detail[ACTS_DETAIL_MAX];

	(void)snprintf(detail, sizeof(detail),
		"first=%" PRIu64 " last=%" PRIu64 " parts=%" PRIu64 " bytes=%" PRIu64
		" rule=retention_days before=%" PRId64,
		result->first, result->last, result->n_parts, result->n_bytes,
		prune->options->before_us);
	return acts_leave(prune->options->data_dir, RIVERGATE__V1__ADMIN__ACT__ACT_PRUNE, detail);
}

static rg_err lock(const struct prune *prune, int *ret_fd)
{
	scoped(freep) char *path = file_join(prune->dir, "lock");

	if (!path) {
		return RG_E_NOMEM;
	}
	if (prune->options->journal || prune->options->is_dry_run) {
		return RG_OK;
	}
	*ret_fd = open(path, O_RDWR | O_CLOEXEC);
	if (*ret_fd < 0) {
		log_event(LOG_ERROR, "prune", "no-journal", log_text("dir", prune->dir),
			log_errno());
		return RG_E_CONFIG;
	}
	if (flock(*ret_fd, LOCK_EX | LOCK_NB) != 0) {
		log_event(LOG_ERROR, "prune", "held-by-another", log_text("dir", prune->dir),
			log_text("do",
				"a running router prunes by itself (`prune_s`); or stop it first"));
		return RG_E_CONFIG;
	}
	return journal_prune_clean(prune->dir);
}

rg_err prune_run(const struct prune_options *options, struct prune_result *ret_result)
{
	scoped(prune_deinit) struct prune prune = {.options = options};
	scoped(fd_close) int lock_fd = -1;

	prune.dir = file_join(options->data_dir, "journal");
	if (!prune.dir) {
		return RG_E_NOMEM;
	}
	rg_err err = lock(&prune, &lock_fd);

	err = err ? err : pass(&prune, true);
	if (!err && prune.result.n_parts > 0 && !options->is_dry_run) {
		err = tell(&prune);
		err = err ? err : pass(&prune, false);
	}
	if (!err) {
		*ret_result = prune.result;
	}
	return err;
}
