/*
 * The member's witness at work: see witnessing.h
 *
 * Method: a loop over the link: HELLO, then every WITNESS is judged and answered at once.
 * What a silent or broken line loses is asked again by the router.
 *
 * Threads: the session's; the judge has a lock for it and HTTP.
 */
#include "host/witnessing.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <zmq.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "client/link.h"
#include "evidence/witness.h"
#include "host/witness_http.h"
#include "registry/trust.h"
#include "wire/frame.h"

#define PAUSE_FIRST_US 100000
#define PAUSE_MAX_US   10000000
#define PING_AFTER_US  5000000
#define SILENT_US      15000000
#define TURN_MS        1000
#define SOFTWARE       "rivergate witness"

struct witnessing {
	char party[101];
	char origin[NOTE_NAME_MAX + 1]; /* of the router's log */
	struct key *key;
	struct witness *judge;
	struct link *link;
	struct witness_http *http; /* NULL: no HTTP form */
	struct arena *arena;
	int stop_fd;
	atomic_bool is_stopping;
	pthread_t thread;
	bool has_thread;

	bool is_established; /* what follows is the thread's */
	int64_t heard_us;    /* monotonic */
	int64_t pinged_us;
	int64_t open_us;
	int64_t pause_us;
};

/* --- Frames ---------------------------------------------------------------------------------- */

static rg_err say(struct witnessing *it, const Rivergate__V1__Frame *frame, bool *ret_is_sent)
{
	scoped(frame_deinitv) struct frame_multipart frames = {.n_items = 0};
	enum frame_sent sent = FRAME_FULL;
	rg_err err = frame_add_packed(&frames, frame);

	if (!err) {
		err = frame_send(link_socket(it->link), &frames, &sent);
	}
	*ret_is_sent = sent == FRAME_SENT;
	return err;
}

static rg_err say_hello(struct witnessing *it, bool *ret_is_sent)
{
	scoped(buf_deinitv) struct buf last = {.data = NULL};
	Rivergate__V1__Hello hello = RIVERGATE__V1__HELLO__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	rg_err err = witness_last(it->judge, it->origin, &last);

	hello.party = it->party;
	hello.software = (char *)SOFTWARE;
	hello.witness = true;
	hello.checkpoint = (char *)buf_text(&last);
	frame.body_case = RIVERGATE__V1__FRAME__BODY_HELLO;
	frame.hello = &hello;
	return err ? err : hello.checkpoint ? say(it, &frame, ret_is_sent) : RG_E_NOMEM;
}

static rg_err heed_witness(struct witnessing *it, const Rivergate__V1__Witness *asked,
	bool *ret_is_sent)
{
	scoped(witness_answer_deinitv) struct witness_answer answer = {.status = 0};
	Rivergate__V1__Witnessed witnessed = RIVERGATE__V1__WITNESSED__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	rg_err err =
		witness_judge(it->judge, bytes_of_text(asked->request), WITNESS_BY_ROUTER, &answer);

	if (err) {
		return err;
	}
	witnessed.status = (uint32_t)answer.status;
	witnessed.body = (char *)buf_text(&answer.body);
	witnessed.checkpoint = (char *)buf_text(&answer.checkpoint);
	frame.body_case = RIVERGATE__V1__FRAME__BODY_WITNESSED;
	frame.witnessed = &witnessed;
	if (answer.status != WITNESS_COSIGNED) {
		log_event(LOG_WARNING, "witness", "not-cosigned",
			log_number("status", (int64_t)answer.status),
			log_text("why", witnessed.body ? witnessed.body : ""));
	}
	return witnessed.body && witnessed.checkpoint ? say(it, &frame, ret_is_sent) : RG_E_NOMEM;
}

static rg_err ping(struct witnessing *it, uint64_t nonce, bool is_reply, bool *ret_is_sent)
{
	Rivergate__V1__Ping body = RIVERGATE__V1__PING__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;

	body.nonce = nonce;
	body.reply = is_reply;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_PING;
	frame.ping = &body;
	return say(it, &frame, ret_is_sent);
}

static void heed_hello(struct witnessing *it)
{
	if (!it->is_established) {
		it->is_established = true;
		it->pause_us = PAUSE_FIRST_US;
		log_event(LOG_INFO, "witness", "connected", log_text("origin", it->origin));
	}
}

