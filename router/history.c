/*
 * A journal read again: see history.h.
 *
 * Threads: one owner.
 */
#include "history.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "registry/change.h"
#include "registry/header.h"
#include "wire/scan.h"

struct history {
	struct arena *arena; /* of the newest record */
	struct trust *trust;
	uint8_t pin[32];
	int64_t time_us;
	uint64_t next_index;
};

struct history *history_new(void)
{
	scoped(history_freep) struct history *history = calloc(1, sizeof(*history));

	if (!history) {
		return NULL;
	}
	history->time_us = INT64_MIN;
	history->arena = arena_new(0);
	return history->arena ? steal(history) : NULL;
}

void history_free(struct history *history)
{
	if (history) {
		arena_free(history->arena);
		trust_unref(history->trust);
		free(history);
	}
}

/* *ret_message stays NULL when the bytes are not a canonical message. */
static rg_err unpack(struct history *history, const ProtobufCMessageDescriptor *descriptor,
	struct rg_bytes bytes, ProtobufCMessage **ret_message)
{
	struct scan_answer answer = {.is_ok = false};

	return scan_unpack(descriptor, bytes, history->arena, &answer, ret_message);
}

/* Everything but MESSAGE and ORIGIN has nothing that is needed here. */
static rg_err read_body(struct history *history, struct history_record *it, const char **ret_what)
{
	ProtobufCMessage *body = NULL;
	rg_err err = RG_OK;

	if (it->leaf.type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE) {
		err = unpack(history, &rivergate__v1__header__descriptor, it->leaf.body, &body);
		it->header = (Rivergate__V1__Header *)body;
	} else if (it->leaf.type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_ORIGIN) {
		err = unpack(history, &rivergate__v1__origin__descriptor, it->leaf.body, &body);
		it->origin = (Rivergate__V1__Origin *)body;
	} else {
		return RG_OK;
	}
	if (!err && !body) {
		*ret_what = "its body is not canonical";
	}
	return err;
}

static rg_err read_meta(struct history *history, struct history_record *it, const char **ret_what)
{
	ProtobufCMessage *meta = NULL;
	rg_err err = unpack(history, &rivergate__v1__meta__descriptor, it->leaf.meta, &meta);

	it->meta = (Rivergate__V1__Meta *)meta;
	if (!err && !meta) {
		*ret_what = "its meta is not canonical";
	} else if (!err && it->meta->time_us < history->time_us) {
		*ret_what = "its time is before that of its predecessor";
	}
	return err;
}

static rg_err read_record(struct history *history, const struct journal_record *record,
	struct history_record *it, const char **ret_what)
{
	if (!record_read(record->leaf, &it->leaf)) {
		*ret_what = "its leaf is none";
		return RG_OK;
	}
	if (!journal_record_parts(record->parts, it->parts, &it->n_parts)) {
		*ret_what = "its parts are not a row of parts";
		return RG_OK;
	}
	rg_err err = read_meta(history, it, ret_what);

	return err || *ret_what ? err : read_body(history, it, ret_what);
}

static rg_err follow_law(struct history *history, const struct history_record *it,
	const char **ret_what)
{
	struct governance_answer answer = {.is_ok = false};
	scoped(trust_unrefp) struct trust *next = NULL;
	const struct change change = {
		.trust = history->trust,
		.pin = history->pin,
		.index = it->index,
		.header = it->header,
		.part = it->n_parts > 0 ? it->parts[0] : (struct rg_bytes){.data = NULL},
	};
	rg_err err = change_apply(&change, &next, &answer);

	if (err) {
		return err;
	}
	if (!next) {
		log_event(LOG_ERROR, "history", "governance-contradicts",
			log_number("record", (int64_t)it->index), log_text("path", answer.path),
			log_text("why", answer.text));
		*ret_what = "it changes the law, but contradicts what was in force";
		return RG_OK;
	}
	trust_unref(history->trust);
	history->trust = steal(next);
	return RG_OK;
}

/* Record 0, and no other, says whose log this is. */
static const char *follow_origin(struct history *history, const struct history_record *it)
{
	if ((it->index == 0) != (it->origin != NULL)) {
		return it->origin ? "an ORIGIN stands behind record 0" : "record 0 is no ORIGIN";
	}
	if (it->origin) {
		if (it->origin->genesis_hash.len != sizeof(history->pin)) {
			return "its genesis hash has not 32 bytes";
		}
		memcpy(history->pin, it->origin->genesis_hash.data, sizeof(history->pin));
	}
	return NULL;
}

rg_err history_take(struct history *history, const struct journal_record *record,
	struct history_record *ret_record, const char **ret_what)
{
	struct history_record it = {.index = history->next_index};

	*ret_what = NULL;
	arena_reset(history->arena);
	rg_err err = read_record(history, record, &it, ret_what);

	if (!err && !*ret_what) {
		*ret_what = follow_origin(history, &it);
	}
	if (!err && !*ret_what && it.header && header_is_governance(it.header->kind)) {
		err = follow_law(history, &it, ret_what);
	}
	if (err || *ret_what) {
		return err;
	}
	it.trust = history->trust;
	history->time_us = it.meta->time_us;
	history->next_index++;
	*ret_record = it;
	return RG_OK;
}
