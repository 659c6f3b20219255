/*
 * What a header takes from a certificate
 *
 * Threads: no state.
 */
#include "host/facts_certificate.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scoped.h"
#include "wire/pack.h"

/* The declaration being made. */
struct making {
	struct rg_doc *doc;
	size_t n_items;
	size_t n_containers;
	size_t n_documents;
};

static const char *value_of(const Rivergate__V1__Identifier *id)
{
	return id ? id->value : "";
}

static const char *first_of(Rivergate__V1__Identifier *const *ids, size_t n)
{
	return n > 0 ? ids[0]->value : "";
}

/* Sets one leaf; an empty text is an absent value. */
__attribute__((format(printf, 3, 4))) static rg_err put(struct making *making, const char *text,
	const char *format, ...)
{
	char path[DOC_PATH_MAX];
	bool is_taken = false;
	va_list arguments;
	if (text[0] == '\0') {
		return RG_OK;
	}
	va_start(arguments, format);
	int len = vsnprintf(path, sizeof(path), format, arguments);
	va_end(arguments);
	if (len < 0 || (size_t)len >= sizeof(path)) {
		return RG_E_OVERFLOW;
	}
	rg_err err = rg_doc_set(making->doc, path,
		(struct rg_bytes){(const uint8_t *)text, strlen(text)}, NULL, &is_taken);
	return err || is_taken ? err : RG_E_OVERFLOW;
}

/* Goods */

/* The six digits of the line's HS code; false: it has none. */
static bool find_hs6(const Rivergate__V1__CertificateLine *line, char out[7])
{
	for (size_t i = 0; i < line->n_classifications; i++) {
		const Rivergate__V1__Classification *class = line->classifications[i];
		const char *code = value_of(class->code);
		bool is_hs = class->n_system_names > 0 &&
			strncmp(class->system_names[0]->text, "HS", 2) == 0;
		size_t n = 0;
		for (; is_hs && *code && n < 6; code++) {
			if (isdigit((unsigned char)*code)) {
				out[n++] = *code;
			} else if (*code != '.' && *code != ' ') {
				break;
			}
		}
		if (n == 6) {
			out[6] = '\0';
			return true;
		}
	}
	return false;
}

static rg_err put_mass(struct making *making, const char *field,
	const Rivergate__V1__StatedQuantity *mass)
{
	char digits[24];
	char scale[24];
	bool is_tonne = mass && strcmp(mass->unit, "TNE") == 0;
	if (!mass || !mass->value || (!is_tonne && strcmp(mass->unit, "KGM") != 0)) {
		return RG_OK;
	}
	int64_t unscaled = mass->value->unscaled;
	if (is_tonne && __builtin_mul_overflow(unscaled, 1000, &unscaled)) {
		return RG_OK;
	}
	snprintf(digits, sizeof(digits), "%lld", (long long)unscaled);
	snprintf(scale, sizeof(scale), "%u", mass->value->scale);
	rg_err err = put(making, digits, "items[%zu].%s.unscaled", making->n_items, field);
	return err ? err : put(making, scale, "items[%zu].%s.scale", making->n_items, field);
}

static rg_err add_line(struct making *making, const Rivergate__V1__CertificateItem *item,
	const Rivergate__V1__CertificateLine *line, const char *hs6)
{
	const Rivergate__V1__CertificateCountry *origin =
		line->n_origins > 0 ? line->origins[0] : item->origin;
	rg_err err = put(making, hs6, "items[%zu].commodity.hs6", making->n_items);
	if (!err && origin) {
		err = put(making, first_of(origin->ids, origin->n_ids), "items[%zu].origin.code",
			making->n_items);
	}
	if (!err) {
		err = put_mass(making, "netMass", line->net_mass);
	}
	if (!err) {
		err = put_mass(making, "grossMass", line->gross_mass);
	}
	making->n_items++;
	return err;
}

