/*
 * The window as one fold: see window.h.
 *
 * Method: a record changes one consignment, or rows of its own kind that set timers of the
 * consignments that they concern; a consignment that has changed, or whose timer is over, is
 * settled: legs, plan, limits, documents, clocks and findings follow anew from its row, and
 * whoever sees something new is told.
 *
 * Threads: one.
 */
#include "rules/window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/alerts.h"
#include "rules/clocks.h"
#include "rules/documents.h"
#include "rules/goods.h"
#include "rules/plan.h"

#define KIND(name) RIVERGATE__V1__KIND__KIND_##name

rg_err window_new(const struct rules_store *store, const char *router, bool serves,
	struct window **ret_window)
{
	struct window *window = calloc(1, sizeof(*window));

	if (!window) {
		return RG_E_NOMEM;
	}
	window->store = store;
	window->serves = serves;
	(void)snprintf(window->router, sizeof(window->router), "%s", router);
	*ret_window = window;
	return RG_OK;
}

void window_free(struct window *window)
{
	if (window) {
		buf_deinit(&window->plan.bytes);
	}
	free(window);
}

void window_set_lineage(struct window *window, const struct derived_lineage *lineage)
{
	window->lineage = *lineage;
}

/* Timers */

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

rg_err window_set_timer(struct window *window, enum rows_timer about, struct rg_bytes name,
	int64_t before_us, int64_t time_us)
{
	scoped(buf_deinitv) struct buf before = {.data = NULL};
	scoped(buf_deinitv) struct buf after = {.data = NULL};
	rg_err err = RG_OK;

	if (before_us == time_us) {
		return RG_OK;
	}
	if (before_us) {
		rows_key_timer(&before, before_us, about, name);
		err = rows_remove(window->store, &before);
		window->is_next_known = window->is_next_known && before_us > window->next_us;
	}
	if (!err && time_us) {
		rows_key_timer(&after, time_us, about, name);
		err = rows_mark(window->store, &after);
		window->next_us = earlier(window->next_us, time_us);
	}
	return err;
}

/* Settling */

/* A rule of a country on the way comes into force, or ends. */
static int64_t next_rule_us(const struct consignment *consignment)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	const struct window_record *record = consignment->call->record;
	int64_t next_us = INT64_MAX;

	for (size_t i = 0; i < state->n_legs; i++) {
		next_us = earlier(next_us,
			plan_next_change_us(record->trust, state->legs[i]->leg->country,
				record->time_us));
	}
	return next_us;
}

static rg_err set_timer(struct consignment *consignment)
{
	Rivergate__V1__ConsignmentState *state = consignment->state;
	const struct rg_bytes name = {(const uint8_t *)state->ucr, strlen(state->ucr)};
	int64_t next_us = earlier(journey_next_us(consignment), clocks_next_us(consignment));
	int64_t documents_us = INT64_MAX;
	int64_t before_us = state->timer_us;
	rg_err err = documents_next_us(consignment, &documents_us);

	next_us = earlier(earlier(next_us, documents_us), next_rule_us(consignment));
	next_us = earlier(next_us, alerts_next_us(consignment));
	state->timer_us = next_us == INT64_MAX ? 0 : next_us;
	return err ? err
		   : window_set_timer(consignment->call->window, ROWS_TIMER_CONSIGNMENT, name,
			     before_us, state->timer_us);
}

/* How urgent is what is said of these goods. */
static unsigned lane_of(const Rivergate__V1__ConsignmentState *state)
{
	enum goods_lane lane = GOODS_LANE_GENERAL;

	for (size_t i = 0; i < state->n_declarations; i++) {
		const Rivergate__V1__Declared *declared = state->declarations[i]->declared;
		Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;

		header.goods = declared->goods;
		header.n_goods = declared->n_goods;
		header.legs = declared->legs;
		header.n_legs = declared->n_legs;
		if (consignment_counts(state->declarations[i]) && goods_lane_of(&header) < lane) {
			lane = goods_lane_of(&header);
		}
	}
	return lane;
}

static bool goes_further(const struct window_call *call)
{
	const Rivergate__V1__Header *header = call->record->header;

	return header && !call->is_timer &&
		(header->kind == KIND(DECLARATION) || header->kind == KIND(AMENDMENT) ||
			header->kind == KIND(CANCELLATION));
}

