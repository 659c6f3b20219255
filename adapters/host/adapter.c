/*
 * The adapter of one party: opening, the loop, reloading
 *
 * Method: one loop. Each turn takes what events there are, stores deliveries and settles
 * them, hands over, takes up files of out/, submits. Every step leaves the disk in a
 * state from which the next start goes on, so a turn may end anywhere. A full disk is
 * waited out: what cannot be stored is not settled, and what cannot be sealed stays in
 * out/.
 *
 * Threads: this one; watch and client have theirs.
 */
#include "host/adapter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "connectors/http.h"
#include "host/alarms.h"
#include "host/handover.h"
#include "host/naming.h"
#include "host/sending.h"
#include "host/synced.h"
#include "host/watch.h"
#include "host/witnessing.h"
#include "rivergate/v1/session.pb-c.h"
#include "wire/scan.h"

#define FOLDER_MODE  0700
#define EVENTS_MAX   64                     /* of one turn */
#define SCAN_US      ((int64_t)1000 * 1000) /* out/ is looked at this often in any case */
#define SOON_MS      100
#define IDLE_MS      1000
#define RETRY_US     ((int64_t)1000 * 1000) /* after a full disk */
#define DRAIN_US     ((int64_t)3000 * 1000)
#define FINISH_US    ((int64_t)75000 * 1000) /* for what the national system has not answered */
#define LINGER_MS    500
#define COMPACT_SIZE ((uint64_t)8 << 20)

/*
 * --- Opening ---------------------------------------
 * ---------------------------------------------------
 */

static rg_err replay(void *context, struct rg_bytes frame)
{
	struct adapter *adapter = context;
	rg_err err = inbox_replay(adapter->inbox, frame);

	return err ? err : outbox_replay(adapter->outbox, frame);
}

/* Which start of the system this is; where it does not say, crashes of the system count as ours. */
static void read_boot(struct adapter *adapter)
{
	scoped(buf_deinitv) struct buf text = {0};
	bool is_found = false;

	buf_init(&text);
	if (file_read("/proc/sys/kernel/random/boot_id", 4096, &text, &is_found) || !is_found) {
		return;
	}
	for (size_t i = 0; i < text.len && i < INBOX_BOOT_MAX && text.data[i] > ' '; i++) {
		adapter->boot[i] = (char)text.data[i];
	}
}

