/*
 * Moments as text: see moment.h.
 *
 * Threads: any.
 */
#include "registry/moment.h"

#include <string.h>

#include "base/text.h"
#include "registry/form.h"

#define SECOND_US INT64_C(1000000)
#define DAY_US    (INT64_C(86400) * SECOND_US)

/* Exactly n digits. */
static bool read_digits(const char *text, size_t n, int64_t *ret_value)
{
	int64_t value = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9') {
			return false;
		}
		value = value * 10 + (text[i] - '0');
	}
	*ret_value = value;
	return true;
}

/* The fraction from the point on; how long it lasts in *ret_step_us. */
static bool read_fraction(const char *text, int64_t *ret_us, int64_t *ret_step_us)
{
	int64_t us = 0;
	int64_t step_us = SECOND_US;
	size_t n = text[0] == '.' ? strspn(text + 1, "0123456789") : 0;

	if ((text[0] == '.' && (n == 0 || n > 6)) || strcmp(text + (n ? n + 1 : 0), "Z") != 0) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		step_us /= 10;
		us += (text[i + 1] - '0') * step_us;
	}
	*ret_us = us;
	*ret_step_us = step_us;
	return true;
}

/* First microsecond, and how many there are. */
static bool read_time(const char *text, int64_t *ret_us, int64_t *ret_step_us)
{
	char date[11] = "";
	int64_t day = 0;
	int64_t hour = 0;
	int64_t minute = 0;
	int64_t second = 0;
	int64_t fraction_us = 0;
	size_t len = strlen(text);

	memcpy(date, text, len < 10 ? len : 10);
	if (!form_date(date, &day)) {
		return false;
	}
	*ret_us = day * DAY_US;
	*ret_step_us = DAY_US;
	if (len == 10) {
		return true;
	}
	if (len < 20 || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
		!read_digits(text + 11, 2, &hour) || !read_digits(text + 14, 2, &minute) ||
		!read_digits(text + 17, 2, &second) || hour > 23 || minute > 59 || second > 59 ||
		!read_fraction(text + 19, &fraction_us, ret_step_us)) {
		return false;
	}
	*ret_us += ((hour * 60 + minute) * 60 + second) * SECOND_US + fraction_us;
	return true;
}

bool moment_parse(const char *text, struct moment *ret_moment)
{
	int64_t first_us = 0;
	int64_t step_us = 0;
	uint64_t size = 0;

	*ret_moment = (struct moment){.size = 0};
	if (text_u64(text, &size)) {
		ret_moment->size = size;
		return size > 0;
	}
	if (!read_time(text, &first_us, &step_us)) {
		return false;
	}
	ret_moment->time_us = first_us + step_us - 1;
	return ret_moment->time_us > 0;
}

bool moment_parse_from(const char *text, int64_t *ret_time_us)
{
	int64_t step_us = 0;

	return read_time(text, ret_time_us, &step_us);
}
