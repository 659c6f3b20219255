/*
 * Alerts, notices and enquiries: see alerts.h.
 *
 * Method: alerts that stand are rows by issuer and number; goods of consignments that are not
 * over are rows by their first digits, so that a new alert finds them, and they are settled
 * with this record or the next ones. Notices and enquiries are rows with a timer, away as soon
 * as nobody is waited for.
 *
 * Threads: the window's.
 */
#include "rules/alerts.h"

#include <string.h>

#include "base/text.h"
#include "registry/address.h"
#include "rules/goods.h"

/* What becomes part of a key or a finding is no longer than this; keys end at STORE_KEY_MAX. */
#define NAME_MAX_LEN  100
#define HS_MAX_LEN    16
#define ID_LEN        16
#define SHOWN_LEN     60
#define SHOWN_AREAS   4
#define FLAGS_MAX     16 /* alerts shown on one consignment */
#define ENQUIRY_US    (INT64_C(90) * 24 * 3600 * 1000000)
#define READ_BY_HUMAN "READ"

#define LEVEL(name) RIVERGATE__V1__PEST_ALERT_FACTS__LEVEL__LEVEL_##name
#define FACTS(name) RIVERGATE__V1__HEADER__FACTS_##name

/* Words of others in a finding: short, and safe to show. */
static void add_shown(struct buf *text, const char *word)
{
	text_escape((struct rg_bytes){(const uint8_t *)word, strnlen(word, SHOWN_LEN)}, text);
}

/* Competence */

static bool is_named(char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], name) == 0) {
			return true;
		}
	}
	return n == 0;
}

/*
 * The authority for which the sender raises an alert about the organism; NULL: for none. By
 * its member's profile; where that says nothing, a party for quarantine.
 */
static const char *competent(const struct window_call *call, const char *organism)
{
	const char *from = call->record->header->from;
	const struct trust_party *party = consignment_sender(call);
	const Rivergate__V1__WindowProfile *profile =
		party ? trust_profile(call->record->trust, party->cc) : NULL;

	for (size_t i = 0; profile && i < profile->n_competences; i++) {
		const Rivergate__V1__Organism *one = profile->competences[i];

		if (address_has_prefix(from, one->authority) &&
			is_named(one->organisms, one->n_organisms, organism)) {
			return one->authority;
		}
	}
	if (!party || (profile && profile->n_competences)) {
		return NULL;
	}
	return trust_party_has_role(party, RIVERGATE__V1__ROLE__ROLE_PLANT_QUARANTINE) ||
			trust_party_has_role(party, RIVERGATE__V1__ROLE__ROLE_ANIMAL_QUARANTINE)
		? party->address
		: NULL;
}

/* Consignments with such goods */

struct searching {
	struct window_call *call;
	struct window_call *scratch; /* the same with an arena of its own */
	const Rivergate__V1__GoodsMatch *match;
};

/* rest: what is left of hs6, NUL, origin, NUL, UCR. */
static rg_err touch_one(void *context, struct rg_bytes rest, bool *ret_goes_on)
{
	struct searching *it = context;
	struct arena *arena = it->scratch->arena;
	const char *text = rows_text(arena, rest);
	rg_err err = RG_OK;

	*ret_goes_on = true;
	if (!text) {
		return RG_E_NOMEM;
	}
	size_t at_origin = strlen(text) + 1;
	size_t at_ucr = at_origin < rest.len ? at_origin + strlen(text + at_origin) + 1 : rest.len;
	if (at_ucr < rest.len &&
		is_named(it->match->origins, it->match->n_origins, text + at_origin)) {
		err = window_touch(it->scratch, text + at_ucr);
	}
	arena_reset(arena);
	return err;
}

static rg_err touch_prefix(struct searching *it, const char *hs)
{
	scoped(buf_deinitv) struct buf prefix = {.data = NULL};
	const struct rows_sink sink = {touch_one, it};

	if (strlen(hs) > HS_MAX_LEN) {
		return RG_OK;
	}
	rows_key(&prefix, ROWS_GOODS, hs);
	return rows_walk(it->call->window->store, &prefix, &sink);
}

