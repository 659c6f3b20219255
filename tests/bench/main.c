/*
 * rivergate-bench: the measuring program behind `./dev bench`
 *
 *     rivergate-bench limits FOLDER
 *     rivergate-bench load PARTY ROUTER REGISTRY DIRECTORIES PIN CURVE SIGNING TO COUNT RATE BATCH
 *
 * bench.py sets up the router, calls it and explains the figures.
 * Threads: one, and those of what is measured.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define LOAD_ARGUMENTS 11

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

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "limits") == 0) {
		return bench_limits(argv[2]);
	}
	if (argc == 2 + LOAD_ARGUMENTS && strcmp(argv[1], "load") == 0) {
		return run_load(argv + 2);
	}
	fputs("usage: see ./dev bench --help\n", stderr);
	return 2;
}
