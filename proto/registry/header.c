/*
 * Sense of a header: see header.h.
 *
 * Method: a table of rules; the first that does not hold refuses, and names its field.
 * Threads: any.
 */
#include "registry/header.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "registry/address.h"

#define ID_LEN             16
#define HASH_LEN           32
#define UCR_CHARACTERS_MAX 35
#define RECIPIENTS_MAX     16
#define NAME_BYTES_MAX     64
#define TYPE_BYTES_MAX     128

bool header_is_governance(Rivergate__V1__Kind kind)
{
	return kind >= RIVERGATE__V1__KIND__KIND_REGISTRY &&
		kind <= RIVERGATE__V1__KIND__KIND_WINDOW_PROFILE;
}

bool header_is_derived(Rivergate__V1__Kind kind)
{
	return kind >= RIVERGATE__V1__KIND__KIND_PLAN && kind <= RIVERGATE__V1__KIND__KIND_EXPIRY;
}

/* Where a rule looks; written out only for the one that does not hold. */
struct place {
	const char *field;
	size_t number; /* from 1, of a repeated field; 0: of the field itself */
};

static void write_place(const struct place *at, char *out, size_t size)
{
	if (at->number) {
		(void)snprintf(out, size, "%s[%zu]", at->field, at->number - 1);
	} else {
		(void)snprintf(out, size, "%s", at->field);
	}
}

static bool id_is_uuid7(const Rivergate__V1__Header *header, struct place *at)
{
	*at = (struct place){"id", 0};
	return header->id.len == ID_LEN && header->id.data[6] >> 4 == 7 &&
		header->id.data[8] >> 6 == 2;
}

static bool sender_is_address(const Rivergate__V1__Header *header, struct place *at)
{
	*at = (struct place){"from", 0};
	return address_is_valid(header->from);
}

static bool kind_may_be_sent(const Rivergate__V1__Header *header, struct place *at)
{
	*at = (struct place){"kind", 0};
	return header->kind > RIVERGATE__V1__KIND__KIND_UNSPECIFIED &&
		header->kind < RIVERGATE__V1__KIND__KIND_PLAN;
}

static bool recipients_are_counted(const Rivergate__V1__Header *header, struct place *at)
{
	*at = (struct place){"to", 0};
	if (header_is_governance(header->kind)) {
		return header->n_to == 0;
	}
	return header->n_to >= 1 && header->n_to <= RECIPIENTS_MAX;
}

static bool recipients_are_addresses(const Rivergate__V1__Header *header, struct place *at)
{
	for (size_t i = 0; i < header->n_to; i++) {
		*at = (struct place){"to", i + 1};
		if (!address_is_valid(header->to[i])) {
			return false;
		}
	}
	return true;
}

static bool recipients_differ(const Rivergate__V1__Header *header, struct place *at)
{
	for (size_t i = 0; i < header->n_to; i++) {
		*at = (struct place){"to", i + 1};
		for (size_t j = 0; j < i; j++) {
			if (strcmp(header->to[i], header->to[j]) == 0) {
				return false;
			}
		}
	}
	return true;
}

/* Characters, and none of them a control (C0, DEL, C1). */
static bool is_printable(const char *text, size_t *ret_characters)
{
	size_t n = 0;

	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		bool is_c1 = *c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0;

		if (*c < 0x20 || *c == 0x7f || is_c1) {
			return false;
		}
		n += (*c & 0xc0) != 0x80;
	}
	*ret_characters = n;
	return true;
}

static bool ucr_is_printable(const Rivergate__V1__Header *header, struct place *at)
{
	size_t n = 0;

	*at = (struct place){"ucr", 0};
	return is_printable(header->ucr, &n) && n <= UCR_CHARACTERS_MAX;
}

static bool references_are_complete(const Rivergate__V1__Header *header, struct place *at)
{
	for (size_t i = 0; i < header->n_refs; i++) {
		const Rivergate__V1__Ref *ref = header->refs[i];

		*at = (struct place){"refs", i + 1};
		if (!address_is_valid(ref->from) || ref->id.len != ID_LEN ||
			ref->header_hash.len != HASH_LEN ||
			ref->relation == RIVERGATE__V1__RELATION__RELATION_UNSPECIFIED) {
			return false;
		}
	}
	return true;
}

/* Which facts a kind may state. */
struct kind_facts {
	Rivergate__V1__Kind kind;
	Rivergate__V1__Header__FactsCase facts;
};

