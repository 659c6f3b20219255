#ifndef AUDIT_ACT_H
#define AUDIT_ACT_H

/*
 * What an ADMIN record says of its own log, beside that log
 *
 *     KEY_USE   the log key in use is the one that signs the checkpoints       LOG_KEY
 *     record=N  the act is about a governance record of that kind, which the
 *               router itself brought                                          LEAF
 *
 * Acts that tell of the world outside (START, PRUNE, BACKUP …) cannot be judged from a log.
 *
 * Threads: one; the law and the store are asked, not changed.
 */

#include <stdint.h>

#include <rivergate/bytes.h>

#include "audit/finding.h"
#include "audit/law.h"
#include "audit/store.h"

struct act_question {
	uint64_t index;
	struct rg_bytes leaf;   /* of any type: what is no ADMIN is passed over */
	const uint8_t *log_key; /* 32 bytes, of log.vkey */
	const struct law *law;  /* after the records before it */
	struct store *store;    /* with what law_take() kept of them */
};

/* Adds what is wrong to findings. One that is not canonical is left to examine(). */
RG_MUST_USE rg_err act_judge(const struct act_question *question, struct findings *findings);

#endif
