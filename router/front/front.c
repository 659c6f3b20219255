/*
 * The front's thread: see front.h.
 *
 * Method: one zmq_poll() over the ROUTER socket, the ZAP socket, the queue of answers
 * and the sink's room. While the sink has no room the ROUTER socket is not read:
 * libzmq's queues fill, then TCP's, and the senders wait.
 *
 * Threads: all sockets are made, used and closed by the thread started here.
 */
#include "front/front.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "front/gate.h"
#include "front/state.h"

#define OUT_CAPACITY     8192
#define OUT_AT_ONCE      128
#define TAKE_AT_ONCE     256
#define WATCH_MS         1000
#define BACKLOG_MS       5 /* until what libzmq refused is tried again */
#define PROBE_US         5000000
#define LINGER_MS        1000
#define FRAME_BYTES_MAX  (INT64_C(9) << 20) /* cuts the peer; ours, with an answer, are below */
#define RECEIVE_QUEUE    256
#define SEND_QUEUE       1024
#define HEARTBEAT_MS     5000
#define HEARTBEAT_OUT_MS 20000
#define HANDSHAKE_MS     10000

struct front_event *front_event_new(enum front_event_type type, uint64_t session)
{
	struct front_event *event = calloc(1, sizeof(*event));

	if (event) {
		event->type = type;
		event->session = session;
	}
	return event;
}

void front_event_free(struct front_event *event)
{
	if (event) {
		arena_free(event->arena);
		free(event);
	}
}

struct front_out *front_out_new(enum front_out_type type, uint64_t session)
{
	struct front_out *out = malloc(sizeof(*out));

	if (out) {
		/* Not calloc(): the room for items is large and n_items says what is alive. */
		out->type = type;
		out->session = session;
		frame_init(&out->content);
		out->n_messages = 0;
		out->n_bytes = 0;
		out->refund_us = 0;
		out->is_retryable = false;
		out->epoch = 0;
		out->next = NULL;
	}
	return out;
}

void front_out_free(struct front_out *out)
{
	if (out) {
		frame_deinit(&out->content);
		free(out);
	}
}

static rg_err zmq_fault(const char *what)
{
	log_event(LOG_ERROR, "front", "zmq-failed", log_text("call", what),
		log_text("os", zmq_strerror(zmq_errno())));
	return RG_E_IO;
}

struct socket_option {
	int name;
	int value;
};

static rg_err set_options(void *socket)
{
	static const struct socket_option options[] = {
		{ZMQ_CURVE_SERVER, 1},
		{ZMQ_ROUTER_MANDATORY, 1},
		{ZMQ_ROUTER_HANDOVER, 0},
		{ZMQ_RCVHWM, RECEIVE_QUEUE},
		{ZMQ_SNDHWM, SEND_QUEUE},
		{ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS},
		{ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_OUT_MS},
		{ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
		{ZMQ_LINGER, LINGER_MS},
		{ZMQ_BACKLOG, 1024},
	};
	const int64_t frame_max = FRAME_BYTES_MAX;

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (zmq_setsockopt(socket, options[i].name, &options[i].value, sizeof(int)) != 0) {
			return zmq_fault("zmq_setsockopt");
		}
	}
	return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof(frame_max)) == 0
		? RG_OK
		: zmq_fault("zmq_setsockopt");
}

static rg_err bind_gate(struct front *front)
{
	front->zap = zmq_socket(front->zmq, ZMQ_REP);
	if (!front->zap || zmq_bind(front->zap, "inproc://zeromq.zap.01") != 0) {
		return zmq_fault("ZAP");
	}
	return RG_OK;
}

static rg_err bind_socket(struct front *front)
{
	size_t len = sizeof(front->endpoint);

	front->socket = zmq_socket(front->zmq, ZMQ_ROUTER);
	if (!front->socket) {
		return zmq_fault("zmq_socket");
	}
	rg_err err = set_options(front->socket);

	if (err) {
		return err;
	}
	if (zmq_setsockopt(front->socket, ZMQ_CURVE_SECRETKEY, front->curve_secret,
		    FRONT_KEY_LEN) != 0) {
		return zmq_fault("CURVE");
	}
	err = front_ends_new(front->zmq, front->socket, &front->ends);
	if (err) {
		return err;
	}
	if (zmq_bind(front->socket, front->endpoint) != 0) {
		log_event(LOG_ERROR, "front", "cannot-bind", log_text("endpoint", front->endpoint),
			log_text("os", zmq_strerror(zmq_errno())),
			log_text("do", "free the port or set another `endpoint`"));
		return RG_E_CONFIG;
	}
	return zmq_getsockopt(front->socket, ZMQ_LAST_ENDPOINT, front->endpoint, &len) == 0
		? RG_OK
		: zmq_fault("zmq_getsockopt");
}

