#ifndef CLIENT_RECEIVE_H
#define CLIENT_RECEIVE_H

/*
 * Deliveries: believed only after every check that the recipient can make
 *
 *   form         Deliver, header and Signature are canonical; counts and sizes fit
 *   signature    of the sender's key in the directory, valid at the record's time; of a
 *                derived message the router's key
 *   content      each part that is present meets its commitment
 *   destination  one of the header's addresses leads to this party
 *   record       the tlog-proof leads from this header, meta and signature to a
 *                checkpoint of the log that does not contradict what is held
 *
 * Threads: owned by the session's thread; a delivery has one owner at a time.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/client.h>

#include "base/arena.h"
#include "client/history.h"
#include "client/mailbox.h"
#include "registry/trust.h"
#include "rivergate/v1/session.pb-c.h"
#include "wire/frame.h"

struct delivery {
	struct mail mail;              /* first */
	struct frame_multipart frames; /* Frame | header | Signature | part … */
	struct arena *arena;           /* holds what follows */
	Rivergate__V1__Deliver *deliver;
	Rivergate__V1__Header *header;
	Rivergate__V1__Signature *signature;
	struct rg_client_part *parts; /* as many as header->n_parts; NULL when none */
	struct buf packed;            /* Deliver */
	int64_t time_us;              /* of the record */
	uint64_t registry_index;      /* the registry in force at the record */
};

struct delivery *delivery_new(void); /* NULL: no memory */
void delivery_free(struct delivery *delivery);
SCOPED_DEFINE(struct delivery, delivery_free);

struct receiver;

struct receiver_options {
	const char *party; /* addresses are copied */
	const char *router;
	const char *registry_path; /* read again when a sender's key is not known; may be NULL */
	const char *directories_path;
	struct trust *trust;     /* a reference is taken */
	struct history *history; /* borrowed */
};

RG_MUST_USE rg_err receiver_new(const struct receiver_options *options,
	struct receiver **ret_receiver);
void receiver_free(struct receiver *receiver);
SCOPED_DEFINE(struct receiver, receiver_free);

/*
 * Reads and checks a delivery whose frames, arena and deliver are set. *ret_rule: NULL
 * when it may be shown, else a static text that says which check failed.
 */
RG_MUST_USE rg_err receiver_check(struct receiver *receiver, struct delivery *delivery,
	const char **ret_rule);

/* The trust in force here; borrowed until the next receiver_check(). */
const struct trust *receiver_trust(const struct receiver *receiver);

#endif
