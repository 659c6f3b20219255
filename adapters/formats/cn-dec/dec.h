#ifndef CN_DEC_DEC_H
#define CN_DEC_DEC_H

/*
 * China Single Window: the customs declaration DecMessage as XML
 *
 * A document from abroad becomes a draft: unsigned, OperType G (temporary save), with
 * nothing in it that only the Chinese declarant may state. What is known of the format
 * and how: README.md.
 */

#include "formats/xml/mapping.h"

extern const struct xml_profile cn_dec_profile;

/* Semantic version of the mapping; a change of what a row means raises the first number. */
#define CN_DEC_VERSION "2.1.0"

#endif
