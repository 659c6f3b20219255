/*
 * CUSCAR, CUSREP and IFCSUM, cargo and conveyance reports: the mapping tables
 *
 * CUSCAR of D.95B has references and parties as segments, later releases as groups; a row
 * whose place a release lacks is not there.
 *
 * Threads: constants only.
 */
#include "formats/edifact/tables.h"

/* clang-format off */
#define REPORT_ROWS(release, agency) \
	EDI_HEAD_ROWS(release, agency), \
	EDI_ROW("BGM/C002.1001", "exchange.documentCode", text, EDI_SELF), \
	EDI_ROW("BGM/C106.1004", "manifestReference", text, 0), \
	EDI_ROW("BGM/1225", "exchange.function", text, EDI_SELF), \
	EDI_ROW("BGM/4343", "exchange.response", text, EDI_SELF), \
	EDI_SPAN("DTM[137]/C507.2380", 2, "exchange.prepared", moment, 0), \
	EDI_SPAN("DTM[132]/C507.2380", 2, "transport.arrived", stamp, 0), \
	EDI_SPAN("DTM[133]/C507.2380", 2, "transport.departed", stamp, 0)

#define JOURNEY_ROWS \
	EDI_MEANS("SG(TDT)[20]/TDT", "transport.border", 0), \
	EDI_ROW("SG(TDT)[20]/TDT/C040.3127", "transport.carrier.code", text, EDI_OTHER), \
	EDI_ROW("SG(TDT)[20]/TDT/C040.3126", "transport.carrier.name", text, EDI_OTHER), \
	EDI_PLACE("SG(TDT)[20]/LOC[5]", "transport.departurePort", 0), \
	EDI_PLACE("SG(TDT)[20]/LOC[9]", "transport.loading", 0), \
	EDI_PLACE("SG(TDT)[20]/LOC[11]", "transport.discharge", 0), \
	EDI_SPAN("SG(TDT)[20]/DTM[132]/C507.2380", 2, "transport.arrived", stamp, EDI_OTHER), \
	EDI_SPAN("SG(TDT)[20]/DTM[133]/C507.2380", 2, "transport.departed", stamp, EDI_OTHER)

#define COUNT_ROWS \
	EDI_ROW("CNT[7]/C270.6066", "grossMass", decimal, 0), \
	EDI_ROW("CNT[11]/C270.6066", "packageTotal", decimal, 0), \
	EDI_ROW("CNT[16]/C270.6066", "containerTotal", decimal, 0)

/* What a goods item of a consignment says; the path of its group. */
#define GOODS_ROWS(group) \
	EDI_ROW(group "/GID/1496", "consignments[].items[].number", text, 0), \
	EDI_ROW(group "/GID/C213.7224", "consignments[].items[].packages[0].count", decimal, 0), \
	EDI_ROW(group "/GID/C213.7065", "consignments[].items[].packages[0].kind", text, 0), \
	EDI_ROW(group "/GID/C213.7064", "consignments[].items[].packages[0].kindName", text, 0), \
	EDI_ROW(group "/GID/C213(2).7224", "consignments[].items[].packages[1].count", decimal, 0), \
	EDI_ROW(group "/GID/C213(2).7065", "consignments[].items[].packages[1].kind", text, 0), \
	EDI_ROW(group "/GID/C213(2).7064", "consignments[].items[].packages[1].kindName", text, 0), \
	EDI_SPAN(group "/FTX[AAA]/C108.4440", 5, "consignments[].items[].commodity.description", lines, 0)

