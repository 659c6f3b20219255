/*
 * Hand-over
 *
 * Method: a round takes the oldest deliveries and makes each step for all of them before
 * the next step, so that a round costs as many syncs as one delivery, but for the files.
 *
 * Threads: one.
 */
#include "host/handover.h"
#include "host/acknowledge.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "host/plan.h"

#define ROUND_MAX 32

/* A delivery on its way through the steps. */
struct step {
	struct inbox_entry *entry;
	struct delivered delivered;
	struct plan plan;
	struct connector_outcome outcome; /* of the last file that was put */
};

struct round {
	struct adapter *adapter;
	struct step steps[ROUND_MAX];
	size_t n_steps;
	bool has_crash; /* the next delivery waits for another try */
};

static void close_step(struct step *step)
{
	delivered_deinit(&step->delivered);
	plan_deinit(&step->plan);
}

static void free_round(struct round **round)
{
	for (size_t i = 0; *round && i < (*round)->n_steps; i++) {
		close_step(&(*round)->steps[i]);
	}
	free(*round);
}

static struct step *add_step(struct round *round, struct inbox_entry *entry)
{
	struct step *step = &round->steps[round->n_steps++];

	step->entry = entry;
	delivered_init(&step->delivered);
	plan_init(&step->plan);
	return step;
}

/*
 * --- 1: stage -------------------------------------
 * -------------------------------------------------
 */

/* A file of this name was handed over by a life of this adapter that we do not remember. */
static rg_err refuse_known_names(struct adapter *adapter, struct plan *plan)
{
	enum directory_place place = DIRECTORY_NOWHERE;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < plan->n_files && place != DIRECTORY_PUT; i++) {
		err = directory_find(adapter->directory, plan->files[i].name, &place);
	}
	if (!err && place == DIRECTORY_PUT) {
		err = plan_set_aside(plan, "POSSIBLY_HANDED_OVER",
			"A file of this name already lies in in/ or done/.");
	}
	return err;
}

static rg_err stage_files(struct adapter *adapter, const struct plan *plan)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < plan->n_files; i++) {
		err = directory_stage(adapter->directory, plan->files[i].name,
			buf_view(&plan->files[i].content));
	}
	return err;
}

/* The third crash on one delivery is its last; before that the delivery is tried again. */
static rg_err handle_crash(struct round *round, struct step *step)
{
	struct adapter *adapter = round->adapter;
	struct inbox_entry *entry = step->entry;
	rg_err err = inbox_add_crash(entry, adapter->ledger);

	if (!err) {
		err = ledger_commit(adapter->ledger);
	}
	log_event(LOG_ERROR, "handover", "plug-in-crashed", log_text("message", entry->name),
		log_text("how", step->plan.crash), log_number("times", entry->n_crashes));
	if (!err && entry->n_crashes >= HANDOVER_CRASHES_MAX) {
		return plan_set_aside(&step->plan, "PLUGIN_CRASH",
			"The translation crashed three times on this message.");
	}
	round->has_crash = true;
	return err;
}

static rg_err prepare(struct round *round, struct step *step)
{
	struct adapter *adapter = round->adapter;
	rg_err err = delivered_read(&step->delivered, adapter->inbox, step->entry);

	if (!err) {
		err = plan_make(adapter, step->entry, &step->delivered, &step->plan);
	}
	if (!err && step->plan.is_crash) {
		err = handle_crash(round, step);
	}
	if (!err && !round->has_crash) {
		err = refuse_known_names(adapter, &step->plan);
	}
	return err || round->has_crash ? err : stage_files(adapter, &step->plan);
}

/* Order: whatever comes behind a delivery that must be tried again waits. */
static rg_err stage(struct round *round)
{
	struct inbox_entry *entry = inbox_first(round->adapter->inbox);
	rg_err err = RG_OK;

	while (!err && entry && round->n_steps < ROUND_MAX && !round->has_crash) {
		struct step *step = add_step(round, entry);

		err = prepare(round, step);
		entry = entry->next;
	}
	if (round->has_crash) {
		close_step(&round->steps[--round->n_steps]);
	}
	if (!err && round->n_steps > 0) {
		err = directory_sync_staged(round->adapter->directory);
	}
	if (!err && round->n_steps > 0) {
		err = replies_sync(round->adapter->replies);
	}
	return err;
}

