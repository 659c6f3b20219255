/*
 * Derived messages: what follows from a record for whom.
 *
 * A party is told when what it may see has changed, and not otherwise: the hash of what it
 * was told last is part of the consignment's row.
 *
 * Threads: the window's.
 */
#include <string.h>

#include "rules/consignment.h"
#include "sign/signature.h"
#include "wire/pack.h"

#define KIND(name) RIVERGATE__V1__KIND__KIND_##name

#define HASH_LEN 32

/* Who takes part */

static bool is_known(const struct tell_parties *parties, const struct trust_party *party)
{
	for (size_t i = 0; i < parties->n; i++) {
		if (parties->parties[i] == party) {
			return true;
		}
	}
	return false;
}

static void add_party(struct tell_parties *parties, const struct trust_party *party)
{
	size_t room = sizeof(parties->parties) / sizeof(parties->parties[0]);

	if (party && parties->n < room && !is_known(parties, party)) {
		parties->parties[parties->n++] = party;
	}
}

bool tell_may_know(const struct consignment *consignment,
	const Rivergate__V1__ConsignmentDeclaration *declaration, const struct trust_party *party)
{
	const struct window_record *record = consignment->call->record;
	const struct consignment_cc cc = consignment_cc_of_address(declaration->from);
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;

	if (declaration->stranger || strcmp(cc.text, party->cc) == 0) {
		return !declaration->stranger;
	}
	header.kind = KIND(DECLARATION);
	header.from = declaration->from;
	header.purpose = declaration->purpose;
	return trust_passage_of(record->trust, &header, party, record->time_us).may_pass;
}

/* A planned authority knows of the consignment if it may know of one of its declarations. */
static bool may_know(const struct consignment *consignment, const struct trust_party *party)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;

	for (size_t i = 0; i < state->n_declarations; i++) {
		if (tell_may_know(consignment, state->declarations[i], party)) {
			return true;
		}
	}
	return false;
}

void tell_participants(const struct consignment *consignment, struct tell_parties *ret_parties)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	const struct trust *trust = consignment->call->record->trust;

	ret_parties->n = 0;
	for (size_t i = 0; i < state->n_declarations; i++) {
		if (!state->declarations[i]->stranger) {
			add_party(ret_parties, trust_route(trust, state->declarations[i]->from));
		}
	}
	for (size_t i = 0; state->plan && i < state->plan->n_legs; i++) {
		const Rivergate__V1__PlanLeg *leg = state->plan->legs[i];

		for (size_t j = 0; j < leg->n_entries; j++) {
			const struct trust_party *party =
				trust_party_at(trust, leg->entries[j]->authority);

			if (party && !is_known(ret_parties, party) &&
				may_know(consignment, party)) {
				add_party(ret_parties, party);
			}
		}
	}
}

/* One derived message */

static rg_err keep_header(struct window_call *call, uint32_t ordinal, const struct buf *header)
{
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	const struct rules_store *store = call->window->store;

	buf_add_u8(&key, ROWS_HEADER);
	buf_add_u64(&key, call->record->index);
	buf_add_u32(&key, ordinal);
	rg_err err = buf_error(&key);

	return err ? err : store->put(store->context, buf_view(&key), buf_view(header));
}

static rg_err list_told(struct window_call *call, const struct window_told *told)
{
	struct window_told *grown = arena_alloc(call->arena, (call->n_told + 1) * sizeof(*grown));

	if (!grown) {
		return RG_E_NOMEM;
	}
	if (call->n_told) {
		memcpy(grown, call->told, call->n_told * sizeof(*grown));
	}
	grown[call->n_told++] = *told;
	call->told = grown;
	return RG_OK;
}

/*
 * The reader sent the record's message, or got it. What a timer brings has none: whatever record
 * it is over at may be of people who have nothing to do with it.
 */
static bool knows_cause(const struct window_call *call, const char *reader)
{
	const struct window_record *record = call->record;
	const struct trust_party *party = trust_party_at(record->trust, reader);
	const Rivergate__V1__Header *header = record->header;
	bool knows = false;

	if (!header || call->is_timer || !party) {
		return false;
	}
	knows = trust_route(record->trust, header->from) == party;
	for (size_t i = 0; !knows && i < header->n_to; i++) {
		knows = trust_route(record->trust, header->to[i]) == party;
	}
	return knows;
}

