#ifndef DELIVER_DELIVER_H
#define DELIVER_DELIVER_H

/*
 * Delivery: who gets what next
 *
 * A fold and, beside it, session state. The fold is what the journal says: for each
 * destination the deliveries that have not ended, in rows of one order key. It is
 * changed by durable records alone: a message adds deliveries, PROGRESS ends them, a
 * record at or past a delivery's expires_at_us expires it and makes a derived EXPIRY
 * for its sender. Session state is who receives, credit, what is in flight and what
 * waits after a time-out; it starts empty and is never journalled.
 *
 * Order (DESIGN 10):
 *   order key = (destination, UCR), without UCR (destination, sender). Within a key the
 *   journal's order, one in flight at a time: never swapped.
 *   Between keys: lane, then earliest deadline, then record. The head of a key inherits
 *   the most urgent lane that waits behind it. There is one lane yet; lanes_pick() in
 *   lanes.c is where their weights will stand.
 *
 * A delivery is named by (record, destination); a derived one by its id as well.
 *
 * Threads: owned by the core thread. Deterministic: time is passed in, jitter is made
 * from record and attempt.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"
#include "rivergate/v1/record.pb-c.h"
#include "rivergate/v1/session.pb-c.h"

#define DELIVER_ID_LEN       16
#define DELIVER_LANES        1
#define DELIVER_LANE_GENERAL 0 /* the last lane; smaller numbers are more urgent */

struct deliver;

struct deliver_options {
	const char *origin;      /* log origin: part of derived ids */
	int64_t retry_us;        /* no SETTLED for so long: back-off, then again; 0: 60 s */
	int64_t backoff_max_us;  /* longest back-off; 0: 10 min */
	int64_t derived_life_us; /* how long a derived message waits for its recipient; 0: 90 d */
};

RG_MUST_USE rg_err deliver_new(const struct deliver_options *options, struct deliver **ret_deliver);
void deliver_free(struct deliver *deliver);
SCOPED_DEFINE(struct deliver, deliver_free);

/* --- Fold: durable records only, in order ------------------------------------------------ */

/* A message that goes to one destination. */
struct deliver_message {
	uint64_t index;
	const char *to;     /* address of the receiving party */
	const char *from;   /* address in the header */
	const char *sender; /* address of the sending party: gets the EXPIRY */
	const char *ucr;    /* "": none */
	uint64_t parts;     /* bit i: part i goes along */
	uint64_t size;      /* bytes of header, signature and the parts that go along */
	int64_t expires_us;
	unsigned lane;
	bool tells_expiry; /* false for what nobody waits for (acknowledgements) */
};

/*
 * Expires what is due at a record's time. To be called for every record before anything
 * else of it is applied: the record is the cause of the EXPIRY messages.
 */
RG_MUST_USE rg_err deliver_expire(struct deliver *deliver, uint64_t cause_index, int64_t time_us);
/* Queues the message; its counter is the destination's next, in journal order from 1. */
RG_MUST_USE rg_err deliver_add(struct deliver *deliver, const struct deliver_message *message);
/* Ends what the record names; what has ended already or never was is passed over. */
RG_MUST_USE rg_err deliver_progress(struct deliver *deliver,
	const Rivergate__V1__Progress *progress);
/* The fold: destinations, keys and rows in order, as text. */
RG_MUST_USE rg_err deliver_dump(const struct deliver *deliver, struct buf *out);

/* --- Sessions ---------------------------------------------------------------------------- */

/* The session receives for the party from now on; *ret_fenced: the one that did before, 0: none. */
RG_MUST_USE rg_err deliver_open(struct deliver *deliver, uint64_t session, const char *party,
	uint64_t *ret_fenced);
/* What was in flight to it waits for the next session. Sessions that never received are passed over. */
void deliver_close(struct deliver *deliver, uint64_t session);
void deliver_credit(struct deliver *deliver, uint64_t session, uint64_t messages, uint64_t bytes);
/*
 * Notes settlements and set-asides of a session; each counts once, only for the session's
 * own party and only while it has not ended. They end by PROGRESS, see below.
 */
RG_MUST_USE rg_err deliver_settled(struct deliver *deliver, uint64_t session,
	const Rivergate__V1__Settled *settled);

/* --- Effects ----------------------------------------------------------------------------- */

/* Packs what was noted since the last call as a canonical Progress; *ret_has false: nothing. */
RG_MUST_USE rg_err deliver_take_progress(struct deliver *deliver, struct buf *out, bool *ret_has);
/* The record of the last deliver_take_progress() was dropped: it is to be said again. */
void deliver_restore_progress(struct deliver *deliver);

/* What is to be sent now. */
struct deliver_order {
	uint64_t session;
	uint64_t index; /* the record; of a derived message its cause */
	uint64_t parts;
	uint64_t counter;     /* 0 for derived messages */
	uint32_t attempt;     /* from 1 */
	bool after_set_aside; /* marks for the recipient */
	bool after_expiry;
	const char *to; /* borrowed from deliver */

	bool is_derived; /* then also: */
	uint8_t derived_id[DELIVER_ID_LEN];
	uint64_t subject_index; /* EXPIRY: the message that was not delivered */
	const char *subject_to; /* and to whom; borrowed */
	int64_t cause_time_us;
};

/*
 * The next delivery that has a session with credit, or *ret_has false. It counts as in
 * flight from now on, until it ends, its session closes or retry_us has passed.
 */
RG_MUST_USE rg_err deliver_next(struct deliver *deliver, int64_t now_us,
	struct deliver_order *ret_order, bool *ret_has);
/* Session timers: what was in flight for too long backs off; what has backed off is ready again. */
RG_MUST_USE rg_err deliver_tick(struct deliver *deliver, int64_t now_us);
/* When the next session timer is due; INT64_MAX: none. */
int64_t deliver_next_timer_us(const struct deliver *deliver);
/* When the next delivery expires: a TICK record must follow; INT64_MAX: none. */
int64_t deliver_next_expiry_us(const struct deliver *deliver);

/* --- Figures ----------------------------------------------------------------------------- */

/* QUEUED, SET_ASIDE or EXPIRED; else SETTLED, for a delivery that deliver_add() has seen. */
struct deliver_state {
	Rivergate__V1__DeliveryState state;
	int64_t since_us;   /* of SET_ASIDE and EXPIRED; else 0 */
	const char *reason; /* of SET_ASIDE; "" else; borrowed */
};
struct deliver_state deliver_state_of(const struct deliver *deliver, uint64_t index,
	const char *to);

struct deliver_figures {
	uint64_t n_queued;
	uint64_t n_set_aside;
	uint64_t oldest_index; /* of what is queued; UINT64_MAX: nothing */
};
struct deliver_figures deliver_figures_of(const struct deliver *deliver);
/* How many deliveries of messages by this sending party have not ended. */
uint64_t deliver_pending_of(const struct deliver *deliver, const char *sender);
/* Destinations in order of address; NULL beyond the last. */
struct deliver_destination_figures {
	const char *address;
	uint64_t n_queued;
	uint64_t n_set_aside;
	bool is_connected;
};
bool deliver_destination_at(const struct deliver *deliver, size_t i,
	struct deliver_destination_figures *ret_figures);

#endif
