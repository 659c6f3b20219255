/*
 * Hand-over to a national system by HTTP: see http.h
 *
 * Method: one file at a time is on its way, because the order of hand-over is the order of
 * arrival. What is remembered about it (attempts, when the next is due) is lost with the
 * process; what must not be lost is in the caller's ledger and in the folders.
 *
 * Threads: one.
 */
#include "connectors/http.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include <openssl/rand.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "connectors/http_answer.h"
#include "connectors/http_courier.h"
#include "connectors/http_listener.h"
#include "host/answers.h"

struct http {
	struct http_options options;
	struct directory *directory; /* borrowed */
	struct http_courier *courier;
	struct http_listener *listener;
	int watch_fd; /* epoll over out/ and the courier */

	char name[DIRECTORY_NAME_MAX + 1]; /* of the file that all below speaks of */
	bool is_running;
	bool is_draining;
	bool is_taken;         /* answered so; the file has not been moved yet */
	unsigned n_failed;     /* attempts */
	unsigned n_counted;    /* of them, those that are the file's own fault, perhaps */
	int64_t not_before_us; /* monotonic: the national system rests until then */
};

static void http_close(void *state)
{
	struct http *http = state;

	if (!http) {
		return;
	}
	http_listener_stop(http->listener);
	http_courier_stop(http->courier);
	fd_close(&http->watch_fd);
	conf_release(http_option_rows, &http->options);
	free(http);
}

SCOPED_DEFINE(struct http, http_close);

static bool is_exact(const void *state)
{
	const struct http *http = state;

	return http->options.idempotent;
}

static void set_unknown(struct connector_outcome *outcome, const char *text)
{
	*outcome = (struct connector_outcome){.answer = CONNECTOR_UNKNOWN};
	snprintf(outcome->text, sizeof(outcome->text), "%s", text);
}

static rg_err recall(void *state, const char *name, const struct connector_trace *trace,
	struct connector_outcome *ret_outcome)
{
	const struct http *http = state;
	enum directory_place place = DIRECTORY_NOWHERE;
	rg_err err = directory_find(http->directory, name, &place);

	*ret_outcome = (struct connector_outcome){.answer = CONNECTOR_LATER};
	if (err) {
		return err;
	}
	if (place == DIRECTORY_PUT) {
		ret_outcome->answer = CONNECTOR_TAKEN;
	} else if (place == DIRECTORY_NOWHERE) {
		set_unknown(ret_outcome,
			"A crash came between intent and hand-over, and the file is neither "
			"staged nor in done/.");
	} else if (trace->was_begun && !http->options.idempotent) {
		set_unknown(ret_outcome,
			"The adapter ended while the file was on its way; the national system does "
			"not honour Idempotency-Key, so it is not sent again.");
	}
	return RG_OK;
}

static bool is_ready(const void *state, const char *name)
{
	const struct http *http = state;

	(void)name;
	return http->courier && !http->is_running && !http->is_draining &&
		clock_monotonic_us() >= http->not_before_us;
}

/*
 * The key of a file is its name without the ending: <from>-<id>, with .1, .part1 … where one
 * delivery becomes several files. The same file has the same key for ever.
 */
static void key_of(const char *name, char key[DIRECTORY_NAME_MAX + 1])
{
	const char *dot = strrchr(name, '.');
	size_t len = dot && strncmp(dot, ".part", 5) != 0 ? (size_t)(dot - name) : strlen(name);

	snprintf(key, DIRECTORY_NAME_MAX + 1, "%.*s", (int)len, name);
}

/* Another file than the one before: what was remembered about that one is over. */
static void turn_to(struct http *http, const char *name)
{
	if (strcmp(http->name, name) != 0) {
		size_t len = strnlen(name, DIRECTORY_NAME_MAX);

		memcpy(http->name, name, len);
		http->name[len] = '\0';
		http->n_failed = http->n_counted = 0;
		http->is_taken = false;
	}
}

