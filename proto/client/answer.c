/*
 * What a router says, and what follows from it: see dialogue.h
 *
 * One function a frame, found through a table. Nothing is believed before it is
 * verified: receipts against our own headers and the log key, refusals against the
 * router key, deliveries by receiver_check(). What contradicts what the log signed
 * before ends the dialogue for good; a delivery that fails is not shown and not
 * settled, so the router keeps it.
 * Threads: owned by the session's thread.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "client/dialogue_state.h"
#include "evidence/receipts.h"
#include "sign/signature.h"
#include "wire/pack.h"
#include "wire/scan.h"

#define RESUME_FIRST_US 100000
#define RESUME_MAX_US   5000000
#define REFUSAL_CONTEXT "rivergate/v1 refusal"
#define HEADER_ITEM     1

/* The router contradicts itself or its log: told, and never connected to again. */
static rg_err distrust(struct dialogue *dialogue, const char *what, const char *why)
{
	log_event(LOG_ERROR, "client", "alarm", log_text("router", dialogue->router),
		log_text("what", what), log_text("why", why),
		log_text("do", "keep the state folder; ask the operator and the auditors"));
	dialogue->state = DIALOGUE_DISTRUSTED;
	return dialogue_notify(dialogue, RG_EVENT_ALARM, what, why);
}

/* Nothing that contradicts the log, but nothing that can be followed either. */
static void give_up(struct dialogue *dialogue, const char *what, const char *why)
{
	log_event(LOG_WARNING, "client", "bad-frame", log_text("router", dialogue->router),
		log_text("what", what), log_text("why", why));
	dialogue->state = DIALOGUE_BROKEN;
}

/* --- HELLO, CREDIT, PING ---------------------------------------------------------------------- */

static rg_err tell_witnessed(struct dialogue *dialogue)
{
	scoped(mail_freep) struct mail *mail = mail_new(MAIL_NOTICE, sizeof(struct mail_notice));
	struct mail_notice *notice = (struct mail_notice *)mail;

	if (!mail) {
		return RG_E_NOMEM;
	}
	notice->type = RG_EVENT_WITNESSED;
	notice->witnessed = dialogue->witnessed.newest;
	mailbox_put(dialogue->to_caller, steal(mail));
	return RG_OK;
}

static rg_err establish(struct dialogue *dialogue, const Rivergate__V1__Hello *hello)
{
	if (hello->router[0] && strcmp(hello->router, dialogue->router) != 0) {
		give_up(dialogue, "HELLO", "it names another router");
		return RG_OK;
	}
	unanswered_restart(&dialogue->unanswered, hello->epoch);
	dialogue->resume_us = 0;
	dialogue->is_established = true;
	log_event(LOG_INFO, "client", "connected", log_text("router", dialogue->router),
		log_text("software", hello->software),
		log_number("waiting", (int64_t)dialogue->unanswered.n));
	rg_err err = dialogue_notify(dialogue, RG_EVENT_CONNECTED, dialogue->router, NULL);

	return !err && witnessed_has_witnesses(&dialogue->witnessed) ? tell_witnessed(dialogue)
								     : err;
}

static rg_err heed_hello(struct dialogue *dialogue, Rivergate__V1__Frame *frame, int64_t now_us)
{
	const Rivergate__V1__Hello *hello = frame->hello;
	struct rg_bytes note = bytes_of_text(hello->checkpoint);
	const char *rule = NULL;
	rg_err err = RG_OK;

	(void)now_us;
	if (hello->fenced) {
		dialogue->wants_to_receive = false;
		return dialogue_notify(dialogue, RG_EVENT_FENCED,
			"a newer session of this party receives now", NULL);
	}
	if (hello->waiting) {
		log_event(LOG_WARNING, "client", "router-waits",
			log_text("router", dialogue->router),
			log_text("why", "it waits for witnesses and signs nothing yet"));
	} else if (note.len) {
		err = history_offer(dialogue->history, note, HISTORY_HELLO, NULL, &rule);
	} else if (history_size(dialogue->history) > 0) {
		rule = "the router shows no checkpoint, though its log has signed one";
	}
	if (err || rule) {
		return err ? err : distrust(dialogue, "HELLO", rule);
	}
	return dialogue->is_established ? RG_OK : establish(dialogue, hello);
}

static rg_err heed_credit(struct dialogue *dialogue, Rivergate__V1__Frame *frame, int64_t now_us)
{
	(void)now_us;
	dialogue->unanswered.credit_messages += frame->credit->messages;
	dialogue->unanswered.credit_bytes += frame->credit->bytes;
	return RG_OK;
}

