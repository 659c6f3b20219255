#ifndef HOST_ALARMS_H
#define HOST_ALARMS_H

/*
 * What the router did that it may not do, kept until a person has dealt with it
 *
 *     state/alarms    one JSON object a line: timeUs, kind, text
 *
 *     ALARM     a delivery without a true proof, a contradiction: the adapter stops, exit 5
 *     MISSING   deliveries that never came: the adapter goes on
 *     UNWITNESSED   receipts have waited for a minute for the witnesses: the adapter goes on
 *
 * The file only grows. Whoever has dealt with its lines moves it away; until then each
 * start says how many there are, and `rivergate status --state DIR` shows them.
 *
 * Threads: one.
 */

#include <rivergate/error.h>

/* Appends a line, durably, and says it in the log. text may be NULL. */
RG_MUST_USE rg_err alarms_raise(const char *state_path, const char *kind, const char *text);
/* Says in the log how many lines there are, if any. */
void alarms_remind(const char *state_path);

#endif