/* Two adapters on one state folder would both hand over. */
static rg_err lock(struct adapter *adapter, const char *state)
{
	scoped(freep) char *path = file_join(state, "lock");

	if (!path) {
		return RG_E_NOMEM;
	}
	adapter->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (adapter->lock_fd < 0) {
		log_event(LOG_ERROR, "start", "cannot-lock", log_text("file", path), log_errno());
		return RG_E_IO;
	}
	if (flock(adapter->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		log_event(LOG_ERROR, "start", "already-running", log_text("file", path),
			log_text("hint", "another adapter uses this state folder; stop it first"));
		return RG_E_CONFIG;
	}
	return RG_OK;
}

static rg_err open_folders(struct adapter *adapter)
{
	const char *state = adapter->settings->state;
	rg_err err = file_make_dirs(state);

	if (!err) {
		err = lock(adapter, state);
	}
	if (!err) {
		err = synced_open_dir(state, "receipts", FOLDER_MODE, &adapter->receipts_fd);
	}
	if (!err) {
		err = synced_open_dir(state, "answers", FOLDER_MODE, &adapter->answers_fd);
	}
	if (!err) {
		err = synced_open_dir(state, "translations", FOLDER_MODE,
			&adapter->translations_fd);
	}
	return err ? err : synced_open_dir(state, "withheld", FOLDER_MODE, &adapter->withheld_fd);
}

static rg_err open_parts(struct adapter *adapter)
{
	const struct settings *settings = adapter->settings;
	scoped(freep) char *path = file_join(settings->state, "adapter.journal");
	const struct ledger_reader reader = {.frame = replay, .context = adapter};
	rg_err err = path ? directory_open(settings->directory, &adapter->directory) : RG_E_NOMEM;

	if (!err) {
		err = key_load(settings->signing_key, &adapter->key);
	}
	if (!err) {
		err = replies_open(settings->state, &adapter->replies);
	}
	if (!err) {
		err = inbox_open(settings->state, &adapter->inbox);
	}
	if (!err) {
		err = outbox_new(settings->party, adapter->key, &adapter->outbox);
	}
	if (!err) {
		err = ledger_open(path, &reader, &adapter->ledger);
	}
	return err ? err : inbox_load(adapter->inbox);
}

/* Last: from here on others see us. */
static rg_err open_connector(struct adapter *adapter)
{
	const struct settings *settings = adapter->settings;
	const struct http_limits limits = {
		.n_files = (size_t)settings->max_sending,
		.n_bytes = (uint64_t)settings->max_file_mib << 20,
	};

	if (!settings_is_http(settings)) {
		adapter->connector = directory_connector(adapter->directory);
		return RG_OK;
	}
	return http_connector_open(&settings->http, &limits, adapter->directory, settings->state,
		&adapter->connector);
}

static rg_err check_format(struct adapter *adapter, const char *format)
{
	bool is_there = true;
	rg_err err = format[0] ? translator_has(adapter->translator, format, &is_there) : RG_OK;

	if (!err && !is_there) {
		log_event(LOG_ERROR, "start", "no-such-format", log_text("format", format),
			log_text("hint",
				"`rivergate formats` lists what is installed; RIVERGATE_PLUGINS "
				"names "
				"the folder of the plug-ins"));
		return RG_E_CONFIG;
	}
	return err;
}

/* A format that is not installed is better missed at the start than at the first truck. */
static rg_err check_formats(struct adapter *adapter, const struct settings *settings)
{
	const struct outgoing_route *routes = settings->routes.items;
	const struct settings_handover *handover = settings->handover.items;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < settings->routes.n_items; i++) {
		err = check_format(adapter, routes[i].format);
	}
	for (size_t i = 0; !err && i < settings->handover.n_items; i++) {
		err = check_format(adapter, handover[i].format);
	}
	for (size_t i = 0; !err && i < settings->answers.n_items; i++) {
		err = check_format(adapter, settings->answers.items[i]);
	}
	return err;
}

rg_err adapter_open(struct settings **settings, struct translator **translator,
	struct adapter **ret_adapter)
{
	scoped(adapter_closep) struct adapter *adapter = calloc(1, sizeof(*adapter));

	if (!adapter) {
		return RG_E_NOMEM;
	}
	adapter->settings = steal(*settings);
	adapter->translator = steal(*translator);
	adapter->receipts_fd = adapter->answers_fd = adapter->withheld_fd = adapter->lock_fd = -1;
	adapter->translations_fd = -1;
	read_boot(adapter);
	alarms_remind(adapter->settings->state);
	rg_err err = check_formats(adapter, adapter->settings);
	if (!err) {
		err = naming_check(adapter->translator, adapter->settings);
	}
	if (!err) {
		err = open_folders(adapter);
	}
	if (!err) {
		err = open_parts(adapter);
	}
	if (!err) {
		err = handover_clean(adapter);
	}
	if (!err) {
		err = open_connector(adapter);
	}
	if (!err) {
		err = handover_recover(adapter);
	}
	if (err) {
		return err;
	}
	*ret_adapter = steal(adapter);
	return RG_OK;
}

void adapter_close(struct adapter *adapter)
{
	if (!adapter) {
		return;
	}
	rg_client_close(adapter->client, 0);
	replies_close(adapter->replies);
	outbox_free(adapter->outbox);
	inbox_close(adapter->inbox);
	ledger_close(adapter->ledger);
	connector_close(&adapter->connector);
	directory_close(adapter->directory);
	key_free(adapter->key);
	translator_stop(adapter->translator);
	settings_free(adapter->settings);
	fd_close(&adapter->receipts_fd);
	fd_close(&adapter->answers_fd);
	fd_close(&adapter->withheld_fd);
	fd_close(&adapter->translations_fd);
	fd_close(&adapter->lock_fd);
	free(adapter);
}