/*
 * --- 2: intent --------------------------------------
 * ---------------------------------------------------
 */

static rg_err make_intent(const struct adapter *adapter, const struct plan *plan,
	struct inbox_intent **ret_intent)
{
	scoped(inbox_intent_freep) struct inbox_intent *intent = calloc(1, sizeof(*intent));

	if (!intent) {
		return RG_E_NOMEM;
	}
	buf_init(&intent->facts);
	memcpy(intent->boot, adapter->boot, sizeof(intent->boot));
	buf_add_bytes(&intent->facts, buf_view(&plan->facts));
	intent->files = calloc(plan->n_files, sizeof(char *));
	for (size_t i = 0; intent->files && i < plan->n_files; i++) {
		intent->files[i] = strdup(plan->files[i].name);
		if (!intent->files[i]) {
			return RG_E_NOMEM;
		}
		intent->n_files++;
	}
	if (!intent->files || buf_error(&intent->facts)) {
		return RG_E_NOMEM;
	}
	*ret_intent = steal(intent);
	return RG_OK;
}

static rg_err add_intent(struct adapter *adapter, struct step *step)
{
	scoped(inbox_intent_freep) struct inbox_intent *intent = NULL;
	rg_err err = make_intent(adapter, &step->plan, &intent);

	return err ? err : inbox_add_intent(step->entry, &intent, adapter->ledger);
}

static rg_err write_intents(struct round *round)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < round->n_steps; i++) {
		if (round->steps[i].plan.n_files > 0) {
			err = add_intent(round->adapter, &round->steps[i]);
		}
	}
	if (!err) {
		err = ledger_commit(round->adapter->ledger);
	}
	for (size_t i = 0; err && i < round->n_steps; i++) {
		inbox_drop_intent(round->steps[i].entry);
	}
	return err;
}

/*
 * --- 3: put ------------------------------------------
 * ----------------------------------------------------
 */

/* Somebody's word about what went before: a crash, or a fault of this life. */
static rg_err recall_file(struct adapter *adapter, struct step *step, size_t file,
	struct connector_outcome *ret_outcome)
{
	const struct connector *connector = &adapter->connector;
	struct inbox_intent *intent = step->entry->intent;
	const struct connector_trace trace = {
		.was_begun = intent->puts[file] == INBOX_PUT_BEGUN,
		.is_same_boot = strcmp(intent->boot, adapter->boot) == 0,
	};
	rg_err err =
		connector->type->recall(connector->state, intent->files[file], &trace, ret_outcome);

	if (!err && ret_outcome->answer == CONNECTOR_LATER) {
		intent->puts[file] = INBOX_PUT_NOT;
	}
	return err;
}

/* Where a second attempt would do harm, the first is written down before it is made. */
static rg_err begin_file(struct adapter *adapter, struct step *step, size_t file,
	struct connector_outcome *ret_outcome)
{
	const struct connector *connector = &adapter->connector;
	struct inbox_intent *intent = step->entry->intent;
	rg_err err = RG_OK;

	ret_outcome->answer = CONNECTOR_LATER;
	if (!connector->type->is_ready(connector->state, intent->files[file])) {
		return RG_OK;
	}
	if (!connector->type->is_exact(connector->state)) {
		err = inbox_add_attempt(step->entry, file, true, adapter->ledger);
		if (!err) {
			err = ledger_commit(adapter->ledger);
		}
	}
	if (!err) {
		err = connector->type->begin(connector->state, intent->files[file]);
	}
	intent->puts[file] = err ? INBOX_PUT_NOT : INBOX_PUT_RUNS;
	return err;
}