static rg_err heed_ping(struct dialogue *dialogue, Rivergate__V1__Frame *frame, int64_t now_us)
{
	(void)now_us;
	if (!frame->ping->reply) {
		dialogue->owes_ping = true;
		dialogue->owed_nonce = frame->ping->nonce;
	}
	return RG_OK;
}

/* --- RECEIPTS --------------------------------------------------------------------------------- */

/* What the check of a RECEIPTS frame asks for. */
struct lookup {
	const struct unanswered *unanswered;
	bool has_missed; /* a receipt for what was not sent, or was receipted before */
};

static bool find_header(void *context, const uint8_t id[SUBMIT_ID_LEN], struct rg_bytes *ret_header)
{
	struct lookup *lookup = context;
	const struct submission *submission = unanswered_find(lookup->unanswered, id);

	if (!submission) {
		lookup->has_missed = true;
		return false;
	}
	*ret_header = submission->header;
	return true;
}

/*
 * The log may hold an earlier signature of ours over the same header. It must be one
 * that holds, or the receipt would prove a message that nobody signed.
 */
static rg_err check_other_signature(const struct dialogue *dialogue, struct rg_bytes header,
	struct rg_bytes signature, const char **ret_rule)
{
	struct scan_answer answer;
	ProtobufCMessage *msg = NULL;
	rg_err err = scan_unpack(&rivergate__v1__signature__descriptor, signature, dialogue->arena,
		&answer, &msg);

	if (err || !msg) {
		*ret_rule = "the record's signature is not canonical";
		return err;
	}
	const Rivergate__V1__Signature *other = (const Rivergate__V1__Signature *)msg;
	const struct trust_signer *signer =
		trust_signer_of(receiver_trust(dialogue->receiver), other->key_id);
	const struct key *key = signer ? signer->key : NULL;
	if (strcmp(other->key_id, key_id(dialogue->signing_key)) == 0) {
		key = dialogue->signing_key;
	}
	if (!key) {
		*ret_rule = "the record's signature is of a key that no directory has";
		return RG_OK;
	}
	return signature_verify(key, header, other, NULL, ret_rule);
}

static rg_err check_signatures(const struct dialogue *dialogue,
	const Rivergate__V1__Receipts *receipts, const char **ret_rule)
{
	rg_err err = RG_OK;

	for (size_t i = 0; i < receipts->n_records && !err && !*ret_rule; i++) {
		const Rivergate__V1__OwnRecord *record = receipts->records[i];
		const struct submission *submission =
			unanswered_find(&dialogue->unanswered, record->id.data);
		struct rg_bytes signature = bytes_of(record->signature.data, record->signature.len);

		if (submission && !bytes_equal(signature, buf_view(&submission->signature))) {
			err = check_other_signature(dialogue, submission->header, signature,
				ret_rule);
		}
	}
	return err;
}

/* Takes the submissions out of the unanswered and gives everything to the caller. */
static rg_err hand_over(struct dialogue *dialogue, Rivergate__V1__Receipts *frame,
	struct receipts **receipts)
{
	scoped(mail_freep) struct mail *mail =
		mail_new(MAIL_RECEIPTS, sizeof(struct mail_receipts));
	struct mail_receipts *batch = (struct mail_receipts *)mail;

	if (!mail) {
		return RG_E_NOMEM;
	}
	batch->submissions = calloc(frame->n_records + 1, sizeof(struct submission *));
	if (!batch->submissions) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < frame->n_records; i++) {
		struct submission *submission =
			unanswered_find(&dialogue->unanswered, frame->records[i]->id.data);

		batch->submissions[i] =
			submission ? unanswered_remove(&dialogue->unanswered, submission) : NULL;
	}
	batch->n_submissions = frame->n_records;
	batch->frame = frame;
	batch->arena = steal(dialogue->arena);
	batch->receipts = steal(*receipts);
	mailbox_put(dialogue->to_caller, steal(mail));
	return RG_OK;
}

