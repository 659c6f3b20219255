/*
 * CUSRES, APERAK and CONTRL, answers: the mapping tables, and the profiles
 *
 * Threads: constants only.
 */
#include "formats/edifact/tables.h"

/* clang-format off */
#define ANSWER_ROWS(release, agency, number, number_codec) \
	EDI_HEAD_ROWS(release, agency), \
	EDI_ROW("BGM/C002.1001", "exchange.documentCode", result, EDI_SELF), \
	EDI_ROW("BGM/C106.1004", number, number_codec, 0), \
	EDI_ROW("BGM/1225", "exchange.function", text, EDI_SELF), \
	EDI_ROW("BGM/4343", "exchange.response", response, EDI_SELF), \
	EDI_SPAN("DTM[137]/C507.2380", 2, "exchange.prepared", moment, 0)

const struct edi_row edi_cusres_rows[] = {
	ANSWER_ROWS(EDI_RELEASE, "UN", "exchange.correlation", text),
	EDI_PARTY("NAD[CN]", "consignee", 0),
	EDI_PARTY("SG(NAD)[CN]/NAD", "consignee", 0),
	EDI_PARTY("NAD[EX]", "exporter", 0),
	EDI_PARTY("SG(NAD)[EX]/NAD", "exporter", 0),
	EDI_PARTY("NAD[DT]", "declarant", 0),
	EDI_PARTY("SG(NAD)[DT]/NAD", "declarant", 0),
	EDI_ROW("LOC[22]/C517.3225", "office.code", text, 0),
	EDI_ROW("LOC[22]/C517.3224", "office.name", text, 0),
	EDI_SPAN("DTM[154]/C507.2380", 2, "registration", stamp, 0),
	EDI_SPAN("DTM[148]/C507.2380", 2, "registration", stamp, EDI_OTHER),
	EDI_SPAN("DTM[204]/C507.2380", 2, "answer.release", stamp, 0),
	EDI_SPAN("GIS/C529.7365", 3, "answer.channel", indicator, 0),
	EDI_SPAN("GEI/C012.7365", 3, "answer.channel", indicator, 0),
	EDI_SPAN("FTX[AAO]/C108.4440", 5, "answer.texts[0].text", lines, 0),
	EDI_SPAN("FTX[AAI]/C108.4440", 5, "answer.texts[1].text", lines, 0),
	EDI_ROW("SG(ERP)[]/ERP/C701.1049", "answer.results[].element", text, 0),
	EDI_ROW("SG(ERP)[]/ERP/C701.1052", "answer.results[].position", text, 0),
	EDI_ROW("SG(ERP)[]/ERC/C901.9321", "answer.results[].code", text, 0),
	EDI_ROW("SG(ERP)[]/ERC/C901.1131", "answer.results[].codeList", text, 0),
	EDI_ROW("SG(ERP)[]/ERC/C901.3055", "answer.results[].codeAgency", text, 0),
	EDI_SPAN("SG(ERP)[]/FTX[AAO]/C108.4440", 5, "answer.results[].text", lines, 0),
	EDI_ROW("SG(RFF)[ABT]/RFF/C506.1154", "registration.number", text, 0),
	EDI_SPAN("SG(RFF)[ABT]/DTM[148]/C507.2380", 2, "registration", stamp, EDI_OTHER),
	EDI_ROW("SG(RFF)[AFB]/RFF/C506.1154", "manifestReference", text, 0),
	EDI_ROW("SG(RFF)[ABE]/RFF/C506.1154", "reference.number", text, 0),
	EDI_ROW("SG(RFF)[ABO]/RFF/C506.1154", "reference.window", text, 0),
	EDI_ROW("SG(RFF)[ACW]/RFF/C506.1154", "answer.number", text, 0),
	EDI_ROW("SG(RFF)[BM]/RFF/C506.1154", "transport.transportDocument", text, 0),
	EDI_ROW("SG(TAX)[]/TAX/C241.5153", "notice.taxes[].code", text, 0),
	EDI_ROW("SG(TAX)[]/MOA[161]/C516.5004", "notice.taxes[].amount", decimal, 0),
	EDI_ROW("SG(TAX)[]/MOA[55]/C516.5004", "notice.taxes[].amount", decimal, EDI_OTHER),
	EDI_DOCUMENT("SG(DOC)[]", "documents[]"),
	EDI_ROW("SG(AUT)/AUT/9280", "answer.reference", text, 0),
	EDI_SPAN("SG(AUT)/DTM[204]/C507.2380", 2, "answer.release", stamp, EDI_OTHER),
	EDI_SPAN("SG(AUT)/DTM[187]/C507.2380", 2, "answer.issued", stamp, 0),
};

