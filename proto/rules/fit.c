/*
 * What a derived message has room for: see consignment.h.
 *
 * A plan of many rules, or a status of many findings, is longer than a header may be. What is
 * left out is counted, so that nobody takes the rest for the whole; the consignment itself keeps
 * all of it.
 *
 * Threads: any.
 */
#include <stdio.h>
#include <string.h>

#include "rules/consignment.h"

#define ROOM     ((size_t)40 << 10) /* of the 48 KiB of a header */
#define TEXT_MAX 96

/* Plan */

/* Who decides before who is informed; at most so many. */
static rg_err cut_leg(struct arena *arena, const Rivergate__V1__PlanLeg *leg, size_t keep,
	Rivergate__V1__PlanLeg **ret_leg)
{
	Rivergate__V1__PlanLeg *cut = arena_alloc(arena, sizeof(*cut));
	rg_err err = cut ? RG_OK : RG_E_NOMEM;

	if (err) {
		return err;
	}
	*cut = *leg;
	cut->entries = NULL;
	cut->n_entries = 0;
	for (size_t i = 0; !err && i < 2 * leg->n_entries && cut->n_entries < keep; i++) {
		Rivergate__V1__PlanEntry *entry =
			leg->entries[i < leg->n_entries ? i : i - leg->n_entries];
		bool decides = entry->role == RIVERGATE__V1__AUTHORITY_ROLE__AUTHORITY_ROLE_DECIDES;

		err = decides == (i < leg->n_entries)
			? rows_append(arena, &cut->entries, &cut->n_entries, entry)
			: RG_OK;
	}
	*ret_leg = cut;
	return err;
}

static size_t count_entries(const Rivergate__V1__PlanFacts *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n_legs; i++) {
		n += plan->legs[i]->n_entries;
	}
	return n;
}

rg_err fit_plan(struct arena *arena, Rivergate__V1__PlanFacts *plan, size_t *ret_left_out)
{
	size_t n_whole = count_entries(plan);
	size_t keep = n_whole;
	rg_err err = RG_OK;

	while (!err && keep > 1 && protobuf_c_message_get_packed_size(&plan->base) > ROOM) {
		keep /= 2;
		for (size_t i = 0; !err && i < plan->n_legs; i++) {
			err = cut_leg(arena, plan->legs[i], keep, &plan->legs[i]);
		}
	}
	*ret_left_out = n_whole - count_entries(plan);
	return err;
}

/* Status */

static rg_err add_word(struct arena *arena, Rivergate__V1__StatusFacts *status, const char *rule,
	const char *text)
{
	Rivergate__V1__Finding *one = arena_alloc(arena, sizeof(*one));

	if (!one) {
		return RG_E_NOMEM;
	}
	rivergate__v1__finding__init(one);
	one->rule = (char *)rule;
	one->path = (char *)"ucr";
	one->text = rows_text(arena, bytes_of_text(text));
	return one->text ? rows_append(arena, &status->findings, &status->n_findings, one)
			 : RG_E_NOMEM;
}

rg_err fit_status(struct arena *arena, Rivergate__V1__StatusFacts *status, size_t n_left_out)
{
	size_t n_whole = status->n_findings;
	char text[TEXT_MAX];
	rg_err err = RG_OK;

	while (status->n_findings > 0 && protobuf_c_message_get_packed_size(&status->base) > ROOM) {
		status->n_findings--;
	}
	if (status->n_findings < n_whole) {
		(void)snprintf(text, sizeof(text), "%zu more findings have no room in a message",
			n_whole - status->n_findings);
		err = add_word(arena, status, "MORE_FINDINGS", text);
	}
	if (!err && n_left_out) {
		(void)snprintf(text, sizeof(text),
			"the plan has %zu more entries, which have no room in a message",
			n_left_out);
		err = add_word(arena, status, "PLAN_CUT", text);
	}
	return err;
}
