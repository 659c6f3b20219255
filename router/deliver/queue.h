#ifndef DELIVER_QUEUE_H
#define DELIVER_QUEUE_H

/*
 * The order of delivery: queues under order keys, keys under a destination
 *
 * Under one order key (destination, UCR; without UCR destination, sender) deliveries
 * leave in journal order, one at a time, and are never swapped. Between keys: lane, then
 * deadline of the head, then journal order. A key has the most urgent lane that waits in it,
 * so that nothing urgent is stuck behind what is not.
 *
 * The most urgent lane with a ready key goes first, but each of the others has a right to one
 * of so many hand-overs while a key of it is ready:
 *
 *     lane 0   no right: it goes first
 *     1, 2     1 of 4, or 1 of 6 while a less urgent lane claims its own right before
 *     3        1 of 8, always
 *
 * What was handed over since is counted in the session and starts empty: an urgent message
 * among general ones leaves next.
 *
 * An entry is small (the bytes stay in the journal), so that a backlog of millions fits.
 *
 * Threads: the core's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/scoped.h"
#include "deliver/heap.h"

#define DELIVER_LANES   4 /* 0 is the most urgent */
#define DELIVER_KEY_LEN 16

struct deliver_party;
struct deliver_key;

/* One delivery that is not over. */
struct deliver_entry {
	uint64_t index; /* the record; of a derived message its cause */
	int64_t expires_us;
	union {
		struct {
			uint64_t counter; /* of the destination, in journal order; 0: handed over */
			uint64_t parts;   /* bit i: part i goes along */
		};
		struct {
			int64_t since_us; /* EXPIRY: when … */
			uint64_t number;  /* … this party was given up */
		} expiry;
		uint8_t id[16]; /* of other derived messages */
	};
	struct deliver_entry *next;      /* under the same key */
	struct deliver_entry *next_same; /* in the destination's map */
	struct deliver_key *key;
	struct deliver_party *sender; /* whose limit it counts against; NULL: the router */
	uint32_t bytes;               /* of the frames that a window counts */
	uint32_t expiry_place;        /* in the heap of expiries */
	uint32_t ordinal;             /* of a derived message */
	uint16_t attempts;
	uint8_t lane;
	uint8_t derived_kind; /* 0: a journalled message */
	uint8_t mark;         /* Mark told with it, 0: none */
};

enum deliver_key_state {
	DELIVER_KEY_READY,
	DELIVER_KEY_IN_FLIGHT, /* head was sent; due_us: when to give up waiting */
	DELIVER_KEY_BACK_OFF,  /* due_us: when to try again */
	DELIVER_KEY_SETTLING,  /* head is settled or set aside, its record is not durable yet */
};

struct deliver_key {
	uint8_t name[DELIVER_KEY_LEN]; /* truncated SHA-256 of the UCR or sender */
	struct deliver_party *destination;
	struct deliver_entry *head;
	struct deliver_entry *tail;
	struct deliver_key *next; /* in the destination's map */
	int64_t due_us;
	uint32_t n_by_lane[DELIVER_LANES];
	uint32_t place; /* in the heap of ready keys of its lane, or of timers */
	enum deliver_key_state state;
};

/* A party, as destination and as sender. Parties stay for as long as the core. */
struct deliver_party {
	char address[101];
	uint32_t number; /* in order of first mention in this process; in memory only */

	/* As destination; from the journal: */
	uint64_t counter; /* deliveries so far */
	uint64_t n_entries;
	struct deliver_entry **entries; /* map by record index */
	size_t n_entry_chains;
	struct deliver_key **keys; /* map by name */
	size_t n_key_chains;
	size_t n_keys;
	size_t n_keys_by_lane[DELIVER_LANES]; /* in which something of the lane waits */
	struct deliver_end *ends;             /* set aside and expired, ascending by record */
	size_t n_ends;
	size_t n_ends_room;
	uint64_t n_set_aside;

	/* As sender; from the journal, but for n_pending: */
	uint64_t n_undelivered;
	uint64_t n_pending; /* admitted, not yet durable */

	/* Of the session that receives: */
	struct deliver_heap ready[DELIVER_LANES]; /* keys */
	uint8_t passed[DELIVER_LANES];            /* hand-overs of other lanes while it was ready */
	uint64_t session;                         /* 0: none */
	uint64_t credit_messages;
	uint64_t credit_bytes;
	uint64_t n_in_flight;
};

/* A delivery that ended otherwise than settled. */
struct deliver_end {
	uint64_t index;
	int64_t since_us;
	uint8_t state;        /* DeliveryState */
	uint8_t derived_kind; /* 0: of the record itself, and shown with it */
	char reason[41];
};

/* The heads of all parties' queues by time. */
struct deliver_timers {
	struct deliver_heap keys;     /* IN_FLIGHT and BACK_OFF, by due_us */
	struct deliver_heap expiries; /* entries, by expires_us */
};

rg_err deliver_queue_init(struct deliver_party *party);
void deliver_queue_deinit(struct deliver_party *party);
void deliver_timers_init(struct deliver_timers *timers);
void deliver_timers_deinit(struct deliver_timers *timers);

/* Appends a copy of the entry at the end of its key's queue. name: DELIVER_KEY_LEN bytes. */
RG_MUST_USE rg_err deliver_queue_push(struct deliver_party *party, struct deliver_timers *timers,
	const uint8_t *name, const struct deliver_entry *entry);
/*
 * Ends the entry wherever it stands; next_mark is told with the one behind it. The key's next
 * becomes ready when it was the head.
 */
void deliver_queue_remove(struct deliver_party *party, struct deliver_timers *timers,
	struct deliver_entry *entry, uint8_t next_mark);
/* The first entry of this record index; the others follow by next_same. NULL: none. */
struct deliver_entry *deliver_queue_find(const struct deliver_party *party, uint64_t index);
/* The key whose head is to leave next; NULL: none is ready. */
struct deliver_key *deliver_queue_next(const struct deliver_party *party);
/* The head of this ready key is handed over now: counts for the rights of the other lanes. */
void deliver_queue_count(struct deliver_party *party, const struct deliver_key *key);
/* Moves the key to another state; due_us counts for IN_FLIGHT and BACK_OFF. */
RG_MUST_USE rg_err deliver_queue_set_state(struct deliver_timers *timers, struct deliver_key *key,
	enum deliver_key_state state, int64_t due_us);
/* The lane that counts for the key: the most urgent that waits in it. */
unsigned deliver_queue_lane(const struct deliver_key *key);

#endif
