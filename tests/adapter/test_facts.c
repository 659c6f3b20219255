/*
 * Routing facts of a header from a canonical document.
 */
#include "host/condition.h"
#include "host/documents.h"
#include "host/facts.h"
#include "host/legs.h"
#include "native.h"
#include "suite.h"

static struct conversion *decode_file(const struct plugin_set *set, const char *path)
{
	struct buf file = {.data = NULL};
	read_own(path, &file);
	struct conversion *conversion = decode_native(set, "la/asycuda-sad", buf_view(&file));
	buf_deinit(&file);
	return conversion;
}

static Rivergate__V1__Header *new_header(void)
{
	Rivergate__V1__Header *header = malloc(sizeof(*header));
	ck_assert_ptr_nonnull(header);
	rivergate__v1__header__init(header);
	return header;
}

START_TEST(an_export_states_two_legs_its_goods_and_its_truck)
{
	struct plugin_set *set = open_plugins();
	struct conversion *conversion = decode_file(set, "adapters/la/testdata/export-bananas.xml");
	const Rivergate__V1__Declaration *declaration =
		doc_declaration(convert_document(conversion, 0));
	Rivergate__V1__Header *header = new_header();
	header->version = 7;
	ck_assert_int_eq(facts_fill(&declaration->base, header), RG_OK);
	ck_assert_int_eq(facts_fill(&declaration->base, header), RG_OK);
	ck_assert_str_eq(header->ucr, "LA-LABTN-2026-C4711");
	ck_assert_uint_eq(header->version, 7);
	ck_assert_uint_eq(header->n_legs, 2);
	ck_assert_str_eq(header->legs[0]->country, "LA");
	ck_assert_int_eq(header->legs[0]->regime, RIVERGATE__V1__REGIME__REGIME_EXPORT);
	ck_assert_str_eq(header->legs[0]->national_ref->number, "4711");
	ck_assert_uint_eq(header->legs[0]->national_ref->year, 2026);
	ck_assert_str_eq(header->legs[1]->country, "CN");
	ck_assert_int_eq(header->legs[1]->regime, RIVERGATE__V1__REGIME__REGIME_IMPORT);
	ck_assert_uint_eq(header->n_goods, 1);
	ck_assert_str_eq(header->goods[0]->hs6, "080390");
	ck_assert_int_eq(header->goods[0]->quantity->value->unscaled, 180000);
	ck_assert_str_eq(header->movement->plate, "LA 8012 / LA 5520");
	ck_assert_str_eq(header->movement->mode, "3");
	ck_assert_str_eq(header->movement->containers[0], "TGHU1234565");
	ck_assert_str_eq(header->movement->seals[0], "LAO220117");
	ck_assert_uint_eq(header->n_documents, 3);
	rivergate__v1__header__free_unpacked(header, NULL);
	convert_free(conversion);
	plugin_set_close(set);
}
END_TEST

START_TEST(a_header_that_says_other_goods_than_its_declaration_is_found)
{
	struct plugin_set *set = open_plugins();
	struct conversion *conversion =
		decode_file(set, "adapters/la/testdata/export-mixed-oneline.xml");
	const Rivergate__V1__Declaration *declaration =
		doc_declaration(convert_document(conversion, 0));
	Rivergate__V1__Header *header = new_header();
	const char *field = "";
	ck_assert_int_eq(facts_fill(&declaration->base, header), RG_OK);
	ck_assert_int_eq(facts_differ(&declaration->base, header, &field), RG_OK);
	ck_assert_ptr_null(field);
	ck_assert_uint_eq(header->n_goods, 3);
	header->goods[1]->hs6[5] = '1';
	ck_assert_int_eq(facts_differ(&declaration->base, header, &field), RG_OK);
	ck_assert_str_eq(field, "goods");
	header->goods[1]->hs6[5] = '0';
	header->movement->plate[0] = 'X';
	ck_assert_int_eq(facts_differ(&declaration->base, header, &field), RG_OK);
	ck_assert_str_eq(field, "movement");
	rivergate__v1__header__free_unpacked(header, NULL);
	convert_free(conversion);
	plugin_set_close(set);
}
END_TEST

