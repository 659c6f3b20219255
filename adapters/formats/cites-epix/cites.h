#ifndef CITES_CITES_H
#define CITES_CITES_H

/*
 * CITES electronic permits as EPIX version 2 exchanges them
 *
 * One format with several roots: the permit alone, and the SOAP envelopes of the answers
 * that hold one. Which one it was stands in exchange.operation; a fresh document without
 * it is the permit alone.
 */

#include "formats/xml/mapping.h"

extern const struct xml_profile cites_epix_profile;

/* Semantic version of the mapping. */
#define CITES_EPIX_VERSION "1.0.0"

#endif
