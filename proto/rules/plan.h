#ifndef RULES_PLAN_H
#define RULES_PLAN_H

/*
 * Plan of a leg: which authorities, by which rule of which profile
 *
 * README.md of this folder states the rules. Every leg has its customs, whether a profile
 * says so or not; a leg that no rule speaks of says no_rule.
 *
 * Threads: any; pure.
 */

#include <stddef.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/arena.h"
#include "registry/trust.h"
#include "rivergate/v1/message.pb-c.h"

/* Id of the entry that every leg has. */
/* Rule of the entry of an authority that no rule brings any more, but whose answer is open. */
#define PLAN_RULE_OPEN    "OPEN_ANSWER"
#define PLAN_RULE_CUSTOMS "CUSTOMS"

/* When the consignment took a step of this leg; 0: not yet. */
struct plan_steps {
	int64_t lodged_us;
	int64_t departed_us;
	int64_t arrived_us;
};

struct plan_question {
	const struct trust *trust; /* profiles and directories in force */
	const Rivergate__V1__Leg *leg;
	Rivergate__V1__Goods *const *goods; /* of all declarations that name the leg */
	size_t n_goods;
	struct plan_steps steps;
	int64_t now_us;
};

/*
 * The party that is the leg's customs; NULL: the country is no member, or names none.
 * Borrowed from the trust.
 */
const struct trust_party *plan_customs(const struct trust *trust, const Rivergate__V1__Leg *leg);

/* The plan; in the arena, its texts borrowed from the trust and the leg. */
RG_MUST_USE rg_err plan_leg(const struct plan_question *question, struct arena *arena,
	Rivergate__V1__PlanLeg **ret_leg);

/* Whether an entry of the leg says DECIDES for this address. */
bool plan_decides(const Rivergate__V1__PlanLeg *leg, const char *authority);

/* When the next rule comes into force or ends for any leg in this country; INT64_MAX: never. */
int64_t plan_next_change_us(const struct trust *trust, const char *country, int64_t now_us);

#endif
