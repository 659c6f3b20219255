#ifndef CLI_AUDIT_FINDINGS_H
#define CLI_AUDIT_FINDINGS_H

/*
 * How findings are shown: the same for every word of `audit`
 */

#include <jansson.h>

#include "audit/finding.h"

/* Two lines each: record, rule, what is wrong; what it means. Escaped. */
void findings_print(const struct findings *findings);
/* An array of {record, lastRecord, rule, text, meaning}. NULL: no memory. */
json_t *findings_json(const struct findings *findings);

#endif
