#ifndef CONNECTORS_HTTP_OPTIONS_H
#define CONNECTORS_HTTP_OPTIONS_H

/*
 * Settings of the connector `http`
 *
 * One schema table, http_option_rows, is the group `http` of the adapter's configuration.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/conf.h"
#include "base/scoped.h"

struct http_options {
	/* towards the national system */
	char *url;
	char *ca;          /* PEM; "": what the system trusts */
	char *certificate; /* PEM of ours, with its chain; "": none */
	char *key;
	char *token_file; /* bearer token; "": none */
	bool idempotent;
	int64_t connect_timeout_s;
	int64_t timeout_s;
	int64_t retry_first_ms;
	int64_t retry_max_s;
	int64_t max_tries;
	/* from the national system */
	char *listen; /* ADDRESS:PORT; "": nobody listens */
	char *listen_certificate;
	char *listen_key;
	char *listen_client_ca;
	char *listen_token_file;
	bool insecure;
};

extern const struct conf_row http_option_rows[];

/* What contradicts, as a static sentence; NULL: nothing. */
const char *http_options_problem(const struct http_options *options);
/* A copy of their own; to be released with conf_release(http_option_rows, …). */
RG_MUST_USE rg_err http_options_copy(const struct http_options *options,
	struct http_options *ret_copy);
bool http_options_same(const struct http_options *a, const struct http_options *b);

/* ADDRESS:PORT, IPv4 in digits. */
bool http_options_address(const char *text, struct sockaddr_in *ret_address);
bool http_options_is_loopback(const struct sockaddr_in *address);

/*
 * Reads a bearer token: one line of 16 to 512 printable characters in a file that nobody
 * else may touch. RG_E_CONFIG, with what to do. Free with free() after wiping.
 */
RG_MUST_USE rg_err http_options_token(const char *path, char **ret_token);

#endif
