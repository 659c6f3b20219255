/*
 * Clocks: see clock.h
 *
 * Threads: any.
 */

#include <time.h>

#include "base/clock.h"

static int64_t read_us(clockid_t id)
{
	struct timespec now = {0};

	/* Cannot fail for the two clocks below. */
	(void)clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
	return read_us(CLOCK_REALTIME);
}

int64_t clock_monotonic_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}
