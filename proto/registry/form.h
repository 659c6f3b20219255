#ifndef REGISTRY_FORM_H
#define REGISTRY_FORM_H

/*
 * What a registry or directory says against itself, keys and certificates apart
 *
 * The judgements that need nothing but the message: names, addresses, order, duplicates,
 * dates, numbers, lengths. False: refused, and the answer says where and what to do.
 * What needs keys or other files is judged where those are at hand: pieces.c, uses.c,
 * trust.c.
 */

#include <stdint.h>

#include "registry/governance.h"

#define FORM_MEMBERS_MAX 64 /* so that a set of members fits into a word */

bool form_registry(const Rivergate__V1__Registry *registry, struct governance_answer *ret_answer);
bool form_directory(const Rivergate__V1__Directory *directory,
	struct governance_answer *ret_answer);

/* Days since 1970-01-01 of YYYY-MM-DD; false: no date of the calendar. */
bool form_date(const char *text, int64_t *ret_day);

#endif
