#ifndef SPS_CERTIFICATE_H
#define SPS_CERTIFICATE_H

/*
 * The content of an SPSCertificate, as rows below any element that holds one
 *
 * Elements and their order: UN/CEFACT SPSCertificate 17p0 with the core components of
 * ReusableAggregateBusinessInformationEntity 21, as the WSDL of the IPPC hub restates them;
 * beyond that, elements of real certificates. `P` is the path of the certificate with a
 * slash, or empty.
 */

#include "formats/sps-ephyto/rows.h"

/* clang-format off */
#define SPS_ADDRESS(n, c) \
	CC_CODE(n "/ram:PostcodeCode", c ".postcodes[0]"), \
	CC_TEXT(n "/ram:LineOne", c ".lines[0]"), \
	CC_TEXT(n "/ram:LineTwo", c ".lines[1]"), \
	CC_TEXT(n "/ram:LineThree", c ".lines[2]"), \
	CC_TEXT(n "/ram:LineFour", c ".lines[3]"), \
	CC_TEXT(n "/ram:LineFive", c ".lines[4]"), \
	CC_TEXT(n "/ram:CityName", c ".city"), \
	CC_ID(n "/ram:CountryID", c ".countryId"), \
	CC_TEXT(n "/ram:CountryName", c ".countryNames[0]"), \
	CC_ID(n "/ram:CountrySubDivisionID", c ".subdivisionId"), \
	CC_TEXT(n "/ram:CountrySubDivisionName", c ".subdivisions[0]"), \
	CC_ID(n "/ram:CityID", c ".cityId"), \
	CC_CODE(n "/ram:TypeCode", c ".type")

#define SPS_PARTY(n, c) \
	CC_ID(n "/ram:ID[]", c ".ids[]"), \
	CC_TEXT(n "/ram:Name[]", c ".names[]"), \
	CC_CODE(n "/ram:RoleCode[]", c ".roles[]"), \
	CC_CODE(n "/ram:TypeCode[]", c ".types[]"), \
	SPS_ADDRESS(n "/ram:SpecifiedSPSAddress", c ".address"), \
	CC_TEXT(n "/ram:SpecifiedSPSPerson/ram:Name", c ".representatives[0]")

#define SPS_PLACE(n, c) \
	CC_ID(n "/ram:ID[]", c ".ids[]"), \
	CC_TEXT(n "/ram:Name[]", c ".names[]")

#define SPS_COUNTRY(n, c) \
	CC_ID(n "/ram:ID[]", c ".ids[]"), \
	CC_TEXT(n "/ram:Name[]", c ".names[]"), \
	CC_ID(n "/ram:SubordinateSPSCountrySubDivision[]/ram:ID[]", c ".subdivisions[].ids[]"), \
	CC_TEXT(n "/ram:SubordinateSPSCountrySubDivision[]/ram:Name[]", c ".subdivisions[].names[]"), \
	CC_CODE(n "/ram:SubordinateSPSCountrySubDivision[]/ram:FunctionTypeCode[]", c ".subdivisions[].functions[]"), \
	CC_PLAIN(n "/ram:SubordinateSPSCountrySubDivision[]/ram:HierarchicalLevelCode", c ".subdivisions[].level"), \
	CC_ID(n "/ram:SubordinateSPSCountrySubDivision[]/ram:ActivityAuthorizedSPSParty[]/ram:ID[]", c ".subdivisions[].authorised[].ids[]"), \
	CC_TEXT(n "/ram:SubordinateSPSCountrySubDivision[]/ram:ActivityAuthorizedSPSParty[]/ram:Name[]", c ".subdivisions[].authorised[].names[]")

#define SPS_NOTE(n, c) \
	CC_TEXT(n "/ram:Subject[]", c ".subjects[]"), \
	CC_CODE(n "/ram:SubjectCode", c ".subjectCode"), \
	CC_TEXT(n "/ram:Content[]", c ".texts[]"), \
	CC_CODE(n "/ram:ContentCode[]", c ".codes[]")

#define SPS_REFERENCE(n, c) \
	CC_PLAIN(n "/ram:IssueDateTime/udt:DateTimeString", c ".issued"), \
	CC_CODE(n "/ram:TypeCode", c ".type"), \
	CC_PLAIN(n "/ram:RelationshipTypeCode", c ".relation"), \
	CC_ID(n "/ram:ID[]", c ".ids[]"), \
	CC_TEXT(n "/ram:Name[]", c ".names[]"), \
	CC_TEXT(n "/ram:Information[]", c ".information[]"), \
	CC_PLAIN(n "/ram:AttachmentBinaryObject[]", c ".attachments[].content"), \
	CC_PLAIN(n "/ram:AttachmentBinaryObject[]/@filename", c ".attachments[].name"), \
	CC_PLAIN(n "/ram:AttachmentBinaryObject[]/@mimeCode", c ".attachments[].mediaType")

