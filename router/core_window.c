/*
 * The window in the core: what records mean for consignments, and when something is due.
 *
 * Threads: the core's.
 */
#include "core_state.h"

rg_err core_window_open(struct core *core)
{
	rg_err err = RG_OK;

	core->window_us = INT64_MAX;
	if (core->options.window_path) {
		err = window_disk_open(core->options.window_path, &core->window_disk);
		if (!err) {
			core->window_store = window_disk_store(core->window_disk);
		}
	} else {
		err = memory_new(&core->window_memory);
		if (!err) {
			core->window_store = memory_store(core->window_memory);
		}
	}
	return err ? err : window_new(&core->window_store, core->options.router, &core->window);
}

void core_window_close(struct core *core)
{
	window_free(core->window);
	window_disk_close(core->window_disk);
	memory_free(core->window_memory);
}

static bool is_late(const Rivergate__V1__Meta *meta)
{
	for (size_t i = 0; i < meta->n_marks; i++) {
		if (meta->marks[i] == RIVERGATE__V1__MARK__MARK_LATE) {
			return true;
		}
	}
	return false;
}

rg_err core_window_apply(struct core *core, const struct fold_record *record,
	const struct trust *trust, struct arena *arena, struct deliver_plan *plan)
{
	const struct window_record of_window = {
		.index = record->index,
		.time_us = record->meta->time_us,
		.header = record->header,
		.header_hash = record->header_hash,
		.is_late = is_late(record->meta),
		.trust = trust,
	};
	struct window_result result = {.n_told = 0};
	rg_err err = window_apply(core->window, &of_window, arena, &result);

	for (size_t i = 0; !err && i < result.n_recipients; i++) {
		plan->recipients[plan->n_recipients].party = result.recipients[i].party;
		plan->recipients[plan->n_recipients++].parts = result.recipients[i].parts;
	}
	if (!err) {
		err = window_next_us(core->window, &core->window_us);
	}
	return !err && core->window_disk ? window_disk_commit(core->window_disk) : err;
}

int64_t core_window_due_us(const struct core *core)
{
	/* What is pending will bring it about. */
	if (core->n_pending > 0 || core->window_us == INT64_MAX) {
		return INT64_MAX;
	}
	return core->window_us > core->retry_us ? core->window_us : core->retry_us;
}
