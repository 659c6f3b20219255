#ifndef EVIDENCE_PUBLISHED_H
#define EVIDENCE_PUBLISHED_H

/*
 * Reading a published log: a router's data_dir, an archive, or a party's view
 *
 *     checkpoint       C2SP note, with cosignature lines where there are witnesses
 *     checkpoint.witnessed   the newest of them that a quorum cosigned, if there is one
 *     log.vkey         the log's verifier key, one line
 *     view             only in a view: the address of the party that it was made for, one line
 *     tile/…           hash tiles (tile.h); all of them, in a view too
 *     tile/entries/…   every leaf; not in a view
 *     leaf/<index>     in a view: the party's own leaves, one file each; others are absent
 *
 * The log is read at the size of its checkpoint; what a router adds meanwhile is not seen,
 * and a partial tile that has been replaced by the full one is read from that.
 *
 * Nothing here is believed. published_tile(), published_source() and published_entry()
 * give only what leads to the root in the checkpoint: the partial tiles together give the
 * root, a full tile gives the hash that the tile above holds for it, an entry gives its hash
 * in its tile. published_peek() and published_bundle() give what the files say, for whoever
 * wants to name what is wrong.
 *
 * What is wrong with the files is an answer (struct published_finding), not a fault; a fault is
 * our own: no memory, or a file that is there and cannot be read (RG_E_IO, logged).
 *
 * Memory: about 500 KiB, and one entry bundle (at most 16 MiB, commonly 400 KiB).
 * Threads: a reader belongs to one; open one for each.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/scoped.h"
#include "evidence/note.h"
#include "evidence/proof.h"
#include "evidence/tile.h"

struct published;

enum published_state {
	PUBLISHED_GOOD,
	PUBLISHED_ABSENT,  /* a leaf of others in a view: as it should be */
	PUBLISHED_MISSING, /* a file that should be there is not */
	PUBLISHED_DAMAGED, /* a file is not what it should be */
};

struct published_finding {
	enum published_state state;
	char file[TILE_NAME_MAX]; /* relative to the folder; "" when GOOD */
	const char *what;         /* static, lower case; "" when GOOD */
};

/*
 * Opens the folder and reads its checkpoint, which the log's key must have signed. log: the
 * verifier that the caller trusts, NULL: take log.vkey. ret_log is NULL unless the finding is GOOD.
 */
RG_MUST_USE rg_err published_open(const char *dir, const struct note_verifier *log,
	struct published **ret_log, struct published_finding *ret_finding);
void published_close(struct published *log);
SCOPED_DEFINE(struct published, published_close);

/* All borrowed, for the life of the reader. */
const struct note_checkpoint *published_checkpoint(const struct published *log);
struct rg_bytes published_note(const struct published *log); /* verbatim */
const struct note_verifier *published_verifier(const struct published *log);
/*
 * The newest head that a quorum of witnesses cosigned, if it is older than the checkpoint, as
 * that is after a stop: the note is appended to out. ret_has false: no such file, or not one
 * that the log's key signed for a smaller size. Whether it is a prefix of this log is what a
 * proof to its root shows.
 */
RG_MUST_USE rg_err published_witnessed(const struct published *log, struct buf *out,
	struct note_checkpoint *ret_checkpoint, bool *ret_has);
/* The party of a view; NULL: the whole log. */
const char *published_party(const struct published *log);

/* --- What leads to the root ------------------------------------------------------------------ */

/*
 * A tile, as wide as the checkpoint's size makes it. ret_tile is set when GOOD and lives until the
 * next call. Needs a tile that a log of this size has (tile_width() is not 0).
 */
RG_MUST_USE rg_err published_tile(struct published *log, unsigned level, uint64_t number,
	const struct tile **ret_tile, struct published_finding *ret_finding);
/*
 * For proofs at any size up to the checkpoint's. A tile that is not GOOD ends the proof
 * with RG_E_FORMAT; published_last() then says which and why.
 */
struct proof_source published_source(struct published *log);
/* The last finding that was not GOOD; GOOD: there was none. */
const struct published_finding *published_last(const struct published *log);
/*
 * The leaf of a record (index below the checkpoint's size). ret_leaf is set when GOOD and
 * lives until the next call. The file of the finding is the bundle's, the tile's or the leaf's.
 */
RG_MUST_USE rg_err published_entry(struct published *log, uint64_t index, struct rg_bytes *ret_leaf,
	struct published_finding *ret_finding);

/* --- What the files say ---------------------------------------------------------------------- */

/* The hashes of a tile as its file has them; GOOD means only that it is there and has the right
   length. */
RG_MUST_USE rg_err published_peek(struct published *log, unsigned level, uint64_t number,
	struct tile_hashes *ret_hashes, struct published_finding *ret_finding);

/* Views of the entries of tile (0, number), as many as the tile has hashes. */
struct published_bundle {
	uint64_t first; /* index of entries[0] */
	unsigned n_entries;
	struct rg_bytes entries[TILE_WIDTH];
};

/*
 * A bundle as its file has it; GOOD means only that its lengths add up, and that it has the
 * right number of entries. ABSENT in a view. ret_bundle views memory of the reader, until
 * the next call.
 */
RG_MUST_USE rg_err published_bundle(struct published *log, uint64_t number,
	struct published_bundle *ret_bundle, struct published_finding *ret_finding);

#endif
