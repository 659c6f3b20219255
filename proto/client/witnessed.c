/*
 * How far the log is witnessed: see witnessed.h
 *
 * Threads: owned by the session's thread.
 */

#include "client/witnessed.h"

#include <string.h>

rg_err witnessed_init(struct witnessed *witnessed, const Rivergate__V1__Registry *registry,
	const char *party)
{
	memset(witnessed, 0, sizeof(*witnessed));
	rg_err err = cosigner_roster_of(registry, &witnessed->roster);

	if (!err && strlen(party) > 2) {
		memcpy(witnessed->own, party, 2);
		if (!cosigner_roster_find(&witnessed->roster, witnessed->own)) {
			witnessed->own[0] = '\0';
		}
	}
	witnessed->newest.n_witnesses = witnessed->roster.n_items;
	witnessed->newest.quorum = witnessed->roster.quorum;
	return err;
}

bool witnessed_has_witnesses(const struct witnessed *witnessed)
{
	return witnessed->roster.n_items > 0;
}

void witnessed_receipt(struct witnessed *witnessed, uint64_t index, int64_t now_us)
{
	if (!witnessed_has_witnesses(witnessed) || index < witnessed->needed) {
		return;
	}
	witnessed->needed = index + 1;
	witnessed->since_us = witnessed->since_us ? witnessed->since_us : now_us;
}

static bool has_own(const struct witnessed *witnessed, const struct cosignature_count *count)
{
	if (!witnessed->own[0]) {
		return true;
	}
	const struct cosigner *own = cosigner_roster_find(&witnessed->roster, witnessed->own);

	return count->times_s[own - witnessed->roster.items] > 0;
}

/* The older receipts of what is still open may be covered: the next minute begins anew. */
static void cover(struct witnessed *witnessed, uint64_t size)
{
	if (size >= witnessed->needed) {
		witnessed->since_us = 0;
	} else if (witnessed->since_us) {
		witnessed->since_us = INT64_MAX; /* of the next look */
	}
	witnessed->told_us = 0;
}

rg_err witnessed_take(struct witnessed *witnessed, struct rg_bytes note, uint64_t size,
	bool *ret_is_true)
{
	struct cosignature_count count;
	rg_err err = cosignature_count(note, &witnessed->roster, &count);

	if (err) {
		return err;
	}
	*ret_is_true = !count.is_malformed;
	if (count.is_malformed) {
		return RG_OK;
	}
	const struct rg_witnessed shown = {.size = size,
		.n_cosigned = count.n_valid,
		.n_witnesses = witnessed->roster.n_items,
		.quorum = witnessed->roster.quorum,
		.has_own = has_own(witnessed, &count)};
	bool is_enough = shown.n_cosigned >= shown.quorum && shown.has_own;
	bool was_enough = witnessed->newest.n_cosigned >= witnessed->newest.quorum &&
		witnessed->newest.has_own;

	/* What a quorum cosigned is not given up for something newer that it has not yet. */
	if (is_enough || !was_enough || witnessed->newest.size == 0) {
		witnessed->newest = shown;
	}
	if (is_enough) {
		cover(witnessed, size);
	}
	return RG_OK;
}

bool witnessed_is_overdue(struct witnessed *witnessed, int64_t now_us)
{
	if (witnessed->since_us == INT64_MAX) {
		witnessed->since_us = now_us;
	}
	int64_t since_us = witnessed->told_us ? witnessed->told_us : witnessed->since_us;

	if (since_us == 0 || now_us - since_us < WITNESSED_ALARM_US) {
		return false;
	}
	witnessed->told_us = now_us;
	return true;
}
