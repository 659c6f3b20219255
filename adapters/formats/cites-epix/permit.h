#ifndef CITES_PERMIT_H
#define CITES_PERMIT_H

/*
 * The content of a CITESEPermit, as rows below any element that holds one
 *
 * Elements and their order: a permit of EPIX version 2, with the core components of
 * ReusableAggregateBusinessInformationEntity 1 (draft). `P` is the path of the permit with a
 * slash, or empty.
 */

#include "formats/sps-ephyto/rows.h"

/* clang-format off */
#define CITES_ADDRESS(n, c) \
	CC_CODE(n "/ram:PostcodeCode[]", c ".postcodes[]"), \
	CC_TEXT(n "/ram:PostOfficeBox", c ".postBox"), \
	CC_TEXT(n "/ram:StreetName[]", c ".lines[]"), \
	CC_TEXT(n "/ram:CityName", c ".city"), \
	CC_ID(n "/ram:CountryID", c ".countryId"), \
	CC_TEXT(n "/ram:CountryName[]", c ".countryNames[]"), \
	CC_TEXT(n "/ram:CountrySubDivisionName[]", c ".subdivisions[]")

#define CITES_PARTY(n, c) \
	CC_ID(n "/ram:ID[]", c ".ids[]"), \
	CC_TEXT(n "/ram:Name[]", c ".names[]"), \
	CITES_ADDRESS(n "/ram:PostalTradeAddress", c ".address"), \
	CC_TEXT(n "/ram:SpecifiedRepresentativePerson[]/ram:Name", c ".representatives[]"), \
	CC_TEXT(n "/ram:SpecifiedAuthoritativeSignatoryPerson[]/ram:Name", c ".signatories[]")

#define CITES_PLACE(n, c) \
	CC_ID(n "/ram:ID[]", c ".ids[]"), \
	CC_TEXT(n "/ram:Name[]", c ".names[]")

#define CITES_REFERENCE(n, c) \
	CC_PLAIN(n "/ram:IssueDateTime", c ".issued"), \
	CC_CODE(n "/ram:TypeCode", c ".type"), \
	CC_ID(n "/ram:ID[]", c ".ids[]"), \
	CC_TEXT(n "/ram:Name[]", c ".names[]"), \
	CC_PLAIN(n "/ram:EffectiveSpecifiedPeriod/ram:StartDateTime", c ".validFrom"), \
	CC_PLAIN(n "/ram:EffectiveSpecifiedPeriod/ram:EndDateTime", c ".validUntil")

#define CITES_CONTEXT(n, c) \
	CC_ID(n "/ram:ID", c ".id"), \
	CC_TEXT(n "/ram:Value", c ".value"), \
	CC_ID(n "/ram:SpecifiedDocumentVersion/ram:ID", c ".version"), \
	CC_PLAIN(n "/ram:SpecifiedDocumentVersion/ram:IssueDateTime", c ".versionIssued")

#define CITES_SIGNING(n, c) \
	CC_CODE(n "/ram:TypeCode", c ".type"), \
	CC_PLAIN(n "/ram:ActualDateTime", c ".signed"), \
	CC_ID(n "/ram:ID[]", c ".ids[]"), \
	CC_TEXT(n "/ram:Statement", c ".statement"), \
	CITES_PARTY(n "/ram:ProviderTradeParty", c ".provider"), \
	CITES_PLACE(n "/ram:IssueLogisticsLocation", c ".place")

#define CITES_EXAMINATION(n, c) \
	CC_PLAIN(n "/ram:ActualOccurrenceDateTime", c ".at"), \
	CC_MEASURE(n "/ram:UnitQuantity", c ".quantity"), \
	CITES_PLACE(n "/ram:OccurrenceLogisticsLocation", c ".place"), \
	CITES_PARTY(n "/ram:CertifyingTradeParty[]", c ".certifiers[]")

#define CITES_PRODUCT(n, c) \
	CC_ID(n "/ram:SellerAssignedID", c ".sellerId"), \
	CC_ID(n "/ram:ManufacturerAssignedID[]", c ".producerIds[]"), \
	CC_TEXT(n "/ram:Description[]", c ".descriptions[]"), \
	CC_CODE(n "/ram:TypeCode[]", c ".productTypes[]"), \
	CC_TEXT(n "/ram:CommonName[]", c ".commonNames[]"), \
	CC_TEXT(n "/ram:ScientificName[]", c ".scientificNames[]")

