/*
 * Takes what the national system sends by HTTP: see http_listener.h
 *
 * Method: who asks and what is asked is judged before a body is read. A refusal is told when
 * a small body has been read and thrown away, because a peer that is cut while it writes may
 * never see it; in front of a large one it is told at once.
 *
 * Threads: libmicrohttpd's own, one; it alone touches the inflow.
 */
#include "connectors/http_listener.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <jansson.h>
#include <microhttpd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "connectors/http_inflow.h"
#include "sign/signature.h"

#define CONNECTIONS_MAX 64
#define TIMEOUT_S       30
#define RETRY_AFTER_S   "5"
#define MEMORY_MAX      ((size_t)64 << 10) /* of one connection */
#define DRAIN_MAX       ((uint64_t)1 << 20)
#define PEM_MAX         ((size_t)1 << 20)
#define JSON            "application/json"
#define PRIORITIES      "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
#define STATUS_PATH     "/status"

struct http_listener {
	struct MHD_Daemon *daemon;
	const struct http_options *options;
	struct http_limits limits;
	struct inflow *inflow;
	size_t n_loads; /* that are coming in */
};

/* One request. */
struct incoming {
	struct http_listener *listener;
	struct inflow_load *load; /* NULL: what comes is thrown away */
	uint64_t n_bytes;
	unsigned status; /* of the refusal; 0: none */
	const char *text;
	char key[INFLOW_KEY_MAX + 1];
};

/*
 * --- Answers --------------------------------------
 * --------------------------------------------------
 */

static void free_json(json_t **json)
{
	json_decref(*json);
}

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status,
	const json_t *json)
{
	char *text = json_dumps(json, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	struct MHD_Response *response = text
		? MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE)
		: NULL;

	if (!response) {
		free(text);
		return MHD_NO;
	}
	(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, JSON);
	(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE) {
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, RETRY_AFTER_S);
	}
	if (status == MHD_HTTP_UNAUTHORIZED) {
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
	}
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED) {
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, POST");
	}
	enum MHD_Result result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer_refusal(struct MHD_Connection *connection,
	const struct incoming *incoming)
{
	scoped(free_json) json_t *json = json_pack("{s:s}", "error", incoming->text);

	return answer(connection, incoming->status, json);
}

/* The same record makes the same bytes, so that a repeated request gets the same answer. */
static json_t *record_value(const struct inflow_record *record)
{
	char received[28];

	text_time_us(record->received_us, received);
	return json_pack("{s:s, s:s, s:s, s:I, s:s}", "key", record->key, "file", record->file,
		"sha256", record->sha256, "size", (json_int_t)record->size, "receivedAt", received);
}

static void refuse(struct incoming *incoming, unsigned status, const char *text)
{
	if (incoming->status == 0) {
		incoming->status = status;
		incoming->text = text;
	}
}

/*
 * --- Who asks ---------------------------------------
 * ----------------------------------------------------
 */

static bool has_certificate(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	gnutls_typed_vdata_st purpose = {.type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT};
	unsigned faults = 0;

	return info && info->tls_session &&
		gnutls_certificate_verify_peers(info->tls_session, &purpose, 1, &faults) ==
		GNUTLS_E_SUCCESS &&
		faults == 0;
}

/* Hashes are compared, so that neither content nor length shows in the time it takes. */
static bool is_same_secret(const char *a, const char *b)
{
	uint8_t left[32];
	uint8_t right[32];

	return !signature_hash(bytes_of_text(a), left) &&
		!signature_hash(bytes_of_text(b), right) &&
		bytes_equal_secret(bytes_of(left, sizeof(left)), bytes_of(right, sizeof(right)));
}

static bool has_token(struct MHD_Connection *connection, const char *path)
{
	const char *shown = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
		MHD_HTTP_HEADER_AUTHORIZATION);
	scoped(freep) char *token = NULL;

	if (!shown || strncasecmp(shown, "Bearer ", 7) != 0 || http_options_token(path, &token)) {
		return false;
	}
	bool is_good = is_same_secret(shown + 7, token);
	explicit_bzero(token, strlen(token));
	return is_good;
}

static bool is_known(const struct http_listener *listener, struct MHD_Connection *connection)
{
	const struct http_options *options = listener->options;

	if (options->listen_client_ca[0] && !has_certificate(connection)) {
		return false;
	}
	return !options->listen_token_file[0] || has_token(connection, options->listen_token_file);
}

