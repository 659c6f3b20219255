#ifndef CN_CEB_CODEC_H
#define CN_CEB_CODEC_H

/*
 * Spellings of the e-commerce messages
 *
 * What a draft states must fit the official schema: a text is cut to its length and said
 * so, a number that does not fit is left out and said so. A file that states more than
 * the schema allows is read as it is.
 */

#include "formats/xml/codec.h"

/* yyyyMMddHHmmss; yyyyMMddHHmmssSSS, whose thousandths are kept. */
extern const struct xml_codec xml_codec_ceb_moment, xml_codec_ceb_instant;

/* At most 19 digits, 5 of them behind the point; a whole number of at most 9 digits. */
extern const struct xml_codec xml_codec_ceb_decimal, xml_codec_ceb_count;

/* An amount in yuan: one in another currency cannot be stated. The currency itself. */
extern const struct xml_codec xml_codec_ceb_amount, xml_codec_ceb_yuan;

/* A text that may be cut; a code, number or name that may not; that of a draft (xml/codec.h). */
extern const struct xml_codec xml_codec_ceb_text, xml_codec_ceb_code, xml_codec_ceb_handover;

/* Ten digits; those that the Chinese declarant must state himself are X. */
extern const struct xml_codec xml_codec_ceb_tariff;

/* Item number: as stated; of a draft the position. */
extern const struct xml_codec xml_codec_ceb_ordinal;

/* returnStatus and its kin: the code, and the outcome or decision that it means. */
extern const struct xml_codec xml_codec_ceb_state;

#endif
