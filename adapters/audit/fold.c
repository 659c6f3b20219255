/*
 * The fold over a log: see fold.h; its deliveries are in deliveries.c.
 *
 * Threads: one.
 */
#include "audit/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/deliveries.h"
#include "base/text.h"
#include "evidence/record.h"
#include "wire/scan.h"

#define DEFAULT_LIFE_US INT64_C(604800000000) /* before there is a registry */
#define STATE_KEY       "fold"
#define REASON_MAX      40

struct fold {
	struct store *store;
	struct deliveries *deliveries;
	struct arena *arena;
	bool has_time;
	int64_t time_us;      /* the highest … */
	uint64_t time_record; /* … of this record */
	uint64_t n_messages;
	bool is_whole; /* every record so far was at hand */
};

rg_err fold_new(struct store *store, struct fold **ret_fold)
{
	scoped(fold_freep) struct fold *fold = calloc(1, sizeof(*fold));

	if (!fold) {
		return RG_E_NOMEM;
	}
	fold->store = store;
	fold->is_whole = true;
	fold->arena = arena_new(0);
	rg_err err = fold->arena ? deliveries_new(store, &fold->deliveries) : RG_E_NOMEM;

	if (!err) {
		*ret_fold = steal(fold);
	}
	return err;
}

void fold_free(struct fold *fold)
{
	if (!fold) {
		return;
	}
	deliveries_free(fold->deliveries);
	arena_free(fold->arena);
	free(fold);
}

void fold_set_origin(struct fold *fold, const struct derived_lineage *lineage)
{
	deliveries_set_origin(fold->deliveries, lineage);
}

int64_t fold_time_us(const struct fold *fold)
{
	return fold->time_us;
}

uint64_t fold_time_record(const struct fold *fold)
{
	return fold->time_record;
}

uint64_t fold_n_messages(const struct fold *fold)
{
	return fold->n_messages;
}

/* --- Time ------------------------------------------------------------------------------------ */

static void judge_time(struct fold *fold, const struct fold_input *input, struct findings *findings)
{
	int64_t time_us = input->examined->time_us;
	char text[28];
	char other[28];

	if (fold->has_time && time_us < fold->time_us) {
		text_time_us(time_us, text);
		text_time_us(fold->time_us, other);
		findings_add(findings, FINDING_TIME_ORDER, input->index,
			"time_us is %s; that of record %llu is %s", text,
			(unsigned long long)fold->time_record, other);
	}
	if (!fold->has_time || time_us > fold->time_us) {
		fold->time_us = time_us;
		fold->time_record = input->index;
	}
	fold->has_time = true;
}

/* --- Identity -------------------------------------------------------------------------------- */

static rg_err judge_identity(struct fold *fold, const struct fold_input *input,
	struct findings *findings)
{
	uint8_t index[8];
	struct rg_bytes known;

	for (unsigned i = 0; i < sizeof(index); i++) {
		index[i] = (uint8_t)(input->index >> (56 - 8 * i));
	}
	rg_err err = store_add(fold->store, STORE_IDENTITY,
		bytes_of(input->examined->identity, EXAMINE_IDENTITY_LEN),
		bytes_of(index, sizeof(index)), &known);

	if (!err && known.len == sizeof(index)) {
		struct cursor cursor = cursor_of(known);

		findings_add(findings, FINDING_IDENTITY, input->index,
			"sender and id are those of record %llu",
			(unsigned long long)cursor_u64(&cursor));
	}
	return err;
}

/* --- Progress -------------------------------------------------------------------------------- */

static void complain(struct findings *findings, uint64_t index, const char *what,
	const Rivergate__V1__DeliveryRef *ref, enum deliveries_answer answer)
{
	bool is_derived = ref->derived_id.len > 0;

	if (answer == DELIVERIES_ENDED || answer == DELIVERIES_LATE) {
		return;
	}
	findings_add(findings, is_derived ? FINDING_DERIVED : FINDING_DELIVERY, index,
		is_derived ? "%s a message to %.100s derived from record %llu that does not follow "
			     "from it, or a second time"
			   : "%s a delivery to %.100s of record %llu that is not open",
		what, ref->to, (unsigned long long)ref->index);
}

