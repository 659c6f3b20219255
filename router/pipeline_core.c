/*
 * The core thread: inputs in, effects out.
 *
 * Method: it waits on three descriptors (verified messages, commits, requests) and on its
 * next timer, steps the core with each input in order and hands out the effects. It waits
 * for nobody who waits for it: front and ring never block on a push, the journal's report
 * only notes a number. A message that nothing follows is verified and written right here.
 *
 * Threads: the core thread; pipeline_fail() any; the report comes on the journal thread or
 * on this.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "evidence/cosignature.h"
#include "evidence/note.h"
#include "pipeline_state.h"

#define TAKE_AT_ONCE 256
#define IDLE_TICK_US 5000000 /* the index looks after its flushes */
#define DRAIN_US     10000000

void pipeline_raise(int fd)
{
	const uint64_t one = 1;

	/* An eventfd refuses only when it is readable already. */
	if (write(fd, &one, sizeof(one)) < 0 && errno != EAGAIN) {
		log_event(LOG_ERROR, "pipeline", "eventfd-failed", log_errno());
	}
}

static void lower_fd(int fd)
{
	uint64_t count = 0;

	if (read(fd, &count, sizeof(count)) < 0 && errno != EAGAIN) {
		log_event(LOG_ERROR, "pipeline", "eventfd-failed", log_errno());
	}
}

/* Any thread: the first fault ends the router. */
void pipeline_fail(void *context, rg_err fault)
{
	struct pipeline *pipeline = context;

	(void)pthread_mutex_lock(&pipeline->lock);
	if (!pipeline->end.fault) {
		pipeline->end.fault = fault;
	}
	(void)pthread_mutex_unlock(&pipeline->lock);
	atomic_store(&pipeline->is_stopping, true);
	pipeline_raise(pipeline->wake_fd);
	pipeline_raise(pipeline->ended_fd);
}

void pipeline_take_report(void *context, const struct journal_report *report)
{
	struct pipeline *pipeline = context;

	(void)pthread_mutex_lock(&pipeline->lock);
	bool has_failed = pipeline->has_report && pipeline->report.has_failed;

	pipeline->report = *report;
	pipeline->report.has_failed = report->has_failed || has_failed;
	pipeline->has_report = true;
	(void)pthread_mutex_unlock(&pipeline->lock);
	if (report->fault) {
		pipeline_fail(pipeline, report->fault);
	}
	pipeline_raise(pipeline->commit_fd);
}

/* --- Effects ---------------------------------------------------------------------------- */

static rg_err do_append(struct pipeline *pipeline, struct core_effect **effect)
{
	scoped(journal_job_freep) struct journal_job *job = journal_job_new();

	if (!job) {
		return RG_E_NOMEM;
	}
	job->index = (*effect)->index;
	job->leaf = (*effect)->bytes;
	buf_init(&(*effect)->bytes);
	job->message = steal((*effect)->message);
	job->may_use_reserve = (*effect)->may_use_reserve;
	journal_writer_push(pipeline->writer, &job, pipeline->is_alone);
	return RG_OK;
}

static rg_err push_out(struct pipeline *pipeline, const struct core_effect *effect,
	enum front_out_type type)
{
	scoped(front_out_freep) struct front_out *out = front_out_new(type, effect->session);

	if (!out) {
		return RG_E_NOMEM;
	}
	out->n_messages = effect->n_messages;
	out->n_bytes = effect->n_bytes;
	out->refund_us = effect->refund_us;
	rg_err err = type == FRONT_OUT_RELEASE ? RG_OK
					       : frame_add(&out->content, buf_view(&effect->bytes));

	if (!err && pipeline->front) {
		front_push(pipeline->front, &out);
	}
	return err;
}

static rg_err do_frame(struct pipeline *pipeline, struct core_effect **effect)
{
	return push_out(pipeline, *effect, FRONT_OUT_FRAME);
}

static rg_err do_hello(struct pipeline *pipeline, struct core_effect **effect)
{
	return push_out(pipeline, *effect, FRONT_OUT_HELLO);
}

static rg_err do_release(struct pipeline *pipeline, struct core_effect **effect)
{
	return push_out(pipeline, *effect, FRONT_OUT_RELEASE);
}

/* Refusals of the router's own messages have been logged; there is nobody to tell. */
static rg_err do_dispatch(struct pipeline *pipeline, struct core_effect **effect)
{
	if ((*effect)->session != 0) {
		dispatch_push(pipeline->dispatch, effect);
	}
	return RG_OK;
}

/* A witnessed one is kept beside, for a newer one may not be witnessed yet. */
static rg_err keep_witnessed(struct pipeline *pipeline, const struct core_effect *effect)
{
	scoped(buf_deinitv) struct buf copy = {.data = NULL};

	if (!effect->is_witnessed) {
		return RG_OK;
	}
	buf_add_bytes(&copy, buf_view(&effect->bytes));
	rg_err err = buf_error(&copy);

	if (!err) {
		tree_publish_aside(pipeline->publish, TREE_PUBLISH_WITNESSED, &copy);
	}
	return err;
}

