/*
 * Viet Nam VNACCS: items of export declarations
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
static const struct naccs_row eda_1[] = {
	NACCS_ROW("ECN", I, 12, OWN, "registration.number", digits),
	NACCS_ROW("FIC", A, 12, OWN, "division.first", division),
	NACCS_ROW("BNO", I, 2, OWN, "division.branch", division),
	NACCS_ROW("DNO", I, 2, OWN, "division.count", division),
	NACCS_ROW("TDN", I, 12, OWN, "previousDeclarations[0].number", digits),
	NACCS_ROW("ECB", A, 3, MUST | OWN, "type.code", text),
	NACCS_KNOWN("CCC", A, 1, OWN),
	NACCS_ROW("MTC", A, 1, MUST, "transport.border.mode", mode),
	NACCS_KNOWN("RID", A, 8, OWN),
	NACCS_ROW("CH", A, 6, OWN, "office.code", text),
	NACCS_ROW("CHB", A, 2, OWN, "office.section", text),
	NACCS_ROW("ECD", A, 8, OWN, "dateOfDeclaration", date),
	NACCS_ROW("EPC", A, 13, OWN, "exporter.code", text),
	NACCS_ROW("EPN", W, 300, CUT, "exporter.name", text),
	NACCS_ROW("EPP", A, 7, 0, "exporter.address.postcode", text),
	NACCS_ROW("EPA", W, 300, CUT, "exporter.address", address),
	NACCS_ROW("EPT", A, 20, 0, "exporter.address.telephone", text),
	NACCS_ROW("EXC", A, 13, OWN, "owner.code", text),
	NACCS_ROW("EXN", W, 300, OWN, "owner.name", text),
	NACCS_ROW("CGC", A, 13, OWN, "consignee.code", text),
	NACCS_ROW("CGN", A, 70, CUT, "consignee.name", text),
	NACCS_ROW("CGP", A, 9, 0, "consignee.address.postcode", text),
	NACCS_ROW("CGA", A, 35, 0, "consignee.address", street1),
	NACCS_ROW("CAT", A, 35, 0, "consignee.address", street2),
	NACCS_ROW("CAC", A, 35, CUT, "consignee.address.city", text),
	NACCS_ROW("CAS", A, 35, CUT, "consignee.address", street3),
	NACCS_OR("CGK", A, 2, 0, "consignee.address.country", country, "destinationCountry.code"),
	NACCS_ROW("ECC", A, 5, OWN, "declarant.code", text),
	NACCS_ROW("EKN", A, 35, 0, "transport.transportDocument", text),
	NACCS_ROW("NO", I, 8, MUST, "packageTotal", count),
	NACCS_OR("NOT", A, 3, MUST, "packageKind", text, "items[0].packages[0].kind"),
	NACCS_ROW("GW", F, 10, 0, "grossMass", mass),
	NACCS_ROW("GWT", A, 3, 0, "grossMass", kilogram),
	NACCS_ROW("ST", A, 7, OWN, "transport.locationOfGoods", text),
	NACCS_ROW("DSC", A, 5, MUST, "transport.discharge.code", locode),
	NACCS_ROW("DSN", A, 35, CUT, "transport.discharge.name", text),
	NACCS_ROW("PSC", A, 6, 0, "transport.loading.code", locode),
	NACCS_ROW("PSN", A, 35, CUT, "transport.loading.name", text),
	NACCS_KNOWN("VSC", A, 9, OWN),
	NACCS_OR("VSN", A, 35, 0, "transport.border.identity", text, "transport.departure.identity"),
	NACCS_ROW("SYM", A, 8, MUST, "transport.departureDate", date),
	NACCS_OR("MRK", A, 140, CUT, "marks", text, "items[0].packages[0].marks"),
};

static const struct naccs_row eda_2[] = {
	NACCS_ROW("SS#", A, 4, OWN, "documents[#].code", text),
	NACCS_ROW("SN#", A, 20, OWN, "documents[#].reference", text),
};

static const struct naccs_row eda_3[] = {
	NACCS_ROW("IV1", A, 1, OWN, "supplierDocuments[0].type", text),
	NACCS_KNOWN("IV2", I, 12, OWN),
	NACCS_ROW("IV3", A, 35, 0, "supplierDocuments[0].invoiceNumber", text),
	NACCS_ROW("IVD", A, 8, 0, "supplierDocuments[0].date", date),
	NACCS_ROW("IVP", A, 7, OWN, "payment.termsCode", text),
	NACCS_ROW("IP2", A, 3, MUST, "transport.deliveryTerms.code", text),
	NACCS_OR("IP3", A, 3, MUST, "costs.invoice.currency", text, "items[0].priceCurrency"),
	NACCS_OR("IP4", F, 20, MUST, "costs.invoice.amount", decimal, "invoiceTotal"),
	NACCS_ROW("IP1", A, 1, MUST | OWN, "costs.invoice.basis", text),
	NACCS_KNOWN("FCD", A, 3, OWN),
	NACCS_KNOWN("FKK", F, 20, OWN),
	NACCS_KNOWN("CNV", A, 1, OWN),
	NACCS_ROW("TP", F, 20, OWN, "valuation.apportionment", decimal),
	NACCS_KNOWN("TPM", A, 1, OWN),
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

static const struct naccs_row eda_4[] = {
	NACCS_ROW("EA#", A, 3, OWN, "files[#].code", text),
	NACCS_ROW("EB#", I, 12, OWN, "files[#].name", text),
};

static const struct naccs_row eda_5[] = {
	NACCS_KNOWN("DPD", A, 8, OWN),
};

static const struct naccs_row eda_6[] = {
	NACCS_KNOWN("ST#", A, 7, OWN),
	NACCS_KNOWN("AD#", A, 8, OWN),
	NACCS_KNOWN("SD#", A, 8, OWN),
};

static const struct naccs_row eda_7[] = {
	NACCS_KNOWN("ARP", A, 7, OWN),
	NACCS_KNOWN("ADT", A, 8, OWN),
	NACCS_ROW("NT2", W, 300, CUT, "remarks[0].text", text),
	NACCS_ROW("REF", A, 20, OWN, "reference.number", text),
};

static const struct naccs_row eda_8[] = {
	NACCS_KNOWN("VC#", A, 7, OWN),
};

static const struct naccs_row eda_9[] = {
	NACCS_KNOWN("VN", A, 70, OWN),
	NACCS_KNOWN("VA", W, 300, OWN),
};

static const struct naccs_row eda_10[] = {
	NACCS_ROW("C##", A, 12, 0, "containers[#].identity", text),
};

static const struct naccs_row eda_11[] = {
	NACCS_KNOWN("CCM", A, 1, OWN),
};

static const struct naccs_row eda_12[] = {
	NACCS_ROW("D##", A, 8, OWN, "answer.instructions[#].date", date),
	NACCS_ROW("T##", W, 120, OWN, "answer.instructions[#].title", text),
	NACCS_ROW("I##", W, 420, OWN, "answer.instructions[#].text", text),
};

static const struct naccs_row eda_13[] = {
	NACCS_ROW("CMD", A, 12, MUST, "items[@].commodity", tariff),
	NACCS_ROW("COC", A, 7, OWN, "items[@].commodity.supplements[0]", text),
	NACCS_ROW("TXA", F, 10, OWN, "items[@].taxes[0].rate", decimal),
	NACCS_KNOWN("TXB", F, 10, OWN),
	NACCS_KNOWN("TXC", A, 4, OWN),
	NACCS_KNOWN("TXD", A, 3, OWN),
	NACCS_OR("CMN", W, 600, MUST | CUT, "items[@].commodity.description", text, "items[@].commodity.commercialDescription"),
	NACCS_KNOWN("RE", A, 5, OWN),
	NACCS_KNOWN("REG", F, 16, OWN),
	NACCS_OR("QN1", F, 12, MUST, "items[@].supplementary[0].value", decimal, "items[@].tradeQuantity.value"),
	NACCS_OR("QT1", A, 4, MUST, "items[@].supplementary[0].unit", text, "items[@].tradeQuantity.unit"),
	NACCS_ROW("QN2", F, 12, 0, "items[@].supplementary[1].value", decimal),
	NACCS_ROW("QT2", A, 4, 0, "items[@].supplementary[1].unit", text),
	NACCS_OR("BPR", F, 20, 0, "items[@].price", decimal, "items[@].costs.invoice.amount"),
	NACCS_ROW("BPC", A, 3, OWN, "items[@].customsValueCurrency", text),
	NACCS_ROW("DPR", F, 20, OWN, "items[@].customsValue", decimal),
	NACCS_ROW("UPR", F, 9, 0, "items[@].unitPrice", decimal),
	NACCS_OR("UPC", A, 3, 0, "items[@].priceCurrency", text, "items[@].costs.invoice.currency"),
	NACCS_ROW("TSC", A, 4, 0, "items[@].tradeQuantity.unit", text),
	NACCS_ROW("TDL", A, 2, OWN, "items[@].previousDocument.line", text),
	NACCS_KNOWN("TXN", I, 12, OWN),
	NACCS_KNOWN("TXR", A, 3, OWN),
};

static const struct naccs_row eda_14[] = {
	NACCS_KNOWN("OL#", A, 2, OWN),
};

static const struct naccs_section eda_common[] = {
	NACCS_SECTION(eda_1, 1),
	NACCS_SECTION(eda_2, 5),
	NACCS_SECTION(eda_3, 1),
	NACCS_SECTION(eda_4, 3),
	NACCS_SECTION(eda_5, 1),
	NACCS_SECTION(eda_6, 3),
	NACCS_SECTION(eda_7, 1),
	NACCS_SECTION(eda_8, 5),
	NACCS_SECTION(eda_9, 1),
	NACCS_SECTION(eda_10, 50),
	NACCS_SECTION(eda_11, 1),
	NACCS_SECTION(eda_12, 10),
};

static const struct naccs_section eda_goods[] = {
	NACCS_SECTION(eda_13, 1),
	NACCS_SECTION(eda_14, 5),
};

static const struct naccs_row mec_1[] = {
	NACCS_ROW("ECN", I, 12, OWN, "registration.number", digits),
	NACCS_KNOWN("JKN", A, 1, OWN),
	NACCS_ROW("CH", A, 6, OWN, "office.code", text),
	NACCS_ROW("CHB", A, 2, OWN, "office.section", text),
	NACCS_ROW("EPC", A, 13, OWN, "exporter.code", text),
	NACCS_ROW("EPN", W, 300, CUT, "exporter.name", text),
	NACCS_ROW("EPP", A, 7, 0, "exporter.address.postcode", text),
	NACCS_ROW("EPA", W, 300, CUT, "exporter.address", address),
	NACCS_ROW("EPT", A, 20, 0, "exporter.address.telephone", text),
	NACCS_ROW("CGC", A, 13, OWN, "consignee.code", text),
	NACCS_ROW("CGN", A, 70, CUT, "consignee.name", text),
	NACCS_ROW("CGP", A, 9, 0, "consignee.address.postcode", text),
	NACCS_ROW("CGA", A, 35, 0, "consignee.address", street1),
	NACCS_ROW("CAT", A, 35, 0, "consignee.address", street2),
	NACCS_ROW("CAC", A, 35, CUT, "consignee.address.city", text),
	NACCS_ROW("CAS", A, 35, CUT, "consignee.address", street3),
	NACCS_OR("CGK", A, 2, 0, "consignee.address.country", country, "destinationCountry.code"),
	NACCS_ROW("AWB", A, 20, MUST, "transport.transportDocument", text),
	NACCS_ROW("NO", I, 6, MUST, "packageTotal", count),
	NACCS_ROW("GW", F, 8, MUST, "grossMass", decimal),
	NACCS_ROW("ST", A, 7, MUST | OWN, "transport.locationOfGoods", text),
	NACCS_ROW("DSC", A, 5, MUST, "transport.discharge.code", locode),
	NACCS_ROW("PSC", A, 3, MUST | OWN, "transport.loading.code", text),
	NACCS_KNOWN("FCD", A, 3, OWN),
	NACCS_KNOWN("FKK", F, 20, OWN),
	NACCS_ROW("SKK", I, 8, OWN, "items[0].customsValue", decimal),
	NACCS_OR("CMN", W, 600, MUST | CUT, "items[0].commodity.description", text, "items[0].commodity.commercialDescription"),
	NACCS_ROW("NT", W, 300, CUT, "remarks[0].text", text),
	NACCS_ROW("REF", A, 20, OWN, "reference.number", text),
};

static const struct naccs_section mec_common[] = {
	NACCS_SECTION(mec_1, 1),
};

static const struct naccs_row edb_1[] = {
	NACCS_ROW("ECN", I, 12, OWN, "registration.number", digits),
	NACCS_KNOWN("IVU", I, 12, OWN),
};

static const struct naccs_section edb_common[] = {
	NACCS_SECTION(edb_1, 1),
};

static const struct naccs_row edc_1[] = {
	NACCS_ROW("ECN", I, 12, MUST | OWN, "registration.number", digits),
	NACCS_KNOWN("JKN", A, 1, OWN),
};

static const struct naccs_section edc_common[] = {
	NACCS_SECTION(edc_1, 1),
};

static const struct naccs_row edd_1[] = {
	NACCS_ROW("ECN", I, 12, MUST | OWN, "registration.number", digits),
};

static const struct naccs_section edd_common[] = {
	NACCS_SECTION(edd_1, 1),
};

static const struct naccs_section med_common[] = {
	NACCS_SECTION(edd_1, 1),
};

/* clang-format on */

const struct naccs_layout vn_vnaccs_eda = {
	.common = eda_common,
	.n_common = 12,
	.goods = eda_goods,
	.n_goods = 2,
	.max_lines = 50,
};

const struct naccs_layout vn_vnaccs_mec = {
	.common = mec_common,
	.n_common = 1,
};

const struct naccs_layout vn_vnaccs_edb = {
	.common = edb_common,
	.n_common = 1,
};

const struct naccs_layout vn_vnaccs_edc = {
	.common = edc_common,
	.n_common = 1,
};

const struct naccs_layout vn_vnaccs_edd = {
	.common = edd_common,
	.n_common = 1,
};

const struct naccs_layout vn_vnaccs_med = {
	.common = med_common,
	.n_common = 1,
};
