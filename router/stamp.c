/*
 * Time-stamps: see stamp.h.
 *
 * Threads: `run` and what it calls are the stamping thread's.
 */
#include "stamp.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <curl/curl.h>
#include <openssl/rand.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "evidence/note.h"
#include "evidence/timestamp.h"

#define TURN_MS    200
#define TIMEOUT_S  15L
#define CONNECT_S  5L
#define RETRY_US   INT64_C(60000000)
#define SKEW_US    INT64_C(300000000) /* that the authority's clock may differ from ours */
#define CA_MAX     (1u << 20)
#define HTTP_GRANT 200L

struct stamp {
	const struct settings *settings;
	char *dir;
	char *checkpoint;
	struct buf ca;
	struct note_verifier log;
	uint64_t size;  /* of the newest stamped checkpoint */
	int64_t due_us; /* of the next query; monotonic */
	atomic_int_fast64_t newest_us;
	atomic_bool is_stopping;
	pthread_t thread;
	bool has_thread;
};

/* One query and what came back. */
struct exchange {
	struct stamp *stamp;
	struct buf note;
	struct note_checkpoint checkpoint;
	struct rg_bytes text; /* of the note */
	uint8_t nonce[TIMESTAMP_NONCE_LEN];
	struct buf query;
	struct buf response;
	char error[CURL_ERROR_SIZE];
};

static void exchange_deinit(struct exchange *exchange)
{
	buf_deinit(&exchange->note);
	buf_deinit(&exchange->query);
	buf_deinit(&exchange->response);
}

static void curl_freep(CURL **var)
{
	curl_easy_cleanup(*var);
}

static void list_freep(struct curl_slist **var)
{
	curl_slist_free_all(*var);
}

/* What an outage looks like in the log, at each turn. */
static void complain(const struct stamp *stamp, const char *why)
{
	int64_t newest_us = atomic_load(&stamp->newest_us);

	log_event(LOG_WARNING, "stamp", "failed", log_text("url", stamp->settings->tsa_url),
		log_text("why", why),
		log_number("newest-s-ago", newest_us ? (clock_now_us() - newest_us) / 1000000 : -1),
		log_text("do", "ask the authority; the router goes on without"));
}

/* --- HTTP ------------------------------------------------------------------------------------ */

static size_t take_bytes(char *bytes, size_t one, size_t n, void *context)
{
	struct exchange *exchange = context;

	(void)one;
	if (n > TIMESTAMP_MAX - exchange->response.len) {
		return 0;
	}
	buf_add(&exchange->response, bytes, n);
	return buf_error(&exchange->response) ? 0 : n;
}

static int is_over(void *context, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
	curl_off_t up)
{
	const struct exchange *exchange = context;

	(void)down_all;
	(void)down;
	(void)up_all;
	(void)up;
	return atomic_load(&exchange->stamp->is_stopping) ? 1 : 0;
}

static bool set_options(CURL *curl, struct exchange *exchange, struct curl_slist *headers)
{
	CURLcode code = curl_easy_setopt(curl, CURLOPT_URL, exchange->stamp->settings->tsa_url);

	code = code ? code : curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	code = code ? code : curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	code = code ? code : curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	code = code ? code : curl_easy_setopt(curl, CURLOPT_POSTFIELDS, exchange->query.data);
	code = code ? code
		    : curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)exchange->query.len);
	code = code ? code : curl_easy_setopt(curl, CURLOPT_TIMEOUT, TIMEOUT_S);
	code = code ? code : curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	code = code ? code : curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
	code = code ? code : curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
	code = code ? code : curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, is_over);
	code = code ? code : curl_easy_setopt(curl, CURLOPT_XFERINFODATA, exchange);
	code = code ? code : curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	code = code ? code : curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, exchange->error);
	return code == CURLE_OK;
}

