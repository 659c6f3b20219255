/*
 * Status of a leg: see status.h.
 *
 * Method: tables for the order, for decisions and for whose turn it is.
 * Threads: any.
 */
#include "rules/status.h"

#include <string.h>

#define S(name) RIVERGATE__V1__LEG_STATUS__LEG_STATUS_##name
#define D(name) RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_##name
#define T(name) RIVERGATE__V1__TURN__TURN_##name

struct status_row {
	Rivergate__V1__LegStatus status;
	Rivergate__V1__DecisionStatus decision; /* that says so; UNSPECIFIED: none does */
	Rivergate__V1__Turn turn;
};

/*
 * The order of strictness, least first. NO_RULE stands for whatever is not stricter than
 * PENDING where no rule speaks.
 */
static const struct status_row rows[] = {
	{S(UNSPECIFIED), D(UNSPECIFIED), T(UNSPECIFIED)},
	{S(CLOSED), D(CLOSED), T(NOBODY)},
	{S(DISCHARGED), D(DISCHARGED), T(NOBODY)},
	{S(RELEASED), D(RELEASED), T(NOBODY)},
	{S(RELEASED_CONDITIONAL), D(RELEASED_CONDITIONAL), T(NOBODY)},
	{S(PARTLY_RELEASED), D(PARTLY_RELEASED), T(AUTHORITY)},
	{S(EXITED), D(EXITED), T(AUTHORITY)},
	{S(INSPECTED_PASS), D(INSPECTED_PASS), T(AUTHORITY)},
	{S(AUTHORISED), D(AUTHORISED), T(CARRIER)},
	{S(ACCEPTED), D(ACCEPTED), T(AUTHORITY)},
	{S(REGISTERED), D(REGISTERED), T(AUTHORITY)},
	{S(PENDING), D(UNSPECIFIED), T(AUTHORITY)},
	{S(NO_RULE), D(UNSPECIFIED), T(AUTHORITY)},
	{S(DOCUMENTS_REQUIRED), D(DOCUMENTS_REQUIRED), T(TRADER)},
	{S(MOVE_TO_STORAGE), D(MOVE_TO_STORAGE), T(CARRIER)},
	{S(UNDER_CONTROL), D(UNSPECIFIED), T(AUTHORITY)},
	{S(INSPECT), D(INSPECT), T(AUTHORITY)},
	{S(SAMPLED_AWAITING_LAB), D(SAMPLED_AWAITING_LAB), T(LABORATORY)},
	{S(TREATMENT_REQUIRED), D(TREATMENT_REQUIRED), T(TRADER)},
	{S(HOLD), D(HOLD), T(AUTHORITY)},
	{S(NOT_DISCHARGED), D(NOT_DISCHARGED), T(AUTHORITY)},
	{S(INSPECTED_FAIL), D(INSPECTED_FAIL), T(AUTHORITY)},
	{S(REFUSED), D(REFUSED), T(TRADER)},
	{S(RETURN_ORDERED), D(RETURN_ORDERED), T(TRADER)},
	{S(DESTROY_ORDERED), D(DESTROY_ORDERED), T(TRADER)},
	{S(SEIZED), D(SEIZED), T(AUTHORITY)},
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

unsigned status_rank(Rivergate__V1__LegStatus status)
{
	/* Asked many times for each leg: where the status stands among the rows. */
	static const uint8_t ranks[] = {
		[S(CLOSED)] = 1,
		[S(DISCHARGED)] = 2,
		[S(RELEASED)] = 3,
		[S(RELEASED_CONDITIONAL)] = 4,
		[S(PARTLY_RELEASED)] = 5,
		[S(EXITED)] = 6,
		[S(INSPECTED_PASS)] = 7,
		[S(AUTHORISED)] = 8,
		[S(ACCEPTED)] = 9,
		[S(REGISTERED)] = 10,
		[S(PENDING)] = 11,
		[S(NO_RULE)] = 12,
		[S(DOCUMENTS_REQUIRED)] = 13,
		[S(MOVE_TO_STORAGE)] = 14,
		[S(UNDER_CONTROL)] = 15,
		[S(INSPECT)] = 16,
		[S(SAMPLED_AWAITING_LAB)] = 17,
		[S(TREATMENT_REQUIRED)] = 18,
		[S(HOLD)] = 19,
		[S(NOT_DISCHARGED)] = 20,
		[S(INSPECTED_FAIL)] = 21,
		[S(REFUSED)] = 22,
		[S(RETURN_ORDERED)] = 23,
		[S(DESTROY_ORDERED)] = 24,
		[S(SEIZED)] = 25,
	};

	return (size_t)status < sizeof(ranks) / sizeof(ranks[0]) ? ranks[status] : 0;
}

Rivergate__V1__LegStatus status_of_decision(Rivergate__V1__DecisionStatus decision)
{
	for (unsigned i = 1; i < N_ROWS; i++) {
		if (rows[i].decision == decision && decision != D(UNSPECIFIED)) {
			return rows[i].status;
		}
	}
	return S(UNSPECIFIED);
}

bool status_holds(Rivergate__V1__LegStatus status)
{
	return status_rank(status) >= status_rank(S(INSPECT));
}

bool status_is_last(Rivergate__V1__LegStatus status)
{
	static const Rivergate__V1__LegStatus last[] = {S(RELEASED), S(RELEASED_CONDITIONAL),
		S(REFUSED), S(RETURN_ORDERED), S(DESTROY_ORDERED), S(SEIZED), S(DISCHARGED),
		S(CLOSED)};

	for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
		if (last[i] == status) {
			return true;
		}
	}
	return false;
}

