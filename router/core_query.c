/*
 * Questions: track, inbox, status, proof, consistency.
 *
 * The core answers with record indexes and delivery states; the header of each record
 * is filled in from the journal outside, and there what the asking party may not see is
 * left out.
 *
 * Threads: the core's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core_state.h"
#include "wire/pack.h"
#include "wire/scan.h"

#define ANSWERS_DEFAULT  100
#define ANSWERS_MAX      1000
#define CONSIGNMENTS_MAX 32 /* in one answer: one truck carries many */

/* One question while it is answered; all memory is the arena's. */
struct asking {
	struct core *core;
	const struct core_input *input;
	const Rivergate__V1__Query *query;
	struct arena *arena;
	Rivergate__V1__Answer answer;
	uint64_t indexes[ANSWERS_MAX];
	size_t n_indexes;
	size_t n_rows;
	struct window_holding held; /* of the consignment that the key names */
};

static rg_err add_state(void *context, const struct deliver_state *state)
{
	struct asking *it = context;
	Rivergate__V1__Tracked *tracked = it->answer.messages[it->answer.n_messages - 1];
	Rivergate__V1__TrackedDelivery *delivery = arena_alloc(it->arena, sizeof(*delivery));
	Rivergate__V1__TrackedDelivery **deliveries =
		arena_alloc(it->arena, (tracked->n_deliveries + 1) * sizeof(*deliveries));

	if (!delivery || !deliveries) {
		return RG_E_NOMEM;
	}
	if (tracked->n_deliveries > 0) {
		memcpy(deliveries, tracked->deliveries,
			tracked->n_deliveries * sizeof(*deliveries));
	}
	rivergate__v1__tracked_delivery__init(delivery);
	delivery->to = (char *)state->to;
	delivery->state = state->state;
	delivery->since_us = state->since_us;
	delivery->reason = (char *)state->reason;
	deliveries[tracked->n_deliveries++] = delivery;
	tracked->deliveries = deliveries;
	it->n_rows++;
	return RG_OK;
}

/* The asking party has got it as one of the plan; of what others got so it hears nothing. */
static rg_err add_held(struct asking *it, uint64_t index)
{
	const Rivergate__V1__Tracked *tracked = it->answer.messages[it->answer.n_messages - 1];
	const struct deliver_state state = {
		.to = it->input->party,
		.state = deliver_is_queued(it->core->deliver, it->input->party, index)
			? RIVERGATE__V1__DELIVERY_STATE__DELIVERY_STATE_QUEUED
			: RIVERGATE__V1__DELIVERY_STATE__DELIVERY_STATE_SETTLED,
		.reason = "",
	};
	bool is_held = false;

	for (size_t i = 0; i < it->held.n; i++) {
		is_held = is_held || it->held.indexes[i] == index;
	}
	for (size_t i = 0; i < tracked->n_deliveries; i++) {
		is_held = is_held && strcmp(tracked->deliveries[i]->to, state.to) != 0;
	}
	return is_held ? add_state(it, &state) : RG_OK;
}

/* As many as one answer holds; who wants more asks for what is before the last one. */
static rg_err add_messages(struct asking *it)
{
	const struct deliver_state_sink sink = {.take = add_state, .context = it};
	rg_err err = RG_OK;

	it->answer.messages =
		arena_alloc(it->arena, (it->n_indexes + 1) * sizeof(Rivergate__V1__Tracked *));
	if (!it->answer.messages) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; !err && i < it->n_indexes && it->n_rows < CORE_ANSWER_ROWS_MAX; i++) {
		Rivergate__V1__Tracked *tracked = arena_alloc(it->arena, sizeof(*tracked));

		if (!tracked) {
			return RG_E_NOMEM;
		}
		rivergate__v1__tracked__init(tracked);
		tracked->index = it->indexes[i];
		it->answer.messages[it->answer.n_messages++] = tracked;
		it->n_rows++;
		err = deliver_states(it->core->deliver, tracked->index, &sink);
		err = err ? err : add_held(it, tracked->index);
	}
	return err;
}

static size_t limit_of(uint32_t limit)
{
	return limit == 0 ? ANSWERS_DEFAULT : limit < ANSWERS_MAX ? limit : ANSWERS_MAX;
}

/* Searches until something is found: a key is a UCR, or a plate, container or seal. */
static rg_err search(struct asking *it, const char *key, size_t limit)
{
	static const enum index_kind kinds[] = {INDEX_UCR, INDEX_MOVEMENT};
	rg_err err = RG_OK;

	for (size_t i = 0; !err && it->n_indexes == 0 && i < sizeof(kinds) / sizeof(kinds[0]);
		i++) {
		const struct index_query query = {.kind = kinds[i],
			.key = bytes_of_text(key),
			.limit = limit};

		err = index_find(it->core->index, &query, it->indexes, &it->n_indexes);
	}
	return err;
}

