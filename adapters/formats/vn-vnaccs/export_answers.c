/*
 * Viet Nam VNACCS: items of answers to export declarations
 *
 * OWN marks what is Vietnamese law or an act of the Vietnamese system and never goes
 * abroad. Rows without canonical field are kept as extensions. Order, attribute and bytes
 * of each item are facts of the terminal program of 2014 (README.md).
 *
 * Threads: constants only.
 */
#include "formats/naccs/codec.h"
#include "formats/vn-vnaccs/vn.h"

/* Short names, so that a row fits a line. */
#define A    NACCS_CODE
#define W    NACCS_WIDE
#define I    NACCS_WHOLE
#define F    NACCS_FRACTION
#define MUST NACCS_MUST
#define OWN  NACCS_OWN
#define CUT  NACCS_CUT

/* clang-format off */
static const struct naccs_row vae1ld_1[] = {
	NACCS_ROW("ECN", I, 12, OWN, "registration.number", digits),
	NACCS_KNOWN("JKN", A, 1, OWN),
	NACCS_ROW("FIC", A, 12, OWN, "division.first", division),
	NACCS_ROW("BNO", I, 2, OWN, "division.branch", division),
	NACCS_ROW("DNO", I, 2, OWN, "division.count", division),
	NACCS_ROW("TNO", I, 12, OWN, "previousDeclarations[0].number", digits),
	NACCS_ROW("K07", A, 3, OWN, "answer.channel", channel),
	NACCS_ROW("K03", A, 3, OWN, "type.code", text),
	NACCS_KNOWN("K05", A, 1, OWN),
	NACCS_ROW("ADF", A, 1, 0, "transport.border.mode", mode),
	NACCS_KNOWN("K01", A, 4, OWN),
	NACCS_ROW("K08", A, 10, OWN, "office.name", text),
	NACCS_ROW("K09", A, 2, OWN, "office.section", text),
	NACCS_ROW("K10", A, 8, OWN, "registration.date", date),
	NACCS_ROW("AD1", A, 6, OWN, "registration.time", time),
	NACCS_KNOWN("AD2", A, 8, OWN),
	NACCS_KNOWN("AD3", A, 6, OWN),
	NACCS_KNOWN("RID", A, 8, OWN),
	NACCS_KNOWN("AAA", A, 1, OWN),
	NACCS_ROW("K16", A, 13, OWN, "exporter.code", text),
	NACCS_ROW("K17", W, 300, CUT, "exporter.name", text),
	NACCS_ROW("K18", A, 7, 0, "exporter.address.postcode", text),
	NACCS_ROW("K19", W, 300, CUT, "exporter.address", address),
	NACCS_ROW("K23", A, 20, 0, "exporter.address.telephone", text),
	NACCS_ROW("ADG", A, 13, OWN, "owner.code", text),
	NACCS_ROW("ADH", W, 300, OWN, "owner.name", text),
	NACCS_ROW("K24", A, 13, OWN, "consignee.code", text),
	NACCS_ROW("K25", A, 70, CUT, "consignee.name", text),
	NACCS_ROW("K26", A, 9, 0, "consignee.address.postcode", text),
	NACCS_ROW("K27", A, 35, 0, "consignee.address", street1),
	NACCS_ROW("K28", A, 35, 0, "consignee.address", street2),
	NACCS_ROW("K29", A, 35, CUT, "consignee.address.city", text),
	NACCS_ROW("K30", A, 35, CUT, "consignee.address", street3),
	NACCS_OR("K31", A, 2, 0, "consignee.address.country", country, "destinationCountry.code"),
	NACCS_ROW("K32", A, 5, OWN, "declarant.code", text),
	NACCS_ROW("K33", A, 50, OWN, "declarant.name", text),
	NACCS_KNOWN("K34", A, 5, OWN),
	NACCS_ROW("K35", A, 35, 0, "transport.transportDocument", text),
	NACCS_ROW("K36", I, 8, 0, "packageTotal", count),
	NACCS_OR("K37", A, 3, 0, "packageKind", text, "items[0].packages[0].kind"),
	NACCS_ROW("K39", F, 10, 0, "grossMass", mass),
	NACCS_ROW("K40", A, 3, 0, "grossMass", kilogram),
	NACCS_ROW("K41", A, 7, OWN, "transport.locationOfGoods", text),
	NACCS_KNOWN("K42", A, 20, OWN),
	NACCS_ROW("K43", A, 5, 0, "transport.discharge.code", locode),
	NACCS_ROW("K44", A, 35, CUT, "transport.discharge.name", text),
	NACCS_ROW("K46", A, 6, 0, "transport.loading.code", locode),
	NACCS_ROW("K47", A, 35, CUT, "transport.loading.name", text),
	NACCS_KNOWN("K50", A, 9, OWN),
	NACCS_OR("K51", A, 35, 0, "transport.border.identity", text, "transport.departure.identity"),
	NACCS_ROW("K52", A, 8, 0, "transport.departureDate", date),
	NACCS_OR("K56", A, 140, CUT, "marks", text, "items[0].packages[0].marks"),
};

