#ifndef TESTS_UNIT_WINDOW_KIT_H
#define TESTS_UNIT_WINDOW_KIT_H

/*
 * The window in a test: three members, a Chinese profile, rows in memory, records by hand
 *
 * window_kit_init() makes Laos export and China import fruit: la.customs may send its
 * declarations to cn; on import cn.plants decides on fresh fruit of chapter 08 beside customs
 * (cn.gacc), and cn.health is informed. A test that wants another world fills, changes and opens
 * one. Each take_…() is one record, a second after the last.
 */

#include <stdlib.h>
#include <string.h>

#include "members.h"
#include "registry/profile.h"
#include "rules/memory.h"
#include "rules/window.h"
#include "wire/json.h"
#include "wire/scan.h"

#define KIT_SECOND INT64_C(1000000)
#define KIT_HOUR   (3600 * KIT_SECOND)
#define KIT_DAY    (24 * KIT_HOUR)

#define KIT_KIND(name)     RIVERGATE__V1__KIND__KIND_##name
#define KIT_DECISION(name) RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_##name
#define KIT_STATUS(name)   RIVERGATE__V1__LEG_STATUS__LEG_STATUS_##name
#define KIT_EVENT(name)    RIVERGATE__V1__TRANSIT_EVENT_FACTS__EVENT__EVENT_##name

/* A decision within a day, two hours for what perishes; documents and quantity are material. */
static const char window_kit_china[] =
	"{\"member\":\"cn\",\"version\":\"1\",\"rules\":["
	"{\"id\":\"fruit\",\"authority\":\"cn.plants\",\"role\":\"AUTHORITY_ROLE_DECIDES\","
	"\"regimes\":[\"REGIME_IMPORT\"],\"goods\":{\"hs\":[\"08\"]},"
	"\"documents\":[{\"type\":\"851\",\"quantityCounts\":true,\"tolerancePermille\":50,"
	"\"establishments\":[\"ESTABLISHMENT_KIND_LABORATORY\"]}],"
	"\"targetUs\":\"86400000000\",\"targetPerishableUs\":\"7200000000\","
	"\"delayReasonOwed\":true,\"material\":[\"goods.quantity\",\"documents\"],"
	"\"legalBasis\":{\"instrument\":\"Law on Entry and Exit Quarantine\",\"article\":\"12\"},"
	"\"source\":\"official gazette\"},"
	"{\"id\":\"food\",\"authority\":\"cn.health\",\"role\":\"AUTHORITY_ROLE_INFORMED\","
	"\"legalBasis\":{\"instrument\":\"Food Safety Law\",\"article\":\"91\"},"
	"\"assumption\":true}],"
	"\"transitLimits\":[{\"limitUs\":\"172800000000\"}],"
	"\"competences\":[{\"authority\":\"cn.plants\"}]}";

/* --- The world ------------------------------------------------------------------------------- */

struct window_kit {
	struct members members;
	struct trust *trust;
	struct memory *memory;
	struct rules_store store;
	struct window *window;
	struct arena *arena; /* of everything until the end of the test */
	uint64_t index;      /* of the next record */
	int64_t now_us;
	Rivergate__V1__Kind kinds[1];
	struct window_result result;     /* of the last record */
	size_t n_reminders;              /* of all records */
	Rivergate__V1__Header *reminder; /* the last of them */
	uint8_t hash[32];
};

static inline void window_kit_apply_profile(struct window_kit *kit, const char *text,
	unsigned member)
{
	struct json_mistake mistake;
	ProtobufCMessage *message = NULL;
	struct governance_answer answer;
	struct trust *next = NULL;

	ck_assert_int_eq(json_decode(&rivergate__v1__window_profile__descriptor,
				 (struct rg_bytes){(const uint8_t *)text, strlen(text)}, &message,
				 &mistake),
		RG_OK);
	ck_assert_msg(message != NULL, "%s %s", mistake.path, mistake.text);
	scoped(governance_freep) Rivergate__V1__Governed *governed = members_pack(message);
	ck_assert_int_eq(governance_sign(governed, GOVERNANCE_CONTEXT_PROFILE,
				 kit->members.all[member].entry.cc,
				 kit->members.all[member].governance),
		RG_OK);
	protobuf_c_message_free_unpacked(message, NULL);
	ck_assert_int_eq(trust_apply_profile(kit->trust, governed, kit->index, &next, &answer),
		RG_OK);
	ck_assert_msg(next != NULL, "%s: %s", answer.path, answer.text);
	trust_unref(kit->trust);
	kit->trust = next;
}

