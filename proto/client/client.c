/*
 * The client library: see rivergate/client.h
 *
 * The caller's side: makes submissions, keeps the spool, and turns what the session's
 * thread leaves in the outbox into events, one at a time. A submission counts in the
 * window until its event has been taken, so a caller who takes no events gets FULL and
 * memory stays bounded.
 * Threads: the caller's, except rg_client_wake(), which touches a mailbox's descriptor.
 */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <rivergate/client.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "client/mail.h"
#include "client/receive.h"
#include "client/session.h"
#include "client/spool.h"
#include "client/submit.h"
#include "evidence/proof.h"
#include "rivergate/v1/record.pb-c.h"
#include "wire/scan.h"

#define WINDOW_MESSAGES 16384
#define WINDOW_BYTES    ((size_t)64 << 20)
#define QUERIES_MAX     64
#define QUERY_MAX       4096

struct rg_client {
	struct session *session;
	struct trust *trust;
	struct key *key;
	struct submit_maker *maker;
	struct spool *spool; /* NULL: none */
	size_t n_in_window;
	size_t bytes_in_window;
	uint64_t last_query;
	size_t n_queries;
	rg_err fault;             /* ended the session's thread */
	struct mail *mails;       /* taken from the outbox, oldest first */
	struct submission *shown; /* of the newest event */
	struct rg_event event;
	size_t i_receipt; /* RECEIPT: number in mails' batch */
};

/* --- Life ------------------------------------------------------------------------------------- */

static void client_free(struct rg_client *client)
{
	rg_client_close(client, 0);
}

SCOPED_DEFINE(struct rg_client, client_free);

static rg_err config_fault(const char *what, const char *value, const char *why)
{
	log_event(LOG_ERROR, "client", what, log_text("value", value ? value : ""),
		log_text("why", why));
	return RG_E_CONFIG;
}

static rg_err check_options(const struct rg_client_options *options)
{
	const struct {
		const char *name;
		const char *value;
	} needed[] = {
		{"no-party", options->party},
		{"no-router", options->router},
		{"no-registry", options->registry_path},
		{"no-directories", options->directories_path},
		{"no-pin", options->pin},
		{"no-curve-key", options->curve_key_path},
		{"no-signing-key", options->signing_key_path},
	};

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (!needed[i].value) {
			return config_fault(needed[i].name, NULL, "the option is required");
		}
	}
	if (options->use_spool && !options->state_path) {
		return config_fault("no-state", NULL, "a spool needs a state folder");
	}
	return RG_OK;
}

static rg_err load_trust(const struct rg_client_options *options, struct trust **ret_trust)
{
	struct governance_answer answer = {.is_ok = true};
	uint8_t pin[32];

	if (!text_unhex(options->pin, pin, sizeof(pin))) {
		return config_fault("bad-pin", options->pin,
			"a pin is the SHA-256 of the genesis registry's content, 64 lower-case hex "
			"digits");
	}
	rg_err err = trust_load(options->registry_path, options->directories_path, pin, ret_trust,
		&answer);
	if (!err && !*ret_trust) {
		return config_fault("trust-refused", answer.path, answer.text);
	}
	return err;
}

/* Not a fault: the router may already know what these files do not. */
static void warn_about_key(const struct rg_client *client, const char *party)
{
	const struct trust_signer *signer = trust_signer_of(client->trust, key_id(client->key));

	if (!signer || strcmp(signer->party->address, party) != 0) {
		log_event(LOG_WARNING, "client", "signing-key-not-in-directory",
			log_text("party", party), log_text("key_id", key_id(client->key)),
			log_text("do", "add the key's certificate to the member's directory"));
	}
}

