#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

/*
 * What the measuring program consists of: limits of this machine, and load on a router
 *
 * Both print one JSON object on standard output; bench.py puts them together.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One P-256 verification, bare CURVE echo, one write + fdatasync in a folder. An exit code. */
int bench_limits(const char *folder);

struct bench_load {
	const char *party;
	const char *router;
	const char *registry;
	const char *directories;
	const char *pin;
	const char *curve_key;
	const char *signing_key;
	const char *to;
	uint64_t count;
	uint64_t rate;      /* messages a second; 0: as fast as it goes */
	uint32_t batch_max; /* signed at once; 0: natural batches */
};
/* Submits, waits for all receipts. Returns an exit code. */
int bench_load(const struct bench_load *load);

#endif
