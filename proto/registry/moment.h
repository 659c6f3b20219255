#ifndef REGISTRY_MOMENT_H
#define REGISTRY_MOMENT_H

/*
 * A moment as people write it: a time, or of a log how many records it had
 *
 *     1000000                  a size
 *     2026-11-21               the end of that day, UTC
 *     2026-11-21T18:37:17Z     that second's end; fractions are allowed: .5, .123456
 */

#include <stdbool.h>
#include <stdint.h>

struct moment {
	uint64_t size;   /* 0: not a size */
	int64_t time_us; /* 0: not a time; the last microsecond that counts */
};

/* False: neither. */
bool moment_parse(const char *text, struct moment *ret_moment);
/* The first microsecond of a day or instant, for the beginning of a range; false: no time. */
bool moment_parse_from(const char *text, int64_t *ret_time_us);

#endif