const struct edi_row edi_cuscar_rows[] = {
	REPORT_ROWS(EDI_RELEASE, "UN"),
	EDI_ROW("RFF[ABT]/C506.1154", "registration.number", text, 0),
	EDI_ROW("SG(RFF)[ABT]/RFF/C506.1154", "registration.number", text, 0),
	EDI_ROW("RFF[UCN]/C506.1154", "ucr", text, 0),
	EDI_ROW("SG(RFF)[UCN]/RFF/C506.1154", "ucr", text, 0),
	EDI_PARTY("NAD[CA]", "transport.carrier", 0),
	EDI_PARTY("SG(NAD)[CA]/NAD", "transport.carrier", 0),
	EDI_PARTY("NAD[CN]", "consignee", 0),
	EDI_PARTY("SG(NAD)[CN]/NAD", "consignee", 0),
	EDI_PARTY("NAD[CZ]", "consignor", 0),
	EDI_PARTY("SG(NAD)[CZ]/NAD", "consignor", 0),
	EDI_PARTY("NAD[DT]", "declarant", 0),
	EDI_PARTY("SG(NAD)[DT]/NAD", "declarant", 0),
	EDI_PARTY("NAD[AE]", "agent", 0),
	EDI_PARTY("SG(NAD)[AE]/NAD", "agent", 0),
	EDI_PARTY("NAD[MS]", "keyedBy", 0),
	EDI_PARTY("SG(NAD)[MS]/NAD", "keyedBy", 0),
	EDI_CONTACT("SG(NAD)[MS]/SG(CTA)[IC]", "keyedBy", 0),
	JOURNEY_ROWS,
	EDI_ROW("SG(EQD)[CN#]/EQD/C237.8260", "containers[].identity", text, 0),
	EDI_ROW("SG(EQD)[CN#]/EQD/C224.8155", "containers[].type", text, 0),
	EDI_ROW("SG(EQD)[CN#]/EQD/8169", "containers[].fullness", text, 0),
	EDI_ROW("SG(EQD)[CN#]/MEA[AAE,G,KGM]/C174.6314", "containers[].grossMass", decimal, 0),
	EDI_ROW("SG(EQD)[CN#]/MEA[AAE,T,KGM]/C174.6314", "containers[].tare", decimal, 0),
	EDI_ROW("SG(EQD)[CN#]/SEL[]/9308", "containers[].seals[].identity", text, 0),
	COUNT_ROWS,
	EDI_ROW("SG(CNI)[]/CNI/1490", "consignments[].number", text, 0),
	EDI_ROW("SG(CNI)[]/CNI/C503.1004", "consignments[].reference", text, 0),
	EDI_ROW("SG(CNI)[]/SG(RFF)/RFF/C506.1153", "consignments[].transportDocumentKind", text, 0),
	EDI_ROW("SG(CNI)[]/SG(RFF)/RFF/C506.1154", "consignments[].transportDocument", text, 0),
	EDI_ROW("SG(CNI)[]/SG(RFF)/CNT[11]/C270.6066", "consignments[].packageTotal", decimal, 0),
	EDI_PLACE("SG(CNI)[]/SG(RFF)/LOC[5]", "consignments[].departure", 0),
	EDI_PLACE("SG(CNI)[]/SG(RFF)/LOC[7]", "consignments[].delivery", 0),
	EDI_PLACE("SG(CNI)[]/SG(RFF)/LOC[8]", "consignments[].destination", 0),
	EDI_PLACE("SG(CNI)[]/SG(RFF)/LOC[9]", "consignments[].loading", 0),
	EDI_PLACE("SG(CNI)[]/SG(RFF)/LOC[11]", "consignments[].discharge", 0),
	EDI_PLACE("SG(CNI)[]/SG(RFF)/LOC[12]", "consignments[].discharge", EDI_OTHER),
	EDI_PLACE("SG(CNI)[]/SG(RFF)/LOC[14]", "consignments[].location", 0),
	EDI_PLACE("SG(CNI)[]/SG(RFF)/LOC[20]", "consignments[].finalDestination", 0),
	EDI_PARTY("SG(CNI)[]/SG(RFF)/SG(NAD)[CZ]/NAD", "consignments[].consignor", 0),
	EDI_PARTY("SG(CNI)[]/SG(RFF)/SG(NAD)[CN]/NAD", "consignments[].consignee", 0),
	EDI_PARTY("SG(CNI)[]/SG(RFF)/SG(NAD)[NI]/NAD", "consignments[].notify", 0),
	EDI_PARTY("SG(CNI)[]/SG(RFF)/SG(NAD)[N1]/NAD", "consignments[].notify", EDI_OTHER),
	GOODS_ROWS("SG(CNI)[]/SG(RFF)/SG(GID)[]"),
	EDI_ROW("SG(CNI)[]/SG(RFF)/SG(GID)[]/MEA[AAI,AAG,KGM]/C174.6314", "consignments[].items[].grossMass", decimal, 0),
	EDI_ROW("SG(CNI)[]/SG(RFF)/SG(GID)[]/MEA[WT,AAB,KGM]/C174.6314", "consignments[].items[].grossMass", decimal, EDI_OTHER),
	EDI_ROW("SG(CNI)[]/SG(RFF)/SG(GID)[]/MEA[WT,G,KGM]/C174.6314", "consignments[].items[].grossMass", decimal, EDI_OTHER),
	EDI_ROW("SG(CNI)[]/SG(RFF)/SG(GID)[]/MEA[AAE,AAB,KGM]/C174.6314", "consignments[].items[].grossMass", decimal, EDI_OTHER),
	EDI_ROW("SG(CNI)[]/SG(RFF)/SG(GID)[]/MEA[AAE,G,KGM]/C174.6314", "consignments[].items[].grossMass", decimal, EDI_OTHER),
	EDI_ROW("SG(CNI)[]/SG(RFF)/SG(GID)[]/SGP[]/C237.8260", "consignments[].items[].containers[].identity", text, 0),
	EDI_ROW("SG(CNI)[]/SG(RFF)/SG(GID)[]/SGP[]/7224", "consignments[].items[].containers[].packageCount", decimal, 0),
	EDI_ROW("SG(CNI)[]/SG(RFF)/SG(GID)[]/DGS/C234.7124", "consignments[].items[].commodity.unNumber", text, 0),
	EDI_SPAN("SG(CNI)[]/SG(RFF)/SG(GID)[]/PCI/C210.7102", 10, "consignments[].items[].packages[0].marks", lines, 0),
	EDI_ROW("SG(CNI)[]/SG(RFF)/SG(GID)[]/CST/C246.7361", "consignments[].items[].commodity", tariff, 0),
	EDI_ROW("SG(CNI)[]/SG(RFF)/SG(GID)[]/SG(GIS)[]/GIS/C529.7365", "consignments[].items[].statements[].code", text, 0),
	EDI_ROW("SG(CNI)[]/SG(RFF)/SG(GID)[]/SG(GIS)[]/GIS/C529.1131", "consignments[].items[].statements[].type", text, 0),
};