/* The members, which may be changed before window_kit_open(). */
static inline void window_kit_fill(struct window_kit *kit)
{
	memset(kit, 0, sizeof(*kit));
	members_init(&kit->members);
	members_add_party(&kit->members.all[CN], "cn.health", MEMBERS_ROLE(FOOD),
		MEMBERS_ALGORITHM(ED25519));
	members_add_party(&kit->members.all[CN], "cn.plants", MEMBERS_ROLE(PLANT_QUARANTINE),
		MEMBERS_ALGORITHM(ED25519));
	/* Any purpose, any part. */
	kit->members.rules[0].n_purposes = 0;
}

static inline void window_kit_open(struct window_kit *kit, const char *china)
{
	Rivergate__V1__Origin origin = RIVERGATE__V1__ORIGIN__INIT;
	struct derived_lineage lineage;

	kit->trust = members_trust(&kit->members);
	kit->arena = arena_new(0);
	ck_assert_ptr_nonnull(kit->arena);
	kit->index = 20;
	kit->now_us = MEMBERS_NOW_US;
	window_kit_apply_profile(kit, china, CN);
	ck_assert_int_eq(memory_new(&kit->memory), RG_OK);
	kit->store = memory_store(kit->memory);
	ck_assert_int_eq(window_new(&kit->store, "router.one", true, &kit->window), RG_OK);
	origin.origin = members_text("rivergate.example/one");
	derived_lineage_of(&origin, &lineage);
	window_set_lineage(kit->window, &lineage);
}

static inline void window_kit_init(struct window_kit *kit)
{
	window_kit_fill(kit);
	window_kit_open(kit, window_kit_china);
}

static inline void window_kit_deinit(struct window_kit *kit)
{
	window_free(kit->window);
	memory_free(kit->memory);
	arena_free(kit->arena);
	trust_unref(kit->trust);
	members_deinit(&kit->members);
}

/* --- Records --------------------------------------------------------------------------------- */

/* A header of this kind, for the caller to fill; in the arena. */
static inline Rivergate__V1__Header *kit_header(struct window_kit *kit, Rivergate__V1__Kind kind,
	const char *from, const char *ucr)
{
	Rivergate__V1__Header *header = arena_alloc(kit->arena, sizeof(*header));
	uint8_t *id = arena_alloc(kit->arena, 16);

	ck_assert(header && id);
	rivergate__v1__header__init(header);
	header->kind = kind;
	header->from = members_text(from);
	header->ucr = members_text(ucr);
	memcpy(id, &kit->index, sizeof(kit->index));
	header->id = (ProtobufCBinaryData){.len = 16, .data = id};
	return header;
}

/* Counts the reminders of the last record, and keeps the last. */
static inline void kit_count_reminders(struct window_kit *kit)
{
	for (size_t i = 0; i < kit->result.n_told; i++) {
		const struct window_told *told = &kit->result.told[i];
		ProtobufCMessage *message = NULL;
		struct scan_answer answer;

		if (told->kind != (uint8_t)KIT_KIND(REMINDER)) {
			continue;
		}
		ck_assert_int_eq(scan_unpack(&rivergate__v1__header__descriptor, told->header,
					 kit->arena, &answer, &message),
			RG_OK);
		ck_assert_msg(answer.is_ok, "%s: %s", answer.path, answer.rule);
		kit->reminder = (Rivergate__V1__Header *)message;
		kit->n_reminders++;
	}
}

/* The record; header NULL: a TICK. */
static inline void kit_take(struct window_kit *kit, Rivergate__V1__Header *header)
{
	kit->now_us += KIT_SECOND;
	const struct window_record record = {
		.index = kit->index++,
		.time_us = kit->now_us,
		.header = header,
		.header_hash = kit->hash,
		.trust = kit->trust,
	};

	if (header) {
		header->sent_at_us = kit->now_us;
	}
	ck_assert_int_eq(window_apply(kit->window, &record, kit->arena, &kit->result), RG_OK);
	kit_count_reminders(kit);
}

