/*
 * What carries a certificate to and from the IPPC ePhyto hub
 *
 * Threads: constants only.
 */
#include "formats/sps-ephyto/hub.h"

#include "formats/sps-ephyto/certificate.h"

/*
 * WS-Security: tokens and signatures. A signature covers the bytes of the message it came
 * in, which are not those that anybody else writes: it proves nothing any more, and what it
 * was made with is the sender's alone. The original is kept at home by its commitment.
 */
const char *const sps_credentials[] = {"Security", "UsernameToken", "BinarySecurityToken", "Nonce",
	"Authentication", "AuthToken", "SecurityToken", NULL};

/* clang-format off */
#define HUB_HEADER(n) \
	CC_PLAIN(n "hub:From", "exchange.from"), \
	CC_PLAIN(n "hub:To", "exchange.to"), \
	CC_PLAIN(n "hub:CertificateType", "exchange.type"), \
	CC_PLAIN(n "hub:CertificateStatus", "exchange.state"), \
	CC_PLAIN(n "hub:NPPOCertificateNumber", "exchange.number"), \
	CC_PLAIN(n "hub:hubDeliveryNumber", "exchange.delivery"), \
	CC_PLAIN(n "hub:HUBTrackingInfo", "exchange.tracking"), \
	CC_PLAIN(n "hub:hubDeliveryErrorMessage", "exchange.error"), \
	CC_PLAIN(n "hub:Forwardings/hub:EnvelopeForwarding[]/hub:Code", "exchange.forwardings[].to"), \
	CC_PLAIN(n "hub:Forwardings/hub:EnvelopeForwarding[]/hub:HubDeliveryNumber", "exchange.forwardings[].delivery")

#define HUB_NAMESPACES \
	{"@xmlns:eph", NULL, NULL, 0, NULL, "http://ephyto.ippc.int/", NULL}, \
	{"@xmlns:hub", NULL, NULL, 0, NULL, "http://ephyto.ippc.int/HUB.Entities", NULL}, \
	SPS_NAMESPACES

#define ENVELOPE(P) HUB_HEADER(P), SPS_CERTIFICATE(P "rsm:SPSCertificate/")

static const struct xml_row soap_rows[] = {
	{"@xmlns:soapenv", NULL, NULL, 0, NULL, "http://schemas.xmlsoap.org/soap/envelope/", NULL},
	HUB_NAMESPACES,
	XML_KNOWN("soapenv:Header", XML_OPTIONAL),
	ENVELOPE("soapenv:Body/eph:DeliverPhytoEnvelope/eph:ePhytoEnvelope/"),
};

static const struct xml_row request_rows[] = {
	HUB_NAMESPACES,
	ENVELOPE("eph:ePhytoEnvelope/"),
};

static const struct xml_row envelope_rows[] = {
	HUB_NAMESPACES,
	ENVELOPE(""),
};
/* clang-format on */

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static const struct xml_profile soap_profile = {
	.format = "sps-ephyto",
	.root = "soapenv:Envelope",
	.head = HEAD,
	.rows = soap_rows,
	.n_rows = sizeof(soap_rows) / sizeof(soap_rows[0]),
	.content = "eph:ePhytoEnvelope",
	.credentials = sps_credentials,
	.kind = "exchange.operation",
};

static const struct xml_profile request_profile = {
	.format = "sps-ephyto",
	.root = "eph:DeliverPhytoEnvelope",
	.head = HEAD,
	.rows = request_rows,
	.n_rows = sizeof(request_rows) / sizeof(request_rows[0]),
	.credentials = sps_credentials,
	.kind = "exchange.operation",
};

static const struct xml_profile envelope_profile = {
	.format = "sps-ephyto",
	.root = "eph:ePhytoEnvelope",
	.head = HEAD,
	.rows = envelope_rows,
	.n_rows = sizeof(envelope_rows) / sizeof(envelope_rows[0]),
	.credentials = sps_credentials,
	.kind = "exchange.operation",
};

const struct xml_profile *const sps_hub_profiles[] = {&request_profile, &envelope_profile,
	&soap_profile, NULL};
