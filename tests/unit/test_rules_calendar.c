/*
 * Office hours: what is open, when a target is over, and calendars that never open.
 */
#include "profiles.h"
#include "rules/calendar.h"

#define HOUR_US INT64_C(3600000000)
#define DAY_US  (24 * HOUR_US)
#define UTC7    (7 * HOUR_US)
/* Monday 2026-01-05, 00:00 in UTC+7. */
#define MONDAY_US (INT64_C(1767571200) * 1000000 - UTC7)

static const Rivergate__V1__Calendar *office(const Rivergate__V1__WindowProfile *profile)
{
	return profile->calendars[0];
}

START_TEST(target_runs_through_open_hours_only)
{
	/* From Monday; hours and minutes of start, work, and of the time when it is over. */
	static const int cases[][3] = {
		{8 * 60, 60, 9 * 60},
		{0, 60, 9 * 60},
		{8 * 60, 4 * 60, 12 * 60},
		{8 * 60, 4 * 60 + 1, 13 * 60 + 1},
		{11 * 60, 2 * 60, 14 * 60},
		{12 * 60 + 30, 60, 14 * 60},
		{15 * 60, 2 * 60, 4 * 1440 + 9 * 60},
		{16 * 60, 60, 4 * 1440 + 9 * 60},
		{8 * 60, 7 * 60, 16 * 60},
		{8 * 60, 15 * 60 + 1, 7 * 1440 + 8 * 60 + 1},
	};
	scoped(profiles_freep) Rivergate__V1__WindowProfile *profile =
		profiles_with("\"la\"", "\"la\"");
	const int64_t minute = HOUR_US / 60;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t start = MONDAY_US + cases[i][0] * minute;

		ck_assert_int_eq(calendar_due(office(profile), start, cases[i][1] * minute),
			MONDAY_US + cases[i][2] * minute);
	}
}
END_TEST

START_TEST(holiday_is_closed)
{
	scoped(profiles_freep) Rivergate__V1__WindowProfile *profile =
		profiles_with("\"2026-01-01\"", "\"2026-01-05\"");

	/* Monday is a holiday now; the Friday after it is open. */
	ck_assert(!calendar_is_open(office(profile), MONDAY_US + 9 * HOUR_US));
	ck_assert_int_eq(calendar_due(office(profile), MONDAY_US, HOUR_US),
		MONDAY_US + 4 * DAY_US + 9 * HOUR_US);
}
END_TEST

START_TEST(bounds_of_hours_are_half_open)
{
	scoped(profiles_freep) Rivergate__V1__WindowProfile *profile =
		profiles_with("\"la\"", "\"la\"");

	ck_assert(!calendar_is_open(office(profile), MONDAY_US + 8 * HOUR_US - 1));
	ck_assert(calendar_is_open(office(profile), MONDAY_US + 8 * HOUR_US));
	ck_assert(calendar_is_open(office(profile), MONDAY_US + 12 * HOUR_US - 1));
	ck_assert(!calendar_is_open(office(profile), MONDAY_US + 12 * HOUR_US));
	ck_assert(!calendar_is_open(office(profile), MONDAY_US + DAY_US + 9 * HOUR_US));
}
END_TEST

START_TEST(open_time_between_adds_up_to_the_target)
{
	scoped(profiles_freep) Rivergate__V1__WindowProfile *profile =
		profiles_with("\"la\"", "\"la\"");
	uint64_t seed = 1;

	for (int i = 0; i < 2000; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
		int64_t start = MONDAY_US + (int64_t)(seed >> 20) % (60 * DAY_US);
		int64_t work = 1 + (int64_t)(seed >> 33) % (40 * HOUR_US);
		int64_t due = calendar_due(office(profile), start, work);

		ck_assert_int_eq(calendar_open_between(office(profile), start, due), work);
		ck_assert_int_eq(calendar_open_between(office(profile), start, due - 1), work - 1);
	}
}
END_TEST

START_TEST(without_calendar_it_is_always_open)
{
	ck_assert(calendar_is_open(NULL, -5));
	ck_assert_int_eq(calendar_due(NULL, 100, 50), 150);
	ck_assert_int_eq(calendar_due(NULL, 100, 0), 100);
	ck_assert_int_eq(calendar_due(NULL, INT64_MAX - 1, 50), INT64_MAX);
	ck_assert_int_eq(calendar_open_between(NULL, 5, 9), 4);
	ck_assert_int_eq(calendar_open_between(NULL, 9, 5), 0);
}
END_TEST

START_TEST(calendar_that_never_opens_has_no_due_time)
{
	Rivergate__V1__Calendar closed = RIVERGATE__V1__CALENDAR__INIT;

	ck_assert_int_eq(calendar_due(&closed, MONDAY_US, 1), INT64_MAX);
	ck_assert_int_eq(calendar_open_between(&closed, MONDAY_US, MONDAY_US + DAY_US), 0);
}
END_TEST

START_TEST(times_before_1970_have_a_weekday)
{
	scoped(profiles_freep) Rivergate__V1__WindowProfile *profile =
		profiles_with("\"la\"", "\"la\"");
	/* Monday 1969-12-29. */
	int64_t monday = -3 * DAY_US - UTC7;

	ck_assert(calendar_is_open(office(profile), monday + 8 * HOUR_US));
	ck_assert(!calendar_is_open(office(profile), monday - DAY_US + 8 * HOUR_US));
}
END_TEST

CHECK_MAIN("rules_calendar", target_runs_through_open_hours_only, holiday_is_closed,
	bounds_of_hours_are_half_open, open_time_between_adds_up_to_the_target,
	without_calendar_it_is_always_open, calendar_that_never_opens_has_no_due_time,
	times_before_1970_have_a_weekday)
