#ifndef FRONT_GATE_H
#define FRONT_GATE_H

/*
 * The gate: which CURVE keys may connect (ZAP, RFC 27)
 *
 * Without a running ZAP handler libzmq lets every key in, so the handler is bound
 * before the ROUTER socket, and gate_probe proves with a fresh key that strangers are
 * refused.
 *
 * The User-Id that libzmq puts on received frames is the key in hex: the session looks
 * up the party of it, at each frame, in the trust in force.
 *
 * Threads: the front's.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "registry/trust.h"

/* Strangers may knock as often as they like; only some of it is logged. */
struct front_knocks {
	int64_t since_us; /* the second that is counted; monotonic */
	uint64_t n;       /* refused in it */
};

/* Answers all ZAP requests that wait on the REP socket. */
RG_MUST_USE rg_err front_gate_answer(void *zap_socket, const struct trust *trust,
	struct front_knocks *knocks);

/* A client with a key of its own making, connected to our endpoint, and its monitor. */
struct front_probe {
	void *socket;
	void *monitor;
};

RG_MUST_USE rg_err front_probe_start(void *zmq, const char *endpoint,
	const uint8_t curve_public[32], struct front_probe *ret_probe);
void front_probe_stop(struct front_probe *probe);

enum front_probe_answer {
	FRONT_PROBE_WAITING,
	FRONT_PROBE_REFUSED, /* as it must be */
	FRONT_PROBE_LET_IN,
};
enum front_probe_answer front_probe_read(struct front_probe *probe);

#endif
