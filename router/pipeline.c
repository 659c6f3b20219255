/*
 * The pipeline: see pipeline.h.
 *
 * Method: every stage but those of the core has threads of its own; every queue between
 * two threads is bounded, and a full one makes the earlier stage wait, up to the senders.
 *
 * Threads: the starting thread; the core thread's work is in pipeline_core.c.
 */
#include "pipeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "evidence/note.h"
#include "pipeline_state.h"
#include "sign/signature.h"

#define BEGIN_US 60000000 /* for the first records to become durable */

/* --- The stages, in the order of the path -------------------------------------------------- */

static bool take_from_front(void *context, struct message *message, struct front_event *event)
{
	struct pipeline *pipeline = context;
	const struct verify_item item = {.message = message, .event = event};
	bool is_taken = true;

	/* After a fault the ring may go while the front still reads the frame at hand. */
	(void)pthread_mutex_lock(&pipeline->entry);
	if (pipeline->is_entry_open) {
		is_taken = verify_ring_push(pipeline->ring, &item);
	} else {
		pipeline_drop_item(&item);
	}
	(void)pthread_mutex_unlock(&pipeline->entry);
	return is_taken;
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

	pipeline->is_entry_open = true;
	return verify_ring_start(&options, &pipeline->ring);
}

/* What is left after a drain that did not end, or a fault, was never receipted. */
static void stop_verify(struct pipeline *pipeline)
{
	struct verify_item item;

	(void)pthread_mutex_lock(&pipeline->entry);
	pipeline->is_entry_open = false;
	(void)pthread_mutex_unlock(&pipeline->entry);
	if (pipeline->ring) {
		while (verify_ring_take(pipeline->ring, &item, 1) > 0) {
			pipeline_drop_item(&item);
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
	return pipeline_step(pipeline, &input);
}

/* Which keys are used from here on. */
static rg_err tell_keys(struct pipeline *pipeline)
{
	const struct settings *settings = pipeline->settings;
	const struct key *keys[] = {settings->log_key, settings->router_key};
	uint8_t raw[3][32];
	uint8_t hash[32];
	char hex[3][2 * 32 + 1];
	char detail[256];
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < 2; i++) {
		err = key_ed25519_raw(keys[i], raw[i]);
	}
	memcpy(raw[2], settings->curve_public, sizeof(raw[2]));
	for (size_t i = 0; !err && i < 3; i++) {
		err = signature_hash(bytes_of(raw[i], sizeof(raw[i])), hash);
		text_hex(bytes_of(hash, sizeof(hash)), hex[i]);
	}
	if (err) {
		return err;
	}
	(void)snprintf(detail, sizeof(detail), "log=%s router=%s curve=%s", hex[0], hex[1], hex[2]);
	return pipeline_step_admin(pipeline, RIVERGATE__V1__ADMIN__ACT__ACT_KEY_USE, detail);
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
		err = pipeline_step_own(pipeline, &messages);
	}
	if (!err) {
		err = pipeline_step_admin(pipeline, RIVERGATE__V1__ADMIN__ACT__ACT_START,
			"version=" RIVERGATE_VERSION);
	}
	if (!err) {
		err = tell_keys(pipeline);
	}
	if (!err) {
		err = pipeline_step_acts(pipeline);
	}
	if (!err) {
		err = pipeline_settle(pipeline, BEGIN_US);
	}
	if (!err && !core_trust(pipeline->core)) {
		log_event(LOG_ERROR, "core", "no-registry",
			log_text("do", "the genesis registry was refused, see above"));
		err = RG_E_CONFIG;
	}
	if (!err) {
		pipeline_warn_trust(pipeline, core_trust(pipeline->core));
		err = pipeline_tell_witnesses(pipeline, core_trust(pipeline->core));
	}
	if (!err && core_n_witnesses(pipeline->core) == 0) {
		log_event(LOG_WARNING, "start", "signs-without-witnesses",
			log_text("why", "the registry names no witness_key of any member"));
	}
	return err;
}

static rg_err start_journal(struct pipeline *pipeline)
{
	const struct journal_writer_options options = {.journal = pipeline->journal,
		.report = pipeline_take_report,
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
		.router_key = pipeline->settings->router_key,
		.journal = pipeline->journal,
		.front = &pipeline->front,
		.stamp = &pipeline->stamp,
		.trust = core_trust(pipeline->core),
		.started_us = pipeline->started_us,
		.failed = pipeline_fail,
		.context = pipeline,
	};

	return dispatch_start(&options, &pipeline->dispatch);
}

static void stop_dispatch(struct pipeline *pipeline)
{
	dispatch_stop(pipeline->dispatch);
	pipeline->dispatch = NULL;
}

struct leaf_taker {
	rg_err (*take)(void *to, struct rg_bytes leaf);
	void *to;
};

static rg_err give_leaf(void *context, const struct journal_record *record)
{
	const struct leaf_taker *taker = context;

	return taker->take(taker->to, record->leaf);
}

static rg_err read_leaves(void *context, uint64_t first, uint64_t end,
	rg_err (*take)(void *to, struct rg_bytes leaf), void *to)
{
	struct pipeline *pipeline = context;
	struct leaf_taker taker = {.take = take, .to = to};
	const struct journal_visitor visitor = {.visit = give_leaf, .context = &taker};

	return journal_replay_range(pipeline->journal, first, end, &visitor);
}

