/*
 * Carries one file at a time to the national system: see http_courier.h
 *
 * Method: a slot with a mutex is handed to and fro. libcurl's multi interface carries the
 * one transfer, because only that can be woken from outside.
 *
 * Threads: one of its own, which alone touches libcurl; the slot is shared.
 */
#include "connectors/http_courier.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/file.h"
#include "base/log.h"

#define POLL_MS   1000
#define KEY_SIZE  300
#define NAME_SIZE 256
#define LINE_SIZE 400

enum slot {
	SLOT_EMPTY,
	SLOT_WAITS,
	SLOT_DONE,
};

struct http_courier {
	const struct http_options *options;
	CURLM *multi;
	int event_fd;
	pthread_t thread;
	bool is_running;
	atomic_bool is_ending;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum slot slot;
	char key[KEY_SIZE];
	char name[NAME_SIZE];
	int fd;
	uint64_t size;
	struct http_result result;
};

/* One POST while it is under way. */
struct trip {
	struct http_courier *courier;
	struct http_result *result;
	CURL *curl;
	struct curl_slist *headers;
	char *token;
	char fault[CURL_ERROR_SIZE];
};

static void trip_deinit(struct trip *trip)
{
	if (trip->curl) {
		curl_easy_cleanup(trip->curl);
	}
	curl_slist_free_all(trip->headers);
	if (trip->token) {
		explicit_bzero(trip->token, strlen(trip->token));
		free(trip->token);
	}
}
SCOPED_DEFINE_VALUE(struct trip, trip_deinit);

/*
 * --- What libcurl calls ---------------------------
 * --------------------------------------------------
 */

static size_t give(char *to, size_t size, size_t n, void *context)
{
	struct trip *trip = context;
	ssize_t len = read(trip->courier->fd, to, size * n);

	return len < 0 ? CURL_READFUNC_ABORT : (size_t)len;
}

static int rewind_content(void *context, curl_off_t offset, int origin)
{
	struct trip *trip = context;

	return lseek(trip->courier->fd, (off_t)offset, origin) < 0 ? CURL_SEEKFUNC_FAIL
								   : CURL_SEEKFUNC_OK;
}

/* Beyond the bound the answer is cut: its status is known by then. */
static size_t keep(char *from, size_t size, size_t n, void *context)
{
	struct trip *trip = context;
	struct http_result *result = trip->result;
	size_t room = HTTP_BODY_MAX - result->body_len;
	size_t len = size * n < room ? size * n : room;

	memcpy(result->body + result->body_len, from, len);
	result->body_len += len;
	return len;
}

/*
 * --- One POST --------------------------------------
 * ---------------------------------------------------
 */

static bool add_header(struct trip *trip, const char *name, const char *value)
{
	char line[LINE_SIZE];
	int len = snprintf(line, sizeof(line), "%s: %s", name, value);
	struct curl_slist *longer = len > 0 && (size_t)len < sizeof(line)
		? curl_slist_append(trip->headers, line)
		: NULL;

	trip->headers = longer ? longer : trip->headers;
	return longer != NULL;
}

static bool set_request(struct trip *trip)
{
	struct http_courier *courier = trip->courier;
	const struct http_options *options = courier->options;
	CURL *curl = trip->curl;

	return add_header(trip, "Idempotency-Key", courier->key) &&
		add_header(trip, "Rivergate-File", courier->name) &&
		add_header(trip, "Content-Type", http_answer_media_type(courier->name)) &&
		curl_easy_setopt(curl, CURLOPT_URL, options->url) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)courier->size) ==
		CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, trip->headers) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_READFUNCTION, give) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_READDATA, trip) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, rewind_content) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_SEEKDATA, trip) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, trip) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, trip->fault) == CURLE_OK;
}

static bool set_limits(struct trip *trip)
{
	const struct http_options *options = trip->courier->options;
	const char *scheme = strncmp(options->url, "https:", 6) == 0 ? "https" : "http";
	/*
	 * On a used connection an answer too many to the file before would be taken for the
	 * answer to this one; and where it is dead, libcurl sends again without asking.
	 */
	long is_fresh = 1;
	CURL *curl = trip->curl;

	return curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, scheme) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, is_fresh) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, is_fresh) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)options->connect_timeout_s) ==
		CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)options->timeout_s) == CURLE_OK;
}

