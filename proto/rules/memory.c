/*
 * A window's store in memory: see memory.h.
 *
 * Threads: one.
 */
#include "rules/memory.h"

#include <stdlib.h>
#include <string.h>

struct row {
	struct buf key;
	struct buf value;
};

struct memory {
	struct row *rows;
	size_t n;
	size_t room;
};

rg_err memory_new(struct memory **ret_memory)
{
	*ret_memory = calloc(1, sizeof(**ret_memory));
	return *ret_memory ? RG_OK : RG_E_NOMEM;
}

static void free_row(struct row *row)
{
	buf_deinit(&row->key);
	buf_deinit(&row->value);
}

void memory_free(struct memory *memory)
{
	if (!memory) {
		return;
	}
	for (size_t i = 0; i < memory->n; i++) {
		free_row(&memory->rows[i]);
	}
	free(memory->rows);
	free(memory);
}

static int compare(const struct buf *a, struct rg_bytes b)
{
	size_t len = a->len < b.len ? a->len : b.len;
	int order = len ? memcmp(a->data, b.data, len) : 0;

	return order ? order : (a->len > b.len) - (a->len < b.len);
}

/* The first row that is not below the key. */
static size_t place_of(const struct memory *memory, struct rg_bytes key)
{
	size_t low = 0;
	size_t high = memory->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare(&memory->rows[middle].key, key) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static bool is_at(const struct memory *memory, size_t place, struct rg_bytes key)
{
	return place < memory->n && compare(&memory->rows[place].key, key) == 0;
}

static rg_err get(void *context, struct rg_bytes key, struct buf *out, bool *ret_found)
{
	const struct memory *memory = context;
	size_t place = place_of(memory, key);

	*ret_found = is_at(memory, place, key);
	buf_clear(out);
	if (*ret_found) {
		buf_add_bytes(out, buf_view(&memory->rows[place].value));
	}
	return buf_error(out);
}

static rg_err make_room(struct memory *memory)
{
	size_t room = memory->room ? memory->room * 2 : 64;
	struct row *rows = NULL;

	if (memory->n < memory->room) {
		return RG_OK;
	}
	rows = realloc(memory->rows, room * sizeof(*rows));
	if (!rows) {
		return RG_E_NOMEM;
	}
	memory->rows = rows;
	memory->room = room;
	return RG_OK;
}

static rg_err put(void *context, struct rg_bytes key, struct rg_bytes value)
{
	struct memory *memory = context;
	size_t place = place_of(memory, key);
	rg_err err = RG_OK;

	if (!is_at(memory, place, key)) {
		err = make_room(memory);
		if (err) {
			return err;
		}
		memmove(&memory->rows[place + 1], &memory->rows[place],
			(memory->n++ - place) * sizeof(*memory->rows));
		memory->rows[place] = (struct row){.key = {.data = NULL}};
		buf_add_bytes(&memory->rows[place].key, key);
		err = buf_error(&memory->rows[place].key);
	}
	buf_clear(&memory->rows[place].value);
	buf_add_bytes(&memory->rows[place].value, value);
	return err ? err : buf_error(&memory->rows[place].value);
}

static rg_err take_away(void *context, struct rg_bytes key)
{
	struct memory *memory = context;
	size_t place = place_of(memory, key);

	if (is_at(memory, place, key)) {
		free_row(&memory->rows[place]);
		memmove(&memory->rows[place], &memory->rows[place + 1],
			(--memory->n - place) * sizeof(*memory->rows));
	}
	return RG_OK;
}

static rg_err seek(void *context, struct rg_bytes from, struct buf *ret_key, bool *ret_found)
{
	const struct memory *memory = context;
	size_t place = place_of(memory, from);

	*ret_found = place < memory->n;
	buf_clear(ret_key);
	if (*ret_found) {
		buf_add_bytes(ret_key, buf_view(&memory->rows[place].key));
	}
	return buf_error(ret_key);
}

struct rules_store memory_store(struct memory *memory)
{
	return (struct rules_store){memory, get, put, take_away, seek};
}

rg_err memory_dump(const struct memory *memory, struct buf *out)
{
	for (size_t i = 0; i < memory->n; i++) {
		buf_add_u32(out, (uint32_t)memory->rows[i].key.len);
		buf_add_bytes(out, buf_view(&memory->rows[i].key));
		buf_add_u32(out, (uint32_t)memory->rows[i].value.len);
		buf_add_bytes(out, buf_view(&memory->rows[i].value));
	}
	return buf_error(out);
}

size_t memory_n_rows(const struct memory *memory)
{
	return memory->n;
}