/* They are many: each is read into an arena that forgets it. */
static rg_err touch_matching(struct window_call *call, const Rivergate__V1__PestAlertFacts *facts)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	struct window_call scratch = *call;
	struct searching it = {.call = call, .scratch = &scratch};
	rg_err err = arena ? RG_OK : RG_E_NOMEM;

	scratch.arena = arena;
	for (size_t i = 0; !err && i < facts->n_goods; i++) {
		it.match = facts->goods[i];
		for (size_t j = 0; !err && j < it.match->n_hs; j++) {
			err = touch_prefix(&it, it.match->hs[j]);
		}
		if (!err && it.match->n_hs == 0) {
			err = touch_prefix(&it, "");
		}
	}
	return err;
}

/* PEST_ALERT */

static bool stands(const Rivergate__V1__PestAlertFacts *facts, int64_t now_us)
{
	bool has_ended = facts->valid_until_us && facts->valid_until_us <= now_us;

	return (facts->level == LEVEL(SUSPECTED) || facts->level == LEVEL(CONFIRMED)) && !has_ended;
}

static rg_err put_alert(struct window_call *call, const struct buf *key)
{
	const Rivergate__V1__Header *header = call->record->header;
	Rivergate__V1__AlertState state = RIVERGATE__V1__ALERT_STATE__INIT;

	if (!stands(header->pest_alert, call->record->time_us)) {
		return rows_remove(call->window->store, key);
	}
	state.facts = header->pest_alert;
	state.issuer = header->from;
	state.index = call->record->index;
	call->window->are_no_alerts = false;
	return rows_put(call->window->store, key, &state.base);
}

static rg_err take_alert(struct window_call *call)
{
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	const Rivergate__V1__PestAlertFacts *facts = call->record->header->pest_alert;
	const char *issuer = competent(call, facts->organism);
	ProtobufCMessage *before = NULL;

	if (!issuer || !facts->number[0] || strlen(facts->number) > NAME_MAX_LEN ||
		facts->level == LEVEL(UNSPECIFIED)) {
		return RG_OK;
	}
	rows_key_of(&key, ROWS_ALERT, issuer, facts->number, NULL);
	rg_err err = rows_get(call->window->store, &key, &rivergate__v1__alert_state__descriptor,
		call->arena, &before);

	if (!err) {
		err = put_alert(call, &key);
	}
	if (!err && before) {
		err = touch_matching(call, ((Rivergate__V1__AlertState *)before)->facts);
	}
	return err ? err : touch_matching(call, facts);
}

/* Alerts on one consignment */

/* The goods are still on their way: neither through the last leg, nor out of its gate. */
static rg_err see_open(const struct consignment *consignment, bool *ret_is_open)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	struct view_leg seen = {.n_authorities = 0};
	rg_err err = RG_OK;

	*ret_is_open = false;
	if (state->n_legs == 0 || state->legs[state->n_legs - 1]->gate_out_us) {
		return RG_OK;
	}
	if (state->n_answers == 0) {
		*ret_is_open = true; /* nobody has let them through */
		return RG_OK;
	}
	err = view_leg(consignment, (uint32_t)state->n_legs - 1, VIEW_EVERYBODY, &seen);
	*ret_is_open = !err && seen.view.turn != RIVERGATE__V1__TURN__TURN_NOBODY;
	return err;
}

struct flagging {
	struct consignment *consignment;
	bool is_known_open; /* is_open is known */
	bool is_open;
	size_t n;
	size_t n_rows; /* alerts there are */
};

static bool means(const struct flagging *it, const Rivergate__V1__AlertState *alert,
	Rivergate__V1__Goods *const *goods, size_t n_goods)
{
	const struct consignment_cc cc = consignment_cc_of_address(alert->issuer);
	const Rivergate__V1__WindowProfile *profile =
		trust_profile(it->consignment->call->record->trust, cc.text);

	for (size_t i = 0; i < n_goods; i++) {
		for (size_t j = 0; j < alert->facts->n_goods; j++) {
			if (goods_match(alert->facts->goods[j], goods[i], profile)) {
				return true;
			}
		}
	}
	return false;
}

