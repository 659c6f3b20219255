#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

/*
 * The journal: the totally ordered, append-only truth
 *
 * A folder of segments `<first index, 20 digits>.seg`, each a row of frames
 * (evidence/segment.h). One writer; a lock on the folder keeps a second router out.
 * What journal_append() reports as written is on the disk.
 *
 * Recovery, at journal_open(): every frame of every segment is read and checked. The
 * high-water mark is the largest of the size passed in (checkpoint, index, tiles) and
 * every durable_size found in a frame. Damage below it, or in a segment that is not
 * the last, a gap, or a missing segment: RG_E_FORMAT after one line
 *
 *     error journal damaged record=N segment=… offset=… what=…
 *
 * Damage above it is a torn tail, of records that nobody was told of: the whole prefix
 * is copied to a fresh segment and synced, the old one moves to `torn/`. Nothing is
 * ever deleted.
 *
 * Room: the open segment is preallocated at least reserve_bytes ahead of its end.
 * Submissions stop when that cannot be kept up; settlements, TICK and governance may
 * use the reserve.
 *
 * Threads: journal_append() and journal_has_room() belong to one thread at a time (the
 * journal thread, see writer.h). Readers (below) may be used by others beside it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/scoped.h"

#define JOURNAL_SEGMENT_BYTES (UINT64_C(256) << 20)
#define JOURNAL_STEP_BYTES    (UINT64_C(16) << 20)
#define JOURNAL_RESERVE_BYTES (UINT64_C(64) << 20)
#define JOURNAL_PARTS_MAX     64

struct journal;

struct journal_options {
	const char *dir;        /* folder of the segments; created when missing */
	uint64_t segment_bytes; /* a longer segment is closed; 0: JOURNAL_SEGMENT_BYTES */
	uint64_t step_bytes;    /* preallocated at a time; 0: JOURNAL_STEP_BYTES */
	uint64_t reserve_bytes; /* kept for what may use it; 0: JOURNAL_RESERVE_BYTES */
	uint64_t high_water;    /* records durable according to what stands outside */
};

/* One record as stored. */
struct journal_record {
	uint64_t index;
	struct rg_bytes leaf;
	struct rg_bytes parts; /* the parts section of the frame; see journal_record_parts() */
};

/* One record to be appended. All borrowed for the call. */
struct journal_entry {
	struct rg_bytes leaf;         /* 1 to 65,535 bytes */
	const struct rg_bytes *parts; /* salt ‖ bytes each, or empty: withheld */
	size_t n_parts;               /* at most JOURNAL_PARTS_MAX */
	bool may_use_reserve;         /* settlements, TICK, governance: not a submission */
};

enum journal_answer {
	JOURNAL_WRITTEN,
	JOURNAL_NO_ROOM, /* a submission, and only the reserve is left: nothing was written */
	JOURNAL_REFUSED, /* the write failed and was taken back: nothing was written */
};

/* RG_E_FORMAT: damaged (logged, see above). RG_E_CONFIG: another process holds the folder. */
RG_MUST_USE rg_err journal_open(const struct journal_options *options,
	struct journal **ret_journal);
void journal_close(struct journal *journal);
SCOPED_DEFINE(struct journal, journal_close);

/* Records durable now = index of the next one. Any thread. */
uint64_t journal_size(const struct journal *journal);
/* Index of the first record of the open segment: those before it are closed. Any thread. */
uint64_t journal_open_segment(const struct journal *journal);

/*
 * Appends n records as one batch, in order, with one sync. All or nothing: ret_answer
 * tells. A fault (RG_E_IO: the sync failed, or a failed write could not be taken back)
 * means that nobody knows what the disk holds: the process must end, never retry.
 */
RG_MUST_USE rg_err journal_append(struct journal *journal, const struct journal_entry *entries,
	size_t n_entries, enum journal_answer *ret_answer);
/* Whether submissions may be appended; tries to preallocate when they could not. */
bool journal_has_room(struct journal *journal);

/*
 * Calls visit for each durable record from `first` on, in order; views live for the call. A
 * fault of visit ends it and is returned.
 */
struct journal_visitor {
	rg_err (*visit)(void *context, const struct journal_record *record);
	void *context;
};
RG_MUST_USE rg_err journal_replay(struct journal *journal, uint64_t first,
	const struct journal_visitor *visitor);

/* The same for first .. end - 1. RG_E_OVERFLOW: they are not all there yet. Any thread. */
RG_MUST_USE rg_err journal_replay_range(struct journal *journal, uint64_t first, uint64_t end,
	const struct journal_visitor *visitor);

/*
 * Reads single records, both sums checked. A reader belongs to one thread; the journal
 * must outlive it. RG_E_OVERFLOW: no such record yet. RG_E_FORMAT: damaged since the
 * start (logged). ret_record lives until the next read.
 */
struct journal_reader;
RG_MUST_USE rg_err journal_reader_open(struct journal *journal, struct journal_reader **ret_reader);
void journal_reader_close(struct journal_reader *reader);
SCOPED_DEFINE(struct journal_reader, journal_reader_close);
RG_MUST_USE rg_err journal_read(struct journal_reader *reader, uint64_t index,
	struct journal_record *ret_record);

/*
 * Splits a parts section: views of salt ‖ bytes, empty where withheld or pruned.
 * False: it is not a row of at most JOURNAL_PARTS_MAX parts.
 */
bool journal_record_parts(struct rg_bytes section, struct rg_bytes ret_parts[JOURNAL_PARTS_MAX],
	size_t *ret_n_parts);

#endif
