#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Microseconds since the Unix epoch, UTC (may step). */
int64_t clock_now_us(void);
/* Microseconds of a clock that never steps; for time-outs and measurements. */
int64_t clock_monotonic_us(void);

#endif