static void describe(const Rivergate__V1__AlertState *alert, struct buf *text)
{
	const Rivergate__V1__PestAlertFacts *facts = alert->facts;
	bool is_confirmed = facts->level == LEVEL(CONFIRMED);

	add_shown(text, facts->organism);
	buf_add_text(text, is_confirmed ? ": confirmed by " : ": suspected by ");
	add_shown(text, alert->issuer);
	buf_add_text(text, ", alert ");
	add_shown(text, facts->number);
	for (size_t i = 0; i < facts->n_areas && i < SHOWN_AREAS; i++) {
		buf_add_text(text, i ? " " : ", in ");
		add_shown(text, facts->areas[i]);
	}
	if (facts->n_areas > SHOWN_AREAS) {
		buf_printf(text, " and %zu more", facts->n_areas - SHOWN_AREAS);
	}
	buf_add_text(text,
		facts->n_areas ? " (whether the goods are from there is not known)" : "");
	buf_add_text(text, "; an alert holds nothing");
}

static rg_err flag(struct flagging *it, const Rivergate__V1__AlertState *alert,
	struct consignment_finding *finding)
{
	scoped(buf_deinitv) struct buf text = {.data = NULL};
	struct consignment *consignment = it->consignment;
	int64_t until_us = alert->facts->valid_until_us;

	describe(alert, &text);
	finding->rule = "PEST_ALERT";
	finding->path = "goods";
	finding->text = buf_text(&text);
	finding->is_computed = true;
	if (until_us && (!consignment->alert_until_us || until_us < consignment->alert_until_us)) {
		consignment->alert_until_us = until_us;
	}
	it->n++;
	return finding->text ? consignment_find(consignment, finding) : RG_E_NOMEM;
}

static uint32_t first_leg(const Rivergate__V1__ConsignmentState *state, const char *cc)
{
	for (uint32_t i = 0; i < state->n_legs; i++) {
		const struct consignment_cc here =
			consignment_cc_of_country(state->legs[i]->leg->country);

		if (strcmp(here.text, cc) == 0) {
			return i;
		}
	}
	return CONSIGNMENT_NONE;
}

/* What only an adapter has found is flagged for its member, and for others on arrival. */
static rg_err flag_found(struct flagging *it, const Rivergate__V1__AlertState *alert)
{
	const Rivergate__V1__ConsignmentState *state = it->consignment->state;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < state->n_declarations; i++) {
		const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[i];
		const struct consignment_cc own = consignment_cc_of_address(one->found_by);
		struct consignment_finding finding = {.member = own.text, .until_arrival = true};

		if (consignment_counts(one) && means(it, alert, one->found, one->n_found)) {
			finding.leg = first_leg(state, own.text);
			err = flag(it, alert, &finding);
		}
	}
	return err;
}

static rg_err flag_if_meant(struct flagging *it, const Rivergate__V1__AlertState *alert)
{
	const Rivergate__V1__ConsignmentState *state = it->consignment->state;
	struct consignment_finding finding = {.member = NULL};

	for (size_t i = 0; i < state->n_declarations; i++) {
		const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[i];

		if (consignment_counts(one) &&
			means(it, alert, one->declared->goods, one->declared->n_goods)) {
			return flag(it, alert, &finding);
		}
	}
	return flag_found(it, alert);
}

static rg_err flag_one(void *context, struct rg_bytes rest, bool *ret_goes_on)
{
	struct flagging *it = context;
	const struct window_call *call = it->consignment->call;
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	ProtobufCMessage *message = NULL;

	buf_add_u8(&key, ROWS_ALERT);
	buf_add_bytes(&key, rest);
	rg_err err = rows_get(call->window->store, &key, &rivergate__v1__alert_state__descriptor,
		call->arena, &message);
	const Rivergate__V1__AlertState *alert = (const Rivergate__V1__AlertState *)message;

	it->n_rows++;
	*ret_goes_on = it->n < FLAGS_MAX;
	if (err || !alert || !alert->facts) {
		return err;
	}
	if (!stands(alert->facts, call->record->time_us)) {
		return rows_remove(call->window->store, &key);
	}
	if (!it->is_known_open) {
		err = see_open(it->consignment, &it->is_open);
		it->is_known_open = true;
	}
	return err || !it->is_open ? err : flag_if_meant(it, alert);
}

rg_err alerts_settle(struct consignment *consignment)
{
	scoped(buf_deinitv) struct buf prefix = {.data = NULL};
	struct flagging it = {.consignment = consignment};
	const struct rows_sink sink = {flag_one, &it};
	struct window *window = consignment->call->window;

	consignment->alert_until_us = 0;
	if (window->are_no_alerts) {
		return RG_OK;
	}
	rows_key(&prefix, ROWS_ALERT, "");
	rg_err err = rows_walk(window->store, &prefix, &sink);

	window->are_no_alerts = !err && it.n_rows == 0;
	return err;
}

