/*
 * The session's thread: see session.h
 *
 * One loop: wait for mail, socket, monitor or time; take the mail; read; write. A
 * connection that fails is replaced by a new one after a pause that doubles, with
 * jitter, so that a thousand clients do not come back in one moment.
 * Threads: run() is the session's thread; start and stop belong to the caller's.
 */

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>
#include <zmq.h>

#include "base/clock.h"
#include "base/log.h"
#include "client/dialogue.h"
#include "client/link.h"
#include "client/session.h"

#define PAUSE_FIRST_US    50000
#define PAUSE_REJECTED_US 2000000
#define PAUSE_MAX_US      10000000
#define HELLO_WAIT_US     5000000
#define WAIT_MAX_US       1000000

struct session {
	pthread_t thread;
	struct mailbox *inbox;
	struct mailbox *outbox;
	struct link *link;
	struct dialogue *dialogue;
	int64_t open_us;  /* when to connect next, monotonic */
	int64_t hello_us; /* until when HELLO must be answered */
	int64_t pause_us;
	int64_t close_us; /* 0: not asked to close */
	struct mail_close farewell;
	bool is_distrusted;
	bool is_closed;
};

static void pause_before_opening(struct session *session, int64_t least_us)
{
	uint16_t random = 0;
	int64_t pause = session->pause_us > least_us ? session->pause_us : least_us;

	(void)RAND_bytes((unsigned char *)&random, sizeof(random));
	session->open_us = clock_monotonic_us() + pause / 2 + pause / 2 * random / UINT16_MAX;
	session->pause_us = pause * 2 < PAUSE_MAX_US ? pause * 2 : PAUSE_MAX_US;
}

static void lose(struct session *session, const char *why, int64_t least_us)
{
	if (dialogue_is_established(session->dialogue)) {
		session->pause_us = PAUSE_FIRST_US;
	}
	dialogue_end(session->dialogue, why);
	link_close(session->link, 0);
	pause_before_opening(session, least_us);
	log_event(LOG_INFO, "client", "connection-lost", log_text("why", why),
		log_number("next_ms", (session->open_us - clock_monotonic_us()) / 1000));
}

static rg_err open_if_due(struct session *session, int64_t now_us)
{
	bool may_open = !link_is_open(session->link) && !session->is_distrusted &&
		now_us >= session->open_us;

	if (!may_open) {
		return RG_OK;
	}
	rg_err err = link_open(session->link);
	if (err) {
		return err;
	}
	session->hello_us = now_us + HELLO_WAIT_US;
	return dialogue_begin(session->dialogue, link_socket(session->link), now_us);
}

static long wait_ms(const struct session *session, int64_t now_us)
{
	int64_t until = now_us + WAIT_MAX_US;
	int64_t due = link_is_open(session->link) ? dialogue_next_us(session->dialogue)
						  : session->open_us;

	until = due < until ? due : until;
	if (session->close_us && session->close_us < until) {
		until = session->close_us;
	}
	return until > now_us ? (long)((until - now_us + 999) / 1000) : 0;
}

static void wait_for_something(const struct session *session, int64_t now_us)
{
	zmq_pollitem_t items[] = {
		{.fd = mailbox_fd(session->inbox), .events = ZMQ_POLLIN},
		{.socket = link_socket(session->link), .events = ZMQ_POLLIN},
		{.socket = link_monitor(session->link), .events = ZMQ_POLLIN},
	};

	(void)zmq_poll(items, link_is_open(session->link) ? 3 : 1, wait_ms(session, now_us));
}

static void take_mail(struct session *session)
{
	struct mail *mail = mailbox_take_all(session->inbox);

	while (mail) {
		struct mail *next = mail->next;

		if (mail->type == MAIL_CLOSE) {
			session->close_us =
				clock_monotonic_us() + (int64_t)session->farewell.linger_ms * 1000;
		} else {
			dialogue_take(session->dialogue, mail);
		}
		mail = next;
	}
}

static void heed(struct session *session, enum dialogue_state state)
{
	switch (state) {
	case DIALOGUE_GOES_ON:
		break;
	case DIALOGUE_BROKEN:
		lose(session, "the line broke, or the router said what cannot be followed", 0);
		break;
	case DIALOGUE_DISTRUSTED:
		session->is_distrusted = true;
		lose(session, "the router contradicts itself", 0);
		break;
	}
}

static void heed_link(struct session *session, int64_t now_us)
{
	switch (link_read_monitor(session->link)) {
	case LINK_NOTHING:
		break;
	case LINK_LOST:
		lose(session, "not connected", 0);
		return;
	case LINK_REJECTED:
		lose(session,
			"the router refuses this party's CURVE key, or has another than the "
			"registry says",
			PAUSE_REJECTED_US);
		return;
	}
	if (!dialogue_is_established(session->dialogue) && now_us >= session->hello_us) {
		lose(session, "the router does not answer HELLO", 0);
	}
}

