/*
 * Movement of goods beside a WCO declaration: the mapping tables
 *
 * Inventory linking, http://gov.uk/customs/inventoryLinking/v1: arrival and departure of
 * goods at a place, and the consolidation they are in. Each message has a root of its own.
 *
 * Threads: constants only.
 */
#include "formats/wco-dm/wco.h"

#define OWN  XML_OWN
#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n"

/* clang-format off */
#define NAMESPACE {"@xmlns:inv", NULL, NULL, 0, NULL, "http://gov.uk/customs/inventoryLinking/v1", NULL}
#define UCR(native) \
	WCO_TEXT(native "/inv:ucr", "ucr", 0), \
	WCO_TEXT(native "/inv:ucrPartNo", "reference.trader", OWN), \
	WCO_TEXT(native "/inv:ucrType", "type.mark", OWN)
#define MEANS(native) \
	WCO_TEXT(native "/inv:transportID", "transport.border.identity", 0), \
	WCO_AS(native "/inv:transportMode", "transport.border.mode", mode, 0), \
	WCO_TEXT(native "/inv:transportNationality", "transport.border.nationality", 0)

static const struct xml_row movement_rows[] = {
	NAMESPACE,
	WCO_TEXT("inv:messageCode", "exchange.message", OWN),
	WCO_TEXT("inv:agentDetails/inv:EORI", "agent.code", OWN),
	WCO_TEXT("inv:agentDetails/inv:agentLocation", "agent.address.city", OWN),
	WCO_TEXT("inv:agentDetails/inv:agentRole", "agent.function", OWN),
	UCR("inv:ucrBlock"),
	WCO_TEXT("inv:goodsLocation", "transport.locationOfGoods", OWN),
	WCO_AS("inv:goodsArrivalDateTime", "transport.arrived", moment, 0),
	WCO_AS("inv:goodsDepartureDateTime", "transport.departed", moment, 0),
	WCO_TEXT("inv:shedOPID", "transport.locationCode", OWN),
	WCO_TEXT("inv:masterUCR", "masterUcr", OWN),
	WCO_TEXT("inv:masterOpt", "type.form", OWN),
	WCO_TEXT("inv:movementReference", "reference.number", 0),
	MEANS("inv:transportDetails"),
	WCO_KNOWN("inv:isFinal"),
};

static const struct xml_row consolidation_rows[] = {
	NAMESPACE,
	WCO_TEXT("inv:messageCode", "exchange.message", OWN),
	WCO_TEXT("inv:masterUCR", "masterUcr", OWN),
	UCR("inv:ucrBlock"),
};

static const struct xml_row query_rows[] = {
	NAMESPACE,
	UCR("inv:queryUCR"),
};

static const struct xml_row control_rows[] = {
	NAMESPACE,
	WCO_TEXT("inv:messageCode", "exchange.message", OWN),
	WCO_AS("inv:actionCode", "answer", action, OWN),
	UCR("inv:ucr"),
	WCO_TEXT("inv:movementReference", "exchange.correlation", OWN),
	WCO_TEXT("inv:error[]/inv:errorCode", "answer.results[].code", OWN),
};

/* Goods of an entry are the items; what became of it, three codes: icsCode, roe, soe. */
static const struct xml_row movement_answer_rows[] = {
	NAMESPACE,
	WCO_TEXT("inv:messageCode", "exchange.message", OWN),
	WCO_TEXT("inv:crc", "answer.results[0].code", OWN),
	WCO_AS("inv:goodsArrivalDateTime", "transport.arrived", moment, OWN),
	WCO_TEXT("inv:goodsLocation", "transport.locationOfGoods", OWN),
	WCO_TEXT("inv:shedOPID", "transport.locationCode", OWN),
	WCO_TEXT("inv:movementReference", "exchange.correlation", OWN),
	WCO_TEXT("inv:submitRole", "declarant.function", OWN),
	UCR("inv:ucrBlock"),
	WCO_TEXT("inv:goodsItem[]/inv:commodityCode", "items[].commodity.supplements[0]", OWN),
	WCO_XML("inv:goodsItem[]/inv:totalPackages", "items[].packages[0].count", decimal, OWN),
	WCO_XML("inv:goodsItem[]/inv:totalNetMass", "items[].netMass", decimal, OWN),
	WCO_TEXT("inv:entryStatus/inv:ics", "answer.statuses[0].code", OWN),
	WCO_TEXT("inv:entryStatus/inv:roe", "answer.statuses[1].code", OWN),
	WCO_TEXT("inv:entryStatus/inv:soe", "answer.statuses[2].code", OWN),
};

