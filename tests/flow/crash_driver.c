/*
 * A router's core that dies at every record of a journal and goes on: the same comes of it
 *
 *     crash_driver STRIDE FIRST [forget] < records
 *
 * For story_world.py. Standard input: the records of a journal, each as leaf and parts with their
 * lengths (32 bits, big-endian). Its messages and the times of its ticks are the input of a core in
 * this process, with a virtual clock, a journal in memory and all parties there to receive: the
 * uncut run. Then, for record FIRST and every STRIDE-th after it of the journal that came out: a
 * core that has replayed no more than the records before it, as after a kill -9, gets what input
 * there is left. Every other time the parties remember all that they were given before, else
 * only what a PROGRESS record says that they have stored.
 *
 * Compared, with indexes of records apart (a start appends a record of its own): the MESSAGE
 * records; what each party received under each order key, in order, none twice and none lost; all
 * rows of the window; and that queues are empty. Of every eighth also that a replay of its journal
 * leads to the same folds, byte for byte.
 *
 * With `forget` what goes on lacks the last message: a comparison that finds nothing then could not
 * fail.
 *
 * Prints one JSON object. Exit 0: all the same, 1: not (standard error says what), 2 usage, 3 could
 * not.
 * Threads: one.
 */

#include "crash_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rivergate/v1/consignment.pb-c.h"
#include "rules/rows.h"
#include "wire/json.h"

#define REPLAY_EACH 8

#define RECORD(name) RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_##name

/* --- Comparison ------------------------------------------------------------------------------- */

static void show(const char *what, const ProtobufCMessageDescriptor *descriptor,
	struct rg_bytes bytes)
{
	ProtobufCMessage *message =
		protobuf_c_message_unpack(descriptor, NULL, bytes.len, bytes.data);
	scoped(freep) char *text = NULL;

	if (message && json_encode(message, 0, &text) == RG_OK) {
		(void)fprintf(stderr, "%s: %s\n", what, text);
	}
	if (message) {
		protobuf_c_message_free_unpacked(message, NULL);
	}
}

static const struct run_entry *next_message(const struct run *run, size_t *at)
{
	while (*at < run->n_records && run->journal[*at].record.type != RECORD(MESSAGE)) {
		(*at)++;
	}
	return *at < run->n_records ? &run->journal[(*at)++] : NULL;
}

static bool has_same_messages(const struct run *a, const struct run *b)
{
	size_t at_a = 0;
	size_t at_b = 0;

	for (;;) {
		const struct run_entry *one = next_message(a, &at_a);
		const struct run_entry *other = next_message(b, &at_b);

		if (!one && !other) {
			return true;
		}
		if (!one || !other || !run_is_same_message(one, other) ||
			!bytes_equal(one->record.signature, other->record.signature) ||
			one->time_us != other->time_us ||
			!bytes_equal(buf_view(&one->parts), buf_view(&other->parts))) {
			(void)fprintf(stderr, "MESSAGE records differ at %zu and %zu\n", at_a,
				at_b);
			return false;
		}
	}
}

static int compare_parcels(const void *a, const void *b)
{
	const struct run_parcel *const *left = a;
	const struct run_parcel *const *right = b;
	int order = strcmp((*left)->key, (*right)->key);

	return order ? order
		     : ((*left)->order > (*right)->order) - ((*left)->order < (*right)->order);
}

static const struct run_parcel **sort_parcels(const struct run *run)
{
	const struct run_parcel **sorted = calloc(run->n_parcels + 1, sizeof(struct run_parcel *));

	for (size_t i = 0; sorted && i < run->n_parcels; i++) {
		sorted[i] = &run->parcels[i];
	}
	if (sorted) {
		qsort(sorted, run->n_parcels, sizeof(struct run_parcel *), compare_parcels);
	}
	return sorted;
}

static bool has_same_parcels(const struct run *a, const struct run *b)
{
	scoped(freep) const struct run_parcel **one = sort_parcels(a);
	scoped(freep) const struct run_parcel **other = sort_parcels(b);
	size_t n = a->n_parcels > b->n_parcels ? a->n_parcels : b->n_parcels;

	for (size_t i = 0; one && other && i < n; i++) {
		bool is_same = i < a->n_parcels && i < b->n_parcels &&
			strcmp(one[i]->key, other[i]->key) == 0 &&
			bytes_equal(buf_view(&one[i]->bytes), buf_view(&other[i]->bytes));

		if (is_same) {
			continue;
		}
		if (i < a->n_parcels) {
			(void)fprintf(stderr, "uncut, to %s\n", one[i]->key);
			show("uncut", &rivergate__v1__header__descriptor, buf_view(&one[i]->bytes));
		}
		if (i < b->n_parcels) {
			(void)fprintf(stderr, "cut, to %s\n", other[i]->key);
			show("cut", &rivergate__v1__header__descriptor, buf_view(&other[i]->bytes));
		}
		return false;
	}
	return one && other;
}

