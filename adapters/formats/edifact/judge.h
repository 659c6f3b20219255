#ifndef EDIFACT_JUDGE_H
#define EDIFACT_JUDGE_H

/*
 * A whole message against its directory
 *
 * Mandatory segments and elements, repetitions, segments where the structure has no place
 * for them, types and lengths, counts: one finding each, with the number of the segment,
 * line and column.
 */

#include "formats/edifact/decode.h"

/* The segments are placed and stand in the order of the file. */
RG_MUST_USE rg_err edi_judge(const struct edi_work *work, const struct edi_mail *mail,
	enum rg_severity severity);

#endif
