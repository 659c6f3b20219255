#ifndef DELIVER_DELIVER_H
#define DELIVER_DELIVER_H

/*
 * Delivery: what is still to be handed to whom, in which order, and how often tried
 *
 * Two kinds of state. From the journal, by deliver_apply(): entries in their queues,
 * counters, set-asides and expiries. Of the session, empty at a start: credit, what is
 * in flight, back-off, what each lane let pass, and the settlements that wait for their
 * PROGRESS record.
 *
 *     MESSAGE   an entry for each party of its route; its counter is the destination's next
 *     PROGRESS  entries settled or set aside are over
 *     any       an entry for each message that is told because of it (PLAN, STATUS,
 *               REMINDER); entries whose expires_us its time reaches are over; the sender of
 *               a message (not of a derived one) gets an EXPIRY, derived
 *
 * Sending: the head of the key whose turn it is (queue.h), while the session has credit. Unsettled
 * for DELIVER_TIMEOUT_US, or the session closed: again, after a back-off that doubles.
 *
 * Threads: the core's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"
#include "deliver/queue.h"
#include "fold.h"
#include "rivergate/v1/session.pb-c.h"

#define DELIVER_TIMEOUT_US     30000000
#define DELIVER_BACK_OFF_US    1000000 /* first; doubles */
#define DELIVER_BACK_OFF_MAX   300000000
#define DELIVER_RECIPIENTS_MAX 32  /* named by the sender, and of the plan */
#define DELIVER_PROGRESS_MAX   360 /* deliveries in one PROGRESS record; the longest fit a leaf */

struct deliver;

struct deliver_options {
	const char *router; /* address: sender of derived messages */
	const char *origin; /* log origin: part of their ids */
};

RG_MUST_USE rg_err deliver_new(const struct deliver_options *options, struct deliver **ret_deliver);
void deliver_free(struct deliver *deliver);
SCOPED_DEFINE(struct deliver, deliver_free);

/*
 * A derived message that follows from a record of any type: PLAN, STATUS or REMINDER, never
 * EXPIRY. Its header is with who told of it. No two of one record have the same kind, ordinal
 * and recipient. It stands behind what is queued under its order key, the MESSAGE of the record
 * included, and ends without a notice after the default life of derived messages.
 */
struct deliver_told {
	uint8_t kind;
	uint32_t ordinal;
	const char *to;  /* address of the party */
	const char *ucr; /* order key with it; "": what the router itself has to say */
	unsigned lane;
	uint32_t bytes; /* of the frames that a window counts */
};

/*
 * A message of this or an earlier record that a party gets now, without its sender having named it:
 * once for each party. It stands behind what is queued under its order key, before what this
 * record itself brings; it has no counter, nobody is told when it expires (after the default life
 * of derived messages), and its state is not shown among those of the record.
 */
struct deliver_handed {
	uint64_t index; /* of its record */
	const char *party;
	uint64_t parts;
	const char *ucr;
	unsigned lane;
	uint32_t bytes;
};

/* What the record means for delivery; if it is no MESSAGE, n_recipients is 0. Borrowed. */
struct deliver_plan {
	struct {
		const char *party;
		uint64_t parts; /* that the channel rule allows */
	} recipients[DELIVER_RECIPIENTS_MAX];
	size_t n_recipients;
	const char *sender; /* party; NULL: the router */
	int64_t expires_us;
	int64_t default_life_us; /* of derived messages */
	unsigned lane; /* of the message; 0 is the most urgent, from DELIVER_LANES on the last */
	const struct deliver_told *told;
	size_t n_told;
	const struct deliver_handed *handed;
	size_t n_handed;
};

/*
 * Hears of each told message that is over (settled, set aside, expired): its header is not
 * asked for again. Called within deliver_apply(), which it does not call itself.
 */
struct deliver_over_sink {
	rg_err (*over)(void *context, uint64_t cause, uint8_t kind, uint32_t ordinal,
		const char *to);
	void *context;
};

/* Applies one durable record, in order. sink NULL: nobody wants to hear. */
RG_MUST_USE rg_err deliver_apply(struct deliver *deliver, const struct fold_record *record,
	const struct deliver_plan *plan, const struct deliver_over_sink *sink);
/* What came from the journal, in one fixed form. */
RG_MUST_USE rg_err deliver_dump(const struct deliver *deliver, struct buf *out);