static const struct naccs_row vae1ld_2[] = {
	NACCS_ROW("A#", A, 4, OWN, "documents[#].code", text),
	NACCS_ROW("B#", A, 20, OWN, "documents[#].reference", text),
};

static const struct naccs_row vae1ld_3[] = {
	NACCS_ROW("K58", A, 1, OWN, "supplierDocuments[0].type", text),
	NACCS_ROW("K59", A, 35, 0, "supplierDocuments[0].invoiceNumber", text),
	NACCS_KNOWN("K60", I, 12, OWN),
	NACCS_ROW("IVD", A, 8, 0, "supplierDocuments[0].date", date),
	NACCS_ROW("IVP", A, 7, OWN, "payment.termsCode", text),
	NACCS_ROW("K61", A, 3, 0, "transport.deliveryTerms.code", text),
	NACCS_OR("K62", A, 3, 0, "costs.invoice.currency", text, "items[0].priceCurrency"),
	NACCS_OR("K63", F, 20, 0, "costs.invoice.amount", decimal, "invoiceTotal"),
	NACCS_ROW("K64", A, 1, OWN, "costs.invoice.basis", text),
	NACCS_KNOWN("K65", A, 3, OWN),
	NACCS_KNOWN("K66", F, 20, OWN),
};

static const struct naccs_row vae1ld_4[] = {
	NACCS_KNOWN("RC#", A, 3, OWN),
	NACCS_KNOWN("RD#", F, 9, OWN),
};

static const struct naccs_row vae1ld_5[] = {
	NACCS_ROW("K67", F, 20, OWN, "valuation.apportionment", decimal),
	NACCS_KNOWN("K68", A, 1, OWN),
	NACCS_KNOWN("AD6", A, 1, OWN),
	NACCS_KNOWN("TPM", A, 1, OWN),
	NACCS_ROW("ENC", A, 1, OWN, "payment.mode", text),
	NACCS_KNOWN("PAY", A, 1, OWN),
	NACCS_ROW("ETA", F, 11, OWN, "taxTotals.amount", decimal),
	NACCS_KNOWN("AD7", A, 3, OWN),
	NACCS_KNOWN("TCO", I, 11, OWN),
	NACCS_ROW("SAM", I, 11, OWN, "taxTotals.guaranteed", decimal),
	NACCS_KNOWN("AD8", A, 3, OWN),
	NACCS_KNOWN("K69", I, 2, OWN),
	NACCS_KNOWN("K70", I, 2, OWN),
};

static const struct naccs_row vae1ld_6[] = {
	NACCS_ROW("EA#", A, 3, OWN, "files[#].code", text),
	NACCS_ROW("EN#", I, 12, OWN, "files[#].name", text),
};

