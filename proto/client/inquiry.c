/*
 * What a client asks by itself
 *
 * Once a second the account of deliveries is looked at. About a gap the router is asked,
 * by an InboxQuery, which messages lie there: what it says tells when they expire, and
 * goes with the report. It is only believed as far as it makes the report come sooner.
 * For checkpoints that wait in the lineage, consistency proofs are asked for.
 * Threads: owned by the session's thread.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "client/dialogue_state.h"
#include "wire/scan.h"

#define LOOK_EVERY_US 1000000
#define ROWS_MAX      1000
#define ROWS_MORE     100
/* The caller's own questions are counted from 1. */
#define NUMBER_INBOX       UINT64_MAX
#define NUMBER_CONSISTENCY (UINT64_MAX - 1)

/* --- Missing deliveries ----------------------------------------------------------------------- */

static rg_err ask_about(struct dialogue *dialogue, const struct account_gap *gap)
{
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	Rivergate__V1__Query query = RIVERGATE__V1__QUERY__INIT;
	Rivergate__V1__InboxQuery inbox = RIVERGATE__V1__INBOX_QUERY__INIT;
	uint64_t n = gap->last - gap->first + 1;

	inbox.before_index = gap->before_index;
	inbox.limit = n < ROWS_MAX - ROWS_MORE ? (uint32_t)n + ROWS_MORE : ROWS_MAX;
	query.number = NUMBER_INBOX;
	query.what_case = RIVERGATE__V1__QUERY__WHAT_INBOX;
	query.inbox = &inbox;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_QUERY;
	frame.query = &query;
	dialogue->inquiry.first = gap->first;
	dialogue->inquiry.last = gap->last;
	return dialogue_say(dialogue, &frame);
}

/* Our delivery of it, if it was to have one. */
static const Rivergate__V1__TrackedDelivery *own_delivery(const struct dialogue *dialogue,
	const Rivergate__V1__Tracked *row)
{
	for (size_t i = 0; i < row->n_deliveries; i++) {
		if (strcmp(row->deliveries[i]->to, dialogue->party) == 0) {
			return row->deliveries[i];
		}
	}
	return NULL;
}

/* When the message of a row expires; 0: it cannot be said. */
static int64_t expiry_of(const struct dialogue *dialogue, const Rivergate__V1__Tracked *row)
{
	struct scan_answer answer;
	ProtobufCMessage *msg = NULL;
	rg_err err = scan_unpack(&rivergate__v1__header__descriptor,
		bytes_of(row->header.data, row->header.len), dialogue->arena, &answer, &msg);

	if (err || !msg) {
		return 0;
	}
	int64_t expires_us = ((const Rivergate__V1__Header *)msg)->expires_at_us;
	return expires_us
		? expires_us
		: row->time_us + trust_numbers(receiver_trust(dialogue->receiver))->default_life_us;
}

static const char *state_word(Rivergate__V1__DeliveryState state)
{
	static const char *const words[] = {"in an unknown state", "still queued",
		"settled by this party", "set aside", "expired"};
	size_t i = (size_t)state;

	return words[i < sizeof(words) / sizeof(words[0]) ? i : 0];
}

static void tell_row(struct account_gap *gap, const Rivergate__V1__Tracked *row,
	const Rivergate__V1__TrackedDelivery *delivery)
{
	size_t len = strlen(gap->text);

	if (len + 64 < sizeof(gap->text)) {
		(void)snprintf(gap->text + len, sizeof(gap->text) - len,
			"%srecord %" PRIu64 " is %s", len ? ", " : "the router says: ", row->index,
			state_word(delivery->state));
	}
}

static void explain(struct dialogue *dialogue, struct account_gap *gap,
	const Rivergate__V1__Answer *answer)
{
	uint64_t n = 0;
	int64_t last_us = 0;

	gap->text[0] = '\0';
	for (size_t i = 0; i < answer->n_messages; i++) {
		const Rivergate__V1__Tracked *row = answer->messages[i];
		const Rivergate__V1__TrackedDelivery *delivery = own_delivery(dialogue, row);

		if (row->index <= gap->after_index || row->index >= gap->before_index ||
			!delivery) {
			continue;
		}
		int64_t expires_us = expiry_of(dialogue, row);
		last_us = expires_us > last_us ? expires_us : last_us;
		n++;
		tell_row(gap, row, delivery);
	}
	if (n == 0) {
		(void)snprintf(gap->text, sizeof(gap->text), "the router names no such message");
	}
	gap->expires_us = n == gap->last - gap->first + 1 ? last_us : 0;
}