static rg_err heed_receipts(struct dialogue *dialogue, Rivergate__V1__Frame *frame, int64_t now_us)
{
	scoped(receipts_freep) struct receipts *receipts = NULL;
	struct lookup lookup = {.unanswered = &dialogue->unanswered};
	const struct receipts_headers headers = {.find = find_header, .context = &lookup};
	const char *rule = NULL;
	rg_err err = receipts_check(frame->receipts, history_log(dialogue->history), &headers,
		&receipts, &rule);

	(void)now_us;
	if (err) {
		return err;
	}
	if (lookup.has_missed) {
		give_up(dialogue, "RECEIPTS", "a receipt for a message that does not wait for one");
		return RG_OK;
	}
	if (!rule) {
		err = history_accept(dialogue->history, bytes_of_text(frame->receipts->checkpoint),
			receipts_checkpoint(receipts), &rule);
	}
	if (!err && !rule) {
		err = check_signatures(dialogue, frame->receipts, &rule);
	}
	if (err || rule) {
		return err ? err : distrust(dialogue, "RECEIPTS", rule);
	}
	dialogue->resume_pause_us = 0;
	witnessed_receipt(&dialogue->witnessed, frame->receipts->last_index, now_us);
	return hand_over(dialogue, frame->receipts, &receipts);
}

/* --- REFUSAL ---------------------------------------------------------------------------------- */

/* What front may refuse unsigned: it could not read the frames, or had no room. */
static bool may_be_unsigned(Rivergate__V1__Verdict verdict)
{
	return verdict == RIVERGATE__V1__VERDICT__VERDICT_MALFORMED ||
		verdict == RIVERGATE__V1__VERDICT__VERDICT_TOO_LARGE ||
		verdict == RIVERGATE__V1__VERDICT__VERDICT_QUOTA;
}

static rg_err check_refusal(const struct dialogue *dialogue, const Rivergate__V1__Refusal *refusal,
	const Rivergate__V1__RefusalBody *body, const char **ret_rule)
{
	const struct key *key =
		trust_router_key(receiver_trust(dialogue->receiver), dialogue->router);
	bool is_valid = false;

	if (!refusal->signature) {
		*ret_rule = may_be_unsigned(body->verdict) ? NULL : "a refusal is not signed";
		return RG_OK;
	}
	if (!key) {
		*ret_rule = "the registry has no key of this router";
		return RG_OK;
	}
	rg_err err = key_verify(key, REFUSAL_CONTEXT,
		bytes_of(refusal->body.data, refusal->body.len),
		bytes_of(refusal->signature->value.data, refusal->signature->value.len), &is_valid);
	*ret_rule = is_valid ? NULL : "the signature of a refusal does not verify";
	return err;
}

static struct submission *find_refused(const struct dialogue *dialogue,
	const Rivergate__V1__Refusal *refusal, const Rivergate__V1__RefusalBody *body)
{
	struct submission *submission =
		unanswered_find_sent(&dialogue->unanswered, refusal->seq, refusal->epoch);

	if (!submission && !refusal->seq && body->id.len == SUBMIT_ID_LEN) {
		submission = unanswered_find(&dialogue->unanswered, body->id.data);
	}
	return submission;
}

/* Everything from the refused one on is sent again, later, in order, in the next epoch. */
static void resume_later(struct dialogue *dialogue, struct submission *submission,
	const Rivergate__V1__RefusalBody *body, int64_t now_us)
{
	int64_t pause = dialogue->resume_pause_us ? 2 * dialogue->resume_pause_us : RESUME_FIRST_US;

	dialogue->resume_pause_us = pause < RESUME_MAX_US ? pause : RESUME_MAX_US;
	dialogue->resume_us = now_us + dialogue->resume_pause_us;
	unanswered_rewind(&dialogue->unanswered, submission);
	log_event(LOG_INFO, "client", "refused-for-now", log_number("verdict", body->verdict),
		log_text("rule", body->rule),
		log_number("again_ms", dialogue->resume_pause_us / 1000));
}

static rg_err refuse(struct dialogue *dialogue, struct submission *submission,
	Rivergate__V1__RefusalBody *body)
{
	scoped(mail_freep) struct mail *mail = mail_new(MAIL_REFUSAL, sizeof(struct mail_refusal));
	struct mail_refusal *refusal = (struct mail_refusal *)mail;

	if (!mail) {
		return RG_E_NOMEM;
	}
	refusal->submission = unanswered_remove(&dialogue->unanswered, submission);
	refusal->body = body;
	refusal->arena = steal(dialogue->arena);
	mailbox_put(dialogue->to_caller, steal(mail));
	return RG_OK;
}

