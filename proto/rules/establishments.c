/*
 * Establishments on lists: see establishments.h.
 *
 * A row keeps each member's words that may still matter: a word takes the place of those of
 * the same member that would begin with it or later.
 *
 * Threads: the window's.
 */
#include "rules/establishments.h"

#include <stdio.h>
#include <string.h>

#include "rules/ledger.h"

#define STATE(name) RIVERGATE__V1__ESTABLISHMENT_LIST_FACTS__STATE__STATE_##name
#define STEP(name)  RIVERGATE__V1__APPLIES_TO__APPLIES_TO_##name

#define WORDS_MAX    16 /* of one member about one establishment */
#define LISTINGS_MAX 32 /* versions of lists that have it */

/* The row */

bool establishments_is_name(const Rivergate__V1__EstablishmentRef *establishment)
{
	const struct ledger_name name = {"kind", establishment->country, establishment->number};

	return establishment->kind != 0 && ledger_is_name(&name);
}

/* E kind country NUL number; U the same, to be followed by NUL and the UCR. */
static void key_of(struct buf *key, enum rows_table table,
	const Rivergate__V1__EstablishmentRef *establishment, const char *ucr)
{
	char kind[16];

	(void)snprintf(kind, sizeof(kind), "%d", (int)establishment->kind);
	rows_key_of(key, table, kind, establishment->country, establishment->number, ucr, NULL);
}

static rg_err read_row(struct window_call *call,
	const Rivergate__V1__EstablishmentRef *establishment,
	Rivergate__V1__EstablishmentLedger **ret_ledger)
{
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	ProtobufCMessage *message = NULL;

	key_of(&key, ROWS_ESTABLISHMENT, establishment, NULL);
	rg_err err = rows_get(call->window->store, &key,
		&rivergate__v1__establishment_ledger__descriptor, call->arena, &message);

	if (!err && !message) {
		Rivergate__V1__EstablishmentLedger *ledger =
			arena_alloc(call->arena, sizeof(*ledger));

		if (!ledger) {
			return RG_E_NOMEM;
		}
		rivergate__v1__establishment_ledger__init(ledger);
		message = &ledger->base;
	}
	if (!err) {
		*ret_ledger = (Rivergate__V1__EstablishmentLedger *)message;
	}
	return err;
}

/* ESTABLISHMENT_LIST */

static bool is_same_hs(const Rivergate__V1__EstablishmentWord *a,
	const Rivergate__V1__EstablishmentWord *b)
{
	bool is_same = a->n_hs == b->n_hs;

	for (size_t i = 0; is_same && i < a->n_hs; i++) {
		is_same = strcmp(a->hs[i], b->hs[i]) == 0;
	}
	return is_same;
}

static bool takes_place_of(const Rivergate__V1__EstablishmentWord *word,
	const Rivergate__V1__EstablishmentWord *old)
{
	return strcmp(word->by, old->by) == 0 &&
		old->effective_from_us >= word->effective_from_us &&
		(word->n_hs == 0 || is_same_hs(word, old));
}

/* Takes out what the word replaces, and the member's oldest if there are too many. */
static void make_room(Rivergate__V1__EstablishmentLedger *ledger,
	const Rivergate__V1__EstablishmentWord *word)
{
	size_t n_kept = 0;
	size_t n_own = 0;
	size_t oldest = 0;

	for (size_t i = 0; i < ledger->n_words; i++) {
		if (!takes_place_of(word, ledger->words[i])) {
			ledger->words[n_kept++] = ledger->words[i];
		}
	}
	ledger->n_words = n_kept;
	for (size_t i = 0; i < n_kept; i++) {
		bool is_own = strcmp(ledger->words[i]->by, word->by) == 0;

		oldest = is_own && n_own == 0 ? i : oldest;
		n_own += is_own;
	}
	if (n_own >= WORDS_MAX) {
		memmove(&ledger->words[oldest], &ledger->words[oldest + 1],
			(--ledger->n_words - oldest) * sizeof(Rivergate__V1__EstablishmentWord *));
	}
}

static Rivergate__V1__EstablishmentWord *word_of(const struct window_call *call,
	const Rivergate__V1__EstablishmentListFacts__Entry *entry, const char *by)
{
	Rivergate__V1__EstablishmentWord *word = arena_alloc(call->arena, sizeof(*word));

	if (word) {
		rivergate__v1__establishment_word__init(word);
		word->by = (char *)by;
		word->state = entry->state;
		word->hs = entry->hs;
		word->n_hs = entry->n_hs;
		word->applies_to = entry->applies_to;
		word->effective_from_us =
			entry->effective_from_us ? entry->effective_from_us : call->record->time_us;
	}
	return word;
}

