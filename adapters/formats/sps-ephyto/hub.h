#ifndef SPS_HUB_H
#define SPS_HUB_H

/*
 * What carries a certificate to and from the IPPC ePhyto hub
 *
 * Names and types: the hub's WSDL, http://ephyto.ippc.int/ and …/HUB.Entities.
 */

#include "formats/xml/mapping.h"

/* Ends with NULL. */
extern const struct xml_profile *const sps_hub_profiles[];

/* Elements of SOAP headers that are credentials; ends with NULL. */
extern const char *const sps_credentials[];

#endif