static bool set_trust(struct trip *trip)
{
	const struct http_options *options = trip->courier->options;
	CURL *curl = trip->curl;
	bool is_good = curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) ==
			CURLE_OK;

	if (is_good && options->ca[0]) {
		is_good = curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca) == CURLE_OK &&
			curl_easy_setopt(curl, CURLOPT_CAPATH, NULL) == CURLE_OK;
	}
	if (is_good && options->certificate[0]) {
		is_good =
			curl_easy_setopt(curl, CURLOPT_SSLCERT, options->certificate) == CURLE_OK &&
			curl_easy_setopt(curl, CURLOPT_SSLKEY, options->key) == CURLE_OK;
	}
	if (is_good && trip->token) {
		is_good = curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER) ==
				CURLE_OK &&
			curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, trip->token) == CURLE_OK;
	}
	return is_good;
}

/* Keys and tokens are looked at for each file, so that they can be replaced under way. */
static rg_err check_secrets(struct trip *trip)
{
	const struct http_options *options = trip->courier->options;
	scoped(buf_deinitv) struct buf key = {0};
	rg_err err = RG_OK;

	buf_init(&key);
	if (options->key[0]) {
		err = file_read_private(options->key, (size_t)64 << 10, &key);
		buf_wipe(&key);
	}
	if (!err && options->token_file[0]) {
		err = http_options_token(options->token_file, &trip->token);
	}
	return err;
}

/* Runs it to its end; false: the courier is to stop. */
static bool carry(struct trip *trip, CURLcode *ret_code)
{
	struct http_courier *courier = trip->courier;
	int n_running = 1;
	int n_left = 0;

	while (n_running > 0 && !atomic_load(&courier->is_ending)) {
		if (curl_multi_perform(courier->multi, &n_running) != CURLM_OK) {
			break;
		}
		if (n_running > 0) {
			(void)curl_multi_poll(courier->multi, NULL, 0, POLL_MS, NULL);
		}
	}
	const CURLMsg *message = curl_multi_info_read(courier->multi, &n_left);
	if (!message || message->msg != CURLMSG_DONE) {
		return false;
	}
	*ret_code = message->data.result;
	return true;
}

static void conclude(struct trip *trip, CURLcode code)
{
	struct http_result *result = trip->result;
	curl_off_t wait_s = 0;
	long n_sent = 0;

	(void)curl_easy_getinfo(trip->curl, CURLINFO_RESPONSE_CODE, &result->status);
	(void)curl_easy_getinfo(trip->curl, CURLINFO_REQUEST_SIZE, &n_sent);
	(void)curl_easy_getinfo(trip->curl, CURLINFO_RETRY_AFTER, &wait_s);
	result->retry_after_s = (int64_t)wait_s;
	if (result->status < 200) {
		result->status = 0; /* 100 Continue is no answer */
	}
	const char *fault = trip->fault[0] ? trip->fault : curl_easy_strerror(code);
	result->was_sent = n_sent > 0 && !http_answer_is_handshake_alert(fault);
	if (result->status == 0) {
		snprintf(result->fault, sizeof(result->fault), "%s", fault);
	}
}

/* Whatever is wrong before a byte has left is an answer too: not sent. */
static void post(struct http_courier *courier, struct http_result *result)
{
	scoped(trip_deinitv) struct trip trip = {.courier = courier, .result = result};
	CURLcode code = CURLE_FAILED_INIT;

	trip.curl = curl_easy_init();
	if (check_secrets(&trip)) {
		snprintf(result->fault, sizeof(result->fault),
			"our key or token cannot be used; the log says why");
		return;
	}
	if (!trip.curl || !set_request(&trip) || !set_limits(&trip) || !set_trust(&trip) ||
		curl_multi_add_handle(courier->multi, trip.curl) != CURLM_OK) {
		snprintf(result->fault, sizeof(result->fault), "libcurl cannot be set up");
		return;
	}
	if (carry(&trip, &code)) {
		conclude(&trip, code);
	} else {
		result->was_sent = true;
		snprintf(result->fault, sizeof(result->fault), "stopped while it was under way");
	}
	(void)curl_multi_remove_handle(courier->multi, trip.curl);
}

