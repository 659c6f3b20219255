/*
 * Which part of a declaration is for whom
 *
 * Method: rows of canonical paths; of the rows that lie at or above a leaf the longest
 * counts. What repeats (parties, transport, items) is a macro of rows below a path.
 *
 * Threads: constants only.
 */
#include "host/audience.h"

#include <stdbool.h>
#include <string.h>

#define N(list) (sizeof(list) / sizeof((list)[0]))

static const Rivergate__V1__Role customs_roles[] = {
	RIVERGATE__V1__ROLE__ROLE_CUSTOMS,
	RIVERGATE__V1__ROLE__ROLE_BORDER_POST,
};

/* Whoever looks at the goods themselves, and customs, who hold them until all have. */
static const Rivergate__V1__Role sps_roles[] = {
	RIVERGATE__V1__ROLE__ROLE_CUSTOMS,
	RIVERGATE__V1__ROLE__ROLE_BORDER_POST,
	RIVERGATE__V1__ROLE__ROLE_PLANT_QUARANTINE,
	RIVERGATE__V1__ROLE__ROLE_ANIMAL_QUARANTINE,
	RIVERGATE__V1__ROLE__ROLE_FOOD,
	RIVERGATE__V1__ROLE__ROLE_FORESTRY,
	RIVERGATE__V1__ROLE__ROLE_STANDARDS,
	RIVERGATE__V1__ROLE__ROLE_CERTIFIER,
};

static const Rivergate__V1__Role commercial_roles[] = {
	RIVERGATE__V1__ROLE__ROLE_CUSTOMS,
};

const struct audience_part audience_parts[AUDIENCE_ALL] = {
	[AUDIENCE_CUSTOMS] = {"customs",
		"procedures, duties as stated, tariff digits, offices and guarantees",
		customs_roles, N(customs_roles)},
	[AUDIENCE_SPS] = {"sps",
		"the goods, their journey and their sanitary and phytosanitary "
		"facts",
		sps_roles, N(sps_roles)},
	[AUDIENCE_COMMERCIAL] = {"commercial", "prices, values, invoices, the sale and its payment",
		commercial_roles, N(commercial_roles)},
	[AUDIENCE_HOME] = {"extensions", "what only the national format reads, and what is private",
		NULL, 0},
};

/* Sets by their first letters: customs, sps, value. */
#define C   AUDIENCE_BIT(AUDIENCE_CUSTOMS)
#define S   AUDIENCE_BIT(AUDIENCE_SPS)
#define V   AUDIENCE_BIT(AUDIENCE_COMMERCIAL)
#define CS  (C | S)
#define ALL (C | S | V)
#define H   AUDIENCE_BIT(AUDIENCE_HOME)

/* clang-format off */

/* Somebody who moves or makes the goods: whom an authority asks. Taxes are customs' matter. */
#define PARTY(at) \
	{at, CS}, \
	{at ".taxNumber", C}

/* The journey is for all; by which terms it is paid is part of the sale. */
#define JOURNEY(at) \
	{at, CS}, \
	{at ".carrier.taxNumber", C}, \
	{at ".deliveryTerms", V}, \
	{at ".freightPayment", V}

/* Documents are named to all, as they are in the header; money that they cover is not. */
#define DOCUMENTS(at) \
	{at, CS}, \
	{at "[].writtenOffAmount", V}, \
	{at "[].writtenOffCurrency", V}

/* What the goods are, for all; how the tariff of one country reads them, for customs. */
#define COMMODITY(at) \
	{at, CS}, \
	{at ".nationalCode", C}, \
	{at ".supplements", C}, \
	{at ".supplementLists", C}, \
	{at ".classification", C}, \
	{at ".bindingRuling", C}, \
	{at ".attributes", C}, \
	{at ".declaredElements", C}

#define ITEM(at) \
	{at ".number", CS}, \
	COMMODITY(at ".commodity"), \
	{at ".origin", CS}, \
	{at ".moreOrigins", CS}, \
	{at ".destination", CS}, \
	{at ".exportCountry", CS}, \
	{at ".placeOfProduction", CS}, \
	{at ".packages", CS}, \
	{at ".grossMass", CS}, \
	{at ".netMass", CS}, \
	{at ".netMassUnit", CS}, \
	{at ".tradeQuantity", CS}, \
	{at ".supplementary", CS}, \
	{at ".containers", CS}, \
	{at ".ucr", CS}, \
	{at ".traderReference", CS}, \
	DOCUMENTS(at ".documents"), \
	{at ".licences", CS}, \
	{at ".licences[].vehicles[].invoice", V}, \
	{at ".licences[].vehicles[].invoiceQuantity", V}, \
	{at ".licences[].vehicles[].unitPrice", V}, \
	PARTY(at ".consignee"), \
	PARTY(at ".consignor"), \
	{at ".manufacturers", CS}, \
	{at ".manufacturers[].taxNumber", C}, \
	{at ".sps", S}, \
	{at ".procedure", C}, \
	{at ".preference", C}, \
	{at ".taxes", C}, \
	{at ".taxTotals", C}, \
	{at ".documentCodes", C}, \
	{at ".previousDocument", C}, \
	{at ".previousDocuments", C}, \
	{at ".remarks", C}, /* free text may say anything, prices too */ \
	{at ".statements", C}, \
	{at ".articleNumber", C}, \
	{at ".articleVersion", C}, \
	{at ".incentives", C}, \
	{at ".dispute", C}, \
	{at ".excise", C}, \
	{at ".deposits", C}, \
	{at ".assessedQuantity", C}, \
	{at ".exemptRate", C}, \
	{at ".refundRecipients", C}, \
	{at ".mutualRecognition", C}, \
	{at ".taxParties", C}, \
	{at ".unitPrice", V}, \
	{at ".price", V}, \
	{at ".priceCurrency", V}, \
	{at ".nationalUnitPrice", V}, \
	{at ".costs", V}, \
	{at ".statisticalValue", V}, \
	{at ".statisticalCurrency", V}, \
	{at ".customsValue", V}, \
	{at ".customsValueCurrency", V}, \
	{at ".valuation", V}, \
	{at ".deliveryTerms", V}, \
	{at ".natureOfTransaction", V}, \
	{at ".royalty", V}, \
	{at ".royaltyKind", V}, \
	{at ".supplierLink", V}, \
	{at ".contractItem", V}, \
	{at ".buyingCountry", V}, \
	{at ".buyer", V}, \
	{at ".seller", V}