static rg_err print_vkey(const struct settings *settings, struct buf *out)
{
	struct note_verifier log;
	uint8_t public_key[32];
	rg_err err = key_ed25519_raw(settings->log_key, public_key);

	err = err ? err : note_verifier_of(settings->origin, public_key, &log);
	if (err) {
		return err;
	}
	note_verifier_print(&log, out);
	return buf_error(out);
}

static rg_err start_publish(struct pipeline *pipeline)
{
	scoped(buf_deinitv) struct buf vkey = {.data = NULL};
	rg_err err = print_vkey(pipeline->settings, &vkey);
	const struct tree_publish_options options = {
		.dir = pipeline->settings->data_dir,
		.vkey = buf_text(&vkey),
		.leaves = {.read = read_leaves, .context = pipeline},
		.failed = pipeline_fail,
		.context = pipeline,
	};

	return err ? err : tree_publish_start(&options, &pipeline->publish);
}

static bool has_ended(struct pipeline *pipeline)
{
	(void)pthread_mutex_lock(&pipeline->lock);
	bool has = pipeline->end.fault != RG_OK;

	(void)pthread_mutex_unlock(&pipeline->lock);
	return has;
}

/* The head of the last commit, which may be newer than what a second ago was published. */
static rg_err publish_last(struct pipeline *pipeline)
{
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	scoped(buf_deinitv) struct buf tiles = {.data = NULL};
	rg_err err = core_head(pipeline->core, &note, &tiles);

	if (!err && note.len > 0) {
		tree_publish_head(pipeline->publish, &note, &tiles);
	}
	return err;
}

static void stop_publish(struct pipeline *pipeline)
{
	if (pipeline->publish && !has_ended(pipeline)) {
		rg_err err = publish_last(pipeline);

		if (err) {
			pipeline_fail(pipeline, err);
		}
	}
	tree_publish_stop(pipeline->publish);
	pipeline->publish = NULL;
}

static void take_news(void *context)
{
	const struct pipeline *pipeline = context;

	pipeline_raise(pipeline->wake_fd);
}

static rg_err start_keeper(struct pipeline *pipeline)
{
	const struct keeper_options options = {.settings = pipeline->settings,
		.journal = pipeline->journal,
		.news = take_news,
		.context = pipeline};

	return keeper_start(&options, &pipeline->keeper);
}

static rg_err start_stamp(struct pipeline *pipeline)
{
	return stamp_start(pipeline->settings, &pipeline->stamp);
}

static void stop_stamp(struct pipeline *pipeline)
{
	stamp_stop(pipeline->stamp);
	pipeline->stamp = NULL;
}

static void stop_keeper(struct pipeline *pipeline)
{
	keeper_stop(pipeline->keeper);
	pipeline->keeper = NULL;
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
	{.name = "tree",
		.thread = "publish",
		.file = "tree/publish.c",
		.does = "files for auditors: tiles, entry bundles, checkpoint",
		.verdicts = "",
		.start = start_publish,
		.stop = stop_publish},
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
	{.name = "stamp",
		.thread = "stamp",
		.file = "stamp.c",
		.does = "beside the path: time-stamps from an authority outside",
		.verdicts = "",
		.start = start_stamp,
		.stop = stop_stamp},
	{.name = "keep",
		.thread = "keeper",
		.file = "keeper.c",
		.does = "beside the path: prunes what has expired",
		.verdicts = "",
		.start = start_keeper,
		.stop = stop_keeper},
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
		pipeline_raise(pipeline->wake_fd);
		(void)pthread_join(pipeline->thread, NULL);
	}
	for (size_t i = 0; i < N_STAGES; i++) {
		if (stages[i].stop) {
			stages[i].stop(pipeline);
		}
	}
}

/* --- Life ------------------------------------------------------------------------------------ */

struct pipeline_end pipeline_stop(struct pipeline *pipeline)
{
	stop_stages(pipeline);
	struct pipeline_end end = pipeline->end;

	core_free(pipeline->core);
	journal_close(pipeline->journal);
	acts_free(pipeline->acts);
	own_deinit(&pipeline->reloaded);
	recover_paths_deinit(&pipeline->paths);
	fd_close(&pipeline->commit_fd);
	fd_close(&pipeline->wake_fd);
	fd_close(&pipeline->ended_fd);
	(void)pthread_mutex_destroy(&pipeline->lock);
	(void)pthread_mutex_destroy(&pipeline->entry);
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
	(void)pthread_mutex_init(&pipeline->entry, NULL);
	pipeline->started_us = clock_now_us();
	pipeline->commit_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pipeline->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pipeline->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pipeline->commit_fd < 0 || pipeline->wake_fd < 0 || pipeline->ended_fd < 0) {
		log_event(LOG_ERROR, "pipeline", "no-eventfd", log_errno());
		return RG_E_IO;
	}
	rg_err err = recover_paths_init(pipeline->settings, &pipeline->paths);

	pipeline->acts = acts_new(pipeline->settings->data_dir);
	if (!err && !pipeline->acts) {
		err = RG_E_NOMEM;
	}
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
	if (!err && pthread_create(&pipeline->thread, NULL, pipeline_run, pipeline) != 0) {
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
	pipeline_raise(pipeline->wake_fd);
}
