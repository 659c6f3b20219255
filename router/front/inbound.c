/*
 * The way in: frames of peers become messages and events.
 *
 * Method: a table of handlers, one for each body a client may send. Everything here
 * reads hostile bytes: a frame passes the bounded scan before it is looked at, and what
 * does not fit is refused, charged to its party, and counted.
 *
 * Threads: the front's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "front/state.h"
#include "sign/signature.h"
#include "wire/pack.h"

#define FRAME_ARENA_MAX (8u << 20)
#define MULTIPART_MAX   (MESSAGE_CONTENT_MAX + (1u << 20)) /* more is dropped, and refused */
#define COST_FORM_US    1000 /* of a frame that should not have come, a HELLO, a query */
#define COST_MESSAGE_US 100  /* one signature; what was not needed is given back */
#define COST_KIB_US     1    /* hashing 1 KiB */
#define COST_ROW_US     20   /* of a query: a message that is looked up and read */
#define ROWS_DEFAULT    100  /* of a query that says no limit, and the most of any */
#define ROWS_MAX        1000
#define TRUST_CHECK_US  1000000

enum {
	ITEM_ROUTING,
	ITEM_FRAME,
	ITEM_HEADER,
	ITEM_SIGNATURE,
	ITEM_PARTS,
};

/* One received multipart message while it is being read. */
struct arrival {
	struct rg_bytes routing;
	uint8_t key[FRONT_KEY_LEN];
	const struct trust_party *party; /* of the key, now; NULL: none any more */
	struct front_session *session;   /* NULL: none yet */
	Rivergate__V1__Frame *frame;
};

struct refusal {
	Rivergate__V1__Verdict verdict;
	const char *rule;
	const char *field;
	const char *text;
};

rg_err front_inbound_give(struct front *front, struct message *message, struct front_event *event)
{
	const struct front_sink *sink = &front->options.sink;

	if (!front->held && sink->take(sink->context, message, event)) {
		return RG_OK;
	}
	struct front_held *held = calloc(1, sizeof(*held));

	if (!held) {
		message_free(message);
		front_event_free(event);
		return RG_E_NOMEM;
	}
	held->message = message;
	held->event = event;
	*front->held_end = held;
	front->held_end = &held->next;
	return RG_OK;
}

bool front_inbound_flush(struct front *front)
{
	const struct front_sink *sink = &front->options.sink;

	while (front->held) {
		struct front_held *held = front->held;

		if (!sink->take(sink->context, held->message, held->event)) {
			return false;
		}
		front->held = held->next;
		free(held);
	}
	front->held_end = &front->held;
	return true;
}

rg_err front_inbound_close(struct front *front, struct front_session *session, const char *why)
{
	struct front_event *event = front_event_new(FRONT_EVENT_CLOSED, session->number);

	if (!event) {
		return RG_E_NOMEM;
	}
	log_event(LOG_INFO, "front", "session-closed",
		log_number("session", (int64_t)session->number),
		log_text("party", session->party->address), log_text("why", why));
	(void)snprintf(event->party, sizeof(event->party), "%s", session->party->address);
	front->n_backlogged -= session->backlog != NULL;
	front_session_close(front->sessions, session);
	atomic_fetch_sub(&front->n_sessions, 1);
	return front_inbound_give(front, NULL, event);
}

/* The packed RefusalBody, in front's name. */
static rg_err pack_refusal(const struct front *front, const struct refusal *why, struct buf *out)
{
	Rivergate__V1__RefusalBody body = RIVERGATE__V1__REFUSAL_BODY__INIT;
	struct rg_bytes header = frame_item(&front->received, ITEM_HEADER);
	uint8_t hash[MESSAGE_HASH_LEN];

	body.verdict = why->verdict;
	body.rule = (char *)why->rule;
	body.field = (char *)why->field;
	body.text = (char *)why->text;
	body.router_time_us = clock_now_us();
	body.retryable = message_verdict_is_retryable(why->verdict);
	body.router = (char *)front->router_address;
	if (header.len > 0 && header.len <= MESSAGE_HEADER_MAX) {
		rg_err err = signature_hash(header, hash);

		if (err) {
			return err;
		}
		body.header_hash = (ProtobufCBinaryData){.len = sizeof(hash), .data = hash};
	}
	return pack_append(&body.base, out);
}