static const struct xml_row totals_rows[] = {
	NAMESPACE,
	WCO_TEXT("inv:messageCode", "exchange.message", OWN),
	WCO_TEXT("inv:crc", "answer.results[0].code", OWN),
	WCO_TEXT("inv:goodsLocation", "transport.locationOfGoods", OWN),
	WCO_TEXT("inv:masterUCR", "masterUcr", OWN),
	WCO_XML("inv:declarationCount", "formTotal", decimal, OWN),
	WCO_AS("inv:goodsArrivalDateTime", "transport.arrived", moment, OWN),
	WCO_TEXT("inv:shedOPID", "transport.locationCode", OWN),
	WCO_TEXT("inv:movementReference", "exchange.correlation", OWN),
	WCO_TEXT("inv:masterROE", "answer.statuses[0].code", OWN),
	WCO_TEXT("inv:masterSOE", "answer.statuses[1].code", OWN),
	UCR("inv:entry[1]/inv:ucrBlock"),
	WCO_TEXT("inv:entry[1]/inv:goodsItem[]/inv:commodityCode", "items[].commodity.supplements[0]", OWN),
	WCO_XML("inv:entry[1]/inv:goodsItem[]/inv:totalPackages", "items[].packages[0].count", decimal, OWN),
	WCO_XML("inv:entry[1]/inv:goodsItem[]/inv:totalNetMass", "items[].netMass", decimal, OWN),
	WCO_TEXT("inv:entry[1]/inv:submitRole", "declarant.function", OWN),
	WCO_TEXT("inv:entry[1]/inv:entryStatus/inv:ics", "answer.statuses[2].code", OWN),
	WCO_TEXT("inv:entry[1]/inv:entryStatus/inv:roe", "answer.statuses[3].code", OWN),
	WCO_TEXT("inv:entry[1]/inv:entryStatus/inv:soe", "answer.statuses[4].code", OWN),
};
/* clang-format on */

#define PROFILE(called, name, table) \
	{ \
		.format = called, .root = "inv:" name, .kind = "exchange.typeName", .head = HEAD, \
		.rows = table, .n_rows = sizeof(table) / sizeof((table)[0]), \
	}

static const struct xml_profile movement =
	PROFILE("wco-dm", "inventoryLinkingMovementRequest", movement_rows);
static const struct xml_profile consolidation =
	PROFILE("wco-dm", "inventoryLinkingConsolidationRequest", consolidation_rows);
static const struct xml_profile query =
	PROFILE("wco-dm", "inventoryLinkingQueryRequest", query_rows);
static const struct xml_profile control =
	PROFILE("wco-dm-response", "inventoryLinkingControlResponse", control_rows);
static const struct xml_profile movement_answer =
	PROFILE("wco-dm-response", "inventoryLinkingMovementResponse", movement_answer_rows);
static const struct xml_profile totals =
	PROFILE("wco-dm-response", "inventoryLinkingMovementTotalsResponse", totals_rows);

const struct xml_profile *const wco_movement_requests[] = {&movement, &consolidation, &query, NULL};
const struct xml_profile *const wco_movement_answers[] = {&control, &movement_answer, &totals,
	NULL};
