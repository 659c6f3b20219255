/*
 * An index of rules: see rulebook.h
 *
 * Method: one set of rules (a bit for each) for every regime, one for those that name no
 * heading, and a list of (heading, rule) sorted by heading. A code of six digits has three
 * headings: each is found by halving.
 *
 * Threads: immutable once it is made.
 */
#include "registry/rulebook.h"

#include <stdlib.h>
#include <string.h>

#define WORD_BITS  64
#define REGIMES    16 /* more than there are */
#define HEADINGS   3  /* of 2, 4 and 6 digits */
#define HEADING_AT 1000000

struct headed {
	uint32_t heading; /* digits as a number, above HEADING_AT times how many they are */
	uint32_t rule;
};

struct rulebook {
	const Rivergate__V1__WindowProfile *profile;
	size_t n_words;
	uint64_t *of_regime[REGIMES];
	uint64_t *without_heading;
	struct headed *headed;
	size_t n_headed;
	const Rivergate__V1__Rule **by_id;
	int64_t *changes_us; /* ascending */
	size_t n_changes;
};

static void add(uint64_t *set, size_t rule)
{
	set[rule / WORD_BITS] |= UINT64_C(1) << rule % WORD_BITS;
}

/* 0: the text has not so many digits. */
static uint32_t heading_of(const char *text, size_t n_digits)
{
	uint32_t value = 0;

	for (size_t i = 0; i < n_digits; i++) {
		if (text[i] < '0' || text[i] > '9') {
			return 0;
		}
		value = value * 10 + (uint32_t)(text[i] - '0');
	}
	return (uint32_t)n_digits * HEADING_AT + value;
}

/* Making */

static int compare_headed(const void *a, const void *b)
{
	const struct headed *left = a;
	const struct headed *right = b;

	return (left->heading > right->heading) - (left->heading < right->heading);
}

static int compare_ids(const void *a, const void *b)
{
	const Rivergate__V1__Rule *const *left = a;
	const Rivergate__V1__Rule *const *right = b;

	return strcmp((*left)->id, (*right)->id);
}

static int compare_times(const void *a, const void *b)
{
	const int64_t *left = a;
	const int64_t *right = b;

	return (*left > *right) - (*left < *right);
}

static rg_err make_room(struct rulebook *book, struct arena *arena)
{
	const Rivergate__V1__WindowProfile *profile = book->profile;
	size_t n_headings = 0;
	bool has_room = true;

	for (size_t i = 0; i < profile->n_rules; i++) {
		n_headings += profile->rules[i]->goods ? profile->rules[i]->goods->n_hs : 0;
	}
	book->n_words = (profile->n_rules + WORD_BITS - 1) / WORD_BITS;
	for (size_t i = 0; i < REGIMES; i++) {
		book->of_regime[i] = arena_alloc(arena, book->n_words * sizeof(uint64_t));
		has_room = has_room && book->of_regime[i];
	}
	book->without_heading = arena_alloc(arena, book->n_words * sizeof(uint64_t));
	book->headed = arena_alloc(arena, n_headings * sizeof(*book->headed));
	book->by_id = arena_alloc(arena, profile->n_rules * sizeof(Rivergate__V1__Rule *));
	book->changes_us = arena_alloc(arena, 2 * profile->n_rules * sizeof(int64_t));
	return has_room && book->without_heading && book->headed && book->by_id && book->changes_us
		? RG_OK
		: RG_E_NOMEM;
}

static void note_regimes(struct rulebook *book, const Rivergate__V1__Rule *rule, size_t number)
{
	for (size_t i = 0; i < rule->n_regimes; i++) {
		if ((unsigned)rule->regimes[i] < REGIMES) {
			add(book->of_regime[rule->regimes[i]], number);
		}
	}
	for (size_t i = 0; rule->n_regimes == 0 && i < REGIMES; i++) {
		add(book->of_regime[i], number);
	}
}

static void note_headings(struct rulebook *book, const Rivergate__V1__Rule *rule, size_t number)
{
	if (!rule->goods || rule->goods->n_hs == 0) {
		add(book->without_heading, number);
		return;
	}
	for (size_t i = 0; i < rule->goods->n_hs; i++) {
		const char *hs = rule->goods->hs[i];

		book->headed[book->n_headed++] =
			(struct headed){heading_of(hs, strlen(hs)), (uint32_t)number};
	}
}

