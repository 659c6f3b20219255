/*
 * Routing facts of a header, taken from a canonical document
 *
 * Method: a header of facts alone is built anew; its lists then take the place of the
 * old ones. Comparing two headers is comparing their packed facts.
 *
 * Threads: no state.
 */
#include "host/facts.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scoped.h"
#include "host/documents.h"
#include "host/facts_certificate.h"
#include "host/fields.h"
#include "host/legs.h"
#include "wire/pack.h"

/* Entries that fit a header of 48 KiB together with everything else. */
#define MAX_GOODS      999
#define MAX_CONTAINERS 256
#define UCR_MAX        35

static void free_header(Rivergate__V1__Header **header)
{
	if (*header) {
		rivergate__v1__header__free_unpacked(*header, NULL);
	}
}

static rg_err append_text(char ***list, size_t *n, const char *text)
{
	for (size_t i = 0; i < *n; i++) {
		if (strcmp((*list)[i], text) == 0) {
			return RG_OK;
		}
	}
	if (text[0] == '\0' || *n >= MAX_CONTAINERS) {
		return text[0] ? RG_E_OVERFLOW : RG_OK;
	}
	scoped(freep) char *copy = strdup(text);
	rg_err err = fields_append(list, n, copy);
	if (!err) {
		copy = NULL;
	}
	return err;
}

/* Goods */

/* Brings a decimal to more places; false: it would not fit. */
static bool rescale(Rivergate__V1__Decimal *decimal, uint32_t scale)
{
	while (decimal->scale < scale) {
		if (__builtin_mul_overflow(decimal->unscaled, 10, &decimal->unscaled)) {
			return false;
		}
		decimal->scale++;
	}
	return true;
}

/* Adds exactly. A sum beyond 64 bits takes the quantity away: none is better than a wrong one. */
static rg_err add_mass(Rivergate__V1__Goods *goods, const Rivergate__V1__Decimal *mass)
{
	Rivergate__V1__Decimal term = *mass;
	if (!goods->quantity) {
		return RG_OK;
	}
	Rivergate__V1__Decimal *sum = goods->quantity->value;
	uint32_t scale = sum->scale > term.scale ? sum->scale : term.scale;
	bool fits = term.scale <= 18 && rescale(sum, scale) && rescale(&term, scale) &&
		!__builtin_add_overflow(sum->unscaled, term.unscaled, &sum->unscaled);
	if (!fits) {
		rivergate__v1__quantity__free_unpacked(goods->quantity, NULL);
		goods->quantity = NULL;
	}
	return RG_OK;
}

static rg_err begin_mass(Rivergate__V1__Goods *goods)
{
	Rivergate__V1__Quantity *quantity = malloc(sizeof(*quantity));
	Rivergate__V1__Decimal *value = malloc(sizeof(*value));
	if (!quantity || !value) {
		free(quantity);
		free(value);
		return RG_E_NOMEM;
	}
	rivergate__v1__quantity__init(quantity);
	rivergate__v1__decimal__init(value);
	quantity->value = value;
	goods->quantity = quantity;
	return fields_set_text(&quantity->unit, "KGM");
}

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static bool is_same_goods(const Rivergate__V1__Goods *goods, const Rivergate__V1__Item *item,
	const char *origin)
{
	const Rivergate__V1__Commodity *commodity = item->commodity;
	return strcmp(goods->hs6, commodity->hs6) == 0 &&
		strcmp(goods->hs_edition, commodity->hs_edition) == 0 &&
		strcmp(goods->origin, origin) == 0 && goods->condition == commodity->condition;
}

static rg_err new_goods(const Rivergate__V1__Item *item, const char *origin,
	Rivergate__V1__Header *header, Rivergate__V1__Goods **ret_goods)
{
	if (header->n_goods >= MAX_GOODS) {
		return RG_E_OVERFLOW;
	}
	Rivergate__V1__Goods *goods = malloc(sizeof(*goods));
	if (!goods) {
		return RG_E_NOMEM;
	}
	rivergate__v1__goods__init(goods);
	rg_err err = fields_append(&header->goods, &header->n_goods, goods);
	if (err) {
		free(goods);
		return err;
	}
	goods->condition = item->commodity->condition;
	*ret_goods = goods;
	err = fields_set_text(&goods->hs6, item->commodity->hs6);
	if (!err) {
		err = fields_set_text(&goods->hs_edition, item->commodity->hs_edition);
	}
	if (!err) {
		err = fields_set_text(&goods->origin, origin);
	}
	return err ? err : begin_mass(goods);
}