static rg_err add_identity(struct asking *it, const char *from, const uint8_t id[MESSAGE_ID_LEN])
{
	struct index_identity identity;
	bool is_found = false;
	rg_err err = RG_OK;

	if (it->n_indexes < ANSWERS_MAX) {
		err = index_find_identity(it->core->index, from, id, &identity, &is_found);
	}
	if (!err && is_found) {
		it->indexes[it->n_indexes++] = identity.index;
	}
	return err;
}

/* Of whichever party that is in force: what the asking one may not see is left out outside. */
static rg_err add_identities(struct asking *it, const uint8_t id[MESSAGE_ID_LEN])
{
	const struct trust *trust = it->core->trust;
	const Rivergate__V1__Registry *registry = trust ? trust_registry(trust) : NULL;
	rg_err err = RG_OK;

	for (size_t i = 0; registry && i < registry->n_members; i++) {
		const Rivergate__V1__Directory *directory =
			trust_directory(trust, registry->members[i]->cc);

		for (size_t j = 0; !err && directory && j < directory->n_parties; j++) {
			const char *from = directory->parties[j]->address;

			if (strcmp(from, it->input->party) != 0) {
				err = add_identity(it, from, id);
			}
		}
	}
	return err;
}

/* An id as hex, with or without hyphens. */
static rg_err search_id(struct asking *it, const char *key)
{
	uint8_t id[MESSAGE_ID_LEN];
	char hex[2 * MESSAGE_ID_LEN + 1];
	size_t n = 0;

	for (; *key && n < sizeof(hex) - 1; key++) {
		if (*key != '-') {
			hex[n++] = *key;
		}
	}
	hex[n] = '\0';
	if (*key || !text_unhex(hex, id, sizeof(id))) {
		return RG_OK;
	}
	rg_err err = add_identity(it, it->input->party, id);

	return err || it->n_indexes > 0 ? err : add_identities(it, id);
}

/* Submessages of a view, about. */
static size_t rows_of(const Rivergate__V1__ConsignmentView *view)
{
	size_t n = 1 + view->status->n_findings + view->n_declarations;

	for (size_t i = 0; i < view->plan->n_legs; i++) {
		n += 2 + 2 * view->plan->legs[i]->n_entries;
	}
	return n;
}

static rg_err add_consignment(struct asking *it, const char *ucr)
{
	Rivergate__V1__ConsignmentView *view = arena_alloc(it->arena, sizeof(*view));
	const struct window_question question = {
		.ucr = ucr,
		.party = it->input->party,
		.trust = it->core->trust,
		.now_us = it->core->now_us,
	};
	rg_err err = view ? RG_OK : RG_E_NOMEM;

	if (err || !it->core->trust || it->answer.n_consignments == CONSIGNMENTS_MAX) {
		return err;
	}
	rivergate__v1__consignment_view__init(view);
	err = window_view(it->core->window, &question, it->arena, &view->plan, &view->status);
	if (!err && view->status) {
		err = window_declarations(it->core->window, &question, it->arena,
			&view->declarations, &view->n_declarations);
	}
	if (err || !view->status || it->n_rows + rows_of(view) > CORE_ANSWER_ROWS_MAX) {
		return err;
	}
	view->ucr = (char *)ucr;
	it->n_rows += rows_of(view);
	it->answer.consignments[it->answer.n_consignments++] = view;
	return RG_OK;
}

/* UCRs that the key is a name of. */
struct naming {
	struct asking *it;
	char *ucrs[CONSIGNMENTS_MAX];
	size_t n;
	bool has_memory;
};

static bool take_ucr(void *context, const char *ucr)
{
	struct naming *naming = context;
	size_t len = strlen(ucr) + 1;
	char *copy = arena_alloc(naming->it->arena, len);

	naming->has_memory = copy != NULL;
	if (copy) {
		memcpy(copy, ucr, len);
		naming->ucrs[naming->n++] = copy;
	}
	return copy && naming->n < CONSIGNMENTS_MAX;
}

