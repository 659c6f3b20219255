#ifndef ASYCUDA_SAD_SAD_H
#define ASYCUDA_SAD_SAD_H

/*
 * ASYCUDA World: the Single Administrative Document as XML
 *
 * One profile serves every country that runs ASYCUDA World: element names are
 * UNCTAD's and shared, code lists are national and pass as they are. What is known
 * of the format and how: README.md.
 */

#include "formats/xml/mapping.h"

extern const struct xml_profile asycuda_sad_profile;

/* Semantic version of the mapping; a change of what a row means raises the first number. */
#define ASYCUDA_SAD_VERSION "2.1.0"

#endif