/* id, sender, recipient, cause and time, then the bytes as they will be signed. */
static rg_err make_header(struct window_call *call, const char *to,
	const Rivergate__V1__Header *facts, struct rg_bytes *ret_bytes)
{
	const struct window_record *record = call->record;
	scoped(buf_deinitv) struct buf packed = {.data = NULL};
	Rivergate__V1__Header header = *facts;
	Rivergate__V1__Ref ref = RIVERGATE__V1__REF__INIT;
	Rivergate__V1__Ref *refs[] = {&ref};
	char *recipients[] = {(char *)to};
	uint8_t id[16];
	const struct derived derived = {
		.origin = derived_origin_at(&call->window->lineage, record->index),
		.cause = record->index,
		.kind = (uint8_t)header.kind,
		.ordinal = (uint32_t)call->n_told,
		.to = to,
	};
	rg_err err = derived_id(&derived, id);

	if (knows_cause(call, to)) {
		ref.from = record->header->from;
		ref.id = record->header->id;
		ref.header_hash = (ProtobufCBinaryData){.len = HASH_LEN,
			.data = (uint8_t *)record->header_hash};
		ref.relation = RIVERGATE__V1__RELATION__RELATION_CAUSED_BY;
		header.refs = refs;
		header.n_refs = 1;
	}
	header.id = (ProtobufCBinaryData){.len = sizeof(id), .data = id};
	header.from = call->window->router;
	header.to = recipients;
	header.n_to = 1;
	header.sent_at_us = record->time_us;
	if (!err) {
		err = pack_append(&header.base, &packed);
	}
	if (!err) {
		err = keep_header(call, (uint32_t)call->n_told, &packed);
	}
	if (err) {
		return err;
	}
	ret_bytes->data = (const uint8_t *)rows_text(call->arena, buf_view(&packed));
	ret_bytes->len = packed.len;
	return ret_bytes->data ? RG_OK : RG_E_NOMEM;
}

rg_err tell(struct window_call *call, const char *to, Rivergate__V1__Header *header)
{
	struct window_told told = {
		.kind = (uint8_t)header->kind,
		.ordinal = (uint32_t)call->n_told,
		.to = to,
		.ucr = header->ucr,
		.lane = call->lane,
	};
	rg_err err = call->window->serves ? make_header(call, to, header, &told.header) : RG_OK;

	return err ? err : list_told(call, &told);
}

rg_err tell_reminder(const struct consignment *consignment, const char *to,
	Rivergate__V1__ReminderFacts *facts)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	struct tell_parties parties;

	header.kind = KIND(REMINDER);
	header.ucr = consignment->state->ucr;
	header.facts_case = RIVERGATE__V1__HEADER__FACTS_REMINDER;
	header.reminder = facts;
	tell_participants(consignment, &parties);
	for (size_t i = 0; i < parties.n; i++) {
		if (strcmp(parties.parties[i]->address, to) == 0) {
			return tell(consignment->call, parties.parties[i]->address, &header);
		}
	}
	return RG_OK;
}

/* Plan and status */

/*
 * What the parties of a member see, or all parties where nothing is kept from anybody. The
 * hashes are of what is compared: before the plan is told why it came.
 */
struct member_view {
	const char *cc;
	Rivergate__V1__PlanFacts *plan;
	Rivergate__V1__StatusFacts *status;
	uint8_t plan_hash[HASH_LEN];
	uint8_t status_hash[HASH_LEN];
};

struct telling_all {
	struct consignment *consignment;
	bool is_one;               /* view for all of them */
	struct member_view *views; /* room for one of each party */
	size_t n_views;
};

static rg_err hash_facts(const ProtobufCMessage *facts, uint8_t ret_hash[HASH_LEN])
{
	scoped(buf_deinitv) struct buf packed = {.data = NULL};
	rg_err err = pack_append(facts, &packed);

	return err ? err : signature_hash(buf_view(&packed), ret_hash);
}

static rg_err hash_plan(const struct consignment *consignment, uint8_t ret_hash[HASH_LEN])
{
	struct window_hash *last = &consignment->call->window->plan;
	rg_err err = RG_OK;

	if (!last->bytes.len || !bytes_equal(buf_view(&last->bytes), consignment->packed_plan)) {
		buf_clear(&last->bytes);
		err = signature_hash(consignment->packed_plan, last->hash);
		if (!err) {
			buf_add_bytes(&last->bytes, consignment->packed_plan);
		}
	}
	memcpy(ret_hash, last->hash, HASH_LEN);
	return err ? err : buf_error(&last->bytes);
}

static rg_err make_view(const struct telling_all *it, const char *cc, struct member_view *view)
{
	const struct consignment *consignment = it->consignment;
	rg_err err = view_plan(consignment, cc, &view->plan);

	view->cc = cc;
	if (!err) {
		err = view_status(consignment, cc, &view->status);
	}
	if (!err) {
		err = it->is_one ? hash_plan(consignment, view->plan_hash)
				 : hash_facts(&view->plan->base, view->plan_hash);
	}
	return err ? err : hash_facts(&view->status->base, view->status_hash);
}

