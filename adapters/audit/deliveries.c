/*
 * Open deliveries: see deliveries.h.
 *
 * Method: a ring of entries in the order of their opening, with hash chains over record and
 * party. The oldest leaves for the store when the ring is full, unless it is over. What is
 * due is looked for only when time reaches the earliest expiry that is known of.
 * Threads: one.
 */
#include "audit/deliveries.h"

#include <stdlib.h>
#include <string.h>

#include "audit/fold.h"
#include "evidence/derived.h"

#define CHAINS        (FOLD_RECENT * 2)
#define PARTIES_MAX   65536
#define KNOWN_PARTIES 256
#define ARENA_STEP    16 /* texts of one arena lie at multiples of it */
#define NO_SENDER     UINT32_MAX
#define KEY_LEN       8  /* record */
#define EXPIRY_LEN    16 /* time, record */
#define ROW_LEN       22 /* of one entry */

enum entry_state {
	ENTRY_OPEN,
	ENTRY_EXPIRED, /* a settlement may still be on its way */
	ENTRY_OVER,
};

struct entry {
	uint64_t index;
	int64_t expires_us;
	uint32_t to;
	uint32_t sender; /* of a message from a party; else NO_SENDER */
	uint32_t next;   /* in its chain: place + 1; 0: the last */
	uint32_t ordinal;
	uint8_t kind; /* 0: the message itself; else of the derived message */
	uint8_t state;
};

/* A party's address where trust has it, which is the same for as long as that is in force. */
struct known_party {
	const char *address;
	uint32_t number;
};

struct deliveries {
	struct store *store;
	struct derived_lineage lineage;
	char **parties; /* by number */
	uint32_t n_parties;
	uint32_t *numbers; /* hash table: number + 1 */
	uint32_t n_slots;
	struct known_party known[KNOWN_PARTIES];
	struct entry ring[FOLD_RECENT];
	uint64_t begin; /* counters: place = counter % FOLD_RECENT */
	uint64_t end;
	uint32_t chains[CHAINS];
	struct buf row;      /* of the record at hand */
	int64_t due_us;      /* of the ring: nothing expires before */
	int64_t disk_due_us; /* of the store, likewise */
};

rg_err deliveries_new(struct store *store, struct deliveries **ret_deliveries)
{
	struct deliveries *deliveries = calloc(1, sizeof(*deliveries));

	if (!deliveries) {
		return RG_E_NOMEM;
	}
	deliveries->store = store;
	deliveries->due_us = INT64_MAX;
	deliveries->disk_due_us = INT64_MAX;
	*ret_deliveries = deliveries;
	return RG_OK;
}

void deliveries_free(struct deliveries *deliveries)
{
	if (!deliveries) {
		return;
	}
	for (uint32_t i = 0; i < deliveries->n_parties; i++) {
		free(deliveries->parties[i]);
	}
	free(deliveries->parties);
	free(deliveries->numbers);
	buf_deinit(&deliveries->row);
	free(deliveries);
}

void deliveries_set_origin(struct deliveries *deliveries, const struct derived_lineage *lineage)
{
	deliveries->lineage = *lineage;
}

/* --- Parties --------------------------------------------------------------------------------- */

static uint32_t hash_text(const char *text)
{
	uint32_t hash = 2166136261U;

	for (; *text; text++) {
		hash = (hash ^ (uint8_t)*text) * 16777619U;
	}
	return hash;
}

/* The slot that the address has, or would have. Needs a table with room. */
static uint32_t *slot_of(const struct deliveries *deliveries, const char *address)
{
	uint32_t mask = deliveries->n_slots - 1;
	uint32_t i = hash_text(address) & mask;

	while (deliveries->numbers[i] &&
		strcmp(deliveries->parties[deliveries->numbers[i] - 1], address) != 0) {
		i = (i + 1) & mask;
	}
	return &deliveries->numbers[i];
}

static bool find_party(const struct deliveries *deliveries, const char *address,
	uint32_t *ret_number)
{
	const uint32_t *slot = deliveries->n_slots ? slot_of(deliveries, address) : NULL;

	if (!slot || !*slot) {
		return false;
	}
	*ret_number = *slot - 1;
	return true;
}

static rg_err grow_parties(struct deliveries *deliveries)
{
	uint32_t n_slots = deliveries->n_slots ? deliveries->n_slots * 2 : 64;
	char **parties = realloc(deliveries->parties, n_slots * sizeof(*parties));
	uint32_t *numbers = parties ? calloc(n_slots, sizeof(*numbers)) : NULL;

	if (parties) {
		deliveries->parties = parties;
	}
	if (!numbers) {
		return RG_E_NOMEM;
	}
	free(deliveries->numbers);
	deliveries->numbers = numbers;
	deliveries->n_slots = n_slots;
	for (uint32_t i = 0; i < deliveries->n_parties; i++) {
		*slot_of(deliveries, deliveries->parties[i]) = i + 1;
	}
	return RG_OK;
}

