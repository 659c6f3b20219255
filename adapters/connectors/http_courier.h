#ifndef CONNECTORS_HTTP_COURIER_H
#define CONNECTORS_HTTP_COURIER_H

/*
 * Carries one file at a time to the national system, by POST
 *
 * The adapter's thread must not wait for somebody else's server: a thread of its own does.
 *
 *     POST <url>
 *     Idempotency-Key: <key>        the same for every attempt on one file
 *     Rivergate-File: <file name>
 *     Content-Type: …
 *     Authorization: Bearer …       with token_file
 *
 * No redirect is followed, no proxy of the environment is used, nothing but the scheme of
 * the URL is spoken, the certificate and its name are checked. Every attempt has a connection
 * of its own, so that no answer can be taken for that to another file. Of the answer
 * HTTP_BODY_MAX bytes are read.
 *
 * Threads: the functions belong to one thread; the courier has one of its own.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/scoped.h"
#include "connectors/http_answer.h"
#include "connectors/http_options.h"

struct http_courier;

/* What is to be carried. */
struct http_parcel {
	const char *key;
	const char *name;
	int fd; /* of the content */
	uint64_t size;
};

/* The options are borrowed until http_courier_stop(). */
RG_MUST_USE rg_err http_courier_start(const struct http_options *options,
	struct http_courier **ret_courier);
/* Cuts what is under way. */
void http_courier_stop(struct http_courier *courier);
SCOPED_DEFINE(struct http_courier, http_courier_stop);

/* Takes parcel->fd. Only when nothing is under way and the last result was taken. */
RG_MUST_USE rg_err http_courier_send(struct http_courier *courier,
	const struct http_parcel *parcel);
/* True once for each parcel, when it has its end. */
bool http_courier_take(struct http_courier *courier, struct http_result *ret_result);
/* An eventfd: readable when a parcel has its end. */
int http_courier_fd(const struct http_courier *courier);

#endif