static rg_err heed_refusal(struct dialogue *dialogue, Rivergate__V1__Frame *frame, int64_t now_us)
{
	const Rivergate__V1__Refusal *refusal = frame->refusal;
	struct scan_answer answer;
	ProtobufCMessage *msg = NULL;
	const char *rule = NULL;
	rg_err err = scan_unpack(&rivergate__v1__refusal_body__descriptor,
		bytes_of(refusal->body.data, refusal->body.len), dialogue->arena, &answer, &msg);

	if (err || !msg) {
		give_up(dialogue, "REFUSAL", "its body is not canonical");
		return err;
	}
	Rivergate__V1__RefusalBody *body = (Rivergate__V1__RefusalBody *)msg;
	err = check_refusal(dialogue, refusal, body, &rule);
	if (err || rule) {
		return err ? err : distrust(dialogue, "REFUSAL", rule);
	}
	struct submission *submission = find_refused(dialogue, refusal, body);
	if (!submission) {
		/* After a retryable refusal the router may name more of the epoch that is over. */
		log_event(LOG_DEBUG, "client", "refusal-passed",
			log_number("seq", (int64_t)refusal->seq));
		return RG_OK;
	}
	if (body->retryable) {
		resume_later(dialogue, submission, body, now_us);
		return RG_OK;
	}
	return refuse(dialogue, submission, body);
}

/* --- DELIVER ---------------------------------------------------------------------------------- */

static rg_err reject(struct dialogue *dialogue, const struct delivery *delivery, const char *rule)
{
	char what[64];

	(void)snprintf(what, sizeof(what), "delivery of record %llu does not verify",
		(unsigned long long)delivery->deliver->index);
	log_event(LOG_ERROR, "client", "delivery-not-verified",
		log_number("index", (int64_t)delivery->deliver->index), log_text("why", rule));
	return dialogue_notify(dialogue, RG_EVENT_ALARM, what, rule);
}

static struct intake_key key_of(const struct delivery *delivery)
{
	struct intake_key key = {
		.index = delivery->deliver->index,
		.is_derived = delivery->deliver->derived,
	};

	if (key.is_derived) {
		memcpy(key.derived_id, delivery->header->id.data, sizeof(key.derived_id));
	}
	return key;
}

/*
 * Its counter against those of the deliveries before; a derived message has none, nor has what was
 * handed over without its sender having named the party.
 */
static rg_err count_delivery(struct dialogue *dialogue, const struct delivery *delivery,
	const char **ret_rule)
{
	const Rivergate__V1__Deliver *deliver = delivery->deliver;

	if (!dialogue->account || deliver->derived || deliver->handed_over) {
		return RG_OK;
	}
	*ret_rule = account_contradiction(dialogue->account, deliver->counter, deliver->index);
	return *ret_rule ? RG_OK
			 : account_offer(dialogue->account, deliver->counter, deliver->index,
				   clock_now_us());
}

/* The delivery takes over frames and arena. */
static rg_err take_frames(struct dialogue *dialogue, Rivergate__V1__Deliver *deliver,
	struct delivery **ret_delivery, size_t *ret_bytes)
{
	scoped(delivery_freep) struct delivery *delivery = delivery_new();
	rg_err err = RG_OK;

	if (!delivery) {
		return RG_E_NOMEM;
	}
	*ret_bytes = dialogue->frames.n_bytes - frame_item(&dialogue->frames, 0).len;
	delivery->frames.n_dropped = dialogue->frames.n_dropped;
	for (size_t i = 0; i < dialogue->frames.n_items && !err; i++) {
		err = frame_add_item(&delivery->frames, &dialogue->frames.items[i]);
	}
	delivery->mail.type = MAIL_DELIVERY;
	delivery->deliver = deliver;
	delivery->arena = steal(dialogue->arena);
	*ret_delivery = steal(delivery);
	return err;
}

static rg_err heed_deliver(struct dialogue *dialogue, Rivergate__V1__Frame *frame, int64_t now_us)
{
	scoped(delivery_freep) struct delivery *delivery = NULL;
	const char *rule = NULL;
	size_t bytes = 0;
	rg_err err = take_frames(dialogue, frame->deliver, &delivery, &bytes);

	(void)now_us;
	if (err) {
		return err;
	}
	intake_arrived(&dialogue->intake, bytes);
	err = receiver_check(dialogue->receiver, delivery, &rule);
	if (!err && !rule) {
		err = count_delivery(dialogue, delivery, &rule);
	}
	if (err || rule) {
		return err ? err : reject(dialogue, delivery, rule);
	}
	struct intake_key key = key_of(delivery);
	if (intake_hold(&dialogue->intake, &key, bytes)) {
		struct delivery *given = steal(delivery);

		mailbox_put(dialogue->to_caller, &given->mail);
	}
	return RG_OK;
}