static rg_err refuse(struct front *front, const struct arrival *it, const struct refusal *why,
	const Rivergate__V1__Submit *submit)
{
	scoped(buf_deinitv) struct buf body = {.data = NULL};
	Rivergate__V1__Refusal refusal = RIVERGATE__V1__REFUSAL__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	rg_err err = pack_refusal(front, why, &body);

	if (err) {
		return err;
	}
	atomic_fetch_add(&front->n_refused, 1);
	log_event(LOG_DEBUG, "front", "refused", log_text("rule", why->rule),
		log_text("party", it->party ? it->party->address : "?"));
	refusal.body = (ProtobufCBinaryData){.len = body.len, .data = body.data};
	refusal.seq = submit ? submit->seq : 0;
	refusal.epoch = submit ? submit->epoch : 0;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_REFUSAL;
	frame.refusal = &refusal;
	return it->session ? front_outbound_send(front, it->session->number, &frame)
			   : front_outbound_send_to(front, it->routing, &frame);
}

/* What is work for the core too costs verification time of the party. */
static bool may_ask(struct front *front, const struct arrival *it, int64_t cost_us)
{
	struct front_party *party =
		front_party_of(front->sessions, it->party->address, front->now_us);

	return party && front_party_charge(front->sessions, party, cost_us, front->now_us);
}

/* For what should not have come: costs time of the party's quota, and says so when spent. */
static rg_err refuse_form(struct front *front, const struct arrival *it, const char *rule,
	const char *field)
{
	struct refusal why = {RIVERGATE__V1__VERDICT__VERDICT_MALFORMED, rule, field,
		"send frames as proto/README.md, section 5, says"};

	if (!may_ask(front, it, COST_FORM_US)) {
		why.verdict = RIVERGATE__V1__VERDICT__VERDICT_QUOTA;
		why.text = "too many malformed frames: wait, then begin again with HELLO";
	}
	return refuse(front, it, &why, NULL);
}

/* Hands the frame with its arena to the sink. */
static rg_err give_event(struct front *front, const struct arrival *it, enum front_event_type type)
{
	struct front_event *event = front_event_new(type, it->session->number);

	if (!event) {
		return RG_E_NOMEM;
	}
	(void)snprintf(event->party, sizeof(event->party), "%s", it->party->address);
	event->frame = it->frame;
	event->arena = steal(front->arena);
	return front_inbound_give(front, NULL, event);
}

static rg_err on_hello(struct front *front, struct arrival *it)
{
	const Rivergate__V1__Hello *hello = it->frame->hello;
	const struct refusal other = {RIVERGATE__V1__VERDICT__VERDICT_SENDER,
		"party is not that of the session's key", "hello.party",
		"say the address that the directory gives this CURVE key"};
	const struct refusal full = {RIVERGATE__V1__VERDICT__VERDICT_QUOTA, "too many sessions", "",
		"close other sessions of this party, then try again"};
	const struct refusal many = {RIVERGATE__V1__VERDICT__VERDICT_QUOTA, "too many HELLOs", "",
		"wait a second, then try again"};
	const struct front_opening opening = {
		.party = it->party->address,
		.key = it->key,
		.routing = it->routing,
		.sessions_per_party = front->options.sessions_per_party,
		.now_us = front->now_us,
	};

	if (strcmp(hello->party, it->party->address) != 0) {
		return refuse(front, it, &other, NULL);
	}
	if (!may_ask(front, it, COST_FORM_US)) {
		return refuse(front, it, &many, NULL);
	}
	/* An older connection with the same descriptor is done with before this one is noted. */
	rg_err err = front_outbound_mark_gone(front);

	if (!err && it->session) {
		err = front_inbound_close(front, it->session, "begins anew");
	}
	it->session = NULL;
	if (!err) {
		err = front_session_open(front->sessions, &opening, &it->session);
	}
	if (!err && !it->session) {
		/* Peers that went without a word still count, until they are asked. */
		err = front_outbound_probe(front, it->party->address);
		if (!err) {
			err = front_session_open(front->sessions, &opening, &it->session);
		}
	}
	if (err || !it->session) {
		return err ? err : refuse(front, it, &full, NULL);
	}
	atomic_fetch_add(&front->n_sessions, 1);
	front_ends_note(front->ends, &front->received.items[ITEM_FRAME], it->session->number);
	it->session->checked_trust = front->trust;
	it->session->checked_us = front->now_us;
	log_event(LOG_INFO, "front", "session-opened",
		log_number("session", (int64_t)it->session->number),
		log_text("party", it->party->address), log_text("software", hello->software),
		log_text("receives", hello->receive ? "yes" : "no"));
	return give_event(front, it, FRONT_EVENT_OPENED);
}

