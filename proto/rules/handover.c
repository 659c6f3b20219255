/*
 * Declarations for those who take part, beside whom their senders named.
 *
 * Method: what a record brings goes to everybody of the plan at once; who joins later gets what
 * is in force then. Who has got a message is part of the consignment's row, so that nobody
 * gets it twice.
 *
 * Threads: the window's.
 */
#include <string.h>

#include "rules/consignment.h"

#define KIND(name) RIVERGATE__V1__KIND__KIND_##name

#define LEN_FRAME 256 /* about what goes before a delivery's header, and its signature */

/* Who has got a message */

static bool holds(const Rivergate__V1__Passed *passed, const char *party)
{
	for (size_t i = 0; i < passed->n_holders; i++) {
		if (strcmp(passed->holders[i], party) == 0) {
			return true;
		}
	}
	return false;
}

static rg_err add_holder(const struct consignment *consignment, Rivergate__V1__Passed *passed,
	const struct trust_party *party)
{
	return !party || holds(passed, party->address)
		? RG_OK
		: rows_append(consignment->call->arena, &passed->holders, &passed->n_holders,
			  (char *)party->address);
}

/* As far as channel rules ask. */
static rg_err add_part(struct arena *arena, Rivergate__V1__Passed *passed,
	const Rivergate__V1__Part *part)
{
	Rivergate__V1__Part *copy = arena_alloc(arena, sizeof(*copy));

	if (!copy) {
		return RG_E_NOMEM;
	}
	rivergate__v1__part__init(copy);
	copy->name = part->name;
	copy->size = part->size;
	copy->audience = part->audience;
	copy->encryption = part->encryption;
	return rows_append(arena, &passed->parts, &passed->n_parts, copy);
}

/* Whom the sender named. */
static rg_err add_addressed(const struct consignment *consignment, Rivergate__V1__Passed *passed)
{
	const struct window_record *record = consignment->call->record;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < record->header->n_to; i++) {
		err = add_holder(consignment, passed,
			trust_route(record->trust, record->header->to[i]));
	}
	return err;
}

rg_err handover_note(const struct consignment *consignment, Rivergate__V1__Passed **ret_passed)
{
	const struct window_record *record = consignment->call->record;
	const Rivergate__V1__Header *header = record->header;
	struct arena *arena = consignment->call->arena;
	Rivergate__V1__Passed *passed = arena_alloc(arena, sizeof(*passed));
	rg_err err = passed ? RG_OK : RG_E_NOMEM;

	if (err) {
		return err;
	}
	rivergate__v1__passed__init(passed);
	passed->index = record->index;
	passed->kind = header->kind;
	passed->purpose = header->purpose;
	if (consignment->call->window->serves) {
		passed->bytes = (uint32_t)protobuf_c_message_get_packed_size(&header->base);
	}
	for (size_t i = 0; !err && i < header->n_parts; i++) {
		err = add_part(arena, passed, header->parts[i]);
	}
	if (!err) {
		err = add_addressed(consignment, passed);
	}
	if (!err) {
		*ret_passed = passed;
	}
	return err;
}

/* What somebody gets */

/* A message of a declaration, as channel rules judge it. */
static Rivergate__V1__Header header_of(const Rivergate__V1__Passed *passed, const char *from)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;

	header.kind = passed->kind;
	header.from = (char *)from;
	header.purpose = passed->purpose;
	header.parts = passed->parts;
	header.n_parts = passed->n_parts;
	return header;
}

/* Parts that an entry asks for; one that names no data set wants all. */
static uint64_t parts_of_entry(const Rivergate__V1__Header *header,
	const Rivergate__V1__PlanEntry *entry)
{
	uint64_t parts = 0;

	for (size_t i = 0; i < header->n_parts && i < 64; i++) {
		bool is_wanted = entry->n_data_sets == 0;

		for (size_t j = 0; j < entry->n_data_sets; j++) {
			is_wanted = is_wanted ||
				strcmp(entry->data_sets[j], header->parts[i]->name) == 0;
		}
		parts |= is_wanted ? UINT64_C(1) << i : 0;
	}
	return parts;
}

