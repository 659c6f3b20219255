/*
 * The HTTP form of the witness: see witness_http.h
 *
 * Method: libmicrohttpd polls on a thread of its own; a request's body is gathered up to
 * its limit and judged when it is whole. A slow peer is cut after some seconds, and there
 * are few connections at a time: the router's own session does not depend on this.
 *
 * Threads: libmicrohttpd's own.
 */
#include "host/witness_http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "base/log.h"
#include "base/text.h"
#include "evidence/witness_request.h"

#define CONNECTIONS_MAX 64
#define TIMEOUT_S       10
#define TEXT            "text/plain; charset=utf-8"
#define SIZE            "text/x.tlog.size"
#define HASH_DIGITS     64

struct witness_http {
	struct MHD_Daemon *daemon;
	struct witness *judge;
};

/* One request while it comes in. */
struct incoming {
	struct buf body;
	bool is_too_long;
};

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type,
	struct rg_bytes body)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(body.len,
		(void *)(uintptr_t)body.data, MHD_RESPMEM_MUST_COPY);

	if (!response) {
		return MHD_NO;
	}
	(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	enum MHD_Result result = MHD_queue_response(connection, status, response);

	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status,
	const char *text)
{
	return answer(connection, status, TEXT, bytes_of_text(text));
}

/* 405 names the method that there is. */
static enum MHD_Result refuse_method(struct MHD_Connection *connection, const char *allowed)
{
	static const char text[] = "another method is asked for here\n";
	struct MHD_Response *response = MHD_create_response_from_buffer(sizeof(text) - 1,
		(void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);

	if (!response) {
		return MHD_NO;
	}
	(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, TEXT);
	(void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allowed);
	enum MHD_Result result =
		MHD_queue_response(connection, MHD_HTTP_METHOD_NOT_ALLOWED, response);

	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result add_checkpoint(const struct witness_http *http,
	struct MHD_Connection *connection, const struct incoming *incoming)
{
	scoped(witness_answer_deinitv) struct witness_answer judged = {.status = 0};

	if (incoming->is_too_long) {
		return answer_text(connection, MHD_HTTP_CONTENT_TOO_LARGE,
			"the request is too long\n");
	}
	rg_err err =
		witness_judge(http->judge, buf_view(&incoming->body), WITNESS_BY_ANYBODY, &judged);

	if (err) {
		log_event(LOG_ERROR, "witness", "http-failed", log_fault(err));
		return answer_text(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "failed here\n");
	}
	return answer(connection, (unsigned)judged.status,
		judged.status == WITNESS_OTHER_SIZE ? SIZE : TEXT, buf_view(&judged.body));
}

static bool read_hash(const char *url, char ret_hash[HASH_DIGITS + 1])
{
	uint8_t hash[HASH_DIGITS / 2];

	if (strlen(url) != 1 + HASH_DIGITS + strlen("/checkpoint") || url[0] != '/' ||
		strcmp(url + 1 + HASH_DIGITS, "/checkpoint") != 0) {
		return false;
	}
	memcpy(ret_hash, url + 1, HASH_DIGITS);
	ret_hash[HASH_DIGITS] = '\0';
	return text_unhex(ret_hash, hash, sizeof(hash));
}

static enum MHD_Result get_checkpoint(const struct witness_http *http,
	struct MHD_Connection *connection, const char *hash)
{
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	bool is_found = false;

	if (witness_last_by_hash(http->judge, hash, &note, &is_found) || !is_found) {
		return answer_text(connection, MHD_HTTP_NOT_FOUND,
			"this witness never cosigned a checkpoint of such a log\n");
	}
	return answer(connection, MHD_HTTP_OK, TEXT, buf_view(&note));
}

static enum MHD_Result respond(const struct witness_http *http, struct MHD_Connection *connection,
	const char *url, const char *method, const struct incoming *incoming)
{
	char hash[HASH_DIGITS + 1];

	if (strcmp(url, "/add-checkpoint") == 0) {
		return strcmp(method, MHD_HTTP_METHOD_POST) == 0
			? add_checkpoint(http, connection, incoming)
			: refuse_method(connection, MHD_HTTP_METHOD_POST);
	}
	if (read_hash(url, hash)) {
		return strcmp(method, MHD_HTTP_METHOD_GET) == 0 ||
				strcmp(method, MHD_HTTP_METHOD_HEAD) == 0
			? get_checkpoint(http, connection, hash)
			: refuse_method(connection, MHD_HTTP_METHOD_GET);
	}
	return answer_text(connection, MHD_HTTP_NOT_FOUND, "see C2SP tlog-witness\n");
}

/* NOLINTNEXTLINE(readability-function-size): libmicrohttpd decides what it passes. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *data_len, void **state)
{
	struct incoming *incoming = *state;

	(void)version;
	if (!incoming) {
		*state = calloc(1, sizeof(*incoming));
		return *state ? MHD_YES : MHD_NO;
	}
	if (*data_len > 0) {
		incoming->is_too_long |= *data_len > WITNESS_REQUEST_MAX - incoming->body.len;
		if (!incoming->is_too_long) {
			buf_add(&incoming->body, data, *data_len);
		}
		*data_len = 0;
		return buf_error(&incoming->body) ? MHD_NO : MHD_YES;
	}
	return respond(context, connection, url, method, incoming);
}

static void complete(void *context, struct MHD_Connection *connection, void **state,
	enum MHD_RequestTerminationCode code)
{
	struct incoming *incoming = *state;

	(void)context;
	(void)connection;
	(void)code;
	if (incoming) {
		buf_deinit(&incoming->body);
		free(incoming);
		*state = NULL;
	}
}

static bool read_address(const char *text, struct sockaddr_in *ret_address)
{
	const char *colon = strrchr(text, ':');
	char host[INET_ADDRSTRLEN];
	uint64_t port = 0;

	if (!colon || (size_t)(colon - text) >= sizeof(host) || !text_u64(colon + 1, &port) ||
		port == 0 || port > UINT16_MAX) {
		return false;
	}
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	memset(ret_address, 0, sizeof(*ret_address));
	ret_address->sin_family = AF_INET;
	ret_address->sin_port = htons((uint16_t)port);
	return inet_pton(AF_INET, host, &ret_address->sin_addr) == 1;
}

rg_err witness_http_start(const char *address, struct witness *judge,
	struct witness_http **ret_http)
{
	struct sockaddr_in bound;
	scoped(freep) struct witness_http *http = calloc(1, sizeof(*http));

	if (!http) {
		return RG_E_NOMEM;
	}
	if (!read_address(address, &bound)) {
		log_event(LOG_ERROR, "witness", "bad-http-address", log_text("address", address),
			log_text("do", "write ADDRESS:PORT, e.g. 127.0.0.1:5680"));
		return RG_E_CONFIG;
	}
	http->judge = judge;
	http->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO, 0, NULL,
		NULL, handle, http, MHD_OPTION_SOCK_ADDR, &bound, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S,
		MHD_OPTION_NOTIFY_COMPLETED, complete, NULL, MHD_OPTION_END);
	if (!http->daemon) {
		log_event(LOG_ERROR, "witness", "cannot-bind", log_text("address", address),
			log_errno());
		return RG_E_CONFIG;
	}
	*ret_http = steal(http);
	return RG_OK;
}

void witness_http_stop(struct witness_http *http)
{
	if (http) {
		MHD_stop_daemon(http->daemon);
		free(http);
	}
}
