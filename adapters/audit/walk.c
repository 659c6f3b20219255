/*
 * Records one after the other: see walk.h.
 *
 * Threads: one.
 */
#include "audit/walk.h"

#include "base/arena.h"
#include "wire/scan.h"

#define ARENA_MAX ((size_t)8 << 20)

/* False in ret_is_read: a leaf that is no record. */
static rg_err read_record(struct rg_bytes leaf, struct arena *arena, struct walk_record *ret_record,
	bool *ret_is_read)
{
	struct scan_answer answer = {.is_ok = false};
	ProtobufCMessage *meta = NULL;
	ProtobufCMessage *header = NULL;
	bool is_message = false;

	*ret_is_read = false;
	if (!record_read(leaf, &ret_record->leaf)) {
		return RG_OK;
	}
	rg_err err = scan_unpack(&rivergate__v1__meta__descriptor, ret_record->leaf.meta, arena,
		&answer, &meta);

	is_message = ret_record->leaf.type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE;
	if (!err && is_message) {
		err = scan_unpack(&rivergate__v1__header__descriptor, ret_record->leaf.body, arena,
			&answer, &header);
	}
	ret_record->meta = (const Rivergate__V1__Meta *)meta;
	ret_record->header = (const Rivergate__V1__Header *)header;
	*ret_is_read = !err && meta && (header || !is_message);
	return err;
}

/* time_us of the record at index, or of the first after it that can be read. */
static rg_err time_from(struct published *log, uint64_t index, struct arena *arena,
	int64_t *ret_time_us, bool *ret_has)
{
	uint64_t size = published_checkpoint(log)->size;
	rg_err err = RG_OK;

	*ret_has = false;
	for (; !err && index < size && !*ret_has; index++) {
		struct walk_record record = {.index = index};
		struct published_finding what;
		struct rg_bytes leaf;

		err = published_entry(log, index, &leaf, &what);
		if (err || what.state != PUBLISHED_GOOD) {
			continue;
		}
		arena_reset(arena);
		err = read_record(leaf, arena, &record, ret_has);
		if (*ret_has) {
			*ret_time_us = record.meta->time_us;
		}
	}
	return err;
}

rg_err walk_size_at(struct published *log, int64_t time_us, uint64_t *ret_size)
{
	scoped(arena_freep) struct arena *arena = arena_new(ARENA_MAX);
	uint64_t low = 0;
	uint64_t high = published_checkpoint(log)->size;
	rg_err err = arena ? RG_OK : RG_E_NOMEM;

	while (!err && low < high) {
		uint64_t middle = low + (high - low) / 2;
		int64_t middle_us = INT64_MAX;
		bool has = false;

		err = time_from(log, middle, arena, &middle_us, &has);
		if (has && middle_us <= time_us) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (!err) {
		*ret_size = low;
	}
	return err;
}

rg_err walk_records(struct published *log, uint64_t first, uint64_t size, const struct walk *walk)
{
	scoped(arena_freep) struct arena *arena = arena_new(ARENA_MAX);
	bool goes_on = true;
	rg_err err = arena ? RG_OK : RG_E_NOMEM;

	for (uint64_t index = first; !err && goes_on && index < size; index++) {
		struct walk_record record = {.index = index};
		struct published_finding what = {.state = PUBLISHED_DAMAGED,
			.what = "not a record that can be read"};
		struct rg_bytes leaf;
		bool is_read = false;

		err = published_entry(log, index, &leaf, &what);
		if (!err && what.state == PUBLISHED_GOOD) {
			arena_reset(arena);
			err = read_record(leaf, arena, &record, &is_read);
			what = (struct published_finding){.state = PUBLISHED_DAMAGED,
				.what = "not a record that can be read"};
		}
		if (is_read) {
			goes_on = walk->take(walk->context, &record);
		} else if (!err && walk->skip && what.state != PUBLISHED_ABSENT) {
			walk->skip(walk->context, index, &what);
		}
	}
	return err;
}
