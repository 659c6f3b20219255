#ifndef CLIENT_INTAKE_H
#define CLIENT_INTAKE_H

/*
 * The intake: deliveries that the caller holds, and what the router may still send
 *
 * Held from its arrival until it is settled, over reconnects too: so the memory of
 * deliveries stays below the limits whatever the caller and the line do. A delivery
 * that is sent again while the caller holds it is not shown twice.
 * Threads: owned by the session's thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/error.h>

/* A delivery by record, or a derived message by record and id. */
struct intake_key {
	uint64_t index;
	bool is_derived;
	uint8_t derived_id[16];
};

struct intake_held {
	struct intake_key key;
	size_t bytes;
};

struct intake {
	struct intake_held *held;
	size_t n_held;
	size_t held_bytes;
	uint32_t limit_messages;
	uint64_t limit_bytes;
	uint64_t granted_messages; /* credit given in this session and not used */
	uint64_t granted_bytes;
};

RG_MUST_USE rg_err intake_init(struct intake *intake, uint32_t limit_messages,
	uint64_t limit_bytes);
void intake_deinit(struct intake *intake);
/* A new session begins: the router has no credit. */
void intake_restart(struct intake *intake);
/* A delivery of this many bytes came in. */
void intake_arrived(struct intake *intake, size_t bytes);
/* The caller gets it. False: he has it already, or there is no room for it. */
bool intake_hold(struct intake *intake, const struct intake_key *key, size_t bytes);
/* It is settled or set aside. */
void intake_settled(struct intake *intake, const struct intake_key *key);
/* Credit to give now, counted as given; false: none. */
bool intake_grant(struct intake *intake, uint32_t *ret_messages, uint64_t *ret_bytes);

#endif