bool status_is_hidden(Rivergate__V1__Disclosure disclosure, bool has_arrived)
{
	return disclosure == RIVERGATE__V1__DISCLOSURE__DISCLOSURE_NEVER ||
		(disclosure == RIVERGATE__V1__DISCLOSURE__DISCLOSURE_ON_ARRIVAL && !has_arrived);
}

/* One answer for this viewer */

/* An address begins with its member's label and a dot. */
static bool is_own(const char *viewer, const char *authority)
{
	size_t len = strlen(viewer);

	return strncmp(authority, viewer, len) == 0 && authority[len] == '.';
}

static bool is_hidden(const struct status_question *question, const struct status_answer *answer)
{
	if (!question->viewer || is_own(question->viewer, answer->authority)) {
		return false;
	}
	return status_is_hidden(answer->disclosure, question->has_arrived);
}

/* What an authority says about a declaration, as the viewer sees it. */
struct seen {
	const char *authority;
	Rivergate__V1__LegStatus status;
	int64_t since_us;
};

static struct seen look(const struct status_question *question, const char *authority,
	uint32_t declaration)
{
	struct seen seen = {authority, S(PENDING), question->planned_us};

	for (size_t i = 0; i < question->n_answers; i++) {
		const struct status_answer *answer = &question->answers[i];
		Rivergate__V1__LegStatus status = status_of_decision(answer->status);
		bool is_soft = status_rank(status) < status_rank(S(PENDING));

		if (answer->declaration != declaration ||
			strcmp(answer->authority, authority) != 0 || status == S(UNSPECIFIED)) {
			continue;
		}
		if (is_hidden(question, answer)) {
			seen.status = S(UNDER_CONTROL);
		} else if (!answer->is_stale || !is_soft) {
			seen.status = status;
			seen.since_us = answer->at_us;
		}
	}
	return seen;
}

/* About a declaration that the leg does not wait for only what is stricter than PENDING counts. */
static void take_others(const struct status_question *question, const char *authority,
	void (*take)(void *context, const struct seen *seen), void *context)
{
	for (size_t i = 0; i < question->n_answers; i++) {
		const struct status_answer *answer = &question->answers[i];
		struct seen seen = {authority, status_of_decision(answer->status), answer->at_us};

		if (answer->declaration < question->n_declarations ||
			strcmp(answer->authority, authority) != 0 ||
			seen.status == S(UNSPECIFIED)) {
			continue;
		}
		/* First: whether it is strict must not show either. */
		if (is_hidden(question, answer)) {
			seen.status = S(UNDER_CONTROL);
			seen.since_us = question->planned_us;
		}
		if (status_rank(seen.status) > status_rank(S(PENDING))) {
			take(context, &seen);
		}
	}
}

