/*
 * What a truck carries, and what holds it: see window.h and README.md.
 *
 * Method: from consignments to the plates and containers that they travel with now, from these
 * to all consignments known by them. Only what the asking party takes part in counts, as it
 * may see it.
 *
 * Threads: the window's.
 */
#include <string.h>

#include "rules/consignment.h"

#define NAMES_MAX 32
#define LOAD_MAX  64

struct movement {
	struct window_call *call;
	const struct window_movement *question;
	char *names[NAMES_MAX]; /* as consignment_name() makes them */
	size_t n_names;
	char *load[LOAD_MAX];     /* UCRs that are looked at */
	bool is_linked[LOAD_MAX]; /* on the same movement by LINK */
	size_t n_load;
	bool has_memory;
	Rivergate__V1__MovementView *view;
};

static char *copy(struct arena *arena, const char *text)
{
	return rows_text(arena, bytes_of_text(text));
}

/* Adds a text to a list that has room, once. */
static rg_err add_text(struct arena *arena, char **list, size_t *n, size_t room, const char *text)
{
	for (size_t i = 0; i < *n; i++) {
		if (strcmp(list[i], text) == 0) {
			return RG_OK;
		}
	}
	if (*n == room) {
		return RG_OK;
	}
	list[*n] = copy(arena, text);
	return list[(*n)++] ? RG_OK : RG_E_NOMEM;
}

/* --- With what goods travel ----------------------------------------------------------------- */

/* Names of one consignment. */
struct naming {
	struct arena *arena;
	char *names[NAMES_MAX];
	size_t n;
};

static rg_err add_name(struct naming *it, enum window_name type, const char *value)
{
	char *name = NULL;

	if (!value[0]) {
		return RG_OK;
	}
	rg_err err = consignment_name(it->arena, type, value, &name);
	return err ? err : add_text(it->arena, it->names, &it->n, NAMES_MAX, name);
}

static rg_err add_containers(struct naming *it, const Rivergate__V1__Movement *movement)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < movement->n_containers; i++) {
		err = add_name(it, WINDOW_NAME_CONTAINER, movement->containers[i]);
	}
	return err;
}

/* Of a declaration, but for what was seen otherwise on the way. */
static rg_err add_declared(struct naming *it, const Rivergate__V1__Movement *declared,
	const Rivergate__V1__Movement *seen)
{
	rg_err err =
		seen && seen->plate[0] ? RG_OK : add_name(it, WINDOW_NAME_PLATE, declared->plate);

	if (!err && !(seen && seen->trailer[0])) {
		err = add_name(it, WINDOW_NAME_PLATE, declared->trailer);
	}
	return err || (seen && seen->n_containers) ? err : add_containers(it, declared);
}

/* The plates and containers that the goods travel with now; none behind the last gate. */
static rg_err name_consignment(const Rivergate__V1__ConsignmentState *state, struct naming *it)
{
	const Rivergate__V1__Movement *seen = state->movement;
	rg_err err = RG_OK;

	if (state->n_legs && state->legs[state->n_legs - 1]->gate_out_us) {
		return RG_OK;
	}
	if (seen) {
		err = add_name(it, WINDOW_NAME_PLATE, seen->plate);
		err = err ? err : add_name(it, WINDOW_NAME_PLATE, seen->trailer);
		err = err ? err : add_containers(it, seen);
	}
	for (size_t i = 0; !err && !state->transloaded && i < state->n_declarations; i++) {
		const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[i];

		if (consignment_counts(one) && one->declared->movement) {
			err = add_declared(it, one->declared->movement, seen);
		}
	}
	return err;
}

/* --- The load --------------------------------------------------------------------------------- */

static bool take_ucr(void *context, const char *ucr)
{
	struct movement *it = context;

	it->has_memory =
		it->has_memory && !add_text(it->call->arena, it->load, &it->n_load, LOAD_MAX, ucr);
	return it->has_memory && it->n_load < LOAD_MAX;
}

/* What is known by a name. */
static rg_err find_load(struct movement *it, const char *name)
{
	const struct window_sink sink = {take_ucr, it};
	rg_err err = window_find(it->call->window, (enum window_name)name[0], name + 1, &sink);

	return !err && !it->has_memory ? RG_E_NOMEM : err;
}

/* The names that are asked about: the one given, else those of the consignments given. */
static rg_err start_names(struct movement *it)
{
	const struct window_movement *question = it->question;
	struct arena *arena = it->call->arena;
	rg_err err = RG_OK;

	if (question->value) {
		err = consignment_name(arena, question->type, question->value, &it->names[0]);
		it->n_names = 1;
		return err;
	}
	for (size_t i = 0; !err && i < question->n_ucrs; i++) {
		struct consignment consignment = {.state = NULL};
		struct naming naming = {.arena = arena};
		bool is_found = false;

		err = consignment_read(it->call, question->ucrs[i], &consignment, &is_found);
		err = err || !is_found ? err : name_consignment(consignment.state, &naming);
		for (size_t j = 0; !err && j < naming.n; j++) {
			err = add_text(arena, it->names, &it->n_names, NAMES_MAX, naming.names[j]);
		}
	}
	return err;
}