/* What is not a witness' business (CREDIT, say) is passed over. */
static rg_err heed(struct witnessing *it, const Rivergate__V1__Frame *frame, bool *ret_is_sent)
{
	*ret_is_sent = true;
	if (frame->body_case == RIVERGATE__V1__FRAME__BODY_HELLO) {
		heed_hello(it);
	} else if (frame->body_case == RIVERGATE__V1__FRAME__BODY_WITNESS) {
		return heed_witness(it, frame->witness, ret_is_sent);
	} else if (frame->body_case == RIVERGATE__V1__FRAME__BODY_PING && !frame->ping->reply) {
		return ping(it, frame->ping->nonce, true, ret_is_sent);
	}
	return RG_OK;
}

static rg_err read_one(struct witnessing *it, bool *ret_has, bool *ret_is_well)
{
	scoped(frame_deinitv) struct frame_multipart frames = {.n_items = 0};
	struct scan_answer answer;
	Rivergate__V1__Frame *frame = NULL;
	rg_err err = frame_receive(link_socket(it->link), FRAME_PACKED_MAX, &frames, ret_has);

	if (err || !*ret_has) {
		return err;
	}
	it->heard_us = clock_monotonic_us();
	arena_reset(it->arena);
	err = frame_unpack(frame_item(&frames, 0), it->arena, &answer, &frame);
	if (!err && !frame) {
		*ret_is_well = false;
	}
	return err || !frame ? err : heed(it, frame, ret_is_well);
}

/* --- The line -------------------------------------------------------------------------------- */

static void lose(struct witnessing *it, const char *why)
{
	log_event(it->is_established ? LOG_WARNING : LOG_INFO, "witness", "connection-lost",
		log_text("why", why));
	link_close(it->link, 0);
	it->is_established = false;
	it->open_us = clock_monotonic_us() + it->pause_us;
	it->pause_us = 2 * it->pause_us < PAUSE_MAX_US ? 2 * it->pause_us : PAUSE_MAX_US;
}

static rg_err open_line(struct witnessing *it)
{
	bool is_sent = false;

	if (clock_monotonic_us() < it->open_us) {
		return RG_OK;
	}
	rg_err err = link_open(it->link);

	it->heard_us = clock_monotonic_us();
	it->pinged_us = it->heard_us;
	return err ? err : say_hello(it, &is_sent);
}

static rg_err read_line(struct witnessing *it)
{
	bool is_well = true;
	bool has = true;
	rg_err err = RG_OK;

	while (!err && has && is_well && !atomic_load(&it->is_stopping)) {
		err = read_one(it, &has, &is_well);
	}
	if (!err && !is_well) {
		lose(it, "the line broke, or the router said what cannot be followed");
	}
	return err;
}

static rg_err look_after(struct witnessing *it)
{
	int64_t now_us = clock_monotonic_us();
	bool is_sent = false;
	rg_err err = RG_OK;

	if (link_read_monitor(it->link) != LINK_NOTHING) {
		lose(it, "not connected, or the router refuses this party's CURVE key");
	} else if (now_us - it->heard_us > SILENT_US) {
		lose(it, "the router is silent");
	} else if (now_us - it->heard_us > PING_AFTER_US &&
		now_us - it->pinged_us > PING_AFTER_US) {
		it->pinged_us = now_us;
		err = ping(it, (uint64_t)now_us, false, &is_sent);
	}
	return err;
}

static void wait_line(const struct witnessing *it)
{
	bool is_open = link_is_open(it->link);
	zmq_pollitem_t items[] = {
		{.fd = it->stop_fd, .events = ZMQ_POLLIN},
		{.socket = is_open ? link_socket(it->link) : NULL, .events = ZMQ_POLLIN},
		{.socket = is_open ? link_monitor(it->link) : NULL, .events = ZMQ_POLLIN},
	};
	int64_t left_us = it->open_us - clock_monotonic_us();
	long wait_ms = is_open || left_us > TURN_MS * 1000 ? TURN_MS
		: left_us > 0                              ? (long)(left_us / 1000 + 1)
							   : 0;

	(void)zmq_poll(items, is_open ? 3 : 1, wait_ms);
}

static rg_err turn(struct witnessing *it)
{
	wait_line(it);
	if (atomic_load(&it->is_stopping)) {
		return RG_OK;
	}
	if (!link_is_open(it->link)) {
		return open_line(it);
	}
	rg_err err = read_line(it);

	return !err && link_is_open(it->link) ? look_after(it) : err;
}

