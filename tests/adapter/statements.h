#ifndef TESTS_ADAPTER_STATEMENTS_H
#define TESTS_ADAPTER_STATEMENTS_H

/*
 * What a declaration states: the fixed list of canonical fields by which translations
 * between national formats are counted, and one synthetic declaration that states all of
 * it. The list stands in adapters/README.md too; test_pairs.c compares them.
 *
 * A statement may stand at more than one place of the canonical document, because formats
 * put it there: the kind of packages of the consignment or of its first item. It survives
 * where each of its values stands at one of its places.
 *
 * In values, @A and @B are the exporting and the importing country (alpha-2), @a and @b
 * a place of theirs (UN/LOCODE).
 */

#include <stdbool.h>
#include <stddef.h>

#define STATEMENT_ITEMS  2
#define STATEMENT_PLACES 3

struct statement {
	const char *name;
	bool is_national; /* not transferable (host/transfer.c) */
	const char *places[STATEMENT_PLACES];
	const char *values[STATEMENT_ITEMS]; /* of each item where the place has []; else [0] */
};

/* A decimal is written as people write it; its place ends with a #. */
/* clang-format off */
static const struct statement statements[] = {
	/* parties */
	{"exporter: name", false, {"exporter.name"}, {"MEKONG FRUIT GROWERS CO., LTD"}},
	{"exporter: address", false, {"exporter.address.lines[]"}, {"12 RIVER ROAD", "NORTH DISTRICT"}},
	{"exporter: country", false, {"exporter.address.country"}, {"@A"}},
	{"exporter: taxpayer number", true, {"exporter.taxNumber"}, {"0101234567"}},
	{"consignee: name", false, {"consignee.name"}, {"SOUTH GATE TRADING CO., LTD"}},
	{"consignee: address", false, {"consignee.address.lines[]"}, {"7 MARKET STREET", "OLD TOWN"}},
	{"consignee: country", false, {"consignee.address.country", "destinationCountry.code", "items[].destination.code"}, {"@B", "@B"}},
	{"consignee: telephone", false, {"consignee.address.telephone"}, {"21212345"}},
	{"declarant: name", true, {"declarant.name"}, {"BORDER BROKERS"}},
	{"declarant: code", true, {"declarant.code"}, {"B1234"}},
	/* the declaration */
	{"UCR", false, {"ucr"}, {"6LA123456789-0042"}},
	{"declarant's reference", false, {"reference.number"}, {"REF-2026-0042"}},
	{"contract number", false, {"contractNumber"}, {"MG-2026-17"}},
	{"type of declaration", true, {"type.code"}, {"EX1"}},
	{"office of lodgement", true, {"office.code"}, {"BD01"}},
	{"office of the border", true, {"borderOffice.code"}, {"BD02"}},
	/* countries and places */
	{"country of export", false, {"exportCountry.code", "exporter.address.country"}, {"@A"}},
	{"country of destination", false, {"destinationCountry.code", "consignee.address.country", "items[].destination.code"}, {"@B", "@B"}},
	{"trading country", false, {"tradingCountry.code"}, {"@B"}},
	{"place of loading: code", false, {"transport.loading.code"}, {"@a"}},
	{"place of loading: name", false, {"transport.loading.name"}, {"NORTH YARD"}},
	{"place of discharge: code", false, {"transport.discharge.code"}, {"@b"}},
	{"place of discharge: name", false, {"transport.discharge.name"}, {"SOUTH YARD"}},
	/* transport */
	{"mode at the border", false, {"transport.border.mode"}, {"3"}},
	{"vehicle at the border", false, {"transport.border.identity"}, {"LA 8012"}},
	{"vehicle at departure", false, {"transport.departure.identity"}, {"LA 5520"}},
	{"nationality of the vehicle", false, {"transport.border.nationality"}, {"@A"}},
	{"voyage", false, {"transport.border.journey"}, {"V118"}},
	{"transport document", false, {"transport.transportDocument"}, {"CMR-7781"}},
	{"date of departure", false, {"transport.departureDate"}, {"2026-03-01"}},
	{"date of arrival", false, {"transport.arrivalDate"}, {"2026-03-02"}},
	{"Incoterm", false, {"transport.deliveryTerms.code", "items[].deliveryTerms.code"}, {"CIF", "CIF"}},
	{"place of the Incoterm", false, {"transport.deliveryTerms.place"}, {"SOUTH YARD"}},
	{"seal", false, {"containers[0].seals[0].identity", "transit.seals[0].identity"}, {"SL00981"}},
	{"container: number", false, {"containers[].identity"}, {"TGHU1234565", "MSKU7654321"}},
	{"container: type", false, {"containers[].type"}, {"45R1", "22G1"}},
	/* packages and masses */
	{"packages: number", false, {"packageTotal#", "items[].packages[0].count#"}, {"1200", "300"}},
	{"packages: kind", false, {"packageKind", "items[].packages[0].kind"}, {"CT", "CT"}},
	{"packages: marks", false, {"marks", "items[].packages[0].marks"}, {"MEKONG FRUIT", "MEKONG FRUIT"}},
	{"gross mass", false, {"grossMass#"}, {"19200.5"}},
	{"net mass", false, {"netMass#"}, {"18000"}},
	/* money */
	{"invoice: number", false, {"supplierDocuments[0].invoiceNumber"}, {"INV-2026-118"}},
	{"invoice: date", false, {"supplierDocuments[0].date"}, {"2026-02-27"}},
	{"invoice: amount", false, {"costs.invoice.amount#", "invoiceTotal#", "supplierDocuments[0].invoiceAmount#"}, {"36400.25"}},
	{"invoice: currency", false, {"costs.invoice.currency", "items[].priceCurrency", "items[].costs.invoice.currency"}, {"USD", "USD"}},
	{"freight: amount", false, {"costs.externalFreight.amount#"}, {"1250"}},
	{"freight: currency", false, {"costs.externalFreight.currency"}, {"USD"}},
	{"insurance: amount", false, {"costs.insurance.amount#"}, {"96.4"}},
	{"insurance: currency", false, {"costs.insurance.currency"}, {"USD"}},
	{"remarks", false, {"remarks[0].text"}, {"Keep between 13 and 15 degrees"}},
	/* items */
	{"item: HS code", false, {"items[].commodity.hs6"}, {"081060", "080450"}},
	{"item: national tariff code", true, {"items[].commodity.nationalCode"}, {"00", "20"}},
	{"item: description", false, {"items[].commodity.description"}, {"Fresh durians, whole", "Fresh mangoes"}},
	{"item: commercial description", false, {"items[].commodity.commercialDescription"}, {"Monthong durian", "Nam Dok Mai mango"}},
	{"item: country of origin", false, {"items[].origin.code"}, {"@A", "@A"}},
	{"item: gross mass", false, {"items[].grossMass#"}, {"15200.5", "4000"}},
	{"item: net mass", false, {"items[].netMass#"}, {"14400", "3600"}},
	{"item: quantity", false, {"items[].supplementary[0].value#", "items[].tradeQuantity.value#"}, {"14400", "3600"}},
	{"item: unit of quantity", false, {"items[].supplementary[0].unit", "items[].tradeQuantity.unit"}, {"KGM", "KGM"}},
	{"item: price", false, {"items[].price#", "items[].costs.invoice.amount#"}, {"30000.25", "6400"}},
	{"item: unit price", false, {"items[].unitPrice#"}, {"2.08", "1.78"}},
	{"item: procedure", true, {"items[].procedure.extended"}, {"1000", "1000"}},
	{"item: preference", true, {"items[].preference.code"}, {"B04", "B04"}},
	{"item: duty", true, {"items[].taxes[0].amount#"}, {"0.5", "1.5"}},
	{"item: species", false, {"items[].sps.species"}, {"Durio zibethinus", "Mangifera indica"}},
	{"document: reference", false, {"items[0].documents[0].reference", "documents[0].reference"}, {"PC-2026-00118"}},
};
/* clang-format on */

#define N_STATEMENTS (sizeof(statements) / sizeof(statements[0]))

#endif
