/*
 * What the IPPC ePhyto hub answers: the mapping tables
 *
 * Method: the word of HUBTrackingInfo is kept as stated, beside the outcome that it means.
 *
 * Threads: constants only.
 */
#include "formats/sps-ephyto/answers.h"

#include <string.h>

#include "formats/sps-ephyto/hub.h"
#include "formats/xml/codec.h"

#define OUTCOME_REFUSED "OUTCOME_REFUSED"

/* A word of HUBTrackingInfo, and its outcome by codes/sps_tracking.csv. */
static rg_err decode_tracking(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	size_t len = 0;
	bool is_set = false;
	text = xml_trim(text, &len);
	const char *word = code_international(leaf->row->codes, text, len);
	rg_err err = xml_leaf_set(leaf, ".channel", text, len, ret_taken);
	return err || !*ret_taken || !word
		? err
		: xml_leaf_set(leaf, ".outcome", word, strlen(word), &is_set);
}

/* An outcome that was changed is written as the first word that has it. */
static rg_err encode_tracking(const struct xml_leaf *leaf, const char **ret_text)
{
	const char *word = NULL;
	rg_err err = xml_leaf_get(leaf, ".channel", ret_text);
	if (!err) {
		err = xml_leaf_get(leaf, ".outcome", &word);
	}
	const char *meant = *ret_text && !err
		? code_international(leaf->row->codes, *ret_text, strlen(*ret_text))
		: NULL;
	const char *other = !err && word ? code_national(leaf->row->codes, word) : NULL;
	if (other && (!meant || strcmp(meant, word) != 0)) {
		*ret_text = other;
	}
	return err;
}

static const struct xml_codec codec_tracking = {"code", decode_tracking, encode_tracking};

/* The words of a fault. That it is a refusal stands in no element, so it has no source. */
static rg_err decode_fault(const struct xml_leaf *leaf, const char *text, bool *ret_taken)
{
	static const struct rg_bytes refused = {(const uint8_t *)OUTCOME_REFUSED,
		sizeof(OUTCOME_REFUSED) - 1};
	size_t len = 0;
	bool is_set = false;
	text = xml_trim(text, &len);
	rg_err err = xml_leaf_set(leaf, ".texts[0].text", text, len, ret_taken);
	return err || !*ret_taken
		? err
		: rg_doc_set(leaf->work->doc, "answer.outcome", refused, NULL, &is_set);
}

static rg_err encode_fault(const struct xml_leaf *leaf, const char **ret_text)
{
	const char *outcome = NULL;
	rg_err err = xml_leaf_get(leaf, ".outcome", &outcome);
	return err ? err : xml_leaf_get(leaf, ".texts[0].text", ret_text);
}

static const struct xml_codec codec_fault = {"text", decode_fault, encode_fault};

/* clang-format off */
#define PLAIN(native, canonical) XML_ROW(native, canonical, text, XML_OPTIONAL)

#define HEADER(n) \
	PLAIN(n "/hub:From", "exportCountry.code"), \
	PLAIN(n "/hub:To", "destinationCountry.code"), \
	PLAIN(n "/hub:CertificateType", "documents[0].code"), \
	PLAIN(n "/hub:CertificateStatus", "type.mark"), \
	PLAIN(n "/hub:NPPOCertificateNumber", "exchange.correlation"), \
	PLAIN(n "/hub:hubDeliveryNumber", "answer.number"), \
	{n "/hub:HUBTrackingInfo", "answer", &codec_tracking, XML_OPTIONAL, &code_sps_tracking, NULL, NULL}, \
	PLAIN(n "/hub:hubDeliveryErrorMessage", "answer.texts[0].text")

#define NAMESPACES \
	{"@xmlns:soap", NULL, NULL, 0, NULL, "http://schemas.xmlsoap.org/soap/envelope/", NULL}, \
	{"@xmlns:eph", NULL, NULL, 0, NULL, "http://ephyto.ippc.int/", NULL}, \
	{"@xmlns:hub", NULL, NULL, 0, NULL, "http://ephyto.ippc.int/HUB.Entities", NULL}, \
	{"soap:Header", NULL, NULL, XML_OPTIONAL, NULL, NULL, NULL}

#define RESULT(name) {NAMESPACES, HEADER("soap:Body/eph:" name "Response/eph:" name "Result")}

static const struct xml_row deliver_rows[] = RESULT("DeliverEnvelope");
static const struct xml_row phyto_rows[] = RESULT("DeliverPhytoEnvelope");
static const struct xml_row validate_rows[] = RESULT("ValidateAndDeliverEnvelope");
static const struct xml_row tracking_rows[] = RESULT("GetEnvelopeTrackingInfo");

static const struct xml_row fault_rows[] = {
	NAMESPACES,
	PLAIN("soap:Body/soap:Fault/faultcode", "answer.results[0].code"),
	{"soap:Body/soap:Fault/faultstring", "answer", &codec_fault, XML_OPTIONAL, NULL, NULL, NULL},
	PLAIN("soap:Body/soap:Fault/detail/eph:HubWebException/eph:message", "answer.texts[1].text"),
};
/* clang-format on */

#define ANSWER(table, name) \
	{ \
		.format = "sps-ephyto-answer", .root = "soap:Envelope", \
		.head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", .content = (name), \
		.credentials = sps_credentials, .rows = (table), \
		.n_rows = sizeof(table) / sizeof((table)[0]), .kind = "exchange.message", \
	}

static const struct xml_profile phyto = ANSWER(phyto_rows, "eph:DeliverPhytoEnvelopeResponse");
static const struct xml_profile validate =
	ANSWER(validate_rows, "eph:ValidateAndDeliverEnvelopeResponse");
static const struct xml_profile tracking =
	ANSWER(tracking_rows, "eph:GetEnvelopeTrackingInfoResponse");
static const struct xml_profile fault = ANSWER(fault_rows, "soap:Fault");

static const struct xml_profile *const others[] = {&phyto, &validate, &tracking, &fault, NULL};

const struct xml_profile sps_answer_profile = {
	.format = "sps-ephyto-answer",
	.root = "soap:Envelope",
	.head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
	.content = "eph:DeliverEnvelopeResponse",
	.credentials = sps_credentials,
	.rows = deliver_rows,
	.n_rows = sizeof(deliver_rows) / sizeof(deliver_rows[0]),
	.others = others,
};