int64_t alerts_next_us(const struct consignment *consignment)
{
	return consignment->alert_until_us ? consignment->alert_until_us : INT64_MAX;
}

/* The index of goods */

static bool is_among(Rivergate__V1__Goods *const *goods, size_t n, const Rivergate__V1__Goods *one)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(goods[i]->hs6, one->hs6) == 0 &&
			strcmp(goods[i]->origin, one->origin) == 0) {
			return true;
		}
	}
	return false;
}

static void goods_key(struct buf *key, const Rivergate__V1__Goods *goods, const char *ucr)
{
	rows_key_of(key, ROWS_GOODS, goods->hs6, goods->origin, ucr, NULL);
}

static rg_err index_goods(struct consignment *consignment, Rivergate__V1__Goods *const *goods,
	size_t n_goods)
{
	Rivergate__V1__ConsignmentState *state = consignment->state;
	struct arena *arena = consignment->call->arena;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < n_goods; i++) {
		scoped(buf_deinitv) struct buf key = {.data = NULL};
		Rivergate__V1__Goods *one = NULL;

		if (is_among(state->indexed, state->n_indexed, goods[i]) ||
			strlen(goods[i]->hs6) > HS_MAX_LEN ||
			strlen(goods[i]->origin) > HS_MAX_LEN) {
			continue;
		}
		one = arena_alloc(arena, sizeof(*one));
		if (!one) {
			return RG_E_NOMEM;
		}
		rivergate__v1__goods__init(one);
		one->hs6 = goods[i]->hs6;
		one->origin = goods[i]->origin;
		goods_key(&key, one, state->ucr);
		err = rows_append(arena, &state->indexed, &state->n_indexed, one);
		if (!err) {
			err = rows_mark(consignment->call->window->store, &key);
		}
	}
	return err;
}

rg_err alerts_index(struct consignment *consignment)
{
	Rivergate__V1__ConsignmentState *state = consignment->state;
	Rivergate__V1__Goods **before = state->indexed;
	size_t n_before = state->n_indexed;
	bool is_open = false;
	rg_err err = see_open(consignment, &is_open);

	state->indexed = NULL;
	state->n_indexed = 0;
	for (size_t i = 0; !err && is_open && i < state->n_declarations; i++) {
		const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[i];

		if (!consignment_counts(one)) {
			continue;
		}
		err = index_goods(consignment, one->declared->goods, one->declared->n_goods);
		if (!err) {
			err = index_goods(consignment, one->found, one->n_found);
		}
	}
	for (size_t i = 0; !err && i < n_before; i++) {
		scoped(buf_deinitv) struct buf key = {.data = NULL};

		if (!is_among(state->indexed, state->n_indexed, before[i])) {
			goods_key(&key, before[i], state->ucr);
			err = rows_remove(consignment->call->window->store, &key);
		}
	}
	return err;
}

/* NON_COMPLIANCE */

static const char *name_of_action(Rivergate__V1__DecisionStatus action)
{
	const ProtobufCEnumValue *value =
		protobuf_c_enum_descriptor_get_value(&rivergate__v1__decision_status__descriptor,
			(int)action);

	return value && action ? value->name + strlen("DECISION_STATUS_") : "not stated";
}