rg_err rg_client_open(const struct rg_client_options *options, struct rg_client **ret_client)
{
	scoped(client_freep) struct rg_client *client = calloc(1, sizeof(*client));
	rg_err err = client ? check_options(options) : RG_E_NOMEM;

	if (err) {
		return err;
	}
	err = load_trust(options, &client->trust);
	err = err ? err : key_load(options->signing_key_path, &client->key);
	err = err ? err : submit_maker_new(options->party, &client->maker);
	if (!err && options->use_spool) {
		err = spool_open(options->state_path, &client->spool);
	}
	err = err ? err : session_start(options, client->trust, client->key, &client->session);
	if (err) {
		return err;
	}
	warn_about_key(client, options->party);
	*ret_client = steal(client);
	return RG_OK;
}

void rg_client_close(struct rg_client *client, int linger_ms)
{
	if (!client) {
		return;
	}
	session_stop(client->session, linger_ms);
	while (client->mails) {
		struct mail *next = client->mails->next;

		mail_free(client->mails);
		client->mails = next;
	}
	submission_free(client->shown);
	spool_close(client->spool);
	submit_maker_free(client->maker);
	key_free(client->key);
	trust_unref(client->trust);
	free(client);
}

/* --- Submitting ------------------------------------------------------------------------------- */

static bool has_room(const struct rg_client *client)
{
	return client->n_in_window < WINDOW_MESSAGES && client->bytes_in_window < WINDOW_BYTES;
}

static void give_to_session(struct rg_client *client, struct submission *submission)
{
	client->n_in_window++;
	client->bytes_in_window += submission->header.len;
	for (size_t i = 0; i < submission->n_frames; i++) {
		client->bytes_in_window += submission->frames[i].len;
	}
	submission->mail.type = MAIL_SUBMIT;
	mailbox_put(session_inbox(client->session), &submission->mail);
}

static void leave_window(struct rg_client *client, const struct submission *submission)
{
	client->n_in_window--;
	client->bytes_in_window -= submission->header.len;
	for (size_t i = 0; i < submission->n_frames; i++) {
		client->bytes_in_window -= submission->frames[i].len;
	}
}

static rg_err write_envelope(const struct submission *submission, struct rg_bytes signature,
	struct buf *out)
{
	const struct submit_envelope envelope = {
		.header = submission->header,
		.signature = signature,
		.frames = submission->frames,
		.n_frames = submission->n_frames,
	};

	return submit_envelope_write(&envelope, out);
}

/* Durable from here on. Kept in memory only when nothing older waits on the disk. */
static rg_err store(struct rg_client *client, struct submission **submission)
{
	scoped(buf_deinit) struct buf envelope = {0};
	struct submission *one = *submission;
	scoped(freep) char *stem = NULL;
	rg_err err = one->signature.len ? RG_OK : submit_sign(client->key, submission, 1);

	err = err ? err : write_envelope(one, buf_view(&one->signature), &envelope);
	err = err ? err : spool_add(client->spool, one->id, buf_view(&envelope), &stem);
	if (err) {
		return err;
	}
	if (spool_waiting(client->spool) == 0 && has_room(client)) {
		one->stem = steal(stem);
		give_to_session(client, steal(*submission));
		return RG_OK;
	}
	return spool_queue(client->spool, &stem);
}

static rg_err take(struct rg_client *client, struct submission **submission,
	enum rg_submit_answer *ret_answer, uint8_t ret_id[16])
{
	uint8_t id[SUBMIT_ID_LEN];
	rg_err err = RG_OK;

	memcpy(id, (*submission)->id, sizeof(id));
	if (client->spool) {
		err = store(client, submission);
	} else {
		give_to_session(client, steal(*submission));
	}
	if (!err) {
		memcpy(ret_id, id, sizeof(id));
		*ret_answer = RG_SUBMIT_TAKEN;
	}
	return err;
}

/* A fault of the session, or no room without a spool: the answer is ready. */
static bool cannot_take(const struct rg_client *client, enum rg_submit_answer *ret_answer)
{
	if (!client->spool && !has_room(client)) {
		*ret_answer = RG_SUBMIT_FULL;
		return true;
	}
	return false;
}

