/*
 * Declarations: what is declared, by whom, in which version, and what was found instead.
 *
 * The first LODGED_COPY binds the UCR to its sender; before that every sender counts. Others
 * join by LINK. A newer version is in force at once, unless it changes what an authority calls
 * material after the goods have arrived there or are held: then it asks for leave.
 *
 * Threads: the window's.
 */
#include <string.h>

#include "registry/address.h"
#include "rules/consignment.h"

/* Versions */

static Rivergate__V1__Declared *declared_of(const Rivergate__V1__Header *header,
	struct arena *arena)
{
	Rivergate__V1__Declared *declared = arena_alloc(arena, sizeof(*declared));

	if (declared) {
		rivergate__v1__declared__init(declared);
		declared->legs = header->legs;
		declared->n_legs = header->n_legs;
		declared->goods = header->goods;
		declared->n_goods = header->n_goods;
		declared->movement = header->movement;
		declared->documents = header->documents;
		declared->n_documents = header->n_documents;
	}
	return declared;
}

static rg_err add_version(Rivergate__V1__ConsignmentDeclaration *declaration,
	ProtobufCBinaryData id, uint32_t number, struct arena *arena)
{
	Rivergate__V1__DeclaredVersion *version = arena_alloc(arena, sizeof(*version));

	if (!version) {
		return RG_E_NOMEM;
	}
	rivergate__v1__declared_version__init(version);
	version->id = id;
	version->version = number;
	if (declaration->n_versions == CONSIGNMENT_VERSIONS_MAX) {
		memmove(declaration->versions, declaration->versions + 1,
			(--declaration->n_versions) * sizeof(*declaration->versions));
	}
	declaration->version = number;
	return rows_append(arena, &declaration->versions, &declaration->n_versions, version);
}

/* Who lodges */

static bool is_joined(const Rivergate__V1__ConsignmentState *state, const char *from)
{
	for (size_t i = 0; i < state->n_joined; i++) {
		if (address_has_prefix(from, state->joined[i])) {
			return true;
		}
	}
	return false;
}

static bool is_stranger(const Rivergate__V1__ConsignmentState *state, const char *from)
{
	return state->owner[0] && strcmp(state->owner, from) != 0 && !is_joined(state, from);
}

/*
 * An authority has said what is stricter than PENDING about it, or what not all may see, and
 * has not taken it back: while that is so a declaration that was part of the consignment stays.
 */
static bool is_held(const struct consignment *consignment, size_t number)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;

	for (size_t i = 0; i < state->n_answers; i++) {
		if (state->answers[i]->declaration == number &&
			consignment_is_open(consignment, state->answers[i])) {
			return true;
		}
	}
	return false;
}

/* Whose declaration is a stranger's, since the owner, those who joined or what is open changed. */
static rg_err sort_strangers(struct consignment *consignment, bool *ret_has_changed)
{
	Rivergate__V1__ConsignmentState *state = consignment->state;
	bool has_changed = false;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < state->n_declarations; i++) {
		Rivergate__V1__ConsignmentDeclaration *one = state->declarations[i];
		const struct consignment_cc own = consignment_cc_of_address(one->from);
		const struct consignment_finding finding = {
			.rule = "UCR_TAKEN",
			.path = "ucr",
			.text = "this reference is bound to another sender: ask him for a LINK",
			.member = own.text,
		};
		bool is_now = is_stranger(state, one->from) &&
			(one->stranger || !is_held(consignment, i));

		has_changed = has_changed || is_now != (bool)one->stranger;
		one->stranger = is_now;
		err = is_now ? consignment_find(consignment, &finding) : RG_OK;
	}
	*ret_has_changed = has_changed;
	return err;
}

rg_err declare_settle(struct consignment *consignment)
{
	bool has_changed = true;
	rg_err err = RG_OK;

	/* A leg that goes takes its answers along, and they may have held another declaration. */
	while (!err && has_changed) {
		err = sort_strangers(consignment, &has_changed);
		if (!err) {
			err = consignment_rebuild_legs(consignment);
		}
	}
	return err;
}

/* DECLARATION */

static rg_err take_declaration(struct consignment *consignment)
{
	const struct window_record *record = consignment->call->record;
	const Rivergate__V1__Header *header = record->header;
	Rivergate__V1__ConsignmentState *state = consignment->state;
	struct arena *arena = consignment->call->arena;
	Rivergate__V1__ConsignmentDeclaration *one = arena_alloc(arena, sizeof(*one));
	bool is_lodged = header->purpose == RIVERGATE__V1__PURPOSE__PURPOSE_LODGED_COPY;
	const struct consignment_finding too_many = {.rule = "TOO_MANY_DECLARATIONS",
		.path = "ucr",
		.text = "the consignment has as many declarations as one may have: take another "
			"reference"};

	if (state->n_declarations >= CONSIGNMENT_DECLARATIONS_MAX) {
		return consignment_find(consignment, &too_many);
	}
	if (!one) {
		return RG_E_NOMEM;
	}
	rivergate__v1__consignment_declaration__init(one);
	one->from = header->from;
	one->index = record->index;
	one->purpose = header->purpose;
	one->lodged_by = header->lodged_by;
	one->lodged_us = record->time_us;
	one->declared = declared_of(header, arena);
	rg_err err =
		one->declared ? add_version(one, header->id, header->version, arena) : RG_E_NOMEM;

	if (!err) {
		err = handover_note(consignment, &one->first);
	}
	if (!err) {
		err = rows_append(arena, &state->declarations, &state->n_declarations, one);
	}
	if (!err && is_lodged && !state->owner[0]) {
		state->owner = header->from;
	}
	consignment->has_changed = true;
	return err;
}

