#ifndef REGISTRY_PROFILE_H
#define REGISTRY_PROFILE_H

/*
 * Window profiles: what contradicts
 *
 * A member states what it wants of the window as data (window.proto). What would never end,
 * demand what the law of trade forbids, or name nobody's law is refused here, with the path
 * of the rule, before it is in force anywhere:
 *
 *     TFA 11      no rule of a technical standard decides on transit
 *     TFA 10.2.3  no rule demands another country's export declaration
 *     -           who decides has a target; targets, recognitions and limits name their end
 *     -           each rule names instrument and article, and where it is published, or says
 *                 that it is an assumption
 *
 * Source: Agreement on Trade Facilitation (WTO), articles as named.
 *
 * Threads: any.
 */

#include <stdbool.h>

#include "registry/governance.h"
#include "registry/trust.h"
#include "rivergate/v1/window.pb-c.h"

#define PROFILE_TARGET_MAX_US INT64_C(31536000000000) /* a year */

/* What a profile says against itself. False: refused, and the answer says where and why. */
bool profile_check(const Rivergate__V1__WindowProfile *profile,
	struct governance_answer *ret_answer);

/*
 * What it says against the directory of its member that is in force: every authority is a
 * party there. A party that is withdrawn later stays in the rules, and its place in a plan
 * is empty.
 */
bool profile_fits(const Rivergate__V1__WindowProfile *profile, const struct trust *trust,
	struct governance_answer *ret_answer);

/* Whether a header field is one that a rule may call material; proto/rules/README.md. */
bool profile_is_material_field(const char *name);

#endif
