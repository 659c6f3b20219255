#ifndef MM_MACCS_MM_H
#define MM_MACCS_MM_H

/*
 * Myanmar MACCS: import and export declarations, as an assumption
 *
 * Nothing here was checked against a message or a specification of the system; see
 * README.md of this folder.
 */

#include "formats/naccs/layout.h"

#define MM_MACCS_VERSION "0.1.0"

#define MM_MACCS_UNVERIFIED \
	"all of it: no message and no readable specification of MACCS was available; frame, " \
	"procedures, items, their order and lengths are assumptions after the NACCS family"

extern const struct naccs_profile mm_maccs_profile;

#endif