/* Lines with an HS code: those numbered 0, or all others. */
static rg_err add_lines(struct making *making, const Rivergate__V1__Certificate *certificate,
	bool wants_totals)
{
	rg_err err = RG_OK;
	for (size_t i = 0; i < certificate->n_items; i++) {
		const Rivergate__V1__CertificateItem *item = certificate->items[i];
		for (size_t j = 0; !err && j < item->n_lines; j++) {
			const Rivergate__V1__CertificateLine *line = item->lines[j];
			char hs6[7];
			if ((strcmp(line->sequence, "0") == 0) == wants_totals &&
				find_hs6(line, hs6)) {
				err = add_line(making, item, line, hs6);
			}
		}
	}
	return err;
}

/* Containers */

static rg_err add_container(struct making *making, const Rivergate__V1__Equipment *equipment)
{
	rg_err err = put(making, first_of(equipment->ids, equipment->n_ids),
		"containers[%zu].identity", making->n_containers);
	for (size_t i = 0; !err && i < equipment->n_seals; i++) {
		err = put(making, equipment->seals[i]->value, "containers[%zu].seals[%zu].identity",
			making->n_containers, i);
	}
	making->n_containers++;
	return err;
}

/* Documents */

/* YYYY-MM-DD of a moment; empty where it does not begin so. */
static void date_of(const char *moment, char out[11])
{
	static const char form[] = "dddd-dd-dd";
	size_t n = 0;
	while (n < 10 && (form[n] == 'd' ? isdigit((unsigned char)moment[n]) : moment[n] == '-')) {
		n++;
	}
	snprintf(out, 11, "%.*s", n == 10 ? 10 : 0, moment);
}

struct named {
	const char *type;
	const char *number;
	const char *issuer;
	const char *moment;
};

static rg_err add_document(struct making *making, const struct named *named)
{
	char date[11];
	if (!named->number[0]) {
		return RG_OK;
	}
	date_of(named->moment, date);
	size_t n = making->n_documents++;
	rg_err err = put(making, named->type, "documents[%zu].code", n);
	if (!err) {
		err = put(making, named->number, "documents[%zu].reference", n);
	}
	if (!err) {
		err = put(making, named->issuer, "documents[%zu].issuer", n);
	}
	return err ? err : put(making, date, "documents[%zu].date", n);
}

static rg_err add_documents(struct making *making, const Rivergate__V1__Certificate *certificate)
{
	const Rivergate__V1__CertificateParty *issuer = certificate->issuer;
	const struct named self = {value_of(certificate->type), certificate->number,
		issuer && issuer->n_names > 0 ? issuer->names[0]->text : "", certificate->issued};
	rg_err err = add_document(making, &self);
	for (size_t i = 0; !err && i < certificate->n_references; i++) {
		const Rivergate__V1__CertificateReference *reference = certificate->references[i];
		const struct named other = {value_of(reference->type),
			first_of(reference->ids, reference->n_ids), "", reference->issued};
		err = other.type[0] ? add_document(making, &other) : RG_OK;
	}
	return err;
}

/* Whose certificate it is: as stated, else the country that exports under it. */
static const char *country_of(const Rivergate__V1__Certificate *certificate)
{
	const Rivergate__V1__CertificateCountry *from = certificate->export_country;
	return certificate->country[0] ? certificate->country
		: from                 ? first_of(from->ids, from->n_ids)
				       : "";
}

/* A certificate is known by itself where it names no consignment. */
static rg_err set_ucr(struct making *making, const Rivergate__V1__Certificate *certificate)
{
	char ucr[128];
	if (certificate->ucr[0] || !certificate->number[0]) {
		return put(making, certificate->ucr, "ucr");
	}
	int len = snprintf(ucr, sizeof(ucr), "%.3s-%.16s-%s", country_of(certificate),
		value_of(certificate->type), certificate->number);
	for (char *c = ucr; *c; c++) {
		if (!isalnum((unsigned char)*c) && !strchr("-./", *c)) {
			*c = '-';
		}
	}
	return len > 0 && (size_t)len < sizeof(ucr) ? put(making, ucr, "ucr") : RG_OK;
}

