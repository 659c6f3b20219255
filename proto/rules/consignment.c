/*
 * One consignment in hand: see consignment.h.
 *
 * Method: the row is one protobuf message, unpacked into the call's arena, changed there and
 * packed again; what other tables say of it follows from it when it is written.
 * Threads: the window's.
 */
#include "rules/consignment.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "rules/alerts.h"
#include "rules/goods.h"

/* Names and countries */

struct consignment_cc consignment_cc_of_country(const char *country)
{
	struct consignment_cc cc = {.text = ""};
	bool is_code = country[0] && country[1] && !country[2];

	for (size_t i = 0; i < 2 && is_code; i++) {
		bool is_upper = country[i] >= 'A' && country[i] <= 'Z';

		cc.text[i] = (char)(is_upper ? country[i] - 'A' + 'a' : country[i]);
	}
	return cc;
}

struct consignment_cc consignment_cc_of_address(const char *address)
{
	struct consignment_cc cc = {.text = ""};

	if (address[0] && address[1] && (address[2] == '.' || address[2] == '\0')) {
		memcpy(cc.text, address, 2);
	}
	return cc;
}

const struct trust_party *consignment_sender(const struct window_call *call)
{
	return trust_route(call->record->trust, call->record->header->from);
}

/* Reading */

/* Most parties have been told the same: a row has it once. */
static void fill_told(Rivergate__V1__ConsignmentState *state)
{
	for (size_t i = 1; i < state->n_told; i++) {
		Rivergate__V1__ConsignmentTold *told = state->told[i];

		if (!told->plan.len && !told->status.len) {
			told->plan = state->told[i - 1]->plan;
			told->status = state->told[i - 1]->status;
		}
	}
}

rg_err consignment_read(struct window_call *call, const char *ucr,
	struct consignment *ret_consignment, bool *ret_found)
{
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	ProtobufCMessage *message = NULL;

	rows_key(&key, ROWS_CONSIGNMENT, ucr);
	rg_err err = rows_get(call->window->store, &key,
		&rivergate__v1__consignment_state__descriptor, call->arena, &message);

	if (err) {
		return err;
	}
	*ret_found = message != NULL;
	if (message) {
		fill_told((Rivergate__V1__ConsignmentState *)message);
	} else {
		Rivergate__V1__ConsignmentState *state = arena_alloc(call->arena, sizeof(*state));

		if (!state) {
			return RG_E_NOMEM;
		}
		rivergate__v1__consignment_state__init(state);
		state->ucr = (char *)ucr;
		state->first_index = call->record->index;
		message = &state->base;
	}
	*ret_consignment = (struct consignment){
		.state = (Rivergate__V1__ConsignmentState *)message,
		.call = call,
		.change = RIVERGATE__V1__PLAN_FACTS__CHANGE__CHANGE_RULES,
	};
	return RG_OK;
}

/* Declarations */

uint32_t consignment_declaration_of(const struct consignment *consignment, const char *from,
	ProtobufCBinaryData id)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	const struct rg_bytes wanted = {id.data, id.len};

	for (size_t i = 0; i < state->n_declarations; i++) {
		const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[i];

		for (size_t j = 0; strcmp(one->from, from) == 0 && j < one->n_versions; j++) {
			const ProtobufCBinaryData known = one->versions[j]->id;

			if (bytes_equal((struct rg_bytes){known.data, known.len}, wanted)) {
				return (uint32_t)i;
			}
		}
	}
	return CONSIGNMENT_NONE;
}

bool consignment_counts(const Rivergate__V1__ConsignmentDeclaration *declaration)
{
	return !declaration->cancelled && !declaration->stranger;
}

static bool is_same_leg(const Rivergate__V1__Leg *a, const Rivergate__V1__Leg *b)
{
	return a->regime == b->regime && strcmp(a->country, b->country) == 0;
}

