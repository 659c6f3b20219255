#ifndef WCO_DM_WCO_H
#define WCO_DM_WCO_H

/*
 * WCO Data Model: declarations and responses
 *
 * Element names and their order are those of the schemas WCO_DEC_2_DMS, WCO_RES_2_DMS
 * and DocumentMetaData_2_DMS (data model 3.6, as the British customs declaration service
 * uses it). README.md tells where each fact comes from.
 */

#include "formats/xml/codec.h"
#include "formats/xml/mapping.h"

#define WCO_DM_VERSION          "1.0.0"
#define WCO_DM_RESPONSE_VERSION "1.0.0"

extern const struct xml_profile wco_dm_profile, wco_dm_response_profile;

/* The table of what stands inside <Declaration>; paths begin below it. */
extern const struct xml_row wco_declaration_rows[];
extern const size_t wco_declaration_n_rows;

/* Lengths and forms of the schemas. */
extern const struct xml_limit wco_limits[];
extern const size_t wco_n_limits;

/* Elements whose content never leaves; ends with NULL. */
extern const char *const wco_credentials[];

/* Messages about the movement of goods beside the declaration; each list ends with NULL. */
extern const struct xml_profile *const wco_movement_requests[];
extern const struct xml_profile *const wco_movement_answers[];

/* A stamp as CCYYMMDD or CCYYMMDDhhmmss with its zone; formatCode beside it: 102 or 304. */
extern const struct xml_codec wco_codec_stamp, wco_codec_stamp_form;
/* A stamp as xs:dateTime. */
extern const struct xml_codec wco_codec_moment;
/* A date as CCYYMMDD. */
extern const struct xml_codec wco_codec_day;
/* Declaration: the type, IM or EX and what follows; it tells the direction. */
extern const struct xml_codec wco_codec_type;
/* A code as stated; from abroad not one that is marked as a country's own. */
extern const struct xml_codec wco_codec_code;
/* Mode of transport: one digit of UN/ECE Recommendation 19. */
extern const struct xml_codec wco_codec_mode;
/* 1 or 0; of a document from abroad that does not say: whether it lists containers. */
extern const struct xml_codec wco_codec_containerised;
/* Procedure: requested and previous, else the halves of the four digits of `extended`. */
extern const struct xml_codec wco_codec_requested, wco_codec_previous;
/* Answer: the function code of a response, and what it means. */
extern const struct xml_codec wco_codec_function;
/* The same of an answer about a movement: its action code. */
extern const struct xml_codec wco_codec_action;

/* Short names, so that a row fits a line. Nothing is written without a value. */
#define WCO_TEXT(native, canonical, flags) \
	{ \
		native, canonical, &xml_codec_text, XML_OPTIONAL | (flags), NULL, NULL, NULL \
	}
#define WCO_AS(native, canonical, codec, flags) \
	{ \
		native, canonical, &wco_codec_##codec, XML_OPTIONAL | (flags), NULL, NULL, NULL \
	}
#define WCO_XML(native, canonical, codec, flags) \
	{ \
		native, canonical, &xml_codec_##codec, XML_OPTIONAL | (flags), NULL, NULL, NULL \
	}
#define WCO_KNOWN(native) \
	{ \
		native, NULL, NULL, XML_OPTIONAL | XML_OWN, NULL, NULL, NULL \
	}
/* What stands in MetaData beside the content; `name`: DEC or RES. */
#define WCO_META_ROWS(name) \
	{"md:WCODataModelVersionCode", "exchange.modelVersion", &xml_codec_text, \
		XML_OPTIONAL | XML_OWN, NULL, "3.6", NULL}, \
		{"md:WCOTypeName", "exchange.typeName", &xml_codec_text, XML_OPTIONAL | XML_OWN, \
			NULL, name, NULL}, \
		WCO_TEXT("md:ResponsibleCountryCode", "country", XML_OWN), \
		WCO_TEXT("md:ResponsibleAgencyName", "exchange.agency", XML_OWN), \
		WCO_TEXT("md:AgencyAssignedCustomizationCode", "exchange.customization", XML_OWN), \
		WCO_TEXT("md:AgencyAssignedCustomizationVersionCode", \
			"exchange.customizationVersion", XML_OWN)
/* A value with the one attribute that says what it is counted in. */
#define WCO_AMOUNT(native, canonical, currency, flags) \
	WCO_XML(native, canonical, decimal, flags), \
		WCO_AS(native "/@currencyID", currency, code, flags)
#define WCO_QUANTITY(native, canonical, unit, flags) \
	WCO_XML(native, canonical, decimal, flags), WCO_AS(native "/@unitCode", unit, code, flags)