static const ProtobufCMessageDescriptor *type_of_row(uint8_t table)
{
	static const struct {
		uint8_t table;
		const ProtobufCMessageDescriptor *descriptor;
	} types[] = {
		{ROWS_CONSIGNMENT, &rivergate__v1__consignment_state__descriptor},
		{ROWS_CERTIFICATE, &rivergate__v1__certificate_ledger__descriptor},
		{ROWS_ESTABLISHMENT, &rivergate__v1__establishment_ledger__descriptor},
		{ROWS_ALERT, &rivergate__v1__alert_state__descriptor},
		{ROWS_ENQUIRY, &rivergate__v1__waiting_state__descriptor},
		{ROWS_NOTICE, &rivergate__v1__waiting_state__descriptor},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i].table == table) {
			return types[i].descriptor;
		}
	}
	return NULL;
}

/* The next row that is no header of a derived message: key and value, indexes apart. */
static rg_err next_row(const struct run *run, struct buf *key, struct buf *ret_value,
	bool *ret_found)
{
	const struct rules_store *store = &run->core->window_store;
	scoped(buf_deinitv) struct buf from = {.data = NULL};
	scoped(buf_deinitv) struct buf value = {.data = NULL};
	bool has_value = false;
	rg_err err = RG_OK;

	do {
		buf_clear(&from);
		buf_add_bytes(&from, buf_view(key));
		buf_add_u8(&from, 0);
		err = store->seek(store->context, buf_view(&from), key, ret_found);
	} while (!err && *ret_found && key->data[0] == ROWS_HEADER);
	buf_clear(ret_value);
	if (err || !*ret_found) {
		return err;
	}
	const ProtobufCMessageDescriptor *descriptor = type_of_row(key->data[0]);

	err = store->get(store->context, buf_view(key), &value, &has_value);
	if (!err && descriptor) {
		err = run_without_indexes(descriptor, buf_view(&value), ret_value);
	}
	return err;
}

static bool has_same_rows(const struct run *a, const struct run *b, size_t *ret_n)
{
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	scoped(buf_deinitv) struct buf other_key = {.data = NULL};
	scoped(buf_deinitv) struct buf value = {.data = NULL};
	scoped(buf_deinitv) struct buf other_value = {.data = NULL};
	bool is_found = true;
	bool is_same = true;

	for (*ret_n = 0; is_found && is_same; ++*ret_n) {
		bool is_other = false;

		is_same = next_row(a, &key, &value, &is_found) == RG_OK &&
			next_row(b, &other_key, &other_value, &is_other) == RG_OK &&
			is_found == is_other && bytes_equal(buf_view(&key), buf_view(&other_key)) &&
			bytes_equal(buf_view(&value), buf_view(&other_value));
	}
	if (!is_same) {
		const ProtobufCMessageDescriptor *type = key.len ? type_of_row(key.data[0]) : NULL;

		(void)fprintf(stderr, "rows differ: %.*s and %.*s\n", (int)key.len,
			(const char *)key.data, (int)other_key.len, (const char *)other_key.data);
		if (type) {
			show("uncut", type, buf_view(&value));
			show("cut", type, buf_view(&other_value));
		}
	}
	return is_same;
}

static bool is_the_same(const struct run *uncut, const struct run *run, size_t *ret_n_rows)
{
	if (deliver_totals(run->core->deliver).n_queued > 0) {
		(void)fputs("a delivery was never made\n", stderr);
		return false;
	}
	return has_same_messages(uncut, run) && has_same_parcels(uncut, run) &&
		has_same_rows(uncut, run, ret_n_rows);
}

static rg_err dump(const struct core *core, struct buf *out)
{
	rg_err err = core_dump(core, out);

	return err ? err : memory_dump(core->window_memory, out);
}

