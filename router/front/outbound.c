/*
 * The way out: frames to sessions, window given back, liveness.
 *
 * Method: a frame goes to the socket at once; where libzmq would have to wait (its queue
 * for that peer is full) it joins the session's own backlog, which is bounded: a peer
 * that does not read is closed, and nothing is lost by it, as nothing counts until it is
 * receipted or settled. With ROUTER_MANDATORY libzmq says per peer whether it is full or
 * gone, at the routing id; what follows it is then taken whole.
 *
 * Threads: the front's.
 */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "front/state.h"

/* Part of the window that is given back at once: one CREDIT for many answers. */
#define CREDIT_SHARE 8

static rg_err send_content(struct front *front, struct rg_bytes routing,
	struct frame_multipart *content, enum frame_sent *ret_sent)
{
	if (zmq_send(front->socket, routing.data, routing.len, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) {
		int why = zmq_errno();

		if (why == EAGAIN || why == EINTR) {
			*ret_sent = FRAME_FULL;
			return RG_OK;
		}
		if (why == EHOSTUNREACH) {
			*ret_sent = FRAME_GONE;
			return RG_OK;
		}
		log_event(LOG_ERROR, "front", "send-failed", log_text("os", zmq_strerror(why)));
		return RG_E_IO;
	}
	rg_err err = frame_send(front->socket, content, ret_sent);

	return !err && *ret_sent != FRAME_SENT ? RG_E_IO : err;
}

static rg_err join_backlog(struct front *front, struct front_session *session,
	struct front_out *out)
{
	if (session->backlog_bytes + out->content.n_bytes > FRONT_BACKLOG_BYTES) {
		front_out_free(out);
		return front_inbound_close(front, session, "does not read what it is sent");
	}
	front->n_backlogged += session->backlog == NULL;
	session->backlog_bytes += out->content.n_bytes;
	out->next = NULL;
	*session->backlog_end = out;
	session->backlog_end = &out->next;
	return RG_OK;
}

/* Takes the item. */
static rg_err send_out(struct front *front, struct front_session *session, struct front_out *out)
{
	struct rg_bytes routing = {session->routing, session->routing_len};
	enum frame_sent sent = FRAME_FULL;

	/* Its routing id may be another peer's by now. */
	if (session->is_gone) {
		front_out_free(out);
		return RG_OK;
	}
	if (!session->backlog) {
		rg_err err = send_content(front, routing, &out->content, &sent);

		if (err) {
			front_out_free(out);
			return err;
		}
	}
	if (sent == FRAME_FULL) {
		return join_backlog(front, session, out);
	}
	front_out_free(out);
	return sent == FRAME_GONE ? front_inbound_close(front, session, "peer is gone") : RG_OK;
}

rg_err front_outbound_send(struct front *front, uint64_t number, const Rivergate__V1__Frame *frame)
{
	struct front_session *session = front_session_at(front->sessions, number);
	scoped(front_out_freep) struct front_out *out = NULL;

	if (!session) {
		return RG_OK;
	}
	out = front_out_new(FRONT_OUT_FRAME, number);
	if (!out) {
		return RG_E_NOMEM;
	}
	rg_err err = frame_add_packed(&out->content, frame);

	return err ? err : send_out(front, session, steal(out));
}

rg_err front_outbound_send_to(struct front *front, struct rg_bytes routing,
	const Rivergate__V1__Frame *frame)
{
	scoped(frame_deinitv) struct frame_multipart content = {.n_items = 0};
	enum frame_sent sent = FRAME_SENT;
	rg_err err = frame_add_packed(&content, frame);

	return err ? err : send_content(front, routing, &content, &sent);
}

static rg_err close_gone(struct front *front, struct front_session *session)
{
	return front_inbound_close(front, session, "connection has ended");
}

rg_err front_outbound_mark_gone(struct front *front)
{
	uint64_t number = 0;
	rg_err err = front_ends_next(front->ends, &number);

	while (!err && number) {
		struct front_session *session = front_session_at(front->sessions, number);

		/* Not closed yet: frames that it sent before may wait to be read. */
		if (session) {
			session->is_gone = true;
		}
		err = front_ends_next(front->ends, &number);
	}
	return err;
}

static rg_err send_credit(struct front *front, uint64_t session, uint64_t n_messages,
	uint64_t n_bytes)
{
	Rivergate__V1__Credit credit = RIVERGATE__V1__CREDIT__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;

	credit.messages = (uint32_t)n_messages;
	credit.bytes = n_bytes;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_CREDIT;
	frame.credit = &credit;
	return front_outbound_send(front, session, &frame);
}

rg_err front_outbound_release(struct front *front, struct front_session *session,
	uint64_t n_messages, uint64_t n_bytes)
{
	const struct front_options *options = &front->options;

	session->owed_messages += n_messages;
	session->owed_bytes += n_bytes;
	if (session->owed_messages < options->window_messages / CREDIT_SHARE &&
		session->owed_bytes < options->window_bytes / CREDIT_SHARE) {
		return RG_OK;
	}
	n_messages = session->owed_messages;
	n_bytes = session->owed_bytes;
	session->owed_messages = 0;
	session->owed_bytes = 0;
	return send_credit(front, session->number, n_messages, n_bytes);
}

/* What an answer changes in the books of its session. */
static rg_err settle_books(struct front *front, struct front_session *session,
	const struct front_out *out)
{
	session->used_messages -= out->n_messages;
	session->used_bytes -= out->n_bytes;
	front_party_refund(front->sessions, session->party, out->refund_us);
	if (out->is_retryable && (!session->is_dropping || session->dropped_epoch < out->epoch)) {
		session->is_dropping = true;
		session->dropped_epoch = out->epoch;
	}
	return front_outbound_release(front, session, out->n_messages, out->n_bytes);
}

static rg_err open_window(struct front *front, uint64_t session)
{
	return send_credit(front, session, front->options.window_messages,
		front->options.window_bytes);
}

rg_err front_outbound_handle(struct front *front, struct front_out **out)
{
	scoped(front_out_freep) struct front_out *item = steal(*out);
	struct front_session *session = NULL;
	rg_err err = RG_OK;

	if (item->type == FRONT_OUT_STOP) {
		front->is_stopping = true;
		return RG_OK;
	}
	err = front_outbound_mark_gone(front);
	if (err) {
		return err;
	}
	uint64_t number = item->session;
	bool is_hello = item->type == FRONT_OUT_HELLO;

	session = front_session_at(front->sessions, number);
	if (!session) {
		return RG_OK;
	}
	err = settle_books(front, session, item);
	/* Sending may have closed it. */
	session = front_session_at(front->sessions, number);
	if (err || !session || item->type == FRONT_OUT_RELEASE) {
		return err;
	}
	err = send_out(front, session, steal(item));
	return !err && is_hello ? open_window(front, number) : err;
}

static rg_err retry_session(struct front *front, struct front_session *session)
{
	struct rg_bytes routing = {session->routing, session->routing_len};

	if (session->is_gone) {
		return close_gone(front, session);
	}
	while (session->backlog) {
		struct front_out *out = session->backlog;
		size_t n_bytes = out->content.n_bytes;
		enum frame_sent sent = FRAME_SENT;
		rg_err err = send_content(front, routing, &out->content, &sent);

		if (err || sent == FRAME_FULL) {
			return err;
		}
		if (sent == FRAME_GONE) {
			return front_inbound_close(front, session, "peer is gone");
		}
		session->backlog = out->next;
		session->backlog_bytes -= n_bytes;
		front_out_free(out);
	}
	session->backlog_end = &session->backlog;
	front->n_backlogged--;
	return RG_OK;
}

rg_err front_outbound_retry(struct front *front)
{
	rg_err err = front_outbound_mark_gone(front);

	for (size_t i = 0;
		!err && front->n_backlogged > 0 && i < front_session_places(front->sessions); i++) {
		struct front_session *session = front_session_place(front->sessions, i);

		if (session && session->backlog) {
			err = retry_session(front, session);
		}
	}
	return err;
}

static rg_err send_ping(struct front *front, struct front_session *session)
{
	Rivergate__V1__Ping ping = RIVERGATE__V1__PING__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;

	session->pinged_us = front->now_us;
	ping.nonce = (uint64_t)front->now_us;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_PING;
	frame.ping = &ping;
	return front_outbound_send(front, session->number, &frame);
}

rg_err front_outbound_probe(struct front *front, const char *party)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < front_session_places(front->sessions); i++) {
		struct front_session *session = front_session_place(front->sessions, i);

		if (session && strcmp(session->party->address, party) == 0) {
			err = session->is_gone ? close_gone(front, session)
					       : send_ping(front, session);
		}
	}
	return err;
}

static rg_err watch_session(struct front *front, struct front_session *session)
{
	int64_t silent_us = front->now_us - session->heard_us;

	if (session->is_gone) {
		return close_gone(front, session);
	}
	if (silent_us > front->options.idle_us) {
		return front_inbound_close(front, session, "silent for too long");
	}
	if (silent_us < front->options.idle_us / 4 || session->pinged_us > session->heard_us) {
		return RG_OK;
	}
	return send_ping(front, session);
}

rg_err front_outbound_watch(struct front *front)
{
	rg_err err = front_outbound_mark_gone(front);

	for (size_t i = 0; !err && i < front_session_places(front->sessions); i++) {
		struct front_session *session = front_session_place(front->sessions, i);

		if (session) {
			err = watch_session(front, session);
		}
	}
	return err;
}
