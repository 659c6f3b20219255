/*
 * Delivery: see deliver.h.
 *
 * Method: parties in the order of their first mention in journal or session, found by
 * a sorted list of pointers. Back-off jitter is a hash of record and attempt, so that a
 * simulation repeats.
 *
 * Threads: the core's.
 */
#include "deliver/deliver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deliver/inside.h"
#include "evidence/derived.h"
#include "sign/signature.h"

#define PARTIES_MAX 65536
#define RECENT      65536 /* settlements that track can date */
#define LEN_DERIVED 512   /* about what the frames of a derived message have */

rg_err deliver_new(const struct deliver_options *options, struct deliver **ret_deliver)
{
	scoped(deliver_freep) struct deliver *deliver = calloc(1, sizeof(*deliver));

	if (!deliver) {
		return RG_E_NOMEM;
	}
	deliver_timers_init(&deliver->timers);
	deliver->waiting_end = &deliver->waiting;
	(void)snprintf(deliver->router, sizeof(deliver->router), "%s", options->router);
	(void)snprintf(deliver->lineage.origin, sizeof(deliver->lineage.origin), "%s",
		options->origin);
	deliver->recent = calloc(RECENT, sizeof(*deliver->recent));
	if (!deliver->recent) {
		return RG_E_NOMEM;
	}
	*ret_deliver = steal(deliver);
	return RG_OK;
}

static void free_waiting(struct deliver_waiting *waiting)
{
	while (waiting) {
		struct deliver_waiting *next = waiting->next;

		free(waiting);
		waiting = next;
	}
}

void deliver_free(struct deliver *deliver)
{
	if (!deliver) {
		return;
	}
	for (size_t i = 0; i < deliver->n_parties; i++) {
		deliver_queue_deinit(deliver->parties[i]);
		free(deliver->parties[i]);
	}
	deliver_timers_deinit(&deliver->timers);
	free_waiting(deliver->waiting);
	free(deliver->recent);
	free(deliver->by_number);
	free(deliver->parties);
	free(deliver);
}

/* Where the address stands, or would. */
static size_t search(const struct deliver *deliver, const char *address, bool *ret_found)
{
	size_t low = 0;
	size_t high = deliver->n_parties;

	*ret_found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(deliver->parties[middle]->address, address);

		if (order == 0) {
			*ret_found = true;
			return middle;
		}
		low = order < 0 ? middle + 1 : low;
		high = order < 0 ? high : middle;
	}
	return low;
}

struct deliver_party *deliver_find_party(const struct deliver *deliver, const char *address)
{
	bool is_found = false;
	size_t i = search(deliver, address, &is_found);

	return is_found ? deliver->parties[i] : NULL;
}

static rg_err grow_parties(struct deliver *deliver)
{
	size_t n = deliver->n_parties + 1;
	struct deliver_party **sorted =
		realloc(deliver->parties, n * sizeof(struct deliver_party *));

	if (sorted) {
		deliver->parties = sorted;
	}
	struct deliver_party **numbered =
		realloc(deliver->by_number, n * sizeof(struct deliver_party *));

	if (numbered) {
		deliver->by_number = numbered;
	}
	return !sorted || !numbered ? RG_E_NOMEM : n > PARTIES_MAX ? RG_E_OVERFLOW : RG_OK;
}

static void party_free(struct deliver_party *party)
{
	deliver_queue_deinit(party);
	free(party);
}

SCOPED_DEFINE(struct deliver_party, party_free);

static rg_err make_party(struct deliver *deliver, const char *address,
	struct deliver_party **ret_party)
{
	bool is_found = false;
	size_t i = search(deliver, address, &is_found);

	if (is_found) {
		*ret_party = deliver->parties[i];
		return RG_OK;
	}
	scoped(party_freep) struct deliver_party *party = calloc(1, sizeof(*party));
	rg_err err = party ? grow_parties(deliver) : RG_E_NOMEM;

	if (!err) {
		err = deliver_queue_init(party);
	}
	if (err) {
		return err;
	}
	(void)snprintf(party->address, sizeof(party->address), "%s", address);
	party->number = (uint32_t)deliver->n_parties;
	memmove(&deliver->parties[i + 1], &deliver->parties[i],
		(deliver->n_parties - i) * sizeof(struct deliver_party *));
	deliver->parties[i] = party;
	deliver->by_number[deliver->n_parties++] = party;
	*ret_party = steal(party);
	return RG_OK;
}