rg_err alerts_non_compliance(struct consignment *consignment)
{
	scoped(buf_deinitv) struct buf text = {.data = NULL};
	const Rivergate__V1__Header *header = consignment->call->record->header;
	const Rivergate__V1__NonComplianceFacts *facts = header->non_compliance;

	if (header->facts_case != FACTS(NON_COMPLIANCE)) {
		return RG_OK;
	}
	const struct consignment_cc certifier = consignment_cc_of_country(facts->issuer_country);
	const struct consignment_cc own = consignment_cc_of_address(header->from);
	struct consignment_finding finding = {.rule = "NON_COMPLIANCE",
		.path = "documents",
		.member = own.text,
		.also = strcmp(certifier.text, own.text) != 0 ? certifier.text : NULL};
	const struct consignment_finding stranger = {.rule = "NOT_ON_THIS_LEG",
		.path = "non_compliance",
		.text = "a non-compliance was told by somebody who has no leg of this consignment",
		.member = own.text};

	if (consignment_leg_of(consignment, NULL, 0) == CONSIGNMENT_NONE) {
		return consignment_find(consignment, &stranger);
	}
	buf_add_text(&text, "certificate ");
	add_shown(&text, facts->certificate_number);
	buf_add_text(&text, " of type ");
	add_shown(&text, facts->certificate_type);
	buf_add_text(&text, " of ");
	add_shown(&text, facts->issuer_country);
	buf_printf(&text, " does not comply; action on the goods: %s",
		name_of_action(facts->action));
	finding.text = buf_text(&text);
	return finding.text ? consignment_find(consignment, &finding) : RG_E_NOMEM;
}

/* Notices and enquiries: who is waited for */

struct waiting {
	struct window_call *call;
	enum rows_table table;
	enum rows_timer about;
};

static struct waiting notices(struct window_call *call)
{
	return (struct waiting){call, ROWS_NOTICE, ROWS_TIMER_NOTICE};
}

static struct waiting enquiries(struct window_call *call)
{
	return (struct waiting){call, ROWS_ENQUIRY, ROWS_TIMER_ENQUIRY};
}

/* id ‖ from: of the row behind its table, and of its timer. */
static void waiting_name(struct buf *name, ProtobufCBinaryData id, const char *from)
{
	buf_add(name, id.data, id.len);
	buf_add_text(name, from);
}

static void waiting_key(struct buf *key, enum rows_table table, struct rg_bytes name)
{
	buf_add_u8(key, (uint8_t)table);
	buf_add_bytes(key, name);
}

static rg_err add_parties(const struct window_call *call, Rivergate__V1__WaitingState *state)
{
	const Rivergate__V1__Header *header = call->record->header;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < header->n_to; i++) {
		const struct trust_party *party = trust_route(call->record->trust, header->to[i]);
		bool is_known = !party;

		for (size_t j = 0; !is_known && j < state->n_parties; j++) {
			is_known = strcmp(state->parties[j], party->address) == 0;
		}
		err = is_known ? RG_OK
			       : rows_append(call->arena, &state->parties, &state->n_parties,
					 (char *)party->address);
	}
	return err;
}

static rg_err await(const struct waiting *it, const char *number, int64_t due_us)
{
	const struct rules_store *store = it->call->window->store;
	const Rivergate__V1__Header *header = it->call->record->header;
	scoped(buf_deinitv) struct buf name = {.data = NULL};
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	Rivergate__V1__WaitingState state = RIVERGATE__V1__WAITING_STATE__INIT;
	rg_err err = add_parties(it->call, &state);

	if (err || state.n_parties == 0 || header->id.len != ID_LEN) {
		return err;
	}
	state.from = header->from;
	state.id = header->id;
	state.number = (char *)number;
	state.due_us = due_us;
	waiting_name(&name, header->id, header->from);
	waiting_key(&key, it->table, buf_view(&name));
	err = rows_put(store, &key, &state.base);
	return err ? err
		   : window_set_timer(it->call->window, it->about, buf_view(&name), 0, due_us);
}

/* False: it was not waited for. */
static bool take_off(Rivergate__V1__WaitingState *state, const char *party)
{
	for (size_t i = 0; i < state->n_parties; i++) {
		if (strcmp(state->parties[i], party) == 0) {
			state->parties[i] = state->parties[--state->n_parties];
			return true;
		}
	}
	return false;
}

static rg_err answered(const struct waiting *it, const Rivergate__V1__Ref *ref)
{
	const struct rules_store *store = it->call->window->store;
	const struct trust_party *party = consignment_sender(it->call);
	scoped(buf_deinitv) struct buf name = {.data = NULL};
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	ProtobufCMessage *message = NULL;

	if (!party || ref->id.len != ID_LEN || strlen(ref->from) > NAME_MAX_LEN) {
		return RG_OK;
	}
	waiting_name(&name, ref->id, ref->from);
	waiting_key(&key, it->table, buf_view(&name));
	rg_err err = rows_get(store, &key, &rivergate__v1__waiting_state__descriptor,
		it->call->arena, &message);
	Rivergate__V1__WaitingState *state = (Rivergate__V1__WaitingState *)message;
	if (err || !state || !take_off(state, party->address)) {
		return err;
	}
	if (state->n_parties) {
		return rows_put(store, &key, &state->base);
	}
	err = window_set_timer(it->call->window, it->about, buf_view(&name), state->due_us, 0);
	return err ? err : rows_remove(store, &key);
}