/* AMENDMENT, CANCELLATION */

/* Whether it needs leave must not tell what is hidden. */
static bool has_hidden(const struct consignment *consignment, uint32_t leg)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;

	for (size_t i = 0; i < state->n_answers; i++) {
		if (state->answers[i]->leg == leg &&
			consignment_counts(state->declarations[state->answers[i]->declaration]) &&
			status_is_hidden(state->answers[i]->disclosure, false)) {
			return true;
		}
	}
	return false;
}

/* Goods that are here, held or under control: what is material now needs leave. */
static bool needs_leave(const struct consignment *consignment, uint32_t leg)
{
	struct view_leg seen = {.n_authorities = 0};

	return consignment->state->legs[leg]->arrived_us || has_hidden(consignment, leg) ||
		(view_leg(consignment, leg, NULL, &seen) == RG_OK &&
			status_holds(seen.view.status));
}

/* Authorities that a change needs leave of; each once. */
static rg_err ask_leave(struct consignment *consignment, unsigned changed,
	Rivergate__V1__ChangeRequest *request)
{
	const Rivergate__V1__PlanFacts *plan = consignment->state->plan;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && plan && i < plan->n_legs; i++) {
		if (!needs_leave(consignment, (uint32_t)i)) {
			continue;
		}
		for (size_t j = 0; !err && j < plan->legs[i]->n_entries; j++) {
			const Rivergate__V1__PlanEntry *entry = plan->legs[i]->entries[j];
			bool is_asked = entry->role !=
					RIVERGATE__V1__AUTHORITY_ROLE__AUTHORITY_ROLE_DECIDES ||
				!(consignment_material(consignment, (uint32_t)i, entry->authority) &
					changed);

			for (size_t k = 0; k < request->n_asked; k++) {
				is_asked = is_asked ||
					strcmp(request->asked[k], entry->authority) == 0;
			}
			err = is_asked ? RG_OK
				       : rows_append(consignment->call->arena, &request->asked,
						 &request->n_asked, entry->authority);
		}
	}
	return err;
}

rg_err declare_grant(struct consignment *consignment, uint32_t number)
{
	Rivergate__V1__ConsignmentDeclaration *one = consignment->state->declarations[number];
	Rivergate__V1__ChangeRequest *request = one->request;

	one->request = NULL;
	consignment->has_changed = true;
	consignment->change = RIVERGATE__V1__PLAN_FACTS__CHANGE__CHANGE_AMENDED;
	if (request->cancels) {
		one->cancelled = true;
		return RG_OK;
	}
	for (size_t i = 0; i < one->n_versions; i++) {
		one->versions[i]->changed |= request->changed;
	}
	one->declared = request->declared;
	one->latest = request->passed;
	/* What was found was found in the parts of the version before. */
	one->found = NULL;
	one->n_found = 0;
	return add_version(one, request->id, request->version, consignment->call->arena);
}

static rg_err refuse_change(struct consignment *consignment, const char *rule, const char *text)
{
	const struct consignment_cc own =
		consignment_cc_of_address(consignment->call->record->header->from);
	const struct consignment_finding finding = {.rule = rule,
		.path = "refs",
		.text = text,
		.member = own.text};

	return consignment_find(consignment, &finding);
}

/* The declaration that the record changes; CONSIGNMENT_NONE: none of its sender. */
static uint32_t changed_declaration(const struct consignment *consignment)
{
	const Rivergate__V1__Header *header = consignment->call->record->header;

	for (size_t i = 0; i < header->n_refs; i++) {
		const Rivergate__V1__Ref *ref = header->refs[i];

		if ((ref->relation == RIVERGATE__V1__RELATION__RELATION_AMENDS ||
			    ref->relation == RIVERGATE__V1__RELATION__RELATION_CANCELS) &&
			strcmp(ref->from, header->from) == 0) {
			return consignment_declaration_of(consignment, ref->from, ref->id);
		}
	}
	return CONSIGNMENT_NONE;
}

