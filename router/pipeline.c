/*
 * The pipeline: see pipeline.h.
 *
 * Method: the core thread waits on three descriptors (verified messages, commits,
 * requests) and on its next timer; it steps the core with each input in order and hands
 * out the effects. All other stages have threads of their own; every queue between
 * two threads is bounded, and a full one makes the earlier stage wait, up to the
 * senders. The core waits for nobody who waits for the core: front and ring never block
 * on a push, the journal's report only notes a number.
 *
 * Threads: the core thread, started here; the report comes on the journal thread.
 */
#include "pipeline.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "core.h"
#include "dispatch.h"
#include "front/front.h"
#include "journal/writer.h"
#include "own.h"
#include "recover.h"
#include "verify/ring.h"

#define TAKE_AT_ONCE 256
#define IDLE_TICK_US 5000000 /* the index looks after its flushes */
#define DRAIN_US     10000000
#define BEGIN_US     60000000 /* for the first records to become durable */

struct pipeline {
	const struct settings *settings;
	struct recover_paths paths;
	struct journal *journal;
	struct core *core;
	struct journal_writer *writer;
	struct dispatch *dispatch;
	struct verify_ring *ring;
	struct front *front;
	int64_t started_us;

	pthread_mutex_t lock; /* of what follows, up to the blank line */
	struct journal_report report;
	bool has_report;
	struct own_messages reloaded;
	struct pipeline_end end;

	int commit_fd;
	int wake_fd;
	int ended_fd;
	atomic_bool is_stopping;
	pthread_t thread;
	bool has_thread;
};

static void raise_fd(int fd)
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
static void fail(void *context, rg_err fault)
{
	struct pipeline *pipeline = context;

	(void)pthread_mutex_lock(&pipeline->lock);
	if (!pipeline->end.fault) {
		pipeline->end.fault = fault;
	}
	(void)pthread_mutex_unlock(&pipeline->lock);
	atomic_store(&pipeline->is_stopping, true);
	raise_fd(pipeline->wake_fd);
	raise_fd(pipeline->ended_fd);
}

static void take_report(void *context, const struct journal_report *report)
{
	struct pipeline *pipeline = context;

	(void)pthread_mutex_lock(&pipeline->lock);
	bool has_failed = pipeline->has_report && pipeline->report.has_failed;

	pipeline->report = *report;
	pipeline->report.has_failed = report->has_failed || has_failed;
	pipeline->has_report = true;
	(void)pthread_mutex_unlock(&pipeline->lock);
	if (report->fault) {
		fail(pipeline, report->fault);
	}
	raise_fd(pipeline->commit_fd);
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
	journal_writer_push(pipeline->writer, &job);
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
	bool is_own = (*effect)->session == 0 && (*effect)->type != CORE_EFFECT_CHECKPOINT;

	if (!is_own) {
		dispatch_push(pipeline->dispatch, effect);
	}
	return RG_OK;
}

static rg_err do_trust(struct pipeline *pipeline, struct core_effect **effect)
{
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

static rg_err do_contradiction(struct pipeline *pipeline, struct core_effect **effect)
{
	(void)effect;
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
	[CORE_EFFECT_CHECKPOINT] = do_dispatch,
	[CORE_EFFECT_TRUST] = do_trust,
	[CORE_EFFECT_CONTRADICTION] = do_contradiction,
};

/* --- Inputs ----------------------------------------------------------------------------- */

static rg_err step(struct pipeline *pipeline, struct core_input *input)
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
	return step(pipeline, &input);
}

static void drop_item(const struct verify_item *item)
{
	message_free(item->message);
	front_event_free(item->event);
}

