#ifndef AUDIT_LAW_H
#define AUDIT_LAW_H

/*
 * The law of each record: the trust in force, as the governance records before it made it
 *
 * Walks the log in order, ahead of the examination: record 0 says whose log it is, each
 * governance record that its own signatures carry (quorum, member, root) makes the next
 * trust. One that they do not carry is a finding, and changes nothing: what follows is
 * judged under what was in force before. If the content of one cannot be had, the law is not
 * known from there on, which is a finding too.
 *
 * Threads: one.
 */

#include <stdbool.h>
#include <stdint.h>

#include "audit/finding.h"
#include "audit/store.h"
#include "base/buf.h"
#include "evidence/derived.h"
#include "registry/trust.h"

struct law {
	struct trust *trust; /* in force now; NULL: none yet */
	bool is_known;       /* false: a change could not be read */
	bool has_origin;
	bool is_fixed;   /* from files, not from the log: law_fix() */
	uint8_t pin[32]; /* of the genesis registry, as record 0 says */
	char origin[256];
	struct derived_lineage lineage;
	char router[101];
	uint64_t n_inherited;   /* records of the log that this one continues; 0: of none */
	struct buf predecessor; /* the checkpoint of that log, as record 0 has it; empty: none */
	/*
	 * For lineage.ancestors[i]: of the trusts whose registry names a router with its origin,
	 * the last of its own records, else the first after them; NULL: there was none.
	 */
	struct trust *ancestor_trusts[DERIVED_ANCESTORS_MAX];
};

void law_init(struct law *law);
void law_deinit(struct law *law);
SCOPED_DEFINE_VALUE(struct law, law_deinit);

struct law_record {
	uint64_t index;
	struct rg_bytes leaf;
	struct rg_bytes parts; /* as in a segment frame; empty: not at hand */
};

/*
 * Takes the next record that may change the law: record 0, or one whose kind is governance.
 * What changed it is kept in the store, for law_restore().
 */
RG_MUST_USE rg_err law_take(struct law *law, const struct law_record *record, struct store *store,
	struct findings *findings);
/* The law after the first `size` records, which an earlier run took. */
RG_MUST_USE rg_err law_restore(struct law *law, uint64_t size, struct store *store);
/*
 * For a view, in which the content of governance records is not: all records are judged under
 * this trust (NULL: not judged), whose indexes are not those of the log.
 */
void law_fix(struct law *law, struct trust *trust);
/* The router whose log has this origin, by the registry of this trust; NULL: none. Borrowed. */
const Rivergate__V1__Router *law_router_of(const struct trust *trust, const char *origin);

#endif
