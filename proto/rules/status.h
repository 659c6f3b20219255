#ifndef RULES_STATUS_H
#define RULES_STATUS_H

/*
 * Status of a leg: the strictest open answer, whose turn it is, and who may see it
 *
 * README.md of this folder states the rules and the order. A status is always computed for
 * a viewer, and what he may not see changes nothing that he sees.
 *
 * Threads: any; pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rivergate/v1/consignment.pb-c.h"
#include "rivergate/v1/message.pb-c.h"

/* What an authority has said last about one declaration. */
struct status_answer {
	const char *authority;
	uint32_t declaration; /* number within the consignment */
	Rivergate__V1__DecisionStatus status;
	Rivergate__V1__Disclosure disclosure;
	int64_t at_us;
	bool is_stale; /* the declaration has changed since, materially */
};

struct status_question {
	const Rivergate__V1__PlanLeg *plan;
	const struct status_answer *answers; /* at most one an authority and declaration */
	size_t n_answers;
	uint32_t n_declarations; /* that the leg waits for, numbers from 0; of others, with higher
				    numbers, only answers stricter than PENDING count */
	bool has_arrived;
	int64_t planned_us; /* since when an authority without an answer is pending */
	const char *viewer; /* cc, lower case; NULL: sees everything */
};

struct status_view {
	Rivergate__V1__LegStatus status;
	int64_t since_us;
	Rivergate__V1__Turn turn;
	const char *held_by; /* an authority whose answer is the strictest, if it holds; NULL */
};

/* Borrows from the question. */
struct status_view status_of_leg(const struct status_question *question);

/*
 * The authorities whose answers make the status: fills rets, which has room entries, and
 * returns how many there are.
 */
size_t status_authorities(const struct status_question *question, const char **rets, size_t room);

/* What one authority says about all declarations together. */
struct status_word {
	Rivergate__V1__LegStatus status; /* the strictest of what is no last word; UNSPECIFIED:
					    it has said its last word about each */
	int64_t since_us;                /* of that answer; else of the latest last word */
};
struct status_word status_of_authority(const struct status_question *question,
	const char *authority);
/* It releases, refuses or takes the goods away: no target runs any more. */
bool status_is_last(Rivergate__V1__LegStatus status);
/* Members other than the authority's own see UNDER_CONTROL. */
bool status_is_hidden(Rivergate__V1__Disclosure disclosure, bool has_arrived);

/* Position in the order of strictness; the higher, the stricter. UNSPECIFIED: 0. */
unsigned status_rank(Rivergate__V1__LegStatus status);
/* What a decision makes of a leg; UNSPECIFIED for REVOKED, which takes the answer back. */
Rivergate__V1__LegStatus status_of_decision(Rivergate__V1__DecisionStatus decision);
/* Whose move it is where a leg, or one authority, says this. */
Rivergate__V1__Turn status_turn(Rivergate__V1__LegStatus status, bool has_arrived);
/* INSPECT or stricter: the goods do not move, and an amendment asks for leave. */
bool status_holds(Rivergate__V1__LegStatus status);

/* Fields of a header, as bits in the order of the list in README.md. */
enum status_field {
	STATUS_FIELD_DOCUMENTS = 1 << 0,
	STATUS_FIELD_CONDITION = 1 << 1,
	STATUS_FIELD_HS6 = 1 << 2,
	STATUS_FIELD_ORIGIN = 1 << 3,
	STATUS_FIELD_QUANTITY = 1 << 4,
	STATUS_FIELD_LEGS = 1 << 5,
	STATUS_FIELD_CONTAINERS = 1 << 6,
	STATUS_FIELD_MODE = 1 << 7,
	STATUS_FIELD_PLATE = 1 << 8,
	STATUS_FIELD_SEALS = 1 << 9,
	STATUS_FIELD_TRAILER = 1 << 10,
	STATUS_FIELD_ALL = (1 << 11) - 1,
	/* What customs call material anyway: all but who pulls the load, which is an event. */
	STATUS_FIELD_CUSTOMS = STATUS_FIELD_ALL & ~(STATUS_FIELD_PLATE | STATUS_FIELD_TRAILER),
};

/* Which fields differ between two versions of a declaration. */
unsigned status_difference(const Rivergate__V1__Declared *before,
	const Rivergate__V1__Declared *after);
/* The bit of a name in Rule.material; 0: no such field. */
unsigned status_field_of(const char *name);

#endif