/* A word as the router writes it, which takes any from an adapter. */
static bool is_reason(const char *reason)
{
	size_t len = strspn(reason, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

	return len > 0 && len <= REASON_MAX && reason[len] == '\0';
}

/* What no router writes, whatever is open. */
static void judge_progress(const Rivergate__V1__Progress *progress, uint64_t index,
	struct findings *findings)
{
	if (progress->n_settled + progress->n_set_aside == 0) {
		findings_add(findings, FINDING_LEAF, index, "a PROGRESS that ends no delivery");
	}
	for (size_t i = 0; i < progress->n_set_aside; i++) {
		if (!progress->set_aside[i]->delivery) {
			findings_add(findings, FINDING_LEAF, index,
				"set_aside %zu names no delivery", i);
		}
		if (!is_reason(progress->set_aside[i]->reason)) {
			findings_add(findings, FINDING_LEAF, index,
				"the reason of set_aside %zu is no upper-case word", i);
		}
	}
}

static rg_err end_delivery(struct fold *fold, const char *what, uint64_t index,
	const Rivergate__V1__DeliveryRef *ref, struct findings *findings)
{
	enum deliveries_answer answer = DELIVERIES_UNKNOWN;
	rg_err err = deliveries_end(fold->deliveries, ref, &answer);

	if (!err && fold->is_whole) {
		complain(findings, index, what, ref, answer);
	}
	return err;
}

static rg_err take_progress(struct fold *fold, const struct fold_input *input,
	struct findings *findings)
{
	struct scan_answer answer = {.is_ok = false};
	struct record record;
	ProtobufCMessage *message = NULL;
	rg_err err = RG_OK;

	arena_reset(fold->arena);
	if (record_read(input->leaf, &record)) {
		err = scan_unpack(&rivergate__v1__progress__descriptor, record.body, fold->arena,
			&answer, &message);
	}
	const Rivergate__V1__Progress *progress = (const Rivergate__V1__Progress *)message;

	if (!err && progress) {
		judge_progress(progress, input->index, findings);
	}
	for (size_t i = 0; !err && progress && i < progress->n_settled; i++) {
		err = end_delivery(fold, "settles", input->index, progress->settled[i], findings);
	}
	for (size_t i = 0; !err && progress && i < progress->n_set_aside; i++) {
		const Rivergate__V1__DeliveryRef *ref = progress->set_aside[i]->delivery;

		err = ref ? end_delivery(fold, "sets aside", input->index, ref, findings) : RG_OK;
	}
	return err;
}

/* --- Records --------------------------------------------------------------------------------- */

static rg_err take_message(struct fold *fold, const struct fold_input *input,
	struct findings *findings)
{
	rg_err err = input->examined->has_identity ? judge_identity(fold, input, findings) : RG_OK;

	fold->n_messages++;
	return err ? err : deliveries_open(fold->deliveries, input->index, input->examined);
}

/* They expire without a notice, after the life of derived messages. */
static rg_err take_told(struct fold *fold, const struct fold_input *input, int64_t life_us)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < input->n_told; i++) {
		err = deliveries_tell(fold->deliveries, input->index, &input->told[i],
			input->examined->time_us + life_us);
	}
	return err;
}

rg_err fold_take(struct fold *fold, const struct fold_input *input, struct findings *findings)
{
	const struct examined *examined = input->examined;
	int64_t life_us = examined->default_life_us ? examined->default_life_us : DEFAULT_LIFE_US;
	rg_err err = RG_OK;

	if (examined->type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_UNSPECIFIED) {
		fold->is_whole = false;
		return RG_OK;
	}
	fold->is_whole = fold->is_whole && input->is_told;
	judge_time(fold, input, findings);
	if (examined->type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE) {
		fold->is_whole = fold->is_whole && !examined->is_unrouted;
		err = take_message(fold, input, findings);
	}
	if (!err) {
		err = take_told(fold, input, life_us);
	}
	if (!err && examined->type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_PROGRESS) {
		err = take_progress(fold, input, findings);
	}
	return err ? err : deliveries_expire(fold->deliveries, examined->time_us, life_us);
}

/* --- For a later run ------------------------------------------------------------------------- */

rg_err fold_save(struct fold *fold)
{
	scoped(buf_deinitv) struct buf state = {.data = NULL};

	buf_add_u8(&state, fold->has_time);
	buf_add_u64(&state, (uint64_t)fold->time_us);
	buf_add_u64(&state, fold->time_record);
	buf_add_u64(&state, fold->n_messages);
	buf_add_u8(&state, fold->is_whole);
	rg_err err = buf_error(&state);

	if (!err) {
		err = store_put(fold->store, STORE_STATE, bytes_of_text(STATE_KEY),
			buf_view(&state));
	}
	return err ? err : deliveries_save(fold->deliveries);
}

rg_err fold_restore(struct fold *fold)
{
	struct rg_bytes value;
	bool is_found = false;
	rg_err err =
		store_get(fold->store, STORE_STATE, bytes_of_text(STATE_KEY), &value, &is_found);
	struct cursor cursor = cursor_of(value);

	if (err || !is_found) {
		return err;
	}
	fold->has_time = cursor_u8(&cursor) != 0;
	fold->time_us = (int64_t)cursor_u64(&cursor);
	fold->time_record = cursor_u64(&cursor);
	fold->n_messages = cursor_u64(&cursor);
	fold->is_whole = cursor_u8(&cursor) != 0;
	return cursor_is_done(&cursor) ? deliveries_restore(fold->deliveries) : RG_E_FORMAT;
}