static rg_err add_party(struct deliveries *deliveries, const char *address, uint32_t *ret_number)
{
	rg_err err =
		deliveries->n_parties * 2 >= deliveries->n_slots ? grow_parties(deliveries) : RG_OK;
	char *copy = err ? NULL : strdup(address);

	if (err || !copy) {
		return err ? err : RG_E_NOMEM;
	}
	if (deliveries->n_parties == PARTIES_MAX) {
		free(copy);
		return RG_E_OVERFLOW;
	}
	*slot_of(deliveries, address) = deliveries->n_parties + 1;
	deliveries->parties[deliveries->n_parties] = copy;
	*ret_number = deliveries->n_parties++;
	return RG_OK;
}

static void put_u32(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++) {
		at[i] = (uint8_t)(value >> (24 - 8 * i));
	}
}

static void put_u64(uint8_t *at, uint64_t value)
{
	put_u32(at, (uint32_t)(value >> 32));
	put_u32(at + 4, (uint32_t)value);
}

static rg_err number_party(struct deliveries *deliveries, const char *address, uint32_t *ret_number)
{
	struct known_party *known =
		&deliveries->known[(uintptr_t)address / ARENA_STEP % KNOWN_PARTIES];
	uint8_t key[4];
	rg_err err = RG_OK;

	/* Another text may lie there by now. */
	if (known->address == address && strcmp(deliveries->parties[known->number], address) == 0) {
		*ret_number = known->number;
		return RG_OK;
	}
	if (!find_party(deliveries, address, ret_number)) {
		err = add_party(deliveries, address, ret_number);
		put_u32(key, *ret_number);
		err = err ? err
			  : store_put(deliveries->store, STORE_PARTY, bytes_of(key, sizeof(key)),
				    bytes_of_text(address));
	}
	if (!err) {
		*known = (struct known_party){address, *ret_number};
	}
	return err;
}

/* --- Rows of the store ----------------------------------------------------------------------- */

/*
 * One row for all deliveries of a record that left the ring; and one for each time at which
 * some of them expire, which stays until then even if they are over before.
 */

static void add_entry(struct buf *row, const struct entry *entry)
{
	buf_add_u32(row, entry->to);
	buf_add_u8(row, entry->kind);
	buf_add_u32(row, entry->ordinal);
	buf_add_u8(row, entry->state);
	buf_add_u32(row, entry->sender);
	buf_add_u64(row, (uint64_t)entry->expires_us);
}

static struct entry entry_at(uint64_t index, const struct buf *row, size_t place)
{
	struct cursor cursor =
		cursor_of(bytes_of(row->data + place * ROW_LEN, row->len - place * ROW_LEN));
	struct entry entry = {.index = index, .to = cursor_u32(&cursor)};

	entry.kind = cursor_u8(&cursor);
	entry.ordinal = cursor_u32(&cursor);
	entry.state = cursor_u8(&cursor);
	entry.sender = cursor_u32(&cursor);
	entry.expires_us = (int64_t)cursor_u64(&cursor);
	return entry;
}

/* A copy of the record's row, empty where there is none. */
static rg_err get_row(const struct deliveries *deliveries, uint64_t index, struct buf *row)
{
	uint8_t key[KEY_LEN];
	struct rg_bytes value = {.data = NULL};
	bool is_found = false;

	put_u64(key, index);
	rg_err err = store_get(deliveries->store, STORE_DELIVERY, bytes_of(key, sizeof(key)),
		&value, &is_found);

	buf_clear(row);
	if (err || !is_found) {
		return err;
	}
	buf_add_bytes(row, value);
	return value.len % ROW_LEN ? RG_E_FORMAT : buf_error(row);
}

static rg_err put_row(struct deliveries *deliveries, uint64_t index, const struct buf *row)
{
	uint8_t key[KEY_LEN];
	rg_err err = buf_error(row);

	put_u64(key, index);
	if (err) {
		return err;
	}
	return row->len
		? store_put(deliveries->store, STORE_DELIVERY, bytes_of(key, sizeof(key)),
			  buf_view(row))
		: store_delete(deliveries->store, STORE_DELIVERY, bytes_of(key, sizeof(key)));
}