static rg_err do_checkpoint(struct pipeline *pipeline, struct core_effect **effect)
{
	rg_err err = keep_witnessed(pipeline, *effect);

	if (!err) {
		tree_publish_head(pipeline->publish, &(*effect)->bytes, &(*effect)->tiles);
	}
	return err;
}

static rg_err do_cosigned(struct pipeline *pipeline, struct core_effect **effect)
{
	rg_err err = keep_witnessed(pipeline, *effect);

	if (!err) {
		tree_publish_note(pipeline->publish, &(*effect)->bytes);
	}
	return err;
}

void pipeline_warn_trust(const struct pipeline *pipeline, const struct trust *trust)
{
	const char *differs = settings_differs(pipeline->settings, trust);

	if (differs) {
		log_event(LOG_WARNING, "core", "registry-of-another-router",
			log_number("version", (int64_t)trust_registry(trust)->version),
			log_text("differs", differs),
			log_text("why",
				"this version does not name this router as it runs: clients that "
				"have it trust neither its connections nor its checkpoints"),
			log_text("do", "stop, and start with what it names; or ask the members"));
	}
}

rg_err pipeline_tell_witnesses(struct pipeline *pipeline, const struct trust *trust)
{
	scoped(buf_deinitv) struct buf text = {.data = NULL};
	struct cosigner_roster roster;
	rg_err err = cosigner_roster_of(trust_registry(trust), &roster);

	for (size_t i = 0; !err && i < roster.n_items; i++) {
		cosigner_print(&roster.items[i], &text);
		buf_add_u8(&text, '\n');
	}
	if (!err && text.len > 0) {
		tree_publish_aside(pipeline->publish, TREE_PUBLISH_VKEYS, &text);
	}
	return err ? err : buf_error(&text);
}

static rg_err do_trust(struct pipeline *pipeline, struct core_effect **effect)
{
	rg_err err = pipeline_tell_witnesses(pipeline, (*effect)->trust);

	if (err) {
		return err;
	}
	pipeline_warn_trust(pipeline, (*effect)->trust);
	if (pipeline->ring) {
		verify_ring_set_trust(pipeline->ring, (*effect)->trust);
	}
	if (pipeline->front) {
		front_set_trust(pipeline->front, (*effect)->trust);
	}
	log_event(LOG_INFO, "core", "trust-changed",
		log_number("size", (int64_t)core_durable_size(pipeline->core)));
	dispatch_push(pipeline->dispatch, effect);
	return RG_OK;
}

/* What we say: the newest that we signed, now or before this start; else what we would sign. */
static rg_err write_held(const struct pipeline *pipeline, struct buf *out)
{
	rg_err err = RG_OK;

	buf_add_bytes(out, core_checkpoint(pipeline->core));
	if (out->len == 0) {
		err = file_read(pipeline->paths.checkpoint, NOTE_MAX, out, NULL);
	}
	return err || out->len > 0 ? err : core_dump_head(pipeline->core, out);
}

static rg_err keep_one(const struct pipeline *pipeline, const char *which, struct rg_bytes note)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "contradiction-%lld-%s.checkpoint",
		(long long)clock_now_us(), which);
	scoped(freep) char *path = file_join(pipeline->settings->data_dir, name);

	return path ? file_replace(path, note, 0600) : RG_E_NOMEM;
}

/* Both sides are kept for people; what cannot be kept stands in the log at least. */
static rg_err do_contradiction(struct pipeline *pipeline, struct core_effect **effect)
{
	scoped(buf_deinitv) struct buf held = {.data = NULL};
	rg_err err = keep_one(pipeline, "told", buf_view(&(*effect)->bytes));

	if (!err) {
		err = write_held(pipeline, &held);
	}
	if (!err) {
		err = keep_one(pipeline, "held", buf_view(&held));
	}
	log_event(LOG_ERROR, "core", "stops-contradicted",
		log_text("folder", pipeline->settings->data_dir),
		log_text("kept", err ? rg_strerror(err) : "contradiction-*.checkpoint"));
	(void)pthread_mutex_lock(&pipeline->lock);
	pipeline->end.is_contradicted = true;
	(void)pthread_mutex_unlock(&pipeline->lock);
	return RG_E_FORMAT;
}