/*
 * --- What is asked ------------------------------------
 * ------------------------------------------------------
 */

static void read_key(struct incoming *incoming, const char *text)
{
	if (!text || !inflow_read_key(text, incoming->key)) {
		refuse(incoming, MHD_HTTP_BAD_REQUEST,
			"Idempotency-Key is missing, or not 1 to 128 printable characters.");
	}
}

/* Length of the body as it was announced; 0 where it was not. */
static uint64_t announced(struct MHD_Connection *connection)
{
	const char *text = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
		MHD_HTTP_HEADER_CONTENT_LENGTH);
	uint64_t len = 0;

	return text && text_u64(text, &len) ? len : 0;
}

static bool has_room(const struct http_listener *listener)
{
	size_t n = 0;

	return !inflow_count(listener->inflow, listener->limits.n_files, &n) &&
		n + listener->n_loads < listener->limits.n_files;
}

static void open_load(struct incoming *incoming, struct MHD_Connection *connection)
{
	struct http_listener *listener = incoming->listener;

	read_key(incoming,
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Idempotency-Key"));
	if (announced(connection) > listener->limits.n_bytes) {
		refuse(incoming, MHD_HTTP_CONTENT_TOO_LARGE,
			"The file is larger than max_file_mib allows.");
	}
	if (!has_room(listener)) {
		refuse(incoming, MHD_HTTP_SERVICE_UNAVAILABLE,
			"Too many files wait already; send it again later.");
	}
	if (incoming->status == 0 && inflow_begin(listener->inflow, &incoming->load)) {
		refuse(incoming, MHD_HTTP_SERVICE_UNAVAILABLE,
			"It cannot be stored now; send it again later.");
	}
	listener->n_loads += incoming->load != NULL;
}

/* Everything that can be said before the body. */
static void judge(struct incoming *incoming, struct MHD_Connection *connection, const char *url,
	const char *method)
{
	bool is_post = strcmp(method, MHD_HTTP_METHOD_POST) == 0;
	bool is_get = strcmp(method, MHD_HTTP_METHOD_GET) == 0;
	bool is_status = strncmp(url, STATUS_PATH, strlen(STATUS_PATH)) == 0;

	if (!is_known(incoming->listener, connection)) {
		log_event(LOG_WARNING, "http", "unknown-sender", log_text("url", url));
		refuse(incoming, MHD_HTTP_UNAUTHORIZED,
			"Show the client certificate and the bearer token that are agreed on.");
	} else if (strcmp(url, "/files") == 0 && is_post) {
		open_load(incoming, connection);
	} else if (is_status && is_get && url[strlen(STATUS_PATH)] == '/') {
		read_key(incoming, url + strlen(STATUS_PATH) + 1);
	} else if (is_status && is_get && !url[strlen(STATUS_PATH)]) {
		read_key(incoming,
			MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
				"Idempotency-Key"));
	} else if (is_status || strcmp(url, "/files") == 0) {
		refuse(incoming, MHD_HTTP_METHOD_NOT_ALLOWED, "Another method is asked for here.");
	} else {
		refuse(incoming, MHD_HTTP_NOT_FOUND, "There are POST /files and GET /status/KEY.");
	}
}

static const char *extension_of(struct MHD_Connection *connection)
{
	static const char *const rows[][2] = {
		{"json", "json"},
		{"xml", "xml"},
		{"edifact", "edi"},
		{"csv", "csv"},
		{"text/", "txt"},
	};
	const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
		MHD_HTTP_HEADER_CONTENT_TYPE);

	for (size_t i = 0; type && i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcasestr(type, rows[i][0])) {
			return rows[i][1];
		}
	}
	return "dat";
}

static enum MHD_Result answer_file(struct incoming *incoming, struct MHD_Connection *connection)
{
	enum inflow_answer told = INFLOW_NEW;
	struct inflow_record record;
	rg_err err = inflow_commit(incoming->load, incoming->key, extension_of(connection), &told,
		&record);

