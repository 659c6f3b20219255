/*
 * What delivery shows: states for track, totals for status, the dump that two runs compare.
 *
 * Threads: the core's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "deliver/inside.h"

/* The entry of the record itself that its sender follows; NULL: none. */
static const struct deliver_entry *entry_of(const struct deliver_party *party, uint64_t index)
{
	const struct deliver_entry *entry = deliver_queue_find(party, index);

	while (entry && (entry->index != index || !deliver_is_shown(entry))) {
		entry = entry->next_same;
	}
	return entry;
}

bool deliver_is_queued(const struct deliver *deliver, const char *address, uint64_t index)
{
	const struct deliver_party *party = deliver_find_party(deliver, address);
	const struct deliver_entry *entry = party ? deliver_queue_find(party, index) : NULL;

	while (entry && (entry->index != index || entry->derived_kind)) {
		entry = entry->next_same;
	}
	return entry != NULL;
}

/* The last end of this record itself, not of a message derived from it; NULL: none. */
static const struct deliver_end *end_of(const struct deliver_party *party, uint64_t index)
{
	size_t low = 0;
	size_t high = party->n_ends;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (party->ends[middle].index <= index) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	while (low > 0 && party->ends[low - 1].index == index &&
		party->ends[low - 1].derived_kind) {
		low--;
	}
	return low > 0 && party->ends[low - 1].index == index ? &party->ends[low - 1] : NULL;
}

/* False: nothing is known of this record and party. */
static bool state_of(const struct deliver *deliver, const struct deliver_party *party,
	uint64_t index, struct deliver_state *ret_state)
{
	const struct deliver_end *end = end_of(party, index);
	int64_t settled_us = deliver_settled_us(deliver, party, index);

	*ret_state = (struct deliver_state){.to = party->address, .reason = ""};
	if (entry_of(party, index)) {
		ret_state->state = RIVERGATE__V1__DELIVERY_STATE__DELIVERY_STATE_QUEUED;
	} else if (end) {
		ret_state->state = (Rivergate__V1__DeliveryState)end->state;
		ret_state->since_us = end->since_us;
		ret_state->reason = end->reason;
	} else {
		ret_state->state = RIVERGATE__V1__DELIVERY_STATE__DELIVERY_STATE_SETTLED;
		ret_state->since_us = settled_us;
		return settled_us != 0;
	}
	return true;
}

rg_err deliver_states(const struct deliver *deliver, uint64_t index,
	const struct deliver_state_sink *sink)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < deliver_n_parties(deliver); i++) {
		struct deliver_state state;

		if (state_of(deliver, deliver_party_at(deliver, i), index, &state)) {
			err = sink->take(sink->context, &state);
		}
	}
	return err;
}

static uint64_t oldest_of(const struct deliver_party *party, uint64_t oldest)
{
	for (size_t i = 0; i < party->n_key_chains; i++) {
		for (const struct deliver_key *key = party->keys[i]; key; key = key->next) {
			oldest = key->head->index < oldest ? key->head->index : oldest;
		}
	}
	return oldest;
}

struct deliver_totals deliver_totals(const struct deliver *deliver)
{
	struct deliver_totals totals = {.oldest_index = UINT64_MAX};

	for (size_t i = 0; i < deliver_n_parties(deliver); i++) {
		const struct deliver_party *party = deliver_party_at(deliver, i);

		totals.n_queued += party->n_entries;
		totals.n_set_aside += party->n_set_aside;
		totals.oldest_index = oldest_of(party, totals.oldest_index);
	}
	return totals;
}

static int compare_keys(const void *a, const void *b)
{
	const struct deliver_key *const *first = a;
	const struct deliver_key *const *second = b;

	return memcmp((*first)->name, (*second)->name, DELIVER_KEY_LEN);
}

static void dump_entry(const struct deliver *deliver, const struct deliver_entry *entry,
	struct buf *out)
{
	buf_printf(out, "  entry %llu expires %lld bytes %u lane %u mark %u sender %s",
		(unsigned long long)entry->index, (long long)entry->expires_us, entry->bytes,
		entry->lane, entry->mark, entry->sender ? entry->sender->address : "-");
	if (!entry->derived_kind) {
		buf_printf(out, " counter %llu parts %llx\n", (unsigned long long)entry->counter,
			(unsigned long long)entry->parts);
		return;
	}
	buf_printf(out, " kind %u.%u", entry->derived_kind, entry->ordinal);
	if (entry->derived_kind == RIVERGATE__V1__KIND__KIND_EXPIRY) {
		buf_printf(out, " about %s since %lld\n", deliver_not_reached(deliver, entry),
			(long long)entry->expiry.since_us);
		return;
	}
	char id[2 * sizeof(entry->id) + 1];

	text_hex((struct rg_bytes){entry->id, sizeof(entry->id)}, id);
	buf_printf(out, " id %s\n", id);
}

static void dump_key(const struct deliver *deliver, const struct deliver_key *key, struct buf *out)
{
	char name[2 * DELIVER_KEY_LEN + 1];

	text_hex((struct rg_bytes){key->name, DELIVER_KEY_LEN}, name);
	buf_printf(out, " key %s lane %u\n", name, deliver_queue_lane(key));
	for (const struct deliver_entry *entry = key->head; entry; entry = entry->next) {
		dump_entry(deliver, entry, out);
	}
}

static void freev(void *var)
{
	free(*(void **)var);
}

static rg_err dump_party(const struct deliver *deliver, const struct deliver_party *party,
	struct buf *out)
{
	scoped(freev) const struct deliver_key **keys =
		calloc(party->n_keys + 1, sizeof(struct deliver_key *));
	size_t n = 0;

	if (!keys) {
		return RG_E_NOMEM;
	}
	buf_printf(out, "party %s counter %llu undelivered %llu\n", party->address,
		(unsigned long long)party->counter, (unsigned long long)party->n_undelivered);
	for (size_t i = 0; i < party->n_key_chains; i++) {
		for (const struct deliver_key *key = party->keys[i]; key; key = key->next) {
			keys[n++] = key;
		}
	}
	qsort(keys, n, sizeof(struct deliver_key *), compare_keys);
	for (size_t i = 0; i < n; i++) {
		dump_key(deliver, keys[i], out);
	}
	for (size_t i = 0; i < party->n_ends; i++) {
		buf_printf(out, " end %llu kind %u state %u since %lld reason %s\n",
			(unsigned long long)party->ends[i].index, party->ends[i].derived_kind,
			party->ends[i].state, (long long)party->ends[i].since_us,
			party->ends[i].reason);
	}
	return RG_OK;
}

/* Parties that only a session named are not state of the journal. */
static bool is_of_journal(const struct deliver_party *party)
{
	return party->counter || party->n_entries || party->n_ends || party->n_undelivered;
}

rg_err deliver_dump(const struct deliver *deliver, struct buf *out)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < deliver_n_parties(deliver); i++) {
		const struct deliver_party *party = deliver_party_at(deliver, i);

		if (is_of_journal(party)) {
			err = dump_party(deliver, party, out);
		}
	}
	return err ? err : buf_error(out);
}