bool consignment_names_leg(const Rivergate__V1__ConsignmentDeclaration *declaration,
	const Rivergate__V1__Leg *leg)
{
	for (size_t i = 0; i < declaration->declared->n_legs; i++) {
		if (is_same_leg(declaration->declared->legs[i], leg)) {
			return true;
		}
	}
	return false;
}

/* Legs */

static uint32_t leg_like(const Rivergate__V1__ConsignmentState *state,
	const Rivergate__V1__Leg *leg)
{
	for (size_t i = 0; i < state->n_legs; i++) {
		if (is_same_leg(state->legs[i]->leg, leg)) {
			return (uint32_t)i;
		}
	}
	return CONSIGNMENT_NONE;
}

uint32_t consignment_leg_of(const struct consignment *consignment,
	const Rivergate__V1__ConsignmentDeclaration *declaration, uint32_t stated)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	const char *from = consignment->call->record->header->from;
	const struct consignment_cc cc = consignment_cc_of_address(from);

	if (stated > 0 && declaration) {
		return stated <= declaration->declared->n_legs
			? leg_like(state, declaration->declared->legs[stated - 1])
			: CONSIGNMENT_NONE;
	}
	if (stated > 0) {
		return stated <= state->n_legs ? stated - 1 : CONSIGNMENT_NONE;
	}
	for (size_t i = 0; i < state->n_legs; i++) {
		struct consignment_cc own = consignment_cc_of_country(state->legs[i]->leg->country);

		if (own.text[0] && strcmp(own.text, cc.text) == 0) {
			return (uint32_t)i;
		}
	}
	return CONSIGNMENT_NONE;
}

/* The leg as a declaration states it, with what happened on it before. */
static rg_err add_leg(struct consignment *consignment, Rivergate__V1__Leg *leg,
	const Rivergate__V1__ConsignmentState *before)
{
	Rivergate__V1__ConsignmentState *state = consignment->state;
	struct arena *arena = consignment->call->arena;
	Rivergate__V1__ConsignmentLeg *known = arena_alloc(arena, sizeof(*known));

	if (!known) {
		return RG_E_NOMEM;
	}
	rivergate__v1__consignment_leg__init(known);
	known->planned_us = consignment->call->record->time_us;
	for (size_t i = 0; i < before->n_legs; i++) {
		if (is_same_leg(before->legs[i]->leg, leg)) {
			*known = *before->legs[i];
		}
	}
	known->leg = leg;
	return rows_append(arena, &state->legs, &state->n_legs, known);
}

/*
 * Answers, clocks and findings name legs by number: where the order of the legs changed they
 * follow; those of a leg that is gone stay where the number points to none.
 */
static uint32_t leg_moved(const Rivergate__V1__ConsignmentState *before,
	const Rivergate__V1__ConsignmentState *after, uint32_t leg)
{
	return leg < before->n_legs ? leg_like(after, before->legs[leg]->leg) : leg;
}

static void move_legs(const Rivergate__V1__ConsignmentState *before,
	Rivergate__V1__ConsignmentState *after)
{
	for (size_t i = 0; i < after->n_answers; i++) {
		after->answers[i]->leg = leg_moved(before, after, after->answers[i]->leg);
	}
	for (size_t i = 0; i < after->n_clocks; i++) {
		after->clocks[i]->leg = leg_moved(before, after, after->clocks[i]->leg);
	}
	for (size_t i = 0; i < after->n_findings; i++) {
		after->findings[i]->leg = leg_moved(before, after, after->findings[i]->leg);
	}
}