/* Lets the gate work until it is known what it did with a stranger. */
static rg_err await_probe(struct front *front, struct front_probe *probe)
{
	int64_t until_us = clock_monotonic_us() + PROBE_US;
	enum front_probe_answer answer = FRONT_PROBE_WAITING;

	while (answer == FRONT_PROBE_WAITING && clock_monotonic_us() < until_us) {
		zmq_pollitem_t items[] = {
			{.socket = front->zap, .events = ZMQ_POLLIN},
			{.socket = probe->monitor, .events = ZMQ_POLLIN},
		};

		(void)zmq_poll(items, 2, 100);
		rg_err err = front_gate_answer(front->zap, front->trust, &front->knocks);

		if (err) {
			return err;
		}
		answer = front_probe_read(probe);
	}
	if (answer == FRONT_PROBE_REFUSED) {
		return RG_OK;
	}
	log_event(LOG_ERROR, "front", "gate-open",
		log_text("what",
			answer == FRONT_PROBE_LET_IN
				? "an unknown key was let in"
				: "it could not be shown that an unknown key is refused"),
		log_text("do", "do not run this build; check libzmq and what else binds ZAP"));
	return RG_E_CONFIG;
}

static rg_err prove_gate(struct front *front)
{
	struct front_probe probe = {.socket = NULL};
	rg_err err = front_probe_start(front->zmq, front->endpoint, front->curve_public, &probe);

	if (err) {
		return err;
	}
	err = await_probe(front, &probe);
	front_probe_stop(&probe);
	return err;
}

static rg_err open_all(struct front *front)
{
	front->zmq = zmq_ctx_new();
	if (!front->zmq) {
		return zmq_fault("zmq_ctx_new");
	}
	(void)zmq_ctx_set(front->zmq, ZMQ_IO_THREADS, front->options.io_threads);
	rg_err err = bind_gate(front);

	if (!err) {
		err = bind_socket(front);
	}
	return err ? err : prove_gate(front);
}

static void close_all(struct front *front)
{
	struct front_out *out = NULL;

	front_ends_free(front->ends);
	if (front->socket) {
		(void)zmq_close(front->socket);
	}
	if (front->zap) {
		(void)zmq_close(front->zap);
	}
	if (front->zmq) {
		(void)zmq_ctx_term(front->zmq);
	}
	frame_clear(&front->received);
	arena_free(front->arena);
	while (front->held) {
		struct front_held *held = front->held;

		front->held = held->next;
		message_free(held->message);
		front_event_free(held->event);
		free(held);
	}
	queue_close(front->out);
	while ((out = queue_pop(front->out, 0))) {
		front_out_free(out);
	}
}

static void take_new_trust(struct front *front)
{
	(void)pthread_mutex_lock(&front->lock);
	if (front->next_trust) {
		trust_unref(front->trust);
		front->trust = steal(front->next_trust);
	}
	(void)pthread_mutex_unlock(&front->lock);
}

static rg_err take_frames(struct front *front)
{
	bool is_received = true;
	rg_err err = RG_OK;

	for (int i = 0; !err && is_received && !front->held && i < TAKE_AT_ONCE; i++) {
		err = frame_receive(front->socket, MESSAGE_CONTENT_MAX + (1u << 20),
			&front->received, &is_received);
		if (!err && is_received) {
			err = front_inbound_take(front);
		}
	}
	frame_clear(&front->received);
	return err;
}

static rg_err send_answers(struct front *front)
{
	void *outs[OUT_AT_ONCE];
	size_t n = queue_pop_many(front->out, outs, OUT_AT_ONCE, 0);
	rg_err err = RG_OK;

	for (size_t i = 0; i < n; i++) {
		struct front_out *out = outs[i];

		if (err) {
			front_out_free(out);
		} else {
			err = front_outbound_handle(front, &out);
		}
	}
	return err;
}

static rg_err wait_for_work(struct front *front, bool may_read)
{
	zmq_pollitem_t items[] = {
		{.socket = front->zap, .events = ZMQ_POLLIN},
		{.fd = queue_event_fd(front->out), .events = ZMQ_POLLIN},
		{.fd = front->options.sink.room_fd, .events = front->held ? ZMQ_POLLIN : 0},
		{.socket = front->socket, .events = ZMQ_POLLIN},
	};
	int n_items = may_read ? 4 : 3;

	if (zmq_poll(items, n_items, front->n_backlogged ? BACKLOG_MS : WATCH_MS) < 0 &&
		zmq_errno() != EINTR) {
		return zmq_fault("zmq_poll");
	}
	return RG_OK;
}

static rg_err turn(struct front *front)
{
	bool has_room = front_inbound_flush(front);
	bool may_read = has_room && !atomic_load(&front->is_entry_closed);
	rg_err err = wait_for_work(front, may_read);

	front->now_us = clock_monotonic_us();
	take_new_trust(front);
	if (!err) {
		err = front_gate_answer(front->zap, front->trust, &front->knocks);
	}
	if (!err && may_read) {
		err = take_frames(front);
	}
	if (!err) {
		err = send_answers(front);
	}
	return err || !front->n_backlogged ? err : front_outbound_retry(front);
}