/* False: no answer; what happened has been said. */
static bool post(struct exchange *exchange)
{
	scoped(curl_freep) CURL *curl = curl_easy_init();
	scoped(list_freep) struct curl_slist *headers =
		curl_slist_append(NULL, "Content-Type: application/timestamp-query");
	long status = 0;

	if (!curl || !headers || !set_options(curl, exchange, headers)) {
		complain(exchange->stamp, "the HTTP client takes no such address");
		return false;
	}
	CURLcode code = curl_easy_perform(curl);

	if (atomic_load(&exchange->stamp->is_stopping)) {
		return false;
	}
	if (code != CURLE_OK) {
		complain(exchange->stamp,
			code == CURLE_WRITE_ERROR    ? "the answer is too long"
				: exchange->error[0] ? exchange->error
						     : curl_easy_strerror(code));
		return false;
	}
	if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK ||
		status != HTTP_GRANT) {
		complain(exchange->stamp,
			"the authority answered with another HTTP status than 200");
		return false;
	}
	return true;
}

/* --- One stamp ------------------------------------------------------------------------------- */

static char *path_of(const struct exchange *exchange, const char *ending)
{
	char *path = NULL;

	return asprintf(&path, "%s/%" PRIu64 ".%s", exchange->stamp->dir, exchange->checkpoint.size,
		       ending) < 0
		? NULL
		: path;
}

/* After a start: the checkpoint may have its stamp already. */
static rg_err look_for_stamp(struct exchange *exchange)
{
	struct stamp *stamp = exchange->stamp;
	scoped(freep) char *path = path_of(exchange, "tsr");
	scoped(buf_deinitv) struct buf token = {.data = NULL};
	struct timestamp_answer answer = {.is_good = false};
	bool is_found = false;
	rg_err err = path ? file_read(path, TIMESTAMP_MAX, &token, &is_found) : RG_E_NOMEM;
	const struct timestamp_question question = {.response = buf_view(&token),
		.text = exchange->text,
		.ca = buf_view(&stamp->ca)};

	if (!err && is_found) {
		err = timestamp_judge(&question, &answer);
	}
	if (!err && answer.is_good) {
		stamp->size = exchange->checkpoint.size;
		atomic_store(&stamp->newest_us, answer.time_us);
	}
	return err == RG_E_OVERFLOW ? RG_OK : err;
}

/* *ret_is_new false: there is none, or the newest has its stamp. */
static rg_err read_checkpoint(struct exchange *exchange, bool *ret_is_new)
{
	struct stamp *stamp = exchange->stamp;
	bool is_found = false;
	bool is_valid = false;
	rg_err err = file_read(stamp->checkpoint, NOTE_MAX, &exchange->note, &is_found);

	*ret_is_new = false;
	if (err || !is_found) {
		return err;
	}
	err = note_checkpoint_verify(buf_view(&exchange->note), &stamp->log, &exchange->checkpoint,
		&is_valid);
	if (err || !is_valid || !timestamp_text_of(buf_view(&exchange->note), &exchange->text)) {
		return err;
	}
	if (stamp->size == 0) {
		err = look_for_stamp(exchange);
	}
	*ret_is_new = exchange->checkpoint.size > stamp->size;
	return err;
}

static rg_err store(struct exchange *exchange, const char *ending, struct rg_bytes content)
{
	scoped(freep) char *path = path_of(exchange, ending);

	return path ? file_replace(path, content, 0644) : RG_E_NOMEM;
}

/* The checkpoint first: a token without it proves nothing. */
static rg_err keep(struct exchange *exchange, const struct timestamp_answer *answer)
{
	struct stamp *stamp = exchange->stamp;
	rg_err err = file_make_dirs(stamp->dir);

	err = err ? err : store(exchange, "checkpoint", buf_view(&exchange->note));
	err = err ? err : store(exchange, "tsr", buf_view(&exchange->response));
	if (err) {
		return err;
	}
	stamp->size = exchange->checkpoint.size;
	atomic_store(&stamp->newest_us, answer->time_us);
	log_event(LOG_INFO, "stamp", "stored", log_number("size", (int64_t)stamp->size),
		log_text("tsa", answer->tsa));
	return RG_OK;
}

static rg_err judge(struct exchange *exchange, int64_t asked_us)
{
	const struct timestamp_question question = {
		.response = buf_view(&exchange->response),
		.text = exchange->text,
		.ca = buf_view(&exchange->stamp->ca),
		.nonce = exchange->nonce,
	};
	struct timestamp_answer answer;
	rg_err err = timestamp_judge(&question, &answer);

	if (err) {
		return err;
	}
	if (answer.is_good &&
		(answer.time_us < asked_us - SKEW_US ||
			answer.time_us > clock_now_us() + SKEW_US)) {
		answer.is_good = false;
		answer.what = "its clock and ours differ by more than 5 minutes";
	}
	if (!answer.is_good) {
		complain(exchange->stamp, answer.what);
		return RG_OK;
	}
	return keep(exchange, &answer);
}

