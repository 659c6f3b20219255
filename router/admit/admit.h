#ifndef ADMIT_ADMIT_H
#define ADMIT_ADMIT_H

/*
 * Admission: may this candidate become the next record
 *
 * A pure function of the message, the trust in force at the record (changes that are
 * pending count), the time of the record and what is known of its identity. The checks
 * are rows of one table (admit.c), in this order:
 *
 *     what trust and time say (registry/admission.h)         CERTIFICATE … TIME
 *     identity is new                                        CONFLICT
 *     the sender has not too much undelivered                QUOTA (retryable)
 *
 * Repeating what is admitted already is no candidate for a new record: it is answered
 * with the old one, before all checks, as the answer was given then.
 *
 * Threads: the core's.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "message.h"
#include "registry/trust.h"

struct admit_question {
	const struct trust *trust;
	int64_t now_us;
	uint64_t n_undelivered;    /* deliveries of the sender that are not over */
	const uint8_t *known_hash; /* of the message that has this identity already; NULL: none */
};

struct admit_answer {
	bool is_repeated;  /* the same message again */
	bool is_crl_stale; /* marks of the record */
	bool is_late;
};

/* Decides; a refusal is marked on the message. */
void admit_decide(struct message *message, const struct admit_question *question,
	struct admit_answer *ret_answer);

/*
 * The trust that a governance message leads to, as of record `index`; *ret_trust is NULL,
 * and the message refused with GOVERNANCE, when it contradicts what is in force. trust
 * may be NULL for the genesis registry, whose hash must then be pin. part: salt ‖ bytes.
 */
struct admit_governance {
	const struct trust *trust;
	const uint8_t *pin;
	uint64_t index;
};
RG_MUST_USE rg_err admit_govern(struct message *message, const struct admit_governance *in,
	struct rg_bytes part, struct trust **ret_trust);

#endif