rg_err consignment_rebuild_legs(struct consignment *consignment)
{
	Rivergate__V1__ConsignmentState *state = consignment->state;
	const Rivergate__V1__ConsignmentState before = *state;
	rg_err err = RG_OK;

	state->n_legs = 0;
	state->legs = NULL;
	for (size_t i = 0; !err && i < state->n_declarations; i++) {
		const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[i];

		for (size_t j = 0; !err && consignment_counts(one) && j < one->declared->n_legs;
			j++) {
			if (state->n_legs < CONSIGNMENT_LEGS_MAX &&
				leg_like(state, one->declared->legs[j]) == CONSIGNMENT_NONE) {
				err = add_leg(consignment, one->declared->legs[j], &before);
			}
		}
	}
	if (!err && state->n_legs == 0) {
		/* Everything is cancelled: the journey stays as it was known. */
		state->legs = before.legs;
		state->n_legs = before.n_legs;
		return RG_OK;
	}
	if (!err) {
		move_legs(&before, state);
	}
	return err;
}

/* Findings */

static bool says(const Rivergate__V1__ConsignmentFinding *one,
	const struct consignment_finding *finding)
{
	return strcmp(one->rule, finding->rule) == 0 && strcmp(one->path, finding->path) == 0 &&
		strcmp(one->text, finding->text) == 0;
}

static bool is_known(const Rivergate__V1__ConsignmentState *state,
	const struct consignment_finding *finding)
{
	for (size_t i = 0; i < state->n_findings; i++) {
		if (says(state->findings[i], finding)) {
			return true;
		}
	}
	return false;
}

static rg_err add_member(const struct consignment *consignment,
	Rivergate__V1__ConsignmentFinding *one, const char *member)
{
	struct arena *arena = consignment->call->arena;
	const struct rg_bytes text = bytes_of_text(member ? member : "");
	char *cc = text.len ? rows_text(arena, text) : NULL;

	if (!text.len) {
		return RG_OK;
	}
	return cc ? rows_append(arena, &one->members, &one->n_members, cc) : RG_E_NOMEM;
}

static rg_err fill_finding(const struct consignment *consignment,
	const struct consignment_finding *finding, Rivergate__V1__ConsignmentFinding *one)
{
	struct arena *arena = consignment->call->arena;

	one->rule = (char *)finding->rule;
	one->path = (char *)finding->path;
	one->text = rows_text(arena,
		(struct rg_bytes){(const uint8_t *)finding->text, strlen(finding->text)});
	one->index = consignment->call->record->index;
	one->until_arrival = finding->until_arrival;
	one->leg = finding->leg;
	one->computed = finding->is_computed;
	for (size_t i = 0; i < consignment->n_old; i++) {
		one->index = says(consignment->old[i], finding) ? consignment->old[i]->index
								: one->index;
	}
	if (!one->text) {
		return RG_E_NOMEM;
	}
	rg_err err = add_member(consignment, one, finding->member);

	return err ? err : add_member(consignment, one, finding->also);
}

rg_err consignment_find(struct consignment *consignment, const struct consignment_finding *finding)
{
	Rivergate__V1__ConsignmentState *state = consignment->state;
	struct arena *arena = consignment->call->arena;

	if (state->n_findings >= CONSIGNMENT_FINDINGS_MAX || is_known(state, finding)) {
		return RG_OK;
	}
	Rivergate__V1__ConsignmentFinding *one = arena_alloc(arena, sizeof(*one));

	if (!one) {
		return RG_E_NOMEM;
	}
	rivergate__v1__consignment_finding__init(one);
	rg_err err = fill_finding(consignment, finding, one);

	consignment->has_changed = true;
	return err ? err : rows_append(arena, &state->findings, &state->n_findings, one);
}

rg_err consignment_forget_computed(struct consignment *consignment)
{
	Rivergate__V1__ConsignmentState *state = consignment->state;
	size_t n_kept = 0;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < state->n_findings; i++) {
		Rivergate__V1__ConsignmentFinding *one = state->findings[i];

		if (one->computed) {
			err = rows_append(consignment->call->arena, &consignment->old,
				&consignment->n_old, one);
		} else {
			state->findings[n_kept++] = one;
		}
	}
	state->n_findings = n_kept;
	return err;
}

/* Names */

