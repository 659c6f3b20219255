#ifndef TESTS_SLOWNESS_H
#define TESTS_SLOWNESS_H

/* How slow this build is, for tests that repeat one thing many times. */

#include <stddef.h>
#include <stdlib.h>

/*
 * How much slower this build is than the plain one, as its sanitizer's environment says; 1:
 * not at all. Loops over a whole file take every so many-eth step then; RIVERGATE_LONG=1: each.
 */
static inline size_t check_slowness(void)
{
	const char *multiplier = getenv("CK_TIMEOUT_MULTIPLIER");
	unsigned long slowness = multiplier ? strtoul(multiplier, NULL, 10) : 1;

	return slowness > 0 && slowness < 100 && !getenv("RIVERGATE_LONG") ? slowness : 1;
}

#endif
