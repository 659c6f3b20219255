/*
 * Two logs: see reconcile.h. A party's books are in books.c.
 *
 * Method: the heads at one size are equal exactly if the records below it are, so the first
 * difference is found by halving. Behind it each leaf hash of one log is looked up among
 * those of the other, on disk.
 * Threads: one.
 */
#include "audit/reconcile.h"

#include <stdio.h>
#include <string.h>

#include "audit/store.h"
#include "evidence/published.h"

struct pair {
	struct published *a;
	struct published *b;
	struct store *store;
	struct reconcile_report report;
};

/* --- Heads ------------------------------------------------------------------------------------ */

/* False in ret_has: a tile is not good, which has been said. */
static rg_err head_at(struct pair *pair, struct published *log, uint64_t size,
	struct merkle_hash *ret_head, bool *ret_has)
{
	const struct proof_source source = published_source(log);
	rg_err err = proof_head(&source, size, ret_head);

	*ret_has = err == RG_OK;
	if (err == RG_E_FORMAT) {
		findings_add(&pair->report.findings, FINDING_TILE, FINDING_NO_RECORD,
			"%s: %.80s: %.80s", log == pair->a ? "A" : "B", published_last(log)->file,
			published_last(log)->what);
		return RG_OK;
	}
	return err;
}

static rg_err are_equal(struct pair *pair, uint64_t size, bool *ret_equal, bool *ret_has)
{
	struct merkle_hash a;
	struct merkle_hash b;
	rg_err err = head_at(pair, pair->a, size, &a, ret_has);

	if (!err && *ret_has) {
		err = head_at(pair, pair->b, size, &b, ret_has);
	}
	*ret_equal = !err && *ret_has && memcmp(&a, &b, sizeof(a)) == 0;
	return err;
}

/* How many records from the first on are the same. */
static rg_err find_common(struct pair *pair, uint64_t size, bool *ret_has)
{
	uint64_t low = 0; /* so many are */
	uint64_t high = size;
	bool equal = false;
	rg_err err = are_equal(pair, size, &equal, ret_has);

	low = equal ? size : 0;
	while (!err && *ret_has && low < high) {
		uint64_t middle = low + (high - low + 1) / 2;

		err = are_equal(pair, middle, &equal, ret_has);
		low = equal ? middle : low;
		high = equal ? high : middle - 1;
	}
	pair->report.n_common = low;
	return err;
}

/* --- Leaves behind the first difference ------------------------------------------------------- */

static rg_err hash_at(struct published *log, uint64_t index, struct merkle_hash *ret_hash,
	bool *ret_has)
{
	const struct tile *tile = NULL;
	struct published_finding what;
	rg_err err = published_tile(log, 0, index / TILE_WIDTH, &tile, &what);

	*ret_has = !err && what.state == PUBLISHED_GOOD;
	if (*ret_has) {
		*ret_hash = *tile_node(tile, 0, (unsigned)(index % TILE_WIDTH));
	}
	return err;
}

static rg_err keep_a(struct pair *pair, uint64_t from)
{
	rg_err err = RG_OK;

	for (uint64_t i = from; !err && i < pair->report.size_a; i++) {
		struct merkle_hash hash;
		bool has = false;

		err = hash_at(pair->a, i, &hash, &has);
		if (!err && has) {
			err = store_put(pair->store, STORE_IDENTITY,
				bytes_of(hash.bytes, sizeof(hash.bytes)), bytes_of(&i, sizeof(i)));
		}
		if (!err && i % 8192 == 0) {
			err = store_commit(pair->store);
		}
	}
	return err;
}

/* Records of B that A does not have; what both have leaves the store. */
static rg_err strike_b(struct pair *pair, uint64_t from)
{
	rg_err err = RG_OK;

	for (uint64_t i = from; !err && i < pair->report.size_b; i++) {
		struct merkle_hash hash;
		struct rg_bytes value;
		bool has = false;

		err = hash_at(pair->b, i, &hash, &has);
		if (err || !has) {
			continue;
		}
		struct rg_bytes key = bytes_of(hash.bytes, sizeof(hash.bytes));

		err = store_get(pair->store, STORE_IDENTITY, key, &value, &has);
		if (!err && has) {
			err = store_delete(pair->store, STORE_IDENTITY, key);
		} else if (!err && i < pair->report.size_a) {
			findings_add(&pair->report.findings, FINDING_ABSENT, i,
				"record %llu of B is not in A", (unsigned long long)i);
		}
		if (!err && i % 8192 == 0) {
			err = store_commit(pair->store);
		}
	}
	return err;
}

