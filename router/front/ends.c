/*
 * Ends of connections: see ends.h.
 *
 * Method: a table from descriptor to session number; the monitor is an inproc PAIR whose
 * queue has no limit, for libzmq's I/O thread would wait for room in it.
 * Source: https://libzmq.readthedocs.io/en/latest/zmq_socket_monitor.html; an event is a
 * frame of uint16 type and uint32 value in the order of the machine, then the endpoint.
 * Threads: the front's.
 */
#include "front/ends.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "wire/frame.h"

#define CHANNEL         "inproc://front-ends"
#define EVENT_BYTES_MAX 4096
#define DESCRIPTORS_MAX 65536 /* what has a higher one ends by its silence alone */

struct front_ends {
	void *watched;
	void *monitor;
	uint64_t sessions[DESCRIPTORS_MAX];
};

static bool watch(void *zmq, struct front_ends *ends)
{
	const int none = 0;

	ends->monitor = zmq_socket(zmq, ZMQ_PAIR);
	return ends->monitor &&
		zmq_setsockopt(ends->monitor, ZMQ_RCVHWM, &none, sizeof(none)) == 0 &&
		zmq_setsockopt(ends->monitor, ZMQ_LINGER, &none, sizeof(none)) == 0 &&
		zmq_socket_monitor(ends->watched, CHANNEL, ZMQ_EVENT_DISCONNECTED) == 0 &&
		zmq_connect(ends->monitor, CHANNEL) == 0;
}

rg_err front_ends_new(void *zmq, void *socket, struct front_ends **ret_ends)
{
	scoped(front_ends_freep) struct front_ends *ends = calloc(1, sizeof(*ends));

	if (!ends) {
		return RG_E_NOMEM;
	}
	ends->watched = socket;
	if (!watch(zmq, ends)) {
		log_event(LOG_ERROR, "front", "monitor-failed",
			log_text("os", zmq_strerror(zmq_errno())));
		return RG_E_IO;
	}
	*ret_ends = steal(ends);
	return RG_OK;
}

void front_ends_free(struct front_ends *ends)
{
	if (!ends) {
		return;
	}
	(void)zmq_socket_monitor(ends->watched, NULL, 0);
	if (ends->monitor) {
		(void)zmq_close(ends->monitor);
	}
	free(ends);
}

void front_ends_note(struct front_ends *ends, zmq_msg_t *frame, uint64_t session)
{
	int descriptor = zmq_msg_get(frame, ZMQ_SRCFD);

	if (descriptor >= 0 && descriptor < DESCRIPTORS_MAX) {
		ends->sessions[descriptor] = session;
	}
}

/* 0: no session's. */
static uint64_t session_of(struct front_ends *ends, struct rg_bytes event)
{
	uint16_t type = 0;
	uint32_t descriptor = 0;

	if (event.len != sizeof(type) + sizeof(descriptor)) {
		return 0;
	}
	memcpy(&type, event.data, sizeof(type));
	memcpy(&descriptor, event.data + sizeof(type), sizeof(descriptor));
	if (type != ZMQ_EVENT_DISCONNECTED || descriptor >= DESCRIPTORS_MAX) {
		return 0;
	}
	uint64_t session = ends->sessions[descriptor];

	ends->sessions[descriptor] = 0;
	return session;
}

rg_err front_ends_next(struct front_ends *ends, uint64_t *ret_session)
{
	scoped(frame_deinitv) struct frame_multipart event = {.n_items = 0};
	bool is_received = true;
	uint64_t session = 0;
	rg_err err = RG_OK;

	while (!err && is_received && !session) {
		err = frame_receive(ends->monitor, EVENT_BYTES_MAX, &event, &is_received);
		if (!err && is_received) {
			session = session_of(ends, frame_item(&event, 0));
		}
	}
	if (!err) {
		*ret_session = session;
	}
	return err;
}
