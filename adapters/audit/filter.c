/*
 * Which messages are meant: see filter.h.
 *
 * Method: a table of questions; the first that does not hold ends it.
 * Threads: any.
 */
#include "audit/filter.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "registry/address.h"

#define KIND_PREFIX   "KIND_"
#define KIND_NAME_MAX 40

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

static bool has_hs(const struct filter *filter, const struct walk_record *record)
{
	bool has = !filter->hs[0];

	for (size_t i = 0; !has && i < record->header->n_goods; i++) {
		has = strncmp(record->header->goods[i]->hs6, filter->hs, strlen(filter->hs)) == 0;
	}
	return has;
}

static bool has_document(const struct filter *filter, const struct walk_record *record)
{
	bool has = !filter->document;

	for (size_t i = 0; !has && i < record->header->n_documents; i++) {
		has = strcasecmp(record->header->documents[i]->number, filter->document) == 0;
	}
	return has;
}

static bool is_one_of(char **texts, size_t n_texts, const char *wanted)
{
	bool is = false;

	for (size_t i = 0; !is && i < n_texts; i++) {
		is = strcasecmp(texts[i], wanted) == 0;
	}
	return is;
}

static bool has_vehicle(const struct filter *filter, const struct walk_record *record)
{
	const Rivergate__V1__Movement *movement = record->header->movement;
	const char *wanted = filter->vehicle;

	return !wanted ||
		(movement &&
			(strcasecmp(movement->plate, wanted) == 0 ||
				strcasecmp(movement->trailer, wanted) == 0 ||
				is_one_of(movement->containers, movement->n_containers, wanted) ||
				is_one_of(movement->seals, movement->n_seals, wanted)));
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
