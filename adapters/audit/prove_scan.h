#ifndef AUDIT_PROVE_SCAN_H
#define AUDIT_PROVE_SCAN_H

/*
 * The pass over a log that chooses what a bundle holds; used by prove.c only
 */

#include "audit/prove.h"
#include "audit/segments.h"
#include "evidence/published.h"
#include "registry/address.h"

struct prove_choice {
	uint64_t index;
	enum evidence_role role;
	/* Of a message or related one, as references name it: */
	struct merkle_hash header_hash;
	uint8_t id[16];
	char from[ADDRESS_MAX + 1];
};

/* A governance record, which later ones may need; and what it needs itself. */
struct prove_governing {
	uint64_t index;
	struct evidence_needs needs;
};

enum prove_state {
	PROVE_WAITS,
	PROVE_ENDED, /* settled or set aside */
	PROVE_EXPIRED,
};

/* A delivery of a chosen message, followed through the records after it. */
struct prove_watch {
	uint64_t index;
	uint32_t ordinal;
	char to[ADDRESS_MAX + 1];
	int64_t expires_us;
	enum prove_state state;
	struct buf expiry; /* header of the message that tells of it */
};

/* Initialise with {0}. */
struct prove_scan {
	const struct prove_question *question;
	struct bundle_answer *answer;
	struct published *log;
	struct segments *journal;
	struct arena *arena; /* of the record at hand */
	struct trust *trust; /* after the records seen */
	uint8_t pin[32];
	struct derived_lineage lineage;
	char router[ADDRESS_MAX + 1];
	uint8_t id[16]; /* what the key says if it is an id */
	bool is_id;
	bool is_found;

	struct prove_choice *choices; /* ascending when the scan has ended */
	size_t n_choices;
	struct prove_governing *governing; /* ascending */
	size_t n_governing;
	struct prove_watch *watches; /* ascending */
	size_t n_watches;
	int64_t next_expiry_us; /* of those that wait; INT64_MAX: none */
};

void prove_scan_deinit(struct prove_scan *scan);
SCOPED_DEFINE_VALUE(struct prove_scan, prove_scan_deinit);

/* The journal beside a log, or none; close it with segments_close(). */
RG_MUST_USE rg_err prove_scan_journal(const char *dir, struct segments **ret_journal);
/* The parts of the record with this leaf, until the next call; empty: not here. Ascending. */
RG_MUST_USE rg_err prove_scan_parts(struct segments *journal, uint64_t index, struct rg_bytes leaf,
	struct rg_bytes *ret_parts);

/* Goes through the log. Answer not ok: it cannot be read, or contradicts itself. */
RG_MUST_USE rg_err prove_scan(const struct prove_question *question, struct prove_scan *ret_scan,
	struct bundle_answer *answer);

/*
 * Adds the earliest time-stamp that covers all that was asked for, if there is one that holds
 * (prove_stamp.c). The records of evidence are complete.
 */
RG_MUST_USE rg_err prove_stamp(const struct prove_scan *scan, struct evidence *evidence);

#endif
