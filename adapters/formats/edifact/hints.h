#ifndef EDIFACT_HINTS_H
#define EDIFACT_HINTS_H

/* Reading the hints of a document (decode.h lists their kinds). */

#include "formats/edifact/encode.h"

/* Reads those of the draft's own format. */
RG_MUST_USE rg_err edi_hints_load(struct edi_draft *draft);

#endif
