/*
 * Reports: see report.h; what is counted is in report_count.c.
 *
 * Method: one pass over the records, which feeds law and window and shows each decision with
 * its consignment before and after; then a walk over the rows of consignments.
 * Threads: one.
 */
#include "audit/report.h"

#include <stdio.h>
#include <string.h>

#include "audit/examine.h"
#include "audit/law.h"
#include "audit/report_inside.h"
#include "audit/segments.h"
#include "audit/telling.h"
#include "base/file.h"
#include "evidence/published.h"
#include "evidence/record.h"
#include "registry/header.h"
#include "rules/rows.h"
#include "wire/scan.h"

#define ARENA_MAX ((size_t)256 << 20)
#define TOLD_EACH 4096

struct reporting {
	struct report_counting counting;
	const struct report_kind *kind;
	struct published *log;
	struct segments *segments;
	struct store *store;
	struct law law;
	struct findings findings; /* about the law; `rivergate audit verify` tells them */
	struct telling *telling;
	struct arena *arena;
	struct report report;
};

static void refuse(struct reporting *it, const char *why, const char *where)
{
	it->report.refused = why;
	(void)snprintf(it->report.where, sizeof(it->report.where), "%s", where);
}

/* --- Records ---------------------------------------------------------------------------------- */

/* The record in hand, taken apart. */
struct reading {
	uint64_t index;
	struct rg_bytes leaf;
	struct record record;
	int64_t time_us;
	const Rivergate__V1__Header *header; /* of a message that counts; else NULL */
};

static rg_err read_record(struct reporting *it, struct reading *reading, bool *ret_is_read)
{
	struct scan_answer answer = {.is_ok = false};
	ProtobufCMessage *meta = NULL;
	ProtobufCMessage *header = NULL;
	rg_err err = RG_OK;
	Rivergate__V1__Kind kind = examine_kind(reading->leaf);
	bool is_wanted = it->kind->message &&
		(kind == RIVERGATE__V1__KIND__KIND_DECISION ||
			(it->kind->takes_all && kind != RIVERGATE__V1__KIND__KIND_UNSPECIFIED));

	*ret_is_read = false;
	if (!record_read(reading->leaf, &reading->record)) {
		return RG_OK;
	}
	err = scan_unpack(&rivergate__v1__meta__descriptor, reading->record.meta, it->arena,
		&answer, &meta);
	if (!err && is_wanted) {
		err = scan_unpack(&rivergate__v1__header__descriptor, reading->record.body,
			it->arena, &answer, &header);
	}
	if (!err && meta) {
		reading->time_us = ((const Rivergate__V1__Meta *)meta)->time_us;
		reading->header = (const Rivergate__V1__Header *)header;
		*ret_is_read = !is_wanted || header;
	}
	return err;
}

static rg_err take_law(struct reporting *it, const struct reading *reading)
{
	struct law_record record = {.index = reading->index, .leaf = reading->leaf};
	struct segments_found found = {.state = SEGMENTS_ABSENT};
	rg_err err = segments_read(it->segments, reading->index, &found);

	if (!err && found.state == SEGMENTS_WHOLE && bytes_equal(found.leaf, reading->leaf)) {
		record.parts = found.parts;
	}
	err = err ? err : law_take(&it->law, &record, it->store, &it->findings);
	if (!err && !it->law.is_known) {
		refuse(it,
			"it does not hold the content of a registry, directory, profile or "
			"revocation "
			"list: without it nobody knows who decides on the consignments after it",
			"journal");
	}
	if (!err && it->law.has_origin) {
		err = telling_set_origin(it->telling, it->law.router, &it->law.lineage);
	}
	return err;
}

static rg_err feed_window(struct reporting *it, const struct reading *reading)
{
	const struct telling_record record = {.index = reading->index,
		.leaf = reading->leaf,
		.trust_after = it->law.trust,
		.is_trust_known = it->law.is_known};
	struct examined examined = {.type = reading->record.type, .time_us = reading->time_us};
	const struct deliveries_told *told = NULL;
	size_t n_told = 0;

	return telling_take(it->telling, &record, &examined, &told, &n_told);
}