static rg_err step_verified(struct pipeline *pipeline)
{
	struct verify_item items[TAKE_AT_ONCE];
	size_t n = verify_ring_take(pipeline->ring, items, TAKE_AT_ONCE);
	rg_err err = verify_ring_fault(pipeline->ring);

	for (size_t i = 0; i < n; i++) {
		if (err) {
			drop_item(&items[i]);
		} else {
			err = step_item(pipeline, &items[i]);
		}
	}
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
	return has_report ? step(pipeline, &input) : RG_OK;
}

static rg_err step_own(struct pipeline *pipeline, struct own_messages *messages)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < messages->n_items; i++) {
		struct core_input input = {.type = CORE_INPUT_CANDIDATE,
			.message = steal(messages->items[i])};

		err = step(pipeline, &input);
	}
	return err;
}

static rg_err step_admin(struct pipeline *pipeline, Rivergate__V1__Admin__Act act)
{
	struct core_input input = {.type = CORE_INPUT_ADMIN,
		.act = act,
		.detail = RIVERGATE_VERSION};

	return step(pipeline, &input);
}

static rg_err step_reload(struct pipeline *pipeline)
{
	scoped(own_deinitv) struct own_messages messages = {.items = NULL};

	lower_fd(pipeline->wake_fd);
	(void)pthread_mutex_lock(&pipeline->lock);
	messages = pipeline->reloaded;
	pipeline->reloaded = (struct own_messages){.items = NULL};
	(void)pthread_mutex_unlock(&pipeline->lock);
	if (messages.n_items == 0) {
		return RG_OK;
	}
	rg_err err = step_admin(pipeline, RIVERGATE__V1__ADMIN__ACT__ACT_REREAD);

	return err ? err : step_own(pipeline, &messages);
}