#define WCO_MASS(native, canonical) \
	WCO_XML(native, canonical, decimal, 0), \
	{ \
		native "/@unitCode", NULL, NULL, XML_OPTIONAL | XML_SILENT, NULL, "KGM", NULL \
	}
#define WCO_STAMP(native, canonical, flags) \
	WCO_AS(native "/p1:DateTimeString", canonical, stamp, flags), \
		WCO_AS(native "/p1:DateTimeString/@formatCode", canonical, stamp_form, flags)
#define WCO_DAY(native, canonical, flags) \
	WCO_AS(native "/p1:DateTimeString", canonical, day, flags), \
	{ \
		native "/p1:DateTimeString/@formatCode", NULL, NULL, XML_OPTIONAL, NULL, "102", \
			NULL \
	}
#define WCO_POINTERS(native, canonical) \
	WCO_TEXT(native "/Pointer[]/SequenceNumeric", canonical "[].sequence", XML_OWN), \
		WCO_TEXT(native "/Pointer[]/DocumentSectionCode", canonical "[].section", \
			XML_OWN), \
		WCO_TEXT(native "/Pointer[]/TagID", canonical "[].tag", XML_OWN)
#define WCO_ADDRESS(native, canonical, flags) \
	WCO_TEXT(native "/CityName", canonical ".city", flags), \
		WCO_TEXT(native "/CountryCode", canonical ".country", flags), \
		WCO_TEXT(native "/CountrySubDivisionCode", canonical ".regionCode", flags), \
		WCO_TEXT(native "/CountrySubDivisionName", canonical ".region", flags), \
		WCO_XML(native "/Line", canonical, address, flags), \
		WCO_TEXT(native "/PostcodeID", canonical ".postcode", flags)
#define WCO_PARTY(native, canonical, flags) \
	WCO_TEXT(native "/Name", canonical ".name", flags), \
		WCO_TEXT(native "/ID", canonical ".code", XML_OWN | (flags)), \
		WCO_ADDRESS(native "/Address", canonical ".address", flags)
#define WCO_REACH(native, canonical, flags) \
	WCO_TEXT(native "/Contact[]/Name", canonical ".contacts[]", flags), \
		WCO_TEXT(native "/Communication[]/ID", canonical ".communications[].number", \
			flags), \
		WCO_TEXT(native "/Communication[]/TypeCode", canonical ".communications[].type", \
			flags)
#define WCO_MEANS(native, canonical) \
	WCO_TEXT(native "/Name", canonical ".name", 0), \
		WCO_TEXT(native "/ID", canonical ".identity", 0), \
		WCO_TEXT(native "/IdentificationTypeCode", canonical ".identityType", XML_OWN), \
		WCO_TEXT(native "/TypeCode", canonical ".type", XML_OWN)
#define WCO_DOCUMENT(native, canonical) \
	WCO_TEXT(native "/CategoryCode", canonical ".category", 0), \
		WCO_DAY(native "/EffectiveDateTime", canonical ".date", 0), \
		WCO_TEXT(native "/ID", canonical ".reference", 0), \
		WCO_TEXT(native "/Name", canonical ".name", 0), \
		WCO_AS(native "/TypeCode", canonical ".code", code, 0), \
		WCO_TEXT(native "/LPCOExemptionCode", canonical ".status", XML_OWN), \
		WCO_TEXT(native "/Submitter/Name", canonical ".issuer", 0), \
		WCO_TEXT(native "/Submitter/RoleCode", canonical ".issuerRole", XML_OWN), \
		WCO_QUANTITY(native "/WriteOff/QuantityQuantity", canonical ".writtenOff", \
			canonical ".writtenOffUnit", XML_OWN), \
		WCO_AMOUNT(native "/WriteOff/AmountAmount", canonical ".writtenOffAmount", \
			canonical ".writtenOffCurrency", XML_OWN)
#define WCO_PREVIOUS(native, canonical) \
	WCO_TEXT(native "/CategoryCode", canonical ".category", XML_OWN), \
		WCO_TEXT(native "/ID", canonical ".reference", XML_OWN), \
		WCO_TEXT(native "/TypeCode", canonical ".type", XML_OWN), \
		WCO_TEXT(native "/LineNumeric", canonical ".line", XML_OWN)