const struct edi_row edi_aperak_rows[] = {
	ANSWER_ROWS("00A", "UN", "answer.reference", text),
	EDI_SPAN("FTX[AAO]/C108.4440", 5, "answer.texts[0].text", lines, 0),
	EDI_ROW("SG(DOC)/DOC/C002.1001", "documents[0].code", text, 0),
	EDI_ROW("SG(DOC)/DOC/C503.1004", "exchange.correlation", text, 0),
	EDI_SPAN("SG(DOC)/DTM[137]/C507.2380", 2, "issue", stamp, 0),
	EDI_ROW("SG(RFF)[ACW]/RFF/C506.1154", "exchange.correlation", text, EDI_OTHER),
	EDI_ROW("SG(RFF)[ERN]/RFF/C506.1154", "reference.number", text, 0),
	EDI_ROW("SG(RFF)[ABT]/RFF/C506.1154", "registration.number", text, 0),
	EDI_PARTY("SG(NAD)[MS]/NAD", "agent", 0),
	EDI_PARTY("SG(NAD)[MR]/NAD", "receiver", 0),
	EDI_ROW("SG(ERC)[]/ERC/C901.9321", "answer.results[].code", text, 0),
	EDI_ROW("SG(ERC)[]/ERC/C901.1131", "answer.results[].codeList", text, 0),
	EDI_ROW("SG(ERC)[]/ERC/C901.3055", "answer.results[].codeAgency", text, 0),
	EDI_SPAN("SG(ERC)[]/FTX[AAO]/C108.4440", 5, "answer.results[].text", lines, 0),
	EDI_ROW("SG(ERC)[]/SG(RFF)/RFF/C506.1153", "answer.results[].element", text, 0),
	EDI_ROW("SG(ERC)[]/SG(RFF)/RFF/C506.1154", "answer.results[].position", text, 0),
};

const struct edi_row edi_contrl_rows[] = {
	EDI_HEAD_ROWS("3", "UN"),
	EDI_ROW("UCI/0020", "exchange.correlation", text, 0),
	EDI_ROW("UCI/0083", "answer.channel", action, 0),
	EDI_ROW("UCI/0085", "answer.reference", text, 0),
	EDI_ROW("SG(UCM)[]/UCM/0062", "answer.results[].position", text, 0),
	EDI_ROW("SG(UCM)[]/UCM/0083", "answer.results[].element", text, 0),
	EDI_ROW("SG(UCM)[]/UCM/0085", "answer.results[].code", text, 0),
};
/* clang-format on */

const size_t edi_n_cusres_rows = sizeof(edi_cusres_rows) / sizeof(edi_cusres_rows[0]);
const size_t edi_n_aperak_rows = sizeof(edi_aperak_rows) / sizeof(edi_aperak_rows[0]);
const size_t edi_n_contrl_rows = sizeof(edi_contrl_rows) / sizeof(edi_contrl_rows[0]);

static const struct edi_message messages[] = {
	{"CUSDEC", edi_cusdec_rows, &edi_n_cusdec_rows},
	{"CUSCAR", edi_cuscar_rows, &edi_n_cuscar_rows},
	{"CUSREP", edi_cusrep_rows, &edi_n_cusrep_rows},
	{"IFCSUM", edi_ifcsum_rows, &edi_n_ifcsum_rows},
};

const struct edi_profile edi_profile = {
	.format = "edifact",
	.messages = messages,
	.n_messages = sizeof(messages) / sizeof(messages[0]),
	.usual = "CUSDEC",
	.release = EDI_RELEASE,
};

static const struct edi_message responses[] = {
	{"CUSRES", edi_cusres_rows, &edi_n_cusres_rows},
	{"APERAK", edi_aperak_rows, &edi_n_aperak_rows},
	{"CONTRL", edi_contrl_rows, &edi_n_contrl_rows},
};

const struct edi_profile edi_response_profile = {
	.format = "edifact-response",
	.messages = responses,
	.n_messages = sizeof(responses) / sizeof(responses[0]),
	.usual = "CUSRES",
	.release = EDI_RELEASE,
};
