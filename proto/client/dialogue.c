/*
 * The dialogue with a router: see dialogue.h
 *
 * This file speaks; answer.c heeds. Whatever piled up unsigned when there is credit to
 * send is signed with one signature (natural batching): the busier, the cheaper.
 * Threads: owned by the session's thread.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "client/dialogue_state.h"
#include "sign/signature.h"

#define FRAMES_A_TURN   128
#define FRAME_BYTES_MAX (FRAME_PACKED_MAX + (size_t)36 * 1024 * 1024)
#define PING_AFTER_US   5000000
#define BROKEN_AFTER_US 15000000
#define ARENA_MAX       ((size_t)96 << 20)
#define SETTLES_A_FRAME 256
#define SOFTWARE        "rivergate client"

/* --- Life ------------------------------------------------------------------------------------- */

static rg_err copy_address(char to[ADDRESS_MAX + 1], const char *from)
{
	if (!from || !address_is_valid(from)) {
		log_event(LOG_ERROR, "client", "bad-address", log_text("address", from ? from : ""),
			log_text("do", "an address is cc.agency[.office…] in lower case"));
		return RG_E_CONFIG;
	}
	memcpy(to, from, strlen(from) + 1);
	return RG_OK;
}

static rg_err open_history(struct dialogue *dialogue, const struct dialogue_options *options)
{
	const Rivergate__V1__Router *router = trust_router(options->trust, dialogue->router);
	struct note_verifier log;

	if (!router || router->log_key.len != sizeof(log.public_key)) {
		log_event(LOG_ERROR, "client", "unknown-router",
			log_text("router", dialogue->router));
		return RG_E_CONFIG;
	}
	rg_err err = note_verifier_of(router->origin, router->log_key.data, &log);
	return err ? err : history_open(options->client->state_path, &log, &dialogue->history);
}

static rg_err make_receiver(struct dialogue *dialogue, const struct dialogue_options *options)
{
	const struct receiver_options receiver = {
		.party = dialogue->party,
		.router = dialogue->router,
		.registry_path = options->client->registry_path,
		.directories_path = options->client->directories_path,
		.trust = options->trust,
		.history = dialogue->history,
	};

	return receiver_new(&receiver, &dialogue->receiver);
}

static size_t batch_limit(uint32_t wanted)
{
	return wanted && wanted < SIGNATURE_BATCH_MAX ? wanted : SIGNATURE_BATCH_MAX;
}

rg_err dialogue_new(const struct dialogue_options *options, struct dialogue **ret_dialogue)
{
	scoped(dialogue_freep) struct dialogue *dialogue = calloc(1, sizeof(*dialogue));

	if (!dialogue) {
		return RG_E_NOMEM;
	}
	frame_init(&dialogue->frames);
	dialogue->signing_key = options->signing_key;
	dialogue->to_caller = options->to_caller;
	dialogue->batch_max = batch_limit(options->client->batch_max);
	dialogue->wants_to_receive = options->client->receive;
	dialogue->settles_end = &dialogue->settles;
	dialogue->queries_end = &dialogue->queries;
	rg_err err = copy_address(dialogue->party, options->client->party);
	err = err ? err : copy_address(dialogue->router, options->client->router);
	err = err ? err : unanswered_init(&dialogue->unanswered);
	err = err ? err
		  : intake_init(&dialogue->intake, options->client->credit_messages,
			    options->client->credit_bytes);
	err = err ? err : open_history(dialogue, options);
	err = err ? err : make_receiver(dialogue, options);
	err = err ? err
		  : witnessed_init(&dialogue->witnessed, trust_registry(options->trust),
			    dialogue->party);
	if (!err && dialogue->wants_to_receive) {
		err = account_open(options->client->state_path,
			(int64_t)options->client->missing_after_s * 1000000, &dialogue->account);
	}
	if (!err) {
		*ret_dialogue = steal(dialogue);
	}
	return err;
}

static void free_settles(struct mail_settle *settle)
{
	while (settle) {
		struct mail_settle *next = (struct mail_settle *)settle->mail.next;

		free(settle);
		settle = next;
	}
}

static void free_queries(struct mail_query *query)
{
	while (query) {
		struct mail_query *next = (struct mail_query *)query->mail.next;

		mail_free(&query->mail);
		query = next;
	}
}

void dialogue_free(struct dialogue *dialogue)
{
	if (!dialogue) {
		return;
	}
	unanswered_deinit(&dialogue->unanswered);
	intake_deinit(&dialogue->intake);
	receiver_free(dialogue->receiver);
	account_close(dialogue->account);
	history_close(dialogue->history);
	free_settles(dialogue->settles);
	free_queries(dialogue->queries);
	arena_free(dialogue->arena);
	frame_deinit(&dialogue->frames);
	free(dialogue);
}

