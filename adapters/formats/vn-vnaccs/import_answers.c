/*
 * Viet Nam VNACCS: items of answers to import declarations
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
static const struct naccs_row vad1ac_1[] = {
	NACCS_ROW("ICN", I, 12, MUST | OWN, "registration.number", digits),
	NACCS_KNOWN("JKN", A, 1, OWN),
	NACCS_ROW("FIC", A, 12, OWN, "division.first", division),
	NACCS_ROW("BNO", I, 2, OWN, "division.branch", division),
	NACCS_ROW("DNO", I, 2, OWN, "division.count", division),
	NACCS_ROW("TDN", I, 12, OWN, "previousDeclarations[0].number", digits),
	NACCS_ROW("A06", A, 3, OWN, "answer.channel", channel),
	NACCS_ROW("A02", A, 3, OWN, "type.code", text),
	NACCS_KNOWN("ADA", A, 1, OWN),
	NACCS_ROW("ADB", A, 1, 0, "transport.border.mode", mode),
	NACCS_KNOWN("A05", A, 1, OWN),
	NACCS_KNOWN("A00", A, 4, OWN),
	NACCS_ROW("A07", A, 10, OWN, "office.name", text),
	NACCS_ROW("A08", A, 2, OWN, "office.section", text),
	NACCS_ROW("A09", A, 8, OWN, "registration.date", date),
	NACCS_ROW("AD1", A, 6, OWN, "registration.time", time),
	NACCS_KNOWN("AD2", A, 8, OWN),
	NACCS_KNOWN("AD3", A, 6, OWN),
	NACCS_KNOWN("RED", A, 8, OWN),
	NACCS_KNOWN("AAA", A, 1, OWN),
	NACCS_ROW("A18", A, 13, OWN, "consignee.code", text),
	NACCS_ROW("A19", W, 300, CUT, "consignee.name", text),
	NACCS_ROW("A20", A, 7, 0, "consignee.address.postcode", text),
	NACCS_ROW("A21", W, 300, CUT, "consignee.address", address),
	NACCS_ROW("A25", A, 20, 0, "consignee.address.telephone", text),
	NACCS_ROW("A26", A, 13, OWN, "owner.code", text),
	NACCS_ROW("A27", W, 300, OWN, "owner.name", text),
	NACCS_ROW("A28", A, 13, OWN, "exporter.code", text),
	NACCS_ROW("A29", A, 70, CUT, "exporter.name", text),
	NACCS_ROW("A30", A, 9, 0, "exporter.address.postcode", text),
	NACCS_ROW("A31", A, 35, 0, "exporter.address", street1),
	NACCS_ROW("A32", A, 35, 0, "exporter.address", street2),
	NACCS_ROW("A33", A, 35, CUT, "exporter.address.city", text),
	NACCS_ROW("A34", A, 35, CUT, "exporter.address", street3),
	NACCS_OR("A35", A, 2, 0, "exporter.address.country", country, "exportCountry.code"),
	NACCS_ROW("A36", A, 70, CUT, "suppliers[0].name", text),
	NACCS_ROW("A37", A, 5, OWN, "declarant.code", text),
	NACCS_ROW("A38", A, 50, OWN, "declarant.name", text),
	NACCS_KNOWN("A39", A, 5, OWN),
	NACCS_ROW("KB1", A, 35, 0, "transport.transportDocument", text),
	NACCS_ROW("KB2", A, 35, 0, "transport.moreTransportDocuments[0]", text),
	NACCS_ROW("KB3", A, 35, 0, "transport.moreTransportDocuments[1]", text),
	NACCS_ROW("KB4", A, 35, 0, "transport.moreTransportDocuments[2]", text),
	NACCS_ROW("KB5", A, 35, 0, "transport.moreTransportDocuments[3]", text),
	NACCS_ROW("A48", I, 8, 0, "packageTotal", count),
	NACCS_OR("A49", A, 3, 0, "packageKind", text, "items[0].packages[0].kind"),
	NACCS_ROW("A52", F, 10, 0, "grossMass", mass),
	NACCS_ROW("A53", A, 3, 0, "grossMass", kilogram),
	NACCS_ROW("A56", I, 3, 0, "containerTotal", containers),
	NACCS_ROW("A50", A, 7, OWN, "transport.locationOfGoods", text),
	NACCS_KNOWN("A51", A, 20, OWN),
	NACCS_ROW("A41", A, 6, 0, "transport.discharge.code", locode),
	NACCS_ROW("A42", A, 35, CUT, "transport.discharge.name", text),
	NACCS_ROW("A43", A, 5, 0, "transport.loading.code", locode),
	NACCS_ROW("A44", A, 35, CUT, "transport.loading.name", text),
	NACCS_KNOWN("A45", A, 9, OWN),
	NACCS_OR("A46", A, 35, 0, "transport.border.identity", text, "transport.departure.identity"),
	NACCS_ROW("A47", A, 8, 0, "transport.arrivalDate", date),
	NACCS_OR("A61", A, 140, CUT, "marks", text, "items[0].packages[0].marks"),
	NACCS_KNOWN("A57", A, 8, OWN),
};

static const struct naccs_row vad1ac_2[] = {
	NACCS_KNOWN("KC#", A, 2, OWN),
};

static const struct naccs_row vad1ac_3[] = {
	NACCS_ROW("A71", A, 1, OWN, "supplierDocuments[0].type", text),
	NACCS_ROW("A72", A, 35, 0, "supplierDocuments[0].invoiceNumber", text),
	NACCS_KNOWN("A73", I, 12, OWN),
	NACCS_ROW("IVD", A, 8, 0, "supplierDocuments[0].date", date),
	NACCS_ROW("IVP", A, 7, OWN, "payment.termsCode", text),
	NACCS_ROW("A74", A, 1, OWN, "costs.invoice.basis", text),
	NACCS_ROW("A75", A, 3, 0, "transport.deliveryTerms.code", text),
	NACCS_OR("A76", A, 3, 0, "costs.invoice.currency", text, "items[0].priceCurrency"),
	NACCS_OR("A77", F, 20, 0, "costs.invoice.amount", decimal, "invoiceTotal"),
	NACCS_KNOWN("A86", F, 19, OWN),
	NACCS_ROW("A96", F, 20, OWN, "valuation.apportionment", decimal),
	NACCS_KNOWN("A97", A, 1, OWN),
	NACCS_KNOWN("A99", A, 1, OWN),
};

static const struct naccs_row vad1ac_4[] = {
	NACCS_ROW("KD#", A, 4, OWN, "documents[#].code", text),
	NACCS_ROW("KE#", A, 20, OWN, "documents[#].reference", text),
};

static const struct naccs_row vad1ac_5[] = {
	NACCS_ROW("A87", A, 1, OWN, "valuation.method", text),
	NACCS_KNOWN("A88", A, 9, OWN),
	NACCS_KNOWN("A93", A, 1, OWN),
	NACCS_KNOWN("A94", A, 2, OWN),
	NACCS_KNOWN("A95", A, 22, OWN),
	NACCS_KNOWN("AD8", A, 3, OWN),
	NACCS_KNOWN("AD9", F, 20, OWN),
	NACCS_ROW("A78", A, 1, OWN, "costs.externalFreight.basis", text),
	NACCS_ROW("A79", A, 3, 0, "costs.externalFreight.currency", text),
	NACCS_ROW("A80", F, 18, 0, "costs.externalFreight.amount", decimal),
	NACCS_ROW("A81", A, 1, OWN, "costs.insurance.basis", text),
	NACCS_ROW("A82", A, 3, 0, "costs.insurance.currency", text),
	NACCS_ROW("A83", F, 16, 0, "costs.insurance.amount", decimal),
	NACCS_KNOWN("A84", A, 6, OWN),
};

static const struct naccs_row vad1ac_6[] = {
	NACCS_KNOWN("VR#", A, 1, OWN),
	NACCS_KNOWN("VI#", A, 3, OWN),
	NACCS_KNOWN("VC#", A, 3, OWN),
	NACCS_KNOWN("VP#", F, 20, OWN),
	NACCS_KNOWN("VT#", F, 20, OWN),
};

static const struct naccs_row vad1ac_7[] = {
	NACCS_ROW("VLD", W, 840, OWN, "valueDetails", text),
};

static const struct naccs_row vad1ac_8[] = {
	NACCS_KNOWN("KF#", A, 1, OWN),
	NACCS_KNOWN("KG#", W, 27, OWN),
	NACCS_KNOWN("KH#", I, 11, OWN),
	NACCS_KNOWN("KI#", I, 2, OWN),
};

static const struct naccs_row vad1ac_9[] = {
	NACCS_ROW("B02", I, 11, OWN, "taxTotals.amount", decimal),
	NACCS_ROW("B03", I, 11, OWN, "taxTotals.guaranteed", decimal),
};

static const struct naccs_row vad1ac_10[] = {
	NACCS_KNOWN("KJ#", A, 3, OWN),
	NACCS_KNOWN("KK#", F, 9, OWN),
};

static const struct naccs_row vad1ac_11[] = {
	NACCS_ROW("ENC", A, 1, OWN, "payment.mode", text),
	NACCS_KNOWN("TPM", A, 1, OWN),
	NACCS_KNOWN("B06", A, 1, OWN),
	NACCS_KNOWN("B08", A, 1, OWN),
	NACCS_KNOWN("B12", I, 2, OWN),
	NACCS_KNOWN("B13", I, 2, OWN),
};

static const struct naccs_row vad1ac_12[] = {
	NACCS_ROW("EA#", A, 3, OWN, "files[#].code", text),
	NACCS_ROW("EN#", I, 12, OWN, "files[#].name", text),
};

static const struct naccs_row vad1ac_13[] = {
	NACCS_ROW("B15", W, 300, CUT, "remarks[0].text", text),
	NACCS_ROW("B18", A, 20, OWN, "reference.number", text),
	NACCS_KNOWN("B16", A, 5, OWN),
	NACCS_KNOWN("B99", A, 1, OWN),
};

static const struct naccs_row vad1ac_14[] = {
	NACCS_ROW("D##", A, 8, OWN, "answer.instructions[#].date", date),
	NACCS_ROW("T##", W, 120, OWN, "answer.instructions[#].title", text),
	NACCS_ROW("I##", W, 420, OWN, "answer.instructions[#].text", text),
};

static const struct naccs_row vad1ac_15[] = {
	NACCS_KNOWN("ADY", A, 8, OWN),
	NACCS_KNOWN("ADZ", A, 6, OWN),
	NACCS_KNOWN("B23", W, 81, OWN),
};

static const struct naccs_row vad1ac_16[] = {
	NACCS_KNOWN("KN#", A, 1, OWN),
	NACCS_KNOWN("KO#", W, 27, OWN),
	NACCS_KNOWN("KP#", A, 8, OWN),
};

static const struct naccs_row vad1ac_17[] = {
	NACCS_KNOWN("DPD", A, 8, OWN),
};

static const struct naccs_row vad1ac_18[] = {
	NACCS_KNOWN("ST#", A, 7, OWN),
	NACCS_KNOWN("BD#", A, 8, OWN),
	NACCS_KNOWN("CD#", A, 8, OWN),
};

static const struct naccs_row vad1ac_19[] = {
	NACCS_KNOWN("A54", A, 7, OWN),
	NACCS_KNOWN("C29", A, 8, OWN),
};

static const struct naccs_row vad1ac_20[] = {
	NACCS_ROW("B25", A, 2, OWN, "items[@].number", text),
	NACCS_ROW("B27", A, 12, 0, "items[@].commodity", tariff),
	NACCS_ROW("ADC", A, 7, OWN, "items[@].commodity.supplements[0]", text),
	NACCS_KNOWN("B29", A, 1, OWN),
	NACCS_OR("B30", W, 600, CUT, "items[@].commodity.description", text, "items[@].commodity.commercialDescription"),
	NACCS_OR("B31", F, 12, 0, "items[@].supplementary[0].value", decimal, "items[@].tradeQuantity.value"),
	NACCS_OR("B32", A, 4, 0, "items[@].supplementary[0].unit", text, "items[@].tradeQuantity.unit"),
};

static const struct naccs_row vad1ac_21[] = {
	NACCS_KNOWN("VN#", I, 1, OWN),
};

static const struct naccs_row vad1ac_22[] = {
	NACCS_ROW("B34", F, 12, 0, "items[@].supplementary[1].value", decimal),
	NACCS_ROW("B35", A, 4, 0, "items[@].supplementary[1].unit", text),
	NACCS_OR("B48", F, 20, 0, "items[@].price", decimal, "items[@].costs.invoice.amount"),
	NACCS_ROW("UPR", F, 9, 0, "items[@].unitPrice", decimal),
	NACCS_OR("UPC", A, 3, 0, "items[@].priceCurrency", text, "items[@].costs.invoice.currency"),
	NACCS_ROW("TSC", A, 4, 0, "items[@].tradeQuantity.unit", text),
	NACCS_ROW("B36", F, 17, OWN, "items[@].customsValue", decimal),
	NACCS_ROW("B50", A, 3, OWN, "items[@].customsValueCurrency", text),
	NACCS_KNOWN("B51", F, 20, OWN),
	NACCS_KNOWN("B37", F, 12, OWN),
	NACCS_KNOWN("B38", A, 4, OWN),
	NACCS_KNOWN("KKT", F, 18, OWN),
	NACCS_KNOWN("KKS", A, 4, OWN),
	NACCS_KNOWN("B42", A, 1, OWN),
	NACCS_KNOWN("B43", A, 30, OWN),
	NACCS_KNOWN("SKB", A, 1, OWN),
	NACCS_KNOWN("SPD", A, 10, OWN),
	NACCS_ROW("B47", F, 16, OWN, "items[@].taxes[0].amount", decimal),
	NACCS_ROW("B55", A, 2, 0, "items[@].origin.code", country),
	NACCS_KNOWN("B56", A, 7, OWN),
	NACCS_ROW("B57", A, 3, OWN, "items[@].preference.code", text),
	NACCS_KNOWN("B49", F, 16, OWN),
	NACCS_ROW("KWS", A, 1, OWN, "items[@].preference.quota", text),
	NACCS_ROW("TDL", A, 2, OWN, "items[@].previousDocument.line", text),
	NACCS_KNOWN("TXN", I, 12, OWN),
	NACCS_KNOWN("TXR", A, 3, OWN),
	NACCS_KNOWN("B58", A, 5, OWN),
	NACCS_KNOWN("B59", A, 60, OWN),
};

static const struct naccs_row vad1ac_23[] = {
	NACCS_KNOWN("KQ#", W, 27, OWN),
	NACCS_ROW("KR#", A, 10, OWN, "items[@].taxes[$].code", text),
	NACCS_ROW("KS#", F, 17, OWN, "items[@].taxes[$].taxBase", decimal),
	NACCS_KNOWN("KT#", F, 12, OWN),
	NACCS_KNOWN("KU#", A, 4, OWN),
	NACCS_KNOWN("KY#", A, 25, OWN),
	NACCS_ROW("KZ#", F, 16, OWN, "items[@].taxes[$].amount", decimal),
	NACCS_KNOWN("LA#", A, 5, OWN),
	NACCS_KNOWN("LC#", A, 60, OWN),
	NACCS_KNOWN("LB#", F, 16, OWN),
};

static const struct naccs_section vad1ac_common[] = {
	NACCS_SECTION(vad1ac_1, 1),
	NACCS_SECTION(vad1ac_2, 5),
	NACCS_SECTION(vad1ac_3, 1),
	NACCS_SECTION(vad1ac_4, 5),
	NACCS_SECTION(vad1ac_5, 1),
	NACCS_SECTION(vad1ac_6, 5),
	NACCS_SECTION(vad1ac_7, 1),
	NACCS_SECTION(vad1ac_8, 6),
	NACCS_SECTION(vad1ac_9, 1),
	NACCS_SECTION(vad1ac_10, 3),
	NACCS_SECTION(vad1ac_11, 1),
	NACCS_SECTION(vad1ac_12, 3),
	NACCS_SECTION(vad1ac_13, 1),
	NACCS_SECTION(vad1ac_14, 10),
	NACCS_SECTION(vad1ac_15, 1),
	NACCS_SECTION(vad1ac_16, 6),
	NACCS_SECTION(vad1ac_17, 1),
	NACCS_SECTION(vad1ac_18, 3),
	NACCS_SECTION(vad1ac_19, 1),
};

static const struct naccs_section vad1ac_goods[] = {
	NACCS_SECTION(vad1ac_20, 1),
	NACCS_SECTION(vad1ac_21, 5),
	NACCS_SECTION(vad1ac_22, 1),
	NACCS_SECTION(vad1ac_23, 5),
};

static const struct naccs_row vad1ag_1[] = {
	NACCS_ROW("ICN", I, 12, OWN, "registration.number", digits),
	NACCS_KNOWN("JKN", A, 1, OWN),
	NACCS_ROW("FIC", A, 12, OWN, "division.first", division),
	NACCS_ROW("BNO", I, 2, OWN, "division.branch", division),
	NACCS_ROW("DNO", I, 2, OWN, "division.count", division),
	NACCS_ROW("TDN", I, 12, OWN, "previousDeclarations[0].number", digits),
	NACCS_ROW("A06", A, 3, OWN, "answer.channel", channel),
	NACCS_ROW("A02", A, 3, OWN, "type.code", text),
	NACCS_KNOWN("ADA", A, 1, OWN),
	NACCS_ROW("ADB", A, 1, 0, "transport.border.mode", mode),
	NACCS_KNOWN("A05", A, 1, OWN),
	NACCS_KNOWN("A00", A, 4, OWN),
	NACCS_ROW("A07", A, 10, OWN, "office.name", text),
	NACCS_ROW("A08", A, 2, OWN, "office.section", text),
	NACCS_ROW("A09", A, 8, OWN, "registration.date", date),
	NACCS_ROW("AD1", A, 6, OWN, "registration.time", time),
	NACCS_KNOWN("AD2", A, 8, OWN),
	NACCS_KNOWN("AD3", A, 6, OWN),
	NACCS_KNOWN("RED", A, 8, OWN),
	NACCS_KNOWN("AAA", A, 1, OWN),
	NACCS_ROW("A18", A, 13, OWN, "consignee.code", text),
	NACCS_ROW("A19", W, 300, CUT, "consignee.name", text),
	NACCS_ROW("A20", A, 7, 0, "consignee.address.postcode", text),
	NACCS_ROW("A21", W, 300, CUT, "consignee.address", address),
	NACCS_ROW("A25", A, 20, 0, "consignee.address.telephone", text),
	NACCS_ROW("A26", A, 13, OWN, "owner.code", text),
	NACCS_ROW("A27", W, 300, OWN, "owner.name", text),
	NACCS_ROW("A28", A, 13, OWN, "exporter.code", text),
	NACCS_ROW("A29", A, 70, CUT, "exporter.name", text),
	NACCS_ROW("A30", A, 9, 0, "exporter.address.postcode", text),
	NACCS_ROW("A31", A, 35, 0, "exporter.address", street1),
	NACCS_ROW("A32", A, 35, 0, "exporter.address", street2),
	NACCS_ROW("A33", A, 35, CUT, "exporter.address.city", text),
	NACCS_ROW("A34", A, 35, CUT, "exporter.address", street3),
	NACCS_OR("A35", A, 2, 0, "exporter.address.country", country, "exportCountry.code"),
	NACCS_ROW("A36", A, 70, CUT, "suppliers[0].name", text),
	NACCS_ROW("A37", A, 5, OWN, "declarant.code", text),
	NACCS_ROW("A38", A, 50, OWN, "declarant.name", text),
	NACCS_KNOWN("A39", A, 5, OWN),
	NACCS_ROW("KB1", A, 35, 0, "transport.transportDocument", text),
	NACCS_ROW("KB2", A, 35, 0, "transport.moreTransportDocuments[0]", text),
	NACCS_ROW("KB3", A, 35, 0, "transport.moreTransportDocuments[1]", text),
	NACCS_ROW("KB4", A, 35, 0, "transport.moreTransportDocuments[2]", text),
	NACCS_ROW("KB5", A, 35, 0, "transport.moreTransportDocuments[3]", text),
	NACCS_ROW("A48", I, 8, 0, "packageTotal", count),
	NACCS_OR("A49", A, 3, 0, "packageKind", text, "items[0].packages[0].kind"),
	NACCS_ROW("A52", F, 10, 0, "grossMass", mass),
	NACCS_ROW("A53", A, 3, 0, "grossMass", kilogram),
	NACCS_ROW("A56", I, 3, 0, "containerTotal", containers),
	NACCS_ROW("A50", A, 7, OWN, "transport.locationOfGoods", text),
	NACCS_KNOWN("A51", A, 20, OWN),
	NACCS_ROW("A41", A, 6, 0, "transport.discharge.code", locode),
	NACCS_ROW("A42", A, 35, CUT, "transport.discharge.name", text),
	NACCS_ROW("A43", A, 5, 0, "transport.loading.code", locode),
	NACCS_ROW("A44", A, 35, CUT, "transport.loading.name", text),
	NACCS_KNOWN("A45", A, 9, OWN),
	NACCS_OR("A46", A, 35, 0, "transport.border.identity", text, "transport.departure.identity"),
	NACCS_ROW("A47", A, 8, 0, "transport.arrivalDate", date),
	NACCS_OR("A61", A, 140, CUT, "marks", text, "items[0].packages[0].marks"),
	NACCS_KNOWN("A57", A, 8, OWN),
};

static const struct naccs_row vad1ag_15[] = {
	NACCS_ROW("C20", W, 108, OWN, "answer.officer", text),
	NACCS_ROW("C21", A, 8, OWN, "answer.release.date", date),
	NACCS_ROW("AD4", A, 6, OWN, "answer.release.time", time),
	NACCS_ROW("C22", A, 8, OWN, "answer.inspection.date", date),
	NACCS_ROW("AD5", A, 6, OWN, "answer.inspection.time", time),
	NACCS_KNOWN("C23", A, 2, OWN),
	NACCS_KNOWN("C24", A, 8, OWN),
	NACCS_KNOWN("AD6", A, 6, OWN),
	NACCS_KNOWN("C25", A, 8, OWN),
	NACCS_KNOWN("AD7", A, 6, OWN),
	NACCS_KNOWN("C26", I, 2, OWN),
	NACCS_KNOWN("B23", W, 81, OWN),
};

static const struct naccs_row vad1ag_17[] = {
	NACCS_KNOWN("ADX", A, 1, OWN),
	NACCS_KNOWN("ADY", W, 27, OWN),
	NACCS_KNOWN("ADZ", A, 8, OWN),
	NACCS_KNOWN("DPD", A, 8, OWN),
};

static const struct naccs_section vad1ag_common[] = {
	NACCS_SECTION(vad1ag_1, 1),
	NACCS_SECTION(vad1ac_2, 5),
	NACCS_SECTION(vad1ac_3, 1),
	NACCS_SECTION(vad1ac_4, 5),
	NACCS_SECTION(vad1ac_5, 1),
	NACCS_SECTION(vad1ac_6, 5),
	NACCS_SECTION(vad1ac_7, 1),
	NACCS_SECTION(vad1ac_8, 6),
	NACCS_SECTION(vad1ac_9, 1),
	NACCS_SECTION(vad1ac_10, 3),
	NACCS_SECTION(vad1ac_11, 1),
	NACCS_SECTION(vad1ac_12, 3),
	NACCS_SECTION(vad1ac_13, 1),
	NACCS_SECTION(vad1ac_14, 10),
	NACCS_SECTION(vad1ag_15, 1),
	NACCS_SECTION(vad1ac_16, 6),
	NACCS_SECTION(vad1ag_17, 1),
	NACCS_SECTION(vad1ac_18, 3),
	NACCS_SECTION(vad1ac_19, 1),
};

static const struct naccs_section vad1ag_goods[] = {
	NACCS_SECTION(vad1ac_20, 1),
	NACCS_SECTION(vad1ac_21, 5),
	NACCS_SECTION(vad1ac_22, 1),
	NACCS_SECTION(vad1ac_23, 5),
};

static const struct naccs_row vad1fc_1[] = {
	NACCS_ROW("A06", I, 12, OWN, "registration.number", digits),
	NACCS_KNOWN("A01", A, 1, OWN),
	NACCS_ROW("A02", A, 3, OWN, "answer.channel", channel),
	NACCS_ROW("A03", A, 10, OWN, "office.name", text),
	NACCS_ROW("A04", A, 2, OWN, "office.section", text),
	NACCS_ROW("A05", A, 8, OWN, "registration.date", date),
	NACCS_ROW("AD1", A, 6, OWN, "registration.time", time),
	NACCS_KNOWN("AD2", A, 8, OWN),
	NACCS_KNOWN("AD3", A, 6, OWN),
	NACCS_ROW("A10", A, 13, OWN, "consignee.code", text),
	NACCS_ROW("A11", W, 300, CUT, "consignee.name", text),
	NACCS_ROW("A12", A, 7, 0, "consignee.address.postcode", text),
	NACCS_ROW("A13", W, 300, CUT, "consignee.address", address),
	NACCS_ROW("A18", A, 20, 0, "consignee.address.telephone", text),
	NACCS_ROW("A19", A, 13, OWN, "exporter.code", text),
	NACCS_ROW("A20", A, 70, CUT, "exporter.name", text),
	NACCS_ROW("A21", A, 9, 0, "exporter.address.postcode", text),
	NACCS_ROW("A22", A, 35, 0, "exporter.address", street1),
	NACCS_ROW("A23", A, 35, 0, "exporter.address", street2),
	NACCS_ROW("A24", A, 35, CUT, "exporter.address.city", text),
	NACCS_ROW("A25", A, 35, CUT, "exporter.address", street3),
	NACCS_OR("A26", A, 2, 0, "exporter.address.country", country, "exportCountry.code"),
	NACCS_ROW("A28", A, 5, OWN, "declarant.code", text),
	NACCS_ROW("A29", A, 50, OWN, "declarant.name", text),
	NACCS_KNOWN("A30", A, 5, OWN),
	NACCS_ROW("A31", A, 20, 0, "transport.transportDocument", text),
	NACCS_ROW("A32", A, 20, 0, "transport.moreTransportDocuments[0]", text),
	NACCS_ROW("A33", A, 5, OWN, "transport.discharge.code", text),
	NACCS_ROW("A34", A, 20, CUT, "transport.discharge.name", text),
	NACCS_ROW("A35", A, 5, 0, "transport.loading.code", locode),
	NACCS_ROW("A36", A, 20, CUT, "transport.loading.name", text),
	NACCS_OR("A37", A, 12, 0, "transport.border.identity", text, "transport.departure.identity"),
	NACCS_ROW("A38", A, 8, 0, "transport.arrivalDate", date),
	NACCS_ROW("A39", I, 6, 0, "packageTotal", count),
	NACCS_ROW("A40", F, 8, 0, "grossMass", decimal),
	NACCS_ROW("A41", A, 7, OWN, "transport.locationOfGoods", text),
	NACCS_KNOWN("A42", A, 20, OWN),
};

static const struct naccs_row vad1fc_2[] = {
	NACCS_KNOWN("KA#", A, 3, OWN),
	NACCS_KNOWN("KB#", F, 9, OWN),
};

static const struct naccs_row vad1fc_3[] = {
	NACCS_ROW("A43", A, 1, OWN, "costs.invoice.basis", text),
	NACCS_ROW("A44", A, 3, 0, "transport.deliveryTerms.code", text),
	NACCS_OR("A45", A, 3, 0, "costs.invoice.currency", text, "items[0].priceCurrency"),
	NACCS_OR("A46", F, 20, 0, "costs.invoice.amount", decimal, "invoiceTotal"),
	NACCS_ROW("A47", A, 1, OWN, "costs.externalFreight.basis", text),
	NACCS_ROW("A48", A, 3, 0, "costs.externalFreight.currency", text),
	NACCS_ROW("A49", F, 18, 0, "costs.externalFreight.amount", decimal),
	NACCS_ROW("A50", A, 1, OWN, "costs.insurance.basis", text),
	NACCS_ROW("A51", A, 3, 0, "costs.insurance.currency", text),
	NACCS_ROW("A52", F, 16, 0, "costs.insurance.amount", decimal),
	NACCS_OR("A53", W, 600, CUT, "items[0].commodity.description", text, "items[0].commodity.commercialDescription"),
	NACCS_ROW("A54", I, 8, OWN, "items[0].customsValue", decimal),
	NACCS_KNOWN("A55", A, 1, OWN),
	NACCS_ROW("A56", A, 2, 0, "items[0].origin.code", country),
	NACCS_KNOWN("A57", A, 7, OWN),
	NACCS_ROW("A58", W, 300, CUT, "remarks[0].text", text),
	NACCS_ROW("A59", A, 20, OWN, "reference.number", text),
	NACCS_ROW("A60", W, 108, OWN, "answer.officer", text),
	NACCS_ROW("A61", A, 8, OWN, "answer.release.date", date),
	NACCS_ROW("AD4", A, 6, OWN, "answer.release.time", time),
	NACCS_ROW("A62", A, 8, OWN, "answer.inspection.date", date),
	NACCS_ROW("AD5", A, 6, OWN, "answer.inspection.time", time),
	NACCS_KNOWN("A63", A, 2, OWN),
};

static const struct naccs_section vad1fc_common[] = {
	NACCS_SECTION(vad1fc_1, 1),
	NACCS_SECTION(vad1fc_2, 3),
	NACCS_SECTION(vad1fc_3, 1),
};

static const struct naccs_row vad487_1[] = {
	NACCS_KNOWN("K01", W, 114, OWN),
	NACCS_ROW("K02", I, 12, OWN, "registration.number", digits),
	NACCS_ROW("K04", A, 3, OWN, "type.code", text),
	NACCS_KNOWN("ADA", A, 1, OWN),
	NACCS_ROW("ADB", A, 1, 0, "transport.border.mode", mode),
	NACCS_ROW("K06", A, 5, OWN, "declarant.code", text),
	NACCS_ROW("K07", A, 6, OWN, "office.code", text),
	NACCS_ROW("K08", A, 2, OWN, "office.section", text),
	NACCS_ROW("K09", A, 35, 0, "transport.transportDocument", text),
	NACCS_KNOWN("K10", A, 20, OWN),
	NACCS_ROW("K11", A, 7, OWN, "transport.locationOfGoods", text),
	NACCS_KNOWN("K12", A, 20, OWN),
	NACCS_ROW("K13", I, 8, 0, "packageTotal", count),
	NACCS_OR("K14", A, 3, 0, "packageKind", text, "items[0].packages[0].kind"),
	NACCS_ROW("K15", F, 10, 0, "grossMass", mass),
	NACCS_ROW("K16", A, 3, 0, "grossMass", kilogram),
	NACCS_KNOWN("K20", A, 9, OWN),
	NACCS_OR("K21", A, 35, 0, "transport.border.identity", text, "transport.departure.identity"),
	NACCS_KNOWN("K25", A, 13, OWN),
	NACCS_KNOWN("K26", W, 300, OWN),
	NACCS_OR("K29", A, 140, CUT, "marks", text, "items[0].packages[0].marks"),
	NACCS_ROW("K30", I, 3, 0, "containerTotal", containers),
};

static const struct naccs_row vad487_2[] = {
	NACCS_ROW("A#", A, 12, 0, "containers[#].identity", text),
};

static const struct naccs_row vad487_3[] = {
	NACCS_KNOWN("K31", A, 1, OWN),
	NACCS_KNOWN("K37", A, 5, OWN),
	NACCS_ROW("K38", A, 20, OWN, "reference.number", text),
	NACCS_KNOWN("K39", A, 1, OWN),
	NACCS_KNOWN("K40", W, 42, OWN),
	NACCS_KNOWN("K41", A, 3, OWN),
	NACCS_KNOWN("K42", A, 1, OWN),
	NACCS_ROW("K43", W, 114, OWN, "answer.instructions[0].title", text),
	NACCS_KNOWN("K44", A, 1, OWN),
	NACCS_KNOWN("K45", A, 8, OWN),
	NACCS_KNOWN("K46", A, 7, OWN),
	NACCS_KNOWN("K47", A, 20, OWN),
	NACCS_ROW("K50", W, 840, OWN, "answer.instructions[0].text", text),
	NACCS_KNOWN("K51", A, 1, OWN),
	NACCS_KNOWN("K52", W, 96, OWN),
	NACCS_KNOWN("K53", A, 1, OWN),
};

static const struct naccs_section vad487_common[] = {
	NACCS_SECTION(vad487_1, 1),
	NACCS_SECTION(vad487_2, 5),
	NACCS_SECTION(vad487_3, 1),
};

static const struct naccs_row vad800_1[] = {
	NACCS_ROW("ICN", I, 12, OWN, "registration.number", digits),
	NACCS_KNOWN("JKN", A, 1, OWN),
	NACCS_ROW("FIC", A, 12, OWN, "division.first", division),
	NACCS_ROW("BNO", I, 2, OWN, "division.branch", division),
	NACCS_ROW("DNO", I, 2, OWN, "division.count", division),
	NACCS_ROW("TDN", I, 12, OWN, "previousDeclarations[0].number", digits),
	NACCS_ROW("A06", A, 3, OWN, "answer.channel", channel),
	NACCS_ROW("A02", A, 3, OWN, "type.code", text),
	NACCS_KNOWN("ADA", A, 1, OWN),
	NACCS_ROW("ADB", A, 1, 0, "transport.border.mode", mode),
	NACCS_KNOWN("A05", A, 1, OWN),
	NACCS_KNOWN("A00", A, 4, OWN),
	NACCS_ROW("A07", A, 10, OWN, "office.name", text),
	NACCS_ROW("A08", A, 2, OWN, "office.section", text),
	NACCS_ROW("A09", A, 8, OWN, "registration.date", date),
	NACCS_ROW("AD1", A, 6, OWN, "registration.time", time),
	NACCS_KNOWN("AD2", A, 8, OWN),
	NACCS_KNOWN("AD3", A, 6, OWN),
	NACCS_KNOWN("RED", A, 8, OWN),
	NACCS_KNOWN("AAA", A, 1, OWN),
	NACCS_KNOWN("B99", A, 1, OWN),
};

static const struct naccs_section vad800_common[] = {
	NACCS_SECTION(vad800_1, 1),
	NACCS_SECTION(vad1ac_14, 10),
};

/* clang-format on */

const struct naccs_layout vn_vnaccs_vad1ac = {
	.common = vad1ac_common,
	.n_common = 19,
	.goods = vad1ac_goods,
	.n_goods = 4,
	.max_lines = 50,
};

const struct naccs_layout vn_vnaccs_vad1ag = {
	.common = vad1ag_common,
	.n_common = 19,
	.goods = vad1ag_goods,
	.n_goods = 4,
	.max_lines = 50,
};

const struct naccs_layout vn_vnaccs_vad1fc = {
	.common = vad1fc_common,
	.n_common = 3,
};

const struct naccs_layout vn_vnaccs_vad487 = {
	.common = vad487_common,
	.n_common = 3,
};

const struct naccs_layout vn_vnaccs_vad800 = {
	.common = vad800_common,
	.n_common = 2,
};