/* Name of an order key: UCR, or the sender where there is none. */
static rg_err key_name(const char *ucr, const char *from, uint8_t ret_name[DELIVER_KEY_LEN])
{
	scoped(buf_deinitv) struct buf content = {.data = NULL};
	uint8_t hash[32];

	buf_add_text(&content, ucr[0] ? "ucr\n" : "from\n");
	buf_add_text(&content, ucr[0] ? ucr : from);
	rg_err err = buf_error(&content);

	if (!err) {
		err = signature_hash(buf_view(&content), hash);
	}
	if (!err) {
		memcpy(ret_name, hash, DELIVER_KEY_LEN);
	}
	return err;
}

/* Bytes of the frames that a window counts. */
static uint32_t frame_bytes(const struct fold_record *record, uint64_t parts)
{
	size_t bytes = record->leaf.body.len + record->leaf.signature.len;

	for (size_t i = 0; i < record->header->n_parts && i < 64; i++) {
		if (parts & (UINT64_C(1) << i)) {
			bytes += (size_t)record->header->parts[i]->size + 32;
		}
	}
	return (uint32_t)bytes;
}

static uint8_t lane_within(unsigned lane)
{
	return (uint8_t)(lane < DELIVER_LANES ? lane : DELIVER_LANES - 1);
}

static rg_err enqueue(struct deliver *deliver, const struct fold_record *record,
	const struct deliver_plan *plan)
{
	uint8_t name[DELIVER_KEY_LEN];
	struct deliver_party *sender = NULL;
	rg_err err = key_name(record->header->ucr, record->header->from, name);

	if (!err && plan->sender && plan->n_recipients > 0) {
		err = make_party(deliver, plan->sender, &sender);
	}
	for (size_t i = 0; !err && i < plan->n_recipients; i++) {
		uint64_t parts = plan->recipients[i].parts & record->parts_present;
		struct deliver_party *to = NULL;
		struct deliver_entry entry = {
			.index = record->index,
			.expires_us = plan->expires_us,
			.parts = parts,
			.sender = sender,
			.bytes = frame_bytes(record, parts),
			.lane = lane_within(plan->lane),
			.ordinal = (uint32_t)i,
		};

		err = make_party(deliver, plan->recipients[i].party, &to);
		if (!err) {
			entry.counter = to->counter + 1;
			err = deliver_queue_push(to, &deliver->timers, name, &entry);
		}
		if (!err) {
			to->counter++;
			if (sender) {
				sender->n_undelivered++;
			}
		}
	}
	return err;
}

static rg_err hand_over(struct deliver *deliver, const struct fold_record *record,
	const struct deliver_handed *handed, int64_t life_us)
{
	uint8_t name[DELIVER_KEY_LEN];
	struct deliver_party *to = NULL;
	const struct deliver_entry entry = {
		.index = handed->index,
		.expires_us = record->meta->time_us + life_us,
		.parts = handed->parts,
		.bytes = handed->bytes,
		.lane = lane_within(handed->lane),
	};
	rg_err err = key_name(handed->ucr, deliver->router, name);

	if (!err) {
		err = make_party(deliver, handed->party, &to);
	}
	return err ? err : deliver_queue_push(to, &deliver->timers, name, &entry);
}

static rg_err hand_over_all(struct deliver *deliver, const struct fold_record *record,
	const struct deliver_plan *plan)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < plan->n_handed; i++) {
		err = hand_over(deliver, record, &plan->handed[i], plan->default_life_us);
	}
	return err;
}

static bool is_told(const struct deliver_entry *entry)
{
	return entry->derived_kind != 0 && entry->derived_kind != RIVERGATE__V1__KIND__KIND_EXPIRY;
}

static rg_err make_id(const struct deliver *deliver, const struct deliver_party *to,
	const struct deliver_entry *entry, uint8_t ret_id[16])
{
	const struct derived derived = {
		.origin = derived_origin_at(&deliver->lineage, entry->index),
		.cause = entry->index,
		.kind = entry->derived_kind,
		.ordinal = entry->ordinal,
		.to = to->address,
	};

	return derived_id(&derived, ret_id);
}

