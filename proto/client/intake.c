/*
 * The intake: see intake.h
 *
 * A plain array: it has some dozens of entries.
 * Threads: owned by the session's thread.
 */

#include <stdlib.h>
#include <string.h>

#include "client/intake.h"

#define DEFAULT_MESSAGES 64
#define DEFAULT_BYTES    ((uint64_t)64 << 20)
/* One message of the largest size must fit, or it would never come. */
#define LEAST_BYTES   ((uint64_t)33 << 20)
#define MOST_MESSAGES 4096

static uint64_t at_least(uint64_t value, uint64_t least)
{
	return value > least ? value : least;
}

static uint64_t less(uint64_t from, uint64_t taken)
{
	return from > taken ? from - taken : 0;
}

rg_err intake_init(struct intake *intake, uint32_t limit_messages, uint64_t limit_bytes)
{
	*intake = (struct intake){
		.limit_messages = limit_messages ? limit_messages : DEFAULT_MESSAGES,
		.limit_bytes = at_least(limit_bytes ? limit_bytes : DEFAULT_BYTES, LEAST_BYTES),
	};
	if (intake->limit_messages > MOST_MESSAGES) {
		intake->limit_messages = MOST_MESSAGES;
	}
	intake->held = calloc(intake->limit_messages, sizeof(*intake->held));
	return intake->held ? RG_OK : RG_E_NOMEM;
}

void intake_deinit(struct intake *intake)
{
	free(intake->held);
	*intake = (struct intake){0};
}

void intake_restart(struct intake *intake)
{
	intake->granted_messages = 0;
	intake->granted_bytes = 0;
}

void intake_arrived(struct intake *intake, size_t bytes)
{
	intake->granted_messages = less(intake->granted_messages, 1);
	intake->granted_bytes = less(intake->granted_bytes, bytes);
}

static bool is_same(const struct intake_key *a, const struct intake_key *b)
{
	return a->index == b->index && a->is_derived == b->is_derived &&
		(!a->is_derived ||
			memcmp(a->derived_id, b->derived_id, sizeof(a->derived_id)) == 0);
}

static struct intake_held *find(const struct intake *intake, const struct intake_key *key)
{
	for (size_t i = 0; i < intake->n_held; i++) {
		if (is_same(&intake->held[i].key, key)) {
			return &intake->held[i];
		}
	}
	return NULL;
}

bool intake_hold(struct intake *intake, const struct intake_key *key, size_t bytes)
{
	if (intake->n_held == intake->limit_messages || find(intake, key)) {
		return false;
	}
	intake->held[intake->n_held++] = (struct intake_held){.key = *key, .bytes = bytes};
	intake->held_bytes += bytes;
	return true;
}

void intake_settled(struct intake *intake, const struct intake_key *key)
{
	struct intake_held *held = find(intake, key);

	if (held) {
		intake->held_bytes -= held->bytes;
		*held = intake->held[--intake->n_held];
	}
}

bool intake_grant(struct intake *intake, uint32_t *ret_messages, uint64_t *ret_bytes)
{
	uint64_t messages = less(intake->limit_messages, intake->n_held + intake->granted_messages);
	uint64_t bytes = less(intake->limit_bytes, intake->held_bytes + intake->granted_bytes);

	/* Bytes alone wait for the next message: credit travels with settlements. */
	if (messages == 0) {
		return false;
	}
	intake->granted_messages += messages;
	intake->granted_bytes += bytes;
	*ret_messages = (uint32_t)messages;
	*ret_bytes = bytes;
	return true;
}