/*
 * --- The loop ---------------------------------------
 * ---------------------------------------------------
 */

struct loop {
	struct adapter *adapter;
	const char *config_path;
	struct watch *watch;
	struct rg_witnessed witnessed;
	bool was_ready;
	bool is_draining;
	bool is_settled; /* nothing in out/ needs another look soon */
	bool has_work;   /* deliveries wait for the next turn */
	bool has_new;    /* stored, their names not yet synced */
	int64_t next_scan_us;
	int64_t not_before_us; /* after a full disk */
	int64_t drain_until_us;
};

static rg_err connect_router(struct loop *loop)
{
	struct adapter *adapter = loop->adapter;
	scoped(freep) char *state = file_join(adapter->settings->state, "client");
	struct rg_client_options options = settings_client_options(adapter->settings);

	if (!state) {
		return RG_E_NOMEM;
	}
	options.state_path = state;
	rg_err err = file_make_dirs(state);
	if (!err) {
		err = rg_client_open(&options, &adapter->client);
	}
	if (!err) {
		err = watch_start(adapter->connector.type->watch_fd(adapter->connector.state),
			adapter->client, &loop->watch);
	}
	return err;
}

static void disconnect_router(struct loop *loop, int linger_ms)
{
	watch_stop(loop->watch);
	loop->watch = NULL;
	rg_client_close(loop->adapter->client, linger_ms);
	loop->adapter->client = NULL;
	outbox_forget_submitted(loop->adapter->outbox);
}

/* The proof that came with a delivery; empty: none. Lives as long as the arena. */
static struct rg_bytes proof_of(const struct rg_event *event, struct arena *arena)
{
	struct scan_answer answer;
	ProtobufCMessage *msg = NULL;

	if (scan_unpack(&rivergate__v1__deliver__descriptor, event->delivery, arena, &answer,
		    &msg) ||
		!msg) {
		return (struct rg_bytes){0};
	}
	const Rivergate__V1__Deliver *deliver = (const Rivergate__V1__Deliver *)msg;
	return bytes_of(deliver->tlog_proof.data, deliver->tlog_proof.len);
}

static rg_err store(struct adapter *adapter, const struct rg_event *event,
	struct inbox_entry **ret_entry, bool *ret_is_new)
{
	scoped(freep) uint8_t *envelope = NULL;
	scoped(arena_freep) struct arena *arena = arena_new(0);
	size_t len = 0;
	rg_err err = arena ? rg_client_envelope(adapter->client, &envelope, &len) : RG_E_NOMEM;

	if (err) {
		return err;
	}
	const struct inbox_delivery delivery = {.header = event->header,
		.envelope = bytes_of(envelope, len),
		.proof = proof_of(event, arena),
		.index = event->index,
		.is_derived = event->is_derived};
	return inbox_store(adapter->inbox, &delivery, ret_entry, ret_is_new);
}

static rg_err take_delivery(struct loop *loop, const struct rg_event *event)
{
	struct adapter *adapter = loop->adapter;
	const uint8_t *derived_id = event->is_derived ? event->id : NULL;
	struct inbox_entry *entry = NULL;
	bool is_new = false;
	rg_err err = store(adapter, event, &entry, &is_new);

	if (err == RG_E_FORMAT) {
		log_event(LOG_ERROR, "inbox", "not-storable",
			log_number("index", (int64_t)event->index));
		return rg_client_set_aside(adapter->client, event->index, derived_id, "MALFORMED");
	}
	if (err) {
		return err;
	}
	if (!entry) {
		log_event(LOG_INFO, "inbox", "known", log_number("index", (int64_t)event->index));
		return rg_client_settle(adapter->client, event->index, derived_id);
	}
	if (!is_new && entry->is_settled) {
		return rg_client_settle(adapter->client, event->index, derived_id);
	}
	loop->has_new |= is_new;
	return RG_OK;
}