	if (err) {
		refuse(incoming, MHD_HTTP_SERVICE_UNAVAILABLE,
			"It cannot be stored now; send it again later.");
		return answer_refusal(connection, incoming);
	}
	log_event(told == INFLOW_OTHER ? LOG_WARNING : LOG_INFO, "http",
		told == INFLOW_NEW            ? "received"
			: told == INFLOW_SAME ? "received-again"
					      : "key-reused",
		log_text("file", record.file), log_text("sha256", record.sha256));
	if (told == INFLOW_OTHER) {
		refuse(incoming, MHD_HTTP_UNPROCESSABLE_CONTENT,
			"This Idempotency-Key was used for another content.");
		return answer_refusal(connection, incoming);
	}
	scoped(free_json) json_t *json = record_value(&record);
	return answer(connection, MHD_HTTP_CREATED, json);
}

static enum MHD_Result answer_status(struct incoming *incoming, struct MHD_Connection *connection)
{
	static const char *const words[] = {
		[INFLOW_WAITING] = "waiting",
		[INFLOW_SENT] = "sent",
		[INFLOW_FAILED] = "failed",
		[INFLOW_GONE] = "gone",
	};
	struct inflow_record record;
	enum inflow_state state = INFLOW_GONE;
	bool is_found = false;
	scoped(buf_deinitv) struct buf findings = {0};

	buf_init(&findings);
	if (inflow_status(incoming->listener->inflow, incoming->key, &is_found, &record, &state,
		    &findings)) {
		refuse(incoming, MHD_HTTP_INTERNAL_SERVER_ERROR, "It cannot be looked up.");
	} else if (!is_found) {
		refuse(incoming, MHD_HTTP_NOT_FOUND, "This key was never seen.");
	}
	if (incoming->status) {
		return answer_refusal(connection, incoming);
	}
	scoped(free_json) json_t *json = record_value(&record);
	scoped(free_json) json_t *told =
		json_loadb((const char *)findings.data, findings.len, 0, NULL);
	(void)json_object_set_new(json, "status", json_string(words[state]));
	if (json_object_get(told, "findings")) {
		(void)json_object_set(json, "findings", json_object_get(told, "findings"));
	}
	return answer(connection, MHD_HTTP_OK, json);
}

/*
 * --- libmicrohttpd --------------------------------------
 * --------------------------------------------------------
 */

static enum MHD_Result start_request(struct http_listener *listener,
	struct MHD_Connection *connection, const char *url, const char *method, void **state)
{
	struct incoming *incoming = calloc(1, sizeof(*incoming));

	if (!incoming) {
		return MHD_NO;
	}
	*state = incoming;
	incoming->listener = listener;
	judge(incoming, connection, url, method);
	bool is_waiting = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
				  MHD_HTTP_HEADER_EXPECT) != NULL;
	if (incoming->status && (is_waiting || announced(connection) > DRAIN_MAX)) {
		return answer_refusal(connection, incoming);
	}
	return MHD_YES;
}

/* MHD_NO cuts the connection. */
static enum MHD_Result take_content(struct incoming *incoming, const char *data, size_t len)
{
	uint64_t max = incoming->listener->limits.n_bytes;

	incoming->n_bytes += len;
	if (!incoming->status && incoming->n_bytes > max) {
		refuse(incoming, MHD_HTTP_CONTENT_TOO_LARGE,
			"The file is larger than max_file_mib allows.");
	}
	if (!incoming->status && incoming->load && inflow_add(incoming->load, data, len)) {
		refuse(incoming, MHD_HTTP_SERVICE_UNAVAILABLE,
			"It cannot be stored now; send it again later.");
	}
	bool is_drained = incoming->status || !incoming->load;
	uint64_t limit = incoming->load ? max + DRAIN_MAX : DRAIN_MAX;
	return is_drained && incoming->n_bytes > limit ? MHD_NO : MHD_YES;
}

/* NOLINTNEXTLINE(readability-function-size): libmicrohttpd decides what it passes. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *data_len, void **state)
{
	struct incoming *incoming = *state;

	(void)version;
	if (!incoming) {
		return start_request(context, connection, url, method, state);
	}
	if (*data_len > 0) {
		size_t len = *data_len;

		*data_len = 0;
		return take_content(incoming, data, len);
	}
	if (incoming->status) {
		return answer_refusal(connection, incoming);
	}
	return incoming->load ? answer_file(incoming, connection)
			      : answer_status(incoming, connection);
}

static void complete(void *context, struct MHD_Connection *connection, void **state,
	enum MHD_RequestTerminationCode code)
{
	struct incoming *incoming = *state;

	(void)context;
	(void)connection;
	(void)code;
	if (incoming) {
		incoming->listener->n_loads -= incoming->load != NULL;
		inflow_free(incoming->load);
		free(incoming);
		*state = NULL;
	}
}

/*
 * --- Starting ---------------------------------------------
 * ----------------------------------------------------------
 */

