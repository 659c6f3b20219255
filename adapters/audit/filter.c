/*
 * Which messages are meant: see filter.h.
 *
 * Method: a table of questions; the first that does not hold ends it. A second table says what the
 * facts of a kind hold beside the header's own goods, documents and movement.
 * Threads: any.
 */
#include "audit/filter.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "registry/address.h"

#define KIND_PREFIX   "KIND_"
#define KIND_NAME_MAX 40
#define FACTS(name)   RIVERGATE__V1__HEADER__FACTS_##name

bool filter_set_hs(struct filter *filter, const char *text)
{
	size_t n = 0;

	for (; *text; text++) {
		if (*text == '.') {
			continue;
		}
		if (*text < '0' || *text > '9' || n == FILTER_HS_MAX) {
			return false;
		}
		filter->hs[n++] = *text;
	}
	filter->hs[n] = '\0';
	return n >= 2;
}

bool filter_set_kind(struct filter *filter, const char *text)
{
	const ProtobufCEnumDescriptor *kinds = &rivergate__v1__kind__descriptor;
	char name[KIND_NAME_MAX];
	size_t len = strlen(text);

	if (len >= sizeof(name)) {
		return false;
	}
	for (size_t i = 0; i <= len; i++) {
		name[i] = text[i] == '-' ? '_' : text[i];
	}
	for (unsigned i = 0; i < kinds->n_values; i++) {
		if (kinds->values[i].value != 0 &&
			strcasecmp(kinds->values[i].name + sizeof(KIND_PREFIX) - 1, name) == 0) {
			filter->kind = (Rivergate__V1__Kind)kinds->values[i].value;
			return true;
		}
	}
	return false;
}

bool filter_set_id(struct filter *filter, const char *text)
{
	char digits[33] = "";
	size_t n = 0;

	for (; *text; text++) {
		if (*text == '-') {
			continue;
		}
		if (n == sizeof(digits) - 1) {
			return false;
		}
		digits[n++] = *text >= 'A' && *text <= 'F' ? (char)(*text - 'A' + 'a') : *text;
	}
	filter->has_id = text_unhex(digits, filter->id, sizeof(filter->id));
	return filter->has_id;
}

static bool has_ucr(const struct filter *filter, const struct walk_record *record)
{
	return !filter->ucr || strcasecmp(filter->ucr, record->header->ucr) == 0;
}

static bool has_party(const struct filter *filter, const struct walk_record *record)
{
	const Rivergate__V1__Header *header = record->header;
	bool has = !filter->party || address_has_prefix(header->from, filter->party);

	for (size_t i = 0; !has && i < header->n_to; i++) {
		has = address_has_prefix(header->to[i], filter->party);
	}
	return has;
}

static bool has_kind(const struct filter *filter, const struct walk_record *record)
{
	return !filter->kind || record->header->kind == filter->kind;
}

static bool has_id(const struct filter *filter, const struct walk_record *record)
{
	const ProtobufCBinaryData *id = &record->header->id;

	return !filter->has_id ||
		(id->len == sizeof(filter->id) && memcmp(id->data, filter->id, id->len) == 0);
}

static bool has_time(const struct filter *filter, const struct walk_record *record)
{
	int64_t time_us = record->meta->time_us;

	return time_us >= filter->from_us && (filter->until_us == 0 || time_us <= filter->until_us);
}

static bool is_text(const char *text, const char *wanted)
{
	return strcasecmp(text, wanted) == 0;
}

static bool is_one_of(char **texts, size_t n_texts, const char *wanted)
{
	bool is = false;

	for (size_t i = 0; !is && i < n_texts; i++) {
		is = is_text(texts[i], wanted);
	}
	return is;
}

/* --- What the facts say ---------------------------------------------------------------------- */

/* Codes in facts may be short, and then mean all below: either is the beginning of the other. */
static bool is_hs(const char *hs, const char *wanted)
{
	size_t len = strlen(hs);
	size_t n_wanted = strlen(wanted);

	return len > 0 && strncmp(hs, wanted, len < n_wanted ? len : n_wanted) == 0;
}

static bool is_hs_of(char **codes, size_t n_codes, const char *wanted)
{
	bool is = false;

	for (size_t i = 0; !is && i < n_codes; i++) {
		is = is_hs(codes[i], wanted);
	}
	return is;
}

static bool is_hs_of_goods(Rivergate__V1__Goods **goods, size_t n_goods, const char *wanted)
{
	bool is = false;

	for (size_t i = 0; !is && i < n_goods; i++) {
		is = strncmp(goods[i]->hs6, wanted, strlen(wanted)) == 0;
	}
	return is;
}

static bool has_acknowledged_hs(const Rivergate__V1__Header *header, const char *wanted)
{
	return is_hs_of_goods(header->acknowledgement->goods, header->acknowledgement->n_goods,
		wanted);
}

static bool has_certified_hs(const Rivergate__V1__Header *header, const char *wanted)
{
	const Rivergate__V1__CertificateFacts *facts = header->certificate;
	bool has = false;

	for (size_t i = 0; !has && i < facts->n_goods; i++) {
		has = is_hs(facts->goods[i]->hs, wanted);
	}
	return has;
}

static bool has_listed_hs(const Rivergate__V1__Header *header, const char *wanted)
{
	const Rivergate__V1__EstablishmentListFacts *facts = header->establishment_list;
	bool has = false;

	for (size_t i = 0; !has && i < facts->n_entries; i++) {
		has = is_hs_of(facts->entries[i]->hs, facts->entries[i]->n_hs, wanted);
	}
	return has;
}

