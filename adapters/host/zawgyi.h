#ifndef HOST_ZAWGYI_H
#define HOST_ZAWGYI_H

/*
 * Burmese text that was typed for a Zawgyi font
 *
 * Zawgyi uses the code points of the Unicode block Myanmar for other signs and in the
 * order in which they are seen. Such text is valid UTF-8 and shows as nonsense wherever
 * fonts are Unicode's; nothing but its patterns tells it. Sources: Unicode Technical Note
 * 11 (order of a syllable), CLDR transform Zawgyi-my (which code point means what).
 *
 * Looked at are three signs that stand where Unicode never has them:
 *
 *     U+1031 vowel e   behind no letter and no medial (Zawgyi writes it first)
 *     U+103B medial ya behind no letter, medial or asat (in Zawgyi medial ra, written first)
 *     U+1039 virama    before no letter (in Zawgyi the visible asat)
 *
 * Limits: a text in which none of them stands is not told, however it was typed, such as
 * a single word without them; nor are the letters U+1060 to U+1097, because Shan, Karen
 * and Mon write them in Unicode. A text with as many signs of Unicode's order as of
 * Zawgyi's (half of it converted, or a slip of typing in a longer text) passes.
 */

#include <stdbool.h>

#include <rivergate/adapter.h>
#include <rivergate/bytes.h>

#include "wire/doc.h"

/* Whether more of this UTF-8 text speaks for Zawgyi than for Unicode. */
bool zawgyi_is_likely(struct rg_bytes text);

/* Makes a note ZAWGYI for each such text of the document; the text stays as it stands. */
RG_MUST_USE rg_err zawgyi_note(const struct doc *doc, struct rg_call *call);

#endif