static uint64_t wanted_parts(const Rivergate__V1__PlanFacts *plan,
	const Rivergate__V1__Header *header, const char *authority)
{
	uint64_t parts = 0;

	for (size_t i = 0; i < plan->n_legs; i++) {
		for (size_t j = 0; j < plan->legs[i]->n_entries; j++) {
			const Rivergate__V1__PlanEntry *entry = plan->legs[i]->entries[j];

			parts |= strcmp(entry->authority, authority) == 0
				? parts_of_entry(header, entry)
				: 0;
		}
	}
	return parts;
}

static bool is_planned(const Rivergate__V1__PlanFacts *plan, const char *authority)
{
	for (size_t i = 0; i < plan->n_legs; i++) {
		for (size_t j = 0; j < plan->legs[i]->n_entries; j++) {
			if (strcmp(plan->legs[i]->entries[j]->authority, authority) == 0) {
				return true;
			}
		}
	}
	return false;
}

static bool is_declarant(const struct consignment *consignment, const struct trust_party *party)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	const struct trust *trust = consignment->call->record->trust;

	for (size_t i = 0; i < state->n_declarations; i++) {
		if (!state->declarations[i]->stranger &&
			trust_route(trust, state->declarations[i]->from) == party) {
			return true;
		}
	}
	return false;
}

/* A message of a declaration on its way to a party. */
struct handing {
	const struct trust_party *party;
	const Rivergate__V1__Header *header;
	uint64_t index;
	uint32_t bytes; /* of the header */
};

static uint64_t size_of_parts(const Rivergate__V1__Header *header, uint64_t parts)
{
	uint64_t size = 0;

	for (size_t i = 0; i < header->n_parts && i < 64; i++) {
		size += parts & (UINT64_C(1) << i) ? header->parts[i]->size + 32 : 0;
	}
	return size;
}

/* Without a counter, and nobody is told when it expires. */
static rg_err hand(const struct consignment *consignment, const struct handing *it, uint64_t parts)
{
	struct window_call *call = consignment->call;
	struct window_handed *grown =
		arena_alloc(call->arena, (call->n_handed + 1) * sizeof(*grown));

	if (!grown) {
		return RG_E_NOMEM;
	}
	if (call->n_handed) {
		memcpy(grown, call->handed, call->n_handed * sizeof(*grown));
	}
	grown[call->n_handed++] = (struct window_handed){
		.index = it->index,
		.party = it->party->address,
		.parts = parts,
		.ucr = consignment->state->ucr,
		.lane = call->lane,
		.bytes = it->bytes + LEN_FRAME + (uint32_t)size_of_parts(it->header, parts),
	};
	call->handed = grown;
	return RG_OK;
}

/* *ret_has: the channel rule lets it pass. seen: the plan as the declaration's sender sees it. */
static rg_err give(const struct consignment *consignment, const struct handing *it,
	const Rivergate__V1__PlanFacts *seen, bool *ret_has)
{
	const struct window_record *record = consignment->call->record;
	struct window_result *result = consignment->call->result;
	const struct trust_passage passage =
		trust_passage_of(record->trust, it->header, it->party, record->time_us);
	uint64_t parts = passage.parts &
		wanted_parts(consignment->state->plan, it->header, it->party->address);

	*ret_has = passage.may_pass;
	if (!passage.may_pass) {
		return RG_OK;
	}
	/* Whoever takes part unseen by the sender is none whose deliveries he follows. */
	bool is_open = is_planned(seen, it->party->address) || is_declarant(consignment, it->party);

	if (it->index != record->index || !is_open ||
		result->n_recipients == WINDOW_RECIPIENTS_MAX) {
		return hand(consignment, it, parts);
	}
	result->recipients[result->n_recipients].party = it->party->address;
	result->recipients[result->n_recipients++].parts = parts;
	return RG_OK;
}

/* The record's message */

/* Of the record's message; NULL: it is refused, or takes back. */
static Rivergate__V1__Passed *passed_of_record(const struct consignment *consignment)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;

	for (size_t i = 0; i < state->n_declarations; i++) {
		const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[i];
		Rivergate__V1__Passed *const all[] = {one->first, one->latest,
			one->request ? one->request->passed : NULL};

		for (size_t j = 0; j < sizeof(all) / sizeof(all[0]); j++) {
			if (all[j] && all[j]->index == consignment->call->record->index) {
				return all[j];
			}
		}
	}
	return NULL;
}

