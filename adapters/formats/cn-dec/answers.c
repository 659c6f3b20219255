/*
 * China Single Window: the mapping tables of its answers
 *
 * Threads: constants only.
 */
#include "formats/cn-dec/answers.h"

#include "formats/xml/codec.h"

#define OPT XML_OPTIONAL
#define OWN XML_OWN

/* clang-format off */
static const struct xml_row response_rows[] = {
	{"@xmlns", NULL, NULL, 0, NULL, "http://www.chinaport.gov.cn/dec", NULL},
	XML_ROW("ResponseCode", "answer", response, OWN),
	XML_ROW("ErrorMessage", "answer.texts[0].text", text, OWN),
	XML_ROW("ClientSeqNo", "exchange.correlation", text, OWN),
	XML_ROW("SeqNo", "answer.number", text, OPT | OWN),
	XML_ROW("TrnPreId", "registration.preliminary", text, OPT | OWN),
};

static const struct xml_row result_rows[] = {
	XML_ROW("CUS_CIQ_NO", "answer.number", text, OWN),
	XML_ROW("ENTRY_ID", "registration.number", text, OWN),
	XML_ROW("NOTICE_DATE", "exchange.received", moment, OWN),
	XML_ROW("CHANNEL", "answer", channel, OWN),
	XML_ROW("NOTE", "answer.texts[0].text", text, OWN),
	XML_ROW("CUSTOM_MASTER", "office.code", text, OWN),
	XML_ROW("I_E_DATE", "exitDate", date_ymd, OWN),
	XML_ROW("D_DATE", "registration", stamp, OWN),
};

static const struct xml_row data_rows[] = {
	XML_ROW("DEC_RESULT/SEQ_NO", "answer.number", text, OWN),
	XML_ROW("DEC_RESULT/ENTRY_ID", "registration.number", text, OWN),
	XML_ROW("DEC_RESULT/NOTICE_DATE", "exchange.received", moment_dense, OWN),
	XML_ROW("DEC_RESULT/CHANNEL", "answer", channel, OWN),
	XML_ROW("DEC_RESULT/NOTE", "answer.texts[0].text", text, OWN),
	XML_ROW("DEC_RESULT/DECL_PORT", "office.code", text, OWN),
	XML_ROW("DEC_RESULT/AGENT_NAME", "declarant.name", text, OWN),
	XML_ROW("DEC_RESULT/DECLARE_NO", "declarant.representativeCode", text, OWN),
	XML_ROW("DEC_RESULT/TRADE_CO", "owner.code", text, OWN),
	XML_ROW("DEC_RESULT/CUSTOMS_FIELD", "transport.locationCode", text, OWN),
	XML_ROW("DEC_RESULT/BONDED_NO", "warehouse.identity", text, OWN),
	XML_ROW("DEC_RESULT/I_E_DATE", "exitDate", date_ymd, OWN),
	XML_ROW("DEC_RESULT/PACK_NO", "packageTotal", count, OWN),
	XML_ROW("DEC_RESULT/BILL_NO", "transport.transportDocument", text, OWN),
	XML_CODE("DEC_RESULT/TRAF_MODE", "transport.border.mode", mode, OWN | XML_NATIONAL, &code_cn_modes),
	XML_ROW("DEC_RESULT/VOYAGE_NO", "transport.border.journey", text, OWN),
	XML_ROW("DEC_RESULT/NET_WT", "netMass", decimal, OWN),
	XML_ROW("DEC_RESULT/GROSS_WT", "grossMass", decimal, OWN),
	XML_ROW("DEC_RESULT/D_DATE", "registration", stamp, OWN),
	XML_ROW("RESULT_INFO", "remarks[0].text", text, OWN),
};
/* clang-format on */

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"

const struct xml_profile cn_dec_response_profile = {
	.format = "cn-dec-response",
	.root = "DecImportResponse",
	.head = HEAD,
	.rows = response_rows,
	.n_rows = sizeof(response_rows) / sizeof(response_rows[0]),
};

const struct xml_profile cn_dec_result_profile = {
	.format = "cn-dec-result",
	.root = "DEC_RESULT",
	.head = HEAD,
	.rows = result_rows,
	.n_rows = sizeof(result_rows) / sizeof(result_rows[0]),
};

const struct xml_profile cn_dec_data_profile = {
	.format = "cn-dec-data",
	.root = "DEC_DATA",
	.head = HEAD,
	.rows = data_rows,
	.n_rows = sizeof(data_rows) / sizeof(data_rows[0]),
};