/* Which list and version says so; of each the last word, and the newest versions. */
static rg_err add_listing(const struct window_call *call,
	Rivergate__V1__EstablishmentLedger *ledger,
	Rivergate__V1__EstablishmentListFacts__State state, const char *by)
{
	const Rivergate__V1__EstablishmentListFacts *facts =
		call->record->header->establishment_list;
	Rivergate__V1__EstablishmentListing *listing = arena_alloc(call->arena, sizeof(*listing));
	size_t n_kept = 0;

	if (!listing) {
		return RG_E_NOMEM;
	}
	rivergate__v1__establishment_listing__init(listing);
	listing->by = (char *)by;
	listing->list = facts->list;
	listing->version = facts->version;
	listing->state = state;
	for (size_t i = 0; i < ledger->n_listings; i++) {
		Rivergate__V1__EstablishmentListing *old = ledger->listings[i];
		bool is_same = strcmp(old->by, by) == 0 && strcmp(old->list, facts->list) == 0 &&
			strcmp(old->version, facts->version) == 0;
		bool is_too_old = ledger->n_listings - i >= LISTINGS_MAX;

		if (!is_same && !is_too_old) {
			ledger->listings[n_kept++] = old;
		}
	}
	ledger->n_listings = n_kept;
	return rows_append(call->arena, &ledger->listings, &ledger->n_listings, listing);
}

static rg_err touch_one(void *context, struct rg_bytes rest, bool *ret_goes_on)
{
	struct window_call *call = context;
	const char *ucr = rows_text(call->arena, rest);

	*ret_goes_on = true;
	return ucr ? window_touch(call, ucr) : RG_E_NOMEM;
}

static rg_err take_entry(struct window_call *call,
	const Rivergate__V1__EstablishmentListFacts__Entry *entry, const char *by)
{
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	scoped(buf_deinitv) struct buf prefix = {.data = NULL};
	const struct rows_sink sink = {touch_one, call};
	Rivergate__V1__EstablishmentWord *word = word_of(call, entry, by);
	Rivergate__V1__EstablishmentLedger *ledger = NULL;
	rg_err err = word ? read_row(call, entry->establishment, &ledger) : RG_E_NOMEM;

	if (err) {
		return err;
	}
	make_room(ledger, word);
	err = rows_append(call->arena, &ledger->words, &ledger->n_words, word);
	if (!err && call->record->header->establishment_list->list[0]) {
		err = add_listing(call, ledger, entry->state, by);
	}
	key_of(&key, ROWS_ESTABLISHMENT, entry->establishment, NULL);
	if (!err) {
		err = rows_put(call->window->store, &key, &ledger->base);
	}
	key_of(&prefix, ROWS_RESTS_ON, entry->establishment, "");
	return err ? err : rows_walk(call->window->store, &prefix, &sink);
}

rg_err establishments_take(struct window_call *call)
{
	const Rivergate__V1__Header *header = call->record->header;
	const Rivergate__V1__EstablishmentListFacts *facts = header->establishment_list;
	const struct trust_party *party = consignment_sender(call);
	rg_err err = RG_OK;

	if (header->facts_case != RIVERGATE__V1__HEADER__FACTS_ESTABLISHMENT_LIST || !party) {
		return RG_OK;
	}
	for (size_t i = 0; !err && i < facts->n_entries; i++) {
		const Rivergate__V1__EstablishmentListFacts__Entry *entry = facts->entries[i];

		if (entry->establishment && entry->state != STATE(UNSPECIFIED) &&
			establishments_is_name(entry->establishment)) {
			err = take_entry(call, entry, party->cc);
		}
	}
	return err;
}

/* Consignments that rest on it */

static bool is_listed(const Rivergate__V1__EstablishmentRef *one,
	Rivergate__V1__EstablishmentRef *const *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (all[i]->kind == one->kind && strcmp(all[i]->country, one->country) == 0 &&
			strcmp(all[i]->number, one->number) == 0) {
			return true;
		}
	}
	return false;
}

rg_err establishments_rest_on(struct consignment *consignment,
	Rivergate__V1__EstablishmentRef **all, size_t n)
{
	const struct rules_store *store = consignment->call->window->store;
	Rivergate__V1__ConsignmentState *state = consignment->state;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < state->n_rests_on; i++) {
		scoped(buf_deinitv) struct buf key = {.data = NULL};

		if (!is_listed(state->rests_on[i], all, n)) {
			key_of(&key, ROWS_RESTS_ON, state->rests_on[i], state->ucr);
			err = rows_remove(store, &key);
		}
	}
	for (size_t i = 0; !err && i < n; i++) {
		scoped(buf_deinitv) struct buf key = {.data = NULL};

		if (!is_listed(all[i], state->rests_on, state->n_rests_on)) {
			key_of(&key, ROWS_RESTS_ON, all[i], state->ucr);
			err = rows_mark(store, &key);
		}
	}
	state->rests_on = all;
	state->n_rests_on = n;
	return err;
}

/* Which word meets a consignment */

/* When it took the step; 0: not yet. The goods leave the place of loading once. */
static int64_t step_us_of(const struct consignment *consignment, uint32_t number,
	Rivergate__V1__AppliesTo applies_to)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	int64_t departed_us = 0;

	if (applies_to == STEP(ARRIVED)) {
		return state->legs[number]->arrived_us;
	}
	if (applies_to != STEP(DEPARTED)) {
		return consignment_lodged_us(consignment, state->legs[number]->leg);
	}
	for (size_t i = 0; i < state->n_legs; i++) {
		int64_t at_us = state->legs[i]->departed_us;

		departed_us = at_us && (!departed_us || at_us < departed_us) ? at_us : departed_us;
	}
	return departed_us;
}