/* Many told messages may have one cause: they keep their ids. */
static rg_err entry_id(const struct deliver *deliver, const struct deliver_party *to,
	const struct deliver_entry *entry, uint8_t ret_id[16])
{
	if (is_told(entry)) {
		memcpy(ret_id, entry->id, sizeof(entry->id));
		return RG_OK;
	}
	return make_id(deliver, to, entry, ret_id);
}

/* An entry for a message that follows from the record. */
static rg_err tell(struct deliver *deliver, const struct fold_record *record,
	const struct deliver_told *told, int64_t life_us)
{
	uint8_t name[DELIVER_KEY_LEN];
	struct deliver_party *to = NULL;
	struct deliver_entry entry = {
		.index = record->index,
		.expires_us = record->meta->time_us + life_us,
		.bytes = told->bytes,
		.derived_kind = told->kind,
		.ordinal = told->ordinal,
		.lane = lane_within(told->lane),
	};
	rg_err err = key_name(told->ucr, deliver->router, name);

	if (!err) {
		err = make_party(deliver, told->to, &to);
	}
	if (!err) {
		err = make_id(deliver, to, &entry, entry.id);
	}
	return err ? err : deliver_queue_push(to, &deliver->timers, name, &entry);
}

static rg_err tell_all(struct deliver *deliver, const struct fold_record *record,
	const struct deliver_plan *plan)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < plan->n_told; i++) {
		err = tell(deliver, record, &plan->told[i], plan->default_life_us);
	}
	return err;
}

void deliver_set_lineage(struct deliver *deliver, const Rivergate__V1__Origin *origin)
{
	derived_lineage_of(origin, &deliver->lineage);
}

rg_err deliver_find_entry(const struct deliver *deliver, const struct deliver_party *party,
	const Rivergate__V1__DeliveryRef *ref, struct deliver_entry **ret_entry)
{
	bool is_derived = ref->derived_id.len > 0;

	*ret_entry = NULL;
	for (struct deliver_entry *entry = deliver_queue_find(party, ref->index); entry;
		entry = entry->next_same) {
		uint8_t id[16];

		if (entry->index != ref->index || (entry->derived_kind != 0) != is_derived) {
			continue;
		}
		rg_err err = is_derived ? entry_id(deliver, party, entry, id) : RG_OK;

		if (err) {
			return err;
		}
		if (!is_derived ||
			(ref->derived_id.len == sizeof(id) &&
				memcmp(ref->derived_id.data, id, sizeof(id)) == 0)) {
			*ret_entry = entry;
			return RG_OK;
		}
	}
	return RG_OK;
}

static rg_err note_end(struct deliver_party *party, const struct deliver_entry *entry,
	const struct deliver_state *state)
{
	uint64_t index = entry->index;

	if (party->n_ends == party->n_ends_room) {
		size_t n_room = party->n_ends_room ? party->n_ends_room * 2 : 16;
		struct deliver_end *ends = realloc(party->ends, n_room * sizeof(*ends));

		if (!ends) {
			return RG_E_NOMEM;
		}
		party->ends = ends;
		party->n_ends_room = n_room;
	}
	size_t at = party->n_ends++;

	/* Ascending by record, so that it is found quickly; most end in about that order. */
	while (at > 0 && party->ends[at - 1].index > index) {
		at--;
	}
	struct deliver_end *end = &party->ends[at];

	memmove(end + 1, end, (party->n_ends - 1 - at) * sizeof(*end));
	end->index = index;
	end->since_us = state->since_us;
	end->state = (uint8_t)state->state;
	/* What is not shown is no end of the record itself. */
	end->derived_kind = deliver_is_shown(entry) || entry->derived_kind
		? entry->derived_kind
		: RIVERGATE__V1__KIND__KIND_DECLARATION;
	(void)snprintf(end->reason, sizeof(end->reason), "%s", state->reason);
	party->n_set_aside +=
		state->state == RIVERGATE__V1__DELIVERY_STATE__DELIVERY_STATE_SET_ASIDE;
	return RG_OK;
}