static rg_err begin(void *state, const char *name)
{
	struct http *http = state;
	char key[DIRECTORY_NAME_MAX + 1];
	struct http_parcel parcel = {.key = key, .name = name, .fd = -1};
	rg_err err = directory_open_staged(http->directory, name, &parcel.fd, &parcel.size);

	if (err) {
		return err;
	}
	turn_to(http, name);
	key_of(name, key);
	err = http_courier_send(http->courier, &parcel);
	if (err) {
		fd_close(&parcel.fd);
		return err;
	}
	http->is_running = true;
	return RG_OK;
}

static uint32_t random_number(void)
{
	uint32_t number = 0;

	/* Only jitter: where there is no randomness, none. */
	(void)!RAND_bytes((unsigned char *)&number, sizeof(number));
	return number;
}

static void rest(struct http *http, const struct http_result *result,
	const struct http_verdict *verdict)
{
	const struct http_options *options = &http->options;

	http->n_failed++;
	http->n_counted += verdict->is_counted;
	int64_t delay_ms = http_answer_delay_ms(http->n_failed, options->retry_first_ms,
		options->retry_max_s * 1000, result->retry_after_s * 1000, random_number());
	http->not_before_us = clock_monotonic_us() + delay_ms * 1000;
	log_event(verdict->is_ours ? LOG_ERROR : LOG_WARNING, "http", "not-handed-over",
		log_text("file", http->name), log_number("status", result->status),
		log_text("text", verdict->outcome.text), log_number("tries", http->n_failed),
		log_number("next-ms", delay_ms),
		log_text("hint",
			verdict->is_ours ? "check http.url, certificate and token; files wait"
					 : "it is tried again"));
}

/* Too often 500 on one file, while keys are honoured: it may be the file. */
static void give_up(struct http *http, struct connector_outcome *outcome)
{
	if (outcome->answer == CONNECTOR_LATER &&
		(int64_t)http->n_counted >= http->options.max_tries) {
		outcome->answer = CONNECTOR_UNKNOWN;
	}
}

static void take_result(struct http *http, const struct http_result *result,
	struct connector_outcome *ret_outcome)
{
	struct http_verdict verdict = http_answer_judge(result, http->options.idempotent);

	http->is_running = false;
	if (verdict.outcome.answer == CONNECTOR_LATER) {
		rest(http, result, &verdict);
		give_up(http, &verdict.outcome);
	} else {
		http->not_before_us = 0;
		log_event(verdict.outcome.answer == CONNECTOR_TAKEN ? LOG_INFO : LOG_WARNING,
			"http", "answered", log_text("file", http->name),
			log_number("status", result->status),
			log_text("text", verdict.outcome.text));
	}
	http->is_taken = verdict.outcome.answer == CONNECTOR_TAKEN;
	*ret_outcome = verdict.outcome;
}

/* What was taken leaves tmp/: that is how recall() knows. */
static rg_err outcome(void *state, const char *name, struct connector_outcome *ret_outcome)
{
	struct http *http = state;
	scoped(freep) struct http_result *result = calloc(1, sizeof(*result));

	if (!result) {
		return RG_E_NOMEM;
	}
	*ret_outcome = (struct connector_outcome){
		.answer = http->is_taken ? CONNECTOR_TAKEN : CONNECTOR_WAITS};
	if (http->is_running && http_courier_take(http->courier, result)) {
		take_result(http, result, ret_outcome);
	}
	if (!http->is_taken) {
		return RG_OK;
	}
	rg_err err = directory_put_done(http->directory, name);
	http->is_taken = err != RG_OK;
	return err;
}

/* Each step of outcome() is durable by itself. */
static rg_err sync_put(void *state)
{
	(void)state;
	return RG_OK;
}