static rg_err fill_item(const Rivergate__V1__Item *item, Rivergate__V1__Header *header)
{
	const char *origin = text_or_empty(item->origin ? item->origin->code : NULL);
	const Rivergate__V1__Decimal *mass = item->net_mass ? item->net_mass : item->gross_mass;
	Rivergate__V1__Goods *goods = NULL;
	if (!item->commodity || item->commodity->hs6[0] == '\0') {
		return RG_OK;
	}
	for (size_t i = 0; i < header->n_goods && !goods; i++) {
		goods = is_same_goods(header->goods[i], item, origin) ? header->goods[i] : NULL;
	}
	rg_err err = goods ? RG_OK : new_goods(item, origin, header, &goods);
	return err || !mass ? err : add_mass(goods, mass);
}

static rg_err fill_goods(const Rivergate__V1__Declaration *declaration,
	Rivergate__V1__Header *header)
{
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < declaration->n_items; i++) {
		err = fill_item(declaration->items[i], header);
	}
	for (size_t i = 0; !err && i < header->n_goods; i++) {
		Rivergate__V1__Goods *goods = header->goods[i];
		if (goods->quantity && goods->quantity->value->unscaled == 0) {
			/* No item stated a mass. */
			rivergate__v1__quantity__free_unpacked(goods->quantity, NULL);
			goods->quantity = NULL;
		}
	}
	return err;
}

/* Movement */

/* National two-digit modes begin with the digit of Rec 19: 31 and 3 are road, 01 is sea. */
static void first_digit(const char *mode, char out[2])
{
	mode += strspn(mode, "0");
	out[0] = isdigit((unsigned char)*mode) ? *mode : '\0';
	out[1] = '\0';
}

static rg_err fill_containers(const Rivergate__V1__Declaration *declaration,
	Rivergate__V1__Movement *movement)
{
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < declaration->n_containers; i++) {
		const Rivergate__V1__Container *container = declaration->containers[i];
		err = append_text(&movement->containers, &movement->n_containers,
			container->identity);
		for (size_t j = 0; !err && j < container->n_seals; j++) {
			err = append_text(&movement->seals, &movement->n_seals,
				container->seals[j]->identity);
		}
	}
	const Rivergate__V1__Transit *transit = declaration->transit;
	for (size_t i = 0; transit && !err && i < transit->n_seals; i++) {
		err = append_text(&movement->seals, &movement->n_seals,
			transit->seals[i]->identity);
	}
	return err;
}

static rg_err fill_movement(const Rivergate__V1__Declaration *declaration,
	Rivergate__V1__Header *header)
{
	const Rivergate__V1__Transport *transport = declaration->transport;
	const Rivergate__V1__TransportMeans *border = transport ? transport->border : NULL;
	const Rivergate__V1__TransportMeans *departure = transport ? transport->departure : NULL;
	char mode[2];
	Rivergate__V1__Movement *movement = malloc(sizeof(*movement));
	if (!movement) {
		return RG_E_NOMEM;
	}
	rivergate__v1__movement__init(movement);
	header->movement = movement;
	const char *plate = border && border->identity[0]
		? border->identity
		: text_or_empty(departure ? departure->identity : NULL);
	first_digit(text_or_empty(border ? border->mode : NULL), mode);
	rg_err err = fields_set_text(&movement->plate, plate);
	if (!err) {
		err = fields_set_text(&movement->mode, mode);
	}
	if (!err) {
		err = fill_containers(declaration, movement);
	}
	if (!err && rivergate__v1__movement__get_packed_size(movement) == 0) {
		rivergate__v1__movement__free_unpacked(movement, NULL);
		header->movement = NULL;
	}
	return err;
}

/* Documents */