const struct edi_row edi_cusrep_rows[] = {
	REPORT_ROWS(EDI_RELEASE, "UN"),
	EDI_ROW("SG(RFF)[ABT]/RFF/C506.1154", "registration.number", text, 0),
	EDI_PLACE("SG(LOC)[5]/LOC", "transport.departurePort", 0),
	EDI_PLACE("SG(LOC)[9]/LOC", "transport.loading", 0),
	EDI_PLACE("SG(LOC)[11]/LOC", "transport.discharge", 0),
	EDI_PARTY("SG(NAD)[CA]/NAD", "transport.carrier", 0),
	EDI_PARTY("SG(NAD)[DT]/NAD", "declarant", 0),
	EDI_PARTY("SG(NAD)[AE]/NAD", "agent", 0),
	EDI_PARTY("SG(NAD)[MS]/NAD", "keyedBy", 0),
	EDI_MEANS("SG(TDT)[20]/TDT", "transport.border", 0),
	EDI_ROW("SG(TDT)[20]/TDT/C040.3127", "transport.carrier.code", text, EDI_OTHER),
	EDI_ROW("SG(TDT)[20]/TDT/C040.3126", "transport.carrier.name", text, EDI_OTHER),
	EDI_ROW("SG(EQD)[CN#]/EQD/C237.8260", "containers[].identity", text, 0),
	EDI_ROW("SG(EQD)[CN#]/EQD/C224.8155", "containers[].type", text, 0),
};

