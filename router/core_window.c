/*
 * The window in the core: what records mean for consignments, and when something is due.
 *
 * Threads: the core's.
 */
#include "core_state.h"

#include "rules/goods.h"

/* Bytes of the frames that a window counts, beside the header. */
#define LEN_SIGNED 256

/* Planned authorities get the message beside those that its sender named. */
static void add_recipients(const struct window_result *result, struct deliver_plan *plan)
{
	for (size_t i = 0; i < result->n_recipients; i++) {
		plan->recipients[plan->n_recipients].party = result->recipients[i].party;
		plan->recipients[plan->n_recipients++].parts = result->recipients[i].parts;
	}
}

static rg_err add_told(const struct window_result *result, struct arena *arena,
	struct deliver_plan *plan)
{
	struct deliver_told *told = arena_alloc(arena, (result->n_told + 1) * sizeof(*told));

	if (!told) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < result->n_told; i++) {
		const struct window_told *one = &result->told[i];

		told[i] = (struct deliver_told){
			.kind = one->kind,
			.ordinal = one->ordinal,
			.to = one->to,
			.ucr = one->ucr,
			.lane = one->lane,
			.bytes = (uint32_t)one->header.len + LEN_SIGNED,
		};
	}
	plan->told = told;
	plan->n_told = result->n_told;
	return RG_OK;
}

static rg_err add_handed(const struct window_result *result, struct arena *arena,
	struct deliver_plan *plan)
{
	struct deliver_handed *handed =
		arena_alloc(arena, (result->n_handed + 1) * sizeof(*handed));

	if (!handed) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < result->n_handed; i++) {
		const struct window_handed *one = &result->handed[i];

		handed[i] = (struct deliver_handed){
			.index = one->index,
			.party = one->party,
			.parts = one->parts,
			.ucr = one->ucr,
			.lane = one->lane,
			.bytes = one->bytes,
		};
	}
	plan->handed = handed;
	plan->n_handed = result->n_handed;
	return RG_OK;
}

static rg_err take_record(void *context, const struct fold_record *record,
	const struct trust *trust, struct deliver_plan *plan)
{
	struct core *core = context;
	const struct window_record of_window = {
		.index = record->index,
		.time_us = record->meta->time_us,
		.header = record->header,
		.header_hash = record->header_hash,
		.trust = trust,
	};
	struct window_result result = {.n_told = 0};

	arena_reset(core->window_arena);
	rg_err err = window_apply(core->window, &of_window, core->window_arena, &result);

	if (!err) {
		add_recipients(&result, plan);
		err = add_told(&result, core->window_arena, plan);
	}
	if (!err) {
		err = add_handed(&result, core->window_arena, plan);
	}
	if (!err) {
		err = window_next_us(core->window, &core->window_us);
	}
	return !err && core->window_disk ? window_disk_commit(core->window_disk) : err;
}

static rg_err give_header(void *context, uint64_t cause, uint8_t kind, uint32_t ordinal,
	const char *to, struct buf *out)
{
	const struct core *core = context;
	bool is_found = false;
	rg_err err = window_header(core->window, cause, ordinal, out, &is_found);

	(void)kind;
	(void)to;
	return !err && !is_found ? RG_E_FORMAT : err;
}

static rg_err forget(void *context, uint64_t cause, uint8_t kind, uint32_t ordinal, const char *to)
{
	const struct core *core = context;

	(void)kind;
	(void)to;
	return window_over(core->window, cause, ordinal);
}

rg_err core_window_open(struct core *core)
{
	rg_err err = RG_OK;

	core->window_us = INT64_MAX;
	core->teller = core->options.teller
		? *core->options.teller
		: (struct core_teller){take_record, give_header, forget, core};
	core->window_arena = arena_new(0);
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
	if (!err && !core->window_arena) {
		err = RG_E_NOMEM;
	}
	return err ? err
		   : window_new(&core->window_store, core->options.router, true, &core->window);
}

void core_window_close(struct core *core)
{
	window_free(core->window);
	window_disk_close(core->window_disk);
	memory_free(core->window_memory);
	arena_free(core->window_arena);
}

int64_t core_window_due_us(const struct core *core)
{
	/* What is pending will bring it about. */
	if (core->n_pending > 0 || core->window_us == INT64_MAX) {
		return INT64_MAX;
	}
	return core->window_us > core->retry_us ? core->window_us : core->retry_us;
}
