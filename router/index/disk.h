#ifndef INDEX_DISK_H
#define INDEX_DISK_H

/*
 * The durable rows: an LMDB environment in a folder of its own
 *
 * Beside the rows it records whose log they are of, how many records they cover, a
 * digest of those records, and the number and the sum of all rows. index_disk_probe()
 * walks all rows and compares; a damaged page can make LMDB crash or run in circles, so
 * it does that in a child process, with a limit.
 *
 * Threads: index_disk_write() on one thread, the others on the core thread, beside it.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"
#include "index/overlay.h"

#define INDEX_DISK_ORIGIN_MAX 255

/* What the environment says of itself. */
struct index_disk_state {
	char origin[INDEX_DISK_ORIGIN_MAX + 1];
	uint64_t size;         /* records covered */
	uint64_t first_digest; /* of record 0 */
	uint64_t digest;       /* of records 0 .. size-1 */
	uint64_t n_rows;
	uint64_t sum; /* of all rows */
};

struct index_disk;

/*
 * Looks at the environment from a child process. ret_why: NULL when it is good (an
 * absent one is: of size 0), else what is wrong, static. with_rows: all rows too.
 */
RG_MUST_USE rg_err index_disk_probe(const char *path, bool with_rows,
	struct index_disk_state *ret_state, const char **ret_why);
/* Deletes it. */
RG_MUST_USE rg_err index_disk_delete(const char *path);

/* Opens or creates; state of a new one is all zero. */
RG_MUST_USE rg_err index_disk_open(const char *path, struct index_disk **ret_disk,
	struct index_disk_state *ret_state);
void index_disk_close(struct index_disk *disk);
SCOPED_DEFINE(struct index_disk, index_disk_close);

/*
 * Writes an overlay and the state in one transaction: origin, size and digests are
 * taken from state, number and sum of the rows are brought up to date in it.
 * ret_is_full: the map must grow first (nothing was written); see index_disk_grow().
 */
RG_MUST_USE rg_err index_disk_write(struct index_disk *disk, const struct index_overlay *overlay,
	struct index_disk_state *state, bool *ret_is_full);
/*
 * Makes the map large enough for this many more rows, or twice as large as it is (0). No
 * index_disk_write() may be under way.
 */
RG_MUST_USE rg_err index_disk_grow(struct index_disk *disk, uint64_t n_rows);
/* Makes what was written since visible to the finders below. */
RG_MUST_USE rg_err index_disk_refresh(struct index_disk *disk);

RG_MUST_USE rg_err index_disk_find_identity(struct index_disk *disk, const struct index_key *key,
	uint8_t ret_value[INDEX_KEYS_VALUE_LEN], bool *ret_found);
/* Appends indexes below before, newest first, to rets as long as *n < limit. */
RG_MUST_USE rg_err index_disk_find(struct index_disk *disk, const struct index_key *key,
	const struct index_query *query, uint64_t *rets, size_t *n);
RG_MUST_USE rg_err index_disk_find_minute(struct index_disk *disk, uint64_t minute,
	uint64_t *ret_index, bool *ret_found);
RG_MUST_USE rg_err index_disk_dump(struct index_disk *disk, struct buf *out);

/* One row as index_dump() prints it. */
void index_disk_print_row(const char *table, struct rg_bytes key, struct rg_bytes value,
	struct buf *out);

#endif