/* What is wrong with the frames of a SUBMIT; false: nothing. */
static bool frames_are_wrong(const struct frame_multipart *received, struct refusal *ret_why)
{
	const Rivergate__V1__Verdict malformed = RIVERGATE__V1__VERDICT__VERDICT_MALFORMED;
	const Rivergate__V1__Verdict too_large = RIVERGATE__V1__VERDICT__VERDICT_TOO_LARGE;
	const char *limits = "limits: header 48 KiB, 64 parts, part 8 MiB, all parts 32 MiB";
	const struct refusal rows[] = {
		{malformed, "header or signature frame is missing", "", limits},
		{malformed, "more than 64 part frames", "parts", limits},
		{too_large, "parts are longer than 32 MiB together", "parts", limits},
		{too_large, "header is longer than 48 KiB", "", limits},
		{too_large, "signature is longer than 4 KiB", "signature", limits},
		{too_large, "part is longer than 8 MiB", "parts", limits},
	};
	bool has_long_part = false;
	size_t content = 0;

	for (size_t i = ITEM_PARTS; i < received->n_items; i++) {
		size_t len = frame_item(received, i).len;

		content += len;
		has_long_part = has_long_part || len > MESSAGE_PART_MAX;
	}
	const bool is_wrong[] = {
		received->n_items < ITEM_PARTS && received->n_dropped == 0,
		received->n_dropped > 0 && received->n_items == FRAME_ITEMS_MAX,
		received->n_dropped > 0 ||
			content > MESSAGE_CONTENT_MAX + MESSAGE_PARTS_MAX * MESSAGE_SALT_LEN,
		frame_item(received, ITEM_HEADER).len > MESSAGE_HEADER_MAX,
		frame_item(received, ITEM_SIGNATURE).len > MESSAGE_SIGNATURE_MAX,
		has_long_part,
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (is_wrong[i]) {
			*ret_why = rows[i];
			return true;
		}
	}
	return false;
}

static rg_err message_of(struct front *front, const struct arrival *it,
	struct message **ret_message)
{
	scoped(message_freep) struct message *message = message_new();
	struct frame_multipart *received = &front->received;
	size_t n_parts = received->n_items - ITEM_PARTS;

	if (!message) {
		return RG_E_NOMEM;
	}
	message->part_frames = n_parts ? calloc(n_parts, sizeof(zmq_msg_t)) : NULL;
	if (n_parts && !message->part_frames) {
		return RG_E_NOMEM;
	}
	(void)zmq_msg_move(&message->header_frame, &received->items[ITEM_HEADER]);
	(void)zmq_msg_move(&message->signature_frame, &received->items[ITEM_SIGNATURE]);
	for (; message->n_parts < n_parts; message->n_parts++) {
		zmq_msg_t *part = &message->part_frames[message->n_parts];

		(void)zmq_msg_init(part);
		(void)zmq_msg_move(part, &received->items[ITEM_PARTS + message->n_parts]);
	}
	message->session = it->session->number;
	memcpy(message->party, it->session->party->address, sizeof(message->party));
	message->seq = it->frame->submit->seq;
	message->epoch = it->frame->submit->epoch;
	message->received_us = front->now_us;
	*ret_message = steal(message);
	return RG_OK;
}

/* After a retryable refusal: nothing of this epoch counts, its window comes back. */
static bool is_dropped(struct front_session *session, uint32_t epoch)
{
	session->is_dropping = session->is_dropping && epoch <= session->dropped_epoch;
	return session->is_dropping;
}

static size_t window_cost(const struct frame_multipart *received)
{
	return received->n_bytes - frame_item(received, ITEM_ROUTING).len -
		frame_item(received, ITEM_FRAME).len;
}

