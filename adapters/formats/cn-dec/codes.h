#ifndef CN_DEC_CODES_H
#define CN_DEC_CODES_H

/*
 * Code lists of the China Single Window and their international counterparts
 *
 * Facts of the GACC tables of 2018-19 (05 countries, 08 terms, 11 units, 13 packages,
 * 02 modes). A code without a counterpart is not in the list: it stays an extension
 * on the way in and is in the loss report on the way out.
 */

#include "formats/xml/mapping.h"

extern const struct xml_codes cn_dec_countries; /* alpha-3 and alpha-2 */
extern const struct xml_codes cn_dec_units;     /* UN/ECE Rec 20 */
extern const struct xml_codes cn_dec_packages;  /* UN/ECE Rec 21 */
extern const struct xml_codes cn_dec_modes;     /* UN/ECE Rec 19 */
extern const struct xml_codes cn_dec_terms;     /* Incoterms */
extern const struct xml_codes cn_dec_directions;

#endif