/* The other half of begin_file(): nothing came of the attempt. */
static rg_err forget_attempt(struct adapter *adapter, struct step *step, size_t file)
{
	step->entry->intent->puts[file] = INBOX_PUT_NOT;
	if (adapter->connector.type->is_exact(adapter->connector.state)) {
		return RG_OK;
	}
	rg_err err = inbox_add_attempt(step->entry, file, false, adapter->ledger);
	return err ? err : ledger_commit(adapter->ledger);
}

static rg_err put_file(struct adapter *adapter, struct step *step, size_t file,
	struct connector_outcome *ret_outcome)
{
	const struct connector *connector = &adapter->connector;
	struct inbox_intent *intent = step->entry->intent;
	rg_err err = RG_OK;

	*ret_outcome = (struct connector_outcome){.answer = CONNECTOR_LATER};
	if (intent->puts[file] == INBOX_PUT_LOST || intent->puts[file] == INBOX_PUT_BEGUN) {
		err = recall_file(adapter, step, file, ret_outcome);
	}
	if (!err && intent->puts[file] == INBOX_PUT_NOT) {
		err = begin_file(adapter, step, file, ret_outcome);
	}
	if (!err && intent->puts[file] == INBOX_PUT_RUNS) {
		err = connector->type->outcome(connector->state, intent->files[file], ret_outcome);
		if (!err && ret_outcome->answer == CONNECTOR_LATER) {
			err = forget_attempt(adapter, step, file);
		}
	}
	if (!err && ret_outcome->answer == CONNECTOR_TAKEN) {
		intent->puts[file] = INBOX_PUT_DONE;
	}
	return err;
}

/* What the answer about one file means for its delivery. */
static rg_err take_outcome(struct step *step, const struct connector_outcome *outcome,
	bool *ret_waits)
{
	switch (outcome->answer) {
	case CONNECTOR_TAKEN:
		return RG_OK;
	case CONNECTOR_WAITS:
	case CONNECTOR_LATER:
		*ret_waits = true;
		return RG_OK;
	case CONNECTOR_REFUSED:
		return plan_refuse(&step->plan, outcome->code, outcome->text);
	case CONNECTOR_UNKNOWN:
		return plan_set_aside(&step->plan, "POSSIBLY_HANDED_OVER", outcome->text);
	}
	return RG_OK;
}

/* *ret_waits: there is no answer yet; what comes behind waits too. */
static rg_err put_files(struct adapter *adapter, struct step *step, bool *ret_waits)
{
	const struct inbox_intent *intent = step->entry->intent;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && intent && !*ret_waits && i < intent->n_files; i++) {
		struct connector_outcome *outcome = &step->outcome;

		if (intent->puts[i] == INBOX_PUT_DONE) {
			continue;
		}
		err = put_file(adapter, step, i, outcome);
		if (!err) {
			err = take_outcome(step, outcome, ret_waits);
		}
		if (!err && outcome->answer != CONNECTOR_TAKEN && !*ret_waits) {
			return RG_OK;
		}
	}
	return err;
}

static rg_err sync_put(struct round *round)
{
	const struct connector *connector = &round->adapter->connector;

	return connector->type->sync(connector->state);
}

/* Leaves in the round what has its end. */
static rg_err put(struct round *round, bool *ret_waits)
{
	size_t n = 0;
	rg_err err = RG_OK;

	while (!err && n < round->n_steps && !*ret_waits) {
		err = put_files(round->adapter, &round->steps[n], ret_waits);
		n += !*ret_waits;
	}
	while (!err && round->n_steps > n) {
		close_step(&round->steps[--round->n_steps]);
	}
	return err ? err : sync_put(round);
}

/*
 * --- 4: done -----------------------------------------
 * -----------------------------------------------------
 */

static rg_err mark_aside(struct adapter *adapter, const struct step *step)
{
	scoped(freep) char *reason = NULL;
	rg_err err = plan_reason(&step->plan, step->entry, &reason);

	if (err) {
		return err;
	}
	log_event(LOG_WARNING, "handover", "set-aside", log_text("message", step->entry->name),
		log_text("reason", step->plan.aside),
		log_text("hint",
			"look at it in set-aside/ and hand it over by hand if it is missing"));
	return inbox_mark_aside(adapter->inbox, step->entry, bytes_of_text(reason));
}