static rg_err converse(struct session *session, int64_t now_us)
{
	enum dialogue_state state = DIALOGUE_GOES_ON;
	rg_err err = dialogue_read(session->dialogue, now_us, &state);

	if (!err && state == DIALOGUE_GOES_ON) {
		err = dialogue_write(session->dialogue, now_us, &state);
	}
	if (dialogue_is_established(session->dialogue)) {
		session->pause_us = PAUSE_FIRST_US;
	}
	heed(session, state);
	return err;
}

static void close_if_done(struct session *session, int64_t now_us)
{
	if (session->close_us) {
		session->is_closed = now_us >= session->close_us || session->is_distrusted ||
			!dialogue_has_unsent(session->dialogue);
	}
}

static rg_err turn(struct session *session)
{
	int64_t now_us = clock_monotonic_us();
	rg_err err = open_if_due(session, now_us);

	if (err) {
		return err;
	}
	wait_for_something(session, now_us);
	take_mail(session);
	now_us = clock_monotonic_us();
	/* What came before the end of a connection is read before the end is heeded. */
	if (link_is_open(session->link)) {
		err = converse(session, now_us);
	}
	if (!err && link_is_open(session->link)) {
		heed_link(session, now_us);
	}
	close_if_done(session, now_us);
	return err;
}

static void tell_fault(struct session *session, rg_err fault)
{
	scoped(mail_freep) struct mail *mail = mail_new(MAIL_NOTICE, sizeof(struct mail_notice));

	log_event(LOG_ERROR, "client", "session-ended", log_fault(fault));
	if (mail) {
		((struct mail_notice *)mail)->fault = fault;
		mailbox_put(session->outbox, steal(mail));
	}
}

static void *run(void *context)
{
	struct session *session = context;
	rg_err err = RG_OK;

	while (!session->is_closed && !err) {
		err = turn(session);
	}
	if (err) {
		tell_fault(session, err);
	}
	int64_t left_ms = (session->close_us - clock_monotonic_us()) / 1000;
	dialogue_end(session->dialogue, "closed here");
	link_close(session->link, left_ms > 0 && left_ms < INT_MAX ? (int)left_ms : 0);
	return NULL;
}

static void release(struct session *session)
{
	if (session) {
		dialogue_free(session->dialogue);
		link_free(session->link);
		mail_discard(session->inbox);
		mail_discard(session->outbox);
		free(session);
	}
}

SCOPED_DEFINE(struct session, release);

/* Signals belong to the program's own threads. */
static rg_err start_thread(struct session *session)
{
	sigset_t all;
	sigset_t before;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&session->thread, NULL, run, session);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed ? RG_E_NOMEM : RG_OK;
}

static rg_err make_link(const struct rg_client_options *options, const struct trust *trust,
	struct link **ret_link)
{
	const Rivergate__V1__Router *router = trust_router(trust, options->router);
	struct link_options link = {.curve_key_path = options->curve_key_path};

	if (!router || router->curve_key.len != sizeof(link.router_key)) {
		log_event(LOG_ERROR, "client", "unknown-router",
			log_text("router", options->router),
			log_text("do", "name a router of the registry"));
		return RG_E_CONFIG;
	}
	memcpy(link.router_key, router->curve_key.data, sizeof(link.router_key));
	link.endpoint = options->endpoint ? options->endpoint : router->endpoint;
	return link_new(&link, ret_link);
}

rg_err session_start(const struct rg_client_options *options, struct trust *trust,
	const struct key *signing_key, struct session **ret_session)
{
	scoped(releasep) struct session *session = calloc(1, sizeof(*session));

	if (!session) {
		return RG_E_NOMEM;
	}
	session->pause_us = PAUSE_FIRST_US;
	rg_err err = mailbox_new(&session->inbox);
	err = err ? err : mailbox_new(&session->outbox);
	err = err ? err : make_link(options, trust, &session->link);
	const struct dialogue_options dialogue = {
		.client = options,
		.trust = trust,
		.signing_key = signing_key,
		.to_caller = session->outbox,
	};
	err = err ? err : dialogue_new(&dialogue, &session->dialogue);
	err = err ? err : start_thread(session);
	if (!err) {
		*ret_session = steal(session);
	}
	return err;
}

void session_stop(struct session *session, int linger_ms)
{
	if (!session) {
		return;
	}
	session->farewell = (struct mail_close){
		.mail.type = MAIL_CLOSE,
		.linger_ms = linger_ms > 0 ? linger_ms : 0,
	};
	mailbox_put(session->inbox, &session->farewell.mail);
	(void)pthread_join(session->thread, NULL);
	release(session);
}

struct mailbox *session_inbox(struct session *session)
{
	return session->inbox;
}

struct mailbox *session_outbox(struct session *session)
{
	return session->outbox;
}
