/*
 * One key, one use: see uses.h
 *
 * All places are sorted by key; then doubles are neighbours.
 * Threads: a list has one owner.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "registry/uses.h"

#define RAW_LEN   32
#define FIRST_CAP 64

struct key_use {
	char identity[KEY_ID_LEN + 1]; /* raw key in hex, else key id */
	char where[128];
	bool is_new;
	size_t order; /* in which it was added */
};

void key_uses_deinit(struct key_uses *uses)
{
	free(uses->items);
	*uses = (struct key_uses){.n_items = 0};
}

/* Room for one more; NULL: no memory. */
static struct key_use *grow(struct key_uses *uses)
{
	if (uses->n_items == uses->cap) {
		size_t cap = uses->cap ? 2 * uses->cap : FIRST_CAP;
		struct key_use *items = realloc(uses->items, cap * sizeof(*items));

		if (!items) {
			return NULL;
		}
		uses->items = items;
		uses->cap = cap;
	}
	return &uses->items[uses->n_items];
}

static rg_err add(struct key_uses *uses, const char *identity, const char *where, const char *field)
{
	struct key_use *use = grow(uses);

	if (!use) {
		return RG_E_NOMEM;
	}
	snprintf(use->identity, sizeof(use->identity), "%s", identity);
	snprintf(use->where, sizeof(use->where), "%s%s%s", where, *field ? "." : "", field);
	use->is_new = uses->is_new;
	use->order = uses->n_items++;
	return RG_OK;
}

rg_err key_uses_add_raw(struct key_uses *uses, struct rg_bytes raw, const char *where,
	const char *field)
{
	char identity[2 * RAW_LEN + 1];

	if (raw.len != RAW_LEN) {
		return RG_OK;
	}
	text_hex(raw, identity);
	return add(uses, identity, where, field);
}

rg_err key_uses_add(struct key_uses *uses, const struct key *key, const char *where,
	const char *field)
{
	uint8_t raw[RAW_LEN];

	if (key_algorithm(key) != RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519) {
		return add(uses, key_id(key), where, field);
	}
	rg_err err = key_ed25519_raw(key, raw);
	return err ? err : key_uses_add_raw(uses, bytes_of(raw, sizeof(raw)), where, field);
}

static int compare(const void *a, const void *b)
{
	const struct key_use *left = a;
	const struct key_use *right = b;
	int order = strcmp(left->identity, right->identity);

	if (order != 0) {
		return order;
	}
	return left->order < right->order ? -1 : left->order > right->order;
}

bool key_uses_judge(struct key_uses *uses, struct governance_answer *ret_answer)
{
	if (uses->n_items > 1) {
		qsort(uses->items, uses->n_items, sizeof(uses->items[0]), compare);
	}
	for (size_t i = 1; i < uses->n_items; i++) {
		const struct key_use *one = &uses->items[i - 1];
		const struct key_use *other = &uses->items[i];

		if (other->is_new && strcmp(one->identity, other->identity) == 0) {
			return governance_refuse(ret_answer, other->where, "",
				"is the key of %s already; a key has one use", one->where);
		}
	}
	return true;
}