static void tell_connected(struct loop *loop)
{
	const struct settings *settings = loop->adapter->settings;

	log_event(LOG_INFO, loop->was_ready ? "session" : "start",
		loop->was_ready ? "connected" : "ready", log_text("party", settings->party),
		log_text("router", settings->router), log_text("country", settings->country),
		log_text("directory", settings->directory),
		log_number("stored", (int64_t)inbox_length(loop->adapter->inbox)),
		log_number("sending", (int64_t)outbox_length(loop->adapter->outbox)));
	loop->was_ready = true;
}

static rg_err stop_for(const char *event, const char *text)
{
	log_event(LOG_ERROR, "session", event, log_text("text", text ? text : ""),
		log_text("hint", "this adapter stops; look into it before it is started again"));
	return RG_E_STORE;
}

/* Stops even where the alarm cannot be stored: it has been logged. */
static rg_err stop_for_alarm(struct adapter *adapter, const char *text)
{
	adapter->is_alarmed = true;
	if (alarms_raise(adapter->settings->state, "ALARM", text)) {
		return RG_E_STORE;
	}
	return stop_for("alarm", text);
}

/* Said when it changes between witnessed and not, not once a second. */
static void tell_witnessed(struct loop *loop, const struct rg_witnessed *witnessed)
{
	bool was = loop->witnessed.size > 0 &&
		loop->witnessed.n_cosigned >= loop->witnessed.quorum && loop->witnessed.has_own;
	bool is = witnessed->size > 0 && witnessed->n_cosigned >= witnessed->quorum &&
		witnessed->has_own;

	if (was != is) {
		log_event(is ? LOG_INFO : LOG_WARNING, "session", is ? "witnessed" : "unwitnessed",
			log_number("size", (int64_t)witnessed->size),
			log_number("n", (int64_t)witnessed->n_cosigned),
			log_number("of", (int64_t)witnessed->n_witnesses),
			log_text("own", witnessed->has_own ? "yes" : "no"));
	}
	loop->witnessed = *witnessed;
}

static rg_err take_event(struct loop *loop, const struct rg_event *event)
{
	switch (event->type) {
	case RG_EVENT_CONNECTED:
		tell_connected(loop);
		return RG_OK;
	case RG_EVENT_DISCONNECTED:
		log_event(LOG_WARNING, "session", "disconnected",
			log_text("text", event->text ? event->text : ""));
		return RG_OK;
	case RG_EVENT_RECEIPT:
		return sending_receipt(loop->adapter, event);
	case RG_EVENT_REFUSAL:
		return sending_refusal(loop->adapter, event);
	case RG_EVENT_DELIVERY:
		return take_delivery(loop, event);
	case RG_EVENT_ANSWER:
		return RG_OK;
	case RG_EVENT_FENCED:
		return stop_for("fenced", "a newer session of this party receives now");
	case RG_EVENT_ALARM:
		return stop_for_alarm(loop->adapter, event->text);
	case RG_EVENT_MISSING:
		return alarms_raise(loop->adapter->settings->state, "MISSING", event->text);
	case RG_EVENT_WITNESSED:
		tell_witnessed(loop, &event->witnessed);
		return RG_OK;
	case RG_EVENT_UNWITNESSED:
		log_event(LOG_ERROR, "session", "UNWITNESSED", log_text("text", event->text),
			log_number("witnessed-size", (int64_t)loop->witnessed.size));
		return alarms_raise(loop->adapter->settings->state, "UNWITNESSED", event->text);
	}
	return RG_OK;
}

static int wait_ms(const struct loop *loop)
{
	if (loop->has_work) {
		return 0;
	}
	return loop->is_settled && !loop->is_draining ? IDLE_MS : SOON_MS;
}

static rg_err take_events(struct loop *loop)
{
	int timeout_ms = wait_ms(loop);
	const struct rg_event *event = NULL;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < EVENTS_MAX; i++) {
		err = rg_client_next(loop->adapter->client, timeout_ms, &event);
		if (err || !event) {
			return err;
		}
		err = take_event(loop, event);
		timeout_ms = 0;
	}
	return err;
}