static const struct naccs_row vae1ld_7[] = {
	NACCS_ROW("K79", W, 300, CUT, "remarks[0].text", text),
	NACCS_ROW("K81", A, 20, OWN, "reference.number", text),
	NACCS_KNOWN("K82", A, 5, OWN),
	NACCS_KNOWN("K88", A, 8, OWN),
};

static const struct naccs_row vae1ld_8[] = {
	NACCS_KNOWN("ST#", A, 7, OWN),
	NACCS_KNOWN("BD#", A, 8, OWN),
	NACCS_KNOWN("BC#", A, 8, OWN),
};

static const struct naccs_row vae1ld_9[] = {
	NACCS_KNOWN("ARR", A, 7, OWN),
	NACCS_KNOWN("K89", A, 8, OWN),
};

static const struct naccs_row vae1ld_10[] = {
	NACCS_KNOWN("E#", A, 7, OWN),
};

static const struct naccs_row vae1ld_11[] = {
	NACCS_KNOWN("K71", A, 70, OWN),
	NACCS_KNOWN("K72", W, 300, OWN),
};

static const struct naccs_row vae1ld_12[] = {
	NACCS_ROW("C##", A, 12, 0, "containers[#].identity", text),
};

static const struct naccs_row vae1ld_13[] = {
	NACCS_KNOWN("CCM", A, 1, OWN),
};

static const struct naccs_row vae1ld_14[] = {
	NACCS_ROW("D##", A, 8, OWN, "answer.instructions[#].date", date),
	NACCS_ROW("T##", W, 120, OWN, "answer.instructions[#].title", text),
	NACCS_ROW("I##", W, 420, OWN, "answer.instructions[#].text", text),
};

static const struct naccs_row vae1ld_15[] = {
	NACCS_ROW("R01", A, 2, OWN, "items[@].number", text),
	NACCS_ROW("R05", A, 12, 0, "items[@].commodity", tariff),
	NACCS_ROW("ADJ", A, 7, OWN, "items[@].commodity.supplements[0]", text),
	NACCS_KNOWN("R03", A, 1, OWN),
	NACCS_OR("R04", W, 600, CUT, "items[@].commodity.description", text, "items[@].commodity.commercialDescription"),
	NACCS_OR("R08", F, 12, 0, "items[@].supplementary[0].value", decimal, "items[@].tradeQuantity.value"),
	NACCS_OR("R09", A, 4, 0, "items[@].supplementary[0].unit", text, "items[@].tradeQuantity.unit"),
	NACCS_ROW("R11", F, 12, 0, "items[@].supplementary[1].value", decimal),
	NACCS_ROW("R12", A, 4, 0, "items[@].supplementary[1].unit", text),
	NACCS_OR("R13", F, 20, 0, "items[@].price", decimal, "items[@].costs.invoice.amount"),
	NACCS_ROW("UPR", F, 9, 0, "items[@].unitPrice", decimal),
	NACCS_OR("UPC", A, 3, 0, "items[@].priceCurrency", text, "items[@].costs.invoice.currency"),
	NACCS_ROW("TSC", A, 4, 0, "items[@].tradeQuantity.unit", text),
	NACCS_ROW("R07", F, 17, OWN, "items[@].customsValue", decimal),
	NACCS_ROW("AD9", A, 3, OWN, "items[@].customsValueCurrency", text),
	NACCS_KNOWN("R14", A, 3, OWN),
	NACCS_KNOWN("R15", F, 20, OWN),
	NACCS_KNOWN("TSQ", F, 12, OWN),
	NACCS_KNOWN("TSU", A, 4, OWN),
	NACCS_KNOWN("CVU", F, 18, OWN),
	NACCS_KNOWN("ADA", A, 3, OWN),
	NACCS_KNOWN("QCV", A, 4, OWN),
	NACCS_KNOWN("TRA", A, 30, OWN),
	NACCS_KNOWN("TRM", A, 1, OWN),
	NACCS_ROW("TAX", F, 16, OWN, "items[@].taxes[0].amount", decimal),
	NACCS_KNOWN("ADB", A, 3, OWN),
	NACCS_KNOWN("TRP", F, 16, OWN),
	NACCS_KNOWN("ADC", A, 3, OWN),
	NACCS_ROW("TDN", A, 2, OWN, "items[@].previousDocument.line", text),
	NACCS_KNOWN("ADD", I, 12, OWN),
	NACCS_KNOWN("ADE", A, 3, OWN),
	NACCS_KNOWN("CUP", A, 21, OWN),
	NACCS_KNOWN("IUP", A, 21, OWN),
	NACCS_KNOWN("CQU", F, 12, OWN),
	NACCS_KNOWN("CQC", A, 4, OWN),
	NACCS_KNOWN("IQU", F, 12, OWN),
	NACCS_KNOWN("IQC", A, 4, OWN),
	NACCS_KNOWN("CPR", F, 16, OWN),
	NACCS_KNOWN("IPR", F, 16, OWN),
};

