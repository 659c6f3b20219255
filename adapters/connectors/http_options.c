/*
 * Settings of the connector `http`
 *
 * Threads: any.
 */
#include "connectors/http_options.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define TOKEN_MIN  16
#define TOKEN_MAX  512
#define SECRET_MAX ((size_t)4096) /* of a token file */
#define HOST_MAX   256

#define ROW(kind, field, text) \
	.name = #field, .type = (kind), .offset = offsetof(struct http_options, field), \
	.help = (text)

const struct conf_row http_option_rows[] = {
	{ROW(CONF_TEXT, url,
		"where the national system takes files by POST: https://HOST[:PORT]/PATH; empty: "
		"nothing can be handed over")},
	{ROW(CONF_PATH, ca,
		 "file of the authorities that its certificate must come from (PEM); empty: those "
		 "of this machine"),
		.fallback = ""},
	{ROW(CONF_PATH, certificate,
		 "our certificate for it, with its chain (PEM); empty: none is shown"),
		.fallback = ""},
	{ROW(CONF_PATH, key, "secret key of that certificate (PEM), mode 0600"), .fallback = ""},
	{ROW(CONF_PATH, token_file,
		 "file of the bearer token for it, mode 0600, read again for each file; empty: "
		 "none"),
		.fallback = ""},
	{ROW(CONF_BOOL, idempotent,
		 "it honours Idempotency-Key: what is sent twice under one key counts once. If "
		 "false, an unknown outcome is set aside, never sent again"),
		.fallback = "false"},
	{ROW(CONF_NUMBER, connect_timeout_s, "seconds to reach it"), .fallback = "10", .min = 1,
		.max = 300},
	{ROW(CONF_NUMBER, timeout_s, "seconds of one POST with its answer"), .fallback = "60",
		.min = 1, .max = 3600},
	{ROW(CONF_NUMBER, retry_first_ms, "milliseconds before the second attempt; then doubled"),
		.fallback = "1000", .min = 10, .max = 600000},
	{ROW(CONF_NUMBER, retry_max_s, "seconds between two attempts at most"), .fallback = "300",
		.min = 1, .max = 86400},
	{ROW(CONF_NUMBER, max_tries,
		 "attempts on one file that it may answer with 500 before the file is set aside"),
		.fallback = "20", .min = 1, .max = 100000},
	{ROW(CONF_TEXT, listen,
		 "ADDRESS:PORT where it sends to us (POST /files, GET /status/KEY); empty: it "
		 "sends nothing this way"),
		.fallback = ""},
	{ROW(CONF_PATH, listen_certificate, "our certificate there, with its chain (PEM)"),
		.fallback = ""},
	{ROW(CONF_PATH, listen_key, "secret key of that certificate (PEM), mode 0600"),
		.fallback = ""},
	{ROW(CONF_PATH, listen_client_ca,
		 "file of the authorities that its client certificate must come from (PEM); empty: "
		 "none is asked for"),
		.fallback = ""},
	{ROW(CONF_PATH, listen_token_file,
		 "file of the bearer token that it must show, mode 0600, read again for each "
		 "request; empty: none. With listen_client_ca, both are needed"),
		.fallback = ""},
	{ROW(CONF_BOOL, insecure, "allows HTTP without TLS beyond this machine"),
		.fallback = "false"},
	{.name = NULL},
};

bool http_options_address(const char *text, struct sockaddr_in *ret_address)
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

bool http_options_is_loopback(const struct sockaddr_in *address)
{
	return ntohl(address->sin_addr.s_addr) >> 24 == 127;
}