static rg_err (*const effects[])(struct pipeline *pipeline, struct core_effect **effect) = {
	[CORE_EFFECT_APPEND] = do_append,
	[CORE_EFFECT_HELLO] = do_hello,
	[CORE_EFFECT_FRAME] = do_frame,
	[CORE_EFFECT_RECEIPT_AGAIN] = do_dispatch,
	[CORE_EFFECT_REFUSE] = do_dispatch,
	[CORE_EFFECT_DELIVER] = do_dispatch,
	[CORE_EFFECT_ANSWER] = do_dispatch,
	[CORE_EFFECT_RELEASE] = do_release,
	[CORE_EFFECT_CHECKPOINT] = do_checkpoint,
	[CORE_EFFECT_COSIGNED] = do_cosigned,
	[CORE_EFFECT_TRUST] = do_trust,
	[CORE_EFFECT_CONTRADICTION] = do_contradiction,
};

/* --- Inputs ----------------------------------------------------------------------------- */

rg_err pipeline_step(struct pipeline *pipeline, struct core_input *input)
{
	struct core_effect *effect = NULL;

	input->now_us = clock_now_us();
	rg_err err = core_step(pipeline->core, input);

	while (!err && (effect = core_take_effect(pipeline->core))) {
		scoped(core_effect_freep) struct core_effect *own = effect;

		err = effects[own->type](pipeline, &own);
	}
	return err;
}

static const enum core_input_type input_of[] = {
	[FRONT_EVENT_OPENED] = CORE_INPUT_SESSION_OPEN,
	[FRONT_EVENT_CLOSED] = CORE_INPUT_SESSION_CLOSED,
	[FRONT_EVENT_CREDIT] = CORE_INPUT_CREDIT,
	[FRONT_EVENT_SETTLED] = CORE_INPUT_SETTLED,
	[FRONT_EVENT_QUERY] = CORE_INPUT_QUERY,
	[FRONT_EVENT_WITNESSED] = CORE_INPUT_WITNESSED,
};

static rg_err step_item(struct pipeline *pipeline, const struct verify_item *item)
{
	scoped(front_event_freep) struct front_event *event = item->event;
	struct core_input input = {.type = CORE_INPUT_CANDIDATE, .message = item->message};

	if (event) {
		input.type = input_of[event->type];
		input.session = event->session;
		memcpy(input.party, event->party, sizeof(input.party));
		input.frame = event->frame;
		input.arena = steal(event->arena);
	}
	return pipeline_step(pipeline, &input);
}

void pipeline_drop_item(const struct verify_item *item)
{
	message_free(item->message);
	front_event_free(item->event);
}

static rg_err step_verified(struct pipeline *pipeline)
{
	struct verify_item items[TAKE_AT_ONCE];
	size_t n = verify_ring_take(pipeline->ring, items, TAKE_AT_ONCE);
	rg_err err = verify_ring_fault(pipeline->ring);

	pipeline->is_alone = n == 1 && verify_ring_length(pipeline->ring) == 0;
	for (size_t i = 0; i < n; i++) {
		if (err) {
			pipeline_drop_item(&items[i]);
		} else {
			err = step_item(pipeline, &items[i]);
		}
	}
	pipeline->is_alone = false;
	return err;
}

static rg_err step_commit(struct pipeline *pipeline)
{
	struct core_input input = {.type = CORE_INPUT_COMMIT};

	lower_fd(pipeline->commit_fd);
	(void)pthread_mutex_lock(&pipeline->lock);
	bool has_report = pipeline->has_report && !pipeline->report.fault;

	input.durable_size = pipeline->report.durable_size;
	input.has_failed = pipeline->report.has_failed;
	pipeline->has_report = false;
	(void)pthread_mutex_unlock(&pipeline->lock);
	rg_err err = has_report ? pipeline_step(pipeline, &input) : RG_OK;

	if (input.has_failed) {
		acts_return(pipeline->acts, core_durable_size(pipeline->core));
	}
	return err ? err : acts_settle(pipeline->acts, core_durable_size(pipeline->core));
}

rg_err pipeline_step_own(struct pipeline *pipeline, struct own_messages *messages)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < messages->n_items; i++) {
		struct core_input input = {.type = CORE_INPUT_CANDIDATE,
			.message = steal(messages->items[i])};

		err = pipeline_step(pipeline, &input);
	}
	return err;
}

rg_err pipeline_step_admin(struct pipeline *pipeline, Rivergate__V1__Admin__Act act,
	const char *detail)
{
	struct core_input input = {.type = CORE_INPUT_ADMIN, .act = act, .detail = detail};

	return pipeline_step(pipeline, &input);
}

rg_err pipeline_step_acts(struct pipeline *pipeline)
{
	bool has = true;
	rg_err err = RG_OK;

	while (!err && has) {
		uint64_t index = core_durable_size(pipeline->core) + core_pending(pipeline->core);
		struct acts_item item;

		err = acts_next(pipeline->acts, index, &item, &has);
		if (!err && has) {
			struct core_input input = {.type = CORE_INPUT_ADMIN,
				.act = item.act,
				.detail = item.detail};

			err = pipeline_step(pipeline, &input);
		}
	}
	return err;
}

