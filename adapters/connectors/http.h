#ifndef CONNECTORS_HTTP_H
#define CONNECTORS_HTTP_H

/*
 * Hand-over to a national system by HTTP
 *
 * Out: each staged file is POSTed to `url` under an Idempotency-Key made of the sender's
 * address and the message's id (http_courier.h). What is answered decides (http_answer.h);
 * until there is an answer it is repeated, later and later. What was taken moves from tmp/
 * to done/, what was refused or is not known to failed/.
 *
 * Where the system honours the key (`idempotent`), every doubt is answered by sending again:
 * it counts once. Where it does not, a doubt stays one, and nothing is sent twice: UNKNOWN.
 *
 * In: `listen` takes what the national system POSTs (http_listener.h) and puts it into out/.
 *
 * Threads: one for each direction, inside; the functions belong to the adapter's thread.
 */

#include <stddef.h>

#include <rivergate/error.h>

#include "connectors/connector.h"
#include "connectors/directory.h"
#include "connectors/http_options.h"

/* Bounds of what comes in. */
struct http_limits {
	size_t n_files;   /* that wait in out/ */
	uint64_t n_bytes; /* of one file */
};

/*
 * The directory is borrowed and must live longer. state_path: where keys of what came in
 * are kept. RG_E_CONFIG: a certificate, key or token is missing or open to others, the
 * address cannot be bound, or this program was built without HTTP.
 */
RG_MUST_USE rg_err http_connector_open(const struct http_options *options,
	const struct http_limits *limits, struct directory *directory, const char *state_path,
	struct connector *ret_connector);

#endif