static void heed_inbox(struct dialogue *dialogue, const Rivergate__V1__Answer *answer)
{
	size_t n = 0;

	if (!dialogue->account) {
		return;
	}
	struct account_gap *gaps = account_gaps(dialogue->account, &n);
	for (size_t i = 0; i < n; i++) {
		if (gaps[i].first == dialogue->inquiry.first &&
			gaps[i].last == dialogue->inquiry.last) {
			explain(dialogue, &gaps[i], answer);
		}
	}
}

static rg_err report(struct dialogue *dialogue, const struct account_gap *gap)
{
	char what[128];
	rg_err err = account_save(dialogue->account);

	if (err) {
		return err;
	}
	(void)snprintf(what, sizeof(what),
		"deliveries %" PRIu64 " to %" PRIu64 " of this party never came", gap->first,
		gap->last);
	log_event(LOG_ERROR, "client", "deliveries-missing",
		log_number("first", (int64_t)gap->first), log_number("last", (int64_t)gap->last),
		log_number("behind_record", (int64_t)gap->after_index),
		log_number("before_record", (int64_t)gap->before_index),
		log_text("told", gap->text[0] ? gap->text : "nothing"),
		log_text("do",
			"ask the operator for these records; an auditor sees them in the log"));
	return dialogue_notify(dialogue, RG_EVENT_MISSING, what,
		gap->text[0] ? gap->text : "the router has not said why");
}

static rg_err report_due(struct dialogue *dialogue)
{
	struct account_gap gap;
	bool has = true;
	rg_err err = RG_OK;

	while (!err && has) {
		err = account_take_due(dialogue->account, clock_now_us(), &gap, &has);
		if (!err && has) {
			err = report(dialogue, &gap);
		}
	}
	return err == RG_E_IO ? RG_OK : err;
}

/* --- One history ------------------------------------------------------------------------------ */

static rg_err ask_for_consistency(struct dialogue *dialogue, int64_t now_us)
{
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	Rivergate__V1__Query query = RIVERGATE__V1__QUERY__INIT;
	Rivergate__V1__ConsistencyQuery consistency = RIVERGATE__V1__CONSISTENCY_QUERY__INIT;

	if (!lineage_ask(history_lineage(dialogue->history), now_us, &consistency.old_size,
		    &consistency.new_size)) {
		return RG_OK;
	}
	query.number = NUMBER_CONSISTENCY;
	query.what_case = RIVERGATE__V1__QUERY__WHAT_CONSISTENCY;
	query.consistency = &consistency;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_QUERY;
	frame.query = &query;
	return dialogue_say(dialogue, &frame);
}

rg_err inquiry_heed(struct dialogue *dialogue, const Rivergate__V1__Answer *answer,
	bool *ret_is_own, const char **ret_rule)
{
	*ret_is_own = answer->number >= NUMBER_CONSISTENCY;
	*ret_rule = NULL;
	if (answer->number == NUMBER_INBOX) {
		heed_inbox(dialogue, answer);
	}
	return answer->number == NUMBER_CONSISTENCY
		? lineage_answer(history_lineage(dialogue->history), answer->consistency, ret_rule)
		: RG_OK;
}

rg_err inquiry_say(struct dialogue *dialogue, int64_t now_us)
{
	rg_err err = ask_for_consistency(dialogue, now_us);

	if (err || !dialogue->account || now_us < dialogue->inquiry.look_us) {
		return err;
	}
	dialogue->inquiry.look_us = now_us + LOOK_EVERY_US;
	err = report_due(dialogue);
	const struct account_gap *gap =
		err ? NULL : account_to_ask(dialogue->account, clock_now_us());
	return gap ? ask_about(dialogue, gap) : err;
}
