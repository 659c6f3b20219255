#ifndef RULES_CALENDAR_H
#define RULES_CALENDAR_H

/*
 * Office hours: how long an authority has been open, and when its target is over
 *
 * Elapsed time never stops; closed hours reduce only the target (TFA 7.9). A calendar is
 * that of a window profile (window.proto): hours of the week in local time, holidays, one
 * UTC offset. It must have passed profile_check(). Times are microseconds since 1970, UTC.
 *
 * Threads: any; pure.
 */

#include <stdbool.h>
#include <stdint.h>

#include "rivergate/v1/window.pb-c.h"

/* How far calendar_due() looks: a calendar that never opens has no due time. */
#define CALENDAR_DAYS_MAX 3660

/* calendar NULL: always open, here and below. */
bool calendar_is_open(const Rivergate__V1__Calendar *calendar, int64_t at_us);

/* Open time in from_us .. until_us; 0 when until_us is not later. */
int64_t calendar_open_between(const Rivergate__V1__Calendar *calendar, int64_t from_us,
	int64_t until_us);

/*
 * The first time by which it was open for work_us since start_us; start_us itself when
 * work_us is not above 0; INT64_MAX: not within CALENDAR_DAYS_MAX.
 */
int64_t calendar_due(const Rivergate__V1__Calendar *calendar, int64_t start_us, int64_t work_us);

#endif