/* Behind what the record's row has already; mostly there is none. */
static rg_err add_to_row(struct deliveries *deliveries, uint64_t index, const struct buf *more)
{
	scoped(buf_deinitv) struct buf row = {.data = NULL};
	struct rg_bytes known = {.data = NULL};
	uint8_t key[KEY_LEN];
	rg_err err = buf_error(more);

	put_u64(key, index);
	if (!err) {
		err = store_add(deliveries->store, STORE_DELIVERY, bytes_of(key, sizeof(key)),
			buf_view(more), &known);
	}
	if (err || !known.data) {
		return err;
	}
	buf_add_bytes(&row, known);
	buf_add_bytes(&row, buf_view(more));
	return put_row(deliveries, index, &row);
}

static rg_err put_expiry(struct deliveries *deliveries, const struct entry *entry)
{
	uint8_t key[EXPIRY_LEN];

	put_u64(key, entry->expires_us > 0 ? (uint64_t)entry->expires_us : 0);
	put_u64(key + 8, entry->index);
	if (entry->expires_us < deliveries->disk_due_us) {
		deliveries->disk_due_us = entry->expires_us;
	}
	return store_put(deliveries->store, STORE_EXPIRY, bytes_of(key, sizeof(key)),
		(struct rg_bytes){.data = key});
}

/* --- The ring -------------------------------------------------------------------------------- */

static uint32_t *chain_of(struct deliveries *deliveries, uint64_t index, uint32_t to)
{
	uint64_t hash = (index * 31 + to) * UINT64_C(0x9e3779b97f4a7c15);

	return &deliveries->chains[(hash >> 40) % CHAINS];
}

static void unchain(struct deliveries *deliveries, uint32_t place)
{
	const struct entry *entry = &deliveries->ring[place];
	uint32_t *link = chain_of(deliveries, entry->index, entry->to);

	while (*link != place + 1) {
		link = &deliveries->ring[*link - 1].next;
	}
	*link = entry->next;
}

/* Takes the oldest, and what follows of the same record, out of the ring; what is not over
   goes to the store. */
static rg_err evict(struct deliveries *deliveries)
{
	const uint64_t index = deliveries->ring[deliveries->begin % FOLD_RECENT].index;
	struct buf *row = &deliveries->row;
	int64_t expiry_us = INT64_MIN; /* of the last row put */
	rg_err err = RG_OK;

	buf_clear(row);
	while (!err && deliveries->begin < deliveries->end) {
		uint32_t place = (uint32_t)(deliveries->begin % FOLD_RECENT);
		const struct entry *entry = &deliveries->ring[place];

		if (entry->index != index) {
			break;
		}
		unchain(deliveries, place);
		deliveries->begin++;
		if (entry->state != ENTRY_OVER) {
			add_entry(row, entry);
		}
		if (entry->state == ENTRY_OPEN && entry->expires_us != expiry_us) {
			expiry_us = entry->expires_us;
			err = put_expiry(deliveries, entry);
		}
	}
	return err || row->len == 0 ? err : add_to_row(deliveries, index, row);
}

static rg_err push(struct deliveries *deliveries, const struct entry *entry)
{
	rg_err err = deliveries->end - deliveries->begin == FOLD_RECENT ? evict(deliveries) : RG_OK;
	uint32_t place = (uint32_t)(deliveries->end % FOLD_RECENT);
	uint32_t *chain = chain_of(deliveries, entry->index, entry->to);

	if (err) {
		return err;
	}
	deliveries->ring[place] = *entry;
	deliveries->ring[place].next = *chain;
	*chain = place + 1;
	deliveries->end++;
	if (entry->expires_us < deliveries->due_us) {
		deliveries->due_us = entry->expires_us;
	}
	return RG_OK;
}

rg_err deliveries_open(struct deliveries *deliveries, uint64_t index,
	const struct examined *examined)
{
	struct entry entry = {.index = index,
		.expires_us = examined->expires_us,
		.sender = NO_SENDER};
	rg_err err = RG_OK;

	if (examined->sender && examined->n_recipients > 0) {
		err = number_party(deliveries, examined->sender->address, &entry.sender);
	}
	for (uint32_t i = 0; !err && i < examined->n_recipients; i++) {
		entry.ordinal = i;
		err = number_party(deliveries, examined->recipients[i]->address, &entry.to);
		if (!err) {
			err = push(deliveries, &entry);
		}
	}
	return err;
}

rg_err deliveries_tell(struct deliveries *deliveries, uint64_t cause,
	const struct deliveries_told *told, int64_t expires_us)
{
	struct entry entry = {.index = told->kind ? cause : told->handed,
		.expires_us = expires_us,
		.sender = NO_SENDER,
		.kind = told->kind,
		.ordinal = told->ordinal};
	rg_err err = number_party(deliveries, told->to, &entry.to);

	return err ? err : push(deliveries, &entry);
}

