#ifndef RULES_QUANTITY_H
#define RULES_QUANTITY_H

/*
 * Quantities that add up: millionths of a base unit
 *
 * Mass counts in KGM, volume in MTQ, whatever unit of UN/ECE Rec 20 states it; every other
 * unit is a base of its own, and adds up with itself alone. Digits below a millionth are cut.
 *
 * Threads: any; pure.
 */

#include <stdbool.h>
#include <stdint.h>

#include "rivergate/v1/goods.pb-c.h"

#define QUANTITY_TEXT_MAX 64

struct quantity_amount {
	const char *unit; /* base; borrowed from the quantity, or static */
	int64_t millionths;
};

/* False: none is stated, or one that is negative or beyond what 64 bits hold. */
bool quantity_of(const Rivergate__V1__Quantity *quantity, struct quantity_amount *ret_amount);

/* a + b, INT64_MAX where that is more; both 0 or above. */
int64_t quantity_add(int64_t a, int64_t b);

/* "18.2 MTQ"; a unit is shown as far as there is room. */
void quantity_text(const char *unit, int64_t millionths, char ret_text[QUANTITY_TEXT_MAX]);

#endif