static rg_err answered_by_refs(const struct waiting *it, Rivergate__V1__Relation relation)
{
	const Rivergate__V1__Header *header = it->call->record->header;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < header->n_refs; i++) {
		if (header->refs[i]->relation == relation) {
			err = answered(it, header->refs[i]);
		}
	}
	return err;
}

rg_err alerts_acknowledged(struct window_call *call)
{
	const Rivergate__V1__Header *header = call->record->header;
	const struct waiting it = notices(call);
	bool is_read = header->facts_case == FACTS(ACKNOWLEDGEMENT) &&
		strcmp(header->acknowledgement->native_code, READ_BY_HUMAN) == 0;

	return is_read ? answered_by_refs(&it, RIVERGATE__V1__RELATION__RELATION_ACKNOWLEDGES)
		       : RG_OK;
}

rg_err alerts_take(struct window_call *call)
{
	const struct window_record *record = call->record;
	const Rivergate__V1__Header *header = record->header;
	const struct waiting notice = notices(call);
	const struct waiting enquiry = enquiries(call);

	if (header->facts_case == FACTS(PEST_ALERT)) {
		return take_alert(call);
	}
	if (header->facts_case == FACTS(EMERGENCY_NOTICE) &&
		header->emergency_notice->acknowledge_by_us) {
		return await(&notice, header->emergency_notice->number,
			header->emergency_notice->acknowledge_by_us);
	}
	if (header->facts_case == FACTS(ENQUIRY) && header->n_to == 1) {
		int64_t due_us = header->enquiry->reply_by_us;

		return await(&enquiry, "", due_us ? due_us : record->time_us + ENQUIRY_US);
	}
	return header->facts_case == FACTS(ENQUIRY_REPLY) && header->enquiry_reply->extent
		? answered_by_refs(&enquiry, RIVERGATE__V1__RELATION__RELATION_IN_REPLY_TO)
		: RG_OK;
}

/* Reminders */

static rg_err remind(struct window_call *call, const Rivergate__V1__WaitingState *state,
	Rivergate__V1__ReminderFacts *facts)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < state->n_parties; i++) {
		const struct trust_party *party =
			trust_party_at(call->record->trust, state->parties[i]);
		Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;

		if (!party) {
			continue;
		}
		facts->authority = (char *)party->address;
		facts->due_us = state->due_us;
		header.kind = RIVERGATE__V1__KIND__KIND_REMINDER;
		header.facts_case = FACTS(REMINDER);
		header.reminder = facts;
		err = tell(call, party->address, &header);
	}
	return err;
}

rg_err alerts_due(struct window_call *call, enum rows_timer about, struct rg_bytes name)
{
	const struct waiting it = about == ROWS_TIMER_NOTICE ? notices(call) : enquiries(call);
	const struct rules_store *store = call->window->store;
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	Rivergate__V1__ReminderFacts facts = RIVERGATE__V1__REMINDER_FACTS__INIT;
	char id[2 * ID_LEN + 1];
	ProtobufCMessage *message = NULL;

	waiting_key(&key, it.table, name);
	rg_err err = rows_get(store, &key, &rivergate__v1__waiting_state__descriptor, call->arena,
		&message);
	const Rivergate__V1__WaitingState *state = (const Rivergate__V1__WaitingState *)message;

	if (err || !state || state->id.len != ID_LEN) {
		return err;
	}
	text_hex((struct rg_bytes){state->id.data, state->id.len}, id);
	facts.reason = about == ROWS_TIMER_NOTICE
		? RIVERGATE__V1__REMINDER_FACTS__REASON__REASON_NOTICE_UNREAD
		: RIVERGATE__V1__REMINDER_FACTS__REASON__REASON_ENQUIRY_DUE;
	facts.subject = about == ROWS_TIMER_NOTICE ? state->number : id;
	err = remind(call, state, &facts);
	return err ? err : rows_remove(store, &key);
}