/* The sender named it, or sent it himself. */
static bool has_it(const struct window_record *record, const struct trust_party *party)
{
	bool has = trust_route(record->trust, record->header->from) == party;

	for (size_t i = 0; !has && i < record->header->n_to; i++) {
		has = trust_route(record->trust, record->header->to[i]) == party;
	}
	return has;
}

rg_err handover_record(const struct consignment *consignment)
{
	const struct window_record *record = consignment->call->record;
	const struct tell_parties *parties = &consignment->parties;
	const struct consignment_cc sender = consignment_cc_of_address(record->header->from);
	Rivergate__V1__Passed *passed = passed_of_record(consignment);
	Rivergate__V1__PlanFacts *seen = NULL;
	rg_err err = view_plan(consignment, sender.text, &seen);

	for (size_t i = 0; !err && i < parties->n; i++) {
		const struct handing handing = {parties->parties[i], record->header, record->index,
			passed ? passed->bytes : 0};
		bool has = has_it(record, parties->parties[i]);

		if (has) {
			continue;
		}
		err = give(consignment, &handing, seen, &has);
		if (!err && has && passed) {
			err = add_holder(consignment, passed, parties->parties[i]);
		}
	}
	return err;
}

/* What came before */

static rg_err give_earlier(const struct consignment *consignment,
	const Rivergate__V1__ConsignmentDeclaration *one, Rivergate__V1__Passed *passed,
	const struct trust_party *party)
{
	const Rivergate__V1__PlanFacts nobody = RIVERGATE__V1__PLAN_FACTS__INIT;
	const Rivergate__V1__Header header = header_of(passed, one->from);
	const struct handing handing = {party, &header, passed->index, passed->bytes};
	bool has = holds(passed, party->address) ||
		trust_route(consignment->call->record->trust, one->from) == party;
	rg_err err = RG_OK;

	if (!has) {
		err = give(consignment, &handing, &nobody, &has);
	}
	return err || !has ? err : add_holder(consignment, passed, party);
}

rg_err handover_earlier(const struct consignment *consignment)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	const struct tell_parties *parties = &consignment->parties;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < parties->n; i++) {
		if (!is_planned(state->plan, parties->parties[i]->address)) {
			continue;
		}
		for (size_t j = 0; !err && j < state->n_declarations; j++) {
			const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[j];

			if (consignment_counts(one) && one->first) {
				err = give_earlier(consignment, one, one->first,
					parties->parties[i]);
			}
			if (!err && consignment_counts(one) && one->latest) {
				err = give_earlier(consignment, one, one->latest,
					parties->parties[i]);
			}
		}
	}
	return err;
}

/* For questions */

rg_err window_held(struct window *window, const char *ucr, const char *party, struct arena *arena,
	struct window_holding *ret_holding)
{
	const struct window_record now = {.time_us = 0};
	struct window_result result = {.n_told = 0};
	struct window_call call = {
		.window = window,
		.record = &now,
		.arena = arena,
		.result = &result,
	};
	struct consignment consignment = {.state = NULL};
	struct window_holding holding = {.n = 0};
	bool is_found = false;
	rg_err err = consignment_read(&call, ucr, &consignment, &is_found);

	if (!err) {
		holding.indexes = arena_alloc(arena,
			(2 * consignment.state->n_declarations + 1) * sizeof(*holding.indexes));
		err = holding.indexes ? RG_OK : RG_E_NOMEM;
	}
	for (size_t i = 0; !err && i < consignment.state->n_declarations; i++) {
		const Rivergate__V1__ConsignmentDeclaration *one =
			consignment.state->declarations[i];

		if (strcmp(one->from, party) == 0) {
			continue; /* sent it, and was not handed it */
		}
		if (one->first && holds(one->first, party)) {
			holding.indexes[holding.n++] = one->first->index;
		}
		if (one->latest && holds(one->latest, party)) {
			holding.indexes[holding.n++] = one->latest->index;
		}
	}
	if (!err) {
		*ret_holding = holding;
	}
	return err;
}