/* Travels with one of the names now. */
static rg_err is_aboard(const struct movement *it, const Rivergate__V1__ConsignmentState *state,
	bool *ret_is_aboard)
{
	struct naming naming = {.arena = it->call->arena};
	rg_err err = name_consignment(state, &naming);

	*ret_is_aboard = false;
	for (size_t i = 0; !err && i < naming.n; i++) {
		for (size_t j = 0; j < it->n_names; j++) {
			*ret_is_aboard =
				*ret_is_aboard || strcmp(naming.names[i], it->names[j]) == 0;
		}
	}
	return err;
}

/* --- What holds it ---------------------------------------------------------------------------- */

static bool is_open(Rivergate__V1__LegStatus status)
{
	return status_rank(status) > status_rank(RIVERGATE__V1__LEG_STATUS__LEG_STATUS_NO_RULE);
}

static rg_err add_hold(struct movement *it, const struct consignment *consignment,
	Rivergate__V1__DeclarationView *declaration)
{
	struct arena *arena = it->call->arena;
	Rivergate__V1__MovementHold *hold = arena_alloc(arena, sizeof(*hold));

	if (!hold) {
		return RG_E_NOMEM;
	}
	rivergate__v1__movement_hold__init(hold);
	hold->ucr = consignment->state->ucr;
	hold->declaration = declaration;
	return rows_append(arena, &it->view->holds, &it->view->n_holds, hold);
}

/* Where no declaration says why, the leg itself does: transit that did not end. */
static rg_err hold_by_leg(struct movement *it, const struct consignment *consignment, uint32_t leg,
	const char *viewer)
{
	struct view_leg seen = {.n_authorities = 0};
	Rivergate__V1__DeclarationView *one = arena_alloc(it->call->arena, sizeof(*one));
	rg_err err = one ? view_leg(consignment, leg, viewer, &seen) : RG_E_NOMEM;

	for (size_t i = 0; !err && i < it->view->n_holds; i++) {
		const Rivergate__V1__MovementHold *hold = it->view->holds[i];

		if (hold->ucr == consignment->state->ucr && hold->declaration->leg == leg + 1) {
			return RG_OK;
		}
	}
	if (err || !is_open(seen.view.status)) {
		return err;
	}
	rivergate__v1__declaration_view__init(one);
	one->leg = leg + 1;
	one->status = seen.view.status;
	one->authority = (char *)(seen.n_authorities ? seen.authorities[0] : "");
	return add_hold(it, consignment, one);
}

static rg_err hold_by(struct movement *it, const struct consignment *consignment,
	const struct trust_party *party)
{
	const char *viewer = party ? party->cc : NULL;
	Rivergate__V1__DeclarationView **list = NULL;
	size_t n = 0;
	rg_err err = view_declarations(consignment, party, &list, &n);

	for (size_t i = 0; !err && i < n; i++) {
		err = is_open(list[i]->status) ? add_hold(it, consignment, list[i]) : RG_OK;
	}
	for (uint32_t leg = 0; !err && leg < consignment->state->n_legs; leg++) {
		err = hold_by_leg(it, consignment, leg, viewer);
	}
	return err;
}

/* What its owner says is on the same movement. */
static rg_err add_linked(struct movement *it, const Rivergate__V1__ConsignmentState *state)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < state->n_together; i++) {
		err = add_text(it->call->arena, it->load, &it->n_load, LOAD_MAX,
			state->together[i]);
		for (size_t j = 0; j < it->n_load; j++) {
			it->is_linked[j] =
				it->is_linked[j] || strcmp(it->load[j], state->together[i]) == 0;
		}
	}
	return err;
}

static rg_err look_at(struct movement *it, size_t number)
{
	const char *ucr = it->load[number];
	struct arena *arena = it->call->arena;
	struct consignment consignment = {.state = NULL};
	const struct trust_party *party = NULL;
	bool takes_part = false;
	bool aboard = false;
	rg_err err = window_take_part(it->call, ucr, it->question->party, &consignment, &party,
		&takes_part);

	err = err || !takes_part ? err : is_aboard(it, consignment.state, &aboard);
	if (err || !takes_part || !(aboard || it->is_linked[number])) {
		return err;
	}
	err = rows_append(arena, &it->view->ucrs, &it->view->n_ucrs, it->load[number]);
	err = err ? err : add_linked(it, consignment.state);
	return err ? err : hold_by(it, &consignment, party);
}

static rg_err show_names(struct movement *it)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < it->n_names; i++) {
		err = rows_append(it->call->arena, &it->view->names, &it->view->n_names,
			it->names[i] + 1);
	}
	return err;
}

rg_err window_movement(struct window *window, const struct window_movement *question,
	struct arena *arena, Rivergate__V1__MovementView **ret_view)
{
	const struct window_record now = {.time_us = question->now_us, .trust = question->trust};
	struct window_result result = {.n_told = 0};
	struct window_call call = {
		.window = window,
		.record = &now,
		.arena = arena,
		.result = &result,
	};
	struct movement it = {.call = &call, .question = question, .has_memory = true};
	rg_err err = start_names(&it);

	*ret_view = NULL;
	it.view = arena_alloc(arena, sizeof(*it.view));
	if (err || !it.view || it.n_names == 0) {
		return err || it.view ? err : RG_E_NOMEM;
	}
	rivergate__v1__movement_view__init(it.view);
	for (size_t i = 0; !err && i < it.n_names; i++) {
		err = find_load(&it, it.names[i]);
	}
	for (size_t i = 0; !err && i < it.n_load; i++) {
		err = look_at(&it, i);
	}
	err = err ? err : show_names(&it);
	if (!err && it.view->n_ucrs) {
		*ret_view = it.view;
	}
	return err;
}