/* Upper case, without blanks and hyphens: as people write plates and seals. */
static void add_value(struct buf *out, const char *value)
{
	for (; *value; value++) {
		bool is_lower = *value >= 'a' && *value <= 'z';

		if (*value != ' ' && *value != '-') {
			buf_add_u8(out, (uint8_t)(is_lower ? *value - 'a' + 'A' : *value));
		}
	}
}

rg_err consignment_name(struct arena *arena, enum window_name type, const char *value,
	char **ret_name)
{
	scoped(buf_deinitv) struct buf name = {.data = NULL};

	buf_add_u8(&name, (uint8_t)type);
	add_value(&name, value);
	rg_err err = buf_error(&name);
	*ret_name = err ? NULL : rows_text(arena, buf_view(&name));
	return !err && !*ret_name ? RG_E_NOMEM : err;
}

/* N type value NUL, to be followed by the UCR. */
static void name_prefix(struct buf *key, enum window_name type, const char *value)
{
	buf_add_u8(key, ROWS_NAME);
	buf_add_u8(key, (uint8_t)type);
	add_value(key, value);
	buf_add_u8(key, 0);
}

struct naming {
	struct consignment *consignment;
	char **before; /* rows that it had */
	size_t n_before;
};

static rg_err add_name(struct naming *it, enum window_name type, const char *value)
{
	Rivergate__V1__ConsignmentState *state = it->consignment->state;
	struct arena *arena = it->consignment->call->arena;
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	char *name = NULL;

	if (!value || !value[0] || strlen(value) > 300) {
		return RG_OK;
	}
	rg_err err = consignment_name(arena, type, value, &name);
	for (size_t i = 0; !err && i < state->n_names; i++) {
		if (strcmp(state->names[i], name) == 0) {
			return RG_OK;
		}
	}
	name_prefix(&key, type, value);
	buf_add_text(&key, state->ucr);
	if (!err) {
		err = rows_append(arena, &state->names, &state->n_names, name);
	}
	return err ? err : rows_mark(it->consignment->call->window->store, &key);
}

static rg_err name_movement(struct naming *it, const Rivergate__V1__Movement *movement)
{
	rg_err err = movement ? add_name(it, WINDOW_NAME_PLATE, movement->plate) : RG_OK;

	if (!err && movement) {
		err = add_name(it, WINDOW_NAME_PLATE, movement->trailer);
	}
	for (size_t i = 0; !err && movement && i < movement->n_containers; i++) {
		err = add_name(it, WINDOW_NAME_CONTAINER, movement->containers[i]);
	}
	for (size_t i = 0; !err && movement && i < movement->n_seals; i++) {
		err = add_name(it, WINDOW_NAME_SEAL, movement->seals[i]);
	}
	return err;
}

static rg_err name_numbers(struct naming *it, const Rivergate__V1__Declared *declared)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < declared->n_legs; i++) {
		const Rivergate__V1__NationalReference *ref = declared->legs[i]->national_ref;
		char text[128];

		if (!ref || !ref->number[0]) {
			continue;
		}
		(void)snprintf(text, sizeof(text), "%s/%s/%u/%s%s", declared->legs[i]->country,
			ref->office, ref->year, ref->serial, ref->number);
		err = add_name(it, WINDOW_NAME_NUMBER, text);
	}
	return err;
}

/* Names that it goes by no more. */
static rg_err forget_names(struct naming *it)
{
	const Rivergate__V1__ConsignmentState *state = it->consignment->state;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < it->n_before; i++) {
		scoped(buf_deinitv) struct buf key = {.data = NULL};
		bool is_kept = false;

		for (size_t j = 0; j < state->n_names; j++) {
			is_kept = is_kept || strcmp(state->names[j], it->before[i]) == 0;
		}
		if (!is_kept) {
			name_prefix(&key, (enum window_name)it->before[i][0], it->before[i] + 1);
			buf_add_text(&key, state->ucr);
			err = rows_remove(it->consignment->call->window->store, &key);
		}
	}
	return err;
}

