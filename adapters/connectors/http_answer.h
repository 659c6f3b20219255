#ifndef CONNECTORS_HTTP_ANSWER_H
#define CONNECTORS_HTTP_ANSWER_H

/*
 * What an HTTP answer, or its absence, says about a file that was sent
 *
 * One table of status codes (http_answer.c), after RFC 9110 and, for 409, the draft
 * "The Idempotency-Key HTTP Header Field". In short:
 *
 *     2xx                       taken
 *     400 … 499                 refused, with the body as finding; but
 *     408 425 429 503           not taken: later, when the system says so (Retry-After)
 *     301 302 307 308
 *     401 404 405 407           not taken: our settings or credentials are wrong; later
 *     409                       idempotent: the same key is being worked on; later
 *     5xx, all else, silence    not known. idempotent: later, under the same key
 *
 * Pure functions. Threads: any.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connectors/connector.h"

#define HTTP_BODY_MAX  ((size_t)16384) /* bytes of an answer that are read */
#define HTTP_FAULT_MAX 256

/* How one POST ended. */
struct http_result {
	long status;                /* 0: there was no answer */
	bool was_sent;              /* some of the request may have reached the national system */
	int64_t retry_after_s;      /* 0: it did not say */
	char fault[HTTP_FAULT_MAX]; /* without an answer: what went wrong, for people */
	char body[HTTP_BODY_MAX];
	size_t body_len;
};

struct http_verdict {
	struct connector_outcome outcome; /* TAKEN, LATER, REFUSED or UNKNOWN */
	bool is_counted;                  /* LATER: against max_tries: it fails on this very file */
	bool is_ours;                     /* LATER: our settings look wrong; a person should look */
};

struct http_verdict http_answer_judge(const struct http_result *result, bool is_idempotent);

/*
 * Milliseconds before the next attempt: first × 2^(n_failed-1), at most max, of which
 * `random` (any number) takes up to a half away; never less than retry_after_ms.
 */
int64_t http_answer_delay_ms(unsigned n_failed, int64_t first_ms, int64_t max_ms,
	int64_t retry_after_ms, uint32_t random);

/* Whether a TLS fault says that the other side turned the handshake down: nothing was read. */
bool http_answer_is_handshake_alert(const char *fault);

/* Media type for a file name's ending. */
const char *http_answer_media_type(const char *name);

#endif