static rg_err take_change(struct consignment *consignment)
{
	const struct window_record *record = consignment->call->record;
	const Rivergate__V1__Header *header = record->header;
	struct arena *arena = consignment->call->arena;
	uint32_t number = changed_declaration(consignment);
	Rivergate__V1__ChangeRequest *request = arena_alloc(arena, sizeof(*request));

	if (!request) {
		return RG_E_NOMEM;
	}
	if (number == CONSIGNMENT_NONE) {
		return refuse_change(consignment, "NOT_YOURS",
			"only the sender of a declaration amends or cancels it, by its reference");
	}
	Rivergate__V1__ConsignmentDeclaration *one = consignment->state->declarations[number];
	rivergate__v1__change_request__init(request);
	request->cancels = header->kind == RIVERGATE__V1__KIND__KIND_CANCELLATION;
	if (one->cancelled || (!request->cancels && header->version <= one->version)) {
		return refuse_change(consignment, "OLD_VERSION",
			"a version that is not above the one in force, or of what was cancelled, "
			"changes nothing");
	}
	request->id = header->id;
	request->index = record->index;
	request->version = header->version;
	request->at_us = record->time_us;
	request->declared = declared_of(header, arena);
	one->request = request;
	if (!request->declared) {
		return RG_E_NOMEM;
	}
	request->changed = request->cancels ? STATUS_FIELD_ALL
					    : status_difference(one->declared, request->declared);
	rg_err err = handover_note(consignment, &request->passed);

	/* What is no part of the consignment is nobody's concern. */
	if (!err && consignment_counts(one)) {
		err = ask_leave(consignment, request->changed, request);
	}
	consignment->has_changed = true;
	return err || request->n_asked ? err : declare_grant(consignment, number);
}

rg_err declare_take(struct consignment *consignment)
{
	bool is_new =
		consignment->call->record->header->kind == RIVERGATE__V1__KIND__KIND_DECLARATION;

	if (is_new) {
		consignment->change = consignment->state->plan
			? RIVERGATE__V1__PLAN_FACTS__CHANGE__CHANGE_AMENDED
			: RIVERGATE__V1__PLAN_FACTS__CHANGE__CHANGE_FIRST;
	}
	return is_new ? take_declaration(consignment) : take_change(consignment);
}

/* LINK */

static bool may_link(const struct consignment *consignment, const char *from)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;

	for (uint32_t i = 0; i < state->n_legs; i++) {
		if (state->legs[i]->arrived_us && !state->legs[i]->exited_us &&
			consignment_decider(consignment, i, from)) {
			return true;
		}
	}
	return state->owner[0] && strcmp(state->owner, from) == 0;
}

rg_err declare_link(struct consignment *consignment)
{
	const Rivergate__V1__Header *header = consignment->call->record->header;
	const Rivergate__V1__LinkFacts *link = header->link;
	Rivergate__V1__ConsignmentState *state = consignment->state;
	struct arena *arena = consignment->call->arena;
	rg_err err = RG_OK;

	if (header->facts_case != RIVERGATE__V1__HEADER__FACTS_LINK) {
		return RG_OK;
	}
	if (!may_link(consignment, header->from)) {
		return refuse_change(consignment, "NOT_YOURS",
			"a LINK comes from the owner of the reference, or from an authority that "
			"has the goods");
	}
	for (size_t i = 0; !err && i < link->n_parties; i++) {
		err = is_joined(state, link->parties[i])
			? RG_OK
			: rows_append(arena, &state->joined, &state->n_joined, link->parties[i]);
	}
	if (!err && link->ucr[0]) {
		err = rows_append(arena, &state->together, &state->n_together, link->ucr);
	}
	consignment->has_changed = true;
	return err;
}

/* What an adapter found in the parts */

rg_err declare_found(struct consignment *consignment)
{
	const Rivergate__V1__Header *header = consignment->call->record->header;
	const Rivergate__V1__AcknowledgementFacts *facts = header->acknowledgement;
	const struct consignment_cc own = consignment_cc_of_address(header->from);
	uint32_t leg = consignment_leg_of(consignment, NULL, 0);
	uint32_t number = CONSIGNMENT_NONE;

	for (size_t i = 0; i < header->n_refs; i++) {
		const Rivergate__V1__Ref *ref = header->refs[i];

		if (ref->relation == RIVERGATE__V1__RELATION__RELATION_ACKNOWLEDGES) {
			number = consignment_declaration_of(consignment, ref->from, ref->id);
		}
	}
	/* Only who has a leg here says what plans other than his own would not know. */
	if (header->facts_case != RIVERGATE__V1__HEADER__FACTS_ACKNOWLEDGEMENT ||
		facts->n_goods == 0 || number == CONSIGNMENT_NONE || leg == CONSIGNMENT_NONE) {
		return RG_OK;
	}
	Rivergate__V1__ConsignmentDeclaration *one = consignment->state->declarations[number];
	const struct consignment_finding finding = {
		.rule = "FACTS",
		.path = "goods",
		.text = "the parts hold other goods than the header says",
		.member = own.text,
		.until_arrival = true,
		.leg = leg,
	};

	one->found = facts->goods;
	one->n_found = facts->n_goods;
	one->found_by = header->from;
	consignment->has_changed = true;
	consignment->change = RIVERGATE__V1__PLAN_FACTS__CHANGE__CHANGE_FACTS;
	return consignment_find(consignment, &finding);
}