rg_err facts_certificate(const Rivergate__V1__Certificate *certificate, struct doc **ret_doc)
{
	scoped(doc_freep) struct doc *doc = NULL;
	ProtobufCMessage *none = NULL;
	rg_err err = doc_new(doctype_find(NULL), &none, &doc);
	if (err) {
		return err;
	}
	struct making making = {.doc = doc_view(doc)};
	err = set_ucr(&making, certificate);
	if (!err) {
		err = add_lines(&making, certificate, false);
	}
	if (!err && making.n_items == 0) {
		err = add_lines(&making, certificate, true);
	}
	for (size_t i = 0; !err && i < certificate->n_equipment; i++) {
		err = add_container(&making, certificate->equipment[i]);
	}
	if (!err) {
		err = add_documents(&making, certificate);
	}
	if (!err) {
		*ret_doc = steal(doc);
	}
	return err;
}

/* Typed facts */

static rg_err put_certified(struct making *making, const Rivergate__V1__CertificateItem *item,
	const Rivergate__V1__CertificateLine *line)
{
	const Rivergate__V1__CertificateCountry *origin =
		line->n_origins > 0 ? line->origins[0] : item->origin;
	const Rivergate__V1__StatedQuantity *quantity = line->net_mass ? line->net_mass
		: line->n_packages == 0 && item->n_packages == 1 && item->n_lines == 1
		? item->packages[0]->quantity
		: NULL;
	size_t n = making->n_items++;
	char text[24];
	char hs6[7] = "";
	(void)find_hs6(line, hs6);
	rg_err err = put(making, hs6, "goods[%zu].hs", n);
	if (!err && line->n_scientific_names > 0) {
		err = put(making, line->scientific_names[0]->text, "goods[%zu].species", n);
	}
	if (!err && origin) {
		err = put(making, first_of(origin->ids, origin->n_ids), "goods[%zu].origin", n);
	}
	if (err || !quantity || !quantity->value || !quantity->unit[0]) {
		return err;
	}
	snprintf(text, sizeof(text), "%lld", (long long)quantity->value->unscaled);
	err = put(making, text, "goods[%zu].quantity.value.unscaled", n);
	snprintf(text, sizeof(text), "%u", quantity->value->scale);
	if (!err) {
		err = put(making, text, "goods[%zu].quantity.value.scale", n);
	}
	return err ? err : put(making, quantity->unit, "goods[%zu].quantity.unit", n);
}

/* Lines of goods; those numbered 0 where there are no others. */
static rg_err put_goods(struct making *making, const Rivergate__V1__Certificate *certificate,
	bool wants_totals)
{
	rg_err err = RG_OK;
	for (size_t i = 0; i < certificate->n_items; i++) {
		const Rivergate__V1__CertificateItem *item = certificate->items[i];
		for (size_t j = 0; !err && j < item->n_lines; j++) {
			bool is_total = strcmp(item->lines[j]->sequence, "0") == 0;
			err = is_total == wants_totals ? put_certified(making, item, item->lines[j])
						       : RG_OK;
		}
	}
	return err;
}

static rg_err put_movement(struct making *making, const Rivergate__V1__Movement *movement)
{
	rg_err err = RG_OK;
	for (size_t i = 0; movement && !err && i < movement->n_containers; i++) {
		err = put(making, movement->containers[i], "containers[%zu]", i);
	}
	for (size_t i = 0; movement && !err && i < movement->n_seals; i++) {
		err = put(making, movement->seals[i], "seals[%zu]", i);
	}
	return err;
}

static rg_err put_establishments(struct making *making,
	const Rivergate__V1__Certificate *certificate)
{
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < certificate->n_establishments; i++) {
		const Rivergate__V1__Establishment *one = certificate->establishments[i];
		const ProtobufCEnumValue *kind = protobuf_c_enum_descriptor_get_value(
			&rivergate__v1__establishment_kind__descriptor, (int)one->kind);
		err = put(making, kind ? kind->name : "", "establishments[%zu].kind", i);
		if (!err) {
			err = put(making, value_of(one->id), "establishments[%zu].number", i);
		}
		if (!err) {
			err = put(making, one->country, "establishments[%zu].country", i);
		}
	}
	return err;
}

/* Which certificate it is: the fields that both kinds of facts begin with. */
static rg_err put_self(struct making *making, const Rivergate__V1__Certificate *certificate)
{
	rg_err err = put(making, value_of(certificate->type), "type");
	if (!err) {
		err = put(making, certificate->number, "number");
	}
	return err ? err : put(making, country_of(certificate), "issuerCountry");
}