/* A fault of one turn (no memory) is waited out: a witness that ends helps nobody. */
static void *run(void *argument)
{
	struct witnessing *it = argument;

	while (!atomic_load(&it->is_stopping)) {
		rg_err err = turn(it);

		if (err) {
			log_event(LOG_ERROR, "witness", "session-failed", log_fault(err));
			lose(it, "failed here");
		}
	}
	link_close(it->link, 0);
	return NULL;
}

/* --- Starting -------------------------------------------------------------------------------- */

static rg_err refuse(const char *what, const char *which, const char *what_to_do)
{
	log_event(LOG_ERROR, "witness", what, log_text("which", which), log_text("do", what_to_do));
	return RG_E_CONFIG;
}

static rg_err load_trust(const struct settings *settings, struct trust **ret_trust)
{
	struct governance_answer answer = {.is_ok = true};
	uint8_t pin[32];

	if (!text_unhex(settings->pin, pin, sizeof(pin))) {
		return RG_E_CONFIG;
	}
	rg_err err = trust_load(settings->registry, settings->directories, pin, ret_trust, &answer);

	return err || *ret_trust ? err : refuse("trust-refused", answer.path, answer.text);
}

/* Every router's log: the HTTP form may be asked about any of them. */
static rg_err list_logs(const Rivergate__V1__Registry *registry, struct note_verifier *logs,
	size_t *ret_n)
{
	rg_err err = RG_OK;

	*ret_n = 0;
	for (size_t i = 0; !err && i < registry->n_routers && *ret_n < WITNESS_LOGS_MAX; i++) {
		const Rivergate__V1__Router *router = registry->routers[i];

		if (router->log_key.len == sizeof(logs->public_key)) {
			err = note_verifier_of(router->origin, router->log_key.data,
				&logs[(*ret_n)++]);
		}
	}
	return err;
}

static rg_err open_judge(struct witnessing *it, const struct settings *settings,
	const struct trust *trust)
{
	struct note_verifier logs[WITNESS_LOGS_MAX];
	struct cosigner_roster roster;
	struct witness_options options = {.state_dir = settings->witness.state_dir, .logs = logs};
	uint8_t public_key[32];
	char cc[3] = {settings->party[0], settings->party[1], '\0'};
	rg_err err = key_load(settings->witness.key, &it->key);

	if (!err) {
		err = key_ed25519_raw(it->key, public_key);
	}
	if (!err) {
		err = cosigner_roster_of(trust_registry(trust), &roster);
	}
	const struct cosigner *self = err ? NULL : cosigner_roster_find(&roster, cc);
	if (!err && (!self || memcmp(self->key.public_key, public_key, 32) != 0)) {
		return refuse("other-witness-key", settings->witness.key,
			"the registry must name this key as the member's witness_key");
	}
	if (!err) {
		err = list_logs(trust_registry(trust), logs, &options.n_logs);
	}
	if (err) {
		return err;
	}
	options.self = *self;
	options.key = it->key;
	return witness_open(&options, &it->judge);
}

static rg_err make_link(struct witnessing *it, const struct settings *settings,
	const struct trust *trust)
{
	const Rivergate__V1__Router *router = trust_router(trust, settings->router);
	struct link_options link = {.curve_key_path = settings->curve_key};

	if (!router || router->curve_key.len != sizeof(link.router_key)) {
		return refuse("unknown-router", settings->router, "name a router of the registry");
	}
	memcpy(link.router_key, router->curve_key.data, sizeof(link.router_key));
	link.endpoint = settings->endpoint[0] ? settings->endpoint : router->endpoint;
	(void)snprintf(it->origin, sizeof(it->origin), "%s", router->origin);
	return link_new(&link, &it->link);
}

/* Signals belong to the program's own thread. */
static rg_err start_thread(struct witnessing *it)
{
	sigset_t all;
	sigset_t before;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	it->has_thread = pthread_create(&it->thread, NULL, run, it) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return it->has_thread ? RG_OK : RG_E_NOMEM;
}

