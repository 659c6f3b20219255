/*
 * Myanmar MACCS: messages and items
 *
 * An assumption after the NACCS family, not a fact: ids are those the family uses, order
 * and bytes are this project's. Whoever has the specification corrects rows here and
 * nothing else. OWN marks what would be Myanmar law and never goes abroad.
 *
 * Threads: constants only.
 */
#include "formats/mm-maccs/mm.h"

#include "formats/naccs/codec.h"

/* Short names, so that a row fits a line. */
#define A    NACCS_CODE
#define W    NACCS_WIDE
#define I    NACCS_WHOLE
#define F    NACCS_FRACTION
#define MUST NACCS_MUST
#define OWN  NACCS_OWN
#define CUT  NACCS_CUT

/* clang-format off */
static const struct naccs_row import_head[] = {
	NACCS_ROW("ICN", I, 12, OWN, "registration.number", digits),
	NACCS_ROW("FIC", A, 12, OWN, "division.first", division),
	NACCS_ROW("BNO", I, 2, OWN, "division.branch", division),
	NACCS_ROW("DNO", I, 2, OWN, "division.count", division),
	NACCS_ROW("ICB", A, 3, MUST | OWN, "type.code", text),
	NACCS_ROW("MTC", A, 1, MUST, "transport.border.mode", mode),
	NACCS_ROW("CH", A, 6, OWN, "office.code", text),
	NACCS_ROW("CHB", A, 2, OWN, "office.section", text),
	NACCS_ROW("ICD", A, 8, OWN, "dateOfDeclaration", date),
	NACCS_ROW("IMC", A, 17, OWN, "consignee.code", text),
	NACCS_ROW("IMN", W, 300, CUT, "consignee.name", text),
	NACCS_ROW("IMY", A, 9, 0, "consignee.address.postcode", text),
	NACCS_ROW("IMA", W, 300, CUT, "consignee.address", address),
	NACCS_ROW("IMT", A, 20, 0, "consignee.address.telephone", text),
	NACCS_ROW("EPC", A, 17, OWN, "exporter.code", text),
	NACCS_ROW("EPN", A, 70, CUT, "exporter.name", text),
	NACCS_ROW("EPY", A, 9, 0, "exporter.address.postcode", text),
	NACCS_ROW("EPA", A, 35, 0, "exporter.address", street1),
	NACCS_ROW("EP2", A, 35, 0, "exporter.address", street2),
	NACCS_ROW("EP3", A, 35, CUT, "exporter.address.city", text),
	NACCS_ROW("EP4", A, 35, CUT, "exporter.address", street3),
	NACCS_OR("EPO", A, 2, 0, "exporter.address.country", country, "exportCountry.code"),
	NACCS_ROW("ICC", A, 5, OWN, "declarant.code", text),
};

static const struct naccs_row export_head[] = {
	NACCS_ROW("ECN", I, 12, OWN, "registration.number", digits),
	NACCS_ROW("FIC", A, 12, OWN, "division.first", division),
	NACCS_ROW("BNO", I, 2, OWN, "division.branch", division),
	NACCS_ROW("DNO", I, 2, OWN, "division.count", division),
	NACCS_ROW("ECB", A, 3, MUST | OWN, "type.code", text),
	NACCS_ROW("MTC", A, 1, MUST, "transport.border.mode", mode),
	NACCS_ROW("CH", A, 6, OWN, "office.code", text),
	NACCS_ROW("CHB", A, 2, OWN, "office.section", text),
	NACCS_ROW("ECD", A, 8, OWN, "dateOfDeclaration", date),
	NACCS_ROW("EPC", A, 17, OWN, "exporter.code", text),
	NACCS_ROW("EPN", W, 300, CUT, "exporter.name", text),
	NACCS_ROW("EPP", A, 9, 0, "exporter.address.postcode", text),
	NACCS_ROW("EPA", W, 300, CUT, "exporter.address", address),
	NACCS_ROW("EPT", A, 20, 0, "exporter.address.telephone", text),
	NACCS_ROW("CGC", A, 17, OWN, "consignee.code", text),
	NACCS_ROW("CGN", A, 70, CUT, "consignee.name", text),
	NACCS_ROW("CGP", A, 9, 0, "consignee.address.postcode", text),
	NACCS_ROW("CGA", A, 35, 0, "consignee.address", street1),
	NACCS_ROW("CAT", A, 35, 0, "consignee.address", street2),
	NACCS_ROW("CAC", A, 35, CUT, "consignee.address.city", text),
	NACCS_ROW("CAS", A, 35, CUT, "consignee.address", street3),
	NACCS_OR("CGK", A, 2, 0, "consignee.address.country", country, "destinationCountry.code"),
	NACCS_ROW("ECC", A, 5, OWN, "declarant.code", text),
};