#define SPS_SIGNING(n, c) \
	CC_CODE(n "/ram:TypeCode", c ".type"), \
	CC_PLAIN(n "/ram:ActualDateTime/udt:DateTimeString", c ".signed"), \
	SPS_PLACE(n "/ram:IssueSPSLocation", c ".place"), \
	SPS_PARTY(n "/ram:ProviderSPSParty", c ".provider"), \
	CC_ID(n "/ram:IncludedSPSClause[]/ram:ID", c ".clauses[].id"), \
	CC_TEXT(n "/ram:IncludedSPSClause[]/ram:Content[]", c ".clauses[].texts[]")

#define SPS_DOCUMENT(n) \
	CC_TEXT(n "/ram:Name[]", "names[]"), \
	CC_PLAIN(n "/ram:ID", "number"), \
	CC_TEXT(n "/ram:Description[]", "descriptions[]"), \
	CC_CODE(n "/ram:TypeCode", "type"), \
	XML_CODE(n "/ram:StatusCode", "state", code, XML_OPTIONAL, &code_sps_states), \
	CC_PLAIN(n "/ram:IssueDateTime/udt:DateTimeString", "issued"), \
	XML_ROW(n "/ram:CopyIndicator", "copy", boolean, XML_OPTIONAL), \
	SPS_PARTY(n "/ram:IssuerSPSParty", "issuer"), \
	SPS_NOTE(n "/ram:IncludedSPSNote[]", "statements[]"), \
	SPS_REFERENCE(n "/ram:ReferenceSPSReferencedDocument[]", "references[]"), \
	SPS_SIGNING(n "/ram:SignatorySPSAuthentication[]", "signings[]")

#define SPS_TREATMENT(n, c) \
	CC_CODE(n "/ram:TypeCode", c ".type"), \
	CC_PLAIN(n "/ram:CompletionSPSPeriod/ram:StartDateTime/udt:DateTimeString", c ".started"), \
	CC_PLAIN(n "/ram:CompletionSPSPeriod/ram:EndDateTime/udt:DateTimeString", c ".ended"), \
	CC_MEASURE(n "/ram:CompletionSPSPeriod/ram:DurationMeasure", c ".duration"), \
	CC_TEXT(n "/ram:ApplicableSPSProcessCharacteristic[]/ram:Description[]", c ".characteristics[].texts[]"), \
	CC_MEASURE(n "/ram:ApplicableSPSProcessCharacteristic[]/ram:ValueMeasure", c ".characteristics[].value"), \
	SPS_COUNTRY(n "/ram:OccurrenceSPSCountry", c ".country"), \
	SPS_PARTY(n "/ram:OperatorSPSParty", c ".operator"), \
	SPS_NOTE(n "/ram:AdditionalInformationSPSNote[]", c ".statements[]")

#define SPS_LINE(n, c) \
	CC_PLAIN(n "/ram:SequenceNumeric", c ".sequence"), \
	CC_TEXT(n "/ram:Description[]", c ".descriptions[]"), \
	CC_TEXT(n "/ram:CommonName[]", c ".commonNames[]"), \
	CC_TEXT(n "/ram:ScientificName[]", c ".scientificNames[]"), \
	CC_TEXT(n "/ram:ProductionBatchID[]", c ".productionBatches[]"), \
	CC_TEXT(n "/ram:IntendedUse[]", c ".intendedUses[]"), \
	CC_PLAIN(n "/ram:ExpiryDateTime/udt:DateTimeString", c ".expiry"), \
	CC_MEASURE(n "/ram:NetWeightMeasure", c ".netMass"), \
	CC_MEASURE(n "/ram:GrossWeightMeasure", c ".grossMass"), \
	CC_MEASURE(n "/ram:NetVolumeMeasure", c ".netVolume"), \
	CC_MEASURE(n "/ram:GrossVolumeMeasure", c ".grossVolume"), \
	SPS_NOTE(n "/ram:AdditionalInformationSPSNote[]", c ".statements[]"), \
	CC_ID(n "/ram:ApplicableSPSClassification[]/ram:SystemID[]", c ".classifications[].systemIds[]"), \
	CC_TEXT(n "/ram:ApplicableSPSClassification[]/ram:SystemName[]", c ".classifications[].systemNames[]"), \
	CC_CODE(n "/ram:ApplicableSPSClassification[]/ram:ClassCode", c ".classifications[].code"), \
	CC_TEXT(n "/ram:ApplicableSPSClassification[]/ram:ClassName[]", c ".classifications[].names[]"), \
	CC_PLAIN(n "/ram:PhysicalSPSPackage[]/ram:LevelCode", c ".packages[].level"), \
	CC_CODE(n "/ram:PhysicalSPSPackage[]/ram:TypeCode", c ".packages[].type"), \
	CC_MEASURE(n "/ram:PhysicalSPSPackage[]/ram:ItemQuantity", c ".packages[].quantity"), \
	CC_TEXT(n "/ram:PhysicalSPSPackage[]/ram:PhysicalSPSShippingMarks[]/ram:Marking", c ".packages[].marks[]"), \
	SPS_COUNTRY(n "/ram:OriginSPSCountry[]", c ".origins[]"), \
	SPS_TREATMENT(n "/ram:AppliedSPSProcess[]", c ".treatments[]"), \
	SPS_REFERENCE(n "/ram:ReferenceSPSReferencedDocument[]", c ".references[]")