/* PEM texts of the TLS side; wiped when libmicrohttpd has read them. */
struct pems {
	struct buf certificate;
	struct buf key;
	struct buf client_ca;
};

static void pems_deinit(struct pems *pems)
{
	buf_wipe(&pems->key);
	buf_deinit(&pems->certificate);
	buf_deinit(&pems->key);
	buf_deinit(&pems->client_ca);
}
SCOPED_DEFINE_VALUE(struct pems, pems_deinit);

static rg_err read_pem(const char *path, struct buf *out)
{
	bool is_found = false;
	rg_err err = path[0] ? file_read(path, PEM_MAX, out, &is_found) : RG_OK;

	if (!err && path[0] && !is_found) {
		log_event(LOG_ERROR, "http", "no-file", log_text("file", path),
			log_text("do", "write the PEM file, or correct the setting"));
		return RG_E_CONFIG;
	}
	return err;
}

static rg_err read_pems(const struct http_options *options, struct pems *pems)
{
	rg_err err = read_pem(options->listen_certificate, &pems->certificate);

	if (!err) {
		err = read_pem(options->listen_client_ca, &pems->client_ca);
	}
	if (!err && options->listen_key[0]) {
		err = file_read_private(options->listen_key, PEM_MAX, &pems->key);
	}
	return err;
}

static rg_err check_token(const struct http_options *options)
{
	scoped(freep) char *token = NULL;
	rg_err err = options->listen_token_file[0]
		? http_options_token(options->listen_token_file, &token)
		: RG_OK;

	if (token) {
		explicit_bzero(token, strlen(token));
	}
	return err;
}

static rg_err start_daemon(struct http_listener *listener, struct pems *pems)
{
	const struct http_options *options = listener->options;
	struct sockaddr_in address;
	bool is_secure = options->listen_certificate[0] != '\0';
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO;
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)buf_text(&pems->certificate)},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)buf_text(&pems->key)},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)PRIORITIES},
		{options->listen_client_ca[0] ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0,
			(void *)(uintptr_t)buf_text(&pems->client_ca)},
		{MHD_OPTION_END, 0, NULL},
	};
	struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};

	if (!http_options_address(options->listen, &address)) {
		return RG_E_CONFIG;
	}
	listener->daemon = MHD_start_daemon(flags | (is_secure ? MHD_USE_TLS : 0), 0, NULL, NULL,
		handle, listener, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, MEMORY_MAX, MHD_OPTION_NOTIFY_COMPLETED,
		complete, NULL, MHD_OPTION_ARRAY, is_secure ? tls : none, MHD_OPTION_END);
	if (!listener->daemon) {
		log_event(LOG_ERROR, "http", "cannot-listen", log_text("address", options->listen),
			log_errno(),
			log_text("do",
				"check that the address is free and certificate and key fit"));
		return RG_E_CONFIG;
	}
	return RG_OK;
}

static void listener_stopp(struct http_listener **listener)
{
	http_listener_stop(*listener);
}

rg_err http_listener_start(const struct http_options *options, const struct http_limits *limits,
	struct directory *directory, const char *state_path, struct http_listener **ret_listener)
{
	scoped(listener_stopp) struct http_listener *listener = calloc(1, sizeof(*listener));
	scoped(pems_deinitv) struct pems pems = {.key = {.data = NULL}};

	if (!listener) {
		return RG_E_NOMEM;
	}
	listener->options = options;
	listener->limits = *limits;
	rg_err err = check_token(options);
	if (!err) {
		err = read_pems(options, &pems);
	}
	if (!err) {
		err = inflow_open(directory, state_path, &listener->inflow);
	}
	if (!err) {
		err = start_daemon(listener, &pems);
	}
	if (err) {
		return err;
	}
	log_event(LOG_INFO, "http", "listening", log_text("address", options->listen),
		log_text("tls", options->listen_certificate[0] ? "yes" : "no"));
	*ret_listener = steal(listener);
	return RG_OK;
}

void http_listener_stop(struct http_listener *listener)
{
	if (listener) {
		if (listener->daemon) {
			MHD_stop_daemon(listener->daemon);
		}
		inflow_close(listener->inflow);
		free(listener);
	}
}