/*
 * --- The thread --------------------------------------
 * -----------------------------------------------------
 */

/* Waits for a parcel; false: to stop. */
static bool take_parcel(struct http_courier *courier)
{
	(void)pthread_mutex_lock(&courier->lock);
	while (courier->slot != SLOT_WAITS && !atomic_load(&courier->is_ending)) {
		(void)pthread_cond_wait(&courier->changed, &courier->lock);
	}
	(void)pthread_mutex_unlock(&courier->lock);
	return !atomic_load(&courier->is_ending);
}

static void *run(void *context)
{
	struct http_courier *courier = context;

	while (take_parcel(courier)) {
		memset(&courier->result, 0, sizeof(courier->result));
		post(courier, &courier->result);
		(void)pthread_mutex_lock(&courier->lock);
		fd_close(&courier->fd);
		courier->slot = SLOT_DONE;
		(void)pthread_mutex_unlock(&courier->lock);
		(void)eventfd_write(courier->event_fd, 1);
	}
	return NULL;
}

rg_err http_courier_start(const struct http_options *options, struct http_courier **ret_courier)
{
	scoped(http_courier_stopp) struct http_courier *courier = calloc(1, sizeof(*courier));

	if (!courier) {
		return RG_E_NOMEM;
	}
	courier->options = options;
	courier->fd = -1;
	courier->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	atomic_init(&courier->is_ending, false);
	(void)pthread_mutex_init(&courier->lock, NULL);
	(void)pthread_cond_init(&courier->changed, NULL);
	if (courier->event_fd < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		log_event(LOG_ERROR, "http", "no-courier", log_errno());
		return RG_E_IO;
	}
	courier->multi = curl_multi_init();
	if (!courier->multi) {
		return RG_E_NOMEM;
	}
	if (pthread_create(&courier->thread, NULL, run, courier) != 0) {
		log_event(LOG_ERROR, "http", "no-thread");
		return RG_E_IO;
	}
	courier->is_running = true;
	*ret_courier = steal(courier);
	return RG_OK;
}

void http_courier_stop(struct http_courier *courier)
{
	if (!courier) {
		return;
	}
	if (courier->is_running) {
		(void)pthread_mutex_lock(&courier->lock);
		atomic_store(&courier->is_ending, true);
		(void)pthread_cond_signal(&courier->changed);
		(void)pthread_mutex_unlock(&courier->lock);
		(void)curl_multi_wakeup(courier->multi);
		(void)pthread_join(courier->thread, NULL);
	}
	(void)curl_multi_cleanup(courier->multi);
	fd_close(&courier->fd);
	fd_close(&courier->event_fd);
	(void)pthread_cond_destroy(&courier->changed);
	(void)pthread_mutex_destroy(&courier->lock);
	free(courier);
}

rg_err http_courier_send(struct http_courier *courier, const struct http_parcel *parcel)
{
	(void)pthread_mutex_lock(&courier->lock);
	bool is_free = courier->slot == SLOT_EMPTY;

	if (is_free) {
		courier->fd = parcel->fd;
		courier->size = parcel->size;
		snprintf(courier->key, sizeof(courier->key), "%s", parcel->key);
		snprintf(courier->name, sizeof(courier->name), "%s", parcel->name);
		courier->slot = SLOT_WAITS;
		(void)pthread_cond_signal(&courier->changed);
	}
	(void)pthread_mutex_unlock(&courier->lock);
	return is_free ? RG_OK : RG_E_OVERFLOW;
}

bool http_courier_take(struct http_courier *courier, struct http_result *ret_result)
{
	eventfd_t n = 0;

	(void)pthread_mutex_lock(&courier->lock);
	bool is_done = courier->slot == SLOT_DONE;
	if (is_done) {
		*ret_result = courier->result;
		courier->slot = SLOT_EMPTY;
		(void)eventfd_read(courier->event_fd, &n);
	}
	(void)pthread_mutex_unlock(&courier->lock);
	return is_done;
}

int http_courier_fd(const struct http_courier *courier)
{
	return courier->event_fd;
}