/* What the consignments of the answer travel with, or the truck that the key names. */
static rg_err add_movement(struct asking *it, enum window_name type, const char *key)
{
	const char *ucrs[CONSIGNMENTS_MAX];
	struct window_movement question = {
		.ucrs = ucrs,
		.n_ucrs = it->answer.n_consignments,
		.party = it->input->party,
		.trust = it->core->trust,
		.now_us = it->core->now_us,
	};
	bool is_truck = type == WINDOW_NAME_PLATE || type == WINDOW_NAME_CONTAINER;

	for (size_t i = 0; i < it->answer.n_consignments; i++) {
		ucrs[i] = it->answer.consignments[i]->ucr;
	}
	question.type = type;
	question.value = is_truck ? key : NULL;
	rg_err err = it->core->trust && question.n_ucrs
		? window_movement(it->core->window, &question, it->arena, &it->answer.movement)
		: RG_OK;

	if (!err && it->answer.movement) {
		it->n_rows += 1 + 2 * it->answer.movement->n_holds;
	}
	return err;
}

static rg_err add_consignments(struct asking *it, const char *key)
{
	static const enum window_name names[] = {WINDOW_NAME_PLATE, WINDOW_NAME_CONTAINER,
		WINDOW_NAME_SEAL, WINDOW_NAME_NUMBER};
	struct naming naming = {.it = it, .has_memory = true};
	const struct window_sink sink = {take_ucr, &naming};
	enum window_name type = WINDOW_NAME_SEAL;
	rg_err err = RG_OK;

	it->answer.consignments =
		arena_alloc(it->arena, CONSIGNMENTS_MAX * sizeof(Rivergate__V1__ConsignmentView *));
	if (!it->answer.consignments) {
		return RG_E_NOMEM;
	}
	err = add_consignment(it, key);
	for (size_t i = 0; !err && it->answer.n_consignments == 0 && naming.n == 0 &&
		i < sizeof(names) / sizeof(names[0]);
		i++) {
		type = names[i];
		err = window_find(it->core->window, names[i], key, &sink);
	}
	for (size_t i = 0; !err && i < naming.n; i++) {
		err = add_consignment(it, naming.ucrs[i]);
	}
	err = err ? err : add_movement(it, type, key);
	return !err && !naming.has_memory ? RG_E_NOMEM : err;
}

static rg_err track(struct asking *it)
{
	const Rivergate__V1__TrackQuery *query = it->query->track;
	rg_err err = query->key[0] ? search_id(it, query->key) : RG_OK;

	if (!err && query->key[0] && it->n_indexes == 0) {
		err = search(it, query->key, limit_of(query->limit));
	}
	if (!err && query->key[0]) {
		err = window_held(it->core->window, query->key, it->input->party, it->arena,
			&it->held);
	}
	if (!err && query->key[0]) {
		err = add_consignments(it, query->key);
	}
	return err ? err : add_messages(it);
}

static rg_err inbox(struct asking *it)
{
	const struct index_query query = {
		.kind = INDEX_PARTY,
		.key = bytes_of_text(it->input->party),
		.before = it->query->inbox->before_index,
		.limit = limit_of(it->query->inbox->limit),
	};
	rg_err err = index_find(it->core->index, &query, it->indexes, &it->n_indexes);

	return err ? err : add_messages(it);
}

static rg_err add_destinations(struct asking *it, Rivergate__V1__RouterStatus *status)
{
	size_t n = deliver_n_parties(it->core->deliver);

	status->destinations =
		arena_alloc(it->arena, (n + 1) * sizeof(Rivergate__V1__DestinationStatus *));
	if (!status->destinations) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		const struct deliver_party *party = deliver_party_at(it->core->deliver, i);
		Rivergate__V1__DestinationStatus *row = arena_alloc(it->arena, sizeof(*row));

		if (!row) {
			return RG_E_NOMEM;
		}
		rivergate__v1__destination_status__init(row);
		row->address = (char *)party->address;
		row->queued = party->n_entries;
		row->connected = party->session != 0;
		row->set_aside = party->n_set_aside;
		status->destinations[status->n_destinations++] = row;
	}
	return RG_OK;
}

static rg_err status(struct asking *it)
{
	struct core *core = it->core;
	const struct trust_party *party =
		core->trust ? trust_party_at(core->trust, it->input->party) : NULL;
	struct deliver_totals totals = deliver_totals(core->deliver);
	Rivergate__V1__RouterStatus *status = arena_alloc(it->arena, sizeof(*status));

	if (!party || !trust_party_has_role(party, RIVERGATE__V1__ROLE__ROLE_OPERATOR)) {
		it->answer.error = (char *)"only a party with role OPERATOR may ask for the status";
		return RG_OK;
	}
	if (!status) {
		return RG_E_NOMEM;
	}
	rivergate__v1__router_status__init(status);
	status->checkpoint = (char *)buf_text(&core->checkpoint);
	status->queued = totals.n_queued;
	status->set_aside = totals.n_set_aside;
	status->sessions = core->n_sessions;
	status->refused = core->figures.n_refused;
	status->admitted = core->figures.n_admitted;
	it->answer.status = status;
	rg_err err = core_witness_status(core, it->arena, status);

	if (err) {
		return err;
	}
	if (totals.oldest_index != UINT64_MAX) {
		it->indexes[it->n_indexes++] = totals.oldest_index;
	}
	return add_destinations(it, status);
}