static rg_err add_draft(struct adapter *adapter, const struct step *step,
	struct outbox_group *group, const struct buf *draft)
{
	const struct rg_client_message message = {.header = buf_view(draft)};
	const char *rule = NULL;
	rg_err err = draft->len > 0
		? outbox_add(adapter->outbox, group, &message, false, NULL, &rule)
		: RG_OK;

	if (!err && rule) {
		log_event(LOG_ERROR, "handover", "no-acknowledgement",
			log_text("message", step->entry->name), log_text("rule", rule));
	}
	return err;
}

static rg_err add_end(struct adapter *adapter, const struct step *step)
{
	scoped(buf_deinitv) struct buf answer = {0};
	scoped(buf_deinitv) struct buf word = {0};
	struct outbox_group *group = NULL;
	rg_err err = outbox_begin(adapter->outbox, NULL, step->entry->number, &group);

	buf_init(&answer);
	buf_init(&word);
	if (err || !delivered_is_answered(&step->delivered)) {
		return err;
	}
	err = acknowledge(&step->delivered, buf_view(&step->plan.facts), adapter->settings->party,
		&answer, &word);
	if (!err) {
		err = add_draft(adapter, step, group, &answer);
	}
	return err ? err : add_draft(adapter, step, group, &word);
}

static rg_err write_ends(struct round *round)
{
	struct adapter *adapter = round->adapter;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < round->n_steps; i++) {
		if (round->steps[i].plan.aside) {
			err = mark_aside(adapter, &round->steps[i]);
		}
		if (!err) {
			err = add_end(adapter, &round->steps[i]);
		}
	}
	if (!err) {
		err = outbox_seal(adapter->outbox, adapter->ledger);
	}
	if (!err) {
		err = ledger_commit(adapter->ledger);
	}
	if (err) {
		outbox_dropped(adapter->outbox);
		return err;
	}
	outbox_committed(adapter->outbox);
	for (size_t i = 0; i < round->n_steps; i++) {
		round->steps[i].entry->is_done = true;
	}
	return RG_OK;
}

/*
 * --- 5: finish ----------------------------------------
 * ------------------------------------------------------
 */

static void tell(const struct step *step)
{
	const Rivergate__V1__Header *header = step->delivered.header;
	const char *end = step->plan.aside ? "aside"
		: step->plan.is_refused    ? "refused"
					   : "taken-over";

	log_event(LOG_INFO, "handover", end, log_text("message", step->entry->name),
		log_text("ucr", header->ucr), log_number("kind", (int64_t)header->kind),
		log_number("purpose", (int64_t)header->purpose),
		log_number("files", (int64_t)step->plan.n_files));
}

/* A delivery that was stored beyond the bound was not settled yet. */
static rg_err settle_late(struct adapter *adapter, struct inbox_entry *entry)
{
	if (entry->is_settled || !adapter->client) {
		return RG_OK;
	}
	entry->is_settled = true;
	return rg_client_settle(adapter->client, entry->index,
		entry->is_derived ? entry->id : NULL);
}

/* What the national system did not take is not lying about as if it were to be sent. */
static rg_err leave_files(struct adapter *adapter, const struct step *step)
{
	const struct connector *connector = &adapter->connector;
	const struct inbox_intent *intent = step->entry->intent;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && intent && step->plan.is_refused && i < intent->n_files; i++) {
		if (intent->puts[i] != INBOX_PUT_DONE) {
			err = connector->type->leave(connector->state, intent->files[i],
				&step->outcome);
		}
	}
	return err;
}

static rg_err finish(struct round *round)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < round->n_steps; i++) {
		struct step *step = &round->steps[i];

		tell(step);
		err = leave_files(round->adapter, step);
		if (!err) {
			err = settle_late(round->adapter, step->entry);
		}
		if (!err) {
			err = inbox_finish(round->adapter->inbox, step->entry);
		}
	}
	return err;
}