static bool tell_left(void *context, const struct store_row *row)
{
	struct pair *pair = context;
	uint64_t index = 0;

	if (row->value.len != sizeof(index)) {
		return true;
	}
	memcpy(&index, row->value.data, sizeof(index));
	if (index < pair->report.size_b) {
		findings_add(&pair->report.findings, FINDING_ABSENT, index,
			"record %llu of A is not in B", (unsigned long long)index);
	}
	return true;
}

static rg_err tell_split(struct pair *pair)
{
	uint64_t from = pair->report.n_common;
	rg_err err = store_open(NULL, &pair->store);

	findings_add(&pair->report.findings, FINDING_SPLIT, from,
		"record %llu is another in A than in B; both checkpoints are signed",
		(unsigned long long)from);
	if (!err) {
		err = keep_a(pair, from);
	}
	if (!err) {
		err = strike_b(pair, from);
	}
	return err ? err : store_walk(pair->store, STORE_IDENTITY, tell_left, pair);
}

/* --- The whole -------------------------------------------------------------------------------- */

static rg_err open_one(struct pair *pair, const char *name, const char *dir,
	struct published **ret_log)
{
	struct published_finding what;
	rg_err err = published_open(dir, NULL, ret_log, &what);

	if (!err && !*ret_log) {
		findings_add(&pair->report.findings, FINDING_CHECKPOINT, FINDING_NO_RECORD,
			"%s: %.100s: %.100s", name, what.file, what.what);
	}
	return err;
}

/* Two logs that are not one cannot be compared. */
static bool is_one_log(struct pair *pair)
{
	const struct note_verifier *a = published_verifier(pair->a);
	const struct note_verifier *b = published_verifier(pair->b);

	if (strcmp(a->name, b->name) != 0) {
		findings_add(&pair->report.findings, FINDING_ORIGIN, FINDING_NO_RECORD,
			"A is the log %.60s, B the log %.60s", a->name, b->name);
		return false;
	}
	if (memcmp(a->public_key, b->public_key, sizeof(a->public_key)) != 0) {
		findings_add(&pair->report.findings, FINDING_LOG_KEY, FINDING_NO_RECORD,
			"A and B are signed by two keys under one origin");
	}
	return true;
}

static rg_err compare(struct pair *pair)
{
	struct reconcile_report *report = &pair->report;
	bool has = true;

	report->size_a = published_checkpoint(pair->a)->size;
	report->size_b = published_checkpoint(pair->b)->size;
	(void)snprintf(report->origin, sizeof(report->origin), "%s",
		published_checkpoint(pair->a)->origin);
	uint64_t size = report->size_a < report->size_b ? report->size_a : report->size_b;
	rg_err err = is_one_log(pair) ? find_common(pair, size, &has) : RG_OK;

	if (err || !has || strcmp(report->origin, published_checkpoint(pair->b)->origin) != 0) {
		return err;
	}
	return report->n_common < size ? tell_split(pair) : RG_OK;
}

static void pair_deinitv(struct pair *pair)
{
	store_close(pair->store);
	published_close(pair->a);
	published_close(pair->b);
	findings_deinit(&pair->report.findings);
}

rg_err reconcile_logs(const char *a, const char *b, struct reconcile_report *ret_report)
{
	scoped(pair_deinitv) struct pair pair = {.a = NULL};
	rg_err err = open_one(&pair, "A", a, &pair.a);

	if (!err) {
		err = open_one(&pair, "B", b, &pair.b);
	}
	if (!err && pair.a && pair.b) {
		err = compare(&pair);
	}
	if (!err) {
		err = pair.report.findings.err;
	}
	if (err) {
		return err;
	}
	findings_sort(&pair.report.findings);
	*ret_report = pair.report;
	pair.report.findings = (struct findings){.items = NULL};
	return RG_OK;
}