/* Deliveries of this sender that are not over, pending ones included. */
uint64_t deliver_undelivered(const struct deliver *deliver, const char *sender);
/* Counts n more (or, below 0, fewer) deliveries as pending. */
RG_MUST_USE rg_err deliver_count_pending(struct deliver *deliver, const char *sender, int64_t n);

/* The session receives for the party from now on. ret_fenced: the session that did, or 0. */
RG_MUST_USE rg_err deliver_open(struct deliver *deliver, uint64_t session, const char *party,
	int64_t now_us, uint64_t *ret_fenced);
/* What it had in flight is ready again. */
RG_MUST_USE rg_err deliver_close(struct deliver *deliver, uint64_t session, const char *party);
void deliver_credit(struct deliver *deliver, uint64_t session, const char *party,
	uint64_t n_messages, uint64_t n_bytes);
/*
 * The party has stored a delivery (reason NULL) or set it aside. Counts from the
 * PROGRESS record on; what does not stand at the head of its queue is ignored.
 */
RG_MUST_USE rg_err deliver_settle(struct deliver *deliver, const char *party,
	const Rivergate__V1__DeliveryRef *ref, const char *reason);

/*
 * Settlements that wait for their record: appends at most DELIVER_PROGRESS_MAX to a Progress body.
 */
bool deliver_has_progress(const struct deliver *deliver);
RG_MUST_USE rg_err deliver_take_progress(struct deliver *deliver, struct buf *out);
/* The PROGRESS with this body was not written: its settlements wait again. */
RG_MUST_USE rg_err deliver_return_progress(struct deliver *deliver,
	const Rivergate__V1__Progress *progress);

/* Record 0: under which names messages are derived. Before the first deliver_apply(). */
void deliver_set_lineage(struct deliver *deliver, const Rivergate__V1__Origin *origin);

/* One delivery to be sent now. */
struct deliver_order {
	uint64_t session;
	uint64_t index;
	uint64_t counter; /* 0 for derived messages, and for what is handed over without one */
	uint64_t parts;
	uint32_t attempt;
	uint8_t mark;         /* 0: none */
	uint8_t derived_kind; /* 0: the record itself */
	uint32_t ordinal;     /* of derived messages … */
	const char *origin;   /* … under this log's name … */
	const char *to;       /* … to this party; EXPIRY: … */
	const char *about;    /* … because this destination was not reached … */
	int64_t since_us;     /* … by this time */
};
/* Takes the next order; ret_has false: nothing may be sent now. Texts are borrowed. */
RG_MUST_USE rg_err deliver_next(struct deliver *deliver, int64_t now_us,
	struct deliver_order *ret_order, bool *ret_has);

/* Time-outs and back-offs that are over. */
RG_MUST_USE rg_err deliver_tick(struct deliver *deliver, int64_t now_us);
/* When deliver_tick() has work; INT64_MAX: never. */
int64_t deliver_timer_us(const struct deliver *deliver);
/* When the next entry expires: a record is needed then. INT64_MAX: never. */
int64_t deliver_expiry_us(const struct deliver *deliver);

/* State of the deliveries of a record, for track; parties that it never went to are left out. */
struct deliver_state {
	const char *to; /* borrowed */
	Rivergate__V1__DeliveryState state;
	int64_t since_us;
	const char *reason; /* borrowed; "" */
};
/* Calls take for each party that has or had a delivery of this record that is known. */
struct deliver_state_sink {
	rg_err (*take)(void *context, const struct deliver_state *state);
	void *context;
};
RG_MUST_USE rg_err deliver_states(const struct deliver *deliver, uint64_t index,
	const struct deliver_state_sink *sink);

/* When the party settled this record; 0: not, or too long ago to be remembered. */
int64_t deliver_settled_us(const struct deliver *deliver, const struct deliver_party *party,
	uint64_t index);

/* Whether the message of this record is still to be delivered to the party. */
bool deliver_is_queued(const struct deliver *deliver, const char *party, uint64_t index);

/* Of the entry of an EXPIRY: the destination that was not reached. Borrowed. */
const char *deliver_not_reached(const struct deliver *deliver, const struct deliver_entry *entry);

/* Totals and, by party, what status shows. */
struct deliver_totals {
	uint64_t n_queued;
	uint64_t n_set_aside;
	uint64_t oldest_index; /* of queued records; UINT64_MAX: none */
};
struct deliver_totals deliver_totals(const struct deliver *deliver);
size_t deliver_n_parties(const struct deliver *deliver);
const struct deliver_party *deliver_party_at(const struct deliver *deliver, size_t i);

#endif
