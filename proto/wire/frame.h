#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

/*
 * Session frames on a ZeroMQ socket (rivergate/v1/session.proto)
 *
 * One multipart message = one packed Frame; for SUBMIT and DELIVER then header |
 * signature | one frame a part (salt ‖ bytes, or empty). A ROUTER socket puts the
 * routing id before all. Both ends of the protocol read and write through here.
 *
 * A frame_multipart owns its ZeroMQ messages: received ones keep their memory and
 * their metadata (User-Id), sent ones are not copied again. Frames beyond what the
 * protocol allows are received and dropped, so that memory stays bounded and the
 * answer can say so.
 *
 * In a window (CREDIT) a SUBMIT or DELIVER costs one message and the bytes of its
 * header, signature and part frames; the Frame itself and the routing id are free.
 *
 * Threads: as the socket: its owner alone.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zmq.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/arena.h"
#include "base/buf.h"
#include "rivergate/v1/session.pb-c.h"
#include "wire/scan.h"

#define FRAME_PACKED_MAX \
	(4u << 20) /* bytes of a packed Frame (answers and receipts are the largest) */
#define FRAME_REQUEST_MAX (64u << 10) /* bytes of a packed Frame from a client */
#define FRAME_ITEMS_MAX   68          /* routing id, Frame, header, signature, 64 parts */

struct frame_multipart {
	zmq_msg_t items[FRAME_ITEMS_MAX]; /* the first n_items are alive */
	size_t n_items;
	size_t n_bytes;   /* of these items */
	size_t n_dropped; /* received beyond FRAME_ITEMS_MAX or beyond the byte limit */
};

void frame_init(struct frame_multipart *multipart);
void frame_deinit(struct frame_multipart *multipart);
SCOPED_DEFINE_VALUE(struct frame_multipart, frame_deinit);
/* Closes all items; may be filled again. */
void frame_clear(struct frame_multipart *multipart);
/* A view of item i; empty when there is none. */
struct rg_bytes frame_item(const struct frame_multipart *multipart, size_t i);

/*
 * Receives one whole multipart message without waiting; multipart is cleared first.
 * Of more than bytes_max bytes or FRAME_ITEMS_MAX frames the rest is dropped and
 * counted. ret_is_received false: none is there. RG_E_IO: the socket failed.
 */
RG_MUST_USE rg_err frame_receive(void *socket, size_t bytes_max, struct frame_multipart *multipart,
	bool *ret_is_received);

/* Appends a copy. RG_E_OVERFLOW beyond FRAME_ITEMS_MAX. */
RG_MUST_USE rg_err frame_add(struct frame_multipart *multipart, struct rg_bytes bytes);
/* Appends *item itself, which is an empty message afterwards. */
RG_MUST_USE rg_err frame_add_item(struct frame_multipart *multipart, zmq_msg_t *item);
/* Appends the packed Frame. */
RG_MUST_USE rg_err frame_add_packed(struct frame_multipart *multipart,
	const Rivergate__V1__Frame *frame);

enum frame_sent {
	FRAME_SENT, /* multipart is empty now */
	FRAME_FULL, /* would have to wait: multipart is unchanged */
	FRAME_GONE, /* ROUTER: no such peer; multipart is unchanged */
};
/* Sends without waiting. RG_E_IO: the socket failed. */
RG_MUST_USE rg_err frame_send(void *socket, struct frame_multipart *multipart,
	enum frame_sent *ret_sent);

/*
 * Reads a packed Frame through the bounded scan. *ret_frame is NULL, and the answer
 * says why, when it is none, or has no body. It lives in arena. Faults: RG_E_NOMEM.
 */
RG_MUST_USE rg_err frame_unpack(struct rg_bytes bytes, struct arena *arena,
	struct scan_answer *ret_answer, Rivergate__V1__Frame **ret_frame);
/* Appends the packed Frame to out. */
RG_MUST_USE rg_err frame_pack(const Rivergate__V1__Frame *frame, struct buf *out);

#endif