/* TICKs, as often as something is due, until so much time has passed. */
static inline void kit_wait(struct window_kit *kit, int64_t us)
{
	int64_t until_us = kit->now_us + us;

	for (size_t i = 0; i < 1000; i++) {
		int64_t next_us = INT64_MAX;

		ck_assert_int_eq(window_next_us(kit->window, &next_us), RG_OK);
		if (next_us > until_us) {
			kit->now_us = until_us;
			return;
		}
		kit->now_us = (next_us > kit->now_us ? next_us : kit->now_us) - KIT_SECOND;
		kit_take(kit, NULL);
	}
	ck_abort_msg("timers never end");
}

static inline void kit_add_leg(struct window_kit *kit, Rivergate__V1__Header *header,
	const char *country, Rivergate__V1__Regime regime)
{
	Rivergate__V1__Leg *leg = arena_alloc(kit->arena, sizeof(*leg));
	Rivergate__V1__Leg **legs =
		arena_alloc(kit->arena, (header->n_legs + 1) * sizeof(Rivergate__V1__Leg *));

	ck_assert(leg && legs);
	rivergate__v1__leg__init(leg);
	leg->country = members_text(country);
	leg->regime = regime;
	for (size_t i = 0; i < header->n_legs; i++) {
		legs[i] = header->legs[i];
	}
	legs[header->n_legs++] = leg;
	header->legs = legs;
}

static inline Rivergate__V1__Quantity *kit_quantity(struct window_kit *kit, int64_t kilograms)
{
	Rivergate__V1__Quantity *quantity = arena_alloc(kit->arena, sizeof(*quantity));
	Rivergate__V1__Decimal *value = arena_alloc(kit->arena, sizeof(*value));

	ck_assert(quantity && value);
	rivergate__v1__quantity__init(quantity);
	rivergate__v1__decimal__init(value);
	value->unscaled = kilograms;
	quantity->value = value;
	quantity->unit = members_text("KGM");
	return quantity;
}

/* LODGED_COPY of la.customs: so many kilograms of fresh fruit, LA export and CN import. */
static inline Rivergate__V1__Header *kit_declaration(struct window_kit *kit, const char *ucr,
	int64_t kilograms)
{
	Rivergate__V1__Header *header = kit_header(kit, KIT_KIND(DECLARATION), "la.customs", ucr);
	Rivergate__V1__Goods *goods = arena_alloc(kit->arena, sizeof(*goods));
	Rivergate__V1__Movement *movement = arena_alloc(kit->arena, sizeof(*movement));

	ck_assert(goods && movement);
	header->version = 1;
	header->purpose = RIVERGATE__V1__PURPOSE__PURPOSE_LODGED_COPY;
	header->goods = arena_alloc(kit->arena, sizeof(Rivergate__V1__Goods *));
	ck_assert_ptr_nonnull(header->goods);
	rivergate__v1__goods__init(goods);
	goods->hs6 = members_text("081060");
	goods->origin = members_text("LA");
	goods->condition = RIVERGATE__V1__CONDITION__CONDITION_FRESH;
	goods->quantity = kit_quantity(kit, kilograms);
	header->goods[header->n_goods++] = goods;
	rivergate__v1__movement__init(movement);
	movement->plate = members_text("LA 1234");
	header->movement = movement;
	kit_add_leg(kit, header, "LA", RIVERGATE__V1__REGIME__REGIME_EXPORT);
	kit_add_leg(kit, header, "CN", RIVERGATE__V1__REGIME__REGIME_IMPORT);
	return header;
}

static inline void kit_refer(struct window_kit *kit, Rivergate__V1__Header *header,
	const Rivergate__V1__Header *to, Rivergate__V1__Relation relation)
{
	Rivergate__V1__Ref *ref = arena_alloc(kit->arena, sizeof(*ref));

	ck_assert_ptr_nonnull(ref);
	rivergate__v1__ref__init(ref);
	ref->from = to->from;
	ref->id = to->id;
	ref->relation = relation;
	header->refs = arena_alloc(kit->arena, sizeof(Rivergate__V1__Ref *));
	ck_assert_ptr_nonnull(header->refs);
	header->refs[0] = ref;
	header->n_refs = 1;
}