static rg_err settle(struct consignment *consignment)
{
	rg_err err = consignment_forget_computed(consignment);

	consignment->call->lane = lane_of(consignment->state);
	if (!err) {
		err = declare_settle(consignment);
	}
	if (!err) {
		err = consignment_plan(consignment);
	}
	if (!err) {
		err = documents_settle(consignment);
	}
	if (!err) {
		err = alerts_settle(consignment);
	}
	if (!err) {
		err = journey_settle(consignment);
	}
	if (!err) {
		err = clocks_settle(consignment);
	}
	if (!err) {
		err = consignment_pack_plan(consignment);
	}
	if (!err) {
		err = tell_all(consignment);
	}
	if (!err && goes_further(consignment->call)) {
		err = handover_record(consignment);
	}
	if (!err) {
		err = handover_earlier(consignment);
	}
	if (!err) {
		err = set_timer(consignment);
	}
	return err ? err : consignment_write(consignment);
}

/* Kinds */

enum taking {
	TAKING_OPENS, /* a consignment that there was not */
	TAKING_KNOWN, /* one that there is */
	TAKING_CALL,  /* no consignment's row, or several */
};

/* What takes a kind. Kinds that have no row change nothing here. */
static const struct kind_row {
	Rivergate__V1__Kind kind;
	enum taking taking;
	rg_err (*take)(struct consignment *consignment);
	rg_err (*take_call)(struct window_call *call);
} kinds[] = {
	{KIND(DECLARATION), TAKING_OPENS, declare_take, NULL},
	{KIND(AMENDMENT), TAKING_KNOWN, declare_take, NULL},
	{KIND(CANCELLATION), TAKING_KNOWN, declare_take, NULL},
	{KIND(LINK), TAKING_KNOWN, declare_link, NULL},
	{KIND(DECISION), TAKING_KNOWN, decide_take, NULL},
	{KIND(ACKNOWLEDGEMENT), TAKING_CALL, NULL, alerts_acknowledged},
	{KIND(ACKNOWLEDGEMENT), TAKING_KNOWN, declare_found, NULL},
	{KIND(TRANSIT_EVENT), TAKING_KNOWN, journey_take, NULL},
	{KIND(INSPECTION_RESULT), TAKING_KNOWN, decide_inspected, NULL},
	{KIND(DELAY_REASON), TAKING_KNOWN, clocks_explain, NULL},
	{KIND(NON_COMPLIANCE), TAKING_KNOWN, alerts_non_compliance, NULL},
	{KIND(CERTIFICATE), TAKING_CALL, NULL, documents_take},
	{KIND(CERTIFICATE_STATUS), TAKING_CALL, NULL, documents_take},
	{KIND(ESTABLISHMENT_LIST), TAKING_CALL, NULL, documents_take},
	{KIND(PEST_ALERT), TAKING_CALL, NULL, alerts_take},
	{KIND(EMERGENCY_NOTICE), TAKING_CALL, NULL, alerts_take},
	{KIND(ENQUIRY), TAKING_CALL, NULL, alerts_take},
	{KIND(ENQUIRY_REPLY), TAKING_CALL, NULL, alerts_take},
};

static rg_err take_of_consignment(struct window_call *call, const struct kind_row *row)
{
	struct consignment consignment = {.state = NULL};
	bool is_found = false;
	rg_err err = call->record->header->ucr[0]
		? consignment_read(call, call->record->header->ucr, &consignment, &is_found)
		: RG_OK;

	if (err || !consignment.state || (!is_found && row->taking != TAKING_OPENS)) {
		return err;
	}
	err = row->take(&consignment);
	return err || !consignment.has_changed ? err : settle(&consignment);
}

static rg_err take_message(struct window_call *call)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].kind != call->record->header->kind) {
			continue;
		}
		err = kinds[i].taking == TAKING_CALL ? kinds[i].take_call(call)
						     : take_of_consignment(call, &kinds[i]);
	}
	return err;
}

/* Profiles */

/*
 * The record brought the profile of a country: every consignment with a leg there is planned
 * anew, as a timer that is over. call: with an arena for this one row.
 */
static rg_err replan_one(void *context, struct rg_bytes rest, bool *ret_goes_on)
{
	struct window_call *call = context;
	struct consignment consignment = {.state = NULL};
	bool is_found = false;
	bool is_there = false;

	arena_reset(call->arena);
	char *ucr = rows_text(call->arena, rest);
	rg_err err = ucr ? consignment_read(call, ucr, &consignment, &is_found) : RG_E_NOMEM;

	for (size_t i = 0; !err && is_found && i < consignment.state->n_legs; i++) {
		const struct consignment_cc here =
			consignment_cc_of_country(consignment.state->legs[i]->leg->country);

		is_there = is_there ||
			(here.text[0] &&
				trust_profile_index(call->record->trust, here.text) ==
					call->record->index);
	}
	*ret_goes_on = true;
	return err || !is_there ? err : window_touch(call, ucr);
}

