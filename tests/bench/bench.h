#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

/*
 * What the measuring program consists of: limits of this machine, load on a router, a long
 * log and the least that checking it takes
 *
 * Each prints one JSON object on standard output; bench.py puts them together.
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

struct bench_log {
	const char *out; /* folder with a router's journal/ and log.vkey; gets the rest */
	const char *log_key;
	const char *signing_key;
	const char *from;
	const char *to;
	uint64_t count; /* records in all */
	uint64_t batch; /* messages signed at once */
};
/* Makes a long log. Returns an exit code. */
int bench_log(const struct bench_log *log);
/* Hashing and signature checking of a log alone, by this key alone. */
int bench_floor(const char *dir, const char *signing_key, unsigned n_jobs);

#endif
