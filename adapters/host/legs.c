/*
 * The legs of a header: see legs.h
 *
 * Threads: no state.
 */
#include "host/legs.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/fields.h"
#include "registry/moment.h"

#define REGIME(name)    RIVERGATE__V1__REGIME__REGIME_##name
#define DIRECTION(name) RIVERGATE__V1__DIRECTION__DIRECTION_##name

#define OFFICE_MAX 35
#define REGIME_MAX 40
#define TEXT_MAX   200

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

/* --- From the document ------------------------------------------------------------------------ */

/* A header that is given legs, at a place of its list. */
struct laying {
	const Rivergate__V1__Declaration *declaration;
	Rivergate__V1__Header *header;
};

static rg_err insert_leg(Rivergate__V1__Header *header, size_t at, const char *country,
	Rivergate__V1__Regime regime)
{
	Rivergate__V1__Leg *leg = malloc(sizeof(*leg));
	if (!leg) {
		return RG_E_NOMEM;
	}
	rivergate__v1__leg__init(leg);
	rg_err err = fields_insert(&header->legs, &header->n_legs, at, leg);
	if (err) {
		free(leg);
		return err;
	}
	leg->regime = regime;
	return fields_set_text(&leg->country, country);
}

static rg_err set_national_ref(const Rivergate__V1__Declaration *declaration,
	Rivergate__V1__Leg *leg)
{
	const Rivergate__V1__Stamp *stamp = declaration->registration;
	char type[64];
	if (!stamp || stamp->number[0] == '\0') {
		return RG_OK;
	}
	Rivergate__V1__NationalReference *ref = malloc(sizeof(*ref));
	if (!ref) {
		return RG_E_NOMEM;
	}
	rivergate__v1__national_reference__init(ref);
	leg->national_ref = ref;
	const char *year = stamp->date[0] ? stamp->date : declaration->date_of_declaration;
	ref->year = (uint32_t)strtoul(stamp->year[0] ? stamp->year : year, NULL, 10);
	snprintf(type, sizeof(type), "%s%s%s", declaration->type ? declaration->type->code : "",
		declaration->type && declaration->type->procedure[0] ? " " : "",
		declaration->type ? declaration->type->procedure : "");
	rg_err err =
		fields_set_text(&ref->office, declaration->office ? declaration->office->code : "");
	if (!err) {
		err = fields_set_text(&ref->serial, stamp->serial);
	}
	if (!err) {
		err = fields_set_text(&ref->number, stamp->number);
	}
	if (!err) {
		err = fields_set_text(&ref->date, stamp->date);
	}
	return err ? err : fields_set_text(&ref->type, type);
}

/* The leg of the declaration's own country, with its offices and number. */
static rg_err lay_own(const struct laying *it)
{
	static const Rivergate__V1__Regime regimes[] = {
		[DIRECTION(UNSPECIFIED)] = REGIME(UNSPECIFIED),
		[DIRECTION(EXPORT)] = REGIME(EXPORT),
		[DIRECTION(IMPORT)] = REGIME(IMPORT),
		[DIRECTION(TRANSIT)] = REGIME(TRANSIT),
	};
	const Rivergate__V1__Declaration *declaration = it->declaration;
	const char *office = declaration->office ? declaration->office->code : "";
	const char *border = declaration->border_office ? declaration->border_office->code : "";
	bool is_import = declaration->direction == DIRECTION(IMPORT);
	size_t at = it->header->n_legs;
	rg_err err =
		insert_leg(it->header, at, declaration->country, regimes[declaration->direction]);
	if (err) {
		return err;
	}
	Rivergate__V1__Leg *leg = it->header->legs[at];
	border = border[0] ? border : office;
	err = fields_set_text(&leg->office_in, is_import ? border : office);
	if (!err) {
		err = fields_set_text(&leg->office_out, is_import ? office : border);
	}
	return err ? err : set_national_ref(declaration, leg);
}

