#ifndef DELIVER_INSIDE_H
#define DELIVER_INSIDE_H

/*
 * What the files of this stage share: the parties with their queues, and the
 * settlements that wait for the PROGRESS record that makes them final.
 */

#include "deliver/deliver.h"
#include "evidence/derived.h"

/* A settlement that waits for its record. */
struct deliver_waiting {
	uint64_t index;
	uint8_t derived_id[16];
	bool is_derived;
	bool is_set_aside;
	char reason[41];
	struct deliver_party *party;
	struct deliver_waiting *next;
};

struct deliver_recent {
	uint64_t index;
	int64_t since_us;
	const struct deliver_party *party;
};

struct deliver {
	char router[101];
	struct derived_lineage lineage;
	struct deliver_party **parties; /* by address */
	size_t n_parties;
	struct deliver_party **by_number;
	struct deliver_timers timers;
	struct deliver_waiting *waiting;
	struct deliver_waiting **waiting_end;
	struct deliver_recent *recent;
	const struct deliver_over_sink *over; /* of the call of deliver_apply(); NULL: nobody */
	size_t turn;                          /* party that may send first */
};

/* Borrowed; NULL: the address was never mentioned. */
struct deliver_party *deliver_find_party(const struct deliver *deliver, const char *address);

/* A delivery of the record itself that its sender follows: not handed over, nor derived. */
static inline bool deliver_is_shown(const struct deliver_entry *entry)
{
	return !entry->derived_kind && entry->counter > 0;
}

/* The entry that a reference means; NULL: none that is not over. */
RG_MUST_USE rg_err deliver_find_entry(const struct deliver *deliver,
	const struct deliver_party *party, const Rivergate__V1__DeliveryRef *ref,
	struct deliver_entry **ret_entry);

#endif
