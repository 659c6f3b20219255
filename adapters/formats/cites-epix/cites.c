/*
 * CITES electronic permits: the mapping tables
 *
 * Threads: constants only.
 */
#include "formats/cites-epix/cites.h"

#include "formats/cites-epix/permit.h"

#define FORMAT "cites-epix"
#define HEAD   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

/* Whoever holds the token may ask in the name of its country. */
static const char *const credentials[] = {"TokenId", "Security", "UsernameToken",
	"BinarySecurityToken", "Nonce", NULL};

static const struct xml_row permit_rows[] = {
	CITES_NAMESPACES,
	CITES_PERMIT(""),
};

/* clang-format off */
#define SOAP_NAMESPACES \
	{"@xmlns:soapenv", NULL, NULL, 0, NULL, "http://schemas.xmlsoap.org/soap/envelope/", NULL}, \
	{"@xmlns:v2", NULL, NULL, 0, NULL, "urn:CitesDataExchange/v2/", NULL}, \
	CITES_NAMESPACES, \
	{"soapenv:Header", NULL, NULL, 0, NULL, NULL, NULL}

#define ANSWER(operation) \
	SOAP_NAMESPACES, \
	CITES_PERMIT("soapenv:Body/v2:" operation "/CITESEPermit/"), \
	CC_PLAIN("soapenv:Body/v2:" operation "/Attachments[]/AttachmentName", "attachments[].name"), \
	CC_PLAIN("soapenv:Body/v2:" operation "/Attachments[]/AttachmentContent", "attachments[].content"), \
	CC_PLAIN("soapenv:Body/v2:" operation "/Composite", "exchange.composite")

#define QUESTION(operation) \
	SOAP_NAMESPACES, \
	CC_PLAIN("soapenv:Body/v2:" operation "/CertificateNumber", "number"), \
	CC_PLAIN("soapenv:Body/v2:" operation "/IsoCountryCode", "exchange.to")
/* clang-format on */

static const struct xml_row non_final_rows[] = {ANSWER("GetNonFinalCitesCertificateResponse")};
static const struct xml_row final_rows[] = {ANSWER("GetFinalCitesCertificateResponse")};
static const struct xml_row ask_non_final_rows[] = {QUESTION("GetNonFinalCitesCertificateRequest")};
static const struct xml_row ask_final_rows[] = {QUESTION("GetFinalCitesCertificateRequest")};

#define SOAP(table, operation) \
	{ \
		.format = FORMAT, .root = "soapenv:Envelope", .head = HEAD, \
		.content = "v2:" operation, .credentials = credentials, .rows = (table), \
		.n_rows = sizeof(table) / sizeof((table)[0]), .kind = "exchange.operation", \
	}

static const struct xml_profile non_final =
	SOAP(non_final_rows, "GetNonFinalCitesCertificateResponse");
static const struct xml_profile final = SOAP(final_rows, "GetFinalCitesCertificateResponse");
static const struct xml_profile ask_non_final =
	SOAP(ask_non_final_rows, "GetNonFinalCitesCertificateRequest");
static const struct xml_profile ask_final = SOAP(ask_final_rows, "GetFinalCitesCertificateRequest");

static const struct xml_profile *const soap_profiles[] = {&non_final, &final, &ask_non_final,
	&ask_final, NULL};

const struct xml_profile cites_epix_profile = {
	.format = FORMAT,
	.root = "urn:CITESEPermit",
	.head = HEAD,
	.credentials = credentials,
	.rows = permit_rows,
	.n_rows = sizeof(permit_rows) / sizeof(permit_rows[0]),
	.others = soap_profiles,
};
