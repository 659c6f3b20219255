#ifndef CN_DEC_ANSWERS_H
#define CN_DEC_ANSWERS_H

/*
 * China Single Window: what it answers to a DecMessage
 *
 *     DecImportResponse   the import client took the file, or says what is wrong with it
 *     DEC_RESULT          customs answer: received, accepted, inspection, released, …
 *     DEC_DATA            the same as older ports wrap it, in GB2312
 *
 * Each becomes a document with `answer`: the code as stated, and the outcome or decision
 * that it means (codes/cn_channels.csv). A code nobody knows has neither.
 */

#include "formats/xml/mapping.h"

extern const struct xml_profile cn_dec_response_profile, cn_dec_result_profile, cn_dec_data_profile;

/* Semantic version of these mappings. */
#define CN_DEC_ANSWERS_VERSION "1.0.0"

#endif