/* The leg of another country; of a country that has one already there is no second. */
static rg_err lay(const struct laying *it, const Rivergate__V1__Country *country,
	Rivergate__V1__Regime regime)
{
	const char *code = text_or_empty(country ? country->code : NULL);
	bool is_known = code[0] == '\0' || strcmp(code, it->declaration->country) == 0;
	for (size_t i = 0; i < it->header->n_legs; i++) {
		is_known = is_known || strcmp(it->header->legs[i]->country, code) == 0;
	}
	return is_known ? RG_OK : insert_leg(it->header, it->header->n_legs, code, regime);
}

/* Countries between the own one and the other end of the journey. */
static rg_err lay_between(const struct laying *it, const Rivergate__V1__Country *end)
{
	const Rivergate__V1__Transport *transport = it->declaration->transport;
	const Rivergate__V1__Country *first = it->declaration->first_destination;
	bool is_import = it->declaration->direction == DIRECTION(IMPORT);
	const char *beyond = text_or_empty(end ? end->code : NULL);
	rg_err err = RG_OK;

	/* Seen from where they go: the country that they come from last. */
	if (!is_import && first && strcmp(first->code, beyond) != 0) {
		err = lay(it, first, REGIME(TRANSIT));
	}
	for (size_t i = 0; !err && transport && i < transport->n_route; i++) {
		if (strcmp(transport->route[i]->code, beyond) != 0) {
			err = lay(it, transport->route[i], REGIME(TRANSIT));
		}
	}
	if (!err && is_import && first && strcmp(first->code, beyond) != 0) {
		err = lay(it, first, REGIME(TRANSIT));
	}
	return err;
}

/* Office codes of other countries that the document names begin with their country. */
static rg_err set_offices_between(const struct laying *it)
{
	const Rivergate__V1__Transit *transit = it->declaration->transit;
	rg_err err = RG_OK;

	for (size_t i = 0; transit && i < transit->n_offices; i++) {
		for (size_t j = 0; !err && j < it->header->n_legs; j++) {
			Rivergate__V1__Leg *leg = it->header->legs[j];
			bool is_there = strncmp(leg->country, transit->offices[i], 2) == 0;

			if (is_there && leg->regime == REGIME(TRANSIT)) {
				err = fields_set_text(leg->office_in[0] ? &leg->office_out
									: &leg->office_in,
					transit->offices[i]);
			}
		}
	}
	return err;
}

/* Where transit ends: on the way out of a country, or in the one that the goods are for. */
static rg_err set_transit_end(const struct laying *it)
{
	const Rivergate__V1__Transit *transit = it->declaration->transit;
	const char *country = text_or_empty(transit ? transit->destination_country : NULL);
	bool is_own = country[0] == '\0' && it->declaration->direction == DIRECTION(TRANSIT);

	country = is_own ? it->declaration->country : country;
	for (size_t i = 0; transit && country[0] && i < it->header->n_legs; i++) {
		Rivergate__V1__Leg *leg = it->header->legs[i];
		bool is_end = strcmp(leg->country, country) == 0;

		if (is_end && leg->regime == REGIME(TRANSIT)) {
			return fields_set_text(&leg->office_out, transit->destination_office);
		}
		if (is_end && leg->regime == REGIME(IMPORT) && !leg->office_in[0]) {
			return fields_set_text(&leg->office_in, transit->destination_office);
		}
	}
	return RG_OK;
}

rg_err legs_fill(const Rivergate__V1__Declaration *declaration, Rivergate__V1__Header *header)
{
	const struct laying it = {declaration, header};
	bool is_import = declaration->direction == DIRECTION(IMPORT);
	bool is_transit = declaration->direction == DIRECTION(TRANSIT);
	rg_err err = is_import || is_transit ? lay(&it, declaration->export_country, REGIME(EXPORT))
					     : RG_OK;

	if (!err && is_import) {
		err = lay_between(&it, declaration->export_country);
	}
	if (!err) {
		err = lay_own(&it);
	}
	if (!err && !is_import) {
		err = lay_between(&it, declaration->destination_country);
	}
	if (!err && !is_import) {
		err = lay(&it, declaration->destination_country, REGIME(IMPORT));
	}
	if (!err) {
		err = set_offices_between(&it);
	}
	return err ? err : set_transit_end(&it);
}