static rg_err remove_entry(struct deliver *deliver, struct deliver_party *party,
	struct deliver_entry *entry, Rivergate__V1__Mark next_mark)
{
	const struct deliver_over_sink *sink = is_told(entry) ? deliver->over : NULL;
	rg_err err = sink ? sink->over(sink->context, entry->index, entry->derived_kind,
				    entry->ordinal, party->address)
			  : RG_OK;

	if (err) {
		return err;
	}
	if (entry->sender) {
		entry->sender->n_undelivered--;
	}
	deliver_queue_remove(party, &deliver->timers, entry, (uint8_t)next_mark);
	return RG_OK;
}

static struct deliver_recent *recent_at(const struct deliver *deliver,
	const struct deliver_party *party, uint64_t index)
{
	return &deliver->recent[(index * 31 + party->number) % RECENT];
}

static rg_err finish(struct deliver *deliver, const Rivergate__V1__DeliveryRef *ref,
	const char *reason, int64_t time_us)
{
	struct deliver_party *party = deliver_find_party(deliver, ref->to);
	struct deliver_entry *entry = NULL;
	rg_err err = party ? deliver_find_entry(deliver, party, ref, &entry) : RG_OK;

	if (err || !entry) {
		return err; /* It expired in between. */
	}
	if (!reason) {
		if (deliver_is_shown(entry)) {
			*recent_at(deliver, party, ref->index) =
				(struct deliver_recent){ref->index, time_us, party};
		}
		return remove_entry(deliver, party, entry, RIVERGATE__V1__MARK__MARK_UNSPECIFIED);
	}
	const struct deliver_state state = {
		.state = RIVERGATE__V1__DELIVERY_STATE__DELIVERY_STATE_SET_ASIDE,
		.since_us = time_us,
		.reason = reason,
	};

	err = note_end(party, entry, &state);
	return err ? err
		   : remove_entry(deliver, party, entry,
			     RIVERGATE__V1__MARK__MARK_PREDECESSOR_SET_ASIDE);
}

static rg_err apply_progress(struct deliver *deliver, const Rivergate__V1__Progress *progress,
	int64_t time_us)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < progress->n_settled; i++) {
		err = finish(deliver, progress->settled[i], NULL, time_us);
	}
	for (size_t i = 0; !err && i < progress->n_set_aside; i++) {
		const Rivergate__V1__SetAside *set_aside = progress->set_aside[i];

		if (set_aside->delivery) {
			err = finish(deliver, set_aside->delivery, set_aside->reason, time_us);
		}
	}
	return err;
}

/* Tells the sender that a destination was not reached. */
static rg_err tell_expiry(struct deliver *deliver, const struct deliver_entry *entry,
	const struct deliver_party *destination, int64_t expires_us)
{
	uint8_t name[DELIVER_KEY_LEN];
	rg_err err = key_name("", deliver->router, name);
	const struct deliver_entry notice = {
		.index = entry->index,
		.expires_us = expires_us,
		.expiry = {.since_us = entry->expires_us, .number = destination->number},
		.bytes = LEN_DERIVED,
		.derived_kind = (uint8_t)RIVERGATE__V1__KIND__KIND_EXPIRY,
		.ordinal = entry->ordinal,
		.lane = entry->lane,
	};

	return err ? err : deliver_queue_push(entry->sender, &deliver->timers, name, &notice);
}

static rg_err expire(struct deliver *deliver, struct deliver_entry *entry, int64_t time_us,
	int64_t life_us)
{
	struct deliver_party *party = entry->key->destination;
	const struct deliver_state state = {
		.state = RIVERGATE__V1__DELIVERY_STATE__DELIVERY_STATE_EXPIRED,
		.since_us = time_us,
		.reason = "",
	};
	rg_err err = RG_OK;

	if (deliver_is_shown(entry)) {
		err = note_end(party, entry, &state);
		if (!err && entry->sender) {
			err = tell_expiry(deliver, entry, party, time_us + life_us);
		}
	}
	return err ? err
		   : remove_entry(deliver, party, entry,
			     RIVERGATE__V1__MARK__MARK_PREDECESSOR_EXPIRED);
}

