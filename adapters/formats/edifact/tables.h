#ifndef EDIFACT_TABLES_H
#define EDIFACT_TABLES_H

/*
 * Rows that several messages share, and the profiles of the formats
 */

#include "formats/edifact/codec.h"

/* Semantic version of the mappings. */
#define EDIFACT_VERSION "1.1.0"

/* CUSDEC and cargo reports; answers to them. */
extern const struct edi_profile edi_profile, edi_response_profile;

extern const struct edi_row edi_cusdec_rows[], edi_cuscar_rows[], edi_cusrep_rows[],
	edi_ifcsum_rows[];
extern const size_t edi_n_cusdec_rows, edi_n_cuscar_rows, edi_n_cusrep_rows, edi_n_ifcsum_rows;
extern const struct edi_row edi_cusres_rows[], edi_aperak_rows[], edi_contrl_rows[];
extern const size_t edi_n_cusres_rows, edi_n_aperak_rows, edi_n_contrl_rows;

/* The release of new documents. */
#define EDI_RELEASE "96B"

/* clang-format off */
#define EDI_HEAD_ROWS(release, agency) \
	EDI_ROW("UNB/S001.0001", "exchange.interchange.syntax", text, EDI_SELF), \
	EDI_ROW("UNB/S001.0002", "exchange.interchange.syntaxVersion", text, EDI_SELF), \
	EDI_ROW("UNB/S002.0004", "exchange.interchange.sender", text, EDI_SELF), \
	EDI_ROW("UNB/S002.0007", "exchange.interchange.senderQualifier", text, EDI_SELF), \
	EDI_ROW("UNB/S003.0010", "exchange.interchange.recipient", text, EDI_SELF), \
	EDI_ROW("UNB/S003.0007", "exchange.interchange.recipientQualifier", text, EDI_SELF), \
	EDI_SPAN("UNB/S004.0017", 2, "exchange.interchange.prepared", envelope, EDI_SELF), \
	EDI_ROW("UNB/0020", "exchange.interchange.reference", text, EDI_SELF), \
	EDI_ROW("UNB/0026", "exchange.interchange.application", text, EDI_SELF), \
	EDI_FRESH("UNH/0062", "exchange.reference", text, EDI_SELF, "1"), \
	EDI_ROW("UNH/S009.0065", "exchange.message", message, 0), \
	EDI_FRESH("UNH/S009.0052", "exchange.version", text, EDI_SELF, "D"), \
	EDI_FRESH("UNH/S009.0054", "exchange.modelVersion", text, EDI_SELF, release), \
	EDI_FRESH("UNH/S009.0051", "exchange.agency", text, EDI_SELF, agency), \
	EDI_ROW("UNH/S009.0057", "exchange.customization", text, EDI_SELF)

/* A place: LOC[9] or SG(LOC)[9]/LOC. */
#define EDI_PLACE(segment, canonical, flags) \
	EDI_ROW(segment "/C517.3225", canonical ".code", locode, flags), \
	EDI_ROW(segment "/C517.1131", canonical ".codeList", text, flags), \
	EDI_ROW(segment "/C517.3055", canonical ".codeAgency", text, flags), \
	EDI_ROW(segment "/C517.3224", canonical ".name", text, (flags) | EDI_TEXT)

/* A party: NAD[CZ] or SG(NAD)[CZ]/NAD. */
#define EDI_PARTY(segment, canonical, flags) \
	EDI_ROW(segment "/C082.3039", canonical ".code", text, (flags) | EDI_OWN), \
	EDI_ROW(segment "/C082.1131", canonical ".codeList", text, (flags) | EDI_OWN), \
	EDI_ROW(segment "/C082.3055", canonical ".codeAgency", text, (flags) | EDI_OWN), \
	EDI_SPAN(segment "/C058.3124", 5, canonical ".name", words, (flags) | EDI_OTHER), \
	EDI_SPAN(segment "/C080.3036", 5, canonical ".name", words, (flags) | EDI_TEXT), \
	EDI_ROW(segment "/C059.3042", canonical ".address.lines[0]", text, (flags) | EDI_TEXT), \
	EDI_ROW(segment "/C059.3042(2)", canonical ".address.lines[1]", text, (flags) | EDI_TEXT), \
	EDI_ROW(segment "/C059.3042(3)", canonical ".address.lines[2]", text, (flags) | EDI_TEXT), \
	EDI_ROW(segment "/C059.3042(4)", canonical ".address.lines[3]", text, (flags) | EDI_TEXT), \
	EDI_ROW(segment "/3164", canonical ".address.city", text, (flags) | EDI_TEXT), \
	EDI_ROW(segment "/C819.3229", canonical ".address.regionCode", text, flags), \
	EDI_ROW(segment "/3251", canonical ".address.postcode", text, flags), \
	EDI_ROW(segment "/3207", canonical ".address.country", text, flags)

/* How to reach it; the path of its group. */
#define EDI_CONTACT(group, canonical, flags) \
	EDI_ROW(group "/COM[TE]/C076.3148", canonical ".address.telephone", text, flags), \
	EDI_ROW(group "/COM[FX]/C076.3148", canonical ".address.fax", text, flags), \
	EDI_ROW(group "/COM[EM]/C076.3148", canonical ".address.email", text, flags)

/* A means of transport: TDT[20]. */
#define EDI_MEANS(segment, canonical, flags) \
	EDI_ROW(segment "/8028", canonical ".journey", text, flags), \
	EDI_ROW(segment "/C220.8067", canonical ".mode", mode, flags), \
	EDI_ROW(segment "/C001.8179", canonical ".type", text, flags), \
	EDI_ROW(segment "/C222.8213", canonical ".identity", text, flags), \
	EDI_ROW(segment "/C222.8212", canonical ".name", text, (flags) | EDI_TEXT), \
	EDI_ROW(segment "/C222.8453", canonical ".nationality", text, flags)

/* A document: SG(DOC)[]. A code of more than three characters is told by ZZZ. */
#define EDI_DOCUMENT(group, canonical) \
	EDI_FRESH(group "/DOC/C002.1001", canonical ".code", text, 0, "ZZZ"), \
	EDI_ROW(group "/DOC/C002.1000", canonical ".name", text, EDI_TEXT), \
	EDI_ROW(group "/DOC/C503.1004", canonical ".reference", text, 0), \
	EDI_SPAN(group "/DTM[137]/C507.2380", 2, canonical ".date", date, 0)

/* An amount of money: MOA[39] or SG(MOA)[39]/MOA. */
#define EDI_MONEY(segment, amount, currency, flags) \
	EDI_ROW(segment "/C516.5004", amount, decimal, flags), \
	EDI_ROW(segment "/C516.6345", currency, text, flags)
/* clang-format on */

#endif