/* The consignment as it stands; NULL: there is none. */
static rg_err read_state(struct reporting *it, const char *ucr,
	Rivergate__V1__ConsignmentState **ret_state)
{
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	struct rg_bytes value = {.data = NULL};
	bool is_found = false;

	*ret_state = NULL;
	rows_key(&key, ROWS_CONSIGNMENT, ucr);
	rg_err err = buf_error(&key);

	if (err || !ucr[0] || key.len > STORE_KEY_MAX) {
		return err;
	}
	err = store_get(it->store, STORE_CONSIGNMENT, buf_view(&key), &value, &is_found);
	if (!err && is_found) {
		*ret_state = rivergate__v1__consignment_state__unpack(arena_protobuf(it->arena),
			value.len, value.data);
		err = *ret_state ? RG_OK : RG_E_FORMAT;
	}
	return err;
}

/* The window takes the record; a message is shown with what it changed. */
static rg_err take_told(struct reporting *it, const struct reading *reading)
{
	struct report_message message = {.index = reading->index,
		.time_us = reading->time_us,
		.header = reading->header,
		.trust = it->law.trust};
	bool is_shown = message.header && message.header->ucr[0];
	rg_err err = is_shown ? read_state(it, message.header->ucr, &message.before) : RG_OK;

	err = err ? err : feed_window(it, reading);
	if (!err && is_shown) {
		err = read_state(it, message.header->ucr, &message.after);
	}
	return err || !is_shown ? err : it->kind->message(&it->counting, &message);
}

/* The time as of which the report is made has passed: what follows is not part of it. */
static bool is_after(const struct reporting *it, const struct reading *reading)
{
	int64_t until_us = it->counting.options->until_us;

	return it->kind->is_as_of && until_us && reading->time_us > until_us;
}

static rg_err take_record(struct reporting *it, uint64_t index)
{
	struct reading reading = {.index = index};
	struct published_finding what;
	bool is_read = false;
	rg_err err = published_entry(it->log, index, &reading.leaf, &what);

	if (err) {
		return err;
	}
	if (what.state != PUBLISHED_GOOD) {
		refuse(it, what.what, what.file);
		return RG_OK;
	}
	arena_reset(it->arena);
	err = read_record(it, &reading, &is_read);
	if (!err && !is_read) {
		refuse(it, "a record of the log cannot be read: `rivergate audit verify` names it",
			"");
	} else if (!err && is_after(it, &reading)) {
		it->report.next_time_us = reading.time_us;
		return RG_OK;
	} else if (!err && (index == 0 || header_is_governance(examine_kind(reading.leaf)))) {
		err = take_law(it, &reading);
	}
	if (!err && !it->report.refused) {
		it->report.last_time_us = reading.time_us;
		err = take_told(it, &reading);
	}
	return err;
}

static void show_progress(const struct reporting *it, uint64_t done)
{
	const struct report_options *options = it->counting.options;

	if (options->progress && (done % TOLD_EACH == 0 || done == it->report.size)) {
		options->progress(options->context, done, it->report.size);
	}
}

static rg_err take_records(struct reporting *it)
{
	bool is_as_of = it->kind->is_as_of && it->counting.options->until_us;
	rg_err err = RG_OK;
	uint64_t i = 0;

	while (!err && !it->report.refused && !it->report.next_time_us && i < it->report.size) {
		err = take_record(it, i++);
		if (!err && i % STORE_COMMIT_EACH == 0) {
			err = store_commit(it->store);
		}
		show_progress(it, i);
	}
	if (it->report.next_time_us) {
		it->report.size = i - 1;
	} else if (!err && is_as_of && !it->report.refused) {
		refuse(it,
			"its last record is older than that time: what came by then is not known "
			"yet",
			"");
	}
	return err;
}

/* --- Consignments ----------------------------------------------------------------------------- */

static rg_err take_consignment(struct reporting *it, struct rg_bytes value)
{
	arena_reset(it->arena);
	Rivergate__V1__ConsignmentState *state =
		rivergate__v1__consignment_state__unpack(arena_protobuf(it->arena), value.len,
			value.data);

	return state ? it->kind->consignment(&it->counting, state, it->law.trust) : RG_E_FORMAT;
}