static rg_err fill_document(const Rivergate__V1__Document *document, Rivergate__V1__Header *header)
{
	Rivergate__V1__DocumentRef *ref = NULL;
	bool is_new = false;

	if (document->reference[0] == '\0') {
		return RG_OK;
	}
	rg_err err = documents_name(header, document->code, document->reference, &ref, &is_new);
	if (!err && is_new) {
		err = fields_set_text(&ref->issuer, document->issuer);
	}
	return err || !is_new ? err : fields_set_text(&ref->date, document->date);
}

static rg_err fill_documents(const Rivergate__V1__Declaration *declaration,
	Rivergate__V1__Header *header)
{
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < declaration->n_documents; i++) {
		err = fill_document(declaration->documents[i], header);
	}
	for (size_t i = 0; !err && i < declaration->n_items; i++) {
		const Rivergate__V1__Item *item = declaration->items[i];
		for (size_t j = 0; !err && j < item->n_documents; j++) {
			err = fill_document(item->documents[j], header);
		}
	}
	return err;
}

/* UCR */

/* A UCR that we make may be shown and stored anywhere: letters, digits and few marks. */
static void clean(char *ucr)
{
	for (; *ucr; ucr++) {
		if (!isalnum((unsigned char)*ucr) && !strchr("-./", *ucr)) {
			*ucr = '-';
		}
	}
}

static rg_err fill_ucr(const Rivergate__V1__Declaration *declaration, Rivergate__V1__Header *header)
{
	const Rivergate__V1__Stamp *stamp = declaration->registration;
	const Rivergate__V1__DeclarantReference *reference = declaration->reference;
	char ucr[512] = "";
	if (declaration->ucr[0]) {
		snprintf(ucr, sizeof(ucr), "%s", declaration->ucr);
	} else if (stamp && stamp->number[0]) {
		snprintf(ucr, sizeof(ucr), "%s-%s-%.4s-%s%s", declaration->country,
			declaration->office ? declaration->office->code : "",
			stamp->year[0] ? stamp->year : stamp->date, stamp->serial, stamp->number);
		clean(ucr);
	} else if (reference && reference->number[0]) {
		snprintf(ucr, sizeof(ucr), "%s-%s-%s", declaration->country,
			declaration->declarant ? declaration->declarant->code : "",
			reference->number);
		clean(ucr);
	}
	return strlen(ucr) <= UCR_MAX ? fields_set_text(&header->ucr, ucr) : RG_OK;
}

/* The document as a declaration that states the same facts; it is *ret_view where one was made. */
static rg_err find_declaration(const ProtobufCMessage *document, struct doc **ret_view,
	const Rivergate__V1__Declaration **ret_declaration)
{
	if (document->descriptor == &rivergate__v1__declaration__descriptor) {
		*ret_declaration = (const Rivergate__V1__Declaration *)document;
		return RG_OK;
	}
	if (document->descriptor != &rivergate__v1__certificate__descriptor) {
		return RG_E_ABI;
	}
	rg_err err = facts_certificate((const Rivergate__V1__Certificate *)document, ret_view);
	if (!err) {
		*ret_declaration = doc_declaration(*ret_view);
	}
	return err;
}

/* A header of nothing but the facts. */
static rg_err make_facts(const ProtobufCMessage *document, Rivergate__V1__Header **ret_header)
{
	scoped(doc_freep) struct doc *view = NULL;
	const Rivergate__V1__Declaration *declaration = NULL;
	scoped(free_header) Rivergate__V1__Header *header = malloc(sizeof(*header));
	if (!header) {
		return RG_E_NOMEM;
	}
	rivergate__v1__header__init(header);
	rg_err err = find_declaration(document, &view, &declaration);
	if (!err) {
		err = fill_ucr(declaration, header);
	}
	if (!err && !view) {
		err = legs_fill(declaration, header);
	}
	if (!err) {
		err = fill_goods(declaration, header);
	}
	if (!err) {
		err = fill_movement(declaration, header);
	}
	if (!err) {
		err = fill_documents(declaration, header);
	}
	if (!err) {
		*ret_header = steal(header);
	}
	return err;
}

