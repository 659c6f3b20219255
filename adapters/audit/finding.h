#ifndef AUDIT_FINDING_H
#define AUDIT_FINDING_H

/*
 * What an auditor finds: record, rule, what is wrong and what it means
 *
 * A finding is a correct answer about somebody's log, never a fault of ours. The rules
 * are rows of one table (finding.c): a stable word for programs and a sentence that says
 * what it means when the rule does not hold. Texts are built from what others wrote;
 * whoever shows them escapes them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/scoped.h"

/* Findings kept with their texts; what comes after is counted. */
#define FINDING_KEPT_MAX 10000

/* --- Rules ----------------------------------------------------------------------------------- */

enum finding_rule {
	/* the log as a whole */
	FINDING_CHECKPOINT, /* the checkpoint is missing, malformed or not signed by the log */
	FINDING_COSIGNATURE,
	FINDING_LOG_KEY, /* log.vkey is not the key that the registry names */
	FINDING_ORIGIN,
	FINDING_PIN,
	FINDING_HEAD, /* the records do not lead to the checkpoint's root */
	FINDING_TILE,
	FINDING_HISTORY, /* an earlier checkpoint does not fit */
	FINDING_TRUNCATED,
	FINDING_RECEIPT,
	/* one record's bytes */
	FINDING_ENTRY, /* the entry is not what its hash tile says */
	FINDING_MISSING,
	FINDING_JOURNAL, /* the journal holds another leaf, or is damaged */
	FINDING_LEAF,
	FINDING_HEADER,
	FINDING_CONTENT,
	/* what the record claims */
	FINDING_SIGNATURE,
	FINDING_CERTIFICATE,
	FINDING_REVOKED,
	FINDING_SENDER,
	FINDING_ROUTE,
	FINDING_CHANNEL,
	FINDING_TIME,
	FINDING_TIME_ORDER,
	FINDING_TIME_AHEAD, /* above the earliest cosignature or time-stamp that covers it */
	FINDING_META,
	FINDING_MARK,
	FINDING_IDENTITY,
	FINDING_GOVERNANCE,
	FINDING_DELIVERY, /* settles or sets aside what was not open */
	FINDING_DERIVED,
	/* beside another log, or a party's own books */
	FINDING_SPLIT,
	FINDING_ABSENT,
	FINDING_COUNTER,
	FINDING_UNDELIVERED,
	/* Runs that remember keep rules by their number: new ones come here. */
	FINDING_TIMESTAMP,   /* a time-stamp that lies with the log does not hold */
	FINDING_UNWITNESSED, /* of a log that another one continues */
	FINDING_RULES
};

/* CHECKPOINT, COSIGNATURE …: stable. */
const char *finding_word(enum finding_rule rule);
/* One English sentence: what it means when the rule does not hold. */
const char *finding_meaning(enum finding_rule rule);
/* Reads a word back; false: there is no such rule. */
bool finding_rule_of(const char *word, enum finding_rule *ret_rule);

/* --- Findings -------------------------------------------------------------------------------- */

#define FINDING_NO_RECORD UINT64_MAX

struct finding {
	enum finding_rule rule;
	uint64_t first; /* record, or the first of several; FINDING_NO_RECORD: the log itself */
	uint64_t last;  /* the same, or the last of several */
	char text[240]; /* what is wrong, in one sentence */
};

/* A list. Initialise with {0}. Threads: one at a time. */
struct findings {
	struct finding *items;
	size_t n_items; /* kept */
	size_t n_room;
	uint64_t n_all; /* found, kept or not */
	rg_err err;     /* sticky: no memory */
};

void findings_deinit(struct findings *findings);
SCOPED_DEFINE_VALUE(struct findings, findings_deinit);

/* Adds one about a record, or about the log (FINDING_NO_RECORD). Sticky failure, see err. */
__attribute__((format(printf, 4, 5))) void findings_add(struct findings *findings,
	enum finding_rule rule, uint64_t record, const char *format, ...);
void findings_put(struct findings *findings, const struct finding *finding);
/* Moves all of from to the end of findings; from is empty afterwards. */
void findings_move(struct findings *findings, struct findings *from);
/* By record, those about the log itself first; then by rule. */
void findings_sort(struct findings *findings);

#endif