/* A replay of the journal leads to the same folds, and rows byte for byte. */
static rg_err check_replay(const struct run *run, bool *ret_is_same)
{
	scoped(run_deinitv) struct run again = {.core = NULL};
	scoped(buf_deinitv) struct buf before = {.data = NULL};
	scoped(buf_deinitv) struct buf after = {.data = NULL};
	rg_err err = run_init(&again, run);

	for (size_t i = 0; !err && i < run->n_records; i++) {
		err = run_replay(&run->journal[i], &again);
	}
	err = err ? err : dump(run->core, &before);
	err = err ? err : dump(again.core, &after);
	*ret_is_same = !err && bytes_equal(buf_view(&before), buf_view(&after));
	if (!err && !*ret_is_same) {
		(void)fputs("a replay leads to other folds\n", stderr);
	}
	return err;
}

/* --- Program ---------------------------------------------------------------------------------- */

struct figures {
	size_t n_cuts;
	size_t n_replayed;
	size_t n_rows;
};

static rg_err cut(const struct run *inputs, const struct run *uncut, size_t n_records,
	struct figures *figures, bool *ret_is_same)
{
	scoped(run_deinitv) struct run run = {.core = NULL};
	rg_err err = run_restart(uncut, n_records, figures->n_cuts % 2 == 0, &run);

	err = err ? err : run_feed(&run, inputs, n_records);
	*ret_is_same = !err && is_the_same(uncut, &run, &figures->n_rows);
	if (!err && *ret_is_same && figures->n_cuts % REPLAY_EACH == 0) {
		figures->n_replayed++;
		err = check_replay(&run, ret_is_same);
	}
	figures->n_cuts++;
	if (err || !*ret_is_same) {
		(void)fprintf(stderr, "killed after %zu records of %zu: error %d\n", n_records,
			uncut->n_records, (int)err);
	}
	return err;
}

/* Inputs before the last message. */
static size_t n_before_last(const struct run *inputs)
{
	size_t n = inputs->n_records;

	while (n > 0 && inputs->journal[n - 1].record.type != RECORD(MESSAGE)) {
		n--;
	}
	return n > 0 ? n - 1 : 0;
}

struct plan {
	size_t stride;
	size_t first;
	bool forgets;
};

static int run_all(const struct run *inputs, const struct plan *plan, struct run *uncut)
{
	struct figures figures = {.n_cuts = 0};
	struct run rest = *inputs; /* borrows */
	bool is_same = true;
	rg_err err = run_init(uncut, inputs);

	err = err ? err : run_feed(uncut, inputs, 0);
	err = err ? err : run_note_settled(uncut);
	rest.n_records = plan->forgets ? n_before_last(inputs) : inputs->n_records;
	for (size_t i = plan->first; !err && is_same && i <= uncut->n_records; i += plan->stride) {
		err = cut(&rest, uncut, i, &figures, &is_same);
	}
	(void)printf("{\"inputs\": %zu, \"records\": %zu, \"cuts\": %zu, \"received\": %zu, "
		     "\"rows\": %zu, \"replayed\": %zu}\n",
		inputs->n_records, uncut->n_records, figures.n_cuts, uncut->n_parcels,
		figures.n_rows, figures.n_replayed);
	return err ? 3 : !is_same;
}

int main(int argc, char **argv)
{
	scoped(run_deinitv) struct run inputs = {.core = NULL};
	scoped(run_deinitv) struct run uncut = {.core = NULL};
	scoped(key_freep) struct key *log_key = NULL;
	struct plan plan = {.forgets = argc == 4 && strcmp(argv[3], "forget") == 0};

	if (argc == 3 || plan.forgets) {
		plan.stride = strtoull(argv[1], NULL, 10);
		plan.first = strtoull(argv[2], NULL, 10);
	}
	if (!plan.stride) {
		(void)fputs("usage: crash_driver STRIDE FIRST [forget] < records\n", stderr);
		return 2;
	}
	if (run_read_journal(&inputs) || inputs.n_records == 0 ||
		key_generate(RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519, &log_key)) {
		(void)fputs("these are no records\n", stderr);
		return 3;
	}
	const struct run_entry *first = &inputs.journal[0];
	Rivergate__V1__Origin *origin = rivergate__v1__origin__unpack(NULL, first->record.body.len,
		first->record.body.data);

	if (first->record.type != RECORD(ORIGIN) || !origin) {
		return 3;
	}
	inputs.log_key = log_key;
	inputs.router = origin->router;
	inputs.origin = origin->origin;
	int code = run_all(&inputs, &plan, &uncut);

	rivergate__v1__origin__free_unpacked(origin, NULL);
	return code;
}