rg_err deliver_apply(struct deliver *deliver, const struct fold_record *record,
	const struct deliver_plan *plan, const struct deliver_over_sink *sink)
{
	int64_t time_us = record->meta->time_us;
	rg_err err = RG_OK;

	deliver->over = sink;
	err = hand_over_all(deliver, record, plan);
	if (!err && record->header) {
		err = enqueue(deliver, record, plan);
	}
	if (!err) {
		err = tell_all(deliver, record, plan);
	}
	if (!err && record->progress) {
		err = apply_progress(deliver, record->progress, time_us);
	}
	while (!err && deliver_expiry_us(deliver) <= time_us) {
		err = expire(deliver, deliver_heap_first(&deliver->timers.expiries), time_us,
			plan->default_life_us);
	}
	deliver->over = NULL;
	return err;
}

uint64_t deliver_undelivered(const struct deliver *deliver, const char *sender)
{
	const struct deliver_party *party = deliver_find_party(deliver, sender);

	return party ? party->n_undelivered + party->n_pending : 0;
}

rg_err deliver_count_pending(struct deliver *deliver, const char *sender, int64_t n)
{
	struct deliver_party *party = NULL;
	rg_err err = make_party(deliver, sender, &party);

	if (!err) {
		party->n_pending = (uint64_t)((int64_t)party->n_pending + n);
	}
	return err;
}

/* Whatever was sent on the session before is to be sent again. */
static rg_err reset_flight(struct deliver *deliver, struct deliver_party *party)
{
	for (size_t i = 0; i < party->n_key_chains; i++) {
		for (struct deliver_key *key = party->keys[i]; key; key = key->next) {
			bool is_waiting = key->state == DELIVER_KEY_IN_FLIGHT ||
				key->state == DELIVER_KEY_BACK_OFF;
			rg_err err = is_waiting ? deliver_queue_set_state(&deliver->timers, key,
							  DELIVER_KEY_READY, 0)
						: RG_OK;

			if (err) {
				return err;
			}
		}
	}
	party->credit_messages = 0;
	party->credit_bytes = 0;
	memset(party->passed, 0, sizeof(party->passed));
	return RG_OK;
}

rg_err deliver_open(struct deliver *deliver, uint64_t session, const char *address, int64_t now_us,
	uint64_t *ret_fenced)
{
	struct deliver_party *party = NULL;
	rg_err err = make_party(deliver, address, &party);

	(void)now_us;
	if (!err) {
		err = reset_flight(deliver, party);
	}
	if (err) {
		return err;
	}
	*ret_fenced = party->session;
	party->session = session;
	return RG_OK;
}

rg_err deliver_close(struct deliver *deliver, uint64_t session, const char *address)
{
	struct deliver_party *party = deliver_find_party(deliver, address);

	if (!party || party->session != session) {
		return RG_OK;
	}
	party->session = 0;
	return reset_flight(deliver, party);
}

static uint64_t add_credit(uint64_t have, uint64_t more)
{
	return more > UINT64_MAX / 2 - have ? UINT64_MAX / 2 : have + more;
}

void deliver_credit(struct deliver *deliver, uint64_t session, const char *address,
	uint64_t n_messages, uint64_t n_bytes)
{
	struct deliver_party *party = deliver_find_party(deliver, address);

	if (party && party->session == session) {
		party->credit_messages = add_credit(party->credit_messages, n_messages);
		party->credit_bytes = add_credit(party->credit_bytes, n_bytes);
	}
}

static bool may_send(const struct deliver_party *party, const struct deliver_key *key)
{
	/* A message larger than the whole window goes alone. */
	return party->credit_messages > 0 &&
		(party->credit_bytes >= key->head->bytes ||
			(party->n_in_flight == 0 && party->credit_bytes > 0));
}

static void fill_order(const struct deliver *deliver, const struct deliver_party *party,
	const struct deliver_entry *entry, struct deliver_order *ret_order)
{
	*ret_order = (struct deliver_order){
		.session = party->session,
		.index = entry->index,
		.attempt = entry->attempts,
		.mark = entry->mark,
		.derived_kind = entry->derived_kind,
		.ordinal = entry->derived_kind ? entry->ordinal : 0,
		.to = party->address,
	};
	if (!entry->derived_kind) {
		ret_order->parts = entry->parts;
		ret_order->counter = entry->counter;
		return;
	}
	ret_order->origin = derived_origin_at(&deliver->lineage, entry->index);
	if (!is_told(entry)) {
		ret_order->about = deliver_not_reached(deliver, entry);
		ret_order->since_us = entry->expiry.since_us;
	}
}

