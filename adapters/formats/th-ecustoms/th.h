#ifndef TH_ECUSTOMS_TH_H
#define TH_ECUSTOMS_TH_H

/*
 * Thai e-Customs: declarations, goods transition, short declaration, change of vessel or flight,
 * and the answers, as XML
 *
 * One format of several messages, told apart by their root element. Fields, lengths and codes are
 * those of the Customs Department's guides; the names of the elements are not published and are
 * made from the names of the fields (README.md). A site that knows them gives a file of names
 * (formats/xml/names.h).
 */

#include <rivergate/adapter.h>

/* The first message of the chain, import; begins with its struct xml_profile. */
struct th_message;
extern const struct th_message th_ecustoms_message;

/* Semantic version of the mapping; a change of what a row means raises the first number. */
#define TH_ECUSTOMS_VERSION "1.0.0"

#define TH_ECUSTOMS_UNVERIFIED \
	"the names of the elements, their nesting and the whole form of the answers are this " \
	"project's: the field tables are published, the XML is not, and no real message was seen"

/*
 * Checks the whole file against the layout table: a finding for each element that is unknown,
 * missing, twice or breaks its rule, with its line.
 */
RG_MUST_USE rg_err th_validate(const struct rg_format *format, struct rg_bytes native,
	struct rg_call *call);

#endif