/* Refuses a submission; a retryable verdict makes the session drop what follows. */
static rg_err refuse_submit(struct front *front, const struct arrival *it,
	const struct refusal *why, size_t cost)
{
	const Rivergate__V1__Submit *submit = it->frame->submit;
	struct front_session *session = it->session;
	uint64_t number = session->number;

	if (message_verdict_is_retryable(why->verdict)) {
		session->is_dropping = true;
		session->dropped_epoch = submit->epoch;
	}
	rg_err err = refuse(front, it, why, submit);

	session = front_session_at(front->sessions, number);
	return err || !session ? err : front_outbound_release(front, session, 1, cost);
}

static rg_err on_submit(struct front *front, struct arrival *it)
{
	const struct refusal window = {RIVERGATE__V1__VERDICT__VERDICT_QUOTA,
		"more than the window of submissions", "", "send within the credit that was given"};
	const struct refusal quota = {RIVERGATE__V1__VERDICT__VERDICT_QUOTA,
		"verification time of the party is spent", "", "wait a second, then send again"};
	struct front_session *session = it->session;
	size_t cost = window_cost(&front->received);
	int64_t charge_us = COST_MESSAGE_US + (int64_t)(cost / 1024) * COST_KIB_US;
	struct refusal wrong;
	struct message *message = NULL;

	if (is_dropped(session, it->frame->submit->epoch)) {
		return front_outbound_release(front, session, 1, cost);
	}
	if (frames_are_wrong(&front->received, &wrong)) {
		front_party_refund(front->sessions, session->party, -COST_FORM_US);
		return refuse_submit(front, it, &wrong, cost);
	}
	if (session->used_messages >= front->options.window_messages ||
		session->used_bytes + cost > front->options.window_bytes) {
		return refuse_submit(front, it, &window, cost);
	}
	if (!front_party_charge(front->sessions, session->party, charge_us, front->now_us)) {
		return refuse_submit(front, it, &quota, cost);
	}
	rg_err err = message_of(front, it, &message);

	if (err) {
		return err;
	}
	message->size = cost;
	message->charged_us = (uint32_t)charge_us;
	session->used_messages++;
	session->used_bytes += cost;
	return front_inbound_give(front, message, NULL);
}

static rg_err on_settled(struct front *front, struct arrival *it)
{
	return give_event(front, it, FRONT_EVENT_SETTLED);
}

static rg_err on_credit(struct front *front, struct arrival *it)
{
	return give_event(front, it, FRONT_EVENT_CREDIT);
}

/* How many messages the query may bring up. */
static int64_t rows_of(const Rivergate__V1__Query *query)
{
	uint32_t limit = 0;

	if (query->what_case == RIVERGATE__V1__QUERY__WHAT_TRACK) {
		limit = query->track->limit;
	} else if (query->what_case == RIVERGATE__V1__QUERY__WHAT_INBOX) {
		limit = query->inbox->limit;
	}
	return limit == 0 ? ROWS_DEFAULT : limit < ROWS_MAX ? limit : ROWS_MAX;
}

static rg_err on_query(struct front *front, struct arrival *it)
{
	const struct refusal quota = {RIVERGATE__V1__VERDICT__VERDICT_QUOTA, "too many queries",
		"query", "wait a second, then ask again"};

	if (!may_ask(front, it, COST_FORM_US + rows_of(it->frame->query) * COST_ROW_US)) {
		return refuse(front, it, &quota, NULL);
	}
	return give_event(front, it, FRONT_EVENT_QUERY);
}

/* An answer that was not asked for costs its party what a bad frame costs. */
static rg_err on_witnessed(struct front *front, struct arrival *it)
{
	const struct refusal quota = {RIVERGATE__V1__VERDICT__VERDICT_QUOTA,
		"too many answers of a witness", "witnessed", "answer what was asked"};

	if (!may_ask(front, it, COST_FORM_US)) {
		return refuse(front, it, &quota, NULL);
	}
	return give_event(front, it, FRONT_EVENT_WITNESSED);
}

static rg_err on_ping(struct front *front, struct arrival *it)
{
	if (it->frame->ping->reply) {
		return RG_OK;
	}
	it->frame->ping->reply = true;
	return front_outbound_send(front, it->session->number, it->frame);
}

struct handler {
	rg_err (*handle)(struct front *front, struct arrival *it);
	bool needs_no_session;
	bool takes_frames; /* may be followed by raw frames */
};

