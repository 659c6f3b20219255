/*
 * rivergate-bench: the measuring program behind `./dev bench`
 *
 *     rivergate-bench limits FOLDER
 *     rivergate-bench load PARTY ROUTER REGISTRY DIRECTORIES PIN CURVE SIGNING TO COUNT RATE BATCH
 *     rivergate-bench log FOLDER LOGKEY SIGNING FROM TO COUNT BATCH
 *     rivergate-bench floor FOLDER SIGNING JOBS
 *
 * bench.py sets up the router, calls it and explains the figures.
 * Threads: one, and those of what is measured.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define LOAD_ARGUMENTS 11
#define LOG_ARGUMENTS  7

static int run_load(char **arguments)
{
	const struct bench_load load = {
		.party = arguments[0],
		.router = arguments[1],
		.registry = arguments[2],
		.directories = arguments[3],
		.pin = arguments[4],
		.curve_key = arguments[5],
		.signing_key = arguments[6],
		.to = arguments[7],
		.count = strtoull(arguments[8], NULL, 10),
		.rate = strtoull(arguments[9], NULL, 10),
		.batch_max = (uint32_t)strtoul(arguments[10], NULL, 10),
	};

	return bench_load(&load);
}

static int run_log(char **arguments)
{
	const struct bench_log log = {
		.out = arguments[0],
		.log_key = arguments[1],
		.signing_key = arguments[2],
		.from = arguments[3],
		.to = arguments[4],
		.count = strtoull(arguments[5], NULL, 10),
		.batch = strtoull(arguments[6], NULL, 10),
	};

	return bench_log(&log);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "limits") == 0) {
		return bench_limits(argv[2]);
	}
	if (argc == 2 + LOAD_ARGUMENTS && strcmp(argv[1], "load") == 0) {
		return run_load(argv + 2);
	}
	if (argc == 2 + LOG_ARGUMENTS && strcmp(argv[1], "log") == 0) {
		return run_log(argv + 2);
	}
	if (argc == 5 && strcmp(argv[1], "floor") == 0) {
		return bench_floor(argv[2], argv[3], (unsigned)strtoul(argv[4], NULL, 10));
	}
	fputs("usage: see ./dev bench --help\n", stderr);
	return 2;
}
