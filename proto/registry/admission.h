#ifndef REGISTRY_ADMISSION_H
#define REGISTRY_ADMISSION_H

/*
 * Admission: what trust and time say about a message, and where it goes
 *
 * Pure functions of header, key, trust and time. The router asks them before it makes a
 * record, at every replay, and an auditor asks them again about the record: all three get
 * the same answer. The checks, in this order:
 *
 *     certificate of the key, revocation, age of the CRL     CERTIFICATE, REVOKED
 *     key, sender and session belong to one party            SENDER
 *     every recipient is reached                             ROUTE
 *     a channel rule lets it pass, to each recipient         CHANNEL
 *     sent_at_us not ahead, not expired, not for ever        TIME
 *
 * Threads: any, on an immutable trust.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "registry/trust.h"

#define ADMISSION_RECIPIENTS_MAX 16

/* Parties that a message goes to, each once, in the order of header.to. Borrowed from the trust. */
struct admission_route {
	struct admission_recipient {
		const struct trust_party *party;
		uint64_t parts; /* bit i: part i may go along */
	} recipients[ADMISSION_RECIPIENTS_MAX];
	size_t n_recipients;
	Rivergate__V1__Verdict verdict; /* ADMITTED, or ROUTE or CHANNEL … */
	size_t refused;                 /* … because of header.to[refused] */
};

/* The route of a header under a trust at a time. Folds ask the same, and get the same. */
struct admission_route admission_route_of(const struct trust *trust,
	const Rivergate__V1__Header *header, int64_t time_us);
/* When deliveries of it expire. */
int64_t admission_expiry_of(const struct trust *trust, const Rivergate__V1__Header *header,
	int64_t time_us);

struct admission_question {
	const struct trust *trust;
	const Rivergate__V1__Header *header;
	const char *key_id; /* of its signature, which has been verified */
	const char *party;  /* of the session it came by; NULL: not known, not asked */
	int64_t time_us;    /* of the record */
};

struct admission_answer {
	Rivergate__V1__Verdict verdict; /* ADMITTED, or the first refusal … */
	const char *rule;               /* … why: static … */
	char field[32];                 /* … and where */
	bool is_crl_stale;              /* marks of the record */
	bool is_late;
	struct admission_route route; /* as far as it came; whole when admitted */
};

/* Judges; the first refusal ends it. */
void admission_judge(const struct admission_question *question,
	struct admission_answer *ret_answer);

#endif