/* --- ANSWER ----------------------------------------------------------------------------------- */

/* The question with this number, out of the list; false: none such. */
static bool take_query(struct dialogue *dialogue, uint64_t number)
{
	struct mail_query **at = &dialogue->queries;

	while (*at && (*at)->query->number != number) {
		at = (struct mail_query **)(void *)&(*at)->mail.next;
	}
	struct mail_query *query = *at;
	if (!query) {
		return false;
	}
	*at = (struct mail_query *)query->mail.next;
	if (!*at) {
		dialogue->queries_end = at;
	}
	mail_free(&query->mail);
	return true;
}

static rg_err heed_answer(struct dialogue *dialogue, Rivergate__V1__Frame *frame, int64_t now_us)
{
	const char *rule = NULL;
	bool is_own = false;
	rg_err err = inquiry_heed(dialogue, frame->answer, &is_own, &rule);

	(void)now_us;
	if (err || rule) {
		return err ? err : distrust(dialogue, "ANSWER", rule);
	}
	if (is_own || !take_query(dialogue, frame->answer->number)) {
		return RG_OK;
	}
	scoped(mail_freep) struct mail *mail = mail_new(MAIL_ANSWER, sizeof(struct mail_answer));
	struct mail_answer *answer = (struct mail_answer *)mail;
	if (!mail) {
		return RG_E_NOMEM;
	}
	answer->number = frame->answer->number;
	buf_init(&answer->answer);
	err = pack_append(&frame->answer->base, &answer->answer);
	if (!err) {
		mailbox_put(dialogue->to_caller, steal(mail));
	}
	return err;
}

/* --- CHECKPOINT ------------------------------------------------------------------------------- */

/* The router verified each line before it sent it on: one that fails is a forgery. */
static rg_err heed_checkpoint(struct dialogue *dialogue, Rivergate__V1__Frame *frame,
	int64_t now_us)
{
	struct rg_bytes note = bytes_of_text(frame->checkpoint);
	struct note_checkpoint checkpoint = {.size = 0};
	const char *rule = NULL;
	bool is_true = false;
	rg_err err = history_offer(dialogue->history, note, HISTORY_DELIVERY, &checkpoint, &rule);

	(void)now_us;
	if (!err && !rule) {
		err = witnessed_take(&dialogue->witnessed, note, checkpoint.size, &is_true);
		rule = is_true ? NULL : "a cosignature does not verify";
	}
	if (err || rule) {
		return err ? err : distrust(dialogue, "CHECKPOINT", rule);
	}
	return tell_witnessed(dialogue);
}

/* --- The table -------------------------------------------------------------------------------- */

static const struct {
	Rivergate__V1__Frame__BodyCase body;
	bool needs_hello;
	rg_err (*heed)(struct dialogue *dialogue, Rivergate__V1__Frame *frame, int64_t now_us);
} rows[] = {
	{RIVERGATE__V1__FRAME__BODY_HELLO, false, heed_hello},
	{RIVERGATE__V1__FRAME__BODY_RECEIPTS, true, heed_receipts},
	{RIVERGATE__V1__FRAME__BODY_REFUSAL, true, heed_refusal},
	{RIVERGATE__V1__FRAME__BODY_DELIVER, true, heed_deliver},
	{RIVERGATE__V1__FRAME__BODY_CREDIT, true, heed_credit},
	{RIVERGATE__V1__FRAME__BODY_ANSWER, true, heed_answer},
	{RIVERGATE__V1__FRAME__BODY_PING, false, heed_ping},
	{RIVERGATE__V1__FRAME__BODY_CHECKPOINT, true, heed_checkpoint},
};

rg_err answer_heed(struct dialogue *dialogue, int64_t now_us)
{
	struct scan_answer answer = {0};
	Rivergate__V1__Frame *frame = NULL;
	rg_err err =
		frame_unpack(frame_item(&dialogue->frames, 0), dialogue->arena, &answer, &frame);

	if (err) {
		return err;
	}
	if (!frame) {
		give_up(dialogue, "a frame", answer.rule);
		return RG_OK;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool is_due = dialogue->is_established || !rows[i].needs_hello;

		if (rows[i].body == frame->body_case && is_due) {
			return rows[i].heed(dialogue, frame, now_us);
		}
	}
	give_up(dialogue, "a frame", "a router does not send it, or not before HELLO");
	return RG_OK;
}