/* Beyond the bound nothing is settled: the router's credit runs out and it keeps the rest. */
static rg_err settle(struct loop *loop)
{
	struct adapter *adapter = loop->adapter;
	rg_err err = loop->has_new ? inbox_sync(adapter->inbox) : RG_OK;

	if (!err) {
		loop->has_new = false;
	}
	if (inbox_length(adapter->inbox) > (size_t)adapter->settings->max_stored) {
		return err;
	}
	for (struct inbox_entry *entry = inbox_first(adapter->inbox); !err && entry;
		entry = entry->next) {
		if (!entry->is_settled) {
			entry->is_settled = true;
			err = rg_client_settle(adapter->client, entry->index,
				entry->is_derived ? entry->id : NULL);
		}
	}
	return err;
}

static rg_err write_live(void *context, struct ledger *ledger)
{
	const struct adapter *adapter = context;
	rg_err err = inbox_write(adapter->inbox, ledger);

	return err ? err : outbox_write(adapter->outbox, ledger);
}

static rg_err compact(struct adapter *adapter)
{
	if (ledger_size(adapter->ledger) < COMPACT_SIZE + 4 * outbox_bytes(adapter->outbox)) {
		return RG_OK;
	}
	rg_err err = inbox_sync_moves(adapter->inbox);
	return err ? err : ledger_rewrite(adapter->ledger, write_live, adapter);
}

static rg_err scan_and_send(struct loop *loop, int64_t now_us)
{
	struct adapter *adapter = loop->adapter;
	const struct outbox_sink sink = {.client = adapter->client, .ledger = adapter->ledger};
	bool has_files = watch_take_files(loop->watch);

	if (loop->is_draining || (!has_files && loop->is_settled && now_us < loop->next_scan_us)) {
		return outbox_submit(adapter->outbox, &sink);
	}
	size_t n_before = outbox_length(adapter->outbox);
	adapter->connector.type->watch_clear(adapter->connector.state);
	loop->next_scan_us = now_us + SCAN_US;
	rg_err err = sending_round(adapter, &loop->is_settled);
	/* A round takes a few files: the next follows at once. */
	loop->has_work |= outbox_length(adapter->outbox) > n_before;
	return err;
}

/* Hand-over stops while too much of ours is unreceipted: each delivery adds an answer. */
static rg_err hand_over(struct loop *loop)
{
	struct adapter *adapter = loop->adapter;
	size_t max = (size_t)adapter->settings->max_sending * 2;

	loop->has_work = false;
	if (!inbox_first(adapter->inbox) || outbox_length(adapter->outbox) >= max) {
		return RG_OK;
	}
	return handover_round(adapter, &loop->has_work);
}

static rg_err work(struct loop *loop)
{
	int64_t now_us = clock_monotonic_us();

	if (now_us < loop->not_before_us) {
		return RG_OK;
	}
	rg_err err = settle(loop);
	if (!err) {
		err = hand_over(loop);
	}
	if (!err) {
		err = sending_finish(loop->adapter);
	}
	if (!err) {
		err = scan_and_send(loop, now_us);
	}
	return err ? err : compact(loop->adapter);
}

/* Whether a fault may pass by itself: a full disk, a folder that is away. */
static bool may_pass(const struct loop *loop, rg_err err)
{
	return err == RG_E_IO && !ledger_is_broken(loop->adapter->ledger) &&
		!translator_is_gone(loop->adapter->translator);
}

static rg_err turn(struct loop *loop)
{
	rg_err err = take_events(loop);

	if (!err) {
		err = work(loop);
	}
	if (!may_pass(loop, err)) {
		return err;
	}
	log_event(LOG_ERROR, "adapter", "waiting", log_fault(err),
		log_text("hint",
			"see the line above; nothing is lost, it goes on when the cause is gone"));
	loop->has_work = false;
	loop->not_before_us = clock_monotonic_us() + RETRY_US;
	return RG_OK;
}