rg_err window_touch(struct window_call *call, const char *ucr)
{
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	struct consignment consignment = {.state = NULL};
	bool is_found = false;
	const struct rg_bytes name = {(const uint8_t *)ucr, strlen(ucr)};
	rg_err err = consignment_read(call, ucr, &consignment, &is_found);

	if (err || !is_found) {
		return err;
	}
	err = window_set_timer(call->window, ROWS_TIMER_CONSIGNMENT, name,
		consignment.state->timer_us, call->record->time_us);
	consignment.state->timer_us = call->record->time_us;
	rows_key(&key, ROWS_CONSIGNMENT, ucr);
	return err ? err : rows_put(call->window->store, &key, &consignment.state->base);
}

static rg_err take_profile(struct window_call *call)
{
	scoped(buf_deinitv) struct buf prefix = {.data = NULL};
	scoped(arena_freep) struct arena *arena = arena_new(0);
	struct window_call scratch = *call;
	const struct rows_sink sink = {replan_one, &scratch};

	scratch.arena = arena;
	rows_key(&prefix, ROWS_CONSIGNMENT, "");
	return arena ? rows_walk(call->window->store, &prefix, &sink) : RG_E_NOMEM;
}

/* What is due */

struct due {
	int64_t time_us;
	enum rows_timer about;
	char *name;
	size_t len;
};

static rg_err next_due(struct window *window, struct buf *key, struct due *ret_due, bool *ret_found)
{
	const uint8_t table = ROWS_TIMER;
	rg_err err = window->store->seek(window->store->context, (struct rg_bytes){&table, 1}, key,
		ret_found);

	if (err || !*ret_found) {
		return err;
	}
	struct cursor cursor = cursor_of(buf_view(key));

	*ret_found = cursor_u8(&cursor) == ROWS_TIMER;
	ret_due->time_us = (int64_t)cursor_u64(&cursor);
	ret_due->about = (enum rows_timer)cursor_u8(&cursor);
	ret_due->len = cursor.left;
	*ret_found = *ret_found && !cursor.is_bad;
	return RG_OK;
}

static rg_err settle_due(struct window_call *call, const char *ucr)
{
	struct consignment consignment = {.state = NULL};
	bool is_found = false;
	rg_err err = consignment_read(call, ucr, &consignment, &is_found);

	if (!err && is_found) {
		consignment.state->timer_us = 0; /* its row is gone already */
		err = settle(&consignment);
	}
	return err;
}

static rg_err take_due(struct window_call *call)
{
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	rg_err err = RG_OK;

	if (call->window->is_next_known && call->window->next_us > call->record->time_us) {
		return RG_OK;
	}
	call->is_timer = true;
	call->window->is_next_known = false;
	for (size_t i = 0; !err && i < WINDOW_DUE_MAX; i++) {
		struct due due = {.time_us = 0};
		bool is_found = false;

		err = next_due(call->window, &key, &due, &is_found);
		if (err) {
			return err;
		}
		if (!is_found || due.time_us > call->record->time_us) {
			call->window->next_us = is_found ? due.time_us : INT64_MAX;
			call->window->is_next_known = true;
			return RG_OK;
		}
		const struct rg_bytes name = {key.data + key.len - due.len, due.len};
		due.name = rows_text(call->arena, name);
		err = due.name ? rows_remove(call->window->store, &key) : RG_E_NOMEM;
		if (!err) {
			err = due.about == ROWS_TIMER_CONSIGNMENT
				? settle_due(call, due.name)
				: alerts_due(call, due.about,
					  (struct rg_bytes){(const uint8_t *)due.name, due.len});
		}
	}
	return err;
}

rg_err window_next_us(struct window *window, int64_t *ret_us)
{
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	struct due due = {.time_us = 0};
	bool is_found = false;
	rg_err err = RG_OK;

	if (!window->is_next_known) {
		err = next_due(window, &key, &due, &is_found);
		window->next_us = is_found ? due.time_us : INT64_MAX;
		window->is_next_known = !err;
	}
	if (!err) {
		*ret_us = window->next_us;
	}
	return err;
}