static const struct naccs_row vae1ld_16[] = {
	NACCS_KNOWN("F#", A, 2, OWN),
};

static const struct naccs_row vae1ld_17[] = {
	NACCS_KNOWN("TRC", A, 5, OWN),
	NACCS_KNOWN("TRL", A, 60, OWN),
};

static const struct naccs_section vae1ld_common[] = {
	NACCS_SECTION(vae1ld_1, 1),
	NACCS_SECTION(vae1ld_2, 5),
	NACCS_SECTION(vae1ld_3, 1),
	NACCS_SECTION(vae1ld_4, 2),
	NACCS_SECTION(vae1ld_5, 1),
	NACCS_SECTION(vae1ld_6, 3),
	NACCS_SECTION(vae1ld_7, 1),
	NACCS_SECTION(vae1ld_8, 3),
	NACCS_SECTION(vae1ld_9, 1),
	NACCS_SECTION(vae1ld_10, 5),
	NACCS_SECTION(vae1ld_11, 1),
	NACCS_SECTION(vae1ld_12, 50),
	NACCS_SECTION(vae1ld_13, 1),
	NACCS_SECTION(vae1ld_14, 10),
};

static const struct naccs_section vae1ld_goods[] = {
	NACCS_SECTION(vae1ld_15, 1),
	NACCS_SECTION(vae1ld_16, 5),
	NACCS_SECTION(vae1ld_17, 1),
};

static const struct naccs_row vae1lf_5[] = {
	NACCS_ROW("K67", F, 20, OWN, "valuation.apportionment", decimal),
	NACCS_KNOWN("K68", A, 1, OWN),
	NACCS_KNOWN("AD6", A, 1, OWN),
	NACCS_KNOWN("TPM", A, 1, OWN),
	NACCS_ROW("ENC", A, 1, OWN, "payment.mode", text),
	NACCS_KNOWN("PAY", A, 1, OWN),
	NACCS_ROW("ETA", F, 11, OWN, "taxTotals.amount", decimal),
	NACCS_KNOWN("AD7", A, 3, OWN),
	NACCS_KNOWN("TCO", F, 11, OWN),
	NACCS_ROW("SAM", I, 11, OWN, "taxTotals.guaranteed", decimal),
	NACCS_KNOWN("AD8", A, 3, OWN),
	NACCS_KNOWN("K69", I, 2, OWN),
	NACCS_KNOWN("K70", I, 2, OWN),
};

static const struct naccs_row vae1lf_7[] = {
	NACCS_ROW("K79", W, 300, CUT, "remarks[0].text", text),
	NACCS_ROW("K81", A, 20, OWN, "reference.number", text),
	NACCS_KNOWN("K82", A, 5, OWN),
	NACCS_ROW("CCD", A, 8, OWN, "answer.release.date", date),
	NACCS_ROW("AD4", A, 6, OWN, "answer.release.time", time),
	NACCS_ROW("K86", A, 8, OWN, "answer.inspection.date", date),
	NACCS_ROW("AD5", A, 6, OWN, "answer.inspection.time", time),
	NACCS_ROW("K87", W, 108, OWN, "answer.officer", text),
	NACCS_KNOWN("K88", A, 8, OWN),
};

