/*
 * Which fields of a declaration's header two versions differ in: see status.h.
 *
 * Method: lists are compared in order, each member of a tuple for itself, so that a change
 * of quantity is none of origin.
 * Threads: any.
 */
#include <string.h>

#include "rules/status.h"

struct field_row {
	const char *name;
	unsigned bit;
};

static const struct field_row fields[] = {
	{"documents", STATUS_FIELD_DOCUMENTS},
	{"goods.condition", STATUS_FIELD_CONDITION},
	{"goods.hs6", STATUS_FIELD_HS6},
	{"goods.origin", STATUS_FIELD_ORIGIN},
	{"goods.quantity", STATUS_FIELD_QUANTITY},
	{"legs", STATUS_FIELD_LEGS},
	{"movement.containers", STATUS_FIELD_CONTAINERS},
	{"movement.mode", STATUS_FIELD_MODE},
	{"movement.plate", STATUS_FIELD_PLATE},
	{"movement.seals", STATUS_FIELD_SEALS},
	{"movement.trailer", STATUS_FIELD_TRAILER},
};

unsigned status_field_of(const char *name)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(fields[i].name, name) == 0) {
			return fields[i].bit;
		}
	}
	return 0;
}

/*
 * Numbers in their shortest form, so that 12.50 is 12.5. The scale is the sender's and may be
 * absurd: it is only ever counted down.
 */
static Rivergate__V1__Decimal shortest(const Rivergate__V1__Decimal *decimal)
{
	Rivergate__V1__Decimal out = RIVERGATE__V1__DECIMAL__INIT;

	out.unscaled = decimal ? decimal->unscaled : 0;
	out.scale = decimal && out.unscaled ? decimal->scale : 0;
	while (out.scale > 0 && out.unscaled % 10 == 0) {
		out.unscaled /= 10;
		out.scale--;
	}
	return out;
}

static bool is_same_decimal(const Rivergate__V1__Decimal *a, const Rivergate__V1__Decimal *b)
{
	Rivergate__V1__Decimal left = shortest(a);
	Rivergate__V1__Decimal right = shortest(b);

	return left.unscaled == right.unscaled && left.scale == right.scale;
}

static bool is_same_quantity(const Rivergate__V1__Quantity *a, const Rivergate__V1__Quantity *b)
{
	if (!a || !b) {
		return a == b;
	}
	return strcmp(a->unit, b->unit) == 0 && is_same_decimal(a->value, b->value);
}

static unsigned compare_goods(const Rivergate__V1__Declared *a, const Rivergate__V1__Declared *b)
{
	unsigned bits = 0;

	if (a->n_goods != b->n_goods) {
		return STATUS_FIELD_HS6 | STATUS_FIELD_ORIGIN | STATUS_FIELD_CONDITION |
			STATUS_FIELD_QUANTITY;
	}
	for (size_t i = 0; i < a->n_goods; i++) {
		const Rivergate__V1__Goods *left = a->goods[i];
		const Rivergate__V1__Goods *right = b->goods[i];

		bits |= strcmp(left->hs6, right->hs6) ? STATUS_FIELD_HS6 : 0;
		bits |= strcmp(left->origin, right->origin) ? STATUS_FIELD_ORIGIN : 0;
		bits |= left->condition != right->condition ? STATUS_FIELD_CONDITION : 0;
		bits |= is_same_quantity(left->quantity, right->quantity) ? 0
									  : STATUS_FIELD_QUANTITY;
	}
	return bits;
}

static bool are_same_texts(char *const *a, size_t n_a, char *const *b, size_t n_b)
{
	if (n_a != n_b) {
		return false;
	}
	for (size_t i = 0; i < n_a; i++) {
		if (strcmp(a[i], b[i]) != 0) {
			return false;
		}
	}
	return true;
}

static unsigned compare_movement(const Rivergate__V1__Declared *before,
	const Rivergate__V1__Declared *after)
{
	static const Rivergate__V1__Movement nothing = RIVERGATE__V1__MOVEMENT__INIT;
	const Rivergate__V1__Movement *a = before->movement ? before->movement : &nothing;
	const Rivergate__V1__Movement *b = after->movement ? after->movement : &nothing;
	unsigned bits = 0;

	bits |= strcmp(a->plate, b->plate) ? STATUS_FIELD_PLATE : 0;
	bits |= strcmp(a->trailer, b->trailer) ? STATUS_FIELD_TRAILER : 0;
	bits |= strcmp(a->mode, b->mode) ? STATUS_FIELD_MODE : 0;
	bits |= are_same_texts(a->containers, a->n_containers, b->containers, b->n_containers)
		? 0
		: STATUS_FIELD_CONTAINERS;
	bits |= are_same_texts(a->seals, a->n_seals, b->seals, b->n_seals) ? 0 : STATUS_FIELD_SEALS;
	return bits;
}

static bool is_same_leg(const Rivergate__V1__Leg *a, const Rivergate__V1__Leg *b)
{
	return strcmp(a->country, b->country) == 0 && a->regime == b->regime &&
		strcmp(a->office_in, b->office_in) == 0 &&
		strcmp(a->office_out, b->office_out) == 0;
}

/* When the goods are expected, and under which number, is no other leg. */
static bool are_same_legs(const Rivergate__V1__Declared *a, const Rivergate__V1__Declared *b)
{
	if (a->n_legs != b->n_legs) {
		return false;
	}
	for (size_t i = 0; i < a->n_legs; i++) {
		if (!is_same_leg(a->legs[i], b->legs[i])) {
			return false;
		}
	}
	return true;
}

static bool is_same_document(const Rivergate__V1__DocumentRef *a,
	const Rivergate__V1__DocumentRef *b)
{
	return strcmp(a->type, b->type) == 0 && strcmp(a->number, b->number) == 0 &&
		strcmp(a->issuer, b->issuer) == 0 && strcmp(a->date, b->date) == 0 &&
		strcmp(a->issuer_country, b->issuer_country) == 0 &&
		is_same_quantity(a->quantity, b->quantity);
}

static bool are_same_documents(const Rivergate__V1__Declared *a, const Rivergate__V1__Declared *b)
{
	if (a->n_documents != b->n_documents) {
		return false;
	}
	for (size_t i = 0; i < a->n_documents; i++) {
		if (!is_same_document(a->documents[i], b->documents[i])) {
			return false;
		}
	}
	return true;
}

unsigned status_difference(const Rivergate__V1__Declared *before,
	const Rivergate__V1__Declared *after)
{
	unsigned bits = compare_goods(before, after) | compare_movement(before, after);

	bits |= are_same_legs(before, after) ? 0 : STATUS_FIELD_LEGS;
	bits |= are_same_documents(before, after) ? 0 : STATUS_FIELD_DOCUMENTS;
	return bits;
}