/* --- As stated beside the file ------------------------------------------------------------- */

struct stated {
	char country[3];
	Rivergate__V1__Regime regime;
	char office_in[OFFICE_MAX + 1];
	char office_out[OFFICE_MAX + 1];
	int64_t eta_us; /* 0: not stated */
};

static const char form[] = "a leg is CC:REGIME[:OFFICE_IN[:OFFICE_OUT[:ETA]]], such as "
			   "LA:TRANSIT:LABTN";

/* The text up to the next colon, or all of it, off the rest; false: longer than room. */
static bool next_field(const char **rest, char *out, size_t room)
{
	size_t len = strcspn(*rest, ":");

	if (len >= room) {
		return false;
	}
	memcpy(out, *rest, len);
	out[len] = '\0';
	*rest += len + ((*rest)[len] == ':');
	return true;
}

static bool read_country(const char **rest, struct stated *stated)
{
	bool is_read = next_field(rest, stated->country, sizeof(stated->country)) &&
		isalpha((unsigned char)stated->country[0]) &&
		isalpha((unsigned char)stated->country[1]);

	for (size_t i = 0; is_read && i < 2; i++) {
		stated->country[i] = (char)toupper((unsigned char)stated->country[i]);
	}
	return is_read;
}

/* Words of the protocol are upper case with underscores; here any form will do. */
static bool read_regime(const char **rest, struct stated *stated)
{
	char word[REGIME_MAX];
	char name[REGIME_MAX + sizeof("REGIME_")];

	if (!next_field(rest, word, sizeof(word))) {
		return false;
	}
	for (char *at = word; *at; at++) {
		*at = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
	}
	snprintf(name, sizeof(name), "REGIME_%s", word);
	const ProtobufCEnumValue *found =
		protobuf_c_enum_descriptor_get_value_by_name(&rivergate__v1__regime__descriptor,
			name);
	stated->regime = found ? (Rivergate__V1__Regime)found->value : REGIME(UNSPECIFIED);
	return stated->regime != REGIME(UNSPECIFIED);
}

static bool is_office(const char *text)
{
	for (; *text; text++) {
		if (!isalnum((unsigned char)*text) && !strchr("-./", *text)) {
			return false;
		}
	}
	return true;
}

/* NULL, or what is wrong. */
static const char *read_stated(const char *text, struct stated *ret_stated)
{
	const char *rest = text;
	struct stated stated = {.eta_us = 0};

	if (strlen(text) > TEXT_MAX || !read_country(&rest, &stated)) {
		return form;
	}
	if (!read_regime(&rest, &stated)) {
		return "the regime of a leg is export, transit, import, temporary-admission, "
		       "re-export, return, border-resident-trade or relief";
	}
	if (!next_field(&rest, stated.office_in, sizeof(stated.office_in)) ||
		!next_field(&rest, stated.office_out, sizeof(stated.office_out)) ||
		!is_office(stated.office_in) || !is_office(stated.office_out)) {
		return "an office of a leg is a code of at most 35 letters and digits";
	}
	if (*rest && !moment_parse_from(rest, &stated.eta_us)) {
		return "the time of a leg is no time like 2026-11-23T04:00:00Z";
	}
	*ret_stated = stated;
	return NULL;
}

bool legs_is_valid(const char *text, const char **ret_problem)
{
	struct stated stated;

	*ret_problem = read_stated(text, &stated);
	return !*ret_problem;
}

/* How far on a regime lies, of a journey that begins with an export. */
static unsigned rank_of(Rivergate__V1__Regime regime)
{
	if (regime == REGIME(EXPORT) || regime == REGIME(RE_EXPORT)) {
		return 0;
	}
	return regime == REGIME(TRANSIT) ? 1 : 2;
}

/* A field of the leg is what is stated; *fits false: it says something else already. */
static rg_err complete_text(char **field, const char *stated, bool *fits)
{
	if ((*field)[0] && stated[0]) {
		*fits = *fits && strcmp(*field, stated) == 0;
		return RG_OK;
	}
	return fields_set_text(field, stated);
}