#define WCO_STATEMENT(native, canonical) \
	WCO_TEXT(native "/StatementCode", canonical ".code", XML_OWN), \
		WCO_TEXT(native "/StatementDescription", canonical ".text", XML_OWN), \
		WCO_STAMP(native "/LimitDateTime", canonical ".limit", XML_OWN), \
		WCO_TEXT(native "/StatementTypeCode", canonical ".type", XML_OWN), \
		WCO_POINTERS(native, canonical ".pointers")
#define WCO_CHARGES(native, canonical) \
	WCO_TEXT(native "/ChargeDeduction[]/ChargesTypeCode", canonical ".charges[].code", \
		XML_OWN), \
		WCO_AMOUNT(native "/ChargeDeduction[]/OtherChargeDeductionAmount", \
			canonical ".charges[].amount", canonical ".charges[].currency", XML_OWN)
#define WCO_CAPACITY(native, canonical, role) \
	WCO_TEXT(native "/ID", canonical ".holder", XML_OWN), \
		WCO_TEXT(native "/" role, canonical ".code", XML_OWN)
#define WCO_EQUIPMENT(native, canonical) \
	WCO_XML(native "/SequenceNumeric", canonical ".sequence", ordinal, 0), \
		WCO_TEXT(native "/ID", canonical ".identity", 0), \
		WCO_XML(native "/Seal[]/SequenceNumeric", canonical ".seals[].sequence", ordinal, \
			0), \
		WCO_TEXT(native "/Seal[]/ID", canonical ".seals[].identity", 0)
#define WCO_TAX(native, canonical) \
	WCO_AMOUNT(native "/AdValoremTaxBaseAmount", canonical ".taxBase", \
		canonical ".baseCurrency", XML_OWN), \
		WCO_AMOUNT(native "/DeductAmount", canonical ".deduction", \
			canonical ".deductionCurrency", XML_OWN), \
		WCO_TEXT(native "/DutyRegimeCode", canonical ".regime", XML_OWN), \
		WCO_QUANTITY(native "/SpecificTaxBaseQuantity", canonical ".baseQuantity", \
			canonical ".baseUnit", XML_OWN), \
		WCO_XML(native "/TaxRateNumeric", canonical ".rate", decimal, XML_OWN), \
		WCO_TEXT(native "/TypeCode", canonical ".code", XML_OWN), \
		WCO_TEXT(native "/QuotaOrderID", canonical ".quota", XML_OWN), \
		WCO_TEXT(native "/Payment/MethodCode", canonical ".modeOfPayment", XML_OWN), \
		WCO_TEXT(native "/Payment/ReferenceID", canonical ".paymentReference", XML_OWN), \
		WCO_AMOUNT(native "/Payment/TaxAssessedAmount", canonical ".assessed", \
			canonical ".assessedCurrency", XML_OWN), \
		WCO_STAMP(native "/Payment/DueDateTime", canonical ".paymentDue", XML_OWN), \
		WCO_AMOUNT(native "/Payment/PaymentAmount", canonical ".amount", \
			canonical ".currency", XML_OWN), \
		WCO_TEXT(native "/Payment/ObligationGuarantee[1]/ReferenceID", \
			canonical ".guaranteeReference", XML_OWN)
/* The same elements where they have no canonical place. */
#define WCO_KNOWN_TAX(native) \
	WCO_KNOWN(native "/AdValoremTaxBaseAmount"), \
		WCO_KNOWN(native "/AdValoremTaxBaseAmount/@currencyID"), \
		WCO_KNOWN(native "/DeductAmount"), WCO_KNOWN(native "/DeductAmount/@currencyID"), \
		WCO_KNOWN(native "/DutyRegimeCode"), WCO_KNOWN(native "/SpecificTaxBaseQuantity"), \
		WCO_KNOWN(native "/SpecificTaxBaseQuantity/@unitCode"), \
		WCO_KNOWN(native "/TaxRateNumeric"), WCO_KNOWN(native "/TypeCode"), \
		WCO_KNOWN(native "/QuotaOrderID"), WCO_KNOWN(native "/Payment/MethodCode"), \
		WCO_KNOWN(native "/Payment/ReferenceID"), \
		WCO_KNOWN(native "/Payment/TaxAssessedAmount"), \
		WCO_KNOWN(native "/Payment/TaxAssessedAmount/@currencyID"), \
		WCO_KNOWN(native "/Payment/DueDateTime/DateTimeString"), \
		WCO_KNOWN(native "/Payment/DueDateTime/DateTimeString/@formatCode"), \
		WCO_KNOWN(native "/Payment/PaymentAmount"), \
		WCO_KNOWN(native "/Payment/PaymentAmount/@currencyID"), \
		WCO_KNOWN(native "/Payment/ObligationGuarantee[1]/ReferenceID")

#endif