rg_err dialogue_notify(struct dialogue *dialogue, enum rg_event_type type, const char *what,
	const char *why)
{
	scoped(mail_freep) struct mail *mail = mail_new(MAIL_NOTICE, sizeof(struct mail_notice));
	struct mail_notice *notice = (struct mail_notice *)mail;

	if (!mail) {
		return RG_E_NOMEM;
	}
	notice->type = type;
	(void)snprintf(notice->text, sizeof(notice->text), "%s%s%s", what, why ? ": " : "",
		why ? why : "");
	mailbox_put(dialogue->to_caller, steal(mail));
	return RG_OK;
}

static void add_query(struct dialogue *dialogue, struct mail_query *query)
{
	query->mail.next = NULL;
	*dialogue->queries_end = query;
	dialogue->queries_end = (struct mail_query **)(void *)&query->mail.next;
	if (!dialogue->unsent_query) {
		dialogue->unsent_query = query;
	}
}

static void add_settle(struct dialogue *dialogue, struct mail_settle *settle)
{
	struct intake_key key = {.index = settle->index, .is_derived = settle->is_derived};

	memcpy(key.derived_id, settle->derived_id, sizeof(key.derived_id));
	intake_settled(&dialogue->intake, &key);
	settle->mail.next = NULL;
	*dialogue->settles_end = settle;
	dialogue->settles_end = (struct mail_settle **)(void *)&settle->mail.next;
}

void dialogue_take(struct dialogue *dialogue, struct mail *mail)
{
	if (mail->type == MAIL_SUBMIT) {
		unanswered_add(&dialogue->unanswered, (struct submission *)mail);
	} else if (mail->type == MAIL_SETTLE) {
		add_settle(dialogue, (struct mail_settle *)mail);
	} else if (mail->type == MAIL_QUERY) {
		add_query(dialogue, (struct mail_query *)mail);
	} else {
		mail_free(mail);
	}
}

/* --- Writing ---------------------------------------------------------------------------------- */

/* The socket has no mark at which it is full, and a DEALER's peer is never unknown. */
static rg_err send_all(struct dialogue *dialogue, struct frame_multipart *frames)
{
	enum frame_sent sent = FRAME_SENT;
	rg_err err = frame_send(dialogue->socket, frames, &sent);

	if (!err && sent != FRAME_SENT) {
		dialogue->state = DIALOGUE_BROKEN;
	}
	return err;
}

rg_err dialogue_say(struct dialogue *dialogue, const Rivergate__V1__Frame *frame)
{
	scoped(frame_deinit) struct frame_multipart frames = {.n_items = 0};

	frame_init(&frames);
	rg_err err = frame_add_packed(&frames, frame);
	return err ? err : send_all(dialogue, &frames);
}

static rg_err say_hello(struct dialogue *dialogue)
{
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	Rivergate__V1__Hello hello = RIVERGATE__V1__HELLO__INIT;

	hello.receive = dialogue->wants_to_receive;
	hello.checkpoint = (char *)history_text(dialogue->history);
	hello.party = dialogue->party;
	hello.software = (char *)SOFTWARE;
	hello.news = witnessed_has_witnesses(&dialogue->witnessed);
	frame.body_case = RIVERGATE__V1__FRAME__BODY_HELLO;
	frame.hello = &hello;
	return dialogue_say(dialogue, &frame);
}

static rg_err say_ping(struct dialogue *dialogue, uint64_t nonce, bool is_reply)
{
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	Rivergate__V1__Ping ping = RIVERGATE__V1__PING__INIT;

	ping.nonce = nonce;
	ping.reply = is_reply;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_PING;
	frame.ping = &ping;
	return dialogue_say(dialogue, &frame);
}

static rg_err say_credit(struct dialogue *dialogue)
{
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	Rivergate__V1__Credit credit = RIVERGATE__V1__CREDIT__INIT;

	if (!dialogue->wants_to_receive ||
		!intake_grant(&dialogue->intake, &credit.messages, &credit.bytes)) {
		return RG_OK;
	}
	frame.body_case = RIVERGATE__V1__FRAME__BODY_CREDIT;
	frame.credit = &credit;
	return dialogue_say(dialogue, &frame);
}

static rg_err say_queries(struct dialogue *dialogue)
{
	rg_err err = RG_OK;

	while (dialogue->unsent_query && !err) {
		Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;

		frame.body_case = RIVERGATE__V1__FRAME__BODY_QUERY;
		frame.query = dialogue->unsent_query->query;
		err = dialogue_say(dialogue, &frame);
		dialogue->unsent_query = (struct mail_query *)dialogue->unsent_query->mail.next;
	}
	return err;
}