rg_err rg_client_submit(struct rg_client *client, const struct rg_client_message *message,
	enum rg_submit_answer *ret_answer, uint8_t ret_id[16], const char **ret_rule)
{
	scoped(submission_freep) struct submission *submission = NULL;

	*ret_rule = NULL;
	if (client->fault || cannot_take(client, ret_answer)) {
		return client->fault;
	}
	rg_err err = submit_complete(client->maker, message, &submission, ret_rule);
	if (!err && *ret_rule) {
		*ret_answer = RG_SUBMIT_WRONG;
		return RG_OK;
	}
	return err ? err : take(client, &submission, ret_answer, ret_id);
}

rg_err rg_client_submit_envelope(struct rg_client *client, struct rg_bytes envelope,
	enum rg_submit_answer *ret_answer, uint8_t ret_id[16], const char **ret_rule)
{
	scoped(submission_freep) struct submission *submission = NULL;

	*ret_rule = NULL;
	if (client->fault || cannot_take(client, ret_answer)) {
		return client->fault;
	}
	rg_err err = submit_from_envelope(client->maker, envelope, &submission, ret_rule);
	if (!err && *ret_rule) {
		*ret_answer = RG_SUBMIT_WRONG;
		return RG_OK;
	}
	return err ? err : take(client, &submission, ret_answer, ret_id);
}

size_t rg_client_waiting(const struct rg_client *client)
{
	return client->n_in_window + (client->spool ? spool_waiting(client->spool) : 0);
}

/* --- The spool -------------------------------------------------------------------------------- */

static void json_free(json_t **json)
{
	json_decref(*json);
}