static const struct naccs_section vae1lf_common[] = {
	NACCS_SECTION(vae1ld_1, 1),
	NACCS_SECTION(vae1ld_2, 5),
	NACCS_SECTION(vae1ld_3, 1),
	NACCS_SECTION(vae1ld_4, 2),
	NACCS_SECTION(vae1lf_5, 1),
	NACCS_SECTION(vae1ld_6, 3),
	NACCS_SECTION(vae1lf_7, 1),
	NACCS_SECTION(vae1ld_8, 3),
	NACCS_SECTION(vae1ld_9, 1),
	NACCS_SECTION(vae1ld_10, 5),
	NACCS_SECTION(vae1ld_11, 1),
	NACCS_SECTION(vae1ld_12, 50),
	NACCS_SECTION(vae1ld_13, 1),
	NACCS_SECTION(vae1ld_14, 10),
};

static const struct naccs_section vae1lf_goods[] = {
	NACCS_SECTION(vae1ld_15, 1),
	NACCS_SECTION(vae1ld_16, 5),
	NACCS_SECTION(vae1ld_17, 1),
};

static const struct naccs_row vae1jd_1[] = {
	NACCS_ROW("A01", I, 12, MUST | OWN, "registration.number", digits),
	NACCS_ROW("A02", A, 3, MUST | OWN, "answer.channel", channel),
	NACCS_ROW("A03", A, 10, MUST | OWN, "office.name", text),
	NACCS_ROW("A04", A, 2, MUST | OWN, "office.section", text),
	NACCS_ROW("A05", A, 8, OWN, "registration.date", date),
	NACCS_ROW("A06", A, 6, OWN, "registration.time", time),
	NACCS_KNOWN("A07", A, 8, OWN),
	NACCS_KNOWN("A08", A, 6, OWN),
	NACCS_ROW("A09", A, 13, OWN, "exporter.code", text),
	NACCS_ROW("A10", W, 300, MUST | CUT, "exporter.name", text),
	NACCS_ROW("A11", A, 7, 0, "exporter.address.postcode", text),
	NACCS_ROW("A12", W, 300, CUT, "exporter.address", address),
	NACCS_ROW("A13", A, 20, MUST, "exporter.address.telephone", text),
	NACCS_ROW("A14", A, 13, OWN, "consignee.code", text),
	NACCS_ROW("A15", A, 70, MUST | CUT, "consignee.name", text),
	NACCS_ROW("A16", A, 9, 0, "consignee.address.postcode", text),
	NACCS_ROW("A17", A, 35, 0, "consignee.address", street1),
	NACCS_ROW("A18", A, 35, 0, "consignee.address", street2),
	NACCS_ROW("A19", A, 35, CUT, "consignee.address.city", text),
	NACCS_ROW("A20", A, 35, CUT, "consignee.address", street3),
	NACCS_OR("A21", A, 2, 0, "consignee.address.country", country, "destinationCountry.code"),
	NACCS_ROW("A22", A, 5, OWN, "declarant.code", text),
	NACCS_ROW("A23", A, 50, OWN, "declarant.name", text),
	NACCS_KNOWN("A24", A, 5, OWN),
	NACCS_ROW("A25", A, 20, MUST, "transport.transportDocument", text),
	NACCS_ROW("A26", A, 5, MUST, "transport.discharge.code", locode),
	NACCS_ROW("A27", A, 20, MUST | CUT, "transport.discharge.name", text),
	NACCS_ROW("A28", A, 5, MUST | OWN, "transport.loading.code", text),
	NACCS_ROW("A29", A, 20, MUST | CUT, "transport.loading.name", text),
	NACCS_ROW("A30", I, 6, MUST, "packageTotal", count),
	NACCS_ROW("A31", F, 8, MUST, "grossMass", decimal),
	NACCS_ROW("A32", A, 7, MUST | OWN, "transport.locationOfGoods", text),
	NACCS_KNOWN("A33", A, 20, MUST | OWN),
	NACCS_KNOWN("A34", A, 3, OWN),
	NACCS_KNOWN("A35", F, 9, OWN),
	NACCS_KNOWN("A36", A, 3, OWN),
	NACCS_KNOWN("A37", F, 20, OWN),
	NACCS_OR("A38", W, 600, MUST | CUT, "items[0].commodity.description", text, "items[0].commodity.commercialDescription"),
	NACCS_ROW("A39", I, 8, OWN, "items[0].customsValue", decimal),
	NACCS_KNOWN("A40", A, 1, OWN),
	NACCS_ROW("A41", W, 300, CUT, "remarks[0].text", text),
	NACCS_ROW("A42", A, 20, OWN, "reference.number", text),
	NACCS_ROW("A43", A, 8, OWN, "answer.release.date", date),
	NACCS_ROW("A44", A, 6, OWN, "answer.release.time", time),
	NACCS_ROW("A45", W, 108, OWN, "answer.officer", text),
};

