#ifndef FRONT_FRONT_H
#define FRONT_FRONT_H

/*
 * The front: where parties connect
 *
 * One ROUTER socket with CURVE. A key that is in no directory in force is refused at
 * the handshake (gate.h); the party of an open session is looked up again when the
 * trust changes or a second has passed, so that a withdrawn key is cut at its next
 * frame. Frames become messages and events, which go to one sink in the order they
 * came; what the router answers comes back through front_push().
 *
 * What a peer can make us hold is bounded and charged to its party: sessions, the
 * window of submissions, verification time (quota), bytes waiting to be sent.
 *
 * Refuses, unsigned: MALFORMED (frames), TOO_LARGE, QUOTA, SENDER (HELLO of another
 * party, withdrawn key). After QUOTA, or after a retryable refusal that passes through
 * it, a session's submissions are dropped until one with a higher epoch comes.
 *
 * Threads: start and stop by one thread; front_push() and front_set_trust() by any;
 * the sink is called on the front's own thread, which owns all sockets.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zmq.h>

#include <rivergate/error.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/scoped.h"
#include "message.h"
#include "registry/trust.h"
#include "rivergate/v1/session.pb-c.h"
#include "wire/frame.h"

struct front;

enum front_event_type {
	FRONT_EVENT_OPENED,
	FRONT_EVENT_CLOSED,
	FRONT_EVENT_CREDIT,
	FRONT_EVENT_SETTLED,
	FRONT_EVENT_QUERY,
	FRONT_EVENT_WITNESSED,
};

/* What happened on a session besides a message. Its receiver frees it. */
struct front_event {
	enum front_event_type type;
	uint64_t session;
	char party[101];
	Rivergate__V1__Frame *frame; /* all but CLOSED: what was received; in arena */
	struct arena *arena;         /* owned */
};

struct front_event *front_event_new(enum front_event_type type, uint64_t session);
void front_event_free(struct front_event *event);
SCOPED_DEFINE(struct front_event, front_event_free);

/* Exactly one of the two is given, and taken when the answer is true. */
struct front_sink {
	bool (*take)(void *context, struct message *message, struct front_event *event);
	int room_fd; /* readable when take may succeed again */
	void *context;
};

enum front_out_type {
	FRONT_OUT_FRAME,   /* send content */
	FRONT_OUT_HELLO,   /* the same, and the window opens */
	FRONT_OUT_RELEASE, /* nothing to send, only an answer that gives room back */
	FRONT_OUT_STOP,    /* made by front_stop() */
};

/* Something for a session. Taken by front_push(), freed by the front. */
struct front_out {
	enum front_out_type type;
	uint64_t session;
	struct frame_multipart content; /* Frame, then header, signature and parts of a DELIVER */
	uint64_t n_messages;            /* submissions that this answers */
	uint64_t n_bytes;
	int64_t refund_us; /* quota charged too much (or, below 0, too little) */
	bool is_retryable; /* a refusal that makes the session drop up to epoch */
	uint32_t epoch;
	struct front_out *next; /* the front's own */
};

struct front_out *front_out_new(enum front_out_type type, uint64_t session); /* NULL: no memory */
void front_out_free(struct front_out *out);
SCOPED_DEFINE(struct front_out, front_out_free);

struct front_options {
	const char *endpoint;        /* to bind, e.g. tcp://127.0.0.1:5670; port 0 or * : any */
	const char *router;          /* address of the router */
	const uint8_t *curve_secret; /* 32 bytes */
	const uint8_t *curve_public;
	struct trust *trust; /* a reference is taken */
	struct front_sink sink;
	int io_threads;              /* 0: 2 */
	int64_t quota_rate_us;       /* verification time a party gets a second; 0: 1,000,000 */
	int64_t quota_burst_us;      /* and at once; 0: 4,000,000 */
	uint32_t window_messages;    /* of submissions, a session; 0: 4,096 */
	uint64_t window_bytes;       /* 0: 64 MiB */
	int64_t idle_us;             /* a silent session is closed after it; 0: 60 s */
	uint32_t sessions_per_party; /* 0: 64 */
};

/*
 * Binds, and proves that an unknown key is refused, before it returns. RG_E_CONFIG: the
 * endpoint cannot be bound, or an unknown key was let in (logged, with what to do).
 */
RG_MUST_USE rg_err front_start(const struct front_options *options, struct front **ret_front);
/* The endpoint as bound. Borrowed. */
const char *front_endpoint(const struct front *front);
/* Takes the item. Waits while the queue is full. */
void front_push(struct front *front, struct front_out **out);
/* From now on this trust decides who may connect and stay; a reference is taken. */
void front_set_trust(struct front *front, struct trust *trust);
/* No frame is read from now on; what is pushed still leaves. */
void front_close_entry(struct front *front);
/* Sends what was pushed (for a second at most), closes all, ends the thread. */
void front_stop(struct front *front);
SCOPED_DEFINE(struct front, front_stop);
/* RG_OK, or why the thread ended: the process must end. */
rg_err front_fault(const struct front *front);

/* Figures since the start; any thread. */
struct front_figures {
	uint64_t n_sessions; /* open now */
	uint64_t n_refused;  /* by the front itself */
};
struct front_figures front_figures(const struct front *front);

#endif