static rg_err step_tick(struct pipeline *pipeline, int64_t *ticked_us)
{
	struct core_input input = {.type = CORE_INPUT_TICK};
	int64_t now_us = clock_now_us();

	if (now_us < core_next_tick_us(pipeline->core) && now_us - *ticked_us < IDLE_TICK_US) {
		return RG_OK;
	}
	*ticked_us = now_us;
	return step(pipeline, &input);
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
static rg_err settle(struct pipeline *pipeline, int64_t limit_us)
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

static void *run(void *argument)
{
	struct pipeline *pipeline = argument;
	int64_t ticked_us = clock_now_us();
	rg_err err = RG_OK;

	while (!err && !atomic_load(&pipeline->is_stopping)) {
		err = turn(pipeline, &ticked_us);
	}
	if (!err && !has_fault(pipeline)) {
		err = settle(pipeline, DRAIN_US);
	}
	if (!err && !has_fault(pipeline)) {
		err = step_admin(pipeline, RIVERGATE__V1__ADMIN__ACT__ACT_STOP);
		err = err ? err : settle(pipeline, DRAIN_US);
	}
	if (err) {
		fail(pipeline, err);
	}
	return NULL;
}

/* --- The stages, in the order of the path -------------------------------------------------- */

static bool take_from_front(void *context, struct message *message, struct front_event *event)
{
	struct pipeline *pipeline = context;
	const struct verify_item item = {.message = message, .event = event};

	return verify_ring_push(pipeline->ring, &item);
}

static rg_err start_front(struct pipeline *pipeline)
{
	const struct settings *settings = pipeline->settings;
	const struct front_options options = {
		.endpoint = settings->endpoint,
		.router = settings->address,
		.curve_secret = settings->curve_secret,
		.curve_public = settings->curve_public,
		.trust = core_trust(pipeline->core),
		.sink = {.take = take_from_front,
			.room_fd = verify_ring_room_fd(pipeline->ring),
			.context = pipeline},
		.io_threads = (int)settings->io_threads,
		.quota_rate_us = settings->quota_rate_us,
		.quota_burst_us = settings->quota_burst_us,
		.window_messages = (uint32_t)settings->window_messages,
		.window_bytes = (uint64_t)settings->window_mib << 20,
		.idle_us = settings->idle_s * 1000000,
	};

	return front_start(&options, &pipeline->front);
}

static void close_front(struct pipeline *pipeline)
{
	if (pipeline->front) {
		front_close_entry(pipeline->front);
	}
}

static void stop_front(struct pipeline *pipeline)
{
	front_stop(pipeline->front);
	pipeline->front = NULL;
}

static rg_err start_verify(struct pipeline *pipeline)
{
	const struct verify_options options = {
		.n_threads = (unsigned)pipeline->settings->verify_threads,
		.trust = core_trust(pipeline->core),
	};

	return verify_ring_start(&options, &pipeline->ring);
}

/* What is left after a drain that did not end, or a fault, was never receipted. */
static void stop_verify(struct pipeline *pipeline)
{
	struct verify_item item;

	if (pipeline->ring) {
		while (verify_ring_take(pipeline->ring, &item, 1) > 0) {
			drop_item(&item);
		}
	}
	verify_ring_stop(pipeline->ring);
	pipeline->ring = NULL;
}

static rg_err begin_origin(struct pipeline *pipeline)
{
	struct core_input input = {.type = CORE_INPUT_ORIGIN};

	if (core_durable_size(pipeline->core) > 0) {
		return RG_OK;
	}
	memcpy(input.pin, pipeline->settings->pin_hash, sizeof(input.pin));
	return step(pipeline, &input);
}

/* The records that a start appends; the core may only go on when they are durable. */
static rg_err start_core(struct pipeline *pipeline)
{
	scoped(own_deinitv) struct own_messages messages = {.items = NULL};
	rg_err err = own_read(pipeline->settings, &messages);

	if (!err) {
		err = begin_origin(pipeline);
	}
	if (!err) {
		err = step_own(pipeline, &messages);
	}
	if (!err) {
		err = step_admin(pipeline, RIVERGATE__V1__ADMIN__ACT__ACT_START);
	}
	if (!err) {
		err = settle(pipeline, BEGIN_US);
	}
	if (!err && !core_trust(pipeline->core)) {
		log_event(LOG_ERROR, "core", "no-registry",
			log_text("do", "the genesis registry was refused, see above"));
		err = RG_E_CONFIG;
	}
	log_event(LOG_WARNING, "start", "signs-without-witnesses",
		log_text("why", "this version does not ask witnesses before its first signature"));
	return err;
}

static rg_err start_journal(struct pipeline *pipeline)
{
	const struct journal_writer_options options = {.journal = pipeline->journal,
		.report = take_report,
		.context = pipeline};

	return journal_writer_start(&options, &pipeline->writer);
}

static void stop_journal(struct pipeline *pipeline)
{
	journal_writer_stop(pipeline->writer);
	pipeline->writer = NULL;
}

static rg_err start_dispatch(struct pipeline *pipeline)
{
	const struct dispatch_options options = {
		.router = pipeline->settings->address,
		.origin = pipeline->settings->origin,
		.version = RIVERGATE_VERSION,
		.checkpoint_path = pipeline->paths.checkpoint,
		.router_key = pipeline->settings->router_key,
		.journal = pipeline->journal,
		.front = &pipeline->front,
		.trust = core_trust(pipeline->core),
		.started_us = pipeline->started_us,
		.failed = fail,
		.context = pipeline,
	};

	return dispatch_start(&options, &pipeline->dispatch);
}

static void stop_dispatch(struct pipeline *pipeline)
{
	dispatch_stop(pipeline->dispatch);
	pipeline->dispatch = NULL;
}

struct stage {
	const char *name;
	const char *thread;
	const char *file; /* where to read */
	const char *does;
	const char *verdicts;
	rg_err (*start)(struct pipeline *pipeline); /* from the last row to the first */
	void (*close)(struct pipeline *pipeline);   /* takes nothing new; first to last … */
	void (*stop)(struct pipeline *pipeline);    /* … and when all is drained, first to last */
};

static const struct stage stages[] = {
	{.name = "front",
		.thread = "front",
		.file = "front/inbound.c",
		.does = "frames, sessions, windows, quota",
		.verdicts = "MALFORMED TOO_LARGE QUOTA SENDER, unsigned",
		.start = start_front,
		.close = close_front},
	{.name = "verify",
		.thread = "pool",
		.file = "verify/check.c",
		.does = "form, sender, signature, commitments; keeps the order",
		.verdicts = "MALFORMED SENDER SIGNATURE CONTENT",
		.start = start_verify,
		.stop = stop_verify},
	{.name = "admit",
		.thread = "core",
		.file = "admit/admit.c",
		.does = "may it become the next record",
		.verdicts =
			"CERTIFICATE REVOKED SENDER ROUTE CHANNEL TIME CONFLICT QUOTA GOVERNANCE",
		.start = start_core},
	{.name = "journal",
		.thread = "journal",
		.file = "journal/writer.c",
		.does = "one write and sync for what piled up",
		.verdicts = "STORAGE",
		.start = start_journal,
		.stop = stop_journal},
	{.name = "index",
		.thread = "core",
		.file = "index/index.c",
		.does = "finds records again",
		.verdicts = ""},
	{.name = "tree",
		.thread = "core",
		.file = "tree/tree.c",
		.does = "leaf, tiles, checkpoint",
		.verdicts = ""},
	{.name = "deliver",
		.thread = "core",
		.file = "deliver/queue.c",
		.does = "order, credit, retry, expiry, set-aside",
		.verdicts = ""},
	{.name = "receipt",
		.thread = "core",
		.file = "receipt/batch.c",
		.does = "one range proof a session and commit",
		.verdicts = ""},
	{.name = "dispatch",
		.thread = "dispatch",
		.file = "dispatch.c",
		.does = "signs refusals, reads what is delivered",
		.verdicts = "",
		.start = start_dispatch,
		.stop = stop_dispatch},
	{.name = "front",
		.thread = "front",
		.file = "front/outbound.c",
		.does = "sends; gives window back",
		.verdicts = "",
		.stop = stop_front},
};

#define N_STAGES (sizeof(stages) / sizeof(stages[0]))

void pipeline_print(FILE *out)
{
	for (size_t i = 0; i < N_STAGES; i++) {
		fprintf(out, "%-9s %-9s %-18s %s%s%s\n", stages[i].name, stages[i].thread,
			stages[i].file, stages[i].does, stages[i].verdicts[0] ? ": " : "",
			stages[i].verdicts);
	}
}

static rg_err start_stages(struct pipeline *pipeline)
{
	rg_err err = RG_OK;

	for (size_t i = N_STAGES; !err && i > 0; i--) {
		if (stages[i - 1].start) {
			err = stages[i - 1].start(pipeline);
		}
	}
	return err;
}

static void stop_stages(struct pipeline *pipeline)
{
	for (size_t i = 0; i < N_STAGES; i++) {
		if (stages[i].close) {
			stages[i].close(pipeline);
		}
	}
	if (pipeline->has_thread) {
		atomic_store(&pipeline->is_stopping, true);
		raise_fd(pipeline->wake_fd);
		(void)pthread_join(pipeline->thread, NULL);
	}
	for (size_t i = 0; i < N_STAGES; i++) {
		if (stages[i].stop) {
			stages[i].stop(pipeline);
		}
	}
}

/* --- Life ------------------------------------------------------------------------------------ */

static rg_err store_checkpoint(const struct pipeline *pipeline)
{
	struct rg_bytes note = core_checkpoint(pipeline->core);

	return note.len > 0 ? file_replace(pipeline->paths.checkpoint, note, 0644) : RG_OK;
}

struct pipeline_end pipeline_stop(struct pipeline *pipeline)
{
	stop_stages(pipeline);
	if (pipeline->core && !pipeline->end.fault) {
		pipeline->end.fault = store_checkpoint(pipeline);
	}
	struct pipeline_end end = pipeline->end;

	core_free(pipeline->core);
	journal_close(pipeline->journal);
	own_deinit(&pipeline->reloaded);
	recover_paths_deinit(&pipeline->paths);
	fd_close(&pipeline->commit_fd);
	fd_close(&pipeline->wake_fd);
	fd_close(&pipeline->ended_fd);
	(void)pthread_mutex_destroy(&pipeline->lock);
	free(pipeline);
	return end;
}

static void pipeline_stopp(struct pipeline **var)
{
	if (*var) {
		(void)pipeline_stop(*var);
	}
}

static rg_err prepare(struct pipeline *pipeline)
{
	struct recovered recovered = {.journal = NULL};

	(void)pthread_mutex_init(&pipeline->lock, NULL);
	pipeline->started_us = clock_now_us();
	pipeline->commit_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pipeline->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pipeline->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pipeline->commit_fd < 0 || pipeline->wake_fd < 0 || pipeline->ended_fd < 0) {
		log_event(LOG_ERROR, "pipeline", "no-eventfd", log_errno());
		return RG_E_IO;
	}
	rg_err err = recover_paths_init(pipeline->settings, &pipeline->paths);

	if (!err) {
		err = recover(pipeline->settings, &pipeline->paths, &recovered);
	}
	pipeline->journal = recovered.journal;
	pipeline->core = recovered.core;
	return err;
}

