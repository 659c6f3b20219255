#ifndef AUDIT_PROVE_H
#define AUDIT_PROVE_H

/*
 * Evidence out of a log directory
 *
 * Goes through the log once, from its first record: applies governance as the router did,
 * takes what was asked for, whatever refers to it (acknowledgements, decisions, amendments
 * and what refers to those), follows the deliveries of these, and adds the registries,
 * directories and revocation lists that were in force. What is made has passed
 * evidence_judge().
 *
 * Memory: the records taken (EVIDENCE_RECORDS_MAX at most) with their parts.
 * Time: linear in the log.
 */

#include <stdbool.h>

#include "audit/evidence.h"

struct prove_question {
	const char *dir;        /* the router's data_dir, or an archive of that shape; not a view */
	const char *key;        /* a UCR, or a message id: 32 hex digits, or a UUID */
	bool withholds_parts;   /* leave the parts of all but governance out */
	bool takes_unwitnessed; /* a checkpoint without a quorum of cosignatures will do */
	/* PEM: a time-stamp must be of one of these authorities; empty: of any. */
	struct rg_bytes tsa_ca;
	/* Told how far it has come; NULL: not told. */
	void (*progress)(void *context, uint64_t done, uint64_t size);
	void *context;
};

enum prove_result {
	PROVE_MADE,
	PROVE_NOT_FOUND,   /* nothing in the log has this key */
	PROVE_UNWITNESSED, /* no quorum of witnesses has cosigned the log's checkpoint */
	PROVE_REFUSED,     /* the log does not bear it out, see the answer */
};

/* evidence has been initialised. */
RG_MUST_USE rg_err prove(const struct prove_question *question, struct evidence *evidence,
	enum prove_result *ret_result, struct bundle_answer *ret_answer);

#endif