static const struct naccs_row cargo[] = {
	NACCS_ROW("BLN", A, 35, 0, "transport.transportDocument", text),
	NACCS_ROW("NO", I, 8, MUST, "packageTotal", count),
	NACCS_OR("NOT", A, 3, MUST, "packageKind", text, "items[0].packages[0].kind"),
	NACCS_ROW("GW", F, 10, 0, "grossMass", mass),
	NACCS_ROW("GWT", A, 3, 0, "grossMass", kilogram),
	NACCS_ROW("ST", A, 7, OWN, "transport.locationOfGoods", text),
	NACCS_OR("MRK", W, 140, CUT, "marks", text, "items[0].packages[0].marks"),
	NACCS_OR("VSN", A, 35, 0, "transport.border.identity", text, "transport.departure.identity"),
};

static const struct naccs_row arrival[] = {
	NACCS_ROW("ARR", A, 8, MUST, "transport.arrivalDate", date),
};

static const struct naccs_row departure[] = {
	NACCS_ROW("SYM", A, 8, MUST, "transport.departureDate", date),
};

static const struct naccs_row ports[] = {
	NACCS_ROW("DST", A, 5, 0, "transport.discharge.code", locode),
	NACCS_ROW("DSN", A, 35, CUT, "transport.discharge.name", text),
	NACCS_ROW("PSC", A, 5, 0, "transport.loading.code", locode),
	NACCS_ROW("PSN", A, 35, CUT, "transport.loading.name", text),
	NACCS_ROW("COC", I, 3, 0, "containerTotal", containers),
};

static const struct naccs_row permits[] = {
	NACCS_ROW("SS#", A, 4, OWN, "documents[#].code", text),
	NACCS_ROW("SN#", A, 20, OWN, "documents[#].reference", text),
};

static const struct naccs_row invoice[] = {
	NACCS_ROW("IV3", A, 35, 0, "supplierDocuments[0].invoiceNumber", text),
	NACCS_ROW("IVD", A, 8, 0, "supplierDocuments[0].date", date),
	NACCS_ROW("IP1", A, 1, OWN, "costs.invoice.basis", text),
	NACCS_ROW("IP2", A, 3, 0, "transport.deliveryTerms.code", text),
	NACCS_OR("IP3", A, 3, 0, "costs.invoice.currency", text, "items[0].priceCurrency"),
	NACCS_OR("IP4", F, 20, 0, "costs.invoice.amount", decimal, "invoiceTotal"),
	NACCS_ROW("FR2", A, 3, 0, "costs.externalFreight.currency", text),
	NACCS_ROW("FR3", F, 18, 0, "costs.externalFreight.amount", decimal),
	NACCS_ROW("IN2", A, 3, 0, "costs.insurance.currency", text),
	NACCS_ROW("IN3", F, 16, 0, "costs.insurance.amount", decimal),
	NACCS_ROW("NT2", W, 300, CUT, "remarks[0].text", text),
	NACCS_ROW("REF", A, 20, OWN, "reference.number", text),
};

static const struct naccs_row boxes[] = {
	NACCS_ROW("C##", A, 12, 0, "containers[#].identity", text),
};

