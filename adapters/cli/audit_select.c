/*
 * Which records of which log: see audit_select.h.
 *
 * Threads: one.
 */
#include "cli/audit_select.h"

#include <stdio.h>

#include "cli/show.h"
#include "cli/verb.h"
#include "registry/moment.h"

#define UNREAD_SHOWN 20

struct selecting {
	const struct select_job *job;
	struct filter filter;
	bool is_open; /* nothing was asked of messages */
	uint64_t n_unread;
};

static bool refuse(const struct argument_form *form, const char *option, const char *what)
{
	arguments_complain(form, "--%s: %s", option, what);
	return false;
}

bool select_read(const struct argument_form *form, const struct select_options *options,
	struct filter *ret_filter)
{
	struct moment until = {.size = 0};
	struct filter filter = {.ucr = options->ucr,
		.party = options->party,
		.document = options->document,
		.vehicle = options->vehicle};

	if (options->id && !filter_set_id(&filter, options->id)) {
		return refuse(form, "id", "give 32 hex digits");
	}
	if (options->kind && !filter_set_kind(&filter, options->kind)) {
		return refuse(form, "kind", "there is no such kind; e.g. DECLARATION, DECISION");
	}
	if (options->hs && !filter_set_hs(&filter, options->hs)) {
		return refuse(form, "hs", "give 2 to 6 digits, e.g. 0810");
	}
	if (options->since && !moment_parse_from(options->since, &filter.from_us)) {
		return refuse(form, "since", "give a day or a time like 2026-11-21T18:37:17Z");
	}
	if (options->until && (!moment_parse(options->until, &until) || !until.time_us)) {
		return refuse(form, "until", "give a day or a time like 2026-11-21T18:37:17Z");
	}
	filter.until_us = until.time_us;
	*ret_filter = filter;
	return true;
}

static bool take(void *context, const struct walk_record *record)
{
	struct selecting *it = context;
	bool is_meant = record->header ? filter_matches(&it->filter, record)
				       : it->is_open && it->job->with_others;

	return !is_meant || it->job->take(it->job->context, record);
}

static void skip(void *context, uint64_t index, const struct published_finding *what)
{
	struct selecting *it = context;

	if (it->n_unread++ < UNREAD_SHOWN) {
		arguments_complain(it->job->form, "record %llu cannot be proved: %s: %s",
			(unsigned long long)index, what->file, what->what);
	}
}

static bool asks_nothing(const struct select_options *options)
{
	return !options->ucr && !options->id && !options->party && !options->kind && !options->hs &&
		!options->document && !options->vehicle;
}

/* How many records count: --at, or all. */
static rg_err size_of(const struct moment *moment, struct published *log, uint64_t *ret_size)
{
	uint64_t size = published_checkpoint(log)->size;

	*ret_size = moment->size && moment->size < size ? moment->size : size;
	return moment->time_us ? walk_size_at(log, moment->time_us, ret_size) : RG_OK;
}

static rg_err walk_log(struct selecting *it, struct published *log, const struct moment *moment)
{
	const struct walk walk = {.take = take, .skip = skip, .context = it};
	uint64_t size = 0;
	rg_err err = size_of(moment, log, &size);

	return err ? err : walk_records(log, 0, size, &walk);
}

int select_run(const struct select_job *job)
{
	scoped(published_closep) struct published *log = NULL;
	struct selecting it = {.job = job, .is_open = asks_nothing(job->options)};
	struct published_finding what;
	struct moment moment = {.size = 0};

	if (!select_read(job->form, job->options, &it.filter)) {
		return VERB_USAGE;
	}
	if (job->options->at && !moment_parse(job->options->at, &moment)) {
		(void)refuse(job->form, "at", "give a number of records, a day or a time");
		return VERB_USAGE;
	}
	rg_err err = published_open(job->dir, NULL, &log, &what);

	if (!err && !log) {
		arguments_complain(job->form, "%s: %s: %s", job->dir, what.file, what.what);
		return VERB_ANSWERED_NO;
	}
	if (!err) {
		err = walk_log(&it, log, &moment);
	}
	if (err) {
		arguments_complain(job->form, "%s", rg_strerror(err));
		return VERB_COULD_NOT;
	}
	if (it.n_unread > 0) {
		arguments_complain(job->form,
			"%llu records could not be proved: rivergate audit verify tells more",
			(unsigned long long)it.n_unread);
	}
	return it.n_unread > 0 ? VERB_ANSWERED_NO : VERB_DONE;
}
