/*
 * The window once more: see telling.h.
 *
 * Threads: one.
 */
#include "audit/telling.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "evidence/record.h"
#include "rules/rows.h"
#include "rules/window.h"

struct telling {
	struct store *store;
	struct rules_store rows;
	struct window *window; /* NULL: whose log it is was not said */
	struct arena *arena;
	bool is_whole; /* every record so far was at hand */
	int64_t next_us;
};

/* --- Rows ------------------------------------------------------------------------------------ */

/* In a table of its own the next row mostly goes to the end, where the cursor is. */
static enum store_table table_of(struct rg_bytes key)
{
	static const struct {
		uint8_t first;
		enum store_table table;
	} own[] = {{ROWS_CONSIGNMENT, STORE_CONSIGNMENT}, {ROWS_GOODS, STORE_GOODS}};

	for (size_t i = 0; key.len && i < sizeof(own) / sizeof(own[0]); i++) {
		if (own[i].first == key.data[0]) {
			return own[i].table;
		}
	}
	return STORE_WINDOW;
}

static rg_err get(void *context, struct rg_bytes key, struct buf *out, bool *ret_found)
{
	struct rg_bytes value = {.data = NULL};
	rg_err err = store_get(context, table_of(key), key, &value, ret_found);

	buf_clear(out);
	if (!err && *ret_found) {
		buf_add_bytes(out, value);
	}
	return err ? err : buf_error(out);
}

static rg_err put(void *context, struct rg_bytes key, struct rg_bytes value)
{
	return store_put(context, table_of(key), key, value);
}

static rg_err take_away(void *context, struct rg_bytes key)
{
	return store_delete(context, table_of(key), key);
}

static rg_err seek(void *context, struct rg_bytes from, struct buf *ret_key, bool *ret_found)
{
	struct store_row row = {.key = {.data = NULL}};
	rg_err err = store_seek(context, table_of(from), from, &row, ret_found);

	buf_clear(ret_key);
	if (!err && *ret_found) {
		buf_add_bytes(ret_key, row.key);
	}
	return err ? err : buf_error(ret_key);
}

/* --- Life ------------------------------------------------------------------------------------ */

rg_err telling_new(struct store *store, struct telling **ret_telling)
{
	scoped(telling_freep) struct telling *telling = calloc(1, sizeof(*telling));

	if (!telling) {
		return RG_E_NOMEM;
	}
	telling->store = store;
	telling->rows = (struct rules_store){store, get, put, take_away, seek};
	telling->is_whole = true;
	telling->arena = arena_new(0);
	if (!telling->arena) {
		return RG_E_NOMEM;
	}
	*ret_telling = steal(telling);
	return RG_OK;
}

void telling_free(struct telling *telling)
{
	if (!telling) {
		return;
	}
	window_free(telling->window);
	arena_free(telling->arena);
	free(telling);
}

rg_err telling_set_origin(struct telling *telling, const char *router,
	const struct derived_lineage *lineage)
{
	rg_err err = RG_OK;

	if (!telling->window && router[0]) {
		err = window_new(&telling->rows, router, false, &telling->window);
	}
	if (!err && telling->window) {
		window_set_lineage(telling->window, lineage);
		err = window_next_us(telling->window, &telling->next_us);
	}
	return err;
}

/* --- Records --------------------------------------------------------------------------------- */

/* examine() has judged the header; where it did not keep it, it is only read. */
static void read_header(struct telling *telling, struct rg_bytes leaf,
	const struct examined *examined, struct window_record *out)
{
	struct record record;

	out->header = examined->header;
	if (!out->header && record_read(leaf, &record)) {
		out->header = rivergate__v1__header__unpack(arena_protobuf(telling->arena),
			record.body.len, record.body.data);
	}
	telling->is_whole = out->header != NULL;
}

static void add_recipients(const struct window_result *result, const struct trust *trust,
	struct examined *examined)
{
	for (size_t i = 0; i < result->n_recipients; i++) {
		const struct trust_party *party =
			trust_party_at(trust, result->recipients[i].party);

		if (party && examined->n_recipients < EXAMINE_RECIPIENTS_MAX) {
			examined->recipients[examined->n_recipients++] = party;
		}
	}
}

static rg_err list_told(struct telling *telling, const struct window_result *result,
	const struct deliveries_told **ret_told)
{
	struct deliveries_told *told = arena_alloc(telling->arena,
		(result->n_told + result->n_handed + 1) * sizeof(*told));

	for (size_t i = 0; told && i < result->n_told; i++) {
		told[i] = (struct deliveries_told){
			.kind = result->told[i].kind,
			.ordinal = result->told[i].ordinal,
			.to = result->told[i].to,
		};
	}
	for (size_t i = 0; told && i < result->n_handed; i++) {
		told[result->n_told + i] = (struct deliveries_told){
			.handed = result->handed[i].index,
			.to = result->handed[i].party,
		};
	}
	*ret_told = told;
	return told ? RG_OK : RG_E_NOMEM;
}

static rg_err apply(struct telling *telling, const struct telling_record *record,
	struct examined *examined, struct window_result *result)
{
	struct window_record of_window = {
		.index = record->index,
		.time_us = examined->time_us,
		.trust = record->trust_after,
	};
	rg_err err = RG_OK;

	if (examined->type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE) {
		read_header(telling, record->leaf, examined, &of_window);
	} else if (examined->time_us < telling->next_us) {
		return RG_OK; /* nothing is due */
	}
	if (telling->is_whole) {
		err = window_apply(telling->window, &of_window, telling->arena, result);
	}
	if (!err && telling->is_whole) {
		err = window_next_us(telling->window, &telling->next_us);
	}
	return err;
}

bool telling_is_whole(const struct telling *telling)
{
	return telling->is_whole && telling->window;
}

rg_err telling_take(struct telling *telling, const struct telling_record *record,
	struct examined *examined, const struct deliveries_told **ret_told, size_t *ret_n_told)
{
	struct window_result result = {.n_told = 0};
	rg_err err = RG_OK;

	*ret_n_told = 0;
	telling->is_whole = telling->is_whole && record->is_trust_known && record->leaf.len > 0 &&
		examined->type != RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_UNSPECIFIED;
	if (!telling->is_whole || !telling->window) {
		return RG_OK;
	}
	arena_reset(telling->arena);
	err = apply(telling, record, examined, &result);
	if (!err) {
		add_recipients(&result, record->trust_after, examined);
		err = list_told(telling, &result, ret_told);
	}
	if (!err) {
		*ret_n_told = result.n_told + result.n_handed;
	}
	return err;
}
