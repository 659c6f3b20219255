#ifndef SPS_CONTENT_H
#define SPS_CONTENT_H

/*
 * Certificates that the IPPC hub carries as text
 *
 *     DeliverEnvelope, ValidateAndDeliverEnvelope      one
 *     PULLImportEnvelopeResponse and its Single form   one in each Envelope
 *
 *     <hub:From>TH</hub:From> … <hub:Content>&lt;SPSCertificate …&gt;</hub:Content>
 *
 * Each text becomes a document of its own, as if an ePhytoEnvelope with the same header had held
 * the certificate as elements; it is written as that envelope, too. Other files are read as
 * xml_decode() reads them.
 */

#include <rivergate/adapter.h>

/* As in struct rg_format. */
unsigned sps_detect(const struct rg_format *format, struct rg_bytes head);
RG_MUST_USE rg_err sps_decode(const struct rg_format *format, struct rg_bytes native,
	struct rg_call *call);
RG_MUST_USE rg_err sps_validate(const struct rg_format *format, struct rg_bytes native,
	struct rg_call *call);

#endif
