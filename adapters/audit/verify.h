#ifndef AUDIT_VERIFY_H
#define AUDIT_VERIFY_H

/*
 * Verifying a log: everything that its files say, from the records up
 *
 * Reads the entry bundles in order, examines each record under the law of its time in
 * several threads, folds the results, grows the tree from the leaves and compares it with
 * hash tiles, checkpoint, cosignatures and with whatever the log signed before. Nothing is
 * taken from the router but its files, which are not changed.
 *
 * Memory is bounded whatever the log's size: a ring of bundles, eight tiles, and an index
 * on disk (store.h).
 *
 * Threads: verify_run() starts its own and ends them.
 */

#include <stdbool.h>
#include <stdint.h>

#include "audit/examine.h"
#include "audit/finding.h"
#include "base/merkle.h"

struct verify_options {
	const char *dir;            /* a router's data_dir, an archive, or a view */
	const char *state;          /* folder that remembers the verified prefix; NULL: none */
	const char *const *earlier; /* checkpoints, receipts, or folders of them */
	size_t n_earlier;
	const uint8_t *pin;        /* SHA-256 of the genesis registry; NULL: not known */
	const char *const *tsa_ca; /* PEM files: time-stamping authorities that are trusted */
	size_t n_tsa_ca;
	const char *registry; /* law from files, not from the log; NULL: none */
	const char *directories;
	unsigned n_threads; /* 0: examine in the calling thread */
	uint64_t at_size;   /* the log as it was with so many records; 0: all */
	int64_t at_time_us; /* … with the records up to this time; 0: all */
	/* Told now and then; NULL: nobody. */
	void (*progress)(void *context, uint64_t done, uint64_t size);
	/* Told of each record in order, after it was folded; false: no memory. NULL: nobody. */
	bool (*observe)(void *context, uint64_t index, const struct examined *examined);
	void *context; /* of both */
};

struct verify_report {
	char origin[256];
	char party[101];         /* of a view; "": the whole log */
	uint64_t size;           /* records of the log that was verified (--at) */
	uint64_t log_size;       /* records in its checkpoint */
	uint64_t resumed_at;     /* records that an earlier run verified */
	uint64_t n_read;         /* records read by this run */
	uint64_t n_withheld;     /* of them without content */
	uint64_t n_messages;     /* in all */
	int64_t last_time_us;    /* of the records */
	struct merkle_hash root; /* of the log at `size` */
	bool has_pin;            /* the genesis registry was compared with one that you gave */
	bool is_judged;          /* signatures and law were judged; else hashes alone */
	size_t n_witnesses;      /* that the registry names … */
	size_t n_cosigned;       /* … and that cosigned the checkpoint */
	unsigned quorum;
	uint64_t witnessed_size; /* records under the newest head that a quorum cosigned; 0: none */
	size_t n_earlier;        /* checkpoints and receipts compared, those of time-stamps too */
	size_t n_tokens;         /* time-stamps that lie with the log … */
	bool has_tsa_ca;         /* … that were judged … */
	size_t n_stamps;         /* … and hold; of those that do: */
	uint64_t stamped_size;   /* records that the newest covers */
	int64_t stamped_first_us; /* time of the earliest … */
	int64_t stamped_last_us;  /* … and of the latest */
	struct findings findings; /* sorted; to be freed with findings_deinit() */
};

/*
 * Fills the report; what is wrong with the log is in its findings. A fault is ours: a file
 * that cannot be read, no memory, no room. RG_E_CONFIG, with a log line that says what to
 * do: the state is of another log, or an argument names nothing that can be read.
 */
RG_MUST_USE rg_err verify_run(const struct verify_options *options,
	struct verify_report *ret_report);

#endif