static bool is_about(const Rivergate__V1__EstablishmentWord *word,
	const struct consignment_goods *goods)
{
	for (size_t i = 0; i < word->n_hs; i++) {
		for (size_t j = 0; j < goods->n; j++) {
			if (strncmp(goods->items[j]->hs6, word->hs[i], strlen(word->hs[i])) == 0) {
				return true;
			}
		}
	}
	return word->n_hs == 0;
}

/* The word meets the consignment on this leg; or later, which is noted. */
static bool meets(struct consignment *consignment, uint32_t leg,
	const Rivergate__V1__EstablishmentWord *word)
{
	int64_t step_us = step_us_of(consignment, leg, word->applies_to);
	int64_t now_us = consignment->call->record->time_us;

	if (!step_us && word->effective_from_us > now_us &&
		word->effective_from_us < consignment->documents_us) {
		consignment->documents_us = word->effective_from_us;
	}
	return word->effective_from_us <= (step_us ? step_us : now_us);
}

/* A member's word in force for the consignment; NULL: it has said nothing. */
static const Rivergate__V1__EstablishmentWord *word_in_force(struct consignment *consignment,
	uint32_t leg, const Rivergate__V1__EstablishmentLedger *ledger, const char *by,
	const struct consignment_goods *goods)
{
	const Rivergate__V1__EstablishmentWord *best = NULL;

	for (size_t i = 0; i < ledger->n_words; i++) {
		const Rivergate__V1__EstablishmentWord *word = ledger->words[i];

		if (strcmp(word->by, by) == 0 && is_about(word, goods) &&
			meets(consignment, leg, word) &&
			(!best || word->effective_from_us >= best->effective_from_us)) {
			best = word;
		}
	}
	return best;
}

rg_err establishments_are_in_force(struct consignment *consignment, uint32_t leg,
	const Rivergate__V1__EstablishmentRef *establishment, const struct consignment_goods *goods,
	bool *ret_in_force)
{
	const struct consignment_cc speakers[] = {
		consignment_cc_of_country(establishment->country),
		consignment_cc_of_country(consignment->state->legs[leg]->leg->country),
	};
	Rivergate__V1__EstablishmentLedger *ledger = NULL;
	bool is_in_force = true;
	rg_err err = establishments_is_name(establishment)
		? read_row(consignment->call, establishment, &ledger)
		: RG_OK;

	for (size_t i = 0; ledger && i < 2; i++) {
		const Rivergate__V1__EstablishmentWord *word =
			word_in_force(consignment, leg, ledger, speakers[i].text, goods);

		is_in_force = is_in_force && (!word || word->state == STATE(ACTIVE));
	}
	if (!err) {
		*ret_in_force = is_in_force;
	}
	return err;
}

/* A member's list has had it; of this version, if one is named. Whether it has since been taken
   off for the consignment is asked of the words. */
static bool is_on(const Rivergate__V1__EstablishmentLedger *ledger, const char *by,
	const Rivergate__V1__Recognition *recognition)
{
	for (size_t i = 0; i < ledger->n_listings; i++) {
		const Rivergate__V1__EstablishmentListing *one = ledger->listings[i];

		if (one->state == STATE(ACTIVE) && strcmp(one->by, by) == 0 &&
			strcmp(one->list, recognition->list) == 0 &&
			(!recognition->list_version[0] ||
				strcmp(one->version, recognition->list_version) == 0)) {
			return true;
		}
	}
	return false;
}

static rg_err is_good(const struct establishments_question *question,
	const Rivergate__V1__EstablishmentRef *one, bool *ret_good)
{
	struct consignment *consignment = question->consignment;
	const Rivergate__V1__Leg *leg = consignment->state->legs[question->leg]->leg;
	const struct consignment_cc here = consignment_cc_of_country(leg->country);
	const struct consignment_cc own = consignment_cc_of_country(one->country);
	Rivergate__V1__EstablishmentLedger *ledger = NULL;
	rg_err err = read_row(consignment->call, one, &ledger);

	if (err) {
		return err;
	}
	*ret_good = is_on(ledger, own.text, question->recognition) ||
		is_on(ledger, here.text, question->recognition);
	return *ret_good ? establishments_are_in_force(consignment, question->leg, one,
				   question->goods, ret_good)
			 : RG_OK;
}

rg_err establishments_are_listed(const struct establishments_question *question,
	const Rivergate__V1__CertificateFacts *facts, bool *ret_listed)
{
	bool is_listed = false;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && !is_listed && i < facts->n_establishments; i++) {
		if (establishments_is_name(facts->establishments[i])) {
			err = is_good(question, facts->establishments[i], &is_listed);
		}
	}
	if (!err) {
		*ret_listed = is_listed;
	}
	return err;
}
