#ifndef FRONT_SESSION_H
#define FRONT_SESSION_H

/*
 * Sessions and what their parties have used
 *
 * A session is (CURVE key, routing id): neither alone is trusted to name a peer. Its
 * number is never reused, and finds its place in constant time.
 *
 * A party's quota is a bucket of verification time that fills at a rate up to a
 * burst; all sessions of the party share it.
 *
 * Threads: owned by the front's thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/scoped.h"
#include "front/front.h"

#define FRONT_SESSIONS_MAX  16384
#define FRONT_ROUTING_MAX   255
#define FRONT_KEY_LEN       32
#define FRONT_BACKLOG_BYTES (64u << 20) /* waiting to be sent to one session */

struct front_party {
	char address[101];
	int64_t tokens_us;
	int64_t filled_us; /* monotonic */
	uint32_t n_sessions;
};

struct front_session {
	uint64_t number;
	struct front_party *party;
	uint8_t key[FRONT_KEY_LEN];
	uint8_t routing[FRONT_ROUTING_MAX];
	size_t routing_len;
	const struct trust *checked_trust; /* the key was in force under this trust … */
	int64_t checked_us;                /* … at this time (monotonic) */
	int64_t heard_us;                  /* last frame (monotonic) */
	int64_t pinged_us;                 /* last PING of ours; 0: none since heard */
	bool is_gone;                      /* its connection has ended: nothing is sent */
	bool is_dropping;                  /* submissions up to dropped_epoch are dropped */
	uint32_t dropped_epoch;
	uint64_t used_messages; /* of the window of submissions */
	uint64_t used_bytes;
	uint64_t owed_messages; /* answered, not yet given back as CREDIT */
	uint64_t owed_bytes;
	struct front_out *backlog; /* what the socket would not take yet */
	struct front_out **backlog_end;
	uint64_t backlog_bytes;
	struct front_session *next; /* in its hash chain */
};

struct front_sessions;

struct front_quota {
	int64_t rate_us;
	int64_t burst_us;
};

struct front_sessions *front_sessions_new(struct front_quota quota); /* NULL: no memory */
void front_sessions_free(struct front_sessions *sessions);
SCOPED_DEFINE(struct front_sessions, front_sessions_free);

/* NULL: none. */
struct front_session *front_session_find(struct front_sessions *sessions,
	const uint8_t key[FRONT_KEY_LEN], struct rg_bytes routing);
struct front_session *front_session_at(struct front_sessions *sessions, uint64_t number);
/* The i-th place, to walk over all: NULL where it is free. */
struct front_session *front_session_place(struct front_sessions *sessions, size_t i);
size_t front_session_places(const struct front_sessions *sessions);
size_t front_session_count(const struct front_sessions *sessions);

/* *ret_session NULL: the router or the party has as many as it may. */
struct front_opening {
	const char *party;
	const uint8_t *key;
	struct rg_bytes routing;
	uint32_t sessions_per_party;
	int64_t now_us;
};
RG_MUST_USE rg_err front_session_open(struct front_sessions *sessions,
	const struct front_opening *opening, struct front_session **ret_session);
void front_session_close(struct front_sessions *sessions, struct front_session *session);

/* The party's bucket; made when new. NULL: no memory, or more parties than any registry has. */
struct front_party *front_party_of(struct front_sessions *sessions, const char *address,
	int64_t now_us);
/* Takes cost from the bucket; false: it does not hold as much. */
bool front_party_charge(const struct front_sessions *sessions, struct front_party *party,
	int64_t cost_us, int64_t now_us);
/* Gives back; a negative amount takes, even below empty, down to half a burst. */
void front_party_refund(const struct front_sessions *sessions, struct front_party *party,
	int64_t amount_us);

#endif
