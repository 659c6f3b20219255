#ifndef HOST_HANDOVER_H
#define HOST_HANDOVER_H

/*
 * Hand-over: every stored delivery reaches the national system once, in order
 *
 *     1 stage      the files of a round are written to tmp/ and synced
 *     2 intent     the ledger says which names are about to appear in in/; synced
 *     3 put        the connector hands them over, one after the other: one rename, or one
 *                  POST that may take its time
 *     4 done       the ledger gets the acknowledgement and, in the same frame, that the
 *                  delivery is done; synced
 *     5 finish     the stored envelope moves to received/
 *
 * A crash before 2: nothing was visible; the round is made again. Between 2 and 4: what
 * is not in tmp/ any more was put. It is found in in/ or done/, and 4 follows; or it is
 * found nowhere, which no step of ours explains: set aside as POSSIBLY_HANDED_OVER. If
 * the whole system went down between 2 and 4, a name in tmp/ does not prove that the
 * national system never saw it in in/ (the rename may have been visible, but not yet on
 * the disk): set aside likewise. After 4: only 5 is left.
 *
 * With the connector http, 3 begins with a line of the ledger where the national system does
 * not honour Idempotency-Key: a restart sets aside what was on its way. What comes behind a
 * file that waits for an answer waits too.
 *
 * Threads: one.
 */

#include <stdbool.h>

#include <rivergate/error.h>

#include "host/adapter.h"

/* Times that a plug-in may crash on one delivery before it is set aside. */
#define HANDOVER_CRASHES_MAX 3

/* Removes what a crash left in tmp/. Before the connector opens, which may write there. */
RG_MUST_USE rg_err handover_clean(struct adapter *adapter);
/* Finishes what a crash interrupted. Before the first round. */
RG_MUST_USE rg_err handover_recover(struct adapter *adapter);

/*
 * One round over the oldest deliveries. *ret_goes_on: there are more, or a crashed
 * plug-in is to be tried again; false also while the national system has not answered.
 * RG_E_IO: no space or no folder; nothing is lost, try again later (unless
 * ledger_is_broken()).
 */
RG_MUST_USE rg_err handover_round(struct adapter *adapter, bool *ret_goes_on);

#endif
