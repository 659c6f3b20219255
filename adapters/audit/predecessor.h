#ifndef AUDIT_PREDECESSOR_H
#define AUDIT_PREDECESSOR_H

/*
 * Whether a log that goes on where another ended has the records of that one
 *
 * `rivergated restore` begins a new log with the records of an old one: record 0 is new and
 * carries the old log's last checkpoint, every other record stays as it was, and the folder
 * of the log keeps
 *
 *     predecessor/record-0               the leaf that was record 0 of the old log
 *     predecessor/predecessor/record-0   that of the log before it, and so on
 *
 * For each of these logs:
 *
 *     signed    by the log key that the registry in force in its own last records, or else
 *               the next one that names its origin, gives to this origin      LOG_KEY
 *     seen      by a quorum of the witnesses of that registry, if it has any: this head, or
 *               the one in predecessor/checkpoint.witnessed                    UNWITNESSED
 *     kept      the first `size` leaves, with the old record 0 in place of the new one,
 *               lead to the root in its checkpoint                            HISTORY
 *
 * So an operator who restores another history needs the old log's key and a quorum, but for the
 * last records, which nobody had seen yet.
 *
 * Threads: any; the log and the findings belong to one.
 */

#include "audit/finding.h"
#include "audit/law.h"
#include "evidence/published.h"

struct predecessor_question {
	const char *dir; /* of the log */
	struct published *log;
	const struct law *law; /* after its last record */
};

/*
 * Adds what is wrong; nothing for a log that continues none. What a view does not hold is not
 * judged. A fault is ours: a file cannot be read, no memory.
 */
RG_MUST_USE rg_err predecessor_judge(const struct predecessor_question *question,
	struct findings *findings);

#endif
