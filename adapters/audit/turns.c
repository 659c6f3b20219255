/*
 * Whose turn it was: see turns.h.
 *
 * Method: for each key one row with the newest change and how many there are, and one for
 * each change; so that a long course costs no more than a short one.
 * Threads: one.
 */
#include "audit/turns.h"

#include <string.h>

#include "base/buf.h"

struct course {
	uint32_t n;
	uint8_t turn;
	int64_t time_us;
};

static void add_key(const struct turns_key *key, struct buf *out)
{
	buf_clear(out);
	buf_add(out, key->ucr, strlen(key->ucr) + 1);
	buf_add(out, key->leg->country, strlen(key->leg->country) + 1);
	buf_add_u8(out, (uint8_t)key->leg->regime);
	buf_add(out, key->authority, strlen(key->authority) + 1);
}

static rg_err read_row(struct store *store, const struct buf *key, struct course *ret_course,
	bool *ret_found)
{
	struct rg_bytes value = {.data = NULL};
	rg_err err = buf_error(key);

	err = err ? err : store_get(store, STORE_TURN, buf_view(key), &value, ret_found);
	if (!err && *ret_found) {
		struct cursor cursor = cursor_of(value);

		ret_course->n = cursor_u32(&cursor);
		ret_course->turn = cursor_u8(&cursor);
		ret_course->time_us = (int64_t)cursor_u64(&cursor);
		err = cursor_is_done(&cursor) && ret_course->turn < TURNS_MAX ? RG_OK : RG_E_FORMAT;
	}
	return err;
}

static rg_err put_row(struct store *store, const struct buf *key, const struct course *course)
{
	scoped(buf_deinitv) struct buf value = {.data = NULL};

	buf_add_u32(&value, course->n);
	buf_add_u8(&value, course->turn);
	buf_add_u64(&value, (uint64_t)course->time_us);
	rg_err err = buf_error(&value);

	err = err ? err : buf_error(key);
	return err ? err : store_put(store, STORE_TURN, buf_view(key), buf_view(&value));
}

rg_err turns_note(struct store *store, const struct turns_key *key, Rivergate__V1__Turn turn,
	int64_t time_us)
{
	scoped(buf_deinitv) struct buf row = {.data = NULL};
	struct course newest = {.n = 0};
	bool is_found = false;

	add_key(key, &row);
	rg_err err = read_row(store, &row, &newest, &is_found);

	if (err || (is_found && newest.turn == (uint8_t)turn)) {
		return err;
	}
	newest.time_us = is_found && newest.time_us > time_us ? newest.time_us : time_us;
	newest.turn = (uint8_t)turn;
	newest.n++;
	err = put_row(store, &row, &newest);
	buf_add_u32(&row, newest.n);
	return err ? err : put_row(store, &row, &newest);
}

static int64_t overlap(int64_t from_us, int64_t until_us, int64_t first_us, int64_t last_us)
{
	int64_t from = from_us > first_us ? from_us : first_us;
	int64_t until = until_us < last_us ? until_us : last_us;

	return until > from ? until - from : 0;
}

rg_err turns_sum(struct store *store, const struct turns_key *key, int64_t from_us,
	int64_t until_us, struct turns_sums *ret_sums)
{
	scoped(buf_deinitv) struct buf row = {.data = NULL};
	struct course course = {.n = 0};
	struct turns_sums sums = {{0}};
	bool is_found = false;

	add_key(key, &row);
	rg_err err = read_row(store, &row, &course, &is_found);
	uint32_t n = is_found ? course.n : 0;
	int64_t end_us = INT64_MAX;

	/* From the newest: each lasts until the one after it. */
	for (uint32_t i = n; !err && i > 0; i--) {
		add_key(key, &row);
		buf_add_u32(&row, i);
		err = read_row(store, &row, &course, &is_found);
		if (!err && is_found) {
			sums.us[course.turn] += overlap(from_us, until_us,
				i == 1 ? INT64_MIN : course.time_us, end_us);
			end_us = course.time_us;
		}
	}
	*ret_sums = sums;
	return err;
}