/* The receipt with what the tree knows; meta and signature are filled in outside. */
static rg_err proof(struct asking *it)
{
	const Rivergate__V1__ProofQuery *query = it->query->proof;
	const struct receipt_tree tree = core_receipt_tree(it->core);
	scoped(buf_deinitv) struct buf packed = {.data = NULL};
	struct scan_answer answer = {.is_ok = false};
	struct index_identity identity;
	ProtobufCMessage *receipts = NULL;
	bool is_found = false;
	rg_err err = RG_OK;

	if (core_is_waiting(it->core)) {
		it->answer.error = (char *)"the router waits for its witnesses and signs nothing";
		return RG_OK;
	}
	if (query->id.len == MESSAGE_ID_LEN) {
		err = index_find_identity(it->core->index, query->from, query->id.data, &identity,
			&is_found);
	}
	if (err || !is_found) {
		it->answer.error = (char *)"no such message";
		return err;
	}
	const struct receipt_record record = {.index = identity.index,
		.id = {query->id.data, query->id.len}};

	err = receipt_single(&record, &tree, &packed);
	if (!err) {
		err = scan_unpack(&rivergate__v1__receipts__descriptor, buf_view(&packed),
			it->arena, &answer, &receipts);
	}
	it->answer.receipts = (Rivergate__V1__Receipts *)receipts;
	return err;
}

static rg_err consistency(struct asking *it)
{
	const Rivergate__V1__ConsistencyQuery *query = it->query->consistency;
	const struct proof_source source = tree_source(it->core->tree);
	Rivergate__V1__Consistency *answer = arena_alloc(it->arena, sizeof(*answer));
	struct proof_path *path = arena_alloc(it->arena, sizeof(*path));

	if (!answer || !path) {
		return RG_E_NOMEM;
	}
	if (query->old_size > query->new_size || query->new_size > tree_size(it->core->tree)) {
		it->answer.error = (char *)"there is no proof between these sizes";
		return RG_OK;
	}
	rg_err err = proof_consistency(&source, query->old_size, query->new_size, path);

	rivergate__v1__consistency__init(answer);
	answer->old_size = query->old_size;
	answer->new_size = query->new_size;
	answer->hashes = (ProtobufCBinaryData){.len = path->n_nodes * sizeof(path->nodes[0]),
		.data = path->nodes[0].bytes};
	it->answer.consistency = answer;
	return err;
}

static rg_err (*const questions[])(struct asking *it) = {
	[RIVERGATE__V1__QUERY__WHAT_TRACK] = track,
	[RIVERGATE__V1__QUERY__WHAT_INBOX] = inbox,
	[RIVERGATE__V1__QUERY__WHAT_STATUS] = status,
	[RIVERGATE__V1__QUERY__WHAT_PROOF] = proof,
	[RIVERGATE__V1__QUERY__WHAT_CONSISTENCY] = consistency,
};

static rg_err ask(struct asking *it)
{
	size_t what = (size_t)it->query->what_case;

	if (what >= sizeof(questions) / sizeof(questions[0]) || !questions[what]) {
		it->answer.error = (char *)"the query asks nothing";
		return RG_OK;
	}
	return questions[what](it);
}

static void freev(void *var)
{
	free(*(void **)var);
}

rg_err core_on_query(struct core *core, struct core_input *input)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	scoped(freev) struct asking *it = calloc(1, sizeof(*it));
	scoped(core_effect_freep) struct core_effect *effect =
		core_effect_new(CORE_EFFECT_ANSWER, input->session);

	if (!arena || !it || !effect) {
		return RG_E_NOMEM;
	}
	it->core = core;
	it->input = input;
	it->query = input->frame->query;
	it->arena = arena;
	rivergate__v1__answer__init(&it->answer);
	it->answer.number = it->query->number;
	rg_err err = ask(it);

	if (!err) {
		err = pack_append(&it->answer.base, &effect->bytes);
	}
	if (err) {
		return err;
	}
	/* STATUS: whose time is that of the oldest queued record. */
	effect->index = it->answer.status && it->n_indexes ? it->indexes[0] : UINT64_MAX;
	memcpy(effect->party, input->party, sizeof(effect->party));
	core_emit(core, steal(effect));
	return RG_OK;
}