static rg_err write_names(struct consignment *consignment)
{
	Rivergate__V1__ConsignmentState *state = consignment->state;
	struct naming it = {consignment, state->names, state->n_names};
	rg_err err = RG_OK;

	state->names = NULL;
	state->n_names = 0;
	for (size_t i = 0; !err && i < state->n_declarations; i++) {
		const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[i];

		if (consignment_counts(one)) {
			err = name_movement(&it, one->declared->movement);
		}
		if (!err && consignment_counts(one)) {
			err = name_numbers(&it, one->declared);
		}
	}
	if (!err) {
		err = name_movement(&it, state->movement);
	}
	return err ? err : forget_names(&it);
}

/* Walks a name's rows for window_find(). */
struct finding_names {
	const struct window_sink *sink;
	struct buf text;
};

static rg_err take_name(void *context, struct rg_bytes rest, bool *ret_goes_on)
{
	struct finding_names *it = context;

	buf_clear(&it->text);
	buf_add_bytes(&it->text, rest);
	const char *ucr = buf_text(&it->text);

	*ret_goes_on = ucr && it->sink->take(it->sink->context, ucr);
	return buf_error(&it->text);
}

rg_err window_find(struct window *window, enum window_name type, const char *value,
	const struct window_sink *sink)
{
	scoped(buf_deinitv) struct buf prefix = {.data = NULL};
	struct finding_names it = {.sink = sink};
	const struct rows_sink rows = {take_name, &it};

	if (strlen(value) > 300) {
		return RG_OK;
	}
	name_prefix(&prefix, type, value);
	rg_err err = rows_walk(window->store, &prefix, &rows);

	buf_deinit(&it.text);
	return err;
}

/* Writing */

#define PLAN_FIELD 6 /* number of `plan` in ConsignmentState */

static bool is_same_data(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
	return bytes_equal(bytes_of(a.data, a.len), bytes_of(b.data, b.len));
}

/* The other way round of fill_told(), into copies. */
static rg_err thin_told(const struct consignment *consignment, Rivergate__V1__ConsignmentState *row)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	struct arena *arena = consignment->call->arena;
	Rivergate__V1__ConsignmentTold *copies =
		arena_alloc(arena, state->n_told * sizeof(*copies));

	row->told = arena_alloc(arena, state->n_told * sizeof(*row->told));
	if (!copies || !row->told) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < state->n_told; i++) {
		const Rivergate__V1__ConsignmentTold *before = i ? state->told[i - 1] : NULL;

		copies[i] = *state->told[i];
		row->told[i] = &copies[i];
		if (before && is_same_data(copies[i].plan, before->plan) &&
			is_same_data(copies[i].status, before->status)) {
			copies[i].plan.len = 0;
			copies[i].status.len = 0;
		}
	}
	return RG_OK;
}

/* The plan is packed already: it goes in as what it is. */
rg_err consignment_write(struct consignment *consignment)
{
	const struct rules_store *store = consignment->call->window->store;
	ProtobufCMessageUnknownField plan = {
		.tag = PLAN_FIELD,
		.wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
		.len = consignment->plan_field.len,
		.data = (uint8_t *)(uintptr_t)consignment->plan_field.data,
	};
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	rg_err err = consignment->call->window->serves ? write_names(consignment) : RG_OK;

	if (!err) {
		err = alerts_index(consignment);
	}
	Rivergate__V1__ConsignmentState row = *consignment->state;

	if (!err) {
		err = thin_told(consignment, &row);
	}
	row.plan = NULL;
	row.base.unknown_fields = &plan;
	row.base.n_unknown_fields = 1;
	rows_key(&key, ROWS_CONSIGNMENT, row.ucr);
	return err ? err : rows_put(store, &key, &row.base);
}