/* Records */

rg_err window_apply(struct window *window, const struct window_record *record, struct arena *arena,
	struct window_result *ret_result)
{
	struct window_result result = {.n_told = 0};
	struct window_call call = {
		.window = window,
		.record = record,
		.arena = arena,
		.lane = GOODS_LANE_GENERAL,
		.result = &result,
	};
	rg_err err = RG_OK;

	if (record->trust && record->header) {
		err = record->header->kind == KIND(WINDOW_PROFILE) ? take_profile(&call)
								   : take_message(&call);
	}
	if (!err && record->trust) {
		err = take_due(&call);
	}
	if (!err) {
		result.told = call.told;
		result.n_told = call.n_told;
		result.handed = call.handed;
		result.n_handed = call.n_handed;
		*ret_result = result;
	}
	return err;
}

/* Headers of derived messages */

static void header_key(struct buf *key, uint64_t cause, uint32_t ordinal)
{
	buf_add_u8(key, ROWS_HEADER);
	buf_add_u64(key, cause);
	buf_add_u32(key, ordinal);
}

rg_err window_header(struct window *window, uint64_t cause, uint32_t ordinal, struct buf *out,
	bool *ret_found)
{
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	scoped(buf_deinitv) struct buf value = {.data = NULL};

	header_key(&key, cause, ordinal);
	rg_err err = buf_error(&key);

	if (!err) {
		err = window->store->get(window->store->context, buf_view(&key), &value, ret_found);
	}
	if (!err && *ret_found) {
		buf_add_bytes(out, buf_view(&value));
		err = buf_error(out);
	}
	return err;
}

rg_err window_over(struct window *window, uint64_t cause, uint32_t ordinal)
{
	scoped(buf_deinitv) struct buf key = {.data = NULL};

	header_key(&key, cause, ordinal);
	return rows_remove(window->store, &key);
}

/* Questions */

rg_err window_take_part(struct window_call *call, const char *ucr, const char *address,
	struct consignment *ret_consignment, const struct trust_party **ret_party,
	bool *ret_takes_part)
{
	struct tell_parties parties;
	bool is_found = false;
	rg_err err = consignment_read(call, ucr, ret_consignment, &is_found);

	*ret_party = NULL;
	*ret_takes_part = false;
	if (err || !is_found || !ret_consignment->state->plan) {
		return err;
	}
	*ret_takes_part = !address[0];
	tell_participants(ret_consignment, &parties);
	for (size_t i = 0; i < parties.n; i++) {
		if (strcmp(parties.parties[i]->address, address) == 0) {
			*ret_takes_part = true;
			*ret_party = parties.parties[i];
		}
	}
	return RG_OK;
}

rg_err window_view(struct window *window, const struct window_question *question,
	struct arena *arena, Rivergate__V1__PlanFacts **ret_plan,
	Rivergate__V1__StatusFacts **ret_status)
{
	const struct window_record now = {.time_us = question->now_us, .trust = question->trust};
	struct window_result result = {.n_told = 0};
	struct window_call call = {
		.window = window,
		.record = &now,
		.arena = arena,
		.result = &result,
	};
	struct consignment consignment = {.state = NULL};
	const struct trust_party *party = NULL;
	bool takes_part = false;
	rg_err err = window_take_part(&call, question->ucr, question->party, &consignment, &party,
		&takes_part);

	*ret_plan = NULL;
	*ret_status = NULL;
	if (err || !takes_part) {
		return err;
	}
	err = view_plan(&consignment, party ? party->cc : NULL, ret_plan);
	return err ? err : view_status(&consignment, party ? party->cc : NULL, ret_status);
}

rg_err window_declarations(struct window *window, const struct window_question *question,
	struct arena *arena, Rivergate__V1__DeclarationView ***ret_list, size_t *ret_n)
{
	const struct window_record now = {.time_us = question->now_us, .trust = question->trust};
	struct window_result result = {.n_told = 0};
	struct window_call call = {
		.window = window,
		.record = &now,
		.arena = arena,
		.result = &result,
	};
	struct consignment consignment = {.state = NULL};
	const struct trust_party *party = NULL;
	bool takes_part = false;
	rg_err err = window_take_part(&call, question->ucr, question->party, &consignment, &party,
		&takes_part);

	*ret_n = 0;
	return err || !takes_part ? err : view_declarations(&consignment, party, ret_list, ret_n);
}