static rg_err send_head(struct deliver *deliver, struct deliver_party *party,
	struct deliver_key *key, int64_t now_us)
{
	struct deliver_entry *entry = key->head;
	rg_err err = deliver_queue_set_state(&deliver->timers, key, DELIVER_KEY_IN_FLIGHT,
		now_us + DELIVER_TIMEOUT_US);

	if (err) {
		return err;
	}
	deliver_queue_count(party, key);
	entry->attempts = (uint16_t)(entry->attempts + (entry->attempts < UINT16_MAX));
	party->credit_messages--;
	party->credit_bytes -=
		party->credit_bytes < entry->bytes ? party->credit_bytes : entry->bytes;
	return RG_OK;
}

rg_err deliver_next(struct deliver *deliver, int64_t now_us, struct deliver_order *ret_order,
	bool *ret_has)
{
	*ret_has = false;
	for (size_t i = 0; i < deliver->n_parties; i++) {
		size_t number = (deliver->turn + i) % deliver->n_parties;
		struct deliver_party *party = deliver->by_number[number];
		struct deliver_key *key = party->session ? deliver_queue_next(party) : NULL;

		if (!key || !may_send(party, key)) {
			continue;
		}
		rg_err err = send_head(deliver, party, key, now_us);

		if (err) {
			return err;
		}
		fill_order(deliver, party, key->head, ret_order);
		*ret_has = true;
		deliver->turn = number + 1;
		return RG_OK;
	}
	return RG_OK;
}

/* Doubling, with up to a quarter more that depends on record and attempt alone. */
static int64_t back_off_us(const struct deliver_entry *entry)
{
	int64_t wait_us = DELIVER_BACK_OFF_US;
	uint64_t mix = (entry->index * 64 + entry->attempts) * UINT64_C(0x9e3779b97f4a7c15);

	for (unsigned i = 1; i < entry->attempts && wait_us < DELIVER_BACK_OFF_MAX; i++) {
		wait_us *= 2;
	}
	wait_us = wait_us < DELIVER_BACK_OFF_MAX ? wait_us : DELIVER_BACK_OFF_MAX;
	return wait_us + (int64_t)((mix >> 32) % (uint64_t)(wait_us / 4));
}

rg_err deliver_tick(struct deliver *deliver, int64_t now_us)
{
	rg_err err = RG_OK;

	while (!err && deliver_timer_us(deliver) <= now_us) {
		struct deliver_key *key = deliver_heap_first(&deliver->timers.keys);
		bool has_timed_out = key->state == DELIVER_KEY_IN_FLIGHT;

		err = has_timed_out
			? deliver_queue_set_state(&deliver->timers, key, DELIVER_KEY_BACK_OFF,
				  now_us + back_off_us(key->head))
			: deliver_queue_set_state(&deliver->timers, key, DELIVER_KEY_READY, 0);
	}
	return err;
}

int64_t deliver_timer_us(const struct deliver *deliver)
{
	const struct deliver_key *key = deliver_heap_first(&deliver->timers.keys);

	return key ? key->due_us : INT64_MAX;
}

int64_t deliver_expiry_us(const struct deliver *deliver)
{
	const struct deliver_entry *entry = deliver_heap_first(&deliver->timers.expiries);

	return entry ? entry->expires_us : INT64_MAX;
}

size_t deliver_n_parties(const struct deliver *deliver)
{
	return deliver->n_parties;
}

const struct deliver_party *deliver_party_at(const struct deliver *deliver, size_t i)
{
	return deliver->parties[i];
}

int64_t deliver_settled_us(const struct deliver *deliver, const struct deliver_party *party,
	uint64_t index)
{
	const struct deliver_recent *recent = recent_at(deliver, party, index);

	return recent->party == party && recent->index == index ? recent->since_us : 0;
}

const char *deliver_not_reached(const struct deliver *deliver, const struct deliver_entry *entry)
{
	return deliver->by_number[entry->expiry.number]->address;
}