START_TEST(a_ucr_that_would_be_too_long_is_left_empty)
{
	char office[] = "AN-OFFICE-WITH-A-VERY-LONG-CODE-INDEED";
	Rivergate__V1__Declaration declaration = RIVERGATE__V1__DECLARATION__INIT;
	Rivergate__V1__Stamp stamp = RIVERGATE__V1__STAMP__INIT;
	Rivergate__V1__CustomsOffice place = RIVERGATE__V1__CUSTOMS_OFFICE__INIT;
	char number[] = "1";
	Rivergate__V1__Header *header = new_header();
	stamp.number = number;
	place.code = office;
	declaration.registration = &stamp;
	declaration.office = &place;
	ck_assert_int_eq(facts_fill(&declaration.base, header), RG_OK);
	ck_assert_str_eq(header->ucr, "");
	rivergate__v1__header__free_unpacked(header, NULL);
}
END_TEST

/* Legs */

/* CC regime in>out, … */
static void check_legs(const Rivergate__V1__Header *header, const char *expected)
{
	char text[1024] = "";
	size_t len = 0;
	for (size_t i = 0; i < header->n_legs; i++) {
		const Rivergate__V1__Leg *leg = header->legs[i];
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s %d %s>%s",
			i ? ", " : "", leg->country, (int)leg->regime, leg->office_in,
			leg->office_out);
	}
	ck_assert_str_eq(text, expected);
}

START_TEST(a_declaration_that_names_countries_on_the_way_has_legs_there)
{
	struct plugin_set *set = open_plugins();
	struct buf file = {.data = NULL};
	read_own("adapters/formats/edifact/testdata/cusdec-transit.edi", &file);
	struct conversion *conversion = decode_native(set, "edifact", buf_view(&file));
	Rivergate__V1__Header *header = new_header();
	const Rivergate__V1__Declaration *declaration =
		doc_declaration(convert_document(conversion, 0));
	((Rivergate__V1__Declaration *)(uintptr_t)declaration)->country = strdup("TH");
	ck_assert_int_eq(facts_fill(&declaration->base, header), RG_OK);
	check_legs(header, "TH 1 THCKN>THCKN, LA 2 LAHOU>LABTN, CN 3 8648>");
	rivergate__v1__header__free_unpacked(header, NULL);
	convert_free(conversion);
	buf_deinit(&file);
	plugin_set_close(set);
}
END_TEST

/* A declaration of these countries and offices; empty texts: absent. */
struct sketch {
	Rivergate__V1__Direction direction;
	const char *country;
	const char *from, *first, *to;
	const char *office, *border;
	const char *end_country, *end_office;
	const char *legs;
};

static void fill_sketch(const struct sketch *sketch, Rivergate__V1__Header *header)
{
	Rivergate__V1__Declaration declaration = RIVERGATE__V1__DECLARATION__INIT;
	Rivergate__V1__Country from = RIVERGATE__V1__COUNTRY__INIT;
	Rivergate__V1__Country first = RIVERGATE__V1__COUNTRY__INIT;
	Rivergate__V1__Country to = RIVERGATE__V1__COUNTRY__INIT;
	Rivergate__V1__CustomsOffice office = RIVERGATE__V1__CUSTOMS_OFFICE__INIT;
	Rivergate__V1__CustomsOffice border = RIVERGATE__V1__CUSTOMS_OFFICE__INIT;
	Rivergate__V1__Transit transit = RIVERGATE__V1__TRANSIT__INIT;
	declaration.direction = sketch->direction;
	declaration.country = (char *)sketch->country;
	from.code = (char *)sketch->from;
	first.code = (char *)sketch->first;
	to.code = (char *)sketch->to;
	office.code = (char *)sketch->office;
	border.code = (char *)sketch->border;
	transit.destination_country = (char *)sketch->end_country;
	transit.destination_office = (char *)sketch->end_office;
	declaration.export_country = &from;
	declaration.first_destination = &first;
	declaration.destination_country = &to;
	declaration.office = &office;
	declaration.border_office = &border;
	declaration.transit = &transit;
	ck_assert_int_eq(facts_fill(&declaration.base, header), RG_OK);
}

