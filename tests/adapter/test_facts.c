/*
 * Routing facts of a header from a canonical document.
 */
#include "host/facts.h"
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

CHECK_MAIN("facts", an_export_states_two_legs_its_goods_and_its_truck,
	a_header_that_says_other_goods_than_its_declaration_is_found,
	a_ucr_that_would_be_too_long_is_left_empty)