static rg_err serve(struct front *front)
{
	int64_t watched_us = 0;
	rg_err err = RG_OK;

	while (!err && !front->is_stopping) {
		err = turn(front);
		if (!err && front->now_us - watched_us > WATCH_MS * 1000) {
			watched_us = front->now_us;
			err = front_outbound_watch(front);
		}
	}
	return err;
}

static void tell(struct front *front, rg_err fault)
{
	(void)pthread_mutex_lock(&front->lock);
	front->is_started = true;
	front->fault = fault;
	(void)pthread_cond_broadcast(&front->changed);
	(void)pthread_mutex_unlock(&front->lock);
}

static void *run(void *argument)
{
	struct front *front = argument;
	rg_err err = open_all(front);

	tell(front, err);
	if (!err) {
		err = serve(front);
		tell(front, err);
	}
	close_all(front);
	return NULL;
}

static void fill_defaults(struct front_options *options)
{
	options->io_threads = options->io_threads ? options->io_threads : 2;
	options->quota_rate_us = options->quota_rate_us ? options->quota_rate_us : 1000000;
	options->quota_burst_us = options->quota_burst_us ? options->quota_burst_us : 4000000;
	options->window_messages = options->window_messages ? options->window_messages : 4096;
	options->window_bytes = options->window_bytes ? options->window_bytes : 64u << 20;
	options->idle_us = options->idle_us ? options->idle_us : 60000000;
	options->sessions_per_party =
		options->sessions_per_party ? options->sessions_per_party : 64;
}

static rg_err front_make(const struct front_options *options, struct front *front)
{
	(void)pthread_mutex_init(&front->lock, NULL);
	(void)pthread_cond_init(&front->changed, NULL);
	front->options = *options;
	fill_defaults(&front->options);
	front->held_end = &front->held;
	front->trust = trust_ref(options->trust);
	memcpy(front->curve_secret, options->curve_secret, FRONT_KEY_LEN);
	memcpy(front->curve_public, options->curve_public, FRONT_KEY_LEN);
	(void)snprintf(front->router_address, sizeof(front->router_address), "%s", options->router);
	(void)snprintf(front->endpoint, sizeof(front->endpoint), "%s", options->endpoint);
	front->sessions =
		front_sessions_new((struct front_quota){.rate_us = front->options.quota_rate_us,
			.burst_us = front->options.quota_burst_us});
	if (!front->sessions) {
		return RG_E_NOMEM;
	}
	return queue_new(OUT_CAPACITY, true, &front->out);
}

rg_err front_start(const struct front_options *options, struct front **ret_front)
{
	scoped(front_stopp) struct front *front = calloc(1, sizeof(*front));

	if (!front) {
		return RG_E_NOMEM;
	}
	rg_err err = front_make(options, front);

	if (err) {
		return err;
	}
	if (pthread_create(&front->thread, NULL, run, front) != 0) {
		log_event(LOG_ERROR, "front", "no-thread", log_errno());
		return RG_E_IO;
	}
	front->has_thread = true;
	(void)pthread_mutex_lock(&front->lock);
	while (!front->is_started) {
		(void)pthread_cond_wait(&front->changed, &front->lock);
	}
	err = front->fault;
	(void)pthread_mutex_unlock(&front->lock);
	if (err) {
		return err;
	}
	*ret_front = steal(front);
	return RG_OK;
}

const char *front_endpoint(const struct front *front)
{
	return front->endpoint;
}

void front_push(struct front *front, struct front_out **out)
{
	struct front_out *item = steal(*out);

	if (!queue_push(front->out, item)) {
		front_out_free(item);
	}
}

void front_set_trust(struct front *front, struct trust *trust)
{
	(void)pthread_mutex_lock(&front->lock);
	trust_unref(front->next_trust);
	front->next_trust = trust_ref(trust);
	(void)pthread_mutex_unlock(&front->lock);
}

void front_close_entry(struct front *front)
{
	atomic_store(&front->is_entry_closed, true);
}

void front_stop(struct front *front)
{
	if (!front) {
		return;
	}
	if (front->has_thread) {
		struct front_out *out = front_out_new(FRONT_OUT_STOP, 0);

		if (out) {
			front_push(front, &out);
		} else {
			queue_close(front->out);
		}
		(void)pthread_join(front->thread, NULL);
	}
	front_sessions_free(front->sessions);
	queue_free(front->out);
	trust_unref(front->trust);
	trust_unref(front->next_trust);
	explicit_bzero(front->curve_secret, sizeof(front->curve_secret));
	(void)pthread_cond_destroy(&front->changed);
	(void)pthread_mutex_destroy(&front->lock);
	free(front);
}

rg_err front_fault(const struct front *front)
{
	struct front *own = (struct front *)front; /* the lock is not part of what it answers */

	(void)pthread_mutex_lock(&own->lock);
	rg_err fault = own->fault;

	(void)pthread_mutex_unlock(&own->lock);
	return fault;
}

struct front_figures front_figures(const struct front *front)
{
	return (struct front_figures){
		.n_sessions = atomic_load(&front->n_sessions),
		.n_refused = atomic_load(&front->n_refused),
	};
}