static rg_err ask(struct stamp *stamp)
{
	scoped(exchange_deinit) struct exchange exchange = {.stamp = stamp};
	int64_t asked_us = clock_now_us();
	bool is_new = false;
	rg_err err = read_checkpoint(&exchange, &is_new);

	if (err || !is_new) {
		return err;
	}
	if (RAND_bytes(exchange.nonce, sizeof(exchange.nonce)) != 1) {
		return RG_E_CRYPTO;
	}
	err = timestamp_query(exchange.text, exchange.nonce, &exchange.query);
	if (err || !post(&exchange)) {
		return err;
	}
	return judge(&exchange, asked_us);
}

static void *run(void *context)
{
	struct stamp *stamp = context;
	const struct timespec turn = {.tv_nsec = TURN_MS * 1000000L};
	int64_t interval_us = stamp->settings->tsa_interval_s * 1000000;

	while (!atomic_load(&stamp->is_stopping)) {
		(void)nanosleep(&turn, NULL);
		if (clock_monotonic_us() < stamp->due_us) {
			continue;
		}
		int64_t before_us = atomic_load(&stamp->newest_us);
		rg_err err = ask(stamp);

		if (err) {
			log_event(LOG_ERROR, "stamp", "fault", log_fault(err));
		}
		bool is_done = atomic_load(&stamp->newest_us) != before_us;
		int64_t wait_us = is_done || interval_us < RETRY_US ? interval_us : RETRY_US;

		stamp->due_us = clock_monotonic_us() + wait_us;
	}
	return NULL;
}

/* --- Life ------------------------------------------------------------------------------------ */

static rg_err read_ca(struct stamp *stamp)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	bool is_found = false;
	rg_err err = file_read(stamp->settings->tsa_ca, CA_MAX, &stamp->ca, &is_found);

	if (!err && (!is_found || !memmem(stamp->ca.data, stamp->ca.len, begin, strlen(begin)))) {
		log_event(LOG_ERROR, "stamp", "no-certificate",
			log_text("tsa_ca", stamp->settings->tsa_ca),
			log_text("do", "name the PEM file of the authority's root certificate"));
		return RG_E_CONFIG;
	}
	return err;
}

static rg_err prepare(struct stamp *stamp)
{
	const struct settings *settings = stamp->settings;
	uint8_t log_public[32];
	rg_err err = key_ed25519_raw(settings->log_key, log_public);

	stamp->dir = file_join(settings->data_dir, "timestamp");
	stamp->checkpoint = file_join(settings->data_dir, "checkpoint");
	if (!err && (!stamp->dir || !stamp->checkpoint)) {
		err = RG_E_NOMEM;
	}
	err = err ? err : note_verifier_of(settings->origin, log_public, &stamp->log);
	if (!err && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		err = RG_E_NOMEM;
	}
	return err ? err : read_ca(stamp);
}

rg_err stamp_start(const struct settings *settings, struct stamp **ret_stamp)
{
	*ret_stamp = NULL;
	if (settings->tsa_url[0] == '\0') {
		return RG_OK;
	}
	scoped(stamp_stopp) struct stamp *stamp = calloc(1, sizeof(*stamp));

	if (!stamp) {
		return RG_E_NOMEM;
	}
	stamp->settings = settings;
	rg_err err = prepare(stamp);

	if (err) {
		return err;
	}
	if (pthread_create(&stamp->thread, NULL, run, stamp) != 0) {
		log_event(LOG_ERROR, "stamp", "no-thread", log_errno());
		return RG_E_IO;
	}
	stamp->has_thread = true;
	*ret_stamp = steal(stamp);
	return RG_OK;
}

void stamp_stop(struct stamp *stamp)
{
	if (!stamp) {
		return;
	}
	atomic_store(&stamp->is_stopping, true);
	if (stamp->has_thread) {
		(void)pthread_join(stamp->thread, NULL);
	}
	buf_deinit(&stamp->ca);
	free(stamp->dir);
	free(stamp->checkpoint);
	free(stamp);
}

int64_t stamp_newest_us(const struct stamp *stamp)
{
	return stamp ? atomic_load(&stamp->newest_us) : 0;
}
