#ifndef ROUTER_MESSAGE_H
#define ROUTER_MESSAGE_H

/*
 * A message on its way through the stages, and what passes between them
 *
 * Made by front from the frames of one SUBMIT, checked by verify, decided by admit,
 * written by journal. It owns its frames (zero copy from the socket to writev) and the
 * arena that its parsed header lives in. One owner at a time: the stage that holds it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zmq.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/arena.h"
#include "base/buf.h"
#include "rivergate/v1/message.pb-c.h"
#include "rivergate/v1/record.pb-c.h"
#include "rivergate/v1/session.pb-c.h"

#define MESSAGE_HEADER_MAX    (48u << 10)
#define MESSAGE_SIGNATURE_MAX 4096
#define MESSAGE_PARTS_MAX     64
#define MESSAGE_PART_MAX      ((8u << 20) + 32) /* salt included */
#define MESSAGE_CONTENT_MAX   (32u << 20)
#define MESSAGE_SALT_LEN      32
#define MESSAGE_ID_LEN        16
#define MESSAGE_HASH_LEN      32

struct message {
	uint64_t session; /* given by front, never reused; 0 is the router itself */
	char party[101];  /* of the session's CURVE key: who sent the frames */
	uint64_t seq;     /* of the SUBMIT */
	uint32_t epoch;
	int64_t received_us; /* monotonic, for figures only */
	size_t size;         /* bytes of all frames: what it costs in the session's window */
	uint32_t charged_us; /* quota: taken from the party's bucket before verifying */
	uint32_t spent_us;   /* quota: what verifying took; the rest goes back */

	zmq_msg_t header_frame;
	zmq_msg_t signature_frame;
	zmq_msg_t *part_frames; /* salt ‖ bytes, or empty */
	size_t n_parts;

	/* By verify: */
	struct arena *arena;
	Rivergate__V1__Header *header;       /* in arena; NULL when it could not be read */
	Rivergate__V1__Signature *signature; /* in arena */
	uint8_t header_hash[MESSAGE_HASH_LEN];
	Rivergate__V1__Verdict verdict; /* UNSPECIFIED until a stage refuses or admits */
	const char *rule;               /* static */
	char field[96];
	char detail[200]; /* what to do, where the verdict's own advice is not enough */
};

struct message *message_new(void); /* NULL: no memory */
void message_free(struct message *message);
SCOPED_DEFINE(struct message, message_free);
struct rg_bytes message_header(const struct message *message);
struct rg_bytes message_signature(const struct message *message);
struct rg_bytes message_part(const struct message *message, size_t i); /* salt ‖ bytes, or empty */
size_t message_size(const struct message *message);                    /* bytes of all frames */
/* Marks it refused; rule is static, field may be NULL. The first refusal stays. */
void message_refuse(struct message *message, Rivergate__V1__Verdict verdict, const char *rule,
	const char *field);
bool message_is_refused(const struct message *message);
bool message_verdict_is_retryable(Rivergate__V1__Verdict verdict);

#endif
