#ifndef INDEX_INDEX_H
#define INDEX_INDEX_H

/*
 * The index: where in the journal a message stands
 *
 *     identity  (from, id)            → record index, SHA-256 of the header
 *     search    UCR | plate, trailer, container, seal | party → record indexes
 *     time      minute                → first record index of it
 *
 * LMDB in a folder, one transaction per 64k records or 10 s, on a thread of its own;
 * what is newer lies in memory. Which of the two holds a row never shows: answers are a
 * function of the records applied.
 *
 * It is a copy of what the journal says. When it does not open, or its rows do not give
 * the sum it recorded, or it belongs to another log, it is deleted and rebuilt by the
 * replay that every start does anyway (`warning index rebuilt why=…`).
 *
 * Keys are normalised: letters upper case, spaces and hyphens dropped for movement
 * keys; a key longer than 64 bytes is replaced by its SHA-256.
 *
 * Threads: owned by the core thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"
#include "fold.h"

#define INDEX_HASH_LEN 32

struct index;

struct index_options {
	const char *path;       /* folder, created when missing; NULL: in memory (simulator) */
	const char *origin;     /* log origin: an index of another log is rebuilt */
	uint64_t flush_records; /* 0: 65,536 */
	int64_t flush_us;       /* 0: 10 s */
};

enum index_kind {
	INDEX_UCR = 1,
	INDEX_MOVEMENT = 2, /* plate, trailer, container or seal */
	INDEX_PARTY = 3,    /* sender or resolved recipient, an address */
};

/* What is known of a message identity. */
struct index_identity {
	uint64_t index;
	uint8_t header_hash[INDEX_HASH_LEN];
};

RG_MUST_USE rg_err index_open(const struct index_options *options, struct index **ret_index);
/* Flushes what is newer, then closes. */
void index_close(struct index *index);
SCOPED_DEFINE(struct index, index_close);

/*
 * Records that the index below path says were durable, if it is this origin's and readable;
 * else 0. For the high-water mark.
 */
RG_MUST_USE rg_err index_stored_size(const char *path, const char *origin, uint64_t *ret_size);

/*
 * Applies one durable record, in order from index 0; at a start, records it holds
 * already are only compared. parties: addresses of the resolved recipients (the sender
 * is added from the header), may repeat. RG_E_STORE: the index contradicts the journal;
 * it has been deleted, the next start rebuilds it.
 */
RG_MUST_USE rg_err index_apply(struct index *index, const struct fold_record *record,
	const char *const *parties, size_t n_parties);

/* ret_found is the answer; ret_identity is written only when found. id has 16 bytes. */
RG_MUST_USE rg_err index_find_identity(struct index *index, const char *from, const uint8_t id[16],
	struct index_identity *ret_identity, bool *ret_found);
/*
 * Record indexes below `before` (0: all), newest first, at most limit; each once.
 * rets has room for limit.
 */
struct index_query {
	enum index_kind kind;
	struct rg_bytes key;
	uint64_t before;
	size_t limit;
};
RG_MUST_USE rg_err index_find(struct index *index, const struct index_query *query, uint64_t *rets,
	size_t *ret_n);
/*
 * First record of the minute that time_us lies in, or of the first later minute with a record;
 * ret_found false: none.
 */
RG_MUST_USE rg_err index_find_time(struct index *index, int64_t time_us, uint64_t *ret_index,
	bool *ret_found);

/* Records applied, and of these how many are durable in the index itself. */
uint64_t index_size(const struct index *index);
uint64_t index_durable_size(const struct index *index);
/*
 * Starts a flush when one is due and takes note of one that ended; to be called now and then
 * (each commit, each tick).
 */
RG_MUST_USE rg_err index_flush_due(struct index *index, int64_t now_us);
/* Flushes everything and waits for it. */
RG_MUST_USE rg_err index_flush(struct index *index);
/* All rows in key order as text, one a line: to compare two indexes. Flushes first. */
RG_MUST_USE rg_err index_dump(struct index *index, struct buf *out);

#endif