/* --- Ends ------------------------------------------------------------------------------------ */

static rg_err is_meant(const struct deliveries *deliveries, const struct entry *entry,
	const Rivergate__V1__DeliveryRef *ref, bool *ret_is_meant)
{
	const struct derived derived = {
		.origin = derived_origin_at(&deliveries->lineage, entry->index),
		.cause = entry->index,
		.kind = entry->kind,
		.ordinal = entry->ordinal,
		.to = deliveries->parties[entry->to],
	};
	uint8_t id[16];

	*ret_is_meant = ref->derived_id.len == 0 && entry->kind == 0;
	if (ref->derived_id.len != sizeof(id) || entry->kind == 0) {
		return RG_OK;
	}
	rg_err err = derived_id(&derived, id);

	*ret_is_meant = !err && memcmp(ref->derived_id.data, id, sizeof(id)) == 0;
	return err;
}

static enum deliveries_answer answer_of(uint8_t state)
{
	return state == ENTRY_OPEN       ? DELIVERIES_ENDED
		: state == ENTRY_EXPIRED ? DELIVERIES_LATE
					 : DELIVERIES_UNKNOWN;
}

static rg_err end_in_ring(struct deliveries *deliveries, uint32_t to,
	const Rivergate__V1__DeliveryRef *ref, enum deliveries_answer *ret_answer)
{
	uint32_t at = *chain_of(deliveries, ref->index, to);
	bool is_it = false;
	rg_err err = RG_OK;

	while (!err && at && !is_it) {
		struct entry *entry = &deliveries->ring[at - 1];

		at = entry->next;
		if (entry->index != ref->index || entry->to != to || entry->state == ENTRY_OVER) {
			continue;
		}
		err = is_meant(deliveries, entry, ref, &is_it);
		if (!err && is_it) {
			*ret_answer = answer_of(entry->state);
			entry->state = ENTRY_OVER;
		}
	}
	return err;
}

static void take_out(struct buf *row, size_t place)
{
	uint8_t *at = row->data + place * ROW_LEN;

	row->len -= ROW_LEN;
	memmove(at, at + ROW_LEN, row->len - place * ROW_LEN);
}

static rg_err end_in_store(struct deliveries *deliveries, uint32_t to,
	const Rivergate__V1__DeliveryRef *ref, enum deliveries_answer *ret_answer)
{
	struct buf *row = &deliveries->row;
	rg_err err = get_row(deliveries, ref->index, row);

	for (size_t i = 0; !err && i < row->len / ROW_LEN; i++) {
		const struct entry entry = entry_at(ref->index, row, i);
		bool is_it = false;

		err = entry.to == to ? is_meant(deliveries, &entry, ref, &is_it) : RG_OK;
		if (!err && is_it) {
			*ret_answer = answer_of(entry.state);
			take_out(row, i);
			return put_row(deliveries, ref->index, row);
		}
	}
	return err;
}

rg_err deliveries_end(struct deliveries *deliveries, const Rivergate__V1__DeliveryRef *ref,
	enum deliveries_answer *ret_answer)
{
	uint32_t to = 0;

	*ret_answer = DELIVERIES_UNKNOWN;
	if (!find_party(deliveries, ref->to, &to)) {
		return RG_OK;
	}
	rg_err err = end_in_ring(deliveries, to, ref, ret_answer);

	if (!err && *ret_answer == DELIVERIES_UNKNOWN) {
		err = end_in_store(deliveries, to, ref, ret_answer);
	}
	return err;
}

/* --- Expiry ---------------------------------------------------------------------------------- */

/* The notice that an expired delivery's sender gets. */
static rg_err tell_sender(struct deliveries *deliveries, const struct entry *entry,
	int64_t expires_us)
{
	const struct entry notice = {.index = entry->index,
		.expires_us = expires_us,
		.to = entry->sender,
		.sender = NO_SENDER,
		.kind = (uint8_t)RIVERGATE__V1__KIND__KIND_EXPIRY,
		.ordinal = entry->ordinal};

	return entry->kind == 0 && entry->sender != NO_SENDER ? push(deliveries, &notice) : RG_OK;
}