static rg_err complete_leg(const struct stated *stated, Rivergate__V1__Leg *leg, bool *ret_fits)
{
	bool fits = !leg->eta_us || !stated->eta_us || leg->eta_us == stated->eta_us;
	rg_err err = complete_text(&leg->office_in, stated->office_in, &fits);

	if (!err) {
		err = complete_text(&leg->office_out, stated->office_out, &fits);
	}
	leg->eta_us = stated->eta_us ? stated->eta_us : leg->eta_us;
	*ret_fits = fits;
	return err;
}

/* The number of the leg with this country and regime; n_legs: there is none. */
static size_t find_leg(const Rivergate__V1__Header *header, const struct stated *stated)
{
	size_t i = 0;

	while (i < header->n_legs &&
		(header->legs[i]->regime != stated->regime ||
			strcmp(header->legs[i]->country, stated->country) != 0)) {
		i++;
	}
	return i;
}

/* Completes or adds one; *at: the first place that it may take, then the one behind it. */
static rg_err take_stated(const struct stated *stated, Rivergate__V1__Header *header, size_t *at,
	const char **ret_problem)
{
	size_t place = find_leg(header, stated);
	bool is_new = place == header->n_legs;
	bool fits = true;

	if (place < *at) {
		*ret_problem = "legs (--leg, or legs of the route) are to be stated once each, in "
			       "travel order";
		return RG_OK;
	}
	if (is_new && header->n_legs >= LEGS_MAX) {
		*ret_problem = "with --leg, or legs of the route, there are more than 32 legs";
		return RG_OK;
	}
	if (is_new) {
		place = *at;
		while (place < header->n_legs &&
			rank_of(header->legs[place]->regime) < rank_of(stated->regime)) {
			place++;
		}
	}
	rg_err err = is_new ? insert_leg(header, place, stated->country, stated->regime) : RG_OK;
	if (!err) {
		err = complete_leg(stated, header->legs[place], &fits);
	}
	*ret_problem = fits ? NULL
			    : "a leg (--leg, or legs of the route) says another office or time "
			      "than the document";
	*at = place + 1;
	return err;
}

rg_err legs_complete(const struct conf_texts *texts, Rivergate__V1__Header *header,
	const char **ret_problem)
{
	const char *problem = NULL;
	size_t at = 0;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && !problem && i < texts->n_items; i++) {
		struct stated stated;

		problem = read_stated(texts->items[i], &stated);
		if (!problem) {
			err = take_stated(&stated, header, &at, &problem);
		}
	}
	*ret_problem = problem;
	return err;
}

/* --- Comparing -------------------------------------------------------------------------------- */

static bool is_within(const char *fact, const char *text)
{
	return fact[0] == '\0' || strcmp(fact, text) == 0;
}

static bool is_same_ref(const Rivergate__V1__NationalReference *a,
	const Rivergate__V1__NationalReference *b)
{
	if (!a || !b) {
		return !a && !b;
	}
	return a->year == b->year && strcmp(a->office, b->office) == 0 &&
		strcmp(a->type, b->type) == 0 && strcmp(a->serial, b->serial) == 0 &&
		strcmp(a->number, b->number) == 0 && strcmp(a->date, b->date) == 0;
}

static bool says(const Rivergate__V1__Leg *leg, const Rivergate__V1__Leg *fact)
{
	return leg->regime == fact->regime && strcmp(leg->country, fact->country) == 0 &&
		is_within(fact->office_in, leg->office_in) &&
		is_within(fact->office_out, leg->office_out) &&
		is_same_ref(leg->national_ref, fact->national_ref);
}

bool legs_contain(const Rivergate__V1__Header *facts, const Rivergate__V1__Header *header)
{
	size_t at = 0;

	for (size_t i = 0; i < facts->n_legs; i++) {
		while (at < header->n_legs && !says(header->legs[at], facts->legs[i])) {
			at++;
		}
		if (at++ >= header->n_legs) {
			return false;
		}
	}
	return true;
}
