/*
 * Session frames: see frame.h.
 *
 * Method: plain loops over zmq_msg_recv() and zmq_msg_send(), never waiting. libzmq
 * delivers and accepts multipart messages whole: once the first frame of one is there
 * the rest is, and once the first frame was accepted the rest is.
 *
 * Threads: the owner of the socket.
 */
#include "wire/frame.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "wire/pack.h"

/* Submessages that a Frame may hold: some in any case, and more in a long one. */
#define MESSAGES_MIN    4096
#define BYTES_A_MESSAGE 64

void frame_init(struct frame_multipart *multipart)
{
	multipart->n_items = 0;
	multipart->n_bytes = 0;
	multipart->n_dropped = 0;
}

void frame_clear(struct frame_multipart *multipart)
{
	for (size_t i = 0; i < multipart->n_items; i++) {
		(void)zmq_msg_close(&multipart->items[i]);
	}
	frame_init(multipart);
}

void frame_deinit(struct frame_multipart *multipart)
{
	frame_clear(multipart);
}

struct rg_bytes frame_item(const struct frame_multipart *multipart, size_t i)
{
	if (i >= multipart->n_items) {
		return (struct rg_bytes){.data = NULL, .len = 0};
	}
	/* libzmq's accessor is not const, though it changes nothing. */
	zmq_msg_t *item = (zmq_msg_t *)&multipart->items[i];

	return (struct rg_bytes){.data = zmq_msg_data(item), .len = zmq_msg_size(item)};
}

static rg_err socket_fault(const char *what)
{
	log_event(LOG_ERROR, "frame", "socket-failed", log_text("call", what),
		log_text("os", zmq_strerror(zmq_errno())));
	return RG_E_IO;
}

static void keep(struct frame_multipart *multipart, zmq_msg_t *item, size_t bytes_max)
{
	size_t len = zmq_msg_size(item);
	bool has_room = multipart->n_items < FRAME_ITEMS_MAX && multipart->n_dropped == 0 &&
		len <= bytes_max - multipart->n_bytes;

	if (!has_room) {
		multipart->n_dropped++;
		(void)zmq_msg_close(item);
		return;
	}
	(void)zmq_msg_init(&multipart->items[multipart->n_items]);
	(void)zmq_msg_move(&multipart->items[multipart->n_items], item);
	(void)zmq_msg_close(item);
	multipart->n_items++;
	multipart->n_bytes += len;
}

rg_err frame_receive(void *socket, size_t bytes_max, struct frame_multipart *multipart,
	bool *ret_is_received)
{
	bool has_more = true;
	bool is_first = true;

	frame_clear(multipart);
	while (has_more) {
		zmq_msg_t item;

		(void)zmq_msg_init(&item);
		if (zmq_msg_recv(&item, socket, is_first ? ZMQ_DONTWAIT : 0) < 0) {
			int why = zmq_errno();

			(void)zmq_msg_close(&item);
			if (is_first && (why == EAGAIN || why == EINTR)) {
				*ret_is_received = false;
				return RG_OK;
			}
			if (why == EINTR) {
				continue;
			}
			return socket_fault("zmq_msg_recv");
		}
		is_first = false;
		has_more = zmq_msg_more(&item) != 0;
		keep(multipart, &item, bytes_max);
	}
	*ret_is_received = true;
	return RG_OK;
}

rg_err frame_add(struct frame_multipart *multipart, struct rg_bytes bytes)
{
	if (multipart->n_items == FRAME_ITEMS_MAX) {
		return RG_E_OVERFLOW;
	}
	zmq_msg_t *item = &multipart->items[multipart->n_items];

	if (zmq_msg_init_size(item, bytes.len) != 0) {
		return RG_E_NOMEM;
	}
	if (bytes.len > 0) {
		memcpy(zmq_msg_data(item), bytes.data, bytes.len);
	}
	multipart->n_items++;
	multipart->n_bytes += bytes.len;
	return RG_OK;
}

rg_err frame_add_item(struct frame_multipart *multipart, zmq_msg_t *item)
{
	if (multipart->n_items == FRAME_ITEMS_MAX) {
		return RG_E_OVERFLOW;
	}
	multipart->n_bytes += zmq_msg_size(item);
	(void)zmq_msg_init(&multipart->items[multipart->n_items]);
	(void)zmq_msg_move(&multipart->items[multipart->n_items], item);
	multipart->n_items++;
	return RG_OK;
}

rg_err frame_add_packed(struct frame_multipart *multipart, const Rivergate__V1__Frame *frame)
{
	if (multipart->n_items == FRAME_ITEMS_MAX) {
		return RG_E_OVERFLOW;
	}
	zmq_msg_t *item = &multipart->items[multipart->n_items];
	size_t len = rivergate__v1__frame__get_packed_size(frame);

	if (zmq_msg_init_size(item, len) != 0) {
		return RG_E_NOMEM;
	}
	(void)rivergate__v1__frame__pack(frame, zmq_msg_data(item));
	multipart->n_items++;
	multipart->n_bytes += len;
	return RG_OK;
}

/* What a failed send of the first frame means. */
static rg_err first_refused(enum frame_sent *ret_sent)
{
	int why = zmq_errno();

	if (why == EAGAIN || why == EINTR) {
		*ret_sent = FRAME_FULL;
		return RG_OK;
	}
	if (why == EHOSTUNREACH) {
		*ret_sent = FRAME_GONE;
		return RG_OK;
	}
	return socket_fault("zmq_msg_send");
}

rg_err frame_send(void *socket, struct frame_multipart *multipart, enum frame_sent *ret_sent)
{
	size_t n_items = multipart->n_items;

	for (size_t i = 0; i < n_items; i++) {
		int flags = ZMQ_DONTWAIT | (i + 1 < n_items ? ZMQ_SNDMORE : 0);

		while (zmq_msg_send(&multipart->items[i], socket, flags) < 0) {
			if (i == 0) {
				return first_refused(ret_sent);
			}
			if (zmq_errno() != EINTR) {
				return socket_fault("zmq_msg_send");
			}
		}
	}
	frame_clear(multipart);
	*ret_sent = FRAME_SENT;
	return RG_OK;
}

rg_err frame_unpack(struct rg_bytes bytes, struct arena *arena, struct scan_answer *ret_answer,
	Rivergate__V1__Frame **ret_frame)
{
	/* RECEIPTS of a whole window hold a record for each of its messages. */
	const struct scan_limits limits = {
		.n_messages = MESSAGES_MIN + bytes.len / BYTES_A_MESSAGE};
	ProtobufCMessage *msg = NULL;

	*ret_answer = scan_check(&rivergate__v1__frame__descriptor, bytes, &limits);
	if (ret_answer->is_ok) {
		msg = protobuf_c_message_unpack(&rivergate__v1__frame__descriptor,
			arena_protobuf(arena), bytes.len, bytes.data);
		if (!msg) {
			return RG_E_NOMEM;
		}
	}
	Rivergate__V1__Frame *frame = (Rivergate__V1__Frame *)msg;

	if (frame && frame->body_case == RIVERGATE__V1__FRAME__BODY__NOT_SET) {
		ret_answer->is_ok = false;
		ret_answer->path[0] = '\0';
		ret_answer->rule = "frame without body";
		frame = NULL;
	}
	*ret_frame = frame;
	return RG_OK;
}

rg_err frame_pack(const Rivergate__V1__Frame *frame, struct buf *out)
{
	return pack_append(&frame->base, out);
}
