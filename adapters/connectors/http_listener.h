#ifndef CONNECTORS_HTTP_LISTENER_H
#define CONNECTORS_HTTP_LISTENER_H

/*
 * Takes what the national system sends by HTTP
 *
 *     POST /files           the body is a file in one of the formats of `routes` or `answers`.
 *                           Idempotency-Key: 1 to 128 printable characters, required
 *         201               it is on the disk: {key, file, sha256, size, receivedAt}. The same
 *                           key with the same content: the same answer, nothing else
 *         422               the key stands for another content
 *         400 413           no key; larger than max_file_mib
 *         503 Retry-After   max_sending files wait, or the disk is full: send again
 *     GET /status/<key>     {…, status: waiting, sent, failed or gone; findings}; 404: never seen
 *         (or GET /status with the key in Idempotency-Key)
 *
 * Who does not show what listen_client_ca and listen_token_file ask for gets 401 and nothing
 * of his is stored. Bodies go to the disk as they come.
 *
 * Threads: libmicrohttpd's own, one. Start and stop by the adapter's.
 */

#include <rivergate/error.h>

#include "base/scoped.h"
#include "connectors/directory.h"
#include "connectors/http.h"
#include "connectors/http_options.h"

struct http_listener;

/* Options and directory are borrowed until http_listener_stop(). */
RG_MUST_USE rg_err http_listener_start(const struct http_options *options,
	const struct http_limits *limits, struct directory *directory, const char *state_path,
	struct http_listener **ret_listener);
void http_listener_stop(struct http_listener *listener);

#endif
