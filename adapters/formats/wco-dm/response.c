/*
 * WCO Data Model, response: the mapping table
 *
 * <Response> names a declaration and says what became of it. Where customs changed it, a
 * second <Declaration> holds what they changed, as a declaration would state it; what the
 * first one states too (numbers, items' taxes) has no second place and is kept as it is.
 *
 * Threads: constants only.
 */
#include "formats/wco-dm/wco.h"

#define OWN XML_OWN
#define D1  "Response/Declaration[1]/"
#define D2  "Response/Declaration[2]/"
#define IT  "GoodsShipment/GovernmentAgencyGoodsItem[]/"

/* clang-format off */
static const struct xml_row rows[] = {
	{"@xmlns:md", NULL, NULL, 0, NULL, "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2", NULL},
	WCO_META_ROWS("RES"),
	{"Response/@xmlns", NULL, NULL, XML_OPTIONAL, NULL, "urn:wco:datamodel:WCO:RES-DMS:2", NULL},
	{"Response/@xmlns:p1", NULL, NULL, XML_OPTIONAL, NULL, "urn:wco:datamodel:WCO:Response_DS:DMS:2", NULL},
	WCO_AS("Response/FunctionCode", "answer", function, OWN),
	WCO_TEXT("Response/FunctionalReferenceID", "answer.reference", OWN),
	WCO_STAMP("Response/IssueDateTime", "answer.issued", OWN),
	WCO_STATEMENT("Response/AdditionalInformation[]", "statements[]"),
	WCO_TEXT("Response/Amendment[]/ChangeReasonCode", "amendments[].reason", OWN),
	WCO_POINTERS("Response/Amendment[]", "amendments[].pointers"),
	WCO_TEXT("Response/AppealOffice/ID", "answer.appealOffice", OWN),
	WCO_TEXT("Response/Bank/ReferenceID", "payment.bankCode", OWN),
	WCO_TEXT("Response/Bank/ID", "payment.bankReference", OWN),
	WCO_TEXT("Response/ContactOffice[1]/ID", "answer.contactOffice", OWN),
	WCO_KNOWN("Response/ContactOffice[1]/Communication[]/ID"),
	WCO_KNOWN("Response/ContactOffice[1]/Communication[]/TypeCode"),
	WCO_TEXT("Response/Error[]/Description", "answer.results[].text", OWN),
	WCO_TEXT("Response/Error[]/ValidationCode", "answer.results[].code", OWN),
	WCO_POINTERS("Response/Error[]", "answer.results[].pointers"),
	WCO_STAMP("Response/Status[]/EffectiveDateTime", "answer.statuses[].effective", OWN),
	WCO_TEXT("Response/Status[]/NameCode", "answer.statuses[].code", OWN),
	WCO_STAMP("Response/Status[]/ReleaseDateTime", "answer.statuses[].released", OWN),
	WCO_POINTERS("Response/Status[]", "answer.statuses[].pointers"),

	WCO_STAMP(D1 "AcceptanceDateTime", "registration", OWN),
	WCO_STAMP(D1 "CancellationDateTime", "answer.cancellation", OWN),
	WCO_TEXT(D1 "FunctionalReferenceID", "exchange.correlation", OWN),
	WCO_TEXT(D1 "ID", "registration.number", OWN),
	WCO_STAMP(D1 "RejectionDateTime", "answer.rejection", OWN),
	WCO_TEXT(D1 "VersionID", "answer.version", OWN),
	WCO_TAX(D1 "DutyTaxFee[]", "taxes[]"),
	WCO_TEXT(D1 IT "SequenceNumeric", "items[].number", OWN),
	WCO_TAX(D1 IT "Commodity/DutyTaxFee[]", "items[].taxes[]"),

	{D2 "@xmlns", NULL, NULL, XML_OPTIONAL, NULL, "urn:wco:datamodel:WCO:DEC-DMS:2", NULL},
	{D2 "@xmlns:p1", NULL, NULL, XML_OPTIONAL, NULL, "urn:wco:datamodel:WCO:Declaration_DS:DMS:2", NULL},
	WCO_KNOWN(D2 "AcceptanceDateTime/p1:DateTimeString"),
	WCO_KNOWN(D2 "AcceptanceDateTime/p1:DateTimeString/@formatCode"),
	WCO_TEXT(D2 "FunctionCode", "exchange.function", OWN),
	WCO_KNOWN(D2 "ID"),
	WCO_KNOWN(D2 "AdditionalInformation[]/StatementCode"),
	WCO_KNOWN(D2 "AdditionalInformation[]/StatementDescription"),
	WCO_KNOWN(D2 "AdditionalInformation[]/StatementTypeCode"),
	WCO_KNOWN(D2 "AdditionalInformation[]/LimitDateTime/p1:DateTimeString"),
	WCO_KNOWN(D2 "AdditionalInformation[]/LimitDateTime/p1:DateTimeString/@formatCode"),
	WCO_KNOWN(D2 "AdditionalInformation[]/Pointer[]/SequenceNumeric"),
	WCO_KNOWN(D2 "AdditionalInformation[]/Pointer[]/DocumentSectionCode"),
	WCO_KNOWN(D2 "AdditionalInformation[]/Pointer[]/TagID"),
	WCO_KNOWN(D2 "Amendment[]/ChangeReasonCode"),
	WCO_KNOWN(D2 "Amendment[]/Pointer[]/SequenceNumeric"),
	WCO_KNOWN(D2 "Amendment[]/Pointer[]/DocumentSectionCode"),
	WCO_KNOWN(D2 "Amendment[]/Pointer[]/TagID"),
	WCO_KNOWN(D2 IT "SequenceNumeric"),
	WCO_KNOWN_TAX(D2 IT "Commodity/DutyTaxFee[]"),
};
/* clang-format on */

static const struct xml_graft graft = {"Response/Declaration[2]", wco_declaration_rows,
	&wco_declaration_n_rows};

const struct xml_profile wco_dm_response_profile = {
	.format = "wco-dm-response",
	.root = "md:MetaData",
	.content = "Response",
	.head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
	.entry = "Response",
	.credentials = wco_credentials,
	.rows = rows,
	.n_rows = sizeof(rows) / sizeof(rows[0]),
	.graft = &graft,
	.limits = wco_limits,
	.n_limits = &wco_n_limits,
	.others = wco_movement_answers,
};