/*
 * --- SIGHUP ------------------------------------------
 * -----------------------------------------------------
 */

static bool is_same_place(const struct settings *a, const struct settings *b)
{
	return strcmp(a->party, b->party) == 0 && strcmp(a->state, b->state) == 0 &&
		strcmp(a->directory, b->directory) == 0 &&
		strcmp(a->connector, b->connector) == 0 && http_options_same(&a->http, &b->http) &&
		naming_is_same(a, b);
}

static rg_err read_new_settings(struct loop *loop, struct settings **ret_settings)
{
	scoped(settings_freep) struct settings *settings = NULL;
	rg_err err = settings_read(loop->config_path, &settings);

	if (err) {
		return err;
	}
	if (!is_same_place(settings, loop->adapter->settings)) {
		log_event(LOG_ERROR, "reload", "needs-restart",
			log_text("text",
				"party, state, directory, connector, http and names change only "
				"with a restart"));
		return RG_E_CONFIG;
	}
	err = check_formats(loop->adapter, settings);
	if (!err) {
		*ret_settings = steal(settings);
	}
	return err;
}

static rg_err reload(struct loop *loop)
{
	struct adapter *adapter = loop->adapter;
	scoped(settings_freep) struct settings *settings = NULL;
	scoped(key_freep) struct key *key = NULL;
	rg_err err = read_new_settings(loop, &settings);

	if (!err) {
		err = key_load(settings->signing_key, &key);
	}
	if (err) {
		log_event(LOG_ERROR, "reload", "not-taken", log_fault(err),
			log_text("hint", "the adapter goes on with the settings it has"));
		return err == RG_E_CONFIG ? RG_OK : err;
	}
	witnessing_reload(adapter->witnessing, settings);
	disconnect_router(loop, LINGER_MS);
	struct settings *old = adapter->settings;
	adapter->settings = settings;
	settings = old;
	struct key *old_key = adapter->key;
	adapter->key = key;
	key = old_key;
	outbox_set_key(adapter->outbox, adapter->key);
	err = connect_router(loop);
	if (!err) {
		log_event(LOG_INFO, "reload", "taken", log_text("file", loop->config_path));
		return RG_OK;
	}
	/*
	 * The new registry or directories are wrong: the
	 * old ones are no longer there to go back to.
	 */
	log_event(LOG_ERROR, "reload", "cannot-connect", log_fault(err));
	return err;
}

/*
 * --- From start to end ---------------------------------
 * -------------------------------------------------------
 */

static bool is_drained(const struct loop *loop)
{
	const struct adapter *adapter = loop->adapter;

	return !loop->has_work && !inbox_first(adapter->inbox) &&
		outbox_length(adapter->outbox) == 0;
}

static bool goes_on(struct loop *loop)
{
	if (!loop->is_draining && watch_is_ending(loop->watch)) {
		log_event(LOG_INFO, "stop", "draining");
		loop->is_draining = true;
		loop->drain_until_us = clock_monotonic_us() + DRAIN_US;
	}
	if (!loop->is_draining) {
		return true;
	}
	int64_t now_us = clock_monotonic_us();
	if (now_us < loop->drain_until_us) {
		return !is_drained(loop);
	}
	/* What is cut on its way may be a doubt that a person has to clear up. */
	const struct connector *connector = &loop->adapter->connector;
	return connector->type->drain(connector->state) &&
		now_us < loop->drain_until_us + FINISH_US;
}

rg_err adapter_run(struct adapter *adapter, const char *config_path)
{
	struct loop loop = {.adapter = adapter, .config_path = config_path};
	rg_err err = connect_router(&loop);

	while (!err && goes_on(&loop)) {
		err = turn(&loop);
		if (!err && !loop.is_draining && watch_take_reload(loop.watch)) {
			err = reload(&loop);
		}
	}
	disconnect_router(&loop, err ? 0 : LINGER_MS);
	if (!err) {
		log_event(LOG_INFO, "stop", "done", log_text("party", adapter->settings->party));
	}
	return err;
}