const struct audience_row audience_rows[] = {
	/* Which declaration a part is of. */
	{"country", ALL},
	{"direction", ALL},
	{"ucr", ALL},
	{"type", C},
	{"type.code", CS}, /* the header's leg states it to every recipient */
	{"type.procedure", CS},
	{"reference", CS},
	{"registration", CS},
	{"issue", CS},
	{"masterUcr", CS},
	{"manifestReference", CS},
	{"division", CS},
	{"office", CS},
	{"borderOffice", CS},

	/* Who moves the goods, from where to where. */
	PARTY("exporter"),
	PARTY("consignee"),
	PARTY("declarant"),
	PARTY("receiver"),
	PARTY("consignor"),
	{"exportCountry", CS},
	{"destinationCountry", CS},
	{"firstDestination", CS},
	{"originName", CS},
	{"originCountry", CS},
	JOURNEY("transport"),
	JOURNEY("carriage"),
	{"containers", CS},
	{"containerTotal", CS},
	{"packageTotal", CS},
	{"packageKind", CS},
	{"marks", CS},
	{"grossMass", CS},
	{"grossMassUnit", CS},
	{"netMass", CS},
	{"netMassUnit", CS},
	{"itemTotal", CS},
	DOCUMENTS("documents"),
	{"quarantine", S},
	ITEM("items[]"),

	/* A cargo report: what each transport document covers. */
	{"consignments", CS},
	{"consignments[].consignor.taxNumber", C},
	{"consignments[].consignee.taxNumber", C},
	{"consignments[].notify.taxNumber", C},
	{"consignments[].deliveryTerms", V},
	ITEM("consignments[].items[]"),

	/* Acts and law of the country that stated it. */
	{"assessment", C},
	{"receipt", C},
	{"exitOffice", C},
	{"exitDate", C},
	{"exitTime", C},
	{"exitReference", C},
	{"exitComments", C},
	{"owner", C},
	{"agent", C},
	{"keyedBy", C},
	{"taxTotals", C},
	{"taxes", C},
	{"notice", C},
	{"guarantee", C},
	{"guarantees", C},
	{"sureties", C},
	{"warehouse", C},
	{"transit", C},
	{"transit.destinationOffice", CS}, /* as the header's legs */
	{"transit.destinationCountry", CS},
	{"transit.offices", CS},
	{"transit.seals", CS},
	{"transit.sealCount", CS},
	{"formNumber", C},
	{"formTotal", C},
	{"loadingLists", C},
	{"placeOfDeclaration", C},
	{"dateOfDeclaration", CS}, /* its year, where a number has none, as the header's leg */
	{"previousDeclarations", C},
	{"previousDeclarations[].value", V},
	{"previousDeclarations[].valueWrittenOff", V},
	{"previousDocuments", C},
	{"remarks", C}, /* free text may say anything, prices too */
	{"additionalInformation", C},
	{"statements", C},
	{"amendments", C},
	{"agriculturalPolicy", C},
	{"levyNature", C},
	{"tradeMode", C},
	{"licence", C},
	{"files", C},
	{"exchange", C},
	{"answer", C},
	{"answer.original", H},
	{"processingManual", C},
	{"approval", C},
	{"promises", C},
	{"originClaims", C},
	{"authorisations", C},
	{"mutualRecognition", C},
	{"taxParties", C},
	{"presentationOffice", C},
	{"supervisingOffice", C},

	/* The sale. */
	{"contractNumber", V},
	{"tradingCountry", V},
	{"buyer", V},
	{"seller", V},
	{"suppliers", V},
	{"supplierDocuments", V},
	{"financial", V},
	{"payment", V},
	{"payers", V},
	{"costs", V},
	{"invoiceTotal", V},
	{"massTotal", V}, /* stated of the invoices */
	{"valueDetails", V},
	{"valuation", V},
	{"natureOfTransaction", V},
	{"exchangeRates", V},
	{"commerce", V},
	{"commerce.buyer", H},
	{"commerce.payer", H},
	{"commerce.recipient", H},
	{"commerce.carrier", C}, /* customs find the parcel by these */
	{"commerce.waybill", C},
	{"commerce.goods", C},
	{"commerce.bag", C},
	{"commerce.batches", C},
	{"commerce.carriageState", C},
	{"commerce.carriageStateAt", C},
	{"commerce.leftAt", C},
	{"commerce.parcels", C},

	{"signature", H},
	{"extensions", H},
	{"hints", H},
};
/* clang-format on */

const size_t audience_n_rows = N(audience_rows);

bool audience_covers(const char *row, const char *path)
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

unsigned audience_of(const char *path)
{
	unsigned parts = 0;
	size_t longest = 0;

	for (size_t i = 0; i < audience_n_rows; i++) {
		size_t len = strlen(audience_rows[i].path);

		if (len > longest && audience_covers(audience_rows[i].path, path)) {
			longest = len;
			parts = audience_rows[i].parts;
		}
	}
	return parts;
}