/* The settlements of one frame. */
struct settled_frame {
	Rivergate__V1__DeliveryRef refs[SETTLES_A_FRAME];
	Rivergate__V1__DeliveryRef *settled[SETTLES_A_FRAME];
	Rivergate__V1__SetAside aside[SETTLES_A_FRAME];
	Rivergate__V1__SetAside *set_aside[SETTLES_A_FRAME];
	Rivergate__V1__Settled body;
};

static void add_ref(struct settled_frame *frame, size_t i, struct mail_settle *settle)
{
	Rivergate__V1__DeliveryRef *ref = &frame->refs[i];

	rivergate__v1__delivery_ref__init(ref);
	ref->index = settle->index;
	if (settle->is_derived) {
		ref->derived_id.data = settle->derived_id;
		ref->derived_id.len = sizeof(settle->derived_id);
	}
	if (settle->reason[0] == '\0') {
		frame->settled[frame->body.n_deliveries++] = ref;
		return;
	}
	Rivergate__V1__SetAside *aside = &frame->aside[frame->body.n_set_aside];
	rivergate__v1__set_aside__init(aside);
	aside->delivery = ref;
	aside->reason = settle->reason;
	frame->set_aside[frame->body.n_set_aside++] = aside;
}

static rg_err say_some_settled(struct dialogue *dialogue)
{
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	struct settled_frame settled;
	struct mail_settle *settle = dialogue->settles;
	struct mail_settle **told = &dialogue->settles;

	rivergate__v1__settled__init(&settled.body);
	settled.body.deliveries = settled.settled;
	settled.body.set_aside = settled.set_aside;
	for (size_t i = 0; settle && i < SETTLES_A_FRAME; i++) {
		add_ref(&settled, i, settle);
		told = (struct mail_settle **)(void *)&settle->mail.next;
		settle = *told;
	}
	frame.body_case = RIVERGATE__V1__FRAME__BODY_SETTLED;
	frame.settled = &settled.body;
	rg_err err = dialogue_say(dialogue, &frame);
	*told = NULL;
	free_settles(dialogue->settles);
	dialogue->settles = settle;
	if (!settle) {
		dialogue->settles_end = &dialogue->settles;
	}
	return err;
}

/* Counted durably before the router may forget them. RG_E_IO: not now. */
static rg_err count_settled(struct dialogue *dialogue)
{
	rg_err err = RG_OK;

	if (!dialogue->account) {
		return RG_OK;
	}
	for (struct mail_settle *settle = dialogue->settles; settle && !err;
		settle = (struct mail_settle *)settle->mail.next) {
		if (!settle->is_derived) {
			err = account_settle(dialogue->account, settle->index, clock_now_us());
		}
	}
	return err ? err : account_save(dialogue->account);
}

static rg_err say_settled(struct dialogue *dialogue)
{
	rg_err err = dialogue->settles ? count_settled(dialogue) : RG_OK;

	if (err) {
		return err == RG_E_IO ? RG_OK : err;
	}
	while (dialogue->settles && !err) {
		err = say_some_settled(dialogue);
	}
	return err;
}

/* Signs, with one signature, what is unsigned from this submission on. */
static rg_err sign_from(struct dialogue *dialogue, struct submission *first)
{
	struct submission *batch[SIGNATURE_BATCH_MAX];
	size_t n = 0;

	for (struct submission *at = first; at && n < dialogue->batch_max; at = at->next) {
		if (at->signature.len == 0) {
			batch[n++] = at;
		}
	}
	return submit_sign(dialogue->signing_key, batch, n);
}

static rg_err say_submit(struct dialogue *dialogue, struct submission *submission)
{
	scoped(frame_deinit) struct frame_multipart frames = {.n_items = 0};
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	Rivergate__V1__Submit submit = RIVERGATE__V1__SUBMIT__INIT;

	frame_init(&frames);
	submit.seq = dialogue->unanswered.next_seq;
	submit.epoch = dialogue->unanswered.epoch;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_SUBMIT;
	frame.submit = &submit;
	rg_err err = frame_add_packed(&frames, &frame);
	err = err ? err : frame_add(&frames, submission->header);
	err = err ? err : frame_add(&frames, buf_view(&submission->signature));
	for (size_t i = 0; i < submission->n_frames && !err; i++) {
		err = frame_add(&frames, submission->frames[i]);
	}
	err = err ? err : send_all(dialogue, &frames);
	if (!err) {
		unanswered_sent(&dialogue->unanswered, submission);
	}
	return err;
}