const struct edi_row edi_ifcsum_rows[] = {
	REPORT_ROWS("01B", "UN"),
	EDI_ROW("SG(RFF)[FF]/RFF/C506.1154", "reference.number", text, 0),
	EDI_ROW("SG(RFF)[CU]/RFF/C506.1154", "reference.number", text, EDI_OTHER),
	JOURNEY_ROWS,
	EDI_SPAN("SG(TDT)[20]/DTM[186]/C507.2380", 2, "transport.departed", stamp, EDI_OTHER),
	EDI_PARTY("SG(NAD)[CA]/NAD", "transport.carrier", 0),
	EDI_PARTY("SG(NAD)[CZ]/NAD", "consignor", 0),
	EDI_PARTY("SG(NAD)[CN]/NAD", "consignee", 0),
	EDI_PARTY("SG(NAD)[CS]/NAD", "agent", 0),
	EDI_PARTY("SG(NAD)[DC]/NAD", "receiver", 0),
	EDI_ROW("SG(EQD)[CN#]/EQD/C237.8260", "containers[].identity", text, 0),
	EDI_ROW("SG(EQD)[CN#]/EQD/C224.8155", "containers[].type", text, 0),
	COUNT_ROWS,
	EDI_ROW("SG(CNI)[]/CNI/1490", "consignments[].number", text, 0),
	EDI_ROW("SG(CNI)[]/CNI/C503.1004", "consignments[].transportDocument", text, 0),
	EDI_SPAN("SG(CNI)[]/DTM[2]/C507.2380", 2, "consignments[].deliveryDate", moment, 0),
	EDI_ROW("SG(CNI)[]/CNT[11]/C270.6066", "consignments[].packageTotal", decimal, 0),
	EDI_ROW("SG(CNI)[]/TSR/C537.4219", "consignments[].service", text, 0),
	EDI_FIX("SG(CNI)[]/SG(TOD)/TOD/4055", 0, "5"),
	EDI_ROW("SG(CNI)[]/SG(TOD)/TOD/C100.4053", "consignments[].deliveryTerms.code", text, 0),
	EDI_ROW("SG(CNI)[]/SG(TOD)/TOD/C100.4052", "consignments[].deliveryTerms.place", text, 0),
	EDI_FIX("SG(CNI)[]/SG(RFF)/RFF/C506.1153", 0, "FF"),
	EDI_ROW("SG(CNI)[]/SG(RFF)/RFF/C506.1154", "consignments[].reference", text, 0),
	EDI_PLACE("SG(CNI)[]/SG(LOC)[5]/LOC", "consignments[].departure", 0),
	EDI_PLACE("SG(CNI)[]/SG(LOC)[7]/LOC", "consignments[].delivery", 0),
	EDI_PLACE("SG(CNI)[]/SG(LOC)[9]/LOC", "consignments[].loading", 0),
	EDI_PLACE("SG(CNI)[]/SG(LOC)[11]/LOC", "consignments[].discharge", 0),
	EDI_PARTY("SG(CNI)[]/SG(NAD)[CZ]/NAD", "consignments[].consignor", 0),
	EDI_PARTY("SG(CNI)[]/SG(NAD)[CN]/NAD", "consignments[].consignee", 0),
	EDI_PARTY("SG(CNI)[]/SG(NAD)[NI]/NAD", "consignments[].notify", 0),
	GOODS_ROWS("SG(CNI)[]/SG(GID)[]"),
	EDI_PARTY("SG(CNI)[]/SG(GID)[]/SG(NAD)[DP]/NAD", "consignments[].items[].consignee", 0),
	EDI_ROW("SG(CNI)[]/SG(GID)[]/SG(MEA)[WT,AAE,KGM]/MEA/C174.6314", "consignments[].items[].grossMass", decimal, 0),
	EDI_ROW("SG(CNI)[]/SG(GID)[]/SG(MEA)[WT,G,KGM]/MEA/C174.6314", "consignments[].items[].grossMass", decimal, EDI_OTHER),
	EDI_ROW("SG(CNI)[]/SG(GID)[]/SG(MEA)[WT,AAB,KGM]/MEA/C174.6314", "consignments[].items[].grossMass", decimal, EDI_OTHER),
	EDI_ROW("SG(CNI)[]/SG(GID)[]/SG(MEA)[AAE,G,KGM]/MEA/C174.6314", "consignments[].items[].grossMass", decimal, EDI_OTHER),
	EDI_FIX("SG(CNI)[]/SG(GID)[]/SG(PCI)/PCI/4233", 0, "24"),
	EDI_SPAN("SG(CNI)[]/SG(GID)[]/SG(PCI)/PCI/C210.7102", 10, "consignments[].items[].packages[0].marks", lines, 0),
	EDI_ROW("SG(CNI)[]/SG(GID)[]/SG(SGP)[]/SGP/C237.8260", "consignments[].items[].containers[].identity", text, 0),
};
/* clang-format on */

const size_t edi_n_cuscar_rows = sizeof(edi_cuscar_rows) / sizeof(edi_cuscar_rows[0]);
const size_t edi_n_cusrep_rows = sizeof(edi_cusrep_rows) / sizeof(edi_cusrep_rows[0]);
const size_t edi_n_ifcsum_rows = sizeof(edi_ifcsum_rows) / sizeof(edi_ifcsum_rows[0]);
