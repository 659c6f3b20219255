/*
 * Settlements and set-asides on their way into a PROGRESS record: see deliver.h.
 *
 * Method: they wait in one list, in the order in which they came; a record takes from its
 * head, and what a failed write gives back goes in front again.
 *
 * Threads: the core's.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scoped.h"
#include "deliver/inside.h"
#include "evidence/record.h"
#include "registry/address.h"
#include "wire/pack.h"

#define REASON_UNREAD "NOT_A_REASON"

/* The longest entry: index, address, derived id and reason with their tags and lengths. */
#define REASON_MAX 40
#define ENTRY_MAX  (3 + 3 + (1 + 10) + (2 + ADDRESS_MAX) + (2 + 16) + (2 + REASON_MAX))
#define META_MAX   256 /* of our own records, and what frames the leaf */
_Static_assert(DELIVER_PROGRESS_MAX *ENTRY_MAX + META_MAX <= RECORD_LEAF_MAX,
	"a PROGRESS record of the longest entries fits a leaf");

/* A reason is an upper-case word, as it is shown and logged. */
static bool is_reason(const char *reason)
{
	size_t len = strspn(reason, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

	return len > 0 && len <= REASON_MAX && reason[len] == '\0';
}

static rg_err add_waiting(struct deliver *deliver, const struct deliver_waiting *waiting,
	struct deliver_waiting **at)
{
	struct deliver_waiting *copy = malloc(sizeof(*copy));

	if (!copy) {
		return RG_E_NOMEM;
	}
	*copy = *waiting;
	copy->next = *at;
	*at = copy;
	if (!copy->next) {
		deliver->waiting_end = &copy->next;
	}
	return RG_OK;
}

static struct deliver_waiting waiting_of(struct deliver_party *party,
	const Rivergate__V1__DeliveryRef *ref, const char *reason)
{
	struct deliver_waiting waiting = {
		.index = ref->index,
		.is_derived = ref->derived_id.len == 16,
		.is_set_aside = reason != NULL,
		.party = party,
	};

	if (waiting.is_derived) {
		memcpy(waiting.derived_id, ref->derived_id.data, sizeof(waiting.derived_id));
	}
	if (reason) {
		(void)snprintf(waiting.reason, sizeof(waiting.reason), "%s",
			is_reason(reason) ? reason : REASON_UNREAD);
	}
	return waiting;
}

rg_err deliver_settle(struct deliver *deliver, const char *address,
	const Rivergate__V1__DeliveryRef *ref, const char *reason)
{
	struct deliver_party *party = deliver_find_party(deliver, address);
	struct deliver_entry *entry = NULL;
	rg_err err = party ? deliver_find_entry(deliver, party, ref, &entry) : RG_OK;

	if (err || !entry || entry->key->head != entry ||
		entry->key->state == DELIVER_KEY_SETTLING) {
		return err;
	}
	const struct deliver_waiting waiting = waiting_of(party, ref, reason);

	err = add_waiting(deliver, &waiting, deliver->waiting_end);
	return err ? err
		   : deliver_queue_set_state(&deliver->timers, entry->key, DELIVER_KEY_SETTLING, 0);
}

bool deliver_has_progress(const struct deliver *deliver)
{
	return deliver->waiting != NULL;
}

static void name_delivery(Rivergate__V1__DeliveryRef *ref, struct deliver_waiting *waiting)
{
	rivergate__v1__delivery_ref__init(ref);
	ref->index = waiting->index;
	ref->to = waiting->party->address;
	if (waiting->is_derived) {
		ref->derived_id = (ProtobufCBinaryData){.len = sizeof(waiting->derived_id),
			.data = waiting->derived_id};
	}
}

/* Room for one PROGRESS while it is packed. */
struct progress_room {
	Rivergate__V1__DeliveryRef refs[DELIVER_PROGRESS_MAX];
	Rivergate__V1__SetAside set_asides[DELIVER_PROGRESS_MAX];
	Rivergate__V1__DeliveryRef *settled[DELIVER_PROGRESS_MAX];
	Rivergate__V1__SetAside *set_aside[DELIVER_PROGRESS_MAX];
};

static void fill_progress(struct deliver_waiting *first, Rivergate__V1__Progress *progress,
	struct progress_room *room)
{
	size_t n = 0;

	progress->settled = room->settled;
	progress->set_aside = room->set_aside;
	for (struct deliver_waiting *waiting = first; waiting && n < DELIVER_PROGRESS_MAX;
		waiting = waiting->next, n++) {
		name_delivery(&room->refs[n], waiting);
		if (waiting->is_set_aside) {
			rivergate__v1__set_aside__init(&room->set_asides[n]);
			room->set_asides[n].delivery = &room->refs[n];
			room->set_asides[n].reason = waiting->reason;
			room->set_aside[progress->n_set_aside++] = &room->set_asides[n];
		} else {
			room->settled[progress->n_settled++] = &room->refs[n];
		}
	}
}

rg_err deliver_take_progress(struct deliver *deliver, struct buf *out)
{
	scoped(freep) struct progress_room *room = calloc(1, sizeof(*room));
	Rivergate__V1__Progress progress = RIVERGATE__V1__PROGRESS__INIT;

	if (!room) {
		return RG_E_NOMEM;
	}
	fill_progress(deliver->waiting, &progress, room);
	rg_err err = pack_append(&progress.base, out);

	for (size_t n = progress.n_settled + progress.n_set_aside; !err && n > 0; n--) {
		struct deliver_waiting *waiting = deliver->waiting;

		deliver->waiting = waiting->next;
		free(waiting);
	}
	if (!deliver->waiting) {
		deliver->waiting_end = &deliver->waiting;
	}
	return err;
}

rg_err deliver_return_progress(struct deliver *deliver, const Rivergate__V1__Progress *progress)
{
	struct deliver_waiting **at = &deliver->waiting;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < progress->n_settled + progress->n_set_aside; i++) {
		bool is_settled = i < progress->n_settled;
		const Rivergate__V1__SetAside *set_aside =
			is_settled ? NULL : progress->set_aside[i - progress->n_settled];
		const Rivergate__V1__DeliveryRef *ref =
			is_settled ? progress->settled[i] : set_aside->delivery;
		struct deliver_party *party = deliver_find_party(deliver, ref->to);

		assert(party);
		const struct deliver_waiting waiting =
			waiting_of(party, ref, is_settled ? NULL : set_aside->reason);

		err = add_waiting(deliver, &waiting, at);
		at = err ? at : &(*at)->next;
	}
	return err;
}
