#ifndef RULES_GOODS_H
#define RULES_GOODS_H

/*
 * Goods: which tuples a rule or an alert means, and how urgent they are
 *
 * The three of a tuple belong together: 0810 of VN beside 8471 of TH fires no rule on
 * 0810 of TH.
 *
 * Threads: any; pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "rivergate/v1/message.pb-c.h"
#include "rivergate/v1/window.pb-c.h"

/*
 * The condition of a tuple: its own; else the first default of the profile (NULL: none)
 * whose hs is a prefix of its hs6; else OTHER.
 */
Rivergate__V1__Condition goods_condition(const Rivergate__V1__Goods *goods,
	const Rivergate__V1__WindowProfile *profile);

/* Whether one tuple has everything that `match` asks (NULL or empty: anything). */
bool goods_match(const Rivergate__V1__GoodsMatch *match, const Rivergate__V1__Goods *goods,
	const Rivergate__V1__WindowProfile *profile);

/* LIVE, FRESH or CHILLED. */
bool goods_condition_is_perishable(Rivergate__V1__Condition condition);

/* How soon a message leaves, beside others for the same destination. */
enum goods_lane {
	GOODS_LANE_EMERGENCY,  /* EMERGENCY_NOTICE, PEST_ALERT */
	GOODS_LANE_LIVE,       /* live animals and plants */
	GOODS_LANE_PERISHABLE, /* fresh, chilled */
	GOODS_LANE_GENERAL,
	GOODS_LANES
};

/*
 * The lane of a message: by its kind, emergency for relief, then the most urgent condition of
 * its goods; a tuple that states none takes that of a fixed table of HS prefixes, because lanes
 * may not hang on whose profile is in force. Nor on what was said before: a decision that names
 * no goods is GENERAL, whatever it is about; only what is urgent behind it under its order key
 * takes it along.
 */
enum goods_lane goods_lane_of(const Rivergate__V1__Header *header);

#endif