static const struct sketch sketches[] = {
	/* Laos is the country that a Thai export goes to first. */
	{1, "TH", "TH", "LA", "CN", "THCKN", "", "", "", "TH 1 THCKN>THCKN, LA 2 >, CN 3 >"},
	{1, "TH", "TH", "CN", "CN", "THCKN", "", "", "", "TH 1 THCKN>THCKN, CN 3 >"},
	{1, "TH", "TH", "TH", "CN", "THCKN", "", "", "", "TH 1 THCKN>THCKN, CN 3 >"},
	/* The country that an import comes from last. */
	{2, "KH", "TH", "LA", "KH", "KH01", "KHPPT", "", "", "TH 1 >, LA 2 >, KH 3 KHPPT>KH01"},
	/* A transit declaration names both ends, and the office where transit ends. */
	{3, "LA", "TH", "", "CN", "LAHOU", "", "", "LABTN", "TH 1 >, LA 2 LAHOU>LABTN, CN 3 >"},
	{3, "LA", "TH", "", "CN", "LAHOU", "LABTN", "CN", "8648",
		"TH 1 >, LA 2 LAHOU>LABTN, CN 3 8648>"},
	{1, "KH", "KH", "VN", "CN", "KHBVT", "", "VN", "VNHNG",
		"KH 1 KHBVT>KHBVT, VN 2 >VNHNG, CN 3 >"},
	{1, "KH", "KH", "", "", "KHBVT", "", "", "", "KH 1 KHBVT>KHBVT"},
};

START_TEST(legs_follow_from_first_destination_and_transit)
{
	for (size_t i = 0; i < sizeof(sketches) / sizeof(sketches[0]); i++) {
		Rivergate__V1__Header *header = new_header();
		fill_sketch(&sketches[i], header);
		check_legs(header, sketches[i].legs);
		rivergate__v1__header__free_unpacked(header, NULL);
	}
}
END_TEST

/* What `legs` or --leg make of the first of the sketches without Laos: TH 1, CN 3. */
static const struct completion {
	const char *stated[4];
	const char *legs; /* NULL: refused */
} completions[] = {
	{{"LA:TRANSIT:LABTN"}, "TH 1 THCKN>THCKN, LA 2 LABTN>, CN 3 >"},
	{{"la:transit:LAHOU:LABTN", "CN:import:8648"},
		"TH 1 THCKN>THCKN, LA 2 LAHOU>LABTN, CN 3 8648>"},
	{{"TH:EXPORT", "MM:TRANSIT", "LA:TRANSIT::LABTN:2026-03-04T10:00:00Z"},
		"TH 1 THCKN>THCKN, MM 2 >, LA 2 >LABTN, CN 3 >"},
	{{"LA:import", "LA:re-export"}, "TH 1 THCKN>THCKN, LA 3 >, LA 5 >, CN 3 >"},
	{{"CN:IMPORT:8648", "LA:RELIEF"}, "TH 1 THCKN>THCKN, CN 3 8648>, LA 8 >"},
	{{"TH:EXPORT:THBKK"}, NULL},
	{{"CN:IMPORT", "TH:EXPORT"}, NULL},
	{{"LA:TRANSIT", "LA:TRANSIT"}, NULL},
	{{"LAO:TRANSIT"}, NULL},
	{{"LA"}, NULL},
	{{"LA:TRNSIT"}, NULL},
	{{"LA:UNSPECIFIED"}, NULL},
	{{"LA:TRANSIT:LA BTN"}, NULL},
	{{"LA:TRANSIT:LABTN::tomorrow"}, NULL},
	{{"LA:TRANSIT:123456789012345678901234567890123456"}, NULL},
};

static void check_completion(const struct completion *row)
{
	const struct sketch sketch = {1, "TH", "TH", "", "CN", "THCKN", "", "", "", ""};
	struct conf_texts texts = {(char **)(uintptr_t)row->stated, 0};
	Rivergate__V1__Header *header = new_header();
	Rivergate__V1__Header *facts = new_header();
	const char *problem = NULL;
	while (texts.n_items < 4 && row->stated[texts.n_items]) {
		texts.n_items++;
	}
	fill_sketch(&sketch, header);
	fill_sketch(&sketch, facts);
	ck_assert_int_eq(legs_complete(&texts, header, &problem), RG_OK);
	ck_assert_msg(!problem == !!row->legs, "%s: %s", row->stated[0], problem);
	if (row->legs) {
		check_legs(header, row->legs);
		ck_assert(legs_contain(facts, header));
		ck_assert(!legs_contain(header, facts));
	}
	rivergate__v1__header__free_unpacked(header, NULL);
	rivergate__v1__header__free_unpacked(facts, NULL);
}

START_TEST(legs_that_are_stated_complete_those_of_the_document)
{
	for (size_t i = 0; i < sizeof(completions) / sizeof(completions[0]); i++) {
		check_completion(&completions[i]);
	}
}
END_TEST

