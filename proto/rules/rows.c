/*
 * Rows of the window's store: see rows.h.
 *
 * Threads: the store's owner's.
 */
#include "rules/rows.h"

#include <stdarg.h>
#include <string.h>

#include "wire/pack.h"

void rows_key(struct buf *key, enum rows_table table, const char *name)
{
	buf_add_u8(key, (uint8_t)table);
	buf_add_text(key, name);
}

void rows_key_of(struct buf *key, enum rows_table table, ...)
{
	va_list words;
	const char *word = NULL;
	bool is_first = true;

	buf_add_u8(key, (uint8_t)table);
	va_start(words, table);
	while ((word = va_arg(words, const char *)) != NULL) {
		if (!is_first) {
			buf_add_u8(key, 0);
		}
		buf_add_text(key, word);
		is_first = false;
	}
	va_end(words);
}

void rows_key_timer(struct buf *key, int64_t time_us, enum rows_timer about, struct rg_bytes name)
{
	buf_add_u8(key, ROWS_TIMER);
	buf_add_u64(key, time_us > 0 ? (uint64_t)time_us : 0);
	buf_add_u8(key, (uint8_t)about);
	buf_add_bytes(key, name);
}

/* Keys are cut from names that the sender chose: none may be longer than a store takes. */
static rg_err check_key(const struct buf *key)
{
	rg_err err = buf_error(key);

	return !err && key->len > STORE_KEY_MAX ? RG_E_FORMAT : err;
}

rg_err rows_get(const struct rules_store *store, const struct buf *key,
	const ProtobufCMessageDescriptor *descriptor, struct arena *arena,
	ProtobufCMessage **ret_message)
{
	scoped(buf_deinitv) struct buf value = {.data = NULL};
	bool is_found = false;
	rg_err err = check_key(key);

	*ret_message = NULL;
	if (!err) {
		err = store->get(store->context, buf_view(key), &value, &is_found);
	}
	if (err || !is_found) {
		return err;
	}
	*ret_message =
		protobuf_c_message_unpack(descriptor, arena_protobuf(arena), value.len, value.data);
	return *ret_message ? RG_OK : RG_E_FORMAT;
}

rg_err rows_put(const struct rules_store *store, const struct buf *key,
	const ProtobufCMessage *message)
{
	struct pack pack;
	struct rg_bytes value;
	rg_err err = check_key(key);

	pack_init(&pack);
	if (!err) {
		err = pack_message(message, &pack, &value);
	}
	if (!err) {
		err = store->put(store->context, buf_view(key), value);
	}
	pack_deinit(&pack);
	return err;
}

rg_err rows_mark(const struct rules_store *store, const struct buf *key)
{
	rg_err err = check_key(key);

	return err ? err : store->put(store->context, buf_view(key), (struct rg_bytes){NULL, 0});
}

rg_err rows_remove(const struct rules_store *store, const struct buf *key)
{
	rg_err err = check_key(key);

	return err ? err : store->remove(store->context, buf_view(key));
}

rg_err rows_walk(const struct rules_store *store, const struct buf *prefix,
	const struct rows_sink *sink)
{
	scoped(buf_deinitv) struct buf from = {.data = NULL};
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	bool goes_on = true;
	rg_err err = RG_OK;

	buf_add_bytes(&from, buf_view(prefix));
	while (!err && goes_on) {
		bool is_found = false;

		err = buf_error(&from);
		if (!err) {
			err = store->seek(store->context, buf_view(&from), &key, &is_found);
		}
		if (err || !is_found || key.len < prefix->len ||
			memcmp(key.data, prefix->data, prefix->len) != 0) {
			return err;
		}
		err = sink->take(sink->context,
			(struct rg_bytes){key.data + prefix->len, key.len - prefix->len}, &goes_on);
		/* The smallest key behind this one. */
		buf_clear(&from);
		buf_add_bytes(&from, buf_view(&key));
		buf_add_u8(&from, 0);
	}
	return err;
}

char *rows_text(struct arena *arena, struct rg_bytes bytes)
{
	char *text = arena_alloc(arena, bytes.len + 1);

	if (text && bytes.len) {
		memcpy(text, bytes.data, bytes.len);
	}
	return text;
}

rg_err rows_append(struct arena *arena, void *items, size_t *n, void *item)
{
	void **old = NULL;
	void **grown = arena_alloc(arena, (*n + 1) * sizeof(void *));

	if (!grown) {
		return RG_E_NOMEM;
	}
	memcpy(&old, items, sizeof(old));
	if (*n) {
		memcpy(grown, old, *n * sizeof(void *));
	}
	grown[(*n)++] = item;
	memcpy(items, &grown, sizeof(grown));
	return RG_OK;
}