static rg_err leave(void *state, const char *name, const struct connector_outcome *why)
{
	struct http *http = state;
	scoped(buf_deinitv) struct buf findings = {0};
	const struct answers_finding finding = {
		.rule = why->answer == CONNECTOR_REFUSED ? "NATIONAL_SYSTEM"
							 : "POSSIBLY_HANDED_OVER",
		.path = "",
		.text = why->text,
	};

	buf_init(&findings);
	rg_err err = answers_findings(name, &finding, 1, &findings);
	return err ? err : directory_give_up(http->directory, name, buf_view(&findings));
}

static int watch_fd(const void *state)
{
	const struct http *http = state;

	return http->watch_fd;
}

/* The courier's own descriptor is read with its result. */
static void watch_clear(void *state)
{
	struct http *http = state;

	directory_watch_clear(http->directory);
}

static bool drain(void *state)
{
	struct http *http = state;

	http->is_draining = true;
	return http->is_running || http->is_taken;
}

/*
 * --- Opening ----------------------------------------
 * ----------------------------------------------------
 */

static rg_err watch(struct http *http, int fd)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};

	if (fd >= 0 && epoll_ctl(http->watch_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
		log_event(LOG_ERROR, "http", "cannot-watch", log_errno());
		return RG_E_IO;
	}
	return RG_OK;
}

static rg_err start_courier(struct http *http)
{
	scoped(buf_deinitv) struct buf key = {0};
	scoped(freep) char *token = NULL;
	const struct http_options *options = &http->options;
	rg_err err = RG_OK;

	/* A secret that is not there is better missed now than at the first truck. */
	buf_init(&key);
	if (options->key[0]) {
		err = file_read_private(options->key, (size_t)64 << 10, &key);
		buf_wipe(&key);
	}
	if (!err && options->token_file[0]) {
		err = http_options_token(options->token_file, &token);
	}
	if (token) {
		explicit_bzero(token, strlen(token));
	}
	if (!err) {
		err = http_courier_start(options, &http->courier);
	}
	return err ? err : watch(http, http_courier_fd(http->courier));
}

static rg_err open_parts(struct http *http, const struct http_limits *limits,
	const char *state_path)
{
	rg_err err = RG_OK;

	http->watch_fd = epoll_create1(EPOLL_CLOEXEC);
	if (http->watch_fd < 0) {
		log_event(LOG_ERROR, "http", "cannot-watch", log_errno());
		return RG_E_IO;
	}
	err = watch(http, directory_watch_fd(http->directory));
	if (!err && http->options.url[0]) {
		err = start_courier(http);
	}
	if (!err && http->options.listen[0]) {
		err = http_listener_start(&http->options, limits, http->directory, state_path,
			&http->listener);
	}
	return err;
}

/* TLS libraries write to sockets that the other side has closed; threads inherit the mask. */
static rg_err block_pipe_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	return pthread_sigmask(SIG_BLOCK, &set, NULL) == 0 ? RG_OK : RG_E_IO;
}

rg_err http_connector_open(const struct http_options *options, const struct http_limits *limits,
	struct directory *directory, const char *state_path, struct connector *ret_connector)
{
	static const struct connector_type type = {
		.is_exact = is_exact,
		.recall = recall,
		.is_ready = is_ready,
		.begin = begin,
		.outcome = outcome,
		.sync = sync_put,
		.leave = leave,
		.watch_fd = watch_fd,
		.watch_clear = watch_clear,
		.drain = drain,
		.close = http_close,
	};
	scoped(http_closep) struct http *http = calloc(1, sizeof(*http));

	if (!http) {
		return RG_E_NOMEM;
	}
	http->watch_fd = -1;
	http->directory = directory;
	rg_err err = http_options_copy(options, &http->options);
	if (!err) {
		err = block_pipe_signal();
	}
	if (!err) {
		err = open_parts(http, limits, state_path);
	}
	if (err) {
		return err;
	}
	*ret_connector = (struct connector){.type = &type, .state = steal(http)};
	return RG_OK;
}