rg_err witnessing_start(const struct settings *settings, struct witnessing **ret_witnessing)
{
	scoped(witnessing_stopp) struct witnessing *it = calloc(1, sizeof(*it));
	scoped(trust_unrefp) struct trust *trust = NULL;

	if (!it) {
		return RG_E_NOMEM;
	}
	it->pause_us = PAUSE_FIRST_US;
	it->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	it->arena = arena_new(0);
	(void)snprintf(it->party, sizeof(it->party), "%s", settings->party);
	rg_err err = it->arena && it->stop_fd >= 0 ? load_trust(settings, &trust) : RG_E_NOMEM;

	if (!err) {
		err = open_judge(it, settings, trust);
	}
	if (!err) {
		err = make_link(it, settings, trust);
	}
	if (!err && settings->witness.http[0]) {
		err = witness_http_start(settings->witness.http, it->judge, &it->http);
	}
	if (!err) {
		err = start_thread(it);
	}
	if (err) {
		return err;
	}
	log_event(LOG_INFO, "witness", "ready", log_text("party", it->party),
		log_text("http", settings->witness.http));
	*ret_witnessing = steal(it);
	return RG_OK;
}

size_t witnessing_n_alarms(struct witnessing *witnessing)
{
	return witness_n_alarms(witnessing->judge);
}

void witnessing_stop(struct witnessing *witnessing)
{
	const uint64_t one = 1;

	if (!witnessing) {
		return;
	}
	atomic_store(&witnessing->is_stopping, true);
	if (witnessing->has_thread) {
		if (write(witnessing->stop_fd, &one, sizeof(one)) < 0) {
			log_event(LOG_WARNING, "witness", "eventfd-failed", log_errno());
		}
		(void)pthread_join(witnessing->thread, NULL);
	}
	witness_http_stop(witnessing->http);
	link_free(witnessing->link);
	witness_close(witnessing->judge);
	key_free(witnessing->key);
	arena_free(witnessing->arena);
	fd_close(&witnessing->stop_fd);
	free(witnessing);
}

/* --- SIGHUP ---------------------------------------------------------------------------------- */

/* What stays as it was at the start. */
static void tell_restarts(const struct witnessing *it, const struct settings *settings,
	const struct trust *trust)
{
	const Rivergate__V1__Router *router = trust_router(trust, settings->router);
	struct cosigner_roster roster;
	uint8_t public_key[32];
	char cc[3] = {settings->party[0], settings->party[1], '\0'};

	if (cosigner_roster_of(trust_registry(trust), &roster) ||
		key_ed25519_raw(it->key, public_key)) {
		return;
	}
	const struct cosigner *self = cosigner_roster_find(&roster, cc);

	if (!self || memcmp(self->key.public_key, public_key, sizeof(public_key)) != 0) {
		log_event(LOG_ERROR, "witness", "other-witness-key",
			log_text("which", settings->witness.key),
			log_text("do", "restart with the key that the registry names"));
	}
	if (!router || strcmp(router->origin, it->origin) != 0) {
		log_event(LOG_ERROR, "witness", "other-router", log_text("which", settings->router),
			log_text("do", "its log is another now: restart"));
	}
}

void witnessing_reload(struct witnessing *witnessing, const struct settings *settings)
{
	scoped(trust_unrefp) struct trust *trust = NULL;
	struct note_verifier logs[WITNESS_LOGS_MAX];
	size_t n_logs = 0;
	size_t n_new = 0;

	if (!witnessing) {
		return;
	}
	rg_err err = load_trust(settings, &trust);

	err = err ? err : list_logs(trust_registry(trust), logs, &n_logs);
	err = err ? err : witness_learn(witnessing->judge, logs, n_logs, &n_new);
	if (err) {
		log_event(LOG_ERROR, "witness", "not-reloaded", log_fault(err),
			log_text("do", "correct the registry, then SIGHUP again"));
		return;
	}
	tell_restarts(witnessing, settings, trust);
	log_event(LOG_INFO, "witness", "reloaded", log_number("logs", (int64_t)n_logs),
		log_number("new", (int64_t)n_new));
}

static void reload_from(struct witnessing *it, const char *config_path)
{
	scoped(settings_freep) struct settings *settings = NULL;
	rg_err err = settings_read(config_path, &settings);

	if (err) {
		log_event(LOG_ERROR, "witness", "not-reloaded", log_fault(err),
			log_text("do", "correct the configuration, then SIGHUP again"));
		return;
	}
	witnessing_reload(it, settings);
}

rg_err witnessing_wait(struct witnessing *witnessing, const char *config_path)
{
	sigset_t signals;
	int number = SIGHUP;
	rg_err err = RG_OK;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGHUP);
	while (!err && number == SIGHUP) {
		err = sigwait(&signals, &number) == 0 ? RG_OK : RG_E_IO;
		if (!err && number == SIGHUP) {
			reload_from(witnessing, config_path);
		}
	}
	return err;
}
