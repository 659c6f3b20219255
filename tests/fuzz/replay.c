/*
 * Replays the seeds of one fuzz target as an ordinary test.
 *
 * Gives every file below the folder to the target, then every file cut short
 * at each of its first lengths and with single bytes changed, always in the
 * same way; with sanitizers fewer of them. A crash or a sanitizer report is the failure.
 *
 * Threads: one.
 */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "slowness.h"

/* The target: FUZZ_TARGET is the name of its function, set by meson.build. */
int FUZZ_TARGET(const uint8_t *data, size_t len);

#define SEED_MAX  (1U << 20)
#define N_CUTS    64
#define N_CHANGES 256

/* Gives the target a heap copy of exactly len bytes, so that reading past the end is seen. */
static void give(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy) {
		abort();
	}
	memcpy(copy, data, len);
	FUZZ_TARGET(copy, len);
	free(copy);
}

static void give_variants(uint8_t *data, size_t len)
{
	uint32_t state = 1;
	size_t step = check_slowness();

	give(data, len);
	for (size_t cut = 1; cut <= N_CUTS && cut <= len; cut += step) {
		give(data, len - cut);
		give(data, cut);
	}
	for (size_t i = 0; i < N_CHANGES && len > 0; i += step) {
		state = state * 1664525U + 1013904223U;
		size_t at = (state >> 8) % len;
		uint8_t was = data[at];

		data[at] = (uint8_t)(was ^ (1U << (state >> 29)));
		give(data, len);
		data[at] = was;
	}
}

/* Returns 0 when the seed was read. */
static int replay_file(const char *folder, const char *name)
{
	static uint8_t data[SEED_MAX];
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");
	if (!file) {
		return -1;
	}
	size_t len = fread(data, 1, sizeof(data), file);
	int failed = ferror(file);
	fclose(file);
	if (!failed) {
		give_variants(data, len);
	}
	return failed ? -1 : 0;
}

int main(int argc, char **argv)
{
	int n_passed = 0;
	int n_failed = 0;
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;

	if (!folder) {
		fprintf(stderr, "usage: %s FOLDER-OF-SEEDS\n", argv[0]);
		return 2;
	}
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		if (entry->d_name[0] == '.') {
			continue;
		}
		if (replay_file(argv[1], entry->d_name) == 0) {
			n_passed++;
		} else {
			printf("failed: %s: cannot be read\n", entry->d_name);
			n_failed++;
		}
	}
	closedir(folder);
	if (n_passed == 0) {
		printf("failed: %s holds no seed\n", argv[1]);
		n_failed++;
	}
	printf("%d passed, %d failed, 0 skipped\n", n_passed, n_failed);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