static bool has_alerted_hs(const Rivergate__V1__Header *header, const char *wanted)
{
	const Rivergate__V1__PestAlertFacts *facts = header->pest_alert;
	bool has = false;

	for (size_t i = 0; !has && i < facts->n_goods; i++) {
		has = is_hs_of(facts->goods[i]->hs, facts->goods[i]->n_hs, wanted);
	}
	return has;
}

static bool is_certificate(const Rivergate__V1__Header *header, const char *wanted)
{
	return is_text(header->certificate->number, wanted);
}

static bool is_of_certificate(const Rivergate__V1__Header *header, const char *wanted)
{
	return is_text(header->certificate_status->number, wanted) ||
		is_text(header->certificate_status->replaced_by, wanted);
}

static bool is_against_certificate(const Rivergate__V1__Header *header, const char *wanted)
{
	return is_text(header->non_compliance->certificate_number, wanted);
}

static bool is_alert(const Rivergate__V1__Header *header, const char *wanted)
{
	return is_text(header->pest_alert->number, wanted);
}

static bool is_notice(const Rivergate__V1__Header *header, const char *wanted)
{
	return is_text(header->emergency_notice->number, wanted);
}

static bool reminds_of(const Rivergate__V1__Header *header, const char *wanted)
{
	return is_text(header->reminder->subject, wanted);
}

static bool is_movement(const Rivergate__V1__Movement *movement, const char *wanted)
{
	return movement &&
		(is_text(movement->plate, wanted) || is_text(movement->trailer, wanted) ||
			is_one_of(movement->containers, movement->n_containers, wanted) ||
			is_one_of(movement->seals, movement->n_seals, wanted));
}

static bool has_certified_vehicle(const Rivergate__V1__Header *header, const char *wanted)
{
	const Rivergate__V1__CertificateFacts *facts = header->certificate;

	return is_one_of(facts->containers, facts->n_containers, wanted) ||
		is_one_of(facts->seals, facts->n_seals, wanted);
}

static bool has_moved_vehicle(const Rivergate__V1__Header *header, const char *wanted)
{
	return is_movement(header->transit_event->movement, wanted);
}

/* By the kind of facts that a header has; NULL: they hold none of it. */
static const struct fact {
	bool (*has_hs)(const Rivergate__V1__Header *header, const char *wanted);
	bool (*has_document)(const Rivergate__V1__Header *header, const char *wanted);
	bool (*has_vehicle)(const Rivergate__V1__Header *header, const char *wanted);
} fact_table[] = {
	[FACTS(ACKNOWLEDGEMENT)] = {.has_hs = has_acknowledged_hs},
	[FACTS(CERTIFICATE)] = {has_certified_hs, is_certificate, has_certified_vehicle},
	[FACTS(CERTIFICATE_STATUS)] = {.has_document = is_of_certificate},
	[FACTS(ESTABLISHMENT_LIST)] = {.has_hs = has_listed_hs},
	[FACTS(TRANSIT_EVENT)] = {.has_vehicle = has_moved_vehicle},
	[FACTS(NON_COMPLIANCE)] = {.has_document = is_against_certificate},
	[FACTS(PEST_ALERT)] = {.has_hs = has_alerted_hs, .has_document = is_alert},
	[FACTS(EMERGENCY_NOTICE)] = {.has_document = is_notice},
	[FACTS(REMINDER)] = {.has_document = reminds_of},
};

static struct fact facts_of(const Rivergate__V1__Header *header)
{
	const struct fact none = {.has_hs = NULL};
	size_t n = sizeof(fact_table) / sizeof(fact_table[0]);

	return (size_t)header->facts_case < n ? fact_table[header->facts_case] : none;
}

/* --- Questions ------------------------------------------------------------------------------- */

static bool has_hs(const struct filter *filter, const struct walk_record *record)
{
	const Rivergate__V1__Header *header = record->header;
	const struct fact fact = facts_of(header);

	return !filter->hs[0] || is_hs_of_goods(header->goods, header->n_goods, filter->hs) ||
		(fact.has_hs && fact.has_hs(header, filter->hs));
}

static bool has_document(const struct filter *filter, const struct walk_record *record)
{
	const Rivergate__V1__Header *header = record->header;
	const struct fact fact = facts_of(header);
	bool has = !filter->document;

	for (size_t i = 0; !has && i < header->n_documents; i++) {
		has = is_text(header->documents[i]->number, filter->document);
	}
	return has || (fact.has_document && fact.has_document(header, filter->document));
}

static bool has_vehicle(const struct filter *filter, const struct walk_record *record)
{
	const Rivergate__V1__Header *header = record->header;
	const struct fact fact = facts_of(header);
	const char *wanted = filter->vehicle;

	return !wanted || is_movement(header->movement, wanted) ||
		(fact.has_vehicle && fact.has_vehicle(header, wanted));
}

static bool (*const questions[])(const struct filter *filter, const struct walk_record *record) = {
	has_kind,
	has_time,
	has_id,
	has_ucr,
	has_party,
	has_hs,
	has_document,
	has_vehicle,
};

bool filter_matches(const struct filter *filter, const struct walk_record *record)
{
	bool matches = record->header != NULL;

	for (size_t i = 0; matches && i < sizeof(questions) / sizeof(questions[0]); i++) {
		matches = questions[i](filter, record);
	}
	return matches;
}
