#ifndef HOST_DECIMAL_H
#define HOST_DECIMAL_H

/*
 * A decimal of a document as people write it
 */

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "wire/doc.h"

/*
 * The value of the Decimal at `path`, whose leaf `unscaled` reads `digits`: -12.50. More
 * than 18 places are shown as 18.
 */
RG_MUST_USE rg_err decimal_text(const struct doc *doc, const char *path, struct rg_bytes digits,
	char text[64]);

#endif