static const struct naccs_section vae1jd_common[] = {
	NACCS_SECTION(vae1jd_1, 1),
};

static const struct naccs_row vae800_1[] = {
	NACCS_ROW("ECN", I, 12, OWN, "registration.number", digits),
	NACCS_KNOWN("JKN", A, 1, OWN),
	NACCS_ROW("FIC", A, 12, OWN, "division.first", division),
	NACCS_ROW("BNO", I, 2, OWN, "division.branch", division),
	NACCS_ROW("DNO", I, 2, OWN, "division.count", division),
	NACCS_ROW("TNO", I, 12, OWN, "previousDeclarations[0].number", digits),
	NACCS_ROW("K07", A, 3, OWN, "answer.channel", channel),
	NACCS_ROW("K03", A, 3, OWN, "type.code", text),
	NACCS_KNOWN("K05", A, 1, OWN),
	NACCS_ROW("ADF", A, 1, 0, "transport.border.mode", mode),
	NACCS_KNOWN("K01", A, 4, OWN),
	NACCS_ROW("K08", A, 10, OWN, "office.name", text),
	NACCS_ROW("K09", A, 2, OWN, "office.section", text),
	NACCS_ROW("K10", A, 8, OWN, "registration.date", date),
	NACCS_ROW("AD1", A, 6, OWN, "registration.time", time),
	NACCS_KNOWN("AD2", A, 8, OWN),
	NACCS_KNOWN("AD3", A, 6, OWN),
	NACCS_KNOWN("RID", A, 8, OWN),
	NACCS_KNOWN("AAA", A, 1, OWN),
	NACCS_KNOWN("CCM", A, 1, OWN),
};

static const struct naccs_section vae800_common[] = {
	NACCS_SECTION(vae800_1, 1),
	NACCS_SECTION(vae1ld_14, 10),
};

/* clang-format on */

const struct naccs_layout vn_vnaccs_vae1ld = {
	.common = vae1ld_common,
	.n_common = 14,
	.goods = vae1ld_goods,
	.n_goods = 3,
	.max_lines = 50,
};

const struct naccs_layout vn_vnaccs_vae1lf = {
	.common = vae1lf_common,
	.n_common = 14,
	.goods = vae1lf_goods,
	.n_goods = 3,
	.max_lines = 50,
};

const struct naccs_layout vn_vnaccs_vae1jd = {
	.common = vae1jd_common,
	.n_common = 1,
};

const struct naccs_layout vn_vnaccs_vae800 = {
	.common = vae800_common,
	.n_common = 2,
};