static rg_err put_facts(struct making *making, const Rivergate__V1__Certificate *certificate,
	const Rivergate__V1__Header *header)
{
	const Rivergate__V1__CertificateParty *issuer = certificate->issuer;
	const Rivergate__V1__CertificateCountry *to = certificate->import_country;
	const ProtobufCEnumValue *medium =
		protobuf_c_enum_descriptor_get_value(&rivergate__v1__medium__descriptor,
			(int)certificate->medium);
	char from[11];
	char until[11];
	date_of(certificate->valid_from, from);
	date_of(certificate->valid_until, until);
	const struct {
		const char *path;
		const char *text;
	} texts[] = {
		{"issuer", issuer && issuer->n_names > 0 ? issuer->names[0]->text : ""},
		{"validFrom", from},
		{"validUntil", until},
		{"importingCountry", to ? first_of(to->ids, to->n_ids) : ""},
		{"medium", certificate->medium && medium ? medium->name : "MEDIUM_ISSUER_MESSAGE"},
	};
	rg_err err = put_self(making, certificate);
	for (size_t i = 0; !err && i < sizeof(texts) / sizeof(texts[0]); i++) {
		err = put(making, texts[i].text, "%s", texts[i].path);
	}
	if (!err) {
		err = put_goods(making, certificate, false);
	}
	if (!err && making->n_items == 0) {
		err = put_goods(making, certificate, true);
	}
	if (!err) {
		err = put_movement(making, header->movement);
	}
	return err ? err : put_establishments(making, certificate);
}

/* The message as one of its own, of the default allocator. */
static rg_err copy_root(const struct doc *doc, ProtobufCMessage **ret_copy)
{
	const ProtobufCMessage *root = doc_root(doc);
	struct pack pack;
	struct rg_bytes bytes;

	pack_init(&pack);
	rg_err err = pack_message(root, &pack, &bytes);
	*ret_copy = err ? NULL
			: protobuf_c_message_unpack(root->descriptor, NULL, bytes.len, bytes.data);
	pack_deinit(&pack);
	return err || *ret_copy ? err : RG_E_NOMEM;
}

/* Withdrawn or replaced: an issuer's word about a certificate, not a certificate. */
static const char *status_of(const Rivergate__V1__Certificate *certificate)
{
	bool is_withdrawn =
		certificate->state == RIVERGATE__V1__CERTIFICATE_STATE__CERTIFICATE_STATE_WITHDRAWN;
	bool is_replaced =
		certificate->state == RIVERGATE__V1__CERTIFICATE_STATE__CERTIFICATE_STATE_REPLACED;
	return is_withdrawn ? "STATUS_WITHDRAWN" : is_replaced ? "STATUS_REPLACED" : NULL;
}

rg_err facts_certificate_type(const Rivergate__V1__Certificate *certificate,
	Rivergate__V1__Header *header)
{
	static const struct doctype facts = {"", "", &rivergate__v1__certificate_facts__descriptor};
	static const struct doctype word = {"", "",
		&rivergate__v1__certificate_status_facts__descriptor};
	const char *status = status_of(certificate);
	scoped(doc_freep) struct doc *doc = NULL;
	ProtobufCMessage *none = NULL;
	ProtobufCMessage *copy = NULL;
	rg_err err = doc_new(status ? &word : &facts, &none, &doc);
	if (err) {
		return err;
	}
	struct making making = {.doc = doc_view(doc)};
	err = status ? put_self(&making, certificate) : put_facts(&making, certificate, header);
	if (!err && status) {
		err = put(&making, status, "status");
	}
	if (!err) {
		err = copy_root(doc, &copy);
	}
	if (err) {
		return err;
	}
	if (status) {
		header->kind = RIVERGATE__V1__KIND__KIND_CERTIFICATE_STATUS;
		header->facts_case = RIVERGATE__V1__HEADER__FACTS_CERTIFICATE_STATUS;
		header->certificate_status = (Rivergate__V1__CertificateStatusFacts *)copy;
	} else {
		header->facts_case = RIVERGATE__V1__HEADER__FACTS_CERTIFICATE;
		header->certificate = (Rivergate__V1__CertificateFacts *)copy;
	}
	return RG_OK;
}
