#ifndef FRONT_STATE_H
#define FRONT_STATE_H

/*
 * What the files of the front share: its state, and the way in and out of a session
 *
 * Threads: all of it is the front thread's, but for what front.h says others may call.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "base/queue.h"
#include "front/ends.h"
#include "front/front.h"
#include "front/gate.h"
#include "front/session.h"

/* Something the sink would not take yet. */
struct front_held {
	struct message *message;
	struct front_event *event;
	struct front_held *next;
};

struct front {
	struct front_options
		options; /* with defaults filled in; pointers are not used after the start */
	uint8_t curve_secret[FRONT_KEY_LEN];
	uint8_t curve_public[FRONT_KEY_LEN];
	char router_address[101];
	char endpoint[256];

	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock; /* of what follows, up to the blank line */
	pthread_cond_t changed;
	bool is_started;
	rg_err fault;
	struct trust *next_trust; /* NULL: no change */

	atomic_bool is_entry_closed;
	atomic_uint_fast64_t n_sessions;
	atomic_uint_fast64_t n_refused;
	struct queue *out;

	void *zmq;
	void *socket; /* ROUTER */
	void *zap;    /* REP */
	struct front_ends *ends;
	struct trust *trust;
	struct front_knocks knocks;
	struct front_sessions *sessions;
	struct frame_multipart received;
	struct arena *arena; /* of the frame being read; given away with an event */
	struct front_held *held;
	struct front_held **held_end;
	size_t n_backlogged; /* sessions whose backlog is not empty */
	bool is_stopping;
	int64_t now_us; /* monotonic, of this turn */
};

/* inbound.c: one received multipart message; and what waits for room in the sink. */
RG_MUST_USE rg_err front_inbound_take(struct front *front);
/* Gives to the sink, or holds. Takes the one that is not NULL. */
RG_MUST_USE rg_err front_inbound_give(struct front *front, struct message *message,
	struct front_event *event);
/* Tries again; true: nothing is held any more. */
bool front_inbound_flush(struct front *front);
/* Ends the session, telling the sink. */
RG_MUST_USE rg_err front_inbound_close(struct front *front, struct front_session *session,
	const char *why);

/* outbound.c */
RG_MUST_USE rg_err front_outbound_handle(struct front *front, struct front_out **out);
/* Sends one Frame, or queues it behind what waits already. The session may be gone after it. */
RG_MUST_USE rg_err front_outbound_send(struct front *front, uint64_t session,
	const Rivergate__V1__Frame *frame);
/* The same to a peer without a session: lost when it cannot be sent at once. */
RG_MUST_USE rg_err front_outbound_send_to(struct front *front, struct rg_bytes routing,
	const Rivergate__V1__Frame *frame);
/* Marks the sessions whose connections have ended. */
RG_MUST_USE rg_err front_outbound_mark_gone(struct front *front);
/* Gives back window, in CREDIT frames of a useful size. */
RG_MUST_USE rg_err front_outbound_release(struct front *front, struct front_session *session,
	uint64_t n_messages, uint64_t n_bytes);
/* Tries what waits to be sent. */
RG_MUST_USE rg_err front_outbound_retry(struct front *front);
/* PING to all sessions of the party: those whose peer is gone are closed by it. */
RG_MUST_USE rg_err front_outbound_probe(struct front *front, const char *party);
/* Once a second: PING to silent sessions, closes dead ones. */
RG_MUST_USE rg_err front_outbound_watch(struct front *front);

#endif
