#ifndef AUDIT_TELLING_H
#define AUDIT_TELLING_H

/*
 * The window once more: what each record told whom, by the same rules as the router's
 *
 * Run over the records in their order, on rows of the auditor's own store. It needs every
 * record and the trust in force: where one is not at hand (a view, a damaged leaf) nothing is
 * computed from there on, and nothing is said about deliveries either (fold.h).
 *
 * Threads: one.
 */

#include <stdbool.h>
#include <stdint.h>

#include "audit/deliveries.h"
#include "audit/examine.h"
#include "audit/store.h"
#include "evidence/derived.h"

struct telling;

RG_MUST_USE rg_err telling_new(struct store *store, struct telling **ret_telling);
void telling_free(struct telling *telling);
SCOPED_DEFINE(struct telling, telling_free);

/* Whose log it is. Before the first telling_take(). Copied. */
RG_MUST_USE rg_err telling_set_origin(struct telling *telling, const char *router,
	const struct derived_lineage *lineage);

struct telling_record {
	uint64_t index;
	struct rg_bytes leaf;            /* empty: not at hand */
	const struct trust *trust_after; /* NULL: none yet */
	bool is_trust_known;
};
/* The window was computed for every record so far. */
bool telling_is_whole(const struct telling *telling);
/*
 * Adds the recipients that the plan brought to *examined, and tells what follows: readable
 * until the next call.
 */
RG_MUST_USE rg_err telling_take(struct telling *telling, const struct telling_record *record,
	struct examined *examined, const struct deliveries_told **ret_told, size_t *ret_n_told);

#endif