/* Swaps the facts of two headers. */
static void swap_facts(Rivergate__V1__Header *a, Rivergate__V1__Header *b)
{
	Rivergate__V1__Header old = *a;
	a->ucr = b->ucr;
	a->n_legs = b->n_legs;
	a->legs = b->legs;
	a->n_goods = b->n_goods;
	a->goods = b->goods;
	a->movement = b->movement;
	a->n_documents = b->n_documents;
	a->documents = b->documents;
	b->ucr = old.ucr;
	b->n_legs = old.n_legs;
	b->legs = old.legs;
	b->n_goods = old.n_goods;
	b->goods = old.goods;
	b->movement = old.movement;
	b->n_documents = old.n_documents;
	b->documents = old.documents;
}

rg_err facts_fill(const ProtobufCMessage *document, Rivergate__V1__Header *header)
{
	scoped(free_header) Rivergate__V1__Header *facts = NULL;
	rg_err err = make_facts(document, &facts);
	if (!err) {
		swap_facts(header, facts);
	}
	return err;
}

/* Comparing */

/* Whether two messages, NULL for absent, are equal when packed. */
static bool is_equal(const ProtobufCMessage *a, const ProtobufCMessage *b, rg_err *err)
{
	scoped(buf_deinitv) struct buf left = {.data = NULL};
	scoped(buf_deinitv) struct buf right = {.data = NULL};
	rg_err fault = a ? pack_append(a, &left) : RG_OK;

	if (!fault && b) {
		fault = pack_append(b, &right);
	}
	*err = fault ? fault : *err;
	return !fault && bytes_equal(buf_view(&left), buf_view(&right));
}

/* Compares one fact of two headers: everything else of them is left out. */
static bool is_same_fact(const Rivergate__V1__Header *facts, const Rivergate__V1__Header *header,
	size_t fact, rg_err *err)
{
	Rivergate__V1__Header sides[2] = {RIVERGATE__V1__HEADER__INIT, RIVERGATE__V1__HEADER__INIT};
	const Rivergate__V1__Header *sources[2] = {facts, header};
	for (size_t i = 0; i < 2; i++) {
		const Rivergate__V1__Header *from = sources[i];
		switch (fact) {
		case 0:
			/* A sender may know more of the journey than his format has room for. */
			return legs_contain(facts, header);
		case 1:
			sides[i].goods = from->goods;
			sides[i].n_goods = from->n_goods;
			break;
		case 2:
			sides[i].movement = from->movement;
			break;
		default:
			return documents_contain(facts, header);
		}
	}
	return is_equal(&sides[0].base, &sides[1].base, err);
}

rg_err facts_differ(const ProtobufCMessage *document, const Rivergate__V1__Header *header,
	const char **ret_field)
{
	static const char *const names[] = {"legs", "goods", "movement", "documents"};
	scoped(free_header) Rivergate__V1__Header *facts = NULL;
	const char *field = NULL;
	rg_err err = make_facts(document, &facts);
	for (size_t i = 0; !err && !field && i < sizeof(names) / sizeof(names[0]); i++) {
		field = is_same_fact(facts, header, i, &err) ? NULL : names[i];
	}
	if (!err) {
		*ret_field = field;
	}
	return err;
}

/* Which goods these are, however many. */
static bool states(const Rivergate__V1__Header *header, const Rivergate__V1__Goods *goods)
{
	for (size_t i = 0; i < header->n_goods; i++) {
		const Rivergate__V1__Goods *one = header->goods[i];

		if (one->condition == goods->condition && strcmp(one->hs6, goods->hs6) == 0 &&
			strcmp(one->origin, goods->origin) == 0) {
			return true;
		}
	}
	return false;
}

rg_err facts_found(const ProtobufCMessage *document, const Rivergate__V1__Header *header,
	struct buf *out)
{
	scoped(free_header) Rivergate__V1__Header *facts = NULL;
	Rivergate__V1__AcknowledgementFacts found = RIVERGATE__V1__ACKNOWLEDGEMENT_FACTS__INIT;
	Rivergate__V1__Goods *list[FACTS_FOUND_MAX];
	rg_err err = make_facts(document, &facts);

	found.goods = list;
	for (size_t i = 0; !err && i < facts->n_goods && found.n_goods < FACTS_FOUND_MAX; i++) {
		if (!states(header, facts->goods[i])) {
			list[found.n_goods++] = facts->goods[i];
		}
	}
	return err || !found.n_goods ? err : pack_append(&found.base, out);
}