/* The host of a URL is this machine: a number of loopback. A name is whatever it resolves to. */
static bool is_loopback_url(const char *url)
{
	const char *host = url + strlen("http://");
	size_t len = strcspn(host, ":/?#");
	char text[HOST_MAX];
	struct in_addr address;

	if (len >= sizeof(text)) {
		return false;
	}
	memcpy(text, host, len);
	text[len] = '\0';
	return inet_pton(AF_INET, text, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

static bool has(const char *text)
{
	return text && text[0];
}

static const char *problem_of_url(const struct http_options *options)
{
	const char *url = options->url;
	bool is_secure = strncmp(url, "https://", 8) == 0;

	if (!is_secure && strncmp(url, "http://", 7) != 0) {
		return "http.url is no https:// address";
	}
	if (strpbrk(url, "@ \t\r\n") || strlen(url) > 2000) {
		return "http.url must not hold a user, a password or blanks; use token_file";
	}
	if (!is_secure && !options->insecure && !is_loopback_url(url)) {
		return "http.url without TLS may only be 127.x.x.x; use https://, or say insecure "
		       "= true";
	}
	if (has(options->certificate) != has(options->key)) {
		return "http.certificate and http.key belong together";
	}
	return NULL;
}

static const char *problem_of_listen(const struct http_options *options)
{
	struct sockaddr_in address;
	bool is_secure = has(options->listen_certificate);

	if (!http_options_address(options->listen, &address)) {
		return "http.listen is no ADDRESS:PORT, e.g. 127.0.0.1:8443";
	}
	if (is_secure != has(options->listen_key)) {
		return "http.listen_certificate and http.listen_key belong together";
	}
	if (!is_secure && !options->insecure && !http_options_is_loopback(&address)) {
		return "http.listen without listen_certificate may only be 127.x.x.x";
	}
	if (has(options->listen_client_ca) && !is_secure) {
		return "http.listen_client_ca needs listen_certificate and listen_key";
	}
	if (!has(options->listen_client_ca) && !has(options->listen_token_file)) {
		return "http.listen needs listen_client_ca or listen_token_file: whoever may send "
		       "here speaks for this party";
	}
	return NULL;
}

const char *http_options_problem(const struct http_options *options)
{
	const char *problem = NULL;

	if (!has(options->url) && !has(options->listen)) {
		return "connector \"http\" needs http.url, http.listen or both";
	}
	if (has(options->url)) {
		problem = problem_of_url(options);
	}
	return !problem && has(options->listen) ? problem_of_listen(options) : problem;
}

/* The text of a row in these options. */
static char **text_of(struct http_options *options, const struct conf_row *row)
{
	return (char **)(void *)((char *)options + row->offset);
}

static bool is_text(const struct conf_row *row)
{
	return row->type == CONF_TEXT || row->type == CONF_PATH;
}

rg_err http_options_copy(const struct http_options *options, struct http_options *ret_copy)
{
	struct http_options source = *options;
	struct http_options copy = *options;
	bool is_whole = true;

	for (const struct conf_row *row = http_option_rows; row->name; row++) {
		if (is_text(row)) {
			const char *text = *text_of(&source, row);

			*text_of(&copy, row) = strdup(text ? text : "");
			is_whole &= *text_of(&copy, row) != NULL;
		}
	}
	if (!is_whole) {
		conf_release(http_option_rows, &copy);
		return RG_E_NOMEM;
	}
	*ret_copy = copy;
	return RG_OK;
}

bool http_options_same(const struct http_options *a, const struct http_options *b)
{
	struct http_options left = *a;
	struct http_options right = *b;
	bool is_same = left.idempotent == right.idempotent && left.insecure == right.insecure &&
		left.connect_timeout_s == right.connect_timeout_s &&
		left.timeout_s == right.timeout_s && left.retry_first_ms == right.retry_first_ms &&
		left.retry_max_s == right.retry_max_s && left.max_tries == right.max_tries;

	for (const struct conf_row *row = http_option_rows; is_same && row->name; row++) {
		if (is_text(row)) {
			const char *one = *text_of(&left, row);
			const char *other = *text_of(&right, row);

			is_same = strcmp(one ? one : "", other ? other : "") == 0;
		}
	}
	return is_same;
}

static bool is_token(struct rg_bytes text)
{
	if (text.len < TOKEN_MIN || text.len > TOKEN_MAX) {
		return false;
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] <= ' ' || text.data[i] > '~') {
			return false;
		}
	}
	return true;
}

rg_err http_options_token(const char *path, char **ret_token)
{
	scoped(buf_deinitv) struct buf secret = {0};
	char *token = NULL;

	buf_init(&secret);
	rg_err err = file_read_private(path, SECRET_MAX, &secret);
	struct rg_bytes text = buf_view(&secret);
	while (!err && text.len > 0 && text.data[text.len - 1] <= ' ') {
		text.len--;
	}
	if (!err && !is_token(text)) {
		log_event(LOG_ERROR, "http", "no-token", log_text("file", path),
			log_text("do", "put one line of 16 to 512 printable characters into it"));
		err = RG_E_CONFIG;
	}
	if (!err) {
		token = strndup((const char *)text.data, text.len);
		err = token ? RG_OK : RG_E_NOMEM;
	}
	buf_wipe(&secret);
	if (!err) {
		*ret_token = token;
	}
	return err;
}
