/*
 * A clock that is slow by OLD_CLOCK_S seconds, for tests of what takes days
 *
 * Preloaded into a program. Only the calendar's clock is moved: waiting takes as long as ever.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *ret_time)
{
	int result = (int)syscall(SYS_clock_gettime, clock, ret_time);
	const char *late_s = clock == CLOCK_REALTIME ? getenv("OLD_CLOCK_S") : NULL;

	if (result == 0 && late_s) {
		ret_time->tv_sec -= strtol(late_s, NULL, 10);
	}
	return result;
}