static rg_err step_reload(struct pipeline *pipeline)
{
	scoped(own_deinitv) struct own_messages messages = {.items = NULL};

	lower_fd(pipeline->wake_fd);
	rg_err err = pipeline_step_acts(pipeline);

	if (err) {
		return err;
	}
	(void)pthread_mutex_lock(&pipeline->lock);
	messages = pipeline->reloaded;
	pipeline->reloaded = (struct own_messages){.items = NULL};
	(void)pthread_mutex_unlock(&pipeline->lock);
	if (messages.n_items == 0) {
		return RG_OK;
	}
	err = pipeline_step_admin(pipeline, RIVERGATE__V1__ADMIN__ACT__ACT_REREAD,
		"version=" RIVERGATE_VERSION);
	return err ? err : pipeline_step_own(pipeline, &messages);
}

static rg_err step_tick(struct pipeline *pipeline, int64_t *ticked_us)
{
	struct core_input input = {.type = CORE_INPUT_TICK};
	int64_t now_us = clock_now_us();

	if (now_us < core_next_tick_us(pipeline->core) && now_us - *ticked_us < IDLE_TICK_US) {
		return RG_OK;
	}
	*ticked_us = now_us;
	return pipeline_step(pipeline, &input);
}

/* Milliseconds until the next timer, rounded up, so that it is due then. */
static int wait_ms(const struct pipeline *pipeline)
{
	int64_t now_us = clock_now_us();
	int64_t due_us = core_next_tick_us(pipeline->core);
	int64_t left_us = due_us > now_us + IDLE_TICK_US ? IDLE_TICK_US : due_us - now_us;

	return left_us <= 0 ? 0 : (int)(left_us / 1000 + 1);
}

static rg_err turn(struct pipeline *pipeline, int64_t *ticked_us)
{
	struct pollfd fds[] = {
		{.fd = pipeline->commit_fd, .events = POLLIN},
		{.fd = pipeline->wake_fd, .events = POLLIN},
		{.fd = pipeline->ring ? verify_ring_ready_fd(pipeline->ring) : -1,
			.events = POLLIN},
	};
	rg_err err = RG_OK;

	if (poll(fds, sizeof(fds) / sizeof(fds[0]), wait_ms(pipeline)) < 0 && errno != EINTR) {
		log_event(LOG_ERROR, "pipeline", "poll-failed", log_errno());
		return RG_E_IO;
	}
	if (fds[0].revents) {
		err = step_commit(pipeline);
	}
	if (!err && fds[1].revents) {
		err = step_reload(pipeline);
	}
	if (!err && fds[2].revents) {
		err = step_verified(pipeline);
	}
	if (!err) {
		err = step_tick(pipeline, ticked_us);
	}
	return err || !pipeline->front ? err : front_fault(pipeline->front);
}

static bool is_idle(const struct pipeline *pipeline)
{
	return core_pending(pipeline->core) == 0 &&
		(!pipeline->ring || verify_ring_length(pipeline->ring) == 0);
}

/* Turns until nothing is under way. RG_E_IO: that took too long. */
rg_err pipeline_settle(struct pipeline *pipeline, int64_t limit_us)
{
	int64_t until_us = clock_monotonic_us() + limit_us;
	int64_t ticked_us = clock_now_us();
	rg_err err = RG_OK;

	while (!err && !is_idle(pipeline)) {
		err = turn(pipeline, &ticked_us);
		if (!err && clock_monotonic_us() > until_us) {
			log_event(LOG_ERROR, "pipeline", "not-drained",
				log_number("pending", (int64_t)core_pending(pipeline->core)));
			return RG_E_IO;
		}
	}
	return err;
}

static bool has_fault(struct pipeline *pipeline)
{
	(void)pthread_mutex_lock(&pipeline->lock);
	bool has = pipeline->end.fault != RG_OK;

	(void)pthread_mutex_unlock(&pipeline->lock);
	return has;
}

void *pipeline_run(void *argument)
{
	struct pipeline *pipeline = argument;
	int64_t ticked_us = clock_now_us();
	rg_err err = RG_OK;

	while (!err && !atomic_load(&pipeline->is_stopping)) {
		err = turn(pipeline, &ticked_us);
	}
	if (!err && !has_fault(pipeline)) {
		err = pipeline_settle(pipeline, DRAIN_US);
	}
	if (!err && !has_fault(pipeline)) {
		err = pipeline_step_admin(pipeline, RIVERGATE__V1__ADMIN__ACT__ACT_STOP,
			"version=" RIVERGATE_VERSION);
		err = err ? err : pipeline_settle(pipeline, DRAIN_US);
	}
	if (err) {
		pipeline_fail(pipeline, err);
	}
	return NULL;
}