static rg_err move_to_refused(struct rg_client *client, const char *stem, const json_t *reason)
{
	scoped(freep) char *text =
		reason ? json_dumps(reason, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;

	return text ? spool_refused(client->spool, stem, bytes_of_text(text)) : RG_E_NOMEM;
}

/* What cannot be read as an envelope goes where people look, not away. */
static rg_err reject_spooled(struct rg_client *client, const char *stem, const char *rule)
{
	scoped(json_free) json_t *reason =
		json_pack("{s:s, s:s}", "verdict", "NOT_SENT", "rule", rule);

	log_event(LOG_ERROR, "client", "spooled-file-is-damaged", log_text("stem", stem),
		log_text("why", rule), log_text("do", "see the folder refused/ beside spool/"));
	return move_to_refused(client, stem, reason);
}

static rg_err load_one(struct rg_client *client)
{
	scoped(buf_deinit) struct buf bytes = {0};
	scoped(submission_freep) struct submission *submission = NULL;
	scoped(freep) char *stem = NULL;
	const char *rule = NULL;
	rg_err err = spool_take(client->spool, &bytes, &stem);

	if (err || !stem) {
		return err;
	}
	err = submit_from_envelope(client->maker, buf_view(&bytes), &submission, &rule);
	if (err || rule) {
		return err ? err : reject_spooled(client, stem, rule);
	}
	submission->stem = steal(stem);
	give_to_session(client, steal(submission));
	return RG_OK;
}

/* Moves what waits on the disk into the window, oldest first. */
static rg_err fill_window(struct rg_client *client)
{
	rg_err err = RG_OK;

	while (!err && client->spool && spool_waiting(client->spool) && has_room(client)) {
		err = load_one(client);
	}
	return err;
}

/* --- Events ----------------------------------------------------------------------------------- */

static struct rg_bytes view(ProtobufCBinaryData data)
{
	return bytes_of(data.data, data.len);
}

static const struct mail_receipts *shown_batch(const struct rg_client *client)
{
	return (const struct mail_receipts *)client->mails;
}

static int64_t record_time_us(const struct mail_receipts *batch, struct rg_bytes meta)
{
	struct scan_answer answer;
	ProtobufCMessage *msg = NULL;
	rg_err err =
		scan_unpack(&rivergate__v1__meta__descriptor, meta, batch->arena, &answer, &msg);

	return !err && msg ? ((const Rivergate__V1__Meta *)msg)->time_us : 0;
}

static rg_err keep_receipt(struct rg_client *client)
{
	scoped(freep) char *proof = NULL;
	scoped(buf_deinit) struct buf envelope = {0};
	size_t len = 0;

	if (!client->shown->stem) {
		return RG_OK;
	}
	rg_err err = rg_client_proof(client, &proof, &len);
	if (!err && !bytes_equal(client->event.signature, buf_view(&client->shown->signature))) {
		err = write_envelope(client->shown, client->event.signature, &envelope);
	}
	return err ? err
		   : spool_receipted(client->spool, client->shown->stem, bytes_of(proof, len),
			     buf_view(&envelope));
}

/* The next receipt of a batch; *ret_is_shown false: the batch is at its end. */
static rg_err show_receipt(struct rg_client *client, struct mail_receipts *batch,
	bool *ret_is_shown)
{
	while (batch->next < batch->n_submissions && !batch->submissions[batch->next]) {
		batch->next++;
	}
	*ret_is_shown = batch->next < batch->n_submissions;
	if (!*ret_is_shown) {
		return RG_OK;
	}
	size_t i = batch->next++;
	const Rivergate__V1__OwnRecord *record = batch->frame->records[i];
	client->i_receipt = i;
	client->shown = steal(batch->submissions[i]);
	leave_window(client, client->shown);
	client->event = (struct rg_event){
		.type = RG_EVENT_RECEIPT,
		.index = record->index,
		.time_us = record_time_us(batch, view(record->meta)),
		.header = client->shown->header,
		.signature = view(record->signature),
	};
	memcpy(client->event.id, client->shown->id, SUBMIT_ID_LEN);
	return keep_receipt(client);
}

static rg_err keep_refusal(struct rg_client *client, const Rivergate__V1__RefusalBody *body)
{
	const ProtobufCEnumValue *verdict =
		protobuf_c_enum_descriptor_get_value(&rivergate__v1__verdict__descriptor,
			(int)body->verdict);
	scoped(json_free) json_t *reason = json_pack("{s:s, s:s, s:s, s:s, s:I}", "verdict",
		verdict ? verdict->name : "", "rule", body->rule, "field", body->field, "text",
		body->text, "routerTimeUs", (json_int_t)body->router_time_us);

	return client->shown->stem ? move_to_refused(client, client->shown->stem, reason) : RG_OK;
}

static rg_err show_refusal(struct rg_client *client, struct mail_refusal *refusal)
{
	const Rivergate__V1__RefusalBody *body = refusal->body;

	client->shown = steal(refusal->submission);
	leave_window(client, client->shown);
	client->event = (struct rg_event){
		.type = RG_EVENT_REFUSAL,
		.time_us = body->router_time_us,
		.header = client->shown->header,
		.verdict = (int)body->verdict,
		.rule = body->rule,
		.field = body->field,
		.text = body->text,
	};
	memcpy(client->event.id, client->shown->id, SUBMIT_ID_LEN);
	return keep_refusal(client, body);
}

static void show_delivery(struct rg_client *client, const struct delivery *delivery)
{
	client->event = (struct rg_event){
		.type = RG_EVENT_DELIVERY,
		.index = delivery->deliver->index,
		.time_us = delivery->time_us,
		.header = frame_item(&delivery->frames, 1),
		.signature = frame_item(&delivery->frames, 2),
		.parts = delivery->parts,
		.n_parts = delivery->header->n_parts,
		.delivery = buf_view(&delivery->packed),
		.is_derived = delivery->deliver->derived,
	};
	memcpy(client->event.id, delivery->header->id.data, SUBMIT_ID_LEN);
}

static void show_answer(struct rg_client *client, const struct mail_answer *answer)
{
	client->n_queries--;
	client->event = (struct rg_event){
		.type = RG_EVENT_ANSWER,
		.number = answer->number,
		.answer = buf_view(&answer->answer),
	};
}

static rg_err show_notice(struct rg_client *client, const struct mail_notice *notice)
{
	client->fault = notice->fault;
	client->event = (struct rg_event){.type = notice->type,
		.text = notice->text,
		.witnessed = notice->witnessed};
	return notice->fault;
}

/* Makes an event of the first mail; *ret_is_shown false: it holds none any more. */
static rg_err show(struct rg_client *client, bool *ret_is_shown)
{
	struct mail *mail = client->mails;

	*ret_is_shown = true;
	switch ((enum mail_type)mail->type) {
	case MAIL_RECEIPTS:
		return show_receipt(client, (struct mail_receipts *)mail, ret_is_shown);
	case MAIL_REFUSAL:
		return show_refusal(client, (struct mail_refusal *)mail);
	case MAIL_DELIVERY:
		show_delivery(client, (const struct delivery *)mail);
		return RG_OK;
	case MAIL_ANSWER:
		show_answer(client, (const struct mail_answer *)mail);
		return RG_OK;
	case MAIL_NOTICE:
		return show_notice(client, (const struct mail_notice *)mail);
	case MAIL_SUBMIT:
	case MAIL_SETTLE:
	case MAIL_QUERY:
	case MAIL_CLOSE:
		break;
	}
	*ret_is_shown = false;
	return RG_OK;
}

static void drop_first_mail(struct rg_client *client)
{
	struct mail *next = client->mails->next;

	mail_free(client->mails);
	client->mails = next;
}

/* A batch of receipts stays first until its last receipt has been shown. */
static void forget_event(struct rg_client *client)
{
	submission_free(client->shown);
	client->shown = NULL;
	if (client->mails && client->event.type != RG_EVENT_RECEIPT) {
		drop_first_mail(client);
	}
	client->event = (struct rg_event){.type = RG_EVENT_RECEIPT};
}

static rg_err show_next(struct rg_client *client, bool *ret_is_shown)
{
	rg_err err = RG_OK;

	*ret_is_shown = false;
	while (!err && !*ret_is_shown) {
		if (!client->mails) {
			client->mails = mailbox_take_all(session_outbox(client->session));
		}
		if (!client->mails) {
			return RG_OK;
		}
		err = show(client, ret_is_shown);
		if (!err && !*ret_is_shown) {
			drop_first_mail(client);
		}
	}
	return err;
}

rg_err rg_client_next(struct rg_client *client, int timeout_ms, const struct rg_event **ret_event)
{
	bool is_shown = false;

	*ret_event = NULL;
	if (client->fault) {
		return client->fault;
	}
	forget_event(client);
	rg_err err = fill_window(client);
	err = err ? err : show_next(client, &is_shown);
	if (!err && !is_shown && timeout_ms != 0) {
		mailbox_wait(session_outbox(client->session), timeout_ms);
		err = show_next(client, &is_shown);
	}
	if (!err && is_shown) {
		*ret_event = &client->event;
	}
	return err;
}

void rg_client_wake(struct rg_client *client)
{
	mailbox_wake(session_outbox(client->session));
}

/* --- About the newest event ------------------------------------------------------------------- */

rg_err rg_client_proof(struct rg_client *client, char **ret_text, size_t *ret_len)
{
	scoped(proof_file_deinit) struct proof_file file = {0};
	scoped(buf_deinit) struct buf text = {0};

	if (!client->shown || client->event.type != RG_EVENT_RECEIPT) {
		return RG_E_CONFIG;
	}
	proof_file_init(&file);
	rg_err err = receipts_proof(shown_batch(client)->receipts, client->i_receipt, &file);
	err = err ? err : proof_file_write(&file, &text);
	if (!err) {
		*ret_text = (char *)buf_take(&text, ret_len);
		err = *ret_text ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

static rg_err delivery_envelope(const struct delivery *delivery, struct buf *out)
{
	struct rg_bytes frames[SUBMIT_PARTS_MAX];
	const struct submit_envelope envelope = {
		.header = frame_item(&delivery->frames, 1),
		.signature = frame_item(&delivery->frames, 2),
		.frames = frames,
		.n_frames = delivery->header->n_parts,
	};

	if (envelope.n_frames > SUBMIT_PARTS_MAX) {
		return RG_E_OVERFLOW;
	}
	for (size_t i = 0; i < envelope.n_frames; i++) {
		frames[i] = frame_item(&delivery->frames, 3 + i);
	}
	return submit_envelope_write(&envelope, out);
}

rg_err rg_client_envelope(struct rg_client *client, uint8_t **ret_data, size_t *ret_len)
{
	scoped(buf_deinit) struct buf out = {0};
	rg_err err = RG_E_CONFIG;

	if (client->event.type == RG_EVENT_RECEIPT && client->shown) {
		err = write_envelope(client->shown, client->event.signature, &out);
	} else if (client->event.type == RG_EVENT_DELIVERY) {
		err = delivery_envelope((const struct delivery *)client->mails, &out);
	}
	if (!err) {
		*ret_data = buf_take(&out, ret_len);
		err = *ret_data ? RG_OK : RG_E_NOMEM;
	}
	return err;
}

/* --- Settling, asking ------------------------------------------------------------------------- */

static rg_err settle(struct rg_client *client, uint64_t index, const uint8_t *derived_id,
	const char *reason)
{
	scoped(mail_freep) struct mail *mail = mail_new(MAIL_SETTLE, sizeof(struct mail_settle));
	struct mail_settle *settlement = (struct mail_settle *)mail;

	if (!mail) {
		return RG_E_NOMEM;
	}
	settlement->index = index;
	settlement->is_derived = derived_id != NULL;
	if (derived_id) {
		memcpy(settlement->derived_id, derived_id, sizeof(settlement->derived_id));
	}
	memcpy(settlement->reason, reason, strnlen(reason, MAIL_REASON_MAX - 1));
	mailbox_put(session_inbox(client->session), steal(mail));
	return RG_OK;
}

rg_err rg_client_settle(struct rg_client *client, uint64_t index, const uint8_t *derived_id)
{
	return settle(client, index, derived_id, "");
}

rg_err rg_client_set_aside(struct rg_client *client, uint64_t index, const uint8_t *derived_id,
	const char *reason)
{
	return reason[0] ? settle(client, index, derived_id, reason) : RG_E_CONFIG;
}

static rg_err read_query(struct rg_bytes packed, struct mail_query *mail)
{
	struct scan_answer answer;
	ProtobufCMessage *msg = NULL;

	if (packed.len > QUERY_MAX) {
		return RG_E_CONFIG;
	}
	mail->arena = arena_new(0);
	if (!mail->arena) {
		return RG_E_NOMEM;
	}
	rg_err err =
		scan_unpack(&rivergate__v1__query__descriptor, packed, mail->arena, &answer, &msg);
	mail->query = (Rivergate__V1__Query *)msg;
	return !err && !msg ? RG_E_CONFIG : err;
}

rg_err rg_client_query(struct rg_client *client, struct rg_bytes query, uint64_t *ret_number)
{
	if (client->fault || client->n_queries == QUERIES_MAX) {
		return client->fault ? client->fault : RG_E_OVERFLOW;
	}
	scoped(mail_freep) struct mail *mail = mail_new(MAIL_QUERY, sizeof(struct mail_query));
	if (!mail) {
		return RG_E_NOMEM;
	}
	rg_err err = read_query(query, (struct mail_query *)mail);
	if (err) {
		return err;
	}
	((struct mail_query *)mail)->query->number = ++client->last_query;
	client->n_queries++;
	*ret_number = client->last_query;
	mailbox_put(session_inbox(client->session), steal(mail));
	return RG_OK;
}
