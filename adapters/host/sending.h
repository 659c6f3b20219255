#ifndef HOST_SENDING_H
#define HOST_SENDING_H

/*
 * From a file in out/ to its receipts
 *
 *     1 read, translate     one file; what cannot be translated goes to failed/
 *     2 seal                one message for each route that fits; the ledger gets their
 *                           envelopes, the withheld originals go to state/withheld/
 *     3 submit, wait        the file stays in out/: there is no receipt yet
 *     4 receipt             to state/receipts/<id>.{rge,tlog-proof}
 *     5 finish              the file moves to done/; if a message of it was refused, to
 *                           failed/ with the findings
 *
 * A crash at any step repeats it with the same bytes: from 2 on, what is sent is what the
 * ledger holds, and the router answers a repetition with the same record.
 *
 * Threads: one.
 */

#include <stdbool.h>

#include <rivergate/client.h>
#include <rivergate/error.h>

#include "host/adapter.h"

/* Takes up new files and submits. *ret_is_settled: nothing in out/ needs another look soon. */
RG_MUST_USE rg_err sending_round(struct adapter *adapter, bool *ret_is_settled);
/* An event of one of our own messages, to be stored before the next event. */
RG_MUST_USE rg_err sending_receipt(struct adapter *adapter, const struct rg_event *event);
RG_MUST_USE rg_err sending_refusal(struct adapter *adapter, const struct rg_event *event);
/* Files whose messages all have their end go where they belong. */
RG_MUST_USE rg_err sending_finish(struct adapter *adapter);

#endif