static void note_time(struct rulebook *book, int64_t time_us)
{
	if (time_us > 0) {
		book->changes_us[book->n_changes++] = time_us;
	}
}

rg_err rulebook_new(const Rivergate__V1__WindowProfile *profile, struct arena *arena,
	const struct rulebook **ret_book)
{
	struct rulebook *book = arena_alloc(arena, sizeof(*book));

	if (!book) {
		return RG_E_NOMEM;
	}
	book->profile = profile;
	rg_err err = make_room(book, arena);
	if (err) {
		return err;
	}
	for (size_t i = 0; i < profile->n_rules; i++) {
		book->by_id[i] = profile->rules[i];
		note_regimes(book, profile->rules[i], i);
		note_headings(book, profile->rules[i], i);
		note_time(book, profile->rules[i]->effective_from_us);
		note_time(book, profile->rules[i]->effective_until_us);
	}
	qsort(book->headed, book->n_headed, sizeof(*book->headed), compare_headed);
	qsort(book->by_id, profile->n_rules, sizeof(Rivergate__V1__Rule *), compare_ids);
	qsort(book->changes_us, book->n_changes, sizeof(int64_t), compare_times);
	*ret_book = book;
	return RG_OK;
}

/* Choosing */

static void add_headed(const struct rulebook *book, uint32_t heading, uint64_t *set)
{
	size_t low = 0;
	size_t high = book->n_headed;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		bool is_below = book->headed[middle].heading < heading;

		low = is_below ? middle + 1 : low;
		high = is_below ? high : middle;
	}
	for (; low < book->n_headed && book->headed[low].heading == heading; low++) {
		add(set, book->headed[low].rule);
	}
}

static void add_goods(const struct rulebook *book, const struct rulebook_question *question,
	uint64_t *set)
{
	const char *before = "";

	for (size_t i = 0; i < question->n_goods; i++) {
		const char *code = question->goods[i]->hs6;

		/* Items of one kind stand together. */
		for (size_t n = 2; strcmp(code, before) != 0 && n <= 2 * HEADINGS; n += 2) {
			uint32_t heading = heading_of(code, n);

			if (!heading) {
				break;
			}
			add_headed(book, heading, set);
		}
		before = code;
	}
}

rg_err rulebook_choose(const struct rulebook *book, const struct rulebook_question *question,
	struct arena *arena, struct rulebook_choice *ret_choice)
{
	struct rulebook_choice choice = {.n_words = book->n_words};
	const uint64_t *of_regime =
		book->of_regime[(unsigned)question->regime < REGIMES ? question->regime : 0];

	choice.words = arena_alloc(arena, book->n_words * sizeof(uint64_t));
	if (!choice.words) {
		return RG_E_NOMEM;
	}
	memcpy(choice.words, book->without_heading, book->n_words * sizeof(uint64_t));
	add_goods(book, question, choice.words);
	for (size_t i = 0; i < choice.n_words; i++) {
		choice.words[i] &= of_regime[i];
		choice.n += (size_t)__builtin_popcountll(choice.words[i]);
	}
	*ret_choice = choice;
	return RG_OK;
}

bool rulebook_take(struct rulebook_choice *choice, size_t *ret_number)
{
	for (size_t i = 0; choice->n > 0 && i < choice->n_words; i++) {
		if (choice->words[i]) {
			*ret_number = i * WORD_BITS + (size_t)__builtin_ctzll(choice->words[i]);
			choice->words[i] &= choice->words[i] - 1;
			choice->n--;
			return true;
		}
	}
	return false;
}

/* Asking */

static int compare_with_id(const void *id, const void *rule)
{
	const Rivergate__V1__Rule *const *one = rule;

	return strcmp(id, (*one)->id);
}

const Rivergate__V1__Rule *rulebook_rule(const struct rulebook *book, const char *id)
{
	const Rivergate__V1__Rule *const *found = book
		? bsearch(id, book->by_id, book->profile->n_rules, sizeof(Rivergate__V1__Rule *),
			  compare_with_id)
		: NULL;

	return found ? *found : NULL;
}

int64_t rulebook_next_us(const struct rulebook *book, int64_t now_us)
{
	size_t low = 0;
	size_t high = book->n_changes;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		bool is_past = book->changes_us[middle] <= now_us;

		low = is_past ? middle + 1 : low;
		high = is_past ? high : middle;
	}
	return low < book->n_changes ? book->changes_us[low] : INT64_MAX;
}
