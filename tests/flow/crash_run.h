#ifndef FLOW_CRASH_RUN_H
#define FLOW_CRASH_RUN_H

/*
 * A router's core in a box: records in, under a virtual clock, and what the parties received
 *
 * The journal lies in memory, and what is appended is durable at once. All parties of the
 * directories are there and store what they are given, each message once; only then it is settled.
 * Nobody's signature is judged again: the records were, when they were made.
 *
 * Threads: one.
 */

#include "core_state.h"

#define RUN_KEY_MAX  240
#define RUN_NAME_LEN 32

/* A record as the journal holds it. */
struct run_entry {
	struct buf leaf;
	struct buf parts;
	struct record record; /* views of leaf */
	int64_t time_us;
	size_t n_received; /* by all parties, when it was appended */
};

/* What a party received. */
struct run_parcel {
	char key[RUN_KEY_MAX]; /* party, UCR */
	uint8_t name[RUN_NAME_LEN];
	struct buf bytes; /* the header without what hangs on indexes */
	size_t order;
	uint64_t index;
	uint8_t derived_id[16];
	bool is_derived;
	uint64_t settled_at; /* record that says so; UINT64_MAX: none */
};

struct run_party {
	char address[101];
	uint64_t seq;
};

struct run {
	const struct key *log_key;
	const char *router;
	const char *origin;
	struct core *core;
	int64_t now_us;
	bool has_started;
	struct run_entry *journal;
	size_t n_records;
	size_t n_durable;
	struct run_parcel *parcels;
	size_t n_parcels;
	struct run_party *parties;
	size_t n_parties;
	struct deliver_order *orders; /* given, to be settled */
	size_t n_orders;
};

void run_deinit(struct run *run);
SCOPED_DEFINE_VALUE(struct run, run_deinit);

/* An empty log of the same router and key. */
RG_MUST_USE rg_err run_init(struct run *run, const struct run *like);
/* From standard input, each record as leaf and parts with their lengths (32 bits). */
RG_MUST_USE rg_err run_read_journal(struct run *inputs);

/*
 * A start on the first records of another run. remembers: the parties know all that they had been
 * given by then; else what these records say is settled, and run_note_settled() must have been
 * called.
 */
RG_MUST_USE rg_err run_restart(const struct run *before, size_t n_records, bool remembers,
	struct run *run);
/* Notes of each parcel which record settled it. */
RG_MUST_USE rg_err run_note_settled(struct run *run);
/* One record as a start replays it. */
RG_MUST_USE rg_err run_replay(const struct run_entry *entry, struct run *run);

/*
 * Feeds the messages and ticks of the inputs, each at its time, that the first n_had records of
 * the run have not; before the first message of a party the router starts.
 */
RG_MUST_USE rg_err run_feed(struct run *run, const struct run *inputs, size_t n_had);

/* MESSAGE records with the same header. */
bool run_is_same_message(const struct run_entry *a, const struct run_entry *b);

/* The message without indexes of records, and hashes and ids made of them; appended to out. */
RG_MUST_USE rg_err run_without_indexes(const ProtobufCMessageDescriptor *descriptor,
	struct rg_bytes bytes, struct buf *out);

#endif