#define CITES_ITEM(n, c) \
	CC_ID(n "/ram:ID[]", c ".ids[]"), \
	CC_TEXT(n "/ram:PhysicalLogisticsShippingMarks[]/ram:Marking[]", c ".marks[].texts[]"), \
	CITES_PLACE(n "/ram:OriginTradeCountry", c ".origin"), \
	CITES_PLACE(n "/ram:ExportTradeCountry", c ".exportCountry"), \
	CITES_REFERENCE(n "/ram:AssociatedReferencedDocument[]", c ".references[]"), \
	CC_MEASURE(n "/ram:TransportLogisticsPackage[]/ram:ItemQuantity", c ".packages[].quantity"), \
	CC_PLAIN(n "/ram:IncludedSupplyChainTradeLineItem[]/ram:TypeCode", c ".lines[].appendix"), \
	CC_PLAIN(n "/ram:IncludedSupplyChainTradeLineItem[]/ram:TypeExtensionCode", c ".lines[].source"), \
	CITES_PRODUCT(n "/ram:IncludedSupplyChainTradeLineItem[]/ram:SpecifiedTradeProduct", c ".lines[]"), \
	CITES_EXAMINATION(n "/ram:ExaminationTransportEvent[]", c ".examinations[]"), \
	CC_CODE(n "/ram:ApplicableCrossBorderRegulatoryProcedure[]/ram:CategoryCode[]", c ".procedures[].categories[]"), \
	CC_MEASURE(n "/ram:ApplicableCrossBorderRegulatoryProcedure[]/ram:UsedToDateQuotaQuantity", c ".procedures[].usedToDate"), \
	CC_MEASURE(n "/ram:ApplicableCrossBorderRegulatoryProcedure[]/ram:AnnualQuotaQuantity", c ".procedures[].annualQuota"), \
	CC_PLAIN(n "/ram:ApplicableCrossBorderRegulatoryProcedure[]/ram:AcquisitionDateTime", c ".procedures[].acquired"), \
	CITES_REFERENCE(n "/ram:ApplicableCrossBorderRegulatoryProcedure[]/ram:PreviousReferencedDocument[]", c ".procedures[].previous[]")

#define CITES_DOCUMENT(n) \
	CC_BARE(n "/ram:ID", "number"), \
	CC_PLAIN(n "/ram:ID/@schemeID", "numberScheme.scheme"), \
	CC_PLAIN(n "/ram:ID/@schemeAgencyID", "numberScheme.agency"), \
	CC_TEXT(n "/ram:Name[]", "names[]"), \
	CC_CODE(n "/ram:TypeCode", "type"), \
	CC_PLAIN(n "/ram:IssueDateTime", "issued"), \
	XML_ROW(n "/ram:CopyIndicator", "copy", boolean, XML_OPTIONAL), \
	CC_TEXT(n "/ram:Purpose", "purposeTexts[0]"), \
	CC_CODE(n "/ram:PurposeCode[]", "purposes[]"), \
	CC_TEXT(n "/ram:Information[]", "information[]"), \
	CITES_REFERENCE(n "/ram:ReferenceReferencedDocument[]", "references[]"), \
	CC_PLAIN(n "/ram:EffectiveSpecifiedPeriod/ram:StartDateTime", "validFrom"), \
	CC_PLAIN(n "/ram:EffectiveSpecifiedPeriod/ram:EndDateTime", "validUntil"), \
	CITES_PLACE(n "/ram:IssueLogisticsLocation", "issuePlace"), \
	CITES_SIGNING(n "/ram:FirstSignatoryDocumentAuthentication", "signings[0]"), \
	CITES_SIGNING(n "/ram:SecondSignatoryDocumentAuthentication", "signings[1]"), \
	CITES_SIGNING(n "/ram:ThirdSignatoryDocumentAuthentication", "signings[2]"), \
	CITES_SIGNING(n "/ram:FourthSignatoryDocumentAuthentication", "signings[3]")

#define CITES_CONSIGNMENT(n) \
	CITES_PARTY(n "/ram:ConsignorTradeParty", "exporter"), \
	CITES_PARTY(n "/ram:ConsigneeTradeParty", "consignee"), \
	CITES_REFERENCE(n "/ram:TransportContractReferencedDocument", "transportDocument"), \
	CITES_EXAMINATION(n "/ram:ExaminationTransportEvent[]", "examinations[]"), \
	CITES_ITEM(n "/ram:IncludedSupplyChainConsignmentItem[]", "items[]")

#define CITES_PERMIT(P) \
	CITES_CONTEXT(P "urn:SpecifiedExchangedDocumentContext/ram:BusinessProcessSpecifiedDocumentContextParameter[]", "processes[]"), \
	CITES_CONTEXT(P "urn:SpecifiedExchangedDocumentContext/ram:BIMSpecifiedDocumentContextParameter[]", "profiles[]"), \
	CITES_DOCUMENT(P "urn:HeaderExchangedDocument"), \
	CITES_CONSIGNMENT(P "urn:SpecifiedSupplyChainConsignment")

#define CITES_NAMESPACES \
	{"@xmlns:urn", NULL, NULL, 0, NULL, "urn:un:unece:uncefact:data:standard:CITESEPermit:2", NULL}, \
	{"@xmlns:ram", NULL, NULL, 0, NULL, "urn:un:unece:uncefact:data:draft:ReusableAggregateBusinessInformationEntity:1", NULL}
/* clang-format on */

#endif
