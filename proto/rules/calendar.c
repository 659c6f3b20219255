/*
 * Office hours: see calendar.h.
 *
 * Method: local days one after the other; of each the stretches in which it is open.
 * Threads: any.
 */
#include "rules/calendar.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define MINUTE_US INT64_C(60000000)
#define DAY_US    (1440 * MINUTE_US)

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* YYYY-MM-DD of a day since 1970-01-01, by the civil calendar (era of 400 years). */
static void day_to_date(int64_t day, char ret_date[16])
{
	int64_t shifted = day + 719468;
	int64_t era = floor_div(shifted, 146097);
	int64_t of_era = shifted - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;
	int64_t date = of_year - (153 * month + 2) / 5 + 1;

	month = month < 10 ? month + 3 : month - 9;
	year += era * 400 + (month <= 2);
	(void)snprintf(ret_date, 16, "%04u-%02u-%02u", (unsigned)(year % 10000),
		(unsigned)(month % 100), (unsigned)(date % 100));
}

static bool is_holiday(const Rivergate__V1__Calendar *calendar, int64_t day)
{
	char date[16];
	size_t low = 0;
	size_t high = calendar->n_holidays;

	day_to_date(day, date);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(calendar->holidays[middle], date);

		if (order == 0) {
			return true;
		}
		*(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
	}
	return false;
}

/* 1970-01-01 was a Thursday. 1 Monday to 7 Sunday. */
static uint32_t weekday_of(int64_t day)
{
	return (uint32_t)(day + 3 - 7 * floor_div(day + 3, 7)) + 1;
}

/* One walk over open time: what is open, from where, until enough was seen. */
struct walk {
	const Rivergate__V1__Calendar *calendar;
	int64_t offset_us;
	int64_t at_us;     /* open time before it does not count */
	int64_t until_us;  /* nor does open time behind this */
	int64_t wanted_us; /* the walk ends when this much was open … */
	int64_t seen_us;
	int64_t end_us; /* … at this time */
};

static bool take_stretch(struct walk *walk, int64_t open_us, int64_t close_us)
{
	int64_t from = open_us > walk->at_us ? open_us : walk->at_us;
	int64_t until = close_us < walk->until_us ? close_us : walk->until_us;

	if (until <= from) {
		return false;
	}
	if (until - from >= walk->wanted_us - walk->seen_us) {
		walk->end_us = from + (walk->wanted_us - walk->seen_us);
		walk->seen_us = walk->wanted_us;
		return true;
	}
	walk->seen_us += until - from;
	return false;
}

static bool take_day(struct walk *walk, int64_t day)
{
	const Rivergate__V1__Calendar *calendar = walk->calendar;
	int64_t midnight = day * DAY_US - walk->offset_us;
	uint32_t weekday = weekday_of(day);

	if (is_holiday(calendar, day)) {
		return false;
	}
	for (size_t i = 0; i < calendar->n_weekly; i++) {
		const Rivergate__V1__Calendar__Hours *hours = calendar->weekly[i];

		if (hours->weekday == weekday &&
			take_stretch(walk, midnight + hours->open_minute * MINUTE_US,
				midnight + hours->close_minute * MINUTE_US)) {
			return true;
		}
	}
	return false;
}

/* True: as much as was wanted was open. */
static bool take_days(struct walk *walk)
{
	int64_t day = floor_div(walk->at_us + walk->offset_us, DAY_US);

	for (int64_t n = 0; n < CALENDAR_DAYS_MAX; n++) {
		if ((day + n) * DAY_US - walk->offset_us >= walk->until_us) {
			return false;
		}
		if (take_day(walk, day + n)) {
			return true;
		}
	}
	return false;
}

bool calendar_is_open(const Rivergate__V1__Calendar *calendar, int64_t at_us)
{
	return calendar_open_between(calendar, at_us, at_us + 1) > 0;
}

int64_t calendar_open_between(const Rivergate__V1__Calendar *calendar, int64_t from_us,
	int64_t until_us)
{
	if (until_us <= from_us) {
		return 0;
	}
	if (!calendar) {
		return until_us - from_us;
	}
	struct walk walk = {
		.calendar = calendar,
		.offset_us = calendar->utc_offset_minutes * MINUTE_US,
		.at_us = from_us,
		.until_us = until_us,
		.wanted_us = INT64_MAX,
	};

	(void)take_days(&walk);
	return walk.seen_us;
}

int64_t calendar_due(const Rivergate__V1__Calendar *calendar, int64_t start_us, int64_t work_us)
{
	if (work_us <= 0) {
		return start_us;
	}
	if (!calendar) {
		return start_us > INT64_MAX - work_us ? INT64_MAX : start_us + work_us;
	}
	struct walk walk = {
		.calendar = calendar,
		.offset_us = calendar->utc_offset_minutes * MINUTE_US,
		.at_us = start_us,
		.until_us = INT64_MAX,
		.wanted_us = work_us,
	};

	return take_days(&walk) ? walk.end_us : INT64_MAX;
}
