#ifndef SPS_ROWS_H
#define SPS_ROWS_H

/*
 * Rows of mapping tables in the words of UN/CEFACT core components
 *
 * A component is an element with attributes of its own: a text with its language, an
 * identifier with its scheme, a code with its list, a measure with its unit. Each of these
 * macros is the rows of one component; `native` is the path of its element, `canonical`
 * that of its message in certificate.proto. Larger ones are built from them.
 */

#include "formats/xml/codec.h"
#include "formats/xml/mapping.h"

#define CC_PLAIN(native, canonical) XML_ROW(native, canonical, text, XML_OPTIONAL)
#define CC_BARE(native, canonical)  XML_ROW(native, canonical, text, XML_OPTIONAL | XML_BARE)

/* Text */
#define CC_TEXT(native, canonical) \
	CC_BARE(native, canonical ".text"), CC_PLAIN(native "/@languageID", canonical ".language")

/* Identifier, of an identifier */
#define CC_ID(native, canonical) \
	CC_BARE(native, canonical ".value"), CC_PLAIN(native "/@schemeID", canonical ".scheme"), \
		CC_PLAIN(native "/@schemeAgencyID", canonical ".agency"), \
		CC_PLAIN(native "/@schemeName", canonical ".schemeName")

/* Identifier, of a code */
#define CC_CODE(native, canonical) \
	CC_BARE(native, canonical ".value"), CC_PLAIN(native "/@listID", canonical ".scheme"), \
		CC_PLAIN(native "/@listAgencyID", canonical ".agency"), \
		CC_PLAIN(native "/@listName", canonical ".schemeName"), \
		CC_PLAIN(native "/@name", canonical ".name")

/* StatedQuantity */
#define CC_MEASURE(native, canonical) \
	XML_ROW(native, canonical ".value", decimal, XML_OPTIONAL | XML_BARE), \
		CC_PLAIN(native "/@unitCode", canonical ".unit")

#endif
