#ifndef VERIFY_RING_H
#define VERIFY_RING_H

/*
 * The ticket ring: many verifiers, one order
 *
 * Front pushes what it received; each item takes the next slot, its ticket. Workers
 * verify messages in any order; the taker gets items strictly in the order of their
 * tickets. So arrival order is kept by construction. Session events travel through the
 * same ring without work, and stay where they came between messages. A message that
 * comes while nothing else is inside is left to the taker: see verify_ring_take().
 *
 * A full ring is back-pressure: push answers false, and room_fd becomes readable when
 * there is room again.
 *
 * Threads: one pusher (front), one taker (core), n workers inside.
 */

#include <stdbool.h>
#include <stddef.h>

#include <rivergate/error.h>

#include "base/scoped.h"
#include "message.h"
#include "registry/trust.h"

struct verify_ring;

/* Exactly one of the two is set. */
struct verify_item {
	struct message *message; /* to be verified; owned by the ring until taken */
	void *event;             /* goes along as it is */
};

struct verify_options {
	unsigned n_threads;  /* 0: as many as there are cores */
	size_t capacity;     /* items; 0: 4096 */
	struct trust *trust; /* a reference is taken */
};

RG_MUST_USE rg_err verify_ring_start(const struct verify_options *options,
	struct verify_ring **ret_ring);
/* Ends the workers; the ring must have been drained, or messages left in it are freed. */
void verify_ring_stop(struct verify_ring *ring);
SCOPED_DEFINE(struct verify_ring, verify_ring_stop);

/* False: full, the item stays the caller's. */
bool verify_ring_push(struct verify_ring *ring, const struct verify_item *item);
/*
 * Takes up to max items that are ready, in order; returns how many. It waits for nobody,
 * but verifies the next message itself when no worker has begun with it.
 */
size_t verify_ring_take(struct verify_ring *ring, struct verify_item *items, size_t max);
/* Messages from now on are looked up in this trust; a reference is taken. */
void verify_ring_set_trust(struct verify_ring *ring, struct trust *trust);
/* Readable while verify_ring_take() has something to do. */
int verify_ring_ready_fd(const struct verify_ring *ring);
/* Readable after a push failed and room came; cleared by a push that succeeds. */
int verify_ring_room_fd(const struct verify_ring *ring);
/* Items inside. */
size_t verify_ring_length(struct verify_ring *ring);
/* RG_OK, or the fault of a worker: the process must end. */
rg_err verify_ring_fault(struct verify_ring *ring);

#endif
