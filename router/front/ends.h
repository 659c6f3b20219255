#ifndef FRONT_ENDS_H
#define FRONT_ENDS_H

/*
 * Ends of connections: which peer has gone
 *
 * A routing id is free again when its connection ends, and another peer may take it. What
 * is still meant for the old peer would reach the new one; so nothing is sent to a session
 * whose connection has ended.
 *
 * libzmq names a connection by its file descriptor only: a received frame tells the one
 * that it came by, the socket's monitor the one that has ended. libzmq reports the end
 * before it closes the descriptor, so before the number can come again. A monitor that is
 * read to its end before a descriptor is written down never mistakes a new connection for
 * an old one.
 *
 * Threads: the front's.
 */

#include <stdint.h>

#include <zmq.h>

#include <rivergate/error.h>

#include "base/scoped.h"

struct front_ends;

/* Watches the socket, which must not be bound yet. Logs faults. */
RG_MUST_USE rg_err front_ends_new(void *zmq, void *socket, struct front_ends **ret_ends);
/* Before the socket is closed. */
void front_ends_free(struct front_ends *ends);
SCOPED_DEFINE(struct front_ends, front_ends_free);

/* The session of the connection that the frame came by. Call front_ends_next() dry before. */
void front_ends_note(struct front_ends *ends, zmq_msg_t *frame, uint64_t session);

/* The session whose connection has ended; 0 when there is none any more. */
RG_MUST_USE rg_err front_ends_next(struct front_ends *ends, uint64_t *ret_session);

#endif