rg_err pipeline_start(const struct settings *settings, struct pipeline **ret_pipeline)
{
	scoped(pipeline_stopp) struct pipeline *pipeline = calloc(1, sizeof(*pipeline));

	if (!pipeline) {
		return RG_E_NOMEM;
	}
	pipeline->settings = settings;
	rg_err err = prepare(pipeline);

	if (!err) {
		err = start_stages(pipeline);
	}
	if (!err && pthread_create(&pipeline->thread, NULL, run, pipeline) != 0) {
		log_event(LOG_ERROR, "pipeline", "no-thread", log_errno());
		err = RG_E_IO;
	}
	if (err) {
		pipeline->end.fault = err;
		return err;
	}
	pipeline->has_thread = true;
	log_event(LOG_INFO, "start", "ready", log_text("endpoint", front_endpoint(pipeline->front)),
		log_number("size", (int64_t)journal_size(pipeline->journal)),
		log_text("origin", settings->origin), log_text("version", RIVERGATE_VERSION));
	*ret_pipeline = steal(pipeline);
	return RG_OK;
}

int pipeline_ended_fd(const struct pipeline *pipeline)
{
	return pipeline->ended_fd;
}

void pipeline_reload(struct pipeline *pipeline)
{
	struct own_messages messages = {.items = NULL};
	rg_err err = own_read(pipeline->settings, &messages);

	if (err) {
		log_event(LOG_ERROR, "pipeline", "reload-failed", log_fault(err),
			log_text("do",
				"nothing was changed; correct the files, then SIGHUP again"));
		return;
	}
	(void)pthread_mutex_lock(&pipeline->lock);
	own_deinit(&pipeline->reloaded);
	pipeline->reloaded = messages;
	(void)pthread_mutex_unlock(&pipeline->lock);
	raise_fd(pipeline->wake_fd);
}

rg_err pipeline_check(const struct settings *settings, FILE *out)
{
	struct recover_paths paths = {.journal = NULL};
	struct recovered recovered = {.journal = NULL};
	rg_err err = recover_paths_init(settings, &paths);

	if (!err) {
		err = recover(settings, &paths, &recovered);
	}
	if (!err) {
		fprintf(out, "origin %s\nrecords %llu\nwhole\n", settings->origin,
			(unsigned long long)core_durable_size(recovered.core));
	}
	core_free(recovered.core);
	journal_close(recovered.journal);
	recover_paths_deinit(&paths);
	return err;
}