static const struct kind_facts kinds[] = {
	{RIVERGATE__V1__KIND__KIND_ACKNOWLEDGEMENT, RIVERGATE__V1__HEADER__FACTS_ACKNOWLEDGEMENT},
	{RIVERGATE__V1__KIND__KIND_CERTIFICATE, RIVERGATE__V1__HEADER__FACTS_CERTIFICATE},
	{RIVERGATE__V1__KIND__KIND_CERTIFICATE_STATUS,
		RIVERGATE__V1__HEADER__FACTS_CERTIFICATE_STATUS},
	{RIVERGATE__V1__KIND__KIND_DECISION, RIVERGATE__V1__HEADER__FACTS_DECISION},
	{RIVERGATE__V1__KIND__KIND_DELAY_REASON, RIVERGATE__V1__HEADER__FACTS_DELAY_REASON},
	{RIVERGATE__V1__KIND__KIND_EMERGENCY_NOTICE, RIVERGATE__V1__HEADER__FACTS_EMERGENCY_NOTICE},
	{RIVERGATE__V1__KIND__KIND_ENQUIRY, RIVERGATE__V1__HEADER__FACTS_ENQUIRY},
	{RIVERGATE__V1__KIND__KIND_ENQUIRY_REPLY, RIVERGATE__V1__HEADER__FACTS_ENQUIRY_REPLY},
	{RIVERGATE__V1__KIND__KIND_ESTABLISHMENT_LIST,
		RIVERGATE__V1__HEADER__FACTS_ESTABLISHMENT_LIST},
	{RIVERGATE__V1__KIND__KIND_INSPECTION_RESULT,
		RIVERGATE__V1__HEADER__FACTS_INSPECTION_RESULT},
	{RIVERGATE__V1__KIND__KIND_LINK, RIVERGATE__V1__HEADER__FACTS_LINK},
	{RIVERGATE__V1__KIND__KIND_NON_COMPLIANCE, RIVERGATE__V1__HEADER__FACTS_NON_COMPLIANCE},
	{RIVERGATE__V1__KIND__KIND_PEST_ALERT, RIVERGATE__V1__HEADER__FACTS_PEST_ALERT},
	{RIVERGATE__V1__KIND__KIND_TRANSIT_EVENT, RIVERGATE__V1__HEADER__FACTS_TRANSIT_EVENT},
};

/*
 * What a kind states may stand in its parts alone, unread by the window, as in messages
 * from before the facts had a place; an acknowledgement says its outcome.
 */
static bool facts_fit_kind(const Rivergate__V1__Header *header, struct place *at)
{
	*at = (struct place){"facts", 0};
	if (header->facts_case == RIVERGATE__V1__HEADER__FACTS__NOT_SET) {
		return header->kind != RIVERGATE__V1__KIND__KIND_ACKNOWLEDGEMENT;
	}
	if (header->facts_case == RIVERGATE__V1__HEADER__FACTS_DECISION &&
		header->decision->status ==
			RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_UNSPECIFIED) {
		return false;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].facts == header->facts_case) {
			return kinds[i].kind == header->kind;
		}
	}
	return false;
}

static bool times_are_times(const Rivergate__V1__Header *header, struct place *at)
{
	bool is_sent = header->sent_at_us > 0;

	*at = (struct place){is_sent ? "expires_at_us" : "sent_at_us", 0};
	return is_sent && header->expires_at_us >= 0;
}

static bool parts_are_few(const Rivergate__V1__Header *header, struct place *at)
{
	*at = (struct place){"parts", 0};
	if (header_is_governance(header->kind)) {
		return header->n_parts == 1 && !header->parts[0]->encryption;
	}
	return header->n_parts <= HEADER_PARTS_MAX;
}

static bool parts_are_described(const Rivergate__V1__Header *header, struct place *at)
{
	for (size_t i = 0; i < header->n_parts; i++) {
		const Rivergate__V1__Part *part = header->parts[i];
		size_t n = 0;

		*at = (struct place){"parts", i + 1};
		if (part->commitment.len != HASH_LEN || part->name[0] == '\0' ||
			!is_printable(part->name, &n) || strlen(part->name) > NAME_BYTES_MAX ||
			!is_printable(part->type, &n) || strlen(part->type) > TYPE_BYTES_MAX) {
			return false;
		}
	}
	return true;
}

struct form_rule {
	bool (*holds)(const Rivergate__V1__Header *header, struct place *at);
	const char *rule;
};

static const struct form_rule rules[] = {
	{id_is_uuid7, "id is not 16 bytes of a UUIDv7"},
	{sender_is_address, "sender is not an address"},
	{kind_may_be_sent, "kind is none that a party sends"},
	{recipients_are_counted, "recipients: 1 to 16, for governance kinds none"},
	{recipients_are_addresses, "recipient is not an address"},
	{recipients_differ, "recipient is named twice"},
	{ucr_is_printable, "UCR is longer than 35 characters or has control characters"},
	{references_are_complete, "reference needs from, id, header hash and relation"},
	{facts_fit_kind, "facts do not belong to the kind"},
	{times_are_times, "time is missing or negative"},
	{parts_are_few, "parts: at most 64, for governance kinds one that is plain"},
	{parts_are_described, "part needs a printable name and type and 32 bytes of commitment"},
};

bool header_check(const Rivergate__V1__Header *header, struct header_answer *ret_answer)
{
	struct place at = {"", 0};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!rules[i].holds(header, &at)) {
			ret_answer->rule = rules[i].rule;
			write_place(&at, ret_answer->field, sizeof(ret_answer->field));
			return false;
		}
	}
	*ret_answer = (struct header_answer){.rule = NULL};
	return true;
}