/* Walks what every deciding authority says about every declaration. */
static void each_seen(const struct status_question *question,
	void (*take)(void *context, const struct seen *seen), void *context)
{
	for (size_t i = 0; i < question->plan->n_entries; i++) {
		const Rivergate__V1__PlanEntry *entry = question->plan->entries[i];
		bool is_first = true;

		for (size_t j = 0; j < i; j++) {
			const Rivergate__V1__PlanEntry *other = question->plan->entries[j];

			is_first = is_first &&
				(other->role != entry->role ||
					strcmp(other->authority, entry->authority) != 0);
		}
		if (!is_first ||
			entry->role != RIVERGATE__V1__AUTHORITY_ROLE__AUTHORITY_ROLE_DECIDES) {
			continue;
		}
		for (uint32_t n = 0; n < question->n_declarations; n++) {
			struct seen seen = look(question, entry->authority, n);

			take(context, &seen);
		}
		take_others(question, entry->authority, take, context);
	}
}

/* One authority */

struct speech {
	struct status_word word;
	int64_t last_us; /* of the latest last word */
};

static void hear(void *context, const struct seen *seen)
{
	struct speech *speech = context;
	struct status_word *word = &speech->word;
	unsigned rank = status_rank(seen->status);
	unsigned known = status_rank(word->status);

	if (status_is_last(seen->status)) {
		speech->last_us =
			seen->since_us > speech->last_us ? seen->since_us : speech->last_us;
	} else if (rank > known || (rank == known && seen->since_us > word->since_us)) {
		*word = (struct status_word){seen->status, seen->since_us};
	}
}

struct status_word status_of_authority(const struct status_question *question,
	const char *authority)
{
	struct speech speech = {.word = {S(UNSPECIFIED), 0}};

	for (uint32_t n = 0; n < question->n_declarations; n++) {
		struct seen seen = look(question, authority, n);

		hear(&speech, &seen);
	}
	take_others(question, authority, hear, &speech);
	if (speech.word.status == S(UNSPECIFIED)) {
		speech.word.since_us = speech.last_us;
	}
	return speech.word;
}

/* The leg */

static void take_strictest(void *context, const struct seen *seen)
{
	struct seen *strictest = context;
	unsigned rank = status_rank(seen->status);
	unsigned known = status_rank(strictest->status);

	/* Among equals the leg is in this state since the first of them. */
	if (rank > known || (rank == known && seen->since_us < strictest->since_us)) {
		*strictest = *seen;
	}
}

Rivergate__V1__Turn status_turn(Rivergate__V1__LegStatus status, bool has_arrived)
{
	bool is_early = status == S(PENDING) || status == S(REGISTERED) || status == S(ACCEPTED) ||
		status == S(NO_RULE);

	return is_early && !has_arrived ? T(NOT_ARRIVED) : rows[status_rank(status)].turn;
}

static struct seen strictest_of(const struct status_question *question)
{
	struct seen strictest = {NULL, S(UNSPECIFIED), INT64_MAX};

	each_seen(question, take_strictest, &strictest);
	if (!strictest.authority) {
		strictest.since_us = question->planned_us;
	}
	return strictest;
}

struct status_view status_of_leg(const struct status_question *question)
{
	struct seen strictest = strictest_of(question);
	bool is_quiet = status_rank(strictest.status) <= status_rank(S(PENDING));
	bool has_rule = !question->plan->no_rule && strictest.authority;
	struct status_view view = {
		.status = is_quiet && !has_rule ? S(NO_RULE) : strictest.status,
		.since_us = strictest.since_us,
	};

	view.turn = status_turn(view.status, question->has_arrived);
	view.held_by = status_holds(view.status) ? strictest.authority : NULL;
	return view;
}

struct collection {
	const char **rets;
	size_t room;
	size_t n;
	Rivergate__V1__LegStatus status;
};

static void collect(void *context, const struct seen *seen)
{
	struct collection *collection = context;

	if (seen->status != collection->status) {
		return;
	}
	for (size_t i = 0; i < collection->n && i < collection->room; i++) {
		if (strcmp(collection->rets[i], seen->authority) == 0) {
			return;
		}
	}
	if (collection->n < collection->room) {
		collection->rets[collection->n] = seen->authority;
	}
	collection->n++;
}

size_t status_authorities(const struct status_question *question, const char **rets, size_t room)
{
	struct collection collection = {rets, room, 0, strictest_of(question).status};

	each_seen(question, collect, &collection);
	return collection.n;
}