static rg_err view_of(struct telling_all *it, const char *cc, struct member_view **ret_view)
{
	for (size_t i = 0; i < it->n_views; i++) {
		if (it->is_one || strcmp(it->views[i].cc, cc) == 0) {
			*ret_view = &it->views[i];
			return RG_OK;
		}
	}
	*ret_view = &it->views[it->n_views++];
	return make_view(it, cc, *ret_view);
}

/* Whether this is other than what was told last; then it is the last. */
static rg_err is_news(struct arena *arena, const uint8_t hash[HASH_LEN], ProtobufCBinaryData *last,
	bool *ret_is_news)
{
	*ret_is_news = last->len != HASH_LEN || memcmp(last->data, hash, HASH_LEN) != 0;
	if (!*ret_is_news) {
		return RG_OK;
	}
	*last = (ProtobufCBinaryData){.len = HASH_LEN, .data = arena_alloc(arena, HASH_LEN)};
	if (!last->data) {
		return RG_E_NOMEM;
	}
	memcpy(last->data, hash, HASH_LEN);
	return RG_OK;
}

static rg_err told_of(struct consignment *consignment, const struct trust_party *party,
	Rivergate__V1__ConsignmentTold **ret_told)
{
	Rivergate__V1__ConsignmentState *state = consignment->state;
	struct arena *arena = consignment->call->arena;

	for (size_t i = 0; i < state->n_told; i++) {
		if (strcmp(state->told[i]->party, party->address) == 0) {
			*ret_told = state->told[i];
			return RG_OK;
		}
	}
	*ret_told = arena_alloc(arena, sizeof(**ret_told));
	if (!*ret_told) {
		return RG_E_NOMEM;
	}
	rivergate__v1__consignment_told__init(*ret_told);
	(*ret_told)->party = (char *)party->address;
	return rows_append(arena, &state->told, &state->n_told, *ret_told);
}

static rg_err tell_plan(struct consignment *consignment, const struct trust_party *party,
	const struct member_view *view, Rivergate__V1__ConsignmentTold *told)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	bool was_told = told->plan.len > 0;
	bool is_new = false;
	rg_err err = is_news(consignment->call->arena, view->plan_hash, &told->plan, &is_new);

	if (err || !is_new) {
		return err;
	}
	view->plan->change =
		was_told ? consignment->change : RIVERGATE__V1__PLAN_FACTS__CHANGE__CHANGE_FIRST;
	view->plan->cause_index = consignment->call->record->index;
	header.kind = KIND(PLAN);
	header.ucr = consignment->state->ucr;
	header.facts_case = RIVERGATE__V1__HEADER__FACTS_PLAN;
	header.plan = view->plan;
	return tell(consignment->call, party->address, &header);
}

static rg_err tell_status(struct consignment *consignment, const struct trust_party *party,
	const struct member_view *view, Rivergate__V1__ConsignmentTold *told)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	bool is_new = false;
	rg_err err = is_news(consignment->call->arena, view->status_hash, &told->status, &is_new);

	if (err || !is_new) {
		return err;
	}
	header.kind = KIND(STATUS);
	header.ucr = consignment->state->ucr;
	header.facts_case = RIVERGATE__V1__HEADER__FACTS_STATUS;
	header.status = view->status;
	return tell(consignment->call, party->address, &header);
}

static rg_err tell_party(struct telling_all *it, const struct trust_party *party)
{
	struct consignment *consignment = it->consignment;
	Rivergate__V1__ConsignmentTold *told = NULL;
	struct member_view *view = NULL;
	rg_err err = told_of(consignment, party, &told);

	if (!err) {
		err = view_of(it, party->cc, &view);
	}
	if (!err) {
		err = tell_plan(consignment, party, view, told);
	}
	return err ? err : tell_status(consignment, party, view, told);
}

rg_err tell_all(struct consignment *consignment)
{
	struct tell_parties *parties = &consignment->parties;
	struct arena *arena = consignment->call->arena;
	struct telling_all it = {.consignment = consignment};
	rg_err err = RG_OK;

	/* Nothing is planned for goods that go nowhere. */
	if (consignment->state->n_legs == 0 && consignment->state->n_findings == 0) {
		return RG_OK;
	}
	tell_participants(consignment, parties);
	it.is_one = view_is_one(consignment);
	it.views = arena_alloc(arena, parties->n * sizeof(*it.views));
	if (!it.views) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; !err && i < parties->n; i++) {
		err = tell_party(&it, parties->parties[i]);
	}
	return err;
}
