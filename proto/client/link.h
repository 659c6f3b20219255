#ifndef CLIENT_LINK_H
#define CLIENT_LINK_H

/*
 * The link: one DEALER socket with CURVE, made anew for every attempt
 *
 * libzmq by itself would keep what was queued at a disconnect and send it before our
 * HELLO, and would never try again after the router refused the key. So a socket is
 * one connection: a monitor tells its end, and the next attempt is a new socket.
 * Threads: owned by the session's thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/scoped.h"

struct link;

struct link_options {
	const char *endpoint;
	uint8_t router_key[32];     /* CURVE public key */
	const char *curve_key_path; /* own secret key */
};

/* RG_E_CONFIG: the key file is none, or open to others; said in the log. */
RG_MUST_USE rg_err link_new(const struct link_options *options, struct link **ret_link);
void link_free(struct link *link);
SCOPED_DEFINE(struct link, link_free);

/* A new socket that connects in the background. */
RG_MUST_USE rg_err link_open(struct link *link);
/* Ends it; what was sent gets linger_ms to leave. No fault when it is not open. */
void link_close(struct link *link, int linger_ms);
bool link_is_open(const struct link *link);
void *link_socket(const struct link *link);
void *link_monitor(const struct link *link);

enum link_news {
	LINK_NOTHING,
	LINK_LOST,     /* not reached, or disconnected */
	LINK_REJECTED, /* the router does not know this key, or is not who the registry says */
};
/* Reads what the monitor has. */
enum link_news link_read_monitor(struct link *link);

#endif