START_TEST(a_header_that_leaves_a_leg_of_its_declaration_out_is_found)
{
	const struct sketch whole = {1, "TH", "TH", "LA", "CN", "THCKN", "", "", "", ""};
	const struct sketch less = {1, "TH", "TH", "", "CN", "THCKN", "", "", "", ""};
	const struct sketch other = {1, "TH", "TH", "LA", "CN", "THBKK", "", "", "", ""};
	Rivergate__V1__Header *facts = new_header();
	Rivergate__V1__Header *header = new_header();
	fill_sketch(&whole, facts);
	ck_assert(legs_contain(facts, facts));
	fill_sketch(&less, header);
	ck_assert(!legs_contain(facts, header));
	fill_sketch(&other, header);
	ck_assert(!legs_contain(facts, header));
	rivergate__v1__header__free_unpacked(facts, NULL);
	rivergate__v1__header__free_unpacked(header, NULL);
}
END_TEST

/* What else is stated beside the file */

START_TEST(a_document_that_is_stated_is_named_once_with_its_country)
{
	static const char *const stated[] = {"851:TH:PC-1", "865:th:FE-7", "851:TH:PC-1"};
	struct conf_texts texts = {(char **)(uintptr_t)stated, 3};
	Rivergate__V1__Header *header = new_header();
	Rivergate__V1__Header *facts = new_header();
	ck_assert_int_eq(documents_complete(&texts, header), RG_OK);
	ck_assert_uint_eq(header->n_documents, 2);
	ck_assert_str_eq(header->documents[0]->number, "PC-1");
	ck_assert_str_eq(header->documents[1]->type, "865");
	ck_assert_str_eq(header->documents[1]->issuer_country, "TH");
	ck_assert(documents_contain(facts, header));
	ck_assert(!documents_contain(header, facts));
	rivergate__v1__header__free_unpacked(header, NULL);
	rivergate__v1__header__free_unpacked(facts, NULL);
}
END_TEST

START_TEST(a_text_that_states_no_document_or_condition_is_refused)
{
	static const char *const documents[] = {"", "851", "851:TH", "851:TH:", ":TH:1",
		"851:THA:1", "851:T1:1", "123456789012345678901234567890123456:TH:1"};
	static const char *const conditions[] = {"", "WET", "UNSPECIFIED", "8:FRESH",
		"08104050:FRESH", "08O4:FRESH", "0804:", "0804:FRESH:"};
	const char *problem = NULL;
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		ck_assert_msg(!documents_is_valid(documents[i], &problem), "%s", documents[i]);
		ck_assert_ptr_nonnull(problem);
	}
	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		ck_assert_msg(!condition_is_valid(conditions[i], &problem), "%s", conditions[i]);
		ck_assert_ptr_nonnull(problem);
	}
	ck_assert(documents_is_valid("851:TH:TH-PC-2026-004711", &problem));
	ck_assert(condition_is_valid("0804:dried", &problem));
	ck_assert(condition_is_valid("LIVE", &problem));
}
END_TEST

START_TEST(a_condition_is_of_the_items_that_it_is_for_and_never_of_others)
{
	char *stated[] = {(char *)(uintptr_t) "0803:CHILLED", (char *)(uintptr_t) "07:DRIED"};
	struct conf_texts texts = {stated, 2};
	struct plugin_set *set = open_plugins();
	struct conversion *conversion = decode_file(set, "adapters/la/testdata/export-bananas.xml");
	Rivergate__V1__Header *header = new_header();
	ck_assert_int_eq(condition_state(&texts, convert_document(conversion, 0)), RG_OK);
	texts.items[0] = (char *)(uintptr_t) "0803:FROZEN";
	ck_assert_int_eq(condition_state(&texts, convert_document(conversion, 0)), RG_OK);
	ck_assert_int_eq(facts_fill(doc_root(convert_document(conversion, 0)), header), RG_OK);
	ck_assert_int_eq(header->goods[0]->condition, RIVERGATE__V1__CONDITION__CONDITION_CHILLED);
	rivergate__v1__header__free_unpacked(header, NULL);
	convert_free(conversion);
	plugin_set_close(set);
}
END_TEST

CHECK_MAIN("facts", an_export_states_two_legs_its_goods_and_its_truck,
	a_header_that_says_other_goods_than_its_declaration_is_found,
	a_ucr_that_would_be_too_long_is_left_empty,
	a_declaration_that_names_countries_on_the_way_has_legs_there,
	legs_follow_from_first_destination_and_transit,
	legs_that_are_stated_complete_those_of_the_document,
	a_header_that_leaves_a_leg_of_its_declaration_out_is_found,
	a_document_that_is_stated_is_named_once_with_its_country,
	a_text_that_states_no_document_or_condition_is_refused,
	a_condition_is_of_the_items_that_it_is_for_and_never_of_others)