static rg_err take_consignments(struct reporting *it)
{
	scoped(buf_deinitv) struct buf from = {.data = NULL};
	rg_err err = RG_OK;
	bool is_found = it->kind->consignment != NULL;

	buf_add_u8(&from, ROWS_CONSIGNMENT);
	while (!err && is_found) {
		struct store_row row = {.key = {.data = NULL}};

		err = buf_error(&from);
		err = err ? err
			  : store_seek(it->store, STORE_CONSIGNMENT, buf_view(&from), &row,
				    &is_found);
		is_found = is_found && row.key.len > 0 && row.key.data[0] == ROWS_CONSIGNMENT;
		if (!err && is_found) {
			buf_clear(&from);
			buf_add_bytes(&from, row.key);
			buf_add_u8(&from, 0);
			err = take_consignment(it, row.value);
		}
	}
	return err;
}

/* --- The whole -------------------------------------------------------------------------------- */

static rg_err open_log(struct reporting *it)
{
	const char *dir = it->counting.options->dir;
	scoped(freep) char *journal = file_join(dir, "journal");
	struct published_finding what;
	rg_err err = journal ? published_open(dir, NULL, &it->log, &what) : RG_E_NOMEM;

	if (err) {
		return err;
	}
	if (!it->log) {
		refuse(it, what.what, what.file);
		return RG_OK;
	}
	if (published_party(it->log)) {
		refuse(it, "a view does not hold what others did: reports need the whole log",
			"view");
		return RG_OK;
	}
	it->report.size = published_checkpoint(it->log)->size;
	err = segments_open(journal, &it->segments);
	err = err ? err : store_open(NULL, &it->store);
	err = err ? err : telling_new(it->store, &it->telling);
	it->arena = arena_new(ARENA_MAX);
	return err || it->arena ? err : RG_E_NOMEM;
}

static void set_tables(struct reporting *it)
{
	struct report *report = &it->report;

	for (size_t i = 0; i < REPORT_TABLES_MAX && it->kind->forms[i]; i++) {
		/* A single consignment is nobody's to publish. */
		if (!report->is_published || !it->kind->forms[i]->lists_ucrs) {
			report->tables[report->n_tables++].form = it->kind->forms[i];
		}
	}
}

static rg_err finish(struct report *report)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < report->n_tables; i++) {
		struct tally *tally = &report->tables[i].tally;

		err = tally->err;
		for (size_t j = 0; !err && j < tally->n_cells; j++) {
			tally_sort(tally->cells[j]);
		}
	}
	return err;
}

static void deinit(struct reporting *it)
{
	report_deinit(&it->report);
	telling_free(it->telling);
	law_deinit(&it->law);
	findings_deinit(&it->findings);
	segments_close(it->segments);
	store_close(it->store);
	arena_free(it->arena);
	published_close(it->log);
}

void report_deinit(struct report *report)
{
	for (size_t i = 0; i < report->n_tables; i++) {
		tally_deinit(&report->tables[i].tally);
	}
	report->n_tables = 0;
}

rg_err report_make(const struct report_options *options, struct report *ret_report)
{
	scoped(deinit) struct reporting it = {.kind = report_kind_of(options->type),
		.report = {.is_published = options->is_published}};

	law_init(&it.law);
	it.counting.options = options;
	it.counting.report = &it.report;
	rg_err err = open_log(&it);

	it.counting.arena = it.arena;
	it.counting.store = it.store;
	set_tables(&it);
	if (!err && !it.report.refused) {
		err = take_records(&it);
	}
	if (!err && !it.report.refused) {
		err = take_consignments(&it);
	}
	err = err ? err : finish(&it.report);
	if (!err) {
		*ret_report = it.report;
		it.report.n_tables = 0;
	}
	return err;
}

int64_t report_number(const struct report *report, const struct report_table *table,
	const struct tally_cell *cell, size_t column)
{
	const struct report_number *number = &table->form->numbers[column];
	int64_t value = number->of(cell);
	int64_t basis = number->unit == REPORT_COUNT ? value : (int64_t)cell->n_samples;

	return report->is_published && basis > 0 && basis < REPORT_PUBLISHED_MIN ? REPORT_NO_NUMBER
										 : value;
}
