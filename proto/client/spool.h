#ifndef CLIENT_SPOOL_H
#define CLIENT_SPOOL_H

/*
 * The spool: submissions that survive a crash and a day without line
 *
 *     STATE/spool/<time, 20 digits>-<id>.rge     signed, waiting; names sort in order
 *     STATE/sent/<…>.rge and <…>.tlog-proof      receipted
 *     STATE/refused/<…>.rge and <…>.json         refused for good, and why
 *     STATE/spool/lock                           held while a process uses the spool
 *
 * What a function here reports as done is on the disk. A crash between two steps
 * leaves the envelope in spool/; sending it again brings the same receipt. The spool
 * also is the queue of what lies on the disk and not yet in memory, so its length is
 * bounded by the disk alone.
 * Threads: one owner.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"

struct spool;

/* Creates folders; takes the lock. RG_E_CONFIG: another process has it; said in the log. */
RG_MUST_USE rg_err spool_open(const char *state_path, struct spool **ret_spool);
void spool_close(struct spool *spool);
SCOPED_DEFINE(struct spool, spool_close);

/* Stores an envelope as the newest. Its stem is freed with free(). */
RG_MUST_USE rg_err spool_add(struct spool *spool, const uint8_t id[16], struct rg_bytes envelope,
	char **ret_stem);
/* Puts a stored stem at the end of what spool_take() gives; takes *stem. */
RG_MUST_USE rg_err spool_queue(struct spool *spool, char **stem);
/* How many are on the disk and were not taken. */
size_t spool_waiting(const struct spool *spool);
/* Reads the oldest that waits into out; *ret_stem (free()) NULL: none waits. */
RG_MUST_USE rg_err spool_take(struct spool *spool, struct buf *out, char **ret_stem);

/*
 * The receipt is stored, then the envelope moves to sent/. envelope empty: as it was
 * spooled; else what is stored instead (the log holds an earlier signature).
 */
RG_MUST_USE rg_err spool_receipted(struct spool *spool, const char *stem, struct rg_bytes proof,
	struct rg_bytes envelope);
/* Envelope and reason (a JSON text) move to refused/. */
RG_MUST_USE rg_err spool_refused(struct spool *spool, const char *stem, struct rg_bytes reason);

#endif