static rg_err end(struct round *round)
{
	rg_err err = write_ends(round);

	return err ? err : finish(round);
}

/*
 * --- After a crash, and the round itself --------------------------
 * ------------------------------------------------------------------
 */

static rg_err resume_intent(struct round *round, struct inbox_entry *entry, bool *ret_waits)
{
	struct adapter *adapter = round->adapter;
	struct step *step = add_step(round, entry);
	rg_err err = put_files(adapter, step, ret_waits);

	if (!err && *ret_waits) {
		close_step(&round->steps[--round->n_steps]);
		return RG_OK;
	}
	if (!err) {
		err = delivered_read(&step->delivered, adapter->inbox, entry);
	}
	if (!err && !step->plan.is_refused) {
		buf_add_bytes(&step->plan.facts, buf_view(&entry->intent->facts));
		err = buf_error(&step->plan.facts);
	}
	return err;
}

/* Entries that are done only have to be moved. */
static rg_err finish_done(struct adapter *adapter)
{
	struct inbox_entry *next = NULL;
	rg_err err = RG_OK;

	for (struct inbox_entry *entry = inbox_first(adapter->inbox); !err && entry; entry = next) {
		next = entry->next;
		if (entry->is_done) {
			err = inbox_finish(adapter->inbox, entry);
		}
	}
	return err;
}

static rg_err resume(struct round *round, bool *ret_waits)
{
	rg_err err = RG_OK;

	for (struct inbox_entry *entry = inbox_first(round->adapter->inbox);
		!err && entry && !*ret_waits && round->n_steps < ROUND_MAX; entry = entry->next) {
		if (entry->intent) {
			err = resume_intent(round, entry, ret_waits);
		}
	}
	if (!err && round->n_steps > 0) {
		err = sync_put(round);
	}
	return err || round->n_steps == 0 ? err : end(round);
}

/* What a crash, a fault or a slow national system left between two steps. */
static rg_err resume_all(struct adapter *adapter, bool *ret_waits)
{
	rg_err err = finish_done(adapter);
	bool goes_on = true;

	while (!err && goes_on) {
		scoped(free_round) struct round *round = calloc(1, sizeof(*round));

		if (!round) {
			return RG_E_NOMEM;
		}
		round->adapter = adapter;
		err = resume(round, ret_waits);
		goes_on = round->n_steps == ROUND_MAX && !*ret_waits;
	}
	return err;
}

rg_err handover_round(struct adapter *adapter, bool *ret_goes_on)
{
	scoped(free_round) struct round *round = calloc(1, sizeof(*round));

	if (!round) {
		return RG_E_NOMEM;
	}
	bool waits = false;
	round->adapter = adapter;
	rg_err err = resume_all(adapter, &waits);
	if (!err && !waits) {
		err = stage(round);
	}
	if (!err && round->n_steps > 0) {
		err = write_intents(round);
		if (!err) {
			err = put(round, &waits);
		}
		if (!err && round->n_steps > 0) {
			err = end(round);
		}
	}
	*ret_goes_on = !err && !waits && inbox_first(adapter->inbox) != NULL;
	return err;
}

/* Names in tmp/ that an intent still speaks of. */
static bool is_intended(void *context, const char *name)
{
	const struct adapter *adapter = context;

	for (const struct inbox_entry *entry = inbox_first(adapter->inbox); entry;
		entry = entry->next) {
		for (size_t i = 0; entry->intent && i < entry->intent->n_files; i++) {
			if (strcmp(entry->intent->files[i], name) == 0) {
				return true;
			}
		}
	}
	return false;
}

rg_err handover_clean(struct adapter *adapter)
{
	return directory_clean(adapter->directory, is_intended, adapter);
}

rg_err handover_recover(struct adapter *adapter)
{
	bool waits = false;

	return resume_all(adapter, &waits);
}
