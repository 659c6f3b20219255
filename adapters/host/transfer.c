/*
 * What may never be carried from one country's declaration into another's
 *
 * Method: a table of canonical paths. A row covers the leaf and all below it; []
 * stands for any position.
 *
 * Threads: constants only.
 */
#include "host/transfer.h"

#include <stddef.h>
#include <string.h>

static const char office[] = "a customs office belongs to the country that stated it";
static const char act[] = "an act of the national system of the country that stated it";
static const char procedure[] = "a procedure is law of the country that stated it";
static const char tariff[] = "tariff digits beyond HS6 are law of the country that stated them";
static const char duty[] = "duties and their payment are law of the country that stated them";
static const char value[] = "a value in national currency or by national rules";
static const char declarant[] = "the next declarant states himself";

static const struct {
	const char *path;
	const char *reason;
} rows[] = {
	{"type", procedure},
	{"registration", act},
	{"assessment", act},
	{"receipt", act},
	{"manifestReference", act},
	{"office", office},
	{"borderOffice", office},
	{"exitOffice", office},
	{"exitDate", act},
	{"exitTime", act},
	{"exitReference", act},
	{"exitComments", act},
	{"exporter.code", act},
	{"exporter.taxNumber", act},
	{"exporter.quarantineCode", act},
	{"consignee.code", act},
	{"consignee.taxNumber", act},
	{"consignee.quarantineCode", act},
	{"declarant", declarant},
	{"financial", duty},
	{"owner", declarant},
	{"transport.inlandMode", procedure},
	{"transport.deliveryTerms.situation", procedure},
	{"transport.locationOfGoods", procedure},
	{"costs.invoice.nationalAmount", value},
	{"costs.invoice.rate", value},
	{"costs.externalFreight.nationalAmount", value},
	{"costs.externalFreight.rate", value},
	{"costs.internalFreight.nationalAmount", value},
	{"costs.internalFreight.rate", value},
	{"costs.insurance.nationalAmount", value},
	{"costs.insurance.rate", value},
	{"costs.other.nationalAmount", value},
	{"costs.other.rate", value},
	{"costs.deduction.nationalAmount", value},
	{"costs.deduction.rate", value},
	{"costs.totalCost", value},
	{"costs.cif", value},
	{"valueDetails", value},
	{"valuation", value},
	{"natureOfTransaction", procedure},
	{"payment", duty},
	{"taxTotals", duty},
	{"guarantee", duty},
	{"warehouse", procedure},
	{"transit.principal", procedure},
	{"transit.signaturePlace", act},
	{"transit.signatureDate", act},
	{"transit.destinationOffice", office},
	{"transit.offices", office},
	{"transit.destinationCountry", procedure},
	{"transit.resultOfControl", act},
	{"transit.timeLimit", procedure},
	{"transit.officer", act},
	{"formNumber", act},
	{"formTotal", act},
	{"placeOfDeclaration", act},
	{"dateOfDeclaration", act},
	{"previousDeclarations", act},
	{"agriculturalPolicy", procedure},
	{"levyNature", duty},
	{"files", act},
	{"keyedBy", act},
	{"tradeMode", procedure},
	{"licence", procedure},
	{"division", act},
	{"exchange", act},
	{"answer", act},
	{"notice", duty},
	{"processingManual", procedure},
	{"approval", procedure},
	{"quarantine", procedure},
	{"promises", declarant},
	{"originClaims", procedure},
	{"reference.window", act},
	{"transport.locationCode", procedure},
	{"items[].commodity.attributes", procedure},
	{"items[].articleNumber", procedure},
	{"items[].articleVersion", procedure},
	{"items[].licences", procedure},
	{"items[].commodity.nationalCode", tariff},
	{"items[].commodity.supplements", tariff},
	{"items[].procedure", procedure},
	{"items[].preference", procedure},
	{"items[].costs.invoice.nationalAmount", value},
	{"items[].costs.invoice.rate", value},
	{"items[].costs.externalFreight.nationalAmount", value},
	{"items[].costs.externalFreight.rate", value},
	{"items[].costs.internalFreight.nationalAmount", value},
	{"items[].costs.internalFreight.rate", value},
	{"items[].costs.insurance.nationalAmount", value},
	{"items[].costs.insurance.rate", value},
	{"items[].costs.other.nationalAmount", value},
	{"items[].costs.other.rate", value},
	{"items[].costs.deduction.nationalAmount", value},
	{"items[].costs.deduction.rate", value},
	{"items[].costs.totalCost", value},
	{"items[].costs.cif", value},
	{"items[].statisticalValue", value},
	{"items[].valuation", value},
	{"items[].taxes", duty},
	{"items[].taxTotals", duty},
	{"items[].documents[].fromRule", procedure},
	{"items[].documentCodes", procedure},
	{"items[].previousDocument", act},
	{"items[].placeOfProduction", procedure},
	{"items[].customsValue", value},
	{"items[].customsValueCurrency", value},
	{"items[].netMassUnit", act},
	{"items[].natureOfTransaction", procedure},
	{"items[].nationalUnitPrice", value},
	{"items[].costs.fob", value},
	{"items[].incentives", procedure},
	{"items[].dispute", procedure},
	{"items[].excise", duty},
	{"items[].deposits", duty},
	{"items[].assessedQuantity", value},
	{"items[].exemptRate", duty},
	{"items[].royalty", value},
	{"items[].royaltyKind", value},
	{"exporter.branch", act},
	{"consignee.branch", act},
	{"exporter.representative", declarant},
	{"exporter.representativeCode", declarant},
	{"consignee.representative", declarant},
	{"consignee.representativeCode", declarant},
	{"transport.cargoType", procedure},
	{"costs.fob", value},
	{"grossMassUnit", act},
	{"netMassUnit", act},
	{"supplierDocuments[].buyerStatus", procedure},
	{"supplierDocuments[].supplierStatus", procedure},
	{"supplierDocuments[].commercialLevel", procedure},
	{"issue", act},
	{"agent", declarant},
	{"receiver.code", act},
	{"consignor.code", act},
	{"buyer.code", act},
	{"seller.code", act},
	{"payers", duty},
	{"sureties", duty},
	{"statements", procedure},
	{"amendments", act},
	{"authorisations", procedure},
	{"mutualRecognition", procedure},
	{"taxParties", duty},
	{"previousDocuments", act},
	{"guarantees", duty},
	{"exchangeRates", value},
	{"presentationOffice", office},
	{"supervisingOffice", office},
	{"carriage", procedure},
	{"taxes", duty},
	{"masterUcr", act},
	{"costs.charges", value},
	{"reference.trader", act},
	{"transport.locationType", procedure},
	{"transport.locationQualifier", procedure},
	{"transport.locationAddress", procedure},
	{"transport.carrier.code", act},
	{"documents[].status", procedure},
	{"documents[].writtenOff", procedure},
	{"documents[].writtenOffUnit", procedure},
	{"documents[].writtenOffAmount", procedure},
	{"documents[].writtenOffCurrency", procedure},
	{"items[].documents[].status", procedure},
	{"items[].documents[].writtenOff", procedure},
	{"items[].documents[].writtenOffUnit", procedure},
	{"items[].documents[].writtenOffAmount", procedure},
	{"items[].documents[].writtenOffCurrency", procedure},
	{"items[].commodity.classification", tariff},
	{"items[].commodity.supplementLists", tariff},
	{"items[].commodity.bindingRuling", tariff},
	{"items[].origin.type", procedure},
	{"items[].moreOrigins", procedure},
	{"items[].statisticalCurrency", value},
	{"items[].costs.charges", value},
	{"items[].statements", procedure},
	{"items[].previousDocuments", act},
	{"items[].buyer.code", act},
	{"items[].seller.code", act},
	{"items[].consignee.code", act},
	{"items[].consignor.code", act},
	{"items[].manufacturers[].code", act},
	{"items[].refundRecipients", duty},
	{"items[].mutualRecognition", procedure},
	{"items[].taxParties", duty},
	{"items[].traderReference", act},
	{"exporter.codeList", act},
	{"exporter.codeAgency", act},
	{"consignee.codeList", act},
	{"consignee.codeAgency", act},
	{"receiver.codeList", act},
	{"receiver.codeAgency", act},
	{"consignor.codeList", act},
	{"consignor.codeAgency", act},
	{"buyer.codeList", act},
	{"buyer.codeAgency", act},
	{"seller.codeList", act},
	{"seller.codeAgency", act},
	{"transport.carrier.codeList", act},
	{"transport.carrier.codeAgency", act},
	{"items[].buyer.codeList", act},
	{"items[].buyer.codeAgency", act},
	{"items[].seller.codeList", act},
	{"items[].seller.codeAgency", act},
	{"items[].consignee.codeList", act},
	{"items[].consignee.codeAgency", act},
	{"items[].consignor.codeList", act},
	{"items[].consignor.codeAgency", act},
	{"items[].manufacturers[].codeList", act},
	{"items[].manufacturers[].codeAgency", act},
	{"consignments[].consignor.code", act},
	{"consignments[].consignor.codeList", act},
	{"consignments[].consignor.codeAgency", act},
	{"consignments[].consignee.code", act},
	{"consignments[].consignee.codeList", act},
	{"consignments[].consignee.codeAgency", act},
	{"consignments[].notify.code", act},
	{"consignments[].notify.codeList", act},
	{"consignments[].notify.codeAgency", act},
	{"consignments[].items[].consignee.code", act},
	{"consignments[].items[].consignee.codeList", act},
	{"consignments[].items[].consignee.codeAgency", act},
	{"consignments[].location", procedure},
	{"consignments[].deliveryTerms.situation", procedure},
	{"consignments[].items[].commodity.nationalCode", tariff},
	{"consignments[].items[].statements", procedure},
	{"commerce", act},
	{"signature", act},
};

/* Personal data, and what could be mistaken for a person's act. */
static const char *const private_rows[] = {"commerce.buyer", "commerce.payer", "commerce.recipient",
	"signature", "answer.original"};

/* Whether path lies at or below row. */
static bool covers(const char *row, const char *path)
{
	while (*row && *row == *path) {
		if (*row == '[') {
			path += strspn(path + 1, "0123456789");
		}
		row++;
		path++;
	}
	return *row == '\0' && (*path == '\0' || *path == '.' || *path == '[');
}

bool transfer_is_national(const char *path, const char **ret_reason)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (covers(rows[i].path, path)) {
			*ret_reason = rows[i].reason;
			return true;
		}
	}
	return false;
}

bool transfer_is_private(const char *path)
{
	for (size_t i = 0; i < sizeof(private_rows) / sizeof(private_rows[0]); i++) {
		if (covers(private_rows[i], path)) {
			return true;
		}
	}
	return false;
}
