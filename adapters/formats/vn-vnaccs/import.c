/*
 * Viet Nam VNACCS: items of import declarations
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
static const struct naccs_row ida_1[] = {
	NACCS_ROW("ICN", I, 12, OWN, "registration.number", digits),
	NACCS_ROW("FIC", A, 12, OWN, "division.first", division),
	NACCS_ROW("BNO", I, 2, OWN, "division.branch", division),
	NACCS_ROW("DNO", I, 2, OWN, "division.count", division),
	NACCS_ROW("TDN", I, 12, OWN, "previousDeclarations[0].number", digits),
	NACCS_ROW("ICB", A, 3, MUST | OWN, "type.code", text),
	NACCS_KNOWN("CCC", A, 1, OWN),
	NACCS_ROW("MTC", A, 1, MUST, "transport.border.mode", mode),
	NACCS_KNOWN("SKB", A, 1, MUST | OWN),
	NACCS_ROW("CH", A, 6, OWN, "office.code", text),
	NACCS_ROW("CHB", A, 2, OWN, "office.section", text),
	NACCS_KNOWN("RED", A, 8, OWN),
	NACCS_ROW("ICD", A, 8, OWN, "dateOfDeclaration", date),
	NACCS_ROW("IMC", A, 13, OWN, "consignee.code", text),
	NACCS_ROW("IMN", W, 300, CUT, "consignee.name", text),
	NACCS_ROW("IMY", A, 7, 0, "consignee.address.postcode", text),
	NACCS_ROW("IMA", W, 300, CUT, "consignee.address", address),
	NACCS_ROW("IMT", A, 20, 0, "consignee.address.telephone", text),
	NACCS_ROW("NMC", A, 13, OWN, "owner.code", text),
	NACCS_ROW("NMN", W, 300, OWN, "owner.name", text),
	NACCS_ROW("EPC", A, 13, OWN, "exporter.code", text),
	NACCS_ROW("EPN", A, 70, CUT, "exporter.name", text),
	NACCS_ROW("EPY", A, 9, 0, "exporter.address.postcode", text),
	NACCS_ROW("EPA", A, 35, 0, "exporter.address", street1),
	NACCS_ROW("EP2", A, 35, 0, "exporter.address", street2),
	NACCS_ROW("EP3", A, 35, CUT, "exporter.address.city", text),
	NACCS_ROW("EP4", A, 35, CUT, "exporter.address", street3),
	NACCS_OR("EPO", A, 2, 0, "exporter.address.country", country, "exportCountry.code"),
	NACCS_ROW("ENM", A, 70, CUT, "suppliers[0].name", text),
	NACCS_ROW("ICC", A, 5, OWN, "declarant.code", text),
	NACCS_ROW("BL1", A, 35, 0, "transport.transportDocument", text),
	NACCS_ROW("BL2", A, 35, 0, "transport.moreTransportDocuments[0]", text),
	NACCS_ROW("BL3", A, 35, 0, "transport.moreTransportDocuments[1]", text),
	NACCS_ROW("BL4", A, 35, 0, "transport.moreTransportDocuments[2]", text),
	NACCS_ROW("BL5", A, 35, 0, "transport.moreTransportDocuments[3]", text),
	NACCS_ROW("NO", I, 8, MUST, "packageTotal", count),
	NACCS_OR("NOT", A, 3, MUST, "packageKind", text, "items[0].packages[0].kind"),
	NACCS_ROW("GW", F, 10, 0, "grossMass", mass),
	NACCS_ROW("GWT", A, 3, 0, "grossMass", kilogram),
	NACCS_ROW("ST", A, 7, OWN, "transport.locationOfGoods", text),
	NACCS_OR("MRK", A, 140, CUT, "marks", text, "items[0].packages[0].marks"),
	NACCS_KNOWN("VSC", A, 9, OWN),
	NACCS_OR("VSN", A, 35, 0, "transport.border.identity", text, "transport.departure.identity"),
	NACCS_ROW("ARR", A, 8, MUST, "transport.arrivalDate", date),
	NACCS_ROW("DST", A, 6, 0, "transport.discharge.code", locode),
	NACCS_ROW("DSN", A, 35, CUT, "transport.discharge.name", text),
	NACCS_ROW("PSC", A, 5, MUST, "transport.loading.code", locode),
	NACCS_ROW("PSN", A, 35, CUT, "transport.loading.name", text),
	NACCS_ROW("COC", I, 3, 0, "containerTotal", containers),
	NACCS_KNOWN("N4", A, 1, OWN),
};

static const struct naccs_row ida_2[] = {
	NACCS_KNOWN("OL#", A, 2, OWN),
};

static const struct naccs_row ida_3[] = {
	NACCS_ROW("SS#", A, 4, OWN, "documents[#].code", text),
	NACCS_ROW("SN#", A, 20, OWN, "documents[#].reference", text),
};

static const struct naccs_row ida_4[] = {
	NACCS_ROW("IV1", A, 1, OWN, "supplierDocuments[0].type", text),
	NACCS_KNOWN("IV2", I, 12, OWN),
	NACCS_ROW("IV3", A, 35, 0, "supplierDocuments[0].invoiceNumber", text),
	NACCS_ROW("IVD", A, 8, 0, "supplierDocuments[0].date", date),
	NACCS_ROW("IVP", A, 7, OWN, "payment.termsCode", text),
	NACCS_ROW("IP1", A, 1, OWN, "costs.invoice.basis", text),
	NACCS_ROW("IP2", A, 3, 0, "transport.deliveryTerms.code", text),
	NACCS_OR("IP3", A, 3, 0, "costs.invoice.currency", text, "items[0].priceCurrency"),
	NACCS_OR("IP4", F, 20, 0, "costs.invoice.amount", decimal, "invoiceTotal"),
	NACCS_ROW("VD1", A, 1, OWN, "valuation.method", text),
	NACCS_KNOWN("VD2", A, 9, OWN),
	NACCS_KNOWN("VCC", A, 3, OWN),
	NACCS_KNOWN("VPC", F, 20, OWN),
	NACCS_ROW("FR1", A, 1, OWN, "costs.externalFreight.basis", text),
	NACCS_ROW("FR2", A, 3, 0, "costs.externalFreight.currency", text),
	NACCS_ROW("FR3", F, 18, 0, "costs.externalFreight.amount", decimal),
	NACCS_ROW("IN1", A, 1, OWN, "costs.insurance.basis", text),
	NACCS_ROW("IN2", A, 3, 0, "costs.insurance.currency", text),
	NACCS_ROW("IN3", F, 16, 0, "costs.insurance.amount", decimal),
	NACCS_KNOWN("IN4", A, 6, OWN),
};

static const struct naccs_row ida_5[] = {
	NACCS_KNOWN("VR#", A, 1, OWN),
	NACCS_KNOWN("VI#", A, 3, OWN),
	NACCS_KNOWN("VC#", A, 3, OWN),
	NACCS_KNOWN("VP#", F, 20, OWN),
	NACCS_KNOWN("VT#", F, 20, OWN),
};

static const struct naccs_row ida_6[] = {
	NACCS_ROW("VLD", W, 840, OWN, "valueDetails", text),
	NACCS_ROW("TP", F, 20, OWN, "valuation.apportionment", decimal),
	NACCS_KNOWN("TPM", A, 1, OWN),
	NACCS_KNOWN("BP", A, 1, OWN),
	NACCS_ROW("BRC", A, 11, OWN, "payment.bankCode", text),
	NACCS_KNOWN("BYA", I, 4, OWN),
	NACCS_KNOWN("BCM", A, 10, OWN),
	NACCS_ROW("BCN", A, 10, OWN, "payment.bankReference", text),
	NACCS_ROW("ENC", A, 1, OWN, "payment.mode", text),
	NACCS_KNOWN("SBC", A, 11, OWN),
	NACCS_KNOWN("RYA", I, 4, OWN),
	NACCS_KNOWN("SCM", A, 10, OWN),
	NACCS_KNOWN("SCN", A, 10, OWN),
};

static const struct naccs_row ida_7[] = {
	NACCS_ROW("EA#", A, 3, OWN, "files[#].code", text),
	NACCS_ROW("EB#", I, 12, OWN, "files[#].name", text),
};

static const struct naccs_row ida_8[] = {
	NACCS_KNOWN("ISD", A, 8, OWN),
	NACCS_KNOWN("DPD", A, 8, OWN),
};

static const struct naccs_row ida_9[] = {
	NACCS_KNOWN("ST#", A, 7, OWN),
	NACCS_KNOWN("AD#", A, 8, OWN),
	NACCS_KNOWN("SD#", A, 8, OWN),
};

static const struct naccs_row ida_10[] = {
	NACCS_KNOWN("ARP", A, 7, OWN),
	NACCS_KNOWN("ADT", A, 8, OWN),
	NACCS_ROW("NT2", W, 300, CUT, "remarks[0].text", text),
	NACCS_ROW("REF", A, 20, OWN, "reference.number", text),
	NACCS_KNOWN("CCM", A, 1, OWN),
};

static const struct naccs_row ida_11[] = {
	NACCS_ROW("D##", A, 8, OWN, "answer.instructions[#].date", date),
	NACCS_ROW("T##", W, 120, OWN, "answer.instructions[#].title", text),
	NACCS_ROW("I##", W, 420, OWN, "answer.instructions[#].text", text),
};

static const struct naccs_row ida_12[] = {
	NACCS_ROW("CMD", A, 12, MUST, "items[@].commodity", tariff),
	NACCS_ROW("GZC", A, 7, OWN, "items[@].commodity.supplements[0]", text),
	NACCS_ROW("TXA", F, 10, OWN, "items[@].taxes[0].rate", decimal),
	NACCS_KNOWN("TXB", F, 10, OWN),
	NACCS_KNOWN("TXC", A, 4, OWN),
	NACCS_KNOWN("TXD", A, 3, OWN),
	NACCS_OR("CMN", W, 600, MUST | CUT, "items[@].commodity.description", text, "items[@].commodity.commercialDescription"),
	NACCS_ROW("OR", A, 2, MUST, "items[@].origin.code", country),
	NACCS_ROW("ORS", A, 3, OWN, "items[@].preference.code", text),
	NACCS_ROW("KWS", A, 1, OWN, "items[@].preference.quota", text),
	NACCS_KNOWN("SPD", A, 10, OWN),
	NACCS_OR("QN1", F, 12, MUST, "items[@].supplementary[0].value", decimal, "items[@].tradeQuantity.value"),
	NACCS_OR("QT1", A, 4, MUST, "items[@].supplementary[0].unit", text, "items[@].tradeQuantity.unit"),
	NACCS_ROW("QN2", F, 12, 0, "items[@].supplementary[1].value", decimal),
	NACCS_ROW("QT2", A, 4, 0, "items[@].supplementary[1].unit", text),
	NACCS_OR("BPR", F, 20, 0, "items[@].price", decimal, "items[@].costs.invoice.amount"),
	NACCS_ROW("UPR", F, 9, 0, "items[@].unitPrice", decimal),
	NACCS_OR("UPC", A, 3, 0, "items[@].priceCurrency", text, "items[@].costs.invoice.currency"),
	NACCS_ROW("TSC", A, 4, 0, "items[@].tradeQuantity.unit", text),
	NACCS_ROW("BPC", A, 3, OWN, "items[@].customsValueCurrency", text),
	NACCS_ROW("DPR", F, 20, OWN, "items[@].customsValue", decimal),
};

static const struct naccs_row ida_13[] = {
	NACCS_KNOWN("VN#", I, 1, OWN),
};

static const struct naccs_row ida_14[] = {
	NACCS_ROW("TDL", A, 2, OWN, "items[@].previousDocument.line", text),
	NACCS_KNOWN("TXN", A, 12, OWN),
	NACCS_KNOWN("TXR", A, 3, OWN),
	NACCS_KNOWN("RE", A, 5, OWN),
	NACCS_KNOWN("REG", F, 16, OWN),
};

static const struct naccs_row ida_15[] = {
	NACCS_ROW("TX#", A, 10, OWN, "items[@].taxes[$].code", text),
	NACCS_KNOWN("TR#", A, 5, OWN),
	NACCS_KNOWN("TG#", F, 16, OWN),
};

static const struct naccs_section ida_common[] = {
	NACCS_SECTION(ida_1, 1),
	NACCS_SECTION(ida_2, 5),
	NACCS_SECTION(ida_3, 5),
	NACCS_SECTION(ida_4, 1),
	NACCS_SECTION(ida_5, 5),
	NACCS_SECTION(ida_6, 1),
	NACCS_SECTION(ida_7, 3),
	NACCS_SECTION(ida_8, 1),
	NACCS_SECTION(ida_9, 3),
	NACCS_SECTION(ida_10, 1),
	NACCS_SECTION(ida_11, 10),
};

static const struct naccs_section ida_goods[] = {
	NACCS_SECTION(ida_12, 1),
	NACCS_SECTION(ida_13, 5),
	NACCS_SECTION(ida_14, 1),
	NACCS_SECTION(ida_15, 5),
};

static const struct naccs_row mic_1[] = {
	NACCS_ROW("ICN", I, 12, OWN, "registration.number", digits),
	NACCS_KNOWN("JYO", A, 1, OWN),
	NACCS_KNOWN("SKB", A, 1, MUST | OWN),
	NACCS_ROW("CH", A, 6, OWN, "office.code", text),
	NACCS_ROW("CHB", A, 2, OWN, "office.section", text),
	NACCS_ROW("IMC", A, 13, OWN, "consignee.code", text),
	NACCS_ROW("IMN", W, 300, CUT, "consignee.name", text),
	NACCS_ROW("IMY", A, 7, 0, "consignee.address.postcode", text),
	NACCS_ROW("IMA", W, 300, CUT, "consignee.address", address),
	NACCS_ROW("IMT", A, 20, 0, "consignee.address.telephone", text),
	NACCS_ROW("EPC", A, 13, OWN, "exporter.code", text),
	NACCS_ROW("EPN", A, 70, CUT, "exporter.name", text),
	NACCS_ROW("EPY", A, 9, 0, "exporter.address.postcode", text),
	NACCS_ROW("EPA", A, 35, 0, "exporter.address", street1),
	NACCS_ROW("EP2", A, 35, 0, "exporter.address", street2),
	NACCS_ROW("EP3", A, 35, CUT, "exporter.address.city", text),
	NACCS_ROW("EP4", A, 35, CUT, "exporter.address", street3),
	NACCS_OR("EPO", A, 2, 0, "exporter.address.country", country, "exportCountry.code"),
	NACCS_ROW("HAB", A, 20, MUST, "transport.transportDocument", text),
	NACCS_ROW("MAB", A, 20, 0, "transport.moreTransportDocuments[0]", text),
	NACCS_ROW("NO", I, 6, MUST, "packageTotal", count),
	NACCS_ROW("GW", F, 8, MUST, "grossMass", decimal),
	NACCS_ROW("ST", A, 7, MUST | OWN, "transport.locationOfGoods", text),
	NACCS_OR("VSN", A, 12, MUST, "transport.border.identity", text, "transport.departure.identity"),
	NACCS_ROW("ARR", A, 8, MUST, "transport.arrivalDate", date),
	NACCS_ROW("DST", A, 3, MUST | OWN, "transport.discharge.code", text),
	NACCS_ROW("PSC", A, 5, MUST, "transport.loading.code", locode),
	NACCS_ROW("IP1", A, 1, OWN, "costs.invoice.basis", text),
	NACCS_ROW("IP2", A, 3, 0, "transport.deliveryTerms.code", text),
	NACCS_OR("IP3", A, 3, 0, "costs.invoice.currency", text, "items[0].priceCurrency"),
	NACCS_OR("IP4", F, 20, 0, "costs.invoice.amount", decimal, "invoiceTotal"),
	NACCS_ROW("FR1", A, 1, OWN, "costs.externalFreight.basis", text),
	NACCS_ROW("FR2", A, 3, 0, "costs.externalFreight.currency", text),
	NACCS_ROW("FR3", F, 18, 0, "costs.externalFreight.amount", decimal),
	NACCS_ROW("IN1", A, 1, OWN, "costs.insurance.basis", text),
	NACCS_ROW("IN2", A, 3, 0, "costs.insurance.currency", text),
	NACCS_ROW("IN3", F, 16, 0, "costs.insurance.amount", decimal),
	NACCS_OR("CMN", W, 600, MUST | CUT, "items[0].commodity.description", text, "items[0].commodity.commercialDescription"),
	NACCS_ROW("OR", A, 2, MUST, "items[0].origin.code", country),
	NACCS_ROW("DPR", I, 8, OWN, "items[0].customsValue", decimal),
	NACCS_ROW("NT1", W, 300, CUT, "remarks[0].text", text),
	NACCS_ROW("REF", A, 20, OWN, "reference.number", text),
};

static const struct naccs_section mic_common[] = {
	NACCS_SECTION(mic_1, 1),
};

static const struct naccs_row idb_1[] = {
	NACCS_ROW("ICN", I, 12, OWN, "registration.number", digits),
	NACCS_KNOWN("TOM", A, 1, OWN),
	NACCS_ROW("BLN", A, 35, 0, "transport.transportDocument", text),
	NACCS_KNOWN("IVU", I, 12, OWN),
};

static const struct naccs_section idb_common[] = {
	NACCS_SECTION(idb_1, 1),
};

static const struct naccs_row idc_1[] = {
	NACCS_ROW("ICN", I, 12, MUST | OWN, "registration.number", digits),
	NACCS_KNOWN("JKN", A, 1, OWN),
};

static const struct naccs_section idc_common[] = {
	NACCS_SECTION(idc_1, 1),
};

static const struct naccs_row idd_1[] = {
	NACCS_ROW("ICN", I, 12, MUST | OWN, "registration.number", digits),
};

static const struct naccs_section idd_common[] = {
	NACCS_SECTION(idd_1, 1),
};

static const struct naccs_row mid_1[] = {
	NACCS_ROW("ICN", I, 12, OWN, "registration.number", digits),
	NACCS_ROW("HAB", A, 20, 0, "transport.transportDocument", text),
};

static const struct naccs_section mid_common[] = {
	NACCS_SECTION(mid_1, 1),
};

/* clang-format on */

const struct naccs_layout vn_vnaccs_ida = {
	.common = ida_common,
	.n_common = 11,
	.goods = ida_goods,
	.n_goods = 4,
	.max_lines = 50,
};

const struct naccs_layout vn_vnaccs_mic = {
	.common = mic_common,
	.n_common = 1,
};

const struct naccs_layout vn_vnaccs_idb = {
	.common = idb_common,
	.n_common = 1,
};

const struct naccs_layout vn_vnaccs_idc = {
	.common = idc_common,
	.n_common = 1,
};

const struct naccs_layout vn_vnaccs_idd = {
	.common = idd_common,
	.n_common = 1,
};

const struct naccs_layout vn_vnaccs_mid = {
	.common = mid_common,
	.n_common = 1,
};