static rg_err expire_ring(struct deliveries *deliveries, int64_t time_us, int64_t life_us)
{
	uint64_t end = deliveries->end;
	int64_t due_us = INT64_MAX;
	rg_err err = RG_OK;

	deliveries->due_us = INT64_MAX; /* of what is pushed meanwhile */
	for (uint64_t at = deliveries->begin; !err && at < end; at++) {
		struct entry entry = deliveries->ring[at % FOLD_RECENT];

		if (at < deliveries->begin || entry.state != ENTRY_OPEN) {
			continue;
		}
		if (entry.expires_us > time_us) {
			due_us = entry.expires_us < due_us ? entry.expires_us : due_us;
			continue;
		}
		deliveries->ring[at % FOLD_RECENT].state = ENTRY_EXPIRED;
		err = tell_sender(deliveries, &entry, time_us + life_us);
	}
	if (due_us < deliveries->due_us) {
		deliveries->due_us = due_us;
	}
	return err;
}

/* Those of a record that are due. Notices may lead to evictions, so the row is put first. */
static rg_err expire_row(struct deliveries *deliveries, uint64_t index, int64_t time_us,
	int64_t until_us)
{
	scoped(buf_deinitv) struct buf before = {.data = NULL};
	struct buf *row = &deliveries->row;
	rg_err err = get_row(deliveries, index, &before);
	size_t n = before.len / ROW_LEN;

	buf_clear(row);
	for (size_t i = 0; !err && i < n; i++) {
		struct entry entry = entry_at(index, &before, i);

		if (entry.state == ENTRY_OPEN && entry.expires_us <= time_us) {
			entry.state = ENTRY_EXPIRED;
		}
		add_entry(row, &entry);
	}
	if (!err && n) {
		err = put_row(deliveries, index, row);
	}
	for (size_t i = 0; !err && i < n; i++) {
		const struct entry entry = entry_at(index, &before, i);

		if (entry.state == ENTRY_OPEN && entry.expires_us <= time_us) {
			err = tell_sender(deliveries, &entry, until_us);
		}
	}
	return err;
}

static rg_err expire_store(struct deliveries *deliveries, int64_t time_us, int64_t life_us)
{
	rg_err err = RG_OK;

	while (!err) {
		struct store_row row;
		uint8_t key[EXPIRY_LEN];
		bool is_found = false;

		err = store_seek(deliveries->store, STORE_EXPIRY, (struct rg_bytes){.len = 0}, &row,
			&is_found);
		if (err || !is_found || row.key.len != EXPIRY_LEN) {
			deliveries->disk_due_us = INT64_MAX;
			return err || !is_found ? err : RG_E_FORMAT;
		}
		struct cursor cursor = cursor_of(row.key);

		deliveries->disk_due_us = (int64_t)cursor_u64(&cursor);
		if (deliveries->disk_due_us > time_us) {
			return RG_OK;
		}
		uint64_t index = cursor_u64(&cursor);

		memcpy(key, row.key.data, sizeof(key));
		err = store_delete(deliveries->store, STORE_EXPIRY, bytes_of(key, sizeof(key)));
		if (!err) {
			err = expire_row(deliveries, index, time_us, time_us + life_us);
		}
	}
	return err;
}

rg_err deliveries_expire(struct deliveries *deliveries, int64_t time_us, int64_t life_us)
{
	rg_err err = RG_OK;

	if (deliveries->due_us <= time_us) {
		err = expire_ring(deliveries, time_us, life_us);
	}
	if (!err && deliveries->disk_due_us <= time_us) {
		err = expire_store(deliveries, time_us, life_us);
	}
	return err;
}

/* --- For a later run ------------------------------------------------------------------------- */

rg_err deliveries_save(struct deliveries *deliveries)
{
	rg_err err = RG_OK;

	while (!err && deliveries->begin < deliveries->end) {
		err = evict(deliveries);
	}
	deliveries->due_us = INT64_MAX;
	return err;
}

struct restoring {
	struct deliveries *deliveries;
	rg_err err;
};

static bool restore_party(void *context, const struct store_row *row)
{
	struct restoring *restoring = context;
	char address[128];
	uint32_t number = 0;
	struct cursor key = cursor_of(row->key);

	if (row->value.len >= sizeof(address) ||
		cursor_u32(&key) != restoring->deliveries->n_parties) {
		restoring->err = RG_E_FORMAT;
		return false;
	}
	memcpy(address, row->value.data, row->value.len);
	address[row->value.len] = '\0';
	restoring->err = add_party(restoring->deliveries, address, &number);
	return !restoring->err;
}

rg_err deliveries_restore(struct deliveries *deliveries)
{
	struct restoring restoring = {.deliveries = deliveries};
	rg_err err = store_walk(deliveries->store, STORE_PARTY, restore_party, &restoring);

	/* Looked up at the first record. */
	deliveries->disk_due_us = INT64_MIN;
	return err ? err : restoring.err;
}
