#ifndef HOST_LEDGER_H
#define HOST_LEDGER_H

/*
 * The ledger of an adapter: what it intends and what it has done
 *
 * An append-only file of frames; a frame counts when ledger_commit() has returned.
 * After a crash ledger_open() gives every whole frame back, in order. A torn end (a
 * crash within a commit) is moved to <path>.torn; damage before a whole frame stops the
 * start, because what it said cannot be guessed.
 *
 *     frame: uint32 magic | uint32 len | uint32 CRC-32C(len ‖ content) | content
 *
 * Integers big-endian. Threads: one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"

/* Bytes of one frame's content at most: the largest envelopes of one document. */
#define LEDGER_FRAME_MAX ((size_t)256 << 20)

struct ledger;

/* Gets each frame; a fault stops the opening and is returned. */
struct ledger_reader {
	rg_err (*frame)(void *context, struct rg_bytes content);
	void *context;
};

/* RG_E_FORMAT: damaged; the log names file and offset. */
RG_MUST_USE rg_err ledger_open(const char *path, const struct ledger_reader *reader,
	struct ledger **ret_ledger);
void ledger_close(struct ledger *ledger);
SCOPED_DEFINE(struct ledger, ledger_close);

/* Adds a frame to the next commit. */
RG_MUST_USE rg_err ledger_add(struct ledger *ledger, struct rg_bytes content);
/*
 * Writes and syncs what was added. On a fault nothing of it counts and all of it is
 * dropped. RG_E_IO: no space, may be tried again with the frames added again; unless
 * ledger_is_broken(), then the process must end.
 */
RG_MUST_USE rg_err ledger_commit(struct ledger *ledger);
bool ledger_is_broken(const struct ledger *ledger);
uint64_t ledger_size(const struct ledger *ledger);

/*
 * Replaces the whole content by the frames that `write` adds with ledger_add() to the
 * ledger it is given. Atomic: after a crash the old or the new content is there.
 */
RG_MUST_USE rg_err ledger_rewrite(struct ledger *ledger,
	rg_err (*write)(void *context, struct ledger *ledger), void *context);

#endif