#define SPS_CONSIGNMENT(n) \
	CC_ID(n "/ram:ID[]", "consignmentIds[]"), \
	CC_PLAIN(n "/ram:AvailabilityDueDateTime/udt:DateTimeString", "available"), \
	CC_PLAIN(n "/ram:ExportExitDateTime/udt:DateTimeString", "exit"), \
	SPS_PARTY(n "/ram:ConsignorSPSParty", "exporter"), \
	SPS_PARTY(n "/ram:ConsigneeSPSParty", "consignee"), \
	SPS_COUNTRY(n "/ram:ExportSPSCountry", "exportCountry"), \
	SPS_COUNTRY(n "/ram:ReexportSPSCountry[]", "reExportCountries[]"), \
	SPS_COUNTRY(n "/ram:ImportSPSCountry", "importCountry"), \
	SPS_COUNTRY(n "/ram:TransitSPSCountry[]", "transitCountries[]"), \
	SPS_PLACE(n "/ram:LoadingBaseportSPSLocation", "loading"), \
	SPS_PLACE(n "/ram:TransitSPSLocation[]", "transitPlaces[]"), \
	SPS_PLACE(n "/ram:UnloadingBaseportSPSLocation", "unloading"), \
	SPS_PARTY(n "/ram:CarrierSPSParty", "carrier"), \
	SPS_PARTY(n "/ram:DespatchSPSParty", "despatch"), \
	SPS_PARTY(n "/ram:DeliverySPSParty", "delivery"), \
	SPS_PARTY(n "/ram:CustomsTransitAgentSPSParty", "transitAgent"), \
	SPS_PLACE(n "/ram:ExaminationSPSEvent[]/ram:OccurrenceSPSLocation", "examinations[].place"), \
	CC_ID(n "/ram:MainCarriageSPSTransportMovement[]/ram:ID", "carriages[].id"), \
	CC_CODE(n "/ram:MainCarriageSPSTransportMovement[]/ram:ModeCode", "carriages[].mode"), \
	CC_TEXT(n "/ram:MainCarriageSPSTransportMovement[]/ram:UsedSPSTransportMeans[]/ram:Name", "carriages[].means[]"), \
	CC_ID(n "/ram:UtilizedSPSTransportEquipment[]/ram:ID[]", "equipment[].ids[]"), \
	CC_ID(n "/ram:UtilizedSPSTransportEquipment[]/ram:AffixedSPSSeal[]/ram:ID", "equipment[].seals[]"), \
	CC_MEASURE(n "/ram:UtilizedSPSTransportEquipment[]/ram:SettingSPSTemperature[]/ram:ValueMeasure", "equipment[].temperatures[]"), \
	CC_CODE(n "/ram:IncludedSPSConsignmentItem[]/ram:NatureIdentificationSPSCargo[]/ram:TypeCode", "items[].natures[]"), \
	SPS_LINE(n "/ram:IncludedSPSConsignmentItem[]/ram:IncludedSPSTradeLineItem[]", "items[].lines[]")

#define SPS_CERTIFICATE(P) \
	SPS_DOCUMENT(P "rsm:SPSExchangedDocument"), \
	SPS_CONSIGNMENT(P "rsm:SPSConsignment")

/* How a fresh document declares the prefixes that the rows have. */
#define SPS_NAMESPACES \
	{"@xmlns:rsm", NULL, NULL, 0, NULL, SPS_NAMESPACE "SPSCertificate:17", NULL}, \
	{"@xmlns:ram", NULL, NULL, 0, NULL, SPS_NAMESPACE "ReusableAggregateBusinessInformationEntity:21", NULL}, \
	{"@xmlns:udt", NULL, NULL, 0, NULL, SPS_NAMESPACE "UnqualifiedDataType:21", NULL}
/* clang-format on */

#define SPS_NAMESPACE "urn:un:unece:uncefact:data:standard:"

#endif
