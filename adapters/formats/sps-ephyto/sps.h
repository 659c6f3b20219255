#ifndef SPS_SPS_H
#define SPS_SPS_H

/*
 * UN/CEFACT SPSCertificate, and the requests that carry one to the IPPC ePhyto hub
 *
 * One format with several roots: the certificate alone, the hub's ePhytoEnvelope around
 * it, the request DeliverPhytoEnvelope, and each of these in a SOAP envelope. Which one it
 * was stands in exchange.operation; a fresh document without it is the certificate alone.
 */

#include "formats/xml/mapping.h"

extern const struct xml_profile sps_ephyto_profile;

/* Semantic version of the mapping. */
#define SPS_EPHYTO_VERSION "1.0.0"

#endif
