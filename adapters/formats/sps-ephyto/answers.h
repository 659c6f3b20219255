#ifndef SPS_ANSWERS_H
#define SPS_ANSWERS_H

/*
 * What the IPPC ePhyto hub answers
 *
 *     Deliver…Response                 it took the certificate, or says what is wrong with it
 *     GetEnvelopeTrackingInfoResponse  what became of it
 *     Fault                            it did neither
 *
 * Each becomes a document with `answer`. The certificate's own number stands where a
 * national system states the sender's, so that answers find what was handed over by it.
 */

#include "formats/xml/mapping.h"

extern const struct xml_profile sps_answer_profile;

/* Semantic version of the mapping. */
#define SPS_ANSWER_VERSION "1.0.0"

#endif