static inline void kit_decide_with(struct window_kit *kit, const char *from,
	const Rivergate__V1__Header *on, Rivergate__V1__DecisionStatus status,
	Rivergate__V1__Disclosure disclosure)
{
	Rivergate__V1__Header *header = kit_header(kit, KIT_KIND(DECISION), from, on->ucr);
	Rivergate__V1__DecisionFacts *facts = arena_alloc(kit->arena, sizeof(*facts));

	ck_assert_ptr_nonnull(facts);
	rivergate__v1__decision_facts__init(facts);
	facts->status = status;
	facts->disclosure = disclosure;
	header->facts_case = RIVERGATE__V1__HEADER__FACTS_DECISION;
	header->decision = facts;
	kit_refer(kit, header, on, RIVERGATE__V1__RELATION__RELATION_DECIDES);
	kit_take(kit, header);
}

static inline void kit_decide(struct window_kit *kit, const char *from,
	const Rivergate__V1__Header *on, Rivergate__V1__DecisionStatus status)
{
	kit_decide_with(kit, from, on, status, RIVERGATE__V1__DISCLOSURE__DISCLOSURE_NOW);
}

/* Something happened on the sender's leg, now. */
static inline Rivergate__V1__TransitEventFacts *kit_event(struct window_kit *kit, const char *from,
	const char *ucr, Rivergate__V1__TransitEventFacts__Event event)
{
	Rivergate__V1__Header *header = kit_header(kit, KIT_KIND(TRANSIT_EVENT), from, ucr);
	Rivergate__V1__TransitEventFacts *facts = arena_alloc(kit->arena, sizeof(*facts));

	ck_assert_ptr_nonnull(facts);
	rivergate__v1__transit_event_facts__init(facts);
	facts->event = event;
	header->facts_case = RIVERGATE__V1__HEADER__FACTS_TRANSIT_EVENT;
	header->transit_event = facts;
	kit_take(kit, header);
	return facts;
}

/* --- What came of it -------------------------------------------------------------------------- */

/* The status as a party sees it; "": everything. */
static inline const Rivergate__V1__StatusFacts *kit_status(struct window_kit *kit, const char *ucr,
	const char *party)
{
	const struct window_question question = {ucr, party, kit->trust, kit->now_us};
	Rivergate__V1__PlanFacts *plan = NULL;
	Rivergate__V1__StatusFacts *status = NULL;

	ck_assert_int_eq(window_view(kit->window, &question, kit->arena, &plan, &status), RG_OK);
	return status;
}

/* Status of the leg with this number, from 0; UNSPECIFIED: the party sees nothing. */
static inline Rivergate__V1__LegStatus kit_leg(struct window_kit *kit, const char *ucr,
	const char *party, size_t leg)
{
	const Rivergate__V1__StatusFacts *status = kit_status(kit, ucr, party);

	return status && leg < status->n_legs ? status->legs[leg]->status : KIT_STATUS(UNSPECIFIED);
}

static inline bool kit_finds(struct window_kit *kit, const char *ucr, const char *party,
	const char *rule)
{
	const Rivergate__V1__StatusFacts *status = kit_status(kit, ucr, party);

	for (size_t i = 0; status && i < status->n_findings; i++) {
		if (strcmp(status->findings[i]->rule, rule) == 0) {
			return true;
		}
	}
	return false;
}

/* What the last record told the party; NULL: nothing of this kind. */
static inline Rivergate__V1__Header *kit_told(struct window_kit *kit, Rivergate__V1__Kind kind,
	const char *to)
{
	for (size_t i = 0; i < kit->result.n_told; i++) {
		const struct window_told *told = &kit->result.told[i];
		ProtobufCMessage *message = NULL;
		struct scan_answer answer;

		if (told->kind != (uint8_t)kind || strcmp(told->to, to) != 0) {
			continue;
		}
		ck_assert_int_eq(scan_unpack(&rivergate__v1__header__descriptor, told->header,
					 kit->arena, &answer, &message),
			RG_OK);
		ck_assert_msg(answer.is_ok, "%s: %s", answer.path, answer.rule);
		return (Rivergate__V1__Header *)message;
	}
	return NULL;
}

#endif