static const struct handler handlers[] = {
	[RIVERGATE__V1__FRAME__BODY_HELLO] = {.handle = on_hello, .needs_no_session = true},
	[RIVERGATE__V1__FRAME__BODY_SUBMIT] = {.handle = on_submit, .takes_frames = true},
	[RIVERGATE__V1__FRAME__BODY_SETTLED] = {.handle = on_settled},
	[RIVERGATE__V1__FRAME__BODY_CREDIT] = {.handle = on_credit},
	[RIVERGATE__V1__FRAME__BODY_QUERY] = {.handle = on_query},
	[RIVERGATE__V1__FRAME__BODY_PING] = {.handle = on_ping},
	[RIVERGATE__V1__FRAME__BODY_WITNESSED] = {.handle = on_witnessed},
};

static const struct handler *handler_of(Rivergate__V1__Frame__BodyCase body)
{
	size_t i = (size_t)body;

	return i < sizeof(handlers) / sizeof(handlers[0]) && handlers[i].handle ? &handlers[i]
										: NULL;
}

static rg_err handle_frame(struct front *front, struct arrival *it)
{
	const struct handler *handler = handler_of(it->frame->body_case);

	if (!handler) {
		return refuse_form(front, it, "frame is none that a client sends", "");
	}
	if (!it->session && !handler->needs_no_session) {
		return refuse_form(front, it, "no session: send HELLO first", "");
	}
	if (!handler->takes_frames && front->received.n_items + front->received.n_dropped > 2) {
		return refuse_form(front, it, "frame is followed by others", "");
	}
	return handler->handle(front, it);
}

static rg_err read_frame(struct front *front, struct arrival *it)
{
	struct rg_bytes bytes = frame_item(&front->received, ITEM_FRAME);
	struct scan_answer answer = {.is_ok = false, .rule = "frame is too long"};

	if (!front->arena) {
		front->arena = arena_new(FRAME_ARENA_MAX);
	}
	if (!front->arena) {
		return RG_E_NOMEM;
	}
	arena_reset(front->arena);
	if (bytes.len <= FRAME_REQUEST_MAX) {
		rg_err err = frame_unpack(bytes, front->arena, &answer, &it->frame);

		if (err) {
			return err;
		}
	}
	return it->frame ? handle_frame(front, it)
			 : refuse_form(front, it, answer.rule, answer.path);
}

/* Whether the key of the session still is its party's, in the trust in force. */
static void find_party(struct front *front, struct arrival *it)
{
	struct front_session *session = it->session;

	if (session && session->checked_trust == front->trust &&
		front->now_us - session->checked_us < TRUST_CHECK_US) {
		it->party = trust_party_at(front->trust, session->party->address);
		return;
	}
	it->party = trust_party_of_curve(front->trust, it->key, clock_now_us());
	if (session && it->party && strcmp(it->party->address, session->party->address) != 0) {
		it->party = NULL;
	}
	if (session && it->party) {
		session->checked_trust = front->trust;
		session->checked_us = front->now_us;
	}
}

static rg_err cut(struct front *front, struct arrival *it)
{
	const struct refusal withdrawn = {RIVERGATE__V1__VERDICT__VERDICT_SENDER,
		"the key of the session is no longer in force", "",
		"connect with a key that stands in the directory in force"};
	rg_err err = refuse(front, it, &withdrawn, NULL);

	if (!err && it->session) {
		it->session = front_session_find(front->sessions, it->key, it->routing);
	}
	return err || !it->session
		? err
		: front_inbound_close(front, it->session, "its key was withdrawn");
}

rg_err front_inbound_take(struct front *front)
{
	struct frame_multipart *received = &front->received;
	struct arrival it = {.routing = frame_item(received, ITEM_ROUTING)};
	const char *user = received->n_items > 1
		? zmq_msg_gets(&received->items[ITEM_FRAME], "User-Id")
		: NULL;

	/* No User-Id, no CURVE handshake that the gate let pass: nobody to answer. */
	if (!user || !text_unhex(user, it.key, sizeof(it.key))) {
		log_event(LOG_WARNING, "front", "frame-without-key");
		return RG_OK;
	}
	it.session = front_session_find(front->sessions, it.key, it.routing);
	find_party(front, &it);
	if (!it.party) {
		return cut(front, &it);
	}
	if (it.session) {
		it.session->heard_us = front->now_us;
	}
	return read_frame(front, &it);
}
