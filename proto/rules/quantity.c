/*
 * Quantities that add up: see quantity.h.
 *
 * Threads: any.
 */
#include "rules/quantity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MILLION INT64_C(1000000)
#define DIGITS  6 /* of a millionth */

/* Units that are a power of ten of a base. */
struct unit_row {
	const char *unit;
	const char *base;
	int power;
};

static const struct unit_row units[] = {
	{"KGM", "KGM", 0},
	{"TNE", "KGM", 3},
	{"DTN", "KGM", 2},
	{"GRM", "KGM", -3},
	{"MTQ", "MTQ", 0},
	{"HLT", "MTQ", -1},
	{"LTR", "MTQ", -3},
	{"DMQ", "MTQ", -3},
	{"CMQ", "MTQ", -6},
	{"MLT", "MTQ", -6},
};

/* The scale is the sender's and may be absurd: each loop ends with the value. */
static bool shift(int64_t value, int64_t power, int64_t *ret_value)
{
	for (; power > 0 && value != 0; power--) {
		if (value > INT64_MAX / 10) {
			return false;
		}
		value *= 10;
	}
	for (; power < 0 && value != 0; power++) {
		value /= 10;
	}
	*ret_value = value;
	return true;
}

bool quantity_of(const Rivergate__V1__Quantity *quantity, struct quantity_amount *ret_amount)
{
	struct quantity_amount amount = {.unit = ""};
	int64_t power = DIGITS;

	if (!quantity || !quantity->value || quantity->value->unscaled < 0) {
		return false;
	}
	amount.unit = quantity->unit;
	power -= quantity->value->scale;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(units[i].unit, quantity->unit) == 0) {
			amount.unit = units[i].base;
			power += units[i].power;
		}
	}
	if (!shift(quantity->value->unscaled, power, &amount.millionths)) {
		return false;
	}
	*ret_amount = amount;
	return true;
}

int64_t quantity_add(int64_t a, int64_t b)
{
	return a > INT64_MAX - b ? INT64_MAX : a + b;
}

void quantity_text(const char *unit, int64_t millionths, char ret_text[QUANTITY_TEXT_MAX])
{
	char rest[DIGITS + 1];
	size_t len = DIGITS;

	(void)snprintf(rest, sizeof(rest), "%06u", (unsigned)(millionths % MILLION));
	while (len > 0 && rest[len - 1] == '0') {
		rest[--len] = '\0';
	}
	(void)snprintf(ret_text, QUANTITY_TEXT_MAX, "%" PRId64 "%s%s %.16s", millionths / MILLION,
		len ? "." : "", rest, unit);
}