static const struct naccs_row line[] = {
	NACCS_ROW("CMD", A, 12, MUST, "items[@].commodity", tariff),
	NACCS_OR("CMN", W, 600, MUST | CUT, "items[@].commodity.description", text, "items[@].commodity.commercialDescription"),
	NACCS_ROW("OR", A, 2, 0, "items[@].origin.code", country),
	NACCS_OR("QN1", F, 12, MUST, "items[@].supplementary[0].value", decimal, "items[@].tradeQuantity.value"),
	NACCS_OR("QT1", A, 4, MUST, "items[@].supplementary[0].unit", text, "items[@].tradeQuantity.unit"),
	NACCS_ROW("QN2", F, 12, 0, "items[@].supplementary[1].value", decimal),
	NACCS_ROW("QT2", A, 4, 0, "items[@].supplementary[1].unit", text),
	NACCS_ROW("NW", F, 10, 0, "items[@].netMass", decimal),
	NACCS_OR("BPR", F, 20, 0, "items[@].price", decimal, "items[@].costs.invoice.amount"),
	NACCS_ROW("UPR", F, 9, 0, "items[@].unitPrice", decimal),
	NACCS_OR("UPC", A, 3, 0, "items[@].priceCurrency", text, "items[@].costs.invoice.currency"),
	NACCS_ROW("DPR", F, 20, OWN, "items[@].customsValue", decimal),
	NACCS_ROW("ORS", A, 3, OWN, "items[@].preference.code", text),
	NACCS_ROW("TXA", F, 10, OWN, "items[@].taxes[0].rate", decimal),
};

static const struct naccs_row import_number[] = {
	NACCS_ROW("ICN", I, 12, MUST | OWN, "registration.number", digits),
};

static const struct naccs_row export_number[] = {
	NACCS_ROW("ECN", I, 12, MUST | OWN, "registration.number", digits),
};
/* clang-format on */

static const struct naccs_section ida_common[] = {
	NACCS_SECTION(import_head, 1),
	NACCS_SECTION(cargo, 1),
	NACCS_SECTION(arrival, 1),
	NACCS_SECTION(ports, 1),
	NACCS_SECTION(permits, 5),
	NACCS_SECTION(invoice, 1),
	NACCS_SECTION(boxes, 20),
};

static const struct naccs_section eda_common[] = {
	NACCS_SECTION(export_head, 1),
	NACCS_SECTION(cargo, 1),
	NACCS_SECTION(departure, 1),
	NACCS_SECTION(ports, 1),
	NACCS_SECTION(permits, 5),
	NACCS_SECTION(invoice, 1),
	NACCS_SECTION(boxes, 20),
};

static const struct naccs_section goods[] = {NACCS_SECTION(line, 1)};
static const struct naccs_section idc_common[] = {NACCS_SECTION(import_number, 1)};
static const struct naccs_section edc_common[] = {NACCS_SECTION(export_number, 1)};

#define MAX_LINES 50

static const struct naccs_layout ida = {ida_common, sizeof(ida_common) / sizeof(ida_common[0]),
	goods, 1, MAX_LINES, false};
static const struct naccs_layout eda = {eda_common, sizeof(eda_common) / sizeof(eda_common[0]),
	goods, 1, MAX_LINES, false};
static const struct naccs_layout idc = {idc_common, 1, NULL, 0, 0, false};
static const struct naccs_layout edc = {edc_common, 1, NULL, 0, 0, false};

static const char imports[] = "DIRECTION_IMPORT";
static const char exports[] = "DIRECTION_EXPORT";

static const struct naccs_message messages[] = {
	{"IDA", NACCS_REQUEST, imports, &ida, NULL},
	{"IDB", NACCS_REQUEST, imports, &idc, NULL},
	{"IDC", NACCS_REQUEST, imports, &idc, NULL},
	{"EDA", NACCS_REQUEST, exports, &eda, NULL},
	{"EDB", NACCS_REQUEST, exports, &edc, NULL},
	{"EDC", NACCS_REQUEST, exports, &edc, NULL},
};

const struct naccs_profile mm_maccs_profile = {
	.format = "mm-maccs",
	.messages = messages,
	.n_messages = sizeof(messages) / sizeof(messages[0]),
	.import_message = "IDA",
	.export_message = "EDA",
	.likelihood = 40,
};
