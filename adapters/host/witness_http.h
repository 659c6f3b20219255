#ifndef HOST_WITNESS_HTTP_H
#define HOST_WITNESS_HTTP_H

/*
 * The HTTP form of the witness (C2SP tlog-witness)
 *
 *     POST /add-checkpoint              judged; status and body as evidence/witness.h says
 *     GET  /<origin hash>/checkpoint    the last checkpoint that was cosigned, or 404
 *
 * Anything else is 404, another method 405 (with Allow), a body of more than
 * WITNESS_REQUEST_MAX bytes 413. Plain HTTP: checkpoints are no secret and signed; where it
 * shall be reached from outside, a proxy of the member's goes before it.
 *
 * Threads: libmicrohttpd's own. Start and stop by one.
 */

#include <rivergate/error.h>

#include "base/scoped.h"
#include "evidence/witness.h"

struct witness_http;

/* address: ADDRESS:PORT (IPv4). RG_E_CONFIG: none, cannot be bound, or built without HTTP. */
RG_MUST_USE rg_err witness_http_start(const char *address, struct witness *judge,
	struct witness_http **ret_http);
void witness_http_stop(struct witness_http *http);

#endif