static rg_err say_submissions(struct dialogue *dialogue, int64_t now_us)
{
	struct submission *next = NULL;
	rg_err err = RG_OK;

	if (now_us < dialogue->resume_us) {
		return RG_OK;
	}
	dialogue->resume_us = 0;
	while (!err && (next = unanswered_next(&dialogue->unanswered)) != NULL) {
		if (next->signature.len == 0) {
			err = sign_from(dialogue, next);
		}
		err = err ? err : say_submit(dialogue, next);
	}
	return err;
}

static rg_err keep_alive(struct dialogue *dialogue, int64_t now_us)
{
	if (dialogue->owes_ping) {
		dialogue->owes_ping = false;
		return say_ping(dialogue, dialogue->owed_nonce, true);
	}
	if (now_us - dialogue->heard_us >= BROKEN_AFTER_US) {
		dialogue->state = DIALOGUE_BROKEN;
		return RG_OK;
	}
	if (now_us - dialogue->heard_us < PING_AFTER_US ||
		now_us - dialogue->pinged_us < PING_AFTER_US) {
		return RG_OK;
	}
	dialogue->pinged_us = now_us;
	return say_ping(dialogue, ++dialogue->nonce, false);
}

/* In the order in which they are said; SETTLED before CREDIT, because it makes room. */
static rg_err say_everything(struct dialogue *dialogue, int64_t now_us)
{
	rg_err err = keep_alive(dialogue, now_us);

	err = err ? err : say_queries(dialogue);
	err = err ? err : say_settled(dialogue);
	err = err ? err : say_credit(dialogue);
	err = err ? err : inquiry_say(dialogue, now_us);
	return err ? err : say_submissions(dialogue, now_us);
}

rg_err dialogue_write(struct dialogue *dialogue, int64_t now_us, enum dialogue_state *ret_state)
{
	rg_err err = history_save(dialogue->history);

	dialogue->state = DIALOGUE_GOES_ON;
	if (!err && witnessed_is_overdue(&dialogue->witnessed, now_us)) {
		err = dialogue_notify(dialogue, RG_EVENT_UNWITNESSED,
			"receipts have waited for their witnesses for more than a minute", NULL);
	}
	if (!err && dialogue->is_established) {
		err = say_everything(dialogue, now_us);
	}
	*ret_state = dialogue->state;
	return err;
}

/* --- Connections ------------------------------------------------------------------------------ */

rg_err dialogue_begin(struct dialogue *dialogue, void *socket, int64_t now_us)
{
	dialogue->socket = socket;
	dialogue->is_established = false;
	dialogue->heard_us = now_us;
	dialogue->pinged_us = now_us;
	dialogue->owes_ping = false;
	dialogue->unsent_query = dialogue->queries;
	intake_restart(&dialogue->intake);
	lineage_restart(history_lineage(dialogue->history));
	return say_hello(dialogue);
}

void dialogue_end(struct dialogue *dialogue, const char *why)
{
	if (dialogue->is_established &&
		dialogue_notify(dialogue, RG_EVENT_DISCONNECTED, why, NULL) != RG_OK) {
		log_event(LOG_WARNING, "client", "notice-lost", log_text("why", why));
	}
	dialogue->is_established = false;
	dialogue->socket = NULL;
	frame_clear(&dialogue->frames);
}

rg_err dialogue_read(struct dialogue *dialogue, int64_t now_us, enum dialogue_state *ret_state)
{
	rg_err err = RG_OK;
	bool is_received = true;

	dialogue->state = DIALOGUE_GOES_ON;
	for (size_t i = 0; i < FRAMES_A_TURN && dialogue->state == DIALOGUE_GOES_ON; i++) {
		if (!dialogue->arena && !(dialogue->arena = arena_new(ARENA_MAX))) {
			return RG_E_NOMEM;
		}
		err = frame_receive(dialogue->socket, FRAME_BYTES_MAX, &dialogue->frames,
			&is_received);
		if (err || !is_received) {
			break;
		}
		dialogue->heard_us = now_us;
		arena_reset(dialogue->arena);
		err = answer_heed(dialogue, now_us);
		if (err) {
			break;
		}
	}
	*ret_state = dialogue->state;
	return err;
}

bool dialogue_is_established(const struct dialogue *dialogue)
{
	return dialogue->is_established;
}

bool dialogue_has_unsent(const struct dialogue *dialogue)
{
	return dialogue->unanswered.unsent || dialogue->settles || dialogue->unsent_query;
}

int64_t dialogue_next_us(const struct dialogue *dialogue)
{
	int64_t last_us =
		dialogue->heard_us > dialogue->pinged_us ? dialogue->heard_us : dialogue->pinged_us;
	int64_t ping_us = last_us + PING_AFTER_US;

	return dialogue->resume_us && dialogue->resume_us < ping_us ? dialogue->resume_us : ping_us;
}
